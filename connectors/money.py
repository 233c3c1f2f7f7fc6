"""What amounts of money are rounded to: the smallest unit of each currency, and the cents that books keep.

The currencies are those of ISO 4217 (list one, 2026) and the ones replaced since 2018, which older orders still carry.
CLDR's tables differ: they say how people write an amount, not what a bank books.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from types import MappingProxyType
from typing import Final

_TWO: Final = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF "
    "CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK "
    "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR "
    "MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
    "SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER "
    "ZAR ZMW ZWG ZWL"
)
_NONE: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE: Final = "BHD IQD JOD KWD LYD OMR TND"
_FOUR: Final = "CLF UYW"

MINOR_UNITS: Mapping[str, int] = MappingProxyType(
    {code: places for places, codes in ((2, _TWO), (0, _NONE), (3, _THREE), (4, _FOUR)) for code in codes.split()}
)
"""Code to the decimals that the currency has."""


def minor_unit(currency: str | None) -> int:
    """The decimals of a currency by its code; 2 where it is unknown."""
    return MINOR_UNITS.get(currency or "", 2)


CENT: Final = Decimal("0.01")
# Wide enough for any amount that a record can hold: nothing is rounded but where it is meant.
EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)


def rounded(amount: Decimal, places: int) -> Decimal:
    """To so many decimals, half up (away from zero), as bookkeepers round."""
    return amount.quantize(Decimal(1).scaleb(-places), context=EXACT)


def cents(amount: Decimal) -> Decimal:
    """To two decimals, half up (away from zero): QuickBooks keeps the amounts of every currency with two."""
    return amount.quantize(CENT, context=EXACT)
