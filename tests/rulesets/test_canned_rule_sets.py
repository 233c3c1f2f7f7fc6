"""Every canned rule set checks clean, has settings, tests that act and leave alone, a version and a page that tells the truth."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import rulesets
from dsl.check import check_text
from engine.mutation import mutation
from engine.rule_tests import run_tests
from engine.rulesets import CannedRuleSets, compile_text, schema

FOLDER = Path(next(iter(rulesets.__path__)))
CANNED = CannedRuleSets()
VERSIONS = [(name, version) for name in CANNED.names() for version in CANNED.versions(name)]
MOST_USED = {
    "orders/replace_hash",
    "orders/order_prefix",
    "orders/register_state",
    "orders/store_credit",
    "orders/only_paid",
    "orders/po_number",
    "orders/class_by_store",
    "orders/class_by_sku",
    "orders/tax_only_in",
    "orders/deposit_by_method",
    "orders/skip_test_orders",
    "orders/customer_by_store",
}
canned = pytest.mark.parametrize(("name", "version"), VERSIONS, ids=[f"{name}-{version}" for name, version in VERSIONS])


def text_of(name: str, version: str) -> str:
    found = CANNED.find(name, version)
    assert found is not None
    return found


def test_the_most_used_rule_sets_for_orders_are_there() -> None:
    assert set(CANNED.names()) >= MOST_USED


@canned
def test_it_checks_without_a_word(name: str, version: str) -> None:
    assert [str(each.message) for each in compile_text(text_of(name, version), file=name).diagnostics] == []


@canned
def test_its_own_tests_pass_and_show_it_acting_and_leaving_alone(name: str, version: str) -> None:
    checked = check_text(text_of(name, version), file=name, schema=schema(), library=CANNED)
    assert checked.ruleset is not None
    results = list(run_tests(checked.ruleset, today=date(2026, 11, 21)))
    assert [(each.title, each.failures) for each in results if not each.passed] == []
    rules = {rule.key for rule in checked.ruleset.rules if rule.runs}
    fired = [set(each.fired) & rules for each in results]
    assert any(fired), "no test shows it acting"
    assert not all(fired), "no test shows a record that it leaves alone"
    assert mutation(checked.ruleset, today=date(2026, 11, 21)).rules == (), "a rule that no test would miss"


@canned
def test_its_page_lists_its_settings_and_an_example_that_checks(name: str, version: str) -> None:
    page = (FOLDER / name / "README.md").read_text(encoding="utf-8")
    checked = check_text(text_of(name, version), file=name, schema=schema(), library=CANNED)
    assert checked.ruleset is not None
    settings = set(checked.ruleset.settings)
    assert settings, "a canned rule set has at least one setting"
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == settings
    assert f"Version {version}" in page
    (example,) = re.findall(r"```\n(use .*?)```", page, re.DOTALL)
    shown = check_text(example, file="page", schema=schema(), library=CANNED)
    assert [each.message for each in shown.diagnostics if each.severity == "error"] == []


@canned
def test_its_settings_say_what_they_are_for(name: str, version: str) -> None:
    checked = check_text(text_of(name, version), file=name, schema=schema(), library=CANNED)
    assert checked.ruleset is not None
    assert all(setting.note for setting in checked.ruleset.settings.values())


def test_the_demo_s_rule_set_is_clean_and_its_tests_pass() -> None:
    text = (FOLDER / "demo" / "web_orders.rules").read_text(encoding="utf-8")
    checked = check_text(text, file="web_orders.rules", schema=schema(), library=CANNED)
    assert checked.diagnostics == ()
    assert checked.ruleset is not None
    results = list(run_tests(checked.ruleset, today=date(2026, 11, 21)))
    assert results
    assert [(each.title, each.failures) for each in results if not each.passed] == []


@pytest.mark.parametrize("name", ["../secrets", "orders/../../etc/passwd", "orders//x", "", "orders/replace_hash/.."])
def test_nothing_outside_the_folder_can_be_named(name: str) -> None:
    assert CANNED.find(name, "1.0") is None
    assert CANNED.find("orders/replace_hash", "../1.0") is None
