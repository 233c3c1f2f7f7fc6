"""What a value is at run time: missing, text folding, exact money, rounding and printing; it knows no rule and no record.

A leaf of a record is `str`, `Decimal` (numbers and money alike), `date`, aware `datetime`, `bool`, `list[str]` or
`None`. `None` is the one missing value: absent fields and blank texts become it when they are read. While an
expression is worked out, money carries its currency (`Money`) and a percentage knows that it is one (`Percent`), so
that currencies cannot mix; what is written back to a record is a bare `Decimal` again.
"""

import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final

from dsl.currencies import minor_unit

NOT_SET: Final = "(not set)"
UNIT_PRICE_PLACES: Final = 7
MAX_TEXT: Final = 4_000
ARITHMETIC: Final = Context(prec=28, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
"""The one context of all sums: Python's own, so that a thread need not switch to it. It has 28 digits, and every
impossible result raises. Amounts are rounded half up where they are written, never on the way there."""

_QUANTA: Final[Mapping[int, Decimal]] = {places: Decimal(1).scaleb(-places) for places in range(20)}
ZERO: Final = Decimal(0)


class EvaluationFailure(Exception):
    """An evaluation that has no answer; it holds the record and never counts as "no".

    `code` is one of FAILURES; `message` is a sentence for a bookkeeper; `values` are the values it happened with, by
    what they are called.
    """

    def __init__(self, code: str, message: str, values: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.values = dict(values or {})


FAILURES: Final[Mapping[str, str]] = {
    "E101": "Two currencies in one calculation or comparison",
    "E102": "A number too large to calculate with",
    "E103": "A value of the wrong kind",
    "E201": "The rules took more steps for this record than the budget allows",
    "E202": "A text longer than 4,000 characters",
    "E203": "A record with more than 1,000 items",
    "E204": "A pattern that could not be run over the text",
}
"""Codes of failed evaluations, never reused, with what each means."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency (ISO 4217); `None` stands for the currency of the company's own books."""

    amount: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class Percent:
    """A percentage as people write it: 7.5% is Percent(Decimal("7.5")); multiplying by it divides by a hundred."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Months:
    """A duration by the calendar, where no number of days would be right: 1 month, 2 years (24 months)."""

    count: int


# --- text ------------------------------------------------------------------------------------------------------------


def _fold_character(character: str) -> str:
    folded = character.casefold()
    if len(folded) == 1:
        return folded
    # Only the full mapping exists for these (ß, ŉ, ﬁ …); the simple one is the lower case letter, or the letter itself.
    lowered = character.lower()
    return lowered if len(lowered) == 1 else character


def fold_inside(text: str) -> str:
    """Return `text` in NFC and simple case folding, its outer spaces kept; never changes the length of an NFC text."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFC", text)
    folded = text.casefold()
    if len(folded) == len(text):
        return folded
    return "".join(map(_fold_character, text))


def fold(text: str) -> str:
    """Return the form in which texts compare: NFC, simple case folding (Unicode CaseFolding C and S), trimmed."""
    if text.isascii():
        return text.strip().lower()
    return fold_inside(text).strip()


def same_text(left: str, right: str) -> bool:
    """Compare two texts as people do: without case, outer spaces and the ways to write an accent."""
    return fold(left) == fold(right)


def limited(text: str) -> str:
    """Return a text that a rule made, or fail where it is longer than 4,000 characters."""
    if len(text) > MAX_TEXT:
        raise EvaluationFailure(
            "E202",
            f"A text came out with {len(text):,} characters; at most {MAX_TEXT:,} are allowed. "
            "Shorten it in the rule, for example with left(…, 200).",
            {"text": text[:60] + "…"},
        )
    return text


def needle(text: str) -> str:
    """Return a searched text folded and trimmed; one of spaces only is meant as spaces."""
    return fold(text) or fold_inside(text)


def _joined(left: str, right: str) -> bool:
    return left.isalnum() and right.isalnum()


def has_word(folded: str, folded_word: str) -> bool:
    """Say whether a folded text has the folded word or phrase as whole words: letters and digits do not touch it."""
    if not folded_word:
        return False
    at = folded.find(folded_word)
    while at >= 0:
        end = at + len(folded_word)
        before_clear = at == 0 or not _joined(folded[at - 1], folded_word[0])
        after_clear = end == len(folded) or not _joined(folded_word[-1], folded[end])
        if before_clear and after_clear:
            return True
        at = folded.find(folded_word, at + 1)
    return False


def _occurrences(text: str, searched: str) -> Iterable[tuple[int, int]]:
    """Yield start and end of each occurrence of `searched` in `text` (NFC), left to right, without overlap.

    Texts compare trimmed, so `searched` is found without its outer spaces; where the text has such spaces at that
    place they belong to the occurrence: "Mr. " in "Mr. Smith" is found with its space, in "Mr.Smith" without.
    """
    folded = fold_inside(text)
    wanted = fold_inside(unicodedata.normalize("NFC", searched))
    core = wanted.strip()
    if not core:
        core, lead, tail = wanted, "", ""
    else:
        lead = wanted[: len(wanted) - len(wanted.lstrip())]
        tail = wanted[len(wanted.rstrip()) :]
    if not core:
        return
    done = 0
    at = folded.find(core)
    while at >= 0:
        end = at + len(core)
        start = at - len(lead) if lead and at - len(lead) >= done and folded[at - len(lead) : at] == lead else at
        if tail and folded.startswith(tail, end):
            end += len(tail)
        yield start, end
        done = end
        at = folded.find(core, end)


def replace_text(text: str, searched: str, replacement: str) -> str:
    """Return `text` with every occurrence of `searched` replaced; the text itself where there is none."""
    normal = text if text.isascii() else unicodedata.normalize("NFC", text)
    parts: list[str] = []
    done = 0
    for start, end in _occurrences(normal, searched):
        parts.append(normal[done:start])
        parts.append(replacement)
        done = end
    if not parts:
        return text
    parts.append(normal[done:])
    return limited("".join(parts))


def text_before(text: str, mark: str) -> str | None:
    """Return what stands before the first `mark` in `text`, or None where there is no such mark."""
    normal = text if text.isascii() else unicodedata.normalize("NFC", text)
    for start, _ in _occurrences(normal, mark):
        return normal[:start]
    return None


def text_after(text: str, mark: str) -> str | None:
    """Return what stands after the first `mark` in `text`, or None where there is no such mark."""
    normal = text if text.isascii() else unicodedata.normalize("NFC", text)
    for _, end in _occurrences(normal, mark):
        return normal[end:]
    return None


def split_text(text: str, mark: str) -> list[str]:
    """Return the pieces of `text` between its marks."""
    normal = text if text.isascii() else unicodedata.normalize("NFC", text)
    pieces: list[str] = []
    done = 0
    for start, end in _occurrences(normal, mark):
        pieces.append(normal[done:start])
        done = end
    pieces.append(normal[done:])
    return pieces


# --- money and numbers -----------------------------------------------------------------------------------------------


def rounded(number: Decimal, places: int) -> Decimal:
    """Round half up (away from zero) to `places` decimals; negative places round to tens, hundreds and so on.

    Raises EvaluationFailure E102 where the number has more digits than 28.
    """
    quantum = _QUANTA.get(places) or Decimal(1).scaleb(-places)
    try:
        result = number.quantize(quantum, ROUND_HALF_UP, ARITHMETIC)
    except InvalidOperation:
        raise EvaluationFailure("E102", f"The number {number:.6E} is too large to calculate with.") from None
    return result if places >= 0 else result.quantize(_QUANTA[0])


def round_amount(amount: Decimal, currency: str | None) -> Decimal:
    """Round an amount half up to the minor unit of its currency: 0.125 USD is 0.13, 202.5 JPY is 203."""
    return rounded(amount, minor_unit(currency))


def round_unit_price(price: Decimal) -> Decimal:
    """Round a price of one piece half up to seven places, without zeros beyond the second.

    QuickBooks keeps seven decimals of a UnitPrice (Intuit, API explorer, Item and Line).
    """
    result = rounded(price, UNIT_PRICE_PLACES).normalize()
    exponent = result.as_tuple().exponent
    return result.quantize(_QUANTA[2]) if isinstance(exponent, int) and exponent > -2 else result


# --- dates -----------------------------------------------------------------------------------------------------------


def as_date(moment: date) -> date:
    """Return the day of a date or of an aware time, in the zone that the time itself carries."""
    return moment.date() if isinstance(moment, datetime) else moment


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, the last day of a shorter month where there is no such day.

    Raises OverflowError outside the years 1 to 9999.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("date value out of range")
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


# --- printing --------------------------------------------------------------------------------------------------------


def print_number(number: Decimal) -> str:
    """Print a number without trailing zeros and without an exponent: 2.50 is 2.5, 1E+3 is 1000, -0.0 is 0."""
    if not number:
        return "0"
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def print_money(amount: Decimal, currency: str | None) -> str:
    """Print an amount with the decimals of its currency, more only where it has more (at most seven): 41.98, 202, 3.3333333."""
    places = minor_unit(currency)
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        precise = rounded(amount, UNIT_PRICE_PLACES)
        text = format(precise, "f").rstrip("0")
        whole, _, decimals = text.partition(".")
        if len(decimals) > places:
            return text
        return whole + ("." + decimals.ljust(places, "0") if places else "")
    return format(rounded(amount, places), "f")


def print_moment(moment: datetime) -> str:
    """Print an aware time in ISO form, to the second, with `Z` for UTC."""
    text = moment.isoformat(timespec="seconds")
    return text[:-6] + "Z" if moment.utcoffset() == timedelta(0) else text


def print_value(value: Any) -> str:
    """Print any value as texts show it: money 41.98, dates ISO, numbers without trailing zeros, `(not set)` for missing.

    A bare Decimal prints as a number; who knows that it is money hands in `Money`.
    """
    match value:
        case None:
            return NOT_SET
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case Decimal():
            return print_number(value)
        case Money():
            return print_money(value.amount, value.currency)
        case Percent():
            return print_number(value.value) + "%"
        case datetime():
            return print_moment(value)
        case date():
            return value.isoformat()
        case timedelta():
            return print_duration(value)
        case Months():
            return f"{value.count} month" + ("" if value.count == 1 else "s")
        case list() | tuple():
            return ", ".join(print_value(entry) for entry in value)
        case int():
            return str(value)
    raise EvaluationFailure("E103", f"A value of the kind {type(value).__name__} cannot be printed.")


def print_duration(duration: timedelta) -> str:
    """Print a duration in the largest unit that leaves no rest: 30 days, 1 hour, 90 minutes."""
    seconds = int(duration.total_seconds())
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % size == 0 and (seconds or size == 60):
            count = seconds // size
            return f"{count} {name}" + ("" if count == 1 else "s")
    return f"{seconds} seconds"


def show_value(value: Any) -> str:
    """Print a value for an explanation: texts in quotes, money with its currency, everything else as in texts."""
    match value:
        case str():
            return '"' + value + '"'
        case Money(amount, currency) if currency:
            return f"{print_money(amount, currency)} {currency}"
        case list() | tuple():
            return "[" + ", ".join(show_value(entry) for entry in value) + "]"
    return print_value(value)
