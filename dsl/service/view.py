"""A file as an editor sees it: its text, its tree, and the packs it uses; changes with what questions about a file need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from dsl import tree
from dsl.books import BooksSnapshot
from dsl.check import Checked
from dsl.packs import Library, PackBroken, alias_of
from dsl.parse import parse_text
from dsl.schema import Schema
from dsl.source import Source
from dsl.tokens import Token, tokens_of

_NO_FILE = tree.File(())


@dataclass(frozen=True, slots=True)
class UsedPack:
    """A pack that a file uses: `key` is "name@version", `file` its tree (empty where it cannot be read)."""

    key: str
    text: str
    file: tree.File


@dataclass(frozen=True)
class View:
    """One file at one moment. `file` is its name, as diagnostics say it."""

    file: str
    text: str
    checked: Checked
    schema: Schema
    library: Library | None = None
    books: BooksSnapshot | None = None
    tables: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def parsed(self) -> tree.File:
        """The tree, with holes where the text cannot be read."""
        return self.checked.file or _NO_FILE

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        return tokens_of(self.text)

    @cached_property
    def source(self) -> Source:
        return Source(self.file, self.text)

    @cached_property
    def uses(self) -> dict[str, tree.Use]:
        """The `use` blocks by the short names of their packs."""
        return {alias_of(each): each for each in self.parsed.blocks if isinstance(each, tree.Use)}

    @cached_property
    def packs(self) -> dict[str, UsedPack]:
        """The packs that the file uses, by their short names."""
        return {alias: pack for alias, use in self.uses.items() if (pack := self._pack(use)) is not None}

    def _pack(self, use: tree.Use) -> UsedPack | None:
        if self.library is None:
            return None
        try:
            text = self.library.find(use.pack.text, use.version.text)
        except PackBroken:
            return None
        if text is None:
            return None
        key = f"{use.pack.text}@{use.version.text}"
        return UsedPack(key, text, parse_text(text, file=key).file or _NO_FILE)

    def token_at(self, offset: int) -> int | None:
        """The place in `tokens` of the one that an offset lies in, or ends at; blanks only where nothing else touches it."""
        from bisect import bisect_right

        at = bisect_right(self.tokens, offset, key=lambda each: each.start) - 1
        if at < 0:
            return None
        token = self.tokens[at]
        if offset == token.start and at > 0 and token.kind in ("WS", "COMMENT"):
            return at - 1
        return at if token.start <= offset <= token.end else None
