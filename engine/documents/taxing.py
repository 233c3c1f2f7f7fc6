"""The sales tax that the books will compute for a document, and whether it is what the shop charged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.documents import SalesDocument
from connectors.ports import ListEntry
from connectors.records import ZERO
from engine.books_view import BooksView, folded
from engine.findings import Finding, hold
from engine.matching import TargetRules

# Names under which bookkeepers and QuickBooks know "no tax".
NO_TAX = frozenset({"non", "none", "no tax", "exempt", "out of scope"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTax:
    """`code` is missing where no tax is due. `tax` is missing where nobody can say before the books do."""

    code: str | None
    tax: Decimal | None
    findings: tuple[Finding, ...] = ()


def find_code(name: str | None, books: BooksView) -> tuple[ListEntry | None, Finding | None]:
    """(the code's entry, or None for no tax; a reason to hold where the books do not have it)."""
    if not name or folded(name) in NO_TAX:
        return None, None
    found = [entry for entry in books.named("tax_code", name) if entry.active]
    if found:
        entry = found[0]
        return (None, None) if entry.data.get("taxable") is False else (entry, None)
    return None, hold(
        "tax_code_missing",
        f"QuickBooks has no tax code '{name}'.",
        f"Add '{name}' in QuickBooks under Taxes > Sales tax, or name an existing code in the rule or table.",
        name=name,
    )


def percent_text(rate: Decimal) -> str:
    """A rate as people read it: `6.25 %`."""
    text = format(rate.quantize(Decimal("0.001")), "f").rstrip("0").rstrip(".")
    return f"{text} %"


def by_code(
    name: str | None,
    document: SalesDocument,
    shop_tax: Decimal,
    limit: Decimal,
    books: BooksView,
    target: TargetRules,
) -> CodeTax:
    """Tax by a code of the books, compared with the tax that the shop charged.

    `document` is the document without its tax. Holds where the code is unknown, where there is tax but no code, and
    where the two differ by more than `limit`, and where the company computes by itself. Where nobody can say what a code
    will come to (its rates were not told), the shop's tax is taken.
    """
    currency, profile = document.currency, books.profile
    entry, stop = find_code(name, books)
    if profile.automated_tax and (stop or entry is not None or (name is None and shop_tax)):
        # Its rates are in no list that could be read, so what it will come to is known only of a document that stands.
        unforeseen = hold(
            "automated_tax",
            "This QuickBooks company works out sales tax by itself from the address (automated sales tax): it puts its own"
            " code in the place of any that is sent, and tells what it comes to only once the document stands.",
            "Set sales_tax to override, and the shop's tax stands there as tax; or to line_item, and it stands as a line.",
        )
        return CodeTax(code=None, tax=None, findings=(unforeseen,))
    if stop:
        return CodeTax(code=None, tax=None, findings=(stop,))
    if entry is None and name is None and shop_tax:
        missing = hold(
            "no_tax_code",
            f"The shop charged {shop_tax:f} {currency} tax, but no rule gives a tax code.",
            "Add the place to the tax code table, or set sales_tax to line_item.",
        )
        return CodeTax(code=None, tax=None, findings=(missing,))
    if not profile.sales_tax:
        # The target's own check says how to turn it on.
        return CodeTax(code=entry.name if entry else None, tax=shop_tax)
    code = entry.name if entry else None
    tax: Decimal | None = ZERO
    if entry is not None:
        tax = target.compute_tax(replace(document, tax_code=entry.name), profile, (entry,))
    if tax is None:
        return CodeTax(code=code, tax=shop_tax)
    if abs(tax - shop_tax) > limit:
        base = sum((line.amount for line in document.lines if line.taxable), ZERO)
        base += (document.shipping_total if document.shipping_taxable else ZERO) - document.discount_total
        charged = (
            f"{percent_text(shop_tax * 100 / base)} ({shop_tax:f} {currency})" if base else f"{shop_tax:f} {currency}"
        )
        rate = entry.data.get("rate") if entry else None
        gives = (
            f"{percent_text(Decimal(str(rate)))} ({tax:f} {currency})" if rate is not None else f"{tax:f} {currency}"
        )
        stop = hold(
            "tax_differs",
            f"The shop charged {charged}, code '{code or name or 'none'}' gives {gives}.",
            "Check the tax table and the shop's rate; or raise tax_difference_limit; or set sales_tax to line_item.",
            shop=format(shop_tax, "f"),
            books=format(tax, "f"),
        )
        return CodeTax(code=code, tax=tax, findings=(stop,))
    return CodeTax(code=code, tax=tax)
