"""Where something is declared, where it is used, and what a file consists of; changes with what editors can jump to and fold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dsl import tree
from dsl.service.expecting import BLOCK_WORDS
from dsl.service.occurrences import Occurrence, Target, at, occurrences
from dsl.service.view import UsedPack, View
from dsl.values import fold


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a file, or of a pack ("name@version") that is no open file."""

    file: str
    start: int
    end: int


def definition(view: View, offset: int) -> Place | None:
    """Where the name at an offset is declared; None for what no file declares (fields, functions)."""
    found = at(view, offset)
    if found is None:
        return _pack_named(view, offset)
    target = found.target
    if not target.pack:
        own = next((each for each in occurrences(view) if each.declares and each.target == target), None)
        if own is not None:
            return Place(view.file, own.start, own.end)
        use = view.uses.get(target.name) if target.kind == "pack" else None
        return None if use is None else Place(view.file, use.pack.span.start, use.pack.span.end)
    pack = next((each for each in view.packs.values() if each.key == target.pack), None)
    return None if pack is None else in_pack(pack, target)


def _pack_named(view: View, offset: int) -> Place | None:
    """From the name of a pack behind `use` to its text."""
    for alias, use in view.uses.items():
        if use.pack.span.start <= offset <= use.version.span.end and alias in view.packs:
            return Place(view.packs[alias].key, 0, 0)
    return None


def in_pack(pack: UsedPack, target: Target) -> Place | None:
    """Where a pack declares something."""
    for block in pack.file.blocks:
        word = _word(block, target)
        if word is not None:
            return Place(pack.key, word.span.start, word.span.end)
    return None


def _word(block: tree.Block, target: Target) -> tree.Word | None:
    if isinstance(block, tree.Setting | tree.List | tree.Table):
        if type(block).__name__.casefold() == target.kind and block.name.text == target.name:
            return block.name
        if isinstance(block, tree.Table) and target.kind == "column":
            columns = (*block.keys, *block.outputs)
            return next((each.name for each in columns if f"{block.name.text}.{each.name.text}" == target.name), None)
    if isinstance(block, tree.Rule) and target.kind == "rule" and fold(block.title.text) == target.name:
        return block.title
    return None


def references(views: Iterable[View], view: View, offset: int, *, pack: str = "") -> tuple[Place, ...]:
    """Every place that names what the name at an offset does, in this file and in the others that know it.

    `pack` is "name@version" where this file is that version of a pack: then its names are looked for in files that use it.
    """
    found = at(view, offset)
    if found is None:
        return ()
    return tuple(
        Place(where.file, each.start, each.end) for where, each in naming(views, view, found.target, pack=pack)
    )


def naming(views: Iterable[View], view: View, target: Target, *, pack: str = "") -> Iterator[tuple[View, Occurrence]]:
    """The places that name a target, with the views that they stand in."""
    everywhere = target.kind in ("field", "function", "option")
    wanted = target if target.pack else Target(target.kind, target.name, pack)
    inside = Target(target.kind, target.name)
    for other in views:
        for each in occurrences(other):
            same_file = other.file == view.file and each.target == target
            from_outside = bool(wanted.pack) and each.target == wanted
            in_its_pack = other.file == wanted.pack and each.target == inside
            if same_file or from_outside or in_its_pack or (everywhere and each.target == target):
                yield other, each


# --- what a file consists of ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Symbol:
    """A block of a file: its kind ("rule"), its name or title, a word about it, and where it stands, name apart."""

    kind: str
    name: str
    detail: str
    start: int
    end: int
    name_start: int
    name_end: int


def symbols(view: View) -> tuple[Symbol, ...]:
    """The blocks of a file, in their order; those that cannot be read too. A text that begins as no block does is none."""
    found = [_symbol(block) for block in view.parsed.blocks]
    for broken in view.parsed.broken:
        if broken.kind.upper() not in BLOCK_WORDS:
            continue
        name = broken.name or tree.Word(f"({broken.kind})", span=broken.span)
        found.append(_made(broken.kind, name, "cannot be read", broken))
    return tuple(sorted(found, key=lambda each: each.start))


def _symbol(block: tree.Block) -> Symbol:
    match block:
        case tree.Header():
            return _made("ruleset", block.title, "", block)
        case tree.Use():
            return _made("use", block.pack, f"version {block.version.text}", block)
        case tree.Setting():
            return _made("setting", block.name, block.type.words, block)
        case tree.List():
            return _made("list", block.name, "", block)
        case tree.Table():
            detail = f"from {block.csv.text}" if block.csv is not None else f"{len(block.rows)} rows"
            return _made("table", block.name, detail, block)
        case tree.Flow():
            return _made("flow", block.title, "off" if block.off else "", block)
        case tree.Rule():
            return _made("rule", block.title, "off" if block.off else _scope(block), block)
        case tree.Test():
            return _made("test", block.title, "", block)


def _scope(rule: tree.Rule) -> str:
    match rule.scope:
        case tree.ForRecord(kind=kind):
            return f"for {kind.text}"
        case tree.ForEach(item=item):
            return f"for each {item.text}"


def _made(kind: str, name: tree.Word, detail: str, node: tree.Node) -> Symbol:
    return Symbol(kind, name.text, detail, node.span.start, node.span.end, name.span.start, name.span.end)


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines (from 1) that an editor can fold into the first of them; `comment` for remarks."""

    first: int
    last: int
    comment: bool = False


def folds(view: View) -> tuple[Fold, ...]:
    """Blocks and runs of comments of more than one line."""
    source = view.source
    found = [
        Fold(source.position(each.start).line, source.position(each.end).line)
        for each in symbols(view)
        if source.position(each.end).line > source.position(each.start).line
    ]
    first = last = -1
    for token in view.tokens:
        if token.kind == "COMMENT":
            line = source.position(token.start).line
            alone = not source.line_text(line)[: source.position(token.start).column - 1].strip()
            if alone and line == last + 1:
                last = line
                continue
            if last > first:
                found.append(Fold(first, last, comment=True))
            first = last = line if alone else -1
    if last > first:
        found.append(Fold(first, last, comment=True))
    return tuple(sorted(found, key=lambda each: (each.first, each.last)))
