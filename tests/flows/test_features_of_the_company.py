"""What the company itself allows: closed periods, its own sales tax, preferences that are off and are switched on later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox import quickbooks, woocommerce
from tests.flows.flows_kit import World, plain

MUG = {"product_id": 101, "quantity": 1, "subtotal": "20.00", "total": "20.00"}


@contextmanager
def company(folder: Path, **options: Any) -> Iterator[World]:
    usual: dict[str, Any] = {"custom_transaction_numbers": True, "allow_shipping": True}
    with World(
        f"sqlite:///{folder / 'store.sqlite3'}",
        shop_options=woocommerce.Options(generated=1),
        books_options=quickbooks.Options(**{**usual, **options}),
    ) as world:
        yield world


def of(world: World, entity: str, order: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in world.documents(entity) if str(each.get("DocNumber")) == order["number"]]


def order_of(world: World, **body: Any) -> dict[str, Any]:
    return world.simple_order(**{"line_items": [MUG], "date_created_gmt": "2026-01-05T15:00:00", **body})


def test_an_order_of_a_closed_period_is_held_with_the_clicks(tmp_path: Path) -> None:
    with company(tmp_path, closing_date=date(2026, 6, 30)) as world:
        world.publish(plain("invoice"))
        order = order_of(world)
        world.sync()
        (held,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
        assert held.code == "closed_period"
        assert held.reason == "The order is of 2026-01-05, and the books are closed until 2026-06-30."
        assert "Account and settings > Advanced > Accounting" in held.next_step
        assert of(world, "Invoice", order) == []


def test_an_order_of_a_closed_period_goes_to_the_first_open_day_where_the_flow_says_so(tmp_path: Path) -> None:
    with company(tmp_path, closing_date=date(2026, 6, 30)) as world:
        world.publish(plain("invoice", closed_period="first_open_day"))
        order = order_of(world)
        world.sync()
        (invoice,) = of(world, "Invoice", order)
        assert invoice["TxnDate"] == "2026-07-01"
        assert any("is dated 2026-07-01" in line for line in world.lines())


def test_the_shop_s_tax_overrides_automated_tax(tmp_path: Path) -> None:
    with company(tmp_path, sales_tax="automated") as world:
        world.publish(plain("invoice").replace("sales_tax = line_item", "sales_tax = override"))
        order = order_of(world)
        world.sync()
        (invoice,) = of(world, "Invoice", order)
        assert Decimal(str(invoice["TxnTaxDetail"]["TotalTax"])) == Decimal("1.20")
        assert Decimal(str(invoice["TotalAmt"])) == Decimal(order["total"])


@pytest.mark.parametrize("code", [{}, {"tax_code": '"California"'}], ids=["no code", "a code"])
def test_what_automated_tax_comes_to_is_not_foretold_so_the_order_waits_for_another_way(
    tmp_path: Path, code: dict[str, str]
) -> None:
    with company(tmp_path, sales_tax="automated") as world:
        text = plain("invoice", **code)
        world.publish(text.replace("sales_tax = line_item", "sales_tax = map_codes"))
        order = order_of(world)
        world.sync()
        (held,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
        assert held.code == "automated_tax"
        assert "only once the document stands" in held.reason
        assert of(world, "Invoice", order) == []
        # The next step, done: the order goes on.
        assert "Set sales_tax to override" in held.next_step
        world.publish(text.replace("sales_tax = line_item", "sales_tax = override"))
        world.sync()
        (invoice,) = of(world, "Invoice", order)
        assert Decimal(str(invoice["TxnTaxDetail"]["TotalTax"])) == Decimal("1.20")
        assert world.held_codes() == {}


def test_tax_codes_made_by_hand_cannot_be_overridden_so_nothing_stands_with_a_wrong_total(tmp_path: Path) -> None:
    with company(tmp_path) as world:
        world.publish(plain("invoice").replace("sales_tax = line_item", "sales_tax = override"))
        order = order_of(world)
        world.sync()
        assert world.held_codes()[str(order["id"])] == "no_tax_code"
        assert of(world, "Invoice", order) == []


def test_a_company_without_inventory_gets_non_inventory_items_and_says_so(tmp_path: Path) -> None:
    with company(tmp_path, plan="essentials", inventory=False, empty=True) as world:
        world.publish(plain("invoice", new_products_are="inventory"))
        order = order_of(world)
        world.sync()
        assert len(of(world, "Invoice", order)) == 1
        assert {each["Type"] for each in world.documents("Item") if each["Name"].startswith("SKU")} == {"NonInventory"}
        assert any("does not track inventory" in line for line in world.lines())


def test_both_a_refund_and_its_unposted_order_are_posted_where_the_flow_says_so(tmp_path: Path) -> None:
    with company(tmp_path) as world:
        world.publish(plain("sales_receipt", refunds_of_unposted_orders="post_both"))
        order = order_of(world, set_paid=False, status="on-hold", payment_method="bacs")
        world.shop.refund_order(order["id"], amount="5.00")
        world.sync()
        assert len(of(world, "CreditMemo", order)) == 1
        assert world.held_codes()[str(order["id"])] == "not_paid"


@dataclass(frozen=True)
class Off:
    """A preference that is off, what needs it, the code of the hold, and how a person switches it on."""

    options: dict[str, Any]
    code: str
    clicks: str
    on: Callable[[World], object]
    flow: dict[str, str] = field(default_factory=dict)
    order: dict[str, Any] = field(default_factory=dict)
    sales_tax: str = "line_item"


def track_classes(world: World) -> None:
    world.books.prefer("AccountingInfoPrefs", ClassTrackingPerTxn=True)
    world.books.edit("Class", None, "create", Name="Web")


def track_locations(world: World) -> None:
    world.books.prefer("AccountingInfoPrefs", TrackDepartments=True)
    world.books.edit("Department", None, "create", Name="Online")


OFF = {
    "custom transaction numbers": Off(
        {"custom_transaction_numbers": False}, "custom_numbers_off", "Custom transaction numbers",
        lambda world: world.books.prefer("SalesFormsPrefs", CustomTxnNumbers=True),
    ),
    "classes": Off(
        {"class_tracking": "off"}, "class_missing", "Lists > Classes",
        track_classes,
        {"class": '"Web"'},
    ),
    "locations": Off(
        {"location_tracking": False}, "department_missing", "Lists > Locations",
        track_locations,
        {"location": '"Online"'},
    ),
    "discounts": Off(
        {"allow_discount": False}, "discounts_off", "Discount",
        lambda world: world.books.prefer("SalesFormsPrefs", AllowDiscount=True),
        {"discounts_as": "discount_line"}, {"line_items": [{**MUG, "subtotal": "25.00"}]},
    ),
    "estimates": Off(
        {"allow_estimates": False}, "estimates_off", "stimate",
        lambda world: world.books.prefer("SalesFormsPrefs", AllowEstimates=True),
        {"record_as": "estimate"},
    ),
    "sales tax": Off(
        {"sales_tax": "off"}, "sales_tax_off", "tax",
        lambda world: world.books.prefer("TaxPrefs", UsingSalesTax=True, PartnerTaxEnabled=True),
        {"tax_difference_limit": "10"}, sales_tax="override",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OFF)
def test_what_is_off_holds_with_the_clicks_and_goes_on_by_itself_once_it_is_on(tmp_path: Path, name: str) -> None:
    case = OFF[name]
    with company(tmp_path, **case.options) as world:
        flow = {"record_as": "invoice", **case.flow}
        text = plain(flow.pop("record_as"), **flow).replace("sales_tax = line_item", f"sales_tax = {case.sales_tax}")
        world.publish(text)
        order = order_of(world, **case.order)
        world.sync()
        (held,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
        assert held.code == case.code
        assert case.clicks in held.next_step
        assert of(world, "Invoice", order) + of(world, "Estimate", order) == []
        case.on(world)
        world.pass_time(hours=1)
        world.sync()
        assert len(of(world, "Invoice", order) + of(world, "Estimate", order)) == 1, world.held()
        assert str(order["id"]) not in world.held_codes()
