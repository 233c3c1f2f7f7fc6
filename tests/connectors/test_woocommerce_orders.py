"""Recorded orders of a real WooCommerce become canonical orders whose parts add up, or a finding says why not."""

from __future__ import annotations

import copy
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.canonical import content_hash, from_canonical, to_canonical
from connectors.records import Fee, Fetched, Order, OrderLine, ShippingLine, SourceFinding
from connectors.woocommerce.orders import read_order
from connectors.woocommerce.setting import ShopSetting
from tests.connectors.recordings import Json, body, exchange, orders, refunds_by_order

NEW_YORK = ShopSetting(zone="America/New_York", title="Acme Outdoors")
ZERO = Decimal(0)


def read(payload: Any, shop: ShopSetting = NEW_YORK) -> Order:
    record = read_order(payload, shop).record
    assert isinstance(record, Order)
    return record


def recorded(name: str, **changes: Any) -> Json:
    return {**body(f"order_{name}.json"), **changes}


def codes(found: Order | Fetched) -> list[str]:
    return [finding.code for finding in found.findings]


def finding(found: Order | Fetched, code: str) -> SourceFinding:
    return next(one for one in found.findings if one.code == code)


ALL = [pytest.param(payload, id=str(payload["id"])) for payload in orders()]


def test_all_recorded_orders_are_here() -> None:
    assert len(ALL) >= 202


@pytest.mark.parametrize("payload", ALL)
def test_every_recorded_order_adds_up_or_says_by_how_much_it_does_not(payload: Json) -> None:
    order = read(payload)
    sold = sum((line.amount for line in order.lines), ZERO) + sum((fee.amount for fee in order.fees), ZERO)
    off = order.total - sold - order.shipping_total - order.tax_total
    said = next((one.amount for one in order.findings if one.code == "parts_differ_from_total"), ZERO)
    assert said == off
    assert order.total == Decimal(payload["total"])
    assert order.subtotal - order.discount_total == sum((line.amount for line in order.lines), ZERO)
    assert order.shipping_total == sum((line.amount for line in order.shipping_lines), ZERO)
    parts: list[OrderLine | Fee | ShippingLine] = [*order.lines, *order.fees, *order.shipping_lines]
    by_parts = sum((part.tax_amount for part in parts), ZERO)
    said = next((one.amount for one in order.findings if one.code == "line_taxes_differ"), ZERO)
    assert order.tax_total - by_parts == said
    by_tax = sum((tax.amount + tax.shipping_amount for tax in order.taxes), ZERO)
    said = next((one.amount for one in order.findings if one.code == "taxes_differ"), ZERO)
    assert order.tax_total - by_tax == said
    assert not [one for one in order.findings if one.severity == "error"]


@pytest.mark.parametrize("payload", ALL)
def test_every_recorded_order_says_what_the_shop_said(payload: Json) -> None:
    found = read_order(payload, NEW_YORK)
    order = found.record
    assert isinstance(order, Order)
    assert found.raw is payload
    assert found.findings == ()
    assert (found.id, order.id, order.number) == (str(payload["id"]), str(payload["id"]), payload["number"])
    assert order.date == date.fromisoformat(payload["date_created"][:10])
    assert order.created == datetime.fromisoformat(payload["date_created_gmt"] + "+00:00")
    assert found.modified == order.modified == datetime.fromisoformat(payload["date_modified_gmt"] + "+00:00")
    assert order.paid is (payload["date_paid"] is not None)
    assert order.balance == (0 if order.paid else order.total)
    assert len(order.payments) == (1 if order.paid and order.total else 0)
    assert sum((payment.amount for payment in order.payments), ZERO) == (order.total if order.payments else 0)
    assert len(order.lines) == len(payload["line_items"])
    for line, told in zip(order.lines, payload["line_items"], strict=True):
        assert line.amount == Decimal(told["total"])
        assert line.amount + line.discount == Decimal(told["subtotal"])
        assert line.quantity == told["quantity"]
        assert abs(line.unit_price * line.quantity - line.amount) <= Decimal("0.00005")
        assert line.taxable is bool(told["taxes"])
    assert [refund.amount for refund in order.refunds] == [
        -Decimal(one["total"]) for one in sorted(payload["refunds"], key=lambda one: one["id"])
    ]
    assert order.customer.guest is (payload["customer_id"] == 0)


