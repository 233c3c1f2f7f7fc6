"""How PHP reads and writes things on the wire: query strings, JSON, rounding, URL encoding; it knows no shop."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote, unquote_plus, urlencode

_KEY = re.compile(r"^([^\[]+)((?:\[[^\]]*\])*)$")


def parse_query(text: str) -> dict[str, Any]:
    """A query string as PHP's $_GET: `a[]=1&a[x]=2` nests, the last of equal names wins, first position stays."""
    found: dict[str, Any] = {}
    for part in text.split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        name, value = unquote_plus(name), unquote_plus(value)
        match = _KEY.match(name)
        if match is None:
            continue
        keys = [match[1].replace(".", "_").replace(" ", "_"), *re.findall(r"\[([^\]]*)\]", match[2])]
        place = found
        for index, key in enumerate(keys):
            if key == "":
                numbers = [int(one) for one in place if one.isdigit()]
                key = str(max(numbers) + 1 if numbers else 0)
            if index == len(keys) - 1:
                place[key] = value
            else:
                inner = place.get(key)
                if not isinstance(inner, dict):
                    inner = place[key] = {}
                place = inner
    return found


def build_query(values: dict[str, Any]) -> str:
    """The opposite of `parse_query`, as WordPress' add_query_arg writes it (brackets percent-encoded)."""
    pairs: list[tuple[str, str]] = []

    def add(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, one in value.items():
                add(f"{name}[{key}]", one)
        elif isinstance(value, list):
            for index, one in enumerate(value):
                add(f"{name}[{index}]", one)
        else:
            pairs.append((name, str(value)))

    for name, value in values.items():
        add(name, value)
    return urlencode(pairs)


def to_json(value: Any) -> bytes:
    """JSON as wp_json_encode writes it: no spaces, ASCII with \\u escapes, slashes escaped."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def raw_url_encode(value: str) -> str:
    """PHP's rawurlencode."""
    return quote(value, safe="-_.~")


def decimal_of(value: Any) -> Decimal:
    """Any stored or typed number as Decimal; what is no number is 0, as in wc_format_decimal."""
    try:
        return Decimal(str(value).strip() or "0")
    except InvalidOperation:
        return Decimal(0)


def money(value: Any, decimals: int) -> str:
    """Rounded half away from zero and padded, as wc_format_decimal with a number of decimals; '' stays ''."""
    if value in ("", None):
        return ""
    return str(decimal_of(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def number(value: Decimal | float) -> int | float:
    """A JSON number as PHP prints a float: whole ones without decimals."""
    as_float = float(value)
    return int(as_float) if as_float.is_integer() and abs(as_float) < 1e15 else as_float
