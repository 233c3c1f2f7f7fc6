"""Arithmetic and comparison of values as the language means them; it knows values and constants, no record and no rule.

Values are tagged: money is `Money`, percentages are `Percent`, everything else is what `dsl.types` says.
"""

import functools
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dsl import tree
from dsl.tree import Operator
from dsl.values import (
    ZERO,
    EvaluationFailure,
    Money,
    Months,
    Percent,
    add_months,
    as_date,
    fold,
    has_word,
    needle,
    show_value,
)

HUNDRED = Decimal(100)
_WORD_OF_KIND = {
    str: "text",
    Decimal: "a number",
    Money: "money",
    Percent: "a percentage",
    bool: "yes or no",
    datetime: "a time",
    date: "a date",
}


def wrong_kind(*values: Any) -> EvaluationFailure:
    """The failure of values that cannot be taken together; the checker finds it first unless the record is odd."""
    kinds = " and ".join(_WORD_OF_KIND.get(type(value), "a list") for value in values)
    shown = ", ".join(show_value(value) for value in values)
    return EvaluationFailure("E103", f"{kinds[:1].upper()}{kinds[1:]} do not fit together here: {shown}.")


def common_currency(left: str | None, right: str | None, *values: Any) -> str | None:
    """The currency that two amounts share; one without (the company's own) takes the other's."""
    if left == right or right is None:
        return left
    if left is None:
        return right
    shown = (
        " and ".join(show_value(value) for value in values) or f"{left or 'no currency'} and {right or 'no currency'}"
    )
    raise EvaluationFailure(
        "E101",
        f"Two currencies do not mix: {shown}. Compare the currency first, or write the amount in the currency of the record.",
    )


def numeric_pair(left: Any, right: Any) -> tuple[Decimal, Decimal]:
    """Two values as numbers that can be compared: money of one currency, a plain number beside either kind."""
    match left, right:
        case (Money(), Money()):
            common_currency(left.currency, right.currency, left, right)
            return left.amount, right.amount
        case (Money(amount), Decimal()):
            return amount, right
        case (Decimal(), Money(amount)):
            return left, amount
        case (Percent(value), Percent(other)):
            return value, other
        case (Percent(value), Decimal()):
            return value, right
        case (Decimal(), Percent(value)):
            return left, value
        case (Decimal(), Decimal()):
            return left, right
    raise wrong_kind(left, right)


def comparable_pair(left: Any, right: Any) -> tuple[Any, Any]:
    """Two values in the forms that compare with < and ==: numbers, moments, or dates where one has no time."""
    if isinstance(left, date) and isinstance(right, date):
        if isinstance(left, datetime) and isinstance(right, datetime):
            return left, right
        return as_date(left), as_date(right)
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        return left, right
    return numeric_pair(left, right)


def equal(left: Any, right: Any) -> bool:
    """`is` for two present values."""
    if isinstance(left, str):
        if not isinstance(right, str):
            raise wrong_kind(left, right)
        return fold(left) == fold(right)
    if isinstance(left, bool) or isinstance(right, bool):
        if not (isinstance(left, bool) and isinstance(right, bool)):
            raise wrong_kind(left, right)
        return left is right
    if isinstance(left, Months) or isinstance(right, Months):
        return bool(left == right)
    one, other = comparable_pair(left, right)
    return bool(one == other)


