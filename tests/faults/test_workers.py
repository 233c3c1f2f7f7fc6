"""Workers with a wake-up server that is flushed, killed or away, and workers that are killed (engine/jobs.py)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from engine.signals import QUEUE, Signals, connect
from sandbox.quickbooks import Injected
from tests.faults.conftest import Factory
from tests.faults.worker import working
from tests.servers.redis_like import RedisServer, program


@pytest.fixture
def wakeups(factory: Factory) -> Iterator[RedisServer]:
    """A wake-up server of this test's own: Redis beside PostgreSQL, Valkey beside SQLite."""
    found = program("valkey" if factory.store.dialect == "sqlite" else "redis") or program("valkey")
    assert found is not None
    server = RedisServer(found).start()
    yield server
    server.stop()


def _until(true: Callable[[], object], seconds: float = 30.0) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + seconds, "it never came true"
        time.sleep(0.02)
    return time.monotonic() - began


def _settled(factory: Factory) -> bool:
    return factory.counts() == {"done": 2 * len(factory.planned)}


def test_a_wake_up_is_worked_on_at_once(factory: Factory, wakeups: RedisServer) -> None:
    with working(factory.task(redis=wakeups.url, tick_every=3600)):
        factory.plan(5)
        assert Signals(connect(wakeups.url)).drain(factory.scope.tenant_id, factory.company_id)
        _until(lambda: _settled(factory))

    factory.check()


@pytest.mark.parametrize("orders", [60, pytest.param(500, marks=pytest.mark.soak)])
def test_a_flushed_wake_up_server_costs_no_order_and_no_more_than_seconds(
    factory: Factory, wakeups: RedisServer, orders: int
) -> None:
    """F12."""
    with working(factory.task(redis=wakeups.url)), redis.Redis.from_url(wakeups.url) as client:
        factory.plan(orders)
        for _ in range(5):
            client.flushall()
            time.sleep(0.1)
        client.flushall()
        assert not _settled(factory), "there was something to lose"
        _until(lambda: _settled(factory), seconds=30)

    factory.check()


def test_without_a_wake_up_server_work_goes_on_and_nobody_waits_for_it(factory: Factory, wakeups: RedisServer) -> None:
    """F13 and F14: killed, away, and back with nothing in it."""
    signals = Signals(connect(wakeups.url))
    with working(factory.task(redis=wakeups.url)) as process:
        factory.plan(40)
        assert signals.drain(factory.scope.tenant_id, factory.company_id)
        os.kill(wakeups.pid, signal.SIGKILL)
        began = time.monotonic()
        assert not signals.drain(factory.scope.tenant_id, factory.company_id)
        assert time.monotonic() - began < 1.0
        _until(lambda: _settled(factory))
        factory.plan(5)
        _until(lambda: _settled(factory))

        wakeups.halt()
        wakeups.start()
        factory.plan(5)
        _until(lambda: _settled(factory))
        assert process.poll() is None

    factory.check()


def test_a_worker_without_any_wake_up_server_finds_its_work(factory: Factory) -> None:
    with working(factory.task()):
        factory.plan(5)
        _until(lambda: _settled(factory))

    factory.check()


@pytest.mark.parametrize("whom", ["parent", "group"])
def test_a_worker_that_is_asked_to_end_finishes_its_send_and_claims_no_more(
    factory: Factory, wakeups: RedisServer, whom: str
) -> None:
    """F3: as systemd does it with KillMode=mixed, and with control-group."""
    factory.plan(80)
    factory.books.inject(Injected("slow", operation="batch", hold=0.5, times=0))
    with working(factory.task(redis=wakeups.url)) as process:
        _until(lambda: factory.counts().get("sending"))
        (os.kill if whom == "parent" else os.killpg)(process.pid, signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    counts = factory.counts()

    assert "sending" not in counts
    assert "unknown" not in counts
    assert counts["done"] <= 90
    factory.books.clear_faults()
    factory.settle()
    factory.check()


def test_a_worker_whose_parent_is_killed_while_its_child_sends_doubles_nothing(
    factory: Factory, wakeups: RedisServer
) -> None:
    """F2: the orphan goes on, and another worker starts on the same company."""
    factory.books_double_what_is_repeated()
    factory.plan(70)
    factory.books.inject(Injected("slow", operation="batch", hold=0.4, times=0))
    signals = Signals(connect(wakeups.url))
    with working(factory.task(redis=wakeups.url, tick_every=3600)) as process:
        signals.drain(factory.scope.tenant_id, factory.company_id)
        _until(lambda: factory.books.calls().get("batch"))
        (orphan,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert Path(f"/proc/{orphan}").exists(), "it is at work still"
        with working(factory.task(redis=wakeups.url)):
            _until(lambda: _settled(factory))

    factory.check()


def test_wake_ups_carry_ids_as_json_and_nothing_else(factory: Factory, wakeups: RedisServer) -> None:
    """The arguments of every wake-up: no retry, no schedule, no pickle, a short memory."""
    from rq import Queue
    from rq.serializers import JSONSerializer

    client = connect(wakeups.url)
    signals = Signals(client)
    assert signals.fetch(1, 2)
    assert signals.drain(1, 3)
    assert signals.drain(1, 3)
    assert signals.reconcile(1, 3)
    assert signals.housekeeping()

    jobs = Queue(QUEUE, connection=client, serializer=JSONSerializer).jobs
    assert [(job.func_name, job.args) for job in jobs] == [
        ("engine.jobs.fetch", [1, 2]),
        ("engine.jobs.drain", [1, 3]),
        ("engine.jobs.reconcile", [1, 3]),
        ("engine.jobs.housekeeping", []),
    ]
    for job in jobs:
        assert (job.retries_left, job.result_ttl, job.timeout, job.failure_ttl) == (None, 0, 300, 86400)
