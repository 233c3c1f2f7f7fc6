"""Payments, bill payments and deposits: what they are applied to, and how the links on both sides are kept."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from sandbox.quickbooks import documents
from sandbox.quickbooks.books import decimal
from sandbox.quickbooks.company import ZERO, Company, cents
from sandbox.quickbooks.errors import Fault, Json, business, missing
from sandbox.quickbooks.sales import MONEY_ACCOUNTS

Target = tuple[str, str]
# What the lines of each may point to, and whether that takes from the amount paid (1) or adds to it (-1).
APPLIES_TO: dict[str, dict[str, int]] = {
    "Payment": {"Invoice": 1, "CreditMemo": -1, "JournalEntry": 1, "Deposit": -1, "Expense": 1, "Check": 1},
    "BillPayment": {"Bill": 1, "VendorCredit": -1, "JournalEntry": 1, "Deposit": 1},
}
_OPEN = {"Invoice", "CreditMemo", "Bill", "VendorCredit"}
_STORED_AS = {"Expense": "Purchase", "Check": "Purchase"}
DEPOSITABLE = {"Payment", "SalesReceipt", "RefundReceipt", "JournalEntry"}


def build_payment(company: Company, payload: Json, old: Json | None) -> Json:
    doc = documents.base(company, "Payment", payload, old)
    customer = documents.require_customer(company, doc)
    doc["CustomerRef"] = {"value": customer["Id"], "name": customer["DisplayName"]}
    if doc.get("TotalAmt") is None:
        raise missing("TotalAmt")
    documents.currency(company, doc, customer)
    doc["TotalAmt"] = cents(doc["TotalAmt"])
    documents.non_negative(doc["TotalAmt"])
    if doc.get("DepositToAccountRef") is None:
        account = company.account_of_type("Other Current Asset", sub_type="UndepositedFunds")
        doc["DepositToAccountRef"] = {"value": account["Id"]}
    doc["DepositToAccountRef"] = {"value": company.account(doc["DepositToAccountRef"], MONEY_ACCOUNTS)["value"]}
    if doc.get("ARAccountRef") is not None:
        doc["ARAccountRef"] = {"value": company.account(doc["ARAccountRef"], ("Accounts Receivable",))["value"]}
    doc.setdefault("ProcessPayment", False)
    _applied_lines(company, "Payment", doc, old, customer["Id"])
    return doc


def build_bill_payment(company: Company, payload: Json, old: Json | None) -> Json:
    doc = documents.base(company, "BillPayment", payload, old)
    if doc.get("VendorRef") is None:
        raise missing("VendorRef")
    vendor = company.resolve("Vendor", doc["VendorRef"]["value"])
    doc["VendorRef"] = {"value": vendor["Id"], "name": vendor["DisplayName"]}
    for name in ("TotalAmt", "PayType"):
        if doc.get(name) is None:
            raise missing(name)
    if not doc.get("Line"):
        raise missing("Line")
    documents.currency(company, doc, vendor)
    doc["TotalAmt"] = cents(doc["TotalAmt"])
    documents.non_negative(doc["TotalAmt"])
    ref = doc.get("APAccountRef") or {"value": company.account_of_type("Accounts Payable")["Id"]}
    doc["APAccountRef"] = company.account(ref, ("Accounts Payable",))
    if doc["PayType"] == "Check":
        bank = doc.get("CheckPayment", {}).get("BankAccountRef")
        if bank is None:
            raise missing("CheckPayment.BankAccountRef")
        doc["CheckPayment"] = {**doc["CheckPayment"], "BankAccountRef": company.account(bank, ("Bank",))}
    else:
        card = doc.get("CreditCardPayment", {}).get("CCAccountRef")
        if card is None:
            raise missing("CreditCardPayment.CCAccountRef")
        doc["CreditCardPayment"] = {"CCAccountRef": company.account(card, ("Credit Card",))}
    _applied_lines(company, "BillPayment", doc, old, vendor["Id"])
    return doc


def _applied_lines(company: Company, kind: str, doc: Json, old: Json | None, party: str) -> None:
    before = applied(kind, old)
    taken: dict[Target, Decimal] = defaultdict(lambda: ZERO)
    balance = doc["TotalAmt"]
    lines = []
    for line in doc.get("Line", []):
        if line.get("Amount") is None:
            raise missing("Line.Amount")
        links = [link for link in line.get("LinkedTxn", []) if link.get("TxnId") not in (None, "0")]
        if not links:
            continue
        if len(links) > 1:
            raise business("A payment line can be linked to one transaction only.")
        amount = cents(line["Amount"])
        if amount < 0:
            raise Fault(2290, "Transaction amount must be 0 or greater")
        link = links[0]
        sign = APPLIES_TO[kind].get(str(link.get("TxnType")))
        if sign is None:
            raise Fault(620, f"Transaction cannot be linked : {link.get('TxnType')} {link.get('TxnId')}")
        stored = _STORED_AS.get(link["TxnType"], link["TxnType"])
        target = company.resolve(stored, link["TxnId"])
        taken[(stored, link["TxnId"])] += amount
        if stored in _OPEN:
            _check_open(company, kind, stored, target, taken, before, party)
        balance -= sign * amount
        lines.append({"Amount": amount, "LinkedTxn": [{"TxnId": link["TxnId"], "TxnType": link["TxnType"]}]})
    if balance < 0:
        raise business("The amount applied is more than the amount of the payment.")
    doc["Line"] = lines
    if kind == "Payment":
        doc["UnappliedAmt"] = balance


def _check_open(
    company: Company,
    kind: str,
    stored: str,
    target: Json,
    taken: dict[Target, Decimal],
    before: dict[Target, Decimal],
    party: str,
) -> None:
    field = "CustomerRef" if kind == "Payment" else "VendorRef"
    owner = target[field]["value"]
    if owner != party and not _is_parent(company, field, owner, party):
        raise business(f"The {stored} {target['Id']} belongs to another {field.removesuffix('Ref').lower()}.")
    key = (stored, target["Id"])
    if taken[key] > decimal(target["Balance"]) + before.get(key, ZERO):
        raise Fault(
            company.switches.over_applied_code,
            "Business Validation Error: The amount applied is more than the open balance of the transaction. "
            f"Supplied value:{taken[key]}",
        )


def _is_parent(company: Company, field: str, owner: str, party: str) -> bool:
    if field != "CustomerRef":
        return False
    doc = company.books.get("Customer", owner) or {}
    return bool(doc.get("BillWithParent")) and doc.get("ParentRef", {}).get("value") == party


def applied(kind: str, doc: Json | None) -> dict[Target, Decimal]:
    """What a payment takes off each document that it is linked to."""
    out: dict[Target, Decimal] = defaultdict(lambda: ZERO)
    if doc is not None and kind in APPLIES_TO:
        for line in doc.get("Line", []):
            for link in line.get("LinkedTxn", []):
                out[(_STORED_AS.get(link["TxnType"], link["TxnType"]), link["TxnId"])] += line["Amount"]
    return out


def relink(company: Company, kind: str, old: Json | None, new: Json | None, *, but: Target | None = None) -> None:
    """Brings the open balances and links of the paid documents (`but` one) from a payment's old state to its new."""
    before, after = applied(kind, old), applied(kind, new)
    payment = (new or old or {})["Id"]
    for stored, key in {**before, **after}:
        target = company.books.get(stored, key)
        if target is None or stored not in _OPEN or (stored, key) == but:
            continue
        change = after.get((stored, key), ZERO) - before.get((stored, key), ZERO)
        linked = (stored, key) in after
        if not change and linked == ((stored, key) in before):
            continue
        balance = decimal(target["Balance"]) - change
        values: Json = {"Balance": balance, "LinkedTxn": with_link(target, kind, payment, linked)}
        if stored == "CreditMemo":
            values["RemainingCredit"] = balance
        company.books.replace(stored, {**target, **values}, bump=company.switches.linked_change_moves_sync_token)


