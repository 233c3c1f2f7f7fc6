"""What kinds of shop sandbox/woocommerce can be: generated ones, old versions, number and SKU quirks, kept changes."""

from __future__ import annotations

import base64
import json
import resource
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.woocommerce import Options, Shop, create_app, faults, orders, products, refunds, start

LINES = ("line_items", "fee_lines", "shipping_lines")


def shop_of(client: FlaskClient) -> Shop:
    shop: Shop = client.application.extensions["shop"]
    return shop


def ask(client: FlaskClient, path: str, method: str = "GET", body: Any = None, **query: Any) -> TestResponse:
    key = shop_of(client).main_key
    header = "Basic " + base64.b64encode(f"{key.consumer_key}:{key.consumer_secret}".encode()).decode()
    return client.open(
        path if path.startswith("/wc-api") else f"/wp-json/wc/v3{path}",
        method=method,
        base_url="https://shop.test",
        query_string=query,
        headers={"Authorization": header},
        json=body,
    )


def get(client: FlaskClient, path: str, **query: Any) -> Any:
    answer = ask(client, path, **query)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def gap(order: dict[str, Any]) -> Decimal:
    parts = sum(Decimal(line["total"]) for kind in LINES for line in order[kind]) + Decimal(order["total_tax"])
    return Decimal(order["total"]) - parts


# generated ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def generated() -> FlaskClient:
    return create_app(Options(generated=600, seed=7)).test_client()


@pytest.fixture(scope="module")
def all_generated(generated: FlaskClient) -> list[dict[str, Any]]:
    return [
        order
        for page in range(1, 7)
        for order in get(generated, "/orders", per_page=100, page=page, orderby="id", order="asc")
    ]


def test_in_every_generated_order_the_parts_add_up_to_the_total(all_generated: list[dict[str, Any]]) -> None:
    assert len(all_generated) == len({order["id"] for order in all_generated}) == 600
    assert [order["id"] for order in all_generated if gap(order) != 0] == []
    for order in all_generated:
        assert sum(Decimal(tax["tax_total"]) for tax in order["tax_lines"]) == Decimal(order["cart_tax"])


def test_generated_orders_are_of_every_kind(all_generated: list[dict[str, Any]]) -> None:
    assert {order["status"] for order in all_generated} == {
        "completed",
        "processing",
        "on-hold",
        "pending",
        "cancelled",
        "refunded",
        "failed",
    }
    assert len({order["payment_method"] for order in all_generated}) == 6
    assert len({order["billing"]["state"] for order in all_generated}) == 8
    assert {bool(order["customer_id"]) for order in all_generated} == {True, False}
    assert any(line["variation_id"] for order in all_generated for line in order["line_items"])
    cod = [one for one in all_generated if one["payment_method"] == "cod" and one["status"] == "processing"]
    assert {order["date_paid"] for order in cod} == {None}, "cash on delivery is processing and not paid"


def test_generated_refunds_add_up_and_hang_on_their_orders(
    generated: FlaskClient, all_generated: list[dict[str, Any]]
) -> None:
    refunded = [order for order in all_generated if order["refunds"]]
    assert len(refunded) > 20
    for order in refunded:
        (refund,) = get(generated, f"/orders/{order['id']}/refunds")
        lines = [line for kind in LINES for line in refund[kind]]
        total = sum((Decimal(line["total"]) + Decimal(line["total_tax"]) for line in lines), Decimal(0))
        assert (refund["id"], -total) == (order["refunds"][0]["id"], Decimal(refund["amount"]))
    listed = get(generated, "/refunds", per_page=100)
    assert {one["parent_id"] for one in listed} == {order["id"] for order in refunded}


def test_products_and_customers_of_generated_orders_can_be_read(
    generated: FlaskClient, all_generated: list[dict[str, Any]]
) -> None:
    order = next(one for one in all_generated if one["customer_id"] and one["line_items"][0]["variation_id"])
    line = order["line_items"][0]
    variation = get(generated, f"/products/{line['product_id']}/variations/{line['variation_id']}")
    assert variation["sku"] == line["sku"]
    customer = get(generated, f"/customers/{order['customer_id']}")
    assert customer["email"] == order["billing"]["email"]
    assert get(generated, "/products", sku=line["sku"])[0]["id"] == line["variation_id"]


def test_the_same_seed_gives_the_same_shop_and_another_seed_another() -> None:
    def some(seed: int) -> Any:
        client = create_app(Options(generated=50, seed=seed, home_url="https://x.test")).test_client()
        return get(client, "/orders", per_page=50)

    assert some(1) == some(1)
    assert some(1) != some(2)


