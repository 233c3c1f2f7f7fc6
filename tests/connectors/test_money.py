"""Decimals of currencies: one table for shops and books, and the language, which may not import it, counts alike."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import list_currencies

import dsl.currencies
from connectors.money import MINOR_UNITS, cents, minor_unit


def test_each_currency_has_the_decimals_of_the_language() -> None:
    assert {code: dsl.currencies.minor_unit(code) for code in MINOR_UNITS} == MINOR_UNITS
    assert dsl.currencies.MINOR_UNITS.keys() <= MINOR_UNITS.keys()


def test_the_currencies_are_real_ones() -> None:
    assert MINOR_UNITS.keys() <= list_currencies()
    # Replaced since 2018, but older orders carry them.
    assert {"HRK", "CUC", "ZWL", "SLL"} <= MINOR_UNITS.keys()


@pytest.mark.parametrize(("currency", "places"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)])
def test_each_currency_has_its_own_decimals(currency: str, places: int) -> None:
    assert minor_unit(currency) == places


@pytest.mark.parametrize("currency", ["ZZZ", "", None])
def test_an_unknown_currency_counts_as_one_with_cents(currency: str | None) -> None:
    assert minor_unit(currency) == 2


@pytest.mark.parametrize(
    ("amount", "kept"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049", "0.00"), ("123456789012345678.125", None)]
)
def test_half_a_cent_goes_away_from_zero_however_long_the_amount(amount: str, kept: str | None) -> None:
    assert cents(Decimal(amount)) == Decimal(kept or "123456789012345678.13")
