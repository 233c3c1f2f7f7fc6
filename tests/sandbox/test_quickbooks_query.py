"""sandbox/quickbooks/query.py"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.quickbooks import query

FOUND = [
    ("SELECT * FROM Account WHERE Name = 'checking'", ["Checking"]),
    ("select * from account where name='CHECKING'", ["Checking"]),
    ("SELECT * FROM Customer WHERE DisplayName = 'Amy\\'s Bird Sanctuary'", ["Amy's Bird Sanctuary"]),
    ("SELECT * FROM Customer WHERE DisplayName LIKE 'Bill%'", ["Bill's Windsurf Shop"]),
    ("SELECT * FROM Customer WHERE DisplayName LIKE '%cars'", ["Cool Cars"]),
    ("SELECT * FROM Customer WHERE DisplayName IN ('Cool Cars', 'Mark Cho')", ["Cool Cars", "Mark Cho"]),
    ("SELECT * FROM Customer WHERE Id in ('3', '1') ", ["Amy's Bird Sanctuary", "Cool Cars"]),
    ("SELECT * FROM Customer ORDERBY DisplayName DESC MAXRESULTS 1", ["Weiskopf Consulting"]),
    (
        "SELECT * FROM Customer ORDER BY DisplayName STARTPOSITION 2 MAXRESULTS 2",
        ["Bill's Windsurf Shop", "Cool Cars"],
    ),
    ("SELECT * FROM Customer ORDERBY DisplayName MAXRESULTS 1 STARTPOSITION 3;", ["Cool Cars"]),
    ("SELECT * FROM Customer WHERE PrimaryEmailAddr = 'cool_cars@intuit.com'", ["Cool Cars"]),
    ("SELECT * FROM Customer WHERE Balance > '700' ORDERBY Id", ["Paulsen Medical Supplies"]),
    ("SELECT * FROM Customer WHERE Balance > 700", ["Paulsen Medical Supplies"]),
    ("SELECT * FROM Item WHERE Sku = 'PUMP-1'", ["Pump"]),
    ("SELECT *, Sku FROM Item WHERE Name = 'Pump'", ["Pump"]),
    ("SELECT * FROM Item WHERE Type = 'Inventory' AND Name LIKE 'Sprinkler%'", ["Sprinkler Heads", "Sprinkler Pipes"]),
    ("SELECT * FROM Account WHERE AccountType = 'Bank' AND Active IN (true, false)", ["Checking", "Savings"]),
    (
        "SELECT * FROM Account WHERE Classification = 'Asset' AND Name != 'x' MAXRESULTS 1",
        ["Accounts Receivable (A/R)"],
    ),
    ("SELECT * FROM Account MAXRESULTS 1", ["Accounts Payable (A/P)"]),
    ("SELECT * FROM Account WHERE FullyQualifiedName = 'Utilities:Telephone'", ["Telephone"]),
    ("SELECT * FROM Term WHERE Name = 'Net 30' AND Active = True", ["Net 30"]),
    ("SELECT * FROM Customer WHERE DisplayName = ''", []),
    ("SELECT * FROM Item\nWHERE Name = 'Pump'\n", ["Pump"]),
]


@pytest.mark.parametrize(("text", "names"), FOUND)
def test_queries_find(books: Any, text: str, names: list[str]) -> None:
    assert [row.get("DisplayName", row.get("Name")) for row in books.rows(text)] == names


REFUSED = [
    ("", 4000, 'QueryParserError: Encountered "<EOF>" at line 1, column 0.'),
    ("SELECT * FROM", 4000, "QueryParserError"),
    ("SELECT * FROM Customer WHERE DisplayName – 'x'", 4000, "Lexical error at line 1, column 42."),
    ("SELECT * FROM Customer WHERE DisplayName = 'R' Us'", 4000, "QueryParserError: "),
    ("SELECT * FROM Customer WHERE DisplayName = 'a' OR DisplayName = 'b'", 4000, 'Encountered " <IDENTIFIER> "OR "'),
    ("SELECT * FROM Customer WHERE DisplayName", 4000, "<EOF>"),
    ("SELECT * FROM Customer GROUP BY Id", 4000, "QueryParserError"),
    ("DELETE FROM Customer", 4000, "QueryParserError"),
    ("SELECT * FROM Vendor WHERE PrimaryEmailAddr = 'a@b.c'", 4001, "property 'PrimaryEmailAddr' is not queryable"),
    ("SELECT * FROM Invoice WHERE PrivateNote = 'x'", 4001, "property 'PrivateNote' is not queryable"),
    ("SELECT * FROM Invoice WHERE DepartmentRef = '1'", 4001, "property 'DepartmentRef' is not queryable"),
    ("SELECT * FROM Invoice WHERE Line.Amount = '1'", 4001, "property 'Line.Amount' is not queryable"),
    ("SELECT * FROM Item ORDERBY Sku", 4001, "property 'Sku' is not sortable"),
    ("SELECT * FROM Item WHERE Colour = 'x'", 4001, "Property Colour not found for Entity Item"),
    ("SELECT * FROM Widget", 4001, "Invalid context declaration: Widget"),
    ("SELECT * FROM SalesOrder", 4001, "Invalid context declaration: SalesOrder"),
    ("SELECT * FROM Item STARTPOSITION 0", 4001, "value 0 is too small. Min allowed value is 1"),
    ("SELECT * FROM Item MAXRESULTS 0", 4001, "value 0 is too small"),
    ("SELECT * FROM Invoice WHERE MetaData.CreateTime > 'noon'", 4001, "is not a date"),
    ("SELECT * FROM Customer WHERE Balance > 'much'", 4001, "is not a number"),
]


@pytest.mark.parametrize(("text", "code", "words"), REFUSED)
def test_queries_are_refused(books: Any, refused: Any, text: str, code: int, words: str) -> None:
    with pytest.raises(refused) as caught:
        books.query(text)
    assert caught.value.code == code
    assert caught.value.message == {4000: "Error parsing query", 4001: "Invalid query"}[code]
    assert words in caught.value.detail


def test_the_answer_says_where_it_starts_and_how_much_there_is(books: Any) -> None:
    found = books.query("SELECT * FROM Customer STARTPOSITION 5 MAXRESULTS 3")
    assert (found["startPosition"], found["maxResults"], len(found["Customer"])) == (5, 3, 3)
    assert books.query("SELECT * FROM Customer WHERE DisplayName = 'nobody'") == {}
    assert books.query("SELECT COUNT(*) FROM Customer") == {"totalCount": 18}
    assert books.query("select count(*) from Invoice where CustomerRef = '1'") == {"totalCount": 2}


def test_a_hundred_rows_unless_asked_and_never_more_than_a_thousand(books: Any) -> None:
    with books.api.company.books.lock:
        for number in range(1100):
            books.api.company.books.insert("PaymentMethod", {"Name": f"m{number}", "Active": True})
        books.api.company.books.commit()
    assert len(books.rows("SELECT * FROM PaymentMethod")) == 100
    assert len(books.rows("SELECT * FROM PaymentMethod MAXRESULTS 5000")) == 1000
    assert len(books.rows("SELECT * FROM PaymentMethod STARTPOSITION 1001 MAXRESULTS 1000")) == 107


def test_inactive_entries_are_listed_only_when_asked_for(books: Any) -> None:
    books.post("Item", {"Id": "18", "SyncToken": "0", "sparse": True, "Active": False})
    assert books.rows("SELECT * FROM Item WHERE Id = '18'") == []
    assert len(books.rows("SELECT * FROM Item WHERE Id = '18' AND Active IN (true,false)")) == 1
    assert [row["Id"] for row in books.rows("SELECT * FROM Item WHERE Active = false")] == ["18"]


def test_a_projection_gives_only_the_named_properties(books: Any) -> None:
    row = books.rows("SELECT Id, GivenName FROM Customer MAXRESULTS 1")[0]
    assert row == {"Id": "1", "GivenName": "Amy", "domain": "QBO", "sparse": False}


def test_changes_since_a_time_in_any_zone_and_either_spelling(books: Any) -> None:
    books.api.company.clock.shift = 1800
    made = books.post("Customer", {"DisplayName": "Late"})["Id"]
    since = datetime.now(UTC) + timedelta(minutes=15)
    for text in (since.isoformat(), since.replace(tzinfo=None).isoformat(), since.strftime("%Y-%m-%dT%H:%M:%SZ")):
        for name in ("MetaData", "Metadata"):
            rows = books.rows(f"SELECT * FROM Customer WHERE {name}.LastUpdatedTime >= '{text}'")
            assert [row["Id"] for row in rows] == [made]


def test_customers_filter_documents_and_dates_compare(books: Any) -> None:
    rows = books.rows("SELECT * FROM Invoice WHERE CustomerRef = '1' AND TxnDate >= '2000-01-01' ORDERBY TxnDate DESC")
    assert [row["DocNumber"] for row in rows] == ["1002", "1001"]
    assert [row["DocNumber"] for row in books.rows("SELECT * FROM Invoice WHERE DocNumber IN ('1003', '9')")] == [
        "1003"
    ]
    assert len(books.rows("SELECT * FROM Invoice WHERE Balance = '0'")) == 5


def test_a_query_by_get_and_by_post_are_the_same(books: Any) -> None:
    text = "SELECT * FROM Customer WHERE DisplayName = 'Cool Cars'"
    _, by_get = books.send("GET", "query", query=text)
    assert by_get["QueryResponse"] == books.query(text)


def test_numbers_are_found_without_a_scan(books: Any) -> None:
    store = books.api.company.books
    doc = {**books.post("Invoice", books.form())}
    with store.lock:
        for number in range(20_000):
            store.insert("Invoice", {**doc, "DocNumber": f"N{number}"})
        store.commit()
    numbers = ", ".join(f"'N{number}'" for number in range(0, 20_000, 667))
    asked = query.parse(books.api.company, f"SELECT * FROM Invoice WHERE DocNumber IN ({numbers})")
    assert len(list(query.candidates(books.api.company, asked))) == 30
    assert len(books.rows(f"SELECT * FROM Invoice WHERE DocNumber IN ({numbers})")) == 30