@pytest.mark.parametrize("payload", ALL)
def test_a_record_survives_its_canonical_form_and_is_the_same_each_time(payload: Json) -> None:
    order = read(payload)
    assert from_canonical(to_canonical(order)) == order
    assert content_hash(read(copy.deepcopy(payload))) == content_hash(order)


def test_only_the_order_rounded_at_subtotal_misses_its_total() -> None:
    missing = {
        payload["id"]: finding(order, "parts_differ_from_total").amount
        for payload in orders()
        if "parts_differ_from_total" in codes(order := read(payload))
    }
    assert missing == {301: Decimal("-0.01")}


def test_the_whole_order() -> None:
    order = read(body("order_with_variation.json"))
    assert (order.date, order.zone, order.store, order.channel) == (
        date(2026, 11, 1),
        "America/New_York",
        "Acme Outdoors",
        "store-api",
    )
    assert (order.subtotal, order.discount_total, order.shipping_total, order.tax_total, order.total) == (
        Decimal("393.02"),
        Decimal("39.30"),
        Decimal("7.95"),
        Decimal("21.22"),
        Decimal("382.89"),
    )
    assert order.coupon_codes == ("welcome10",)
    jacket = order.lines[1]
    assert (jacket.sku, jacket.variation_id, dict(jacket.options)) == (
        "5063-511-M-R",
        "30",
        {"Colour": "Red", "Size": "M"},
    )
    assert (jacket.amount, jacket.discount, jacket.tax_amount, jacket.tax_rate) == (
        Decimal("83.74"),
        Decimal("9.30"),
        Decimal("5.02"),
        Decimal(6),
    )
    (payment,) = order.payments
    assert (payment.method, payment.method_id, payment.type, payment.amount, payment.reference) == (
        "Credit / Debit Card",
        "stripe",
        "credit card",
        Decimal("382.89"),
        "ch_3b680ae0416e9a524457d003",
    )
    assert order.meta["_stripe_fee"] == "11.40"
    (tax,) = order.taxes
    assert (tax.name, tax.rate, tax.amount) == ("MD Sales Tax", Decimal(6), Decimal("21.22"))
    assert order.ship_to.state == "MD"
    assert order.bill_to.email == "jane@example.com"


def test_the_day_is_the_shops_even_where_utc_is_a_day_ahead() -> None:
    order = read(recorded("with_variation", date_created="2026-10-31T23:30:00", date_created_gmt="2026-11-01T03:30:00"))
    assert order.date == date(2026, 10, 31)
    assert order.created == datetime(2026, 11, 1, 3, 30, tzinfo=UTC)


def test_without_local_times_the_day_is_reckoned_in_the_shops_zone() -> None:
    payload = recorded("with_variation", date_created=None, date_created_gmt="2026-11-01T03:30:00")
    assert read(payload).date == date(2026, 10, 31)
    assert read(payload, ShopSetting()).date == date(2026, 11, 1)


def test_without_utc_times_the_moment_is_reckoned_from_the_shops_zone() -> None:
    payload = recorded("with_variation", date_created="2026-07-01T12:00:00", date_created_gmt=None)
    assert read(payload).created == datetime(2026, 7, 1, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("stripe", "credit card"),
        ("authorize_net_cim_credit_card", "credit card"),
        ("braintree_credit_card", "credit card"),
        ("bacs", "bank transfer"),
        ("cheque", "check"),
        ("cod", "cash on delivery"),
        ("ppcp-gateway", "paypal"),
        ("woocommerce_gateway_purchase_order", "purchase order"),
        ("accountfunds", "store credit"),
        ("some_plugin", None),
    ],
)
def test_the_kind_of_money_comes_from_the_gateway(method: str, kind: str | None) -> None:
    (payment,) = read(recorded("with_variation", payment_method=method)).payments
    assert payment.type == kind


def test_cash_on_delivery_is_unpaid_until_the_shop_has_a_payment_date() -> None:
    processing = [
        payload for payload in orders() if (payload["payment_method"], payload["status"]) == ("cod", "processing")
    ]
    unpaid = [order for payload in processing if not (order := read(payload)).paid]
    assert unpaid
    assert all(order.payments == () and order.balance == order.total for order in unpaid)


