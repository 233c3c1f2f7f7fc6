"""How an order of the API `wc/v3` is read as a canonical order; a pure function of the payload and the shop's setting.

What a shop sends is taken as it is: the total is WooCommerce's own. What does not fit together is said by `doubts`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connectors.money import MINOR_UNITS
from connectors.records import ZERO, Discount, Fetched, Order, Party, Payment, Refund, ShippingLine
from connectors.woocommerce.doubts import look_over
from connectors.woocommerce.methods import kind_of
from connectors.woocommerce.parts import address, fee, full_name, line, meta, shipping_line, taxes
from connectors.woocommerce.refunds import refund
from connectors.woocommerce.setting import ShopSetting
from connectors.woocommerce.values import (
    OPEN_IT,
    Notes,
    items,
    local_day,
    mapping,
    moment,
    money,
    number,
    opened,
    record_id,
    shown,
    text,
)


def read_order(payload: object, shop: ShopSetting, *, original: object = None) -> Fetched:
    """One order of `wc/v3`. Never raises for what is in the payload: what cannot be read is a finding.

    `original` is what to keep as raw where the payload was translated from the legacy API. The record is missing
    (and the finding an error) where there is no id, no date, no total or no currency: nothing can be booked then.
    """
    told, raw = opened(payload, original)
    notes = Notes()
    if not isinstance(told, dict):
        notes.add(
            "not_an_order", f"Instead of an order the shop sent {shown(told)}.", severity="error", next_step=OPEN_IT
        )
        return Fetched(kind="order", id=_stand_in(raw), raw=raw, record=None, findings=notes.all())
    order_id = record_id(told.get("id"))
    modified = moment(told.get("date_modified_gmt"), told.get("date_modified"), shop.tz())
    record = _order(told, order_id, modified, shop, notes) if order_id else None
    if order_id is None:
        notes.add(
            "order_without_id",
            "An entry in the list of orders has no id.",
            severity="error",
            field="id",
            next_step=OPEN_IT,
        )
    findings = notes.all()
    return Fetched(
        kind="order",
        id=order_id or _stand_in(raw),
        raw=raw,
        record=record,
        findings=() if record is not None else findings,
        modified=modified,
    )


def _stand_in(raw: Mapping[str, object]) -> str:
    """An id for what has none, the same for the same content."""
    content = json.dumps(raw, sort_keys=True, default=str).encode()
    return f"unreadable-{hashlib.sha256(content).hexdigest()[:12]}"


def _order(
    told: Mapping[str, Any], order_id: str, modified: datetime | None, shop: ShopSetting, notes: Notes
) -> Order | None:
    zone = shop.tz()
    created = moment(told.get("date_created_gmt"), told.get("date_created"), zone)
    day = local_day(told.get("date_created"), told.get("date_created_gmt"), zone)
    total = number(told.get("total"), "total", notes)
    currency = _currency(told.get("currency"), notes)
    if created is None or day is None:
        notes.add(
            "order_without_date",
            f"Order {order_id} has no date that can be read.",
            severity="error",
            field="date_created",
            next_step="Open it in WooCommerce, set its date and update it.",
        )
        return None
    if total is None:
        notes.add(
            "order_without_total",
            f"Order {order_id} has no total that can be read.",
            severity="error",
            field="total",
            next_step="Open it in WooCommerce, click Recalculate and update it.",
        )
        return None
    if currency is None:
        return None
    rates = taxes(told.get("tax_lines"), "tax_lines", notes)
    lines = tuple(
        line(entry, place, "line_items", rates, shop, notes)
        for place, entry in enumerate(items(told.get("line_items"), "line_items", notes))
    )
    shipping = tuple(
        shipping_line(entry, place, "shipping_lines", notes)
        for place, entry in enumerate(items(told.get("shipping_lines"), "shipping_lines", notes))
    )
    fees = tuple(
        fee(entry, place, "fee_lines", notes)
        for place, entry in enumerate(items(told.get("fee_lines"), "fee_lines", notes))
    )
    discounts = _discounts(told, notes)
    custom = meta(told.get("meta_data"), "meta_data", notes)
    method = text(told.get("payment_method_title"), "payment_method_title", notes, limit=255)
    method_id = text(told.get("payment_method"), "payment_method", notes, limit=255)
    transaction = text(told.get("transaction_id"), "transaction_id", notes, decode=False, limit=255)
    paid_day = local_day(told.get("date_paid"), told.get("date_paid_gmt"), zone)
    paid = paid_day is not None
    shipping_total = _shipping_total(told, shipping, notes)
    tax_total = money(told.get("total_tax"), "total_tax", notes)
    fee_total = sum((entry.amount for entry in fees), ZERO)
    discount_total = sum((entry.discount for entry in lines), ZERO)
    number_text = text(told.get("number"), "number", notes, limit=255)
    if number_text is None:
        notes.add("order_without_number", f"Order {order_id} has no number; its id is used.", severity="info")
    order = Order(
        id=order_id,
        number=number_text or order_id,
        date=day,
        created=created,
        modified=modified,
        zone=shop.zone or "UTC",
        status=text(told.get("status"), "status", notes, limit=60) or "unknown",
        store=shop.title,
        channel=text(told.get("created_via"), "created_via", notes, limit=255),
        currency=currency,
        coupon_codes=tuple(entry.code for entry in discounts if entry.code),
        note=text(told.get("customer_note"), "customer_note", notes, lines=True),
        subtotal=sum((entry.amount for entry in lines), discount_total),
        discount_total=discount_total,
        shipping_total=shipping_total,
        tax_total=tax_total,
        fee_total=fee_total,
        total=total,
        balance=ZERO if paid else total,
        paid=paid,
        authorized=_authorized(custom),
        paid_date=paid_day,
        payment_method=method,
        payment_method_id=method_id,
        transaction_id=transaction,
        shipping_method=", ".join(dict.fromkeys(entry.method for entry in shipping if entry.method)) or None,
        shipping_method_id=next((entry.method_id for entry in shipping if entry.method_id), None),
        prices_include_tax=told.get("prices_include_tax") is True,
        taxable=bool(rates.taxes) or bool(tax_total),
        customer=_customer(told, custom, notes),
        bill_to=address(told.get("billing"), "billing", notes),
        ship_to=address(told.get("shipping"), "shipping", notes),
        lines=lines,
        shipping_lines=shipping,
        fees=fees,
        discounts=discounts,
        taxes=rates.taxes,
        payments=_payments(order_id, paid_day, total, method, method_id, transaction),
        refunds=_refunds(told, order_id, currency, modified or created, day, method, method_id, shop, notes),
        meta=custom,
    )
    look_over(order, number(told.get("discount_total"), "discount_total", notes), notes)
    return replace(order, findings=notes.all())


def _currency(value: object, notes: Notes) -> str | None:
    """The ISO code. An unknown one stays (the record is held); a missing one is never guessed."""
    code = value.strip().upper() if isinstance(value, str) and len(value) <= 20 else ""
    if code in MINOR_UNITS:
        return code
    said = shown(value) if value not in (None, "") else "none"
    notes.add(
        "unknown_currency",
        f"The order's currency is {said}, which is no currency that books know.",
        severity="error",
        field="currency",
        next_step="Set the order's currency in WooCommerce, or leave the order out by a rule.",
    )
    return code if code.isalpha() and code.isascii() else None


def _customer(told: Mapping[str, Any], custom: Mapping[str, str], notes: Notes) -> Party:
    """Who bought: the account of the shop, if there was one, with the name and company of this order's bill."""
    billing = mapping(told.get("billing"))

    def part(key: str) -> str | None:
        return text(billing.get(key), f"billing.{key}", notes, limit=500)

    customer_id = record_id(told.get("customer_id"))
    first, last = part("first_name"), part("last_name")
    return Party(
        id=customer_id,
        name=full_name(first, last),
        first_name=first,
        last_name=last,
        company=part("company"),
        email=part("email"),
        phone=part("phone"),
        guest=customer_id is None,
        tax_exempt=custom.get("is_vat_exempt") == "yes",
    )


