"""Times as WordPress stores, shows and compares them: GMT and site-local text without offset; it knows no orders.

Measured on three shops: a naive filter value is site-local; a value with Z or an offset is absolute; with
dates_are_gmt a naive value is GMT, and a value with Z is converted to local and then compared with the GMT column.
WooCommerce 5.0 ignores dates_are_gmt. Posts storage compares site-local columns, the order tables GMT ones.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# The pattern of rest_parse_date (WordPress): a date needs its time.
_REST_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}(?::?\d{2})?)?$")


@lru_cache(maxsize=65536)
def local_text(gmt: str, zone: str) -> str:
    """'2026-11-01T05:30:00' (GMT) as the shop's wall clock shows it."""
    return datetime.fromisoformat(gmt).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S")


def gmt_text(moment: datetime) -> str:
    """An aware datetime as WooCommerce's *_gmt text, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def local_to_gmt(local: str, zone: str) -> str:
    """Site-local text as GMT; in the repeated hour of autumn the earlier (summer) reading, as PHP takes it."""
    return gmt_text(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)))


def is_rest_date(text: str) -> bool:
    if not _REST_DATE.match(text):
        return False
    try:
        parse_rest_date(text)
    except ValueError:
        return False
    return True


def parse_rest_date(text: str) -> datetime:
    """The datetime of a filter value; naive where it has no offset. ValueError for a day that does not exist."""
    cleaned = re.sub(r"\.\d+", "", text.strip().replace(" ", "T").replace("t", "T"))
    if cleaned[-1] in "zZ":
        cleaned = cleaned[:-1] + "+00:00"
    if re.search(r"[+-]\d{2}$", cleaned[10:]):
        cleaned += ":00"
    return datetime.fromisoformat(cleaned)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A moment to compare a column with: `text` against the GMT column, or against the site-local one."""

    text: str
    local: bool

    def column(self, gmt: str, zone: str) -> str:
        return local_text(gmt, zone) if self.local else gmt


def threshold(value: str, *, zone: str, gmt_flag: bool, hpos: bool) -> Threshold:
    """Where a date filter really starts, with the flag dates_are_gmt as given (False where the shop ignores it)."""
    moment = parse_rest_date(value)
    if moment.tzinfo is None:
        wall = moment.strftime("%Y-%m-%dT%H:%M:%S")
    else:
        wall = local_text(gmt_text(moment), zone)
    if gmt_flag:
        return Threshold(wall, local=False)
    if hpos:
        exact = gmt_text(moment) if moment.tzinfo is not None else local_to_gmt(wall, zone)
        return Threshold(exact, local=False)
    return Threshold(wall, local=True)


class Clock:
    """The shop's clock: frozen or real, never before `not_before`, and moved on by `pass_time`."""

    def __init__(self, frozen: str | None, not_before: str, ahead: float = 0.0) -> None:
        self._frozen = None if frozen is None else _aware(frozen)
        # A shop whose records lie in the future of this machine goes on from its last record.
        self._lead = max(0.0, _aware(not_before).timestamp() + 60 - time.time())
        self.ahead = ahead

    def now(self) -> datetime:
        base = self._frozen or datetime.fromtimestamp(time.time() + self._lead, UTC)
        return (base + timedelta(seconds=self.ahead)).replace(microsecond=0)

    def pass_time(self, seconds: float) -> None:
        self.ahead += seconds

    def gmt(self) -> str:
        return gmt_text(self.now())


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
