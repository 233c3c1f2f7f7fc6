"""JSON with exact decimals: read as Decimal, written as plain numbers; it knows nothing else."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

# A double keeps 15 significant digits; longer numbers are written by way of a mark, so that no digit is lost.
_EXACT_DIGITS = 15
_MARK = "\u0000decimal:"
_MARKED = re.compile(r'"\\u0000decimal:([^"]*)"')


def load(text: str | bytes) -> Any:
    """Raises json.JSONDecodeError; NaN and Infinity are errors as well."""
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse)


def dump(value: Any, *, indent: int | None = None) -> str:
    """Compact JSON text; a Decimal becomes a number with its own digits (35.10 as 35.1)."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(value, default=_number, separators=separators, indent=indent, ensure_ascii=False)
    return _MARKED.sub(r"\1", text) if "\\u0000decimal:" in text else text


def _number(value: Any) -> int | float | str:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is not JSON")
    if len(value.as_tuple().digits) > _EXACT_DIGITS:
        return f"{_MARK}{value:f}"
    return int(value) if value == value.to_integral_value() else float(value)


def _refuse(name: str) -> Any:
    raise json.JSONDecodeError(f"{name} is not JSON", name, 0)
