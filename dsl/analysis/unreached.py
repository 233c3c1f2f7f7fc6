"""Finds rules that no record ever reaches, since an earlier one always ends it; changes with what ends a record.

Only `skip` and `fail` end a record for good: a hold may be released, and then the rules after it run. `skip line` and the
like leave an item out, and rules that go over the same items do not meet it again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dsl import tree
from dsl.analysis.conditions import Case, Cases, Conditions, either
from dsl.analysis.domains import Domain, TooComplex
from dsl.analysis.sequence import Branch, Sequence, exclude, scope_within, shares_item
from dsl.analysis.subject import Subject
from dsl.analysis.terms import Term
from dsl.report import Reporter
from dsl.tree import Span

_MOST_COMPARISONS = 40_000
_MOST_RELATED = 3

Dead = set[tuple[str, bool]]
"""Branches that never run: the key of their rule, and whether it is its `otherwise`."""


@dataclass(frozen=True, slots=True)
class Stopper:
    """A branch that ends the record (or leaves its item out), with the cases in which it does not run."""

    branch: Branch
    statement: tree.Skip | tree.Fail
    passes: Cases


@dataclass(slots=True)
class _Passed:
    """What can still come past the stoppers that were met so far."""

    by_value: dict[tuple[Term, object], list[Stopper]] = field(default_factory=lambda: defaultdict(list))
    by_term: dict[Term, list[Stopper]] = field(default_factory=lambda: defaultdict(list))
    by_atom: dict[object, list[Stopper]] = field(default_factory=lambda: defaultdict(list))
    everything: list[Stopper] = field(default_factory=list)
    left: dict[Term, tuple[Domain, list[Stopper]]] = field(default_factory=dict)
    """What stoppers that ask one thing only have left of it together."""
    nothing_left: list[Stopper] = field(default_factory=list)
    """Stoppers that together leave nothing at all."""


def report_unreached(subject: Subject, sequences: Iterable[Sequence]) -> Dead:
    """One warning for each branch that no record reaches; returns all of them, those too that need no word."""
    dead: Dead = set()
    budget = [_MOST_COMPARISONS]
    for rules in sequences:
        _look_along(rules, subject.conditions, subject.reporter, dead, budget)
    return dead


def _look_along(rules: Sequence, conditions: Conditions, reporter: Reporter, dead: Dead, budget: list[int]) -> None:
    passed = _Passed()
    told: set[int] = set()
    for branch in rules.branches:
        cases = branch.cases(conditions)
        if not cases:
            dead.add((branch.rule.key, branch.is_otherwise))  # never true by itself: that has been said
            continue
        found = _stopped(branch, cases, passed, rules, budget)
        if found:
            dead.add((branch.rule.key, branch.is_otherwise))
            if branch.rule.kind == rules.kind and not branch.rule.pack:
                # Where nothing at all is left, the first rule that is not reached stands for all of them.
                if not (found == passed.nothing_left or _ends_all(found[0])):
                    _report(branch, found, reporter)
                elif id(found[0]) not in told:
                    told.add(id(found[0]))
                    _report_end_of_all(found, branch, reporter)
            continue
        statement = branch.stop or branch.leaves_out
        if statement is not None:
            _remember(Stopper(branch, statement, _not_running(branch, conditions)), passed, rules)


def _ends_all(stopper: Stopper) -> bool:
    """Whether a stopper alone ends every record there is."""
    rule = stopper.branch.rule
    return not (stopper.passes or rule.item or rule.rule.scope.source or rule.rule.scope.flow)


def _not_running(branch: Branch, conditions: Conditions) -> Cases:
    """The cases in which a branch does not run (in a loop: not for an item)."""
    item = branch.rule.item
    found = [case for each in branch.conditions for case in conditions.cases(each, item, holds=False)]
    return either(found) if found else ()


# --- remembering ------------------------------------------------------------------------------------------------------


def _remember(stopper: Stopper, passed: _Passed, rules: Sequence) -> None:
    branch = stopper.branch
    if not stopper.passes:
        passed.everything.append(stopper)
        return
    # What it stops must be shut out by each of its cases, so any one of them will do to find it.
    case = stopper.passes[0]
    for term, domain in case.domains.items():
        stops = _single(domain.complement().intersect(term.domain))
        if stops is None:
            passed.by_term[term].append(stopper)
        for value in stops or ():
            passed.by_value[term, value].append(stopper)
    for atom in case.atoms:
        passed.by_atom[atom].append(stopper)
    scope = branch.rule.rule.scope
    if branch.rule.item or scope.source is not None or scope.flow is not None or len(stopper.passes) > 1:
        return
    if case.atoms or len(case.domains) > 1:
        return
    ((term, domain),) = case.domains.items()
    if rules.is_constant(term.reads):
        left, before = passed.left.get(term, (term.domain, []))
        try:
            left = left.intersect(domain)
        except TooComplex:
            return
        passed.left[term] = (left, [*before, stopper])
        if left.is_empty and not passed.nothing_left:
            passed.nothing_left = [*before, stopper]


def _single(domain: Domain) -> frozenset[object] | None:
    """The values of a set that can be counted, missing as None."""
    single = domain.single
    if single is None:
        return None
    return single | {None} if domain.missing else single


# --- asking -----------------------------------------------------------------------------------------------------------


def _stopped(branch: Branch, cases: Cases, passed: _Passed, rules: Sequence, budget: list[int]) -> list[Stopper]:
    """The stoppers that together end every record for which a branch would run; none where some record comes past."""
    for stopper in passed.everything:
        if _applies(stopper, branch, rules):
            return [stopper]
    if passed.nothing_left:
        return passed.nothing_left
    found: dict[int, Stopper] = {}
    for case in cases:
        mine = _stopped_case(branch, case, passed, rules, budget)
        if not mine:
            return []
        found |= {id(each): each for each in mine}
    return list(found.values())


def _stopped_case(branch: Branch, case: Case, passed: _Passed, rules: Sequence, budget: list[int]) -> list[Stopper]:
    for stopper in _candidates(case, passed):
        budget[0] -= 1
        if budget[0] < 0:
            return []
        if _applies(stopper, branch, rules) and _shut_out(stopper, branch, case, rules):
            return [stopper]
    for term, (left, stoppers) in passed.left.items():
        mine = case.domains.get(term, term.domain)
        try:
            if len(stoppers) > 1 and left.intersect(mine).is_empty:
                return [each for each in stoppers if not each.passes[0].domains[term].covers(mine)]
        except TooComplex:
            continue
    return []


def _candidates(case: Case, passed: _Passed) -> Iterator[Stopper]:
    """The stoppers that may shut a case out: each asks something that the case tells."""
    for term, domain in case.domains.items():
        values = _single(domain)
        for value in list(values)[:1] if values else ():
            yield from passed.by_value.get((term, value), ())
        yield from passed.by_term.get(term, ())
    for atom in case.atoms:
        yield from passed.by_atom.get(atom, ())


def _applies(stopper: Stopper, branch: Branch, rules: Sequence) -> bool:
    """Whether every record that meets a branch has met the stopper, in a loop with the same item."""
    one, other = stopper.branch.rule, branch.rule
    if one.key == other.key or not scope_within(other, one):
        return False
    if not one.item:
        return True
    return shares_item(one, other) and not rules.gets_items(one.collection, stopper.branch.place, branch.place)


def _shut_out(stopper: Stopper, branch: Branch, case: Case, rules: Sequence) -> bool:
    """Whether no record that comes past the stopper fits the case."""
    if len(stopper.passes) > 1:
        for passes in stopper.passes:
            if passes.domains.keys().isdisjoint(case.domains) and passes.atoms.keys().isdisjoint(case.atoms):
                return False
    same_item = shares_item(stopper.branch.rule, branch.rule)
    for passes in stopper.passes:
        try:
            if not exclude(rules, stopper.branch, branch, same_item, passes, case):
                return False
        except TooComplex:
            return False
    return True


# --- telling ----------------------------------------------------------------------------------------------------------


def _report(branch: Branch, stoppers: list[Stopper], reporter: Reporter) -> None:
    part, span = _part(branch)
    first = stoppers[0]
    word = _word(first)
    item = first.statement.item if isinstance(first.statement, tree.Skip) else None
    before, related = f"ends the {_what(branch)}", f"the {_what(branch)} ends here"
    if item is not None:
        before, related = f"leaves the {item} out", f"the {item} is left out here"
    if len(stoppers) == 1:
        message = f'{part} is never reached: "{first.branch.rule.key}" always {before} first'
    else:
        message = f"{part} is never reached: the rules before it always end the {_what(branch)}"
        related = "it ends here"
    reporter.report(
        "R414",
        span,
        message,
        label="never reached",
        help=f"put it before the `{word}`, change one of the conditions, or take it out",
        related=[(related, each.statement.span) for each in stoppers[:_MOST_RELATED]],
    )


def _report_end_of_all(stoppers: list[Stopper], branch: Branch, reporter: Reporter) -> None:
    """The first rule after those that end every record: for those that follow this says it too."""
    kind = _what(branch)
    last = stoppers[-1]
    rule = f'"{last.branch.rule.key}" ends'
    reporter.report(
        "R414",
        last.statement.span,
        f"{rule} every {kind}{' that is left' if len(stoppers) > 1 else ''}: no rule after it is ever reached",
        label=f"every {kind} ends here" if len(stoppers) == 1 else f"every {kind} has ended here",
        help=f"give it a condition with `when`, or put it last: nothing happens after `{_word(last)}`",
        related=[
            ("the first rule that is not reached", branch.rule.rule.title.span),
            *(("others end here", each.statement.span) for each in stoppers[: _MOST_RELATED - 1][: len(stoppers) - 1]),
        ],
    )


def _part(branch: Branch) -> tuple[str, Span]:
    rule = branch.rule.rule
    if branch.is_otherwise:
        return f'the `otherwise` of "{branch.rule.key}"', branch.statements[0].span
    if rule.otherwise:
        return f'the `then` of "{branch.rule.key}"', branch.statements[0].span
    return f'"{branch.rule.key}"', rule.title.span


def _what(branch: Branch) -> str:
    return branch.rule.kind


def _word(stopper: Stopper) -> str:
    if isinstance(stopper.statement, tree.Fail):
        return "fail"
    return "skip" if stopper.statement.item is None else f"skip {stopper.statement.item}"
