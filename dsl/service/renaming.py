"""New names for settings, lists, tables, columns, rules, flows and packs, everywhere at once; changes with what may be renamed.

A field, a function or an option has the name that the language gives it. What a published pack declares keeps its name: the
version would not be the same any more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dsl import tree
from dsl.service.navigating import naming
from dsl.service.occurrences import QUOTED, Occurrence, at
from dsl.service.view import View
from dsl.values import fold
from grammar.keywords import RESERVED

_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
_FIXED = {"field": "a field", "function": "a function", "option": "an option of a flow"}


class CannotRename(ValueError):
    """Why something cannot have another name, in words."""


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Put `text` in place of a stretch of a file (offsets in characters)."""

    file: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Renamable:
    """What would be renamed: the stretch of the name itself (without quotes), and the name as it is."""

    start: int
    end: int
    name: str


def prepare(view: View, offset: int) -> Renamable | None:
    """What stands at an offset that can have another name; None for what cannot."""
    found = at(view, offset)
    if found is None or found.target.kind in _FIXED:
        return None
    start, end = _inside(found)
    return Renamable(start, end, _shown(view.text[start:end]) if found.target.kind in QUOTED else view.text[start:end])


def rename(
    views: Iterable[View],
    view: View,
    offset: int,
    new: str,
    *,
    pack: str = "",
    is_published: Callable[[str], bool] = lambda key: False,
) -> tuple[TextEdit, ...]:
    """The edits that give the thing at an offset another name, in every file that names it. Raises CannotRename.

    `pack` is "name@version" where the file is that version of a pack, `is_published` says of such a key whether it is
    out already.
    """
    found = at(view, offset)
    if found is None:
        raise CannotRename("There is no name here.")
    target = found.target
    if target.kind in _FIXED:
        raise CannotRename(f"`{target.name}` is {_FIXED[target.kind]}: the language gives it its name.")
    home = target.pack or pack
    if home and is_published(home):
        raise CannotRename(f"The pack {home} is published and stays as it is: rename it in a new version.")
    opened = list(views)
    if target.pack and not any(each.file == target.pack for each in opened):
        raise CannotRename(f"It is declared in the pack {target.pack}, which is not open here.")
    written = _written(target.kind, new)
    for other in {where.file: where for where, _ in naming(opened, view, target, pack=pack)}.values():
        _insist_on_free(other, target.kind, target.name, new)
    edits = []
    for where, each in naming(opened, view, target, pack=pack):
        start, end = (each.start, each.end) if target.kind in QUOTED else _inside(each)
        text = _quoted(each.prefix + new) if target.kind in QUOTED else written
        edits.append(TextEdit(where.file, start, end, text))
    if target.kind == "pack":
        edits += _alias_edits(view, target.name, new)
    return tuple(sorted(set(edits), key=lambda each: (each.file, each.start)))


def _alias_edits(view: View, alias: str, new: str) -> list[TextEdit]:
    """A pack without `as` gets one; titles of its rules ("std: …") are found as names of the pack already."""
    use = view.uses.get(alias)
    if use is None or use.alias is not None:
        return []
    end = use.version.span.end
    return [TextEdit(view.file, end, end, f" as {new}")]


def _inside(found: Occurrence) -> tuple[int, int]:
    if found.target.kind in QUOTED:
        return found.start + 1 + len(found.prefix), found.end - 1
    return found.start, found.end


def _written(kind: str, new: str) -> str:
    if kind in QUOTED:
        if not new.strip():
            raise CannotRename("A title says what it is for: it cannot be blank.")
        if "\n" in new or "\r" in new:
            raise CannotRename("A title stands on one line.")
        return _quoted(new)
    if not _NAME.match(new):
        raise CannotRename(f"`{new}` cannot be a name: write small letters, digits and _, a letter first.")
    if new in RESERVED:
        raise CannotRename(f"`{new}` is a word of the language.")
    return new


def _insist_on_free(view: View, kind: str, old: str, new: str) -> None:
    """Raises CannotRename where the new name is taken."""
    taken: set[str] = set()
    for block in view.parsed.blocks:
        if isinstance(block, tree.Setting | tree.List | tree.Table) and kind in ("setting", "list", "table"):
            taken.add(block.name.text)
        if isinstance(block, tree.Rule | tree.Flow | tree.Test) and type(block).__name__.casefold() == kind:
            taken.add(fold(block.title.text))
        if isinstance(block, tree.Table) and kind == "column" and old.startswith(f"{block.name.text}."):
            if block.csv is not None:
                raise CannotRename(
                    f'The columns of `{block.name.text}` are named in "{block.csv.text}": rename them there first.'
                )
            taken |= {each.name.text for each in (*block.keys, *block.outputs)}
    if kind == "pack":
        taken |= set(view.uses)
    wanted = fold(new) if kind in QUOTED else new
    if wanted in taken and wanted != old.rpartition(".")[2]:
        raise CannotRename(f"There already is a {kind} of the name {new!r} in {view.file}.")
    if kind in ("setting", "list", "table") and new in {each.root for each in view.schema.fields}:
        raise CannotRename(f"`{new}` is a record.")


def _quoted(title: str) -> str:
    return '"' + title.replace('"', '""').replace("{", "{{").replace("}", "}}") + '"'


def _shown(inside: str) -> str:
    return inside.replace('""', '"').replace("{{", "{").replace("}}", "}")
