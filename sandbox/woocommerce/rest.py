"""wc/v3 as a table of routes: which address does what, with permissions, parameters and headers; it stores nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import orders, products, refunds, settings, webhooks
from .errors import RestError, invalid_id, no_route
from .lists import OrderFilter, Page, cut, filter_dates, sorted_records
from .params import Params
from .shop import Key, Shop
from .views import View, only_fields

Record = dict[str, Any]

BATCH_LIMIT = 100


@dataclass(slots=True)
class Ask:
    """One request to wc/v3: `ids` are the numbers in the path, `body` the parsed JSON or form."""

    shop: Shop
    view: View
    method: str
    path: str
    query: dict[str, Any]
    body: dict[str, Any]
    ids: tuple[int, ...] = ()

    @property
    def given(self) -> dict[str, Any]:
        """What a write works with: the query's parameters and the body's, the body first."""
        return {**self.query, **self.body}

    @property
    def force(self) -> bool:
        return str(self.given.get("force", "")).lower() in ("true", "1")


@dataclass(slots=True)
class Answer:
    """Status, JSON value and the headers that the route adds."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Ask], Answer]


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


def _page(ask: Ask, page: Page, items: list[Record], extra: Record | None = None) -> Answer:
    query = dict(ask.query)
    if extra is not None:
        # Orders: the parsed status list moves behind, dp and context are set while items are rendered (recorded).
        listed = query.pop("status", None) or "any"
        names = list(listed.values()) if isinstance(listed, dict) else str(listed).split(",")
        query["status"] = names
        if str(query.get("dates_are_gmt")).lower() == "true":
            query["dates_are_gmt"] = "1"
        if items:
            for name, value in extra.items():
                query.setdefault(name, value)
    headers = page.headers(f"{ask.view.api}{ask.path}", query)
    return Answer(items, headers=headers)


# orders -----------------------------------------------------------------------------------------------------------


def _dp(params: Params, shop: Shop) -> int | None:
    return params.integer("dp", shop.options.decimals)


def _list_orders(ask: Ask) -> Answer:
    params = Params(ask.query)
    dp = _dp(params, ask.shop)
    make = cut(params, 0, count_past_end=not ask.shop.options.hpos)
    wanted = OrderFilter(ask.shop, params)
    page = make(_cached_ids(ask, wanted))
    items = [ask.view.order(order, dp) for one in page.ids if (order := ask.shop.orders.get(one)) is not None]
    answer = _page(ask, page, items, {"dp": ask.shop.options.decimals, "context": "view"})
    if ask.shop.options.shuffle_while_paging and page.ids:
        orders.touch(ask.shop, page.ids[0])
    return answer


def _cached_ids(ask: Ask, wanted: OrderFilter) -> list[int]:
    """Sorted ids of a filter, kept while nothing changes: else each page of a large shop would sort it anew."""
    same = {key: value for key, value in sorted(ask.query.items()) if not key.startswith(("oauth_", "consumer_"))}
    for name in ("page", "per_page", "offset", "_fields", "dp"):
        same.pop(name, None)
    key, listed = (ask.shop.revision, repr(same)), ask.shop.listed
    if key not in listed:
        if len(listed) >= 16:
            listed.clear()
        listed[key] = wanted.ids()
    return listed[key]


def _order(ask: Ask, status: int = 404) -> Record:
    order = ask.shop.orders.get(ask.ids[0])
    if order is None:
        raise invalid_id("shop_order", status)
    return order


def _get_order(ask: Ask) -> Answer:
    params = Params(ask.query)
    dp = _dp(params, ask.shop)
    params.done()
    return Answer(ask.view.order(_order(ask), dp, single=True))


def _create_order(ask: Ask) -> Answer:
    order = orders.create(ask.shop, ask.given)
    location = f"{ask.view.api}/orders/{order['id']}"
    return Answer(ask.view.order(order, single=True), 201, {"Location": location})


def _update_order(ask: Ask) -> Answer:
    _order(ask, 400)
    return Answer(ask.view.order(orders.update(ask.shop, ask.ids[0], ask.given), single=True))


