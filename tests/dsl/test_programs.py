"""Compiled rule sets: flows, settings, identity, limits, and what is done to the record handed in."""

import copy
import threading
from datetime import date, time, timedelta
from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Any

import pytest

from dsl.check import check_text
from dsl.decision import Decision
from dsl.evaluate import lower, walk
from dsl.parse import parse_expression
from dsl.program import EvaluationFailure, Program, compile_ruleset
from engine.vocabulary import vocabulary

SCHEMA = vocabulary()
TODAY = date(2026, 1, 31)


def program(text: str, **tables: str) -> Program:
    checked = check_text(
        text, file="tested.rules", schema=SCHEMA, tables={f"{name}.csv": text for name, text in tables.items()}
    )
    assert checked.ruleset is not None, [each.message for each in checked.diagnostics]
    return compile_ruleset(checked.ruleset)


def record(**order: Any) -> dict[str, Any]:
    head = {"id": "1", "number": "7", "currency": "USD", "lines": [], "payments": [], "fees": [], "tags": []}
    return {"order": {**head, **order}, "customer": {}, "bill_to": {}, "ship_to": {}, "books": {}}


FLOWS = """
ruleset "Acme" language 1 end
setting account is text default "Undeposited Funds"
table account_for method -> account "PayPal" -> "PayPal Deposits" end
flow "Web orders"
  from woocommerce to "Our books" sync orders every 30 minutes
  when order.total is more than 10.00 USD
  starting 11/01/2026
  notify "books@acme.example" on hold, failure
  with record_as = invoice statuses = ["processing"] unpaid_days = 20 review_first = yes
       receivable_account = account
       deposit_account = lookup account_for(order.payment_method)
end
flow "Nightly" off from woocommerce to quickbooks sync orders every day at 06:00 after "Web orders" end
rule "A" for order then tag "a" end
"""


def test_a_flow_is_told_as_the_engine_runs_it() -> None:
    web, nightly = program(FLOWS).flows
    assert (web.name, web.source, web.target, web.sync) == ("Web orders", "woocommerce", "Our books", "orders")
    assert (web.source_named, web.target_named) == (False, True)
    assert web.every == timedelta(minutes=30)
    assert web.starting == date(2026, 11, 1)
    assert web.notify == (("books@acme.example", ("hold", "failure")),)
    assert web.when == "order.total is more than 10.00 USD"
    assert (nightly.every, nightly.after, nightly.off) == (time(6), "Web orders", True)


def test_options_are_worked_out_per_record_where_they_depend_on_it() -> None:
    web = program(FLOWS).flows[0]
    options = web.options(record(payment_method="paypal"))
    assert options == {
        "record_as": "invoice",
        "statuses": ["processing"],
        "unpaid_days": Decimal(20),
        "review_first": True,
        "receivable_account": "Undeposited Funds",
        "deposit_account": "PayPal Deposits",
    }
    assert web.options(record())["deposit_account"] is None
    assert "deposit_account" not in web.options()


def test_a_flow_lets_in_what_its_condition_holds_for() -> None:
    web, nightly = program(FLOWS).flows
    assert web.accepts(record(total=Decimal(11)))
    assert not web.accepts(record(total=Decimal(10)))
    assert nightly.accepts(record())
    with pytest.raises(EvaluationFailure):
        web.accepts(record(total=Decimal(11), currency="CAD"))


def test_settings_title_and_kinds_are_read_from_the_program() -> None:
    compiled = program(FLOWS)
    assert compiled.settings == {"account": "Undeposited Funds"}
    assert compiled.title == "Acme"
    assert compiled.kinds == {"order"}
    assert compiled.flow("Nightly") is compiled.flows[1]


def test_the_hash_follows_text_tables_and_settings_and_nothing_else() -> None:
    text = 'table t from "t.csv" sku -> class end\nsetting s is text default "x"\n'
    text += 'rule "A" for each line in order.lines then set line.class to lookup t(line.sku) or else s end'
    first = program(text, t="sku,class\nA,x\n")
    assert first.hash == program(text, t="sku,class\nA,x\n").hash
    assert first.hash != program(text, t="sku,class\nA,y\n").hash
    assert first.hash != program(text + " ", t="sku,class\nA,x\n").hash
    value, _ = parse_expression('"y"')
    assert value is not None
    other = first.resolved.with_settings({"s": value})
    assert compile_ruleset(other).hash != first.hash


def decisions(compiled: Program, given: dict[str, Any], **inputs: Any) -> list[Decision]:
    before = copy.deepcopy(given)
    walked = compiled.walk(given, today=TODAY, **inputs)
    made = [compiled.evaluate(given, today=TODAY, trace=trace, **inputs) for trace in ("off", "mask", "full")]
    assert given == before
    for trace, each in zip(("off", "mask", "full"), made, strict=True):
        fired = () if trace == "off" else walked.fired
        told = (walked.changes, walked.trace) if trace == "full" else ((), None)
        assert each == walked._replace(fired=fired, changes=told[0], trace=told[1])
    return [walked, *made]


def test_more_than_a_thousand_items_hold_the_record() -> None:
    compiled = program('rule "A" for each line in order.lines then set line.class to "x" end')
    lines = [{"id": str(number), "sku": "A"} for number in range(1001)]
    for decision in decisions(compiled, record(lines=lines)):
        assert decision.outcome == "hold"
        assert [each.code for each in decision.findings] == ["E203"]
    for decision in decisions(compiled, record(lines=lines[:1000])):
        assert decision.outcome == "sync"


