"""engine/store: what is stored comes back as it was, nobody overwrites another, and tenants cannot reach each other."""

from __future__ import annotations

import multiprocessing
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, MetaData, Table, create_engine, delete, insert, select, text, update
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine.ids import new_uid
from engine.posting import states
from engine.posting.operations import TRANSITIONS, ForbiddenTransition, State
from engine.store import Store, open_store, tables
from engine.store.engine import StoreUnavailable
from engine.store.migrate import head, migrate, revision_of
from engine.store.types import Json, Moment, Money
from tests.engine.conftest import Company, make_company

VALUES: tuple[Any, ...] = (
    {"amount": Decimal("12345678901234.5678"), "text": "quotes \" and ' and \\ and \u0000 and emoji 🎩 and مرحبا"},
    {"lone surrogate": "\ud800", "nested": [{"deep": [Decimal("-0.10"), None, True, 1, 2.5]}]},
    [],
    "text",
)


def test_a_migrated_database_has_the_form_that_the_tables_say(database_url: str) -> None:
    assert migrate(database_url)
    assert not migrate(database_url)

    assert revision_of(database_url) == head()
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def _migrate(url: str) -> bool:
    return migrate(url)


def test_two_processes_may_migrate_at_once(database_url: str) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert sorted(pool.map(_migrate, [database_url, database_url])) == [False, True]


def test_every_table_key_and_foreign_key_carries_the_tenant() -> None:
    for table in tables.metadata.tables.values():
        if table.name == "tenant":
            continue
        assert "tenant_id" in table.c, table.name
        for constraint in table.constraints:
            columns = [column.name for column in getattr(constraint, "columns", ())]
            kind = type(constraint).__name__
            if kind in ("UniqueConstraint", "ForeignKeyConstraint"):
                assert "tenant_id" in columns, (table.name, columns)
        for index in table.indexes:
            if index.unique and index.name != "uq_company_live":
                assert "tenant_id" in [column.name for column in index.columns], index.name


def test_money_moments_and_data_come_back_exactly(store: Store) -> None:
    table = Table("tried", MetaData(), Column("money", Money), Column("at", Moment), Column("data", Json))
    plus13 = timezone(timedelta(hours=13))
    at = datetime(2026, 12, 31, 23, 59, 59, 123456, tzinfo=plus13)
    with store.write() as session:
        table.create(session)
        for value in VALUES:
            session.execute(insert(table).values(money=Decimal("12345678901234.5678"), at=at, data=value))
    with store.read() as session:
        rows = session.execute(select(table)).all()

    assert [row.data for row in rows] == list(VALUES)
    assert {row.money for row in rows} == {Decimal("12345678901234.5678")}
    assert {row.at for row in rows} == {at}
    assert rows[0].at.tzinfo is UTC or rows[0].at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("bad", [1.5, 3, "4"])
def test_money_is_never_anything_but_decimal(bad: Any) -> None:
    with pytest.raises(TypeError):
        Money().process_bind_param(bad, SQLiteDialect())


def test_a_moment_without_a_zone_cannot_be_stored() -> None:
    with pytest.raises(ValueError, match="zone"):
        Moment().process_bind_param(datetime.fromisoformat("2026-01-01"), SQLiteDialect())


def _count_up(url: str, times: int) -> None:
    store = open_store(url)
    for _ in range(times):
        with store.write() as session:
            before = session.execute(
                text("SELECT n FROM counter FOR UPDATE" if "postgresql" in url else "SELECT n FROM counter")
            )
            session.execute(text("UPDATE counter SET n = :n"), {"n": before.scalar_one() + 1})
    store.dispose()


