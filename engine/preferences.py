"""A company's preferences as they are kept here, and for how long they are trusted: people switch features on because a hold
asks them to, and off whenever they like. Changes when what is kept of a company's own word on itself does.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.ports import Books, BooksProfile, Clock
from engine import connections
from engine.store.engine import Store
from engine.store.scope import TenantScope

#: When they are older they are read again (three calls at most), before orders are judged and before documents go out.
TRUSTED_FOR = timedelta(minutes=10)


def refresh(
    store: Store,
    scope: TenantScope,
    company_id: int,
    books: Books,
    clock: Clock,
    *,
    older_than: timedelta = TRUSTED_FOR,
) -> BooksProfile:
    """The company's profile, read from the books and stored where what is kept is older. Raises the connector's errors."""
    with store.read() as session:
        row = connections.company_of(scope, session, id_=company_id)
    now = clock.now()
    if row.profile_read_at is not None and now - row.profile_read_at <= older_than:
        return row.profile
    profile = books.profile()
    with store.write() as session:
        connections.keep_profile(scope, session, company_id, profile, at=now)
    return profile
