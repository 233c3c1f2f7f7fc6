"""Looks up names of accounts, classes, items, tax codes, … in a snapshot of the books; changes with the lists it knows."""

from __future__ import annotations

from dsl.books import folded
from dsl.check.context import Environment

_WORDS = {
    "account": "an account",
    "class": "a class",
    "item": "an item",
    "tax_code": "a tax code",
    "terms": "terms",
    "location": "a location",
    "payment_method": "a payment method",
    "customer": "a customer",
    "vendor": "a vendor",
}
_MADE_ON_DEMAND = frozenset({"customer", "item", "payment_method"})
"""What a sync creates where it is missing, so that a name not yet there is no mistake."""


def report_references(environment: Environment) -> None:
    """One finding for each text that names something the books do not have."""
    books = environment.books
    if books is None:
        return
    for kind, name, span in environment.references:
        if not name.strip() or kind not in books.names:
            continue
        if books.has(kind, name):
            continue
        what = _WORDS.get(kind, f"a {kind}")
        if books.switched_off(kind, name):
            environment.reporter.report(
                "R503",
                span,
                f'the books have {what} "{name}", but it is inactive',
                help="make it active again in the books, or name another one",
            )
            continue
        if kind in _MADE_ON_DEMAND:
            continue
        meant = environment.reporter.closest(name, [each for each in books.names[kind] if folded(each) != folded(name)])
        environment.reporter.report(
            "R502",
            span,
            f'the books have no {what.partition(" ")[2] or what} "{name}"',
            meant=meant,
            as_text=True,
            help="add it in the books, or choose one that is there",
        )
