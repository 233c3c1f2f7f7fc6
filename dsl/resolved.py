"""A rule set after checking, ready to compile; changes when the back half needs to know more (checks nothing)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from dsl.tree import NOWHERE, Expression, Flow, Header, Row, Rule, Span, Test
from dsl.types import Type


class Standing(StrEnum):
    """Whether a rule runs, and if not, why."""

    ON = "on"
    OFF = "off"  # `rule "…" off` in its own file
    TURNED_OFF = "turned off"  # by `turn off` where the pack is used
    REPLACED = "replaced"  # another rule stands in its place


@dataclass(frozen=True, slots=True)
class ResolvedRule:
    """A rule with everything named in it found.

    `key` is unique in the rule set: the title, with "std: " before it for a rule of a pack used as `std`. `kind` is the
    record kind it runs on, `item` the word of its loop ("" without one). `reads` and `writes` hold `Path.field` texts
    ("order.number", 'order.meta["_po"]'; added and skipped items as their collection, tags as "order.tags").
    """

    key: str
    rule: Rule
    kind: str
    item: str
    collection: str
    standing: Standing
    pack: str
    replaced_by: str
    reads: frozenset[str]
    writes: frozenset[str]

    @property
    def runs(self) -> bool:
        return self.standing is Standing.ON


@dataclass(frozen=True, slots=True)
class ResolvedSetting:
    """A setting and its value in force; `value` is a constant expression, or None where it has none (missing)."""

    key: str
    type: Type
    reference: str
    value: Expression | None
    default: Expression | None
    note: str
    pack: str


@dataclass(frozen=True, slots=True)
class ResolvedList:
    """A named list of constants."""

    key: str
    type: Type
    elements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ResolvedColumn:
    name: str
    type: Type
    currency: str = ""
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ResolvedTable:
    """A table with the rows of its CSV file read in: rows from top to bottom, `otherwise` apart."""

    key: str
    keys: tuple[ResolvedColumn, ...]
    outputs: tuple[ResolvedColumn, ...]
    rows: tuple[Row, ...]
    otherwise: tuple[Expression, ...] | None
    csv: str = ""
    csv_lines: tuple[int, ...] = field(default=(), compare=False, repr=False)
    """The line of the CSV file that each of the first rows stands in; the other rows stand in the file itself."""
    name_span: Span = field(default=NOWHERE, compare=False, repr=False)
    end_span: Span = field(default=NOWHERE, compare=False, repr=False)
    """Where a further row would be written: right before the table's `end`."""
    otherwise_span: Span = field(default=NOWHERE, compare=False, repr=False)

    def output(self, name: str) -> int | None:
        """The place of an output column, or None."""
        return next((place for place, each in enumerate(self.outputs) if each.name == name), None)


@dataclass(frozen=True, slots=True)
class ResolvedRuleSet:
    """A whole rule set in the order in which its rules run; immutable, free of anything outside the record.

    `rules` holds those that do not run too (for explain); a rule that `replaces` stands where the replaced one stood.
    `sources` are all texts, those of the packs too, by file name ("" never occurs): what the rule set is, and for
    showing the wording of any span.
    """

    file: str
    header: Header | None
    settings: Mapping[str, ResolvedSetting]
    lists: Mapping[str, ResolvedList]
    tables: Mapping[str, ResolvedTable]
    flows: tuple[Flow, ...]
    rules: tuple[ResolvedRule, ...]
    tests: tuple[Test, ...]
    sources: Mapping[str, str]

    def with_settings(self, values: Mapping[str, Expression]) -> ResolvedRuleSet:
        """The same rule set with other (already checked) values of settings; an unknown key raises KeyError."""
        changed = {key: replace(self.settings[key], value=value) for key, value in values.items()}
        return replace(self, settings={**self.settings, **changed})

    def wording(self, span: Span) -> str:
        """The text of a span as it stands in its file."""
        return self.sources.get(span.file, "")[span.start : span.end]
