"""Several flows between one shop and one company: each order is taken by one of them, and none is passed over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine import publishing
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
end
"""
CARDS = FLOW.format(name="Cards", when='order.payment_method_id is "stripe"', record_as="sales_receipt")
OTHERS = FLOW.format(name="Others", when='order.payment_method_id is not "stripe"', record_as="invoice")
CHEQUE = {"payment_method": "cheque", "payment_method_title": "Cheque", "set_paid": False, "status": "on-hold"}


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    with World(migrated_url, shop_options=Options(generated=1)) as made:
        yield made


def run_all(world: World) -> None:
    with world.store.read() as session:
        flows = publishing.flows(world.office.scope, session)
    for flow in flows:
        world.desk.run(flow.id)
    world.post()


def numbers(world: World, entity: str) -> list[str]:
    return sorted(each["DocNumber"] for each in world.documents(entity))


def test_each_order_is_taken_by_the_flow_that_wants_it(world: World) -> None:
    world.publish(CARDS + OTHERS)
    card, cheque = world.simple_order(), world.simple_order(**CHEQUE)
    run_all(world)
    assert card["number"] in numbers(world, "SalesReceipt")
    assert cheque["number"] in numbers(world, "Invoice")
    documents = world.documents("SalesReceipt", "Invoice")
    world.pass_time(hours=7)
    run_all(world)
    assert world.documents("SalesReceipt", "Invoice") == documents


def test_what_one_flow_holds_is_left_alone_by_the_others(world: World) -> None:
    world.publish(OTHERS + CARDS + 'rule "Look" for order in flow "Cards" then hold "look at it" end')
    card = world.simple_order()
    for _ in range(2):
        run_all(world)
        assert world.held_codes()[str(card["id"])] == "rule_hold"
        world.pass_time(hours=7)


def test_a_flow_that_is_added_later_takes_what_the_first_passed_over(world: World) -> None:
    world.publish(CARDS)
    card, cheque = world.simple_order(), world.simple_order(**CHEQUE)
    run_all(world)
    world.publish(CARDS + OTHERS)
    run_all(world)
    assert card["number"] in numbers(world, "SalesReceipt")
    assert cheque["number"] in numbers(world, "Invoice")


def test_the_first_sync_can_be_one_order_behind_hundreds_of_others(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("chosen")
    with World(f"sqlite:///{folder / 'store.sqlite3'}", shop_options=Options(generated=230)) as world:
        world.publish(CARDS)
        order = world.simple_order()
        world.sync(only=order["number"])
        assert numbers(world, "SalesReceipt") == [order["number"]]
