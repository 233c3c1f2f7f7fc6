"""The workload's rules as a programmer would write them in Python, tuned and plain; changes with what the rules mean.

Both mean what the rules mean: they work on their own copy, missing is null, absent or blank, texts compare folded and
trimmed. What a rule set does beyond that they do not: they say neither which rules fired nor what changed, and a leaf
of the wrong kind is not looked for.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bench.rules.workload import CLASSES, TAX_CODES
from dsl.values import fold

Told = tuple[str, str | None, str | None, dict[str, Any], tuple[Any, ...]]
"""Outcome, reason, rule, the record afterwards, and what is left out."""

_TAX = {fold(state): code for state, code in TAX_CODES.items()}
_CLASSES = {fold(sku): class_ for sku, class_ in CLASSES.items()}
PHONE = re.compile("[^0-9+]")
_ONE, _TEN, _ZERO, _LARGE = Decimal("1.00"), Decimal(10), Decimal("0.00"), Decimal("500.00")


def tuned(
    record: dict[str, Any],
    tax: dict[str, str] = _TAX,
    classes: dict[str, str] = _CLASSES,
    phone_sub: Any = PHONE.sub,
    fold: Callable[[str], str] = fold,
    one: Decimal = _ONE,
    ten: Decimal = _TEN,
    zero: Decimal = _ZERO,
    large: Decimal = _LARGE,
) -> Told:
    """Tuned: everything in locals, each text folded once, one loop over the lines."""
    result = dict(record)
    order = result["order"] = record["order"].copy()
    bill_to = result["bill_to"] = record["bill_to"].copy()
    ship_to = result["ship_to"] = record["ship_to"].copy()
    books = result["books"] = record["books"].copy()
    lines = order["lines"] = [line.copy() for line in order["lines"]]
    total = order.get("total")
    if total is not None and total < one:
        return "skip", "Total under 1.00", "Tiny orders", result, ()
    left: list[Any] = []
    payments = []
    for place, payment in enumerate(order["payments"], 1):
        kind = payment.get("type")
        amount = payment.get("amount")
        if (
            kind
            and (kind.strip().lower() if kind.isascii() else fold(kind)) == "credit"
            and amount is not None
            and amount > zero
        ):
            left.append(("payment", payment.get("id"), place, "Paid by credit", "Credit payments"))
        else:
            payments.append(payment)
    order["payments"] = payments
    number = order.get("number")
    if number and number.strip():
        order["number"] = "WC-" + number.replace("#", "")
    phone = bill_to.get("phone")
    if phone and phone.strip():
        bill_to["phone"] = phone_sub("", phone)
    register = order.get("register_id")
    register = (register.strip().lower() if register.isascii() else fold(register)) if register else ""
    state = ship_to.get("state")
    if register == "1":
        ship_to["state"] = state = "MD"
    elif register == "2":
        ship_to["state"] = state = "VA"
    state = (state.strip().lower() if state.isascii() else fold(state)) if state else ""
    country = ship_to.get("country")
    country = (country.strip().lower() if country.isascii() else fold(country)) if country else ""
    if not country:
        ship_to["country"] = "US"
        country = "us"
    method = order.get("payment_method_id")
    method = (method.strip().lower() if method.isascii() else fold(method)) if method else ""
    if method == "cod":
        books["terms"] = "Due on receipt"
    store = order.get("store")
    if store and (store.strip().lower() if store.isascii() else fold(store)) == "pos":
        order["channel"] = "Retail"
    guest = record["customer"].get("id")
    if guest and (guest.strip().lower() if guest.isascii() else fold(guest)) == "0":
        books["customer"] = "Web guest"
    status = order.get("status")
    if status and (status.strip().lower() if status.isascii() else fold(status)) == "processing":
        books["transaction_type"] = "sales_receipt"
    if order.get("prices_include_tax") is True:
        books["memo"] = "Prices include tax"
    books["tax_code"] = tax.get(state, "Out of area")
    for line in lines:
        sku = line.get("sku")
        sku = (sku.strip().lower() if sku.isascii() else fold(sku)) if sku else ""
        line["class"] = classes.get(sku, "Other")
        if sku.startswith("gc-"):
            line["tax_code"] = "Non"
        quantity = line.get("quantity")
        if quantity is not None and quantity >= ten:
            line["account"] = "Wholesale"
        amount = line.get("amount")
        if amount is not None and amount == zero:
            name = line.get("name")
            if name and name.strip():
                line["name"] = name + " (free)"
    if total is not None and total >= large and country in ("us", "ca", "mx") and state not in ("ak", "hi"):
        books["ship_via"] = "Freight"
    company = bill_to.get("company")
    if method in ("purchase_order", "invoice") or (company and company.strip()):
        taxes = order.get("tax_total")
        if taxes is None or taxes == zero:
            books["class"] = "Exempt"
    return "sync", None, None, result, tuple(left)


def plain(record: dict[str, Any]) -> Told:
    """Rule by rule, as one would write it who has better things to do."""
    result = _copied(record)
    order, bill_to, ship_to, books = result["order"], result["bill_to"], result["ship_to"], result["books"]
    if order.get("total") is not None and order["total"] < Decimal("1.00"):
        return "skip", "Total under 1.00", "Tiny orders", result, ()
    left = []
    for number, payment in enumerate(record["order"]["payments"], 1):
        if folded(payment.get("type")) == "credit" and payment.get("amount") is not None and payment["amount"] > 0:
            left.append(("payment", payment.get("id"), number, "Paid by credit", "Credit payments"))
            order["payments"] = [each for each in order["payments"] if each is not payment]
    if present(order.get("number")):
        order["number"] = order["number"].replace("#", "")
    if present(order.get("number")):
        order["number"] = f"WC-{order['number']}"
    if present(bill_to.get("phone")):
        bill_to["phone"] = re.sub("[^0-9+]", "", bill_to["phone"])
    if folded(order.get("register_id")) == "1":
        ship_to["state"] = "MD"
    if folded(order.get("register_id")) == "2":
        ship_to["state"] = "VA"
    if not present(ship_to.get("country")):
        ship_to["country"] = "US"
    if folded(order.get("payment_method_id")) == "cod":
        books["terms"] = "Due on receipt"
    if folded(order.get("store")) == "pos":
        order["channel"] = "Retail"
    if folded(record["customer"].get("id")) == "0":
        books["customer"] = "Web guest"
    if folded(order.get("status")) == "processing":
        books["transaction_type"] = "sales_receipt"
    if order.get("prices_include_tax") is True:
        books["memo"] = "Prices include tax"
    books["tax_code"] = _TAX.get(folded(ship_to.get("state")), "Out of area")
    for line in order["lines"]:
        line["class"] = _CLASSES.get(folded(line.get("sku")), "Other")
    for line in order["lines"]:
        if folded(line.get("sku")).startswith("gc-"):
            line["tax_code"] = "Non"
    for line in order["lines"]:
        if line.get("quantity") is not None and line["quantity"] >= 10:
            line["account"] = "Wholesale"
    for line in order["lines"]:
        if line.get("amount") is not None and line["amount"] == 0 and present(line.get("name")):
            line["name"] = f"{line['name']} (free)"
    if (
        folded(ship_to.get("country")) in ("us", "ca", "mx")
        and order.get("total") is not None
        and order["total"] >= Decimal("500.00")
        and folded(ship_to.get("state")) not in ("ak", "hi")
    ):
        books["ship_via"] = "Freight"
    exempt = folded(order.get("payment_method_id")) in ("purchase_order", "invoice") or present(bill_to.get("company"))
    if exempt and (order.get("tax_total") or 0) == 0:
        books["class"] = "Exempt"
    return "sync", None, None, result, tuple(left)


def _copied(record: dict[str, Any]) -> dict[str, Any]:
    """The record with a copy of everything that rules may write."""
    result = dict(record)
    for root in ("order", "bill_to", "ship_to", "books"):
        result[root] = dict(record[root])
    result["order"]["lines"] = [dict(line) for line in record["order"]["lines"]]
    result["order"]["payments"] = list(record["order"]["payments"])
    return result


def folded(text: str | None) -> str:
    """A text as it compares, "" where it is missing."""
    return fold(text) if text else ""


def present(text: str | None) -> bool:
    """Whether a text is there."""
    return bool(text and text.strip())
