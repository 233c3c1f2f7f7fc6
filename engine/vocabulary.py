"""Every word that rules can say about records and books, declared once; changes when a record or a document gains a field.

The source of types, labels, examples, allowed values, lengths, completion, hover, forms and the reference. Nothing
here knows any one shop: what a field holds in a system, its connector's declaration says.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from types import MappingProxyType

from connectors.money import MINOR_UNITS
from dsl.schema import Field, ItemKind, RecordKind, Schema
from dsl.types import (
    DATE,
    MOMENT,
    MONEY,
    NUMBER,
    PAYMENT,
    PERCENT,
    RECORD,
    TEXT,
    TEXT_LIST,
    YES_NO,
    Type,
)
from engine.options import (
    ASSET_ACCOUNTS,
    COST_ACCOUNTS,
    INCOME_ACCOUNTS,
    MONEY_ACCOUNTS,
    OPTIONS,
    RECEIVABLE_ACCOUNTS,
    RECORD_AS,
)

ORDER_STATUSES = (
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "trash",
    "draft",
    "checkout-draft",
    "auto-draft",
    "open",
    "paid",
    "shipped",
    "returned",
)
"""WooCommerce's own statuses, and those that the other systems add; plug-ins know more."""

PRODUCT_TYPES = ("inventory", "non_inventory", "service", "bundle")
DOCUMENT_KINDS = (
    "invoice",
    "sales_receipt",
    "estimate",
    "payment",
    "credit_memo",
    "refund_receipt",
    "purchase_order",
    "bill",
    "deposit",
)

_STATES = {
    "alabama": "AL",
    "alaska": "AK",
    "arizona": "AZ",
    "arkansas": "AR",
    "california": "CA",
    "colorado": "CO",
    "connecticut": "CT",
    "delaware": "DE",
    "district of columbia": "DC",
    "florida": "FL",
    "georgia": "GA",
    "hawaii": "HI",
    "idaho": "ID",
    "illinois": "IL",
    "indiana": "IN",
    "iowa": "IA",
    "kansas": "KS",
    "kentucky": "KY",
    "louisiana": "LA",
    "maine": "ME",
    "maryland": "MD",
    "massachusetts": "MA",
    "michigan": "MI",
    "minnesota": "MN",
    "mississippi": "MS",
    "missouri": "MO",
    "montana": "MT",
    "nebraska": "NE",
    "nevada": "NV",
    "new hampshire": "NH",
    "new jersey": "NJ",
    "new mexico": "NM",
    "new york": "NY",
    "north carolina": "NC",
    "north dakota": "ND",
    "ohio": "OH",
    "oklahoma": "OK",
    "oregon": "OR",
    "pennsylvania": "PA",
    "puerto rico": "PR",
    "rhode island": "RI",
    "south carolina": "SC",
    "south dakota": "SD",
    "tennessee": "TN",
    "texas": "TX",
    "utah": "UT",
    "vermont": "VT",
    "virginia": "VA",
    "washington": "WA",
    "west virginia": "WV",
    "wisconsin": "WI",
    "wyoming": "WY",
}

# ISO 3166-1 alpha-2, as CLDR lists them.
_COUNTRY_CODES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
_COUNTRY_NAMES = {
    "usa": "US",
    "u.s.": "US",
    "u.s.a.": "US",
    "united states": "US",
    "united states of america": "US",
    "america": "US",
    "canada": "CA",
    "mexico": "MX",
    "uk": "GB",
    "england": "GB",
    "great britain": "GB",
    "united kingdom": "GB",
    "ireland": "IE",
    "germany": "DE",
    "france": "FR",
    "australia": "AU",
    "new zealand": "NZ",
}

KINDS: tuple[RecordKind, ...] = (
    RecordKind("order", "orders", "Order", ("order", "customer", "bill_to", "ship_to", "books")),
    RecordKind(
        "refund", "refunds", "Refund", ("refund", "order", "customer", "bill_to", "ship_to", "books"), parent="order"
    ),
    RecordKind("customer", "customers", "Customer", ("customer", "bill_to", "ship_to", "books")),
    RecordKind("product", "products", "Product", ("product", "books")),
    RecordKind("stock", "stock", "Stock level", ("stock", "books")),
    RecordKind("purchase", "purchases", "Purchase order", ("purchase", "vendor", "books")),
    RecordKind("payout", "payouts", "Payout", ("books",)),
)