def test_twenty_thousand_orders_cost_little_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    client = create_app(Options(generated=20_000)).test_client()
    last = get(client, "/orders", per_page=100, page=200, orderby="id", order="asc")
    assert last[-1]["id"] == 10_001 + 2 * 19_999
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 40, f"{grown:.0f} MB for 20,000 orders"


def test_a_generated_order_can_be_changed_like_any_other() -> None:
    client = create_app(Options(generated=10)).test_client()
    shop = shop_of(client)
    waiting = next(one for one, head in shop.orders.heads.items() if head.status in ("pending", "completed"))
    orders.update(shop, waiting, {"status": "on-hold", "customer_note": "wait"})
    shown = get(client, f"/orders/{waiting}")
    assert (shown["status"], shown["customer_note"]) == ("on-hold", "wait")
    assert gap(shown) == 0


# versions ----------------------------------------------------------------------------------------------------------


def test_version_5_lacks_what_came_later() -> None:
    client = create_app(Options(version="5.0")).test_client()
    order = get(client, "/orders/66")
    assert {"payment_url", "is_editable", "needs_payment", "needs_processing"} & set(order) == set()
    assert "image" not in order["line_items"][0]
    assert order["version"] == "5.0.0"
    variation = get(client, "/products/26/variations/31")
    assert {"type", "parent_id", "name"} & set(variation) == set()
    assert ask(client, "/orders", orderby="modified").status_code == 400
    assert ask(client, "/orders", status="checkout-draft").status_code == 400
    assert ask(client, "/refunds").status_code == 404
    assert get(client, "/system_status")["environment"]["version"] == "5.0.0"


def test_posts_storage_still_counts_past_the_last_page() -> None:
    order_tables, posts = (
        ask(create_app(Options(storage=one)).test_client(), "/orders", page=999).headers["X-WP-Total"]
        for one in ("hpos", "posts")
    )
    assert (order_tables, posts) == ("0", "201")


def test_an_old_shop_has_no_new_api_and_a_new_one_no_old_api() -> None:
    old = create_app(Options(version="2.4")).test_client()
    assert ask(old, "/orders").get_json()["code"] == "rest_no_route"
    assert "wc/v3" not in old.get("/wp-json/").get_json()["namespaces"]
    new = create_app(Options()).test_client()
    assert ask(new, "/wc-api/v3/orders").status_code == 400
    assert new.get("/wp-json/").get_json()["timezone_string"] == "America/New_York"
    assert "wc/v3" in new.get("/wp-json/").get_json()["namespaces"]
    five = create_app(Options(version="5.0")).test_client()
    assert ask(five, "/wc-api/v3/orders").get_json()["errors"][0]["code"] == "woocommerce_api_disabled"


@pytest.mark.parametrize(("version", "status"), [("2.3", 404), ("2.4", 200)])
def test_version_3_of_the_legacy_api_came_with_2_4(version: Any, status: int) -> None:
    client = create_app(Options(version=version)).test_client()
    assert ask(client, "/wc-api/v3/orders").status_code == status
    assert ask(client, "/wc-api/v2/orders").status_code == 200


def test_legacy_lists_are_narrowed_and_sorted_by_either_date() -> None:
    client = create_app(Options(version="2.4", generated=3)).test_client()
    shop = shop_of(client)
    first, second, third = sorted(shop.orders.heads)
    made = {one: head.created for one, head in shop.orders.heads.items()}
    before = max(head.modified for head in shop.orders.heads.values())
    shop.pass_time(3600)
    orders.touch(shop, first)
    touched = shop.orders.heads[first].modified
    assert touched > before

    def listed(**wanted: str) -> list[int]:
        query = {f"filter[{name}]": value for name, value in wanted.items()}
        return [order["id"] for order in get(client, "/wc-api/v3/orders", **query)["orders"]]

    assert listed() == listed(orderby="date") == listed(orderby="nonsense") == [third, second, first]
    assert listed(orderby="modified")[0] == first
    assert listed(orderby="modified", order="asc")[-1] == first
    assert listed(orderby="id", order="asc") == [first, second, third]
    assert listed(updated_at_min=touched) == [first]
    assert listed(updated_at_max=before) == [third, second]
    assert listed(created_at_min=made[second]) == [third, second]
    assert listed(created_at_max=made[second]) == [second, first]


