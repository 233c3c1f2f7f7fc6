"""What the checker may know of a company's books; changes when it checks another list (reads no file, calls nobody)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field


def folded(name: str) -> str:
    """The form in which names are compared: the books make no difference between capitals."""
    return unicodedata.normalize("NFC", name).casefold().strip()


@dataclass(frozen=True, slots=True)
class BooksSnapshot:
    """Names by list ("account", "class", "item", "tax_code", "terms", …), as people see them ("Parent:Child" in full).

    A list that is not there was not read, and nothing is checked against it. `inactive` are names that exist but are
    switched off. A child may also be written by its own name alone.
    """

    names: Mapping[str, tuple[str, ...]]
    inactive: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, kind: str, name: str) -> bool:
        return any(_fits(each, name) for each in self.names.get(kind, ()))

    def switched_off(self, kind: str, name: str) -> bool:
        return any(_fits(each, name) for each in self.inactive.get(kind, ()))


def _fits(full: str, name: str) -> bool:
    wanted = folded(name)
    return folded(full) == wanted or (":" in full and folded(full.rpartition(":")[2]) == wanted)
