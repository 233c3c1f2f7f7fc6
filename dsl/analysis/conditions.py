"""A condition as the cases in which it holds; changes with what a condition can ask.

A case says for some terms what they are (a domain each) and of conditions that are not looked into whether they hold;
the condition holds only in one of its cases. Cases may be too many, never too few: what has none holds for no record.
So they are the ground for "never", and those of the opposite are the ground for "always". Where an evaluation fails
(two currencies) a condition neither holds nor does not, which takes nothing away from that.

The values of settings do not count, since every company may have its own; with `in_force` they do, which is right where
one rule set is looked at as it now runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from dsl import tree
from dsl.analysis import domains
from dsl.analysis.domains import NOT_BLANK, Domain, Kind, Ranges, TooComplex, not_blank
from dsl.analysis.terms import Atom, Term, as_it_stands, atom_of, compared_terms, term_of
from dsl.evaluate.operations import compare, constant
from dsl.evaluate.records import HEAD_TOTALS
from dsl.functions.text import compiled_pattern
from dsl.resolved import ResolvedList, ResolvedSetting
from dsl.tree import Expression, Operator, Path
from dsl.types import DATE, MONEY, NUMBER, PERCENT, TEXT, YES_NO
from dsl.values import EvaluationFailure

MOST_CASES: Final = 64
"""A condition with more cases than this is not looked into as a whole."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way for a condition to hold: `domains` of its terms, and whether its atoms hold."""

    domains: Mapping[Term, Domain] = field(default_factory=dict)
    atoms: Mapping[Atom, bool] = field(default_factory=dict)

    def meet(self, other: Case) -> Case | None:
        """What both say; None where they cannot both be."""
        if not other.domains and not other.atoms:
            return self
        if not self.domains and not self.atoms:
            return other
        atoms = self.atoms
        if other.atoms:
            for atom, holds in other.atoms.items():
                if atoms.get(atom, holds) is not holds:
                    return None
            atoms = {**atoms, **other.atoms}
        found = dict(self.domains)
        for term, domain in other.domains.items():
            known = found.get(term)
            if known is not None:
                try:
                    domain = known.intersect(domain)
                except TooComplex:
                    continue
                if domain.is_empty:
                    return None
            found[term] = domain
        return Case(found, atoms)


Cases = tuple[Case, ...]
ALWAYS: Final[Cases] = (Case(),)
NEVER: Final[Cases] = ()

_TURNED: Final[Mapping[Operator, Operator]] = {
    Operator.IS: Operator.IS,
    Operator.EXACTLY: Operator.EXACTLY,
    Operator.MORE: Operator.LESS,
    Operator.LESS: Operator.MORE,
    Operator.AT_LEAST: Operator.AT_MOST,
    Operator.AT_MOST: Operator.AT_LEAST,
    Operator.BEFORE: Operator.AFTER,
    Operator.AFTER: Operator.BEFORE,
}
"""What `5 < order.total` is when the field comes first."""

_SIGNS: Final[Mapping[Operator, Ranges]] = {
    Operator.IS: Ranges.between((0, 0), (0, 1), whole=True),
    Operator.EXACTLY: Ranges.between((0, 0), (0, 1), whole=True),
    Operator.MORE: Ranges.between((1, 0), (1, 1), whole=True),
    Operator.AFTER: Ranges.between((1, 0), (1, 1), whole=True),
    Operator.LESS: Ranges.between((-1, 0), (-1, 1), whole=True),
    Operator.BEFORE: Ranges.between((-1, 0), (-1, 1), whole=True),
    Operator.AT_LEAST: Ranges.between((0, 0), (1, 1), whole=True),
    Operator.AT_MOST: Ranges.between((-1, 0), (0, 1), whole=True),
}
_NOT_CONSTANT: Final = object()