def test_a_legacy_order_has_the_fields_of_its_day() -> None:
    client = create_app(Options(version="2.4", hash_numbers=True)).test_client()
    order = get(client, "/wc-api/v2/orders/66", **{"filter[meta]": "true"})["order"]
    assert (order["order_number"], order["created_at"]) == ("#66", "2026-11-01T05:30:00Z")
    assert order["payment_details"] == {
        "method_id": "stripe",
        "method_title": "Credit / Debit Card",
        "paid": True,
    }
    assert [line["product_id"] for line in order["line_items"]] == [10, 30], "a variation stands as product_id"
    assert order["order_meta"] == {"is_vat_exempt": "no"}
    assert [one["code"] for one in order["tax_lines"]] == ["US-MD-MD SALES TAX-1"]


@pytest.mark.parametrize(
    ("value", "count"),
    [("2026-11-21T18:53:01Z", 2), ("2026-11-21T18:53:01+05:00", 2), ("2026-11-21", 25), ("yesterday", 198)],
)
def test_legacy_dates_are_utc_whatever_their_offset_and_nonsense_is_1970(value: str, count: int) -> None:
    client = create_app(Options(version="2.4")).test_client()
    query = {"filter[created_at_min]": value}
    assert get(client, "/wc-api/v3/orders/count", **query)["count"] == count


def test_legacy_stock_is_written_and_errors_are_wrapped() -> None:
    client = create_app(Options(version="2.4")).test_client()
    written = ask(client, "/wc-api/v3/products/10", "PUT", {"product": {"managing_stock": True, "stock_quantity": 5}})
    assert written.get_json()["product"]["stock_quantity"] == 5
    assert ask(client, "/wc-api/v3/products/10", "PUT", {}).get_json()["errors"] == [
        {"code": "woocommerce_api_missing_product_data", "message": "No product data specified to edit product"}
    ]
    missing = ask(client, "/wc-api/v3/orders/99999")
    assert (missing.status_code, missing.get_json()["errors"][0]["message"]) == (
        404,
        "No order found with the ID equal to 99999",
    )


def test_a_legacy_order_is_created_refunded_and_listed() -> None:
    client = create_app(Options(version="2.4")).test_client()
    body = {
        "payment_details": {"method_id": "bacs", "method_title": "Bank", "paid": True},
        "billing_address": {"first_name": "Ada", "country": "US", "state": "MD"},
        "line_items": [{"product_id": 10, "quantity": 1}],
    }
    made = ask(client, "/wc-api/v3/orders", "POST", {"order": body})
    assert made.status_code == 201
    order = made.get_json()["order"]
    assert (order["total"], order["status"], order["payment_details"]["paid"]) == ("158.99", "processing", True)
    refunds.refund(shop_of(client), order["id"], {"amount": "8.99"})
    (refund,) = get(client, f"/wc-api/v3/orders/{order['id']}/refunds")["order_refunds"]
    assert refund["amount"] == "8.99"


# quirks of numbers, SKUs, statuses, money --------------------------------------------------------------------------


def test_hash_numbers_and_a_number_plugin_change_the_number_only() -> None:
    hashed = get(create_app(Options(hash_numbers=True)).test_client(), "/orders/66")
    assert (hashed["id"], hashed["number"]) == (66, "#66")
    plugin = get(create_app(Options(sequential_numbers=True)).test_client(), "/orders/66")
    held = [one["value"] for one in plugin["meta_data"] if one["key"] == "_order_number"]
    assert (plugin["id"], plugin["number"], held) == (66, "10066", ["10066"])
    twice = get(create_app(Options(sequential_numbers=True)).test_client(), "/orders/131")
    held = [one["value"] for one in twice["meta_data"] if one["key"] == "_order_number"]
    assert (twice["number"], held) == ("#10400", ["#10400", "131"]), "keys of meta are not unique"


def test_variations_can_all_share_the_sku_of_their_parent() -> None:
    client = create_app(Options(variations_without_sku=True)).test_client()
    skus = {one["sku"] for one in get(client, "/products/26/variations", per_page=100)}
    assert skus == {"5063-511"}
    assert get(client, "/orders/66")["line_items"][1]["sku"] == "5063-511"
    assert get(client, "/products", sku="5063-511-M-B") == []


def test_a_product_deleted_for_good_leaves_lines_without_product() -> None:
    client = create_app(Options()).test_client()
    products.delete(shop_of(client), 10)
    line = get(client, "/orders/66")["line_items"][0]
    assert (line["product_id"], line["sku"], line["name"]) == (0, None, "Anvil, 10 kg")
    assert ask(client, "/products/10").status_code == 404


