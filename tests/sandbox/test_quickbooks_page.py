"""docs/local-books.md says what can be set and what can go wrong"""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.quickbooks import Options, create_app
from sandbox.quickbooks.injection import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "local-books.md").read_text("utf-8")


@pytest.mark.parametrize(("name", "told"), Options.told().items())
def test_every_setting_is_described_with_its_default(name: str, told: tuple[object, str]) -> None:
    default, words = told
    assert f"| `{name}` | `{default!r}` | {words.rstrip('.')} |" in PAGE


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_is_described(kind: str) -> None:
    assert f"| `{kind}` |" in PAGE


def test_every_address_of_administration_is_described() -> None:
    addresses = {rule.rule for rule in create_app().url_map.iter_rules() if rule.rule.startswith("/__sandbox__/")}
    missing = {address for address in addresses if address.removeprefix("/__sandbox__/") not in PAGE}
    assert len(addresses) == 11
    assert not missing
