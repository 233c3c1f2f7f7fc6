"""engine/jobs.py: what a worker has ready before it forks."""

from __future__ import annotations

from dsl.grammar_tables import tables
from engine import jobs
from engine.jobs import Application
from engine.working import Desk
from tests.engine.conftest import Company


def test_a_worker_loads_the_grammar_before_it_forks_and_not_for_every_wake_up(acme: Company) -> None:
    def no_desk(_scope: object) -> Desk:
        raise AssertionError("nothing is worked on here")

    tables.cache_clear()
    jobs.preload(Application(store=acme.store, clock=acme.clock, desk=no_desk))

    assert tables.cache_info().currsize == 1
