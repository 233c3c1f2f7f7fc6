"""Empty never removes, and nothing is there twice: what shop, rules and people may do to an order that was posted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.woocommerce import Options
from tests.flows.flows_kit import World, plain

Record = dict[str, Any]
RULES = """
rule "Not wanted any more" for order
  when order.note is "skip me"
  then skip "not wanted"
end

rule "Look at it" for order
  when order.note is "hold me"
  then hold "look at it"
end

rule "Nothing is left of it"
  for each line in order.lines where order.note is "empty me"
  then skip line "nothing left"
end

rule "One number for two" for order
  when order.note is "same number"
  then set order.number to text(number(order.number) - 1)
end

rule "No number" for order
  when order.note is "number me"
  then set order.number to "X-{order.number}"
end
"""
ENTITIES = ("Invoice", "Payment", "CreditMemo", "RefundReceipt", "SalesReceipt")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("standing")
    with World(f"sqlite:///{folder / 'store.sqlite3'}", shop_options=Options(generated=1)) as made:
        made.publish(plain("invoice_and_payment_if_paid", RULES, after_posting="update"))
        made.sync()
        yield made


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    yield shared
    shared.books.clear_faults()


def later(world: World) -> None:
    world.pass_time(hours=7)
    world.sync()


def standing(world: World, order: Record) -> dict[str, tuple[str, str, Decimal]]:
    """What is live in the books of what the ledger has for an order, by slot; and that there is nothing beside it."""
    ours = {}
    rows = world.standing(order["id"])
    for slot, row in rows.items():
        found = [each for each in world.documents(row.entity) if each["Id"] == row.remote_id]
        assert found, f"{slot} of {order['number']} is gone"
        ours[slot] = (row.entity, row.remote_id, Decimal(str(found[0]["TotalAmt"])))
    ids = {(entity, id_) for entity, id_, _ in ours.values()}
    marked = f"Order {order['number']}\n"
    beside = [
        (entity, each["Id"])
        for entity in ENTITIES
        for each in world.documents(entity)
        if (marked in f"{each.get('PrivateNote')}\n" or each.get("DocNumber") == order["number"])
        and (entity, each["Id"]) not in ids
    ]
    assert beside == [], "a document that the ledger does not know"
    return ours


def note(text: str) -> Callable[[World, Record], object]:
    return lambda world, order: world.shop.edit_order(order["id"], customer_note=text)


def lines_zeroed(world: World, order: Record) -> None:
    line = {"id": order["line_items"][0]["id"], "quantity": 0}
    world.shop.edit_order(order["id"], line_items=[line])


def unpaid_again(world: World, order: Record) -> None:
    world.shop.edit_order(order["id"], status="on-hold", date_paid=None, transaction_id="")


def refund_gone(world: World, order: Record) -> None:
    refund = world.shop.refund_order(order["id"], amount="5.00")
    later(world)
    world.shop.delete_refund(refund["id"])


def refund_after_full_refund(world: World, order: Record) -> None:
    world.shop.refund_order(order["id"])
    later(world)
    world.shop.edit_order(order["id"], status="refunded")
    later(world)


# what happens to a posted and paid order -> the slots that stand afterwards, with totals that never shrink
HAPPENINGS: dict[str, tuple[Callable[[World, Record], object], tuple[str, ...]]] = {
    "a rule skips it now": (note("skip me"), ("sale", "payment")),
    "a rule holds it now": (note("hold me"), ("sale", "payment")),
    "a rule leaves out all its lines": (note("empty me"), ("sale", "payment")),
    "the shop has no lines of it any more": (lines_zeroed, ("sale", "payment")),
    "it is unpaid again in the shop": (unpaid_again, ("sale", "payment")),
    "its refund is deleted in the shop": (refund_gone, ("sale", "payment", "refund")),
    "it is wholly refunded and then called refunded": (refund_after_full_refund, ("sale", "payment", "refund")),
    "it is deleted for good": (
        lambda world, order: world.shop.delete_order(order["id"]),
        ("sale", "payment"),
    ),
}


@pytest.mark.parametrize("case", HAPPENINGS)
def test_nothing_that_stands_is_removed_or_shrinks_when(world: World, case: str) -> None:
    happens, slots = HAPPENINGS[case]
    order = world.simple_order()
    world.sync()
    before = standing(world, order)
    happens(world, order)
    later(world)
    later(world)
    after = standing(world, order)
    assert sorted(slot.partition(":")[0] for slot in after) == sorted(slots)
    assert {slot: after[slot] for slot in before} == before
    assert any(line for line in world.lines() if f"#{order['number']}" in line)


def test_a_number_that_changes_after_posting_is_carried_over_and_makes_no_second_document(world: World) -> None:
    order = world.simple_order()
    world.sync()
    before = standing(world, order)
    note("number me")(world, order)
    later(world)
    later(world)
    rows = world.standing(order["id"])
    assert {slot: row.remote_id for slot, row in rows.items()} == {slot: id_ for slot, (_, id_, _) in before.items()}
    found = [each for each in world.documents("Invoice") if str(each["DocNumber"]).endswith(order["number"])]
    assert len(found) == 1


def test_an_order_that_turns_free_after_posting_is_a_finding_and_not_an_empty_invoice(world: World) -> None:
    order = world.simple_order()
    world.sync()
    before = standing(world, order)
    line = {"id": order["line_items"][0]["id"], "quantity": 1, "total": "0.00", "subtotal": "0.00"}
    world.shop.edit_order(order["id"], line_items=[line])
    later(world)
    after = standing(world, order)
    assert after["sale"][2] in (before["sale"][2], Decimal("0.00"))
    assert len(after) == len(before)
    assert any(f"#{order['number']}" in line and "changed" in line for line in world.lines()) or (
        str(order["id"]) in world.held_codes()
    )


def test_two_orders_with_one_number_are_one_document_and_one_hold_that_says_so(world: World) -> None:
    first = world.simple_order()
    world.sync()
    second = world.simple_order(customer_note="same number")
    later(world)
    found = [each for each in world.documents("Invoice") if each["DocNumber"] == first["number"]]
    assert len(found) == 1
    assert world.standing(second["id"]) == {}
    held = [each for each in world.held() if each.key.source_id == str(second["id"])]
    assert [each.code for each in held if each.slot == "sale"] == ["number_exists"]
    assert all(each.next_step for each in held)


def test_an_order_without_customer_goes_to_the_named_one_and_says_so(world: World) -> None:
    order = world.simple_order(billing={}, shipping={})
    world.sync()
    (invoice,) = [each for each in world.documents("Invoice") if each["DocNumber"] == order["number"]]
    assert invoice["CustomerRef"]["name"]
    assert any(f"#{order['number']}" in line and "no name for its customer" in line for line in world.lines())


def test_two_people_of_one_name_share_a_customer_by_name_and_the_orders_stay_apart(world: World) -> None:
    one = world.simple_order()
    two = world.simple_order(billing={"first_name": "Ann", "last_name": "Lee", "email": "other@acme.example"})
    world.sync()
    invoices = {each["DocNumber"]: each for each in world.documents("Invoice")}
    names = [each["DisplayName"] for each in world.documents("Customer") if each["DisplayName"] == "Ann Lee"]
    assert names == ["Ann Lee"]
    assert invoices[one["number"]]["CustomerRef"] == invoices[two["number"]]["CustomerRef"]


@pytest.mark.parametrize("posted", [True, False])
def test_an_order_that_was_deleted_for_good_is_told_by_its_number_and_waits_for_nobody(
    world: World, posted: bool
) -> None:
    order = world.simple_order()
    if posted:
        world.sync()
    else:
        world.fetch_and_plan()
    world.shop.delete_order(order["id"])
    later(world)
    later(world)
    assert str(order["id"]) not in world.held_codes()
    told = [line for line in world.lines() if f"#{order['number']}" in line and "no longer in the shop" in line]
    assert len(told) == 1
    assert bool(world.standing(order["id"])) == posted
    assert len(standing(world, order)) == (2 if posted else 0)


def test_a_payment_larger_than_the_invoice_that_was_left_is_held_with_both_amounts(tmp_path: Path) -> None:
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=Options(generated=1)) as world:
        world.publish(plain("invoice_and_payment_if_paid"))
        order = world.simple_order(
            set_paid=False, status="on-hold", payment_method="bacs", payment_method_title="Bank transfer"
        )
        world.sync()
        line = {"id": order["line_items"][0]["id"], "quantity": 2, "total": "40.00", "subtotal": "40.00"}
        world.shop.edit_order(order["id"], line_items=[line])
        later(world)
        world.shop.pay_order(order["id"])
        later(world)
        (invoice,) = [each for each in world.documents("Invoice") if each["DocNumber"] == order["number"]]
        assert invoice["Balance"] == invoice["TotalAmt"]
        (hold,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
        assert hold.slot.startswith("payment:")
        assert f"{Decimal(str(invoice['TotalAmt'])):.2f} open" in hold.reason
        assert "the order changed after it was posted" in hold.reason
