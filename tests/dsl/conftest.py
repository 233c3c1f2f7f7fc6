"""The library, schema and helpers that the tests of the language share."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from dsl.books import BooksSnapshot
from dsl.check import Checked, check_text
from dsl.schema import Schema
from engine.vocabulary import vocabulary
from tests.dsl.library import LIBRARY, Packs


@pytest.fixture(scope="session")
def schema() -> Schema:
    return vocabulary()


@pytest.fixture(scope="session")
def check(schema: Schema) -> Callable[..., Checked]:
    """Checks a text with the whole vocabulary and two canned packs at hand."""

    def run(
        text: str,
        *,
        library: Packs | None = LIBRARY,
        books: BooksSnapshot | None = None,
        tables: Mapping[str, str] | None = None,
    ) -> Checked:
        return check_text(text, file="web.rules", schema=schema, library=library, books=books, tables=tables or {})

    return run
