"""Date filters and date_modified of sandbox/woocommerce against what was measured on three real shops."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.woocommerce import Options, Shop, create_app, orders, refunds
from sandbox.woocommerce.dates import is_rest_date

FIXTURES = Path(__file__).parents[1] / "fixtures" / "woocommerce"
FILTERS: dict[str, str] = json.loads((FIXTURES / "date_filter_semantics.json").read_text())
MODIFIED: dict[str, dict[str, Any]] = json.loads((FIXTURES / "date_modified_semantics.json").read_text())

SHOPS: dict[str, dict[str, Any]] = {
    "a": {"version": "10.0", "storage": "hpos", "zone": "America/New_York"},
    "b": {"version": "10.0", "storage": "posts", "zone": "Europe/London"},
    "c": {"version": "5.0", "storage": "posts", "zone": "America/New_York"},
}
MOMENTS = {"summer": datetime(2026, 7, 15, 14, 30, tzinfo=UTC), "winter": datetime(2026, 1, 15, 14, 30, tzinfo=UTC)}


def get(client: FlaskClient, path: str, **query: str) -> Any:
    shop: Shop = client.application.extensions["shop"]
    pair = f"{shop.main_key.consumer_key}:{shop.main_key.consumer_secret}"
    header = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    answer = client.get(f"/wp-json/wc/v3{path}", base_url="https://shop.test", query_string=query, headers=header)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def written(moment: datetime, notation: str) -> dict[str, str]:
    """A filter value with this wall clock, in one of the measured notations."""
    wall = moment.strftime("%Y-%m-%dT%H:%M:%S")
    text, _, flag = notation.partition("+flag")
    suffix = {"naive": "", "Z": "Z"}.get(text, text)
    return {"value": wall + suffix, **({"dates_are_gmt": "true"} if "+flag" in notation or flag else {})}


@pytest.mark.parametrize("case", FILTERS)
def test_a_date_filter_starts_at_the_measured_moment(case: str) -> None:
    kind, season, name, notation = case.split(" ", 3)
    shift = int(FILTERS[case].split("utc")[1].split("s")[0])
    client = create_app(Options(**SHOPS[kind], now="2026-12-01T00:00:00")).test_client()
    shop: Shop = client.application.extensions["shop"]
    made = MOMENTS[season]
    order = orders.create(shop, {"date_created_gmt": made.strftime("%Y-%m-%dT%H:%M:%S")})
    assert order["date_modified_gmt"] == order["date_created_gmt"]

    def listed(moment: datetime) -> bool:
        filled = written(moment, notation)
        query = {name: filled.pop("value"), **filled, "include": str(order["id"])}
        return [one["id"] for one in get(client, "/orders", **query)] == [order["id"]]

    threshold = made + timedelta(seconds=shift)
    assert not listed(threshold), "the filter is strict: the very second is excluded"
    assert listed(threshold - timedelta(seconds=1))


def test_version_5_ignores_the_flag_and_what_it_does_not_know() -> None:
    client = create_app(Options(**SHOPS["c"])).test_client()
    total = len(get(client, "/orders", per_page="100", modified_after="2027-01-01T00:00:00"))
    assert total == 100, "modified_after came with 5.8"
    naive = get(client, "/orders", after="2026-11-21T13:52:00", per_page="100")
    flagged = get(client, "/orders", after="2026-11-21T13:52:00", per_page="100", dates_are_gmt="true")
    assert [one["id"] for one in naive] == [one["id"] for one in flagged] != []


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2026-11-01T00:00:00", True),
        ("2026-11-01 00:00:00", True),
        ("2026-11-01T00:00:00.123Z", True),
        ("2026-11-01T00:00:00+05:30", True),
        ("2026-11-01T00:00:00-04", True),
        ("2026-11-01", False),
        ("2026-02-30T00:00:00", False),
        ("yesterday", False),
        ("", False),
    ],
)
def test_only_whole_dates_with_time_are_taken(text: str, good: bool) -> None:
    assert is_rest_date(text) is good


def refunded(shop: Shop, order_id: int, amount: str) -> None:
    refunds.refund(shop, order_id, {"amount": amount})


def give_and_take_back(shop: Shop, order_id: int) -> None:
    record = refunds.refund(shop, order_id, {"amount": "1.00"})
    shop.pass_time(60)
    held = shop.orders.copy(order_id)
    refunds.delete_refund(shop, record["id"])
    assert shop.orders.copy(order_id)["date_modified_gmt"] == held["date_modified_gmt"]
    # Back to where it was before, so that only the deletion is looked at.
    held["date_modified_gmt"] = BEFORE
    shop.orders.put(held)


BEFORE = "2026-11-25T10:00:00"
CHANGES: dict[str, Callable[[Shop, int], Any]] = {
    "empty PUT": lambda shop, one: orders.update(shop, one, {}),
    "PUT same status": lambda shop, one: orders.update(shop, one, {"status": "processing"}),
    "PUT new meta": lambda shop, one: orders.update(shop, one, {"meta_data": [{"key": "a", "value": "1"}]}),
    "PUT same meta value": lambda shop, one: orders.update(shop, one, {"meta_data": [{"key": "held", "value": "1"}]}),
    "add note": lambda shop, one: orders.add_note(shop, one, "hello"),
    "billing change": lambda shop, one: orders.update(shop, one, {"billing": {"city": "Bowie"}}),
    "line item quantity": lambda shop, one: orders.update(
        shop, one, {"line_items": [{"id": shop.orders.copy(one)["line_items"][0]["id"], "quantity": 3}]}
    ),
    "partial refund": lambda shop, one: refunded(shop, one, "1.00"),
    "delete refund": give_and_take_back,
    "full refund": lambda shop, one: refunded(shop, one, shop.orders.copy(one)["total"]),
    "status PUT": lambda shop, one: orders.update(shop, one, {"status": "completed"}),
    "trash": lambda shop, one: orders.trash(shop, one),
}


@pytest.mark.parametrize("kind", SHOPS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_moves_date_modified_where_it_was_measured_to(kind: str, change: str) -> None:
    app = create_app(Options(**SHOPS[kind], now=BEFORE))
    shop: Shop = app.extensions["shop"]
    body = {"line_items": [{"product_id": 10, "quantity": 1}], "set_paid": True}
    order = orders.create(shop, {**body, "meta_data": [{"key": "held", "value": "1"}]})
    assert (order["status"], order["date_modified_gmt"]) == ("processing", BEFORE)
    shop.pass_time(3600)
    CHANGES[change](shop, order["id"])
    bumped = shop.orders.copy(order["id"])["date_modified_gmt"] != BEFORE
    assert ("bumped" if bumped else "NOT bumped") == MODIFIED[kind][change]


@pytest.mark.parametrize("kind", SHOPS)
def test_a_full_refund_keeps_total_and_payment_date_and_changes_the_status(kind: str) -> None:
    app = create_app(Options(**SHOPS[kind], now=BEFORE))
    shop: Shop = app.extensions["shop"]
    made = orders.create(shop, {"line_items": [{"product_id": 10, "quantity": 1}], "set_paid": True})
    refunded(shop, made["id"], made["total"])
    order = shop.orders.copy(made["id"])
    assert (order["status"], order["total"], order["date_paid_gmt"]) == ("refunded", made["total"], BEFORE)
    assert [one["total"] for one in order["refunds"]] == ["-158.99"]
    assert shop.products.records[10]["date_modified_gmt"] == BEFORE, "a sale moves the product's date"


def test_the_repeated_hour_of_autumn_shows_the_wall_clock_twice() -> None:
    app = create_app(Options(now="2026-11-25T10:00:00"))
    shop: Shop = app.extensions["shop"]
    client = app.test_client()
    summer = orders.create(shop, {"date_created_gmt": "2026-11-01T05:30:00"})
    winter = orders.create(shop, {"date_created_gmt": "2026-11-01T06:30:00"})
    shown = [get(client, f"/orders/{one['id']}")["date_created"] for one in (summer, winter)]
    assert shown == ["2026-11-01T01:30:00", "2026-11-01T01:30:00"]
    both = f"{summer['id']},{winter['id']}"
    later = get(client, "/orders", after="2026-11-01T06:00:00Z", before="2026-11-01T07:00:00Z", include=both)
    assert [one["id"] for one in later] == [winter["id"]]
