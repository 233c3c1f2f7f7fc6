"""What in an order does not fit together, each in words: totals, taxes, discounts, quantities, shared SKUs; pure.

Nothing is corrected here: amounts stay as the shop sent them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from connectors.money import MINOR_UNITS, minor_unit
from connectors.records import ZERO, Fee, Order, OrderLine, ShippingLine
from connectors.woocommerce.values import Notes, plain_number, shown, whole_cents

# What rounding on the whole order instead of each line can come to.
_ROUNDING: Final = Decimal("0.05")
_FRACTIONS: Final = tuple(Decimal(part) for part in ("0.5", "0.25", "0.75", *(f"0.{tenth}" for tenth in range(1, 10))))


def look_over(order: Order, discount_head: Decimal | None, notes: Notes) -> None:
    """Note what is doubtful in an order that was read; `discount_head` is the shop's own sum of discounts."""
    _total(order, notes)
    _taxes(order, notes)
    _discounts(order, discount_head, notes)
    _lines(order, notes)
    _decimals(order, notes)


def _total(order: Order, notes: Notes) -> None:
    parts = sum((entry.amount for entry in order.lines), order.shipping_total + order.tax_total) + order.fee_total
    off = order.total - parts
    if not off:
        return
    if abs(off) <= _ROUNDING:
        why = "the shop rounds tax on the whole order, not on each line"
        step = "In WooCommerce, Settings, Tax, untick “Round tax at subtotal level”."
    else:
        why = "somebody or a plugin changed the total"
        step = "Open the order in WooCommerce and click Recalculate, or add what is missing as a fee."
    notes.add(
        "parts_differ_from_total",
        f"The total is {order.total}, its parts (lines, fees, shipping, tax) add up to {parts}: {off:+} apart; {why}.",
        severity="warning",
        field="total",
        amount=off,
        next_step=step,
    )


def _taxes(order: Order, notes: Notes) -> None:
    taxed: Sequence[OrderLine | Fee | ShippingLine] = (*order.lines, *order.fees, *order.shipping_lines)
    by_parts = sum((entry.tax_amount for entry in taxed), ZERO)
    if by_parts != order.tax_total:
        notes.add(
            "line_taxes_differ",
            f"The tax of the lines adds up to {by_parts}, the order's tax is {order.tax_total}: rounding in the shop; "
            f"{order.tax_total} counts.",
            severity="info",
            field="total_tax",
            amount=order.tax_total - by_parts,
        )
    by_tax = sum((entry.amount + entry.shipping_amount for entry in order.taxes), ZERO)
    if order.taxes and by_tax != order.tax_total:
        notes.add(
            "taxes_differ",
            f"The taxes by name add up to {by_tax}, the order's tax is {order.tax_total}: rounding in the shop; "
            f"{order.tax_total} counts.",
            severity="info",
            field="tax_lines",
            amount=order.tax_total - by_tax,
        )


def _discounts(order: Order, head: Decimal | None, notes: Notes) -> None:
    by_lines = order.discount_total
    if head is not None and head != by_lines:
        notes.add(
            "discount_differs",
            f"The shop says {head} for discounts, the lines were reduced by {by_lines}; {by_lines} counts.",
            severity="info",
            field="discount_total",
            amount=head - by_lines,
        )
    by_coupon = sum((entry.amount for entry in order.discounts), ZERO)
    if order.discounts and by_coupon != by_lines:
        notes.add(
            "coupons_differ",
            f"The coupons add up to {by_coupon}, the lines were reduced by {by_lines}; {by_lines} counts.",
            severity="info",
            field="coupon_lines",
            amount=by_lines - by_coupon,
        )


def _lines(order: Order, notes: Notes) -> None:
    shared: dict[str, set[str]] = {}
    for place, entry in enumerate(order.lines):
        here = f"line_items[{place}]"
        if entry.sku is None:
            notes.add(
                "line_without_sku",
                f"{shown(entry.name or 'A line without a name')} has no SKU"
                + ("." if entry.product_id else " (its product was deleted, or it never was one)."),
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
        if not order.prices_include_tax and (real := _likely_quantity(entry, order.currency)) is not None:
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


def _likely_quantity(entry: OrderLine, currency: str) -> Decimal | None:
    """The fraction that was probably sold: 2.5 bags at 19.90 are served as 2 bags for 49.75."""
    before = entry.amount + entry.discount
    places = max(minor_unit(currency), 2)
    if entry.quantity < 1 or before <= 0 or whole_cents(before / entry.quantity, places):
        return None
    likely = (entry.quantity + part for part in _FRACTIONS)
    return next((real for real in likely if whole_cents(before / real, places)), None)


def _decimals(order: Order, notes: Notes) -> None:
    places = MINOR_UNITS.get(order.currency)
    amounts = [order.total, order.tax_total, order.shipping_total]
    amounts += [entry.amount for entry in order.lines] + [entry.amount for entry in order.fees]
    if places is None or all(whole_cents(amount, places) for amount in amounts):
        return
    notes.add(
        "more_decimals_than_currency",
        f"{order.currency} has {places or 'no'} decimals, but the shop counts finer.",
        severity="info",
        field="total",
        next_step="Set the number of decimals in WooCommerce (Settings, General) so that orders and books can agree.",
    )
