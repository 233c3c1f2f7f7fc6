"""Code that takes fields for granted learns which ones records lack, and decides those records as all others."""

from decimal import Decimal
from typing import Any

import pytest

from dsl.evaluate import generate
from dsl.program import Program
from tests.executor.made_up import TODAY, program_of

NAMES = ("note", "store", "status", "po_number", "payment_method", "channel", "class", "terms", "ship_via")


def record(**order: Any) -> dict[str, Any]:
    return {"order": {"currency": "USD", **order}, "customer": {}, "bill_to": {}, "ship_to": {}, "books": {}}


def agrees(program: Program, given: dict[str, Any]) -> None:
    walked = program.walk(given, today=TODAY)
    for trace in ("off", "mask", "full"):
        assert program.run_generated(given, today=TODAY, trace=trace).record == walked.record
    assert program.run_generated(given, today=TODAY) == walked
    assert program.evaluate(given, today=TODAY) == walked


def test_a_record_that_lacks_a_field_is_decided_by_generated_code_all_the_same() -> None:
    program = program_of(
        'rule "A" for order when order.note is "x" or order.store is missing then set books.memo to "{order.total}" end\n'
        'rule "B" for each line in order.lines where line.amount is more than 3 then set line.class to line.sku end'
    )
    agrees(
        program,
        record(note="x", store="y", total=Decimal(3), lines=[{"sku": "a", "amount": Decimal(4), "class": None}]),
    )
    agrees(program, record(note="x", lines=[{"amount": Decimal(4)}]))
    agrees(program, record(lines=[{}, {"sku": "b"}]))
    agrees(program, record(note="x", store="y", total=Decimal(3), lines=[]))


def test_code_is_made_anew_for_what_a_record_lacks_and_then_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    program = program_of(
        "\n".join(f'rule "{name}" for order when order.{name} is present then tag "{name}" end' for name in NAMES)
    )
    made: list[Any] = []
    real = generate.generate

    def spy(*given: Any, **named: Any) -> Any:
        made.append(named["loose"])
        return real(*given, **named)

    monkeypatch.setattr("dsl.program.generate", spy)
    for _ in range(3):
        assert program.evaluate(record(lines=[], tags=[]), today=TODAY, trace="mask").tags == ()
    # Once as if all were there, once without all that the first record lacks.
    assert [len(each) for each in made] == [0, len(NAMES)]


def test_a_record_without_one_of_its_parts_is_the_walker_s() -> None:
    program = program_of('rule "A" for order when ship_to.state is missing then set books.memo to "none" end')
    given: dict[str, Any] = {"order": {"currency": "USD"}}
    for _ in range(3):
        assert program.evaluate(given, today=TODAY) == program.walk(given, today=TODAY)
