"""Functions of the language: their examples run, and what examples cannot show."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dsl.check import check_text
from dsl.functions import REGISTRY
from dsl.functions.dates import parse_date
from dsl.functions.function import Example, Function
from dsl.functions.numbers import parse_number
from dsl.functions.text import compiled_pattern, substitution
from dsl.program import compile_ruleset
from dsl.types import ANY, MONEY, NUMBER, TEXT
from dsl.values import EvaluationFailure
from engine.vocabulary import vocabulary

SCHEMA = vocabulary()
EXAMPLES = [(function, example) for function in REGISTRY.values() for example in function.examples]


def said(expression: str) -> tuple[Any, str]:
    """What an expression comes to, written into a text by the walker and by generated code."""
    hole = expression.replace('"', '""')
    text = f'rule "A" for order then log "{{{hole}}}" end'
    checked = check_text(text, file="example.rules", schema=SCHEMA)
    assert checked.ruleset is not None, [each.message for each in checked.diagnostics]
    program = compile_ruleset(checked.ruleset)
    record: dict[str, Any] = {root: {} for root in ("order", "customer", "bill_to", "ship_to", "books")}
    record["order"]["currency"] = "USD"
    walked = program.walk(record, today=date(2026, 1, 31))
    generated = program.run_generated(record, today=date(2026, 1, 31))
    assert walked == generated
    return walked.outcome, walked.log[0][1]


@pytest.mark.parametrize(("function", "example"), EXAMPLES, ids=[f"{each.call}" for _, each in EXAMPLES])
def test_an_example_gives_what_it_says(function: Function, example: Example) -> None:
    result = "(not set)" if example.result == "missing" else said(example.result)[1]
    assert said(example.call) == ("sync", result)


@pytest.mark.parametrize("function", REGISTRY.values(), ids=list(REGISTRY))
def test_every_function_says_what_it_is_for(function: Function) -> None:
    assert function.sentence.endswith(".")
    assert function.examples or function.needs_today
    assert all(parameter.help for parameter in function.parameters)
    required = [not parameter.optional for parameter in function.parameters]
    assert required == sorted(required, reverse=True)
    assert all(not parameter.repeated for parameter in function.parameters[:-1])


def test_today_is_the_day_of_the_run() -> None:
    assert said("today") == ("sync", "2026-01-31")


def test_arities_and_types_of_calls() -> None:
    assert (REGISTRY["left"].fewest, REGISTRY["left"].most) == (1, 2)
    assert (REGISTRY["min"].fewest, REGISTRY["min"].most) == (1, None)
    assert REGISTRY["left"].signature == "left(text, [length])"
    assert REGISTRY["max"].result_type([NUMBER, MONEY]) == MONEY
    assert REGISTRY["if"].result_type([ANY, TEXT, TEXT]) == TEXT
    assert REGISTRY["round"].result_type([MONEY, NUMBER]) == MONEY
    assert REGISTRY["max"].parameter(5) == REGISTRY["max"].parameters[-1]
    assert REGISTRY["upper"].parameter(1) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234.50", "1234.50"),
        (" -3 ", "-3"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+7", "7"),
        ("1,23", None),
        ("1e5", None),
        ("", None),
        ("-", None),
        (".", None),
        ("12 USD", None),
        ("\u0661", None),
        ("9" * 41, None),
        ("NaN", None),
    ],
)
def test_numbers_are_read_as_people_type_them(text: str, number: str | None) -> None:
    assert parse_number(text) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-1-5", date(2026, 1, 5)),
        ("01/31/2026", date(2026, 1, 31)),
        ("2026-01-31T10:00:00Z", date(2026, 1, 31)),
        ("31/01/2026", None),
        ("2026-02-30", None),
        ("0000-01-01", None),
        ("tomorrow", None),
    ],
)
def test_dates_are_read_as_files_write_them(text: str, day: date | None) -> None:
    assert parse_date(text) == day


def test_a_pattern_that_is_none_is_a_failure_in_words() -> None:
    with pytest.raises(EvaluationFailure) as raised:
        compiled_pattern("(")
    assert raised.value.code == "E204"
    assert "missing" in raised.value.message


@pytest.mark.parametrize("pattern", ["[^0-9+]", "[a-z]+", "[A-Za-z0-9 ]", "(a|b)+", "x*", "[\\d]", "[^\\w]"])
@pytest.mark.parametrize("text", ["+1 (410) 555-0100", "abc ABC", "", "\u00e9x\u00e9", "a\nb"])
def test_the_quick_engine_replaces_as_re2_does(pattern: str, text: str) -> None:
    assert substitution(pattern)("-", text) == compiled_pattern(pattern).sub("-", text)


def test_a_backslash_in_the_new_text_stays_one() -> None:
    assert substitution("[0-9]")("\\1", "a1") == "a\\1"
    assert substitution("([0-9])")("\\1", "a1") == "a\\1"
