"""A database that is restored from a backup knows less than the books do (F27): what stands is found, nothing is doubled."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import lists
from engine.posting import reading
from engine.store.engine import open_store
from engine.working import Desk
from sandbox.woocommerce import Options
from tests.flows.flows_kit import MovingClock, World, plain
from tests.servers.postgres import database_of

Record = dict[str, Any]
DOCUMENTS = ("Invoice", "Payment", "CreditMemo", "Customer", "Item", "PaymentMethod", "Term")


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    with World(migrated_url, shop_options=Options(generated=1)) as made:
        made.publish(plain("invoice_and_payment_if_paid", after_posting="update"))
        yield made


def open_anew(world: World, url: str) -> None:
    """As processes that are started again; clocks go on."""
    ahead = world.clock.ahead
    world.store = open_store(url)
    world.clock = MovingClock(world.store)
    world.clock.ahead = ahead
    world.office = replace(world.office, store=world.store, clock=world.clock)
    world.desk = Desk(world.office, timing=world.timing)
    lists.distrust(world.store, at=world.clock.now())


def back_up(world: World, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[], None]:
    """Make a backup of the database as the page on operations says; what is given puts it back."""
    if world.store.dialect == "sqlite":
        file, copy = Path(world.database_url.removeprefix("sqlite:///")), tmp_path / "backup.sqlite3"
        with closing(sqlite3.connect(file)) as live, closing(sqlite3.connect(copy)) as kept:
            live.backup(kept)

        def restore() -> None:
            world.store.dispose()
            for leftover in ("-wal", "-shm"):
                file.with_name(file.name + leftover).unlink(missing_ok=True)
            shutil.copy(copy, file)
            open_anew(world, world.database_url)

        return restore
    world.store.dispose()
    server = request.getfixturevalue("postgres_server")
    kept = server.create_database(database_of(world.database_url))
    open_anew(world, world.database_url)

    def restore_copy() -> None:
        world.store.dispose()
        open_anew(world, kept)

    request.addfinalizer(lambda: server.drop_database(kept))
    return restore_copy


def in_the_books(world: World) -> dict[str, list[tuple[str, str]]]:
    """Everything that stands: (id, total or balance) by entity."""
    return {
        entity: sorted((each["Id"], str(each.get("TotalAmt"))) for each in world.documents(entity))
        for entity in DOCUMENTS
    }


def ids(world: World, order: Record) -> dict[str, str]:
    """What the ledger has for an order: ids in the books by slot."""
    return {slot: row.remote_id for slot, row in world.standing(order["id"]).items()}


@pytest.mark.parametrize("hours", [20, 0.01], ids=["yesterday", "a minute ago"])
def test_a_backup_that_is_put_back_finds_what_stands_and_doubles_nothing(
    world: World, hours: float, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    paid, changed = world.simple_order(), world.simple_order()
    waiting = world.simple_order(
        set_paid=False, status="on-hold", payment_method="bacs", payment_method_title="Bank transfer"
    )
    world.sync()
    restore = back_up(world, tmp_path, request)

    world.pass_time(hours=hours)
    new = [world.simple_order(), world.simple_order(billing={"first_name": "Bob", "last_name": "Ray"})]
    world.shop.pay_order(waiting["id"])
    world.shop.refund_order(paid["id"], amount="5.00")
    line = {"id": changed["line_items"][0]["id"], "quantity": 2, "total": "40.00", "subtotal": "40.00"}
    world.shop.edit_order(changed["id"], line_items=[line])
    world.sync()
    stood = in_the_books(world)
    ledgers = {order["id"]: ids(world, order) for order in (paid, changed, waiting, *new)}
    assert len(ledgers[waiting["id"]]) == 2, "the payment that came later"
    assert len(ledgers[paid["id"]]) == 3, "the refund"
    restore()
    assert world.standing(new[0]["id"]) == {}

    world.sync()
    world.pass_time(hours=7)
    world.sync()
    # The tokens in the backup are as old as it is; QuickBooks takes the one before the last for a day.
    assert world.company.state == ("active" if hours < 1 else "reconnect_needed")
    if world.company.state != "active":
        assert in_the_books(world) == stood
        world.books.api.tokens.grant()
        world.connect()
    world.pass_time(hours=7)
    world.sync()
    assert in_the_books(world) == stood
    assert {order["id"]: ids(world, order) for order in (paid, changed, waiting, *new)} == ledgers
    with world.store.read() as session:
        counts = reading.counts(world.office.scope, session, world.company.id)
    assert not counts.keys() - {"done", "superseded"}, counts
    assert world.held() == []