def _discounts(told: Mapping[str, Any], notes: Notes) -> tuple[Discount, ...]:
    found = []
    for place, entry in enumerate(items(told.get("coupon_lines"), "coupon_lines", notes)):
        here = f"coupon_lines[{place}]"
        code = text(entry.get("code"), f"{here}.code", notes, limit=255)
        found.append(
            Discount(
                id=record_id(entry.get("id")) or f"coupon-{place + 1}",
                code=code,
                name=code,
                amount=money(entry.get("discount"), f"{here}.discount", notes),
                tax_amount=money(entry.get("discount_tax"), f"{here}.discount_tax", notes),
            )
        )
    return tuple(found)


def _shipping_total(told: Mapping[str, Any], shipping: tuple[ShippingLine, ...], notes: Notes) -> Decimal:
    by_lines = sum((entry.amount for entry in shipping), ZERO)
    head = number(told.get("shipping_total"), "shipping_total", notes)
    if head is None:
        return by_lines
    if head != by_lines:
        notes.add(
            "shipping_differs",
            f"The shop says {head} for shipping, its shipping lines add up to {by_lines}; {head} is used.",
            field="shipping_total",
            amount=head - by_lines,
        )
    return head


def _payments(
    order_id: str,
    paid_day: date | None,
    total: Decimal,
    method: str | None,
    method_id: str | None,
    transaction: str | None,
) -> tuple[Payment, ...]:
    """One payment of the whole total where the shop has a payment date: WooCommerce keeps no list of payments.

    A status proves nothing: cash on delivery is "processing" unpaid. The payment's id is the order's, so that it stays
    the same when a transaction number turns up later.
    """
    if paid_day is None or total <= 0:
        return ()
    return (
        Payment(
            id=order_id,
            method=method,
            method_id=method_id,
            type=kind_of(method_id),
            amount=total,
            date=paid_day,
            reference=transaction,
        ),
    )


def _authorized(custom: Mapping[str, str]) -> bool:
    """Whether a gateway reserved the money without taking it; they agree on how the key ends."""
    return any(key.endswith("_charge_captured") and value in ("no", "0", "false") for key, value in custom.items())


def _refunds(
    told: Mapping[str, Any],
    order_id: str,
    currency: str,
    fallback: datetime,
    day: date,
    method: str | None,
    method_id: str | None,
    shop: ShopSetting,
    notes: Notes,
) -> tuple[Refund, ...]:
    zone = shop.tz()
    changed_day = local_day(told.get("date_modified"), told.get("date_modified_gmt"), zone) or day
    found: list[Refund] = []
    for entry in items(told.get("refunds"), "refunds", notes):
        one = refund(
            entry,
            order_id=order_id,
            currency=currency,
            fallback=fallback,
            fallback_day=changed_day,
            method=method,
            method_id=method_id,
            shop=shop,
        )
        if one is None:
            notes.add(
                "refund_unreadable",
                "A refund of this order could not be read.",
                severity="error",
                field="refunds",
                next_step=OPEN_IT,
            )
        else:
            found.append(one)
    # Oldest first, whatever order the shop lists them in: a refund that is added later changes nothing before it.
    return tuple(sorted(found, key=lambda one: (one.created, len(one.id), one.id)))