ITEMS: tuple[ItemKind, ...] = (
    ItemKind("line", "order.lines", "Order line"),
    ItemKind("payment", "order.payments", "Payment"),
    ItemKind("shipping", "order.shipping_lines", "Shipping line"),
    ItemKind("fee", "order.fees", "Fee"),
    ItemKind("discount", "order.discounts", "Discount"),
    ItemKind("tax", "order.taxes", "Tax", addable=False),
    ItemKind("line", "refund.lines", "Refunded line"),
    ItemKind("payment", "refund.payments", "Payment back"),
    ItemKind("shipping", "refund.shipping_lines", "Refunded shipping"),
    ItemKind("fee", "refund.fees", "Refunded fee"),
    ItemKind("line", "purchase.lines", "Line of a purchase order"),
)


def _f(
    path: str,
    type: Type,
    label: str,
    example: str,
    help: str = "",
    *,
    values: Iterable[str] = (),
    length: int | None = None,
    always: bool = False,
    fixed: bool = False,
    keyed: bool = False,
    names: str = "",
    currency: str = RECORD,
    open_values: bool = False,
    spoken: dict[str, str] | None = None,
    received: bool = True,
    usual: int | None = None,
    counts: int = 0,
    accounts: tuple[str, ...] = (),
) -> Field:
    """A field in one line: `always` there, `fixed` against writing, `names` what it names in the books."""
    return Field(
        path,
        type,
        label,
        example,
        values=tuple(values),
        max_length=length,
        optional=not always,
        writable=not fixed,
        help=help,
        keyed=keyed,
        reference=names,
        currency=currency if type == MONEY else "",
        other_values=open_values,
        spoken=MappingProxyType(spoken or {}),
        received=received,
        usual_length=usual,
        counts=counts,
        account_types=accounts,
    )


_CURRENCIES = tuple(sorted(MINOR_UNITS))

_ORDER = (
    _f(
        "order.id",
        TEXT,
        "Order id",
        '"1007"',
        "The shop's own id; never shown to buyers.",
        always=True,
        fixed=True,
        usual=10,
    ),
    _f(
        "order.number",
        TEXT,
        "Order number",
        '"#1007"',
        "The number that the buyer knows; the books take 21 characters.",
        always=True,
        length=21,
        usual=12,
    ),
    _f("order.date", DATE, "Order date", "2026-01-31", "The day of the sale in the shop's time zone.", always=True),
    _f("order.created", MOMENT, "Created", "2026-01-31", "When the order was placed.", always=True, fixed=True),
    _f("order.modified", MOMENT, "Modified", "2026-01-31", "When the shop last changed it.", fixed=True),
    _f(
        "order.status",
        TEXT,
        "Order status",
        '"processing"',
        "The shop's word for where the order stands.",
        values=ORDER_STATUSES,
        always=True,
        open_values=True,
    ),
    _f("order.store", TEXT, "Store", '"Web Store"', "The name of the shop, as people know it."),
    _f("order.channel", TEXT, "Channel", '"Amazon"', "Where the order was placed, for shops that sell in many places."),
    _f("order.currency", TEXT, "Currency", '"USD"', "ISO 4217.", values=_CURRENCIES, always=True, fixed=True),
    _f("order.register_id", TEXT, "Register", '"1"', "The till of a sale over the counter."),
    _f("order.tags", TEXT_LIST, "Tags", '["wholesale"]', "Tags of the shop and those that `tag` added."),
    _f("order.coupon_codes", TEXT_LIST, "Coupon codes", '["SAVE10"]', fixed=True),
    _f("order.note", TEXT, "Customer's note", '"Ring twice"', "What the buyer wrote at checkout."),
    _f("order.po_number", TEXT, "PO number", '"PO-77"', "The buyer's purchase order number, where the shop has one."),
    _f("order.ship_date", DATE, "Ship date", "2026-02-02"),
    _f("order.class", TEXT, "Class", '"Online"', "The class in the source, where it has classes."),
    _f("order.terms", TEXT, "Terms", '"Net 30"', "Payment terms in the source."),
    _f("order.ship_via", TEXT, "Ship via", '"UPS"', "The carrier in the source."),
    _f(
        "order.total",
        MONEY,
        "Order total",
        "41.98 USD",
        "What the buyer was asked for. It never moves; rules change its parts.",
        always=True,
        fixed=True,
    ),
    _f("order.subtotal", MONEY, "Subtotal", "39.98 USD", "All lines before discounts.", always=True, fixed=True),
    _f("order.discount_total", MONEY, "Discounts", "2.00 USD", "What was taken off, positive.", always=True),
    _f("order.shipping_total", MONEY, "Shipping", "5.00 USD", "0 where nothing was charged.", always=True, counts=1),
    _f("order.tax_total", MONEY, "Tax", "2.40 USD", always=True, counts=1),
    _f("order.fee_total", MONEY, "Fees", "1.00 USD", always=True),
    _f("order.tip_total", MONEY, "Tip", "0.00 USD", always=True, counts=1),
    _f("order.balance", MONEY, "Balance", "0.00 USD", "What is still to be paid.", fixed=True),
    _f("order.paid", YES_NO, "Paid", "yes", "Yes only where the source says that money came in.", always=True),
    _f("order.authorized", YES_NO, "Authorized", "no", "The payment is promised but not yet taken.", always=True),
    _f("order.paid_date", DATE, "Paid on", "2026-01-31"),
    _f("order.payment_method", TEXT, "Payment method", '"Credit Card (Stripe)"', "The title that buyers see."),
    _f("order.payment_method_id", TEXT, "Payment method id", '"stripe"', "The shop's key of the payment method."),
    _f(
        "order.transaction_id",
        TEXT,
        "Transaction id",
        '"ch_3Nk"',
        "The payment processor's number; Stripe's have 27 characters.",
        usual=27,
    ),
    _f("order.shipping_method", TEXT, "Shipping method", '"Flat rate"', "The title that buyers see."),
    _f("order.shipping_method_id", TEXT, "Shipping method id", '"flat_rate"'),
    _f("order.prices_include_tax", YES_NO, "Prices include tax", "no", always=True, fixed=True),
    _f("order.taxable", YES_NO, "Taxable", "yes", "Something in the order was taxed.", always=True),
    _f("order.meta", TEXT, "Custom fields", '"PO-77"', 'Post meta by key: order.meta["_po_number"].', keyed=True),
)


