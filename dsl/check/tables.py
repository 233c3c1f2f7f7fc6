"""Checks tables and reads the CSV files behind them; changes with what a table may hold (looks nothing up itself)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import product

from dsl import tree
from dsl.check.context import Scope
from dsl.check.declarations import type_of, unique, usable_name
from dsl.check.expressions import Expressions
from dsl.check.kinds import a, comparable
from dsl.limits import MAX_TABLE_ROWS
from dsl.resolved import ResolvedColumn, ResolvedTable
from dsl.tree import Column, Expression, Operator, Row, Span, Table, replace
from dsl.types import ANY, DATE, MISSING, MONEY, NUMBER, PERCENT, TEXT, YES_NO, Type
from dsl.values import fold

_MOST_CSV_FINDINGS = 20
_MOST_ALTERNATIVES = 256
_ONE_KEY = "the first row that fits counts; keys that differ only in capitals are the same key"
_ORDER_ONLY = (Operator.AT_MOST, Operator.AT_LEAST, Operator.MORE, Operator.LESS, Operator.BETWEEN)


class Tables:
    """The tables of one file. `csv_texts` are the texts of the CSV files beside it, by their names."""

    def __init__(self, expressions: Expressions, csv_texts: Mapping[str, str]) -> None:
        self.expressions = expressions
        self.csv_texts = csv_texts
        self.reporter = expressions.reporter

    def resolve(self, table: Table, key: str) -> ResolvedTable:
        """The table with types, and the rows of its CSV file before its own."""
        columns = [*table.keys, *table.outputs]
        unique((each.name for each in columns), "R213", "a column", self.reporter, str)
        for each in columns:
            if each.name.text not in ("line", "payment", "tax", "fee", "discount", "shipping"):
                usable_name(each.name, "a column", self.reporter, ())
        declared = [None if each.type is None else type_of(each.type, self.reporter)[0] for each in columns]
        rows = [row for row in (self._constants(each, table) for each in table.rows) if row is not None]
        key_count = len(table.keys)
        types = [
            each if each is not None else self._column_type(place, key_count, rows, table)
            for place, each in enumerate(declared)
        ]
        for row in rows:
            self._fit(row, types, key_count, columns)
        lines: list[int] = []
        if table.csv is not None:
            rows = self._from_csv(table, types, key_count, lines) + rows
        resolved_keys = tuple(
            ResolvedColumn(
                each.name.text, kind, self._currency(rows, place, True) if kind == MONEY else "", each.name.span
            )
            for place, (each, kind) in enumerate(zip(table.keys, types[:key_count], strict=True))
        )
        outputs = tuple(
            ResolvedColumn(
                each.name.text, kind, self._currency(rows, place, False) if kind == MONEY else "", each.name.span
            )
            for place, (each, kind) in enumerate(zip(table.outputs, types[key_count:], strict=True))
        )
        self._duplicates(table, rows, lines)
        if len(rows) > MAX_TABLE_ROWS:
            self.reporter.report(
                "R116",
                table.name.span,
                f"the table has {len(rows):,} rows; {MAX_TABLE_ROWS:,} is the most",
                help="split it into several tables",
            )
            rows = rows[:MAX_TABLE_ROWS]
        otherwise = next((row for row in rows if row.cells is None), None)
        end = table.span.end - len("end")
        return ResolvedTable(
            key,
            resolved_keys,
            outputs,
            tuple(row for row in rows if row.cells is not None),
            None if otherwise is None else otherwise.outputs,
            "" if table.csv is None else table.csv.text,
            tuple(lines),
            table.name.span,
            table.span.within(end, end),
            table.name.span if otherwise is None else otherwise.span,
        )

    # --- rows in the file ---------------------------------------------------------------------------------------------

    def _constants(self, row: Row, table: Table) -> Row | None:
        """The row with typed constants, or None where it has the wrong number of cells."""
        scope = Scope(None, what="a table")
        wide = len(row.outputs) != len(table.outputs) or (row.cells is not None and len(row.cells) != len(table.keys))
        if wide:
            cells = "" if row.cells is None else f"{len(row.cells)} before `->` and "
            wanted = "" if row.cells is None else f"{len(table.keys)} and "
            self.reporter.report(
                "R313",
                row.span,
                f"this row has {cells}{len(row.outputs)} behind it; the table has {wanted}{len(table.outputs)}",
                label="cells are separated by `|`",
            )
            return None
        check = self.expressions.check
        cells_checked = None
        if row.cells is not None:
            cells_checked = tuple(
                replace(cell, alternatives=tuple(self._test(each, scope) for each in cell.alternatives))
                for cell in row.cells
            )
        return replace(row, cells=cells_checked, outputs=tuple(check(each, scope) for each in row.outputs))

    def _test(self, test: tree.CellTest, scope: Scope) -> tree.CellTest:
        check = self.expressions.check
        if isinstance(test, tree.ValueCell):
            return replace(test, value=check(test.value, scope))
        if isinstance(test, tree.ComparisonCell):
            high = None if test.high is None else check(test.high, scope)
            return replace(test, value=check(test.value, scope), high=high)
        return test

    def _values(self, row: Row, place: int, key_count: int) -> list[Expression]:
        """The constants of a row in one column."""
        if place >= key_count:
            return [row.outputs[place - key_count]]
        if row.cells is None:
            return []
        values: list[Expression] = []
        for each in row.cells[place].alternatives:
            if isinstance(each, tree.ValueCell):
                values.append(each.value)
            elif isinstance(each, tree.ComparisonCell):
                values.append(each.value)
                if each.high is not None:
                    values.append(each.high)
        return values

    def _column_type(self, place: int, key_count: int, rows: Sequence[Row], table: Table) -> Type:
        """The type that the cells of a column have; those of a CSV file are text unless the column says otherwise."""
        if table.csv is not None:
            return TEXT
        known: Type = ANY
        for row in rows:
            for value in self._values(row, place, key_count):
                if value.type in (ANY, MISSING):
                    continue
                if known == ANY or (known == NUMBER and value.type == MONEY):
                    known = value.type
        return known if known != ANY else TEXT if place >= key_count else ANY

    def _fit(self, row: Row, types: Sequence[Type], key_count: int, columns: Sequence[Column]) -> None:
        for place, kind in enumerate(types):
            name = columns[place].name.text
            for value in self._values(row, place, key_count):
                if not comparable(value.type, kind):
                    help, fixes = self.expressions.conversion(value, kind)
                    self.reporter.report(
                        "R313",
                        value.span,
                        f"the column `{name}` holds {a(kind)}, and this is {a(value.type)}",
                        help=help,
                        fixes=fixes,
                    )
        for place, cell in enumerate(row.cells or ()):
            for each in cell.alternatives:
                if isinstance(each, tree.ComparisonCell):
                    self._comparison(each, types[place])

    def _comparison(self, cell: tree.ComparisonCell, kind: Type) -> None:
        if cell.operator in _ORDER_ONLY and kind in (TEXT, YES_NO):
            self.reporter.report(
                "R313", cell.span, f"`{cell.operator.value}` is for numbers, amounts and dates, and this is {a(kind)}"
            )

    def _currency(self, rows: Sequence[Row], place: int, is_key: bool) -> str:
        codes: set[str] = set()
        for row in rows[:1000]:
            values = self._values(row, place, 10**6) if is_key else [row.outputs[place]]
            codes |= {each.currency for each in values if isinstance(each, tree.Money)}
        return codes.pop() if len(codes) == 1 else ""

    def _duplicates(self, table: Table, rows: Sequence[Row], lines: Sequence[int]) -> None:
        """Rows with the keys of a row before them, and rows behind one that fits all keys.

        What takes more than equal keys to see is an analysis (`dsl.analysis.tables`).
        """
        seen: dict[tuple[object, ...], int] = {}
        all_fits: Row | None = None
        twice: list[str] = []
        found = 0
        for place, row in enumerate(rows):
            if found >= _MOST_CSV_FINDINGS:
                break
            if all_fits is not None:
                # An `otherwise` after a row of `any` alone does no harm where both give the same, or nothing.
                outputs = None if row.cells is not None else row.outputs
                if outputs is not None and (
                    outputs == all_fits.outputs or all(isinstance(each, tree.Missing) for each in outputs)
                ):
                    continue
                found += 1
                self.reporter.report(
                    "R406",
                    row.span,
                    "this row is never reached",
                    related=[("this row fits everything, missing too", all_fits.span)],
                    help="move it up, or take it out",
                )
                continue
            cells = row.cells
            if cells is None or all(any(isinstance(t, tree.AnyCell) for t in c.alternatives) for c in cells):
                all_fits = row
                continue
            for key in _keys(cells):
                first = seen.setdefault(key, place)
                if first == place:
                    continue
                found += 1
                if place < len(lines):
                    twice.append(f"line {lines[place]} has the key {_shown(key)} of line {lines[first]}")
                    break
                there = first < len(lines)
                csv = "" if table.csv is None else table.csv.text
                self.reporter.report(
                    "R314",
                    row.span,
                    f'line {lines[first]} of "{csv}" has the key {_shown(key)} too'
                    if there
                    else f"a row before it has the key {_shown(key)} too",
                    related=[] if there else [("the first one is here", rows[first].span)],
                    help=_ONE_KEY,
                )
                break
        if twice and table.csv is not None:
            more = f" (and {len(twice) - 3} more)" if len(twice) > 3 else ""
            self.reporter.report(
                "R314", table.csv.span, f'"{table.csv.text}", {"; ".join(twice[:3])}{more}', help=_ONE_KEY
            )

    # --- rows beside the file -----------------------------------------------------------------------------------------

    def _from_csv(self, table: Table, types: Sequence[Type], key_count: int, lines: list[int]) -> list[Row]:
        """The rows of the file beside the rule set; `lines` takes the line that each of them stands in."""
        word = table.csv
        if word is None:
            return []
        texts = self.csv_texts
        text = texts.get(word.text)
        if text is None:
            meant = self.reporter.closest(word.text, texts)
            self._csv_problem(
                word.span,
                f'there is no file "{word.text}" beside the rule set',
                meant=meant,
            )
            return []
        text = text.removeprefix("\ufeff")
        first_line = text.partition("\n")[0]
        delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            heading = next(reader, [])
            places = self._csv_columns(table, heading, word.span)
            if places is None:
                return []
            numbered = ((reader.line_num, cells) for cells in reader)
            return self._csv_rows(table, numbered, places, types, key_count, lines)
        except csv.Error as error:
            self._csv_problem(word.span, f'"{word.text}", line {reader.line_num}: {error}')
            return []

    def _csv_columns(self, table: Table, heading: Sequence[str], span: Span) -> list[int] | None:
        found = {fold(name).replace(" ", "_"): place for place, name in reversed(list(enumerate(heading)))}
        places: list[int] = []
        for column in (*table.keys, *table.outputs):
            place = found.get(fold(column.name.text))
            if place is None:
                meant = self.reporter.closest(column.name.text, found)
                self._csv_problem(
                    column.name.span,
                    f"the file has no column `{column.name.text}`",
                    label=f"did you mean `{meant}`?" if meant else "",
                    help=f"its first line names the columns: {', '.join(heading) if heading else 'it is empty'}",
                    fixes=[(f"Change it to `{meant}`", column.name.span, meant)]
                    if meant and meant.isidentifier()
                    else [],
                )
            else:
                places.append(place)
        return places if len(places) == len(table.keys) + len(table.outputs) else None

    def _csv_rows(
        self,
        table: Table,
        lines: Iterable[tuple[int, Sequence[str]]],
        places: Sequence[int],
        types: Sequence[Type],
        key_count: int,
        kept: list[int],
    ) -> list[Row]:
        word = table.csv
        span = table.span if word is None else word.span
        file = "" if word is None else word.text
        rows: list[Row] = []
        problems: list[str] = []
        # Many rows give the same: one constant serves them all.
        outputs: list[dict[str, Expression]] = [{} for _ in places]
        for number, cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) > MAX_TABLE_ROWS:
                break
            made: list[Expression] = []
            for column, place in enumerate(places):
                written = cells[place].strip() if place < len(cells) else ""
                known = outputs[column].get(written) if column >= key_count else None
                if known is not None:
                    made.append(known)
                    continue
                value = _cell_value(written, types[column], span)
                if value is None:
                    problems.append(f"line {number}: `{written[:40]}` is not {a(types[column])}")
                    value = tree.Missing(type=MISSING, span=span)
                elif isinstance(value, tree.Missing) and column < key_count:
                    problems.append(f"line {number}: the key is blank")
                elif column >= key_count:
                    outputs[column][written] = value
                made.append(value)
            kept.append(number)
            rows.append(
                Row(
                    tuple(tree.Cell((tree.ValueCell(value, span=span),), span=span) for value in made[:key_count]),
                    tuple(made[key_count:]),
                    span=span,
                )
            )
        if problems:
            more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
            self._csv_problem(span, f'"{file}", {"; ".join(problems[:3])}{more}')
        return rows

    def _csv_problem(
        self,
        span: Span,
        message: str,
        label: str = "",
        help: str = "the first line of the file names its columns; cells are separated by commas or semicolons",
        fixes: Sequence[tuple[str, Span, str]] = (),
        meant: str | None = None,
    ) -> None:
        self.reporter.report(
            "R317", span, message, label=label, help=help, fixes=fixes, meant=meant, as_text=meant is not None
        )


def _cell_value(written: str, kind: Type, span: Span) -> Expression | None:
    """A cell of a CSV file as a constant; Missing for a blank one, None where it is not of the column's type."""
    if not written:
        return tree.Missing(type=MISSING, span=span)
    try:
        if kind == NUMBER:
            return tree.Number(_finite(written), type=NUMBER, span=span)
        if kind == PERCENT:
            return tree.Percent(_finite(written.removesuffix("%").strip()), type=PERCENT, span=span)
        if kind == MONEY:
            code = written[-3:]
            if code.isalpha() and code.isupper():
                return tree.Money(_finite(written[:-3].strip()), code, type=MONEY, currency=code, span=span)
            return tree.Number(_finite(written), type=NUMBER, span=span)
        if kind == DATE:
            if "/" in written:
                month, day, year = written.split("/")
                return tree.Date(date(int(year), int(month), int(day)), type=DATE, span=span)
            return tree.Date(date.fromisoformat(written), type=DATE, span=span)
    except (ValueError, InvalidOperation):
        return None
    if kind == YES_NO:
        spoken = {"yes": True, "no": False, "true": True, "false": False, "y": True, "n": False}
        answer = spoken.get(written.casefold())
        return None if answer is None else tree.YesNo(answer, type=YES_NO, span=span)
    return tree.Text(written, type=TEXT, span=span)


