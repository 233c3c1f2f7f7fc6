"""Business days are the shop's, whatever the zones of company and machine: changes of clocks, leap days, UTC+13 (F17)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine

from engine import schedule
from engine.store.tables import company, connection
from sandbox.woocommerce import Options
from tests.flows.flows_kit import MovingClock, World, plain

# the shop's zone -> moments of orders (UTC) and the day on which each is a sale there, worked out by hand
GOLDEN: dict[str, dict[str, str]] = {
    "America/New_York": {
        "2025-03-09T04:59:59": "2025-03-08",  # the evening before clocks go forward, still UTC-5
        "2025-03-09T05:00:00": "2025-03-09",
        "2025-03-09T07:00:00": "2025-03-09",  # 03:00; 02:00 to 02:59 do not exist
        "2025-03-10T03:59:59": "2025-03-09",  # UTC-4 by now: a day of 23 hours
        "2025-03-10T04:00:00": "2025-03-10",
        "2025-11-02T05:30:00": "2025-11-02",  # 01:30 for the first time
        "2025-11-02T06:30:00": "2025-11-02",  # 01:30 for the second
        "2025-11-03T04:59:59": "2025-11-02",  # a day of 25 hours
        "2025-11-03T05:00:00": "2025-11-03",
    },
    "Europe/London": {
        "2025-03-30T00:30:00": "2025-03-30",
        "2025-03-30T22:59:59": "2025-03-30",
        "2025-03-30T23:00:00": "2025-03-31",
        "2025-10-25T22:59:59": "2025-10-25",
        "2025-10-25T23:00:00": "2025-10-26",
        "2025-10-26T23:59:59": "2025-10-26",
    },
    "Australia/Lord_Howe": {  # clocks move by half an hour: UTC+11 and UTC+10:30
        "2025-04-05T12:59:59": "2025-04-05",
        "2025-04-05T13:00:00": "2025-04-06",
        "2025-04-06T13:29:59": "2025-04-06",
        "2025-04-06T13:30:00": "2025-04-07",
        "2025-10-05T12:59:59": "2025-10-05",
        "2025-10-05T13:00:00": "2025-10-06",
    },
    "Pacific/Apia": {  # UTC+13
        "2024-02-28T10:59:59": "2024-02-28",
        "2024-02-28T11:00:00": "2024-02-29",
        "2024-02-29T10:59:59": "2024-02-29",
        "2024-02-29T11:00:00": "2024-03-01",
        "2025-12-31T10:59:59": "2025-12-31",
        "2025-12-31T11:00:00": "2026-01-01",
    },
    "Pacific/Auckland": {  # UTC+13 in summer, UTC+12 in winter
        "2025-04-05T10:59:59": "2025-04-05",
        "2025-04-05T11:00:00": "2025-04-06",
        "2025-04-06T11:59:59": "2025-04-06",
        "2025-04-06T12:00:00": "2025-04-07",
    },
}


def place(world: World, moment: str) -> str:
    """An order placed and paid at that moment; its number."""
    there = datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(ZoneInfo(world.shop_options.zone))
    local = there.replace(tzinfo=None).isoformat()
    planted = world.shop.plant_order(
        status="completed", currency="USD", total="20.00", payment_method="stripe", payment_method_title="Credit card",
        date_created=local, date_created_gmt=moment, date_paid=local, date_paid_gmt=moment,
        date_modified=local, date_modified_gmt=moment,
        billing={"first_name": "Ann", "last_name": "Lee", "country": "US", "email": "ann@acme.example"},
        line_items=[{"id": 1, "product_id": 101, "name": "Mug", "sku": "STK-001", "quantity": 1, "subtotal": "20.00",
                     "total": "20.00", "subtotal_tax": "0", "total_tax": "0", "taxes": []}],
    )  # fmt: skip
    return str(planted["number"])


def days(world: World) -> dict[str, str]:
    return {each["DocNumber"]: each["TxnDate"] for each in world.documents("SalesReceipt")}


def company_in(world: World, zone: str) -> None:
    """The company says that it is there."""
    with world.store.write() as session:
        session.execute(company.update().where(world.office.scope.of(company)).values(zone=zone))
        session.execute(
            connection.update()
            .where(world.office.scope.of(connection), connection.c.kind == "quickbooks")
            .values(zone=zone)
        )


@pytest.mark.parametrize("zone", GOLDEN)
@pytest.mark.parametrize("machine", ["Pacific/Honolulu", "Pacific/Kiritimati"])
def test_the_day_of_every_document_is_the_shops_day(tmp_path: Path, zone: str, machine: str) -> None:
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=Options(generated=1, zone=zone)) as world:
        company_in(world, "America/Los_Angeles")
        world.publish(plain())
        golden = {place(world, moment): day for moment, day in GOLDEN[zone].items()}
        with time_machine.travel(datetime.now(ZoneInfo(machine)), tick=True):
            world.sync()
        found = days(world)
        assert {number: found.get(number) for number in golden} == golden, world.held()


@pytest.fixture
def apia(tmp_path: Path) -> Iterator[World]:
    """A shop in UTC+13 and a company in UTC-8: their days meet for three hours only."""
    with World(
        f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=Options(generated=1, zone="Pacific/Apia")
    ) as world:
        company_in(world, "America/Los_Angeles")
        yield world


def test_starting_and_until_are_days_of_the_shop(apia: World) -> None:
    text = plain(until="2024-03-01").replace("starting 01/01/2020", "starting 2024-02-29")
    moments = {
        "2024-02-28T10:59:59": False,  # still February 28 in the shop
        "2024-02-28T11:00:00": True,  # the first second of the leap day, in Los Angeles 03:00 on the day before
        "2024-03-01T10:59:59": True,  # the last second of March 1
        "2024-03-01T11:00:00": False,
    }
    apia.publish(text)
    numbers = {place(apia, moment): taken for moment, taken in moments.items()}
    apia.sync()
    assert {number: number in days(apia) for number in numbers} == numbers


def test_a_range_by_hand_is_of_days_of_the_shop(apia: World) -> None:
    apia.publish(plain())
    apia.sync()
    numbers = {
        place(apia, moment): taken
        for moment, taken in {
            "2024-02-28T10:59:59": False, "2024-02-28T11:00:00": True, "2024-02-29T10:59:59": True,
            "2024-02-29T11:00:00": False,
        }.items()
    }  # fmt: skip
    report, _ = apia.sync(since=date(2024, 2, 29), until=date(2024, 2, 29))
    assert report.records == 2
    assert {number: number in days(apia) for number in numbers} == numbers


def test_without_a_starting_day_it_is_the_day_of_publishing_in_the_shop(apia: World) -> None:
    """Published late on November 20 in Los Angeles, which is November 21 in Apia: orders of November 20 there are older."""
    made = apia.publish(plain().replace("  starting 01/01/2020\n", ""))
    spec = apia.desk.programs.of_version(made.version_id).flow("Web orders")
    assert spec is not None
    run, shop, _company = apia.desk._open(apia.flow.id)
    shop.close()
    assert run.starting == apia.flow.first_published_at.astimezone(ZoneInfo("Pacific/Apia")).date()


def test_a_hold_for_days_counts_days_of_the_company(apia: World) -> None:
    """Held in the afternoon of Los Angeles, when it is tomorrow in UTC already: three of its days later it is given up."""

    def sync_at(moment: datetime) -> bool:
        """Whether the order waits after a sync at that moment."""
        apia.pass_time(seconds=(moment - apia.clock.now()).total_seconds())
        company_in(apia, "America/Los_Angeles")  # the books are asked for it again now and then
        apia.sync()
        return str(order["id"]) in apia.held_codes()

    apia.publish(plain(unpaid_orders="hold", unpaid_days="3"))
    order = apia.simple_order(
        set_paid=False, status="on-hold", payment_method="bacs", payment_method_title="Bank transfer"
    )
    there = ZoneInfo("America/Los_Angeles")
    afternoon = (apia.clock.now().astimezone(there) + timedelta(days=1)).replace(hour=17, minute=0)
    third = datetime.combine(afternoon.date() + timedelta(days=3), time.min, there)
    assert sync_at(afternoon)
    assert sync_at(third - timedelta(minutes=30))
    assert not sync_at(datetime.combine(third.date(), time(17, 1), there))
    assert any("Gave up after 3 days" in line for line in apia.lines())


@pytest.mark.parametrize("skew", [timedelta(hours=2), timedelta(hours=-2)])
def test_one_of_two_workers_whose_clock_is_wrong_makes_no_slot_twice_or_early(
    migrated_url: str, skew: timedelta
) -> None:
    """On PostgreSQL the database's clock counts. On SQLite both workers are on one machine: there is no second clock."""
    if migrated_url.startswith("sqlite"):
        pytest.skip("a SQLite file has no clock but the machine's")
    with World(migrated_url, shop_options=Options(generated=1)) as world:
        world.publish(plain().replace("  sync orders\n", "  sync orders\n  every 30 minutes\n"))
        right = world.clock
        assert len(schedule.tick(world.store, right)) == 1
        with time_machine.travel(right.now() + skew, tick=True):
            wrong = MovingClock(world.store)
            schedule.tick(world.store, wrong)
            run = schedule.claim(world.store, world.office.scope, world.flow.id, wrong)
            assert run is not None
            assert schedule.claim(world.store, world.office.scope, world.flow.id, wrong) is None, "no early steal"
        assert schedule.claim(world.store, world.office.scope, world.flow.id, right) is None, "no early steal"
        run.finish({"ok": True})
        assert schedule.waiting(world.store, right.now()) == []
        with time_machine.travel(right.now() + skew, tick=True):
            assert schedule.tick(world.store, MovingClock(world.store)) == []
