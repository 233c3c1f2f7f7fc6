"""What an answer makes of an operation: its state, the ledger, the lists, the holds and the log, in one transaction.

Changes when a fate has another consequence. It talks to nobody; the poster and the reconciler bring it the answers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from connectors.canonical import decimal_text
from connectors.documents import (
    CustomerDocument,
    Document,
    ListDocument,
    PaymentDocument,
    ProductDocument,
    SalesDocument,
)
from connectors.errors import ConnectorError, ReconnectNeeded, Retry
from connectors.ports import Books, BooksProfile, Clock, ListEntry, ListKind, Posted
from engine import holds, ledger, lists, log, records
from engine.keys import RecordKey
from engine.lists import Lists
from engine.posting import limits, outbox, sends
from engine.posting.leases import CompanyLease
from engine.posting.outbox import Operation, Reason, State
from engine.posting.timing import Timing
from engine.store.engine import Session, Store
from engine.store.scope import TenantScope
from engine.store.tables import company, connection


@dataclass(slots=True)
class Report:
    """What a turn did. `busy`: another poster owns the company. `paused`: why everything waits. `next_at`: when there
    is something to do again, if that is known."""

    busy: bool = False
    sends: int = 0
    posted: int = 0
    updated: int = 0
    removed: int = 0
    named: int = 0
    found: int = 0
    unchanged: int = 0
    rejected: int = 0
    held: int = 0
    dead: int = 0
    unknown: int = 0
    retried: int = 0
    paused: str | None = None
    next_at: datetime | None = None
    stopped: bool = False

    @property
    def done(self) -> int:
        """Operations that came to their end."""
        return self.posted + self.updated + self.removed + self.named + self.found + self.unchanged


@dataclass(frozen=True, slots=True)
class Turn:
    """One poster's turn at one company: everything it works with."""

    store: Store
    scope: TenantScope
    company_id: int
    books: Books
    clock: Clock
    timing: Timing
    profile: BooksProfile
    lists: Lists
    lease: CompanyLease
    report: Report
    dice: random.Random = field(default_factory=random.Random)

    @contextmanager
    def settling(self) -> Iterator[Settling]:
        """A transaction of settlements under the lease; raises LeaseLost, and then nothing was written."""
        with self.store.write() as session:
            self.lease.hold(session)
            desk = Settling(self, session, self.clock.now())
            yield desk
            desk.flush()
        if desk.entries:
            self.lists.renew()

    def first_look(self, sent_at: datetime) -> datetime:
        return sent_at + timedelta(seconds=self.timing.looks[0])


