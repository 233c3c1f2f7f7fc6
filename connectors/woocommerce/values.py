"""How single values of WooCommerce's JSON are read: money, text, moments, ids, each doubtful one with a finding.

Nothing here knows what an order is. WordPress plugins put anything anywhere, so no function raises for a value: each
answers something usable and says in `Notes` what it did.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Literal

from connectors.money import EXACT, rounded
from connectors.records import ZERO, SourceFinding

TEXT_LIMIT = 4_000
"""The longest text of a record, in characters: the language's limit of a text. The raw payload keeps the rest."""

OPEN_IT = (
    "Open it in WooCommerce, correct it and update it. If it looks right there, tell support: a plugin may be to blame."
)
"""The next step where a part of a record cannot be read."""

_MOST_FINDINGS = 40
_DEEPEST = 60
_LARGEST = Decimal(10) ** 15
# Only entities that end in a semicolon: the lenient reading of HTML would turn "a&copy=1" into "a©=1".
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_TAG = re.compile(r"<[^<>]{0,500}>")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,25}(?:\.[0-9]{0,25})?|\.[0-9]{1,25})(?:[eE][+-]?[0-9]{1,2})?")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?")


class Notes:
    """The findings of one record, collected while it is read; more than 40 are counted only."""

    def __init__(self) -> None:
        self._found: list[SourceFinding] = []
        self._seen: set[tuple[str, str | None]] = set()
        self._left_out = 0
        self._held = False

    def add(
        self,
        code: str,
        message: str,
        *,
        severity: Literal["info", "warning", "error"] = "warning",
        field: str | None = None,
        amount: Decimal | None = None,
        next_step: str = "",
    ) -> None:
        if (code, field) in self._seen:
            return
        self._seen.add((code, field))
        self._held = self._held or severity == "error"
        if len(self._found) >= _MOST_FINDINGS:
            self._left_out += 1
            return
        self._found.append(
            SourceFinding(
                code=code, message=message, severity=severity, field=field, amount=amount, next_step=next_step
            )
        )

    def all(self) -> tuple[SourceFinding, ...]:
        if not self._left_out:
            return tuple(self._found)
        return (
            *self._found,
            SourceFinding(
                code="more_findings",
                message=f"{self._left_out} more of this kind are not listed.",
                severity="error" if self._held else "warning",
                next_step=OPEN_IT if self._held else "",
            ),
        )


def shown(value: object, limit: int = 60) -> str:
    """A value as a short text for a message: never longer than `limit`, on one line."""
    text = value if isinstance(value, str) else repr(value)[: limit * 4]
    text = _SURROGATE.sub("�", " ".join(_CONTROL.sub(" ", text[: limit * 4]).split()))
    return f"“{text}”" if len(text) <= limit else f"“{text[:limit]}…”"


def money(value: object, field: str, notes: Notes) -> Decimal:
    """An amount. Missing and blank are 0; what is no finite number is 0 and an error that holds the record."""
    return number(value, field, notes) or ZERO


def number(value: object, field: str, notes: Notes) -> Decimal | None:
    """A number from text or from JSON's numbers (whose binary noise is cut at 15 digits); missing if blank."""
    if value is None or value == "":
        return None
    found: Decimal | None = None
    if isinstance(value, bool):
        pass
    elif isinstance(value, int):
        found = Decimal(value) if abs(value) < _LARGEST else None
    elif isinstance(value, Decimal):
        found = value if value.is_finite() else None
    elif isinstance(value, float):
        # "0.08499999999999999" is what PHP makes of 0.085: 15 digits are what a binary number can hold.
        found = Decimal(format(value, ".15g")) if math.isfinite(value) else None
    elif isinstance(value, str) and len(value) <= 60:
        text = value.strip()
        if not text:
            return None
        if _NUMBER.fullmatch(text):
            found = Decimal(text)
    if found is None or abs(found) >= _LARGEST:
        notes.add(
            "not_a_number",
            f"{field} should be a number, but the shop sent {shown(value)}.",
            severity="error",
            field=field,
            next_step=OPEN_IT,
        )
        return None
    if not found:
        return ZERO  # "-0.00" occurs in refunds
    exponent = found.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -10:
        found = rounded(found, 10)
    return found


def whole_cents(value: Decimal, places: int) -> bool:
    """Whether an amount has no more decimals than the currency has."""
    return value == rounded(value, places)


def unit_price(amount: Decimal, quantity: Decimal) -> Decimal:
    """Amount by quantity, to seven places, without zeros that say nothing (but at least two places)."""
    if not quantity:
        return amount
    price = rounded(EXACT.divide(amount, quantity), 7) if abs(amount) < _LARGEST else ZERO
    for places in range(2, 7):
        if whole_cents(price, places):
            return rounded(price, places)
    return price


