"""Company information, preferences, currencies, exchange rates, attachables and the tax service."""

from __future__ import annotations

from typing import Any

from sandbox.quickbooks.books import decimal
from sandbox.quickbooks.company import ZERO, Company
from sandbox.quickbooks.errors import Fault, Json, missing
from sandbox.quickbooks.tax import tax_code, tax_rate

# Preferences that the API lets nobody change.
_LOCKED_PREFERENCES = {"CurrencyPrefs": {"MultiCurrencyEnabled", "HomeCurrency"}, "TaxPrefs": {"PartnerTaxEnabled"}}


def build_company_info(company: Company, payload: Json, old: Json | None) -> Json:
    return {**(old or {}), **payload}


def build_preferences(company: Company, payload: Json, old: Json | None) -> Json:
    """Section by section: what is given is set, the rest stays."""
    doc = dict(old or {})
    for section, values in payload.items():
        if not isinstance(values, dict):
            continue
        locked = _LOCKED_PREFERENCES.get(section, set())
        wanted = {name: value for name, value in _without_blanks(values).items() if name not in locked}
        doc[section] = {**doc.get(section, {}), **wanted}
    return doc


def _without_blanks(values: Json) -> Json:
    out: Json = {}
    for name, value in values.items():
        if value is None or value == "":
            continue
        if isinstance(value, dict):
            value = _without_blanks(value)
            if not value:
                continue
        out[name] = value
    return out


def build_currency(company: Company, payload: Json, old: Json | None) -> Json:
    doc = dict(payload)
    if doc.get("Code") is None:
        raise missing("Code")
    doc.setdefault("Name", company.currency_reference(doc["Code"])["name"])
    doc.setdefault("Active", True)
    for other in company.books.all("CompanyCurrency").values():
        if other["Code"] == doc["Code"] and other["Id"] != (old or {}).get("Id"):
            raise Fault(6240, "The name supplied already exists. : The currency is already in use.")
    return doc


def put_exchange_rate(company: Company, payload: Json) -> Json:
    """Sets the rate of a currency for a day: one row for each, whether it was there or not."""
    for name in ("SourceCurrencyCode", "Rate"):
        if payload.get(name) is None:
            raise missing(name)
    code = payload["SourceCurrencyCode"]
    if code == company.options.currency:
        raise Fault(2220, f"Invalid currency : {code} is the home currency")
    if decimal(payload["Rate"]) <= ZERO:
        raise Fault(2180, f"Value out of range : Rate. Supplied value:{payload['Rate']}")
    day = payload.get("AsOfDate") or company.clock.today()
    values = {
        "SourceCurrencyCode": code,
        "TargetCurrencyCode": company.options.currency,
        "Rate": payload["Rate"],
        "AsOfDate": day,
    }
    for doc in company.books.all("ExchangeRate").values():
        if (doc["SourceCurrencyCode"], doc["AsOfDate"]) == (code, day):
            return company.books.replace("ExchangeRate", {**doc, **values})
    return company.books.insert("ExchangeRate", values)


def build_attachable(company: Company, payload: Json, old: Json | None) -> Json:
    doc = dict(payload)
    if not doc.get("Note") and not doc.get("FileName"):
        raise Fault(2020, "Required parameter Note or FileName is missing in the request")
    if old is not None:
        for name in ("FileAccessUri", "TempDownloadUri", "Size", "ContentType", "FileName"):
            if name in old:
                doc.setdefault(name, old[name])
    return doc


def create_tax_code(company: Company, payload: Json) -> Json:
    """TaxService: a tax code with rates that exist or are made along with it; the answer has no envelope."""
    name = payload.get("TaxCode")
    if name is None:
        raise missing("TaxCode")
    if company.automated_tax:
        raise Fault(5030, "Feature Not Supported Error : tax codes are made by automated sales tax in this company")
    if company.books.find("TaxCode", "Name", name):
        raise Fault(6240, "The name supplied already exists. : Another tax code is already using this name.")
    details = payload.get("TaxRateDetails")
    if not details:
        raise missing("TaxRateDetails")
    answers: list[Json] = []
    rates: dict[str, list[str]] = {"Sales": [], "Purchase": []}
    for detail in details:
        rate = _service_rate(company, detail)
        applies = detail.get("TaxApplicableOn", "Sales")
        rates.setdefault(applies, []).append(rate["Id"])
        answers.append(
            {
                "TaxRateName": rate["Name"],
                "TaxRateId": rate["Id"],
                "RateValue": rate["RateValue"],
                "TaxAgencyId": rate["AgencyRef"]["value"],
                "TaxApplicableOn": applies,
            }
        )
    stored = company.books.insert("TaxCode", tax_code(name, rates["Sales"], purchase_rates=rates["Purchase"]))
    return {"TaxCode": name, "TaxCodeId": stored["Id"], "TaxRateDetails": answers}


def _service_rate(company: Company, detail: Json) -> Json:
    known = detail.get("TaxRateId")
    if known is not None:
        return company.resolve("TaxRate", known)
    for field in ("TaxRateName", "RateValue", "TaxAgencyId"):
        if detail.get(field) is None:
            raise missing(f"TaxRateDetails.{field}")
    company.resolve("TaxAgency", detail["TaxAgencyId"])
    if company.books.find("TaxRate", "Name", detail["TaxRateName"]):
        raise Fault(6240, "The name supplied already exists. : Another tax rate is already using this name.")
    return company.books.insert("TaxRate", tax_rate(detail["TaxRateName"], detail["RateValue"], detail["TaxAgencyId"]))


