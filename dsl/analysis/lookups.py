"""How rules look tables up, and what becomes of a look-up that finds nothing; changes with where values may stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from dsl import tree
from dsl.analysis.survey import Anatomy, Survey, parts
from dsl.schema import Field, Schema
from dsl.types import MONEY, NUMBER, PERCENT


class Need(IntEnum):
    """What a look-up without a result does."""

    SAID = 0
    """The rule says itself what is done then: `or else`, `or hold "…"`, `is missing`."""
    QUIET = 1
    """Nothing is written, as people expect."""
    NEEDED = 2
    """Tax or money is not what it should be, or an item is not added, and nobody sees it."""


@dataclass(frozen=True, slots=True)
class Looking:
    """One `lookup` in a rule (or in an option of a flow)."""

    node: tree.Lookup
    need: Need
    rule: str


def lookups(survey: Survey) -> Mapping[str, list[Looking]]:
    """All look-ups by the key of their table, in the order of the rules."""
    found: dict[str, list[Looking]] = {}
    for anatomy in survey.rules:
        if anatomy.has(tree.Lookup):
            for each in _in_rule(anatomy, survey.subject.schema):
                found.setdefault(each.node.table, []).append(each)
    for flow in survey.subject.ruleset.flows:
        for option in flow.options:
            for looking in _in(option.value, Need.QUIET, ""):
                found.setdefault(looking.node.table, []).append(looking)
    return found


def _in_rule(anatomy: Anatomy, schema: Schema) -> Iterator[Looking]:
    title = anatomy.rule.key
    for condition in (anatomy.where, anatomy.rule.rule.when):
        if condition is not None:
            yield from _in(condition, Need.QUIET, title)
    for statement in anatomy.statements:
        match statement:
            case tree.Set() | tree.Fill() | tree.Override():
                found = schema.field(statement.target.name)
                need = Need.SAID if statement.or_stop is not None else weight(found)
                yield from _in(statement.value, need, title)
            case tree.Add():
                for each in statement.fields:
                    yield from _in(each.value, Need.NEEDED, title)
            case _:
                for part in parts(statement):
                    yield from _in(part, Need.QUIET, title)


def weight(found: Field | None) -> Need:
    """How much it matters that a field is not written."""
    if found is not None and (found.reference == "tax_code" or found.type in (MONEY, PERCENT)):
        return Need.NEEDED
    return Need.QUIET


def _in(node: tree.Node, need: Need, title: str) -> Iterator[Looking]:
    match node:
        case tree.Lookup():
            yield Looking(node, need, title)
            for key in node.keys:
                yield from _in(key, need, title)
        case tree.OrElse(first=first, second=second):
            yield from _in(first, Need.SAID, title)
            yield from _in(second, need, title)
        case tree.Presence(operand=operand):
            yield from _in(operand, Need.SAID, title)
        case tree.Comparison(negated=True):
            for part in parts(node):
                yield from _in(part, max(need, Need.QUIET), title)
        case tree.Call(function="if", arguments=(condition, *values)):
            yield from _in(condition, Need.QUIET, title)
            for value in values:
                yield from _in(value, need, title)
        case tree.Sum(value=value, where=where):
            # A sum leaves out what is missing: of amounts, nobody sees it.
            yield from _in(value, Need.NEEDED if value.type in (MONEY, NUMBER) else need, title)
            if where is not None:
                yield from _in(where, Need.QUIET, title)
        case _:
            for part in parts(node):
                yield from _in(part, need, title)


def optional(node: tree.Expression, schema: Schema) -> bool:
    """Whether a key may be missing, as far as that can be told."""
    match node:
        case tree.Path(name=name, key=key):
            found = schema.field(name)
            return found is None or found.optional or key is not None
        case tree.OrElse(first=first, second=second):
            return optional(first, schema) and optional(second, schema)
        case tree.Text() | tree.Number() | tree.Money() | tree.Percent() | tree.Date() | tree.YesNo() | tree.Count():
            return False
    return True


def field_of(node: tree.Expression, schema: Schema) -> Field | None:
    """The field that a key comes from: of `a or else b` the first, where both are alike."""
    match node:
        case tree.Path(name=name, key=None):
            return schema.field(name)
        case tree.OrElse(first=first, second=second):
            one, other = field_of(first, schema), field_of(second, schema)
            return one if one is not None and other is not None and one.values == other.values else None
    return None
