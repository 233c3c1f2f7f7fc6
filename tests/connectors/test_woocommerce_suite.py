"""The suite that every source passes, for WooCommerce of each age over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pytest

from connectors.records import Fetched
from connectors.woocommerce import WooCommerce
from sandbox.woocommerce import Options, RunningShop, start
from tests.connectors.clocks import RunningClock
from tests.connectors.source_suite import SourceSuite


def keys(server: RunningShop, **changes: str) -> dict[str, str]:
    return {
        "url": server.url,
        "consumer_key": server.consumer_key,
        "consumer_secret": server.consumer_secret,
        **changes,
    }


class LocalShop:
    """The sandbox, with what the suite does to a shop."""

    def __init__(self, server: RunningShop) -> None:
        self.server = server

    def change(self, order_id: str) -> None:
        self.server.pass_time(60)
        self.server.edit_order(int(order_id), status="cancelled")

    def new_order(self) -> str:
        self.server.pass_time(60)
        return str(self.server.add_order(line_items=[{"product_id": 10, "quantity": 1}])["id"])


class WooCommerceSuite(SourceSuite):
    options: Options
    secret_names = ("consumer_key", "consumer_secret")

    @pytest.fixture(scope="class")
    @classmethod
    def shop(cls) -> Iterator[LocalShop]:
        with start(cls.options) as server:
            yield LocalShop(server)

    @pytest.fixture
    def fresh_shop(self) -> Iterator[LocalShop]:
        with start(self.options) as server:
            yield LocalShop(server)

    def source_of(self, shop: LocalShop) -> WooCommerce:
        return WooCommerce(keys(shop.server), clock=RunningClock(), allow_private=True)

    def wrong_keys(self, shop: LocalShop) -> WooCommerce:
        return WooCommerce(
            keys(shop.server, consumer_secret="cs_" + "0" * 40), clock=RunningClock(), allow_private=True
        )

    def credentials(self, shop: LocalShop) -> Mapping[str, str]:
        return {"key": shop.server.consumer_key, "secret": "cs_" + "0" * 40}


class TestToday(WooCommerceSuite):
    options = Options(version="10.0")
    order_count = 201


class TestLegacyStorageInLondon(WooCommerceSuite):
    options = Options(
        version="10.0", storage="posts", zone="Europe/London", prices_include_tax=True, sequential_numbers=True
    )
    order_count = 201


class TestVersion50(WooCommerceSuite):
    options = Options(version="5.0")
    order_count = 198

    def order_to_change(self, found: Sequence[Fetched]) -> str:
        return found[-1].id  # it cannot tell of changes to orders that are older than 30 days


class TestVersion24(WooCommerceSuite):
    options = Options(version="2.4", generated=130)  # refunds cost a call an order there
    order_count = 130


class TestVersion23(WooCommerceSuite):
    options = Options(version="2.3", zone="Asia/Kolkata", generated=130)
    order_count = 130