def exchange_rate_of(company: Company, code: str, day: str | None) -> Json:
    """GET /exchangerate: the rate of a currency on a day, the latest before it, or 1."""
    wanted = day or company.clock.today()
    best: Json | None = None
    for doc in company.books.all("ExchangeRate").values():
        if doc["SourceCurrencyCode"] == code and doc["AsOfDate"] <= wanted:
            best = doc if best is None or doc["AsOfDate"] >= best["AsOfDate"] else best
    if best is not None:
        return best
    return {
        "SourceCurrencyCode": code,
        "TargetCurrencyCode": company.options.currency,
        "Rate": 1,
        "AsOfDate": wanted,
        "domain": "QBO",
        "sparse": False,
    }


def pdf_of(kind: str, doc: Json) -> bytes:
    """A page of paper with the number and total of a document: small, and a real PDF."""
    words = f"{kind} {doc.get('DocNumber', doc['Id'])}  Total {doc.get('TotalAmt', '')}"
    text = words.encode("latin-1", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    content = b"BT /F1 14 Tf 72 720 Td (" + text + b") Tj ET"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length " + str(len(content)).encode() + b" >>\nstream\n" + content + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + part + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n".encode()
    for place in places:
        out += f"{place:010d} 00000 n \n".encode()
    out += f"trailer\n<< /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def preferences(options: Any) -> Json:
    """The Preferences of a company that was just set up with these options."""
    us = options.country == "US"
    sales_forms: Json = {
        "CustomTxnNumbers": options.custom_transaction_numbers,
        "AllowDeposit": True,
        "AllowDiscount": options.allow_discount,
        "AllowShipping": options.allow_shipping,
        "AllowEstimates": options.allow_estimates,
        "AllowServiceDate": False,
        "EstimateMessage": "Thank you for your business.",
        "EmailCopyToCompany": False,
        "DefaultCustomerMessage": "Thank you for your business and have a great day!",
        "AutoApplyCredit": options.auto_apply_credit,
        "AutoApplyPayments": True,
        "DefaultTerms": {"value": "3"},
        "DefaultDiscountAccount": "86",
        "ETransactionEnabledStatus": "NotApplicable",
        "ETransactionPaymentEnabled": False,
        "ETransactionAttachPDF": False,
        "IPNSupportEnabled": False,
        "UsingPriceLevels": False,
        "UsingProgressInvoicing": False,
        "CustomField": [
            {
                "CustomField": [
                    {"Name": f"SalesFormsPrefs.UseSalesCustom{n}", "Type": "BooleanType", "BooleanValue": True}
                    for n in (1, 2, 3)
                ]
            },
            {
                "CustomField": [
                    {"Name": f"SalesFormsPrefs.SalesCustomName{n}", "Type": "StringType", "StringValue": name}
                    for n, name in ((1, "Crew #"), (2, "Order source"), (3, "Purchase order"))
                ]
            },
        ],
    }
    if options.allow_shipping:
        sales_forms["DefaultShippingAccount"] = "87"
    tax: Json = {"UsingSalesTax": options.sales_tax != "off"}
    if us and options.sales_tax == "automated":
        tax["PartnerTaxEnabled"] = True
    elif us and options.sales_tax == "legacy":
        tax["TaxGroupCodeRef"] = {"value": "2"}
    accounting: Json = {
        "FirstMonthOfFiscalYear": "January",
        "UseAccountNumbers": False,
        "TaxYearMonth": "January",
        "ClassTrackingPerTxn": options.class_tracking == "transaction",
        "ClassTrackingPerTxnLine": options.class_tracking == "line",
        "TrackDepartments": options.location_tracking,
        "DepartmentTerminology": "Location",
        "CustomerTerminology": "Customers",
        "TaxForm": "6",
    }
    if options.closing_date is not None:
        accounting["BookCloseDate"] = options.closing_date.isoformat()
    message = {"Subject": "From Craig's Design and Landscaping Services", "Message": "Dear Customer,\nThank you."}
    return {
        "AccountingInfoPrefs": accounting,
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": options.inventory and options.plan == "plus",
        },
        "SalesFormsPrefs": sales_forms,
        "EmailMessagesPrefs": {
            name: dict(message)
            for name in ("InvoiceMessage", "EstimateMessage", "SalesReceiptMessage", "StatementMessage")
        },
        "VendorAndPurchasesPrefs": {
            "TrackingByCustomer": True,
            "BillableExpenseTracking": True,
            "POCustomField": [],
        },
        "TimeTrackingPrefs": {
            "UseServices": True,
            "BillCustomers": True,
            "ShowBillRateToAll": False,
            "WorkWeekStartDate": "Monday",
            "MarkTimeEntriesBillable": True,
        },
        "TaxPrefs": tax,
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": options.multicurrency,
            "HomeCurrency": {"value": options.currency},
        },
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {
            "NameValue": [
                {"Name": "SalesFormsPrefs.DefaultCustomerMessage", "Value": "Thank you for your business!"},
                {"Name": "SalesFormsPrefs.DefaultItem", "Value": "1"},
                {"Name": "WarnDuplicateDocNumber", "Value": str(options.warn_duplicate_numbers).lower()},
            ]
        },
    }
