"""How records of the legacy API (`/wc-api/v2` and `v3`, WooCommerce 2.2 to 2.6) become what `wc/v3` would send.

Facts: class-wc-api-orders.php of WooCommerce 2.3.13 and 2.4.13. Moments end in `Z`; `product_id` of a line is that of
the variation; custom fields come as one object (`filter[meta]=true`); taxes have no rate, lines no list of taxes, and
"paid" is a yes or no without a date.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.money import CENT
from connectors.woocommerce.values import mapping

Json = Mapping[str, Any]

_HUNDRED = Decimal(100)


def is_legacy_order(payload: object) -> bool:
    """Whether a payload is an order of the legacy API."""
    return isinstance(payload, dict) and "order_number" in payload and "date_created" not in payload


def modern_order(payload: Json, *, prices_include_tax: bool | None = None) -> dict[str, Any]:
    """The order in the shape of `wc/v3`. What it cannot know (rates of several taxes, variation ids) is left out."""
    told = dict(payload)
    payment = mapping(told.get("payment_details"))
    paid = payment.get("paid") is True
    taxes = _dicts(told.get("tax_lines"))
    lines = _dicts(told.get("line_items"))
    fees = _dicts(told.get("fee_lines"))
    rate_id, rate = _single_rate(taxes, [*lines, *fees])
    shipping = [
        {
            "id": one.get("id"),
            "method_id": one.get("method_id"),
            "method_title": one.get("method_title"),
            "total": one.get("total"),
            # The legacy API tells the tax on shipping for the whole order only.
            "total_tax": told.get("shipping_tax") if place == 0 else "0.00",
        }
        for place, one in enumerate(_dicts(told.get("shipping_lines")))
    ]
    return {
        "id": told.get("id"),
        "number": told.get("order_number"),
        "status": told.get("status"),
        "currency": told.get("currency"),
        "date_created_gmt": told.get("created_at"),
        "date_modified_gmt": told.get("updated_at"),
        # Paid is known, when is not: the day of the order stands in, since it never changes.
        "date_paid_gmt": told.get("created_at") if paid else None,
        "date_completed_gmt": told.get("completed_at"),
        "total": told.get("total"),
        "total_tax": told.get("total_tax"),
        "shipping_total": told.get("total_shipping"),
        "prices_include_tax": prices_include_tax is True,
        "customer_id": told.get("customer_id"),
        "customer_note": told.get("note"),
        "payment_method": payment.get("method_id"),
        "payment_method_title": payment.get("method_title"),
        "transaction_id": payment.get("transaction_id"),
        "billing": told.get("billing_address"),
        "shipping": told.get("shipping_address"),
        "meta_data": _meta(told.get("order_meta")),
        "line_items": [_line(one, rate_id) for one in lines] if _is_list(told, "line_items") else told["line_items"],
        "shipping_lines": shipping if _is_list(told, "shipping_lines") else told["shipping_lines"],
        "fee_lines": [{**_line(one, rate_id), "name": one.get("title")} for one in fees],
        "tax_lines": [
            {
                "id": one.get("id"),
                "rate_id": one.get("rate_id"),
                "rate_code": one.get("code"),
                "label": one.get("title"),
                "compound": one.get("compound"),
                "tax_total": one.get("total"),
                "rate_percent": rate,
            }
            for one in taxes
        ],
        "coupon_lines": [
            {"id": one.get("id"), "code": one.get("code"), "discount": one.get("amount")}
            for one in _dicts(told.get("coupon_lines"))
        ],
        "refunds": [modern_refund(one) for one in _dicts(told.get("refunds"))],
    }


def modern_refund(payload: Json) -> dict[str, Any]:
    """One of `order_refunds` in the shape of `wc/v3`: amounts of lines negative, the amount positive."""
    return {
        "id": payload.get("id"),
        "date_created_gmt": payload.get("created_at"),
        "amount": payload.get("amount"),
        "reason": payload.get("reason"),
        "line_items": [
            {
                **_line(one, None),
                **{name: _negative(one.get(name)) for name in ("quantity", "total", "total_tax", "subtotal")},
            }
            for one in _dicts(payload.get("line_items"))
        ],
    }


def modern_product(payload: Json) -> dict[str, Any]:
    """A product or variation in the shape of `wc/v3`, without its embedded variations."""
    told = dict(payload)
    return {
        **told,
        "name": told.get("title"),
        "date_created_gmt": told.get("created_at"),
        "date_modified_gmt": told.get("updated_at"),
        "manage_stock": told.get("managing_stock"),
        "description": told.get("description"),
        "tax_status": told.get("tax_status") or ("taxable" if told.get("taxable") else "none"),
        "status": told.get("status") or ("publish" if told.get("visible") is not False else "private"),
        "meta_data": _meta(told.get("product_meta")),
    }


def modern_customer(payload: Json) -> dict[str, Any]:
    """A customer in the shape of `wc/v3`."""
    return {
        **payload,
        "billing": payload.get("billing_address"),
        "shipping": payload.get("shipping_address"),
        "date_modified_gmt": payload.get("updated_at"),
    }


def _line(told: Json, rate_id: object) -> dict[str, Any]:
    return {
        "id": told.get("id"),
        "name": told.get("name"),
        "product_id": told.get("product_id"),
        "quantity": told.get("quantity"),
        "subtotal": told.get("subtotal"),
        "total": told.get("total"),
        "total_tax": told.get("total_tax"),
        "tax_class": told.get("tax_class"),
        "sku": told.get("sku"),
        "taxes": [{"id": rate_id, "total": told.get("total_tax")}]
        if rate_id and _decimal(told.get("total_tax"))
        else [],
        "meta_data": [
            {
                "key": one.get("key") or one.get("label"),
                "value": one.get("value"),
                "display_key": one.get("label"),
                "display_value": one.get("value"),
            }
            for one in _dicts(told.get("meta"))
        ],
    }


def _single_rate(taxes: list[Json], parts: list[Json]) -> tuple[object, str | None]:
    """(rate id, percent) where the order has one tax: the roundest percentage that gives the tax of every line."""
    if len(taxes) != 1:
        return None, None
    known = [
        (amount, tax)
        for one in parts
        if (amount := _decimal(one.get("total"))) and (tax := _decimal(one.get("total_tax")))
    ]
    rate_id = taxes[0].get("rate_id") or taxes[0].get("id")
    base = sum((amount for amount, _ in known), Decimal(0))
    if not base:
        return rate_id, None
    about = sum((tax for _, tax in known), Decimal(0)) / base * _HUNDRED
    for places in range(4):
        rate = round(about, places)
        if all(abs(amount * rate / _HUNDRED - tax) <= CENT / 2 for amount, tax in known):
            return rate_id, format(rate, "f")
    return rate_id, None


def _meta(told: object) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in mapping(told).items()]


def _is_list(told: Json, name: str) -> bool:
    return isinstance(told.get(name), list | dict | None)


def _dicts(told: object) -> list[Json]:
    if isinstance(told, dict):
        told = list(told.values())
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _decimal(told: object) -> Decimal | None:
    if isinstance(told, bool) or not isinstance(told, str | int | float):
        return None
    try:
        found = Decimal(str(told).strip() or "0")
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < Decimal(10) ** 15 else None


def _negative(told: object) -> object:
    found = _decimal(told)
    return told if found is None else str(-abs(found))
