"""What a document needs of the company that is turned off there, before anything is sent. Pure.

A finding of severity "error" says that QuickBooks would refuse the document, or drop a part of it in silence; its next
step names the clicks that mend it.
"""

from __future__ import annotations

from connectors.documents import (
    CustomerDocument,
    Document,
    PaymentDocument,
    SalesDocument,
)
from connectors.ports import BooksProfile
from connectors.quickbooks.encoding import adaptations
from connectors.quickbooks.meanings import CLICKS
from connectors.records import SourceFinding

_KINDS = {
    "invoice": "An invoice",
    "sales_receipt": "A sales receipt",
    "estimate": "An estimate",
    "credit_memo": "A credit memo",
    "refund_receipt": "A refund receipt",
}


def preflight(document: Document, profile: BooksProfile) -> list[SourceFinding]:
    """What stands in the way ("error"), and what would be changed to make the document fit ("warning", "info")."""
    found: list[SourceFinding] = []
    if isinstance(document, SalesDocument):
        found += _sales(document, profile)
    elif isinstance(document, PaymentDocument):
        found += [*_currency(document.currency, profile), *_closed(document.date.isoformat(), profile)]
        if document.amount <= 0:
            found.append(_stop("no_amount", "A payment needs an amount above zero", "Check the order in the shop."))
    elif isinstance(document, CustomerDocument):
        found += _currency(document.currency, profile)
    return [*found, *adaptations(document, profile)]


def _stop(code: str, message: str, next_step: str, field: str | None = None) -> SourceFinding:
    return SourceFinding(code=code, message=message, severity="error", field=field, next_step=next_step)


def _currency(currency: str | None, profile: BooksProfile) -> list[SourceFinding]:
    if not currency or currency == profile.currency or profile.multicurrency:
        return []
    return [
        _stop(
            "multicurrency_off",
            f"The document is in {currency}, and these books know only {profile.currency}",
            CLICKS["multicurrency"],
            "currency",
        )
    ]


def _closed(day: str, profile: BooksProfile) -> list[SourceFinding]:
    # ISO days compare as text.
    if not profile.closed_until or day > profile.closed_until:
        return []
    return [
        _stop(
            "closed_period",
            f"The books are closed up to {profile.closed_until}, and the document is dated {day}",
            CLICKS["closing_date"],
            "date",
        )
    ]


def _sales(document: SalesDocument, profile: BooksProfile) -> list[SourceFinding]:
    kind = _KINDS[document.type]
    needed = (
        (
            document.number is not None and not profile.custom_numbers,
            "custom_numbers_off",
            "The order's number cannot be the document's: QuickBooks numbers the documents of this company itself",
            CLICKS["custom_numbers"],
            "number",
        ),
        (
            profile.classes == "off"
            and (document.class_ is not None or any(line.class_ is not None for line in document.lines)),
            "classes_off",
            "The document has a class, and this company does not track classes",
            CLICKS["classes"],
            "class",
        ),
        (
            document.location is not None and not profile.locations,
            "locations_off",
            "The document has a location, and this company does not track locations",
            CLICKS["locations"],
            "location",
        ),
        (
            bool(document.discount_total) and not profile.discounts,
            "discounts_off",
            "The document has a discount, and discounts are off in this company",
            f"{CLICKS['discounts']} Or let this flow book discounts as an item.",
            "discount_total",
        ),
        (
            bool(document.shipping_total) and not profile.shipping,
            "shipping_off",
            "The document has shipping, and the shipping field is off in this company",
            f"{CLICKS['shipping']} Or let this flow book shipping as an item.",
            "shipping_total",
        ),
        (
            bool(document.tax_total) and not profile.sales_tax,
            "sales_tax_off",
            "The document has sales tax, and sales tax is off in this company",
            f"{CLICKS['sales_tax']} Or let this flow book tax as a line.",
            "tax_total",
        ),
        (
            bool(document.tax_total) and bool(profile.features.get("automated_tax_unfinished")),
            "sales_tax_unfinished",
            "Automated sales tax was begun in this company and not finished",
            CLICKS["sales_tax"],
            "tax_total",
        ),
        (
            document.type == "estimate" and not profile.features.get("estimates", True),
            "estimates_off",
            "Estimates are off in this company",
            CLICKS["estimates"],
            "type",
        ),
        (
            document.customer is None and document.type in ("invoice", "estimate", "credit_memo"),
            "no_customer",
            f"{kind} needs a customer",
            "Choose in the settings of this flow how customers are found, or one customer for all.",
            "customer",
        ),
        (
            document.type == "refund_receipt" and document.deposit_account is None,
            "no_deposit_account",
            "A refund receipt must say from which account the money goes back",
            "Choose the deposit account in the settings of this flow.",
            "deposit_account",
        ),
        (
            not document.lines and not document.shipping_total,
            "no_lines",
            f"{kind} needs at least one line",
            "Check the order in the shop, or skip such orders by a rule.",
            "lines",
        ),
        (
            document.total < 0,
            "negative_total",
            f"{kind} cannot have a negative total",
            "Record it as a credit memo or refund receipt.",
            "total",
        ),
    )
    found = [_stop(code, message, clicks, field) for off, code, message, clicks, field in needed if off]
    if document.tax_override and profile.sales_tax and not (profile.country == "US" and profile.automated_tax):
        found.append(
            SourceFinding(
                code="tax_not_overridden",
                message="The shop's tax cannot stand in this company: QuickBooks works the tax out from its tax codes, and "
                "only automated sales tax of the US takes another",
                severity="warning",
                field="tax_total",
                next_step="Let this flow book tax as a line, if it must be exactly the shop's.",
            )
        )
    return [*found, *_currency(document.currency, profile), *_closed(document.date.isoformat(), profile)]
