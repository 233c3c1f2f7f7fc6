"""Fixtures that every test folder shares: real servers, started when the first test asks, gone with the session.

A test that touches the store asks for `migrated_url` (or `database_url`, which is bare) and runs on SQLite and on
PostgreSQL; one that touches jobs asks for `redis_url` and runs on Redis and on Valkey. Others pay nothing. Every worker
of pytest-xdist has its own servers.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.servers.folders import short_folder
from tests.servers.postgres import Postgres, database_of, open_postgres, programs
from tests.servers.redis_like import Kind, RedisServer, program

#: Every generated case is the same on every machine and every run; `./dev soak` looks further, and differently each time.
hypothesis.settings.register_profile("suite", derandomize=True, deadline=None, database=None, print_blob=True)
hypothesis.settings.register_profile("soak", deadline=None, database=None, print_blob=True, max_examples=5000)
SOAK = bool(os.environ.get("CLOUDCART_SOAK"))
hypothesis.settings.load_profile("soak" if SOAK else "suite")

GIVEN_REDIS = os.environ.get("CLOUDCART_TEST_REDIS_URL")
GIVEN_POSTGRES = os.environ.get("CLOUDCART_TEST_POSTGRES_URL")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files anew in place of comparing them")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "soak: takes minutes; runs only under ./dev soak")
    # What the machine of a developer says must not reach a test.
    for name in [
        n for n in os.environ if n.startswith("CLOUDCART_") and not n.startswith(("CLOUDCART_TEST_", "CLOUDCART_SOAK"))
    ]:
        del os.environ[name]


def pytest_report_header() -> list[str]:
    redis = "given" if GIVEN_REDIS else f"{program('redis') or 'none for this machine'}, {program('valkey')}"
    return [f"servers: postgresql {'given' if GIVEN_POSTGRES else programs()}; redis {redis}"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not SOAK:
        for item in items:
            if item.get_closest_marker("soak"):
                item.add_marker(pytest.mark.skip(reason="long: ./dev soak runs it"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A running PostgreSQL: `create_database()` gives the URL of a fresh database, `create_database(template)` a copy."""
    server = open_postgres()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLAlchemy URL of an empty database of this test's own, on each kind of server that we support."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.sqlite3'}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    url = server.create_database()
    try:
        yield url
    finally:
        server.drop_database(url)


@pytest.fixture(scope="session")
def migrated_database(postgres_server: Postgres) -> str:
    """The name of a PostgreSQL database at the newest form, to be copied."""
    from tests.servers.migrated import migrated  # the store comes with it: only for those who ask

    url = postgres_server.create_database()
    migrated(url)
    return database_of(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database at the newest form, of this test's own, on each kind of server."""
    from tests.servers.migrated import migrated

    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
        migrated(url)
        yield url
        return
    template: str = request.getfixturevalue("migrated_database")
    server: Postgres = request.getfixturevalue("postgres_server")
    url = server.create_database(template)
    try:
        yield url
    finally:
        server.drop_database(url)


def _start(kind: Kind) -> RedisServer:
    found = program(kind)
    if found is None:
        # A run that says "passed" on CI has run on both.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no {kind} server for this machine")
    return RedisServer(found).start()


@pytest.fixture(scope="session", params=["given"] if GIVEN_REDIS else ["redis", "valkey"])
def _redis_of_the_session(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "given":
        assert GIVEN_REDIS
        yield GIVEN_REDIS
        return
    server = _start(request.param)
    try:
        yield server.url
    finally:
        server.stop()


@pytest.fixture
def redis_url(_redis_of_the_session: str) -> str:
    """URL of an emptied Redis, then of an emptied Valkey. A server given by CLOUDCART_TEST_REDIS_URL is emptied too."""
    import redis

    with redis.Redis.from_url(_redis_of_the_session) as client:
        client.flushdb()
    return _redis_of_the_session


@pytest.fixture(params=["redis", "valkey"])
def redis_server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """A server of this test's own, to be halted, killed and started again; Redis, then Valkey."""
    server = _start(request.param)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def tmp_socket_dir() -> Iterator[Path]:
    """An empty private folder whose name is short enough for unix sockets."""
    folder = short_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
