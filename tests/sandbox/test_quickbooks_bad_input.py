"""sandbox/quickbooks: whatever is sent, the answer is a document or a fault, never an error of our own"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

STRANGE: list[Any] = [
    None,
    "",
    " ",
    "x",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    [[]],
    [None],
    {"a": 1},
    {"value": {}},
    "NaN",
    10**40,
]
ENTITIES = [
    "Invoice",
    "SalesReceipt",
    "Estimate",
    "CreditMemo",
    "Payment",
    "Bill",
    "Purchase",
    "Transfer",
    "CreditCardPayment",
    "TimeActivity",
    "Customer",
    "Vendor",
    "Item",
    "Account",
    "Class",
    "Department",
    "Term",
    "PaymentMethod",
    "CompanyCurrency",
    "ExchangeRate",
    "Attachable",
    "Preferences",
    "CompanyInfo",
    "Employee",
    "TaxAgency",
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in parts:
        yield (*path, key)
        yield from places(inner, (*path, key))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize("entity", ENTITIES)
def test_strange_values_anywhere_get_a_fault_or_a_document(books: Any, entity: str) -> None:
    chance = random.Random(entity)
    sample = books.rows(f"select * from {entity} maxresults 1")[0]
    fresh = {name: value for name, value in sample.items() if name not in {"Id", "SyncToken", "MetaData"}}
    for body in (sample, fresh):
        for _ in range(20):
            odd = changed(body, chance.choice(list(places(body))), chance.choice(STRANGE))
            status, answer = books.send("POST", entity.lower(), odd)
            assert status in {200, 400}, (odd, answer)
            assert "Fault" in answer or entity in str(list(answer)), answer
            for operation in ("delete", "void"):
                status, _ = books.send("POST", entity.lower(), odd, operation=operation)
                assert status in {200, 400}


def test_strange_batches(books: Any) -> None:
    chance = random.Random(1)
    item = {"bId": "1", "operation": "create", "optionsData": "void", "Invoice": books.form()}
    body = {"BatchItemRequest": [item, {"bId": "2", "Query": "select * from Item"}]}
    for _ in range(60):
        odd = changed(body, chance.choice(list(places(body))), chance.choice(STRANGE))
        status, answer = books.send("POST", "batch", odd, requestid=str(chance.random()))
        assert status in {200, 400}, (odd, answer)


def test_strange_queries(books: Any) -> None:
    chance = random.Random(2)
    words = ["select", "*", "from", "Item", "where", "Name", "=", "'x'", "and", "in", "(", ")", ",", "orderby", "like"]
    words += [
        "startposition",
        "maxresults",
        "1",
        "-3",
        "9" * 30,
        "MetaData.CreateTime",
        ">",
        "'2026-01-01'",
        "\\",
        "'",
        ";",
    ]
    words += ["count(*)", "Id", "Active", "true", "%", "é", "\n", "Line.Amount", "QtyOnHand", "TaxCode", "Attachable"]
    for _ in range(500):
        text = " ".join(chance.choices(words, k=chance.randint(1, 9)))
        start = "select * from Item " if chance.random() < 0.5 else ""
        status, answer = books.send("POST", "query", start + text)
        assert status in {200, 400}, (text, answer)


@pytest.mark.parametrize("since", ["", "x", "2026-13-01", "0001-01-01T00:00:00-23:59", "9999-12-31T23:59:59+14:00"])
def test_strange_times(books: Any, since: str) -> None:
    status, _ = books.send("GET", "cdc", entities="Invoice", changedSince=since)
    assert status in {200, 400}
    status, _ = books.send("POST", "query", f"select * from Invoice where MetaData.CreateTime > '{since}'")
    assert status in {200, 400}
