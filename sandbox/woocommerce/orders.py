"""What can happen to an order: created, edited, paid, moved on, noted, trashed; it knows no HTTP.

Which change moves date_modified was measured: the order tables move it at every save, posts storage only when the
status (or date) changes and, from 10.0, at a refund; notes and deleted refunds never do.
"""

from __future__ import annotations

from typing import Any

from . import products
from .errors import RestError
from .order_bodies import add_meta, apply, check, compute, display_meta, empty, is_true, take_coupons
from .php import decimal_of
from .shop import Shop

Record = dict[str, Any]

STOCK_TAKEN = ("processing", "completed", "on-hold")
UNPAID = ("pending", "failed", "checkout-draft")


def create(shop: Shop, given: Record) -> Record:
    """A new order from a REST body; the sandbox also takes `status`, `created_via` and `date_created_gmt` in it."""
    check(shop, given)
    with shop.lock:
        now = shop.clock.gmt()
        order_id = shop.next_id("post")
        order = empty(shop, order_id, str(given.get("date_created_gmt") or now).replace("Z", ""))
        order["created_via"] = str(given.get("created_via") or "rest-api")
        order["prices_include_tax"] = shop.options.prices_include_tax
        try:
            apply(shop, order, given)
            compute(shop, order)
            take_coupons(shop, order, given)
        except RestError as error:
            if error.code == "woocommerce_rest_invalid_coupon":
                # The order stays behind as a draft (measured).
                order["status"] = "checkout-draft"
                error.data["new_draft_order_id"] = order_id
                save(shop, order)
            raise
        status = str(given.get("status") or "pending")
        if is_true(given.get("set_paid")):
            status = _paid_status(shop, order) if status == "pending" else status
            order["date_paid_gmt"] = now
        set_status(shop, order, status)
        save(shop, order)
        shop.announce("order.created", order_id, order)
        return order


def plant(shop: Shop, fields: Record) -> Record:
    """An order with these fields as they are: nothing is checked or computed, unlike `create`.

    For input that WooCommerce itself refuses but that plugins and old imports leave behind.
    """
    with shop.lock:
        order_id = int(fields.get("id") or shop.next_id("post"))
        order = empty(shop, order_id, shop.clock.gmt())
        for name, value in fields.items():
            if name not in order:
                raise ValueError(f"an order has no field {name!r}")
            both = isinstance(value, dict) and isinstance(order[name], dict)
            order[name] = {**order[name], **value} if both else value
        shop.orders.put(order)
        shop.touched()
        shop.announce("order.created", order_id, order)
        return order


def update(shop: Shop, order_id: int, given: Record) -> Record:
    """Changes an order as PUT /orders/<id> does, and returns it."""
    check(shop, given)
    with shop.lock:
        order = shop.orders.copy(order_id)
        before = order["status"]
        changed_lines = apply(shop, order, given)
        if changed_lines:
            compute(shop, order)
        if given.get("coupon_lines") is not None:
            take_coupons(shop, order, given)
        status = str(given.get("status") or before)
        if is_true(given.get("set_paid")) and order["date_paid_gmt"] is None:
            order["date_paid_gmt"] = shop.clock.gmt()
            status = _paid_status(shop, order) if status in ("pending", "on-hold", "failed", "cancelled") else status
        set_status(shop, order, status)
        if shop.options.hpos or order["status"] != before:
            order["date_modified_gmt"] = shop.clock.gmt()
        save(shop, order)
        shop.announce("order.updated", order_id, order)
        return order


def pay(shop: Shop, order_id: int, transaction_id: str = "") -> Record:
    """The payment comes in, as a gateway reports it: date_paid is stamped and the order moves on."""
    return update(shop, order_id, {"set_paid": True, "transaction_id": transaction_id})


def touch(shop: Shop, order_id: int) -> Record:
    """Saves an order without a change, as a plugin or a look in the admin does; moves date_modified."""
    with shop.lock:
        order = shop.orders.copy(order_id)
        order["date_modified_gmt"] = shop.clock.gmt()
        save(shop, order)
        return order


