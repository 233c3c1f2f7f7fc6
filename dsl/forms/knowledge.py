"""What forms know of the names in a file and of the world: types, labels, choices; changes with what can be chosen.

Only names and types are looked up, quickly: whether a file is right says `dsl.check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from dsl import tree
from dsl.books import BooksSnapshot
from dsl.forms.document import Document
from dsl.forms.model import Choice
from dsl.functions import REGISTRY
from dsl.packs import Library, alias_of
from dsl.parse import parse_text
from dsl.schema import Field, ItemKind, RecordKind, Schema
from dsl.tree import Expression
from dsl.types import (
    ANY,
    DATE,
    DURATION,
    MISSING,
    MONEY,
    NAMED,
    NUMBER,
    PERCENT,
    REFERENCES,
    TEXT,
    YES_NO,
    Type,
    list_of,
    type_named,
)
from dsl.values import fold


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a file stands in: the vocabulary, the canned rule sets, and the books where they are known."""

    schema: Schema
    library: Library | None = None
    books: BooksSnapshot | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be read at a place: the roots of a record kind, and the words of items that loops have bound."""

    kind: RecordKind | None = None
    items: tuple[ItemKind, ...] = ()
    all_of: str = ""
    """"test": every field of every record, as in the expectations of a test."""

    def with_item(self, item: ItemKind | None) -> Scope:
        return self if item is None else Scope(self.kind, (*self.items, item), self.all_of)

    @property
    def name(self) -> str:
        words = [
            self.kind.name if self.kind is not None else "",
            *(each.collection for each in self.items),
            self.all_of,
        ]
        return " ".join(each for each in words if each)


@dataclass(frozen=True, slots=True)
class Declared:
    """A setting or a list that a file can name: its type, the list of the books that its values name, what it is for."""

    name: str
    type: Type
    reference: str = ""
    note: str = ""
    default: Expression | None = None
    node: tree.Setting | tree.List | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that a file uses: its text, and its tree where it was found and could be read."""

    name: str
    alias: str
    text: str = ""
    file: tree.File | None = None
    used: Mapping[str, Pack] = field(default_factory=dict)


@lru_cache(maxsize=64)
def _read(text: str) -> tree.File | None:
    return parse_text(text, file="pack").file


