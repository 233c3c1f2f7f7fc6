"""The recorded shop, as the tests of this folder read it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "fixtures" / "woocommerce"
SHOP = FOLDER / "shop-usd"

Json = dict[str, Any]


def exchange(name: str) -> Json:
    """One recorded exchange: note, request, response."""
    told: Json = json.loads((SHOP / name).read_text(encoding="utf-8"))
    return told


def body(name: str) -> Any:
    return exchange(name)["response"]["body"]


@cache
def _text() -> str:
    orders: dict[int, Json] = {}
    for path in sorted(SHOP.glob("orders_page_*.json")):
        orders |= {order["id"]: order for order in json.loads(path.read_text(encoding="utf-8"))["response"]["body"]}
    for path in sorted(SHOP.glob("order_*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        order = told["response"]["body"]
        if isinstance(order, dict) and "line_items" in order and "dp=" not in told["request"]["url"]:
            orders.setdefault(order["id"], order)
    for order in json.loads((SHOP / "orders_status_trash.json").read_text(encoding="utf-8"))["response"]["body"]:
        orders.setdefault(order["id"], order)
    return json.dumps(list(orders.values()))


def orders() -> list[Json]:
    """Every recorded order, trashed and draft ones too, each time as values of one's own."""
    told: list[Json] = json.loads(_text())
    return told


def refunds_by_order() -> dict[int, list[Json]]:
    """The detail of every refund, by order."""
    found: dict[int, list[Json]] = {}
    for entry in body("refunds_all.json"):
        found.setdefault(entry["parent_id"], []).append(entry)
    return found
