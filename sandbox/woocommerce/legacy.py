"""The legacy API /wc-api/v2 and v3 as WooCommerce 2.3 and 2.4 had it: routes, wrapped lists, filter[…], headers.

Dates in filters are inclusive and UTC: any offset is replaced by +00:00, and what is no date is 1970 (2.4.7
class-wc-api-server.php parse_datetime).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import Blueprint, Response, request

from . import orders, products
from .auth import Call, legacy_key
from .errors import LegacyError, RestError
from .legacy_views import LegacyView
from .lists import CORE_STATUSES
from .php import build_query, parse_query, to_json
from .settings import status_name
from .shop import Shop
from .views import only_fields

Record = dict[str, Any]

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
PER_PAGE = 10


@dataclass(slots=True)
class LegacyAsk:
    """One request: `ids` are the parts of the path in braces, `data` the unwrapped body."""

    shop: Shop
    view: LegacyView
    method: str
    url: str
    query: dict[str, Any]
    body: Record
    ids: tuple[str, ...] = ()

    @property
    def filter(self) -> dict[str, Any]:
        given = self.query.get("filter")
        return given if isinstance(given, dict) else {}

    @property
    def meta(self) -> bool:
        return str(self.filter.get("meta", "")).lower() in ("true", "1")

    @property
    def dp(self) -> int:
        text = str(self.filter.get("dp", self.query.get("dp", "")))
        return int(text) if text.isdigit() else 2

    def data(self, name: str, doing: str) -> Record:
        value = self.body.get(name)
        if not isinstance(value, dict):
            raise LegacyError(400, f"missing_{name}_data", f"No {name} data specified to {doing} {name}")
        return value


Headers = list[tuple[str, str]]
Found = tuple[Any, Headers]


def parse_datetime(text: str) -> str:
    """GMT text of a filter value, as described above."""
    cleaned = re.sub(r"[+-]\d+:+\d+$", "", re.sub(r"\.\d+", "", text.strip()))
    try:
        moment = datetime.fromisoformat(cleaned.replace("Z", ""))
    except ValueError:
        moment = datetime.fromtimestamp(0, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def legacy_pages(shop: Shop) -> Blueprint:
    pages = Blueprint("legacy", __name__)

    @pages.route("/wc-api/<api>", defaults={"path": ""}, methods=_METHODS)
    @pages.route("/wc-api/<api>/", defaults={"path": ""}, methods=_METHODS)
    @pages.route("/wc-api/<api>/<path:path>", methods=_METHODS)
    def _legacy(api: str, path: str) -> Response:
        version = shop.options.version
        if version == "10.0" or not re.fullmatch(r"v[123]", api):
            return Response("-1", 400, content_type="text/html; charset=UTF-8")
        if version == "2.3" and api == "v3":
            # 2.3 takes this for a payment gateway's callback.
            answer = "1" if shop.options.legacy_unknown_answers_one else "<h1>Page not found</h1>"
            status = 200 if shop.options.legacy_unknown_answers_one else 404
            return Response(answer, status, content_type="text/html; charset=UTF-8")
        with shop.lock:
            try:
                found, headers = _serve(shop, api, "/" + path)
                status = 201 if request.method == "POST" else 200
            except LegacyError as error:
                found, headers, status = error.body, [], error.status
            except RestError as error:
                wrapped = LegacyError(400 if error.status == 500 else error.status, "invalid", error.message)
                found, headers, status = wrapped.body, [], wrapped.status
        response = Response(to_json(found), status, content_type="application/json; charset=UTF-8")
        for name, value in headers:
            response.headers.add(name, value)
        return response

    return pages


def _serve(shop: Shop, api: str, path: str) -> Found:
    if not shop.options.legacy:
        raise LegacyError(404, "disabled", "The WooCommerce API is disabled on this site")
    query = parse_query(request.query_string.decode("latin-1"))
    view = LegacyView(shop, shop.home, api)
    if path.rstrip("/") == "":
        return _index(shop, api), []
    header = "" if shop.options.strip_authorization else request.headers.get("Authorization", "")
    sent = str(request.environ.get("REQUEST_URI") or request.path).split("?", 1)[0]
    key = legacy_key(shop, shop.home, Call(request.method, sent, request.is_secure, query, header), api)
    if key.role == "customer":
        raise LegacyError(401, "user_cannot_read", "You do not have permission to read this resource")
    method = "GET" if request.method == "HEAD" else "PUT" if request.method == "PATCH" else request.method
    if method == "POST" and query.get("_method"):
        method = str(query["_method"]).upper()
    for pattern, by_method in _ROUTES:
        match = pattern.match(path)
        if match is None:
            continue
        handler = by_method.get(method)
        if handler is None:
            break
        ask = LegacyAsk(shop, view, method, f"{shop.home}{sent}", query, _body(), match.groups())
        body, headers = handler(ask)
        return _only(body, str(query.get("fields") or "")), headers
    raise LegacyError(404, "no_route", "No route was found matching the URL and request method")


def _body() -> Record:
    data = request.get_data()
    if not data:
        return {}
    try:
        value = json.loads(data)
    except ValueError:
        raise LegacyError(400, "invalid_handler", "The JSON body is invalid") from None
    return value if isinstance(value, dict) else {}


def _only(body: Any, fields: str) -> Any:
    """?fields=id,total keeps these of each record inside the wrapper."""
    names = [one.strip() for one in fields.split(",") if one.strip()]
    if not names or not isinstance(body, dict):
        return body
    return {
        key: [only_fields(one, names) for one in value] if isinstance(value, list) else only_fields(value, names)
        for key, value in body.items()
    }


def _index(shop: Shop, api: str) -> Record:
    options = shop.options
    return {
        "store": {
            "name": options.name,
            "description": "",
            "URL": shop.home,
            "wc_version": options.full_version,
            "routes": {
                one: {"supports": ["HEAD", "GET"], "meta": {"self": f"{shop.home}/wc-api/{api}{one}"}}
                for one in ("/", "/orders", "/products", "/customers", "/coupons")
            },
            "meta": {
                "timezone": options.zone,
                "currency": options.currency,
                "currency_format": "&#36;" if options.currency == "USD" else options.currency,
                "currency_position": "left",
                "thousand_separator": ",",
                "decimal_separator": ".",
                "price_num_decimals": options.decimals,
                "tax_included": options.prices_include_tax,
                "weight_unit": "kg",
                "dimension_unit": "cm",
                "ssl_enabled": shop.home.startswith("https"),
                "permalinks_enabled": True,
                "generate_password": False,
                "links": {"help": "http://woothemes.github.io/woocommerce-rest-api-docs/"},
            },
        }
    }


# lists ------------------------------------------------------------------------------------------------------------


def _pages(ask: LegacyAsk, ids: list[int]) -> tuple[list[int], Headers]:
    """Cuts a page and gives X-WC-Total, X-WC-TotalPages and Link headers (first, prev, next, last)."""
    limit_text, page_text = str(ask.filter.get("limit", PER_PAGE)), str(ask.query.get("page", "1"))
    limit = int(limit_text) if re.fullmatch(r"-?\d+", limit_text) else PER_PAGE
    page = max(1, int(page_text)) if page_text.isdigit() else 1
    total = len(ids)
    if limit < 0:
        limit = max(1, total)
    limit = limit or PER_PAGE
    offset = str(ask.filter.get("offset", ""))
    first = int(offset) if offset.isdigit() else (page - 1) * limit
    pages = -(-total // limit)
    links = []
    if page > 1:
        links += [(1, "first"), (page - 1, "prev")]
    if page < pages:
        links.append((page + 1, "next"))
    if page != pages and pages:
        links.append((pages, "last"))
    base = {key: value for key, value in ask.query.items() if key != "page"}
    headers = [("Link", f'<{ask.url}?{build_query({**base, "page": number})}>; rel="{name}"') for number, name in links]
    headers += [("X-WC-Total", str(total)), ("X-WC-TotalPages", str(pages))]
    return ids[first : first + limit], headers


def _numbers(value: Any) -> set[int]:
    listed = value.values() if isinstance(value, dict) else str(value).split(",")
    return {int(one) for one in listed if str(one).strip().isdigit()}


class _Dated(NamedTuple):
    """What the shared filters look at; the times are GMT text."""

    id: int
    created: str
    modified: str


def _fitting(ask: LegacyAsk, records: Iterable[_Dated]) -> list[int]:
    """Ids by the shared filters, sorted by filter[orderby] and filter[order]."""
    wanted = ask.filter
    bounds = {
        name: parse_datetime(str(wanted[name]))
        for name in ("created_at_min", "created_at_max", "updated_at_min", "updated_at_max")
        if wanted.get(name)
    }
    within = _numbers(wanted["in"]) if wanted.get("in") else None
    without = _numbers(wanted["not_in"]) if wanted.get("not_in") else set()
    found = [
        one
        for one in records
        if (within is None or one.id in within)
        and one.id not in without
        and bounds.get("created_at_min", one.created) <= one.created <= bounds.get("created_at_max", one.created)
        and bounds.get("updated_at_min", one.modified) <= one.modified <= bounds.get("updated_at_max", one.modified)
    ]
    keys: dict[str, Callable[[_Dated], tuple[str, int]]] = {
        "id": lambda one: ("", one.id),
        "date": lambda one: (one.created, one.id),
        "modified": lambda one: (one.modified, one.id),
    }
    order_by = str(wanted.get("orderby", "date")).lower()
    descending = str(wanted.get("order", "desc")).lower() != "asc"
    return [one.id for one in sorted(found, key=keys.get(order_by, keys["date"]), reverse=descending)]


# orders -----------------------------------------------------------------------------------------------------------


def _order_ids(ask: LegacyAsk) -> list[int]:
    asked = [one.strip() for one in str(ask.query.get("status") or "").split(",") if one.strip()]
    known = {*CORE_STATUSES, *ask.shop.options.custom_statuses}
    wanted = (known | {"trash"}) & set(asked) if asked and asked != ["any"] else known
    heads = ask.shop.orders.heads
    ids = _fitting(
        ask, (_Dated(one, head.created, head.modified) for one, head in heads.items() if head.status in wanted)
    )
    customer = str(ask.filter.get("customer_id", ""))
    if customer.isdigit():
        ids = [one for one in ids if heads[one].customer == int(customer)]
    words = str(ask.filter.get("q", "")).lower()
    return [one for one in ids if _mentions(ask.shop, one, words)] if words else ids


def _mentions(shop: Shop, order_id: int, words: str) -> bool:
    order = shop.orders.get(order_id)
    return order is not None and words in " ".join(map(str, [order_id, *order["billing"].values()])).lower()


def _list_orders(ask: LegacyAsk) -> Found:
    ids, headers = _pages(ask, _order_ids(ask))
    found = [
        ask.view.order(order, ask.dp, meta=ask.meta) for one in ids if (order := ask.shop.orders.get(one)) is not None
    ]
    return {"orders": found}, headers


def _count_orders(ask: LegacyAsk) -> Found:
    return {"count": len(_order_ids(ask))}, []


def _order_statuses(ask: LegacyAsk) -> Found:
    names = (*CORE_STATUSES, *ask.shop.options.custom_statuses)
    return {"order_statuses": {one: status_name(one) for one in names}}, []


def _wrong_id(ask: LegacyAsk, kind: str, found_elsewhere: bool) -> LegacyError:
    if ask.shop.options.version == "2.3" or found_elsewhere:
        return LegacyError(404, f"invalid_{kind}", f"Invalid {kind}")
    return LegacyError(404, f"no_{kind}_found", f"No {kind} found with the ID equal to {ask.ids[-1]}")


def _order(ask: LegacyAsk) -> Record:
    order_id = int(ask.ids[0])
    order = ask.shop.orders.get(order_id)
    if order is None:
        elsewhere = ask.shop.refunds.get(order_id) is not None or ask.shop.product_or_variation(order_id) is not None
        raise _wrong_id(ask, "order", elsewhere)
    return order


def _get_order(ask: LegacyAsk) -> Found:
    return {"order": ask.view.order(_order(ask), ask.dp, meta=ask.meta)}, []


def _order_body(data: Record) -> Record:
    """A legacy order body as one of wc/v3."""
    given = {key: value for key, value in data.items() if key in ("status", "currency", "customer_id")}
    for old, new in (("billing_address", "billing"), ("shipping_address", "shipping"), ("note", "customer_note")):
        if old in data:
            given[new] = data[old]
    details = data.get("payment_details") or {}
    if details.get("method_id"):
        given["payment_method"] = details["method_id"]
        given["payment_method_title"] = details.get("method_title", "")
    if details.get("paid") in (True, "true"):
        given["set_paid"] = True
    for name in ("line_items", "shipping_lines"):
        if name in data:
            given[name] = data[name]
    if "fee_lines" in data:
        given["fee_lines"] = [{**one, "name": one.get("title")} for one in data["fee_lines"]]
    if "order_meta" in data:
        given["meta_data"] = [{"key": key, "value": value} for key, value in data["order_meta"].items()]
    return given


def _create_order(ask: LegacyAsk) -> Found:
    order = orders.create(ask.shop, _order_body(ask.data("order", "create")))
    return {"order": ask.view.order(order, ask.dp)}, []


def _edit_order(ask: LegacyAsk) -> Found:
    data = ask.data("order", "edit")
    order = orders.update(ask.shop, _order(ask)["id"], _order_body(data))
    return {"order": ask.view.order(order, ask.dp)}, []


def _delete_order(ask: LegacyAsk) -> Found:
    order = _order(ask)
    if str(ask.query.get("force", "")).lower() in ("true", "1"):
        orders.delete(ask.shop, order["id"])
        return {"message": "Permanently deleted order"}, []
    orders.trash(ask.shop, order["id"])
    return {"message": "Deleted order"}, []


def _list_notes(ask: LegacyAsk) -> Found:
    order = _order(ask)
    return {"order_notes": [ask.view.note(one) for one in ask.shop.notes if one["order_id"] == order["id"]]}, []


def _create_note(ask: LegacyAsk) -> Found:
    order, data = _order(ask), ask.data("order_note", "create")
    note = orders.add_note(
        ask.shop, order["id"], str(data.get("note", "")), customer_note=data.get("customer_note") is True
    )
    return {"order_note": ask.view.note(note)}, []


def _list_refunds(ask: LegacyAsk) -> Found:
    order = _order(ask)
    found = [ask.view.refund(one, ask.dp) for one in reversed(ask.shop.refunds.of(order["id"]))]
    return {"order_refunds": found}, []


def _get_refund(ask: LegacyAsk) -> Found:
    order, refund = _order(ask), ask.shop.refunds.get(int(ask.ids[1]))
    if refund is None or refund["parent_id"] != order["id"]:
        raise LegacyError(
            404, "invalid_order_refund_id", "The order refund ID provided is not associated with the order"
        )
    return {"order_refund": ask.view.refund(refund, ask.dp)}, []


# products and customers -------------------------------------------------------------------------------------------


def _product_ids(ask: LegacyAsk) -> list[int]:
    sku, kind = str(ask.filter.get("sku", "")).lower(), str(ask.query.get("type") or "")
    records = [one for one in ask.shop.products if one["status"] == "publish" and (not kind or one["type"] == kind)]
    if sku:
        records = [one for one in records if one["sku"].lower() == sku]
        if ask.view.api == "v3":
            records += [one for one in ask.shop.variations if ask.shop.own_sku(one).lower() == sku]
    return _fitting(ask, (_Dated(one["id"], one["date_created_gmt"], one["date_modified_gmt"]) for one in records))


def _show_product(ask: LegacyAsk, product_id: int) -> Record:
    product = ask.shop.products.get(product_id)
    if product is not None:
        return ask.view.product(product, meta=ask.meta)
    return ask.view.variation_as_product(ask.shop.variations.records[product_id])


def _list_products(ask: LegacyAsk) -> Found:
    ids, headers = _pages(ask, _product_ids(ask))
    return {"products": [_show_product(ask, one) for one in ids]}, headers


def _count_products(ask: LegacyAsk) -> Found:
    return {"count": len(_product_ids(ask))}, []


def _product_id(ask: LegacyAsk) -> int:
    product_id = int(ask.ids[0])
    if ask.shop.product_or_variation(product_id) is None:
        raise _wrong_id(ask, "product", product_id in ask.shop.orders)
    return product_id


def _get_product(ask: LegacyAsk) -> Found:
    return {"product": _show_product(ask, _product_id(ask))}, []


def _edit_product(ask: LegacyAsk) -> Found:
    data, product_id = ask.data("product", "edit"), _product_id(ask)
    given = {key: value for key, value in data.items() if key in ("sku", "regular_price", "sale_price", "backorders")}
    given |= {key: str(value) for key, value in given.items() if key.endswith("price")}
    if "title" in data:
        given["name"] = str(data["title"])
    if "managing_stock" in data:
        given["manage_stock"] = data["managing_stock"]
    if "stock_quantity" in data:
        given["stock_quantity"] = data["stock_quantity"]
    if "in_stock" in data:
        given["stock_status"] = "instock" if data["in_stock"] else "outofstock"
    if product_id in ask.shop.variations:
        products.update_variation(ask.shop, product_id, given)
    else:
        products.update(ask.shop, product_id, given)
    return {"product": _show_product(ask, product_id)}, []


def _customer_ids(ask: LegacyAsk) -> list[int]:
    records = [one for one in ask.shop.customers if one["role"] == "customer"]
    return _fitting(
        ask, (_Dated(one["id"], one["date_created_gmt"], one["date_modified_gmt"] or "") for one in records)
    )


def _list_customers(ask: LegacyAsk) -> Found:
    ids, headers = _pages(ask, _customer_ids(ask))
    return {"customers": [ask.view.customer(ask.shop.customers.records[one]) for one in ids]}, headers


def _count_customers(ask: LegacyAsk) -> Found:
    return {"count": len(_customer_ids(ask))}, []


def _get_customer(ask: LegacyAsk) -> Found:
    customer = ask.shop.customers.get(int(ask.ids[0]))
    if customer is None:
        raise LegacyError(404, "invalid_customer", "Invalid customer")
    return {"customer": ask.view.customer(customer)}, []


def _customer_by_email(ask: LegacyAsk) -> Found:
    wanted = ask.ids[0].lower()
    for customer in ask.shop.customers:
        if customer["email"].lower() == wanted:
            return {"customer": ask.view.customer(customer)}, []
    raise LegacyError(404, "invalid_customer_email", "Invalid customer Email")


def _list_coupons(ask: LegacyAsk) -> Found:
    records = [_Dated(one["id"], one["date_created_gmt"], one["date_modified_gmt"]) for one in ask.shop.coupons]
    ids, headers = _pages(ask, _fitting(ask, records))
    found = []
    for one in ids:
        coupon = ask.shop.coupons.records[one]
        found.append(
            {
                "id": one,
                "code": coupon["code"],
                "type": coupon["discount_type"],
                "created_at": f"{coupon['date_created_gmt']}Z",
                "updated_at": f"{coupon['date_modified_gmt']}Z",
                "amount": coupon["amount"],
                "usage_count": coupon["usage_count"],
                "expiry_date": None,
            }
        )
    return {"coupons": found}, headers


Handler = Callable[[LegacyAsk], Found]


def _table(routes: dict[str, dict[str, Handler]]) -> list[tuple[re.Pattern[str], dict[str, Handler]]]:
    return [(re.compile("^/" + path.replace("{}", r"(\d+)") + "/?$"), found) for path, found in routes.items()]


_ROUTES = _table(
    {
        "orders": {"GET": _list_orders, "POST": _create_order},
        "orders/count": {"GET": _count_orders},
        "orders/statuses": {"GET": _order_statuses},
        "orders/{}": {"GET": _get_order, "PUT": _edit_order, "POST": _edit_order, "DELETE": _delete_order},
        "orders/{}/notes": {"GET": _list_notes, "POST": _create_note},
        "orders/{}/refunds": {"GET": _list_refunds},
        "orders/{}/refunds/{}": {"GET": _get_refund},
        "products": {"GET": _list_products},
        "products/count": {"GET": _count_products},
        "products/{}": {"GET": _get_product, "PUT": _edit_product, "POST": _edit_product},
        "customers": {"GET": _list_customers},
        "customers/count": {"GET": _count_customers},
        "customers/{}": {"GET": _get_customer},
        "customers/email/([^/]+)": {"GET": _customer_by_email},
        "coupons": {"GET": _list_coupons},
    }
)
