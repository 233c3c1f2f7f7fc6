"""dsl/edits/gathering.py: the table and its rule do for every record what the rules did."""

from __future__ import annotations

from datetime import date

import pytest

from dsl.check import check_text
from dsl.edits import edit_text
from dsl.forms import Surroundings
from engine.rule_tests import run_tests

RULES = """\
rule "PayPal"
  for order
  when order.payment_method is "PayPal"
  then {does} books.deposit_account {to} "PayPal Deposits"
end

rule "Cards"
  for order
  when order.payment_method is one of ["Visa", " master card "]
  then {does} books.deposit_account {to} "Stripe"
end

rule "Cash"
  for order
  when order.payment_method is "Cash"
  then {does} books.deposit_account {to} "Till"
end
"""
LINES = """\
rule "Hats"
  for each line in order.lines where line.sku is "HAT"
  then set line.class to "Hats"
end

rule "Boots"
  for each line in order.lines where line.sku is one of ["BOOT", "SHOE"]
  then set line.class to "Feet"
end
"""
TESTS = """
test "PayPal"
  given order order.payment_method = "paypal"
  expect books.deposit_account is "PayPal Deposits"
end

test "A card"
  given order order.payment_method = "Master Card"
  expect books.deposit_account is "Stripe"
end

test "Another method"
  given order order.payment_method = "Voucher"
  expect books.deposit_account is missing
end

test "No method"
  given order order.number = "1"
  expect books.deposit_account is missing
end

test "What stands there"
  given order order.payment_method = "Cash"  books.deposit_account = "Safe"
  expect books.deposit_account is "{standing}"
end
"""
LINE_TESTS = """
test "Lines"
  given order
    line sku = "hat" amount = 1.00 USD
    line sku = "SHOE" amount = 1.00 USD
    line sku = "GLOVE" amount = 1.00 USD
  expect
    line 1 class is "Hats"  line 2 class is "Feet"  line 3 class is missing
end
"""


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (RULES.format(does="set", to="to") + TESTS.format(standing="Till"), ["PayPal", "Cards", "Cash"]),
        (RULES.format(does="fill", to="with") + TESTS.format(standing="Safe"), ["PayPal", "Cards", "Cash"]),
        (RULES.format(does="override", to="with") + TESTS.format(standing="Till"), ["PayPal", "Cards"]),
        (LINES + LINE_TESTS, ["Hats", "Boots"]),
    ],
    ids=["set", "fill", "override, not all", "for each line"],
)
def test_what_the_rules_did_the_table_does(text: str, rules: list[str], surroundings: Surroundings) -> None:
    edit = {"do": "rules_to_table", "rules": rules, "table": "values", "title": "By table"}
    made = edit_text(text, [edit], surroundings)
    assert made.refusal == ""
    for each in (text, made.text):
        checked = check_text(each, file="x.rules", schema=surroundings.schema, library=surroundings.library)
        assert checked.ruleset is not None, checked.diagnostics
        results = run_tests(checked.ruleset, today=date(2026, 1, 31))
        assert [(result.title, result.failures) for result in results if result.failures] == []
    assert len(made.text) < len(text) or len(rules) < 3
    assert 'rule "By table"' in made.text
