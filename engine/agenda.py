"""When each flow looks at a record again: to run its rules over it, or to read it from the shop. Changes when what a flow has
to come back to does. It judges nothing.

Each flow has its own moments, so that what one of them has done with a record is never taken for done by another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, literal, null, or_, select, update

from engine.keys import RecordKey
from engine.store.engine import Session, insert_or_update
from engine.store.keyed import are_records, chunks, key_of, same_record
from engine.store.scope import TenantScope
from engine.store.tables import agenda, connection, flow, ledger, source_record
from engine.store.types import Moment

#: A record is its shop's, whichever connection brought it.
_SHOP = (connection.c.tenant_id == source_record.c.tenant_id) & (connection.c.identity == source_record.c.store)


@dataclass(frozen=True, slots=True)
class Moments:
    """When a flow comes back to a record: `decide` to judge it (it changed, a hold falls due, a person released it), `read`
    to read it from the shop, whatever the shop says of changes. Missing: not before something happens."""

    decide: datetime | None = None
    read: datetime | None = None


def decide_again(scope: TenantScope, session: Session, keys: Iterable[RecordKey], at: datetime) -> None:
    """Every flow that reads the shop of these records judges them at that moment."""
    for some in chunks(keys):
        _mark(scope, session, at, are_records(source_record, some))


def decide_all(scope: TenantScope, session: Session, flow_id: int, *, at: datetime) -> None:
    """A flow judges every record of its shop: it is new there."""
    _mark(scope, session, at, flow.c.id == flow_id)


def decide_what_does_not_stand(scope: TenantScope, session: Session, flow_id: int, *, at: datetime) -> None:
    """A flow judges every record of its shop that has nothing standing in its company's books: its rules or their settings
    changed, so what was skipped, held or failed may come out differently."""
    stands = exists(
        select(literal(1)).where(ledger.c.company_id == flow.c.company_id, same_record(ledger, source_record))
    )
    _mark(scope, session, at, flow.c.id == flow_id, ~stands)


def _mark(scope: TenantScope, session: Session, at: datetime, *which: ColumnElement[bool]) -> None:
    rows: Select[tuple[int, int, int, datetime, datetime | None]] = (
        select(
            source_record.c.tenant_id,
            flow.c.id,
            source_record.c.id,
            literal(at, Moment()).label("decide_at"),
            null().label("read_at"),
        )
        .join_from(source_record, connection, _SHOP)
        .join(flow, (flow.c.tenant_id == connection.c.tenant_id) & (flow.c.connection_id == connection.c.id))
        .where(scope.of(source_record), flow.c.active, *which)
    )
    statement = insert_or_update(session, agenda)
    session.execute(
        statement.from_select(["tenant_id", "flow_id", "source_record_id", "decide_at", "read_at"], rows)
        .on_conflict_do_update(
            index_elements=["tenant_id", "flow_id", "source_record_id"],
            set_={"decide_at": statement.excluded.decide_at},
        )
    )  # fmt: skip


def note(scope: TenantScope, session: Session, flow_id: int, moments: Mapping[int, Moments], *, at: datetime) -> None:
    """When a flow comes back to the records that it has just judged as they were at that moment, by the id of their rows.
    What was to be judged since then stays so: it changed meanwhile."""
    judged = or_(agenda.c.decide_at.is_(None), agenda.c.decide_at <= at)
    done = [id_ for id_, each in moments.items() if each == Moments()]
    if done:
        session.execute(
            delete(agenda).where(
                scope.of(agenda), agenda.c.flow_id == flow_id, agenda.c.source_record_id.in_(done), judged
            )
        )
    rows = [
        {
            "tenant_id": scope.tenant_id,
            "flow_id": flow_id,
            "source_record_id": id_,
            "decide_at": each.decide,
            "read_at": each.read,
        }
        for id_, each in moments.items()
        if each != Moments()
    ]
    if rows:
        statement = insert_or_update(session, agenda)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["tenant_id", "flow_id", "source_record_id"],
                set_={"decide_at": statement.excluded.decide_at, "read_at": statement.excluded.read_at},
                where=judged,
            ),
            rows,
        )


def to_decide(
    scope: TenantScope,
    session: Session,
    flow_id: int,
    kind: str,
    *,
    now: datetime,
    limit: int = 200,
    after: int = 0,
    only: str | None = None,
) -> list[tuple[int, RecordKey]]:
    """(id, key) of records that a flow is to judge now, the oldest of our acquaintance first, beginning behind the id
    `after`. `only`: of that number or id."""
    where = [agenda.c.decide_at <= now, source_record.c.kind == kind, source_record.c.id > after]
    if only is not None:
        where.append((source_record.c.number == only) | (source_record.c.source_id == only))
    rows = session.execute(_records_of(scope, flow_id).where(*where).order_by(source_record.c.id).limit(limit))
    return [(row.id, key_of(row)) for row in rows]


def to_read(scope: TenantScope, session: Session, flow_id: int, *, now: datetime, limit: int = 1000) -> list[RecordKey]:
    """Records that a flow is to read again from the shop now, the longest due first."""
    rows = session.execute(
        _records_of(scope, flow_id).where(agenda.c.read_at <= now).order_by(agenda.c.read_at).limit(limit)
    )
    return [key_of(row) for row in rows]


def _records_of(scope: TenantScope, flow_id: int) -> Select[tuple[int, str, str, str]]:
    return (
        select(source_record.c.id, source_record.c.store, source_record.c.kind, source_record.c.source_id)
        .join_from(
            agenda,
            source_record,
            (source_record.c.tenant_id == agenda.c.tenant_id) & (source_record.c.id == agenda.c.source_record_id),
        )
        .where(scope.of(agenda), agenda.c.flow_id == flow_id)
    )


def were_read(scope: TenantScope, session: Session, keys: Sequence[RecordKey], *, until: datetime) -> None:
    """These records are read from the shop just now: no flow that comes back to them does so before that moment."""
    for some in chunks(keys):
        ids = select(source_record.c.id).where(scope.of(source_record), are_records(source_record, some))
        session.execute(
            update(agenda)
            .where(scope.of(agenda), agenda.c.source_record_id.in_(ids), agenda.c.read_at < until)
            .values(read_at=until)
        )


def forget(scope: TenantScope, session: Session, flow_ids: Collection[int]) -> None:
    """Flows that are no more come back to nothing."""
    session.execute(delete(agenda).where(scope.of(agenda), agenda.c.flow_id.in_(flow_ids)))
