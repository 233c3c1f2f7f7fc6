"""An order that is to be another type of document after it was posted: the old one goes, the new one takes its place, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from engine import agenda, holds
from engine.faults import on_fault
from engine.keys import RecordKey
from engine.posting import reading
from engine.posting.timing import Timing
from engine.store.tables import company
from sandbox.quickbooks import Injected
from sandbox.woocommerce import Options
from tests.flows.flows_kit import World, plain

Record = dict[str, Any]
ENTITIES = ("Invoice", "SalesReceipt", "Estimate", "Payment", "CreditMemo", "RefundReceipt")
#: What an order becomes is said by its note, so that only a change in the shop changes it.
TYPES = ("invoice", "sales_receipt", "estimate", "invoice_and_payment")
BY_NOTE = (
    "".join(
        f"""
rule "The note says {each.replace("_", " ")}" for order
  when order.note is "{each}"
  then set books.transaction_type to "{each}"
end
"""
        for each in TYPES
    )
    + """
rule "Stop" for order
  when order.note is "hold"
  then hold "look at it"
end
"""
)


def publish(world: World, **options: str) -> None:
    world.publish(plain("invoice", BY_NOTE, **{"after_posting": "update", **options}))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("types")
    with World(f"sqlite:///{folder / 'store.sqlite3'}", shop_options=Options(generated=1), timing=Timing()) as made:
        publish(made)
        made.sync()
        yield made


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    yield shared
    shared.books.clear_faults()


@pytest.fixture
def own(migrated_url: str) -> Iterator[World]:
    """A world of the test's own, on each kind of database."""
    with World(migrated_url, shop_options=Options(generated=1), timing=Timing()) as made:
        publish(made)
        yield made


def posted(world: World, note: str, **body: Any) -> Record:
    order = world.simple_order(customer_note=note, **body)
    world.sync()
    assert world.standing(order["id"])["sale"].state == "live"
    return order


def changes(world: World, order: Record, note: str) -> None:
    """The order changes in the shop; it is fetched and judged, and nothing is posted yet."""
    world.shop.edit_order(order["id"], customer_note=note)
    world.pass_time(hours=7)
    world.fetch_and_plan()


def live(world: World, order: Record) -> dict[str, list[Decimal]]:
    """The totals of what stands in the books for an order, by entity; voided ones count as nothing."""
    marked = f"Order {order['number']}\n"
    found: dict[str, list[Decimal]] = {}
    for entity in ENTITIES:
        for each in world.documents(entity):
            mine = each.get("DocNumber") == order["number"] or marked in f"{each.get('PrivateNote')}\n"
            if mine and each["TotalAmt"]:
                found.setdefault(entity, []).append(Decimal(str(each["TotalAmt"])))
    return found


def lines(world: World, order: Record) -> list[str]:
    return [line for line in world.lines() if f"#{order['number']}:" in line]


def held(world: World, order: Record) -> list[holds.Hold]:
    return [each for each in world.held() if each.key.source_id == str(order["id"])]


def release(world: World, hold: holds.Hold) -> None:
    """As a person does it: let it pass, and judge the order anew."""
    with world.store.write() as session:
        holds.let_pass(world.office.scope, session, hold.id, by="ann", at=world.clock.now())
        agenda.decide_again(world.office.scope, session, [hold.key], world.clock.now())
    world.sync()


def operations(world: World, order: Record) -> list[tuple[str, str]]:
    key = RecordKey(world.identity, "order", str(order["id"]))
    with world.store.read() as session:
        return [
            (each.action, each.state)
            for each in reading.of_record(world.office.scope, session, world.company.id, key)
            if each.slot == "sale"
        ]


# from, to, whether the old one can be voided
REPLACEMENTS = (
    ("invoice", "sales_receipt", "voided"),
    ("sales_receipt", "invoice", "voided"),
    ("estimate", "invoice", "deleted"),
    ("invoice", "estimate", "voided"),
)
ENTITY = {"invoice": "Invoice", "sales_receipt": "SalesReceipt", "estimate": "Estimate"}


