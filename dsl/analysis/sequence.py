"""The rules in the order in which one record meets them, and which of them change what others ask; changes with that order.

It reads no condition beyond its cases and reports nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from dsl import tree
from dsl.analysis.conditions import Case, Cases, Conditions
from dsl.evaluate.records import collection_of, main_root, rule_kinds
from dsl.resolved import ResolvedRule, ResolvedRuleSet
from dsl.tree import Expression, Statement
from dsl.values import fold

_RECOMPUTED = frozenset(("line.quantity", "line.unit_price"))
"""Fields of a line whose change makes its amount follow."""


@dataclass(eq=False)
class Branch:
    """The `then` or the `otherwise` of a rule, at its place in a sequence (from 0)."""

    rule: ResolvedRule
    place: int
    is_otherwise: bool
    statements: tuple[Statement, ...]

    @cached_property
    def conditions(self) -> tuple[Expression, ...]:
        """What has to hold for its statements to run, all of it."""
        rule = self.rule.rule
        where = rule.scope.where if isinstance(rule.scope, tree.ForEach) else None
        when = rule.when
        if when is not None and self.is_otherwise:
            when = tree.Not(when, type=when.type, span=when.span)
        return tuple(each for each in (where, when) if each is not None)

    def cases(self, conditions: Conditions) -> Cases:
        """The cases in which its statements run."""
        return conditions.together(self.conditions, self.rule.item)

    @cached_property
    def stop(self) -> tree.Skip | tree.Fail | None:
        """The statement that surely ends the record where this branch runs, if any (a hold may be released)."""
        for each in self.statements:
            if isinstance(each, tree.Fail) or (isinstance(each, tree.Skip) and each.item is None):
                return each
        return None

    @cached_property
    def leaves_out(self) -> tree.Skip | None:
        """The statement that surely leaves its item out, so that no later rule sees it, if any."""
        return next((each for each in self.statements if isinstance(each, tree.Skip) and each.item is not None), None)


def branches_of(rule: ResolvedRule, place: int) -> Iterable[Branch]:
    """The branches of a rule, `then` first."""
    yield Branch(rule, place, False, rule.rule.then)
    if rule.rule.otherwise and rule.rule.when is not None:
        yield Branch(rule, place, True, rule.rule.otherwise)


@dataclass(frozen=True)
class Sequence:
    """The rules that run on records of one kind, in their order; `branches` are those of rules without error."""

    kind: str
    rules: tuple[ResolvedRule, ...]
    branches: tuple[Branch, ...]
    writers: Mapping[str, tuple[int, ...]]
    """The places of the rules that may write a field (or change a list), by field."""
    adders: Mapping[str, tuple[int, ...]]
    """The places of the rules that may add items to a list, by list."""

    def is_stable(self, reads: Iterable[str], first: int, last: int) -> bool:
        """Whether no rule from one place up to (not including) another may write any of these fields."""
        return not any(_between(self.writers.get(field), first, last) for field in reads)

    def gets_items(self, collection: str, first: int, last: int) -> bool:
        """Whether a rule from one place up to (not including) another may add items to a list."""
        return _between(self.adders.get(collection), first, last)

    def is_constant(self, reads: frozenset[str]) -> bool:
        """Whether no rule writes any of these fields."""
        return not any(field in self.writers for field in reads)


def sequence(ruleset: ResolvedRuleSet, clean: Iterable[ResolvedRule], kind: str) -> Sequence:
    """The rules that run on records of a kind; for a refund those for its order come first."""
    kinds = rule_kinds(kind)
    rules = tuple(rule for each in kinds for rule in ruleset.rules if rule.runs and rule.kind == each)
    known = {rule.key for rule in clean}
    writers: dict[str, list[int]] = defaultdict(list)
    adders: dict[str, list[int]] = defaultdict(list)
    branches: list[Branch] = []
    for place, rule in enumerate(rules):
        for field in written_by(rule):
            writers[field].append(place)
        for statement in (*rule.rule.then, *rule.rule.otherwise):
            if isinstance(statement, tree.Add):
                adders[collection_of(rule.kind, statement.item)].append(place)
        if rule.key in known:
            branches += branches_of(rule, place)
    return Sequence(
        kind,
        rules,
        tuple(branches),
        {field: tuple(places) for field, places in writers.items()},
        {collection: tuple(places) for collection, places in adders.items()},
    )


def _between(places: tuple[int, ...] | None, first: int, last: int) -> bool:
    if places is None:
        return False
    at = bisect_left(places, first)
    return at < len(places) and places[at] < last


def written_by(rule: ResolvedRule) -> frozenset[str]:
    """All fields that a rule may change, those too that follow from what it writes."""
    found = set(rule.writes)
    if found & _RECOMPUTED:
        found.add("line.amount")
    if "order.tags" in found:
        found.add(f"{main_root(rule.kind)}.tags")
    return frozenset(found)


def meet_in_scope(one: ResolvedRule, other: ResolvedRule) -> bool:
    """Whether a record can come from a source and in a flow that both rules are for."""
    first, second = one.rule.scope, other.rule.scope
    return _may_be_same(first.source, second.source) and _may_be_same(first.flow, second.flow)


def _may_be_same(one: tree.Word | None, other: tree.Word | None) -> bool:
    return one is None or other is None or fold(one.text) == fold(other.text)


def scope_within(narrow: ResolvedRule, wide: ResolvedRule) -> bool:
    """Whether every record that the one rule is for is one that the other is for, as far as source and flow go."""
    inner, outer = narrow.rule.scope, wide.rule.scope
    return _is_within(inner.source, outer.source) and _is_within(inner.flow, outer.flow)


def _is_within(inner: tree.Word | None, outer: tree.Word | None) -> bool:
    return outer is None or (inner is not None and fold(inner.text) == fold(outer.text))


def shares_item(one: ResolvedRule, other: ResolvedRule) -> bool:
    """Whether both rules go over the items of one list."""
    return bool(one.item) and one.collection == other.collection


def coupled(sequence: Sequence, earlier: Branch, later: Branch, same_item: bool, one: Case, two: Case) -> Case | None:
    """What is known of a record for which both cases are met, each at the place of its branch; None: there is none.

    What the later case asks of a field that was written in between says nothing of the record that came in: it is left
    out. `same_item` says that both are about one item, not each about any.
    """
    # In a loop a rule reads what it wrote itself for the items before.
    first, last = earlier.place, later.place + (1 if later.rule.item else 0)
    domains = dict(one.domains)
    for term, domain in two.domains.items():
        known = domains.get(term)
        if term.item and not same_item:
            continue
        if not sequence.is_stable(term.reads, first, last):
            continue
        if known is not None:
            domain = known.intersect(domain)
            if domain.is_empty:
                return None
        domains[term] = domain
    atoms = dict(one.atoms)
    for atom, holds in two.atoms.items():
        if (atom.item and not same_item) or not sequence.is_stable(atom.reads, first, last):
            continue
        if atoms.setdefault(atom, holds) is not holds:
            return None
    return Case(domains, atoms)


def exclude(sequence: Sequence, earlier: Branch, later: Branch, same_item: bool, one: Case, two: Case) -> bool:
    """Whether `coupled` would find nothing, in less time and without putting the case together."""
    first, last = earlier.place, later.place + (1 if later.rule.item else 0)
    for term, domain in one.domains.items():
        other = two.domains.get(term)
        if (
            other is not None
            and (same_item or not term.item)
            and domain.excludes(other)
            and sequence.is_stable(term.reads, first, last)
        ):
            return True
    for atom, holds in one.atoms.items():
        if (
            two.atoms.get(atom, holds) is not holds
            and (same_item or not atom.item)
            and sequence.is_stable(atom.reads, first, last)
        ):
            return True
    return False
