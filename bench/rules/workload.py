"""The orders that all engines judge: 20,000 as a web shop has them, the same in every run; changes with the workload.

Records are in the form that our rules read (nested mappings that mirror the language's paths): an order of 25 scalars,
11 fields of billing, 9 of shipping, 1 to 8 lines of 8 fields (2.77 on average), 1 or 2 payments, 3 entries of meta data.
"""

import random
from datetime import date
from decimal import Decimal
from typing import Any, Final

TODAY: Final = date(2026, 1, 31)
COUNT: Final = 20_000
SEED: Final = 7
_STATES = """
AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ
NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY
"""
STATES: Final = tuple(_STATES.split())
SKUS: Final = tuple(f"SKU-{number:03}" for number in range(250))
TAX_CODES: Final = {state: f"Tax {state}" for state in STATES}
CLASSES: Final = {sku: f"Class {number % 7}" for number, sku in enumerate(SKUS[:200])}
_PHONES = ("(410) 555-0100", "410-555-0100", "+1 410 555 0100", "4105550100")
_ZERO = Decimal("0.00")


def orders(count: int = COUNT) -> list[dict[str, Any]]:
    """The orders, made up from the seed."""
    random_ = random.Random(SEED)
    return [_order(random_, number) for number in range(count)]


def _order(random_: random.Random, number: int) -> dict[str, Any]:
    pick, chance = random_.choice, random_.random
    lines = [
        _line(random_, number, place) for place in range(random_.choices(range(1, 9), (35, 22, 14, 10, 7, 5, 4, 3))[0])
    ]
    total = sum((line["amount"] for line in lines), _ZERO)
    payments = [{"id": "p1", "type": "card", "method": "Card", "amount": total}]
    if chance() < 0.12:
        payments.append({"id": "p2", "type": "credit", "method": "Store credit", "amount": Decimal("5.00")})
    method = pick(("stripe", "paypal", "cod", "invoice", "bacs", "purchase_order"))
    street = f"{number} Main Street"
    name = {"first_name": "Jane", "last_name": "Doe", "company": "" if chance() < 0.8 else "Acme"}
    order = {
        "id": str(number),
        "parent_id": "0",
        "number": f"{'#' if chance() < 0.7 else ''}{1_000_000 + number}",
        "order_key": f"wc_order_{number:x}",
        "store": pick(("checkout", "checkout", "pos", "admin")),
        "version": "9.4.2",
        "status": pick(("processing", "completed", "on-hold")),
        "currency": "USD",
        "created": TODAY,
        "modified": TODAY,
        "total": total if chance() > 0.024 else Decimal("0.50"),
        "tax_total": _ZERO if chance() < 0.4 else Decimal("3.10"),
        "shipping_total": Decimal("5.00"),
        "shipping_tax": _ZERO,
        "discount_total": _ZERO,
        "discount_tax": _ZERO,
        "prices_include_tax": chance() < 0.1,
        "customer_id": "0" if chance() < 0.35 else str(number % 900 + 1),
        "customer_ip": "192.0.2.7",
        "note": "" if chance() < 0.8 else "Leave at the door",
        "payment_method_id": method,
        "payment_method": method.title(),
        "transaction_id": f"ch_{number}",
        "cart_hash": f"{number * 7919:032x}",
        "register_id": None if chance() < 0.6 else pick("1234"),
        "lines": lines,
        "payments": payments,
        "meta": {"_a": "1", "_b": "2", "_c": "3"},
    }
    return {
        "order": order,
        "customer": {"id": order["customer_id"]},
        "bill_to": {
            **name,
            "line_1": street,
            "line_2": "",
            "city": "Baltimore",
            "state": pick(STATES),
            "postal_code": "21201",
            "country": "US",
            "email": f"jane{number}@shop.example",
            "phone": pick(_PHONES),
        },
        "ship_to": {
            **name,
            "line_1": street,
            "line_2": "",
            "city": "Baltimore",
            "state": pick(STATES),
            "postal_code": "21201",
            "country": pick(("US", "US", "US", "CA", "")),
        },
        "books": {},
    }


def _line(random_: random.Random, number: int, place: int) -> dict[str, Any]:
    quantity = Decimal(random_.choice((1, 1, 1, 2, 3, 5, 12)))
    price = Decimal(random_.randrange(0, 12_000)) / 100 if random_.random() > 0.03 else _ZERO
    sku = f"GC-{place}" if random_.random() < 0.04 else random_.choice(SKUS)
    return {
        "id": str(number * 10 + place),
        "sku": sku,
        "name": f"Product {sku}",
        "product_id": str(place),
        "quantity": quantity,
        "unit_price": price,
        "amount": quantity * price,
        "tax_code": "",
    }
