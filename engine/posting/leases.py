"""Who may post to a company just now: one poster at a time, by a lease that is taken by compare-and-swap and kept by a
heartbeat. It knows nothing of operations."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from sqlalchemy import or_, update

from connectors.errors import Retry
from connectors.ports import Clock
from engine.posting.timing import Timing
from engine.store.engine import Session, Store, StoreUnavailable
from engine.store.scope import TenantScope
from engine.store.tables import company


class LeaseLost(Retry):
    """Another poster owns the company now, or may; nothing was sent."""

    def __init__(self) -> None:
        super().__init__(
            "Another worker has taken over this company.", code="lease_lost", counts=False, scope="connection"
        )


class TooLate(Retry):
    """Between its commit and its first byte a send was held up for too long; nothing was sent."""

    def __init__(self) -> None:
        super().__init__("The send was held up before it left.", code="held_up", counts=False)


class CompanyLease:
    """Our ownership of one company. Everything that is written under it goes through `hold`, which fails once it is
    lost; every request goes through `guard`, just before its bytes leave."""

    def __init__(self, store: Store, scope: TenantScope, company_id: int, clock: Clock, timing: Timing) -> None:
        self.owner = uuid.uuid4().hex
        self._store = store
        self._scope = scope
        self._company_id = company_id
        self._clock = clock
        self._timing = timing
        self._until = 0.0  # by the monotonic clock
        self._committed: float | None = None

    def take(self) -> bool:
        """Become the owner, unless somebody else is and is alive."""
        before = self._clock.monotonic()
        now = self._clock.now()
        with self._store.write() as session:
            taken = session.execute(
                update(company)
                .where(
                    self._scope.of(company),
                    company.c.id == self._company_id,
                    or_(company.c.lease_until.is_(None), company.c.lease_until <= now),
                )
                .values(lease_owner=self.owner, lease_until=now + timedelta(seconds=self._timing.lease))
            ).rowcount
        if taken:
            self._until = before + self._timing.lease
        return bool(taken)

    def hold(self, session: Session) -> None:
        """Prolong the lease in this transaction; raises LeaseLost (the transaction is then rolled back)."""
        before = self._clock.monotonic()
        now = self._clock.now()
        kept = session.execute(
            update(company)
            .where(
                self._scope.of(company),
                company.c.id == self._company_id,
                company.c.lease_owner == self.owner,
                company.c.lease_until > now,
            )
            .values(lease_until=now + timedelta(seconds=self._timing.lease))
        ).rowcount
        if not kept:
            raise LeaseLost
        self._until = before + self._timing.lease

    @contextmanager
    def sending(self, committed: float) -> Iterator[None]:
        """Around the one call that writes: `committed` is the monotonic moment just before the send was stored."""
        self._committed = committed
        try:
            yield
        finally:
            self._committed = None

    def guard(self) -> None:
        """May a write leave now? Raises LeaseLost or TooLate."""
        now = self._clock.monotonic()
        if now >= self._until:
            raise LeaseLost
        if self._committed is not None and now - self._committed > self._timing.begin:
            raise TooLate

    def release(self) -> None:
        """Let others have it at once."""
        with self._store.write() as session:
            session.execute(
                update(company)
                .where(
                    self._scope.of(company),
                    company.c.id == self._company_id,
                    company.c.lease_owner == self.owner,
                )
                .values(lease_owner=None, lease_until=None)
            )

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Prolong the lease from a thread for as long as the body runs; then release it."""
        stopped = threading.Event()

        def beat() -> None:
            while not stopped.wait(self._timing.heartbeat):
                try:
                    with self._store.write() as session:
                        self.hold(session)
                except LeaseLost:
                    return
                except StoreUnavailable:
                    continue  # the lease runs out if this lasts, and `guard` sees it

        thread = threading.Thread(target=beat, name=f"lease-{self._company_id}", daemon=True)
        if self._timing.heartbeat:
            thread.start()
        token = _before_calls.set(self.guard)
        try:
            yield
        finally:
            _before_calls.reset(token)
            stopped.set()
            if thread.is_alive():
                thread.join()
            self.release()


_before_calls: ContextVar[object] = ContextVar("before_calls", default=None)


def check_before_call() -> None:
    """What must hold just before the first byte of a write leaves: the connectors' hook."""
    guard = _before_calls.get()
    if callable(guard):
        guard()
