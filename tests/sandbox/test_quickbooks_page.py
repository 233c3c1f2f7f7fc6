"""docs/local-books.md says what can be set and what can go wrong"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from sandbox.quickbooks import Options, Switches, create_app, help_for
from sandbox.quickbooks.injection import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "local-books.md").read_text("utf-8")
SETTINGS = [
    (field.name, field.default)
    for kind in (Options, Switches)
    for field in fields(kind)
    if field.name not in {"limits", "switches", "data"}
]


@pytest.mark.parametrize(("name", "default"), SETTINGS)
def test_every_setting_is_described_with_its_default(name: str, default: object) -> None:
    assert f"| `{name}` | `{default!r}` | {help_for(name).rstrip('.')} |" in PAGE


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_is_described(kind: str) -> None:
    assert f"| `{kind}` |" in PAGE


def test_every_address_of_administration_is_described() -> None:
    addresses = {rule.rule for rule in create_app().url_map.iter_rules() if rule.rule.startswith("/__sandbox__/")}
    missing = {address for address in addresses if address.removeprefix("/__sandbox__/") not in PAGE}
    assert len(addresses) == 11
    assert not missing
