"""engine/jobs.py: what a worker has ready before it forks."""

from __future__ import annotations

from dsl.parse import shared_parser
from engine import jobs
from engine.jobs import Application
from engine.working import Desk
from tests.engine.conftest import Company


def test_a_worker_builds_the_parser_before_it_forks_and_not_for_every_wake_up(acme: Company) -> None:
    def no_desk(_scope: object) -> Desk:
        raise AssertionError("nothing is worked on here")

    shared_parser.cache_clear()
    jobs.preload(Application(store=acme.store, clock=acme.clock, desk=no_desk))

    assert shared_parser.cache_info().currsize == 1
