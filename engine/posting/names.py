"""Names that documents need and that are made in the books (customers, items, terms, …): their slot and their entry in the
lists. Changes when another kind of name is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from connectors.documents import CustomerDocument, Document, ListDocument, ProductDocument
from connectors.ports import ListEntry, ListKind, Posted
from engine.books_view import folded
from engine.keys import RecordKey
from engine.ledger import SlotKey
from engine.store.types import storable

#: The slot of operations that make a name (customer, item, term, …); they belong to no record.
NAME_SLOT = "name"


def name_key(kind: str, name: str) -> SlotKey:
    """The slot of a new name in the books: one for all records that need it. `kind` as in `ports.ListKind`."""
    return SlotKey(RecordKey("", f"name:{kind}", folded(storable(name))), NAME_SLOT)


_KINDS: Mapping[str, ListKind] = {f"name:{kind}": kind for kind in get_args(ListKind)}


def kind_of(key: RecordKey) -> ListKind:
    """In which list the name of such a key stands. Raises KeyError for a key that is none."""
    return _KINDS[key.kind]


def is_name(key: RecordKey) -> bool:
    """Whether an operation makes a name, which the ledger does not remember (the cached lists do)."""
    return key.kind.startswith("name:")


def entry_of(document: Document, posted: Posted) -> ListEntry:
    """The list entry that a new name is, until the books tell more of it."""
    kind: ListKind
    data: dict[str, Any] = {}
    match document:
        case CustomerDocument():
            kind = "customer"
            data = {
                "email": document.email,
                "currency": document.currency,
                "company": document.company,
                "taxable": document.taxable,
            }
        case ProductDocument():
            kind = "item"
            data = {
                "sku": document.sku,
                "type": document.type,
                "start_date": document.start_date.isoformat() if document.start_date else None,
                "taxable": document.taxable,
            }
        case ListDocument():
            kind = document.kind
        case _:
            raise TypeError(f"a {type(document).__name__} is in no list")
    name = posted.name or document.name
    return ListEntry(
        kind=kind,
        id=posted.id,
        name=name,
        leaf=name.rpartition(":")[2],
        sync_token=posted.sync_token,
        data={field_name: value for field_name, value in data.items() if value is not None},
    )
