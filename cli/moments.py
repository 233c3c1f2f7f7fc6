"""Days and moments as people type them: a date, a date with a time, or how long ago."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import click

_AGO = re.compile(r"(\d{1,6})\s*(m|min|minutes?|h|hours?|d|days?|w|weeks?)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class Day(click.ParamType[date]):
    """A date from `2026-01-31`; whose zone it is in says who asks for it."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            self.fail(f"{value!r} is no day; say it as in 2026-01-31.", param, ctx)


DAY = Day()


class Moment(click.ParamType[datetime]):
    """An aware UTC datetime from `2026-01-31`, `2026-01-31T08:00`, `2 hours`, `30d`; no zone means this machine's."""

    name = "MOMENT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        ago = _AGO.fullmatch(value.strip().lower().removesuffix(" ago"))
        try:
            if ago:
                return datetime.now(UTC) - int(ago[1]) * _UNITS[ago[2][0]]
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no moment; say 2026-01-31, 2026-01-31T08:00, '2 hours' or '30 days'.", param, ctx)


MOMENT = Moment()


def shown(moment: datetime) -> str:
    """A moment for people: this machine's zone, to the second."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def written(moment: datetime) -> str:
    """A moment for programs: UTC, ISO 8601."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
