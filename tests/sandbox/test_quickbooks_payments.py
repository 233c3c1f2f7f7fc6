"""sandbox/quickbooks/payments.py, effects.py"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any


def an_invoice(books: Any, amount: int = 100, **more: Any) -> Any:
    return books.post("Invoice", books.form(books.line("10", 1, amount), **more))


def test_a_payment_closes_the_invoice_and_both_name_each_other(books: Any) -> None:
    invoice = an_invoice(books)
    payment = books.post("Payment", books.pay(100, (100, "Invoice", invoice["Id"])))
    assert (payment["UnappliedAmt"], payment["DepositToAccountRef"]["value"]) == (0, "4")
    assert payment["Line"] == [{"Amount": 100, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}]
    paid = books.get("Invoice", invoice["Id"])
    assert (paid["Balance"], paid["LinkedTxn"]) == (0, [{"TxnId": payment["Id"], "TxnType": "Payment"}])


def test_a_payment_without_lines_is_a_credit_of_the_customer(books: Any) -> None:
    owed = books.get("Customer", "1")["Balance"]
    payment = books.post("Payment", books.pay(25))
    assert (payment["UnappliedAmt"], payment["Line"]) == (25, [])
    assert books.get("Customer", "1")["Balance"] == owed - 25


def test_payments_are_checked(books: Any) -> None:
    invoice = an_invoice(books)["Id"]
    receipt = books.post("SalesReceipt", books.form())["Id"]
    cases = [
        (books.pay(100, (100, "Invoice", invoice), customer="2"), 6000),
        (books.pay(200, (150, "Invoice", invoice)), 6000),
        (books.pay(50, (100, "Invoice", invoice)), 6000),
        (books.pay(100, (60, "Invoice", invoice), (60, "Invoice", invoice)), 6000),
        (books.pay(20, (20, "SalesReceipt", receipt)), 620),
        (books.pay(20, (20, "Invoice", "9999")), 2500),
        (books.pay(-1), 2290),
        (books.pay(None), 2020),
        (books.pay(5, CustomerRef=None), 2020),
        (books.pay(5, PaymentMethodRef={"value": "77"}), 2500),
        (books.pay(5, PaymentRefNum="x" * 22), 2050),
        (books.pay(5, DepositToAccountRef={"value": "79"}), 6430),
        (books.pay(5, DepositToAccountRef={"value": "35"}), None),
    ]
    for body, code in cases:
        assert books.code("Payment", body) == code, body


def test_changing_voiding_and_deleting_a_payment_opens_the_invoice_again(books: Any) -> None:
    invoice = an_invoice(books)["Id"]

    def open_amount() -> Any:
        return books.get("Invoice", invoice)["Balance"]

    payment = books.post("Payment", books.pay(100, (100, "Invoice", invoice)))
    key = {"Id": payment["Id"], "SyncToken": "0", "sparse": True}
    less = books.post("Payment", {**key, **books.pay(100, (40, "Invoice", invoice))})
    assert (open_amount(), less["UnappliedAmt"]) == (60, 60)
    note = books.post("Payment", {"Id": payment["Id"], "SyncToken": "1", "sparse": True, "PrivateNote": "kept"})
    assert (open_amount(), note["TotalAmt"], len(note["Line"])) == (60, 100, 1)
    void = books.post("Payment", {**key, "SyncToken": "2"}, operation="update", include="void")
    assert (open_amount(), void["TotalAmt"], void["UnappliedAmt"], void["PrivateNote"]) == (100, 0, 0, "Voided - kept")
    assert books.get("Invoice", invoice)["LinkedTxn"] == []
    other = books.post("Payment", books.pay(100, (100, "Invoice", invoice)))
    assert open_amount() == 0
    books.post("Payment", {"Id": other["Id"], "SyncToken": "0"}, operation="delete")
    assert open_amount() == 100


def test_removing_an_invoice_frees_its_payment(books: Any) -> None:
    for operation in ("void", "delete"):
        invoice = an_invoice(books)["Id"]
        payment = books.post("Payment", books.pay(100, (100, "Invoice", invoice)))["Id"]
        token = books.get("Invoice", invoice)["SyncToken"]
        books.post("Invoice", {"Id": invoice, "SyncToken": token}, operation=operation)
        freed = books.get("Payment", payment)
        assert (freed["UnappliedAmt"], freed["Line"]) == (100, [])


def test_an_invoice_that_becomes_smaller_gives_back_what_was_paid_too_much(books: Any) -> None:
    invoice = an_invoice(books)["Id"]
    payment = books.post("Payment", books.pay(100, (100, "Invoice", invoice)))["Id"]
    token = books.get("Invoice", invoice)["SyncToken"]
    body = {"Id": invoice, "SyncToken": token, "sparse": True, "Line": [books.line("10", 1, 70)]}
    assert (books.post("Invoice", body)["Balance"], books.get("Payment", payment)["UnappliedAmt"]) == (0, 30)


def test_a_credit_memo_is_applied_by_a_payment_of_nothing(books: Any) -> None:
    invoice = an_invoice(books)["Id"]
    credit = books.post("CreditMemo", books.form(books.line("10", 1, 30)))
    assert (credit["RemainingCredit"], credit["Balance"]) == (30, 30)
    books.post("Payment", books.pay(0, (30, "Invoice", invoice), (30, "CreditMemo", credit["Id"])))
    assert books.get("Invoice", invoice)["Balance"] == 70
    used = books.get("CreditMemo", credit["Id"])
    assert (used["RemainingCredit"], used["LinkedTxn"][0]["TxnType"]) == (0, "Payment")
    assert books.code("Payment", books.pay(0, (1, "Invoice", invoice), (1, "CreditMemo", credit["Id"]))) == 6000


def test_credits_are_applied_by_themselves_where_the_preference_says_so(quickbooks: Callable[..., Any]) -> None:
    books = quickbooks(auto_apply_credit=True, empty=True)
    customer = books.post("Customer", {"DisplayName": "Ann"})["Id"]
    item = books.post("Item", {"Name": "Work", "Type": "Service", "IncomeAccountRef": {"value": "1"}})["Id"]
    invoice = books.post("Invoice", books.form(books.line(item, 1, 100), customer=customer))["Id"]
    credit = books.post("CreditMemo", books.form(books.line(item, 1, 30), customer=customer))
    assert (credit["RemainingCredit"], books.get("Invoice", invoice)["Balance"]) == (0, 70)


def test_a_deposit_moves_payments_out_of_undeposited_funds_and_locks_them(books: Any, refused: Any) -> None:
    payment = books.post("Payment", books.pay(80))
    receipt = books.post("SalesReceipt", books.form(books.line("10", 1, 20)))
    undeposited, bank = (books.get("Account", key)["CurrentBalance"] for key in ("4", "35"))
    linked = [
        {"Amount": 80, "LinkedTxn": [{"TxnId": payment["Id"], "TxnType": "Payment", "TxnLineId": "0"}]},
        {"Amount": 20, "LinkedTxn": [{"TxnId": receipt["Id"], "TxnType": "SalesReceipt", "TxnLineId": "0"}]},
        {
            "Amount": -3,
            "DetailType": "DepositLineDetail",
            "DepositLineDetail": {"AccountRef": {"value": "22"}},
        },
    ]
    deposit = books.post("Deposit", {"DepositToAccountRef": {"value": "35"}, "Line": linked})
    assert deposit["TotalAmt"] == 97
    assert books.get("Account", "4")["CurrentBalance"] == undeposited - 100
    assert books.get("Account", "35")["CurrentBalance"] == bank + 97
    key = {"Id": payment["Id"], "SyncToken": "0", "sparse": True}
    for entity, body, how in [
        ("Payment", {**key, "PrivateNote": "x"}, {}),
        ("Payment", key, {"operation": "delete"}),
        ("Payment", key, {"operation": "update", "include": "void"}),
        ("SalesReceipt", {"Id": receipt["Id"], "SyncToken": "0"}, {"operation": "delete"}),
    ]:
        assert books.code(entity, body, **how) == 6540
    again = {"DepositToAccountRef": {"value": "35"}, "Line": linked[:1]}
    assert books.code("Deposit", again) == 6540
    books.post("Deposit", {"Id": deposit["Id"], "SyncToken": "0"}, operation="delete")
    assert books.post("Payment", {**key, "PrivateNote": "free again"})["PrivateNote"] == "free again"
    assert books.get("Account", "35")["CurrentBalance"] == bank


def test_only_undeposited_money_can_be_deposited(books: Any) -> None:
    payment = books.post("Payment", books.pay(80, DepositToAccountRef={"value": "36"}))
    line = {"Amount": 80, "LinkedTxn": [{"TxnId": payment["Id"], "TxnType": "Payment", "TxnLineId": "0"}]}
    assert books.code("Deposit", {"DepositToAccountRef": {"value": "35"}, "Line": [line]}) == 620
    assert books.code("Deposit", {"Line": [line]}) == 2020
    assert books.code("Deposit", {"DepositToAccountRef": {"value": "35"}}) == 2020


def test_an_estimate_is_closed_by_its_invoice(books: Any) -> None:
    estimate = books.post("Estimate", books.form())["Id"]
    invoice = an_invoice(books, LinkedTxn=[{"TxnId": estimate, "TxnType": "Estimate"}])
    assert invoice["LinkedTxn"] == [{"TxnId": estimate, "TxnType": "Estimate"}]
    closed = books.get("Estimate", estimate)
    assert (closed["TxnStatus"], closed["LinkedTxn"][0]["TxnId"]) == ("Closed", invoice["Id"])
    payment = books.post("Payment", books.pay(100, (100, "Invoice", invoice["Id"])))["Id"]
    links = {link["TxnId"] for link in books.get("Invoice", invoice["Id"])["LinkedTxn"]}
    assert links == {estimate, payment}


def test_receipts_and_refunds_move_money(books: Any) -> None:
    before = books.get("Account", "35")["CurrentBalance"]
    receipt = books.post("SalesReceipt", books.form(books.line("10", 1, 50), DepositToAccountRef={"value": "35"}))
    assert (receipt["Balance"], receipt["DepositToAccountRef"]["name"]) == (0, "Checking")
    refund = books.form(books.line("10", 1, 20), DepositToAccountRef={"value": "35"})
    assert books.post("RefundReceipt", refund)["TotalAmt"] == 20
    assert books.get("Account", "35")["CurrentBalance"] == before + 30
    assert books.code("RefundReceipt", books.form()) == 2020
    assert books.code("SalesReceipt", books.form(DepositToAccountRef={"value": "79"})) == 6430


def test_balances_add_up_to_the_open_documents(books: Any) -> None:
    for customer in books.rows("select * from Customer maxresults 1000"):
        key = customer["Id"]
        invoices = books.rows(f"select * from Invoice where CustomerRef = '{key}'")
        payments = books.rows(f"select * from Payment where CustomerRef = '{key}'")
        credits_ = books.rows(f"select * from CreditMemo where CustomerRef = '{key}'")
        owed = sum((Decimal(invoice["Balance"]) for invoice in invoices), Decimal(0))
        owed -= sum((Decimal(payment["UnappliedAmt"]) for payment in payments), Decimal(0))
        owed -= sum((Decimal(credit["Balance"]) for credit in credits_), Decimal(0))
        assert customer["Balance"] == owed
