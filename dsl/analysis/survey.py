"""What the rules are made of, gathered in one walk for all analyses of values; changes when an analysis looks for another part.

A rule set of thousands of rules is walked once; each analysis then looks only at the rules that have what it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TypeVar

from dsl import tree
from dsl.analysis.subject import Subject
from dsl.resolved import ResolvedRule
from dsl.tree import Node

_N = TypeVar("_N", bound=Node)
_PLAIN = frozenset({"span", "type", "currency", "name_span", "language_span", "title", "note", "replaces", "kind"})
_NOT_NODES = ("str", "Decimal", "bool", "int", "date", "Operator", "str | None", "bool", "Type", "Span")


def _parts_of(form: type[Node]) -> tuple[str, ...]:
    return tuple(
        each.name
        for each in fields(form)
        if each.name not in _PLAIN and str(each.type) not in _NOT_NODES and "Word" not in str(each.type)
    )


_PARTS: Mapping[type[Node], tuple[str, ...]] = {
    form: _parts_of(form)
    for form in vars(tree).values()
    if isinstance(form, type) and issubclass(form, Node) and form is not Node
}


def parts(node: Node) -> Iterator[Node]:
    """The statements and expressions directly under a node, in the order of the text."""
    for name in _PARTS[type(node)]:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for each in value:
                if isinstance(each, Node):
                    yield each


def within(*nodes: Node | None) -> Iterator[Node]:
    """These nodes and all statements and expressions under them, parents first."""
    stack = [node for node in reversed(nodes) if node is not None]
    while stack:
        node = stack.pop()
        yield node
        below = list(parts(node))
        below.reverse()
        stack.extend(below)


@dataclass(frozen=True, slots=True)
class Anatomy:
    """One rule and its parts by what they are."""

    place: int
    rule: ResolvedRule
    nodes: Mapping[type[Node], list[Node]]

    def all(self, form: type[_N]) -> list[_N]:
        """The parts of one kind, in the order of the text."""
        found = self.nodes.get(form)
        return [] if found is None else found  # type: ignore[return-value]

    def has(self, *forms: type[Node]) -> bool:
        return any(form in self.nodes for form in forms)

    @property
    def statements(self) -> tuple[tree.Statement, ...]:
        return (*self.rule.rule.then, *self.rule.rule.otherwise)

    @property
    def where(self) -> tree.Expression | None:
        scope = self.rule.rule.scope
        return scope.where if isinstance(scope, tree.ForEach) else None


@dataclass(frozen=True, slots=True)
class Survey:
    """The rules that run and are without error, taken apart; those of packs too, for what they do to a record.

    `own` are the rules of the file itself: what is doubtful inside of a pack is told to who publishes it.
    """

    subject: Subject
    rules: tuple[Anatomy, ...]

    @property
    def own(self) -> Iterable[Anatomy]:
        return (each for each in self.rules if not each.rule.pack)

    @property
    def unknown_writes(self) -> frozenset[str]:
        """What rules with an error in them may write: of these fields nothing is sure."""
        sure = {id(each.rule.rule) for each in self.rules}
        left_out = [each for each in self.subject.ruleset.rules if each.runs and id(each.rule) not in sure]
        return frozenset().union(*(each.writes for each in left_out))

    def source(self, span: tree.Span) -> str:
        """The words of the file at a place."""
        return self.subject.reporter.source(span.file).text[span.start : span.end]


def survey(subject: Subject) -> Survey:
    """Takes all rules of the subject apart."""
    return Survey(subject, tuple(_anatomy(place, rule) for place, rule in enumerate(subject.rules)))


_MOST_KEPT = 10_000
_KEPT: dict[int, tuple[tree.Rule, Mapping[type[Node], list[Node]]]] = {}
"""By the identity of a rule that was taken apart before: itself, and its parts. An edit leaves the other rules the same
objects. What is kept holds on to its rules, so it is thrown away when it has become much."""


def _anatomy(place: int, rule: ResolvedRule) -> Anatomy:
    block = rule.rule
    known = _KEPT.get(id(block))
    if known is not None and known[0] is block:
        return Anatomy(place, rule, known[1])
    nodes = _taken_apart(block)
    if len(_KEPT) >= _MOST_KEPT:
        _KEPT.clear()
    _KEPT[id(block)] = (block, nodes)
    return Anatomy(place, rule, nodes)


def _taken_apart(block: tree.Rule) -> Mapping[type[Node], list[Node]]:
    nodes: dict[type[Node], list[Node]] = {}
    table = _PARTS
    stack: list[Node] = [*reversed((*block.then, *block.otherwise))]
    if block.when is not None:
        stack.append(block.when)
    scope = block.scope
    if isinstance(scope, tree.ForEach) and scope.where is not None:
        stack.append(scope.where)
    while stack:
        node = stack.pop()
        form = type(node)
        known = nodes.get(form)
        if known is None:
            nodes[form] = [node]
        else:
            known.append(node)
        names = table[form]
        if not names:
            continue
        below: list[Node] = []
        for name in names:
            value = getattr(node, name)
            if value.__class__ is tuple:
                below += [each for each in value if isinstance(each, Node)]
            elif isinstance(value, Node):
                below.append(value)
        below.reverse()
        stack += below
    return nodes
