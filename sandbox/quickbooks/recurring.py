"""Recurring transactions: templates of other transactions, checked like them and never posted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.quickbooks import schema
from sandbox.quickbooks.company import Company
from sandbox.quickbooks.errors import STALE, Fault, Json, missing, not_found

TYPES = frozenset(
    [
        "Bill",
        "Purchase",
        "CreditMemo",
        "Deposit",
        "Estimate",
        "Invoice",
        "JournalEntry",
        "RefundReceipt",
        "SalesReceipt",
        "Transfer",
        "VendorCredit",
        "PurchaseOrder",
    ]
)
Build = Callable[[Company, str, Json, Json | None], Json]


def put(company: Company, body: Mapping[str, Any], build: Build) -> Json:
    """Creates a template, or replaces the one whose Id the inner object has."""
    kind, inner = _inner(body)
    given = schema.read(kind, inner)
    info = given.get("RecurringInfo")
    if not isinstance(info, dict) or not info.get("Name"):
        raise missing("RecurringInfo.Name")
    old = None if given.get("Id") is None else _current(company, given)
    plain = {name: value for name, value in given.items() if name not in {"Id", "SyncToken", "sparse", "LinkedTxn"}}
    template = build(company, kind, {**plain, "TxnDate": company.clock.today()}, None)
    for name in ("DocNumber", "TxnDate", "DueDate"):
        template.pop(name, None)
    schedule = {name: value for name, value in info.get("ScheduleInfo", {}).items() if value not in (None, "")}
    template["RecurringInfo"] = {**info, "ScheduleInfo": schedule}
    values = {"Type": kind, "Template": template}
    if old is None:
        return shown(company.books.insert("RecurringTransaction", values))
    return shown(company.books.replace("RecurringTransaction", {**old, **values}))


def remove(company: Company, body: Mapping[str, Any]) -> Json:
    kind, inner = _inner(body)
    old = _current(company, inner)
    company.books.remove("RecurringTransaction", old["Id"])
    return {kind: {"domain": "QBO", "status": "Deleted", "Id": old["Id"]}}


def shown(doc: Json) -> Json:
    """A template as it is answered: the transaction inside an object of its type."""
    outside = {name: doc[name] for name in ("Id", "SyncToken", "MetaData", "domain", "sparse")}
    reference = {"RecurDataRef": {"value": doc["Id"]}}
    return {doc["Type"]: {**doc["Template"], **reference, **outside}}


def _inner(body: Mapping[str, Any]) -> tuple[str, Json]:
    for kind, inner in body.items():
        if isinstance(inner, dict):
            if kind not in TYPES:
                raise schema.unknown_property(kind, "RecurringTransaction")
            return kind, inner
    raise missing("RecurringTransaction")


def _current(company: Company, given: Mapping[str, Any]) -> Json:
    old = company.books.get("RecurringTransaction", str(given.get("Id")))
    if old is None:
        raise not_found()
    if str(given.get("SyncToken")) != old["SyncToken"]:
        raise Fault(5010, STALE)
    return old