def _party(root: str, label: str) -> tuple[Field, ...]:
    return (
        _f(f"{root}.id", TEXT, f"{label} id", '"17"', "Missing for a guest.", fixed=True),
        _f(f"{root}.name", TEXT, f"{label} name", '"Ada Lovelace"', length=500),
        _f(f"{root}.first_name", TEXT, "First name", '"Ada"'),
        _f(f"{root}.last_name", TEXT, "Last name", '"Lovelace"'),
        _f(f"{root}.company", TEXT, "Company", '"Acme Outdoors"'),
        _f(f"{root}.email", TEXT, "E-mail", '"ada@acme.example"'),
        _f(f"{root}.phone", TEXT, "Phone", '"555-0100"'),
        _f(f"{root}.type", TEXT, f"{label} type", '"wholesale"', "The group that the source puts them in."),
        _f(f"{root}.guest", YES_NO, "Guest", "no", "Bought without an account.", always=True, fixed=True),
        _f(f"{root}.tax_exempt", YES_NO, "Tax exempt", "no", always=True),
        _f(f"{root}.note", TEXT, "Note", '"Calls back"'),
    )


def _address(root: str, label: str) -> tuple[Field, ...]:
    return (
        _f(f"{root}.name", TEXT, f"{label}: name", '"Ada Lovelace"'),
        _f(f"{root}.company", TEXT, f"{label}: company", '"Acme Outdoors"'),
        _f(f"{root}.line_1", TEXT, f"{label}: street", '"1 Main Street"'),
        _f(f"{root}.line_2", TEXT, f"{label}: second line", '"Suite 2"'),
        _f(f"{root}.line_3", TEXT, f"{label}: third line", '"Rear door"'),
        _f(f"{root}.city", TEXT, f"{label}: city", '"Baltimore"'),
        _f(f"{root}.county", TEXT, f"{label}: county", '"Dane County"'),
        _f(
            f"{root}.state",
            TEXT,
            f"{label}: state",
            '"MD"',
            "The code where the country has codes: MD, TX, ON.",
            values=sorted(_STATES.values()),
            open_values=True,
            spoken=_STATES,
        ),
        _f(f"{root}.postal_code", TEXT, f"{label}: postal code", '"21201"'),
        _f(
            f"{root}.country",
            TEXT,
            f"{label}: country",
            '"US"',
            "ISO 3166, two letters.",
            values=_COUNTRY_CODES.split(),
            spoken=_COUNTRY_NAMES,
        ),
        _f(f"{root}.phone", TEXT, f"{label}: phone", '"555-0100"'),
        _f(f"{root}.email", TEXT, f"{label}: e-mail", '"ada@acme.example"'),
    )


