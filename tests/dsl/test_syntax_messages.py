"""What is said of texts that cannot be read: one finding, in words, at the place that is wrong."""

from __future__ import annotations

import pytest

from dsl.parse import parse_text
from grammar.keywords import KEYWORDS
from tests.dsl.edits import apply_edits

R = 'rule "A" for order '


@pytest.mark.parametrize("sign", [";", ",", " and"])
def test_signs_between_statements_are_taken_out(sign: str) -> None:
    text = f'{R}then tag "a"{sign} tag "b" end'
    found = parse_text(text, file="f").diagnostics
    assert "not needed between statements" in found[0].message
    mended = apply_edits(text, found[0].fixes[0].edits)
    assert parse_text(mended, file="f").diagnostics == ()


def test_a_letter_that_cannot_be_seen_is_named_and_taken_out() -> None:
    text = f'{R}when order\u200b.number is "x" then skip "x" end'
    found = parse_text(text, file="f").diagnostics
    assert "zero width space" in found[0].message
    assert parse_text(apply_edits(text, found[0].fixes[0].edits), file="f").diagnostics == ()


@pytest.mark.parametrize("blank", ["\u00a0", "\u2009", "\u202f", "\t", "\r\n", "\r"])
def test_blanks_of_any_kind_are_blanks(blank: str) -> None:
    text = ['rule "A" for order when order.total is more than 5 USD', ' hold "x" for up to 30 days end']
    if blank.strip("\r\n"):
        text = [each.replace(" ", blank) for each in text]
    assert parse_text(f"{blank}then".join(text), file="f").diagnostics == ()


@pytest.mark.parametrize("written", ["“a b”", "'a b'", "„a b“", "«a b»", "`a b`"])
def test_other_quotes_are_explained_and_changed_on_both_sides(written: str) -> None:
    text = f"{R}then skip {written} end"
    found = parse_text(text, file="f").diagnostics
    assert [each.code for each in found] == ["R104"]
    assert 'straight double quotes: "like this"' in found[0].help
    assert apply_edits(text, found[0].fixes[0].edits) == f'{R}then skip "a b" end'


def test_no_message_names_a_terminal_of_the_grammar() -> None:
    """Cuts a file after every word and puts a wrong one there: whatever comes out is in people's words."""
    text = (
        'rule "A" off note "n" for each line in order.lines where line.sku is "a" when not (line.quantity > 5) then '
        'set line.item to left(line.sku, 3) or hold "h" otherwise skip line "s" end table t a | b -> c "x" | any -> 1 end '
        'flow "F" from a to b sync orders every 30 minutes notify "n" on hold, failure with record_as = invoice end '
        'test "T" given order from "f" order.number = "1" line sku = "A" on 2026-01-31 expect line 1 sku is "a" end '
        'use "p" version "1" as s set a to 1 turn off "t" end setting s is list of text default ["a"] list l is [1]'
    )
    words = text.split(" ")
    terminals = {
        "NAME",
        "STRING",
        "PATH",
        "ITEM",
        "NUMBER",
        "COLUMN",
        "OR_STOP",
        "UP_TO",
        "$END",
        "JUNK",
        "OPEN",
        "CLOSE",
    }
    for at in range(len(words)):
        for wrong in ("", "zzz" if at % 2 else '"text"', "]" if at % 2 else "5"):
            parsed = parse_text(" ".join([*words[:at], wrong, *words[at + 1 :]]), file="f")
            for found in parsed.diagnostics:
                said = f"{found.message} {found.label} {found.help}"
                assert not terminals & set(said.replace("`", " ").replace(",", " ").split()), said
                assert "expected ," not in said
                assert found.message


@pytest.mark.parametrize("word", sorted(KEYWORDS))
def test_no_word_of_the_language_can_be_the_name_of_a_setting(word: str) -> None:
    parsed = parse_text(f"setting {word} is text", file="f")
    assert [each.code for each in parsed.diagnostics] in (["R101"], ["R102"])
    assert not parsed.whole


@pytest.mark.parametrize("start", ["rule ", R + "when ", "setting ", "flow "])
def test_no_message_is_longer_than_people_read(start: str) -> None:
    for piece in ("xyz", "x y ", "1,", "оr", '"a", ', "- "):
        found = parse_text(start + piece * 20_000, file="f").diagnostics[0]
        said = [found.message, found.label, found.help, *(fix.title for fix in found.fixes)]
        assert max(map(len, said)) < 300, said[0][:80]
