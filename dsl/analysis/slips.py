"""Slips of the pen in values: what was written does nothing, or something else than it says; changes with such slips.

Each is told only where it cannot be meant: a number times an amount that becomes a tax larger than the amount, a prefix that
stands there already, a division by zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dsl import tree
from dsl.analysis.survey import Anatomy, Survey, within
from dsl.resolved import ResolvedRuleSet
from dsl.schema import Field
from dsl.tree import Expression, Operator, Path
from dsl.types import MONEY
from dsl.values import fold, print_number

_ONE = Decimal(1)
_LARGEST_RATE = Decimal(50)
_SMALLEST_RATE = Decimal("0.1")
_YEARS = range(2000, 2100)
_TAKEN_OFF = ("discount.amount", "line.discount")


def report_slips(survey: Survey) -> None:
    """Everything of this kind, rule by rule."""
    ruleset = survey.subject.ruleset
    for anatomy in survey.own:
        if anatomy.has(tree.Arithmetic):
            _divisions(anatomy, survey)
            _rates(anatomy, survey)
        if anatomy.has(tree.Comparison):
            _comparisons(anatomy, survey)
        _signs(anatomy, survey)
    for flow in ruleset.flows:
        if flow.starting is not None and flow.starting.value.year not in _YEARS:
            survey.subject.reporter.report(
                "R324",
                flow.starting.span,
                f"the flow starts in the year {flow.starting.value.year}",
                help="a date is written 2026-01-31 or 01/31/2026",
            )


def value_of(node: Expression, ruleset: ResolvedRuleSet) -> Expression:
    """A constant, that of a setting too."""
    if isinstance(node, tree.SettingValue):
        setting = ruleset.settings.get(node.key)
        return node if setting is None or setting.value is None else setting.value
    return node


def _number(node: Expression, ruleset: ResolvedRuleSet) -> Decimal | None:
    constant = value_of(node, ruleset)
    return constant.value if isinstance(constant, tree.Number | tree.Money | tree.Percent) else None


# --- calculations --------------------------------------------------------------------------------------------------------


def _divisions(anatomy: Anatomy, survey: Survey) -> None:
    for node in anatomy.all(tree.Arithmetic):
        if node.operator == "/" and _number(node.right, survey.subject.ruleset) == 0:
            survey.subject.reporter.report(
                "R320",
                node.right.span,
                "this divides by zero: the result is always missing, and nothing is written",
                help="divide by another number",
            )


def _rates(anatomy: Anatomy, survey: Survey) -> None:
    """`line.amount * 7.5` as a tax, where `7.5%` is meant."""
    schema, ruleset = survey.subject.schema, survey.subject.ruleset
    for statement in anatomy.statements:
        if not isinstance(statement, tree.Set | tree.Fill | tree.Override) or not _is_tax(
            schema.field(statement.target.name)
        ):
            continue
        for node in within(statement.value):
            if not isinstance(node, tree.Arithmetic) or node.operator != "*":
                continue
            for factor, other in ((node.left, node.right), (node.right, node.left)):
                constant = value_of(factor, ruleset)
                if other.type != MONEY:
                    continue
                if isinstance(constant, tree.Number) and _ONE < constant.value <= _LARGEST_RATE:
                    _report_rate(factor, constant, f"{print_number(constant.value)}%", survey)
                elif isinstance(constant, tree.Percent) and 0 < constant.value < _SMALLEST_RATE:
                    _report_rate(factor, constant, f"{print_number(constant.value * 100)}%", survey)


def _is_tax(found: Field | None) -> bool:
    return found is not None and found.type == MONEY and found.name in ("tax_amount", "tax_total")


def _report_rate(factor: Expression, constant: Expression, meant: str, survey: Survey) -> None:
    said = (
        "times as much as the amount itself" if isinstance(constant, tree.Number) else "of the amount, next to nothing"
    )
    number = constant.value if isinstance(constant, tree.Number | tree.Percent) else Decimal(0)
    shown = print_number(number) + ("" if isinstance(constant, tree.Number) else "%")
    survey.subject.reporter.report(
        "R322",
        factor.span,
        f"the tax comes to {shown} {said}",
        label=f"is {meant} meant?",
        help=f"a rate is written as a percentage: {meant}",
        fixes=[(f"Change it to {meant}", factor.span, meant)] if factor is constant else [],
    )


def _signs(anatomy: Anatomy, survey: Survey) -> None:
    """A discount below zero, which would be taken off as a surcharge."""
    for statement in anatomy.statements:
        written: list[tuple[str, Expression]] = []
        if isinstance(statement, tree.Set | tree.Fill | tree.Override):
            written = [(statement.target.name, statement.value)]
        elif isinstance(statement, tree.Add):
            written = [(f"{statement.item}.{each.name}", each.value) for each in statement.fields]
        for name, value in written:
            amount = value.operand if isinstance(value, tree.Negative) else value
            if name not in _TAKEN_OFF or not isinstance(amount, tree.Number | tree.Money):
                continue
            if amount.value < 0 or (amount is not value and amount.value > 0):
                said = survey.source(value.span).lstrip("- ")
                survey.subject.reporter.report(
                    "R326",
                    value.span,
                    f"`{name}` is what is taken off, so this would be put on top",
                    help=f"write it without the minus: {said}",
                    fixes=[(f"Change it to {said}", value.span, said)],
                )


# --- comparisons ---------------------------------------------------------------------------------------------------------


def _comparisons(anatomy: Anatomy, survey: Survey) -> None:
    schema, ruleset = survey.subject.schema, survey.subject.ruleset
    for node in anatomy.all(tree.Comparison):
        left = node.left
        found = schema.field(left.name) if isinstance(left, Path) else None
        if node.operator is Operator.EXACTLY and found is not None and isinstance(node.right, tree.Text):
            _exactly(node.right, found, survey)
        if found is not None and found.values and node.operator in (Operator.IS, Operator.ONE_OF):
            _named_values(node.right, found, survey, ruleset)


def _exactly(right: tree.Text, found: Field, survey: Survey) -> None:
    """`is exactly "usd"` of a field that only ever holds "USD"."""
    written = right.value
    for each in found.values:
        if fold(each) == fold(written) and each != written and not found.other_values:
            survey.subject.reporter.report(
                "R321",
                right.span,
                f'`{found.path}` is never exactly "{written}": it is written "{each}"',
                meant=each,
                as_text=True,
                help="`is` makes no difference between capitals and small letters",
            )


def _named_values(right: Expression, found: Field, survey: Survey, ruleset: ResolvedRuleSet) -> None:
    """Values in lists and settings that a field with fixed values never has."""
    if isinstance(right, tree.ListValue):
        held: Sequence[Expression] = ruleset.lists[right.key].elements if right.key in ruleset.lists else ()
    elif isinstance(right, tree.SettingValue):
        value = value_of(right, ruleset)
        held = value.elements if isinstance(value, tree.ListOf) else (value,)
    else:
        return
    reporter = survey.subject.reporter
    for each in held:
        if not isinstance(each, tree.Text) or not each.value.strip() or each.span.file != ruleset.file:
            continue
        written = fold(each.value)
        if any(fold(value) == written for value in found.values):
            continue
        meant = found.spoken.get(each.value.strip().casefold())
        if meant is None and len(each.value.strip()) > 2:
            meant = reporter.closest(each.value.strip(), found.values)
        if meant is None and found.other_values:
            continue
        reporter.report(
            "R325",
            each.span,
            f'`{found.path}`, which is compared with it, is never "{each.value}"',
            meant=meant,
            as_text=True,
            related=[("it is compared here", right.span)],
        )