def test_a_custom_status_is_listed_and_can_be_set() -> None:
    client = create_app(Options(custom_statuses=("shipped",))).test_client()
    orders.update(shop_of(client), 66, {"status": "shipped"})
    assert [one["id"] for one in get(client, "/orders", status="shipped")] == [66]
    assert 66 in [one["id"] for one in get(client, "/orders", include="66")]


def test_a_trashed_order_leaves_the_lists_and_keeps_its_address() -> None:
    client = create_app(Options()).test_client()
    before = int(ask(client, "/orders").headers["X-WP-Total"])
    orders.trash(shop_of(client), 66)
    assert int(ask(client, "/orders").headers["X-WP-Total"]) == before - 1
    assert get(client, "/orders/66")["status"] == "trash"
    assert 66 in [one["id"] for one in get(client, "/orders", status="trash")]
    orders.restore(shop_of(client), 66)
    assert get(client, "/orders/66")["status"] == "processing"


def test_prices_with_tax_are_stored_net_and_still_add_up() -> None:
    client = create_app(Options(prices_include_tax=True, country="GB")).test_client()
    body = {"line_items": [{"product_id": 10, "quantity": 3}], "billing": {"country": "GB"}}
    order = ask(client, "/orders", "POST", body).get_json()
    assert order["prices_include_tax"] is True
    assert (order["line_items"][0]["total"], order["total_tax"], order["total"]) == ("374.98", "75.00", "449.98")
    assert gap(order) == 0


def test_tax_rounded_at_the_subtotal_leaves_a_gap_of_cents() -> None:
    client = create_app(Options(tax_round_at_subtotal=True)).test_client()
    lines = [
        {"product_id": 46, "quantity": number, "total": f"{number}.33", "subtotal": f"{number}.33"}
        for number in range(1, 9)
    ]
    address = {"country": "US", "state": "NY", "postcode": "10118"}
    order = ask(client, "/orders", "POST", {"line_items": lines, "shipping": address}).get_json()
    by_line = sum(Decimal(line["total_tax"]) for line in order["line_items"])
    assert by_line != Decimal(order["total_tax"])
    assert abs(by_line - Decimal(order["total_tax"])) <= Decimal("0.05")


def test_currency_and_decimals_are_switches() -> None:
    client = create_app(Options(currency="JPY", decimals=0)).test_client()
    order = ask(client, "/orders", "POST", {"line_items": [{"product_id": 10}]}).get_json()
    assert (order["currency"], order["total"]) == ("JPY", "159")
    assert get(client, "/data/currencies/current")["code"] == "JPY"


@pytest.mark.parametrize(
    ("lines", "coupons", "total"),
    [
        ([{"product_id": 10, "quantity": 1}], ["welcome10"], "143.09"),
        ([{"product_id": 10, "quantity": 2}], ["fiveoff"], "312.68"),
        ([{"product_id": 10, "quantity": 2}], ["anv3"], "311.62"),
        ([{"product_id": 10, "quantity": 1}], ["allfree"], "0.00"),
    ],
)
def test_coupons_take_off_before_tax(lines: list[Any], coupons: list[str], total: str) -> None:
    client = create_app(Options()).test_client()
    body = {"line_items": lines, "coupon_lines": [{"code": code} for code in coupons]}
    order = ask(client, "/orders", "POST", body).get_json()
    assert order["total"] == total
    assert gap(order) == 0
    given = sum(Decimal(one["discount"]) for one in order["coupon_lines"])
    assert given == Decimal(order["discount_total"])


def test_a_negative_fee_takes_its_tax_back_as_recorded() -> None:
    client = create_app(Options()).test_client()
    body = {
        "line_items": [{"product_id": 10, "quantity": 1}],
        "fee_lines": [{"name": "Loyalty discount", "total": "-20.00"}],
        "shipping_lines": [{"method_id": "flat_rate", "method_title": "Ground shipping", "total": "7.95"}],
        "shipping": {"country": "US", "state": "MD"},
    }
    made, recorded = ask(client, "/orders", "POST", body).get_json(), get(client, "/orders/226")
    for name in ("total", "total_tax", "cart_tax", "shipping_total", "discount_total"):
        assert made[name] == recorded[name], name
    assert made["fee_lines"][0]["taxes"] == recorded["fee_lines"][0]["taxes"]


