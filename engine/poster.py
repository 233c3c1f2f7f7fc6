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

from connectors.documents import PaymentDocument
from connectors.errors import ConnectorError, Rejected, Retry, Unknown
from connectors.ports import Books, BooksProfile, Clock, ListEntry, ListKind, Member, MemberResult, Posted
from engine import ledger, lists, lookups, open_invoices, outbox, reconcile, sends, sightings
from engine.faults import fault
from engine.ids import new_request_id
from engine.leases import CompanyLease, LeaseLost
from engine.ledger import LedgerRow
from engine.lists import Lists
from engine.open_invoices import OpenInvoices
from engine.outbox import Operation, Reason
from engine.sends import Send, Superseded
from engine.settling import Report, Settling, Turn, reason_of
from engine.store.engine import Store, outside_transactions
from engine.store.scope import TenantScope
from engine.store.tables import company
from engine.timing import Timing

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


def _next_at(turn: Turn) -> datetime | None:
    with turn.store.read() as session:
        moments = [
            outbox.next_due(turn.scope, session, turn.company_id, now=turn.clock.now()),
            sends.next_due(turn.scope, session, turn.company_id),
        ]
    found = [moment for moment in moments if moment is not None]
    return min(found) if found else None


@dataclass(frozen=True, slots=True)
class _Ready:
    """An operation with the body that is to be sent, and the sync token it is based on."""

    item: Operation
    member: Member
    token: str | None


@dataclass(frozen=True, slots=True)
class _Resolve:
    """Symbolic references of one record, resolved against lists and ledger (`connectors.ports.Resolve`)."""

    lists: Lists
    slots: Mapping[str, LedgerRow]
    invoices: OpenInvoices

    def list_id(self, kind: ListKind, name: str) -> str:
        return self.lists.list_id(kind, name)

    def entry(self, kind: ListKind, id: str) -> ListEntry | None:
        return self.lists.entry(kind, id)

    def slot(self, slot: str) -> Posted:
        by, _, number = slot.partition(":")
        if by == "number":
            return self.invoices.the_open_one(number)
        row = self.slots.get(slot)
        if row is None or row.state != "live":
            raise KeyError(slot)
        return _posted(row)


def _posted(row: LedgerRow) -> Posted:
    return Posted(
        entity=row.entity,
        id=row.remote_id,
        sync_token=row.sync_token,
        number=row.number,
        total=row.total,
        currency=row.currency,
        marker=row.marker or None,
        state=row.state,
    )


