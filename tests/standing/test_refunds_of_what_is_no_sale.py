"""Refunds of orders that are no sale of ours in the books: estimates, and invoices of somebody else that we bring payments for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.woocommerce import Options
from tests.flows.flows_kit import World, plain


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=Options(generated=1)) as made:
        yield made


def refunded(world: World, order: dict[str, Any]) -> list[dict[str, Any]]:
    world.shop.refund_order(order["id"])
    world.shop.edit_order(order["id"], status="refunded")
    for _ in range(2):
        world.pass_time(hours=7)
        world.sync()
    return [each for each in world.documents("CreditMemo", "RefundReceipt") if each["DocNumber"] == order["number"]]


@pytest.mark.parametrize("record_as", ["estimate", "sales_order"])
def test_a_refund_of_an_estimate_is_no_credit_and_that_is_said(world: World, record_as: str) -> None:
    world.publish(plain(record_as))
    order = world.simple_order()
    world.sync()
    assert [each["DocNumber"] for each in world.documents("Estimate")].count(order["number"]) == 1
    assert refunded(world, order) == []
    assert str(order["id"]) not in world.held_codes()
    assert any(f"#{order['number']}" in line and "is an estimate in the books" in line for line in world.lines())


def test_a_refund_of_a_sale_that_somebody_else_entered_is_a_credit_memo(world: World) -> None:
    world.publish(plain("invoice"))
    pattern = world.simple_order()
    world.sync()
    (mine,) = [each for each in world.documents("Invoice") if each["DocNumber"] == pattern["number"]]
    world.publish(plain("payment"))
    order = world.simple_order()
    lines = [line for line in mine["Line"] if line["DetailType"] == "SalesItemLineDetail"]
    world.books.edit(
        "Invoice", None, "create", DocNumber=order["number"], CustomerRef=mine["CustomerRef"], TxnDate=mine["TxnDate"],
        Line=lines,
    )  # fmt: skip
    world.pass_time(hours=7)
    world.sync()
    (invoice,) = [each for each in world.documents("Invoice") if each["DocNumber"] == order["number"]]
    assert invoice["Balance"] == 0
    assert len(refunded(world, order)) == 1
    assert str(order["id"]) not in world.held_codes()
