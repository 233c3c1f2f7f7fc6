"""Functions over values of any kind: choosing and printing; changes when the language gets another one."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dsl.functions.function import COMMON, Example, Function, Parameter
from dsl.types import ANY, TEXT, YES_NO
from dsl.values import Money, Percent, limited, print_value, rounded

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DATE_PARTS = re.compile(r"yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d", re.IGNORECASE)
_NUMBER_FORM = re.compile(r"(#,##)?(0+)(?:\.(0+))?(%)?")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _if(condition: bool, then: Any, otherwise: Any = None) -> Any:
    return then if condition else otherwise


def _date_in_form(day: date, form: str) -> str:
    def piece(found: re.Match[str]) -> str:
        match found.group(0).lower():
            case "yyyy":
                return f"{day.year:04}"
            case "yy":
                return f"{day.year % 100:02}"
            case "mmmm":
                return _MONTHS[day.month - 1]
            case "mmm":
                return _MONTHS[day.month - 1][:3]
            case "mm":
                return f"{day.month:02}"
            case "m":
                return str(day.month)
            case "dddd":
                return _WEEKDAYS[day.weekday()]
            case "ddd":
                return _WEEKDAYS[day.weekday()][:3]
            case "dd":
                return f"{day.day:02}"
        return str(day.day)

    return _DATE_PARTS.sub(piece, form)


def _number_in_form(number: Decimal, form: str) -> str | None:
    found = _NUMBER_FORM.fullmatch(form.strip())
    if found is None:
        return None
    thousands, whole, decimals, _ = found.groups()
    places = len(decimals or "")
    text = format(abs(rounded(number, places)), ",f" if thousands else "f")
    before, dot, after = text.partition(".")
    sign = "-" if number < 0 and any(map(str.isdigit, text.strip("0.,"))) else ""
    return sign + before.rjust(len(whole), "0") + dot + after + ("%" if form.strip().endswith("%") else "")


def _text(value: Any, form: str | None = None) -> str | None:
    if form is None:
        return limited(print_value(value))
    match value:
        case datetime() | date():
            return limited(_date_in_form(value, form))
        case Decimal():
            shown = _number_in_form(value, form)
        case Money():
            shown = _number_in_form(value.amount, form)
        case Percent():
            shown = _number_in_form(value.value, form)
        case _:
            return limited(print_value(value))
    return None if shown is None else limited(shown)


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "if",
        "choice",
        "Gives one value where a condition holds, and another (or missing) where it does not.",
        (
            Parameter("condition", (YES_NO,), "The condition"),
            Parameter("then", (ANY,), "The value where it holds"),
            Parameter("otherwise", (ANY,), "The value where it does not; missing unless given", optional=True),
        ),
        COMMON,
        _if,
        (
            Example('if(2 is more than 1, "yes", "no")', '"yes"'),
            Example('if(2 is less than 1, "yes", "no")', '"no"'),
            Example('if(2 is less than 1, "yes")', "missing"),
        ),
        lazy=True,
    ),
    Function(
        "text",
        "choice",
        "Prints a value as texts show it, or in a form such as `MM/DD/YYYY`, `0.00`, `#,##0.00` or `00000`.",
        (
            Parameter("value", (ANY,), "The value"),
            Parameter("form", (TEXT,), "The form, as in a spreadsheet", optional=True),
        ),
        TEXT,
        _text,
        (
            Example("text(2.50)", '"2.5"'),
            Example("text(41.98 USD)", '"41.98"'),
            Example("text(2026-01-31)", '"2026-01-31"'),
            Example('text(2026-01-31, "MM/DD/YYYY")', '"01/31/2026"'),
            Example('text(1234.5, "#,##0.00")', '"1,234.50"'),
            Example('text(42, "00000")', '"00042"'),
        ),
        tagged=True,
    ),
)
