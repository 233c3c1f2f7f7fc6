"""engine/rule_tests.py, engine/trial_records.py and cli/test.py: what a test in a rule-set file can say, and when it fails"""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import test as test_command
from dsl.check import check_text
from engine.mutation import mutation
from engine.rule_tests import TestResult, never_fired, run_tests
from engine.rulesets import schema

TODAY = date(2026, 11, 21)
RULES = """
setting prefix is text default ""
rule "Register 1 is in Maryland"
  for order
  when order.register_id is "1"
  then fill ship_to.state with "MD"
end
rule "Prefix"
  for order
  when prefix is not ""
  then set order.number to "{prefix}{order.number}"
end
rule "No samples"
  for each line in order.lines where line.sku is "SAMPLE"
  then skip line "A sample"
end
rule "Large orders wait"
  for order
  when order.total is more than 1000
  then hold "Please look"
end
rule "Dates"
  for order
  when today is 2026-01-31
  then set books.memo to "January"
end
rule "No gifts"
  for order
  when order.total is 0
  then skip "A gift"
end
flow "Web"
  from woocommerce  to quickbooks
  sync orders
  with
    record_as = invoice_and_payment_if_paid
    sales_tax = line_item
end
"""
GOODS = 'line sku = "HAT" quantity = 2 amount = 41.98 USD'


def results(given: str, expect: str, before: str = "") -> list[TestResult]:
    text = f'{RULES}\ntest "T"\n{before}\n  given {given}\n  expect\n    {expect}\nend\n'
    checked = check_text(text, file="t.rules", schema=schema())
    assert checked.ruleset is not None, [each.message for each in checked.diagnostics]
    return list(run_tests(checked.ruleset, today=TODAY))


def failures(given: str, expect: str, before: str = "") -> tuple[str, ...]:
    (result,) = results(given, expect, before)
    return result.failures


@pytest.mark.parametrize(
    ("given", "expect"),
    [
        (f'order order.register_id = "1" {GOODS}', 'ship_to.state is "MD"  fired "Register 1 is in Maryland"'),
        (f"order {GOODS}", 'ship_to.state is missing  not fired "Prefix"  not held  not skipped'),
        (f"order {GOODS}", 'order.total is 41.98 USD  order.currency is "USD"  order.subtotal is 41.98'),
        (f"order {GOODS}", "line 1 unit_price is 20.99  line 1 quantity is 2  line count is 1"),
        ('order line sku = "A" unit_price = 5 USD', "line 1 amount is 5.00 USD  order.total is 5.00 USD"),
        ("order line amount = 9.99 EUR", 'order.currency is "EUR"  order.total is 9.99 EUR  not skipped'),
        (
            'order line sku = "A" amount = 10.00 USD tax_amount = 0.60 USD  shipping amount = 4.00 USD',
            "order.tax_total is 0.60  order.shipping_total is 4.00  order.total is 14.60",
        ),
        (
            'order line sku = "A" amount = 1 USD line sku = "SAMPLE" amount = 1 USD line sku = "B" amount = 2 USD',
            'line 2 skipped "A sample"  line skipped  line 3 sku is "B"  line count is 2',
        ),
        ("order order.total = 1000.01 USD", 'held "please look"  no document  fired "Large orders wait"'),
        ("order", 'skipped "A gift"  skipped'),
        (f"order {GOODS}", "document is invoice  document total is 41.98 USD  document is not payment"),
        (f'order order.paid = yes payment method = "Visa" {GOODS}', "document is invoice  document is payment"),
        (f'order order.meta["_po"] = "7" {GOODS}', 'order.meta["_po"] is "7"  document number is "1"'),
        (
            f"refund refund.amount = 5.00 USD {GOODS}",
            'refund.amount is 5.00  order.number is "1"  document is credit_memo',
        ),
    ],
)
def test_what_is_so_passes(given: str, expect: str) -> None:
    assert failures(given, expect) == ()


@pytest.mark.parametrize(
    ("given", "expect", "said"),
    [
        (f"order {GOODS}", 'ship_to.state is "MD"', "not set"),
        (f"order {GOODS}", 'fired "Prefix"', '"Prefix" did not fire'),
        (f'order order.register_id = "1" {GOODS}', 'not fired "Register 1 is in Maryland"', "fired"),
        (f"order {GOODS}", 'held "Please look"', 'expected held "Please look", but it goes to the books'),
        (
            "order order.total = 2000 USD",
            "not held",
            'expected not held, but it is held "Please look" by "Large orders',
        ),
        ("order order.total = 2000 USD", 'held "Other"', 'expected held "Other", but it is held "Please look"'),
        (f"order {GOODS}", 'line 1 sku is "CAP"', "line 1: "),
        (f"order {GOODS}", 'line 2 sku is "CAP"', "there is no line 2; there are 1"),
        (f"order {GOODS}", "line count is 2", "1"),
        (f"order {GOODS}", "line skipped", "expected line skipped, but it was not left out"),
        (
            'order line sku = "SAMPLE" amount = 1 USD',
            'line 1 sku is "SAMPLE"',
            'was left out ("A sample") by "No samples"',
        ),
        ('order line sku = "SAMPLE" amount = 1 USD', 'line 1 skipped "Other"', 'it was left out with "A sample"'),
        (f"order {GOODS}", "document is sales_receipt", "expected a sales receipt, but there is a invoice"),
        (f"order {GOODS}", "document total is 1 USD", "41.98"),
        (f"order {GOODS}", "no document", "expected no document, but there is a invoice"),
        ("order order.total = 2000 USD", "document is invoice", "there is no document: the rules say hold"),
        ('order from "nowhere.json"', "not held", "there is no place from which nowhere.json could be read"),
    ],
)
def test_what_is_not_so_fails_with_what_was_found(given: str, expect: str, said: str) -> None:
    (found,) = failures(given, expect)
    assert said in found


