"""The canonical records: what a shop says, in one form for all shops.

Every record is a frozen value. Money is an exact `Decimal` in the currency named beside it (`Order.currency` unless a
part carries its own); a moment is an aware UTC `datetime`; a `date` is a calendar day in the shop's own time zone; ids
are text, because no shop promises numbers. Missing is `None` (or an empty tuple or mapping), never a blank text.

`FORM` numbers the shape of each record as it is stored: raise it when a field changes its meaning, so that an upgrade
of the program can tell a changed form from a changed order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Day
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar, Literal

ZERO = Decimal(0)
_EMPTY: Mapping[str, str] = MappingProxyType({})


def _empty() -> Mapping[str, str]:
    return _EMPTY


RecordKind = Literal["order", "refund", "customer", "product", "stock", "purchase"]
ProductType = Literal["inventory", "non_inventory", "service"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address. `state` and `country` are codes where the shop has codes (`MD`, `US`)."""

    name: str | None = None
    company: str | None = None
    line_1: str | None = None
    line_2: str | None = None
    line_3: str | None = None
    city: str | None = None
    county: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who bought. `id` is the shop's customer id, missing for a guest."""

    id: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    type: str | None = None
    guest: bool = False
    tax_exempt: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One thing sold (on a refund: given back, with positive quantity and amounts).

    `amount` is what the line costs after its discount and before tax, and is what counts; `unit_price` is for display
    and keeps up to seven places. `discount` is how much was taken off (positive). `tax_rate` is a percentage (`6` for
    6 %).
    """

    id: str
    sku: str | None = None
    name: str | None = None
    description: str | None = None
    quantity: Decimal = Decimal(1)
    unit_price: Decimal = ZERO
    amount: Decimal = ZERO
    discount: Decimal = ZERO
    tax_amount: Decimal = ZERO
    taxable: bool = True
    tax_rate: Decimal | None = None
    product_id: str | None = None
    variation_id: str | None = None
    parent_sku: str | None = None
    options: Mapping[str, str] = field(default_factory=_empty)
    meta: Mapping[str, str] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingLine:
    """One way of shipping that was charged. `method` is the title that people see, `method_id` the shop's key."""

    id: str
    method: str | None = None
    method_id: str | None = None
    amount: Decimal = ZERO
    tax_amount: Decimal = ZERO
    taxable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A surcharge (positive) or a reduction that the shop books as a fee (negative)."""

    id: str
    name: str | None = None
    amount: Decimal = ZERO
    tax_amount: Decimal = ZERO
    taxable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A coupon or discount by name. Its `amount` (positive) is already taken off the lines' amounts."""

    id: str
    code: str | None = None
    name: str | None = None
    amount: Decimal = ZERO
    tax_amount: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """One tax of the order. `rate` is a percentage; `amount` counts goods and fees, `shipping_amount` shipping."""

    id: str
    name: str | None = None
    code: str | None = None
    rate: Decimal | None = None
    amount: Decimal = ZERO
    shipping_amount: Decimal = ZERO
    compound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that came in (or, on a refund, went back: positive too).

    `method` is the title that people see and `method_id` the shop's key; `type` is the kind of money where the shop
    says it (`credit card`, `credit account`, `cash`, …). `currency` is set only where it differs from the order's.
    """

    id: str
    method: str | None = None
    method_id: str | None = None
    type: str | None = None
    amount: Decimal = ZERO
    date: Day | None = None
    reference: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFinding:
    """What a connector noticed while reading a record: `code` is stable, `message` is for a bookkeeper.

    `severity` is "info" (worth knowing), "warning" (the record goes on) or "error" (the record must be held).
    `field` names the place in the raw record, `amount` by how much something is off, `next_step` what a person can do.
    """

    code: str
    message: str
    severity: Literal["info", "warning", "error"] = "warning"
    field: str | None = None
    amount: Decimal | None = None
    next_step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money given back on an order. All amounts are positive.

    `amount` is what the customer got back, tax included. A refund by amount has no lines. `total = Σ lines + Σ shipping
    + Σ fees + tax_total` where there are lines; what `amount` exceeds them by is a refund of an amount.
    """

    FORM: ClassVar[int] = 1

    id: str
    order_id: str
    date: Day
    created: datetime
    amount: Decimal
    reason: str | None = None
    currency: str
    tax_total: Decimal = ZERO
    lines: tuple[OrderLine, ...] = ()
    shipping_lines: tuple[ShippingLine, ...] = ()
    fees: tuple[Fee, ...] = ()
    payments: tuple[Payment, ...] = ()
    findings: tuple[SourceFinding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A sale as the shop has it.

    `total = Σ lines.amount + Σ fees.amount + shipping_total + tax_total` (+ tip_total); a difference is a finding
    that says by how much. `subtotal` is Σ lines before discounts, `discount_total` what was taken off. `date` is the
    day of the sale in the shop's zone (`zone`, an IANA name). `paid` is true only where the source says that money
    came in. `store` is a name for people, the identity of the shop is the connection's.
    """

    FORM: ClassVar[int] = 1

    id: str
    number: str
    date: Day
    created: datetime
    modified: datetime | None = None
    zone: str = "UTC"
    status: str
    store: str | None = None
    channel: str | None = None
    currency: str
    register_id: str | None = None
    tags: tuple[str, ...] = ()
    coupon_codes: tuple[str, ...] = ()
    note: str | None = None
    po_number: str | None = None
    ship_date: Day | None = None
    class_: str | None = None
    terms: str | None = None
    ship_via: str | None = None
    subtotal: Decimal = ZERO
    discount_total: Decimal = ZERO
    shipping_total: Decimal = ZERO
    tax_total: Decimal = ZERO
    fee_total: Decimal = ZERO
    tip_total: Decimal = ZERO
    total: Decimal
    balance: Decimal = ZERO
    paid: bool = False
    authorized: bool = False
    paid_date: Day | None = None
    payment_method: str | None = None
    payment_method_id: str | None = None
    transaction_id: str | None = None
    shipping_method: str | None = None
    shipping_method_id: str | None = None
    prices_include_tax: bool = False
    taxable: bool = True
    customer: Party = field(default_factory=Party)
    bill_to: Address = field(default_factory=Address)
    ship_to: Address = field(default_factory=Address)
    lines: tuple[OrderLine, ...] = ()
    shipping_lines: tuple[ShippingLine, ...] = ()
    fees: tuple[Fee, ...] = ()
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[Tax, ...] = ()
    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    meta: Mapping[str, str] = field(default_factory=_empty)
    findings: tuple[SourceFinding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer of the shop, apart from any order."""

    FORM: ClassVar[int] = 1

    id: str
    party: Party
    bill_to: Address = field(default_factory=Address)
    ship_to: Address = field(default_factory=Address)
    currency: str | None = None
    meta: Mapping[str, str] = field(default_factory=_empty)
    findings: tuple[SourceFinding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product, or one variation of one (then `parent_id` and `options` are set). Prices are in `currency`.

    `stock` is missing where the shop does not track it. `shares_sku_with` lists the ids of other products or
    variations with the same SKU, so that they are never merged in silence.
    """

    FORM: ClassVar[int] = 1

    id: str
    sku: str | None = None
    name: str | None = None
    description: str | None = None
    type: str | None = None
    price: Decimal | None = None
    cost: Decimal | None = None
    currency: str | None = None
    barcode: str | None = None
    active: bool = True
    stock: Decimal | None = None
    parent_id: str | None = None
    parent_sku: str | None = None
    own_sku: bool = True
    taxable: bool = True
    options: Mapping[str, str] = field(default_factory=_empty)
    meta: Mapping[str, str] = field(default_factory=_empty)
    shares_sku_with: tuple[str, ...] = ()
    findings: tuple[SourceFinding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLevel:
    """How many pieces lie at one place, as an absolute figure."""

    FORM: ClassVar[int] = 1

    sku: str
    quantity: Decimal
    location: str | None = None
    available: Decimal | None = None
    previous: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLine:
    """One thing bought from a vendor, at `unit_price` in the purchase's currency."""

    id: str
    sku: str | None = None
    name: str | None = None
    quantity: Decimal = Decimal(1)
    received: Decimal | None = None
    unit_price: Decimal = ZERO
    amount: Decimal = ZERO
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """An order to a vendor."""

    FORM: ClassVar[int] = 1

    id: str
    number: str
    date: Day
    status: str | None = None
    vendor: Party = field(default_factory=Party)
    currency: str
    reference: str | None = None
    received: bool = False
    lines: tuple[PurchaseLine, ...] = ()
    total: Decimal = ZERO
    findings: tuple[SourceFinding, ...] = ()


Record = Order | Refund | Customer | Product | StockLevel | Purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One record as it came: the raw payload beside what it was read as.

    `record` is missing where the payload could not be read; the findings then say why and the payload is kept.
    """

    kind: RecordKind
    id: str
    raw: Mapping[str, object]
    record: Record | None
    findings: tuple[SourceFinding, ...] = ()
    modified: datetime | None = None
