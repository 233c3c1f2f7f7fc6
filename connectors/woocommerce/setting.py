"""What the mapping has to know of the shop beside the payload: its zone, its name, the SKUs of parent products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSetting:
    """`zone` is an IANA name (missing: not known, days are then taken from the payload's local times).

    `title` becomes `order.store`; `parent_skus` maps the id of a product with variations to its own SKU;
    `prices_include_tax` is for orders of the legacy API, which do not say it.
    """

    zone: str | None = None
    title: str | None = None
    prices_include_tax: bool | None = None
    parent_skus: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def tz(self) -> tzinfo | None:
        return zone_of(self.zone)


def zone_of(name: str | None) -> tzinfo | None:
    """The zone of that name; missing where this machine does not know it."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
