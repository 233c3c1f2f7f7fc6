"""The rules of the old system, as they were read; changes with what that system's exports hold (reads and writes nothing).

Its vocabulary: an action with its value ("map to") and the conditions under which it runs ("map from").
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OldCondition:
    """One "map from": a field, how it is compared, and with what; `joined` is "and", "or" or "" as the export says it."""

    field: str
    comparison: str
    value: str
    joined: str
    row: int
    enabled: bool = True

    def words(self) -> str:
        return " ".join(each for each in (self.field, self.comparison, self.value) if each) or "no condition"


@dataclass(frozen=True, slots=True)
class OldRule:
    """One "map to" with all its "map from". `rows` are counted as a spreadsheet shows them, or the entries of JSON from 1."""

    title: str
    object_type: str
    action: str
    value: str
    conditions: tuple[OldCondition, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(each.row for each in self.conditions)

    def words(self) -> str:
        """The rule in a line, in the words of the old system."""
        said = f"{self.object_type} {self.action}".strip()
        asked = " / ".join(
            each.words() + (f" {each.joined}" if each.joined and place < len(self.conditions) - 1 else "")
            for place, each in enumerate(self.conditions)
        )
        return f"{said}: {asked} -> {self.value or '(blank)'}"


class Unreadable(Exception):
    """The export cannot be read at all: why, and the next step."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(f"{message}. {next_step}")
        self.message = message
        self.next_step = next_step


class NotConvertible(Exception):
    """One rule has no counterpart: the reason, and what to do instead."""

    def __init__(self, reason: str, next_step: str = "") -> None:
        super().__init__(f"{reason}; {next_step}" if next_step else reason)
