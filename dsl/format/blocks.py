"""How the blocks of a file are laid out, line by line; changes with the forms of blocks and how each of them looks.

What is read here can be read without a mistake. The layout depends on the words, the comments and where blank lines stand,
never on the blanks between words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from dsl.format.layout import WIDTH, Layout, write
from dsl.format.page import Page, width
from dsl.format.pieces import OPERAND_ENDS, Pieces
from dsl.format.wrapping import TAIL, Wrapping

OPENERS = frozenset({"RULESET", "USE", "SETTING", "LIST", "TABLE", "FLOW", "RULE", "TEST"})
_ONE_LINERS = frozenset({"SETTING", "LIST"})
"""Blocks that may follow one another without a blank line between them."""
_STATEMENTS = frozenset({"SET", "FILL", "OVERRIDE", "CLEAR", "REPLACE", "ADD", "SKIP", "HOLD", "FAIL", "TAG", "LOG"})
_FLOW_CLAUSES = frozenset(
    {"NOTE", "FROM", "TO", "SYNC", "EVERY", "EVERY_DAY_AT", "AFTER", "WHEN", "STARTING", "NOTIFY", "WITH"}
)
_TEST_CLAUSES = frozenset({"GIVEN", "WITH_SETTINGS", "ON", "EXPECT"})
_EXPECTATIONS = frozenset({"PATH", "ORIGINAL", "ITEM", "NOT", "SKIPPED", "HELD", "FAILED", "FIRED", "DOCUMENT", "NO"})
_EXPECTED_ENDS = OPERAND_ENDS | {"SKIPPED", "HELD", "FAILED"}
_OPEN = frozenset({"OPEN", "OPEN_LIST"})
_CLOSE = frozenset({"CLOSE", "CLOSE_LIST"})

_BODY = 2
_INNER = 4
_BESIDE = "  "
"""Between short fields, expectations and clauses that share a line."""
_WIDEST_CELL = 40
"""A cell of a table that is wider than this does not widen its column."""

Stretch = tuple[int, int]
"""Words from one number to before another."""


class Blocks:
    """Writes one text's words onto a page."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self.kinds = pieces.kinds
        self.wrapping = Wrapping(pieces)
        self.page = Page()

    def file(self) -> Page:
        at, end = 0, len(self.kinds) - 1
        before = ""
        while at < end:
            kind = self.kinds[at]
            if before and not (before in _ONE_LINERS and kind in _ONE_LINERS):
                self.page.blank()
            self._above(at, 0)
            after = self._block_end(at)
            self._writer(kind)(at, after)
            at, before = after, kind
        self._above(end, 0)
        return self.page

    def _writer(self, kind: str) -> Callable[[int, int], None]:
        match kind:
            case "RULE":
                return self._rule
            case "TEST":
                return self._test
            case "TABLE":
                return self._table
            case "FLOW":
                return self._flow
            case "SETTING":
                return lambda start, end: self._unit(start, end, 0, self.wrapping.setting)
            case "LIST":
                return lambda start, end: self._unit(start, end, 0, self.wrapping.named_list)
        return self._plain_block

    # --- finding the ends of things -----------------------------------------------------------------------------------

    def _block_end(self, start: int) -> int:
        """The number behind a block's last word."""
        kinds, end = self.kinds, len(self.kinds) - 1
        if kinds[start] in _ONE_LINERS:
            return self._until(start + 1, end, lambda at: kinds[at] in OPENERS and kinds[at - 1] not in ("IS", "OF"))
        at = start
        while at < end:
            if kinds[at] == "END" and kinds[at - 1] != "NOT":
                return at + 1
            at += 1
        return end

    def _until(self, at: int, end: int, stops: Callable[[int], bool]) -> int:
        """The first word from here on, outside of parentheses and brackets, at which something stops."""
        kinds, depth = self.kinds, 0
        while at < end:
            kind = kinds[at]
            if kind in _OPEN:
                depth += 1
            elif kind in _CLOSE:
                depth -= 1
            elif not depth and stops(at):
                return at
            at += 1
        return end

    def _parts(self, start: int, end: int, begins: Callable[[int], bool]) -> list[Stretch]:
        """What stands between two words, cut where a part begins; the first part begins at `start`."""
        cuts = [start] if start < end else []
        while cuts and cuts[-1] < end:
            cuts.append(self._until(cuts[-1] + 1, end, begins))
        return list(pairwise(cuts))

    def _begins_statement(self, at: int) -> bool:
        kinds = self.kinds
        return kinds[at] in _STATEMENTS and kinds[at - 1] in OPERAND_ENDS

    def _begins_field(self, at: int) -> bool:
        """Whether `name =` stands here, or the mark of an item in `given`."""
        kinds = self.kinds
        kind, following = kinds[at], kinds[at + 1]
        if kind not in ("NAME", "ITEM", "PATH", "UNTIL"):
            return False
        keyed = following == "OPEN_LIST" and kinds[at + 3 : at + 5] == ["CLOSE_LIST", "EQUALS"]
        return following == "EQUALS" or keyed or (kind == "ITEM" and kinds[at - 1] != "EQUALS")

    def _begins_flow_clause(self, at: int) -> bool:
        kind, before = self.kinds[at], self.kinds[at - 1]
        if kind == "EVERY":
            return self.kinds[at + 1] == "DURATION"
        return kind in _FLOW_CLAUSES and before not in TAIL and before != "EQUALS"

    def _begins_expectation(self, at: int) -> bool:
        kinds = self.kinds
        kind, before, earlier = kinds[at], kinds[at - 1], kinds[at - 2]
        if kind not in _EXPECTATIONS or before not in _EXPECTED_ENDS:
            return False
        if before == "NUMBER" and earlier == "ITEM" and kinds[at - 3] not in TAIL:
            return False  # `line 2 discount is …`, `line 2 skipped`
        if before == "NO" and kind == "DOCUMENT":
            return earlier not in _EXPECTED_ENDS and earlier != "EXPECT"
        return not (before == "ITEM" and kind == "SKIPPED" and earlier not in TAIL)

    # --- lines --------------------------------------------------------------------------------------------------------

    def _above(self, at: int, indent: int, *, first: bool = False) -> None:
        """The comments and the blank line above a word; none above the `first` thing of a block."""
        remarks = self.pieces.above.get(at, ())
        self.page.remarks(remarks, indent, apart=not first)
        if at in self.pieces.apart and self.kinds[at] != "" and not (first and not remarks):
            self.page.blank()

    def _unit(self, start: int, end: int, indent: int, read: Callable[[], Layout]) -> None:
        """A stretch of words, on one line where it fits and has no comments inside."""
        pieces = self.pieces
        if not pieces.remarked(start, end):
            text = " " * indent + pieces.flat(start, end)
            if width(text) <= WIDTH:
                self.page.add(text, pieces.behind.get(end - 1, ()))
                return
        for line in write(self.wrapping.laid_out(start, end, read), pieces, indent):
            self.page.add(line.text, line.behind)

    def _line(self, start: int, end: int, indent: int) -> None:
        """A stretch of words that is never broken."""
        self._unit(start, end, indent, self.wrapping.clause)

    def _end(self, at: int) -> None:
        """The `end` of a block."""
        self.page.remarks(self.pieces.above.get(at, ()), _BODY)
        self._line(at, at + 1, 0)

    def _beside(self, parts: Sequence[Stretch], indent: int, read: Callable[[], Layout], *, first: bool) -> None:
        """Parts that share a line where all fit, else each on its own. Comments and blank lines part them."""
        run: list[Stretch] = []
        pieces = self.pieces
        for part in parts:
            if run and (part[0] in pieces.above or part[0] in pieces.apart or run[-1][1] - 1 in pieces.behind):
                self._run(run, indent, read)
                run = []
            if not run:
                self._above(part[0], indent, first=first)
                first = False
            run.append(part)
        if run:
            self._run(run, indent, read)

    def _run(self, run: Sequence[Stretch], indent: int, read: Callable[[], Layout]) -> None:
        pieces = self.pieces
        if not pieces.remarked(run[0][0], run[-1][1]):
            text = " " * indent + _BESIDE.join(pieces.flat(start, end) for start, end in run)
            if width(text) <= WIDTH:
                self.page.add(text, pieces.behind.get(run[-1][1] - 1, ()))
                return
        for start, end in run:
            self._unit(start, end, indent, read)

    # --- blocks -------------------------------------------------------------------------------------------------------

    def _clauses(self, start: int, end: int, begins: Callable[[int], bool]) -> list[Stretch]:
        """Writes a block's first line; its clauses, without the `end` of the block."""
        head, *clauses = self._parts(start, end - 1, begins)
        self._line(*head, 0)
        return clauses

    def _plain_block(self, start: int, end: int) -> None:
        """`ruleset` and `use`: a line for each clause."""
        words = ("LANGUAGE", "VERSION", "NOTE") if self.kinds[start] == "RULESET" else ("SET", "TURN")
        for place, clause in enumerate(self._clauses(start, end, lambda at: self.kinds[at] in words)):
            self._above(clause[0], _BODY, first=place == 0)
            self._unit(
                *clause, _BODY, self.wrapping.statement if self.kinds[clause[0]] == "SET" else self.wrapping.clause
            )
        self._end(end - 1)

    def _rule(self, start: int, end: int) -> None:
        kinds = self.kinds

        def begins(at: int) -> bool:
            return kinds[at] in ("NOTE", "REPLACES", "FOR", "WHEN", "THEN", "OTHERWISE")

        for place, (first, after) in enumerate(self._clauses(start, end, begins)):
            kind = kinds[first]
            self._above(first, _BODY, first=place == 0)
            if kind == "FOR":
                self._unit(first, after, _BODY, self.wrapping.scope)
            elif kind == "WHEN":
                self._unit(first, after, _BODY, self.wrapping.when)
            elif kind in ("THEN", "OTHERWISE"):
                self._statements(first, after)
            else:
                self._line(first, after, _BODY)
        self._end(end - 1)

    def _statements(self, start: int, end: int) -> None:
        """`then` or `otherwise` with its statements below one another."""
        indent = _BODY + len(self.pieces.texts[start]) + 1
        (_, cut), *others = self._parts(start, end, lambda at: at > start + 1 and self._begins_statement(at))
        self._unit(start, cut, _BODY, self.wrapping.first_statement)
        for first, after in others:
            self._above(first, indent)
            self._unit(first, after, indent, self.wrapping.statement)

    def _flow(self, start: int, end: int) -> None:
        kinds, pieces = self.kinds, self.pieces
        clauses = self._clauses(start, end, self._begins_flow_clause)
        place = 0
        while place < len(clauses):
            first, after = clauses[place]
            self._above(first, _BODY, first=place == 0)
            place += 1
            if kinds[first] == "WHEN":
                self._unit(first, after, _BODY, self.wrapping.when)
            elif kinds[first] == "WITH":
                self._options(first, after)
            elif kinds[first] == "FROM" and after < end - 1 and kinds[after] == "TO":
                together = [(first, after), clauses[place]]
                if after in pieces.above or after in pieces.apart or pieces.behind.get(after - 1):
                    self._line(first, after, _BODY)
                    continue
                self._run(together, _BODY, self.wrapping.clause)
                place += 1
            else:
                self._line(first, after, _BODY)
        self._end(end - 1)

    def _options(self, start: int, end: int) -> None:
        """`with` and its options, the signs between names and values below one another."""
        self._line(start, start + 1, _BODY)
        options = self._parts(start + 1, end, self._begins_field)
        pieces = self.pieces
        signs = [self._until(first, after, lambda at: self.kinds[at] == "EQUALS") for first, after in options]
        plain = [
            sign < after and not pieces.remarked(first, after)
            for (first, after), sign in zip(options, signs, strict=True)
        ]
        columns = max(
            (
                width(pieces.flat(first, sign))
                for (first, _), sign, is_plain in zip(options, signs, plain, strict=True)
                if is_plain
            ),
            default=0,
        )
        for place, ((first, after), sign, is_plain) in enumerate(zip(options, signs, plain, strict=True)):
            self._above(first, _INNER, first=place == 0)
            if is_plain:
                name = pieces.flat(first, sign)
                padded = name + " " * (columns - width(name))
                text = f"{' ' * _INNER}{padded} {pieces.flat(sign, after)}"
                self.page.add(text, pieces.behind.get(after - 1, ()))
            else:
                self._unit(first, after, _INNER, self.wrapping.assignment)

    # --- tests --------------------------------------------------------------------------------------------------------

    def _test(self, start: int, end: int) -> None:
        kinds = self.kinds
        for place, (first, after) in enumerate(self._clauses(start, end, lambda at: kinds[at] in _TEST_CLAUSES)):
            self._above(first, _BODY, first=place == 0)
            if kinds[first] == "GIVEN":
                self._given(first, after)
            elif kinds[first] == "EXPECT":
                self._line(first, first + 1, _BODY)
                expected = self._parts(first + 1, after, self._begins_expectation)
                self._beside(expected, _INNER, self.wrapping.expectation, first=True)
            elif kinds[first] == "WITH_SETTINGS":
                self._settings(first, after)
            else:
                self._line(first, after, _BODY)
        self._end(end - 1)

    def _settings(self, start: int, end: int) -> None:
        """`with settings` and its values on one line, or the values below it."""
        pieces = self.pieces
        values = self._parts(start + 1, end, self._begins_field)
        parted = any(first in pieces.apart for first, _ in values)
        if not parted and not pieces.remarked(start, end):
            said = _BESIDE.join(pieces.flat(first, after) for first, after in values)
            text = f"{' ' * _BODY}{pieces.texts[start]} {said}"
            if width(text) <= WIDTH:
                self.page.add(text, pieces.behind.get(end - 1, ()))
                return
        self._line(start, start + 1, _BODY)
        self._beside(values, _INNER, self.wrapping.assignment, first=True)

    def _given(self, start: int, end: int) -> None:
        """The record: its own fields side by side, each item on a line."""
        kinds = self.kinds
        entries = self._parts(start, end, self._begins_field)
        head, *fields = entries
        self._line(*head, _BODY)
        together: list[Stretch] = []
        first = True
        place = 0
        while place < len(fields):
            at, after = fields[place]
            place += 1
            if kinds[at] != "ITEM" or kinds[at + 1] == "EQUALS":
                together.append((at, after))
                continue
            self._beside(together, _INNER, self.wrapping.assignment, first=first)
            first = first and not together
            together = []
            while (
                place < len(fields) and kinds[fields[place][0]] in ("NAME", "ITEM") and self._assigned(fields[place][0])
            ):
                after = fields[place][1]
                place += 1
            self._above(at, _INNER, first=first)
            first = False
            self._unit(at, after, _INNER, self.wrapping.item)
        self._beside(together, _INNER, self.wrapping.assignment, first=first)

    def _assigned(self, at: int) -> bool:
        return self.kinds[at + 1] in ("EQUALS", "OPEN_LIST")

    # --- tables -------------------------------------------------------------------------------------------------------

    def _table(self, start: int, end: int) -> None:
        kinds = self.kinds
        at = start + 4 if kinds[start + 2] == "FROM" else start + 2
        self._line(start, at, 0)
        rows: list[tuple[int, int, int]] = []  # where a row begins, its arrow, where it ends
        while at < end - 1:
            arrow = self._until(at, end - 1, lambda here: kinds[here] == "ARROW")
            after = self._columns_end(arrow + 1) if not rows else self._outputs_end(arrow + 1)
            rows.append((at, arrow, min(after, end - 1)))
            at = rows[-1][2]
        self._rows(rows)
        self._end(end - 1)

    def _columns_end(self, at: int) -> int:
        """Behind the columns that stand here: `code | quantity is number`."""
        kinds = self.kinds
        while True:
            at += 1
            if kinds[at] == "IS":
                at += 1
                if kinds[at] == "LIST":
                    at += 2
                at += 3 if kinds[at] == "YES" else 1
            if kinds[at] != "BAR":
                return at
            at += 1

    def _outputs_end(self, at: int) -> int:
        """Behind the constants that stand here."""
        kinds = self.kinds
        while True:
            at += 2 if kinds[at] == "MINUS" else 1
            if kinds[at] != "BAR":
                return at
            at += 1

    def _rows(self, rows: Sequence[tuple[int, int, int]]) -> None:
        """A table's header and rows, their columns below one another. Comments inside a row go above it."""
        cells = [(self._cells(first, arrow), self._cells(arrow + 1, after)) for first, arrow, after in rows]
        keys = _widths([left for left, _ in cells if len(left) == len(cells[0][0])])
        outputs = _widths([right for _, right in cells])
        total = sum(keys) + 3 * (len(keys) - 1)
        pieces = self.pieces
        for place, ((first, _, after), (left, right)) in enumerate(zip(rows, cells, strict=True)):
            self._above(first, _BODY, first=place == 0)
            for number in range(first, after):
                if number > first:
                    self.page.remarks(pieces.above.get(number, ()), _BODY, apart=False)
                if number < after - 1:
                    for said in pieces.behind.get(number, ()):
                        self.page.add(" " * _BODY + said)
            wanted = keys if len(left) == len(keys) else [total]
            text = f"{' ' * _BODY}{_joined(left, wanted)} -> {_joined(right, outputs).rstrip()}"
            self.page.add(text, pieces.behind.get(after - 1, ()))

    def _cells(self, start: int, end: int) -> list[str]:
        cells: list[str] = []
        for first, after in self._parts(start, end, lambda at: self.kinds[at] == "BAR"):
            first += self.kinds[first] == "BAR"
            cells.append(self.pieces.flat(first, after))
        return cells


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """The width of each column; the first row counts in any case, of the others what is not too wide."""
    widths = [width(cell) for cell in rows[0]]
    for row in rows[1:]:
        for place, cell in enumerate(row[: len(widths)]):
            columns = width(cell)
            if widths[place] < columns <= _WIDEST_CELL:
                widths[place] = columns
    return widths


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * max(0, (widths[place] if place < len(widths) else 0) - width(cell))
        for place, cell in enumerate(cells)
    )
    return " | ".join(padded)