def with_link(doc: Json, kind: str, key: str, present: bool) -> list[Json]:
    """The document's links with one to `kind` `key` put in or taken out."""
    label = "BillPaymentCheck" if kind == "BillPayment" else kind
    links = [link for link in doc.get("LinkedTxn", []) if (link["TxnType"], link["TxnId"]) != (label, key)]
    return [*links, {"TxnId": key, "TxnType": label}] if present else links


def release(company: Company, kind: str, doc: Json) -> None:
    """Frees the payments applied to a document that is voided or deleted: they become unapplied.

    Where a credit goes, what it paid for is open again.
    """
    own = (kind, doc["Id"])
    for link in doc.get("LinkedTxn", []):
        pays = "BillPayment" if link["TxnType"].startswith("BillPayment") else link["TxnType"]
        if pays not in APPLIES_TO:
            continue
        payment = company.books.get(pays, link["TxnId"])
        if payment is None:
            continue
        check_not_deposited(payment)
        lines = [line for line in payment["Line"] if own not in _targets(line)]
        left = payment["TotalAmt"] - sum((_taken(pays, line) for line in lines), ZERO)
        for place in range(len(lines) - 1, -1, -1):
            if left < 0 and _taken(pays, lines[place]) > 0:
                back = min(-left, lines[place]["Amount"])
                lines[place] = {**lines[place], "Amount": lines[place]["Amount"] - back}
                left += back
        changed = {**payment, "Line": [line for line in lines if line["Amount"]]}
        if "UnappliedAmt" in payment:
            changed["UnappliedAmt"] = left
        company.books.replace(pays, changed, bump=company.switches.linked_change_moves_sync_token)
        relink(company, pays, payment, changed, but=own)


