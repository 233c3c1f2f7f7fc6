"""Checks of tables, their CSV files, flows and tests in a file."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from dsl import tree
from dsl.check import Checked
from dsl.types import MONEY, NUMBER, PERCENT, TEXT, YES_NO
from tests.dsl.marks import unmarked

USES = ' rule "R" for order then set books.class to lookup t(order.store) end'
FROM_TO = "from woocommerce to quickbooks sync orders"
A_SETTING = 'setting a is text default "x" rule "R" for order then tag a end '
FLOW = 'flow "F" from woocommerce to quickbooks sync orders '
GIVEN = 'rule "R" for order then tag "x" end test "T" given order order.number = "1" '

MISTAKES = [
    # tables
    ('table t a -> b «"x" | "y" -> "z"» end' + USES, "R313", "this row has 2 before `->` and 1 behind it"),
    (
        'table t a -> b | c «"x" -> "z"» end rule "R" for order then set books.class to lookup t(order.store).b end',
        "R313",
        "",
    ),
    ('table t a -> b "x" -> "z" «5» -> "z" end' + USES, "R313", "holds a text"),
    ('table t a -> b "x" -> "z" "y" -> «5» end' + USES, "R313", "holds a text"),
    (
        'table t a -> b "x" -> "z" «"X " -> "y"» end' + USES,
        "R314",
        "has the key",
    ),
    ('table t a -> b "x" or "y" -> "z" «"w" or "Y" -> "z"» end' + USES, "R314", '"y"'),
    ('table t a -> b otherwise -> "z" «"x" -> "z"» end' + USES, "R406", "never reached"),
    ('table t a -> b any -> "z" «"x" -> "z"» end' + USES, "R406", "never reached"),
    ('table t a -> «a» "x" -> "z" end' + USES, "R213", ""),
    (
        'table t a -> b "x" -> "z" end rule "R" for order then set books.class to «lookup t(order.store, "x")» end',
        "R306",
        "lookup t(a)",
    ),
    (
        'table t a -> b "x" -> "z" end rule "R" for order then set books.class to lookup t(«order.total») end',
        "R307",
        "holds texts",
    ),
    (
        'table t a -> b | c "x" -> "z" | "w" end rule "R" for order then set books.class to lookup t(order.store).«d» end',
        "R204",
        "",
    ),
    (
        'table t a is number -> b up to «"x"» -> "z" end' + USES.replace("order.store", "order.total"),
        "R313",
        "",
    ),
    ('table t a -> b "x" -> «"{order.number}"» end' + USES, "R107", "fixed text"),
    ('table t a is «txt» -> b "x" -> "z" end' + USES, "R215", "did you mean `text`?"),
    # CSV files beside the rule set
    ('table t from «"nothing.csv"» a -> b end' + USES, "R317", "there is no file"),
    ('table t from «"tabel.csv"» sku -> class end' + USES, "R317", 'did you mean "table.csv"?'),
    ('table t from "table.csv" «skuu» -> class end' + USES, "R317", "did you mean `sku`?"),
    ('table t from «"blank.csv"» sku -> class end' + USES, "R317", "line 3: the key is blank"),
    (
        'table t from «"table.csv"» sku -> class is number end'
        + ' rule "R" for order when lookup t("x") > 1 then tag "x" end',
        "R317",
        "line 2: `Hats` is not a number",
    ),
    ('table t from «"twice.csv"» sku -> class end' + USES, "R314", "has the key"),
    ('table t from «"quotes.csv"» sku -> class end' + USES, "R317", ""),
    # flows
    (FLOW + "with «record_a» = invoice end", "R210", "did you mean `record_as`?"),
    (FLOW + "with record_as = «invoce» end", "R305", "did you mean `invoice`?"),
    (FLOW + 'with record_as = «"reciept"» end', "R305", "its values are"),
    (FLOW + "with record_as = invoice «record_as» = invoice end", "R109", ""),
    (FLOW + 'with unpaid_days = «"ten"» end', "R302", "takes a number"),
    (FLOW + "with review_first = «5» end", "R302", "write `yes` or `no`"),
    (FLOW + "with sales_tax = «5» end", "R302", "is one of"),
    (FLOW + "with customer = «order.store» end", "R316", "is fixed"),
    (FLOW + 'notify "a@b" on hold, «fialure» end', "R305", "did you mean `failure`?"),
    (FLOW + 'when «order.numbr» is "1" end', "R201", ""),
    (f'{FLOW} after «"Product"» end flow "Products" {FROM_TO} end', "R209", 'did you mean "Products"?'),
    ('flow «"F"» to quickbooks sync orders end', "R110", "add `from woocommerce`"),
    ('flow "F" from «wocommerce» to quickbooks sync orders end', "R211", "did you mean `woocommerce`?"),
    ('flow "F" from woocommerce to quickbooks sync «order» end', "R211", "did you mean `orders`?"),
    (FLOW + 'end rule "A" for order in flow «"f2"» then tag "x" end', "R209", ""),
    (
        f'flow "A" {FROM_TO} after «"B"» end flow "B" {FROM_TO} after "A" end',
        "R407",
        '"A" → "B" → "A"',
    ),
    # tests
    (GIVEN + '«order.numbr» = "1" expect skipped end', "R201", "did you mean `order.number`?"),
    (GIVEN + "order.total = «order.number» expect skipped end", "R316", "is fixed"),
    (GIVEN + 'order.total = «"5"» expect skipped end', "R302", ""),
    (GIVEN + '«order.number» = "2" expect skipped end', "R109", ""),
    (GIVEN + 'line «skuu» = "2" expect skipped end', "R201", "did you mean `sku`?"),
    (GIVEN + 'order.status = «"complete"» expect skipped end', "R305", '"completed"'),
    ('test "T" given «ordr» expect skipped end', "R206", "did you mean `order`?"),
    ('test «"T"» expect skipped end', "R601", ""),
    ('test "T" given product «line» sku = "x" expect skipped end', "R207", "product has no line"),
    (GIVEN + 'expect «line 0 sku is "1"» end', "R603", "the first line is number 1"),
    (GIVEN + 'expect line 1 «nme» is "1" end', "R201", ""),
    (GIVEN + 'expect line count is «"1"» end', "R301", ""),
    (GIVEN + 'expect «line.sku» is "1" end', "R214", ""),
    (GIVEN + "expect document is «recipt» end", "R305", ""),
    (GIVEN + "expect document «totl» is 5 end", "R201", "did you mean `total`?"),
    (GIVEN + 'expect document total is «"5"» end', "R301", ""),
    (GIVEN + 'expect fired «"Q"» end', "R208", ""),
    (
        A_SETTING + 'test "T" with settings «b» = 1 given order expect skipped end',
        "R202",
        "",
    ),
    (
        A_SETTING + 'test "T" with settings a = «1» given order expect skipped end',
        "R302",
        "",
    ),
]
FILES = {
    "table.csv": "SKU,Class\nHAT,Hats\n",
    "blank.csv": "sku;class\nHAT;Hats\n ;Caps\n",
    "twice.csv": "sku,class\nHAT,Hats\nhat ,Caps\n",
    "quotes.csv": 'sku,class\n"HAT"x,Hats\n',
}


@pytest.mark.parametrize(("marked", "code", "says"), MISTAKES, ids=[each[0][:110] for each in MISTAKES])
def test_each_mistake_is_found_once_at_its_place(
    marked: str, code: str, says: str, check: Callable[..., Checked]
) -> None:
    text, blamed, start = unmarked(marked)
    found = check(text, tables=FILES).diagnostics
    assert [(each.code, text[each.start.offset : each.end.offset]) for each in found] == [(code, blamed)]
    assert found[0].start.offset == start
    assert says in f"{found[0].message} {found[0].label} {found[0].help}"


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
    assert {each.code for each in checked.diagnostics} <= {"R434", "R440"}, "only the price is read, and it moves the total"
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
