"""Books in a file, seen by matching and by the checker; the form of the file is the connector's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.ports import ListEntry, ListKind
from connectors.quickbooks import Snapshot, read_snapshot
from connectors.quickbooks import snapshot as take_snapshot
from dsl.books import BooksSnapshot
from engine import connections
from engine.books_view import ListedBooks
from engine.lists import KINDS
from engine.systems import Office, open_books

#: A list of the books -> what the language calls it, where the two differ.
_WORDS: Mapping[ListKind, str] = {"department": "location", "term": "terms"}


class SnapshotUnreadable(Exception):
    """A file that is no snapshot of books, or one of another form; in words."""


def read(form: Any, file: str) -> Snapshot:
    """The snapshot that a JSON value holds. Raises SnapshotUnreadable."""
    try:
        return read_snapshot(form)
    except (ValueError, TypeError, AttributeError) as error:
        raise SnapshotUnreadable(f"{file}: {error}") from error


def view(snapshot: Snapshot) -> ListedBooks:
    """The books as matching sees them."""
    return ListedBooks(snapshot.profile, snapshot.entries)


def checked_books(snapshot: Snapshot) -> BooksSnapshot:
    """The names of the books as the checker sees them, by the language's word for each list."""
    return checked_entries(snapshot.entries, snapshot.profile.currency)


def checked_entries(entries: Iterable[ListEntry], currency: str = "") -> BooksSnapshot:
    """`checked_books` of entries at hand. All lists were read: one without entries is an empty list.

    `currency` is that of the company, where it is known.
    """
    names: dict[str, list[str]] = {_WORDS.get(kind, kind): [] for kind in KINDS}
    inactive: dict[str, list[str]] = defaultdict(list)
    types: dict[str, dict[str, str]] = defaultdict(dict)
    currencies: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in entries:
        word = _WORDS.get(entry.kind, entry.kind)
        (names if entry.active else inactive)[word].append(entry.name)
        for known, key in ((types, "type"), (currencies, "currency")):
            if entry.active and isinstance(said := entry.data.get(key), str) and said:
                known[word][entry.name] = said
    return BooksSnapshot(
        names={kind: tuple(held) for kind, held in names.items()},
        inactive={kind: tuple(held) for kind, held in inactive.items()},
        types=dict(types),
        currencies=dict(currencies),
        currency=currency,
    )


def take(office: Office, name: str) -> dict[str, Any]:
    """The books behind a connection, read now, as the JSON that a file holds.

    Raises UnknownConnection and the connector's errors.
    """
    with office.store.read() as session:
        row = connections.named(office.scope, session, name)
        company = connections.company_of(office.scope, session, connection_id=row.id)
    books = open_books(office, company)
    try:
        return take_snapshot(books, office.clock.now())
    finally:
        books.close()


__all__ = ["Snapshot", "SnapshotUnreadable", "checked_books", "read", "take", "view"]