def _posting(root: str) -> tuple[Field, ...]:
    """What every item can be told about its place in the books; filled by rules only."""
    return (
        _f(
            f"{root}.item",
            TEXT,
            "Becomes item",
            '"Sales"',
            "The item in the books; of a line, its SKU unless set.",
            length=100,
            names="item",
            received=False,
        ),
        _f(f"{root}.account", TEXT, "Account", '"Cost of Goods Sold"', length=100, names="account"),
        _f(f"{root}.class", TEXT, "Class", '"Online"', length=100, names="class", received=False),
        _f(f"{root}.tax_code", TEXT, "Tax code", '"MD Sales Tax"', names="tax_code", received=False),
    )


_LINE = (
    _f("line.id", TEXT, "Line id", '"12"', always=True, fixed=True),
    _f("line.sku", TEXT, "SKU", '"HAT-RED"', length=100),
    _f("line.name", TEXT, "Product name", '"Red hat"'),
    _f("line.description", TEXT, "Description", '"Red hat, size M"', length=4000),
    _f("line.quantity", NUMBER, "Quantity", "2", always=True),
    _f(
        "line.unit_price",
        MONEY,
        "Unit price",
        "19.99 USD",
        "Up to seven places; the amount is what counts.",
        always=True,
    ),
    _f("line.amount", MONEY, "Amount", "39.98 USD", "After its discount and before tax.", always=True, counts=1),
    _f("line.discount", MONEY, "Line discount", "0.00 USD", "What was taken off this line, positive.", always=True),
    _f("line.tax_amount", MONEY, "Tax of the line", "2.40 USD", always=True),
    _f("line.taxable", YES_NO, "Taxable", "yes", always=True),
    _f("line.tax_rate", PERCENT, "Tax rate", "6%", fixed=True),
    _f("line.parent_sku", TEXT, "SKU of the parent product", '"HAT"', fixed=True),
    _f("line.received", NUMBER, "Pieces received", "2", "Of a purchase order's line."),
    _f("line.options", TEXT, "Options", '"Red"', 'What the buyer chose: line.options["Color"].', keyed=True),
    _f("line.meta", TEXT, "Custom fields", '"x"', 'Meta data by key: line.meta["_engraving"].', keyed=True),
    *_posting("line"),
)

_PAYMENT = (
    _f("payment.id", TEXT, "Payment id", '"p1"', always=True, fixed=True),
    _f("payment.method", TEXT, "Payment method", '"PayPal"', "The title that people see."),
    _f("payment.method_id", TEXT, "Payment method id", '"paypal"'),
    _f(
        "payment.type",
        TEXT,
        "Kind of payment",
        '"Credit Account"',
        "Card, cash, credit account, … where the shop says it.",
    ),
    _f("payment.amount", MONEY, "Amount", "41.98 USD", always=True, currency=PAYMENT),
    _f("payment.date", DATE, "Paid on", "2026-01-31"),
    _f("payment.reference", TEXT, "Reference", '"ch_3Nk"', length=21),
    _f(
        "payment.currency",
        TEXT,
        "Currency",
        '"USD"',
        "Only where it is not the order's.",
        values=_CURRENCIES,
        fixed=True,
    ),
    _f(
        "payment.deposit_account",
        TEXT,
        "Deposit account",
        '"Undeposited Funds"',
        length=100,
        names="account",
        received=False,
        accounts=MONEY_ACCOUNTS,
    ),
)

