"""What is wrong with the rows of tables: gaps, overlaps, rows and cells that nothing fits; changes with what rows may hide.

"Never" is only said where no key at all is otherwise (`dsl.analysis.covering`): keys are those that the rules can look up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal

from dsl import tree
from dsl.analysis.cells import (
    ANY,
    MISSING,
    Cells,
    Interval,
    Key,
    Region,
    Unnamed,
    both,
    fits,
    inside,
    key_of,
    touch,
)
from dsl.analysis.covering import Budget, TooMuch, uncovered
from dsl.analysis.lookups import Looking, Need, field_of, lookups, optional
from dsl.analysis.rows import Index, Ladder, Matrix, ends_of, hull, is_edge, matrix_of
from dsl.analysis.survey import Survey, within
from dsl.report import Reporter
from dsl.resolved import ResolvedTable
from dsl.schema import Field, Schema
from dsl.tree import Span
from dsl.types import DATE, MONEY, NUMBER, PERCENT, TEXT, YES_NO
from dsl.values import fold, print_number

_MOST_STEPS = 120_000
_MOST_FINDINGS = 20
_MOST_EXAMPLES = 3


def report_tables(survey: Survey) -> None:
    """Everything about the file's own tables; those of packs are checked where they are written."""
    found = lookups(survey)
    subject = survey.subject
    wide = not subject.errors and any(len(each.outputs) > 1 for each in subject.ruleset.tables.values())
    read = _columns_read(survey) if wide else {}
    for key, table in subject.ruleset.tables.items():
        if "." in key or not table.name_span.file or not subject.is_clean(table.name_span.until(table.end_span)):
            continue  # rows that could not be read are left out, so nothing is sure of the others
        uses = found.get(key, [])
        matrix = matrix_of(table)
        if matrix is not None:
            _Rows(matrix, uses, survey).report()
        _unread_columns(table, survey, read)


