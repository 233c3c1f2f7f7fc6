"""What people call the fields of a record: changes when a label does not do where a sentence needs a name.

The schema has a label for each field; here it gets what it needs to stand alone ("line amount", "shipping state"). Where no
schema is at hand the path is read as words.
"""

from __future__ import annotations

import re
from collections import defaultdict

from dsl import tree
from dsl.evaluate.records import COLLECTIONS
from dsl.evaluate.wording import Wording
from dsl.schema import Schema

_PLACE = re.compile(r"(?P<collection>\w+\.\w+)\[(?P<number>\d+)\]\.?(?P<rest>.*)", re.DOTALL)
_KEYED = re.compile(r'(?P<name>[\w.]+)\["(?P<key>.*)"\]', re.DOTALL)
_WORDS = {collection: word for word, collection in COLLECTIONS.items()}
_RECORD_ROOTS = ("order", "books", "refund", "product", "purchase", "stock")


class Labels:
    """The names of fields in sentences, with a small first letter, and at the start of a line."""

    def __init__(self, schema: Schema | None, wording: Wording) -> None:
        self._schema = schema
        self._wording = wording
        self._items = {each.name for each in schema.items} if schema else set()
        self._homes: dict[str, set[str]] = defaultdict(set)
        for each in schema.fields if schema else ():
            if each.root not in self._items and each.root != "document":
                self._homes[each.label].add(each.root)

    def of(self, node: tree.Expression, item: str = "") -> str:
        """What a value is called in a sentence; inside "line 2: …" (`item` is "line") the word for the item is left out."""
        if not isinstance(node, tree.Path):
            return self._wording.text(node)
        found = self._field(node.name, node.key, item) or self._wording.name(tree.Path(node.name, node.key))
        return f"{found} as received" if node.original else found

    def of_change(self, path: str) -> str:
        """What a changed place is called: `order.lines[2].class` is "line 2, class"."""
        placed = _PLACE.fullmatch(path)
        if placed is None:
            return self._of_text(path, "") or path
        collection = placed["collection"].partition(".")[2]
        word = _WORDS.get(collection, collection)
        if not placed["rest"]:
            return f"{word} {placed['number']}"
        rest = placed["rest"]
        return f"{word} {placed['number']}, {self._of_text(f'{word}.{rest}', word) or rest}"

    def of_field(self, path: str) -> str:
        """What a field by its path is called, `line.sku` or `order.meta["_po"]`."""
        return self._of_text(path, "") or path

    def _of_text(self, path: str, item: str) -> str:
        keyed = _KEYED.fullmatch(path)
        if keyed is not None:
            return self._field(keyed["name"], keyed["key"].replace('""', '"'), item)
        return self._field(path, None, item)

    def _field(self, path: str, key: str | None, item: str) -> str:
        field = None if self._schema is None else self._schema.field(path)
        if field is None:
            return ""
        root = path.partition(".")[0]
        if key is not None:
            kind = "option" if path.endswith(".options") else "custom field"
            return f'{kind} "{key}"'
        label = small(field.label.replace(" address:", ""))
        if root in self._items:
            inside = root == item or root in re.split(r"\W+", label.casefold())
            return label if inside else f"{root} {label}"
        if root == "books" and len(self._homes[field.label]) > 1:
            return f"{label} in the books"
        if root not in _RECORD_ROOTS and len(self._homes[field.label]) > 1:
            return f"{root.replace('_', '-')} {label}"
        if root == "customer" and "customer" not in label:
            return f"customer's {label}"
        return label


def small(label: str) -> str:
    """A label inside a sentence: "Order number" is "order number", "SKU" and "PO number" stay."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def capital(label: str) -> str:
    """A label that begins a line."""
    return label[:1].upper() + label[1:]
