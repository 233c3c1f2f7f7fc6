"""Rules that no record reaches: told once, with what ends the record before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dsl.check import Checked

LINES = "for each line in order.lines"


def rules(*each: str) -> str:
    return "\n".join(f'rule "{"ABCDEF"[place]}" {text} end' for place, text in enumerate(each))


def skip(when: str = "") -> str:
    return f'for order {"when " + when if when else ""} then skip "x"'


def log(when: str = "", otherwise: str = "") -> str:
    return f'for order {"when " + when if when else ""} then log "x"{otherwise}'


UNREACHED = [
    ((skip('order.status is "failed"'), log('order.status is "failed" and order.paid')), 'rule "B"', '"B"'),
    ((skip('order.status is one of ["failed", "trash"]'), log('order.status is "Trash"')), 'rule "B"', '"B"'),
    ((skip("order.total < 10"), log("order.total < 5")), 'rule "B"', '"B"'),
    ((skip('order.note contains "test"'), log('order.note starts with "test order"')), 'rule "B"', '"B"'),
    ((skip("order.paid or order.taxable"), log("order.taxable and order.total > 5")), 'rule "B"', '"B"'),
    ((log("order.paid", ' otherwise fail "x"'), log("not order.paid")), 'rule "B"', '"B"'),
    ((skip("order.paid"), log("order.paid", ' otherwise log "y"')), "then of B", 'log "x"'),
    ((skip("not order.paid"), log("order.paid", ' otherwise log "y"')), "otherwise of B", 'log "y"'),
    ((skip(), log(), log("order.paid")), "all", 'skip "x"'),
    ((skip("order.paid"), skip("not order.paid"), log(), log()), "all", 'skip "x"'),
    ((skip("order.total > 10"), skip("order.total < 12"), log("order.total is present")), 'rule "C"', '"C"'),
    (
        (f'{LINES} where line.sku is "A" then skip line "x"', f'{LINES} where line.sku is "a" then log "x"'),
        'rule "B"',
        '"B"',
    ),
    ((f'{LINES} where line.sku is "A" then skip "x"', f'{LINES} where line.sku is "a" then log "x"'), "B", '"B"'),
    ((skip('order.status is "a"'), f'{LINES} when order.status is "a" then log "x"'), "B", '"B"'),
    ((skip('order.status is "a"').replace("for order", "for order from woocommerce"),
      log('order.status is "a"').replace("for order", "for order from woocommerce")), "B", '"B"'),
    ((skip('order.status is "a"'), 'for refund when order.status is "a" then log "x"'), "B", '"B"'),
]  # fmt: skip

REACHED = [
    (skip('order.status is "failed"'), log('order.status is "trash"')),
    (skip("order.total < 5"), log("order.total < 10")),
    ('for order when order.paid then hold "x"', log("order.paid")),
    (skip('order.class is "a"'), 'for order then set order.class to "a"', log('order.class is "a"')),
    (skip('order.class is "a"'), log('original order.class is "a"')),
    (skip('order.status is "a"').replace("for order", "for order from woocommerce"), log('order.status is "a"')),
    (f'{LINES} where line.sku is "A" then skip "x"', log('some line in order.lines where (line.sku is "B")')),
    (
        f'{LINES} where line.sku is "A" then skip line "x"',
        'for order then add line sku = "A" quantity = 1 amount = 1.00 USD',
        f'{LINES} where line.sku is "A" then log "x"',
    ),
    (skip("order.paid").replace('rule "A"', 'rule "A" off'), log("not order.paid")),
    (
        f'{LINES} when order.class is "a" then skip "x" otherwise set order.class to "a"',
        f'{LINES} when order.class is "a" then log "x"',
    ),
]


@pytest.mark.parametrize(("texts", "what", "blamed"), UNREACHED, ids=[" | ".join(each[0]) for each in UNREACHED])
def test_a_rule_that_nothing_reaches(
    texts: tuple[str, ...], what: str, blamed: str, check: Callable[..., Checked]
) -> None:
    text = rules(*texts)
    found = [each for each in check(text).diagnostics if each.code == "R414"]
    assert [text[each.start.offset : each.end.offset] for each in found] == [blamed]
    assert found[0].related


@pytest.mark.parametrize("texts", REACHED, ids=" | ".join)
def test_a_rule_that_some_record_reaches(texts: tuple[str, ...], check: Callable[..., Checked]) -> None:
    assert "R414" not in [each.code for each in check(rules(*texts)).diagnostics]


def test_a_rule_that_is_never_reached_overwrites_nothing(check: Callable[..., Checked]) -> None:
    text = rules(
        skip("order.paid"),
        'for order when order.total > 5 then set books.class to "1"',
        'for order when order.paid then set books.class to "2"',
    )
    assert [each.code for each in check(text).diagnostics] == ["R414"]


PACK = 'use "woocommerce/standard" version "2.3" as std end\n'


def test_a_rule_may_be_unreached_because_of_a_pack_and_that_is_told_in_the_file(check: Callable[..., Checked]) -> None:
    found = check(PACK + rules(log("order.paid is no"))).diagnostics
    assert [(each.code, each.file) for each in found] == [("R414", "web.rules")]
    assert [each.file for each in found[0].related] == ["woocommerce/standard@2.3"]


def test_nothing_is_told_of_the_inside_of_a_pack(check: Callable[..., Checked]) -> None:
    assert not check(rules(skip("order.paid is no")) + "\n" + PACK).diagnostics
