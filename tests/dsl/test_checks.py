"""What is said of rules that can be read but make no sense: one finding per mistake, at its place, with a mend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from dsl import tree
from dsl.books import BooksSnapshot
from dsl.check import Checked
from dsl.types import MONEY, PAYMENT, RECORD, TEXT
from tests.dsl.edits import apply_edits
from tests.dsl.marks import unmarked


@dataclass(frozen=True)
class Case:
    """A file (or, beginning with "for", a rule) with the blamed place in « »; nothing is blamed: it is clean."""

    text: str
    code: str = ""
    says: str = ""
    fixed: str = ""


def when(condition: str) -> str:
    return f'for order when {condition} then skip "x"'


def then(statement: str) -> str:
    return f"for order then {statement}"


LINE = "for each line in order.lines "

CASES = [
    # names
    Case(then('set «order.numbr» to "1"'), "R201", "did you mean `order.number`?", "order.number"),
    Case(when('«ship_to.zip» is "21201"'), "R201", "did you mean `ship_to.postal_code`?", "ship_to.postal_code"),
    Case(when('«shipto.state» is "MD"'), "R201", "did you mean `ship_to.state`?", "ship_to.state"),
    Case(when('«shipping_address.city» is "X"'), "R201", "did you mean `ship_to.city`?", "ship_to.city"),
    Case(when('«order.city» is "X"'), "R201", "did you mean `ship_to.city`?", "ship_to.city"),
    Case(when('«Order.Number» is "X"'), "R201", "did you mean `order.number`?", "order.number"),
    Case(when('«order.zzzzzzz» is "X"'), "R201", "fields of `order`: id, number, date"),
    Case(when('«qwerty.asdf» is "X"'), "R201", "fields begin with the name of a record"),
    Case(when("order.number is «qwerty»"), "R202", "a fixed text stands in double quotes", ""),
    Case(when('«number» is "1"'), "R202", "did you mean `order.number`?", "order.number"),
    Case(when("order.date is before «todya»"), "R202", "did you mean `today`?", "today"),
    Case(when("order.store is «empty»"), "R202", "did you mean `missing`?", "missing"),
    Case(when("order.paid is «true»"), "R202", "did you mean `yes`?", "yes"),
    Case(when('«order» is "1"'), "R202", "is a whole record"),
    Case(then("set order.number to «uper»(order.number)"), "R205", "did you mean `upper`?", "upper"),
    Case(then("set order.number to «frobnicate»(order.number)"), "R205", "no function `frobnicate`"),
    Case('for «orders» then skip "x"', "R206", "did you mean `order`?", "order"),
    Case('for «banana» then skip "x"', "R206", "rules are for order, refund"),
    Case('for each line in «order.line» then skip line "x"', "R207", "did you mean `order.lines`?", "order.lines"),
    Case('for each «payment» in order.lines then tag "x"', "R207", "are called `line`", "line"),
    Case(when("some «fee» in order.lines where (order.paid)"), "R207", "are called `line`", "line"),
    Case(when('«line.sku» is "A"'), "R214", "a field of one line: which one?"),
    Case(when('«product.sku» is "A"'), "R214", "a rule for order cannot read `product.sku`"),
    Case(when('«order.lines» is "A"'), "R214", "is a list of items, not one value"),
    Case('for order from «lightspead» then tag "x"', "R211", "did you mean `lightspeed`?", "lightspeed"),
    Case('for order from "Our own shop" then tag "x"'),
    Case(when('«order.meta» is "x"'), "R319", "holds many values"),
    Case(when('«order.number["x"]» is "x"'), "R319", "is one value and has no keys", "order.number"),
    Case(when("«original books.class» is present"), "R318", "is not received", "books.class"),
    Case(LINE + 'where «original line.item» is present then tag "x"', "R318", "is not received", "line.item"),
    # names of settings, lists, tables
    Case(
        'setting «Limit» is number default 5 rule "A" for order when order.total > Limit then tag "x" end',
        "R111",
        "small letters",
        "",
    ),
    Case(
        'list «order» is ["a"] rule "A" for order when order.store is one of order then tag "x" end',
        "R111",
        "is a record",
    ),
    Case("setting «while» is text", "R111", "kept for the language"),
    Case('list a is ["x"] list «a» is ["y"]', "R213", "there already is"),
    Case(
        'rule "A" for order then tag "x" end rule «"a "» for order then tag "y" end', "R212", "there already is a rule"
    ),
    # types: comparisons
    Case(when('order.total is more than «"5"»'), "R301", "numbers stand without quotes", "5"),
    Case(when("order.number is «5»"), "R301", "a text cannot be compared with a number", '"5"'),
    Case(when("order.number is one of «[5]»"), "R301", "a text is never one of numbers", ""),
    Case(when('order.paid is «"yes"»'), "R301", "yes and no stand without quotes", "yes"),
    Case(when("order.total is more than «10%»"), "R301", "an amount of money cannot be compared with a percentage"),
    Case(when("«order.total» is before 5"), "R301", "is for dates"),
    Case(when('order.date is «"2026-01-31"»'), "R301", "a date cannot be compared with a text"),
    Case(when('«order.total» contains "5"'), "R301", "`contains` is for texts"),
    Case(when('«order.tags» is "wholesale"'), "R301", "use `contains`"),
    Case(when("order.tags contains «5»"), "R301", "never contains"),
    Case(when('order.store is one of «"Web"»'), "R301", "a list stands in brackets", '["Web"]'),
    Case(when("order.total is more than «order.number»"), "R301", "is for numbers"),
    Case(when("order.date is more than 2026-01-01")),
    Case(when("order.created is after 2026-01-01")),
    Case(when("order.total is more than 5 and order.total is 5.00 USD")),
    Case(when("order.taxable and not order.paid")),
    Case(when("«order.number»"), "R310", "this is a text, not a condition", "order.number is present"),
    Case(when("order.paid is yes and «5»"), "R310", "not a condition"),
    Case(then("set books.due_date to «today() + 30»"), "R303", "say what is counted", "today() + 30 days"),
    Case(then('set order.date to «"tomorrow"»'), "R302", "dates are written 2026-01-31"),
    Case(
        'for each line in order.lines where «lines.quantity» > 3 then skip line "x"',
        "R201",
        "did you mean `line.quantity`?",
        "line.quantity",
    ),
    Case(when('«order.lines.sku» is "A"'), "R201", "ask `some line in order.lines where (line.sku …)`"),
    Case(when('order.store is "A" or «"B"»'), "R310", "is one of", 'order.store is "B"'),
    Case(when("order.date is after «2026/1/31»"), "R301", "dates are written 2026-01-31", "2026-01-31"),
    Case(when("order.date is after «1/31/26»"), "R301", "dates are written 2026-01-31", "2026-01-31"),
    Case(when('order.date is «"2026-01-31"»'), "R301", "without quotes", "2026-01-31"),
    # types: writes
    Case(then('set order.shipping_total to «"5"»'), "R302", "numbers stand without quotes", "5"),
    Case(then("set order.number to «5»"), "R302", "a text stands in double quotes", '"5"'),
    Case(LINE + "then set line.sku to «line.quantity»", "R302", "print it into a text", '"{line.quantity}"'),
    Case(then("set order.paid to «order.number»"), "R302", "takes yes or no"),
    Case(then("set books.date to «30 days»"), "R302", "takes a date, and this is a duration"),
    Case(then('set order.tags to «"x"»'), "R302", "a list stands in brackets", '["x"]'),
    Case(then("set books.class to «missing»"), "R302", "`clear` makes a field missing"),
    Case(then("set order.shipping_total to 0")),
    Case(then("set books.date to order.created")),
    Case(then('replace "a" with "b" in «order.shipping_total»'), "R302", "changes texts"),
    Case(then('replace «""» with "b" in order.number'), "R302", "no text to find"),
    Case(then("tag «5»"), "R302", "a tag takes a text", '"5"'),
    Case(then('set «order.id» to "1"'), "R309", "cannot be changed"),
    Case(then("set «order.total» to 5"), "R309", "rules change the parts of a total"),
    Case(then('set «original order.number» to "1"'), "R309", "what was received cannot be changed", "order.number"),
    Case(
        'setting prefix is text default "x" rule "A" for order when prefix is present then set «prefix» to "1" end',
        "R101",
        "a field is written with its record",
    ),
    # types: calculations
    Case(
        then("set order.shipping_total to «order.shipping_total + 10%»"),
        "R303",
        "a percentage is of something",
        "order.shipping_total + order.shipping_total * 10%",
    ),
    Case(
        then('set order.number to «order.number + "x"»'),
        "R303",
        "texts are put together in one text",
        '"{order.number}x"',
    ),
    Case(when("«order.total * order.total» > 5"), "R303", "multiplied by"),
    Case(when('order.total is more than «-"x"»'), "R303", "`-` stands before a number"),
    Case(when("sum(«line.sku» in order.lines) > 5"), "R303", "only numbers and amounts can be summed"),
    Case(when("order.date - 30 days is before today and order.total / 2 is 5 and order.total * 7.5% > 1")),
    Case(when("«5.00 USD + 5.00 EUR» is 10"), "R304", "amounts in EUR and USD cannot stand together"),
    Case(when("«order.total is between 5.00 USD and 6.00 EUR»"), "R304", "EUR and USD"),
    Case(when("«max(5.00 USD, 6.00 EUR)» > 1"), "R304", "EUR and USD"),
    Case(when("order.total > 5.00 «UDS»"), "R308", "did you mean USD?", "USD"),
    Case(then("set order.number to order.note or else «5»"), "R302", "both values are of one type", '"5"'),
    # functions
    Case(then("set order.number to «upper()»"), "R306", "takes 1 value, and here there are none"),
    Case(then('set order.number to «upper("a", "b")»'), "R306", "there are 2"),
    Case(then('set order.number to left(order.number, «"5"»)'), "R307", "the length of `left` is a number", "5"),
    Case(
        then('set order.number to if(«order.number», "a", "b")'), "R310", "not a condition", "order.number is present"
    ),
    Case(when('order.number matches pattern «"(a"»'), "R311", "The pattern cannot be used"),
    Case(when('order.number matches pattern «"a(?=b)"»'), "R311", "looking ahead or behind"),
    Case(when('order.number matches pattern "^#?[0-9]{4}$"')),
    # closed sets of values
    Case(when('order.status is «"procesing"»'), "R305", 'did you mean "processing"?', '"processing"'),
    Case(when('order.status is one of ["completed", «"on hold"»]'), "R305", 'did you mean "on-hold"?', '"on-hold"'),
    Case(when('order.status is "awaiting-pickup"')),
    Case(when('order.status is "Processing"')),
    Case(when('ship_to.state is «"Texas"»'), "R305", 'did you mean "TX"?', '"TX"'),
    Case(when('ship_to.state is "NSW"')),
    Case(when('ship_to.country is not «"USA"»'), "R305", 'did you mean "US"?', '"US"'),
    Case(when('order.currency is «"usdollar"»'), "R305", "is never"),
    Case(then('set books.transaction_type to «"receipt"»'), "R305", "its values are estimate"),
    Case(
        then('set books.transaction_type to if(order.paid, "sales_receipt", «"invoce"»)'),
        "R305",
        'did you mean "invoice"?',
        '"invoice"',
    ),
    # places of statements
    Case(then('skip «payment» "x"'), "R405", "for each payment in order.payments"),
    Case(LINE + 'then skip «payment» "x"', "R405", "this rule goes over each line"),
    Case(LINE + 'then set line.item to line.sku or skip «payment» "x"', "R405", "this rule goes over each line"),
    Case(LINE + 'then set line.item to line.sku or hold «line» "x"', "R405", "about the whole record"),
    Case(LINE + 'then set line.item to line.sku or skip line "x"'),
    Case('for product then add «line» sku = "x"', "R207", "no line can be added"),
    Case(then('add line «skuu» = "x"'), "R201", "did you mean `sku`?", "sku"),
    Case(then('add line sku = "x" «sku» = "y"'), "R109", "there already is a value for"),
    Case(then('add line quantity = «"2"»'), "R302", "numbers stand without quotes", "2"),
    Case(then("add «tax» amount = 2"), "R207", "a tax cannot be added"),
    # statements that never run
    Case(then('skip "x" «tag "y"» tag "z"'), "R408", "ends with `skip`"),
    Case(
        then('tag "x" otherwise fail "x" «clear order.note»').replace("then", "when order.paid then", 1),
        "R408",
        "`fail`",
    ),
    Case(LINE + 'then skip line "x" tag "y"'),
    # limits of the books
    Case(then('set books.number to «"ORDER-NUMBER-OF-THE-WEB-SHOP"»'), "R501", "`books.number` takes 21"),
    Case(then('set order.number to «"ORDER-NUMBER-OF-THE-SHOP-{order.number}"»'), "R501", "has at least 25 characters"),
    Case(then('set books.number to "WEB-{order.number}"')),
    Case(then('set books.po_number to left(order.meta["_po"], 31)')),
]


def whole(text: str) -> str:
    return f'rule "A" {text} end' if text.startswith("for ") else text


@pytest.mark.parametrize("case", CASES, ids=[f"{each.code} {each.text[:80]}" for each in CASES])
def test_each_mistake_is_found_once_at_its_place(case: Case, check: Callable[..., Checked]) -> None:
    text, blamed, start = unmarked(whole(case.text))
    found = [each for each in check(text).diagnostics if each.is_error or each.code == case.code]
    if not case.code:
        assert not found
        return
    assert [(each.code, text[each.start.offset : each.end.offset]) for each in found] == [(case.code, blamed)]
    assert found[0].start.offset == start
    assert case.says in f"{found[0].message} {found[0].label} {found[0].help}"
    if case.fixed:
        mended = apply_edits(text, found[0].fixes[0].edits)
        assert mended == text[:start] + case.fixed + text[start + len(blamed) :]
        assert not [each for each in check(mended).diagnostics if each.is_error]


def test_all_mistakes_are_found_in_one_go_in_the_order_of_the_text(check: Callable[..., Checked]) -> None:
    text = """
    setting Prefix is text default 5
    rule "A"
      for each lin in order.lines
      when order.numbr is 5
      then set order.total to "x"
    end
    """
    assert [each.code for each in check(text).diagnostics] == ["R102"]
    text = text.replace("each lin ", "each line ")
    found = check(text).diagnostics
    assert [each.code for each in found if each.is_error] == ["R111", "R302", "R201", "R309"]
    offsets = [each.start.offset for each in found]
    assert offsets == sorted(offsets)


def test_one_mistake_in_a_setting_is_not_told_again_where_it_is_used(check: Callable[..., Checked]) -> None:
    text = """
    setting prefix is txt default "A"
    rule "A" for order then set order.number to "{prefix}{order.number}" set order.shipping_total to prefix end
    """
    assert [each.code for each in check(text).diagnostics] == ["R215", "R302"]
    text = 'rule "A" for ordr when order.nmber is limit then set x.y to 5 end setting limit is number default 5'
    assert [each.code for each in check(text).diagnostics] == ["R206"]


def test_unused_declarations_are_warnings_and_used_ones_are_not(check: Callable[..., Checked]) -> None:
    rule = 'rule "A" for order when order.store is one of shops then set books.class to lookup c(limit) end'
    declared = 'setting limit is text default "x" list shops is ["A"] table c a -> b "x" -> "y" end '
    assert not check(declared + rule).diagnostics
    unused = check(declared + 'rule "A" for order then tag "x" end')
    assert [each.code for each in unused.diagnostics] == ["R402", "R403", "R404"]
    assert unused.ok
    assert not check(declared).diagnostics  # a file of declarations alone serves others


def test_a_checked_rule_carries_types_currencies_names_reads_and_writes(check: Callable[..., Checked]) -> None:
    checked = check(
        """
        setting over is money default 5.00 USD
        list shops is ["A"]
        rule "A" for each payment in order.payments where payment.amount is more than over and order.store is one of shops
        when original order.number is present
        then set payment.reference to "{order.number}" or skip payment "no" set order.shipping_total to payment.amount + 1 tag "x"
        end
        """
    )
    assert checked.ok
    assert checked.ruleset is not None
    rule = checked.ruleset.rules[0]
    assert (rule.key, rule.kind, rule.item, rule.collection) == ("A", "order", "payment", "order.payments")
    assert rule.writes == {"payment.reference", "order.shipping_total", "order.payments", "order.tags"}
    assert rule.reads >= {"payment.amount", "order.store", "original order.number", "order.number"}
    where = rule.rule.scope.where if isinstance(rule.rule.scope, tree.ForEach) else None
    assert isinstance(where, tree.And)
    amount, store = where.operands
    assert isinstance(amount, tree.Comparison)
    assert isinstance(store, tree.Comparison)
    assert (amount.left.type, amount.left.currency) == (MONEY, PAYMENT)
    assert (amount.right.type, amount.right.currency) == (MONEY, "USD")
    assert amount.right == tree.SettingValue("over", type=MONEY, currency="USD")
    assert isinstance(store.right, tree.ListValue)
    assert checked.ruleset.wording(amount.span) == "payment.amount is more than over"
    target = next(each.target for each in rule.rule.then if isinstance(each, tree.Set) and each.target.root == "order")
    assert (target.type, target.currency) == (MONEY, RECORD)
    assert checked.ruleset.settings["over"].type == MONEY
    other = checked.ruleset.with_settings({"over": tree.Text("x", type=TEXT)})
    assert other.settings["over"].value == tree.Text("x", type=TEXT)
    assert checked.ruleset.settings["over"].value != other.settings["over"].value


def test_names_of_the_books_are_looked_up_where_a_snapshot_is_given(check: Callable[..., Checked]) -> None:
    books = BooksSnapshot(
        {"account": ("Sales", "Bank:PayPal Deposits"), "class": ("Online", "Old"), "tax_code": ("MD Sales Tax",)},
        {"class": ("Retired",)},
    )
    text = """
    setting cost is account default "Cost of Goods Sold"
    table codes state -> code "MD" -> "MD Sales Tax" "CA" -> "West Tax" otherwise -> missing end
    rule "A" for order then set books.deposit_account to "paypal deposits" set books.class to if(order.paid, "Onlin", "Retired")
      set books.tax_code to lookup codes(ship_to.state) set books.terms to "Net 30" set books.customer to "New"
      set books.receivable_account to cost end
    flow "F" from woocommerce to quickbooks sync orders with income_account = "Sale" end
    """
    found = check(text, books=books).diagnostics
    assert [(each.code, text[each.start.offset : each.end.offset]) for each in found] == [
        ("R502", '"Cost of Goods Sold"'),
        ("R502", '"West Tax"'),
        ("R502", '"Onlin"'),
        ("R503", '"Retired"'),
        ("R502", '"Sale"'),
    ]
    assert 'did you mean "Online"?' in found[2].label
    assert not check(text).diagnostics


def test_a_text_that_was_meant_is_put_there_as_files_write_it(check: Callable[..., Checked]) -> None:
    text = 'flow "Web ""2"" {{orders}}" from woocommerce to quickbooks sync orders end\n'
    text += 'rule "A" for order in flow "Web ""2"" {{order}}" then tag "x" end'
    found = check(text).diagnostics
    assert [each.code for each in found] == ["R209"]
    assert found[0].label == 'did you mean "Web ""2"" {{orders}}"?'
    assert not check(apply_edits(text, found[0].fixes[0].edits)).diagnostics
