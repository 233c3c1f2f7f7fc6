"""engine/coverage.py and cli/test.py: what tests look at, and what they do not"""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

import cli.test
from dsl.resolved import ResolvedRuleSet
from engine.coverage import Coverage, Seen, coverage, run_watched
from engine.rule_tests import ready_tests
from tests.knowing.conftest import resolved

TODAY = date(2026, 11, 20)
RULES = """list cards is ["visa", "amex"]

table code
  state | paid -> code
  "MD"  | yes -> "Maryland"
  "VA"  | any -> "Virginia"
  otherwise   -> missing
end

rule "Code"
  for order
  when order.currency is "USD" and not order.store is "Amazon"
  then set books.tax_code to lookup code(ship_to.state, order.paid) or hold "No code"
  otherwise log "abroad"
end

rule "Lines"
  for each line in order.lines where line.sku starts with "A-"
  when line.quantity is more than 2 or some payment in order.payments where (payment.method is one of cards)
  then set line.class to if(line.amount is more than 10, "Dear", "Cheap")
  otherwise set line.class to "None"
end
"""


def seen_by(tests: str) -> Coverage:
    ruleset = resolved(RULES + tests)
    return coverage(ruleset, watched(ruleset))


def watched(ruleset: ResolvedRuleSet) -> Seen:
    seen = Seen()
    for ready in ready_tests(ruleset, today=TODAY):
        result, recording = run_watched(ready)
        assert result.passed, result.failures
        assert recording is not None
        seen.add(recording)
    return seen


def missing(found: Coverage) -> dict[str, tuple[str, ...]]:
    return {each.words: each.missing for each in found.missing}


FIRST = (
    'test "A" given order ship_to.state = "VA" line sku = "A-1" amount = 20 USD'
    ' expect books.tax_code is "Virginia" end\n'
)
ABROAD = (
    'test "B" given order order.currency = "EUR" line sku = "B" quantity = 3 amount = 2 EUR'
    " expect books.tax_code is missing end\n"
)
UNKNOWN = 'test "C" given order ship_to.state = "TX" expect held "No code" end\n'
MANY = (
    'test "D" given order ship_to.state = "MD" order.paid = yes line sku = "A-1" quantity = 3 amount = 200 USD'
    ' expect line 1 class is "Dear" end\n'
)


def test_without_tests_nothing_is_covered() -> None:
    found = seen_by("")
    assert found.percent == 0
    assert found.count("rule") == (0, 2)
    assert found.count("row") == (0, 3)


def test_what_one_test_leaves_out_is_named_with_its_place() -> None:
    found = seen_by(FIRST)
    points = {each.words: each for each in found.missing}
    assert points['order.currency is "USD"'].missing == ("no",)
    assert (points["Lines"].missing, points["Lines"].line) == (("fired",), 17)
    assert points['line.sku starts with "A-"'].missing == ("no",)
    assert points["payment.method is one of cards"].missing == ("yes", "no")
    assert points["line.amount is more than 10"].missing == ("yes", "no")
    assert points['or hold "No code"'].missing == ("ran",)
    assert (points['"MD" | yes -> "Maryland"'].kind, points['"MD" | yes -> "Maryland"'].line) == ("row", 5)
    assert points["otherwise"].missing == ("answered",)
    assert 'set line.class to "None"' not in points


def test_more_tests_cover_more_until_nothing_is_left_but_what_none_reaches() -> None:
    percents = [
        seen_by(tests).percent
        for tests in (FIRST, FIRST + ABROAD, FIRST + ABROAD + UNKNOWN, FIRST + ABROAD + UNKNOWN + MANY)
    ]
    assert percents == sorted(set(percents))
    left = missing(seen_by(FIRST + ABROAD + UNKNOWN + MANY))
    assert left == {
        'order.store is "Amazon"': ("yes",),
        "some payment in order.payments where (payment.method is one of cards)": ("yes",),
        "payment.method is one of cards": ("yes", "no"),
        "line.amount is more than 10": ("no",),
    }


def test_looking_for_words_covers_nothing() -> None:
    """What explaining evaluates, no rule asked for."""
    ruleset = resolved('rule "R" for order when order.paid is yes and order.total > 5 then tag "x" end\n'
                       'test "T" given order order.total = 9 USD expect fired "R" end')  # fmt: skip
    (ready,) = ready_tests(ruleset, today=TODAY)
    result, recording = run_watched(ready)
    assert not result.passed
    assert recording is not None
    seen = Seen()
    seen.add(recording)
    assert missing(coverage(ruleset, seen))["order.total > 5"] == ("yes", "no")


def test_rules_of_packs_are_not_the_file_s_to_cover() -> None:
    ruleset = resolved(
        'use "orders/replace_hash" version "1.0" as hash end\n'
        + FIRST.replace('books.tax_code is "Virginia"', "not held")
    )
    assert coverage(ruleset, Seen()).points == ()


def test_a_minimum_that_is_not_reached_makes_the_exit_code_one(type_: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "web.rules"
    file.write_text(RULES + FIRST)
    percent = json.loads(type_(cli.test, file, "--coverage", "--format", "json").stdout)["coverage"]["percent"]
    assert 30 < percent < 70
    assert type_(cli.test, file, "--minimum", percent).exit_code == 0
    short = type_(cli.test, file, "--minimum", percent + 0.1)
    assert short.exit_code == 1
    assert f"covered: {percent:g} % of at least {percent + 0.1:g} %" in short.stdout


@pytest.mark.parametrize(
    ("expect", "drawn"),
    [
        ('books.class is "Big"', ['books.class is "Big"', "└ not set"]),
        (
            "ship_to.state is bill_to.state",
            ["ship_to.state is bill_to.state", "│                └ MD", "└ VA"],
        ),
        ('line 1 sku is "B"', ['sku is "B"', "└ A"]),
        ("line count is 2", ["line count is 2", "└ 1"]),
        ("document total is 6 USD", ["document total is 6 USD", "└ 5.00 USD"]),
    ],
)
def test_a_failing_test_shows_the_value_under_each_part(
    expect: str, drawn: list[str], type_: Callable[..., Result], tmp_path: Path
) -> None:
    file = tmp_path / "web.rules"
    given = 'order.paid = yes ship_to.state = "VA" bill_to.state = "MD" line sku = "A" amount = 5 USD'
    file.write_text(f'rule "R" for order then tag "x" end\ntest "T" given order {given} expect {expect} end\n')
    done = type_(cli.test, file)
    assert done.exit_code == 1
    assert "\n".join(f"          {line}" for line in drawn) in done.stdout
