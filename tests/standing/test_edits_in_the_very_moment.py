"""People edit or delete a document between our reading it and our writing to it (F26): one more look, and nothing is made again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.faults import on_fault
from sandbox.woocommerce import Options
from tests.flows.flows_kit import World, plain

Record = dict[str, Any]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("moment")
    with World(f"sqlite:///{folder / 'store.sqlite3'}", shop_options=Options(generated=1)) as made:
        made.publish(plain("invoice", after_posting="update"))
        made.sync()
        yield made


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    yield shared
    on_fault(None)


def changed(world: World) -> tuple[Record, str]:
    """An order that stands and was changed in the shop since, planned to be carried over; the id of its invoice."""
    order = world.simple_order()
    world.sync()
    line = {"id": order["line_items"][0]["id"], "quantity": 2, "total": "40.00", "subtotal": "40.00"}
    world.shop.edit_order(order["id"], line_items=[line])
    world.pass_time(hours=7)
    world.fetch_and_plan()
    return order, world.standing(order["id"])["sale"].remote_id


def in_the_very_moment(world: World, id_: str, action: str, **values: Any) -> None:
    """A person does it once our change of the document is frozen and about to leave."""
    left = [True]

    def meanwhile(point: str) -> None:
        if point == "poster.socket" and left and left.pop():
            world.books.edit("Invoice", id_, action, **values)

    on_fault(meanwhile)
    world.post()
    on_fault(None)
    assert not left


def test_a_stale_token_is_read_again_once_and_both_changes_stand(world: World) -> None:
    order, id_ = changed(world)
    before = world.books.calls()
    in_the_very_moment(world, id_, "change", CustomerMemo={"value": "Thank you, Amy"})
    after = world.books.calls()

    (invoice,) = [each for each in world.documents("Invoice") if each["Id"] == id_]
    assert invoice["CustomerMemo"]["value"] == "Thank you, Amy"
    assert sum(line["Amount"] for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail") > 40
    assert after["read:Invoice"] - before.get("read:Invoice", 0) == 2, "before the change, and once more"
    assert after["update:Invoice"] - before.get("update:Invoice", 0) == 2, "the stale one, and the one that stands"
    assert str(order["id"]) not in world.held_codes()


@pytest.mark.parametrize("action", ["delete", "void"])
def test_what_a_person_removed_in_that_moment_is_held_and_not_made_again(world: World, action: str) -> None:
    order, id_ = changed(world)
    in_the_very_moment(world, id_, action)
    for _ in range(2):
        world.pass_time(hours=7)
        world.sync()

    live = [
        each for each in world.documents("Invoice") if each["DocNumber"] == order["number"] and each["TotalAmt"] != 0
    ]
    assert live == []
    assert world.held_codes().get(str(order["id"])) == "gone_from_the_books"