def test_settings_and_the_day_are_the_tests_own() -> None:
    assert failures(f"order {GOODS}", 'order.number is "W-1"', '  with settings prefix = "W-"') == ()
    assert failures(f"order {GOODS}", 'books.memo is "January"', "  on 2026-01-31") == ()
    assert failures(f"order {GOODS}", "books.memo is missing") == ()


def test_a_result_names_its_line_and_the_rules_that_fired() -> None:
    (result,) = results(f'order order.register_id = "1" {GOODS}', "not held")
    assert result.line == RULES.count("\n") + 2
    assert result.fired == ("Register 1 is in Maryland",)


def test_rules_that_no_test_needs_are_found() -> None:
    text = (
        RULES + f'test "T"\n  given order order.register_id = "1" {GOODS}\n  expect\n    ship_to.state is "MD"\nend\n'
    )
    ruleset = check_text(text, file="t.rules", schema=schema()).ruleset
    assert ruleset is not None
    others = ("Prefix", "No samples", "Large orders wait", "Dates", "No gifts")
    assert never_fired(ruleset, list(run_tests(ruleset, today=TODAY))) == others
    assert mutation(ruleset, today=TODAY).rules == others


# ------------------------------------------------------------------------------------------------------ the command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    recorded = Path(__file__).resolve().parents[1] / "fixtures" / "woocommerce" / "shop-usd" / "order_two_refunds.json"
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "85.json").write_text(recorded.read_text())
    made = tmp_path / "web.rules"
    made.write_text(
        RULES
        + 'test "Recorded"\n  given order from "orders/85.json"\n    order.register_id = "1"\n'
        + '  expect\n    order.number is "85"  line count is 2  document total is 126.13 USD\nend\n'
        + 'test "Its refund"\n  given refund from "orders/85.json"\n  expect\n    order.number is "85"\nend\n'
    )
    return made


def test_a_recorded_order_is_read_from_beside_the_file(file: Path) -> None:
    done = CliRunner().invoke(test_command.command, [str(file)])
    assert (done.exit_code, done.stdout) == (0, f"{file}: 2 passed, 0 failed\n")


@pytest.mark.parametrize(
    ("named", "said"),
    [("../outside.json", "outside the folder"), ("orders/none.json", "there is no file"), ("web.rules", "is no JSON")],
)
def test_a_recording_that_cannot_be_read_fails_the_test_in_words(named: str, said: str, file: Path) -> None:
    file.write_text(file.read_text().replace('order from "orders/85.json"', f'order from "{named}"'))
    done = CliRunner().invoke(test_command.command, [str(file)])
    assert done.exit_code == 1
    assert "FAILED" in done.stdout
    assert said in done.stdout


def test_a_failed_test_is_shown_and_told_to_programs(file: Path) -> None:
    file.write_text(file.read_text().replace("line count is 2", "line count is 3"))
    shown = CliRunner().invoke(test_command.command, [str(file)])
    assert shown.exit_code == 1
    assert f"FAILED  {file}:{RULES.count(chr(10)) + 1}  Recorded" in shown.stdout
    done = CliRunner().invoke(test_command.command, [str(file), "--format", "json", "--coverage", "--mutate"])
    told = json.loads(done.stdout)
    assert (told["v"], told["passed"], told["failed"]) == (1, 1, 1)
    assert [each["passed"] for each in told["tests"]] == [False, True]
    assert "Prefix" in told["never_fired"]
    assert "unmissed" not in told  # asked of passing tests only: a failing one would miss nothing


def test_a_file_without_tests_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.rules").write_text('rule "x"\n  for order\n  then skip "no"\nend\n')
    assert "it has no tests" in CliRunner().invoke(test_command.command, [str(tmp_path / "a.rules")]).stdout


@pytest.mark.parametrize("canned", sorted((Path(__file__).resolve().parents[2] / "rulesets").rglob("*.rules")), ids=str)
def test_the_tests_of_every_canned_rule_set_pass(canned: Path) -> None:
    done = CliRunner().invoke(test_command.command, [str(canned)])
    assert done.exit_code == 0, done.stdout + done.stderr
    assert "it has no tests" not in done.stdout
