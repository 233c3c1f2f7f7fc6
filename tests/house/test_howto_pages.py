"""docs/howto-*.md and docs/support.md: rules in them are clean, clicks are those of the program, commands and options exist"""

from __future__ import annotations

import importlib
import re

import click
import pytest
from click.testing import CliRunner

from cli.main import COMMANDS
from connectors.quickbooks.meanings import CLICKS
from dsl.check import check_text
from dsl.showing import render
from engine.rulesets import CannedRuleSets, schema
from tests.house.tree import ROOT

PAGES = ("howto-woocommerce.md", "howto-quickbooks.md", "support.md", "tutorial.md", "woocommerce.md")
#: What a flow can need, and a page on preparing the books has to tell; the rest are troubles of plans and people.
NEEDED = (
    "custom_numbers",
    "shipping",
    "discounts",
    "classes",
    "locations",
    "sales_tax",
    "inventory",
    "multicurrency",
    "custom_fields",
)


def text_of(page: str) -> str:
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page: (language, text)."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text_of(page), re.MULTILINE | re.DOTALL)


RULES = [(page, text) for page in PAGES for language, text in blocks(page) if language == "rules"]
CALLS = [
    (page, line)
    for page in PAGES
    for language, text in blocks(page)
    for line in text.splitlines()
    if not language and re.search(r"\bcloudcart [a-z]+", line)
]


@pytest.mark.parametrize(("page", "rules"), RULES, ids=[f"{page}: {rules[:40]!r}" for page, rules in RULES])
def test_rules_on_the_pages_are_clean(page: str, rules: str) -> None:
    checked = check_text(rules, file=page, schema=schema(), library=CannedRuleSets())
    assert [each.message for each in checked.diagnostics] == []


@pytest.mark.parametrize(("page", "line"), CALLS, ids=[f"{page}: {line}" for page, line in CALLS])
def test_commands_on_the_pages_exist_with_their_options(page: str, line: str) -> None:
    called = re.search(r"\bcloudcart ([a-z]+)(.*)", line)
    assert called is not None
    name, rest = called.groups()
    assert name in COMMANDS
    command: click.Command = importlib.import_module(f"cli.{name}").command
    options = {option for each in command.params for option in each.opts}
    assert set(re.findall(r"(?<= )--[a-z-]+", rest)) <= options


@pytest.mark.parametrize("what", NEEDED)
def test_the_clicks_for_the_books_are_those_that_holds_tell(what: str) -> None:
    (clicks,) = [words for name, words in CLICKS.items() if name.startswith(what)]
    assert clicks in text_of("howto-quickbooks.md")


def test_the_mistake_shown_in_the_readme_is_what_check_says() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = next(text for text in re.findall(r"^```\n(.*?)^```$", readme, re.M | re.S) if text.startswith("error"))
    rules = next(text for text in re.findall(r"^```\n(.*?)^```$", readme, re.M | re.S) if text.startswith("rule"))
    wrong = rules.replace("order.register_id", "order.register")
    checked = check_text(wrong, file="web.rules", schema=schema(), library=CannedRuleSets())
    assert [render(each, checked.sources) for each in checked.diagnostics] == [shown.rstrip("\n")]


def test_the_decision_shown_in_the_readme_is_what_explain_says() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    text = next(text for text in re.findall(r"^```\n(.*?)^```$", readme, re.M | re.S) if text.startswith("Order #81"))
    asked = ["rulesets/demo/web_orders.rules", "--source", "woocommerce", "--id", "81"]
    recorded = ["--input", "sandbox/data/woocommerce/orders.json"]
    files = [str(ROOT / each) if "/" in each else each for each in (*asked, *recorded)]
    told = CliRunner().invoke(importlib.import_module("cli.explain").command, files).stdout
    lines = (r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in text.splitlines())
    assert re.fullmatch("".join(lines), told), told
