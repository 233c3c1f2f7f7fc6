"""The legacy API of the 2.3 and 2.4 days tells the same sales as the API of today, as far as it knows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.records import Order
from connectors.woocommerce import ShopSetting, WooCommerce, read_orders
from connectors.woocommerce.legacy import modern_order
from connectors.woocommerce.signing import header, sign, signed
from sandbox.woocommerce import Options, start
from sandbox.woocommerce.options import Version
from tests.connectors.clocks import RunningClock

LONDON = ShopSetting(zone="Europe/London", title="Old Shop", prices_include_tax=True)


def legacy_order(**changes: Any) -> dict[str, Any]:
    return {
        "id": 42,
        "order_number": "#42",
        "created_at": "2015-06-30T23:30:00Z",
        "updated_at": "2015-07-01T08:00:00Z",
        "completed_at": "2015-07-02T08:00:00Z",
        "status": "processing",
        "currency": "GBP",
        "total": "29.40",
        "subtotal": "20.00",
        "total_tax": "4.90",
        "total_shipping": "5.00",
        "cart_tax": "3.90",
        "shipping_tax": "1.00",
        "total_discount": "0.50",
        "payment_details": {"method_id": "paypal", "method_title": "PayPal", "paid": True},
        "billing_address": {"first_name": "Ann", "last_name": "Lee", "email": "ann@example.org", "country": "GB"},
        "shipping_address": {"first_name": "Ann", "last_name": "Lee", "country": "GB"},
        "note": "Ring",
        "customer_id": 0,
        "line_items": [
            {
                "id": 1,
                "subtotal": "20.00",
                "total": "19.50",
                "total_tax": "3.90",
                "quantity": 2,
                "name": "Tea &amp; Tin",
                "product_id": 9,
                "sku": "TEA",
                "meta": [{"key": "pa_size", "label": "Size", "value": "Large"}],
            }
        ],
        "shipping_lines": [{"id": 2, "method_id": "flat_rate", "method_title": "Post", "total": "5.00"}],
        "tax_lines": [
            {"id": 3, "rate_id": "7", "code": "GB-VAT-1", "title": "VAT", "total": "4.90", "compound": False}
        ],
        "fee_lines": [],
        "coupon_lines": [{"id": 4, "code": "half", "amount": "0.50"}],
        "order_meta": {"po": "77"},
        **changes,
    }


def read(payload: Any) -> Order:
    (found,) = read_orders([payload], LONDON)
    assert found.raw == payload
    assert isinstance(found.record, Order)
    return found.record


def test_a_legacy_order_is_an_order() -> None:
    order = read(legacy_order())
    assert (order.number, order.total, order.tax_total, order.shipping_total) == (
        "#42",
        Decimal("29.40"),
        Decimal("4.90"),
        Decimal("5.00"),
    )
    assert order.date == date(2015, 7, 1)  # half past midnight in London
    (line,) = order.lines
    assert (line.sku, line.name, line.amount, line.discount, line.tax_rate) == (
        "TEA",
        "Tea & Tin",
        Decimal("19.50"),
        Decimal("0.50"),
        Decimal(20),
    )
    assert dict(line.options) == {"Size": "Large"}
    assert order.shipping_lines[0].tax_amount == Decimal("1.00")
    assert dict(order.meta) == {"po": "77"}
    assert order.prices_include_tax
    assert order.coupon_codes == ("half",)
    assert order.findings == ()


def test_paid_without_a_date_is_dated_by_the_order() -> None:
    order = read(legacy_order())
    assert (order.paid, order.paid_date, order.payments[0].type) == (True, date(2015, 7, 1), "paypal")
    order = read(legacy_order(payment_details={"method_id": "bacs", "method_title": "Bank", "paid": False}))
    assert (order.paid, order.payments, order.balance) == (False, (), Decimal("29.40"))


def test_wrapped_orders_are_unwrapped() -> None:
    found = list(
        read_orders([{"orders": [legacy_order(), legacy_order(id=43)]}, {"order": legacy_order(id=44)}], LONDON)
    )
    assert [one.id for one in found] == ["42", "43", "44"]


def test_a_rate_is_told_only_where_one_tax_explains_every_line() -> None:
    assert [tax["rate_percent"] for tax in modern_order(legacy_order())["tax_lines"]] == ["20"]
    uneven = legacy_order()
    uneven["line_items"].append({"id": 5, "subtotal": "10", "total": "10", "total_tax": "0.50", "quantity": 1})
    assert [tax["rate_percent"] for tax in modern_order(uneven)["tax_lines"]] == [None]
    two = legacy_order(tax_lines=legacy_order()["tax_lines"] * 2)
    assert [tax["rate_percent"] for tax in modern_order(two)["tax_lines"]] == [None, None]
    assert read(two).lines[0].tax_rate is None


def test_a_legacy_refund_is_positive_whichever_sign_the_shop_sends() -> None:
    for sign_of in ("-", ""):
        refund = {
            "id": 50,
            "created_at": "2015-07-03T10:00:00Z",
            "amount": "11.70",
            "reason": "broken",
            "line_items": [
                {
                    "id": 6,
                    "quantity": f"{sign_of}1",
                    "total": f"{sign_of}9.75",
                    "total_tax": f"{sign_of}1.95",
                    "sku": "TEA",
                }
            ],
        }
        (found,) = read(legacy_order(refunds=[refund])).refunds
        assert (found.amount, found.date, found.tax_total) == (Decimal("11.70"), date(2015, 7, 3), Decimal("1.95"))
        assert [(line.sku, line.quantity, line.amount) for line in found.lines] == [
            ("TEA", Decimal(1), Decimal("9.75"))
        ]
        assert found.findings == ()


def test_an_order_discount_of_the_22_days_is_a_difference_with_its_amount() -> None:
    order = read(legacy_order(total="27.40"))  # order_discount was taken off after tax
    assert [(one.code, one.amount) for one in order.findings] == [("parts_differ_from_total", Decimal("-2.00"))]


def facts(order: Order) -> Any:
    """What both APIs tell."""
    lines = [(one.sku, one.name, one.quantity, one.amount, one.discount, one.tax_amount) for one in order.lines]
    refunds = [(one.id, one.amount) for one in order.refunds]
    head = (order.number, order.date, order.created, order.modified, order.status, order.currency, order.total)
    sums = (order.subtotal, order.discount_total, order.shipping_total, order.tax_total, order.fee_total)
    people = (
        order.bill_to,
        order.customer,
        order.ship_to.state,
        order.paid,
        order.payment_method_id,
        order.coupon_codes,
    )
    return head, sums, people, lines, refunds


def test_the_tax_on_shipping_is_counted_once_however_many_ways_there_are() -> None:
    ways = [{"id": one, "method_id": "flat_rate", "method_title": "Post", "total": "2.50"} for one in (2, 3)]
    order = read(legacy_order(shipping_lines=ways))
    assert [way.tax_amount for way in order.shipping_lines] == [Decimal("1.00"), Decimal(0)]
    assert "line_taxes_differ" not in {finding.code for finding in order.findings}


@pytest.mark.parametrize("version", ["5.0", "2.4", "2.3"])
def test_a_shop_says_the_same_sales_by_every_api(version: Version) -> None:
    told: dict[str, dict[str, Any]] = {}
    ages: tuple[Version, ...] = ("10.0", version)
    for age in ages:
        with start(Options(version=age)) as server:
            keys = {"url": server.url, "consumer_key": server.consumer_key, "consumer_secret": server.consumer_secret}
            client = WooCommerce(keys, clock=RunningClock(), allow_private=True)
            since = datetime(2026, 11, 10, tzinfo=UTC)
            records = [record.record for page in client.changed_orders(None, since=since) for record in page.records]
            client.close()
        told[age] = {one.id: facts(one) for one in records if isinstance(one, Order)}
    assert len(told[version]) > 50
    for one, said in told[version].items():
        assert said == told["10.0"][one]


# --------------------------------------------------------------------------------------------------------- signatures


def test_a_signature_is_the_one_that_was_recorded_by_hand() -> None:
    """Reckoned independently with `openssl dgst -sha256 -hmac` over the base string of the OAuth 1.0a rules."""
    params = [("per_page", "1"), ("oauth_consumer_key", "ck_1"), ("oauth_nonce", "n"), ("oauth_timestamp", "5")]
    params.append(("oauth_signature_method", "HMAC-SHA256"))
    signature = sign("get", "http://shop.example/wp-json/wc/v3/orders", params, "cs_1")
    assert signature == "QLJRlxmghEJJeV63goUrkv55QzkSm0CEh+gwVYSZDVA="


def test_values_are_encoded_twice_and_the_old_secret_goes_bare() -> None:
    url, params = "http://shop.example/wc-api/v2/orders", [("filter[limit]", "1"), ("q", "a b&ü~")]
    assert sign("GET", url, params, "s") != sign("GET", url, params, "s", bare_secret=True)
    assert sign("GET", url, params, "s&", bare_secret=True) == sign("GET", url, params, "s")
    assert sign("GET", url, list(reversed(params)), "s") == sign("GET", url, params, "s")


def test_the_header_carries_all_that_was_signed() -> None:
    oauth = signed("GET", "http://x.example/", [], key="ck", secret="cs", timestamp=5, nonce="n")
    told = header(oauth)
    assert told.startswith('OAuth oauth_consumer_key="ck", oauth_timestamp="5", oauth_nonce="n"')
    assert "cs" not in told.partition("oauth_signature=")[0]
