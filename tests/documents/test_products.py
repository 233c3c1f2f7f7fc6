"""Which item a line is sold as: matching, missing items, kinds, accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.documents import ProductDocument, SalesDocument
from engine.documents.wanted import Desired
from tests.documents.documents_kit import an_order, books, build, entry

ORDER = an_order()


def items_of(desired: Desired) -> list[str | None]:
    sale = desired.documents[0].document
    assert isinstance(sale, SalesDocument)
    return [line.item for line in sale.lines if line.kind == "item"]


def made(desired: Desired, name: str) -> ProductDocument:
    return next(each for each in desired.creates if isinstance(each, ProductDocument) and each.name == name)


def line(**changes: Any) -> Any:
    return replace(ORDER, lines=(replace(ORDER.lines[0], **changes),))


@pytest.mark.parametrize(
    ("match", "held", "item"),
    [
        ("item_name", entry("item", "HAT"), "HAT"),
        ("item_name", entry("item", "Clothes:hat"), "Clothes:hat"),
        ("sku", entry("item", "Felt hat", sku="hat"), "Felt hat"),
        ("name", entry("item", "Hat"), "Hat"),
    ],
)
def test_a_line_finds_its_item(match: str, held: Any, item: str) -> None:
    assert items_of(build(ORDER, books(held), match_products=match)) == [item]


def test_a_rule_s_item_wins() -> None:
    def rule(record: dict[str, Any]) -> None:
        record["order"]["lines"][0]["item"] = "AmazonProduct"

    assert items_of(build(ORDER, books(), change=rule)) == ["AmazonProduct"]


@pytest.mark.parametrize(
    ("missing", "item", "stop"),
    [
        ("create", "HAT", None),
        ("create_non_inventory", "HAT", None),
        ("create_and_list", "HAT", None),
        ("one_item", "Web Sales", None),
        ("hold", None, "item_missing"),
        ("fail", None, "item_missing"),
    ],
)
def test_a_missing_item_is_made_or_stood_in_for_or_waited_for(missing: str, item: str | None, stop: str | None) -> None:
    desired = build(ORDER, books(), missing_products=missing)
    assert items_of(desired) == [item]
    assert (desired.stop.code if desired.stop else None) == stop
    if missing == "fail":
        assert desired.stop is not None
        assert desired.stop.severity == "fail"
        assert 'set line.item to "…"' in desired.stop.next_step


def test_creating_and_listing_says_what_is_new() -> None:
    said = [each.text for each in build(ORDER, books(), missing_products="create_and_list").findings]
    assert "The item 'HAT' is new in QuickBooks." in said


@pytest.mark.parametrize(
    ("kind", "inventory", "becomes"),
    [
        ("inventory", True, "inventory"),
        ("inventory", False, "non_inventory"),
        ("non_inventory", True, "non_inventory"),
        ("service", True, "service"),
    ],
)
def test_a_new_item_is_of_the_flow_s_kind_where_the_plan_has_it(kind: str, inventory: bool, becomes: str) -> None:
    desired = build(ORDER, books(inventory=inventory), new_products_are=kind)
    item = made(desired, "HAT")
    assert item.type == becomes
    assert ("no_inventory" in [each.code for each in desired.findings]) == (kind != becomes)
    if becomes == "inventory":
        assert (item.start_date, item.asset_account, item.expense_account) == (
            ORDER.date,
            "Inventory Asset",
            "Cost of Goods Sold",
        )


def test_accounts_are_the_flow_s_the_product_s_or_the_books_own() -> None:
    assert made(build(ORDER, books()), "HAT").income_account == "Sales of Product Income"
    assert made(build(ORDER, books(), income_account="Web Income"), "HAT").income_account == "Web Income"

    def rule(record: dict[str, Any]) -> None:
        record["order"]["lines"][0]["account"] = "Hat Income"

    assert made(build(ORDER, books(), change=rule, income_account="Web Income"), "HAT").income_account == "Hat Income"


def test_a_line_without_sku_is_sold_as_the_named_item_and_says_so() -> None:
    desired = build(line(sku=None), books())
    assert items_of(desired) == ["unknown_do_not_delete"]
    assert "line_without_sku" in [each.code for each in desired.findings]


@pytest.mark.parametrize("sku", ['5" nail', "#8", "00123", "a+b", "🎩-1", "قبعة"])
def test_skus_keep_their_signs(sku: str) -> None:
    assert items_of(build(line(sku=sku), books())) == [sku]


def test_a_sku_with_a_colon_finds_an_item_under_its_category_or_is_changed() -> None:
    order = line(sku="Tools:Hammer")
    assert items_of(build(order, books(entry("item", "Tools:Hammer")))) == ["Tools:Hammer"]
    desired = build(order, books())
    assert items_of(desired) == ["Tools - Hammer"]
    assert "item_name_changed" in [each.code for each in desired.findings]


def test_an_ambiguous_or_inactive_item_holds_the_order() -> None:
    two = build(ORDER, books(entry("item", "A:HAT"), entry("item", "B:HAT")))
    gone = build(ORDER, books(entry("item", "HAT", active=False)))
    assert [each.stop.code for each in (two, gone) if each.stop] == ["item_ambiguous", "item_inactive"]
