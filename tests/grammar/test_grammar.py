"""The grammar as data: no conflict, no word read two ways, and help for every word."""

from __future__ import annotations

import logging

import pytest
from lark import Lark, logger

from dsl.lark_tables import build_parser, shared_parser, written
from grammar import grammar_text, tables_text
from grammar.keywords import ITEM_WORDS, KEPT_WORDS, KEYWORDS, PHRASES, RESERVED


def words_of_the_grammar() -> set[str]:
    return {
        terminal.pattern.value
        for terminal in shared_parser().terminals
        if terminal.pattern.type == "str" and terminal.pattern.value.isalpha()
    }


def test_the_grammar_has_no_conflict_that_the_parser_settles_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.propagate = True
    try:
        with caplog.at_level(logging.DEBUG, logger=logger.name):
            Lark(grammar_text(), parser="lalr", lexer="basic", start=["file", "fragment", "noise"], debug=True)
    finally:
        logger.setLevel(level)
    assert not [each.getMessage() for each in caplog.records if "onflict" in each.getMessage()]


def test_the_grammar_builds_in_strict_mode() -> None:
    pytest.importorskip("interegular", reason="Lark's strict mode compares the words of the grammar with interegular")
    assert_shipped(written(build_parser(strict=True)))


def test_the_shipped_tables_are_what_lark_makes_of_the_grammar() -> None:
    assert_shipped(written(shared_parser()))


def assert_shipped(tables: str) -> None:
    """Without a difference of a hundred thousand letters."""
    same = tables == tables_text()
    assert same, "grammar/tables.json is not what grammar/rules.lark makes: run ./dev docs, and commit both"


def test_every_word_of_the_grammar_has_a_line_of_help_and_no_other_word_has() -> None:
    assert words_of_the_grammar() == set(KEYWORDS)
    assert all(help.endswith((".", "…")) for help in KEYWORDS.values())


def test_words_kept_for_later_are_no_words_of_the_grammar_but_are_reserved() -> None:
    assert not KEPT_WORDS & words_of_the_grammar()
    assert KEPT_WORDS | set(ITEM_WORDS) | set(KEYWORDS) <= RESERVED


@pytest.mark.parametrize("phrase", sorted(PHRASES))
def test_words_that_belong_together_are_one_word_to_the_parser(phrase: str) -> None:
    spread = phrase.replace(" ", " // a remark\n  ")
    for text in (phrase, spread):
        tokens = list(shared_parser().lex(text + " "))
        assert len(tokens) == 1
        assert str(tokens[0].type).isupper()


def test_a_path_is_one_word_whatever_its_parts_are() -> None:
    tokens = list(shared_parser().lex("order.end line.then ship_to.state rule order"))
    assert [str(each.type) for each in tokens] == ["PATH", "PATH", "PATH", "RULE", "NAME"]
