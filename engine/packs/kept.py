"""A tenant's own packs in the store; changes with how they are kept there. A version never changes once it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from engine.ids import new_uid
from engine.packs.pack import Pack, PackRefused, insist, rank
from engine.store.engine import Session, Store
from engine.store.scope import TenantScope
from engine.store.tables import pack_version


class StoreLibrary:
    """The packs of one tenant."""

    def __init__(self, store: Store, scope: TenantScope) -> None:
        self._store = store
        self._scope = scope

    def find(self, name: str, version: str) -> str | None:
        """The text of that version, or None."""
        pack = self.pack(name, version)
        return None if pack is None else pack.text

    def tables(self, name: str, version: str) -> Mapping[str, str]:
        """The CSV files of that version, by name; none for an unknown one."""
        pack = self.pack(name, version)
        return {} if pack is None else pack.tables

    def versions(self, name: str) -> tuple[str, ...]:
        """The versions of a pack that there are, oldest first."""
        with self._store.read() as session:
            found = session.execute(
                select(pack_version.c.version).where(self._scope.of(pack_version), pack_version.c.name == name)
            ).scalars()
            return tuple(sorted(found, key=rank))

    def names(self) -> tuple[str, ...]:
        """The names of all packs, in their order."""
        with self._store.read() as session:
            found = session.execute(
                select(pack_version.c.name).where(self._scope.of(pack_version)).distinct()
            ).scalars()
            return tuple(sorted(found))

    def pack(self, name: str, version: str) -> Pack | None:
        """The version as it is kept, or None."""
        with self._store.read() as session:
            row = _row(self._scope, session, name, version)
        return None if row is None else _pack(row)

    def add(self, pack: Pack) -> None:
        """Keeps a new version. The same content again is nothing new; raises PackRefused for another content under a
        version that there is."""
        insist(pack.name, pack.version)
        if pack.published_at is None:
            raise PackRefused(f"It is not said when {pack.key} was published.")
        with self._store.write() as session:
            known = _row(self._scope, session, pack.name, pack.version)
            if known is None:
                _insert(self._scope, session, pack, pack.published_at)
            elif known.hash != pack.hash:
                raise PackRefused(
                    f'There is a version {pack.version} of "{pack.name}" already, with another text. Give this one a new version.'
                )


def _insert(scope: TenantScope, session: Session, pack: Pack, at: datetime) -> None:
    session.execute(
        insert(pack_version).values(
            tenant_id=scope.tenant_id,
            uid=new_uid(),
            name=pack.name,
            version=pack.version,
            hash=pack.hash,
            text=pack.text,
            tables=dict(pack.tables),
            author=pack.author,
            note=pack.note,
            published_at=at,
        )
    )


def _row(scope: TenantScope, session: Session, name: str, version: str) -> Row[Any] | None:
    return session.execute(
        select(pack_version).where(
            scope.of(pack_version), pack_version.c.name == name, pack_version.c.version == version
        )
    ).one_or_none()


def _pack(row: Row[Any]) -> Pack:
    return Pack(
        name=row.name,
        version=row.version,
        text=row.text,
        tables=row.tables,
        author=row.author,
        note=row.note,
        published_at=row.published_at,
    )
