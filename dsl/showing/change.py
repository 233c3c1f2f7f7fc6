"""Shows what a fix makes of the lines that it changes; changes with how a change is drawn (carries out none)."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.diagnostics import Edit
from dsl.mending import spliced
from dsl.showing.excerpt import NUMBERS
from dsl.showing.lines import laid, window
from dsl.showing.paint import Paint, Part
from dsl.source import Source

_MOST_LINES = 4
_MOST_PLACES = 3


def change(source: Source, edits: Sequence[Edit], width: int, paint: Paint, *, both: bool = False) -> list[str]:
    """The mended lines, with `+` below what is new; lines that only go, with `-`. `both`: the old lines as well.

    Edits in different parts of the file are shown one after another, the first few of them.
    """
    groups: list[list[Edit]] = []
    for each in sorted(edits, key=lambda edit: edit.start.offset):
        if groups and each.start.line <= groups[-1][-1].end.line:
            groups[-1].append(each)
        else:
            groups.append([each])
    rows = [row for group in groups[:_MOST_PLACES] for row in _changed(source, group, width, paint, both=both)]
    if len(groups) > _MOST_PLACES:
        left = len(groups) - _MOST_PLACES
        rows.append(
            paint(Part.GUTTER, f"{' ' * (NUMBERS - 1)}... and {left} {'place' if left == 1 else 'places'} more")
        )
    return rows


def _changed(source: Source, edits: Sequence[Edit], width: int, paint: Paint, *, both: bool) -> list[str]:
    text = source.text
    begin = text.rfind("\n", 0, min(each.start.offset for each in edits)) + 1
    end = text.find("\n", max(each.end.offset for each in edits))
    old = text[begin : len(text) if end < 0 else end]
    new = spliced(old, [(each.start.offset - begin, each.end.offset - begin, each.text) for each in edits])
    gone, come = old.split("\n"), new.split("\n")
    number = source.position(begin).line
    while gone and come and gone[0] == come[0]:
        gone, come, number = gone[1:], come[1:], number + 1
    while gone and come and gone[-1] == come[-1]:
        gone, come = gone[:-1], come[:-1]
    gone, come = [each.rstrip("\r") for each in gone], [each.rstrip("\r") for each in come]
    if not any(each.strip() for each in come):
        come = []
    digits = max(NUMBERS, len(str(number + max(len(gone), len(come)))))
    was, now = _parts(gone, come)
    if len(edits) == 1 and len(come) == 1 and "\n" not in edits[0].text and "\n" not in old:
        first = edits[0].start.offset - begin
        now = (first, first + len(edits[0].text))
    rows: list[str] = []
    if both or not come:
        rows += _side("-", gone, number, width, digits, Part.OLD, paint, was)
    if come:
        rows += _side("+", come, number, width, digits, Part.NEW, paint, now)
        if len(come) == 1 and now[1] > now[0]:
            line = laid(come[0], now[0])
            view = window(line, line.column(now[0]), line.column(now[1]), _room(width, digits))
            a, b = view.place(line.column(now[0])), view.place(line.column(now[1]))
            rows.append(f"{' ' * (digits + 2)}   {' ' * a}{paint(Part.NEW, '+' * max(1, b - a))}")
    return rows


def _room(width: int, digits: int) -> int:
    return max(30, width - digits - 5)


def _side(
    sign: str, lines: Sequence[str], number: int, width: int, digits: int, part: Part, paint: Paint, at: tuple[int, int]
) -> list[str]:
    shown = []
    for place, text in enumerate(lines[:_MOST_LINES]):
        line = laid(text, at[0] if len(lines) == 1 else 0)
        here = (line.column(at[0]), line.column(at[1])) if len(lines) == 1 else (0, 0)
        view = window(line, *here, _room(width, digits))
        shown.append(f"{paint(part, f'{number + place:>{digits + 2}} {sign}')} {view.text}".rstrip())
    if len(lines) > _MOST_LINES:
        shown.append(paint(Part.GUTTER, f"{' ' * (digits - 1)}... {len(lines) - _MOST_LINES} lines more"))
    return shown


def _parts(gone: Sequence[str], come: Sequence[str]) -> tuple[tuple[int, int], tuple[int, int]]:
    """What differs within a single old and a single new line, as letters from and to in each."""
    if len(gone) != 1 or len(come) != 1:
        return (0, 0), (0, 0)
    old, new = gone[0], come[0]
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    return (first, len(old) - last), (first, len(new) - last)
