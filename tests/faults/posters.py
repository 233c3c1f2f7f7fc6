"""Posters that may be killed: real processes, forked off one that has loaded everything (a start costs a second).

Run as `python -m tests.faults.posters`: each line of standard input is a task as JSON (`work` names what does it, if
not `post`), answered by a line with the process id of the child that does it, and by another one with its end. It has
no threads, so that it may fork.
"""

from __future__ import annotations

import json
import os
import pkgutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from engine import faults, rulesets, secret_keys
from engine.clock import DatabaseClock
from engine.posting import reading
from engine.posting.timing import Timing
from engine.store import TenantScope, open_store
from engine.store.seal import Sealer
from engine.systems import Office
from engine.working import Desk

ROOT = Path(__file__).resolve().parents[2]
#: Times of posting in these tests, about a hundred times as fast; the local books answer at once.
QUICK = replace(
    Timing().shortened(100), lease=1.0, heartbeat=0.3, begin=0.5, looks=(0.05, 0.2, 0.5, 1.2), circuit_pause=0.3
)


def office_of(task: Mapping[str, Any]) -> Office:
    """Whose data a task is about, opened in this process."""
    store = open_store(task["database"])
    return Office(
        store=store,
        scope=TenantScope(task["tenant"]),
        sealer=Sealer(secret_keys.parse(task["keys"], "the test")),
        clock=DatabaseClock(store),
        allow_private=True,
    )


def arm(task: Mapping[str, Any]) -> None:
    """Let this process die where its task says."""
    if task.get("faults"):
        faults.on_fault(faults.armed(task["faults"], str(task.get("seed", ""))))


def post(task: Mapping[str, Any]) -> None:
    """Post for a company until nothing is left to do (or `seconds` are over), as a worker would, again and again."""
    arm(task)
    office = office_of(task)
    desk = Desk(office, timing=QUICK, lists_older_than=0.0)
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    end = time.monotonic() + task.get("seconds", 30.0)
    while not stopping and time.monotonic() < end:
        report, _ = desk.post(task["company"], stop=lambda: stopping)
        with office.store.read() as session:
            counts = reading.counts(office.scope, session, task["company"])
        if not {"planned", "sending", "unknown"} & counts.keys():
            return
        if report.next_at is not None or report.busy or report.paused:
            time.sleep(0.05)


def serve() -> None:
    """Fork a child for each task; children are waited for one after the other as they end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # What every child would do again, in a second.
    open_store("postgresql://").dispose()
    rulesets.preload()
    children: dict[int, str] = {}
    os.set_blocking(sys.stdin.fileno(), False)
    buffered = b""
    closed = False
    while not closed or children:
        try:
            chunk = os.read(sys.stdin.fileno(), 65536)
            closed = not chunk
            buffered += chunk
        except BlockingIOError:
            time.sleep(0.005)
        while b"\n" in buffered:
            line, _, buffered = buffered.partition(b"\n")
            task = json.loads(line)
            work = pkgutil.resolve_name(task["work"]) if "work" in task else post  # imported once, not by every child
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    work(task)
                    status = 0
                except Exception as error:  # noqa: BLE001  # said, and the exit status tells
                    print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                finally:
                    os._exit(status)
            children[child] = task["id"]
            print(json.dumps({"id": task["id"], "pid": child}), flush=True)
        if closed:
            for child in children:
                os.kill(child, signal.SIGKILL)
        while children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if not child:
                break
            ended = os.waitstatus_to_exitcode(status)
            print(json.dumps({"id": children.pop(child), "ended": ended}), flush=True)


class Posters:
    """Starts posters and says how they ended (0, or minus the signal)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.posters"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self._answers: dict[str, Queue[dict[str, int]]] = {}
        self._next = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer = json.loads(line)
            self._answers[answer["id"]].put(answer)

    def start(self, **task: Any) -> tuple[str, int]:
        """(id of the task, process id) of a new poster."""
        self._next += 1
        id_ = str(self._next)
        self._answers[id_] = Queue()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({**task, "id": id_}) + "\n")
        self._process.stdin.flush()
        return id_, self._answers[id_].get(timeout=30)["pid"]

    def ended(self, id_: str, timeout: float = 60.0) -> int:
        """How a poster ended; fails the test if it does not end in time."""
        try:
            return self._answers[id_].get(timeout=timeout)["ended"]
        except Empty:
            raise AssertionError(f"poster {id_} is still at work after {timeout} s") from None

    def run(self, **task: Any) -> int:
        """Start one and wait for its end."""
        return self.ended(self.start(**task)[0])

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._reader.join(timeout=10)
        assert self._process.stdout is not None
        self._process.stdout.close()


if __name__ == "__main__":
    serve()
