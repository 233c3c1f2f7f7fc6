"""Keeps what was said of a block from one check to the next; changes with what a block's check may depend on (checks nothing).

What is said of a rule depends on its text and on what it can name: settings, lists, tables, packs and flows. Nothing else of
the file can change it, so as long as these stay, a keystroke costs the check of one block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dsl import tree
from dsl.check.context import Environment, Namespace
from dsl.report import Finding
from dsl.tree import Span


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the check of one block made of it, found, and saw to be used."""

    block: tree.Node
    made: Any
    findings: tuple[Finding, ...]
    used: frozenset[str]
    references: tuple[tuple[str, str, Span], ...]
    generation: int
    titles: int
    beside: str | None = None
    """The text of the CSV file that was read with it."""


@dataclass(slots=True)
class Memory:
    """What is remembered of the blocks of one file."""

    _blocks: dict[int, Remembered] = field(default_factory=dict)
    _named: object = None
    _titles: object = None
    _generation: int = 0
    _title_generation: int = 0

    def compare(self, environment: Environment, names: Namespace, flows: Iterable[tree.Word]) -> None:
        """Takes note of what blocks can name in this check. Where that is not as it was, nothing is remembered."""
        named = (
            dict(environment.settings),
            dict(environment.lists),
            dict(environment.tables),
            names.settings,
            names.lists,
            names.tables,
            names.aliases,
            names.broken,
            names.incomplete,
            tuple(each.text for each in flows),
        )
        if named != self._named:
            self._named = named
            self._generation += 1

    def compare_titles(self, titles: Mapping[str, str], unread: bool) -> None:
        """Takes note of the rules that tests can name in this check."""
        named = (titles, unread)
        if named != self._titles:
            self._titles = named
            self._title_generation += 1

    def recall_table(self, block: tree.Node, beside: str | None) -> Remembered | None:
        """What was said of this very table with these rows beside it: it depends on nothing else."""
        known = self._blocks.get(id(block))
        return known if known is not None and known.beside == beside else None

    def recall(self, block: tree.Node, hasty: bool, titles: bool) -> Remembered | None:
        """What was said of this very block, where it still holds; with `hasty` even where it may not."""
        known = self._blocks.get(id(block))
        if known is None or hasty:
            return known
        if known.generation != self._generation or (titles and known.titles != self._title_generation):
            return None
        return known

    def keep(
        self,
        block: tree.Node,
        made: Any,
        findings: tuple[Finding, ...],
        used: frozenset[str],
        references: tuple[tuple[str, str, Span], ...],
        titles: bool,
        beside: str | None = None,
    ) -> Remembered:
        kept = Remembered(
            block,
            made,
            tuple(each.moving_with(block.span) for each in findings),
            used,
            references,
            self._generation,
            self._title_generation if titles else 0,
            beside,
        )
        self._blocks[id(block)] = kept
        return kept

    def forget_all_but(self, blocks: Iterable[tree.Node]) -> None:
        """Forgets the blocks that the file no longer has."""
        known = self._blocks
        self._blocks = {id(each): known[id(each)] for each in blocks if id(each) in known}
