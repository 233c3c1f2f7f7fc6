"""What an order becomes: transaction types, payments, tax, parts of the total, dates, numbers, references."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.documents import PaymentDocument, SalesDocument
from connectors.records import Discount, Fee, Order, Tax
from engine.documents.wanted import Desired, LeftOutPayments
from tests.documents.documents_kit import an_order, books, build, entry, money

PAID = an_order()
UNPAID = an_order(
    paid=False, paid_date=None, payments=(), status="on-hold", payment_method="Direct bank transfer",
    payment_method_id="bacs", balance=money("47.38"), transaction_id=None,
)  # fmt: skip


def sale(desired: Desired) -> SalesDocument:
    document = desired.documents[0].document
    assert isinstance(document, SalesDocument)
    return document


def payments(desired: Desired) -> list[tuple[str, PaymentDocument]]:
    return [(each.slot, each.document) for each in desired.documents if isinstance(each.document, PaymentDocument)]


def codes(desired: Desired) -> list[str]:
    return [each.code for each in desired.findings]


METHODS = {
    "stripe": ("Credit card (Stripe)", "processing", True),
    "bacs": ("Direct bank transfer", "on-hold", False),
    "cheque": ("Check payments", "on-hold", False),
    "cod": ("Cash on delivery", "processing", False),
    "purchase_order_gateway": ("Purchase order", "on-hold", False),
}


def by_method(method: str, *, paid: bool) -> Order:
    title, status, _ = METHODS[method]
    base = PAID if paid else UNPAID
    return replace(base, payment_method=title, payment_method_id=method, status="completed" if paid else status)


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize(
    ("record_as", "unpaid", "paid"),
    [
        ("estimate", ("estimate", 0, None), ("estimate", 0, None)),
        ("sales_order", ("estimate", 0, None), ("estimate", 0, None)),
        ("invoice", ("invoice", 0, None), ("invoice", 0, None)),
        ("invoice_and_payment", ("invoice", 1, None), ("invoice", 1, None)),
        ("invoice_and_payment_if_paid", ("invoice", 0, None), ("invoice", 1, None)),
        ("sales_receipt", ("sales_receipt", 0, "not_paid"), ("sales_receipt", 0, None)),
    ],
)
def test_each_way_of_recording_by_each_method_unpaid_then_paid(
    method: str, record_as: str, unpaid: tuple[str, int, str | None], paid: tuple[str, int, str | None]
) -> None:
    for order, expected in ((by_method(method, paid=False), unpaid), (by_method(method, paid=True), paid)):
        desired = build(order, record_as=record_as)
        stop = desired.stop.code if desired.stop else None
        assert (sale(desired).type, len(payments(desired)), stop) == expected


def test_a_card_method_counts_as_paid_once_the_order_goes_on() -> None:
    order = replace(UNPAID, payment_method="Terminal", status="processing")
    assert payments(build(order, record_as="invoice_and_payment_if_paid")) == []
    ((slot, payment),) = payments(build(order, record_as="invoice_and_payment_if_paid", card_methods=("terminal",)))
    assert (slot, payment.amount) == ("payment:total", money("47.38"))


def test_a_sales_order_says_that_it_becomes_an_estimate() -> None:
    assert "sales_order_as_estimate" in codes(build(PAID, record_as="sales_order"))


def test_payment_only_pays_the_invoice_of_that_number_and_makes_no_customer() -> None:
    desired = build(PAID, books(), record_as="payment")
    ((slot, payment),) = payments(desired)
    assert (slot, payment.invoice_number, payment.amount) == ("payment:paid", "1001", money("47.38"))
    assert [type(each).__name__ for each in desired.creates] == ["ListDocument"]


def test_a_rule_may_choose_the_type_for_one_order() -> None:
    def wholesale(record: dict[str, Any]) -> None:
        record["books"]["transaction_type"] = "invoice"

    assert sale(build(PAID, change=wholesale, record_as="sales_receipt")).type == "invoice"


def test_an_unpaid_order_is_skipped_where_the_flow_says_so() -> None:
    assert build(UNPAID, unpaid_orders="skip").skip == "Not paid yet (Direct bank transfer, status on-hold)."


def test_a_receipt_with_a_payment_left_out_becomes_an_invoice_and_says_so() -> None:
    def credit(record: dict[str, Any]) -> None:
        record["order"]["payments"] = []

    desired = build(PAID, change=credit, left_out=LeftOutPayments(count=1, reason="store credit"))
    assert (sale(desired).type, payments(desired)) == ("invoice", [])
    assert "receipt_became_invoice" in codes(desired)


def test_the_whole_that_was_recorded_before_is_not_recorded_again_by_the_shop_s_own_payment() -> None:
    desired = build(PAID, record_as="invoice_and_payment", standing=frozenset({"sale", "payment:total"}))
    assert [slot for slot, _ in payments(desired)] == ["payment:total"]


def test_a_receipt_carries_method_reference_and_deposit_account() -> None:
    document = sale(build(PAID, books(), deposit_account="PayPal Deposits"))
    assert (document.payment_method, document.payment_reference, document.deposit_account) == (
        "Credit card (Stripe)",
        "ch_1",
        "PayPal Deposits",
    )


def test_a_rule_marks_an_order_as_unpaid() -> None:
    def unpaid(record: dict[str, Any]) -> None:
        record["order"]["paid"] = False
        record["order"]["payments"] = []

    assert payments(build(PAID, change=unpaid, record_as="invoice_and_payment_if_paid")) == []


# ------------------------------------------------------------------------------------------------------------------ tax


@pytest.mark.parametrize(
    ("sales_tax", "tax_total", "lines", "override"),
    [("line_item", "0", 2, False), ("override", "2.40", 1, True), ("none", "0", 1, False)],
)
def test_tax_as_the_flow_says(sales_tax: str, tax_total: str, lines: int, override: bool) -> None:
    document = sale(build(PAID, books(automated_tax=override), sales_tax=sales_tax))
    assert (document.tax_total, len(document.lines), document.tax_override) == (money(tax_total), lines, override)
    assert document.total == (money("44.98") if sales_tax == "none" else money("47.38"))


def test_a_code_that_gives_what_the_shop_charged_goes_out() -> None:
    document = sale(build(PAID, books(), sales_tax="map_codes", tax_code="MD Sales Tax"))
    assert (document.tax_code, document.tax_total, document.total) == ("MD Sales Tax", money("2.40"), money("47.38"))


def test_a_rule_s_code_wins_over_the_flow_s() -> None:
    def texas(record: dict[str, Any]) -> None:
        record["books"]["tax_code"] = "Two rates"

    desired = build(PAID, books(), change=texas, sales_tax="map_codes", tax_code="MD Sales Tax")
    assert desired.stop is not None
    assert desired.stop.text == "The shop charged 6.003 % (2.40 USD), code 'Two rates' gives 9.1 % (3.64 USD)."
    assert "rounded" not in codes(desired)


def test_a_cent_of_difference_in_tax_becomes_a_rounding_line() -> None:
    order = replace(PAID, tax_total=money("2.41"), total=money("47.39"))
    document = sale(build(order, books(), sales_tax="map_codes", tax_code="MD Sales Tax"))
    assert [(line.kind, line.amount) for line in document.lines if line.kind == "rounding"] == [
        ("rounding", money("0.01"))
    ]
    assert document.total == money("47.39")


@pytest.mark.parametrize(
    ("code", "profile", "stop"),
    [
        (None, {}, "no_tax_code"),
        ("Unknown", {}, "tax_code_missing"),
        ("Non", {}, "tax_differs"),
        (None, {"automated_tax": True}, "automated_tax"),
        ("Unknown", {"automated_tax": True}, "automated_tax"),
        ("MD Sales Tax", {"automated_tax": True}, "automated_tax"),
        ("MD Sales Tax", {"sales_tax": False}, "sales_tax_off"),
    ],
)
def test_tax_that_cannot_be_right_holds_the_order(code: str | None, profile: dict[str, Any], stop: str) -> None:
    desired = build(PAID, books(**profile), sales_tax="map_codes", tax_code=code or "")
    assert desired.stop is not None
    assert desired.stop.code == stop
    assert desired.stop.next_step


@pytest.mark.parametrize(
    ("code", "stop"),
    [("MD Sales Tax", None), ("Two rates", "tax_differs"), ("", "no_tax_code"), ("Non", "tax_differs")],
)
def test_tax_codes_made_by_hand_are_overridden_only_where_they_agree(code: str, stop: str | None) -> None:
    desired = build(PAID, books(), sales_tax="override", tax_code=code)
    if stop is None:
        assert desired.stop is None
        assert (sale(desired).tax_code, sale(desired).tax_total) == ("MD Sales Tax", money("2.40"))
        assert "tax_not_overridden" in codes(desired)
    else:
        assert desired.stop is not None
        assert desired.stop.code == stop
        assert "there is no overriding it" in desired.stop.text


def test_neutral_books_have_the_kind_of_sales_tax_that_the_flow_counts_on() -> None:
    desired = build(PAID, sales_tax="override")
    assert (desired.stop, sale(desired).tax_total) == (None, money("2.40"))
    assert "tax_not_overridden" not in codes(desired)
    assert build(PAID, sales_tax="map_codes", tax_code="MD Sales Tax").stop is None


def test_a_line_that_a_rule_calls_non_is_not_taxed() -> None:
    def exempt(record: dict[str, Any]) -> None:
        record["order"]["lines"][0]["tax_code"] = "Non"

    order = replace(PAID, tax_total=Decimal(0), total=money("44.98"))
    document = sale(build(order, books(), change=exempt, sales_tax="map_codes", tax_code="MD Sales Tax"))
    assert [line.taxable for line in document.lines] == [False]
    assert document.tax_total == 0


# ----------------------------------------------------------------------------------------------------------- the total

FULL = replace(
    PAID,
    discount_total=money("4.00"),
    discounts=(Discount(id="31", code="WELCOME", amount=money("4.00")),),
    lines=(replace(PAID.lines[0], amount=money("35.98"), unit_price=money("17.99"), discount=money("4.00")),),
    fees=(Fee(id="41", name="Gift wrap", amount=money("3.00")),),
    fee_total=money("3.00"),
    total=money("46.38"),
)


@pytest.mark.parametrize("shipping_as", ["shipping_line", "item"])
@pytest.mark.parametrize(
    ("discounts_as", "goods", "discount"),
    [("in_lines", "35.98", "0"), ("discount_line", "39.98", "4.00"), ("item", "39.98", "0")],
)
def test_shipping_and_discounts_stand_where_the_flow_wants_them(
    shipping_as: str, discounts_as: str, goods: str, discount: str
) -> None:
    document = sale(build(FULL, books(), shipping_as=shipping_as, discounts_as=discounts_as))
    assert document.lines[0].amount == money(goods)
    assert document.discount_total == money(discount)
    assert document.shipping_total == (money("5.00") if shipping_as == "shipping_line" else 0)
    assert document.total == money("46.38")
    assert ("Discount" in [line.item for line in document.lines]) == (discounts_as == "item")


@pytest.mark.parametrize(
    ("lines", "total", "stands", "rounding"),
    [
        (1, "20.125", "20.13", None),  # the line and the total round alike
        (3, "60.375", "60.38", "-0.01"),  # three lines of 20.13 are a cent too many
    ],
)
def test_three_decimals_are_rounded_to_the_two_that_quickbooks_keeps_and_it_says_so(
    lines: int, total: str, stands: str, rounding: str | None
) -> None:
    dinars = replace(PAID.lines[0], quantity=Decimal(1), unit_price=money("20.125"), amount=money("20.125"),
                     tax_amount=Decimal(0))  # fmt: skip
    order = replace(
        PAID, currency="KWD", lines=tuple(replace(dinars, id=str(n)) for n in range(lines)), total=money(total),
        shipping_lines=(), shipping_total=Decimal(0), tax_total=Decimal(0),
        payments=(replace(PAID.payments[0], amount=money(total)),),
    )  # fmt: skip
    desired = build(order, books(currency="KWD"), record_as="invoice_and_payment")
    assert desired.stop is None
    assert sale(desired).total == money(stands) == sum(line.amount for line in sale(desired).lines)
    assert [payment.amount for _, payment in payments(desired)] == [money(stands)]
    assert [format(line.amount, "f") for line in sale(desired).lines if line.kind == "rounding"] == (
        [rounding] if rounding else []
    )
    (said,) = [each.text for each in desired.findings if each.code == "rounded_to_cents"]
    assert said == f"QuickBooks keeps two decimals: {total} KWD stand there as {stands} KWD."


TAXED = replace(
    FULL, taxes=(Tax(id="51", name="State", amount=money("1.40")), Tax(id="52", name="City", amount=money("1.00")))
)
# (list of the order, rule's words for its first entry, options) -> (item, amount, account, class, taxable) of the line
PLACED: dict[str, tuple[str, dict[str, Any], dict[str, Any], tuple[str, str, str | None, str | None, bool]]] = {
    "a shipping line's item": ("shipping_lines", {"item": "UPS"}, {}, ("UPS", "5.00", None, None, False)),
    "a shipping line's account": (
        "shipping_lines", {"account": "PayPal Deposits"}, {}, ("Shipping", "5.00", "PayPal Deposits", None, False)
    ),
    "a shipping line's tax code": (
        "shipping_lines", {"tax_code": "MD Sales Tax"}, {"sales_tax": "map_codes", "tax_difference_limit": Decimal(9)},
        ("Shipping", "5.00", None, None, True),
    ),
    "a fee's account": ("fees", {"account": "PayPal Deposits"}, {}, ("Fee", "3.00", "PayPal Deposits", None, False)),
    "a fee's class": ("fees", {"class": "Web"}, {}, ("Fee", "3.00", None, "Web", False)),
    "a discount's item": ("discounts", {"item": "Coupons"}, {"discounts_as": "item"}, ("Coupons", "-4.00", None, None, False)),
    "a discount's item, else one discount": (
        "discounts", {"item": "Coupons"}, {"discounts_as": "discount_line"}, ("Coupons", "-4.00", None, None, False)
    ),
    "a tax's item": ("taxes", {"item": "City tax"}, {}, ("City tax", "1.40", None, None, False)),
    "a tax's account": ("taxes", {"account": "PayPal Deposits"}, {}, ("Sales Tax", "1.40", "PayPal Deposits", None, False)),
}  # fmt: skip


@pytest.mark.parametrize("case", PLACED)
def test_what_a_rule_says_of_an_entry_s_place_in_the_books_is_where_it_goes(case: str) -> None:
    name, said, options, wanted = PLACED[case]

    def place(record: dict[str, Any]) -> None:
        record["order"][name][0].update(said)

    desired = build(TAXED, books(entry("class", "Web")), change=place, **options)
    document = sale(desired)
    found = [(each.item, format(each.amount, "f"), each.account, each.class_, each.taxable) for each in document.lines]
    assert wanted in found
    assert document.total == money("46.38")
    assert document.subtotal - document.discount_total + document.shipping_total + document.tax_total == document.total


@pytest.mark.parametrize(
    ("name", "said", "total"),
    [
        ("lines", {"sku": "WRAP", "quantity": Decimal(1)}, "48.38"),
        ("fees", {}, "48.38"),
        ("shipping_lines", {}, "48.38"),
        ("discounts", {}, "44.38"),
        ("discounts", {"item": "Loyalty"}, "44.38"),
    ],
)
@pytest.mark.parametrize("discounts_as", ["in_lines", "discount_line", "item"])
def test_an_entry_that_a_rule_adds_needs_no_more_than_the_rule_says(
    name: str, said: dict[str, Any], total: str, discounts_as: str
) -> None:
    def add(record: dict[str, Any]) -> None:
        record["order"][name].append({"id": "rule:Add:1", "amount": money("2.00"), **said})

    desired = build(TAXED, books(), change=add, discounts_as=discounts_as)
    assert desired.stop is None
    assert sale(desired).total == money(total)


def test_a_discount_that_a_rule_adds_goes_to_its_own_item_and_one_inside_the_lines_stays_there() -> None:
    def add(record: dict[str, Any]) -> None:
        received = record["order"]["discounts"][0]
        received["item"] = "Coupons"
        record["order"]["discounts"].append({**received, "id": "added", "amount": money("1.00"), "item": "Loyalty"})

    document = sale(build(TAXED, books(), change=add))
    assert [(each.item, each.amount) for each in document.lines if each.amount < 0] == [("Loyalty", money("-1.00"))]
    assert document.total == money("45.38")


@pytest.mark.parametrize(("code", "tax"), [(None, "2.18"), ("Non", "2.40")])
def test_a_discount_without_tax_lowers_no_tax(code: str | None, tax: str) -> None:
    def untaxed(record: dict[str, Any]) -> None:
        record["books"]["discount_tax_code"] = code

    order = replace(TAXED, tax_total=money(tax), total=money("46.38") - money("2.40") + money(tax))
    desired = build(
        order, books(), change=untaxed, discounts_as="discount_line", sales_tax="map_codes", tax_code="MD Sales Tax"
    )
    assert desired.stop is None
    assert (sale(desired).discount_taxable, sale(desired).tax_total) == (code is None, money(tax))


def test_a_fee_is_a_line_on_the_named_item() -> None:
    document = sale(build(FULL, books(), fee_item="Extras"))
    assert [(line.item, line.amount) for line in document.lines if line.kind == "fee"] == [("Extras", money("3.00"))]


def test_the_processor_s_fee_is_one_negative_line_against_costs_and_the_payment_is_the_net() -> None:
    order = replace(PAID, meta={"_stripe_fee": "1.67"})
    desired = build(order, books(), record_as="invoice_and_payment_if_paid", transaction_fees=True)
    document = sale(desired)
    (fee,) = [line for line in document.lines if line.kind == "transaction_fee"]
    assert (fee.item, fee.amount, document.total) == ("Merchant Fees", money("-1.67"), money("45.71"))
    ((_, payment),) = payments(desired)
    assert payment.amount == money("45.71")
    item = next(each for each in desired.creates if each.name == "Merchant Fees")
    assert getattr(item, "income_account", None) == "Cost of Goods Sold"


@pytest.mark.parametrize("meta", ["abc", "NaN", "1e999999999"])
def test_a_fee_that_is_no_amount_is_left_out_and_said(meta: str) -> None:
    desired = build(replace(PAID, meta={"_stripe_fee": meta}), books(), transaction_fees=True)
    assert sale(desired).total == money("47.38")
    assert "fee_unreadable" in codes(desired)


@pytest.mark.parametrize(("total", "gap", "stop"), [("47.40", "0.02", None), ("48.38", None, "parts_do_not_add_up")])
def test_a_gap_becomes_a_rounding_line_up_to_the_limit_and_more_holds(
    total: str, gap: str | None, stop: str | None
) -> None:
    desired = build(replace(PAID, total=money(total)), books())
    rounding = [format(line.amount, "f") for line in sale(desired).lines if line.kind == "rounding"]
    assert rounding == ([gap] if gap else [])
    assert (desired.stop.code if desired.stop else None) == stop


def test_what_rules_change_in_the_parts_is_in_the_total_and_listed() -> None:
    def surcharge(record: dict[str, Any]) -> None:
        record["order"]["shipping_total"] += money("1.50")

    desired = build(PAID, books(), change=surcharge)
    assert sale(desired).total == money("48.88")
    assert "Rules changed the shipping: 1.50 USD more." in [each.text for each in desired.findings]


def test_carrier_lines_that_become_shipping_leave_the_total_alone() -> None:
    def carrier(record: dict[str, Any]) -> None:
        line = record["order"]["lines"].pop()
        record["order"]["shipping_total"] += line["amount"]

    document = sale(build(PAID, books(), change=carrier))
    assert (document.shipping_total, document.total) == (money("44.98"), money("47.38"))


def test_shipping_becomes_an_item_where_the_company_has_no_shipping_field() -> None:
    desired = build(PAID, books(shipping=False))
    assert [line.item for line in sale(desired).lines if line.kind == "shipping"] == ["Shipping"]
    assert "shipping_as_item" in codes(desired)


# ------------------------------------------------------------------------------------------- header, dates, references


@pytest.mark.parametrize(
    ("profile", "options", "stop"),
    [
        ({"closed_until": "2026-03-31"}, {}, "closed_period"),
        ({"custom_numbers": False}, {}, "custom_numbers_off"),
        ({"classes": "off"}, {"class_": "Web"}, "classes_off"),
        ({"locations": False}, {"location": "East"}, "locations_off"),
        ({"discounts": False}, {"discounts_as": "discount_line"}, "discounts_off"),
        ({"currency": "EUR"}, {}, "foreign_currency"),
        ({"currency": "EUR", "multicurrency": True}, {}, "foreign_currency"),
        ({}, {"class_": "Nowhere"}, "class_missing"),
        ({}, {"terms": "Net 999", "record_as": "invoice"}, "term_missing"),
        ({}, {"deposit_account": "No such account"}, "account_missing"),
    ],
)
def test_what_the_company_lacks_holds_the_order_with_the_clicks_that_mend_it(
    profile: dict[str, Any], options: dict[str, Any], stop: str
) -> None:
    view = books(entry("class", "Web"), entry("department", "East"), entry("term", "Net 30"), **profile)
    desired = build(FULL, view, **options)
    assert desired.stop is not None
    assert desired.stop.code == stop
    assert desired.stop.next_step


def test_an_order_of_a_closed_period_is_posted_on_the_first_open_day_where_the_flow_says_so() -> None:
    desired = build(PAID, books(closed_until="2026-03-31"), closed_period="first_open_day")
    assert sale(desired).date == date(2026, 4, 1)
    assert "moved_out_of_closed_period" in codes(desired)


def test_a_number_beyond_quickbooks_limit_holds_the_order() -> None:
    desired = build(replace(PAID, number="1234567890123456789012"))
    assert desired.stop is not None
    assert desired.stop.code == "number_too_long"


def test_class_location_and_terms_come_from_the_flow_the_order_or_a_rule() -> None:
    view = books(
        entry("class", "Web"), entry("class", "Wholesale"), entry("department", "East"), entry("term", "Net 30")
    )
    document = sale(build(PAID, view, record_as="invoice", class_="web", location="East", terms="Net 30"))
    assert (document.class_, document.location, document.terms) == ("Web", "East", "Net 30")

    def rule(record: dict[str, Any]) -> None:
        record["books"]["class"] = "Wholesale"

    assert sale(build(PAID, view, change=rule, class_="Web")).class_ == "Wholesale"


def test_an_empty_order_has_nothing_to_post() -> None:
    order = replace(
        PAID, lines=(), shipping_lines=(), shipping_total=Decimal(0), tax_total=Decimal(0), total=Decimal(0)
    )
    desired = build(order)
    assert desired.stop is not None
    assert desired.stop.code == "nothing_to_post"
