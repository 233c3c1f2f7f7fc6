"""What can be named where: changes with the language's rules of visibility (types and reports nothing by itself)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dsl.books import BooksSnapshot
from dsl.report import Reporter
from dsl.resolved import ResolvedList, ResolvedSetting, ResolvedTable
from dsl.schema import ItemKind, RecordKind, Schema
from dsl.tree import Span


@dataclass(slots=True)
class Namespace:
    """The settings, lists and tables that one file can name, by kind: name in the file -> keys in the rule set.

    More than one key: packs clash over the name, and only the long form (`std.name`) is clear.
    """

    settings: dict[str, list[str]] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    tables: dict[str, list[str]] = field(default_factory=dict)
    aliases: frozenset[str] = frozenset()
    """The short names of the packs that the file uses."""
    broken: frozenset[str] = frozenset()
    """What the file declares in blocks that could not be read: anything may be said of it."""
    incomplete: bool = False
    """A pack of the file could not be used, so an unknown name may be one of its own: that is no further mistake."""


@dataclass(slots=True)
class Environment:
    """Everything that is declared in the rule set, by key, and what was seen to be used."""

    schema: Schema
    reporter: Reporter
    books: BooksSnapshot | None = None
    settings: dict[str, ResolvedSetting] = field(default_factory=dict)
    lists: dict[str, ResolvedList] = field(default_factory=dict)
    tables: dict[str, ResolvedTable] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    """Keys that something reads, as "setting x", "list x", "table x"."""
    references: list[tuple[str, str, Span]] = field(default_factory=list)
    """Names of things in the books that the text mentions: (list of the books, name, where)."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may read: the roots of a record kind, and the items that loops around it have bound.

    Without a kind nothing of a record may be read: a constant.
    """

    kind: RecordKind | None
    items: Mapping[str, ItemKind] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    what: str = "this"
    """What the expression is part of, for messages about constants: "a default", "a list"."""

    def with_item(self, item: ItemKind) -> Scope:
        return Scope(self.kind, {**self.items, item.name: item}, self.extra, self.what)

    def reaches(self, root: str) -> bool:
        return root in self.items or root in self.extra or (self.kind is not None and root in self.kind.roots)
