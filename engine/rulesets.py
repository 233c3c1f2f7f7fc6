"""From the text of a rule set to a program that runs, with this product's vocabulary and canned rule sets. No store, no network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from dsl.books import BooksSnapshot
from dsl.check import check_text
from dsl.diagnostics import Diagnostic
from dsl.parse import shared_parser
from dsl.program import Program, compile_ruleset
from dsl.schema import Schema
from engine.vocabulary import vocabulary

_VERSION = re.compile(r"\d+(\.\d+)*\.rules")


class RuleSetBroken(Exception):
    """A rule set with errors: `diagnostics` says what, where and how to mend it."""

    def __init__(self, file: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        errors = sum(1 for each in diagnostics if each.severity == "error")
        super().__init__(f"{file} has {errors} error{'' if errors == 1 else 's'}")
        self.file = file
        self.diagnostics = diagnostics


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A program, and what the checker had to say short of errors."""

    program: Program
    diagnostics: tuple[Diagnostic, ...]


class CannedRuleSets:
    """The rule sets that come with the product, by name and version: `rulesets/NAME/VERSION.rules`."""

    def find(self, name: str, version: str) -> str | None:
        """The text of that version, or None. Names are folders, so nothing outside the folder can be named."""
        parts = name.split("/")
        if not all(part.replace("_", "").replace("-", "").isalnum() for part in (*parts, version.replace(".", ""))):
            return None
        place = resources.files("rulesets").joinpath(*parts, f"{version}.rules")
        return place.read_text(encoding="utf-8") if place.is_file() else None

    def tables(self, name: str, version: str) -> Mapping[str, str]:
        """The CSV files of that version, by name: those in the folder `VERSION` beside its text."""
        if self.find(name, version) is None:
            return {}
        folder = resources.files("rulesets").joinpath(*name.split("/"), version)
        if not folder.is_dir():
            return {}
        found = sorted((each for each in folder.iterdir() if each.name.endswith(".csv")), key=lambda each: each.name)
        return {each.name: each.read_text(encoding="utf-8-sig") for each in found}

    def versions(self, name: str) -> tuple[str, ...]:
        """The versions of a canned rule set that there are, oldest first."""
        parts = name.split("/")
        folder = resources.files("rulesets").joinpath(*parts)
        if not folder.is_dir():
            return ()
        found = [entry.name.removesuffix(".rules") for entry in folder.iterdir() if entry.name.endswith(".rules")]
        return tuple(sorted(found, key=lambda text: [int(part) for part in text.split(".")]))

    def names(self) -> tuple[str, ...]:
        """The names of all canned rule sets, in their order."""
        return tuple(sorted(_names(resources.files("rulesets"), ())))


def _names(folder: Traversable, above: tuple[str, ...]) -> Iterator[str]:
    entries = list(folder.iterdir())
    if above and any(_VERSION.fullmatch(entry.name) for entry in entries):
        yield "/".join(above)
    for entry in entries:
        if entry.is_dir() and not entry.name.startswith(("_", ".")):
            yield from _names(entry, (*above, entry.name))


@cache
def schema() -> Schema:
    """This product's vocabulary, made once."""
    return vocabulary()


def preload() -> None:
    """Build what the first compilation in a process would build, and what takes it the better part of a second: parser
    and vocabulary. Processes that are forked off later share them."""
    shared_parser()
    schema()


def compile_text(text: str, *, file: str, tables: Mapping[str, str] | None = None) -> Compiled:
    """Check and compile; raises RuleSetBroken where there are errors."""
    checked = check_text(text, file=file, schema=schema(), library=CannedRuleSets(), tables=tables or {})
    if not checked.ok or checked.ruleset is None:
        raise RuleSetBroken(file, tuple(checked.diagnostics))
    return Compiled(program=compile_ruleset(checked.ruleset), diagnostics=tuple(checked.diagnostics))


def diagnostics_with_books(
    text: str, books: BooksSnapshot, *, file: str, tables: Mapping[str, str] | None = None
) -> tuple[Diagnostic, ...]:
    """What the checker says of a text when it knows the books."""
    checked = check_text(text, file=file, schema=schema(), library=CannedRuleSets(), tables=tables or {}, books=books)
    return tuple(checked.diagnostics)


def tables_beside(path: Path) -> dict[str, str]:
    """The CSV files beside a rule-set file, by name: the tables that it may name."""
    return {each.name: each.read_text(encoding="utf-8-sig") for each in sorted(path.parent.glob("*.csv"))}


def compile_file(path: Path) -> Compiled:
    """Check and compile a file with the tables beside it."""
    return compile_text(path.read_text(encoding="utf-8-sig"), file=str(path), tables=tables_beside(path))