class _Rows:
    """The findings about one table."""

    def __init__(self, matrix: Matrix, uses: Sequence[Looking], survey: Survey) -> None:
        self.matrix = matrix
        self.table = matrix.table
        self.uses = uses
        self.survey = survey
        self.schema: Schema = survey.subject.schema
        self.reporter: Reporter = survey.subject.reporter
        self.budget = Budget(_MOST_STEPS)
        self.fields = [self._field(place) for place in range(len(matrix.columns))]

    def report(self) -> None:
        self._unfit_cells()
        with suppress(TooMuch):
            self._hidden_rows()
        self.budget = Budget(_MOST_STEPS)
        with suppress(TooMuch):
            self._gaps()
        self._idle_columns()

    def _field(self, place: int) -> Field | None:
        """The field that a column is looked up by, where all look-ups agree on what it may hold."""
        fields = [field_of(each.node.keys[place], self.schema) for each in self.uses if place < len(each.node.keys)]
        first = fields[0] if fields else None
        if first is None or any(each is None or each.values != first.values for each in fields):
            return None
        return first

    # --- cells that nothing fits ----------------------------------------------------------------------------------------

    def _unfit_cells(self) -> None:
        told = 0
        unfit: list[tuple[int, str]] = []
        for at, node in enumerate(self.matrix.nodes):
            line = self._line(at)
            for place, cell in enumerate(node.cells or ()):
                for each in cell.alternatives:
                    words = self._unfit(each, place)
                    if words is None:
                        continue
                    message, meant, help = words
                    if line:
                        unfit.append((line, message))
                    elif told < _MOST_FINDINGS:
                        told += 1
                        self.reporter.report("R432", each.span, message, meant=meant, as_text=True, help=help)
        if unfit:
            shown = "; ".join(f"line {line}: {message}" for line, message in unfit[:3])
            more = f" (and {len(unfit) - 3} more)" if len(unfit) > 3 else ""
            self.reporter.report("R432", self.matrix.nodes[0].span, f'"{self.table.csv}", {shown}{more}')

    def _unfit(self, test: tree.CellTest, place: int) -> tuple[str, str | None, str] | None:
        """Why no key ever fits an alternative of a cell: words, what was meant, the next step."""
        if isinstance(test, tree.ComparisonCell):
            if test.high is None or not isinstance(low := key_of(test.value), Decimal):
                return None
            high = key_of(test.high)
            if isinstance(high, Decimal) and low > high:
                return "nothing is between these two: the first is the larger one", None, "turn them round"
            return None
        if isinstance(test, tree.MissingCell):
            asked = [optional(each.node.keys[place], self.schema) for each in self.uses if place < len(each.node.keys)]
            found = self.fields[place]
            if asked and not any(asked) and found is not None and found.path not in self._cleared():
                return f"`{found.path}` is never missing", None, "take this row out"
            return None
        if not isinstance(test, tree.ValueCell) or not isinstance(test.value, tree.Text):
            return None
        written = test.value.value
        if not written.strip():
            return "a blank text never fits: what is blank is missing", None, "write `missing` for it"
        found = self.fields[place]
        if found is None or not found.values or any(fold(each) == fold(written) for each in found.values):
            return None
        meant = found.spoken.get(written.strip().casefold())
        if meant is None and (not found.other_values or len(written.strip()) > 2):
            meant = self.reporter.closest(written.strip(), found.values)
        if meant is None and found.other_values:
            return None
        return f'`{found.path}` is never "{written}"', meant, ""

    def _cleared(self) -> set[str]:
        """Fields that some rule makes missing, or may make so."""
        cleared = {each.target.field for rule in self.survey.rules for each in rule.all(tree.Clear)}
        return cleared | self.survey.unknown_writes

    # --- rows that are hidden behind others -----------------------------------------------------------------------------

    def _hidden_rows(self) -> None:
        rows, columns = self.matrix.rows, self.matrix.columns
        index = Index(len(columns))
        ladder = Ladder() if len(columns) == 1 and columns[0].ordered else None
        told = 0
        for at, row in enumerate(rows):
            if told >= _MOST_FINDINGS:
                return
            span = self.matrix.nodes[at].span
            if ladder is not None:
                before = ladder.near(at, row[0])
            else:
                before = index.near(row)
                index.add(at, row)
            if self._line(at) or any(isinstance(cell, frozenset) and not cell for cell in row):
                continue  # of a CSV file: every row has its own keys; or a cell that nothing fits
            if not before or not self.survey.subject.is_clean(span):
                continue
            self.budget.spend(len(before))
            touching = [each for each in before if all(map(touch, rows[each], row))]
            if not touching:
                continue
            if uncovered(columns, row, [rows[each] for each in touching], self.budget) is None:
                told += 1
                self._never_found(at, touching)
            else:
                told += self._overlap(at, touching)

    def _never_found(self, at: int, before: Sequence[int]) -> None:
        rows, nodes = self.matrix.rows, self.matrix.nodes
        whole = next((each for each in before if all(map(inside, rows[at], rows[each]))), None)
        by: Sequence[int] = [whole] if whole is not None else before[:_MOST_EXAMPLES]
        self.reporter.report(
            "R406",
            nodes[at].span,
            "this row is never found: "
            + ("a row above it fits" if whole is not None else "the rows above it together fit")
            + " everything that it fits",
            related=[("this row comes first", nodes[each].span) for each in by if not self._line(each)],
            help="the first row that fits counts: move this one up, or take it out",
            fixes=[("Take the row out", self._whole_line(nodes[at].span), "")],
        )

    def _overlap(self, at: int, before: Sequence[int]) -> int:
        """Reports an earlier row that takes a part of what this row fits, where neither is a case of the other."""
        rows, nodes, columns = self.matrix.rows, self.matrix.nodes, self.matrix.columns
        row = rows[at]
        if all(isinstance(cell, frozenset) for cell in row):
            return 0
        for place in reversed(before):
            earlier = rows[place]
            if nodes[place].outputs == nodes[at].outputs or all(isinstance(cell, frozenset) for cell in earlier):
                continue
            if all(map(inside, row, earlier)) or all(map(inside, earlier, row)):
                continue
            shared = [both(one, other, column) for one, other, column in zip(earlier, row, columns, strict=True)]
            if any(is_edge(each) for each in shared):
                continue
            self.budget.spend(place)
            others = [each for each in rows[:place] if all(map(touch, each, shared))]
            key = uncovered(columns, shared, others, self.budget)
            if key is None or not all(isinstance(each, frozenset) or each is None or each.intervals for each in shared):
                continue
            if not self._surely(key, (place, at), range(place)):
                continue
            related = [] if self._line(place) else [("this row counts there", nodes[place].span)]
            self.reporter.report(
                "R431",
                nodes[at].span,
                f"two rows fit {self._shown(key)}, and this one never counts there",
                related=related,
                help="the first row that fits counts; if that is right, say so in a row of its own above both",
                fixes=self._explicit(shared, place),
            )
            return 1
        return 0

    def _explicit(self, shared: Sequence[Cells], place: int) -> list[tuple[str, Span, str]]:
        """A row above both that says what counts where they meet."""
        node = self.matrix.nodes[place]
        if self._line(place):
            return []
        written = []
        for at, cell in enumerate(shared):
            if cell is None:
                written.append("any")
            elif isinstance(cell, frozenset):
                written.append(" or ".join(self._word(key, at) for key in sorted(cell, key=str)))
            else:
                return []
        source = self.reporter.source(node.span.file).text
        words = source[node.span.start : node.span.end]
        outputs = words.rpartition("->")[2].strip()
        start = source.rfind("\n", 0, node.span.start) + 1
        indent = source[start : node.span.start]
        after = "\n" + indent if not indent.strip() else " "
        at_front = node.span.within(node.span.start, node.span.start)
        return [("Say what counts there", at_front, f"{' | '.join(written)} -> {outputs}{after}")]

    # --- keys that no row fits ------------------------------------------------------------------------------------------

    def _gaps(self) -> None:
        table = self.table
        if table.otherwise is not None or not self.matrix.rows or not self.uses:
            return
        open_uses = [each for each in self.uses if each.need is not Need.SAID]
        if not open_uses:
            return
        needed = next((each for each in open_uses if each.need is Need.NEEDED), None)
        examples: list[tuple[Key, ...]] = []
        for wanted, alike in self._combinations():
            key = self._gap(wanted, alike)
            if key is not None and key not in examples:
                examples.append(key)
                if len(examples) >= _MOST_EXAMPLES:
                    break
        if not examples and needed is not None:
            places = range(len(self.matrix.columns))
            key = self._gap([self._domain(place, False) for place in places], self.matrix.rows)
            key = key or self._gap([self._domain(place, True) for place in places], self.matrix.rows)
            if key is not None:
                examples.append(key)
        if not examples:
            return
        use = needed or open_uses[0]
        outputs = " | ".join(["missing"] * len(table.outputs))
        what = " and ".join(f"{self._shown(each)}" for each in examples)
        self.reporter.report(
            "R430",
            table.name_span,
            f"no row of `{table.key}` fits {what}",
            related=[("it is looked up here; nothing is written where no row fits", use.node.span)],
            help='add such a row, or an `otherwise`; `or hold "…"` at the look-up stops such records',
            fixes=[("Say that nothing is meant", table.end_span, self._last_row(f"otherwise -> {outputs}"))],
        )

    def _last_row(self, words: str) -> str:
        span = self.table.end_span
        source = self.reporter.source(span.file).text
        start = source.rfind("\n", 0, span.start) + 1
        return f"  {words}\n{source[start : span.start]}" if not source[start : span.start].strip() else f"{words} "

    def _gap(self, wanted: Sequence[Cells], rows: Sequence[Sequence[Cells]]) -> tuple[Key, ...] | None:
        key = uncovered(self.matrix.columns, wanted, rows, self.budget)
        if key is None:
            return None
        key = tuple(self._on_grid(each, place, wanted[place], key) for place, each in enumerate(key))
        if None in key or not self._surely(key, (), range(len(self.matrix.rows))):
            return None
        return key

    def _combinations(self) -> Iterable[tuple[Sequence[Cells], Sequence[Sequence[Cells]]]]:
        """What people surely meant to have rows for, and the rows that may fit it: texts as they stand in rows, with each
        answer and number between.

        Where a column of yes or no names both, and where numbers leave a hole between the lowest and the highest.
        """
        columns, rows = self.matrix.columns, self.matrix.rows
        texts = [at for at, each in enumerate(self.table.keys) if each.type == TEXT]
        others = [at for at, each in enumerate(self.table.keys) if each.type != TEXT]
        if not others or self.matrix.skipped:
            return
        named: dict[int, set[Key]] = {at: set() for at in others}
        for row in rows:
            for at in others:
                cell = row[at]
                if cell is not None:
                    named[at] |= cell if isinstance(cell, frozenset) else cell.points
        index = Index(len(columns))
        for place, row in enumerate(rows):
            index.add(place, row)
        seen: set[tuple[Cells, ...]] = set()
        nothing: tuple[Cells, ...] = (ANY,) * len(columns)
        for row in rows:
            fixed = tuple(row[at] for at in texts)
            if fixed in seen or any(not isinstance(cell, frozenset) for cell in fixed):
                continue
            seen.add(fixed)
            asked = list(nothing)
            for at in texts:
                asked[at] = row[at]
            near = [rows[each] for each in index.near(asked)]
            self.budget.spend(1 + len(near) // 16)
            alike = [
                each for each in near if all(inside(cell, each[at]) for cell, at in zip(fixed, texts, strict=True))
            ]
            wanted: list[Cells] = [ANY] * len(columns)
            for at, cell in zip(texts, fixed, strict=True):
                wanted[at] = cell
            for at in others:
                if columns[at].ordered:
                    wanted[at] = hull(each[at] for each in alike)
                else:
                    wanted[at] = frozenset(each for each in (True, False) if each in named[at])
            if all(cell is None or cell for cell in wanted):
                yield wanted, alike

    def _domain(self, place: int, missing: bool) -> Cells:
        """All keys that rules can look up in a column; `missing` keys only where asked for."""
        column = self.table.keys[place]
        keys: set[Key] = set()
        if missing and any(optional(each.node.keys[place], self.schema) for each in self.uses):
            keys.add(MISSING)
        if column.type == YES_NO:
            return frozenset(keys | {True, False})
        if self.matrix.columns[place].ordered:
            days = self.matrix.columns[place].days
            return Region(frozenset(keys), (Interval(None if days else Decimal(0), None),))
        found = self.fields[place]
        if found is not None and found.values and not found.other_values:
            return frozenset(keys | {fold(each) for each in found.values})
        return Region(frozenset(keys | {self._another(place)}))

    def _another(self, place: int) -> str:
        """A text that no cell of the column names, as near to life as can be."""
        named: set[Key] = set()
        for row in self.matrix.rows:
            cell = row[place]
            if cell is not None:
                named |= cell if isinstance(cell, frozenset) else cell.points
        found = self.fields[place]
        likely = () if found is None else (*found.values, found.example.strip('"'))
        return next((fold(each) for each in likely if fold(each) not in named), "something else")

    # --- columns that do nothing ----------------------------------------------------------------------------------------

    def _idle_columns(self) -> None:
        rows = self.matrix.rows
        if self.matrix.skipped or len(rows) < 2:
            return
        for place, column in enumerate(self.table.keys):
            if not column.span.file:
                continue
            if all(row[place] is None for row in rows):
                self._idle(column.span, f"every row has `any` in `{column.name}`: it makes no difference")
            elif column.type == YES_NO and self._answers_are_alike(place):
                self._idle(column.span, f"`{column.name}` makes no difference: rows for yes and for no give the same")

    def _answers_are_alike(self, place: int) -> bool:
        """Whether every row for yes has its twin for no."""
        sides: dict[bool, dict[tuple[object, ...], object]] = {True: {}, False: {}}
        for row, node in zip(self.matrix.rows, self.matrix.nodes, strict=True):
            cell = row[place]
            if not isinstance(cell, frozenset) or MISSING in cell or len(cell) != 1:
                return False
            others = (*row[:place], *row[place + 1 :])
            if any(each is None or isinstance(each, Region) for each in others):
                return False
            sides[True in cell].setdefault(others, node.outputs)
        return bool(sides[True]) and sides[True] == sides[False]

    def _idle(self, span: Span, message: str) -> None:
        self.reporter.report("R433", span, message, help="take the column out, here and where the table is looked up")

    # --- words ------------------------------------------------------------------------------------------------------------

    def _line(self, at: int) -> int:
        """The line of the CSV file that a row stands in, 0 for a row of the file itself."""
        at += self.matrix.skipped
        return self.table.csv_lines[at] if at < len(self.table.csv_lines) else 0

    def _whole_line(self, span: Span) -> Span:
        """A row with its line, where nothing else stands in it."""
        text = self.reporter.source(span.file).text
        start, end = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end)
        if end < 0 or text[start : span.start].strip() or text[span.end : end].strip():
            return span
        return span.within(start, end + 1)

    def _surely(self, key: Sequence[Key | None], yes: Iterable[int], no: Iterable[int]) -> bool:
        """Whether a key fits these rows, and none of those, beyond doubt."""
        if any(isinstance(each, Unnamed) for each in key):
            return False
        rows = self.matrix.rows
        return all(all(map(fits, rows[at], key)) for at in yes) and not any(all(map(fits, rows[at], key)) for at in no)

    def _on_grid(self, each: Key, place: int, wanted: Cells, key: Sequence[Key]) -> Key | None:
        """A number as records have it, in the same hole: whole pieces, cents; None where the hole is narrower."""
        column = self.matrix.columns[place]
        if not isinstance(each, Decimal) or column.days:
            return each
        step = self._step(place)
        if each % step == 0:
            return each
        others = [row for row in self.matrix.rows if all(
            fits(cell, other) for at, (cell, other) in enumerate(zip(row, key, strict=True)) if at != place
        )]  # fmt: skip
        ends = [end for row in others for end in ends_of(row[place])]
        low = max((end for end in ends if end <= each), default=None)
        high = min((end for end in ends if end >= each), default=None)
        return Interval(low, high, False, False).some(step)

    def _step(self, place: int) -> Decimal:
        if self.table.keys[place].type == NUMBER:
            asked = [each.node.keys[place].type for each in self.uses if place < len(each.node.keys)]
            whole = all(end % 1 == 0 for row in self.matrix.rows for end in ends_of(row[place]))
            if whole and MONEY not in asked:
                return Decimal(1)
        return Decimal("0.01")

    def _shown(self, key: Sequence[Key | None]) -> str:
        return "`" + " | ".join(self._word(each, place) for place, each in enumerate(key)) + "`"

    def _word(self, key: Key | None, place: int) -> str:
        """A key as a cell of a table is written."""
        column = self.table.keys[place]
        if key is MISSING:
            return "missing"
        if isinstance(key, bool):
            return "yes" if key else "no"
        if isinstance(key, Decimal):
            if column.type == DATE:
                return date.fromordinal(int(key)).isoformat()
            sign = "%" if column.type == PERCENT else f" {column.currency}" if column.currency else ""
            return print_number(key) + sign
        if not isinstance(key, str):
            return "any"
        found = self.fields[place]
        known: Iterable[str] = () if found is None else (*found.values, found.example.strip('"'))
        for each in known:
            if fold(each) == key:
                return f'"{each}"'
        for row in self.matrix.nodes[:1000]:
            for cell in (row.cells or ())[place : place + 1]:
                for one in cell.alternatives:
                    if (
                        isinstance(one, tree.ValueCell)
                        and isinstance(one.value, tree.Text)
                        and fold(one.value.value) == key
                    ):
                        return '"' + one.value.value.replace('"', '""') + '"'
        return '"' + key.replace('"', '""') + '"'


