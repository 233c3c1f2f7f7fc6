"""What a person is told before the first orders are moved: how many are older, and which products share a SKU."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.ports import Source
from engine import connections, systems
from sandbox.woocommerce import Fault, Options
from tests.flows.flows_kit import World, plain

UNDATED = plain("invoice").replace("  starting 01/01/2020\n", "")
VERSIONS = ["10.0", "5.0", "2.4", "2.3"]


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    version: Any = getattr(request, "param", "10.0")
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=Options(generated=12, version=version)) as made:
        yield made


def source(world: World) -> Source:
    with world.store.read() as session:
        return systems.open_shop(world.office, connections.named(world.office.scope, session, "shop"))


@pytest.mark.parametrize("world", VERSIONS, indirect=True)
def test_the_shop_counts_its_older_orders_in_one_call(world: World) -> None:
    shop = source(world)
    before = world.shop.call_count()
    assert shop.older_orders(datetime.now(UTC) + timedelta(days=1)) == 12
    assert shop.older_orders(datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert world.shop.call_count() - before == 2


def test_a_flow_without_a_starting_day_tells_how_many_orders_are_older_and_how_to_move_them(world: World) -> None:
    world.publish(UNDATED)
    fetched, _ = world.sync()
    (told,) = [each for each in fetched.findings if "older orders" in each]
    assert told.startswith("12 older orders are in the shop: 'Web orders' takes orders from ")
    assert "--since" in told
    assert "starting" in told
    assert any("12 older orders are in the shop" in line for line in world.lines())
    assert world.documents("Invoice") == []
    again, _ = world.sync()
    assert again.findings == [], "told once"


def test_a_day_typed_by_hand_moves_the_older_orders_and_stays_for_what_is_held(world: World) -> None:
    waiting = world.simple_order(
        set_paid=False, status="on-hold", payment_method="bacs", payment_method_title="Bank", date_created="2026-01-05T10:00:00"
    )  # fmt: skip
    world.publish(UNDATED.replace("record_as = invoice", "record_as = sales_receipt"))
    world.sync(since=date(2026, 1, 1))
    posted = [each["DocNumber"] for each in world.documents("SalesReceipt")]
    assert len(posted) >= 6
    assert waiting["number"] not in posted
    assert world.held_codes()[str(waiting["id"])] == "not_paid"
    world.shop.pay_order(waiting["id"])
    world.pass_time(hours=7)
    world.sync()
    assert waiting["number"] in [each["DocNumber"] for each in world.documents("SalesReceipt")]


def test_a_starting_day_that_is_written_is_not_undercut_by_hand(world: World) -> None:
    world.publish(plain("invoice").replace("01/01/2020", "01/01/2031"))
    fetched, planned = world.sync(since=date(2026, 1, 1))
    assert planned.planned == 0
    assert planned.outcomes["skip"] == fetched.records == 12
    assert not [each for each in fetched.findings if "older orders" in each]


def test_variations_that_share_a_sku_are_listed_before_the_first_sync_once(tmp_path: Path) -> None:
    options = Options(variations_without_sku=True)
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=options) as world:
        world.publish(plain("invoice"))
        fetched, _ = world.fetch_and_plan()
        (shared,) = [each for each in fetched.findings if "12 products share the SKU" in each]
        assert "Work Jacket" in shared
        assert any("12 products share the SKU" in line for line in world.lines())
        calls = world.shop.call_count()
        world.fetch_and_plan()
        assert world.shop.call_count() - calls < 8


def test_a_shop_that_shows_no_products_is_synced_all_the_same(world: World) -> None:
    world.shop.inject(Fault("status", status=403, path=r"/products"))
    world.publish(plain("invoice"))
    fetched, planned = world.sync()
    assert planned.planned > 0
    assert any("could not be looked up" in each for each in fetched.findings)
