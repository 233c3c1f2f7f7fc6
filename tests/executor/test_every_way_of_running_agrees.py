"""Made-up rule sets over made-up records: the tree walker and all three twins of generated code must agree in everything.

A soak run (`CLOUDCART_SOAK=1`) makes up other rule sets each time, and very many of them.
"""

import os
import pickle
from collections import Counter
from datetime import date
from decimal import Decimal, DecimalException
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.evaluate import runs
from dsl.evaluate.runtime import Beyond
from dsl.values import EvaluationFailure
from tests.executor.made_up import (
    HELD,
    RECORDS,
    RELEASES,
    TODAY,
    Refused,
    copy,
    headed_rule_sets,
    program_of,
    rule_sets,
)

SOAK = bool(os.environ.get("CLOUDCART_SOAK"))
CASES = int(os.environ.get("CLOUDCART_SOAK_CASES", "5000"))
COUNTS = Counter[str]()


def every_way_agrees(text: str, records: list[dict[str, Any]], inputs: dict[str, Any]) -> None:
    try:
        program = program_of(text)
    except Refused:
        COUNTS["refused"] += 1
        return
    COUNTS["run"] += 1
    for record in records:
        received = copy(record)
        walked = program.walk(record, **inputs)
        assert record == received
        assert program.walk(record, **inputs) == walked
        for trace in ("off", "mask", "full"):
            try:
                program.run_generated(record, **inputs, trace=trace)
            except (Beyond, EvaluationFailure, DecimalException):
                # It may leave a record to the walker, but only by these: anything else is a fault of the generator.
                COUNTS["left to the walker"] += 1
            decided = program.evaluate(record, **inputs, trace=trace)
            assert record == received
            assert decided.record == walked.record
            assert repr(decided.record) == repr(walked.record)
            for name in ("kind", "outcome", "reason", "rule", "left_out", "tags", "log", "findings", "hold"):
                assert getattr(decided, name) == getattr(walked, name), name
            if trace != "off":
                assert decided.fired == walked.fired
            if trace == "full":
                assert decided == walked
                assert walked == decided
                assert repr(decided.changes) == repr(walked.changes)
                assert pickle.loads(pickle.dumps(decided.changes)) == walked.changes
                assert decided.trace is not None
                assert walked.trace is not None
                assert decided.trace.without_effect == walked.trace.without_effect
                assert decided.trace.why_not() == walked.trace.why_not()


def made_up(examples: int) -> settings:
    return settings(
        max_examples=CASES if SOAK else examples,
        derandomize=not SOAK,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@made_up(20)
@given(text=rule_sets(), records=st.lists(RECORDS, min_size=1, max_size=3), held_since=HELD, releases=RELEASES)
def test_walker_and_generated_code_agree(
    text: str, records: list[dict[str, Any]], held_since: dict[str, date], releases: frozenset[str]
) -> None:
    every_way_agrees(text, records, {"today": TODAY, "held_since": held_since, "releases": releases})


@made_up(25)
@given(
    text=headed_rule_sets(),
    records=st.lists(RECORDS, min_size=1, max_size=3),
    many=st.sampled_from([2, 3, 5, 100]),
    fewest=st.sampled_from([2, 3, 100]),
)
def test_rules_that_are_found_by_their_texts_do_what_they_do_one_by_one(
    text: str, records: list[dict[str, Any]], many: int, fewest: int
) -> None:
    # What pays from a hundred rules on is right from two on, and two are read faster.
    with mock.patch.object(runs, "MANY_RULES", many), mock.patch.object(runs, "FEWEST", fewest):
        every_way_agrees(text, records, {"today": TODAY})


LEAVES: tuple[Any, ...] = (
    None,
    "",
    " ",
    "\t",
    "7",
    "a",
    True,
    False,
    0,
    5,
    Decimal(0),
    Decimal(5),
    [],
    ["a"],
    date(2026, 1, 2),
)
READING = (
    *(
        f'for order when {condition} then tag "x"'
        for condition in (
            "order.ship_date is missing",
            "order.balance is missing",
            "order.paid is present",
            "order.paid is no",
            "order.paid is not yes",
            "order.paid",
            "original order.paid is missing",
            "order.coupon_codes is missing",
            'order.coupon_codes contains "a"',
            'order.meta["k"] is missing',
            "order.note is missing",
            'order.note is "0"',
            'order.note is exactly "0"',
            'order.note is not "a"',
            "order.shipping_total is 0",
            "order.balance is at most 1",
            "order.balance is between 1 and order.total",
            "order.ship_date is before order.date",
            "order.total is order.balance",
            "count(order.lines where line.taxable) is 1",
            "some line in order.lines where (line.taxable is not yes)",
        )
    ),
    *(
        f"for order then {statement}"
        for statement in (
            "fill order.ship_date with 2026-01-01",
            "clear order.ship_date",
            "set books.date to order.ship_date",
            "fill order.shipping_total with 3",
            "clear order.shipping_total",
            'fill order.note with "x"',
            "set books.memo to order.note",
            'set books.memo to order.meta["k"]',
            'log "{order.ship_date} {order.balance} {order.paid} {order.note} {order.shipping_total}"',
            'log "{order.ship_date or else today} {if(order.paid, 1, 2)} {order.date - 3 days}"',
            'log "{sum(line.amount in order.lines)} {max(order.total, 3)} {round(order.balance, 1)}"',
        )
    ),
    'for each line in order.lines where line.quantity is missing then tag "x"',
    "for each line in order.lines then set line.quantity to line.quantity * 2",
    "for each line in order.lines then set line.unit_price to line.amount",
    "for each line in order.lines then set line.class to line.sku",
)


@pytest.mark.parametrize("rule", READING)
def test_a_leaf_of_another_kind_is_read_as_the_walker_reads_it(rule: str) -> None:
    program = program_of(f'rule "R" {rule} end')
    for leaf in LEAVES:
        names = ("ship_date", "balance", "paid", "shipping_total", "coupon_codes", "note", "total", "date")
        line = dict.fromkeys(("sku", "amount", "quantity", "unit_price", "taxable"), leaf)
        head = {"currency": "USD", **dict.fromkeys(names, leaf), "meta": {"k": leaf}, "lines": [line]}
        record: dict[str, Any] = {"order": head, "customer": {}, "bill_to": {}, "ship_to": {}, "books": {}}
        walked = program.walk(record, today=TODAY)
        for trace in ("off", "mask", "full"):
            decided = program.evaluate(record, today=TODAY, trace=trace)
            for name in ("outcome", "reason", "record", "tags", "log", "findings"):
                assert repr(getattr(decided, name)) == repr(getattr(walked, name)), (name, leaf, trace)
        assert program.evaluate(record, today=TODAY) == walked


def test_a_field_that_a_loop_fills_is_filled_for_its_first_line_only() -> None:
    # What soak runs found: the text that was kept folded before the loop has to follow a write inside of it.
    text = (
        'rule "A" for each line in order.lines when order.number matches "a*" then set order.note to "x" end\n'
        'rule "B" for each line in order.lines then fill order.number with "A-" end'
    )
    record: dict[str, Any] = {
        "order": {"number": " ", "note": None, "currency": "USD", "lines": [{"id": "a"}, {"id": "b"}], "payments": []},
        "customer": {},
        "bill_to": {},
        "ship_to": {},
        "books": {},
    }
    every_way_agrees(text, [record], {"today": TODAY})
