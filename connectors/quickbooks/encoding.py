"""A canonical document in QuickBooks' spelling: pure, and everything that had to be changed for it is said.

One path makes both the body and the findings, so that what a preview warns of is what is sent. References are ids from
the caller's `Resolve`; a name that is not there comes out as its KeyError.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors import errors
from connectors.documents import (
    CustomerDocument,
    Document,
    DocumentLine,
    ListDocument,
    PaymentDocument,
    ProductDocument,
    SalesDocument,
)
from connectors.ports import BooksProfile, ListEntry, ListKind, Posted, Resolve
from connectors.quickbooks import amounts, names
from connectors.quickbooks.faults import CLICKS
from connectors.records import Address, SourceFinding

SHIPPING_ITEM = "SHIPPING_ITEM_ID"
ENTITY_OF: Mapping[str, str] = {
    "invoice": "Invoice",
    "sales_receipt": "SalesReceipt",
    "estimate": "Estimate",
    "credit_memo": "CreditMemo",
    "refund_receipt": "RefundReceipt",
}
NOTE_LIMIT = 4000
_DESCRIPTION_LIMIT = 4000
_MESSAGE_LIMIT = 1000
_CUSTOM_LIMIT = 31
_ADDRESS_LINE, _ADDRESS_LINES, _ADDRESS_TOTAL = 500, 5, 2000
_EMAIL_LIMIT = 100
_SKU_LIMIT = 100
_PHONE_LIMIT = 30
_PERSON_LIMIT = 100
_REFERENCE_LIMIT = {"SalesReceipt": 21, "Payment": 21, "RefundReceipt": 100}
# How a purchase order number's custom field is usually called.
_PO_NAMES = frozenset({"ponumber", "po", "purchaseorder", "purchaseordernumber", "customerpo", "customerponumber"})
_PSEUDO_CODES = frozenset({"TAX", "NON"})


@dataclass(slots=True)
class _Sheet:
    """What is being written, with what has to be said about it."""

    resolve: Resolve
    profile: BooksProfile
    findings: list[SourceFinding] = field(default_factory=list)

    def say(
        self, code: str, message: str, place: str | None = None, severity: Any = "info", next_step: str = ""
    ) -> None:
        self.findings.append(
            SourceFinding(code=code, message=message, severity=severity, field=place, next_step=next_step)
        )

    def cut(self, said: str, limit: int, what: str) -> str:
        held = names.whole(said)
        short = names.cut(held, limit)
        if short != held:
            self.say("text_cut", f"{what} was cut to {limit} characters, the most QuickBooks takes", what)
        return short

    def one_line(self, said: str, limit: int, what: str) -> str:
        """For fields that hold a single line."""
        return self.cut(" ".join(said.split()), limit, what)

    def reference(self, kind: ListKind, name: str) -> dict[str, str]:
        return {"value": self.resolve.list_id(kind, name)}


def encode(document: Document, resolve: Resolve, profile: BooksProfile) -> tuple[str, dict[str, Any]]:
    """(entity, body without id). Raises KeyError for a name that the books do not have, `errors.Rejected` for a
    document that can be said in no way."""
    entity, body, _ = encoded(document, resolve, profile)
    return entity, body


def encoded(
    document: Document, resolve: Resolve, profile: BooksProfile
) -> tuple[str, dict[str, Any], list[SourceFinding]]:
    """(entity, body, what was changed to make it fit)."""
    sheet = _Sheet(resolve, profile)
    if isinstance(document, SalesDocument):
        entity, body = _sales(document, sheet)
    elif isinstance(document, PaymentDocument):
        entity, body = "Payment", _payment(document, sheet)
    elif isinstance(document, CustomerDocument):
        entity, body = "Customer", _customer(document, sheet)
    elif isinstance(document, ProductDocument):
        entity, body = "Item", _product(document, sheet)
    else:
        entity, body = _list_entry(document, sheet)
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


# ---------------------------------------------------------------------------------------------------- sales documents


def _sales(document: SalesDocument, sheet: _Sheet) -> tuple[str, dict[str, Any]]:
    profile = sheet.profile
    entity = ENTITY_OF[document.type]
    body: dict[str, Any] = {}
    if document.number is not None:
        body["DocNumber"] = _number(document.number)
    body["TxnDate"] = document.date.isoformat()
    if document.customer is not None:
        body["CustomerRef"] = sheet.reference("customer", document.customer)
    _currency(body, document.currency, profile)
    body["Line"] = _lines(document, sheet)
    _tax(body, document, sheet)
    if document.discount_total:
        body["ApplyTaxAfterDiscount"] = document.discount_taxable
    if document.message:
        body["CustomerMemo"] = {"value": sheet.cut(document.message, _MESSAGE_LIMIT, "the message to the customer")}
    custom = _custom(document, sheet)
    po_in_note = document.po_number if document.po_number and not _po_field(profile) else None
    _note(body, document.memo, document.marker, sheet, po_in_note)
    _addresses(body, document.bill_to, document.ship_to, sheet, with_names=True)
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
                document.payment_reference, _REFERENCE_LIMIT[entity], "the payment reference"
            )
        if document.deposit_account is not None:
            body["DepositToAccountRef"] = sheet.reference("account", document.deposit_account)
    if entity in ("Invoice", "SalesReceipt", "Estimate"):
        _shipment(body, document, sheet)
    if custom:
        body["CustomField"] = custom
    return entity, body


def _number(said: str) -> str:
    number = names.document_number(said)
    if number is None:
        raise errors.Rejected(
            f"The number '{said[:60]}' is longer than the {names.NUMBER_LIMIT} characters that QuickBooks takes",
            code="number_too_long",
            next_step="Shorten the order number (or its prefix and suffix) by a rule.",
        )
    return number


def _currency(body: dict[str, Any], currency: str | None, profile: BooksProfile) -> None:
    if profile.multicurrency and currency:
        body["CurrencyRef"] = {"value": currency}


def _note(body: dict[str, Any], memo: str | None, marker: str, sheet: _Sheet, po_number: str | None = None) -> None:
    """The memo with our marker as its last line: to make room the memo is cut, the marker never."""
    parts = []
    if po_number:
        parts.append(f"PO number: {po_number}")
        sheet.say(
            "po_in_note",
            "the purchase order number goes into the note: QuickBooks has no custom field named 'PO Number'",
            "po_number",
        )
    if memo:
        parts.append(memo)
    room = NOTE_LIMIT - (len(marker) + 1 if marker else 0)
    said = sheet.cut("\n".join(parts), room, "the note") if parts else ""
    if note := "\n".join(part for part in (said, marker) if part):
        body["PrivateNote"] = note


def _lines(document: SalesDocument, sheet: _Sheet) -> list[dict[str, Any]]:
    lines = [_line(line, document, sheet) for line in document.lines]
    places = amounts.places_of(document.currency)
    if shipping := amounts.rounded(document.shipping_total, places):
        detail: dict[str, Any] = {"ItemRef": {"value": SHIPPING_ITEM}}
        _line_tax(detail, document.shipping_taxable, document.shipping_tax_code or document.tax_code, sheet)
        lines.append({"Amount": shipping, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail})
    if discount := amounts.rounded(document.discount_total, places):
        off: dict[str, Any] = {"PercentBased": False}
        if document.discount_account is not None:
            off["DiscountAccountRef"] = sheet.reference("account", document.discount_account)
        lines.append({"Amount": discount, "DetailType": "DiscountLineDetail", "DiscountLineDetail": off})
    return lines


def _line(line: DocumentLine, document: SalesDocument, sheet: _Sheet) -> dict[str, Any]:
    description = line.description or ""
    if line.kind == "text":
        if line.amount:
            raise errors.Rejected(
                f"The text line '{description[:60]}' has an amount",
                code="text_line_with_amount",
                next_step="Give the line an item, or take its amount away.",
            )
        said = sheet.cut(description, _DESCRIPTION_LIMIT, "a line's description")
        return {"Description": said, "DetailType": "DescriptionOnly", "DescriptionLineDetail": {}}
    if line.item is None:
        # QuickBooks would take its first service item in silence.
        raise errors.Rejected(
            f"The line '{description[:60]}' names no item",
            code="line_without_item",
            next_step="Map the product to an item, or choose the item for lines without product in the settings.",
        )
    amount = amounts.rounded(line.amount, amounts.places_of(document.currency))
    if amount != line.amount:
        sheet.say("amount_rounded", f"the amount {line.amount} was rounded to {amount}", "lines", "warning")
    price = amounts.price(line.quantity, line.unit_price, amount, amounts.places_of(document.currency))
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
        detail["Qty"] = amounts.rounded(line.quantity, 5)
    elif price.changed == "left_out" and line.quantity is not None:
        prefix = f"Quantity {amounts.plain(line.quantity)}"
        description = f"{prefix}. {description}" if description else prefix
        sheet.say(
            "quantity_in_description",
            f"no unit price of 7 places makes {amounts.plain(line.quantity)} pieces {amount}: "
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
        body["Description"] = sheet.cut(description, _DESCRIPTION_LIMIT, "a line's description")
    body["Amount"] = amount
    body["DetailType"] = "SalesItemLineDetail"
    body["SalesItemLineDetail"] = detail
    return body


def _tracked(item_id: str, sheet: _Sheet) -> bool:
    entry = sheet.resolve.entry("item", item_id)
    return entry is not None and entry.data.get("type") == "inventory"


def _line_tax(detail: dict[str, Any], taxable: bool, code: str | None, sheet: _Sheet) -> None:
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


def _tax(body: dict[str, Any], document: SalesDocument, sheet: _Sheet) -> None:
    profile = sheet.profile
    if not profile.sales_tax:
        return
    if profile.country != "US":
        body["GlobalTaxCalculation"] = "TaxExcluded"
        return
    if profile.automated_tax:
        # The company computes from the address; only a total given here stands against that.
        if document.tax_override:
            body["TxnTaxDetail"] = {
                "TotalTax": amounts.rounded(document.tax_total, amounts.places_of(document.currency))
            }
        return
    if document.tax_code is not None and document.tax_code not in _PSEUDO_CODES:
        body["TxnTaxDetail"] = {"TxnTaxCodeRef": sheet.reference("tax_code", document.tax_code)}


def _document_class(document: SalesDocument, sheet: _Sheet) -> str | None:
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


def _custom(document: SalesDocument, sheet: _Sheet) -> list[dict[str, str]]:
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


def _email(body: dict[str, Any], document: SalesDocument, sheet: _Sheet) -> None:
    address = _mail(document.customer_email, sheet)
    if address is None:
        if document.email_invoice:
            sheet.say(
                "no_email", "the document cannot be sent by e-mail: the order has no e-mail address", None, "warning"
            )
        return
    body["BillEmail"] = {"Address": address}
    if document.email_invoice:
        body["EmailStatus"] = "NeedToSend"


def _mail(said: str | None, sheet: _Sheet) -> str | None:
    """One address; QuickBooks wants an '@' and a '.' in it and at most 100 characters."""
    if not said or not said.strip():
        return None
    address = names.whole(said.strip())
    if len(address) > _EMAIL_LIMIT or not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+", address):
        sheet.say("email_left_out", f"'{address[:60]}' is not an e-mail address that QuickBooks takes", None, "warning")
        return None
    return address


def _shipment(body: dict[str, Any], document: SalesDocument, sheet: _Sheet) -> None:
    if document.ship_via:
        method = sheet.one_line(document.ship_via, names.LIST_LIMIT, "the shipping method")
        body["ShipMethodRef"] = {"value": method, "name": method}
    if document.ship_date is not None:
        body["ShipDate"] = document.ship_date.isoformat()
    if document.tracking_number:
        body["TrackingNum"] = sheet.one_line(document.tracking_number, 31, "the tracking number")


def _addresses(body: dict[str, Any], bill_to: Address, ship_to: Address, sheet: _Sheet, *, with_names: bool) -> None:
    for key, address, what in (("BillAddr", bill_to, "billing"), ("ShipAddr", ship_to, "shipping")):
        if held := _address(address, what, sheet, with_names):
            body[key] = held


def _address(address: Address, what: str, sheet: _Sheet, with_names: bool) -> dict[str, str]:
    said = [address.name, address.company] if with_names else []
    said += [address.line_1, address.line_2, address.line_3]
    lines: list[str] = []
    room = _ADDRESS_TOTAL
    for part in said:
        # One of our lines may hold several, and a very long one is carried on in the next.
        for line in names.whole(part or "").splitlines():
            left = " ".join(line.split())
            while left and (not lines or left != lines[-1] or len(left) > _ADDRESS_LINE):
                lines.append(left[:_ADDRESS_LINE].rstrip())
                left = left[_ADDRESS_LINE:].lstrip()
    kept: list[str] = []
    for line in lines[:_ADDRESS_LINES]:
        piece = line[: max(room, 0)]
        if piece:
            kept.append(piece)
        room -= len(line)
    if kept != lines:
        sheet.say(
            "address_cut",
            f"the {what} address has more than QuickBooks takes (5 lines, 2,000 characters)",
            what,
            "warning",
        )
    held = {f"Line{index}": line for index, line in enumerate(kept, 1)}
    for key, value, limit in (
        ("City", address.city, 255),
        ("CountrySubDivisionCode", address.state, 255),
        ("PostalCode", address.postal_code, 30),
        ("Country", address.country, 255),
    ):
        if value and value.strip():
            held[key] = sheet.one_line(value, limit, f"the {what} address")
    return held


# ------------------------------------------------------------------------------------------------------------ payments


def _payment(document: PaymentDocument, sheet: _Sheet) -> dict[str, Any]:
    places = amounts.places_of(document.currency)
    invoice = None
    if document.invoice_number is not None and not document.applies_to:
        invoice = sheet.resolve.slot(f"number:{document.invoice_number}")
    # A payment belongs to the customer of the invoice that it pays.
    owner = invoice.customer_id if invoice is not None else None
    body: dict[str, Any] = {
        "TxnDate": document.date.isoformat(),
        "CustomerRef": {"value": owner} if owner else sheet.reference("customer", document.customer),
    }
    _currency(body, document.currency, sheet.profile)
    body["TotalAmt"] = amounts.rounded(document.amount, places)
    lines = []
    for slot, amount in document.applies_to.items():
        paid = sheet.resolve.slot(slot)
        lines.append(_applied(amounts.rounded(amount, places), paid))
    if invoice is not None:
        amount = document.amount if invoice.balance is None else min(document.amount, invoice.balance)
        if amount > 0:
            lines.append(_applied(amounts.rounded(amount, places), invoice))
    if lines:
        body["Line"] = lines
    if document.payment_method is not None:
        body["PaymentMethodRef"] = sheet.reference("payment_method", document.payment_method)
    if document.reference:
        body["PaymentRefNum"] = sheet.one_line(document.reference, _REFERENCE_LIMIT["Payment"], "the payment reference")
    if document.deposit_account is not None:
        body["DepositToAccountRef"] = sheet.reference("account", document.deposit_account)
    if document.receivable_account is not None:
        body["ARAccountRef"] = sheet.reference("account", document.receivable_account)
    _note(body, document.memo, document.marker, sheet)
    # True would charge the card a second time through QuickBooks Payments.
    body["ProcessPayment"] = False
    return body


def _applied(amount: Decimal, to: Posted) -> dict[str, Any]:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": to.id, "TxnType": to.entity}]}


# --------------------------------------------------------------------------------------------------------- name lists


def _accepted(accepted: names.Accepted, sheet: _Sheet, what: str) -> str:
    for change in accepted.changes:
        sheet.say("name_changed", f"{what} '{accepted.name}': {change}", "name")
    if not accepted.name:
        raise errors.Rejected(
            f"{what} has no name", code="no_name", next_step="Give it a name by a rule or in the shop."
        )
    return accepted.name


def _customer(document: CustomerDocument, sheet: _Sheet) -> dict[str, Any]:
    body: dict[str, Any] = {"DisplayName": _accepted(names.customer_name(document.name), sheet, "The customer")}
    for key, value in (
        ("GivenName", document.first_name),
        ("FamilyName", document.last_name),
        ("CompanyName", document.company),
    ):
        said = names.customer_name(value or "").name
        if said:
            body[key] = names.cut(said, _PERSON_LIMIT)
    if (mail := _mail(document.email, sheet)) is not None:
        body["PrimaryEmailAddr"] = {"Address": mail}
    if document.phone and document.phone.strip():
        body["PrimaryPhone"] = {"FreeFormNumber": sheet.one_line(document.phone, _PHONE_LIMIT, "the phone number")}
    _currency(body, document.currency, sheet.profile)
    _addresses(body, document.bill_to, document.ship_to, sheet, with_names=False)
    if document.note:
        body["Notes"] = sheet.cut(document.note, 2000, "the customer's note")
    if sheet.profile.sales_tax and sheet.profile.country == "US":
        body["Taxable"] = document.taxable
    return body


_PRODUCT_TYPES = {"inventory": "Inventory", "non_inventory": "NonInventory", "service": "Service"}


def _product(document: ProductDocument, sheet: _Sheet) -> dict[str, Any]:
    profile = sheet.profile
    kind = document.type
    if kind == "inventory" and not profile.inventory:
        kind = "non_inventory"
        sheet.say(
            "no_inventory",
            f"'{document.name}' becomes a non-inventory item: this company does not track quantities on hand",
            "type",
            "warning",
            CLICKS["inventory"],
        )
    body: dict[str, Any] = {
        "Name": _accepted(names.item_name(document.name), sheet, "The item"),
        "Type": _PRODUCT_TYPES[kind],
    }
    if document.sku:
        body["Sku"] = sheet.one_line(document.sku, _SKU_LIMIT, "the SKU")
    if document.description:
        body["Description"] = sheet.cut(document.description, _DESCRIPTION_LIMIT, "the description")
    if document.price is not None:
        body["UnitPrice"] = amounts.rounded(document.price, amounts.PRICE_PLACES)
    if document.cost is not None:
        body["PurchaseCost"] = amounts.rounded(document.cost, amounts.PRICE_PLACES)
    if profile.sales_tax and profile.country == "US":
        body["Taxable"] = document.taxable
    if document.income_account is not None:
        body["IncomeAccountRef"] = sheet.reference("account", document.income_account)
    if document.expense_account is not None:
        body["ExpenseAccountRef"] = sheet.reference("account", document.expense_account)
    if kind == "inventory":
        missing = [
            what
            for what, held in (
                ("an asset account", document.asset_account),
                ("an income account", document.income_account),
                ("an account for cost of goods sold", document.expense_account),
                ("a start date", document.start_date),
            )
            if held is None
        ]
        if missing or document.asset_account is None or document.start_date is None:
            raise errors.Rejected(
                f"The inventory item '{document.name}' needs {', '.join(missing)}",
                code="inventory_incomplete",
                next_step="Choose the accounts for new products in the settings of this flow.",
            )
        body["AssetAccountRef"] = sheet.reference("account", document.asset_account)
        body["TrackQtyOnHand"] = True
        body["QtyOnHand"] = document.quantity if document.quantity is not None else Decimal(0)
        body["InvStartDate"] = document.start_date.isoformat()
    elif document.income_account is None and document.expense_account is None:
        raise errors.Rejected(
            f"The item '{document.name}' needs an income account",
            code="no_income_account",
            next_step="Choose the income account for new products in the settings of this flow.",
        )
    return body


_LIST_ENTITIES: Mapping[str, tuple[str, ListKind]] = {
    "payment_method": ("PaymentMethod", "payment_method"),
    "term": ("Term", "term"),
    "class": ("Class", "class"),
    "department": ("Department", "department"),
}


def _list_entry(document: ListDocument, sheet: _Sheet) -> tuple[str, dict[str, Any]]:
    entity, kind = _LIST_ENTITIES[document.kind]
    if kind in ("payment_method", "term"):
        body: dict[str, Any] = {"Name": _accepted(names.list_name(document.name), sheet, "The entry")}
        if kind == "term":
            body |= {"Type": "STANDARD", "DueDays": _due_days(document.name)}
        return entity, body
    parent, _, leaf = document.name.rpartition(":")
    body = {"Name": _accepted(names.item_name(leaf), sheet, "The entry")}
    if parent.strip():
        body["SubClass" if kind == "class" else "SubDepartment"] = True
        body["ParentRef"] = sheet.reference(kind, parent.strip())
    return entity, body


def _due_days(name: str) -> int:
    """The days that a term's name tells (`Net 30`); only then can it be made from its name."""
    if re.search(r"receipt|prepaid|cash|immediate|cod\b", name, re.IGNORECASE):
        return 0
    found: Sequence[str] = re.findall(r"\d+", name)
    if len(found) == 1 and int(found[0]) <= 999:
        return int(found[0])
    raise errors.Rejected(
        f"'{name}' does not say in how many days it is due",
        code="term_unknown",
        next_step="In QuickBooks: gear icon > All lists > Terms > New; or map it to a term that is there.",
    )
