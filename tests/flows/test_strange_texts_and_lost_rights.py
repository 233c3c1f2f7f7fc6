"""Texts of every sort stand as they were typed; rights that are taken away pause things, with words, and lose nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConnectorError
from engine import connections, systems
from engine.posting import reading
from sandbox.woocommerce import Fault, Options
from tests.flows.flows_kit import World, plain

Record = dict[str, Any]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=Options(generated=1)) as made:
        made.publish(plain("invoice"))
        yield made


def invoice(world: World, order: Record) -> Record:
    (found,) = [each for each in world.documents("Invoice") if each["DocNumber"] == order["number"]]
    return found


TITLES = ["5\" pipe 'n' \\ more", "שרשרת זהב 🎁", "<b>Fish & chips</b> - 100 %"]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_stands_in_the_books_as_it_was_typed(world: World, title: str) -> None:
    order = world.simple_order(
        line_items=[{"sku": "STK-001", "name": title, "quantity": 1, "subtotal": "20.00", "total": "20.00"}],
        billing={"first_name": "שרה", "last_name": "כהן 🎁", "country": "US", "state": "DE"},
        customer_note=title,
    )
    world.sync()
    made = invoice(world, order)
    (sold,) = [each for each in made["Line"] if each["DetailType"] == "SalesItemLineDetail"]
    assert sold["Description"] == title
    assert made["CustomerRef"]["name"] == "שרה כהן 🎁"
    assert title in made["CustomerMemo"]["value"] if "CustomerMemo" in made else title in made["PrivateNote"]


def test_a_note_of_five_megabytes_is_posted_cut_and_that_is_said(world: World) -> None:
    order = world.simple_order(customer_note="x" * 5_000_000)
    world.sync()
    note = invoice(world, order)["PrivateNote"]
    assert 100 < len(note) <= 4000
    assert note.startswith("xxx")
    assert "\ncloudcart:" in note, "what tells the document from others stays"
    said = [line for line in world.lines() if order["number"] in line]
    assert any("note" in line.casefold() and ("cut" in line or "shortened" in line) for line in said), said


def test_a_wrong_key_connects_nothing_and_says_what_to_do(world: World) -> None:
    with world.store.read() as session:
        before = connections.of_kind(world.office.scope, session, "woocommerce")
    with pytest.raises(ConnectorError) as refused:
        systems.connect_shop(
            world.office, kind="woocommerce", name="another",
            credentials={"url": world.shop.url, "consumer_key": "ck_wrong", "consumer_secret": "cs_wrong"},
            at=world.clock.now(),
        )  # fmt: skip
    assert refused.value.message
    assert refused.value.next_step
    with world.store.read() as session:
        assert connections.of_kind(world.office.scope, session, "woocommerce") == before


def test_a_revoked_shop_key_waits_for_a_new_one_and_the_flow_goes_on_with_it(world: World) -> None:
    order = world.simple_order()
    body = {"code": "woocommerce_rest_authentication_error", "message": "Invalid signature.", "data": {"status": 401}}
    world.shop.inject(Fault("status", times=99, status=401, body=body))
    with pytest.raises(ConnectorError) as caught:
        world.fetch_and_plan()
    assert caught.value.next_step

    def state() -> str:
        with world.store.read() as session:
            return connections.named(world.office.scope, session, "shop").state

    assert state() == "reconnect_needed"
    world.shop.clear_faults()
    key = world.shop.add_key()
    systems.connect_shop(
        world.office, kind="woocommerce", name="shop", at=world.clock.now(),
        credentials={"url": world.shop.url, "consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret},
    )  # fmt: skip
    assert state() == "active"
    world.sync()
    assert invoice(world, order)


def test_a_grant_that_is_revoked_in_mid_flow_pauses_once_and_goes_on_after_connecting_again(world: World) -> None:
    """F11: the connection waits after one attempt, the owner is told once, no item is blamed."""
    orders = [world.simple_order() for _ in range(3)]
    world.fetch_and_plan()
    tokens = world.books.api.tokens
    for grant in tokens.grants:
        grant.revoked = True
    world.books.expire_access_tokens()
    for _ in range(4):
        world.pass_time(minutes=5)
        world.post()
    assert world.company.state == "reconnect_needed"
    with world.store.read() as session:
        counts = reading.counts(world.office.scope, session, world.company.id)
    assert not set(counts) & {"dead", "rejected", "held"}, counts
    told = [line for line in world.lines() if "onnect" in line and "again" in line]
    assert len(told) == 1, world.lines()
    assert world.held() == []
    tokens.grant()
    world.connect_books()
    world.post()
    assert world.company.state == "active"
    assert all(invoice(world, order) for order in orders)
