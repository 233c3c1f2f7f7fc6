"""Libraries put together: several as one, one that remembers what was asked of it, and one that a version carries along.

Changes with how a rule set comes by its packs. It knows no place where packs lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dsl.packs import Library
from engine.packs.pack import bundle_hash, rank

Bundles = Mapping[str, Mapping[str, object]]
"""What a version carries along: `name@version` -> `text`, `tables` and their `hash`."""


@dataclass(frozen=True, slots=True)
class Together:
    """Several libraries as one: the first that has a pack by that name gives all of its versions."""

    libraries: tuple[Library, ...]

    def find(self, name: str, version: str) -> str | None:
        library = self._of(name)
        return None if library is None else library.find(name, version)

    def tables(self, name: str, version: str) -> Mapping[str, str]:
        library = self._of(name)
        return {} if library is None else library.tables(name, version)

    def versions(self, name: str) -> Iterable[str]:
        library = self._of(name)
        return () if library is None else library.versions(name)

    def names(self) -> Iterable[str]:
        return sorted({name for library in self.libraries for name in library.names()})

    def _of(self, name: str) -> Library | None:
        return next((library for library in self.libraries if any(True for _ in library.versions(name))), None)


@dataclass(slots=True)
class Remembering:
    """A library that keeps what was found in it: the packs that a text uses, those of its packs too."""

    library: Library
    found: dict[tuple[str, str], str] = field(default_factory=dict)

    def find(self, name: str, version: str) -> str | None:
        text = self.library.find(name, version)
        if text is not None:
            self.found[name, version] = text
        return text

    def tables(self, name: str, version: str) -> Mapping[str, str]:
        return self.library.tables(name, version)

    def versions(self, name: str) -> Iterable[str]:
        return self.library.versions(name)

    def names(self) -> Iterable[str]:
        return self.library.names()

    def bundled(self) -> dict[str, dict[str, object]]:
        """What a version carries along: `name@version` -> text, tables and their hash."""
        packs: dict[str, dict[str, object]] = {}
        for (name, version), text in sorted(self.found.items()):
            tables = dict(self.library.tables(name, version))
            packs[f"{name}@{version}"] = {"text": text, "tables": tables, "hash": bundle_hash(text, tables)}
        return packs


class Bundled:
    """The packs that a published version carries along: what it means can change nowhere else."""

    def __init__(self, packs: Bundles) -> None:
        self._packs = packs

    def find(self, name: str, version: str) -> str | None:
        pack = self._packs.get(f"{name}@{version}")
        return None if pack is None else str(pack["text"])

    def tables(self, name: str, version: str) -> Mapping[str, str]:
        pack = self._packs.get(f"{name}@{version}")
        tables = {} if pack is None else pack["tables"]
        return dict(tables) if isinstance(tables, Mapping) else {}

    def versions(self, name: str) -> Iterable[str]:
        keys = (key.rpartition("@") for key in self._packs)
        return sorted((version for other, _, version in keys if other == name), key=rank)

    def names(self) -> Iterable[str]:
        return sorted({key.rpartition("@")[0] for key in self._packs})


def hashes(packs: Bundles) -> dict[str, str]:
    """`name@version` -> hash, of what a version carries along."""
    return {key: str(pack["hash"]) for key, pack in packs.items()}
