"""Name lists: customers, vendors, employees, items, accounts, classes, departments, terms and the small ones."""

from __future__ import annotations

import re
from decimal import Decimal

from sandbox.quickbooks import documents
from sandbox.quickbooks.accounttypes import ACCOUNT_TYPES, default_sub_type, type_of
from sandbox.quickbooks.books import PEOPLE, decimal
from sandbox.quickbooks.company import ZERO, Company
from sandbox.quickbooks.errors import Fault, Json, business, missing
from sandbox.quickbooks.schema import too_long

MAX_LEVELS = 5
MAX_CATEGORY_LEVELS = 4
MAX_PRICE = Decimal("99999999999")
_FORBIDDEN = re.compile(r"[:\t\n]")
_NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
_DELETED = " (deleted)"


def build_person(company: Company, kind: str, payload: Json, old: Json | None) -> Json:
    """A customer, vendor or employee as it will stand."""
    doc = dict(payload)
    if doc.get("DisplayName") is None:
        parts = [doc[part] for part in _NAME_PARTS if doc.get(part)]
        if not parts:
            raise Fault(
                6080,
                "At least one of the following fields is required : Title, Given Name, Middle Name, Family Name, "
                "Suffix, Display Name",
            )
        doc["DisplayName"] = " ".join(parts)
    for name in ("DisplayName", *_NAME_PARTS, "PrintOnCheckName"):
        _check_characters(name, doc.get(name))
    limit = company.switches.display_name_limit
    if len(doc["DisplayName"]) > limit:
        raise too_long("DisplayName", limit, len(doc["DisplayName"]))
    documents.email(doc)
    web = (doc.get("WebAddr") or {}).get("URI")
    if web is not None and "." not in web:
        raise Fault(2200, f"Invalid URL : {web}", element="WebAddr")
    _activity(company, kind, doc, old, "DisplayName")
    _check_person_name(company, kind, doc, old)
    _party_currency(company, doc, old)
    if kind == "Customer":
        _customer(company, doc, old)
    elif kind == "Vendor":
        _vendor(company, doc)
    doc.setdefault("PrintOnCheckName", doc.get("CompanyName") or doc["DisplayName"])
    return doc


def _check_characters(name: str, value: str | None) -> None:
    if value is not None and _FORBIDDEN.search(value):
        raise Fault(
            2040,
            f"Invalid characters : {name} cannot contain a colon, a tab or a new line. Supplied value:{value}",
            element=name,
        )


def _check_person_name(company: Company, kind: str, doc: Json, old: Json | None) -> None:
    for other_kind in PEOPLE:
        for other in company.books.find(other_kind, "DisplayName", doc["DisplayName"]):
            if (other_kind, other["Id"]) != (kind, (old or {}).get("Id")):
                raise Fault(
                    6240,
                    "The name supplied already exists. : Another customer, vendor or employee is already using this \n"
                    "name. Please use a different name.",
                )


def _activity(company: Company, kind: str, doc: Json, old: Json | None, field: str) -> None:
    """Making something inactive takes its name out of use; making it active again gives the name back."""
    doc.setdefault("Active", True)
    was_active = old is None or old.get("Active") is not False
    if was_active and not doc["Active"] and old is not None:
        if kind in PEOPLE and decimal(old.get("Balance")) != 0:
            raise Fault(6220, f"Balance is not zero : {old[field]} still has a balance of {old['Balance']}")
        bare = doc[field].removesuffix(_DELETED)
        name, count = bare + _DELETED, 1
        while any(other["Id"] != old["Id"] for other in company.books.find(kind, field, name)):
            count += 1
            name = f"{bare} (deleted {count})"
        doc[field] = name
    elif not was_active and doc["Active"]:
        doc[field] = re.sub(r" \(deleted(?: \d+)?\)$", "", doc[field])


def _party_currency(company: Company, doc: Json, old: Json | None) -> None:
    asked = (doc.get("CurrencyRef") or {}).get("value")
    if old is not None:
        if asked is not None and asked != old["CurrencyRef"]["value"]:
            raise business("The currency cannot be changed once it has been saved.")
        doc["CurrencyRef"] = old["CurrencyRef"]
        return
    home = company.options.currency
    if asked is not None and asked != home:
        if not company.multicurrency:
            raise business("Multicurrency is not turned on in this company.")
        if not any(each["Code"] == asked for each in company.books.all("CompanyCurrency").values()):
            raise Fault(2220, f"Invalid currency : {asked} is not one of the currencies of the company")
    doc["CurrencyRef"] = company.currency_reference(asked or home)


