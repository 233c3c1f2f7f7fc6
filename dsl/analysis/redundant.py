"""Finds parts of a condition that make no difference and can only be a slip; changes with what counts as one.

Not every part that another one implies is a slip: `is present and is "TX"` says more than it has to, and is well said.
"""

from __future__ import annotations

from collections.abc import Sequence

from dsl import tree
from dsl.analysis.conditions import Case, Conditions
from dsl.analysis.domains import Domain, Kind, TooComplex
from dsl.analysis.terms import Term
from dsl.analysis.wording import shown, without
from dsl.report import Reporter
from dsl.tree import Expression, Operator, Span

_ORDERED = (Kind.NUMBER, Kind.WHOLE, Kind.DAY)
_EQUALITIES = (Operator.IS, Operator.ONE_OF)
_MOST_PAIRED = 300
"""Of more parts than this no two are put beside each other: only those that are the same are found."""
_MOST_TOLD = 20


def report_needless(
    node: tree.And | tree.Or, operands: Sequence[Expression], item: str, conditions: Conditions, reporter: Reporter
) -> bool:
    """Tells the parts of an `and` or `or` that another part of it makes needless; whether there are any."""
    together = isinstance(node, tree.And)
    telling = _Telling(node, reporter)
    if len(operands) > _MOST_PAIRED:
        first: dict[Expression, Expression] = {}
        for each in operands:
            earlier_one = first.setdefault(each, each)
            if earlier_one is not each:
                telling.same(earlier_one, each)
        return telling.end()
    asked = [_about_one(each, item, conditions) for each in operands]
    gone: set[int] = set()
    for later in range(1, len(operands)):
        for earlier in range(later):
            if later in gone:
                break
            if earlier in gone:
                continue
            if operands[earlier] == operands[later]:
                telling.same(operands[earlier], operands[later])
                gone.add(later)
                continue
            one, other = asked[earlier], asked[later]
            if one is None or other is None or one[0] != other[0]:
                continue
            try:
                wide, narrow = one[1].covers(other[1]), other[1].covers(one[1])
            except TooComplex:
                continue
            if wide and narrow:
                telling.same(operands[earlier], operands[later])
                gone.add(later)
            elif wide or narrow:
                # In an `and` the wider of the two makes no difference, in an `or` the narrower.
                needless = (earlier, later) if wide is together else (later, earlier)
                if _is_a_slip(operands[needless[0]], operands[needless[1]], one[0], together):
                    telling.implied(operands[needless[1]], operands[needless[0]])
                    gone.add(needless[0])
    return telling.end()


def _about_one(node: Expression, item: str, conditions: Conditions) -> tuple[Term, Domain] | None:
    """What a single comparison says of one term, if it says nothing else."""
    cases = conditions.cases(node, item)
    match cases:
        case (Case(domains=domains, atoms=atoms),) if len(domains) == 1 and not atoms:
            ((term, domain),) = domains.items()
            return term, domain
    return None


def _is_a_slip(needless: Expression, other: Expression, term: Term, together: bool) -> bool:
    """Two limits on the same side, or a value that is asked for beside one that it is not."""
    if not (isinstance(needless, tree.Comparison) and isinstance(other, tree.Comparison)):
        return False
    if term.kind in _ORDERED and not (needless.negated or other.negated):
        return True
    if needless.operator not in _EQUALITIES or other.operator not in _EQUALITIES:
        return False
    return needless.negated is together and other.negated is not together


class _Telling:
    """The findings about one `and` or `or`: the first ones each by itself, what is more than that in one."""

    def __init__(self, node: tree.And | tree.Or, reporter: Reporter) -> None:
        self.node = node
        self.reporter = reporter
        self.told = 0
        self.last: Expression | None = None

    def same(self, first: Expression, second: Expression) -> None:
        """The second asks what the first one asked."""
        if self._is_enough(second):
            return
        self.reporter.report(
            "R411",
            second.span,
            f"{shown(self.reporter, second)} asks the same as the part before",
            label="asked already",
            help="take it out, or write what was meant",
            related=[("it is asked here", first.span)],
            fixes=self._taken_out(second),
        )

    def implied(self, stays: Expression, needless: Expression) -> None:
        """The one makes no difference beside the other."""
        if self._is_enough(needless):
            return
        decides = shown(self.reporter, stays)
        if isinstance(self.node, tree.And):
            why = f"where {decides} holds, it holds too"
        else:
            why = f"where it holds, {decides} holds too"
        self.reporter.report(
            "R411",
            needless.span,
            f"{shown(self.reporter, needless)} makes no difference: {why}",
            label="makes no difference",
            help="take it out, or write what was meant",
            related=[("this decides", stays.span)],
            fixes=self._taken_out(needless),
        )

    def end(self) -> bool:
        """Tells how many more there are; whether there are any at all."""
        more = self.told - _MOST_TOLD
        if more > 0 and self.last is not None:
            self.reporter.report(
                "R411",
                self.last.span,
                f"{more:,} more parts make no difference beside others, up to this one",
                label="the last of them",
                help="put the values in a list and ask `is one of`",
            )
        return self.told > 0

    def _is_enough(self, needless: Expression) -> bool:
        self.told += 1
        if self.told > _MOST_TOLD and (self.last is None or self.last.span.start < needless.span.start):
            self.last = needless
        return self.told > _MOST_TOLD

    def _taken_out(self, needless: Expression) -> list[tuple[str, Span, str]]:
        operands = self.node.operands
        place = next(place for place, each in enumerate(operands) if each is needless)
        edit = without(self.reporter, operands, place)
        return [] if edit is None else [("Take it out", *edit)]
