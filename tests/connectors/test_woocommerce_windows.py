"""No change is missed: in any zone and storage, while orders change during a fetch, whatever the shop can filter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.answers import Answer
from connectors.errors import Rejected
from connectors.ports import ShopProfile
from connectors.woocommerce import WooCommerce
from connectors.woocommerce.client import Got, Params, ShopClient
from connectors.woocommerce.lists import Lists
from connectors.woocommerce.windows import Row, Window, before
from tests.connectors.clocks import StandingClock
from tests.connectors.recordings import FOLDER, body

NEW_YORK, LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # moves its clocks by half an hour
TEMPLATE = body("order_zero_total.json")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


class ModelShop(ShopClient):
    """Orders with their moments, and the list of WooCommerce as it was measured; `meanwhile` happens after each page.

    `storage` "posts" compares and sorts by local time, "hpos" converts the local threshold back (the first reading of a
    repeated hour, as PHP does). `age` "old" ignores `modified_after` and cannot sort by it, "unsorted" only the latter.
    """

    legacy = 0
    header_is_stripped = False

    def __init__(self, zone: ZoneInfo, storage: str, age: str, page_size: int = 100) -> None:
        self.zone, self.storage, self.age, self.cap = zone, storage, age, page_size
        self.orders: dict[int, tuple[datetime, datetime]] = {}
        self.meanwhile: Iterator[Any] = iter(())
        self.calls = 0
        self.asked: dict[str, str] = {}
        self.slow = timedelta(0)
        self.ours: StandingClock | None = None

    def _after(self, value: str) -> Any:
        wall = local(datetime.fromisoformat(value.replace("Z", "+00:00")), self.zone)
        if self.storage == "posts":
            return lambda moment: local(moment, self.zone) > wall
        limit = wall.replace(tzinfo=self.zone).astimezone(UTC)
        return lambda moment: moment > limit

    def get(self, path: str, params: Params = (), *, kind: str = "list") -> Got:
        asked = self.asked = dict(params)
        self.calls += 1
        assert self.calls < 500, "the fetch does not end"
        order_by = asked.get("orderby", "date")
        if order_by == "modified" and self.age in ("old", "unsortable"):
            raise Rejected("Invalid parameter(s): orderby", code="parameter_refused", status=400)
        found = dict(self.orders)
        if "modified_after" in asked and self.age != "old":
            wanted = self._after(asked["modified_after"])
            found = {one: at for one, at in found.items() if wanted(at[1])}
        if "after" in asked:
            wanted = self._after(asked["after"])
            found = {one: at for one, at in found.items() if wanted(at[0])}

        def place(entry: tuple[int, tuple[datetime, datetime]]) -> Any:
            one, (created, modified) = entry
            if order_by == "id" or (order_by == "modified" and self.age == "unsorted"):
                return one
            moment = modified if order_by == "modified" else created
            return (local(moment, self.zone) if self.storage == "posts" else moment, one)

        rows = sorted(found.items(), key=place, reverse=asked.get("order", "desc") == "desc")
        size = int(asked.get("per_page", 10))
        start = (int(asked.get("page", 1)) - 1) * size
        page = [self._payload(one, *at) for one, at in rows[start : start + size]]
        next(self.meanwhile, None)
        headers = {"X-WP-Total": str(len(rows))}
        if self.ours is not None:
            headers["Date"] = format_datetime(self.ours.now() - self.slow, usegmt=True)
        return Got(page, Answer(status=200, headers=headers, body=b"", url=""))

    def room_for(self, path: str, params: Params) -> int:
        return 150

    def _payload(self, one: int, created: datetime, modified: datetime) -> dict[str, Any]:
        moments = {"date_created": created, "date_modified": modified}
        return {
            **TEMPLATE,
            "id": one,
            **{name: local(at, self.zone).isoformat() for name, at in moments.items()},
            **{name + "_gmt": at.replace(tzinfo=None).isoformat() for name, at in moments.items()},
        }


def lists(shop: ModelShop, clock: StandingClock, version: str) -> Lists:
    return Lists(shop, clock, shop.zone, version)


def source(shop: ModelShop, clock: StandingClock, version: str = "10.0.2") -> WooCommerce:
    known = ShopProfile(
        identity="shop.example",
        title="Shop",
        version=version,
        api="wc/v3",
        zone=str(shop.zone),
        currency="USD",
        details={"root": "https://shop.example/wp-json/wc/v3/"},
    )
    keys = {"url": "https://shop.example", "consumer_key": "ck_" + "0" * 40, "consumer_secret": "cs_" + "0" * 40}
    made = WooCommerce(keys, clock=clock, known=known)
    made._lists = lists(shop, clock, version)
    return made


def fetch(made: WooCommerce, cursor: str | None, **options: Any) -> tuple[dict[str, datetime], str | None, set[str]]:
    """Ids with the latest change that was seen, the last cursor, and the codes of findings."""
    seen: dict[str, datetime] = {}
    codes: set[str] = set()
    for page in made.changed_orders(cursor, **options):
        for record in page.records:
            assert record.modified is not None
            seen[record.id] = max(record.modified, seen.get(record.id, record.modified))
        cursor = page.cursor
        codes |= {finding.code for finding in page.findings}
    return seen, cursor, codes


AROUND = {
    NEW_YORK: [utc("2026-11-01T06:00:00"), utc("2026-03-08T07:00:00"), utc("2026-07-01T12:00:00")],
    LONDON: [utc("2026-10-25T01:00:00"), utc("2026-03-29T01:00:00"), utc("2026-12-31T23:59:00")],
    LORD_HOWE: [utc("2026-04-04T15:00:00"), utc("2026-10-03T15:30:00")],
}
ZONES = [(zone, moment) for zone, moments in AROUND.items() for moment in moments]


@pytest.mark.parametrize("storage", ["hpos", "posts"])
@pytest.mark.parametrize("age", ["new", "old", "unsortable", "unsorted"])
@given(
    place=st.sampled_from(ZONES),
    changes=st.lists(st.tuples(st.integers(1, 30), st.integers(-9_000, 9_000)), min_size=1, max_size=40),
    first=st.integers(-9_000, 9_000),
)
def test_what_changed_after_a_fetch_is_in_the_next(
    storage: str, age: str, place: tuple[ZoneInfo, datetime], changes: list[tuple[int, int]], first: int
) -> None:
    zone, middle = place
    shop = ModelShop(zone, storage, age)
    clock = StandingClock(middle + timedelta(seconds=first))
    timeline = sorted(changes, key=lambda change: change[1])
    later = [(one, middle + timedelta(seconds=at)) for one, at in timeline if at > first]
    for one, at in timeline:
        moment = middle + timedelta(seconds=at)
        if at <= first:
            created, _ = shop.orders.get(one, (moment, moment))
            shop.orders[one] = (created, moment)
    made = source(shop, clock, "5.0.0" if age == "old" else "10.0.2")
    seen, cursor, _ = fetch(made, None)
    assert seen == {str(one): at[1] for one, at in shop.orders.items()}
    for one, moment in later:
        created, _ = shop.orders.get(one, (moment, moment))
        shop.orders[one] = (created, moment)
    clock.at = middle + timedelta(hours=5)
    seen, cursor, _ = fetch(made, cursor)
    assert {str(one): shop.orders[one][1] for one, _ in later}.items() <= seen.items()
    seen, _, _ = fetch(made, cursor)
    assert all(shop.orders[int(one)][1] == at for one, at in seen.items())


@pytest.mark.parametrize("storage", ["hpos", "posts"])
@pytest.mark.parametrize("age", ["new", "unsorted"])
def test_orders_that_change_while_pages_are_turned_are_not_missed(storage: str, age: str) -> None:
    start = utc("2026-11-01T04:00:00")
    shop = ModelShop(NEW_YORK, storage, age)
    for one in range(1, 451):
        shop.orders[one] = (start + timedelta(seconds=20 * one),) * 2  # three hours, over the repeated one
    clock = StandingClock(start + timedelta(hours=6))

    def touching() -> Iterator[None]:
        for step in range(50):
            one = 1 + step * 37 % 450
            shop.orders[one] = (shop.orders[one][0], clock.at + timedelta(seconds=step))
            yield

    shop.meanwhile = touching()
    made = source(shop, clock)
    seen, cursor, _ = fetch(made, None)
    shop.meanwhile = iter(())
    clock.at += timedelta(hours=1)
    again, _, _ = fetch(made, cursor)
    latest = {one: max(at, again.get(one, at)) for one, at in seen.items()} | {
        one: at for one, at in again.items() if one not in seen
    }
    assert latest == {str(one): at[1] for one, at in shop.orders.items()}


@pytest.mark.parametrize("gone", [(5, 120, 230), (None, None, 5)], ids=["early", "before the last page"])
def test_an_order_that_vanishes_while_pages_are_turned_takes_none_with_it(gone: tuple[int | None, ...]) -> None:
    start = utc("2026-06-01T00:00:00")
    shop = ModelShop(LONDON, "posts", "unsortable")
    for one in range(1, 351):
        shop.orders[one] = (start + timedelta(minutes=one),) * 2

    def trashing() -> Iterator[None]:
        for one in gone:
            if one is not None:
                del shop.orders[one]
            yield

    shop.meanwhile = trashing()
    seen, _, _ = fetch(source(shop, StandingClock()), None)
    assert seen.keys() >= {str(one) for one in shop.orders}


def test_hundreds_of_changes_in_one_second_are_all_read() -> None:
    moment = utc("2026-06-01T10:00:00")
    shop = ModelShop(NEW_YORK, "hpos", "new")
    for one in range(1, 331):
        shop.orders[one] = (moment, moment)
    for one in range(331, 501):
        shop.orders[one] = (moment, moment + timedelta(seconds=one))
    seen, _, _ = fetch(source(shop, StandingClock()), None)
    assert len(seen) == 500
    assert shop.calls <= 9


def test_a_change_that_becomes_visible_minutes_late_is_not_missed() -> None:
    shop = ModelShop(NEW_YORK, "hpos", "new")
    clock = StandingClock(utc("2026-06-01T10:00:00"))
    shop.orders[1] = (utc("2026-06-01T09:59:58"),) * 2
    _, cursor, _ = fetch(source(shop, clock), None)
    shop.orders[2] = (utc("2026-06-01T09:56:00"),) * 2  # its transaction was slow
    seen, _, _ = fetch(source(shop, clock), cursor)
    assert "2" in seen


def test_a_shop_whose_clock_is_slow_is_asked_by_its_own() -> None:
    """Changes carry the shop's time: one made after a fetch may bear a moment that was long past on our clock."""
    shop = ModelShop(NEW_YORK, "hpos", "new")
    shop.ours, shop.slow = StandingClock(utc("2026-06-01T10:00:00")), timedelta(hours=1)
    # An order that was entered with a day to come.
    shop.orders[1] = (utc("2026-06-01T09:30:00"),) * 2
    _, cursor, _ = fetch(source(shop, shop.ours), None)
    shop.orders[2] = (utc("2026-06-01T09:00:10"),) * 2
    seen, _, _ = fetch(source(shop, shop.ours), cursor)
    assert "2" in seen


