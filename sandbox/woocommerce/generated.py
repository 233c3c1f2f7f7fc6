"""A made-up shop of any size: orders, refunds, products and customers as pure functions of a seed; nothing is stored.

An order is made when it is asked for. Only its head (status, times, customer) is kept for all, so that 20,000 orders
cost a few megabytes. In every order total = lines + fees + shipping + tax; money is in the shop's currency.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from .dates import gmt_text
from .options import Options

Record = dict[str, Any]

FIRST_ORDER = 10_001
FIRST_PRODUCT = 101
SIMPLE_PRODUCTS = 180
VARIABLE_PRODUCTS = 10
FIRST_CUSTOMER = 11

_STATUSES = (
    ("completed", 46),
    ("processing", 30),
    ("on-hold", 7),
    ("pending", 5),
    ("cancelled", 5),
    ("refunded", 4),
    ("failed", 3),
)
_METHODS = (
    ("stripe", "Credit / Debit Card", 55),
    ("paypal", "PayPal", 20),
    ("bacs", "Direct bank transfer", 9),
    ("cheque", "Check payments", 6),
    ("cod", "Cash on delivery", 6),
    ("purchase_order_gateway", "Purchase Order", 4),
)
_METHOD_WEIGHTS = tuple((method, weight) for method, _, weight in _METHODS)
_METHOD_TITLES = {method: title for method, title, _ in _METHODS}
# State, city, postcode, tax in thousandths of a percent, rate id, whether shipping is taxed
_PLACES = (
    ("MD", "Baltimore", "21201", 6000, 1, False),
    ("CA", "Los Angeles", "90012", 9500, 2, True),
    ("NY", "New York", "10118", 8875, 3, True),
    ("PA", "Pittsburgh", "15222", 6000, 4, True),
    ("TX", "Austin", "78701", 8250, 5, True),
    ("WA", "Seattle", "98101", 10250, 6, True),
    ("OR", "Portland", "97204", 0, 0, False),
    ("NH", "Concord", "03301", 0, 0, False),
)
_FIRST = ("Ada", "Ben", "Chloé", "Dmitri", "Elif", "Frank", "Grace", "Hiroshi", "Inés", "Jane", "Kofi", "Łukasz")
_LAST = ("Miller", "O'Neil", "García", "Smith", "Żółć", "Baker", "Nguyen", "van Dyk", "Johnson", "Müller", "Lee", "Ito")
_COMPANIES = ("", "", "", "", "Acme & Sons, Inc.", "Harbor Supply", "Blue Door LLC", "Northwind Traders")
_THINGS = (
    "Anvil",
    "Jacket",
    "Lamp",
    "Notebook",
    "Wrench",
    "Mug",
    "Rope",
    "Chair",
    "Cable",
    "Bolt set",
    "Poster",
    "Soap",
)
_SIZES = ("S", "M", "L")


class Head(NamedTuple):
    """What lists filter and sort by: times are GMT text, status as in the API."""

    status: str
    created: str
    modified: str
    customer: int


class GeneratedShop:
    """The generated orders by id (FIRST_ORDER, then every second id; an order's refund has the id after it)."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._start = datetime.fromisoformat(options.generated_start).replace(tzinfo=UTC)

    def order_ids(self) -> Iterator[int]:
        return iter(range(FIRST_ORDER, FIRST_ORDER + 2 * self.options.generated, 2))

    def __contains__(self, order_id: int) -> bool:
        index, odd = divmod(order_id - FIRST_ORDER, 2)
        return not odd and 0 <= index < self.options.generated

    def _random(self, order_id: int) -> random.Random:
        return random.Random(self.options.seed * 1_000_003 + order_id)

    def head(self, order_id: int) -> Head:
        return self._head(order_id, self._random(order_id))[0]

    def _head(self, order_id: int, dice: random.Random) -> tuple[Head, datetime]:
        index = (order_id - FIRST_ORDER) // 2
        apart = self.options.generated_seconds_apart
        created = self._start + timedelta(seconds=index * apart + int(dice.random() * apart))
        status = _weighed(_STATUSES, dice)
        later = {"pending": 0, "failed": 60, "processing": 40, "on-hold": 20}.get(status, 36 * 3600)
        modified = created + timedelta(seconds=int(later * (0.5 + dice.random())))
        customer = FIRST_CUSTOMER + int(dice.random() * self.customer_count) if dice.random() < 0.6 else 0
        return Head(status, gmt_text(created), gmt_text(modified), customer), created

    @property
    def customer_count(self) -> int:
        return max(5, min(2000, self.options.generated // 10))

    def refunded_part(self, order_id: int) -> str:
        """'' (no refund), 'full' or 'line' (the first line), as the order's head decides."""
        status = self.head(order_id).status
        if status == "refunded":
            return "full"
        paid = status in ("completed", "processing")
        return "line" if paid and order_id % 50 == 1 else ""

    def refund_ids(self) -> Iterator[tuple[int, int]]:
        """(refund id, order id) of every generated refund."""
        return ((one + 1, one) for one in self.order_ids() if self.refunded_part(one))

    def order(self, order_id: int) -> Record:
        """The stored form of an order; KeyError if there is none of this id."""
        if order_id not in self:
            raise KeyError(order_id)
        dice = self._random(order_id)
        head, created = self._head(order_id, dice)
        method, title = _method(dice)
        state, city, postcode, rate, rate_id, shipping_taxed = _PLACES[int(dice.random() ** 1.5 * len(_PLACES))]
        person = self.person(head.customer, dice)
        address = {
            "first_name": person["first_name"],
            "last_name": person["last_name"],
            "company": person["company"],
            "address_1": f"{1 + int(dice.random() * 900)} Main St",
            "address_2": "",
            "city": city,
            "state": state,
            "postcode": postcode,
            "country": "US",
        }
        lines, lines_total, lines_tax = [], 0, 0
        for index in range(1 + int(dice.random() ** 2 * 5)):
            line, total, tax = self._line(order_id * 20 + index, dice, rate, rate_id)
            lines.append(line)
            lines_total += total
            lines_tax += tax
        carriage = 0 if lines_total > 15000 else 795
        carriage_tax = _tax(carriage, rate) if shipping_taxed else 0
        fees = []
        if method == "cod":
            fees.append(_fee(order_id * 20 + 15, 250, _tax(250, rate), rate_id))
            lines_tax += _tax(250, rate)
        fee_total = 250 if fees else 0
        tax_total = lines_tax + carriage_tax
        total = lines_total + carriage + fee_total + tax_total
        paid = head.status in ("processing", "completed", "refunded") and not (
            method == "cod" and head.status == "processing"
        )
        paid_at = gmt_text(created + timedelta(seconds=30)) if paid else None
        done_at = head.modified if head.status in ("completed",) else None
        number = str(order_id)
        meta = []
        if method == "stripe" and paid:
            fee = (total * 29 + 500) // 1000 + 30
            meta += [("_stripe_fee", _text(fee)), ("_stripe_net", _text(total - fee)), ("_stripe_currency", "USD")]
        if method == "purchase_order_gateway":
            meta.append(("_po_number", f"PO-{order_id % 9973:05d}"))
        refunds: list[Record] = []
        part = self.refunded_part(order_id)
        if part:
            amount = total if part == "full" else _cents(lines[0]["total"]) + _cents(lines[0]["total_tax"])
            refunds.append({"id": order_id + 1, "reason": _reason(part), "total": _text(-amount)})
        currency = self.options.currency
        return {
            "id": order_id,
            "parent_id": 0,
            "status": head.status,
            "currency": currency,
            "version": self.options.full_version,
            "prices_include_tax": self.options.prices_include_tax,
            "date_created": None,
            "date_modified": None,
            "discount_total": "0.00",
            "discount_tax": "0.00",
            "shipping_total": _text(carriage),
            "shipping_tax": _text(carriage_tax),
            "cart_tax": _text(lines_tax),
            "total": _text(total),
            "total_tax": _text(tax_total),
            "customer_id": head.customer,
            "order_key": f"wc_order_{random.Random(order_id).getrandbits(52):013x}",
            "billing": {**address, "email": person["email"], "phone": person["phone"]},
            "shipping": {**address, "phone": ""},
            "payment_method": method,
            "payment_method_title": title,
            "transaction_id": f"ch_{order_id:012d}" if method == "stripe" and paid else "",
            "customer_ip_address": "127.0.0.1",
            "customer_user_agent": "",
            "created_via": "checkout",
            "customer_note": "Please ring" if order_id % 40 == 3 else "",
            "date_completed": None,
            "date_paid": None,
            "cart_hash": "",
            "number": number,
            "meta_data": [
                {"id": order_id * 20 + index, "key": key, "value": value} for index, (key, value) in enumerate(meta)
            ],
            "line_items": lines,
            "tax_lines": [
                {
                    "id": order_id * 20 + 17,
                    "rate_code": f"US-{state}-{state} TAX-1",
                    "rate_id": rate_id,
                    "label": f"{state} Tax",
                    "compound": False,
                    "tax_total": _text(lines_tax),
                    "shipping_tax_total": _text(carriage_tax),
                    "rate_percent": rate // 1000 if rate % 1000 == 0 else rate / 1000,
                    "meta_data": [],
                }
            ]
            if rate
            else [],
            "shipping_lines": [
                {
                    "id": order_id * 20 + 16,
                    "method_title": "Ground shipping" if carriage else "Free shipping",
                    "method_id": "flat_rate" if carriage else "free_shipping",
                    "instance_id": "1",
                    "total": _text(carriage),
                    "total_tax": _text(carriage_tax),
                    "taxes": [{"id": rate_id, "total": _text(carriage_tax), "subtotal": ""}] if carriage_tax else [],
                    "tax_status": "taxable",
                    "meta_data": [],
                }
            ],
            "fee_lines": fees,
            "coupon_lines": [],
            "refunds": refunds,
            "payment_url": "",
            "is_editable": head.status in ("pending", "on-hold"),
            "needs_payment": head.status in ("pending", "failed"),
            "needs_processing": True,
            "date_created_gmt": head.created,
            "date_modified_gmt": head.modified,
            "date_completed_gmt": done_at,
            "date_paid_gmt": paid_at,
            "currency_symbol": "$" if currency == "USD" else currency,
        }

    def _line(self, line_id: int, dice: random.Random, rate: int, rate_id: int) -> tuple[Record, int, int]:
        quantity = 1 + int(dice.random() ** 3 * 6)
        variable = dice.random() < 0.15
        if variable:
            parent = FIRST_PRODUCT + SIMPLE_PRODUCTS + 4 * int(dice.random() * VARIABLE_PRODUCTS)
            variation = parent + 1 + int(dice.random() * len(_SIZES))
            size = _SIZES[variation - parent - 1]
            product, name, price = parent, f"{_name(parent)} - {size}", _price(parent)
            sku = "" if self.options.variations_without_sku else f"{_sku(parent)}-{size}"
            sku = sku or _sku(parent)
            meta = [
                {"id": line_id, "key": "pa_size", "value": size.lower(), "display_key": "Size", "display_value": size}
            ]
        else:
            product, variation = FIRST_PRODUCT + int(dice.random() * SIMPLE_PRODUCTS), 0
            name, price, sku, meta = _name(product), _price(product), _sku(product), []
        total = price * quantity
        tax = _tax(total, rate)
        line = {
            "id": line_id,
            "name": name,
            "product_id": product,
            "variation_id": variation,
            "quantity": quantity,
            "tax_class": "",
            "subtotal": _text(total),
            "subtotal_tax": _text(tax),
            "total": _text(total),
            "total_tax": _text(tax),
            "taxes": [{"id": rate_id, "total": _text(tax), "subtotal": _text(tax)}] if rate else [],
            "meta_data": meta,
            "sku": sku,
            "price": price // 100 if price % 100 == 0 else price / 100,
            "image": {"id": "", "src": ""},
            "parent_name": _name(product) if variation else None,
        }
        return line, total, tax

    def refund(self, refund_id: int) -> Record:
        """The refund of an order (its id is the order's plus one); KeyError if there is none."""
        order_id = refund_id - 1
        part = self.refunded_part(order_id) if order_id in self else ""
        if not part:
            raise KeyError(refund_id)
        order = self.order(order_id)
        lines = order["line_items"] if part == "full" else order["line_items"][:1]
        back = [_negated_line(line, index) for index, line in enumerate(lines)]
        carriage = order["shipping_lines"] if part == "full" and _cents(order["shipping_total"]) else []
        fees = order["fee_lines"] if part == "full" else []
        return {
            "id": refund_id,
            "parent_id": order_id,
            "date_created": None,
            "date_created_gmt": order["date_modified_gmt"],
            "amount": order["refunds"][0]["total"].lstrip("-"),
            "reason": _reason(part),
            "refunded_by": 1,
            "refunded_payment": False,
            "meta_data": [],
            "line_items": back,
            "shipping_lines": [_negated(line, refund_id * 20 + 10) for line in carriage],
            "tax_lines": [
                {
                    **tax,
                    "tax_total": _text(sum(_cents(one["total_tax"]) for one in [*back, *map(_minus, fees)])),
                    "shipping_tax_total": _text(-sum(_cents(one["total_tax"]) for one in carriage)),
                }
                for tax in order["tax_lines"]
            ],
            "fee_lines": [_negated(fee, refund_id * 20 + 15) for fee in fees],
        }

    def person(self, customer: int, dice: random.Random) -> Record:
        """Name, company, mail and phone: the customer's own, or a guest's."""
        if customer:
            dice = random.Random(self.options.seed * 77_003 + customer)
        first, last = _FIRST[int(dice.random() * len(_FIRST))], _LAST[int(dice.random() * len(_LAST))]
        tail = customer or int(dice.random() * 90_000)
        return {
            "first_name": first,
            "last_name": last,
            "company": _COMPANIES[int(dice.random() * len(_COMPANIES))],
            "email": f"{'customer' if customer else 'guest'}{tail}@example.com",
            "phone": f"410-555-{tail % 10_000:04d}",
        }

    def customers(self) -> dict[int, Record]:
        found = {}
        for customer in range(FIRST_CUSTOMER, FIRST_CUSTOMER + self.customer_count):
            person = self.person(customer, random.Random(0))
            address = {key: person[key] for key in ("first_name", "last_name", "company")} | {
                "address_1": "1 Main St",
                "address_2": "",
                "city": "Baltimore",
                "postcode": "21201",
                "country": "US",
                "state": "MD",
            }
            found[customer] = {
                "id": customer,
                "date_created": None,
                "date_created_gmt": gmt_text(self._start),
                "date_modified": None,
                "date_modified_gmt": gmt_text(self._start),
                "email": person["email"],
                "first_name": person["first_name"],
                "last_name": person["last_name"],
                "role": "customer",
                "username": f"customer{customer}",
                "billing": {**address, "email": person["email"], "phone": person["phone"]},
                "shipping": {**address, "phone": ""},
                "is_paying_customer": True,
                "avatar_url": "",
                "meta_data": [],
            }
        return found

    def products(self, template: Record) -> dict[int, Record]:
        """Simple and variable products; `template` is any product of the API, for the fields that do not matter."""
        found = {}
        for product in range(FIRST_PRODUCT, FIRST_PRODUCT + SIMPLE_PRODUCTS):
            found[product] = self._product(template, product, "simple")
        for index in range(VARIABLE_PRODUCTS):
            parent = FIRST_PRODUCT + SIMPLE_PRODUCTS + 4 * index
            record = self._product(template, parent, "variable")
            record.update(
                manage_stock=False,
                stock_quantity=None,
                regular_price="",
                variations=[parent + 1 + one for one in range(len(_SIZES))],
                attributes=[
                    {
                        "id": 1,
                        "name": "Size",
                        "slug": "pa_size",
                        "position": 0,
                        "visible": True,
                        "variation": True,
                        "options": list(_SIZES),
                    }
                ],
            )
            found[parent] = record
        return found

    def _product(self, template: Record, product: int, kind: str) -> Record:
        slug = f"{_name(product).lower().replace(' ', '-')}"
        price = _text(_price(product))
        return {
            **template,
            "id": product,
            "name": _name(product),
            "slug": slug,
            "permalink": f"/product/{slug}/",
            "type": kind,
            "date_created_gmt": gmt_text(self._start),
            "date_modified_gmt": gmt_text(self._start),
            "sku": _sku(product),
            "price": price,
            "regular_price": price,
            "manage_stock": True,
            "stock_quantity": 1000 + product,
            "total_sales": 0,
            "related_ids": [],
        }

    def variations(self, template: Record) -> dict[int, Record]:
        found = {}
        for index in range(VARIABLE_PRODUCTS):
            parent = FIRST_PRODUCT + SIMPLE_PRODUCTS + 4 * index
            for place, size in enumerate(_SIZES):
                price = _text(_price(parent))
                found[parent + 1 + place] = {
                    **template,
                    "id": parent + 1 + place,
                    "date_created_gmt": gmt_text(self._start),
                    "date_modified_gmt": gmt_text(self._start),
                    "sku": f"{_sku(parent)}-{size}",
                    "price": price,
                    "regular_price": price,
                    "manage_stock": True,
                    "stock_quantity": 100 + place,
                    "stock_status": "instock",
                    "attributes": [{"id": 1, "name": "Size", "slug": "pa_size", "option": size}],
                    "name": size,
                    "parent_id": parent,
                }
        return found

    def taxes(self) -> list[Record]:
        return [
            {
                "id": rate_id,
                "country": "US",
                "state": state,
                "postcode": "",
                "city": "",
                "rate": f"{rate / 1000:.4f}",
                "name": f"{state} Tax",
                "priority": 1,
                "compound": False,
                "shipping": taxed,
                "order": 0,
                "class": "standard",
                "postcodes": [],
                "cities": [],
            }
            for state, _city, _postcode, rate, rate_id, taxed in _PLACES
            if rate
        ]


def _weighed(choices: tuple[tuple[str, int], ...], dice: random.Random) -> str:
    left = dice.random() * sum(weight for _, weight in choices)
    for name, weight in choices:
        left -= weight
        if left < 0:
            return name
    return choices[-1][0]


def _method(dice: random.Random) -> tuple[str, str]:
    name = _weighed(_METHOD_WEIGHTS, dice)
    return name, _METHOD_TITLES[name]


def _name(product: int) -> str:
    return f"{_THINGS[product % len(_THINGS)]} {product}"


def _sku(product: int) -> str:
    return f"SKU-{product:05d}"


def _price(product: int) -> int:
    return 199 + (product * 7919) % 14_800


def _tax(net: int, rate: int) -> int:
    """Cents of tax, half up; the rate is in thousandths of a percent."""
    return (net * rate + 50_000) // 100_000


def _text(cents: int) -> str:
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def _cents(text: str) -> int:
    return int(text.replace(".", ""))


def _reason(part: str) -> str:
    return "cancelled by shop" if part == "full" else "damaged"


def _fee(fee_id: int, net: int, tax: int, rate_id: int) -> Record:
    return {
        "id": fee_id,
        "name": "Cash on delivery fee",
        "tax_class": "",
        "tax_status": "taxable",
        "amount": "",
        "total": _text(net),
        "total_tax": _text(tax),
        "taxes": [{"id": rate_id, "total": _text(tax), "subtotal": ""}] if tax else [],
        "meta_data": [],
    }


def _minus(part: Record) -> Record:
    return {**part, "total": _text(-_cents(part["total"])), "total_tax": _text(-_cents(part["total_tax"]))}


def _negated(part: Record, new_id: int) -> Record:
    """A shipping or fee line with its amounts turned, pointing at the line that it refunds."""
    back = _minus(part) | {"id": new_id}
    back["taxes"] = [{**tax, "total": _text(-_cents(tax["total"]))} for tax in part["taxes"]]
    back["meta_data"] = [_refunded_item(new_id, part["id"])]
    return back


def _negated_line(line: Record, index: int) -> Record:
    new_id = line["id"] * 2 + index
    back = _negated(line, new_id)
    back["quantity"] = -line["quantity"]
    for key in ("subtotal", "subtotal_tax"):
        back[key] = _text(-_cents(line[key]))
    back["taxes"] = [{**tax, "subtotal": _text(-_cents(tax["subtotal"]))} for tax in back["taxes"]]
    return back


def _refunded_item(meta_id: int, item_id: int) -> Record:
    text = str(item_id)
    return {
        "id": meta_id,
        "key": "_refunded_item_id",
        "value": text,
        "display_key": "_refunded_item_id",
        "display_value": text,
    }
