"""Packs in a folder: those that come with the product, and a library that people keep beside their files (in git).

`NAME/VERSION.rules` is the text, `NAME/VERSION/*.csv` are its tables, and `NAME/versions.json`, where there is one, holds
the hash of each published version: a text that was changed after that is refused, since others rely on it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from dsl.packs import PackBroken
from engine.packs.pack import Pack, PackRefused, insist, is_name, is_version, rank

_INDEX = "versions.json"


class FolderLibrary:
    """Packs under a folder. Names are folders in it, and nothing outside of it can be named."""

    def __init__(self, root: Traversable) -> None:
        self._root = root

    def find(self, name: str, version: str) -> str | None:
        """The text of that version, or None; raises PackBroken where it is not what was published."""
        pack = self.pack(name, version)
        return None if pack is None else pack.text

    def tables(self, name: str, version: str) -> Mapping[str, str]:
        """The CSV files of that version, by name; none for an unknown one."""
        if not (is_name(name) and is_version(version)):
            return {}
        folder = self._folder(name).joinpath(version)
        if not folder.is_dir():
            return {}
        found = sorted((each for each in folder.iterdir() if each.name.endswith(".csv")), key=lambda each: each.name)
        return {each.name: _text(each, f"{name}@{version}") for each in found}

    def versions(self, name: str) -> tuple[str, ...]:
        """The versions of a pack that there are, oldest first."""
        if not is_name(name) or not self._folder(name).is_dir():
            return ()
        return tuple(sorted(_versions(self._folder(name)), key=rank))

    def names(self) -> tuple[str, ...]:
        """The names of all packs, in their order."""
        return tuple(sorted(_names(self._root, ()))) if self._root.is_dir() else ()

    def place(self, name: str, version: str) -> Traversable | None:
        """The file that holds that version, or None."""
        if not (is_name(name) and is_version(version)):
            return None
        place = self._folder(name).joinpath(f"{version}.rules")
        return place if place.is_file() else None

    def is_listed(self, name: str, version: str) -> bool:
        """Whether that version is in its folder's list of published ones; raises PackBroken."""
        return version in self._index(name)

    def pack(self, name: str, version: str) -> Pack | None:
        """The version as it lies there, or None; raises PackBroken where it is not what was published."""
        place = self.place(name, version)
        if place is None:
            return None
        entry = self._index(name).get(version, {})
        at = entry.get("published_at")
        pack = Pack(
            name=name,
            version=version,
            text=_text(place, f"{name}@{version}"),
            tables=self.tables(name, version),
            author=str(entry.get("author", "")),
            note=str(entry.get("note", "")),
            published_at=None if at is None else datetime.fromisoformat(at),
        )
        if "hash" in entry and entry["hash"] != pack.hash:
            raise PackBroken(
                f'version {version} of the pack "{name}" was changed after it was published',
                "what others rely on stays as it is: put the change into a new version",
            )
        return pack

    def _folder(self, name: str) -> Traversable:
        return self._root.joinpath(*name.split("/"))

    def _index(self, name: str) -> dict[str, dict[str, Any]]:
        place = self._folder(name).joinpath(_INDEX)
        if not place.is_file():
            return {}
        try:
            found = json.loads(_text(place, name))["versions"]
        except (ValueError, KeyError, TypeError) as error:
            raise PackBroken(
                f'the list of published versions of the pack "{name}" cannot be read ({_INDEX})',
                "get it back from where it was kept; without it nobody can tell what was published",
            ) from error
        return dict(found)


class Shelf(FolderLibrary):
    """A folder of packs that can be added to."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.root = root

    def add(self, pack: Pack) -> None:
        """Keeps a new version: its files first, the index last, which makes it count. The same content again is nothing
        new; raises PackRefused for another content under a version that there is."""
        insist(pack.name, pack.version)
        known = self.pack(pack.name, pack.version)
        if known is not None:
            if known.hash != pack.hash:
                raise PackRefused(
                    f'There is a version {pack.version} of "{pack.name}" already, with another text. Give this one a new version.'
                )
            return
        for name in pack.tables:
            if Path(name).name != name or not name.endswith(".csv"):
                raise PackRefused(
                    f'"{name}" cannot be the name of a table file: it ends with .csv and names no folder.'
                )
        folder = self.root.joinpath(*pack.name.split("/"))
        folder.mkdir(parents=True, exist_ok=True)
        index = self._index(pack.name)
        for name, text in pack.tables.items():
            (folder / pack.version).mkdir(exist_ok=True)
            _write(folder / pack.version / name, text)
        _write(folder / f"{pack.version}.rules", pack.text)
        index[pack.version] = {
            "hash": pack.hash,
            "author": pack.author,
            "note": pack.note,
            "published_at": None if pack.published_at is None else pack.published_at.isoformat(),
        }
        ordered = {version: index[version] for version in sorted(index, key=rank)}
        _write(folder / _INDEX, json.dumps({"v": 1, "versions": ordered}, ensure_ascii=False, indent=2) + "\n")


def _write(place: Path, text: str) -> None:
    """Written whole or not at all."""
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8", newline="")
    draft.replace(place)


def _text(place: Traversable, whose: str) -> str:
    try:
        # As it stands, line ends and all: the hash is over it.
        return place.read_bytes().decode("utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        raise PackBroken(
            f"{place.name} of {whose} cannot be read as UTF-8 text", "save it as plain text, UTF-8"
        ) from error


def _versions(folder: Traversable) -> Iterator[str]:
    for entry in folder.iterdir():
        version = entry.name.removesuffix(".rules")
        if version != entry.name and is_version(version) and entry.is_file():
            yield version


def _names(folder: Traversable, above: tuple[str, ...]) -> Iterator[str]:
    if above and next(_versions(folder), None) is not None:
        yield "/".join(above)
    for entry in folder.iterdir():
        if len(above) < 4 and is_name(entry.name) and entry.is_dir():
            yield from _names(entry, (*above, entry.name))
