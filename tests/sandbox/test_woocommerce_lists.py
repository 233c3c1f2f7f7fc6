"""Lists, batches and small corners of wc/v3 in sandbox/woocommerce that no recording shows."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.woocommerce import Options, Shop, create_app
from sandbox.woocommerce.auth import base_string
from sandbox.woocommerce.php import build_query, money, parse_query, to_json


@pytest.fixture
def client() -> FlaskClient:
    return create_app(Options()).test_client()


def ask(client: FlaskClient, path: str, method: str = "GET", body: Any = None, **query: Any) -> TestResponse:
    shop: Shop = client.application.extensions["shop"]
    pair = f"{shop.main_key.consumer_key}:{shop.main_key.consumer_secret}"
    header = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    url = f"/wp-json/wc/v3{path}"
    return client.open(
        url, method=method, base_url="https://shop.test", query_string=query or None, headers=header, json=body
    )


def ids(client: FlaskClient, path: str, **query: Any) -> list[int]:
    answer = ask(client, path, **query)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.get_json()]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"include": "66,68,67", "orderby": "include"}, [66, 68, 67]),
        ({"include": "66,67,68", "exclude": "67", "orderby": "id"}, [68, 66]),
        ({"orderby": "id", "order": "asc", "per_page": 2, "offset": 3}, [69, 70]),
        ({"include[]": 66}, [66]),
        ({"status[0]": "refunded", "status[1]": "failed", "include": "66,77"}, [77]),
        ({"search": "no such words"}, []),
        ({"customer": 99999}, []),
        ({"product": 31, "include": "66"}, []),
        ({"product": 30, "include": "66"}, [66]),
    ],
)
def test_orders_are_filtered_and_sorted(client: FlaskClient, query: dict[str, Any], found: list[int]) -> None:
    assert ids(client, "/orders", **query) == found


def test_paging_forward_meets_every_order_once(client: FlaskClient) -> None:
    seen: list[int] = []
    url = "/wp-json/wc/v3/orders?per_page=60&orderby=id&order=asc"
    for _ in range(10):
        answer = ask(client, url.split("/wc/v3")[1])
        seen += [one["id"] for one in answer.get_json()]
        following = re.search(r'<([^>]+)>; rel="next"', answer.headers["Link"])
        if following is None:
            break
        url = following[1]
    assert len(seen) == len(set(seen)) == 201


def test_fields_narrow_records_to_the_depth_asked(client: FlaskClient) -> None:
    (order,) = ask(client, "/orders", include="66", _fields="id,billing.city,meta_data").get_json()
    assert list(order) == ["id", "billing", "meta_data"]
    assert order["billing"] == {"city": "Baltimore"}
    assert ask(client, "/orders/66", _fields="total").get_json() == {"total": "382.89"}


@pytest.mark.parametrize(
    ("query", "name", "message"),
    [
        ({"page": "x"}, "page", "page is not of type integer."),
        ({"order": "up"}, "order", "order is not one of asc and desc."),
        ({"include": "1,two"}, "include", "include[1] is not of type integer."),
        ({"customer": "me"}, "customer", "customer is not of type integer."),
        ({"before": "now"}, "before", "Invalid date."),
    ],
)
def test_a_wrong_parameter_is_named(client: FlaskClient, query: dict[str, Any], name: str, message: str) -> None:
    answer = ask(client, "/orders", **query)
    assert answer.status_code == 400
    assert answer.get_json()["data"]["params"] == {name: message}


def test_two_wrong_parameters_are_both_named(client: FlaskClient) -> None:
    answer = ask(client, "/orders", per_page=0, status="paid").get_json()
    assert answer["message"] == "Invalid parameter(s): per_page, status"


def test_a_batch_of_orders_creates_updates_and_deletes_and_tells_failures_one_by_one(client: FlaskClient) -> None:
    body = {
        "create": [{"line_items": [{"product_id": 10}]}, {"line_items": [{"quantity": 1}]}],
        "update": [{"id": 66, "customer_note": "batch"}, {"id": 1, "customer_note": "none"}],
        "delete": [67],
    }
    answer = ask(client, "/orders/batch", "POST", body)
    assert answer.status_code == 200
    done = answer.get_json()
    assert done["create"][0]["total"] == "158.99"
    assert done["create"][1]["error"]["code"] == "woocommerce_rest_required_product_reference"
    assert done["update"][0]["customer_note"] == "batch"
    assert done["update"][1] == {
        "id": 1,
        "error": {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 400}},
    }
    assert done["delete"][0]["id"] == 67
    assert ask(client, "/orders/67").status_code == 404


def test_products_and_variations_are_made_changed_and_removed(client: FlaskClient) -> None:
    made = ask(client, "/products", "POST", {"name": "Cap", "type": "variable", "sku": "CAP"}).get_json()
    body = {"sku": "CAP-S", "regular_price": "9.50", "attributes": [{"id": 1, "name": "Size", "option": "S"}]}
    one = ask(client, f"/products/{made['id']}/variations", "POST", body).get_json()
    assert (one["sku"], one["price"], one["name"], one["parent_id"]) == ("CAP-S", "9.50", "S", made["id"])
    assert ids(client, "/products", sku="cap-s") == [one["id"]]
    stock = ask(
        client, f"/products/{made['id']}/variations/{one['id']}", "PUT", {"manage_stock": True, "stock_quantity": 4}
    )
    assert (stock.get_json()["stock_quantity"], stock.get_json()["stock_status"]) == (4, "instock")
    assert ask(client, f"/products/{made['id']}").get_json()["variations"] == [one["id"]]
    order = ask(client, "/orders", "POST", {"line_items": [{"sku": "CAP-S"}]}).get_json()
    line = order["line_items"][0]
    assert (line["product_id"], line["variation_id"], line["name"]) == (made["id"], one["id"], "Cap - S")
    assert ask(client, f"/products/{made['id']}/variations/{one['id']}", "DELETE", force="true").status_code == 200
    assert ask(client, f"/orders/{order['id']}").get_json()["line_items"][0]["sku"] is None


def test_a_sale_takes_stock_and_a_cancelled_order_gives_it_back(client: FlaskClient) -> None:
    before = ask(client, "/products/10").get_json()["stock_quantity"]
    order = ask(
        client, "/orders", "POST", {"line_items": [{"product_id": 10, "quantity": 2}], "set_paid": True}
    ).get_json()
    assert ask(client, "/products/10").get_json()["stock_quantity"] == before - 2
    ask(client, f"/orders/{order['id']}", "PUT", {"status": "cancelled"})
    assert ask(client, "/products/10").get_json()["stock_quantity"] == before


def test_stock_that_the_parent_manages_moves_the_parent(client: FlaskClient) -> None:
    before = ask(client, "/products/39").get_json()["stock_quantity"]
    body = {"line_items": [{"product_id": 39, "variation_id": 40, "quantity": 3}], "set_paid": True}
    assert ask(client, "/orders", "POST", body).status_code == 201
    assert ask(client, "/products/39").get_json()["stock_quantity"] == before - 3
    shown = ask(client, "/products/39/variations/40").get_json()
    assert (shown["manage_stock"], shown["stock_quantity"]) == ("parent", before - 3)


def test_lines_of_an_order_are_added_changed_and_removed(client: FlaskClient) -> None:
    made = ask(client, "/orders", "POST", {"line_items": [{"product_id": 10}]}).get_json()
    url, line = f"/orders/{made['id']}", made["line_items"][0]["id"]
    more = ask(client, url, "PUT", {"line_items": [{"id": line, "quantity": 2}, {"product_id": 43}]}).get_json()
    assert [one["quantity"] for one in more["line_items"]] == [2, 1]
    fewer = ask(client, url, "PUT", {"line_items": [{"id": line, "quantity": 0}]}).get_json()
    assert [one["product_id"] for one in fewer["line_items"]] == [43]
    strange = ask(client, url, "PUT", {"line_items": [{"id": 1, "quantity": 1}]})
    assert (strange.status_code, strange.get_json()["code"]) == (400, "woocommerce_rest_invalid_item_id")


def test_customers_are_found_made_and_changed(client: FlaskClient) -> None:
    assert ids(client, "/customers", email="CUST3@example.com") == [7]
    assert 2 not in ids(client, "/customers", per_page=100), "only customers, unless role=all"
    made = ask(
        client, "/customers", "POST", {"email": "new@example.com", "billing": {"company": "New & Co"}}
    ).get_json()
    changed = ask(client, f"/customers/{made['id']}", "PUT", {"first_name": "Nia"}).get_json()
    assert (changed["first_name"], changed["billing"]["company"], changed["username"]) == ("Nia", "New & Co", "new")
    kept = ask(client, f"/customers/{made['id']}", "DELETE")
    assert (kept.status_code, kept.get_json()["code"]) == (501, "woocommerce_rest_trash_not_supported")
    assert ask(client, f"/customers/{made['id']}", "DELETE", force="true").status_code == 200
    assert ask(client, "/orders", "POST", {"customer_id": made["id"]}).status_code == 400


def test_settings_say_currency_taxes_and_storage() -> None:
    shop = create_app(Options(currency="GBP", prices_include_tax=True, storage="posts", decimals=3)).test_client()
    held = {
        one["id"]: one["value"] for group in ("general", "tax") for one in ask(shop, f"/settings/{group}").get_json()
    }
    assert (held["woocommerce_currency"], held["woocommerce_prices_include_tax"]) == ("GBP", "yes")
    assert held["woocommerce_price_num_decimals"] == "3"
    status = ask(shop, "/system_status").get_json()["settings"]
    assert (status["currency"], status["HPOS_enabled"], status["number_of_decimals"]) == ("GBP", False, 3)


def test_a_head_request_has_the_headers_of_a_get_and_no_body(client: FlaskClient) -> None:
    answer = ask(client, "/orders", "HEAD")
    assert (answer.status_code, answer.headers["X-WP-Total"], answer.data) == (200, "201", b"")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=1&b=2&a=3", {"a": "3", "b": "2"}),
        ("s[]=x&s[]=y", {"s": {"0": "x", "1": "y"}}),
        ("filter[limit]=5&filter[q]=a+b%26", {"filter": {"limit": "5", "q": "a b&"}}),
        ("s%5B3%5D=x&s[]=y", {"s": {"3": "x", "4": "y"}}),
        ("a.b=1&c", {"a_b": "1", "c": ""}),
        ("", {}),
    ],
)
def test_queries_are_read_as_php_reads_them(text: str, value: dict[str, Any]) -> None:
    assert parse_query(text) == value
    assert parse_query(build_query(value)) == value


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [("0.085", 2, "0.09"), ("-0.085", 2, "-0.09"), ("1", 4, "1.0000"), ("", 2, ""), ("x", 2, "0.00"), ("2.5", 0, "3")],
)
def test_amounts_are_rounded_half_away_from_zero(value: str, decimals: int, text: str) -> None:
    assert money(value, decimals) == text


def test_json_is_written_as_php_writes_it() -> None:
    assert to_json({"a": "é/ü😀", "b": [1, None, True]}) == rb'{"a":"\u00e9\/\u00fc\ud83d\ude00","b":[1,null,true]}'


def test_the_base_string_nests_and_sorts_as_the_specification_of_woocommerce_says() -> None:
    params = {"status": {"0": "a b", "1": "c"}, "Page": "1", "oauth_nonce": "n/1"}
    assert base_string("get", "http://x.test/wp-json/wc/v3/orders", params) == (
        "GET&http%3A%2F%2Fx.test%2Fwp-json%2Fwc%2Fv3%2Forders&Page%3D1%26oauth_nonce%3Dn%252F1"
        "%26status%255B0%255D%3Da%2520b%26status%255B1%255D%3Dc"
    )