def test_an_idle_shop_costs_one_call_and_no_pile_of_repeats() -> None:
    shop = ModelShop(NEW_YORK, "hpos", "new")
    for one in range(1, 401):
        shop.orders[one] = (utc("2026-06-01T09:00:00"), utc("2026-06-01T09:30:00") + timedelta(seconds=one))
    made = source(shop, StandingClock(utc("2026-06-01T12:00:00")))
    _, cursor, _ = fetch(made, None)
    shop.calls = 0
    seen, _, _ = fetch(made, cursor)
    assert (shop.calls, len(seen)) == (1, 1)


def test_since_includes_its_own_second() -> None:
    shop = ModelShop(NEW_YORK, "posts", "new")
    moment = utc("2026-06-01T09:00:00")
    shop.orders = {1: (moment, moment), 2: (moment, moment - timedelta(seconds=2))}
    assert "1" in fetch(source(shop, StandingClock()), None, since=moment)[0]


def test_a_shop_that_ignores_the_filter_is_found_out_and_said() -> None:
    shop = ModelShop(NEW_YORK, "posts", "old")
    start = utc("2026-09-01T00:00:00")
    for one in range(1, 251):
        shop.orders[one] = (start + timedelta(hours=one),) * 2
    made = source(shop, StandingClock(utc("2026-09-20T00:00:00")), version="")
    seen, cursor, codes = fetch(made, None)
    assert len(seen) == 250
    shop.orders[3] = (shop.orders[3][0], utc("2026-09-19T23:00:00"))
    seen, cursor, codes = fetch(made, cursor)
    assert "changes_not_filtered" in codes
    assert seen["3"] == utc("2026-09-19T23:00:00")
    assert json.loads(cursor or "")["by"] == "created"


