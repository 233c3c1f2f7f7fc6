"""What a diagnostic code is; changes when the pages of codes tell another thing (registers none)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dsl.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of mistake: a title in a few words, what it means to a bookkeeper, and a sample of wrong and right.

    `wrong` is a file that has exactly this mistake, `right` the same file mended, `why` says what the check spares people.
    What stands around the sample: `tables` are CSV files beside it (name -> text), `packs` the canned rule sets at hand
    ("name@version" -> text; "!" before the name: changed after it was published), `books` the names in the books by list
    ("account" -> names; those that begin with "-" are switched off there, and in brackets stand type and currency, as in
    "Checking [Bank, USD]"). A mistake too large for a page has `huge`, which makes the failing file; `wrong` then shows a
    part of it.
    """

    number: str
    title: str
    meaning: str
    wrong: str = ""
    right: str = ""
    severity: Severity = Severity.ERROR
    why: str = ""
    tables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    right_tables: Mapping[str, str] | None = None
    """The CSV files beside the mended file, where it is they that were mended."""
    packs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    right_packs: Mapping[str, str] | None = None
    """The packs of the mended file, where it is they that were mended."""
    books: Mapping[str, tuple[str, ...]] | None = None
    huge: Callable[[], tuple[str, Mapping[str, str]]] | None = None
    """Makes the failing file and the CSV files beside it."""
    by_hand: bool = False
    """A person decides about the fixes: `check --fix` leaves them alone."""

    @property
    def docs(self) -> str:
        """The page of this code, relative to the docs' root."""
        return f"errors/{self.number}.md"


RULE = 'rule "A" for order when order.number is "1" then skip "No" end'
"""A rule in one line, for samples that need any."""


def rule(then: str, when: str = "", scope: str = "for order", title: str = "A") -> str:
    """A sample's rule, laid out as the formatter would."""
    return f'rule "{title}"\n  {scope}\n' + (f"  when {when}\n" if when else "") + f"  then {then}\nend\n"


WARNING = Severity.WARNING
