"""What the rules decided for a record, each time it came out differently, with the whole trace that explains it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, insert, select, update

from engine.ids import new_uid
from engine.keys import RecordKey
from engine.store.engine import Session
from engine.store.keyed import are_records, is_record, key_of
from engine.store.scope import TenantScope
from engine.store.tables import decision
from engine.store.types import to_json

Outcome = Literal["sync", "skip", "hold", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionToSave:
    """A decision as the pipeline hands it over. `trace` is plain data (what fired, values before and after, what did
    not fire and why); `version_id` the rule-set version that decided."""

    key: RecordKey
    record_version: int
    outcome: Outcome
    reason: str | None = None
    trace: Mapping[str, Any]
    version_id: int | None = None
    flow_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDecision:
    """A decision read back. `trace` is missing once it is purged."""

    id: int
    uid: str
    key: RecordKey
    number: int
    record_version: int
    outcome: Outcome
    reason: str | None
    trace: Mapping[str, Any] | None
    version_id: int | None
    at: datetime


def save_many(
    scope: TenantScope, session: Session, company_id: int, decided: Sequence[DecisionToSave], *, at: datetime
) -> dict[RecordKey, tuple[int, bool]]:
    """(id, whether it is new) by key. A decision equal to the last one of its record is not stored again."""
    texts = {item.key: to_json(dict(item.trace)) for item in decided}
    hashes = {item.key: _hash(item, texts[item.key]) for item in decided}
    latest = (
        select(decision.c.store, decision.c.kind, decision.c.source_id, func.max(decision.c.number).label("number"))
        .where(
            scope.of(decision),
            decision.c.company_id == company_id,
            are_records(decision, [item.key for item in decided]),
        )
        .group_by(decision.c.store, decision.c.kind, decision.c.source_id)
        .subquery()
    )
    known = {
        key_of(row): row
        for row in session.execute(
            select(
                decision.c.id,
                decision.c.store,
                decision.c.kind,
                decision.c.source_id,
                decision.c.number,
                decision.c.hash,
            )
            .join_from(
                decision,
                latest,
                (decision.c.store == latest.c.store)
                & (decision.c.kind == latest.c.kind)
                & (decision.c.source_id == latest.c.source_id)
                & (decision.c.number == latest.c.number),
            )
            .where(scope.of(decision), decision.c.company_id == company_id)
        )
    }
    result: dict[RecordKey, tuple[int, bool]] = {}
    fresh = []
    for item in {item.key: item for item in decided}.values():
        row = known.get(item.key)
        if row is not None and row.hash == hashes[item.key]:
            result[item.key] = (row.id, False)
        else:
            fresh.append(item)
    if fresh:
        ids = session.execute(
            insert(decision).returning(decision.c.id, sort_by_parameter_order=True),
            [
                {
                    "tenant_id": scope.tenant_id,
                    "uid": new_uid(),
                    "store": item.key.store,
                    "kind": item.key.kind,
                    "source_id": item.key.source_id,
                    "company_id": company_id,
                    "flow_id": item.flow_id,
                    "number": known[item.key].number + 1 if item.key in known else 1,
                    "record_version": item.record_version,
                    "ruleset_version_id": item.version_id,
                    "outcome": item.outcome,
                    "reason": item.reason,
                    "hash": hashes[item.key],
                    "trace": dict(item.trace),
                    "at": at,
                }
                for item in fresh
            ],
        ).scalars()
        result.update({item.key: (id_, True) for item, id_ in zip(fresh, ids, strict=True)})
    return result


def flows_of(scope: TenantScope, session: Session, company_id: int, keys: Sequence[RecordKey]) -> dict[RecordKey, int]:
    """The flow that took each record: that of its last decision which did not skip it. Records that nobody took are
    absent."""
    rows = session.execute(
        select(decision.c.store, decision.c.kind, decision.c.source_id, decision.c.flow_id)
        .where(
            scope.of(decision),
            decision.c.company_id == company_id,
            decision.c.outcome != "skip",
            decision.c.flow_id.is_not(None),
            are_records(decision, keys),
        )
        .order_by(decision.c.number)
    )
    return {key_of(row): row.flow_id for row in rows}


def latest(scope: TenantScope, session: Session, company_id: int, key: RecordKey) -> KeptDecision | None:
    """The last decision for a record."""
    row = session.execute(
        select(decision)
        .where(
            scope.of(decision),
            decision.c.company_id == company_id,
            is_record(decision, key),
        )
        .order_by(decision.c.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return KeptDecision(
        id=row.id,
        uid=row.uid,
        key=key,
        number=row.number,
        record_version=row.record_version,
        outcome=row.outcome,
        reason=row.reason,
        trace=row.trace,
        version_id=row.ruleset_version_id,
        at=row.at,
    )


def purge(scope: TenantScope, session: Session, *, before: datetime) -> int:
    """Forget traces older than that (they quote the record); says how many."""
    return session.execute(
        update(decision)
        .where(scope.of(decision), decision.c.at < before, decision.c.trace.is_not(None))
        .values(trace=None)
    ).rowcount


def _hash(item: DecisionToSave, trace: str) -> str:
    head = to_json([item.outcome, item.reason, item.version_id, item.record_version])
    return hashlib.sha256(f"{head}\n{trace}".encode()).hexdigest()
