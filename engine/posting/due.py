"""What a company's posters have to do next, and when: changes when another thing makes an operation wait. It only reads;
who claims what is due decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select

from engine.posting import sends
from engine.posting.operations import Operation
from engine.posting.reading import operation_of
from engine.store.engine import Session
from engine.store.scope import TenantScope
from engine.store.tables import company, operation, operation_need, send


def companies_due(session: Session, *, now: datetime) -> list[tuple[int, int]]:
    """(tenant, company) of all companies, of all tenants, that have something to be sent or looked for now, may be
    talked to, and have no poster that is alive."""
    send_again = exists(
        select(literal(1)).where(
            send.c.tenant_id == company.c.tenant_id,
            send.c.company_id == company.c.id,
            send.c.state == "repeat",
            or_(send.c.not_before.is_(None), send.c.not_before <= now),
        )
    )
    work = exists(
        select(literal(1)).where(
            operation.c.tenant_id == company.c.tenant_id,
            operation.c.company_id == company.c.id,
            or_(
                operation.c.state == "sending",
                and_(operation.c.state == "unknown", operation.c.look_at <= now),
                and_(
                    operation.c.state == "planned",
                    operation.c.send_id.is_(None),
                    or_(operation.c.not_before.is_(None), operation.c.not_before <= now),
                    ~_blocked(),
                ),
            ),
        )
    )
    rows = session.execute(
        select(company.c.tenant_id, company.c.id)
        .where(
            company.c.state == "active",
            or_(company.c.not_before.is_(None), company.c.not_before <= now),
            or_(company.c.lease_until.is_(None), company.c.lease_until <= now),
            or_(company.c.post_not_before.is_(None), company.c.post_not_before <= now),
            or_(send_again, work),
        )
        .order_by(company.c.id)
        .execution_options(cross_tenant=True)
    )
    return [(row.tenant_id, row.id) for row in rows]


def sendable(scope: TenantScope, session: Session, company_id: int, *, now: datetime, limit: int) -> list[Operation]:
    """The next operations that may go out: planned, due, nothing they need still open, of one priority and one wave.
    They are only read here; `claim` decides."""
    rows = session.execute(
        select(operation)
        .where(
            scope.of(operation),
            operation.c.company_id == company_id,
            operation.c.state == "planned",
            operation.c.send_id.is_(None),
            or_(operation.c.not_before.is_(None), operation.c.not_before <= now),
            ~_blocked(),
        )
        .order_by(operation.c.priority, operation.c.wave, operation.c.id)
        .limit(limit)
    )
    found = [operation_of(row) for row in rows]
    if not found:
        return []
    first = found[0]
    if first.alone:
        return [first]
    return [item for item in found if item.priority == first.priority and item.wave == first.wave and not item.alone]


@dataclass(frozen=True, slots=True)
class Waits:
    """What makes a whole company wait. `not_before`: for everything; `post_not_before`: for sends."""

    state: str
    state_reason: str | None
    not_before: datetime | None
    not_before_reason: str | None
    post_not_before: datetime | None


def waits(scope: TenantScope, session: Session, company_id: int) -> Waits:
    """How a company stands. Raises NoResultFound."""
    row = session.execute(
        select(
            company.c.state,
            company.c.state_reason,
            company.c.not_before,
            company.c.not_before_reason,
            company.c.post_not_before,
        ).where(scope.of(company), company.c.id == company_id)
    ).one()
    return Waits(*row)


def next_at(scope: TenantScope, session: Session, company_id: int, *, now: datetime) -> datetime | None:
    """When a company has something to be done again; missing where nothing waits for its time."""
    row = waits(scope, session, company_id)
    if row.state != "active":
        return None
    looks = _next_look(scope, session, company_id)
    sending = [_next_planned(scope, session, company_id, now=now), sends.next_due(scope, session, company_id)]
    moments = [moment for moment in sending if moment is not None]
    soonest = [max(min(moments), row.post_not_before or now)] if moments else []
    soonest += [looks] if looks is not None else []
    return max(min(soonest), row.not_before or now) if soonest else None


def _next_look(scope: TenantScope, session: Session, company_id: int) -> datetime | None:
    """When something unknown is next looked for; missing where nothing is unknown."""
    found: datetime | None = session.execute(
        select(func.min(operation.c.look_at)).where(
            scope.of(operation), operation.c.company_id == company_id, operation.c.state == "unknown"
        )
    ).scalar_one()
    return found


def _next_planned(scope: TenantScope, session: Session, company_id: int, *, now: datetime) -> datetime | None:
    """When an operation may next go out, `now` if at once; missing where none may (what needs another waits for it)."""
    found: datetime | None = session.execute(
        select(func.min(func.coalesce(operation.c.not_before, literal(now, operation.c.not_before.type)))).where(
            scope.of(operation),
            operation.c.company_id == company_id,
            operation.c.state == "planned",
            operation.c.send_id.is_(None),
            ~_blocked(),
        )
    ).scalar_one()
    return None if found is None else max(found, now)


def _blocked() -> ColumnElement[bool]:
    """That an operation needs one that is not done."""
    needed = operation.alias("needed")
    return exists(
        select(literal(1))
        .select_from(operation_need)
        .join(
            needed,
            and_(needed.c.tenant_id == operation_need.c.tenant_id, needed.c.id == operation_need.c.needs_id),
        )
        .where(
            operation_need.c.tenant_id == operation.c.tenant_id,
            operation_need.c.operation_id == operation.c.id,
            needed.c.state != "done",
        )
    )
