"""How long texts get: told where it can really come out longer than the books take, with the parts that make it so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dsl.check import Checked
from tests.dsl.edits import apply_edits

PREFIX = 'setting prefix is text default "ONLINE-STORE-"\n'
SHORT = 'setting prefix is text default "WC-"\n'
TABLE = 'table long_for\n  store -> name\n  "A" -> "A name of more than thirty-one letters"\n  otherwise -> "B"\nend\n'


def order(then: str, when: str = "", title: str = "R") -> str:
    return f'rule "{title}" for order {"when " + when if when else ""} then {then} end\n'


CASES = [
    (PREFIX + order('set books.number to "{prefix}{order.number}"'), 25),
    (PREFIX + order('set order.number to "{prefix}{order.number}"'), 25),
    (SHORT + order('set order.number to "{prefix}{order.number}"'), 0),
    (order('set books.number to "WEB-{order.number}"'), 0),
    (order('set books.number to "WEB-{order.number}-{order.date}"'), 27),
    (order('set books.number to left("WEB-{order.number}-{order.date}", 21)'), 0),
    (order('set books.number to right("WEB-{order.number}-{order.date}", 22)'), 22),
    (order('set books.number to "WEB-{left(order.number, 6)}-{order.date}"'), 0),
    (PREFIX + order('set books.number to "{prefix}{order.number}"', "length(order.number) is at most 8"), 0),
    (PREFIX + order('set books.number to "{prefix}{order.number}"', "length(order.number) is less than 10"), 22),
    (PREFIX + order('set books.number to "{prefix}{order.number}"', 'order.number is "1042"'), 0),
    (PREFIX + order('set books.number to "{prefix}{order.number}"', 'order.number matches "????"'), 0),
    (order('set order.number to "WEB-{order.number}"') + order('set order.number to "{order.number}-US-EAST"', title="S"), 24),
    (order('set books.number to "{order.store}-{order.number}"'), 0),
    (order('set books.memo to "{order.note}"'), 0),
    (order("set books.payment_reference to order.transaction_id"), 27),
    (order('set books.payment_reference to order.meta["_charge"] or else order.transaction_id'), 27),
    (order("set books.payment_reference to right(order.transaction_id, 21)"), 0),
    (order('set books.po_number to order.meta["_po_number"]'), 0),
    (order('set books.po_number to left(order.note, 40)'), 40),
    (order('set books.custom["Store"] to "Sold by {text(order.date)} {upper(order.currency)} {order.id}"'), 33),
    (TABLE + order("set books.ship_via to lookup long_for(order.store)"), 38),
    (order('replace "#" with "ONLINE-SHOP-" in order.number'), 23),
    (order('replace "#" with "" in order.number'), 0),
    (order('add line sku = "{order.number}{order.number}{order.number}{order.number}{order.number}{order.number}{order.number}'
           '{order.number}{order.number}" amount = 0'), 108),
]  # fmt: skip


@pytest.mark.parametrize(("text", "longest"), CASES, ids=[each[-110:] for each, _ in CASES])
def test_a_text_that_can_get_too_long_is_told(text: str, longest: int, check: Callable[..., Checked]) -> None:
    checked = check(text)
    assert checked.file is not None
    found = [each for each in checked.diagnostics if each.code in ("R504", "R501")]
    assert bool(found) is bool(longest), [each.message for each in found]
    if longest:
        assert f"{longest} characters" in found[0].message
        for fix in found[0].fixes:
            after = check(apply_edits(text, fix.edits))
            assert not [each for each in after.diagnostics if each.code in ("R504", "R501")], fix.title


def test_the_parts_that_make_it_long_are_told(check: Callable[..., Checked]) -> None:
    (found,) = check(PREFIX + order('set books.number to "{prefix}{order.number}"')).diagnostics
    assert found.label == "`prefix` (13) + `order.number` (12)"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("clear order.date", True),
        ("clear order.number", True),
        ("clear order.po_number", False),
        ("clear order.shipping_total", False),
        ("clear books.customer", False),
    ],
)
def test_what_every_document_needs_cannot_be_cleared(statement: str, told: bool, check: Callable[..., Checked]) -> None:
    text = order(f'tag "x" {statement}', 'order.store is "Test"').replace('"R"', '"The total"')
    found = [each for each in check(text).diagnostics if each.code == "R506"]
    assert bool(found) is told
    for each in found:
        assert not check(apply_edits(text, each.fixes[0].edits)).diagnostics
