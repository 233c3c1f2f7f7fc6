"""Slips of the pen: prefixes put twice, divisions by zero, rates that are none, patterns without a pattern."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dsl.check import Checked
from tests.dsl.edits import apply_edits
from tests.dsl.library import Packs

WC = 'setting prefix is text default "WC-"\n'
PUT = 'set order.number to "WC-{order.number}"'


def order(then: str, when: str = "", title: str = "R", scope: str = "for order") -> str:
    return f'rule "{title}" {scope} {"when " + when if when else ""} then {then} end\n'


TWICE = [
    order(PUT) + order(PUT, title="S"),
    order(PUT) + order('set books.number to "WC-{order.number}"', title="S"),
    WC + order(PUT) + order('set order.number to "{prefix}{order.number}"', title="S"),
    order(PUT)
    + order("set books.number to order.number", title="S")
    + order('set books.number to "wc-{books.number}"', title="T"),
    order('set order.number to "{order.number}-US"') + order('set books.number to "{order.number}-US"', title="S"),
    order(PUT, 'order.store is "A"') + order(PUT, 'order.channel is "B"', title="S"),
]
ONCE = [
    order(PUT),
    order(PUT) + order("set books.number to order.number", title="S"),
    order(PUT) + order(PUT, 'not order.number starts with "WC-"', title="S"),
    order(PUT, 'order.store is "A"') + order(PUT, 'order.store is "B"', title="S"),
    order(PUT, 'order.store is one of ["A", "B"]') + order(PUT, 'order.store is "C"', title="S"),
    order(PUT, scope="for order from woocommerce") + order(PUT, title="S", scope="for order from lightspeed"),
    order(PUT) + order('set books.number to "WC-{original order.number}"', title="S"),
    order(PUT) + order('set books.number to "EU-{order.number}"', title="S"),
    order(PUT) + order('set order.number to "1"', title="S") + order(PUT, title="T"),
    order(PUT) + order('set books.number to "{order.number}WC-"', title="S"),
    order(PUT) + order('set refund.reason to "WC-{refund.reason}"', title="S", scope="for refund"),
]


@pytest.mark.parametrize("text", TWICE)
def test_a_prefix_that_would_stand_twice_is_told(text: str, check: Callable[..., Checked]) -> None:
    assert [each.code for each in check(text).diagnostics if each.code == "R450"] == ["R450"]


@pytest.mark.parametrize("text", ONCE)
def test_a_prefix_that_stands_once_is_not(text: str, check: Callable[..., Checked]) -> None:
    checked = check(text)
    assert checked.ruleset is not None
    assert "R450" not in [each.code for each in checked.diagnostics]


def lines(then: str) -> str:
    return order(then, scope="for each line in order.lines")


CASES = [
    (order("set books.memo to text(order.total / 0)"), "R320"),
    ("setting parts is number default 0\n" + order("set books.memo to text(order.total / parts)"), "R320"),
    (order("set books.memo to text(order.total / 2)"), ""),
    (order('tag "x"', 'order.currency is exactly "usd"'), "R321"),
    (order('tag "x"', 'order.currency is exactly "USD"'), ""),
    (order('tag "x"', 'order.store is exactly "usd"'), ""),
    (lines("set line.tax_amount to line.amount * 7.5"), "R322"),
    (lines("set line.tax_amount to 7.5 * line.amount"), "R322"),
    (lines("set line.tax_amount to line.amount * 0.075%"), "R322"),
    (lines("set line.tax_amount to line.amount * 7.5%"), ""),
    (lines("set line.tax_amount to line.amount * 0.075"), ""),
    (lines("set line.tax_amount to line.amount * line.tax_rate"), ""),
    (lines("set line.discount to line.amount * 2"), ""),
    ("setting rate is number default 7.5\n" + lines("set line.tax_amount to line.amount * rate"), "R322"),
    ('list east is ["Maryland", "VA"]\n' + order('tag "x"', "ship_to.state is one of east"), "R325"),
    ('list east is ["MD", "VA"]\n' + order('tag "x"', "ship_to.state is one of east"), ""),
    ('list east is ["Maryland", "VA"]\n' + order('tag "x"', "ship_to.city is one of east"), ""),
    ('setting home is text default "Texas"\n' + order('tag "x"', "ship_to.state is home"), "R325"),
    ('list done is ["completed", "my-own-status"]\n' + order('tag "x"', "order.status is one of done"), ""),
    ('list done is ["complete"]\n' + order('tag "x"', "order.status is one of done"), "R325"),
    (order('add discount name = "x" amount = -5.00 USD log "total"'), "R326"),
    (order('add discount name = "x" amount = 5.00 USD log "total"'), ""),
    (lines("set line.discount to -1"), "R326"),
    (lines('add fee name = "x" amount = -5.00 USD log "total"'), ""),
    (order('tag "x"', 'order.note matches pattern "gift"'), "R446"),
    (order('tag "x"', 'order.note matches pattern "^gift"'), "R446"),
    (order('tag "x"', 'order.note does not match pattern "gift$"'), "R446"),
    (order('tag "x"', 'order.note matches pattern "^gift$"'), "R446"),
    (order('tag "x"', 'order.note matches pattern "gift|wrap"'), ""),
    (order('tag "x"', 'order.note matches pattern "/gift|wrap/i"'), "R448"),
    (order('tag "x"', 'order.note matches pattern "a/b|c"'), ""),
    (order('tag "x"', 'order.note matches pattern "(?i)gift"'), ""),
    (order('tag "x"', 'order.note matches "gift"'), "R447"),
    (order('tag "x"', 'order.note matches "gift*"'), ""),
    (order('tag "x"', 'order.note matches "AB.*"'), "R449"),
    (order('tag "x"', 'order.note matches "[0-9]+"'), "R449"),
    (order('tag "x"', 'order.note matches "Mr. *"'), ""),
    ('flow "F" from woocommerce to quickbooks sync orders starting 01/31/0226 end', "R324"),
    ('flow "F" from woocommerce to quickbooks sync orders starting 01/31/2024 end', ""),
    (
        'flow "F" off from woocommerce to quickbooks sync orders end '
        + order('tag "x"', scope='for order in flow "F"'),
        "R443",
    ),
    ('flow "F" from woocommerce to quickbooks sync orders end ' + order('tag "x"', scope='for order in flow "F"'), ""),
]


@pytest.mark.parametrize(("text", "code"), CASES, ids=[f"{c or 'quiet'} {t[-90:]}" for t, c in CASES])
def test_a_slip_is_told_and_nothing_else(text: str, code: str, check: Callable[..., Checked]) -> None:
    checked = check(text)
    mine = [each for each in checked.diagnostics if each.code[:3] in ("R32", "R43", "R44", "R45", "R50")]
    assert [each.code for each in mine] == ([code] if code else []), [each.message for each in checked.diagnostics]
    for each in mine:
        for fix in each.fixes:
            after = check(apply_edits(text, fix.edits))
            assert after.ruleset is not None, fix.title
            assert code not in [one.code for one in after.diagnostics], fix.title


PACK = {("shop/web", "1"): order('tag "web"', title="Web") + 'list shops is ["A"]\n'}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('use "shop/web" version "1" as web turn off "Web" end', ["R444"]),
        ('use "shop/web" version "1" as web end', []),
        (
            'use "shop/web" version "1" as web turn off "Web" end '
            + order('tag "x"', "order.store is one of web.shops"),
            [],
        ),
    ],
)
def test_a_pack_that_does_nothing_is_told(text: str, told: list[str], check: Callable[..., Checked]) -> None:
    assert [each.code for each in check(text, library=Packs(PACK)).diagnostics] == told
