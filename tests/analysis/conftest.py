"""What the tests of the analyses share: a check with the whole vocabulary."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dsl.check import Checked, check_text
from dsl.schema import Schema
from engine.vocabulary import vocabulary
from tests.dsl.library import LIBRARY


@pytest.fixture(scope="session")
def schema() -> Schema:
    return vocabulary()


@pytest.fixture(scope="session")
def check(schema: Schema) -> Callable[[str], Checked]:
    """Checks a text with the whole vocabulary and two canned packs at hand."""

    def run(text: str) -> Checked:
        return check_text(text, file="web.rules", schema=schema, library=LIBRARY)

    return run
