"""What hosts and plugins do between client and shop, injected faults, and the admin's way in, over real HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth1

from sandbox.woocommerce import Fault, Options, RunningShop, start


@pytest.fixture
def shop() -> Iterator[RunningShop]:
    with start(Options(generated=30)) as server:
        yield server


def call(shop: RunningShop, path: str = "orders", method: str = "GET", **more: Any) -> requests.Response:
    auth = OAuth1(shop.consumer_key, shop.consumer_secret, signature_type="query")
    url = f"{shop.url}/wp-json/wc/v3/{path}"
    return requests.request(method, url, auth=auth, timeout=10, allow_redirects=False, **more)


HTML = "text/html; charset=UTF-8"


@pytest.mark.parametrize(
    ("switches", "method", "status", "content", "words"),
    [
        ({"maintenance": "503"}, "GET", 503, HTML, "Briefly unavailable for scheduled maintenance"),
        ({"maintenance": "200"}, "GET", 200, HTML, "Briefly unavailable for scheduled maintenance"),
        ({"max_url_length": 255}, "GET", 403, HTML, "iThemes Security"),
        ({"blocked_user_agents": ["python-requests"]}, "GET", 403, HTML, "iThemes Security"),
        ({"block_put_delete": True}, "PUT", 501, HTML, "Method Not Implemented"),
        ({"block_put_delete": True}, "DELETE", 501, HTML, "Method Not Implemented"),
        ({"requests_per_minute": 0, "truncate_after": 50}, "GET", 200, "application/json; charset=UTF-8", "[{"),
        ({"notices_before_json": True}, "GET", 200, "application/json; charset=UTF-8", "<b>Deprecated</b>"),
    ],
)
def test_a_quirk_of_the_host_is_a_switch(
    shop: RunningShop, switches: dict[str, Any], method: str, status: int, content: str, words: str
) -> None:
    shop.configure(**switches)
    answer = call(shop, "orders/10001" if method != "GET" else "orders", method)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, content)
    assert words in answer.text
    with pytest.raises(ValueError):
        answer.json()


def test_put_passes_modsecurity_as_a_post_unless_that_is_blocked_too(shop: RunningShop) -> None:
    shop.configure(block_put_delete=True)
    header = {"X-HTTP-Method-Override": "PUT"}
    note = {"customer_note": "seen"}
    assert call(shop, "orders/10001", "POST", json=note, headers=header).json()["customer_note"] == "seen"
    assert call(shop, "orders/10001?_method=PUT", "POST", json={"customer_note": "2"}).json()["customer_note"] == "2"
    shop.configure(block_method_override=True)
    assert call(shop, "orders/10001", "POST", json=note, headers=header).status_code == 501


def test_a_shop_that_moved_redirects_with_the_path(shop: RunningShop) -> None:
    shop.configure(redirect_to="https://www.shop.example")
    answer = call(shop, "orders")
    assert answer.status_code == 301
    assert answer.headers["Location"].startswith("https://www.shop.example/wp-json/wc/v3/orders?oauth_")


def test_more_requests_than_allowed_are_429_with_a_time_to_wait(shop: RunningShop) -> None:
    shop.configure(requests_per_minute=2, retry_after=7)
    assert [call(shop).status_code for _ in range(3)] == [200, 200, 429]
    assert call(shop).headers["Retry-After"] == "7"


def test_a_host_that_strips_the_authorization_header_leaves_the_caller_anonymous(shop: RunningShop) -> None:
    shop.configure(strip_authorization=True)
    auth = OAuth1(shop.consumer_key, shop.consumer_secret)
    answer = requests.get(f"{shop.url}/wp-json/wc/v3/orders", auth=auth, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (401, "woocommerce_rest_cannot_view")
    assert call(shop).status_code == 200, "keys in the query still work"
    shop.configure(strip_authorization=False)
    assert requests.get(f"{shop.url}/wp-json/wc/v3/orders", auth=auth, timeout=10).status_code == 200


def test_orders_can_change_pages_while_somebody_pages(shop: RunningShop) -> None:
    shop.configure(shuffle_while_paging=True)
    seen = []
    for page in range(1, 4):
        query = f"orders?per_page=10&orderby=modified&order=asc&page={page}"
        seen += [one["id"] for one in call(shop, query).json()]
    assert len(set(seen)) < 30, "an order moved behind while its page was read"


def test_without_permalinks_there_is_no_wp_json_and_keys_do_not_count(shop: RunningShop) -> None:
    shop.configure(plain_permalinks=True)
    assert call(shop).status_code == 404
    answer = requests.get(f"{shop.url}/?rest_route=/wc/v3/orders", timeout=10)
    assert answer.json()["code"] == "woocommerce_rest_cannot_view"
    assert requests.get(f"{shop.url}/?rest_route=/", timeout=10).json()["namespaces"]


# injected ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault("maintenance"), 503),
        (Fault("maintenance", status=200), 200),
        (Fault("modsecurity"), 501),
        (Fault("ithemes"), 403),
        (Fault("rate_limit", seconds=3), 429),
        (Fault("fatal"), 500),
        (Fault("status", status=502, body="<h1>Bad Gateway</h1>"), 502),
        (Fault("status", status=400, body={"code": "x"}), 400),
        (Fault("redirect", location="https://x.test/"), 301),
    ],
)
def test_a_fault_hits_as_often_as_it_was_asked_to(shop: RunningShop, fault: Fault, status: int) -> None:
    fault.times, fault.after = 2, 1
    shop.inject(fault)
    answers = [call(shop).status_code for _ in range(4)]
    assert answers == [200, status, status, 200]


def test_a_fault_without_a_number_hits_until_it_is_cleared(shop: RunningShop) -> None:
    shop.inject(Fault("fatal", times=0))
    assert [call(shop).status_code for _ in range(3)] == [500, 500, 500]
    shop.clear_faults()
    assert call(shop).status_code == 200


def test_a_fault_hits_only_its_path_and_method(shop: RunningShop) -> None:
    shop.inject(Fault("fatal", path=r"/orders/10003", method="PUT"))
    assert call(shop).status_code == 200
    assert call(shop, "orders/10003").status_code == 200
    assert call(shop, "orders/10001", "PUT", json={}).status_code == 200
    assert call(shop, "orders/10003", "PUT", json={}).status_code == 500
    assert call(shop, "orders/10003", "PUT", json={}).status_code == 200


def test_a_lost_answer_means_the_work_was_done(shop: RunningShop) -> None:
    shop.inject(Fault("lost", method="PUT"))
    with pytest.raises(requests.ConnectionError):
        call(shop, "orders/10001", "PUT", json={"customer_note": "done"})
    assert call(shop, "orders/10001").json()["customer_note"] == "done"


def test_a_dropped_request_means_nothing_was_done(shop: RunningShop) -> None:
    shop.inject(Fault("dropped", method="PUT"))
    with pytest.raises(requests.ConnectionError):
        call(shop, "orders/10001", "PUT", json={"customer_note": "done"})
    assert call(shop, "orders/10001").json()["customer_note"] != "done"


def test_a_truncated_answer_is_no_json(shop: RunningShop) -> None:
    shop.inject(Fault("truncated", bytes=100))
    assert len(call(shop).content) == 100
    assert len(call(shop).json()) == 10


def test_a_slow_answer_comes_late_and_holds_nobody_else_up(shop: RunningShop) -> None:
    shop.inject(Fault("slow", path="/orders", seconds=5.0))
    started = time.monotonic()
    with pytest.raises(requests.Timeout):
        requests.get(f"{shop.url}/wp-json/wc/v3/orders", timeout=0.1)
    assert call(shop, "products").status_code == 200
    assert time.monotonic() - started < 3


def test_an_unknown_fault_is_named() -> None:
    with pytest.raises(ValueError, match="no fault is called 'earthquake'"):
        Fault("earthquake")


# the admin's way in ------------------------------------------------------------------------------------------------


def admin(shop: RunningShop, method: str, path: str, **body: Any) -> Any:
    answer = requests.request(method, f"{shop.url}/__sandbox__/{path}", json=body or None, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_calls_are_counted_without_the_admins_own(shop: RunningShop) -> None:
    call(shop)
    call(shop)
    call(shop, "orders/10001")
    counted = admin(shop, "GET", "calls")
    assert (counted["total"], counted["calls"]["GET /wp-json/wc/v3/orders"]) == (3, 2)
    assert shop.calls() == counted["calls"]
    admin(shop, "DELETE", "calls")
    assert shop.call_count() == 0


def test_an_order_lives_by_the_admins_hand(shop: RunningShop) -> None:
    made = admin(shop, "POST", "orders", line_items=[{"product_id": 101}], billing={"country": "US", "state": "MD"})
    number = made["order"]["id"]
    assert made["order"]["status"] == "pending"
    before = admin(shop, "GET", "")["now"]
    assert admin(shop, "POST", "clock", forward=3600)["now"] > before
    assert admin(shop, "POST", f"orders/{number}/pay")["order"]["status"] == "processing"
    edited = admin(shop, "POST", f"orders/{number}/edit", customer_note="ring twice")["order"]
    assert edited["customer_note"] == "ring twice"
    assert admin(shop, "POST", f"orders/{number}/refund", amount="1.00")["refund"]["amount"] == "1.00"
    assert admin(shop, "POST", f"orders/{number}/trash")["order"]["status"] == "trash"
    assert admin(shop, "POST", f"orders/{number}/restore")["order"]["status"] == "processing"
    admin(shop, "POST", f"orders/{number}/delete")
    assert call(shop, f"orders/{number}").status_code == 404


def test_switches_and_faults_can_be_set_over_http(shop: RunningShop) -> None:
    admin(shop, "POST", "switches", hash_numbers=True)
    assert call(shop, "orders/10001").json()["number"] == "#10001"
    admin(shop, "POST", "faults", kind="fatal", times=1)
    assert call(shop).status_code == 500
    assert admin(shop, "GET", "faults")["faults"][0]["hits"] == 1
    assert admin(shop, "DELETE", "faults")["faults"] == []
    stock = admin(shop, "POST", "products/101/stock", quantity=7)
    assert stock["stock_quantity"] == 7
    key = admin(shop, "POST", "keys", permissions="read")
    assert key["permissions"] == "read"


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("orders/1/pay", {}, "the shop has no order 1"),
        ("orders/10001/eat", {}, "no action 'eat'"),
        ("switches", {"fast": True}, "no switch is called 'fast'"),
        ("faults", {"kind": "rain"}, "no fault is called 'rain'"),
        ("orders/10001/refund", {"amount": "99999"}, "Invalid refund amount."),
    ],
)
def test_the_admin_is_told_what_is_wrong(shop: RunningShop, path: str, body: Any, words: str) -> None:
    answer = requests.post(f"{shop.url}/__sandbox__/{path}", json=body, timeout=10)
    assert answer.status_code in (400, 500)
    assert words in answer.json()["error"]


def test_the_shop_moves_on_in_python_as_well(shop: RunningShop) -> None:
    made = shop.add_order(line_items=[{"product_id": 102, "quantity": 2}], payment_method="bacs")
    shop.pass_time(60)
    paid = shop.pay_order(made["id"], "tx_1")
    assert (paid["status"], paid["transaction_id"]) == ("processing", "tx_1")
    assert paid["date_modified_gmt"] > made["date_modified_gmt"]
    shop.pass_time(60)
    assert shop.touch_order(made["id"])["date_modified_gmt"] > paid["date_modified_gmt"]
    shop.add_note(made["id"], "called")
    assert [one["note"] for one in call(shop, f"orders/{made['id']}/notes").json()] == ["called"]
    assert shop.refund_order(made["id"])["amount"] == made["total"]
    shop.set_stock(102, 4)
    shop.delete_product(102)
    line = call(shop, f"orders/{made['id']}").json()["line_items"][0]
    assert (line["product_id"], line["sku"]) == (0, None)


def test_an_order_that_no_shop_would_make_can_be_planted(shop: RunningShop) -> None:
    made = shop.plant_order(currency="XXX", total="10.00", status="processing", billing={"last_name": "אבג 😀"})
    shown = call(shop, f"orders/{made['id']}").json()
    assert (shown["currency"], shown["total"], shown["line_items"]) == ("XXX", "10.00", [])
    assert shown["billing"]["last_name"] == "אבג 😀"
    assert admin(shop, "POST", "orders/plant", number="A-1")["order"]["number"] == "A-1"
    with pytest.raises(ValueError, match="an order has no field 'colour'"):
        shop.plant_order(colour="red")
