"""How many columns of a terminal a text takes; changes with what terminals do to letters (draws nothing).

Facts: East Asian Width (Unicode Annex 11) makes W and F two columns; combining marks, joiners and variation selectors take
none; a sequence that is joined (a family, a flag, a hand with its colour) is one picture of two columns. Terminals differ
over the newest pictures; where they do, one column more or less is the worst that happens.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

TAB = 4
"""A tab goes to the next column of this many."""

_JOINER = "\u200d"
_PICTURE = "\ufe0f"
_SHADES = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)
_TAGS = range(0xE0020, 0xE0080)


def clusters(text: str) -> Iterator[str]:
    """The text cut into what a reader sees as one letter: a base with all that is put onto it."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not _goes_on(text, start, at):
            yield text[start:at]
            start = at


def _goes_on(text: str, start: int, at: int) -> bool:
    letter, before = text[at], text[at - 1]
    if _takes_no_column(letter) or ord(letter) in _SHADES:
        return before not in "\t\r\n"
    if before == _JOINER:
        return _wide(letter) or unicodedata.category(letter) == "So"
    if ord(letter) in _FLAGS and ord(before) in _FLAGS:
        return (at - start) % 2 == 1
    return False


def width(cluster: str) -> int:
    """The columns of one cluster, as it is shown (see `shown`)."""
    if not cluster:
        return 0
    if cluster[0] == "\t" or _mark(cluster[0]):
        return 1
    if _PICTURE in cluster or (ord(cluster[0]) in _FLAGS and len(cluster) > 1):
        return 2
    return max((2 if _wide(each) else 0 if _takes_no_column(each) else 1) for each in cluster)


def columns(text: str) -> int:
    """The columns of a whole text without tabs."""
    return sum(width(each) for each in clusters(text))


def shown(cluster: str) -> str:
    """The cluster as it may be sent to a terminal: what would move the cursor, or hide, is a replacement mark."""
    first = cluster[0]
    if _mark(first):
        return "\u25cc" + cluster
    if first == " " or first.isprintable():
        return "".join(each for each in cluster if each.isprintable() or each in (_JOINER, _PICTURE) or _tag(each))
    return " " if unicodedata.category(first) == "Zs" else "\ufffd"


def _mark(letter: str) -> bool:
    """A mark that has nothing to stand on: it is shown on a dotted circle."""
    return unicodedata.category(letter) in ("Mn", "Me")


def _tag(letter: str) -> bool:
    return ord(letter) in _TAGS


def _wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in ("W", "F")


def _takes_no_column(letter: str) -> bool:
    return unicodedata.category(letter) in ("Mn", "Me") or letter in (_JOINER, "\ufe0e", _PICTURE) or _tag(letter)
