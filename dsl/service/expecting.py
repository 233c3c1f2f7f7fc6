"""What may stand at a place of a text, by the grammar; changes with how the parser is asked (knows no field and no name)."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.automaton import accepts, begin, feed
from dsl.grammar_tables import tables
from dsl.tokens import TRIVIA, Token
from grammar.keywords import KEYWORDS, PHRASES

BLOCK_WORDS = frozenset({"RULESET", "USE", "SETTING", "LIST", "TABLE", "FLOW", "RULE", "TEST"})


def block_before(tokens: Sequence[Token], offset: int) -> list[Token]:
    """The tokens of the block that an offset lies in, up to the offset, without blanks and remarks."""
    before = [each for each in tokens if each.kind not in TRIVIA and each.end <= offset]
    for at in range(len(before) - 1, -1, -1):
        if before[at].kind in BLOCK_WORDS and not _is_part(before, at):
            return before[at:]
    return before


def _is_part(tokens: Sequence[Token], at: int) -> bool:
    """`in flow "…"` and `list of text` begin no block, nor does the type `list` of a setting."""
    kind, previous = tokens[at].kind, tokens[at - 1].kind if at else ""
    return (kind == "FLOW" and previous == "IN") or (kind == "LIST" and previous == "IS")


def accepted(block: Sequence[Token], *, fragment: bool = False) -> frozenset[str]:
    """The terminals that may follow these tokens. One that does not fit is passed over: people ask in unfinished texts."""
    shipped = tables()
    start = "fragment" if fragment else "file"
    final, stack = shipped.finals[start], begin(shipped, start)
    for each in block:
        stack = feed(shipped, stack, shipped.number[each.kind], final) or stack
    return frozenset(shipped.terminals[each] for each in accepts(shipped, stack, final))


_PHRASE_TERMINALS = {
    "OR_ELSE": ("or else",),
    "OR_STOP": ("or hold", "or skip", "or fail"),
    "FOR_UP_TO": ("for up to",),
    "UP_TO": ("up to",),
    "WITH_SETTINGS": ("with settings",),
    "EVERY_DAY_AT": ("every day at",),
}


def words_of(terminals: frozenset[str]) -> list[tuple[str, str]]:
    """The words of the language among terminals, each with its line of help, in the alphabet."""
    found = {word: help_line for word, help_line in KEYWORDS.items() if word.upper() in terminals}
    for terminal, phrases in _PHRASE_TERMINALS.items():
        if terminal in terminals:
            found.update({each: PHRASES.get(each, PHRASES["or hold"]) for each in phrases})
    return sorted(found.items())
