"""The recorded shop against a real local QuickBooks: totals agree, nothing is posted twice, every difference has its reason."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from connectors.records import Order
from engine import records
from engine.keys import RecordKey
from tests.flows.flows_kit import World, plain


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    with World(migrated_url) as made:
        yield made


@pytest.mark.parametrize("record_as", ["sales_receipt", "invoice_and_payment_if_paid"])
def test_totals_agree_order_by_order_and_a_second_sync_makes_no_operation(world: World, record_as: str) -> None:
    world.publish(plain(record_as))
    world.sync()
    entity = "SalesReceipt" if record_as == "sales_receipt" else "Invoice"
    posted = {each["DocNumber"]: Decimal(str(each["TotalAmt"])) for each in world.documents(entity)}
    with world.store.read() as session:
        keys = records.known_keys(world.office.scope, session, world.flow.connection_id, "order")
        kept = records.load(world.office.scope, session, keys)
    orders = [each.record for each in kept.values() if isinstance(each.record, Order)]
    totals = {order.number: order.total for order in orders}
    assert posted == {number: totals[number] for number in posted}
    held = world.held_codes()
    for order in orders:
        explained = order.id in held or order.status in ("pending", "failed", "cancelled", "checkout-draft")
        assert (order.number in posted) != explained, (order.number, order.status)

    before = world.books.calls()
    fetched, planned = world.sync()
    assert (fetched.changed, planned.planned) == (0, 0)
    assert world.books.calls().get("batch") == before.get("batch")


def test_what_customers_paid_is_what_stands_as_payments(world: World) -> None:
    world.publish(plain("invoice_and_payment_if_paid"))
    world.sync()
    open_invoices = [each for each in world.documents("Invoice") if Decimal(str(each["Balance"])) != 0]
    with world.store.read() as session:
        keys = [RecordKey(world.identity, "order", str(each["DocNumber"]).lstrip("#")) for each in open_invoices]
        kept = records.load(world.office.scope, session, keys)
    assert all(not each.record.paid for each in kept.values() if isinstance(each.record, Order))
    paid = world.total("Payment")
    assert paid == sum(
        (Decimal(str(each["TotalAmt"])) - Decimal(str(each["Balance"])) for each in world.documents("Invoice")),
        Decimal(0),
    )


def test_the_log_says_what_became_of_each_order_as_people_speak(world: World) -> None:
    world.publish(plain("sales_receipt"))
    world.sync()
    said = world.lines()
    assert any(line.startswith("Order #308: sales receipt 308, 3 lines, 129.45 USD") for line in said)
    assert any("no order yet, or no longer" in line for line in said)
    assert any("the books are in USD and this company has no multicurrency" in line for line in said)
