"""A text as its tokens, comments and blanks included; changes with how the parser cuts texts (knows no block, judges nothing).

Joined, the tokens are the text, whatever the text is. The terminals are those of the parser's own lexer, by their names in
the grammar, so what stands between comments and blanks is what the parser reads. One expression, made at first use, serves
all threads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from lark.lexer import PatternStr, TerminalDef

from dsl.parse import shared_parser

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
    pattern, words = _lexing()
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


@cache
def _lexing() -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds blanks with the token behind them, and the words of the language with their terminals."""
    parser = shared_parser()
    terminals = sorted(parser.terminals, key=_rank)
    words = {each.pattern.value: each.name for each in terminals if _is_word(each)}
    tried = [each for each in terminals if each.name != BLANK and not _is_word(each)]
    blank = next(each for each in terminals if each.name == BLANK)
    return re.compile(f"{_group(blank)}?+(?:{'|'.join(map(_group, tried))}|\\Z)"), words


def _is_word(terminal: TerminalDef) -> bool:
    return isinstance(terminal.pattern, PatternStr) and terminal.pattern.value.isalpha()


def _rank(terminal: TerminalDef) -> tuple[int, int, int, str]:
    """The order in which Lark's basic lexer tries them."""
    return -terminal.priority, -terminal.pattern.max_width, -len(terminal.pattern.value), terminal.name


def _group(terminal: TerminalDef) -> str:
    return f"(?P<{terminal.name}>{terminal.pattern.to_regexp()})"