def test_an_authorisation_without_capture_is_no_payment() -> None:
    meta = [{"key": "_stripe_charge_captured", "value": "no"}]
    order = read(recorded("with_variation", status="on-hold", date_paid=None, date_paid_gmt=None, meta_data=meta))
    assert order.authorized
    assert not order.paid


def test_an_order_of_nothing_has_no_payment() -> None:
    order = read(recorded("zero_total"))
    assert order.total == 0
    assert order.payments == ()


def test_a_full_refund_leaves_total_and_payment_alone() -> None:
    order = read(recorded("refunded_full"))
    assert (order.status, order.total, order.paid, order.payments[0].amount) == (
        "refunded",
        Decimal("330.15"),
        True,
        Decimal("330.15"),
    )


def test_names_are_decoded_once_and_only_whole_entities() -> None:
    payload = recorded("with_variation")
    payload["line_items"][0]["name"] = "Bolt &amp; Nut &amp;amp; &copy=1 &lt;M8&gt; &#39;x&#39;"
    payload["billing"]["company"] = "Müller GmbH &amp; Co. KG"
    order = read(payload)
    assert order.lines[0].name == "Bolt & Nut &amp; &copy=1 <M8> 'x'"
    assert order.bill_to.company == order.customer.company == "Müller GmbH & Co. KG"


def test_a_custom_field_is_not_decoded() -> None:
    payload = recorded("with_variation", meta_data=[{"key": "link", "value": "https://x.example/?a=1&copy=2&amp;b"}])
    assert read(payload).meta["link"] == "https://x.example/?a=1&copy=2&amp;b"


def test_of_a_custom_field_that_occurs_twice_the_last_counts() -> None:
    payload = recorded(
        "number_with_hash",
        meta_data=[
            {"key": "_order_number", "value": "36"},
            {"key": "_order_number", "value": "#10400"},
            {"key": "_order_number", "value": ""},
        ],
    )
    order = read(payload)
    assert order.meta["_order_number"] == "#10400" == order.number


def test_custom_fields_are_text_whatever_they_are_in_the_shop() -> None:
    values: list[Any] = [{"gift": True, "lines": ["a", "ß"]}, ["x"], 12, 1.5, True, None, "  padded  "]
    payload = recorded("with_variation", meta_data=[{"key": f"k{i}", "value": value} for i, value in enumerate(values)])
    assert dict(read(payload).meta) == {
        "k0": '{"gift":true,"lines":["a","ß"]}',
        "k1": '["x"]',
        "k2": "12",
        "k3": "1.5",
        "k4": "true",
        "k6": "padded",
    }


def test_a_po_number_stays_a_custom_field() -> None:
    order = read(recorded("checkout_po_official_meta"))
    assert order.po_number is None
    assert order.meta["_po_number"]


@pytest.mark.parametrize("number", ["#10400", "#A-2026/0007", "WC-77", "00042", "A & B"])
def test_the_number_is_free_text(number: str) -> None:
    assert read(recorded("with_variation", number=number)).number == number


def test_an_order_without_number_goes_by_its_id() -> None:
    order = read(recorded("with_variation", number=None))
    assert order.number == order.id == "66"
    assert codes(order) == ["order_without_number"]


def test_two_coupons_are_two_discounts_with_unpadded_amounts() -> None:
    order = read(recorded("two_shipping_lines___two_coupons"))
    assert [(one.code, one.amount, one.tax_amount) for one in order.discounts] == [
        ("welcome10", Decimal("32.5"), Decimal("1.95")),
        ("fiveoff", 5, Decimal("0.3")),
    ]
    assert [line.amount for line in order.shipping_lines] == [Decimal("5.55"), Decimal("9.99")]
    assert order.shipping_method == "Ground shipping"


def test_a_negative_fee_is_a_reduction() -> None:
    order = read(recorded("negative_fee___discount"))
    (fee,) = order.fees
    assert (fee.name, fee.amount, fee.tax_amount, fee.taxable) == (
        "Loyalty discount",
        Decimal(-20),
        Decimal("-1.20"),
        True,
    )
    assert order.fee_total == -20


def test_a_line_without_product_and_one_whose_product_is_gone_keep_their_names() -> None:
    (line,) = read(recorded("line_item_without_product")).lines
    assert (line.sku, line.product_id, line.name) == (None, None, 'Ad-hoc: engraving & "rush"')
    order = read(recorded("product_deleted_later"))
    assert [(line.sku, line.product_id) for line in order.lines] == [(None, None), ("TRASHED-1", "295")]
    assert "deleted" in finding(order, "line_without_sku").message