@pytest.mark.parametrize(("before", "after", "how"), REPLACEMENTS)
def test_a_changed_type_is_replaced_once_and_the_log_says_why(own: World, before: str, after: str, how: str) -> None:
    world = own
    order = posted(world, before)
    (total,) = live(world, order)[ENTITY[before]]
    changes(world, order, after)
    world.post()
    assert live(world, order) == {ENTITY[after]: [total]}
    row = world.standing(order["id"])["sale"]
    assert (row.entity, row.state, row.number, row.total) == (ENTITY[after], "live", order["number"], total)
    old, new = before.replace("_", " "), after.replace("_", " ")
    why = f"because rule 'The note says {new}' says so"
    told = lines(world, order)
    article = "an" if new[0] in "aeiou" else "a"
    assert (
        f"Order #{order['number']}: {old} {order['number']} was {how} in the books; {article} {new} takes its place, {why}"
        in told
    )
    (made,) = [line for line in told if line.startswith(f"Order #{order['number']}: {new} {order['number']}, ")]
    assert made.endswith(f"; made in place of {old} {order['number']}, {why}"), made
    assert held(world, order) == []
    assert world.sync()[1].planned == 0
    world.pass_time(days=1)
    assert world.sync()[1].planned == 0
    assert live(world, order) == {ENTITY[after]: [total]}


def test_a_changed_type_is_left_by_default_and_told(own: World) -> None:
    world = own
    publish(world, after_posting="leave")
    order = posted(world, "invoice")
    changes(world, order, "sales_receipt")
    world.post()
    assert list(live(world, order)) == ["Invoice"]
    assert operations(world, order) == [("create", "done")]
    (told,) = [line for line in lines(world, order) if "would now be" in line]
    assert "would now be a sales receipt, but an invoice stands in the books; it is left" in told
    assert "set after_posting to update" in told


