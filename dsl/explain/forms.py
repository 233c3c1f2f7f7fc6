"""Decisions and their parts as JSON values, to be kept with a record and shown: changes with what is kept of a decision."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dsl.decision import Change, Decision, Finding
from dsl.values import print_value


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A change whose value a later rule replaced."""

    path: str
    value: Any
    by: str


def as_json(decision: Decision, *, why_not: bool = True) -> dict[str, Any]:
    """A decision as JSON values, to be kept with the record; numbers and money are text, dates ISO, `v` the form's version.

    With `why_not` the rules that did not fire stand there with their reasons, which runs the record again, slowly.
    """
    trace, hold = decision.trace, decision.hold
    told: dict[str, Any] = {
        "v": 1,
        "kind": decision.kind,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "rule": decision.rule,
        "fired": list(decision.fired),
        "changes": [change_json(change) for change in decision.changes],
        "left_out": [
            {"kind": each.kind, "id": each.item_id, "number": each.number, "reason": each.reason, "rule": each.rule}
            for each in decision.left_out
        ],
        "tags": list(decision.tags),
        "log": [{"rule": rule, "text": text} for rule, text in decision.log],
        "overwritten": [
            {"rule": rule, "path": each.path, "value": leaf_json(each.value), "by": each.by}
            for rule, each in overwritten(decision)
        ],
        "findings": [finding_json(finding) for finding in decision.findings],
        "hold": None
        if hold is None
        else {
            "rule": hold.rule,
            "reason": hold.reason,
            "until": hold.until,
            "due_days": hold.due_days,
            "releasable": hold.releasable,
        },
    }
    if trace is not None:
        told["without_effect"] = [
            {"rule": each.rule, "item": each.item, "path": each.path, "reason": each.reason}
            for each in trace.without_effect
        ]
        if why_not:
            told["not_fired"] = [
                {
                    "rule": each.rule,
                    "item": each.item,
                    "condition": each.condition,
                    "words": each.words,
                    "otherwise": each.otherwise,
                }
                for each in trace.why_not()
            ]
    return told


def overwritten(decision: Decision) -> Iterator[tuple[str, Overwritten]]:
    """The changes whose value another rule replaced later, each with the rule that made it; one tag more replaces none."""
    last: dict[str, Change] = {}
    for change in decision.changes:
        earlier = last.get(change.path)
        if earlier is not None and earlier.rule != change.rule and not _only_adds(change):
            yield earlier.rule, Overwritten(earlier.path, earlier.after, change.rule)
        last[change.path] = change


def _only_adds(change: Change) -> bool:
    before, after = change.before, change.after
    return isinstance(before, list) and isinstance(after, list) and after[: len(before)] == before


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as JSON values."""
    return {
        "code": finding.code,
        "message": finding.message,
        "rule": finding.rule,
        "values": dict(finding.values),
    }


def change_json(change: Change) -> dict[str, Any]:
    """One change as JSON values."""
    return {
        "path": change.path,
        "before": leaf_json(change.before),
        "after": leaf_json(change.after),
        "rule": change.rule,
        "item": change.item,
    }


def leaf_json(value: Any) -> Any:
    """A leaf, list or item as JSON values: numbers and money are text, dates are ISO."""
    match value:
        case None | str():  # most are
            return value
        case Decimal():
            return format(value, "f")
        case date():
            return print_value(value)
        case dict():
            return {name: leaf_json(entry) for name, entry in value.items()}
        case list() | tuple():
            return [leaf_json(entry) for entry in value]
    return value
