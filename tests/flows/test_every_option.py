"""Every option of a flow, value by value: what must stand in the local QuickBooks for one order, or why it is held.

One world serves all cases: each case is a flow of its own in one rule set, and one order that only this flow takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine import options as table
from engine import publishing
from engine.holds import Hold
from sandbox import quickbooks, woocommerce
from tests.flows.flows_kit import World

Record = dict[str, Any]

FLOW = """
flow "{name}"
  from woocommerce  to quickbooks
  sync orders
  starting 01/01/2020
  when order.note is "{name}"
  with
{options}
end
"""
TABLES = """
table class_for
  method -> class
  "Credit card" -> "Web"
  any -> "Wholesale"
end
table account_for
  method -> account
  "Credit card" -> "Checking"
  any -> "Savings"
end
table location_for
  method -> location
  "Credit card" -> "Online"
  any -> "Retail"
end
table terms_for
  method -> terms
  "Credit card" -> "Net 30"
  any -> "Net 60"
end
table method_for
  method -> name
  "Credit card" -> "Visa"
  any -> "Check"
end
table code_for
  state -> code
  "CA" -> "California"
  "AZ" -> "Tucson"
end
"""
RULES = """
rule "Tax code by state" for order when order.note contains "by state"
  then set books.tax_code to lookup code_for(ship_to.state) end
rule "A rule chooses" for order when order.note is "a rule chooses" then set books.transaction_type to "estimate" end
rule "Account of a product" for each line in order.lines when order.note is "an account for a product"
  then set line.account to "Services" end
rule "Courier" for each shipping in order.shipping_lines when order.note is "shipping by its own item"
  then set shipping.item to "Courier" end
rule "Account of a fee" for each fee in order.fees when order.note is "an account for a fee"
  then set fee.account to "Services" end
rule "Item of a coupon" for order when order.note is "a discount that a rule adds"
  then add discount name = "Loyalty" amount = 1.00 USD item = "Loyalty" end
rule "Custom field" for order when order.note is "a custom field" then set books.custom["Sales Rep"] to "Ann" end
rule "PO number" for order when order.meta["_po_number"] is not missing then set order.po_number to order.meta["_po_number"] end
"""
MUG = {"product_id": 101, "quantity": 2, "subtotal": "20.00", "total": "20.00"}
GONE = 109  # a product that the shop deletes after the sale: its lines have no SKU any more
UNPAID: Record = {
    "set_paid": False,
    "status": "on-hold",
    "payment_method": "bacs",
    "payment_method_title": "Bank transfer",
}
TAXED: Record = {"set_paid": False, "status": "processing", "shipping": {"state": "MD", "country": "US"}}


def person(first: str, last: str, **more: str) -> Record:
    return {
        "first_name": first, "last_name": last, "address_1": "1 Main St", "city": "Dover", "state": "DE",
        "postcode": "19901", "country": "US", "email": f"{first}@{last}.example".lower(), **more,
    }  # fmt: skip


@dataclass
class Seen:
    """What stands for one order."""

    world: World
    order: Record
    lists: Mapping[str, Mapping[str, Record]]

    def entities(self) -> list[str]:
        return sorted(kind for kind in self.kinds() for _ in self.all(kind))

    @staticmethod
    def kinds() -> tuple[str, ...]:
        return ("Estimate", "Invoice", "SalesReceipt", "Payment", "CreditMemo", "RefundReceipt")

    def all(self, entity: str) -> list[Record]:
        number = self.order["number"]
        return [
            each
            for each in self.lists[entity].values()
            if str(each.get("DocNumber") or "").partition("-")[0] == number
            or f"Order {number}\n" in f"{each.get('PrivateNote') or ''}\n"
        ]

    def one(self, entity: str = "") -> Record:
        (found,) = [each for kind in ([entity] if entity else self.kinds()) for each in self.all(kind)]
        return found

    def of(self, entity: str, ref: Mapping[str, str]) -> Record:
        return self.lists[entity][ref["value"]]

    def customer(self) -> str:
        found = {self.of("Customer", each["CustomerRef"])["DisplayName"] for k in self.kinds() for each in self.all(k)}
        (name,) = found
        return str(name)

    def lines(self, entity: str = "") -> list[tuple[str, str]]:
        """(item, amount), shipping and discount by their kind."""
        found = []
        for line in self.one(entity)["Line"]:
            kind = line["DetailType"]
            amount = f"{Decimal(str(line['Amount'])):.2f}"
            if kind == "SalesItemLineDetail":
                ref = line[kind]["ItemRef"]
                name = "shipping" if ref["value"] == "SHIPPING_ITEM_ID" else self.of("Item", ref)["FullyQualifiedName"]
                found.append((name, amount))
            elif kind == "DiscountLineDetail":
                found.append(("discount", amount))
        return found

    def classes(self) -> list[str]:
        """The classes of the lines, which is where this company has them."""
        details = [line.get("SalesItemLineDetail") for line in self.one()["Line"]]
        return [detail["ClassRef"]["name"] for detail in details if detail]

    def item(self, name: str) -> Record:
        (found,) = [each for each in self.lists["Item"].values() if each["Name"] == name]
        return found

    def account(self, ref: Mapping[str, str]) -> str:
        return str(self.of("Account", ref)["Name"])

    def total(self, entity: str = "") -> Decimal:
        return Decimal(str(self.one(entity)["TotalAmt"]))

    def holds(self) -> list[Hold]:
        return [each for each in self.world.held() if each.key.source_id == str(self.order["id"])]

    def log(self) -> str:
        return "\n".join(line for line in self.world.lines() if f"#{self.order['number']}:" in line)


@dataclass(frozen=True)
class Case:
    """`stands`: the kinds of documents that must be there; `held`: code and a piece of the next step; `looks`: what is
    looked at, and what it must be; `said`: a piece of the log; `total`: what a plugin made of the order's total."""

    options: Mapping[str, str] = field(default_factory=dict)
    order: Mapping[str, Any] = field(default_factory=dict)
    stands: tuple[str, ...] = ("SalesReceipt",)
    held: tuple[str, str] | None = None
    looks: tuple[tuple[Callable[[Seen], object], object], ...] = ()
    said: str = ""
    refund: Mapping[str, Any] | None = None
    second_refund: Mapping[str, Any] | None = None
    total: str = ""


