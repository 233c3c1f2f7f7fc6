"""Lists, changes and looking things up: pages, limits and what QuickBooks does not tell."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors import errors
from connectors.ports import BooksProfile, ListEntry, Posted
from tests.connectors.quickbooks_kit import Reply, Request, bench, fault

Rows = Mapping[str, list[dict[str, Any]]]


def _answering(rows: Rows, extra: int = 0) -> Callable[[Request], Reply]:
    """Pages through rows as the query language does; `extra` rows more than asked for, as was once seen."""

    def respond(request: Request) -> Reply:
        if request.path.endswith("/query"):
            found = re.match(
                r"SELECT \* FROM (\w+)(.*?)(?: ORDERBY Id STARTPOSITION (\d+) MAXRESULTS (\d+))?$", request.text
            )
            assert found is not None
            held = rows.get(found[1], [])
            start, size = int(found[3] or 1), int(found[4] or 100) + extra
            page = held[start - 1 : start - 1 + size]
            return Reply({"QueryResponse": {found[1]: page} if page else {}})
        entities = request.query["entities"].split(",")
        blocks: list[dict[str, Any]] = [{entity: rows[entity]} if rows.get(entity) else {} for entity in entities]
        return Reply({"CDCResponse": [{"QueryResponse": blocks}]})

    return respond


def _items(count: int, start: int = 1) -> list[dict[str, Any]]:
    return [{"Id": str(number), "Name": f"Item {number}", "Active": True} for number in range(start, start + count)]


@pytest.mark.parametrize(
    ("count", "extra", "calls"), [(0, 0, 1), (999, 0, 1), (1000, 0, 2), (2500, 0, 3), (2500, 1, 3)]
)
def test_a_list_is_read_to_its_end_without_repeats(count: int, extra: int, calls: int) -> None:
    rows = _items(count)
    if count > 1500:
        rows.insert(1200, rows[3])  # a row that moved between two pages
    with bench(_answering({"Item": rows}, extra)) as at:
        entries = list(at.books.lists(["item"]))
    assert [entry.id for entry in entries] == [str(number) for number in range(1, count + 1)]
    assert at.books.call_counts() == {"query": calls}
    assert "Active IN (true,false)" in at.server.requests[0].text


LISTS: Rows = {
    "Customer": [
        {
            "Id": "1",
            "SyncToken": "4",
            "DisplayName": "Ann Lee",
            "FullyQualifiedName": "Lee Co:Ann Lee",
            "CompanyName": "Lee Co",
            "GivenName": "Ann",
            "PrimaryEmailAddr": {"Address": "ann@example.com"},
            "CurrencyRef": {"value": "USD"},
            "Active": True,
            "Taxable": False,
        },
        {"Id": "2", "DisplayName": "Bo (deleted)", "Active": False},
    ],
    "Item": [
        {
            "Id": "5",
            "Name": "Pump",
            "FullyQualifiedName": "Tools:Pump",
            "Sku": "P-1",
            "Type": "Inventory",
            "InvStartDate": "2025-01-01",
            "QtyOnHand": Decimal(25),
            "IncomeAccountRef": {"value": "79"},
            "Taxable": True,
        }
    ],
    "Account": [
        {"Id": "33", "Name": "A/R", "AccountType": "Accounts Receivable", "AccountSubType": "AccountsReceivable"}
    ],
    "Term": [{"Id": "3", "Name": "Net 30", "DueDays": 30}],
    "Vendor": [{"Id": "9", "DisplayName": "Brosnahan"}],
    "TaxRate": [{"Id": "1", "Name": "AZ", "RateValue": 7.1}, {"Id": "2", "Name": "City", "RateValue": 2}],
    "TaxCode": [
        {
            "Id": "3",
            "Name": "Tucson",
            "Taxable": True,
            "TaxGroup": True,
            "SalesTaxRateList": {"TaxRateDetail": [{"TaxRateRef": {"value": "1"}}, {"TaxRateRef": {"value": "2"}}]},
        }
    ],
}


def _jsonable(rows: Rows) -> Rows:
    plain: Rows = json.loads(json.dumps(rows, default=str))
    return plain


def test_entries_carry_what_matching_needs_as_plain_json() -> None:
    with bench(_answering(_jsonable(LISTS))) as at:
        entries = {
            (entry.kind, entry.id): entry
            for entry in at.books.lists(["customer", "item", "account", "term", "vendor", "tax_code", "tax_rate"])
        }
    ann = entries["customer", "1"]
    assert (ann.name, ann.leaf, ann.active, ann.sync_token) == ("Lee Co:Ann Lee", "Ann Lee", True, "4")
    assert ann.data == {
        "email": "ann@example.com",
        "currency": "USD",
        "company": "Lee Co",
        "first_name": "Ann",
        "taxable": False,
    }
    assert not entries["customer", "2"].active
    assert entries["item", "5"].data == {
        "sku": "P-1",
        "type": "inventory",
        "start_date": "2025-01-01",
        "income_account": "79",
        "taxable": True,
    }
    assert entries["account", "33"].data == {"type": "Accounts Receivable", "subtype": "AccountsReceivable"}
    assert entries["term", "3"].data == {"due_days": 30}
    assert entries["tax_rate", "1"].data == {"rate": "7.1"}
    assert entries["tax_code", "3"].data["rate"] == "9.1"
    for entry in entries.values():
        assert json.loads(json.dumps(entry.data)) == entry.data


def test_tax_codes_alone_take_the_rates_call_too() -> None:
    with bench(_answering(_jsonable(LISTS))) as at:
        (code,) = at.books.lists(["tax_code"])
        assert code.data["rates"] == ["7.1", "2"]
        assert at.books.call_counts() == {"query": 2}


def _changes(at: Any, kinds: Iterable[Any], **more: Any) -> list[ListEntry | Posted]:
    return list(at.books.changes(list(kinds), at.clock.now() - timedelta(hours=1), **more))


def test_changes_of_many_lists_are_one_call() -> None:
    rows: Rows = {
        "Item": [{"Id": "5", "Name": "Pump", "Active": False}],
        "Customer": [{"Id": "7", "status": "Deleted", "MetaData": {}}],
        "Invoice": [{"Id": "9", "SyncToken": "1", "DocNumber": "1007"}, {"Id": "10", "status": "Deleted"}],
    }
    with bench(_answering(rows)) as at:
        item, customer, live, gone = _changes(at, ["item", "customer", "term"], documents=["Invoice"])
        assert at.books.call_counts() == {"changes": 1}
        assert at.server.requests[0].query["entities"] == "Item,Customer,Term,Invoice"
        assert at.server.requests[0].query["changedSince"] == "2026-01-15T11:00:00+00:00"
    assert isinstance(item, ListEntry)
    assert (item.kind, item.active) == ("item", False)
    assert isinstance(customer, ListEntry)
    assert customer.deleted
    assert isinstance(live, Posted)
    assert isinstance(gone, Posted)
    assert (live.number, gone.state) == ("1007", "deleted")


def test_tax_codes_are_not_among_changes_so_they_are_read() -> None:
    with bench(_answering(_jsonable(LISTS))) as at:
        found = _changes(at, ["tax_code", "term"])
        assert at.books.call_counts() == {"changes": 1, "query": 2}
    assert [entry.kind for entry in found if isinstance(entry, ListEntry)] == ["term", "tax_code"]


def test_changes_of_more_than_thirty_days_are_not_asked_for() -> None:
    with bench(_answering({})) as at:
        with pytest.raises(errors.Rejected) as caught:
            list(at.books.changes(["item"], at.clock.now() - timedelta(days=31)))
        assert at.server.requests == []
    assert caught.value.code == "changes_too_old"


def test_changes_that_quickbooks_itself_finds_too_old_are_called_so() -> None:
    text = "Operation cdc with changedSince date 2015 which is older than fixed days is not supported."
    reply = Reply(fault("500", "Unsupported Operation", text), status=400)
    with bench(lambda request: reply) as at, pytest.raises(errors.Rejected) as caught:
        _changes(at, ["item"])
    assert caught.value.code == "changes_too_old"


def test_too_many_changes_are_asked_for_list_by_list_and_then_by_query() -> None:
    rows = {"Item": _items(1000), "Term": [{"Id": "3", "Name": "Net 30"}]}
    with bench(_answering(rows)) as at:
        found = _changes(at, ["item", "term"])
        assert at.books.call_counts() == {"changes": 3, "query": 2}
        (query, _) = [request.text for request in at.server.requests if request.path.endswith("/query")]
    assert "MetaData.LastUpdatedTime >= '2026-01-15T11:00:00+00:00'" in query
    assert len(found) == 1001


def test_of_too_many_changes_those_that_a_query_does_not_tell_are_told_too() -> None:
    gone = {"Id": "7000", "status": "Deleted", "MetaData": {}}

    def respond(request: Request) -> Reply:
        rows = _items(1000)
        if request.path.endswith("/query"):
            return Reply({"QueryResponse": {"Item": rows if "STARTPOSITION 1 " in request.text else []}})
        return Reply({"CDCResponse": [{"QueryResponse": [{"Item": [*rows[:999], gone]}]}]})

    with bench(respond) as at:
        found = _changes(at, ["item"])
    assert [entry.id for entry in found if isinstance(entry, ListEntry) and entry.deleted] == ["7000"]
    assert len(found) == 1001


def test_many_numbers_are_few_questions() -> None:
    invoices = [{"Id": str(n), "SyncToken": "0", "DocNumber": str(n)} for n in range(1, 401)]

    def respond(request: Request) -> Reply:
        asked = set(re.findall(r"'([^']*)'", request.text))
        return Reply({"QueryResponse": {"Invoice": [row for row in invoices if row["DocNumber"] in asked]}})

    with bench(respond) as at:
        found = at.books.find_numbers("Invoice", [str(n) for n in range(1, 401)] + ["1", "O'Brien"])
        assert at.books.call_counts() == {"query": 3}
    assert len(found) == 400


@pytest.mark.parametrize(
    ("entity", "wanted", "condition"),
    [
        ("Invoice", {"number": "10'07"}, r"DocNumber = '10\'07'"),
        ("Payment", {"customer_id": "5", "date": "2026-01-14"}, "CustomerRef = '5' AND TxnDate = '2026-01-14'"),
        ("SalesReceipt", {"customer_id": "5", "date": "2026-01-14"}, "TxnDate = '2026-01-14'"),
        ("Customer", {"name": "Ann"}, "DisplayName IN ('Ann','Ann (deleted)') AND Active IN (true,false)"),
        ("Item", {"name": "Pump"}, "Name IN ('Pump','Pump (deleted)') AND Active IN (true,false)"),
    ],
)
def test_things_are_looked_for_by_what_quickbooks_can_find(entity: str, wanted: dict[str, str], condition: str) -> None:
    mine = {"Id": "1", "SyncToken": "0", "CustomerRef": {"value": "5"}, "TxnDate": "2026-01-14", "DocNumber": "10'07"}
    other = {**mine, "Id": "2", "CustomerRef": {"value": "6"}}
    with bench(_answering({entity: [mine, other]})) as at:
        found = at.books.find(entity, **wanted)
    assert f"WHERE {condition} ORDERBY" in at.server.requests[0].text
    assert [item.id for item in found] == (["1"] if "customer_id" in wanted else ["1", "2"])


def test_something_must_be_asked_for() -> None:
    with bench(_answering({})) as at, pytest.raises(ValueError, match="looked for"):
        at.books.find("SalesReceipt", customer_id="5")


@pytest.mark.parametrize(
    "reply", [Reply(fault("610", "Object Not Found"), status=400), Reply({"Invoice": {"Id": "9", "status": "Deleted"}})]
)
def test_what_was_deleted_is_missing(reply: Reply) -> None:
    with bench(lambda request: reply) as at:
        assert at.books.read("Invoice", "9") is None
        assert at.books.call_counts() == {"read": 1}


@pytest.mark.parametrize(
    ("body", "state", "deposited"),
    [
        ({"TotalAmt": 0, "PrivateNote": "Voided - cloudcart:AB"}, "voided", False),
        ({"TotalAmt": 0, "PrivateNote": "cloudcart:AB"}, "live", False),
        (
            {"TotalAmt": 5, "PrivateNote": "Voided the old one", "LinkedTxn": [{"TxnId": "3", "TxnType": "Deposit"}]},
            "live",
            True,
        ),
    ],
)
def test_a_document_says_whether_it_is_voided_or_deposited(body: dict[str, Any], state: str, deposited: bool) -> None:
    with bench(lambda request: Reply({"Payment": {"Id": "9", "SyncToken": "0", **body}})) as at:
        found = at.books.read("Payment", "9")
    assert found is not None
    assert (found.state, found.deposited) == (state, deposited)


PREFERENCES = {
    "Id": "1",
    "AccountingInfoPrefs": {
        "ClassTrackingPerTxn": False,
        "ClassTrackingPerTxnLine": True,
        "TrackDepartments": True,
        "BookCloseDate": "2025-12-31",
    },
    "ProductAndServicesPrefs": {"QuantityOnHand": True},
    "SalesFormsPrefs": {
        "CustomTxnNumbers": True,
        "AllowDiscount": True,
        "AllowShipping": False,
        "AllowEstimates": True,
        "CustomField": [
            {
                "CustomField": [
                    {"Name": "SalesFormsPrefs.UseSalesCustom1", "Type": "BooleanType", "BooleanValue": True},
                    {"Name": "SalesFormsPrefs.UseSalesCustom2", "Type": "BooleanType", "BooleanValue": False},
                ]
            },
            {
                "CustomField": [
                    {"Name": "SalesFormsPrefs.SalesCustomName1", "Type": "StringType", "StringValue": "Crew #"},
                    {"Name": "SalesFormsPrefs.SalesCustomName2", "Type": "StringType", "StringValue": "Unused"},
                ]
            },
        ],
    },
    "TaxPrefs": {"UsingSalesTax": True},
    "CurrencyPrefs": {"HomeCurrency": {"value": "USD"}, "MultiCurrencyEnabled": False},
}


def test_the_profile_is_company_and_preferences_in_two_calls() -> None:
    company = {"Id": "1", "CompanyName": "Craig's Design", "Country": "USA"}
    with bench(_answering({"CompanyInfo": [company], "Preferences": [PREFERENCES]})) as at:
        profile = at.books.profile()
        assert at.books.call_counts() == {"query": 2}
    assert profile == BooksProfile(
        id="4620816365000000000",
        title="Craig's Design",
        country="US",
        currency="USD",
        sales_tax=True,
        automated_tax=False,
        custom_numbers=True,
        classes="line",
        locations=True,
        discounts=True,
        shipping=False,
        inventory=True,
        closed_until="2025-12-31",
        custom_fields={"Crew #": "1"},
        features=profile.features,
    )
    assert profile.features["estimates"]
    assert not profile.features["automated_tax_unfinished"]


@pytest.mark.parametrize(
    ("taxes", "automated", "unfinished"),
    [({}, False, False), ({"PartnerTaxEnabled": True}, True, False), ({"PartnerTaxEnabled": False}, False, True)],
)
def test_automated_tax_is_told_from_a_company_that_never_had_it(
    taxes: dict[str, bool], automated: bool, unfinished: bool
) -> None:
    preferences = {**PREFERENCES, "TaxPrefs": {"UsingSalesTax": True, **taxes}}
    with bench(_answering({"CompanyInfo": [{"Country": "US"}], "Preferences": [preferences]})) as at:
        profile = at.books.profile()
    assert (profile.automated_tax, profile.features["automated_tax_unfinished"]) == (automated, unfinished)
