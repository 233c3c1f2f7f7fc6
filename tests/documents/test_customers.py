"""How an order's customer is named, found, made or held: every mode by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.documents import CustomerDocument, SalesDocument
from connectors.records import Address, Party
from engine.documents.wanted import Desired
from engine.options import CUSTOMER_MODES
from tests.documents.documents_kit import an_order, books, build, entry

JANE = an_order(
    customer=Party(id="9", first_name="Jane Ann", last_name="Doe", company="Doe & Co", email="jane@doe.example"),
    bill_to=Address(name="Jane Doe", company="Doe & Co", email="jane@doe.example"),
    ship_to=Address(name="Sam Smith", company="Smith GmbH", state="MD"),
    channel="store-api",
)
MODES = {
    "first_last": "Jane Ann Doe",
    "last_first": "Doe, Jane Ann",
    "first_last_email": "Jane Ann Doe (jane@doe.example)",
    "last_first_middle_initial": "Doe, Jane A.",
    "one_customer": "Web Store",
    "company_or_first_last": "Doe & Co",
    "company_or_last_first": "Doe & Co",
    "company_or_one_customer": "Doe & Co",
    "channel": "store-api",
    "store_name_and_currency": "Acme Outdoors USD",
    "shipping_company_or_name": "Smith GmbH",
    "shipping_first_last": "Sam Smith",
    "shipping_last_first": "Smith, Sam",
    "shipping_full_name": "Sam Smith",
    "billing_full_name": "Jane Doe",
    "email": "Jane Ann Doe",
    "email_as_name": "jane@doe.example",
    "order_number": "1001",
}


def customer_of(desired: Desired) -> str | None:
    sale = desired.documents[0].document
    assert isinstance(sale, SalesDocument)
    return sale.customer


def made(desired: Desired) -> list[CustomerDocument]:
    return [each for each in desired.creates if isinstance(each, CustomerDocument)]


def test_every_mode_has_its_case() -> None:
    assert set(MODES) == set(CUSTOMER_MODES)


@pytest.mark.parametrize(("mode", "name"), sorted(MODES.items()))
def test_a_mode_names_the_customer(mode: str, name: str) -> None:
    desired = build(JANE, books(), match_customers=mode)
    assert customer_of(desired) == name
    assert [each.name for each in made(desired)] == [name]


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("company_or_first_last", "Jane Ann Doe"),
        ("company_or_last_first", "Doe, Jane Ann"),
        ("company_or_one_customer", "Web Store"),
        ("shipping_company_or_name", "Sam Smith"),
    ],
)
def test_without_a_company_the_other_name_counts(mode: str, name: str) -> None:
    order = replace(
        JANE,
        customer=replace(JANE.customer, company=None),
        bill_to=replace(JANE.bill_to, company=None),
        ship_to=replace(JANE.ship_to, company=None),
    )
    assert customer_of(build(order, books(), match_customers=mode)) == name


def test_an_order_without_any_name_goes_to_its_email_and_says_so() -> None:
    order = an_order(customer=Party(email="x@example.org", guest=True), bill_to=Address(), ship_to=Address())
    desired = build(order, books())
    assert customer_of(desired) == "x@example.org"
    assert "customer_without_name" in [each.code for each in desired.findings]


def test_an_order_without_name_and_email_goes_to_the_one_customer() -> None:
    order = an_order(customer=Party(guest=True), bill_to=Address(), ship_to=Address())
    assert customer_of(build(order, books())) == "Web Store"


def test_a_customer_that_the_books_have_is_not_made_again() -> None:
    desired = build(JANE, books(entry("customer", "JANE ANN DOE")))
    assert (customer_of(desired), made(desired)) == ("Jane Ann Doe", [])


def test_a_new_customer_carries_the_buyer_s_address_and_email() -> None:
    (customer,) = made(build(JANE, books()))
    assert (customer.email, customer.company, customer.ship_to.state) == ("jane@doe.example", "Doe & Co", "MD")


def test_a_customer_that_stands_for_many_carries_nobody_s_address() -> None:
    (customer,) = made(build(JANE, books(), match_customers="store_name_and_currency"))
    assert (customer.email, customer.bill_to) == (None, Address())


def test_a_list_of_addresses_in_the_books_matches_each_of_them() -> None:
    view = books(entry("customer", "Old Name", email="info@doe.example, jane@doe.example"))
    desired = build(JANE, view, match_customers="email")
    assert (customer_of(desired), made(desired)) == ("Old Name", [])


def test_of_several_customers_with_one_address_the_oldest_is_taken_and_said() -> None:
    view = books(
        entry("customer", "Second", "12", email="jane@doe.example"),
        entry("customer", "First", "9", email="jane@doe.example"),
    )
    desired = build(JANE, view, match_customers="email")
    assert customer_of(desired) == "First"
    assert "customer_email_shared" in [each.code for each in desired.findings]


def test_a_name_that_a_vendor_holds_gets_a_suffix_and_says_so() -> None:
    desired = build(JANE, books(entry("vendor", "Jane Ann Doe")))
    assert customer_of(desired) == "Jane Ann Doe (Customer)"
    assert "customer_name_held" in [each.code for each in desired.findings]


def test_the_suffixed_customer_is_found_the_next_time() -> None:
    view = books(entry("vendor", "Jane Ann Doe"), entry("customer", "Jane Ann Doe (Customer)"))
    desired = build(JANE, view)
    assert (customer_of(desired), made(desired)) == ("Jane Ann Doe (Customer)", [])


def test_an_inactive_customer_holds_the_order_with_the_clicks_that_mend_it() -> None:
    desired = build(JANE, books(entry("customer", "Jane Ann Doe", active=False)))
    assert desired.stop is not None
    assert desired.stop.code == "customer_inactive"
    assert "make 'Jane Ann Doe' active" in desired.stop.next_step


@pytest.mark.parametrize(
    ("missing", "name", "stop"),
    [("create", "Jane Ann Doe", None), ("one_customer", "Web Store", None), ("hold", None, "customer_missing")],
)
def test_a_missing_customer_is_made_or_stood_in_for_or_waited_for(
    missing: str, name: str | None, stop: str | None
) -> None:
    desired = build(JANE, books(), missing_customers=missing)
    assert customer_of(desired) == name
    assert (desired.stop.code if desired.stop else None) == stop


def test_a_rule_s_customer_wins_over_the_mode() -> None:
    def rule(record: dict[str, Any]) -> None:
        record["books"]["customer"] = "ABC, Inc."

    assert customer_of(build(JANE, books(), change=rule)) == "ABC, Inc."


@pytest.mark.parametrize(
    ("name", "becomes"),
    [("A: B", "A - B"), ("Long " + "x" * 200, ("Long " + "x" * 200)[:100]), ("Tab\there", "Tab here")],
)
def test_a_name_that_quickbooks_refuses_is_made_acceptable_and_said(name: str, becomes: str) -> None:
    order = replace(JANE, customer=Party(first_name=name))
    desired = build(order, books())
    assert customer_of(desired) == becomes
    assert "customer_name_changed" in [each.code for each in desired.findings]


def test_a_child_is_found_by_its_own_name_unless_two_parents_have_one() -> None:
    one = books(entry("customer", "Family:Jane Ann Doe"))
    assert customer_of(build(JANE, one)) == "Family:Jane Ann Doe"
    two = books(entry("customer", "Family:Jane Ann Doe"), entry("customer", "Club:Jane Ann Doe"))
    stop = build(JANE, two).stop
    assert stop is not None
    assert stop.code == "customer_ambiguous"
