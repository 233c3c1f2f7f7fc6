"""The way in for tests and demos at /__sandbox__: time, orders, faults, switches, counts; no real shop has it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from . import orders, products, refunds
from .errors import RestError
from .faults import KINDS, Fault, Weather
from .options import Options
from .shop import Shop
from .webhooks import Courier

Record = dict[str, Any]


def admin_pages(shop: Shop, weather: Weather, courier: Courier) -> Blueprint:
    """All answers are JSON with the form's version; bad input is 400 with an error in words."""
    pages = Blueprint("admin", __name__)

    def say(**values: Any) -> Response:
        return jsonify({"v": 1, **values})

    def body() -> Record:
        value = request.get_json(silent=True) if request.data else {}
        if not isinstance(value, dict):
            raise ValueError("the body must be a JSON object")
        return value

    @pages.errorhandler(ValueError)
    @pages.errorhandler(KeyError)
    @pages.errorhandler(TypeError)
    def _bad(error: Exception) -> tuple[Response, int]:
        return say(error=str(error.args[0] if error.args else error)), 400

    @pages.errorhandler(RestError)
    def _refused(error: RestError) -> tuple[Response, int]:
        return say(error=error.message, code=error.code), error.status

    @pages.get("/")
    def _about() -> Response:
        return say(
            kind="woocommerce",
            version=shop.options.full_version,
            now=shop.clock.gmt(),
            orders=len(shop.orders.heads),
            calls=shop.calls.total,
            switches={name: words for name, (_, words) in Options.told().items()},
            faults=KINDS,
        )

    @pages.get("/calls")
    def _calls() -> Response:
        return say(total=shop.calls.total, calls=dict(shop.calls.by_path))

    @pages.delete("/calls")
    def _forget() -> Response:
        with shop.lock:
            shop.calls.total = 0
            shop.calls.by_path.clear()
        return say(total=0)

    @pages.post("/clock")
    def _clock() -> Response:
        shop.pass_time(float(body()["forward"]))
        return say(now=shop.clock.gmt())

    @pages.post("/switches")
    def _switches() -> Response:
        shop.configure(**body())
        return say(changed=list(body()))

    @pages.post("/faults")
    def _add_fault() -> Response:
        weather.faults.add(Fault(**body()))
        return say(faults=weather.faults.listed())

    @pages.get("/faults")
    def _list_faults() -> Response:
        return say(faults=weather.faults.listed())

    @pages.delete("/faults")
    def _clear_faults() -> Response:
        weather.faults.clear()
        return say(faults=[])

    @pages.post("/orders")
    def _add_order() -> Response:
        return say(order=orders.create(shop, body()))

    @pages.post("/orders/plant")
    def _plant_order() -> Response:
        return say(order=orders.plant(shop, body()))

    @pages.post("/orders/<int:order_id>/<action>")
    def _act(order_id: int, action: str) -> Response:
        given = body()
        if order_id not in shop.orders:
            raise KeyError(f"the shop has no order {order_id}")
        if action == "edit":
            return say(order=orders.update(shop, order_id, given))
        if action == "pay":
            return say(order=orders.pay(shop, order_id, str(given.get("transaction_id", ""))))
        if action == "refund":
            return say(refund=refunds.refund(shop, order_id, given))
        if action == "trash":
            return say(order=orders.trash(shop, order_id))
        if action == "restore":
            return say(order=orders.restore(shop, order_id))
        if action == "touch":
            return say(order=orders.touch(shop, order_id))
        if action == "delete":
            orders.delete(shop, order_id)
            return say(deleted=order_id)
        raise ValueError(f"no action {action!r}; there are edit, pay, refund, trash, restore, touch, delete")

    @pages.post("/products/<int:record_id>/stock")
    def _stock(record_id: int) -> Response:
        record = products.set_stock(shop, record_id, int(body()["quantity"]))
        return say(id=record_id, stock_quantity=record["stock_quantity"])

    @pages.delete("/products/<int:product_id>")
    def _delete_product(product_id: int) -> Response:
        products.delete(shop, product_id)
        return say(deleted=product_id)

    @pages.post("/keys")
    def _add_key() -> Response:
        given = body()
        key = shop.add_key(str(given.get("permissions", "read_write")), str(given.get("role", "administrator")))
        return say(consumer_key=key.consumer_key, consumer_secret=key.consumer_secret, permissions=key.permissions)

    @pages.post("/webhooks/deliver")
    def _deliver() -> Response:
        return say(delivered=courier.deliver())

    return pages
