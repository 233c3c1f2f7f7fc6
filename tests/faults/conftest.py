"""A company at a local QuickBooks over HTTP, its store, and posters that may be killed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.documents import DocumentLine, PaymentDocument, SalesDocument
from connectors.ports import Tokens
from connectors.quickbooks import Settings as QuickBooksSettings
from engine import connections, holds, secret_keys, systems
from engine.clock import DatabaseClock
from engine.keys import RecordKey, marker
from engine.ledger import SlotKey
from engine.posting import planning, reading
from engine.posting.operations import Step
from engine.store import Store, TenantScope, open_store
from engine.store.seal import Sealer
from engine.systems import Office
from sandbox.quickbooks import Options, RunningQuickBooks, start
from tests.faults.posters import Posters
from tests.servers.migrated import migrated

CUSTOMER = "Amy's Bird Sanctuary"
ITEM = "Hours"
DAY = date(2026, 11, 20)


@pytest.fixture(scope="session")
def posters() -> Iterator[Posters]:
    made = Posters()
    yield made
    made.close()


@dataclass
class Factory:
    """A company with orders to post."""

    store: Store
    scope: TenantScope
    company_id: int
    connection_id: int
    books: RunningQuickBooks
    keys: str
    office: Office
    posters: Posters
    planned: list[str] = field(default_factory=list)

    def task(self, **more: Any) -> dict[str, Any]:
        return {
            "database": self.store.url,
            "tenant": self.scope.tenant_id,
            "company": self.company_id,
            "keys": self.keys,
            **more,
        }

    def run(self, **more: Any) -> int:
        return self.posters.run(**self.task(**more))

    def start(self, **more: Any) -> tuple[str, int]:
        return self.posters.start(**self.task(**more))

    def plan(self, count: int) -> list[str]:
        """Plan that many more orders, each an invoice and its payment; their numbers."""
        numbers = [f"W{len(self.planned) + n}" for n in range(1, count + 1)]
        with self.store.write() as session:
            planning.plan_many(
                self.scope,
                session,
                self.company_id,
                [step for number in numbers for step in self.steps(number)],
                at=datetime.now(UTC),
            )
        self.planned += numbers
        return numbers

    def steps(self, number: str) -> Sequence[Step]:
        key = RecordKey("shop.example", "order", number)
        realm = self.books.realm_id
        invoice = SalesDocument(
            type="invoice",
            number=number,
            date=DAY,
            customer=CUSTOMER,
            currency="USD",
            lines=(DocumentLine(item=ITEM, description="Hat", amount=Decimal("41.98"), quantity=Decimal(2)),),
            total=Decimal("41.98"),
            marker=marker(realm, key, "sale"),
        )
        payment = PaymentDocument(
            date=DAY,
            customer=CUSTOMER,
            currency="USD",
            amount=Decimal("41.98"),
            applies_to={"sale": Decimal("41.98")},
            marker=marker(realm, key, "payment:1"),
        )
        return (
            Step(key=key, slot="sale", action="create", document=invoice),
            Step(key=key, slot="payment:1", action="create", document=payment, needs=(SlotKey(key, "sale"),)),
        )

    def books_double_what_is_repeated(self) -> None:
        """From now on the books honour no request ids and take a number twice: nothing but our own looking protects."""
        self.books.configure(request_id_retention=0)
        self.books.api.configure(replace(self.books.api.company.options, warn_duplicate_numbers=False))

    def counts(self) -> dict[str, int]:
        with self.store.read() as session:
            return reading.counts(self.scope, session, self.company_id)

    def settle(self, *, seconds: float = 40.0, **more: Any) -> None:
        """Posters, one after the other (they may be killed), until nothing is left to do."""
        end = time.monotonic() + seconds
        while {"planned", "sending", "unknown"} & self.counts().keys():
            assert time.monotonic() < end, f"not settled in {seconds} s: {self.counts()}"
            self.run(seconds=seconds, **more)

    def check(self) -> None:
        """The oracle: every order stands exactly once, with its payment, and nothing else of ours does."""
        ours = {"Invoice": "sale", "Payment": "payment:1"}
        for entity, slot in ours.items():
            markers = [
                line
                for document in self.books.books(entity)
                for line in str(document.get("PrivateNote", "")).splitlines()
                if line.startswith("cloudcart:")
            ]
            wanted = [
                marker(self.books.realm_id, RecordKey("shop.example", "order", number), slot) for number in self.planned
            ]
            lost = set(wanted) - set(markers)
            doubled = len(markers) - len(set(markers))
            assert (len(lost), doubled, len(markers)) == (0, 0, len(wanted)), entity
        open_invoices = [
            document
            for document in self.books.books("Invoice")
            if "cloudcart:" in str(document.get("PrivateNote")) and document["Balance"] != 0
        ]
        assert open_invoices == []
        with self.store.read() as session:
            assert [hold.reason for hold in holds.held(self.scope, session)] == []
        assert self.counts() == {"done": 2 * len(self.planned)}
        if self.store.dialect == "sqlite":
            with self.store.read() as session:
                assert session.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


@pytest.fixture
def factory(migrated_url: str, posters: Posters) -> Iterator[Factory]:
    with open_factory(migrated_url, posters) as made:
        yield made


@contextmanager
def open_factory(database_url: str, posters: Posters) -> Iterator[Factory]:
    """A new company in an empty database, at new local books."""
    migrated(database_url)
    store = open_store(database_url)
    clock = DatabaseClock(store)
    key = secret_keys.new()
    scope = connections.default_scope(store, at=clock.now())
    office = Office(store=store, scope=scope, sealer=Sealer((key,)), clock=clock, allow_private=True)
    with start(Options(custom_transaction_numbers=True)) as books:
        said = books.ready()
        systems.connect_quickbooks(
            office,
            name="Books",
            settings=QuickBooksSettings(
                client_id=said["client_id"],
                client_secret=said["client_secret"],
                base_url=said["base_url"],
                discovery_url=said["discovery_url"],
            ),
            company_id=said["realm_id"],
            held=Tokens(said["access_token"], said["refresh_token"], datetime.now(UTC) + timedelta(hours=1)),
            at=clock.now(),
        )
        with store.read() as session:
            row = connections.named(scope, session, "Books")
            company = connections.company_of(scope, session, connection_id=row.id)
        yield Factory(
            store=store,
            scope=scope,
            company_id=company.id,
            connection_id=row.id,
            books=books,
            keys=secret_keys.written(key),
            office=office,
            posters=posters,
        )
    store.dispose()
