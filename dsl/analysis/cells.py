"""What a cell of a table fits, as sets of keys; changes with the kinds of cells that tables may have (reports nothing).

A key is a folded text, a number (amounts and percentages too), a day as its number, yes or no (`bool`), or `MISSING`.
A cell is `ANY`, a frozenset of keys, or a `Region`. Texts are endless, so what rows say of them with `starts with` and the
like only counts where one test surely follows from another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from dsl import tree
from dsl.evaluate.operations import compare
from dsl.tree import Operator
from dsl.values import fold, needle

Key = object
ONE = Decimal(1)
DAY = Decimal("1.0")
"""The step from one day to the next."""
_SOME_DAY = Decimal(date(2026, 1, 31).toordinal())
_MOST_DIGITS = 12
"""Between two longer numbers no number can be named that is surely exact."""


class _Missing:
    """The key of a record that has none."""

    def __repr__(self) -> str:
        return "missing"


MISSING: Final = _Missing()
ANY: Final = None
"""The cell that fits everything, missing too."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers or days from `low` to `high`; None: without an end. `low_in`, `high_in`: the ends belong to it."""

    low: Decimal | None
    high: Decimal | None
    low_in: bool = True
    high_in: bool = True

    def has(self, number: Decimal) -> bool:
        if self.low is not None and (number < self.low or (number == self.low and not self.low_in)):
            return False
        return self.high is None or number < self.high or (number == self.high and self.high_in)

    @property
    def is_empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and not (self.low_in and self.high_in))

    def meet(self, other: Interval) -> Interval:
        """What both hold."""
        low, low_in = _tighter((self.low, self.low_in), (other.low, other.low_in), lower=True)
        high, high_in = _tighter((self.high, self.high_in), (other.high, other.high_in), lower=False)
        return Interval(low, high, low_in, high_in)

    def within(self, other: Interval) -> bool:
        """Whether everything in it is in the other one too."""
        if other.low is not None:
            low = self.low
            if low is None or low < other.low or (low == other.low and self.low_in and not other.low_in):
                return self.is_empty
        if other.high is not None:
            high = self.high
            if high is None or high > other.high or (high == other.high and self.high_in and not other.high_in):
                return self.is_empty
        return True

    def touches(self, other: Interval) -> bool:
        """Whether a number is in both, where neither is empty."""
        for one, two in ((self, other), (other, self)):
            if one.high is None or two.low is None or one.high > two.low:
                continue
            if one.high < two.low or not (one.high_in and two.low_in):
                return False
        return True

    def some(self, step: Decimal | None) -> Decimal | None:
        """A number in it that people would write; with a step, a multiple of it (None where there is none)."""
        if self.is_empty:
            return None
        if self.low is None and step is DAY:
            return _SOME_DAY if self.high is None else self.high if self.high_in else self.high - 1
        if self.low is None:
            top = Decimal(0) if self.high is None or self.high > 0 else self.high
            return top if self.has(top) else top - (step or ONE)
        if self.high is None:
            return self.low if self.low_in else self.low + (step or ONE)
        if self.low_in:
            return self.low
        if step is None:
            whole = (self.low + ONE).to_integral_value("ROUND_FLOOR")
            return whole if self.has(whole) else (self.low + self.high) / 2
        for unit in (ONE, step):
            next_up = (self.low / unit).to_integral_value("ROUND_FLOOR") * unit + unit
            if self.has(next_up):
                return next_up
        return None


def _tighter(
    one: tuple[Decimal | None, bool], other: tuple[Decimal | None, bool], lower: bool
) -> tuple[Decimal | None, bool]:
    (left, left_in), (right, right_in) = one, other
    if left is None or right is None:
        return other if left is None else one
    if left == right:
        return left, left_in and right_in
    return one if (left > right) == lower else other


@dataclass(frozen=True, slots=True)
class TextTest:
    """`starts with "A"` as a cell; `text` is folded."""

    operator: Operator
    text: str

    def has(self, key: str) -> bool:
        return compare(self.operator, key, self.text)

    def implies(self, other: TextTest) -> bool:
        """Whether every text that fits this test surely fits the other one."""
        if self == other:
            return True
        mine, its = needle(self.text), needle(other.text)
        if self.operator is Operator.MATCHES or other.operator is Operator.MATCHES:
            return False
        if other.operator is Operator.CONTAINS:
            return its in mine
        if self.operator is not other.operator:
            return False
        return mine.startswith(its) if self.operator is Operator.STARTS else mine.endswith(its)

    def samples(self) -> tuple[str, ...]:
        """Some texts that fit it."""
        text = needle(self.text)
        match self.operator:
            case Operator.STARTS:
                return (f"{text}7x", text)
            case Operator.ENDS:
                return (f"7x{text}", text)
            case Operator.CONTAINS:
                return (f"7x{text}7x", text)
        return (text.replace("*", "7x").replace("?", "7"), text.replace("*", "").replace("?", "x"))


@dataclass(frozen=True, slots=True)
class Region:
    """A cell with comparisons in it."""

    points: frozenset[Key] = frozenset()
    intervals: tuple[Interval, ...] = ()
    tests: tuple[TextTest, ...] = ()

    def has(self, key: Key) -> bool:
        if key in self.points:
            return True
        if isinstance(key, Decimal):
            return any(each.has(key) for each in self.intervals)
        return isinstance(key, str) and any(each.has(key) for each in self.tests)