def paid_by_hand(world: World, order: Record) -> None:
    (invoice,) = [each for each in world.documents("Invoice") if each["DocNumber"] == order["number"]]
    world.books.edit(
        "Payment", None, "create", CustomerRef=invoice["CustomerRef"], TotalAmt=invoice["TotalAmt"],
        Line=[{"Amount": invoice["TotalAmt"], "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}],
    )  # fmt: skip


def deposited(world: World, order: Record) -> None:
    (receipt,) = [each for each in world.documents("SalesReceipt") if each["DocNumber"] == order["number"]]
    linked = {"TxnId": receipt["Id"], "TxnType": "SalesReceipt"}
    accounts = [each for each in world.documents("Account") if each.get("AccountType") == "Bank"]
    world.books.edit(
        "Deposit", None, "create", DepositToAccountRef={"value": accounts[0]["Id"]},
        Line=[{"Amount": receipt["TotalAmt"], "LinkedTxn": [{**linked, "TxnLineId": "0"}]}],
    )  # fmt: skip


def closed(world: World, order: Record) -> None:
    world.books.prefer("AccountingInfoPrefs", BookCloseDate="2099-12-31")


def edited(world: World, order: Record) -> None:
    (invoice,) = [each for each in world.documents("Invoice") if each["DocNumber"] == order["number"]]
    world.books.edit("Invoice", invoice["Id"], "change", TrackingNum="1Z999")


def due_later(world: World, order: Record) -> None:
    (invoice,) = [each for each in world.documents("Invoice") if each["DocNumber"] == order["number"]]
    world.books.edit("Invoice", invoice["Id"], "change", DueDate="2027-01-31")


def made_an_invoice(world: World, order: Record) -> None:
    (estimate,) = [each for each in world.documents("Estimate") if each["DocNumber"] == order["number"]]
    world.books.edit(
        "Invoice", None, "create", DocNumber=f"{order['number']}-A", CustomerRef=estimate["CustomerRef"],
        Line=[line for line in estimate["Line"] if line["DetailType"] == "SalesItemLineDetail"],
        LinkedTxn=[{"TxnId": estimate["Id"], "TxnType": "Estimate"}],
    )  # fmt: skip


def voided_by_hand(world: World, order: Record) -> None:
    (invoice,) = [each for each in world.documents("Invoice") if each["DocNumber"] == order["number"]]
    world.books.edit("Invoice", invoice["Id"], "void")


# what a person did -> (from, to, code of the hold, a piece of its reason)
KEPT: dict[str, tuple[Callable[[World, Record], None], str, str, str, str]] = {
    "it is paid": (paid_by_hand, "invoice", "sales_receipt", "paid", "USD of it are paid in the books"),
    "it is deposited": (deposited, "sales_receipt", "invoice", "deposited", "part of a bank deposit"),
    "somebody made an invoice of the estimate": (
        made_an_invoice,
        "estimate",
        "sales_receipt",
        "linked",
        "Other documents hang on it in the books (Invoice)",
    ),
    "somebody edited it": (edited, "invoice", "sales_receipt", "edited_in_books", "since it was posted (TrackingNum)"),
    "somebody changed what QuickBooks had filled in": (
        due_later,
        "invoice",
        "sales_receipt",
        "edited_in_books",
        "changed in the books since it was posted, and that",
    ),
    "somebody voided it": (voided_by_hand, "invoice", "sales_receipt", "gone_from_the_books", "voided in the books"),
}


@pytest.mark.parametrize("case", KEPT)
def test_what_stands_is_held_and_not_replaced_where(world: World, case: str) -> None:
    happens, before, after, code, words = KEPT[case]
    order = posted(world, before)
    happens(world, order)
    stood = live(world, order)
    changes(world, order, after)
    world.post()
    assert live(world, order) == stood
    (hold,) = held(world, order)
    assert (hold.code, words in hold.reason, bool(hold.next_step)) == (code, True, True)
    waits = [line for line in lines(world, order) if "waits for you" in line]
    assert len(waits) == 1
    assert f"{before.replace('_', ' ')} {order['number']} waits for you" in waits[0]
    removal = "delete" if before == "estimate" else "void"
    assert operations(world, order)[1:] == [(removal, "held"), ("create", "planned")]
    world.sync()
    assert live(world, order) == stood


def test_what_was_edited_by_hand_is_replaced_once_a_person_has_released_it(world: World) -> None:
    order = posted(world, "invoice")
    edited(world, order)
    changes(world, order, "sales_receipt")
    world.post()
    (hold,) = held(world, order)
    release(world, hold)
    assert list(live(world, order)) == ["SalesReceipt"]
    assert held(world, order) == []


def test_a_document_that_somebody_entered_and_that_was_adopted_is_not_replaced_by_itself(world: World) -> None:
    first = posted(world, "invoice")
    (mine,) = [each for each in world.documents("Invoice") if each["DocNumber"] == first["number"]]
    order = world.simple_order(customer_note="invoice")
    world.books.edit(
        "Invoice", None, "create", DocNumber=order["number"], CustomerRef=mine["CustomerRef"], TxnDate=mine["TxnDate"],
        Line=[line for line in mine["Line"] if line["DetailType"] == "SalesItemLineDetail"],
    )  # fmt: skip
    world.sync()
    (hold,) = held(world, order)
    with world.store.write() as session:
        holds.let_pass(world.office.scope, session, hold.id, by="ann", at=world.clock.now(), adopt=True)
    world.post()
    assert world.standing(order["id"])["sale"].adopted
    changes(world, order, "sales_receipt")
    world.post()
    assert list(live(world, order)) == ["Invoice"]
    (hold,) = held(world, order)
    assert (hold.code, "entered by hand" in hold.reason) == ("edited_in_books", True)
    release(world, hold)
    assert list(live(world, order)) == ["SalesReceipt"]


def test_what_somebody_voided_is_made_anew_once_a_person_has_released_it(world: World) -> None:
    order = posted(world, "invoice")
    voided_by_hand(world, order)
    changes(world, order, "sales_receipt")
    world.post()
    (hold,) = held(world, order)
    release(world, hold)
    assert list(live(world, order)) == ["SalesReceipt"]
    assert held(world, order) == []


def test_our_own_payment_holds_its_invoice_until_it_is_deleted_and_the_invoice_released(world: World) -> None:
    order = posted(world, "invoice_and_payment")
    stood = live(world, order)
    assert sorted(stood) == ["Invoice", "Payment"]
    changes(world, order, "sales_receipt")
    world.post()
    assert live(world, order) == stood
    (hold,) = held(world, order)
    assert (hold.code, hold.slot) == ("paid", "sale")
    (payment,) = [
        each for each in world.documents("Payment") if f"Order {order['number']}\n" in f"{each.get('PrivateNote')}\n"
    ]
    world.books.edit("Payment", payment["Id"], "delete")
    release(world, hold)
    assert live(world, order) == {"SalesReceipt": stood["Invoice"]}


def test_a_replacement_in_a_closed_period_is_held(own: World) -> None:
    world = own
    order = posted(world, "invoice")
    world.shop.edit_order(order["id"], customer_note="sales_receipt")
    world.pass_time(hours=7)
    world.fetch_and_plan()
    assert ("void", "planned") in operations(world, order)
    closed(world, order)
    world.post()
    assert list(live(world, order)) == ["Invoice"]
    assert {each.code for each in held(world, order)} == {"closed_period"}


class Died(BaseException):
    """As if the process had been killed: nothing catches it."""


def dies_at(point: str, nth: int) -> Callable[[str], None]:
    passed = 0

    def hook(name: str) -> None:
        nonlocal passed
        passed += name == point
        if name == point and passed == nth:
            raise Died(point)

    return hook


@pytest.mark.parametrize("point", ["outbox.committed", "poster.answered", "poster.settling", "poster.settled"])
def test_a_poster_that_dies_between_void_and_create_is_gone_on_with(own: World, point: str) -> None:
    world = own
    order = posted(world, "invoice")
    changes(world, order, "sales_receipt")
    on_fault(dies_at(point, 1))
    try:
        with pytest.raises(Died):
            world.post()
    finally:
        on_fault(None)
    assert "SalesReceipt" not in live(world, order)
    with world.store.write() as session:  # a killed process gives its lease to nobody
        until = world.clock.now() + timedelta(seconds=world.timing.lease)
        session.execute(
            update(company)
            .where(world.office.scope.of(company))
            .values(lease_owner="somebody who is gone", lease_until=until)
        )
    world.pass_time(seconds=200)
    world.sync()
    world.pass_time(seconds=200)
    world.sync()
    assert list(live(world, order)) == ["SalesReceipt"]
    assert len(live(world, order)["SalesReceipt"]) == 1
    assert world.standing(order["id"])["sale"].entity == "SalesReceipt"


@pytest.mark.parametrize("kind", ["applied_then_timeout", "timeout"])
def test_a_void_without_an_answer_is_looked_for_before_anything_takes_its_place(world: World, kind: str) -> None:
    order = posted(world, "invoice")
    changes(world, order, "sales_receipt")
    world.books.inject(Injected(kind, operation="void"))
    world.post()
    assert operations(world, order)[1:] == [("void", "unknown"), ("create", "planned")]
    assert "SalesReceipt" not in live(world, order)
    for _ in range(5):
        world.pass_time(seconds=60)
        world.sync()
    assert list(live(world, order)) == ["SalesReceipt"]
    assert operations(world, order)[1:] == [("void", "done"), ("create", "done")]


def test_an_order_that_changes_back_before_anything_went_out_keeps_its_document(world: World) -> None:
    order = posted(world, "invoice")
    (id_,) = [row.remote_id for row in world.standing(order["id"]).values()]
    changes(world, order, "sales_receipt")
    changes(world, order, "invoice")
    world.post()
    assert list(live(world, order)) == ["Invoice"]
    assert world.standing(order["id"])["sale"].remote_id == id_
    assert operations(world, order)[1:] in (
        [("void", "superseded"), ("create", "superseded")],
        [("void", "superseded"), ("create", "superseded"), ("update", "done")],
    )


@pytest.mark.parametrize("note", ["invoice", "estimate", "hold"])
def test_the_newest_wish_fills_the_place_when_the_order_changes_between_void_and_create(
    world: World, note: str
) -> None:
    order = posted(world, "invoice")
    (total,) = live(world, order)["Invoice"]
    changes(world, order, "sales_receipt")
    world.books.inject(Injected("applied_then_timeout", operation="void"))
    world.post()
    changes(world, order, note)
    wanted = {"invoice": "Invoice", "estimate": "Estimate", "hold": "SalesReceipt"}[note]
    for _ in range(4):
        world.post()
        world.pass_time(seconds=200)
    assert live(world, order) == {wanted: [total]}
    assert world.standing(order["id"])["sale"].entity == wanted
    world.pass_time(seconds=200)
    world.sync()
    assert live(world, order) == {wanted: [total]}


def test_an_order_that_is_replaced_to_and_fro_keeps_its_number(world: World) -> None:
    order = posted(world, "invoice")
    (total,) = live(world, order)["Invoice"]
    for note in ("sales_receipt", "invoice", "sales_receipt"):
        changes(world, order, note)
        world.post()
        assert live(world, order) == {ENTITY[note]: [total]}
    assert held(world, order) == []


def test_a_receipt_in_place_of_an_invoice_waits_for_the_money_as_any_other(world: World) -> None:
    order = posted(
        world, "invoice", set_paid=False, status="on-hold", payment_method="bacs", payment_method_title="Bank"
    )
    changes(world, order, "sales_receipt")
    world.post()
    assert list(live(world, order)) == ["Invoice"]
    assert [each.code for each in held(world, order)] == ["not_paid"]
    world.shop.pay_order(order["id"])
    world.pass_time(hours=7)
    world.sync()
    assert list(live(world, order)) == ["SalesReceipt"]
    assert held(world, order) == []


def test_a_replaced_sale_takes_its_refund_along(world: World) -> None:
    order = posted(world, "invoice")
    world.shop.refund_order(order["id"], amount="5.00")
    changes(world, order, "invoice")
    world.post()
    assert live(world, order)["CreditMemo"] == [Decimal("5.00")]
    changes(world, order, "sales_receipt")
    world.post()
    found = live(world, order)
    assert sorted(found) == ["RefundReceipt", "SalesReceipt"]
    assert found["RefundReceipt"] == [Decimal("5.00")]
    assert held(world, order) == []
