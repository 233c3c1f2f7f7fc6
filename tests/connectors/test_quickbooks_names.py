"""Names made acceptable, and names found: pure, said, and twice is as once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ports import ListEntry
from connectors.quickbooks import (
    Accepted,
    customer_name,
    document_number,
    find_entry,
    item_name,
    list_name,
    with_suffix,
)
from connectors.quickbooks.names import cut, without_deleted


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
def test_a_suffix_is_put_once_and_never_cut(said: str) -> None:
    once = with_suffix(said, "(customer)")
    assert once.endswith(" (customer)")
    assert len(once) <= max(100, len(said))
    assert with_suffix(once, "(customer)") == once


@pytest.mark.parametrize(
    ("said", "number"), [("1007", "1007"), (" 10 07\t", "10 07"), ("x" * 21, "x" * 21), ("x" * 22, None), ("", None)]
)
def test_a_number_is_never_cut(said: str, number: str | None) -> None:
    assert document_number(said) == number


def _item(id: str, name: str, *, active: bool = True, deleted: bool = False) -> ListEntry:
    return ListEntry(kind="item", id=id, name=name, leaf=name.rpartition(":")[2], active=active, deleted=deleted)


ITEMS = [
    _item("1", "Tools:Hammer"),
    _item("2", "Toys:Hammer"),
    _item("3", "Tools:Saw"),
    _item("4", "Pump (deleted)", active=False),
    _item("5", "Drill", deleted=True),
    _item("6", "Nail"),
    _item("7", "Tools:Nail"),
]


@pytest.mark.parametrize(
    ("name", "state", "id"),
    [
        ("Tools:Hammer", "found", "1"),
        ("tools:HAMMER ", "found", "1"),
        ("Hammer", "ambiguous", None),
        ("Saw", "found", "3"),
        ("Nail", "found", "6"),
        ("Pump", "inactive", "4"),
        ("Pump (deleted)", "inactive", "4"),
        ("Drill", "missing", None),
        ("Wrench", "missing", None),
    ],
)
def test_a_name_is_found_in_full_then_by_its_last_part(name: str, state: str, id: str | None) -> None:
    found = find_entry(name, ITEMS)
    assert found.state == state
    assert (found.entry.id if found.entry else None) == id


def test_a_new_entry_takes_the_name_of_an_inactive_one() -> None:
    found = find_entry("Pump", [*ITEMS, _item("8", "Pump")])
    assert (found.state, found.entry and found.entry.id) == ("found", "8")
    assert without_deleted("Pump (deleted)") == "Pump"
