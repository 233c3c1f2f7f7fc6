"""A real worker process of these tests: `python -m tests.faults.worker TASK`, with a task as `tests.faults.posters` has.
`busy_seconds` and `read_timeout` shorten how long it waits for the database file, and for the books.

It says "ready" on standard output once everything is loaded.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from connectors.quickbooks import Settings as QuickBooksSettings
from engine import secret_keys, systems
from engine.clock import DatabaseClock
from engine.jobs import Application, work
from engine.signals import Signals, connect
from engine.store import TenantScope, open_store
from engine.store.engine import BUSY_SECONDS
from engine.store.seal import Sealer
from engine.systems import Office
from engine.working import Desk
from tests.faults.posters import QUICK, ROOT


def main(task: dict[str, Any]) -> None:
    if "read_timeout" in task:
        patch.object(
            systems, "QuickBooksSettings", partial(QuickBooksSettings, read_timeout=task["read_timeout"])
        ).start()
    store = open_store(task["database"], busy_seconds=task.get("busy_seconds", BUSY_SECONDS))
    clock = DatabaseClock(store)
    sealer = Sealer(secret_keys.parse(task["keys"], "the test"))

    def desk(scope: TenantScope) -> Desk:
        office = Office(store=store, scope=scope, sealer=sealer, clock=clock, allow_private=True)
        return Desk(office, timing=QUICK)

    redis_url = task.get("redis")
    app = Application(
        store=store, clock=clock, desk=desk, signals=None if redis_url is None else Signals(connect(redis_url))
    )
    print("ready", flush=True)
    work(app, redis_url, tick_every=task.get("tick_every", 0.3))


@contextmanager
def working(task: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
    """A worker, ready to work, the leader of its own process group; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.worker", json.dumps(task)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        process_group=0,
    )
    assert process.stdout is not None
    try:
        with process.stdout as said:
            assert said.readline() == "ready\n"
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
