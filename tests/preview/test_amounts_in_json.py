"""engine/preview.py: amounts in JSON are text, written down to the currency's smallest unit"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import run

RULES = 'flow "F" from woocommerce to quickbooks sync orders with record_as = sales_receipt end rule "A" for order then tag "x" end'
SHOP = Path(__file__).resolve().parents[1] / "fixtures" / "woocommerce" / "shop-usd"


def shown(tmp_path: Path, **changes: Any) -> dict[str, Any]:
    (order,) = json.loads((SHOP / "orders_page_01.json").read_text(encoding="utf-8"))["response"]["body"][:1]
    file, orders = tmp_path / "a.rules", tmp_path / "orders.json"
    file.write_text(RULES)
    orders.write_text(json.dumps([{**order, **changes}]))
    done = CliRunner().invoke(
        run.command, [str(file), "--source", "woocommerce", "--input", str(orders), "--documents"]
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[0])
    return told


def test_amounts_have_all_places_of_their_currency(tmp_path: Path) -> None:
    told = shown(tmp_path)
    order, (document, *_) = told["record"]["order"], told["documents"]
    assert (order["fee_total"], order["discounts"][0]["amount"], order["total"]) == ("0.00", "39.30", "382.89")
    assert order["lines"][0]["quantity"] == "2"
    assert (document["discount_total"], document["total"]) == ("0.00", "382.89")


@pytest.mark.parametrize("key", ["total", "paid", "amount"])
def test_custom_fields_stay_as_the_shop_keeps_them(tmp_path: Path, key: str) -> None:
    told = shown(tmp_path, meta_data=[{"id": 1, "key": key, "value": "yes"}])
    assert told["record"]["order"]["meta"] == {key: "yes"}
