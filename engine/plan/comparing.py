"""Two documents of one slot, field by field: changes when documents get other fields. It counts nothing and groups nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from connectors.documents import DocumentLine, PaymentDocument, SalesDocument

#: What people call a field of a document where its name, with blanks, would not do.
_CALLED = {
    "class_": "class",
    "customer_email": "e-mail",
    "po_number": "PO number",
    "tax_total": "tax",
    "discount_total": "discount",
    "shipping_total": "shipping",
    "applies_to": "applied to",
    "bill_to": "billing address",
    "ship_to": "shipping address",
    "email_invoice": "e-mail the invoice",
}
#: Fields whose values are few, so that documents that changed alike can be told by them.
FEW_VALUES = frozenset({
    "type", "currency", "tax_code", "shipping_tax_code", "class", "location", "terms", "deposit_account", "account",
    "receivable_account", "discount_account", "payment_method", "ship_via", "taxable", "tax_override", "kind",
    "discount_taxable", "shipping_taxable", "email_invoice",
})  # fmt: skip
_AMOUNTS = frozenset({"amount", "total", "tax_total", "discount_total", "shipping_total", "unit_price"})
#: What stands in a document and is nothing that people wrote there.
_OURS = frozenset({"marker", "source", "kind", "lines"})

_FIELDS: dict[type[Any], tuple[str, ...]] = {}

What = Literal["field", "line comes", "line goes"]


class FieldChange(NamedTuple):
    """One thing that differs: `line` says of which line ("" for the head), `field` is the JSON name, values are printed."""

    what: What
    line: str
    field: str
    before: str
    after: str

    @property
    def called(self) -> str:
        """`tax code`, `class of a line`."""
        name = _CALLED.get(self.field, self.field.replace("_", " "))
        if self.what != "field":
            return f"{self.line} line"
        return name if not self.line else f"{name} of {'a line' if self.line == 'item' else f'the {self.line} line'}"


def compare_documents(
    old: SalesDocument | PaymentDocument, new: SalesDocument | PaymentDocument
) -> tuple[FieldChange, ...]:
    """What differs between two documents; lines are matched by the record's line, else by kind and item."""
    if type(old) is not type(new):
        return (FieldChange("field", "", "type", document_type(old), document_type(new)),)
    found = list(_fields(old, new, ""))
    if isinstance(old, SalesDocument) and isinstance(new, SalesDocument):
        found += _lines(old, new)
    return tuple(found)


def document_type(document: SalesDocument | PaymentDocument) -> str:
    """`invoice`, `sales receipt`, `payment`."""
    return document.type.replace("_", " ") if isinstance(document, SalesDocument) else "payment"


def amount_of(document: SalesDocument | PaymentDocument) -> Decimal:
    """What a document comes to; what goes back to the customer counts as less."""
    if isinstance(document, PaymentDocument):
        return document.amount
    return -document.total if document.type in ("credit_memo", "refund_receipt") else document.total


def _names(of: type[Any]) -> tuple[str, ...]:
    """The names of the fields of a dataclass that people wrote."""
    found = _FIELDS.get(of)
    if found is None:
        found = _FIELDS[of] = tuple(each.name for each in fields(of) if each.name not in _OURS)
    return found


def _fields(old: Any, new: Any, line: str) -> Iterator[FieldChange]:
    for name in _names(type(old)):
        before, after = getattr(old, name), getattr(new, name)
        if before is after or before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            for key in {**before, **after}:
                if before.get(key) != after.get(key):
                    yield FieldChange("field", line, f"{name}[{key}]", _shown(before.get(key)), _shown(after.get(key)))
        elif hasattr(before, "__dataclass_fields__"):
            for part in _names(type(before)):
                one, other = getattr(before, part), getattr(after, part)
                if one != other:
                    yield FieldChange("field", line, f"{name}.{part}", _shown(one), _shown(other))
        else:
            yield FieldChange("field", line, name.rstrip("_"), _shown(before), _shown(after))


def _lines(old: SalesDocument, new: SalesDocument) -> Iterator[FieldChange]:
    before, after = _keyed(old), _keyed(new)
    for key, line in before.items():
        other = after.get(key)
        if other is None:
            yield FieldChange("line goes", line.kind, "", _line_words(line), "")
        elif line != other:
            yield from _fields(line, other, line.kind)
    for key, line in after.items():
        if key not in before:
            yield FieldChange("line comes", line.kind, "", "", _line_words(line))


def _keyed(document: SalesDocument) -> dict[tuple[str, str, int], DocumentLine]:
    """The lines by what they are of; several of one kind are numbered."""
    keyed: dict[tuple[str, str, int], DocumentLine] = {}
    for line in document.lines:
        known = line.source or (line.item if line.kind != "item" else None) or ""
        number = 0
        while (line.kind, known, number) in keyed:
            number += 1
        keyed[line.kind, known, number] = line
    return keyed


def _line_words(line: DocumentLine) -> str:
    name = line.item or line.description or line.kind
    return f"{name} {line.amount:f}"


def _shown(value: Any) -> str:
    match value:
        case None | "":
            return "(not set)"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
    return str(value)
