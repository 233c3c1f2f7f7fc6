"""Everything below the head of a sale or refund: lines, shipping, discounts, fees, tax, rounding. Every cent is accounted for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.canonical import decimal_text
from connectors.documents import (
    DocumentLine,
    SalesDocument,
)
from connectors.money import cents
from connectors.records import ZERO
from engine.books_view import folded
from engine.documents import parts, taxing
from engine.documents.builder import Builder, posted_apart
from engine.documents.wanted import money
from engine.findings import hold, info, warning
from engine.options import FlowOptions

_FEE_DIGITS = 9  # more is no fee, but a number that something else wrote there


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxOutcome:
    """How the document carries tax: its code, the amount, and whether the amount overrules the books."""

    code: str | None = None
    amount: Decimal = ZERO
    override: bool = False
    lines_taxable: bool = False


def decide_tax(
    builder: Builder, shop_tax: Decimal, untaxed: SalesDocument, taxes: Sequence[Mapping[str, Any]]
) -> TaxOutcome:
    options, books = builder.options, builder.books
    if options.sales_tax == "none":
        if shop_tax:
            builder.findings.append(
                info("tax_left_out", f"Sales tax of {money(shop_tax, builder.currency)} is left out, as the flow says.")
            )
        return TaxOutcome()
    if options.sales_tax == "line_item":
        rest = shop_tax
        for each in filter(posted_apart, taxes):
            amount = cents(each["amount"] or ZERO)
            builder.other(
                "tax", options.tax_item, amount, each.get("name") or "Sales tax", source={**each, "tax_code": None}
            )
            rest -= amount
        builder.other("tax", options.tax_item, rest, "Sales tax")
        return TaxOutcome()
    override = options.sales_tax == "override"
    if override and (books.profile.automated_tax or not books.profile.sales_tax):
        # The company finds its own code; where sales tax is off, the target's own check says how to turn it on.
        return TaxOutcome(amount=cents(shop_tax), override=True, lines_taxable=bool(shop_tax))
    code: str | None = builder.record["books"].get("tax_code") or options.tax_code or None
    code = code or next((line.tax_code for line in builder.lines if line.tax_code), None)
    code = code or next((each["tax_code"] for each in taxes if each.get("tax_code")), None)
    outcome = taxing.by_code(code, untaxed, shop_tax, options.tax_difference_limit, books, builder.rules)
    for finding in outcome.findings:
        why = " Tax codes made by hand compute the tax whatever the shop says, so there is no overriding it."
        builder.findings.append(replace(finding, text=finding.text + why) if override else finding)
    return TaxOutcome(
        code=outcome.code,
        amount=ZERO if outcome.tax is None else outcome.tax,
        override=override,
        lines_taxable=outcome.code is not None,
    )


# ----------------------------------------------------------------------------------------------------- whole document


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Everything below the header of a sales document."""

    lines: tuple[DocumentLine, ...]
    discount_total: Decimal
    discount_taxable: bool
    shipping_total: Decimal
    shipping_taxable: bool
    tax: TaxOutcome
    total: Decimal


def _shipping(builder: Builder, head: Mapping[str, Any], amount: Decimal) -> Decimal:
    """Shipping as lines, or (answered) as the books' own shipping amount."""
    options, books = builder.options, builder.record["books"]
    by_item = books.get("shipping_item")
    lines = head["shipping_lines"]
    if options.shipping_as == "shipping_line" and not by_item and not any(map(posted_apart, lines)):
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


def _discounts_apart(
    options: FlowOptions, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """The discounts that rules gave a place of their own in the books. Where lines carry their reduced amounts, only those
    that rules added: the others are in the lines."""
    received = {each["id"] for each in before.get("discounts", ())} if options.discounts_as == "in_lines" else set()
    for each in after.get("discounts", ()):
        if posted_apart(each) and each.get("amount") and each["id"] not in received:
            yield each


def body_of(builder: Builder, before: Mapping[str, Any], after: Mapping[str, Any], received: Decimal) -> Body:
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
    discount_code: str | None = builder.record["books"].get("discount_tax_code")
    discount_taxable = not discount_code or folded(discount_code) not in taxing.NO_TAX
    for each in _discounts_apart(options, before, after):
        source = {**each, "tax_code": each.get("tax_code") or discount_code}
        words = f"Discount {each.get('code') or each.get('name') or ''}".strip()
        builder.other("fee", discount_item, -each["amount"], words, taxable=bool(now.tax), source=source)
        apart -= each["amount"]
    if options.discounts_as == "discount_line" and apart >= 0:
        discount_total = cents(apart)
    else:
        names = ", ".join(
            str(each.get("code") or each.get("name"))
            for each in after.get("discounts", ())
            if each.get("code") or each.get("name")
        )
        builder.other(
            "fee", discount_item, -apart, f"Discount {names}".strip(), taxable=bool(now.tax),
            source={"tax_code": discount_code},
        )  # fmt: skip

    fee = _transaction_fee(builder, after)
    untaxed = SalesDocument(
        type="invoice",
        date=builder.day,
        currency=currency,
        lines=tuple(builder.lines),
        discount_total=discount_total,
        discount_taxable=discount_taxable,
        shipping_total=shipping_total,
        shipping_taxable=shipping_taxable,
        total=ZERO,
    )
    said = len(builder.findings)
    tax = decide_tax(builder, cents(now.tax), untaxed, after.get("taxes", ()))
    tax_is_settled = not any(finding.stops for finding in builder.findings[said:])

    # The document's total: what was received, plus what rules changed, less the fee that the processor kept.
    exact = received + (now.total - was.total) - fee
    if options.sales_tax == "none":
        exact -= now.tax
    wanted = cents(exact)
    if exact != wanted:
        words = (
            f"QuickBooks keeps two decimals: {decimal_text(exact)} {currency} stand there as {money(wanted, currency)}."
        )
        builder.findings.append(info("rounded_to_cents", words, total=decimal_text(exact)))
    lines = sum((line.amount for line in builder.lines), ZERO)
    gap = wanted - (lines - discount_total + shipping_total + tax.amount)
    if gap:
        # A difference in tax has its own limit; what else is left over is rounding.
        by_the_books = options.sales_tax in ("map_codes", "override")
        allowed = options.rounding_limit + (abs(cents(now.tax) - tax.amount) if by_the_books else ZERO)
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
            # Of a tax that holds the order the document only shows; to call its difference rounding would mislead.
            if tax_is_settled:
                words = f"A rounding line of {money(gap, currency)} makes the total equal."
                builder.findings.append(info("rounded", words, gap=format(gap, "f")))
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
    return Body(
        lines=built,
        discount_total=discount_total,
        discount_taxable=discount_taxable and tax.lines_taxable,
        shipping_total=shipping_total,
        shipping_taxable=shipping_taxable and tax.lines_taxable,
        tax=tax,
        total=wanted,
    )
