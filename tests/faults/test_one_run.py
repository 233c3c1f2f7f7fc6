"""F18, F25: several workers' tickers find one run at the same moment, people press for it twenty times; the shop is read once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from engine import secret_keys
from engine.store.tables import slot
from sandbox.woocommerce import Options
from tests.faults.posters import Posters
from tests.flows.flows_kit import World, plain

WORKERS = 5
ORDERS = "GET /wp-json/wc/v3/orders"


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    with World(migrated_url, shop_options=Options(generated=1)) as made:
        yield made


class Crowd:
    """Processes that do the same at the same moment."""

    def __init__(self, world: World, posters: Posters) -> None:
        self._world, self._posters = world, posters

    def all(self, work: str, number: int) -> None:
        task: dict[str, Any] = {
            "work": f"tests.faults.tasks:{work}",
            "database": self._world.database_url,
            "tenant": self._world.office.scope.tenant_id,
            "keys": secret_keys.written(self._world.key),
            "flow": self._world.flow.id,
            "at": time.time() + 0.5,
        }
        ids = [self._posters.start(**task)[0] for _ in range(number)]
        assert [self._posters.ended(id_) for id_ in ids] == [0] * number


def lists(world: World) -> int:
    """How often the shop was asked for its orders."""
    return world.shop.calls().get(ORDERS, 0)


def runs(world: World) -> list[tuple[str, Any]]:
    with world.store.read() as session:
        rows = session.execute(select(slot.c.state, slot.c.outcome).where(world.office.scope.of(slot)))
        return [(row.state, row.outcome) for row in rows]


def test_one_run_is_made_claimed_and_done_once_whoever_finds_it(world: World, posters: Posters) -> None:
    for _ in range(2):
        world.simple_order()
    world.publish(plain("invoice").replace("sync orders", "sync orders every 30 minutes"))
    crowd = Crowd(world, posters)
    before = lists(world)
    crowd.all("tick", WORKERS)
    assert world.shop.calls()[f"{ORDERS}/10001/refunds"] == 1
    ((state, outcome),) = runs(world)
    assert (state, outcome["ok"], outcome["records"]) == ("done", True, 3)
    one_run = lists(world) - before
    world.post()
    assert len(world.documents("Invoice")) == 3

    crowd.all("press", 2)
    assert [state for state, _ in runs(world)] == ["done", "due"], "twenty presses in two tabs"
    before = lists(world)
    crowd.all("tick", WORKERS)
    assert [state for state, _ in runs(world)] == ["done", "done"]
    assert lists(world) - before <= one_run
    world.post()
    assert len(world.documents("Invoice")) == 3
