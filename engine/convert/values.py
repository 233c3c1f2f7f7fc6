"""Values of the old system as the language writes them, and samples that a comparison holds for.

Changes with how exports write numbers, dates and names of states. Knows no rule.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from time import strptime

from dsl.schema import Field
from dsl.types import DATE, MOMENT, MONEY, NUMBER, PERCENT, TEXT, TEXT_LIST, YES_NO
from dsl.values import fold
from engine.convert.old import NotConvertible

_DATES = ("%m/%d/%Y", "%Y-%m-%d", "%m/%d/%y", "%d-%b-%Y", "%b %d, %Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p")
_YES = frozenset({"yes", "true", "1", "y", "paid"})
_NO = frozenset({"no", "false", "0", "n", "unpaid"})
_USUAL = ("US", "CA", "NY", "completed", "USD", "EUR")
"""What a sample of a closed set is, so that a test reads like an order."""
_CURRENCY = re.compile(r"^[$€£]|\b(USD|EUR|GBP|CAD|AUD)\b|[$€£]$")


def quoted(text: str) -> str:
    """A text as a file writes it."""
    return '"' + text.replace('"', '""').replace("{", "{{").replace("}", "}}") + '"'


def number(said: str) -> Decimal | None:
    """A number as people write it: `1,500.00`, `$5`, `(5.00)`, `7.5%` (7.5); None where it is none."""
    digits = _CURRENCY.sub("", said.strip()).replace(" ", "").removesuffix("%")
    if re.fullmatch(r"\(.+\)", digits):
        digits = "-" + digits[1:-1]
    if not re.fullmatch(r"-?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?", digits) or not re.search(r"\d", digits):
        return None
    try:
        return Decimal(digits.replace(",", ""))
    except InvalidOperation:
        return None


def day(said: str) -> date | None:
    """A date as people and spreadsheets write it, month first; None where it is none."""
    for form in _DATES:
        try:
            return date(*strptime(said.strip(), form)[:3])
        except ValueError:
            continue
    return None


def literal(field: Field, said: str) -> str:
    """A value of a field as it is compared or written. Raises NotConvertible where it cannot be one."""
    label = field.label.lower() if field.label[:2] != field.label[:2].upper() else field.label
    if field.type in (TEXT, TEXT_LIST):
        return quoted(_of_closed_set(field, said, label))
    if field.type in (MONEY, NUMBER, PERCENT):
        found = number(said)
        if found is None:
            raise NotConvertible(f'"{said}" is no number to compare the {label} with', "say which amount is meant")
        return f"{found:f}%" if field.type == PERCENT else f"{found:f}"
    if field.type in (DATE, MOMENT):
        found_day = day(said)
        if found_day is None:
            raise NotConvertible(f'"{said}" is no date to compare the {label} with', "write it as 2026-01-31")
        return found_day.isoformat()
    if field.type == YES_NO and said.casefold() in _YES | _NO:
        return "yes" if said.casefold() in _YES else "no"
    raise NotConvertible(f'"{said}" is no value for the {label}', "it is yes or no")


def _of_closed_set(field: Field, said: str, label: str) -> str:
    """The value of a closed set that is meant, such as TX for "Texas"."""
    if not field.values:
        return said
    for each in field.values:
        if fold(each) in (fold(said), fold(said).replace(" ", "_"), fold(said).replace(" ", "-")):
            return each
    spoken = field.spoken.get(said.strip().casefold())
    if spoken or field.other_values:
        return spoken or said
    raise NotConvertible(
        f'"{said}" is no {label} that is known', "write the value that the shop sends, such as a two-letter code"
    )


# --- samples ----------------------------------------------------------------------------------------------------------


def sample(field: Field, kind: str, said: str) -> str | None:
    """What a test gives the field for a comparison to hold; None where it has to be missing."""
    if field.type in (MONEY, NUMBER, PERCENT):
        value = number(said) or Decimal(0)
        value += {"more": 1, "less": -1, "is_not": 1}.get(kind, 0)
        if kind == "present":
            value = Decimal(1)
        if field.type == MONEY:
            return f"{value:.2f} USD"
        return f"{value:f}%" if field.type == PERCENT else f"{value:f}"
    if field.type in (DATE, MOMENT):
        moved = {"more": 1, "less": -1, "is_not": 1}.get(kind, 0)
        return ((day(said) or date(2026, 1, 31)) + timedelta(days=moved)).isoformat()
    if field.type == YES_NO:
        meant = said.casefold() in _YES
        return "yes" if meant is not (kind == "is_not") else "no"
    text = _sample_text(field, kind, said)
    return f"[{quoted(text)}]" if field.type == TEXT_LIST else quoted(text)


def _holds(kind: str, text: str, meant: str) -> bool:
    if kind == "is":
        return text == meant
    if kind in ("starts", "ends"):
        return text.startswith(meant) if kind == "starts" else text.endswith(meant)
    return meant in text


def _sample_text(field: Field, kind: str, said: str) -> str:
    if kind in ("is_not", "contains_not"):
        others = [each for each in field.values if fold(each) != fold(said)]
        usual = [each for each in _USUAL if each in others]
        if others:
            return (usual or others)[0]
        return "Other" if fold("Other") != fold(said) else "Something else"
    if kind == "present":
        return field.values[0] if field.values else "A-1"
    if field.values:
        meant = fold(_of_closed_set(field, said, field.label) if kind == "is" else said)
        return next((each for each in field.values if _holds(kind, fold(each), meant)), said)
    if field.type == TEXT_LIST:
        return said
    if kind == "contains":
        return f"A {said} B"
    return {"starts": f"{said}1", "ends": f"1{said}", "wildcard": said.replace("*", "1").replace("?", "1")}.get(
        kind, said
    )
