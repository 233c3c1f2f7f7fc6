"""engine/posting/reconcile.py: what was sent and not confirmed is looked for before anything is sent again."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import ConnectorError, Rejected, Unknown
from connectors.ports import Member, Posted
from engine import ledger, log
from engine.faults import on_fault
from engine.lists import Lists
from engine.store import tables
from tests.engine.conftest import Company, make_company
from tests.engine.fake_books import PROFILE, FakeBooks, ManualClock, unavailable


def _died(name: str, *, nth: int = 1) -> Any:
    """A process that dies at a crash point, as far as the store and the books can tell."""
    seen = 0

    def hook(passed: str) -> None:
        nonlocal seen
        if passed == name:
            seen += 1
            if seen == nth:
                raise Died

    return hook


class Died(BaseException):
    pass


def test_an_answer_that_was_lost_is_found_at_the_first_look(acme: Company) -> None:
    acme.books.script = ["lost"]
    acme.plan(*(acme.create(str(n)) for n in range(1, 11)))
    acme.drain()
    assert acme.counts() == {"unknown": 10}

    acme.clock.advance(4)
    acme.drain()
    assert acme.counts() == {"unknown": 10}
    acme.clock.advance(1)
    report = acme.drain()

    assert report.found == 10
    assert len(acme.books.live("SalesReceipt")) == 10
    assert acme.books.counts == {"batch": 1, "query": 1}
    with acme.store.read() as session:
        assert len(ledger.for_keys(acme.scope, session, acme.id, [acme.key(str(n)) for n in range(1, 11)])) == 10
        assert log.read(acme.scope, session, key=acme.key("3"))[-1].text == (
            "sales receipt 3 was found in the books after an answer was lost; nothing was doubled"
        )


def test_not_there_is_believed_only_at_150_seconds_and_then_the_same_bytes_go_again(acme: Company) -> None:
    acme.books.script = ["nothing"]
    acme.plan(acme.create("1"), acme.create("2"))
    acme.drain()
    for wait in (5, 15, 40, 89):
        acme.clock.advance(wait)
        acme.drain()
        assert len(acme.books.requests) == 1
    acme.clock.advance(1)
    acme.drain()

    first, second = acme.books.requests
    assert first == second
    assert len(acme.books.live("SalesReceipt")) == 2
    assert acme.counts() == {"done": 2}


def test_a_write_that_the_books_apply_100_seconds_late_is_not_doubled_even_without_request_ids(acme: Company) -> None:
    acme.books.honours_request_ids = False
    acme.books.script = ["late:100"]
    acme.plan(*(step for n in range(1, 6) for step in acme.invoice_and_payment(str(n))))

    acme.drain_until_quiet()

    assert len(acme.books.live("Invoice")) == 5
    assert len(acme.books.live("Payment")) == 5
    assert len(acme.books.requests) == 2


def test_only_dependants_of_the_unknown_wait(acme: Company) -> None:
    acme.books.script = ["nothing"]
    acme.plan(*acme.invoice_and_payment("1"))
    acme.drain()
    acme.plan(acme.create("2"))
    acme.drain()

    assert acme.states("1") == {"sale": "unknown", "payment:1": "planned"}
    assert acme.states("2") == {"sale": "done"}


@pytest.mark.parametrize(
    "point", ["outbox.committed", "poster.socket", "poster.answered", "poster.followed", "poster.settling"]
)
def test_a_poster_that_dies_around_the_socket_leaves_what_is_looked_for(acme: Company, point: str) -> None:
    acme.plan(*(acme.create(str(n)) for n in range(1, 4)))
    on_fault(_died(point))
    try:
        with pytest.raises(Died):
            acme.drain()
    finally:
        on_fault(None)
    with acme.store.write() as session:  # a killed process releases nothing
        from datetime import timedelta

        from sqlalchemy import update

        session.execute(
            update(tables.company)
            .where(acme.scope.of(tables.company))
            .values(lease_owner="gone", lease_until=acme.clock.now() + timedelta(seconds=90))
        )
    assert acme.drain().busy

    acme.drain_until_quiet_after(91)

    assert len(acme.books.live("SalesReceipt")) == 3
    assert acme.counts() == {"done": 3}


def test_a_read_that_fails_is_never_taken_for_not_there(acme: Company) -> None:
    acme.books.script = ["lost"]
    acme.plan(acme.create("1"))
    acme.drain()
    acme.books.read_error = unavailable()
    for _ in range(5):
        acme.clock.advance(100)
        acme.drain()
    assert acme.counts() == {"unknown": 1}

    acme.books.read_error = None
    acme.drain_until_quiet()

    assert acme.counts() == {"done": 1}
    assert len(acme.books.requests) == 1


def test_a_batch_with_faults_a_missing_word_and_shuffled_answers_settles_each_member_for_itself(acme: Company) -> None:
    """F7: of ten, three are refused with their own words, the reply is shuffled, one has no word: seven stand, once."""
    for n in (2, 5, 8):
        acme.books.member_faults[str(n)] = Rejected(f"No {n}.", code="business_rule")
    acme.books.member_faults["4"] = "lost"
    acme.books.shuffle = True
    acme.plan(*(acme.create(str(n)) for n in range(1, 11)))

    acme.drain()
    assert acme.counts() == {"done": 6, "rejected": 3, "unknown": 1}
    acme.drain_until_quiet()

    assert sorted(body["number"] for body in acme.books.live("SalesReceipt")) == ["1", "10", "3", "4", "6", "7", "9"]
    for n in (2, 5, 8):
        (item,) = acme.operations(acme.key(str(n)))
        assert item.reason is not None
        assert item.reason.message == f"No {n}."


def test_a_number_that_somebody_else_used_holds_and_is_not_adopted(acme: Company) -> None:
    acme.plan(acme.create("1"))
    acme.drain()
    acme.books.documents["SalesReceipt", "3"]["marker"] = None
    with acme.store.write() as session:
        from sqlalchemy import delete

        from engine.store.tables import ledger as table

        session.execute(delete(table).where(acme.scope.of(table)))
    acme.plan(acme.create("1", acme.sale("1", memo="again")))
    acme.drain_until_quiet()

    assert acme.states("1") == {"sale": "held"}
    assert len(acme.books.live("SalesReceipt")) == 1


def test_a_taken_number_that_cannot_be_looked_up_is_tried_again_and_the_rest_of_the_batch_stands(acme: Company) -> None:
    names = _Names(acme.store, acme.scope, acme.id)
    names.renew()
    entity, body = acme.books.encode(acme.sale("1"), names, PROFILE)
    acme.books._store(entity, {**body, "marker": None})
    acme.plan(acme.create("1"), acme.create("2"))
    acme.books.before_send = lambda: setattr(acme.books, "read_error", unavailable())

    report = acme.drain()

    assert (report.posted, report.retried) == (1, 1)
    assert acme.states("1") == {"sale": "planned"}
    assert acme.states("2") == {"sale": "done"}
    acme.books.before_send = acme.books.read_error = None
    acme.drain_until_quiet()
    assert acme.states("1") == {"sale": "held"}
    assert len(acme.books.live("SalesReceipt")) == 2


def test_a_document_entered_by_hand_is_adopted_by_option_where_customer_date_and_total_agree(acme: Company) -> None:
    names = _Names(acme.store, acme.scope, acme.id)
    names.renew()
    for number, total in (("1", "41.98"), ("2", "40.00")):
        document = acme.sale(number)
        entity, body = acme.books.encode(document, names, PROFILE)
        acme.books._store(entity, {**body, "marker": None, "total": Decimal(total)})
    acme.plan(acme.create("1", adopt=True), acme.create("2", adopt=True))

    acme.drain_until_quiet()

    assert acme.states("1") == {"sale": "done"}
    assert acme.states("2") == {"sale": "held"}
    with acme.store.read() as session:
        assert ledger.standing(acme.scope, session, acme.id, acme.key("1"))["sale"].adopted


class _Names(Lists):
    def slot(self, slot: str) -> Posted:
        raise KeyError(slot)


def test_a_database_restored_from_yesterday_finds_todays_documents(acme: Company) -> None:
    """F27: the ledger and the outbox know nothing of what stands; documents are known by their markers."""
    steps = [step for n in range(1, 6) for step in acme.invoice_and_payment(str(n))]
    steps += [acme.create("9", acme.sale("9", type="refund_receipt", number=None))]
    acme.plan(*steps)
    acme.drain_until_quiet()
    before = dict(acme.books.documents)
    with acme.store.write() as session:
        from sqlalchemy import delete

        from engine.store import tables

        for table in (
            tables.ledger, tables.log, tables.attempt, tables.send_member, tables.operation_need, tables.hold,
            tables.operation, tables.send,
        ):  # fmt: skip
            session.execute(delete(table).where(acme.scope.of(table)))
    acme.clock.advance(20 * 3600)

    acme.plan(*steps)
    acme.drain_until_quiet()

    assert acme.books.documents.keys() == before.keys()
    assert acme.counts() == {"done": 11}
    assert acme.books.requests[2:] == []


def _chaos(company: Company, dice: random.Random) -> None:
    company.books.honours_request_ids = bool(dice.getrandbits(1))
    for _ in range(40):
        fates: list[str | ConnectorError] = [
            "ok",
            "ok",
            "ok",
            "lost",
            "nothing",
            f"late:{dice.randint(1, 140)}",
            unavailable(),
        ]
        company.books.script.append(dice.choice(fates))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_befalls_it_nothing_is_lost_and_nothing_doubled(acme: Company, seed: int) -> None:
    """F1, F4, F5, F6 in one process: posters die at random crash points, answers are lost or late."""
    dice = random.Random(seed)
    _chaos(acme, dice)
    wanted = [str(n) for n in range(1, 41)]
    acme.plan(*(step for number in wanted for step in acme.invoice_and_payment(number)))

    def maybe(_point: str) -> None:
        if dice.random() < 0.02:
            raise Died

    for _ in range(400):
        on_fault(maybe)
        try:
            acme.drain()
        except Died:
            pass
        finally:
            on_fault(None)
        if acme.counts() == {"done": 80}:
            break
        acme.clock.advance(7)

    assert sorted(body["number"] for body in acme.books.live("Invoice")) == sorted(wanted)
    assert len(acme.books.live("Payment")) == 40
    assert acme.counts() == {"done": 80}


def test_the_naive_control_doubles() -> None:
    """F32: the same books, and a queue job that posts first and marks done afterwards: the harness must see it."""
    books = FakeBooks(ManualClock(), honours_request_ids=True)
    dice = random.Random(1)
    done: set[int] = set()
    while len(done) < 100:
        for number in range(100):
            if number in done:
                continue
            try:
                fate = "lost" if dice.random() < 0.1 else "ok"
                books.script = [fate]
                member = Member(key="1", action="create", entity="Payment", body={"reference": str(number)})
                books.send(f"{number}-{dice.random()}", books.freeze([member], "x"))
                if dice.random() < 0.05:
                    raise Died
                done.add(number)
            except (Unknown, Died):
                continue

    assert len(books.live("Payment")) > 105


def test_two_companies_do_not_see_each_other(acme: Company) -> None:
    other = make_company(acme.store, tenant_name="two")
    other.books.add_entry("customer", "Amy")
    other.books.add_entry("item", "Hat")
    acme.plan(acme.create("1"))
    other.plan(other.create("1"))

    acme.drain()

    assert acme.counts() == {"done": 1}
    assert other.counts() == {"planned": 1}
    with acme.store.read() as session:
        assert ledger.standing(other.scope, session, acme.id, acme.key("1")) == {}
