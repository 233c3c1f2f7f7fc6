"""What comes in broken gets a clear message with a next step, and nothing else is affected (F8, F9, F10, F11, F21, F22)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConnectorError
from engine import connections, rulesets, sync
from sandbox.woocommerce import Fault, Options
from tests.flows.flows_kit import World, plain


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=Options(generated=1)) as made:
        made.publish(plain("invoice"))
        yield made


def invoices(world: World) -> list[str]:
    return [each["DocNumber"] for each in world.documents("Invoice")]


ANSWERS: dict[str, dict[str, Any]] = {
    "maintenance with 503": {"kind": "maintenance", "status": 503},
    "HTML with 200": {"kind": "maintenance", "status": 200},
    "iThemes Security": {"kind": "ithemes"},
    "ModSecurity": {"kind": "modsecurity"},
    "a fatal error of PHP": {"kind": "fatal"},
    "a truncated answer": {"kind": "truncated"},
    "a storm of 429": {"kind": "rate_limit", "seconds": 1},
}


@pytest.mark.parametrize("case", ANSWERS)
def test_a_shop_that_answers_wrongly_is_said_and_the_next_run_goes_on(world: World, case: str) -> None:
    order = world.simple_order()
    world.shop.inject(Fault(path="orders", times=99, **ANSWERS[case]))
    with pytest.raises(ConnectorError) as caught:
        world.fetch_and_plan()
    assert caught.value.message
    assert caught.value.next_step
    said = world.lines()[0] + world.lines()[-1]
    assert caught.value.message in said
    assert caught.value.next_step in said
    assert invoices(world) == []
    world.shop.clear_faults()
    world.pass_time(minutes=20)
    world.sync()
    assert invoices(world).count(order["number"]) == 1


STRANGE: dict[str, dict[str, Any]] = {
    "a 5 MB note": {"customer_note": "x" * 5_000_000},
    "quotes in a title": {
        "line_items": [{"product_id": 101, "name": "5\" pipe 'n' \\ more", "quantity": 1, "total": "20.00"}]
    },
    "right to left and emoji": {
        "billing": {"first_name": "שרה", "last_name": "כהן 🎁", "country": "US", "state": "DE"}
    },
}


def test_strange_texts_go_through_beside_the_others(world: World) -> None:
    plain_one = world.simple_order()
    strange = {name: world.simple_order(**body) for name, body in STRANGE.items()}
    world.sync()
    for name, order in strange.items():
        assert order["number"] in invoices(world) or str(order["id"]) in world.held_codes(), name
    assert plain_one["number"] in invoices(world)


LINE: dict[str, Any] = {
    "id": 1, "name": "Hat", "sku": "STK-001", "quantity": 1, "subtotal": "20.00", "total": "20.00",
    "subtotal_tax": "0.00", "total_tax": "0.00", "taxes": [], "meta_data": [],
}  # fmt: skip
# what is broken in an order of one hat -> (its fields, the code it is held by; None: it stands all the same)
BROKEN: dict[str, tuple[dict[str, Any], str | None]] = {
    "an unknown currency": ({"currency": "ZZZ"}, "unknown_currency"),
    "a total that is no number": ({"total": "NaN"}, "unreadable"),
    "a huge total": ({"total": "9" * 60}, "unreadable"),
    "an endless total": ({"total": "1e400"}, "unreadable"),
    "lines that are a text": ({"line_items": "none"}, "not_a_list"),
    "a line without anything": ({"line_items": [LINE, {}]}, None),
    "a line's amount that is a list": ({"line_items": [{**LINE, "total": [20]}]}, "not_a_number"),
    "a customer that is a number": ({"billing": 7}, None),
    "deep nesting": ({"meta_data": [{"key": "deep", "value": json.loads("[" * 900 + "1" + "]" * 900)}]}, None),
    "a lone surrogate": ({"customer_note": "\ud800 gift"}, None),
}


def test_corrupt_payloads_hold_only_themselves(world: World) -> None:
    base = {
        "status": "processing", "total": "20.00", "date_paid_gmt": "2026-01-05T15:00:00", "currency": "USD",
        "line_items": [LINE],
    }  # fmt: skip
    broken = {name: world.shop.plant_order(**{**base, **fields}) for name, (fields, _) in BROKEN.items()}
    good = [world.simple_order() for _ in range(5)]
    world.sync()
    codes, there = world.held_codes(), invoices(world)
    found = {name: codes.get(str(order["id"])) for name, order in broken.items()}
    assert found == {name: code for name, (_, code) in BROKEN.items()}
    for name, order in broken.items():
        assert there.count(order["number"]) == (found[name] is None), name
    assert all(held.reason and held.next_step for held in world.held())
    lines = "\n".join(world.lines())
    for name, order in broken.items():
        # By its id where not even the number could be read.
        called = order["id"] if found[name] == "unreadable" else order["number"]
        assert (f"Order #{called}: held: " in lines) == (found[name] is not None), name
    assert {order["number"] for order in good} <= set(there)


def test_a_broken_rule_file_is_refused_and_the_published_one_goes_on(world: World) -> None:
    with pytest.raises(rulesets.RuleSetBroken) as broken:
        world.publish(plain("invoice", 'rule "Oops" for order then set order.numbr to "1" end'))
    (found,) = broken.value.diagnostics
    assert "order.numbr" in found.message
    order = world.simple_order()
    world.sync()
    assert order["number"] in invoices(world)


def test_a_key_revoked_in_mid_run_asks_for_a_new_connection_and_loses_nothing(world: World) -> None:
    order = world.simple_order()
    body = {"code": "woocommerce_rest_cannot_view", "message": "Sorry, no.", "data": {"status": 401}}
    world.shop.inject(Fault("status", path="orders", times=99, status=401, body=body))
    with pytest.raises(ConnectorError) as caught:
        world.fetch_and_plan()
    assert caught.value.next_step
    world.shop.clear_faults()
    world.sync()
    assert order["number"] in invoices(world)


def test_an_expired_token_is_renewed_by_itself(world: World) -> None:
    order = world.simple_order()
    world.books.expire_access_tokens()
    world.sync()
    assert order["number"] in invoices(world)
    with world.store.read() as session:
        assert connections.companies(world.office.scope, session)[0].state == "active"


def test_one_poisoned_order_of_each_sort_among_many_holds_only_itself(world: World) -> None:
    rules = 'rule "Look" for order when order.note is "look" then hold "look at it" end'
    world.publish(plain("invoice", rules, missing_customers="create"))
    good = [world.simple_order() for _ in range(60)]
    held = world.simple_order(customer_note="look")
    large = world.simple_order(customer_note="y" * 5_000_000)
    foreign = world.shop.plant_order(
        status="processing", total="5.00", currency="JPY", date_paid_gmt="2026-01-05T15:00:00"
    )
    world.sync()
    assert {order["number"] for order in (*good, large)} <= set(invoices(world))
    codes = world.held_codes()
    assert codes[str(held["id"])] == "rule_hold"
    assert codes[str(foreign["id"])] == "foreign_currency"
    assert len(codes) == 2


@pytest.mark.parametrize("point", ["sync.saved", "sync.planned"])
def test_a_run_that_dies_between_its_transactions_loses_nothing(
    world: World, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [world.simple_order() for _ in range(3)]

    def die(name: str) -> None:
        if name == point:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sync, "fault", die)
        with pytest.raises(KeyboardInterrupt):
            world.fetch_and_plan()
    world.sync()
    world.sync()
    assert all(invoices(world).count(order["number"]) == 1 for order in orders)
