"""What the options come to over more than one flow or one look: numbers of a pack, and money that comes in later by each method."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.flows_kit import World, plain

METHODS = {
    "stripe": "Credit Card",
    "bacs": "Direct bank transfer",
    "cheque": "Check payments",
    "cod": "Cash on delivery",
    "purchase_order": "Purchase order",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}") as made:
        yield made


def of(world: World, entity: str, order: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in world.documents(entity) if f"Order {order['number']}\n" in f"{each['PrivateNote']}\n"]


def test_each_method_unpaid_is_an_invoice_and_paid_later_one_payment_of_it(world: World) -> None:
    world.publish(plain("invoice_and_payment_if_paid"))
    orders = [
        world.simple_order(set_paid=False, status="on-hold", payment_method=method, payment_method_title=title)
        for method, title in METHODS.items()
    ]
    world.sync()
    invoices = {each["DocNumber"]: each for each in world.documents("Invoice")}
    assert {order["number"] for order in orders} <= invoices.keys()
    assert [of(world, "Payment", order) for order in orders] == [[]] * 5
    for order in orders:
        world.shop.pay_order(order["id"])
    for _ in range(2):
        world.pass_time(hours=1)
        world.sync()
    for order in orders:
        (payment,) = of(world, "Payment", order)
        invoice = invoices[order["number"]]
        assert payment["TotalAmt"] == invoice["TotalAmt"]
        assert [link["TxnId"] for line in payment["Line"] for link in line["LinkedTxn"]] == [invoice["Id"]]
        assert [each["Id"] for each in world.documents("Invoice") if each["DocNumber"] == order["number"]] == [
            invoice["Id"]
        ]
        (now,) = [each for each in world.documents("Invoice") if each["Id"] == invoice["Id"]]
        assert not now["Balance"]


@pytest.mark.parametrize(("prefix", "suffix"), [("WC-", ""), ("", "-US"), ("WC-", "-US")])
def test_the_packs_prefix_and_suffix_stand_on_the_document_and_its_payment(
    world: World, prefix: str, suffix: str
) -> None:
    world.publish(
        plain("invoice_and_payment")
        + f"""
use "orders/order_prefix" version "1.0" as std
  set order_prefix to "{prefix}"
  set order_suffix to "{suffix}"
end
"""
    )
    order = world.simple_order()
    world.sync()
    number = f"{prefix}{order['number']}{suffix}"
    (invoice,) = [each for each in world.documents("Invoice") if each["DocNumber"] == number]
    (payment,) = [each for each in world.documents("Payment") if f"Order {number}\n" in each["PrivateNote"]]
    assert [link["TxnId"] for line in payment["Line"] for link in line["LinkedTxn"]] == [invoice["Id"]]


def test_a_number_that_is_too_long_with_its_prefix_is_held_before_it_is_sent(world: World) -> None:
    rule = '\nrule "Long" for order then set books.number to "A-VERY-LONG-PREFIX-{order.number}" end\n'
    world.publish(plain("invoice", rule))
    order = world.simple_order()
    world.sync()
    (held,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
    assert (held.code, "Shorten it with a rule" in held.next_step) == ("number_too_long", True)