def _customer(company: Company, doc: Json, old: Json | None) -> None:
    opening = decimal(doc.get("Balance")) if old is None else decimal(old.get("Balance"))
    doc["Balance"] = doc["BalanceWithJobs"] = opening
    doc.setdefault("Taxable", True)
    doc.setdefault("BillWithParent", False)
    doc.setdefault("PreferredDeliveryMethod", "None")
    doc.setdefault("Job", doc.get("ParentRef") is not None)
    if doc["Job"] and doc.get("ParentRef") is None:
        raise Fault(6150, "Invalid ParentRef : ParentRef is required where Job is true", element="ParentRef")
    path(company, "Customer", doc, old, "DisplayName")
    for name, kind in (("SalesTermRef", "Term"), ("PaymentMethodRef", "PaymentMethod")):
        if doc.get(name) is not None:
            doc[name] = company.reference(kind, doc[name])
    if company.automated_tax:
        doc.pop("DefaultTaxCodeRef", None)
    elif doc.get("DefaultTaxCodeRef") is not None:
        doc["DefaultTaxCodeRef"] = {"value": company.resolve("TaxCode", doc["DefaultTaxCodeRef"]["value"])["Id"]}


def _vendor(company: Company, doc: Json) -> None:
    doc.setdefault("Vendor1099", False)
    doc["Balance"] = decimal(doc.get("Balance"))
    if doc.get("TermRef") is not None:
        doc["TermRef"] = company.reference("Term", doc["TermRef"])
    number = doc.get("TaxIdentifier")
    if number is not None and not number.startswith("XXXXX"):
        doc["TaxIdentifier"] = "XXXXX" + number[-4:]


