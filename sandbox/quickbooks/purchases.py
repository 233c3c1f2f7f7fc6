"""Bills, purchase orders, vendor credits, purchases, journal entries, transfers and other transactions without sale."""

from __future__ import annotations

from decimal import Decimal

from sandbox.quickbooks import documents
from sandbox.quickbooks.books import decimal
from sandbox.quickbooks.company import ZERO, Company, cents
from sandbox.quickbooks.errors import Fault, Json, business, missing
from sandbox.quickbooks.lines import check_amount, check_stock_date, number_lines
from sandbox.quickbooks.tax import line_tax_code

_PURCHASE_FROM = {
    "Cash": ("Bank", "Other Current Asset"),
    "Check": ("Bank",),
    "CreditCard": ("Credit Card",),
}
_NO_EXPENSE = ("Accounts Receivable", "Accounts Payable")


def build_from_vendor(company: Company, kind: str, payload: Json, old: Json | None) -> Json:
    """Bill, PurchaseOrder, VendorCredit."""
    if kind == "PurchaseOrder" and company.options.plan != "plus":
        raise Fault(5030, "Feature Not Supported Error : purchase orders are not included in this subscription")
    doc = documents.base(company, kind, payload, old)
    if doc.get("VendorRef") is None:
        raise missing("VendorRef")
    vendor = company.resolve("Vendor", doc["VendorRef"]["value"])
    doc["VendorRef"] = {"value": vendor["Id"], "name": vendor["DisplayName"]}
    documents.currency(company, doc, vendor)
    ref = doc.get("APAccountRef")
    if ref is None:
        ref = {"value": company.account_of_type("Accounts Payable", currency=doc["CurrencyRef"]["value"])["Id"]}
    doc["APAccountRef"] = company.account(ref, ("Accounts Payable",))
    if doc.get("VendorAddr") is None and vendor.get("BillAddr") is not None:
        doc["VendorAddr"] = vendor["BillAddr"]
    documents.email(doc)
    total = _expense_lines(company, kind, doc, payload)
    documents.non_negative(total)
    doc["TotalAmt"] = total
    if kind == "PurchaseOrder":
        doc.setdefault("POStatus", "Open")
        doc.setdefault("EmailStatus", "NotSet")
        return doc
    paid = ZERO if old is None else decimal(old["TotalAmt"]) - decimal(old["Balance"])
    doc["Balance"] = total - paid
    if kind == "Bill":
        documents.due_date(company, doc, vendor, "TermRef")
    return doc


def build_purchase(company: Company, payload: Json, old: Json | None) -> Json:
    doc = documents.base(company, "Purchase", payload, old)
    for name in ("AccountRef", "PaymentType"):
        if doc.get(name) is None:
            raise missing(name)
    doc["AccountRef"] = company.account(doc["AccountRef"], _PURCHASE_FROM[doc["PaymentType"]])
    if doc.get("EntityRef") is not None:
        doc["EntityRef"] = company.named_any(doc["EntityRef"])
    documents.currency(company, doc, None)
    total = _expense_lines(company, "Purchase", doc, payload)
    documents.non_negative(total)
    doc.setdefault("Credit", False)
    doc["TotalAmt"] = total
    return doc


def _expense_lines(company: Company, kind: str, doc: Json, payload: Json) -> Decimal:
    if not payload.get("Line"):
        raise missing("Line")
    lines, total = [], ZERO
    for line in payload["Line"]:
        shape = line.get("DetailType")
        if shape is None:
            raise missing("Line.DetailType")
        if shape == "SubTotalLineDetail":
            continue
        if shape == "DescriptionOnly":
            lines.append(line)
            continue
        if shape not in {"AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail"}:
            raise Fault(2170, f"Invalid Enumeration : DetailType. Supplied value:{shape}", element="DetailType")
        if line.get(shape) is None:
            raise missing(f"Line.{shape}")
        if line.get("Amount") is None:
            raise missing("Line.Amount")
        detail = dict(line[shape])
        amount = _expense_detail(company, kind, doc, line, detail, shape)
        total += amount
        lines.append({**line, "Amount": amount, shape: detail})
    doc["Line"] = number_lines(lines)
    return total