class Knowledge:
    """A document in its surroundings."""

    def __init__(self, document: Document, surroundings: Surroundings) -> None:
        self.document = document
        self.surroundings = surroundings
        self.schema = surroundings.schema

    # --- names --------------------------------------------------------------------------------------------------------

    @cached_property
    def packs(self) -> tuple[Pack | None, ...]:
        """The pack of each `use`, in their order."""
        nodes = [each.node for each in self.document.blocks if isinstance(each.node, tree.Use)]
        return tuple(self._pack(each, 0) for each in nodes if isinstance(each, tree.Use))

    def pack_of(self, use: tree.Use) -> Pack | None:
        return self._pack(use, 0)

    def _pack(self, use: tree.Use, depth: int) -> Pack | None:
        library = self.surroundings.library
        text = None if library is None or depth > 8 else library.find(use.pack.text, use.version.text)
        if text is None:
            return None
        file = _read(text)
        inner: dict[str, Pack] = {}
        for each in () if file is None else file.blocks:
            if isinstance(each, tree.Use) and (found := self._pack(each, depth + 1)) is not None:
                inner[found.alias] = found
        return Pack(use.pack.text, alias_of(use), text, file, inner)

    def pack_settings(self, pack: Pack, prefix: str = "") -> list[Declared]:
        """The settings that a `use` of the pack can give, those of its own packs in the long form."""
        found = [
            _setting(each, prefix + each.name.text)
            for each in (() if pack.file is None else pack.file.blocks)
            if isinstance(each, tree.Setting)
        ]
        for alias, inner in pack.used.items():
            found += self.pack_settings(inner, f"{prefix}{alias}.")
        return found

    def pack_rules(self, pack: Pack, prefix: str = "") -> list[tuple[str, tree.Rule, Pack]]:
        """The rules of a pack in the order in which they run, each by its title (of its own packs: "base: title")."""
        found: list[tuple[str, tree.Rule, Pack]] = []
        for each in () if pack.file is None else pack.file.blocks:
            if isinstance(each, tree.Rule):
                found.append((prefix + each.title.text, each, pack))
            elif isinstance(each, tree.Use) and (inner := pack.used.get(alias_of(each))) is not None:
                found += self.pack_rules(inner, f"{prefix}{inner.alias}: ")
        return found

    @cached_property
    def settings(self) -> Mapping[str, Declared]:
        """Every setting that the file can name; a name that two packs share means what it means in the last."""
        found: dict[str, Declared] = {}
        for pack in self.packs:
            for each in [] if pack is None else self.pack_settings(pack):
                found[f"{pack.alias if pack else ''}.{each.name}"] = each
                if "." not in each.name:
                    found[each.name] = each
        for block in self.document.blocks:
            if isinstance(block.node, tree.Setting):
                found[block.title] = _setting(block.node, block.title)
        return found

    @cached_property
    def lists(self) -> Mapping[str, Declared]:
        found: dict[str, Declared] = {}
        for pack in self.packs:
            for each in () if pack is None or pack.file is None else pack.file.blocks:
                if isinstance(each, tree.List) and pack is not None:
                    declared = Declared(each.name.text, self.kind_of(each.value), node=each)
                    found[f"{pack.alias}.{each.name.text}"] = found[each.name.text] = declared
        for block in self.document.blocks:
            if isinstance(block.node, tree.List):
                found[block.title] = Declared(block.title, self.kind_of(block.node.value), node=block.node)
        return found

    @cached_property
    def tables(self) -> Mapping[str, tree.Table]:
        found: dict[str, tree.Table] = {}
        for pack in self.packs:
            for each in () if pack is None or pack.file is None else pack.file.blocks:
                if isinstance(each, tree.Table) and pack is not None:
                    found[f"{pack.alias}.{each.name.text}"] = found[each.name.text] = each
        found |= {each.title: each.node for each in self.document.blocks if isinstance(each.node, tree.Table)}
        return found

    # --- types --------------------------------------------------------------------------------------------------------

    def field_of(self, node: Expression) -> Field | None:
        """The field that a path names, if it is one."""
        return self.schema.field(node.name) if isinstance(node, tree.Path) else None

    def declared(self, node: Expression) -> Declared | None:
        """The setting or list that a name (or a long name of a pack) means."""
        if isinstance(node, tree.Name) or (isinstance(node, tree.Path) and node.key is None and not node.original):
            return self.settings.get(node.name) or self.lists.get(node.name)
        return None

    def kind_of(self, node: Expression | None) -> Type:
        """The type of an expression as far as it shows; ANY where only the checker would know."""
        if node is None:
            return ANY
        simple = _TYPES.get(type(node))
        if simple is not None:
            return simple
        if isinstance(node, tree.Path | tree.Name):
            found = self.field_of(node)
            if found is not None:
                return found.type
            declared = self.declared(node)
            if declared is not None:
                return declared.type
            function = REGISTRY.get(node.name)
            return function.result if function is not None and isinstance(function.result, Type) else ANY
        if isinstance(node, tree.ListOf):
            return list_of(next((self.kind_of(each) for each in node.elements), ANY))
        if isinstance(node, tree.Call):
            function = REGISTRY.get(node.function)
            return function.result if function is not None and isinstance(function.result, Type) else ANY
        if isinstance(node, tree.OrElse):
            first = self.kind_of(node.first)
            return first if first not in (ANY, MISSING) else self.kind_of(node.second)
        if isinstance(node, tree.Negative):
            return self.kind_of(node.operand)
        if isinstance(node, tree.Sum):
            return self.kind_of(node.value)
        if isinstance(node, tree.Lookup):
            return self._of_lookup(node)
        return ANY

    def _of_lookup(self, node: tree.Lookup) -> Type:
        table = self.tables.get(node.table)
        if table is None:
            return ANY
        names = [each.name.text for each in table.outputs]
        place = names.index(node.column) if node.column in names else 0
        return self.column_type(table, len(table.keys) + place)

    def column_type(self, table: tree.Table, place: int) -> Type:
        """What a column of a table holds: what the file says, else what its first constants are."""
        column = (*table.keys, *table.outputs)[place]
        if column.type is not None:
            return declared_type(column.type.words)[0]
        for row in table.rows[:50]:
            if place >= len(table.keys):
                at = place - len(table.keys)
                found = self.kind_of(row.outputs[at]) if at < len(row.outputs) else ANY
            else:
                tests = row.cells[place].alternatives if row.cells is not None and place < len(row.cells) else ()
                values = [each.value for each in tests if isinstance(each, tree.ValueCell | tree.ComparisonCell)]
                found = self.kind_of(values[0]) if values else ANY
            if found not in (ANY, MISSING):
                return found
        return TEXT

    # --- scopes and choices -------------------------------------------------------------------------------------------

    def scope_of(self, rule: tree.Rule) -> Scope:
        what = rule.scope
        if isinstance(what, tree.ForRecord):
            return Scope(self.schema.kind(what.kind.text))
        item = self.schema.item(what.collection.name)
        return Scope(self.schema.kind(what.collection.root), () if item is None else (item,))

    def scope_of_flow(self, flow: tree.Flow) -> Scope:
        word = None if flow.sync is None else flow.sync.text
        return Scope(next((each for each in self.schema.kinds if each.plural == word), None))

    def fields(self, scope: Scope) -> Iterable[Field]:
        """The fields that can be read at a place."""
        roots = set() if scope.kind is None else set(scope.kind.roots)
        roots |= {each.name for each in scope.items}
        if scope.all_of:
            return self.schema.fields
        return [each for each in self.schema.fields if each.root in roots]

    def field_choices(self, scope: Scope, *, writable: bool = False) -> tuple[Choice, ...]:
        """The fields of a place; of items with what they belong to, custom fields without their key."""
        labels = {each.name: each.label for each in reversed(self.schema.items)}
        labels |= {each.name: each.label for each in scope.items}
        return tuple(
            Choice(
                each.path + ('["…"]' if each.keyed else ""),
                f"{labels[each.root]}: {each.label}" if each.root in labels else each.label,
                each.help,
            )
            for each in self.fields(scope)
            if each.writable or not writable
        )

    def value_choices(self, found: Field) -> tuple[Choice, ...]:
        """The values of a field's closed set, with the words that people say for them."""
        spoken = {value: words for words, value in reversed(list(found.spoken.items()))}
        return tuple(
            Choice(each, f"{spoken[each].title()} ({each})" if each in spoken else each.replace("_", " "))
            for each in found.values
        )

    def book_choices(self, reference: str) -> tuple[Choice, ...]:
        """The names that the books have in a list ("account"), those switched off left out."""
        books = self.surroundings.books
        if books is None:
            return ()
        off = {fold(each) for each in books.inactive.get(reference, ())}
        return tuple(Choice(each, each) for each in books.names.get(reference, ()) if fold(each) not in off)