def trash(shop: Shop, order_id: int) -> Record:
    """Moves an order to the trash: it leaves the lists, its id still answers."""
    with shop.lock:
        order = shop.orders.copy(order_id)
        add_meta(shop, order, "_wp_trash_meta_status", f"wc-{order['status']}")
        add_meta(shop, order, "_wp_trash_meta_time", str(int(shop.clock.now().timestamp())))
        order["status"] = "trash"
        order["date_modified_gmt"] = shop.clock.gmt()
        save(shop, order)
        shop.announce("order.deleted", order_id, order)
        return order


def restore(shop: Shop, order_id: int) -> Record:
    """Takes an order back out of the trash, with the status that it had."""
    with shop.lock:
        order = shop.orders.copy(order_id)
        held = {one["key"]: str(one["value"]) for one in order["meta_data"]}
        order["meta_data"] = [one for one in order["meta_data"] if not one["key"].startswith("_wp_trash_meta")]
        order["status"] = held.get("_wp_trash_meta_status", "wc-pending").removeprefix("wc-")
        order["date_modified_gmt"] = shop.clock.gmt()
        save(shop, order)
        shop.announce("order.restored", order_id, order)
        return order


def delete(shop: Shop, order_id: int) -> None:
    """Deletes an order for good, with its refunds and notes."""
    with shop.lock:
        order = shop.orders.copy(order_id)
        for refund_record in list(shop.refunds.of(order_id)):
            shop.refunds.remove(refund_record["id"])
        for note in [one for one in shop.notes if one["order_id"] == order_id]:
            shop.notes.remove(note["id"])
        shop.orders.remove(order_id)
        shop.touched()
        shop.announce("order.deleted", order_id, order)


def add_note(shop: Shop, order_id: int, text: str, *, customer_note: bool = False) -> Record:
    """A note; it moves no date_modified."""
    with shop.lock:
        note = {
            "id": shop.next_id("note"),
            "author": "WooCommerce",
            "date_created": None,
            "date_created_gmt": shop.clock.gmt(),
            "note": text,
            "customer_note": customer_note,
            "order_id": order_id,
        }
        shop.notes.put(note)
        shop.touched()
        return note


def _needs_processing(shop: Shop, order: Record) -> bool:
    for line in order["line_items"]:
        product = shop.product_or_variation(line["variation_id"] or line["product_id"])
        if product is not None and not (product["virtual"] and product["downloadable"]):
            return True
    return False


def _paid_status(shop: Shop, order: Record) -> str:
    return "processing" if _needs_processing(shop, order) else "completed"


def set_status(shop: Shop, order: Record, status: str) -> None:
    """Sets the status and what follows from it: date_paid, date_completed, stock."""
    order["status"] = status
    now = shop.clock.gmt()
    paid_at = "completed" if order["payment_method"] == "cod" else _paid_status(shop, order)
    if order["date_paid_gmt"] is None and (status == paid_at or (status == "completed" and paid_at == "processing")):
        order["date_paid_gmt"] = now
    if status == "completed" and order["date_completed_gmt"] is None:
        order["date_completed_gmt"] = now
    taken = any(one["key"] == "_reduced_stock" for line in order["line_items"] for one in line["meta_data"])
    if status in STOCK_TAKEN and not taken:
        for line in order["line_items"]:
            amount = int(decimal_of(line["quantity"]))
            if products.move_stock(shop, line["variation_id"] or line["product_id"], -amount):
                line["meta_data"].append(display_meta(shop, "_reduced_stock", str(amount)))
    elif status in ("cancelled", "pending") and taken:
        for line in order["line_items"]:
            held = [one for one in line["meta_data"] if one["key"] == "_reduced_stock"]
            line["meta_data"] = [one for one in line["meta_data"] if one["key"] != "_reduced_stock"]
            for one in held:
                give_back(shop, line, int(decimal_of(one["value"])))


def save(shop: Shop, order: Record) -> None:
    order["is_editable"] = order["status"] in ("pending", "on-hold", "auto-draft")
    order["needs_payment"] = order["status"] in UNPAID and decimal_of(order["total"]) > 0
    order["needs_processing"] = _needs_processing(shop, order)
    shop.orders.put(order)
    shop.touched()


def give_back(shop: Shop, line: Record, quantity: int) -> None:
    if quantity:
        products.move_stock(shop, line["variation_id"] or line["product_id"], quantity)
