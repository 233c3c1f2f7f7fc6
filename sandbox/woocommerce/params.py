"""Checks the parameters of a request as WordPress' REST schema does, with its exact words; it knows no records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .dates import is_rest_date
from .errors import InvalidParam, enumeration

Problem = tuple[str, str, str, dict[str, Any] | None]


class Params:
    """Reads typed values out of a query; every problem is collected and raised at once by `done`."""

    def __init__(self, query: dict[str, Any]) -> None:
        self.query = query
        self.problems: list[Problem] = []

    def _bad(self, name: str, code: str, message: str, data: dict[str, Any] | None = None) -> None:
        if not any(name == one for one, _, _, _ in self.problems):
            self.problems.append((name, code, message, data))

    def done(self) -> None:
        if self.problems:
            raise InvalidParam(self.problems)

    def has(self, name: str) -> bool:
        return name in self.query

    def text(self, name: str, default: str = "") -> str:
        value = self.query.get(name, default)
        return value if isinstance(value, str) else default

    def integer(self, name: str, default: int | None, low: int | None = None, high: int | None = None) -> int | None:
        value = self.query.get(name)
        if value is None:
            return default
        if not isinstance(value, str) or not re.fullmatch(r"\s*[+-]?\d+(\.0*)?\s*", value):
            self._bad(name, "rest_invalid_type", f"{name} is not of type integer.", {"param": name})
            return default
        found = int(float(value))
        if low is not None and high is not None and not low <= found <= high:
            message = f"{name} must be between {low} (inclusive) and {high} (inclusive)"
            self._bad(name, "rest_out_of_bounds", message)
        elif low is not None and found < low:
            self._bad(name, "rest_out_of_bounds", f"{name} must be greater than or equal to {low}")
        return found

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        value = self.text(name, default)
        if value not in allowed:
            self._bad(name, "rest_not_in_enum", f"{name} is not one of {enumeration(allowed)}.")
            return default
        return value

    def listed(self, name: str) -> list[str]:
        """A comma list or PHP array."""
        value = self.query.get(name)
        if isinstance(value, dict):
            return [str(one) for one in value.values()]
        return [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else []

    def choices(self, name: str, allowed: Sequence[str], default: list[str]) -> list[str]:
        if name not in self.query:
            return default
        found = self.listed(name)
        for index, one in enumerate(found):
            if one not in allowed:
                self._bad(name, "rest_not_in_enum", f"{name}[{index}] is not one of {enumeration(allowed)}.")
        return found

    def integers(self, name: str) -> list[int] | None:
        if name not in self.query:
            return None
        found: list[int] = []
        for index, one in enumerate(self.listed(name)):
            if re.fullmatch(r"[+-]?\d+", one):
                found.append(int(one))
            else:
                code, message = "rest_invalid_type", f"{name}[{index}] is not of type integer."
                self._bad(name, code, message, {"param": f"{name}[{index}]"})
        return found

    def date(self, name: str) -> str | None:
        value = self.query.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not is_rest_date(value):
            self._bad(name, "rest_invalid_date", "Invalid date.")
            return None
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.query.get(name)
        if value is None:
            return default
        if str(value).lower() not in ("true", "false", "1", "0", ""):
            self._bad(name, "rest_invalid_type", f"{name} is not of type boolean.", {"param": name})
        return str(value).lower() in ("true", "1")
