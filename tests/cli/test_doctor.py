"""cli/doctor.py"""

import json
import sqlite3
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import doctor
from engine.store.migrate import migrate
from tests.servers.redis_like import RedisServer


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLOUDCART_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_a_sound_installation_is_called_so_and_left_untouched(tmp_path: Path) -> None:
    done = CliRunner().invoke(doctor.command)
    assert (done.exit_code, done.stderr) == (0, "")
    assert all(line.startswith("ok ") for line in done.stdout.splitlines())
    assert list(tmp_path.iterdir()) == []


def test_json_says_the_same_for_programs() -> None:
    said = json.loads(CliRunner().invoke(doctor.command, ["--format", "json"]).stdout)
    assert (said["v"], said["ok"]) == (1, True)
    assert [f["name"] for f in said["findings"]] == [
        look.__name__.replace("_", " ").replace("wake ups", "wake-ups") for look in doctor.LOOKS
    ]


def test_something_wrong_ends_with_one_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDCART_DATABASE_URL", "oracle://x")
    done = CliRunner().invoke(doctor.command)
    assert done.exit_code == 1
    assert "BAD  settings" in done.stdout
    assert "-> mend the variable that it names" in done.stdout


@pytest.mark.parametrize(
    ("owners", "seen", "mend"),
    [
        (
            {"web": ["cloud-cart-connector", "web.py"]},
            "web also belongs to web.py",
            "uninstall web.py, then install cloud-cart-connector again, in an environment of its own",
        ),
        (
            {"dsl": ["dsl"], "grammar": ["dsl"]},
            "dsl also belongs to dsl; grammar also belongs to dsl",
            "uninstall dsl, then",
        ),
        ({"engine": []}, "not installed: engine", "install cloud-cart-connector again"),
    ],
)
def test_a_foreign_owner_of_one_of_our_names_is_named(
    owners: dict[str, list[str]], seen: str, mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = {folder: ["cloud-cart-connector"] for folder in doctor.FOLDERS}
    monkeypatch.setattr(metadata, "packages_distributions", lambda: ours | owners)
    found = doctor.packages()
    assert (found.ok, found.seen) == (False, seen)
    assert (found.mend or "").startswith(mend)


def test_another_spelling_of_our_own_name_is_not_foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    owners = {folder: ["cloud_cart_connector", "Cloud-Cart-Connector"] for folder in doctor.FOLDERS}
    monkeypatch.setattr(metadata, "packages_distributions", lambda: owners)
    found = doctor.packages()
    assert (found.ok, found.seen.endswith(", alone in its import names")) == (True, True)


def test_a_folder_that_cannot_be_used_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CLOUDCART_DATA_DIR", str(tmp_path / "file" / "below"))
    found = doctor.settings()
    assert (found.ok, found.mend) == (
        False,
        "nothing can be written there: set CLOUDCART_DATA_DIR to a folder that is yours",
    )
    monkeypatch.setenv("CLOUDCART_DATABASE_URL", "postgresql://db.example/x")
    monkeypatch.setenv("CLOUDCART_REDIS_URL", "redis://redis.example")
    monkeypatch.setenv("CLOUDCART_SECRET_KEYS", "k:" + "A" * 43 + "=")
    assert doctor.settings().ok, "nothing is kept in files"


def test_a_database_of_a_newer_program_is_a_finding_of_its_own(data_dir: Path) -> None:
    data_dir.mkdir()
    migrate(f"sqlite:///{data_dir / 'cloudcart.sqlite3'}")
    with sqlite3.connect(data_dir / "cloudcart.sqlite3") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    found = doctor.database()
    assert (found.ok, found.seen) == (False, "sqlite, at form 9999")
    assert "a newer program has brought it there" in str(found.mend)


def test_keys_that_others_can_read_are_a_finding(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "secret-keys").write_text("k:AAAA")
    (data_dir / "secret-keys").chmod(0o644)
    found = doctor.secret_keys()
    assert not found.ok
    assert found.mend == f"run: chmod 600 {data_dir / 'secret-keys'}"


def test_a_database_of_another_form_is_a_finding(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDCART_DATABASE_URL", database_url)
    found = doctor.database()
    assert not found.ok
    assert "cloudcart migrate" in (found.mend or "")
    migrate(database_url)
    assert doctor.database().ok


def test_a_database_that_does_not_answer_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDCART_DATABASE_URL", "postgresql://localhost:1/x")
    found = doctor.database()
    assert (found.ok, found.seen) == (False, "The database does not answer.")


def test_the_named_wake_up_server_is_asked(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDCART_REDIS_URL", redis_server.url)
    assert doctor.wake_ups().ok
    redis_server.halt()
    assert not doctor.wake_ups().ok
