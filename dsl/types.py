"""The types of values in rules; changes when a kind of value is added (knows no syntax and no field).

How each type stands at run time:

=========== =====================================================================================
text        `str`
number      `Decimal`
money       `Decimal` in the currency that the expression's `currency` names (see `RECORD` below)
percent     `Decimal` as people write it: 7.5 stands for 7.5% (multiplying divides by 100)
date        `datetime.date` in the company's (or the shop's) own zone
moment      aware `datetime.datetime` in UTC
yes/no      `bool`
duration    `datetime.timedelta`
list of X   `tuple` of values of type X
missing     `None`
=========== =====================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Type:
    """One type: its name as people read it, and for a list the type of its elements."""

    name: str
    element: Type | None = None

    def __str__(self) -> str:
        return f"list of {self.element}" if self.element is not None else self.name


TEXT = Type("text")
NUMBER = Type("number")
MONEY = Type("money")
PERCENT = Type("percent")
DATE = Type("date")
MOMENT = Type("moment")
YES_NO = Type("yes/no")
DURATION = Type("duration")
MISSING = Type("missing")
ANY = Type("any")
"""Of a parameter: takes every type. Of an expression: the checker has already complained about it."""


def list_of(element: Type) -> Type:
    """The type of a list whose elements have one type."""
    return Type("list", element)


TEXT_LIST = list_of(TEXT)

NAMED: dict[str, Type] = {
    **{each.name: each for each in (TEXT, NUMBER, MONEY, PERCENT, DATE, MOMENT, YES_NO, DURATION)},
    "datetime": MOMENT,
}
"""Every scalar type by the word that a rule-set file or a connector's schema uses for it."""

REFERENCES: tuple[str, ...] = (
    "account",
    "class",
    "item",
    "tax_code",
    "terms",
    "location",
    "payment_method",
    "customer",
    "vendor",
)
"""Types of settings that name something in the books: text at run time, looked up in the books on saving."""


def type_named(words: str) -> Type:
    """The type that words such as `money` or `list of text` stand for; raises KeyError for any others."""
    if words.startswith("list of "):
        return list_of(type_named(words.removeprefix("list of ")))
    return NAMED[words]


# Where the currency of a money value comes from. Any other value of `Expression.currency` is an ISO 4217 code.
RECORD = "record"
"""The currency of the record at hand: `order.currency`, `refund.currency`, `purchase.currency`, …"""
PAYMENT = "payment"
"""The payment's own `currency` where it has one, else the record's."""
UNKNOWN = "unknown"
"""Known only when the rule runs (a lookup, a setting of no currency)."""
