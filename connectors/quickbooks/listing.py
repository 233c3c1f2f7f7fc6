"""Customers, items and the entries of small lists in QuickBooks' spelling. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors import errors
from connectors.documents import CustomerDocument, ListDocument, ProductDocument
from connectors.money import rounded
from connectors.ports import ListKind
from connectors.quickbooks import amounts, names
from connectors.quickbooks.meanings import CLICKS
from connectors.quickbooks.sheet import DESCRIPTION_LIMIT, Sheet, mail_address, put_addresses, put_currency

_SKU_LIMIT = 100
_PHONE_LIMIT = 30
_PERSON_LIMIT = 100


def _accepted(accepted: names.Accepted, sheet: Sheet, what: str) -> str:
    for change in accepted.changes:
        sheet.say("name_changed", f"{what} '{accepted.name}': {change}", "name")
    if not accepted.name:
        raise errors.Rejected(
            f"{what} has no name", code="no_name", next_step="Give it a name by a rule or in the shop."
        )
    return accepted.name


def customer_body(document: CustomerDocument, sheet: Sheet) -> dict[str, Any]:
    body: dict[str, Any] = {"DisplayName": _accepted(names.customer_name(document.name), sheet, "The customer")}
    for key, value in (
        ("GivenName", document.first_name),
        ("FamilyName", document.last_name),
        ("CompanyName", document.company),
    ):
        said = names.customer_name(value or "").name
        if said:
            body[key] = names.cut(said, _PERSON_LIMIT)
    if (mail := mail_address(document.email, sheet)) is not None:
        body["PrimaryEmailAddr"] = {"Address": mail}
    if document.phone and document.phone.strip():
        body["PrimaryPhone"] = {"FreeFormNumber": sheet.one_line(document.phone, _PHONE_LIMIT, "the phone number")}
    put_currency(body, document.currency, sheet.profile)
    put_addresses(body, document.bill_to, document.ship_to, sheet, with_names=False)
    if document.note:
        body["Notes"] = sheet.cut(document.note, 2000, "the customer's note")
    if sheet.profile.sales_tax and sheet.profile.country == "US":
        body["Taxable"] = document.taxable
    return body


_PRODUCT_TYPES = {"inventory": "Inventory", "non_inventory": "NonInventory", "service": "Service"}


def product_body(document: ProductDocument, sheet: Sheet) -> dict[str, Any]:
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
        body["Description"] = sheet.cut(document.description, DESCRIPTION_LIMIT, "the description")
    if document.price is not None:
        body["UnitPrice"] = rounded(document.price, amounts.PRICE_PLACES)
    if document.cost is not None:
        body["PurchaseCost"] = rounded(document.cost, amounts.PRICE_PLACES)
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


def list_body(document: ListDocument, sheet: Sheet) -> tuple[str, dict[str, Any]]:
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
