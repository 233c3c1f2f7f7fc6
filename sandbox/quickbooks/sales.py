"""Invoices, sales receipts, estimates, credit memos and refund receipts: what they become when they are saved."""

from __future__ import annotations

from decimal import Decimal

from sandbox.quickbooks import documents
from sandbox.quickbooks.books import decimal
from sandbox.quickbooks.company import ZERO, Company, cents
from sandbox.quickbooks.errors import Fault, Json, business, missing
from sandbox.quickbooks.lines import sales_lines
from sandbox.quickbooks.tax import tax_detail

MONEY_ACCOUNTS = ("Bank", "Other Current Asset")


def build(company: Company, kind: str, payload: Json, old: Json | None) -> Json:
    """The document that a create or an update (`payload` is then merged already) makes of a sales form."""
    if not payload.get("Line"):
        raise missing("Line")
    doc = documents.base(company, kind, payload, old)
    if kind == "Estimate" and not company.preference("SalesFormsPrefs", "AllowEstimates"):
        raise Fault(5030, "Feature Not Supported Error : estimates are turned off in this company")
    customer = _customer(company, kind, doc)
    documents.currency(company, doc, customer)
    documents.email(doc)
    _addresses(doc, customer)
    if kind in {"Invoice", "Estimate", "CreditMemo"} and (
        kind == "Invoice" or doc.get("SalesTermRef") is not None or doc.get("DueDate") is not None
    ):
        documents.due_date(company, doc, customer if kind == "Invoice" else None, "SalesTermRef")
    _accounts(company, kind, doc)
    read = sales_lines(company, doc, payload["Line"])
    tax, total_tax = tax_detail(company, doc, read.taxed, read.discount, payload.get("TxnTaxDetail"))
    total = cents(read.subtotal - read.discount + read.extras + total_tax)
    documents.non_negative(total)
    doc["Line"] = read.lines
    doc.pop("TxnTaxDetail", None)
    if tax is not None:
        doc["TxnTaxDetail"] = tax
    doc.setdefault("ApplyTaxAfterDiscount", False)
    doc.setdefault("PrintStatus", "NotSet" if kind == "SalesReceipt" else "NeedToPrint")
    doc.setdefault("EmailStatus", "NotSet")
    doc["TotalAmt"] = total
    if company.multicurrency:
        doc["HomeTotalAmt"] = documents.home_amount(company, doc, total)
    _balances(kind, doc, old, total)
    if kind == "Estimate":
        doc.setdefault("TxnStatus", "Pending")
    return doc


def _customer(company: Company, kind: str, doc: Json) -> Json | None:
    optional = kind == "RefundReceipt" or (kind == "SalesReceipt" and not company.switches.sales_receipt_needs_customer)
    if optional and doc.get("CustomerRef") is None:
        return None
    customer = documents.require_customer(company, doc)
    doc["CustomerRef"] = {"value": customer["Id"], "name": customer["DisplayName"]}
    return customer


def _addresses(doc: Json, customer: Json | None) -> None:
    for name in ("BillAddr", "ShipAddr"):
        if doc.get(name) is None and customer is not None and customer.get(name) is not None:
            doc[name] = customer[name]


def _accounts(company: Company, kind: str, doc: Json) -> None:
    currency = doc["CurrencyRef"]["value"]
    if kind in {"SalesReceipt", "RefundReceipt"}:
        if doc.get("DepositToAccountRef") is None:
            if kind == "RefundReceipt":
                raise missing("DepositToAccountRef")
            account = company.account_of_type("Other Current Asset", sub_type="UndepositedFunds")
            doc["DepositToAccountRef"] = {"value": account["Id"]}
        doc["DepositToAccountRef"] = company.account(doc["DepositToAccountRef"], MONEY_ACCOUNTS)
    elif kind == "Invoice" and doc.get("DepositToAccountRef") is not None:
        doc["DepositToAccountRef"] = company.account(doc["DepositToAccountRef"], MONEY_ACCOUNTS)
    if kind in {"Invoice", "CreditMemo"}:
        ref = doc.get("ARAccountRef")
        if ref is None:
            account = company.account_of_type("Accounts Receivable", currency=currency)
            ref = {"value": account["Id"]}
            doc.pop("ARAccountRef", None)
        else:
            doc["ARAccountRef"] = company.account(ref, ("Accounts Receivable",))


def _balances(kind: str, doc: Json, old: Json | None, total: Decimal) -> None:
    if kind == "Invoice":
        deposit = cents(decimal(doc.get("Deposit")))
        if deposit < 0 or deposit > total:
            raise business("The deposit cannot be more than the total of the invoice.")
        doc["Deposit"] = deposit
        doc["Balance"] = total - deposit - applied_to(old)
    elif kind == "CreditMemo":
        doc["RemainingCredit"] = doc["Balance"] = total - applied_to(old)
        if doc["Balance"] < 0:
            raise business("The credit memo is applied to more than its new total.")
    elif kind in {"SalesReceipt", "RefundReceipt"}:
        doc["Balance"] = ZERO


def applied_to(doc: Json | None) -> Decimal:
    """What payments and credits have taken off an invoice or credit memo."""
    if doc is None:
        return ZERO
    return decimal(doc["TotalAmt"]) - decimal(doc.get("Deposit")) - decimal(doc["Balance"])


def voided(kind: str, doc: Json) -> Json:
    """The same form with every amount at nothing."""
    lines = []
    for line in doc["Line"]:
        line = {**line, "Amount": ZERO}
        if "SalesItemLineDetail" in line:
            detail = {**line["SalesItemLineDetail"], "Qty": ZERO}
            if "UnitPrice" in detail:
                detail["UnitPrice"] = ZERO
            line["SalesItemLineDetail"] = detail
        if "DiscountLineDetail" in line:
            line["DiscountLineDetail"] = {
                key: value for key, value in line["DiscountLineDetail"].items() if key != "DiscountPercent"
            }
        lines.append(line)
    out = {
        **doc,
        "Line": lines,
        "TotalAmt": ZERO,
        "Balance": ZERO,
        "PrivateNote": documents.voided_note(doc.get("PrivateNote")),
    }
    if "TxnTaxDetail" in doc:
        out["TxnTaxDetail"] = {key: value for key, value in doc["TxnTaxDetail"].items() if key == "TxnTaxCodeRef"} | {
            "TotalTax": ZERO
        }
    if kind == "Invoice":
        out["Deposit"] = ZERO
    if "HomeTotalAmt" in doc:
        out["HomeTotalAmt"] = ZERO
    return out
