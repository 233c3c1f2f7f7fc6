"""What was paid for an order, and the payment documents of it: on its own invoice, never beyond its total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.documents import ListDocument, PaymentDocument
from connectors.money import cents
from connectors.records import ZERO
from engine.books_view import folded
from engine.documents.builder import Builder
from engine.documents.finishing import finished
from engine.documents.header import NUMBER_LIMIT, document_day
from engine.documents.wanted import SALE, Desired, Slotted, money
from engine.findings import hold, info
from engine.keys import RecordKey, marker
from engine.options import FlowOptions


def is_paid(order: Mapping[str, Any], options: FlowOptions) -> bool:
    """Whether the money came in: the source says so, or the method is one of the flow's cards and the order went on."""
    if order["paid"]:
        return True
    cards = {folded(method) for method in options.card_methods}
    methods = {folded(str(order[name])) for name in ("payment_method", "payment_method_id") if order[name]}
    return bool(cards & methods) and order["status"] in ("processing", "completed")


def payments_of(
    builder: Builder, key: RecordKey, order: Mapping[str, Any], record_as: str, total: Decimal, fee: Decimal,
    standing: frozenset[str],
) -> list[tuple[str, Mapping[str, Any], Decimal]]:  # fmt: skip
    """(slot, payment, amount) of what was paid. A payment that nobody recorded, but that the flow asks for, is of the
    whole total.
    """
    listed = [(f"payment:{payment['id']}", payment, payment["amount"] or ZERO) for payment in order["payments"]]
    whole = "payment:total"
    synthesized = {
        "id": "total",
        "method": order["payment_method"],
        "method_id": order["payment_method_id"],
        "type": None,
        "amount": total,
        "date": order["paid_date"],
        "reference": order["transaction_id"],
        "currency": None,
        "deposit_account": None,
    }
    if whole in standing:
        # The whole was recorded as paid before the shop told of a payment: a second one would double it.
        return [(whole, synthesized, total)]
    wanted = record_as == "invoice_and_payment" or is_paid(order, builder.options)
    if not listed and wanted and total > 0 and record_as != "invoice":
        return [(whole, synthesized, total)]
    if fee and listed:
        slot, payment, amount = listed[0]
        listed[0] = (slot, payment, amount - fee)
    return [(slot, payment, cents(amount)) for slot, payment, amount in listed if amount]


def payment_method(builder: Builder, title: str | None) -> str | None:
    """The payment method's name in the books (31 characters at most there); created if missing."""
    wanted = builder.record["books"].get("payment_method") or builder.options.payment_method or title
    if not wanted:
        return None
    name = wanted[:31].strip()
    found = builder.books.named("payment_method", name)
    if found:
        return found[0].name
    builder.create(ListDocument(kind="payment_method", name=name))
    return name


def deposit_account(builder: Builder, payment: Mapping[str, Any] | None) -> str | None:
    wanted = (
        (payment or {}).get("deposit_account")
        or builder.record["books"].get("deposit_account")
        or builder.options.deposit_account
    )
    return builder.reference("account", wanted, "account", "Accounting > Chart of accounts")


def reference_of(builder: Builder, payment: Mapping[str, Any], order: Mapping[str, Any]) -> str | None:
    text = builder.record["books"].get("payment_reference") or payment.get("reference") or order.get("transaction_id")
    return str(text)[:NUMBER_LIMIT] if text else None


def payment_documents(
    builder: Builder, key: RecordKey, order: Mapping[str, Any],
    payments: Sequence[tuple[str, Mapping[str, Any], Decimal]], customer: str, total: Decimal, receivable: str | None,
) -> list[Slotted]:  # fmt: skip
    """Payments applied to the order's own invoice, never beyond its total."""
    left, built = total, []
    for slot, payment, amount in payments:
        applied = min(amount, left)
        left -= applied
        if amount > applied:
            builder.findings.append(
                info(
                    "overpaid",
                    f"{money(amount - applied, builder.currency)} more was paid than the invoice is; it stays on the"
                    " customer's account.",
                )
            )
        document = PaymentDocument(
            date=document_day(builder, payment.get("date") or order["paid_date"] or order["date"]),
            customer=customer,
            currency=builder.currency,
            amount=amount,
            applies_to={SALE: applied} if applied > 0 else {},
            payment_method=payment_method(builder, payment.get("method") or order["payment_method"]),
            reference=reference_of(builder, payment, order),
            deposit_account=deposit_account(builder, payment),
            receivable_account=receivable,
            memo=f"Order {order['number']}",
            marker=marker(builder.books.profile.id, key, slot),
        )
        built.append(Slotted(slot=slot, document=document))
    return built


def payment_only(builder: Builder, key: RecordKey, order: Mapping[str, Any], standing: frozenset[str]) -> Desired:
    """Only the money: a payment on the open invoice that already has the order's number.

    Its customer is the invoice's, whoever that is: none is matched, and none is created for a payment alone.
    """
    number = builder.record["books"].get("number") or order["number"]
    if not is_paid(order, builder.options) and not order["payments"]:
        builder.findings.append(
            hold("not_paid", f"Not paid yet (status {order['status']}).", "It is looked at again by itself.")
        )
    total = cents(order["total"])
    built = []
    for slot, payment, amount in payments_of(builder, key, order, "payment", total, ZERO, standing):
        document = PaymentDocument(
            date=document_day(builder, payment.get("date") or order["paid_date"] or order["date"]),
            customer="",
            currency=builder.currency,
            amount=amount,
            invoice_number=number,
            payment_method=payment_method(builder, payment.get("method") or order["payment_method"]),
            reference=reference_of(builder, payment, order),
            deposit_account=deposit_account(builder, payment),
            memo=f"Order {order['number']}",
            marker=marker(builder.books.profile.id, key, slot),
        )
        built.append(Slotted(slot=slot, document=document))
    return finished(builder, built)
