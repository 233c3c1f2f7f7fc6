"""What a document needs that is off in the company, with the clicks; and snapshots of the books."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.documents import CustomerDocument, PaymentDocument
from connectors.ports import BooksProfile, ListEntry
from connectors.quickbooks import preflight, read_snapshot, snapshot, write_snapshot
from tests.connectors.quickbooks_kit import AUTOMATED, CANADA, US, line, receipt


def _stops(document: Any, profile: BooksProfile) -> set[str]:
    return {finding.code for finding in preflight(document, profile) if finding.severity == "error"}


@pytest.mark.parametrize(
    ("company", "document", "code"),
    [
        ({"custom_numbers": False}, {}, "custom_numbers_off"),
        ({"classes": "off"}, {"class_": "Web"}, "classes_off"),
        ({"classes": "off"}, {"lines": (line("1", class_="Web"),)}, "classes_off"),
        ({"locations": False}, {"location": "Annapolis"}, "locations_off"),
        ({"discounts": False}, {"discount_total": Decimal(1)}, "discounts_off"),
        ({"shipping": False}, {"shipping_total": Decimal(5)}, "shipping_off"),
        ({"sales_tax": False}, {"tax_total": Decimal(1)}, "sales_tax_off"),
        ({"features": {"automated_tax_unfinished": True}}, {"tax_total": Decimal(1)}, "sales_tax_unfinished"),
        ({"features": {"estimates": False}}, {"type": "estimate"}, "estimates_off"),
        ({}, {"currency": "EUR"}, "multicurrency_off"),
        ({"closed_until": "2026-01-14"}, {}, "closed_period"),
        ({}, {"type": "invoice", "customer": None}, "no_customer"),
        ({}, {"type": "refund_receipt"}, "no_deposit_account"),
        ({}, {"lines": (line("-1.00"),)}, "negative_total"),
        ({}, {"number": "x" * 30}, "number_too_long"),
    ],
)
def test_what_is_off_and_needed_stops_the_document_with_its_clicks(
    company: dict[str, Any], document: dict[str, Any], code: str
) -> None:
    lines = document.pop("lines", (line("19.99"),))
    made = receipt(*lines, **document)
    profile = replace(US, **company)
    assert _stops(made, profile) == {code}
    (finding,) = [finding for finding in preflight(made, profile) if finding.severity == "error"]
    assert finding.next_step.endswith(".")


@pytest.mark.parametrize(
    "company",
    [
        {"classes": "off", "locations": False, "discounts": False, "shipping": False, "inventory": False},
        {"sales_tax": False},
        {"closed_until": "2026-01-13"},
        {"multicurrency": True},
    ],
)
def test_what_is_off_and_not_needed_is_no_matter(company: dict[str, Any]) -> None:
    assert preflight(receipt(), replace(US, **company)) == []


@pytest.mark.parametrize(
    ("company", "said"),
    [(US, {"tax_not_overridden"}), (replace(CANADA, automated_tax=True), {"tax_not_overridden"}), (AUTOMATED, set())],
)
def test_a_tax_that_cannot_stand_is_told(company: BooksProfile, said: set[str]) -> None:
    found = preflight(receipt(tax_total=Decimal(1), tax_override=True, tax_code="HST"), company)
    assert {finding.code for finding in found if finding.severity == "warning"} == said


def test_payments_and_customers_are_checked_too() -> None:
    payment = PaymentDocument(date=date(2026, 1, 14), customer="Ann", currency="EUR", amount=Decimal(0))
    assert _stops(payment, replace(US, closed_until="2026-01-31")) == {
        "multicurrency_off",
        "closed_period",
        "no_amount",
    }
    assert _stops(CustomerDocument(name="Ann", currency="EUR"), US) == {"multicurrency_off"}


ENTRIES = (
    ListEntry(
        kind="item", id="5", name="Tools:Pump", leaf="Pump", sync_token="0", data={"sku": "P-1", "taxable": True}
    ),
    ListEntry(kind="tax_code", id="3", name="Tucson", leaf="Tucson", data={"rate": "9.1", "rates": ["7.1", "2"]}),
    ListEntry(kind="customer", id="7", name="Bo (deleted)", active=False),
)


class _Books:
    def profile(self) -> BooksProfile:
        return US

    def lists(self, kinds: object) -> tuple[ListEntry, ...]:
        return ENTRIES


def test_a_snapshot_is_json_that_comes_back_as_it_was() -> None:
    taken = snapshot(_Books(), datetime(2026, 1, 15, 12, tzinfo=UTC))
    assert (taken["v"], taken["taken"]) == (1, "2026-01-15T12:00:00+00:00")
    read = read_snapshot(json.loads(json.dumps(taken)))
    assert read.profile == US
    assert set(map(repr, read.entries)) == set(map(repr, ENTRIES))
    assert write_snapshot(read) == taken


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ([], "no snapshot"),
        ({"v": 1}, "no snapshot"),
        ({"form": "books", "v": 2}, "form 2"),
        ({"form": "books", "v": 1}, "lacks its company"),
        ({"form": "books", "v": 1, "company": {"id": "1"}, "lists": {}}, "lacks title, country, currency"),
        ({"form": "books", "v": 1, "company": {}, "lists": {"spoons": []}}, "unknown list 'spoons'"),
        ({"form": "books", "v": 1, "company": {}, "lists": {"item": [{"name": "Pump"}]}}, "lacks id in 'Pump'"),
    ],
)
def test_what_is_no_snapshot_says_why(held: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_snapshot(held)