def text(
    value: object, field: str, notes: Notes, *, decode: bool = True, lines: bool = False, limit: int = TEXT_LIMIT
) -> str | None:
    """A text for people: entities decoded once, control characters and half characters out, trimmed; blank is missing.

    WooCommerce keeps product names, and companies typed at the checkout, HTML-encoded (`Bolt &amp; Nut`), others not.
    """
    if value is None or value is False or value == "":
        return None
    if isinstance(value, bool | dict | list | tuple):
        notes.add(
            "not_a_text",
            f"{field} should be a text, but the shop sent {shown(value)}.",
            severity="warning",
            field=field,
        )
        return None
    told = value if isinstance(value, str) else plain_number(value)
    return clean(told, field, notes, decode=decode, lines=lines, limit=limit)


def clean(told: str, field: str, notes: Notes, *, decode: bool, lines: bool, limit: int = TEXT_LIMIT) -> str | None:
    """`text`, for what is known to be one."""
    if len(told) > limit * 8:  # cut before the costly steps; an entity takes at most a few characters
        told = _cut(told[: limit * 8], limit, field, notes)
    if decode and "&" in told:
        told = _ENTITY.sub(lambda found: html.unescape(found.group()), told)
    if _SURROGATE.search(told):
        notes.add(
            "broken_text",
            f"{field} holds half of a character (broken emoji); it is shown as �.",
            severity="info",
            field=field,
        )
        told = _SURROGATE.sub("�", told)
    told = _CONTROL.sub("", told).strip()
    if not lines and ("\n" in told or "\r" in told or "\t" in told):
        told = " ".join(told.split())
    if len(told) > limit:
        told = _cut(told, limit, field, notes)
    return told or None


def _cut(told: str, limit: int, field: str, notes: Notes) -> str:
    notes.add(
        "text_cut",
        f"{field} is longer than {limit:,} characters; the rest is kept with the order as received, not in the books.",
        severity="warning",
        field=field,
        next_step="Shorten it in WooCommerce if the rest matters in the books.",
    )
    return told[:limit].rstrip()


def without_tags(told: str) -> str:
    """The text of a piece of HTML: `<p>Blue</p>` is how some versions show the option of a variation."""
    return " ".join(_TAG.sub(" ", told).split()) if "<" in told else told


def plain_number(value: object) -> str:
    """A JSON scalar as text: `12`, `0.085`, `true`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(value, ".15g")
    if isinstance(value, int) and value.bit_length() > 400:
        return "a very large number"
    return str(value)


def meta_text(value: object, field: str, notes: Notes) -> str | None:
    """The value of a custom field as text: objects and lists as compact JSON, the rest as it stands."""
    if isinstance(value, dict | list | tuple):
        try:
            told = json.dumps(_shallow(value, _DEEPEST), ensure_ascii=False, separators=(",", ":"), default=str)
        except (ValueError, TypeError):
            notes.add("meta_unreadable", f"The custom field {field} could not be read.", severity="info", field=field)
            return None
        return clean(told, field, notes, decode=False, lines=True)
    if value is None:
        return None
    told = value if isinstance(value, str) else plain_number(value)
    return clean(told, field, notes, decode=False, lines=True)


def record_id(value: object) -> str | None:
    """An id as text; 0, blank and what is no id are missing. `"null"` occurs in old sessions."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if 0 < value < 10**18 else None
    if isinstance(value, float):
        return str(int(value)) if 0 < value < 10**15 and value.is_integer() else None
    if isinstance(value, str):
        told = value.strip()
        return told if re.fullmatch(r"[0-9]{1,18}", told) and told.strip("0") else None
    return None


def mapping(value: object) -> Mapping[str, Any]:
    """An object; PHP sends an empty one as `[]`, and anything else counts as empty too."""
    return value if isinstance(value, dict) else {}


def items(value: object, field: str, notes: Notes) -> list[Mapping[str, Any]]:
    """A list of objects. PHP sends a list whose numbering has gaps as an object; entries that are none are left out."""
    if value is None or value == "" or value is False:
        return []
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list | tuple):
        notes.add(
            "not_a_list",
            f"{field} should be a list, but the shop sent {shown(value)}.",
            severity="error",
            field=field,
            next_step=OPEN_IT,
        )
        return []
    found: list[Mapping[str, Any]] = [entry for entry in value if isinstance(entry, dict)]
    if len(found) != len(value):
        notes.add(
            "not_an_item",
            f"{field} holds {len(value) - len(found)} entries that could not be read.",
            severity="error",
            field=field,
            next_step=OPEN_IT,
        )
    return found


