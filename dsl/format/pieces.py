"""What a formatter moves around: the words of a text in canonical writing, with the comments and blank lines at them.

Changes with how a value or a remark is written (knows no block and no line of output).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from dsl.tokens import BLANK, COMMENT, Token


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on a line of its own, without the blanks behind it; `apart` where a blank line stands above it."""

    text: str
    apart: bool = False


@dataclass(slots=True)
class Pieces:
    """The words of a text, by their number. The last one is the end of the text, of the kind "" and without letters.

    `glued` are the texts with the blank before them that stands there on one line. `above` are comments on lines of their
    own before a word, `behind` those at the end of its line (the first) and those that go on right below (the others);
    `apart` are the words with a blank line directly above them.
    """

    kinds: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    glued: list[str] = field(default_factory=list)
    above: dict[int, list[Remark]] = field(default_factory=dict)
    behind: dict[int, list[str]] = field(default_factory=dict)
    apart: set[int] = field(default_factory=set)
    _above: list[int] = field(default_factory=list)
    _behind: list[int] = field(default_factory=list)

    def flat(self, start: int, end: int) -> str:
        """The words from one to before another, on one line."""
        return self.texts[start] + "".join(self.glued[start + 1 : end])

    def remarked(self, start: int, end: int) -> bool:
        """Whether a comment stands between these words (not above the first or behind the last)."""
        if not self._above and not self._behind:
            return False
        above = bisect_left(self._above, start + 1)
        behind = bisect_left(self._behind, start)
        return (above < len(self._above) and self._above[above] < end) or (
            behind < len(self._behind) and self._behind[behind] < end - 1
        )

    def remarks(self) -> list[str]:
        """All comments in their order."""
        found: list[str] = []
        for number in range(len(self.kinds)):
            found += [each.text for each in self.above.get(number, ())]
            found += self.behind.get(number, ())
        return found


_PHRASES = frozenset({"OR_ELSE", "OR_STOP", "FOR_UP_TO", "UP_TO", "WITH_SETTINGS", "EVERY_DAY_AT"})
_INNER = re.compile(r"//[^\n]*")
_BLANKS = re.compile(r"\s+")

OPERAND_ENDS = frozenset(
    {"STRING", "NUMBER", "PERCENT", "MONEY", "DATE", "DURATION", "YES", "NO", "MISSING", "PRESENT", "PATH", "NAME"}
    | {"ITEM", "CLOSE", "CLOSE_LIST", "COLUMN"}
)
"""What a value can end with: a minus behind it is between two values, and a new statement or field may begin."""

_NO_BLANK_BEFORE = frozenset({"CLOSE", "CLOSE_LIST", "COMMA", "COLUMN"})
_NO_BLANK_BEHIND = frozenset({"OPEN", "OPEN_LIST"})
_CALLED = frozenset({"NAME", "PATH", "REPLACE", "COUNT", "SUM"})
_KEYED = frozenset({"NAME", "PATH", "ITEM"})


def pieces_of(tokens: Iterable[Token]) -> Pieces:
    """The words of a text that can be read without a mistake."""
    made = Pieces()
    waiting: list[Remark] = []
    lines = 0  # line ends since the last word or comment
    line_start = 0
    beside: tuple[int, int] | None = None  # the word that has a comment behind it, and that comment's column
    for kind, text, start, _end in tokens:
        if kind == BLANK:
            if "\n" in text:
                lines += text.count("\n")
                line_start = start + text.rfind("\n") + 1
        elif kind == COMMENT:
            said, last = text.rstrip(), len(made.kinds) - 1
            if lines == 0 and last >= 0 and not waiting and last not in made.behind:
                made.behind[last] = [said]
                beside = last, start - line_start
            elif lines == 1 and not waiting and beside and _goes_on(beside[1], start - line_start):
                made.behind[last].append(said)
            else:
                waiting.append(Remark(said, lines > 1))
            lines = 0
        else:
            _add(made, kind, _canonical(kind, text))
            number = len(made.kinds) - 1
            if waiting:
                made.above[number] = waiting
                waiting = []
            if lines > 1:
                made.apart.add(number)
            lines, beside = 0, None
            if "\n" in text:
                line_start = start + text.rfind("\n") + 1
                inside = [each.rstrip() for each in _INNER.findall(text)] if kind in _PHRASES else []
                if inside:
                    made.behind[number] = inside[:1]
                    waiting = [Remark(each) for each in inside[1:]]
    _add(made, "", "")
    if waiting:
        made.above[len(made.kinds) - 1] = waiting
    made._above, made._behind = sorted(made.above), sorted(made.behind)
    return made


_DEEP = 16
"""From this column on, what stands nearly below a comment goes on with it; further left it may belong to the next line."""


def _goes_on(column: int, here: int) -> bool:
    """Whether a comment in this column goes on with one at the end of the line above, in that column."""
    return abs(here - column) <= (2 if column >= _DEEP else 0)


def _add(made: Pieces, kind: str, text: str) -> None:
    kinds = made.kinds
    made.glued.append(text if not kinds or _touch(kinds, kind) else " " + text)
    kinds.append(kind)
    made.texts.append(text)


def _touch(kinds: Sequence[str], kind: str) -> bool:
    """Whether no blank stands between the last of these words and the next one."""
    last = kinds[-1]
    if kind in _NO_BLANK_BEFORE or last in _NO_BLANK_BEHIND:
        return True
    if kind == "OPEN":
        # `replace (…) with …` is a statement where a value may not stand: its first value has a blank before it.
        return last in _CALLED and not (last == "REPLACE" and _begins(kinds))
    if kind == "OPEN_LIST":
        return last in _KEYED
    if last == "MINUS":
        return len(kinds) < 2 or kinds[-2] not in OPERAND_ENDS
    if kind == "DIVIDE":
        return last == "YES" and _of_type(kinds)
    return last == "DIVIDE" and kind == "NO" and kinds[-2] == "YES" and _of_type(kinds[:-1])


def _begins(kinds: Sequence[str]) -> bool:
    """Whether the last word begins a statement."""
    return len(kinds) > 1 and (kinds[-2] in OPERAND_ENDS or kinds[-2] in ("THEN", "OTHERWISE"))


def _of_type(kinds: Sequence[str]) -> bool:
    """Whether the last word is the `yes` of the type `yes/no`."""
    before = kinds[-4:-1]
    return bool(before) and (before[-1] == "OF" or (before[-1] == "IS" and before[-2:-1] in (["NAME"], ["ITEM"])))


def _canonical(kind: str, text: str) -> str:
    if kind in _PHRASES:
        return " ".join(_BLANKS.split(_INNER.sub(" ", text)))
    write = _WRITERS.get(kind)
    return text if write is None else write(text)


def _date(text: str) -> str:
    parts = [int(each) for each in text.replace("/", "-").split("-")]
    year, month, day = (parts[2], parts[0], parts[1]) if "/" in text else parts
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return text


def _time(text: str) -> str:
    return text.rjust(5, "0")


def _money(text: str) -> str:
    return f"{text[:-3].rstrip()} {text[-3:]}"


def _percent(text: str) -> str:
    return text[:-1].rstrip() + "%"


def _duration(text: str) -> str:
    return " ".join(text.split())


_WRITERS = {"DATE": _date, "TIME": _time, "MONEY": _money, "PERCENT": _percent, "DURATION": _duration}
