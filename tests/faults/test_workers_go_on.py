"""What a worker needs goes away and comes back; it goes on by itself, without being started anew (F3, F13, F15, F16)."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.signals import Signals, connect
from engine.store.engine import StoreUnavailable
from sandbox.quickbooks import Injected
from tests.faults.conftest import Factory, open_factory
from tests.faults.posters import Posters
from tests.faults.worker import working
from tests.servers.postgres import PostgresServer
from tests.servers.redis_like import RedisServer


@pytest.fixture
def on_sqlite(tmp_path: Path, posters: Posters) -> Iterator[Factory]:
    with open_factory(f"sqlite:///{tmp_path / 'store.sqlite3'}", posters) as made:
        yield made


def until(true: Callable[[], object], seconds: float = 30.0) -> float:
    """Wait until it is true; for how long."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + seconds, "it never came true"
        time.sleep(0.02)
    return time.monotonic() - began


def settled(factory: Factory) -> bool:
    return factory.counts() == {"done": 2 * len(factory.planned)}


def test_a_worker_whose_database_server_is_killed_goes_on_when_it_is_back(posters: Posters) -> None:
    """F15: SIGKILL for the server in the middle of a send, as in a power cut; connected again within 10 s."""
    server = PostgresServer().start()
    try:
        with open_factory(server.create_database(), posters) as factory, working(factory.task()) as worker:
            factory.plan(35)
            factory.books.inject(Injected("slow", operation="batch", hold=0.3))
            until(lambda: factory.counts().get("sending"))
            server.kill()
            with pytest.raises(StoreUnavailable):
                factory.counts()
            time.sleep(0.5)
            assert worker.poll() is None
            server.start()
            assert until(lambda: settled(factory)) <= 10
            assert worker.poll() is None
            factory.check()
    finally:
        server.stop()


def test_a_worker_whose_database_file_somebody_holds_goes_on_when_it_is_free(on_sqlite: Factory) -> None:
    """F16: SQLITE_BUSY for far longer than a transaction waits; nothing of the send that was under way is half there."""
    factory = on_sqlite
    holder = sqlite3.connect(factory.store.url.removeprefix("sqlite:///"), isolation_level=None, timeout=10)
    with working(factory.task(busy_seconds=0.2)) as worker:
        factory.plan(35)
        factory.books.inject(Injected("slow", operation="batch", hold=0.4))
        until(lambda: factory.counts().get("sending"))
        holder.execute("BEGIN IMMEDIATE")
        time.sleep(1.5)
        assert factory.counts() == {"sending": 30, "planned": 40}, "neither settled nor sent again"
        assert worker.poll() is None
        holder.execute("COMMIT")
        until(lambda: settled(factory))
        assert worker.poll() is None
    holder.close()
    factory.check()


def test_a_worker_that_is_asked_to_end_while_the_books_are_silent_ends_within_the_time_of_a_read(
    on_sqlite: Factory,
) -> None:
    """F3: exit within the read time-out and 5 s; what may have been done is unknown, and looked for by the next one."""
    factory = on_sqlite
    factory.books.inject(Injected("timeout", operation="batch", hold=60))
    with working(factory.task(read_timeout=1.0)) as worker:
        factory.plan(20)
        until(lambda: factory.counts().get("sending"))
        os.kill(worker.pid, signal.SIGTERM)
        asked = time.monotonic()
        assert worker.wait(timeout=20) == 0
        assert time.monotonic() - asked <= 1 + 5
    assert factory.counts() == {"unknown": 20, "planned": 20}
    factory.settle()
    factory.check()


def test_nobody_waits_for_a_wake_up_server_that_hangs(redis_server: RedisServer) -> None:
    """F13, worse than away: it takes connections and says nothing."""
    signals = Signals(connect(redis_server.url))
    assert signals.drain(1, 1)
    os.kill(redis_server.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert not any(signals.drain(1, company) for company in range(2, 40))
        assert time.monotonic() - began < 1
    finally:
        os.kill(redis_server.pid, signal.SIGCONT)


def test_a_wake_up_that_was_lost_with_its_worker_keeps_others_away_for_seconds(redis_server: RedisServer) -> None:
    """F14: what a server that was killed brings back from its last snapshot delays the next wake-up, and for how long."""
    client = connect(redis_server.url)
    signals = Signals(client)
    assert signals.drain(1, 1)
    client.delete("rq:queue:cloudcart")
    assert signals.drain(1, 1), "one waits, it believes"
    (waiting,) = client.keys("cloudcart:waiting:*")
    assert 0 < client.ttl(waiting) <= 30
