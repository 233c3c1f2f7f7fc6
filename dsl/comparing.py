"""How two or three texts of a rule set differ, block by block; changes with what counts as one block and as a change.

Blocks are what people know of a file: a rule by its title, a setting by its name. Layout and comments make no block
different; where a rule stands does matter, so moves are told apart. Nothing here judges what a change would do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from enum import StrEnum

from dsl import tree
from dsl.parse import parse_text
from dsl.values import fold


class Unreadable(ValueError):
    """A text with mistakes in its form: it has no blocks that could be compared."""


@dataclass(frozen=True, slots=True, order=True)
class BlockKey:
    """What a block is known by: its kind ("rule", "setting", …) and its title or name, capitals and blanks evened out."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """One block of a text: `lead` are the comments and blank lines before it, `text` the block with what stands behind
    it on its last line. The leads and texts of all parts, and the tail, put together are the file."""

    key: BlockKey
    title: str
    block: tree.Block
    lead: str
    text: str

    @property
    def words(self) -> str:
        """What it is called when people are told of it: `rule "Order prefix"`, ``setting `hold_over` ``."""
        if self.key.kind == "ruleset":
            return "the file's head"
        quoted = self.key.kind in ("rule", "test", "flow", "use")
        return f'{self.key.kind} "{self.title}"' if quoted else f"{self.key.kind} `{self.title}`"


@dataclass(frozen=True, slots=True)
class Parts:
    """A text in its blocks, in their order; `tail` is what stands after the last one."""

    parts: tuple[Part, ...]
    tail: str

    def by_key(self) -> dict[BlockKey, Part]:
        return {each.key: each for each in self.parts}


class Change(StrEnum):
    """What became of a block."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class BlockChange:
    """One block that is not what it was. `before` is None for an added one, `after` for a removed one."""

    change: Change
    before: Part | None
    after: Part | None

    @property
    def words(self) -> str:
        """`rule "Order prefix" changed`, `rule "A" is called "B" now`."""
        if self.change is Change.RENAMED and self.before is not None and self.after is not None:
            return f"{self.before.words} is called {self.after.words.partition(' ')[2]} now"
        part = self.before or self.after
        return f"{part.words if part is not None else ''} {self.change.value}"

    def diff(self) -> list[str]:
        """The lines that differ, each with `+`, `-` or a blank before it; the whole block where it is new or gone."""
        before = [] if self.before is None else self.before.text.splitlines()
        after = [] if self.after is None else self.after.text.splitlines()
        return [
            line for line in unified_diff(before, after, lineterm="", n=3) if not line.startswith(("---", "+++", "@@"))
        ]

    def as_json(self) -> dict[str, object]:
        """The form for other programs."""
        part = self.after or self.before
        return {
            "change": self.change.value,
            "kind": part.key.kind if part is not None else "",
            "before": None if self.before is None else {"title": self.before.title, "text": self.before.text},
            "after": None if self.after is None else {"title": self.after.title, "text": self.after.text},
        }


def parts_of(text: str, *, file: str) -> Parts:
    """The blocks of a text; raises Unreadable where its form has mistakes."""
    parsed = parse_text(text, file=file)
    if parsed.file is None or any(each.is_error for each in parsed.diagnostics):
        first = parsed.diagnostics[0]
        raise Unreadable(f"{file}, line {first.start.line}: {first.message}")
    found: list[Part] = []
    seen: dict[BlockKey, int] = {}
    at = 0
    for block in parsed.file.blocks:
        kind, title = _called(block)
        key = BlockKey(kind, fold(title))
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:  # a name that stands twice is a mistake of another kind; each of them is a block all the same
            key = BlockKey(kind, f"{key.name} ({seen[key]})")
        end = _with_its_line(text, block.span.end)
        found.append(Part(key, title, block, text[at : block.span.start], text[block.span.start : end]))
        at = end
    return Parts(tuple(found), text[at:])


def _with_its_line(text: str, end: int) -> int:
    """The end of a block with the comment that stands behind it on the same line."""
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    rest = text[end:line_end].strip()
    return line_end if not rest or rest.startswith("//") else end


