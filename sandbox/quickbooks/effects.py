"""What a transaction does to balances and stock, as a difference between its old and its new state.

It knows no links between documents: a payment lowers what the customer owes whether or not it is applied.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from sandbox.quickbooks.books import decimal
from sandbox.quickbooks.company import ZERO, Company
from sandbox.quickbooks.errors import Json, business

Key = tuple[str, str]
_DEBIT_TYPES = {"Bank", "Accounts Receivable", "Other Current Asset", "Fixed Asset", "Other Asset"}
_PROFIT_TYPES = {"Income", "Other Income", "Expense", "Other Expense", "Cost of Goods Sold"}
_SELLS = {"Invoice": -1, "SalesReceipt": -1, "CreditMemo": 1, "RefundReceipt": 1}
_BUYS = {"Bill": 1, "Purchase": 1, "VendorCredit": -1}


def carry_over(company: Company, kind: str, old: Json | None, new: Json | None) -> None:
    """Moves customers', vendors' and accounts' balances and stock from one state of a document to the next."""
    difference: dict[Key, Decimal] = defaultdict(lambda: ZERO)
    if old is not None:
        for key, amount in _effects(company, kind, old):
            difference[key] -= amount
    if new is not None:
        for key, amount in _effects(company, kind, new):
            difference[key] += amount
    for (target, target_id), change in difference.items():
        if change:
            _move(company, target, target_id, change)


def _effects(company: Company, kind: str, doc: Json) -> list[tuple[Key, Decimal]]:
    total = decimal(doc.get("TotalAmt"))
    out: list[tuple[Key, Decimal]] = []
    sign = {"Invoice": 1, "CreditMemo": -1, "Payment": -1}.get(kind)
    if sign is not None:
        owed = total - decimal(doc.get("Deposit"))
        out.append((("Customer", doc["CustomerRef"]["value"]), sign * owed))
        out.append((("Account", _receivable(company, doc)), sign * owed))
    paid = {"SalesReceipt": 1, "RefundReceipt": -1, "Payment": 1, "Deposit": 1}.get(kind)
    if paid is not None and doc.get("DepositToAccountRef"):
        out.append((("Account", doc["DepositToAccountRef"]["value"]), paid * total))
    if kind in {"Bill", "VendorCredit", "BillPayment"}:
        owed = total if kind == "Bill" else -total
        out.append((("Vendor", doc["VendorRef"]["value"]), owed))
        out.append((("Account", doc["APAccountRef"]["value"]), -owed))
    out.extend(_account_effects(company, kind, doc, total))
    out.extend(_stock_effects(company, kind, doc))
    return out


def _account_effects(company: Company, kind: str, doc: Json, total: Decimal) -> list[tuple[Key, Decimal]]:
    """Debits (positive) and credits of the rest: money accounts and whatever else is named."""
    out: list[tuple[Key, Decimal]] = []
    if kind == "Deposit":
        for line in doc.get("Line", []):
            amount = decimal(line.get("Amount"))
            if line.get("LinkedTxn"):
                undeposited = company.account_of_type("Other Current Asset", sub_type="UndepositedFunds")
                out.append((("Account", undeposited["Id"]), -amount))
            elif line.get("DepositLineDetail", {}).get("AccountRef"):
                out.append((("Account", line["DepositLineDetail"]["AccountRef"]["value"]), -amount))
    elif kind == "Purchase":
        out.append((("Account", doc["AccountRef"]["value"]), total if doc.get("Credit") else -total))
    elif kind == "Transfer":
        amount = decimal(doc.get("Amount"))
        out.append((("Account", doc["ToAccountRef"]["value"]), amount))
        out.append((("Account", doc["FromAccountRef"]["value"]), -amount))
    elif kind == "CreditCardPayment":
        amount = decimal(doc.get("Amount"))
        out.append((("Account", doc["CreditCardAccountRef"]["value"]), amount))
        out.append((("Account", doc["BankAccountRef"]["value"]), -amount))
    elif kind == "BillPayment":
        if doc.get("CheckPayment", {}).get("BankAccountRef"):
            out.append((("Account", doc["CheckPayment"]["BankAccountRef"]["value"]), -total))
        elif doc.get("CreditCardPayment", {}).get("CCAccountRef"):
            out.append((("Account", doc["CreditCardPayment"]["CCAccountRef"]["value"]), -total))
    elif kind == "JournalEntry":
        for line in doc.get("Line", []):
            detail = line.get("JournalEntryLineDetail", {})
            if detail.get("AccountRef"):
                amount = decimal(line.get("Amount"))
                out.append(
                    (
                        ("Account", detail["AccountRef"]["value"]),
                        amount if detail["PostingType"] == "Debit" else -amount,
                    )
                )
    return out


def _stock_effects(company: Company, kind: str, doc: Json) -> list[tuple[Key, Decimal]]:
    out: list[tuple[Key, Decimal]] = []
    for line in doc.get("Line", ()):
        if kind in _SELLS:
            for part in (line, *line.get("GroupLineDetail", {}).get("Line", ())):
                detail = part.get("SalesItemLineDetail")
                if detail is not None:
                    _stock(company, out, detail, _SELLS[kind], decimal(part.get("Amount")))
        elif kind in _BUYS and "ItemBasedExpenseLineDetail" in line:
            _stock(company, out, line["ItemBasedExpenseLineDetail"], _BUYS[kind], decimal(line.get("Amount")))
        elif kind == "InventoryAdjustment" and "ItemAdjustmentLineDetail" in line:
            detail = line["ItemAdjustmentLineDetail"]
            out.append((("Item", detail["ItemRef"]["value"]), decimal(detail.get("QtyDiff"))))
    return out


def _stock(company: Company, out: list[tuple[Key, Decimal]], detail: Json, sign: int, amount: Decimal) -> None:
    item = company.books.get("Item", detail["ItemRef"]["value"])
    if item is None or item.get("Type") != "Inventory":
        return
    quantity = detail.get("Qty")
    if quantity is None:
        quantity = Decimal(1) if amount else ZERO
    out.append((("Item", item["Id"]), sign * decimal(quantity)))


def _receivable(company: Company, doc: Json) -> str:
    if doc.get("ARAccountRef"):
        return str(doc["ARAccountRef"]["value"])
    currency = doc.get("CurrencyRef", {}).get("value")
    return str(company.account_of_type("Accounts Receivable", currency=currency)["Id"])


def _move(company: Company, target: str, key: str, amount: Decimal) -> None:
    books = company.books
    doc = books.get(target, key)
    if doc is None:
        return
    if target == "Item":
        quantity = decimal(doc.get("QtyOnHand")) + amount
        if quantity < 0 and amount < 0 and not company.switches.allow_negative_stock:
            raise business(f"There is not enough of {doc['Name']} on hand.")
        books.replace("Item", {**doc, "QtyOnHand": quantity}, bump=company.switches.stock_change_moves_sync_token)
    elif target == "Account":
        if doc["AccountType"] in _PROFIT_TYPES:
            return
        natural = amount if doc["AccountType"] in _DEBIT_TYPES else -amount
        balance = decimal(doc.get("CurrentBalance")) + natural
        books.amend("Account", key, CurrentBalance=balance, CurrentBalanceWithSubAccounts=balance)
    elif target == "Customer":
        balance = decimal(doc.get("Balance")) + amount
        books.amend("Customer", key, Balance=balance, BalanceWithJobs=balance)
    else:
        books.amend("Vendor", key, Balance=decimal(doc.get("Balance")) + amount)
