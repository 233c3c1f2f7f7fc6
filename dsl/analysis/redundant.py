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
from dsl.tree import Expression, Operator

_ORDERED = (Kind.NUMBER, Kind.WHOLE, Kind.DAY)
_EQUALITIES = (Operator.IS, Operator.ONE_OF)


def report_needless(
    node: tree.And | tree.Or, operands: Sequence[Expression], item: str, conditions: Conditions, reporter: Reporter
) -> bool:
    """Tells the parts of an `and` or `or` that another part of it makes needless; whether there are any."""
    together = isinstance(node, tree.And)
    asked = [_about_one(each, item, conditions) for each in operands]
    gone: set[int] = set()
    for later in range(1, len(operands)):
        for earlier in range(later):
            if earlier in gone or later in gone:
                continue
            if operands[earlier] == operands[later]:
                _same(reporter, node, operands[earlier], operands[later])
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
                _same(reporter, node, operands[earlier], operands[later])
                gone.add(later)
            elif wide or narrow:
                # In an `and` the wider of the two makes no difference, in an `or` the narrower.
                needless = (earlier, later) if wide is together else (later, earlier)
                if _is_a_slip(operands[needless[0]], operands[needless[1]], one[0], together):
                    _implied(reporter, node, operands[needless[1]], operands[needless[0]])
                    gone.add(needless[0])
    return bool(gone)


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


def _same(reporter: Reporter, node: tree.And | tree.Or, first: Expression, second: Expression) -> None:
    edit = without(reporter, node.operands, _place(node, second))
    reporter.report(
        "R411",
        second.span,
        f"{shown(reporter, second)} asks the same as the part before",
        label="asked already",
        help="take it out, or write what was meant",
        related=[("it is asked here", first.span)],
        fixes=[] if edit is None else [("Take it out", *edit)],
    )


def _implied(reporter: Reporter, node: tree.And | tree.Or, stays: Expression, needless: Expression) -> None:
    edit = without(reporter, node.operands, _place(node, needless))
    if isinstance(node, tree.And):
        why = f"where {shown(reporter, stays)} holds, it holds too"
    else:
        why = f"where it holds, {shown(reporter, stays)} holds too"
    reporter.report(
        "R411",
        needless.span,
        f"{shown(reporter, needless)} makes no difference: {why}",
        label="makes no difference",
        help="take it out, or write what was meant",
        related=[("this decides", stays.span)],
        fixes=[] if edit is None else [("Take it out", *edit)],
    )


def _place(node: tree.And | tree.Or, operand: Expression) -> int:
    return next(place for place, each in enumerate(node.operands) if each is operand)
