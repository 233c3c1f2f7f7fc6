"""engine/test_making.py, engine/masking.py: a recorded order becomes a test that passes, and the buyer is not in it"""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

import cli.test
from connectors.records import Order
from engine.masking import RAW_KINDS, masked, raw_places
from engine.preview import read_orders
from engine.raw_records import read_payloads
from engine.rule_tests import run_tests
from engine.test_making import make_recorded_test, make_test
from tests.knowing.conftest import DEMO, PLAY_SHOP, ROOT, compiled, recorded_order

TODAY = date(2026, 11, 20)
PAYLOADS = read_payloads(PLAY_SHOP.read_bytes(), "orders.json")
FLOW = """flow "Web"
  from woocommerce  to quickbooks
  sync orders
  with
    record_as = sales_receipt
    sales_tax = line_item
end
"""


def order_of(payload: Any) -> Order:
    found = next(read_orders("woocommerce", [payload])).record
    assert isinstance(found, Order)
    return found


def passes(rules: str, *tests: str, recorded: dict[str, Any] | None = None) -> bool:
    program = compiled(f"{rules}\n\n" + "\n".join(tests))

    def read(name: str) -> Any:
        return next(read_orders("woocommerce", [(recorded or {})[name]]))

    results = list(run_tests(program.resolved, today=TODAY, recorded=read))
    assert [each.failures for each in results if not each.passed] == []
    return len(results) >= len(tests)


@pytest.mark.parametrize("rules", ["demo/web_orders", "orders/skip_test_orders/1.0", "orders/store_credit/1.0"])
def test_every_order_becomes_a_test_that_passes_in_both_ways(rules: str) -> None:
    text = (ROOT / "rulesets" / f"{rules}.rules").read_text()
    program = compiled(text, DEMO.name)
    tests: list[str] = []
    recordings: dict[str, Any] = {}
    titles: set[str] = set()
    for payload in PAYLOADS[::29]:
        given = make_test(program, order_of(payload), today=TODAY, taken=frozenset(titles))
        titles.add(given.title)
        whole = make_recorded_test(
            program,
            payload,
            source="woocommerce",
            zone=None,
            today=TODAY,
            file=f"orders/{payload['id']}.json",
            taken=frozenset(titles),
        )
        titles.add(whole.title)
        tests += [given.text, whole.text]
        recordings[whole.file] = json.loads(whole.recording)
    assert passes(text, *tests, recorded=recordings)


def test_nothing_of_the_buyer_is_left() -> None:
    payload = next(each for each in PAYLOADS if each["id"] == 66)
    program = compiled(DEMO.read_text())
    order = order_of(payload)
    given = make_test(program, order, today=TODAY)
    whole = make_recorded_test(program, payload, source="woocommerce", zone=None, today=TODAY, file="o.json")
    own = {
        payload["billing"][name]
        for name in ("first_name", "last_name", "email", "phone", "address_1", "city")
        if payload["billing"][name]
    }
    own |= {payload["shipping"][name] for name in ("first_name", "last_name", "address_1") if payload["shipping"][name]}
    assert len(own) > 4
    for told in (given.text, whole.text, whole.recording):
        assert not [each for each in own if f'"{each}"' in told]
    raw = json.loads(whole.recording)
    assert raw["billing"]["country"] == payload["billing"]["country"]
    assert raw["billing"]["state"] == payload["billing"]["state"]
    assert raw["total"] == payload["total"]
    assert (given.kept, whole.kept) == ((), ())


def test_what_the_rules_decide_by_is_kept_as_far_as_they_need_and_named() -> None:
    rules = FLOW + (
        'rule "Staff" for order when customer.email ends with "@example.com" or customer.email ends with "@example.org" '
        'then set books.class to "Staff" end\n'
        'rule "Jane" for order when bill_to.name is "Jane Doe" then tag "jane" end\n'
    )
    order = recorded_order("order_checkout_stripe")
    made = make_test(compiled(rules), order, today=TODAY)
    assert "bill_to.name" in made.kept
    assert 'bill_to.name = "Jane Doe"' in made.text
    assert 'fired "Staff"' in made.text
    assert "jane@" not in made.text
    assert passes(rules, made.text)


def test_it_expects_what_happened() -> None:
    rules = FLOW + (
        'rule "A" for order then set books.class to "Web" tag "new" end\n'
        'rule "B" for each line in order.lines where line.quantity is 1 then skip line "Single" end\n'
        'rule "C" for each line in order.lines then set line.item to "I-{line.sku}" end\n'
    )
    made = make_test(compiled(rules), recorded_order("order_checkout_stripe"), today=TODAY)
    for said in (
        'fired "A"',
        'books.class is "Web"',
        'order.tags contains "new"',
        "document is sales_receipt",
        "document total is ",
        'skipped "Single"',
        "item is ",
    ):
        assert said in made.text, made.text
    assert passes(rules, made.text)


