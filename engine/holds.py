"""What waits for a person, and what a person let pass: changes when holding or releasing does. It decides nothing.

A release waives one rule (by its title) for one record until the record's content changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from engine.ids import new_uid
from engine.keys import RecordKey
from engine.posting import planning, reading, states
from engine.store.engine import Session
from engine.store.keyed import are_records, chunks, is_record, key_of
from engine.store.scope import TenantScope
from engine.store.tables import hold, release


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldToPlace:
    """A reason to wait. `title` is the rule's title, or the code again where no rule holds; `slot` where only one slot
    of the record waits; `operation_id` the operation that a release lets out or makes anew."""

    key: RecordKey
    code: str
    title: str
    reason: str
    next_step: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    slot: str = ""
    operation_id: int | None = None
    content_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold as it stands."""

    id: int
    uid: str
    company_id: int
    key: RecordKey
    slot: str
    code: str
    title: str
    reason: str
    next_step: str
    values: Mapping[str, Any]
    operation_id: int | None
    content_hash: str | None
    state: Literal["held", "released", "settled"]
    held_since: datetime


def place_many(
    scope: TenantScope, session: Session, company_id: int, wanted: Sequence[HoldToPlace], *, at: datetime
) -> list[int]:
    """Hold records. One that is held for the same reason already keeps its moment; its words are renewed."""
    known = {
        (key_of(row), row.slot, row.title): row
        for row in _open_rows(scope, session, company_id, {item.key for item in wanted})
    }
    ids: dict[tuple[RecordKey, str, str], int] = {}
    fresh: dict[tuple[RecordKey, str, str], HoldToPlace] = {}
    for item in wanted:
        place = (item.key, item.slot, item.title)
        row = known.get(place)
        if row is None:
            fresh[place] = item
            continue
        ids[place] = row.id
        session.execute(
            update(hold)
            .where(scope.of(hold), hold.c.id == row.id)
            .values(
                code=item.code,
                reason=item.reason,
                next_step=item.next_step,
                values=dict(item.values),
                operation_id=item.operation_id,
                content_hash=item.content_hash,
            )
        )
    if fresh:
        made = session.execute(
            insert(hold).returning(hold.c.id, sort_by_parameter_order=True),
            [
                {
                    "tenant_id": scope.tenant_id,
                    "uid": new_uid(),
                    "company_id": company_id,
                    "store": item.key.store,
                    "kind": item.key.kind,
                    "source_id": item.key.source_id,
                    "slot": item.slot,
                    "code": item.code,
                    "title": item.title,
                    "reason": item.reason,
                    "next_step": item.next_step,
                    "values": dict(item.values),
                    "operation_id": item.operation_id,
                    "content_hash": item.content_hash,
                    "state": "held",
                    "held_since": at,
                }
                for item in fresh.values()
            ],
        ).scalars()
        ids.update(zip(fresh, made, strict=True))
    return [ids[item.key, item.slot, item.title] for item in wanted]


def settle(scope: TenantScope, session: Session, hold_ids: Sequence[int], *, at: datetime) -> int:
    """End these holds, which are no longer true; says how many were open."""
    return _end(scope, session, hold.c.id.in_(hold_ids), at=at)


def settle_operations(scope: TenantScope, session: Session, operation_ids: Sequence[int], *, at: datetime) -> int:
    """End the holds that waited for these operations; says how many."""
    return _end(scope, session, hold.c.operation_id.in_(operation_ids), at=at)


def _end(scope: TenantScope, session: Session, which: ColumnElement[bool], *, at: datetime) -> int:
    return session.execute(
        update(hold).where(scope.of(hold), hold.c.state == "held", which).values(state="settled", ended_at=at)
    ).rowcount


def held(scope: TenantScope, session: Session, *, company_id: int | None = None, limit: int = 1000) -> list[Hold]:
    """What waits, the longest first."""
    where = [scope.of(hold), hold.c.state == "held"]
    if company_id is not None:
        where.append(hold.c.company_id == company_id)
    rows = session.execute(select(hold).where(*where).order_by(hold.c.held_since, hold.c.id).limit(limit))
    return [_hold(row) for row in rows]