@dataclass(slots=True)
class Conditions:
    """Reads conditions of one rule set, each once. `in_force` are the settings whose present values count.

    `anyway` are those of the same rule set for which no settings count: what asks for none is taken from there.
    """

    lists: Mapping[str, ResolvedList]
    in_force: Mapping[str, ResolvedSetting] = field(default_factory=dict)
    anyway: Conditions | None = None
    _known: dict[tuple[int, bool], tuple[Cases, Expression, str]] = field(default_factory=dict)
    """By the identity of a condition: its cases, itself, and the word of its loop."""
    clean: dict[int, tree.Rule] = field(default_factory=dict)
    """By their identity the rules in whose conditions nothing was found."""
    _asking: dict[int, tuple[bool, Expression]] = field(default_factory=dict)
    """By the identity of a condition: whether it asks for a setting, and itself."""

    def with_settings(self, settings: Mapping[str, ResolvedSetting]) -> Conditions:
        """The same conditions where the present values of settings count."""
        return Conditions(self.lists, settings, self)

    def cases(self, node: Expression, item: str = "", holds: bool = True) -> Cases:
        """The cases in which a checked condition holds (or, `holds` being False, does not), in a loop over `item`."""
        known = self._known.get((id(node), holds))
        if known is not None and known[2] == item:
            return known[0]
        if self.anyway is not None and not self.anyway.asks_for_settings(node):
            return self.anyway.cases(node, item, holds)
        found = self._cases(node, item, holds)
        self._known[id(node), holds] = (found, node, item)
        return found

    def asks_for_settings(self, node: Expression) -> bool:
        """Whether the value of a setting has a part in a condition."""
        known = self._asking.get(id(node))
        if known is None:
            asks = any(isinstance(each, tree.SettingValue) for each in tree.walk(node))
            known = self._asking[id(node)] = (asks, node)
        return known[0]

    @property
    def size(self) -> int:
        """How many conditions are kept."""
        return len(self._known) + len(self._asking)

    def _cases(self, node: Expression, item: str, holds: bool) -> Cases:
        match node:
            case tree.And(operands=operands):
                return self._all(operands, item, holds) if holds else self._any(operands, item, holds)
            case tree.Or(operands=operands):
                return self._any(operands, item, holds) if holds else self._all(operands, item, holds)
            case tree.Not(operand=operand):
                return self.cases(operand, item, not holds)
        try:
            match node:
                case tree.Comparison():
                    return self._comparison(node, item, holds is not node.negated)
                case tree.Presence(operand=operand, missing=missing):
                    return self._presence(operand, item, missing is holds)
                case tree.Quantified():
                    return _quantified(node, item, holds)
            yes = tree.Comparison(Operator.IS, node, tree.YesNo(True, type=YES_NO), type=YES_NO, span=node.span)
            return self._comparison(yes, item, holds)
        except TooComplex:
            return _opaque(node, item, holds)

    def together(self, conditions: Sequence[Expression | None], item: str = "") -> Cases:
        """The cases in which all of several conditions hold; None says nothing."""
        return self._all([each for each in conditions if each is not None], item, True)

    # --- and, or ------------------------------------------------------------------------------------------------------

    def _all(self, operands: Sequence[Expression], item: str, holds: bool) -> Cases:
        found: Cases = ALWAYS
        for operand in operands:
            cases = self.cases(operand, item, holds)
            if len(cases) > 1 and len(cases) * len(found) > MOST_CASES:
                cases = _opaque(operand, item, holds)
            found = product(found, cases)
            if not found:
                return NEVER
        return found

    def _any(self, operands: Sequence[Expression], item: str, holds: bool) -> Cases:
        found: list[Case] = []
        for operand in operands:
            cases = self.cases(operand, item, holds)
            if any(not case.domains and not case.atoms for case in cases):
                return ALWAYS
            found.extend(cases)
        result = either(found)
        return result if len(result) <= MOST_CASES else _too_many(operands, item, holds)

    # --- comparisons --------------------------------------------------------------------------------------------------

    def _comparison(self, node: tree.Comparison, item: str, holds: bool) -> Cases:
        operator, left, right = node.operator, node.left, node.right
        first, second = self.constant(left), self.constant(right)
        high = None if node.high is None else self.constant(node.high)
        if first is not _NOT_CONSTANT:
            if second is not _NOT_CONSTANT and high is not _NOT_CONSTANT:
                return _decided(node, first, second, high, item, holds)
            turned = _TURNED.get(operator)
            if turned is None:
                return _opaque(_positive(node), item, holds)
            operator, left, right, first, second = turned, right, left, second, first
        if operator is Operator.ONE_OF and second is _NOT_CONSTANT and isinstance(right, tree.ListOf):
            apart = [tree.Comparison(Operator.IS, left, each, type=YES_NO, span=each.span) for each in right.elements]
            return self._any(apart, item, holds) if holds else self._all(apart, item, holds)
        if second is None or (high is None and node.high is not None):
            return NEVER if holds else ALWAYS  # compared with missing
        if second is _NOT_CONSTANT or high is _NOT_CONSTANT:
            return self._two_values(node, left, right, operator, item, holds)
        term = term_of(left, item)
        if term is None or operator is Operator.PATTERN:
            return self._as_a_whole(node, item, holds)
        domain = domains.compared(term.kind, operator, second, high)
        if domain is None:
            return self._as_a_whole(node, item, holds)
        found = _about(term, domain if holds else domain.complement())
        if operator is Operator.EXACTLY and term.kind is Kind.TEXT:
            raw = domains.exactly(second)
            if holds:
                return product(found, _about(as_it_stands(term), raw))
            return _about(as_it_stands(term), raw.complement())
        return found

    def _two_values(
        self, node: tree.Comparison, left: Expression, right: Expression, operator: Operator, item: str, holds: bool
    ) -> Cases:
        """A comparison of two values of the record."""
        if operator is Operator.BETWEEN and node.high is not None:
            parts = [
                tree.Comparison(Operator.AT_LEAST, left, right, type=YES_NO, span=node.span),
                tree.Comparison(Operator.AT_MOST, left, node.high, type=YES_NO, span=node.span),
            ]
            return self._all(parts, item, holds) if holds else self._any(parts, item, holds)
        signs = _SIGNS.get(operator)
        if signs is None or left.type not in _ORDERED or right.type not in _ORDERED:
            return self._as_a_whole(node, item, holds)
        if operator is Operator.EXACTLY and left.type == TEXT:
            return self._as_a_whole(node, item, holds)  # not the same thing as comparing the same
        if left == right:
            if signs.has(0):
                return self._presence(left, item, not holds)
            return NEVER if holds else ALWAYS
        term, turned = compared_terms(left, right, item)
        if turned:
            signs = _SIGNS[_TURNED[operator]]
        domain = Domain(False, signs)
        found = _about(term, domain if holds else domain.complement())
        if not holds:
            return found
        return product(found, product(self._presence(left, item, False), self._presence(right, item, False)))

    def _as_a_whole(self, node: tree.Comparison, item: str, holds: bool) -> Cases:
        found = _opaque(_positive(node), item, holds)
        if not holds:
            return found
        for side in (node.left, node.right, node.high):
            if side is not None and self.constant(side) is _NOT_CONSTANT and side.type.element is None:
                found = product(found, self._presence(side, item, False))
        return found

    def _presence(self, node: Expression, item: str, missing: bool) -> Cases:
        """The cases in which a value is missing, or is present."""
        match node:
            case tree.OrElse(first=first, second=second):
                both = [self._presence(each, item, missing) for each in (first, second)]
                return product(*both) if missing else either([*both[0], *both[1]])
            case tree.Template(parts=parts):
                return self._any_part([each for each in parts if isinstance(each, Expression)], item, missing)
            case tree.Arithmetic(operator="+" | "-" | "*", left=left, right=right):
                return self._any_part([left, right], item, missing)
            case tree.Negative(operand=operand):
                return self._presence(operand, item, missing)
        value = self.constant(node)
        if value is not _NOT_CONSTANT:
            return ALWAYS if (value is None) is missing else NEVER
        if isinstance(node, Path) and node.name in HEAD_TOTALS:
            return NEVER if missing else ALWAYS
        if isinstance(node, tree.Count | tree.Sum) or (isinstance(node, tree.Call) and node.function == "today"):
            return NEVER if missing else ALWAYS
        term = term_of(node, item)
        if term is None:
            present = tree.Presence(node, missing=False, type=YES_NO, span=node.span)
            return _opaque(present, item, not missing)
        return _about(term, domains.nothing(term.kind, True) if missing else domains.everything(term.kind, False))

    def _any_part(self, parts: Sequence[Expression], item: str, missing: bool) -> Cases:
        """A value that is missing where any of its parts is."""
        if missing:
            return either([case for part in parts for case in self._presence(part, item, True)])
        found = ALWAYS
        for part in parts:
            found = product(found, self._presence(part, item, False))
        return found

    def constant(self, node: Expression) -> Any:
        """The value of an expression that is the same for every record; `_NOT_CONSTANT` for any other."""
        if isinstance(node, (*tree.LITERALS, tree.Missing)):
            return constant(node)
        if isinstance(node, tree.ListValue) and node.key in self.lists:
            return tuple(constant(each) for each in self.lists[node.key].elements)
        if isinstance(node, tree.ListOf):
            found = [self.constant(each) for each in node.elements]
            return _NOT_CONSTANT if any(each is _NOT_CONSTANT for each in found) else tuple(found)
        if isinstance(node, tree.SettingValue) and node.key in self.in_force:
            value = self.in_force[node.key].value
            return None if value is None else constant(value)
        if isinstance(node, tree.Negative):
            value = self.constant(node.operand)
            return _NOT_CONSTANT if value is _NOT_CONSTANT or value is None else constant(node)
        return _NOT_CONSTANT


