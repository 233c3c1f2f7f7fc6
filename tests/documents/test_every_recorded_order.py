"""Every order of the recorded shop becomes documents whose parts add up to the shop's total, whatever the flow says."""

from __future__ import annotations

from decimal import Decimal

import pytest

import connectors.quickbooks as rules
from connectors.documents import PaymentDocument, SalesDocument
from engine import projection
from engine.books_view import NeutralBooks
from engine.documents.refund import build_refund
from engine.keys import RecordKey
from engine.options import FlowOptions
from tests.documents.documents_kit import build, recorded_orders

RECORD_AS = ("estimate", "invoice", "invoice_and_payment", "invoice_and_payment_if_paid", "sales_receipt")


def parts_of(document: SalesDocument) -> Decimal:
    return document.subtotal - document.discount_total + document.shipping_total + document.tax_total


@pytest.mark.parametrize("discounts_as", ["in_lines", "discount_line", "item"])
@pytest.mark.parametrize("shipping_as", ["shipping_line", "item"])
@pytest.mark.parametrize("sales_tax", ["line_item", "override"])
@pytest.mark.parametrize("record_as", RECORD_AS)
def test_the_parts_of_every_document_add_up_to_what_the_shop_says(
    record_as: str, sales_tax: str, shipping_as: str, discounts_as: str
) -> None:
    for order in recorded_orders():
        desired = build(
            order, record_as=record_as, sales_tax=sales_tax, shipping_as=shipping_as, discounts_as=discounts_as
        )
        sale = desired.documents[0].document
        assert isinstance(sale, SalesDocument)
        assert parts_of(sale) == sale.total, order.number
        assert sale.total == order.total, order.number


def test_payments_never_exceed_the_invoice_that_they_pay() -> None:
    for order in recorded_orders():
        desired = build(order, record_as="invoice_and_payment")
        paid = [each.document for each in desired.documents if isinstance(each.document, PaymentDocument)]
        assert sum((each.amount for each in paid), Decimal(0)) == order.total, order.number
        assert sum((amount for each in paid for amount in each.applies_to.values()), Decimal(0)) == order.total


def test_only_the_order_without_lines_has_nothing_to_post() -> None:
    stopped = {
        (order.number, desired.stop.code)
        for order in recorded_orders()
        if (desired := build(order, record_as="invoice")).stop is not None
    }
    assert {code for _, code in stopped} == {"nothing_to_post"}
    assert len(stopped) == 1


def test_every_recorded_refund_becomes_a_credit_memo_of_its_amount() -> None:
    seen = 0
    for order in recorded_orders():
        for index, refund in enumerate(order.refunds, start=1):
            desired = build_refund(
                RecordKey("https://shop.example", "order", order.id),
                projection.of_refund(refund, order),
                projection.of_refund(refund, order),
                FlowOptions(),
                NeutralBooks(order.currency),
                rules,
                sale_type="invoice",
                index=index,
            )
            memo = desired.documents[0].document
            assert isinstance(memo, SalesDocument)
            assert desired.stop is None, (order.number, desired.stop)
            assert (memo.type, memo.total) == ("credit_memo", refund.amount), order.number
            assert parts_of(memo) == memo.total
            seen += 1
    assert seen >= 20
