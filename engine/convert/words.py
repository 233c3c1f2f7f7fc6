"""What the old system called things, and what they are here: comparisons, fields and kinds of records.

Changes when an export holds a word that is not known yet. Names are compared without blanks, signs and capitals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SIGNS = {
    "=": "is",
    "==": "is",
    "<>": "is_not",
    "!=": "is_not",
    ">": "more",
    ">=": "at_least",
    "<": "less",
    "<=": "at_most",
}

#: "Matches" was documented as "somewhere in their name", so it is a kind of "contains".
COMPARISONS: dict[str, tuple[str, ...]] = {
    "is": ("equals", "equal", "is", "equalto", "isequalto", "exact", "exactmatch", "exactly"),
    "contains": ("contains", "contain", "matches", "match", "partial", "partialmatch", "like", "includes"),
    "starts": ("startswith", "startwith", "beginswith", "starts", "prefix"),
    "ends": ("endswith", "endwith", "ends", "suffix"),
    "contains_not": ("doesnotcontain", "notcontains", "notcontain", "doesntcontain", "excludes", "notlike"),
    "is_not": ("isnot", "notequals", "notequal", "doesnotequal", "isnotequalto", "not", "notequalto"),
    "more": ("morethan", "greaterthan", "greater", "after", "over", "above"),
    "at_least": ("morethanorequals", "morethanorequal", "greaterthanorequals", "greaterthanorequal", "atleast",
                 "morethanorequalto", "greaterthanorequalto"),
    "less": ("lessthan", "less", "before", "under", "below"),
    "at_most": ("lessthanorequals", "lessthanorequal", "atmost", "lessthanorequalto"),
    "wildcard": ("wildcard", "wild", "wildcards", "pattern"),
    "copy": ("mapall", "all", "copy", "mapallvalues"),
}  # fmt: skip
_BY_WORD = {word: kind for kind, words in COMPARISONS.items() for word in words}


def plain(said: str) -> str:
    """A name without capitals, blanks and signs."""
    return re.sub(r"[^a-z0-9]", "", said.casefold())


def comparison(said: str) -> str | None:
    """The kind of a comparison ("is", "contains", …, "copy" for Map All); None for one that is not known."""
    return _SIGNS.get(said.strip()) or _BY_WORD.get(plain(said)) or ("is" if not said.strip() else None)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule runs for: a kind of record, and the items of it if it runs once for each."""

    record: str = "order"
    item: str = ""
    collection: str = ""

    def words(self) -> str:
        return f"for each {self.item} in {self.collection}" if self.item else f"for {self.record}"


ORDER = Scope()
LINE = Scope("order", "line", "order.lines")
PAYMENT = Scope("order", "payment", "order.payments")
SHIPPING = Scope("order", "shipping", "order.shipping_lines")
DISCOUNT = Scope("order", "discount", "order.discounts")
PRODUCT = Scope("product")
BILL_LINE = Scope("purchase", "line", "purchase.lines")

OBJECTS: dict[str, str] = {
    "": "", "order": "order", "orders": "order", "sale": "order", "sales": "order", "orderheader": "order",
    "orderdetail": "line", "orderetail": "line", "orderdetails": "line", "orderline": "line", "lineitem": "line",
    "orderitem": "line", "item": "line", "product": "product", "products": "product", "inventory": "product",
    "payment": "payment", "payments": "payment", "orderpayment": "payment", "purchase": "purchase", "bill": "purchase",
    "purchaseorder": "purchase", "purchases": "purchase", "bills": "purchase", "customer": "order",
}  # fmt: skip
"""Kinds of objects; "OrderEtail" is a slip of the old system's own that exports still hold."""

