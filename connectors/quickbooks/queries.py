"""Questions in QuickBooks' query language: which fields may be asked for, how values are quoted, how many fit.

There is no OR and no NOT; inactive entries come only where `Active` is asked for; a page holds at most 1,000 rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.ports import ListKind

_ALL_OF = "SELECT * FROM"
PAGE = 1000
INACTIVE_TOO = "Active IN (true,false)"
# Values of one IN list. A query goes in the body, so only their own parser limits it; 200 numbers are some 5 kB.
IN_LIMIT = 200

ENTITIES: Mapping[ListKind, str] = {
    "account": "Account",
    "class": "Class",
    "customer": "Customer",
    "department": "Department",
    "item": "Item",
    "payment_method": "PaymentMethod",
    "tax_code": "TaxCode",
    "tax_rate": "TaxRate",
    "term": "Term",
    "vendor": "Vendor",
    "employee": "Employee",
}
KINDS: Mapping[str, ListKind] = {entity: kind for kind, entity in ENTITIES.items()}
# Change data capture does not know these (Intuit's reference of the operation): they are asked for in full.
NOT_IN_CHANGES: frozenset[ListKind] = frozenset({"tax_code", "tax_rate"})

SALES = ("Invoice", "SalesReceipt", "Estimate", "CreditMemo", "RefundReceipt")
DOCUMENTS = (*SALES, "Payment")
# By which fields a kind of document can be found; others are compared here.
_FILTERABLE: Mapping[str, frozenset[str]] = {
    "Invoice": frozenset({"DocNumber", "TxnDate", "CustomerRef"}),
    "Estimate": frozenset({"DocNumber", "TxnDate", "CustomerRef"}),
    "CreditMemo": frozenset({"DocNumber", "TxnDate", "CustomerRef"}),
    "Payment": frozenset({"PaymentRefNum", "TxnDate", "CustomerRef"}),
    "SalesReceipt": frozenset({"DocNumber", "TxnDate"}),
    "RefundReceipt": frozenset({"DocNumber", "TxnDate"}),
}


def can_ask(entity: str, field: str) -> bool:
    """Whether QuickBooks can look for this field of this entity."""
    return field in _FILTERABLE.get(entity, frozenset())


def number_field(entity: str) -> str:
    """The field that holds a document's number."""
    return "PaymentRefNum" if entity == "Payment" else "DocNumber"


def name_field(entity: str) -> str:
    """The field that holds a list entry's own name."""
    return "DisplayName" if entity in ("Customer", "Vendor", "Employee") else "Name"


def quoted(value: str) -> str:
    """A value in a query: an apostrophe is escaped, nothing else is (as python-quickbooks does)."""
    return "'" + value.replace("'", "\\'") + "'"


def one_of(values: Sequence[str]) -> str:
    """`IN ('a','b')`."""
    return "IN (" + ",".join(quoted(value) for value in values) + ")"


def select(entity: str, where: Sequence[str] = (), *, start: int = 1) -> str:
    """One page of a question, in the order of the ids."""
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    return f"{_ALL_OF} {entity}{condition} ORDERBY Id STARTPOSITION {start} MAXRESULTS {PAGE}"


def select_one(entity: str) -> str:
    """What a company has one of."""
    return f"{_ALL_OF} {entity}"


def chunks(values: Sequence[str], size: int = IN_LIMIT) -> Iterator[Sequence[str]]:
    """The values in pieces of one question each, without repeats."""
    single = list(dict.fromkeys(values))
    for start in range(0, len(single), size):
        yield single[start : start + size]
