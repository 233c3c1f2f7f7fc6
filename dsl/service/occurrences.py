"""Every name in a file with what it names and whether it is declared there; changes with what can be named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dsl import tree
from dsl.functions import REGISTRY
from dsl.service.view import UsedPack, View
from dsl.tree import Word
from dsl.values import fold

_LOOKUP = re.compile(r"lookup(?:\s|//[^\n]*\n)+(?P<name>[A-Za-z_][A-Za-z0-9_.]*)")
_COLUMN = re.compile(r"\.(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*\Z")
QUOTED = frozenset({"rule", "flow", "test"})
"""What is named by a title in quotes."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a name stands for: its kind, its name, and the pack that declares it ("name@version", "" for the file itself).

    Kinds: setting, list, table, column (`name` is "table.column"), rule, flow, test, pack (its short name), field,
    function, option. Titles are compared folded, so `name` is folded for them.
    """

    kind: str
    name: str
    pack: str = ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place that names something. For titles the place has the quotes in it; `prefix` is what stands in them before the
    title itself ("std: ")."""

    target: Target
    start: int
    end: int
    declares: bool = False
    prefix: str = ""
    writes: bool = field(default=False, compare=False)


def occurrences(view: View) -> tuple[Occurrence, ...]:
    """All names of a file, in the order of the text."""
    return tuple(sorted(_Finding(view).all(), key=lambda each: (each.start, each.end)))


def at(view: View, offset: int) -> Occurrence | None:
    """The name at an offset, the narrowest where several are nested."""
    found = [each for each in occurrences(view) if each.start <= offset <= each.end]
    return min(found, key=lambda each: each.end - each.start, default=None)