def _expense_detail(company: Company, kind: str, doc: Json, line: Json, detail: Json, shape: str) -> Decimal:
    if shape == "ItemBasedExpenseLineDetail":
        if detail.get("ItemRef") is None:
            raise Fault(6440, "Line needs an item or an account : ItemRef is missing")
        item = company.resolve("Item", detail["ItemRef"]["value"])
        if item["Type"] == "Inventory" and kind != "PurchaseOrder":
            check_stock_date(item, doc)
        detail["ItemRef"] = {"value": item["Id"], "name": item["Name"]}
        amount = check_amount(company, line, detail)
    else:
        if detail.get("AccountRef") is None:
            raise Fault(6440, "Line needs an item or an account : AccountRef is missing")
        account = company.resolve("Account", detail["AccountRef"]["value"])
        if account["AccountType"] in _NO_EXPENSE:
            raise Fault(6430, f"Invalid account type used : {account['Name']} is {account['AccountType']}")
        detail["AccountRef"] = {"value": account["Id"], "name": account["FullyQualifiedName"]}
        if not detail.get("TaxInclusiveAmt"):
            detail.pop("TaxInclusiveAmt", None)
        amount = cents(decimal(line["Amount"]))
    if detail.get("BillableStatus") == "Billable" and detail.get("CustomerRef") is None:
        raise Fault(6310, "Missing customer : a billable line needs a CustomerRef")
    if detail.get("CustomerRef") is not None:
        detail["CustomerRef"] = company.reference("Customer", detail["CustomerRef"])
    detail.setdefault("BillableStatus", "NotBillable")
    if detail.get("ClassRef") is not None:
        if company.preference("AccountingInfoPrefs", "ClassTrackingPerTxnLine"):
            detail["ClassRef"] = company.reference("Class", detail["ClassRef"])
        else:
            del detail["ClassRef"]
    code = line_tax_code(company, detail.get("TaxCodeRef"))
    if code is None:
        detail.pop("TaxCodeRef", None)
    else:
        detail["TaxCodeRef"] = code
    return amount


def build_journal(company: Company, payload: Json, old: Json | None) -> Json:
    doc = documents.base(company, "JournalEntry", payload, old)
    documents.currency(company, doc, None)
    if not payload.get("Line"):
        raise missing("Line")
    lines, sums = [], {"Debit": ZERO, "Credit": ZERO}
    for line in payload["Line"]:
        if line.get("DetailType") == "DescriptionOnly":
            lines.append(line)
            continue
        detail = line.get("JournalEntryLineDetail")
        if detail is None:
            raise missing("Line.JournalEntryLineDetail")
        for name in ("PostingType", "AccountRef"):
            if detail.get(name) is None:
                raise missing(f"Line.JournalEntryLineDetail.{name}")
        detail = {**detail, "AccountRef": company.account(detail["AccountRef"])}
        entity = detail.get("Entity", {}).get("EntityRef")
        if entity is not None:
            named = company.named_any({"type": detail["Entity"].get("Type"), **entity})
            detail["Entity"] = {"Type": named.pop("type"), "EntityRef": named}
        for name, kind in (("ClassRef", "Class"), ("DepartmentRef", "Department")):
            if detail.get(name) is not None:
                detail[name] = company.reference(kind, detail[name])
        amount = cents(decimal(line.get("Amount")))
        sums[detail["PostingType"]] += amount
        lines.append({**line, "Amount": amount, "JournalEntryLineDetail": detail})
    if sums["Debit"] != sums["Credit"]:
        raise Fault(2300, f"Debits and credits do not balance : {sums['Debit']} and {sums['Credit']}")
    doc["Line"] = number_lines(lines)
    doc["TotalAmt"] = sums["Debit"]
    doc.setdefault("Adjustment", False)
    return doc


