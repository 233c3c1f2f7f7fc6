"""The settings of a process, from its environment: changes when an operator may set another thing.

It knows names, types and defaults; it opens no database, no socket and no file (the data directory is made by whoever
first writes into it, through `Settings.make_data_dir`).
"""

import os
import stat
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_data_dir() -> Path:
    """Where data lies if nobody says otherwise: the place the XDG base directory specification names."""
    home = os.environ.get("XDG_DATA_HOME", "")
    return (Path(home) if home.startswith("/") else Path.home() / ".local" / "share") / "cloudcart"


class SettingsError(Exception):
    """A setting that cannot be used, in words for the operator."""


class Settings(BaseSettings):
    """What CLOUDCART_… variables say. Frozen; read once, at the edge of a process (`Settings.read`)."""

    model_config = SettingsConfigDict(env_prefix="CLOUDCART_", env_ignore_empty=True, frozen=True, extra="ignore")

    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Folder of the database file, the secret keys and the wake-up server.",
    )
    database_url: Annotated[
        str, Field(description="SQLAlchemy URL; sqlite or postgresql. Default: a SQLite file in the data directory.")
    ] = ""
    redis_url: Annotated[
        str,
        Field(description="redis://, rediss:// or unix:// URL. Default: an embedded Valkey in the data directory."),
    ] = ""
    secret_keys: Annotated[
        str,
        Field(
            repr=False,
            description="Keys that seal credentials: ID:BASE64, comma between; the first one seals, all of them open. "
            "Default: one key, made once, in the file secret-keys of the data directory.",
        ),
    ] = ""
    allow_private_hosts: Annotated[
        bool,
        Field(description="Lets connections reach private and loopback addresses. For tests and the sandbox only."),
    ] = False

    @field_validator("data_dir", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _a_database_we_are_tested_on(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("redis_url")
    @classmethod
    def _a_url_that_redis_knows(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss:// or unix:///")
        return value

    @classmethod
    def read(cls) -> "Settings":
        """The settings of this process; raises SettingsError naming the variable that cannot be used."""
        try:
            return cls()
        except ValidationError as error:
            # The value itself is left out: it may be a key or hold a password.
            said = "; ".join(
                f"CLOUDCART_{str(e['loc'][0]).upper()} {e['msg'].removeprefix('Value error, ')}" for e in error.errors()
            )
            raise SettingsError(said) from None

    @cached_property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir / 'cloudcart.sqlite3'}"

    @property
    def has_database(self) -> bool:
        """Whether there is a database to open: a server's is taken to be there, a file is looked for."""
        return self.database.startswith("postgresql") or Path(self.database.partition("///")[2]).is_file()

    def make_data_dir(self) -> Path:
        """Makes the data directory, private to this user; returns it. Raises SettingsError where that fails."""
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"the data directory {self.data_dir} cannot be made ({error.strerror}); "
                "set CLOUDCART_DATA_DIR to a folder that is yours"
            ) from error
        return self.data_dir


def is_private(path: Path) -> bool:
    """Whether a file or folder is this user's alone: owned by the user, and nobody else may read or write it."""
    found = path.lstat()
    return found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077
