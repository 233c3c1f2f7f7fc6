"""Explanations: what every rule did and why the others did not, in words and as JSON."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dsl.check import check_text
from dsl.evaluate import walk
from dsl.explain import Explanation, as_json, explain
from dsl.program import Program, compile_ruleset
from engine.vocabulary import vocabulary

SCHEMA = vocabulary()
TODAY = date(2026, 1, 31)

RULES = """
rule "Number" for order when order.number contains "#" then replace "#" with "" in order.number end
rule "PayPal" for order when order.payment_method contains "PayPal" then set books.deposit_account to "PayPal Deposits"
  otherwise fill books.deposit_account with "Undeposited Funds" end
rule "Both" for order when order.total is more than 100 and ship_to.state is "MD" then tag "large" end
rule "Either" for order when order.store is "Amazon" or order.store is missing then tag "store" end
rule "Not" for order when not order.number starts with "1" then tag "not one" end
rule "Memo" for order then set books.memo to order.note end
rule "Prefix" for order then set order.number to "WC-{order.number}" end
rule "Credit" for each payment in order.payments where payment.type is "credit"
  then skip payment "Paid by credit" log "one left out" end
rule "Off" off for order then tag "never" end
rule "Lightspeed" for order from lightspeed then tag "never" end
rule "Unpaid" for order when order.paid is no then hold "Not paid yet" until order.paid is yes for up to 30 days end
rule "After" for order then tag "after" end
"""


def program(rules: str = RULES) -> Program:
    checked = check_text(rules, file="explained.rules", schema=SCHEMA)
    assert checked.ruleset is not None, [each.message for each in checked.diagnostics]
    return compile_ruleset(checked.ruleset)


def record(**order: Any) -> dict[str, Any]:
    head = {
        "id": "1",
        "number": "#1007",
        "currency": "USD",
        "total": Decimal("41.98"),
        "paid": False,
        "store": "Web",
        "payment_method": "visa",
        "lines": [],
        "payments": [{"id": "p1", "type": "card"}, {"id": "p2", "type": "credit"}],
    }
    return {"order": {**head, **order}, "customer": {}, "bill_to": {}, "ship_to": {"state": "MD"}, "books": {}}


def explained(**order: Any) -> Explanation:
    return explain(program(), record(**order), today=TODAY, schema=SCHEMA)


def told(explanation: Explanation, rule: str) -> str:
    return next(story.state + ": " + "; ".join(story.why) for story in explanation.stories if story.rule == rule)


def test_a_rule_that_fired_tells_values_before_and_after() -> None:
    text = explained().text()
    assert "    because order number was #1007\n" in text
    assert "    Order number  #1007 → 1007  (replaced in the text)\n" in text
    assert '    Order number 1007 was overwritten later by "Prefix"\n' in text
    assert '    it read order number 1007, which "Number" had made\n' in text


def test_lines_are_told_by_their_number_and_tags_replace_nothing() -> None:
    rules = (
        'rule "One" for order then tag "a" end rule "Two" for order then tag "b" end '
        + 'rule "Blank" for order then set order.note to "" end '
        + 'rule "Many" for each line in order.lines where line.quantity > 1 then set line.item to "Many" end'
    )
    lines = [
        {"id": "71", "quantity": Decimal(1)},
        {"id": "72", "quantity": Decimal(2)},
        {"id": "73", "quantity": Decimal(1)},
    ]
    text = explain(program(rules), record(lines=lines), today=TODAY, schema=SCHEMA).text()
    assert "    because line 2: quantity was 2\n    Line 2, becomes item  (not set) → Many\n" in text
    assert "    Not for line 1, 3: quantity is 1, wanted more than 1\n" in text
    assert "overwritten" not in text
    assert 'Customer\'s note  (not set) → ""' in text


def test_the_first_condition_that_failed_is_told_with_the_actual_values() -> None:
    explanation = explained()
    assert told(explanation, "PayPal") == "otherwise: wanted payment method with PayPal in it, it was visa"
    assert told(explanation, "Both") == "not fired: order total is 41.98 USD, 58.02 short of 100"
    assert told(explanation, "Either") == ("not fired: wanted store Amazon, it was Web (the nearest of 2 alternatives)")
    assert told(explanation, "Not") == ("not fired: wanted order number not beginning with 1, it was 1007")


def test_a_later_part_of_a_condition_is_named_where_the_first_held() -> None:
    explanation = explain(program(), record(total=Decimal("200")) | {"ship_to": {"state": " "}}, today=TODAY)
    assert told(explanation, "Both") == "not fired: wanted ship-to state MD, it was not set"


LINES = (
    {"id": "71", "sku": "HAT", "quantity": Decimal(8), "amount": Decimal("40.00")},
    {"id": "72", "sku": "BELT", "quantity": Decimal(3), "amount": Decimal("9.00")},
    {"id": "73", "sku": "GIFT", "quantity": Decimal(1), "amount": None},
    {"id": "74", "sku": "HAT", "quantity": None, "amount": Decimal("20.00")},
)
QUANTIFIED = {
    "some line in order.lines where (line.quantity is at least 10)": (
        "no line fits, nearest came line 1: wanted line quantity at least 10, it was 8"
    ),
    "some line in order.lines where (line.amount is less than 5.00)": (
        "no line fits, nearest came line 2: wanted line amount less than 5, it was 9.00 USD"
    ),
    "some line in order.lines where (line.quantity is between 4 and 7)": (
        "no line fits, nearest came line 1: wanted line quantity between 4 and 7, it was 8; "
        "line 2: wanted line quantity between 4 and 7, it was 3"
    ),
    'some line in order.lines where (line.sku is "GIFT" and line.quantity > 2 and line.amount is present)': (
        "no line fits, nearest came line 1: wanted line SKU GIFT, it was HAT; line 2: wanted line SKU GIFT, it was BELT"
    ),
    'some line in order.lines where (line.sku is "BELT" and line.quantity > 5 and line.amount is 9.00)': (
        "no line fits, nearest came line 2: wanted line quantity more than 5, it was 3"
    ),
    'some line in order.lines where (line.sku is "MUG")': (
        "no line fits: line 1, 4: wanted line SKU MUG, it was HAT; line 2: wanted line SKU MUG, it was BELT; "
        "line 3: wanted line SKU MUG, it was GIFT"
    ),
    "every line in order.lines where (line.quantity > 2)": (
        "not every line fits: line 3: wanted line quantity more than 2, it was 1; "
        "line 4: wanted line quantity more than 2, it was not set"
    ),
    "every line in order.lines where (line.quantity > 2 and line.amount is present)": (
        "not every line fits: line 3: wanted line quantity more than 2, it was 1, and wanted line amount to be present, "
        "it was not set; line 4: wanted line quantity more than 2, it was not set"
    ),
    'no line in order.lines where (line.sku is "BELT" and line.quantity > 0)': (
        "there is a line that fits: line 2: line SKU was BELT, line quantity was 3"
    ),
    'not some line in order.lines where (line.sku is "GIFT")': (
        'it must not be that some line in order.lines where (line.sku is "GIFT"), and line 3: line SKU was GIFT'
    ),
    "no line in order.lines": "there is a line",
    'some fee in order.fees where (fee.name is "Rush")': "there is no fee",
    "some fee in order.fees": "there is no fee",
    'order.store is "Amazon" or some payment in order.payments where (payment.type is "gift")': (
        "wanted store Amazon, it was Web (the nearest of 2 alternatives)"
    ),
    "some line in order.lines where (every payment in order.payments where (payment.type is line.sku))": (
        "no line fits: line 1, 4: not every payment fits: payment 1: wanted payment type HAT, it was card; "
        "payment 2: wanted payment type HAT, it was credit; line 2: not every payment fits: "
        "payment 1: wanted payment type BELT, it was card; payment 2: wanted payment type BELT, it was credit; "
        "line 3: not every payment fits: payment 1: wanted payment type GIFT, it was card; "
        "payment 2: wanted payment type GIFT, it was credit"
    ),
}


@pytest.mark.parametrize(("condition", "words"), QUANTIFIED.items())
def test_a_quantifier_tells_which_items_made_it_fail_with_their_values(condition: str, words: str) -> None:
    compiled = program(f'rule "Q" for order when {condition} then tag "x" end')
    given = record(lines=[dict(line) for line in LINES])
    explanation = explain(compiled, given, today=TODAY)
    assert told(explanation, "Q") == f"not fired: {words}"
    assert explanation.as_json()["rules"][0]["why"] == [words]
    (kept,) = as_json(compiled.evaluate(given, today=TODAY))["not_fired"]
    assert (kept["rule"], kept["item"], kept["condition"], kept["otherwise"]) == ("Q", None, condition, False)
    assert kept["words"]


def test_of_many_items_with_different_values_the_first_few_are_told() -> None:
    lines = [{"id": str(number), "sku": f"S{number % 5}"} for number in range(50)]
    compiled = program('rule "Q" for order when some line in order.lines where (line.sku is "X") then tag "x" end')
    assert told(explain(compiled, record(lines=lines), today=TODAY), "Q") == (
        "not fired: no line fits: line 1, 6, 11, 16, 21 and more: wanted line SKU X, it was S0; "
        "line 2, 7, 12, 17, 22 and more: wanted line SKU X, it was S1; "
        "line 3, 8, 13, 18, 23 and more: wanted line SKU X, it was S2; and 2 more"
    )


def test_items_behind_the_one_that_settled_a_quantifier_may_have_no_answer() -> None:
    lines = [{"id": "1", "sku": "A", "unit_price": Decimal(1)}, {"id": "2", "sku": "B", "unit_price": "odd"}]
    compiled = program(
        'rule "Q" for order when every line in order.lines where (line.unit_price is 2.00) then tag "x" end'
    )
    explanation = explain(compiled, record(lines=lines), today=TODAY)
    assert explanation.decision.outcome == "sync"
    assert told(explanation, "Q") == "not fired: not every line fits"


def test_the_search_for_words_has_an_end_and_takes_nothing_from_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "STEPS_FOR_WORDS", 100)
    lines = [{"id": str(number), "quantity": Decimal(1)} for number in range(20)]
    compiled = program(
        'rule "Q" for each line in order.lines when every line in order.lines where (line.quantity > 1) '
        'then set line.item to "x" end'
    )
    decision = compiled.walk(record(lines=lines), today=TODAY)
    assert decision.outcome == "sync"
    assert decision.trace is not None
    words = [each.words for each in decision.trace.why_not()]
    assert len(words) == 20
    assert words[0].startswith("not every line fits: line 1, 2, 3, 4, 5 and more: wanted line quantity more than 1")
    assert words[-1] == "not every line fits"


def test_statements_without_effect_say_why() -> None:
    explanation = explained()
    story = next(each for each in explanation.stories if each.rule == "Memo")
    assert story.without_effect == ("memo: order.note is not set",)


def test_items_left_out_and_log_lines_stand_with_their_rule() -> None:
    story = next(each for each in explained().stories if each.rule == "Credit")
    assert story.left_out == ("payment 2 is left out: Paid by credit",)
    assert story.log == ("one left out",)
    assert story.why == ("payment 1: wanted kind of payment credit, it was card",)


def test_rules_that_could_not_run_say_why() -> None:
    explanation = explained()
    assert told(explanation, "Off") == "off: it is switched off in its file"
    assert told(explanation, "Lightspeed") == "not for this record: it is for records from lightspeed"
    assert told(explanation, "After") == 'not reached: "Unpaid" had ended the record'
    assert explanation.stories[10].ended == "the record is held here: Not paid yet"


def test_a_held_record_says_how_it_goes_on() -> None:
    text = explained().text()
    assert text.startswith('Order #1007 is held: Not paid yet (rule "Unpaid")\n')
    assert "goes on once order.paid is yes." in text
    assert "given up 30 days after it was first held" in text


def test_the_json_of_an_explanation_has_every_rule_and_only_json_values() -> None:
    told_json = json.loads(json.dumps(explained().as_json()))
    assert told_json["v"] == 1
    assert told_json["outcome"] == "hold"
    assert [each["rule"] for each in told_json["rules"]][:2] == ["Number", "PayPal"]
    assert told_json["rules"][0]["changes"] == [
        {
            "path": "order.number",
            "before": "#1007",
            "after": "1007",
            "rule": "Number",
            "item": None,
            "label": "order number",
            "how": "replaced in the text",
        }
    ]
    (missed,) = told_json["rules"][2]["near_misses"]
    assert missed["items"] == []
    assert missed["parts"] == [
        {
            "path": "order.total",
            "label": "order total",
            "wanted": "more than 100",
            "actual": "41.98 USD",
            "gap": "58.02",
            "words": "order total is 41.98 USD, 58.02 short of 100",
        }
    ]


def test_a_decision_is_kept_as_json_with_or_without_the_rules_that_did_not_fire() -> None:
    decision = program().evaluate(record(), today=TODAY)
    kept = json.loads(json.dumps(as_json(decision)))
    assert kept["hold"] == {
        "rule": "Unpaid",
        "reason": "Not paid yet",
        "until": "order.paid is yes",
        "due_days": 30,
        "releasable": True,
    }
    assert {"rule": "Both", "item": None, "condition": "order.total is more than 100", "otherwise": False,
            "words": "wanted total more than 100, it was 41.98 USD"} in kept["not_fired"]  # fmt: skip
    assert kept["overwritten"] == [{"rule": "Number", "path": "order.number", "value": "1007", "by": "Prefix"}]
    assert "not_fired" not in as_json(decision, why_not=False)
    assert "without_effect" not in as_json(program().evaluate(record(), today=TODAY, trace="mask"))


def test_a_failed_evaluation_is_told_with_its_values() -> None:
    text = 'rule "Mixed" for order when order.total is more than 12.50 USD then tag "x" end'
    checked = check_text(text, file="mixed.rules", schema=SCHEMA)
    assert checked.ruleset is not None
    explanation = explain(compile_ruleset(checked.ruleset), record(currency="CAD"), today=TODAY)
    finding = explanation.decision.findings[0]
    assert finding.code == "E101"
    assert finding.values == {"order.total": "41.98 CAD", "12.50 USD": "12.50 USD"}
    assert "order.total was 41.98 CAD" in explanation.text()
