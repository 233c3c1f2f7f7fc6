"""The files that an editor has open and those beside them; changes with where texts, tables and packs come from.

It reads files and checks texts, and knows no protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cli.libraries import FOLDER, library_for
from dsl.books import BooksSnapshot
from dsl.diagnostics import Diagnostic
from dsl.packs import Library, PackBroken
from dsl.service.view import View
from dsl.workspace import Workspace
from engine.packs.folder import FolderLibrary
from engine.packs.pack import is_name, is_version
from engine.rulesets import CannedRuleSets, schema, tables_beside

_MOST_FILES = 500
_LARGEST = 1024 * 1024


@dataclass
class Desk:
    """Open texts by their files. Every answer is for the text as it is now; only what a change touches is checked again.

    One thread asks. A view's places are good until its file's text changes.
    """

    roots: list[Path] = field(default_factory=list)
    books: BooksSnapshot | None = None
    _texts: dict[Path, str] = field(default_factory=dict)
    _workspaces: dict[Path, Workspace] = field(default_factory=dict)
    _views: dict[Path, View] = field(default_factory=dict)

    def open(self, file: Path, text: str) -> None:
        """A file was opened or changed in the editor: this text counts, not the one on the disk."""
        self._texts[file] = text
        self._changed(file)

    def close(self, file: Path) -> None:
        """The text on the disk counts again."""
        self._texts.pop(file, None)
        self._changed(file)

    def _changed(self, file: Path) -> None:
        if pack_key(file):  # what uses it may be right or wrong now
            self._workspaces.clear()
            self._views.clear()

    def opened(self) -> list[Path]:
        return list(self._texts)

    def text(self, file: Path) -> str:
        """The text that counts; raises OSError or UnicodeDecodeError for a file that cannot be read."""
        known = self._texts.get(file)
        return file.read_text(encoding="utf-8-sig") if known is None else known

    def quick(self, file: Path) -> tuple[Diagnostic, ...]:
        """What can be said while somebody types."""
        return self._put(file)[0].quick(str(file))

    def view(self, file: Path) -> View:
        """A file, checked."""
        workspace, text, tables = self._put(file)
        checked = workspace.checked(str(file))
        known = self._views.get(file)
        if known is None or known.checked is not checked:
            known = View(str(file), text, checked, schema(), workspace.library, self.books, tables)
            self._views[file] = known
        return known

    def _put(self, file: Path) -> tuple[Workspace, str, dict[str, str]]:
        """The workspace of the file's folder, with the text that counts in it."""
        home = _home(file).parent
        workspace = self._workspaces.get(home)
        if workspace is None:
            workspace = self._workspaces[home] = Workspace(schema(), self.library(file), self.books)
        text, tables = self.text(file), _tables(file)
        workspace.put(str(file), text, tables)
        return workspace, text, tables

    def views(self, including: Path) -> list[View]:
        """Every rule-set file of the folders that the editor has open, and the open ones; those that cannot be read are
        left out."""
        files = {including, *self.opened()}
        for root in self.roots:
            for file in root.rglob("*.rules"):
                if len(files) >= _MOST_FILES:
                    break
                if not any(part.startswith(".") for part in file.relative_to(root).parts) and _is_small(file):
                    files.add(file)
        found = []
        for file in sorted(files):
            try:
                found.append(self.view(file))
            except (OSError, UnicodeDecodeError):
                continue
        return found

    def library(self, file: Path) -> Library:
        """The packs that a file can use, with those that are open in the editor as they are there."""
        return Overlaid(library_for(_home(file)), self)

    def place_of(self, pack: str, beside: Path) -> Path | None:
        """The file on the disk that holds a pack ("name@version"); None for one that lies in the store."""
        name, _, version = pack.rpartition("@")
        own = _home(beside).parent / FOLDER / f"{name}/{version}.rules"
        if own.is_file():
            return own
        canned = CannedRuleSets().place(name, version)
        return None if canned is None else Path(str(canned))

    def is_published(self, pack: str, beside: Path) -> bool:
        """Whether a pack is out: one that comes with the product, lies in the store, or is in its folder's list."""
        name, _, version = pack.rpartition("@")
        own = FolderLibrary(_home(beside).parent / FOLDER)
        try:
            if version in own.versions(name):
                return own.is_listed(name, version)
        except PackBroken:
            return True
        return True


def pack_key(file: Path) -> str:
    """ "name@version" of a file in a folder `packs`; "" for any other."""
    parts = file.parts
    if FOLDER not in parts[:-1]:
        return ""
    inside = parts[len(parts) - parts[::-1].index(FOLDER) :]
    name, version = "/".join(inside[:-1]), inside[-1].removesuffix(".rules")
    return f"{name}@{version}" if is_name(name) and is_version(version) else ""


def _home(file: Path) -> Path:
    """The file beside which packs are looked for: for a pack the folder that `packs` stands in."""
    if not pack_key(file):
        return file
    at = len(file.parts) - file.parts[::-1].index(FOLDER) - 1
    return Path(*file.parts[:at]) / file.name


def _tables(file: Path) -> dict[str, str]:
    try:
        return tables_beside(file)
    except (OSError, UnicodeDecodeError):
        return {}


def _is_small(file: Path) -> bool:
    try:
        return file.stat().st_size <= _LARGEST
    except OSError:
        return False


class Overlaid:
    """A library with the packs that are open in the editor in place of those on the disk."""

    def __init__(self, library: Library, desk: Desk) -> None:
        self._library = library
        self._desk = desk

    def find(self, name: str, version: str) -> str | None:
        for file in self._desk.opened():
            if pack_key(file) == f"{name}@{version}":
                return self._desk.text(file)
        return self._library.find(name, version)

    def tables(self, name: str, version: str) -> Mapping[str, str]:
        return self._library.tables(name, version)

    def versions(self, name: str) -> Iterable[str]:
        return self._library.versions(name)

    def names(self) -> Iterable[str]:
        return self._library.names()
