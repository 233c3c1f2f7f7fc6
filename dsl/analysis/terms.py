"""What a condition asks about: a field, or a calculation taken as a whole; changes with what values are known to be.

A term has a domain (`dsl.analysis.domains`): what it may be at all. Two equal terms have equal values wherever nothing
that they read was written in between.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dsl import tree
from dsl.analysis.domains import NOT_BLANK, Domain, Kind, Ranges, everything, kind_of
from dsl.evaluate.records import HEAD_TOTALS
from dsl.tree import Expression, Path

NO_FIELDS: frozenset[str] = frozenset()
_MOST_FIELDS = 10_000
_FIELDS: dict[tuple[str, str | None, bool, Kind, str], Term] = {}
_NEVER_MISSING = Domain(False, everything(Kind.NUMBER).values)
_COUNTED = Domain(False, Ranges.between((0, 0), (10**9, 0), whole=True))
_SIGNS = Domain(True, Ranges.between((-1, 0), (1, 1), whole=True))


@dataclass(frozen=True, slots=True)
class Term:
    """`key` is what it is by; two terms are the same where their keys are.

    `reads` are the fields that its value comes from (`Path.field`), none for what was received. `item` is the word of
    the loop where it is about one item ("line"). `node` is the expression to show, for a single field its path.
    """

    key: object
    domain: Domain = field(compare=False)
    kind: Kind = field(compare=False)
    reads: frozenset[str] = field(compare=False)
    item: str = field(compare=False)
    node: Expression = field(compare=False, repr=False)
    exact: bool = field(default=False, compare=False)
    """The texts are as they stand, not folded."""

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True, slots=True)
class Atom:
    """A condition that is not looked into: it holds or it does not, and equal ones do so together."""

    node: Expression
    reads: frozenset[str] = field(compare=False)
    item: str = field(compare=False)


def term_of(node: Expression, item: str) -> Term | None:
    """The term of an expression in a loop over `item` ("" without a loop); None where its values are not modelled."""
    kind = kind_of(node.type)
    if kind is None:
        return None
    if isinstance(node, Path):
        return _field(node, kind, item)
    if isinstance(node, tree.Count):
        return Term(node, _COUNTED, Kind.WHOLE, reads_of(node), item_of(node, item), node)
    if isinstance(node, tree.Sum):
        return Term(node, _NEVER_MISSING, kind, reads_of(node), item_of(node, item), node)
    return Term(node, everything(kind), kind, reads_of(node), item_of(node, item), node)


def _field(node: Path, kind: Kind, item: str) -> Term:
    """The term of a field: one and the same object for one field, which makes looking for it in a case quick."""
    at = (node.name, node.key, node.original, kind, item)
    found = _FIELDS.get(at)
    if found is None:
        if node.name in HEAD_TOTALS:
            domain = _NEVER_MISSING
        else:
            domain = NOT_BLANK if kind is Kind.TEXT else everything(kind)
        about = item if node.root == item else ""
        reads = NO_FIELDS if node.original else frozenset((node.field,))
        found = Term(f"original {node.field}" if node.original else node.field, domain, kind, reads, about, node)
        if len(_FIELDS) > _MOST_FIELDS:
            _FIELDS.clear()
        _FIELDS[at] = found
    return found


def as_it_stands(term: Term) -> Term:
    """The term for a text with its case and spaces, which `is exactly` asks about."""
    domain = everything(Kind.TEXT)
    return Term(("as it stands", term.key), domain, Kind.TEXT, term.reads, term.item, term.node, exact=True)


def compared_terms(left: Expression, right: Expression, item: str) -> tuple[Term, bool]:
    """The term for how two values that are no constants compare: less (-1), the same (0) or more (1) than the other.

    The same term stands for both ways round; True says that the sides were changed.
    """
    turned = repr(left) > repr(right)
    one, other = (right, left) if turned else (left, right)
    reads = reads_of(left) | reads_of(right)
    about = item_of(left, item) or item_of(right, item)
    return Term(("compared", one, other), _SIGNS, Kind.WHOLE, reads, about, left), turned


def atom_of(node: Expression, item: str) -> Atom:
    """A condition as a whole."""
    return Atom(node, reads_of(node), item_of(node, item))


def reads_of(node: Expression) -> frozenset[str]:
    """The fields and lists that a value comes from, without what was received."""
    return frozenset(each.field for each in tree.walk(node) if isinstance(each, Path) and not each.original)


def item_of(node: Expression, item: str) -> str:
    """The word of the loop where a value is about its item, else ""."""
    return item if item and _about(node, item) else ""


def _about(node: tree.Node, item: str) -> bool:
    if isinstance(node, Path):
        return node.root == item
    if isinstance(node, tree.Count | tree.Sum | tree.Quantified) and node.item == item:
        return False  # the word means another item there
    return any(_about(child, item) for child in tree.children(node))