def looked(*pairs: tuple[Callable[[Seen], object], object]) -> tuple[tuple[Callable[[Seen], object], object], ...]:
    return pairs


def held(code: str, step: str, *, stands: tuple[str, ...] = (), **more: Any) -> Case:
    return Case(held=(code, step), stands=stands, **more)


def with_meta(key: str, value: str) -> Record:
    return {"meta_data": [{"key": key, "value": value}]}


CUSTOMERS = {
    # mode -> (billing, name in the books)
    "first_last": (person("Ada", "Lovelace"), "Ada Lovelace"),
    "last_first": (person("Bea", "Hart"), "Hart, Bea"),
    "first_last_email": (person("Cyd", "Ray"), "Cyd Ray (cyd@ray.example)"),
    "last_first_middle_initial": (person("Dan John", "Poe", email="dan@poe.example"), "Poe, Dan J."),
    "one_customer": (person("Eve", "Fox"), "Web Store"),
    "company_or_first_last": (person("Gil", "Orr", company="Orr & Sons"), "Orr & Sons"),
    "company_or_last_first": (person("Hal", "Ives"), "Ives, Hal"),
    "company_or_one_customer": (person("Ian", "Kay"), "Web Store"),
    "store_name_and_currency": (person("Joe", "Lum"), "Sandbox Shop USD"),
    "shipping_company_or_name": (person("Kim", "Moe"), "Depot Ltd"),
    "shipping_first_last": (person("Lea", "Nix"), "Sam Ship"),
    "shipping_last_first": (person("Mia", "Oak"), "Ship, Sam"),
    "shipping_full_name": (person("Nat", "Pye"), "Sam Ship"),
    "billing_full_name": (person("Ola", "Quin"), "Ola Quin"),
    "email": (person("Pat", "Cool", email="cool_cars@intuit.com"), "Cool Cars"),
    "email_as_name": (person("Quy", "Ros"), "quy@ros.example"),
    "channel": (person("Roy", "Sax"), "rest-api"),
}
SHIP_TO = {"first_name": "Sam", "last_name": "Ship", "company": "", "address_1": "2 Dock", "city": "Dover", "state": "DE",
           "postcode": "19901", "country": "US"}  # fmt: skip


def customer_cases() -> Iterator[tuple[str, Case]]:
    for mode, (billing, name) in CUSTOMERS.items():
        ship = {**SHIP_TO, "company": "Depot Ltd"} if mode == "shipping_company_or_name" else SHIP_TO
        order = {"billing": billing, "shipping": ship}
        yield f"match_customers {mode}", Case({"match_customers": mode}, order, looks=looked((Seen.customer, name)))


def paid_cases() -> Iterator[tuple[str, Case]]:
    """record_as = invoice_and_payment_if_paid, by method, unpaid and paid."""
    for method, title in (
        ("stripe", "Credit Card"), ("bacs", "Direct bank transfer"), ("cheque", "Check payments"),
        ("cod", "Cash on delivery"), ("purchase_order", "Purchase order"),
    ):  # fmt: skip
        for paid in (False, True):
            order = {"payment_method": method, "payment_method_title": title, "set_paid": paid,
                     "status": "processing" if paid else "on-hold"}  # fmt: skip
            stands = ("Invoice", "Payment") if paid else ("Invoice",)
            yield (
                f"{method} {'paid' if paid else 'unpaid'}",
                Case({"record_as": "invoice_and_payment_if_paid"}, order, stands),
            )


