"""A tax code whose rate agrees with the shop's goes into the books; a rule may choose it by the buyer's state."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox import quickbooks
from sandbox.woocommerce import Options
from tests.flows.flows_kit import World, plain

BY_STATE = """
table code_for
  state -> code
  "CA" -> "California"
  "AZ" -> "Tucson"
end
rule "Tax code by state" for order then set books.tax_code to lookup code_for(ship_to.state) end
"""


# Codes by place, as people keep them; WooCommerce has no county, plug-ins put it into the meta data.
BY_PLACE = """
table by_postal_code
  code -> tax
  "90001" -> "California"
end
table by_city
  state | city -> tax
  "CA" | "Here" -> "California"
  "CA" | any -> "Tucson"
end
rule "Tax code by place" for order
  then set books.tax_code to {value}
end
"""
PLACES = {
    "postal code": BY_PLACE.format(value="lookup by_postal_code(ship_to.postal_code)"),
    "city and state": BY_PLACE.format(value="lookup by_city(ship_to.state, ship_to.city)"),
    "county": 'rule "County" for order when order.meta["_county"] is "Dane County" then set books.tax_code to "California" end',
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(
        f"sqlite:///{tmp_path / 'store.sqlite3'}",
        shop_options=Options(generated=1),
        books_options=quickbooks.Options(custom_transaction_numbers=True, allow_shipping=True),
    ) as made:
        yield made


def taxed(world: World, state: str, tax: str) -> dict[str, Any]:
    """An order of 20.00 and so much tax for a buyer of that state."""
    place = {"first_name": "Ty", "last_name": "Axe", "address_1": "1 Main St", "city": "Here", "state": state,
             "postcode": "90001", "country": "US"}  # fmt: skip
    percent = Decimal(tax) * 5
    return world.shop.plant_order(
        status="completed", currency="USD", total=str(Decimal("20.00") + Decimal(tax)), total_tax=tax, cart_tax=tax,
        payment_method="stripe", payment_method_title="Credit card", billing={**place, "email": "ty@axe.example"},
        shipping=place, date_created_gmt="2026-01-05T15:00:00", date_paid_gmt="2026-01-05T15:00:00",
        meta_data=[{"id": 9, "key": "_county", "value": "Dane County"}],
        line_items=[{"id": 1, "product_id": 101, "name": "Mug", "sku": "STK-001", "quantity": 1, "subtotal": "20.00",
                     "total": "20.00", "subtotal_tax": tax, "total_tax": tax,
                     "taxes": [{"id": 1, "total": tax, "subtotal": tax}]}],
        tax_lines=[{"id": 2, "rate_id": 1, "rate_code": f"US-{state}-1", "label": state, "compound": False,
                    "tax_total": tax, "shipping_tax_total": "0.00", "rate_percent": float(percent)}],
    )  # fmt: skip


@pytest.mark.parametrize(
    "rules", ["", BY_STATE, *PLACES.values()], ids=["by the option", "by a rule with a table of states", *PLACES]
)
def test_a_code_with_the_shops_rate_stands_on_the_document(world: World, rules: str) -> None:
    options = {"sales_tax": "map_codes", **({} if rules else {"tax_code": '"California"'})}
    text = plain("invoice", rules, **options).replace("    sales_tax = line_item\n", "")
    world.publish(text)
    order = taxed(world, "CA", "1.60")
    world.sync()
    found = [each for each in world.documents("Invoice") if each["DocNumber"] == str(order["number"])]
    assert len(found) == 1, world.held()
    (code,) = [each for each in world.documents("TaxCode") if each["Name"] == "California"]
    detail = found[0]["TxnTaxDetail"]
    assert detail["TxnTaxCodeRef"]["value"] == code["Id"]
    assert Decimal(str(detail["TotalTax"])) == Decimal("1.60")
    assert Decimal(str(found[0]["TotalAmt"])) == Decimal("21.60")


def test_a_state_that_the_table_does_not_have_is_held_with_the_next_step(world: World) -> None:
    world.publish(plain("invoice", BY_STATE, sales_tax="map_codes").replace("    sales_tax = line_item\n", ""))
    order = taxed(world, "NV", "1.60")
    world.sync()
    (held,) = [each for each in world.held() if each.key.source_id == str(order["id"])]
    assert held.next_step
