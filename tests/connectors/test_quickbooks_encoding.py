"""Documents in QuickBooks' spelling: what is sent, what is said about it, and that the parts add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import errors
from connectors.documents import (
    CustomerDocument,
    Document,
    DocumentLine,
    ListDocument,
    PaymentDocument,
    ProductDocument,
)
from connectors.ports import BooksProfile, ListEntry, Posted
from connectors.quickbooks.body import dump, load
from connectors.quickbooks.decoding import marker_in
from connectors.quickbooks.encoding import adaptations, encode, encoded
from connectors.records import Address
from tests.connectors.quickbooks_kit import AUTOMATED, CANADA, US, Names, line, receipt, total_of

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


def body_of(document: Document, profile: BooksProfile = US, names: Names | None = None) -> dict[str, Any]:
    return encode(document, names or Names(), profile)[1]


def findings_of(document: Document, profile: BooksProfile = US) -> set[str]:
    return {finding.code for finding in adaptations(document, profile)}


def test_a_sales_receipt_with_everything() -> None:
    document = receipt(
        line(
            "41.98", quantity=Decimal(2), unit_price=Decimal("20.99"), description="A pump", taxable=True, class_="Web"
        ),
        line("-1.50", item="Stripe fee", kind="transaction_fee"),
        DocumentLine(kind="text", description="Thank you"),
        shipping_total=Decimal("5.00"),
        shipping_taxable=True,
        discount_total=Decimal("4.00"),
        discount_account="Discounts given",
        tax_total=Decimal("2.58"),
        tax_code="Maryland",
        location="Annapolis",
        payment_method="Visa",
        payment_reference="ch_1",
        deposit_account="Undeposited Funds",
        terms="Net 30",
        po_number="PO-7",
        memo="Register 1",
        message="Thanks!",
        custom={"gift message": "Happy birthday"},
        bill_to=Address(
            name="Ann Lee",
            company="Lee Co",
            line_1="1 Main St",
            city="Annapolis",
            state="MD",
            postal_code="21401",
            country="US",
        ),
        customer_email="ann@example.com",
        ship_via="UPS",
        ship_date=date(2026, 1, 15),
        tracking_number="1Z",
    )
    entity, body = encode(document, Names(), US)
    assert entity == "SalesReceipt"
    assert body == {
        "DocNumber": "1007",
        "TxnDate": "2026-01-14",
        "CustomerRef": {"value": "customer:Ann Lee"},
        "Line": [
            {
                "Description": "A pump",
                "Amount": Decimal("41.98"),
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {
                    "ItemRef": {"value": "item:Pump"},
                    "Qty": Decimal(2),
                    "UnitPrice": Decimal("20.99"),
                    "TaxCodeRef": {"value": "TAX"},
                    "ClassRef": {"value": "class:Web"},
                },
            },
            {
                "Amount": Decimal("-1.50"),
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {"ItemRef": {"value": "item:Stripe fee"}, "TaxCodeRef": {"value": "NON"}},
            },
            {"Description": "Thank you", "DetailType": "DescriptionOnly", "DescriptionLineDetail": {}},
            {
                "Amount": Decimal("5.00"),
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}, "TaxCodeRef": {"value": "TAX"}},
            },
            {
                "Amount": Decimal("4.00"),
                "DetailType": "DiscountLineDetail",
                "DiscountLineDetail": {
                    "PercentBased": False,
                    "DiscountAccountRef": {"value": "account:Discounts given"},
                },
            },
        ],
        "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "tax_code:Maryland"}},
        "ApplyTaxAfterDiscount": True,
        "CustomerMemo": {"value": "Thanks!"},
        "PrivateNote": "Register 1\ncloudcart:ABCDEFGHIJKLMNOP",
        "BillAddr": {
            "Line1": "Ann Lee",
            "Line2": "Lee Co",
            "Line3": "1 Main St",
            "City": "Annapolis",
            "CountrySubDivisionCode": "MD",
            "PostalCode": "21401",
            "Country": "US",
        },
        "BillEmail": {"Address": "ann@example.com"},
        "DepartmentRef": {"value": "department:Annapolis"},
        "PaymentMethodRef": {"value": "payment_method:Visa"},
        "PaymentRefNum": "ch_1",
        "DepositToAccountRef": {"value": "account:Undeposited Funds"},
        "ShipMethodRef": {"value": "UPS", "name": "UPS"},
        "ShipDate": "2026-01-15",
        "TrackingNum": "1Z",
        "CustomField": [
            {"DefinitionId": "1", "Name": "P.O. Number", "Type": "StringType", "StringValue": "PO-7"},
            {"DefinitionId": "2", "Name": "Gift message", "Type": "StringType", "StringValue": "Happy birthday"},
        ],
    }
    assert total_of(body, document.tax_total) == document.total


@pytest.mark.parametrize(
    ("type", "entity", "has", "has_not"),
    [
        (
            "invoice",
            "Invoice",
            {"SalesTermRef", "DueDate", "ARAccountRef"},
            {"DepositToAccountRef", "PaymentMethodRef"},
        ),
        (
            "estimate",
            "Estimate",
            {"SalesTermRef", "ExpirationDate"},
            {"DueDate", "DepositToAccountRef", "ARAccountRef"},
        ),
        ("credit_memo", "CreditMemo", {"SalesTermRef", "PaymentMethodRef"}, {"DueDate", "ShipDate"}),
        ("refund_receipt", "RefundReceipt", {"DepositToAccountRef", "PaymentMethodRef"}, {"SalesTermRef", "ShipDate"}),
        ("sales_receipt", "SalesReceipt", {"DepositToAccountRef", "ShipDate"}, {"SalesTermRef", "DueDate"}),
    ],
)
def test_each_kind_of_document_has_its_own_fields(type: Any, entity: str, has: set[str], has_not: set[str]) -> None:
    document = receipt(
        type=type,
        terms="Net 30",
        due_date=date(2026, 2, 13),
        deposit_account="Checking",
        payment_method="Visa",
        ship_date=date(2026, 1, 15),
        receivable_account="A/R",
    )
    got, body = encode(document, Names(), US)
    assert got == entity
    assert has <= body.keys()
    assert not has_not & body.keys()


@pytest.mark.parametrize(
    ("profile", "document", "tax", "lines"),
    [
        pytest.param(
            US, {"tax_code": "California"}, {"TxnTaxCodeRef": {"value": "tax_code:California"}}, "TAX", id="by code"
        ),
        pytest.param(US, {}, None, "TAX", id="no code"),
        pytest.param(US, {"tax_code": "NON"}, None, "NON", id="pseudo code"),
        pytest.param(AUTOMATED, {"tax_code": "California"}, None, "TAX", id="by address"),
        pytest.param(AUTOMATED, {"tax_override": True}, {"TotalTax": Decimal("1.20")}, "TAX", id="override"),
        pytest.param(replace(US, sales_tax=False), {"tax_code": "California"}, None, None, id="tax is off"),
        pytest.param(CANADA, {"tax_code": "HST ON"}, None, "tax_code:HST ON", id="outside the US"),
    ],
)
def test_tax_is_said_the_companys_way(
    profile: BooksProfile, document: dict[str, Any], tax: Mapping[str, Any] | None, lines: str | None
) -> None:
    body = body_of(receipt(line("19.99", taxable=True), tax_total=Decimal("1.20"), **document), profile)
    assert body.get("TxnTaxDetail") == tax
    code = body["Line"][0]["SalesItemLineDetail"].get("TaxCodeRef")
    assert (code and code["value"]) == lines
    assert ("GlobalTaxCalculation" in body) == (profile.country != "US")


def test_outside_the_us_a_line_without_a_code_is_an_error() -> None:
    assert "tax_code_missing" in findings_of(receipt(), CANADA)


@pytest.mark.parametrize(
    ("tracking", "document_class", "line_classes", "header", "on_lines"),
    [
        ("line", "Web", [None, "Shop"], None, ["class:Web", "class:Shop"]),
        ("document", "Web", [None, None], "class:Web", [None, None]),
        ("document", None, ["Shop", "Shop"], "class:Shop", [None, None]),
        ("document", None, ["Shop", "Web"], None, [None, None]),
        ("off", "Web", ["Shop", None], None, [None, None]),
    ],
)
def test_classes_stand_where_the_company_tracks_them(
    tracking: Any,
    document_class: str | None,
    line_classes: list[str | None],
    header: str | None,
    on_lines: list[str | None],
) -> None:
    document = receipt(*(line("1.00", class_=class_) for class_ in line_classes), class_=document_class)
    body = body_of(document, replace(US, classes=tracking))
    assert body.get("ClassRef", {}).get("value") == header
    assert [item["SalesItemLineDetail"].get("ClassRef", {}).get("value") for item in body["Line"]] == on_lines


@pytest.mark.parametrize(
    ("quantity", "unit_price", "amount", "sent", "code"),
    [
        ("3", "6.66", "19.98", ("3", "6.66"), None),
        ("3", "6.66", "19.99", ("3", "6.663"), "unit_price_adjusted"),
        ("3", "6.6633333", "19.99", ("3", "6.6633333"), None),
        ("7", None, "1.00", ("7", "0.143"), None),
        ("7", "0.14", "-1.00", ("7", "-0.143"), "unit_price_adjusted"),
        ("2", "5", "0", ("2", "0"), "unit_price_adjusted"),
        ("0", "5", "5.00", None, "quantity_in_description"),
        ("1000000000", "0.01", "0.01", None, "quantity_in_description"),
        ("0.333333", "3", "1.00", None, "quantity_in_description"),
        (None, "5", "7.00", None, None),
    ],
)
def test_quantity_times_price_is_the_amount_or_is_not_said(
    quantity: str | None, unit_price: str | None, amount: str, sent: tuple[str, str] | None, code: str | None
) -> None:
    document = receipt(
        line(
            amount,
            quantity=Decimal(quantity) if quantity else None,
            unit_price=Decimal(unit_price) if unit_price else None,
            description="Nails",
        )
    )
    (written,) = body_of(document)["Line"]
    detail = written["SalesItemLineDetail"]
    assert (detail.get("Qty"), detail.get("UnitPrice")) == (tuple(map(Decimal, sent)) if sent else (None, None))
    assert findings_of(document) == ({code} if code else set())
    if code == "quantity_in_description":
        assert written["Description"].startswith(f"Quantity {quantity}. Nails")


def test_a_tracked_item_keeps_its_quantity_even_without_a_price() -> None:
    names = Names(
        entries={"item:Pump": ListEntry(kind="item", id="item:Pump", name="Pump", data={"type": "inventory"})}
    )
    (written,) = body_of(receipt(line("0.01", quantity=Decimal(10**9))), names=names)["Line"]
    assert written["SalesItemLineDetail"]["Qty"] == Decimal(10**9)
    assert "UnitPrice" not in written["SalesItemLineDetail"]


def test_a_line_without_item_never_becomes_the_first_service_in_silence() -> None:
    with pytest.raises(errors.Rejected) as caught:
        body_of(receipt(line("1.00", item=None)))
    assert caught.value.code == "line_without_item"
    assert findings_of(receipt(line("1.00", item=None))) == {"line_without_item"}


def test_a_name_that_is_not_there_is_a_key_error() -> None:
    class Nobody(Names):
        def list_id(self, kind: Any, name: str) -> str:
            raise KeyError(name)

    with pytest.raises(KeyError, match="Ann Lee"):
        body_of(receipt(), names=Nobody())


@pytest.mark.parametrize("memo", [None, "short", "x" * 5000, "two\nlines", "🎉" * 3000])
def test_the_marker_is_the_last_line_and_never_cut(memo: str | None) -> None:
    document = receipt(memo=memo)
    note = body_of(document)["PrivateNote"]
    assert note.splitlines()[-1] == document.marker
    assert len(note) <= 4000
    assert marker_in(note) == document.marker
    assert ("text_cut" in findings_of(document)) == (memo is not None and len(memo) > 4000)


@pytest.mark.parametrize(
    ("note", "marker"),
    [
        ("cloudcart:AB", "cloudcart:AB"),
        ("Voided - cloudcart:AB", "cloudcart:AB"),
        ("Voided\ncloudcart:AB", "cloudcart:AB"),
        ("copied cloudcart:AB\nmine\ncloudcart:CD", "cloudcart:CD"),
        ("we like cloudcart: much", None),
        ("mycloudcart:AB", None),
        (None, None),
    ],
)
def test_a_marker_is_found_whatever_was_put_before_it(note: str | None, marker: str | None) -> None:
    assert marker_in(note) == marker


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("x" * 22, "number_too_long"),
        ("10  07", "number_unusable"),
        (" 1007", "number_unusable"),
        ("", "number_unusable"),
    ],
)
def test_a_number_is_refused_not_changed_because_by_it_a_document_is_looked_for(number: str, code: str) -> None:
    assert findings_of(receipt(number=number)) == {code}


def test_long_texts_are_cut_and_said() -> None:
    document = receipt(
        line("1.00", description="d" * 5000),
        message="m" * 2000,
        custom={"Gift message": "g" * 40, "No such field": "x"},
        payment_reference="r" * 30,
        customer_email="not an address",
        bill_to=Address(line_1="a" * 700, line_2="b\nc\nd", line_3="e", city="f" * 300),
        po_number="1",
    )
    body = body_of(document)
    assert len(body["Line"][0]["Description"]) == 4000
    assert len(body["CustomerMemo"]["value"]) == 1000
    assert {field["StringValue"] for field in body["CustomField"]} == {"g" * 31, "1"}
    assert body["PaymentRefNum"] == "r" * 21
    assert "BillEmail" not in body
    assert body["BillAddr"] == {
        "Line1": "a" * 500,
        "Line2": "a" * 200,
        "Line3": "b",
        "Line4": "c",
        "Line5": "d",
        "City": "f" * 255,
    }
    assert findings_of(document) == {"text_cut", "custom_field_missing", "email_left_out", "address_cut"}


def test_an_address_is_cut_to_what_quickbooks_takes_in_all() -> None:
    document = receipt(bill_to=Address(line_1="a" * 1500, line_2="b" * 900))
    lines = [said for key, said in body_of(document)["BillAddr"].items() if key.startswith("Line")]
    assert [said[0] for said in lines] == ["a", "a", "a", "b"]
    assert sum(map(len, lines)) == 2000
    assert findings_of(document) == {"address_cut"}


def test_a_purchase_order_number_without_its_field_goes_into_the_note() -> None:
    document = receipt(po_number="PO-7", memo="Hello")
    plain = replace(US, custom_fields={})
    assert body_of(document, plain)["PrivateNote"] == "PO number: PO-7\nHello\ncloudcart:ABCDEFGHIJKLMNOP"
    assert findings_of(document, plain) == {"po_in_note"}


def test_an_invoice_is_sent_by_mail_only_where_there_is_an_address() -> None:
    invoice = receipt(type="invoice", email_invoice=True, customer_email="a@b.co")
    assert body_of(invoice)["EmailStatus"] == "NeedToSend"
    without = replace(invoice, customer_email=None)
    assert "EmailStatus" not in body_of(without)
    assert findings_of(without) == {"no_email"}


def test_a_currency_is_named_only_where_there_are_several() -> None:
    assert "CurrencyRef" not in body_of(receipt())
    assert body_of(receipt(), replace(US, multicurrency=True))["CurrencyRef"] == {"value": "USD"}


@pytest.mark.parametrize(
    ("currency", "amount", "written", "said"),
    [("JPY", "202.13", "202.13", False), ("KWD", "20.12", "20.12", False), ("KWD", "20.125", "20.13", True)],
)
def test_amounts_have_two_decimals_in_every_currency(currency: str, amount: str, written: str, said: bool) -> None:
    document = receipt(line(amount, quantity=Decimal(1)), currency=currency)
    assert body_of(document)["Line"][0]["Amount"] == Decimal(written)
    assert ("amount_rounded" in findings_of(document)) == said


PAYMENT = PaymentDocument(
    date=date(2026, 1, 14),
    customer="Ann Lee",
    currency="USD",
    amount=Decimal("41.98"),
    applies_to={"sale": Decimal("40.00")},
    payment_method="Visa",
    reference="ch_3Nx0123456789012345678",
    deposit_account="Undeposited Funds",
    memo="Order 1007",
    marker="cloudcart:PAY",
)


def test_a_payment_pays_the_document_in_our_own_slot() -> None:
    names = Names(slots={"sale": Posted(entity="Invoice", id="77", sync_token="0", customer_id="5")})
    entity, body, findings = encoded(PAYMENT, names, US)
    assert entity == "Payment"
    assert body == {
        "TxnDate": "2026-01-14",
        "CustomerRef": {"value": "customer:Ann Lee"},
        "TotalAmt": Decimal("41.98"),
        "Line": [{"Amount": Decimal("40.00"), "LinkedTxn": [{"TxnId": "77", "TxnType": "Invoice"}]}],
        "PaymentMethodRef": {"value": "payment_method:Visa"},
        "PaymentRefNum": "ch_3Nx012345678901234",
        "DepositToAccountRef": {"value": "account:Undeposited Funds"},
        "PrivateNote": "Order 1007\ncloudcart:PAY",
        "ProcessPayment": False,
    }
    assert {finding.code for finding in findings} == {"text_cut"}


@pytest.mark.parametrize(("balance", "applied"), [("30.00", "30.00"), ("100.00", "41.98"), ("0", None)])
def test_a_payment_by_number_belongs_to_the_invoices_customer_and_pays_no_more_than_is_open(
    balance: str, applied: str | None
) -> None:
    invoice = Posted(entity="Invoice", id="77", sync_token="0", customer_id="5", balance=Decimal(balance))
    document = replace(PAYMENT, applies_to={}, invoice_number="1007", customer="")
    body = body_of(document, names=Names(slots={"number:1007": invoice}))
    assert body["CustomerRef"] == {"value": "5"}
    assert [str(item["Amount"]) for item in body.get("Line", [])] == ([applied] if applied else [])


def test_a_customer() -> None:
    document = CustomerDocument(
        name="Lee: Ann",
        first_name="Ann",
        last_name="Lee",
        company="Lee Co",
        email="ann@example.com",
        phone="1" * 40,
        bill_to=Address(name="Ann Lee", line_1="1 Main St"),
        note="VIP",
    )
    assert body_of(document) == {
        "DisplayName": "Lee - Ann",
        "GivenName": "Ann",
        "FamilyName": "Lee",
        "CompanyName": "Lee Co",
        "PrimaryEmailAddr": {"Address": "ann@example.com"},
        "PrimaryPhone": {"FreeFormNumber": "1" * 30},
        "BillAddr": {"Line1": "1 Main St"},
        "Notes": "VIP",
        "Taxable": True,
    }
    assert findings_of(document) == {"name_changed", "text_cut"}


def test_a_customer_whose_name_is_nothing_but_colons_has_none() -> None:
    assert findings_of(CustomerDocument(name=" : ")) == {"no_name"}


INVENTORY = ProductDocument(
    name="Pump",
    sku="P-1",
    type="inventory",
    price=Decimal("19.999999"),
    cost=Decimal("7"),
    income_account="Sales",
    expense_account="COGS",
    asset_account="Inventory Asset",
    start_date=date(2025, 1, 1),
)


def test_an_inventory_item_begins_on_its_start_date() -> None:
    assert body_of(INVENTORY) == {
        "Name": "Pump",
        "Type": "Inventory",
        "Sku": "P-1",
        "UnitPrice": Decimal("20.00000"),
        "PurchaseCost": Decimal("7.00000"),
        "Taxable": True,
        "IncomeAccountRef": {"value": "account:Sales"},
        "ExpenseAccountRef": {"value": "account:COGS"},
        "AssetAccountRef": {"value": "account:Inventory Asset"},
        "TrackQtyOnHand": True,
        "QtyOnHand": Decimal(0),
        "InvStartDate": "2025-01-01",
    }


def test_without_inventory_an_item_is_made_without_and_says_so() -> None:
    off = replace(US, inventory=False)
    body = body_of(INVENTORY, off)
    assert body["Type"] == "NonInventory"
    assert not {"TrackQtyOnHand", "QtyOnHand", "InvStartDate", "AssetAccountRef"} & body.keys()
    assert findings_of(INVENTORY, off) == {"no_inventory"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"start_date": None}, "inventory_incomplete"),
        ({"asset_account": None}, "inventory_incomplete"),
        ({"type": "service", "income_account": None, "expense_account": None}, "no_income_account"),
    ],
)
def test_an_incomplete_item_is_refused_with_words(changes: dict[str, Any], code: str) -> None:
    assert findings_of(replace(INVENTORY, **changes)) == {code}


@pytest.mark.parametrize(
    ("document", "entity", "body"),
    [
        (ListDocument(kind="payment_method", name="Stripe"), "PaymentMethod", {"Name": "Stripe"}),
        (ListDocument(kind="term", name="Net 45"), "Term", {"Name": "Net 45", "Type": "STANDARD", "DueDays": 45}),
        (
            ListDocument(kind="term", name="Due on receipt"),
            "Term",
            {"Name": "Due on receipt", "Type": "STANDARD", "DueDays": 0},
        ),
        (
            ListDocument(kind="class", name="Web:Amazon"),
            "Class",
            {"Name": "Amazon", "SubClass": True, "ParentRef": {"value": "class:Web"}},
        ),
        (ListDocument(kind="department", name="Annapolis"), "Department", {"Name": "Annapolis"}),
    ],
)
def test_a_list_entry_is_made_from_its_name(document: ListDocument, entity: str, body: dict[str, Any]) -> None:
    assert encode(document, Names(), US) == (entity, body)


@pytest.mark.parametrize("name", ["As agreed", "2% 10 Net 30", "Net 1000"])
def test_a_term_whose_days_are_not_in_its_name_is_not_guessed(name: str) -> None:
    assert findings_of(ListDocument(kind="term", name=name)) == {"term_unknown"}


@pytest.mark.parametrize(
    ("own", "lines", "kept", "said"),
    [
        ("Web", ("Web", None), "Web", set()),
        ("Web", ("Shop", None), "Web", {"one_class_only"}),
        (None, ("Shop", None), "Shop", set()),
        (None, ("Shop", "Web"), None, {"one_class_only"}),
        (None, (None, None), None, set()),
    ],
)
def test_where_a_document_has_one_class_its_own_goes_before_its_lines(
    own: str | None, lines: tuple[str | None, ...], kept: str | None, said: set[str]
) -> None:
    document = receipt(*(line("1.00", class_=class_) for class_ in lines), class_=own)
    company = replace(US, classes="document")
    body = body_of(document, company)
    assert body.get("ClassRef") == ({"value": f"class:{kept}"} if kept else None)
    assert not any("ClassRef" in written["SalesItemLineDetail"] for written in body["Line"])
    assert findings_of(document, company) == said


_money = st.decimals(Decimal("-99999.99"), Decimal("99999.99"), places=2)
_lines = st.builds(
    DocumentLine,
    kind=st.sampled_from(["item", "fee", "tax", "rounding"]),
    item=st.just("Pump"),
    description=TEXT,
    quantity=st.none() | st.decimals(Decimal("-500"), Decimal("5000"), places=3),
    unit_price=st.none() | st.decimals(Decimal("-500"), Decimal("5000"), places=5),
    amount=_money,
    taxable=st.booleans(),
)


@given(
    lines=st.lists(_lines, min_size=1, max_size=6),
    shipping=st.decimals(Decimal(0), Decimal("500"), places=2),
    discount=st.decimals(Decimal(0), Decimal("500"), places=2),
    tax=st.decimals(Decimal(0), Decimal("500"), places=2),
    profile=st.sampled_from([US, AUTOMATED, CANADA]),
)
def test_the_parts_that_are_sent_add_up_to_the_documents_total(
    lines: list[DocumentLine], shipping: Decimal, discount: Decimal, tax: Decimal, profile: BooksProfile
) -> None:
    document = receipt(*lines, shipping_total=shipping, discount_total=discount, tax_total=tax, tax_code="HST")
    body = body_of(document, profile)
    assert total_of(body, tax) == document.total
    for written in body["Line"]:
        detail = written.get("SalesItemLineDetail", {})
        if "UnitPrice" in detail:
            product = detail["Qty"] * detail["UnitPrice"]
            assert abs(product - written["Amount"]) <= Decimal("0.005")
            assert detail["UnitPrice"].as_tuple().exponent >= -7
    assert load(dump(body)) is not None


_words = st.text(max_size=25)
_addresses = st.builds(Address, name=_words, line_1=_words, city=_words, postal_code=_words)


@given(memo=_words, description=_words, address=_addresses)
def test_any_text_can_be_sent(memo: str, description: str, address: Address) -> None:
    """Lone surrogates, control characters and line separators too."""
    body = body_of(receipt(line("1", description=description), memo=memo, message=memo, bill_to=address))
    dump(body).encode()
    assert body["PrivateNote"].splitlines()[-1] == "cloudcart:ABCDEFGHIJKLMNOP"
    assert not any("\n" in value for value in body.get("BillAddr", {}).values())
