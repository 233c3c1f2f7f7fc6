"""What we have put into the books, by slot: changes when what is remembered of a standing document does.

It never talks to the books; the poster writes here what they answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Row, insert, select, tuple_, update

from connectors.canonical import from_canonical
from connectors.documents import Document
from connectors.ports import Posted
from engine.keys import RecordKey as RecordKey
from engine.keys import marker as marker
from engine.store.engine import Session
from engine.store.scope import TenantScope
from engine.store.tables import ledger

State = Literal["live", "voided", "deleted"]

#: SQLite binds at most 32,766 values in a statement; a key is three.
_CHUNK = 2000


@dataclass(frozen=True, slots=True, order=True)
class SlotKey:
    """A place in the books that a record fills: `sale`, `payment:ID`, `refund:ID`, `fee`, …"""

    key: RecordKey
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """What stands in a slot: as answered (`entity`, `remote_id`, `number`, `sync_token`), as wanted (`document`,
    `document_hash`) and as last sent (`sent_body`, the base of three-way updates)."""

    id: int
    key: RecordKey
    slot: str
    entity: str
    remote_id: str
    number: str | None
    sync_token: str
    marker: str
    document_hash: str
    document_form: Mapping[str, Any]
    sent_body: Mapping[str, Any]
    total: Decimal | None
    currency: str | None
    state: State
    adopted: bool
    ruleset_version_id: int | None
    operation_id: int | None
    first_put_at: datetime
    put_at: datetime

    @property
    def document(self) -> Document:
        """The document as it was last put there."""
        found: Document = from_canonical(self.document_form)
        return found


def standing(scope: TenantScope, session: Session, company_id: int, key: RecordKey) -> dict[str, LedgerRow]:
    """What we put there for a record, by slot; voided and deleted ones too."""
    return for_keys(scope, session, company_id, [key]).get(key, {})


def for_keys(
    scope: TenantScope, session: Session, company_id: int, keys: Iterable[RecordKey]
) -> dict[RecordKey, dict[str, LedgerRow]]:
    """What stands for many records, by key and slot, in one query for two thousand keys. Keys without rows are absent."""
    found: dict[RecordKey, dict[str, LedgerRow]] = {}
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        rows = session.execute(
            select(ledger).where(
                scope.of(ledger),
                ledger.c.company_id == company_id,
                tuple_(ledger.c.store, ledger.c.kind, ledger.c.source_id).in_(
                    [(key.store, key.kind, key.source_id) for key in chunk]
                ),
            )
        )
        for row in rows:
            held = _row(row)
            found.setdefault(held.key, {})[held.slot] = held
    return found


def in_slot(scope: TenantScope, session: Session, company_id: int, key: RecordKey, slot: str) -> LedgerRow | None:
    """What stands, or stood, in one slot."""
    row = session.execute(select(ledger).where(*_where(scope, company_id, key, slot))).one_or_none()
    return None if row is None else _row(row)


def put(
    scope: TenantScope,
    session: Session,
    company_id: int,
    key: RecordKey,
    slot: str,
    posted: Posted,
    *,
    document: Mapping[str, Any],
    document_hash: str,
    sent_body: Mapping[str, Any],
    at: datetime,
    operation_id: int | None = None,
    version_id: int | None = None,
    adopted: bool = False,
) -> None:
    """Note what stands in a slot now. `document` is the canonical form; the version that put a slot first stays with
    it only if `version_id` is missing."""
    values: dict[str, Any] = {
        "entity": posted.entity,
        "remote_id": posted.id,
        "number": posted.number,
        "sync_token": posted.sync_token,
        "marker": str(document.get("marker") or posted.marker or ""),
        "document_hash": document_hash,
        "document": document,
        "sent_body": sent_body,
        "total": posted.total,
        "currency": document.get("currency") or posted.currency,
        "state": posted.state,
        "adopted": adopted,
        "operation_id": operation_id,
        "put_at": at,
    }
    if version_id is not None:
        values["ruleset_version_id"] = version_id
    changed = session.execute(update(ledger).where(*_where(scope, company_id, key, slot)).values(values)).rowcount
    if not changed:
        session.execute(
            insert(ledger).values(
                tenant_id=scope.tenant_id,
                company_id=company_id,
                store=key.store,
                kind=key.kind,
                source_id=key.source_id,
                slot=slot,
                first_put_at=at,
                **values,
            )
        )


def mark(
    scope: TenantScope,
    session: Session,
    company_id: int,
    key: RecordKey,
    slot: str,
    state: State,
    *,
    at: datetime,
    sync_token: str | None = None,
) -> bool:
    """Note that a slot's document was voided or deleted; says whether there was one."""
    values: dict[str, Any] = {"state": state, "put_at": at}
    if sync_token is not None:
        values["sync_token"] = sync_token
    return bool(session.execute(update(ledger).where(*_where(scope, company_id, key, slot)).values(values)).rowcount)


def by_remote_ids(
    scope: TenantScope, session: Session, company_id: int, entity: str, remote_ids: Sequence[str]
) -> dict[str, LedgerRow]:
    """Which of these documents of the books are in our ledger, by id there."""
    rows = session.execute(
        select(ledger).where(
            scope.of(ledger),
            ledger.c.company_id == company_id,
            ledger.c.entity == entity,
            ledger.c.remote_id.in_(remote_ids),
        )
    )
    return {row.remote_id: _row(row) for row in rows}


def pinned_versions(
    scope: TenantScope, session: Session, company_id: int, keys: Iterable[RecordKey]
) -> dict[RecordKey, int]:
    """The rule-set version that decides each record that has something standing: the one that first posted it."""
    first: dict[RecordKey, tuple[datetime, int, int]] = {}
    for key, slots in for_keys(scope, session, company_id, keys).items():
        for row in slots.values():
            if row.ruleset_version_id is not None:
                candidate = (row.first_put_at, row.id, row.ruleset_version_id)
                first[key] = min(first.get(key, candidate), candidate)
    return {key: version for key, (_, _, version) in first.items()}


def _where(scope: TenantScope, company_id: int, key: RecordKey, slot: str) -> tuple[Any, ...]:
    return (
        scope.of(ledger),
        ledger.c.company_id == company_id,
        ledger.c.store == key.store,
        ledger.c.kind == key.kind,
        ledger.c.source_id == key.source_id,
        ledger.c.slot == slot,
    )


def _row(row: Row[Any]) -> LedgerRow:
    return LedgerRow(
        id=row.id,
        key=RecordKey(row.store, row.kind, row.source_id),
        slot=row.slot,
        entity=row.entity,
        remote_id=row.remote_id,
        number=row.number,
        sync_token=row.sync_token,
        marker=row.marker,
        document_hash=row.document_hash,
        document_form=row.document,
        sent_body=row.sent_body,
        total=row.total,
        currency=row.currency,
        state=row.state,
        adopted=row.adopted,
        ruleset_version_id=row.ruleset_version_id,
        operation_id=row.operation_id,
        first_put_at=row.first_put_at,
        put_at=row.put_at,
    )
