"""Rules that no flow of their file runs; changes with what moves which records."""

from __future__ import annotations

from dsl import tree
from dsl.analysis.subject import Subject
from dsl.resolved import ResolvedRule
from dsl.tree import Flow, Span, Word

_CARRIED_ALONG = frozenset({"customer", "product"})
"""Kinds that come along with others: the buyer and the products of an order are matched, and made, with it."""


def report_reach(subject: Subject) -> None:
    """Warns of the file's own rules that none of its flows runs.

    A file without flows is taken in by others: what runs its rules stands there.
    """
    flows = [each for each in subject.ruleset.flows if not each.off and not each.torn]
    if not subject.ruleset.flows or len(flows) < sum(1 for each in subject.ruleset.flows if not each.off):
        return
    kinds = {rule.kind for rule in subject.rules}
    moving = {kind: [each for each in flows if _moves(each, kind, subject)] for kind in kinds}
    for rule in subject.rules:
        if not rule.pack:
            _rule(rule, flows, moving[rule.kind], subject)


def _rule(rule: ResolvedRule, flows: list[Flow], moving: list[Flow], subject: Subject) -> None:
    scope = rule.rule.scope
    narrowed = scope.flow
    if narrowed is not None:
        named = [each for each in flows if each.title.text.casefold() == narrowed.text.casefold()]
        if named and not any(each in moving for each in named):
            _never(
                subject,
                narrowed,
                f'the flow "{named[0].title.text}" does not move {_plural(rule.kind, subject)}',
                named[0],
            )
        return
    if rule.kind in _CARRIED_ALONG:
        return
    if flows and not moving:
        at = scope.kind.span if isinstance(scope, tree.ForRecord) else scope.collection.span
        _never(subject, at, f"no flow of this file moves {_plural(rule.kind, subject)}", flows[0])
        return
    source = scope.source
    if source is not None and not source.quoted and moving and not any(_comes_from(each, source) for each in moving):
        _never(
            subject, source, f"no flow of this file moves {_plural(rule.kind, subject)} from {source.text}", moving[0]
        )


def _never(subject: Subject, at: Word | Span, why: str, flow: Flow) -> None:
    subject.reporter.report(
        "R461",
        at.span if isinstance(at, Word) else at,
        f"this rule never runs: {why}",
        related=[("the flow of this file", flow.title.span)],
        help="add a flow that does, or change what the rule is for",
    )


def _moves(flow: Flow, kind: str, subject: Subject) -> bool:
    if flow.sync is None:
        return True
    known = {each.plural: each.name for each in subject.schema.kinds}
    moved = known.get(flow.sync.text)
    found = subject.schema.kind(kind)
    return moved is None or moved == kind or (found is not None and found.parent == moved)


def _comes_from(flow: Flow, source: Word) -> bool:
    return flow.source is None or flow.source.quoted or flow.source.text == source.text


def _plural(kind: str, subject: Subject) -> str:
    found = subject.schema.kind(kind)
    return kind if found is None else found.plural
