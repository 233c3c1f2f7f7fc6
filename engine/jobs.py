"""What workers do when they are woken, and the worker process: changes with how work is taken up, not with what it is.

A wake-up names a company or a flow; what is to be done stands in SQL, and leases there see to it that one worker does
it. So a wake-up may be lost, doubled or late. A ticker in every worker finds what is due, and does it itself where Redis
is away.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

import redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from connectors.errors import ConnectorError
from connectors.ports import Clock
from engine import housekeeping as keeping
from engine import lists, rulesets, schedule
from engine.posting import due
from engine.posting.turn import Report
from engine.schedule import FlowGone
from engine.signals import QUEUE, Signals, connect
from engine.store.engine import Store, StoreUnavailable
from engine.store.scope import TenantScope
from engine.working import Desk

_log = logging.getLogger("cloudcart.worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What a worker works with. `desk` gives the place of work for a tenant (a new one for each job: desks are not
    shared between threads). Seconds: `stop_within`, the end of a worker that is asked to end; `run_lease`, how long a
    flow's run may go without a sign of life before another worker takes it over."""

    store: Store
    clock: Clock
    desk: Callable[[TenantScope], Desk]
    signals: Signals | None = None
    stop_within: float = 75.0
    run_lease: float = schedule.RUN_LEASE


_application: Application | None = None
_stop = threading.Event()


def preload(application: Application) -> None:
    """Say what the jobs of this process, and of those forked from it, work with, and build what each of them would."""
    global _application
    _application = application
    rulesets.preload()


def _loaded() -> Application:
    if _application is None:
        raise RuntimeError("the worker was started without its application: start it with `cloudcart worker`")
    return _application


class _Stopped(Exception):
    """This process was asked to end; what was stored so far stays."""


# ---------------------------------------------------------------------------------------------------------- the jobs


def fetch(tenant_id: int, flow_id: int) -> None:
    """Do a flow's run that waits, if no other worker has it."""
    app = _loaded()
    if app.signals is not None:
        app.signals.woke("fetch", tenant_id, flow_id)
    scope = TenantScope(tenant_id)
    run = schedule.claim(app.store, scope, flow_id, app.clock, lease=app.run_lease)
    if run is None:
        return

    def alive(_report: object) -> None:
        run.renew()
        if _stop.is_set():
            raise _Stopped

    try:
        try:
            fetched, planned = app.desk(scope).run(flow_id, fetched=alive, planned=alive)
            run.finish({"ok": True, "records": fetched.records, "changed": fetched.changed, "planned": planned.planned})
        except ConnectorError as error:
            run.finish({"ok": False, "code": error.code, "message": error.message, "next_step": error.next_step})
        except _Stopped:
            run.give_back(due_at=app.clock.now())
    except FlowGone:
        _log.warning("a run of flow %s was taken over by another worker", flow_id)
    with app.store.read() as session:
        companies = due.companies_due(session, now=app.clock.now())
    for tenant, company_id in companies:
        if tenant == tenant_id and app.signals is not None:
            app.signals.drain(tenant, company_id)


def drain(tenant_id: int, company_id: int, *, seconds: float | None = None) -> Report:
    """Post what is due for a company, if no other worker does."""
    app = _loaded()
    if app.signals is not None:
        app.signals.woke("drain", tenant_id, company_id)
    report, _calls = app.desk(TenantScope(tenant_id)).post(company_id, seconds=seconds, stop=_stop.is_set)
    if report.stopped and not _stop.is_set() and app.signals is not None:
        app.signals.drain(tenant_id, company_id)
    return report


def reconcile(tenant_id: int, company_id: int) -> None:
    """Look for what is unknown and due, if no other worker does."""
    app = _loaded()
    if app.signals is not None:
        app.signals.woke("reconcile", tenant_id, company_id)
    app.desk(TenantScope(tenant_id)).look(company_id)


