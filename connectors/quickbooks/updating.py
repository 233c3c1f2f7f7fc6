"""A change of what stands, made three ways: what we last sent, what is there now, what is wanted. Pure.

A field that a person changed since our last write is kept and named. What QuickBooks itself adds to an answer (names in
references, line ids, the subtotal line, computed tax) is nobody's change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.ports import Posted
from connectors.quickbooks.body import number

# Where a write may carry only what changes; others are written whole, or what is left out is lost.
_SPARSE = frozenset({"Invoice", "SalesReceipt", "Payment", "Estimate", "CreditMemo", "RefundReceipt", "Customer"})
_NEVER_BACK = frozenset(
    {
        "Id", "SyncToken", "sparse", "domain", "status", "MetaData", "TotalAmt", "Balance", "HomeBalance", "HomeTotalAmt",
        "LinkedTxn", "UnappliedAmt", "RemainingCredit", "FullyQualifiedName", "BalanceWithJobs", "Level", "DeliveryInfo",
        "EInvoiceStatus", "InvoiceLink", "PrintStatus", "ExchangeRate", "V4IDPseudonym", "IsProject",
        "ClientEntityId", "AvgCost", "AllowOnlinePayment",
    }
)  # fmt: skip
_NUMBERS = frozenset({"Amount", "Qty", "UnitPrice", "TotalAmt", "TotalTax", "PurchaseCost", "QtyOnHand", "DueDays"})
# Added by QuickBooks to what was sent.
_ADDED = frozenset({"Id", "LineNum", "name", "type", "Lat", "Long", "domain", "sparse", "SyncToken", "MetaData"})
# Sent in the hope that it counts: whether QuickBooks books a line to another account than its item's is told nowhere (its
# reference knows the field for billable expenses only), nor whether its answer says so.
_UNPROVEN = frozenset({"ItemAccountRef"})
_ADDRESS_KEYS = frozenset(
    {"Line1", "Line2", "Line3", "Line4", "Line5", "City", "CountrySubDivisionCode", "PostalCode", "Country"}
)
# Filled in by QuickBooks where nothing was sent: from the customer, the terms, the preferences.
_FILLED_IN = frozenset(
    {
        "ApplyTaxAfterDiscount", "BillAddr", "BillEmail", "CurrencyRef", "CustomField", "CustomerMemo",
        "DepositToAccountRef", "DocNumber", "DueDate", "EmailStatus", "GlobalTaxCalculation", "SalesTermRef", "ShipAddr",
        "TxnDate", "Taxable", "UnitPrice", "ARAccountRef", "IncomeAccountRef", "ExpenseAccountRef", "PaymentMethodRef",
    }
)  # fmt: skip
# What people fill in on a sales form and QuickBooks never by itself.
_ON_THE_FORM = frozenset(
    {"ClassRef", "DepartmentRef", "PaymentRefNum", "PrivateNote", "ShipDate", "ShipMethodRef", "TrackingNum"}
)
# Asked for once and done since: the e-mail goes out, and the answer says so.
_ASKED_FOR = frozenset({"EmailStatus", "ProcessPayment"})
# Written once: quantities on hand and their start would make a stock adjustment, a currency never changes.
_ONCE: Mapping[str, frozenset[str]] = {
    "Item": frozenset({"QtyOnHand", "InvStartDate", "Type", "TrackQtyOnHand"}),
    "Customer": frozenset({"CurrencyRef"}),
}


def three_way(
    entity: str, wanted: Mapping[str, Any], now: Posted, last_sent: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """(body, fields kept because a person changed them). An empty body means that there is nothing to write."""
    there = now.body
    once = _ONCE.get(entity, frozenset())
    changes: dict[str, Any] = {}
    removed: list[str] = []
    kept: list[str] = []
    for name in (*wanted, *(name for name in last_sent if name not in wanted)):
        if name in once or same(name, wanted.get(name), last_sent.get(name)):
            continue
        if name in wanted and stands(name, wanted[name], there.get(name)):
            continue
        if name not in wanted and not there.get(name):
            continue
        if not stands(name, last_sent.get(name), there.get(name)):
            kept.append(name)
        elif name in wanted:
            changes[name] = wanted[name]
        else:
            removed.append(name)
    if not changes and not removed:
        return {}, tuple(kept)
    if "Line" in changes:
        changes["Line"] = with_ids(changes["Line"], there.get("Line") or ())
        # The tax that stands was computed from the old lines; named again it is computed anew.
        if "TxnTaxDetail" in wanted and "TxnTaxDetail" not in kept:
            changes["TxnTaxDetail"] = wanted["TxnTaxDetail"]
    head = {"Id": now.id, "SyncToken": now.sync_token}
    if entity in _SPARSE and not removed:
        return {**head, "sparse": True, **_required(entity, there, changes), **changes}, tuple(kept)
    whole = {name: held for name, held in there.items() if name not in _NEVER_BACK and name not in removed}
    if "Line" in changes:
        whole.pop("TxnTaxDetail", None)
    return {**head, **whole, **changes}, tuple(kept)


def edited(now: Posted, last_sent: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that a person changed, or filled in on the form, since `last_sent` was written."""
    names = (*last_sent, *sorted(_ON_THE_FORM - last_sent.keys()))
    return tuple(
        name for name in names if name not in _ASKED_FOR and not stands(name, last_sent.get(name), now.body.get(name))
    )


