"""The keys that seal credentials: where they come from and how they are written down.

They live outside the database and its backups. What is sealed with them, and how, is none of this module's business.
"""

import base64
import binascii
import contextlib
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from engine.settings import Settings, SettingsError, is_private

FILE = "secret-keys"
SIZE = 32  # bytes: AES-256
_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


@dataclass(frozen=True, slots=True)
class SecretKey:
    """One key: the id that stands beside every value it sealed, and its 32 bytes."""

    id: str
    key: bytes = field(repr=False)


def load(settings: Settings) -> tuple[SecretKey, ...]:
    """The keys in force, the sealing one first, at least one. Makes and keeps one where none was ever made.

    Raises SettingsError where a key cannot be read, or where others could read the file of keys.
    """
    if settings.secret_keys:
        return parse(settings.secret_keys, "CLOUDCART_SECRET_KEYS")
    path = settings.data_dir / FILE
    if not path.exists():
        _make(settings.make_data_dir() / FILE)
    if not is_private(path):
        raise SettingsError(f"others can read the secret keys in {path}; run: chmod 600 {path}")
    return parse(path.read_text(encoding="ascii"), str(path))


def parse(text: str, source: str) -> tuple[SecretKey, ...]:
    """Reads ID:BASE64 pairs, parted by commas or lines; `source` names them in errors, the keys never do."""
    keys: list[SecretKey] = []
    for number, part in enumerate((p for p in re.split(r"[,\s]+", text) if p), 1):
        id_, _, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not _ID.fullmatch(id_) or len(key) != SIZE:
            raise SettingsError(f"key {number} of {source} is not ID:BASE64 of {SIZE} bytes")
        if any(known.id == id_ for known in keys):
            raise SettingsError(f"{source} holds the id {id_} twice; every key needs its own")
        keys.append(SecretKey(id_, key))
    if not keys:
        raise SettingsError(f"{source} holds no key")
    return tuple(keys)


def new() -> SecretKey:
    """A fresh random key under a fresh id."""
    return SecretKey(f"k{secrets.token_hex(4)}", secrets.token_bytes(SIZE))


def written(key: SecretKey) -> str:
    """A key as it stands in the file and in the variable."""
    return f"{key.id}:{base64.urlsafe_b64encode(key.key).decode('ascii')}"


def _make(path: Path) -> None:
    # Two processes may start at once on a new machine. Linking a finished file into place lets exactly one of them
    # win, and nobody ever reads half a key.
    half = path.with_name(f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(written(new()) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(half, path)
    finally:
        half.unlink()
