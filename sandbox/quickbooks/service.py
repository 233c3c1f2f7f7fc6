"""One call on one entity: create, read, update, delete, void, send; each is carried out whole or not at all.

It knows the entities' rules and the books, and neither HTTP nor request ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.quickbooks import documents, misc, names, payments, purchases, recurring, sales, schema
from sandbox.quickbooks.books import PEOPLE
from sandbox.quickbooks.company import Company
from sandbox.quickbooks.effects import carry_over
from sandbox.quickbooks.errors import STALE, Fault, Json, business, missing, not_found
from sandbox.quickbooks.schema import SALES_FORMS, TRANSACTIONS

VOIDABLE = frozenset({"Invoice", "SalesReceipt", "Payment", "BillPayment"})
SENDABLE = frozenset({"Invoice", "SalesReceipt", "Estimate", "CreditMemo", "RefundReceipt", "PurchaseOrder", "Payment"})
PRINTABLE = SENDABLE
DELETABLE = TRANSACTIONS | {"Attachable"}
NOT_CREATABLE = frozenset({"CompanyInfo", "Preferences", "TaxCode", "TaxRate"})
NOT_UPDATABLE = frozenset({"TaxCode", "TaxRate", "TaxAgency"})
# What the server works out: never taken over from the old state when a full update leaves it out.
_COMPUTED = frozenset(
    [
        "TotalAmt",
        "HomeTotalAmt",
        "Balance",
        "HomeBalance",
        "UnappliedAmt",
        "RemainingCredit",
        "Deposit",
        "BalanceWithJobs",
        "FullyQualifiedName",
        "Level",
        "domain",
        "sparse",
        "Id",
        "SyncToken",
        "MetaData",
    ]
)
# What only the server writes and a full update therefore cannot clear.
_KEPT = ("LinkedTxn", "DeliveryInfo", "POStatus", "TaxIdentifier")


def build(company: Company, kind: str, payload: Json, old: Json | None) -> Json:
    """The document that a payload becomes, checked and filled in; nothing is stored yet."""
    if kind in SALES_FORMS:
        return sales.build(company, kind, payload, old)
    if kind in PEOPLE:
        return names.build_person(company, kind, payload, old)
    if kind in {"Bill", "PurchaseOrder", "VendorCredit"}:
        return purchases.build_from_vendor(company, kind, payload, old)
    if kind in {"Transfer", "CreditCardPayment"}:
        return purchases.build_movement(company, kind, payload, old)
    if kind in {"Class", "Department"}:
        return names.build_tree(company, kind, payload, old)
    if kind in {"PaymentMethod", "CustomerType"}:
        return names.build_simple(company, kind, payload, old)
    return _BUILDERS[kind](company, payload, old)


_BUILDERS: dict[str, Callable[[Company, Json, Json | None], Json]] = {
    "Payment": payments.build_payment,
    "BillPayment": payments.build_bill_payment,
    "Deposit": payments.build_deposit,
    "Item": names.build_item,
    "Account": names.build_account,
    "Term": names.build_term,
    "TaxAgency": names.build_agency,
    "Purchase": purchases.build_purchase,
    "JournalEntry": purchases.build_journal,
    "TimeActivity": purchases.build_time,
    "InventoryAdjustment": purchases.build_adjustment,
    "CompanyInfo": misc.build_company_info,
    "Preferences": misc.build_preferences,
    "CompanyCurrency": misc.build_currency,
    "Attachable": misc.build_attachable,
}


def read(company: Company, kind: str, key: str) -> Json:
    """The document of an id; Fault 610 if there is none (any more)."""
    if kind in {"CompanyInfo", "Preferences"}:
        key = "1"
    doc = company.books.get(kind, key)
    if doc is None and kind == "Transfer":
        # A card payment can be read as a transfer too, as a published client's tests do.
        doc = company.books.get("CreditCardPayment", key)
    if doc is None:
        if company.books.was_deleted(kind, key):
            raise Fault(company.switches.deleted_read_code, not_found().detail)
        raise not_found()
    return doc


def create(
    company: Company, kind: str, body: Mapping[str, Any], *, allow_duplicate: bool = False, seed: str | None = None
) -> Json:
    if kind == "ExchangeRate":
        return misc.put_exchange_rate(company, schema.read(kind, body))
    if kind == "RecurringTransaction":
        return recurring.put(company, body, build)
    if kind in NOT_CREATABLE:
        raise unsupported(kind, "create")
    doc = build(company, kind, _writable(schema.read(kind, body)), None)
    documents.check_open_period(company, doc if kind in TRANSACTIONS else None)
    if not allow_duplicate:
        documents.check_number(company, kind, doc, None)
    links = doc.pop("LinkedTxn", [])
    stored = company.books.insert(kind, {**doc, **_links_given(company, kind, links)}, key=seed)
    _settle(company, kind, None, stored)
    if kind in {"Invoice", "CreditMemo"} and company.preference("SalesFormsPrefs", "AutoApplyCredit"):
        _apply_credits(company, stored["CustomerRef"]["value"])
    return company.books.get(kind, stored["Id"]) or stored


def update(company: Company, kind: str, body: Mapping[str, Any], *, allow_duplicate: bool = False) -> Json:
    if kind in NOT_UPDATABLE:
        raise unsupported(kind, "update")
    if kind == "ExchangeRate":
        return misc.put_exchange_rate(company, schema.read(kind, body))
    given = schema.read(kind, body)
    sparse = bool(given.get("sparse"))
    old = current(company, kind, given)
    if kind in SALES_FORMS | {"Payment"}:
        payments.check_not_deposited(old)
    payload = _merge(kind, old, _writable(given), sparse=sparse)
    doc = build(company, kind, payload, old)
    documents.check_open_period(company, *((old, doc) if kind in TRANSACTIONS else ()))
    if not allow_duplicate and doc.get("DocNumber") != old.get("DocNumber"):
        documents.check_number(company, kind, doc, old["Id"])
    links = given.get("LinkedTxn", [])
    if links:
        doc["LinkedTxn"] = _merged_links(old, _links_given(company, kind, links).get("LinkedTxn", []))
    stored = company.books.replace(kind, {**doc, "Id": old["Id"], "SyncToken": old["SyncToken"]})
    _settle(company, kind, old, stored)
    if kind == "Invoice":
        payments.shrink(company, kind, stored["Id"])
    if stored.get("FullyQualifiedName") != old.get("FullyQualifiedName"):
        names.rename_children(company, kind, stored)
    return company.books.get(kind, stored["Id"]) or stored


def delete(company: Company, kind: str, body: Mapping[str, Any]) -> Json:
    """Hard for transactions; a list entry cannot be deleted, only made inactive."""
    if kind == "RecurringTransaction":
        return recurring.remove(company, body)
    if kind not in DELETABLE:
        raise unsupported(kind, "delete")
    given = {key: body[key] for key in ("Id", "SyncToken") if body.get(key) not in (None, "")}
    old = current(company, kind, given)
    documents.check_open_period(company, old if kind in TRANSACTIONS else None)
    payments.check_not_deposited(old)
    payments.release(company, kind, old)
    _settle(company, kind, company.books.get(kind, old["Id"]), None)
    company.books.remove(kind, old["Id"])
    return {"domain": "QBO", "status": "Deleted", "Id": old["Id"]}


def void(company: Company, kind: str, body: Mapping[str, Any]) -> Json:
    if kind not in VOIDABLE:
        raise unsupported(kind, "void")
    given = {key: body[key] for key in ("Id", "SyncToken") if body.get(key) not in (None, "")}
    old = current(company, kind, given)
    documents.check_open_period(company, old)
    payments.check_not_deposited(old)
    if kind == "Invoice" and company.switches.void_unlinks_payments:
        payments.release(company, kind, old)
    old = company.books.get(kind, old["Id"]) or old
    if kind in SALES_FORMS:
        new = sales.voided(kind, old)
        if kind == "Invoice" and company.switches.void_unlinks_payments:
            new["LinkedTxn"] = [link for link in old.get("LinkedTxn", []) if link["TxnType"] not in {"Payment"}]
    else:
        new = purchases.voided(old)
    stored = company.books.replace(kind, new)
    _settle(company, kind, old, stored)
    return company.books.get(kind, stored["Id"]) or stored


def send(company: Company, kind: str, key: str, address: str | None) -> Json:
    if kind not in SENDABLE:
        raise unsupported(kind, "send")
    old = read(company, kind, key)
    field = "POEmail" if kind == "PurchaseOrder" else "BillEmail"
    new = dict(old)
    if address is not None:
        new[field] = {"Address": address}
    if kind != "Payment" and not new.get(field):
        raise Fault(6420, f"Email address required : {field} is needed to send the {kind.lower()}")
    documents.email(new)
    new["EmailStatus"] = "EmailSent"
    new["DeliveryInfo"] = {"DeliveryType": "Email", "DeliveryTime": company.clock.stamp()}
    return company.books.replace(kind, new)


def current(company: Company, kind: str, given: Mapping[str, Any]) -> Json:
    """The document that a body speaks of; Fault 2020, 610 or 5010."""
    key = given.get("Id")
    if kind in {"CompanyInfo", "Preferences"}:
        key = "1"
    if key is None:
        raise missing("Id")
    old = read(company, kind, str(key))
    token = given.get("SyncToken")
    if token is None:
        raise missing("SyncToken")
    if str(token) != old["SyncToken"]:
        raise Fault(5010, STALE)
    return old


def unsupported(kind: str, operation: str) -> Fault:
    return Fault(500, f"Unsupported Operation : Operation {operation} is not supported for {kind}.")


def _writable(payload: Json) -> Json:
    return {
        name: value for name, value in payload.items() if name not in {"Id", "SyncToken", "sparse", "LinkedTxn"}
    } | ({"LinkedTxn": payload["LinkedTxn"]} if "LinkedTxn" in payload else {})


def _merge(kind: str, old: Json, payload: Json, *, sparse: bool) -> Json:
    """What an update is to make of a document: a sparse one adds to it, a full one takes its place."""
    payload = {name: value for name, value in payload.items() if name != "LinkedTxn"}
    if not sparse:
        return payload | {name: old[name] for name in _KEPT if name in old and name not in payload}
    kept = {name: value for name, value in old.items() if name not in _COMPUTED}
    if kind in SALES_FORMS:
        # With new lines the tax is worked out anew by the code that stands; without, a total that was given stays.
        tax = kept.pop("TxnTaxDetail", None)
        if tax is not None and "TxnTaxDetail" not in payload:
            parts = ("TxnTaxCodeRef",) if "Line" in payload else ("TxnTaxCodeRef", "TotalTax")
            kept["TxnTaxDetail"] = {name: tax[name] for name in parts if name in tax}
    if kind == "Invoice" and "Deposit" in old:
        kept["Deposit"] = old["Deposit"]
    if "SalesTermRef" in payload or "TxnDate" in payload:
        kept.pop("DueDate", None)
    merged = kept | payload
    if "Line" in payload and "Line" in old:
        known = {line["Id"]: line for line in old["Line"] if line.get("Id")}
        merged["Line"] = [{**known.get(line.get("Id", ""), {}), **line} for line in payload["Line"]]
    if kind in {"Payment", "BillPayment"} and "TotalAmt" not in payload:
        merged["TotalAmt"] = old["TotalAmt"]
    if kind == "Item" and old.get("Type") == "Inventory" and "QtyOnHand" not in payload:
        merged["QtyOnHand"] = old["QtyOnHand"]
    return merged


def _links_given(company: Company, kind: str, links: list[Json]) -> Json:
    """The links that a caller may set himself: invoice to estimate, bill to purchase order."""
    allowed = {"Invoice": "Estimate", "Bill": "PurchaseOrder"}.get(kind)
    kept = []
    for link in links:
        key, label = link.get("TxnId"), link.get("TxnType")
        if key in (None, "0") or label in {None, "0", "Payment", "ReimburseCharge", "TimeActivity"}:
            continue
        if allowed is None or label != allowed:
            if kind in {"Invoice", "Bill"}:
                raise Fault(620, f"Transaction cannot be linked : {label} {key}")
            continue
        company.resolve(str(label), str(key))
        kept.append({"TxnId": key, "TxnType": label})
    if kind == "Invoice" and len(kept) > 1:
        raise business("Only one estimate can be linked to an invoice.")
    return {"LinkedTxn": kept} if kept or kind in {"Invoice", "CreditMemo", "Bill", "Estimate", "Payment"} else {}


def _merged_links(old: Json, given: list[Json]) -> list[Json]:
    links = list(old.get("LinkedTxn", []))
    return links + [link for link in given if link not in links]


def _settle(company: Company, kind: str, old: Json | None, new: Json | None) -> None:
    """Carries balances, stock and links over from the old state to the new one."""
    if kind not in TRANSACTIONS:
        return
    carry_over(company, kind, old, new)
    if kind in payments.APPLIES_TO:
        payments.relink(company, kind, old, new)
    elif kind == "Deposit":
        payments.relink_deposit(company, old, new)
    elif kind == "Bill":
        if old is not None:
            purchases.link_orders(company, old, present=False)
        if new is not None:
            purchases.link_orders(company, new, present=True)
    elif kind == "Invoice":
        _close_estimate(company, old, new)
    if new is not None and new.get("DocNumber"):
        company.last_number[kind] = documents.higher_number(company.last_number.get(kind, "1000"), new["DocNumber"])


def _apply_credits(company: Company, customer: str) -> None:
    """Applies open credit memos to open invoices, the oldest first, by payments of nothing."""
    credits_ = [doc for doc in company.books.find("CreditMemo", "CustomerRef", customer) if doc["Balance"] > 0]
    open_invoices = [doc for doc in company.books.find("Invoice", "CustomerRef", customer) if doc["Balance"] > 0]
    for credit in credits_:
        left = credit["Balance"]
        for invoice in open_invoices:
            now = company.books.get("Invoice", invoice["Id"]) or invoice
            amount = min(left, now["Balance"])
            if amount <= 0:
                continue
            links = [("Invoice", invoice["Id"]), ("CreditMemo", credit["Id"])]
            lines = [{"Amount": amount, "LinkedTxn": [{"TxnType": kind, "TxnId": key}]} for kind, key in links]
            body = {"CustomerRef": {"value": customer}, "TotalAmt": 0, "Line": lines}
            create(company, "Payment", body)
            left -= amount


def _close_estimate(company: Company, old: Json | None, new: Json | None) -> None:
    def linked(doc: Json | None) -> set[str]:
        links = [] if doc is None else doc.get("LinkedTxn", [])
        return {link["TxnId"] for link in links if link["TxnType"] == "Estimate"}

    invoice = (new or old or {})["Id"]
    for key in linked(old) ^ linked(new):
        estimate = company.books.get("Estimate", key)
        if estimate is not None:
            present = key in linked(new)
            company.books.replace(
                "Estimate",
                {
                    **estimate,
                    "TxnStatus": "Closed" if present else "Pending",
                    "LinkedTxn": payments.with_link(estimate, "Invoice", invoice, present),
                },
            )
