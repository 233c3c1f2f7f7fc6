"""A snapshot of the books as one JSON file: what `cloudcart books NAME` writes and `--books` reads. Pure but for `take`.

Form 1: `{"v": 1, "form": "books", "taken": …, "company": {…}, "lists": {kind: [entry, …]}}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Protocol, get_args

from connectors.ports import BooksProfile, ListEntry, ListKind

FORM = 1
KINDS: tuple[ListKind, ...] = get_args(ListKind)


class _Readable(Protocol):
    def profile(self) -> BooksProfile: ...

    def lists(self, kinds: Sequence[ListKind]) -> Iterable[ListEntry]: ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a snapshot holds."""

    profile: BooksProfile
    entries: tuple[ListEntry, ...]
    taken: str = ""


def take(books: _Readable, now: datetime, kinds: Sequence[ListKind] = KINDS) -> dict[str, Any]:
    """Read company and lists, and give them as plain JSON."""
    return write(Snapshot(books.profile(), tuple(books.lists(kinds)), now.astimezone(UTC).isoformat("T", "seconds")))


def write(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot as plain JSON, entries in the order of kind and name."""
    lists: dict[str, list[dict[str, Any]]] = {}
    for entry in sorted(snapshot.entries, key=lambda held: (held.kind, held.name.casefold(), len(held.id), held.id)):
        plain = {name: value for name, value in asdict(entry).items() if name not in ("kind", "deleted")}
        lists.setdefault(entry.kind, []).append(plain)
    return {
        "v": FORM,
        "form": "books",
        "taken": snapshot.taken,
        "company": asdict(snapshot.profile),
        "lists": lists,
    }


def read(held: Mapping[str, Any]) -> Snapshot:
    """What `write` gave. Raises ValueError, in words, for anything else."""
    if not isinstance(held, Mapping) or held.get("form") != "books":
        raise ValueError("this is no snapshot of books: write one with 'cloudcart books NAME'")
    if held.get("v") != FORM:
        raise ValueError(f"this snapshot has form {held.get('v')}; this program reads form {FORM}: write it anew")
    company, lists = held.get("company"), held.get("lists", {})
    if not isinstance(company, Mapping) or not isinstance(lists, Mapping):
        raise ValueError("the snapshot lacks its company or its lists: write it anew with 'cloudcart books NAME'")
    entries = []
    for kind, rows in lists.items():
        if kind not in KINDS or not isinstance(rows, list):
            raise ValueError(f"the snapshot has an unknown list '{kind}'")
        entries += [_made(ListEntry, {**row, "kind": kind}) for row in rows]
    return Snapshot(_made(BooksProfile, company), tuple(entries), str(held.get("taken", "")))


def _made(form: type[Any], held: Mapping[str, Any]) -> Any:
    known = {item.name: item for item in fields(form)}
    missing = [
        name
        for name, item in known.items()
        if name not in held and item.default is MISSING and item.default_factory is MISSING
    ]
    if missing:
        raise ValueError(f"the snapshot lacks {', '.join(missing)} in '{held.get('name') or held.get('title') or '?'}'")
    return form(**{name: value for name, value in held.items() if name in known})
