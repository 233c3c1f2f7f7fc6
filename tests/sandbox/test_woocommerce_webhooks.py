"""Webhooks of sandbox/woocommerce as recorded: ping, signature, body at delivery, failures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth1

from sandbox.server import RunningServer
from sandbox.woocommerce import Options, RunningShop, start
from sandbox.woocommerce.webhooks import signature
from tests.sandbox.receiver import Receiver

RECORDED = Path(__file__).parents[1] / "fixtures" / "woocommerce" / "webhooks"
SECRETS = {
    "product.updated": "plain-secret-1",
    "order.created": "plain-secret-2",
    "order.deleted": "plain-secret-3",
    "customer.created": "plain-secret-4",
    "order.updated": 's3cr3t & "quoted" <ünï>',
}


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def target(receiver: Receiver) -> Iterator[RunningServer]:
    with receiver.serve() as server:
        yield server


@pytest.fixture
def shop() -> Iterator[RunningShop]:
    with start(Options(webhook_delivery="manual")) as server:
        yield server


def hook(shop: RunningShop, topic: str, url: str, secret: str = "s") -> Any:
    answer = call(shop, "POST", "webhooks", {"topic": topic, "delivery_url": url, "secret": secret})
    assert answer.status_code == 201, answer.text
    return answer.json()


def call(shop: RunningShop, method: str, path: str, body: Any = None) -> requests.Response:
    auth = OAuth1(shop.consumer_key, shop.consumer_secret, signature_type="query")
    url = f"{shop.url}/wp-json/wc/v3/{path}"
    return requests.request(method, url, json=body, auth=auth, timeout=10)


def test_the_signature_is_the_one_of_every_recorded_delivery() -> None:
    checked = 0
    for path in sorted(RECORDED.glob("*.json")):
        recorded = json.loads(path.read_text(encoding="utf-8"))
        headers = dict(recorded["headers"])
        if "X-WC-Webhook-Signature" in headers:
            secret = SECRETS[headers["X-WC-Webhook-Topic"]]
            assert signature(recorded["body_raw"].encode(), secret) == headers["X-WC-Webhook-Signature"], path.name
            checked += 1
    assert checked == 12


def test_a_new_webhook_sends_an_unsigned_ping(shop: RunningShop, receiver: Receiver, target: RunningServer) -> None:
    made = hook(shop, "order.updated", f"{target.url}/hook")
    assert "secret" not in made
    shop.deliver_webhooks()
    (ping,) = receiver.received
    assert (ping.method, ping.path, ping.body) == ("POST", "/hook", f"webhook_id={made['id']}".encode())
    assert ping.headers["content-type"] == "application/x-www-form-urlencoded"
    assert not [name for name in ping.headers if name.startswith("x-wc")]


def test_a_delivery_is_signed_and_has_the_headers_of_a_real_one(
    shop: RunningShop, receiver: Receiver, target: RunningServer
) -> None:
    made = hook(shop, "order.updated", f"{target.url}/hook", SECRETS["order.updated"])
    shop.deliver_webhooks()
    shop.edit_order(66, status="completed")
    shop.deliver_webhooks()
    sent = receiver.received[-1]
    digest = hmac.new(SECRETS["order.updated"].encode(), sent.body, hashlib.sha256).digest()
    assert sent.headers["x-wc-webhook-signature"] == base64.b64encode(digest).decode()
    recorded = dict(json.loads((RECORDED / "008.json").read_text(encoding="utf-8"))["headers"])
    assert {name.lower() for name in recorded if name.startswith("X-WC")} == {
        name for name in sent.headers if name.startswith("x-wc")
    }
    assert sent.headers["user-agent"] == recorded["User-Agent"]
    assert sent.headers["x-wc-webhook-id"] == str(made["id"])
    assert sent.headers["x-wc-webhook-source"] == f"{shop.url}/"
    order = json.loads(sent.body)
    assert (order["id"], order["status"]) == (66, "completed")
    assert b"\\/" in sent.body, "PHP escapes slashes"


def test_the_body_is_the_state_at_delivery_and_repeats_are_collapsed(
    shop: RunningShop, receiver: Receiver, target: RunningServer
) -> None:
    hook(shop, "order.created", target.url)
    hook(shop, "order.updated", target.url)
    shop.deliver_webhooks()
    receiver.received.clear()
    made = shop.add_order(line_items=[{"product_id": 10}])
    shop.edit_order(made["id"], status="on-hold")
    shop.edit_order(made["id"], status="completed")
    assert shop.deliver_webhooks() == 2
    assert [json.loads(one.body)["status"] for one in receiver.received] == ["completed", "completed"]


def test_a_trashed_order_is_sent_as_its_id_only(shop: RunningShop, receiver: Receiver, target: RunningServer) -> None:
    hook(shop, "order.deleted", target.url)
    shop.deliver_webhooks()
    shop.trash_order(66)
    shop.deliver_webhooks()
    assert receiver.received[-1].body == b'{"id":66}'


@pytest.mark.parametrize(
    ("topic", "act", "key"),
    [
        ("product.updated", lambda shop: shop.set_stock(10, 3), "stock_quantity"),
        ("customer.created", lambda shop: call(shop, "POST", "customers", {"email": "new@example.com"}), "email"),
        ("order.restored", lambda shop: (shop.trash_order(66), shop.restore_order(66)), "order_key"),
    ],
)
def test_other_topics_carry_their_record(
    shop: RunningShop, receiver: Receiver, target: RunningServer, topic: str, act: Any, key: str
) -> None:
    hook(shop, topic, target.url)
    shop.deliver_webhooks()
    act(shop)
    assert shop.deliver_webhooks() == 1
    assert key in json.loads(receiver.received[-1].body)


def test_a_receiver_that_keeps_failing_gets_its_webhook_disabled(
    shop: RunningShop, receiver: Receiver, target: RunningServer
) -> None:
    made = hook(shop, "order.updated", target.url)
    shop.deliver_webhooks()
    receiver.answer = lambda _request: 500
    for number in range(7):
        shop.edit_order(66, customer_note=str(number))
        shop.deliver_webhooks()
    assert call(shop, "GET", f"webhooks/{made['id']}").json()["status"] == "disabled"
    count = len(receiver.received)
    shop.edit_order(66, customer_note="again")
    shop.deliver_webhooks()
    assert len(receiver.received) == count
    assert call(shop, "PUT", f"webhooks/{made['id']}", {"status": "active"}).json()["status"] == "active"


def test_webhooks_go_out_by_themselves_in_a_running_shop(receiver: Receiver, target: RunningServer) -> None:
    import threading

    arrived = threading.Event()

    def answer(request: Any) -> int:
        if request.body.startswith(b"{"):
            arrived.set()
        return 200

    receiver.answer = answer
    with start(Options()) as server:
        hook(server, "order.updated", target.url)
        server.edit_order(66, status="completed")
        assert arrived.wait(5)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"topic": "order.eaten", "delivery_url": "https://x.test"}, "woocommerce_rest_shop_webhook_invalid_topic"),
        ({"topic": "order.updated", "delivery_url": "x"}, "woocommerce_rest_shop_webhook_invalid_delivery_url"),
        ({"topic": "order.updated"}, "rest_missing_callback_param"),
    ],
)
def test_a_wrong_webhook_is_refused(shop: RunningShop, body: Any, code: str) -> None:
    answer = call(shop, "POST", "webhooks", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
