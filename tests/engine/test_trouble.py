"""Limits, storms and lost connections befall the company, not its orders (engine/posting/limits.py, engine/posting/settling.py)."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from connectors.errors import ReconnectNeeded, Rejected, Retry, Unknown
from connectors.ports import Member
from engine import holds, log
from engine.faults import on_fault
from engine.posting import due
from engine.posting.leases import CompanyLease, LeaseLost
from engine.posting.limits import CompanyBudget
from engine.posting.timing import Timing
from engine.store import tables
from engine.store.engine import TransactionOpen
from tests.engine.conftest import Company, set_company
from tests.engine.fake_books import throttled, unavailable


def _budget(acme: Company, *, patience: float = 5.0, **limits: int) -> CompanyBudget:
    return CompanyBudget(acme.store, acme.scope, acme.id, limits, acme.clock, patience=patience)


def test_no_minute_sees_more_calls_than_the_limit_and_catching_up_uses_it(acme: Company) -> None:
    """F8: requests in any window stay within the limit; at least nine tenths of it are used."""
    budget = _budget(acme, patience=120, batch=40)
    moments = []
    for _ in range(160):
        budget.take("batch")
        moments.append(acme.clock.monotonic())
        acme.clock.advance(0.2)

    assert max(sum(1 for other in moments if at <= other < at + 60) for at in moments) <= 40
    assert 160 / (moments[-1] - moments[0] + 60) * 60 >= 36


def test_a_call_that_would_wait_too_long_is_tried_later_and_burns_no_attempt(acme: Company) -> None:
    budget = _budget(acme, call=2)
    budget.take("call")
    budget.take("call")

    with pytest.raises(Retry) as caught:
        budget.take("call")

    assert (caught.value.scope, caught.value.counts) == ("connection", False)
    assert caught.value.after == pytest.approx(61)


def test_a_transaction_may_not_be_open_across_a_call(acme: Company) -> None:
    budget = _budget(acme, call=5)

    with acme.store.read(), pytest.raises(TransactionOpen):
        budget.take("call")


def test_slow_down_pushes_the_company_and_not_its_orders(acme: Company) -> None:
    acme.books.script = [throttled(45)]
    acme.plan(*(acme.create(str(n)) for n in range(1, 41)))

    report = acme.drain()

    assert report.paused == "Slow down."
    assert len(acme.books.requests) == 1
    assert acme.counts() == {"planned": 40}
    acme.clock.advance(44)
    assert acme.drain().sends == 0
    acme.clock.advance(1.1)
    acme.drain_until_quiet()
    assert acme.counts() == {"done": 40}
    assert acme.books.requests[0] == acme.books.requests[1]
    assert {item.attempts for n in range(1, 41) for item in acme.operations(acme.key(str(n)))} == {0}


def test_a_storm_opens_the_circuit_and_is_probed_every_30_seconds(acme: Company) -> None:
    """F9: at most five failures, then at most one probe in 30 s; afterwards nothing is lost or doubled."""
    acme.books.script = [
        Unknown("HTTP 503", code="out_of_order", scope="connection") if n % 2 else unavailable() for n in range(12)
    ]
    acme.plan(*(acme.create(str(n)) for n in range(1, 100)))
    sent: list[float] = []
    acme.books.before_send = lambda: sent.append(acme.clock.monotonic())
    for _ in range(100):
        acme.drain()
        acme.clock.advance(10)
        if acme.counts() == {"done": 99}:
            break

    assert acme.counts() == {"done": 99}
    assert len(acme.books.live("SalesReceipt")) == 99
    storm = sent[:12]
    assert len([at for at in storm if at < storm[0] + 30]) <= 5
    assert all(later - sooner >= 29 for sooner, later in itertools.pairwise(storm[5:]))


def test_a_revoked_grant_stops_the_company_at_once_and_says_so_once(acme: Company) -> None:
    """F11: at most one attempt, one notice, nothing dead; after reconnecting everything goes on."""
    acme.books.script = [ReconnectNeeded("The grant was revoked.", next_step="Connect again.")]
    acme.plan(*(acme.create(str(n)) for n in range(1, 41)))
    for _ in range(5):
        acme.drain()
        acme.clock.advance(600)

    assert len(acme.books.requests) == 1
    assert acme.counts() == {"planned": 40}
    with acme.store.read() as session:
        notices = [line.text for line in log.read(acme.scope, session) if line.code == "reconnect_needed"]
        state = session.execute(select(tables.connection.c.state).where(acme.scope.of(tables.connection))).scalar_one()
    assert notices == ["The grant was revoked. Connect again."]
    assert state == "reconnect_needed"

    set_company(acme, state="active", state_reason=None)
    acme.drain_until_quiet()
    assert acme.counts() == {"done": 40}


def test_an_operation_that_fails_eight_times_over_a_day_is_dead_with_its_reason(acme: Company) -> None:
    acme.books.member_faults["1"] = Retry("Company file locked.", code="locked", next_step="Wait.")
    acme.plan(acme.create("1"), acme.create("2"))
    began = acme.clock.now()

    acme.drain_until_quiet()

    assert acme.states("1") == {"sale": "dead"}
    assert acme.states("2") == {"sale": "done"}
    assert 18 * 3600 < (acme.clock.now() - began).total_seconds() < 30 * 3600
    with acme.store.read() as session:
        (hold,) = holds.held(acme.scope, session)
        tries = session.execute(
            select(tables.attempt.c.outcome).where(acme.scope.of(tables.attempt)).order_by(tables.attempt.c.id)
        ).scalars()
        assert list(tries) == ["retry"] * 7 + ["dead"]
    assert "Company file locked." in hold.reason

    acme.books.member_faults.clear()
    with acme.store.write() as session:
        holds.let_pass(acme.scope, session, hold.id, by="Ann", at=acme.clock.now())
    acme.drain()
    assert acme.states("1") == {"sale": "done"}


def test_what_needs_a_dead_operation_says_for_what_it_waits_and_goes_on_with_it(acme: Company) -> None:
    acme.books.member_faults["1"] = Retry("Company file locked.", code="locked", next_step="Wait.")
    acme.plan(*acme.invoice_and_payment("1"))
    acme.drain_until_quiet()
    assert acme.states("1") == {"sale": "dead", "payment:1": "planned"}
    with acme.store.read() as session:
        waiting = {hold.slot: hold for hold in holds.held(acme.scope, session)}
    assert waiting.keys() == {"sale", "payment:1"}
    assert waiting["payment:1"].title == "needs the invoice 1"
    assert "Company file locked." in waiting["payment:1"].reason

    acme.books.member_faults.clear()
    with acme.store.write() as session:
        holds.let_pass(acme.scope, session, waiting["sale"].id, by="Ann", at=acme.clock.now())
    acme.drain_until_quiet()
    assert acme.states("1") == {"sale": "done", "payment:1": "done"}
    with acme.store.read() as session:
        assert holds.held(acme.scope, session) == []


def test_a_batch_that_is_refused_as_a_whole_is_parted_so_that_only_the_culprit_is_refused(acme: Company) -> None:
    acme.books.script = [Rejected("Malformed.", code="refused")]
    acme.books.member_faults["2"] = Rejected("Malformed.", code="refused")
    acme.plan(*(acme.create(str(n)) for n in range(1, 5)))

    acme.drain()

    assert acme.counts() == {"done": 3, "rejected": 1}
    assert acme.books.counts == {"batch": 1, "single": 4}


def test_one_poster_at_a_time(acme: Company) -> None:
    acme.plan(*(acme.create(str(n)) for n in range(1, 31)))
    reports = []

    def other() -> None:
        reports.append(acme.drain())

    def while_sending() -> None:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()

    acme.books.before_send = while_sending
    acme.drain()

    assert [report.busy for report in reports] == [True]
    assert len(acme.books.requests) == 1


def test_a_lease_that_ran_out_lets_no_request_leave_and_nothing_be_written(acme: Company) -> None:
    timing = Timing(heartbeat=0)
    slow = CompanyLease(acme.store, acme.scope, acme.id, acme.clock, timing)
    assert slow.take()
    slow.guard()
    acme.clock.advance(91)
    with pytest.raises(LeaseLost):
        slow.guard()
    quick = CompanyLease(acme.store, acme.scope, acme.id, acme.clock, timing)
    assert quick.take()
    with acme.store.write() as session, pytest.raises(LeaseLost):
        slow.hold(session)
    slow.release()
    with acme.store.write() as session:
        quick.hold(session)


def test_a_poster_that_slept_between_commit_and_socket_sends_nothing(acme: Company) -> None:
    """A process that was paused for minutes must not write when it wakes: somebody else has taken over."""
    acme.plan(acme.create("1"))
    on_fault(lambda name: acme.clock.advance(100) if name == "outbox.committed" else None)
    try:
        report = acme.drain()
    finally:
        on_fault(None)

    assert report.busy
    assert acme.books.requests == []
    assert acme.counts() == {"sending": 1}
    acme.drain_until_quiet()
    assert len(acme.books.live("SalesReceipt")) == 1


def test_a_send_that_was_held_up_on_its_way_to_the_socket_is_stored_anew_before_it_leaves(acme: Company) -> None:
    """The quiet time is counted from the moment that is stored: a send may not begin long after it."""
    acme.plan(acme.create("1"))
    on_fault(lambda name: acme.clock.advance(16) if name == "outbox.committed" else None)
    try:
        acme.drain(seconds=10)
    finally:
        on_fault(None)

    assert acme.books.requests == []
    assert acme.counts() == {"planned": 1}
    acme.drain_until_quiet()
    assert len(acme.books.live("SalesReceipt")) == 1
    (item,) = acme.operations(acme.key("1"))
    assert (item.state, item.attempts) == ("done", 0)


def test_a_used_up_limit_of_our_own_lets_sends_wait_and_reading_go_on(acme: Company) -> None:
    acme.books.script = [
        Retry("Used up.", code="rate_budget", after=40, counts=False, scope="connection"),
    ]
    acme.plan(*(acme.create(str(n)) for n in range(1, 100)))

    report = acme.drain()

    assert (report.paused, len(acme.books.requests)) == ("Used up.", 1)
    assert report.next_at is not None
    assert (report.next_at - acme.clock.now()).total_seconds() == pytest.approx(40)
    _budget(acme, call=5).take("call")
    with acme.store.read() as session:
        assert due.companies_due(session, now=acme.clock.now()) == []
        later = acme.clock.now() + timedelta(seconds=41)
        assert due.companies_due(session, now=later) == [(acme.scope.tenant_id, acme.id)]
    acme.drain_until_quiet()
    assert acme.counts() == {"done": 99}


def test_what_can_never_be_sent_is_refused_and_the_rest_of_its_batch_goes(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze = acme.books.freeze

    def picky(members: Sequence[Member], request_id: str) -> bytes:
        if any(member.body.get("number") == "2" for member in members):
            raise ValueError("QuickBooks cannot do that")
        return freeze(members, request_id)

    monkeypatch.setattr(acme.books, "freeze", picky)
    acme.plan(*(acme.create(str(n)) for n in range(1, 5)))

    acme.drain()

    assert acme.counts() == {"done": 3, "rejected": 1}
    assert acme.states("2") == {"sale": "rejected"}
