"""What each piece of a file is, for editors that colour it; changes with the kinds that are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dsl.service.occurrences import occurrences
from dsl.service.view import View
from dsl.tokens import TRIVIA
from grammar.keywords import ITEM_WORDS

KINDS = (
    "keyword", "comment", "string", "number", "property", "variable", "enum", "struct", "function", "class", "namespace",
    "type", "operator",
)  # fmt: skip
"""The kinds, by the names that the language server protocol gives them: a field is a property, a setting a variable, a list
an enum, a table a struct, a title a class, a pack a namespace."""

_OF_TARGET = {
    "field": "property", "setting": "variable", "list": "enum", "table": "struct", "column": "property",
    "function": "function", "rule": "class", "flow": "class", "test": "class", "pack": "namespace", "option": "property",
}  # fmt: skip
_OF_TERMINAL = {
    "COMMENT": "comment", "STRING": "string", "UNCLOSED": "string", "NUMBER": "number", "PERCENT": "number",
    "MONEY": "number", "DATE": "number", "TIME": "number", "DURATION": "number", "PATH": "property", "ITEM": "type",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coloured:
    """A stretch and its kind. Stretches do not overlap and stand in the order of the text; one that spans lines is cut."""

    start: int
    end: int
    kind: str
    declares: bool = False


def colours(view: View) -> tuple[Coloured, ...]:
    """The whole file in its kinds, blanks left out. Names in a text's braces are coloured as what they name."""
    found: list[Coloured] = []
    named = [each for each in occurrences(view) if each.end > each.start]
    place = 0
    for token in view.tokens:
        while place < len(named) and named[place].end <= token.start:
            place += 1
        inner = []
        at = place
        while at < len(named) and named[at].start < token.end:
            inner.append(named[at])
            at += 1
        kind = _kind(token.kind, token.text)
        if token.kind == "WS":
            continue
        position = token.start
        for each in inner:
            if each.start < position or each.end > token.end:
                continue
            if each.start > position:
                found += _pieces(view.text, position, each.start, kind)
            found += _pieces(view.text, each.start, each.end, _OF_TARGET[each.target.kind], declares=each.declares)
            position = each.end
        found += _pieces(view.text, position, token.end, kind)
    return tuple(found)


def _kind(terminal: str, text: str) -> str:
    if terminal in _OF_TERMINAL:
        return _OF_TERMINAL[terminal]
    if terminal in ("NAME", "COLUMN"):
        return "variable"
    if terminal in TRIVIA or terminal == "JUNK":
        return ""
    if text[:1].isalpha():
        return "type" if text in ITEM_WORDS else "keyword"
    return "operator"


def _pieces(text: str, start: int, end: int, kind: str, *, declares: bool = False) -> Iterator[Coloured]:
    """A stretch, line by line."""
    at = start
    while kind and at < end:
        line_end = text.find("\n", at, end)
        until = end if line_end < 0 else line_end
        if until > at:
            yield Coloured(at, until, kind, declares)
        at = until + 1
