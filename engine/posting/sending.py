"""Lets bytes out: a send is committed with its frozen bytes before the socket is touched, and repeated only byte for byte.
Changes when the way of sending does. What an answer means is not its affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors.errors import ConnectorError
from engine.faults import fault
from engine.ids import new_request_id
from engine.posting import answers, reading, sends
from engine.posting.leases import LeaseLost
from engine.posting.operations import Operation
from engine.posting.preparing import Ready
from engine.posting.sends import Send, Superseded
from engine.posting.turn import Turn
from engine.store.engine import outside_transactions


def commit(turn: Turn, ready: Sequence[Ready]) -> Send | None:
    """Store request id, frozen bytes and members and claim the operations; missing where one of them changed
    meanwhile (the next step begins anew)."""
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


def repeat(turn: Turn, old: Send) -> None:
    """Let a send out again that surely did not happen, byte for byte; one that may not be repeated so is dissolved."""
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
        items = reading.load(turn.scope, session, [member.operation_id for member in held.members])
    let_out(turn, held, items, before)


def let_out(turn: Turn, held: Send, items: Sequence[Operation], committed: float) -> None:
    """The one place where bytes leave. The operations are *sending* in the store."""
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
        answers.whole(turn, held, list(by_id.values()), error)
        return
    fault("poster.answered")
    answers.answered(turn, held, by_id, results)
