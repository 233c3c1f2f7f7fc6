"""engine/snapshot.py"""

import json
from dataclasses import replace

import pytest

from connectors.ports import ListEntry
from connectors.quickbooks import Snapshot, write_snapshot
from engine import snapshot
from engine.books_view import NEUTRAL_PROFILE
from engine.snapshot import SnapshotUnreadable

PROFILE = replace(
    NEUTRAL_PROFILE, id="9", title="Acme", currency="CAD", features={"x": True}, closed_until="2026-01-31"
)
ENTRIES = (
    ListEntry(kind="item", id="2", name="Hats:Red", leaf="Red", data={"sku": "HAT-R"}),
    ListEntry(kind="customer", id="1", name="Jo", data={"email": "jo@example.com"}),
    ListEntry(kind="account", id="3", name="Old", active=False),
    ListEntry(kind="term", id="4", name="Net 30"),
    ListEntry(kind="department", id="5", name="East"),
)


@pytest.fixture
def held() -> Snapshot:
    return snapshot.read(json.loads(json.dumps(write_snapshot(Snapshot(PROFILE, ENTRIES)))), "x.json")


def test_matching_sees_the_books_of_the_file(held: Snapshot) -> None:
    books = snapshot.view(held)
    assert books.profile == PROFILE
    assert [each.name for each in books.items_by_sku("hat-r")] == ["Hats:Red"]
    assert [each.id for each in books.named("item", "red")] == ["2"]
    assert [each.name for each in books.customers_by_email("JO@example.com")] == ["Jo"]
    assert [each.active for each in books.named("account", "Old")] == [False]


def test_the_checker_sees_the_same_names_under_the_languages_words(held: Snapshot) -> None:
    books = snapshot.checked_books(held)
    assert books.has("terms", "net 30")
    assert books.has("location", "East")
    assert books.has("item", "Red")
    assert not books.has("account", "Old")
    assert books.switched_off("account", "old")


@pytest.mark.parametrize(
    "form",
    [[], 3, {"v": 1}, {"form": "books", "v": 2}, {"form": "books", "v": 1}, {"form": "books", "v": 1, "company": {}}],
)
def test_what_is_no_snapshot_is_refused_with_the_files_name(form: object) -> None:
    with pytest.raises(SnapshotUnreadable, match=r"^x\.json: \w+"):
        snapshot.read(form, "x.json")
