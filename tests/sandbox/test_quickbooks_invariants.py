"""sandbox/quickbooks/service.py: what must hold whatever is called, over random calls and refused ones"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

ZERO = Decimal(0)


def some_calls(books: Any, chance: random.Random, count: int) -> None:
    """Creates, changes, voids, deletes and pays at random; many of the calls are refused, as they should be."""
    kinds = ["Invoice", "SalesReceipt", "CreditMemo", "Payment", "Deposit"]
    for _ in range(count):
        kind = chance.choice(kinds)
        rows = books.api.everything(kind).get(kind, [])
        action = chance.choice(["create", "create", "create", "update", "void", "delete"])
        if action == "create" or not rows:
            books.code(kind, a_body(books, chance, kind))
            continue
        row = chance.choice(rows)
        key = {"Id": row["Id"], "SyncToken": row["SyncToken"], "sparse": True}
        if action == "update":
            body = a_body(books, chance, kind)
            body.pop("CustomerRef", None)
            books.code(kind, {**key, **body})
        else:
            books.code(kind, key, operation=action)


def a_body(books: Any, chance: random.Random, kind: str) -> Any:
    customer = str(chance.randint(1, 3))
    if kind == "Payment":
        lines = []
        for target in ("Invoice", "CreditMemo"):
            open_ = [
                row
                for row in books.api.everything(target)[target]
                if row["Balance"] > 0 and row["CustomerRef"]["value"] == customer
            ]
            if open_ and chance.random() < 0.7:
                row = chance.choice(open_)
                lines.append((chance.choice([row["Balance"], Decimal(5)]), target, row["Id"]))
        return books.pay(chance.choice([0, 5, 50, 500]), *lines, customer=customer)
    if kind == "Deposit":
        payments = [row for row in books.api.everything("Payment")["Payment"] if row["TotalAmt"]]
        row = chance.choice(payments)
        links = [{"TxnId": row["Id"], "TxnType": "Payment"}]
        line = {"Amount": row["TotalAmt"], "LinkedTxn": links}
        return {"DepositToAccountRef": {"value": "35"}, "Line": [line]}
    tax = chance.choice(["TAX", "NON"])
    lines = [books.line(chance.choice(["10", "11", "17"]), chance.randint(1, 4), chance.randint(1, 30), tax=tax)]
    return books.form(*lines, customer=customer, TxnTaxDetail={"TxnTaxCodeRef": {"value": "3"}})


@pytest.mark.parametrize("seed", range(4))
def test_balances_links_and_stock_agree_after_any_calls(quickbooks: Callable[..., Any], seed: int) -> None:
    books = quickbooks(auto_apply_credit=bool(seed % 2))
    stock = {row["Id"]: row["QtyOnHand"] for row in books.rows("select * from Item where Type = 'Inventory'")}
    sold_before = sold(books)
    some_calls(books, random.Random(seed), 150)
    all_ = books.api.everything()
    applied: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    owed: dict[str, Decimal] = defaultdict(lambda: ZERO)
    deposited = {link["TxnId"] for row in all_.get("Deposit", []) for line in row["Line"] for link in line["LinkedTxn"]}
    for payment in all_["Payment"]:
        credit = ZERO
        for line in payment["Line"]:
            (link,) = line["LinkedTxn"]
            applied[(link["TxnType"], link["TxnId"])] += line["Amount"]
            credit += line["Amount"] if link["TxnType"] == "Invoice" else -line["Amount"]
        assert payment["UnappliedAmt"] == payment["TotalAmt"] - credit >= 0
        owed[payment["CustomerRef"]["value"]] -= payment["TotalAmt"]
        links = [link["TxnType"] for link in payment.get("LinkedTxn", [])]
        assert ("Deposit" in links) is (payment["Id"] in deposited)
    for kind, sign in (("Invoice", 1), ("CreditMemo", -1)):
        for row in all_[kind]:
            assert row["Balance"] == row["TotalAmt"] - applied.pop((kind, row["Id"]), ZERO) >= 0
            owed[row["CustomerRef"]["value"]] += sign * row["TotalAmt"]
            assert row["TotalAmt"] == total_of(row)
    assert not applied, "a payment is applied to something that is not there"
    for customer in all_["Customer"]:
        assert customer["Balance"] == owed[customer["Id"]]
    change = sold(books)
    for item, before in stock.items():
        now = next(row["QtyOnHand"] for row in all_["Item"] if row["Id"] == item)
        assert now - before == change[item] - sold_before[item]


def sold(books: Any) -> dict[str, Decimal]:
    """What the documents that stand have done to each item's stock."""
    moved: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for kind, sign in (("Invoice", -1), ("SalesReceipt", -1), ("CreditMemo", 1)):
        for row in books.api.everything(kind)[kind]:
            for line in row["Line"]:
                detail = line.get("SalesItemLineDetail", {})
                moved[detail.get("ItemRef", {}).get("value", "")] += sign * detail.get("Qty", ZERO)
    return moved


def total_of(row: Any) -> Decimal:
    lines = sum((line["Amount"] for line in row["Line"] if line["DetailType"] == "SalesItemLineDetail"), ZERO)
    return Decimal(lines + row.get("TxnTaxDetail", {}).get("TotalTax", ZERO))


def test_a_refused_call_leaves_the_books_as_they_were(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(sales_tax="automated")
    invoice = books.post("Invoice", books.form())
    payment = books.post("Payment", books.pay(20, (20, "Invoice", invoice["Id"])))
    before = books.api.everything()
    new_state = {"CountrySubDivisionCode": "MD"}
    refused = [
        ("Invoice", books.form(books.line(tax="TAX"), ShipAddr=new_state, DocNumber="1001"), {}),
        ("Invoice", {"Id": invoice["Id"], "SyncToken": "1", "sparse": True, "DocNumber": "1001"}, {}),
        ("Payment", books.pay(500, (20, "Invoice", "1"), (1, "Invoice", "999")), {}),
        ("Payment", {"Id": payment["Id"], "SyncToken": "9"}, {"operation": "delete"}),
        ("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "DisplayName": "Cool Cars"}, {}),
        ("Item", {"Id": "11", "SyncToken": "0", "sparse": True, "TrackQtyOnHand": False}, {}),
    ]
    for entity, body, parameters in refused:
        assert books.code(entity, body, **parameters) is not None
        assert books.api.everything() == before
    assert books.rows("select * from Customer where DisplayName = 'Amy\\'s Bird Sanctuary'")[0]["Id"] == "1"
    assert books.rows("select * from Invoice where DocNumber = '1001'")[0]["Id"] != invoice["Id"]


def test_an_error_of_our_own_undoes_the_call(books: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = books.api.everything()

    def fails(*_: Any) -> None:
        raise RuntimeError("the sandbox itself is broken")

    monkeypatch.setattr("sandbox.quickbooks.payments.relink", fails)
    status, _ = books.send("POST", "payment", books.pay(5))
    assert status == 500
    assert books.api.everything() == before
