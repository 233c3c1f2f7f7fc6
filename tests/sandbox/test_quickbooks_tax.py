"""sandbox/quickbooks/tax.py, jurisdictions.py"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from sandbox.quickbooks.jurisdictions import jurisdictions_at, state_code

CODE = {"TxnTaxCodeRef": {"value": "3"}}
DISCOUNT = {"Amount": 20, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": False}}


def test_a_tax_code_is_expanded_into_its_rates(books: Any) -> None:
    body = books.form(books.line(price=100, tax="TAX"), books.line(price=50, tax="NON"), TxnTaxDetail=CODE)
    made = books.post("Invoice", body)
    detail = made["TxnTaxDetail"]
    assert (detail["TotalTax"], made["TotalAmt"]) == (Decimal("9.1"), Decimal("159.1"))
    assert [line["Amount"] for line in detail["TaxLine"]] == [Decimal("7.1"), 2]
    assert detail["TaxLine"][0] == {
        "Amount": Decimal("7.1"),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": "1"},
            "PercentBased": True,
            "TaxPercent": Decimal("7.1"),
            "NetAmountTaxable": 100,
        },
    }


def test_tax_by_code_is_on_the_full_price_unless_after_discount(books: Any) -> None:
    lines = [books.line(price=100, tax="TAX"), DISCOUNT]
    before = books.post("Invoice", books.form(*lines, TxnTaxDetail=CODE))
    assert before["TotalAmt"] == Decimal("89.1")
    after = books.post("Invoice", books.form(*lines, TxnTaxDetail=CODE, ApplyTaxAfterDiscount=True))
    assert after["TxnTaxDetail"]["TotalTax"] == Decimal("7.28")


def test_without_a_code_there_is_no_tax_and_a_total_from_the_caller_does_not_stand(books: Any) -> None:
    made = books.post("Invoice", books.form(books.line(tax="TAX"), TxnTaxDetail={"TotalTax": 5}))
    assert (made["TxnTaxDetail"]["TotalTax"], made["TotalAmt"]) == (0, 20)
    made = books.post("Invoice", books.form(books.line(tax="TAX"), TxnTaxDetail={"TotalTax": 5, **CODE}))
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("1.82")
    assert books.code("Invoice", books.form(TxnTaxDetail={"TxnTaxCodeRef": {"value": "77"}})) == 2500


def test_a_sparse_change_of_lines_works_the_tax_out_anew(books: Any) -> None:
    made = books.post("Invoice", books.form(books.line(tax="TAX"), TxnTaxDetail=CODE))
    body = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Line": [books.line(price=200, tax="TAX")]}
    assert books.post("Invoice", body)["TxnTaxDetail"]["TotalTax"] == Decimal("18.2")


def test_a_note_changes_no_tax_that_was_given(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(sales_tax="automated")
    body = books.form(books.line(tax="TAX"), ShipAddr={"CountrySubDivisionCode": "MD"}, TxnTaxDetail={"TotalTax": 3})
    made = books.post("Invoice", body)
    noted = books.post("Invoice", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "x"})
    assert (noted["TxnTaxDetail"], noted["TotalAmt"]) == (made["TxnTaxDetail"], 23)
    lines = {"Id": made["Id"], "SyncToken": "1", "sparse": True, "Line": [books.line(price=100, tax="TAX")]}
    assert books.post("Invoice", lines)["TxnTaxDetail"]["TotalTax"] == 6


def test_a_form_with_tax_has_at_most_750_lines(books: Any) -> None:
    taxed, untaxed = books.line("10", 1, 1, tax="TAX"), books.line("10", 1, 1)
    assert books.code("Invoice", books.form(*[taxed] * 751)) == 6000
    assert books.code("Invoice", books.form(*[untaxed] * 751)) is None


def test_with_sales_tax_off_tax_is_left_out(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(sales_tax="off")
    made = books.post("Invoice", books.form(books.line(tax="5"), TxnTaxDetail={"TotalTax": 5, **CODE}))
    assert "TxnTaxDetail" not in made
    assert made["TotalAmt"] == 20


ADDRESSES: list[tuple[Any, str]] = [
    ({"CountrySubDivisionCode": "MD", "City": "Baltimore"}, "6"),
    ({"CountrySubDivisionCode": "Maryland", "Country": "USA"}, "6"),
    ({"CountrySubDivisionCode": "US-MD"}, "6"),
    ({"CountrySubDivisionCode": "AZ", "City": "Tucson", "PostalCode": "85701"}, "8.7"),
    ({"CountrySubDivisionCode": "CA", "City": "Los Angeles", "PostalCode": "90012"}, "9.5"),
    ({"CountrySubDivisionCode": "NY", "City": "New York", "PostalCode": "10001"}, "8.88"),
    ({"CountrySubDivisionCode": "OR", "City": "Portland"}, "0"),
    ({"CountrySubDivisionCode": "ON", "Country": "Canada"}, "0"),
    ({"Country": "DE", "City": "Berlin"}, "0"),
]


@pytest.mark.parametrize(("address", "tax"), ADDRESSES)
def test_automated_tax_goes_by_the_address(quickbooks: Callable[..., Any], address: Any, tax: str) -> None:
    books = quickbooks(sales_tax="automated")
    made = books.post("Invoice", books.form(books.line(price=100, tax="TAX"), ShipAddr=address, TxnTaxDetail=CODE))
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal(tax)
    assert made["TotalAmt"] == 100 + Decimal(tax)


def test_automated_tax_puts_its_own_code_in_place_of_the_callers(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(sales_tax="automated")
    address = {"CountrySubDivisionCode": "MD"}
    body = books.form(books.line(tax="TAX"), ShipAddr=address, TxnTaxDetail={"TxnTaxCodeRef": {"value": "99"}})
    code = books.post("SalesReceipt", body)["TxnTaxDetail"]["TxnTaxCodeRef"]["value"]
    assert books.get("TaxCode", code)["Name"] == "Maryland"
    assert books.post("SalesReceipt", body)["TxnTaxDetail"]["TxnTaxCodeRef"]["value"] == code


def test_a_total_from_the_caller_overrides_automated_tax_and_is_spread(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(sales_tax="automated")
    address = {"CountrySubDivisionCode": "AZ", "City": "Tucson", "PostalCode": "85701"}
    body = books.form(books.line(price=100, tax="TAX"), ShipAddr=address, TxnTaxDetail={"TotalTax": Decimal("6.25")})
    made = books.post("Invoice", body)
    assert (made["TxnTaxDetail"]["TotalTax"], made["TotalAmt"]) == (Decimal("6.25"), Decimal("106.25"))
    assert sum(line["Amount"] for line in made["TxnTaxDetail"]["TaxLine"]) == Decimal("6.25")


def test_automated_tax_without_addresses_goes_by_the_company(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(sales_tax="automated", empty=True)
    customer = books.post("Customer", {"DisplayName": "No address"})["Id"]
    item = books.post("Item", {"Name": "Work", "Type": "Service", "IncomeAccountRef": {"value": "1"}})["Id"]
    made = books.post("Invoice", books.form(books.line(item, 1, 100, tax="TAX"), customer=customer))
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("7.25")


@pytest.mark.parametrize(("country", "words"), [("GB", "VAT rate"), ("CA", "GST/HST rate")])
def test_elsewhere_every_line_needs_a_real_code(
    quickbooks: Callable[..., Any], refused: Any, country: str, words: str
) -> None:
    books = quickbooks(country=country)
    with pytest.raises(refused) as caught:
        books.post("Invoice", books.form())
    assert caught.value.code == 6000
    assert caught.value.detail == (
        f"Business Validation Error: Make sure all your transactions have a {words} before you save."
    )
    assert books.code("Invoice", books.form(books.line(tax="TAX"))) == 2500


def test_tax_elsewhere_is_by_line_on_net_amounts(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(country="GB")
    made = books.post("Invoice", books.form(books.line(price=100, tax="2"), books.line(price=50, tax="3")))
    assert made["GlobalTaxCalculation"] == "TaxExcluded"
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("22.5")
    assert made["CurrencyRef"]["value"] == "GBP"


def test_an_inclusive_amount_is_taken_apart(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(country="GB")
    line = books.line(price=100, tax="2", TaxInclusiveAmt=120)
    made = books.post("Invoice", books.form(line, GlobalTaxCalculation="TaxInclusive"))
    assert (made["Line"][0]["Amount"], made["TotalAmt"]) == (100, 120)
    plain = books.post("Invoice", books.form(books.line(price=100, tax="2"), GlobalTaxCalculation="TaxInclusive"))
    assert plain["TotalAmt"] == 120


def test_not_applicable_forbids_tax(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(country="AU")
    body = books.form(books.line(tax="2"), GlobalTaxCalculation="NotApplicable")
    assert books.post("Invoice", body)["TotalAmt"] == 20
    assert books.code("Invoice", {**body, "TxnTaxDetail": {"TotalTax": 2}}) == 6170


def test_a_query_of_tax_codes_has_the_pseudo_codes_on_top(books: Any) -> None:
    found = books.query("SELECT * FROM TaxCode MAXRESULTS 1")
    assert [code["Id"] for code in found["TaxCode"]] == ["TAX", "NON", "CustomSalesTax", "2"]
    assert found["totalCount"] == 5
    assert len(books.rows("SELECT * FROM TaxRate MAXRESULTS 1")) == 1
    assert books.code("TaxCode", {"Name": "x"}) == 500


def test_the_tax_service_makes_code_and_rates(books: Any) -> None:
    rate = {"TaxRateName": "Town", "RateValue": 10, "TaxAgencyId": 1, "TaxApplicableOn": "Sales"}
    status, made = books.send("POST", "taxservice/taxcode", {"TaxCode": "Town", "TaxRateDetails": [rate]})
    assert status == 200
    assert made["TaxRateDetails"][0]["TaxAgencyId"] == "1"
    body = books.form(books.line(price=100, tax="TAX"), TxnTaxDetail={"TxnTaxCodeRef": {"value": made["TaxCodeId"]}})
    assert books.post("Invoice", body)["TxnTaxDetail"]["TotalTax"] == 10
    _, again = books.send("POST", "taxservice/taxcode", {"TaxCode": "Town", "TaxRateDetails": [rate]})
    assert again["Fault"]["Error"][0]["code"] == "6240"
    known = {"TaxCode": "Both", "TaxRateDetails": [{"TaxRateId": made["TaxRateDetails"][0]["TaxRateId"]}]}
    assert books.send("POST", "taxservice/taxcode", known)[0] == 200


def test_states_are_known_by_letters_name_and_iso_code() -> None:
    assert [state_code(text) for text in ("md", "Maryland", "US-MD", "Ontario")] == ["MD", "MD", "MD", None]
    assert [each.name for each in jurisdictions_at({"CountrySubDivisionCode": "AZ", "County": "Pima County"})] == [
        "Arizona",
        "Pima County",
    ]
