"""Sends as they are stored: request id, frozen bytes and members, committed before the socket is touched. Changes when
what must be known to repeat or to look for a send does. It talks to nobody and settles nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, func, insert, or_, select, update

from connectors.errors import ConnectorError
from connectors.ports import Member
from engine.ids import new_uid
from engine.posting import states
from engine.posting.operations import Action, Operation
from engine.store.engine import Session
from engine.store.scope import TenantScope
from engine.store.tables import attempt, operation, send, send_member

#: *open*: may be on its way; *unknown*: its members are looked for; *repeat*: surely did not happen, the same bytes go
#: again; *answered*, *closed*: over.
SendState = Literal["open", "unknown", "repeat", "answered", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMember:
    """One write of a send. `sync_token` is the one that an update, void or delete was based on."""

    key: str
    operation_id: int
    action: Action
    entity: str
    body: Mapping[str, Any]
    sync_token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """A stored send."""

    id: int
    request_id: str
    frozen: bytes
    state: SendState
    owner: str
    tries: int
    sent_at: datetime
    members: tuple[SentMember, ...]


class Superseded(Exception):
    """An operation of this send is no longer what it was; nothing was stored."""


def store(
    scope: TenantScope,
    session: Session,
    company_id: int,
    *,
    request_id: str,
    frozen: bytes,
    members: Sequence[tuple[Operation, Member, str | None]],
    owner: str,
    at: datetime,
    look_at: datetime,
) -> Send:
    """Store a send and claim its operations (planned -> sending), all or nothing: raises Superseded if one of them is
    no longer planned. `members`: operation, what is sent, the sync token it was based on."""
    id_: int = session.execute(
        insert(send)
        .values(
            tenant_id=scope.tenant_id,
            uid=new_uid(),
            company_id=company_id,
            request_id=request_id,
            frozen=frozen,
            body_hash=hashlib.sha256(frozen).hexdigest(),
            state="open",
            owner=owner,
            tries=1,
            created_at=at,
            sent_at=at,
        )
        .returning(send.c.id)
    ).scalar_one()
    session.execute(
        insert(send_member),
        [
            {
                "tenant_id": scope.tenant_id,
                "send_id": id_,
                "member_key": member.key,
                "operation_id": item.id,
                "action": member.action,
                "entity": member.entity,
                "body": member.body,
                "sync_token": token,
            }
            for item, member, token in members
        ],
    )
    ids = [item.id for item, _, _ in members]
    carried = [item.decision_id for item, _, _ in members]
    if states.claim(scope, session, ids, id_, sent_at=at, look_at=look_at, decisions=carried) != len(ids):
        raise Superseded
    return Send(
        id=id_,
        request_id=request_id,
        frozen=frozen,
        state="open",
        owner=owner,
        tries=1,
        sent_at=at,
        members=tuple(
            SentMember(
                key=member.key,
                operation_id=item.id,
                action=member.action,
                entity=member.entity,
                body=member.body,
                sync_token=token,
            )
            for item, member, token in members
        ),
    )


def repeat(
    scope: TenantScope, session: Session, company_id: int, again: Send, *, owner: str, at: datetime, look_at: datetime
) -> Send:
    """Claim a send that surely did not happen, to let the same bytes out again. Raises Superseded if one of its
    operations is no longer planned."""
    taken = session.execute(
        update(send)
        .where(scope.of(send), send.c.id == again.id, send.c.state == "repeat")
        .values(state="open", owner=owner, sent_at=at, tries=send.c.tries + 1, not_before=None)
    ).rowcount
    ids = [member.operation_id for member in again.members]
    if not taken or states.claim(scope, session, ids, again.id, sent_at=at, look_at=look_at) != len(ids):
        raise Superseded
    return Send(
        id=again.id,
        request_id=again.request_id,
        frozen=again.frozen,
        state="open",
        owner=owner,
        tries=again.tries + 1,
        sent_at=at,
        members=again.members,
    )


def dissolve(scope: TenantScope, session: Session, send_id: int) -> None:
    """A send that may not be repeated byte for byte: its operations that are still planned go into new ones."""
    session.execute(
        update(operation)
        .where(scope.of(operation), operation.c.send_id == send_id, operation.c.state == "planned")
        .values(send_id=None)
    )
    close(scope, session, send_id, "closed")


def close(
    scope: TenantScope,
    session: Session,
    send_id: int,
    state: SendState,
    *,
    at: datetime | None = None,
    not_before: datetime | None = None,
) -> None:
    """Say how a send stands."""
    values: dict[str, Any] = {"state": state, "not_before": not_before}
    if at is not None:
        values["answered_at"] = at
    session.execute(update(send).where(scope.of(send), send.c.id == send_id).values(values))


def in_state(
    scope: TenantScope,
    session: Session,
    company_id: int,
    state: SendState,
    *,
    due: datetime | None = None,
    limit: int = 100,
) -> list[Send]:
    """Sends in a state, oldest first; with `due` only those that may go now."""
    where = [scope.of(send), send.c.company_id == company_id, send.c.state == state]
    if due is not None:
        where.append(or_(send.c.not_before.is_(None), send.c.not_before <= due))
    rows = session.execute(select(send).where(*where).order_by(send.c.id).limit(limit)).all()
    return _with_members(scope, session, rows)


def by_ids(scope: TenantScope, session: Session, send_ids: Sequence[int]) -> dict[int, Send]:
    """Sends by id."""
    rows = session.execute(select(send).where(scope.of(send), send.c.id.in_(send_ids))).all()
    return {item.id: item for item in _with_members(scope, session, rows)}


def next_due(scope: TenantScope, session: Session, company_id: int) -> datetime | None:
    """When the next send may be repeated; missing where none waits for its time."""
    found: datetime | None = session.execute(
        select(func.min(send.c.not_before)).where(
            scope.of(send), send.c.company_id == company_id, send.c.state == "repeat"
        )
    ).scalar_one()
    return found


def note(
    scope: TenantScope,
    session: Session,
    operation_ids: Sequence[int],
    error: ConnectorError,
    outcome: str,
    *,
    send_id: int | None,
    at: datetime,
) -> None:
    """Keep what went wrong with an attempt, for the page and for support."""
    if operation_ids:
        session.execute(
            insert(attempt),
            [
                {
                    "tenant_id": scope.tenant_id,
                    "operation_id": operation_id,
                    "send_id": send_id,
                    "at": at,
                    "outcome": outcome,
                    "code": error.code,
                    "message": error.message[:2000],
                    "next_step": error.next_step[:1000],
                    "status": error.status,
                    "remote_code": error.remote_code,
                    "trace_id": error.trace_id,
                    "excerpt": error.excerpt[:1000],
                }
                for operation_id in operation_ids
            ],
        )


def forget_bodies(scope: TenantScope, session: Session, *, before: datetime) -> int:
    """Drop the frozen bytes and bodies of sends that were over before that moment (personal data); says how many."""
    over = (
        select(send.c.id)
        .where(scope.of(send), send.c.state.in_(("answered", "closed")), send.c.created_at < before)
        .where(send.c.frozen.is_not(None))
    )
    ids = list(session.execute(over.limit(5000)).scalars())
    if ids:
        session.execute(
            update(send_member).where(scope.of(send_member), send_member.c.send_id.in_(ids)).values(body=None)
        )
        session.execute(update(send).where(scope.of(send), send.c.id.in_(ids)).values(frozen=None))
    return len(ids)


def _with_members(scope: TenantScope, session: Session, rows: Sequence[Row[Any]]) -> list[Send]:
    members: dict[int, list[SentMember]] = {row.id: [] for row in rows}
    if rows:
        for row in session.execute(
            select(send_member)
            .where(scope.of(send_member), send_member.c.send_id.in_(members))
            .order_by(send_member.c.id)
        ):
            members[row.send_id].append(
                SentMember(
                    key=row.member_key,
                    operation_id=row.operation_id,
                    action=row.action,
                    entity=row.entity,
                    body=row.body or {},
                    sync_token=row.sync_token,
                )
            )
    return [
        Send(
            id=row.id,
            request_id=row.request_id,
            frozen=row.frozen or b"",
            state=row.state,
            owner=row.owner,
            tries=row.tries,
            sent_at=row.sent_at,
            members=tuple(members[row.id]),
        )
        for row in rows
    ]
