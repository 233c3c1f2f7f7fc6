"""Values as a rule-set file writes them; changes with how values are written (knows no block and no place).

Whatever is typed into a form arrives as it was typed: quotes and braces of a text are doubled, and a value that is not of the
wanted type is written as the text it is, so that the check can say what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from dsl import tree
from dsl.edits.edit import Json, Refused
from dsl.forms.comparisons import PATTERN_TYPE
from dsl.forms.knowledge import TYPE_WORDS
from dsl.parse import parse_expression
from dsl.tokens import COMMENT, tokens_of
from dsl.types import ANY, DATE, DURATION, MOMENT, MONEY, NUMBER, PERCENT, TEXT, YES_NO, Type
from grammar.keywords import ITEM_WORDS, RESERVED

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\Z|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}\Z")
_DURATION = re.compile(r"([0-9]+)[ ]+(minute|hour|day|week|month|year)s?\Z")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LONG_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*\Z")
_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}\Z")
_UNITS = ("minute", "hour", "day", "week", "month", "year")
_CONDITIONS = (tree.And, tree.Or, tree.Not, tree.Comparison, tree.Presence, tree.Quantified)


def text(said: str) -> str:
    """A text between its quotes: every letter arrives as it is. A text of a file has one line."""
    if "\n" in said:
        raise Refused("a text stands on one line", "put the second line somewhere else, or take the line end out")
    if not said.isascii() and any("\ud800" <= letter <= "\udfff" for letter in said):
        raise Refused("this text holds half a letter, which no file can keep", "type it again")
    return '"' + said.replace('"', '""').replace("{", "{{").replace("}", "}}") + '"'


def pattern(said: str) -> str:
    """A regular expression between its quotes: braces are braces there."""
    if "\n" in said:
        raise Refused("a pattern stands on one line", r"a line end in a pattern is written \n")
    return '"' + said.replace('"', '""') + '"'


def name(said: str, what: str = "a name") -> str:
    """A name as the language has names."""
    if not _NAME.match(said) or said in RESERVED:
        why = f"`{said}` is a word of the language" if said in RESERVED else f"`{said}` cannot be {what}"
        raise Refused(why, "names are small letters, digits and _, and begin with a letter")
    return said


def long_name(said: str) -> str:
    """A setting or list, also by its long name (`std.order_prefix`)."""
    if not _LONG_NAME.match(said) or said in RESERVED:
        raise Refused(f"`{said}` is not the name of a setting or a list")
    return said


def word(said: Json) -> str:
    """One or more words of the language or of an option, as they stand."""
    said = "yes" if said is True else "no" if said is False else said
    if not isinstance(said, str) or not re.match(r"[A-Za-z_][A-Za-z0-9_. ]*\Z", said):
        raise Refused(f"{said!r} is no word")
    return said


def type_words(said: Json) -> str:
    """A type as a declaration names it: text, list of text, yes/no, account, …"""
    return str(said) if said in TYPE_WORDS else word(said)


def name_of_item(said: str) -> str:
    """The word of an item: line, payment, …"""
    if said not in ITEM_WORDS:
        raise Refused(f"`{said}` is no item", f"items are {', '.join(ITEM_WORDS)}")
    return said


def path(said: Json) -> str:
    """A field: `order.number`, `original order.number`, `order.meta["_po_number"]`."""
    if isinstance(said, str):
        node, found = parse_expression(said)
        if isinstance(node, tree.Path) and not found and not _remarked(said):
            return said.strip()
    raise Refused(f"`{said}` is not the name of a field", 'fields look like order.number or order.meta["_po_number"]')


def time(said: Json) -> str:
    if isinstance(said, str) and _TIME.match(said):
        return said
    raise Refused(f"`{said}` is no time of day", "times are 00:00 to 23:59")


def expression(said: Json, *, condition: bool = False) -> str:
    """A value (or condition) typed as text; it has to be one by itself, so that it changes nothing around it."""
    if not isinstance(said, str) or not said.strip():
        raise Refused("nothing was said", "write a value")
    node, found = parse_expression(said, file="value")
    errors = [each for each in found if each.is_error]
    if node is None or errors:
        first = errors[0] if errors else None
        raise Refused(
            f"this cannot be read: {said.strip()}" if first is None else first.message,
            "" if first is None else first.help,
        )
    if _remarked(said):
        raise Refused("a remark cannot stand in a value", "put it on a line of its own in the text")
    if isinstance(node, _CONDITIONS) and not condition:
        return f"({said.strip()})"
    return said.strip()


def _remarked(said: str) -> bool:
    return any(each.kind == COMMENT for each in tokens_of(said))


def template(said: Json) -> str:
    """A text in which values are filled in: pieces of text and {"expression": …}, or one text with its braces."""
    if isinstance(said, str):
        if "\n" in said:
            raise Refused("a text stands on one line")
        written = '"' + said.replace('"', '""') + '"'
    elif isinstance(said, list | tuple):
        pieces: list[str] = []
        for each in said:
            if isinstance(each, str):
                pieces.append(text(each)[1:-1])
            elif isinstance(each, Mapping) and len(each) == 1:
                how, inner = next(iter(each.items()))
                filled = expression(inner, condition=True) if how == "expression" else value(inner, how)
                pieces.append("{" + (inner if how == "expression" else filled).replace('"', '""') + "}")
            else:
                raise Refused("a piece of a text is a text or a value to fill in", 'such as {"field": "order.number"}')
        written = '"' + "".join(pieces) + '"'
    else:
        raise Refused("a text with values in it is a list of pieces")
    node, found = parse_expression(written)
    if not isinstance(node, tree.Text | tree.Template) or any(each.is_error for each in found):
        first = next((each for each in found if each.is_error), None)
        raise Refused(
            "the braces of this text do not fit" if first is None else first.message,
            "" if first is None else first.help,
        )
    return written


def value(
    to: Json,
    how: str = "",
    kind: Type = ANY,
    *,
    words: tuple[str, ...] = (),
    currency: str = "",
) -> str:
    """A value in the way in which it is said: "constant", "list", "field", "setting", "name", "template", …"""
    if not how:
        how = "list" if isinstance(to, list | tuple) else "word" if isinstance(to, str) and to in words else "constant"
    match how:
        case "constant":
            return constant(to, kind, currency)
        case "list":
            return listed(to, kind.element or ANY if kind.element is not None or kind == ANY else kind)
        case "field":
            return path(to)
        case "setting" | "name":
            return long_name(str(to))
        case "template":
            return template(to)
        case "missing":
            return "missing"
        case "word":
            return word(to)
        case "expression":
            return expression(to)
    raise Refused(
        f"a value cannot be said as {how!r}",
        "ways are constant, list, field, setting, name, template, missing, word, expression",
    )


def listed(to: Json, kind: Type = ANY) -> str:
    """`["MD", "CA"]`."""
    if not isinstance(to, list | tuple):
        raise Refused("a list is a list of values")
    return f"[{', '.join(constant(each, kind) for each in to)}]"


def constant(to: Json, kind: Type = ANY, currency: str = "") -> str:
    """A constant of a type; what is not of the type is written as the text that it is."""
    if to is None:
        return "missing"
    if isinstance(to, Mapping):
        return _amount(to) if "amount" in to else _duration(to)
    if isinstance(to, list | tuple):
        return listed(to, kind.element or ANY)
    if isinstance(to, float):
        to = Decimal(repr(to))
    said = "yes" if to is True else "no" if to is False else format(to, "f") if isinstance(to, Decimal) else str(to)
    trimmed = said.strip()
    if kind == PATTERN_TYPE:
        return pattern(said)
    if kind == TEXT:
        return text(said)
    if kind == ANY and isinstance(to, bool | int | Decimal):
        return said
    if kind == YES_NO and trimmed.casefold() in ("yes", "no"):
        return trimmed.casefold()
    if kind in (NUMBER, MONEY) and _NUMBER.match(trimmed):
        return f"{trimmed} {currency}" if kind == MONEY and _CURRENCY.match(currency) else trimmed
    if kind == MONEY:
        amount, _, code = trimmed.rpartition(" ")
        if _NUMBER.match(amount.strip()) and _CURRENCY.match(code):
            return f"{amount.strip()} {code}"
    if kind == PERCENT and _NUMBER.match(trimmed.removesuffix("%").strip()):
        return f"{trimmed.removesuffix('%').strip()}%"
    if kind in (DATE, MOMENT) and _DATE.match(trimmed):
        return trimmed
    if kind == DURATION and (found := _DURATION.match(trimmed)):
        return f"{found[1]} {found[2]}{'' if int(found[1]) == 1 else 's'}"
    return text(said)


def _amount(to: Mapping[str, Json]) -> str:
    amount, code = str(to.get("amount", "")).strip(), str(to.get("currency", "") or "").strip()
    if not _NUMBER.match(amount) or (code and not _CURRENCY.match(code)):
        raise Refused(f"{amount} {code} is no amount".replace("  ", " "), "an amount is 12.50, its currency USD")
    return f"{amount} {code}".strip()


def _duration(to: Mapping[str, Json]) -> str:
    count, unit = str(to.get("count", "")), str(to.get("unit", "")).removesuffix("s")
    if not count.isascii() or not count.isdigit() or unit not in _UNITS:
        raise Refused("a duration is a number of minutes, hours, days, weeks, months or years")
    return f"{count} {unit}{'' if int(count) == 1 else 's'}"


def word_of_date(said: str) -> str:
    """A date as the file writes it."""
    if not _DATE.match(said.strip()):
        raise Refused(f"`{said}` is no date", "dates are written 2026-01-31")
    return said.strip()