RECEIPT = "SalesReceipt"
CASES: dict[str, Case] = {
    # what an order becomes
    "estimate": Case({"record_as": "estimate"}, UNPAID, ("Estimate",)),
    "sales order": Case({"record_as": "sales_order"}, UNPAID, ("Estimate",), said="has no sales orders"),
    "invoice": Case({"record_as": "invoice"}, stands=("Invoice",)),
    "invoice and payment": Case({"record_as": "invoice_and_payment"}, UNPAID, ("Invoice", "Payment")),
    "sales receipt": Case({"record_as": "sales_receipt"}),
    **dict(paid_cases()),
    "a rule chooses": Case(stands=("Estimate",)),
    "a card that is processing counts as paid": Case(
        {"card_methods": '["Credit Card (Authorize.net)"]'},
        {"set_paid": False, "payment_method": "authnet", "payment_method_title": "Credit Card (Authorize.net)"},
    ),
    "unpaid held": held("not_paid", "looked at again by itself", order=UNPAID),
    "unpaid skipped": Case({"unpaid_orders": "skip"}, UNPAID, (), said="Not paid yet (Bank transfer, status on-hold)"),
    # which orders
    "a status of the list": Case({"statuses": '["completed"]'}, {"status": "completed"}),
    "a status not in the list": Case({"statuses": '["completed"]'}, stands=()),
    "cancelled is no sale": Case({}, {"status": "cancelled"}, stands=()),
    "cancelled, where it is named": Case({"statuses": '["cancelled"]'}, {"status": "cancelled"}),
    "another store": Case({"stores": '["Elsewhere"]'}, stands=()),
    "this store": Case({"stores": '["Sandbox Shop"]'}),
    "until a day before": Case({"until": "2025-12-31"}, stands=()),
    "review first": held("review", "Release it", options={"review_first": "yes"}),
    # head
    "class fixed": Case({"class": '"Web"'}, looks=looked((Seen.classes, ["Web"]))),
    "class by table": Case(
        {"class": "lookup class_for(order.payment_method)"}, looks=looked((Seen.classes, ["Web"]))
    ),
    "class from a field": Case(
        {"class": 'order.meta["_class"]'}, with_meta("_class", "Web"), looks=looked((Seen.classes, ["Web"]))
    ),
    "class missing": held("class_missing", "Lists > Classes", options={"class": '"Nowhere"'}),
    "location": Case(
        {"location": '"Online"'}, looks=looked((lambda s: s.one()["DepartmentRef"]["name"], "Online"))
    ),
    "location by table": Case(
        {"location": "lookup location_for(order.payment_method)"},
        looks=looked((lambda s: s.one()["DepartmentRef"]["name"], "Online")),
    ),
    "location from a field": Case(
        {"location": 'order.meta["_place"]'}, with_meta("_place", "Online"),
        looks=looked((lambda s: s.one()["DepartmentRef"]["name"], "Online")),
    ),
    "location missing": held("department_missing", "Lists > Locations", options={"location": '"Nowhere"'}),
    "terms": Case(
        {"record_as": "invoice", "terms": '"Net 30"'}, stands=("Invoice",),
        looks=looked((lambda s: s.one()["SalesTermRef"]["name"], "Net 30")),
    ),
    "terms by table": Case(
        {"record_as": "invoice", "terms": "lookup terms_for(order.payment_method)"}, stands=("Invoice",),
        looks=looked((lambda s: s.one()["SalesTermRef"]["name"], "Net 30")),
    ),
    "terms from a field": Case(
        {"record_as": "invoice", "terms": 'order.meta["_terms"]'}, with_meta("_terms", "Net 15"), ("Invoice",),
        looks=looked((lambda s: s.one()["SalesTermRef"]["name"], "Net 15")),
    ),
    "terms missing": held("term_missing", "Lists > Terms", options={"record_as": "invoice", "terms": '"Net 99"'}),
    "PO number": Case(
        {}, {"meta_data": [{"key": "_po_number", "value": "PO-77"}]},
        looks=looked((lambda s: [f["StringValue"] for f in s.one()["CustomField"] if f["Name"] == "PO Number"], ["PO-77"])),
    ),
    "a custom field": Case(
        looks=looked((lambda s: [f["StringValue"] for f in s.one()["CustomField"] if f["Name"] == "Sales Rep"], ["Ann"]))
    ),
    "note into the memo": Case(looks=looked((lambda s: s.one()["PrivateNote"].splitlines()[0], "note into the memo"))),
    # customers
    **dict(customer_cases()),
    "match_customers order_number": Case(
        {"match_customers": "order_number"}, looks=looked((lambda s: s.customer() == s.order["number"], True))
    ),
    "company_or_first_last, no company": Case(
        {"match_customers": "company_or_first_last"}, {"billing": person("Ned", "Orr")}, looks=looked((Seen.customer, "Ned Orr"))
    ),
    "company_or_last_first, a company": Case(
        {"match_customers": "company_or_last_first"}, {"billing": person("Ivy", "Dee", company="Ivy Inc")},
        looks=looked((Seen.customer, "Ivy Inc")),
    ),
    "company_or_one_customer, a company": Case(
        {"match_customers": "company_or_one_customer"}, {"billing": person("Moe", "Ash", company="Ash Ltd")},
        looks=looked((Seen.customer, "Ash Ltd")),
    ),
    "shipping_company_or_name, no company": Case(
        {"match_customers": "shipping_company_or_name"}, {"billing": person("Ula", "Eck"), "shipping": SHIP_TO},
        looks=looked((Seen.customer, "Sam Ship")),
    ),
    "no name at all": Case(
        {}, {"billing": person("", "", email="nameless@shop.example")},
        looks=looked((Seen.customer, "nameless@shop.example")), said="no name for its customer",
    ),
    "no name and no e-mail": Case(
        {}, {"billing": person("", "", email="")}, looks=looked((Seen.customer, "Web Store")), said="no name for its customer"
    ),
    "email, the second of a list": Case(
        {"match_customers": "email"}, {"billing": person("Tia", "Win", email="two@twin.example")},
        looks=looked((Seen.customer, "Twin Mail")),
    ),
    "email that nobody has": Case(
        {"match_customers": "email"}, {"billing": person("Uma", "Xi")}, looks=looked((Seen.customer, "Uma Xi"))
    ),
    "email of an inactive customer only": Case(
        {"match_customers": "email"}, {"billing": person("Val", "Yeo", email="gone@away.example")},
        looks=looked((Seen.customer, "Val Yeo")),
    ),
    "one customer, by name": Case(
        {"match_customers": "one_customer", "customer": '"Walk-in"'}, looks=looked((Seen.customer, "Walk-in"))
    ),
    "a vendor has the name": Case(
        {"match_customers": "company_or_first_last"}, {"billing": person("Bob", "B", company="Cal Telephone")},
        looks=looked((Seen.customer, "Cal Telephone (Customer)")), said="already called 'Cal Telephone'",
    ),
    "an employee has the name": Case(
        {}, {"billing": person("Emily", "Platt")}, looks=looked((Seen.customer, "Emily Platt (Customer)"))
    ),
    "an inactive customer": held(
        "customer_inactive", "make 'Mark Cho' active", order={"billing": person("Mark", "Cho")}
    ),
    "missing customers hold": held(
        "customer_missing", "Add 'New Buyer'", options={"missing_customers": "hold"},
        order={"billing": person("New", "Buyer")},
    ),
    "missing customers one customer": Case(
        {"missing_customers": "one_customer"}, {"billing": person("Newer", "Buyer")}, looks=looked((Seen.customer, "Web Store"))
    ),
    "a colon in the name": Case(
        {}, {"billing": person("Ann: Bell", "Tow", email="a@b.example")},
        looks=looked((lambda s: ":" in s.customer(), False)),
    ),
    # products
    "products by SKU as the name": Case(looks=looked((lambda s: s.lines()[0], ("SKU-00101", "20.00")))),
    "products by SKU": Case(
        {"match_products": "sku"}, {"line_items": [{"product_id": 102, "quantity": 1, "total": "20.00"}]},
        looks=looked((lambda s: s.lines()[0][0], "The rope"), (lambda s: s.item("The rope")["Sku"], "SKU-00102")),
    ),
    "products by name": Case({"match_products": "name"}, looks=looked((lambda s: s.lines()[0][0], "Mug 101"))),
    "a line without SKU": Case(
        {"item_without_sku": '"Odds and ends"'}, {"line_items": [{"product_id": GONE, "quantity": 1, "total": "20.00"}]},
        looks=looked((lambda s: s.lines()[0][0], "Odds and ends")), said="has no SKU",
    ),
    "new inventory item": Case(
        {"new_products_are": "inventory", "asset_account": '"Inventory Asset"', "cost_account": '"Cost of Goods Sold"',
         "income_account": '"Services"'},
        {"line_items": [{"product_id": 103, "quantity": 1, "total": "20.00"}]},
        looks=looked(
            (lambda s: s.item("SKU-00103")["Type"], "Inventory"),
            (lambda s: s.account(s.item("SKU-00103")["AssetAccountRef"]), "Inventory Asset"),
            (lambda s: s.account(s.item("SKU-00103")["ExpenseAccountRef"]), "Cost of Goods Sold"),
            (lambda s: s.account(s.item("SKU-00103")["IncomeAccountRef"]), "Services"),
            (lambda s: s.item("SKU-00103")["InvStartDate"] <= s.one()["TxnDate"], True),
        ),
    ),
    "new service": Case(
        {"new_products_are": "service"}, {"line_items": [{"product_id": 104, "quantity": 1, "total": "20.00"}]},
        looks=looked((lambda s: s.item("SKU-00104")["Type"], "Service")),
    ),
    "new non-inventory item": Case(
        {"missing_products": "create_non_inventory", "new_products_are": "inventory", "income_account": '"Services"'},
        {"line_items": [{"product_id": 105, "quantity": 1, "total": "20.00"}]},
        looks=looked(
            (lambda s: s.item("SKU-00105")["Type"], "NonInventory"),
            (lambda s: s.account(s.item("SKU-00105")["IncomeAccountRef"]), "Services"),
        ),
    ),
    "new items listed": Case(
        {"missing_products": "create_and_list"}, {"line_items": [{"product_id": 106, "quantity": 1, "total": "20.00"}]},
        said="The item 'SKU-00106' is new in QuickBooks",
    ),
    "missing products hold": held(
        "item_missing", "Add the item 'SKU-00107'", options={"missing_products": "hold"},
        order={"line_items": [{"product_id": 107, "quantity": 1, "total": "20.00"}]},
    ),
    "missing products fail": held(
        "item_missing", 'where line.sku is "SKU-00107" then set line.item to', options={"missing_products": "fail"},
        order={"line_items": [{"product_id": 107, "quantity": 1, "total": "20.00"}]},
    ),
    "missing products one item": Case(
        {"missing_products": "one_item", "one_item": '"Gardening"'},
        {"line_items": [{"product_id": 107, "quantity": 1, "total": "20.00"}]},
        looks=looked((lambda s: s.lines()[0][0], "Gardening")),
    ),
    # accounts
    "deposit by table": Case(
        {"deposit_account": "lookup account_for(order.payment_method)"},
        looks=looked((lambda s: s.account(s.one()["DepositToAccountRef"]), "Checking")),
    ),
    "deposit of a payment": Case(
        {"record_as": "invoice_and_payment", "deposit_account": '"Savings"'}, stands=("Invoice", "Payment"),
        looks=looked((lambda s: s.account(s.one("Payment")["DepositToAccountRef"]), "Savings")),
    ),
    "deposit account missing": held("account_missing", "Chart of accounts", options={"deposit_account": '"Mattress"'}),
    "receivable account": Case(
        {"record_as": "invoice_and_payment", "receivable_account": '"Web receivables"'}, stands=("Invoice", "Payment"),
        looks=looked(
            (lambda s: s.account(s.one("Invoice")["ARAccountRef"]), "Web receivables"),
            (lambda s: s.account(s.one("Payment")["ARAccountRef"]), "Web receivables"),
        ),
    ),
    "an account for a product": Case(
        {}, {"line_items": [{"product_id": 108, "quantity": 1, "total": "20.00"}]},
        looks=looked((lambda s: s.account(s.item("SKU-00108")["IncomeAccountRef"]), "Services")),
    ),
    "payment method by table": Case(
        {"payment_method": "lookup method_for(order.payment_method)"},
        looks=looked((lambda s: s.one()["PaymentMethodRef"]["name"], "Visa")),
    ),
    "payment method": Case(
        {"payment_method": '"Visa"'}, looks=looked((lambda s: s.one()["PaymentMethodRef"]["name"], "Visa"))
    ),
    "a payment method that is new": Case(
        {}, {"payment_method": "klarna", "payment_method_title": "Klarna"},
        looks=looked((lambda s: s.one()["PaymentMethodRef"]["name"], "Klarna")),
    ),
    # tax
    "tax as a line": Case(
        {"sales_tax": "line_item", "tax_item": '"State tax"'}, {"billing": person("Ty", "Axe", state="MD")},
        looks=looked((Seen.lines, [("SKU-00101", "20.00"), ("State tax", "1.20")]), (Seen.total, Decimal("21.20"))),
    ),
    "tax left out": Case(
        {"sales_tax": "none"}, {"billing": person("Ty", "Axe", state="MD")},
        looks=looked((Seen.total, Decimal("20.00"))), said="is left out",
    ),
    "map_codes without a code": held(
        "no_tax_code", "Add the place to the tax code table", options={"sales_tax": "map_codes"},
        order={"billing": person("Ty", "Axe", state="MD")},
    ),
    "map_codes the rates differ": held(
        "tax_differs", "Check the tax table", options={"sales_tax": "map_codes", "tax_code": '"California"'},
        order={"billing": person("Ty", "Axe", state="MD")},
    ),
    "map_codes a code that is missing": held(
        "tax_code_missing", "Taxes > Sales tax", options={"sales_tax": "map_codes", "tax_code": '"Atlantis"'},
        order={"billing": person("Ty", "Axe", state="MD")},
    ),
    "map_codes and a wide limit": Case(
        {"sales_tax": "map_codes", "tax_code": '"California"', "tax_difference_limit": "1"},
        {"billing": person("Ty", "Axe", state="MD")},
        looks=looked((lambda s: Decimal(str(s.one()["TxnTaxDetail"]["TotalTax"])), Decimal("1.60"))),
    ),
    # parts of the total
    "shipping as shipping": Case(
        {}, {"shipping_lines": [{"method_id": "flat_rate", "method_title": "Flat rate", "total": "5.00"}]},
        looks=looked((Seen.lines, [("SKU-00101", "20.00"), ("shipping", "5.00")])),
    ),
    "shipping as an item": Case(
        {"shipping_as": "item", "shipping_item": '"Freight"'},
        {"shipping_lines": [{"method_id": "flat_rate", "method_title": "Flat rate", "total": "5.00"}]},
        looks=looked((Seen.lines, [("SKU-00101", "20.00"), ("Freight", "5.00")])),
    ),
    "shipping by its own item": Case(
        {}, {"shipping_lines": [{"method_id": "flat_rate", "method_title": "Flat rate", "total": "5.00"}]},
        looks=looked((Seen.lines, [("SKU-00101", "20.00"), ("Courier", "5.00")])),
    ),
    "an account for a fee": Case(
        {}, {"fee_lines": [{"name": "Gift wrap", "total": "3.00"}]},
        looks=looked(
            (lambda s: [s.account(each["SalesItemLineDetail"]["ItemAccountRef"]) for each in s.one()["Line"][1:2]], ["Services"])
        ),
    ),
    "a discount that a rule adds": Case(
        looks=looked((Seen.lines, [("SKU-00101", "20.00"), ("Loyalty", "-1.00")]), (Seen.total, Decimal("19.00")))
    ),
    "fees": Case(
        {"fee_item": '"Extras"'}, {"fee_lines": [{"name": "Gift wrap", "total": "3.00"}]},
        looks=looked((Seen.lines, [("SKU-00101", "20.00"), ("Extras", "3.00")])),
    ),
    "discount in the lines": Case(
        {"discounts_as": "in_lines"}, {"line_items": [{**MUG, "subtotal": "25.00"}]},
        looks=looked((Seen.lines, [("SKU-00101", "20.00")])),
    ),
    "discount line": Case(
        {"discounts_as": "discount_line"}, {"line_items": [{**MUG, "subtotal": "25.00"}]},
        looks=looked((Seen.lines, [("SKU-00101", "25.00"), ("discount", "5.00")]), (Seen.total, Decimal("20.00"))),
    ),
    "discount as an item": Case(
        {"discounts_as": "item", "discount_item": '"Rebate"'}, {"line_items": [{**MUG, "subtotal": "25.00"}]},
        looks=looked((Seen.lines, [("SKU-00101", "25.00"), ("Rebate", "-5.00")])),
    ),
    "transaction fee": Case(
        {"transaction_fees": "yes", "transaction_fee_item": '"Card fees"'},
        {"meta_data": [{"key": "_stripe_fee", "value": "0.88"}]},
        looks=looked(
            (Seen.lines, [("SKU-00101", "20.00"), ("Card fees", "-0.88")]),
            (Seen.total, Decimal("19.12")),
            (lambda s: s.account(s.item("Card fees")["IncomeAccountRef"]), "Cost of Goods Sold"),
        ),
    ),
    "transaction fee by another key, net payment": Case(
        {"record_as": "invoice_and_payment", "transaction_fees": "yes", "transaction_fee_keys": '["_my_fee"]'},
        {"meta_data": [{"key": "_my_fee", "value": "1.00"}]}, ("Invoice", "Payment"),
        looks=looked(((lambda s: s.total("Payment")), Decimal("19.00")), ((lambda s: s.total("Invoice")), Decimal("19.00"))),
    ),
    "rounding line": Case(
        total="20.02",
        looks=looked((Seen.lines, [("SKU-00101", "20.00"), ("Rounding", "0.02")]), (Seen.total, Decimal("20.02"))),
        said="A rounding line of 0.02 USD",
    ),
    "rounding line on another item, up to a higher limit": Case(
        {"rounding_item": '"Cents"', "rounding_limit": "0.10"}, total="20.08",
        looks=looked((Seen.lines, [("SKU-00101", "20.00"), ("Cents", "0.08")])),
    ),
    "more than the rounding limit": held(
        "parts_do_not_add_up", "raise rounding_limit", options={"rounding_limit": "0.01"}, total="20.02"
    ),
    "a foreign currency": held("foreign_currency", "Leave out orders of that currency", order={"currency": "EUR"}),
    # refunds
    "two refunds of one order": Case(
        refund={"amount": "5.00"}, second_refund={"amount": "3.00"}, stands=("RefundReceipt", "RefundReceipt", RECEIPT),
        looks=looked(
            (lambda s: sorted(Decimal(str(each["TotalAmt"])) for each in s.all("RefundReceipt")), [Decimal(3), Decimal(5)]),
            (lambda s: {each["DocNumber"].removeprefix(s.order["number"]) for each in s.all("RefundReceipt")}, {"", "-2"}),
        ),
    ),
    "whole refund of an invoice": Case(
        {"record_as": "invoice"}, refund={}, stands=("CreditMemo", "Invoice"),
        looks=looked((lambda s: s.total("CreditMemo") == s.total("Invoice"), True)),
    ),
    "refund of a line of an invoice": Case(
        {"record_as": "invoice"}, refund={"line": "10.00"}, stands=("CreditMemo", "Invoice"),
        looks=looked((lambda s: s.lines("CreditMemo"), [("SKU-00101", "10.00")])),
    ),
    "refund of a receipt": Case(refund={"amount": "5.00", "reason": "scratched"}, stands=("RefundReceipt", RECEIPT)),
    "refund of an invoice": Case(
        {"record_as": "invoice"}, refund={"amount": "5.00"}, stands=("CreditMemo", "Invoice"),
        looks=looked((lambda s: s.lines("CreditMemo"), [("Refund", "5.00")])),
    ),
    "refund of a receipt as a credit memo": Case(
        {"refunds": "credit_memo", "refund_item": '"Returns"'}, refund={"amount": "5.00"}, stands=("CreditMemo", RECEIPT),
        looks=looked((lambda s: s.lines("CreditMemo"), [("Returns", "5.00")])),
    ),
    "refund of an invoice as a refund receipt": Case(
        {"record_as": "invoice", "refunds": "refund_receipt"}, refund={"amount": "5.00"}, stands=("Invoice", "RefundReceipt")
    ),
    "refunds not recorded": Case({"refunds": "no"}, refund={"amount": "5.00"}),
    "whole refund": Case(
        refund={}, stands=("RefundReceipt", RECEIPT), looks=looked((lambda s: s.total("RefundReceipt") == s.total(RECEIPT), True))
    ),
    "refund of a line": Case(
        refund={"line": "10.00"}, stands=("RefundReceipt", RECEIPT),
        looks=looked((lambda s: s.lines("RefundReceipt"), [("SKU-00101", "10.00")])),
    ),
    "refund of the shipping only": Case(
        {}, {"shipping_lines": [{"method_id": "flat_rate", "method_title": "Flat rate", "total": "5.00"}]},
        stands=("RefundReceipt", RECEIPT), refund={"shipping": "5.00"},
        looks=looked((lambda s: s.total("RefundReceipt"), Decimal("5.00"))),
    ),
    "a refund waits for its order": held("not_paid", "", order=UNPAID, refund={"amount": "5.00"}),
}  # fmt: skip
# Told apart by something that a flow of this table cannot show: tests of their own, here or beside.
ELSEWHERE = {
    "record_as = payment": "test_payments_for_standing_invoices",
    "unpaid_days": "test_the_life_of_an_order",
    "already_in_books": "test_the_life_of_an_order",
    "after_posting": "test_the_life_of_an_order",
    "closed_period": "test_features_of_the_company",
    "sales_tax = override": "test_features_of_the_company",
    "refunds_of_unposted_orders": "test_features_of_the_company",
}