def build_movement(company: Company, kind: str, payload: Json, old: Json | None) -> Json:
    """Transfer and CreditCardPayment: an amount from one account to another."""
    names = {
        "Transfer": ("FromAccountRef", "ToAccountRef"),
        "CreditCardPayment": ("BankAccountRef", "CreditCardAccountRef"),
    }[kind]
    doc = documents.base(company, kind, payload, old)
    documents.currency(company, doc, None)
    for name in (*names, "Amount"):
        if doc.get(name) is None:
            raise missing(name)
    for name in names:
        types = ("Credit Card",) if name == "CreditCardAccountRef" else None
        doc[name] = company.account(doc[name], types)
    doc["Amount"] = cents(doc["Amount"])
    documents.non_negative(doc["Amount"])
    return doc


def build_time(company: Company, payload: Json, old: Json | None) -> Json:
    doc = documents.base(company, "TimeActivity", payload, old)
    if doc.get("NameOf") is None:
        raise missing("NameOf")
    party = f"{doc['NameOf']}Ref"
    if doc.get(party) is None:
        raise missing(party)
    for name, kind in (
        (party, doc["NameOf"]),
        ("CustomerRef", "Customer"),
        ("ItemRef", "Item"),
        ("ClassRef", "Class"),
    ):
        if doc.get(name) is not None:
            doc[name] = company.reference(kind, doc[name])
    doc.setdefault("BillableStatus", "NotBillable")
    doc.setdefault("Taxable", False)
    doc.setdefault("HourlyRate", ZERO)
    return doc


def build_adjustment(company: Company, payload: Json, old: Json | None) -> Json:
    if company.options.plan != "plus":
        raise Fault(5030, "Feature Not Supported Error : inventory is not included in this subscription")
    doc = documents.base(company, "InventoryAdjustment", payload, old)
    if doc.get("AdjustAccountRef") is None:
        raise missing("AdjustAccountRef")
    doc["AdjustAccountRef"] = company.account(doc["AdjustAccountRef"])
    if not payload.get("Line"):
        raise missing("Line")
    lines = []
    for line in payload["Line"]:
        detail = line.get("ItemAdjustmentLineDetail")
        if detail is None or detail.get("ItemRef") is None:
            raise missing("Line.ItemAdjustmentLineDetail.ItemRef")
        item = company.resolve("Item", detail["ItemRef"]["value"])
        if item["Type"] != "Inventory":
            raise business(f"{item['Name']} is not an inventory item.")
        difference = detail.get("QtyDiff")
        if difference is None:
            if detail.get("NewQty") is None:
                raise missing("Line.ItemAdjustmentLineDetail.QtyDiff")
            difference = detail["NewQty"] - decimal(item.get("QtyOnHand"))
        lines.append(
            {
                **line,
                "DetailType": "ItemAdjustmentLineDetail",
                "ItemAdjustmentLineDetail": {
                    **{name: value for name, value in detail.items() if name != "NewQty"},
                    "ItemRef": {"value": item["Id"], "name": item["Name"]},
                    "QtyDiff": difference,
                },
            }
        )
    doc["Line"] = number_lines(lines)
    return doc


def link_orders(company: Company, bill: Json, *, present: bool) -> None:
    """A bill closes the purchase orders that it names; without it they are open again."""
    for link in bill.get("LinkedTxn", []):
        if link.get("TxnType") != "PurchaseOrder":
            continue
        order = company.books.get("PurchaseOrder", link["TxnId"])
        if order is not None:
            links = [each for each in order.get("LinkedTxn", []) if each["TxnId"] != bill["Id"]]
            if present:
                links.append({"TxnId": bill["Id"], "TxnType": "Bill"})
            company.books.replace(
                "PurchaseOrder", {**order, "LinkedTxn": links, "POStatus": "Closed" if present else "Open"}
            )


def voided(doc: Json) -> Json:
    """A bill payment or payment without amounts and links."""
    out = {
        **doc,
        "Line": [],
        "TotalAmt": ZERO,
        "PrivateNote": documents.voided_note(doc.get("PrivateNote")),
    }
    if "UnappliedAmt" in doc:
        out["UnappliedAmt"] = ZERO
    return out
