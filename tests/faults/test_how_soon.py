"""F1: how soon everything stands again when a worker dies at a crash point; the figures are those of docs/operations.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import jobs
from engine.faults import POINTS, on_fault
from engine.jobs import Application, Ticker
from engine.posting.leases import CompanyLease
from engine.posting.timing import Timing
from engine.working import Desk
from sandbox.woocommerce import Options
from tests.faults.scenes import RULES, check, set_up, unsettled
from tests.flows.flows_kit import World

PAGE = Path(__file__).parents[2] / "docs/operations.md"
#: Seconds between two looks of the ticker in these tests.
STEP = 5


def promised() -> dict[str, int]:
    """What the page promises: seconds by crash point."""
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| (\d+) s \|", PAGE.read_text("utf-8"), re.MULTILINE)
    return {point: int(seconds) for points, seconds in rows for point in re.findall(r"`([a-z.]+)`", points)}


def test_the_page_promises_something_for_every_crash_point() -> None:
    assert promised().keys() == set(POINTS)


class Died(BaseException):
    """The process is gone, as far as store, shop and books can tell."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("how_soon")
    url = f"sqlite:///{folder / 'store.sqlite3'}"
    with World(url, shop_options=Options(generated=1), timing=Timing(heartbeat=0)) as made:
        made.publish(RULES)
        yield made


@pytest.fixture
def ticker(world: World) -> Iterator[Ticker]:
    """A worker without a wake-up server: what is due is done at its next look."""
    app = Application(
        store=world.store,
        clock=world.clock,
        desk=lambda _scope: Desk(world.office, timing=world.timing, lists_older_than=0.0),
    )
    jobs.preload(app)
    yield Ticker(app)
    on_fault(None)


def _dies(ticker: Ticker) -> bool:
    try:
        ticker.tick()
    except Died:
        return True
    return False


@pytest.mark.parametrize("point", POINTS)
def test_what_a_dead_worker_left_stands_as_soon_as_the_page_promises(
    world: World, ticker: Ticker, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(world, point)

    def die(passed: str) -> None:
        if passed == point:
            monkeypatch.setattr(CompanyLease, "release", lambda _self: None)  # the dead give nothing back
            raise Died

    on_fault(die)
    looks = 1
    while not _dies(ticker):
        assert looks < 5, f"nobody came by {point}"
        world.pass_time(seconds=STEP)
        looks += 1
    on_fault(None)
    monkeypatch.undo()
    waited = 0
    while unsettled(world):
        assert waited <= promised()[point], unsettled(world)
        world.pass_time(seconds=STEP)
        waited += STEP
        ticker.tick()

    assert waited == pytest.approx(promised()[point], abs=STEP)
    check(world)
