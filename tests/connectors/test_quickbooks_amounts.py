"""The tax that a company will compute, known before anything is sent, and prices that make an amount."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.money import cents
from connectors.ports import BooksProfile, ListEntry
from connectors.quickbooks import compute_tax
from connectors.quickbooks.amounts import price
from connectors.quickbooks.decoding import entry
from tests.connectors.quickbooks_kit import AUTOMATED, CANADA, US, line, receipt


def _code(id: str, name: str, *rates: tuple[str, str, int], **more: Any) -> ListEntry:
    listed = [{"TaxRateRef": {"value": rate}, "TaxOrder": 0, "TaxOnTaxOrder": order} for rate, _, order in rates]
    body = {"Id": id, "Name": name, "Active": True, "SalesTaxRateList": {"TaxRateDetail": listed}, **more}
    return entry("tax_code", body, {rate: {"Id": rate, "RateValue": Decimal(value)} for rate, value, _ in rates})


CODES = [
    _code("2", "California", ("3", "8", 0)),
    _code("3", "Tucson", ("1", "7.1", 0), ("2", "2", 0)),
    _code("4", "Quebec of old", ("5", "5", 0), ("6", "9.5", 1)),
    _code("5", "HST ON", ("7", "13", 0)),
    _code("6", "Zero", ("8", "0", 0), Taxable=True),
    _code("7", "by address", Taxable=True),
    _code("NON", "NON", Taxable=False),
]


def test_a_code_tells_its_rates_one_by_one_and_together() -> None:
    tucson, address, none = CODES[1], CODES[5], CODES[6]
    assert (tucson.data["rate"], tucson.data["rates"]) == ("9.1", ["7.1", "2"])
    assert "rate" not in address.data
    assert (none.data["rate"], none.data["rates"]) == ("0", [])


@pytest.mark.parametrize(
    ("document", "tax"),
    [
        pytest.param({"tax_code": "California"}, "1.60", id="one rate"),
        pytest.param({"tax_code": "california"}, "1.60", id="whatever the case"),
        pytest.param({"tax_code": "Tucson"}, "1.82", id="rates that round for themselves: 1.42 and 0.40"),
        pytest.param({"tax_code": "Quebec of old"}, "3.00", id="a tax on a tax"),
        pytest.param({"tax_code": "Zero"}, "0", id="a rate of nothing"),
        pytest.param({"tax_code": None}, "0", id="no code"),
        pytest.param({"tax_code": "NON"}, "0", id="no tax"),
        pytest.param({"tax_code": "Unheard of"}, None, id="an unknown code"),
        pytest.param({"tax_code": "by address"}, None, id="a code without rates"),
        pytest.param(
            {"tax_code": "California", "shipping_total": Decimal(5), "shipping_taxable": True},
            "2.00",
            id="taxed shipping",
        ),
        pytest.param({"tax_code": "California", "shipping_total": Decimal(5)}, "1.60", id="untaxed shipping"),
        pytest.param({"tax_code": "California", "discount_total": Decimal(6)}, "1.28", id="a discount before tax"),
        pytest.param(
            {"tax_code": "California", "discount_total": Decimal(6), "discount_taxable": False},
            "1.60",
            id="a discount after tax",
        ),
    ],
)
def test_a_company_with_codes_taxes_the_taxable_lines(document: dict[str, Any], tax: str | None) -> None:
    made = receipt(line("19.99", taxable=True), line("0.01", taxable=True), line("10.00"), **document)
    assert compute_tax(made, US, CODES) == (None if tax is None else Decimal(tax))


@pytest.mark.parametrize(("amount", "tax"), [("0.10", "0.01"), ("0.09", "0.00"), ("-0.10", "-0.01"), ("0.30", "0.02")])
def test_half_a_cent_goes_away_from_zero(amount: str, tax: str) -> None:
    codes = [_code("9", "Five", ("9", "5", 0))]
    assert compute_tax(receipt(line(amount, taxable=True), tax_code="Five"), US, codes) == Decimal(tax)


@pytest.mark.parametrize(
    ("profile", "document", "tax"),
    [
        (AUTOMATED, {"tax_total": Decimal("1.23")}, None),
        (AUTOMATED, {"tax_total": Decimal("1.23"), "tax_override": True}, "1.23"),
        (replace(US, sales_tax=False), {"tax_code": "California"}, "0"),
    ],
)
def test_automated_tax_is_known_only_where_it_is_given(
    profile: BooksProfile, document: dict[str, Any], tax: str | None
) -> None:
    made = receipt(line("20.00", taxable=True), **document)
    assert compute_tax(made, profile, CODES) == (None if tax is None else Decimal(tax))


def test_outside_the_us_each_line_has_its_code() -> None:
    made = receipt(line("10.00", tax_code="HST ON"), line("10.00"), tax_code="Zero", shipping_total=Decimal(5))
    assert compute_tax(made, CANADA, CODES) == Decimal("1.30")


@given(
    quantity=st.decimals(Decimal("-9999"), Decimal("9999"), places=3).filter(bool),
    amount=st.decimals(Decimal("-99999"), Decimal("99999"), places=2),
    given_price=st.none() | st.decimals(Decimal("-999"), Decimal("999"), places=4),
)
def test_a_price_makes_the_amount_and_is_left_alone_where_it_does(
    quantity: Decimal, amount: Decimal, given_price: Decimal | None
) -> None:
    found = price(quantity, given_price, amount)
    # With less than 10,000 pieces, 7 places of a price always suffice.
    assert found.quantity == quantity
    assert found.unit_price is not None
    assert cents(quantity * found.unit_price) == amount
    if given_price is not None and cents(quantity * given_price) == amount:
        assert found.unit_price == given_price
    assert price(quantity, found.unit_price, amount).unit_price == found.unit_price
