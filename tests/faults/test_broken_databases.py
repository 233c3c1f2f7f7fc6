"""F15, F16: the database dies, is full or is held by somebody else in the middle of posting."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from connectors.errors import ConnectorError
from connectors.ports import Member
from engine import connections, systems
from engine.faults import on_fault
from engine.ids import new_request_id
from engine.store import open_store
from engine.store.engine import StoreUnavailable
from engine.store.migrate import migrate
from engine.working import Desk
from sandbox.quickbooks import Injected
from tests.faults.conftest import Factory, open_factory
from tests.faults.posters import QUICK, Posters
from tests.servers.postgres import PostgresServer


@pytest.fixture
def on_sqlite(tmp_path: Path, posters: Posters) -> Iterator[Factory]:
    with open_factory(f"sqlite:///{tmp_path / 'store.sqlite3'}", posters) as made:
        yield made


def _drain_here(factory: Factory) -> None:
    """One turn in this process."""
    Desk(factory.office, timing=QUICK).post(factory.company_id)


def test_a_database_server_that_is_killed_in_the_middle_of_posting_costs_nothing(posters: Posters) -> None:
    """F15 on PostgreSQL: as a power cut; posters meet it, and go on when it is back."""
    server = PostgresServer().start()
    try:
        with open_factory(server.create_database(), posters) as factory:
            for _ in range(3):
                factory.plan(35)
                factory.books.inject(Injected("slow", operation="batch", hold=0.3))
                id_, _pid = factory.start(seconds=15)
                end = time.monotonic() + 20
                while not factory.counts().get("sending") and time.monotonic() < end:
                    time.sleep(0.005)
                server.kill()
                with pytest.raises(StoreUnavailable):
                    factory.counts()
                posters.ended(id_)
                began = time.monotonic()
                server.start()
                factory.counts()
                assert time.monotonic() - began < 10
            factory.settle()
            factory.check()
    finally:
        server.stop()


def test_a_disk_that_is_full_stops_posting_with_a_word_and_loses_nothing(on_sqlite: Factory) -> None:
    """F16: full at the worst moment, between the answer and its settlement; it goes on once there is space."""
    factory = on_sqlite
    factory.plan(20)
    full = threading.Event()
    on_fault(lambda point: full.set() if point == "poster.answered" else None)

    def no_more_pages(connection: sqlite3.Connection, *_: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages if full.is_set() else 1 << 30}")

    event.listen(factory.store._writer, "checkout", no_more_pages)
    try:
        with pytest.raises(StoreUnavailable) as caught:
            _drain_here(factory)
    finally:
        on_fault(None)
        full.clear()
    assert caught.value.code == "database_full"
    assert factory.counts() == {"sending": 20, "planned": 20}, "nothing of the settlement stayed"

    end = time.monotonic() + 30
    while factory.counts() != {"done": 40}:  # in this very process
        assert time.monotonic() < end, factory.counts()
        _drain_here(factory)
        time.sleep(0.02)
    factory.check()


def test_a_database_that_somebody_holds_is_waited_for_and_then_named(tmp_path: Path) -> None:
    """F16: SQLITE_BUSY: no half of anything, a clear word, and no restart needed."""
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    migrate(url)
    store = open_store(url, busy_seconds=0.2)
    holder = sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    began = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught, store.write():
        raise AssertionError("nobody gets here")
    assert time.monotonic() - began < 5
    assert caught.value.code == "database_busy"
    assert "backup" in caught.value.next_step
    with store.read():
        pass  # reading goes on

    holder.execute("COMMIT")
    with store.write():
        pass
    holder.close()
    store.dispose()


def test_the_naive_control_doubles(on_sqlite: Factory) -> None:
    """F32: the same books and faults without the outbox: the harness must be able to see doubles."""
    factory = on_sqlite
    factory.books.inject(
        Injected("applied_then_timeout", operation="create", entity="Payment", times=0, probability=0.15)
    )
    numbers = [f"N{n}" for n in range(40)]
    done: set[str] = set()
    with factory.store.read() as session:
        company = connections.company_of(factory.scope, session, id_=factory.company_id)
    books = systems.open_books(factory.office, company)
    customer = next(c["Id"] for c in factory.books.books("Customer"))
    while len(done) < len(numbers):
        for number in numbers:
            if number in done:
                continue
            body = {"CustomerRef": {"value": customer}, "TotalAmt": 1, "PaymentRefNum": number}
            request_id = new_request_id()
            member = Member(key="1", action="create", entity="Payment", body=body)
            try:
                result = books.send(request_id, books.freeze([member], request_id))[0]
            except ConnectorError:
                continue
            if result.posted is not None:
                done.add(number)
    books.close()

    made = [
        d["PaymentRefNum"] for d in factory.books.books("Payment") if str(d.get("PaymentRefNum", "")).startswith("N")
    ]
    assert len(set(made)) == 40
    assert len(made) > 40
