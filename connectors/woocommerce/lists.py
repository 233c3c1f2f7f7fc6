"""How lists of a shop are read page by page: what changed, everything, and by id; with the cursors that go on later.

Which way to ask is decided in `windows`, what the records mean elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any, Final

from connectors.errors import ConnectorError, Retry
from connectors.ports import Clock
from connectors.records import SourceFinding
from connectors.woocommerce.client import Got, ShopClient
from connectors.woocommerce.hello import CHANGES_SINCE, notices, too_old, version_of
from connectors.woocommerce.values import as_zulu, moment, record_id, shown
from connectors.woocommerce.windows import UNASKED, Row, Window

_TOO_MUCH: Final = frozenset({"timeout", "shop_error", "answer_cut", "answer_empty"})
_MOST_PAGES: Final = 100_000

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of one shop: its client, its zone (missing: unknown) and its version as it was told."""

    client: ShopClient
    clock: Clock
    zone: tzinfo | None
    version: str

    def changes(
        self,
        resource: str,
        cursor: str | None,
        since: datetime | None,
        extra: Sequence[tuple[str, str]],
    ) -> Iterator[tuple[list[Mapping[str, Any]], str, list[SourceFinding], int | None]]:
        """The rows of each page with the cursor that follows it."""
        window, findings = self._window(cursor, since)
        zone = self.zone
        before: dict[str, datetime | None] = {}
        for _ in range(_MOST_PAGES):
            try:
                got = self.client.get(resource, [*self._asked(window), *extra])
            except ConnectorError as error:
                other = self._otherwise(error, window)
                if other is None:
                    raise
                window = other
                continue
            payloads = listed(got, resource)
            rows = [row_of(payload, self.client.legacy, zone) for payload in payloads]
            changed = _moment_of_answer(got, self.clock)
            repeated = window.page == 1 and len(rows) >= window.size and {row.id for row in rows} == before.keys()
            if window.ignored_by(rows, zone, repeated=repeated):
                if window.by == "created":  # not even creation dates count here: all is read, page by page
                    window, before = replace(window.by_other("pages"), after=None), {}
                    continue
                window, before = window.by_other("created"), {}
                findings.append(too_old(self.version))
                continue
            if window.unsorted(rows):
                window, before = window.by_other("pages"), {}
                continue
            if got.with_notices:
                findings.append(notices())
            total = got.count("X-WP-Total", "X-WC-Total")
            seen = (window.page - 1) * window.size + len(rows)
            more = bool(rows) and (len(rows) >= window.size or (total is not None and total > seen))
            more = more or window.shrunk(total)
            fresh = [
                payload
                for payload, row in zip(payloads, rows, strict=True)
                if window.wants(row) and not (row.id in before and before[row.id] == row.modified)
            ]
            window = window.step(rows, zone, total) if more else window.end(rows, changed)
            before = {row.id: row.modified for row in rows}
            yield fresh, window.to_cursor(), findings, total
            findings = []
            if not more:
                return
        raise Retry("The shop's list of changes does not end.", code="endless_list", scope="connection", after=600.0)

    def _window(self, cursor: str | None, since: datetime | None) -> tuple[Window, list[SourceFinding]]:
        version = version_of(self.version) if self.version else None
        old = not self.client.legacy and version is not None and version < CHANGES_SINCE
        found: list[SourceFinding] = []
        window: Window | None = None
        if cursor is not None:
            try:
                window = Window.from_cursor(cursor)
            except ValueError:
                found.append(
                    SourceFinding(
                        code="cursor_unreadable",
                        message="Where the last fetch ended could not be read; the shop is read from the beginning.",
                    )
                )
        if window is None:
            window = Window.begin(since, "created" if old else "modified")
        elif window.by == "created" and not old and version is not None:
            window = window.by_other("modified")  # the shop was upgraded
        elif window.by != "created" and old:
            window = window.by_other("created")
        if old:
            found.append(too_old(self.version))
        return window, found

    def _asked(self, window: Window) -> list[tuple[str, str]]:
        """The parameters for the window's next page."""
        limit = window.threshold(self.zone)
        params: list[tuple[str, str]] = []
        if self.client.legacy:
            if limit is not None:
                params.append(("filter[updated_at_min]", as_zulu(limit)))
            if window.size != UNASKED:
                params.append(("filter[limit]", str(window.size)))
            if window.by == "modified":
                params += [("filter[orderby]", "modified"), ("filter[order]", "ASC")]
        else:
            if limit is not None:
                params.append(("after" if window.by == "created" else "modified_after", as_zulu(limit)))
            if window.size != UNASKED:
                params.append(("per_page", str(window.size)))
            if window.by == "modified":
                params += [("orderby", "modified"), ("order", "asc")]
            elif window.by == "created":
                params += [("orderby", "date"), ("order", "asc")]
            elif not self.client.header_is_stripped:
                params += [("orderby", "id"), ("order", "asc")]
        if window.page > 1:
            params.append(("page", str(window.page)))
        return params

    def _otherwise(self, error: ConnectorError, window: Window) -> Window | None:
        """Another way to ask for the same where the shop cannot answer this one."""
        if error.code == "parameter_refused" and window.by == "modified" and "orderby" in error.message:
            return window.by_other("pages")
        if error.code == "address_too_long":
            if window.size > UNASKED:
                return window.resized(UNASKED)
            return window.by_other("pages") if window.by == "modified" else None
        if error.code == "answer_too_large":
            return window.smaller()
        if error.code in _TOO_MUCH and error.status in (None, 200, 500, 504, 524):
            # A shop short of memory or time manages a smaller page; twice smaller, then it is simply down.
            return next((window.resized(size) for size in (25, 5) if size < window.size), None)
        return None

    def chunks(self, path: str, ids: Sequence[str], *, legacy_name: str, spare: int = 24) -> Iterator[list[str]]:
        """Ids in lists that keep the address short and the answer to one page."""
        name = legacy_name if self.client.legacy else "include"
        room = self.client.room_for(path, [(name, ""), (self.limit, "100")]) - spare
        chunk: list[str] = []
        used = 0
        for one in ids:
            if chunk and (used + len(one) + 1 > room or len(chunk) >= 100):
                yield chunk
                chunk, used = [], 0
            chunk.append(one)
            used += len(one) + 1
        if chunk:
            yield chunk

    def paged(
        self, path: str, cursor: str | None, extra: Sequence[tuple[str, str]]
    ) -> Iterator[tuple[list[Mapping[str, Any]], str | None, int | None]]:
        """A list by page number, with the cursor after each page (missing after the last: begin again)."""
        window = Window(by="pages")
        if cursor is not None:
            try:
                window = Window.from_cursor(cursor)
            except ValueError:
                window = Window(by="pages")
        for _ in range(_MOST_PAGES):
            size = [] if window.size == UNASKED else [(self.limit, str(window.size))]
            page = [("page", str(window.page))] if window.page > 1 else []
            try:
                got = self.client.get(path, [*extra, *size, *page], kind=path.partition("/")[0])
            except ConnectorError as error:
                other = self._otherwise(error, window)
                if other is None:
                    raise
                window = other
                continue
            payloads = listed(got, path)
            total = got.count("X-WP-Total", "X-WC-Total")
            seen = (window.page - 1) * window.size + len(payloads)
            more = bool(payloads) and (len(payloads) >= window.size or (total is not None and total > seen))
            if not more and not window.shrunk(total):
                yield payloads, None, total
                return
            window = window.step([], None, total)
            yield payloads, window.to_cursor(), total
        raise Retry("The shop's list does not end.", code="endless_list", scope="connection", after=600.0)

    @property
    def limit(self) -> str:
        """What the size of a page is called."""
        return "filter[limit]" if self.client.legacy else "per_page"


