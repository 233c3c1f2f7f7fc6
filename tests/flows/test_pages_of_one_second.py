"""As many orders as fill pages exactly, all changed in one second (an import, a bulk edit): the fetch ends and has them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.woocommerce import Options
from tests.flows.flows_kit import World, plain


@pytest.mark.parametrize("orders", [99, 100, 101, 200])
def test_a_fetch_of_full_pages_of_one_second_ends(tmp_path: Path, orders: int) -> None:
    shop = Options(generated=1, now="2026-11-20T12:00:00")
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=shop) as world:
        world.publish(plain("invoice"))
        for _ in range(orders):
            world.simple_order()
        fetched, _ = world.fetch_and_plan(only="none of them")
        assert fetched.changed == orders + 1
        assert fetched.pages < 12
