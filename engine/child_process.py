"""Starts a server that does not outlive this process: changes when an operating system offers a better way to say so.

It knows nothing of the servers it starts.
"""

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Runs between fork and the server, as a program of its own: a hook inside fork is unsafe in a process with threads.
#: The second look at the parent closes the gap in which it may die before the kernel knows of the wish.
_SHIM = """
import ctypes, os, sys
parent, signal = int(sys.argv[1]), int(sys.argv[2])
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal, 0, 0, 0)
if os.getppid() != parent:
    sys.exit(1)
os.execv(sys.argv[3], sys.argv[3:])
"""


def dying_with(parent: int, command: Sequence[str], on_death: signal.Signals = signal.SIGTERM) -> list[str]:
    """The command, wrapped so that the kernel sends it a signal when the process `parent`, which starts it, ends.

    Linux only (PR_SET_PDEATHSIG); elsewhere a killed parent leaves the server running. The signal comes when the
    *thread* that started the server ends: start servers from the main thread or from one that lives as long.
    `command[0]` is an absolute path.
    """
    return [sys.executable, "-I", "-S", "-c", _SHIM, str(parent), str(int(on_death)), *command]


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, patience: float = 10.0) -> None:
    """Ends a server and waits for it; after `patience` seconds it is killed. A server that is gone is no error."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def start(
    command: Sequence[str],
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    keep_open: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Starts a server in a session of its own, so that Ctrl-C reaches us and not it; its words go to the file `log`."""
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=env,
            pass_fds=keep_open,
            start_new_session=True,
        )