_KEPT: Final[list[Conditions]] = []
_MOST_KEPT: Final = 2
_MOST_CONDITIONS: Final = 40_000
"""Some three times as many as a file of 2,000 rules has: what is kept holds on to its nodes."""


def kept(lists: Mapping[str, ResolvedList]) -> Conditions:
    """The conditions that were read before with the same lists, so that an edit costs what it changed.

    Nodes are known by identity: those of blocks that were not touched are the same ones again.
    """
    others = [each for each in _KEPT if each.size < _MOST_CONDITIONS]
    found = next((each for each in others if each.lists == lists), None) or Conditions(dict(lists))
    _KEPT[:] = [found, *(each for each in others if each is not found)][:_MOST_KEPT]
    return found


def is_constant(value: object) -> bool:
    """Whether `Conditions.constant` found one."""
    return value is not _NOT_CONSTANT


_ORDERED: Final = frozenset((TEXT, NUMBER, MONEY, PERCENT, DATE, YES_NO))
"""Types of which two values are less, the same or more than one another, or at least the same or not.

Not moments: one compares with a date by its day alone, and with another moment to the second.
"""


def _about(term: Term, domain: Domain) -> Cases:
    """The case in which a term is in a domain, as far as it can be there at all."""
    possible = not_blank(domain) if term.domain is NOT_BLANK else domain.intersect(term.domain)
    return NEVER if possible.is_empty else (Case({term: possible}),)


