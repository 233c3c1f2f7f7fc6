"""cli/explain.py: one record, one rule, in words and as JSON"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import cli.explain
from tests.knowing.conftest import DEMO, RECORDED

Type = Callable[..., Result]


def on(name: str, wanted: str) -> list[object]:
    return ["--source", "woocommerce", "--input", RECORDED / f"{name}.json", "--id", wanted, "--today", "2026-11-20"]


def test_it_begins_with_what_the_order_became_and_its_documents(type_: Type) -> None:
    lines = type_(cli.explain, DEMO, *on("order_checkout_stripe", "66")).stdout.splitlines()
    assert lines[0] == "Order #66 goes to the books"
    assert lines[1] == "  as invoice 66 for Jane Doe, 2026-11-01, 2 lines, 382.89 USD"
    assert "What rules did" in lines
    assert "    Tax code  (not set) → Maryland" in lines


@pytest.mark.parametrize("title", ["skips: Skip zero orders", "Skip zero orders", "zero"])
def test_one_rule_is_asked_about_by_its_title_or_a_part_of_it(type_: Type, title: str) -> None:
    done = type_(cli.explain, DEMO, *on("order_checkout_stripe", "66"), "--rule", title)
    first, second = done.stdout.splitlines()
    assert first.startswith('"skips: Skip zero orders" did not fire')
    assert second == "    wanted order total 0, it was 382.89 USD"


def test_a_rule_that_is_not_there_is_refused_with_the_one_that_was_meant(type_: Type) -> None:
    done = type_(cli.explain, DEMO, *on("order_checkout_stripe", "66"), "--rule", "Tax code by plase")
    assert done.exit_code == 3
    assert 'Did you mean "Tax code by place"?' in done.stderr


def test_the_json_has_near_misses_and_readings_for_programs(type_: Type) -> None:
    done = type_(cli.explain, DEMO, *on("order_local_pickup__taxed_at_the_base_address", "234"), "--format", "json")
    order, refund = map(json.loads, done.stdout.splitlines())
    assert (order["kind"], refund["kind"]) == ("order", "refund")
    rules = {each["rule"]: each for each in order["rules"]}
    large = rules["Large orders wait for a look"]["near_misses"][0]["parts"][0]
    assert (large["path"], large["actual"], large["gap"]) == ("order.total", "158.99 USD", "4841.01")
    tax = rules["Tax code by place"]
    assert [(each["path"], each["value"], each["rule"]) for each in tax["read_from"]] == [
        ("ship_to.state", "MD", "Pickups are taxed in Maryland")
    ]
    (looked,) = tax["looked_up"]
    assert (looked["table"], looked["value"]) == ("tax_code_for", "Maryland")
    assert tax["line"] > 0


def test_a_refund_does_not_repeat_what_the_rules_did_with_its_order(type_: Type) -> None:
    done = type_(cli.explain, DEMO, *on("order_local_pickup__taxed_at_the_base_address", "234"))
    order, refund = done.stdout.split("\nRefund of order")
    assert "Shipping state  NY → MD  (overruled)" in order
    assert "Shipping state" not in refund
    assert "The rules for orders did with it what they did with its order." in refund


def test_a_large_rule_set_is_told_in_few_lines(type_: Type, tmp_path: Path) -> None:
    from bench.large import text

    file = tmp_path / "large.rules"
    file.write_text(text(120))
    done = type_(cli.explain, file, *on("order_checkout_stripe", "66"))
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) < 80


def test_an_order_that_the_flow_s_condition_keeps_out_is_told_by_how_much(type_: Type, tmp_path: Path) -> None:
    file = tmp_path / "web.rules"
    file.write_text(
        'flow "Web"\n  from woocommerce  to quickbooks\n  sync orders\n  when order.total is at least 400 USD\nend\n'
    )
    done = type_(cli.explain, file, *on("order_checkout_stripe", "66"))
    assert done.stdout.splitlines()[1] == "  The flow's condition: order total is 382.89 USD, 17.11 short of 400.00"
    file.write_text(file.read_text() + 'flow "Small"\n  from woocommerce  to quickbooks\n  sync orders\nend\n')
    done = type_(cli.explain, file, *on("order_checkout_stripe", "66"))
    assert 'The flow "Small" takes it: ask with --flow "Small".' in " ".join(done.stdout.split())
