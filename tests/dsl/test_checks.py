"""What is said of rules that can be read but make no sense: one finding per mistake, at its place, with a mend."""

from __future__ import annotations

from collections.abc import Callable

from dsl import tree
from dsl.books import BooksSnapshot
from dsl.check import Checked
from dsl.types import MONEY, PAYMENT, RECORD, TEXT
from tests.dsl.edits import apply_edits


def test_all_mistakes_are_found_in_one_go_in_the_order_of_the_text(check: Callable[..., Checked]) -> None:
    text = """
    setting Prefix is text default 5
    rule "A"
      for each lin in order.lines
      when order.numbr is 5
      then set order.total to "x"
    end
    """
    found = check(text).diagnostics
    assert [each.code for each in found if each.is_error] == ["R111", "R302", "R102", "R201", "R309"]
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
