"""Lets a company's planned operations out, exactly once, in waves and batches: changes when the way of sending does.

One poster per company at a time. Every send is committed with its frozen bytes before the socket is touched; what was
on its way when a poster died is unknown and looked for before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from connectors.errors import ConnectorError, Retry
from connectors.ports import Books, BooksProfile, Clock
from engine import ledger, lists, preferences
from engine.faults import fault
from engine.ids import new_request_id
from engine.lists import Lists
from engine.matching import TargetRules
from engine.posting import due, reconcile, sending, sends, sightings
from engine.posting.leases import CompanyLease, LeaseLost
from engine.posting.open_invoices import OpenInvoices
from engine.posting.operations import Operation
from engine.posting.preparing import Preparing, Ready, References
from engine.posting.reasons import reason_of, unwritable
from engine.posting.settling import settling
from engine.posting.timing import Timing
from engine.posting.turn import Report, Turn
from engine.store.engine import Store
from engine.store.scope import TenantScope


def drain(
    store: Store,
    scope: TenantScope,
    company_id: int,
    books: Books,
    clock: Clock,
    *,
    rules: TargetRules | None = None,
    timing: Timing | None = None,
    stop: Callable[[], bool] = lambda: False,
    seconds: float | None = None,
) -> Report:
    """Post what is due for a company, and look for what is unknown and due; returns when nothing is left to do now, the
    time (`timing.slice`, or `seconds`) is up, everything must wait, or `stop` says so.

    Raises StoreUnavailable where the database is away; nothing is lost by it. The connection's own errors are dealt
    with and reported.
    """
    return _turn(store, scope, company_id, books, clock, rules, timing, stop, seconds, send=True)


def settle_unknown(
    store: Store,
    scope: TenantScope,
    company_id: int,
    books: Books,
    clock: Clock,
    *,
    timing: Timing | None = None,
) -> Report:
    """Only look for what is unknown and due; nothing is sent."""
    return _turn(store, scope, company_id, books, clock, None, timing, lambda: False, None, send=False)


def _turn(
    store: Store,
    scope: TenantScope,
    company_id: int,
    books: Books,
    clock: Clock,
    rules: TargetRules | None,
    timing: Timing | None,
    stop: Callable[[], bool],
    seconds: float | None,
    *,
    send: bool,
) -> Report:
    timing = timing or Timing()
    report = Report()
    lease = CompanyLease(store, scope, company_id, clock, timing)
    if not lease.take():
        report.busy = True
        return report
    fault("poster.leased")
    with lease.beating():
        turn = Turn(
            store=store,
            scope=scope,
            company_id=company_id,
            books=books,
            clock=clock,
            timing=timing,
            profile=_profile(store, scope, company_id),
            lists=Lists(store, scope, company_id),
            lease=lease,
            report=report,
            rules=rules,
        )
        try:
            turn.lists.renew()
            reconcile.recover(turn)
            until = clock.monotonic() + (timing.slice if seconds is None else seconds)
            poster = _Poster(turn)
            while not (stop() or clock.monotonic() > until):
                if not poster.step(send=send):
                    break
            else:
                report.stopped = True
        except LeaseLost:
            report.busy = True
        with store.read() as session:
            report.next_at = due.next_at(scope, session, company_id, now=clock.now())
    return report


def _profile(store: Store, scope: TenantScope, company_id: int) -> BooksProfile:
    from engine.connections import company_of

    with store.read() as session:
        return company_of(scope, session, id_=company_id).profile


class _Poster:
    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._prepare = Preparing(turn)
        self._refreshed = False

    def step(self, *, send: bool) -> bool:
        """One thing: a look for what is unknown, a repeat, or a new send. False when nothing is to do now."""
        turn = self._turn
        now = turn.clock.now()
        with turn.store.read() as session:
            row = due.waits(turn.scope, session, turn.company_id)
        if row.state != "active":
            turn.report.paused = row.state_reason or row.state
            return False
        if row.not_before is not None and row.not_before > now:
            turn.report.paused = row.not_before_reason
            return False
        if reconcile.look(turn):
            return True
        if not send or (row.post_not_before is not None and row.post_not_before > now):
            return False
        with turn.store.read() as session:
            again = sends.in_state(turn.scope, session, turn.company_id, "repeat", due=now, limit=1)
            items = (
                []
                if again
                else due.sendable(turn.scope, session, turn.company_id, now=now, limit=turn.books.batch_size)
            )
        if not again and not items:
            return False
        if not self._fresh():
            return False
        if again:
            sending.repeat(turn, again[0])
        else:
            self._post(items)
        return True

    def _fresh(self) -> bool:
        """The lists are loaded, and what changed in the books while nobody looked is known, what was turned off, too.
        False: not now."""
        turn = self._turn
        if self._refreshed:
            return True
        try:
            lists.refresh(turn.store, turn.scope, turn.company_id, turn.books, turn.clock, older_than=lists.TRUSTED_FOR)
            turn.profile = preferences.refresh(turn.store, turn.scope, turn.company_id, turn.books, turn.clock)
        except ConnectorError as error:
            with settling(turn) as desk:
                desk.trouble(error)
            return False
        turn.lists.renew()
        self._refreshed = True
        return True

    def _post(self, items: Sequence[Operation]) -> None:
        turn = self._turn
        with turn.store.read() as session:
            standing = ledger.for_keys(turn.scope, session, turn.company_id, [item.key for item in items])
            markers = [item.marker for item in items if item.marker]
            sighted = sightings.of_markers(turn.scope, session, turn.company_id, markers)
        invoices = OpenInvoices.of(turn.books, items)
        ready: list[Ready] = []
        for item in items:
            try:
                resolve = References(turn.lists, standing.get(item.key, {}), invoices)
                one = self._prepare.prepare(item, resolve, sighted.get(item.marker or "", ()))
            except LeaseLost:
                raise
            except Retry as error:
                with settling(turn) as desk:
                    if error.scope == "connection":
                        desk.trouble(error)
                    desk.retry(item, error, was="planned", send_id=None, same_send=False)
                if error.scope == "connection":
                    return
                continue
            except ConnectorError as error:
                if error.scope == "connection":
                    with settling(turn) as desk:
                        desk.trouble(error)
                    return
                self._prepare.reject(item, reason_of(error))
                continue
            if one is not None:
                ready.append(one)
        if not ready:
            return
        fault("poster.prepared")
        before = turn.clock.monotonic()
        try:
            held = sending.commit(turn, ready)
        except ValueError as error:
            self._part(ready, error)
            return
        if held is not None:
            fault("outbox.committed")
            sending.let_out(turn, held, [one.item for one in ready], before)

    def _part(self, ready: Sequence[Ready], error: ValueError) -> None:
        """One of them can never be sent as it is (to void what can only be deleted): find it, so that the others go."""
        culprits = []
        for one in ready:
            try:
                self._turn.books.freeze([replace(one.member, key="m1")], new_request_id())
            except ValueError as its_own:
                culprits.append((one.item, unwritable(its_own)))
        if not culprits:
            raise error
        for item, reason in culprits:
            self._prepare.reject(item, reason)
