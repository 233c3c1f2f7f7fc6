"""Tokens with comments and blanks: joined they are the text, and without those they are what the parser reads."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.lark_tables import shared_parser
from dsl.tokens import TRIVIA, Token, significant, tokens_of

ROOT = Path(__file__).parents[2]
PIECES = (
    "rule", "ruleset", "when", "order.number", "order", "line", "lines", "linen", "or", "else", "hold", "for", "up", "to",
    "up to", "or else", "for up to", "every day at", "with settings", "or // why\n else", "or elsewhere", "settings", "every",
    "12", "12.50", "12.50 USD", "12.50USD", "USD", "7.5%", "7 %", "2026-01-31", "1/2/2026", "6:00", "30 days", "30  day",
    "30 days.", "minutes", '"a"', '""', '"a""b"', '"', '"a', "// x", "//", "/", "->", "-", ">", ">=", "=", "<", "<=", "|",
    "(", ")", "[", "]", ",", ".code", ".", "#", "$", "\ufeff", "\u00a0", "\u3000", " ", "  ", "\t", "\n", "\r\n", "\r", "\f",
    "é", "_a", "A1", "end", "END", "no", "yes/no", "{", "}", "\x00", "\u200b", "1.", "1.5.2",
)  # fmt: skip
ANY_TEXT = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
RULE_SETS = sorted(path for folder in ("rulesets", "tests") for path in (ROOT / folder).rglob("*.rules"))


def as_parsed(text: str) -> list[tuple[str, str, int]]:
    reading: Any = shared_parser().parse_interactive(text, start="file")
    return [(each.type, str(each), each.start_pos or 0) for each in reading.lexer_thread.lex(reading.parser_state)]


def as_seen(text: str) -> list[tuple[str, str, int]]:
    return [(each.kind, each.text, each.start) for each in significant(tokens_of(text))]


@given(ANY_TEXT)
@settings(max_examples=200, deadline=None)
def test_joined_they_are_the_text_and_each_says_where_it_stands(text: str) -> None:
    tokens = tokens_of(text)
    assert "".join(each.text for each in tokens) == text
    at = 0
    for each in tokens:
        assert each.text
        assert (each.start, each.end) == (at, at + len(each.text))
        at = each.end


@given(ANY_TEXT)
@settings(max_examples=200, deadline=None)
def test_without_comments_and_blanks_they_are_the_terminals_of_the_parser(text: str) -> None:
    assert as_seen(text) == as_parsed(text)


def test_every_rule_set_of_the_project_gives_the_terminals_of_the_parser() -> None:
    assert len(RULE_SETS) > 10
    for path in RULE_SETS:
        text = path.read_text(encoding="utf-8")
        assert as_seen(text) == as_parsed(text), path


def test_comments_and_blanks_are_tokens_of_their_own() -> None:
    assert tokens_of("end // why\n\n") == (
        Token("END", "end", 0, 3),
        Token("WS", " ", 3, 4),
        Token("COMMENT", "// why", 4, 10),
        Token("WS", "\n\n", 10, 12),
    )
    assert {each.kind for each in tokens_of(" // a\n // b")} == TRIVIA


def test_no_text_is_no_token() -> None:
    assert tokens_of("") == ()


def test_threads_share_what_finds_them() -> None:
    texts = [path.read_text(encoding="utf-8") for path in RULE_SETS]
    expected = [tokens_of(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            assert list(pool.map(tokens_of, texts)) == expected
