"""Copies of packs that keep their origin, and how far copy and origin have moved since; changes with what a copy keeps."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.comparing import Merged, Moved, ThreeWay, merge, parts_of, three_way
from dsl.packs import Library
from engine.packs.pack import Origin, Pack, PackRefused, bundle_hash, origin_of, rank, without_origin


def clone(library: Library, name: str, version: str) -> tuple[str, dict[str, str]]:
    """The text of a copy, with a line that says where it comes from, and the tables that go with it.

    Raises PackRefused where there is no such version.
    """
    text = library.find(name, version)
    if text is None:
        raise PackRefused(_none(library, name, version))
    tables = dict(library.tables(name, version))
    origin = Origin(name=name, version=version, hash=bundle_hash(text, tables))
    # A copy of a copy comes from the copy: one line says so.
    return f"{origin.comment()}\n{without_origin(text)}", tables


def _none(library: Library, name: str, version: str) -> str:
    versions = list(library.versions(name))
    if versions:
        return f'There is no version {version} of the pack "{name}"; there are {", ".join(versions)}.'
    return f'There is no pack "{name}". `cloudcart packs list` shows those that there are.'


@dataclass(frozen=True, slots=True)
class Drift:
    """A copy (`ours`), what it was made from (`base`) and the newest version of that (`newest`, `theirs`), compared.

    `changes` are the blocks that differ, `tables` the CSV files (name -> whose doing).
    """

    origin: Origin
    newest: str
    changes: tuple[ThreeWay, ...]
    tables: tuple[tuple[str, Moved], ...]
    merged: Merged

    def of(self, who: Moved) -> tuple[ThreeWay, ...]:
        return tuple(each for each in self.changes if each.who is who)

    def as_json(self) -> dict[str, object]:
        return {
            "origin": {"name": self.origin.name, "version": self.origin.version, "newest": self.newest},
            "changes": [each.as_json() for each in self.changes],
            "tables": [{"name": name, "who": who.value} for name, who in self.tables],
            "merged": {
                "text": self.merged.text,
                "conflicts": [each.words for each in self.merged.conflicts],
                "order_conflict": self.merged.order_conflict,
            },
        }


def drift(library: Library, text: str, tables: dict[str, str], *, file: str, to: str | None = None) -> Drift:
    """How far a copy and its origin have moved. `to`: compare with that version of the origin, not the newest.

    Raises PackRefused where the text names no origin, or the origin is not what it was; dsl.comparing.Unreadable where
    the text cannot be read.
    """
    origin = origin_of(text)
    if origin is None:
        raise PackRefused(
            f'{file} does not say what it was cloned from: `cloudcart packs clone` writes a line `// cloned from "…"` at the top.'
        )
    base = _pack(library, origin.name, origin.version)
    if base.hash != origin.hash:
        raise PackRefused(
            f'"{origin.name}" version {origin.version} is not the text that {file} was cloned from: it was changed since.'
        )
    newest = to or max(library.versions(origin.name), key=rank)
    theirs = _pack(library, origin.name, newest)
    sides = [
        parts_of(without_origin(each), file=name)
        for each, name in ((base.text, base.key), (text, file), (theirs.text, theirs.key))
    ]
    return Drift(
        origin,
        newest,
        three_way(*sides),
        _tables(dict(base.tables), tables, dict(theirs.tables)),
        _with_origin(merge(*sides), Origin(name=origin.name, version=newest, hash=theirs.hash)),
    )


def _pack(library: Library, name: str, version: str) -> Pack:
    text = library.find(name, version)
    if text is None:
        raise PackRefused(_none(library, name, version))
    return Pack(name=name, version=version, text=text, tables=library.tables(name, version))


def _with_origin(merged: Merged, origin: Origin) -> Merged:
    return Merged(f"{origin.comment()}\n{merged.text}", merged.conflicts, merged.order_conflict)


def _tables(base: dict[str, str], ours: dict[str, str], theirs: dict[str, str]) -> tuple[tuple[str, Moved], ...]:
    found = []
    for name in sorted({*base, *ours, *theirs}):
        was, mine, other = base.get(name), ours.get(name), theirs.get(name)
        if was == mine == other or (was is None and other is None):
            continue  # a table that only the copy's folder has may belong to another file
        if mine == other:
            found.append((name, Moved.BOTH_ALIKE))
        elif was == other:
            found.append((name, Moved.OURS))
        else:
            found.append((name, Moved.THEIRS if was == mine else Moved.CONFLICT))
    return tuple(found)
