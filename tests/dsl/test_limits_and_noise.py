"""Whatever the text: diagnostics in good time, never an exception."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.check import Checked, check_text
from dsl.codes import CODES
from dsl.limits import MAX_FILE_BYTES, MAX_NESTING
from dsl.showing import render
from engine.vocabulary import vocabulary

WORDS = [
    word
    for code in CODES.values()
    for text in (code.right, code.wrong)
    for word in re.findall(r'"[^"\n]*"|\w+(?:\.\w+)*|[^\s\w]', text[:2000])
]
RIGHT = [each.right for each in CODES.values() if each.right and len(each.right) < 2000]


def looked_at(text: str) -> Checked:
    checked = check_text(text, file="f", schema=vocabulary())
    for each in checked.diagnostics:
        assert each.code in CODES
        assert render(each, checked.sources)
        assert 0 <= each.start.offset <= each.end.offset <= max(len(checked.sources[each.file].text), 0)
        assert each.as_json()["code"] == each.code
    assert checked.ok is (checked.ruleset is not None)
    return checked


@given(st.text(max_size=200))
@settings(max_examples=150)
def test_any_characters_give_diagnostics(text: str) -> None:
    looked_at(text)


@given(st.lists(st.sampled_from(WORDS), max_size=60))
@settings(max_examples=150)
def test_any_row_of_words_gives_diagnostics(words: list[str]) -> None:
    looked_at(" ".join(words))


@given(st.sampled_from(RIGHT), st.integers(0, 2**32))
@settings(max_examples=200)
def test_files_with_words_swapped_dropped_and_doubled_give_diagnostics(text: str, seed: int) -> None:
    chance = random.Random(seed)
    words = re.findall(r'"(?:[^"\n]|"")*"|\w+(?:\.\w+)*|\s+|[^\s\w]', text)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(words))
        words[at : at + chance.randint(0, 2)] = [chance.choice(WORDS)] * chance.randint(0, 2)
        words = words or [" "]
    looked_at("".join(words))


RULE = 'rule "a" for order '


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (RULE + "when " + "(" * 20000 + "order.paid" + ")" * 20000 + ' then tag "x" end', "R113"),
        (RULE + "when " + "not " * 20000 + 'order.paid then tag "x" end', "R113"),
        (RULE + "then set books.date to " + "-" * 5000 + "1 end", "R113"),
        (RULE + "then set books.memo to " + "[" * 5000 + "]" * 5000 + " end", "R113"),
        (RULE + "then set line.quantity to " + "1 + " * 5000 + "1 end", "R118"),
        (RULE + "then set books.memo to " + '"a" or else ' * 5000 + '"a" end', "R118"),
        (RULE + "then set line.quantity to " + "9" * 100_000 + " end", "R117"),
        (RULE + "when order.date is after today - " + "9" * 50 + ' days then tag "x" end', "R117"),
        ("x" * (MAX_FILE_BYTES + 1), "R114"),
        ("é" * (MAX_FILE_BYTES // 2 + 1), "R114"),
        ("#" * 100_000, "R104"),
        ('"' * 100_001, "R103"),
        (RULE + 'then tag "' + "{" * 10_001 + '" end', "R106"),
        ("\x00", "R104"),
        ("\ud800", "R104"),
    ],
    ids=lambda value: value if len(value) == 4 else value[:24],
)
def test_texts_beyond_a_limit_say_which(text: str, code: str) -> None:
    assert code in [each.code for each in looked_at(text).diagnostics]


def test_nesting_up_to_the_limit_is_fine() -> None:
    deep = "(" * MAX_NESTING + "order.paid" + ")" * MAX_NESTING
    assert not looked_at(f'{RULE}when {deep} then tag "x" end').diagnostics
    assert [each.code for each in looked_at(f'{RULE}when ({deep}) then tag "x" end').diagnostics] == ["R113"]


def test_texts_within_texts_count_as_nesting() -> None:
    text = "order.number"
    for _ in range(6):
        text = '"{' + text.replace('"', '""') + '}"'
    assert not looked_at(f"{RULE}then tag {text} end").diagnostics


def test_more_rules_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch, check: Callable[..., Checked]) -> None:
    monkeypatch.setattr("dsl.check.MAX_RULES", 3)
    rules = [f'rule "{each}" for order then tag "{each}" end' for each in range(4)]
    assert not check(" ".join(rules[:3])).diagnostics
    assert [each.code for each in check(" ".join(rules)).diagnostics] == ["R115"]


def test_more_rows_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch, check: Callable[..., Checked]) -> None:
    monkeypatch.setattr("dsl.check.tables.MAX_TABLE_ROWS", 3)
    text = 'table t from "t.csv" a -> b end rule "R" for order then set books.class to lookup t(order.store) end'
    rows = [f"k{each},v" for each in range(4)]
    assert not check(text, tables={"t.csv": "\n".join(["a,b", *rows[:3]])}).diagnostics
    assert [each.code for each in check(text, tables={"t.csv": "\n".join(["a,b", *rows])}).diagnostics] == ["R116"]


def test_what_was_meant_is_looked_for_with_bounded_effort(
    monkeypatch: pytest.MonkeyPatch, check: Callable[..., Checked]
) -> None:
    monkeypatch.setattr("dsl.report._MOST_WORDS_COMPARED", 1)
    rule = 'rule "{0}" for order when order.store is one of shps then tag "x" end '
    found = check('list shops is ["a"] ' + "".join(rule.format(each) for each in "ABC")).diagnostics
    assert [each.code for each in found] == ["R202"] * 3
    assert [each.label for each in found] == ["did you mean `shops`?", "", ""]
