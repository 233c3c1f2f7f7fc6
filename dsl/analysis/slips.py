"""Slips of the pen in values: what was written does nothing, or something else than it says; changes with such slips.

Each is told only where it cannot be meant: a number times an amount that becomes a tax larger than the amount, a prefix that
stands there already, a division by zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dsl import tree
from dsl.analysis.survey import Anatomy, Survey, within
from dsl.resolved import ResolvedRuleSet
from dsl.schema import Field
from dsl.tree import Expression, Operator, Path, Span
from dsl.types import MONEY
from dsl.values import fold, print_number

_ONE = Decimal(1)
_LARGEST_RATE = Decimal(50)
_SMALLEST_RATE = Decimal("0.1")
_YEARS = range(2000, 2100)
_TAKEN_OFF = ("discount.amount", "line.discount")


def report_slips(survey: Survey) -> None:
    """Everything of this kind, rule by rule, and what rules do to one text in turn."""
    ruleset = survey.subject.ruleset
    for anatomy in survey.own:
        if anatomy.has(tree.Arithmetic):
            _divisions(anatomy, survey)
            _rates(anatomy, survey)
        if anatomy.has(tree.Comparison):
            _comparisons(anatomy, survey)
        _signs(anatomy, survey)
    _prefixes(survey)
    for flow in ruleset.flows:
        if flow.starting is not None and flow.starting.value.year not in _YEARS:
            survey.subject.reporter.report(
                "R324",
                flow.starting.span,
                f"the flow starts in the year {flow.starting.value.year}",
                help="a date is written 2026-01-31 or 01/31/2026",
            )


def _value(node: Expression, ruleset: ResolvedRuleSet) -> Expression:
    """A constant, that of a setting too."""
    if isinstance(node, tree.SettingValue):
        setting = ruleset.settings.get(node.key)
        return node if setting is None or setting.value is None else setting.value
    return node


def _number(node: Expression, ruleset: ResolvedRuleSet) -> Decimal | None:
    constant = _value(node, ruleset)
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
                constant = _value(factor, ruleset)
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
        value = _value(right, ruleset)
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


# --- prefixes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Put:
    """A fixed text that a rule puts before or behind a field's own."""

    text: str
    before: bool
    source: Path
    target: Path
    span: Span


def _prefixes(survey: Survey) -> None:
    """The same text put before (or behind) a number twice: by two rules, or on the way from the order to the document.

    A rule starts from what the rules above it left; a rule that runs again on the same record starts from what was
    received, so a single rule never doubles its prefix by itself.
    """
    standing: dict[tuple[str, str, bool], list[tuple[_Put, Anatomy]]] = {}
    for anatomy in survey.rules:
        for statement in anatomy.statements:
            if isinstance(statement, tree.Set | tree.Fill | tree.Override):
                put = _put(statement, survey)
                if put is None or not put.text.strip():
                    _forget(statement, standing, anatomy)
                    continue
                kind = anatomy.rule.kind
                earlier = standing.get((kind, put.source.field, put.before), [])
                if not put.source.original:
                    for other, where in earlier:
                        if fold(other.text) == fold(put.text) and not _is_guarded(put, anatomy, where, survey):
                            if not anatomy.rule.pack:
                                _report_twice(put, other, where, survey)
                            break
                standing.setdefault((kind, put.target.field, put.before), []).append((put, anatomy))


def _put(statement: tree.Set | tree.Fill | tree.Override, survey: Survey) -> _Put | None:
    """The prefix or suffix of `"WC-{order.number}"`: fixed texts (settings too) with one field at the other end."""
    value = statement.value
    if not isinstance(value, tree.Template) or len(value.parts) < 2:
        return None
    for before in (True, False):
        source = value.parts[-1] if before else value.parts[0]
        rest = value.parts[:-1] if before else value.parts[1:]
        if not isinstance(source, Path) or source.key is not None:
            continue
        words = [each if isinstance(each, str) else _fixed(each, survey) for each in rest]
        if all(each is not None for each in words):
            return _Put("".join(each or "" for each in words), before, source, statement.target, value.span)
    return None


def _fixed(node: Expression, survey: Survey) -> str | None:
    constant = _value(node, survey.subject.ruleset)
    return constant.value if isinstance(constant, tree.Text) else None


def _forget(
    statement: tree.Set | tree.Fill | tree.Override,
    standing: dict[tuple[str, str, bool], list[tuple[_Put, Anatomy]]],
    anatomy: Anatomy,
) -> None:
    """A field that is written anew has lost what was put before it; one that is copied brings it along."""
    kind, target, value = anatomy.rule.kind, statement.target.field, statement.value
    for before in (True, False):
        held = standing.get((kind, value.field, before), []) if isinstance(value, Path) and not value.original else []
        if isinstance(value, Path) and value.field == target:
            continue
        if held:
            standing[kind, target, before] = list(held)
        elif not isinstance(statement, tree.Fill):
            standing.pop((kind, target, before), None)


def _is_guarded(put: _Put, anatomy: Anatomy, other: Anatomy, survey: Survey) -> bool:
    """Whether the rule asks for the prefix itself, or the two rules act on different records."""
    operators = (Operator.STARTS, Operator.CONTAINS, Operator.MATCHES) if put.before else (
        Operator.ENDS, Operator.CONTAINS, Operator.MATCHES,
    )  # fmt: skip
    for node in anatomy.all(tree.Comparison):
        if node.operator in operators and isinstance(node.left, Path) and node.left.field == put.source.field:
            return True
    return _exclude(_narrowed(anatomy, survey), _narrowed(other, survey))


def _narrowed(anatomy: Anatomy, survey: Survey) -> Mapping[str, frozenset[str]]:
    """Fields that are one of a few texts where a rule acts; the rule's source and flow among them."""
    scope = anatomy.rule.rule.scope
    found: dict[str, frozenset[str]] = {}
    if scope.source is not None:
        found[" from"] = frozenset({fold(scope.source.text)})
    if scope.flow is not None:
        found[" in flow"] = frozenset({fold(scope.flow.text)})
    for condition in (anatomy.where, anatomy.rule.rule.when):
        for node in _all_of(condition):
            if isinstance(node, tree.Comparison) and not node.negated and isinstance(node.left, Path):
                right = _value(node.right, survey.subject.ruleset)
                texts = right.elements if isinstance(right, tree.ListOf) else (right,)
                if node.operator in (Operator.IS, Operator.ONE_OF):
                    known = {fold(each.value) for each in texts if isinstance(each, tree.Text)}
                    known |= {str(each.value) for each in texts if isinstance(each, tree.YesNo)}
                    if len(known) == len(texts):
                        found[node.left.field] = frozenset(known)
    return found


def _all_of(condition: Expression | None) -> Iterator[Expression]:
    if isinstance(condition, tree.And):
        for each in condition.operands:
            yield from _all_of(each)
    elif condition is not None:
        yield condition


def _exclude(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> bool:
    return any(field in other and not values & other[field] for field, values in one.items())


def _report_twice(put: _Put, other: _Put, where: Anatomy, survey: Survey) -> None:
    side, word = ("before", "starts with") if put.before else ("behind", "ends with")
    example = f"{put.text}{put.text}…" if put.before else f"…{put.text}{put.text}"
    survey.subject.reporter.report(
        "R450",
        put.span,
        f'"{put.text}" stands {side} it already: it would read "{example}"',
        related=[(f'"{where.rule.key}" puts it there', other.span)],
        help=f'take one of them out, or ask first: `when not {put.source.field} {word} "{put.text}"`',
    )
