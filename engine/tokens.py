"""Where rotating OAuth tokens live: sealed in SQL, renewed once per expiry whoever asks. It speaks no OAuth.

A refresh token that is used twice locks everybody out, so one renewal happens at a time, over all processes; what it
answered is committed before anybody uses it. No transaction is open while the exchange talks to the other side.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from connectors.errors import ReconnectNeeded, Retry
from connectors.ports import Clock, Tokens
from engine.faults import fault
from engine.store.engine import Session, Store, outside_transactions
from engine.store.scope import TenantScope
from engine.store.seal import Sealed, Sealer
from engine.store.tables import connection, token

#: An exchange that takes longer is taken for dead: its tokens may be lost, the stored ones are tried again.
_EXCHANGE_SECONDS = 60.0
_POLL_SECONDS = 0.05


class StoredTokens:
    """The tokens of one connection (`connectors.ports.TokenStore`)."""

    def __init__(
        self,
        store: Store,
        scope: TenantScope,
        connection_id: int,
        sealer: Sealer,
        clock: Clock,
        *,
        exchange_seconds: float = _EXCHANGE_SECONDS,
    ) -> None:
        self._store = store
        self._scope = scope
        self._connection_id = connection_id
        self._sealer = sealer
        self._clock = clock
        self._exchange_seconds = exchange_seconds
        self._where = (scope.of(token), token.c.connection_id == connection_id)
        with store.read() as session:
            self._uid = str(
                session.execute(
                    select(connection.c.uid).where(scope.of(connection), connection.c.id == connection_id)
                ).scalar_one()
            )

    def read(self) -> Tokens:
        """The tokens now in force. Raises ReconnectNeeded where there are none."""
        with self._store.read() as session:
            return self._opened(self._row(session))

    def save(self, session: Session, tokens: Tokens) -> None:
        """Store a pair, in a transaction that is open: connecting, for the first time or again."""
        values = self._sealed(tokens)
        changed = session.execute(
            update(token)
            .where(*self._where)
            .values(generation=token.c.generation + 1, lock_owner=None, lock_until=None, **values)
        ).rowcount
        if not changed:
            session.execute(
                insert(token).values(tenant_id=self._scope.tenant_id, connection_id=self._connection_id, **values)
            )

    def refresh(self, stale_access_token: str, exchange: Callable[[Tokens], Tokens]) -> Tokens:
        """Replace a stale pair once (`TokenStore.refresh`). Raises Retry if another renewal does not end in time."""
        outside_transactions()
        owner = uuid.uuid4().hex
        patience = self._clock.monotonic() + self._exchange_seconds + 5
        while True:
            with self._store.write() as session:
                now = self._clock.now()
                row = self._row(session)
                stored = self._opened(row)
                if stored.access_token != stale_access_token:
                    return stored
                ours = session.execute(
                    update(token)
                    .where(
                        *self._where,
                        # Between our look and this lock another renewal may have ended (PostgreSQL).
                        token.c.generation == row.generation,
                        or_(token.c.lock_until.is_(None), token.c.lock_until <= now),
                    )
                    .values(lock_owner=owner, lock_until=now + timedelta(seconds=self._exchange_seconds))
                ).rowcount
            if ours:
                return self._exchanged(owner, stored, exchange)
            if self._clock.monotonic() > patience:
                raise Retry(
                    "The connection is being renewed by another worker.",
                    code="renewal_under_way",
                    counts=False,
                    scope="connection",
                    after=5.0,
                )
            self._clock.sleep(_POLL_SECONDS)

    def _exchanged(self, owner: str, stored: Tokens, exchange: Callable[[Tokens], Tokens]) -> Tokens:
        try:
            fresh = exchange(stored)
        except BaseException:
            self._unlock(owner)
            raise
        fault("tokens.exchanged")
        with self._store.write() as session:
            # Stored whoever holds the lock by now: these are the only tokens that still work.
            session.execute(
                update(token)
                .where(*self._where)
                .values(generation=token.c.generation + 1, lock_owner=None, lock_until=None, **self._sealed(fresh))
            )
        fault("tokens.stored")
        return fresh

    def _unlock(self, owner: str) -> None:
        with self._store.write() as session:
            session.execute(
                update(token).where(*self._where, token.c.lock_owner == owner).values(lock_owner=None, lock_until=None)
            )

    def _row(self, session: Session) -> Row[Any]:
        statement = select(token).where(*self._where)
        row = session.execute(statement).one_or_none()
        if row is None:
            raise ReconnectNeeded(
                "This company is not connected.", next_step="Connect QuickBooks: Connections > QuickBooks > Connect."
            )
        return row

    def _opened(self, row: Row[Any]) -> Tokens:
        def opened(name: str, data: bytes) -> str:
            return self._sealer.open(
                Sealed(row.key_id, data), tenant_id=self._scope.tenant_id, connection_uid=self._uid, field=name
            )

        return Tokens(
            access_token=opened("access_token", row.access_token),
            refresh_token=opened("refresh_token", row.refresh_token),
            expires=row.expires_at,
            refresh_expires=row.refresh_expires_at,
        )

    def _sealed(self, tokens: Tokens) -> dict[str, Any]:
        def sealed(name: str, value: str) -> bytes:
            return self._sealer.seal(value, tenant_id=self._scope.tenant_id, connection_uid=self._uid, field=name).data

        return {
            "key_id": self._sealer.key_id,
            "access_token": sealed("access_token", tokens.access_token),
            "refresh_token": sealed("refresh_token", tokens.refresh_token),
            "expires_at": tokens.expires,
            "refresh_expires_at": tokens.refresh_expires,
        }
