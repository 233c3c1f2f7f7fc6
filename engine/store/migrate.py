"""Brings a database to the form this program knows: changes with how migrations are run, not with what they do.

Run in-process, by every command that opens the database for the first time, and by `cloudcart migrate`. Two processes
may start it at once: one works, the other waits and finds nothing to do.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from engine.store.engine import StoreUnavailable

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x0C10_0DCA


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def head() -> str:
    """The revision that this program needs."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def is_known(revision: str | None) -> bool:
    """Whether this program knows the form; one that it does not know was made by a newer program."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    return revision is None or revision in known


def revision_of(database_url: str) -> str | None:
    """The revision a database is at; missing for an empty one."""
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(database_url: str) -> bool:
    """Bring the database to `head`; says whether anything was to do. Everything happens in one transaction.

    StoreUnavailable for a database that a newer program has brought to its own form: it is left alone.
    """
    url = make_url(database_url)
    is_sqlite = url.get_backend_name() == "sqlite"
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": 60} if is_sqlite else {})
    if is_sqlite:
        # Tables are changed by copying them, for which foreign keys must be off; they are checked before the commit.
        @event.listens_for(engine, "connect")
        def _connected(connection: sqlite3.Connection, _record: object) -> None:
            connection.isolation_level = None
            connection.execute("PRAGMA journal_mode=WAL")

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    config = _config()
    with engine.connect() as connection, connection.begin():
        if not is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        before = MigrationContext.configure(connection).get_current_revision()
        if before == head():
            return False
        if not is_known(before):
            raise StoreUnavailable(
                f"The database is at form {before}, and this program knows forms up to {head()}.",
                code="newer_database",
                next_step="Use the newer program that has brought it there, or a backup from before.",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
            raise RuntimeError(f"the migration left rows without their parents: {broken[:3]}")
        return True