def housekeeping() -> None:
    """Purge what is due."""
    app = _loaded()
    if app.signals is not None:
        app.signals.woke("housekeeping")
    keeping.purge(app.store, app.clock)


# -------------------------------------------------------------------------------------------------------- the ticker


class Ticker:
    """Finds what is due and wakes somebody for it, every few seconds; where Redis is away it does the work itself.

    `lock` is held while it works: a process may only be forked off while it rests.
    """

    def __init__(self, app: Application, *, every: float = 3.0, slice_seconds: float = 10.0) -> None:
        self._app = app
        self._every = every
        self._slice = slice_seconds
        self._next_purge = 0.0
        self.lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="ticker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def _run(self) -> None:
        while not _stop.wait(self._every):
            with self.lock:
                try:
                    self.tick()
                except StoreUnavailable as error:
                    _log.warning("%s %s", error.message, error.next_step)
                except Exception:  # noqa: BLE001  # whatever befell this tick, without the next nothing is found again
                    _log.exception("the ticker stumbled")

    def tick(self) -> None:
        """One round."""
        app = self._app
        for run in schedule.tick(app.store, app.clock):
            if app.signals is None or not app.signals.fetch(run.tenant_id, run.flow_id):
                fetch(run.tenant_id, run.flow_id)
        with app.store.read() as session:
            companies = due.companies_due(session, now=app.clock.now())
        for tenant_id, company_id in companies:
            if _stop.is_set():
                return
            if app.signals is None or not app.signals.drain(tenant_id, company_id):
                drain(tenant_id, company_id, seconds=self._slice)
        if time.monotonic() >= self._next_purge:
            self._next_purge = time.monotonic() + 86400
            if app.signals is None or not app.signals.housekeeping():
                housekeeping()


# -------------------------------------------------------------------------------------------------------- the worker


class WakeUpWorker(Worker):
    """RQ's forking worker, told to stop claiming more when it is asked to end: the job on the way ends its send, and
    then itself."""

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]  # the library is untyped here
        _stop.set()
        if self.horse_pid:
            try:
                os.kill(self.horse_pid, signal.SIGTERM)
            except ProcessLookupError:
                return

    def setup_work_horse_signals(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _stop_claiming)


def _stop_claiming(_signal: int, _frame: FrameType | None) -> None:
    _stop.set()


def work(app: Application, redis_url: str | None, *, tick_every: float = 3.0) -> None:
    """Be a worker until SIGTERM or SIGINT. Without a Redis, or while it is away, the ticker does the work. To be called in
    the main thread of a process that has loaded the application."""
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    preload(app)
    lists.distrust(app.store, at=app.clock.now())
    _stop.clear()
    ticker = Ticker(app, every=tick_every)
    os.register_at_fork(
        before=ticker.lock.acquire, after_in_parent=ticker.lock.release, after_in_child=ticker.lock.release
    )
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _stop_claiming)
    ticker.start()
    try:
        if redis_url is None:
            _stop.wait()
        else:
            _work_through(redis_url)
    finally:
        _stop.set()
        ticker.join(app.stop_within)


def _work_through(redis_url: str) -> None:
    pause = 0.2
    while not _stop.is_set():
        client = connect(redis_url)
        client.connection_pool.connection_kwargs["socket_timeout"] = None  # RQ waits on the queue for minutes
        try:
            queue = Queue(QUEUE, connection=client, serializer=JSONSerializer)
            worker = WakeUpWorker(
                [queue],
                connection=client,
                serializer=JSONSerializer,
                worker_ttl=90,
                maintenance_interval=60,
                log_job_description=False,
            )
            worker.work(logging_level="WARNING")
        except redis.RedisError as error:
            _log.warning("the wake-up server is away (%s); looking for work myself", type(error).__name__)
        finally:
            client.close()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, _stop_claiming)
        _stop.wait(pause)
        pause = min(pause * 2, 5.0)
