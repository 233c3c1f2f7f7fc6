"""F5, F8, F9 over HTTP by a process of its own, with the product's own times: books that are silent, busy or out of order."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.store.tables import operation
from sandbox.quickbooks import Injected, Limits
from tests.faults.conftest import Factory, open_factory
from tests.faults.posters import Posters

#: Batches a minute that the books bear in these tests, so that a backlog of some minutes is small.
BATCHES = 3
CALLS = 60


@pytest.fixture
def company(tmp_path: Path, posters: Posters) -> Iterator[Factory]:
    with open_factory(f"sqlite:///{tmp_path / 'store.sqlite3'}", posters) as made:
        options = made.books.api.company.options
        limits = Limits(enabled=True, per_minute=CALLS, per_second=CALLS, batches_per_minute=BATCHES)
        made.books.api.configure(replace(options, limits=limits))
        made.plan(1)
        made.settle()  # the lists are there: the storm meets what is posted
        yield made


class Weather:
    """What the books see, in their own time: the moment of each call, while the storm lasts and after it."""

    def __init__(self, factory: Factory, seconds: float, *faults: Injected) -> None:
        self._api = factory.books.api
        self._clock = factory.books.api.company.clock
        self.arrived: list[tuple[float, str]] = []
        self.began = self._clock.seconds()
        self.ends = self.began + seconds
        for fault in faults:
            factory.books.inject(fault)
        self._listening = pytest.MonkeyPatch()

    def __enter__(self) -> Weather:
        all_of_it, always = self._api.count, self._api.injector.pick

        def count(*names: str) -> None:
            if names[0] == "total":
                self.arrived.append((self._clock.seconds(), names[1]))
            all_of_it(*names)

        def pick(method: str, path: str, operation: str, entities: frozenset[str]) -> Injected | None:
            return always(method, path, operation, entities) if self._clock.seconds() < self.ends else None

        self._listening.setattr(self._api, "count", count)
        self._listening.setattr(self._api.injector, "pick", pick)
        return self

    def __exit__(self, *exc: object) -> None:
        self._listening.undo()

    def moments(self, which: Callable[[str], bool] = lambda kind: True, *, storm: bool | None = None) -> list[float]:
        """When calls arrived: all of them, those of the storm, or those after it."""
        return [at for at, kind in self.arrived if which(kind) and (storm is None or (at < self.ends) == storm)]


def busiest_minute(moments: list[float]) -> int:
    return max(sum(1 for other in moments if at <= other < at + 60) for at in moments)


def post(factory: Factory) -> None:
    limits = {"call": CALLS, "batch": BATCHES}
    assert factory.run(work="tests.faults.tasks:post_leaping", books=factory.books.url, limits=limits) == 0


def attempts(factory: Factory) -> set[int]:
    with factory.store.read() as session:
        return set(session.execute(select(operation.c.attempts).where(factory.scope.of(operation))).scalars())


@pytest.mark.parametrize(("retry_after", "pause"), [(None, 60), (20, 20)])
def test_five_minutes_of_too_many_requests_fail_nothing_and_the_limit_is_kept_and_used(
    company: Factory, retry_after: int | None, pause: float
) -> None:
    """F8, with and without Retry-After."""
    company.plan(90)
    storm = Injected("429", times=0, retry_after=retry_after)
    with Weather(company, 300, storm) as seen:
        post(company)

    company.check()
    assert attempts(company) == {0}
    assert 300 / pause - 1 <= len(seen.moments(storm=True)) <= 300 / pause + 1
    batches = seen.moments(lambda kind: kind == "batch", storm=False)
    assert busiest_minute(seen.moments()) <= CALLS * 1.05
    assert busiest_minute(batches) <= BATCHES * 1.05
    assert company.books.calls()["throttled"] == len(seen.moments(storm=True)), "the limit itself was never met"
    assert len(batches) == 2 * BATCHES
    assert (len(batches) - 1) / (batches[-1] - batches[0]) * 60 >= BATCHES * 0.9, "catching up"


def test_ten_minutes_of_errors_open_the_circuit_and_are_probed_every_thirty_seconds(company: Factory) -> None:
    """F9: 503 before and 500 after applying, in turns."""
    company.plan(31)
    half = Injected("503", times=0, probability=0.5)
    other = Injected("applied_then_500", times=0, forget_request_id=True)
    with Weather(company, 600, half, other) as seen:
        post(company)

    company.check()
    storm = seen.moments(storm=True)
    gaps = [later - sooner for sooner, later in itertools.pairwise(storm)]
    opened = next(n for n, gap in enumerate(gaps) if gap >= 30)
    assert opened + 1 <= 5, "calls that failed before it waited"
    assert all(gap >= 30 for gap in gaps[opened:]), "probes"
    assert len(storm) >= 10, "it is probed"
    assert seen.moments(storm=False)[0] - seen.ends <= 60, "it goes on when the storm is over"


def test_what_never_arrived_is_looked_for_four_times_and_goes_again_after_150_seconds_not_sooner(
    company: Factory,
) -> None:
    """F5."""
    company.plan(3)
    with Weather(company, 3600, Injected("timeout", operation="batch")) as seen:
        post(company)

    company.check()
    first, again = seen.moments(lambda kind: kind == "batch")[:2]
    looks = [at - first for at in seen.moments(lambda kind: kind == "query") if first < at < again]
    assert [round(look / 5) * 5 for look in looks] == [5, 20, 60, 150]
    assert 150 <= again - first <= 160