def of_records(
    scope: TenantScope, session: Session, company_id: int, keys: Iterable[RecordKey]
) -> dict[RecordKey, list[Hold]]:
    """The open holds of these records; keys without any are absent. `held_since` is an input of the rules."""
    found: dict[RecordKey, list[Hold]] = {}
    for row in _open_rows(scope, session, company_id, set(keys)):
        item = _hold(row)
        found.setdefault(item.key, []).append(item)
    return found


def releases(
    scope: TenantScope, session: Session, company_id: int, keys: Iterable[RecordKey]
) -> dict[RecordKey, dict[str, str]]:
    """What people let pass, by record: title -> content hash of the record at that time. A release counts only while
    the record has that hash."""
    found: dict[RecordKey, dict[str, str]] = {}
    for some in chunks(keys):
        rows = session.execute(
            select(release).where(scope.of(release), release.c.company_id == company_id, are_records(release, some))
        )
        for row in rows:
            found.setdefault(key_of(row), {})[row.title] = row.content_hash
    return found


def let_pass(
    scope: TenantScope, session: Session, hold_id: int, *, by: str, at: datetime, adopt: bool = False
) -> int | None:
    """A person releases a hold: the rule is waived for this content of the record, and the operation that waited goes
    out (or is made anew, where it was refused). Returns the operation's id, if there is one. Raises LookupError for a
    hold that is not open."""
    row = session.execute(
        select(hold).where(scope.of(hold), hold.c.id == hold_id, hold.c.state == "held")
    ).one_or_none()
    if row is None:
        raise LookupError(f"no open hold {hold_id}")
    item = _hold(row)
    session.execute(
        update(hold).where(scope.of(hold), hold.c.id == hold_id).values(state="released", ended_at=at, ended_by=by)
    )
    if item.content_hash is not None:
        session.execute(
            delete(release).where(
                scope.of(release),
                release.c.company_id == item.company_id,
                is_record(release, item.key),
                release.c.title == item.title,
            )
        )
        session.execute(
            insert(release).values(
                tenant_id=scope.tenant_id,
                company_id=item.company_id,
                store=item.key.store,
                kind=item.key.kind,
                source_id=item.key.source_id,
                title=item.title,
                content_hash=item.content_hash,
                by=by,
                at=at,
            )
        )
    if item.operation_id is None:
        return None
    # Whatever needs it waits no more for a person; should it wait again, that is said again.
    settle_operations(scope, session, [item.operation_id], at=at)
    waiting = reading.get(scope, session, item.operation_id)
    goes_out: int | None = None
    if waiting.state == "held" and not adopt:
        states.let_out(scope, session, [waiting.id], at=at)
        goes_out = waiting.id
    elif waiting.state == "planned" and waiting.not_before is not None and waiting.reason is not None:
        # It would try again by itself, later: a person says that it may at once.
        states.postpone(scope, session, [waiting.id], not_before=at, attempts=waiting.attempts, reason=waiting.reason)
        goes_out = waiting.id
    elif waiting.state in ("held", "rejected", "dead"):
        goes_out = planning.again(scope, session, waiting.id, at=at, adopt=adopt or None)
    if goes_out is not None:
        planning.hurry(scope, session, [goes_out])
    return goes_out


def _open_rows(scope: TenantScope, session: Session, company_id: int, keys: Iterable[RecordKey]) -> Iterable[Row[Any]]:
    for some in chunks(keys):
        yield from session.execute(
            select(hold).where(
                scope.of(hold), hold.c.company_id == company_id, hold.c.state == "held", are_records(hold, some)
            )
        ).all()


def _hold(row: Row[Any]) -> Hold:
    return Hold(
        id=row.id,
        uid=row.uid,
        company_id=row.company_id,
        key=key_of(row),
        slot=row.slot,
        code=row.code,
        title=row.title,
        reason=row.reason,
        next_step=row.next_step,
        values=row._mapping["values"],
        operation_id=row.operation_id,
        content_hash=row.content_hash,
        state=row.state,
        held_since=row.held_since,
    )


def released_titles(scope: TenantScope, session: Session, operation_id: int) -> frozenset[str]:
    """The reasons for which an operation waited and that a person has let pass."""
    return frozenset(
        session.execute(
            select(hold.c.title).where(scope.of(hold), hold.c.operation_id == operation_id, hold.c.state == "released")
        ).scalars()
    )
