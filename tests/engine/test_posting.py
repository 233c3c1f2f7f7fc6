"""engine/posting/poster.py: planned operations reach the books once, in waves and batches."""

from __future__ import annotations

from decimal import Decimal

from connectors.errors import Rejected
from engine import holds, ledger, log
from engine.ledger import SlotKey
from tests.engine.conftest import Company


def test_a_planned_receipt_stands_in_the_books_and_in_the_ledger(acme: Company) -> None:
    acme.plan(acme.create("1007"))

    report = acme.drain()

    (receipt,) = acme.books.live("SalesReceipt")
    assert (receipt["number"], receipt["total"]) == ("1007", Decimal("41.98"))
    with acme.store.read() as session:
        row = ledger.standing(acme.scope, session, acme.id, acme.key("1007"))["sale"]
        (line,) = log.read(acme.scope, session, key=acme.key("1007"))
    assert (row.remote_id, row.total, row.document) == ("3", Decimal("41.98"), acme.sale("1007"))
    assert line.text == "sales receipt 1007, 1 line, 41.98 USD"
    assert report.posted == 1
    assert acme.states("1007") == {"sale": "done"}


def test_planning_the_same_again_makes_no_second_operation(acme: Company) -> None:
    first = acme.plan(acme.create("1"))[0]
    second = acme.plan(acme.create("1"))[0]

    assert (second.operation_id, second.status) == (first.operation_id, "same")


def test_thirty_receipts_are_one_call(acme: Company) -> None:
    acme.plan(*(acme.create(str(n)) for n in range(1, 61)))

    acme.drain()

    assert acme.books.counts == {"batch": 2}
    assert len(acme.books.live("SalesReceipt")) == 60


def test_sixty_invoices_with_payments_are_four_calls_in_waves(acme: Company) -> None:
    acme.plan(*(step for n in range(1, 61) for step in acme.invoice_and_payment(str(n))))

    acme.drain()

    assert acme.books.counts == {"batch": 4}
    assert len(acme.books.live("Payment")) == 60
    invoices = {body["number"]: id_ for (of, id_), body in acme.books.documents.items() if of == "Invoice"}
    for payment in acme.books.live("Payment"):
        assert list(payment["applied"]) == [invoices[str(int(next(iter(payment["applied"]))) - 2)]]


def test_a_new_customer_goes_before_the_orders_that_need_it_and_is_made_once(acme: Company) -> None:
    need = SlotKey(acme.new_customer("Bob").key, "name")
    for number in ("1", "2"):
        acme.plan(
            acme.new_customer("Bob"),
            acme.create(number, acme.sale(number, customer="Bob"), needs=(need,)),
        )

    acme.drain()

    (bob,) = [body for body in acme.books.live("Customer") if body["name"] == "Bob"]
    assert len(acme.books.live("SalesReceipt")) == 2
    assert acme.books.counts == {"single": 1, "batch": 1}
    assert bob["active"]


def test_a_member_that_is_refused_holds_only_itself(acme: Company) -> None:
    acme.books.member_faults["2"] = Rejected("The account is gone.", code="business_rule", next_step="Choose another.")
    acme.plan(*(acme.create(str(n)) for n in range(1, 5)))

    report = acme.drain()

    assert (report.posted, report.rejected) == (3, 1)
    assert acme.states("2") == {"sale": "rejected"}
    with acme.store.read() as session:
        (hold,) = holds.held(acme.scope, session)
    assert (hold.key, hold.reason, hold.next_step) == (acme.key("2"), "The account is gone.", "Choose another.")


def test_a_released_refusal_goes_again_as_a_new_operation_that_names_the_old_one(acme: Company) -> None:
    acme.books.member_faults["2"] = Rejected("The account is gone.", code="business_rule")
    (planned,) = acme.plan(acme.create("2"))
    acme.drain()
    acme.books.member_faults.clear()

    with acme.store.write() as session:
        (hold,) = holds.held(acme.scope, session)
        new = holds.let_pass(acme.scope, session, hold.id, by="Ann", at=acme.clock.now())
    acme.drain()

    old, fresh = acme.operations(acme.key("2"))
    assert (old.id, old.state, fresh.id, fresh.state, fresh.replaces_id) == (
        planned.operation_id,
        "superseded",
        new,
        "done",
        old.id,
    )
    assert len({request for request, _ in acme.books.requests}) == 2
    with acme.store.read() as session:
        assert holds.held(acme.scope, session) == []
