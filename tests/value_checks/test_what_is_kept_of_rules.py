"""What is kept of rules from one check to the next has an end, and is of the very same rules."""

from __future__ import annotations

import pytest

from dsl.analysis import survey
from dsl.workspace import Workspace
from engine.rulesets import schema

RULE = 'rule "R{0}" for order when order.store is "{0}" then set books.memo to lookup t(order.store).{1} end\n'
TABLE = 'table t a -> b | c\n"1" -> "x" | "y"\notherwise -> "z" | "z"\nend\n'


def test_what_is_kept_of_rules_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "_MOST_KEPT", 20)
    workspace = Workspace(schema())
    for count in range(60):
        workspace.put("f.rules", TABLE + RULE.format(count, "b") + RULE.format("same", "c"))
        workspace.checked("f.rules")
        assert len(survey._KEPT) <= 20


def test_a_column_counts_as_read_as_long_as_a_rule_reads_it() -> None:
    workspace = Workspace(schema())
    for column, unread in (("c", False), ("b", True), ("c", False)):
        workspace.put("f.rules", TABLE + RULE.format(1, "b") + RULE.format(2, column))
        found = [each.code for each in workspace.checked("f.rules").diagnostics]
        assert ("R434" in found) is unread
