"""A rule-set text with its blocks found and named; changes with how forms and edits point at blocks (shows no form).

A block's id is its kind and its number among those of its kind ("rule-3"): it holds for this text, by its hash `base`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property

from dsl import tree
from dsl.forms.sheet import Sheet
from dsl.parse import parse_text
from dsl.values import fold

KINDS: dict[type[tree.Node], str] = {
    tree.Header: "ruleset",
    tree.Use: "use",
    tree.Setting: "setting",
    tree.List: "list",
    tree.Table: "table",
    tree.Flow: "flow",
    tree.Rule: "rule",
    tree.Test: "test",
}
BROKEN = "text"
"""The kind of a stretch between blocks that could not be read."""

_READ_ALL_THE_SAME = frozenset({"R106", "R107", "R108", "R109", "R117", "R120", "R602"})
"""What the parser complains about in something that it did read: said twice, a date that does not exist, …"""

_NOTHING = re.compile(r"(?:[ \t\r\n\f\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff]|//[^\n]*(?:\n|\Z))*")


@dataclass(frozen=True, slots=True)
class BlockAt:
    """A block (or, without a `node`, a stretch that could not be read): its id, its title or name, and its place."""

    id: str
    kind: str
    title: str
    node: tree.Block | None
    start: int
    end: int


class Document:
    """One text. Nothing changes it: an edit makes another one."""

    def __init__(self, text: str, file: tree.File | None, name: str = "rules") -> None:
        self.text = text
        self.file = file
        self.name = name
        self._sheets: dict[str, Sheet] = {}
        self._errors: dict[str, tuple[int, ...]] = {}

    @classmethod
    def read(cls, text: str, *, name: str = "rules") -> Document:
        """The document of a text by itself. Never raises for any text."""
        return cls(text, parse_text(text, file=name).file, name)

    @cached_property
    def base(self) -> str:
        """The hash of the text."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def blocks(self) -> tuple[BlockAt, ...]:
        """All blocks in their order, what could not be read among them."""
        found: list[BlockAt] = []
        counts: dict[str, int] = {}

        def add(kind: str, title: str, node: tree.Block | None, start: int, end: int) -> None:
            counts[kind] = counts.get(kind, 0) + 1
            found.append(BlockAt(f"{kind}-{counts[kind]}", kind, title, node, start, end))

        def between(start: int, end: int) -> None:
            match = _NOTHING.match(self.text, start, end)
            at = start if match is None else match.end()
            if at < end:
                add(BROKEN, "", None, at, at + len(self.text[at:end].rstrip()))

        at = 0
        for node in () if self.file is None else self.file.blocks:
            between(at, node.span.start)
            add(KINDS[type(node)], title_of(node), node, node.span.start, node.span.end)
            at = node.span.end
        between(at, len(self.text))
        return tuple(found)

    @cached_property
    def _by_id(self) -> dict[str, BlockAt]:
        return {each.id: each for each in self.blocks}

    def block(self, called: str) -> BlockAt | None:
        """A block by its id, or by its title or name where only one has it (a rule before a test or a flow)."""
        found = self._by_id.get(called)
        if found is not None:
            return found
        named = [each for each in self.blocks if each.title and fold(each.title) == fold(called)]
        exact = [each for each in named if each.title == called]
        for titled in (exact, named):
            rules = [each for each in titled if each.kind == "rule"]
            wanted = rules if len(rules) == 1 else titled
            if len(wanted) == 1:
                return wanted[0]
        return None

    def holding(self, part: str) -> BlockAt | None:
        """The block of a part's id ("rule-3/when/1")."""
        return self._by_id.get(part.partition("/")[0])

    def sheet(self, block: BlockAt) -> Sheet:
        """The tokens of a block, cut once."""
        if block.id not in self._sheets:
            self._sheets[block.id] = Sheet(self.text, block.start, block.end)
        return self._sheets[block.id]

    def errors(self, block: BlockAt) -> tuple[int, ...]:
        """Where something in a block could not be read (or was read as what was most likely meant)."""
        if block.id not in self._errors:
            found = parse_text(self.text[block.start : block.end], file=self.name).diagnostics
            self._errors[block.id] = tuple(
                block.start + each.start.offset
                for each in found
                if each.is_error and each.code not in _READ_ALL_THE_SAME
            )
        return self._errors[block.id]

    def remarks_above(self, block: BlockAt) -> int:
        """Where the comment lines begin that stand directly above a block; its own start where there are none."""
        start = self.text.rfind("\n", 0, block.start) + 1
        if self.text[start : block.start].strip():
            return block.start
        first = block.start
        while start > 0:
            above = self.text.rfind("\n", 0, start - 1) + 1
            if not self.text[above:start].lstrip(" \t").startswith("//"):
                break
            first = above + len(self.text[above:start]) - len(self.text[above:start].lstrip(" \t"))
            start = above
        return first


def title_of(node: tree.Block) -> str:
    """What a block is called."""
    word = word_of(node)
    return "" if word is None else word.text


def word_of(node: tree.Block | None) -> tree.Word | None:
    """The word by which a block is called: its title, its name, for `use` the pack's name."""
    match node:
        case None:
            return None
        case tree.Use():
            return node.pack
        case tree.Setting() | tree.List() | tree.Table():
            return node.name
    return node.title
