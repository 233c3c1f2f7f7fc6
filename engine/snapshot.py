"""Books in a file, as `cloudcart books` writes them and previews read them: the company and its lists, form 1.

Nobody is called; a snapshot is as old as its `taken_at` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from connectors.ports import BooksProfile, ListEntry, ListKind
from engine.books_view import ListedBooks
from engine.connections import books_profile_form, books_profile_of

FORM = 1
_KINDS = frozenset(get_args(ListKind))


class SnapshotUnreadable(Exception):
    """A file that is no snapshot of books, or one of a newer program; in words."""


def snapshot_form(profile: BooksProfile, entries: Iterable[ListEntry], *, taken_at: datetime) -> dict[str, Any]:
    """`{"v":1,"taken_at","profile":{…},"lists":{"account":[{"id","name","leaf","active","data"}],…}}`."""
    lists: dict[str, list[dict[str, Any]]] = {}
    for entry in sorted(entries, key=lambda each: (each.kind, each.name, each.id)):
        if not entry.deleted:
            lists.setdefault(entry.kind, []).append(
                {
                    "id": entry.id,
                    "name": entry.name,
                    "leaf": entry.leaf,
                    "active": entry.active,
                    "data": dict(entry.data),
                }
            )
    return {
        "v": FORM,
        "taken_at": taken_at.astimezone(UTC).isoformat(timespec="seconds"),
        "profile": books_profile_form(profile),
        "lists": lists,
    }


def books_of(form: Any, file: str) -> ListedBooks:
    """The view of books that a snapshot holds. Raises SnapshotUnreadable."""
    if not isinstance(form, Mapping) or not isinstance(form.get("profile"), Mapping):
        raise SnapshotUnreadable(f"{file} is no snapshot of books; `cloudcart books NAME` writes one.")
    if form.get("v") != FORM:
        raise SnapshotUnreadable(f"{file} is a snapshot of form {form.get('v')}; this program reads form {FORM}.")
    lists = form.get("lists")
    try:
        profile = books_profile_of(form["profile"])
        entries = [
            ListEntry(
                kind=kind,
                id=str(each["id"]),
                name=str(each["name"]),
                leaf=str(each.get("leaf") or ""),
                active=bool(each.get("active", True)),
                data=dict(each.get("data") or {}),
            )
            for kind, listed in (lists.items() if isinstance(lists, Mapping) else ())
            if kind in _KINDS
            for each in listed
        ]
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise SnapshotUnreadable(f"{file} is a broken snapshot of books ({error!r}); make it anew.") from error
    return ListedBooks(profile, entries)
