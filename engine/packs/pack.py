"""What a pack is: a rule set under a name and a version, with the tables beside it, known by the hash of its content.

Changes with what belongs to a pack. It knows no place where packs lie.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

_PART = re.compile(r"[a-z0-9][a-z0-9_-]*\Z")
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,3}\Z")
_ORIGIN = re.compile(
    r'//\s*cloned from "(?P<name>[^"\n]+)" version "(?P<version>[^"\n]+)" sha256 (?P<hash>[0-9a-f]{64})[ \t]*(?:\r?\n|\Z)'
)


class PackRefused(ValueError):
    """A name, a version or a text that cannot be a pack; the words say why and what to do."""


def bundle_hash(text: str, tables: Mapping[str, str], packs: Mapping[str, str] = MappingProxyType({})) -> str:
    """The identity of a text with what belongs to it: SHA-256 (hex) over the text, its tables by name, and the hashes of
    the packs that it uses, by `name@version`."""
    digest = hashlib.sha256()
    beside = [part for name in sorted(tables) for part in (name, tables[name])]
    used = [part for name in sorted(packs) for part in ("pack", name, packs[name])]
    for part in (text, *beside, *used):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a text was cloned from: a version of a pack, and the hash that it had."""

    name: str
    version: str
    hash: str

    def comment(self) -> str:
        """The line that carries it: it stays with the text wherever that goes."""
        return f'// cloned from "{self.name}" version "{self.version}" sha256 {self.hash}'


def origin_of(text: str) -> Origin | None:
    """What a text says that it was cloned from."""
    found = _ORIGIN.search(text)
    return None if found is None else Origin(name=found["name"], version=found["version"], hash=found["hash"])


def without_origin(text: str) -> str:
    """The text without the line that says what it was cloned from: it is no part of what is compared."""
    return _ORIGIN.sub("", text, count=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One version of a pack. It never changes: another text is another version. `published_at` is UTC; None: not said."""

    name: str
    version: str
    text: str
    tables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    author: str = ""
    note: str = ""
    published_at: datetime | None = None

    @property
    def hash(self) -> str:
        return bundle_hash(self.text, self.tables)

    @property
    def key(self) -> str:
        """`name@version`."""
        return f"{self.name}@{self.version}"

    @property
    def origin(self) -> Origin | None:
        return origin_of(self.text)


def rank(version: str) -> tuple[int, ...]:
    """Versions in their order: 1.9 is before 1.10."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def is_name(name: str) -> bool:
    """Whether a pack can be called so: parts of small letters, digits, `_` and `-`, with `/` between them."""
    parts = name.split("/")
    return 0 < len(parts) <= 4 and all(_PART.match(part) for part in parts)


def is_version(version: str) -> bool:
    return _VERSION.match(version) is not None


def insist(name: str, version: str) -> None:
    """Raises PackRefused for a name or a version that cannot be used."""
    if not is_name(name):
        raise PackRefused(
            f'"{name}" cannot be the name of a pack: write small letters, digits, _ and -, as in "acme/web_orders".'
        )
    if not is_version(version):
        raise PackRefused(f'"{version}" cannot be a version: write numbers with points between them, as in "1.0".')