def exactly(left: Any, right: Any) -> bool:
    """`is exactly`: texts as they stand, everything else as `is`."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return equal(left, right)


def one_of(left: Any, elements: Sequence[Any]) -> bool:
    """`is one of`; missing elements fit nothing."""
    return any(element is not None and equal(left, element) for element in elements)


def contains(left: Any, right: Any) -> bool:
    """`contains`: a text in a text, an element in a list."""
    if isinstance(left, list | tuple):
        return one_of(right, left)
    return needle(_text(right)) in fold(_text(left))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong_kind(value)
    return value


@functools.lru_cache(maxsize=4096)
def wildcards(folded_pattern: str) -> Callable[[str], bool]:
    """A test of folded texts against a folded pattern with `*` (any characters) and `?` (one), over the whole text.

    The pieces between the stars are found from left to right, so no pattern makes it go back and forth.
    """
    pieces = folded_pattern.split("*")

    def matcher(piece: str) -> re.Pattern[str]:
        return re.compile("".join("." if each == "?" else re.escape(each) for each in piece), re.DOTALL)

    if len(pieces) == 1:
        whole = matcher(folded_pattern)
        return lambda text: whole.fullmatch(text) is not None
    first, *middle, last = pieces
    head, tail, between = matcher(first), matcher(last), [matcher(piece) for piece in middle if piece]

    def matches(text: str) -> bool:
        end = len(text) - len(last)
        if end < len(first) or head.match(text) is None or tail.fullmatch(text, end) is None:
            return False
        at = len(first)
        for piece in between:
            found = piece.search(text, at, end)
            if found is None:
                return False
            at = found.end()
        return True

    return matches


def compare(operator: Operator, left: Any, right: Any, high: Any = None) -> bool:
    """Work out one comparison, not negated; False where an operand is missing.

    For PATTERN `right` is the compiled RE2 pattern. Raises EvaluationFailure for currencies or kinds that do not mix.
    """
    if left is None or right is None:
        return False
    match operator:
        case Operator.IS:
            return equal(left, right)
        case Operator.EXACTLY:
            return exactly(left, right)
        case Operator.ONE_OF:
            return one_of(left, right)
        case Operator.CONTAINS:
            return contains(left, right)
        case Operator.WORD:
            return has_word(fold(_text(left)), fold(_text(right)))
        case Operator.STARTS:
            return fold(_text(left)).startswith(needle(_text(right)))
        case Operator.ENDS:
            return fold(_text(left)).endswith(needle(_text(right)))
        case Operator.MATCHES:
            return wildcards(fold(_text(right)))(fold(_text(left)))
        case Operator.PATTERN:
            return right.search(_text(left)) is not None
        case Operator.BETWEEN:
            if high is None:
                return False
            low_left, low = comparable_pair(left, right)
            high_left, top = comparable_pair(left, high)
            return bool(low <= low_left and high_left <= top)
    one, other = comparable_pair(left, right)
    match operator:
        case Operator.MORE | Operator.AFTER:
            return bool(one > other)
        case Operator.LESS | Operator.BEFORE:
            return bool(one < other)
        case Operator.AT_LEAST:
            return bool(one >= other)
    return bool(one <= other)


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    """Work out `left operator right`; None where an operand is missing or the divisor is zero."""
    if left is None or right is None:
        return None
    match operator:
        case "+" | "-":
            return _sum(operator, left, right)
        case "*":
            return _product(left, right)
    return _quotient(left, right)


def _sum(operator: str, left: Any, right: Any) -> Any:
    sign = 1 if operator == "+" else -1
    match left, right:
        case (Money() | Decimal(), Money() | Decimal()):
            one, other = numeric_pair(left, right)
            result = one + other if sign > 0 else one - other
            if isinstance(left, Money) or isinstance(right, Money):
                return Money(result, sum_currency(left, right))
            return result
        case (Percent(value), Percent(other_value)):
            return Percent(value + other_value if sign > 0 else value - other_value)
        case (date(), timedelta() | Months()):
            return shifted(left, right, sign)
        case (timedelta() | Months(), date()) if sign > 0:
            return shifted(right, left, sign)
        case (date(), date()) if sign < 0:
            return Decimal((as_date(left) - as_date(right)).days)
        case (timedelta(), timedelta()):
            return left + right if sign > 0 else left - right
    raise wrong_kind(left, right)


def sum_currency(left: Money | Decimal, right: Money | Decimal) -> str | None:
    """The currency of a sum of money and money, or of money and a number."""
    if isinstance(right, Money) and right.currency is not None:
        return right.currency
    return left.currency if isinstance(left, Money) else None


def shifted(day: Any, duration: timedelta | Months, sign: int) -> Any:
    """A date or time, `duration` later (sign 1) or earlier (-1); E102 outside the years 1 to 9999."""
    try:
        if isinstance(duration, Months):
            return add_months(day, sign * duration.count)
        return day + duration if sign > 0 else day - duration
    except OverflowError:
        raise EvaluationFailure("E102", f"A date outside the years 1 to 9999 came out of {show_value(day)}.") from None


def _product(left: Any, right: Any) -> Any:
    if isinstance(left, Percent) and not isinstance(right, Percent):
        left, right = right, left
    match left, right:
        case (Money(amount, currency), Decimal()):
            return Money(amount * right, currency)
        case (Decimal(), Money(amount, currency)):
            return Money(left * amount, currency)
        case (Money(amount, currency), Percent(value)):
            return Money(amount * value / HUNDRED, currency)
        case (Decimal(), Percent(value)):
            return left * value / HUNDRED
        case (Percent(value), Percent(other)):
            return Percent(value * other / HUNDRED)
        case (Decimal(), Decimal()):
            return left * right
    raise wrong_kind(left, right)


def _quotient(left: Any, right: Any) -> Any:
    match left, right:
        case (Money(), Money()):
            one, other = numeric_pair(left, right)
            return one / other if other else None
        case (Money(amount, currency), Decimal()):
            return Money(amount / right, currency) if right else None
        case (Money(amount, currency), Percent(value)):
            return Money(amount * HUNDRED / value, currency) if value else None
        case (Percent(value), Decimal()):
            return Percent(value / right) if right else None
        case (Percent(value), Percent(other)):
            return value / other if other else None
        case (Decimal(), Percent(value)):
            return left * HUNDRED / value if value else None
        case (Decimal(), Decimal()):
            return left / right if right else None
    raise wrong_kind(left, right)


def negative(value: Any) -> Any:
    """`-E`; missing stays missing."""
    match value:
        case None:
            return None
        case Money(amount, currency):
            return Money(ZERO - amount, currency)
        case Percent(number):
            return Percent(ZERO - number)
        case Decimal():
            return ZERO - value
    raise wrong_kind(value)


def constant(node: tree.Expression) -> Any:
    """The tagged value of a constant expression (literals, lists of them, negative numbers); None for `missing`."""
    match node:
        case tree.Text(value=value) | tree.Number(value=value) | tree.YesNo(value=value) | tree.Date(value=value):
            return value
        case tree.Percent(value=value):
            return Percent(value)
        case tree.Money(value=value, code=code):
            return Money(value, code)
        case tree.Duration(count=count, unit=unit):
            return duration(count, unit)
        case tree.ListOf(elements=elements):
            return tuple(constant(element) for element in elements)
        case tree.Negative(operand=operand):
            return negative(constant(operand))
        case tree.Missing():
            return None
    raise TypeError(f"{type(node).__name__} is no constant")


def duration(count: int, unit: str) -> timedelta | Months:
    """The value of `30 days`; months and years go by the calendar."""
    match unit:
        case "month":
            return Months(count)
        case "year":
            return Months(12 * count)
    return timedelta(**{unit + "s": count})
