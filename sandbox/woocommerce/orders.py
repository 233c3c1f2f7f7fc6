"""What can happen to an order: created, edited, paid, moved on, refunded, noted, trashed; it knows no HTTP.

Which change moves date_modified was measured: the order tables move it at every save, posts storage only when the
status (or date) changes and, from 10.0, at a refund; notes and deleted refunds never do.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from decimal import Decimal
from typing import Any

from . import products
from .errors import InvalidParam, RestError, enumeration
from .lists import statuses
from .php import decimal_of, money, number
from .shop import Shop
from .totals import apply_coupons, calculate, cents, net_of, rates_for

Record = dict[str, Any]

ADDRESS = ("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country")
STOCK_TAKEN = ("processing", "completed", "on-hold")
UNPAID = ("pending", "failed", "checkout-draft")
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CAD": "$", "KWD": "د.ك"}
CURRENCIES = [
    "AED",
    "AFN",
    "ALL",
    "AMD",
    "ANG",
    "AOA",
    "ARS",
    "AUD",
    "AWG",
    "AZN",
    "BAM",
    "BBD",
    "BDT",
    "BGN",
    "BHD",
    "BIF",
    "BMD",
    "BND",
    "BOB",
    "BRL",
    "BSD",
    "BTC",
    "BTN",
    "BWP",
    "BYR",
    "BYN",
    "BZD",
    "CAD",
    "CDF",
    "CHF",
    "CLP",
    "CNY",
    "COP",
    "CRC",
    "CUC",
    "CUP",
    "CVE",
    "CZK",
    "DJF",
    "DKK",
    "DOP",
    "DZD",
    "EGP",
    "ERN",
    "ETB",
    "EUR",
    "FJD",
    "FKP",
    "GBP",
    "GEL",
    "GGP",
    "GHS",
    "GIP",
    "GMD",
    "GNF",
    "GTQ",
    "GYD",
    "HKD",
    "HNL",
    "HRK",
    "HTG",
    "HUF",
    "IDR",
    "ILS",
    "IMP",
    "INR",
    "IQD",
    "IRR",
    "IRT",
    "ISK",
    "JEP",
    "JMD",
    "JOD",
    "JPY",
    "KES",
    "KGS",
    "KHR",
    "KMF",
    "KPW",
    "KRW",
    "KWD",
    "KYD",
    "KZT",
    "LAK",
    "LBP",
    "LKR",
    "LRD",
    "LSL",
    "LYD",
    "MAD",
    "MDL",
    "MGA",
    "MKD",
    "MMK",
    "MNT",
    "MOP",
    "MRU",
    "MUR",
    "MVR",
    "MWK",
    "MXN",
    "MYR",
    "MZN",
    "NAD",
    "NGN",
    "NIO",
    "NOK",
    "NPR",
    "NZD",
    "OMR",
    "PAB",
    "PEN",
    "PGK",
    "PHP",
    "PKR",
    "PLN",
    "PRB",
    "PYG",
    "QAR",
    "RON",
    "RSD",
    "RUB",
    "RWF",
    "SAR",
    "SBD",
    "SCR",
    "SDG",
    "SEK",
    "SGD",
    "SHP",
    "SLL",
    "SOS",
    "SRD",
    "SSP",
    "STN",
    "SYP",
    "SZL",
    "THB",
    "TJS",
    "TMT",
    "TND",
    "TOP",
    "TRY",
    "TTD",
    "TWD",
    "TZS",
    "UAH",
    "UGX",
    "USD",
    "UYU",
    "UZS",
    "VEF",
    "VES",
    "VND",
    "VUV",
    "WST",
    "XAF",
    "XCD",
    "XOF",
    "XPF",
    "YER",
    "ZAR",
    "ZMW",
]


def create(shop: Shop, given: Record) -> Record:
    """A new order from a REST body; the sandbox also takes `status`, `created_via` and `date_created_gmt` in it."""
    _check(shop, given)
    with shop.lock:
        now = shop.clock.gmt()
        order_id = shop.next_id("post")
        order = _empty(shop, order_id, str(given.get("date_created_gmt") or now).replace("Z", ""))
        order["created_via"] = str(given.get("created_via") or "rest-api")
        order["prices_include_tax"] = shop.options.prices_include_tax
        try:
            _apply(shop, order, given)
            _calculate(shop, order)
            _coupons(shop, order, given)
        except RestError as error:
            if error.code == "woocommerce_rest_invalid_coupon":
                # The order stays behind as a draft (measured).
                order["status"] = "checkout-draft"
                error.data["new_draft_order_id"] = order_id
                _save(shop, order)
            raise
        status = str(given.get("status") or "pending")
        if _true(given.get("set_paid")):
            status = _paid_status(shop, order) if status == "pending" else status
            order["date_paid_gmt"] = now
        _set_status(shop, order, status)
        _save(shop, order)
        shop.announce("order.created", order_id, order)
        return order


def plant(shop: Shop, fields: Record) -> Record:
    """An order with these fields as they are: nothing is checked or computed, unlike `create`.

    For input that WooCommerce itself refuses but that plugins and old imports leave behind.
    """
    with shop.lock:
        order_id = int(fields.get("id") or shop.next_id("post"))
        order = _empty(shop, order_id, shop.clock.gmt())
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
    _check(shop, given)
    with shop.lock:
        order = shop.orders.copy(order_id)
        before = order["status"]
        changed_lines = _apply(shop, order, given)
        if changed_lines:
            _calculate(shop, order)
        if given.get("coupon_lines") is not None:
            _coupons(shop, order, given)
        status = str(given.get("status") or before)
        if _true(given.get("set_paid")) and order["date_paid_gmt"] is None:
            order["date_paid_gmt"] = shop.clock.gmt()
            status = _paid_status(shop, order) if status in ("pending", "on-hold", "failed", "cancelled") else status
        _set_status(shop, order, status)
        if shop.options.hpos or order["status"] != before:
            order["date_modified_gmt"] = shop.clock.gmt()
        _save(shop, order)
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
        _save(shop, order)
        return order


def trash(shop: Shop, order_id: int) -> Record:
    """Moves an order to the trash: it leaves the lists, its id still answers."""
    with shop.lock:
        order = shop.orders.copy(order_id)
        _add_meta(shop, order, "_wp_trash_meta_status", f"wc-{order['status']}")
        _add_meta(shop, order, "_wp_trash_meta_time", str(int(shop.clock.now().timestamp())))
        order["status"] = "trash"
        order["date_modified_gmt"] = shop.clock.gmt()
        _save(shop, order)
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
        _save(shop, order)
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


# refunds ----------------------------------------------------------------------------------------------------------


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
                        if kind == "line_items" and _true(given.get("api_restock", given.get("restock_items", True))):
                            _give_back(shop, line, abs(int(decimal_of(one.get("quantity") or 0))))
        record["tax_lines"] = _refunded_taxes(shop, order, record)
        shop.refunds.put(record)
        entry = {"id": record["id"], "reason": record["reason"], "total": f"-{record['amount']}"}
        order["refunds"] = [entry, *order["refunds"]]
        if amount == left:
            _set_status(shop, order, "refunded")
        # A partial refund moves date_modified from 10.0 on; the change of status always does (measured).
        if amount == left or shop.options.version == "10.0":
            order["date_modified_gmt"] = shop.clock.gmt()
        _save(shop, order)
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
        _save(shop, order)


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
    back["meta_data"] = [_display_meta(shop, "_refunded_item_id", str(line["id"]))]
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


def _give_back(shop: Shop, line: Record, quantity: int) -> None:
    if quantity:
        products.move_stock(shop, line["variation_id"] or line["product_id"], quantity)


# applying a body --------------------------------------------------------------------------------------------------


def _check(shop: Shop, given: Record) -> None:
    problems: list[tuple[str, str, str, dict[str, Any] | None]] = []
    allowed = [*(["auto-draft"] if shop.options.version == "10.0" else []), *statuses(shop)]
    if given.get("status") is not None and given["status"] not in allowed:
        problems.append(("status", "rest_not_in_enum", f"status is not one of {enumeration(allowed)}.", None))
    if given.get("currency") is not None and given["currency"] not in CURRENCIES:
        words = f"currency is not one of {enumeration(CURRENCIES)}."
        problems.append(("currency", "rest_not_in_enum", words, None))
    billing = given.get("billing")
    if (
        isinstance(billing, dict)
        and billing.get("email")
        and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", str(billing["email"]))
    ):
        problems.append(("billing", "rest_invalid_email", "Invalid email address.", None))
    problems += [
        (name, "rest_invalid_type", f"{name} is not of type array.", {"param": name})
        for name in ("line_items", "fee_lines", "shipping_lines", "coupon_lines", "meta_data")
        if given.get(name) is not None and not isinstance(given[name], list)
    ]
    if problems:
        raise InvalidParam(problems)
    customer = given.get("customer_id")
    if customer not in (None, 0, "0", "") and int(customer) not in shop.customers:
        raise RestError(400, "woocommerce_rest_invalid_customer_id", "Customer ID is invalid.", allow=True)


def _empty(shop: Shop, order_id: int, created: str) -> Record:
    address = dict.fromkeys(ADDRESS, "")
    digest = hashlib.sha256(f"{shop.options.seed} {order_id}".encode()).hexdigest()
    currency = shop.options.currency
    return {
        "id": order_id,
        "parent_id": 0,
        "status": "pending",
        "currency": currency,
        "version": shop.options.full_version,
        "prices_include_tax": False,
        "date_created": None,
        "date_modified": None,
        "discount_total": "0.00",
        "discount_tax": "0.00",
        "shipping_total": "0.00",
        "shipping_tax": "0.00",
        "cart_tax": "0.00",
        "total": "0.00",
        "total_tax": "0.00",
        "customer_id": 0,
        "order_key": f"wc_order_{digest[:13]}",
        "billing": {**address, "email": "", "phone": ""},
        "shipping": {**address, "phone": ""},
        "payment_method": "",
        "payment_method_title": "",
        "transaction_id": "",
        "customer_ip_address": "",
        "customer_user_agent": "",
        "created_via": "",
        "customer_note": "",
        "date_completed": None,
        "date_paid": None,
        "cart_hash": "",
        "number": str(order_id),
        "meta_data": [],
        "line_items": [],
        "tax_lines": [],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
        "payment_url": "",
        "is_editable": True,
        "needs_payment": False,
        "needs_processing": False,
        "date_created_gmt": created,
        "date_modified_gmt": created,
        "date_completed_gmt": None,
        "date_paid_gmt": None,
        "currency_symbol": SYMBOLS.get(currency, currency),
    }


def _apply(shop: Shop, order: Record, given: Record) -> bool:
    """Takes over plain fields, addresses, meta and lines; True if the totals have to be computed anew."""
    for name in ("payment_method", "payment_method_title", "transaction_id", "customer_note", "number"):
        if given.get(name) is not None:
            order[name] = str(given[name])
    if given.get("currency"):
        order["currency"] = given["currency"]
        order["currency_symbol"] = SYMBOLS.get(order["currency"], order["currency"])
    if given.get("customer_id") is not None:
        order["customer_id"] = int(given["customer_id"] or 0)
    for kind in ("billing", "shipping"):
        for name, value in (given.get(kind) or {}).items():
            if name in order[kind]:
                order[kind][name] = str(value)
    for one in given.get("meta_data") or []:
        _set_meta(shop, order, one)
    changed = False
    for kind, make in (("line_items", _line_item), ("shipping_lines", _shipping_line), ("fee_lines", _fee_line)):
        for one in given.get(kind) or []:
            changed = True
            _set_line(shop, order, kind, one, make)
    return changed


def _set_line(shop: Shop, order: Record, kind: str, one: Record, make: Any) -> None:
    lines = order[kind]
    line_id = int(one.get("id") or 0)
    held = next((index for index, line in enumerate(lines) if line["id"] == line_id), None)
    if line_id and held is None:
        words = "Order item ID provided is not associated with order."
        raise RestError(400, "woocommerce_rest_invalid_item_id", words, allow=True)
    if held is not None and (
        one.get("quantity") == 0 or any(one.get(key, "") is None for key in ("product_id", "method_id", "name"))
    ):
        del lines[held]  # null or quantity 0 removes a line
    elif held is not None:
        lines[held] = make(shop, order, one, copy.deepcopy(lines[held]))
    else:
        lines.append(make(shop, order, one, None))


def _line_item(shop: Shop, order: Record, one: Record, held: Record | None) -> Record:
    product_id, variation_id = int(one.get("product_id") or 0), int(one.get("variation_id") or 0)
    if one.get("sku") and not product_id:
        found = products.by_sku(shop, str(one["sku"]))
        if found is not None:
            product_id, variation_id = (found["parent_id"], found["id"]) if found.get("parent_id") else (found["id"], 0)
    if held is None and not (product_id or variation_id or one.get("sku")):
        raise RestError(
            400, "woocommerce_rest_required_product_reference", "Product ID or SKU is required.", allow=True
        )
    line = held or _new_line(shop, product_id, variation_id)
    product = shop.product_or_variation(line["variation_id"] or line["product_id"])
    if one.get("quantity") is not None:
        quantity = decimal_of(one["quantity"])
        line["quantity"] = number(quantity)
    if one.get("name") is not None:
        line["name"] = str(one["name"])
    line["_taxable"] = product is None or product["tax_status"] == "taxable"
    price = decimal_of(product["price"]) if product is not None else Decimal(0)
    if shop.options.prices_include_tax:
        price = net_of(price, rates_for(shop.taxes, shop.base, line["tax_class"]))
    if held is None or (one.get("quantity") is not None and one.get("total") is None):
        amount = cents(price * decimal_of(line["quantity"]))
        if held is not None and product is None:
            amount = decimal_of(line["subtotal"])
        line["subtotal"] = line["total"] = str(amount)
    if one.get("subtotal") is not None:
        line["subtotal"] = str(decimal_of(one["subtotal"]))
    if one.get("total") is not None:
        line["total"] = str(decimal_of(one["total"]))
        if one.get("subtotal") is None and held is None:
            line["subtotal"] = line["total"]
    for meta in one.get("meta_data") or []:
        if meta.get("key"):
            line["meta_data"].append(_display_meta(shop, str(meta["key"]), meta.get("value")))
    return line


def _new_line(shop: Shop, product_id: int, variation_id: int) -> Record:
    product = shop.products.get(product_id)
    variation = shop.variations.get(variation_id) if product is not None else None
    meta = []
    if variation is not None:
        for one in variation["attributes"]:
            slug, option = str(one.get("slug") or one["name"]).lower(), str(one["option"])
            value = option.lower() if slug.startswith("pa_") else option
            meta.append({**_display_meta(shop, slug, value), "display_key": one["name"], "display_value": option})
    name = "" if product is None else str(product["name"])
    return {
        "id": shop.next_id("item"),
        "name": f"{name} - {variation['name']}" if variation is not None else name,
        "product_id": product_id if product is not None else 0,
        "variation_id": variation_id if variation is not None else 0,
        "quantity": 1,
        "tax_class": (product or {}).get("tax_class", ""),
        "subtotal": "0",
        "subtotal_tax": "0",
        "total": "0",
        "total_tax": "0",
        "taxes": [],
        "meta_data": meta,
        "sku": None if product is None else shop.sku_of({**variation, "type": "variation"} if variation else product),
        "price": 0,
        "image": {"id": "" if product is not None and variation is None else 0, "src": ""},
        "parent_name": name if variation is not None else None,
    }


def _shipping_line(shop: Shop, order: Record, one: Record, held: Record | None) -> Record:
    line = held or {
        "id": shop.next_id("item"),
        "method_title": "",
        "method_id": "",
        "instance_id": "",
        "total": "0.00",
        "total_tax": "0.00",
        "taxes": [],
        "tax_status": "taxable",
        "meta_data": [],
    }
    if held is None and not one.get("method_id"):
        words = "Shipping method ID is required."
        raise RestError(400, "woocommerce_rest_invalid_shipping_item", words, allow=True)
    for name in ("method_title", "method_id", "instance_id"):
        if one.get(name) is not None:
            line[name] = str(one[name])
    if one.get("total") is not None:
        line["total"] = str(decimal_of(one["total"]))
    return line


def _fee_line(shop: Shop, order: Record, one: Record, held: Record | None) -> Record:
    line = held or {
        "id": shop.next_id("item"),
        "name": "",
        "tax_class": "",
        "tax_status": "taxable",
        "amount": "",
        "total": "0.00",
        "total_tax": "0.00",
        "taxes": [],
        "meta_data": [],
    }
    if held is None and not one.get("name"):
        raise RestError(400, "woocommerce_rest_invalid_fee_item", "Fee name is required.", allow=True)
    for name in ("name", "tax_class", "tax_status"):
        if one.get(name) is not None:
            line[name] = str(one[name])
    if one.get("total") is not None:
        line["total"] = str(decimal_of(one["total"]))
    return line


def _coupons(shop: Shop, order: Record, given: Record) -> None:
    asked = [str(one.get("code", "")).lower() for one in given.get("coupon_lines") or [] if isinstance(one, dict)]
    if not asked:
        return
    chosen = []
    for code in asked:
        coupon = next((one for one in shop.coupons if one["code"] == code), None)
        if coupon is None:
            raise _bad_coupon(f"Coupon &quot;{code}&quot; cannot be applied because it does not exist.")
        if coupon["date_expires_gmt"] and coupon["date_expires_gmt"] < shop.clock.gmt():
            raise _bad_coupon(f"Coupon &quot;{code}&quot; has expired.")
        chosen.append(coupon)
    for line in order["line_items"]:
        line["total"] = line["subtotal"]
    discounts = apply_coupons(order["line_items"], chosen)
    _calculate(shop, order)
    tax_share = decimal_of(order["discount_tax"])
    whole = sum(discounts.values(), Decimal(0))
    order["coupon_lines"] = []
    for coupon in chosen:
        discount = discounts[coupon["code"]]
        info = json.dumps([coupon["id"], coupon["code"], coupon["discount_type"], float(coupon["amount"])])
        order["coupon_lines"].append(
            {
                "id": shop.next_id("item"),
                "code": coupon["code"],
                "discount": _unpadded(discount),
                "discount_tax": _unpadded(cents(tax_share * discount / whole) if whole else Decimal(0)),
                "meta_data": [_display_meta(shop, "coupon_info", info)],
                "discount_type": coupon["discount_type"],
                "nominal_amount": number(decimal_of(coupon["amount"])),
                "free_shipping": coupon["free_shipping"],
            }
        )


def _bad_coupon(message: str) -> RestError:
    return RestError(400, "woocommerce_rest_invalid_coupon", message, allow=True)


def _unpadded(amount: Decimal) -> str:
    """Coupon discounts come as PHP prints a float: "29.2", "5"."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _calculate(shop: Shop, order: Record) -> None:
    calculate(
        order,
        list(shop.taxes),
        shop.base,
        round_at_subtotal=shop.options.tax_round_at_subtotal,
        next_id=lambda: shop.next_id("item"),
    )


