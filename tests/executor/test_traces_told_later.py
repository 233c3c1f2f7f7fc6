"""The changes of a full trace are told when they are read: until then nothing of them is made, and nobody can tell."""

import copy
import pickle
import threading
from decimal import Decimal
from typing import Any
from unittest import mock

from dsl.decision import Change, Changes, Decision
from dsl.program import Program
from tests.executor.made_up import TODAY, program_of

RULES = """
rule "Number" for order then set order.number to "W-{order.number}" end
rule "Again" for order then set order.note to "same" end
rule "Lines" for each line in order.lines then set line.class to "c" end
rule "Dear" for each line in order.lines where line.amount is more than 5 then set line.sku to "dear" set line.quantity to 2 end
"""


def program() -> Program:
    return program_of(RULES)


def record() -> dict[str, Any]:
    lines = [
        {"id": "a", "sku": "x", "amount": Decimal(9), "quantity": Decimal(1), "unit_price": Decimal(9), "class": None},
        {"id": None, "sku": "y", "amount": Decimal(1), "quantity": Decimal(1), "unit_price": Decimal(1), "class": "c"},
    ]
    order = {"id": "1", "number": "7", "note": "same", "currency": "USD", "lines": lines, "payments": []}
    return {"order": order, "customer": {}, "bill_to": {}, "ship_to": {}, "books": {}}


def decided() -> tuple[Decision, Decision]:
    return program().run_generated(record(), today=TODAY), program().walk(record(), today=TODAY)


def test_changes_behave_as_the_tuple_that_the_walker_gives() -> None:
    decision, walked = decided()
    told, changes = decision.changes, walked.changes
    assert isinstance(told, Changes)
    assert isinstance(changes, tuple)
    assert len(changes) == 5
    assert (told == changes, changes == told, told != changes, told == list(changes)) == (True, True, False, False)
    assert (len(told), bool(told), list(told), tuple(told)) == (5, True, list(changes), changes)
    assert (told[0], told[-1], told[1:3], told[:]) == (changes[0], changes[-1], changes[1:3], changes)
    assert (hash(told), repr(told), list(reversed(told))) == (hash(changes), repr(changes), list(reversed(changes)))
    assert changes[2] in told
    assert (told.index(changes[1]), told.count(changes[1])) == (1, 1)
    extra = (Change("order.x", 1, 2, "R"),)
    assert (told + extra, extra + told) == (changes + extra, extra + changes)
    assert len({hash(told), hash(changes)}) == 1


def test_a_decision_survives_being_pickled_and_copied() -> None:
    decision, walked = decided()
    assert decision.trace is not None
    for again in (pickle.loads(pickle.dumps(decision)), copy.deepcopy(decision)):
        assert again == walked
        assert again.trace is not None
        assert again.trace == walked.trace
        assert again.trace.why_not() == decision.trace.why_not()


def test_nothing_is_told_until_somebody_reads_it_and_then_once() -> None:
    compiled = program()
    compiled.run_generated(record(), today=TODAY)
    decision = compiled.run_generated(record(), today=TODAY)
    assert isinstance(decision.changes, Changes)
    tell = mock.Mock(side_effect=decision.changes.tell)
    decision.changes.tell = tell
    assert tell.call_count == 0
    assert len(decision.changes) == 5
    assert decision.trace is not None
    assert [each.reason for each in decision.trace.without_effect] == ["it had this value already"] * 2
    assert tell.call_count == 1


def test_threads_that_read_together_are_told_the_same() -> None:
    decision, walked = decided()
    told: list[Any] = []
    threads = [threading.Thread(target=lambda: told.append(tuple(decision.changes))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [walked.changes] * 8


def test_an_item_without_an_id_is_told_by_its_number() -> None:
    decision, _ = decided()
    assert [(each.path, each.item) for each in decision.changes] == [
        ("order.number", None),
        ("order.lines[1].class", "a"),
        ("order.lines[1].sku", "a"),
        ("order.lines[1].quantity", "a"),
        ("order.lines[1].amount", "a"),
    ]
    assert decision.trace is not None
    assert [(each.path, each.item) for each in decision.trace.without_effect] == [
        ("order.note", None),
        ("order.lines[2].class", "2"),
    ]
