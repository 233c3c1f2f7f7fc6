"""Finds canned rule sets and reads them in; changes with how packs are named and nested (does no I/O: a port brings texts)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from dsl import tree
from dsl.parse import parse_into
from dsl.report import Reporter
from dsl.source import Source
from dsl.tree import File, Use

MAX_DEPTH = 8


class PackBroken(Exception):
    """A version of a pack that is there and cannot be used: what is wrong, and the next step, in words."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step


class Library(Protocol):
    """Where canned rule sets lie. Names look like "woocommerce/standard", versions like "2.3"."""

    def find(self, name: str, version: str) -> str | None:
        """The text of that version of a pack, or None where there is none; raises PackBroken."""
        ...

    def tables(self, name: str, version: str) -> Mapping[str, str]:
        """The texts of the CSV files beside that version, by their names; none for an unknown one."""
        ...

    def versions(self, name: str) -> Iterable[str]:
        """All versions of a pack, oldest first; none for an unknown name."""
        ...

    def names(self) -> Iterable[str]:
        """The names of all packs."""
        ...


@dataclass(frozen=True, slots=True)
class Unit:
    """One file of a rule set: the main one (alias "") or a pack, with the packs that it uses by their place in it."""

    file: File
    source: Source
    prefix: str = ""
    """Before its names in the whole rule set: "" or "std." or "std.base."."""
    used: dict[int, Unit] = field(default_factory=dict)
    """Packs by the index of their `use` block."""
    name: str = ""
    tables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The texts of the CSV files beside it, by their names."""

    @property
    def alias(self) -> str:
        return self.prefix.rstrip(".").rpartition(".")[2]

    @property
    def title_prefix(self) -> str:
        """Before its rules' titles: "" or "std: " or "std: base: "."""
        return self.prefix.replace(".", ": ")


def alias_of(use: Use) -> str:
    """The short name that a `use` gives its pack; without `as`, the last part of the pack's name."""
    if use.alias is not None:
        return use.alias.text
    word = re.sub(r"[^a-z0-9_]+", "_", use.pack.text.rpartition("/")[2].casefold()).strip("_")
    return word if word and not word[0].isdigit() else f"pack_{word}"


def load(file: File, source: Source, library: Library | None, reporter: Reporter, tables: Mapping[str, str]) -> Unit:
    """The main file with all packs that it uses, read in. What cannot be found or read is reported and left out.

    `tables` are the texts of the CSV files beside the main file; a pack brings its own.
    """
    return _load(file, source, "", library, reporter, (), tables)


def _load(
    file: File,
    source: Source,
    prefix: str,
    library: Library | None,
    reporter: Reporter,
    above: tuple[str, ...],
    tables: Mapping[str, str],
) -> Unit:
    unit = Unit(file, source, prefix, tables=tables)
    aliases: dict[str, tree.Use] = {}
    for place, block in enumerate(file.blocks):
        if not isinstance(block, Use):
            continue
        alias = alias_of(block)
        if alias in aliases:
            reporter.report(
                "R213",
                (block.alias or block.pack).span,
                f"two packs have the short name `{alias}`",
                related=[("the first one is here", aliases[alias].span)],
                help="give one of them another name with `as`",
            )
            continue
        aliases[alias] = block
        used = _read(block, f"{prefix}{alias}.", library, reporter, above)
        if used is not None:
            unit.used[place] = used
    return unit


def _read(use: Use, prefix: str, library: Library | None, reporter: Reporter, above: tuple[str, ...]) -> Unit | None:
    name, version = use.pack.text, use.version.text
    if name in above or len(above) >= MAX_DEPTH:
        reporter.report("R708", use.pack.span, f'the pack "{name}" uses itself', help="take this `use` out")
        return None
    try:
        text = library.find(name, version) if library is not None else None
        tables = library.tables(name, version) if library is not None else {}
    except PackBroken as broken:
        reporter.report("R710", use.pack.span, broken.message, help=broken.next_step)
        return None
    if text is None:
        _not_found(use, library, reporter)
        return None
    source = Source(f"{name}@{version}", text)
    reporter.add_source(source)
    inside = reporter.apart()
    file = parse_into(source, inside)
    unit = None if file is None else _load(
        file, source, prefix, library, inside, (*above, name), tables
    )  # fmt: skip
    if unit is None or inside.has_errors:
        blame_pack(reporter, use, inside)
        return None
    return Unit(unit.file, unit.source, unit.prefix, unit.used, name, unit.tables)


def blame_pack(reporter: Reporter, use: Use, inside: Reporter) -> None:
    """One finding at the `use` for all that is wrong inside of the pack."""
    errors = [each for each in inside.diagnostics() if each.is_error]
    first = errors[0]
    if first.code == "R708":  # packs in a ring: it is said where the file takes one of them in
        reporter.report("R708", use.pack.span, first.message, help="take this `use` out, or use another version")
        return
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    reporter.report(
        "R706",
        use.pack.span,
        f'the pack "{use.pack.text}" has a mistake: {first.message}{more}',
        help=f"see {first.file}, line {first.start.line}; use another version, or tell whoever publishes the pack",
    )


def _not_found(use: Use, library: Library | None, reporter: Reporter) -> None:
    name, version = use.pack.text, use.version.text
    versions = list(library.versions(name)) if library is not None else []
    if versions:
        newest = versions[-1]
        reporter.report(
            "R702",
            use.version.span,
            f'there is no version {version} of the pack "{name}"',
            help=f"there are: {', '.join(versions[-6:])}",
            fixes=[(f"Use version {newest}", use.version.span, f'"{newest}"')],
        )
        return
    names = list(library.names()) if library is not None else []
    meant = reporter.closest(name, names)
    reporter.report(
        "R701",
        use.pack.span,
        f'there is no pack "{name}"',
        meant=meant,
        as_text=True,
        help="" if names else "this place has no canned rule sets",
    )
