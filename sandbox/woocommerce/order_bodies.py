"""What a REST body makes of an order: checks, addresses, lines, coupons, meta, totals; it stores nothing."""

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
from .php import decimal_of, number
from .shop import Shop
from .totals import apply_coupons, calculate, cents, net_of, rates_for

Record = dict[str, Any]

ADDRESS = ("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country")
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CAD": "$", "KWD": "د.ك"}
_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTC BTN BWP BYR BYN BZD "
    "CAD CDF CHF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GGP GHS GIP GMD "
    "GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS IMP INR IQD IRR IRT ISK JEP JMD JOD JPY KES KGS KHR KMF KPW KRW KWD "
    "KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR "
    "NZD OMR PAB PEN PGK PHP PKR PLN PRB PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLL SOS SRD SSP STN "
    "SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VEF VES VND VUV WST XAF XCD XOF XPF YER ZAR "
    "ZMW "
)
CURRENCIES = tuple(_CODES.split())


def check(shop: Shop, given: Record) -> None:
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


def empty(shop: Shop, order_id: int, created: str) -> Record:
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


def apply(shop: Shop, order: Record, given: Record) -> bool:
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
            line["meta_data"].append(display_meta(shop, str(meta["key"]), meta.get("value")))
    return line


def _new_line(shop: Shop, product_id: int, variation_id: int) -> Record:
    product = shop.products.get(product_id)
    variation = shop.variations.get(variation_id) if product is not None else None
    meta = []
    if variation is not None:
        for one in variation["attributes"]:
            slug, option = str(one.get("slug") or one["name"]).lower(), str(one["option"])
            value = option.lower() if slug.startswith("pa_") else option
            meta.append({**display_meta(shop, slug, value), "display_key": one["name"], "display_value": option})
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


def take_coupons(shop: Shop, order: Record, given: Record) -> None:
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
    compute(shop, order)
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
                "meta_data": [display_meta(shop, "coupon_info", info)],
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


def compute(shop: Shop, order: Record) -> None:
    calculate(
        order,
        list(shop.taxes),
        shop.base,
        round_at_subtotal=shop.options.tax_round_at_subtotal,
        next_id=lambda: shop.next_id("item"),
    )


def display_meta(shop: Shop, key: str, value: Any) -> Record:
    return {"id": shop.next_id("meta"), "key": key, "value": value, "display_key": key, "display_value": value}


def add_meta(shop: Shop, order: Record, key: str, value: Any) -> None:
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
            add_meta(shop, order, str(one["key"]), one["value"])
    elif one.get("value", "") is None:
        del meta[place]
    else:
        meta[place] = {**meta[place], "key": one.get("key", meta[place]["key"]), "value": one.get("value")}


def is_true(value: Any) -> bool:
    return str(value).lower() in ("true", "1")