def _finite(written: str) -> Decimal:
    if len(written) > 40:
        raise ValueError(written)
    value = Decimal(written)
    if not value.is_finite():
        raise ValueError(written)
    return value


def _keys(cells: Sequence[tree.Cell]) -> list[tuple[object, ...]]:
    """The keys that a row of constants fits, folded; none for a row with comparisons."""
    if len(cells) == 1 and len(cells[0].alternatives) == 1:  # as those of a CSV file, of which there may be many
        only = cells[0].alternatives[0]
        if isinstance(only, tree.ValueCell) and isinstance(only.value, tree.Text):
            return [(("text", fold(only.value.value)),)]
    choices: list[list[object]] = []
    total = 1
    for cell in cells:
        column: list[object] = []
        for each in cell.alternatives:
            if isinstance(each, tree.ValueCell):
                column.append(_key(each.value))
            elif isinstance(each, tree.AnyCell):
                column.append("any")
            elif isinstance(each, tree.MissingCell):
                column.append("missing")
            else:
                return []
        choices.append(column)
        total *= len(column)
        if total > _MOST_ALTERNATIVES:
            return []
    return list(product(*choices))


def _key(value: Expression) -> object:
    if isinstance(value, tree.Text):
        return ("text", fold(value.value))
    if isinstance(value, tree.Number | tree.Percent | tree.Money):
        return ("number", value.value)
    return ("value", getattr(value, "value", None))


def _shown(key: tuple[object, ...]) -> str:
    words = []
    for part in key:
        if isinstance(part, tuple):
            kind, value = part[0], part[1]
            words.append(
                f'"{value}"' if kind == "text" else "yes" if value is True else "no" if value is False else f"{value}"
            )
        else:
            words.append(str(part))
    return " | ".join(words)
