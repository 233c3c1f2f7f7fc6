"""From the text of a rule set to a program that runs, with this product's vocabulary and canned rule sets. No store, no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from dsl.books import BooksSnapshot
from dsl.check import check_text
from dsl.diagnostics import Diagnostic
from dsl.grammar_tables import tables as grammar_tables
from dsl.packs import Library, PackBroken
from dsl.program import Program, compile_ruleset
from dsl.schema import Schema
from engine.packs.folder import FolderLibrary
from engine.packs.libraries import Bundled, Bundles
from engine.vocabulary import vocabulary


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
    packs: tuple[object, ...] = ()
    """The packs that it was made with."""


class CannedRuleSets(FolderLibrary):
    """The rule sets that come with the product, by name and version: `rulesets/NAME/VERSION.rules`."""

    def __init__(self) -> None:
        super().__init__(resources.files("rulesets"))


def carried(packs: Bundles | None) -> Library:
    """The packs of a published version: those that it carries along; before versions did, those of the product."""
    return CannedRuleSets() if packs is None else Bundled(packs)


@cache
def schema() -> Schema:
    """This product's vocabulary, made once."""
    return vocabulary()


def preload() -> None:
    """Build what the first compilation in a process would build, and what takes it the better part of a second: parser
    and vocabulary. Processes that are forked off later share them."""
    grammar_tables()
    schema()


def compile_text(
    text: str, *, file: str, tables: Mapping[str, str] | None = None, library: Library | None = None
) -> Compiled:
    """Check and compile; raises RuleSetBroken where there are errors. Packs are those of `library`; where none is given,
    those that come with the product. What was compiled last in this process is not compiled again."""
    library, tables = library or CannedRuleSets(), tables or {}
    key = file, text, tuple(sorted(tables.items()))
    known = _COMPILED.get(key)
    if known is not None and _packs_of(known.program, library) == known.packs:
        return known
    checked = check_text(text, file=file, schema=schema(), library=library, tables=tables)
    if not checked.ok or checked.ruleset is None:
        raise RuleSetBroken(file, tuple(checked.diagnostics))
    program = compile_ruleset(checked.ruleset)
    made = Compiled(
        program=program, diagnostics=tuple(checked.diagnostics), packs=_packs_of(program, library)
    )  # fmt: skip
    if len(_COMPILED) >= _MOST_COMPILED:
        _COMPILED.clear()
    _COMPILED[key] = made
    return made


_MOST_COMPILED = 64
_COMPILED: dict[tuple[str, str, tuple[tuple[str, str], ...]], Compiled] = {}
"""What this process compiled. Programs never change; two threads may compile one twice: no harm."""


def _packs_of(program: Program, library: Library) -> tuple[object, ...]:
    """What a library now says of the packs that a program was made with."""
    names = [each.rpartition("@") for each in sorted(program.resolved.sources) if "@" in each]
    try:
        return tuple(
            (library.find(name, version), tuple(sorted(library.tables(name, version).items())))
            for name, _, version in names
            if name in library.names()
        )
    except PackBroken as broken:
        return (broken,)


def diagnostics_with_books(
    text: str, books: BooksSnapshot, *, file: str, tables: Mapping[str, str] | None = None,
    library: Library | None = None,
) -> tuple[Diagnostic, ...]:  # fmt: skip
    """What the checker says of a text when it knows the books."""
    checked = check_text(
        text, file=file, schema=schema(), library=library or CannedRuleSets(), tables=tables or {}, books=books
    )
    return tuple(checked.diagnostics)


def tables_beside(path: Path) -> dict[str, str]:
    """The CSV files beside a rule-set file, by name: the tables that it may name."""
    return {each.name: each.read_text(encoding="utf-8-sig") for each in sorted(path.parent.glob("*.csv"))}


def compile_file(path: Path, library: Library | None = None) -> Compiled:
    """Check and compile a file with the tables beside it."""
    text = path.read_text(encoding="utf-8-sig")
    return compile_text(text, file=str(path), tables=tables_beside(path), library=library)
