"""One line of a source as it stands in the terminal, and rows that are put together by columns; changes with how lines are cut.

Columns are counted from 0 and are those of the terminal; letters are counted as in the source.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dsl.showing.paint import Paint, Part
from dsl.showing.widths import TAB, clusters, columns, shown, width

_CUT = "…"


@dataclass(frozen=True, slots=True)
class Laid:
    """A line with its tabs opened: its clusters as shown, the column of each, and the column of each letter and the end."""

    pieces: tuple[str, ...]
    at: tuple[int, ...]
    places: tuple[int, ...]
    """For each letter of the part that is laid, and for its end, the column in which it begins."""
    skipped: int = 0
    """How many letters of the line stand before the part that is laid."""
    more: bool = False
    """The line goes on behind it."""

    @property
    def columns(self) -> int:
        return self.places[-1]

    def column(self, letter: int) -> int:
        """The column of a letter of the line, or of the nearest one that is laid."""
        return self.places[max(0, min(letter - self.skipped, len(self.places) - 1))]


_MOST_LETTERS = 4000


def laid(text: str, around: int = 0) -> Laid:
    """A line by columns; of one that is longer than any terminal, the part around a letter."""
    skipped = max(0, min(around - _MOST_LETTERS // 4, len(text) - _MOST_LETTERS))
    more = len(text) > skipped + _MOST_LETTERS
    text = text[skipped : skipped + _MOST_LETTERS]
    pieces: list[str] = []
    at: list[int] = []
    places: list[int] = []
    column = 0
    for cluster in clusters(text):
        piece = " " * (TAB - column % TAB) if cluster[0] == "\t" else shown(cluster)
        size = len(piece) if cluster[0] == "\t" else width(cluster)
        pieces.append(piece)
        at.append(column)
        places += [column] * len(cluster)
        column += size
    places.append(column)
    return Laid(tuple(pieces), tuple(at), tuple(places), skipped, more)


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a line that is shown: from a column, so many columns; `shift` is what to take off a column to find its place."""

    text: str
    start: int
    end: int
    shift: int

    def place(self, column: int) -> int:
        return max(self.start, min(column, self.end)) - self.shift


def window(line: Laid, first: int, last: int, room: int) -> Window:
    """The line, or what of it surrounds the columns from `first` to `last`, in `room` columns."""
    whole = "".join(line.pieces)
    if line.columns <= room and not line.skipped and not line.more:
        return Window(whole, 0, max(line.columns, last), 0)
    wanted = min(last - first, room - 2)
    before = min(first, max(room // 4, (room - 2 - wanted) // 2))
    # A line is read from its beginning, as long as the place can be seen from there.
    start = 0 if last < room else max(0, min(first - before, max(0, line.columns - (room - 1))))
    left = _CUT if start > 0 or line.skipped else ""
    limit = start + room - len(left)
    if limit < line.columns or line.more:
        limit -= 1
    kept = [
        (piece, column)
        for piece, column, after in zip(line.pieces, line.at, (*line.at[1:], line.columns), strict=True)
        if column >= start and after <= limit
    ]
    if not kept:
        return Window("", first, first, first)
    begins = kept[0][1]
    ends = kept[-1][1] + columns(kept[-1][0])
    text = left + "".join(piece for piece, _ in kept) + (_CUT if ends < line.columns or line.more else "")
    return Window(text, begins, ends, begins - len(left))


@dataclass(slots=True)
class Row:
    """A row that is filled by columns, left to right or not; later words are put over earlier ones."""

    words: list[tuple[int, str, Part]] = field(default_factory=list)

    def put(self, column: int, text: str, part: Part) -> None:
        if text:
            self.words.append((column, text, part))

    def drawn(self, paint: Paint) -> str:
        cells: dict[int, tuple[str, Part]] = {}
        for start, text, part in self.words:
            column = start
            for cluster in clusters(text):
                cells[column] = (cluster, part)
                column += width(cluster)
        out: list[str] = []
        column = 0
        run = ""
        run_part: Part | None = None
        for place in sorted(cells):
            letters, part = cells[place]
            if place < column:
                continue
            if part is not run_part or place > column:
                out += [_painted(paint, run_part, run), " " * (place - column)]
                run, run_part = "", part
            run += letters
            column = place + width(letters)
        out.append(_painted(paint, run_part, run))
        return "".join(out).rstrip()


def _painted(paint: Paint, part: Part | None, run: str) -> str:
    return paint(part, run) if part is not None and run else run


def wrapped(text: str, room: int) -> list[str]:
    """Words set in lines of at most `room` columns; a single longer word keeps a line to itself."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if line and columns(line) + 1 + columns(word) > room:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    return lines


def hanging(first: str, text: str, room: int, indent: int) -> list[str]:
    """`first` and then the text, the following lines indented."""
    lines = wrapped(text, max(20, room - max(columns(first), indent)))
    return [first + lines[0], *(" " * indent + each for each in lines[1:])]


def printable(text: str) -> str:
    """Words with everything taken out that a terminal would obey."""
    return "".join(shown(each) if each[0] not in "\t\n" else each for each in clusters(text))
