"""The rows of a table as they can be compared, and which of them are worth comparing; changes with the size of tables."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dsl import tree
from dsl.analysis.cells import Cells, Column, Interval, Key, Region, Unreadable, cell_of, touch
from dsl.resolved import ResolvedTable
from dsl.types import ANY as ANY_TYPE
from dsl.types import DATE, MONEY, NUMBER, PERCENT, TEXT, YES_NO

_MOST_ROWS = 5_000
_ORDERED = (NUMBER, MONEY, PERCENT, DATE)


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table whose cells can be compared: those of `rows[i]` column by column."""

    table: ResolvedTable
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cells, ...], ...]
    nodes: tuple[tree.Row, ...]
    skipped: int
    """How many rows of a CSV file stand before them: their keys are all different, each for itself."""


def matrix_of(table: ResolvedTable) -> Matrix | None:
    skipped = len(table.csv_lines) if len(table.csv_lines) > _MOST_ROWS else 0
    nodes = table.rows[skipped:]
    if len(nodes) > _MOST_ROWS or any(each.type not in (*_ORDERED, TEXT, YES_NO, ANY_TYPE) for each in table.keys):
        return None
    columns = tuple(Column(each.type in _ORDERED, each.type == DATE) for each in table.keys)
    if any(
        each.type == MONEY and not each.currency and _currencies(nodes, at) > 1 for at, each in enumerate(table.keys)
    ):
        return None
    try:
        rows = tuple(
            tuple(cell_of(cell, column) for cell, column in zip(row.cells or (), columns, strict=True)) for row in nodes
        )
    except Unreadable:
        return None
    return Matrix(table, columns, rows, nodes, skipped)


def _currencies(rows: Sequence[tree.Row], place: int) -> int:
    found: set[str] = set()
    for row in rows:
        for cell in row.cells or ():
            for each in cell.alternatives:
                if isinstance(each, tree.ValueCell | tree.ComparisonCell) and isinstance(each.value, tree.Money):
                    found.add(each.value.code)
    return len(found)


class Index:
    """Earlier rows by the constants of one of their columns, so that a row meets only those that can touch it."""

    def __init__(self, width: int) -> None:
        self.by_key: list[dict[Key, list[int]]] = [{} for _ in range(width)]
        self.loose: list[list[int]] = [[] for _ in range(width)]
        self.count = 0

    def add(self, at: int, row: Sequence[Cells]) -> None:
        self.count += 1
        for place, cell in enumerate(row):
            if isinstance(cell, frozenset):
                buckets = self.by_key[place]
                for key in cell:
                    buckets.setdefault(key, []).append(at)
            else:
                self.loose[place].append(at)

    def near(self, row: Sequence[Cells]) -> list[int]:
        """Earlier rows that may touch this one, in their order."""
        best: list[int] | None = None
        least = self.count
        for place, cell in enumerate(row):
            if isinstance(cell, frozenset):
                buckets = self.by_key[place]
                size = len(self.loose[place]) + sum(len(buckets.get(key, ())) for key in cell)
                if size < least or best is None:
                    least = size
                    if not size:
                        return []
                    near = {at for key in cell for at in buckets.get(key, ())}
                    best = sorted(near.union(self.loose[place]))
        return list(range(self.count)) if best is None else best


class Ladder:
    """The same for a table with one column of numbers, whose thousands of ranges would all be near."""

    def __init__(self) -> None:
        self.covered: list[tuple[Decimal, Decimal]] = []
        """Ranges that touch nowhere, open ends taken as closed, in their order: what is not inside them is surely new."""
        self.lows: list[tuple[Decimal, int]] = []
        self.cells: list[Cells] = []

    def near(self, at: int, cell: Cells) -> list[int]:
        """Earlier rows that hide this one or cross it, as far as its neighbours tell; then it is an earlier row too."""
        ranges = [_closed(each) for each in (*points_of(cell), *(cell.intervals if isinstance(cell, Region) else ()))]
        hidden = all(self._holds(low, high) for low, high in ranges)
        near: set[int] = set()
        if hidden:
            near.update(place for place, other in enumerate(self.cells) if touch(other, cell))
        else:
            for low, _ in ranges:
                place = bisect_left(self.lows, (low, -1))
                near.update(each for _, each in self.lows[max(0, place - 1) : place + 1])
        for low, high in ranges:
            insort(self.lows, (low, at))
            self._add(low, high)
        self.cells.append(cell)
        return sorted(near)

    def _holds(self, low: Decimal, high: Decimal) -> bool:
        place = bisect_right(self.covered, (low, _END)) - 1
        return place >= 0 and high <= self.covered[place][1]

    def _add(self, low: Decimal, high: Decimal) -> None:
        first = bisect_right(self.covered, (low, _END)) - 1
        if first < 0 or self.covered[first][1] < low:
            first += 1
        last = first
        while last < len(self.covered) and self.covered[last][0] <= high:
            low, high = min(low, self.covered[last][0]), max(high, self.covered[last][1])
            last += 1
        self.covered[first:last] = [(low, high)]


_END = Decimal("Infinity")


def _closed(each: Interval) -> tuple[Decimal, Decimal]:
    return -_END if each.low is None else each.low, _END if each.high is None else each.high


def hull(cells: Iterable[Cells]) -> Cells:
    """From the lowest to the highest number that some cells name; ANY where one fits everything."""
    lows: list[tuple[Decimal, bool]] = []
    highs: list[tuple[Decimal, bool]] = []
    low_open = high_open = False
    for cell in cells:
        if cell is None:
            return frozenset()
        for each in (*points_of(cell), *(cell.intervals if isinstance(cell, Region) else ())):
            if each.low is None:
                low_open = True
            else:
                lows.append((each.low, not each.low_in))
            if each.high is None:
                high_open = True
            else:
                highs.append((each.high, each.high_in))
    if not (lows or low_open) or not (highs or high_open) or len(lows) + len(highs) < 2:
        return frozenset()
    low = min(lows) if lows and not low_open else None
    high = max(highs) if highs and not high_open else None
    hull = Interval(
        None if low is None else low[0],
        None if high is None else high[0],
        low is None or not low[1],
        high is None or high[1],
    )
    return frozenset() if hull.is_empty else Region(frozenset(), (hull,))


def points_of(cell: Cells) -> Iterable[Interval]:
    for each in cell if isinstance(cell, frozenset) else () if cell is None else cell.points:
        if isinstance(each, Decimal):
            yield Interval(each, each)


def ends_of(cell: Cells) -> Iterable[Decimal]:
    for each in (*points_of(cell), *(cell.intervals if isinstance(cell, Region) else ())):
        for end in (each.low, each.high):
            if end is not None:
                yield end


def is_edge(cell: Cells) -> bool:
    """Whether numbers meet in single points only, as `up to 100` and `between 100 and 200` do: the first counts, as meant."""
    if not isinstance(cell, Region) or cell.tests:
        return False
    return not cell.points and all(each.low is not None and each.low == each.high for each in cell.intervals)