@dataclass(frozen=True)
class Placed:
    """The world with everything posted, and the order that was placed for each case."""

    world: World
    orders: Mapping[str, Record]


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Placed]:
    folder: Path = tmp_path_factory.mktemp("options")
    with World(
        f"sqlite:///{folder / 'store.sqlite3'}",
        shop_options=woocommerce.Options(generated=1),
        books_options=quickbooks.Options(custom_transaction_numbers=True, allow_shipping=True),
    ) as made:
        mark = next(each for each in made.documents("Customer") if each["DisplayName"] == "Mark Cho")
        made.books.edit("Customer", mark["Id"], "change", Active=False)
        made.books.edit(
            "Item", None, "create", Name="The rope", Sku="SKU-00102", Type="Service", IncomeAccountRef={"value": "1"}
        )
        made.books.edit(
            "Customer", None, "create", DisplayName="Twin Mail",
            PrimaryEmailAddr={"Address": "one@twin.example, two@twin.example"},
        )  # fmt: skip
        gone = made.books.edit(
            "Customer", None, "create", DisplayName="Gone Away", PrimaryEmailAddr={"Address": "gone@away.example"}
        )
        made.books.edit("Customer", gone["Id"], "change", Active=False)
        made.books.edit(
            "Account", None, "create", Name="Web receivables", AccountType="Accounts Receivable",
            AccountSubType="AccountsReceivable",
        )  # fmt: skip
        po = {"Name": "SalesFormsPrefs.SalesCustomName1", "Type": "StringType", "StringValue": "PO Number"}
        used = {"Name": "SalesFormsPrefs.UseSalesCustom1", "Type": "BooleanType", "BooleanValue": True}
        rep = {"Name": "SalesFormsPrefs.SalesCustomName2", "Type": "StringType", "StringValue": "Sales Rep"}
        used2 = {"Name": "SalesFormsPrefs.UseSalesCustom2", "Type": "BooleanType", "BooleanValue": True}
        made.books.prefer("SalesFormsPrefs", CustomField=[{"CustomField": [used, used2]}, {"CustomField": [po, rep]}])
        made.pass_time(minutes=11)  # preferences are read again
        made.desk.lists_older_than = 300.0
        orders = {name: place_order(made, name, case) for name, case in CASES.items()}
        made.shop.delete_product(GONE)
        flows = [
            FLOW.format(
                name=name,
                options="\n".join(f"    {k} = {v}" for k, v in (case.options or {"record_as": RECEIPT_WORD}).items()),
            )
            for name, case in CASES.items()
        ]
        made.publish(TABLES + "".join(flows) + RULES)
        with made.store.read() as session:
            rows = publishing.flows(made.office.scope, session)
        made.desk.run(rows[0].id, only="nothing yet")
        for row in rows:
            # Each flow takes its one order, so that a hundred flows need not look at a hundred orders each.
            made.desk.plan(row.id, only=orders[row.name]["number"])
        made.post()
        yield Placed(made, orders)


