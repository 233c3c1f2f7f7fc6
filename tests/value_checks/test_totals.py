"""What rules do to the document's total: told where a part changes and no other part does, quiet where it is moved or said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from dsl.check import Checked
from engine.rule_tests import run_tests
from tests.dsl.edits import apply_edits

LINES = "for each line in order.lines "
WRAP = 'where line.sku is "WRAP" '
MOVE = "set order.shipping_total to order.shipping_total + line.amount "
SKIP = 'skip line "Wrapped" '
ORDER = 'for order when order.store is "Web" '

CHANGES = [
    (LINES + WRAP + "then " + SKIP, "less"),
    (LINES + WRAP + "then set order.shipping_total to order.shipping_total + line.amount / 2 " + SKIP, ""),
    (LINES + WRAP + "then " + MOVE, ""),
    (LINES + WRAP + "then set line.amount to 0", ""),
    (LINES + WRAP + "then set line.quantity to line.quantity * 3", ""),
    (LINES + WRAP + "then set line.unit_price to line.unit_price / 3", ""),
    (LINES + WRAP + "then set line.quantity to line.quantity * 3 set line.unit_price to line.unit_price / 2", ""),
    (LINES + WRAP + "then override line.amount with line.amount * 2", ""),
    (ORDER + 'then add line sku = "GIFT" amount = 5.00 USD', "more"),
    (ORDER + 'then add line sku = "GIFT" quantity = 2 unit_price = 5.00 USD', "more"),
    (ORDER + 'then add discount name = "Loyal" amount = 5.00 USD', "less"),
    (ORDER + 'then add fee name = "Card" amount = 5.00 USD', "more"),
    (ORDER + 'then add shipping method = "UPS" amount = order.total * 1%', ""),
    (ORDER + "then set order.shipping_total to 0", ""),
    (ORDER + "then clear order.shipping_total", ""),
    (ORDER + "then set order.tip_total to 0 set order.shipping_total to order.shipping_total + order.tip_total", ""),
    (ORDER + "then set order.tax_total to 0.00 USD", ""),
    ('for each fee in order.fees where fee.name is "Tip" then skip fee "A tip"', "less"),
    ('for each discount in order.discounts where discount.code is "X" then skip discount "No"', "more"),
    ('for each line in refund.lines where line.sku is "WRAP" then skip line "Wrapped"', "less"),
    (LINES + WRAP + "when order.paid is yes then " + MOVE + SKIP + "otherwise " + SKIP, "less"),
]
QUIET = [
    LINES + WRAP + "then " + MOVE + SKIP,
    LINES + WRAP + "then " + SKIP + MOVE,
    LINES + WRAP + 'then add fee name = "Wrapping" amount = line.amount ' + SKIP,
    LINES
    + WRAP
    + 'then add line sku = "A" amount = line.amount / 2 add line sku = "B" amount = line.amount / 2 '
    + SKIP,
    LINES + WRAP + "then set line.quantity to line.quantity * 3 set line.unit_price to line.unit_price / 3",
    LINES + WRAP + "then set line.quantity to line.quantity * 2 set line.unit_price to line.unit_price * 50%",
    LINES + "where line.amount is 0 then " + SKIP,
    LINES + WRAP + "when line.amount is 0.00 USD then " + SKIP,
    LINES + WRAP + 'then set line.item to "Wrapping" set line.description to "x" set line.discount to 0',
    'for each payment in order.payments where payment.type is "credit" then skip payment "Credit"',
    'for each tax in order.taxes where tax.name is "x" then skip tax "x"',
    'for each fee in order.fees then set order.shipping_total to order.shipping_total + fee.amount skip fee "Shipped"',
    ORDER + "then set order.shipping_total to order.shipping_total + order.tip_total set order.tip_total to 0",
    'for each line in purchase.lines where line.sku is "WRAP" then skip line "Wrapped"',
    "for each line in purchase.lines then set line.unit_price to line.unit_price * 2",
    'note "The total falls by the wrapping, which we give away." ' + LINES + WRAP + "then " + SKIP,
    LINES + WRAP + "then " + SKIP + 'log "The total falls by {line.amount}"',
]


def rule(words: str, title: str = "R") -> str:
    return f'rule "{title}" {words} end\n'


@pytest.mark.parametrize(("words", "way"), CHANGES, ids=[each[:100] for each, _ in CHANGES])
def test_a_rule_that_changes_what_the_customer_paid_is_told(
    words: str, way: str, check: Callable[..., Checked]
) -> None:
    found = [each for each in check(rule(words)).diagnostics if each.code == "R440"]
    assert len(found) == 1
    assert (f"comes to {way} than" if way else "is no longer") in found[0].message


@pytest.mark.parametrize("words", QUIET, ids=[each[:100] for each in QUIET])
def test_what_is_moved_or_said_is_not_told(words: str, check: Callable[..., Checked]) -> None:
    checked = check(rule(words))
    assert checked.ruleset is not None
    assert "R440" not in [each.code for each in checked.diagnostics]


def test_two_rules_of_one_condition_balance_each_other(check: Callable[..., Checked]) -> None:
    text = rule(LINES + WRAP + "then " + MOVE, "A") + rule(LINES + WRAP + "then " + SKIP, "B")
    assert not check(text).diagnostics
    other = rule(LINES + WRAP + "then " + MOVE, "A") + rule(LINES + 'where line.sku is "BOX" then ' + SKIP, "B")
    assert [each.code for each in check(other).diagnostics] == ["R440", "R440"]


def test_a_sum_over_the_lines_that_are_left_out_moves_them(check: Callable[..., Checked]) -> None:
    moved = (
        "for order then set order.shipping_total to order.shipping_total"
        ' + sum(line.amount in order.lines where line.sku is "WRAP")'
    )
    text = rule(moved, "A") + rule(LINES + WRAP + "then " + SKIP, "B")
    assert not check(text).diagnostics


def test_a_note_says_that_it_is_meant(check: Callable[..., Checked]) -> None:
    text = 'rule "R"\n  for each line in order.lines where line.sku is "WRAP"\n  then skip line "Wrapped"\nend\n'
    (found,) = check(text).diagnostics
    (fix,) = found.fixes
    mended = apply_edits(text, fix.edits)
    assert 'rule "R"\n  note "' in mended
    assert not check(mended).diagnostics


@pytest.mark.parametrize("field", ["fee_total", "discount_total"])
def test_a_total_that_no_document_is_made_of_is_told_unless_a_rule_reads_it(
    field: str, check: Callable[..., Checked]
) -> None:
    text = rule(ORDER + f"then set order.{field} to 3.00 USD", "A")
    assert [each.code for each in check(text).diagnostics] == ["R442"]
    read = text + rule(f'for order when order.{field} is more than 2 then tag "big"', "B")
    assert not check(read).diagnostics


GIVEN = """
test "T"
  given order
    order.store = "Web"  order.number = "1"  order.paid = yes  order.tip_total = 2.00 USD  order.shipping_total = 5.00 USD
    line sku = "WRAP" quantity = 2 unit_price = 5.00 USD amount = {wrap} USD
    line sku = "HAT" quantity = 1 amount = 20.00 USD
    fee name = "Tip" amount = 3.00 USD
    discount code = "X" amount = 1.00 USD
    payment type = "credit" amount = 1.00 USD
    tax name = "x" amount = 0.00 USD
  expect document total is {total} USD
end
"""
FREE = "line.amount is 0"


def document_total_stays(words: str, check: Callable[..., Checked]) -> bool:
    """Whether the document of an order really comes to what was received."""
    wrap, total = ("0.00", "30.00") if FREE in words else ("10.00", "40.00")
    checked = check(rule(words) + GIVEN.replace("{wrap}", wrap).replace("{total}", total))
    assert checked.ruleset is not None, [each.message for each in checked.diagnostics]
    (result,) = run_tests(checked.ruleset, today=date(2026, 11, 22))
    return result.passed


@pytest.mark.parametrize(
    "words", [each for each in QUIET if "purchase" not in each and "note" not in each and "log" not in each]
)
def test_where_nothing_is_told_the_document_comes_to_what_was_received(
    words: str, check: Callable[..., Checked]
) -> None:
    assert document_total_stays(words, check)


@pytest.mark.parametrize(
    "words",
    [each for each, _ in CHANGES if "refund" not in each and "tax_total" not in each and "otherwise" not in each],
)
def test_where_a_change_is_told_the_document_comes_to_something_else(words: str, check: Callable[..., Checked]) -> None:
    assert not document_total_stays(words, check)