def test_an_old_shop_is_asked_for_thirty_days_only() -> None:
    shop = ModelShop(NEW_YORK, "posts", "old")
    start = utc("2026-01-01T00:00:00")
    for one in range(1, 1001):
        shop.orders[one] = (start + timedelta(hours=6 * one),) * 2
    made = source(shop, StandingClock(utc("2026-09-10T00:00:00")), version="5.0.0")
    _, cursor, _ = fetch(made, None)
    assert shop.calls >= 10
    shop.calls = 0
    seen, _, _ = fetch(made, cursor)
    assert shop.calls == 2  # 120 orders of 30 days
    assert len(seen) == 1


def test_statuses_and_until_are_handed_on() -> None:
    shop = ModelShop(NEW_YORK, "hpos", "new")
    fetch(source(shop, StandingClock()), None, until=utc("2026-02-01T05:00:00"), statuses=["processing", "completed"])
    assert shop.asked["before"] == "2026-02-01T05:00:00Z"
    assert shop.asked["status"] == "processing,completed"


@pytest.mark.parametrize(
    ("zone", "moment", "limit"),
    [
        (NEW_YORK, "2026-07-01T12:00:00", "2026-07-01T11:59:59"),
        (NEW_YORK, "2026-11-01T04:59:59", "2026-11-01T04:59:58"),
        (NEW_YORK, "2026-11-01T05:30:00", "2026-11-01T04:59:59"),
        (NEW_YORK, "2026-11-01T06:30:00", "2026-11-01T04:59:59"),
        (NEW_YORK, "2026-11-01T07:00:00", "2026-11-01T06:59:59"),
        (NEW_YORK, "2026-03-08T07:00:00", "2026-03-08T06:59:59"),
        (LONDON, "2026-10-25T00:30:00", "2026-10-24T23:59:59"),
        (LORD_HOWE, "2026-04-04T14:40:00", "2026-04-04T14:29:59"),
        (LORD_HOWE, "2026-04-04T14:20:00", "2026-04-04T14:19:59"),
        (None, "2026-07-01T12:00:00", "2026-07-01T10:59:59"),
    ],
)
def test_the_hour_that_autumn_repeats_is_asked_for_whole(zone: ZoneInfo | None, moment: str, limit: str) -> None:
    assert before(utc(moment), zone) == utc(limit)


