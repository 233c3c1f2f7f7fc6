"""JSON as QuickBooks is sent it and answers it: exact decimals, one spelling of equal values; it knows no entity."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import Any

from connectors.canonical import decimal_text

# Deeper than any real answer; what is deeper comes from an attacker or a fault and would exhaust the stack.
_MAX_DEPTH = 60


def dump(value: object) -> str:
    """Compact JSON in the order of the mappings; a Decimal is a number with exactly its digits.

    Python's own encoder can write a Decimal only through a float, which would change long amounts.
    """
    parts: list[str] = []
    _write(value, parts, 0)
    return "".join(parts)


def _write(value: object, parts: list[str], depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        parts.append(encode_basestring(value))
    elif isinstance(value, dict):
        mark = "{"
        for key, held in value.items():
            parts.append(f"{mark}{encode_basestring(str(key))}:")
            _write(held, parts, depth + 1)
            mark = ","
        parts.append("{}" if mark == "{" else "}")
    elif isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not an amount")
        parts.append(decimal_text(value))
    elif isinstance(value, list | tuple):
        mark = "["
        for held in value:
            parts.append(mark)
            _write(held, parts, depth + 1)
            mark = ","
        parts.append("[]" if mark == "[" else "]")
    elif value is None or isinstance(value, bool | int):
        parts.append(json.dumps(value))
    elif isinstance(value, Mapping):
        _write(dict(value), parts, depth)
    else:
        raise TypeError(f"{type(value).__name__} cannot be sent")


def load(text: str) -> Any:
    """Parse JSON with exact decimals. Raises ValueError for anything else (NaN and bottomless nesting too)."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def number(value: object) -> Decimal | None:
    """An amount however it was spelt (number, text, missing); missing for what is no finite number."""
    if value is None or isinstance(value, bool) or value == "":
        return None
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def text(value: object) -> str | None:
    """A text field of an answer; blank counts as missing."""
    if value is None or isinstance(value, dict | list):
        return None
    return str(value) or None


def ref(body: Mapping[str, Any], name: str) -> str | None:
    """The id in a reference field (`{"CustomerRef": {"value": "12"}}`)."""
    held = body.get(name)
    return text(held.get("value")) if isinstance(held, Mapping) else None
