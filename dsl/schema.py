"""What records, documents and flows look like to the language; changes when the language wants to know more of a field.

The engine makes one `Schema` (engine/vocabulary.py) and hands it in: this
module knows the shape, never a single field of it. It is the source of types, labels, completion, forms and docs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dsl.types import RECORD, Type


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record, an item or the target document.

    `path` is what files write ("order.number", "line.sku"). `values` closes the set of allowed values (empty: open).
    `max_length` is in characters. `optional`: it may be missing. `keyed`: a mapping that is read by key, as
    `order.meta["…"]`; `type` is then that of one entry. `reference` names a list of the books ("account", "item", …)
    that its values are names of. `currency` says in which currency a money field stands (dsl.types).
    """

    path: str
    type: Type
    label: str
    example: str
    values: tuple[str, ...] = ()
    max_length: int | None = None
    optional: bool = True
    writable: bool = True
    help: str = ""
    keyed: bool = False
    reference: str = ""
    currency: str = RECORD
    other_values: bool = False
    """A source may know values beyond `values` (a shop's own order statuses): only a near miss is taken for a mistake."""
    spoken: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What people write for a value, in small letters: "texas" for "TX"."""
    received: bool = True
    """It comes with the record; a field that only rules fill (`line.item`, `books.class`) has no `original`."""
    usual_length: int | None = None
    """How many characters it gets in practice, where a source sets no limit (or a higher one) of its own."""
    counts: int = 0
    """How the document's total follows an amount: 1 with it, -1 against it, 0 not at all."""
    account_types: tuple[str, ...] = ()
    """The types of accounts that may stand here, as the books name them ("Bank"); empty: any."""

    @property
    def root(self) -> str:
        return self.path.partition(".")[0]

    @property
    def name(self) -> str:
        """The path without its root: "number" of "order.number"."""
        return self.path.partition(".")[2]


@dataclass(frozen=True, slots=True)
class ItemKind:
    """A list of items of a record: `name` is the word for one ("line"), `collection` the path of all of them."""

    name: str
    collection: str
    label: str = ""
    addable: bool = True


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of record that rules can be `for`: its name ("order"), the word that `sync` uses ("orders"), the roots
    that its rules may read ("order", "customer", "bill_to", "books", …)."""

    name: str
    plural: str
    label: str
    roots: tuple[str, ...]
    parent: str = ""
    """The kind whose record (and rules) come first: "order" for a refund."""


@dataclass(frozen=True, slots=True)
class FlowOption:
    """A word of a flow's `with`: either one of `values`, or a value of `type`, or (both set) one or the other.

    `dynamic` options may also be a lookup or a field, decided per record. `reference` as in `Field`.
    """

    name: str
    help: str
    values: tuple[str, ...] = ()
    type: Type | None = None
    default: str = ""
    reference: str = ""
    dynamic: bool = False
    account_types: tuple[str, ...] = ()
    """As in `Field`."""


@dataclass(frozen=True, slots=True)
class Schema:
    """All that the checker, the editor and the docs know of the world. Paths are unique; look-ups are by `field`."""

    kinds: tuple[RecordKind, ...]
    fields: tuple[Field, ...]
    items: tuple[ItemKind, ...]
    flow_options: tuple[FlowOption, ...] = ()
    sources: tuple[str, ...] = ()
    """Kinds of system that a flow may come from or go to: woocommerce, quickbooks, …"""
    targets: tuple[str, ...] = ()
    notify_events: tuple[str, ...] = ("hold", "failure", "skip", "success")
    document_kinds: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What people say for a field's name: "zip" for "postal_code"."""
    currencies: frozenset[str] = frozenset()
    _by_path: Mapping[str, Field] = field(init=False, repr=False, compare=False)
    _by_kind: Mapping[str, RecordKind] = field(init=False, repr=False, compare=False)
    _by_collection: Mapping[str, ItemKind] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_path", MappingProxyType({each.path: each for each in self.fields}))
        object.__setattr__(self, "_by_kind", MappingProxyType({each.name: each for each in self.kinds}))
        object.__setattr__(self, "_by_collection", MappingProxyType({each.collection: each for each in self.items}))

    def field(self, path: str) -> Field | None:
        """The field of that path ("order.number"; a keyed field without its brackets), or None."""
        return self._by_path.get(path)

    def kind(self, name: str) -> RecordKind | None:
        return self._by_kind.get(name)

    def item(self, collection: str) -> ItemKind | None:
        """The kind of item that a collection ("order.lines") holds, or None."""
        return self._by_collection.get(collection)