RECEIPT_WORD = "sales_receipt"


def place_order(world: World, name: str, case: Case) -> Record:
    usual: Record = {
        "status": "processing", "set_paid": True, "payment_method": "stripe", "payment_method_title": "Credit card",
        "billing": person("Ann", "Lee"), "line_items": [MUG], "customer_note": name,
    }  # fmt: skip
    if case.total:
        line = {
            "id": 1,
            "name": "Mug",
            "sku": "SKU-00101",
            "subtotal_tax": "0.00",
            "total_tax": "0.00",
            "taxes": [],
            "variation_id": 0,
            **MUG,
        }
        day = "2026-01-05T15:00:00"
        usual.pop("set_paid")
        return world.shop.plant_order(
            **{**usual, "line_items": [line]}, currency="USD", total=case.total, date_created_gmt=day, date_paid_gmt=day
        )
    order = world.shop.add_order(**{**usual, **case.order})
    for refund in (dict(each) for each in (case.refund, case.second_refund) if each is not None):
        lines: list[Record] = []
        if "line" in refund:
            lines.append({"id": order["line_items"][0]["id"], "quantity": 1, "refund_total": refund.pop("line")})
        if "shipping" in refund:
            lines.append({"id": order["shipping_lines"][0]["id"], "refund_total": refund.pop("shipping")})
        world.shop.refund_order(order["id"], lines=lines, **refund)
    return order


