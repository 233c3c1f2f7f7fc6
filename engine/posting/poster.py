"""Lets a company's planned operations out, exactly once, in waves and batches: changes when the way of sending does.

One poster per company at a time. Every send is committed with its frozen bytes before the socket is touched; what was
on its way when a poster died is unknown and looked for before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from connectors.errors import ConnectorError, Rejected, Retry, Unknown
from connectors.ports import Books, BooksProfile, Clock, MemberResult, Posted
from engine import ledger, lists
from engine.faults import fault
from engine.ids import new_request_id
from engine.lists import Lists
from engine.posting import lookups, outbox, reconcile, sends, sightings
from engine.posting.leases import CompanyLease, LeaseLost
from engine.posting.open_invoices import OpenInvoices
from engine.posting.outbox import Operation
from engine.posting.preparing import Preparing, Ready, References, marker_of, unwritable
from engine.posting.sends import Send, Superseded
from engine.posting.settling import Report, Settling, Turn, reason_of
from engine.posting.timing import Timing
from engine.store.engine import Session, Store, outside_transactions
from engine.store.scope import TenantScope
from engine.store.tables import company

#: Lists and documents are asked for changes when the last look is older: a program that was away, or a restored
#: database, does not know what stands.
_FRESH_ENOUGH = 900.0
#: How often an update is made anew because somebody else was faster, before a person is asked.
_STALE_TRIES = 3
#: Refusals of a change of what stands that a person can resolve in the books.
_PERSON_FIRST = frozenset({"deposited", "settled", "matched", "closed_period", "has_dependants", "cannot_link"})


def drain(
    store: Store,
    scope: TenantScope,
    company_id: int,
    books: Books,
    clock: Clock,
    *,
    profile: BooksProfile | None = None,
    timing: Timing | None = None,
    stop: Callable[[], bool] = lambda: False,
    seconds: float | None = None,
) -> Report:
    """Post what is due for a company, and look for what is unknown and due; returns when nothing is left to do now, the
    time (`timing.slice`, or `seconds`) is up, everything must wait, or `stop` says so.

    Raises StoreUnavailable where the database is away; nothing is lost by it. The connection's own errors are dealt
    with and reported.
    """
    return _turn(store, scope, company_id, books, clock, profile, timing, stop, seconds, send=True)


def settle_unknown(
    store: Store,
    scope: TenantScope,
    company_id: int,
    books: Books,
    clock: Clock,
    *,
    profile: BooksProfile | None = None,
    timing: Timing | None = None,
) -> Report:
    """Only look for what is unknown and due; nothing is sent."""
    return _turn(store, scope, company_id, books, clock, profile, timing, lambda: False, None, send=False)


def _turn(
    store: Store,
    scope: TenantScope,
    company_id: int,
    books: Books,
    clock: Clock,
    profile: BooksProfile | None,
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
            profile=profile or _profile(store, scope, company_id),
            lists=Lists(store, scope, company_id),
            lease=lease,
            report=report,
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
        report.next_at = _next_at(turn)
    return report


def _profile(store: Store, scope: TenantScope, company_id: int) -> BooksProfile:
    from engine.connections import company_of

    with store.read() as session:
        return company_of(scope, session, id_=company_id).profile


@dataclass(frozen=True, slots=True)
class _Waits:
    """What makes a whole company wait."""

    state: str
    state_reason: str | None
    not_before: datetime | None
    not_before_reason: str | None
    post_not_before: datetime | None


def _waits(turn: Turn, session: Session) -> _Waits:
    row = session.execute(
        select(
            company.c.state,
            company.c.state_reason,
            company.c.not_before,
            company.c.not_before_reason,
            company.c.post_not_before,
        ).where(turn.scope.of(company), company.c.id == turn.company_id)
    ).one()
    return _Waits(*row)


def _next_at(turn: Turn) -> datetime | None:
    now = turn.clock.now()
    with turn.store.read() as session:
        row = _waits(turn, session)
        looks = outbox.next_look(turn.scope, session, turn.company_id)
        sending = [
            outbox.next_planned(turn.scope, session, turn.company_id, now=now),
            sends.next_due(turn.scope, session, turn.company_id),
        ]
    if row.state != "active":
        return None
    moments = [moment for moment in sending if moment is not None]
    soonest = [max(min(moments), row.post_not_before or now)] if moments else []
    soonest += [looks] if looks is not None else []
    return max(min(soonest), row.not_before or now) if soonest else None


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
            row = _waits(turn, session)
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
                else outbox.sendable(turn.scope, session, turn.company_id, now=now, limit=turn.books.batch_size)
            )
        if not again and not items:
            return False
        if not self._fresh():
            return False
        if again:
            self._repeat(again[0])
        else:
            self._post(items)
        return True

    def _fresh(self) -> bool:
        """The lists are loaded, and what changed in the books while nobody looked is known. False: not now."""
        turn = self._turn
        if self._refreshed:
            return True
        try:
            lists.refresh(turn.store, turn.scope, turn.company_id, turn.books, turn.clock, older_than=_FRESH_ENOUGH)
        except ConnectorError as error:
            with turn.settling() as desk:
                desk.trouble(error)
            return False
        turn.lists.renew()
        self._refreshed = True
        return True

    # ------------------------------------------------------------------------------------------------- preparing

    def _post(self, items: Sequence[Operation]) -> None:
        turn = self._turn
        with turn.store.read() as session:
            standing = ledger.for_keys(turn.scope, session, turn.company_id, [item.key for item in items])
            markers = [marker for item in items if (marker := marker_of(item))]
            sighted = sightings.of_markers(turn.scope, session, turn.company_id, markers)
        invoices = OpenInvoices.of(turn.books, items)
        ready: list[Ready] = []
        for item in items:
            try:
                resolve = References(turn.lists, standing.get(item.key, {}), invoices)
                one = self._prepare.prepare(item, resolve, sighted.get(marker_of(item) or "", ()))
            except LeaseLost:
                raise
            except Retry as error:
                with turn.settling() as desk:
                    if error.scope == "connection":
                        desk.trouble(error)
                    desk.retry(item, error, was="planned", send_id=None, same_send=False)
                if error.scope == "connection":
                    return
                continue
            except ConnectorError as error:
                if error.scope == "connection":
                    with turn.settling() as desk:
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
            held = self._commit(ready)
        except ValueError as error:
            self._part(ready, error)
            return
        if held is not None:
            fault("outbox.committed")
            self._let_out(held, [one.item for one in ready], before)

    # --------------------------------------------------------------------------------------------------- sending

    def _commit(self, ready: Sequence[Ready]) -> Send | None:
        """Store request id, frozen bytes and members and claim the operations; missing where one of them changed
        meanwhile (the next step begins anew)."""
        turn = self._turn
        request_id = new_request_id()
        members = [replace(one.member, key=f"m{index}") for index, one in enumerate(ready, 1)]
        frozen = turn.books.freeze(members, request_id)
        try:
            with turn.store.write() as session:
                turn.lease.hold(session)
                now = turn.clock.now()
                held = sends.store(
                    turn.scope,
                    session,
                    turn.company_id,
                    request_id=request_id,
                    frozen=frozen,
                    members=[(one.item, member, one.token) for one, member in zip(ready, members, strict=True)],
                    owner=turn.lease.owner,
                    at=now,
                    look_at=turn.first_look(now),
                )
                fault("outbox.claiming")
            return held
        except Superseded:
            return None

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

    def _repeat(self, old: Send) -> None:
        turn = self._turn
        before = turn.clock.monotonic()
        try:
            with turn.store.write() as session:
                turn.lease.hold(session)
                now = turn.clock.now()
                held = sends.repeat(
                    turn.scope,
                    session,
                    turn.company_id,
                    old,
                    owner=turn.lease.owner,
                    at=now,
                    look_at=turn.first_look(now),
                )
                fault("outbox.claiming")
        except Superseded:
            with turn.store.write() as session:
                turn.lease.hold(session)
                sends.dissolve(turn.scope, session, old.id)
            return
        fault("outbox.committed")
        with turn.store.read() as session:
            items = outbox.load(turn.scope, session, [member.operation_id for member in held.members])
        self._let_out(held, items, before)

    def _let_out(self, held: Send, items: Sequence[Operation], committed: float) -> None:
        """The one place where bytes leave. The operations are *sending* in the store."""
        turn = self._turn
        outside_transactions()
        fault("poster.socket")
        by_id = {item.id: replace(item, sent_at=held.sent_at, send_id=held.id) for item in items}
        turn.report.sends += 1
        try:
            with turn.lease.sending(committed):
                turn.lease.guard()
                results = turn.books.send(held.request_id, held.frozen)
        except LeaseLost:
            raise
        except ConnectorError as error:
            self._whole(held, list(by_id.values()), error)
            return
        fault("poster.answered")
        self._answered(held, by_id, results)

    # ------------------------------------------------------------------------------------------------- answers

    def _whole(self, held: Send, items: Sequence[Operation], error: ConnectorError) -> None:
        """The send as a whole had one fate."""
        turn = self._turn
        with turn.settling() as desk:
            connection = error.scope == "connection"
            if connection:
                desk.trouble(error)
            if isinstance(error, Unknown):
                for item in items:
                    desk.unknown(item, error, was="sending", send_id=held.id)
                sends.close(turn.scope, desk.session, held.id, "unknown", at=desk.now)
            elif isinstance(error, Retry):
                when = [desk.retry(item, error, was="sending", send_id=held.id, same_send=True) for item in items]
                sends.close(turn.scope, desk.session, held.id, "repeat", at=desk.now, not_before=max(when))
            elif connection:
                # The credentials or the company, not the items: they wait without an attempt burnt.
                wait = Retry(error.message, code=error.code, counts=False, next_step=error.next_step)
                for item in items:
                    desk.retry(item, wait, was="sending", send_id=held.id, same_send=True)
                sends.close(turn.scope, desk.session, held.id, "repeat", at=desk.now)
            elif len(items) > 1:
                # The batch was refused for one of them, and which one is not said: each goes alone now.
                outbox.part(turn.scope, desk.session, held.id)
                sends.close(turn.scope, desk.session, held.id, "closed", at=desk.now)
            else:
                for item in items:
                    desk.rejected(item, reason_of(error), was="sending")
                    sends.note(turn.scope, desk.session, [item.id], error, "rejected", send_id=held.id, at=desk.now)
                sends.close(turn.scope, desk.session, held.id, "answered", at=desk.now)
            fault("poster.settling")
        fault("poster.settled")

    def _answered(self, held: Send, by_id: Mapping[int, Operation], results: Sequence[MemberResult]) -> None:
        turn = self._turn
        by_key = {result.key: result for result in results}
        looked = self._follow_up(held, by_id, by_key)
        fault("poster.followed")
        with turn.settling() as desk:
            unknown = False
            desk.all_well()
            trouble: ConnectorError | None = None
            for member in held.members:
                item = by_id[member.operation_id]
                result = by_key.get(member.key)
                posted = None if result is None else result.posted
                error = None if result is None else result.error
                if posted is not None:
                    self._stands(desk, item, posted, member.body)
                elif isinstance(error, Rejected) and item.id in looked:
                    desk.done(
                        item,
                        looked[item.id],
                        member.body,
                        was="sending",
                        code="found" if self._is_ours(item, looked[item.id]) else "adopted",
                        adopted=not self._is_ours(item, looked[item.id]),
                    )
                elif isinstance(error, Retry):
                    desk.retry(item, error, was="sending", send_id=held.id, same_send=False)
                    trouble = error if error.scope == "connection" else trouble
                elif isinstance(error, Rejected):
                    self._refused(desk, item, error, held.id)
                else:
                    unknown = True
                    known = error if isinstance(error, ConnectorError) else None
                    desk.unknown(item, known, was="sending", send_id=held.id)
            if trouble is not None:
                desk.trouble(trouble)
            sends.close(turn.scope, desk.session, held.id, "unknown" if unknown else "answered", at=desk.now)
            fault("poster.settling")
        fault("poster.settled")

    def _stands(self, desk: Settling, item: Operation, posted: Posted, body: Mapping[str, Any]) -> None:
        if item.action == "void":
            desk.removed(item, "voided", was="sending", sync_token=posted.sync_token)
        elif item.action == "delete":
            desk.removed(item, "deleted", was="sending")
        else:
            desk.done(item, posted, body, was="sending", code="posted" if item.action == "create" else "updated")

    def _refused(self, desk: Settling, item: Operation, error: Rejected, send_id: int) -> None:
        sends.note(self._turn.scope, desk.session, [item.id], error, "rejected", send_id=send_id, at=desk.now)
        if error.code == "stale" and item.action != "create" and item.attempts < _STALE_TRIES:
            desk.replaced(item, was="sending")
        elif item.action != "create" and error.code == "not_found_or_inactive":
            desk.held(item, reconcile.gone_reason(), was="sending")
        elif error.code == "number_exists" or (item.action != "create" and error.code in _PERSON_FIRST):
            desk.held(item, reason_of(error), was="sending")
        else:
            desk.rejected(item, reason_of(error), was="sending")

    def _follow_up(
        self, held: Send, by_id: Mapping[int, Operation], by_key: Mapping[str, MemberResult]
    ) -> dict[int, Posted]:
        """Creates that were refused because number or name is taken: what stands there, if it is ours or may be
        adopted. A failure of these reads leaves the refusal as it is said."""
        turn = self._turn
        wanted: list[tuple[Operation, str]] = []
        for member in held.members:
            result = by_key.get(member.key)
            item = by_id[member.operation_id]
            error = None if result is None else result.error
            taken = isinstance(error, Rejected) and error.code in ("number_exists", "name_exists")
            if item.action == "create" and taken:
                wanted.append((item, member.entity))
        if not wanted:
            return {}
        found = lookups.look(turn.books, turn.lists, wanted)
        with turn.store.read() as session:
            closed = ledger.remote_ids_of(turn.scope, session, turn.company_id, [item.key for item, _ in wanted])
        chosen: dict[int, Posted] = {}
        for item, _ in wanted:
            mine = lookups.ours(item, found[item.id], closed)
            if mine is None and item.adopt:
                mine = next((each for each in found[item.id] if lookups.agrees(item, each, turn.lists)), None)
            if mine is not None:
                chosen[item.id] = mine
        return chosen

    def _is_ours(self, item: Operation, posted: Posted) -> bool:
        return not outbox.is_name(item.key) and posted.marker is not None and posted.marker == marker_of(item)
