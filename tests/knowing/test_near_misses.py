"""dsl/nearness.py, dsl/labels.py, dsl/explain: how near a rule came, why it ran, and what it worked with"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dsl.explain import Explanation, RuleStory, explain
from dsl.explain.telling import plain, told
from engine import projection
from engine.rulesets import schema
from tests.knowing.conftest import DEMO, RECORDED, compiled, recorded_order

TODAY = date(2026, 11, 20)
LINES = [
    {"id": "71", "sku": "HAT", "quantity": Decimal(2), "amount": Decimal("40.00")},
    {"id": "72", "sku": "BELT", "quantity": Decimal(1), "amount": Decimal("55.00")},
    {"id": "73", "sku": "HAT", "quantity": Decimal(2), "amount": Decimal("40.00")},
]


def record(**order: Any) -> dict[str, Any]:
    head = {"id": "1", "number": "1042", "currency": "USD", "total": Decimal("95.00"), "payment_method": "visa",
            "date": date(2026, 2, 3), "store": "Web", "lines": [dict(line) for line in LINES], "payments": []}  # fmt: skip
    return {"order": {**head, **order}, "customer": {"email": "jo@shop.test"}, "bill_to": {},
            "ship_to": {"state": "VA", "country": "US"}, "books": {}}  # fmt: skip


def explained(rules: str, **order: Any) -> Explanation:
    return explain(compiled(rules), record(**order), today=TODAY, schema=schema())


def story(rules: str, title: str = "R", **order: Any) -> RuleStory:
    return next(each for each in explained(rules, **order).stories if each.rule == title)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ('order.payment_method is "PayPal"', "wanted payment method PayPal, it was visa"),
        ("order.total is at least 100.00 USD", "order total is 95.00 USD, 5.00 short of 100.00"),
        ("order.total is at most 90", "order total is 95.00 USD, 5.00 over 90"),
        ("order.total is more than 95.00 USD", "order total is 95.00 USD, wanted more than 95.00 USD"),
        ("order.total is between 100 and 200", "order total is 95.00 USD, 5.00 short of 100"),
        ("order.total is between 50 and 90", "order total is 95.00 USD, 5.00 over 90"),
        ("order.date is before 2026-01-31", "order date is 2026-02-03, 3 days after 2026-01-31"),
        ("order.date is after 2026-02-04", "order date is 2026-02-03, 1 day before 2026-02-04"),
        ("count(order.lines) is more than 5", "count(order.lines) is 3, 2 short of 5"),
        ('ship_to.state is one of ["MD", "DC"]', "wanted shipping state one of MD, DC, it was VA"),
        ("bill_to.state is present", "billing state is not set"),
        ("order.store is missing", "store is set: Web"),
        ('not customer.email ends with ".test"', "wanted customer's e-mail not ending in .test, it was jo@shop.test"),
        ('not (order.store is "Web" and ship_to.state is "VA")', "wanted store anything but Web, it was Web"),
        (
            'order.store is "Web" and ship_to.state is "MD" and order.total is at least 100',
            "wanted shipping state MD, it was VA, and order total is 95.00 USD, 5.00 short of 100",
        ),
        (
            'order.store is "Amazon" or order.total is more than 96 or ship_to.state is missing',
            "order total is 95.00 USD, 1.00 short of 96 (the nearest of 3 alternatives)",
        ),
        (
            'order.payment_method is "a" or order.payment_method is "b" or order.payment_method is "vise"',
            "wanted payment method vise, it was visa (the nearest of 3 alternatives)",
        ),
        ('order.meta["_po"] is "7"', 'wanted custom field "_po" 7, it was not set'),
        ('original order.number is "7"', "wanted order number as received 7, it was 1042"),
    ],
)
def test_a_miss_is_told_with_labels_values_and_by_how_much(condition: str, words: str) -> None:
    said = story(f'rule "R" for order when {condition} then tag "x" end').why
    assert [each.replace(f"{words} (the nearest of 2 alternatives)", words) for each in said] == [words]


def test_lines_that_miss_alike_are_told_once() -> None:
    found = story(
        'rule "R" for each line in order.lines where line.amount is more than 50 when line.sku is "TENT" then tag "x" end'
    )
    assert found.why == (
        "line 1, 3: amount is 40.00 USD, 10.00 short of 50",
        "line 2: wanted SKU TENT, it was BELT",
    )
    assert [each.items for each in found.misses] == [(1, 3), (2,)]


def test_the_nearest_miss_stands_first_and_the_far_ones_are_folded() -> None:
    far = " ".join(
        f'rule "Far {number}" for order when order.meta["_{number}"] is "x" and order.note is "y" then tag "{number}" end'
        for number in range(9)
    )
    explanation = explained(f'{far} rule "Near" for order when order.total is at least 96 then tag "x" end')
    text = plain(told(explanation))
    lines = text.splitlines()
    assert lines[lines.index("Rules that did not act, the nearest first") + 1].startswith("  Near ")
    assert "and 4 more that were further off: " in text
    assert "Far 8" not in text.split("and 4 more")[0]
    whole = plain(told(explanation, everything=True))
    assert "further off" not in whole
    assert all(f"Far {number}" in whole for number in range(9))


def test_what_made_a_rule_run_is_told_with_the_values() -> None:
    found = story(
        'rule "R" for order when (order.store is "Amazon" or order.total is less than 100) and not ship_to.state is "MD" '
        'and some line in order.lines where (line.sku is "BELT") then tag "x" end'
    )
    assert found.because == ("order total was 95.00 USD, shipping state was VA, line 2: SKU was BELT",)


def test_what_was_read_of_an_earlier_rule_is_named() -> None:
    rules = (
        'rule "State" for order then set ship_to.state to "MD" '
        'end rule "Item" for each line in order.lines where line.sku is "BELT" then set line.item to "Belt" end '
        'rule "R" for order when ship_to.state is "MD" then set books.class to "East" end '
        'rule "S" for each line in order.lines where line.item is "Belt" then set line.class to "Belts" end'
    )
    (state,) = story(rules).heirlooms
    assert (state.path, state.label, state.value, state.by) == ("ship_to.state", "shipping state", "MD", "State")
    (item,) = story(rules, "S").heirlooms
    assert (item.path, item.label, item.by) == ("order.lines[2].item", "line 2, becomes item", "Item")


def test_a_lookup_is_told_with_its_keys_and_the_line_that_answered() -> None:
    rules = """table t
  state | total -> code
  "MD" | any -> "A"
  "VA" | up to 100 -> "B"
