"""The lists of the books (customers, items, accounts, …) as they are kept here, so that matching costs no call.

Changes when what is kept of a list, or how it is kept fresh, does. What matches what is decided elsewhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

from sqlalchemy import func, insert, select, update

from connectors.errors import Rejected
from connectors.ports import Books, Clock, ListEntry, ListKind, Posted
from engine import sightings
from engine.faults import fault
from engine.store.engine import Session, Store
from engine.store.scope import TenantScope
from engine.store.tables import company, list_entry

KINDS: tuple[ListKind, ...] = get_args(ListKind)
#: QuickBooks' change data capture says nothing of these; they are loaded anew when they are old.
UNTRACKED: tuple[ListKind, ...] = ("tax_code", "tax_rate")
TRACKED: tuple[ListKind, ...] = tuple(kind for kind in KINDS if kind not in UNTRACKED)
#: Documents whose changes are told in the same call: ours among them that the ledger does not know are noted.
DOCUMENTS = ("Invoice", "SalesReceipt", "Payment", "Estimate", "CreditMemo", "RefundReceipt")
#: Changes are asked for from a little before the last answer: the two clocks differ.
_OVERLAP = timedelta(minutes=2)
_RELOAD_UNTRACKED_AFTER = timedelta(hours=24)


def fold(name: str) -> str:
    """A name as it is compared: NFC, case folded, trimmed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).strip()


class Lists:
    """The kept lists of one company, in memory, read from the store once and then only what changed. Never calls the
    books. `version` moves whenever an entry does."""

    def __init__(self, store: Store, scope: TenantScope, company_id: int) -> None:
        self._store = store
        self._scope = scope
        self._company_id = company_id
        self.version = 0
        self._by_id: dict[tuple[str, str], ListEntry] = {}
        self._by_name: dict[tuple[str, str], list[ListEntry]] = {}
        self._by_leaf: dict[tuple[str, str], list[ListEntry]] = {}

    def renew(self) -> bool:
        """Read what changed in the store since the last time; says whether anything did."""
        with self._store.read() as session:
            return self.renew_in(session)

    def renew_in(self, session: Session) -> bool:
        """`renew` in a transaction that is open already."""
        rows = session.execute(
            select(list_entry)
            .where(
                self._scope.of(list_entry),
                list_entry.c.company_id == self._company_id,
                list_entry.c.version > self.version,
            )
            .order_by(list_entry.c.version)
        ).all()
        for row in rows:
            self._take(
                ListEntry(
                    kind=row.kind,
                    id=row.remote_id,
                    name=row.name,
                    leaf=row.leaf,
                    active=row.active,
                    sync_token=row.sync_token,
                    data=row.data,
                    deleted=row.deleted,
                )
            )
            self.version = row.version
        return bool(rows)

    def _take(self, entry: ListEntry) -> None:
        place = (entry.kind, entry.id)
        old = self._by_id.get(place)
        if old is not None:
            for index, name in ((self._by_name, old.name), (self._by_leaf, old.leaf or old.name)):
                same = index[old.kind, fold(name)]
                same[:] = [held for held in same if held.id != old.id]
        self._by_id[place] = entry
        self._by_name.setdefault((entry.kind, fold(entry.name)), []).append(entry)
        self._by_leaf.setdefault((entry.kind, fold(entry.leaf or entry.name)), []).append(entry)

    def all(self, kind: ListKind) -> list[ListEntry]:
        """All entries of a list, inactive ones too, deleted ones not."""
        return [entry for (of, _), entry in self._by_id.items() if of == kind and not entry.deleted]

    def entry(self, kind: ListKind, id: str) -> ListEntry | None:
        """The entry with that id in the books."""
        found = self._by_id.get((kind, id))
        return None if found is None or found.deleted else found

    def named(self, kind: ListKind, name: str) -> list[ListEntry]:
        """Entries of that name (full, `Parent:Child`), whatever their case, active ones first."""
        found = [entry for entry in self._by_name.get((kind, fold(name)), ()) if not entry.deleted]
        return sorted(found, key=lambda entry: not entry.active)

    def one(self, kind: ListKind, name: str) -> ListEntry | None:
        """The active entry of that full name, or the only active one whose last part it is."""
        for entry in self.named(kind, name):
            if entry.active:
                return entry
        leaves = [e for e in self._by_leaf.get((kind, fold(name)), ()) if e.active and not e.deleted]
        return leaves[0] if len(leaves) == 1 else None

    def list_id(self, kind: ListKind, name: str) -> str:
        """The id of the entry that `one` finds; raises KeyError with the name."""
        found = self.one(kind, name)
        if found is None:
            raise KeyError(name)
        return found.id


