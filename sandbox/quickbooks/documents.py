"""What every transaction shares: dates and closing date, numbers, currency, tracking, custom fields, e-mail."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

from sandbox.quickbooks.books import decimal
from sandbox.quickbooks.company import ZERO, Company, cents
from sandbox.quickbooks.errors import Fault, Json, business, missing
from sandbox.quickbooks.lines import untracked
from sandbox.quickbooks.schema import too_long

# Duplicates are looked for within one type.
NUMBERED = frozenset(
    [
        "Invoice",
        "SalesReceipt",
        "Estimate",
        "CreditMemo",
        "RefundReceipt",
        "Bill",
        "PurchaseOrder",
        "VendorCredit",
        "Purchase",
        "JournalEntry",
    ]
)
_TAXED = NUMBERED - {"JournalEntry"}
# Only these get a number from the server; a bill carries its vendor's number.
SELF_NUMBERED = frozenset(
    ["Invoice", "SalesReceipt", "Estimate", "CreditMemo", "RefundReceipt", "PurchaseOrder", "JournalEntry"]
)
_TRAILING_NUMBER = re.compile(r"(\d+)(\D*)$")
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LABELS = {"RefundReceipt": "Refund", "Purchase": "Expense"}
AUTO = "AUTO_GENERATE"


def check_open_period(company: Company, *docs: Json | None) -> None:
    """Fault 6200 (6210 with a password) if one of the documents is dated in the closed period."""
    closed = company.preference("AccountingInfoPrefs", "BookCloseDate")
    if not closed:
        return
    for doc in docs:
        day = None if doc is None else doc.get("TxnDate")
        if day is None or day > closed or (day == closed and not company.switches.closing_date_inclusive):
            continue
        code = 6210 if company.options.closing_password else 6200
        raise Fault(
            code,
            "Account Period Closed, Cannot Update Through Services API : The account period has closed and the account "
            f"books cannot be updated through the QBO Services API. Please use the QBO website to make these changes. "
            f"Closing date:{closed}",
        )


def base(company: Company, kind: str, payload: Json, old: Json | None) -> Json:
    """The parts of a transaction that are the same for all; starts the document that `payload` becomes."""
    doc = dict(payload)
    doc.setdefault("TxnDate", company.clock.today() if old is None else old["TxnDate"])
    for name, kind_of in (("ClassRef", "Class"), ("DepartmentRef", "Department")):
        if doc.get(name) is not None:
            setting = "ClassTrackingPerTxn" if name == "ClassRef" else "TrackDepartments"
            if company.preference("AccountingInfoPrefs", setting):
                doc[name] = company.reference(kind_of, doc[name])
            else:
                untracked(company, doc, name)
    if doc.get("PaymentMethodRef") is not None:
        doc["PaymentMethodRef"] = company.reference("PaymentMethod", doc["PaymentMethodRef"])
    if company.is_us:
        doc.pop("GlobalTaxCalculation", None)
    elif kind in _TAXED:
        doc.setdefault("GlobalTaxCalculation", "TaxExcluded")
    _custom_fields(company, doc)
    if kind in NUMBERED:
        number(company, kind, doc, old)
    if len(doc.get("TrackingNum", "")) > company.switches.tracking_number_limit:
        raise too_long("TrackingNum", company.switches.tracking_number_limit, len(doc["TrackingNum"]))
    return doc


def check_number(company: Company, kind: str, doc: Json, key: str | None) -> None:
    """Fault 6140 where another document of the type has the number and the company warns of that."""
    number_ = doc.get("DocNumber")
    if kind not in NUMBERED or number_ is None or not company.options.warn_duplicate_numbers:
        return
    for other in company.books.find(kind, "DocNumber", number_):
        if other["Id"] != key:
            raise Fault(
                6140,
                "Duplicate Document Number Error : You must specify a different number. This number has already been "
                f"used. DocNumber={number_} is assigned to TxnType={transaction_label(kind)} with TxnId={other['Id']}",
            )


def transaction_label(kind: str) -> str:
    """A type as the screens word it, which is how the fault names it ("Sales Receipt")."""
    return _LABELS.get(kind) or _WORD_START.sub(" ", kind)


def number(company: Company, kind: str, doc: Json, old: Json | None) -> None:
    """Gives a document its number where the server numbers, and keeps the one it has."""
    automatic = doc.pop("AutoDocNumber", False)
    wanted = doc.get("DocNumber") or (AUTO if automatic else None)
    if wanted is not None and wanted != AUTO:
        return
    if wanted != AUTO and old is not None and old.get("DocNumber"):
        doc["DocNumber"] = old["DocNumber"]
        return
    doc.pop("DocNumber", None)
    if kind not in SELF_NUMBERED:
        return
    if wanted == AUTO or not company.preference("SalesFormsPrefs", "CustomTxnNumbers"):
        doc["DocNumber"] = _next_number(company, kind)


def _next_number(company: Company, kind: str) -> str:
    last = company.last_number.get(kind)
    if last is None:
        last = "1000"
        for doc in company.books.all(kind).values():
            last = higher_number(last, doc.get("DocNumber"))
    while True:
        match = _TRAILING_NUMBER.search(last)
        if match is None:
            last = last + "1"
        else:
            digits = str(int(match[1]) + 1).zfill(len(match[1]))
            last = f"{last[: match.start()]}{digits}{match[2]}"
        if not company.books.find(kind, "DocNumber", last):
            return last


def higher_number(one: str, other: str | None) -> str:
    """Of two document numbers the one whose last run of digits is greater."""
    return other if other is not None and _digits(other) > _digits(one) else one


def _digits(text: str) -> int:
    match = _TRAILING_NUMBER.search(text)
    return -1 if match is None else int(match[1])


def currency(company: Company, doc: Json, party: Json | None) -> None:
    """Sets CurrencyRef and ExchangeRate; a party's currency is the only one that its documents may have."""
    home = company.options.currency
    own = home if party is None else party["CurrencyRef"]["value"]
    asked = doc.get("CurrencyRef")
    if asked is not None and asked["value"] != own:
        if not company.multicurrency:
            raise business("Multicurrency is not turned on in this company.")
        raise business("The currency of the transaction must be the currency of the customer or vendor.")
    doc["CurrencyRef"] = company.currency_reference(own)
    rate = doc.pop("ExchangeRate", None)
    if company.multicurrency:
        doc["ExchangeRate"] = (
            Decimal(1) if own == home else decimal(rate) or company.exchange_rate(own, str(doc["TxnDate"]))
        )