def _delete_order(ask: Ask) -> Answer:
    order = _order(ask)
    before = ask.view.order(order, single=True)
    if ask.force:
        orders.delete(ask.shop, order["id"])
    elif order["status"] == "trash":
        raise RestError(410, "woocommerce_rest_already_trashed", "The order has already been deleted.", allow=True)
    else:
        stamp = orders.trash(ask.shop, order["id"])["date_modified_gmt"]
        if stamp != before["date_modified_gmt"]:
            before["date_modified_gmt"] = stamp
            ask.view.local(before, "date_modified")
    return Answer(before)


def _list_refunds(ask: Ask) -> Answer:
    params = Params(ask.query)
    dp = _dp(params, ask.shop)
    make = cut(params, 0)
    if ask.ids and ask.ids[0] not in ask.shop.orders:
        raise RestError(404, "woocommerce_rest_invalid_order_id", "Invalid order ID.", allow=True)
    wanted = ask.shop.refunds.of(ask.ids[0]) if ask.ids else _all_refunds(ask.shop)
    fields = {"date": "date_created_gmt", "id": "id"}
    page = make(sorted_records(filter_dates(ask.shop, wanted, params), params, fields, "date"))
    items = [
        ask.view.refund(refund, dp, of_all=not ask.ids)
        for one in page.ids
        if (refund := ask.shop.refunds.get(one)) is not None
    ]
    return _page(ask, page, items, {"dp": ask.shop.options.decimals, "context": "view"})


def _all_refunds(shop: Shop) -> list[Record]:
    if shop.options.version != "10.0":
        raise no_route()  # GET /refunds came with 9.0
    return [refund for one in shop.refunds if (refund := shop.refunds.get(one)) is not None]


def _refund(ask: Ask) -> Record:
    if ask.ids[0] not in ask.shop.orders:
        raise RestError(404, "woocommerce_rest_invalid_order_id", "Invalid order ID.", allow=True)
    refund = ask.shop.refunds.get(ask.ids[1])
    if refund is None or refund["parent_id"] != ask.ids[0]:
        raise RestError(404, "woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.", allow=True)
    return refund


def _get_refund(ask: Ask) -> Answer:
    params = Params(ask.query)
    dp = _dp(params, ask.shop)
    params.done()
    return Answer(ask.view.refund(_refund(ask), dp))


def _create_refund(ask: Ask) -> Answer:
    refund = refunds.refund(ask.shop, ask.ids[0], ask.given)
    location = f"{ask.view.api}/orders/{ask.ids[0]}/refunds/{refund['id']}"
    return Answer(ask.view.refund(refund), 201, {"Location": location})


def _delete_refund(ask: Ask) -> Answer:
    refund = _refund(ask)
    if not ask.force:
        words = "Refunds do not support trashing."
        raise RestError(501, "woocommerce_rest_trash_not_supported", words, allow=True)
    before = ask.view.refund(refund)
    refunds.delete_refund(ask.shop, refund["id"])
    return Answer(before)