def listed(got: Got, name: str) -> list[Mapping[str, Any]]:
    """The records of a list: a bare array, or the legacy API's `{"orders": […]}`. Entries that are none are kept as
    `{"value": …}`, so that a finding can say so."""
    told = got.data
    if isinstance(told, dict):
        named = told.get(name)
        if named is None and len(told) == 1:
            named = next(iter(told.values()))
        told = named
        if isinstance(told, dict):
            told = list(told.values())
    if not isinstance(told, list):
        raise unexpected(got)
    return [entry if isinstance(entry, dict) else {"value": entry} for entry in told]


def unexpected(got: Got) -> Retry:
    """The error for a success of another shape than WooCommerce's."""
    return Retry(
        f"The shop sent something else than was asked for: {shown(got.data)}.",
        code="unexpected_answer",
        next_step="It is tried again. If it lasts, a plugin changes what WooCommerce sends: tell support.",
        status=got.answer.status,
        scope="connection",
        after=300.0,
    )


def row_of(payload: Mapping[str, Any], old: int, zone: Any) -> Row:
    if old:
        created, changed = moment(payload.get("created_at"), None, zone), moment(payload.get("updated_at"), None, zone)
    else:
        created = moment(payload.get("date_created_gmt"), payload.get("date_created"), zone)
        changed = moment(payload.get("date_modified_gmt"), payload.get("date_modified"), zone)
    return Row(record_id(payload.get("id")) or shown(payload), created, changed or created)


def _moment_of_answer(got: Got, clock: Clock) -> datetime:
    """The earlier of the shop's clock and ours: nothing later can be sure to have been listed."""
    ours = clock.now()
    try:
        theirs = parsedate_to_datetime(got.answer.headers.get("Date", ""))
    except (ValueError, TypeError):
        return ours
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    return min(ours, theirs.astimezone(UTC))
