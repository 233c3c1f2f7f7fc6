"""sandbox/quickbooks/options.py: every doubtful fact can be turned, and each switch is turned here"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from sandbox.quickbooks import Limits, Options, Switches, create_app

Start = Callable[..., Any]


def test_every_switch_has_a_test_of_its_name() -> None:
    tests = {name for name, _ in inspect.getmembers(sys.modules[__name__], inspect.isfunction)}
    for field in fields(Switches):
        assert f"test_{field.name}" in tests, f"the switch {field.name} needs a test"


def field_of(length: int, key: str = "1") -> Any:
    return {"CustomField": [{"DefinitionId": key, "StringValue": "x" * length}]}


def test_custom_field_limit(quickbooks: Start) -> None:
    books = quickbooks(switches={"custom_field_limit": 40})
    assert books.code("Invoice", books.form(**field_of(40))) is None
    assert books.code("Invoice", books.form(**field_of(41))) == 2050


def test_unknown_custom_field(quickbooks: Start) -> None:
    books = quickbooks(switches={"unknown_custom_field": "3000"})
    assert books.code("Invoice", books.form(**field_of(3, "9"))) == 3000


def test_display_name_limit(quickbooks: Start) -> None:
    books = quickbooks(switches={"display_name_limit": 100})
    assert books.code("Customer", {"DisplayName": "x" * 101}) == 2050


def test_tracking_number_limit(quickbooks: Start) -> None:
    books = quickbooks(switches={"tracking_number_limit": 10})
    assert books.code("Invoice", books.form(TrackingNum="x" * 11)) == 2050
    assert quickbooks().code("Invoice", books.form(TrackingNum="x" * 11)) is None


def test_request_id_retention(quickbooks: Start) -> None:
    books = quickbooks(switches={"request_id_retention": 60})
    first = books.post("Invoice", books.form(), requestid="r")["Id"]
    books.api.company.clock.shift = 59
    assert books.post("Invoice", books.form(), requestid="r")["Id"] == first
    books.api.company.clock.shift = 62
    assert books.post("Invoice", books.form(), requestid="r")["Id"] != first


def test_faulted_request(quickbooks: Start) -> None:
    books = quickbooks(switches={"faulted_request": "replay"})
    assert books.code("Customer", {"DisplayName": "Cool Cars"}, requestid="r") == 6240
    assert books.code("Customer", {"DisplayName": "Cooler Cars"}, requestid="r") == 6240


def test_concurrent_request(quickbooks: Start) -> None:
    books = quickbooks(switches={"concurrent_request": "600"})
    books.api._flying["r"] += 1
    assert books.code("Invoice", books.form(), requestid="r") == 600
    books.api._flying.clear()
    assert books.code("Invoice", books.form(), requestid="r") is None


def test_request_id_mismatch(quickbooks: Start) -> None:
    books = quickbooks(switches={"request_id_mismatch": "600"})
    books.post("Invoice", books.form(), requestid="r")
    assert books.code("Invoice", books.form(), requestid="r") is None
    assert books.code("Invoice", books.form(PrivateNote="x"), requestid="r") == 600


def throttled(app: Flask, token: str) -> Any:
    return app.test_client().get(
        f"/v3/company/{Options().realm_id}/companyinfo/1",
        headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
    )


def never(**switches: Any) -> Any:
    app = create_app(Options(limits=Limits(enabled=True, per_minute=0)).with_switches(**switches))
    return throttled(app, list(app.extensions["quickbooks"].tokens.grants[-1].access)[-1])


def test_retry_after() -> None:
    assert never(retry_after=9).headers["Retry-After"] == "9"
    assert "Retry-After" not in never().headers


def test_throttle_as_xml() -> None:
    answer = never(throttle_as_xml=True)
    assert answer.status_code == 429
    assert answer.content_type == "application/xml"
    assert b'<Error code="3001">' in answer.get_data()


def test_cdc_too_old_code(quickbooks: Start) -> None:
    books = quickbooks(switches={"cdc_too_old_code": 4002})
    _, answer = books.send("GET", "cdc", entities="Invoice", changedSince="2001-01-01")
    assert answer["Fault"]["Error"][0]["code"] == "4002"


def test_sales_order_code(quickbooks: Start) -> None:
    _, answer = quickbooks(switches={"sales_order_code": 2000}).send("POST", "salesorder", {})
    assert answer["Fault"]["Error"][0]["code"] == "2000"


def test_sales_order_query_code(quickbooks: Start, refused: Any) -> None:
    with pytest.raises(refused) as caught:
        quickbooks(switches={"sales_order_query_code": 2000}).query("select * from SalesOrder")
    assert caught.value.code == 2000


def test_tax_code_query_lists_inactive(quickbooks: Start) -> None:
    for lists in (True, False):
        books = quickbooks(switches={"tax_code_query_lists_inactive": lists})
        with books.api.company.books.lock:
            books.api.company.books.amend("TaxCode", "3", Active=False)
        names = [row["Name"] for row in books.rows("select * from TaxCode")]
        assert ("Tucson" in names) is lists


def test_sales_receipt_needs_customer(quickbooks: Start) -> None:
    books = quickbooks(switches={"sales_receipt_needs_customer": True})
    assert books.code("SalesReceipt", books.form(CustomerRef=None)) == 2020
    assert quickbooks().code("SalesReceipt", books.form(CustomerRef=None)) is None


def test_subtotal_spelling(quickbooks: Start) -> None:
    books = quickbooks(switches={"subtotal_spelling": "lenient"})
    subtotal = {"Amount": 20, "DetailType": "SubtotalLineDetail", "SubtotalLineDetail": {}}
    assert books.code("Invoice", books.form(books.line(), subtotal)) is None
    assert quickbooks().code("Invoice", books.form(books.line(), subtotal)) == 2170


def test_tax_inclusive_lines(quickbooks: Start) -> None:
    books = quickbooks(country="GB", switches={"tax_inclusive_lines": "gross"})
    body = books.form(books.line("10", 1, 120, tax="2"), GlobalTaxCalculation="TaxInclusive")
    made = books.post("Invoice", body)
    assert (made["Line"][0]["Amount"], made["TotalAmt"]) == (100, 120)


def test_deleted_read_code(quickbooks: Start, refused: Any) -> None:
    books = quickbooks(switches={"deleted_read_code": 2500})
    key = books.post("Invoice", books.form())["Id"]
    books.post("Invoice", {"Id": key, "SyncToken": "0"}, operation="delete")
    with pytest.raises(refused) as caught:
        books.get("Invoice", key)
    assert caught.value.code == 2500


def test_void_unlinks_payments(quickbooks: Start) -> None:
    books = quickbooks(switches={"void_unlinks_payments": False})
    invoice = books.post("Invoice", books.form())["Id"]
    payment = books.post("Payment", books.pay(20, (20, "Invoice", invoice)))["Id"]
    books.post("Invoice", {"Id": invoice, "SyncToken": "1"}, operation="void")
    assert books.get("Payment", payment)["Line"][0]["LinkedTxn"][0]["TxnId"] == invoice


def test_not_equal_in_queries(quickbooks: Start, refused: Any) -> None:
    with pytest.raises(refused) as caught:
        quickbooks(switches={"not_equal_in_queries": False}).query("select * from Item where Name != 'x'")
    assert caught.value.code == 4000


def test_over_applied_code(quickbooks: Start) -> None:
    books = quickbooks(switches={"over_applied_code": 620})
    invoice = books.post("Invoice", books.form())["Id"]
    assert books.code("Payment", books.pay(99, (99, "Invoice", invoice))) == 620


def test_untracked_reference(quickbooks: Start) -> None:
    books = quickbooks(class_tracking="off", location_tracking=False, switches={"untracked_reference": "5030"})
    assert books.code("Invoice", books.form(ClassRef={"value": "1"})) == 5030
    assert books.code("Invoice", books.form(DepartmentRef={"value": "1"})) == 5030
    assert books.code("Invoice", books.form(books.line(ClassRef={"value": "1"}))) == 5030


def test_default_item(quickbooks: Start) -> None:
    line = {"Amount": 5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": ""}}}
    made = quickbooks().post("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line]})
    assert made["Line"][0]["SalesItemLineDetail"]["ItemRef"] == {"value": "1", "name": "Services"}
    strict = quickbooks(switches={"default_item": False})
    assert strict.code("Invoice", strict.form(line)) == 2020


def test_unit_price_decimals(quickbooks: Start) -> None:
    books = quickbooks(switches={"unit_price_decimals": 2})
    made = books.post("Invoice", books.form(books.line("10", 1, Decimal("1.234"), amount=Decimal("1.23"))))
    assert made["Line"][0]["SalesItemLineDetail"]["UnitPrice"] == Decimal("1.23")


def test_closing_date_inclusive(quickbooks: Start) -> None:
    books = quickbooks(closing_date=date(2026, 6, 30), switches={"closing_date_inclusive": False})
    assert books.code("Invoice", books.form(TxnDate="2026-06-30")) is None
    assert books.code("Invoice", books.form(TxnDate="2026-06-29")) == 6200


@pytest.mark.parametrize("moves", [True, False])
def test_linked_change_moves_sync_token(quickbooks: Start, moves: bool) -> None:
    books = quickbooks(switches={"linked_change_moves_sync_token": moves})
    invoice = books.post("Invoice", books.form())["Id"]
    books.post("Payment", books.pay(20, (20, "Invoice", invoice)))
    assert books.get("Invoice", invoice)["SyncToken"] == ("1" if moves else "0")


@pytest.mark.parametrize("moves", [True, False])
def test_stock_change_moves_sync_token(quickbooks: Start, moves: bool) -> None:
    books = quickbooks(empty=False, switches={"stock_change_moves_sync_token": moves})
    before = int(books.get("Item", "11")["SyncToken"])
    books.post("Invoice", books.form())
    assert int(books.get("Item", "11")["SyncToken"]) == before + moves


def test_legacy_total_tax_override(quickbooks: Start) -> None:
    books = quickbooks(switches={"legacy_total_tax_override": True})
    alone = books.post("Invoice", books.form(books.line(tax="TAX"), TxnTaxDetail={"TotalTax": 5}))
    assert alone["TotalAmt"] == 25
    with_code = {"TotalTax": 5, "TxnTaxCodeRef": {"value": "2"}}
    assert books.post("Invoice", books.form(books.line(tax="TAX"), TxnTaxDetail=with_code))["TotalAmt"] == 25


@pytest.mark.parametrize(("after", "tax"), [(True, "4.8"), (False, "6")])
def test_automated_tax_after_discount(quickbooks: Start, after: bool, tax: str) -> None:
    books = quickbooks(sales_tax="automated", switches={"automated_tax_after_discount": after})
    discount = {"Amount": 20, "DetailType": "DiscountLineDetail"}
    body = books.form(books.line(price=100, tax="TAX"), discount, ShipAddr={"CountrySubDivisionCode": "MD"})
    assert books.post("Invoice", body)["TxnTaxDetail"]["TotalTax"] == Decimal(tax)


@pytest.mark.parametrize(("taxed", "tax"), [(True, "6.6"), (False, "6")])
def test_automated_tax_on_shipping(quickbooks: Start, taxed: bool, tax: str) -> None:
    books = quickbooks(sales_tax="automated", allow_shipping=True, switches={"automated_tax_on_shipping": taxed})
    detail = {"ItemRef": {"value": "SHIPPING_ITEM_ID"}, "TaxCodeRef": {"value": "TAX"}}
    shipping = {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    body = books.form(books.line(price=100, tax="TAX"), shipping, ShipAddr={"CountrySubDivisionCode": "MD"})
    assert books.post("Invoice", body)["TxnTaxDetail"]["TotalTax"] == Decimal(tax)


def test_shipping_in_subtotal(quickbooks: Start) -> None:
    books = quickbooks(allow_shipping=True, switches={"shipping_in_subtotal": True})
    detail = {"ItemRef": {"value": "SHIPPING_ITEM_ID"}}
    shipping = {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    made = books.post("Invoice", books.form(books.line(), shipping))
    assert [line["Amount"] for line in made["Line"]] == [20, 30, 10]
    assert made["TotalAmt"] == 30


def test_quantity_needed_for_stock(quickbooks: Start) -> None:
    books = quickbooks(switches={"quantity_needed_for_stock": False})
    before = books.get("Item", "11")["QtyOnHand"]
    line = books.line()
    del line["SalesItemLineDetail"]["Qty"]
    books.post("Invoice", books.form(line))
    assert books.get("Item", "11")["QtyOnHand"] == before - 1


def test_allow_negative_stock(quickbooks: Start) -> None:
    books = quickbooks(switches={"allow_negative_stock": False})
    assert books.code("Invoice", books.form(books.line(quantity=9999))) == 6000
    assert quickbooks().code("Invoice", books.form(books.line(quantity=9999))) is None


def test_extra_row(quickbooks: Start) -> None:
    books = quickbooks(switches={"extra_row": True})
    assert len(books.rows("select * from Customer maxresults 5")) == 6


def test_missing_batch_id_code(quickbooks: Start) -> None:
    books = quickbooks(switches={"missing_batch_id_code": 2030})
    assert books.batch({"Query": "select * from Item"})[0]["Fault"]["Error"][0]["code"] == "2030"


@pytest.mark.parametrize(("read_as", "found"), [("utc", True), ("company", False)])
def test_naive_times(quickbooks: Start, read_as: str, found: bool) -> None:
    books = quickbooks(switches={"naive_times": read_as})
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).replace(tzinfo=None).isoformat()
    assert bool(books.rows(f"select * from Customer where MetaData.CreateTime > '{an_hour_ago}'")) is found


def refresh(app: Flask, value: str) -> Any:
    return app.test_client().post(
        "/oauth2/v1/tokens/bearer",
        data={"grant_type": "refresh_token", "refresh_token": value},
        auth=("sandbox-client-id", "sandbox-client-secret"),
    )


def test_refresh_grace() -> None:
    app = create_app(Options().with_switches(refresh_grace=0))
    first = app.extensions["quickbooks"].tokens.grants[0].refresh_token
    assert refresh(app, first).status_code == 200
    assert refresh(app, first).status_code == 400


def test_refresh_rotation() -> None:
    app = create_app(Options().with_switches(refresh_rotation=86400))
    api = app.extensions["quickbooks"]
    first = api.tokens.grants[0].refresh_token
    assert refresh(app, first).get_json()["refresh_token"] == first
    api.company.clock.shift = 86401
    assert refresh(app, first).get_json()["refresh_token"] != first


def test_xml_unless_json_accepted(quickbooks: Start) -> None:
    books = quickbooks(switches={"xml_unless_json_accepted": True})
    address, headers = f"{books.root}/customer/1", {"Authorization": f"Bearer {books.token}"}
    answer = books.http.get(address, headers=headers)
    assert answer.content_type.startswith("application/xml")
    assert b"<DisplayName>Amy&#x27;s Bird Sanctuary</DisplayName>" in answer.get_data()
    assert books.http.get(address, headers={**headers, "Accept": "application/json"}).get_json()["Customer"]


def test_country_code(quickbooks: Start) -> None:
    assert quickbooks(switches={"country_code": "alpha2"}).get("CompanyInfo", "1")["Country"] == "US"
