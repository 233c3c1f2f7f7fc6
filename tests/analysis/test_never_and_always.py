"""Conditions that no record fits, or every record does: the smallest part is told, and its fix mends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dsl.check import Checked
from tests.dsl.edits import apply_edits
from tests.dsl.marks import unmarked

NEVER, ALWAYS, NEEDLESS, BLANK, TOTAL = "R409", "R410", "R411", "R412", "R413"

#: (code, the condition with the blamed part marked, the other place, the condition after the first fix: "" for no fix)
FOUND = [
    (
        NEVER,
        'ship_to.state is "TX" and «ship_to.state is "MA"»',
        'ship_to.state is "TX"',
        'ship_to.state is "TX" or ship_to.state is "MA"',
    ),
    (
        ALWAYS,
        'order.store is not "A" or «order.store is not "B"»',
        'order.store is not "A"',
        'order.store is not "A" and order.store is not "B"',
    ),
    (
        ALWAYS,
        'order.store is not "A" or «order.store is not "B"» or order.store is not "C"',
        'order.store is not "A"',
        'order.store is not "A" and order.store is not "B" and order.store is not "C"',
    ),
    (ALWAYS, 'order.store is not "A" or order.paid or «order.store is not "B"»', 'order.store is not "A"', ""),
    (NEVER, "order.total > 5 and «order.total < 3»", "order.total > 5", ""),
    (NEVER, "order.total > 5.00 USD and order.paid and «order.total is at most 5»", "order.total > 5.00 USD", ""),
    (
        NEVER,
        "order.date is after 2026-01-01 and «order.date is before 2026-01-02»",
        "order.date is after 2026-01-01",
        "",
    ),
    (
        NEVER,
        "order.created is after 2026-01-01 and «order.created is before 2026-01-02»",
        "order.created is after 2026-01-01",
        "",
    ),
    (NEVER, 'order.note is missing and «order.note is "x"»', "order.note is missing", ""),
    (NEVER, 'order.note starts with "ab" and «order.note starts with "b"»', 'order.note starts with "ab"', ""),
    (NEVER, 'order.note does not contain "b" and «order.note starts with "ab"»', 'order.note does not contain "b"', ""),
    (
        NEVER,
        'order.note has the word "ups ground" and «not order.note has the word "UPS"»',
        'order.note has the word "ups ground"',
        "",
    ),
    (NEVER, 'order.note matches "a*z" and «order.note starts with "b"»', 'order.note matches "a*z"', ""),
    (NEVER, 'order.note is exactly "a" and «order.note is not "A"»', 'order.note is exactly "a"', ""),
    (NEVER, "order.paid and «not order.paid»", "order.paid", ""),
    (NEVER, "order.total > order.subtotal and «order.subtotal >= order.total»", "order.total > order.subtotal", ""),
    (NEVER, 'order.tags contains "a" and «order.tags does not contain "A "»', 'order.tags contains "a"', ""),
    (NEVER, "count(order.lines) > 1 and «count(order.lines) < 2»", "count(order.lines) > 1", ""),
    (NEVER, "«count(order.lines) < 0»", "", ""),
    (
        NEVER,
        'left(order.number, 2) is "ab" and «left(order.number, 2) is "cd"»',
        'left(order.number, 2) is "ab"',
        'left(order.number, 2) is "ab" or left(order.number, 2) is "cd"',
    ),
    (
        NEVER,
        'some line in order.lines where (line.sku is "A") and «no line in order.lines where (line.sku is "A")»',
        'some line in order.lines where (line.sku is "A")',
        "",
    ),
    (
        NEVER,
        'some line in order.lines where (line.sku is "A" and «line.sku is "B"»)',
        'line.sku is "A"',
        'some line in order.lines where (line.sku is "A" or line.sku is "B")',
    ),
    (NEVER, "«order.total is between 10 and 5»", "", "order.total is between 5 and 10"),
    (NEVER, '«order.number starts with " "»', "", ""),
    (NEVER, "«1 > 2»", "", ""),
    (ALWAYS, 'order.note matches "*" or «order.note is missing»', 'order.note matches "*"', ""),
    (ALWAYS, "order.paid is yes or «order.paid is not yes»", "order.paid is yes", ""),
    (NEVER, "«(order.paid or order.taxable) and order.paid is no and order.taxable is no»", "", ""),
    # a part of a larger condition
    (
        NEVER,
        'order.paid or (order.store is "a" and «order.store is "b"»)',
        'order.store is "a"',
        'order.paid or (order.store is "a" or order.store is "b")',
    ),
    (NEVER, 'order.store is "a" and («order.store is "b"» or order.paid)', 'order.store is "a"', ""),
    # what makes no difference
    (NEEDLESS, "«order.total > 5» and order.total > 10", "order.total > 10", "order.total > 10"),
    (NEEDLESS, "order.total > 5 or «order.total > 10»", "order.total > 5", "order.total > 5"),
    (NEEDLESS, 'order.store is "A" or «order.store is "a"»', 'order.store is "A"', 'order.store is "A"'),
    (NEEDLESS, 'order.store is "A" and «order.store is not "B"»', 'order.store is "A"', 'order.store is "A"'),
    (NEEDLESS, "order.paid and «order.paid is yes»", "order.paid", "order.paid"),
    # blanks and totals
    (BLANK, '«order.note is ""»', "", "order.note is missing"),
    (BLANK, '«order.note is not " "»', "", "order.note is present"),
    (BLANK, 'order.note is one of ["a", «""»]', "", ""),
    (TOTAL, "«order.shipping_total is missing»", "", "order.shipping_total is 0"),
    (TOTAL, "«count(order.lines) is present»", "", "count(order.lines) is not 0"),
]

CLEAN = [
    'ship_to.state is "TX" or ship_to.state is "MA"',
    'ship_to.state is not "TX" and ship_to.state is not "MA"',
    'ship_to.state is present and ship_to.state is not one of ["TX", "MA"]',
    'ship_to.state is present and ship_to.state is "TX"',
    "order.total > 5 or order.total < 7",  # not where there is none
    'order.note contains "a" or order.note contains "ab"',
    'order.note contains "a" and order.note contains "b"',
    'order.note is exactly "A" or order.note is not "a"',
    'order.tags contains "a" and order.tags contains "b"',
    'some line in order.lines where (line.sku is "A") and some line in order.lines where (line.sku is "B")',
    'some line in order.lines where (line.sku is "A") and some line in order.lines where (line.sku is not "A")',
    'original order.number is "a" and order.number is "b"',
    'order.meta["a"] is "x" and order.meta["b"] is "y"',
    "order.total > 5 and order.total < 5.01",
    'order.note is missing or order.note is "x"',
    'order.store is "a" and (order.note is "b" or order.paid)',
    'order.note matches pattern "a.c" and not order.note matches pattern "b.?d"',
    "order.number is left(order.number, 5)",
]


def rule(condition: str) -> str:
    return f'rule "A" for order when {condition} then log "x" end\n'


@pytest.mark.parametrize(("code", "marked", "other", "mended"), FOUND, ids=[each[1] for each in FOUND])
def test_the_smallest_part_is_told_and_mended(
    code: str, marked: str, other: str, mended: str, check: Callable[..., Checked]
) -> None:
    text, blamed, at = unmarked(rule(marked))
    found = check(text).diagnostics
    assert [(each.code, text[each.start.offset : each.end.offset]) for each in found] == [(code, blamed)]
    assert found[0].start.offset == at
    assert [text[each.start.offset : each.end.offset] for each in found[0].related] == ([other] if other else [])
    assert bool(found[0].fixes) is bool(mended)
    if mended:
        after = apply_edits(text, found[0].fixes[0].edits)
        assert after == rule(mended)
        assert not check(after).diagnostics


@pytest.mark.parametrize("condition", CLEAN)
def test_what_some_record_fits_and_some_does_not_is_fine(condition: str, check: Callable[..., Checked]) -> None:
    assert not check(rule(condition)).diagnostics


def test_a_setting_may_have_another_value_in_every_company(check: Callable[..., Checked]) -> None:
    settings = "setting low is money default 90.00 USD\nsetting high is money default 10.00 USD\n"
    assert not check(settings + rule("order.total > low and order.total < high")).diagnostics


def test_a_named_list_is_looked_into(check: Callable[..., Checked]) -> None:
    text = 'list far is ["AK", "HI"]\n' + rule('ship_to.state is one of far and ship_to.state is "TX"')
    assert [each.code for each in check(text).diagnostics] == [NEVER]


def test_where_and_when_are_asked_of_the_same_item(check: Callable[..., Checked]) -> None:
    text = 'rule "A" for each line in order.lines where line.sku is "A" when line.sku is "B" then log "x" end'
    found = check(text).diagnostics
    assert [each.code for each in found] == [NEVER]
    assert text[found[0].related[0].start.offset : found[0].related[0].end.offset] == 'line.sku is "A"'


@pytest.mark.parametrize(
    "text",
    [
        'rule "A" for order then hold "x" until order.paid and not order.paid end',
        'rule "A" for order then set books.memo to if(order.paid and not order.paid, "a", "b") end',
        'rule "A" for order then set books.memo to "{count(order.lines where line.quantity > 5 and line.quantity < 2)}" end',
        'flow "A" from woocommerce to quickbooks sync orders when order.paid and not order.paid end',
    ],
)
def test_conditions_are_found_wherever_they_stand(text: str, check: Callable[..., Checked]) -> None:
    assert NEVER in [each.code for each in check(text).diagnostics]


def test_other_rules_are_looked_at_beside_a_faulty_one(check: Callable[..., Checked]) -> None:
    text = 'rule "A" for order when order.totl > 5 then log "x" end\n' + rule("order.paid and not order.paid").replace(
        '"A"', '"B"'
    )
    assert [each.code for each in check(text).diagnostics] == ["R201", NEVER]


def test_a_missing_end_before_a_rule_is_no_reason_to_look_away(check: Callable[..., Checked]) -> None:
    text = 'rule "Z"\n  for order\n  then tag "x"\n\n' + rule('order.store is not "A" or order.store is not "B"')
    assert [each.code for each in check(text).diagnostics] == ["R105", ALWAYS]


def test_a_condition_of_very_many_parts_takes_no_time(check: Callable[..., Checked]) -> None:
    parts = [f'(order.note contains "{each}" or order.number contains "{each}" or order.paid)' for each in range(60)]
    assert check(rule(" and ".join(parts))).ok
