"""Functions over numbers and money: changes when the language gets another one."""

import re
from decimal import ROUND_DOWN, ROUND_UP, Decimal, InvalidOperation
from typing import Any

from dsl.functions.function import COMMON, FIRST, Example, Function, Parameter
from dsl.types import DATE, MOMENT, MONEY, NUMBER, PERCENT, TEXT
from dsl.values import ARITHMETIC, EvaluationFailure, rounded

_AMOUNT = (NUMBER, MONEY, PERCENT)
_NUMBER_TEXT = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]*)?")
_PLACES = Parameter("places", (NUMBER,), "Decimals to keep; 0 unless given, -1 is tens", optional=True)


def parse_number(text: str) -> Decimal | None:
    """Read a number as people type it ("1,234.50", "-3", ".5"); None where the text is no number."""
    trimmed = text.strip()
    if len(trimmed) > 40 or not _NUMBER_TEXT.fullmatch(trimmed) or not any(map(str.isdigit, trimmed)):
        return None
    return Decimal(trimmed.replace(",", ""))


def _number(value: Any) -> Decimal | None:
    if isinstance(value, str):
        return parse_number(value)
    return Decimal(value)


def _places(places: Decimal) -> int:
    return max(-20, min(int(places), 19))


def _round(number: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    return rounded(number, _places(places))


def _quantized(number: Decimal, places: Decimal, rounding: str) -> Decimal:
    try:
        result = number.quantize(Decimal(1).scaleb(-_places(places)), rounding, ARITHMETIC)
    except InvalidOperation:
        raise EvaluationFailure("E102", f"The number {number:.6E} is too large to calculate with.") from None
    return result if _places(places) >= 0 else result.quantize(Decimal(1))


def _round_up(number: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    return _quantized(number, places, ROUND_UP)


def _round_down(number: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    return _quantized(number, places, ROUND_DOWN)


def _remainder(number: Decimal, divisor: Decimal) -> Decimal | None:
    if not divisor:
        return None
    rest = number % divisor
    # As in a spreadsheet the rest has the sign of the divisor; Decimal gives it that of the number.
    return rest + divisor if rest and (rest < 0) != (divisor < 0) else rest


def _min(*values: Any) -> Any:
    return min(values)


def _max(*values: Any) -> Any:
    return max(values)


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "number",
        "number",
        "Reads a text as a number; missing where it is none. Of money it gives the bare number.",
        (Parameter("value", (TEXT, NUMBER, MONEY, PERCENT), "The text or amount"),),
        NUMBER,
        _number,
        (
            Example('number("1,234.50")', "1234.5"),
            Example('number("n/a")', "missing"),
            Example("number(12.50 USD)", "12.5"),
        ),
    ),
    Function(
        "round",
        "number",
        "Rounds half up, away from zero.",
        (Parameter("number", _AMOUNT, "The number or amount"), _PLACES),
        FIRST,
        _round,
        (Example("round(2.345, 2)", "2.35"), Example("round(-2.5)", "-3"), Example("round(1250, -2)", "1300")),
    ),
    Function(
        "round_up",
        "number",
        "Rounds away from zero.",
        (Parameter("number", _AMOUNT, "The number or amount"), _PLACES),
        FIRST,
        _round_up,
        (Example("round_up(2.341, 2)", "2.35"),),
    ),
    Function(
        "round_down",
        "number",
        "Rounds towards zero.",
        (Parameter("number", _AMOUNT, "The number or amount"), _PLACES),
        FIRST,
        _round_down,
        (Example("round_down(2.349, 2)", "2.34"), Example("round_down(-2.9)", "-2")),
    ),
    Function(
        "abs",
        "number",
        "Takes the sign off a number.",
        (Parameter("number", _AMOUNT, "The number or amount"),),
        FIRST,
        abs,
        (Example("abs(-3)", "3"), Example("abs(3.50 USD)", "3.50 USD")),
    ),
    Function(
        "min",
        "number",
        "Takes the least of several values.",
        (Parameter("value", (*_AMOUNT, DATE, MOMENT), "The values, all of one kind", repeated=True),),
        COMMON,
        _min,
        (Example("min(3, 1, 2)", "1"), Example("min(5.00 USD, 7)", "5.00 USD")),
    ),
    Function(
        "max",
        "number",
        "Takes the greatest of several values.",
        (Parameter("value", (*_AMOUNT, DATE, MOMENT), "The values, all of one kind", repeated=True),),
        COMMON,
        _max,
        (Example("max(3, 1, 2)", "3"), Example("max(2026-01-31, 2025-12-31)", "2026-01-31")),
    ),
    Function(
        "remainder",
        "number",
        "Takes what is left over when one number is divided by another; missing for a divisor of 0.",
        (Parameter("number", (NUMBER,), "The number"), Parameter("divisor", (NUMBER,), "What to divide by")),
        NUMBER,
        _remainder,
        (Example("remainder(7, 3)", "1"), Example("remainder(-7, 3)", "2"), Example("remainder(7, 0)", "missing")),
    ),
)
