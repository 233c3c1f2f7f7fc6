"""How the database is opened and how transactions begin and end: changes when a database or a driver does.

It knows no table. On SQLite the driver's own way loses updates in silence (it begins no transaction for a SELECT), so
the driver is told to keep out of it: writes begin with BEGIN IMMEDIATE, reads run in deferred, read-only sessions. No
transaction may be open while a remote system is talked to: `outside_transactions` says so loudly.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError

#: One transaction. Store functions run their statements on it and never commit.
Session = Connection

BUSY_SECONDS = 30.0

_open = threading.local()


def insert_or_update(session: Session, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert for `on_conflict_do_update`, which both databases have and SQLAlchemy offers for each of them only."""
    return sqlite.insert(table) if session.dialect.name == "sqlite" else postgresql.insert(table)


class StoreUnavailable(Exception):
    """The database cannot be used just now; nothing of the transaction stayed. `next_step` is for the operator."""

    def __init__(self, message: str, *, code: str, next_step: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.next_step = next_step


class TransactionOpen(AssertionError):
    """A program error: a remote system was about to be called with a transaction open."""


def outside_transactions() -> None:
    """Raises TransactionOpen if this thread holds a transaction (called before every socket)."""
    if getattr(_open, "depth", 0):
        raise TransactionOpen("a transaction is open across a network call")


@dataclass(slots=True, weakref_slot=True, eq=False)
class Store:
    """An open database. `read()` and `write()` give one transaction each; processes may fork while none is open."""

    url: str
    _writer: Engine = field(repr=False)
    _reader: Engine = field(repr=False)

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self._writer.dialect.name

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A read-only transaction that sees one state of the data."""
        with self._transaction(self._reader) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed at the end and rolled back on any exception. Keep it short.

        Raises StoreUnavailable where the database is away, full or locked for too long.
        """
        with self._transaction(self._writer) as session:
            yield session

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Session]:
        depth = getattr(_open, "depth", 0)
        try:
            with engine.connect() as session, session.begin():
                _open.depth = depth + 1
                try:
                    yield session
                finally:
                    _open.depth = depth
        except DBAPIError as error:
            if (unavailable := _unavailable(error)) is not None:
                raise unavailable from error
            raise

    def check(self) -> None:
        """Raises StoreUnavailable unless the database answers."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def dispose(self, *, close: bool = True) -> None:
        """Let go of all connections; after a fork with close=False, for they are still the parent's."""
        self._writer.dispose(close=close)
        self._reader.dispose(close=close)


def _unavailable(error: DBAPIError) -> StoreUnavailable | None:
    said = str(error.orig).lower()
    if "disk is full" in said or "disk full" in said or "no space left" in said or "could not extend file" in said:
        return StoreUnavailable(
            "The disk that holds the database is full.",
            code="database_full",
            next_step="Free space; work then resumes.",
        )
    if "locked" in said or "busy" in said:
        return StoreUnavailable(
            "The database is busy with another program's long write.",
            code="database_busy",
            next_step="Wait a moment and try again; if it stays, look for a backup or a tool that holds the file.",
        )
    if "unable to open database file" in said or "readonly database" in said:
        return StoreUnavailable(
            "The database file cannot be opened, or cannot be written.",
            code="database_file",
            next_step="Look at CLOUDCART_DATA_DIR and CLOUDCART_DATABASE_URL: the folder has to be there, and yours to write.",
        )
    if "not a database" in said:
        return StoreUnavailable(
            "The file named as the database is something else.",
            code="not_a_database",
            next_step="Look at CLOUDCART_DATABASE_URL and CLOUDCART_DATA_DIR.",
        )
    if error.connection_invalidated or isinstance(error, OperationalError):
        return StoreUnavailable(
            "The database does not answer.", code="database_away", next_step="Check that the database server runs."
        )
    return None


_stores: weakref.WeakSet[Store] = weakref.WeakSet()


def _forked() -> None:
    _open.depth = 0
    for store in list(_stores):
        store.dispose(close=False)


os.register_at_fork(after_in_child=_forked)


def open_store(database_url: str, *, busy_seconds: float = BUSY_SECONDS) -> Store:
    """Open a database (`sqlite:///FILE` or `postgresql://…`, through psycopg 3) whose tables `migrate` has made."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        store = Store(
            database_url,
            _sqlite(database_url, begin="BEGIN IMMEDIATE", busy_seconds=busy_seconds),
            _sqlite(database_url, begin="BEGIN DEFERRED", busy_seconds=busy_seconds, read_only=True),
        )
    else:
        writer = create_engine(url, pool_pre_ping=True, pool_size=5, connect_args={"connect_timeout": 10})

        @event.listens_for(writer, "connect")
        def _connected(connection: Any, _record: object) -> None:
            # What is said to be stored before a socket is touched must be stored, whatever the server's own setting.
            with connection.cursor() as cursor:
                cursor.execute("SET synchronous_commit = on")
            connection.commit()

        reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        store = Store(database_url, writer, reader)
    _stores.add(store)
    return store


def _sqlite(database_url: str, *, begin: str, busy_seconds: float, read_only: bool = False) -> Engine:
    if make_url(database_url).database in (None, "", ":memory:"):
        raise ValueError("the database must be a file: several processes share it")
    engine = create_engine(database_url, pool_size=5, connect_args={"timeout": busy_seconds})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        pragmas = [
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={int(busy_seconds * 1000)}",
        ]
        if read_only:
            pragmas.append("query_only=ON")
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(session: Connection) -> None:
        session.exec_driver_sql(begin)

    return engine
