"""Texts that mean harm come to an end with the code of the limit that they meet, and with few words."""

from __future__ import annotations

import pytest

from bench.hostile import HOSTILE
from dsl.check import check_text
from dsl.diagnostics import Diagnostic
from dsl.workspace import Workspace
from engine.rulesets import schema

MANY_PLACES = {"and, 2,000 values"}
"""Each of its parts lets records through that have no store: each is told."""


def _said(text: str) -> tuple[Diagnostic, ...]:
    return check_text(text, file="hostile.rules", schema=schema()).diagnostics


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_meets_its_limit(name: str) -> None:
    make, code = HOSTILE[name]
    found = _said(make())
    if code:
        assert code in {each.code for each in found}
    if name not in MANY_PLACES:
        assert len(found) <= 200


def test_what_is_asked_thousands_of_times_is_told_a_few_times_and_counted() -> None:
    text = 'rule "A" for order when ' + " or ".join(['order.store is "A"'] * 1_000) + ' then skip "x" end'
    found = _said(text)
    assert {each.code for each in found} == {"R411"}
    assert len(found) == 21
    assert "979 more parts" in found[-1].message
    assert found[-1].start.offset == text.rindex("order.store")


@pytest.mark.parametrize("count", [2, 3, 10])
def test_a_few_repetitions_are_told_each_at_its_place(count: int) -> None:
    text = 'rule "A" for order when ' + " or ".join(['order.store is "A"'] * count) + ' then skip "x" end'
    assert [each.code for each in _said(text)] == ["R411"] * (count - 1)


def test_files_of_many_open_rules_are_the_same_however_they_came_to_be() -> None:
    """Where the mending is hurried depends on what stands before, not on what was read before."""
    rules = [f'rule "R{at}" for order when' for at in range(24)]
    workspace = Workspace(schema())
    for count in (24, 23, 24):
        text = "\n".join(rules[:count])
        workspace.put("f.rules", text)
        assert workspace.checked("f.rules").diagnostics == check_text(text, file="f.rules", schema=schema()).diagnostics
    text = "\n".join(rules[12:])
    workspace.put("f.rules", text)
    assert workspace.checked("f.rules").diagnostics == check_text(text, file="f.rules", schema=schema()).diagnostics
