"""Functions over text: changes when the language gets another one."""

import functools
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import re2

from dsl.functions.function import Example, Function, Parameter
from dsl.types import NUMBER, TEXT, TEXT_LIST
from dsl.values import (
    EvaluationFailure,
    limited,
    print_value,
    replace_text,
    split_text,
    text_after,
    text_before,
)

_TEXT = Parameter("text", (TEXT,), "The text to work on")


@functools.lru_cache(maxsize=1024)
def compiled_pattern(pattern: str) -> Any:
    """Return `pattern` compiled by RE2, which runs in time linear in the text; its error log is silent.

    Raises EvaluationFailure E204 for a pattern that RE2 does not know.
    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 8 << 20
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        words = error.args[0].decode("utf-8", "replace") if error.args and isinstance(error.args[0], bytes) else error
        raise EvaluationFailure("E204", f"The pattern cannot be used: {words}", {"pattern": pattern}) from None


_ONE_CLASS = re.compile(r"\[\^?(?:[0-9]-[0-9]|[a-z]-[a-z]|[A-Z]-[A-Z]|[A-Za-z0-9 _#@%=,;!+*/.$()])+\]\+?")


@functools.lru_cache(maxsize=1024)
def substitution(pattern: str) -> Callable[[str, str], str]:
    """A function (new text, text) -> text that replaces what fits `pattern`.

    A pattern that is one class of plain characters ("[^0-9+]") means the same to Python's own engine, which goes
    through a text just as straight and is ten times as fast to call as RE2.
    """
    engine = re.compile(pattern) if _ONE_CLASS.fullmatch(pattern) else compiled_pattern(pattern)

    def substituted(new: str, text: str) -> str:
        # Given as a function where a backslash in the new text must stay what it is.
        return limited(engine.sub((lambda _: new) if "\\" in new else new, text))

    return substituted


def translation(pattern: str, new: str) -> Mapping[int, int | str | None] | None:
    """What each ASCII character becomes where `replace_pattern` goes character by character; None where it does not."""
    if not _ONE_CLASS.fullmatch(pattern) or len(new) > 1 or not new.isascii() or (new and pattern.endswith("+")):
        return None
    fits = re.compile(pattern).fullmatch
    return {code: (new or None) if fits(chr(code)) else code for code in range(128)}


def _count(number: Decimal) -> int:
    return max(0, min(int(number), 1_000_000))


def _upper(text: str) -> str:
    return limited(text.upper())


def _lower(text: str) -> str:
    return limited(text.lower())


def _proper(text: str) -> str:
    letters: list[str] = []
    inside = False
    for character in text:
        letters.append(character.lower() if inside else character.title())
        inside = character.isalnum() or (inside and character in "'’")
    return limited("".join(letters))


def _trim(text: str) -> str:
    return limited(" ".join(text.split()))


def _left(text: str, length: Decimal = Decimal(1)) -> str:
    return limited(text[: _count(length)])


def _right(text: str, length: Decimal = Decimal(1)) -> str:
    count = _count(length)
    return limited(text[-count:] if count else "")


def _mid(text: str, start: Decimal, length: Decimal) -> str:
    first = max(1, _count(start))
    return limited(text[first - 1 : first - 1 + _count(length)])


def _length(value: Any) -> Decimal:
    return Decimal(len(value))


def _part(text: str, separator: str, number: Decimal) -> str | None:
    pieces = split_text(text, separator)
    place = int(number)
    if place == 0 or abs(place) > len(pieces):
        return None
    return limited(pieces[place - 1 if place > 0 else place])


def _before(text: str, mark: str) -> str | None:
    found = text_before(text, mark)
    return None if found is None else limited(found)


def _after(text: str, mark: str) -> str | None:
    found = text_after(text, mark)
    return None if found is None else limited(found)


def _pad_left(text: str, length: Decimal, filler: str = "0") -> str:
    missing = min(_count(length), 4_001) - len(text)
    if missing <= 0 or not filler:
        return limited(text)
    return limited((filler * missing)[:missing] + text)


def _digits(text: str) -> str:
    return limited("".join(character for character in text if "0" <= character <= "9"))


def _join(values: Any, separator: str = ", ") -> str:
    return limited(separator.join(print_value(value) for value in values))


def _replace_pattern(text: str, pattern: str, new: str) -> str:
    return substitution(pattern)(new, text)


def _find_pattern(text: str, pattern: str) -> str | None:
    found = compiled_pattern(pattern).search(text)
    if found is None:
        return None
    group = found.group(1) if found.re.groups else found.group(0)
    return None if group is None else limited(group)


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "upper",
        "text",
        "Writes a text in capital letters.",
        (_TEXT,),
        TEXT,
        _upper,
        (Example('upper("abc-1")', '"ABC-1"'),),
    ),
    Function(
        "lower",
        "text",
        "Writes a text in small letters.",
        (_TEXT,),
        TEXT,
        _lower,
        (Example('lower("ABC-1")', '"abc-1"'),),
    ),
    Function(
        "proper",
        "text",
        "Writes each word of a text with a capital first letter.",
        (_TEXT,),
        TEXT,
        _proper,
        (Example('proper("JANE o\'neil")', '"Jane O\'neil"'), Example('proper("new-york city")', '"New-York City"')),
    ),
    Function(
        "trim",
        "text",
        "Takes the spaces around a text away, and leaves one where there are several inside.",
        (_TEXT,),
        TEXT,
        _trim,
        (Example('trim("  Jane   Doe ")', '"Jane Doe"'),),
    ),
    Function(
        "left",
        "text",
        "Takes the first characters of a text.",
        (_TEXT, Parameter("length", (NUMBER,), "How many characters; 1 unless given", optional=True)),
        TEXT,
        _left,
        (Example('left("abc-123", 3)', '"abc"'), Example('left("abc")', '"a"')),
    ),
    Function(
        "right",
        "text",
        "Takes the last characters of a text.",
        (_TEXT, Parameter("length", (NUMBER,), "How many characters; 1 unless given", optional=True)),
        TEXT,
        _right,
        (Example('right("abc-123", 3)', '"123"'), Example('right("abc", 0)', '""')),
    ),
    Function(
        "mid",
        "text",
        "Takes characters out of the middle of a text.",
        (
            _TEXT,
            Parameter("start", (NUMBER,), "The place of the first character, from 1"),
            Parameter("length", (NUMBER,), "How many characters"),
        ),
        TEXT,
        _mid,
        (Example('mid("abc-123", 3, 2)', '"c-"'),),
    ),
    Function(
        "length",
        "text",
        "Counts the characters of a text, or the elements of a list.",
        (Parameter("text", (TEXT, TEXT_LIST), "The text or list"),),
        NUMBER,
        _length,
        (Example('length("abc")', "3"),),
    ),
    Function(
        "replace",
        "text",
        "Replaces every place where one text stands in another, without regard to case.",
        (_TEXT, Parameter("old", (TEXT,), "What to look for"), Parameter("new", (TEXT,), "What to put there")),
        TEXT,
        replace_text,
        (
            Example('replace("#1001", "#", "WC-")', '"WC-1001"'),
            Example('replace("Red RED", "red", "blue")', '"blue blue"'),
        ),
    ),
    Function(
        "text_before",
        "text",
        "Takes what stands before the first mark; missing where the mark is not found.",
        (_TEXT, Parameter("mark", (TEXT,), "The mark to look for")),
        TEXT,
        _before,
        (Example('text_before("abc-123", "-")', '"abc"'), Example('text_before("abc", "-")', "missing")),
    ),
    Function(
        "text_after",
        "text",
        "Takes what stands after the first mark; missing where the mark is not found.",
        (_TEXT, Parameter("mark", (TEXT,), "The mark to look for")),
        TEXT,
        _after,
        (Example('text_after("abc-123-x", "-")', '"123-x"'), Example('text_after("abc", "-")', "missing")),
    ),
    Function(
        "part",
        "text",
        "Takes one of the pieces between separators; missing where there are fewer pieces.",
        (
            _TEXT,
            Parameter("separator", (TEXT,), "What stands between the pieces"),
            Parameter("number", (NUMBER,), "Which piece, from 1; -1 is the last"),
        ),
        TEXT,
        _part,
        (
            Example('part("US-MD-21201", "-", 2)', '"MD"'),
            Example('part("US-MD-21201", "-", -1)', '"21201"'),
            Example('part("US-MD", "-", 3)', "missing"),
        ),
    ),
    Function(
        "pad_left",
        "text",
        "Fills a text up on the left until it has a length.",
        (
            _TEXT,
            Parameter("length", (NUMBER,), "How many characters it has to have"),
            Parameter("filler", (TEXT,), 'What to fill up with; "0" unless given', optional=True),
        ),
        TEXT,
        _pad_left,
        (Example('pad_left("42", 5)', '"00042"'), Example('pad_left("42", 4, " ")', '"  42"')),
    ),
    Function(
        "digits",
        "text",
        "Keeps only the digits of a text.",
        (_TEXT,),
        TEXT,
        _digits,
        (Example('digits("(410) 555-0100")', '"4105550100"'),),
    ),
    Function(
        "join",
        "text",
        "Puts the elements of a list into one text.",
        (
            Parameter("list", (TEXT_LIST,), "The list"),
            Parameter("separator", (TEXT,), 'What stands between them; ", " unless given', optional=True),
        ),
        TEXT,
        _join,
        (Example('join(["a", "b"])', '"a, b"'), Example('join(["a", "b"], "/")', '"a/b"')),
    ),
    Function(
        "replace_pattern",
        "text",
        "Replaces every place that fits a pattern (RE2), with regard to case.",
        (
            _TEXT,
            Parameter("pattern", (TEXT,), "The pattern", pattern=True),
            Parameter("new", (TEXT,), "What to put there, as it stands"),
        ),
        TEXT,
        _replace_pattern,
        (Example('replace_pattern("(410) 555-0100", "[^0-9+]", "")', '"4105550100"'),),
    ),
    Function(
        "find_pattern",
        "text",
        "Takes the first place that fits a pattern (RE2), or its first group; missing where none fits.",
        (_TEXT, Parameter("pattern", (TEXT,), "The pattern", pattern=True)),
        TEXT,
        _find_pattern,
        (
            Example('find_pattern("Order 1042 of May", "[0-9]+")', '"1042"'),
            Example('find_pattern("PO: A-7", "PO: (.*)")', '"A-7"'),
            Example('find_pattern("none", "[0-9]+")', "missing"),
        ),
    ),
)
