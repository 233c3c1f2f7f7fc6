"""The vocabulary: every field has words and a fitting example, and says all that records bring to the rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.records import (
    Customer,
    Discount,
    Fee,
    Order,
    OrderLine,
    Party,
    Payment,
    Product,
    Refund,
    ShippingLine,
    Tax,
)
from dsl.check import check_text
from dsl.check.kinds import assignable
from dsl.parse import parse_expression
from dsl.schema import Field
from dsl.types import DATE, MOMENT, MONEY, TEXT
from engine import projection
from engine.options import OPTIONS
from engine.reference import pages
from engine.systems import SYSTEMS
from engine.vocabulary import FIELDS, ITEMS, vocabulary

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
ORDER = Order(
    id="1",
    number="1",
    date=date(2026, 1, 31),
    created=NOW,
    status="processing",
    currency="USD",
    total=Decimal(1),
    lines=(OrderLine(id="1"),),
    shipping_lines=(ShippingLine(id="1"),),
    fees=(Fee(id="1"),),
    discounts=(Discount(id="1"),),
    taxes=(Tax(id="1"),),
    payments=(Payment(id="1"),),
)
REFUND = Refund(
    id="1",
    order_id="1",
    date=date(2026, 1, 31),
    created=NOW,
    amount=Decimal(1),
    currency="USD",
    lines=(OrderLine(id="1"),),
)
PROJECTED = {
    "order": projection.of_order(ORDER),
    "refund": projection.of_refund(REFUND, ORDER),
    "product": projection.of_product(Product(id="1")),
    "customer": projection.of_customer(Customer(id="1", party=Party())),
}


@pytest.mark.parametrize("field", FIELDS, ids=[each.path for each in FIELDS])
def test_a_field_has_a_label_and_an_example_of_its_type(field: Field) -> None:
    assert field.label
    assert field.label[0].isupper()
    expression, problems = parse_expression(field.example)
    assert expression is not None
    assert not problems
    root = field.root
    if root == "document":
        return
    item = next((each for each in ITEMS if each.name == root), None)
    kind = next(each.name for each in vocabulary().kinds if root in each.roots) if item is None else ""
    scope = f"for {kind}" if item is None else f"for each {root} in {item.collection}"
    path = f'{field.path}["x"]' if field.keyed else field.path
    comparison = "contains" if field.type.element is not None else "is"
    example = field.example.strip("[]") if field.type.element is not None else field.example
    checked = check_text(
        f'rule "A" {scope} when {path} {comparison} {example} then tag "x" end', file="f", schema=vocabulary()
    )
    assert not checked.diagnostics


def test_paths_are_unique_and_every_item_has_fields() -> None:
    paths = [each.path for each in FIELDS]
    assert len(paths) == len(set(paths))
    roots = {each.root for each in FIELDS}
    assert {each.name for each in ITEMS} <= roots
    assert {root for kind in vocabulary().kinds for root in kind.roots} <= roots


@pytest.mark.parametrize("kind", sorted(PROJECTED))
def test_every_leaf_that_a_record_brings_is_a_field(kind: str) -> None:
    schema = vocabulary()
    for root, values in PROJECTED[kind].items():
        for name, value in values.items():
            path = f"{root}.{name}"
            item = schema.item(path)
            if item is not None:
                for entry in value:
                    unknown = [key for key in entry if schema.field(f"{item.name}.{key}") is None]
                    assert not unknown, (path, unknown)
                continue
            found = schema.field(path)
            assert found is not None, path
            assert found.keyed is isinstance(value, dict)


def test_values_of_a_record_are_of_the_type_that_the_vocabulary_says() -> None:
    schema = vocabulary()
    fits = {str: TEXT, Decimal: MONEY, date: DATE, datetime: MOMENT}
    for name, value in PROJECTED["order"]["order"].items():
        found = schema.field(f"order.{name}")
        if found is None or found.keyed or value is None or type(value) not in fits:
            continue
        assert assignable(fits[type(value)], found.type) or found.type.name == "number", name


def test_connectors_speak_only_of_fields_that_there_are() -> None:
    spoken_of = [field.path for system in SYSTEMS.values() for field in system.fields]
    assert spoken_of
    assert [path for path in spoken_of if vocabulary().field(path) is None] == []


def test_the_reference_says_what_a_field_holds_in_a_system() -> None:
    row = next(line for line in pages()["rules-reference.md"].splitlines() if line.startswith("| `order.store`"))
    assert "WooCommerce: The shop's title (WordPress, Settings, General)." in row


def test_options_of_flows_are_those_of_the_engines_table() -> None:
    assert vocabulary().flow_options == OPTIONS
