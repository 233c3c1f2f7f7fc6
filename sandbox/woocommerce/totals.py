"""How WooCommerce computes an order: tax rates of a place, coupons, line taxes, rounding, totals; it stores nothing.

Orders, lines and rates are the dicts of the REST API; money in them is text in the order's currency.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .php import decimal_of, money, number

Record = dict[str, Any]
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an order is taxed: country and state codes, postcode, city."""

    country: str
    state: str = ""
    postcode: str = ""
    city: str = ""


def place_of(order: Record, base: Place) -> Place:
    """Shipping address, else billing address, else the shop's base; local pickup is taxed at the base."""
    if any(line.get("method_id") == "local_pickup" for line in order["shipping_lines"]):
        return base
    for kind in ("shipping", "billing"):
        address = order[kind]
        if address.get("country"):
            return Place(address["country"], address["state"], address["postcode"], address["city"])
    return base


def rates_for(rates: Iterable[Record], place: Place, tax_class: str) -> list[Record]:
    """The one best rate of each priority, in the order of priorities."""
    wanted = tax_class or "standard"
    chosen: dict[int, tuple[int, Record]] = {}
    for rate in rates:
        if rate["class"] != wanted:
            continue
        score = _match(rate, place)
        if score is None:
            continue
        held = chosen.get(rate["priority"])
        if held is None or score > held[0]:
            chosen[rate["priority"]] = (score, rate)
    return [chosen[priority][1] for priority in sorted(chosen)]


def _match(rate: Record, place: Place) -> int | None:
    score = 0
    if rate["country"]:
        if rate["country"] != place.country:
            return None
        score += 8
    if rate["state"]:
        if rate["state"] != place.state:
            return None
        score += 4
    if rate["postcodes"]:
        if not any(_postcode_fits(one, place.postcode) for one in rate["postcodes"]):
            return None
        score += 2
    if rate["cities"]:
        if place.city.upper() not in {city.upper() for city in rate["cities"]}:
            return None
        score += 1
    return score


def _postcode_fits(pattern: str, postcode: str) -> bool:
    code = postcode.replace(" ", "").upper()
    if "..." in pattern:
        low, high = pattern.split("...")
        return code.isdigit() and low.isdigit() and high.isdigit() and int(low) <= int(code[:5]) <= int(high)
    return fnmatch.fnmatchcase(code, pattern.upper())


def taxes_on(amount: Decimal, rates: Sequence[Record]) -> dict[int, Decimal]:
    """Unrounded tax by rate id on a net amount; compound rates are on the amount with the taxes before them."""
    found: dict[int, Decimal] = {}
    for rate in rates:
        basis = amount + (sum(found.values(), Decimal(0)) if rate["compound"] else Decimal(0))
        found[rate["id"]] = (basis * decimal_of(rate["rate"]) / 100).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    return found


def net_of(gross: Decimal, rates: Sequence[Record]) -> Decimal:
    """The price without tax of a price typed with tax."""
    if not rates:
        return gross
    taxed = sum(taxes_on(Decimal(1_000_000), rates).values(), Decimal(0)) / 1_000_000
    return gross / (1 + taxed)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def rate_code(rate: Record) -> str:
    parts = [rate["country"], rate["state"], (rate["name"] or "TAX").upper(), str(rate["priority"])]
    return "-".join(part for part in parts if part)


def apply_coupons(lines: Sequence[Record], coupons: Sequence[Record]) -> dict[str, Decimal]:
    """Sets the lines' totals to subtotal less discounts, and returns the discount of each coupon code."""
    left = {id(line): cents(decimal_of(line["subtotal"])) for line in lines}
    given: dict[str, Decimal] = {}
    for coupon in coupons:
        fitting = [
            line
            for line in lines
            if (not coupon["product_ids"] or {line["product_id"], line["variation_id"]} & set(coupon["product_ids"]))
            and line["product_id"] not in coupon["excluded_product_ids"]
        ]
        amount = decimal_of(coupon["amount"])
        before = sum((left[id(line)] for line in fitting), Decimal(0))
        if coupon["discount_type"] == "percent":
            cuts = [cents(left[id(line)] * amount / 100) for line in fitting]
        elif coupon["discount_type"] == "fixed_product":
            cuts = [min(left[id(line)], cents(amount * decimal_of(line["quantity"]))) for line in fitting]
        else:
            total = min(before, amount)
            cuts = [
                (total * left[id(line)] / before).quantize(CENT, "ROUND_DOWN") if before else Decimal(0)
                for line in fitting
            ]
            rest = total - sum(cuts, Decimal(0))
            for index, line in enumerate(fitting):
                extra = min(rest, left[id(line)] - cuts[index])
                cuts[index] += extra
                rest -= extra
        for line, cut in zip(fitting, cuts, strict=True):
            left[id(line)] -= cut
        given[coupon["code"]] = sum(cuts, Decimal(0))
    for line in lines:
        line["total"] = money(left[id(line)], 2)
    return given