def test_a_quantity_that_the_shop_cut_is_suspected() -> None:
    order = read(recorded("fractional_quantity_2_5_via_php"))
    assert order.lines[0].quantity == 2
    assert "2.5" in finding(order, "quantity_may_be_cut").message


def test_a_quantity_that_the_shop_cut_is_restored_where_the_stock_says_it() -> None:
    payload = recorded("fractional_quantity_2_5_via_php")
    payload["line_items"][0]["meta_data"] = [{"key": "_reduced_stock", "value": "2.5"}]
    order = read(payload)
    assert (order.lines[0].quantity, order.lines[0].unit_price) == (Decimal("2.5"), Decimal("19.90"))
    assert "quantity_restored" in codes(order)


def test_no_quantity_is_suspected_where_prices_include_tax() -> None:
    """There a line's net amount is hardly ever a whole price."""
    payload = {**recorded("fractional_quantity_2_5_via_php"), "prices_include_tax": True}
    assert "quantity_may_be_cut" not in codes(read(payload))


def test_what_was_taken_from_stock_says_nothing_of_a_refund() -> None:
    details = refunds_by_order()[116]
    details[0]["line_items"][0]["meta_data"] = [{"key": "_reduced_stock", "value": "1.5"}]
    payload = next(one for one in orders() if one["id"] == 116)
    (refund,) = read({**payload, "refunds": details}).refunds
    assert refund.lines[0].quantity == 1


def test_unit_prices_keep_seven_places() -> None:
    payload = recorded("with_variation")
    payload["line_items"][0] |= {"total": "10.00", "subtotal": "10.00", "quantity": 3}
    assert str(read(payload).lines[0].unit_price) == "3.3333333"


def test_a_compound_tax_is_levied_on_the_first() -> None:
    order = read(recorded("tax_place_ca_qc"))
    assert [(tax.name, tax.rate, tax.compound) for tax in order.taxes] == [
        ("GST / TPS", 5, False),
        ("QST / TVQ", Decimal("9.975"), True),
    ]
    assert [line.tax_rate for line in order.lines] == [Decimal("15.47375"), Decimal("15.47375"), None]
    assert [line.taxable for line in order.lines] == [True, True, False]


def test_three_taxes_of_a_line_are_one_rate() -> None:
    order = read(recorded("tax_round_at_subtotal_301"))
    assert {line.tax_rate for line in order.lines} == {Decimal("8.875")}


def test_a_currency_counted_finer_than_it_is_gets_a_finding() -> None:
    order = read(recorded("jpy"))
    assert (order.currency, order.total) == ("JPY", Decimal("202.13"))
    assert "no decimals" in finding(order, "more_decimals_than_currency").message
    assert "more_decimals_than_currency" not in codes(read(recorded("kwd")))


def test_variations_that_share_a_sku_on_one_order_are_told_apart() -> None:
    payload = recorded("with_variation")
    one, other = copy.deepcopy(payload["line_items"][1]), copy.deepcopy(payload["line_items"][1])
    one["sku"] = other["sku"] = "5063-511"
    other["id"], other["variation_id"] = 999, 38
    payload["line_items"] = [one, other]
    order = read(payload)
    assert "variations_share_sku" in codes(order)
    assert [line.variation_id for line in order.lines] == ["30", "38"]


def test_the_parents_sku_is_filled_in_where_it_is_known() -> None:
    shop = ShopSetting(parent_skus={"26": "5063-511"})
    lines = read(body("order_with_variation.json"), shop).lines
    assert [line.parent_sku for line in lines] == [None, "5063-511"]


def test_an_old_shop_without_display_keys_shows_options_all_the_same() -> None:
    payload = recorded("with_variation")
    payload["line_items"][1]["meta_data"] = [
        {"id": 1, "key": "pa_size", "value": "m"},
        {"id": 2, "key": "gift-wrap", "value": "<p>yes</p>"},
        {"id": 3, "key": "_reduced_stock", "value": "1"},
    ]
    assert dict(read(payload).lines[1].options) == {"Size": "m", "Gift wrap": "yes"}


