"""What is unknown is looked for until it is known: found settles at once, "not there" is believed only at the last
look. Changes when that patience does. It sends nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from connectors.errors import ConnectorError
from connectors.ports import Posted
from engine import ledger
from engine.faults import fault
from engine.posting import lookups, reading, sends, states
from engine.posting.operations import Operation
from engine.posting.reasons import gone_reason
from engine.posting.sends import Send, SentMember
from engine.posting.settling import Settling, settling
from engine.posting.turn import Turn


def recover(turn: Turn) -> int:
    """What a poster that is gone left on its way is unknown now. Only under the lease; says how many operations."""
    with turn.store.write() as session:
        turn.lease.hold(session)
        now = turn.clock.now()
        left = sends.in_state(turn.scope, session, turn.company_id, "open")
        moved = 0
        for item in left:
            moved += states.lost(turn.scope, session, item.id, look_at=max(now, turn.first_look(item.sent_at)))
            sends.close(turn.scope, session, item.id, "unknown")
    turn.report.unknown += moved
    fault("poster.recovered")
    return moved


def look(turn: Turn) -> int:
    """Look for what is unknown and due. Says how many operations were settled. Trouble with the connection makes the
    rest wait; it is never taken for "not there"."""
    now = turn.clock.now()
    with turn.store.read() as session:
        due = reading.in_states(turn.scope, session, turn.company_id, ["unknown"], due=now, limit=200)
        if not due:
            return 0
        held = sends.by_ids(turn.scope, session, sorted({item.send_id for item in due if item.send_id is not None}))
        rows = ledger.for_keys(turn.scope, session, turn.company_id, [item.key for item in due])
        closed = ledger.remote_ids_of(turn.scope, session, turn.company_id, [item.key for item in due])
    members = {member.operation_id: member for send in held.values() for member in send.members}
    creates = [item for item in due if item.action == "create"]
    settled = 0
    try:
        found = lookups.look(turn.books, turn.lists, [(item, members[item.id].entity) for item in creates])
        fault("reconcile.looked")
        with settling(turn) as desk:
            for item in creates:
                settled += _create(turn, desk, item, members[item.id], found[item.id], closed)
            fault("reconcile.settling")
        for item in due:
            if item.action != "create":
                row = rows.get(item.key, {}).get(item.slot)
                settled += _change(turn, item, members[item.id], row)
    except ConnectorError as error:
        with settling(turn) as desk:
            desk.trouble(error)
            later = desk.now + timedelta(seconds=turn.timing.looks[0])
            for item in due:
                states.look_later(turn.scope, desk.session, item.id, look_at=later, looks=item.looks)
    _close(turn, list(held.values()))
    fault("reconcile.settled")
    return settled


def _create(
    turn: Turn,
    desk: Settling,
    item: Operation,
    member: SentMember,
    found: Sequence[Posted],
    closed: Mapping[tuple[str, str], int],
) -> int:
    posted = lookups.ours(item, found, closed)
    if posted is not None:
        desk.done(item, posted, member.body, was="unknown", code="found")
        return 1
    return _not_there(turn, desk, item)


def _not_there(turn: Turn, desk: Settling, item: Operation) -> int:
    sent_at = item.sent_at or desk.now
    elapsed = (desk.now - sent_at).total_seconds()
    if elapsed >= turn.timing.looks[-1]:
        desk.not_there(item)
        return 1
    later = next(after for after in turn.timing.looks if after > elapsed)
    states.look_later(
        turn.scope, desk.session, item.id, look_at=sent_at + timedelta(seconds=later), looks=item.looks + 1
    )
    return 0


def _change(turn: Turn, item: Operation, member: SentMember, row: ledger.LedgerRow | None) -> int:
    """An update, void or delete: the document itself says whether it happened."""
    there = None if row is None else turn.books.read(row.entity, row.remote_id)
    fault("reconcile.looked")
    with settling(turn) as desk:
        if there is None or there.state == "deleted":
            if item.action == "update":
                desk.held(item, gone_reason(), was="unknown")
            else:
                desk.removed(item, "deleted", was="unknown")
            return 1
        if item.action != "update" and there.state == "voided":
            desk.removed(item, "voided", was="unknown", sync_token=there.sync_token)
            return 1
        if there.sync_token == member.sync_token:
            return _not_there(turn, desk, item)
        # It moved: by our change, or by a person's since. Read again, made anew if anything is still missing.
        desk.replaced(item)
        return 1


def _close(turn: Turn, held: Sequence[Send]) -> None:
    """A send none of whose members is unknown any more is over; one that surely did not happen at all goes again, byte
    for byte."""
    with turn.store.write() as session:
        turn.lease.hold(session)
        for item in held:
            states = [
                found.state
                for found in reading.load(turn.scope, session, [member.operation_id for member in item.members])
                if found.send_id == item.id
            ]
            if "unknown" in states or "sending" in states:
                continue
            if len(states) == len(item.members) and set(states) == {"planned"}:
                sends.close(turn.scope, session, item.id, "repeat")
            else:
                sends.dissolve(turn.scope, session, item.id)
