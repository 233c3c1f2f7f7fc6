"""When each flow comes back to a record, for itself (engine/agenda)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, update

from connectors.ports import Posted
from connectors.records import Fetched
from engine import agenda, ledger, records
from engine.agenda import Moments
from engine.ids import new_uid
from engine.ledger import Standing
from engine.store.tables import connection, flow, ruleset, ruleset_version
from tests.engine.conftest import Company


class Shop:
    """A shop of some records, and flows that read it."""

    def __init__(self, acme: Company, *ids: str) -> None:
        self.acme = acme
        self.now = acme.clock.now()
        common = {"tenant_id": acme.scope.tenant_id}
        with acme.store.write() as session:

            def make(table: Any, **values: Any) -> int:
                made: int = session.execute(
                    insert(table).values(**common, uid=new_uid(), **values).returning(table.c.id)
                ).scalar_one()
                return made

            self.connection_id = make(
                connection, kind="woocommerce", name="shop", identity="shop.example", settings={}, profile={},
                created_at=self.now,
            )  # fmt: skip
            rules = make(ruleset, name="rules", created_at=self.now)
            version = make(
                ruleset_version, ruleset_id=rules, number=1, hash="h", text="", tables={},
                author="a", note="", published_at=self.now,
            )  # fmt: skip
            self.flows = [
                make(
                    flow, name=name, ruleset_id=rules, ruleset_version_id=version, connection_id=self.connection_id,
                    company_id=acme.id, first_published_at=self.now,
                )
                for name in ("First", "Second")
            ]  # fmt: skip
            found = [Fetched(kind="order", id=id_, raw={"id": id_}, record=None) for id_ in ids]
            saved = records.save_many(acme.scope, session, self.connection_id, "shop.example", found, at=self.now)
            self.ids = {item.key.source_id: item.id for item in saved}

    def decide(self, *ids: str, at: datetime | None = None) -> None:
        with self.acme.store.write() as session:
            agenda.decide_again(self.acme.scope, session, [self.acme.key(each) for each in ids], at or self.now)

    def note(self, of: int, moments: dict[str, Moments], *, at: datetime | None = None) -> None:
        with self.acme.store.write() as session:
            noted = {self.ids[each]: when for each, when in moments.items()}
            agenda.note(self.acme.scope, session, self.flows[of], noted, at=at or self.now)

    def due(self, of: int, after: float = 0.0, **how: Any) -> list[str]:
        now = self.now + timedelta(seconds=after)
        with self.acme.store.read() as session:
            found = agenda.to_decide(self.acme.scope, session, self.flows[of], "order", now=now, **how)
        return [key.source_id for _, key in found]

    def to_read(self, of: int, after: float = 0.0) -> list[str]:
        now = self.now + timedelta(seconds=after)
        with self.acme.store.read() as session:
            return [key.source_id for key in agenda.to_read(self.acme.scope, session, self.flows[of], now=now)]


@pytest.fixture
def shop(acme: Company) -> Shop:
    return Shop(acme, "1", "2", "3")


def test_what_one_flow_has_judged_is_still_to_be_judged_by_the_other(shop: Shop) -> None:
    shop.decide("1", "2")
    shop.note(0, {"1": Moments(), "2": Moments(decide=shop.now + timedelta(seconds=60))})
    assert (shop.due(0), shop.due(1)) == ([], ["1", "2"])
    assert (shop.due(0, after=61), shop.due(1, after=61)) == (["2"], ["1", "2"])


def test_what_changed_while_it_was_judged_is_judged_again(shop: Shop) -> None:
    shop.decide("1", "2")
    shop.decide("1", "2", at=shop.now + timedelta(seconds=1))
    shop.note(0, {"1": Moments(), "2": Moments(decide=shop.now + timedelta(days=30))})
    assert shop.due(0, after=2) == ["1", "2"]


def test_pages_of_what_is_due_go_on_behind_the_last_and_one_may_be_chosen(shop: Shop) -> None:
    shop.decide("1", "2", "3")
    assert shop.due(0, limit=2) == ["1", "2"]
    assert shop.due(0, limit=2, after=0, only="3") == ["3"]
    with shop.acme.store.read() as session:
        rest = agenda.to_decide(shop.acme.scope, session, shop.flows[0], "order", now=shop.now, after=shop.ids["2"])
    assert [key.source_id for _, key in rest] == ["3"]


def test_records_are_read_again_when_their_time_has_come_once_for_all_flows(shop: Shop) -> None:
    for of in (0, 1):
        shop.note(of, {"1": Moments(read=shop.now + timedelta(hours=1))})
    assert shop.to_read(0) == []
    assert (shop.to_read(0, after=3601), shop.to_read(1, after=3601)) == (["1"], ["1"])
    with shop.acme.store.write() as session:
        agenda.were_read(shop.acme.scope, session, [shop.acme.key("1")], until=shop.now + timedelta(hours=7))
    assert (shop.to_read(0, after=3601), shop.to_read(1, after=3601)) == ([], [])
    assert shop.to_read(0, after=7 * 3600 + 1) == ["1"]
    shop.note(0, {"1": Moments()})
    assert shop.to_read(0, after=7 * 3600 + 1) == []


def test_a_flow_that_stopped_comes_back_to_nothing_and_gets_no_more(shop: Shop) -> None:
    shop.decide("1")
    with shop.acme.store.write() as session:
        session.execute(update(flow).where(shop.acme.scope.of(flow), flow.c.id == shop.flows[1]).values(active=False))
        agenda.forget(shop.acme.scope, session, [shop.flows[1]])
    shop.decide("2")
    assert (shop.due(0), shop.due(1)) == (["1", "2"], [])


def test_newer_rules_come_back_to_what_does_not_stand_and_a_new_flow_to_all(shop: Shop, acme: Company) -> None:
    with acme.store.write() as session:
        standing = Standing(
            key=acme.key("2"), slot="sale", posted=Posted(entity="Invoice", id="7", sync_token="0"),  # a version
            document={}, document_hash="h", sent_body={},
        )  # fmt: skip
        ledger.put_many(acme.scope, session, acme.id, [standing], at=shop.now)
        agenda.decide_what_does_not_stand(acme.scope, session, shop.flows[0], at=shop.now)
        agenda.decide_all(acme.scope, session, shop.flows[1], at=shop.now)
    assert (shop.due(0), shop.due(1)) == (["1", "3"], ["1", "2", "3"])


def test_one_flow_alone_costs_no_more_statements_than_pages(shop: Shop) -> None:
    statements: list[str] = []

    def seen(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = shop.acme.store._writer
    event.listen(engine, "before_cursor_execute", seen)
    try:
        shop.decide("1", "2", "3")
        shop.note(0, {"1": Moments(), "2": Moments(read=shop.now), "3": Moments(decide=shop.now, read=shop.now)})
    finally:
        event.remove(engine, "before_cursor_execute", seen)
    assert len([each for each in statements if "agenda" in each]) == 3
