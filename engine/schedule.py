"""When flows run: rhythms, the slots that two tickers make only once, and the runs that claim them. Changes when
scheduling does. It runs no flow.

"Every 30 minutes" is a grid over UTC; "every day at 06:00" is a time of the company's zone, once for every day of its
calendar whatever the clocks do. Runs that were missed while nobody was awake are one run. A flow has at most one run
that is under way and one that is due.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, insert, or_, select, update

from connectors.ports import Clock
from engine.faults import fault
from engine.ids import new_uid
from engine.store.engine import Session, Store
from engine.store.scope import TenantScope
from engine.store.tables import flow, schedule, slot

#: How long a run may go without a sign of life before another worker takes it over.
RUN_LEASE = 120.0


def next_after(moment: datetime, *, every_minutes: int | None, daily_at: str | None, zone: str) -> datetime:
    """The first moment of a rhythm after `moment` (aware); UTC. Exactly one of the two rhythms is given.

    A local time that a day does not have (clocks go forward) is as much later; one that it has twice is the first.
    """
    if every_minutes is not None:
        step = timedelta(minutes=every_minutes)
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return epoch + ((moment - epoch) // step + 1) * step
    if daily_at is None:
        raise ValueError("a rhythm is minutes or a time of the day")
    at = time.fromisoformat(daily_at)
    there = ZoneInfo(zone)
    day = moment.astimezone(there).date() - timedelta(days=1)
    while True:
        found = datetime.combine(day, at, there).astimezone(UTC)
        if found > moment:
            return found
        day += timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFlow:
    """A flow with a run that waits for a worker."""

    tenant_id: int
    flow_id: int


def tick(store: Store, clock: Clock) -> list[DueFlow]:
    """Make the slots whose time has come (for all tenants), and say which flows have a run that waits: new ones, and
    those whose worker is gone. Any number of tickers may do this at once."""
    now = clock.now()
    with store.write() as session:
        rows = session.execute(
            select(schedule)
            .join_from(schedule, flow, and_(flow.c.tenant_id == schedule.c.tenant_id, flow.c.id == schedule.c.flow_id))
            .where(schedule.c.active, flow.c.active, schedule.c.next_at <= now)
            .order_by(schedule.c.id)
            .with_for_update(of=schedule, skip_locked=True)
            .execution_options(cross_tenant=True)
        ).all()
        for row in rows:
            scope = TenantScope(row.tenant_id)
            later = next_after(now, every_minutes=row.every_minutes, daily_at=row.daily_at, zone=row.zone)
            moved = session.execute(
                update(schedule)
                .where(scope.of(schedule), schedule.c.id == row.id, schedule.c.next_at == row.next_at)
                .values(next_at=later)
            ).rowcount
            if moved:
                _make(scope, session, row.flow_id, row.next_at.astimezone(UTC).isoformat(), row.next_at)
    return waiting(store, now)


def waiting(store: Store, now: datetime) -> list[DueFlow]:
    """Flows with a run that waits for a worker, for all tenants."""
    with store.read() as session:
        rows = session.execute(
            select(slot.c.tenant_id, slot.c.flow_id)
            .where(or_(and_(slot.c.state == "due", slot.c.due_at <= now), _abandoned(now)))
            .order_by(slot.c.due_at)
            .execution_options(cross_tenant=True)
        )
        return [DueFlow(tenant_id=tenant, flow_id=id_) for tenant, id_ in dict.fromkeys((r[0], r[1]) for r in rows)]


def press(scope: TenantScope, session: Session, flow_id: int, *, at: datetime) -> tuple[int, bool]:
    """Somebody wants a run now: (id of the run, whether it is new). Twenty presses are one run: one that waits or is
    under way answers for them all."""
    _lock(scope, session, flow_id)
    found: int | None = session.execute(
        select(slot.c.id)
        .where(scope.of(slot), slot.c.flow_id == flow_id, slot.c.state != "done")
        .order_by(slot.c.state.desc())
        .limit(1)
    ).scalar_one_or_none()
    if found is not None:
        return found, False
    made = _make(scope, session, flow_id, f"pressed:{new_uid()}", at)
    if made is None:
        raise LookupError(f"no flow {flow_id}")
    return made, True


def _make(scope: TenantScope, session: Session, flow_id: int, key: str, due_at: datetime) -> int | None:
    """A slot, unless one is due already or that very one was made before."""
    _lock(scope, session, flow_id)
    there = session.execute(
        select(slot.c.id).where(
            scope.of(slot), slot.c.flow_id == flow_id, or_(slot.c.slot_key == key, slot.c.state == "due")
        )
    ).first()
    if there is not None:
        return None
    made: int = session.execute(
        insert(slot)
        .values(tenant_id=scope.tenant_id, flow_id=flow_id, slot_key=key, due_at=due_at, state="due")
        .returning(slot.c.id)
    ).scalar_one()
    return made


class FlowGone(Exception):
    """Another worker has taken over this run; stop at once."""


class Run:
    """A run of a flow that this process has claimed. `renew` between pages; it raises FlowGone once it is lost."""

    def __init__(
        self, store: Store, scope: TenantScope, clock: Clock, *, id: int, flow_id: int, owner: str, lease: float
    ) -> None:
        self.id = id
        self.flow_id = flow_id
        self._store = store
        self._scope = scope
        self._clock = clock
        self._owner = owner
        self._lease = lease

    def renew(self) -> None:
        """Say that it is alive."""
        self._write(lease_until=self._clock.now() + timedelta(seconds=self._lease))

    def finish(self, outcome: Mapping[str, Any]) -> None:
        """It is over; `outcome` is plain data ({"ok": true, …} or {"ok": false, "message": …})."""
        self._write(state="done", finished_at=self._clock.now(), outcome=dict(outcome), lease_until=None)

    def give_back(self, *, due_at: datetime) -> None:
        """It could not be done now: due again then (a worker that stops, a shop that is away)."""
        self._write(state="due", owner=None, lease_until=None, due_at=due_at)

    def _write(self, **values: Any) -> None:
        with self._store.write() as session:
            kept = session.execute(
                update(slot)
                .where(
                    self._scope.of(slot),
                    slot.c.id == self.id,
                    slot.c.owner == self._owner,
                    slot.c.state == "running",
                )
                .values(**values)
            ).rowcount
            if not kept:
                raise FlowGone


def claim(store: Store, scope: TenantScope, flow_id: int, clock: Clock, *, lease: float = RUN_LEASE) -> Run | None:
    """Take a flow's run that waits, or one whose worker is gone; missing where there is none, or one is under way."""
    owner = uuid.uuid4().hex
    now = clock.now()
    with store.write() as session:
        _lock(scope, session, flow_id)
        open_slots = session.execute(
            select(slot)
            .where(scope.of(slot), slot.c.flow_id == flow_id, slot.c.state != "done")
            .order_by(slot.c.state.desc(), slot.c.id)
        ).all()
        running = next((row for row in open_slots if row.state == "running"), None)
        due = next((row for row in open_slots if row.state == "due" and row.due_at <= now), None)
        if running is not None and running.lease_until > now:
            return None
        chosen = running or due
        if chosen is None:
            return None
        session.execute(
            update(slot)
            .where(scope.of(slot), slot.c.id == chosen.id)
            .values(
                state="running",
                owner=owner,
                started_at=now,
                lease_until=now + timedelta(seconds=lease),
            )
        )
    fault("schedule.claimed")
    return Run(store, scope, clock, id=chosen.id, flow_id=flow_id, owner=owner, lease=lease)


def last_run(scope: TenantScope, session: Session, flow_id: int) -> Mapping[str, Any] | None:
    """When a flow last ran and how it ended: `started_at`, `finished_at` (UTC), `outcome`; missing if never."""
    row = session.execute(
        select(slot.c.started_at, slot.c.finished_at, slot.c.outcome)
        .where(scope.of(slot), slot.c.flow_id == flow_id, slot.c.state == "done")
        .order_by(slot.c.finished_at.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else dict(row._mapping)


def _abandoned(now: datetime) -> Any:
    return and_(slot.c.state == "running", slot.c.lease_until <= now)


def _lock(scope: TenantScope, session: Session, flow_id: int) -> None:
    if session.dialect.name == "postgresql":
        session.execute(select(flow.c.id).where(scope.of(flow), flow.c.id == flow_id).with_for_update(key_share=True))
