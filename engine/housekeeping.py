"""Forgets personal data when its time is over: changes when something else must be forgotten, or sooner.

Hashes, ids and amounts in the ledger stay; `explain` says when the rest was purged. May run any number of times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from connectors.ports import Clock
from engine import decisions, records
from engine.posting import sends, sightings
from engine.store.engine import Store
from engine.store.scope import TenantScope
from engine.store.tables import tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How many days things are kept: raw payloads with their mapped records and traces; bodies of what was sent (they
    are needed only until a send is over); sightings."""

    payloads: int = 90
    bodies: int = 30
    sightings: int = 60


def purge(store: Store, clock: Clock, keeping: Keeping | None = None) -> dict[str, int]:
    """Purge what is due, of all tenants; says how much of what."""
    keeping = keeping or Keeping()
    now = clock.now()
    with store.read() as session:
        tenants = list(session.execute(select(tenant.c.id).order_by(tenant.c.id)).scalars())
    done = {"payloads": 0, "traces": 0, "bodies": 0, "sightings": 0}
    for tenant_id in tenants:
        scope = TenantScope(tenant_id)
        before = now - timedelta(days=keeping.payloads)
        with store.write() as session:
            done["payloads"] += records.purge(scope, session, before=before, now=now)
        with store.write() as session:
            done["traces"] += decisions.purge(scope, session, before=before)
        while True:
            with store.write() as session:
                some = sends.forget_bodies(scope, session, before=now - timedelta(days=keeping.bodies))
            done["bodies"] += some
            if not some:
                break
        with store.write() as session:
            done["sightings"] += sightings.forget(scope, session, before=now - timedelta(days=keeping.sightings))
    return done