#: Names -> the field of an order.
_ORDER_FIELDS: dict[str, tuple[str, ...]] = {
    "order.store": ("sellingchannel", "orderstorename", "storename", "store", "channel", "orderstore", "marketplace", "website"),
    "order.status": ("orderstatus", "status"),
    "order.date": ("orderdate", "date", "saledate"),
    "order.number": ("ordernumber", "orderid", "number", "orderno", "invoicenumber", "id"),
    "order.currency": ("ordercurrencycode", "ordercurrency", "currency", "currencycode"),
    "order.tags": ("ordertag", "ordertags", "tag", "tags", "shopifytag", "shopifytags"),
    "order.payment_method": ("paymentmethod", "orderpaymentmethod", "paymenttype", "paymentmethodname"),
    "order.terms": ("salesterms", "terms", "orderterms"),
    "order.coupon_codes": ("couponcode", "coupon", "discountcode", "ordercoupon", "couponcodes"),
    "order.shipping_method": ("shippingmethod", "shipmethod", "ordershippingmethod", "shippingservice"),
    "order.ship_via": ("shipvia", "carrier", "shipper"),
    "order.shipping_total": ("shippingamount", "shippingtotal", "shippingcost", "ordershipping", "shipping"),
    "order.total": ("ordertotal", "total", "grandtotal", "orderamount"),
    "order.tax_total": ("totaltax", "taxtotal", "ordertax", "salestax", "tax", "taxamount"),
    "order.discount_total": ("discounttotal", "discountamount", "orderdiscount", "discount"),
    "order.balance": ("balance", "orderbalance", "amountdue"),
    "order.paid": ("paid", "ispaid", "orderpaid"),
    "order.class": ("class", "orderclass"),
    "order.po_number": ("ponumber", "purchaseordernumber", "po", "customerpo"),
    "order.note": ("ordernote", "note", "notes", "ordernotes", "customernote", "memo", "comments"),
    "order.register_id": ("registerid", "register", "orderregisterid"),
    "order.ship_date": ("shipdate", "ordershipdate"),
    "order.transaction_id": ("transactionid", "paymentreference", "paymentreferencenumber", "referencenumber"),
    "customer.name": ("customername", "customer", "customerfullname"),
    "customer.email": ("customeremail", "email", "billingemail", "emailaddress"),
    "customer.type": ("customertype", "customergroup"),
    "customer.company": ("customercompany", "company"),
    "bill_to.company": ("billingcompany", "billtocompany", "billingaddresscompany", "billcompany"),
    "bill_to.name": ("billingfullname", "billingname", "billtoname", "billtofullname"),
    "bill_to.state": ("billingstate", "billtostate", "billstate"),
    "bill_to.country": ("billingcountry", "billtocountry", "billcountry"),
    "bill_to.city": ("billingcity", "billtocity"),
    "bill_to.postal_code": ("billingzip", "billingzipcode", "billingpostalcode", "billtozip"),
    "ship_to.state": ("shippingstate", "shiptostate", "shipstate", "shippingaddressregion", "shippingregion", "state", "region",
                      "shippingaddressstate"),
    "ship_to.country": ("shippingcountry", "shiptocountry", "shipcountry", "country", "shippingaddresscountry"),
    "ship_to.city": ("shippingcity", "shiptocity", "city"),
    "ship_to.county": ("shippingcounty", "shiptocounty", "county"),
    "ship_to.postal_code": ("shippingzip", "shippingzipcode", "shippingpostalcode", "shiptozip", "zip", "zipcode", "postalcode"),
    "ship_to.company": ("shippingcompany", "shiptocompany"),
    "ship_to.name": ("shippingname", "shippingfullname", "shiptoname"),
    "line.sku": ("sku", "itemsku", "productsku", "customsku", "ordersku", "lineitemsku", "orderdetailsku", "itemnumber"),
    "line.name": ("name", "itemname", "productname", "title", "orderdetailname", "lineitemname"),
    "line.description": ("description", "itemdescription", "productdescription"),
    "line.quantity": ("quantity", "qty", "itemquantity", "orderdetailquantity"),
    "line.unit_price": ("price", "unitprice", "itemprice"),
    "line.amount": ("amount", "linetotal", "lineamount"),
    "line.tax_amount": ("linetax", "itemtax"),
}  # fmt: skip
_BY_FIELD = {name: path for path, names in _ORDER_FIELDS.items() for name in names}

#: What an order's field is for a rule that runs for an item of its own.
_OF_ITEM: dict[str, dict[str, str]] = {
    "payment": {"order.payment_method": "payment.method", "order.transaction_id": "payment.reference"},
    "shipping": {"order.shipping_method": "shipping.method", "order.shipping_total": "shipping.amount"},
    "discount": {"order.coupon_codes": "discount.code", "order.discount_total": "discount.amount"},
}
_OF_RECORD: dict[str, dict[str, str]] = {
    "product": {
        "line.sku": "product.sku", "line.name": "product.name", "line.description": "product.description",
        "line.quantity": "product.quantity", "line.unit_price": "product.price", "line.amount": "product.price",
    },
    "purchase": {
        "order.number": "purchase.number", "order.date": "purchase.date", "order.status": "purchase.status",
        "order.total": "purchase.total", "order.currency": "purchase.currency", "customer.name": "vendor.name",
        "customer.company": "vendor.company", "order.po_number": "purchase.number",
    },
}  # fmt: skip
_VENDOR = frozenset({"vendor", "vendorname", "supplier", "suppliername"})
_CUSTOM = re.compile(r"custom\s*fields?\s*(?:name)?\s*[:\-(]?\s*(.+?)\)?", re.IGNORECASE)


def field_path(said: str, scope: Scope, known_paths: frozenset[str]) -> str | None:
    """The path of a field for a rule of this scope, as it is written; None for a field that is not known."""
    name = plain(said)
    if scope.record == "purchase" and name in _VENDOR:
        return "vendor.name"
    custom = _CUSTOM.fullmatch(said.strip())
    if custom:
        key = custom.group(1).replace('"', '""').replace("{", "{{").replace("}", "}}")
        return f'order.meta["{key}"]' if scope.record == "order" else None
    path = _BY_FIELD.get(name)
    if path is None:
        return said if said in known_paths else None
    if scope.record != "order":
        other = _OF_RECORD[scope.record].get(path)
        return other or (path if path.startswith("line.") and scope.item == "line" else None)
    return _OF_ITEM.get(scope.item, {}).get(path, path)
