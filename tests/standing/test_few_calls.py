"""How many calls to the books an order costs in bulk, lists warm: the promise of the README, counted by the local QuickBooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.woocommerce import Options
from tests.flows.flows_kit import World, plain

ORDERS = 240


@pytest.mark.parametrize(("record_as", "most"), [("sales_receipt", 0.06), ("invoice_and_payment_if_paid", 0.10)])
def test_in_bulk_an_order_costs_few_calls(tmp_path: Path, record_as: str, most: float) -> None:
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=Options(generated=ORDERS)) as world:
        world.publish(plain(record_as))
        world.fetch_and_plan()
        calls = named = 0
        while True:
            report, made = world.desk.post(world.company.id)
            calls += sum(made.values())
            named += report.named
            if not report.stopped:
                break
        orders = len(world.documents("SalesReceipt", "Invoice"))
        assert orders > ORDERS / 2
        # Each wave ends with a batch that is not full; that is nothing for thousands of orders and is left out here.
        waves = 3
        assert calls - named / 30 - waves <= most * orders, (calls, named, orders)
        world.sync()
        report, made = world.desk.post(world.company.id)
        assert (report.done, sum(made.values())) == (0, 0), "a second run costs nothing an order"