Cells = frozenset[Key] | Region | None


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A text that no row names; one that fits `test`, where there is one."""

    test: TextTest | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """How the keys of a column compare: `ordered` for numbers and days; `days`: whole ones."""

    ordered: bool = False
    days: bool = False


def fits(cell: Cells, key: Key) -> bool:
    """Whether a cell fits a key; of an unnamed text: whether it surely does."""
    if cell is None:
        return True
    if isinstance(key, Unnamed):
        if isinstance(cell, frozenset) or key.test is None:
            return False
        return any(key.test.implies(each) for each in cell.tests)
    return key in cell if isinstance(cell, frozenset) else cell.has(key)


# --- reading cells -----------------------------------------------------------------------------------------------------


class Unreadable(Exception):
    """A cell with a constant that cannot be compared with the others of its column."""


_DAYS = (Operator.BEFORE, Operator.AFTER)


def key_of(node: tree.Expression) -> Key:
    """The key that a constant stands for. Raises Unreadable."""
    match node:
        case tree.Text(value=text):
            return fold(text)
        case tree.YesNo(value=answer):
            return answer
        case tree.Number(value=number) | tree.Percent(value=number) | tree.Money(value=number):
            if len(number.as_tuple().digits) > _MOST_DIGITS or abs(number.adjusted()) > _MOST_DIGITS:
                raise Unreadable
            return number
        case tree.Date(value=day):
            return Decimal(day.toordinal())
        case tree.Missing():
            return MISSING
        case tree.Negative(operand=operand):
            inner = key_of(operand)
            if isinstance(inner, Decimal):
                return -inner
    raise Unreadable


def cell_of(cell: tree.Cell, column: Column) -> Cells:
    """A cell as a set of keys. Raises Unreadable."""
    points: set[Key] = set()
    intervals: list[Interval] = []
    tests: list[TextTest] = []
    for each in cell.alternatives:
        match each:
            case tree.ValueCell(value=value):
                key = key_of(value)
                if key != "":  # a blank text is missing when it is read, so nothing equals ""
                    points.add(key)
            case tree.AnyCell():
                return ANY
            case tree.MissingCell():
                points.add(MISSING)
            case tree.ComparisonCell(operator=operator, value=value, high=high):
                key = key_of(value)
                if isinstance(key, str):
                    tests.append(TextTest(operator, key))
                    continue
                top = None if high is None else key_of(high)
                if not isinstance(key, Decimal) or not isinstance(top, Decimal | None):
                    raise Unreadable
                intervals.append(_interval(operator, key, top, column.days))
    if not intervals and not tests:
        return frozenset(points)
    return Region(frozenset(points), tuple(intervals), tuple(tests))


def _interval(operator: Operator, low: Decimal, high: Decimal | None, days: bool) -> Interval:
    match operator:
        case Operator.AT_MOST:
            return Interval(None, low)
        case Operator.LESS | Operator.BEFORE:
            return Interval(None, low - 1) if days else Interval(None, low, high_in=False)
        case Operator.AT_LEAST:
            return Interval(low, None)
        case Operator.MORE | Operator.AFTER:
            return Interval(low + 1, None) if days else Interval(low, None, low_in=False)
        case Operator.BETWEEN:
            return Interval(low, high)
    raise Unreadable


# --- what two cells have to do with each other -------------------------------------------------------------------------


def touch(one: Cells, other: Cells) -> bool:
    """Whether one key may fit both (only "no" is sure of cells with tests of texts)."""
    if one is None or other is None:
        return True
    if isinstance(one, frozenset):
        return not one.isdisjoint(other) if isinstance(other, frozenset) else any(map(other.has, one))
    if isinstance(other, frozenset):
        return any(map(one.has, other))
    if one.points & other.points or any(map(one.has, other.points)) or any(map(other.has, one.points)):
        return True
    if any(left.touches(right) for left in one.intervals for right in other.intervals):
        return True
    return bool(one.tests and other.tests)


def inside(one: Cells, other: Cells) -> bool:
    """Whether every key that fits the first cell surely fits the second one."""
    if other is None:
        return True
    if one is None:
        return False
    points = one if isinstance(one, frozenset) else one.points
    if not all(fits(other, key) for key in points):
        return False
    if isinstance(one, frozenset):
        return True
    if isinstance(other, frozenset):
        return not one.intervals and not one.tests
    return all(any(each.within(its) for its in other.intervals) for each in one.intervals) and all(
        any(each.implies(its) for its in other.tests) for each in one.tests
    )


def both(one: Cells, other: Cells, column: Column) -> Cells:
    """The keys that fit both cells; of two tests of texts, only texts that surely fit both."""
    if one is None:
        return other
    if other is None:
        return one
    if isinstance(one, frozenset):
        return frozenset(key for key in one if fits(other, key))
    if isinstance(other, frozenset):
        return frozenset(key for key in other if one.has(key))
    points = {key for key in one.points if other.has(key)} | {key for key in other.points if one.has(key)}
    if column.ordered:
        meets = (left.meet(right) for left in one.intervals for right in other.intervals)
        return Region(frozenset(points), tuple(each for each in meets if not each.is_empty))
    tests = []
    for left in one.tests:
        for right in other.tests:
            if left.implies(right):
                tests.append(left)
            elif right.implies(left):
                tests.append(right)
            else:
                points.update(each for each in joined(left, right) if left.has(each) and right.has(each))
    return Region(frozenset(points), (), tuple(tests))


def joined(one: TextTest, other: TextTest) -> Iterator[str]:
    """Texts that are likely to fit both tests."""
    for left in one.samples():
        for right in other.samples():
            yield from (f"{left}{right}", f"{right}{left}", left, right)
