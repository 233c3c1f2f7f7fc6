"""dsl/forms: what the form of each kind of block shows."""

# ruff: noqa: E501  # tables: one case a line
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from dsl.books import BooksSnapshot
from dsl.forms import Document, Forms, Surroundings, as_json
from dsl.forms.model import Input, RuleForm

TEXT = """\
ruleset "Acme"
  language 1
end

use "orders/order_prefix" version "1.0" as std
  set order_prefix to "A-"
  turn off "Order suffix"
end

setting bank is account default "Bank"
list stores is ["A", "B"]

table codes
  state        | taxable -> code | rate
  "MD" or "VA" | yes     -> "x"  | 5%
  missing      | any     -> "y"  | missing
  otherwise              -> "z"  | 0%
end

flow "Orders"
  from woocommerce  to "Acme books"
  sync orders
  every 30 minutes
  when order.status is "processing"
  notify "a@acme.example" on hold, failure
  with
    record_as = invoice
    deposit_account = bank
end

rule "Rule" // beside
  note "why"
  for each line in order.lines where line.sku starts with "X" or some payment in order.payments where (payment.type is "Card")
  when order.store is one of stores and not order.total > 5
  then set line.account to bank or hold "No bank for {line.sku}"
       add fee name = "Wrap" amount = 2.00 USD
       hold "Wait" until order.paid is yes for up to 3 days
  otherwise skip line "no"
end

test "Test"
  with settings bank = "Other"
  on 2026-01-31
  given order
    order.number = "1"
    line sku = "X" quantity = 2
  expect
    order.number is "1"  line 1 sku is "X"  line count is 1  not fired "Rule"  held "Wait"  document total is 3.00 USD
end
"""


@pytest.fixture(scope="module")
def shown(surroundings: Surroundings) -> dict[str, Any]:
    """The forms of the text as JSON, by id."""
    forms = Forms(Document.read(TEXT), surroundings)
    found = {each.id: as_json(forms.of(each)) for each in forms.document.blocks}
    assert json.loads(json.dumps(found)) == found
    return found


def entered(form: dict[str, Any], id: str) -> tuple[Any, str]:
    """What an input says, and how."""
    stack: list[Any] = [form]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            if each.get("id") == id and "said_as" in each:
                return each["value"], each["said_as"]
            stack += each.values()
        elif isinstance(each, list):
            stack += each
    raise KeyError(id)


@pytest.mark.parametrize(
    ("id", "value", "said_as"),
    [
        ("ruleset-1/title", "Acme", "constant"),
        ("ruleset-1/language", "1", "constant"),
        ("ruleset-1/note", None, ""),
        ("use-1/as", "std", "word"),
        ("use-1/settings/order_prefix", "A-", "constant"),
        ("use-1/settings/order_suffix", None, ""),
        ("use-1/rules/1/on", True, "constant"),
        ("use-1/rules/2/on", False, "constant"),
        ("setting-1/type", "account", "word"),
        ("setting-1/default", "Bank", "constant"),
        ("list-1/elements/2", "B", "constant"),
        ("table-1/rows/1/state", {"test": "is", "values": ["MD", "VA"]}, "constant"),
        ("table-1/rows/2/state", {"test": "missing", "values": []}, "constant"),
        ("table-1/rows/2/taxable", {"test": "any", "values": []}, "constant"),
        ("table-1/rows/1/rate", "5", "constant"),
        ("table-1/rows/2/rate", None, "missing"),
        ("flow-1/from", "woocommerce", "word"),
        ("flow-1/to", "Acme books", "constant"),
        ("flow-1/every", {"count": 30, "unit": "minute"}, "constant"),
        ("flow-1/every_day_at", None, ""),
        ("flow-1/notify/1/events", ["hold", "failure"], "word"),
        ("flow-1/with/record_as", "invoice", "word"),
        ("flow-1/with/deposit_account", "bank", "setting"),
        ("flow-1/with/sales_tax", None, ""),
        ("rule-1/on", True, "constant"),
        ("rule-1/for", "line in order.lines", "word"),
        ("rule-1/where/joined", "any", "word"),
        ("rule-1/where/1/comparison", "starts with", "word"),
        ("rule-1/where/2/items", "payment in order.payments", "word"),
        ("rule-1/where/2/where/value", "Card", "constant"),
        ("rule-1/when/1/value", "stores", "name"),
        ("rule-1/when/2/1/comparison", "is more than", "word"),
        ("rule-1/then/1/target", "line.account", "field"),
        ("rule-1/then/1/value", "bank", "setting"),
        ("rule-1/then/1/or_stop", "hold", "word"),
        ("rule-1/then/1/or_reason", ["No bank for ", {"expression": "line.sku"}], "template"),
        ("rule-1/then/2/fields/amount", {"amount": "2.00", "currency": "USD"}, "constant"),
        ("rule-1/then/3/until/value", True, "constant"),
        ("rule-1/then/3/limit", {"count": 3, "unit": "day"}, "constant"),
        ("rule-1/otherwise/1/item", "line", "word"),
        ("test-1/settings/bank", "Other", "constant"),
        ("test-1/today", "2026-01-31", "constant"),
        ("test-1/given/order.number", "1", "constant"),
        ("test-1/given/items/1/quantity", "2", "constant"),
        ("test-1/expect/1/value", "1", "constant"),
        ("test-1/expect/2/value", "X", "constant"),
        ("test-1/expect/4/fired", "not fired", "word"),
        ("test-1/expect/5/reason", "Wait", "constant"),
        ("test-1/expect/6/value", {"amount": "3.00", "currency": "USD"}, "constant"),
    ],
)
def test_a_form_holds_what_the_text_says(shown: dict[str, Any], id: str, value: Any, said_as: str) -> None:
    assert entered(shown[id.partition("/")[0]], id) == (value, said_as)


