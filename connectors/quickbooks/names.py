"""Names that QuickBooks accepts, made from names that a shop has: pure, each change said, and twice is as once.

Limits: the reference allows 500 characters for a display name but QuickBooks' own pages and importer only 100; item
names 100, class and location names 100, term and payment method names 31, document numbers 21. A colon separates parent
and child, so it can be in no name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CUSTOMER_LIMIT = 100
ITEM_LIMIT = 100
LIST_LIMIT = 31
NUMBER_LIMIT = 21

BESIDE = " (Customer)"
# QuickBooks puts this behind the name of an entry that was made inactive, which frees the name.
_DELETED = " (deleted)"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_COLONS = re.compile(r"\s*:+\s*")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A name as it can be sent, and what was changed for it (in words; empty if nothing)."""

    name: str
    changes: tuple[str, ...] = ()


def whole(said: str) -> str:
    """The text without what no document can carry: halves of characters (lone surrogates), control characters."""
    return _UNPRINTED.sub("", said.encode("utf-8", "replace").decode("utf-8"))


def cut(said: str, limit: int) -> str:
    """At most `limit` characters, never ending in the middle of an emoji sequence or in a blank."""
    if len(said) <= limit:
        return said
    end = limit
    # A joiner, a variation selector or a combining mark belongs to the character before it.
    while end > 0 and (
        said[end] in "\u200d\ufe0e\ufe0f" or "\u0300" <= said[end] <= "\u036f" or said[end - 1] == "\u200d"
    ):
        end -= 1
    return said[: end or limit].rstrip()


def _accept(said: str, limit: int, what: str) -> Accepted:
    changes = []
    name = said.encode("utf-8", "replace").decode("utf-8")
    if _CONTROL.search(name):
        name = _CONTROL.sub(" ", name)
        changes.append("tabs and line breaks became spaces")
    if ":" in name:
        name = _COLONS.sub(" - ", name.strip(" :"))
        changes.append("':' became '-', because in QuickBooks it separates parent and child")
    tidy = " ".join(name.split())
    if tidy != name and not changes:
        changes.append("extra spaces were taken out")
    short = cut(tidy, limit)
    if short != tidy:
        changes.append(f"it was cut to {limit} characters, the most QuickBooks takes for {what}")
    return Accepted(short, tuple(changes))


def customer_name(said: str) -> Accepted:
    """A customer's display name: at most 100 characters, no colon, tab or line break."""
    return _accept(said, CUSTOMER_LIMIT, "a customer's name")


def item_name(said: str) -> Accepted:
    """An item's name: at most 100 characters, no colon, tab or line break; quotes and '#' may stay."""
    return _accept(said, ITEM_LIMIT, "an item's name")


def list_name(said: str) -> Accepted:
    """The name of a term or payment method: at most 31 characters."""
    return _accept(said, LIST_LIMIT, "this list")


def tidy(said: str) -> str:
    """On one line, without control characters and extra blanks."""
    return " ".join(_CONTROL.sub(" ", whole(said)).split())


def name_beside(said: str) -> str:
    """How a customer is called whose name a vendor or employee has (`Ann Lee (Customer)`): QuickBooks wants names unique
    among all three (error 6240). The name is cut and never what stands behind it; twice is as once."""
    if said.endswith(BESIDE):
        return said
    return cut(said, CUSTOMER_LIMIT - len(BESIDE)) + BESIDE


def without_deleted(said: str) -> str:
    """The name that an inactive entry had before QuickBooks put ' (deleted)' behind it."""
    return said[: -len(_DELETED)] if said.endswith(_DELETED) else said


def deleted(said: str) -> str:
    """How the name of an entry reads once it was made inactive."""
    return said + _DELETED
