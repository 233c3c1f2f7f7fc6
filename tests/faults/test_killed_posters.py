"""F1, F2, F3: posters are killed wherever it may hurt; nothing is lost, nothing is doubled, nothing is stuck."""

from __future__ import annotations

import os
import signal
import time

import pytest
from sqlalchemy import update

from engine.faults import POINTS
from engine.store.tables import token
from sandbox.quickbooks import Injected
from tests.faults.conftest import Factory

#: Crash points that a poster comes by, with what it takes to come by them.
ALWAYS = (
    "lists.refreshing",
    "lists.refreshed",
    "poster.leased",
    "poster.recovered",
    "poster.prepared",
    "outbox.claiming",
    "outbox.committed",
    "poster.socket",
    "poster.answered",
    "poster.followed",
    "poster.settling",
    "poster.settled",
)
AFTER_A_LOST_ANSWER = ("reconcile.looked", "reconcile.settling", "reconcile.settled")
WITH_AN_OLD_TOKEN = ("tokens.exchanged", "tokens.stored")


def test_a_poster_that_is_killed_at_any_crash_point_loses_and_doubles_nothing(factory: Factory) -> None:
    for point in (*ALWAYS, *WITH_AN_OLD_TOKEN, *AFTER_A_LOST_ANSWER):
        assert point in POINTS
        factory.plan(3)
        if point in WITH_AN_OLD_TOKEN:
            with factory.store.write() as session:
                session.execute(
                    update(token)
                    .where(factory.scope.of(token))
                    .values(expires_at=factory.office.clock.now(), lock_until=None)
                )
        if point in AFTER_A_LOST_ANSWER:
            factory.books.inject(Injected("applied_then_timeout", operation="batch"))
        assert factory.run(faults=f"{point}@1") == -signal.SIGKILL, point
    factory.settle()

    factory.check()


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.soak) for n in range(2, 8))])
def test_three_posters_that_are_killed_again_and_again_lose_and_double_nothing(factory: Factory, seed: int) -> None:
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
        if round_ == 8:
            factory.books.clear_faults()

    factory.check()
    assert kills >= 3


def test_a_poster_that_is_killed_by_hand_in_the_middle_of_a_send_doubles_nothing(factory: Factory) -> None:
    """F2: the books are still at work on the request when its sender is gone and the next one begins."""
    factory.plan(20)
    factory.books.inject(Injected("slow", operation="batch", hold=0.6))
    id_, pid = factory.start()
    _until(lambda: factory.counts().get("sending"))
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
