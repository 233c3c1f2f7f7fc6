"""engine/telling.py and engine/posting/stories.py: what the rules did stands in the log, in the line of what they led to"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import quickbooks
from sandbox.woocommerce import Options
from tests.flows.flows_kit import World

RULES = """
flow "Web orders"
  from woocommerce  to quickbooks
  sync orders
  starting 01/01/2020
  with
    record_as = invoice_and_payment_if_paid
    match_products = sku
    sales_tax = map_codes
end

rule "Register 1 is in California"
  for order
  when ship_to.state is missing
  then fill ship_to.state with "CA"
end

rule "Tax code by state"
  for order
  when ship_to.state is "CA"
  then set books.tax_code to "California"
end

rule "Replace # in order number"
  for order
  when order.number contains "#"
  then replace "#" with "" in order.number
end

rule "Mugs have a class"
  for each line in order.lines
  when line.sku starts with "STK"
  then set line.class to "Web"
end

rule "Gifts"
  for order
  when order.note contains "gift"
  then tag "gift"
end

rule "Ann looks first"
  for order
  when order.note contains "Ann"
  then hold "Ann looks at it first"
end
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(
        f"sqlite:///{tmp_path / 'store.sqlite3'}",
        shop_options=Options(generated=1),
        books_options=quickbooks.Options(custom_transaction_numbers=True),
    ) as made:
        made.shop.trash_order(next(iter(made.shop.shop.orders.heads)))
        yield made


def order(world: World, **changes: Any) -> str:
    """A paid order of two mugs for 20.00 and 1.60 tax, over the counter; its number."""
    planted = {
        "status": "completed", "currency": "USD", "total": "21.60", "total_tax": "1.60", "cart_tax": "1.60", "number": "#9007",
        "payment_method": "stripe", "payment_method_title": "Credit card", "transaction_id": "ch_7",
        "billing": {"first_name": "Ty", "last_name": "Axe", "email": "ty@axe.example"}, "shipping": {},
        "date_created_gmt": "2026-01-05T15:00:00", "date_paid_gmt": "2026-01-05T15:00:00",
        "line_items": [{"id": 1, "product_id": 101, "name": "Mug", "sku": "STK-001", "quantity": 2, "subtotal": "20.00",
                        "total": "20.00", "subtotal_tax": "1.60", "total_tax": "1.60",
                        "taxes": [{"id": 1, "total": "1.60", "subtotal": "1.60"}]}],
        "tax_lines": [{"id": 2, "rate_id": 1, "rate_code": "US-CA-1", "label": "CA", "compound": False,
                       "tax_total": "1.60", "shipping_tax_total": "0.00", "rate_percent": 8.0}],
    }  # fmt: skip
    return str(world.shop.plant_order(**{**planted, **changes})["number"])


def test_a_posted_order_reads_as_people_speak(world: World) -> None:
    world.publish(RULES)
    order(world, customer_note="a gift")
    world.sync()
    said = [line for line in world.lines() if "#9007" in line]
    assert said == [
        "Order #9007: invoice 9007, 1 line, 21.60 USD, California tax 8 %; "
        "rule 'Register 1 is in California' filled in the state; "
        "rule 'Tax code by state' filled in the tax code; "
        "rule 'Replace # in order number' changed the number from #9007 to 9007; "
        "rule 'Mugs have a class' filled in the class of a line; "
        "rule 'Gifts' tagged it gift",
        "Order #9007: payment ch_7, 21.60 USD",
    ]


def test_what_a_rule_holds_names_the_rule_and_what_a_check_holds_does_not(world: World) -> None:
    world.publish(RULES)
    order(world, customer_note="for Ann")
    order(world, number="9008", currency="EUR")
    world.sync()
    held = {line.partition(":")[0]: line for line in world.lines() if " held: " in line}
    assert "Ann looks at it first (rule 'Ann looks first')" in held["Order #9007"]
    assert "The order is in EUR" in held["Order #9008"]
    assert "(rule" not in held["Order #9008"]
