"""A text as its tokens, comments and blanks included; changes with how the parser cuts texts (knows no block, judges nothing).

Joined, the tokens are the text, whatever the text is. The terminals are those of the parser's own lexer, by their names in
the grammar, so what stands between comments and blanks is what the parser reads. One expression, made at first use, serves
all threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dsl.grammar_tables import lossless

BLANK = "WS"
COMMENT = "COMMENT"
TRIVIA = frozenset({BLANK, COMMENT})
"""What the parser never sees."""


class Token(NamedTuple):
    """One piece of a text: a terminal's name, its letters, and where they stand (offsets in characters, `end` after the last).

    A tuple, not a dataclass, because a file has a hundred thousand of them.
    """

    kind: str
    text: str
    start: int
    end: int


def tokens_of(text: str) -> tuple[Token, ...]:
    """All tokens of a text. Never raises; what fits nothing is `JUNK` (one letter) or `UNCLOSED` (a text without its end)."""
    pattern, words = lossless(BLANK)
    found: list[Token] = []
    new, add, word = tuple.__new__, found.append, words.get
    at = 0
    for match in pattern.finditer(text):
        kind, end, start = match.lastgroup or BLANK, match.end(), match.end(1)
        if start > at:
            add(new(Token, (BLANK, text[at:start], at, start)))
        else:
            start = at
        if start < end:
            letters = text[start:end]
            if kind == "NAME":
                kind = word(letters, kind)
            add(new(Token, (kind, letters, start, end)))
        at = end
    return tuple(found)


def significant(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens that the parser sees."""
    return (each for each in tokens if each.kind not in TRIVIA)