def test_a_rule_cannot_add_beyond_a_thousand_items() -> None:
    compiled = program('rule "A" for each line in order.lines then add line sku = "X" amount = 1 end')
    lines = [{"id": str(number), "sku": "A"} for number in range(501)]
    for decision in decisions(compiled, record(lines=lines)):
        assert [each.code for each in decision.findings] == ["E203"]


def test_a_spent_budget_holds_the_record_and_generated_code_knows_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "STEP_BUDGET", 1_500)
    monkeypatch.setattr(lower, "STEP_BUDGET", 1_500)
    rule = 'rule "{}" for each line in order.lines where count(order.lines where line.sku is "A") is 0 then tag "x" end'
    compiled = program("\n".join(rule.format(number) for number in range(3)))
    forms = lower.lower(walk.rules_for(compiled.resolved.rules, "order", walk.Inputs(TODAY)))
    limit = lower.most_items(forms)
    assert 3 * (limit + limit * limit) <= 1_500
    lines = [{"id": str(number), "sku": "A"} for number in range(30)]
    for decision in decisions(compiled, record(lines=lines)):
        assert [each.code for each in decision.findings] == ["E201"]
        assert decision.hold is not None
        assert not decision.hold.releasable
    for decision in decisions(compiled, record(lines=lines[:20])):
        assert decision.outcome == "sync"


def test_the_budget_lasts_for_many_rules_over_ordinary_records() -> None:
    rule = 'rule "{}" for each line in order.lines where line.sku is "A" then tag "x" end'
    compiled = program("\n".join(rule.format(number) for number in range(500)))
    forms = lower.lower(walk.rules_for(compiled.resolved.rules, "order", walk.Inputs(TODAY)))
    assert lower.most_items(forms) == 500


def test_a_note_of_5_mb_can_be_read_but_not_copied() -> None:
    compiled = program(
        'rule "A" for order when order.note contains "needle" then tag "found" end\n'
        'rule "B" for order then set books.memo to left(order.note, 10) end\n'
        'rule "C" for order when order.po_number is "copy" then set books.message to "{order.note}" end'
    )
    note = "x" * 5_000_000 + "Needle"
    for decision in decisions(compiled, record(note=note)):
        assert decision.tags == ("found",)
        assert decision.record["books"]["memo"] == "x" * 10
    for decision in decisions(compiled, record(note=note, po_number="copy")):
        assert [each.code for each in decision.findings] == ["E202"]


def test_a_leaf_of_the_wrong_kind_holds_the_record_and_says_which() -> None:
    compiled = program('rule "A" for order when order.total is more than 5 then tag "x" end')
    for decision in decisions(compiled, record(total="12.50")):
        assert [each.code for each in decision.findings] == ["E103"]
        assert "order.total should be money" in decision.findings[0].message


def test_the_thread_s_own_arithmetic_changes_nothing() -> None:
    compiled = program('rule "A" for order then log "{order.total / 3 * 2}" end')
    expected = compiled.walk(record(total=Decimal("10")), today=TODAY)
    with localcontext() as context:
        context.prec, context.rounding = 5, ROUND_DOWN
        assert decisions(compiled, record(total=Decimal("10")))[0] == expected


def test_roots_that_a_record_lacks_are_missing() -> None:
    compiled = program('rule "A" for order when ship_to.state is missing then set books.memo to "no state" end')
    given: dict[str, Any] = {"order": {"currency": "USD"}}
    for decision in decisions(compiled, given):
        assert decision.record == {"order": {"currency": "USD"}, "books": {"memo": "no state"}}


def test_rules_for_a_source_and_a_flow_are_chosen_case_blind() -> None:
    compiled = program(
        'flow "Web" from woocommerce to quickbooks sync orders end\n'
        'rule "A" for order from woocommerce in flow "Web" then tag "a" end'
    )
    assert decisions(compiled, record(), flow="web", source="WooCommerce")[0].tags == ("a",)
    assert decisions(compiled, record(), flow="other", source="woocommerce")[0].tags == ()
    assert decisions(compiled, record())[0].tags == ()


def test_threads_share_one_program() -> None:
    compiled = program('rule "A" for order then set order.number to "{order.number}-{order.total * 2}" end')
    found: list[bool] = []

    def work(start: int) -> None:
        for number in range(start, start + 50):
            decision = compiled.evaluate(record(number=str(number), total=Decimal(number)), today=TODAY)
            found.append(decision.record["order"]["number"] == f"{number}-{number * 2}.00")

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 400, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 200


def test_user_text_in_generated_code_is_only_ever_a_constant() -> None:
    title = 'x"); import os; os.system("false") #'.replace('"', '""')
    compiled = program(
        f'rule "{title}" for order when order.number is "\'); raise SystemExit #" then tag "{{{{x}}}}" end'
    )
    decision = decisions(compiled, record(number="'); RAISE SystemExit #"))[3]
    assert decision.tags == ("{x}",)
    assert decision.fired == (title.replace('""', '"'),)


def test_running_rules_over_their_own_result_adds_nothing_twice() -> None:
    compiled = program(
        'rule "Wrap" for each line in order.lines where line.sku is "HAT" then add line sku = "WRAP" amount = 1.00 USD end\n'
        'rule "Tag" for order then tag "seen" end'
    )
    first = compiled.evaluate(record(lines=[{"id": "1", "sku": "HAT", "amount": Decimal(5)}]), today=TODAY)
    second = compiled.evaluate(first.record, today=TODAY)
    assert second.record == first.record
    assert second.changes == ()


def test_functions_are_kept_for_a_bounded_number_of_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsl.program._MOST_DECIDERS", 3)
    compiled = program('rule "A" for order then tag "x" end')
    for number in range(10):
        assert compiled.evaluate(record(), flow=f"Flow {number}", today=TODAY).tags == ("x",)
        assert len(compiled._deciders) <= 3