def test_options_that_the_name_does_not_say_are_in_the_description() -> None:
    payload = recorded("with_variation")
    payload["line_items"][1]["name"] = "Work Jacket"
    order = read(payload)
    assert order.lines[1].description == "Work Jacket, Colour: Red, Size: M"
    assert order.lines[0].description is None


def test_refund_details_inside_the_order_are_read_with_positive_amounts() -> None:
    details = refunds_by_order()
    payload = next(one for one in orders() if one["id"] == 116)
    order = read({**payload, "refunds": details[116]})
    (refund,) = order.refunds
    assert (refund.amount, refund.reason, refund.order_id, refund.date) == (
        Decimal("274.65"),
        "cancelled by shop",
        "116",
        date(2026, 11, 21),
    )
    assert [(line.sku, line.quantity, line.amount, line.tax_amount) for line in refund.lines] == [
        ("SVC-HOUR", Decimal(1), Decimal(108), Decimal("10.26")),
        ("STK-015", Decimal(3), Decimal("134.87"), Decimal("12.81")),
    ]
    (shipping,) = refund.shipping_lines
    assert (shipping.amount, shipping.tax_amount) == (Decimal("7.95"), Decimal("0.76"))
    assert refund.tax_total == Decimal("23.83")
    assert refund.findings == ()
    assert refund.lines[0].meta["_refunded_item_id"] == "287"


def test_every_recorded_refund_adds_up() -> None:
    details, seen = refunds_by_order(), Counter[str]()
    for payload in orders():
        for refund in read({**payload, "refunds": details.get(payload["id"], [])}).refunds:
            parts: list[OrderLine | Fee | ShippingLine] = [*refund.lines, *refund.shipping_lines, *refund.fees]
            given = sum((part.amount for part in parts), refund.tax_total)
            assert refund.amount > 0
            off = next((one.amount for one in refund.findings if one.code == "refund_parts_differ"), ZERO)
            assert refund.amount - given == off if parts else given == 0
            # Refund 265 gives back a cent more than its lines: the order's tax was rounded on the whole.
            assert off == (Decimal("0.01") if refund.id == "265" else 0)
            assert len(refund.findings) == (refund.id == "265")
            seen["lines" if refund.lines else "shipping" if refund.shipping_lines else "amount"] += 1
    assert min(seen["lines"], seen["shipping"], seen["amount"]) > 0


def test_two_refunds_of_one_order_stand_in_the_order_of_time() -> None:
    payload = recorded("two_refunds")
    order = read({**payload, "refunds": list(refunds_by_order()[85])})
    assert [(refund.id, refund.reason) for refund in order.refunds] == [("259", "first"), ("260", "second #2")]


def test_a_refund_that_is_only_named_says_that_its_details_are_missing() -> None:
    refunds = read(recorded("two_refunds")).refunds
    assert [refund.amount for refund in refunds] == [Decimal("25.23")] * 2
    assert {one.code for refund in refunds for one in refund.findings} == {"refund_without_details"}


def test_money_that_the_gateway_sent_back_is_a_payment_of_the_refund() -> None:
    payload = recorded("two_refunds")
    first, second = refunds_by_order()[85]
    order = read({**payload, "refunds": [{**first, "refunded_payment": True}, second]})
    assert [[(one.method_id, one.amount) for one in refund.payments] for refund in order.refunds] in (
        [[("stripe", Decimal("25.23"))], []],
        [[], [("stripe", Decimal("25.23"))]],
    )


# ------------------------------------------------------------------------------------------------ what goes wrong


@pytest.mark.parametrize("currency", ["XXX", "Euro", "", None, 5, "usdollar" * 9])
def test_an_unknown_currency_holds_the_order_in_words(currency: object) -> None:
    found = read_order(recorded("with_variation", currency=currency), NEW_YORK)
    told = finding(found.record if isinstance(found.record, Order) else found, "unknown_currency")
    assert told.severity == "error"
    assert "currency" in told.message


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "1,234.50", "12 USD", True, [1], {"a": 1}, "9" * 40, "1e99", float("nan")]
)
def test_an_amount_that_is_no_number_holds_the_order(value: object) -> None:
    payload = recorded("with_variation")
    payload["line_items"][0]["total"] = value
    order = read(payload)
    told = finding(order, "not_a_number")
    assert (told.severity, told.field) == ("error", "line_items[0].total")
    assert order.lines[0].amount == 0