def home_amount(company: Company, doc: Json, amount: Decimal) -> Decimal:
    rate = decimal(doc.get("ExchangeRate")) or Decimal(1)
    return cents(amount * rate)


def due_date(company: Company, doc: Json, party: Json | None, term_field: str) -> None:
    """Terms (the party's own where none are given) and the day they make the document due."""
    term = doc.get("SalesTermRef") or (party or {}).get(term_field)
    day = date.fromisoformat(doc["TxnDate"])
    if term is not None:
        found = company.resolve("Term", term["value"], inactive=True)
        doc["SalesTermRef"] = {"value": found["Id"], "name": found["Name"]}
        if "DueDays" in found:
            day += timedelta(days=found["DueDays"])
        elif "DayOfMonthDue" in found:
            day = _day_of_month(day, found["DayOfMonthDue"], found.get("DueNextMonthDays", 0))
    doc.setdefault("DueDate", day.isoformat())


def _day_of_month(day: date, due: int, margin: int) -> date:
    months = 0 if day.day + margin <= due else 1
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(due, last))


def email(doc: Json) -> None:
    """Fault 6420 if it shall be sent and no one is named; 2210 for what is no address."""
    for name in ("BillEmail", "POEmail", "PrimaryEmailAddr"):
        address = (doc.get(name) or {}).get("Address")
        if address is not None and ("@" not in address or "." not in address):
            raise Fault(2210, f"Invalid Email Address format : {address}", element=name)
    if doc.get("EmailStatus") == "NeedToSend" and not (doc.get("BillEmail") or doc.get("POEmail")):
        raise Fault(6420, "Email address required : BillEmail is needed when EmailStatus is NeedToSend")


def _custom_fields(company: Company, doc: Json) -> None:
    fields = doc.pop("CustomField", None)
    if not fields:
        return
    kept = []
    for field in fields:
        key = field.get("DefinitionId")
        name = company.custom_field_names().get(key)
        if name is None:
            if company.switches.unknown_custom_field == "3000":
                raise Fault(3000, f"Invalid custom field : DefinitionId {key} is not defined")
            continue
        value = field.get("StringValue", "")
        if len(value) > company.switches.custom_field_limit:
            raise too_long("CustomField.StringValue", company.switches.custom_field_limit, len(value))
        kept.append({"DefinitionId": key, "Name": name, "Type": "StringType", "StringValue": value})
    if kept:
        doc["CustomField"] = kept


def voided_note(note: str | None) -> str:
    return f"Voided - {note}" if note and not note.startswith("Voided") else note or "Voided"


def require_customer(company: Company, doc: Json) -> Json:
    if doc.get("CustomerRef") is None:
        raise missing("CustomerRef")
    return company.resolve("Customer", doc["CustomerRef"]["value"])


def non_negative(total: Decimal) -> None:
    if total < ZERO:
        raise Fault(2290, "Transaction amount must be 0 or greater")