end
rule "R" for order then set books.tax_code to lookup t(ship_to.state, order.total) end
"""
    (answer,) = story(rules).answers
    assert answer.words == "t has B for VA, 95.00 USD (web.rules:4)"
    (none,) = story(rules.replace('"VA" | up', '"WA" | up')).answers
    assert none.words == "t has no row for VA, 95.00 USD"


def test_how_a_value_came_is_told() -> None:
    rules = (
        'rule "R" for order then fill books.memo with "a" override ship_to.state with "MD" clear order.store '
        'replace "10" with "x" in order.number set books.class to "C" tag "t" end'
    )
    text = plain(told(explained(rules)))
    for line in (
        "Memo            (not set) → a  (filled in)",
        "Shipping state  VA → MD  (overruled)",
        "Store           Web → (not set)  (cleared)",
        "Order number    1042 → x42  (replaced in the text)",
        "Class in the books  (not set) → C",
    ):
        assert " ".join(line.split()) in " ".join(text.split()), line


def test_a_rule_that_ended_the_record_says_so_and_what_was_not_reached_is_folded() -> None:
    rules = 'rule "Stop" for order when order.total > 1 then hold "Look" end rule "A" for order then tag "a" end'
    text = plain(told(explained(rules)))
    assert text.startswith('Order #1042 is held: Look (rule "Stop")\n')
    assert "    The record is held here: Look\n" in text
    assert 'Not reached, because "Stop" had ended the record: "A"\n' in text


def test_an_explanation_decides_as_the_live_run_does_for_every_recorded_order() -> None:
    program = compiled(DEMO.read_text(), "web_orders.rules")
    names = sorted(
        each.stem
        for each in RECORDED.glob("order_*.json")
        if "auto_draft" not in each.stem and "notes" not in each.stem
    )
    assert len(names) > 30
    for name in names:
        before = projection.of_order(recorded_order(name))
        explanation = explain(
            program, before, source="woocommerce", flow=program.flows[0].name, today=TODAY, schema=schema()
        )
        live = program.evaluate(before, source="woocommerce", flow=program.flows[0].name, today=TODAY)
        found = explanation.decision
        assert (found.outcome, found.reason, found.fired) == (live.outcome, live.reason, live.fired), name
        assert tuple(found.changes) == tuple(live.changes), name
        text = plain(told(explanation))
        assert max(map(len, text.splitlines())) <= 100, name
        assert all(len(each.deeds) == len(each.changes) for each in explanation.stories)
