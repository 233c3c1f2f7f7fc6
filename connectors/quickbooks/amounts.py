"""Amounts as QuickBooks computes with them: unit prices and the tax of a document. Pure.

QuickBooks keeps amounts in cents whatever the currency, takes unit prices up to 7 places, and refuses a line whose amount
is not quantity times price (error 6070).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any, Literal

from connectors.documents import DocumentLine, SalesDocument
from connectors.money import EXACT, cents, rounded
from connectors.ports import BooksProfile, ListEntry
from connectors.quickbooks.body import number

PRICE_PLACES = 5
_UNIT_PRICE_PLACES = 7
QUANTITY_PLACES = 5
ZERO = Decimal(0)
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Price:
    """Quantity and unit price that QuickBooks takes for an amount; both missing where there are none."""

    quantity: Decimal | None
    unit_price: Decimal | None
    changed: Literal["", "unit_price", "left_out"] = ""


def price(quantity: Decimal | None, unit_price: Decimal | None, amount: Decimal) -> Price:
    """Keep them where their product is the amount; else the shortest unit price (up to 7 places) that makes it so;
    else neither."""
    if quantity is None:
        return Price(None, None)
    if not quantity or rounded(quantity, QUANTITY_PLACES) != quantity:
        return Price(None, None, "left_out")
    with localcontext(EXACT):
        if (
            unit_price is not None
            and rounded(unit_price, _UNIT_PRICE_PLACES) == unit_price
            and cents(quantity * unit_price) == amount
        ):
            return Price(quantity, unit_price)
        exact = amount / quantity
        for places in range(2, _UNIT_PRICE_PLACES + 1):
            tried = rounded(exact, places)
            if cents(quantity * tried) == amount:
                return Price(quantity, tried, "unit_price" if unit_price is not None else "")
    return Price(None, None, "left_out")


# ---------------------------------------------------------------------------------------------------------------- tax


@dataclass(frozen=True, slots=True)
class _Base:
    """What a code taxes: `sales` that a discount of the whole document lowers, `others` (shipping) that it does not."""

    sales: Decimal = ZERO
    others: Decimal = ZERO


def _find(name: str, entries: Sequence[ListEntry]) -> ListEntry | None:
    folded = name.casefold()
    return next((e for e in entries if e.active and e.kind == "tax_code" and e.name.casefold() == folded), None)


def compute_tax(document: SalesDocument, profile: BooksProfile, tax_codes: Sequence[ListEntry]) -> Decimal | None:
    """The tax that this company will compute for the document, in its currency; missing where only QuickBooks knows
    (automated tax without override, a code whose rates were not told, a discount over lines of different codes outside
    the US: how it is spread there is documented nowhere)."""
    if not profile.sales_tax:
        return ZERO
    if profile.country == "US" and profile.automated_tax:
        return cents(document.tax_total) if document.tax_override else None
    if profile.country != "US" and document.discount_total:
        return None
    bases: dict[str, _Base] = {}
    for line in document.lines:
        code = _code_of(line, document, profile)
        if line.kind != "text" and code is not None:
            held = bases.get(code, _Base())
            bases[code] = _Base(held.sales + cents(line.amount), held.others)
    if document.shipping_total:
        code = _shipping_code(document, profile)
        if code is not None:
            held = bases.get(code, _Base())
            bases[code] = _Base(held.sales, held.others + cents(document.shipping_total))
    subtotal = sum((cents(line.amount) for line in document.lines), ZERO)
    discount = cents(document.discount_total) if document.discount_taxable else ZERO
    per_rate: dict[str, Decimal] = {}
    rates: dict[str, Mapping[str, Any]] = {}
    for code, base in bases.items():
        entry = _find(code, tax_codes)
        if entry is None:
            return None
        listed = entry.data.get("rate_parts") or ()
        if not listed and number(entry.data.get("rate")) is None:
            return None
        with localcontext(EXACT):
            share = base.sales / subtotal * discount if discount and subtotal else ZERO
            taxed = cents(base.sales - share) + base.others
        for rate in listed or ({"id": entry.id, "rate": entry.data["rate"], "order": 0},):
            key = str(rate["id"])
            rates[key] = rate
            per_rate[key] = per_rate.get(key, ZERO) + taxed
    return _taxes(per_rate, rates)


def _taxes(per_rate: Mapping[str, Decimal], rates: Mapping[str, Mapping[str, Any]]) -> Decimal | None:
    """Each rate is rounded for itself, then they are added: QuickBooks shows a tax line per rate."""
    total = ZERO
    with localcontext(EXACT):
        for key in sorted(per_rate, key=lambda name: int(rates[name].get("order") or 0)):
            percent = number(rates[key].get("rate"))
            if percent is None:
                return None
            base = per_rate[key] + (total if int(rates[key].get("order") or 0) > 0 else ZERO)
            total += cents(base * percent / _HUNDRED)
    return total


def _code_of(line: DocumentLine, document: SalesDocument, profile: BooksProfile) -> str | None:
    """The code by which a line is taxed, missing where it is not."""
    if profile.country != "US":
        return line.tax_code or document.tax_code
    own = line.tax_code if line.tax_code in ("TAX", "NON") else None
    if own == "NON" or (own is None and not line.taxable):
        return None
    return _whole_code(document)


def _shipping_code(document: SalesDocument, profile: BooksProfile) -> str | None:
    if profile.country != "US":
        return document.shipping_tax_code or document.tax_code
    if document.shipping_tax_code == "NON":
        return None
    return _whole_code(document) if document.shipping_taxable or document.shipping_tax_code == "TAX" else None


def _whole_code(document: SalesDocument) -> str | None:
    return None if document.tax_code in (None, "TAX", "NON") else document.tax_code
