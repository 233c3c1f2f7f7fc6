"""What the tests of codes share: the whole vocabulary, a check with it, and the switch that writes golden files anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dsl.check import Checked, check_text
from dsl.schema import Schema
from engine.vocabulary import vocabulary


@pytest.fixture(scope="session")
def schema() -> Schema:
    return vocabulary()


@pytest.fixture(scope="session")
def check(schema: Schema) -> Callable[[str], Checked]:
    return lambda text: check_text(text, file="web.rules", schema=schema)


@pytest.fixture(scope="session")
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written in place of compared (`--update-golden`)."""
    return bool(request.config.getoption("--update-golden"))
