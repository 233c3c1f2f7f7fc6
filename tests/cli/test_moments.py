"""cli/moments.py"""

from datetime import UTC, date, datetime, timedelta

import click
import pytest
import time_machine

from cli.moments import DAY, MOMENT, written


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026-01-31T08:00Z", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("2026-01-31T08:00+02:00", datetime(2026, 1, 31, 6, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31).astimezone(UTC)),  # this machine's midnight
    ],
)
def test_a_moment_is_typed_as_a_date_or_a_time(typed: str, expected: datetime) -> None:
    assert MOMENT.convert(typed, None, None) == expected


@pytest.mark.parametrize(("typed", "hours"), [("2 hours", 2), ("90m", 1.5), ("3 days ago", 72), ("1w", 168)])
@time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False)
def test_a_moment_is_typed_as_how_long_ago(typed: str, hours: float) -> None:
    assert datetime.now(UTC) - MOMENT.convert(typed, None, None) == timedelta(hours=hours)


@pytest.mark.parametrize("typed", ["", "soon", "2026-13-01", "2 fortnights", "999999 weeks"])
def test_what_is_no_moment_is_refused_with_examples(typed: str) -> None:
    with pytest.raises(click.BadParameter, match="say 2026-01-31"):
        MOMENT.convert(typed, None, None)


def test_a_day_is_typed_as_a_date() -> None:
    assert DAY.convert(" 2026-01-31 ", None, None) == date(2026, 1, 31)


@pytest.mark.parametrize("typed", ["", "tomorrow", "31/01/2026", "2026-13-01", "2026-01-31T08:00"])
def test_what_is_no_day_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(click.BadParameter, match="is no day; say it as in 2026-01-31"):
        DAY.convert(typed, None, None)


def test_programs_read_utc() -> None:
    moment = datetime.fromisoformat("2026-03-29T01:30:00+02:00")
    assert written(moment) == "2026-03-28T23:30:00Z"
