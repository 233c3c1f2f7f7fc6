"""Orders that bring only the money: the invoice of their number is in the books already, entered by a person or by nobody yet."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.woocommerce import Options
from tests.flows.flows_kit import World, plain


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("payments")
    with World(f"sqlite:///{folder / 'store.sqlite3'}", shop_options=Options(generated=1)) as made:
        made.publish(plain("payment", statuses='["processing"]', match_customers="email"))
        made.sync()
        yield made


def by_hand(world: World, order: dict[str, Any], amount: str, customer: str = "Acme Inc") -> dict[str, Any]:
    """An invoice that a person enters, for a customer whom the shop calls otherwise."""
    known = {each["DisplayName"]: each["Id"] for each in world.documents("Customer")}
    id_ = known.get(customer) or world.books.edit("Customer", None, "create", DisplayName=customer)["Id"]
    income = next(each["Id"] for each in world.documents("Account") if each["Name"] == "Sales of Product Income")
    items = {each["Name"]: each["Id"] for each in world.documents("Item")}
    item = items.get("Work") or world.books.edit(
        "Item", None, "create", Name="Work", Type="Service", IncomeAccountRef={"value": income}
    )["Id"]  # fmt: skip
    line = {
        "DetailType": "SalesItemLineDetail",
        "Amount": Decimal(amount),
        "SalesItemLineDetail": {"ItemRef": {"value": item}, "TaxCodeRef": {"value": "NON"}},
    }
    return world.books.edit(
        "Invoice",
        None,
        "create",
        DocNumber=order["number"],
        CustomerRef={"value": id_},
        TxnDate="2026-01-02",
        Line=[line],
    )


def balance(world: World, invoice: dict[str, Any]) -> Decimal:
    (found,) = [each for each in world.documents("Invoice") if each["Id"] == invoice["Id"]]
    return Decimal(str(found["Balance"]))


def payments_of(world: World, invoice: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        each
        for each in world.documents("Payment")
        if any(link["TxnId"] == invoice["Id"] for line in each.get("Line", []) for link in line["LinkedTxn"])
    ]


def later(world: World) -> None:
    world.pass_time(hours=7)
    world.sync()


def test_a_paid_order_pays_the_invoice_that_a_person_entered(world: World) -> None:
    order = world.simple_order()
    invoice = by_hand(world, order, order["total"])
    world.sync()
    (payment,) = payments_of(world, invoice)
    assert payment["CustomerRef"]["value"] == invoice["CustomerRef"]["value"]
    assert balance(world, invoice) == 0
    assert "ann@acme.example" not in str(world.documents("Customer")), "no customer is made for a payment alone"
    later(world)
    assert len(payments_of(world, invoice)) == 1


def test_a_payment_waits_for_its_invoice_and_goes_on_by_itself(world: World) -> None:
    order = world.simple_order()
    world.sync()
    (held,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
    assert held.code == "invoice_missing"
    assert held.reason == f"The books have no invoice {order['number']} that this payment could pay."
    assert held.next_step.startswith(f"Enter invoice {order['number']} in QuickBooks; the payment is looked for again")
    later(world)
    said = [line for line in world.lines() if f"no invoice {order['number']} " in line]
    assert len(said) == 1, "said once, however often it is looked for"
    invoice = by_hand(world, order, order["total"])
    later(world)
    assert balance(world, invoice) == 0
    assert str(order["id"]) not in world.held_codes()


def test_an_invoice_settled_by_hand_gets_no_payment_and_that_is_said(world: World) -> None:
    order = world.simple_order()
    invoice = by_hand(world, order, order["total"])
    link = {"Amount": invoice["TotalAmt"], "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
    world.books.edit(
        "Payment", None, "create", CustomerRef=invoice["CustomerRef"], TotalAmt=invoice["TotalAmt"], Line=[link]
    )
    world.sync()
    assert len(payments_of(world, invoice)) == 1
    assert world.held_codes()[str(order["id"])] == "settled_by_hand"
    assert any(f"Invoice {order['number']} is paid already in the books" in line for line in world.lines())


def test_a_partly_settled_invoice_is_not_overpaid(world: World) -> None:
    order = world.simple_order()
    invoice = by_hand(world, order, "5.00")
    world.sync()
    assert payments_of(world, invoice) == []
    assert any(f"Invoice {order['number']} has only 5.00 open" in line for line in world.lines())


def test_an_unpaid_order_brings_no_payment(world: World) -> None:
    order = world.simple_order(set_paid=False, payment_method="bacs", payment_method_title="Direct bank transfer")
    invoice = by_hand(world, order, order["total"])
    world.sync()
    assert payments_of(world, invoice) == []
    assert world.held_codes()[str(order["id"])] == "not_paid"
    world.shop.pay_order(order["id"])
    later(world)
    assert len(payments_of(world, invoice)) == 1


def test_a_whole_wave_asks_for_its_invoices_once(world: World) -> None:
    orders = [world.simple_order() for _ in range(12)]
    invoices = [by_hand(world, order, order["total"]) for order in orders]
    world.fetch_and_plan()
    between = world.books.calls()
    world.post()
    after = world.books.calls()
    assert all(balance(world, invoice) == 0 for invoice in invoices)
    assert after["query"] - between["query"] == 1
    assert after["batch"] - between.get("batch", 0) == 1


def test_a_released_wait_is_tried_at_once(world: World) -> None:
    from engine import holds

    order = world.simple_order()
    world.sync()
    invoice = by_hand(world, order, order["total"])
    (held,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
    with world.store.write() as session:
        holds.let_pass(world.office.scope, session, held.id, by="Ann", at=world.clock.now())
    world.post()
    assert balance(world, invoice) == 0
