"""How near a condition came to holding, and why it held, with the values that were there: changes when a miss is told better.

It knows conditions and words, and asks a run for values; rules and records it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, DecimalException
from difflib import SequenceMatcher
from typing import Any

from dsl import tree
from dsl.evaluate.wording import Record, Wording, by_item
from dsl.labels import Labels, small
from dsl.tree import Operator
from dsl.values import (
    EvaluationFailure,
    Money,
    Percent,
    as_date,
    fold,
    print_money,
    print_number,
    print_value,
    show_value,
)

_TO_DO = {
    Operator.IS: ("{}", "anything but {}"),
    Operator.EXACTLY: ("exactly {}", "anything but exactly {}"),
    Operator.ONE_OF: ("one of {}", "none of {}"),
    Operator.MORE: ("more than {}", "at most {}"),
    Operator.LESS: ("less than {}", "at least {}"),
    Operator.AT_LEAST: ("at least {}", "less than {}"),
    Operator.AT_MOST: ("at most {}", "more than {}"),
    Operator.BEFORE: ("before {}", "{} or later"),
    Operator.AFTER: ("after {}", "{} or earlier"),
    Operator.CONTAINS: ("with {} in it", "without {} in it"),
    Operator.WORD: ("with the word {}", "without the word {}"),
    Operator.STARTS: ("beginning with {}", "not beginning with {}"),
    Operator.ENDS: ("ending in {}", "not ending in {}"),
    Operator.MATCHES: ("of the form {}", "not of the form {}"),
    Operator.PATTERN: ("of the pattern {}", "not of the pattern {}"),
}
_UPWARD = (Operator.MORE, Operator.AT_LEAST, Operator.AFTER)
_DOWNWARD = (Operator.LESS, Operator.AT_MOST, Operator.BEFORE)
_OPPOSITE = {
    Operator.MORE: Operator.AT_MOST,
    Operator.AT_LEAST: Operator.LESS,
    Operator.LESS: Operator.AT_LEAST,
    Operator.AT_MOST: Operator.MORE,
}
_MOST_NAMED = 6
_NOTHING_THERE = 1.5
"""How far off a value is that is not there: farther than any that is there and wrong."""
_OTHERWISE_MADE = 1.2
"""How far off a record is that would have to be made otherwise: farther than a wrong value."""
_YES_NO = 0.8


@dataclass(frozen=True, slots=True)
class Lack:
    """One part of a condition that did not hold. `path` is "" where it is about no single field; `gap` says by how much a
    number, an amount or a date missed ("5.00", "3 days"), "" where there is no how much."""

    words: str
    path: str = ""
    label: str = ""
    wanted: str = ""
    actual: str = ""
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near a condition came. `held` of its parts did hold; of several alternatives this is the nearest, and `others` is
    how many more there were. `distance` orders misses of equally many parts: 0 is a hair's breadth, 1 something else."""

    lacks: tuple[Lack, ...]
    held: int = 0
    others: int = 0
    distance: float = 1.0

    @property
    def words(self) -> str:
        """The miss in one sentence."""
        said = ", and ".join(each.words for each in self.lacks)
        return f"{said} (the nearest of {self.others + 1} alternatives)" if self.others else said

    @property
    def rank(self) -> tuple[int, float, int]:
        """The nearest first: few parts that lack, small gaps, many parts that held."""
        return len(self.lacks), self.distance, -self.held


