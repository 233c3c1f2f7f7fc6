"""What stands in the books is changed three ways, and people's edits survive (engine/posting: preparing, planning)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import Rejected, Retry
from engine import holds, ledger, log, preferences
from engine.ledger import SlotKey
from engine.posting import planning, states
from engine.posting.operations import Planned, Reason, Step
from tests.engine.conftest import Company
from tests.engine.fake_books import PROFILE


def _posted(acme: Company, number: str = "1", **changes: object) -> str:
    acme.plan(acme.create(number, acme.sale(number, **changes)))
    acme.drain()
    with acme.store.read() as session:
        return ledger.standing(acme.scope, session, acme.id, acme.key(number))["sale"].remote_id


def _reasons(acme: Company) -> list[str]:
    with acme.store.read() as session:
        return [hold.code for hold in holds.held(acme.scope, session)]


def test_a_changed_order_changes_its_document_and_makes_no_second_one(acme: Company) -> None:
    id_ = _posted(acme)
    acme.plan(acme.create("1", acme.sale("1", memo="gift"), action="update"))

    report = acme.drain()

    assert report.updated == 1
    assert [body["memo"] for body in acme.books.live("SalesReceipt")] == ["gift"]
    assert acme.books.documents["SalesReceipt", id_]["token"] == 1
    with acme.store.read() as session:
        row = ledger.standing(acme.scope, session, acme.id, acme.key("1"))["sale"]
    assert (row.sync_token, row.sent_body["memo"]) == ("1", "gift")


def test_what_a_person_changed_in_the_books_is_kept_and_told(acme: Company) -> None:
    id_ = _posted(acme)
    acme.books.edit("SalesReceipt", id_, memo="paid in cash")
    acme.plan(acme.create("1", acme.sale("1", memo="gift", number="1-b"), action="update"))

    acme.drain()

    body = acme.books.documents["SalesReceipt", id_]
    assert (body["memo"], body["number"]) == ("paid in cash", "1-b")
    with acme.store.read() as session:
        texts = [line.text for line in log.read(acme.scope, session, key=acme.key("1"))]
    assert "sales receipt 1: what a person changed in the books was kept (memo)" in texts


def test_a_document_that_somebody_changes_in_the_very_moment_is_read_again(acme: Company) -> None:
    id_ = _posted(acme)
    acme.plan(acme.create("1", acme.sale("1", memo="gift"), action="update"))

    def meanwhile() -> None:
        acme.books.before_send = None
        acme.books.edit("SalesReceipt", id_, number="1-x")

    acme.books.before_send = meanwhile
    acme.drain()

    assert acme.books.documents["SalesReceipt", id_]["memo"] == "gift"
    assert acme.books.documents["SalesReceipt", id_]["number"] == "1-x"
    _, stale, fresh = acme.operations(acme.key("1"))
    assert (stale.state, fresh.state, fresh.replaces_id) == ("superseded", "done", stale.id)


def test_an_update_whose_answer_was_lost_is_not_made_twice(acme: Company) -> None:
    id_ = _posted(acme)
    acme.books.script = ["lost"]
    acme.plan(acme.create("1", acme.sale("1", memo="gift"), action="update"))

    acme.drain_until_quiet()

    assert acme.books.documents["SalesReceipt", id_]["token"] == 1
    assert acme.counts() == {"done": 2, "superseded": 1}


@pytest.mark.parametrize("state", ["deleted", "voided"])
def test_a_document_that_was_removed_in_the_books_is_held_and_not_made_again(acme: Company, state: str) -> None:
    id_ = _posted(acme)
    acme.books.edit("SalesReceipt", id_, state=state)
    acme.plan(acme.create("1", acme.sale("1", memo="gift"), action="update"))

    acme.drain_until_quiet()

    assert acme.states("1") == {"sale": "held"}
    assert acme.books.live("SalesReceipt") == []
    assert _reasons(acme) == ["gone_from_the_books"]


def test_a_deposited_document_is_held(acme: Company) -> None:
    id_ = _posted(acme)
    acme.books.edit("SalesReceipt", id_, deposited=True)
    acme.plan(acme.create("1", acme.sale("1", memo="gift"), action="update"))

    acme.drain()

    assert _reasons(acme) == ["deposited"]


def test_a_document_in_a_closed_period_is_held_and_never_dated_anew(acme: Company) -> None:
    _posted(acme)
    acme.plan(acme.create("1", acme.sale("1", memo="gift"), action="update"))

    acme.books.company = replace(PROFILE, closed_until="2026-11-30")
    acme.clock.advance(preferences.TRUSTED_FOR.total_seconds() + 1)

    acme.drain()

    assert _reasons(acme) == ["closed_period"]
    assert acme.books.live("SalesReceipt")[0]["date"] == "2026-11-20"


def test_an_old_invoice_that_was_settled_by_hand_gets_no_payment(acme: Company) -> None:
    invoice, payment = acme.invoice_and_payment("1")
    acme.plan(invoice)
    acme.drain()
    acme.clock.advance(86400)
    acme.books.edit("Invoice", "3", balance=Decimal(0))
    acme.plan(payment)

    acme.drain()

    assert _reasons(acme) == ["settled_by_hand"]
    assert acme.books.live("Payment") == []


def test_a_change_of_kind_is_a_void_that_is_confirmed_and_then_a_new_document(acme: Company) -> None:
    _posted(acme, type="invoice")
    key = acme.key("1")
    acme.plan(
        Step(key=key, slot="sale", action="void"),
        acme.create("1", acme.sale("1"), needs=(SlotKey(key, "sale"),)),
    )

    acme.drain()

    assert acme.books.live("Invoice") == []
    assert len(acme.books.live("SalesReceipt")) == 1
    with acme.store.read() as session:
        row = ledger.standing(acme.scope, session, acme.id, key)["sale"]
    assert (row.entity, row.state) == ("SalesReceipt", "live")


def test_an_order_that_changes_before_it_is_sent_is_sent_once_as_it_is_now(acme: Company) -> None:
    (old,) = acme.plan(acme.create("1"))
    (new,) = acme.plan(acme.create("1", acme.sale("1", memo="gift")))

    acme.drain()

    assert [body["memo"] for body in acme.books.live("SalesReceipt")] == ["gift"]
    first, second = acme.operations(acme.key("1"))
    assert (first.state, second.state, second.replaces_id) == ("superseded", "done", old.operation_id)
    assert new.status == "new"


def test_what_needs_a_superseded_operation_needs_the_new_one(acme: Company) -> None:
    acme.plan(*acme.invoice_and_payment("1"))
    acme.plan(acme.create("1", acme.sale("1", type="invoice", memo="gift")))

    acme.drain()

    assert acme.states("1") == {"sale": "done", "payment:1": "done"}


def test_an_order_that_changes_while_it_is_on_its_way_becomes_an_update_that_waits_for_it(acme: Company) -> None:
    acme.books.script = ["lost"]
    acme.plan(acme.create("1"))
    acme.drain()

    (planned,) = acme.plan(acme.create("1", acme.sale("1", memo="gift")))
    assert planned.step.action == "update"
    acme.drain()
    assert acme.counts() == {"unknown": 1, "planned": 1}
    acme.drain_until_quiet()

    assert [body["memo"] for body in acme.books.live("SalesReceipt")] == ["gift"]


def test_a_second_change_while_an_update_is_on_its_way_waits(acme: Company) -> None:
    _posted(acme)
    acme.plan(acme.create("1", acme.sale("1", memo="gift"), action="update"))
    acme.books.script = ["nothing"]
    acme.drain()

    (planned,) = acme.plan(acme.create("1", acme.sale("1", memo="second"), action="update"))

    assert planned.status == "waiting"


def test_review_first_lets_nothing_out_until_a_person_does(acme: Company) -> None:
    review = Reason(code="review", message="This flow asks before it posts.")
    (first, _second) = acme.plan(acme.create("1", held=review), acme.create("2", held=review))
    acme.drain()
    assert acme.books.requests == []

    with acme.store.write() as session:
        states.let_out(acme.scope, session, [first.operation_id], at=acme.clock.now())
    acme.drain()

    assert [body["number"] for body in acme.books.live("SalesReceipt")] == ["1"]
    assert acme.states("2") == {"sale": "held"}


def test_a_poisonous_document_holds_only_itself(acme: Company) -> None:
    acme.plan(*(acme.create(str(n), acme.sale(str(n), memo="poison" if n == 3 else None)) for n in range(1, 6)))

    acme.drain()

    assert acme.counts() == {"done": 4, "rejected": 1}
    assert _reasons(acme) == ["cannot_be_written"]


def test_a_payment_says_why_it_waits_for_its_refused_invoice(acme: Company) -> None:
    acme.books.member_faults["1"] = Rejected("The account is gone.", code="business_rule")
    acme.plan(*acme.invoice_and_payment("1"))

    acme.drain()

    with acme.store.read() as session:
        words = {hold.slot: hold.reason for hold in holds.held(acme.scope, session)}
    assert words == {
        "sale": "The account is gone.",
        "payment:1": "It needs the invoice 1, and that waits: The account is gone.",
    }
    acme.books.member_faults.clear()
    with acme.store.write() as session:
        for hold in holds.held(acme.scope, session):
            if hold.slot == "sale":
                holds.let_pass(acme.scope, session, hold.id, by="Ann", at=acme.clock.now())
    acme.drain()
    assert acme.states("1") == {"sale": "done", "payment:1": "done"}
    assert _reasons(acme) == []


def test_a_total_that_differs_is_told(acme: Company) -> None:
    acme.books.total_off_by = Decimal("0.01")
    _posted(acme)

    assert _reasons(acme) == ["total_differs"]
    assert acme.states("1") == {"sale": "done"}


def test_a_slot_is_filled_once_whatever_is_planned(acme: Company) -> None:
    _posted(acme)
    acme.plan(acme.create("1", acme.sale("1", memo="again")))

    acme.drain()

    assert len(acme.books.live("SalesReceipt")) == 1
    assert _reasons(acme) == ["already_there"]


def test_a_name_that_somebody_made_meanwhile_is_used(acme: Company) -> None:
    acme.books.add_entry("customer", "Bob")
    acme.plan(
        acme.new_customer("bob"),
        acme.create("1", acme.sale("1", customer="bob"), needs=(SlotKey(acme.new_customer("Bob").key, "name"),)),
    )

    acme.drain()

    assert acme.counts() == {"done": 2}
    assert [body["name"] for body in acme.books.live("Customer")] == ["Amy", "Bob"]


def test_a_name_that_a_vendor_holds_waits_for_a_person_and_says_so_on_the_order(acme: Company) -> None:
    acme.books._store("Vendor", {"name": "Bob", "active": True})
    acme.plan(
        acme.new_customer("Bob"),
        acme.create("1", acme.sale("1", customer="Bob"), needs=(SlotKey(acme.new_customer("Bob").key, "name"),)),
    )

    acme.drain_until_quiet()

    assert acme.counts() == {"rejected": 1, "planned": 1}
    assert _reasons(acme) == ["name_held_elsewhere", "name_held_elsewhere"]


def _replaced(acme: Company, number: str, **changes: Any) -> list[Planned]:
    return acme.plan(
        Step(key=acme.key(number), slot="sale", action="void"),
        acme.create(number, acme.sale(number, **changes)),
    )


def test_what_takes_a_place_waits_for_it_although_nobody_says_so_and_whatever_it_is_by_then(acme: Company) -> None:
    _posted(acme, type="invoice")
    _replaced(acme, "1")
    void, create = _replaced(acme, "1", memo="gift")
    assert (void.status, create.status) == ("same", "new")
    acme.books.script = [Retry("Not now.", code="busy")]

    acme.drain()

    assert acme.books.live("SalesReceipt") == []
    assert len(acme.books.live("Invoice")) == 1
    acme.drain_until_quiet()
    assert acme.books.live("Invoice") == []
    assert [body["memo"] for body in acme.books.live("SalesReceipt")] == ["gift"]


def test_the_newest_wish_fills_a_place_that_is_just_being_emptied(acme: Company) -> None:
    _posted(acme, type="invoice")
    acme.books.script = ["lost"]
    _replaced(acme, "1")
    acme.drain()
    assert acme.states("1") == {"sale": "planned"}
    (again,) = acme.plan(acme.create("1", acme.sale("1", type="estimate")))
    assert again.status == "new"

    acme.drain_until_quiet()

    assert acme.books.live("Invoice") == acme.books.live("SalesReceipt") == []
    assert len(acme.books.live("Estimate")) == 1


def test_another_type_waits_until_it_is_known_what_stands(acme: Company) -> None:
    acme.books.script = ["lost"]
    acme.plan(acme.create("1", acme.sale("1", type="invoice")))
    acme.drain()
    (other,) = acme.plan(acme.create("1", acme.sale("1", type="estimate")))
    (same,) = acme.plan(acme.create("1", acme.sale("1", type="invoice", memo="gift")))

    assert (other.status, same.status) == ("waiting", "new")


def test_what_is_withdrawn_is_needed_by_nobody_any_more(acme: Company) -> None:
    acme.plan(*acme.invoice_and_payment("1"))
    acme.drain()
    acme.plan(acme.create("1", acme.sale("1", type="invoice", memo="gift"), action="update"))
    (payment,) = acme.plan(
        acme.create("1", acme.payment("1"), slot="payment:2", needs=(SlotKey(acme.key("1"), "sale"),))
    )
    with acme.store.write() as session:
        gone = planning.withdraw(
            acme.scope, session, acme.id, [acme.key("1")], wanted={payment.operation_id}, at=acme.clock.now()
        )
    assert len(gone) == 1

    acme.drain_until_quiet()

    assert acme.states("1") == {"sale": "superseded", "payment:1": "done", "payment:2": "done"}


def test_a_place_that_we_have_emptied_is_filled_whatever_else_is_withdrawn(acme: Company) -> None:
    _posted(acme, type="invoice")
    _replaced(acme, "1")
    place = SlotKey(acme.key("1"), "sale")
    with acme.store.write() as session:
        gone = planning.withdraw(
            acme.scope, session, acme.id, [acme.key("1")], wanted=(), spared={place}, at=acme.clock.now()
        )
        assert gone == []
        assert (
            len(planning.withdraw(acme.scope, session, acme.id, [acme.key("1")], wanted=(), at=acme.clock.now())) == 2
        )

    acme.drain_until_quiet()

    assert len(acme.books.live("Invoice")) == 1
    assert acme.books.live("SalesReceipt") == []
