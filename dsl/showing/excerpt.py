"""Draws the lines that a diagnostic is about, with the places in them marked; changes with how places are marked.

3 | rule "A"
  |      --- the first one is here
...
9 | rule "a"
  |      ^^^
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsl.diagnostics import Severity
from dsl.showing.lines import Laid, Row, laid, printable, window, wrapped
from dsl.showing.paint import Paint, Part
from dsl.showing.widths import columns
from dsl.source import Position, Source

NUMBERS = 4
"""Columns of a line number, at least."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place with its words. The one place that the diagnostic is about is primary."""

    start: Position
    end: Position
    label: str
    part: Part
    primary: bool

    @property
    def sign(self) -> str:
        return "^" if self.primary else "-"

    @property
    def lines(self) -> int:
        return self.end.line - self.start.line + 1


def part_of(severity: Severity) -> Part:
    return Part.ERROR if severity is Severity.ERROR else Part.WARNING


def mark(source: Source, start: Position, end: Position, label: str, part: Part, *, primary: bool) -> Mark:
    """A place as it is drawn: blanks and line ends at its end are no part of it."""
    begin = max(0, min(start.offset, len(source.text)))
    stop = max(begin, min(end.offset, len(source.text)))
    stripped = begin + len(source.text[begin:stop].rstrip())
    return Mark(source.position(begin), source.position(max(stripped, min(begin + 1, stop))), label, part, primary)


def excerpt(source: Source, marks: Sequence[Mark], width: int, paint: Paint) -> list[str]:
    """The lines of all marks, in the order of the source, each with its marks below it."""
    around = next((each for each in sorted(marks, key=lambda m: not m.primary) if each.lines > 1), None)
    shown = _lines(marks)
    digits = max(NUMBERS, len(str(shown[-1])))
    room = max(30, width - digits - 5 - (2 if around else 0))
    gutter = " " * (digits + 2)
    rows: list[str] = []
    before = 0
    for number in shown:
        if before and number > before + 1:
            rows.append(paint(Part.GUTTER, f"{' ' * (digits - 1)}..."))
        before = number
        here = [each for each in marks if each.start.line == number and each is not around]
        side = _side(around, number, paint)
        line = laid(source.line_text(number), min((each.start.column - 1 for each in _first(here)), default=0))
        first, last = _reach(here, line)
        view = window(line, first, last, room)
        rows.append(f"{paint(Part.GUTTER, f'{number:>{digits + 2}} |')} {side}{view.text}".rstrip())
        bar = paint(Part.GUTTER, f"{gutter} |")
        spans = [(view.place(a), max(view.place(a) + 1, view.place(b)), each) for a, b, each in _spans(here, line)]
        inside = _side(around, number, paint, below=True)
        rows += [f"{bar} {inside}{row}".rstrip() for row in _below(spans, room, paint)]
        if around is not None and number == around.end.line:
            label = wrapped(printable(around.label), room) if around.label else [""]
            rows.append(f"{bar} {paint(around.part, f'{around.sign} {label[0]}'.rstrip())}")
            rows += [f"{bar}   {paint(around.part, more)}" for more in label[1:]]
    return rows


def _lines(marks: Sequence[Mark]) -> list[int]:
    """The numbers of the lines to show: those of marks, of a long one its edges, and single lines in between."""
    wanted: set[int] = set()
    for each in marks:
        if each.lines <= 5:
            wanted |= set(range(each.start.line, each.end.line + 1))
        else:
            wanted |= {each.start.line, each.start.line + 1, each.end.line - 1, each.end.line}
    return sorted(wanted | {line + 1 for line in wanted if line + 2 in wanted})


def _side(around: Mark | None, number: int, paint: Paint, *, below: bool = False) -> str:
    """The stroke at the left of the lines of a place that has several."""
    if around is None:
        return ""
    start, end = around.start.line, around.end.line
    if not start <= number <= end or (below and number == end):
        return "  "
    stroke = "|" if below else "/" if number == start else "\\" if number == end else "|"
    return paint(around.part, stroke) + " "


def _spans(marks: Sequence[Mark], line: Laid) -> list[tuple[int, int, Mark]]:
    return [
        (
            line.column(each.start.column - 1),
            line.column(each.end.column - 1) if each.lines == 1 else line.columns,
            each,
        )
        for each in marks
    ]


def _first(marks: Sequence[Mark]) -> Sequence[Mark]:
    """The places that have to be seen, where not all of a line can be."""
    return [each for each in marks if each.primary] or marks


def _reach(marks: Sequence[Mark], line: Laid) -> tuple[int, int]:
    """The columns that have to be seen."""
    spans = _spans(_first(marks), line)
    return min((a for a, _, _ in spans), default=0), max((b for _, b, _ in spans), default=0)


def _below(spans: Sequence[tuple[int, int, Mark]], room: int, paint: Paint) -> list[str]:
    """The row of marks, and the labels: the last one beside its mark where it fits, the others hang below."""
    if not spans:
        return []
    under = Row()
    for start, end, each in sorted(spans, key=lambda span: (span[2].primary, -(span[1] - span[0]))):
        under.put(start, each.sign * (end - start), each.part)
    rows = [under]
    hung = sorted((each for each in spans if each[2].label), key=lambda span: (span[0], span[2].primary))
    ends = max(end for _, end, _ in spans)
    if hung and hung[-1][1] == ends:
        label = printable(hung[-1][2].label)
        if ends + 1 + columns(label) <= room:
            under.put(ends + 1, label, hung.pop()[2].part)
    while hung:
        start, _, each = hung.pop()
        label = printable(each.label)
        indent = start if start + columns(label) <= room else max(0, min(start, room - columns(label), room // 2))
        if indent < start and any(other < start and other + 1 > indent for other, _, _ in hung):
            indent = start
        for words in wrapped(label, max(20, room - indent)):
            row = Row()
            for other, _, left in hung:
                if other < indent:
                    row.put(other, "|", left.part)
            row.put(indent, words, each.part)
            rows.append(row)
    return [each.drawn(paint) for each in rows]
