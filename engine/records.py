"""The records that shops gave us and their versions: changes when what is kept of a record does.

A record has a new version only when its content hash changed; a shop that sends the same order fifty times makes one.
Raw payload and mapped record are personal data: they are purged after a while, the hashes stay.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from connectors.canonical import form_hash, from_canonical, to_canonical
from connectors.records import Fetched, Record, SourceFinding
from engine.ids import new_uid
from engine.keys import RecordKey
from engine.store.engine import Session
from engine.store.keyed import are_records, key_of
from engine.store.scope import TenantScope
from engine.store.tables import source_record, source_record_version
from engine.store.types import from_json, to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRecord:
    """A record as it is kept: `changed` says whether its content is new to us."""

    id: int
    key: RecordKey
    version: int
    content_hash: str
    changed: bool
    first_seen_at: datetime
    fetched: Fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecord:
    """A record read back from the store. `record` is missing where it could not be read, or is purged."""

    id: int
    key: RecordKey
    connection_id: int
    number: str | None
    version: int
    content_hash: str
    record: Record | None
    raw: Mapping[str, Any] | None
    findings: tuple[SourceFinding, ...]
    first_seen_at: datetime
    seen_at: datetime
    purged_at: datetime | None


def content_of(fetched: Fetched) -> tuple[str, str | None]:
    """(content hash, canonical text or None): over the mapped record, or over the raw payload where it has none.

    When the shop last touched a record, and what we have to say about it, are no part of its content: a look in the
    shop's admin pages, or a finding worded anew, makes no new version and takes no release away.
    """
    if fetched.record is None:
        return hashlib.sha256(to_json(_plain(fetched.raw)).encode()).hexdigest(), None
    form = to_canonical(fetched.record)
    return form_hash(_content(form)), to_json(form)


def _content(form: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: held for name, held in form.items() if name not in ("modified", "findings")}
    if "refunds" in kept:
        kept["refunds"] = [_content(refund) for refund in kept["refunds"]]
    return kept


def save_many(
    scope: TenantScope,
    session: Session,
    connection_id: int,
    store_identity: str,
    fetched: Sequence[Fetched],
    *,
    at: datetime,
) -> list[SavedRecord]:
    """Keep a page of fetched records, in its order; of a record that comes twice in it the last one counts.

    Call in the transaction that stores the page's cursor.
    """
    last = {RecordKey(store_identity, item.kind, item.id): item for item in fetched}
    known = {
        key_of(row): row
        for row in session.execute(
            select(
                source_record.c.id,
                source_record.c.store,
                source_record.c.kind,
                source_record.c.source_id,
                source_record.c.version,
                source_record.c.content_hash,
                source_record.c.first_seen_at,
                source_record.c.number,
            ).where(
                scope.of(source_record),
                are_records(source_record, last),
            )
        )
    }
    content = {key: content_of(item) for key, item in last.items()}
    fresh = [key for key in last if key not in known]
    ids: dict[RecordKey, int] = {key: row.id for key, row in known.items()}
    if fresh:
        inserted = session.execute(
            insert(source_record).returning(source_record.c.id, sort_by_parameter_order=True),
            [
                {
                    "tenant_id": scope.tenant_id,
                    "uid": new_uid(),
                    "store": key.store,
                    "kind": key.kind,
                    "source_id": key.source_id,
                    "connection_id": connection_id,
                    "number": _number(last[key]),
                    "version": 1,
                    "content_hash": content[key][0],
                    "modified_at": last[key].modified,
                    "first_seen_at": at,
                    "last_seen_at": at,
                }
                for key in fresh
            ],
        )
        ids.update(zip(fresh, inserted.scalars(), strict=True))
    saved = {}
    seen_again = []
    for key, item in last.items():
        row = known.get(key)
        changed = row is None or row.content_hash != content[key][0]
        version = 1 if row is None else row.version + changed
        saved[key] = SavedRecord(
            id=ids[key],
            key=key,
            version=version,
            content_hash=content[key][0],
            changed=changed,
            first_seen_at=at if row is None else row.first_seen_at,
            fetched=item,
        )
        if row is not None:
            seen_again.append(
                {
                    "b_id": row.id,
                    "b_tenant": scope.tenant_id,
                    "connection_id": connection_id,
                    "number": _number(item) or row.number,  # of one that is gone we still know it
                    "version": version,
                    "content_hash": content[key][0],
                    "modified_at": item.modified,
                    "last_seen_at": at,
                }
            )
    if seen_again:
        session.execute(
            update(source_record).where(
                source_record.c.tenant_id == bindparam("b_tenant"), source_record.c.id == bindparam("b_id")
            ),
            seen_again,
        )
    versions = [
        {
            "tenant_id": scope.tenant_id,
            "source_record_id": item.id,
            "version": item.version,
            "content_hash": item.content_hash,
            "raw": to_json(_plain(item.fetched.raw)),
            "mapped": content[key][1],
            "findings": [_finding(finding) for finding in item.fetched.findings],
            "seen_at": at,
        }
        for key, item in saved.items()
        if item.changed
    ]
    if versions:
        session.execute(insert(source_record_version), versions)
    return list(saved.values())


def load(
    scope: TenantScope, session: Session, keys: Sequence[RecordKey], *, with_raw: bool = False
) -> dict[RecordKey, KeptRecord]:
    """Records as they were last seen, by key; those never seen are absent."""
    latest = source_record_version
    rows = session.execute(
        select(
            source_record,
            latest.c.mapped,
            latest.c.findings,
            latest.c.seen_at,
            latest.c.purged_at,
            *([latest.c.raw] if with_raw else []),
        )
        .join_from(
            source_record,
            latest,
            (latest.c.tenant_id == source_record.c.tenant_id)
            & (latest.c.source_record_id == source_record.c.id)
            & (latest.c.version == source_record.c.version),
        )
        .where(
            scope.of(source_record),
            are_records(source_record, keys),
        )
    )
    found = {}
    for row in rows:
        key = key_of(row)
        found[key] = KeptRecord(
            id=row.id,
            key=key,
            connection_id=row.connection_id,
            number=row.number,
            version=row.version,
            content_hash=row.content_hash,
            record=None if row.mapped is None else from_canonical(json.loads(row.mapped)),
            raw=from_json(row.raw) if with_raw and row.raw is not None else None,
            findings=tuple(SourceFinding(**finding) for finding in row.findings),
            first_seen_at=row.first_seen_at,
            seen_at=row.seen_at,
            purged_at=row.purged_at,
        )
    return found


def known_keys(scope: TenantScope, session: Session, connection_id: int, kind: str | None = None) -> list[RecordKey]:
    """Every record that this connection brought, oldest first."""
    where = [scope.of(source_record), source_record.c.connection_id == connection_id]
    if kind is not None:
        where.append(source_record.c.kind == kind)
    rows = session.execute(
        select(source_record.c.store, source_record.c.kind, source_record.c.source_id)
        .where(*where)
        .order_by(source_record.c.id)
    )
    return [RecordKey(*row) for row in rows]


def purge(scope: TenantScope, session: Session, *, before: datetime, now: datetime) -> int:
    """Forget raw payloads and mapped records of versions seen before that moment; hashes stay. Says how many."""
    return session.execute(
        update(source_record_version)
        .where(
            scope.of(source_record_version),
            source_record_version.c.seen_at < before,
            source_record_version.c.purged_at.is_(None),
        )
        .values(raw=None, mapped=None, purged_at=now)
    ).rowcount


def _number(fetched: Fetched) -> str | None:
    number = getattr(fetched.record, "number", None)
    return None if number is None else str(number)


def _plain(raw: Mapping[str, object]) -> dict[str, object]:
    return dict(raw)


def _finding(finding: SourceFinding) -> dict[str, Any]:
    return {name: held for name, held in asdict(finding).items() if held is not None}


def numbers(scope: TenantScope, session: Session, keys: Iterable[RecordKey]) -> dict[RecordKey, str]:
    """The numbers that people know records by."""
    wanted = list(keys)
    if not wanted:
        return {}
    rows = session.execute(
        select(source_record.c.store, source_record.c.kind, source_record.c.source_id, source_record.c.number).where(
            scope.of(source_record),
            are_records(source_record, wanted),
            source_record.c.number.is_not(None),
        )
    )
    return {key_of(row): row.number for row in rows}
