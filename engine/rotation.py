"""Changes the key that seals secrets: everything sealed with an older key is sealed anew with the first one.

It may run while others work, and be interrupted and run again; when it is through, the old key may go.
"""

from __future__ import annotations

from sqlalchemy import select, update

from engine.store.engine import Store
from engine.store.scope import TenantScope
from engine.store.seal import Sealed, Sealer
from engine.store.tables import connection, credential, token

_AT_ONCE = 100


def rotate(store: Store, scope: TenantScope, sealer: Sealer) -> int:
    """Seal anew whatever of this tenant is not sealed with the sealer's first key; says how many rows."""
    changed = 0
    while some := _credentials(store, scope, sealer) + _tokens(store, scope, sealer):
        changed += some
    return changed


def _credentials(store: Store, scope: TenantScope, sealer: Sealer) -> int:
    with store.write() as session:
        rows = session.execute(
            select(credential, connection.c.uid)
            .join_from(
                credential,
                connection,
                (connection.c.tenant_id == credential.c.tenant_id) & (connection.c.id == credential.c.connection_id),
            )
            .where(scope.of(credential), credential.c.key_id != sealer.key_id)
            .limit(_AT_ONCE)
        ).all()
        for row in rows:
            fresh = _anew(sealer, scope, row.uid, row.field, Sealed(row.key_id, row.sealed))
            session.execute(
                update(credential)
                .where(scope.of(credential), credential.c.id == row.id, credential.c.sealed == row.sealed)
                .values(key_id=fresh.key_id, sealed=fresh.data)
            )
        return len(rows)


def _tokens(store: Store, scope: TenantScope, sealer: Sealer) -> int:
    with store.write() as session:
        rows = session.execute(
            select(token, connection.c.uid)
            .join_from(
                token,
                connection,
                (connection.c.tenant_id == token.c.tenant_id) & (connection.c.id == token.c.connection_id),
            )
            .where(scope.of(token), token.c.key_id != sealer.key_id)
            .limit(_AT_ONCE)
        ).all()
        for row in rows:
            access = _anew(sealer, scope, row.uid, "access_token", Sealed(row.key_id, row.access_token))
            refresh = _anew(sealer, scope, row.uid, "refresh_token", Sealed(row.key_id, row.refresh_token))
            # A renewal may have stored newer ones meanwhile (PostgreSQL): those are sealed with the first key already.
            session.execute(
                update(token)
                .where(scope.of(token), token.c.id == row.id, token.c.generation == row.generation)
                .values(key_id=access.key_id, access_token=access.data, refresh_token=refresh.data)
            )
        return len(rows)


def _anew(sealer: Sealer, scope: TenantScope, uid: str, field: str, sealed: Sealed) -> Sealed:
    value = sealer.open(sealed, tenant_id=scope.tenant_id, connection_uid=uid, field=field)
    return sealer.seal(value, tenant_id=scope.tenant_id, connection_uid=uid, field=field)
