"""Among many orders some are poisoned, each in another way: they wait with a reason and a next step, all others stand (F21)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine import jobs, schedule
from engine.jobs import Application, Ticker
from engine.store.scope import TenantScope
from engine.working import Desk
from sandbox.woocommerce import Options
from tests.flows.flows_kit import World, plain

Record = dict[str, Any]

RULES = """
rule "Euro limit" for order when order.note is "currencies" and order.total > 5.00 EUR then skip "small" end
rule "Look at it" for order when order.note is "look" then hold "look at it" end
rule "Compare" for each line in order.lines where count(order.lines where line.name is "no such") > 0 then tag "same" end
"""


def planted(world: World, **fields: Any) -> Record:
    base: Record = {
        "status": "processing", "total": "20.00", "currency": "USD", "payment_method": "stripe",
        "date_created_gmt": "2026-01-05T15:00:00", "date_paid_gmt": "2026-01-05T15:00:00",
    }  # fmt: skip
    return world.shop.plant_order(**{**base, **fields})


def line(**fields: Any) -> list[Record]:
    return [{"sku": "STK-001", "quantity": 1, "subtotal": "20.00", "total": "20.00", **fields}]


def nested(depth: int) -> Any:
    held: Any = 1
    for _ in range(depth):
        held = [held]
    return held


# what must wait -> (the order, code of the hold, a piece of its reason)
def poisons(world: World) -> dict[str, tuple[Record, str, str]]:
    return {
        "two currencies compared": (
            world.simple_order(customer_note="currencies"),
            "rule_hold",
            "Euro limit",
        ),
        "a rule holds it": (world.simple_order(customer_note="look"), "rule_hold", "look at it"),
        "an item that is not there": (
            world.simple_order(line_items=[{"product_id": 101, "quantity": 1, "total": "20.00"}]),
            "item_missing",
            "SKU-00101",
        ),
        "an unknown currency": (planted(world, currency="ZZZ"), "unknown_currency", "ZZZ"),
        "a line without anything": (
            planted(world, line_items=[{}]),
            "parts_do_not_add_up",
            "20.00 USD are unexplained",
        ),
        "a total that does not add up": (
            planted(world, line_items=line(id=1, name="Hat"), total="99.00"),
            "parts_do_not_add_up",
            "79.00 USD are unexplained",
        ),
        "too many lines for what the rules do with each": (
            world.simple_order(line_items=[line(total="1.00", subtotal="1.00")[0] for _ in range(510)]),
            "rule_hold",
            "250,000 steps",
        ),
        "lines that are a text": (planted(world, line_items="none"), "not_a_list", "line_items"),
    }


def worked_off(world: World) -> None:
    """As a worker without a wake-up server does it."""

    def desk(_scope: TenantScope) -> Desk:
        return world.desk

    worker = Application(store=world.store, clock=world.clock, desk=desk)
    jobs.preload(worker)
    with world.store.write() as session:
        schedule.press(world.office.scope, session, world.flow.id, at=world.clock.now())
    Ticker(worker, slice_seconds=600).tick()
    with world.store.read() as session:
        last = schedule.last_run(world.office.scope, session, world.flow.id)
    assert last is not None
    assert last["outcome"]["ok"]


def poisoned_and_others(world: World, number: int) -> None:
    world.publish(plain("invoice", RULES, missing_products="fail"))
    world.books.edit("Item", None, "create", Name="STK-001", Sku="STK-001", Type="Service",
                     IncomeAccountRef={"value": income(world)})  # fmt: skip
    half = number // 2
    good = [world.simple_order() for _ in range(half)]
    bad = poisons(world)
    good.append(world.simple_order(customer_note="y" * 5_000_000))
    good.append(world.simple_order(meta_data=[{"key": "deep", "value": nested(40)}]))
    good += [world.simple_order() for _ in range(number - len(good) - len(bad))]
    worked_off(world)
    standing = [each["DocNumber"] for each in world.documents("Invoice")]
    waiting = {each.key.source_id: each for each in world.held()}
    assert [order["number"] for order in good if standing.count(order["number"]) != 1] == []
    for name, (order, code, words) in bad.items():
        assert str(order["number"]) not in standing, name
        held = waiting[str(order["id"])]
        assert held.code == code, (name, held)
        assert words in f"{held.title} {held.reason}", (name, held)
        assert held.next_step, (name, held)
        assert any(f"#{order['number']}:" in text and held.reason in text for text in world.lines()), (name, held)
    mine = {str(order["id"]) for order in good}
    assert not mine & set(waiting)


def income(world: World) -> str:
    found: str = next(each["Id"] for each in world.documents("Account") if each["AccountType"] == "Income")
    return found


@pytest.mark.parametrize("number", [150, pytest.param(1000, marks=pytest.mark.soak)])
def test_each_poisoned_order_waits_alone(tmp_path: Path, number: int) -> None:
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=Options(generated=1)) as world:
        poisoned_and_others(world, number)
