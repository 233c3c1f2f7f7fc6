"""Every message is in the words of people who keep books: no name of the grammar, no word of a programming language.

Hundreds of broken files (mended samples, canned rule sets and the forms of the language with words swapped, dropped, doubled or
misspelt) are checked, and so are the texts of all pages.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

import pytest

from dsl.check import Checked
from dsl.codes import CODES
from dsl.diagnostics import Diagnostic
from engine.rulesets import CannedRuleSets
from grammar import grammar_text

#: Terminals as the grammar calls them; one that is also written in capitals by people (a state, a currency) is left out.
TERMINALS = set(re.findall(r"^([A-Z][A-Z_]{2,})(?:\.\d+)?\s*:", grammar_text(), re.M)) - {"AND", "OR", "NOT", "END"}
RULES = set(re.findall(r"^[?!]*([a-z]+(?:_[a-z]+)+)(?:\.\d+)?\s*:", grammar_text(), re.M))
PROGRAMMERS = re.compile(
    r"\b(?:None(?! of )|True|False|NoneType|Decimal|Exception|Traceback|Error:|tuple|dict|str|int|bool|float|null pointer|NaN|"
    r"self|lambda|frozenset|object at|dsl\.|token|terminal|nonterminal|parser?|AST|lexer|syntax|identifier|literal|"
    r"(?<!regular )expression|operand|boolean|string|integer|argument type|regex|unexpected)\b|<[a-z]+ |\b__\w+|\$END|ANON"
)
#: What a message quotes from the file, between backquotes or quotes: these are the person's own words.
QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"")
PIECES = re.compile(r'"(?:[^"\n]|"")*"|\w+(?:\.\w+)*|\s+|[^\s\w]')

CANNED = [
    text
    for name in CannedRuleSets().names()
    for version in CannedRuleSets().versions(name)
    if (text := CannedRuleSets().find(name, version)) is not None
]
TEXTS = [code.right for code in CODES.values() if code.huge is None and len(code.right) < 2000] + CANNED
STRAYS = sorted(
    {piece for text in TEXTS for piece in PIECES.findall(text) if piece.strip()}
    | set("#$;:{}()[]=\"'“–\u00a0|,.*/&!")
    | {"==", "!=", "&&", "->", "if", "else", "null", "true", "remove", "dollars", "31.1.2026"}
)


def broken(seed: int) -> str:
    chance = random.Random(seed)
    pieces = PIECES.findall(chance.choice(TEXTS))
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(pieces))
        match chance.randrange(5):
            case 0:
                pieces[at] = chance.choice(STRAYS)
            case 1:
                del pieces[at]
                pieces = pieces or [" "]
            case 2:
                pieces.insert(at, f" {pieces[at]} ")
            case 3:
                pieces.insert(at, f" {chance.choice(STRAYS)} ")
            case _:
                word = pieces[at]
                place = chance.randrange(len(word))
                pieces[at] = word[:place] + chance.choice('aeioux_."') + word[place + 1 :]
    return "".join(pieces)


def words_of(diagnostic: Diagnostic) -> Iterator[str]:
    yield diagnostic.message
    yield diagnostic.label
    yield diagnostic.help
    for each in diagnostic.related:
        yield each.message
    for fix in diagnostic.fixes:
        yield fix.title.partition(" to ")[0].partition("Write ")[0]


def unfit(words: str) -> list[str]:
    """What in a message no bookkeeper says."""
    said = QUOTED.sub("…", words)
    found = [each for each in re.findall(r"\b[A-Z][A-Z_]{2,}\b", said) if each in TERMINALS]
    found += [each for each in re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", said) if each in RULES]
    return found + [each[0] for each in PROGRAMMERS.finditer(said)]


def test_the_words_that_are_looked_for_are_those_of_the_grammar() -> None:
    assert {"STRING", "OR_ELSE", "CLOSE_LIST", "UNTIL"} <= TERMINALS
    assert len(RULES) > 15
    assert unfit("expected STRING") == ["STRING"]
    assert unfit("a flow_clause of None") != []
    assert unfit('expected a text, found `STRING`, in "None"') == []


@pytest.mark.parametrize("group", range(20))
def test_broken_files_are_told_in_words_for_people(group: int, check: Callable[[str], Checked]) -> None:
    for seed in range(group * 25, group * 25 + 25):
        text = broken(seed)
        for diagnostic in check(text).diagnostics:
            for words in words_of(diagnostic):
                assert not unfit(words), (words, text)
                assert not words.endswith("."), words
                assert "  " not in QUOTED.sub("…", words), words
            assert diagnostic.message
            assert (
                diagnostic.message[0] == diagnostic.message[0].lower()
                or not diagnostic.message[0].isalpha()
                or (diagnostic.message.split(" ")[0].isupper())
            ), diagnostic.message


@pytest.mark.parametrize("number", list(CODES))
def test_pages_are_in_words_for_people(number: str) -> None:
    code = CODES[number]
    for words in (code.title, code.meaning, code.why):
        assert not unfit(words), words
    assert not code.title.endswith(".")
    assert code.meaning.endswith((".", ")"))
    assert code.why.endswith((".", "!", "?"))
