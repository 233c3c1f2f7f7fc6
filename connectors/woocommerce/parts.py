"""How the parts of an order or refund are read: addresses, lines, shipping, fees, taxes, custom fields.

An amount is taken as the shop sent it; on a refund the sign is turned (`turn`), since refunds are positive here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from connectors.records import ZERO, Address, Fee, OrderLine, ShippingLine, Tax
from connectors.woocommerce.setting import ShopSetting
from connectors.woocommerce.values import (
    Notes,
    items,
    mapping,
    meta_text,
    money,
    number,
    plain_number,
    record_id,
    text,
    unit_price,
    without_tags,
)

_HUNDRED = Decimal(100)
NO_TEXTS: Mapping[str, str] = MappingProxyType({})


def address(payload: object, where: str, notes: Notes) -> Address:
    """`billing` or `shipping`. Blank parts are missing; countries and states are the shop's codes."""
    told = mapping(payload)

    def part(key: str) -> str | None:
        return text(told.get(key), f"{where}.{key}", notes, limit=500)

    return Address(
        name=full_name(part("first_name"), part("last_name")),
        company=part("company"),
        line_1=part("address_1"),
        line_2=part("address_2"),
        city=part("city"),
        state=part("state"),
        postal_code=part("postcode"),
        country=part("country"),
        phone=part("phone"),
        email=part("email"),
    )


def full_name(first: str | None, last: str | None) -> str | None:
    return " ".join(part for part in (first, last) if part) or None


def meta(payload: object, where: str, notes: Notes) -> Mapping[str, str]:
    """Custom fields by key. Where a key occurs more than once the last one that is not blank counts.

    The shop with the sequential-number plugin keeps `_order_number` twice, first the id and then the number that it
    shows; entries come in the order in which they were added. Objects and lists become compact JSON. Nothing is
    decoded: a custom field may be an address with `&copy=` in it.
    """
    found: dict[str, str] = {}
    for entry in items(payload, where, notes):
        key = entry.get("key")
        if not isinstance(key, str) or not key.strip():
            continue
        name = text(key, where, notes, decode=False, limit=255)
        value = meta_text(entry.get("value"), f"{where}[{key[:60]}]", notes)
        if name and value is not None:
            found[name] = value
    return found or NO_TEXTS


def options(payload: object, where: str, notes: Notes) -> Mapping[str, str]:
    """What the customer chose, by the words that people see (`Size`: `S`): variation attributes and add-ons.

    Keys that begin with an underscore are the shop's own. WooCommerce 5.0 sends no `display_key`: the key without
    `pa_` stands in then.
    """
    found: dict[str, str] = {}
    for entry in items(payload, where, notes):
        key = entry.get("key")
        if not isinstance(key, str) or not key or key.startswith("_"):
            continue
        label = entry.get("display_key")
        name = text(label if isinstance(label, str) else _label(key), where, notes, limit=255)
        shown = entry.get("display_value")
        value = shown if isinstance(shown, str | int) else entry.get("value")
        if not name or isinstance(value, dict | list | tuple):
            continue
        told = text(value, where, notes, limit=1_000)
        told = without_tags(told) if told else told
        if told:
            found[name] = told
    return found or NO_TEXTS


def _label(key: str) -> str:
    bare = key.removeprefix("pa_").replace("-", " ").replace("_", " ").strip()
    return bare[:1].upper() + bare[1:]


@dataclass(frozen=True, slots=True)
class Rates:
    """The taxes of one order, and what rate their combination makes on a line."""

    taxes: tuple[Tax, ...]
    by_rate_id: Mapping[str, Tax]

    def on(self, applied: Sequence[str]) -> Decimal | None:
        """The rate of those taxes together, in percent: a compound tax is levied on the taxes before it too."""
        plain, compound = ZERO, []
        for rate_id in applied:
            tax = self.by_rate_id.get(rate_id)
            if tax is None or tax.rate is None:
                return None
            if tax.compound:
                compound.append(tax.rate)
            else:
                plain += tax.rate
        for rate in compound:
            plain += rate * (1 + plain / _HUNDRED)
        return round(plain, 7).normalize() + ZERO if applied else None


def taxes(payload: object, where: str, notes: Notes, turn: int = 1) -> Rates:
    """`tax_lines`. A rate that the shop does not tell (5.0 and before) is missing."""
    found: list[Tax] = []
    by_rate_id: dict[str, Tax] = {}
    for place, told in enumerate(items(payload, where, notes)):
        here = f"{where}[{place}]"
        rate = number(told.get("rate_percent"), f"{here}.rate_percent", notes)
        tax = Tax(
            id=record_id(told.get("id")) or f"tax-{place + 1}",
            name=text(told.get("label"), f"{here}.label", notes, limit=255),
            code=text(told.get("rate_code"), f"{here}.rate_code", notes, limit=255),
            rate=None if rate is None else rate.normalize() + ZERO,
            amount=money(told.get("tax_total"), f"{here}.tax_total", notes) * turn,
            shipping_amount=money(told.get("shipping_tax_total"), f"{here}.shipping_tax_total", notes) * turn,
            compound=told.get("compound") is True,
        )
        found.append(tax)
        rate_id = record_id(told.get("rate_id"))
        if rate_id:
            by_rate_id[rate_id] = tax
    return Rates(tuple(found), by_rate_id)