_SHIPPING = (
    _f("shipping.id", TEXT, "Shipping line id", '"3"', always=True, fixed=True),
    _f("shipping.method", TEXT, "Shipping method", '"Flat rate"', "The title that buyers see."),
    _f("shipping.method_id", TEXT, "Shipping method id", '"flat_rate"'),
    _f("shipping.amount", MONEY, "Amount", "5.00 USD", always=True, counts=1),
    _f("shipping.tax_amount", MONEY, "Tax of the shipping", "0.30 USD", always=True),
    _f("shipping.taxable", YES_NO, "Taxable", "yes", always=True),
    *_posting("shipping"),
)

_FEE = (
    _f("fee.id", TEXT, "Fee id", '"4"', always=True, fixed=True),
    _f("fee.name", TEXT, "Name of the fee", '"Gift wrap"'),
    _f("fee.amount", MONEY, "Amount", "3.00 USD", always=True, counts=1),
    _f("fee.tax_amount", MONEY, "Tax of the fee", "0.18 USD", always=True),
    _f("fee.taxable", YES_NO, "Taxable", "yes", always=True),
    *_posting("fee"),
)

_DISCOUNT = (
    _f("discount.id", TEXT, "Discount id", '"5"', always=True, fixed=True),
    _f("discount.code", TEXT, "Coupon code", '"SAVE10"'),
    _f("discount.name", TEXT, "Name of the discount", '"Spring sale"'),
    _f(
        "discount.amount",
        MONEY,
        "Amount",
        "2.00 USD",
        "Positive; already taken off the lines.",
        always=True,
        counts=-1,
    ),
    _f("discount.tax_amount", MONEY, "Tax of the discount", "0.12 USD", always=True),
    *_posting("discount"),
)

_TAX = (
    _f("tax.id", TEXT, "Tax id", '"6"', always=True, fixed=True),
    _f("tax.name", TEXT, "Name of the tax", '"MD State Tax"'),
    _f("tax.code", TEXT, "Code of the tax", '"US-MD-STATE"'),
    _f("tax.rate", PERCENT, "Rate", "6%", fixed=True),
    _f("tax.amount", MONEY, "Amount", "2.40 USD", always=True),
    *_posting("tax"),
)

_REFUND = (
    _f("refund.id", TEXT, "Refund id", '"1010"', always=True, fixed=True),
    _f("refund.date", DATE, "Refund date", "2026-02-03", always=True),
    _f("refund.reason", TEXT, "Reason", '"Damaged"'),
    _f(
        "refund.amount", MONEY, "Amount", "19.99 USD", "What the buyer got back, tax included.", always=True, fixed=True
    ),
    _f("refund.currency", TEXT, "Currency", '"USD"', values=_CURRENCIES, always=True, fixed=True),
    _f("refund.tax_total", MONEY, "Tax", "1.20 USD", always=True, counts=1),
)

_PRODUCT = (
    _f("product.id", TEXT, "Product id", '"88"', always=True, fixed=True),
    _f("product.sku", TEXT, "SKU", '"HAT-RED"', length=100),
    _f("product.name", TEXT, "Name", '"Red hat"', length=100),
    _f("product.description", TEXT, "Description", '"A red hat"', length=4000),
    _f("product.type", TEXT, "Type", '"inventory"', values=PRODUCT_TYPES),
    _f("product.price", MONEY, "Price", "19.99 USD"),
    _f("product.cost", MONEY, "Cost", "8.00 USD"),
    _f("product.currency", TEXT, "Currency", '"USD"', values=_CURRENCIES, fixed=True),
    _f("product.barcode", TEXT, "Barcode", '"0123456789012"'),
    _f("product.active", YES_NO, "Active", "yes", always=True),
    _f("product.stock", NUMBER, "Stock", "12", "Missing where the shop does not count it."),
    _f("product.quantity", NUMBER, "Quantity", "12", "The quantity to begin with."),
    _f("product.parent_sku", TEXT, "SKU of the parent product", '"HAT"', fixed=True),
    _f("product.taxable", YES_NO, "Taxable", "yes", always=True),
    _f("product.options", TEXT, "Options", '"Red"', 'Of a variation: product.options["Color"].', keyed=True),
    _f("product.meta", TEXT, "Custom fields", '"x"', keyed=True),
    _f(
        "product.income_account",
        TEXT,
        "Income account",
        '"Sales"',
        names="account",
        length=100,
        received=False,
        accounts=INCOME_ACCOUNTS,
    ),
    _f(
        "product.cost_account",
        TEXT,
        "Cost account",
        '"Cost of Goods Sold"',
        names="account",
        length=100,
        received=False,
        accounts=COST_ACCOUNTS,
    ),
    _f(
        "product.asset_account",
        TEXT,
        "Asset account",
        '"Inventory Asset"',
        names="account",
        length=100,
        received=False,
        accounts=ASSET_ACCOUNTS,
    ),
)

