"""Webhooks of the shop: made with a ping, queued by changes, delivered signed, disabled after failures.

As recorded from WooCommerce 10.0.2: the body is the record's state at delivery, `{"id": n}` for a deleted one; the
ping is a form without signature; the delivery id is the same for all deliveries of a hook within one second.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import queue
import secrets
import threading
from typing import Any

from .errors import InvalidParam, RestError
from .outgoing import NotReached, post
from .php import to_json
from .shop import Shop
from .views import View

Record = dict[str, Any]

RESOURCES = ("coupon", "customer", "order", "product")
EVENTS = ("created", "updated", "deleted", "restored")
STATUSES = ("active", "paused", "disabled")
FAILURES_ALLOWED = 5


def create(shop: Shop, given: Record) -> Record:
    """POST /webhooks: checks topic and URL, and sends the ping that every new webhook sends."""
    with shop.lock:
        topic = str(given.get("topic") or "")
        missing = [name for name in ("topic", "delivery_url") if not given.get(name)]
        if missing:
            words = f"Missing parameter(s): {', '.join(missing)}"
            raise RestError(400, "rest_missing_callback_param", words, {"params": missing}, allow=True)
        _check(given)
        now = shop.clock.gmt()
        webhook = {
            "id": shop.next_id("webhook"),
            "name": str(given.get("name") or f"Webhook created on {now}"),
            "status": str(given.get("status") or "active"),
            "topic": topic,
            "resource": topic.split(".")[0],
            "event": topic.split(".")[-1],
            "hooks": _hooks(topic),
            "delivery_url": str(given["delivery_url"]),
            "date_created": None,
            "date_created_gmt": now,
            "date_modified": None,
            "date_modified_gmt": now,
            "secret": str(given.get("secret") or secrets.token_urlsafe(38)[:50]),
            "failures": 0,
        }
        shop.webhooks.put(webhook)
        shop.touched()
        if webhook["status"] == "active":
            _enqueue(shop, {"webhook": webhook["id"], "ping": True})
        return webhook


def update(shop: Shop, webhook_id: int, given: Record) -> Record:
    with shop.lock:
        _check(given)
        webhook = dict(shop.webhooks.records[webhook_id])
        for name in ("name", "status", "delivery_url", "secret"):
            if given.get(name):
                webhook[name] = str(given[name])
        if given.get("topic"):
            topic = str(given["topic"])
            webhook.update(topic=topic, resource=topic.split(".")[0], event=topic.split(".")[-1], hooks=_hooks(topic))
        if given.get("status") == "active":
            webhook["failures"] = 0
        webhook["date_modified_gmt"] = shop.clock.gmt()
        shop.webhooks.put(webhook)
        shop.touched()
        return webhook


def _check(given: Record) -> None:
    resource, _, event = str(given.get("topic") or "order.updated").partition(".")
    if resource not in RESOURCES or event not in EVENTS:
        code = "woocommerce_rest_shop_webhook_invalid_topic"
        raise RestError(400, code, "Webhook topic is required and must be valid.", allow=True)
    url = str(given.get("delivery_url") or "http://valid.example")
    if not url.startswith(("http://", "https://")):
        code = "woocommerce_rest_shop_webhook_invalid_delivery_url"
        raise RestError(
            400, code, "Webhook delivery URL must be a valid URL starting with http:// or https://.", allow=True
        )
    if given.get("status") and given["status"] not in STATUSES:
        words = "status is not one of active, paused, and disabled."
        raise InvalidParam([("status", "rest_not_in_enum", words, None)])


def _hooks(topic: str) -> list[str]:
    resource, _, event = topic.partition(".")
    return {
        "order.created": ["woocommerce_new_order"],
        "order.updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
        "order.deleted": ["wp_trash_post"],
    }.get(topic, [f"woocommerce_{event}_{resource}"])


# the queue --------------------------------------------------------------------------------------------------------


class Courier:
    """Carries queued deliveries: by a thread of its own, or only when `deliver` is called."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._waiting: queue.SimpleQueue[Record | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        shop.listeners.append(self.changed)

    def changed(self, topic: str, record_id: int, record: Record) -> None:
        """Queues one delivery for each active webhook of the topic; repeated changes in the queue are one delivery."""
        for webhook in self.shop.webhooks:
            if webhook["topic"] == topic and webhook["status"] == "active":
                entry = {"webhook": webhook["id"], "record": record_id}
                if entry not in self.shop.deliveries:
                    _enqueue(self.shop, entry)
        if self.shop.deliveries:
            self.wake()

    def wake(self) -> None:
        if self.shop.options.webhook_delivery != "background":
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="woocommerce-webhooks", daemon=True)
            self._thread.start()
        self._waiting.put({})

    def _run(self) -> None:
        while self._waiting.get() is not None:
            self.deliver()

    def stop(self) -> None:
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(self.shop.options.callback_timeout + 1)

    def deliver(self) -> int:
        """Sends all that is queued, and returns how many deliveries were answered with success."""
        succeeded = 0
        while True:
            with self.shop.lock:
                if not self.shop.deliveries:
                    return succeeded
                entry = self.shop.deliveries.pop(0)
                prepared = self._prepare(entry)
            if prepared is None:
                continue
            url, body, headers = prepared
            try:
                status = post(self.shop, url, body, headers)
            except NotReached:
                status = 0
            with self.shop.lock:
                succeeded += self._settle(entry["webhook"], 200 <= status < 303, ping=bool(entry.get("ping")))

    def _prepare(self, entry: Record) -> tuple[str, bytes, dict[str, str]] | None:
        webhook = self.shop.webhooks.get(entry["webhook"])
        if webhook is None or webhook["status"] != "active":
            return None
        options = self.shop.options
        agent = f"WooCommerce/{options.full_version} Hookshot (WordPress/{options.wordpress_version})"
        if entry.get("ping"):
            headers = {"User-Agent": agent, "Content-Type": "application/x-www-form-urlencoded"}
            return webhook["delivery_url"], f"webhook_id={webhook['id']}".encode(), headers
        body = to_json(self._payload(webhook, entry["record"]))
        second = f"{webhook['id']} {self.shop.clock.gmt()}"
        headers = {
            "User-Agent": agent,
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": f"{self.shop.home}/",
            "X-WC-Webhook-Topic": webhook["topic"],
            "X-WC-Webhook-Resource": webhook["resource"],
            "X-WC-Webhook-Event": webhook["event"],
            "X-WC-Webhook-Signature": signature(body, webhook["secret"]),
            "X-WC-Webhook-ID": str(webhook["id"]),
            "X-WC-Webhook-Delivery-ID": hashlib.md5(second.encode(), usedforsecurity=False).hexdigest(),
        }
        return webhook["delivery_url"], body, headers

    def _payload(self, webhook: Record, record_id: int) -> Record:
        view = View(self.shop, self.shop.home)
        if webhook["event"] == "deleted":
            return {"id": record_id}
        if webhook["resource"] == "order":
            order = self.shop.orders.get(record_id)
            return {"id": record_id} if order is None else view.order(order, single=True)
        if webhook["resource"] == "customer":
            customer = self.shop.customers.get(record_id)
            return {"id": record_id} if customer is None else view.customer(customer)
        if webhook["resource"] == "product":
            product = self.shop.products.get(record_id)
            if product is not None:
                return view.product(product)
            variation = self.shop.variations.get(record_id)
            return {"id": record_id} if variation is None else view.variation_as_product(variation)
        coupon = self.shop.coupons.get(record_id)
        return {"id": record_id} if coupon is None else view.coupon(coupon)

    def _settle(self, webhook_id: int, success: bool, *, ping: bool) -> int:
        webhook = self.shop.webhooks.get(webhook_id)
        if webhook is None or ping:
            return int(success)
        webhook = dict(webhook)
        if success:
            webhook["failures"] = 0
        elif webhook["failures"] > FAILURES_ALLOWED:
            webhook["status"] = "disabled"
        else:
            webhook["failures"] += 1
        self.shop.webhooks.put(webhook)
        self.shop.touched()
        return int(success)


def signature(body: bytes, secret: str) -> str:
    """base64(HMAC-SHA256(raw body, secret)), verified against recorded deliveries."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def _enqueue(shop: Shop, entry: Record) -> None:
    shop.deliveries.append(entry)
