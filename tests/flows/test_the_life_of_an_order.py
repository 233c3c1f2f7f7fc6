"""What happens to an order over its days: paid later, refunded, edited here and there, under newer rules, entered by others."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from engine import agenda, holds
from tests.flows.flows_kit import World, plain

UNPAID: dict[str, Any] = {
    "set_paid": False, "status": "on-hold", "payment_method": "bacs", "payment_method_title": "Direct bank transfer",
}  # fmt: skip


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    from sandbox.woocommerce import Options

    with World(migrated_url, shop_options=Options(generated=1)) as made:
        yield made


def later(world: World) -> None:
    """A while passes, so that the shop's times differ and what waits is read again."""
    world.pass_time(hours=7)
    world.sync()


def invoices(world: World) -> list[tuple[str, str, str]]:
    return [(each["DocNumber"], str(each["TotalAmt"]), str(each["Balance"])) for each in world.documents("Invoice")]


def invoice_of(world: World, order: dict[str, Any]) -> dict[str, Any]:
    (found,) = [each for each in world.documents("Invoice") if each["DocNumber"] == order["number"]]
    return found


def test_an_order_paid_later_gets_its_payment_and_no_second_invoice(world: World) -> None:
    world.publish(plain("invoice_and_payment_if_paid"))
    order = world.simple_order(**UNPAID)
    world.sync()
    assert str(invoice_of(world, order)["Balance"]) == str(invoice_of(world, order)["TotalAmt"])
    world.shop.pay_order(order["id"])
    later(world)
    assert Decimal(str(invoice_of(world, order)["Balance"])) == 0
    assert len(world.standing(order["id"])) == 2


def test_a_receipt_waits_for_the_money_and_is_made_when_it_is_there(world: World) -> None:
    world.publish(plain("sales_receipt"))
    order = world.simple_order(**UNPAID)
    world.sync()
    assert world.held_codes()[str(order["id"])] == "not_paid"
    world.shop.pay_order(order["id"])
    later(world)
    assert str(order["id"]) not in world.held_codes()
    assert order["number"] in [each["DocNumber"] for each in world.documents("SalesReceipt")]


def test_a_receipt_that_is_never_paid_is_given_up_and_says_so(world: World) -> None:
    world.publish(plain("sales_receipt", unpaid_days="30"))
    order = world.simple_order(**UNPAID)
    world.sync()
    world.pass_time(days=31)
    world.sync()
    assert str(order["id"]) not in world.held_codes()
    assert any(f"#{order['number']}" in line and "Gave up after 30 days" in line for line in world.lines())


def test_two_partial_refunds_get_their_credit_memos(world: World) -> None:
    world.publish(plain("invoice_and_payment_if_paid"))
    order = world.simple_order()
    world.sync()
    world.shop.refund_order(order["id"], amount="5.00", reason="scratched")
    later(world)
    world.shop.refund_order(order["id"], amount="2.50")
    later(world)
    memos = [
        (each["DocNumber"], Decimal(str(each["TotalAmt"])))
        for each in world.documents("CreditMemo")
        if each["DocNumber"].startswith(order["number"])
    ]
    assert memos == [(order["number"], Decimal("5.00")), (f"{order['number']}-2", Decimal("2.50"))]
    assert len([each for each in world.documents("Invoice") if each["DocNumber"] == order["number"]]) == 1


def test_a_newer_rule_version_changes_nothing_that_stands(world: World) -> None:
    world.publish(plain("invoice"))
    order = world.simple_order()
    world.sync()
    world.publish(plain("invoice", 'rule "Prefix" for order then set order.number to "N-{order.number}" end'))
    world.shop.edit_order(order["id"], customer_note="please ring")
    other = world.simple_order()
    later(world)
    numbers = [each["DocNumber"] for each in world.documents("Invoice")]
    assert order["number"] in numbers
    assert f"N-{order['number']}" not in numbers
    assert f"N-{other['number']}" in numbers


def test_a_change_in_the_shop_is_left_and_said_or_carried_over_where_the_flow_says_so(world: World) -> None:
    world.publish(plain("invoice", after_posting="update"))
    order = world.simple_order()
    world.sync()
    world.shop.edit_order(
        order["id"],
        line_items=[{"id": order["line_items"][0]["id"], "quantity": 2, "total": "40.00", "subtotal": "40.00"}],
    )
    later(world)
    changed = invoice_of(world, order)
    assert Decimal(str(changed["TotalAmt"])) >= 40


def test_a_change_in_the_shop_after_posting_is_left_by_default_and_said(world: World) -> None:
    world.publish(plain("invoice"))
    order = world.simple_order()
    world.sync()
    total = invoice_of(world, order)["TotalAmt"]
    world.shop.edit_order(
        order["id"],
        line_items=[{"id": order["line_items"][0]["id"], "quantity": 2, "total": "40.00", "subtotal": "40.00"}],
    )
    later(world)
    assert invoice_of(world, order)["TotalAmt"] == total
    assert any("changed after its invoice was posted" in line for line in world.lines())