def _targets(line: Json) -> set[Target]:
    return {(_STORED_AS.get(link["TxnType"], link["TxnType"]), link["TxnId"]) for link in line["LinkedTxn"]}


def _taken(pays: str, line: Json) -> Decimal:
    """What a line takes from the amount paid; a credit adds to it."""
    return sum((APPLIES_TO[pays][link["TxnType"]] * line["Amount"] for link in line["LinkedTxn"]), ZERO)


def shrink(company: Company, kind: str, key: str) -> None:
    """Takes back from its payments what a document no longer needs since its total went down."""
    doc = company.books.get(kind, key)
    surplus = ZERO if doc is None else -decimal(doc.get("Balance"))
    if doc is None or surplus <= 0:
        return
    links = list(doc.get("LinkedTxn", []))
    for link in reversed(links):
        payment = company.books.get(link["TxnType"], link["TxnId"]) if link["TxnType"] in APPLIES_TO else None
        if payment is None or surplus <= 0:
            continue
        lines = []
        for line in payment["Line"]:
            if surplus > 0 and any((each["TxnType"], each["TxnId"]) == (kind, key) for each in line["LinkedTxn"]):
                taken = min(surplus, line["Amount"])
                surplus -= taken
                line = {**line, "Amount": line["Amount"] - taken}
                payment = {**payment, "UnappliedAmt": decimal(payment.get("UnappliedAmt")) + taken}
            if line["Amount"]:
                lines.append(line)
        company.books.replace(
            link["TxnType"], {**payment, "Line": lines}, bump=company.switches.linked_change_moves_sync_token
        )
        if not any(each["TxnId"] == key for line in lines for each in line["LinkedTxn"]):
            links.remove(link)
    company.books.amend(kind, key, Balance=ZERO, LinkedTxn=links)


