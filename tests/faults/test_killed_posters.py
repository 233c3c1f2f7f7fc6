"""F1, F2, F3: posters are killed wherever it may hurt; nothing is lost, nothing is doubled, nothing is stuck."""

from __future__ import annotations

import os
import signal
import time

import pytest
from sqlalchemy import update

from engine import secret_keys
from engine.faults import POINTS
from engine.store.tables import company, slot, token
from engine.systems import Office
from sandbox.quickbooks import Injected
from sandbox.woocommerce import Options
from tests.faults.conftest import Factory
from tests.faults.posters import Posters
from tests.faults.scenes import RULES, check, set_up, unsettled
from tests.flows.flows_kit import World


def _leases_run_out(office: Office) -> None:
    """What the dead owned is free: how long that takes is another test's (`test_how_soon.py`)."""
    with office.store.write() as session:
        for table, ends in ((company, "lease_until"), (slot, "lease_until"), (token, "lock_until")):
            session.execute(
                update(table)
                .where(office.scope.of(table), table.c[ends].is_not(None))
                .values({ends: office.clock.now()})
            )


def test_a_worker_that_is_killed_at_any_crash_point_loses_and_doubles_nothing(
    migrated_url: str, posters: Posters
) -> None:
    with World(migrated_url, shop_options=Options(generated=1)) as world:
        world.publish(RULES)
        task = {
            "work": "tests.faults.tasks:fetch_and_post",
            "database": migrated_url,
            "tenant": world.office.scope.tenant_id,
            "company": world.company.id,
            "flow": world.flow.id,
            "keys": secret_keys.written(world.key),
        }
        for point in POINTS:
            set_up(world, point)
            assert posters.run(**task, faults=f"{point}@1") == -signal.SIGKILL, point
            _leases_run_out(world.office)
        while unsettled(world):
            assert posters.run(**task) == 0

        check(world)


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.soak) for n in range(2, 8))])
def test_three_posters_that_are_killed_again_and_again_lose_and_double_nothing(factory: Factory, seed: int) -> None:
    factory.books_double_what_is_repeated()
    factory.plan(40)
    for kind in ("applied_then_timeout", "applied_then_500", "timeout", "503", "truncated", "applied_then_reset"):
        factory.books.inject(Injected(kind, operation="batch", times=0, probability=0.05))
    end = time.monotonic() + 60
    kills = round_ = 0
    while {"planned", "sending", "unknown"} & factory.counts().keys():
        assert time.monotonic() < end, factory.counts()
        round_ += 1
        started = [factory.start(faults="*%8", seed=f"{seed}-{round_}-{n}", seconds=20) for n in range(3)]
        ends = [factory.posters.ended(id_) for id_, _ in started]
        kills += ends.count(-signal.SIGKILL)
        _leases_run_out(factory.office)
        if round_ == 8:
            factory.books.clear_faults()

    factory.check()
    assert kills >= 3


def test_a_poster_that_is_killed_by_hand_in_the_middle_of_a_send_doubles_nothing(factory: Factory) -> None:
    """F2: the books are still at work on the request when its sender is gone and the next one begins."""
    factory.books_double_what_is_repeated()
    factory.plan(20)
    factory.books.inject(Injected("slow", operation="batch", hold=0.6))
    id_, pid = factory.start()
    _until(lambda: factory.books.calls().get("batch"))
    os.kill(pid, signal.SIGKILL)
    assert factory.posters.ended(id_) == -signal.SIGKILL
    factory.settle()

    factory.check()


def test_a_poster_that_is_asked_to_end_settles_its_send_first(factory: Factory) -> None:
    """F3: SIGTERM during a send: it ends within the time of that request, and nothing is unknown afterwards."""
    factory.plan(80)
    factory.books.inject(Injected("slow", operation="batch", hold=0.4))
    id_, pid = factory.start()
    _until(lambda: factory.counts().get("sending"))
    os.kill(pid, signal.SIGTERM)

    assert factory.posters.ended(id_, timeout=10) == 0
    counts = factory.counts()
    assert counts["done"] == 30
    assert "sending" not in counts
    assert "unknown" not in counts
    factory.settle()
    factory.check()


def _until(true: object, seconds: float = 20.0) -> None:
    assert callable(true)
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)
