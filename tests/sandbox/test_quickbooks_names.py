"""sandbox/quickbooks/names.py"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

CUSTOMERS = [
    ("no name at all", {"Notes": "x"}, 6080),
    ("only an empty name", {"DisplayName": ""}, 6080),
    ("a colon in the name", {"DisplayName": "a:b"}, 2040),
    ("a tab in a part", {"GivenName": "a\tb"}, 2040),
    ("a new line in the name for checks", {"DisplayName": "n1", "PrintOnCheckName": "a\nb"}, 2040),
    ("a display name of 501 characters", {"DisplayName": "x" * 501}, 2050),
    ("a display name of 500 characters", {"DisplayName": "x" * 500}, None),
    ("a given name of 101 characters", {"GivenName": "x" * 101}, 2050),
    ("a title of 17 characters", {"Title": "x" * 17, "DisplayName": "n2"}, 2050),
    ("a phone of 31 characters", {"DisplayName": "n3", "PrimaryPhone": {"FreeFormNumber": "1" * 31}}, 2050),
    (
        "streets of 2001 characters",
        {"DisplayName": "n14", "BillAddr": {f"Line{n}": "x" * 401 for n in range(1, 6)}},
        2050,
    ),
    ("an e-mail without @", {"DisplayName": "n4", "PrimaryEmailAddr": {"Address": "nobody.example"}}, 2210),
    ("a web address without a dot", {"DisplayName": "n5", "WebAddr": {"URI": "nowhere"}}, 2200),
    ("a name in use, in other letters", {"DisplayName": "AMY'S bird sanctuary"}, 6240),
    ("a name that a vendor holds", {"DisplayName": "PG&E"}, 6240),
    ("a name that an employee holds", {"DisplayName": "Emily Platt"}, 6240),
    ("an unknown property", {"DisplayName": "n6", "Colour": "red"}, 2010),
    ("an unknown property in an address", {"DisplayName": "n7", "BillAddr": {"Street": "x"}}, 2010),
    ("a wrong enumeration", {"DisplayName": "n8", "PreferredDeliveryMethod": "Pigeon"}, 2170),
    ("a job without parent", {"DisplayName": "n9", "Job": True}, 6150),
    ("an unknown parent", {"DisplayName": "n10", "ParentRef": {"value": "999"}}, 2500),
    ("a foreign currency", {"DisplayName": "n11", "CurrencyRef": {"value": "EUR"}}, 6000),
    ("a wrong boolean", {"DisplayName": "n12", "Taxable": "perhaps"}, 2230),
    ("a wrong date", {"DisplayName": "n13", "OpenBalanceDate": "2026-02-30"}, 2070),
    ("emoji and right-to-left text", {"DisplayName": "חנות 🎁"}, None),
]


@pytest.mark.parametrize(("what", "body", "code"), CUSTOMERS, ids=[case[0] for case in CUSTOMERS])
def test_customers_are_checked(books: Any, what: str, body: Any, code: int | None) -> None:
    assert books.code("Customer", body) == code


def test_a_customer_without_display_name_is_named_by_its_parts(books: Any) -> None:
    made = books.post("Customer", {"Title": "Mr", "GivenName": "James", "FamilyName": "King", "Suffix": "Jr"})
    assert made["DisplayName"] == made["FullyQualifiedName"] == "Mr James King Jr"
    assert (made["Id"], made["SyncToken"], made["domain"], made["sparse"]) == ("56", "0", "QBO", False)
    assert made["CurrencyRef"]["value"] == "USD"


def test_the_duplicate_name_fault_is_worded_as_intuit_words_it(books: Any, refused: Any) -> None:
    with pytest.raises(refused) as caught:
        books.post("Vendor", {"DisplayName": "Cool Cars"})
    assert caught.value.status == 400
    assert caught.value.message == "Duplicate Name Exists Error"
    assert caught.value.detail == (
        "The name supplied already exists. : Another customer, vendor or employee is already using this \n"
        "name. Please use a different name."
    )


def test_a_sub_customer_has_a_path_that_follows_its_parent(books: Any) -> None:
    child = books.post("Customer", {"DisplayName": "Aviary", "ParentRef": {"value": "1"}, "Job": True})
    assert (child["FullyQualifiedName"], child["Level"]) == ("Amy's Bird Sanctuary:Aviary", 1)
    parent = books.get("Customer", "1")
    books.post("Customer", {"Id": "1", "SyncToken": parent["SyncToken"], "sparse": True, "DisplayName": "Amy"})
    assert books.get("Customer", child["Id"])["FullyQualifiedName"] == "Amy:Aviary"


def test_at_most_five_levels_and_no_circles(books: Any) -> None:
    above = "1"
    made = []
    for level in range(4):
        made.append(books.post("Customer", {"DisplayName": f"L{level}", "ParentRef": {"value": above}}))
        above = made[-1]["Id"]
    assert books.code("Customer", {"DisplayName": "too deep", "ParentRef": {"value": above}}) == 6180
    circle = {"Id": "1", "SyncToken": "0", "sparse": True, "ParentRef": {"value": made[0]["Id"]}}
    assert books.code("Customer", circle) == 6150


def test_an_inactive_customer_frees_its_name_and_cannot_be_used(books: Any) -> None:
    gone = books.post("Customer", {"Id": "12", "SyncToken": "0", "sparse": True, "Active": False})
    assert gone["DisplayName"] == "Kookies by Kathy (deleted)"
    assert books.code("Invoice", books.form(customer="12")) == 610
    assert books.code("Customer", {"DisplayName": "Kookies by Kathy"}) is None
    back = {"Id": "12", "SyncToken": "1", "sparse": True, "Active": True}
    assert books.code("Customer", back) == 6240


def test_a_customer_with_a_balance_cannot_be_made_inactive(books: Any) -> None:
    token = books.get("Customer", "14")["SyncToken"]
    assert books.code("Customer", {"Id": "14", "SyncToken": token, "sparse": True, "Active": False}) == 6220


def test_a_full_update_clears_what_is_left_out_and_a_sparse_one_keeps_it(books: Any) -> None:
    body = {"DisplayName": "Full", "Notes": "a note", "CompanyName": "Full Ltd"}
    made = books.post("Customer", body)
    kept = books.post("Customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": "another"})
    assert (kept["CompanyName"], kept["Notes"], kept["SyncToken"]) == ("Full Ltd", "another", "1")
    cleared = books.post("Customer", {"Id": made["Id"], "SyncToken": 1, "DisplayName": "Full"})
    assert "CompanyName" not in cleared
    assert "Notes" not in cleared
    assert cleared["MetaData"]["CreateTime"] == made["MetaData"]["CreateTime"]


def test_a_stale_sync_token_is_refused(books: Any, refused: Any) -> None:
    with pytest.raises(refused) as caught:
        books.post("Customer", {"Id": "1", "SyncToken": "7", "sparse": True, "Notes": "x"})
    assert caught.value.code == 5010
    assert caught.value.detail.startswith("Stale Object Error : You and root were working on this at the same time.")
    assert books.code("Customer", {"Id": "1", "sparse": True, "Notes": "x"}) == 2020


def test_list_entries_cannot_be_deleted(books: Any) -> None:
    assert books.code("Customer", {"Id": "1", "SyncToken": "0"}, operation="delete") == 500


INVENTORY: Any = {
    "Name": "Lamp",
    "Type": "Inventory",
    "TrackQtyOnHand": True,
    "QtyOnHand": 10,
    "InvStartDate": "2026-01-01",
    "AssetAccountRef": {"value": "81"},
    "IncomeAccountRef": {"value": "79"},
    "ExpenseAccountRef": {"value": "80"},
}
ITEMS = [
    ("inventory", {}, None),
    ("untracked inventory", {"TrackQtyOnHand": False}, 6000),
    ("no start date", {"InvStartDate": None}, 6000),
    ("no quantity", {"QtyOnHand": None}, 2020),
    ("no asset account", {"AssetAccountRef": None}, 2020),
    ("an income account as asset account", {"AssetAccountRef": {"value": "79"}}, 6430),
    ("a bank as income account", {"IncomeAccountRef": {"value": "35"}}, 6430),
    ("an unknown account", {"IncomeAccountRef": {"value": "9999"}}, 2500),
    ("no type", {"Type": None}, 2020),
    ("an unknown type", {"Type": "Gadget"}, 2170),
    ("a group", {"Type": "Group"}, 2170),
    ("a colon in the name", {"Name": "a:b"}, 2040),
    ("a name in use", {"Name": "pump"}, 6240),
    ("quotes and # in the name", {"Name": 'a "b" #1'}, None),
    ("a name of 101 characters", {"Name": "x" * 101}, 2050),
    ("a SKU that another item has", {"Sku": "PUMP-1"}, None),
    ("no name", {"Name": None}, 2020),
    ("a price beyond all measure", {"UnitPrice": 100_000_000_000}, 2180),
]


@pytest.mark.parametrize(("what", "changes", "code"), ITEMS, ids=[case[0] for case in ITEMS])
def test_items_are_checked(books: Any, what: str, changes: Any, code: int | None) -> None:
    assert books.code("Item", {**INVENTORY, **changes}) == code


def test_an_item_that_is_sold_needs_an_income_account(books: Any) -> None:
    assert books.code("Item", {"Name": "Talk", "Type": "Service"}) == 2020
    assert books.code("Item", {"Name": "Talk", "Type": "Service", "IncomeAccountRef": {"value": "1"}}) is None


def test_inventory_is_refused_where_the_plan_or_the_preference_lacks_it(quickbooks: Callable[..., Any]) -> None:
    assert quickbooks(plan="essentials").code("Item", INVENTORY) == 5030
    assert quickbooks(inventory=False).code("Item", INVENTORY) == 5030


def test_categories_have_four_levels(books: Any) -> None:
    parent: Any = {}
    for level in range(4):
        made = books.post("Item", {"Name": f"C{level}", "Type": "Category", **parent})
        parent = {"ParentRef": {"value": made["Id"]}, "SubItem": True}
    assert books.code("Item", {"Name": "C5", "Type": "Category", **parent}) == 6180
    assert books.code("Item", {**INVENTORY, **parent}) is None


def test_tracking_cannot_be_turned_off_and_a_new_quantity_adjusts_the_stock(books: Any) -> None:
    made = books.post("Item", INVENTORY)
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    assert books.code("Item", {**key, "TrackQtyOnHand": False}) == 6000
    assert books.post("Item", {**key, "QtyOnHand": 7})["QtyOnHand"] == 7


def test_categories_hold_items(books: Any) -> None:
    category = books.post("Item", {"Name": "Garden", "Type": "Category"})
    made = books.post("Item", {**INVENTORY, "ParentRef": {"value": category["Id"]}, "SubItem": True})
    assert made["FullyQualifiedName"] == "Garden:Lamp"
    assert books.code("Invoice", books.form(books.line(category["Id"]))) == 6000


ACCOUNTS = [
    ("neither type nor subtype", {}, 6010),
    ("an unknown type", {"AccountType": "Purse"}, 6010),
    ("a subtype of another type", {"AccountType": "Bank", "AccountSubType": "AccountsPayable"}, 6010),
    ("a subtype alone", {"AccountSubType": "CashOnHand"}, None),
    ("a number of eight characters", {"AccountType": "Bank", "AcctNum": "12345678"}, 2050),
    ("a colon", {"AccountType": "Bank", "Name": "a:b"}, 2040),
    ("a quote", {"AccountType": "Bank", "Name": 'a"b'}, 2040),
    ("a name in use", {"AccountType": "Bank", "Name": "checking"}, 6240),
]


@pytest.mark.parametrize(("what", "changes", "code"), ACCOUNTS, ids=[case[0] for case in ACCOUNTS])
def test_accounts_are_checked(books: Any, what: str, changes: Any, code: int | None) -> None:
    assert books.code("Account", {"Name": "New", **changes}) == code


def test_an_account_is_classified_and_keeps_its_number(books: Any) -> None:
    made = books.post("Account", {"Name": "Till", "AccountSubType": "CashOnHand", "AcctNum": "10100"})
    assert (made["AccountType"], made["Classification"], made["AcctNum"]) == ("Bank", "Asset", "10100")
    renamed = {**made, "Name": "Shop till"}
    assert books.post("Account", renamed)["AcctNum"] == "10100"


def test_classes_and_departments_need_their_preference(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(class_tracking="off", location_tracking=False)
    assert books.code("Class", {"Name": "Web"}) == 5030
    assert books.code("Department", {"Name": "Web"}) == 5030


def test_a_class_has_a_path_and_a_name_of_its_own(books: Any) -> None:
    made = books.post("Class", {"Name": "Amazon", "ParentRef": {"value": "1"}})
    assert (made["FullyQualifiedName"], made["SubClass"]) == ("Web:Amazon", True)
    assert books.code("Class", {"Name": "Amazon", "ParentRef": {"value": "1"}}) == 6240
    assert books.code("Class", {"Name": "Amazon"}) is None
    assert books.code("Class", {"Name": "x" * 101}) == 2050


def test_terms_and_payment_methods(books: Any) -> None:
    assert books.code("Term", {"Name": "Never"}) == 2020
    assert books.code("Term", {"Name": "Long", "DueDays": 1000}) == 2180
    assert books.code("Term", {"Name": "x" * 32, "DueDays": 1}) == 2050
    made = books.post("Term", {"Name": "End of month", "DayOfMonthDue": 31})
    assert made["Type"] == "DATE_DRIVEN"
    assert books.post("Term", {"Name": "Net 7", "DueDays": 7})["Type"] == "STANDARD"
    assert books.post("PaymentMethod", {"Name": "PayPal"})["Type"] == "NON_CREDIT_CARD"
    assert books.code("PaymentMethod", {"Name": "paypal"}) == 6240
    assert books.code("PaymentMethod", {"Name": "x" * 32}) == 2050


def test_a_vendor_hides_its_tax_number(books: Any) -> None:
    made = books.post("Vendor", {"DisplayName": "Maker", "TaxIdentifier": "99-5688293"})
    assert made["TaxIdentifier"] == "XXXXX8293"
    again = books.post("Vendor", {"Id": made["Id"], "SyncToken": "0", "DisplayName": "Maker"})
    assert again["TaxIdentifier"] == "XXXXX8293"


def test_a_currency_cannot_be_changed(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(multicurrency=True)
    made = books.post("Customer", {"DisplayName": "Store EUR", "CurrencyRef": {"value": "EUR"}})
    assert made["CurrencyRef"] == {"value": "EUR", "name": "Euro"}
    change = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "CurrencyRef": {"value": "GBP"}}
    assert books.code("Customer", change) == 6000
    assert books.code("Customer", {"DisplayName": "Yen", "CurrencyRef": {"value": "JPY"}}) == 2220


def test_exchange_rates_are_set_and_set_again(books: Any, refused: Any) -> None:
    body = {"SourceCurrencyCode": "EUR", "Rate": 1.2, "AsOfDate": "2026-05-01"}
    first = books.post("ExchangeRate", body)
    second = books.post("ExchangeRate", {**body, "Rate": Decimal("1.3")})
    assert (first["Id"], second["Rate"]) == (second["Id"], Decimal("1.3"))
    rows = books.rows("SELECT * FROM ExchangeRate WHERE SourceCurrencyCode = 'EUR' AND AsOfDate = '2026-05-01'")
    assert [row["Rate"] for row in rows] == [Decimal("1.3")]
    _, answer = books.send("GET", "exchangerate", sourcecurrencycode="EUR", asofdate="2026-06-01")
    assert answer["ExchangeRate"]["Rate"] == Decimal("1.3")
    with pytest.raises(refused) as caught:
        books.post("ExchangeRate", {**body, "SourceCurrencyCode": "USD"})
    assert caught.value.code == 2220


def test_preferences_and_company_information(books: Any) -> None:
    found = books.get("Preferences", "1")
    assert found["AccountingInfoPrefs"]["TaxYearMonth"] == "January"
    assert found["OtherPrefs"]["NameValue"][0]["Name"] == "SalesFormsPrefs.DefaultCustomerMessage"
    body = {"SyncToken": found["SyncToken"], "SalesFormsPrefs": {"CustomTxnNumbers": True}, "sparse": True}
    changed = books.post("Preferences", body)
    assert changed["SalesFormsPrefs"]["CustomTxnNumbers"] is True
    assert changed["SalesFormsPrefs"]["AllowDiscount"] is True
    locked = {"SyncToken": changed["SyncToken"], "CurrencyPrefs": {"MultiCurrencyEnabled": True}}
    assert books.post("Preferences", locked)["CurrencyPrefs"]["MultiCurrencyEnabled"] is False
    info = books.get("CompanyInfo", "1")
    assert (info["Country"], info["CompanyName"]) == ("USA", "Sandbox Company_US_1")
    assert books.rows("select * from CompanyInfo")[0]["Id"] == "1"
