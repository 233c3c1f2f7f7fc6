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
    switched off. A child may also be written by its own name alone. `types` and `currencies` say more of some entries, by
    list and full name: the type of an account ("Bank") or an item ("inventory"), and its ISO 4217 currency.
    """

    names: Mapping[str, tuple[str, ...]]
    inactive: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    currencies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    currency: str = ""
    """The currency that the company keeps its books in; "" where that is not known."""
    _found: dict[tuple[str, bool], dict[str, str]] = field(
        default_factory=dict, init=False, repr=False, compare=False, hash=False
    )

    def has(self, kind: str, name: str) -> bool:
        return folded(name) in self._by_name(kind, True)

    def switched_off(self, kind: str, name: str) -> bool:
        return folded(name) in self._by_name(kind, False)

    def full_name(self, kind: str, name: str) -> str | None:
        """The name in full of an active entry, or None."""
        return self._by_name(kind, True).get(folded(name))

    def type_of(self, kind: str, name: str) -> str:
        """The type of an active entry; "" where it is not known."""
        full = self.full_name(kind, name)
        return "" if full is None else self.types.get(kind, {}).get(full, "")

    def currency_of(self, kind: str, name: str) -> str:
        """The currency of an active entry; "" where it is not known."""
        full = self.full_name(kind, name)
        return "" if full is None else self.currencies.get(kind, {}).get(full, "")

    def of_type(self, kind: str, types: tuple[str, ...]) -> list[str]:
        """The active entries of these types, in the order of the books."""
        known = self.types.get(kind, {})
        return [each for each in self.names.get(kind, ()) if known.get(each) in types]

    def lists_with(self, name: str, but: str) -> list[str]:
        """The other lists that have an entry of this name."""
        return [kind for kind in self.names if kind != but and self.has(kind, name)]

    def _by_name(self, kind: str, active: bool) -> dict[str, str]:
        known = self._found.get((kind, active))
        if known is None:
            known = {}
            for full in (self.names if active else self.inactive).get(kind, ()):
                if ":" in full:
                    known.setdefault(folded(full.rpartition(":")[2]), full)
            for full in (self.names if active else self.inactive).get(kind, ()):
                known[folded(full)] = full
            self._found[kind, active] = known
        return known
