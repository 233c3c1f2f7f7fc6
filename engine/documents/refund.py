"""The credit memo or refund receipt of one refund."""

from __future__ import annotations

from decimal import Decimal

from connectors.documents import (
    SalesDocument,
    SalesType,
)
from connectors.money import cents
from connectors.records import ZERO
from engine.books_view import BooksView
from engine.documents import parts
from engine.documents.body import body_of
from engine.documents.builder import Builder
from engine.documents.finishing import finished
from engine.documents.header import NUMBER_LIMIT, check_currency, document_day, document_number, notes
from engine.documents.payments import deposit_account, payment_method, reference_of
from engine.documents.wanted import Desired, Slotted, address_of
from engine.findings import hold
from engine.keys import RecordKey, marker
from engine.matching import TargetRules, match_customer
from engine.options import FlowOptions
from engine.projection import RuleRecord


def build_refund(
    key: RecordKey, before: RuleRecord, after: RuleRecord, options: FlowOptions, books: BooksView, rules: TargetRules,
    *, sale_type: SalesType | None, index: int,
) -> Desired:  # fmt: skip
    """The credit memo or refund receipt of one refund; its order's rules have run, then those for refunds.

    `sale_type` is what stands in the books for the order (missing: nothing), `index` counts the order's refunds from 1.
    """
    refund, order, target = after["refund"], after["order"], after["books"]
    if options.refunds == "no":
        return Desired(skip="The flow does not record refunds.")
    if sale_type == "estimate" and options.refunds == "as_the_sale":
        return Desired(
            skip="The order is an estimate in the books: nothing was sold there, so nothing is refunded. If somebody made it"
            " an invoice there, refund it there."
        )
    builder = Builder(after, options, books, rules, order["date"])
    check_currency(builder)
    if sale_type is None and options.refunds_of_unposted_orders == "wait":
        builder.findings.append(
            hold(
                "order_not_posted",
                f"Order {order['number']} is not in the books yet, so its refund waits for it.",
                "It goes on by itself when the order is posted; or set refunds_of_unposted_orders to post_both.",
            )
        )
    wanted = options.refunds
    if wanted == "as_the_sale":
        wanted = "refund_receipt" if sale_type == "sales_receipt" else "credit_memo"
    document_type: SalesType = "refund_receipt" if wanted == "refund_receipt" else "credit_memo"
    customer = builder.take(match_customer(after, options, books, rules))
    day = document_day(builder, refund["date"])
    head, was = dict(refund), dict(before["refund"])
    covered = parts.of_received(was).total
    amount: Decimal = before["refund"]["amount"]
    rest = cents(amount - covered)
    if rest and (abs(rest) > options.rounding_limit or not was["lines"]):
        # An amount without lines (or beyond them): there is no product behind it, so it goes to the named item.
        builder.other("fee", options.refund_item, rest, refund["reason"] or "Refund")
        covered_amount = amount - rest
    else:
        covered_amount = amount
    fixed = list(builder.lines)
    builder.lines = []
    body = body_of(builder, was, head, covered_amount)
    lines = (*body.lines, *fixed)
    total = body.total + sum((line.amount for line in fixed), ZERO)
    number = target.get("number") or order["number"]
    if number and index > 1:
        tail = f"-{index}"
        number = number[: NUMBER_LIMIT - len(tail)] + tail
    po, custom, memo = notes(builder)
    payment = refund["payments"][0] if refund["payments"] else {}
    receipt = document_type == "refund_receipt"
    document = SalesDocument(
        type=document_type,
        number=document_number(builder, number),
        date=day,
        customer=customer,
        customer_email=after["customer"]["email"] or after["bill_to"]["email"],
        currency=builder.currency,
        lines=lines,
        discount_total=body.discount_total,
        discount_taxable=body.discount_taxable,
        shipping_total=body.shipping_total,
        shipping_taxable=body.shipping_taxable,
        tax_total=body.tax.amount,
        tax_code=body.tax.code,
        tax_override=body.tax.override,
        total=total,
        bill_to=address_of(after["bill_to"]),
        ship_to=address_of(after["ship_to"]),
        class_=builder.reference(
            "class", target.get("class") or order.get("class") or options.class_, "class", "Lists > Classes"
        ),
        location=builder.reference(
            "department", target.get("location") or options.location, "location", "Lists > Locations"
        ),
        po_number=po,
        memo=refund["reason"] or memo,
        message=target.get("message"),
        custom=custom,
        deposit_account=(deposit_account(builder, payment) or books.account_for("deposit")) if receipt else None,
        payment_method=payment_method(builder, payment.get("method") or order["payment_method"]) if receipt else None,
        payment_reference=reference_of(builder, payment, order) if receipt else None,
        marker=marker(builder.books.profile.id, key, f"refund:{refund['id']}"),
    )
    return finished(builder, [Slotted(slot=f"refund:{refund['id']}", document=document)])
