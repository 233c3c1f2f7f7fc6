"""Databases at the newest form for tests about something else: the steps run once, then the result is copied.

It must not know what a migration does. Tests about migrating call `engine.store.migrate` themselves.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import make_url

from engine.store.migrate import migrate


def migrated(database_url: str) -> None:
    """Bring a database to the newest form; a SQLite file that is not there yet becomes a copy of a migrated one."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        Path(url.database).write_bytes(_empty_store())
    else:
        migrate(database_url)


@cache
def _empty_store() -> bytes:
    """A SQLite file at the newest form. Its last connection is closed: nothing of it is left beside it in a log."""
    with tempfile.TemporaryDirectory(prefix="cc-migrated-") as folder:
        file = Path(folder) / "store.sqlite3"
        migrate(f"sqlite:///{file}")
        assert not file.with_name("store.sqlite3-wal").exists()
        return file.read_bytes()
