"""How far each stream of a connection has been read. A cursor moves in the transaction that stores its page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update

from engine.store.engine import Session
from engine.store.scope import TenantScope
from engine.store.tables import cursor


def read(scope: TenantScope, session: Session, connection_id: int, stream: str) -> str | None:
    """Where the next fetch of a stream ("orders", "products", …) begins; missing: at the beginning."""
    found: str | None = session.execute(
        select(cursor.c.value).where(
            scope.of(cursor), cursor.c.connection_id == connection_id, cursor.c.stream == stream
        )
    ).scalar_one_or_none()
    return found


def advance(scope: TenantScope, session: Session, connection_id: int, stream: str, value: str, *, at: datetime) -> None:
    """Store a page's cursor, in the transaction that stores the page."""
    changed = session.execute(
        update(cursor)
        .where(scope.of(cursor), cursor.c.connection_id == connection_id, cursor.c.stream == stream)
        .values(value=value, at=at)
    ).rowcount
    if not changed:
        session.execute(
            insert(cursor).values(
                tenant_id=scope.tenant_id, connection_id=connection_id, stream=stream, value=value, at=at
            )
        )
