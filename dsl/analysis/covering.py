"""Keys that none of some rows fits, or the proof that there is none; changes with how such keys are looked for.

Every kind of key that the rows can tell apart is tried, one of each. What is an example is one for sure but where it holds
an `Unnamed` text; that there is none is always sure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dsl.analysis.cells import DAY, MISSING, Cells, Column, Interval, Key, Region, Unnamed, fits


class TooMuch(Exception):
    """The search was given up: nothing is known."""


@dataclass(slots=True)
class Budget:
    """How many steps a search may still take."""

    left: int

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise TooMuch


def uncovered(
    columns: Sequence[Column], wanted: Sequence[Cells], rows: Sequence[Sequence[Cells]], budget: Budget
) -> tuple[Key, ...] | None:
    """A key inside `wanted` that surely fits `wanted` and (as far as texts can be told) none of the rows, or None: there
    is none, for sure. Raises TooMuch."""
    order = sorted(range(len(columns)), key=lambda place: (columns[place].ordered, isinstance(wanted[place], Region)))
    found: dict[int, Key] = {}

    def search(depth: int, left: Sequence[Sequence[Cells]]) -> bool:
        place = order[depth]
        if not left:
            for rest in order[depth:]:
                found[rest] = next(iter(_keys(columns[rest], wanted[rest], ())), Unnamed())
            return True
        cells = [row[place] for row in left]
        if depth == len(order) - 1:
            budget.spend(len(cells))
            hole = _hole(columns[place], wanted[place], cells, budget)
            if hole is not None:
                found[place] = hole
            return hole is not None
        for key in _keys(columns[place], wanted[place], cells):
            budget.spend(len(cells))
            if search(depth + 1, [row for row, cell in zip(left, cells, strict=True) if fits(cell, key)]):
                found[place] = key
                return True
        return False

    if any(cell is not None and _is_nothing(cell) for cell in wanted):
        return None
    if search(0, rows):
        return tuple(found[place] for place in range(len(columns)))
    return None


def _is_nothing(cell: frozenset[Key] | Region) -> bool:
    if isinstance(cell, frozenset):
        return not cell
    return not cell.points and not cell.tests and all(each.is_empty for each in cell.intervals)


def _hole(column: Column, wanted: Cells, cells: Sequence[Cells], budget: Budget) -> Key | None:
    """A key of one column that none of the cells fits."""
    if any(cell is None for cell in cells):
        return None
    points: set[Key] = set()
    regions: list[Region] = []
    for cell in cells:
        if isinstance(cell, frozenset):
            points |= cell
        elif cell is not None:
            points |= cell.points
            if cell.intervals or cell.tests:
                regions.append(cell)
    if not column.ordered:
        for key in _keys(column, wanted, cells):
            budget.spend(1 + len(regions))
            if key not in points and not any(fits(each, key) for each in regions):
                return key
        return None
    for key in wanted if isinstance(wanted, frozenset) else () if wanted is None else wanted.points:
        if key not in points and not (isinstance(key, Decimal) and any(each.has(key) for each in regions)):
            return key
    covered = [each for region in regions for each in region.intervals]
    covered += [Interval(each, each) for each in points if isinstance(each, Decimal)]
    intervals = (Interval(None, None),) if wanted is None else () if isinstance(wanted, frozenset) else wanted.intervals
    for gap in holes(intervals, covered):
        number = gap.some(DAY if column.days else None)
        if number is not None:
            return number
    return MISSING if wanted is None and MISSING not in points else None


def holes(wanted: Iterable[Interval], covered: Sequence[Interval]) -> Iterator[Interval]:
    """What of the wanted intervals none of the others covers, in their order."""
    ordered = sorted(
        (each for each in covered if not each.is_empty),
        key=lambda each: (each.low is not None, each.low or Decimal(0), not each.low_in),
    )
    for want in wanted:
        low, low_in = want.low, want.low_in
        done = want.is_empty
        for each in ordered:
            if done:
                break
            if each.low is not None:
                gap = Interval(low, each.low, low_in, not each.low_in).meet(want)
                opens = low is None or each.low > low or (each.low == low and low_in and not each.low_in)
                if opens and not gap.is_empty:
                    yield gap
            if each.high is None:
                done = True
            elif low is None or each.high > low or (each.high == low and low_in):
                low, low_in = each.high, not each.high_in
                done = want.high is not None and (
                    low > want.high or (low == want.high and not (low_in and want.high_in))
                )
        if not done:
            rest = Interval(low, want.high, low_in, want.high_in)
            if not rest.is_empty:
                yield rest


def _keys(column: Column, wanted: Cells, cells: Sequence[Cells]) -> Iterator[Key]:
    """One key of each kind that the cells can tell apart, within what is wanted; those that few cells fit come first."""
    if isinstance(wanted, frozenset):
        if not any(isinstance(cell, Region) for cell in cells) and len(wanted) > 8:
            named = frozenset[Key]().union(*(cell for cell in cells if isinstance(cell, frozenset)))
            yield from sorted(wanted - named, key=_by_name)[:1]
            yield from sorted(wanted & named, key=_by_name)
        else:
            yield from sorted(wanted, key=_by_name)
        return
    if column.ordered:
        yield from _numbers(column, wanted, cells)
        return
    if wanted is None:
        yield Unnamed()
        yield MISSING
    else:
        yield from (Unnamed(test) for test in wanted.tests)
        yield from sorted(wanted.points, key=_by_name)
    told: set[Key] = set() if wanted is None else set(wanted.points)
    told.add(MISSING)
    for cell in cells:
        if cell is not None:
            for key in cell if isinstance(cell, frozenset) else cell.points:
                if key not in told:
                    told.add(key)
                    if fits(wanted, key):
                        yield key
    # Two tests of texts that neither contains the other may share texts: some of those are tried as they are.
    for cell in cells:
        if isinstance(cell, Region):
            for test in cell.tests:
                for sample in test.samples():
                    if sample not in told and fits(wanted, sample):
                        told.add(sample)
                        yield sample


def _numbers(column: Column, wanted: Region | None, cells: Sequence[Cells]) -> Iterator[Key]:
    step = DAY if column.days else None
    ends: set[Decimal] = set()
    for cell in (*cells, wanted):
        if cell is not None:
            ends.update(
                each for each in (cell if isinstance(cell, frozenset) else cell.points) if isinstance(each, Decimal)
            )
            if isinstance(cell, Region):
                for each in cell.intervals:
                    ends.update(end for end in (each.low, each.high) if end is not None)
    ordered = sorted(ends)
    gaps = [Interval(low, high, False, False) for low, high in zip([None, *ordered], [*ordered, None], strict=True)]
    for gap in gaps:
        number = gap.some(step)
        if number is not None and fits(wanted, number):
            yield number
    yield from (each for each in ordered if fits(wanted, each))
    if fits(wanted, MISSING):
        yield MISSING


def _by_name(key: Key) -> tuple[str, str]:
    return type(key).__name__, str(key)
