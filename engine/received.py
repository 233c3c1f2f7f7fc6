"""Records as their shops sent them, found again by what people know of them: a number, an id, since when. It only reads.

What was purged is given without its payload; whoever asks says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import or_, select

from engine import records
from engine.keys import RecordKey
from engine.records import KeptRecord
from engine.store.engine import Session
from engine.store.scope import TenantScope
from engine.store.tables import source_record

_AT_ONCE = 500


def orders(
    scope: TenantScope, session: Session, *, called: Sequence[str] = (), since: datetime | None = None
) -> Iterator[KeptRecord]:
    """Orders with their raw payloads, in the order in which they were first read: those of these numbers (with or without
    #) or ids in the shop, or those first read since a moment."""
    where = [scope.of(source_record), source_record.c.kind == "order"]
    if called:
        plain = {each.removeprefix("#") for each in called}
        names = {*called, *plain, *(f"#{each}" for each in plain)}
        where.append(or_(source_record.c.number.in_(names), source_record.c.source_id.in_(names)))
    if since is not None:
        where.append(source_record.c.first_seen_at >= since)
    found = session.execute(
        select(source_record.c.store, source_record.c.kind, source_record.c.source_id)
        .where(*where)
        .order_by(source_record.c.id)
    ).all()
    keys = [RecordKey(row.store, row.kind, row.source_id) for row in found]
    for start in range(0, len(keys), _AT_ONCE):
        page = keys[start : start + _AT_ONCE]
        kept = records.load(scope, session, page, with_raw=True)
        yield from (kept[key] for key in page if key in kept)