def test_labels_and_help_come_from_the_vocabulary(shown: dict[str, Any]) -> None:
    rule = shown["rule-1"]
    fields = {each["value"]: each["label"] for each in rule["choices"]["fields of order order.lines"]}
    assert fields["order.number"] == "Order number"
    assert fields["line.sku"] == "Order line: SKU"
    option = next(each for each in shown["flow-1"]["options"] if each["id"].endswith("/record_as"))
    assert option["label"] == "Record as"
    assert {"value": "sales_receipt", "label": "Sales receipt", "help": ""} in shown["flow-1"]["choices"][
        option["choices"]
    ]
    assert option["default"] == "sales_receipt"
    assert "What an order becomes" in option["help"]


def test_comparisons_fit_the_type_of_the_field(shown: dict[str, Any]) -> None:
    choices = shown["rule-1"]["choices"]
    assert "starts with" in {each["value"] for each in choices["comparisons of text"]}
    money = {each["value"] for each in choices["comparisons of money"]}
    assert "is more than" in money
    assert "starts with" not in money


def test_a_pack_shows_its_defaults_and_what_its_rules_do(shown: dict[str, Any]) -> None:
    use = shown["use-1"]
    assert use["found"]
    assert [(each["label"], each["default"]) for each in use["settings"]] == [
        ("Order prefix", '"WC-"'),
        ("Order suffix", '""'),
    ]
    assert [each["title"] for each in use["rules"]] == ["Order prefix", "Order suffix"]
    assert use["rules"][0]["sentence"].startswith('When `order_prefix` is not ""')


def test_an_unknown_pack_shows_what_the_file_says_of_it(surroundings: Surroundings) -> None:
    text = 'use "no/such" version "9" as x\n  set a to 1\n  turn off "T"\nend\n'
    form = as_json(Forms(Document.read(text), surroundings).block("use-1"))
    assert not form["found"]
    assert [each["value"] for each in form["settings"]] == ["1"]
    assert [(each["title"], each["on"]["value"]) for each in form["rules"]] == [("T", False)]


def test_accounts_of_the_books_can_be_chosen(surroundings: Surroundings) -> None:
    books = BooksSnapshot({"account": ("Bank", "Till", "Old")}, {"account": ("Old",)})
    known = Surroundings(surroundings.schema, surroundings.library, books)
    form = as_json(Forms(Document.read(TEXT), known).block("rule-1"))
    value = form["then"]["statements"][0]["inputs"][1]
    assert (value["reference"], [each["value"] for each in form["choices"][value["choices"]]]) == (
        "account",
        ["Bank", "Till"],
    )
    assert value["other"]


def test_comments_stand_beside_the_form(forms: Callable[[str], Forms]) -> None:
    form = forms("// above\n// it\n" + TEXT[TEXT.index("rule ") :]).block("Rule")
    assert form is not None
    assert [each.text for each in form.remarks] == ["// above", "// it", "// beside"]


