"""Which types go together, and what they are called in messages; changes with the types of the language.

It knows types only: no expression, no name, and nothing that reports.
"""

from __future__ import annotations

from collections.abc import Iterable

from dsl.types import ANY, DATE, DURATION, MISSING, MOMENT, MONEY, NUMBER, PERCENT, Type

NUMERIC = (NUMBER, MONEY, PERCENT)
DATES = (DATE, MOMENT)
ORDERED = (*NUMERIC, *DATES, DURATION)


def a(type: Type) -> str:
    """A type with its article, for messages."""
    words = {
        "text": "a text",
        "number": "a number",
        "money": "an amount of money",
        "percent": "a percentage",
        "date": "a date",
        "moment": "a point in time",
        "yes/no": "yes or no",
        "duration": "a duration",
        "missing": "`missing`",
        "any": "a value",
    }
    return f"a {type}" if type.element is not None else words.get(type.name, f"a {type}")


def comparable(left: Type, right: Type) -> bool:
    """Whether `is` can compare values of these types."""
    if ANY in (left, right) or MISSING in (left, right):
        return True
    if left == right:
        return left.element is None
    if {left, right} in ({MONEY, NUMBER}, {PERCENT, NUMBER}):
        return True
    return left in DATES and right in DATES


def assignable(value: Type, target: Type) -> bool:
    """Whether a value of one type may be written where another is kept."""
    if ANY in (value, target) or value == target:
        return True
    if target in (MONEY, PERCENT) and value == NUMBER:
        return True
    if target in DATES and value in DATES:
        return True
    if target.element is not None and value.element is not None:
        return assignable(value.element, target.element)
    return False


def result_of(operator: str, left: Type, right: Type) -> Type | None:
    """The type of `left operator right`, None where it makes no sense."""
    if ANY in (left, right):
        other = right if left == ANY else left
        return other if other == MONEY and operator in "+-" else ANY
    if MISSING in (left, right):
        return ANY
    pair = (left, right)
    match operator:
        case "+" | "-":
            if left in (NUMBER, MONEY) and right in (NUMBER, MONEY):
                return MONEY if MONEY in pair else NUMBER
            if pair == (PERCENT, PERCENT):
                return PERCENT
            if left in DATES and right == DURATION:
                return left
            if operator == "+" and left == DURATION and right in DATES:
                return right
            if operator == "-" and left in DATES and right in DATES:
                return NUMBER
            if pair == (DURATION, DURATION):
                return DURATION
        case "*":
            if MONEY in pair and pair != (MONEY, MONEY) and set(pair) <= set(NUMERIC):
                return MONEY
            if pair == (PERCENT, PERCENT):
                return PERCENT
            if set(pair) <= {NUMBER, PERCENT}:
                return NUMBER
        case _:
            if pair == (MONEY, MONEY) or pair == (PERCENT, PERCENT):
                return NUMBER
            if left in NUMERIC and right == NUMBER:
                return left
            if left in (NUMBER, MONEY) and right == PERCENT:
                return left
    return None


def one_of(types: Iterable[Type]) -> str:
    return " or ".join(a(each) for each in types)


def plural(type: Type) -> str:
    return {
        "text": "texts",
        "number": "numbers",
        "money": "amounts of money",
        "percent": "percentages",
        "date": "dates",
        "moment": "points in time",
        "yes/no": "yes or no",
        "duration": "durations",
    }.get(type.name, "values")


def values(fewest: int, most: int | None) -> str:
    if most == fewest:
        return "no values" if fewest == 0 else "1 value" if fewest == 1 else f"{fewest} values"
    if most is None:
        return f"at least {fewest} value{'s' if fewest != 1 else ''}"
    return f"{fewest} to {most} values"


def there_are(count: int) -> str:
    return "there is 1" if count == 1 else "there are none" if count == 0 else f"there are {count}"
