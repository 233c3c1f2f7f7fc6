"""What is said of tables holds for every key: "never found" and "no row fits" are put to the real look-up."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dsl import tree
from dsl.analysis.cells import MISSING, Column, Unnamed, cell_of, inside, touch
from dsl.analysis.covering import Budget, TooMuch, uncovered
from dsl.check import Checked
from dsl.evaluate.tables import LookupTable, lookup_table
from dsl.resolved import ResolvedColumn, ResolvedTable
from dsl.tree import Operator
from dsl.types import DATE, NUMBER, TEXT, YES_NO
from tests.conftest import SOAK

WORDS = ("a", "ab", "abc", "b", "ba", "cab", "C", " A ", "x")
TESTS = (Operator.STARTS, Operator.ENDS, Operator.CONTAINS, Operator.MATCHES)
RANGES = (Operator.AT_MOST, Operator.AT_LEAST, Operator.MORE, Operator.LESS, Operator.BETWEEN)
TYPES = (TEXT, NUMBER, YES_NO, DATE)
FIRST_DAY = date(2026, 1, 1).toordinal()
TABLES = 1_000
SEEDS = range(30 if SOAK else 1)


def constant(kind: Any, chance: random.Random) -> tree.Expression:
    if kind == TEXT:
        return tree.Text(chance.choice(WORDS), type=TEXT)
    if kind == YES_NO:
        return tree.YesNo(chance.random() < 0.5, type=YES_NO)
    if kind == DATE:
        return tree.Date(date.fromordinal(FIRST_DAY + chance.randrange(6)), type=DATE)
    return tree.Number(Decimal(chance.randrange(-2, 9)) / chance.choice((1, 1, 2)), type=NUMBER)


def a_test(kind: Any, chance: random.Random) -> tree.CellTest:
    which = chance.random()
    if which < 0.12:
        return tree.AnyCell()
    if which < 0.18:
        return tree.MissingCell()
    if kind == TEXT and which < 0.45:
        operator = chance.choice(TESTS)
        word = chance.choice(WORDS).strip()
        return tree.ComparisonCell(operator, tree.Text(f"{word}*" if operator is Operator.MATCHES else word, type=TEXT))
    if kind in (NUMBER, DATE) and which < 0.75:
        operator = chance.choice(RANGES)
        high = constant(kind, chance) if operator is Operator.BETWEEN else None
        return tree.ComparisonCell(operator, constant(kind, chance), high)
    return tree.ValueCell(constant(kind, chance))


def a_table(chance: random.Random) -> ResolvedTable:
    kinds = [chance.choice(TYPES) for _ in range(chance.choice((1, 1, 2, 2, 3)))]
    rows = []
    for number in range(chance.randrange(2, 7)):
        cells = tuple(
            tree.Cell(tuple(a_test(kind, chance) for _ in range(chance.choice((1, 1, 1, 2, 3))))) for kind in kinds
        )
        rows.append(tree.Row(cells, (tree.Number(Decimal(number), type=NUMBER),)))
    columns = tuple(ResolvedColumn(f"k{place}", kind) for place, kind in enumerate(kinds))
    return ResolvedTable("t", columns, (ResolvedColumn("out", NUMBER),), tuple(rows), None)


def keys(kind: Any, chance: random.Random) -> list[Any]:
    """Keys as rules look them up, many of them at the edges of what rows say."""
    if kind == YES_NO:
        return [True, False, None]
    if kind == DATE:
        return [date.fromordinal(FIRST_DAY + each) for each in range(-1, 8)] + [None]
    if kind == NUMBER:
        halves = [Decimal(each) / 4 for each in range(-12, 40)]
        return [*halves, Decimal("3.3333333"), Decimal("7.9999999"), Decimal(1000), Decimal(-1000), None]
    made = ["".join(chance.choice("abcx ") for _ in range(chance.randrange(1, 5))) for _ in range(20)]
    return [*(each for each in made if each.strip()), *WORDS, "ABC", "zebra", None]


def combinations(table: ResolvedTable, chance: random.Random, most: int) -> Iterator[tuple[Any, ...]]:
    choices = [keys(each.type, chance) for each in table.keys]
    for _ in range(most):
        yield tuple(chance.choice(each) for each in choices)


def found_by(table: LookupTable, key: tuple[Any, ...]) -> int | None:
    outputs = table.scan(key)
    assert table.find(key) == outputs
    return None if outputs is None else int(outputs[0])


def spoken(key: Any, kind: Any) -> Any:
    """A key of the analysis as rules have it."""
    if key is MISSING:
        return None
    return date.fromordinal(int(key)) if kind == DATE else key


@pytest.mark.parametrize("seed", SEEDS)
def test_no_record_finds_a_row_that_is_never_found_and_every_example_is_one(seed: int) -> None:
    chance = random.Random(20261122 + seed)
    never = examples = 0
    for _ in range(TABLES):
        table = a_table(chance)
        columns = [Column(each.type in (NUMBER, DATE), each.type == DATE) for each in table.keys]
        rows = [
            tuple(cell_of(cell, column) for cell, column in zip(row.cells or (), columns, strict=True))
            for row in table.rows
        ]
        real = lookup_table(table)
        hidden: set[int] = set()
        for at, row in enumerate(rows):
            before = [each for each in rows[:at] if all(map(touch, each, row))]
            try:
                key = uncovered(columns, row, before, Budget(50_000))
            except TooMuch:
                continue
            if key is None:
                never += 1
                hidden.add(at)
            elif not any(isinstance(each, Unnamed) for each in key):
                asked = tuple(spoken(each, column.type) for each, column in zip(key, table.keys, strict=True))
                assert found_by(real, asked) == at, (table, key)
                examples += 1
        gap = uncovered(columns, [None] * len(columns), rows, Budget(50_000))
        for key in combinations(table, chance, 60):
            found = found_by(real, key)
            assert found not in hidden, (table, key)
            assert gap is not None or found is not None, (table, key)
        if gap is not None and not any(isinstance(each, Unnamed) for each in gap):
            asked = tuple(spoken(each, column.type) for each, column in zip(gap, table.keys, strict=True))
            assert found_by(real, asked) is None, (table, gap)
    assert never > TABLES // 5, "rows that are never found have to come up"
    assert examples > TABLES // 2


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cell_inside_another_fits_nothing_that_the_other_does_not(seed: int) -> None:
    chance = random.Random(seed)
    inner = 0
    for _ in range(TABLES):
        kind = chance.choice(TYPES)
        column = Column(kind in (NUMBER, DATE), kind == DATE)
        cells = [tree.Cell((a_test(kind, chance), a_test(kind, chance))) for _ in range(2)]
        one, other = (cell_of(each, column) for each in cells)
        real = [
            lookup_table(
                ResolvedTable(
                    "t", (ResolvedColumn("k", kind),), (ResolvedColumn("o", NUMBER),),
                    (tree.Row((each,), (tree.Number(Decimal(1), type=NUMBER),)),), None,
                )
            )
            for each in cells
        ]  # fmt: skip
        for key in keys(kind, chance):
            fits = [each.scan((key,)) is not None for each in real]
            if inside(one, other):
                inner += 1
                assert fits[1] or not fits[0], (cells, key)
            if not touch(one, other):
                assert not all(fits), (cells, key)
    assert inner


@pytest.mark.parametrize("seed", range(40 if not SOAK else 2_000))
def test_what_is_said_of_a_written_table_holds(seed: int, check: Callable[..., Checked]) -> None:
    chance = random.Random(seed)
    rows = []
    for number in range(chance.randrange(2, 7)):
        state = chance.choice(('"MD"', '"CA"', '"CA" or "NV"', "any", "missing", 'starts with "M"'))
        total = chance.choice(("any", "up to 5", "more than 5", "between 3 and 8", "at least 8", "0"))
        answer = chance.choice(("yes", "no", "any"))
        rows.append(f'  {state} | {total} | {answer} -> "{number}"')
    text = "table t\n  state | total is number | taxable -> code\n" + "\n".join(rows)
    text += '\nend\nrule "R"\n  for order\n  then set books.tax_code to lookup t(ship_to.state, order.total, order.taxable)\nend\n'
    checked = check(text)
    lines = text.split("\n")
    dead = {
        lines[each.start.line - 1].rpartition("-> ")[2].strip('" ')
        for each in checked.diagnostics
        if each.code in ("R406", "R314")
    }
    if checked.ruleset is None:
        return  # two rows of one key: an error, told before
    real = lookup_table(checked.ruleset.tables["t"])
    gaps = [each.message for each in checked.diagnostics if each.code == "R430"]
    states: tuple[str | None, ...] = ("MD", "CA", "NV", "WA", "Maine", None)
    for place in states:
        for amount in map(Decimal, (-1, 0, 1, 3, 5, 6, 8, 9)):
            for taxable in (True, False):
                outputs = real.scan((place, amount, taxable))
                assert outputs is None or outputs[0] not in dead, text
                fixed = outputs is None and amount >= 0
                assert not fixed or gaps, text
    for message in gaps:
        shown = message.partition("fits `")[2].partition("`")[0].split(" | ")
        key = (None if shown[0] == "missing" else shown[0].strip('"'), Decimal(shown[1]), shown[2] == "yes")
        assert real.scan(key) is None, (text, message)
