"""Refunds of orders: by amount, by line, whole; taken back; it knows no HTTP.

A partial refund leaves status and total alone; the rest makes the order `refunded`. A deleted refund moves nothing.
"""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from .errors import RestError
from .order_bodies import display_meta, is_true
from .orders import give_back, save, set_status
from .php import decimal_of, money, number
from .shop import Shop
from .totals import cents

Record = dict[str, Any]


def refund(shop: Shop, order_id: int, given: Record) -> Record:
    """POST /orders/<id>/refunds: an amount, or lines `{id, quantity, refund_total, refund_tax: [{id, refund_total}]}`.

    The lines may be line items, shipping lines and fees. The errors are HTTP 500 with a bare number as data, as
    WooCommerce sends them.
    """
    with shop.lock:
        if order_id not in shop.orders:
            raise RestError(500, "woocommerce_rest_invalid_order_id", "Invalid order ID.", bare_data=404, allow=True)
        order = shop.orders.copy(order_id)
        lines = [one for one in given.get("line_items") or [] if isinstance(one, dict)]
        asked = sum((_line_amount(one) for one in lines), Decimal(0))
        amount = decimal_of(given["amount"]) if given.get("amount") not in (None, "") else asked
        amount = cents(amount)
        left = decimal_of(left_to_refund(shop, order))
        if amount <= 0 or amount > left:
            code, words = "woocommerce_rest_cannot_create_order_refund", "Invalid refund amount."
            raise RestError(500, code, words, bare_data=500, allow=True)
        record: Record = {
            "id": shop.next_id("post"),
            "parent_id": order_id,
            "date_created": None,
            "date_created_gmt": shop.clock.gmt(),
            "amount": money(amount, 2),
            "reason": str(given.get("reason") or ""),
            "refunded_by": 1,
            "refunded_payment": False,
            "meta_data": [],
            "line_items": [],
            "shipping_lines": [],
            "tax_lines": [],
            "fee_lines": [],
        }
        for kind in ("line_items", "shipping_lines", "fee_lines"):
            for line in order[kind]:
                for one in lines:
                    if int(one.get("id") or 0) == line["id"]:
                        record[kind].append(_refunded_line(shop, line, one, kind))
                        if kind == "line_items" and is_true(given.get("api_restock", given.get("restock_items", True))):
                            give_back(shop, line, abs(int(decimal_of(one.get("quantity") or 0))))
        record["tax_lines"] = _refunded_taxes(shop, order, record)
        shop.refunds.put(record)
        entry = {"id": record["id"], "reason": record["reason"], "total": f"-{record['amount']}"}
        order["refunds"] = [entry, *order["refunds"]]
        if amount == left:
            set_status(shop, order, "refunded")
        # A partial refund moves date_modified from 10.0 on; the change of status always does (measured).
        if amount == left or shop.options.version == "10.0":
            order["date_modified_gmt"] = shop.clock.gmt()
        save(shop, order)
        shop.announce("order.updated", order_id, order)
        return record


def left_to_refund(shop: Shop, order: Record) -> str:
    """The order's total less its refunds."""
    given = sum((decimal_of(one["amount"]) for one in shop.refunds.of(order["id"])), Decimal(0))
    return money(decimal_of(order["total"]) - given, 2)


def delete_refund(shop: Shop, refund_id: int) -> None:
    """Deletes a refund; the order's date_modified does not move (measured), its status stays."""
    with shop.lock:
        record = shop.refunds.get(refund_id)
        if record is None:
            raise KeyError(f"the shop has no refund {refund_id}")
        order = shop.orders.copy(record["parent_id"])
        order["refunds"] = [one for one in order["refunds"] if one["id"] != refund_id]
        shop.refunds.remove(refund_id)
        save(shop, order)


def _line_amount(one: Record) -> Decimal:
    tax = sum((decimal_of(tax.get("refund_total")) for tax in one.get("refund_tax") or []), Decimal(0))
    return decimal_of(one.get("refund_total") or 0) + tax


def _refunded_line(shop: Shop, line: Record, asked: Record, kind: str) -> Record:
    back = copy.deepcopy(line)
    back["id"] = shop.next_id("item")
    taxes = {int(tax.get("id") or 0): decimal_of(tax.get("refund_total")) for tax in asked.get("refund_tax") or []}
    total, tax_total = decimal_of(asked.get("refund_total") or 0), sum(taxes.values(), Decimal(0))
    back["total"], back["total_tax"] = money(-total, 2), money(-tax_total, 2)
    shown = kind == "line_items"
    back["taxes"] = [
        {"id": key, "total": money(-tax, 2), "subtotal": money(-tax, 2) if shown else ""} for key, tax in taxes.items()
    ]
    if shown:
        quantity = int(decimal_of(asked.get("quantity") or 0))
        back["quantity"] = -quantity
        back["subtotal"], back["subtotal_tax"] = back["total"], back["total_tax"]
        back["price"] = number(float(total) / quantity) if quantity else 0
    back["meta_data"] = [display_meta(shop, "_refunded_item_id", str(line["id"]))]
    return back


def _refunded_taxes(shop: Shop, order: Record, record: Record) -> list[Record]:
    found = []
    for line in order["tax_lines"]:
        sums = {}
        for name, kinds in (("tax_total", ("line_items", "fee_lines")), ("shipping_tax_total", ("shipping_lines",))):
            sums[name] = sum(
                (
                    decimal_of(tax["total"])
                    for kind in kinds
                    for one in record[kind]
                    for tax in one["taxes"]
                    if tax["id"] == line["rate_id"]
                ),
                Decimal(0),
            )
        if any(sums.values()):
            found.append({**line, "id": shop.next_id("item"), **{name: money(one, 2) for name, one in sums.items()}})
    return found
