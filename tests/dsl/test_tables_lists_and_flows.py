"""Checks of tables, their CSV files, flows and tests in a file."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from dsl import tree
from dsl.check import Checked
from dsl.types import MONEY, NUMBER, PERCENT, TEXT, YES_NO

USES = ' rule "R" for order then set books.class to lookup t(order.store) end'
FROM_TO = "from woocommerce to quickbooks sync orders"
A_SETTING = 'setting a is text default "x" rule "R" for order then tag a end '
FLOW = 'flow "F" from woocommerce to quickbooks sync orders '
GIVEN = 'rule "R" for order then tag "x" end test "T" given order order.number = "1" '


def test_a_table_knows_its_columns_types_and_rows(check: Callable[..., Checked]) -> None:
    checked = check(
        """
        table t
          state | total | taxable -> class | rate
          "MD" or missing | up to 100.00 USD | yes -> "A" | 5%
          any             | between 1 and 5  | no  -> missing | 2.5%
          otherwise                                -> "Z" | missing
        end
        rule "R" for order then set books.class to lookup t(ship_to.state, order.total, order.taxable).class end
        """
    )
    assert [each.code for each in checked.diagnostics] == ["R434"], "nothing reads the rate"
    assert checked.ruleset is not None
    table = checked.ruleset.tables["t"]
    assert [(each.name, each.type, each.currency) for each in table.keys] == [
        ("state", TEXT, ""),
        ("total", MONEY, "USD"),
        ("taxable", YES_NO, ""),
    ]
    assert [(each.name, each.type) for each in table.outputs] == [("class", TEXT), ("rate", PERCENT)]
    assert len(table.rows) == 2
    assert table.otherwise is not None
    assert isinstance(table.otherwise[0], tree.Text)
    first = table.rows[0].cells
    assert first is not None
    assert [type(each) for each in first[0].alternatives] == [tree.ValueCell, tree.MissingCell]
    assert isinstance(first[1].alternatives[0], tree.ComparisonCell)


def test_a_csv_file_gives_rows_of_the_types_that_its_columns_say(check: Callable[..., Checked]) -> None:
    text = (
        'table t from "prices.csv" sku -> price is money | rate is percent | day is date | ok is yes/no | n is number\n'
        '  otherwise -> 1.00 USD | 1% | 2026-01-01 | no | 0\nend rule "R" for each line in order.lines then '
        "set line.amount to lookup t(line.sku).price end"
    )
    prices = (
        "\ufeffsku;ignored;price;rate;day;ok;n\r\nHAT;x;12.50 USD;7.5%;2026-01-31;yes;3\r\n;;;;;;\r\n"
        "CAP;x;5;7;01/31/2026;No;\r\n"
    )
    checked = check(text, tables={"prices.csv": prices})
    assert {each.code for each in checked.diagnostics} <= {"R434", "R440"}, (
        "only the price is read, and it moves the total"
    )
    assert checked.ruleset is not None
    table = checked.ruleset.tables["t"]
    assert table.csv == "prices.csv"
    assert [getattr(each, "value", None) for each in table.rows[0].outputs[:2]] == [
        Decimal("12.50"),
        Decimal("7.5"),
    ]
    assert isinstance(table.rows[1].outputs[4], tree.Missing)
    assert table.otherwise is not None
    assert table.outputs[4].type == NUMBER


def test_options_of_a_flow_are_words_constants_or_decided_for_each_record(check: Callable[..., Checked]) -> None:
    checked = check(
        'setting acct is account default "Bank" list shops is ["A"] '
        'table classes store -> class "A" -> "B" end '
        + FLOW
        + 'after "A flow of another file" starting 2026-01-01 notify "a@b.example" on hold with record_as = "sales_receipt" '
        'stores = shops class = lookup classes(order.store) terms = order.terms or else "Net 30" deposit_account = acct '
        "review_first = yes unpaid_days = 10 end"
    )
    assert not checked.diagnostics
    assert checked.ruleset is not None
    options = {each.name: each.value for each in checked.ruleset.flows[0].options}
    assert options["record_as"] == tree.Name("sales_receipt")
    assert isinstance(options["stores"], tree.ListValue)
    assert isinstance(options["class"], tree.Lookup)
    assert isinstance(options["deposit_account"], tree.SettingValue)


def test_a_test_may_expect_everything_that_the_language_knows(check: Callable[..., Checked]) -> None:
    checked = check(
        GIVEN + 'order.meta["_x"] = "1" ship_to.state = "MD" line sku = "A" quantity = 2 options["Color"] = "Red" '
        'payment method = "Visa" amount = 5 shipping method = "Flat" amount = 1 fee name = "F" amount = 1 '
        'discount code = "S" amount = 1 tax name = "T" amount = 1 on 2026-01-31 '
        'expect order.number is "1" order.meta["_x"] is "1" line 1 sku is "A" line 1 options["Color"] is "Red" line count is 1 '
        'payment count is at most 2 payment skipped line 1 skipped "why" skipped "x" not held failed fired "R" '
        'not fired "r" document is invoice document is payment document total is 41.98 USD document number is present no document '
        'order.tags contains "x" order.taxable is no no document end'
    )
    assert not checked.diagnostics


def test_a_test_on_a_refund_sees_the_refund_its_lines_and_the_order(check: Callable[..., Checked]) -> None:
    checked = check(
        'rule "R" for refund then set books.memo to refund.reason end '
        'test "T" given refund refund.amount = 5 order.number = "1" line sku = "A" payment amount = 5 '
        'expect order.number is "1" line 1 sku is "A" refund.reason is missing books.memo is missing end'
    )
    assert not checked.diagnostics
