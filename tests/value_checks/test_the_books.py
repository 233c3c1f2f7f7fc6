"""Names of the books against a snapshot of them: missing, of the wrong type, in another currency, from another list."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.ports import ListEntry
from dsl.books import BooksSnapshot
from dsl.check import Checked
from engine.snapshot import checked_entries

BOOKS = BooksSnapshot(
    {
        "account": ("Checking", "Undeposited Funds", "Sales of Product Income", "Accounts Receivable", "Euro Bank"),
        "class": ("Online", "Online:Shop", "Retail"),
        "item": ("Hats", "Hats:Red", "Sales"),
        "tax_code": ("MD Sales Tax", "Non"),
        "location": ("Baltimore",),
        "terms": ("Net 30",),
        "customer": ("Web Store USD",),
    },
    {"class": ("Old",)},
    {
        "account": {
            "Checking": "Bank",
            "Undeposited Funds": "Other Current Asset",
            "Sales of Product Income": "Income",
            "Accounts Receivable": "Accounts Receivable",
            "Euro Bank": "Bank",
        },
        "item": {"Hats": "category", "Hats:Red": "inventory", "Sales": "service"},
    },
    {"account": {"Checking": "USD", "Euro Bank": "EUR"}},
    "USD",
)
FLOW = 'flow "F" from woocommerce to quickbooks sync orders '


def order(then: str, scope: str = "for order") -> str:
    return f'rule "R" {scope} then {then} end\n'


LINE = "for each line in order.lines"
CASES = [
    (order('set books.deposit_account to "Checking"'), "", ""),
    (order('set books.deposit_account to "undeposited funds"'), "", ""),
    (order('set books.deposit_account to "Sales of Product Income"'), "R510", "takes Bank or Other Current Asset"),
    (order('set books.receivable_account to "Checking"'), "R510", '"Accounts Receivable"'),
    (order('set books.deposit_account to "Euro Bank"'), "R511", "is kept in EUR"),
    (order('set books.deposit_account to "Chekking"'), "R502", 'did you mean "Checking"?'),
    (order('set books.class to "Shop"'), "", ""),
    (order('set books.class to "Old"'), "R503", "inactive"),
    (order('set books.class to "Baltimore"'), "R502", "they have a location of that name"),
    (order('set books.class to if(order.paid, "Online", "Retial")'), "R502", '"Retail"'),
    (order('set line.item to "Hats"', LINE), "R512", "category"),
    (order('set line.item to "Red"', LINE), "", ""),
    (order('set line.item to "New item"', LINE), "", ""),
    (order('set books.customer to "Somebody new"'), "", ""),
    (FLOW + 'with missing_products = fail end ' + order('set line.item to "New item"', LINE), "R502", "none is created"),
    (FLOW + 'with missing_customers = hold end ' + order('set books.customer to "Web Stor USD"'), "R502", "none is created"),
    (FLOW + 'with missing_products = create end ' + order('set line.item to "New item"', LINE), "", ""),
    (FLOW + 'with deposit_account = "Sales of Product Income" end', "R510", "`deposit_account`"),
    (FLOW + 'with income_account = "Checking" end', "R510", "Income"),
    (FLOW + 'with class = "Onlin" end', "R502", '"Online"'),
    ('setting bank is account default "Sales of Product Income"\n' + order("set books.deposit_account to bank"), "R510", "Bank"),
    (
        'setting codes is list of tax_code default ["Nono"]\n'
        + order('tag "x"').replace("then", "when books.tax_code is one of codes then"),
        "R502",
        '"Non"',
    ),
    (
        'table t store -> account "A" -> "Checking" "B" -> "Sales of Product Income" otherwise -> missing end '
        + order("set books.deposit_account to lookup t(order.store)"),
        "R510",
        "Bank",
    ),
    (order('tag "x"').replace("then", 'when books.class is "Retial" then'), "R502", '"Retail"'),
    (order('tag "x"').replace("then", 'when order.class is "Retial" then'), "", ""),
    (order('add payment amount = 0 deposit_account = "Sales of Product Income"'), "R510", "Bank"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "words"), CASES, ids=[f"{c or 'fine'} {t[-100:]}" for t, c, _ in CASES])
def test_a_name_is_looked_up_in_the_books(text: str, code: str, words: str, check: Callable[..., Checked]) -> None:
    found = [each for each in check(text, books=BOOKS).diagnostics if each.code.startswith("R5")]
    assert [each.code for each in found] == ([code] if code else []), [each.message for each in found]
    for each in found:
        assert words in f"{each.message} {each.label} {each.help}"
    assert not [each for each in check(text).diagnostics if each.code.startswith("R5")], (
        "without books nothing is known"
    )


def test_names_in_a_file_beside_the_rule_set_are_told_together_with_their_lines(check: Callable[..., Checked]) -> None:
    text = 'table t from "t.csv"\n  sku -> class\nend\n' + order("set line.class to lookup t(line.sku)", LINE)
    csv = "sku,class\n" + "".join(f"A{n},Online\n" for n in range(1500)) + "B,Onlin\nC,Retial\nD,Old\n"
    found = check(text, books=BOOKS, tables={"t.csv": csv}).diagnostics
    assert [each.code for each in found] == ["R502", "R503"]
    assert 'line 1502: the books have no class "Onlin"; line 1503: the books have no class "Retial"' in found[0].message
    assert "line 1504" in found[1].message


def test_the_snapshot_brings_types_and_currencies_along() -> None:
    books = checked_entries(
        [
            ListEntry(kind="account", id="1", name="Checking", data={"type": "Bank", "currency": "USD"}),
            ListEntry(kind="account", id="2", name="Gone", active=False, data={"type": "Bank"}),
            ListEntry(kind="item", id="3", name="Hats", data={"type": "category", "sku": None}),
        ],
        "USD",
    )
    assert books.type_of("account", "checking") == "Bank"
    assert books.currency_of("account", "Checking") == "USD"
    assert books.type_of("item", "Hats") == "category"
    assert books.type_of("account", "Gone") == ""
    assert books.switched_off("account", "gone")


def test_a_hundred_thousand_customers_are_looked_up_as_fast_as_ten(check: Callable[..., Checked]) -> None:
    books = BooksSnapshot({"customer": tuple(f"Customer {n}" for n in range(100_000)), "class": ("Online",)})
    text = "".join(
        order(f'set books.customer to "Customer {n}"')
        .replace('"R"', f'"R{n}"')
        .replace("then", f'when order.store is "{n}" then')
        for n in range(100)
    )
    assert not check(text, books=books).diagnostics
