"""What wc/v3 does at /orders, /orders/<id>/refunds and /notes, and /refunds; it decides no permission."""

from __future__ import annotations

from typing import Any

from . import orders, refunds
from .asks import Answer, Ask, decimals, paged
from .errors import RestError, invalid_id, no_route
from .lists import OrderFilter, cut, filter_dates, sorted_records
from .params import Params
from .shop import Shop

Record = dict[str, Any]


def list_orders(ask: Ask) -> Answer:
    params = Params(ask.query)
    dp = decimals(params, ask.shop)
    make = cut(params, 0, count_past_end=not ask.shop.options.hpos)
    wanted = OrderFilter(ask.shop, params)
    page = make(_cached_ids(ask, wanted))
    items = [ask.view.order(order, dp) for one in page.ids if (order := ask.shop.orders.get(one)) is not None]
    answer = paged(ask, page, items, {"dp": ask.shop.options.decimals, "context": "view"})
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


def get_order(ask: Ask) -> Answer:
    params = Params(ask.query)
    dp = decimals(params, ask.shop)
    params.done()
    return Answer(ask.view.order(_order(ask), dp, single=True))


def create_order(ask: Ask) -> Answer:
    order = orders.create(ask.shop, ask.given)
    location = f"{ask.view.api}/orders/{order['id']}"
    return Answer(ask.view.order(order, single=True), 201, {"Location": location})


def update_order(ask: Ask) -> Answer:
    _order(ask, 400)
    return Answer(ask.view.order(orders.update(ask.shop, ask.ids[0], ask.given), single=True))


def delete_order(ask: Ask) -> Answer:
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


def list_refunds(ask: Ask) -> Answer:
    params = Params(ask.query)
    dp = decimals(params, ask.shop)
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
    return paged(ask, page, items, {"dp": ask.shop.options.decimals, "context": "view"})


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


def get_refund(ask: Ask) -> Answer:
    params = Params(ask.query)
    dp = decimals(params, ask.shop)
    params.done()
    return Answer(ask.view.refund(_refund(ask), dp))


def create_refund(ask: Ask) -> Answer:
    refund = refunds.refund(ask.shop, ask.ids[0], ask.given)
    location = f"{ask.view.api}/orders/{ask.ids[0]}/refunds/{refund['id']}"
    return Answer(ask.view.refund(refund), 201, {"Location": location})


def delete_refund(ask: Ask) -> Answer:
    refund = _refund(ask)
    if not ask.force:
        words = "Refunds do not support trashing."
        raise RestError(501, "woocommerce_rest_trash_not_supported", words, allow=True)
    before = ask.view.refund(refund)
    refunds.delete_refund(ask.shop, refund["id"])
    return Answer(before)


def list_notes(ask: Ask) -> Answer:
    if ask.ids[0] not in ask.shop.orders:
        raise RestError(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.", allow=True)
    return Answer([ask.view.note(note) for note in ask.shop.notes if note["order_id"] == ask.ids[0]])


def create_note(ask: Ask) -> Answer:
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


def get_note(ask: Ask) -> Answer:
    return Answer(ask.view.note(_note(ask)))


def delete_note(ask: Ask) -> Answer:
    note = _note(ask)
    if not ask.force:
        words = "Webhooks do not support trashing."
        raise RestError(501, "woocommerce_rest_trash_not_supported", words, allow=True)
    ask.shop.notes.remove(note["id"])
    ask.shop.touched()
    return Answer(ask.view.note(note))
