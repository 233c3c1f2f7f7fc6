"""Checks a text with the whole vocabulary, for the tests of values, tables and totals."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from dsl.books import BooksSnapshot
from dsl.check import Checked, check_text
from dsl.diagnostics import Fix
from engine.vocabulary import vocabulary
from tests.dsl.library import LIBRARY, Packs


@pytest.fixture(scope="session")
def check() -> Callable[..., Checked]:
    def run(
        text: str,
        *,
        library: Packs | None = LIBRARY,
        books: BooksSnapshot | None = None,
        tables: Mapping[str, str] | None = None,
    ) -> Checked:
        return check_text(
            text, file="web.rules", schema=vocabulary(), library=library, books=books, tables=tables or {}
        )

    return run


def mended(text: str, fix: Fix) -> str:
    """The text after the edits of a fix."""
    for edit in sorted(fix.edits, key=lambda each: -each.start.offset):
        text = text[: edit.start.offset] + edit.text + text[edit.end.offset :]
    return text
