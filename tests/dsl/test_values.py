"""What values are: folding, searching, exact money, printing."""

import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from babel.numbers import list_currencies
from hypothesis import given
from hypothesis import strategies as st

from dsl.currencies import MINOR_UNITS, minor_unit
from dsl.values import (
    EvaluationFailure,
    Money,
    Months,
    Percent,
    add_months,
    fold,
    fold_inside,
    has_word,
    limited,
    needle,
    print_money,
    print_number,
    print_value,
    replace_text,
    round_amount,
    round_unit_price,
    rounded,
    same_text,
    show_value,
    split_text,
    text_after,
    text_before,
)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("Maryland", " MARYLAND\t", True),
        ("Jos\u00e9", "JOSE\u0301", True),
        ("Jose", "Jos\u00e9", False),
        ("stra\u00dfe", "STRA\u1e9eE", True),
        ("stra\u00dfe", "STRASSE", False),
        ("\u212a", "k", True),
        ("\u0130", "i", False),
        ("\u03c3", "\u03c2", True),
        ("\u00a0x\u3000", "X", True),
        ("a b", "a  b", False),
        ("", " ", True),
    ],
)
def test_texts_compare_in_simple_folding_normal_form_and_trimmed(left: str, right: str, same: bool) -> None:
    assert same_text(left, right) is same


@given(st.text())
def test_folding_never_changes_the_length_of_a_normal_text(text: str) -> None:
    normal = unicodedata.normalize("NFC", text)
    assert len(fold_inside(normal)) == len(normal)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_is_the_long_way(text: str) -> None:
    # With a letter that is not ASCII around it the same text goes the long way.
    assert fold(f"{text}\u00e9") == (text.lower() + "\u00e9").strip()
    assert fold_inside(text) == fold_inside(text + "\u00e9")[:-1]


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("UPS Ground", "ups", True),
        ("by UPS", "ups", True),
        ("cups", "ups", False),
        ("ups2", "ups", False),
        ("UPS-Ground", "ups", True),
        ("cups and UPS.", "ups", True),
        ("\u00fcups", "ups", False),
        ("new york city", "york city", True),
        ("#1 pick", "#1", True),
        ("x#1", "#1", True),
        ("ups", "", False),
    ],
)
def test_a_word_is_found_whole(text: str, word: str, found: bool) -> None:
    assert has_word(fold(text), fold(word)) is found


@pytest.mark.parametrize(
    ("text", "old", "new", "result"),
    [
        ("##1#", "#", "", "1"),
        ("Red RED red", "red", "b", "b b b"),
        ("aaa", "aa", "b", "ba"),
        ("Mr. Smith", "mr. ", "", "Smith"),
        ("Mr.Smith", "mr. ", "", "Smith"),
        ("a , b,c", ", ", ",", "a ,b,c"),
        ("a  b", "  ", " ", "a b"),
        ("a b", " ", "", "ab"),
        ("cafe\u0301", "\u00c9", "e", "cafe"),
        ("abc", "", "x", "abc"),
        ("abc", "d", "x", "abc"),
        ("a.b", ".", "\\1", "a\\1b"),
    ],
)
def test_replacing_finds_places_as_comparing_does(text: str, old: str, new: str, result: str) -> None:
    assert replace_text(text, old, new) == result


def test_text_before_and_after_are_missing_without_the_mark() -> None:
    assert text_before("abc-1", "-") == "abc"
    assert text_after("abc-1-2", "-") == "1-2"
    assert text_before("abc", "-") is None
    assert text_after("abc", "-") is None
    assert text_before("a x b", "X ") == "a "
    assert split_text("US-MD-", "-") == ["US", "MD", ""]


def test_a_searched_text_of_spaces_is_meant_as_spaces() -> None:
    assert needle("  ") == "  "
    assert needle(" A ") == "a"