_STOCK = (
    _f("stock.sku", TEXT, "SKU", '"HAT-RED"', always=True),
    _f("stock.quantity", NUMBER, "Quantity", "12", always=True),
    _f("stock.location", TEXT, "Place", '"Main"'),
    _f("stock.previous", NUMBER, "Quantity before", "14", "The value last seen.", fixed=True),
    _f("stock.available", NUMBER, "Available", "10", fixed=True),
)

_PURCHASE = (
    _f("purchase.id", TEXT, "Purchase order id", '"301"', always=True, fixed=True),
    _f("purchase.number", TEXT, "Purchase order number", '"PO-301"', always=True),
    _f("purchase.date", DATE, "Date", "2026-01-31", always=True),
    _f("purchase.status", TEXT, "Status", '"received"'),
    _f("purchase.vendor", TEXT, "Vendor's name", '"Hat Makers"', names="vendor"),
    _f("purchase.currency", TEXT, "Currency", '"USD"', values=_CURRENCIES, always=True, fixed=True),
    _f("purchase.reference", TEXT, "Vendor's reference", '"INV-9"'),
    _f("purchase.received", YES_NO, "Received", "yes", always=True),
    _f("purchase.total", MONEY, "Total", "120.00 USD", always=True, fixed=True),
    _f("vendor.name", TEXT, "Vendor name", '"Hat Makers"', length=500),
    _f("vendor.company", TEXT, "Vendor's company", '"Hat Makers Inc."'),
    _f("vendor.email", TEXT, "Vendor's e-mail", '"sales@hats.example"'),
    _f("vendor.currency", TEXT, "Vendor's currency", '"USD"', values=_CURRENCIES),
)


def _books(
    name: str,
    type: Type,
    label: str,
    example: str,
    help: str = "",
    *,
    names: str = "",
    length: int | None = None,
    values: Iterable[str] = (),
    keyed: bool = False,
    accounts: tuple[str, ...] = (),
) -> Field:
    return _f(
        f"books.{name}",
        type,
        label,
        example,
        help,
        names=names,
        length=length,
        values=values,
        keyed=keyed,
        received=False,
        accounts=accounts,
    )


# Lengths: the API reference of QuickBooks Online (DocNumber 21, PaymentRefNum 21, PrivateNote 4000, names of lists 100,
# DisplayName 500, string custom fields 31).
_BOOKS = (
    _books(
        "transaction_type",
        TEXT,
        "Recorded as",
        '"invoice"',
        "What the order becomes, instead of the flow's record_as.",
        values=RECORD_AS,
    ),
    _books("number", TEXT, "Document number", '"1007"', "The order's number unless set.", length=21),
    _books("date", DATE, "Document date", "2026-01-31", "The order's date unless set."),
    _books("customer", TEXT, "Customer", '"Web Store USD"', names="customer", length=500),
    _books("class", TEXT, "Class", '"Online"', names="class", length=100),
    _books("location", TEXT, "Location", '"Baltimore"', names="location", length=100),
    _books("terms", TEXT, "Terms", '"Net 30"', names="terms", length=31),
    _books("due_date", DATE, "Due date", "2026-03-02"),
    _books("tax_code", TEXT, "Tax code", '"MD Sales Tax"', names="tax_code"),
    _books("po_number", TEXT, "PO number", '"PO-77"', length=31),
    _books("memo", TEXT, "Memo", '"Web order"', "For the bookkeeper: buyers do not see it.", length=4000),
    _books("message", TEXT, "Message to the customer", '"Thank you"', "Printed on the document.", length=1000),
    _books(
        "custom",
        TEXT,
        "Custom fields",
        '"x"',
        'By their name in the books: books.custom["Sales Rep"].',
        keyed=True,
        length=31,
    ),
    _books(
        "deposit_account",
        TEXT,
        "Deposit account",
        '"Undeposited Funds"',
        names="account",
        length=100,
        accounts=MONEY_ACCOUNTS,
    ),
    _books(
        "receivable_account",
        TEXT,
        "Receivable account",
        '"Accounts Receivable"',
        names="account",
        length=100,
        accounts=RECEIVABLE_ACCOUNTS,
    ),
    _books("payment_method", TEXT, "Payment method", '"Visa"', names="payment_method", length=31),
    _books("payment_reference", TEXT, "Payment reference", '"ch_3Nk"', length=21),
    _books("shipping_item", TEXT, "Item of shipping", '"Shipping"', names="item", length=100),
    _books("shipping_tax_code", TEXT, "Tax code of shipping", '"Non"', names="tax_code"),
    _books("discount_item", TEXT, "Item of discounts", '"Discount"', names="item", length=100),
    _books("discount_tax_code", TEXT, "Tax code of discounts", '"Non"', names="tax_code"),
    _books("fee_item", TEXT, "Item of fees", '"Fee"', names="item", length=100),
    _books("ship_via", TEXT, "Ship via", '"UPS"', length=31),
    _books("ship_date", DATE, "Ship date", "2026-02-02"),
    _books("email_invoice", YES_NO, "E-mail the document", "no", "The books send it to the customer."),
)


