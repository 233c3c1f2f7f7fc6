"""The servers that the suite brings are real, are each test's own, and never outlive the session."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psycopg
import pytest
import redis
import sqlalchemy

from tests.servers import postgres
from tests.servers.folders import short_folder
from tests.servers.postgres import GivenPostgres, Postgres
from tests.servers.redis_like import RedisServer

ROOT = Path(__file__).resolve().parents[2]


def test_a_database_is_empty_and_takes_a_table(database_url: str) -> None:
    engine = sqlalchemy.create_engine(database_url)
    try:
        assert sqlalchemy.inspect(engine).get_table_names() == []
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("CREATE TABLE t (a INTEGER)"))
        assert sqlalchemy.inspect(engine).get_table_names() == ["t"]
    finally:
        engine.dispose()


def test_a_database_can_be_copied_from_a_template(postgres_server: Postgres) -> None:
    template = postgres_server.create_database()
    with psycopg.connect(template) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a")
    copy = postgres_server.create_database(postgres.database_of(template))
    try:
        with psycopg.connect(copy) as connection:
            assert connection.execute("SELECT a FROM t").fetchone() == (1,)
    finally:
        postgres_server.drop_database(copy)
        postgres_server.drop_database(template)


def test_redis_answers_and_was_emptied(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        assert client.incr("left for the next test") == 1


def test_an_outage_ends_at_the_same_address(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.set("a", "1")
        redis_server.halt()
        with pytest.raises(redis.ConnectionError):
            client.ping()
        redis_server.start()
        assert client.get("a") is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgresql://u:p@db:5433/postgres", "postgresql://u:p@db:5433/t_1"),
        ("postgresql+psycopg://u@db/main?sslmode=require", "postgresql+psycopg://u@db/t_1?sslmode=require"),
        ("postgresql://postgres@/postgres?host=%2Ftmp%2Fx", "postgresql://postgres@/t_1?host=%2Ftmp%2Fx"),
    ],
)
def test_a_given_server_keeps_all_but_the_database(given: str, expected: str) -> None:
    assert GivenPostgres(given).url("t_1") == expected
    assert postgres.database_of(expected) == "t_1"


def test_servers_end_when_the_session_is_killed() -> None:
    """SIGKILL leaves no time to tidy up: the kernel has to end the servers, and the next session removes the folders."""
    session = textwrap.dedent("""
        import time
        from tests.servers.postgres import PostgresServer
        from tests.servers.redis_like import RedisServer, program
        postgres, valkey = PostgresServer().start(), RedisServer(program("valkey")).start()
        print(postgres._process.pid, valkey.pid, postgres.folder, valkey.folder, flush=True)
        time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", session], cwd=ROOT, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        first, second, *folders = killed.stdout.readline().split()
        killed.send_signal(signal.SIGKILL)
    for pid in (int(first), int(second)):
        deadline = time.monotonic() + 20
        while _runs(pid):
            assert time.monotonic() < deadline, f"{pid} outlived the session"
            time.sleep(0.02)
    short_folder().rmdir()
    assert not [folder for folder in folders if Path(folder).exists()]


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_postgresql_starts_for_root_without_user_namespaces_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many containers have none. Skipped where nobody cannot reach the programs, as below /root."""
    as_nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")
    if subprocess.run([*as_nobody, str(postgres.programs() / "postgres"), "--version"], check=False).returncode:
        pytest.skip("nobody cannot reach the programs")
    monkeypatch.setattr(postgres, "as_a_user", lambda: as_nobody)
    server = postgres.PostgresServer()
    try:
        server.start()
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
    assert not server.folder.exists()