@dataclass(frozen=True, slots=True)
class Miss:
    """Why a rule did not fire, for the record or for one item (by its number). `words` stands where no nearness could be
    worked out; `selected` says that it was the `where` of a loop that the item did not pass."""

    item: int | None
    nearness: Nearness | None
    words: str
    selected: bool = False

    @property
    def told(self) -> str:
        return self.words if self.nearness is None else self.nearness.words


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of the record, or of one item by its number."""

    item: int | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """Through what a condition is looked at: the run that has the values, the words, and the word of the loop it is in."""

    record: Record
    wording: Wording
    labels: Labels
    item: str = ""


def nearest(condition: tree.Expression, sight: Sight) -> Nearness:
    """How near a condition that did not hold came to holding. Raises EvaluationFailure where a part has no answer."""
    found = _nearest(condition, sight, wanted=True)
    return found if found is not None else Nearness((Lack("it does not hold"),))


def because(condition: tree.Expression, sight: Sight) -> list[str]:
    """Why a condition held, part by part: "payment method was PayPal". Raises EvaluationFailure."""
    return list(dict.fromkeys(_because(condition, sight, wanted=True)))


def _nearest(condition: tree.Expression, sight: Sight, *, wanted: bool) -> Nearness | None:
    """None where the condition is as wanted. What has no answer counts as far off: the rule never looked at it."""
    match condition:
        case tree.Not(operand=operand):
            return _nearest(operand, sight, wanted=not wanted)
        case tree.And(operands=operands):
            return _all(operands, sight, wanted=True) if wanted else _any(operands, sight, wanted=False)
        case tree.Or(operands=operands):
            return _any(operands, sight, wanted=True) if wanted else _all(operands, sight, wanted=False)
    if sight.record.holds(condition) is wanted:
        return None
    return _atom(condition, sight, wanted=wanted)


def _all(operands: tuple[tree.Expression, ...], sight: Sight, *, wanted: bool) -> Nearness | None:
    """All have to be as wanted: what is lacking adds up."""
    lacking: list[Nearness] = []
    held = 0
    for operand in operands:
        try:
            found = _nearest(operand, sight, wanted=wanted)
        except (EvaluationFailure, DecimalException):
            if not lacking:
                raise
            continue  # behind the part that failed: the rule never asked
        if found is None:
            held += 1
        else:
            lacking.append(found)
    if not lacking:
        return None
    return Nearness(
        tuple(lack for each in lacking for lack in each.lacks),
        held + sum(each.held for each in lacking),
        max(each.others for each in lacking),
        sum(each.distance for each in lacking),
    )


def _any(operands: tuple[tree.Expression, ...], sight: Sight, *, wanted: bool) -> Nearness | None:
    """One has to be as wanted: the one that came nearest is told. None where one is."""
    found: list[Nearness] = []
    for operand in operands:
        each = _nearest(operand, sight, wanted=wanted)
        if each is None:
            return None
        found.append(each)
    best = min(found, key=lambda each: each.rank)
    return Nearness(best.lacks, best.held, best.others + len(found) - 1, best.distance)


def _atom(condition: tree.Expression, sight: Sight, *, wanted: bool) -> Nearness:
    match condition:
        case tree.Comparison():
            return _comparison(condition, sight, wanted=wanted)
        case tree.Presence(operand=operand, missing=missing):
            label, actual = sight.labels.of(operand, sight.item), sight.record.value(operand)
            if missing is wanted:
                words, there = f"{label} is set: {shown(actual)}", "to be missing"
            else:
                words, there = f"{label} is not set", "to be there"
            lack = Lack(words, _path(operand), label, there, shown(actual))
            return Nearness((lack,), distance=_OTHERWISE_MADE if actual is not None else _NOTHING_THERE)
        case tree.Quantified():
            told = (
                sight.wording.why_not(condition, sight.record)[1]
                if wanted
                else sight.wording.why_not(tree.Not(condition), sight.record)[1]
            )
            return Nearness(
                (Lack(told, _path(condition.collection)),),
                distance=_NOTHING_THERE if "there is no" in told else _OTHERWISE_MADE,
            )
    label, actual = sight.labels.of(condition, sight.item), sight.record.value(condition)
    is_not = "is not set" if actual is None else f"is {shown(actual)}"
    lack = Lack(f"{label} {is_not}", _path(condition), label, "yes" if wanted else "no", shown(actual))
    return Nearness((lack,), distance=_NOTHING_THERE if actual is None else _YES_NO)


def _comparison(node: tree.Comparison, sight: Sight, *, wanted: bool) -> Nearness:
    actual = sight.record.value(node.left)
    label, path = sight.labels.of(node.left, sight.item), _path(node.left)
    negated = node.negated is wanted
    right = sight.record.value(node.right)
    if node.operator is Operator.BETWEEN and node.high is not None:
        high = sight.record.value(node.high)
        words = f"{'outside of' if negated else 'between'} {shown(right)} and {shown(high)}"
        bound = None if negated or right is None or high is None else (right if _less(actual, right) else high)
        gap = _gap(actual, bound)
    else:
        words = _TO_DO[node.operator][negated].format(_listed(right) if isinstance(right, tuple) else shown(right))
        bound = right
        gap = _gap(actual, bound) if node.operator in (*_UPWARD, *_DOWNWARD) else None
    far = _distance(actual, right if bound is None else bound, negated=negated)
    if gap is not None and bound is not None:
        said = f"{label} is {shown(actual)}, {_short(gap, actual, bound, words)}"
        return Nearness((Lack(said, path, label, words, shown(actual), gap.removeprefix("-")),), distance=far)
    return Nearness(
        (Lack(f"wanted {label} {words}, it was {shown(actual)}", path, label, words, shown(actual)),), distance=far
    )


def _short(gap: str, actual: Any, bound: Any, wanted: str) -> str:
    """`5.00 short of 100.00`, `3 days after 2026-01-31`, or what it had to be where it stands on the edge."""
    if gap in ("0", "0.00") or actual == bound:
        return f"wanted {wanted}"
    size, below = gap.removeprefix("-"), gap.startswith("-")
    beyond = print_value(bound)
    if isinstance(bound, date):
        return f"{size} {'before' if below else 'after'} {beyond}"
    return f"{size} {'short of' if below else 'over'} {beyond}"


def _gap(actual: Any, bound: Any) -> str | None:
    """How far a value is from a bound, with a minus where it is below; None where there is no how much."""
    match actual, bound:
        case Money(amount, currency), Money(limit, other) if currency == other or None in (currency, other):
            return print_money(amount - limit, currency or other)
        case Money(amount, currency), Decimal():
            return print_money(amount - bound, currency)
        case Percent(amount), Percent(limit):
            return f"{print_number(amount - limit)}%"
        case Decimal(), Decimal():
            return print_number(actual - bound)
        case date(), date():
            days = (as_date(actual) - as_date(bound)).days
            return f"{'-' if days < 0 else ''}{abs(days)} day{'' if abs(days) == 1 else 's'}" if days else "0"
    return None


def _less(left: Any, right: Any) -> bool:
    gap = _gap(left, right)
    return gap is not None and gap.startswith("-")


def _distance(actual: Any, wanted: Any, *, negated: bool) -> float:
    if actual is None or wanted is None:
        return _NOTHING_THERE
    if isinstance(wanted, tuple):
        return min((_distance(actual, each, negated=negated) for each in wanted[:50]), default=_NOTHING_THERE)
    match _plain(actual), _plain(wanted):
        case Decimal() as one, Decimal() as other:
            size = max(abs(one), abs(other))
            return float(abs(one - other) / size) if size else 0.0
        case datetime() | date() as one, datetime() | date() as other:
            return min(1.0, abs((as_date(one) - as_date(other)).days) / 90)
        case str() as one, str() as other if not negated:
            return 1.1 - 0.9 * SequenceMatcher(None, fold(one)[:100], fold(other)[:100]).ratio()
    return 1.0


def _plain(value: Any) -> Any:
    return value.amount if isinstance(value, Money) else value.value if isinstance(value, Percent) else value


# --- why it held ------------------------------------------------------------------------------------------------------


def _because(condition: tree.Expression, sight: Sight, *, wanted: bool) -> Iterator[str]:
    match condition:
        case tree.Not(operand=operand):
            yield from _because(operand, sight, wanted=not wanted)
        case tree.And(operands=operands) if wanted:
            for operand in operands:
                yield from _because(operand, sight, wanted=True)
        case tree.Or(operands=operands) if not wanted:
            for operand in operands:
                yield from _because(operand, sight, wanted=False)
        case tree.And(operands=operands) | tree.Or(operands=operands):
            settled = next((each for each in operands if _is(each, sight, wanted=wanted)), None)
            if settled is not None:
                yield from _because(settled, sight, wanted=wanted)
        case tree.Comparison(left=asked) | tree.Presence(operand=asked):
            yield f"{sight.labels.of(asked, sight.item)} was {shown(sight.record.value(asked))}"
        case tree.Quantified():
            yield from _fitting(condition, sight)
        case tree.YesNo():
            return
        case _:
            yield f"{sight.labels.of(condition, sight.item)} was {shown(sight.record.value(condition))}"


def _is(condition: tree.Expression, sight: Sight, *, wanted: bool) -> bool:
    """What `and` and `or` come to, with the parts in their order: what stands behind the deciding one is not asked."""
    return sight.record.holds(condition) is wanted


def _fitting(node: tree.Quantified, sight: Sight) -> Iterator[str]:
    if node.where is None:
        return
    inside = Sight(sight.record, sight.wording, sight.labels, node.item)
    fitting = [
        (str(number), ", ".join(dict.fromkeys(_because(node.where, inside, wanted=True))))
        for number in sight.record.each(node)
        if sight.record.holds(node.where)
    ]
    if not fitting:
        yield f"no {node.item} was one where {sight.wording.text(node.where)}"
    yield from by_item(node.item, fitting)[:3]


# --- words ------------------------------------------------------------------------------------------------------------


def shown(value: Any) -> str:
    """A value in a sentence: texts as they are (in quotes where blanks would not show), money with its currency."""
    if value is None:
        return "not set"
    if isinstance(value, str):
        return value if value.strip() == value and value else f'"{value}"'
    if isinstance(value, tuple | list):
        return _listed(tuple(value))
    return show_value(value)


def _listed(values: tuple[Any, ...]) -> str:
    more = f" and {len(values) - _MOST_NAMED} more" if len(values) > _MOST_NAMED else ""
    return ", ".join(shown(each) for each in values[:_MOST_NAMED]) + more


def _path(node: tree.Expression) -> str:
    return ("original " if node.original else "") + node.field if isinstance(node, tree.Path) else ""


__all__ = ["Lack", "Miss", "Nearness", "Sight", "Told", "because", "nearest", "shown", "small"]
