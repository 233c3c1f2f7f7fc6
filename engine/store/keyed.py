"""Rows of records: the condition that names them, stated once. Changes when the key of a record does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, tuple_

from engine.keys import RecordKey

#: SQLite binds at most 32,766 values in a statement; a key is three.
_CHUNK = 2000


def is_record(table: Table, key: RecordKey) -> ColumnElement[bool]:
    """That a row is of this record."""
    return and_(table.c.store == key.store, table.c.kind == key.kind, table.c.source_id == key.source_id)


def are_records(table: Table, keys: Iterable[RecordKey]) -> ColumnElement[bool]:
    """That a row is of one of these records, of which there are some thousands at most (`chunks`)."""
    return tuple_(table.c.store, table.c.kind, table.c.source_id).in_(
        [(key.store, key.kind, key.source_id) for key in keys]
    )


def same_record(table: Table, other: Table) -> ColumnElement[bool]:
    """That two rows of one tenant are of the same record."""
    return and_(
        table.c.tenant_id == other.c.tenant_id,
        table.c.store == other.c.store,
        table.c.kind == other.c.kind,
        table.c.source_id == other.c.source_id,
    )


def chunks(keys: Iterable[RecordKey]) -> Iterator[list[RecordKey]]:
    """The keys, each once, in as many as one statement takes."""
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]


def key_of(row: Row[*tuple[Any, ...]]) -> RecordKey:
    """Whose row it is."""
    return RecordKey(row.store, row.kind, row.source_id)
