"""engine/settings.py"""

from pathlib import Path

import pytest

from engine.settings import Settings, SettingsError, is_private


def test_without_variables_the_data_lies_where_xdg_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/data")
    found = Settings.read()
    assert found.data_dir == Path("/srv/data/cloudcart")
    assert found.database == "sqlite:////srv/data/cloudcart/cloudcart.sqlite3"
    assert (found.redis_url, found.secret_keys, found.allow_private_hosts) == ("", "", False)


@pytest.mark.parametrize("home", [None, "", "relative/folder"])
def test_an_unusable_xdg_folder_is_left_aside(home: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/users/jo")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    if home is not None:
        monkeypatch.setenv("XDG_DATA_HOME", home)
    assert Settings.read().data_dir == Path("/users/jo/.local/share/cloudcart")


def test_a_relative_data_directory_is_made_absolute_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLOUDCART_DATA_DIR", "here")
    assert Settings.read().data_dir == tmp_path / "here"


def test_an_empty_variable_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDCART_ALLOW_PRIVATE_HOSTS", "")
    monkeypatch.setenv("CLOUDCART_DATA_DIR", "")
    assert Settings.read().allow_private_hosts is False


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("CLOUDCART_DATABASE_URL", "mysql://u:hunter2@db/x", "CLOUDCART_DATABASE_URL must begin with sqlite:/// or postgresql://"),
        ("CLOUDCART_REDIS_URL", "http://:hunter2@redis", "CLOUDCART_REDIS_URL must begin with redis://, rediss:// or unix:///"),
        ("CLOUDCART_ALLOW_PRIVATE_HOSTS", "hunter2", "CLOUDCART_ALLOW_PRIVATE_HOSTS Input should be a valid boolean"),
    ],
)  # fmt: skip
def test_a_wrong_value_names_its_variable_and_never_itself(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        Settings.read()
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_the_keys_are_not_shown_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDCART_SECRET_KEYS", "k:hunter2")
    assert "hunter2" not in repr(Settings.read())


def test_the_data_directory_is_made_private(tmp_path: Path) -> None:
    made = Settings(data_dir=tmp_path / "a" / "b").make_data_dir()
    assert is_private(made)
    made.chmod(0o750)
    assert not is_private(made)


def test_a_data_directory_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="set CLOUDCART_DATA_DIR to a folder that is yours"):
        Settings(data_dir=tmp_path / "file" / "below").make_data_dir()
