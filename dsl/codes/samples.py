"""Checks the samples of codes with what stands around them; changes with what a sample may bring along (registers none).

The pages of the codes, their golden renderings and their tests all run samples this way. Not imported by the registry:
checks report codes, so the registry cannot know them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dsl.books import BooksSnapshot
from dsl.check import Checked, check_text
from dsl.codes.code import Code
from dsl.packs import PackBroken
from dsl.schema import Schema

FILE = "web.rules"
"""What the file of every sample is called."""


class SamplePacks:
    """The canned rule sets of one sample: {"name@version": text}; "!" before it: changed after it was published."""

    def __init__(self, packs: Mapping[str, str]) -> None:
        self._packs = packs

    def find(self, name: str, version: str) -> str | None:
        if f"!{name}@{version}" in self._packs:
            raise PackBroken(
                f'version {version} of the pack "{name}" was changed after it was published',
                "what others rely on stays as it is: put the change into a new version",
            )
        return self._packs.get(f"{name}@{version}")

    def versions(self, name: str) -> Iterable[str]:
        return [each.rpartition("@")[2] for each in self._packs if each.lstrip("!").rpartition("@")[0] == name]

    def names(self) -> Iterable[str]:
        return sorted({each.lstrip("!").rpartition("@")[0] for each in self._packs})

    def tables(self, name: str, version: str) -> Mapping[str, str]:
        return {}


def failing(code: Code) -> tuple[str, Mapping[str, str]]:
    """The file that has the mistake, and the CSV files beside it."""
    return (code.wrong, code.tables) if code.huge is None else code.huge()


def check_wrong(code: Code, schema: Schema, text: str | None = None) -> Checked:
    """The failing sample checked, or another text in its place."""
    made, tables = failing(code)
    return _check(code, made if text is None else text, tables, code.packs, schema)


def check_right(code: Code, schema: Schema) -> Checked:
    """The mended sample checked."""
    tables = code.tables if code.right_tables is None else code.right_tables
    return _check(code, code.right, tables, code.packs if code.right_packs is None else code.right_packs, schema)


def _check(code: Code, text: str, tables: Mapping[str, str], packs: Mapping[str, str], schema: Schema) -> Checked:
    return check_text(text, file=FILE, schema=schema, library=SamplePacks(packs), books=_snapshot(code), tables=tables)


def _snapshot(code: Code) -> BooksSnapshot | None:
    """The books of a sample, kept in US dollars: "Sales = Income" says the type of an entry, "= Bank, EUR" its currency too."""
    if code.books is None:
        return None
    active: dict[str, tuple[str, ...]] = {}
    off: dict[str, tuple[str, ...]] = {}
    types: dict[str, dict[str, str]] = {}
    currencies: dict[str, dict[str, str]] = {}
    for kind, entries in code.books.items():
        read = [each.partition(" = ") for each in entries]
        active[kind] = tuple(name for name, _, _ in read if not name.startswith("-"))
        if gone := tuple(name[1:] for name, _, _ in read if name.startswith("-")):
            off[kind] = gone
        types[kind] = {name: said.partition(", ")[0] for name, _, said in read if said}
        currencies[kind] = {name: said.partition(", ")[2] for name, _, said in read if ", " in said}
    return BooksSnapshot(active, off, types, currencies, "USD")
