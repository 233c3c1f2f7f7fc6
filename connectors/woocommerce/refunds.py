"""How refunds are read: the detail of `/orders/{id}/refunds`, or the bare summary inside an order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.records import ZERO, Fee, OrderLine, Payment, Refund, ShippingLine
from connectors.woocommerce.parts import fee, line, shipping_line, taxes
from connectors.woocommerce.setting import ShopSetting
from connectors.woocommerce.values import OPEN_IT, Notes, items, local_day, moment, number, record_id, text

DETAIL = "amount"
"""The key that only the detail of a refund has; the summary in an order says id, reason and a negative total."""


def is_detailed(payload: Mapping[str, Any]) -> bool:
    return DETAIL in payload


def refund(
    payload: Mapping[str, Any],
    *,
    order_id: str,
    currency: str,
    fallback: datetime | None,
    fallback_day: date | None,
    method: str | None,
    method_id: str | None,
    shop: ShopSetting,
) -> Refund | None:
    """A refund with positive amounts; missing when it has no id or amount, or no date can be told.

    `fallback` is when the order last changed: what a summary, which carries no date, is dated by (with a finding).
    """
    notes = Notes()
    refund_id = record_id(payload.get("id"))
    if refund_id is None:
        return None
    where = f"refunds[{refund_id}]"
    detailed = is_detailed(payload)
    amount = number(payload.get("amount" if detailed else "total"), f"{where}.amount", notes)
    created = moment(payload.get("date_created_gmt"), payload.get("date_created"), shop.tz())
    day = local_day(payload.get("date_created"), payload.get("date_created_gmt"), shop.tz())
    if created is None or day is None:
        created, day = fallback, fallback_day
        if detailed:
            notes.add("refund_without_date", f"Refund {refund_id} has no date; the order's last change stands in.")
    if not detailed:
        notes.add(
            "refund_without_details",
            f"Refund {refund_id} is known by its amount only: its lines and its date were not fetched.",
        )
    if created is None or day is None:
        created, day = datetime(1990, 1, 1, tzinfo=UTC), date(1990, 1, 1)
        notes.add("refund_without_date", f"Refund {refund_id} has no date.", severity="error", next_step=OPEN_IT)
    rates = taxes(payload.get("tax_lines"), f"{where}.tax_lines", notes, -1)
    lines = tuple(
        kept
        for place, told in enumerate(items(payload.get("line_items"), f"{where}.line_items", notes))
        if _gives_back(kept := line(told, place, f"{where}.line_items", rates, shop, notes, -1))
    )
    shipping = tuple(
        shipping_line(told, place, f"{where}.shipping_lines", notes, -1)
        for place, told in enumerate(items(payload.get("shipping_lines"), f"{where}.shipping_lines", notes))
    )
    fees = tuple(
        fee(told, place, f"{where}.fee_lines", notes, -1)
        for place, told in enumerate(items(payload.get("fee_lines"), f"{where}.fee_lines", notes))
    )
    parts: tuple[OrderLine | ShippingLine | Fee, ...] = (*lines, *shipping, *fees)
    tax_total = sum((part.tax_amount for part in parts), ZERO)
    whole = abs(amount) if amount is not None else None
    if whole is None:
        whole = sum((part.amount for part in parts), tax_total)
        notes.add("refund_without_amount", f"Refund {refund_id} says no amount; its parts are added up.")
    over = sum((part.amount for part in parts), tax_total) - whole
    if parts and over:
        words = "more than" if over > 0 else "less than"
        notes.add(
            "refund_parts_differ",
            f"The lines of refund {refund_id} add up to {abs(over)} {words} the {whole} that was refunded.",
            severity="warning" if over > 0 else "info",
            amount=-over,
        )
    return Refund(
        id=refund_id,
        order_id=order_id,
        date=day,
        created=created,
        amount=whole,
        reason=text(payload.get("reason"), f"{where}.reason", notes, lines=True),
        currency=currency,
        tax_total=tax_total,
        lines=lines,
        shipping_lines=shipping,
        fees=fees,
        payments=_payments(payload, refund_id, whole, day, method, method_id),
        findings=notes.all(),
    )


def _gives_back(kept: OrderLine) -> bool:
    """WooCommerce lists untouched lines too, with nothing in them."""
    return bool(kept.quantity or kept.amount or kept.tax_amount)


def _payments(
    payload: Mapping[str, Any], refund_id: str, amount: Decimal, day: date, method: str | None, method_id: str | None
) -> tuple[Payment, ...]:
    """The money that the gateway sent back by itself; where a person did it by hand the shop does not say how."""
    if payload.get("refunded_payment") is not True or not amount:
        return ()
    return (Payment(id=refund_id, method=method, method_id=method_id, amount=amount, date=day),)
