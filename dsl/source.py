"""The text of one file and where things stand in it; changes when places are counted differently (knows no syntax)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from dsl.places import Origin, Span


@dataclass(frozen=True, slots=True)
class Position:
    """A place: line and column from 1 (a column is one character, as editors show it), offset in characters from 0."""

    line: int
    column: int
    offset: int


@dataclass(frozen=True, slots=True)
class Source:
    """A file's name and text. Lines end with a line feed; a carriage return before it belongs to the line's end."""

    file: str
    text: str
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _origin: Origin = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        object.__setattr__(self, "_starts", tuple(starts))
        object.__setattr__(self, "_origin", Origin(self.file, 0, self))

    def position(self, offset: int) -> Position:
        """The place of an offset; one outside the text is taken as its nearest end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1, offset)

    def span(self, start: int, end: int) -> Span:
        """The stretch from one offset to another."""
        first = max(0, min(start, len(self.text)))
        return Span(self._origin, first, max(first, min(end, len(self.text))))

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset, both from 1."""
        place = self.position(offset)
        return place.line, place.column

    def start_of(self, line: int) -> int:
        """The offset at which a line begins; for one that does not exist the nearest end of the text."""
        if line > len(self._starts):
            return len(self.text)
        return self._starts[max(line, 1) - 1]

    def line_text(self, line: int) -> str:
        """A line without its end; "" for one that does not exist."""
        if not 1 <= line <= len(self._starts):
            return ""
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        return self.text[self._starts[line - 1] : end].rstrip("\r\n")
