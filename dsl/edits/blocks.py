"""Whole blocks are added, moved, copied, deleted; changes with what can be done to a block as a whole.

The comment lines directly above a block belong to it and go where it goes, and so does a remark behind its end.
"""

from __future__ import annotations

from dsl import tree
from dsl.edits import values
from dsl.edits.edit import AddBlock, CopyBlock, DeleteBlock, MoveBlock, Refused, ReplaceRule, Switch
from dsl.edits.inputs import switch as switch_input
from dsl.edits.work import Work
from dsl.edits.writing import block_text, laid_out
from dsl.forms.document import BlockAt, word_of
from dsl.forms.model import FlowForm, Input, RuleForm
from dsl.forms.sheet import Change
from dsl.values import fold

_ORDER = ("ruleset", "use", "setting", "list", "table", "flow", "rule", "test")
_ONE_LINE = ("setting", "list")


def add(work: Work, edit: AddBlock) -> list[Change]:
    """A new block: where it was said, else behind the last of its kind."""
    if edit.text:
        words = laid_out(edit.text)
        kind = words.split(None, 1)[0]
    else:
        kind = edit.kind
        words = block_text(kind, edit.block or {}, work.knowledge)
    return [put(work, words, kind, edit.after, edit.before)]


def put(work: Work, words: str, kind: str, after: str = "", before: str = "") -> Change:
    """A block's text at its place, with a blank line between it and its neighbours."""
    text, newline = work.text, _newline(work)
    words = words.replace("\r\n", "\n").replace("\n", newline)
    if before:
        block = work.block(before)
        at = work.document.remarks_above(block)
        at = text.rfind("\n", 0, at) + 1 if not text[text.rfind("\n", 0, at) + 1 : at].strip() else at
        tight = kind in _ONE_LINE and block.kind == kind and "\n" not in words
        return Change(at, at, f"{words}{newline}" if tight else f"{words}{newline}{newline}")
    block_before = work.block(after) if after else _last(work, kind)
    if block_before is None:
        return _first(work, words, kind)
    at = end_of(work, block_before)
    tight = kind in _ONE_LINE and block_before.kind == kind and "\n" not in words
    gap = newline if tight else newline * 2
    return Change(at, at, f"{gap}{words}")


def _first(work: Work, words: str, kind: str) -> Change:
    """Where no block of an earlier kind stands: before the first block, or into an empty file."""
    newline = _newline(work)
    blocks = work.document.blocks
    if not blocks:
        text = work.text
        lead = "" if not text or text.endswith("\n") else newline
        return Change(len(text), len(text), f"{lead}{words}{newline}")
    return put(work, words, kind, before=blocks[0].id)


def _last(work: Work, kind: str) -> BlockAt | None:
    """The block behind which a new one of a kind goes."""
    rank = _ORDER.index(kind) if kind in _ORDER else len(_ORDER)
    blocks = work.document.blocks
    same = [each for each in blocks if each.kind == kind]
    if same:
        return same[-1]
    earlier = [each for each in blocks if each.kind in _ORDER and _ORDER.index(each.kind) < rank]
    return earlier[-1] if earlier else None


def _newline(work: Work) -> str:
    at = work.text.find("\n")
    return "\r\n" if at > 0 and work.text[at - 1] == "\r" else "\n"


def end_of(work: Work, block: BlockAt) -> int:
    """Where a block ends, with a remark behind it on its line."""
    sheet = work.sheet(block)
    remark = sheet.comment_behind(block.end)
    return block.end if remark is None else remark[1]


def whole(work: Work, block: BlockAt) -> tuple[int, int]:
    """A block with the remarks that belong to it."""
    return work.document.remarks_above(block), end_of(work, block)


def _lines(work: Work, block: BlockAt) -> tuple[int, int]:
    """What goes when a block goes: its lines and the blank lines behind them, where it has its lines to itself."""
    start, end = whole(work, block)
    text, sheet = work.text, work.sheet(block)
    if not sheet.begins_line(start) or text[end : sheet.line_end(end)].strip():
        return start, end
    first, after = sheet.line_start(start), sheet.next_line(end)
    blank_before = first == 0 or not text[sheet.line_start(first - 1) : first].strip()
    while blank_before and after < len(text) and not text[after : sheet.line_end(after)].strip():
        after = sheet.next_line(after)
    if after >= len(text) and first > 0:
        # The last block: the blank lines before it go, and the last line keeps its end.
        while first > 0 and not text[sheet.line_start(first - 1) : first].strip():
            first = sheet.line_start(first - 1)
    return first, after


