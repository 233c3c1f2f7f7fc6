"""wc/v3 as a table of routes: which address does what, who may, batches and _fields; it knows no record."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import rest_collections as calls
from . import rest_orders as order_calls
from . import rest_products as product_calls
from . import settings
from .asks import Answer, Ask, Handler
from .errors import RestError, no_route
from .params import Params
from .shop import Key, Shop
from .views import View, only_fields

Record = dict[str, Any]

BATCH_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Route:
    """One address: handlers by method, what the Allow header says, and whose existence comes before permission."""

    pattern: re.Pattern[str]
    handlers: dict[str, Handler]
    allow: str
    single: bool


_ROUTES: list[Route] = []


def _route(path: str, *, batch: bool = False, allow: str = "", **handlers: Handler) -> None:
    """Adds a route; `{}` in the path is a number. PUT also stands for PATCH and for POST at a single record.

    `allow` is the Allow header where the real shop can do more than this one.
    """
    found = {name.upper(): handler for name, handler in handlers.items()}
    single = path.endswith("{}")
    if batch:
        found |= {"PUT": found["POST"], "PATCH": found["POST"]}
    elif "PUT" in found:
        found |= {"PATCH": found["PUT"]} | ({"POST": found["PUT"]} if single else {})
    order = [name for name in ("GET", "POST", "PUT", "PATCH", "DELETE") if name in found]
    pattern = re.compile("^/" + path.replace("{}", r"(\d+)") + "/?$")
    _ROUTES.append(Route(pattern, found, allow or ", ".join(order), single))


def dispatch(
    shop: Shop, view: View, key: Key | None, method: str, path: str, query: Record, read_body: Callable[[], Record]
) -> Answer:
    """Answers a request to a path below /wc/v3; RestError for everything that WooCommerce refuses."""
    method = "GET" if method == "HEAD" else method
    for route in _ROUTES:
        match = route.pattern.match(path)
        if match is None:
            continue
        if method == "OPTIONS":
            return Answer({"namespace": "wc/v3", "methods": route.allow.split(", "), "endpoints": []})
        handler = route.handlers.get(method)
        if handler is None:
            break
        ask = Ask(shop, view, method, path, query, {}, tuple(map(int, match.groups())))
        _permit(ask, key, route)
        try:
            ask.body = read_body()
            answer = handler(ask)
        except RestError as error:
            if error.allow:
                error.headers["Allow"] = route.allow
            raise
        answer.headers["Allow"] = route.allow
        fields = Params(query).listed("_fields")
        if fields:
            many = isinstance(answer.body, list)
            answer.body = (
                [only_fields(one, fields) for one in answer.body] if many else only_fields(answer.body, fields)
            )
        return answer
    raise no_route()


def _permit(ask: Ask, key: Key | None, route: Route) -> None:
    if key is not None and key.role != "customer":
        return
    status = 401 if key is None else 403
    if ask.path.endswith("/batch"):
        verb, words = "batch", "you are not allowed to batch manipulate this resource."
    elif ask.method == "GET":
        verb, words = "view", "you cannot view this resource." if route.single else "you cannot list resources."
    elif ask.method == "POST" and not route.single:
        verb, words = "create", "you are not allowed to create resources."
    elif ask.method == "DELETE":
        verb, words = "delete", "you are not allowed to delete this resource."
    else:
        verb, words = "edit", "you are not allowed to edit this resource."
    raise RestError(status, f"woocommerce_rest_cannot_{verb}", f"Sorry, {words}")


def _batch(create: Handler, update: Handler, delete: Handler) -> Handler:
    def run(ask: Ask) -> Answer:
        body = ask.body
        lists = {name: body.get(name) or [] for name in ("create", "update", "delete")}
        if sum(len(one) for one in lists.values()) > BATCH_LIMIT:
            code = "woocommerce_rest_request_entity_too_large"
            words = f"Unable to accept more than {BATCH_LIMIT} items for this request."
            raise RestError(413, code, words, allow=True)
        answer: Record = {}
        for name, handler in (("create", create), ("update", update), ("delete", delete)):
            done = []
            for item in lists[name]:
                item_id = int(item) if name == "delete" else int(item.get("id") or 0)
                given = {"force": True} if name == "delete" else dict(item)
                method = {"create": "POST", "update": "PUT", "delete": "DELETE"}[name]
                ids = ask.ids if name == "create" else (*ask.ids, item_id)
                one = Ask(ask.shop, ask.view, method, ask.path, {}, given, ids)
                try:
                    done.append(handler(one).body)
                except RestError as error:
                    done.append({"id": item_id, "error": error.body})
            if name in body:
                answer[name] = done
        return Answer(answer)

    return run


def _read_only(make: Callable[[Ask], Any], *, counted: bool = False) -> Handler:
    def run(ask: Ask) -> Answer:
        body = make(ask)
        return Answer(body, headers={"X-WP-Total": str(len(body)), "X-WP-TotalPages": "1"} if counted else {})

    return run


_MORE = "GET, POST"


_route(
    "orders/batch",
    batch=True,
    post=_batch(order_calls.create_order, order_calls.update_order, order_calls.delete_order),
)
_route("orders", get=order_calls.list_orders, post=order_calls.create_order)
_route("orders/{}", get=order_calls.get_order, put=order_calls.update_order, delete=order_calls.delete_order)
_route("orders/{}/refunds", get=order_calls.list_refunds, post=order_calls.create_refund)
_route("orders/{}/refunds/{}", get=order_calls.get_refund, delete=order_calls.delete_refund)
_route("orders/{}/notes", get=order_calls.list_notes, post=order_calls.create_note)
_route("orders/{}/notes/{}", get=order_calls.get_note, delete=order_calls.delete_note)
_route("refunds", get=order_calls.list_refunds)
_route(
    "products/batch",
    batch=True,
    post=_batch(product_calls.create_product, product_calls.update_product, product_calls.delete_product),
)
_route("products", get=product_calls.list_products, post=product_calls.create_product)
_route(
    "products/{}", get=product_calls.get_product, put=product_calls.update_product, delete=product_calls.delete_product
)
_route(
    "products/{}/variations/batch",
    batch=True,
    post=_batch(product_calls.create_variation, product_calls.update_variation, product_calls.delete_variation),
)
_route("products/{}/variations", get=product_calls.list_variations, post=product_calls.create_variation)
_route(
    "products/{}/variations/{}",
    get=product_calls.get_variation,
    put=product_calls.update_variation,
    delete=product_calls.delete_variation,
)
_route("products/attributes", get=_read_only(settings.attributes, counted=True), allow=_MORE)
_route("products/categories", get=_read_only(settings.categories, counted=True), allow=_MORE)
_route("customers/batch", batch=True, post=_batch(calls.create_customer, calls.update_customer, calls.delete_customer))
_route("customers", get=calls.list_customers, post=calls.create_customer)
_route("customers/{}", get=calls.get_customer, put=calls.update_customer, delete=calls.delete_customer)
_route("coupons", get=calls.list_coupons, post=calls.create_coupon)
_route("coupons/{}", get=calls.get_coupon)
_route("taxes", get=calls.list_taxes, post=calls.create_tax)
_route("taxes/{}", get=calls.get_tax)
_route("taxes/classes", get=_read_only(settings.tax_classes, counted=True), allow=_MORE)
_route("webhooks", get=calls.list_webhooks, post=calls.create_webhook)
_route("webhooks/{}", get=calls.get_webhook, put=calls.update_webhook, delete=calls.delete_webhook)
_route("reports/orders/totals", get=_read_only(settings.order_totals))
_route("system_status", get=_read_only(settings.system_status))
_route("settings/general", get=_read_only(settings.general))
_route("settings/tax", get=_read_only(settings.tax))
_route("settings/products", get=_read_only(settings.product_settings))
_route("shipping/zones", get=_read_only(settings.shipping_zones, counted=True), allow=_MORE)
_route("shipping/zones/{}/methods", get=_read_only(settings.shipping_methods, counted=True), allow=_MORE)
_route("data/currencies/current", get=_read_only(settings.currency))
_route("payment_gateways", get=_read_only(settings.payment_gateways))
