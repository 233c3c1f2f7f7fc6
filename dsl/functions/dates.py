"""Functions over dates: changes when the language gets another one; today is handed in, never asked of a clock."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dsl.functions.function import FIRST, Example, Function, Parameter
from dsl.types import DATE, MOMENT, NUMBER, TEXT
from dsl.values import EvaluationFailure, add_months, as_date

_DAY = (DATE, MOMENT)
_DATE = Parameter("date", _DAY, "The date")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ].*)?")
_MONTH_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def parse_date(text: str) -> date | None:
    """Read a date as files write it, `2026-01-31` (a time after it is left out) or `01/31/2026`; None for others."""
    trimmed = text.strip()
    if found := _ISO.fullmatch(trimmed):
        year, month, day = found.groups()
    elif found := _MONTH_FIRST.fullmatch(trimmed):
        month, day, year = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _date(value: Any, month: Decimal | None = None, day: Decimal | None = None) -> date | None:
    if isinstance(value, str):
        return parse_date(value)
    if isinstance(value, date):
        return as_date(value)
    try:
        return date(int(value), int(month or 1), int(day or 1))
    except (ValueError, OverflowError):
        return None


def _today(today: date) -> date:
    return today


def _out_of_range(error: OverflowError) -> EvaluationFailure:
    return EvaluationFailure("E102", f"The date lies outside the years 1 to 9999 ({error}).")


def _add_days(day: Any, days: Decimal) -> Any:
    try:
        return day + timedelta(days=int(days))
    except OverflowError as error:
        raise _out_of_range(error) from None


def _add_months(day: Any, months: Decimal) -> Any:
    try:
        return add_months(day, int(months))
    except OverflowError as error:
        raise _out_of_range(error) from None


def _days_between(first: date, second: date) -> Decimal:
    return Decimal((as_date(second) - as_date(first)).days)


def _month_end(day: date) -> date:
    first = as_date(day).replace(day=1)
    return date(9999, 12, 31) if (first.year, first.month) == (9999, 12) else add_months(first, 1) - timedelta(days=1)


def _year(day: date) -> Decimal:
    return Decimal(day.year)


def _month(day: date) -> Decimal:
    return Decimal(day.month)


def _day(day: date) -> Decimal:
    return Decimal(day.day)


def _weekday(day: date) -> str:
    return _WEEKDAYS[day.weekday()]


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "today",
        "date",
        "Gives the day of this run, in the company's time zone.",
        (),
        DATE,
        _today,
        (),
        needs_today=True,
    ),
    Function(
        "date",
        "date",
        "Makes a date of a text, of a time, or of year, month and day; missing where there is no such day.",
        (
            Parameter("value", (TEXT, DATE, MOMENT, NUMBER), "The text or time, or the year"),
            Parameter("month", (NUMBER,), "The month, from 1", optional=True),
            Parameter("day", (NUMBER,), "The day of the month, from 1", optional=True),
        ),
        DATE,
        _date,
        (
            Example('date("2026-01-31")', "2026-01-31"),
            Example('date("01/31/2026")', "2026-01-31"),
            Example("date(2026, 1, 31)", "2026-01-31"),
            Example('date("soon")', "missing"),
        ),
    ),
    Function(
        "add_days",
        "date",
        "Gives the day so many days later.",
        (_DATE, Parameter("days", (NUMBER,), "How many days; negative goes back")),
        FIRST,
        _add_days,
        (Example("add_days(2026-01-31, 30)", "2026-03-02"),),
    ),
    Function(
        "add_months",
        "date",
        "Gives the same day so many months later, or the last day of a shorter month.",
        (_DATE, Parameter("months", (NUMBER,), "How many months; negative goes back")),
        FIRST,
        _add_months,
        (Example("add_months(2026-01-31, 1)", "2026-02-28"),),
    ),
    Function(
        "days_between",
        "date",
        "Counts the days from one date to another.",
        (Parameter("first", _DAY, "The earlier date"), Parameter("second", _DAY, "The later date")),
        NUMBER,
        _days_between,
        (Example("days_between(2026-01-01, 2026-01-31)", "30"),),
    ),
    Function(
        "month_end",
        "date",
        "Gives the last day of the month of a date.",
        (_DATE,),
        DATE,
        _month_end,
        (Example("month_end(2026-02-10)", "2026-02-28"),),
    ),
    Function(
        "year", "date", "Takes the year of a date.", (_DATE,), NUMBER, _year, (Example("year(2026-01-31)", "2026"),)
    ),
    Function(
        "month", "date", "Takes the month of a date.", (_DATE,), NUMBER, _month, (Example("month(2026-01-31)", "1"),)
    ),
    Function("day", "date", "Takes the day of the month.", (_DATE,), NUMBER, _day, (Example("day(2026-01-31)", "31"),)),
    Function(
        "weekday",
        "date",
        "Gives the English name of the day of the week.",
        (_DATE,),
        TEXT,
        _weekday,
        (Example("weekday(2026-01-31)", '"Saturday"'),),
    ),
)
