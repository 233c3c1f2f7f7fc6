"""Texts that are put before or behind a number twice; changes with the ways in which rules put texts together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dsl import tree
from dsl.analysis.slips import value_of
from dsl.analysis.survey import Anatomy, Survey
from dsl.tree import Expression, Operator, Path, Span
from dsl.values import fold


@dataclass(frozen=True, slots=True)
class _Put:
    """A fixed text that a rule puts before or behind a field's own."""

    text: str
    before: bool
    source: Path
    target: Path
    span: Span


def report_prefixes(survey: Survey) -> None:
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
    constant = value_of(node, survey.subject.ruleset)
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
                right = value_of(node.right, survey.subject.ruleset)
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
