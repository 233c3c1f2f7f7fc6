"""Moves operations from state to state, by compare-and-swap, and only where the table allows it: changes when another move
is needed. Only this module changes the state of an operation (planning inserts it).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, tuple_, update

from engine.posting.operations import TRANSITIONS, ForbiddenTransition, Reason, State
from engine.store.engine import Session
from engine.store.scope import TenantScope
from engine.store.tables import company, operation


def lock(scope: TenantScope, session: Session, company_id: int) -> None:
    """Let nobody else plan or settle for this company until the transaction ends (SQLite has one writer anyway)."""
    if session.dialect.name == "postgresql":
        session.execute(
            select(company.c.id).where(scope.of(company), company.c.id == company_id).with_for_update(key_share=True)
        )


def let_out(scope: TenantScope, session: Session, operation_ids: Sequence[int], *, at: datetime) -> int:
    """Release operations that were held for review; says how many."""
    return _move(scope, session, operation_ids, "planned", ("held",), at=at, reason=None, send_id=None)


def supersede(
    scope: TenantScope, session: Session, operation_ids: Sequence[int], *, was: Sequence[State], at: datetime
) -> int:
    """Others take the place of these, or nothing is wanted there any more; says how many."""
    return _move(scope, session, operation_ids, "superseded", was, at=at)


def claim(
    scope: TenantScope,
    session: Session,
    operation_ids: Sequence[int],
    send_id: int,
    *,
    sent_at: datetime,
    look_at: datetime,
    decisions: Sequence[int | None] = (),
) -> int:
    """planned -> sending, in the transaction that stores the send; says how many rows it got (all, or roll back).
    `decisions`, beside the ids: what the caller believes they carry; one that carries another by now is not got, so
    that ledger and log tell the decision that was sent."""
    _assert_allowed("planned", "sending")
    believed = list(zip(operation_ids, (each or 0 for each in decisions), strict=bool(decisions)))
    return session.execute(
        update(operation)
        .where(
            scope.of(operation),
            operation.c.id.in_(operation_ids),
            operation.c.state == "planned",
            or_(operation.c.send_id.is_(None), operation.c.send_id == send_id),
            *([tuple_(operation.c.id, func.coalesce(operation.c.decision_id, 0)).in_(believed)] if believed else []),
        )
        .values(state="sending", send_id=send_id, sent_at=sent_at, look_at=look_at, looks=0, not_before=None)
    ).rowcount


def settle(
    scope: TenantScope,
    session: Session,
    operation_id: int,
    state: State,
    *,
    was: State,
    at: datetime,
    reason: Reason | None = None,
    **values: Any,
) -> bool:
    """Move one operation by compare-and-swap; says whether it was still where the caller believed. `values` are other
    columns that change with it (attempts, not_before, look_at, looks, send_id, alone)."""
    form = None if reason is None else reason.form
    return _move(scope, session, [operation_id], state, (was,), at=at, reason=form, **values) == 1


def finish(scope: TenantScope, session: Session, operation_ids: Sequence[int], *, was: State, at: datetime) -> int:
    """Move operations to done in one statement; says how many moved."""
    return _move(scope, session, operation_ids, "done", (was,), at=at, reason=None)


def postpone(
    scope: TenantScope,
    session: Session,
    operation_ids: Sequence[int],
    *,
    not_before: datetime,
    attempts: int,
    reason: Reason,
    send_id: None = None,
) -> None:
    """Let planned operations wait: they stay planned."""
    session.execute(
        update(operation)
        .where(scope.of(operation), operation.c.id.in_(operation_ids), operation.c.state == "planned")
        .values(not_before=not_before, attempts=attempts, reason=reason.form, send_id=send_id)
    )


def look_later(scope: TenantScope, session: Session, operation_id: int, *, look_at: datetime, looks: int) -> None:
    """An unknown operation was looked for and not found yet."""
    session.execute(
        update(operation)
        .where(scope.of(operation), operation.c.id == operation_id, operation.c.state == "unknown")
        .values(look_at=look_at, looks=looks)
    )


def lost(scope: TenantScope, session: Session, send_id: int, *, look_at: datetime) -> int:
    """The poster that had these on their way is gone: sending -> unknown; says how many."""
    _assert_allowed("sending", "unknown")
    return session.execute(
        update(operation)
        .where(scope.of(operation), operation.c.send_id == send_id, operation.c.state == "sending")
        .values(state="unknown", look_at=look_at, looks=0)
    ).rowcount


def part(scope: TenantScope, session: Session, send_id: int) -> int:
    """A batch was refused as a whole: its operations are planned again, each to go alone; says how many."""
    _assert_allowed("sending", "planned")
    return session.execute(
        update(operation)
        .where(scope.of(operation), operation.c.send_id == send_id, operation.c.state == "sending")
        .values(state="planned", send_id=None, alone=True)
    ).rowcount


def _assert_allowed(before: State, after: State) -> None:
    if after not in TRANSITIONS[before]:
        raise ForbiddenTransition(f"an operation may not go from {before} to {after}")


def _move(
    scope: TenantScope,
    session: Session,
    operation_ids: Sequence[int],
    state: State,
    was: Sequence[State],
    *,
    at: datetime,
    **values: Any,
) -> int:
    for before in was:
        _assert_allowed(before, state)
    if not operation_ids:
        return 0
    if not TRANSITIONS[state] or state in ("rejected", "held", "dead"):
        values["settled_at"] = at
    return session.execute(
        update(operation)
        .where(scope.of(operation), operation.c.id.in_(operation_ids), operation.c.state.in_(was))
        .values(state=state, **values)
    ).rowcount
