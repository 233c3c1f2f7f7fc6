"""sandbox/quickbooks/sales.py, lines.py, documents.py, purchases.py"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest


def test_an_invoice_gets_what_the_server_works_out(books: Any) -> None:
    body = books.form(books.line(quantity=2, price=20), TxnDate="2026-10-01", SalesTermRef={"value": "3"})
    made = books.post("Invoice", {**body, "TotalAmt": 1, "Balance": 2, "DueDate": ""})
    assert (made["TotalAmt"], made["Balance"], made["DueDate"]) == (40, 40, "2026-10-31")
    assert made["CustomerRef"] == {"value": "1", "name": "Amy's Bird Sanctuary"}
    assert made["BillAddr"]["City"] == "Bayshore"
    assert made["CurrencyRef"]["value"] == "USD"
    item, subtotal = made["Line"]
    assert (item["Id"], item["LineNum"], item["Amount"]) == ("1", 1, 40)
    assert item["SalesItemLineDetail"]["ItemRef"] == {"value": "11", "name": "Pump"}
    assert item["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert (subtotal["DetailType"], subtotal["Amount"]) == ("SubTotalLineDetail", 40)
    assert books.get("Invoice", made["Id"]) == made


LINES = [
    ("quantity times price is another amount", {"Amount": 30}, {"Qty": 2, "UnitPrice": 20}, 6070),
    ("a price of zero, as clients send it", {"Amount": 30}, {"Qty": 2, "UnitPrice": 0}, None),
    ("an amount rounded to cents", {"Amount": 3.33}, {"Qty": 3, "UnitPrice": 1.1111}, None),
    ("no detail", {"SalesItemLineDetail": None}, {}, 2020),
    ("no amount", {"Amount": None}, {}, 2020),
    ("no detail type", {"DetailType": ""}, {}, 2020),
    ("an unknown detail type", {"DetailType": "SalesLine"}, {}, 2170),
    ("the wrong spelling of the subtotal", {"DetailType": "SubtotalLineDetail"}, {}, 2170),
    ("an expense line", {"DetailType": "AccountBasedExpenseLineDetail"}, {}, 2170),
    ("an unknown item", {}, {"ItemRef": {"value": "999"}}, 2500),
    ("a tax code of another country", {}, {"TaxCodeRef": {"value": "5"}}, 6100),
    ("the custom tax code", {}, {"TaxCodeRef": {"value": "CustomSalesTax"}}, 6160),
    ("shipping that is turned off", {}, {"ItemRef": {"value": "SHIPPING_ITEM_ID"}}, 6000),
    ("an unknown class", {}, {"ClassRef": {"value": "99"}}, 2500),
    ("a description of 4001 characters", {"Description": "x" * 4001}, {}, 2050),
    ("an unknown field", {"Colour": "red"}, {}, 2010),
    ("an inventory item without quantity", {}, {"Qty": None, "UnitPrice": None}, 6520),
    ("an account override", {}, {"ItemAccountRef": {"value": "82"}}, None),
]


@pytest.mark.parametrize(("what", "line", "detail", "code"), LINES, ids=[case[0] for case in LINES])
def test_lines_are_checked(books: Any, what: str, line: Any, detail: Any, code: int | None) -> None:
    body = books.line()
    body["SalesItemLineDetail"].update(detail)
    if "Qty" not in detail:
        body["Amount"] = 20
    assert books.code("Invoice", books.form({**body, **line})) == code


def test_the_amount_fault_names_the_amount(books: Any, refused: Any) -> None:
    with pytest.raises(refused) as caught:
        books.post("SalesReceipt", books.form(books.line(quantity=2, price=20, amount=41)))
    assert caught.value.detail == "Amount is not equal to UnitPrice * Qty. Supplied value:41"


FORMS = [
    ("no customer", {"CustomerRef": None}, 2020),
    ("an unknown customer", {"CustomerRef": {"value": "999"}}, 2500),
    ("no lines", {"Line": []}, 2020),
    ("a number of 22 characters", {"DocNumber": "x" * 22}, 2050),
    ("a number of 21 characters", {"DocNumber": "x" * 21}, None),
    ("a note of 4001 characters", {"PrivateNote": "x" * 4001}, 2050),
    ("a memo of 1001 characters", {"CustomerMemo": {"value": "x" * 1001}}, 2050),
    ("a street of 501 characters", {"BillAddr": {"Line1": "x" * 501}}, 2050),
    ("a postal code of 31 characters", {"ShipAddr": {"PostalCode": "x" * 31}}, 2050),
    ("a date that is none", {"TxnDate": "31/12/2026"}, 2070),
    ("an e-mail wanted and none known", {"EmailStatus": "NeedToSend"}, 6420),
    ("an e-mail that is none", {"BillEmail": {"Address": "x"}}, 2210),
    ("an unknown term", {"SalesTermRef": {"value": "77"}}, 2500),
    ("another currency", {"CurrencyRef": {"value": "EUR"}}, 6000),
    ("an unknown department", {"DepartmentRef": {"value": "77"}}, 2500),
    ("a custom field of 32 characters", {"CustomField": [{"DefinitionId": "1", "StringValue": "x" * 32}]}, 2050),
    ("an unknown link", {"LinkedTxn": [{"TxnId": "1", "TxnType": "SalesReceipt"}]}, 620),
    ("an estimate that is not there", {"LinkedTxn": [{"TxnId": "99", "TxnType": "Estimate"}]}, 2500),
    ("an unknown property", {"Foo": 1}, 2010),
    ("a print status that is none", {"PrintStatus": "Shredded"}, 2170),
]


@pytest.mark.parametrize(("what", "changes", "code"), FORMS, ids=[case[0] for case in FORMS])
def test_forms_are_checked(books: Any, what: str, changes: Any, code: int | None) -> None:
    assert books.code("Invoice", {**books.form(), **changes}) == code


def test_the_fault_texts_are_those_that_clients_have_seen(books: Any, refused: Any) -> None:
    with pytest.raises(refused) as missing:
        books.post("Invoice", {"Line": [books.line()]})
    assert missing.value.message == "Required param missing, need to supply the required value for the API"
    assert missing.value.detail == "Required parameter CustomerRef is missing in the request"
    with pytest.raises(refused) as long:
        books.post("Invoice", books.form(DocNumber="x" * 51))
    assert long.value.message == "String length is either shorter or longer than supported by specification"
    assert long.value.detail == (
        "String length specified does not match the supported length. Min:0 Max:21 supported. Supplied length:51"
    )
    with pytest.raises(refused) as unknown:
        books.post("Invoice", books.form(Amount=1))
    assert unknown.value.detail == (
        'Property Name:Unrecognized field "Amount" (class com.intuit.schema.finance.v3.Invoice), '
        "not marked as ignorable"
    )
    with pytest.raises(refused) as reference:
        books.post("Invoice", books.form(books.line("999")))
    assert reference.value.detail == "Invalid Reference Id : Items element id 999 not found"


def test_numbers_are_given_by_the_server_after_the_highest(books: Any) -> None:
    assert books.post("Invoice", books.form())["DocNumber"] == "1009"
    assert books.post("Invoice", books.form(DocNumber="App_2000"))["DocNumber"] == "App_2000"
    assert books.post("Invoice", books.form())["DocNumber"] == "App_2001"
    assert books.post("Invoice", books.form(DocNumber="5"))["DocNumber"] == "5"
    assert books.post("Invoice", books.form())["DocNumber"] == "App_2002"


def test_with_own_numbers_nothing_is_given(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(custom_transaction_numbers=True)
    assert "DocNumber" not in books.post("Invoice", books.form())
    assert books.post("Invoice", books.form(DocNumber="W-7"))["DocNumber"] == "W-7"
    assert books.post("Invoice", books.form(DocNumber="AUTO_GENERATE"))["DocNumber"] == "1009"


def test_a_number_is_used_once_for_each_type(books: Any, refused: Any) -> None:
    first = books.post("Invoice", books.form(DocNumber="O0010714"))
    with pytest.raises(refused) as caught:
        books.post("Invoice", books.form(DocNumber="O0010714"))
    assert caught.value.code == 6140
    assert caught.value.detail == (
        "Duplicate Document Number Error : You must specify a different number. This number has already been used. "
        f"DocNumber=O0010714 is assigned to TxnType=Invoice with TxnId={first['Id']}"
    )
    receipt = books.post("SalesReceipt", books.form(DocNumber="O0010714"))
    with pytest.raises(refused, match=f"TxnType=Sales Receipt with TxnId={receipt['Id']}"):
        books.post("SalesReceipt", books.form(DocNumber="O0010714"))
    again = books.post("Invoice", books.form(DocNumber="O0010714"), include="allowduplicatedocnum")
    assert again["Id"] != first["Id"]
    same = {**first, "PrivateNote": "kept", "SyncToken": "0"}
    assert books.post("Invoice", same)["PrivateNote"] == "kept"


def test_duplicates_pass_where_the_company_does_not_warn(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(warn_duplicate_numbers=False)
    books.post("Invoice", books.form(DocNumber="1"))
    assert books.code("Invoice", books.form(DocNumber="1")) is None


def test_a_discount_stands_after_the_subtotal(books: Any) -> None:
    discount = {
        "Amount": 3.5,
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {
            "PercentBased": True,
            "DiscountPercent": 10,
            "DiscountAccountRef": {"value": "86", "name": "x"},
        },
    }
    made = books.post("Estimate", books.form(discount, books.line("10", 1, 35)))
    assert made["TotalAmt"] == Decimal("31.5")
    assert [line["DetailType"] for line in made["Line"]] == [
        "SalesItemLineDetail",
        "SubTotalLineDetail",
        "DiscountLineDetail",
    ]
    assert made["Line"][2]["DiscountLineDetail"]["DiscountAccountRef"]["name"] == "Discounts given"
    assert made["Line"][2]["Amount"] == Decimal("3.5")


DISCOUNTS: list[tuple[Any, int | None]] = [
    ({"Amount": 5, "DiscountLineDetail": {"PercentBased": False}}, None),
    ({"Amount": 5}, None),
    ({"DiscountLineDetail": {"PercentBased": True}}, 6090),
    ({"DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 101}}, 2150),
]


@pytest.mark.parametrize(("line", "code"), DISCOUNTS)
def test_discounts_are_checked(books: Any, line: Any, code: int | None) -> None:
    assert books.code("Invoice", books.form(books.line(), {"DetailType": "DiscountLineDetail", **line})) == code


def test_preferences_that_are_off_refuse_or_drop(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(
        allow_discount=False, allow_estimates=False, class_tracking="off", location_tracking=False, plan="essentials"
    )
    discount = {"Amount": 1, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {}}
    assert books.code("Invoice", books.form(books.line(), discount)) == 6000
    assert books.code("Estimate", books.form()) == 5030
    made = books.post("Invoice", books.form(ClassRef={"value": "1"}, DepartmentRef={"value": "1"}))
    assert "ClassRef" not in made
    assert "DepartmentRef" not in made
    order = {"VendorRef": {"value": "30"}, "Line": [expense()]}
    assert books.code("PurchaseOrder", order) == 5030


def test_classes_go_to_header_or_line_as_the_preference_says(quickbooks: Callable[..., Any]) -> None:
    body: Any = {"ClassRef": {"value": "1"}}
    header = quickbooks(class_tracking="transaction")
    made = header.post("Invoice", header.form(header.line(**body), **body))
    assert made["ClassRef"] == {"value": "1", "name": "Web"}
    assert "ClassRef" not in made["Line"][0]["SalesItemLineDetail"]
    line = quickbooks(class_tracking="line")
    made = line.post("Invoice", line.form(line.line(**body), **body))
    assert "ClassRef" not in made
    assert made["Line"][0]["SalesItemLineDetail"]["ClassRef"]["name"] == "Web"


def test_shipping_is_a_line_of_its_own_kind(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(allow_shipping=True)
    shipping = {
        "Amount": 7.5,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}},
    }
    made = books.post("Invoice", books.form(shipping, books.line()))
    assert (made["TotalAmt"], made["Line"][1]["Amount"]) == (Decimal("27.5"), 20)
    assert made["Line"][-1]["SalesItemLineDetail"]["ItemRef"] == {"value": "SHIPPING_ITEM_ID"}


def test_custom_fields_carry_the_name_of_their_definition(books: Any) -> None:
    fields = [{"DefinitionId": "2", "StringValue": "web"}, {"DefinitionId": "9", "StringValue": "dropped"}]
    made = books.post("Invoice", books.form(CustomField=fields))
    assert made["CustomField"] == [
        {"DefinitionId": "2", "Name": "Order source", "Type": "StringType", "StringValue": "web"}
    ]


def test_the_closing_date_closes_creating_changing_and_deleting(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(closing_date=date(2026, 6, 30))
    assert books.code("Invoice", books.form(TxnDate="2026-06-30")) == 6200
    open_ = books.post("Invoice", books.form(TxnDate="2026-07-01"))
    key = {"Id": open_["Id"], "SyncToken": "0", "sparse": True}
    assert books.code("Invoice", {**key, "TxnDate": "2026-06-01"}) == 6200
    books.prefer("AccountingInfoPrefs", BookCloseDate="2026-07-31")
    assert books.code("Invoice", {**key, "PrivateNote": "x"}) == 6200
    assert books.code("Invoice", key, operation="delete") == 6200
    assert books.code("Invoice", key, operation="void") == 6200
    locked = quickbooks(closing_date=date(2026, 6, 30), closing_password=True)
    assert locked.code("Invoice", locked.form(TxnDate="2026-01-01")) == 6210


def test_stock_follows_sales_purchases_changes_voids_and_deletes(books: Any) -> None:
    def stock() -> Any:
        return books.get("Item", "11")["QtyOnHand"]

    start = stock()
    invoice = books.post("Invoice", books.form(books.line(quantity=3)))
    assert stock() == start - 3
    changed = books.post(
        "Invoice",
        {"Id": invoice["Id"], "SyncToken": "0", "sparse": True, "Line": [books.line(quantity=5)]},
    )
    assert stock() == start - 5
    books.post("Invoice", {"Id": invoice["Id"], "SyncToken": changed["SyncToken"]}, operation="void")
    assert stock() == start
    receipt = books.post("SalesReceipt", books.form(books.line(quantity=2)))
    books.post("SalesReceipt", {"Id": receipt["Id"], "SyncToken": "0"}, operation="delete")
    assert stock() == start
    books.post("CreditMemo", books.form(books.line(quantity=1)))
    assert stock() == start + 1
    buy = {
        "Amount": 40,
        "DetailType": "ItemBasedExpenseLineDetail",
        "ItemBasedExpenseLineDetail": {"ItemRef": {"value": "11"}, "Qty": 4, "UnitPrice": 10},
    }
    books.post("PurchaseOrder", {"VendorRef": {"value": "30"}, "Line": [buy]})
    assert stock() == start + 1
    books.post("Bill", {"VendorRef": {"value": "30"}, "Line": [buy]})
    assert stock() == start + 5
    books.post("Estimate", books.form(books.line(quantity=9)))
    assert stock() == start + 5
    adjust = {
        "AdjustAccountRef": {"value": "92"},
        "Line": [{"ItemAdjustmentLineDetail": {"ItemRef": {"value": "11"}, "QtyDiff": -2}}],
    }
    books.post("InventoryAdjustment", adjust)
    assert stock() == start + 3


def test_a_sale_before_the_stock_began_is_refused(books: Any) -> None:
    assert books.code("Invoice", books.form(TxnDate="2013-12-31")) == 6270
    assert books.code("Estimate", books.form(books.line("10", 1, 35), TxnDate="2013-12-31")) is None


def test_a_sparse_update_modifies_known_lines_and_adds_others(books: Any) -> None:
    made = books.post("Invoice", books.form(books.line(), books.line("10", 1, 35)))
    lines = [{"Id": "2", "Description": "kept by id"}, books.line("18", 1, 35)]
    changed = books.post("Invoice", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Line": lines})
    first, second, subtotal = changed["Line"]
    assert (first["Id"], first["Description"], first["Amount"]) == ("2", "kept by id", 35)
    assert (second["Id"], second["SalesItemLineDetail"]["ItemRef"]["value"]) == ("1", "18")
    assert subtotal["Amount"] == changed["TotalAmt"] == 70


def test_a_document_sent_back_as_it_was_read_is_accepted(books: Any) -> None:
    for entity in ("Invoice", "SalesReceipt", "Estimate", "CreditMemo", "Payment", "Bill", "Purchase", "Customer"):
        read = books.rows(f"select * from {entity} maxresults 1")[0]
        again = books.post(entity, read)
        assert again["SyncToken"] == str(int(read["SyncToken"]) + 1)
        unchanged = {"SyncToken", "MetaData", "LinkedTxn"}
        assert {k: v for k, v in again.items() if k not in unchanged} == {
            k: v for k, v in read.items() if k not in unchanged
        }


def test_a_voided_invoice_stays_readable_with_nothing_left(books: Any) -> None:
    made = books.post("Invoice", books.form(books.line(tax="TAX"), TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}}))
    void = books.post("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="void")
    assert (void["TotalAmt"], void["Balance"], void["PrivateNote"], void["SyncToken"]) == (0, 0, "Voided", "1")
    assert [line["Amount"] for line in void["Line"]] == [0, 0]
    assert void["TxnTaxDetail"]["TotalTax"] == 0
    assert void["DocNumber"] == made["DocNumber"]
    receipt = books.post("SalesReceipt", books.form(PrivateNote="order 7"))
    body = {"Id": receipt["Id"], "SyncToken": "0", "sparse": True}
    void = books.post("SalesReceipt", body, operation="update", include="void")
    assert (void["TotalAmt"], void["PrivateNote"]) == (0, "Voided - order 7")
    assert books.code("Estimate", {"Id": "1", "SyncToken": "0"}, operation="void") == 500
    noted = {
        "Id": made["Id"],
        "SyncToken": void_token(books, made["Id"]),
        "sparse": True,
        "PrivateNote": "Voided: twice",
    }
    assert books.post("Invoice", noted)["TotalAmt"] == 0


def void_token(books: Any, key: str) -> str:
    return str(books.get("Invoice", key)["SyncToken"])


def test_a_deleted_document_is_gone_for_reading_and_queries(books: Any) -> None:
    made = books.post("SalesReceipt", books.form(DocNumber="gone"))
    answer = books.post("SalesReceipt", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    assert answer == {"domain": "QBO", "status": "Deleted", "Id": made["Id"]}
    assert books.rows("select * from SalesReceipt where DocNumber = 'gone'") == []
    assert books.code("SalesReceipt", {"Id": made["Id"], "SyncToken": "0"}, operation="delete") == 610
    assert books.post("SalesReceipt", books.form(DocNumber="gone"))["Id"] != made["Id"]


def test_sending_and_printing(books: Any) -> None:
    made = books.post("Invoice", books.form())
    status, answer = books.send("POST", f"invoice/{made['Id']}/send")
    assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "6420")
    _, answer = books.send("POST", f"invoice/{made['Id']}/send", sendTo="a@b.example")
    sent = answer["Invoice"]
    assert (sent["EmailStatus"], sent["BillEmail"]["Address"]) == ("EmailSent", "a@b.example")
    assert sent["DeliveryInfo"]["DeliveryType"] == "Email"
    status, paper = books.send("GET", f"invoice/{made['Id']}/pdf")
    assert (status, paper[:5]) == (200, b"%PDF-")
    assert books.get("Invoice", made["Id"], include="invoiceLink")["InvoiceLink"].startswith("https://")


def test_there_are_no_sales_orders(books: Any) -> None:
    status, answer = books.send("POST", "salesorder", books.form())
    assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "500")


def expense(amount: Any = 10, account: str = "15", **more: Any) -> Any:
    return {
        "Amount": amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}, **more},
    }


BILLS = [
    ("as it should be", {}, None),
    ("no vendor", {"VendorRef": None}, 2020),
    ("no lines", {"Line": []}, 2020),
    ("a negative total", {"Line": [expense(-5)]}, 2290),
    ("a negative line", {"Line": [expense(10), expense(-3)]}, None),
    ("a receivable as expense", {"Line": [expense(account="84")]}, 6430),
    ("no account", {"Line": [{**expense(), "AccountBasedExpenseLineDetail": {}}]}, 6440),
    ("billable to nobody", {"Line": [expense(BillableStatus="Billable")]}, 6310),
    ("a bank as payable", {"APAccountRef": {"value": "35"}}, 6430),
    ("a sales line", {"Line": [{"Amount": 1, "DetailType": "SalesItemLineDetail"}]}, 2170),
]


@pytest.mark.parametrize(("what", "changes", "code"), BILLS, ids=[case[0] for case in BILLS])
def test_bills_are_checked(books: Any, what: str, changes: Any, code: int | None) -> None:
    assert books.code("Bill", {"VendorRef": {"value": "30"}, "Line": [expense()], **changes}) == code


def test_a_bill_closes_its_purchase_order_and_a_payment_closes_the_bill(books: Any) -> None:
    order = books.post("PurchaseOrder", {"VendorRef": {"value": "30"}, "Line": [expense(50)]})
    assert (order["POStatus"], order["APAccountRef"]["value"]) == ("Open", "33")
    bill = books.post(
        "Bill",
        {
            "VendorRef": {"value": "30"},
            "Line": [expense(50)],
            "VendorAddr": {"Line1": "1 Main St"},
            "LinkedTxn": [{"TxnId": order["Id"], "TxnType": "PurchaseOrder"}],
        },
    )
    assert (bill["Balance"], bill["VendorAddr"]["Line1"]) == (50, "1 Main St")
    assert books.get("PurchaseOrder", order["Id"])["POStatus"] == "Closed"
    pay = {
        "VendorRef": {"value": "30"},
        "PayType": "Check",
        "TotalAmt": 50,
        "CheckPayment": {"BankAccountRef": {"value": "35"}},
        "Line": [{"Amount": 50, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]}],
    }
    before = books.get("Account", "35")["CurrentBalance"]
    paid = books.post("BillPayment", pay)
    assert books.get("Bill", bill["Id"])["Balance"] == 0
    assert books.get("Account", "35")["CurrentBalance"] == before - 50
    void = books.post(
        "BillPayment", {"Id": paid["Id"], "SyncToken": "0", "sparse": True}, operation="update", include="void"
    )
    assert (void["TotalAmt"], void["PrivateNote"]) == (0, "Voided")
    assert books.get("Bill", bill["Id"])["Balance"] == 50
    books.post("Bill", {"Id": bill["Id"], "SyncToken": books.get("Bill", bill["Id"])["SyncToken"]}, operation="delete")
    assert books.get("PurchaseOrder", order["Id"])["POStatus"] == "Open"


def test_journal_entries_balance(books: Any) -> None:
    def entry(debit: Any, credit: Any) -> Any:
        return {
            "Line": [
                {
                    "Amount": amount,
                    "DetailType": "JournalEntryLineDetail",
                    "JournalEntryLineDetail": {"PostingType": kind, "AccountRef": {"value": account}},
                }
                for kind, account, amount in (("Debit", "36", debit), ("Credit", "35", credit))
            ]
        }

    assert books.code("JournalEntry", entry(10, 9)) == 2300
    assert books.post("JournalEntry", entry(10, 10))["TotalAmt"] == 10


def test_recurring_templates_are_kept_and_not_posted(books: Any) -> None:
    def info(day: int) -> Any:
        return {"Name": "Monthly", "RecurType": "Automated", "Active": True, "ScheduleInfo": {"DayOfMonth": day}}

    owed = books.get("Customer", "1")["Balance"]
    made = books.post("RecurringTransaction", {"Invoice": books.form(RecurringInfo=info(1))})["Invoice"]
    assert (made["TotalAmt"], made["RecurringInfo"]["ScheduleInfo"]["DayOfMonth"]) == (20, 1)
    assert books.get("Customer", "1")["Balance"] == owed
    changed = books.post("RecurringTransaction", {"Invoice": {**made, "RecurringInfo": info(15)}})["Invoice"]
    assert (changed["Id"], changed["RecurringInfo"]["ScheduleInfo"]["DayOfMonth"]) == (made["Id"], 15)
    assert books.get("RecurringTransaction", made["Id"])["Invoice"] == changed
    assert len(books.rows("select * from RecurringTransaction where Type = 'Invoice'")) == 1
    books.post("RecurringTransaction", {"Invoice": changed}, operation="delete")
    assert books.rows("select * from RecurringTransaction") == []


def test_documents_in_a_foreign_currency(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(multicurrency=True)
    customer = books.post("Customer", {"DisplayName": "Store EUR", "CurrencyRef": {"value": "EUR"}})["Id"]
    made = books.post("Invoice", books.form(books.line("10", 1, 100), customer=customer))
    assert (made["CurrencyRef"]["value"], made["ExchangeRate"]) == ("EUR", Decimal("1.1"))
    assert (made["TotalAmt"], made["HomeTotalAmt"]) == (100, 110)
    own = books.post("Invoice", books.form(books.line("10", 1, 100), customer=customer, ExchangeRate=1.5))
    assert own["HomeTotalAmt"] == 150
    wrong = books.form(books.line("10", 1, 100), customer=customer, CurrencyRef={"value": "USD"})
    assert books.code("Invoice", wrong) == 6000


def test_attachables_hold_notes(books: Any) -> None:
    note = {"Note": "hello", "AttachableRef": [{"EntityRef": {"value": "30", "type": "Vendor"}}]}
    made = books.post("Attachable", note)
    assert made["AttachableRef"][0]["EntityRef"] == {"value": "30", "type": "Vendor"}
    rows = books.rows(
        "select * from Attachable where AttachableRef.EntityRef.Type = 'vendor' "
        "and AttachableRef.EntityRef.value = '30'"
    )
    assert [row["Id"] for row in rows] == [made["Id"]]
    assert books.code("Attachable", {"Category": "Other"}) == 2020
    books.post("Attachable", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
