"""What the engine has to say about one record: a stable code, words for a bookkeeper, and the next step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["info", "warning", "hold", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`severity` "hold" parks the record and "fail" ends it until something changes; the others go on.

    `values` are the figures and names behind the words, as text, so that a log can be worded anew when it is read.
    """

    code: str
    text: str
    next_step: str = ""
    severity: Severity = "info"
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def stops(self) -> bool:
        return self.severity in ("hold", "fail")

    def as_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "severity": self.severity,
            "text": self.text,
            "next_step": self.next_step,
            "values": dict(self.values),
        }


def hold(code: str, text: str, next_step: str = "", **values: str) -> Finding:
    """A finding that parks the record."""
    return Finding(code=code, text=text, next_step=next_step, severity="hold", values=values)


def warning(code: str, text: str, next_step: str = "", **values: str) -> Finding:
    return Finding(code=code, text=text, next_step=next_step, severity="warning", values=values)


def info(code: str, text: str, **values: str) -> Finding:
    return Finding(code=code, text=text, values=values)


def first_stop(findings: Iterable[Finding]) -> Finding | None:
    """The finding that stops the record, if any: a failure before a hold, the first of its kind."""
    stops = [finding for finding in findings if finding.stops]
    return next((each for each in stops if each.severity == "fail"), stops[0] if stops else None)