def delete(work: Work, edit: DeleteBlock) -> list[Change]:
    block = work.block(edit.block)
    return [Change(*_lines(work, block), "")]


def move(work: Work, edit: MoveBlock) -> list[Change]:
    """A block behind or before another one, its remarks with it."""
    block = work.block(edit.block)
    if not edit.after and not edit.before:
        raise Refused("say where it goes", "`after` or `before` another block")
    other = work.block(edit.after or edit.before)
    if other.id == block.id:
        return []
    ids = [each.id for each in work.document.blocks]
    place = ids.index(block.id)
    if (edit.after and place and ids[place - 1] == other.id) or (
        edit.before and ids[place + 1 : place + 2] == [other.id]
    ):
        return []
    start, end = whole(work, block)
    words = work.text[start:end].replace("\r\n", "\n")
    return [
        Change(*_lines(work, block), ""),
        put(work, words, block.kind, edit.after and other.id, edit.before and other.id),
    ]


def copy(work: Work, edit: CopyBlock) -> list[Change]:
    """The same block once more, behind it, under another title or name."""
    block = work.block(edit.block)
    node = block.node
    if node is None or block.kind in ("ruleset", "use"):
        raise Refused(f"a {block.kind} cannot be copied", "a file has one of it" if block.kind == "ruleset" else "")
    taken = {fold(each.title) for each in work.document.blocks if each.kind == block.kind}
    named = block.kind in ("setting", "list", "table")
    title = edit.title or _free(block.title, taken, named)
    word = word_of(node)
    if word is None:
        raise Refused("this block has no name")
    place = (word.span.start, word.span.end)
    said = values.name(title) if named else values.text(title)
    words = work.text[block.start : place[0]] + said + work.text[place[1] : block.end]
    return [put(work, words.replace("\r\n", "\n"), block.kind, after=block.id)]


def _free(title: str, taken: set[str], named: bool) -> str:
    """A title or name that no other block of the kind has."""
    made = f"{title}_copy" if named else f"{title} (copy)"
    number = 2
    while fold(made) in taken:
        made = f"{title}_copy_{number}" if named else f"{title} (copy {number})"
        number += 1
    return made


def switch(work: Work, edit: Switch) -> list[Change]:
    """A rule or a flow on or off."""
    block = work.block(edit.block)
    form = work.form(block)
    if not isinstance(form, RuleForm | FlowForm):
        raise Refused(f"a {block.kind} cannot be switched off", "delete it, or take out what uses it")
    found: Input = next(each for each in form.inputs if each.id == f"{block.id}/on")
    return switch_input(work.sheet(block), found, edit.on)


def replace_rule(work: Work, edit: ReplaceRule) -> list[Change]:
    """A pack's rule as a rule of the file, in the pack's place and free to be changed."""
    block = work.block(edit.use, "use")
    form = work.form(block)
    node = block.node
    pack = work.knowledge.pack_of(node) if isinstance(node, tree.Use) else None
    if pack is None:
        raise Refused(f'the rule set "{form.title}" is not known here')
    found = next(
        (each for each in work.knowledge.pack_rules(pack) if fold(each[0]) == fold(edit.rule)),
        None,
    )
    if found is None:
        known = ", ".join(title for title, _, _ in work.knowledge.pack_rules(pack)[:8])
        raise Refused(f'"{form.title}" has no rule "{edit.rule}"', f"its rules are {known}")
    title, rule, origin = found
    words = origin.text[rule.span.start : rule.span.end].replace("\r\n", "\n")
    head = rule.title.span.end - rule.span.start
    name = words[: rule.title.span.start - rule.span.start] + values.text(edit.title or rule.title.text)
    scope = rule.scope.span.start - rule.span.start
    between = words[head:scope]
    begun = f"{name}{between}replaces {values.text(f'{pack.alias}: {title}')}\n  {words[scope:]}"
    return [put(work, laid_out(begun), "rule", after="" if _last(work, "rule") else block.id)]