def _called(block: tree.Block) -> tuple[str, str]:
    match block:
        case tree.Header():
            return "ruleset", ""
        case tree.Use():
            return "use", block.pack.text if block.alias is None else f"{block.pack.text} as {block.alias.text}"
        case tree.Setting():
            return "setting", block.name.text
        case tree.List():
            return "list", block.name.text
        case tree.Table():
            return "table", block.name.text
        case tree.Flow():
            return "flow", block.title.text
        case tree.Rule():
            return "rule", block.title.text
        case tree.Test():
            return "test", block.title.text


def compare(old: Parts, new: Parts) -> tuple[BlockChange, ...]:
    """What became of each block, in the order of the new text, then those that are gone.

    A rule that has only another title counts as renamed. One that changed and moved counts as changed.
    """
    before, after = old.by_key(), new.by_key()
    renamed = _renamed(old, new)
    came_from = {now: was for was, now in renamed.items()}
    common_before = [renamed.get(each.key, each.key) for each in old.parts if renamed.get(each.key, each.key) in after]
    common_after = [each.key for each in new.parts if each.key in before or each.key in came_from]
    moved = _moved(common_before, common_after)
    found: list[BlockChange] = []
    for part in new.parts:
        was = before.get(came_from.get(part.key, part.key))
        if was is None:
            found.append(BlockChange(Change.ADDED, None, part))
        elif part.key in came_from:
            found.append(BlockChange(Change.RENAMED, was, part))
        elif was.block != part.block:
            found.append(BlockChange(Change.CHANGED, was, part))
        elif part.key in moved:
            found.append(BlockChange(Change.MOVED, was, part))
    found += [
        BlockChange(Change.REMOVED, part, None)
        for part in old.parts
        if part.key not in after and part.key not in renamed
    ]
    return tuple(found)


def _renamed(old: Parts, new: Parts) -> dict[BlockKey, BlockKey]:
    """Rules that are the same but for their title: old key -> new key, where there is no doubt."""
    before, after = old.by_key(), new.by_key()
    gone = [each for each in old.parts if isinstance(each.block, tree.Rule) and each.key not in after]
    come = [each for each in new.parts if isinstance(each.block, tree.Rule) and each.key not in before]
    found: dict[BlockKey, BlockKey] = {}
    for was in gone:
        same = [each for each in come if _untitled(each.block) == _untitled(was.block)]
        if len(same) == 1 and same[0].key not in found.values():
            found[was.key] = same[0].key
    return found


def _untitled(block: tree.Block) -> tree.Block:
    return replace(block, title=tree.Word("", True)) if isinstance(block, tree.Rule) else block


def _moved(before: Sequence[BlockKey], after: Sequence[BlockKey]) -> frozenset[BlockKey]:
    """The fewest blocks that must have been taken elsewhere: those outside of a longest common order."""
    place = {key: at for at, key in enumerate(before)}
    sequence = [place[key] for key in after if key in place]
    keys = [key for key in after if key in place]
    kept = set(_longest_rising(sequence))
    return frozenset(key for at, key in enumerate(keys) if at not in kept)


def _longest_rising(values: Sequence[int]) -> list[int]:
    """The places of a longest rising subsequence."""
    from bisect import bisect_left

    tops: list[int] = []
    at_tops: list[int] = []
    previous: list[int] = []
    for at, value in enumerate(values):
        height = bisect_left(tops, value)
        previous.append(at_tops[height - 1] if height else -1)
        if height == len(tops):
            tops.append(value)
            at_tops.append(at)
        else:
            tops[height], at_tops[height] = value, at
    found: list[int] = []
    at = at_tops[-1] if at_tops else -1
    while at >= 0:
        found.append(at)
        at = previous[at]
    return found[::-1]


# --- three texts ------------------------------------------------------------------------------------------------------


class Moved(StrEnum):
    """Whose doing the difference of a block is, of a text and two that were made from it."""

    OURS = "ours"
    THEIRS = "theirs"
    BOTH_ALIKE = "both alike"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """One block that is not in all three texts the same; None where a text does not have it."""

    key: BlockKey
    who: Moved
    base: Part | None
    ours: Part | None
    theirs: Part | None

    @property
    def words(self) -> str:
        part = self.ours or self.theirs or self.base
        return part.words if part is not None else ""

    def as_json(self) -> dict[str, object]:
        """The form for other programs."""
        return {
            "kind": self.key.kind,
            "title": (self.ours or self.theirs or self.base or _NO_PART).title,
            "who": self.who.value,
            **{name: None if part is None else part.text for name, part in self._texts()},
        }

    def _texts(self) -> Iterator[tuple[str, Part | None]]:
        yield "base", self.base
        yield "ours", self.ours
        yield "theirs", self.theirs


