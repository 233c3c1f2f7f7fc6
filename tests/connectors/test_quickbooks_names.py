"""Names made acceptable: pure, said, and twice is as once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.quickbooks import customer_name, item_name, name_beside
from connectors.quickbooks.names import Accepted, cut, deleted, list_name, without_deleted


@pytest.mark.parametrize(
    ("said", "name", "changed"),
    [
        ("Ann Lee", "Ann Lee", 0),
        ("Lee: Ann", "Lee - Ann", 1),
        ("Lee:Ann", "Lee - Ann", 1),
        (":Lee:", "Lee", 1),
        ("Ann\tLee\r\n", "Ann Lee", 1),
        ("  Ann   Lee ", "Ann Lee", 1),
        ('1/2" pipe #4', '1/2" pipe #4', 0),
        ("שלום 🎉", "שלום 🎉", 0),
        ("x" * 101, "x" * 100, 1),
        ("a:" + "x" * 200, "a - " + "x" * 96, 2),
        ("\ud83d half", "? half", 0),
        (" : ", "", 1),
    ],
)
def test_a_name_is_made_acceptable_and_says_how(said: str, name: str, changed: int) -> None:
    accepted = customer_name(said)
    assert accepted.name == name
    assert len(accepted.changes) == changed


@given(st.text(max_size=150) | st.text(":\t a\u200d👨", max_size=150))
@pytest.mark.parametrize(("accept", "limit"), [(customer_name, 100), (item_name, 100), (list_name, 31)])
def test_an_accepted_name_is_acceptable_and_stays(accept: object, limit: int, said: str) -> None:
    assert callable(accept)
    once: Accepted = accept(said)
    assert accept(once.name) == Accepted(once.name)
    assert len(once.name) <= limit
    assert not set(once.name) & set(":\t\r\n")
    once.name.encode()


def test_a_family_of_emoji_is_not_cut_in_the_middle() -> None:
    family = "👨\u200d👩\u200d👧"
    assert cut("x" * 98 + family, 100) == "x" * 98
    assert cut("x" * 99 + "e\u0301", 100) == "x" * 99


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=120))
def test_what_stands_behind_a_held_name_is_put_once_and_never_cut(said: str) -> None:
    once = name_beside(said)
    assert once.endswith(" (Customer)")
    assert once.startswith(said[:80].rstrip()[:70])
    assert len(once) <= max(100, len(said))
    assert name_beside(once) == once


def test_an_inactive_entry_is_known_by_the_name_that_it_had() -> None:
    assert without_deleted(deleted("Pump")) == without_deleted("Pump") == "Pump"
