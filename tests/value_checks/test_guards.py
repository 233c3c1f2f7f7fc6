"""Fields that may be missing: told where tax, money or skipping hangs on it and nobody thought of it, quiet everywhere else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from dsl.check import Checked
from engine.rule_tests import run_tests
from tests.dsl.edits import apply_edits
from tests.dsl.marks import unmarked

TAX = 'then set books.tax_code to "Non"'
SKIP = 'then skip "No"'
STATE = "ship_to.state"

TOLD = [
    f'for order when «{STATE} is not "TX"» {TAX}',
    f'for order when «{STATE} is not one of ["TX", "MA"]» {TAX}',
    f'for order when not «{STATE} is "TX"» {TAX}',
    f'for order when «{STATE} does not start with "T"» {TAX}',
    f'for order when order.paid is yes and «{STATE} is not "TX"» {TAX}',
    f'for order when order.paid is yes or «{STATE} is not "TX"» {TAX}',
    f'for order when ship_to.city is present and «{STATE} is not "TX"» {TAX}',
    f'for order when «order.payment_method does not contain "PayPal"» {SKIP}',
    f'for order when «customer.type is not "wholesale"» {SKIP}',
    'for each line in order.lines where «line.sku does not start with "SHIP"» then skip line "x" '
    "set order.shipping_total to order.shipping_total + line.amount",
    f'for order when «{STATE} is not "TX"» then set order.tax_total to order.tax_total * 1',
    f'for order when «{STATE} is not "TX"» then set books.number to order.po_number or skip "No"',
    f'for order when «{STATE} is "TX"» then set books.tax_code to "TX" otherwise set books.tax_code to "Non"',
    f'for order when not («{STATE} is "TX"» and order.paid is yes) {TAX}',
]
QUIET = [
    f'for order when {STATE} is present and {STATE} is not "TX" {TAX}',
    f'for order when {STATE} is not "TX" and {STATE} is present {TAX}',
    f'for order when {STATE} is missing or {STATE} is not "TX" {TAX}',
    f'for order when {STATE} starts with "T" and {STATE} is not "TX" {TAX}',
    f'for order when {STATE} is "TX" {TAX}',
    f'for order when not ({STATE} is not "TX") {TAX}',
    f'for order when {STATE} is not "TX" then set books.class to "Far"',
    f'for order when {STATE} is not "TX" then hold "Look"',
    f'for order when {STATE} is not "TX" then tag "far"',
    f'for order when ({STATE} or else "none") is not "TX" {TAX}',
    f'for order when order.number is not "1" {SKIP}',
    f'for order when order.status is not "completed" {SKIP}',
    'for order when order.class is not "Ordoro" then skip "Its class is {order.class or else ""not set""}"',
    'for order when order.class is not "Ordoro" then skip "Its class is {order.class}"',
    f'for order when order.meta["_wholesale"] is not "yes" {SKIP}',
    f'for order when order.po_number is not "" {SKIP}',
    f'for order when order.tags does not contain "web" {SKIP}',
    f"for order when bill_to.state is not {STATE} {SKIP}",
    'for order when order.payment_method contains "PayPal" then set books.deposit_account to "P" otherwise '
    'fill books.deposit_account with "U"',
    f'for each line in order.lines where {STATE} is present when {STATE} is not "TX" then set line.tax_code to "Non"',
]


@pytest.mark.parametrize("marked", TOLD)
def test_a_comparison_that_a_missing_value_passes_is_told(marked: str, check: Callable[..., Checked]) -> None:
    text, blamed, start = unmarked(f'rule "R" {marked} end')
    found = [each for each in check(text).diagnostics if each.code == "R436"]
    assert [text[each.start.offset : each.end.offset] for each in found] == [blamed]
    assert found[0].start.offset == start
    for fix in found[0].fixes:
        mended = check(apply_edits(text, fix.edits))
        assert mended.ruleset is not None, fix.title
        assert "R436" not in [each.code for each in mended.diagnostics], fix.title


@pytest.mark.parametrize("words", QUIET)
def test_whoever_thought_of_it_is_not_told(words: str, check: Callable[..., Checked]) -> None:
    checked = check(f'rule "R" {words} end')
    assert checked.ruleset is not None
    assert "R436" not in [each.code for each in checked.diagnostics]


def test_a_rule_above_that_always_fills_the_field_makes_it_safe(check: Callable[..., Checked]) -> None:
    below = f'rule "B" for order when {STATE} is not "TX" {TAX} end'
    filled = f'rule "A" for order then fill {STATE} with "MD" end '
    assert "R436" not in [each.code for each in check(filled + below).diagnostics]
    some = f'rule "A" for order when order.paid is yes then fill {STATE} with "MD" end '
    assert "R436" in [each.code for each in check(some + below).diagnostics]
    gone = filled + f'rule "C" for order when order.paid is yes then clear {STATE} end '
    assert "R436" in [each.code for each in check(gone + below).diagnostics]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ('for order then tag "till {order.register_id}"', True),
        ("for order then tag order.register_id", True),
        ('for order then tag "till {order.register_id or else ""web""}"', False),
        ('for order when order.register_id is present then tag "till {order.register_id}"', False),
        ('for order when order.register_id is "1" then tag "till {order.register_id}"', False),
        ('for order when order.paid is yes then fill order.register_id with "0" tag order.register_id', False),
        (
            'for order when order.register_id is present then set books.memo to "x" otherwise tag order.register_id',
            False,
        ),
        ('for order then tag "{order.number}"', False),
        ('for order then log "till {order.register_id}"', False),
        ('for order then tag order.meta["_x"]', True),
    ],
)
def test_a_tag_never_reads_not_set_by_surprise(words: str, told: bool, check: Callable[..., Checked]) -> None:
    text = f'rule "R" {words} end'
    found = [each for each in check(text).diagnostics if each.code == "R437"]
    assert bool(found) is told
    for each in found:
        for fix in each.fixes:
            assert "R437" not in [after.code for after in check(apply_edits(text, fix.edits)).diagnostics]


GIVEN = """
test "T"
  given order
    order.number = "1"  order.paid = yes  order.tax_total = 1.00 USD  ship_to.city = "Anywhere"
    line quantity = 1 amount = 5.00 USD
  expect fired "R"
end
"""


@pytest.mark.parametrize("marked", [each for each in TOLD if "otherwise" not in each and "not (" not in each])
def test_a_record_without_the_field_really_sets_the_rule_going(marked: str, check: Callable[..., Checked]) -> None:
    text, _, _ = unmarked(f'rule "R" {marked} end')
    checked = check(text + GIVEN)
    assert checked.ruleset is not None
    (result,) = run_tests(checked.ruleset, today=date(2026, 11, 22))
    assert result.passed, result.failures


def test_a_condition_that_is_always_true_is_told_once_and_not_as_a_missing_value() -> None:
    from dsl.check import check_text
    from engine.rulesets import schema

    def codes(condition: str) -> list[str]:
        text = f'rule "R"\n  for order\n  when {condition}\n  then set books.tax_code to "Non"\nend\n'
        return [each.code for each in check_text(text, file="a.rules", schema=schema()).diagnostics]

    assert codes('ship_to.state is not "TX" or ship_to.state is not "MA"') == ["R410"]
    assert codes('ship_to.state is not "TX" and ship_to.state is not "MA"') == ["R436"]