class _Finding:
    def __init__(self, view: View) -> None:
        self.view = view
        blocks = view.parsed.blocks
        self.settings = {each.name.text for each in blocks if isinstance(each, tree.Setting)}
        self.lists = {each.name.text for each in blocks if isinstance(each, tree.List)}
        self.tables = {each.name.text for each in blocks if isinstance(each, tree.Table)}
        for broken in view.parsed.broken:
            if broken.name is not None:
                {"setting": self.settings, "list": self.lists, "table": self.tables}.get(broken.kind, set()).add(
                    broken.name.text
                )

    def all(self) -> Iterator[Occurrence]:
        for block in self.view.parsed.blocks:
            yield from self._block(block)
            for node in tree.walk(block):
                yield from self._node(node)

    # --- declarations and titles --------------------------------------------------------------------------------------

    def _block(self, block: tree.Block) -> Iterator[Occurrence]:
        match block:
            case tree.Setting():
                yield _own("setting", block.name)
            case tree.List():
                yield _own("list", block.name)
            case tree.Table():
                yield _own("table", block.name)
                for column in (*block.keys, *block.outputs):
                    yield _own("column", column.name, f"{block.name.text}.{column.name.text}")
            case tree.Rule():
                yield _title("rule", block.title, declares=True)
                if block.replaces is not None:
                    yield from self._rule_title(block.replaces)
                if block.scope.flow is not None:
                    yield _title("flow", block.scope.flow)
            case tree.Flow():
                yield _title("flow", block.title, declares=True)
                if block.after is not None:
                    yield _title("flow", block.after)
                for option in block.options:
                    yield _named("option", option.name, option.name_span)
            case tree.Test():
                yield _title("test", block.title, declares=True)
                for each in block.settings:
                    yield from self._setting_of_test(each)
                for expected in block.expect:
                    if isinstance(expected, tree.ExpectFired):
                        yield from self._rule_title(expected.rule)
            case tree.Use():
                yield from self._use(block)

    def _use(self, use: tree.Use) -> Iterator[Occurrence]:
        if use.alias is not None:
            yield _own("pack", use.alias)
        key = f"{use.pack.text}@{use.version.text}"
        for each in use.settings:
            yield _named("setting", each.name, each.name_span, pack=key)
        for word in use.turned_off:
            yield _title("rule", word, pack=key)

    def _setting_of_test(self, each: tree.Assignment) -> Iterator[Occurrence]:
        yield from self._name(each.name, each.name_span.start, each.name_span.end)

    def _rule_title(self, word: Word) -> Iterator[Occurrence]:
        """A rule by its title, or one of a pack: "std: Order prefix"."""
        alias, colon, title = word.text.partition(": ")
        pack = self.view.packs.get(alias) if colon else None
        if pack is None:
            yield _title("rule", word)
            return
        target = Target("rule", fold(title), pack.key)
        yield Occurrence(target, word.span.start, word.span.end, prefix=f"{alias}: ")
        yield Occurrence(Target("pack", alias), word.span.start + 1, word.span.start + 1 + len(alias))

    # --- expressions --------------------------------------------------------------------------------------------------

    def _node(self, node: tree.Node) -> Iterator[Occurrence]:
        match node:
            case tree.Path():
                yield from self._path(node)
            case tree.Name():
                yield from self._name(node.name, node.span.start, node.span.end)
            case tree.Call():
                start = node.span.start
                yield Occurrence(Target("function", node.function), start, start + len(node.function))
            case tree.Lookup():
                yield from self._lookup(node)

    def _path(self, node: tree.Path) -> Iterator[Occurrence]:
        text = self.view.text
        start = text.find(node.name, node.span.start, node.span.end)
        if start < 0:
            return
        end = start + len(node.name)
        if node.root in self.view.uses and self.view.schema.field(node.name) is None:
            yield from self._name(node.name, start, end)
        else:
            yield Occurrence(Target("field", node.name), start, end)

    def _name(self, name: str, start: int, end: int) -> Iterator[Occurrence]:
        for kind, own in (("setting", self.settings), ("list", self.lists)):
            if name in own:
                yield Occurrence(Target(kind, name), start, end)
                return
        alias, dot, rest = name.partition(".")
        for other, pack in self.view.packs.items():
            wanted = rest if dot and other == alias else name
            if dot and other != alias:
                continue
            declared = _declared(pack, wanted)
            if declared is not None:
                begin = start + len(alias) + 1 if dot else start
                yield Occurrence(Target(declared, wanted, pack.key), begin, end)
                if dot:
                    yield Occurrence(Target("pack", alias), start, start + len(alias))
                return
        if name in REGISTRY:
            yield Occurrence(Target("function", name), start, end)

    def _lookup(self, node: tree.Lookup) -> Iterator[Occurrence]:
        text = self.view.text[node.span.start : node.span.end]
        found = _LOOKUP.match(text)
        if found is None:
            return
        start, end = (node.span.start + each for each in found.span("name"))
        name = found["name"]
        pack = ""
        if name in self.tables:
            yield Occurrence(Target("table", name), start, end)
        else:
            alias, dot, rest = name.partition(".")
            for other, used in self.view.packs.items():
                wanted = rest if dot and other == alias else name
                if _declared(used, wanted) == "table" and (not dot or other == alias):
                    pack, name = used.key, wanted
                    begin = start + len(alias) + 1 if dot else start
                    yield Occurrence(Target("table", name, pack), begin, end)
                    if dot:
                        yield Occurrence(Target("pack", alias), start, start + len(alias))
                    break
        column = _COLUMN.search(text) if node.column is not None else None
        if column is not None:
            first, last = (node.span.start + each for each in column.span("name"))
            yield Occurrence(Target("column", f"{name}.{column['name']}", pack), first, last)


def _declared(pack: UsedPack, name: str) -> str | None:
    """What a pack declares under a name."""
    for block in pack.file.blocks:
        if isinstance(block, tree.Setting | tree.List | tree.Table) and block.name.text == name:
            return type(block).__name__.casefold()
    return None


def _own(kind: str, word: Word, name: str | None = None) -> Occurrence:
    return Occurrence(Target(kind, name or word.text), word.span.start, word.span.end, declares=True)


def _named(kind: str, name: str, span: tree.Span, pack: str = "") -> Occurrence:
    return Occurrence(Target(kind, name, pack), span.start, span.end)


def _title(kind: str, word: Word, *, declares: bool = False, pack: str = "") -> Occurrence:
    return Occurrence(Target(kind, fold(word.text), pack), word.span.start, word.span.end, declares)
