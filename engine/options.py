"""The words that a flow's `with` accepts, each with its values and default: one table, and the only one.

The checker, the settings forms, the reference and the engine all read it. `FlowOptions.of` turns the values of a checked
flow into the frozen form that the rest of the engine works with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, get_args

from connectors.records import ProductType
from dsl import types
from dsl.schema import FlowOption

RECORD_AS = (
    "estimate",
    "sales_order",
    "invoice",
    "payment",
    "invoice_and_payment",
    "invoice_and_payment_if_paid",
    "sales_receipt",
)

# The types of accounts that QuickBooks takes where (error 6430 for another one): the API reference on Item, Payment and
# Invoice. What is sold may also be owed at first, as gift cards are.
MONEY_ACCOUNTS = ("Bank", "Other Current Asset")
RECEIVABLE_ACCOUNTS = ("Accounts Receivable",)
INCOME_ACCOUNTS = ("Income", "Other Income", "Other Current Liability")
COST_ACCOUNTS = ("Cost of Goods Sold", "Expense", "Other Expense")
ASSET_ACCOUNTS = ("Other Current Asset",)

CUSTOMER_MODES = (
    "first_last",
    "last_first",
    "first_last_email",
    "last_first_middle_initial",
    "one_customer",
    "company_or_first_last",
    "company_or_last_first",
    "company_or_one_customer",
    "channel",
    "store_name_and_currency",
    "shipping_company_or_name",
    "shipping_first_last",
    "shipping_last_first",
    "shipping_full_name",
    "billing_full_name",
    "email",
    "email_as_name",
    "order_number",
)


def _one_of(name: str, values: tuple[str, ...], default: str, help: str) -> FlowOption:
    return FlowOption(name=name, values=values, default=default, help=help)


def _text(
    name: str,
    default: str,
    help: str,
    *,
    reference: str = "",
    dynamic: bool = False,
    accounts: tuple[str, ...] = (),
) -> FlowOption:
    return FlowOption(
        name=name,
        type=types.TEXT,
        default=default,
        help=help,
        reference=reference,
        dynamic=dynamic,
        account_types=accounts,
    )


def _texts(name: str, default: str, help: str) -> FlowOption:
    return FlowOption(name=name, type=types.list_of(types.TEXT), default=default, help=help)


def _yes_no(name: str, default: str, help: str) -> FlowOption:
    return FlowOption(name=name, type=types.YES_NO, default=default, help=help)


def _number(name: str, default: str, help: str) -> FlowOption:
    return FlowOption(name=name, type=types.NUMBER, default=default, help=help)


OPTIONS: tuple[FlowOption, ...] = (
    # what an order becomes, and which orders
    _one_of(
        "record_as",
        RECORD_AS,
        "sales_receipt",
        "What an order becomes. sales_order becomes an estimate, because QuickBooks Online has no sales orders; payment pays"
        " the open invoice of that number; invoice_and_payment always adds the payment; invoice_and_payment_if_paid adds it"
        " when the money came in, also later.",
    ),
    _texts(
        "card_methods",
        '["Credit Card"]',
        "Payment methods (titles or ids) whose orders count as paid once they are processing or completed, even where the"
        " shop gives no payment date.",
    ),
    _one_of("unpaid_orders", ("hold", "skip"), "hold", "What a sales receipt does with an order that is not paid yet."),
    _number("unpaid_days", "30", "After how many days a held unpaid order is given up."),
    _texts("statuses", "[]", "Only orders with one of these statuses (empty: every real order)."),
    _texts("stores", "[]", "Only orders of these stores (empty: all)."),
    FlowOption(name="until", type=types.DATE, help="Only orders up to this day."),
    _yes_no("review_first", "no", "Let nothing out until a person releases it: one, some or all."),
    _one_of(
        "closed_period",
        ("hold", "first_open_day"),
        "hold",
        "A new order dated in a closed period waits, or is posted on the first open day and says so.",
    ),
    _one_of(
        "already_in_books",
        ("hold", "adopt"),
        "hold",
        "When the books already hold a document of that number without"
        " our marker: wait, or take it as ours where customer, date and total agree.",
    ),
    _one_of(
        "after_posting",
        ("leave", "update"),
        "leave",
        "When the order changes in the shop after it was posted: leave what stands and say so, or carry the change over. What"
        " is to be another type of document by then is replaced: the old one is voided (deleted, where it cannot be voided),"
        " then the new one made. What is deposited, paid, edited in the books or in a closed period waits for you.",
    ),
    _text("class", "", "Class of the document.", reference="class", dynamic=True),
    _text("location", "", "Location of the document.", reference="location", dynamic=True),
    _text("terms", "", "Terms of the invoice.", reference="terms", dynamic=True),
    # customers
    _one_of("match_customers", CUSTOMER_MODES, "first_last", "How an order's customer is named in the books."),
    _text("customer", "Web Store", "The one customer, where one stands for all.", reference="customer"),
    _one_of(
        "missing_customers", ("create", "one_customer", "hold"), "create", "When the books do not have the customer."
    ),
    # products
    _one_of(
        "match_products",
        ("item_name", "sku", "name"),
        "item_name",
        "item_name: the SKU is the item's name (recommended); sku: the SKU is the item's SKU; name: the product's name is"
        " the item's name.",
    ),
    _one_of(
        "missing_products",
        ("create", "create_non_inventory", "create_and_list", "fail", "one_item", "hold"),
        "create",
        "When the books do not have the item. create_and_list also writes it into the log; fail says how to map it.",
    ),
    _one_of("new_products_are", get_args(ProductType), "non_inventory", "Kind of item to create."),
    _text("one_item", "Web Sales", "The one item, where one stands for all.", reference="item"),
    _text("item_without_sku", "unknown_do_not_delete", "Item of a line that has no SKU.", reference="item"),
    # accounts
    _text(
        "receivable_account",
        "",
        "Accounts receivable of invoices and payments.",
        reference="account",
        dynamic=True,
        accounts=RECEIVABLE_ACCOUNTS,
    ),
    _text(
        "deposit_account",
        "",
        "Where payments go (empty: Undeposited Funds).",
        reference="account",
        dynamic=True,
        accounts=MONEY_ACCOUNTS,
    ),
    _text(
        "income_account",
        "",
        "Income account of items that are created.",
        reference="account",
        accounts=INCOME_ACCOUNTS,
    ),
    _text("cost_account", "", "Cost account of items that are created.", reference="account", accounts=COST_ACCOUNTS),
    _text(
        "asset_account",
        "",
        "Asset account of inventory items that are created.",
        reference="account",
        accounts=ASSET_ACCOUNTS,
    ),
    _text(
        "payment_method",
        "",
        "Payment method in the books (empty: the shop's title).",
        reference="payment_method",
        dynamic=True,
    ),
    # tax
    _one_of(
        "sales_tax",
        ("map_codes", "line_item", "override", "none"),
        "line_item",
        "map_codes: the books compute tax by a code; line_item: the shop's tax is a line; override: the shop's tax replaces"
        " what QuickBooks' automated tax computes (codes made by hand must agree with it); none: tax is left out and the total"
        " says so.",
    ),
    _text("tax_code", "", "Tax code where no rule sets one.", reference="tax_code", dynamic=True),
    _text("tax_item", "Sales Tax", "Item of the tax line.", reference="item"),
    _number("tax_difference_limit", "0.05", "Largest difference between the shop's tax and the code's, per order."),
    # parts of the total
    _one_of(
        "shipping_as", ("shipping_line", "item"), "shipping_line", "Shipping as the document's shipping, or as an item."
    ),
    _text("shipping_item", "Shipping", "Item of shipping lines.", reference="item"),
    _one_of(
        "discounts_as",
        ("in_lines", "discount_line", "item"),
        "in_lines",
        "in_lines: lines carry their reduced amounts; discount_line: full amounts less one discount; item: less one item line.",
    ),
    _text("discount_item", "Discount", "Item of discount lines.", reference="item"),
    _text("fee_item", "Fee", "Item of fee lines.", reference="item"),
    _yes_no("transaction_fees", "no", "Take the payment processor's fee off as a negative line."),
    _texts("transaction_fee_keys", '["_stripe_fee", "_paypal_transaction_fee"]', "Order meta keys that hold the fee."),
    _text("transaction_fee_item", "Merchant Fees", "Item of the fee line.", reference="item"),
    _number("rounding_limit", "0.05", "Largest difference that a rounding line may carry; more holds the order."),
    _text("rounding_item", "Rounding", "Item of rounding lines.", reference="item"),
    # refunds
    _one_of(
        "refunds",
        ("as_the_sale", "credit_memo", "refund_receipt", "no"),
        "as_the_sale",
        "as_the_sale: a credit memo for an invoice, a refund receipt for a sales receipt.",
    ),
    _text("refund_item", "Refund", "Item of a refund of an amount without lines.", reference="item"),
    _one_of(
        "refunds_of_unposted_orders",
        ("wait", "post_both"),
        "wait",
        "A refund whose order is not in the books waits for it, or both are posted.",
    ),
)

BY_NAME: Mapping[str, FlowOption] = {option.name: option for option in OPTIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowOptions:
    """The options of one flow for one record, dynamic ones already decided. Blank texts are "" (nothing said)."""

    record_as: str = "sales_receipt"
    card_methods: tuple[str, ...] = ("Credit Card",)
    unpaid_orders: str = "hold"
    unpaid_days: int = 30
    statuses: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    until: date | None = None
    review_first: bool = False
    closed_period: str = "hold"
    already_in_books: str = "hold"
    after_posting: str = "leave"
    class_: str = ""
    location: str = ""
    terms: str = ""
    match_customers: str = "first_last"
    customer: str = "Web Store"
    missing_customers: str = "create"
    match_products: str = "item_name"
    missing_products: str = "create"
    new_products_are: ProductType = "non_inventory"
    one_item: str = "Web Sales"
    item_without_sku: str = "unknown_do_not_delete"
    receivable_account: str = ""
    deposit_account: str = ""
    income_account: str = ""
    cost_account: str = ""
    asset_account: str = ""
    payment_method: str = ""
    sales_tax: str = "line_item"
    tax_code: str = ""
    tax_item: str = "Sales Tax"
    tax_difference_limit: Decimal = Decimal("0.05")
    shipping_as: str = "shipping_line"
    shipping_item: str = "Shipping"
    discounts_as: str = "in_lines"
    discount_item: str = "Discount"
    fee_item: str = "Fee"
    transaction_fees: bool = False
    transaction_fee_keys: tuple[str, ...] = ("_stripe_fee", "_paypal_transaction_fee")
    transaction_fee_item: str = "Merchant Fees"
    rounding_limit: Decimal = Decimal("0.05")
    rounding_item: str = "Rounding"
    refunds: str = "as_the_sale"
    refund_item: str = "Refund"
    refunds_of_unposted_orders: str = "wait"

    @staticmethod
    def of(values: Mapping[str, Any]) -> FlowOptions:
        """From a flow's values (missing ones take their defaults; a dynamic one that came out missing counts as unsaid).

        Raises KeyError for a name that is not in the table: the checker has refused it long before.
        """
        given: dict[str, Any] = {}
        for name, value in values.items():
            if name not in BY_NAME:
                raise KeyError(name)
            if value is None:
                continue
            key = "class_" if name == "class" else name
            if isinstance(value, list | tuple):
                value = tuple(str(item) for item in value)
            elif key == "unpaid_days":
                value = int(str(value))
            given[key] = value
        return FlowOptions(**given)
