"""What people do to books, connections and holds between two steps of ours: nothing doubled or lost, words for all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.records import Order
from engine import agenda, connections, holds, publishing, records, systems
from engine.keys import RecordKey
from sandbox import quickbooks, woocommerce
from tests.flows.flows_kit import World, plain

Record = dict[str, Any]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=woocommerce.Options(generated=1)) as made:
        yield made


def later(world: World) -> None:
    world.pass_time(hours=7)
    world.sync()


def invoices(world: World, order: Record) -> list[Record]:
    return [each for each in world.documents("Invoice", "SalesReceipt") if each["DocNumber"] == order["number"]]


def one(world: World, entity: str, name: str, field: str = "Name") -> Record:
    (found,) = [each for each in world.documents(entity) if each.get(field) == name]
    return found


def customer_inactive(world: World) -> None:
    world.books.edit("Customer", one(world, "Customer", "Ann Lee", "DisplayName")["Id"], "change", Active=False)


def item_of_the_line(world: World) -> str:
    receipt = world.documents("SalesReceipt")[-1]
    return str(receipt["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"])


def item_inactive(world: World) -> None:
    world.books.edit("Item", item_of_the_line(world), "change", Active=False)


def item_renamed(world: World) -> None:
    world.books.edit("Item", item_of_the_line(world), "change", Name="A better name")


def closed(world: World) -> None:
    day = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    world.books.prefer("AccountingInfoPrefs", BookCloseDate=day)


# what a person does between planning and posting -> whether the order is held then (else it stands)
BETWEEN: dict[str, tuple[Callable[[World], None], bool]] = {
    "the customer becomes inactive": (customer_inactive, True),
    "the item becomes inactive": (item_inactive, True),
    "the item is renamed": (item_renamed, False),
    "the period is closed": (closed, True),
}


@pytest.mark.parametrize("case", BETWEEN)
def test_it_stands_once_or_waits_with_words_where(world: World, case: str) -> None:
    happens, held = BETWEEN[case]
    world.publish(plain("sales_receipt"))
    world.simple_order()
    world.sync()
    order = world.simple_order()
    world.fetch_and_plan()
    happens(world)
    world.post()
    found = invoices(world, order)
    waiting = [each for each in world.held() if each.key.source_id == str(order["id"])]
    assert len(found) == (0 if held else 1), [line for line in world.lines() if order["number"] in line]
    assert bool(waiting) == held
    assert all(each.reason and each.next_step for each in waiting), waiting


def test_a_vendor_made_meanwhile_has_the_name_and_the_released_order_s_customer_another(world: World) -> None:
    world.publish(plain("sales_receipt"))
    world.simple_order()
    world.sync()
    order = world.simple_order(billing={"first_name": "Zed", "last_name": "Vend", "email": "zed@acme.example"})
    world.fetch_and_plan()
    world.books.edit("Vendor", None, "create", DisplayName="Zed Vend")
    world.post()
    (hold,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
    assert hold.code == "name_held_elsewhere"
    assert "'Zed Vend (Customer)'" in hold.next_step
    with world.store.write() as session:
        holds.let_pass(world.office.scope, session, hold.id, by="ann", at=world.clock.now())
        agenda.decide_again(world.office.scope, session, [hold.key], world.clock.now())
    world.sync()
    (receipt,) = invoices(world, order)
    assert receipt["CustomerRef"]["name"] == "Zed Vend (Customer)"


def test_connecting_the_shop_again_under_another_name_and_key_doubles_nothing(world: World) -> None:
    world.publish(plain("invoice_and_payment_if_paid"))
    world.simple_order()
    world.sync()
    before = world.documents("Invoice", "Payment")
    key = world.shop.add_key()
    systems.connect_shop(
        world.office, kind="woocommerce", name="the same shop",
        credentials={
            "url": world.shop.url + "/wp-admin/", "consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret,
        },
        at=world.clock.now(),
    )  # fmt: skip
    with world.store.read() as session:
        shops = connections.of_kind(world.office.scope, session, "woocommerce")
    text = plain("invoice_and_payment_if_paid")
    if len(shops) > 1:
        text = text.replace("from woocommerce", 'from "the same shop"')
    world.publish(text)
    with world.store.read() as session:
        keys = records.known_keys(world.office.scope, session, shops[0].id, "order")
    with world.store.write() as session:
        agenda.decide_again(world.office.scope, session, keys, world.clock.now())
    _, planned = world.sync()
    assert planned.planned == 0
    assert world.documents("Invoice", "Payment") == before


def test_two_shops_with_equal_order_ids_and_two_companies_stay_apart(world: World) -> None:
    number = ' rule "Which shop" for order when order.store is not "x" then set order.number to "B-{order.number}" end'
    with (
        woocommerce.start(woocommerce.Options(generated=1)) as other_shop,
        quickbooks.start(quickbooks.Options(empty=True, custom_transaction_numbers=True, realm_id="77")) as other_books,
    ):
        systems.connect_shop(
            world.office, kind="woocommerce", name="second",
            credentials={
                "url": other_shop.url, "consumer_key": other_shop.consumer_key, "consumer_secret": other_shop.consumer_secret,
            },
            at=world.clock.now(),
        )  # fmt: skip
        world.connect_books(other_books, "second books")
        flows: list[publishing.FlowRow] = []
        for name, shop, books, more in (
            ("A", "shop", "books", ""),
            ("B", "second", "books", number),
            ("C", "shop", "second books", ""),
        ):
            text = plain("invoice", more.replace("Which shop", f"Which shop {name}")).replace("Web orders", name)
            text = text.replace("from woocommerce", f'from "{shop}"').replace("to quickbooks", f'to "{books}"')
            flows += publishing.publish(
                world.store, world.office.scope, name=name, text=text, tables={}, author="t", at=world.clock.now()
            ).flows
        for _ in range(2):
            for flow in flows:
                world.desk.run(flow.id)
            for company in {flow.company_id for flow in flows}:
                world.desk.post(company)
            world.pass_time(hours=7)
            other_shop.pass_time(7 * 3600)
            other_books.pass_time(7 * 3600)
        first = sorted(each["DocNumber"] for each in world.documents("Invoice"))
        assert len(first) == 2
        assert first[1] == f"B-{first[0]}"
        assert [each["DocNumber"] for each in other_books.books("Invoice")] == first[:1]


def test_what_one_company_holds_is_released_there_whoever_runs_first(world: World) -> None:
    with quickbooks.start(
        quickbooks.Options(empty=True, custom_transaction_numbers=True, realm_id="77")
    ) as other_books:
        world.connect_books(other_books, "second books")
        flows: list[publishing.FlowRow] = []
        for name, books in (("A", "books"), ("C", "second books")):
            text = plain("invoice", review_first="yes").replace("Web orders", name)
            text = text.replace("to quickbooks", f'to "{books}"')
            flows += publishing.publish(
                world.store, world.office.scope, name=name, text=text, tables={}, author="t", at=world.clock.now()
            ).flows

        def run_all() -> None:
            for flow in flows:
                world.desk.run(flow.id)
            for flow in flows:
                world.desk.post(flow.company_id)

        run_all()
        for first in (1, 0):
            with world.store.write() as session:
                company = flows[first].company_id
                for hold in holds.held(world.office.scope, session, company_id=company):
                    holds.let_pass(world.office.scope, session, hold.id, by="ann", at=world.clock.now())
                    agenda.decide_again(world.office.scope, session, [hold.key], world.clock.now())
            run_all()
            assert len(other_books.books("Invoice")) == 1
            assert len(world.documents("Invoice")) == (0 if first else 1)


def test_a_hold_that_is_released_twice_goes_out_once(world: World) -> None:
    world.publish(plain("invoice", review_first="yes"))
    order = world.simple_order()
    world.sync()
    (hold,) = [each for each in world.held() if each.key.source_id == str(order["id"])]

    def release() -> None:
        with world.store.write() as session:
            holds.let_pass(world.office.scope, session, hold.id, by="ann", at=world.clock.now())
            agenda.decide_again(world.office.scope, session, [hold.key], world.clock.now())

    release()
    with pytest.raises(LookupError, match="no open hold"):
        release()
    world.sync()
    later(world)
    assert len(invoices(world, order)) == 1


def test_an_edit_after_the_release_is_reviewed_again(world: World) -> None:
    world.publish(plain("invoice", review_first="yes"))
    order = world.simple_order()
    world.sync()
    (hold,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
    line = {"id": order["line_items"][0]["id"], "quantity": 2, "total": "40.00", "subtotal": "40.00"}
    world.shop.edit_order(order["id"], line_items=[line])
    with world.store.write() as session:
        holds.let_pass(world.office.scope, session, hold.id, by="ann", at=world.clock.now())
        agenda.decide_again(world.office.scope, session, [hold.key], world.clock.now())
    world.pass_time(hours=7)
    world.sync()
    assert invoices(world, order) == [], "what was released is not what is there now"
    assert world.held_codes()[str(order["id"])] == "review"


@pytest.mark.parametrize(("cents", "adopted"), [("0.00", True), ("0.01", False)])
def test_only_a_document_with_the_very_total_is_adopted(world: World, cents: str, adopted: bool) -> None:
    world.publish(plain("invoice", already_in_books="adopt"))
    first = world.simple_order()
    world.sync()
    (mine,) = invoices(world, first)
    second = world.simple_order()
    lines = [dict(each) for each in mine["Line"] if each["DetailType"] == "SalesItemLineDetail"]
    detail = dict(lines[0]["SalesItemLineDetail"])
    detail.pop("Qty", None), detail.pop("UnitPrice", None)
    lines[0] = {
        **lines[0],
        "Amount": str(Decimal(str(lines[0]["Amount"])) + Decimal(cents)),
        "SalesItemLineDetail": detail,
    }
    world.books.edit(
        "Invoice", None, "create", DocNumber=second["number"], CustomerRef=mine["CustomerRef"], TxnDate=mine["TxnDate"],
        Line=lines,
    )  # fmt: skip
    later(world)
    assert len(invoices(world, second)) == 1
    key = RecordKey(world.identity, "order", str(second["id"]))
    if adopted:
        assert world.standing(second["id"])["sale"].adopted
    else:
        assert world.standing(second["id"]) == {}
        (held,) = [each for each in world.held() if each.key == key]
        assert held.code == "number_exists"
        assert held.values["order"] == second["number"], "whoever reads the list knows the order by its number"


@pytest.mark.parametrize(
    ("currency", "decimals", "price", "total", "stands"),
    [
        ("JPY", 0, "2021", "2142", "2142"),
        ("KWD", 3, "20.125", "21.333", "21.33"),
        ("KWD", 3, "20.130", "21.340", "21.34"),
    ],
)
def test_a_company_without_cents_or_with_three_decimals(
    tmp_path: Path, currency: str, decimals: int, price: str, total: str, stands: str
) -> None:
    with World(
        f"sqlite:///{tmp_path / 'store.sqlite3'}",
        shop_options=woocommerce.Options(generated=1, currency=currency, decimals=decimals),
        books_options=quickbooks.Options(
            empty=True, custom_transaction_numbers=True, allow_shipping=True, home_currency=currency
        ),
    ) as world:
        world.publish(plain("sales_receipt"))
        tax = str(Decimal(total) - Decimal(price))
        order = world.shop.plant_order(
            status="completed", currency=currency, total=total, total_tax=tax, cart_tax=tax, payment_method="stripe",
            payment_method_title="Credit card", billing={"first_name": "Ann", "last_name": "Lee", "country": "US"},
            date_created_gmt="2026-01-05T15:00:00", date_paid_gmt="2026-01-05T15:00:00",
            line_items=[{"id": 1, "product_id": 101, "name": "Mug", "sku": "STK-001", "quantity": 1, "subtotal": price,
                         "total": price, "subtotal_tax": tax, "total_tax": tax,
                         "taxes": [{"id": 1, "total": tax, "subtotal": tax}]}],
            tax_lines=[{"id": 2, "rate_id": 1, "rate_code": "US-MD-1", "label": "MD", "compound": False, "tax_total": tax,
                        "shipping_tax_total": "0", "rate_percent": 6.0}],
        )  # fmt: skip
        world.sync()
        found = [each for each in world.documents("SalesReceipt") if each["DocNumber"] == str(order["number"])]
        key = RecordKey(world.identity, "order", str(order["id"]))
        with world.store.read() as session:
            kept = records.load(world.office.scope, session, [key])[key].record
        assert isinstance(kept, Order)
        assert kept.total == Decimal(total)
        assert [Decimal(str(each["TotalAmt"])) for each in found] == [Decimal(stands)]
        assert str(order["id"]) not in world.held_codes()
        # QuickBooks keeps two decimals whatever the currency: half a cent has no place on a line, so it is rounded and said.
        told = f"QuickBooks keeps two decimals: {total} {currency} stand there as {stands} {currency}."
        assert any(told in line for line in world.lines()) == (Decimal(total) != Decimal(stands))
