"""The lines that a formatter writes, with the comments at their ends; changes with how comments and blank lines look.

Knows no block and no word: what stands on a line is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dsl.format.pieces import Remark
from dsl.showing.widths import columns

_APART = 2
"""Blanks between a line and the comment at its end."""
_MOST_SHIFT = 40
"""Comments of neighbouring lines stand below one another unless one of them would have to move further than this."""


def width(text: str) -> int:
    """The columns that a text takes on a screen."""
    return len(text) if text.isascii() else columns(text)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of code with its indentation, and the comments at its end: the first on it, the others right below."""

    text: str
    behind: Sequence[str] = ()


@dataclass(slots=True)
class Page:
    """Lines from the top to the bottom. Two blank lines never follow one another, and none stands at the top."""

    lines: list[Line] = field(default_factory=list)

    def add(self, text: str, behind: Sequence[str] = ()) -> None:
        self.lines.append(Line(text, behind))

    def blank(self) -> None:
        if self.lines and self.lines[-1].text:
            self.lines.append(Line(""))

    def remarks(self, above: Iterable[Remark], indent: int, *, apart: bool = True) -> None:
        """Comments on lines of their own. Without `apart` no blank line stands above the first."""
        for each in above:
            if each.apart and apart:
                self.blank()
            self.lines.append(Line(" " * indent + each.text))
            apart = True

    def text(self) -> str:
        """All lines, each with its end."""
        written: list[str] = []
        lines, at = self.lines, 0
        while at < len(lines):
            if not lines[at].behind:
                written.append(lines[at].text)
                at += 1
                continue
            run, place = _run(lines, at)
            for line in lines[at : at + run]:
                written.append(line.text + " " * (place - width(line.text)) + line.behind[0])
                written += [" " * place + each for each in line.behind[1:]]
            at += run
        return "".join(f"{line}\n" for line in written)


def _run(lines: Sequence[Line], at: int) -> tuple[int, int]:
    """How many lines from here on have their comments below one another, and in which column."""
    least = most = width(lines[at].text)
    count = 1
    while len(lines[at + count - 1].behind) == 1 and at + count < len(lines) and lines[at + count].behind:
        here = width(lines[at + count].text)
        if max(most, here) - min(least, here) > _MOST_SHIFT:
            break
        least, most = min(least, here), max(most, here)
        count += 1
    return count, most + _APART
