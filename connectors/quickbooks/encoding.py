"""A canonical document in QuickBooks' spelling: pure, and everything that had to be changed for it is said.

One path makes both the body and the findings, so that what a preview warns of is what is sent. References are ids from
the caller's `Resolve`; a name that is not there comes out as its KeyError.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors import errors
from connectors.documents import CustomerDocument, Document, PaymentDocument, ProductDocument, SalesDocument
from connectors.money import cents
from connectors.ports import BooksProfile, ListEntry, ListKind, Posted, Resolve
from connectors.quickbooks import listing, sales
from connectors.quickbooks.sheet import REFERENCE_LIMIT, Sheet, put_currency, put_note
from connectors.records import SourceFinding


def encode(document: Document, resolve: Resolve, profile: BooksProfile) -> tuple[str, dict[str, Any]]:
    """(entity, body without id). Raises KeyError for a name that the books do not have, `errors.Rejected` for a
    document that can be said in no way."""
    entity, body, _ = encoded(document, resolve, profile)
    return entity, body


def encoded(
    document: Document, resolve: Resolve, profile: BooksProfile
) -> tuple[str, dict[str, Any], list[SourceFinding]]:
    """(entity, body, what was changed to make it fit)."""
    sheet = Sheet(resolve, profile)
    if isinstance(document, SalesDocument):
        entity, body = sales.sales_body(document, sheet)
    elif isinstance(document, PaymentDocument):
        entity, body = "Payment", _payment(document, sheet)
    elif isinstance(document, CustomerDocument):
        entity, body = "Customer", listing.customer_body(document, sheet)
    elif isinstance(document, ProductDocument):
        entity, body = "Item", listing.product_body(document, sheet)
    else:
        entity, body = listing.list_body(document, sheet)
    return entity, body, sheet.findings


class _Anything:
    """Stands for the books where only the findings are wanted."""

    def list_id(self, kind: ListKind, name: str) -> str:
        return "0"

    def entry(self, kind: ListKind, id: str) -> ListEntry | None:
        return None

    def slot(self, slot: str) -> Posted:
        return Posted(entity="Invoice", id="0", sync_token="0")  # noqa: S106 - a version, no secret


def adaptations(document: Document, profile: BooksProfile) -> list[SourceFinding]:
    """What would be changed to make the document fit, before any name is matched."""
    try:
        return encoded(document, _Anything(), profile)[2]
    except errors.Rejected as error:
        return [SourceFinding(code=error.code, message=error.message, severity="error", next_step=error.next_step)]


def _payment(document: PaymentDocument, sheet: Sheet) -> dict[str, Any]:
    invoice = None
    if document.invoice_number is not None and not document.applies_to:
        invoice = sheet.resolve.slot(f"number:{document.invoice_number}")
    # A payment belongs to the customer of the invoice that it pays.
    owner = invoice.customer_id if invoice is not None else None
    body: dict[str, Any] = {
        "TxnDate": document.date.isoformat(),
        "CustomerRef": {"value": owner} if owner else sheet.reference("customer", document.customer),
    }
    put_currency(body, document.currency, sheet.profile)
    body["TotalAmt"] = cents(document.amount)
    lines = []
    for slot, amount in document.applies_to.items():
        paid = sheet.resolve.slot(slot)
        lines.append(_applied(cents(amount), paid))
    if invoice is not None:
        amount = document.amount if invoice.balance is None else min(document.amount, invoice.balance)
        if amount > 0:
            lines.append(_applied(cents(amount), invoice))
    if lines:
        body["Line"] = lines
    if document.payment_method is not None:
        body["PaymentMethodRef"] = sheet.reference("payment_method", document.payment_method)
    if document.reference:
        body["PaymentRefNum"] = sheet.one_line(document.reference, REFERENCE_LIMIT["Payment"], "the payment reference")
    if document.deposit_account is not None:
        body["DepositToAccountRef"] = sheet.reference("account", document.deposit_account)
    if document.receivable_account is not None:
        body["ARAccountRef"] = sheet.reference("account", document.receivable_account)
    put_note(body, document.memo, document.marker, sheet)
    # True would charge the card a second time through QuickBooks Payments.
    body["ProcessPayment"] = False
    return body


def _applied(amount: Decimal, to: Posted) -> dict[str, Any]:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": to.id, "TxnType": to.entity}]}
