"""engine/schedule.py: rhythms are right in every zone, and a run is made once and claimed once."""

from __future__ import annotations

import itertools
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import func, insert, select

from engine import schedule
from engine.clock import DatabaseClock
from engine.ids import new_uid
from engine.store import tables
from tests.engine.conftest import Company


def _moments(first: datetime, days: int, **rhythm: Any) -> list[datetime]:
    found, at = [], first
    while (at := schedule.next_after(at, **rhythm)) < first + timedelta(days=days):
        found.append(at)
    return found


@pytest.mark.parametrize(
    ("zone", "around"),
    [
        ("America/New_York", datetime(2026, 3, 6, tzinfo=UTC)),  # clocks go forward on March 8
        ("America/New_York", datetime(2026, 10, 30, tzinfo=UTC)),  # and back on November 1
        ("Pacific/Auckland", datetime(2026, 4, 3, tzinfo=UTC)),
        ("Pacific/Tongatapu", datetime(2028, 2, 27, tzinfo=UTC)),  # UTC+13, a leap day
        ("Asia/Kathmandu", datetime(2026, 12, 30, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("time", ["02:30", "00:00", "23:59", "06:00"])
def test_every_day_at_a_time_is_once_for_every_day_of_the_companys_calendar(
    zone: str, around: datetime, time: str
) -> None:
    moments = _moments(around, 7, every_minutes=None, daily_at=time, zone=zone)

    days = [at.astimezone(ZoneInfo(zone)).date() for at in moments]
    assert len(days) in (7, 8)
    assert all(later - sooner == timedelta(days=1) for sooner, later in itertools.pairwise(days))


def test_a_time_that_a_day_does_not_have_is_as_much_later() -> None:
    moment = schedule.next_after(
        datetime(2026, 3, 8, 5, tzinfo=UTC), every_minutes=None, daily_at="02:30", zone="America/New_York"
    )

    assert moment.astimezone(ZoneInfo("America/New_York")).isoformat() == "2026-03-08T03:30:00-04:00"


def test_every_thirty_minutes_is_a_grid_that_the_change_of_clocks_does_not_touch() -> None:
    moments = _moments(datetime(2026, 11, 1, tzinfo=UTC), 1, every_minutes=30, daily_at=None, zone="America/New_York")

    assert len(moments) == 47
    assert all(at.minute in (0, 30) for at in moments)


def _flow(acme: Company, **rhythm: Any) -> int:
    now = acme.clock.now()
    with acme.store.write() as session:
        own = {"tenant_id": acme.scope.tenant_id}
        ruleset = session.execute(
            insert(tables.ruleset)
            .values(**own, uid=new_uid(), name="Rules", created_at=now)
            .returning(tables.ruleset.c.id)
        ).scalar_one()
        version = session.execute(
            insert(tables.ruleset_version)
            .values(
                **own, uid=new_uid(), ruleset_id=ruleset, number=1, hash="h", text="", tables={},
                author="Ann", published_at=now,
            )
            .returning(tables.ruleset_version.c.id)
        ).scalar_one()  # fmt: skip
        flow_id: int = session.execute(
            insert(tables.flow)
            .values(
                **own, uid=new_uid(), name="Web orders", ruleset_id=ruleset, ruleset_version_id=version,
                connection_id=acme.connection_id, company_id=acme.id, first_published_at=now,
            )
            .returning(tables.flow.c.id)
        ).scalar_one()  # fmt: skip
        if rhythm:
            session.execute(
                insert(tables.schedule).values(
                    **own,
                    flow_id=flow_id,
                    **{"daily_at": None, "every_minutes": None, "zone": "America/New_York", "next_at": now, **rhythm},
                )
            )
    return flow_id


def _slots(acme: Company) -> int:
    with acme.store.read() as session:
        number: int = session.execute(
            select(func.count()).select_from(tables.slot).where(acme.scope.of(tables.slot))
        ).scalar_one()
    return number


def _at_once(number: int, work: Any) -> list[Any]:
    results: list[Any] = []
    gate = threading.Barrier(number)

    def one() -> None:
        gate.wait()
        results.append(work())

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_tickers_and_three_workers_make_one_slot_and_one_run(acme: Company) -> None:
    """F18."""
    flow_id = _flow(acme, every_minutes=30)

    found = _at_once(2, lambda: schedule.tick(acme.store, acme.clock))
    runs = _at_once(3, lambda: schedule.claim(acme.store, acme.scope, flow_id, acme.clock))

    assert _slots(acme) == 1
    assert all(due.flow_id == flow_id for some in found for due in some)
    assert len([run for run in runs if run is not None]) == 1


#: Zone, a day there, a time of the day, and when the run of that day is due, as its people read the clock.
DAYS = [
    ("America/New_York", "2026-03-08", "02:30", "03:30-04:00"),  # forward: 02:30 is no time of that day
    ("America/New_York", "2026-11-01", "01:30", "01:30-04:00"),  # back: 01:30 is twice, the first one counts
    ("Europe/London", "2026-03-29", "01:00", "02:00+01:00"),
    ("Asia/Kolkata", "2026-06-15", "00:15", "00:15+05:30"),  # half an hour, no change of clocks
    ("Asia/Kathmandu", "2026-12-31", "23:59", "23:59+05:45"),
    ("Asia/Tokyo", "2028-02-29", "06:00", "06:00+09:00"),  # none either, a leap day
    ("Australia/Lord_Howe", "2026-10-04", "02:15", "02:45+11:00"),  # forward by half an hour, in the southern spring
    ("Australia/Lord_Howe", "2026-04-05", "01:45", "01:45+11:00"),  # back by half an hour, in the southern autumn
    ("Pacific/Auckland", "2026-09-27", "02:00", "03:00+13:00"),
    ("Pacific/Auckland", "2026-04-05", "02:59", "02:59+13:00"),
    ("America/Santiago", "2026-09-06", "00:00", "01:00-03:00"),  # a day that begins at one
    ("Pacific/Kiritimati", "2026-01-01", "00:00", "00:00+14:00"),
]


@pytest.mark.parametrize(("zone", "day", "time", "expected"), DAYS)
def test_a_day_has_one_slot_at_its_time_whatever_the_clocks_do(
    acme: Company, zone: str, day: str, time: str, expected: str
) -> None:
    """F17: ticked every half an hour, from before that day and the one before it to after it."""
    there = ZoneInfo(zone)
    midnight = datetime.fromisoformat(day).replace(tzinfo=there)
    acme.clock.at = midnight.astimezone(UTC) - timedelta(hours=26)
    first = schedule.next_after(acme.clock.now(), every_minutes=None, daily_at=time, zone=zone)
    flow_id = _flow(acme, daily_at=time, zone=zone, next_at=first)

    for _ in range(2 * (26 + 27)):
        for due in schedule.tick(acme.store, acme.clock):
            run = schedule.claim(acme.store, acme.scope, due.flow_id, acme.clock)
            assert run is not None
            run.finish({"ok": True})
        acme.clock.advance(1800)

    with acme.store.read() as session:
        due_at = session.execute(
            select(tables.slot.c.due_at).where(acme.scope.of(tables.slot), tables.slot.c.flow_id == flow_id)
        ).scalars()
        moments = sorted(at.astimezone(there) for at in due_at)
    days = [at.date() for at in moments]
    assert days == sorted(set(days)), "a day has two"
    assert {midnight.date() + timedelta(days=shift) for shift in (-1, 0)} <= set(days), "a day has none"
    (of_the_day,) = [at for at in moments if at.date() == midnight.date()]
    assert of_the_day.isoformat() == f"{day}T{expected[:5]}:00{expected[5:]}"


def test_twenty_presses_in_two_tabs_are_one_run(acme: Company) -> None:
    """F25."""
    flow_id = _flow(acme)

    def press() -> int:
        with acme.store.write() as session:
            return schedule.press(acme.scope, session, flow_id, at=acme.clock.now())[0]

    ids = _at_once(4, lambda: [press() for _ in range(5)])

    assert len({id_ for some in ids for id_ in some}) == 1
    run = schedule.claim(acme.store, acme.scope, flow_id, acme.clock)
    assert run is not None
    assert press() == run.id
    run.finish({"ok": True})
    assert _slots(acme) == 1
    assert schedule.waiting(acme.store, acme.clock.now()) == []


def test_runs_that_were_missed_are_one_run(acme: Company) -> None:
    flow_id = _flow(acme, every_minutes=30)
    schedule.tick(acme.store, acme.clock)
    run = schedule.claim(acme.store, acme.scope, flow_id, acme.clock)
    assert run is not None
    run.finish({"ok": True})
    acme.clock.advance(10 * 3600)

    for _ in range(3):
        schedule.tick(acme.store, acme.clock)

    assert _slots(acme) == 2


def test_a_run_whose_worker_is_gone_is_taken_over_and_the_old_worker_may_write_nothing(acme: Company) -> None:
    flow_id = _flow(acme, every_minutes=30)
    schedule.tick(acme.store, acme.clock)
    gone = schedule.claim(acme.store, acme.scope, flow_id, acme.clock)
    assert gone is not None
    acme.clock.advance(60)
    gone.renew()
    acme.clock.advance(119)
    assert schedule.claim(acme.store, acme.scope, flow_id, acme.clock) is None
    acme.clock.advance(2)

    assert [due.flow_id for due in schedule.waiting(acme.store, acme.clock.now())] == [flow_id]
    run = schedule.claim(acme.store, acme.scope, flow_id, acme.clock)
    assert run is not None
    with pytest.raises(schedule.FlowGone):
        gone.renew()
    with pytest.raises(schedule.FlowGone):
        gone.finish({"ok": True})
    run.finish({"ok": True})


@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)  # a SQLite file has no clock but the machine's
def test_a_worker_whose_clock_is_two_hours_ahead_steals_no_lease_and_makes_no_slot_early(acme: Company) -> None:
    """F17: what counts is the database's clock; on PostgreSQL a worker's own does not matter."""
    clock = DatabaseClock(acme.store)
    real = clock.now()
    with time_machine.travel(real + timedelta(hours=2)):
        ahead = DatabaseClock(acme.store).now()
    with time_machine.travel(real - timedelta(hours=2)):
        behind = DatabaseClock(acme.store).now()

    assert abs(ahead - real) < timedelta(seconds=5)
    assert abs(behind - real) < timedelta(seconds=5)


def test_given_back_runs_are_due_again_then(acme: Company) -> None:
    flow_id = _flow(acme, every_minutes=30)
    schedule.tick(acme.store, acme.clock)
    run = schedule.claim(acme.store, acme.scope, flow_id, acme.clock)
    assert run is not None

    run.give_back(due_at=acme.clock.now() + timedelta(seconds=60))

    assert schedule.claim(acme.store, acme.scope, flow_id, acme.clock) is None
    acme.clock.advance(61)
    assert schedule.claim(acme.store, acme.scope, flow_id, acme.clock) is not None
