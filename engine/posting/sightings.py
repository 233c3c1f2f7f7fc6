"""Documents with our marker that the ledger does not know of, as the books told of them in passing.

A database that was restored from yesterday's backup has forgotten what it posted today: before a slot is filled, what
was sighted for it is looked at. It calls nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from connectors.ports import Posted
from engine import ledger
from engine.store.engine import Session
from engine.store.scope import TenantScope
from engine.store.tables import sighting


def note(scope: TenantScope, session: Session, company_id: int, found: Iterable[Posted], *, at: datetime) -> int:
    """Keep those that carry a marker, stand, and are in no slot of the ledger; says how many were new."""
    marked: dict[str, dict[str, Posted]] = {}
    for item in found:
        if item.marker and item.state == "live":
            marked.setdefault(item.entity, {})[item.id] = item
    fresh = []
    for entity, items in marked.items():
        ids = list(items)
        known = set(ledger.by_remote_ids(scope, session, company_id, entity, ids))
        known.update(
            session.execute(
                select(sighting.c.remote_id).where(
                    scope.of(sighting),
                    sighting.c.company_id == company_id,
                    sighting.c.entity == entity,
                    sighting.c.remote_id.in_(ids),
                )
            ).scalars()
        )
        fresh += [item for id_, item in items.items() if id_ not in known]
    if fresh:
        session.execute(
            insert(sighting),
            [
                {
                    "tenant_id": scope.tenant_id,
                    "company_id": company_id,
                    "marker": item.marker,
                    "entity": item.entity,
                    "remote_id": item.id,
                    "at": at,
                }
                for item in fresh
            ],
        )
    return len(fresh)


def of_markers(
    scope: TenantScope, session: Session, company_id: int, markers: Sequence[str]
) -> dict[str, list[tuple[str, str]]]:
    """(entity, id) of what was sighted, by marker; what the ledger has come to know since is left out."""
    found: dict[str, list[tuple[str, str]]] = {}
    if not markers:
        return found
    rows = session.execute(
        select(sighting.c.marker, sighting.c.entity, sighting.c.remote_id).where(
            scope.of(sighting), sighting.c.company_id == company_id, sighting.c.marker.in_(markers)
        )
    ).all()
    for row in rows:
        if not ledger.by_remote_ids(scope, session, company_id, row.entity, [row.remote_id]):
            found.setdefault(row.marker, []).append((row.entity, row.remote_id))
    return found


def forget(scope: TenantScope, session: Session, *, before: datetime) -> int:
    """Drop what was sighted before that moment; says how many."""
    return session.execute(delete(sighting).where(scope.of(sighting), sighting.c.at < before)).rowcount
