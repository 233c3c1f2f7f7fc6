"""Orders made by hand and the recorded shop's, and documents built from them with books that can be told what they hold."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import connectors.quickbooks as rules
from connectors.ports import ListEntry, ListKind
from connectors.records import Address, Order, OrderLine, Party, Payment, ShippingLine
from connectors.woocommerce.orders import read_order
from connectors.woocommerce.setting import ShopSetting
from engine import projection
from engine.books_view import NEUTRAL_PROFILE, BooksView, ListedBooks, NeutralBooks
from engine.documents.sale import build_sale
from engine.documents.wanted import Desired, LeftOutPayments
from engine.keys import RecordKey
from engine.options import FlowOptions

RECORDED = Path(__file__).parents[1] / "fixtures" / "woocommerce" / "shop-usd"
NOTHING_LEFT_OUT = LeftOutPayments()
KEY = RecordKey("https://shop.example", "order", "1")


def money(text: str) -> Decimal:
    return Decimal(text)


def an_order(**changes: Any) -> Order:
    """Two hats for 39.98, shipping 5.00, tax 2.40 (6 % on the hats), paid by card: 47.38 USD."""
    made = Order(
        id="1",
        number="1001",
        date=date(2026, 1, 31),
        created=datetime(2026, 1, 31, 15, tzinfo=UTC),
        status="processing",
        store="Acme Outdoors",
        channel="checkout",
        currency="USD",
        subtotal=money("39.98"),
        shipping_total=money("5.00"),
        tax_total=money("2.40"),
        total=money("47.38"),
        paid=True,
        paid_date=date(2026, 1, 31),
        payment_method="Credit card (Stripe)",
        payment_method_id="stripe",
        transaction_id="ch_1",
        shipping_method="Flat rate",
        customer=Party(id="7", first_name="Ann", last_name="Lee", email="ann@example.org"),
        bill_to=Address(name="Ann Lee", line_1="1 Main St", city="Towson", state="MD", postal_code="21204", country="US"),
        ship_to=Address(name="Ann Lee", line_1="1 Main St", city="Towson", state="MD", postal_code="21204", country="US"),
        lines=(
            OrderLine(
                id="11",
                sku="HAT",
                name="Hat",
                quantity=Decimal(2),
                unit_price=money("19.99"),
                amount=money("39.98"),
                tax_amount=money("2.40"),
                tax_rate=Decimal(6),
            ),
        ),
        shipping_lines=(ShippingLine(id="21", method="Flat rate", amount=money("5.00"), taxable=False),),
        payments=(
            Payment(
                id="paid", method="Credit card (Stripe)", method_id="stripe", type="credit card",
                amount=money("47.38"), date=date(2026, 1, 31), reference="ch_1",
            ),
        ),
    )  # fmt: skip
    return replace(made, **changes)


def entry(kind: ListKind, name: str, id: str | None = None, **held: Any) -> ListEntry:
    """An entry of a list of the books; what is no field of its own goes into `data`."""
    own = {key: held.pop(key) for key in ("active",) if key in held}
    return ListEntry(kind=kind, id=id or name, name=name, leaf=name.rpartition(":")[2], data=held, **own)


CHART = (
    entry("account", "Sales of Product Income", type="Income", subtype="SalesOfProductIncome"),
    entry("account", "Cost of Goods Sold", type="Cost of Goods Sold", subtype="SuppliesMaterialsCogs"),
    entry("account", "Inventory Asset", type="Other Current Asset", subtype="Inventory"),
    entry("account", "Undeposited Funds", type="Other Current Asset", subtype="UndepositedFunds"),
    entry("account", "PayPal Deposits", type="Bank", subtype="Checking"),
    entry("tax_code", "MD Sales Tax", rate=Decimal(6), taxable=True),
    entry("tax_code", "Two rates", rate=Decimal("9.1"), taxable=True,
          rate_parts=({"id": "1", "rate": "7.1", "order": 0}, {"id": "2", "rate": "2", "order": 0})),
)  # fmt: skip


def books(*entries: ListEntry, **profile: Any) -> ListedBooks:
    """Books with the usual accounts and these entries; `profile` changes preferences."""
    return ListedBooks(replace(NEUTRAL_PROFILE, **profile), (*CHART, *entries))


def build(
    order: Order, view: BooksView | None = None, *, change: Callable[[dict[str, Any]], None] = lambda record: None,
    left_out: LeftOutPayments = NOTHING_LEFT_OUT, standing: frozenset[str] = frozenset(), **options: Any,
) -> Desired:  # fmt: skip
    """Build an order's documents; `change` is what the rules would have done to the record."""
    after = projection.of_order(order)
    change(after)
    return build_sale(
        KEY,
        projection.of_order(order),
        after,
        FlowOptions(**options),
        view or NeutralBooks(order.currency),
        rules,
        left_out=left_out,
        standing=standing,
    )


@cache
def recorded_orders() -> list[Order]:
    """Every order of the recorded shop, with its refunds in full."""
    refunds = defaultdict(list)
    for refund in json.loads((RECORDED / "refunds_all.json").read_text())["response"]["body"]:
        refunds[refund["parent_id"]].append(refund)
    orders = []
    for page in sorted(RECORDED.glob("orders_page_*.json")):
        for payload in json.loads(page.read_text())["response"]["body"]:
            if refunds[payload["id"]]:
                payload = {**payload, "refunds": refunds[payload["id"]]}
            read = read_order(payload, ShopSetting(zone="America/New_York"))
            assert isinstance(read.record, Order)
            orders.append(read.record)
    return orders
