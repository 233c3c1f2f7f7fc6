"""Many rules that ask for a constant: found by the record's text, they do what they do one after the other."""

from decimal import Decimal
from typing import Any
from unittest import mock

import pytest

from dsl.decision import Decision
from dsl.evaluate import generate, runs
from dsl.evaluate.lower import lower
from dsl.program import Program
from tests.executor.made_up import TODAY, program_of

MANY = runs.MANY_RULES + 20


def record(**order: Any) -> dict[str, Any]:
    head = {"id": "1", "number": "7", "currency": "USD", "lines": [], "payments": [], "fees": [], "tags": []}
    return {"order": {**head, **order}, "customer": {}, "bill_to": {}, "ship_to": {}, "books": {}}


def decided(program: Program, given: dict[str, Any]) -> Decision:
    """The decision by generated code in all three twins, which has to be the walker's."""
    walked = program.walk(given, today=TODAY)
    full = program.run_generated(given, today=TODAY, trace="full")
    assert full == walked
    assert program.run_generated(given, today=TODAY, trace="mask") == walked._replace(changes=(), trace=None)
    assert program.run_generated(given, today=TODAY, trace="off") == walked._replace(changes=(), trace=None, fired=())
    return full


def test_a_rule_that_rewrites_the_text_brings_in_the_rules_behind_it_and_none_before_it() -> None:
    upwards = (
        f'rule "R{n}" for order when order.note is "w{n}" then set order.note to "W{n + 1}" end' for n in range(MANY)
    )
    decision = decided(program_of("\n".join(upwards)), record(note="w3"))
    assert decision.fired == tuple(f"R{n}" for n in range(3, MANY))
    assert decision.record["order"]["note"] == f"W{MANY}"
    downwards = (
        f'rule "R{n}" for order when order.note is "w{n}" then set order.note to "w{n - 1}" end' for n in range(MANY)
    )
    assert decided(program_of("\n".join(downwards)), record(note="w3")).fired == ("R3",)


def test_rules_on_several_fields_keep_their_order() -> None:
    made = (
        f'rule "R{n}" for order when {("order.note", "order.store")[n % 2]} is one of ["a", "b{n}"] '
        f"then set books.memo to \"{{books.memo or else ''''}}{n},\" end".replace("''''", '""""')
        for n in range(MANY)
    )
    decision = decided(program_of("\n".join(made)), record(note="A ", store="a"))
    assert decision.record["books"]["memo"] == "".join(f"{n}," for n in range(MANY))
    assert (
        len(decided(program_of('rule "B" for order when order.note is "b" then tag "b" end'), record(note="B")).tags)
        == 1
    )


def test_what_a_rule_asks_for_later_is_not_asked_of_rules_that_do_not_come_to_it() -> None:
    made = "\n".join(
        f'rule "R{n}" for order when order.note is "w{n}" and order.total is more than 5.00 USD then tag "t{n}" end'
        for n in range(MANY)
    )
    program = program_of(made)
    other = record(note="x", total=Decimal(9), currency="EUR")
    assert decided(program, other).outcome == "sync"
    # The one that does come to it has no answer: the walker says so, whoever is asked.
    held = program.evaluate(record(note="w5", total=Decimal(9), currency="EUR"), today=TODAY)
    assert held == program.walk(record(note="w5", total=Decimal(9), currency="EUR"), today=TODAY)
    assert [each.code for each in held.findings] == ["E101"]


def test_a_condition_that_asks_for_an_amount_first_is_always_asked() -> None:
    made = "\n".join(
        f'rule "R{n}" for order when order.total is more than 5.00 USD and order.note is "w{n}" then tag "t{n}" end'
        for n in range(MANY)
    )
    held = program_of(made).evaluate(record(note="x", total=Decimal(9), currency="EUR"), today=TODAY)
    assert [each.code for each in held.findings] == ["E101"]


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        ('skip "Why {order.note}"', "skip"),
        ('hold "Why {order.note}" for up to 3 days', "hold"),
        ('fail "Why {order.note}"', "fail"),
        ('set books.memo to order.store or hold "Why {order.note}"', "hold"),
    ],
)
def test_a_rule_that_is_found_can_end_the_record(statement: str, outcome: str) -> None:
    made = [f'rule "R{n}" for order when order.note is "a" then set books.memo to "m{n}" end' for n in range(MANY)]
    made[7] = f'rule "R7" for order when order.note is "a" then {statement} end'
    decision = decided(program_of("\n".join(made)), record(note="A"))
    assert (decision.outcome, decision.reason, decision.rule) == (outcome, "Why A", "R7")
    assert decision.fired == tuple(f"R{n}" for n in range(8))
    assert len(decision.changes) == 7


