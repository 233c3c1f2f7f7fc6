"""How an order of the API `wc/v3` is read as a canonical order; a pure function of the payload and the shop's setting.

What a shop sends is taken as it is: the total is WooCommerce's own, and where the parts do not add up to it a finding
says by how much and why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connectors.money import MINOR_UNITS, minor_unit
from connectors.records import ZERO, Discount, Fee, Fetched, Order, OrderLine, Party, Payment, Refund, ShippingLine
from connectors.woocommerce.methods import kind_of
from connectors.woocommerce.parts import Rates, address, fee, full_name, line, meta, shipping_line, taxes
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
    plain_number,
    record_id,
    shown,
    storable,
    text,
    whole_cents,
)


def read_order(payload: object, shop: ShopSetting, *, original: object = None) -> Fetched:
    """One order of `wc/v3`. Never raises for what is in the payload: what cannot be read is a finding.

    `original` is what to keep as raw where the payload was translated from the legacy API. The record is missing
    (and the finding an error) where there is no id, no date, no total or no currency: nothing can be booked then.
    """
    kept = storable(payload if original is None else original)
    raw: Mapping[str, object] = kept if isinstance(kept, dict) else {"value": kept}
    notes = Notes()
    told = storable(payload) if original is not None else kept
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
    _check_total(total, lines, fees, shipping_total, tax_total, notes)
    _check_taxes(tax_total, rates, (*lines, *fees, *shipping), notes)
    _check_discounts(told, discount_total, discounts, notes)
    _check_lines(lines, told.get("prices_include_tax") is True, currency, notes)
    amounts = (*(entry.amount for entry in lines), *(entry.amount for entry in fees))
    _check_decimals(currency, (total, tax_total, shipping_total, *amounts), notes)
    return Order(
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
        findings=notes.all(),
    )


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


def _check_total(
    total: Decimal,
    lines: tuple[OrderLine, ...],
    fees: tuple[Fee, ...],
    shipping_total: Decimal,
    tax_total: Decimal,
    notes: Notes,
) -> None:
    parts = sum((entry.amount for entry in lines), shipping_total + tax_total)
    parts += sum((entry.amount for entry in fees), ZERO)
    off = total - parts
    if not off:
        return
    if abs(off) <= Decimal("0.05"):
        why = "the shop rounds tax on the whole order, not on each line"
        step = "In WooCommerce, Settings, Tax, untick “Round tax at subtotal level”."
    else:
        why = "somebody or a plugin changed the total"
        step = "Open the order in WooCommerce and click Recalculate, or add what is missing as a fee."
    notes.add(
        "parts_differ_from_total",
        f"The total is {total}, its parts (lines, fees, shipping, tax) add up to {parts}: {off:+} apart; {why}.",
        severity="warning",
        field="total",
        amount=off,
        next_step=step,
    )


def _check_taxes(
    tax_total: Decimal, rates: Rates, parts: tuple[OrderLine | Fee | ShippingLine, ...], notes: Notes
) -> None:
    by_parts = sum((entry.tax_amount for entry in parts), ZERO)
    if by_parts != tax_total:
        notes.add(
            "line_taxes_differ",
            f"The tax of the lines adds up to {by_parts}, the order's tax is {tax_total}: rounding in the shop; "
            f"{tax_total} counts.",
            severity="info",
            field="total_tax",
            amount=tax_total - by_parts,
        )
    by_tax = sum((entry.amount + entry.shipping_amount for entry in rates.taxes), ZERO)
    if rates.taxes and by_tax != tax_total:
        notes.add(
            "taxes_differ",
            f"The taxes by name add up to {by_tax}, the order's tax is {tax_total}: rounding in the shop; "
            f"{tax_total} counts.",
            severity="info",
            field="tax_lines",
            amount=tax_total - by_tax,
        )


def _check_discounts(told: Mapping[str, Any], by_lines: Decimal, coupons: tuple[Discount, ...], notes: Notes) -> None:
    head = number(told.get("discount_total"), "discount_total", notes)
    if head is not None and head != by_lines:
        notes.add(
            "discount_differs",
            f"The shop says {head} for discounts, the lines were reduced by {by_lines}; {by_lines} counts.",
            severity="info",
            field="discount_total",
            amount=head - by_lines,
        )
    by_coupon = sum((entry.amount for entry in coupons), ZERO)
    if coupons and by_coupon != by_lines:
        notes.add(
            "coupons_differ",
            f"The coupons add up to {by_coupon}, the lines were reduced by {by_lines}; {by_lines} counts.",
            severity="info",
            field="coupon_lines",
            amount=by_lines - by_coupon,
        )


def _check_lines(lines: tuple[OrderLine, ...], net_of_tax: bool, currency: str, notes: Notes) -> None:
    shared: dict[str, set[str]] = {}
    for place, entry in enumerate(lines):
        here = f"line_items[{place}]"
        if entry.sku is None:
            notes.add(
                "line_without_sku",
                f"{shown(entry.name or 'A line without a name')} has no SKU"
                + ("" if entry.product_id else " (its product was deleted, or it never was one)")
                + "; it is matched by its name.",
                severity="info",
                field=f"{here}.sku",
            )
        elif entry.variation_id:
            shared.setdefault(entry.sku, set()).add(entry.variation_id)
        if not entry.quantity and entry.amount:
            notes.add(
                "line_without_quantity",
                f"{shown(entry.name or entry.id)} has quantity 0 but an amount of {entry.amount}.",
                field=f"{here}.quantity",
            )
        if not net_of_tax and (real := _likely_quantity(entry, currency)) is not None:
            before = entry.amount + entry.discount
            notes.add(
                "quantity_may_be_cut",
                f"{shown(entry.name or entry.id)}: {before} for {entry.quantity} is no price in whole cents, but it is "
                f"for {plain_number(real)}. WooCommerce shows quantities cut to whole numbers; the amount is right.",
                severity="info",
                field=f"{here}.quantity",
            )
    for sku, variations in shared.items():
        if len(variations) > 1:
            notes.add(
                "variations_share_sku",
                f"{len(variations)} variations on this order share the SKU {shown(sku)}; in books they count "
                "as one item.",
                field=f"sku {sku}"[:80],
                next_step="Give each variation its own SKU in WooCommerce.",
            )


_FRACTIONS = tuple(Decimal(part) for part in ("0.5", "0.25", "0.75", *(f"0.{tenth}" for tenth in range(1, 10))))


def _likely_quantity(entry: OrderLine, currency: str) -> Decimal | None:
    """The fraction that was probably sold: 2.5 bags at 19.90 are served as 2 bags for 49.75."""
    before = entry.amount + entry.discount
    places = max(minor_unit(currency), 2)
    if entry.quantity < 1 or before <= 0 or whole_cents(before / entry.quantity, places):
        return None
    likely = (entry.quantity + part for part in _FRACTIONS)
    return next((real for real in likely if whole_cents(before / real, places)), None)


def _check_decimals(currency: str, amounts: tuple[Decimal, ...], notes: Notes) -> None:
    places = MINOR_UNITS.get(currency)
    if places is None or all(whole_cents(amount, places) for amount in amounts):
        return
    notes.add(
        "more_decimals_than_currency",
        f"{currency} has {places or 'no'} decimals, but the shop counts finer.",
        severity="info",
        field="total",
        next_step="Set the number of decimals in WooCommerce (Settings, General) so that orders and books can agree.",
    )
