"""Call limits: so many calls a minute, a second, and batches a minute; it knows no HTTP."""

from __future__ import annotations

import threading
from collections import deque

from sandbox.quickbooks.books import Clock
from sandbox.quickbooks.options import Limits


class Throttle:
    """Counts calls in sliding windows; a call that is refused does not count."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: deque[float] = deque()
        self._batches: deque[float] = deque()

    def admits(self, limits: Limits, *, batch: bool) -> bool:
        if not limits.enabled:
            return True
        now = self._clock.seconds()
        with self._lock:
            for times in (self._calls, self._batches):
                while times and (times[0] <= now - 60 or times[0] > now):
                    times.popleft()
            last_second = sum(1 for at in self._calls if at > now - 1)
            if len(self._calls) >= limits.per_minute or last_second >= limits.per_second:
                return False
            if batch and len(self._batches) >= limits.batches_per_minute:
                return False
            self._calls.append(now)
            if batch:
                self._batches.append(now)
            return True