def test_rules_around_those_that_are_found_see_what_they_wrote() -> None:
    made = [
        f'rule "R{n}" for order when order.store is "s{n}" then set order.note to "n{n}" tag "t{n}" end'
        for n in range(MANY)
    ]
    before = 'rule "Before" for order when order.note is "n0" or order.note is "x" then set books.class to "before" end'
    after = (
        'rule "After" for order when order.note is "n9" and order.note is one of ["n9"]\n'
        '  then set books.class to "{order.note}" end\n'
        'rule "Loop" for each line in order.lines where line.sku is order.note then set line.class to order.note end\n'
        'rule "Add" for order when order.tags contains "t9" then add line sku = order.note amount = 1.00 USD end'
    )
    given = record(note="x", store="S9", lines=[{"id": "a", "sku": "N9", "amount": Decimal(3), "quantity": Decimal(1)}])
    decision = decided(program_of("\n".join([before, *made, after])), given)
    assert decision.fired == ("Before", "R9", "After", "Loop", "Add")
    assert [line["sku"] for line in decision.record["order"]["lines"]] == ["N9", "n9"]


def test_rules_for_lines_are_found_by_the_line_s_own_text() -> None:
    made = [
        f'rule "R{n}" for each line in order.lines where line.sku is "s{n}"\n'
        f'  then set line.class to "c{n}" set line.quantity to {n} end'
        for n in range(MANY)
    ]
    made.append('rule "Last" for each line in order.lines where line.class is "c3" then set line.sku to "s0" end')
    lines = [{"id": f"l{n}", "sku": f"S{n % 5}", "quantity": Decimal(1), "unit_price": Decimal(2)} for n in range(8)]
    decision = decided(program_of("\n".join(made)), record(lines=lines))
    assert decision.fired == ("R0", "R1", "R2", "R3", "R4", "Last")
    # Rule by rule, as the walker tells it, though the lines are gone through once.
    told = [each.rule for each in decision.changes]
    assert told == [*sorted(told[:-1]), "Last"]


def test_of_many_rules_only_those_that_are_needed_become_code() -> None:
    program = program_of(
        "\n".join(f'rule "R{n}" for order when order.note is "w{n}" then tag "t{n}" end' for n in range(MANY))
    )
    made: list[str] = []
    real = generate._Step.of

    def spy(step: Any, form: Any) -> Any:
        made.append(form.key)
        return real(step, form)

    with mock.patch.object(generate._Step, "of", spy):
        for note in ("w3", "w9", "w3", "nothing"):
            program.evaluate(record(note=note), today=TODAY, trace="mask")
    assert made == ["R3", "R9"]


@pytest.mark.parametrize("rules", [runs.FEWEST, runs.FEWEST + 3])
def test_rules_that_turn_one_text_into_another_are_a_table(rules: int) -> None:
    made = "\n".join(
        f'rule "R{n}" for order when order.payment_method is one of ["m{n}", "n{n}"] then set books.class to "c{n}" end'
        for n in range(rules)
    )
    program = program_of(made)
    plan = list(runs.runs(lower(program.resolved.rules), "order", program.walker.constant))
    assert [each.way for each in plan] == ["table"]
    for method, found in (("M2", "c2"), (" n3", "c3"), ("x", None), (None, None)):
        decision = decided(program, record(payment_method=method))
        assert decision.record["books"].get("class") == found
    again = decided(program, {**record(payment_method="m1"), "books": {"class": "c1"}})
    assert again.trace is not None
    assert [each.reason for each in again.trace.without_effect] == ["it had this value already"]
