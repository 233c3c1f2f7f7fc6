"""What the processes of `tests.faults.posters` do besides posting as fast as they can: one function for each `work`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import requests

from engine import connections, jobs, schedule
from engine.clock import DatabaseClock
from engine.jobs import Application
from engine.posting.timing import Timing
from engine.store import Store, TenantScope
from engine.systems import open_books
from engine.working import Desk
from tests.faults.posters import QUICK, arm, office_of, post


class LeapingClock(DatabaseClock):
    """The database's clock for one process that never waits: whenever it would, it leaps, and the clock of its local
    books leaps with it. So hours of the product's own times, unshortened, take seconds."""

    def __init__(self, store: Store, books_url: str) -> None:
        super().__init__(store)
        self._clock_of_the_books = f"{books_url}/__sandbox__/clock"
        self._ahead = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._ahead)

    def monotonic(self) -> float:
        return super().monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        self._ahead += seconds
        requests.post(self._clock_of_the_books, json={"forward": seconds}, timeout=10).raise_for_status()


def post_leaping(task: Mapping[str, Any]) -> None:
    """Post for a company until nothing is left to do, or nothing is done any more, with the product's own times.
    `limits` are the office's, if they are others."""
    office = office_of(task)
    clock = LeapingClock(office.store, task["books"])
    office = replace(office, clock=clock, limits=task.get("limits", office.limits))
    desk = Desk(office, timing=Timing())
    for _ in range(500):
        report, _calls = desk.post(task["company"])
        if report.next_at is None:
            return
        # A worker's ticker looks every three seconds.
        clock.sleep(max((report.next_at - clock.now()).total_seconds(), 3.0))
    raise AssertionError("it never came to rest")


def fetch_and_post(task: Mapping[str, Any]) -> None:
    """A flow's run that waits, and then all that is to be posted."""
    arm(task)
    office = office_of(task)

    def desk(_scope: TenantScope) -> Desk:
        return Desk(office, timing=QUICK, lists_older_than=0.0)

    jobs.preload(Application(store=office.store, clock=office.clock, desk=desk))
    jobs.fetch(task["tenant"], task["flow"])
    post(task)


def say_hello(task: Mapping[str, Any]) -> None:
    """One call to a company's books."""
    office = office_of(task)
    with office.store.read() as session:
        company = connections.company_of(office.scope, session, id_=task["company"])
    books = open_books(office, company)
    try:
        books.profile()
    finally:
        books.close()


def tick(task: Mapping[str, Any]) -> None:
    """What a worker's ticker does where there is no wake-up server, at the moment `at` (of this machine): it finds runs
    that are due, and a second later, when all others have found them too, takes them up."""
    office = office_of(task)

    def desk(_scope: TenantScope) -> Desk:
        return Desk(office, timing=QUICK)

    jobs.preload(Application(store=office.store, clock=office.clock, desk=desk))
    time.sleep(max(task["at"] - time.time(), 0))
    due = schedule.tick(office.store, office.clock)
    time.sleep(max(task["at"] + 1 - time.time(), 0))
    for run in due:
        jobs.fetch(run.tenant_id, run.flow_id)


def press(task: Mapping[str, Any]) -> None:
    """Somebody presses "Sync now" ten times, from the moment `at` (of this machine) on."""
    office = office_of(task)
    time.sleep(max(task["at"] - time.time(), 0))
    for _ in range(10):
        with office.store.write() as session:
            schedule.press(office.scope, session, task["flow"], at=office.clock.now())
