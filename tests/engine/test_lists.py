"""engine/lists.py: the books' lists are kept here and kept fresh in few calls."""

from __future__ import annotations

import pytest

from connectors.errors import Rejected
from connectors.ports import ListEntry
from engine import lists
from engine.lists import Lists
from tests.engine.conftest import Company


def _kept(acme: Company) -> Lists:
    kept = Lists(acme.store, acme.scope, acme.id)
    kept.renew()
    return kept


def _refresh(acme: Company, older_than: float = 300.0) -> None:
    lists.refresh(acme.store, acme.scope, acme.id, acme.books, acme.clock, older_than=older_than)


def test_a_fresh_list_costs_no_call_and_an_old_one_only_its_changes(acme: Company) -> None:
    _refresh(acme)
    assert acme.books.counts == {}

    acme.clock.advance(301)
    bob = acme.books.add_entry("customer", "Bob")
    _refresh(acme)

    assert acme.books.counts == {"changes": 1}
    assert _kept(acme).list_id("customer", " BOB ") == bob.id


def test_a_reader_that_renews_takes_only_what_changed(acme: Company) -> None:
    kept = _kept(acme)
    before = kept.version
    assert not kept.renew()

    with acme.store.write() as session:
        entry = ListEntry(kind="customer", id="99", name="Zoe", leaf="Zoe")
        lists.remember(acme.scope, session, acme.id, [entry])
        lists.remember(acme.scope, session, acme.id, [entry])

    assert kept.renew()
    assert kept.version == before + 1
    assert kept.list_id("customer", "Zoe") == "99"


def test_a_renamed_entry_is_found_by_its_new_name_only(acme: Company) -> None:
    kept = _kept(acme)
    amy = kept.list_id("customer", "Amy")
    with acme.store.write() as session:
        lists.remember(acme.scope, session, acme.id, [ListEntry(kind="customer", id=amy, name="Amy B", leaf="Amy B")])
    kept.renew()

    assert kept.named("customer", "Amy") == []
    assert kept.list_id("customer", "amy b") == amy


def test_what_a_full_load_does_not_find_any_more_counts_as_deleted(acme: Company) -> None:
    del acme.books.documents["Customer", "1"]
    lists.load(acme.store, acme.scope, acme.id, acme.books, acme.clock)

    kept = _kept(acme)
    assert kept.named("customer", "Amy") == []
    assert kept.entry("customer", "1") is None
    assert kept.list_id("item", "Hat") == "2"


def test_lists_are_loaded_anew_when_the_books_cannot_tell_the_changes_any_more(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_old(*_: object, **__: object) -> None:
        raise Rejected("Older than 30 days.", code="changes_too_old")

    monkeypatch.setattr(acme.books, "changes", too_old)
    acme.books.add_entry("customer", "Bob")
    acme.clock.advance(40 * 86400)
    _refresh(acme)

    assert _kept(acme).list_id("customer", "Bob")
    assert acme.books.counts == {"query": 1}


def test_an_inactive_entry_is_known_but_not_used(acme: Company) -> None:
    acme.books.add_entry("customer", "Bob", active=False)
    lists.load(acme.store, acme.scope, acme.id, acme.books, acme.clock)

    kept = _kept(acme)
    assert kept.one("customer", "Bob") is None
    assert [entry.active for entry in kept.named("customer", "Bob")] == [False]
