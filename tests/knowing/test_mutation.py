"""engine/mutants.py and engine/mutation.py: the slips that tests notice, and those that nobody would"""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

import cli.test
from bench.large import text as large
from engine.mutants import mutants_of
from engine.mutation import Trial, mutate, mutation
from engine.rule_tests import run_tests
from tests.knowing.conftest import ROOT, compiled, resolved

TODAY = date(2026, 11, 20)
RULES = """list kinds is ["gift", "sample", "GIFT"]

table code
  state -> code
  "MD"  -> "Maryland"
  "VA"  -> "Virginia"
  "TX"  -> "Texas"
  otherwise -> "Texas"
end

rule "Large"
  for order
  when order.total is more than 100.00 USD
  then hold "Look"
end

rule "Code"
  for order
  then set books.tax_code to lookup code(ship_to.state)
    tag "coded"
    log "done"
end

rule "Kind"
  for each line in order.lines where line.sku is one of kinds
  then skip line "No goods"
end
"""
TESTS = """
test "Large" given order order.total = 100.01 USD expect held "Look" end
test "Small" given order ship_to.state = "MD" order.total = 20 USD expect books.tax_code is "Maryland" end
test "Gift" given order line sku = "gift" amount = 1 USD expect line skipped end
"""


def unnoticed(text: str) -> list[str]:
    return [each.words for each in mutation(resolved(text), today=TODAY).unnoticed if each.reached]


def test_each_kind_of_slip_is_tried() -> None:
    kinds = [(each.kind, each.words) for each in mutants_of(resolved(RULES))]
    assert ("rule", 'the rule "Large" were not there') in kinds
    assert ("condition", "`order.total is more than 100.00 USD` were the other way round") in kinds
    for word in ("100.01 USD", "99.99 USD"):
        assert ("constant", f"`order.total is more than 100.00 USD` were `order.total is more than {word}`") in kinds
    assert ("statement", '`tag "coded"` were not there') in kinds
    assert ("constant", '`tag "coded"` were `tag "codedx"`') in kinds
    assert ("row", 'the row `"VA" -> "Virginia"` of code were not there') in kinds
    assert ("constant", '`"VA" -> "Virginia"` were `"VA" -> "Virginiax"`') in kinds
    assert ("element", '"sample" were missing in `list kinds`') in kinds


def test_slips_that_can_make_no_difference_are_not_tried() -> None:
    words = [each.words for each in mutants_of(resolved(RULES))]
    assert not [each for each in words if 'log "done"' in each]
    assert not [each for each in words if '"gift"' in each.lower() and "missing" in each], "another entry is the same"
    assert 'the row `"TX" -> "Texas"` of code were not there' not in words, "otherwise says the same"


def test_what_nobody_would_notice_is_said_in_words() -> None:
    assert unnoticed(RULES + TESTS) == [
        '"sample" were missing in `list kinds`',
        "`order.total is more than 100.00 USD` were `order.total is more than 99.99 USD`",
        '`tag "coded"` were not there',
        '`tag "coded"` were `tag "codedx"`',
    ]
    sharper = TESTS + (
        'test "Edge" given order order.total = 100.00 USD ship_to.state = "MD" expect not held order.tags contains "coded" end\n'
        'test "Sample" given order line sku = "sample" amount = 1 USD expect line skipped end\n'
    )
    assert unnoticed(RULES + sharper) == []


def test_what_no_test_comes_by_is_told_apart() -> None:
    far = [each for each in mutation(resolved(RULES + TESTS), today=TODAY).unnoticed if not each.reached]
    assert {each.line for each in far} >= {6, 7}
    assert all(each.file == "web.rules" for each in far)


def test_settings_of_a_test_are_its_own_under_every_change() -> None:
    text = (
        'setting limit is money default 5.00 USD\nrule "R" for order when order.total is more than limit then tag "x" end\n'
        'test "T" with settings limit = 50.00 USD given order order.total = 60 USD expect fired "R" end\n'
        'test "U" given order order.total = 4 USD expect not fired "R" end\n'
    )
    assert unnoticed(text) == ['`tag "x"` were `tag "xx"`']


@pytest.mark.parametrize("canned", ["orders/store_credit", "orders/skip_test_orders", "orders/po_number", "demo"])
def test_leaving_out_rules_that_cannot_matter_changes_no_answer(canned: str) -> None:
    (file,) = (ROOT / "rulesets" / canned).glob("*.rules")
    compare_both(compiled(file.read_text(), str(file)).resolved.sources[str(file)])


def test_nor_does_it_in_a_large_file() -> None:
    compare_both(large(60), every=7)


def compare_both(text: str, every: int = 1) -> None:
    trial = Trial(resolved(text), today=TODAY, recorded=None)
    assert len(trial.mutants) > 1
    for mutant in trial.mutants[::every]:
        assert trial.is_noticed(mutant) is trial.is_noticed(mutant, all_rules=True), mutant.words


def test_rules_that_read_what_another_writes_are_run_with_it() -> None:
    """The second rule does nothing in the test until the first is changed."""
    text = (
        'rule "A" for order then set books.class to "X" end\n'
        'rule "B" for order when books.class is "Xx" then hold "Seen" end\n'
        'rule "C" for each line in order.lines where line.quantity is more than 3 then skip line "Many" end\n'
        'rule "D" for order when count(order.lines) is 0 then hold "Empty" end\n'
        'test "T" given order line sku = "A" quantity = 3 amount = 1 USD expect not held end\n'
    )
    words = unnoticed(text)
    assert not [each for each in words if '"Xx"`' in each and "set books.class" in each], "B would hold it then"
    assert not [each for each in words if "more than 2`" in each], "D would hold it then"


def test_the_answers_and_their_order_are_the_same_in_two_processes() -> None:
    ruleset = resolved(RULES + TESTS)
    alone = list(mutate(ruleset, today=TODAY))
    assert list(mutate(ruleset, today=TODAY, jobs=2)) == alone
    assert alone[-1][:2] == (len(alone), len(alone))


def test_when_the_time_is_over_it_says_what_was_not_tried() -> None:
    found = mutation(resolved(RULES + TESTS), today=TODAY, seconds=0.0)
    assert found.not_tried > 0
    assert found.noticed + len(found.unnoticed) + found.not_tried == found.changes


def test_the_command_says_it_in_words_and_as_json(type_: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "web.rules"
    file.write_text(RULES + TESTS)
    assert all(result.passed for result in run_tests(resolved(RULES + TESTS), today=TODAY))
    said = type_(cli.test, file, "--mutate", "--jobs", 1)
    assert said.exit_code == 0
    assert "  nobody would notice if\n" in said.stdout
    assert "`order.total is more than 100.00 USD` were `order.total is more than 99.99 USD`" in said.stdout
    told = json.loads(type_(cli.test, file, "--mutate", "--format", "json").stdout)
    assert told["unmissed"] == []
    one = next(each for each in told["mutation"]["unnoticed"] if each["kind"] == "constant" and each["reached"])
    assert (one["line"], one["before"]) == (13, "order.total is more than 100.00 USD")
    assert told["mutation"]["noticed"] + len(told["mutation"]["unnoticed"]) == told["mutation"]["changes"]
