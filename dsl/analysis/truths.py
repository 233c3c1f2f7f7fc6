"""Finds conditions that no record fits, and those that every record fits; changes with what is worth a word of its own.

The smallest part that is never (always) true is what is told, with the two places that make it so; what is around it
follows from it and is not told again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsl import tree
from dsl.analysis.conditions import MOST_CASES, Cases, Conditions, is_constant, product
from dsl.analysis.domains import Kind
from dsl.analysis.redundant import report_needless
from dsl.analysis.subject import Subject
from dsl.analysis.terms import term_of
from dsl.analysis.wording import joined_otherwise, shown, text_of
from dsl.evaluate.records import HEAD_TOTALS
from dsl.report import Reporter
from dsl.tree import Expression, Operator, Path, Span
from dsl.types import NUMBER
from dsl.values import fold

_MOST_PAIRS = 20_000
"""Parts of one condition that are put beside each other; in a longer one, made by no person, not all are."""


@dataclass(frozen=True, slots=True)
class Place:
    """A condition of the rule set: in a loop over `item`, and `within` another one that holds where it is asked."""

    condition: Expression
    item: str = ""
    within: Expression | None = None


def report_truths(subject: Subject) -> None:
    """One warning for each part of a condition that is never or always true."""
    truths = Truths(subject.reporter, subject.conditions)
    clean = subject.conditions.clean
    for rule in subject.rules:
        if rule.pack or id(rule.rule) in clean:
            continue  # what is in a pack is for those to mend who wrote it
        # A finding is told again each time, as long as it is there.
        if not [place for place in _of_rule(rule.rule, rule.item) if truths.look_at(place)]:
            clean[id(rule.rule)] = rule.rule
    for flow in subject.ruleset.flows:
        if flow.when is not None and subject.is_clean(flow.span):
            for place in (Place(flow.when), *_inner(flow.when, "")):
                truths.look_at(place)


def _of_rule(rule: tree.Rule, item: str) -> Iterator[Place]:
    where = rule.scope.where if isinstance(rule.scope, tree.ForEach) else None
    if where is not None:
        yield Place(where, item)
        yield from _inner(where, item)
    if rule.when is not None:
        yield Place(rule.when, item, where)
        yield from _inner(rule.when, item)
    for statement in (*rule.then, *rule.otherwise):
        if isinstance(statement, tree.Hold) and statement.until is not None:
            yield Place(statement.until, item)
        yield from _inner(statement, item)


def _inner(node: tree.Node, item: str) -> Iterator[Place]:
    """The conditions inside: of `if(…)`, and of what is asked of the items of a list."""
    match node:
        case tree.Call(function="if", arguments=(condition, *_)):
            yield Place(condition, item)
        case tree.Count() | tree.Sum() | tree.Quantified():
            item = node.item
            if node.where is not None:
                yield Place(node.where, item)
    for child in tree.children(node):
        yield from _inner(child, item)


@dataclass(frozen=True, slots=True)
class Truths:
    """Looks at one condition after the other; `look_at` and `examine` say whether something was found."""

    reporter: Reporter
    conditions: Conditions

    def look_at(self, place: Place) -> bool:
        """Tells what is never or always true in a condition."""
        if self.examine(place.condition, place.item):
            return True
        if place.within is None:
            return False
        within, condition = place.within, place.condition
        both = [self.conditions.cases(each, place.item) for each in (within, condition)]
        if not both[0] or not _share(both):
            return False  # the one around it is never true: that has been said; or both ask different things
        if self.conditions.together((within, condition), place.item):
            return False
        self._never_together(within, condition, ())
        return True

    def examine(self, node: Expression, item: str) -> bool:
        """Tells the smallest parts of a condition that are never or always true; whether there are any."""
        match node:
            case tree.Not(operand=operand):
                return self.examine(operand, item)
            case tree.And(operands=operands) | tree.Or(operands=operands):
                return self._junction(node, operands, item)
            case tree.Hole():
                return True
        plain = not (isinstance(node, tree.Comparison) and node.negated)
        if not self.conditions.cases(node, item, plain):
            self._leaf(node, always=not plain)
        elif not _may_be_missing(node) and not self.conditions.cases(node, item, not plain):
            self._leaf(node, always=plain)
        else:
            return self._blank_element(node)
        return True

    # --- and, or ------------------------------------------------------------------------------------------------------

    def _junction(self, node: tree.And | tree.Or, operands: tuple[Expression, ...], item: str) -> bool:
        sound = [each for each in operands if not self.examine(each, item)]
        tainted = len(sound) < len(operands)
        if len(sound) < 2:
            return tainted
        holds = isinstance(node, tree.And)
        cases = [self.conditions.cases(each, item, holds) for each in sound]
        if not _share(cases):
            return tainted
        if self._exclude(node, sound, cases):
            return True
        if isinstance(node, tree.And) and self._dead_alternatives(sound, item):
            return True
        return report_needless(node, sound, item, self.conditions, self.reporter) or tainted

    def _dead_alternatives(self, operands: Sequence[Expression], item: str) -> bool:
        """Tells the parts of an `or` that another part of the `and` around it shuts out."""
        told = False
        alternatives = [one for each in operands if isinstance(each, tree.Or) for one in each.operands]
        if not alternatives or len(alternatives) * len(operands) > _MOST_PAIRS:
            return False
        for other in operands:
            if isinstance(other, tree.Or):
                continue
            known = self.conditions.cases(other, item)
            for alternative in alternatives:
                if not product(known, self.conditions.cases(alternative, item)):
                    self._never_together(other, alternative, ())
                    told = True
        return told

    def _exclude(self, node: tree.And | tree.Or, sound: Sequence[Expression], cases: Sequence[Cases]) -> bool:
        """Tells where the parts of an `and` are never all true, or those of an `or` never all untrue."""
        holds = isinstance(node, tree.And)
        found = cases[0]
        for more in cases[1:]:
            found = product(found, more)
            if len(found) > MOST_CASES:
                return False
        if found:
            return False
        for place, later in enumerate(cases):
            for earlier in range(place):
                if not product(cases[earlier], later):
                    tell = self._never_together if holds else self._always_one
                    tell(sound[earlier], sound[place], node.operands)
                    return True
        self._whole(node, always=not holds)
        return True

    def _never_together(self, first: Expression, second: Expression, operands: Sequence[Expression]) -> None:
        report = self.reporter
        fixes: list[tuple[str, Span, str]] = []
        help = "as it stands this part of the rule never does anything"
        if _one_value(first) is not None and _one_value(first) == _one_value(second):
            help = "a field has one value at a time: did you mean `or`?"
            edit = joined_otherwise(report, operands, "or") if _all_about(operands, first) else None
            if edit is not None:
                fixes = [("Change `and` to `or`", *edit)]
        report.report(
            "R409",
            second.span,
            f"{shown(report, first)} and {shown(report, second)} are never both true",
            label="never true where the other one is",
            help=help,
            related=[("the other one", first.span)],
            fixes=fixes,
        )

    def _always_one(self, first: Expression, second: Expression, operands: Sequence[Expression]) -> None:
        report = self.reporter
        fixes: list[tuple[str, Span, str]] = []
        help = "as it stands it lets everything through"
        if _denied_value(first) is not None and _denied_value(first) == _denied_value(second):
            help = "whatever the value is, it is not the one or not the other: did you mean `and`?"
            edit = joined_otherwise(report, operands, "and") if _all_about(operands, first) else None
            if edit is not None:
                fixes = [("Change `or` to `and`", *edit)]
        report.report(
            "R410",
            second.span,
            f"{shown(report, first)} or {shown(report, second)}: one of them is always true",
            label="always true where the other one is not",
            help=help,
            related=[("the other one", first.span)],
            fixes=fixes,
        )

    def _whole(self, node: tree.And | tree.Or, always: bool) -> None:
        self.reporter.report(
            "R410" if always else "R409",
            node.span,
            "one of these is always true" if always else "these are never all true",
            label="always true" if always else "never true",
            help="as it stands it lets everything through"
            if always
            else "as it stands this part of the rule never does anything",
        )

    # --- single comparisons -------------------------------------------------------------------------------------------

    def _leaf(self, node: Expression, *, always: bool) -> None:
        report = self.reporter
        words = shown(report, node)
        if self._blank(node) or self._never_missing(node, always):
            return
        fixes: list[tuple[str, Span, str]] = []
        help = ""
        if isinstance(node, tree.Comparison):
            if node.operator is Operator.BETWEEN and node.high is not None:
                high = node.high.span
                whole = report.source(high.file).span(node.right.span.start, high.end)
                between = text_of(report, whole)[node.right.span.end - whole.start : high.start - whole.start]
                turned = text_of(report, high) + between + text_of(report, node.right.span)
                fixes = [("Begin with the smaller one", whole, turned)]
                help = "the smaller one stands first"
            elif is_constant(self.conditions.constant(node.left)) and is_constant(self.conditions.constant(node.right)):
                help = "both sides are the same for every record: one of them should be a field"
            elif node.left == node.right:
                help = "both sides are the same: one of them should be another field"
        report.report(
            "R410" if always else "R409",
            node.span,
            f"{words} is {'always' if always else 'never'} true",
            label=f"{'always' if always else 'never'} true",
            help=help or ("as it stands it lets everything through" if always else "no value there ever fits it"),
            fixes=fixes,
        )

    def _blank(self, node: Expression) -> bool:
        """`is ""` of a field: a blank field is missing, so it never is that."""
        if not (
            isinstance(node, tree.Comparison)
            and node.operator in (Operator.IS, Operator.EXACTLY)
            and isinstance(node.right, tree.Text)
            and not fold(node.right.value)
            and isinstance(node.left, Path)
        ):
            return False
        asked = "is present" if node.negated else "is missing"
        tail = self.reporter.source(node.span.file).span(node.left.span.end, node.span.end)
        self.reporter.report(
            "R412",
            node.span,
            f"a field is never an empty text: {shown(self.reporter, node)} is {'always' if node.negated else 'never'} true",
            label="a blank field is missing",
            help=f"ask whether it `{asked}`",
            fixes=[(f"Ask whether it {asked}", tail, f" {asked}")],
        )
        return True

    def _blank_element(self, node: Expression) -> bool:
        """An empty text in a list that a field is compared with."""
        if not (
            isinstance(node, tree.Comparison)
            and node.operator is Operator.ONE_OF
            and isinstance(node.right, tree.ListOf)
            and isinstance(node.left, Path)
        ):
            return False
        blank = [each for each in node.right.elements if isinstance(each, tree.Text) and not fold(each.value)]
        if not blank:
            return False
        joined = "and" if node.negated else "or"
        asked = "is present" if node.negated else "is missing"
        name = text_of(self.reporter, node.left.span)
        self.reporter.report(
            "R412",
            blank[0].span,
            "a field is never an empty text: this one fits nothing",
            label="a blank field is missing",
            help=f"write `{joined} {name} {asked}` beside it if that is meant",
        )
        return True

    def _never_missing(self, node: Expression, always: bool) -> bool:
        """`is missing` and `is present` of what is 0 where there is nothing."""
        if not isinstance(node, tree.Presence):
            return False
        operand = node.operand
        term = term_of(operand, "")
        if term is None or term.kind not in (Kind.NUMBER, Kind.WHOLE) or term.domain.missing:
            return False
        asked = "is 0" if node.missing else "is not 0"
        tail = self.reporter.source(node.span.file).span(operand.span.end, node.span.end)
        what = "a number" if operand.type == NUMBER else "an amount"
        self.reporter.report(
            "R413",
            node.span,
            f"{shown(self.reporter, operand)} is never missing: it is 0 where there is nothing",
            label="always true" if always else "never true",
            help=f"it is always {what}: ask whether it `{asked}`",
            fixes=[(f"Ask whether it {asked}", tail, f" {asked}")],
        )
        return True


def _share(conditions: Sequence[Cases]) -> bool:
    """Whether two of several conditions ask about the same thing: only then can they exclude each other."""
    seen: set[object] = set()
    for cases in conditions:
        asked = {each for case in cases for each in (*case.domains, *case.atoms)}
        if not seen.isdisjoint(asked):
            return True
        seen |= asked
    return False


def _may_be_missing(node: Expression) -> bool:
    """Whether a comparison is surely false for some record: one that lacks the field."""
    return isinstance(node, tree.Comparison) and isinstance(node.left, Path) and node.left.name not in HEAD_TOTALS


def _one_value(node: Expression) -> Expression | None:
    """The x of `x is "a"` and `x is one of […]`."""
    if isinstance(node, tree.Comparison) and not node.negated and node.operator in _EQUALITIES:
        return node.left
    return None


def _denied_value(node: Expression) -> Expression | None:
    """The x of `x is not "a"` and `x is not one of […]`."""
    if isinstance(node, tree.Comparison) and node.negated and node.operator in _EQUALITIES:
        return node.left
    return None


def _all_about(operands: Sequence[Expression], first: Expression) -> bool:
    """Whether all operands ask the same of one field, so that the word between all of them is the mistake."""
    field = _one_value if _one_value(first) is not None else _denied_value
    return bool(operands) and all(field(each) == field(first) for each in operands)


_EQUALITIES = (Operator.IS, Operator.EXACTLY, Operator.ONE_OF)