# refunds and stock -------------------------------------------------------------------------------------------------


def test_a_refund_by_line_gives_back_tax_and_stock() -> None:
    client = create_app(Options()).test_client()
    order = ask(
        client, "/orders", "POST", {"line_items": [{"product_id": 10, "quantity": 2}], "set_paid": True}
    ).get_json()
    stock = get(client, "/products/10")["stock_quantity"]
    line = order["line_items"][0]
    asked = {
        "id": line["id"],
        "quantity": 1,
        "refund_total": "149.99",
        "refund_tax": [{"id": 1, "refund_total": "9.00"}],
    }
    made = ask(client, f"/orders/{order['id']}/refunds", "POST", {"line_items": [asked], "reason": "broken"})
    assert made.status_code == 201
    refund = made.get_json()
    assert (refund["amount"], refund["line_items"][0]["quantity"]) == ("158.99", -1)
    assert refund["tax_lines"][0]["tax_total"] == "-9.00"
    assert get(client, "/products/10")["stock_quantity"] == stock + 1
    shown = get(client, f"/orders/{order['id']}")
    assert (shown["status"], shown["refunds"][0]["total"]) == ("processing", "-158.99")
    rest = ask(client, f"/orders/{order['id']}/refunds", "POST", {"amount": "158.99"})
    assert (rest.status_code, get(client, f"/orders/{order['id']}")["status"]) == (201, "refunded")
    assert ask(client, f"/orders/{order['id']}/refunds", "POST", {"amount": "0.01"}).status_code == 500


@pytest.mark.parametrize(
    ("method", "paid", "status", "has_date"),
    [
        ("stripe", True, "processing", True),
        ("bacs", False, "pending", False),
        ("cod", False, "processing", False),
        ("cod", False, "completed", True),
    ],
)
def test_the_payment_date_follows_method_and_status(method: str, paid: bool, status: str, has_date: bool) -> None:
    client = create_app(Options()).test_client()
    body = {"payment_method": method, "line_items": [{"product_id": 10}], "set_paid": paid, "status": status}
    order = ask(client, "/orders", "POST", body).get_json()
    assert (order["status"], order["date_paid"] is not None) == (status, has_date)


# keeping -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 20])
def test_a_data_file_keeps_every_change_over_a_restart(tmp_path: Path, size: int) -> None:
    path, options = tmp_path / "shop.json", Options(generated=size, home_url="https://x.test")
    first = create_app(options, data=path).test_client()
    shop = shop_of(first)
    product = next(iter(shop.products))["id"]
    made = orders.create(shop, {"line_items": [{"product_id": product, "quantity": 1}], "set_paid": True})
    refunds.refund(shop, made["id"], {"amount": "1.00"})
    gone = next(iter(shop.orders.heads))
    orders.delete(shop, gone)
    key = shop.add_key("read")
    again = create_app(options, data=path).test_client()
    held = shop_of(again)
    assert get(again, f"/orders/{made['id']}") == get(first, f"/orders/{made['id']}")
    assert get(again, f"/orders/{made['id']}/refunds") == get(first, f"/orders/{made['id']}/refunds")
    assert ask(again, f"/orders/{gone}").status_code == 404
    assert held.keys[key.consumer_key].permissions == "read"
    assert held.counters == shop.counters
    assert list(tmp_path.iterdir()) == [path], "nothing half written is left"


def test_a_data_file_of_another_shop_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    shop_of(create_app(Options(generated=5), data=path).test_client()).pass_time(1)
    with pytest.raises(ValueError, match="keeps another shop"):
        create_app(Options(generated=6), data=path)


def test_the_ready_line_is_json_with_address_and_keys() -> None:
    with start(Options(generated=3)) as server:
        line = json.loads(json.dumps(server.ready()))
        assert (line["v"], line["kind"], line["orders"]) == (1, "woocommerce", 3)
        assert line["base_url"] == server.url
        assert line["consumer_key"].startswith("ck_")
        assert len(line["consumer_secret"]) == 43


def test_the_page_about_the_local_shop_names_every_switch_with_its_default_and_every_fault() -> None:
    page = (Path(__file__).parents[2] / "docs" / "local-shop.md").read_text(encoding="utf-8")
    for name, (default, words) in Options.told().items():
        assert f"| `{name}` | `{default!r}` | {words} |" in page, name
    for kind, words in faults.KINDS.items():
        assert f"| `{kind}` | {words} |" in page, kind
