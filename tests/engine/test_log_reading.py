"""engine/log.py: what is asked of a large log comes by an index, a page at a time, the last one first"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from engine import log
from engine.keys import RecordKey
from engine.log import Event
from tests.engine.conftest import Company

LINES = 20_000
FILL = """
INSERT INTO log (tenant_id, at, level, code, "values", store, kind, source_id, order_number)
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :lines)
SELECT :tenant, CAST(:at AS timestamp), 'info', 'seen', '{}', 'shop', 'order', 'id-' || n, 'number-' || n FROM number
"""


@pytest.fixture
def large(acme: Company) -> Company:
    """A company whose log holds many lines, the last four of them told apart by their message."""
    with acme.store.write() as session:
        values = {"lines": LINES, "tenant": acme.scope.tenant_id, "at": "2026-01-31 09:00:00"}
        session.execute(
            text(FILL if acme.store.dialect != "sqlite" else FILL.replace("CAST(:at AS timestamp)", ":at")), values
        )
        log.write_many(
            acme.scope,
            session,
            [
                Event(code="x", values={"order": "#1007", "message": "by number"}),
                Event(code="x", values={"message": "by id"}, key=RecordKey("shop", "order", "1007"), level="error"),
                Event(code="x", values={"order": 1007, "message": "by both"}, key=RecordKey("x", "order", "1007")),
                Event(code="x", values={"order": "10070", "message": "of another"}, key=RecordKey("x", "order", "8")),
            ],
            at=acme.clock.now() + timedelta(hours=1),
        )
        session.exec_driver_sql("ANALYZE")
    return acme


def messages(company: Company, **asked: Any) -> list[str]:
    with company.store.read() as session:
        return [str(entry.values.get("message")) for entry in log.read(company.scope, session, **asked)]


def test_an_order_is_found_by_its_number_and_by_its_id_with_and_without_the_sign(large: Company) -> None:
    assert messages(large, order="1007") == messages(large, order="#1007") == ["by number", "by id", "by both"]
    assert messages(large, order="1008") == []
    with large.store.read() as session:
        (entry,) = log.read(large.scope, session, order="number-77")
        assert (entry.key, entry.id) == (RecordKey("shop", "order", "id-77"), 77)


def test_the_other_questions_narrow_what_is_said_of_an_order(large: Company) -> None:
    assert messages(large, order="1007", levels=("warning", "error")) == ["by id"]
    assert messages(large, order="1007", since=large.clock.now() + timedelta(hours=2)) == []
    assert messages(large, order="1007", key=RecordKey("x", "order", "1007")) == ["by both"]


def test_pages_go_back_from_the_last_line(large: Company) -> None:
    seen, before = [], None
    for _ in range(3):
        with large.store.read() as session:
            page = log.read(large.scope, session, before_id=before, limit=2)
        seen.append([entry.id for entry in page])
        before = page[0].id
    assert seen == [[LINES + 3, LINES + 4], [LINES + 1, LINES + 2], [LINES - 1, LINES]]
    assert messages(large, order="1007", limit=2) == ["by id", "by both"]
    assert messages(large, order="1007", limit=2, before_id=LINES + 2) == ["by number"]


@pytest.mark.parametrize(
    "asked", [{"order": "1007"}, {"order": "1007", "levels": ("error",)}, {"key": RecordKey("x", "order", "8")}]
)
def test_the_large_log_is_not_read_through(large: Company, asked: dict[str, Any]) -> None:
    sent: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        sent.append((statement, parameters))

    with large.store.read() as session:
        event.listen(session, "before_cursor_execute", keep)
        log.read(large.scope, session, **asked)
        event.remove(session, "before_cursor_execute", keep)
        (statement, parameters), explain = sent[0], "EXPLAIN"
        if large.store.dialect == "sqlite":
            explain = "EXPLAIN QUERY PLAN"
        plan = "\n".join(str(row) for row in session.exec_driver_sql(f"{explain} {statement}", parameters))
    assert "Seq Scan" not in plan
    indexes = {"order": ("ix_log_order", "ix_log_source"), "key": ("ix_log_source",)}
    assert all(index in plan for name in asked for index in indexes.get(name, ())), plan


def test_a_number_of_any_length_is_kept_and_found(acme: Company) -> None:
    endless = "#" + "9" * 10_000
    with acme.store.write() as session:
        log.write(acme.scope, session, Event(code="x", values={"order": endless, "message": "it"}), at=acme.clock.now())
    assert messages(acme, order=endless) == ["it"]