def _required(entity: str, there: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """What even a sparse write must name: a document's customer, and a payment's total and lines, which QuickBooks takes
    all or none (without them the money would come off its invoice)."""
    wanted = {"Customer": (), "Payment": ("CustomerRef", "TotalAmt", "Line")}.get(entity, ("CustomerRef",))
    named = {name: there[name] for name in wanted if name in there and name not in changes}
    if "Line" in named:
        named["Line"] = [{key: line[key] for key in ("Amount", "LinkedTxn") if key in line} for line in named["Line"]]
    return named


def same(name: str, left: Any, right: Any) -> bool:
    """Whether two bodies of ours say the same in this field, however numbers are spelt."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(key, left[key], right[key]) for key in left)
    if _is_list(left) and _is_list(right):
        return len(left) == len(right) and all(same(name, a, b) for a, b in zip(left, right, strict=True))
    return _equal(name, left, right)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _equal(name: str, left: Any, right: Any) -> bool:
    if left in (None, "") and right in (None, ""):
        return True
    if name in _NUMBERS or any(isinstance(value, Decimal | int | float) for value in (left, right)):
        a, b = number(left), number(right)
        if a is not None and b is not None:
            return a == b
    return str(left) == str(right) if left is not None and right is not None else False


def stands(name: str, sent: Any, there: Any) -> bool:
    """Whether what was sent in this field is what is there, apart from what QuickBooks adds."""
    if name == "Line":
        return _lines_stand(sent or (), there or ())
    if name == "TxnTaxDetail":
        return _tax_stands(sent, there)
    if sent is None:
        # Not sent: what QuickBooks fills in of itself is no person's change.
        return name in _FILLED_IN or there in (None, "", [], {})
    if name == "ARAccountRef" and not there:
        # On an invoice it is in no reference of theirs; an answer without it is nobody's change.
        return True
    if name in ("BillAddr", "ShipAddr"):
        held = {key: value for key, value in (there or {}).items() if key in _ADDRESS_KEYS and value not in (None, "")}
        return same(name, {key: value for key, value in sent.items() if value not in (None, "")}, held)
    return _within(name, sent, there)


def _within(name: str, sent: Any, there: Any) -> bool:
    if isinstance(sent, Mapping):
        if not isinstance(there, Mapping):
            return not sent
        return all(_within(key, value, there.get(key)) for key, value in sent.items() if key not in _ADDED | _UNPROVEN)
    if _is_list(sent):
        if not _is_list(there):
            return not sent
        return len(sent) == len(there) and _all_found(sent, there)
    return _equal(name, sent, there)


def _all_found(sent: Sequence[Any], there: Sequence[Any]) -> bool:
    """Each is there once; QuickBooks may give another order (shipping behind the discount)."""
    left = list(there)
    for item in sent:
        match = next((index for index, held in enumerate(left) if _within("", item, held)), None)
        if match is None:
            return False
        del left[match]
    return not left


def _lines_stand(sent: Sequence[Any], there: Sequence[Any]) -> bool:
    real = [line for line in there if line.get("DetailType") != "SubTotalLineDetail"]
    return len(real) == len(sent) and _all_found(sent, real)


def _tax_stands(sent: Any, there: Any) -> bool:
    """Only what we send counts: a code or a total. Lines and amounts of tax are QuickBooks' own computation."""
    sent, there = sent or {}, there or {}
    if "TotalTax" in sent:
        return _equal("TotalTax", sent["TotalTax"], there.get("TotalTax"))
    code = sent.get("TxnTaxCodeRef")
    return code is None or _within("TxnTaxCodeRef", code, there.get("TxnTaxCodeRef"))


def with_ids(wanted: Sequence[Mapping[str, Any]], there: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The wanted lines with the ids of those that they replace (same kind and item, in order): a line that keeps its id
    keeps what hangs on it."""
    left = [line for line in there if line.get("Id") and line.get("DetailType") != "SubTotalLineDetail"]
    lines = []
    for line in wanted:
        match = next((index for index, held in enumerate(left) if _kin(line) == _kin(held)), None)
        lines.append({**({"Id": left.pop(match)["Id"]} if match is not None else {}), **line})
    return lines


def _kin(line: Mapping[str, Any]) -> tuple[str, str]:
    detail = line.get("SalesItemLineDetail") or {}
    linked = (line.get("LinkedTxn") or [{}])[0]
    item = (detail.get("ItemRef") or {}).get("value") if isinstance(detail, Mapping) else None
    return str(line.get("DetailType") or linked.get("TxnType")), str(item or linked.get("TxnId") or "")
