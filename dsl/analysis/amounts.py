"""Sums as polynomials over fields, so that "three times as many at a third of the price" is seen to change nothing.

Changes with the calculations that can be followed; what cannot be followed stands for itself, as one unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from dsl import tree
from dsl.tree import Expression, Path

Term = tuple[tuple[str, int], ...]
"""Unknowns with their powers, in the order of their names; () is the number 1."""
_MOST_TERMS = 60


class Polynomial:
    """A sum of terms with their factors; immutable."""

    __slots__ = ("terms",)

    def __init__(self, terms: Mapping[Term, Fraction]) -> None:
        self.terms: Mapping[Term, Fraction] = {term: factor for term, factor in terms.items() if factor}

    @classmethod
    def number(cls, value: Fraction | int) -> Polynomial:
        return cls({(): Fraction(value)})

    @classmethod
    def unknown(cls, name: str) -> Polynomial:
        return cls({((name, 1),): Fraction(1)})

    @property
    def is_zero(self) -> bool:
        return not self.terms

    @property
    def constant(self) -> Fraction | None:
        """Its value where it holds no unknown."""
        if not self.terms:
            return Fraction(0)
        return self.terms.get(()) if len(self.terms) == 1 else None

    def __add__(self, other: Polynomial) -> Polynomial:
        terms = dict(self.terms)
        for term, factor in other.terms.items():
            terms[term] = terms.get(term, Fraction(0)) + factor
        return Polynomial(terms)

    def __neg__(self) -> Polynomial:
        return Polynomial({term: -factor for term, factor in self.terms.items()})

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + -other

    def __mul__(self, other: Polynomial) -> Polynomial:
        terms: dict[Term, Fraction] = {}
        for one, left in self.terms.items():
            for two, right in other.terms.items():
                powers = dict(one)
                for name, power in two:
                    powers[name] = powers.get(name, 0) + power
                term = tuple(sorted((name, power) for name, power in powers.items() if power))
                terms[term] = terms.get(term, Fraction(0)) + left * right
        return Polynomial(terms)

    def inverse(self) -> Polynomial | None:
        """1 divided by it, where it is a single term."""
        if len(self.terms) != 1:
            return None
        ((term, factor),) = self.terms.items()
        return Polynomial({tuple((name, -power) for name, power in term): 1 / factor})

    @property
    def is_long(self) -> bool:
        return len(self.terms) > _MOST_TERMS

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))


ZERO = Polynomial({})


def name_of(node: Path) -> str:
    return f"original {node.field}" if node.original else node.field


def polynomial(node: Expression, values: Mapping[str, Polynomial]) -> Polynomial:
    """An amount or a number as a polynomial; `values` are the fields that are known to be something else by now."""
    match node:
        case tree.Number(value=value) | tree.Money(value=value):
            return Polynomial.number(Fraction(value))
        case tree.Percent(value=value):
            return Polynomial.number(Fraction(value) / 100)
        case Path():
            name = name_of(node)
            return values[name] if name in values else Polynomial.unknown(name)
        case tree.Negative(operand=operand):
            return -polynomial(operand, values)
        case tree.Arithmetic(operator=operator, left=left, right=right):
            one, other = polynomial(left, values), polynomial(right, values)
            if not (one.is_long or other.is_long):
                match operator:
                    case "+":
                        return one + other
                    case "-":
                        return one - other
                    case "*":
                        return one * other
                divisor = other.inverse()
                if divisor is not None:
                    return one * divisor
    return Polynomial.unknown(repr(node))