def moment(utc: object, local: object, zone: tzinfo | None) -> datetime | None:
    """A moment in UTC, from WooCommerce's `…_gmt` (UTC without `Z`) or else from the shop's local time."""
    read = _naive(utc)
    if read is not None:
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    read = _naive(local)
    if read is None:
        return None
    if read.tzinfo is None:
        read = read.replace(tzinfo=zone or UTC)
    return _utc(read)


def local_day(local: object, utc: object, zone: tzinfo | None) -> date | None:
    """The calendar day in the shop's zone: the local time as the shop wrote it, else reckoned from UTC."""
    read = _naive(local)
    if read is not None and read.tzinfo is None:
        return read.date()
    instant = moment(utc, local, zone)
    if instant is None:
        return None
    try:
        return instant.astimezone(zone or UTC).date()
    except (OverflowError, ValueError):
        return instant.date()


def _utc(read: datetime) -> datetime | None:
    try:
        return read.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _naive(value: object) -> datetime | None:
    if not isinstance(value, str) or not 19 <= len(value) <= 40:
        return None
    found = _MOMENT.fullmatch(value.strip())
    if found is None:
        return None
    offset = (found[3] or "").replace("Z", "+00:00")
    try:
        read = datetime.fromisoformat(f"{found[1]}T{found[2]}{offset}")
    except ValueError:  # "0000-00-00T00:00:00" and the like
        return None
    return read if 1990 <= read.year <= 2200 else None


def as_zulu(at: datetime) -> str:
    """A moment as the date filters understand it in every version: `2026-01-31T09:00:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def offset_zone(hours: Decimal) -> tuple[str, timedelta]:
    """An IANA name (and the offset) for a shop that is set to a fixed offset instead of a city."""
    minutes = int(hours * 60)
    delta = timedelta(minutes=minutes)
    if minutes == 0:
        return "UTC", delta
    if minutes % 60 == 0:
        # POSIX turns the sign: Etc/GMT+5 is five hours behind Greenwich.
        return f"Etc/GMT{'-' if minutes > 0 else '+'}{abs(minutes) // 60}", delta
    return _HALF_HOURS.get(minutes, "UTC"), delta


# Zones with that offset all the year round.
_HALF_HOURS = {
    210: "Asia/Tehran",
    270: "Asia/Kabul",
    330: "Asia/Kolkata",
    345: "Asia/Kathmandu",
    390: "Asia/Yangon",
    525: "Australia/Eucla",
    570: "Australia/Darwin",
    -570: "Pacific/Marquesas",
}


def opened(payload: object, original: object = None) -> tuple[Any, Mapping[str, object]]:
    """(what to read, what to keep as raw) of a payload; `original` is what it was translated from."""
    told = storable(payload)
    kept = told if original is None else storable(original)
    return told, kept if isinstance(kept, dict) else {"value": kept}


def storable(value: Any) -> Any:
    """A payload that every store can keep: no NUL, no half characters, no NaN, not nested deeper than 60.

    Answers the very same object where nothing has to change, which is nearly always.
    """
    return value if _is_storable(value, _DEEPEST) else _storable(value, _DEEPEST)


def _is_storable(value: Any, depth: int) -> bool:
    if type(value) is str:
        return _UNSTORABLE.search(value) is None
    if isinstance(value, dict):
        return depth > 0 and all(
            type(key) is str and _UNSTORABLE.search(key) is None and _is_storable(held, depth - 1)
            for key, held in value.items()
        )
    if isinstance(value, list):
        return depth > 0 and all(_is_storable(held, depth - 1) for held in value)
    return value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _storable(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("�", value) if _UNSTORABLE.search(value) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        if depth == 0:
            return "(nested too deeply)"
        kept = {
            (_storable(key, depth) if isinstance(key, str) else plain_number(key)): _storable(held, depth - 1)
            for key, held in value.items()
        }
        same = len(kept) == len(value) and all(
            new_key is key and kept[new_key] is held for new_key, (key, held) in zip(kept, value.items(), strict=True)
        )
        return value if same else kept
    if isinstance(value, list | tuple):
        if depth == 0:
            return "(nested too deeply)"
        entries = [_storable(held, depth - 1) for held in value]
        if isinstance(value, list) and all(new is old for new, old in zip(entries, value, strict=True)):
            return value
        return entries
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)


def _shallow(value: object, depth: int) -> object:
    if depth == 0 and isinstance(value, dict | list | tuple):
        return "(nested too deeply)"
    if isinstance(value, dict):
        return {plain_number(key): _shallow(held, depth - 1) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_shallow(held, depth - 1) for held in value]
    return value
