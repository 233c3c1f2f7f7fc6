"""What an answer makes of an operation: its state, the ledger, the lists, the holds and the log, in one transaction.

Changes when a fate has another consequence. It talks to nobody; the poster and the reconciler bring it the answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.canonical import decimal_text
from connectors.documents import Document, PaymentDocument, SalesDocument
from connectors.errors import ConnectorError, Retry
from connectors.ports import ListEntry, Posted
from engine import holds, ledger, lists, log, records
from engine.keys import RecordKey
from engine.posting import planning, reading, sends, states, trouble
from engine.posting.names import entry_of, is_name
from engine.posting.operations import ForbiddenTransition, Operation, Reason, State
from engine.posting.reasons import reason_of
from engine.posting.stories import describe, story, what_stands
from engine.posting.turn import Turn
from engine.store.engine import Session


@contextmanager
def settling(turn: Turn) -> Iterator[Settling]:
    """A transaction of settlements under the lease; raises LeaseLost, and then nothing was written."""
    with turn.store.write() as session:
        turn.lease.hold(session)
        desk = Settling(turn, session, turn.clock.now())
        yield desk
        desk.flush()
    if desk.entries:
        turn.lists.renew()


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
        if is_name(item.key):
            self.entries.append(entry_of(document, posted))
            self._say("name_there" if code in ("found", "adopted") else "name_added", item, posted)
            report.named += 1
            return
        self._stands(item, item.document_form, posted, body, adopted=adopted)
        self._say(code, item, posted)
        if code in ("found", "adopted"):
            report.found += 1
        elif item.action == "update":
            report.updated += 1
        else:
            report.posted += 1
        self._compare(item, document, posted)

    def _stands(
        self,
        item: Operation,
        form: Mapping[str, Any],
        posted: Posted,
        body: Mapping[str, Any],
        *,
        adopted: bool = False,
    ) -> None:
        self._standing.append(
            ledger.Standing(
                key=item.key,
                slot=item.slot,
                posted=posted,
                document=form,
                document_hash=item.document_hash,
                sent_body=body,
                operation_id=item.id,
                version_id=item.version_id,
                adopted=adopted,
            )
        )

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
        """The slot's document is voided or deleted, as it was to be."""
        self._done.setdefault(was, []).append(item.id)
        self._settle_holds(item)
        ledger.mark(
            self._scope,
            self.session,
            self._company_id,
            item.key,
            item.slot,
            state,
            at=self.now,
            sync_token=sync_token,
            operation_id=item.id,
        )
        self._say(state, item, None)
        self._turn.report.removed += 1

    def unchanged(self, item: Operation, *, was: State, posted: Posted | None = None, body: Mapping[str, Any]) -> None:
        """There was nothing to write: what is wanted stands already."""
        self._done.setdefault(was, []).append(item.id)
        self._settle_holds(item)
        if posted is not None and item.document_form is not None and not is_name(item.key):
            self._stands(item, item.document_form, posted, body)
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
        states.postpone(
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

    def _wait(self, item: Operation, state: State, reason: Reason, *, was: State, **values: Any) -> None:
        if not states.settle(
            self._scope, self.session, item.id, state, was=was, at=self.now, reason=reason, send_id=None, **values
        ):
            raise ForbiddenTransition(f"operation {item.id} is no longer {was}")
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
        for dependant in reading.dependants(self._scope, self.session, [item.id]):
            if (dependant.key, dependant.slot) == (item.key, item.slot):
                continue  # what is to take its place: the slot waits, and says why
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
        states.settle(
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
        dead = attempts > len(self._turn.timing.backoff)
        when = self.now
        if dead:
            reason = Reason(
                code="too_many_attempts",
                message=f"{attempts} attempts in a row failed, the last one with: {error.message}",
                next_step=error.next_step or "When the cause is gone, release it: it begins anew.",
            )
            self._wait(item, "dead", reason, was=was, attempts=attempts)
            self._turn.report.dead += 1
        else:
            when += timedelta(seconds=self._pause(error, attempts if counts else 0))
            values: dict[str, Any] = {"attempts": attempts, "not_before": when, "reason": reason_of(error)}
            if not same_send:
                values["send_id"] = None
            if was == "planned":
                states.postpone(self._scope, self.session, [item.id], **values)
            else:
                states.settle(self._scope, self.session, item.id, "planned", was=was, at=self.now, **values)
            self._turn.report.retried += 1
            if counts:
                self._say("retry", item, None, level="warning", message=error.message)
        if counts:
            outcome = "dead" if dead else "retry"
            sends.note(self._scope, self.session, [item.id], error, outcome, send_id=send_id, at=self.now)
        return when

    def _pause(self, error: ConnectorError, attempts: int) -> float:
        """Seconds to wait after so many attempts that count (0: this one does not)."""
        said = error.after if isinstance(error, Retry) else None
        if not attempts:
            return said or 0.0
        return max(said or 0.0, self._turn.timing.backoff[attempts - 1] * self._turn.dice.uniform(0.9, 1.1))

    def not_there(self, item: Operation) -> None:
        """Believed not to have happened: it may go again."""
        states.settle(self._scope, self.session, item.id, "planned", was="unknown", at=self.now, look_at=None)
        self._say("not_there", item, None, level="warning")
        self._turn.report.retried += 1

    def replaced(self, item: Operation) -> int:
        """Another body is needed (somebody changed the document meanwhile): a new operation in its place."""
        return planning.again(self._scope, self.session, item.id, at=self.now)

    # ------------------------------------------------------------------------------------------- the whole connection

    def trouble(self, error: ConnectorError) -> None:
        """Something befell the connection as a whole: everything waits, no item is blamed."""
        said = trouble.befell(self._turn, self.session, error, now=self.now)
        if said is not None:
            self._events.append((said, None))

    def all_well(self) -> None:
        """A write was answered."""
        trouble.all_well(self._turn, self.session)

    # ------------------------------------------------------------------------------------------------------ writing

    def flush(self) -> None:
        """Write what was gathered. Raises ForbiddenTransition if an operation moved behind our back."""
        for was, ids in self._done.items():
            if states.finish(self._scope, self.session, ids, was=was, at=self.now) != len(ids):
                raise ForbiddenTransition(f"some of the operations {ids} are no longer {was}")
        ledger.put_many(self._scope, self.session, self._company_id, self._standing, at=self.now)
        lists.remember(self._scope, self.session, self._company_id, self.entries)
        of_events = {key for _, key in self._events if key is not None}
        keys = {key for key in of_events | {item.key for item in self._holds} if not is_name(key)}
        numbers = records.numbers(self._scope, self.session, keys)
        if self._holds:
            unique = {(item.key, item.slot, item.title): item for item in self._holds}
            named = [
                replace(item, values={**item.values, "order": numbers[item.key]}) if item.key in numbers else item
                for item in unique.values()
            ]
            holds.place_many(self._scope, self.session, self._company_id, named, at=self.now)
        if self._events:
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
            chain = reading.replaced_by(self._scope, self.session, item.id)
            holds.settle_operations(self._scope, self.session, chain, at=self.now)

    def _say(
        self, code: str, item: Operation, posted: Posted | None, *, level: log.Level = "info", **values: Any
    ) -> None:
        said = {**story(item, posted, self._turn.lists), **values}
        if item.document is None:
            row = ledger.in_slot(self._scope, self.session, self._company_id, item.key, item.slot)
            said |= {} if row is None else what_stands(row)
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


def _total(document: Document) -> Decimal | None:
    match document:
        case SalesDocument():
            return document.total
        case PaymentDocument():
            return document.amount
        case _:
            return None
