"""What the books answered to a send, or that they did not: which fate each of its operations has. Changes when another answer
of theirs must be told apart; what a fate brings with it is settling's affair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.errors import ConnectorError, Rejected, Retry, Unknown
from connectors.ports import MemberResult, Posted
from engine import ledger
from engine.faults import fault
from engine.posting import lookups, sends, states, switched_off
from engine.posting.names import is_name
from engine.posting.operations import Operation, Reason
from engine.posting.reasons import gone_reason, reason_of
from engine.posting.sends import Send
from engine.posting.settling import Settling, settling
from engine.posting.turn import Turn

#: How often an update is made anew because somebody else was faster, before a person is asked.
_STALE_TRIES = 3
#: Refusals of a change of what stands that a person can resolve in the books.
_PERSON_FIRST = frozenset({"deposited", "settled", "matched", "closed_period", "has_dependants", "cannot_link"})


def whole(turn: Turn, held: Send, items: Sequence[Operation], error: ConnectorError) -> None:
    """The send as a whole had one fate."""
    off = switched_off.meanwhile(turn, items) if len(items) == 1 and switched_off.may_be(error) else {}
    with settling(turn) as desk:
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
            states.part(turn.scope, desk.session, held.id)
            sends.close(turn.scope, desk.session, held.id, "closed", at=desk.now)
        else:
            for item in items:
                _rejected(turn, desk, item, error, held.id, off.get(item.id))
                sends.note(turn.scope, desk.session, [item.id], error, "rejected", send_id=held.id, at=desk.now)
            sends.close(turn.scope, desk.session, held.id, "answered", at=desk.now)
        fault("poster.settling")
    fault("poster.settled")


def answered(turn: Turn, held: Send, by_id: Mapping[int, Operation], results: Sequence[MemberResult]) -> None:
    """Each member has its own fate; one of which nothing was said is unknown. `by_id`: its operations, by id."""
    by_key = {result.key: result for result in results}
    looked = _follow_up(turn, held, by_id, by_key)
    refused = [by_id[m.operation_id] for m in held.members if (r := by_key.get(m.key)) and switched_off.may_be(r.error)]
    off = switched_off.meanwhile(turn, refused)
    fault("poster.followed")
    with settling(turn) as desk:
        unknown = False
        desk.all_well()
        trouble: ConnectorError | None = None
        for member in held.members:
            item = by_id[member.operation_id]
            result = by_key.get(member.key)
            posted = None if result is None else result.posted
            there = looked.get(item.id)
            error = there if isinstance(there, Retry) else None if result is None else result.error
            if posted is not None:
                _stands(desk, item, posted, member.body)
            elif isinstance(there, Posted):
                ours = _is_ours(item, there)
                code = "found" if ours else "adopted"
                desk.done(item, there, member.body, was="sending", code=code, adopted=not ours)
            elif isinstance(error, Retry):
                desk.retry(item, error, was="sending", send_id=held.id, same_send=False)
                trouble = error if error.scope == "connection" else trouble
            elif isinstance(error, Rejected):
                _refused(turn, desk, item, error, held.id, off.get(item.id))
            else:
                unknown = True
                known = error if isinstance(error, ConnectorError) else None
                desk.unknown(item, known, was="sending", send_id=held.id)
        if trouble is not None:
            desk.trouble(trouble)
        sends.close(turn.scope, desk.session, held.id, "unknown" if unknown else "answered", at=desk.now)
        fault("poster.settling")
    fault("poster.settled")


def _stands(desk: Settling, item: Operation, posted: Posted, body: Mapping[str, Any]) -> None:
    if item.action == "void":
        desk.removed(item, "voided", was="sending", sync_token=posted.sync_token)
    elif item.action == "delete":
        desk.removed(item, "deleted", was="sending")
    else:
        desk.done(item, posted, body, was="sending", code="posted" if item.action == "create" else "updated")


def _refused(turn: Turn, desk: Settling, item: Operation, error: Rejected, send_id: int, off: Reason | None) -> None:
    sends.note(turn.scope, desk.session, [item.id], error, "rejected", send_id=send_id, at=desk.now)
    if error.code == "stale" and item.action != "create" and item.attempts < _STALE_TRIES:
        desk.replaced(item)
    elif item.action != "create" and error.code == "not_found_or_inactive":
        desk.held(item, gone_reason(), was="sending")
    elif error.code == "number_exists" or (item.action != "create" and error.code in _PERSON_FIRST):
        desk.held(item, reason_of(error), was="sending")
    else:
        _rejected(turn, desk, item, error, send_id, off)


def _rejected(
    turn: Turn, desk: Settling, item: Operation, error: ConnectorError, send_id: int, off: Reason | None
) -> None:
    """It was refused: for good, or (`off`) until what was turned off meanwhile is on again."""
    if off is None:
        desk.rejected(item, reason_of(error), was="sending")
        return
    wait = Retry(off.message, code=off.code, counts=False, next_step=off.next_step)
    desk.retry(item, wait, was="sending", send_id=send_id, same_send=False)
    desk.waits(item, off, seconds=turn.timing.switched_off_look)


def _follow_up(
    turn: Turn, held: Send, by_id: Mapping[int, Operation], by_key: Mapping[str, MemberResult]
) -> Mapping[int, Posted | Retry]:
    """Creates that were refused because number or name is taken: what stands there, if it is ours or may be adopted.
    Where the books do not say it now, they are to be tried again: nobody knows yet whether a person must act."""
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
    try:
        found = lookups.look(turn.books, turn.lists, wanted)
    except ConnectorError as error:
        again = Retry(error.message, code=error.code, next_step=error.next_step, scope=error.scope)
        return {item.id: again for item, _ in wanted}
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


def _is_ours(item: Operation, posted: Posted) -> bool:
    return not is_name(item.key) and posted.marker is not None and posted.marker == item.marker