@given(
    st.builds(
        Window,
        by=st.sampled_from(["modified", "pages", "created"]),
        since=st.none() | st.integers(10**9, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
        page=st.integers(1, 10_000),
        size=st.sampled_from([100, 50, 25, 10, 5, 1]),
    )
)
def test_a_window_survives_its_cursor(window: Window) -> None:
    read = Window.from_cursor(window.to_cursor())
    assert read.to_cursor() == window.to_cursor()
    assert (read.by, read.page, read.size) == (window.by, window.page, window.size)


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "[]", "{}", '{"v":2,"by":"modified"}', '{"v":1,"by":"other"}', '{"v":1,"by":"pages","page":0}'),
        *('{"v":1,"by":"pages","size":7}', '{"v":1,"by":"pages","since":"yesterday"}', "[" * 5000),
        *('{"v":1,"by":"pages","since":5}', '{"v":1,"by":"pages","since":"2026-01-01T00:00:00"}'),
    ],
)
def test_a_text_that_is_no_cursor_is_refused_and_the_shop_read_anew(cursor: str) -> None:
    with pytest.raises(ValueError):
        Window.from_cursor(cursor)
    shop = ModelShop(NEW_YORK, "hpos", "new")
    shop.orders[1] = (utc("2026-06-01T09:00:00"),) * 2
    seen, _, codes = fetch(source(shop, StandingClock()), cursor)
    assert seen
    assert codes == {"cursor_unreadable"}


def test_smaller_pages_begin_no_later_than_the_page_that_failed() -> None:
    window = Window(by="pages", page=7)
    for size in (50, 25, 10, 5, 1):
        smaller = window.resized(size)
        assert (smaller.page - 1) * size <= 600 < smaller.page * size + 100


def test_the_measured_meaning_of_the_date_filters_is_the_models() -> None:
    """Only `…Z` without the flag starts at the right moment on every shop; that is what is sent."""
    measured = json.loads((FOLDER / "date_filter_semantics.json").read_text(encoding="utf-8"))
    right = {name for name, words in measured.items() if "(+0.00 h)" in words}
    for place in ("a summer", "a winter", "b summer", "b winter"):
        assert f"{place} modified_after Z" in right
        assert f"{place} after Z" in right
    assert "a summer modified_after Z+flag" not in right
    shop = ModelShop(LONDON, "posts", "new")
    window = Window.begin(utc("2026-06-01T00:00:00"))
    sent = dict(lists(shop, StandingClock(), "10.0.2")._asked(window))
    assert sent["modified_after"] == "2026-05-31T23:59:59Z"
    assert "dates_are_gmt" not in sent


def test_rows_out_of_order_by_more_than_the_repeated_hour_mean_no_sorting() -> None:
    start = utc("2026-06-01T00:00:00")
    rows = [Row(str(n), start, start + timedelta(hours=hours)) for n, hours in enumerate([0, 5, 1])]
    assert Window().unsorted(rows)
    assert not Window().unsorted(rows[:2])
