"""The canonical documents: what should stand in the books, before any system's own spelling of it.

References (customer, item, account, class, tax code, …) are **symbolic**: the name that a bookkeeper knows, resolved
to an id only when the document is sent. Money is `Decimal` in `currency`; amounts of credit memos and refund receipts
are positive. A document's parts add up to its total: `total = Σ lines.amount − discount_total + shipping_total +
tax_total`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Day
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar, Literal

from connectors.records import ZERO, Address, ProductType

_EMPTY: Mapping[str, str] = MappingProxyType({})


def _empty() -> Mapping[str, str]:
    return _EMPTY


SalesType = Literal["invoice", "sales_receipt", "estimate", "credit_memo", "refund_receipt"]
LineKind = Literal["item", "shipping", "fee", "tax", "rounding", "transaction_fee", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One line. `kind` says why it is there; `item` is the item's name in the books (missing for `text`).

    `taxable` decides between the books' taxable and non-taxable code where `tax_code` names none. `source` is the id of
    the record's line that it came from.
    """

    kind: LineKind = "item"
    item: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal = ZERO
    taxable: bool = False
    tax_code: str | None = None
    class_: str | None = None
    account: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesDocument:
    """An invoice, sales receipt, estimate, credit memo or refund receipt.

    `discount_total` (positive) is one discount on the whole document, `shipping_total` the books' own shipping field;
    where shipping or discounts are booked as items they are lines instead and these are zero. `tax_total` is the tax
    the shop charged; `tax_code` the books' code for the whole document; `tax_override` says that `tax_total` is to
    stand whatever the books would compute. `marker` is derived from the ledger key and is the last line of the
    private note: by it a document is known as ours.
    """

    FORM: ClassVar[int] = 1

    type: SalesType
    number: str | None = None
    date: Day
    due_date: Day | None = None
    customer: str | None = None
    customer_email: str | None = None
    currency: str
    lines: tuple[DocumentLine, ...] = ()
    discount_total: Decimal = ZERO
    discount_account: str | None = None
    discount_taxable: bool = True
    shipping_total: Decimal = ZERO
    shipping_taxable: bool = False
    shipping_tax_code: str | None = None
    tax_total: Decimal = ZERO
    tax_code: str | None = None
    tax_override: bool = False
    total: Decimal
    bill_to: Address = field(default_factory=Address)
    ship_to: Address = field(default_factory=Address)
    class_: str | None = None
    location: str | None = None
    terms: str | None = None
    po_number: str | None = None
    memo: str | None = None
    message: str | None = None
    custom: Mapping[str, str] = field(default_factory=_empty)
    deposit_account: str | None = None
    receivable_account: str | None = None
    payment_method: str | None = None
    payment_reference: str | None = None
    ship_via: str | None = None
    ship_date: Day | None = None
    tracking_number: str | None = None
    email_invoice: bool = False
    marker: str = ""

    @property
    def subtotal(self) -> Decimal:
        """Σ of the lines, before discount, shipping and tax."""
        return sum((line.amount for line in self.lines), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDocument:
    """Money received, applied to the documents of our own slots (`applies_to`: slot -> amount) or to an invoice by
    number.

    What `amount` exceeds the applied sums by stays on the customer's account.
    """

    FORM: ClassVar[int] = 1

    date: Day
    customer: str
    currency: str
    amount: Decimal
    applies_to: Mapping[str, Decimal] = field(default_factory=dict)
    invoice_number: str | None = None
    payment_method: str | None = None
    reference: str | None = None
    deposit_account: str | None = None
    receivable_account: str | None = None
    memo: str | None = None
    marker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDocument:
    """A customer that the books should have. `name` is unique among customers, vendors and employees."""

    FORM: ClassVar[int] = 1

    name: str
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    currency: str | None = None
    taxable: bool = True
    bill_to: Address = field(default_factory=Address)
    ship_to: Address = field(default_factory=Address)
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDocument:
    """An item that the books should have. Accounts are names; `start_date` is when its stock begins to count."""

    FORM: ClassVar[int] = 1

    name: str
    sku: str | None = None
    type: ProductType = "non_inventory"
    description: str | None = None
    price: Decimal | None = None
    cost: Decimal | None = None
    taxable: bool = True
    income_account: str | None = None
    expense_account: str | None = None
    asset_account: str | None = None
    quantity: Decimal | None = None
    start_date: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDocument:
    """An entry of one of the books' small lists (payment method, term, class, location) that may be created by name."""

    FORM: ClassVar[int] = 1

    kind: Literal["payment_method", "term", "class", "department"]
    name: str


Document = SalesDocument | PaymentDocument | CustomerDocument | ProductDocument | ListDocument