def _list_notes(ask: Ask) -> Answer:
    if ask.ids[0] not in ask.shop.orders:
        raise RestError(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.", allow=True)
    return Answer([ask.view.note(note) for note in ask.shop.notes if note["order_id"] == ask.ids[0]])


def _create_note(ask: Ask) -> Answer:
    if ask.ids[0] not in ask.shop.orders:
        raise RestError(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.", allow=True)
    if not ask.given.get("note"):
        raise RestError(
            400, "rest_missing_callback_param", "Missing parameter(s): note", {"params": ["note"]}, allow=True
        )
    customer = str(ask.given.get("customer_note", "")).lower() in ("true", "1")
    note = orders.add_note(ask.shop, ask.ids[0], str(ask.given["note"]), customer_note=customer)
    location = f"{ask.view.api}/orders/{ask.ids[0]}/notes/{note['id']}"
    return Answer(ask.view.note(note), 201, {"Location": location})


def _note(ask: Ask) -> Record:
    note = ask.shop.notes.get(ask.ids[1])
    if note is None or note["order_id"] != ask.ids[0]:
        raise RestError(404, "woocommerce_rest_invalid_id", "Invalid resource ID.", allow=True)
    return note


def _get_note(ask: Ask) -> Answer:
    return Answer(ask.view.note(_note(ask)))


def _delete_note(ask: Ask) -> Answer:
    note = _note(ask)
    if not ask.force:
        words = "Webhooks do not support trashing."
        raise RestError(501, "woocommerce_rest_trash_not_supported", words, allow=True)
    ask.shop.notes.remove(note["id"])
    ask.shop.touched()
    return Answer(ask.view.note(note))


# products and variations ------------------------------------------------------------------------------------------


def _list_products(ask: Ask) -> Answer:
    params = Params(ask.query)
    make = cut(params, 0)
    found = products.matching(ask.shop, params)
    fields = {
        "date": "date_created_gmt",
        "id": "id",
        "title": "name",
        "slug": "slug",
        "price": "price",
        "popularity": "total_sales",
        "rating": "average_rating",
        "menu_order": "menu_order",
    }
    if ask.shop.options.version == "10.0":
        fields["modified"] = "date_modified_gmt"
    found = filter_dates(ask.shop, found, params)
    page = make(sorted_records(found, params, fields, "date"))
    return _page(ask, page, [_show_product(ask, one) for one in page.ids])


def _show_product(ask: Ask, product_id: int, *, edit: bool = False) -> Record:
    product = ask.shop.products.get(product_id)
    if product is not None:
        return ask.view.product(product, edit=edit)
    return ask.view.variation_as_product(ask.shop.variations.records[product_id])


def _get_product(ask: Ask) -> Answer:
    if ask.shop.product_or_variation(ask.ids[0]) is None:
        raise invalid_id("product")
    return Answer(_show_product(ask, ask.ids[0]))


def _create_product(ask: Ask) -> Answer:
    product = products.create(ask.shop, ask.given)
    location = f"{ask.view.api}/products/{product['id']}"
    return Answer(ask.view.product(product, edit=True), 201, {"Location": location})


def _update_product(ask: Ask) -> Answer:
    return Answer(ask.view.product(products.update(ask.shop, ask.ids[0], ask.given), edit=True))


def _delete_product(ask: Ask) -> Answer:
    product = ask.shop.products.get(ask.ids[0])
    if product is None:
        raise invalid_id("product")
    before = ask.view.product(product, edit=True)
    if ask.force:
        products.delete(ask.shop, product["id"])
    elif product["status"] == "trash":
        raise RestError(410, "woocommerce_rest_already_trashed", "The product has already been deleted.", allow=True)
    else:
        products.trash(ask.shop, product["id"])
    return Answer(before)


def _variation(ask: Ask, status: int = 404) -> Record:
    if ask.ids[0] not in ask.shop.products:
        raise RestError(404, "woocommerce_rest_product_invalid_id", "Invalid ID.", allow=True)
    variation = ask.shop.variations.get(ask.ids[1])
    if variation is None or variation["parent_id"] != ask.ids[0]:
        raise invalid_id("product_variation", status)
    return variation


def _list_variations(ask: Ask) -> Answer:
    params = Params(ask.query)
    make = cut(params, 0)
    if ask.ids[0] not in ask.shop.products:
        raise invalid_id("product")
    skus = [one.lower() for one in params.listed("sku")]
    found = [
        one
        for one in ask.shop.variations
        if one["parent_id"] == ask.ids[0] and (not skus or ask.shop.own_sku(one).lower() in skus)
    ]
    fields = {"date": "date_created_gmt", "id": "id", "title": "name", "slug": "id", "menu_order": "menu_order"}
    page = make(sorted_records(filter_dates(ask.shop, found, params), params, fields, "date"))
    return _page(ask, page, [ask.view.variation(ask.shop.variations.records[one]) for one in page.ids])


def _get_variation(ask: Ask) -> Answer:
    return Answer(ask.view.variation(_variation(ask)))


def _create_variation(ask: Ask) -> Answer:
    if ask.ids[0] not in ask.shop.products:
        raise invalid_id("product")
    variation = products.create_variation(ask.shop, ask.ids[0], ask.given)
    location = f"{ask.view.api}/products/{ask.ids[0]}/variations/{variation['id']}"
    return Answer(ask.view.variation(variation), 201, {"Location": location})


def _update_variation(ask: Ask) -> Answer:
    _variation(ask, 400)
    return Answer(ask.view.variation(products.update_variation(ask.shop, ask.ids[1], ask.given)))


def _delete_variation(ask: Ask) -> Answer:
    variation = _variation(ask)
    before = ask.view.variation(variation)
    products.delete_variation(ask.shop, variation["id"])
    return Answer(before)


# customers, coupons, taxes, webhooks ------------------------------------------------------------------------------


def _list_customers(ask: Ask) -> Answer:
    params = Params(ask.query)
    make = cut(params, 0)
    role, email, search = params.text("role", "customer"), params.text("email").lower(), params.text("search").lower()
    found = [
        one
        for one in ask.shop.customers
        if role in ("all", one["role"])
        and (not email or one["email"].lower() == email)
        and (
            not search
            or any(search in str(one[key]).lower() for key in ("email", "username", "first_name", "last_name"))
        )
    ]
    fields = {"id": "id", "name": "username", "registered_date": "date_created_gmt"}
    page = make(sorted_records(found, params, fields, "name"))
    return _page(ask, page, [ask.view.customer(ask.shop.customers.records[one]) for one in page.ids])


def _customer(ask: Ask) -> Record:
    customer = ask.shop.customers.get(ask.ids[0])
    if customer is None:
        # The check of permission asks for the user first, so that no Allow header is sent (recorded).
        raise RestError(404, "wc_user_invalid_id", "Invalid user ID.")
    return customer


def _get_customer(ask: Ask) -> Answer:
    return Answer(ask.view.customer(_customer(ask)))


def _create_customer(ask: Ask) -> Answer:
    customer = products.create_customer(ask.shop, ask.given)
    return Answer(ask.view.customer(customer), 201, {"Location": f"{ask.view.api}/customers/{customer['id']}"})


def _update_customer(ask: Ask) -> Answer:
    return Answer(ask.view.customer(products.update_customer(ask.shop, _customer(ask)["id"], ask.given)))


def _delete_customer(ask: Ask) -> Answer:
    customer = _customer(ask)
    if not ask.force:
        words = "Customers do not support trashing."
        raise RestError(501, "woocommerce_rest_trash_not_supported", words, allow=True)
    ask.shop.customers.remove(customer["id"])
    ask.shop.touched()
    return Answer(ask.view.customer(customer))


def _list_coupons(ask: Ask) -> Answer:
    params = Params(ask.query)
    make = cut(params, 0)
    code = params.text("code").lower()
    found = filter_dates(ask.shop, [one for one in ask.shop.coupons if not code or one["code"] == code], params)
    fields = {"date": "date_created_gmt", "id": "id", "title": "code", "slug": "code", "modified": "date_modified_gmt"}
    page = make(sorted_records(found, params, fields, "date"))
    return _page(ask, page, [ask.view.coupon(ask.shop.coupons.records[one]) for one in page.ids])


def _get_coupon(ask: Ask) -> Answer:
    coupon = ask.shop.coupons.get(ask.ids[0])
    if coupon is None:
        raise invalid_id("shop_coupon")
    return Answer(ask.view.coupon(coupon))


def _create_coupon(ask: Ask) -> Answer:
    coupon = products.create_coupon(ask.shop, ask.given)
    return Answer(ask.view.coupon(coupon), 201, {"Location": f"{ask.view.api}/coupons/{coupon['id']}"})


def _create_tax(ask: Ask) -> Answer:
    tax = products.create_tax(ask.shop, ask.given)
    return Answer(ask.view.tax(tax), 201, {"Location": f"{ask.view.api}/taxes/{tax['id']}"})


def _list_taxes(ask: Ask) -> Answer:
    params = Params(ask.query)
    make = cut(params, 0)
    wanted = params.text("class")
    found = [one for one in ask.shop.taxes if not wanted or one["class"] == wanted]
    fields = {"id": "id", "order": "order", "priority": "priority"}
    page = make(sorted_records(found, params, fields, "order"))
    return _page(ask, page, [ask.view.tax(ask.shop.taxes.records[one]) for one in page.ids])


def _get_tax(ask: Ask) -> Answer:
    tax = ask.shop.taxes.get(ask.ids[0])
    if tax is None:
        raise RestError(404, "woocommerce_rest_invalid_id", "Invalid resource ID.", allow=True)
    return Answer(ask.view.tax(tax))


def _list_webhooks(ask: Ask) -> Answer:
    params = Params(ask.query)
    make = cut(params, 0)
    status = params.choice("status", ["all", "active", "paused", "disabled"], "all")
    found = [one for one in ask.shop.webhooks if status in ("all", one["status"])]
    fields = {"date": "date_created_gmt", "id": "id", "title": "name"}
    page = make(sorted_records(found, params, fields, "date"))
    return _page(ask, page, [ask.view.webhook(ask.shop.webhooks.records[one]) for one in page.ids])


def _webhook(ask: Ask, status: int = 404) -> Record:
    webhook = ask.shop.webhooks.get(ask.ids[0])
    if webhook is None:
        raise invalid_id("shop_webhook", status)
    return webhook


def _get_webhook(ask: Ask) -> Answer:
    return Answer(ask.view.webhook(_webhook(ask)))


def _create_webhook(ask: Ask) -> Answer:
    webhook = webhooks.create(ask.shop, ask.given)
    return Answer(ask.view.webhook(webhook), 201, {"Location": f"{ask.view.api}/webhooks/{webhook['id']}"})


def _update_webhook(ask: Ask) -> Answer:
    return Answer(ask.view.webhook(webhooks.update(ask.shop, _webhook(ask, 400)["id"], ask.given)))


def _delete_webhook(ask: Ask) -> Answer:
    webhook = _webhook(ask)
    if not ask.force:
        words = "Webhooks do not support trashing."
        raise RestError(501, "woocommerce_rest_trash_not_supported", words, allow=True)
    ask.shop.webhooks.remove(webhook["id"])
    ask.shop.touched()
    return Answer(ask.view.webhook(webhook))


# batch ------------------------------------------------------------------------------------------------------------


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


_route("orders/batch", batch=True, post=_batch(_create_order, _update_order, _delete_order))
_route("orders", get=_list_orders, post=_create_order)
_route("orders/{}", get=_get_order, put=_update_order, delete=_delete_order)
_route("orders/{}/refunds", get=_list_refunds, post=_create_refund)
_route("orders/{}/refunds/{}", get=_get_refund, delete=_delete_refund)
_route("orders/{}/notes", get=_list_notes, post=_create_note)
_route("orders/{}/notes/{}", get=_get_note, delete=_delete_note)
_route("refunds", get=_list_refunds)
_route("products/batch", batch=True, post=_batch(_create_product, _update_product, _delete_product))
_route("products", get=_list_products, post=_create_product)
_route("products/{}", get=_get_product, put=_update_product, delete=_delete_product)
_route(
    "products/{}/variations/batch",
    batch=True,
    post=_batch(_create_variation, _update_variation, _delete_variation),
)
_route("products/{}/variations", get=_list_variations, post=_create_variation)
_route("products/{}/variations/{}", get=_get_variation, put=_update_variation, delete=_delete_variation)
_route("products/attributes", get=_read_only(settings.attributes, counted=True), allow=_MORE)
_route("products/categories", get=_read_only(settings.categories, counted=True), allow=_MORE)
_route("customers/batch", batch=True, post=_batch(_create_customer, _update_customer, _delete_customer))
_route("customers", get=_list_customers, post=_create_customer)
_route("customers/{}", get=_get_customer, put=_update_customer, delete=_delete_customer)
_route("coupons", get=_list_coupons, post=_create_coupon)
_route("coupons/{}", get=_get_coupon)
_route("taxes", get=_list_taxes, post=_create_tax)
_route("taxes/{}", get=_get_tax)
_route("taxes/classes", get=_read_only(settings.tax_classes, counted=True), allow=_MORE)
_route("webhooks", get=_list_webhooks, post=_create_webhook)
_route("webhooks/{}", get=_get_webhook, put=_update_webhook, delete=_delete_webhook)
_route("reports/orders/totals", get=_read_only(settings.order_totals))
_route("system_status", get=_read_only(settings.system_status))
_route("settings/general", get=_read_only(settings.general))
_route("settings/tax", get=_read_only(settings.tax))
_route("settings/products", get=_read_only(settings.product_settings))
_route("shipping/zones", get=_read_only(settings.shipping_zones, counted=True), allow=_MORE)
_route("shipping/zones/{}/methods", get=_read_only(settings.shipping_methods, counted=True), allow=_MORE)
_route("data/currencies/current", get=_read_only(settings.currency))
_route("payment_gateways", get=_read_only(settings.payment_gateways))