def test_four_processes_that_read_and_write_lose_no_update(database_url: str) -> None:
    store = open_store(database_url)
    with store.write() as session:
        session.execute(text("CREATE TABLE counter (n INTEGER)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_count_up, args=(database_url, 50)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with store.read() as session:
        assert session.execute(text("SELECT n FROM counter")).scalar_one() == 200
    store.dispose()


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises((DBAPIError, StoreUnavailable)), store.read() as session:
        session.execute(text("CREATE TABLE nothing (n INTEGER)"))


def test_a_child_cannot_point_at_another_tenants_parent(acme: Company) -> None:
    other = make_company(acme.store, tenant_name="two")
    values = {
        "tenant_id": other.scope.tenant_id,
        "company_id": acme.id,
        "kind": "customer",
        "remote_id": "1",
        "name": "n",
        "data": {},
        "version": 1,
    }
    with pytest.raises(IntegrityError), acme.store.write() as session:
        session.execute(insert(tables.list_entry).values(**values))


def test_a_company_is_live_in_one_tenant_only(acme: Company) -> None:
    other = make_company(acme.store, tenant_name="two")
    with acme.store.read() as session:
        identity = session.execute(select(tables.company.c.identity).where(acme.scope.of(tables.company))).scalar_one()
    with pytest.raises(IntegrityError), acme.store.write() as session:
        session.execute(update(tables.company).where(other.scope.of(tables.company)).values(identity=identity))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("operation", "state"),
        ("operation", "action"),
        ("send", "state"),
        ("connection", "state"),
        ("decision", "outcome"),
    ],
)
def test_the_database_itself_knows_the_states(acme: Company, table: str, column: str) -> None:
    checks = [str(c.sqltext) for c in tables.metadata.tables[table].constraints if hasattr(c, "sqltext")]

    assert any(check.startswith(f"{column} IN (") for check in checks)
    acme.plan(acme.create("1"))
    with pytest.raises(IntegrityError), acme.store.write() as session:
        session.execute(update(tables.operation).where(acme.scope.of(tables.operation)).values({"state": "nonsense"}))


def test_the_database_refuses_a_second_create_in_a_slot(acme: Company) -> None:
    """Whatever a program error may try: the unique key holds while the first one may still reach the books."""
    acme.plan(acme.create("1"))
    with acme.store.read() as session:
        row = session.execute(select(tables.operation).where(acme.scope.of(tables.operation))).one()._mapping
    copy = {name: value for name, value in row.items() if name != "id"}
    with pytest.raises(IntegrityError), acme.store.write() as session:
        session.execute(insert(tables.operation).values({**copy, "uid": new_uid(), "state": "held"}))


@pytest.mark.parametrize("before", list(TRANSITIONS))
@pytest.mark.parametrize("after", list(TRANSITIONS))
def test_an_operation_goes_only_where_the_table_of_transitions_says(before: State, after: State) -> None:
    if after in TRANSITIONS[before]:
        states._assert_allowed(before, after)
    else:
        with pytest.raises(ForbiddenTransition):
            states._assert_allowed(before, after)


def test_every_state_of_an_operation_has_its_row_in_the_table_of_transitions() -> None:
    assert set(TRANSITIONS) == set(tables.OPERATION_STATES)


def test_every_state_but_the_good_end_and_the_replaced_can_be_left() -> None:
    assert {state for state, after in TRANSITIONS.items() if not after} == {"done", "superseded"}


def test_uids_are_ordered_by_time_and_different() -> None:
    uids = [new_uid() for _ in range(2000)]

    assert len(set(uids)) == 2000
    assert [uid[:13] for uid in uids] == sorted(uid[:13] for uid in uids)
    assert {uid[14] for uid in uids} == {"7"}
    assert {uid[19] for uid in uids} <= set("89ab")


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="file"):
        open_store("sqlite://")


def test_foreign_keys_and_durability_are_on(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    migrate(url)
    store = open_store(url)
    with store.write() as session:
        assert session.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert session.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert session.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    store.dispose()
    assert sqlite3.connect(tmp_path / "store.sqlite3").execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_rolled_back_transaction_leaves_nothing(acme: Company) -> None:
    def dies() -> None:
        with acme.store.write() as session:
            session.execute(delete(tables.list_entry).where(acme.scope.of(tables.list_entry)))
            raise KeyError

    with pytest.raises(KeyError):
        dies()

    with acme.store.read() as session:
        assert session.execute(select(tables.list_entry).where(acme.scope.of(tables.list_entry))).all()
