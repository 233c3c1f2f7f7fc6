"""A preference that somebody switches off between planning and posting: the document waits with the clicks that mend it, and goes
out by itself once it is on again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine import holds
from tests.flows.flows_kit import World, plain
from tests.flows.test_features_of_the_company import MUG, company, of, order_of

Record = dict[str, Any]


@dataclass(frozen=True)
class Switch:
    """What is switched, the code and a piece of the next step while it is off, what of flow and order needs it, and how the
    invoice shows in the end that it was there."""

    turn: Callable[[World, bool], object]
    code: str
    clicks: str
    stands: Callable[[Record], bool]
    flow: dict[str, str] = field(default_factory=dict)
    order: dict[str, Any] = field(default_factory=dict)


def sales_forms(name: str) -> Callable[[World, bool], object]:
    return lambda world, on: world.books.prefer("SalesFormsPrefs", **{name: on})


def kinds(invoice: Record) -> list[str]:
    return [line["DetailType"] for line in invoice["Line"]]


def items(invoice: Record) -> list[Record]:
    return [line["SalesItemLineDetail"] for line in invoice["Line"] if "SalesItemLineDetail" in line]


RULE = 'rule "Web" for order when order.note is missing then set books.class to "Web" end'
SWITCHES = {
    "discounts": Switch(
        sales_forms("AllowDiscount"), "discounts_off", "'Discount'", lambda made: "DiscountLineDetail" in kinds(made),
        {"discounts_as": "discount_line"}, {"line_items": [{**MUG, "subtotal": "25.00"}]},
    ),
    "shipping": Switch(
        sales_forms("AllowShipping"), "shipping_off", "'Shipping'",
        lambda made: "SHIPPING_ITEM_ID" in [each["ItemRef"]["value"] for each in items(made)],
        {}, {"shipping_lines": [{"method_id": "flat_rate", "method_title": "Flat rate", "total": "5.00"}]},
    ),
    "custom transaction numbers": Switch(
        sales_forms("CustomTxnNumbers"), "custom_numbers_off", "Custom transaction numbers", lambda made: True
    ),
    "classes": Switch(
        lambda world, on: world.books.prefer("AccountingInfoPrefs", ClassTrackingPerTxnLine=on), "classes_off", "classes",
        lambda made: {each.get("ClassRef", {}).get("name") for each in items(made)} == {"Web"},
    ),
}  # fmt: skip


def switched_off(world: World, case: Switch, *, known_for: float) -> tuple[Record, Record]:
    """An order that needs what is switched off `known_for` minutes after the preferences were last read, and one that may
    do without; both were planned before, and what could be posted was."""
    world.publish(plain("invoice", RULE, **case.flow))
    order, other = order_of(world, **case.order), order_of(world, customer_note="without")
    world.fetch_and_plan()
    case.turn(world, False)
    world.pass_time(minutes=known_for)
    world.post()
    return order, other


@pytest.mark.parametrize("name", SWITCHES)
def test_what_was_switched_off_before_it_was_sent_waits_with_the_clicks_and_goes_on_once_it_is_on(
    tmp_path: Path, name: str
) -> None:
    case = SWITCHES[name]
    with company(tmp_path) as world:
        order, other = switched_off(world, case, known_for=11)
        (held,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
        assert held.code == case.code
        assert case.clicks in held.next_step
        assert of(world, "Invoice", order) == []
        # What needs it not goes on; where every document has a number, nothing does.
        assert len(of(world, "Invoice", other)) == (0 if name == "custom transaction numbers" else 1)
        world.pass_time(hours=1)
        world.sync()
        assert of(world, "Invoice", order) == []
        assert sum("waits" in line for line in world.lines() if f"#{order['number']}:" in line) == 1, "said once"
        case.turn(world, True)
        world.pass_time(hours=1)
        world.sync()
        (invoice,) = of(world, "Invoice", order)
        assert case.stands(invoice)
        assert world.held() == []


@pytest.mark.parametrize("name", ["discounts", "shipping"])
def test_what_quickbooks_refuses_for_a_switch_turned_meanwhile_is_told_by_its_clicks_not_by_its_own_words(
    tmp_path: Path, name: str
) -> None:
    case = SWITCHES[name]
    with company(tmp_path) as world:
        order, other = switched_off(world, case, known_for=0)
        (held,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
        assert (held.code, case.clicks in held.next_step) == (case.code, True)
        assert len(of(world, "Invoice", other)) == 1
        case.turn(world, True)
        world.pass_time(hours=1)
        world.sync()
        assert len(of(world, "Invoice", order)) == 1
        assert world.held() == []


def test_a_person_may_let_a_document_pass_without_its_number(tmp_path: Path) -> None:
    with company(tmp_path) as world:
        order, _ = switched_off(world, SWITCHES["custom transaction numbers"], known_for=11)
        (held,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
        with world.store.write() as session:
            holds.let_pass(world.office.scope, session, held.id, by="ann", at=world.clock.now())
        world.post()
        # QuickBooks keeps a number that it is given (facts), so it stands under it all the same.
        assert len(of(world, "Invoice", order)) == 1
