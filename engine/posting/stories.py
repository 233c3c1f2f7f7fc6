"""What the log and a waiting order's page say of an operation: changes when those lines tell more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.canonical import decimal_text
from connectors.documents import CustomerDocument, ListDocument, PaymentDocument, ProductDocument, SalesDocument
from connectors.ports import Posted
from engine.ledger import LedgerRow
from engine.lists import Lists
from engine.posting.operations import Operation


def describe(item: Operation) -> str:
    """What an operation puts there, in a few words."""
    said = story(item, None, None)
    name = said.get("name") or said.get("number") or ""
    return f"the {str(said['document']).replace('_', ' ')} {name}".strip()


def story(item: Operation, posted: Posted | None, names: Lists | None) -> dict[str, Any]:
    """The values of a log line about an operation."""
    document = item.document
    values: dict[str, Any] = {}
    match document:
        case SalesDocument():
            values = {
                "document": document.type,
                "number": document.number,
                "lines": len(document.lines),
                "total": f"{document.total:.2f}",
                "currency": document.currency,
            }
            if document.tax_total:
                values["tax"] = _tax_words(document, names)
        case PaymentDocument():
            values = {
                "document": "payment",
                "number": document.reference,
                "total": f"{document.amount:.2f}",
                "currency": document.currency,
            }
        case CustomerDocument():
            values = {"document": "customer", "name": document.name}
        case ProductDocument():
            values = {"document": "item", "name": document.name}
        case ListDocument():
            values = {"document": document.kind, "name": document.name}
        case None:
            values = {"document": item.slot.partition(":")[0]}
    if posted is not None and posted.number:
        values["number"] = posted.number
    if item.remarks:
        values["rules"] = list(item.remarks)
    return {name: value for name, value in values.items() if value not in (None, "")}


def what_stands(row: LedgerRow) -> dict[str, Any]:
    """The values of a log line about what is to be taken away, or was: its type and its number in the books."""
    document = row.document
    kind = document.type if isinstance(document, SalesDocument) else "payment"
    return {"document": kind, **({"number": row.number} if row.number else {})}


def _tax_words(document: SalesDocument, names: Lists | None) -> str:
    if document.tax_code is None:
        return f"tax {document.tax_total:.2f}"
    entry = names.one("tax_code", document.tax_code) if names is not None else None
    rate = entry.data.get("rate") if entry is not None else None
    if rate in (None, ""):
        return f"{_tax_called(document.tax_code)} {document.tax_total:.2f}"
    return f"{_tax_called(document.tax_code)} {decimal_text(Decimal(str(rate)))} %"


def _tax_called(code: str) -> str:
    """`Maryland tax`; a code that says so itself stays as it is."""
    return code if "tax" in code.casefold() else f"{code} tax"
