"""Texts with a mark where somebody's cursor stands, as views."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from dsl.books import BooksSnapshot
from dsl.check import check_text
from dsl.packs import Library
from dsl.service.view import View
from engine.rulesets import CannedRuleSets, schema

CURSOR = "‸"
BOOKS = BooksSnapshot({"account": ("Undeposited Funds", "PayPal Deposits"), "class": ("Retail", "Online:Shop")})


def marked(text: str) -> tuple[str, int]:
    """The text without the mark, and where it stood."""
    return text.replace(CURSOR, ""), text.index(CURSOR)


@cache
def view(text: str, file: str = "web.rules", library: Library | None = None) -> View:
    library = library or CannedRuleSets()
    tables: Mapping[str, str] = MappingProxyType({})
    checked = check_text(text, file=file, schema=schema(), library=library, books=BOOKS, tables=tables)
    return View(file, text, checked, schema(), library, BOOKS, tables)
