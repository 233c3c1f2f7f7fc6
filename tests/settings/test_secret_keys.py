"""engine/secret_keys.py"""

import base64
import multiprocessing
from pathlib import Path

import pytest

from engine import secret_keys
from engine.settings import Settings, SettingsError, is_private

A = base64.urlsafe_b64encode(b"a" * 32).decode()
B = base64.urlsafe_b64encode(b"b" * 32).decode()


def test_a_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    first = secret_keys.load(settings)
    assert len(first) == 1
    assert len(first[0].key) == 32
    assert is_private(tmp_path / "data" / secret_keys.FILE)
    assert secret_keys.load(settings) == first
    assert [f.name for f in (tmp_path / "data").iterdir()] == [secret_keys.FILE]


def _load(folder: Path, found: "multiprocessing.Queue[bytes]") -> None:
    found.put(secret_keys.load(Settings(data_dir=folder))[0].key)


def test_processes_that_start_at_once_agree_on_the_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    found: multiprocessing.Queue[bytes] = context.Queue()
    started = [context.Process(target=_load, args=(tmp_path / "data", found)) for _ in range(3)]
    for process in started:
        process.start()
    keys = {found.get(timeout=30) for _ in started}
    for process in started:
        process.join()
    assert len(keys) == 1


def test_the_variable_outranks_the_file_and_its_first_key_seals(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_keys=f"new:{B}, old:{A}")
    assert [(k.id, k.key) for k in secret_keys.load(settings)] == [("new", b"b" * 32), ("old", b"a" * 32)]
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_read_as_it_is_written() -> None:
    key = secret_keys.new()
    assert secret_keys.parse(secret_keys.written(key), "x") == (key,)
    assert secret_keys.new().id != key.id


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "x holds no key"),
        (A, "key 1 of x is not ID:BASE64 of 32 bytes"),
        (f"k:{A},short:YWJj", "key 2 of x is not ID:BASE64 of 32 bytes"),
        ("k:not base64!", "key 1 of x"),
        (f"k:{A}\nk:{B}", "x holds the id k twice"),
        (f"a b:{A}", "key 1 of x"),
    ],
)
def test_a_key_that_cannot_be_read_is_counted_and_not_shown(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        secret_keys.parse(text, "x")
    assert said in str(refused.value)
    assert A not in str(refused.value)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    secret_keys.load(settings)
    (tmp_path / secret_keys.FILE).chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        secret_keys.load(settings)


def test_a_key_does_not_show_itself() -> None:
    key = secret_keys.SecretKey("k", b"hunter2")
    assert "hunter2" not in repr(key)