@pytest.mark.parametrize(
    ("then", "said"), [("hold", 'held "Why 66"'), ("skip", 'skipped "Why 66"'), ("fail", 'failed "Why 66"')]
)
def test_what_does_not_go_to_the_books_is_expected_with_its_reason(then: str, said: str) -> None:
    rules = f'{FLOW}rule "R" for order when order.total is more than 1 then {then} "Why {{order.number}}" end\n'
    made = make_test(compiled(rules), recorded_order("order_checkout_stripe"), today=TODAY)
    assert said in made.text
    assert 'fired "R"' in made.text
    assert "document" not in made.text
    assert passes(rules, made.text)


def test_a_refund_becomes_a_test_too() -> None:
    rules = FLOW + 'rule "R" for refund when refund.amount is more than 1 then set books.memo to "Back" end\n'
    order = recorded_order("order_two_refunds")
    made = make_test(compiled(rules), order, kind="refund", refund=order.refunds[0].id, today=TODAY)
    assert "given refund" in made.text
    assert 'fired "R"' in made.text
    assert passes(rules, made.text)


# ----------------------------------------------------------------------------------------------------------- masking


@pytest.mark.parametrize("kind", sorted(set(RAW_KINDS.values())))
def test_a_masked_value_is_another_one_of_its_kind_and_always_the_same(kind: str) -> None:
    value = {"email": "jo.doe@shop.test", "phone": "+1 410 555 0199", "postal_code": "21201-7"}.get(
        kind, "Jo van Doe 12"
    )
    other = masked(value, kind)
    assert other != value
    assert other == masked(value, kind)
    assert ("@" in other) is (kind == "email")
    assert masked(value, kind, 2) == value
    if kind == "email":
        assert masked(value, kind, 1).endswith("@shop.test")
        assert "jo.doe" not in masked(value, kind, 1)
    if kind == "postal_code":
        assert masked(value, kind, 1) == "21200-0"


def test_a_whole_name_is_masked_as_its_parts_are() -> None:
    assert masked("José Ñáñez García", "name") == f"{masked('José', 'first')} {masked('Ñáñez García', 'last')}"


def test_what_plugins_wrote_counts_as_personal() -> None:
    raw = {"billing": {"email": "a@b.test"}, "meta_data": [{"key": "_x", "value": "Jo"}, {"key": "_n", "value": 5}],
           "line_items": [{"meta_data": [{"key": "Engraving", "value": "Jo", "display_value": "Jo"}]}]}  # fmt: skip
    assert [place for place, _ in raw_places(raw)] == [
        ("billing", "email"),
        ("meta_data", 0, "value"),
        ("line_items", 0, "meta_data", 0, "value"),
        ("line_items", 0, "meta_data", 0, "display_value"),
    ]


# ------------------------------------------------------------------------------------------------------- the command


def test_the_command_writes_a_formatted_test_that_runs(type_: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "web.rules"
    file.write_text(DEMO.read_text())
    asked = ("--make-from", PLAY_SHOP, "--id", "66")
    shown = type_(cli.test, file, *asked)
    assert shown.exit_code == 0
    assert shown.stdout.startswith('test "Order 66 becomes an invoice"\n  on ')
    assert "Personal data is masked." in shown.stderr
    assert type_(cli.test, file, *asked, "--append").exit_code == 0
    assert type_(cli.test, file, *asked, "--append").exit_code == 0
    assert '"Order 66 becomes an invoice (2)"' in file.read_text()
    assert type_(cli.test, file).stdout == f"{file}: 5 passed, 0 failed\n"


def test_a_recorded_order_is_written_beside_the_rules(type_: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "web.rules"
    file.write_text(DEMO.read_text())
    asked = ("--make-from", PLAY_SHOP, "--id", "66", "--recorded", "--append", "--title", "Jane's order")
    assert type_(cli.test, file, *asked).exit_code == 0
    assert 'given order from "orders/66.json"' in file.read_text()
    assert json.loads((tmp_path / "orders" / "66.json").read_text())["id"] == 66
    assert type_(cli.test, file).stdout == f"{file}: 4 passed, 0 failed\n"
    (tmp_path / "orders" / "66.json").write_text("{}")
    refused = type_(cli.test, file, *asked)
    assert (refused.exit_code, "holds something else" in refused.stderr) == (3, True)


def test_an_order_that_is_not_there_is_refused(type_: Callable[..., Result]) -> None:
    done = type_(cli.test, DEMO, "--make-from", PLAY_SHOP, "--id", "999999")
    assert (done.exit_code, "There is no record 999999" in done.stderr) == (3, True)
    assert type_(cli.test, DEMO, "--make-from", PLAY_SHOP).exit_code == 2
