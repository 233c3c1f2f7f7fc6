"""What one order that can never be posted costs the others: a shop's orders with it and without it, kind by kind.

Among CLOUDCART_BENCH_POISONED orders (1,000) one fails a rule, takes more steps than rules may, is in a currency that the books do
not have, or has a note of 5 MB (which is posted). Compared is the time of a processor that the worker takes, which other
programs on the machine do not lengthen. Goal: less than 5 % more for each kind.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from bench.syncing import child, measured

NUMBER = int(os.environ.get("CLOUDCART_BENCH_POISONED", "1000"))
RULES = """
rule "Euro limit" for order when order.note is "currencies" and order.total > 5.00 EUR then skip "small" end
rule "Compare" for each line in order.lines where count(order.lines where line.name is "no such") > 0 then tag "same" end
"""
_LINE = {"sku": "STK-001", "quantity": 1, "subtotal": "1.00", "total": "1.00"}
POISONS: Mapping[str, dict[str, Any]] = {
    "a rule fails": {"customer_note": "currencies", "line_items": [_LINE]},
    "too many steps": {"line_items": [_LINE] * 510},
    "another currency": {"currency": "JPY", "line_items": [_LINE]},
    "a note of 5 MB": {"customer_note": "y" * 5_000_000, "line_items": [_LINE]},
}


def run() -> None:
    clean = child("bench.poisoned")
    print(
        f"  {NUMBER:,} orders: {clean['at_work']:.1f} s of a processor, {clean['whole_a_second']:.0f} orders a second"
    )
    for kind in POISONS:
        found = child("bench.poisoned", kind)
        more = found["at_work"] / clean["at_work"] - 1
        print(f"  one among them, {kind}: {found['at_work']:.1f} s, {more:+.1%} (goal: under 5 %)")


def plant(shop: Mapping[str, Any], kind: str) -> None:
    """Put a poisoned order into a shop that is at work."""
    import requests

    answer = requests.post(
        f"{shop['base_url']}/__sandbox__/orders",
        json={"status": "processing", "set_paid": True, "payment_method": "stripe", **POISONS[kind]},
        timeout=60,
    )
    answer.raise_for_status()


def main(kinds: list[str]) -> None:
    def put(shop: Mapping[str, Any]) -> None:
        for kind in kinds:
            plant(shop, kind)

    print(json.dumps(measured("sales_receipt", NUMBER, rules=RULES, plant=put)))


if __name__ == "__main__":
    main(sys.argv[1:])