def _doc(name: str, type: Type, label: str, example: str, values: Iterable[str] = ()) -> Field:
    return _f(f"document.{name}", type, label, example, fixed=True, values=values, received=False)


# Only in tests: what stands in the document that comes out.
_DOCUMENT = (
    _doc("total", MONEY, "Document total", "41.98 USD"),
    _doc("number", TEXT, "Document number", '"1007"'),
    _doc("date", DATE, "Document date", "2026-01-31"),
    _doc("due_date", DATE, "Due date", "2026-03-02"),
    _doc("customer", TEXT, "Customer", '"Ada Lovelace"'),
    _doc("currency", TEXT, "Currency", '"USD"', _CURRENCIES),
    _doc("class", TEXT, "Class", '"Online"'),
    _doc("location", TEXT, "Location", '"Baltimore"'),
    _doc("terms", TEXT, "Terms", '"Net 30"'),
    _doc("tax_code", TEXT, "Tax code", '"MD Sales Tax"'),
    _doc("tax_total", MONEY, "Tax", "2.40 USD"),
    _doc("shipping_total", MONEY, "Shipping", "5.00 USD"),
    _doc("discount_total", MONEY, "Discount", "0.00 USD"),
    _doc("subtotal", MONEY, "Sum of the lines", "39.98 USD"),
    _doc("memo", TEXT, "Memo", '"Web order"'),
    _doc("message", TEXT, "Message to the customer", '"Thank you"'),
    _doc("po_number", TEXT, "PO number", '"PO-77"'),
    _doc("deposit_account", TEXT, "Deposit account", '"Undeposited Funds"'),
    _doc("receivable_account", TEXT, "Receivable account", '"Accounts Receivable"'),
    _doc("payment_method", TEXT, "Payment method", '"Visa"'),
    _doc("payment_reference", TEXT, "Payment reference", '"ch_3Nk"'),
    _doc("ship_via", TEXT, "Ship via", '"UPS"'),
    _doc("ship_date", DATE, "Ship date", "2026-02-02"),
)

FIELDS: tuple[Field, ...] = (
    *_ORDER,
    *_party("customer", "Customer"),
    *_address("bill_to", "Billing address"),
    *_address("ship_to", "Shipping address"),
    *_LINE,
    *_PAYMENT,
    *_SHIPPING,
    *_FEE,
    *_DISCOUNT,
    *_TAX,
    *_REFUND,
    *_PRODUCT,
    *_STOCK,
    *_PURCHASE,
    *_BOOKS,
    *_DOCUMENT,
)

SOURCES = ("woocommerce", "lightspeed", "linnworks", "ordoro", "quickbooks")
"""Kinds of system by the word that `from` and `to` use."""

