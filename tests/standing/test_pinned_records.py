"""What stands in the books is decided by the version, and the flow, that first posted it, whatever is published later."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine import agenda, publishing, records
from engine.keys import RecordKey
from sandbox.woocommerce import Options
from tests.flows.flows_kit import World

FLOW = """
flow "{name}"
  from woocommerce  to quickbooks
  sync orders
  starting 01/01/2020
  when {when}
  with
    record_as = {record_as}
    match_products = sku
    sales_tax = line_item
    after_posting = update
end
"""


def flow(name: str, record_as: str = "invoice", when: str = 'order.number is not ""') -> str:
    return FLOW.format(name=name, record_as=record_as, when=when)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=Options(generated=1)) as made:
        yield made


def publish(world: World, name: str, text: str) -> None:
    publishing.publish(
        world.store, world.office.scope, name=name, text=text, tables={}, author="test", at=world.clock.now()
    )


def run_all(world: World) -> int:
    with world.store.read() as session:
        flows = publishing.flows(world.office.scope, session)
    planned = sum(world.desk.run(each.id)[1].planned for each in flows)
    world.post()
    return planned


def later(world: World) -> int:
    world.pass_time(hours=7)
    return run_all(world)


def dearer(world: World, order: dict[str, Any]) -> None:
    line = {"id": order["line_items"][0]["id"], "quantity": 2, "total": "40.00", "subtotal": "40.00"}
    world.shop.edit_order(order["id"], line_items=[line])


def judge_all_again(world: World) -> int:
    with world.store.write() as session:
        keys = records.known_keys(world.office.scope, session, world.flow.connection_id, "order")
        agenda.decide_again(world.office.scope, session, keys, world.clock.now())
    return run_all(world)


def mine(world: World, order: dict[str, Any], *entities: str) -> list[tuple[str, Decimal]]:
    numbers = (order["number"], f"N-{order['number']}")
    return [
        (entity, Decimal(str(each["TotalAmt"])))
        for entity in entities
        for each in world.documents(entity)
        if each.get("DocNumber") in numbers
        or any(f"Order {number}\n" in f"{each.get('PrivateNote')}\n" for number in numbers)
    ]


NUMBERED = 'rule "Prefix" for order then set order.number to "N-{order.number}" end'

# what is published after "Web orders" posted an invoice -> (rule set, text)
NEWER: dict[str, tuple[str, str]] = {
    "the flow is renamed and makes receipts now": ("rules", flow("Shop orders", "invoice_and_payment") + NUMBERED),
    "the flow makes payments now": ("rules", flow("Web orders", "invoice_and_payment") + NUMBERED),
    "the flow moved to another rule set": ("others", flow("Web orders", "invoice_and_payment") + NUMBERED),
    "another flow of the old version is all that is left": (
        "rules",
        flow("Second", "invoice_and_payment") + NUMBERED,
    ),
}


@pytest.mark.parametrize("case", NEWER)
def test_what_stands_is_left_and_its_changes_are_decided_as_it_was_posted_when(world: World, case: str) -> None:
    second = flow("Second", "invoice_and_payment", 'order.number is "none"')
    publish(world, "rules", flow("Web orders") + second)
    order = world.simple_order()
    run_all(world)
    assert [entity for entity, _ in mine(world, order, "Invoice", "Payment")] == ["Invoice"]
    publish(world, *NEWER[case])
    assert judge_all_again(world) == 0, "a newer version alone makes no operation"
    dearer(world, order)
    later(world)
    found = mine(world, order, "Invoice", "Payment", "SalesReceipt")
    assert [entity for entity, _ in found] == ["Invoice"], found
    assert found[0][1] >= 40, "the change of the source is carried over, under the options of the day"
    dearer(world, order)
    later(world)
    assert [entity for entity, _ in mine(world, order, "Invoice", "Payment", "SalesReceipt")] == ["Invoice"]


def test_a_record_whose_rule_set_was_rolled_back_stays_with_its_version(world: World) -> None:
    publish(world, "rules", flow("Web orders"))
    first = world.simple_order()
    run_all(world)
    publish(world, "rules", flow("Web orders", "invoice_and_payment") + NUMBERED)
    second = world.simple_order()
    later(world)
    publish(world, "rules", flow("Web orders"))
    third = world.simple_order()
    assert judge_all_again(world) >= 1
    later(world)
    numbers = sorted(each["DocNumber"] for each in world.documents("Invoice"))
    assert {first["number"], third["number"], f"N-{second['number']}"} <= set(numbers)
    assert first["number"] not in [each.removeprefix("N-") for each in numbers if each.startswith("N-")]
    assert len(mine(world, second, "Payment")) == 1
    for order in (first, second, third):
        dearer(world, order)
    later(world)
    assert sorted(each["DocNumber"] for each in world.documents("Invoice")) == numbers
    assert len(mine(world, second, "Payment")) == 1


def test_a_deleted_flow_leaves_everything_and_asks_for_nothing(world: World) -> None:
    publish(world, "rules", flow("Web orders") + flow("Second", when='order.number is "none"'))
    order = world.simple_order()
    run_all(world)
    publish(world, "rules", flow("Third", when='order.number is "none"'))
    with world.store.read() as session:
        assert [each.name for each in publishing.flows(world.office.scope, session)] == ["Third"]
    other = world.simple_order()
    later(world)
    assert [entity for entity, _ in mine(world, order, "Invoice", "Payment")] == ["Invoice"]
    assert mine(world, other, "Invoice", "Payment", "SalesReceipt") == []
    key = RecordKey(world.identity, "order", str(order["id"]))
    assert world.standing(order["id"])["sale"].state == "live"
    with world.store.read() as session:
        assert records.load(world.office.scope, session, [key])
