"""The lists of the books (customers, items, accounts, …) as they are kept here, so that matching costs no call.

Changes when what is kept of a list, or how it is kept fresh, does. What matches what is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

from sqlalchemy import func, insert, select, update

from connectors.errors import Rejected
from connectors.ports import Books, BooksProfile, Clock, ListEntry, ListKind, Posted
from engine.books_view import ListedBooks
from engine.faults import fault
from engine.posting import sightings
from engine.store.engine import Session, Store
from engine.store.scope import TenantScope
from engine.store.tables import company, list_entry

KINDS: tuple[ListKind, ...] = get_args(ListKind)
#: QuickBooks' change data capture says nothing of these; they are loaded anew when they are old.
UNTRACKED: tuple[ListKind, ...] = ("tax_code", "tax_rate")
TRACKED: tuple[ListKind, ...] = tuple(kind for kind in KINDS if kind not in UNTRACKED)
#: Documents whose changes are told in the same call: ours among them that the ledger does not know are noted.
DOCUMENTS = ("Invoice", "SalesReceipt", "Payment", "Estimate", "CreditMemo", "RefundReceipt")
#: Lists and documents are asked for changes before posting when the last look is older (seconds): a program that was away
#: does not know what stands.
TRUSTED_FOR = 900.0
#: Changes are asked for from a little before the last answer: the two clocks differ.
_OVERLAP = timedelta(minutes=2)
_RELOAD_UNTRACKED_AFTER = timedelta(hours=24)


class Lists(ListedBooks):
    """The kept lists of one company, in memory, read from the store once and then only what changed. Never calls the
    books. `version` moves whenever an entry does. With the company's profile it is what matching sees."""

    def __init__(self, store: Store, scope: TenantScope, company_id: int, profile: BooksProfile | None = None) -> None:
        super().__init__(profile)
        self._store = store
        self._scope = scope
        self._company_id = company_id
        self.version = 0

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
            self.put(
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


def were_read(scope: TenantScope, session: Session, company_id: int) -> bool:
    """Whether the lists of a company have been read from the books, ever."""
    since = session.execute(
        select(company.c.lists_since).where(scope.of(company), company.c.id == company_id)
    ).scalar_one()
    return since is not None


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


def distrust(store: Store, *, at: datetime) -> None:
    """A process that begins does not know what happened while it was away: somebody may have put a backup back that is
    minutes old. Of all companies whose lists were read, the changes of the last `TRUSTED_FOR` are asked for once more
    before anything is posted."""
    before = at - timedelta(seconds=TRUSTED_FOR)
    with store.write() as session:
        session.execute(
            update(company)
            .where(company.c.lists_since > before)
            .values(lists_since=before)
            .execution_options(cross_tenant=True)
        )


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
