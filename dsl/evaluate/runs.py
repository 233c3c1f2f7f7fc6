"""Which neighbouring rules are found by the text that they ask for, instead of tried one after the other; it makes no code.

A rule is found by its head: `field is "constant"` (or `is one of` constants) where that is the first thing it asks. Of
what comes later in a condition nothing may be asked for rules that would not have come to it: it might have no answer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from dsl import tree
from dsl.evaluate.lower import RuleForm
from dsl.evaluate.records import COLLECTIONS, main_root
from dsl.tree import Operator
from dsl.values import fold

FEWEST: Final = 4
"""Rules on one field from which on it pays to ask first whether any of them can fire (measured: from 2 to 4)."""
MANY_RULES: Final = 100
"""Neighbours with a head from which on they are found through an index (measured: as fast from 60 to 250 on, by how many fire)."""

Way = Literal["each", "together", "table", "found"]
Constant = Callable[[tree.Expression], Any]
Indexes = list[tuple[tree.Path, dict[str, tuple[int, ...]]]]


@dataclass(frozen=True, slots=True)
class Head:
    """The field whose text a rule asks for first, and the texts (folded) with which it goes on."""

    path: tree.Path
    texts: frozenset[str]
    alone: bool
    """Whether the rule asks for nothing else."""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring rules that are run in one way.

    *each*: one after the other. *together*: one after the other, if the field of all has one of their texts at all.
    *table*: all set one field to a constant, each for other texts of one other field. *found*: through an index.
    """

    way: Way
    forms: tuple[RuleForm, ...]
    heads: tuple[Head, ...] = ()


def head(form: RuleForm, constant: Constant) -> Head | None:
    """The head of a rule, or None."""
    asked = [each for each in (form.where, form.when) if each is not None]
    if not asked or (form.otherwise and form.where is None):
        return None
    first = asked[0]
    alone = len(asked) == 1
    while isinstance(first, tree.And):
        first, alone = first.operands[0], False
    if not isinstance(first, tree.Comparison) or first.negated or not isinstance(first.left, tree.Path):
        return None
    path = first.left
    if path.type.name != "text" or path.original or path.key is not None:
        return None
    if path.root != form.item and path.root in COLLECTIONS:
        return None
    right = constant(first.right)
    if first.operator is Operator.IS:
        texts = [right]
    elif first.operator is Operator.ONE_OF and isinstance(right, tuple):
        texts = [each for each in right if each is not None]
    else:
        return None
    if not all(isinstance(each, str) for each in texts):
        return None
    folded = frozenset(map(fold, texts)) - {""}
    return Head(path, folded, alone and not form.otherwise) if folded else None


def runs(forms: Sequence[RuleForm], kind: str, constant: Constant) -> Iterator[Run]:
    """Neighbours (of one loop, or of none) in the ways that they are run, in their order."""
    stretch: list[tuple[RuleForm, Head]] = []
    for form in forms:
        found = None if _changes_currency(form, kind) else head(form, constant)
        if found is not None:
            stretch.append((form, found))
            continue
        yield from _stretch(stretch, constant)
        stretch = []
        yield Run("each", (form,))
    yield from _stretch(stretch, constant)


def _changes_currency(form: RuleForm, kind: str) -> bool:
    """Whether a rule writes what all other code keeps in a local of its own."""
    target = f"{main_root(kind)}.currency"
    return any(statement.target.name == target for statement in form.statements if hasattr(statement, "target"))


def _stretch(stretch: list[tuple[RuleForm, Head]], constant: Constant) -> Iterator[Run]:
    if len(stretch) >= MANY_RULES:
        yield Run("found", tuple(form for form, _ in stretch), tuple(head for _, head in stretch))
        return
    gathered: list[tuple[RuleForm, Head]] = []
    for form, found in stretch:
        if gathered and gathered[-1][1].path.field != found.path.field:
            yield from _same_field(gathered, constant)
            gathered = []
        gathered.append((form, found))
    yield from _same_field(gathered, constant)


def _same_field(gathered: list[tuple[RuleForm, Head]], constant: Constant) -> Iterator[Run]:
    if len(gathered) < FEWEST:
        for form, _ in gathered:
            yield Run("each", (form,))
        return
    forms, heads = tuple(form for form, _ in gathered), tuple(head for _, head in gathered)
    yield Run("table" if _is_table(forms, heads, constant) else "together", forms, heads)


def _is_table(forms: tuple[RuleForm, ...], heads: tuple[Head, ...], constant: Constant) -> bool:
    if sum(len(each.texts) for each in heads) > len(frozenset().union(*(each.texts for each in heads))):
        return False
    targets = set()
    for form, found in zip(forms, heads, strict=True):
        match form.then:
            case (tree.Set() | tree.Override() as statement,) if found.alone and statement.or_stop is None:
                value = constant(statement.value)
                plain = statement.target.type.name == "text" and statement.target.key is None
                if not plain or not isinstance(value, str) or statement.target.field == found.path.field:
                    return False
                targets.add(statement.target.field)
            case _:
                return False
    return len(targets) == 1


def index_of(run: Run) -> Indexes:
    """For each field that heads of a run are about: the places of the rules by the text that they ask for, ascending."""
    paths: dict[str, tree.Path] = {}
    places: dict[str, dict[str, list[int]]] = {}
    for form, found in zip(run.forms, run.heads, strict=True):
        paths.setdefault(found.path.field, found.path)
        index = places.setdefault(found.path.field, {})
        for text in found.texts:
            index.setdefault(text, []).append(form.place)
    return [(paths[field], {text: tuple(each) for text, each in index.items()}) for field, index in places.items()]