def test_what_a_person_changed_in_the_books_survives_an_update(world: World) -> None:
    world.publish(plain("invoice", after_posting="update"))
    order = world.simple_order()
    world.sync()
    world.books.edit("Invoice", invoice_of(world, order)["Id"], "change", DueDate="2027-01-31")
    world.shop.edit_order(
        order["id"],
        line_items=[{"id": order["line_items"][0]["id"], "quantity": 3, "total": "60.00", "subtotal": "60.00"}],
    )
    later(world)
    changed = invoice_of(world, order)
    assert changed["DueDate"] == "2027-01-31"
    assert Decimal(str(changed["TotalAmt"])) >= 60


def test_a_document_that_a_person_deleted_is_not_made_again(world: World) -> None:
    world.publish(plain("invoice", after_posting="update"))
    order = world.simple_order()
    world.sync()
    world.books.edit("Invoice", invoice_of(world, order)["Id"], "delete")
    world.shop.edit_order(order["id"], customer_note="hello")
    later(world)
    later(world)
    assert [each for each in world.documents("Invoice") if each["DocNumber"] == order["number"]] == []


def test_an_order_that_left_the_flow_s_filters_keeps_what_stands(world: World) -> None:
    world.publish(plain("invoice", statuses='["processing"]'))
    order = world.simple_order()
    world.sync()
    world.shop.edit_order(order["id"], status="cancelled")
    later(world)
    assert len([each for each in world.documents("Invoice") if each["DocNumber"] == order["number"]]) == 1


def test_books_that_already_hold_the_number_hold_the_order_and_release_can_adopt(world: World) -> None:
    world.publish(plain("invoice"))
    first = world.simple_order()
    world.sync()
    # Somebody enters the next order by hand, before we see it.
    customer = invoice_of(world, first)["CustomerRef"]["value"]
    second = world.simple_order()
    mine = invoice_of(world, first)
    world.books.edit(
        "Invoice", None, "create", DocNumber=second["number"], CustomerRef={"value": customer}, TxnDate=mine["TxnDate"],
        Line=[line for line in mine["Line"] if line["DetailType"] == "SalesItemLineDetail"],
    )  # fmt: skip
    later(world)
    (hold,) = [each for each in world.held() if each.key.source_id == str(second["id"])]
    assert hold.next_step
    with world.store.write() as session:
        holds.let_pass(world.office.scope, session, hold.id, by="ann", at=world.clock.now(), adopt=True)
        agenda.decide_again(world.office.scope, session, [hold.key], world.clock.now())
    later(world)
    assert len([each for each in world.documents("Invoice") if each["DocNumber"] == second["number"]]) == 1
    assert world.standing(second["id"])["sale"].adopted


def test_review_first_lets_nothing_out_until_a_person_does(world: World) -> None:
    world.publish(plain("invoice", review_first="yes"))
    one, two = world.simple_order(), world.simple_order()
    world.sync()
    assert world.documents("Invoice") == []
    (hold,) = [each for each in world.held() if each.key.source_id == str(one["id"])]
    assert hold.code == "review"
    with world.store.write() as session:
        holds.let_pass(world.office.scope, session, hold.id, by="ann", at=world.clock.now())
        agenda.decide_again(world.office.scope, session, [hold.key], world.clock.now())
    world.sync()
    numbers = [each["DocNumber"] for each in world.documents("Invoice")]
    assert one["number"] in numbers
    assert two["number"] not in numbers


def test_the_first_sync_can_be_one_chosen_order(world: World) -> None:
    world.publish(plain("invoice"))
    one, two = world.simple_order(), world.simple_order()
    world.sync(only=one["number"])
    assert [each["DocNumber"] for each in world.documents("Invoice")] == [one["number"]]
    world.sync()
    assert two["number"] in [each["DocNumber"] for each in world.documents("Invoice")]


def test_a_look_in_the_shop_s_admin_is_no_change_and_takes_no_release_away(world: World) -> None:
    world.publish(plain("invoice"))
    order = world.simple_order()
    world.sync()
    world.pass_time(hours=1)
    world.shop.touch_order(order["id"])
    fetched, planned = world.sync()
    assert (fetched.records >= 1, fetched.changed, planned.judged) == (True, 0, 0)


def test_publishing_says_which_accounts_the_books_do_not_have(world: World) -> None:
    world.publish(plain("sales_receipt"))
    world.sync()
    published = world.publish(plain("sales_receipt", deposit_account='"PayPall Deposits"'))
    assert [(each.code, "PayPall Deposits" in each.message) for each in published.warnings] == [("R502", True)]


def test_a_newer_rule_version_decides_anew_what_waits_or_was_left_out(world: World) -> None:
    waits = 'rule "Wait" for order when order.total is more than 1 then hold "Please look" end'
    world.publish(plain("invoice", waits))
    order = world.simple_order()
    world.sync()
    assert world.held_codes()[str(order["id"])] == "rule_hold"
    world.publish(plain("invoice", waits.replace("then hold", "then skip")))
    world.sync()
    assert str(order["id"]) not in world.held_codes()
    world.publish(plain("invoice"))
    world.sync()
    assert invoice_of(world, order)["DocNumber"] == order["number"]