_SAID_FOR: dict[str, str] = {
    # --- orders
    "number": "order_number order_no order_num num reference_number invoice_number doc_number document_number",
    "date": "order_date invoice_date doc_date txn_date sale_date",
    "created": "date_created created_at order_created",
    "modified": "date_modified updated updated_at last_modified changed",
    "store": "shop store_name shop_name site",
    "channel": "sales_channel selling_channel marketplace source",
    "register_id": "register till pos terminal",
    "tags": "tag label labels",
    "coupon_codes": "coupon coupons coupon_code discount_code promo_code voucher",
    "po_number": "po po_no purchase_order purchase_order_number",
    "ship_date": "shipped_date delivery_date date_shipped",
    "ship_via": "carrier courier",
    "shipping_method": "ship_method delivery_method shipping_service shipping_type",
    "location": "department branch warehouse",
    "terms": "payment_terms sales_terms net_terms",
    "class": "category department_class",
    "total": "order_total grand_total order_amount total_amount",
    "balance": "amount_due open_balance outstanding",
    "paid": "is_paid paid_in_full",
    "paid_date": "date_paid payment_date",
    "payment_method": "payment_type pay_method gateway payment_gateway paid_by tender",
    "payment_reference": "check_number cheque_number",
    "transaction_id": "transaction transaction_number",
    "fee_total": "fees fee surcharge",
    "tip_total": "tip tips gratuity",
    # --- people and addresses
    "first_name": "firstname given_name forename",
    "last_name": "lastname surname family_name",
    "name": "title full_name fullname display_name product_name item_name",
    "company": "company_name business organization organisation firm",
    "phone": "telephone tel mobile phone_number",
    "email": "mail e_mail email_address",
    "tax_exempt": "exempt tax_free exemption",
    "postal_code": "zip zip_code zipcode postcode post_code postal",
    "state": "province region state_code",
    "country": "country_code nation",
    "city": "town place",
    "line_1": "street address address_1 address1 address_line_1 line1 street_1",
    "line_2": "address_2 address2 address_line_2 line2 street_2 apartment suite",
    # --- items
    "sku": "item_number product_code part_number article_number product_sku item_sku",
    "quantity": "qty amount_of_items pieces units on_hand",
    "unit_price": "price unit_amount unit_cost price_each",
    "options": "variation variations attributes",
    "account": "income_account expense_account gl_account ledger_account",
    "item": "product item_name_in_books",
    "barcode": "upc ean gtin",
    "cost": "purchase_price wholesale_price buying_price",
    "active": "is_active enabled",
    "reference": "ref reference_no",
    # --- the books
    "customer": "client customer_name buyer",
    "vendor": "supplier vendor_name",
    "receivable_account": "ar_account accounts_receivable a_r_account receivables",
    "deposit_account": "deposit_to bank bank_account",
    "transaction_type": "document_type record_as doc_type",
    "message": "customer_message customer_memo statement",
    "custom": "custom_field custom_fields",
}
"""What people say for a field, by the field's name. Sources: the fields of WooCommerce, of QuickBooks and of spreadsheets."""

ALIASES = MappingProxyType(
    {said: name for name, words in _SAID_FOR.items() for said in words.split()}
    # What means another field from record to record: the first that there is.
    | {
        "amount": "total amount",
        "line_total": "amount",
        "subtotal": "amount",
        "rate": "unit_price tax_rate",
        "tax": "tax_total tax_amount tax_code",
        "sales_tax": "tax_total tax_amount tax_code",
        "total_tax": "tax_total tax_amount",
        "tax_amount": "tax_total",
        "shipping": "shipping_total",
        "shipping_amount": "shipping_total",
        "shipping_cost": "shipping_total",
        "freight": "shipping_total",
        "postage": "shipping_total",
        "discount": "discount_total",
        "discount_amount": "discount_total discount",
        "price": "unit_price price",
        "due": "due_date balance",
        "type": "transaction_type",
        "group": "type",
        "customer_type": "type",
        "product_type": "type",
        "note": "memo",
        "memo": "note",
        "comment": "note memo",
        "comments": "note memo",
        "notes": "note memo",
        "customer_note": "note message",
        "private_note": "memo note",
        "description": "memo name",
        "in_stock": "stock available",
        "stock_quantity": "stock quantity",
    }
)


@cache
def vocabulary() -> Schema:
    """The schema without any connector's own fields."""
    return Schema(
        kinds=KINDS,
        fields=FIELDS,
        items=ITEMS,
        flow_options=OPTIONS,
        sources=SOURCES,
        targets=SOURCES,
        document_kinds=DOCUMENT_KINDS,
        aliases=ALIASES,
        currencies=frozenset(MINOR_UNITS),
    )