def path(company: Company, kind: str, doc: Json, old: Json | None, field: str) -> None:
    """Full name and level, by way of the parent; Faults 6150 and 6180."""
    parent_ref = doc.get("ParentRef")
    if parent_ref is None:
        doc["FullyQualifiedName"] = doc[field]
        doc.pop("Level", None)
        return
    parent = company.books.get(kind, parent_ref["value"])
    if parent is None:
        raise Fault(2500, f"Invalid Reference Id : {kind} element id {parent_ref['value']} not found")
    ancestor: Json | None = parent
    level = 1
    while ancestor is not None:
        if old is not None and ancestor["Id"] == old["Id"]:
            raise Fault(6150, "Invalid ParentRef : an object cannot be its own parent", element="ParentRef")
        level += 1
        above = ancestor.get("ParentRef")
        ancestor = None if above is None else company.books.get(kind, above["value"])
    if level > MAX_LEVELS:
        raise Fault(6180, f"Too many levels : at most {MAX_LEVELS} are allowed")
    doc["ParentRef"] = {"value": parent["Id"], "name": parent["FullyQualifiedName"]}
    doc["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{doc[field]}"
    doc["Level"] = level - 1


def rename_children(company: Company, kind: str, parent: Json) -> None:
    """Carries a new name into the full names of everything below."""
    for child in list(company.books.all(kind).values()):
        if child.get("ParentRef", {}).get("value") != parent["Id"]:
            continue
        own = child["DisplayName"] if kind in PEOPLE else child["Name"]
        values = {
            "ParentRef": {"value": parent["Id"], "name": parent["FullyQualifiedName"]},
            "FullyQualifiedName": f"{parent['FullyQualifiedName']}:{own}",
        }
        rename_children(company, kind, company.books.replace(kind, {**child, **values}, bump=False))


def _need_name(kind: str, doc: Json) -> None:
    if doc.get("Name") is None:
        raise missing("Name")
    if kind != "Term" and _FORBIDDEN.search(doc["Name"]):
        raise Fault(2040, f"Invalid characters : Name cannot contain a colon. Supplied value:{doc['Name']}")


def _unique(company: Company, kind: str, doc: Json, old: Json | None, what: str) -> None:
    field = "FullyQualifiedName" if "FullyQualifiedName" in doc and kind != "Item" else "Name"
    for other in company.books.find(kind, field, doc[field]):
        if other["Id"] != (old or {}).get("Id"):
            raise Fault(
                6240,
                f"The name supplied already exists. : Another {what} is already using this name. "
                "Please use a different name.",
            )


# -- items


def build_item(company: Company, payload: Json, old: Json | None) -> Json:
    doc = dict(payload)
    _need_name("Item", doc)
    kind = doc.get("Type")
    if kind is None:
        raise missing("Type")
    if old is None and kind not in {"Inventory", "NonInventory", "Service", "Category"}:
        raise Fault(2170, f"Invalid Enumeration : Type. Supplied value:{kind}", element="Type")
    _activity(company, "Item", doc, old, "Name")
    _unique(company, "Item", doc, old, "product or service")
    path(company, "Item", doc, old, "Name")
    doc["SubItem"] = doc.get("ParentRef") is not None
    if kind == "Category" and doc.get("Level", 0) >= MAX_CATEGORY_LEVELS:
        raise Fault(6180, f"Too many levels : at most {MAX_CATEGORY_LEVELS} levels of categories are allowed")
    for name in ("UnitPrice", "PurchaseCost"):
        if abs(decimal(doc.get(name))) > MAX_PRICE:
            raise Fault(2180, f"Value out of range : {name}. Supplied value:{doc[name]}", element=name)
    doc.setdefault("TrackQtyOnHand", False)
    if kind == "Category":
        return {name: value for name, value in doc.items() if name not in {"UnitPrice", "Taxable", "PurchaseCost"}}
    _item_accounts(company, doc, kind)
    _stock_fields(company, doc, old, kind)
    doc.setdefault("Taxable", False)
    doc.setdefault("UnitPrice", ZERO)
    doc.setdefault("PurchaseCost", ZERO)
    for name in ("SalesTaxCodeRef", "PurchaseTaxCodeRef"):
        if doc.get(name) is not None and doc[name]["value"] not in {"TAX", "NON"}:
            doc[name] = company.reference("TaxCode", doc[name])
    if doc.get("PrefVendorRef") is not None:
        doc["PrefVendorRef"] = company.reference("Vendor", doc["PrefVendorRef"])
    if doc.get("ClassRef") is not None:
        doc["ClassRef"] = company.reference("Class", doc["ClassRef"])
    return doc


_ITEM_ACCOUNTS: dict[str, dict[str, tuple[str, ...]]] = {
    "Inventory": {
        "AssetAccountRef": ("Other Current Asset",),
        "IncomeAccountRef": ("Income",),
        "ExpenseAccountRef": ("Cost of Goods Sold",),
    },
    "NonInventory": {
        "IncomeAccountRef": ("Income", "Other Income", "Expense", "Cost of Goods Sold", "Other Current Liability"),
        "ExpenseAccountRef": ("Expense", "Cost of Goods Sold", "Other Expense", "Other Current Asset"),
    },
}
_ITEM_ACCOUNTS["Service"] = _ITEM_ACCOUNTS["NonInventory"]


def _item_accounts(company: Company, doc: Json, kind: str) -> None:
    rules = _ITEM_ACCOUNTS.get(kind, {})
    if kind == "Inventory":
        if not doc["TrackQtyOnHand"]:
            raise business(
                "When you create an item, if Track quantity on hand is turned off, the item cannot be of type Inventory."
            )
        for name in rules:
            if doc.get(name) is None:
                raise missing(name)
    elif rules and doc.get("IncomeAccountRef") is None and doc.get("ExpenseAccountRef") is None:
        raise missing("IncomeAccountRef")
    for name, types in rules.items():
        if doc.get(name) is not None:
            doc[name] = company.account(doc[name], types)
            if name == "AssetAccountRef":
                account = company.resolve("Account", doc[name]["value"])
                if account.get("AccountSubType") != "Inventory":
                    raise Fault(6430, f"Invalid account type used : {account['Name']} is no inventory asset account")


def _stock_fields(company: Company, doc: Json, old: Json | None, kind: str) -> None:
    was_tracked = bool((old or {}).get("TrackQtyOnHand"))
    if was_tracked and not doc["TrackQtyOnHand"]:
        raise business("Track quantity on hand cannot be turned off once it is on.")
    if kind != "Inventory":
        for name in ("QtyOnHand", "InvStartDate", "AssetAccountRef", "ReorderPoint"):
            doc.pop(name, None)
        doc["TrackQtyOnHand"] = False
        return
    if not company.preference("ProductAndServicesPrefs", "QuantityOnHand") or company.options.plan != "plus":
        raise Fault(5030, "Feature Not Supported Error : Feature inventory is not included in this subscription")
    if old is None:
        if doc.get("QtyOnHand") is None:
            raise missing("QtyOnHand")
        if doc.get("InvStartDate") is None:
            raise business("As of date for initial quantity on hand is required")
    else:
        # The quantity that the caller read is no wish to adjust; another one is.
        doc.setdefault("QtyOnHand", decimal(old.get("QtyOnHand")))
        doc.setdefault("InvStartDate", old.get("InvStartDate"))
    doc["QtyOnHand"] = decimal(doc["QtyOnHand"])


# -- accounts


def build_account(company: Company, payload: Json, old: Json | None) -> Json:
    doc = dict(payload)
    if doc.get("Name") is None:
        raise missing("Name")
    if any(character in doc["Name"] for character in '":'):
        raise Fault(2040, f"Invalid characters : Name cannot contain a colon or a quote. Supplied value:{doc['Name']}")
    limit = 20 if company.options.country in {"AU", "CA"} else 7
    if len(doc.get("AcctNum", "")) > limit:
        raise too_long("AcctNum", limit, len(doc["AcctNum"]))
    kind, sub = doc.get("AccountType"), doc.get("AccountSubType")
    if kind is None and sub is None:
        raise Fault(6010, "Account type or subtype error : AccountType or AccountSubType is required")
    if kind is None and sub is not None:
        kind = type_of(sub)
    if kind not in ACCOUNT_TYPES:
        raise Fault(6010, f"Account type or subtype error : {doc.get('AccountType') or sub} is not known")
    if sub is None:
        sub = default_sub_type(kind)
    elif type_of(sub, kind) != kind:
        raise Fault(6010, f"Account type or subtype error : {sub} is no subtype of {kind}")
    doc["AccountType"], doc["AccountSubType"] = kind, sub
    doc["Classification"] = ACCOUNT_TYPES[kind].classification
    _activity(company, "Account", doc, old, "Name")
    path(company, "Account", doc, old, "Name")
    doc.pop("Level", None)
    doc["SubAccount"] = doc.get("ParentRef") is not None
    _unique(company, "Account", doc, old, "account")
    _party_currency(company, doc, old)
    opening = decimal(doc.pop("OpeningBalance", None)) if old is None else decimal(old.get("CurrentBalance"))
    doc["CurrentBalance"] = doc["CurrentBalanceWithSubAccounts"] = opening
    return doc


# -- classes, departments, terms, payment methods and the like


def build_tree(company: Company, kind: str, payload: Json, old: Json | None) -> Json:
    doc = dict(payload)
    _need_name(kind, doc)
    if kind == "Class" and not (
        company.preference("AccountingInfoPrefs", "ClassTrackingPerTxn")
        or company.preference("AccountingInfoPrefs", "ClassTrackingPerTxnLine")
    ):
        raise Fault(5030, "Feature Not Supported Error : class tracking is turned off in this company")
    if kind == "Department" and not company.preference("AccountingInfoPrefs", "TrackDepartments"):
        raise Fault(5030, "Feature Not Supported Error : location tracking is turned off in this company")
    _activity(company, kind, doc, old, "Name")
    path(company, kind, doc, old, "Name")
    doc.pop("Level", None)
    doc["SubClass" if kind == "Class" else "SubDepartment"] = doc.get("ParentRef") is not None
    _unique(company, kind, doc, old, kind.lower())
    return doc


def build_term(company: Company, payload: Json, old: Json | None) -> Json:
    doc = dict(payload)
    _need_name("Term", doc)
    doc.setdefault("Active", True)
    _unique(company, "Term", doc, old, "term")
    standard = doc.get("DueDays") is not None
    if not standard and doc.get("DayOfMonthDue") is None:
        raise missing("DueDays")
    if standard and not 0 <= doc["DueDays"] <= 999:
        raise Fault(2180, f"Value out of range : DueDays. Supplied value:{doc['DueDays']}")
    if not standard and not 1 <= doc["DayOfMonthDue"] <= 31:
        raise Fault(2180, f"Value out of range : DayOfMonthDue. Supplied value:{doc['DayOfMonthDue']}")
    doc["Type"] = "STANDARD" if standard else "DATE_DRIVEN"
    doc.setdefault("DiscountPercent", Decimal(0))
    if standard:
        doc.setdefault("DiscountDays", 0)
    return doc


def build_simple(company: Company, kind: str, payload: Json, old: Json | None) -> Json:
    """Payment methods, customer types: a name that no other has."""
    doc = dict(payload)
    _need_name("Term", doc)
    doc.setdefault("Active", True)
    _unique(company, kind, doc, old, {"PaymentMethod": "payment method"}.get(kind, "entry"))
    if kind == "PaymentMethod":
        doc.setdefault("Type", "NON_CREDIT_CARD")
    return doc


def build_agency(company: Company, payload: Json, old: Json | None) -> Json:
    doc = dict(payload)
    if doc.get("DisplayName") is None:
        raise missing("DisplayName")
    wanted = doc["DisplayName"].casefold()
    for other in company.books.all("TaxAgency").values():
        if other["DisplayName"].casefold() == wanted and other["Id"] != (old or {}).get("Id"):
            raise Fault(6240, "The name supplied already exists. : Another tax agency is already using this name.")
    doc.setdefault("TaxTrackedOnSales", True)
    doc.setdefault("TaxTrackedOnPurchases", False)
    doc.setdefault("TaxAgencyConfig", "USER_DEFINED")
    return doc
