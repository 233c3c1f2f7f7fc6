"""A store on each database, a company in it, and books in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, insert, update

from connectors.documents import CustomerDocument, Document, DocumentLine, PaymentDocument, SalesDocument
from engine import lists
from engine.connections import books_profile_form
from engine.ids import new_uid
from engine.keys import RecordKey, marker
from engine.ledger import SlotKey
from engine.posting import planning, reading
from engine.posting.names import name_key
from engine.posting.operations import Operation, Planned, Step
from engine.posting.poster import drain
from engine.posting.timing import Timing
from engine.posting.turn import Report
from engine.store import Store, TenantScope, open_store
from engine.store.tables import company, connection, metadata, tenant
from tests.engine.fake_books import PROFILE, FakeBooks, ManualClock

_TABLES = set(metadata.tables) - {"tenant"}


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    """An empty database at the newest form. Every statement on a tenant's table must say whose rows it means."""
    opened = open_store(migrated_url)

    def scoped(_c: Any, _cursor: Any, statement: str, _p: Any, context: Any, _many: bool) -> None:
        if context is not None and context.execution_options.get("cross_tenant"):
            return
        words = statement.replace('"', " ").split()
        touched = {words[i + 1].strip("(),") for i, word in enumerate(words[:-1]) if word in ("FROM", "INTO", "UPDATE")}
        if touched & _TABLES:
            assert "tenant_id" in statement.partition("WHERE")[2] or statement.lstrip().startswith("INSERT"), statement

    for engine in {opened._writer, opened._reader}:
        event.listen(engine, "before_cursor_execute", scoped)
    yield opened
    opened.dispose()


@dataclass
class Company:
    """A company with its books, and short words for what tests do with it."""

    store: Store
    scope: TenantScope
    id: int
    connection_id: int
    books: FakeBooks
    clock: ManualClock
    timing: Timing = field(default_factory=lambda: Timing(heartbeat=0))

    def key(self, source_id: str) -> RecordKey:
        return RecordKey("shop.example", "order", source_id)

    def plan(self, *steps: Step) -> list[Planned]:
        with self.store.write() as session:
            return planning.plan_many(self.scope, session, self.id, steps, at=self.clock.now())

    def drain(self, **options: Any) -> Report:
        return drain(self.store, self.scope, self.id, self.books, self.clock, timing=self.timing, **options)

    def drain_until_quiet(self, limit: int = 60) -> Report:
        """Drain, and wait for whatever has its time, until nothing is due any more."""
        total = Report()
        for _ in range(limit):
            report = self.drain()
            for name in (
                "posted",
                "updated",
                "removed",
                "named",
                "found",
                "unchanged",
                "rejected",
                "held",
                "dead",
                "sends",
            ):
                setattr(total, name, getattr(total, name) + getattr(report, name))
            total.paused = report.paused
            if report.next_at is None:
                return total
            self.clock.advance(max((report.next_at - self.clock.now()).total_seconds(), 0.5))
        raise AssertionError("it never came to rest")

    def drain_until_quiet_after(self, seconds: float) -> Report:
        self.clock.advance(seconds)
        return self.drain_until_quiet()

    def operations(self, key: RecordKey) -> list[Operation]:
        with self.store.read() as session:
            return reading.of_record(self.scope, session, self.id, key)

    def states(self, source_id: str) -> dict[str, str]:
        """The last state in each slot of an order."""
        return {item.slot: item.state for item in self.operations(self.key(source_id))}

    def counts(self) -> dict[str, int]:
        with self.store.read() as session:
            return reading.counts(self.scope, session, self.id)

    def sale(self, source_id: str, *, type: Any = "sales_receipt", **changes: Any) -> SalesDocument:
        key = self.key(source_id)
        values: dict[str, Any] = {
            "type": type,
            "number": source_id,
            "date": date(2026, 11, 20),
            "customer": "Amy",
            "currency": "USD",
            "lines": (DocumentLine(item="Hat", amount=Decimal("41.98"), quantity=Decimal(2)),),
            "total": Decimal("41.98"),
            "marker": marker(PROFILE.id, key, "sale"),
        }
        return SalesDocument(**{**values, **changes})

    def payment(self, source_id: str, **changes: Any) -> PaymentDocument:
        values: dict[str, Any] = {
            "date": date(2026, 11, 20),
            "customer": "Amy",
            "currency": "USD",
            "amount": Decimal("41.98"),
            "applies_to": {"sale": Decimal("41.98")},
            "marker": marker(PROFILE.id, self.key(source_id), "payment:1"),
        }
        return PaymentDocument(**{**values, **changes})

    def create(self, source_id: str, document: Document | None = None, slot: str = "sale", **options: Any) -> Step:
        return Step(
            key=self.key(source_id),
            slot=slot,
            action=options.pop("action", "create"),
            document=document or self.sale(source_id),
            **options,
        )

    def invoice_and_payment(self, source_id: str) -> Sequence[Step]:
        key = self.key(source_id)
        return (
            self.create(source_id, self.sale(source_id, type="invoice")),
            self.create(source_id, self.payment(source_id), slot="payment:1", needs=(SlotKey(key, "sale"),)),
        )

    def new_customer(self, name: str) -> Step:
        place = name_key("customer", name)
        return Step(key=place.key, slot=place.slot, action="create", document=CustomerDocument(name=name))


def make_company(store: Store, *, tenant_name: str = "one", books: FakeBooks | None = None) -> Company:
    clock = books.clock if books is not None else ManualClock()
    books = books or FakeBooks(clock)
    now = clock.now()
    with store.write() as session:
        tenant_id = session.execute(
            insert(tenant).values(uid=new_uid(), name=tenant_name, created_at=now).returning(tenant.c.id)
        ).scalar_one()
        connection_id = session.execute(
            insert(connection)
            .values(
                tenant_id=tenant_id,
                uid=new_uid(),
                kind="quickbooks",
                name="Books",
                settings={},
                profile={},
                created_at=now,
            )
            .returning(connection.c.id)
        ).scalar_one()
        company_id = session.execute(
            insert(company)
            .values(
                tenant_id=tenant_id,
                uid=new_uid(),
                connection_id=connection_id,
                kind="quickbooks",
                identity=PROFILE.id if tenant_name == "one" else tenant_name,
                title="Acme",
                currency="USD",
                profile=books_profile_form(PROFILE),
                profile_read_at=now,
                created_at=now,
            )
            .returning(company.c.id)
        ).scalar_one()
    return Company(store, TenantScope(tenant_id), company_id, connection_id, books, clock)


@pytest.fixture
def acme(store: Store) -> Company:
    """A company whose books know the customer Amy and the item Hat; its lists are loaded."""
    found = make_company(store)
    found.books.add_entry("customer", "Amy")
    found.books.add_entry("item", "Hat")
    assert found.drain().done == 0
    lists.load(store, found.scope, found.id, found.books, found.clock)
    found.books.counts.clear()
    return found


def set_company(of: Company, **values: Any) -> None:
    with of.store.write() as session:
        session.execute(update(company).where(of.scope.of(company), company.c.id == of.id).values(**values))