def test_a_value_with_a_remark_in_the_middle_is_locked(forms: Callable[[str], Forms]) -> None:
    opened = forms('rule "A"\n  for order\n  then set books.memo to order.note // why\n    or else "none"\nend\n')
    value = next(each for each in opened.parts("rule-1/then/1/value") if isinstance(each, Input))
    assert (value.editable, value.said_as) == (False, "expression")
    assert value.why == "a remark stands in the middle of it"


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ('when order.store is "A" then set books.class to "x"', ""),
        ('when order.store is one of ["A", "B"] then skip "no"', ""),
        ('when order.store is "A" and order.paid is yes then replace "#" with "" in order.number', ""),
        ('then set books.class to "x"', ""),
        ('then set books.class to "x" tag "y"', "it does more than one thing"),
        ('then hold "x"', "`hold` has no counterpart there"),
        ('when order.store is "A" then tag "x" otherwise tag "y"', "it says what happens otherwise, too"),
        (
            'when order.store is "A" or (order.paid is yes and order.total > 5) then skip "x"',
            "its conditions stand in groups within groups",
        ),
        ('when order.total is between 1 and 5 then skip "x"', "`is between` compares with two values"),
        ('when length(order.store) > 3 then skip "x"', "a condition compares something else than a field"),
        (
            'when some line in order.lines then skip "x"',
            "a condition is about the items of the record, or cannot be shown",
        ),
    ],
)
def test_a_rule_fits_the_two_step_form_or_says_why_not(rule: str, why: str, forms: Callable[[str], Forms]) -> None:
    form = forms(f'rule "A" for order {rule} end').block("rule-1")
    assert isinstance(form, RuleForm)
    assert (form.map.fits, form.map.why) == (not why, why)


def test_each_value_of_a_list_is_a_row_to_map_from(forms: Callable[[str], Forms]) -> None:
    form = forms('rule "A" for order when order.store is one of ["A", "B"] then set books.class to "x" end').block(
        "rule-1"
    )
    assert isinstance(form, RuleForm)
    assert form.map.label == "Set the class in the books"
    assert [(each.field_label, each.comparison, each.value) for each in form.map.rows] == [
        ("Store", "is", "A"),
        ("Store", "is", "B"),
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('rule "A" for order when order.number contains "#" then replace "#" with "" in order.number end', 'When the order number contains "#": take "#" out of the order number.'),
        ('rule "A" for each payment in order.payments where payment.type is "Card" then skip payment "x" end', 'For each payment where the kind of payment is "Card": leave the payment out: "x".'),
        ('rule "A" for refund then hold "x" for up to 1 day end', 'For every refund: hold the refund: "x", for up to 1 day.'),
        ('rule "A" for order when order.date is at least 2026-01-01 then clear order.note end', "When the order date is on or after 2026-01-01: clear the customer's note."),
        ('rule "A" for order when ship_to.state is not one of ["TX", "MA"] then set books.tax_code to "Non" end', 'When the state of the shipping address is not "TX" nor "MA": set the tax code to "Non".'),
        ('rule "A" for order when order.paid is no then tag "a" log "b" otherwise fail "c" end', 'When "Paid" is no: tag the order "a"; write "b" into the log; otherwise fail the order: "c".'),
        ('rule "A" for order then add line sku = "W" amount = 2.00 USD end', 'Add a line with SKU "W" and amount 2.00 USD.'),
        ('list a is ["x", "y"]', '"x" or "y".'),
        ("setting wait is duration default 3 days", "A value that people change without touching rules (duration, 3 days unless somebody says otherwise)."),
    ],
)  # fmt: skip
def test_a_block_is_told_in_a_sentence(text: str, sentence: str, forms: Callable[[str], Forms]) -> None:
    assert forms(text).file().blocks[0].sentence == sentence


def test_blocks_are_found_by_id_title_and_name(forms: Callable[[str], Forms]) -> None:
    opened = forms(TEXT + 'test "Rule"\n  given order\n  expect skipped\nend\n')
    assert [opened.block(each).id for each in ("rule-1", "Rule", "rule", "bank", "Orders")] == [  # type: ignore[union-attr]
        "rule-1",
        "rule-1",
        "rule-1",
        "setting-1",
        "flow-1",
    ]
    assert opened.block("nothing of that name") is None
