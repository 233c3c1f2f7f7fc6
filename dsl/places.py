"""Where something stands in a text; changes when places are counted differently (knows no syntax).

A file is read in pieces, mostly one block each. What is read from a piece knows its place within the piece, and the
piece knows where it begins: so text put in above moves everything below without a node being touched.
"""

from __future__ import annotations

from typing import Protocol


class Lines(Protocol):
    """A text that knows its lines."""

    def line_and_column(self, offset: int) -> tuple[int, int]: ...


class Origin:
    """Where one piece of a file begins. The workspace that holds the file moves it when the text above changes."""

    __slots__ = ("file", "lines", "offset")

    def __init__(self, file: str, offset: int = 0, lines: Lines | None = None) -> None:
        self.file = file
        self.offset = offset
        self.lines = lines


class Span:
    """A stretch of one file: offsets in characters from 0, `end` after the last; line and column of the start from 1."""

    __slots__ = ("_first", "_last", "_origin")

    def __init__(self, origin: Origin | str, start: int, end: int) -> None:
        """`start` and `end` count from the origin; with the name of a file, from the beginning of that file."""
        self._origin = origin
        self._first = start
        self._last = end

    @property
    def origin(self) -> Origin | None:
        """The piece that the place is counted from; None where it is counted from the beginning of the file."""
        return self._origin if isinstance(self._origin, Origin) else None

    @property
    def file(self) -> str:
        return self._origin.file if isinstance(self._origin, Origin) else self._origin

    @property
    def start(self) -> int:
        return self._first + self._origin.offset if isinstance(self._origin, Origin) else self._first

    @property
    def end(self) -> int:
        return self._last + self._origin.offset if isinstance(self._origin, Origin) else self._last

    @property
    def line(self) -> int:
        return self._line_and_column()[0]

    @property
    def column(self) -> int:
        return self._line_and_column()[1]

    def _line_and_column(self) -> tuple[int, int]:
        lines = self._origin.lines if isinstance(self._origin, Origin) else None
        return (1, self.start + 1) if lines is None else lines.line_and_column(self.start)

    def until(self, other: Span) -> Span:
        """From the start of this one to the end of another one of the same file."""
        if other._origin is self._origin:
            return Span(self._origin, self._first, other._last)
        return self.within(self.start, other.end)

    def to(self, origin: Origin, end: int) -> Span:
        """From the start of this one to a place that is counted from an origin (mostly its own)."""
        if self._origin is origin:
            return Span(origin, self._first, end)
        return Span(origin, self.start - origin.offset, end)

    def within(self, start: int, end: int) -> Span:
        """A stretch of the same piece, given as offsets in the file."""
        if isinstance(self._origin, Origin):
            return Span(self._origin, start - self._origin.offset, end - self._origin.offset)
        return Span(self._origin, start, end)

    def moving_with(self, other: Span) -> Span:
        """The same place; counted from the piece of `other`, and moving with it, where it stands inside of that."""
        origin = other._origin
        if self._origin is origin:
            return self
        if not isinstance(origin, Origin) or self.file != origin.file:
            return self
        if not other.start <= self.start <= self.end <= other.end:
            return self
        return Span(origin, self.start - origin.offset, self.end - origin.offset)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Span):
            return NotImplemented
        return (self.start, self.end, self.file) == (other.start, other.end, other.file)

    def __hash__(self) -> int:
        return hash((self.start, self.end))

    def __repr__(self) -> str:
        return f"Span({self.file!r}, {self.start}, {self.end})"


NOWHERE = Span("", 0, 0)
