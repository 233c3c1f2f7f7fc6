"""Statements that are lost or idle, and rules that stand there twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dsl.check import Checked
from tests.dsl.edits import apply_edits

LOST, IDLE, TWICE, CLEARED, NOTHING = "R415", "R416", "R417", "R418", "R419"
LINES = "for each line in order.lines"


def rules(*each: str) -> str:
    return "\n".join(f'rule "{"ABCDEF"[place]}" {text} end' for place, text in enumerate(each))


CASES = [
    # within a rule
    (LOST, ['for order then set books.class to "a" set books.class to "b"'], 'set books.class to "a"'),
    (LOST, ['for order then set books.class to order.class clear books.class'], "set books.class to order.class"),
    (LOST, ['for order then fill books.class with "a" override books.class with "b"'], 'fill books.class with "a"'),
    (IDLE, ['for order then set books.class to "a" fill books.class with "b"'], 'fill books.class with "b"'),
    (CLEARED, ["for order then clear order.note set books.memo to order.note"], "order.note"),
    (CLEARED, ['for order then clear order.note log "was {order.note}"'], "order.note"),
    (NOTHING, ["for order then set order.number to order.number"], "set order.number to order.number"),
    (NOTHING, ['for order then replace "#" with "#" in order.number'], 'replace "#" with "#" in order.number'),
    ("", ['for order then set books.class to "a" set books.class to order.class'], ""),
    ("", ['for order then set books.class to "a" set books.memo to books.class set books.class to "b"'], ""),
    ("", ['for order then set books.class to "a" set books.class to ""'], ""),
    ("", ['for order then set books.class to order.class or hold "x" set books.class to "b"'], ""),
    ("", ['for order then set books.class to order.class fill books.class with "b"'], ""),
    ("", ["for order then set order.number to original order.number"], ""),
    ("", ["for order then clear order.note set books.memo to original order.note"], ""),
    ("", ['for order then set books.class to "a" otherwise set books.class to "b"'.replace("then", "when order.paid then")], ""),
    # across rules
    (
        LOST,
        ['for order when order.paid then set books.class to "a"', 'for order then override books.class with "b"'],
        'set books.class to "a"',
    ),
    (
        "",
        ['for order when order.paid then set books.class to "a"', "for order then override books.class with order.class"],
        "",
    ),
    (
        "",
        [
            'for order when order.paid then set books.class to "a"',
            "for order then set books.memo to books.class",
            'for order then override books.class with "b"',
        ],
        "",
    ),
    (IDLE, ['for order then set books.class to "a"', 'for order then fill books.class with "b"'], 'fill books.class with "b"'),
    (
        IDLE,
        [f'{LINES} then set line.class to "a"', f'{LINES} where line.sku is "x" then fill line.class with "b"'],
        'fill line.class with "b"',
    ),
    ("", ['for order when order.paid then set books.class to "a"', 'for order then fill books.class with "b"'], ""),
    ("", ["for order then set books.class to order.class", 'for order then fill books.class with "b"'], ""),
    (
        "",
        [
            'for order then set books.memo to "a"',
            'for order then replace "a" with "" in books.memo',
            'for order then fill books.memo with "b"',
        ],
        "",
    ),
    # twice
    (TWICE, ['for order when order.paid then tag "x"', 'for order when order.paid then tag "x"'], '"B"'),
    (TWICE, ['for order when order.paid then hold "x" otherwise log "y"'] * 2, '"B"'),
    (TWICE, [f'{LINES} where line.taxable then set line.class to "x"'] * 2, '"B"'),
    ("", ['for order when order.paid then tag "x"', 'for order when order.paid then tag "y"'], ""),
    ("", ['for order when order.paid then tag "x"', 'for refund when order.paid then tag "x"'], ""),
    (
        "",
        [
            'for order when order.class is "x" then tag "x"',
            'for order when order.paid then set order.class to "x"',
            'for order when order.class is "x" then tag "x"',
        ],
        "",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "texts", "blamed"), CASES, ids=[" | ".join(each[1]) for each in CASES])
def test_what_is_done_in_vain(code: str, texts: list[str], blamed: str, check: Callable[..., Checked]) -> None:
    text = rules(*texts)
    found = [each for each in check(text).diagnostics if each.code in (LOST, IDLE, TWICE, CLEARED, NOTHING, "R401")]
    assert [(each.code, text[each.start.offset : each.end.offset]) for each in found] == (
        [(code, blamed)] if code else []
    )
    for each in found:
        for fix in each.fixes:
            assert not check(apply_edits(text, fix.edits)).diagnostics
