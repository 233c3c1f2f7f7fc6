"""The comparisons as forms offer them, in words, by the type of what is compared; changes with the comparisons of the language."""

from __future__ import annotations

from dsl import tree
from dsl.forms.model import Choice
from dsl.tree import Operator
from dsl.types import ANY, DATE, DURATION, MOMENT, MONEY, NUMBER, PERCENT, TEXT, YES_NO, Type, list_of

HOLDS = ""
"""The comparison of a yes/no value that stands by itself: `when order.paid`."""
MISSING, PRESENT = "is missing", "is present"

NEGATED: dict[Operator, str] = {
    Operator.IS: "is not",
    Operator.EXACTLY: "is not exactly",
    Operator.ONE_OF: "is not one of",
    Operator.BETWEEN: "is not between",
    Operator.MORE: "is not more than",
    Operator.LESS: "is not less than",
    Operator.AT_LEAST: "is not at least",
    Operator.AT_MOST: "is not at most",
    Operator.BEFORE: "is not before",
    Operator.AFTER: "is not after",
    Operator.CONTAINS: "does not contain",
    Operator.WORD: "does not have the word",
    Operator.STARTS: "does not start with",
    Operator.ENDS: "does not end with",
    Operator.MATCHES: "does not match",
    Operator.PATTERN: "does not match pattern",
}
WORDINGS: dict[str, tuple[Operator, bool]] = {
    **{each.value: (each, False) for each in Operator},
    **{words: (operator, True) for operator, words in NEGATED.items()},
}
"""Every comparison with a value by its words."""

_LABELS: dict[str, str] = {
    HOLDS: "holds",
    "matches": "looks like (* any letters, ? one letter)",
    "does not match": "does not look like (* any letters, ? one letter)",
    "matches pattern": "matches the pattern (RE2)",
    "does not match pattern": "does not match the pattern (RE2)",
    "is exactly": "is exactly (capitals and blanks count)",
    "is not exactly": "is not exactly (capitals and blanks count)",
    MISSING: "has no value",
    PRESENT: "has a value",
}
_DATE_LABELS: dict[str, str] = {
    "is at least": "is on or after",
    "is at most": "is on or before",
}
_PRESENCE = (PRESENT, MISSING)
_SAME = ("is", "is not")
_LISTED = ("is one of", "is not one of")
_TEXTS = (
    *_SAME,
    *_LISTED,
    "contains",
    "does not contain",
    "starts with",
    "does not start with",
    "ends with",
    "does not end with",
    "has the word",
    "does not have the word",
    "matches",
    "does not match",
    "is exactly",
    "is not exactly",
    "matches pattern",
    "does not match pattern",
)
_ORDER = ("is more than", "is less than", "is at least", "is at most", "is between", "is not between")
_NUMBERS = (*_SAME, *_ORDER, *_LISTED)
_DATES = (*_SAME, "is before", "is after", "is at least", "is at most", "is between", "is not between")


def words_of(node: tree.Expression) -> str:
    """The words of a comparison: "does not contain", "is missing", "" for a value that stands by itself."""
    if isinstance(node, tree.Presence):
        return MISSING if node.missing else PRESENT
    if isinstance(node, tree.Comparison):
        return NEGATED[node.operator] if node.negated else node.operator.value
    return HOLDS


def fitting(kind: Type) -> tuple[str, ...]:
    """The comparisons that fit a type of value, the most usual first."""
    if kind == TEXT:
        return (*_TEXTS, *_PRESENCE)
    if kind in (NUMBER, MONEY, PERCENT):
        return (*_NUMBERS, *_PRESENCE)
    if kind in (DATE, MOMENT):
        return (*_DATES, *_PRESENCE)
    if kind == DURATION:
        return (*_SAME, *_ORDER, *_PRESENCE)
    if kind == YES_NO:
        return (*_SAME, *_PRESENCE, HOLDS)
    if kind.element is not None:
        return ("contains", "does not contain", *_PRESENCE)
    if kind == ANY:
        return (*_TEXTS, *_ORDER, "is before", "is after", *_PRESENCE)
    return (*_SAME, *_PRESENCE)


def choices(kind: Type) -> tuple[Choice, ...]:
    """The same with labels for people."""
    dates = kind in (DATE, MOMENT)
    return tuple(
        Choice(each, _DATE_LABELS.get(each, _LABELS.get(each, each)) if dates else _LABELS.get(each, each))
        for each in fitting(kind)
    )


PATTERN_TYPE = Type("pattern")
"""A regular expression: a text as it stands, in which braces are braces."""

_TEXT_OPERATORS = (Operator.WORD, Operator.STARTS, Operator.ENDS, Operator.MATCHES)


def wanted(words: str, kind: Type) -> Type:
    """What stands on the right of a comparison with a value of a type; ANY where nothing does."""
    operator = WORDINGS[words][0] if words in WORDINGS else None
    if operator is None:
        return ANY
    if operator is Operator.PATTERN:
        return PATTERN_TYPE
    if operator in _TEXT_OPERATORS:
        return TEXT
    if operator is Operator.CONTAINS:
        return kind.element if kind.element is not None else TEXT
    if operator is Operator.ONE_OF:
        return list_of(kind if kind.element is None else ANY)
    return kind


def values_taken(words: str) -> int:
    """How many values a comparison takes."""
    if words in (HOLDS, *_PRESENCE):
        return 0
    return 2 if words in ("is between", "is not between") else 1
