"""The company as the rules of every entity see it: its preferences, its switches and what a reference points to.

It knows no HTTP and no single entity's rules.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.quickbooks.books import PEOPLE, Books, Clock
from sandbox.quickbooks.errors import Fault, Json, not_found
from sandbox.quickbooks.options import Options, Switches

CENT = Decimal("0.01")
ZERO = Decimal(0)

# How a fault names the list that lacks an id.
_LISTS = {
    "Customer": "Names",
    "Vendor": "Names",
    "Employee": "Names",
    "Item": "Items",
    "Account": "Accounts",
    "Class": "Classes",
    "Department": "Departments",
    "Term": "SalesTerms",
    "PaymentMethod": "PaymentMethods",
    "TaxCode": "TaxCodes",
    "TaxRate": "TaxRates",
    "TaxAgency": "TaxAgencies",
}
SHIPPING_ITEM = "SHIPPING_ITEM_ID"
GRATUITY_ITEM = "GRATUITY_ITEM_ID"
PSEUDO_TAX_CODES = ("TAX", "NON", "CustomSalesTax")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


class Company:
    """Options, books and clock of one company; callers hold `books.lock`."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.switches: Switches = options.switches
        self.clock = Clock()
        self.books = Books(self.clock)
        # The highest document number of each type, as far as it is known; found anew where it is not.
        self.last_number: dict[str, str] = {}

    # -- preferences

    def preference(self, section: str, name: str) -> Any:
        found = self.books.get("Preferences", "1")
        return None if found is None else found.get(section, {}).get(name)

    @property
    def is_us(self) -> bool:
        return self.options.country == "US"

    @property
    def uses_sales_tax(self) -> bool:
        return bool(self.preference("TaxPrefs", "UsingSalesTax"))

    @property
    def automated_tax(self) -> bool:
        return bool(self.preference("TaxPrefs", "PartnerTaxEnabled"))

    @property
    def multicurrency(self) -> bool:
        return bool(self.preference("CurrencyPrefs", "MultiCurrencyEnabled"))

    def custom_field_names(self) -> dict[str, str]:
        """The three fields of sales forms that are turned on, by DefinitionId."""
        groups = self.preference("SalesFormsPrefs", "CustomField") or []
        used, names = set(), {}
        for group in groups:
            for entry in group.get("CustomField", []):
                kind, _, number = entry["Name"].rpartition("CustomName")
                if kind and entry.get("StringValue"):
                    names[number] = entry["StringValue"]
                elif entry.get("BooleanValue"):
                    used.add(entry["Name"].rpartition("UseSalesCustom")[2])
        return {number: name for number, name in names.items() if number in used}

    # -- references

    def resolve(self, kind: str, key: str, *, inactive: bool = False) -> Json:
        """The document behind an id; Fault 2500 if there is none, 610 if it is inactive."""
        doc = self.books.get(kind, key)
        if doc is None:
            raise Fault(2500, f"Invalid Reference Id : {_LISTS.get(kind, kind)} element id {key} not found")
        if not inactive and doc.get("Active") is False:
            raise not_found()
        return doc

    def reference(self, kind: str, ref: Json, *, inactive: bool = False) -> Json:
        """A reference with the name that the list has for it, whatever name the caller gave."""
        doc = self.resolve(kind, ref["value"], inactive=inactive)
        return {"value": doc["Id"], "name": name_of(kind, doc)}

    def named_any(self, ref: Json) -> Json:
        """A reference to a customer, vendor or employee, by its `type` or whichever list holds the id."""
        kinds = [ref["type"]] if ref.get("type") in PEOPLE else list(PEOPLE)
        for kind in kinds:
            doc = self.books.get(kind, ref["value"])
            if doc is not None:
                return {"value": doc["Id"], "name": name_of(kind, doc), "type": kind}
        raise Fault(2500, f"Invalid Reference Id : Names element id {ref['value']} not found")

    def account_of_type(self, account_type: str, *, currency: str | None = None, sub_type: str | None = None) -> Json:
        """The first active account of a type (and sub-type, and currency); Fault 6430 if there is none."""
        for doc in self.books.all("Account").values():
            if doc.get("Active") is False or doc["AccountType"] != account_type:
                continue
            if sub_type is not None and doc.get("AccountSubType") != sub_type:
                continue
            if currency is not None and doc["CurrencyRef"]["value"] != currency:
                continue
            return doc
        raise Fault(6430, f"Invalid account type used : there is no account of type {account_type}")

    def account(self, ref: Json, types: tuple[str, ...] | None = None) -> Json:
        """A reference to an account, which must be of one of `types`; Fault 6430 otherwise."""
        doc = self.resolve("Account", ref["value"])
        if types is not None and doc["AccountType"] not in types:
            raise Fault(6430, f"Invalid account type used : {doc['FullyQualifiedName']} is {doc['AccountType']}")
        return {"value": doc["Id"], "name": doc["FullyQualifiedName"]}

    # -- currency

    def currency_reference(self, code: str) -> Json:
        return {"value": code, "name": CURRENCIES.get(code, code)}

    def exchange_rate(self, code: str, day: str) -> Decimal:
        """Home units for one unit of `code` on a day; 1 where no rate is known."""
        best: Json | None = None
        for doc in self.books.all("ExchangeRate").values():
            if doc["SourceCurrencyCode"] != code or doc["AsOfDate"] > day:
                continue
            if best is None or doc["AsOfDate"] >= best["AsOfDate"]:
                best = doc
        return Decimal(1) if best is None else Decimal(best["Rate"])


def name_of(kind: str, doc: Json) -> str:
    if kind in PEOPLE or kind == "TaxAgency":
        return str(doc["DisplayName"])
    if kind in {"Account", "Class", "Department"}:
        return str(doc["FullyQualifiedName"])
    return str(doc.get("Name") or doc.get("DocNumber") or doc["Id"])


CURRENCIES = {
    "USD": "United States Dollar",
    "CAD": "Canadian Dollar",
    "GBP": "British Pound Sterling",
    "EUR": "Euro",
    "AUD": "Australian Dollar",
    "NZD": "New Zealand Dollar",
    "JPY": "Japanese Yen",
    "CHF": "Swiss Franc",
    "SEK": "Swedish Krona",
    "NOK": "Norwegian Krone",
    "DKK": "Danish Krone",
    "PLN": "Polish Zloty",
    "MXN": "Mexican Peso",
    "INR": "Indian Rupee",
    "CNY": "Chinese Yuan",
    "HKD": "Hong Kong Dollar",
    "SGD": "Singapore Dollar",
    "ZAR": "South African Rand",
    "BRL": "Brazilian Real",
    "ILS": "Israeli Shekel",
}