def load(
    store: Store,
    scope: TenantScope,
    company_id: int,
    books: Books,
    clock: Clock,
    kinds: Sequence[ListKind] = KINDS,
) -> int:
    """Read whole lists from the books; what is no longer there counts as deleted. Says how many entries there are."""
    began = clock.now()
    entries = list(books.lists(kinds))
    fault("lists.refreshing")
    with store.write() as session:
        seen = {(entry.kind, entry.id) for entry in entries}
        known = session.execute(
            select(list_entry).where(
                scope.of(list_entry), list_entry.c.company_id == company_id, list_entry.c.kind.in_(kinds)
            )
        ).all()
        gone = [
            ListEntry(kind=row.kind, id=row.remote_id, name=row.name, leaf=row.leaf, active=False, deleted=True)
            for row in known
            if (row.kind, row.remote_id) not in seen and not row.deleted
        ]
        remember(scope, session, company_id, [*entries, *gone])
        values: dict[str, Any] = {"lists_loaded_at": began}
        if set(TRACKED) <= set(kinds):
            values["lists_since"] = began
        session.execute(update(company).where(scope.of(company), company.c.id == company_id).values(values))
    fault("lists.refreshed")
    return len(entries)


def refresh(
    store: Store,
    scope: TenantScope,
    company_id: int,
    books: Books,
    clock: Clock,
    *,
    older_than: float = 300.0,
) -> None:
    """Bring the lists up to date: loaded whole the first time, or when the books can no longer tell what changed;
    else only the changes, and only if the last look is `older_than` seconds old."""
    now = clock.now()
    with store.read() as session:
        row = session.execute(
            select(company.c.lists_since, company.c.lists_loaded_at).where(
                scope.of(company), company.c.id == company_id
            )
        ).one()
    since: datetime | None = row.lists_since
    if since is None:
        load(store, scope, company_id, books, clock)
        return
    if now - since < timedelta(seconds=older_than):
        return
    try:
        changes = list(books.changes(TRACKED, since - _OVERLAP, documents=DOCUMENTS))
    except Rejected as error:
        if error.code != "changes_too_old":
            raise
        load(store, scope, company_id, books, clock)
        return
    fault("lists.refreshing")
    with store.write() as session:
        remember(scope, session, company_id, [entry for entry in changes if isinstance(entry, ListEntry)])
        sightings.note(scope, session, company_id, [found for found in changes if isinstance(found, Posted)], at=now)
        session.execute(update(company).where(scope.of(company), company.c.id == company_id).values(lists_since=now))
    fault("lists.refreshed")
    if row.lists_loaded_at is None or now - row.lists_loaded_at > _RELOAD_UNTRACKED_AFTER:
        load(store, scope, company_id, books, clock, UNTRACKED)


def remember(scope: TenantScope, session: Session, company_id: int, entries: Iterable[ListEntry]) -> None:
    """Keep these entries as they are now; unchanged ones move nothing."""
    latest = {(entry.kind, entry.id): entry for entry in entries}
    if not latest:
        return
    session.execute(
        select(company.c.id).where(scope.of(company), company.c.id == company_id).with_for_update(key_share=True)
    )
    known: dict[tuple[str, str], Mapping[str, Any]] = {}
    for kind in {kind for kind, _ in latest}:
        where = [scope.of(list_entry), list_entry.c.company_id == company_id, list_entry.c.kind == kind]
        ids = [id_ for of, id_ in latest if of == kind]
        if len(ids) <= 500:  # a batch of new names must not read the whole list
            where.append(list_entry.c.remote_id.in_(ids))
        rows = session.execute(select(list_entry).where(*where))
        known.update({(row.kind, row.remote_id): row._mapping for row in rows})
    version: int = session.execute(
        select(func.coalesce(func.max(list_entry.c.version), 0)).where(
            scope.of(list_entry), list_entry.c.company_id == company_id
        )
    ).scalar_one()
    fresh = []
    for place, entry in latest.items():
        values = {
            "name": entry.name,
            "leaf": entry.leaf or entry.name,
            "active": entry.active,
            "deleted": entry.deleted,
            "sync_token": entry.sync_token,
            "data": dict(entry.data),
        }
        old = known.get(place)
        if old is not None and entry.deleted:
            values |= {"name": old["name"], "leaf": old["leaf"], "data": old["data"], "active": False}
        if old is not None and all(old[name] == value for name, value in values.items()):
            continue
        version += 1
        values["version"] = version
        if old is None:
            fresh.append(
                {
                    "tenant_id": scope.tenant_id,
                    "company_id": company_id,
                    "kind": entry.kind,
                    "remote_id": entry.id,
                    **values,
                }
            )
        else:
            session.execute(update(list_entry).where(scope.of(list_entry), list_entry.c.id == old["id"]).values(values))
    if fresh:
        session.execute(insert(list_entry), fresh)
    session.execute(update(company).where(scope.of(company), company.c.id == company_id).values(lists_version=version))
