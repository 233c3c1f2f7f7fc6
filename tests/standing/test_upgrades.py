"""A database that an earlier program left: migrated and judged again by this one, nothing is to be done in the books."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import connectors.quickbooks
from connectors.canonical import content_hash, form_hash, from_canonical, to_canonical
from connectors.ports import ShopProfile
from connectors.woocommerce import WooCommerce
from engine import agenda, connections, holds, judging, ledger, publishing, records
from engine.clock import DatabaseClock
from engine.keys import RecordKey
from engine.lists import Lists
from engine.posting import reading
from engine.publishing import Programs
from engine.store.engine import Store, open_store
from engine.store.migrate import head, migrate, revision_of
from engine.store.scope import TenantScope
from engine.store.tables import ledger as ledger_table
from engine.store.tables import operation, source_record, source_record_version
from engine.store.types import from_json
from engine.sync import FlowRun

FOLDER = Path(__file__).parents[1] / "fixtures" / "databases"
DUMPS = sorted(FOLDER.glob("*.sql"))
MINE = TenantScope(1)


class StandingClock(DatabaseClock):
    """The moment of the last thing that happened, so that nothing falls due meanwhile."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@dataclass
class Left:
    """A database as it was left, migrated."""

    store: Store
    clock: StandingClock

    @property
    def keys(self) -> list[RecordKey]:
        with self.store.read() as session:
            return records.known_keys(MINE, session, self.run().shop.id, "order")

    def run(self) -> FlowRun:
        with self.store.read() as session:
            (flow,) = publishing.flows(MINE, session)
            shop = connections.by_id(MINE, session, flow.connection_id)
            company = connections.company_of(MINE, session, id_=flow.company_id)
        return FlowRun(
            self.store, MINE, self.clock, flow=flow, shop=shop, company=company, programs=Programs(self.store, MINE),
            books=lambda: self.lists(company), rules=connectors.quickbooks,
        )  # fmt: skip

    def lists(self, company: connections.CompanyRow) -> Lists:
        kept = Lists(self.store, MINE, company.id, company.profile)
        kept.renew()
        return kept


@pytest.fixture(scope="module", params=DUMPS, ids=lambda file: file.stem)
def left(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    file = tmp_path_factory.mktemp("left") / "store.sqlite3"
    with sqlite3.connect(file) as database:
        database.executescript(request.param.read_text("utf-8"))
    database.close()
    url = f"sqlite:///{file}"
    migrate(url)
    assert revision_of(url) == head()
    store = open_store(url)
    clock = StandingClock(store)
    with store.read() as session:
        clock.moment = session.execute(select(func.max(source_record.c.last_seen_at))).scalar_one()
    clock.moment += timedelta(minutes=1)
    yield Left(store, clock)
    store.dispose()


def test_there_is_a_database_of_every_finished_step() -> None:
    assert DUMPS


def test_canonical_forms_and_their_hashes_are_what_they_were(left: Left) -> None:
    checked: Counter[str] = Counter()
    with left.store.read() as session:
        for table in (ledger_table, operation):
            for row in session.execute(select(table).where(MINE.of(table))):
                if row.document is not None:
                    assert to_canonical(from_canonical(row.document)) == row.document
                    assert content_hash(from_canonical(row.document)) == row.document_hash
                    checked[table.name] += 1
        for row in session.execute(select(source_record_version).where(MINE.of(source_record_version))):
            if row.mapped is not None:
                form = json.loads(row.mapped)
                assert to_canonical(from_canonical(form)) == form
                assert form_hash(records._content(form)) == row.content_hash
                checked["record"] += 1
    assert min(checked[name] for name in ("ledger", "operation", "record")) > 30, checked


def test_what_the_shop_sent_then_maps_to_the_same_content_now(left: Left) -> None:
    run = left.run()
    shop = WooCommerce(
        {"url": "https://shop.example", "consumer_key": "ck", "consumer_secret": "cs"},
        clock=left.clock,
        known=ShopProfile(identity=run.shop.identity, zone=run.shop.zone, currency=run.shop.currency or "", **run.shop.profile),
    )  # fmt: skip
    versions = source_record_version
    mapped = 0
    with left.store.read() as session:
        for row in session.execute(select(versions).where(MINE.of(versions), versions.c.raw.is_not(None))).all():
            payload: dict[str, Any] = from_json(row.raw)
            (fetched,) = shop.read_orders([payload])
            assert records.content_of(fetched)[0] == row.content_hash, payload.get("id")
            mapped += 1
    assert mapped > 30


def test_every_document_that_stands_is_wanted_as_it_stands(left: Left) -> None:
    """Judged as if nothing were known of its record's version: the documents themselves are equal."""
    run = left.run()
    with left.store.read() as session:
        keys = left.keys
        batch = run.load(keys, session, left.clock.now())
    books = run.books()
    compared = 0
    for key in keys:
        kept = batch.kept[key]
        behind = {slot for slot, version in batch.posted_versions.get(key, {}).items() if version < kept.version}
        judged = run.judge(kept, batch, books)
        for slot, document in judging.documents_of(judged) if judged else ():
            standing = batch.rows.get(key, {}).get(slot)
            # A change of the source that the flow's option left alone is wanted, and not there, on purpose.
            if standing is not None and slot not in behind:
                assert content_hash(document) == standing.document_hash, (key, slot)
                compared += 1
    assert compared > 30


def test_judging_everything_again_makes_no_operation_and_moves_nothing(left: Left) -> None:
    def picture() -> tuple[object, ...]:
        with left.store.read() as session:
            company = left.run().company.id
            return (
                reading.counts(MINE, session, company),
                {key: dict(slots) for key, slots in ledger.for_keys(MINE, session, company, left.keys).items()},
                sorted((each.key, each.slot, each.title) for each in holds.held(MINE, session)),
            )

    before = picture()
    with left.store.write() as session:
        agenda.decide_again(MINE, session, left.keys, left.clock.now())
    report = left.run().plan()
    assert report.judged == len(left.keys) > 30
    assert report.planned == 0
    assert picture() == before
