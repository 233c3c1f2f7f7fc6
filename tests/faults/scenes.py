"""How a worker comes by each crash point: what a world holds before it fetches, judges and posts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from engine import schedule
from engine.posting import reading
from engine.store.tables import slot, token
from sandbox.quickbooks import Injected
from tests.flows.flows_kit import World, plain

#: Invoices, their payments, and changes of what stands.
RULES = plain("invoice_and_payment_if_paid", after_posting="update")
_UNPAID: Mapping[str, Any] = {
    "set_paid": False, "status": "on-hold", "payment_method": "bacs", "payment_method_title": "Bank transfer",
}  # fmt: skip


def _an_answer_is_lost(world: World) -> None:
    world.books.inject(Injected("applied_then_timeout", operation="batch"))


def _the_token_is_old(world: World) -> None:
    with world.store.write() as session:
        session.execute(update(token).where(world.office.scope.of(token)).values(expires_at=world.clock.now()))


def _an_order_in_the_books_is_dearer(world: World) -> None:
    order = world.simple_order(**_UNPAID)
    world.sync()
    line = {"id": order["line_items"][0]["id"], "quantity": 2, "total": "40.00", "subtotal": "40.00"}
    world.shop.edit_order(order["id"], line_items=[line])


#: What it takes to come by a crash point; nothing more than new orders for those that are not named.
_MORE: Mapping[str, Callable[[World], None]] = {
    "poster.read": _an_order_in_the_books_is_dearer,
    "tokens.exchanged": _the_token_is_old,
    "tokens.stored": _the_token_is_old,
    "reconcile.looked": _an_answer_is_lost,
    "reconcile.settling": _an_answer_is_lost,
    "reconcile.settled": _an_answer_is_lost,
}


def set_up(world: World, point: str) -> None:
    """New orders, a run of the flow that waits, and what else it takes to come by this crash point."""
    if point in _MORE:
        _MORE[point](world)
    for _ in range(3):
        world.simple_order()
    with world.store.write() as session:
        schedule.press(world.office.scope, session, world.flow.id, at=world.clock.now())


def unsettled(world: World) -> list[str]:
    """What is still to be done: runs and operations that are not at their end."""
    with world.store.read() as session:
        runs = session.execute(
            select(slot.c.state).where(world.office.scope.of(slot), slot.c.state != "done")
        ).scalars()
        states = reading.counts(world.office.scope, session, world.company.id)
    return [*(f"a run is {state}" for state in runs), *sorted({"planned", "sending", "unknown"} & states.keys())]


def check(world: World) -> None:
    """The oracle: every order of the shop stands exactly once, paid if it was paid, and nothing waits for a person."""
    orders = [world.shop.shop.orders.copy(id_) for id_ in world.shop.shop.orders.heads]
    numbers = [str(document.get("DocNumber")) for document in world.documents("Invoice")]
    wanted = [str(order["number"]) for order in orders]
    lost = set(wanted) - set(numbers)
    doubled = len(numbers) - len(set(numbers))
    assert (len(lost), doubled, len(numbers)) == (0, 0, len(wanted)), (lost, numbers)
    totals = {str(order["number"]): Decimal(order["total"]) for order in orders}
    assert {
        document["DocNumber"]: Decimal(str(document["TotalAmt"])) for document in world.documents("Invoice")
    } == totals
    paid = sum(order["status"] != _UNPAID["status"] for order in orders)
    assert len(world.documents("Payment")) == paid
    assert sum(document["Balance"] == 0 for document in world.documents("Invoice")) == paid
    assert [hold.reason for hold in world.held()] == []
    assert unsettled(world) == []
