"""The shop changes an order before, while and after it is posted: never a second document, nor an unwanted one (F19, F23)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.ports import Page
from engine import records
from engine.keys import RecordKey
from sandbox.quickbooks import Injected
from sandbox.woocommerce import Options
from tests.flows.flows_kit import World, plain

Record = dict[str, Any]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("source")
    with World(f"sqlite:///{folder / 'store.sqlite3'}", shop_options=Options(generated=1)) as made:
        made.publish(plain("invoice_and_payment_if_paid"))
        made.sync()
        yield made


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    yield shared
    shared.books.clear_faults()


def later(world: World) -> None:
    world.pass_time(hours=7)
    world.sync()


def trashed_and_restored(world: World, order: dict[str, Any]) -> None:
    world.shop.trash_order(order["id"])
    later(world)
    world.shop.restore_order(order["id"])


def of(world: World, order: Record, *entities: str) -> list[tuple[str, Decimal]]:
    """(number, total) of an order's documents; payments by their note."""
    return [
        (str(each.get("DocNumber") or each.get("PaymentRefNum") or ""), Decimal(str(each["TotalAmt"])))
        for each in world.documents(*entities)
        if str(each.get("DocNumber") or "").startswith(order["number"])
        or f"Order {order['number']}\n" in f"{each.get('PrivateNote') or ''}\n"
    ]


def dearer(world: World, order: Record) -> None:
    line = {"id": order["line_items"][0]["id"], "quantity": 2, "total": "40.00", "subtotal": "40.00"}
    world.shop.edit_order(order["id"], line_items=[line])


def refunded(world: World, order: Record) -> None:
    world.shop.refund_order(order["id"])
    world.shop.edit_order(order["id"], status="refunded")


# change in the shop after posting -> (invoices, payments, credit memos) of the order, a piece of the log
AFTER_POSTING: dict[str, tuple[Callable[[World, Record], object], tuple[int, int, int], str]] = {
    "its total changed": (dearer, (1, 1, 0), "changed after its invoice was posted; the invoice is left"),
    "it was refunded": (refunded, (1, 1, 1), "credit memo"),
    "only its status says refunded": (
        lambda world, order: world.shop.edit_order(order["id"], status="refunded"),
        (1, 1, 0),
        "",
    ),
    "it was cancelled": (lambda world, order: world.shop.edit_order(order["id"], status="cancelled"), (1, 1, 0), ""),
    "it was trashed": (lambda world, order: world.shop.trash_order(order["id"]), (1, 1, 0), ""),
    "it was deleted": (lambda world, order: world.shop.delete_order(order["id"]), (1, 1, 0), ""),
    "it was trashed and came back": (
        trashed_and_restored,
        (1, 1, 0),
        "",
    ),
}


@pytest.mark.parametrize("case", AFTER_POSTING)
def test_what_stands_is_neither_doubled_nor_removed_when(world: World, case: str) -> None:
    change, counts, said = AFTER_POSTING[case]
    order = world.simple_order()
    world.sync()
    stood = of(world, order, "Invoice")
    change(world, order)
    for _ in range(3):
        later(world)
    found = [of(world, order, entity) for entity in ("Invoice", "Payment", "CreditMemo")]
    assert tuple(map(len, found)) == counts, found
    assert found[0] == stood
    assert any(f"#{order['number']}:" in line and said in line for line in world.lines())


# change in the shop between planning and posting
BEFORE_POSTING: dict[str, Callable[[World, Record], object]] = {
    "cancelled": lambda world, order: world.shop.edit_order(order["id"], status="cancelled"),
    "trashed": lambda world, order: world.shop.trash_order(order["id"]),
    "deleted": lambda world, order: world.shop.delete_order(order["id"]),
}


@pytest.mark.parametrize("case", BEFORE_POSTING)
def test_an_order_that_went_away_before_it_was_posted_is_not_posted(world: World, case: str) -> None:
    order, other = world.simple_order(), world.simple_order()
    world.fetch_and_plan()
    BEFORE_POSTING[case](world, order)
    world.pass_time(hours=7)
    world.fetch_and_plan()
    world.post()
    assert of(world, order, "Invoice", "Payment") == []
    assert len(of(world, other, "Invoice", "Payment")) == 2


def test_an_order_changed_before_it_was_posted_goes_out_as_it_is_now_once(world: World) -> None:
    order = world.simple_order()
    world.fetch_and_plan()
    dearer(world, order)
    world.pass_time(hours=7)
    world.fetch_and_plan()
    world.post()
    now = Decimal(world.shop.edit_order(order["id"])["total"])
    assert now > Decimal(order["total"])
    assert of(world, order, "Invoice") == [(order["number"], now)]
    assert [total for _, total in of(world, order, "Payment")] == [now]


def test_a_payment_that_the_shop_names_while_the_first_answer_is_lost_is_not_a_second_one(world: World) -> None:
    order = world.simple_order(
        set_paid=False, status="processing", payment_method="cod", payment_method_title="Credit Card"
    )
    world.fetch_and_plan()
    world.books.inject(Injected("applied_then_timeout", entity="Payment"))
    report, _ = world.desk.post(world.company.id)
    assert report.unknown == 1
    world.shop.pay_order(order["id"])
    later(world)
    later(world)
    assert len(of(world, order, "Invoice")) == 1
    assert len(of(world, order, "Payment")) == 1
    assert str(order["id"]) not in world.held_codes(), "nothing that a person would have to look at"


def test_the_same_pages_again_and_reordered_are_one_version_of_each_record(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [world.simple_order() for _ in range(5)]
    world.sync()
    run, shop, _company = world.desk._open(world.flow.id)
    pages = list(shop.orders([str(order["id"]) for order in orders]))
    shop.close()
    posted = len(world.documents("Invoice", "Payment"))

    class Again:
        """The source as it is, except that it answers with the same pages fifty times, turned round every other time."""

        def changed_orders(self, cursor: str | None, **how: Any) -> Iterator[Page]:
            for turn in range(50):
                for page in pages if turn % 2 else reversed(pages):
                    kept = page.records if turn % 2 else tuple(reversed(page.records))
                    yield Page(records=kept, cursor=cursor)

        def orders(self, ids: list[str]) -> Iterator[Page]:
            yield from ()

    monkeypatch.setattr(run, "source", Again())
    report = run.fetch()
    assert (report.records, report.changed) == (250, 0)
    assert run.plan().planned == 0
    world.post()
    assert len(world.documents("Invoice", "Payment")) == posted
    keys = [RecordKey(world.identity, "order", str(order["id"])) for order in orders]
    with world.store.read() as session:
        assert [kept.version for kept in records.load(world.office.scope, session, keys).values()] == [1] * 5
