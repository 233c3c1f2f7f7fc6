"""Two rules that write one field: doubted unless the later one says so, or both plainly exclude each other."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from dsl.check import Checked
from dsl.diagnostics import Severity
from tests.dsl.edits import apply_edits

CLASH = "clash"
CLEAN = "clean"


def two(first: str, second: str) -> str:
    return f'rule "A" {first} end\nrule "B" {second} end\n'


def order(when: str, then: str) -> str:
    return f"for order {'when ' + when if when else ''} then {then}"


SET_1, SET_2 = 'set books.class to "1"', 'set books.class to "2"'
WEB, LINE = 'order.store is "Web"', "for each line in order.lines "

CASES = [
    (order("", SET_1), order("", SET_2), CLASH),
    (order(WEB, SET_1), order("order.total > 5", SET_2), CLASH),
    (order(WEB, SET_1), order("order.total > 5", 'override books.class with "2"'), CLEAN),
    (order(WEB, SET_1), order("order.total > 5", 'fill books.class with "2"'), CLEAN),
    (order("", 'fill books.class with "1"'), order("", SET_2), CLASH),
    (order("", SET_1), order("", 'set books.class to "{books.class}2"'), CLEAN),
    (order("", SET_1), order("books.class is missing", SET_2), CLEAN),
    (order("", SET_1), order("", "clear books.class"), CLASH),
    (order("", 'set order.number to "1"'), order("", 'replace "#" with "" in order.number'), CLEAN),
    (order("", 'set order.number to "1"'), order("", 'set order.number to "{original order.number}"'), CLASH),
    (order("", 'tag "a"'), order("", 'tag "b"'), CLEAN),
    (order("", 'tag "a"'), order("", 'set order.tags to ["b"]'), CLASH),
    (order("", SET_1), order("", 'set books.location to "2"'), CLEAN),
    # conditions that exclude each other
    (order(WEB, SET_1), order('order.store is "Shop"', SET_2), CLEAN),
    (order(WEB, SET_1), order('order.store is "WEB "', SET_2), CLASH),
    (order(WEB, SET_1), order('order.store is not "web"', SET_2), CLEAN),
    (order(WEB, SET_1), order('order.store is one of ["Shop", "Fair"]', SET_2), CLEAN),
    (order(WEB, SET_1), order('order.store is one of ["Shop", "Web"]', SET_2), CLASH),
    (order('order.store is "a" or order.store is "b"', SET_1), order('order.store is "c"', SET_2), CLEAN),
    (order('order.store is "a" or order.paid', SET_1), order('order.store is "c"', SET_2), CLASH),
    (order(f"{WEB} and order.total > 5", SET_1), order("order.total is at most 5.00 USD", SET_2), CLEAN),
    (order("order.total > 5", SET_1), order("order.total is at most 6", SET_2), CLASH),
    (order("order.total is between 1 and 5", SET_1), order("order.total is 7", SET_2), CLEAN),
    (order("order.date is before 2026-01-01", SET_1), order("order.date is after 2026-02-01", SET_2), CLEAN),
    (order("order.class is missing", SET_1), order("order.class is present", SET_2), CLEAN),
    (order("order.class is missing", SET_1), order('order.class is "x"', SET_2), CLEAN),
    (order("order.paid", SET_1), order("not order.paid", SET_2), CLEAN),
    (order("order.paid is yes", SET_1), order("order.paid is no", SET_2), CLEAN),
    (order('order.store contains "web"', SET_1), order('order.store does not contain "Web"', SET_2), CLEAN),
    (order('order.store contains "web"', SET_1), order('order.store contains "shop"', SET_2), CLASH),
    (order('order.store contains "web"', SET_1), order('order.store is "Shop"', SET_2), CLEAN),
    (order(WEB, f'{SET_1} otherwise hold "x"'), order('order.store is "Shop"', SET_2), CLEAN),
    (order(WEB, f'tag "x" otherwise {SET_1}'), order(WEB, SET_2), CLEAN),
    (order(WEB, f'{SET_1} otherwise tag "x"'), order(WEB, f'tag "x" otherwise {SET_2}'), CLEAN),
    # the first rule changes what the second one asks
    (order(WEB, SET_1 + ' set order.store to "Shop"'), order('order.store is "Shop"', SET_2), CLASH),
    # loops: the same item, or different ones
    (
        LINE + 'where line.sku is "a" then set line.class to "1"',
        LINE + 'where line.sku is "b" then set line.class to "2"',
        CLEAN,
    ),
    (
        LINE + 'where line.sku is "a" then set books.class to "1"',
        LINE + 'where line.sku is "b" then set books.class to "2"',
        CLASH,
    ),
    (LINE + 'then set line.name to "1"', LINE + 'then set line.name to "{line.name}2"', CLEAN),
    (LINE + 'then set line.name to "1"', LINE + 'where line.name is "1" then set line.name to "2"', CLEAN),
    (LINE + 'then set line.tax_code to "1"', 'for each line in refund.lines then set line.tax_code to "2"', CLEAN),
    # rules of different kinds, sources or flows never meet on one record
    (order("", SET_1), f"for product then {SET_2}", CLEAN),
    (f"for order from woocommerce then {SET_1}", f"for order from lightspeed then {SET_2}", CLEAN),
    (f"for order from woocommerce then {SET_1}", f"for order then {SET_2}", CLASH),
]


@pytest.mark.parametrize(("first", "second", "expected"), CASES, ids=[f"{a} | {b}" for a, b, _ in CASES])
def test_rules_that_may_overwrite_in_silence(
    first: str, second: str, expected: str, check: Callable[..., Checked]
) -> None:
    text = two(first, second)
    checked = check(text)
    assert [each.code for each in checked.diagnostics] == (["R401"] if expected == CLASH else [])
    assert checked.ok
    for found in checked.diagnostics:
        assert found.severity is Severity.WARNING
        assert found.start.line == 2
        assert found.related[0].start.line == 1
        for fix in found.fixes:
            assert not check(apply_edits(text, fix.edits)).diagnostics


def test_the_field_is_told_as_it_is_written_whatever_its_key_holds(check: Callable[..., Checked]) -> None:
    text = two(order("", 'set books.custom["a:b"] to "1"'), order("", 'set books.custom["a:b"] to "2"'))
    assert check(text).diagnostics[0].message == '"B" may overwrite `books.custom["a:b"]`, which "A" wrote'


def test_a_rule_that_is_off_overwrites_nothing(check: Callable[..., Checked]) -> None:
    assert not check(f'rule "A" off {order("", SET_1)} end rule "B" {order("", SET_2)} end').diagnostics


def test_each_later_rule_is_told_once(check: Callable[..., Checked]) -> None:
    text = "".join(f'rule "{each}" for order then set books.class to "{each}" end\n' for each in "ABCD")
    found = check(text).diagnostics
    assert [(each.start.line, each.related[0].start.line) for each in found] == [(2, 1), (3, 2), (4, 3)]


def test_thousands_of_rules_for_one_field_are_compared_in_good_time(check: Callable[..., Checked]) -> None:
    rule = 'rule "R{0}" for order when order.store is "S{0}" then set books.class to "C{0}" end\n'
    text = "".join(rule.format(each) for each in range(1500)) + rule.format(700).replace("R700", "again").replace(
        "C700", "C"
    )
    begun = time.perf_counter()
    found = check(text).diagnostics
    assert [each.code for each in found] == ["R401"]
    assert '"R700" wrote' in found[0].message
    assert time.perf_counter() - begun < 20


FAULTY = [
    'rule "F" for order when order.totl > 5 then set books.class to "3" end',
    'rule "F" for order when then set books.class to "3" end',
    'setting prefix is text default\nrule "F" for order then log prefix end',
    'setting prefix is text default order.number\nrule "F" for order then log prefix end',
    'table t state -> code "MD" -> end rule "F" for order then set books.memo to lookup t(ship_to.state) end',
    'list l is [\nrule "F" for order when order.store is one of l then log "x" end',
]


@pytest.mark.parametrize("faulty", FAULTY)
def test_rules_are_compared_beside_what_is_faulty(faulty: str, check: Callable[..., Checked]) -> None:
    text = two(order(WEB, SET_1), order("order.total > 5", SET_2)) + faulty
    codes = [each.code for each in check(text).diagnostics]
    assert "R401" in codes
    assert not check(text).ok


EXAMPLES = [
    (
        order('order.payment_method is "PayPal"', SET_1),
        order("order.total > 50.00 EUR", SET_2),
        'an order with payment method "PayPal" and total 100.00 EUR',
    ),
    (order("", SET_1), order("", SET_2), "any order"),
    (
        order(WEB, f'tag "x" otherwise {SET_1}'),
        order("ship_to.state is missing", SET_2),
        'an order with store "Web Store" and no ship-to state',
    ),
    (
        LINE + 'where line.sku starts with "ab" then set line.class to "1"',
        LINE + 'where line.quantity > 3 then set line.class to "2"',
        'an order with a line with SKU "ab" and quantity 5',
    ),
    (
        order("count(order.lines) > 3", SET_1),
        order("order.total > order.subtotal", SET_2),
        "an order with total 100.00 USD, subtotal 90.00 USD and 4 lines",
    ),
    (
        order("order.date is after 2026-05-01", SET_1),
        order('some line in order.lines where (line.sku is "A")', SET_2),
        'an order with date 2026-05-02 and a line with SKU "A"',
    ),
    (
        order('order.tags contains "vip"', SET_1).replace("for order", "for order from woocommerce"),
        order("order.paid", SET_2),
        'an order from woocommerce with tags "vip" and paid yes',
    ),
]


@pytest.mark.parametrize(("first", "second", "words"), EXAMPLES)
def test_a_record_for_which_both_fire_is_told(
    first: str, second: str, words: str, check: Callable[..., Checked]
) -> None:
    found = [each for each in check(two(first, second)).diagnostics if each.code == "R401"]
    assert [each.label for each in found] == [f"both fire for {words}"]


def test_settings_count_as_they_stand(check: Callable[..., Checked]) -> None:
    """Two rules for two shops do not meet, as long as the settings do name two shops."""
    rules = two(order("order.store is web", SET_1), order("order.store is till", SET_2))
    settings = 'setting web is text default "Web"\nsetting till is text default "{}"\n'
    assert not check(settings.format("Till") + rules).diagnostics
    assert [each.code for each in check(settings.format("web") + rules).diagnostics] == ["R401"]
