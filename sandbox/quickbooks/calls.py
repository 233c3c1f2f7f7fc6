"""A call on the API and its answer, whatever carries them; it knows no company."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from sandbox.quickbooks.errors import Fault, Json
from sandbox.quickbooks.jsontext import load

BAD_JSON = "Property Name:failed to parse json object; a property specified is unsupported or invalid"


@dataclass(frozen=True, slots=True)
class Call:
    """One call on the API: what is asked (`operation`), of which entity, with which parameters and body."""

    operation: str
    entity: str | None = None
    key: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def request_id(self) -> str | None:
        return self.parameters.get("requestid") or None

    @property
    def include(self) -> set[str]:
        return {part.strip().lower() for part in self.parameters.get("include", "").split(",")}


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status and body; a JSON answer is text, a file is bytes."""

    status: int
    body: str | bytes
    content_type: str = "application/json;charset=UTF-8"


def read_body(body: bytes) -> Json:
    """A JSON object, or Fault 2010."""
    try:
        found = load(body)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise Fault(2010, BAD_JSON) from None
    if not isinstance(found, dict):
        raise Fault(2010, BAD_JSON)
    return found