def _unread_columns(table: ResolvedTable, survey: Survey, read: Mapping[str, set[str | None]]) -> None:
    """Outputs that no look-up names, of a table that is looked up."""
    names = read.get(table.key, set())
    if len(table.outputs) < 2 or not names or None in names:
        return
    for column in table.outputs:
        if column.name not in names and column.span.file:
            survey.subject.reporter.report(
                "R434",
                column.span,
                f"nothing reads `{column.name}` of `{table.key}`",
                help=f"read it with `lookup {table.key}(…).{column.name}`, or take the column out",
            )


def _columns_read(survey: Survey) -> Mapping[str, set[str | None]]:
    """The outputs that the file names, by table: in rules that are off and in tests too."""
    read: dict[str, set[str | None]] = {}
    ruleset = survey.subject.ruleset
    known = {id(each.rule.rule): each for each in survey.rules}
    blocks: list[tree.Node] = []
    for rule in ruleset.rules:
        anatomy = known.get(id(rule.rule))
        if rule.pack:
            continue
        if anatomy is None:
            blocks.append(rule.rule)
        else:
            for lookup in anatomy.all(tree.Lookup):
                read.setdefault(lookup.table, set()).add(lookup.column)
    for node in within(*blocks, *ruleset.flows, *ruleset.tests):
        if isinstance(node, tree.Lookup):
            read.setdefault(node.table, set()).add(node.column)
    return read
