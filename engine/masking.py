"""Personal data made unrecognizable, the same everywhere it stands: changes when more of an order is somebody's own.

A masked value is of the same kind: an e-mail stays one, a phone number stays one, what was missing stays missing. What is
kept as it is decides taxes and is nobody's alone: state, country, currency, amounts, days.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

_FIRST = ("Alex", "Robin", "Sam", "Kim", "Jo", "Chris", "Pat", "Lee", "Max", "Toni", "Dana", "Jamie")
_LAST = ("Miller", "Baker", "Carter", "Mason", "Turner", "Parker", "Cooper", "Fisher", "Taylor", "Weaver", "Potter")
_STREETS = ("Main Street", "Oak Avenue", "Station Road", "Mill Lane", "Park Street", "Hill Road")
_CITIES = ("Springfield", "Riverton", "Fairview", "Lakeside", "Greenville", "Ashland")

#: How a field of a rule record is masked, by its name under its root; fields that are not named are nobody's own.
KINDS: Mapping[str, str] = {
    **{
        f"{root}.{name}": kind
        for root in ("customer", "bill_to", "ship_to")
        for name, kind in (
            ("name", "name"),
            ("first_name", "first"),
            ("last_name", "last"),
            ("company", "company"),
            ("email", "email"),
            ("phone", "phone"),
            ("note", "words"),
            ("line_1", "street"),
            ("line_2", "words"),
            ("line_3", "words"),
            ("city", "city"),
            ("county", "city"),
            ("postal_code", "postal_code"),
        )
    },
    "customer.id": "key",
    "order.note": "words",
    "order.transaction_id": "key",
    "order.po_number": "key",
    "payment.reference": "key",
    "refund.reason": "words",
    "order.meta": "words",
    "line.meta": "words",
    "line.options": "words",
}
#: How a field of a raw WooCommerce order is masked, by its name, wherever it stands.
RAW_KINDS: Mapping[str, str] = {
    "first_name": "first",
    "last_name": "last",
    "company": "company",
    "email": "email",
    "phone": "phone",
    "address_1": "street",
    "address_2": "words",
    "city": "city",
    "postcode": "postal_code",
    "customer_note": "words",
    "customer_ip_address": "ip",
    "customer_user_agent": "words",
    "transaction_id": "key",
    "order_key": "key",
    "cart_hash": "key",
    "reason": "words",
}
LEVELS = 2
"""How far a value can be masked: 0 wholly, 1 in a part that rules seldom read, 2 not at all."""


def masked(value: str, kind: str, level: int = 0) -> str:
    """A value of the same kind in place of this one; the same for the same value. A later level keeps more: the end of an
    e-mail address, the begin of a postal code."""
    if level >= LEVELS or not value.strip():
        return value
    words = value.split()
    # Of names the first word and the last one count, so that a whole name is masked as its parts are.
    meant = {"first": words[0], "last": words[-1]}.get(kind, value.strip())
    number = int.from_bytes(hashlib.sha256(meant.casefold().encode("utf-8", "surrogatepass")).digest()[:6])
    match kind:
        case "first":
            return _FIRST[number % len(_FIRST)]
        case "last":
            return _LAST[number % len(_LAST)]
        case "name":
            last = masked(words[-1], "last")
            return f"{masked(words[0], 'first')} {last}" if len(words) > 1 else last
        case "company":
            return f"Company {number % 900 + 100}"
        case "email":
            local, _, domain = value.rpartition("@")
            end = domain if level and local else "example.com"
            return f"{_FIRST[number % len(_FIRST)].lower()}.{number % 9000 + 1000}@{end}"
        case "phone":
            return f"555-01{number % 100:02}"
        case "street":
            return f"{number % 90 + 1} {_STREETS[number % len(_STREETS)]}"
        case "city":
            return _CITIES[number % len(_CITIES)]
        case "postal_code":
            keep = 3 if level else 1
            return value[:keep] + "".join(
                "0" if each.isdigit() else "A" if each.isalpha() else each for each in value[keep:]
            )
        case "ip":
            return "192.0.2.1"
        case "key":
            return _like(value, number, level)
    return _like(value, number, level) if level else f"masked {number % 9000 + 1000}"


def _like(value: str, number: int, level: int) -> str:
    """A text of the same form: other letters and digits, the same marks; a later level keeps its first three characters."""
    keep = 3 if level else 0
    shifted = []
    for place, letter in enumerate(value):
        if place < keep:
            shifted.append(letter)
        elif letter.isdigit():
            shifted.append(str((int(letter) + number + place) % 10) if letter.isascii() else letter)
        elif letter.isalpha() and letter.isascii():
            base = ord("A" if letter.isupper() else "a")
            shifted.append(chr(base + (ord(letter) - base + number + place) % 26))
        else:
            shifted.append(letter)
    return "".join(shifted)


def raw_places(payload: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The places of a raw order that hold personal data (or may), each with its kind. What plugins have written (`meta_data`)
    may be anything, so its texts count."""
    if isinstance(payload, dict):
        for key, value in payload.items():
            if key == "meta_data" and isinstance(value, list):
                for number, entry in enumerate(value):
                    if isinstance(entry, dict):
                        for name in ("value", "display_value"):
                            if isinstance(entry.get(name), str) and entry[name].strip():
                                yield (*path, key, number, name), "words"
            elif isinstance(value, str) and key in RAW_KINDS and value.strip():
                yield (*path, key), RAW_KINDS[key]
            elif isinstance(value, dict | list):
                yield from raw_places(value, (*path, key))
    elif isinstance(payload, list):
        for number, entry in enumerate(payload):
            yield from raw_places(entry, (*path, number))


def without_links(payload: Any) -> Any:
    """A raw order without what leads back to its shop and its tracks: links, and the shop's own ids of customers stay."""
    if isinstance(payload, dict):
        return {
            key: without_links(value)
            for key, value in payload.items()
            if key not in ("_links", "payment_url", "customer_user_agent", "customer_ip_address")
        }
    return [without_links(each) for each in payload] if isinstance(payload, list) else payload


def put(payload: Any, path: tuple[str | int, ...], value: Any) -> None:
    """Put a value at a place of a raw order."""
    for step in path[:-1]:
        payload = payload[step]
    payload[path[-1]] = value


def at(payload: Any, path: tuple[str | int, ...]) -> Any:
    """The value at a place of a raw order."""
    for step in path:
        payload = payload[step]
    return payload
