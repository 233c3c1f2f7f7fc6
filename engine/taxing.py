"""The sales tax that the books will compute for a document, and whether it is what the shop charged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.ports import ListEntry
from connectors.records import ZERO
from engine.books_view import BooksView, folded
from engine.findings import Finding, hold
from engine.parts import cents

# Names under which bookkeepers and QuickBooks know "no tax".
NO_TAX = frozenset({"non", "none", "no tax", "exempt", "out of scope"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTax:
    """`code` is missing where no tax is due. `tax` is missing where nobody can say before the books do."""

    code: str | None
    tax: Decimal | None
    findings: tuple[Finding, ...] = ()


def rates_of(entry: ListEntry) -> tuple[Decimal, ...] | None:
    """The percentages of a tax code's sales rates, each of which rounds for itself; missing where unknown."""
    rates: Sequence[object] | None = entry.data.get("rates")
    if rates is not None:
        return tuple(Decimal(str(rate)) for rate in rates)
    rate = entry.data.get("rate")
    return None if rate is None else (Decimal(str(rate)),)


def computed(entry: ListEntry, base: Decimal) -> Decimal | None:
    """Tax on `base`, rate by rate, each rounded to the cent as QuickBooks writes its tax lines."""
    rates = rates_of(entry)
    return None if rates is None else sum((cents(base * rate / 100) for rate in rates), ZERO)


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
    name: str | None, base: Decimal, shop_tax: Decimal, limit: Decimal, currency: str, books: BooksView
) -> CodeTax:
    """Tax by a code of the books, compared with the tax that the shop charged.

    Holds where the code is unknown, where there is tax but no code, and where the two differ by more than `limit`.
    """
    entry, stop = find_code(name, books)
    if stop:
        return CodeTax(code=None, tax=None, findings=(stop,))
    if entry is None:
        if name is None and shop_tax:
            missing = hold(
                "no_tax_code",
                f"The shop charged {shop_tax:f} {currency} tax, but no rule gives a tax code.",
                "Add the place to the tax code table, or set sales_tax to line_item.",
            )
            return CodeTax(code=None, tax=None, findings=(missing,))
        tax: Decimal | None = ZERO
        label = f"'{name or 'no code'}' gives none"
    else:
        if books.profile.automated_tax:
            stop = hold(
                "automated_tax",
                "This QuickBooks company computes sales tax by itself (automated sales tax), so a tax code cannot be chosen.",
                "Set sales_tax to override (the shop's tax is kept) or to line_item.",
            )
            return CodeTax(code=entry.name, tax=None, findings=(stop,))
        tax = computed(entry, base)
        rates = rates_of(entry)
        label = (
            f"code '{entry.name}' gives {percent_text(sum(rates, ZERO)) if rates is not None else 'an unknown rate'}"
        )
    if tax is None:
        return CodeTax(code=entry.name if entry else None, tax=shop_tax)
    if abs(tax - shop_tax) > limit:
        charged = percent_text(shop_tax * 100 / base) if base else f"{shop_tax:f} {currency}"
        stop = hold(
            "tax_differs",
            f"The shop charged {charged} ({shop_tax:f} {currency}), {label} ({tax:f} {currency}).",
            "Check the tax table and the shop's rate; or raise tax_difference_limit; or set sales_tax to line_item.",
            shop=format(shop_tax, "f"),
            books=format(tax, "f"),
        )
        return CodeTax(code=entry.name if entry else None, tax=tax, findings=(stop,))
    return CodeTax(code=entry.name if entry else None, tax=tax)