def applied_rates(payload: object, where: str, notes: Notes) -> tuple[str, ...]:
    """The ids of the rates that were levied on a line; an entry without a total is a rate that was not."""
    return tuple(
        rate_id
        for entry in items(payload, where, notes)
        if (rate_id := record_id(entry.get("id"))) and entry.get("total") not in (None, "")
    )


def line(
    told: Mapping[str, Any], place: int, where: str, rates: Rates, shop: ShopSetting, notes: Notes, turn: int = 1
) -> OrderLine:
    """One of `line_items`, net of tax and after discounts (with prices that include tax too: the lines are net)."""
    here = f"{where}[{place}]"
    amount = money(told.get("total"), f"{here}.total", notes) * turn
    before = number(told.get("subtotal"), f"{here}.subtotal", notes)
    discount = ZERO if before is None else max(before * turn - amount, ZERO)
    quantity = _quantity(told, here, notes, turn)
    tax_amount = money(told.get("total_tax"), f"{here}.total_tax", notes) * turn
    applied = applied_rates(told.get("taxes"), f"{here}.taxes", notes)
    product_id = record_id(told.get("product_id"))
    variation_id = record_id(told.get("variation_id"))
    name = text(told.get("name"), f"{here}.name", notes, limit=1_000)
    chosen = options(told.get("meta_data"), f"{here}.meta_data", notes)
    return OrderLine(
        id=record_id(told.get("id")) or f"line-{place + 1}",
        sku=text(told.get("sku"), f"{here}.sku", notes, limit=255),
        name=name,
        description=_description(name, chosen),
        quantity=quantity,
        unit_price=unit_price(amount, quantity),
        amount=amount,
        discount=discount,
        tax_amount=tax_amount,
        taxable=bool(applied) or bool(tax_amount),
        tax_rate=rates.on(applied),
        product_id=product_id,
        variation_id=variation_id,
        parent_sku=shop.parent_skus.get(product_id) if product_id and variation_id else None,
        options=chosen,
        meta=meta(told.get("meta_data"), f"{here}.meta_data", notes),
    )


def _quantity(told: Mapping[str, Any], here: str, notes: Notes, turn: int) -> Decimal:
    sent = told.get("quantity")
    quantity = number(sent, f"{here}.quantity", notes)
    if quantity is None:
        if sent in (None, ""):
            notes.add("no_quantity", f"{here} has no quantity; taken as 1.", field=f"{here}.quantity")
        return Decimal(1)
    quantity *= turn
    for entry in items(told.get("meta_data"), f"{here}.meta_data", notes):
        # Quantities with decimals come from plugins; the API cuts them (2.5 is served as 2), the stock book does not.
        if entry.get("key") != "_reduced_stock" or turn < 0:
            continue
        reduced = number(entry.get("value"), f"{here}.meta_data", Notes())
        if reduced is not None and reduced > quantity and int(reduced) == quantity:
            notes.add(
                "quantity_restored",
                f"The shop shows quantity {plain_number(quantity)} but took {plain_number(reduced)} from stock; "
                f"{plain_number(reduced)} is used.",
                severity="warning",
                field=f"{here}.quantity",
            )
            return reduced
    return quantity


def _description(name: str | None, chosen: Mapping[str, str]) -> str | None:
    """The name with what was chosen, where the name does not say it already."""
    missing = [
        f"{label}: {value}" for label, value in chosen.items() if value.casefold() not in (name or "").casefold()
    ]
    if not missing:
        return None
    return ", ".join([*([name] if name else []), *missing])[:1_000]


def shipping_line(told: Mapping[str, Any], place: int, where: str, notes: Notes, turn: int = 1) -> ShippingLine:
    here = f"{where}[{place}]"
    tax_amount = money(told.get("total_tax"), f"{here}.total_tax", notes) * turn
    return ShippingLine(
        id=record_id(told.get("id")) or f"shipping-{place + 1}",
        method=text(told.get("method_title"), f"{here}.method_title", notes, limit=255),
        method_id=text(told.get("method_id"), f"{here}.method_id", notes, limit=255),
        amount=money(told.get("total"), f"{here}.total", notes) * turn,
        tax_amount=tax_amount,
        taxable=bool(tax_amount) or bool(applied_rates(told.get("taxes"), f"{here}.taxes", notes)),
    )


def fee(told: Mapping[str, Any], place: int, where: str, notes: Notes, turn: int = 1) -> Fee:
    """One of `fee_lines`. Its `amount` is blank in every recorded fee: `total` is what counts."""
    here = f"{where}[{place}]"
    tax_amount = money(told.get("total_tax"), f"{here}.total_tax", notes) * turn
    return Fee(
        id=record_id(told.get("id")) or f"fee-{place + 1}",
        name=text(told.get("name"), f"{here}.name", notes, limit=255),
        amount=money(told.get("total"), f"{here}.total", notes) * turn,
        tax_amount=tax_amount,
        taxable=bool(tax_amount) or bool(applied_rates(told.get("taxes"), f"{here}.taxes", notes)),
    )
