"""Reading texts into trees: every construct, exact places, one line or many."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from decimal import Decimal

import pytest

from dsl import tree
from dsl.parse import parse_expression, parse_text
from dsl.tree import Operator

EXAMPLES = '''
ruleset "Acme Outdoors: web store to books"
  language 1
  note "Ask the bookkeeper before changing tax."
end
use "woocommerce/standard" version "2.3" as std      // pinned
  set order_prefix to "WC-"
  turn off "Skip unpaid orders"
end
setting order_prefix is text default "" note "Put before every order number"
setting hold_over is money default 5000.00 USD
setting shops is list of text default ["A", "B"]
setting strict is yes/no default no
list store_credit is ["Credit Account", "Store Credit"]
table tax_code_for
  state        | taxable -> code
  "MD"         | yes     -> "MD Sales Tax"
  "CA" or "NV" | yes     -> "West Tax"
  any          | no      -> "Non"
  otherwise              -> missing
end
table band
  total is money -> class | rate is percent
  up to 100.00 USD -> "S" | 1%
  between 100 and 500 -> "M" | 2.5%
  more than 500 or missing -> "L" | -3%
end
table class_for_sku from "class_for_sku.csv"
  sku -> class
end
flow "Web orders to QuickBooks"
  note "All of them"
  from woocommerce  to "Acme's books"
  sync orders
  every 30 minutes
  after "New products"
  when order.status is one of ["processing", "completed"]
  starting 11/01/2026
  notify "books@acme.example" on hold, failure
  with
    record_as        = invoice_and_payment_if_paid
    statuses         = ["processing"]
    class            = lookup class_for_sku(order.store)
    deposit_account  = "Undeposited Funds"
end
flow "Stock" off
  from quickbooks to woocommerce sync stock every day at 06:00
end
rule "Register 1 is in Maryland"
  note "Walk-in sales carry no shipping address."
  for order from lightspeed in flow "Web orders to QuickBooks"
  when order.register_id is "1"
  then fill ship_to.state with "MD"
end
rule "All statements" off
  replaces "std: Order prefix"
  for each line in order.lines where line.sku is present
  when not line.taxable is yes and (line.amount > 0 or line.quantity is between 1 and 5)
  then
    set line.item to line.sku or else "x" or skip line "no item"
    set books.tax_code to lookup band(order.total).class or hold "No code for {ship_to.state}"
    fill line.class with lookup class_for_sku(line.sku) or fail "No class"
    override line.account with "Sales"
    clear line.tax_code
    replace "#" with "" in order.number
    add line sku = "FEE" discount = 1.00 USD options["Color"] = "Red" amount = -line.amount * 10%
    skip line "out"
    hold "wait {order.class or else ""not {order.store or else """"set""""}""}" until order.paid is yes for up to 30 days
    fail "no"
    tag "{line.sku}"
    log "{{x}} {original order.number}"
  otherwise
    skip "why"
end
rule "All comparisons"
  for order
  when order.number is not "1" and order.number is exactly "1" and order.number is missing and order.number is not missing
   and order.number is present and order.number is not present and order.number is one of ["1"]
   and order.number is not one of store_credit and order.total is not between 1 and 2 and order.total is more than 1
   and order.total is less than 1 and order.total is at least 1 and order.total is at most 1 and order.total >= 1
   and order.total <= 1 and order.total < 1 and order.date is before 2026-01-31 and order.date is after 01/31/2026
   and order.store contains "x" and order.store does not contain "x" and order.store has the word "x"
   and order.store does not have the word "x" and order.store starts with "x" and order.store does not start with "x"
   and order.store ends with "x" and order.store does not end with "x" and order.store matches "AB*-?"
   and order.store does not match "AB*" and order.store matches pattern "^a{2}$" and order.store does not match pattern "b"
   and some line in order.lines where (line.sku is "A" or line.sku is "B") and every payment in order.payments where
   (payment.amount > 0) and no fee in order.fees and count(order.lines where line.taxable is yes) is 2
   and sum(line.amount in order.lines where line.sku is present) is more than 5 - 2 * (3 + 4) / 2
   and order.meta["_po_number"] is if(order.paid is yes, upper("a"), missing) and order.date is today
  then tag "x"
end
test "A walk-in sale is taxed in Maryland"
  with settings order_prefix = "A-" std.hold_over = 5.00 USD
  given order
    order.register_id = "1"  order.number = "1042"  order.taxable = yes  order.meta["_x"] = "1"
    line sku = "HAT" quantity = 2 amount = 19.99 USD discount = 0 USD
    line sku = "CAP" options["Color"] = "Red"
    payment method = "Visa" amount = 39.98 USD
  on 2026-01-31
  expect
    ship_to.state is "MD"  books.tax_code is "MD Sales Tax"  fired "Register 1 is in Maryland"
    not fired "Order prefix" line 2 sku is "CAP" line 1 options["Color"] is missing line count is 2 payment skipped
    line 2 skipped "why" skipped held "why" failed not skipped document is invoice document is not sales_receipt
    document total is 41.98 USD no document order.taxable is no no document
end
test "From a file" given refund from "refunds/1.json" refund.reason = "Damaged" expect skipped "why" end
'''


def without_remarks(text: str) -> str:
    return re.sub(r"//[^\n]*", "", text)


def test_a_file_with_every_construct_can_be_read() -> None:
    parsed = parse_text(EXAMPLES, file="all.rules")
    assert not parsed.diagnostics
    assert parsed.file is not None
    kinds = [type(each).__name__ for each in parsed.file.blocks]
    assert kinds == [
        "Header",
        "Use",
        *["Setting"] * 4,
        "List",
        *["Table"] * 3,
        *["Flow"] * 2,
        *["Rule"] * 3,
        *["Test"] * 2,
    ]


def test_joined_onto_one_line_a_file_gives_the_same_tree() -> None:
    joined = " ".join(without_remarks(EXAMPLES).split("\n"))
    assert "\n" not in joined
    one, other = parse_text(EXAMPLES, file="a"), parse_text(joined, file="b")
    assert one.file is not None
    assert one.file == other.file


def test_windows_line_ends_a_byte_order_mark_and_hard_spaces_change_nothing() -> None:
    changed = "\ufeff" + EXAMPLES.replace("\n", "\r\n").replace("  for order", "\u00a0 for order")
    assert parse_text(changed, file="a").file == parse_text(EXAMPLES, file="a").file


def test_every_node_knows_exactly_where_it_stands() -> None:
    parsed = parse_text(EXAMPLES, file="all.rules")
    assert parsed.file is not None
    wordings: dict[type, list[str]] = {}
    for node in tree.walk(parsed.file):
        assert node.span.file == "all.rules"
        assert 0 <= node.span.start < node.span.end <= len(EXAMPLES)
        where = parsed.source.position(node.span.start)
        assert (where.line, where.column) == (node.span.line, node.span.column)
        for child in tree.children(node):
            assert node.span.start <= child.span.start <= child.span.end <= node.span.end, (node, child)
        wordings.setdefault(type(node), []).append(EXAMPLES[node.span.start : node.span.end])
    assert 'order.class or else ""not {order.store or else """"set""""}""' in wordings[tree.OrElse]
    assert 'order.store or else """"set""""' in wordings[tree.OrElse]
    assert "original order.number" in wordings[tree.Path]
    assert 'order.meta["_po_number"]' in wordings[tree.Path]
    assert 'line 2 sku is "CAP"' in wordings[tree.ExpectItem]
    assert "5 - 2 * (3 + 4) / 2" in wordings[tree.Arithmetic]


def expression(text: str) -> tree.Expression:
    found, diagnostics = parse_expression(text)
    assert found is not None, [each.message for each in diagnostics]
    assert not diagnostics
    return found


PATH = tree.Path("order.number")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"a ""b"" {{c}}"', tree.Text('a "b" {c}')),
        ('"{order.number}"', tree.Template((PATH,))),
        ('"a{order.number}}}b"', tree.Template(("a", PATH, "}b"))),
        (
            '"{order.number or else ""none }}""}."',
            tree.Template((tree.OrElse(PATH, tree.Text("none }")), ".")),
        ),
        ("12", tree.Number(Decimal(12))),
        ("-12.50", tree.Number(Decimal("-12.50"))),
        ("12.50 USD", tree.Money(Decimal("12.50"), "USD")),
        ("- 12.50USD", tree.Money(Decimal("-12.50"), "USD")),
        ("7.5%", tree.Percent(Decimal("7.5"))),
        ("2026-01-31", tree.Date(date(2026, 1, 31))),
        ("01/31/2026", tree.Date(date(2026, 1, 31))),
        ("1/5/2026", tree.Date(date(2026, 1, 5))),
        ("30 minutes", tree.Duration(30, "minute")),
        ("1 day", tree.Duration(1, "day")),
        ("yes", tree.YesNo(True)),
        ("missing", tree.Missing()),
        ("[]", tree.ListOf(())),
        ("original order.number", tree.Path("order.number", original=True)),
        ('order.meta["a ""b"""]', tree.Path("order.meta", key='a "b"')),
        ("day(order.date)", tree.Call("day", (tree.Path("order.date"),))),
        ('replace("a", "b", "c")', tree.Call("replace", (tree.Text("a"), tree.Text("b"), tree.Text("c")))),
        ("today", tree.Name("today")),
        ("a or else b or else c", tree.OrElse(tree.Name("a"), tree.OrElse(tree.Name("b"), tree.Name("c")))),
        (
            "1 - 2 - 3",
            tree.Arithmetic(
                "-", tree.Arithmetic("-", tree.Number(Decimal(1)), tree.Number(Decimal(2))), tree.Number(Decimal(3))
            ),
        ),
        (
            "a or b and not c",
            tree.Or((tree.Name("a"), tree.And((tree.Name("b"), tree.Not(tree.Name("c")))))),
        ),
        ("a is missing", tree.Presence(tree.Name("a"), missing=True)),
        ("a is not missing", tree.Presence(tree.Name("a"), missing=False)),
        ("a is not present", tree.Presence(tree.Name("a"), missing=True)),
        ("a > 1", tree.Comparison(Operator.MORE, tree.Name("a"), tree.Number(Decimal(1)))),
        (
            "a is not between 1 and 2",
            tree.Comparison(
                Operator.BETWEEN, tree.Name("a"), tree.Number(Decimal(1)), tree.Number(Decimal(2)), negated=True
            ),
        ),
        (
            'a matches pattern "x{2} ""y"""',
            tree.Comparison(Operator.PATTERN, tree.Name("a"), tree.Text('x{2} "y"')),
        ),
        (
            "no line in order.lines",
            tree.Quantified("no", "line", tree.Path("order.lines")),
        ),
    ],
)
def test_expressions_read_as_they_should(text: str, expected: tree.Expression) -> None:
    assert expression(text) == expected


