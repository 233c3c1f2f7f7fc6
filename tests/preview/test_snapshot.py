"""engine/snapshot.py"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.ports import ListEntry
from engine.books_view import NEUTRAL_PROFILE
from engine.snapshot import SnapshotUnreadable, books_of, snapshot_form

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
PROFILE = replace(
    NEUTRAL_PROFILE, id="9", title="Acme", currency="CAD", features={"x": True}, closed_until="2026-01-31"
)
ENTRIES = [
    ListEntry(kind="item", id="2", name="Hats:Red", leaf="Red", data={"sku": "HAT-R"}),
    ListEntry(kind="customer", id="1", name="Jo", data={"email": "jo@example.com"}),
    ListEntry(kind="account", id="3", name="Old", active=False),
    ListEntry(kind="account", id="4", name="Gone", deleted=True),
]


def test_books_survive_the_file() -> None:
    form = json.loads(json.dumps(snapshot_form(PROFILE, ENTRIES, taken_at=AT)))
    assert (form["v"], form["taken_at"]) == (1, "2026-11-21T12:00:00+00:00")
    books = books_of(form, "x.json")
    assert books.profile == PROFILE
    assert [each.name for each in books.items_by_sku("hat-r")] == ["Hats:Red"]
    assert [each.id for each in books.named("item", "red")] == ["2"]
    assert [each.name for each in books.customers_by_email("JO@example.com")] == ["Jo"]
    assert [each.active for each in books.named("account", "Old")] == [False]
    assert list(books.named("account", "Gone")) == []


def test_the_same_books_make_the_same_file() -> None:
    assert snapshot_form(PROFILE, ENTRIES, taken_at=AT) == snapshot_form(PROFILE, ENTRIES[::-1], taken_at=AT)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ([], "x.json is no snapshot of books"),
        ({"v": 1}, "x.json is no snapshot of books"),
        ({"v": 2, "profile": {}}, "a snapshot of form 2; this program reads form 1"),
        ({"v": 1, "profile": {}}, "x.json is a broken snapshot"),
        ({"v": 1, "profile": {"id": "1", "title": "", "country": "US", "currency": "USD"}, "lists": {"item": [{}]}}, "broken"),
        ({"v": 1, "profile": {"id": "1", "title": "", "country": "US", "currency": "USD"}, "lists": {"item": 3}}, "broken"),
    ],
)  # fmt: skip
def test_what_is_no_snapshot_is_refused_in_words(form: object, said: str) -> None:
    with pytest.raises(SnapshotUnreadable) as refused:
        books_of(form, "x.json")
    assert said in str(refused.value)


def test_a_list_of_a_newer_program_is_left_aside() -> None:
    form = snapshot_form(PROFILE, ENTRIES, taken_at=AT)
    form["lists"]["robot"] = [{"id": "1", "name": "R2"}]
    form["profile"]["colour"] = "red"
    assert books_of(form, "x.json").profile == PROFILE


def test_figures_in_the_data_are_texts() -> None:
    code = ListEntry(kind="tax_code", id="1", name="MD", data={"rate": str(Decimal("6"))})
    form = json.loads(json.dumps(snapshot_form(PROFILE, [code], taken_at=AT)))
    assert books_of(form, "x").named("tax_code", "MD")[0].data["rate"] == "6"
