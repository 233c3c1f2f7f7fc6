"""Operations as they stand in the store, for whoever judges, settles or shows them: changes when somebody asks another
question. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, select

from engine.keys import RecordKey
from engine.posting.operations import IN_FLIGHT, Action, Operation, Reason, State
from engine.store.engine import Session
from engine.store.keyed import are_records, chunks, is_record, key_of
from engine.store.scope import TenantScope
from engine.store.tables import OPEN_STATES, decision, flow, operation, operation_need


def get(scope: TenantScope, session: Session, operation_id: int) -> Operation:
    """One operation. Raises LookupError."""
    found = load(scope, session, [operation_id])
    if not found:
        raise LookupError(f"no operation {operation_id}")
    return found[0]


def load(scope: TenantScope, session: Session, operation_ids: Sequence[int]) -> list[Operation]:
    """Operations by id, in the order of the ids."""
    rows = session.execute(select(operation).where(scope.of(operation), operation.c.id.in_(operation_ids)))
    found = {row.id: operation_of(row) for row in rows}
    return [found[id_] for id_ in operation_ids if id_ in found]


def in_states(
    scope: TenantScope,
    session: Session,
    company_id: int,
    states: Sequence[State],
    *,
    due: datetime | None = None,
    limit: int = 1000,
) -> list[Operation]:
    """Operations in these states, oldest first; with `due`, only those whose next look is due."""
    where = [scope.of(operation), operation.c.company_id == company_id, operation.c.state.in_(states)]
    if due is not None:
        where.append(operation.c.look_at <= due)
    rows = session.execute(select(operation).where(*where).order_by(operation.c.id).limit(limit))
    return [operation_of(row) for row in rows]


def of_record(scope: TenantScope, session: Session, company_id: int, key: RecordKey) -> list[Operation]:
    """All operations of a record, oldest first."""
    rows = session.execute(
        select(operation)
        .where(
            scope.of(operation),
            operation.c.company_id == company_id,
            is_record(operation, key),
        )
        .order_by(operation.c.id)
    )
    return [operation_of(row) for row in rows]


def counts(scope: TenantScope, session: Session, company_id: int) -> dict[str, int]:
    """How many operations stand in each state."""
    rows = session.execute(
        select(operation.c.state, func.count().label("number"))
        .where(scope.of(operation), operation.c.company_id == company_id)
        .group_by(operation.c.state)
    )
    return {row.state: row.number for row in rows}


def dependants(scope: TenantScope, session: Session, operation_ids: Sequence[int]) -> list[Operation]:
    """The open operations that need these."""
    rows = session.execute(
        select(operation)
        .join_from(
            operation,
            operation_need,
            and_(
                operation_need.c.tenant_id == operation.c.tenant_id,
                operation_need.c.operation_id == operation.c.id,
            ),
        )
        .where(scope.of(operation), operation_need.c.needs_id.in_(operation_ids), operation.c.state.in_(OPEN_STATES))
        .order_by(operation.c.id)
    )
    return [operation_of(row) for row in rows]


def replaced_by(scope: TenantScope, session: Session, operation_id: int) -> list[int]:
    """The operation and all that it came to stand for, newest first."""
    chain: list[int] = []
    following: int | None = operation_id
    while following is not None and following not in chain:
        chain.append(following)
        following = session.execute(
            select(operation.c.replaces_id).where(scope.of(operation), operation.c.id == following)
        ).scalar_one_or_none()
    return chain


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneOut:
    """An operation that is on its way or done: what it may have changed in the books, nobody may plan as if it had not."""

    id: int
    slot: str
    action: Action
    state: State
    version_id: int | None

    @property
    def in_flight(self) -> bool:
        """Whether it is being sent, or its fate is unknown."""
        return self.state in IN_FLIGHT


def gone_out(
    scope: TenantScope, session: Session, company_id: int, keys: Iterable[RecordKey]
) -> dict[RecordKey, frozenset[GoneOut]]:
    """By record: its operations that are on their way or done. Who judged a record and finds another answer when he
    writes has judged what is no longer so. Records without any are absent."""
    found: dict[RecordKey, set[GoneOut]] = {}
    for some in chunks(keys):
        rows = session.execute(
            select(
                operation.c.id,
                operation.c.slot,
                operation.c.action,
                operation.c.state,
                operation.c.ruleset_version_id,
                operation.c.store,
                operation.c.kind,
                operation.c.source_id,
            ).where(
                scope.of(operation),
                operation.c.company_id == company_id,
                operation.c.state.in_(("done", *IN_FLIGHT)),
                are_records(operation, some),
            )
        )
        for row in rows:
            found.setdefault(key_of(row), set()).add(
                GoneOut(
                    id=row.id,
                    slot=row.slot,
                    action=row.action,
                    state=row.state,
                    version_id=row.ruleset_version_id,
                )
            )
    return {key: frozenset(operations) for key, operations in found.items()}


def first_flows(
    scope: TenantScope, session: Session, company_id: int, keys: Iterable[RecordKey]
) -> dict[RecordKey, str]:
    """By record: the title of the flow that first put something of it into the books, or is just doing so. Records of
    which nothing is there are absent."""
    found: dict[RecordKey, str] = {}
    for some in chunks(keys):
        rows = session.execute(
            select(operation.c.store, operation.c.kind, operation.c.source_id, flow.c.name)
            .join_from(
                operation,
                decision,
                and_(decision.c.tenant_id == operation.c.tenant_id, decision.c.id == operation.c.decision_id),
            )
            .join(flow, and_(flow.c.tenant_id == decision.c.tenant_id, flow.c.id == decision.c.flow_id))
            .where(
                scope.of(operation),
                operation.c.company_id == company_id,
                operation.c.state.in_(("done", *IN_FLIGHT)),
                operation.c.action == "create",
                are_records(operation, some),
            )
            .order_by(operation.c.id.desc())
        )
        found.update({key_of(row): row.name for row in rows})
    return found


def operation_of(row: Row[Any]) -> Operation:
    """The operation that a row of its table is."""
    return Operation(
        id=row.id,
        uid=row.uid,
        company_id=row.company_id,
        key=key_of(row),
        slot=row.slot,
        action=row.action,
        wave=row.wave,
        priority=row.priority,
        document_form=row.document,
        document_hash=row.document_hash,
        adopt=row.adopt,
        alone=row.alone,
        state=row.state,
        reason=None if row.reason is None else Reason(**row.reason),
        attempts=row.attempts,
        not_before=row.not_before,
        send_id=row.send_id,
        sent_at=row.sent_at,
        look_at=row.look_at,
        looks=row.looks,
        replaces_id=row.replaces_id,
        version_id=row.ruleset_version_id,
        decision_id=row.decision_id,
        remarks=tuple(row.remarks),
        created_at=row.created_at,
        settled_at=row.settled_at,
    )
