"""Whatever a shop sends, the mapping answers: nothing raises, what it cannot read is a finding, and all can be stored."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from connectors.canonical import form_bytes, from_canonical, to_canonical
from connectors.records import Customer, Fetched, Order, Product
from connectors.woocommerce.legacy import is_legacy_order, modern_order
from connectors.woocommerce.orders import read_order
from connectors.woocommerce.products import read_customer, read_product
from connectors.woocommerce.setting import ShopSetting
from tests.connectors.recordings import body

SHOP = ShopSetting(zone="America/New_York", title="Acme")
ORDERS = [
    body(f"order_{name}.json")
    for name in ("with_variation", "tax_place_ca_qc", "two_shipping_lines___two_coupons", "two_refunds", "nested_meta")
]
TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=st.characters(), max_size=10),
    st.sampled_from(
        ["", " ", "NaN", "Infinity", "-0.00", "1e400", "1e-400", "0000-00-00T00:00:00", "9999-12-31T23:59:59", "<b>"]
    ),
    st.sampled_from(["2026-02-30T10:00:00", "\ud83e", "\x00", "&#x110000;", "&#99999999;", "9" * 5_000, "١٢٣", ".5"]),
    st.sampled_from(["0001-01-01T00:00:00", "2026-01-01T00:00:00+99:99", "-1", "+5", "1.", "null", "ﷺ" * 500]),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**30, max_value=10**400),
    st.floats(),
    TEXTS,
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, held in value.items():
            found += places(held, (*path, key))
    elif isinstance(value, list):
        for index, held in enumerate(value):
            found += places(held, (*path, index))
    return found


def changed(payload: Any, changes: list[tuple[tuple[Any, ...], Any]]) -> Any:
    payload = copy.deepcopy(payload)
    for path, value in changes:
        holder = payload
        for key in path[:-1]:
            try:
                holder = holder[key]
            except (KeyError, IndexError, TypeError):
                holder = None
                break
        if isinstance(holder, dict) or (isinstance(holder, list) and path[-1] in range(len(holder))):
            holder[path[-1]] = value
    return payload


@st.composite
def damaged_orders(draw: st.DrawFn) -> Any:
    payload = draw(st.sampled_from(ORDERS))
    where = st.sampled_from(places(payload))
    return changed(payload, draw(st.lists(st.tuples(where, VALUES), min_size=1, max_size=4)))


def check(found: Fetched, kind: type[Order | Product | Customer]) -> None:
    assert isinstance(found.id, str)
    assert found.id.isascii()
    json.dumps(found.raw, allow_nan=False, ensure_ascii=False).encode()
    if found.record is None:
        assert any(one.severity == "error" for one in found.findings)
        assert all(one.next_step for one in found.findings if one.severity == "error")
        return
    assert isinstance(found.record, kind)
    form_bytes(to_canonical(found.record))
    assert from_canonical(to_canonical(found.record)) == found.record
    for finding in found.record.findings:
        assert len(finding.message) < 600
        assert finding.next_step or finding.severity != "error"


@given(damaged_orders())
def test_a_damaged_order_is_read_or_explained(payload: Any) -> None:
    check(read_order(payload, SHOP), Order)


@given(VALUES)
@example({"id": 1})
@example({"id": 285})
def test_anything_at_all_is_read_or_explained(payload: Any) -> None:
    check(read_order(payload, SHOP), Order)
    check(read_product(payload, SHOP), Product)
    check(read_product(payload, SHOP, parent={"id": 5, "name": payload, "sku": payload}), Product)
    check(read_customer(payload, SHOP), Customer)


@given(
    st.dictionaries(st.sampled_from(["order_number", *ORDERS[0], "payment_details", "order_meta"]), VALUES, max_size=30)
)
def test_a_damaged_legacy_order_is_read_or_explained(payload: dict[str, Any]) -> None:
    payload = {"order_number": "1", **{key: value for key, value in payload.items() if key != "date_created"}}
    assert is_legacy_order(payload)
    check(read_order(modern_order(payload), SHOP, original=payload), Order)
