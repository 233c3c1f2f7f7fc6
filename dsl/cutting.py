"""Cuts a file into pieces at the words that begin a block; changes when the language gains a block (reads none of them).

A piece begins at such a word where it stands first on its line and goes up to the next one, so it holds one block with the
comments behind it, as people write files; where they do not, it holds several. What stands before the first block is a piece
too. Read one by one, pieces say what the whole file says: the words that begin blocks mean nothing else at the start of a
line, but for `list of` and `in flow`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_BLANK = r"[ \t\r\f\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff]"
_REST = r"(?![A-Za-z0-9_]|\.[A-Za-z_])"
_BEGINS = re.compile(
    rf"^{_BLANK}*(ruleset|use|setting|table|flow|rule|test|list(?!(?:\s|//[^\n]*\n)+of(?![A-Za-z0-9_]))){_REST}",
    re.MULTILINE,
)
_IN = re.compile(r"(?<![A-Za-z0-9_.])in(?:\s|//[^\n]*\n)*\Z")
_FAR = 400


class Cut(NamedTuple):
    """A piece: its text, where it begins, and the beginning of the next one up to the word that begins a block ("" at the end)."""

    text: str
    start: int
    follow: str


def cut(text: str) -> list[Cut]:
    """The pieces of a file; joined, their texts are the file. At least one."""
    starts: list[int] = []
    follows: list[str] = []
    for match in _BEGINS.finditer(text):
        start = match.start()
        if match[1] == "flow" and _IN.search(text, max(0, start - _FAR), start):
            continue
        starts.append(start)
        follows.append(match[0])
    if not starts or starts[0] > 0:
        starts.insert(0, 0)
        follows.insert(0, "")
    ends = [*starts[1:], len(text)]
    return [
        Cut(text[start:end], start, follow) for start, end, follow in zip(starts, ends, [*follows[1:], ""], strict=True)
    ]
