"""Where commands look for packs: with the product, in the folder `packs` beside a file, and in the tenant's own library.

It decides the order and opens the store only when a pack is asked for that lies nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsl.packs import Library
    from engine.packs.kept import StoreLibrary

#: The folder beside a rule-set file (or in the current one) that holds packs.
FOLDER = "packs"


def library_for(file: Path | None = None, *, folder: Path | None = None, store: Library | None = None) -> Library:
    """Those of the product first, then those in `folder` (`packs` beside the file, or here), then the tenant's own.

    `store` is the tenant's library where it is open already.
    """
    from engine.packs.folder import FolderLibrary
    from engine.packs.libraries import Together
    from engine.rulesets import CannedRuleSets

    beside = folder or (Path.cwd() if file is None else file.parent) / FOLDER
    return Together((CannedRuleSets(), FolderLibrary(beside), store or StoreOnDemand()))


class StoreOnDemand:
    """The tenant's own library; the store is opened when it is first asked, and only where there is one."""

    def find(self, name: str, version: str) -> str | None:
        return None if self._kept is None else self._kept.find(name, version)

    def tables(self, name: str, version: str) -> Mapping[str, str]:
        return {} if self._kept is None else self._kept.tables(name, version)

    def versions(self, name: str) -> Iterable[str]:
        return () if self._kept is None else self._kept.versions(name)

    def names(self) -> Iterable[str]:
        return () if self._kept is None else self._kept.names()

    @cached_property
    def _kept(self) -> StoreLibrary | None:
        from cli.workplace import read_settings, refusing
        from engine import connections
        from engine.clock import DatabaseClock
        from engine.packs.kept import StoreLibrary
        from engine.store import open_store
        from engine.store.migrate import head, revision_of

        with refusing():
            settings = read_settings()
            if not settings.has_database:
                return None
            if revision_of(settings.database) != head():
                return (
                    None  # a form of before packs, or no form at all: commands that change things bring it up to date
                )
            store = open_store(settings.database)
            scope = connections.default_scope(store, at=DatabaseClock(store).now())
            return StoreLibrary(store, scope)
