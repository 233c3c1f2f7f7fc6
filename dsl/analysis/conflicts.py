"""Finds two rules that write one field of the same record; changes with what counts as overwriting in silence.

A `set` or `clear` after an earlier write is doubted, unless its rule reads what it writes, or the conditions of both
cannot hold for one record. `override` says what it does, `fill` and `replace` overwrite nothing in silence. What is told
comes with a record for which both rules fire, wherever one is found; it was run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from dsl import tree
from dsl.analysis.conditions import Case, Cases, Conditions
from dsl.analysis.domains import TooComplex
from dsl.analysis.examples import Examples
from dsl.analysis.sequence import Branch, coupled, exclude, meet_in_scope, shares_item
from dsl.analysis.sequence import Sequence as Rules
from dsl.analysis.subject import Subject
from dsl.analysis.terms import Term
from dsl.analysis.wording import text_of
from dsl.report import Reporter
from dsl.tree import Span, Statement

_MOST_COMPARISONS = 100_000
_FEW = 48


@dataclass(frozen=True, slots=True)
class Write:
    """One statement that writes a field, with the cases in which it runs."""

    branch: Branch
    statement: Statement
    field: str
    target: Span
    of_item: bool
    """It writes to the item that its rule is about, not to the record."""
    silent: bool
    """It overwrites without saying so (a plain set or clear) and without having read what it overwrites."""
    cases: Cases


@dataclass(frozen=True, slots=True)
class Told:
    """What other analyses have told: `branches` that never run, and pairs of rules (keys, the earlier first)."""

    branches: Collection[tuple[str, bool]] = ()
    pairs: Collection[tuple[str, str]] = ()


def report_conflicts(subject: Subject, sequences: Iterable[Rules], told: Told) -> None:
    """One warning for each rule that may overwrite in silence what an earlier one wrote."""
    # With an error in the file nothing can be run, and the value of a setting may be what is wrong.
    runs = not subject.reporter.has_errors
    conditions = subject.conditions.with_settings(subject.ruleset.settings) if runs else subject.conditions
    examples = Examples(subject.ruleset, subject.schema) if runs else None
    budget = [_MOST_COMPARISONS]
    for rules in sequences:
        for writes in _by_field(rules, conditions, told).values():
            if len(writes) > 1 and any(each.silent for each in writes):
                _compare(writes, rules, told, examples, subject.reporter, budget)


def _compare(
    writes: Sequence[Write], rules: Rules, told: Told, examples: Examples | None, reporter: Reporter, budget: list[int]
) -> None:
    done: set[int] = set()
    for later, candidates in _candidates(writes, rules):
        if not later.silent or later.branch.place in done:
            continue
        for earlier in candidates:
            budget[0] -= 1
            if budget[0] < 0:
                return
            one, other = earlier.branch.rule, later.branch.rule
            if earlier.branch.place == later.branch.place or (one.key, other.key) in told.pairs:
                continue
            if not meet_in_scope(one, other) or (one.pack and one.pack == other.pack):
                continue
            both = _both(earlier, later, rules)
            first = next(both, None)
            if first is not None:
                done.add(later.branch.place)
                cases = chain((first,), both)
                example = None
                if examples is not None:
                    example = examples.both_fire(earlier.branch, later.branch, cases, other.kind)
                _report(earlier, later, "" if example is None else example.words, reporter)
                break


def _by_field(rules: Rules, conditions: Conditions, told: Told) -> dict[str, list[Write]]:
    """What is written, by field (and list, for a field of an item), where more than one rule may."""
    found: dict[str, list[Write]] = defaultdict(list)
    for branch in rules.branches:
        rule = branch.rule
        if rule.kind != rules.kind or branch.stop is not None or (rule.key, branch.is_otherwise) in told.branches:
            continue
        cases: Cases | None = None
        for statement in branch.statements:
            if isinstance(statement, tree.Set | tree.Fill | tree.Override | tree.Clear | tree.Replace):
                field, target = statement.target.field, statement.target.span
                of_item = bool(rule.item) and statement.target.root == rule.item
            elif isinstance(statement, tree.Tag):
                field, target, of_item = "order.tags", statement.span, False
            else:
                continue
            writers = rules.writers.get(field)
            if (writers is not None and len(writers) < 2) or (of_item and branch.leaves_out):
                continue
            if cases is None:
                cases = branch.cases(conditions)
            if cases:
                silent = isinstance(statement, tree.Set | tree.Clear) and field not in rule.reads
                where = f"{rule.collection}:{field}" if of_item else field
                found[where].append(Write(branch, statement, field, target, of_item, silent, cases))
    return found


def _both(earlier: Write, later: Write, rules: Rules) -> Iterator[Case]:
    """The cases in which both statements run, for one item where they write to items."""
    same_item = earlier.of_item and later.of_item and shares_item(earlier.branch.rule, later.branch.rule)
    for one in earlier.cases:
        for two in later.cases:
            try:
                if exclude(rules, earlier.branch, later.branch, same_item, one, two):
                    continue
                both = coupled(rules, earlier.branch, later.branch, same_item, one, two)
            except TooComplex:
                both = one
            if both is not None:
                yield both


def _candidates(writes: Sequence[Write], rules: Rules) -> Iterator[tuple[Write, Iterable[Write]]]:
    """Each write with the earlier ones that are worth comparing, nearest first.

    Hundreds of rules that each ask one field for another constant exclude each other by that field: only those with the
    same constant, or without one, are compared.
    """
    if len(writes) <= _FEW:
        for at, later in enumerate(writes):
            yield later, _before(writes, at)
        return
    told = [_listed(each, rules) for each in writes]
    counts: dict[Term, int] = defaultdict(int)
    for listed in told:
        for term in listed:
            counts[term] += 1
    best = max(counts, key=lambda each: counts[each], default=None)
    buckets: dict[object, list[Write]] = defaultdict(list)
    loose: list[Write] = []
    for at, later in enumerate(writes):
        values = told[at].get(best) if best is not None else None
        if values is None:
            yield later, _before(writes, at)
            loose.append(later)
        else:
            if later.silent:
                near = {id(each): each for value in values for each in buckets[value]}
                yield later, sorted((*near.values(), *loose), key=lambda each: -each.branch.place)
            for value in values:
                buckets[value].append(later)


def _before(writes: Sequence[Write], at: int) -> Iterator[Write]:
    """The writes before a place, nearest first."""
    return (writes[place] for place in range(at - 1, -1, -1))


def _listed(write: Write, rules: Rules) -> dict[Term, frozenset[object]]:
    """Terms that have one of some values in all cases of a write, and that no rule changes."""
    found: dict[Term, frozenset[object]] = {}
    for term in write.cases[0].domains:
        if (term.item and not write.of_item) or not rules.is_constant(term.reads):
            continue
        values: frozenset[object] = frozenset()
        for case in write.cases:
            domain = case.domains.get(term)
            single = None if domain is None or domain.missing else domain.single
            if single is None:
                break
            values |= single
        else:
            found[term] = values
    return found


def _report(earlier: Write, later: Write, example: str, reporter: Reporter) -> None:
    statement = later.statement
    one, other = earlier.branch.rule, later.branch.rule
    fixes: list[tuple[str, Span, str]] = []
    if isinstance(statement, tree.Set):
        target = text_of(reporter, statement.target.span)
        value = text_of(reporter, statement.value.span)
        through = statement.span.until(statement.value.span)
        # What always overrides leaves nothing of the earlier rule: that cannot be what is meant.
        if later.branch.conditions or other.rule.scope.source or other.rule.scope.flow:
            fixes = [("Say that it overrides", through, f"override {target} with {value}")]
        elif earlier.branch.conditions or one.rule.scope.source or one.rule.scope.flow:
            fixes = [("Fill it in where nothing is", through, f"fill {target} with {value}")]
    message = f'"{other.key}" may overwrite `{later.field}`, which "{one.key}" wrote'
    label = f"both fire for {example}" if example else ""
    help = (
        "write `override … with …` if that is meant, `fill … with …` to leave it alone, "
        "or conditions that exclude each other"
    )
    if other.pack and not one.pack:
        # Nobody can change a pack: what can be changed is the rule before it.
        reporter.report(
            "R401",
            earlier.target,
            message,
            label=label,
            related=[(f'"{other.key}" overwrites it here', later.target)],
            help=f'a rule with `replaces "{other.key}"` takes the place of the pack\'s, `turn off` takes it out',
        )
        return
    reporter.report(
        "R401",
        later.target,
        message,
        label=label,
        related=[(f'"{one.key}" writes it here', earlier.target)],
        help=help,
        fixes=fixes,
    )
