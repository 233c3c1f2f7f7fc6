"""Two flows from one shop to two companies: each judges every order by itself, and uses up nothing of the other's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from engine import agenda, holds, publishing
from engine.publishing import FlowRow
from sandbox import quickbooks
from sandbox.quickbooks import Injected
from sandbox.woocommerce import Options
from tests.flows.flows_kit import World

FLOW = """
flow "{name}"
  from woocommerce  to "{books}"
  sync orders
  starting 01/01/2020
  with
    record_as = invoice
    match_products = sku
{options}
end
"""
FIRST = FLOW.format(name="First", books="books", options="")
SECOND = FLOW.format(name="Second", books="second books", options='    class = "Web"')
SECOND_TOO = FLOW.format(name="Second", books="second books", options="")
REVIEWED = FLOW.format(name="Second", books="second books", options="    review_first = yes")


class Two(World):
    """A world with a second company."""

    def __enter__(self) -> Two:
        super().__enter__()
        self.second = quickbooks.start(quickbooks.Options(empty=True, custom_transaction_numbers=True, realm_id="77"))
        self.connect_books(self.second, "second books")
        return self

    def __exit__(self, *exc: object) -> None:
        self.second.stop()
        super().__exit__(*exc)

    def flows(self) -> dict[str, FlowRow]:
        with self.store.read() as session:
            return {each.name: each for each in publishing.flows(self.office.scope, session)}

    def run(self, name: str) -> int:
        """One round of one flow; how many parts it judged."""
        flow = self.flows()[name]
        _, planned = self.desk.run(flow.id)
        for _ in range(10):
            report, _calls = self.desk.post(flow.company_id)
            if not report.stopped:
                break
        return planned.judged

    def pass_time(self, **span: float) -> None:
        super().pass_time(**span)
        self.second.pass_time(timedelta(**span).total_seconds())

    def numbers(self, books: quickbooks.RunningQuickBooks) -> list[str]:
        return sorted(each["DocNumber"] for each in books.books("Invoice"))


@pytest.fixture
def world(migrated_url: str) -> Iterator[Two]:
    with Two(migrated_url, shop_options=Options(generated=1)) as made:
        yield made


def test_each_order_goes_to_both_whichever_flow_fetched_it(world: Two) -> None:
    world.publish(FIRST + FLOW.format(name="Second", books="second books", options=""))
    orders = [world.simple_order()]
    world.run("First")
    world.run("Second")
    orders.append(world.simple_order())
    world.run("Second")
    world.run("First")
    for order in orders:
        assert world.numbers(world.books).count(order["number"]) == 1
        assert world.numbers(world.second).count(order["number"]) == 1
    assert [world.run(name) for name in ("First", "Second", "First")] == [0, 0, 0], "nothing is judged over and over"


def test_what_waits_for_one_company_is_not_used_up_by_the_other(world: Two) -> None:
    world.publish(FIRST + SECOND)
    order = world.simple_order()
    world.run("First")
    world.run("Second")
    waiting = {each.code for each in world.held() if each.key.source_id == str(order["id"])}
    assert len(waiting) == 1
    assert order["number"] not in world.numbers(world.second)
    world.second.prefer("AccountingInfoPrefs", ClassTrackingPerTxn=True)
    world.second.edit("Class", None, "create", Name="Web")
    world.pass_time(minutes=40)
    world.run("First")
    world.run("First")
    world.run("Second")
    assert world.numbers(world.second).count(order["number"]) == 1
    assert world.numbers(world.books).count(order["number"]) == 1
    assert world.held() == []


def test_a_release_for_one_company_is_not_used_up_by_the_other(world: Two) -> None:
    world.publish(FIRST + REVIEWED)
    order = world.simple_order()
    world.run("Second")
    world.run("First")
    (held,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
    now = world.clock.now()
    with world.store.write() as session:
        holds.let_pass(world.office.scope, session, held.id, by="test", at=now)
        agenda.decide_again(world.office.scope, session, [held.key], now)
    world.run("First")
    world.run("Second")
    assert world.numbers(world.second).count(order["number"]) == 1
    assert world.numbers(world.books).count(order["number"]) == 1


def test_an_order_that_waits_for_one_company_is_read_again_whatever_the_other_thinks(world: Two) -> None:
    skips = FIRST + 'rule "Not here" for order in flow "First" then skip "not here" end\n'
    world.publish(skips + REVIEWED)
    order = world.simple_order()
    for name in ("Second", "First", "First"):
        world.run(name)
    with world.store.read() as session:
        flow = world.flows()["Second"].id
        soon = world.clock.now() + timedelta(hours=1)
        read = agenda.to_read(world.office.scope, session, flow, now=soon)
    assert str(order["id"]) in [key.source_id for key in read]


def test_a_change_that_waits_for_its_own_operation_is_not_used_up_by_the_other_flow(world: Two) -> None:
    """The first flow's invoice is on its way, unknown, when the order changes: it comes back to it, whoever runs between."""
    world.publish((FIRST + SECOND_TOO).replace("record_as", "after_posting = update\n    record_as"))
    order = world.simple_order()
    world.run("First")
    world.run("Second")
    for total in ("30.00", "40.00"):
        line = {"id": order["line_items"][0]["id"], "quantity": 1, "total": total, "subtotal": total}
        world.shop.edit_order(order["id"], line_items=[line])
        world.pass_time(minutes=1)
        if total == "30.00":
            # The change is sent and not answered, so that the next one has to wait for it.
            world.books.inject(Injected("timeout", operation="update", times=0))
        world.run("First")
        world.run("Second")
    world.books.clear_faults()
    for _ in range(4):
        world.pass_time(minutes=3)
        world.run("Second")
        world.run("First")
    for books in (world.books, world.second):
        (invoice,) = [each for each in books.books("Invoice") if each["DocNumber"] == order["number"]]
        assert Decimal(str(invoice["TotalAmt"])) >= 40
    assert world.held() == []