@pytest.mark.parametrize(
    ("amount", "currency", "result"),
    [
        ("0.125", "USD", "0.13"),
        ("-0.125", "USD", "-0.13"),
        ("0.124999", "USD", "0.12"),
        ("202.5", "JPY", "203"),
        ("0.0005", "KWD", "0.001"),
        ("1.005", "XYZ", "1.01"),
        ("1.005", None, "1.01"),
        ("5", "USD", "5.00"),
    ],
)
def test_amounts_round_half_up_to_the_minor_unit(amount: str, currency: str | None, result: str) -> None:
    assert str(round_amount(Decimal(amount), currency)) == result


@pytest.mark.parametrize(
    ("price", "result"),
    [
        ("3.33333333333", "3.3333333"),
        ("0.00000005", "0.0000001"),
        ("10", "10.00"),
        ("2.5", "2.50"),
        ("1.2345", "1.2345"),
    ],
)
def test_unit_prices_keep_seven_places(price: str, result: str) -> None:
    assert format(round_unit_price(Decimal(price)), "f") == result


def test_a_number_with_too_many_digits_cannot_be_rounded() -> None:
    with pytest.raises(EvaluationFailure) as raised:
        rounded(Decimal("1E+30"), 2)
    assert raised.value.code == "E102"


def test_rounding_to_tens() -> None:
    assert str(rounded(Decimal("1250"), -2)) == "1300"


def test_a_made_text_may_have_4000_characters() -> None:
    assert limited("x" * 4000)
    with pytest.raises(EvaluationFailure) as raised:
        limited("x" * 4001)
    assert raised.value.code == "E202"


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (None, "(not set)"),
        (True, "yes"),
        (False, "no"),
        ("a", "a"),
        (Decimal("2.500"), "2.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.0"), "0"),
        (Money(Decimal("41.98"), "USD"), "41.98"),
        (Money(Decimal("41.9"), "USD"), "41.90"),
        (Money(Decimal("3.3333333333"), "USD"), "3.3333333"),
        (Money(Decimal("202"), "JPY"), "202"),
        (Money(Decimal("202.13"), "JPY"), "202.13"),
        (Money(Decimal("5"), None), "5.00"),
        (Percent(Decimal("7.50")), "7.5%"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 6, 5, tzinfo=UTC), "2026-01-31T06:05:00Z"),
        (timedelta(days=30), "30 days"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=90), "90 minutes"),
        (Months(1), "1 month"),
        (["a", "b"], "a, b"),
    ],
)
def test_values_print_as_texts_show_them(value: object, printed: str) -> None:
    assert print_value(value) == printed


def test_explanations_show_texts_in_quotes_and_money_with_its_currency() -> None:
    assert show_value("a") == '"a"'
    assert show_value(Money(Decimal("5"), "USD")) == "5.00 USD"
    assert show_value(("a", Decimal(1))) == '["a", 1]'


@given(st.decimals(allow_nan=False, allow_infinity=False, places=7, min_value=-(10**12), max_value=10**12))
def test_printing_an_amount_loses_nothing(amount: Decimal) -> None:
    assert Decimal(print_money(amount, "USD")) == amount
    assert Decimal(print_number(amount)) == amount


def test_minor_units_are_those_of_iso_4217() -> None:
    assert (minor_unit("USD"), minor_unit("JPY"), minor_unit("BHD"), minor_unit("CLF")) == (2, 0, 3, 4)
    # What Babel calls a currency today is one, but for those that have been replaced or are no money.
    assert {"USD", "EUR", "GBP", "CHF", "ISK", "MRU", "ZWG"} <= MINOR_UNITS.keys()
    assert MINOR_UNITS.keys() <= list_currencies() | {"UYW", "XCG", "ZWG"}


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 1, 31), 24, date(2028, 1, 31)),
    ],
)
def test_months_are_added_by_the_calendar(day: date, months: int, result: date) -> None:
    assert add_months(day, months) == result
