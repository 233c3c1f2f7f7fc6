"""A clock that goes only when it is told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class StandingClock:
    """Sleeping takes no time but moves the clock; `slept` lists what was asked for."""

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at or datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


class RunningClock(StandingClock):
    """The real time (signatures need it), with sleeping that takes none."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
