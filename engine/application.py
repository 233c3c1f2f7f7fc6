"""Puts together what a worker works with, from an open store and its settings. It starts nothing."""

from __future__ import annotations

from connectors.ports import Clock
from engine.jobs import Application
from engine.posting.timing import Timing
from engine.signals import Signals, connect
from engine.store.engine import Store
from engine.store.scope import TenantScope
from engine.store.seal import Sealer
from engine.systems import Office
from engine.working import Desk


def application(
    store: Store,
    sealer: Sealer,
    clock: Clock,
    *,
    redis_url: str | None,
    allow_private: bool,
    timing: Timing | None = None,
) -> Application:
    """What `engine.jobs.work` needs. Without a `redis_url` the ticker does all the work."""
    timing = timing or Timing()

    def desk(scope: TenantScope) -> Desk:
        office = Office(store=store, scope=scope, sealer=sealer, clock=clock, allow_private=allow_private)
        return Desk(office, timing=timing)

    return Application(
        store=store,
        clock=clock,
        desk=desk,
        signals=None if redis_url is None else Signals(connect(redis_url)),
    )
