"""What a person chose or released goes to the books before everything else that is planned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.documents import CustomerDocument
from engine import agenda, holds
from engine.posting import due
from engine.posting.operations import Operation
from sandbox import woocommerce
from tests.flows.flows_kit import World, plain

GIFTS = """
rule "Look at gifts"
  for order when order.note contains "gift"
  then hold "A gift"
end
"""


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    with World(migrated_url, shop_options=woocommerce.Options(generated=1)) as made:
        made.publish(plain("sales_receipt", GIFTS))
        yield made


def order_of(world: World, last_name: str, **more: Any) -> dict[str, Any]:
    place = {"address_1": "1 Main St", "city": "Towson", "state": "MD", "postcode": "21204", "country": "US"}
    return world.simple_order(billing={"first_name": "Zoe", "last_name": last_name, **place}, **more)


def a_queue(world: World) -> None:
    """Orders of new customers, planned and waiting for their turn."""
    for number in range(4):
        order_of(world, f"Number {number}")
    world.fetch_and_plan()
    assert len(customers(next_out(world))) >= 4


def next_out(world: World) -> list[Operation]:
    """What would be sent next, as a worker asks."""
    with world.store.read() as session:
        return due.sendable(world.office.scope, session, world.company.id, now=world.clock.now(), limit=30)


def customers(operations: list[Operation]) -> list[str]:
    return [each.document.name for each in operations if isinstance(each.document, CustomerDocument)]


def release(world: World) -> None:
    (held,) = world.held()
    with world.store.write() as session:
        holds.let_pass(world.office.scope, session, held.id, by="ann", at=world.clock.now())
        agenda.decide_again(world.office.scope, session, [held.key], world.clock.now())


def test_a_released_order_and_its_customer_go_out_before_what_was_planned_earlier(world: World) -> None:
    order_of(world, "Gift", customer_note="a gift")
    world.fetch_and_plan()
    a_queue(world)
    release(world)
    world.desk.plan(world.flow.id)
    assert customers(next_out(world)) == ["Zoe Gift"]
    world.post()
    assert next_out(world) == []


def test_a_chosen_order_and_its_customer_go_out_before_what_was_planned_earlier(world: World) -> None:
    a_queue(world)
    chosen = order_of(world, "Chosen")
    world.fetch_and_plan(only=str(chosen["number"]))
    assert customers(next_out(world)) == ["Zoe Chosen"]


def test_a_customer_whom_others_wait_for_too_goes_out_with_the_order_that_somebody_waits_for(world: World) -> None:
    a_queue(world)
    chosen = order_of(world, "Number 3")
    world.fetch_and_plan(only=str(chosen["number"]))
    assert customers(next_out(world)) == ["Zoe Number 3"]


def test_a_document_that_was_held_while_posting_goes_out_next_when_it_is_released(world: World) -> None:
    order_of(world, "First")
    world.sync()
    first = world.documents("SalesReceipt")[0]
    taken = order_of(world, "Taken")
    world.fetch_and_plan()
    by_hand = {name: first[name] for name in ("CustomerRef", "TxnDate", "Line")}
    world.books.edit("SalesReceipt", None, "create", DocNumber=taken["number"], **by_hand)
    world.post()
    assert world.held_codes() == {str(taken["id"]): "number_exists"}
    a_queue(world)
    release(world)
    assert [each.key.source_id for each in next_out(world)] == [str(taken["id"])]
