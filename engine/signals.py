"""Wake-ups for workers over Redis: changes when a wake-up is sent in another way. Nothing but ids travels here.

A wake-up that is lost costs delay and no data: SQL is the truth, and the ticker finds what is due. So there is no retry,
no schedule and no pickle, and a Redis that is away is no error.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import redis
from rq import Queue
from rq.serializers import JSONSerializer

QUEUE = "cloudcart"
_JOB_SECONDS = 300
_KEEP_FAILED = 86400
#: A person's click waits for no wake-up: a server that does not answer in this time is away.
_PATIENCE = 0.5
#: And for so long it is not asked again, so that a ticker with a hundred companies is not held up a hundred times.
_AWAY_SECONDS = 5.0
#: A wake-up that was lost together with its worker keeps the next one away no longer than this.
_WAITING_SECONDS = 10


def connect(redis_url: str) -> redis.Redis:
    """A client of the wake-up server (redis://, rediss:// or unix://), with time-outs: nobody waits for a wake-up."""
    return redis.Redis.from_url(
        redis_url, socket_connect_timeout=_PATIENCE, socket_timeout=_PATIENCE, health_check_interval=30
    )


def is_there(redis_url: str) -> bool:
    """Whether the wake-up server answers."""
    client = connect(redis_url)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


@dataclass(slots=True)
class Signals:
    """Sends wake-ups. Each call says whether the signal went out; where it did not, the tickers find the work."""

    client: redis.Redis
    name: str = QUEUE
    _queue: Queue = field(init=False)
    _away_until: float = field(init=False, default=0.0)  # by the monotonic clock

    def __post_init__(self) -> None:
        self._queue = Queue(self.name, connection=self.client, serializer=JSONSerializer)

    def fetch(self, tenant_id: int, flow_id: int) -> bool:
        """A run of a flow waits."""
        return self._send("engine.jobs.fetch", tenant_id, flow_id)

    def drain(self, tenant_id: int, company_id: int) -> bool:
        """A company has operations to post."""
        return self._send("engine.jobs.drain", tenant_id, company_id)

    def reconcile(self, tenant_id: int, company_id: int) -> bool:
        """A company has something unknown that is due to be looked for."""
        return self._send("engine.jobs.reconcile", tenant_id, company_id)

    def housekeeping(self) -> bool:
        """Old personal data is due to be purged."""
        return self._send("engine.jobs.housekeeping")

    def _send(self, job: str, *ids: int) -> bool:
        # Workers preload the code, so the job is named, not imported. The same wake-up waiting already is enough:
        # a second one would find nothing to do.
        name = "-".join((job.rpartition(".")[2], *map(str, ids)))
        if time.monotonic() < self._away_until:
            return False
        try:
            if not self.client.set(f"cloudcart:waiting:{name}", 1, nx=True, ex=_WAITING_SECONDS):
                return True
            self._queue.enqueue_call(
                job,
                args=list(ids),
                timeout=_JOB_SECONDS,
                result_ttl=0,
                failure_ttl=_KEEP_FAILED,
            )
        except redis.RedisError:
            self._away_until = time.monotonic() + _AWAY_SECONDS
            return False
        return True

    def woke(self, job: str, *ids: int) -> None:
        """A worker begins with this wake-up: the next one is to be let through."""
        if time.monotonic() < self._away_until:
            return
        try:
            self.client.delete("cloudcart:waiting:" + "-".join((job, *map(str, ids))))
        except redis.RedisError:
            self._away_until = time.monotonic() + _AWAY_SECONDS