_NO_PART = Part(BlockKey("", ""), "", tree.Header(tree.Word("")), "", "")


@dataclass(frozen=True, slots=True)
class Merged:
    """Two changed texts put together; where both changed one block in two ways, ours stands and `conflicts` says so."""

    text: str
    conflicts: tuple[ThreeWay, ...]
    order_conflict: bool = False
    """Both moved blocks about, differently: our order stands."""


def three_way(base: Parts, ours: Parts, theirs: Parts) -> tuple[ThreeWay, ...]:
    """The blocks that at least one of two texts changed against what both were made from, in our order, then theirs."""
    sides: tuple[Mapping[BlockKey, Part], ...] = (base.by_key(), ours.by_key(), theirs.by_key())
    keys = dict.fromkeys(each.key for text in (ours, theirs, base) for each in text.parts)
    found = []
    for key in keys:
        was, mine, other = (side.get(key) for side in sides)
        blocks = [None if part is None else part.block for part in (was, mine, other)]
        if blocks[0] == blocks[1] == blocks[2]:
            continue
        if blocks[1] == blocks[2]:
            who = Moved.BOTH_ALIKE
        elif blocks[0] == blocks[2]:
            who = Moved.OURS
        elif blocks[0] == blocks[1]:
            who = Moved.THEIRS
        else:
            who = Moved.CONFLICT
        found.append(ThreeWay(key, who, was, mine, other))
    return tuple(found)


def merge(base: Parts, ours: Parts, theirs: Parts) -> Merged:
    """Our text with what they changed, block by block. Comments come along with the block that they stand before."""
    was, mine, other = base.by_key(), ours.by_key(), theirs.by_key()
    order, order_conflict = _order(base, ours, theirs)
    chosen: list[Part] = []
    for key in order:
        kept = _chosen(was.get(key), mine.get(key), other.get(key))
        if kept is not None:
            chosen.append(kept)
    text = "".join(each.lead + each.text for each in chosen) + ours.tail
    if chosen and chosen[0].lead and not (ours.parts and ours.parts[0].lead):
        text = text.lstrip("\n")  # what now stands first once had others before it
    conflicts = tuple(each for each in three_way(base, ours, theirs) if each.who is Moved.CONFLICT)
    return Merged(text, conflicts, order_conflict)


def _chosen(was: Part | None, mine: Part | None, other: Part | None) -> Part | None:
    same = [None if part is None else part.block for part in (was, mine, other)]
    if same[0] == same[1] and same[0] != same[2]:
        if other is not None and mine is not None:
            return replace(other, lead=mine.lead)
        return _apart(other)
    return mine if mine is not None or same[0] != same[1] else other


def _apart(part: Part | None) -> Part | None:
    """A block that comes into another text begins on a line of its own."""
    if part is None or "\n" in part.lead:
        return part
    return replace(part, lead="\n\n" + part.lead)


def _order(base: Parts, ours: Parts, theirs: Parts) -> tuple[list[BlockKey], bool]:
    """The order of all blocks: the moved one of two, ours where both moved; what is new stands behind its neighbour."""
    in_all = {each.key for each in base.parts} & {each.key for each in ours.parts} & {each.key for each in theirs.parts}
    orders = [[each.key for each in text.parts if each.key in in_all] for text in (base, ours, theirs)]
    we_moved, they_moved = orders[1] != orders[0], orders[2] != orders[0]
    leading, following = (theirs, ours) if they_moved and not we_moved else (ours, theirs)
    result = [each.key for each in leading.parts]
    for text in (following, base):
        before: BlockKey | None = None
        for part in text.parts:
            if part.key not in result:
                result.insert(0 if before is None else result.index(before) + 1, part.key)
            before = part.key
    return result, we_moved and they_moved and orders[1] != orders[2]
