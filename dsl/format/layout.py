"""Parts that may stand on one line or on several, and how they are written; changes with how lines are filled.

After Philip Wadler, "A prettier printer" (2003): a group is written on one line where it fits, else its breaks are taken.
Comments are what that paper has not: one at the end of a line waits for that end, one on a line of its own ends the line
before it. Knows no word of the language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from dsl.format.page import Line, width
from dsl.format.pieces import Pieces

WIDTH = 100
"""Columns of a line that is not broken. A text, a title or a name is never broken, however long."""


@dataclass(frozen=True, slots=True)
class Word:
    """A piece by its number, with the comments at it."""

    number: int


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a line may end; on one line it reads `flat`."""

    flat: str


LINE = Break(" ")
SOFT = Break("")


@dataclass(frozen=True, slots=True)
class Group:
    """Parts whose breaks are all taken or none; `forced` where a comment inside takes them."""

    parts: Layout
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Nest:
    """Parts whose further lines stand so many columns further right than those around them."""

    columns: int
    parts: Layout


@dataclass(frozen=True, slots=True)
class Align:
    """Parts whose further lines stand below where they begin."""

    parts: Layout


@dataclass(frozen=True, slots=True)
class Fill:
    """Parts with blanks between them, as many on a line as fit."""

    parts: tuple[Layout, ...]


Layout: TypeAlias = Word | Break | Group | Nest | Align | Fill | Sequence["Layout"]
"""A string is letters that stand as they are."""


def write(parts: Layout, pieces: Pieces, indent: int) -> list[Line]:
    """The lines of a layout that begins at this indentation. Comments above its first word are not written."""
    writer = _Writer(pieces, indent)
    writer.write(parts)
    return writer.lines


@dataclass(slots=True)
class _Writer:
    pieces: Pieces
    indent: int
    lines: list[Line] = field(default_factory=list)
    line: str = ""
    behind: list[str] = field(default_factory=list)
    started: bool = False

    def write(self, parts: Layout) -> None:
        self.line = " " * self.indent
        stack: list[tuple[int, bool, Layout]] = [(self.indent, True, parts)]
        while stack:
            indent, broken, part = stack.pop()
            if isinstance(part, str):
                if self.line.strip() or part.strip():
                    self.line += part
            elif isinstance(part, Word):
                self._word(part.number, indent)
            elif isinstance(part, Break):
                if broken:
                    self._end(indent)
                elif self.line.strip():
                    self.line += part.flat
            elif isinstance(part, Group):
                stack.append((indent, part.forced or not self._fits(indent, part.parts, stack), part.parts))
            elif isinstance(part, Nest):
                stack.append((indent + part.columns, broken, part.parts))
            elif isinstance(part, Align):
                stack.append((width(self.line), broken, part.parts))
            elif isinstance(part, Fill):
                self._fill(part, indent, broken, stack)
            else:
                stack.extend((indent, broken, each) for each in reversed(part))
        self._end(self.indent)

    def _word(self, number: int, indent: int) -> None:
        above = self.pieces.above.get(number, ()) if self.started else ()
        behind = self.pieces.behind.get(number, ())
        if above or (behind and self.behind):
            if self.line.strip():
                self._end(indent)
            self.lines += [Line(" " * indent + each.text) for each in above]
            self.line = " " * indent
        self.line += self.pieces.texts[number]
        self.behind += behind
        self.started = True

    def _end(self, indent: int) -> None:
        """Ends the line, unless nothing stands on it yet."""
        if self.line.strip():
            self.lines.append(Line(self.line.rstrip(), tuple(self.behind)))
            self.behind = []
        self.line = " " * indent

    def _fill(self, part: Fill, indent: int, broken: bool, stack: list[tuple[int, bool, Layout]]) -> None:
        if not part.parts:
            return
        first, others = part.parts[0], part.parts[1:]
        if others:
            stack.append((indent, broken, Fill(others)))
            stack.append((indent, broken and not self._fits(indent, [first, " ", others[0]], []), LINE))
        stack.append((indent, False, first))

    def _fits(self, indent: int, parts: Layout, behind: Sequence[tuple[int, bool, Layout]]) -> bool:
        """Whether these parts fit on the rest of the line, with what follows up to the next place where it ends."""
        left = WIDTH - width(self.line)
        waiting = list(behind)
        stack: list[tuple[int, bool, Layout]] = [(indent, False, parts)]
        while left >= 0:
            if not stack:
                if not waiting:
                    return True
                stack.append(waiting.pop())
            level, broken, part = stack.pop()
            if isinstance(part, str):
                left -= width(part)
            elif isinstance(part, Word):
                left -= width(self.pieces.texts[part.number])
            elif isinstance(part, Break):
                if broken:
                    return True
                left -= len(part.flat)
            elif isinstance(part, Group):
                stack.append((level, broken and part.forced, part.parts))
            elif isinstance(part, Nest | Align):
                stack.append((level, broken, part.parts))
            elif isinstance(part, Fill):
                for place, each in enumerate(reversed(part.parts)):
                    stack += [(level, broken, " ")] if place else []
                    stack.append((level, broken, each))
            else:
                stack.extend((level, broken, each) for each in reversed(part))
        return False