@pytest.mark.parametrize("name", ["total", "date_created", "currency"])
def test_an_order_that_cannot_be_booked_is_a_finding_and_no_record(name: str) -> None:
    payload = recorded("with_variation")
    payload = {key: value for key, value in payload.items() if key not in (name, name + "_gmt")}
    found = read_order(payload, NEW_YORK)
    assert found.record is None
    assert found.id == "66"
    assert [one.severity for one in found.findings] == ["error"]


@pytest.mark.parametrize("payload", [None, [], "order", 5, True, {}, {"value": []}, {"id": "abc"}, {"id": 0}])
def test_what_is_no_order_is_a_finding_and_no_record(payload: object) -> None:
    found = read_order(payload, NEW_YORK)
    assert found.record is None
    assert found.id.startswith("unreadable-")
    assert found.findings


def test_a_five_megabyte_note_is_kept_raw_and_cut_in_the_record() -> None:
    note = "schön " * 800_000
    found = read_order(recorded("with_variation", customer_note=note), NEW_YORK)
    assert isinstance(found.record, Order)
    assert len(found.record.note or "") <= 4_000
    assert codes(found.record) == ["text_cut"]
    assert found.raw["customer_note"] == note


def test_right_to_left_text_and_emoji_pass_whole_and_half_characters_are_marked() -> None:
    payload = recorded("with_variation", customer_note="שלום 🦊 \ud83e مرحبا\x00")
    found = read_order(payload, NEW_YORK)
    assert isinstance(found.record, Order)
    assert found.record.note == "שלום 🦊 � مرحبا�"
    assert str(found.raw["customer_note"]).encode()  # storable


def test_deep_nesting_is_flattened_with_its_record_whole() -> None:
    deep: Any = "end"
    for _ in range(5_000):
        deep = {"a": deep}
    found = read_order(recorded("with_variation", meta_data=[{"key": "deep", "value": deep}]), NEW_YORK)
    assert isinstance(found.record, Order)
    assert "nested too deeply" in found.record.meta["deep"]


def test_lists_that_php_sent_as_objects_are_read_and_wrong_ones_hold() -> None:
    payload = recorded("with_variation")
    numbered = {str(place): entry for place, entry in enumerate(payload["line_items"])}
    assert read({**payload, "line_items": numbered}) == read(payload)
    order = read({**payload, "line_items": "none"})
    assert finding(order, "not_a_list").severity == "error"
    order = read({**payload, "line_items": [*payload["line_items"], "x"]})
    assert finding(order, "not_an_item").severity == "error"


def test_a_total_that_somebody_changed_says_by_how_much() -> None:
    order = read(recorded("with_variation", total="400.00"))
    told = finding(order, "parts_differ_from_total")
    assert told.amount == Decimal("17.11")
    assert "Recalculate" in told.next_step


@pytest.mark.parametrize(("off", "words"), [("0.05", "Round tax"), ("0.06", "Recalculate"), ("-0.01", "Round tax")])
def test_a_few_cents_are_rounding_and_more_is_somebodys_doing(off: str, words: str) -> None:
    payload = recorded("with_variation")
    told = finding(read({**payload, "total": str(Decimal(payload["total"]) + Decimal(off))}), "parts_differ_from_total")
    assert told.amount == Decimal(off)
    assert words in told.next_step


@pytest.mark.parametrize(("broken", "severity"), [(0, "warning"), (1, "error")])
def test_of_very_many_findings_the_rest_is_counted_and_still_holds_the_order(broken: int, severity: str) -> None:
    payload = recorded("with_variation")
    lines = [{"id": one, "name": f"Line {one}", "quantity": 1, "total": "1.00"} for one in range(1, 51)]
    payload["line_items"] = [*lines, *[{"id": 51, "name": "Last", "quantity": 1, "total": "a lot"}] * broken]
    order = read(payload)
    assert len(order.findings) == 41
    assert order.findings[-1].code == "more_findings"
    assert order.findings[-1].severity == severity
    assert any(one.severity == "error" for one in order.findings) == bool(broken)


def test_a_status_of_a_plugin_is_taken_as_it_is() -> None:
    assert read(recorded("with_variation", status="shipped")).status == "shipped"


def test_an_order_created_with_an_unknown_product_is_read() -> None:
    order = read(exchange("errors/201_unknown_product_id_accepted.json")["response"]["body"])
    assert order.total == 0
