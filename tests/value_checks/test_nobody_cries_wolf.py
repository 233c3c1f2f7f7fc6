"""Rule sets that people would be given as examples: nothing is said of their values, tables and totals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.large import text as large
from dsl.check import Checked, check_text
from dsl.codes.values import VALUES
from engine.rulesets import CannedRuleSets
from engine.vocabulary import vocabulary

ROOT = Path(__file__).parents[2]
MINE = {each.number for each in VALUES} | {"R406"}


def check(text: str) -> Checked:
    return check_text(
        text,
        file="example.rules",
        schema=vocabulary(),
        library=CannedRuleSets(),
        tables={"class_for_sku.csv": "sku,class\nHAT,Hats\n"},
    )


def told(text: str) -> list[str]:
    return [f"{each.start.line}: {each.code} {each.message}" for each in check(text).diagnostics if each.code in MINE]


def examples(page: Path) -> Iterator[str]:
    for block in re.findall(r"```\w*\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        if re.search(r"^(rule|table|use|flow|setting) ", block, re.MULTILINE):
            yield block


PAGES = [each for each in (*ROOT.glob("docs/*.md"), *ROOT.glob("rulesets/**/*.md")) if list(examples(each))]


@pytest.mark.parametrize("path", sorted(ROOT.glob("rulesets/**/*.rules")), ids=lambda each: each.parent.name)
def test_canned_rule_sets_are_clean(path: Path) -> None:
    assert told(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda each: f"{each.parent.name}/{each.name}")
def test_examples_of_the_pages_are_clean(page: Path) -> None:
    for text in examples(page):
        assert told(text) == [], text


def test_two_thousand_rules_of_a_chain_of_shops_are_clean() -> None:
    assert told(large(2000)) == []


def test_the_worked_examples_are_clean() -> None:
    text = (ROOT / "tests" / "dsl" / "worked_examples.rules").read_text(encoding="utf-8")
    declared = 'list store_credit is ["Credit Account"]\nsetting order_prefix is text default "WC-"\n'
    declared += 'setting bill_account is account default "Cost of Goods Sold"\n'
    declared += 'table tax_code_for\n  state | taxable -> code\n  "MD" | yes -> "MD Sales Tax"\nend\n'
    declared += 'table class_for_sku from "class_for_sku.csv"\n  sku -> class\nend\n'
    assert told(declared + text) == []


def test_nothing_follows_from_a_mistake_elsewhere() -> None:
    skip = 'rule "B" for each line in order.lines where line.sku is "WRAP" then skip line "Wrapped" end\n'
    moves = (
        'rule "A" for each line in order.lines where line.sku is "WRAP" then set order.shipping_total to '
        "order.shipping_total + line.amuont end\n"
    )
    assert told(skip) != []
    assert told(moves + skip) == []
    fills = 'rule "A" for order then fill ship_to.state with "MD" set order.nmber to "x" end\n'
    asks = 'rule "B" for order when ship_to.state is not "TX" then set books.tax_code to "Non" end\n'
    assert told(asks) != []
    assert told(fills + asks) == []
    broken = 'table t\n  state -> code\n  "MD" -> "A"\n  "CA" | "NV" -> "B"\n  any -> "C"\nend\n'
    assert told(broken + 'rule "R" for order then set books.tax_code to lookup t(ship_to.state) end') == []


def test_every_code_of_values_has_cases_that_are_told_and_others_that_are_not() -> None:
    said = "".join(each.read_text(encoding="utf-8") for each in Path(__file__).parent.glob("test_*.py"))
    assert [each.number for each in VALUES if f'"{each.number}"' not in said] == []
