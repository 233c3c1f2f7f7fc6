"""Starts and steers one local shop: its server, its credentials, and what tests and demos may do to it in Python."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from flask import Flask

from sandbox.running import RunningSandbox
from sandbox.server import RunningServer, serve

from . import certificates, orders, products, refunds
from .app import build
from .certificates import Certificates
from .faults import Fault, Weather
from .options import Options
from .shop import Key, Shop
from .webhooks import Courier

Record = dict[str, Any]


def create_app(options: Options | None = None, *, data: Path | str | None = None) -> Flask:
    """The WSGI application of a shop; `app.extensions["shop"]` is the shop. Changes are kept in `data`, if any.

    ValueError if the file keeps another shop.
    """
    return build(Shop(options or Options(), data))


def start(
    options: Options | None = None,
    *,
    port: int = 0,
    data: Path | str | None = None,
    log: Path | str | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> RunningShop:
    """Serves a shop on 127.0.0.1 (any free port for 0) and returns at once.

    Over TLS with an `ssl_context` of one's own, or with the switch `tls` under a throw-away authority.
    """
    options = options or Options()
    app = create_app(options, data=data)
    made = certificates.make() if options.tls and ssl_context is None else None
    context = ssl_context if made is None else made.context
    try:
        return RunningShop(app, serve(app, port=port, ssl_context=context, log=log), made)
    except OSError:
        if made is not None:
            made.remove()
        raise


class RunningShop(RunningSandbox):
    """A shop at work: `consumer_key`, `consumer_secret` beside what every sandbox has.

    The methods change the shop as its people would, without HTTP; orders and refunds are dicts of the REST API 10.0.
    """

    kind = "woocommerce"

    def __init__(self, app: Flask, server: RunningServer, made: Certificates | None = None) -> None:
        super().__init__(server)
        self._certificates = made
        self.shop: Shop = app.extensions["shop"]
        self._weather: Weather = app.extensions["weather"]
        self._courier: Courier = app.extensions["courier"]
        self.shop.home = self.shop.home or server.url

    @property
    def consumer_key(self) -> str:
        return self.shop.main_key.consumer_key

    @property
    def consumer_secret(self) -> str:
        return self.shop.main_key.consumer_secret

    def credentials(self) -> Record:
        return {
            "consumer_key": self.consumer_key,
            "consumer_secret": self.consumer_secret,
            "version": self.shop.options.version,
            "zone": self.shop.options.zone,
            "orders": sum(head.status != "trash" for head in self.shop.orders.heads.values()),
            **({} if self.ca_file is None else {"ca_file": str(self.ca_file)}),
        }

    @property
    def ca_file(self) -> Path | None:
        """The throw-away authority that clients have to trust, with the switch `tls`."""
        return None if self._certificates is None else self._certificates.ca_file

    def closed(self) -> None:
        self._courier.stop()
        if self._certificates is not None:
            self._certificates.remove()

    # what happens in the shop ------------------------------------------------------------------------------------

    def add_order(self, **body: Any) -> Record:
        """A new order from a REST body (line_items, billing, …; also status, created_via, date_created_gmt, number)."""
        return orders.create(self.shop, body)

    def plant_order(self, **fields: Any) -> Record:
        """An order with just these fields of the REST API, unchecked and not computed: for input that no shop makes."""
        return orders.plant(self.shop, fields)

    def edit_order(self, order_id: int, **body: Any) -> Record:
        """What PUT /orders/<id> would do: status, addresses, lines, meta_data …"""
        return orders.update(self.shop, order_id, body)

    def pay_order(self, order_id: int, transaction_id: str = "") -> Record:
        """The payment arrives: date_paid is set and the order moves on."""
        return orders.pay(self.shop, order_id, transaction_id)

    def refund_order(
        self, order_id: int, amount: str = "", lines: list[Record] | None = None, reason: str = ""
    ) -> Record:
        """Refunds an amount, lines `{id, quantity, refund_total, refund_tax: [{id, refund_total}]}`, or all that is left."""
        order = self.shop.orders.copy(order_id)
        if not amount and not lines:
            amount = refunds.left_to_refund(self.shop, order)
        return refunds.refund(self.shop, order_id, {"amount": amount, "line_items": lines or [], "reason": reason})

    def delete_refund(self, refund_id: int) -> None:
        refunds.delete_refund(self.shop, refund_id)

    def trash_order(self, order_id: int) -> Record:
        return orders.trash(self.shop, order_id)

    def restore_order(self, order_id: int) -> Record:
        return orders.restore(self.shop, order_id)

    def delete_order(self, order_id: int) -> None:
        orders.delete(self.shop, order_id)

    def touch_order(self, order_id: int) -> Record:
        """Moves date_modified without a change, as a look in the admin does."""
        return orders.touch(self.shop, order_id)

    def add_note(self, order_id: int, text: str) -> Record:
        return orders.add_note(self.shop, order_id, text)

    def set_stock(self, product_id: int, quantity: int) -> Record:
        return products.set_stock(self.shop, product_id, quantity)

    def delete_product(self, product_id: int) -> None:
        """Deletes a product for good; lines of old orders show product_id 0 and sku null."""
        products.delete(self.shop, product_id)

    def pass_time(self, seconds: float) -> None:
        self.shop.pass_time(seconds)

    def configure(self, **switches: Any) -> None:
        """Changes switches of `Options` while the shop runs."""
        self.shop.configure(**switches)

    def add_key(self, permissions: str = "read_write", role: str = "administrator") -> Key:
        return self.shop.add_key(permissions, role)

    # watching and disturbing --------------------------------------------------------------------------------------

    def inject(self, fault: Fault) -> None:
        """Lets the next matching requests fail, see `Fault`."""
        self._weather.faults.add(fault)

    def clear_faults(self) -> None:
        self._weather.faults.clear()

    def calls(self) -> dict[str, int]:
        """Number of requests by 'METHOD /path', the admin's own apart."""
        with self.shop.lock:
            return dict(self.shop.calls.by_path)

    def call_count(self) -> int:
        with self.shop.lock:
            return self.shop.calls.total

    def forget_calls(self) -> None:
        with self.shop.lock:
            self.shop.calls.total = 0
            self.shop.calls.by_path.clear()

    def deliver_webhooks(self) -> int:
        """Sends queued webhooks now; the number of deliveries that succeeded."""
        return self._courier.deliver()
