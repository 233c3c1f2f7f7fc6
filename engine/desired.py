"""What should stand in the books for one order: documents by slot, names to create, and what is to be said.

A pure function of the record before and after its rules, the flow's options and a view of the books. The same code
serves preview, test, plan and the live run. It knows no store and no network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.documents import (
    CustomerDocument,
    DocumentLine,
    ListDocument,
    PaymentDocument,
    ProductDocument,
    SalesDocument,
    SalesType,
)
from connectors.ports import ListKind
from connectors.records import ZERO, Address
from engine import parts, taxing
from engine.books_view import BooksView, folded
from engine.findings import Finding, first_stop, hold, info, warning
from engine.keys import RecordKey, marker
from engine.matching import Match, TargetRules, match_customer, match_product, match_service_item
from engine.options import FlowOptions
from engine.parts import cents
from engine.projection import RuleRecord

NUMBER_LIMIT = 21  # QuickBooks' DocNumber (facts: error 2050)
SALE = "sale"
_FEE_DIGITS = 9  # more is no fee, but a number that something else wrote there
Creation = CustomerDocument | ProductDocument | ListDocument

_SALES_TYPES: Mapping[str, SalesType] = {
    "estimate": "estimate",
    "sales_order": "estimate",
    "invoice": "invoice",
    "invoice_and_payment": "invoice",
    "invoice_and_payment_if_paid": "invoice",
    "sales_receipt": "sales_receipt",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slotted:
    """A document and the slot of the ledger that it stands in: `sale`, `payment:ID`, `refund:ID`."""

    slot: str
    document: SalesDocument | PaymentDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What one record wants: documents (the sale before its payments), names they need that the books do not have, findings.

    Where `stop` is set nothing may be posted; the documents are there to be shown.
    """

    documents: tuple[Slotted, ...] = ()
    creates: tuple[Creation, ...] = ()
    findings: tuple[Finding, ...] = ()
    skip: str | None = None

    @property
    def stop(self) -> Finding | None:
        return first_stop(self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutPayments:
    """Payments that rules left out: how many, and why (the first reason)."""

    count: int = 0
    reason: str = ""


def money(amount: Decimal, currency: str) -> str:
    """`41.98 USD`, for words."""
    return f"{cents(amount):f} {currency}"


def address_of(held: Mapping[str, Any]) -> Address:
    """The part of a rule record that is an address, as a value."""
    return Address(**{name: held.get(name) or None for name in Address.__dataclass_fields__})


class Builder:
    """Collects the lines, names and findings of one document; used once and thrown away."""

    def __init__(
        self, record: RuleRecord, options: FlowOptions, books: BooksView, rules: TargetRules, day: date
    ) -> None:
        self.record = record
        self.options = options
        self.books = books
        self.rules = rules
        self.day = day
        self.currency: str = record["order"]["currency"] or ""
        self.lines: list[DocumentLine] = []
        self.creates: dict[tuple[str, str], Creation] = {}
        self.findings: list[Finding] = []

    # -- names ------------------------------------------------------------------------------------------------------

    def take(self, match: Match[CustomerDocument] | Match[ProductDocument]) -> str | None:
        """Keep what a match says and creates; its name."""
        self.findings.extend(match.findings)
        if match.create is not None:
            self.create(match.create)
        return match.name

    def create(self, document: Creation) -> None:
        kind = document.kind if isinstance(document, ListDocument) else type(document).__name__
        self.creates.setdefault((kind, folded(document.name)), document)

    def service_item(self, item: str, *, cost: bool = False, taxable: bool = False) -> str | None:
        return self.take(match_service_item(item, self.options, self.books, self.rules, cost=cost, taxable=taxable))

    def reference(self, kind: ListKind, name: str | None, label: str, where: str) -> str | None:
        """The full name of a list entry that must exist; else a reason to hold."""
        if not name:
            return None
        found = self.books.named(kind, name)
        active = [entry for entry in found if entry.active]
        if active:
            return active[0].name
        state = "is inactive" if found else "does not exist"
        self.findings.append(
            hold(
                f"{kind}_missing",
                f"The {label} '{name}' {state} in QuickBooks.",
                f"Add or activate it in QuickBooks under {where}, or name another one.",
                name=name,
            )
        )
        return None

    # -- lines ------------------------------------------------------------------------------------------------------

    def goods(self, line: Mapping[str, Any], *, start: date) -> None:
        """A line of goods. With discounts shown apart the line carries its full amount."""
        item = self.take(
            match_product(
                line["sku"], line["name"], line.get("item"), line, self.options, self.books, self.rules, start=start
            )
        )
        amount: Decimal = line["amount"] if line["amount"] is not None else ZERO
        quantity: Decimal | None = line["quantity"]
        discount: Decimal = line.get("discount") or ZERO
        unit_price: Decimal | None = line["unit_price"]
        if self.options.discounts_as != "in_lines" and discount:
            amount += discount
            unit_price = amount / quantity if quantity else None
        self.lines.append(
            DocumentLine(
                kind="item",
                item=item,
                description=_described(line),
                quantity=quantity,
                unit_price=unit_price,
                amount=cents(amount),
                taxable=self._line_taxable(line),
                tax_code=self._line_code(line),
                class_=self.reference("class", line.get("class"), "class", "Lists > Classes"),
                account=line.get("account"),
                source=line["id"],
            )
        )

    def _line_taxable(self, line: Mapping[str, Any]) -> bool:
        code = line.get("tax_code")
        if code:
            return folded(code) not in taxing.NO_TAX
        return bool(line.get("taxable"))

    def _line_code(self, line: Mapping[str, Any]) -> str | None:
        # In the US a line is taxable or not, and the document has the code; elsewhere each line has its own.
        code: str | None = line.get("tax_code")
        return None if code is None or folded(code) in taxing.NO_TAX or folded(code) == "tax" else code

    def other(
        self, kind: str, item: str, amount: Decimal, description: str | None, *,
        taxable: bool = False, source: Mapping[str, Any] | None = None, cost: bool = False,
    ) -> None:  # fmt: skip
        """A line that is not goods: shipping, a fee, tax, a discount, rounding."""
        if not amount:
            return
        chosen = (source or {}).get("item") or item
        self.lines.append(
            DocumentLine(
                kind=kind,  # type: ignore[arg-type]  # callers pass LineKind literals
                item=self.service_item(chosen, cost=cost, taxable=taxable),
                description=description,
                amount=cents(amount),
                taxable=taxable,
                class_=self.reference("class", (source or {}).get("class"), "class", "Lists > Classes"),
                source=(source or {}).get("id"),
            )
        )


def _described(line: Mapping[str, Any]) -> str | None:
    """The line's description: its own text or its name, with the options of a variation behind it."""
    text: str | None = line.get("description") or line.get("name")
    chosen = ", ".join(f"{name}: {value}" for name, value in (line.get("options") or {}).items() if value)
    return f"{text} ({chosen})" if text and chosen else text or chosen or None


# ------------------------------------------------------------------------------------------------------------ header


def document_day(builder: Builder, wanted: date) -> date:
    """The document's date: the wanted one, unless the books are closed on it (then held, or moved and said)."""
    closed = builder.books.profile.closed_until
    if not closed or wanted > (last := date.fromisoformat(closed)):
        return wanted
    if builder.options.closed_period == "first_open_day":
        first_open = last + timedelta(days=1)
        builder.findings.append(
            warning(
                "moved_out_of_closed_period",
                f"The books are closed until {last.isoformat()}; the document of {wanted.isoformat()} is dated"
                f" {first_open.isoformat()}.",
                date=first_open.isoformat(),
            )
        )
        return first_open
    builder.findings.append(
        hold(
            "closed_period",
            f"The order is of {wanted.isoformat()}, and the books are closed until {last.isoformat()}.",
            "Move the closing date in QuickBooks under Account and settings > Advanced > Accounting, or set closed_period"
            " to first_open_day.",
            date=wanted.isoformat(),
        )
    )
    return wanted


def check_currency(builder: Builder) -> None:
    """Foreign currency waits: posting it belongs to a later version, and booking it as home currency would be false."""
    home = builder.books.profile.currency
    if builder.currency == home:
        return
    profile = builder.books.profile
    reason = "cannot post foreign currencies yet" if profile.multicurrency else "has no multicurrency"
    step = (
        "Enter this order by hand, or leave out its currency with a rule (skip)."
        if profile.multicurrency
        else "Leave out orders of that currency with a rule (skip), or turn on Account and settings > Advanced > Currency."
    )
    builder.findings.append(
        hold(
            "foreign_currency",
            f"The order is in {builder.currency}; the books are in {home} and this company {reason}.",
            step,
            currency=builder.currency,
        )
    )


def document_number(builder: Builder, number: str | None) -> str | None:
    """The number, held where QuickBooks would refuse it for its length."""
    if number and len(number) > NUMBER_LIMIT:
        builder.findings.append(
            hold(
                "number_too_long",
                f"The number '{number}' has {len(number)} characters; QuickBooks takes {NUMBER_LIMIT}.",
                "Shorten it with a rule, for example: set books.number to right(order.number, 21).",
                number=number,
            )
        )
    return number


def _notes(builder: Builder) -> tuple[str | None, Mapping[str, str], str | None]:
    """PO number, custom fields and memo, as rules left them."""
    books, order = builder.record["books"], builder.record["order"]
    custom = {name: str(value) for name, value in (books.get("custom") or {}).items() if value not in (None, "")}
    return books.get("po_number") or order.get("po_number"), custom, books.get("memo") or order.get("note")


# -------------------------------------------------------------------------------------------------------------- tax


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxOutcome:
    """How the document carries tax: its code, the amount, and whether the amount overrules the books."""

    code: str | None = None
    amount: Decimal = ZERO
    override: bool = False
    lines_taxable: bool = False


def _decide_tax(builder: Builder, shop_tax: Decimal, untaxed: SalesDocument) -> TaxOutcome:
    options, books = builder.options, builder.books
    if options.sales_tax == "none":
        if shop_tax:
            builder.findings.append(
                info("tax_left_out", f"Sales tax of {money(shop_tax, builder.currency)} is left out, as the flow says.")
            )
        return TaxOutcome()
    if options.sales_tax == "line_item":
        builder.other("tax", options.tax_item, shop_tax, "Sales tax")
        return TaxOutcome()
    if options.sales_tax == "override":
        code: str | None = builder.record["books"].get("tax_code") or options.tax_code or None
        entry, stop = taxing.find_code(code, books)
        if stop:
            builder.findings.append(stop)
        return TaxOutcome(
            code=entry.name if entry else None, amount=cents(shop_tax), override=True, lines_taxable=bool(shop_tax)
        )
    code = builder.record["books"].get("tax_code") or options.tax_code or None
    code = code or next((line.tax_code for line in builder.lines if line.tax_code), None)
    outcome = taxing.by_code(code, untaxed, shop_tax, options.tax_difference_limit, books, builder.rules)
    builder.findings.extend(outcome.findings)
    return TaxOutcome(
        code=outcome.code, amount=ZERO if outcome.tax is None else outcome.tax, lines_taxable=outcome.code is not None
    )


# ----------------------------------------------------------------------------------------------------- whole document


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """Everything below the header of a sales document."""

    lines: tuple[DocumentLine, ...]
    discount_total: Decimal
    shipping_total: Decimal
    shipping_taxable: bool
    tax: TaxOutcome
    total: Decimal


def _shipping(builder: Builder, head: Mapping[str, Any], amount: Decimal) -> Decimal:
    """Shipping as lines, or (answered) as the books' own shipping amount."""
    options, books = builder.options, builder.record["books"]
    by_item = books.get("shipping_item")
    lines = head["shipping_lines"]
    own_items = any(line.get("item") or line.get("class") for line in lines)
    if options.shipping_as == "shipping_line" and not by_item and not own_items:
        if builder.books.profile.shipping:
            return cents(amount)
        if amount:
            builder.findings.append(
                info(
                    "shipping_as_item",
                    "Shipping is an item line: this QuickBooks company has its shipping field turned off"
                    " (Account and settings > Sales > Sales form content).",
                )
            )
    rest = amount
    for line in lines:
        builder.other(
            "shipping", by_item or options.shipping_item, line["amount"] or ZERO, line.get("method") or "Shipping",
            taxable=bool(line.get("tax_amount")), source=line,
        )  # fmt: skip
        rest -= line["amount"] or ZERO
    builder.other("shipping", by_item or options.shipping_item, rest, "Shipping")
    return ZERO


def _transaction_fee(builder: Builder, head: Mapping[str, Any]) -> Decimal:
    """The payment processor's fee from the order's meta data, as one negative line; how much it was."""
    if not builder.options.transaction_fees:
        return ZERO
    for key in builder.options.transaction_fee_keys:
        text = (head.get("meta") or {}).get(key)
        if text in (None, ""):
            continue
        try:
            fee = Decimal(str(text))
        except InvalidOperation:
            fee = Decimal("NaN")
        if not fee.is_finite() or fee.adjusted() > _FEE_DIGITS:
            builder.findings.append(
                warning(
                    "fee_unreadable", f"The transaction fee in {key} is '{text}', which is no amount; it is left out."
                )
            )
            continue
        fee = cents(fee)
        builder.other("transaction_fee", builder.options.transaction_fee_item, -fee, "Transaction fee", cost=True)
        return fee
    return ZERO


def _body(builder: Builder, before: Mapping[str, Any], after: Mapping[str, Any], received: Decimal) -> _Body:
    """Lines, tax and total of a sale or refund. `received` is what the shop says the whole is."""
    options, currency = builder.options, builder.currency
    was, now = parts.of_received(before), parts.after_rules(before, after)
    for name, moved in parts.changes(was, now):
        sign = "more" if moved > 0 else "less"
        builder.findings.append(
            info("total_changed", f"Rules changed the {name}: {money(abs(moved), currency)} {sign}.", part=name)
        )
    for line in after["lines"]:
        builder.goods(line, start=builder.day)
    for fee in after["fees"]:
        builder.other(
            "fee", builder.record["books"].get("fee_item") or options.fee_item, fee["amount"] or ZERO,
            fee.get("name") or "Fee", taxable=bool(fee.get("tax_amount")), source=fee,
        )  # fmt: skip
    if now.tip:
        builder.other("fee", "Tips", now.tip, "Tip")
    shipping_total = _shipping(builder, after, now.shipping)
    shipping_taxable = any(line.get("tax_amount") for line in after["shipping_lines"])

    # A discount that the shop already took off its lines is shown apart only if the flow wants it so.
    inside = parts.total_of(after["lines"], "discount") if options.discounts_as != "in_lines" else ZERO
    apart = inside + now.discounts
    discount_total = ZERO
    discount_item = builder.record["books"].get("discount_item") or options.discount_item
    if options.discounts_as == "discount_line" and apart >= 0:
        discount_total = cents(apart)
    else:
        names = ", ".join(
            str(each["code"] or each["name"]) for each in after.get("discounts", ()) if each["code"] or each["name"]
        )
        builder.other("fee", discount_item, -apart, f"Discount {names}".strip(), taxable=bool(now.tax))

    fee = _transaction_fee(builder, after)
    untaxed = SalesDocument(
        type="invoice",
        date=builder.day,
        currency=currency,
        lines=tuple(builder.lines),
        discount_total=discount_total,
        shipping_total=shipping_total,
        shipping_taxable=shipping_taxable,
        total=ZERO,
    )
    tax = _decide_tax(builder, cents(now.tax), untaxed)

    # The document's total: what was received, plus what rules changed, less the fee that the processor kept.
    wanted = received + (now.total - was.total) - fee
    if options.sales_tax == "none":
        wanted -= now.tax
    wanted = cents(wanted)
    lines = sum((line.amount for line in builder.lines), ZERO)
    gap = wanted - (lines - discount_total + shipping_total + tax.amount)
    if gap:
        # A difference in tax has its own limit; what else is left over is rounding.
        allowed = options.rounding_limit + abs(
            cents(now.tax) - tax.amount if options.sales_tax == "map_codes" else ZERO
        )
        if abs(gap) > allowed:
            builder.findings.append(
                hold(
                    "parts_do_not_add_up",
                    f"The parts of the order add up to {money(wanted - gap, currency)}, its total is"
                    f" {money(wanted, currency)}: {money(gap, currency)} are unexplained.",
                    "Look at the order in the shop; or raise rounding_limit, if such differences are expected.",
                    gap=format(gap, "f"),
                )
            )
        else:
            builder.other("rounding", options.rounding_item, gap, "Rounding")
            builder.findings.append(
                info(
                    "rounded", f"A rounding line of {money(gap, currency)} makes the total equal.", gap=format(gap, "f")
                )
            )
    built = tuple(
        line if tax.lines_taxable or not line.taxable else replace(line, taxable=False) for line in builder.lines
    )
    if wanted < 0:
        builder.findings.append(
            hold(
                "negative_total",
                f"The document would come to {money(wanted, currency)}; QuickBooks takes no negative sale.",
                "Leave the order out with a rule (skip), or enter it by hand as a refund.",
            )
        )
    return _Body(
        lines=built,
        discount_total=discount_total,
        shipping_total=shipping_total,
        shipping_taxable=shipping_taxable and tax.lines_taxable,
        tax=tax,
        total=wanted,
    )


def is_paid(order: Mapping[str, Any], options: FlowOptions) -> bool:
    """Whether the money came in: the source says so, or the method is one of the flow's cards and the order went on."""
    if order["paid"]:
        return True
    cards = {folded(method) for method in options.card_methods}
    methods = {folded(str(order[name])) for name in ("payment_method", "payment_method_id") if order[name]}
    return bool(cards & methods) and order["status"] in ("processing", "completed")


def _payments(
    builder: Builder, key: RecordKey, order: Mapping[str, Any], record_as: str, total: Decimal, fee: Decimal,
    standing: frozenset[str],
) -> list[tuple[str, Mapping[str, Any], Decimal]]:  # fmt: skip
    """(slot, payment, amount) of what was paid. A payment that nobody recorded, but that the flow asks for, is of the
    whole total.
    """
    listed = [(f"payment:{payment['id']}", payment, payment["amount"] or ZERO) for payment in order["payments"]]
    whole = "payment:total"
    synthesized = {
        "id": "total",
        "method": order["payment_method"],
        "method_id": order["payment_method_id"],
        "type": None,
        "amount": total,
        "date": order["paid_date"],
        "reference": order["transaction_id"],
        "currency": None,
        "deposit_account": None,
    }
    if whole in standing:
        # The whole was recorded as paid before the shop told of a payment: a second one would double it.
        return [(whole, synthesized, total)]
    wanted = record_as == "invoice_and_payment" or is_paid(order, builder.options)
    if not listed and wanted and total > 0 and record_as != "invoice":
        return [(whole, synthesized, total)]
    if fee and listed:
        slot, payment, amount = listed[0]
        listed[0] = (slot, payment, amount - fee)
    return [(slot, payment, cents(amount)) for slot, payment, amount in listed if amount]


def _payment_method(builder: Builder, title: str | None) -> str | None:
    """The payment method's name in the books (31 characters at most there); created if missing."""
    wanted = builder.record["books"].get("payment_method") or builder.options.payment_method or title
    if not wanted:
        return None
    name = wanted[:31].strip()
    found = builder.books.named("payment_method", name)
    if found:
        return found[0].name
    builder.create(ListDocument(kind="payment_method", name=name))
    return name


def build_sale(
    key: RecordKey, before: RuleRecord, after: RuleRecord, options: FlowOptions, books: BooksView, rules: TargetRules,
    *, left_out: LeftOutPayments = LeftOutPayments(), standing: frozenset[str] = frozenset(),
) -> Desired:  # fmt: skip
    """The sale of an order and its payments.

    `before` and `after` are its rule record before and after the rules, `standing` the slots that the ledger already holds for it.
    """
    order, target = after["order"], after["books"]
    builder = Builder(after, options, books, rules, order["date"])
    record_as: str = target.get("transaction_type") or options.record_as
    check_currency(builder)
    if record_as == "sales_order":
        builder.findings.append(
            info("sales_order_as_estimate", "QuickBooks Online has no sales orders; the order becomes an estimate.")
        )
    paid = is_paid(order, options)
    received: Decimal = before["order"]["total"]
    if record_as == "sales_receipt" and not paid and received > 0 and SALE not in standing and not left_out.count:
        words = f"Not paid yet ({order['payment_method'] or 'no payment method'}, status {order['status']})."
        if options.unpaid_orders == "skip":
            return Desired(skip=words)
        builder.findings.append(
            hold(
                "not_paid",
                words,
                "It is looked at again by itself; a sales receipt is made when the money is in.",
                status=str(order["status"]),
            )
        )
    sales_type = _SALES_TYPES.get(record_as, "invoice")
    if sales_type == "sales_receipt" and left_out.count:
        sales_type = "invoice"
        record_as = "invoice_and_payment_if_paid"
        builder.findings.append(
            info(
                "receipt_became_invoice",
                f"A payment is left out ({left_out.reason}), so the sales receipt becomes an invoice"
                " with the payments that remain.",
            )
        )
    customer = builder.take(match_customer(after, options, books, rules))
    if record_as == "payment":
        return _payment_only(builder, key, order, customer, standing)

    day = document_day(builder, target.get("date") or order["date"])
    body = _body(builder, before["order"], order, received)
    if not body.lines and not body.shipping_total:
        builder.findings.append(
            hold(
                "nothing_to_post",
                "The order has no lines that a document could carry.",
                "Look at the order in the shop, or leave such orders out with a rule (skip).",
            )
        )
    fee = -sum((line.amount for line in body.lines if line.kind == "transaction_fee"), ZERO)
    payments = [] if left_out.count and not order["payments"] else _payments(
        builder, key, order, record_as, body.total, fee, standing
    )  # fmt: skip
    if sales_type == "estimate" or record_as == "invoice":
        payments = []
    if record_as == "invoice_and_payment_if_paid" and not paid and not left_out.count:
        payments = []
    on_receipt = sales_type == "sales_receipt"
    first = payments[0][1] if payments else None
    po, custom, memo = _notes(builder)
    receivable = builder.reference(
        "account",
        target.get("receivable_account") or options.receivable_account,
        "account",
        "Accounting > Chart of accounts",
    )
    document = SalesDocument(
        type=sales_type,
        number=document_number(builder, target.get("number") or order["number"]),
        date=day,
        due_date=target.get("due_date"),
        customer=customer,
        customer_email=after["customer"]["email"] or after["bill_to"]["email"],
        currency=builder.currency,
        lines=body.lines,
        discount_total=body.discount_total,
        discount_taxable=bool(body.tax.lines_taxable),
        shipping_total=body.shipping_total,
        shipping_taxable=body.shipping_taxable,
        shipping_tax_code=target.get("shipping_tax_code"),
        tax_total=body.tax.amount,
        tax_code=body.tax.code,
        tax_override=body.tax.override,
        total=body.total,
        bill_to=address_of(after["bill_to"]),
        ship_to=address_of(after["ship_to"]),
        class_=builder.reference(
            "class", target.get("class") or order.get("class") or options.class_, "class", "Lists > Classes"
        ),
        location=builder.reference(
            "department", target.get("location") or options.location, "location", "Lists > Locations"
        ),
        terms=None
        if on_receipt
        else builder.reference(
            "term", target.get("terms") or order.get("terms") or options.terms, "terms", "Lists > Terms"
        ),
        po_number=po,
        memo=memo,
        message=target.get("message"),
        custom=custom,
        deposit_account=_deposit_account(builder, first) if on_receipt else None,
        receivable_account=None if on_receipt else receivable,
        payment_method=_payment_method(builder, (first or order).get("method") or order["payment_method"])
        if on_receipt
        else None,
        payment_reference=_reference(builder, first or {}, order) if on_receipt else None,
        ship_via=target.get("ship_via") or order.get("ship_via") or order.get("shipping_method"),
        ship_date=target.get("ship_date") or order.get("ship_date"),
        email_invoice=bool(target.get("email_invoice")),
        marker=marker(builder.books.profile.id, key, SALE),
    )
    documents = [Slotted(slot=SALE, document=document)]
    if not on_receipt and customer:
        documents.extend(_payment_documents(builder, key, order, payments, customer, body.total, receivable))
    return _finished(builder, documents)


def _finished(builder: Builder, documents: Sequence[Slotted]) -> Desired:
    """The collected whole; where nothing stops it yet, with what the target says of the documents."""
    if first_stop(builder.findings) is None:
        for slotted in documents:
            for said in builder.rules.preflight(slotted.document, builder.books.profile):
                builder.findings.append(
                    Finding(
                        code=said.code,
                        text=said.message,
                        next_step=said.next_step,
                        severity="hold" if said.severity == "error" else said.severity,
                        values={"field": said.field} if said.field else {},
                    )
                )
    return Desired(
        documents=tuple(documents), creates=tuple(builder.creates.values()), findings=tuple(builder.findings)
    )


def _deposit_account(builder: Builder, payment: Mapping[str, Any] | None) -> str | None:
    wanted = (
        (payment or {}).get("deposit_account")
        or builder.record["books"].get("deposit_account")
        or builder.options.deposit_account
    )
    return builder.reference("account", wanted, "account", "Accounting > Chart of accounts")


def _reference(builder: Builder, payment: Mapping[str, Any], order: Mapping[str, Any]) -> str | None:
    text = builder.record["books"].get("payment_reference") or payment.get("reference") or order.get("transaction_id")
    return str(text)[:NUMBER_LIMIT] if text else None


def _payment_documents(
    builder: Builder, key: RecordKey, order: Mapping[str, Any],
    payments: Sequence[tuple[str, Mapping[str, Any], Decimal]], customer: str, total: Decimal, receivable: str | None,
) -> list[Slotted]:  # fmt: skip
    """Payments applied to the order's own invoice, never beyond its total."""
    left, built = total, []
    for slot, payment, amount in payments:
        applied = min(amount, left)
        left -= applied
        if amount > applied:
            builder.findings.append(
                info(
                    "overpaid",
                    f"{money(amount - applied, builder.currency)} more was paid than the invoice is; it stays on the"
                    " customer's account.",
                )
            )
        document = PaymentDocument(
            date=document_day(builder, payment.get("date") or order["paid_date"] or order["date"]),
            customer=customer,
            currency=builder.currency,
            amount=amount,
            applies_to={SALE: applied} if applied > 0 else {},
            payment_method=_payment_method(builder, payment.get("method") or order["payment_method"]),
            reference=_reference(builder, payment, order),
            deposit_account=_deposit_account(builder, payment),
            receivable_account=receivable,
            memo=f"Order {order['number']}",
            marker=marker(builder.books.profile.id, key, slot),
        )
        built.append(Slotted(slot=slot, document=document))
    return built


def _payment_only(
    builder: Builder, key: RecordKey, order: Mapping[str, Any], customer: str | None, standing: frozenset[str]
) -> Desired:
    """Only the money: a payment on the open invoice that already has the order's number."""
    number = builder.record["books"].get("number") or order["number"]
    if not is_paid(order, builder.options) and not order["payments"]:
        builder.findings.append(
            hold("not_paid", f"Not paid yet (status {order['status']}).", "It is looked at again by itself.")
        )
    total = parts.cents(order["total"])
    built = []
    for slot, payment, amount in _payments(builder, key, order, "payment", total, ZERO, standing):
        document = PaymentDocument(
            date=document_day(builder, payment.get("date") or order["paid_date"] or order["date"]),
            customer=customer or "",
            currency=builder.currency,
            amount=amount,
            invoice_number=number,
            payment_method=_payment_method(builder, payment.get("method") or order["payment_method"]),
            reference=_reference(builder, payment, order),
            deposit_account=_deposit_account(builder, payment),
            memo=f"Order {order['number']}",
            marker=marker(builder.books.profile.id, key, slot),
        )
        built.append(Slotted(slot=slot, document=document))
    # The customer of the invoice counts, so none is created for a payment alone.
    creates = tuple(each for each in builder.creates.values() if not isinstance(each, CustomerDocument))
    return replace(_finished(builder, built), creates=creates)


def build_refund(
    key: RecordKey, before: RuleRecord, after: RuleRecord, options: FlowOptions, books: BooksView, rules: TargetRules,
    *, sale_type: SalesType | None, index: int,
) -> Desired:  # fmt: skip
    """The credit memo or refund receipt of one refund; its order's rules have run, then those for refunds.

    `sale_type` is what stands in the books for the order (missing: nothing), `index` counts the order's refunds from 1.
    """
    refund, order, target = after["refund"], after["order"], after["books"]
    if options.refunds == "no":
        return Desired(skip="The flow does not record refunds.")
    builder = Builder(after, options, books, rules, order["date"])
    check_currency(builder)
    if sale_type is None and options.refunds_of_unposted_orders == "wait":
        builder.findings.append(
            hold(
                "order_not_posted",
                f"Order {order['number']} is not in the books yet, so its refund waits for it.",
                "It goes on by itself when the order is posted; or set refunds_of_unposted_orders to post_both.",
            )
        )
    wanted = options.refunds
    if wanted == "as_the_sale":
        wanted = "refund_receipt" if sale_type == "sales_receipt" else "credit_memo"
    document_type: SalesType = "refund_receipt" if wanted == "refund_receipt" else "credit_memo"
    customer = builder.take(match_customer(after, options, books, rules))
    day = document_day(builder, refund["date"])
    head, was = dict(refund), dict(before["refund"])
    covered = parts.of_received(was).total
    amount: Decimal = before["refund"]["amount"]
    rest = cents(amount - covered)
    if rest and (abs(rest) > options.rounding_limit or not was["lines"]):
        # An amount without lines (or beyond them): there is no product behind it, so it goes to the named item.
        builder.other("fee", options.refund_item, rest, refund["reason"] or "Refund")
        covered_amount = amount - rest
    else:
        covered_amount = amount
    fixed = list(builder.lines)
    builder.lines = []
    body = _body(builder, was, head, covered_amount)
    lines = (*body.lines, *fixed)
    total = body.total + sum((line.amount for line in fixed), ZERO)
    number = target.get("number") or order["number"]
    if number and index > 1:
        tail = f"-{index}"
        number = number[: NUMBER_LIMIT - len(tail)] + tail
    po, custom, memo = _notes(builder)
    payment = refund["payments"][0] if refund["payments"] else {}
    receipt = document_type == "refund_receipt"
    document = SalesDocument(
        type=document_type,
        number=document_number(builder, number),
        date=day,
        customer=customer,
        customer_email=after["customer"]["email"] or after["bill_to"]["email"],
        currency=builder.currency,
        lines=lines,
        discount_total=body.discount_total,
        discount_taxable=bool(body.tax.lines_taxable),
        shipping_total=body.shipping_total,
        shipping_taxable=body.shipping_taxable,
        tax_total=body.tax.amount,
        tax_code=body.tax.code,
        tax_override=body.tax.override,
        total=total,
        bill_to=address_of(after["bill_to"]),
        ship_to=address_of(after["ship_to"]),
        class_=builder.reference(
            "class", target.get("class") or order.get("class") or options.class_, "class", "Lists > Classes"
        ),
        location=builder.reference(
            "department", target.get("location") or options.location, "location", "Lists > Locations"
        ),
        po_number=po,
        memo=refund["reason"] or memo,
        message=target.get("message"),
        custom=custom,
        deposit_account=(_deposit_account(builder, payment) or books.account_for("deposit")) if receipt else None,
        payment_method=_payment_method(builder, payment.get("method") or order["payment_method"]) if receipt else None,
        payment_reference=_reference(builder, payment, order) if receipt else None,
        marker=marker(builder.books.profile.id, key, f"refund:{refund['id']}"),
    )
    return _finished(builder, [Slotted(slot=f"refund:{refund['id']}", document=document)])
