"""A small table of sales tax rates by state, county, city and postal code, for automated tax; it knows no documents.

The rates are those of 2024 for the states; a few counties and cities are in so that every level occurs. It is a
stand-in for a tax engine: exact where a test looks, never advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Who takes a tax: percent `rate` of what goes to the place that the given fields describe."""

    name: str
    state: str
    rate: Decimal
    county: str | None = None
    city: str | None = None
    postal_prefix: str | None = None

    def covers(self, state: str, county: str, city: str, postal: str) -> bool:
        if state != self.state:
            return False
        if self.city is not None:
            return city == self.city.casefold() and (not self.postal_prefix or postal.startswith(self.postal_prefix))
        if self.postal_prefix is not None:
            return postal.startswith(self.postal_prefix) or (self.county or "").casefold() == county != ""
        return True


_STATES = """
AL Alabama 4|AK Alaska 0|AZ Arizona 5.6|AR Arkansas 6.5|CA California 7.25|CO Colorado 2.9|CT Connecticut 6.35
DE Delaware 0|DC District of Columbia 6|FL Florida 6|GA Georgia 4|HI Hawaii 4|ID Idaho 6|IL Illinois 6.25
IN Indiana 7|IA Iowa 6|KS Kansas 6.5|KY Kentucky 6|LA Louisiana 4.45|ME Maine 5.5|MD Maryland 6|MA Massachusetts 6.25
MI Michigan 6|MN Minnesota 6.875|MS Mississippi 7|MO Missouri 4.225|MT Montana 0|NE Nebraska 5.5|NV Nevada 6.85
NH New Hampshire 0|NJ New Jersey 6.625|NM New Mexico 4.875|NY New York 4|NC North Carolina 4.75|ND North Dakota 5
OH Ohio 5.75|OK Oklahoma 4.5|OR Oregon 0|PA Pennsylvania 6|RI Rhode Island 7|SC South Carolina 6|SD South Dakota 4.2
TN Tennessee 7|TX Texas 6.25|UT Utah 4.85|VT Vermont 6|VA Virginia 5.3|WA Washington 6.5|WV West Virginia 6
WI Wisconsin 5|WY Wyoming 4
"""


def _parse_states() -> dict[str, tuple[str, Decimal]]:
    states = {}
    for entry in _STATES.strip().replace("\n", "|").split("|"):
        code, *name, rate = entry.split()
        states[code] = (" ".join(name), Decimal(rate))
    return states


_TABLE = _parse_states()
STATE_CODES = {code: name for code, (name, _) in _TABLE.items()}
_BY_NAME = {name.casefold(): code for code, name in STATE_CODES.items()}
JURISDICTIONS = (
    *(Jurisdiction(name, code, rate) for code, (name, rate) in _TABLE.items() if rate),
    Jurisdiction("Los Angeles County", "CA", Decimal("2.25"), county="Los Angeles", postal_prefix="900"),
    Jurisdiction("San Francisco", "CA", Decimal("1.375"), city="San Francisco"),
    Jurisdiction("San Mateo County", "CA", Decimal("2.125"), county="San Mateo", postal_prefix="940"),
    Jurisdiction("Pima County", "AZ", Decimal("0.5"), county="Pima", postal_prefix="857"),
    Jurisdiction("Tucson", "AZ", Decimal("2.6"), city="Tucson"),
    Jurisdiction("Cook County", "IL", Decimal("1.75"), county="Cook", postal_prefix="606"),
    Jurisdiction("Chicago", "IL", Decimal("1.25"), city="Chicago"),
    Jurisdiction("New York City", "NY", Decimal("4.5"), city="New York"),
    Jurisdiction("Metropolitan Commuter District", "NY", Decimal("0.375"), county="New York", postal_prefix="100"),
    Jurisdiction("Austin", "TX", Decimal("1"), city="Austin"),
    Jurisdiction("Austin Transit", "TX", Decimal("1"), county="Travis", postal_prefix="787"),
    Jurisdiction("Seattle", "WA", Decimal("3.85"), city="Seattle"),
    Jurisdiction("Denver", "CO", Decimal("4.81"), city="Denver"),
)


def state_code(text: str) -> str | None:
    """The two letters of a state given by them, by its name, or as ISO 3166-2 ("US-MD"); None if it is no state."""
    text = text.strip()
    short = text.upper().removeprefix("US-")
    return short if short in STATE_CODES else _BY_NAME.get(text.casefold())


def jurisdictions_at(address: Mapping[str, Any]) -> list[Jurisdiction]:
    """Those that tax goods sent to an address, the state first; none outside the US or where nothing is taxed."""
    country = str(address.get("Country") or "US").strip().casefold()
    if country not in {"us", "usa", "u.s.", "u.s.a", "u.s.a.", "united states", "united states of america"}:
        return []
    state = state_code(str(address.get("CountrySubDivisionCode") or ""))
    if state is None:
        return []
    county = str(address.get("County") or "").casefold().removesuffix(" county")
    city = str(address.get("City") or "").strip().casefold()
    postal = str(address.get("PostalCode") or "").strip()
    return [each for each in JURISDICTIONS if each.covers(state, county, city, postal)]