@pytest.fixture(scope="module")
def lists(placed: Placed) -> dict[str, dict[str, Record]]:
    names = (*Seen.kinds(), "Customer", "Item", "Account")
    return {entity: {each["Id"]: each for each in placed.world.documents(entity)} for entity in names}


@pytest.mark.parametrize("name", CASES)
def test_option(placed: Placed, lists: dict[str, dict[str, Record]], name: str) -> None:
    case = CASES[name]
    seen = Seen(placed.world, placed.orders[name], lists)
    holds = seen.holds()
    assert seen.entities() == sorted(case.stands), (holds, seen.log())
    if case.held is None:
        assert not holds
    else:
        assert (case.held[0], True) in [(each.code, case.held[1] in each.next_step) for each in holds], holds
    for look, wanted in case.looks:
        assert look(seen) == wanted
    assert case.said in seen.log()


def test_every_value_of_every_option_has_a_case() -> None:
    defaults = {option.name: option.default for option in table.OPTIONS}
    tried = {(name, value) for case in CASES.values() for name, value in {**defaults, **case.options}.items()}
    named = {name for name, _ in tried if any(name in case.options for case in CASES.values())}
    for option in table.OPTIONS:
        if option.name in ELSEWHERE:
            continue
        for value in option.values:
            said = f"{option.name} = {value}"
            assert (option.name, value) in tried or said in ELSEWHERE, said
        assert option.values or option.name in named, f"no case sets {option.name}"