def test_times_dates_and_intervals_of_a_flow() -> None:
    parsed = parse_text(EXAMPLES, file="a")
    assert parsed.file is not None
    first, second = [each for each in parsed.file.blocks if isinstance(each, tree.Flow)]
    assert first.schedule == tree.EveryInterval(tree.Duration(30, "minute"))
    assert second.schedule == tree.EveryDayAt(time(6, 0))
    assert first.starting == tree.Date(date(2026, 11, 1))
    assert first.target == tree.Word("Acme's books", True)
    assert second.off


def test_an_item_word_before_an_equals_sign_is_a_field() -> None:
    parsed = parse_text(EXAMPLES, file="a")
    assert parsed.file is not None
    test = next(each for each in parsed.file.blocks if isinstance(each, tree.Test))
    assert test.given is not None
    assert [(item.item, [each.name for each in item.fields]) for item in test.given.items] == [
        ("line", ["sku", "quantity", "amount", "discount"]),
        ("line", ["sku", "options"]),
        ("payment", ["method", "amount"]),
    ]
    assert test.today == date(2026, 1, 31)


def test_many_threads_share_one_parser() -> None:
    expected = parse_text(EXAMPLES, file="a").file

    def read(number: int) -> bool:
        text = EXAMPLES if number % 3 else EXAMPLES.replace("then tag", "thn tag")
        parsed = parse_text(text, file="a")
        return parsed.file == expected and parsed.whole is bool(number % 3)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(40)))