# status, meta, saving ---------------------------------------------------------------------------------------------


def _needs_processing(shop: Shop, order: Record) -> bool:
    for line in order["line_items"]:
        product = shop.product_or_variation(line["variation_id"] or line["product_id"])
        if product is not None and not (product["virtual"] and product["downloadable"]):
            return True
    return False


def _paid_status(shop: Shop, order: Record) -> str:
    return "processing" if _needs_processing(shop, order) else "completed"


def _set_status(shop: Shop, order: Record, status: str) -> None:
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
                line["meta_data"].append(_display_meta(shop, "_reduced_stock", str(amount)))
    elif status in ("cancelled", "pending") and taken:
        for line in order["line_items"]:
            held = [one for one in line["meta_data"] if one["key"] == "_reduced_stock"]
            line["meta_data"] = [one for one in line["meta_data"] if one["key"] != "_reduced_stock"]
            for one in held:
                _give_back(shop, line, int(decimal_of(one["value"])))


def _display_meta(shop: Shop, key: str, value: Any) -> Record:
    return {"id": shop.next_id("meta"), "key": key, "value": value, "display_key": key, "display_value": value}


def _add_meta(shop: Shop, order: Record, key: str, value: Any) -> None:
    order["meta_data"].append({"id": shop.next_id("meta"), "key": key, "value": value})


def _set_meta(shop: Shop, order: Record, one: Record) -> None:
    """By id, else by key (the first of equal keys is replaced, measured); value null removes."""
    meta = order["meta_data"]
    wanted = int(one.get("id") or 0)
    place = next(
        (
            index
            for index, held in enumerate(meta)
            if (wanted and held["id"] == wanted) or (not wanted and held["key"] == one.get("key"))
        ),
        None,
    )
    if place is None:
        if one.get("key") and one.get("value") is not None:
            _add_meta(shop, order, str(one["key"]), one["value"])
    elif one.get("value", "") is None:
        del meta[place]
    else:
        meta[place] = {**meta[place], "key": one.get("key", meta[place]["key"]), "value": one.get("value")}


def _save(shop: Shop, order: Record) -> None:
    order["is_editable"] = order["status"] in ("pending", "on-hold", "auto-draft")
    order["needs_payment"] = order["status"] in UNPAID and decimal_of(order["total"]) > 0
    order["needs_processing"] = _needs_processing(shop, order)
    shop.orders.put(order)
    shop.touched()


def _true(value: Any) -> bool:
    return str(value).lower() in ("true", "1")