def check_not_deposited(doc: Json) -> None:
    """Fault 6540 for a payment or receipt that stands in a deposit."""
    for link in doc.get("LinkedTxn", []):
        if link["TxnType"] == "Deposit":
            raise Fault(
                6540,
                "Deposited Transaction cannot be changed : If you want to modify or delete this transaction, you must "
                "first edit the deposit it appears on and remove it.",
            )


# -- deposits


def build_deposit(company: Company, payload: Json, old: Json | None) -> Json:
    doc = documents.base(company, "Deposit", payload, old)
    if doc.get("DepositToAccountRef") is None:
        raise missing("DepositToAccountRef")
    if not doc.get("Line"):
        raise missing("Line")
    doc["DepositToAccountRef"] = company.account(doc["DepositToAccountRef"], MONEY_ACCOUNTS)
    documents.currency(company, doc, None)
    own = deposited(old)
    lines, total = [], ZERO
    for line in doc["Line"]:
        if line.get("Amount") is None:
            raise missing("Line.Amount")
        read = _deposit_line(company, line, own)
        total += read["Amount"]
        lines.append(read)
    doc["Line"] = lines
    back = doc.get("CashBack")
    if back is not None:
        if back.get("AccountRef") is None:
            raise missing("CashBack.AccountRef")
        doc["CashBack"] = {**back, "AccountRef": company.account(back["AccountRef"])}
        total -= cents(decimal(back.get("Amount")))
    documents.non_negative(total)
    doc["TotalAmt"] = total
    return doc


def _deposit_line(company: Company, line: Json, own: set[Target]) -> Json:
    amount = cents(line["Amount"])
    links = [link for link in line.get("LinkedTxn", []) if link.get("TxnId") not in (None, "0")]
    if links:
        link = links[0]
        kind = str(link.get("TxnType"))
        if kind not in DEPOSITABLE:
            raise Fault(620, f"Transaction cannot be linked : {kind} {link['TxnId']}")
        target = company.resolve(kind, link["TxnId"])
        if (kind, link["TxnId"]) not in own:
            check_not_deposited(target)
            account = company.books.get("Account", target.get("DepositToAccountRef", {}).get("value", ""))
            if kind != "JournalEntry" and (account or {}).get("AccountSubType") != "UndepositedFunds":
                raise Fault(620, f"Transaction cannot be linked : {kind} {link['TxnId']} is not in undeposited funds")
        return {
            "Amount": amount,
            "LinkedTxn": [{"TxnId": link["TxnId"], "TxnType": kind, "TxnLineId": link.get("TxnLineId", "0")}],
        }
    detail = dict(line.get("DepositLineDetail") or {})
    if detail.get("AccountRef") is None:
        raise missing("Line.DepositLineDetail.AccountRef")
    detail["AccountRef"] = company.account(detail["AccountRef"])
    if detail.get("Entity") is not None:
        detail["Entity"] = company.named_any(detail["Entity"])
    if detail.get("ClassRef") is not None:
        detail["ClassRef"] = company.reference("Class", detail["ClassRef"])
    if detail.get("PaymentMethodRef") is not None:
        detail["PaymentMethodRef"] = company.reference("PaymentMethod", detail["PaymentMethodRef"])
    return {**line, "Amount": amount, "DetailType": "DepositLineDetail", "DepositLineDetail": detail}


def deposited(doc: Json | None) -> set[Target]:
    """The payments and receipts that a deposit holds."""
    lines = [] if doc is None else doc.get("Line", [])
    return {(link["TxnType"], link["TxnId"]) for line in lines for link in line.get("LinkedTxn", [])}


def relink_deposit(company: Company, old: Json | None, new: Json | None) -> None:
    before, after = deposited(old), deposited(new)
    key = (new or old or {})["Id"]
    for kind, target in before ^ after:
        doc = company.books.get(kind, target)
        if doc is not None:
            links = with_link(doc, "Deposit", key, (kind, target) in after)
            company.books.replace(kind, {**doc, "LinkedTxn": links}, bump=False)
