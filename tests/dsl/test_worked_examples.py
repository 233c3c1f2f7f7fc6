"""The sample file and the worked examples of the language's own page: each reads, checks clean, and fits on one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dsl.check import Checked
from dsl.parse import parse_text

HERE = Path(__file__).parent
SAMPLE = (HERE / "sample_file.rules").read_text(encoding="utf-8")
EXAMPLES = re.findall(
    r"^rule .*?^end$", (HERE / "worked_examples.rules").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
TABLES = {"class_for_sku.csv": "sku,class\nHAT,Hats\n"}
NAMED = {
    "store_credit": 'list store_credit is ["Credit Account", "Store Credit"]\n',
    "order_prefix": 'setting order_prefix is text default "WC-"\n',
    "bill_account": 'setting bill_account is account default "Cost of Goods Sold"\n',
    "tax_code_for": 'table tax_code_for\n  state | taxable -> code\n  "MD" | yes -> "MD Sales Tax"\nend\n',
    "class_for_sku": 'table class_for_sku from "class_for_sku.csv"\n  sku -> class\nend\n',
}


def whole(rule: str) -> str:
    """An example with what it names declared before it."""
    return "".join(text for name, text in NAMED.items() if re.search(rf"\b{name}\b", rule)) + rule


def on_one_line(text: str) -> str:
    return " ".join(re.sub(r"//[^\n]*", "", text).split("\n"))


def test_there_are_as_many_examples_as_on_the_page() -> None:
    assert len(EXAMPLES) == 15


@pytest.mark.parametrize("rule", EXAMPLES, ids=[each.split('"')[1] for each in EXAMPLES])
def test_a_worked_example_checks_clean(rule: str, check: Callable[..., Checked]) -> None:
    checked = check(whole(rule), tables=TABLES)
    assert not checked.diagnostics
    assert checked.ruleset is not None
    assert [each.runs for each in checked.ruleset.rules] == [True]


@pytest.mark.parametrize("rule", EXAMPLES, ids=[each.split('"')[1] for each in EXAMPLES])
def test_a_worked_example_on_one_line_gives_the_same_tree(rule: str) -> None:
    assert parse_text(rule, file="a").file == parse_text(on_one_line(rule), file="b").file is not None


def test_all_worked_examples_in_one_file_have_one_doubt(check: Callable[..., Checked]) -> None:
    found = check("".join(NAMED.values()) + "\n".join(EXAMPLES), tables=TABLES).diagnostics
    assert [(each.code, each.message) for each in found] == [
        (
            "R401",
            '"No sales tax outside Texas and Massachusetts" may overwrite `books.tax_code`, which "Tax code by state" wrote',
        )
    ]


def test_the_sample_file_checks_without_an_error_and_gives_the_same_tree_on_one_line(
    check: Callable[..., Checked],
) -> None:
    checked = check(SAMPLE, tables=TABLES)
    assert checked.ok
    # It declares for the rules that the rest of the page shows.
    assert {each.code for each in checked.diagnostics} == {"R402", "R403", "R404"}
    assert parse_text(SAMPLE, file="a").file == parse_text(on_one_line(SAMPLE), file="b").file


def test_the_sample_file_with_rules_that_use_what_it_declares_is_clean(check: Callable[..., Checked]) -> None:
    uses = """
    rule "Uses" for order when order.payment_method is one of store_credit and order.total is more than hold_over
      then tag order_prefix tag bill_account set books.tax_code to lookup tax_code_for(ship_to.state, order.taxable) end
    rule "Lines" for each line in order.lines then set line.class to lookup class_for_sku(line.sku) end
    """
    assert not check(SAMPLE + uses, tables=TABLES).diagnostics
