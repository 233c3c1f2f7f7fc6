"""Tables made ready for look-ups: changes when a table gets another kind of cell; it reads no file and no record.

`scan` is the meaning (rows from top to bottom, the first that fits); `find` gives the same answer by a dict over the
rows that ask for equal texts, numbers, dates or yes/no, so that a table of 100,000 rows costs what one row costs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

from dsl import tree
from dsl.evaluate.operations import compare, constant
from dsl.resolved import ResolvedTable
from dsl.tree import Operator
from dsl.values import fold

_MOST_COMBINATIONS = 64


def _cell_test(cell: tree.Cell) -> Callable[[Any], bool]:
    tests = [_alternative(alternative) for alternative in cell.alternatives]
    if len(tests) == 1:
        return tests[0]
    return lambda key: any(test(key) for test in tests)


def _alternative(alternative: tree.CellTest) -> Callable[[Any], bool]:
    match alternative:
        case tree.AnyCell():
            return lambda _: True
        case tree.MissingCell():
            return lambda key: key is None
        case tree.ValueCell(value=value):
            wanted = constant(value)
            return lambda key: compare(Operator.IS, key, wanted)
        case tree.ComparisonCell(operator=operator, value=value, high=high):
            low, top = constant(value), None if high is None else constant(high)
            return lambda key: compare(operator, key, low, top)


def _index_key(value: Any) -> Any:
    """The form of a key in which equal values are one; None where equality is no matter of one form."""
    match value:
        case str():
            return fold(value)
        case bool() | Decimal():
            return value
        case datetime():
            return None
        case date():
            return value
    return None


@dataclass(frozen=True, slots=True)
class LookupTable:
    """A table ready to be searched. Outputs are tagged values; None stands for a missing one, blank text included."""

    outputs: tuple[tuple[Any, ...], ...]
    tests: tuple[tuple[Callable[[Any], bool], ...], ...]
    otherwise: tuple[Any, ...] | None
    indexed: dict[tuple[Any, ...], int]
    others: tuple[int, ...]

    def scan(self, keys: Sequence[Any]) -> tuple[Any, ...] | None:
        """The outputs of the first row that fits, of `otherwise`, or None."""
        for place, tests in enumerate(self.tests):
            if all(test(key) for test, key in zip(tests, keys, strict=True)):
                return self.outputs[place]
        return self.otherwise

    def find(self, keys: Sequence[Any]) -> tuple[Any, ...] | None:
        """The same answer as `scan`, found through the index."""
        forms = tuple(map(_index_key, keys))
        if any(form is None and key is not None for form, key in zip(forms, keys, strict=True)):
            return self.scan(keys)
        best = self.indexed.get(forms)
        for place in self.others:
            if best is not None and place > best:
                break
            if all(test(key) for test, key in zip(self.tests[place], keys, strict=True)):
                return self.outputs[place]
        return self.otherwise if best is None else self.outputs[best]

    def place(self, keys: Sequence[Any]) -> int | None:
        """The number of the row that answers, from 0; None where `otherwise`, or nothing, does."""
        forms = tuple(map(_index_key, keys))
        odd = any(form is None and key is not None for form, key in zip(forms, keys, strict=True))
        best = None if odd else self.indexed.get(forms)
        for place in range(len(self.tests)) if odd else self.others:
            if best is not None and place > best:
                break
            if all(test(key) for test, key in zip(self.tests[place], keys, strict=True)):
                return place
        return best

    def column(self, place: int) -> "dict[Any, Any] | None":
        """Folded key to output, where the table is nothing but one key column of plain texts; else None."""
        if self.others or not self.indexed or any(len(key) != 1 for key in self.indexed):
            return None
        if not all(isinstance(key[0], str) for key in self.indexed):
            return None
        # A blank cell fits no key: what is blank in a record is missing.
        return {key[0]: self.outputs[row][place] for key, row in self.indexed.items() if key[0]}


def _output(expression: tree.Expression) -> Any:
    value = constant(expression)
    return None if isinstance(value, str) and not value.strip() else value


def lookup_table(table: ResolvedTable) -> LookupTable:
    """Make a table ready; rows are tested in the order of the file."""
    outputs = []
    tests = []
    indexed: dict[tuple[Any, ...], int] = {}
    others = []
    for place, row in enumerate(table.rows):
        cells = row.cells or ()
        outputs.append(tuple(map(_output, row.outputs)))
        tests.append(tuple(_cell_test(cell) for cell in cells))
        forms = [
            [
                _index_key(constant(alternative.value)) if isinstance(alternative, tree.ValueCell) else None
                for alternative in cell.alternatives
            ]
            for cell in cells
        ]
        combinations = 1
        for each in forms:
            combinations *= len(each)
        if any(form is None for each in forms for form in each) or combinations > _MOST_COMBINATIONS:
            others.append(place)
            continue
        for key in product(*forms):
            indexed.setdefault(key, place)
    otherwise = None if table.otherwise is None else tuple(map(_output, table.otherwise))
    return LookupTable(tuple(outputs), tuple(tests), otherwise, indexed, tuple(others))