def _opaque(node: Expression, item: str, holds: bool) -> Cases:
    return (Case({}, {atom_of(node, item): holds}),)


def _too_many(operands: Sequence[Expression], item: str, holds: bool) -> Cases:
    """An `or` (or a denied `and`) of very many parts as one thing."""
    return (
        _opaque(tree.Or(tuple(operands), type=YES_NO), item, True)
        if holds
        else _opaque(tree.And(tuple(operands), type=YES_NO), item, False)
    )


def _positive(node: tree.Comparison) -> tree.Comparison:
    return replace(node, negated=False) if node.negated else node


def _quantified(node: tree.Quantified, item: str, holds: bool) -> Cases:
    """`some`, `no` and `every` as one thing: there is, or there is not, an item that fits."""
    if node.quantifier == "some":
        return _opaque(node, item, holds)
    if node.quantifier == "no":
        return _opaque(replace(node, quantifier="some"), item, not holds)
    if node.where is None:
        return ALWAYS if holds else NEVER
    other = tree.Not(node.where, type=YES_NO, span=node.where.span)
    if isinstance(node.where, tree.Not):
        return _opaque(replace(node, quantifier="some", where=node.where.operand), item, not holds)
    return _opaque(replace(node, quantifier="some", where=other), item, not holds)


def _decided(node: tree.Comparison, left: Any, right: Any, high: Any, item: str, holds: bool) -> Cases:
    """A comparison of constants."""
    try:
        if node.operator is Operator.PATTERN:
            right = compiled_pattern(right)
        return ALWAYS if compare(node.operator, left, right, high) is holds else NEVER
    except EvaluationFailure:
        return _opaque(_positive(node), item, holds)


def product(left: Cases, right: Cases) -> Cases:
    """The cases in which both hold. Cases that a wider one covers are taken out where there are many."""
    if left is ALWAYS or right is ALWAYS:
        return right if left is ALWAYS else left
    found = [case for one in left for two in right if (case := one.meet(two)) is not None]
    return tuple(found) if len(found) < 2 else either(found)


def either(cases: Iterable[Case]) -> Cases:
    """The cases in which one of several holds; those that say something of the same one term become one case."""
    single: dict[Term, Domain] = {}
    apart: list[Case] = []
    for case in cases:
        if not case.atoms and len(case.domains) == 1:
            ((term, domain),) = case.domains.items()
            try:
                single[term] = domain if term not in single else single[term].union(domain)
                continue
            except TooComplex:
                pass
        apart.append(case)
    found: list[Case] = []
    for term, domain in single.items():
        try:
            if domain.covers(term.domain):
                return ALWAYS
        except TooComplex:
            pass
        found.append(Case({term: domain}))
    return (*found, *apart)
