"""What QuickBooks answers, read as the values that the engine knows: documents, list entries, the company. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from connectors.canonical import decimal_text
from connectors.ports import BooksProfile, ListEntry, ListKind, Posted
from connectors.quickbooks import names, queries
from connectors.quickbooks.body import number, ref, text

MARKER_PREFIX = "cloudcart:"
# The last line of the note; QuickBooks puts "Voided" and a dash before the note of what it voids.
_MARKER = re.compile(r"(?:^|[\s-])(cloudcart:[A-Za-z0-9._-]+)[ \t]*$", re.MULTILINE)


def marker_in(note: str | None) -> str | None:
    """Our marker, if the note carries one (the last, should somebody have copied a note)."""
    found = _MARKER.findall(note or "")
    return found[-1] if found else None


def posted(entity: str, body: Mapping[str, Any]) -> Posted:
    """A document or a name as it stands."""
    note = text(body.get("PrivateNote"))
    total = number(body.get("TotalAmt"))
    if str(body.get("status", "")).lower() == "deleted":
        state: Literal["live", "voided", "deleted"] = "deleted"
    elif not total and note is not None and note.lstrip().lower().startswith("voided"):
        state = "voided"
    else:
        state = "live"
    tax = body.get("TxnTaxDetail")
    linked = body.get("LinkedTxn")
    kinds = (
        [str(item.get("TxnType")) for item in linked if isinstance(item, Mapping)] if isinstance(linked, list) else []
    )
    return Posted(
        entity=entity,
        id=str(body.get("Id", "")),
        sync_token=str(body.get("SyncToken", "")),
        number=text(body.get(queries.number_field(entity))),
        name=text(body.get(queries.name_field(entity))),
        date=text(body.get("TxnDate")),
        customer_id=ref(body, "CustomerRef"),
        total=total,
        balance=number(body.get("Balance")),
        tax_total=number(tax.get("TotalTax")) if isinstance(tax, Mapping) else None,
        currency=ref(body, "CurrencyRef"),
        marker=marker_in(note),
        state=state,
        deposited="Deposit" in kinds,
        linked=tuple(kinds),
        body=body,
    )


def entry(kind: ListKind, body: Mapping[str, Any], rates: Mapping[str, Mapping[str, Any]] | None = None) -> ListEntry:
    """An entry of a list; its data are plain JSON (figures as text), so that they are kept as they are.

    A tax code's rates are computed from `rates`, the tax rates' bodies by id.
    """
    own = text(body.get(queries.name_field(queries.ENTITIES[kind]))) or ""
    name = text(body.get("FullyQualifiedName")) or own
    active = _true(body.get("Active", True))
    if not active:
        # An inactive entry is known by the name that it had: a person is asked to make it active, and no twin is made.
        own, name = names.without_deleted(own), names.without_deleted(name)
    return ListEntry(
        kind=kind,
        id=str(body.get("Id", "")),
        name=name,
        leaf=own,
        active=active,
        sync_token=text(body.get("SyncToken")),
        data={
            name: value
            for name, value in _DATA.get(kind, _nothing)(body, rates or {}).items()
            if value not in (None, "")
        },
        deleted=str(body.get("status", "")).lower() == "deleted",
    )


def _true(value: object) -> bool:
    return value if isinstance(value, bool) else str(value).lower() == "true"


def _nothing(body: Mapping[str, Any], rates: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {}


def _account(body: Mapping[str, Any], rates: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "type": text(body.get("AccountType")),
        "subtype": text(body.get("AccountSubType")),
        "number": text(body.get("AcctNum")),
        "currency": ref(body, "CurrencyRef"),
    }


_ITEM_TYPES = {"Inventory": "inventory", "NonInventory": "non_inventory", "Service": "service"}


def _item(body: Mapping[str, Any], rates: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    kind = text(body.get("Type")) or ""
    return {
        "sku": text(body.get("Sku")),
        "type": _ITEM_TYPES.get(kind, kind.lower()),
        "start_date": text(body.get("InvStartDate")),
        "income_account": ref(body, "IncomeAccountRef"),
        "expense_account": ref(body, "ExpenseAccountRef"),
        "asset_account": ref(body, "AssetAccountRef"),
        "taxable": _true(body["Taxable"]) if "Taxable" in body else None,
    }


def _party(body: Mapping[str, Any], rates: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    mail = body.get("PrimaryEmailAddr")
    return {
        "email": text(mail.get("Address")) if isinstance(mail, Mapping) else None,
        "currency": ref(body, "CurrencyRef"),
        "company": text(body.get("CompanyName")),
        "first_name": text(body.get("GivenName")),
        "last_name": text(body.get("FamilyName")),
        "taxable": _true(body["Taxable"]) if "Taxable" in body else None,
    }


def _term(body: Mapping[str, Any], rates: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    days = number(body.get("DueDays"))
    return {"due_days": int(days) if days is not None else None}


def _tax_rate(body: Mapping[str, Any], rates: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    value = number(body.get("RateValue"))
    return {"rate": decimal_text(value) if value is not None else None}


def _tax_code(body: Mapping[str, Any], rates: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    listed = body.get("SalesTaxRateList")
    details = listed.get("TaxRateDetail") if isinstance(listed, Mapping) else None
    parts = []
    for detail in details if isinstance(details, list) else []:
        rate_id = ref(detail, "TaxRateRef")
        held = rates.get(rate_id or "", {})
        value = number(held.get("RateValue"))
        if rate_id is not None:
            parts.append(
                {
                    "id": rate_id,
                    "name": text(held.get("Name")) or text(detail["TaxRateRef"].get("name")) or rate_id,
                    "rate": decimal_text(value) if value is not None else None,
                    # 0: on the amount; n: on the amount and the taxes of lower order (Quebec once did).
                    "order": int(number(detail.get("TaxOnTaxOrder")) or 0),
                }
            )
    taxable = _true(body["Taxable"]) if "Taxable" in body else None
    # A code of a company that computes tax by address has no rates of its own; "NON" taxes nothing.
    known = all(part["rate"] is not None for part in parts) and (bool(parts) or taxable is False)
    values = [str(part["rate"]) for part in parts] if known else None
    return {
        "rate": decimal_text(sum(map(Decimal, values), Decimal(0))) if values is not None else None,
        "rates": values,
        "rate_parts": parts or None,
        "taxable": taxable,
        "group": _true(body["TaxGroup"]) if "TaxGroup" in body else None,
        "description": text(body.get("Description")),
    }


_DATA = {
    "account": _account,
    "item": _item,
    "customer": _party,
    "vendor": _party,
    "employee": _party,
    "term": _term,
    "tax_rate": _tax_rate,
    "tax_code": _tax_code,
}


def rows(answer: Mapping[str, Any], entity: str) -> list[Mapping[str, Any]]:
    """The rows of a query's answer; an empty answer has none."""
    held = answer.get("QueryResponse")
    found = held.get(entity) if isinstance(held, Mapping) else None
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def change_rows(answer: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(entity, row) of an answer of change data capture, deleted ones too (they carry `status`)."""
    for response in answer.get("CDCResponse") or []:
        for block in response.get("QueryResponse") or []:
            for entity, found in block.items():
                if isinstance(found, list):
                    for row in found:
                        if isinstance(row, Mapping):
                            yield entity, row


# Countries come as two letters, since August 2025 as three, sometimes as a name.
_COUNTRIES = {"USA": "US", "UNITED STATES": "US", "CAN": "CA", "CANADA": "CA", "GBR": "GB", "UK": "GB", "AUS": "AU"}


def _custom_fields(prefs: Mapping[str, Any]) -> dict[str, str]:
    """Name -> DefinitionId of the sales forms' custom fields that are in use."""
    named: dict[str, str] = {}
    used: dict[str, bool] = {}

    def walk(held: object) -> None:
        for item in held if isinstance(held, list) else []:
            if not isinstance(item, Mapping):
                continue
            walk(item.get("CustomField"))
            said = re.fullmatch(r"SalesFormsPrefs\.(UseSalesCustom|SalesCustomName)(\d)", str(item.get("Name", "")))
            if said is None:
                continue
            if said[1] == "UseSalesCustom":
                used[said[2]] = _true(item.get("BooleanValue", False))
            elif text(item.get("StringValue")):
                named[said[2]] = str(item["StringValue"])

    walk(prefs.get("CustomField"))
    return {named[slot]: slot for slot in sorted(named) if used.get(slot, True)}


def profile(company_id: str, company: Mapping[str, Any], preferences: Mapping[str, Any]) -> BooksProfile:
    """The company and what its preferences allow."""

    def part(name: str) -> Mapping[str, Any]:
        held = preferences.get(name)
        return held if isinstance(held, Mapping) else {}

    def on(section: str, name: str) -> bool:
        return _true(part(section).get(name, False))

    country = str(company.get("Country") or "US").upper()
    taxes = part("TaxPrefs")
    per_line, per_document = (
        on("AccountingInfoPrefs", "ClassTrackingPerTxnLine"),
        on("AccountingInfoPrefs", "ClassTrackingPerTxn"),
    )
    return BooksProfile(
        id=company_id,
        title=text(company.get("CompanyName")) or company_id,
        country=_COUNTRIES.get(country, country[:2]),
        currency=ref(part("CurrencyPrefs"), "HomeCurrency") or "USD",
        multicurrency=on("CurrencyPrefs", "MultiCurrencyEnabled"),
        sales_tax=on("TaxPrefs", "UsingSalesTax"),
        automated_tax=_true(taxes.get("PartnerTaxEnabled", False)),
        custom_numbers=on("SalesFormsPrefs", "CustomTxnNumbers"),
        classes="line" if per_line else "document" if per_document else "off",
        locations=on("AccountingInfoPrefs", "TrackDepartments"),
        discounts=on("SalesFormsPrefs", "AllowDiscount"),
        shipping=on("SalesFormsPrefs", "AllowShipping"),
        inventory=on("ProductAndServicesPrefs", "QuantityOnHand"),
        closed_until=text(part("AccountingInfoPrefs").get("BookCloseDate")),
        custom_fields=_custom_fields(part("SalesFormsPrefs")),
        features={
            "estimates": _true(part("SalesFormsPrefs").get("AllowEstimates", True)),
            # QuickBooks knows two kinds of company apart by whether the field is there at all.
            "automated_tax_unfinished": "PartnerTaxEnabled" in taxes and not _true(taxes["PartnerTaxEnabled"]),
        },
    )


def by_id(bodies: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Bodies by their id."""
    return {str(body.get("Id", "")): body for body in bodies}


def matching(found: Sequence[Posted], **wanted: str | None) -> list[Posted]:
    """Those that agree in every field that is given (`number`, `customer_id`, `date`)."""
    return [
        item for item in found if all(value is None or getattr(item, name) == value for name, value in wanted.items())
    ]