class Settling:
    """Settlements of one transaction. What can be written together is, at its end."""

    def __init__(self, turn: Turn, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self.entries: list[ListEntry] = []
        self._turn = turn
        self._scope = turn.scope
        self._company_id = turn.company_id
        self._done: dict[State, list[int]] = {}
        self._standing: list[ledger.Standing] = []
        self._events: list[tuple[log.Event, RecordKey | None]] = []
        self._holds: list[holds.HoldToPlace] = []

    # ------------------------------------------------------------------------------------------------- good ends

    def done(
        self,
        item: Operation,
        posted: Posted,
        body: Mapping[str, Any],
        *,
        was: State,
        code: str = "posted",
        adopted: bool = False,
    ) -> None:
        """It stands. `code` is how we know: "posted", "updated", "found", "adopted"."""
        report = self._turn.report
        document = item.document
        if document is None or item.document_form is None:
            raise ValueError(f"operation {item.id} puts nothing there")
        self._done.setdefault(was, []).append(item.id)
        self._settle_holds(item)
        if outbox.is_name(item.key):
            self.entries.append(entry_of(document, posted))
            self._say("name_there" if code in ("found", "adopted") else "name_added", item, posted)
            report.named += 1
            return
        self._standing.append(
            ledger.Standing(
                key=item.key,
                slot=item.slot,
                posted=posted,
                document=item.document_form,
                document_hash=item.document_hash,
                sent_body=body,
                operation_id=item.id,
                version_id=item.version_id,
                adopted=adopted,
            )
        )
        self._say(code, item, posted)
        if code in ("found", "adopted"):
            report.found += 1
        elif item.action == "update":
            report.updated += 1
        else:
            report.posted += 1
        self._compare(item, document, posted)

    def _compare(self, item: Operation, document: Document, posted: Posted) -> None:
        ours = _total(document)
        if ours is None or posted.total is None or ours == posted.total:
            return
        values = {"ours": decimal_text(ours), "theirs": decimal_text(posted.total)}
        self._say("total_differs", item, posted, level="warning", **values)
        self._holds.append(
            holds.HoldToPlace(
                key=item.key,
                slot=item.slot,
                code="total_differs",
                title="total_differs",
                reason=f"The document stands in the books with {values['theirs']}, the shop says {values['ours']}.",
                next_step="Compare tax and discounts of the two, correct one of them, then release.",
                values=values,
            )
        )

    def removed(self, item: Operation, state: ledger.State, *, was: State, sync_token: str | None = None) -> None:
        """The slot's document is voided or deleted."""
        self._done.setdefault(was, []).append(item.id)
        self._settle_holds(item)
        ledger.mark(
            self._scope, self.session, self._company_id, item.key, item.slot, state, at=self.now, sync_token=sync_token
        )
        self._say(state, item, None)
        self._turn.report.removed += 1

    def unchanged(self, item: Operation, *, was: State, posted: Posted | None = None, body: Mapping[str, Any]) -> None:
        """There was nothing to write: what is wanted stands already."""
        self._done.setdefault(was, []).append(item.id)
        self._settle_holds(item)
        if posted is not None and item.document_form is not None and not outbox.is_name(item.key):
            self._standing.append(
                ledger.Standing(
                    key=item.key,
                    slot=item.slot,
                    posted=posted,
                    document=item.document_form,
                    document_hash=item.document_hash,
                    sent_body=body,
                    operation_id=item.id,
                    version_id=item.version_id,
                )
            )
        self._say("unchanged", item, posted)
        self._turn.report.unchanged += 1

    def kept(self, item: Operation, fields: Sequence[str], posted: Posted | None) -> None:
        """Fields that a person changed in the books and that stay as they are."""
        if fields:
            self._say("kept", item, posted, level="warning", fields=list(fields))

    # --------------------------------------------------------------------------------------------------- other ends

    def rejected(self, item: Operation, reason: Reason, *, was: State) -> None:
        """It was refused and will be again: a person must act."""
        self._wait(item, "rejected", reason, was=was)
        self._turn.report.rejected += 1

    def held(self, item: Operation, reason: Reason, *, was: State) -> None:
        """It could be done, but a person must say so."""
        self._wait(item, "held", reason, was=was)
        self._turn.report.held += 1

    def waits(self, item: Operation, reason: Reason, *, seconds: float) -> None:
        """Something that it needs is not in the books yet: it stays planned and tries again by itself. Said once."""
        outbox.postpone(
            self._scope,
            self.session,
            [item.id],
            not_before=self.now + timedelta(seconds=seconds),
            attempts=item.attempts,
            reason=reason,
        )
        self._place_holds(item, reason)
        if item.reason is None or item.reason.code != reason.code:
            said = {"message": reason.message, "next_step": reason.next_step, "reason": reason.code}
            self._say("waits", item, None, level="warning", **said)
        self._turn.report.held += 1

    def _wait(self, item: Operation, state: State, reason: Reason, *, was: State) -> None:
        if not outbox.settle(
            self._scope, self.session, item.id, state, was=was, at=self.now, reason=reason, send_id=None
        ):
            raise outbox.ForbiddenTransition(f"operation {item.id} is no longer {was}")
        self._place_holds(item, reason)
        self._say(
            state,
            item,
            None,
            level="warning" if state == "held" else "error",
            message=reason.message,
            next_step=reason.next_step,
            reason=reason.code,
        )

    def _place_holds(self, item: Operation, reason: Reason) -> None:
        waiting = holds.HoldToPlace(
            key=item.key,
            slot=item.slot,
            code=reason.code,
            title=reason.code,
            reason=reason.message,
            next_step=reason.next_step,
            values=reason.values,
            operation_id=item.id,
        )
        self._holds.append(waiting)
        # Whoever needs it waits too, and its page must say for what.
        for dependant in outbox.dependants(self._scope, self.session, [item.id]):
            self._holds.append(
                holds.HoldToPlace(
                    key=dependant.key,
                    slot=dependant.slot,
                    code=reason.code,
                    title=f"needs {describe(item)}",
                    reason=f"It needs {describe(item)}, and that waits: {reason.message}",
                    next_step=reason.next_step,
                    values=reason.values,
                    operation_id=item.id,
                )
            )

    def unknown(self, item: Operation, error: ConnectorError | None, *, was: State, send_id: int | None) -> None:
        """It may have happened: it is looked for before anything else."""
        sent_at = item.sent_at or self.now
        outbox.settle(
            self._scope,
            self.session,
            item.id,
            "unknown",
            was=was,
            at=self.now,
            look_at=max(self.now, self._turn.first_look(sent_at)),
            looks=0,
        )
        if error is not None:
            sends.note(self._scope, self.session, [item.id], error, "unknown", send_id=send_id, at=self.now)
        self._say("unknown", item, None, level="warning")
        self._turn.report.unknown += 1

    def retry(
        self, item: Operation, error: ConnectorError, *, was: State, send_id: int | None, same_send: bool
    ) -> datetime:
        """It surely did not happen: again later, or never more after the last attempt. Returns when."""
        counts = not isinstance(error, Retry) or error.counts
        attempts = item.attempts + counts
        pauses = self._turn.timing.backoff
        outcome = "retry"
        when = self.now
        if attempts > len(pauses):
            outcome = "dead"
            if was != "planned":
                outbox.settle(self._scope, self.session, item.id, "planned", was=was, at=self.now, attempts=attempts)
            reason = Reason(
                code="too_many_attempts",
                message=f"{attempts} attempts in a row failed, the last one with: {error.message}",
                next_step=error.next_step or "When the cause is gone, release it: it begins anew.",
            )
            outbox.settle(
                self._scope,
                self.session,
                item.id,
                "dead",
                was="planned",
                at=self.now,
                reason=reason,
                send_id=None,
                attempts=attempts,
            )
            self._holds.append(
                holds.HoldToPlace(
                    key=item.key,
                    slot=item.slot,
                    code=reason.code,
                    title=reason.code,
                    reason=reason.message,
                    next_step=reason.next_step,
                    operation_id=item.id,
                )
            )
            self._say("dead", item, None, level="error", message=reason.message, next_step=reason.next_step)
            self._turn.report.dead += 1
        else:
            pause = 0.0
            if counts:
                pause = pauses[attempts - 1] * self._turn.dice.uniform(0.9, 1.1)
            if isinstance(error, Retry) and error.after is not None:
                pause = max(pause, error.after) if counts else error.after
            when = self.now + timedelta(seconds=pause)
            values: dict[str, Any] = {"attempts": attempts, "not_before": when}
            if not same_send:
                values["send_id"] = None
            if was != "planned":
                outbox.settle(
                    self._scope,
                    self.session,
                    item.id,
                    "planned",
                    was=was,
                    at=self.now,
                    reason=reason_of(error),
                    **values,
                )
            else:
                outbox.postpone(self._scope, self.session, [item.id], reason=reason_of(error), **values)
            self._turn.report.retried += 1
            if counts:
                self._say("retry", item, None, level="warning", message=error.message)
        if counts:
            sends.note(self._scope, self.session, [item.id], error, outcome, send_id=send_id, at=self.now)
        return when

    def not_there(self, item: Operation) -> None:
        """Believed not to have happened: it may go again."""
        outbox.settle(self._scope, self.session, item.id, "planned", was="unknown", at=self.now, look_at=None)
        self._say("not_there", item, None, level="warning")
        self._turn.report.retried += 1

    def replaced(self, item: Operation, *, was: State) -> int:
        """Another body is needed (somebody changed the document meanwhile): a new operation in its place."""
        del was  # `again` checks what it is now
        return outbox.again(self._scope, self.session, item.id, at=self.now)

    # ------------------------------------------------------------------------------------------- the whole connection

    def trouble(self, error: ConnectorError) -> None:
        """Something befell the connection as a whole: everything waits, no item is blamed."""
        turn = self._turn
        if isinstance(error, ReconnectNeeded) or (error.scope == "connection" and not isinstance(error, Retry)
                                                  and not _is_unknown(error)):  # fmt: skip
            self._stop_company(error)
            return
        if isinstance(error, Retry) and error.code == "rate_budget":
            # Our own count, not their complaint: only sends wait, reading goes on.
            self._push_sends(error.after or turn.timing.throttle_pause, error.message)
            return
        seconds = 0.0
        if isinstance(error, Retry) and error.code == "throttled":
            seconds = error.after or turn.timing.throttle_pause
        else:
            if isinstance(error, Retry) and error.after is not None and not error.counts:
                seconds = error.after
            failures = session_failures(self._scope, self.session, self._company_id) + 1
            if failures >= turn.timing.circuit_after:
                seconds = max(seconds, turn.timing.circuit_pause)
            self.session.execute(
                update(company)
                .where(self._scope.of(company), company.c.id == self._company_id)
                .values(failures=failures)
            )
        if seconds:
            until = self.now + timedelta(seconds=seconds)
            limits.push(self._scope, self.session, self._company_id, until, error.message)
            turn.report.paused = error.message
            self._event("paused", "warning", seconds=round(seconds), message=error.message)

    def _push_sends(self, seconds: float, reason: str) -> None:
        self.session.execute(
            update(company)
            .where(self._scope.of(company), company.c.id == self._company_id)
            .values(post_not_before=self.now + timedelta(seconds=seconds))
        )
        self._turn.report.paused = reason

    def _stop_company(self, error: ConnectorError) -> None:
        state = "reconnect_needed" if isinstance(error, ReconnectNeeded) else "paused"
        changed = self.session.execute(
            update(company)
            .where(self._scope.of(company), company.c.id == self._company_id, company.c.state == "active")
            .values(state=state, state_reason=error.message)
        ).rowcount
        self._turn.report.paused = error.message
        if changed:
            self.session.execute(
                update(connection)
                .where(
                    self._scope.of(connection),
                    connection.c.id
                    == select(company.c.connection_id)
                    .where(self._scope.of(company), company.c.id == self._company_id)
                    .scalar_subquery(),
                )
                .values(state=state, state_reason=error.message)
            )
            self._event("reconnect_needed", "error", message=error.message, next_step=error.next_step)

    def all_well(self) -> None:
        """A write was answered: failures in a row begin anew. (Reads may go well while writes do not.)"""
        self.session.execute(
            update(company)
            .where(self._scope.of(company), company.c.id == self._company_id, company.c.failures > 0)
            .values(failures=0)
        )

    # ------------------------------------------------------------------------------------------------------ writing

    def flush(self) -> None:
        """Write what was gathered. Raises ForbiddenTransition if an operation moved behind our back."""
        for was, ids in self._done.items():
            if outbox.finish(self._scope, self.session, ids, was=was, at=self.now) != len(ids):
                raise outbox.ForbiddenTransition(f"some of the operations {ids} are no longer {was}")
        ledger.put_many(self._scope, self.session, self._company_id, self._standing, at=self.now)
        lists.remember(self._scope, self.session, self._company_id, self.entries)
        if self._holds:
            unique = {(item.key, item.slot, item.title): item for item in self._holds}
            holds.place_many(self._scope, self.session, self._company_id, list(unique.values()), at=self.now)
        if self._events:
            keys = {key for _, key in self._events if key is not None and not outbox.is_name(key)}
            numbers = records.numbers(self._scope, self.session, keys)
            log.write_many(
                self._scope,
                self.session,
                [
                    log.Event(
                        code=event.code,
                        level=event.level,
                        key=event.key,
                        company_id=self._company_id,
                        operation_id=event.operation_id,
                        decision_id=event.decision_id,
                        values={
                            **event.values,
                            **(
                                {"order": numbers[key], "record": key.kind}
                                if key is not None and key in numbers
                                else {}
                            ),
                        },
                    )
                    for event, key in self._events
                ],
                at=self.now,
            )

    def _settle_holds(self, item: Operation) -> None:
        if item.replaces_id is not None or item.reason is not None:
            chain = outbox.replaced_by(self._scope, self.session, item.id)
            holds.settle_operations(self._scope, self.session, chain, at=self.now)

    def _say(
        self, code: str, item: Operation, posted: Posted | None, *, level: log.Level = "info", **values: Any
    ) -> None:
        said = {**story(item, posted, self._turn.lists), **values}
        self._events.append(
            (
                log.Event(
                    code=code,
                    level=level,
                    values=said,
                    key=item.key,
                    operation_id=item.id,
                    decision_id=item.decision_id,
                ),
                item.key,
            )
        )

    def _event(self, code: str, level: log.Level, **values: Any) -> None:
        self._events.append((log.Event(code=code, level=level, values=values), None))


def _is_unknown(error: ConnectorError) -> bool:
    from connectors.errors import Unknown

    return isinstance(error, Unknown)


def session_failures(scope: TenantScope, session: Session, company_id: int) -> int:
    """How often the whole connection failed in a row."""
    found: int = session.execute(
        select(company.c.failures).where(scope.of(company), company.c.id == company_id)
    ).scalar_one()
    return found


def reason_of(error: ConnectorError) -> Reason:
    """The reason that an error is, for the operation's page."""
    return Reason(code=error.code, message=error.message, next_step=error.next_step)


def describe(item: Operation) -> str:
    """What an operation puts there, in a few words."""
    said = story(item, None, None)
    name = said.get("name") or said.get("number") or ""
    return f"the {str(said['document']).replace('_', ' ')} {name}".strip()


def story(item: Operation, posted: Posted | None, names: Lists | None) -> dict[str, Any]:
    """The values of a log line about an operation."""
    document = item.document
    values: dict[str, Any] = {}
    match document:
        case SalesDocument():
            values = {
                "document": document.type,
                "number": document.number,
                "lines": len(document.lines),
                "total": f"{document.total:.2f}",
                "currency": document.currency,
            }
            if document.tax_total:
                values["tax"] = _tax_words(document, names)
        case PaymentDocument():
            values = {
                "document": "payment",
                "number": document.reference,
                "total": f"{document.amount:.2f}",
                "currency": document.currency,
            }
        case CustomerDocument():
            values = {"document": "customer", "name": document.name}
        case ProductDocument():
            values = {"document": "item", "name": document.name}
        case ListDocument():
            values = {"document": document.kind, "name": document.name}
        case None:
            values = {"document": item.slot.partition(":")[0]}
    if posted is not None and posted.number:
        values["number"] = posted.number
    if item.remarks:
        values["rules"] = list(item.remarks)
    return {name: value for name, value in values.items() if value not in (None, "")}


def _tax_words(document: SalesDocument, names: Lists | None) -> str:
    if document.tax_code is None:
        return f"tax {document.tax_total:.2f}"
    entry = names.one("tax_code", document.tax_code) if names is not None else None
    rate = entry.data.get("rate") if entry is not None else None
    if rate in (None, ""):
        return f"{document.tax_code} {document.tax_total:.2f}"
    return f"{document.tax_code} {decimal_text(Decimal(str(rate)))} %"


def _total(document: Document) -> Decimal | None:
    match document:
        case SalesDocument():
            return document.total
        case PaymentDocument():
            return document.amount
        case _:
            return None


def entry_of(document: Document, posted: Posted) -> ListEntry:
    """The list entry that a new name is, until the books tell more of it."""
    kind: ListKind
    data: dict[str, Any] = {}
    match document:
        case CustomerDocument():
            kind = "customer"
            data = {
                "email": document.email,
                "currency": document.currency,
                "company": document.company,
                "taxable": document.taxable,
            }
        case ProductDocument():
            kind = "item"
            data = {
                "sku": document.sku,
                "type": document.type,
                "start_date": document.start_date.isoformat() if document.start_date else None,
                "taxable": document.taxable,
            }
        case ListDocument():
            kind = document.kind
        case _:
            raise TypeError(f"a {type(document).__name__} is in no list")
    name = posted.name or document.name
    return ListEntry(
        kind=kind,
        id=posted.id,
        name=name,
        leaf=name.rpartition(":")[2],
        sync_token=posted.sync_token,
        data={field_name: value for field_name, value in data.items() if value is not None},
    )
