"""Which part of a list is asked for next, so that no change is missed in any zone, storage and version; pure.

A pass goes through what changed since the last one. Three ways to go, from best to worst:

- *modified*: changed after a moment, sorted by change, each page starting where the last one ended (no page numbers, so
  nothing slips through when orders change meanwhile); only where more than a page changed within one second it turns
  pages.
- *pages*: changed after a moment, sorted by id, by page number (shops that cannot sort by change).
- *created*: shops before WooCommerce 5.8 ignore `modified_after` and return everything. They are asked for what was
  created in the last 30 days (before the cursor), and the changes are picked out here.

Facts: filters are strict and of one-second resolution; `…Z` is converted to the shop's local time before it is compared,
so the hour that autumn repeats has to be asked for whole; a change may become visible minutes after the time it carries
(a slow transaction), hence the overlap.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final, Literal

from connectors.woocommerce.values import as_zulu

By = Literal["modified", "pages", "created"]

PAGE_SIZES: Final = (100, 50, 25, 10, 5, 1)
"""From the most that WooCommerce gives to what even a shop without memory can make; 10 is what it gives unasked."""

UNASKED: Final = 10

OVERLAP: Final = timedelta(minutes=5)
LOOK_BACK: Final = timedelta(days=30)
_SECOND: Final = timedelta(seconds=1)
_SLACK: Final = timedelta(hours=2)
_VERSION: Final = 1
_BY: Final[tuple[By, ...]] = ("modified", "pages", "created")


@dataclass(frozen=True, slots=True)
class Row:
    """What a window has to know of one record in a list. Moments are aware UTC."""

    id: str
    created: datetime | None
    modified: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Where a pass stands; `to_cursor` writes it and `from_cursor` reads it.

    `since`: changes from here on are wanted (missing: all). `after`: where the next request starts. `page` counts from
    1 within that. `top`: the latest change seen in this pass. `total`: how many there were at the last page.
    """

    by: By = "modified"
    since: datetime | None = None
    after: datetime | None = None
    page: int = 1
    size: int = PAGE_SIZES[0]
    top: datetime | None = None
    total: int | None = None

    @classmethod
    def begin(cls, since: datetime | None, by: By = "modified") -> Window:
        """The first pass: all that was created or changed from `since` on."""
        return cls(by=by, since=since, after=_floor(by, since))

    @classmethod
    def from_cursor(cls, cursor: str) -> Window:
        """Raises ValueError for a text that no `to_cursor` wrote."""
        try:
            told = json.loads(cursor)
        except (ValueError, RecursionError):
            raise ValueError("not a cursor of this connector") from None
        if not isinstance(told, dict) or told.get("v") != _VERSION or told.get("by") not in _BY:
            raise ValueError("not a cursor of this connector")

        def at(name: str) -> datetime | None:
            text = told.get(name)
            if text is None:
                return None
            read = datetime.fromisoformat(text) if isinstance(text, str) else None
            if read is None or read.tzinfo is None:
                raise ValueError("not a cursor of this connector")
            return read.astimezone(UTC)

        page, size, total = told.get("page", 1), told.get("size", PAGE_SIZES[0]), told.get("total")
        if not isinstance(page, int) or page < 1 or size not in PAGE_SIZES or not isinstance(total, int | None):
            raise ValueError("not a cursor of this connector")
        return cls(
            by=told["by"], since=at("since"), after=at("after"), page=page, size=size, top=at("top"), total=total
        )

    def to_cursor(self) -> str:
        told: dict[str, object] = {"v": _VERSION, "by": self.by}
        for name in ("since", "after", "top"):
            moment: datetime | None = getattr(self, name)
            if moment is not None:
                told[name] = as_zulu(moment).replace("Z", "+00:00")
        if self.page != 1:
            told["page"] = self.page
        if self.size != PAGE_SIZES[0]:
            told["size"] = self.size
        if self.total is not None:
            told["total"] = self.total
        return json.dumps(told, separators=(",", ":"))

    def threshold(self, zone: tzinfo | None) -> datetime | None:
        """The moment to send: strictly before all that is wanted, whatever the shop's clocks do."""
        return None if self.after is None else before(self.after, zone)

    def smaller(self) -> Window | None:
        """The same place with smaller pages; missing when they cannot get smaller."""
        place = PAGE_SIZES.index(self.size) + 1
        return self.resized(PAGE_SIZES[place]) if place < len(PAGE_SIZES) else None

    def resized(self, size: int) -> Window:
        """The same place (or a little before it) with pages of another size."""
        return replace(self, size=size, page=(self.page - 1) * self.size // size + 1, total=None)

    def by_other(self, by: By) -> Window:
        """The same pass begun anew another way."""
        return Window(by=by, since=self.since, after=_floor(by, self.since), size=self.size, top=self.top)

    def wants(self, row: Row) -> bool:
        """Whether a record belongs to this pass; only the *created* way gets others too."""
        if self.by != "created" or self.since is None:
            return True
        latest = max((at for at in (row.created, row.modified) if at is not None), default=None)
        return latest is None or latest >= self.since

    def ignored_by(self, rows: Sequence[Row], zone: tzinfo | None, *, repeated: bool) -> bool:
        """Whether the shop returned what lies before the moment that was asked for: clearly before, or at all where the
        page is the very one that came `repeated`-ly."""
        limit = self.threshold(zone)
        if limit is None:
            return False
        if self.by == "created":
            return repeated and any(row.created is not None and row.created < limit for row in rows)
        slack = timedelta(0) if repeated else _SLACK
        return any(row.modified is not None and row.modified < limit - slack for row in rows)

    def unsorted(self, rows: Sequence[Row]) -> bool:
        """Whether the shop did not sort by change (the repeated hour of autumn may look so, and is none)."""
        if self.by != "modified":
            return False
        known = [row.modified for row in rows if row.modified is not None]
        return any(later < earlier - _SLACK for earlier, later in pairwise(known))

    def step(self, rows: Sequence[Row], zone: tzinfo | None, total: int | None = None) -> Window:
        """Where to go on after a full page of these rows."""
        top = _latest(self.top, *(row.modified for row in rows))
        if self.shrunk(total):
            back = -(-((self.total or 0) - (total or 0)) // self.size)
            return replace(self, page=max(self.page - back, 1), top=top, total=total)
        if self.by != "pages":
            last = _latest(*((row.modified if self.by == "modified" else row.created) for row in rows))
            now_at = self.threshold(zone)
            if last is not None and (now_at is None or before(last, zone) > now_at):
                return replace(self, after=last, page=1, top=top, total=None)
        return replace(self, page=self.page + 1, top=top, total=total)

    def shrunk(self, total: int | None) -> bool:
        """Whether records left the list (trashed) since the last page: the others moved up, past the pages turned.

        A total of 0 says nothing: shops count so behind their last page.
        """
        return self.page > 1 and total is not None and self.total is not None and 0 < total < self.total

    def end(self, rows: Sequence[Row], now: datetime) -> Window:
        """The beginning of the next pass, after the last page. `now` is the earlier of the shop's clock and ours."""
        top = _latest(self.top, *(row.modified for row in rows))
        since = self.since
        if top is not None:
            since = _latest(since, min(top, now - OVERLAP))
        return Window(by=self.by, since=since, after=_floor(self.by, since), size=self.size)


def _floor(by: By, since: datetime | None) -> datetime | None:
    return since - LOOK_BACK if since is not None and by == "created" else since


def _latest(*moments: datetime | None) -> datetime | None:
    return max((at for at in moments if at is not None), default=None)


def before(moment: datetime, zone: tzinfo | None) -> datetime:
    """A moment to ask "after" for, so that `moment` and all later ones come: one second earlier, or the beginning of the
    hours that the clock shows twice.

    In autumn 01:10 after the change sorts before 01:45 before it, for a shop that compares local times. Where the zone
    is not known an hour is taken off.
    """
    if zone is None:
        return moment - timedelta(hours=1) - _SECOND
    return (_repeated(moment, zone) or moment) - _SECOND


def _repeated(moment: datetime, zone: tzinfo) -> datetime | None:
    """Where the repeated hours begin, if `moment` lies in them (the first or the second time round)."""
    half_hour = timedelta(minutes=30)
    moment = moment.replace(microsecond=0)
    for place in range(-6, 6):
        early = moment + place * half_hour
        late = early + half_hour
        lost = _offset(early, zone) - _offset(late, zone)
        if lost <= timedelta(0):
            continue
        low, high = 0, int(half_hour.total_seconds())
        while high - low > 1:
            middle = (low + high) // 2
            if _offset(early + timedelta(seconds=middle), zone) == _offset(late, zone):
                high = middle
            else:
                low = middle
        change = early + timedelta(seconds=high)
        if change - lost <= moment < change + lost:
            return change - lost
    return None


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    try:
        return moment.astimezone(zone).utcoffset() or timedelta(0)
    except (OverflowError, ValueError):
        return timedelta(0)
