"""What we have put into the books, by slot: changes when what is remembered of a standing document does.

It never talks to the books; the poster writes here what they answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, func, select, update

from connectors.canonical import from_canonical
from connectors.documents import Document
from connectors.ports import Posted
from engine.keys import RecordKey
from engine.store.engine import Session, insert_or_update
from engine.store.keyed import are_records, chunks, is_record, key_of
from engine.store.scope import TenantScope
from engine.store.tables import ledger

State = Literal["live", "voided", "deleted"]


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
    for some in chunks(keys):
        rows = session.execute(
            select(ledger).where(scope.of(ledger), ledger.c.company_id == company_id, are_records(ledger, some))
        )
        for row in rows:
            held = _row(row)
            found.setdefault(held.key, {})[held.slot] = held
    return found


def in_slot(scope: TenantScope, session: Session, company_id: int, key: RecordKey, slot: str) -> LedgerRow | None:
    """What stands, or stood, in one slot."""
    row = session.execute(select(ledger).where(*_where(scope, company_id, key, slot))).one_or_none()
    return None if row is None else _row(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the books answered for a slot, with what was wanted (`document`, canonical form) and sent."""

    key: RecordKey
    slot: str
    posted: Posted
    document: Mapping[str, Any]
    document_hash: str
    sent_body: Mapping[str, Any]
    operation_id: int | None = None
    version_id: int | None = None
    adopted: bool = False


def put_many(
    scope: TenantScope, session: Session, company_id: int, standing: Sequence[Standing], *, at: datetime
) -> None:
    """Note what stands in these slots now, in one statement. A slot keeps the moment it was first filled, and its
    rule-set version where none is given."""
    if not standing:
        return
    statement = insert_or_update(session, ledger)
    new = statement.excluded
    renewed = {
        name: new[name]
        for name in (
            "entity",
            "remote_id",
            "number",
            "sync_token",
            "marker",
            "document_hash",
            "document",
            "sent_body",
            "total",
            "currency",
            "state",
            "adopted",
            "operation_id",
            "put_at",
        )
    }
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "company_id", "store", "kind", "source_id", "slot"],
            set_={
                **renewed,
                "ruleset_version_id": func.coalesce(new.ruleset_version_id, ledger.c.ruleset_version_id),
            },
        ),
        [
            {
                "tenant_id": scope.tenant_id,
                "company_id": company_id,
                "store": item.key.store,
                "kind": item.key.kind,
                "source_id": item.key.source_id,
                "slot": item.slot,
                "entity": item.posted.entity,
                "remote_id": item.posted.id,
                "number": item.posted.number,
                "sync_token": item.posted.sync_token,
                "marker": str(item.document.get("marker") or item.posted.marker or ""),
                "document_hash": item.document_hash,
                "document": item.document,
                "sent_body": item.sent_body,
                "total": item.posted.total,
                "currency": item.document.get("currency") or item.posted.currency,
                "state": item.posted.state,
                "adopted": item.adopted,
                "ruleset_version_id": item.version_id,
                "operation_id": item.operation_id,
                "first_put_at": at,
                "put_at": at,
            }
            for item in standing
        ],
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
    operation_id: int | None = None,
) -> bool:
    """Note that a slot's document was voided or deleted, by an operation of ours or (without one) by somebody; says
    whether there was one."""
    values: dict[str, Any] = {"state": state, "put_at": at}
    if operation_id is not None:
        values["operation_id"] = operation_id
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


def remote_ids_of(
    scope: TenantScope, session: Session, company_id: int, keys: Iterable[RecordKey]
) -> dict[tuple[str, str], int]:
    """(entity, id) -> row id of every document that the ledger holds, or held, for these records: an operation that
    looks for its own document must not take one of them."""
    return {
        (row.entity, row.remote_id): row.id
        for slots in for_keys(scope, session, company_id, keys).values()
        for row in slots.values()
    }


def _where(scope: TenantScope, company_id: int, key: RecordKey, slot: str) -> tuple[ColumnElement[bool], ...]:
    return (scope.of(ledger), ledger.c.company_id == company_id, is_record(ledger, key), ledger.c.slot == slot)


def _row(row: Row[Any]) -> LedgerRow:
    return LedgerRow(
        id=row.id,
        key=key_of(row),
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