def calculate(order: Record, rates: Sequence[Record], base: Place, *, round_at_subtotal: bool, next_id: Any) -> None:
    """Sets taxes and totals of an order in place from the totals of its lines, shipping lines and fees.

    `next_id()` gives ids for new tax lines. With `round_at_subtotal` tax is rounded once per order, so that the sum
    of the rounded line taxes can miss it by cents, as in a real shop with that setting.
    """
    place = place_of(order, base)
    cart: dict[int, Decimal] = {}
    shipping: dict[int, Decimal] = {}
    used: dict[int, Record] = {}

    def keep(tax: Decimal) -> Decimal:
        return tax if round_at_subtotal else cents(tax)

    for line in order["line_items"]:
        fitting = rates_for(rates, place, line["tax_class"]) if line.get("_taxable", True) else []
        after = taxes_on(decimal_of(line["total"]), fitting)
        before = taxes_on(decimal_of(line["subtotal"]), fitting)
        line["taxes"] = [{"id": key, "total": str(after[key]), "subtotal": str(before[key])} for key in after]
        line["total_tax"] = money(sum((cents(tax) for tax in after.values()), Decimal(0)), 2)
        line["subtotal_tax"] = money(sum((cents(tax) for tax in before.values()), Decimal(0)), 2)
        quantity = decimal_of(line["quantity"])
        line["price"] = number(float(line["total"]) / float(quantity)) if quantity else 0
        _collect(cart, after, keep)
        used |= {rate["id"]: rate for rate in fitting}
    for fee in order["fee_lines"]:
        after, fitting = _fee_taxes(order, fee, rates, place)
        fee["taxes"] = [{"id": key, "total": str(tax), "subtotal": ""} for key, tax in after.items()]
        fee["total_tax"] = money(sum((cents(tax) for tax in after.values()), Decimal(0)), 2)
        _collect(cart, after, keep)
        used |= {rate["id"]: rate for rate in fitting}
    carriage_class = _shipping_class(order)
    for line in order["shipping_lines"]:
        known = [] if carriage_class is None else rates_for(rates, place, carriage_class)
        fitting = [rate for rate in known if rate["shipping"]]
        after = taxes_on(decimal_of(line["total"]), fitting)
        line["taxes"] = [{"id": key, "total": str(tax), "subtotal": ""} for key, tax in after.items()]
        line["total_tax"] = money(sum((cents(tax) for tax in after.values()), Decimal(0)), 2)
        _collect(shipping, after, keep)
        used |= {rate["id"]: rate for rate in fitting}

    ids = {line["rate_id"]: line["id"] for line in order["tax_lines"]}
    order["tax_lines"] = [
        {
            "id": ids.get(key) or next_id(),
            "rate_code": rate_code(rate),
            "rate_id": key,
            "label": rate["name"],
            "compound": rate["compound"],
            "tax_total": str(cart.get(key, Decimal("0.00"))),
            "shipping_tax_total": str(shipping.get(key, Decimal("0.00"))),
            "rate_percent": number(float(rate["rate"])),
            "meta_data": [],
        }
        for key, rate in sorted(used.items())
    ]
    order["_precise"] = True
    set_totals(order, sum(cart.values(), Decimal(0)), sum(shipping.values(), Decimal(0)), keep)


def _shipping_class(order: Record) -> str | None:
    """Shipping inherits the tax class of what is shipped, standard before the others; without any it is not taxed."""
    bought = {line["tax_class"] for line in order["line_items"] if line.get("_taxable", True)}
    return next((one for one in ("", "reduced-rate", "zero-rate") if one in bought), None)


def _fee_taxes(
    order: Record, fee: Record, rates: Sequence[Record], place: Place
) -> tuple[dict[int, Decimal], list[Record]]:
    """A fee is taxed by its class; a negative one takes back tax in proportion to the classes of what was bought."""
    total = decimal_of(fee["total"])
    if fee.get("tax_status", "taxable") != "taxable":
        return {}, []
    if total >= 0:
        fitting = rates_for(rates, place, fee["tax_class"])
        return taxes_on(total, fitting), fitting
    costs: dict[str, Decimal] = {}
    for line in order["line_items"]:
        tax_class = line["tax_class"] if line.get("_taxable", True) else "non-taxable"
        costs[tax_class] = costs.get(tax_class, Decimal(0)) + decimal_of(line["total"])
    whole = sum(costs.values(), Decimal(0))
    taxes: dict[int, Decimal] = {}
    used: list[Record] = []
    for tax_class, cost in costs.items():
        if tax_class == "non-taxable" or not whole:
            continue
        fitting = rates_for(rates, place, tax_class)
        used += fitting
        for key, tax in taxes_on(total * cost / whole, fitting).items():
            taxes[key] = taxes.get(key, Decimal(0)) + tax
    return taxes, used


def set_totals(order: Record, cart_tax: Decimal, shipping_tax: Decimal, keep: Callable[[Decimal], Decimal]) -> None:
    """Sums of the parts, each line as `keep` rounds it: total = lines + fees + shipping + tax by construction."""
    lines = sum((keep(decimal_of(line["total"])) for line in order["line_items"]), Decimal(0))
    before = sum((keep(decimal_of(line["subtotal"])) for line in order["line_items"]), Decimal(0))
    fees = sum((decimal_of(fee["total"]) for fee in order["fee_lines"]), Decimal(0))
    carriage = sum((decimal_of(line["total"]) for line in order["shipping_lines"]), Decimal(0))
    tax = cents(cart_tax + shipping_tax)
    discount_tax = sum(
        (
            decimal_of(rate["subtotal"]) - decimal_of(rate["total"])
            for line in order["line_items"]
            for rate in line["taxes"]
        ),
        Decimal(0),
    )
    order["discount_total"] = str(before - lines)
    order["discount_tax"] = str(discount_tax)  # from unrounded taxes, unlike the lines' own
    order["shipping_total"] = str(carriage)
    order["shipping_tax"] = str(shipping_tax)
    order["cart_tax"] = str(cart_tax)
    order["total_tax"] = str(tax)
    order["total"] = str(cents(lines + fees + carriage + cart_tax + shipping_tax))


def _collect(into: dict[int, Decimal], taxes: dict[int, Decimal], keep: Any) -> None:
    for key, tax in taxes.items():
        into[key] = into.get(key, Decimal(0)) + keep(tax)
