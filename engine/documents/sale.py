"""The sale of an order and its payments: the one entry from a judged record to documents.

A pure function of the record before and after its rules, the flow's options and a view of the books. The same code
serves preview, test, plan and the live run.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from connectors.documents import (
    SalesDocument,
    SalesType,
)
from connectors.records import ZERO
from engine.books_view import BooksView
from engine.documents.body import body_of
from engine.documents.builder import Builder
from engine.documents.finishing import finished
from engine.documents.header import check_currency, document_day, document_number, notes
from engine.documents.payments import (
    deposit_account,
    is_paid,
    payment_documents,
    payment_method,
    payment_only,
    payments_of,
    reference_of,
)
from engine.documents.wanted import NOTHING_LEFT_OUT, SALE, Desired, LeftOutPayments, Slotted, address_of
from engine.findings import hold, info
from engine.keys import RecordKey, marker
from engine.matching import TargetRules, match_customer
from engine.options import FlowOptions
from engine.projection import RuleRecord

SALES_TYPES: Mapping[str, SalesType] = {
    "estimate": "estimate",
    "sales_order": "estimate",
    "invoice": "invoice",
    "invoice_and_payment": "invoice",
    "invoice_and_payment_if_paid": "invoice",
    "sales_receipt": "sales_receipt",
}


def build_sale(
    key: RecordKey, before: RuleRecord, after: RuleRecord, options: FlowOptions, books: BooksView, rules: TargetRules,
    *, left_out: LeftOutPayments = NOTHING_LEFT_OUT, standing: frozenset[str] = frozenset(),
) -> Desired:  # fmt: skip
    """The sale of an order and its payments.

    `before` and `after` are its rule record before and after the rules, `standing` the slots that the ledger already holds for it.
    """
    order, target = after["order"], after["books"]
    builder = Builder(after, options, books, rules, order["date"])
    record_as: str = target.get("transaction_type") or options.record_as
    check_currency(builder)
    if record_as == "sales_order":
        builder.findings.append(
            info("sales_order_as_estimate", "QuickBooks Online has no sales orders; the order becomes an estimate.")
        )
    paid = is_paid(order, options)
    received: Decimal = before["order"]["total"]
    if record_as == "sales_receipt" and not paid and received > 0 and SALE not in standing and not left_out.count:
        words = f"Not paid yet ({order['payment_method'] or 'no payment method'}, status {order['status']})."
        if options.unpaid_orders == "skip":
            return Desired(skip=words)
        builder.findings.append(
            hold(
                "not_paid",
                words,
                "It is looked at again by itself; a sales receipt is made when the money is in.",
                status=str(order["status"]),
            )
        )
    sales_type = SALES_TYPES.get(record_as, "invoice")
    if sales_type == "sales_receipt" and left_out.count:
        sales_type = "invoice"
        record_as = "invoice_and_payment_if_paid"
        builder.findings.append(
            info(
                "receipt_became_invoice",
                f"A payment is left out ({left_out.reason}), so the sales receipt becomes an invoice"
                " with the payments that remain.",
            )
        )
    if record_as == "payment":
        return payment_only(builder, key, order, standing)
    customer = builder.take(match_customer(after, options, books, rules))
    day = document_day(builder, target.get("date") or order["date"])
    body = body_of(builder, before["order"], order, received)
    if not body.lines and not body.shipping_total:
        builder.findings.append(
            hold(
                "nothing_to_post",
                "The order has no lines that a document could carry.",
                "Look at the order in the shop, or leave such orders out with a rule (skip).",
            )
        )
    fee = -sum((line.amount for line in body.lines if line.kind == "transaction_fee"), ZERO)
    payments = [] if left_out.count and not order["payments"] else payments_of(
        builder, key, order, record_as, body.total, fee, standing
    )  # fmt: skip
    if sales_type == "estimate" or record_as == "invoice":
        payments = []
    if record_as == "invoice_and_payment_if_paid" and not paid and not left_out.count:
        payments = []
    on_receipt = sales_type == "sales_receipt"
    first = payments[0][1] if payments else None
    po, custom, memo = notes(builder)
    receivable = builder.reference(
        "account",
        target.get("receivable_account") or options.receivable_account,
        "account",
        "Accounting > Chart of accounts",
    )
    document = SalesDocument(
        type=sales_type,
        number=document_number(builder, target.get("number") or order["number"]),
        date=day,
        due_date=target.get("due_date"),
        customer=customer,
        customer_email=after["customer"]["email"] or after["bill_to"]["email"],
        currency=builder.currency,
        lines=body.lines,
        discount_total=body.discount_total,
        discount_taxable=body.discount_taxable,
        shipping_total=body.shipping_total,
        shipping_taxable=body.shipping_taxable,
        shipping_tax_code=target.get("shipping_tax_code"),
        tax_total=body.tax.amount,
        tax_code=body.tax.code,
        tax_override=body.tax.override,
        total=body.total,
        bill_to=address_of(after["bill_to"]),
        ship_to=address_of(after["ship_to"]),
        class_=builder.reference(
            "class", target.get("class") or order.get("class") or options.class_, "class", "Lists > Classes"
        ),
        location=builder.reference(
            "department", target.get("location") or options.location, "location", "Lists > Locations"
        ),
        terms=None
        if on_receipt
        else builder.reference(
            "term", target.get("terms") or order.get("terms") or options.terms, "terms", "Lists > Terms"
        ),
        po_number=po,
        memo=memo,
        message=target.get("message"),
        custom=custom,
        deposit_account=deposit_account(builder, first) if on_receipt else None,
        receivable_account=None if on_receipt else receivable,
        payment_method=payment_method(builder, (first or order).get("method") or order["payment_method"])
        if on_receipt
        else None,
        payment_reference=reference_of(builder, first or {}, order) if on_receipt else None,
        ship_via=target.get("ship_via") or order.get("ship_via") or order.get("shipping_method"),
        ship_date=target.get("ship_date") or order.get("ship_date"),
        email_invoice=bool(target.get("email_invoice")),
        marker=marker(builder.books.profile.id, key, SALE),
    )
    documents = [Slotted(slot=SALE, document=document)]
    if not on_receipt and customer:
        documents.extend(payment_documents(builder, key, order, payments, customer, body.total, receivable))
    return finished(builder, documents)