_TYPES: Mapping[type[Expression], Type] = {
    tree.Text: TEXT,
    tree.Template: TEXT,
    tree.Number: NUMBER,
    tree.Percent: PERCENT,
    tree.Money: MONEY,
    tree.Date: DATE,
    tree.Duration: DURATION,
    tree.YesNo: YES_NO,
    tree.Missing: MISSING,
    tree.Count: NUMBER,
    tree.And: YES_NO,
    tree.Or: YES_NO,
    tree.Not: YES_NO,
    tree.Comparison: YES_NO,
    tree.Presence: YES_NO,
    tree.Quantified: YES_NO,
}

TYPE_WORDS: tuple[str, ...] = (
    *(each for each in NAMED if each != "datetime"),
    *REFERENCES,
    *(f"list of {each}" for each in ("text", "number", "money", "date")),
    *(f"list of {each}" for each in REFERENCES),
)
"""The types that a setting or a column can have."""


def declared_type(words: str) -> tuple[Type, str]:
    """The type that a declaration names and the list of the books that its values are names in ("")."""
    one = words.removeprefix("list of ")
    if one in REFERENCES:
        return (TEXT if one == words else list_of(TEXT)), one
    try:
        return type_named(words), ""
    except KeyError:
        return ANY, ""


def _setting(node: tree.Setting, name: str) -> Declared:
    type, reference = declared_type(node.type.words)
    return Declared(name, type, reference, node.note or "", node.default, node)