class _Poster:
    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._refreshed = False

    def step(self, *, send: bool) -> bool:
        """One thing: a look for what is unknown, a repeat, or a new send. False when nothing is to do now."""
        turn = self._turn
        now = turn.clock.now()
        with turn.store.read() as session:
            row = session.execute(
                select(
                    company.c.state, company.c.state_reason, company.c.not_before, company.c.not_before_reason
                ).where(turn.scope.of(company), company.c.id == turn.company_id)
            ).one()
        if row.state != "active":
            turn.report.paused = row.state_reason or row.state
            return False
        if row.not_before is not None and row.not_before > now:
            turn.report.paused = row.not_before_reason
            return False
        if reconcile.look(turn):
            return True
        if not send:
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
        ready: list[_Ready] = []
        for item in items:
            try:
                resolve = _Resolve(turn.lists, standing.get(item.key, {}), invoices)
                one = self._prepare(item, resolve, sighted.get(marker_of(item) or "", ()))
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
                self._reject(item, reason_of(error))
                continue
            if one is not None:
                ready.append(one)
        if not ready:
            return
        fault("poster.prepared")
        before = turn.clock.monotonic()
        held = self._commit(ready)
        if held is not None:
            fault("outbox.committed")
            self._let_out(held, [one.item for one in ready], before)

    def _prepare(self, item: Operation, resolve: _Resolve, sighted: Sequence[tuple[str, str]]) -> _Ready | None:
        """The body of an operation; missing where it was settled without one."""
        row = resolve.slots.get(item.slot)
        if item.action == "create":
            return self._prepare_create(item, row, resolve, sighted)
        if row is None or row.state != "live":
            self._nothing_stands(item, row)
            return None
        there = self._turn.books.read(row.entity, row.remote_id)
        fault("poster.read")
        if there is None or there.state != "live":
            with self._turn.settling() as desk:
                if item.action == "update":
                    ledger.mark(
                        self._turn.scope,
                        desk.session,
                        self._turn.company_id,
                        item.key,
                        item.slot,
                        "deleted" if there is None else there.state,
                        at=desk.now,
                    )
                    desk.held(item, reconcile.gone_reason(), was="planned")
                elif there is None:
                    desk.removed(item, "deleted", was="planned")
                else:
                    desk.removed(item, there.state, was="planned", sync_token=there.sync_token)
            return None
        if (reason := self._untouchable(there)) is not None:
            with self._turn.settling() as desk:
                desk.held(item, reason, was="planned")
            return None
        if item.action == "update":
            return self._prepare_update(item, row, resolve, there)
        body = {"Id": there.id, "SyncToken": there.sync_token}
        return _Ready(item, Member(key="", action=item.action, entity=row.entity, body=body), there.sync_token)

    def _prepare_create(
        self,
        item: Operation,
        row: LedgerRow | None,
        resolve: _Resolve,
        sighted: Sequence[tuple[str, str]],
    ) -> _Ready | None:
        turn = self._turn
        document = item.document
        if document is None:
            raise ValueError(f"operation {item.id} has no document")
        if row is not None and row.state == "live":
            self._reject(
                item,
                Reason(
                    code="already_there",
                    message="A document stands in this slot already; a second one is never made.",
                    next_step="Look at the order's page: if the one that stands is wrong, apply the order anew.",
                ),
            )
            return None
        if outbox.is_name(item.key) and self._name_is_there(item):
            return None
        for entity, id_ in sighted:
            posted = turn.books.read(entity, id_)
            if posted is not None and posted.state == "live" and posted.marker == marker_of(item):
                body = self._encoded(item, resolve)
                with turn.settling() as desk:
                    desk.done(item, posted, body[1] if body else {}, was="planned", code="found")
                return None
        if isinstance(document, PaymentDocument) and not (
            self._still_open(item, document, resolve.slots) and self._names_an_open_one(item, document, resolve)
        ):
            return None
        encoded = self._encoded(item, resolve)
        if encoded is None:
            return None
        resolve.invoices.take(item)
        return _Ready(item, Member(key="", action="create", entity=encoded[0], body=encoded[1]), None)

    def _name_is_there(self, item: Operation) -> bool:
        kind = item.key.kind.partition(":")[2]
        name = str((item.document_form or {}).get("name", ""))
        entry = next((held for held in self._turn.lists.named(kind, name) if held.active), None)  # type: ignore[arg-type]  # the kind of a name's key is a ListKind
        if entry is None:
            return False
        with self._turn.settling() as desk:
            desk.unchanged(item, was="planned", body={})
        return True

    def _still_open(self, item: Operation, payment: PaymentDocument, slots: Mapping[str, LedgerRow]) -> bool:
        """An invoice that has stood for a while may have been settled by hand: it gets no second payment."""
        turn = self._turn
        for slot, amount in payment.applies_to.items():
            row = slots.get(slot)
            if row is None or row.state != "live":
                continue
            age = (turn.clock.now() - row.put_at).total_seconds()
            if age < turn.timing.settled_by_hand_after and not row.adopted:
                continue
            there = turn.books.read(row.entity, row.remote_id)
            fault("poster.read")
            if there is None or there.state != "live":
                with turn.settling() as desk:
                    desk.held(item, reconcile.gone_reason(), was="planned")
                return False
            if there.balance is not None and there.balance < amount:
                with turn.settling() as desk:
                    desk.held(
                        item,
                        Reason(
                            code="settled_by_hand",
                            message=f"The invoice has only {there.balance} open: somebody has settled it in the books.",
                            next_step="If that was this payment, leave it; else correct it in the books and release.",
                            values={"balance": str(there.balance), "amount": str(amount)},
                        ),
                        was="planned",
                    )
                return False
        return True

    def _names_an_open_one(self, item: Operation, payment: PaymentDocument, resolve: _Resolve) -> bool:
        """A payment that names an invoice of the books waits until there is one, and is none where that is paid."""
        turn = self._turn
        number = open_invoices.number_of(item)
        reason = None if number is None else resolve.invoices.why_not(number, payment)
        if reason is None:
            return True
        with turn.settling() as desk:
            if reason.code == open_invoices.NOT_THERE:
                age = (desk.now - item.created_at).total_seconds()
                desk.waits(item, reason, seconds=min(max(age / 10, turn.timing.invoice_look), 86400.0))
            else:
                desk.held(item, reason, was="planned")
        return False

    def _prepare_update(self, item: Operation, row: LedgerRow, resolve: _Resolve, there: Posted) -> _Ready | None:
        turn = self._turn
        document = item.document
        if document is None:
            raise ValueError(f"operation {item.id} has no document")
        try:
            body, kept = turn.books.encode_update(document, resolve, turn.profile, there, row.sent_body)
            entity, wanted = turn.books.encode(document, resolve, turn.profile)
        except (ConnectorError, KeyError) as error:
            self._reject(item, _encoding_reason(error))
            return None
        if entity != row.entity:
            self._reject(
                item,
                Reason(
                    code="another_kind",
                    message=f"What stands is a {row.entity}, wanted is a {entity}; a kind cannot be changed.",
                    next_step="Apply the order anew: the old document is then voided and the new one made.",
                ),
            )
            return None
        if kept or not body:
            with turn.settling() as desk:
                desk.kept(item, kept, there)
                if not body:
                    # What was kept is wanted still: the base of the next comparison stays what we sent.
                    desk.unchanged(item, was="planned", posted=there, body=_base(wanted, row.sent_body, kept))
            if not body:
                return None
        member = Member(key="", action="update", entity=entity, body={**body})
        return _Ready(item, member, there.sync_token)

    def _untouchable(self, there: Posted) -> Reason | None:
        closed = self._turn.profile.closed_until
        if there.deposited:
            return Reason(
                code="deposited",
                message="The document is part of a bank deposit in the books and must not be changed.",
                next_step="Open the deposit in QuickBooks, take the payment out, then release.",
            )
        if closed is not None and there.date is not None and there.date <= closed:
            return Reason(
                code="closed_period",
                message=f"The document is dated {there.date}, in a period that is closed until {closed}.",
                next_step="Move the closing date in QuickBooks, or make the change by hand; then release.",
            )
        return None

    def _nothing_stands(self, item: Operation, row: LedgerRow | None) -> None:
        with self._turn.settling() as desk:
            if item.action == "update" or row is None:
                desk.held(item, reconcile.gone_reason(), was="planned")
            else:
                desk.removed(item, row.state, was="planned")

    def _encoded(self, item: Operation, resolve: _Resolve) -> tuple[str, Mapping[str, Any]] | None:
        if item.document is None:
            raise ValueError(f"operation {item.id} has no document")
        try:
            return self._turn.books.encode(item.document, resolve, self._turn.profile)
        except (ConnectorError, KeyError) as error:
            self._reject(item, _encoding_reason(error))
        except Exception as error:  # noqa: BLE001  # whatever one record does to the encoder, it holds only itself
            self._reject(
                item,
                Reason(
                    code="cannot_be_written",
                    message=f"This document cannot be written for the books ({type(error).__name__}: {error}).",
                    next_step="This looks like a mistake of this program: please report it with the order.",
                ),
            )
        return None

    def _reject(self, item: Operation, reason: Reason) -> None:
        with self._turn.settling() as desk:
            desk.rejected(item, reason, was="planned")

    # --------------------------------------------------------------------------------------------------- sending

    def _commit(self, ready: Sequence[_Ready]) -> Send | None:
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


def marker_of(item: Operation) -> str | None:
    """The marker that an operation's document carries, if any."""
    form = item.document_form
    return None if form is None else (form.get("marker") or None)


def _base(wanted: Mapping[str, Any], sent: Mapping[str, Any], kept: Sequence[str]) -> dict[str, Any]:
    base = dict(wanted)
    for name in kept:
        if name in sent:
            base[name] = sent[name]
        else:
            base.pop(name, None)
    return base


def _encoding_reason(error: Exception) -> Reason:
    if isinstance(error, ConnectorError):
        return reason_of(error)
    missing = str(error.args[0]) if error.args else ""
    return Reason(
        code="reference_missing",
        message=f"The books have nothing called '{missing}' that this document could refer to.",
        next_step="Make it in the books (or choose another one in the flow's settings), then release.",
        values={"name": missing},
    )
