"""The head of a document: its day, currency, number and notes, and what of them QuickBooks would refuse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from engine.documents.builder import Builder
from engine.findings import hold, warning

NUMBER_LIMIT = 21  # QuickBooks' DocNumber (facts: error 2050)


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


def notes(builder: Builder) -> tuple[str | None, Mapping[str, str], str | None]:
    """PO number, custom fields and memo, as rules left them."""
    books, order = builder.record["books"], builder.record["order"]
    custom = {name: str(value) for name, value in (books.get("custom") or {}).items() if value not in (None, "")}
    return books.get("po_number") or order.get("po_number"), custom, books.get("memo") or order.get("note")
