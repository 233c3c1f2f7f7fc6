"""Invoices, sales receipts, estimates, credit memos and refund receipts in QuickBooks' spelling. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors import errors
from connectors.canonical import decimal_text
from connectors.documents import DocumentLine, SalesDocument
from connectors.money import cents, rounded
from connectors.ports import BooksProfile
from connectors.quickbooks import amounts, names
from connectors.quickbooks.meanings import CLICKS
from connectors.quickbooks.sheet import (
    DESCRIPTION_LIMIT,
    REFERENCE_LIMIT,
    Sheet,
    mail_address,
    put_addresses,
    put_currency,
    put_note,
)

SHIPPING_ITEM = "SHIPPING_ITEM_ID"
ENTITY_OF: Mapping[str, str] = {
    "invoice": "Invoice",
    "sales_receipt": "SalesReceipt",
    "estimate": "Estimate",
    "credit_memo": "CreditMemo",
    "refund_receipt": "RefundReceipt",
}
_MESSAGE_LIMIT = 1000
_CUSTOM_LIMIT = 31
# How a purchase order number's custom field is usually called.
_PO_NAMES = frozenset({"ponumber", "po", "purchaseorder", "purchaseordernumber", "customerpo", "customerponumber"})
_PSEUDO_CODES = frozenset({"TAX", "NON"})


def sales_body(document: SalesDocument, sheet: Sheet) -> tuple[str, dict[str, Any]]:
    profile = sheet.profile
    entity = ENTITY_OF[document.type]
    body: dict[str, Any] = {}
    if document.number is not None:
        body["DocNumber"] = _number(document.number)
    body["TxnDate"] = document.date.isoformat()
    if document.customer is not None:
        body["CustomerRef"] = sheet.reference("customer", document.customer)
    put_currency(body, document.currency, profile)
    body["Line"] = _lines(document, sheet)
    _tax(body, document, sheet)
    if document.discount_total:
        body["ApplyTaxAfterDiscount"] = document.discount_taxable
    if document.message:
        body["CustomerMemo"] = {"value": sheet.cut(document.message, _MESSAGE_LIMIT, "the message to the customer")}
    custom = _custom(document, sheet)
    po_in_note = document.po_number if document.po_number and not _po_field(profile) else None
    put_note(body, document.memo, document.marker, sheet, po_in_note)
    put_addresses(body, document.bill_to, document.ship_to, sheet, with_names=True)
    _email(body, document, sheet)
    class_ = _document_class(document, sheet)
    if class_ is not None:
        body["ClassRef"] = sheet.reference("class", class_)
    if document.location is not None and profile.locations:
        body["DepartmentRef"] = sheet.reference("department", document.location)
    if entity in ("Invoice", "Estimate", "CreditMemo") and document.terms is not None:
        body["SalesTermRef"] = sheet.reference("term", document.terms)
    if entity in ("Invoice", "CreditMemo") and document.receivable_account is not None:
        body["ARAccountRef"] = sheet.reference("account", document.receivable_account)
    if entity == "Invoice" and document.due_date is not None:
        body["DueDate"] = document.due_date.isoformat()
    if entity == "Estimate" and document.due_date is not None:
        body["ExpirationDate"] = document.due_date.isoformat()
    if entity in ("SalesReceipt", "RefundReceipt", "CreditMemo") and document.payment_method is not None:
        body["PaymentMethodRef"] = sheet.reference("payment_method", document.payment_method)
    if entity in ("SalesReceipt", "RefundReceipt"):
        if document.payment_reference:
            body["PaymentRefNum"] = sheet.one_line(
                document.payment_reference, REFERENCE_LIMIT[entity], "the payment reference"
            )
        if document.deposit_account is not None:
            body["DepositToAccountRef"] = sheet.reference("account", document.deposit_account)
    if entity in ("Invoice", "SalesReceipt", "Estimate"):
        _shipment(body, document, sheet)
    if custom:
        body["CustomField"] = custom
    return entity, body


def _number(said: str) -> str:
    """The number exactly as it was given: by it a document is looked for, so it is never changed in silence."""
    if len(said) > names.NUMBER_LIMIT:
        raise errors.Rejected(
            f"The number '{said[:60]}' is longer than the {names.NUMBER_LIMIT} characters that QuickBooks takes",
            code="number_too_long",
            next_step="Shorten the order number (or its prefix and suffix) by a rule.",
        )
    if not said or names.tidy(said) != said:
        raise errors.Rejected(
            f"The number '{said}' has blanks or other characters in it that QuickBooks would change",
            code="number_unusable",
            next_step="Take them out of the order number by a rule.",
        )
    return said


def _lines(document: SalesDocument, sheet: Sheet) -> list[dict[str, Any]]:
    lines = [_line(line, document, sheet) for line in document.lines]
    if shipping := cents(document.shipping_total):
        detail: dict[str, Any] = {"ItemRef": {"value": SHIPPING_ITEM}}
        _line_tax(detail, document.shipping_taxable, document.shipping_tax_code or document.tax_code, sheet)
        lines.append({"Amount": shipping, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail})
    if discount := cents(document.discount_total):
        off: dict[str, Any] = {"PercentBased": False}
        if document.discount_account is not None:
            off["DiscountAccountRef"] = sheet.reference("account", document.discount_account)
        lines.append({"Amount": discount, "DetailType": "DiscountLineDetail", "DiscountLineDetail": off})
    return lines


def _line(line: DocumentLine, document: SalesDocument, sheet: Sheet) -> dict[str, Any]:
    description = line.description or ""
    if line.kind == "text":
        if line.amount:
            raise errors.Rejected(
                f"The text line '{description[:60]}' has an amount",
                code="text_line_with_amount",
                next_step="Give the line an item, or take its amount away.",
            )
        said = sheet.cut(description, DESCRIPTION_LIMIT, "a line's description")
        return {"Description": said, "DetailType": "DescriptionOnly", "DescriptionLineDetail": {}}
    if line.item is None:
        # QuickBooks would take its first service item in silence.
        raise errors.Rejected(
            f"The line '{description[:60]}' names no item",
            code="line_without_item",
            next_step="Map the product to an item, or choose the item for lines without product in the settings.",
        )
    amount = cents(line.amount)
    if amount != line.amount:
        sheet.say("amount_rounded", f"the amount {line.amount} was rounded to {amount}", "lines", "warning")
    price = amounts.price(line.quantity, line.unit_price, amount)
    detail: dict[str, Any] = {"ItemRef": sheet.reference("item", line.item)}
    if price.quantity is not None and price.unit_price is not None:
        detail["Qty"] = price.quantity
        detail["UnitPrice"] = price.unit_price
    if price.changed == "unit_price":
        sheet.say(
            "unit_price_adjusted",
            f"the unit price became {price.unit_price}, so that quantity times price is {amount}",
            "lines",
        )
    elif price.changed == "left_out" and line.quantity and _tracked(detail["ItemRef"]["value"], sheet):
        # Without a quantity QuickBooks refuses it (6520); without a unit price nothing is multiplied (no 6070).
        detail["Qty"] = rounded(line.quantity, amounts.QUANTITY_PLACES)
    elif price.changed == "left_out" and line.quantity is not None:
        prefix = f"Quantity {decimal_text(line.quantity)}"
        description = f"{prefix}. {description}" if description else prefix
        sheet.say(
            "quantity_in_description",
            f"no unit price of 7 places makes {decimal_text(line.quantity)} pieces {amount}: "
            "the quantity stands in the description",
            "lines",
            "warning",
        )
    _line_tax(detail, line.taxable, line.tax_code or document.tax_code, sheet)
    class_ = line.class_ or document.class_
    if class_ is not None and sheet.profile.classes == "line":
        detail["ClassRef"] = sheet.reference("class", class_)
    if line.account is not None:
        detail["ItemAccountRef"] = sheet.reference("account", line.account)
    body: dict[str, Any] = {}
    if description:
        body["Description"] = sheet.cut(description, DESCRIPTION_LIMIT, "a line's description")
    body["Amount"] = amount
    body["DetailType"] = "SalesItemLineDetail"
    body["SalesItemLineDetail"] = detail
    return body


def _tracked(item_id: str, sheet: Sheet) -> bool:
    entry = sheet.resolve.entry("item", item_id)
    return entry is not None and entry.data.get("type") == "inventory"


def _line_tax(detail: dict[str, Any], taxable: bool, code: str | None, sheet: Sheet) -> None:
    """US lines know only TAX and NON (error 6100); elsewhere every line names a real code."""
    profile = sheet.profile
    if not profile.sales_tax:
        return
    if profile.country == "US":
        detail["TaxCodeRef"] = {"value": code if code in _PSEUDO_CODES else "TAX" if taxable else "NON"}
    elif code is not None:
        detail["TaxCodeRef"] = sheet.reference("tax_code", code)
    else:
        sheet.say(
            "tax_code_missing",
            "outside the US QuickBooks wants a tax code on every line",
            "lines",
            "error",
            "Choose one (a zero rate for what is not taxed) in the settings of this flow.",
        )


def _tax(body: dict[str, Any], document: SalesDocument, sheet: Sheet) -> None:
    profile = sheet.profile
    if not profile.sales_tax:
        return
    if profile.country != "US":
        body["GlobalTaxCalculation"] = "TaxExcluded"
        return
    if profile.automated_tax:
        # The company computes from the address; only a total given here stands against that.
        if document.tax_override:
            body["TxnTaxDetail"] = {"TotalTax": cents(document.tax_total)}
        return
    if document.tax_code is not None and document.tax_code not in _PSEUDO_CODES:
        body["TxnTaxDetail"] = {"TxnTaxCodeRef": sheet.reference("tax_code", document.tax_code)}


def _document_class(document: SalesDocument, sheet: Sheet) -> str | None:
    if sheet.profile.classes != "document":
        return None
    said = {line.class_ for line in document.lines if line.class_ is not None}
    if document.class_ is not None:
        said.add(document.class_)
    if len(said) > 1:
        sheet.say(
            "one_class_only",
            "this company tracks one class per document, so the lines' own classes are left out",
            "lines",
            "warning",
        )
    if document.class_ is not None or not said:
        return document.class_
    return next(iter(said)) if len(said) == 1 else None


def _key(said: str) -> str:
    return re.sub(r"[\W_]+", "", said).casefold()


def _po_field(profile: BooksProfile) -> str | None:
    return next((name for name in profile.custom_fields if _key(name) in _PO_NAMES), None)


def _custom(document: SalesDocument, sheet: Sheet) -> list[dict[str, str]]:
    """Custom fields by name -> DefinitionId; capitals, blanks and points in the names do not count."""
    slots = {_key(name): (slot, name) for name, slot in sheet.profile.custom_fields.items()}
    wanted = dict(document.custom)
    po_field = _po_field(sheet.profile)
    if document.po_number and po_field is not None and _key(po_field) not in {_key(name) for name in wanted}:
        wanted[po_field] = document.po_number
    fields = []
    for name, value in wanted.items():
        found = slots.get(_key(name))
        if found is None:
            sheet.say(
                "custom_field_missing",
                f"QuickBooks has no custom field '{name}' on sales forms, so its value is left out",
                "custom",
                "warning",
                CLICKS["custom_fields"],
            )
            continue
        said = sheet.one_line(value, _CUSTOM_LIMIT, f"the custom field '{name}'")
        fields.append({"DefinitionId": found[0], "Name": found[1], "Type": "StringType", "StringValue": said})
    return sorted(fields, key=lambda item: item["DefinitionId"])


def _email(body: dict[str, Any], document: SalesDocument, sheet: Sheet) -> None:
    address = mail_address(document.customer_email, sheet)
    if address is None:
        if document.email_invoice:
            sheet.say(
                "no_email", "the document cannot be sent by e-mail: the order has no e-mail address", None, "warning"
            )
        return
    body["BillEmail"] = {"Address": address}
    if document.email_invoice:
        body["EmailStatus"] = "NeedToSend"


def _shipment(body: dict[str, Any], document: SalesDocument, sheet: Sheet) -> None:
    if document.ship_via:
        method = sheet.one_line(document.ship_via, names.LIST_LIMIT, "the shipping method")
        body["ShipMethodRef"] = {"value": method, "name": method}
    if document.ship_date is not None:
        body["ShipDate"] = document.ship_date.isoformat()
    if document.tracking_number:
        body["TrackingNum"] = sheet.one_line(document.tracking_number, 31, "the tracking number")
