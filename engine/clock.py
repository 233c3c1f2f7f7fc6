"""What time it is: leases and schedules go by the database's clock, so that a worker whose own clock is wrong steals
nothing. It knows no table."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from threading import Lock

from sqlalchemy import text

from engine.store.engine import Store

_MEASURE_AGAIN_AFTER = 30.0


class DatabaseClock:
    """The database's clock (`connectors.ports.Clock`). Between two measurements this machine's monotonic clock carries
    it on. A SQLite file has no clock but the machine's."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._base: datetime | None = None
        self._measured = 0.0

    def now(self) -> datetime:
        """The moment, aware, UTC."""
        if self._store.dialect == "sqlite":
            return datetime.now(UTC)
        with self._lock:
            before = time.monotonic()
            if self._base is None or before - self._measured > _MEASURE_AGAIN_AFTER:
                with self._store.read() as session:
                    said: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
                after = time.monotonic()
                self._base, self._measured = said.astimezone(UTC), (before + after) / 2
            return self._base + timedelta(seconds=time.monotonic() - self._measured)

    def monotonic(self) -> float:
        """Seconds that never go back, within one process."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
