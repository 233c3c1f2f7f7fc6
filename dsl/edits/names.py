"""A name is changed where it is declared and wherever the file says it; changes with what has a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsl import tree
from dsl.edits import values
from dsl.edits.edit import Refused, Rename
from dsl.edits.work import Work
from dsl.forms.document import BlockAt, word_of
from dsl.forms.model import ColumnForm, TableForm
from dsl.forms.sheet import Change
from dsl.values import fold

_LOOKUP = re.compile(r"lookup(?:\s|//[^\n]*\n)+")


def rename(work: Work, edit: Rename) -> list[Change]:
    """A setting, list, table, rule, flow or test, or a column ("table-1/columns/code")."""
    if "/columns/" in edit.what:
        return _column(work, edit)
    block = work.block(edit.what)
    if block.kind in ("setting", "list", "table"):
        return _name(work, block, edit.to)
    if block.kind in ("rule", "flow", "test"):
        return _title(work, block, edit.to)
    raise Refused(f"a {block.kind} has no name that other blocks say")


def _mentioning(work: Work, word: str) -> Iterator[tree.Block]:
    """The blocks in whose text a word stands: only those are walked, for a file may be long."""
    for each in work.document.blocks:
        if each.node is not None and word in work.text[each.start : each.end]:
            yield each.node


def _name(work: Work, block: BlockAt, to: str) -> list[Change]:
    old = block.title
    new = values.name(to)
    if new == old:
        return []
    taken = [each for each in work.document.blocks if each.kind in ("setting", "list", "table") and each.title == new]
    if taken:
        raise Refused(f"there already is a {taken[0].kind} `{new}`", "choose another name")
    changes: list[Change] = []
    for each in _mentioning(work, old):
        for node in tree.walk(each):
            if block.kind == "table":
                if isinstance(node, tree.Lookup) and node.table == old:
                    found = _LOOKUP.match(work.text, node.span.start)
                    at = node.span.start + len("lookup ") if found is None else found.end()
                    changes.append(Change(at, at + len(old), new))
            elif isinstance(node, tree.Name) and node.name == old:
                changes.append(Change(node.span.start, node.span.end, new))
        if block.kind == "setting" and isinstance(each, tree.Test):
            changes += [
                Change(given.name_span.start, given.name_span.end, new) for given in each.settings if given.name == old
            ]
    word = word_of(block.node)
    here = [] if word is None else [Change(word.span.start, word.span.end, new)]
    return [*here, *_no_options(work, block, changes)]


def _no_options(work: Work, block: BlockAt, changes: list[Change]) -> list[Change]:
    """Leaves out words that only look like the name: the own words of a flow's options."""
    options = {each.name: each for each in work.knowledge.schema.flow_options}
    own: set[int] = set()
    for each in work.document.blocks:
        if isinstance(each.node, tree.Flow):
            for given in each.node.options:
                option = options.get(given.name)
                if option is not None and isinstance(given.value, tree.Name) and given.value.name in option.values:
                    own.add(given.value.span.start)
    return [each for each in changes if each.start not in own]


def _title(work: Work, block: BlockAt, to: str) -> list[Change]:
    new = values.text(to)
    if not to.strip():
        raise Refused("a title is not blank", "say what it is for")
    taken = [
        each
        for each in work.document.blocks
        if each.kind == block.kind and each.id != block.id and fold(each.title) == fold(to)
    ]
    if taken:
        raise Refused(f'there already is a {block.kind} "{to}"', "choose another title")
    title = word_of(block.node)
    changes = [] if to == block.title or title is None else [Change(title.span.start, title.span.end, new)]
    said: list[tree.Word] = []
    for each in work.document.blocks:
        node = each.node
        if block.kind == "rule" and isinstance(node, tree.Test):
            said += [part.rule for part in node.expect if isinstance(part, tree.ExpectFired)]
        if block.kind == "flow" and isinstance(node, tree.Rule) and node.scope.flow is not None:
            said.append(node.scope.flow)
        if block.kind == "flow" and isinstance(node, tree.Flow) and node.after is not None:
            said.append(node.after)
    changes += [
        Change(each.span.start, each.span.end, new)
        for each in said
        if fold(each.text) == fold(block.title) and each.text != to
    ]
    return changes


def _column(work: Work, edit: Rename) -> list[Change]:
    column: ColumnForm = work.part(edit.what, ColumnForm)
    block = work.block_of(edit.what)
    form = work.form(block)
    new, old = values.name(edit.to), str(column.name.value)
    if new == old or column.name.start is None or column.name.end is None:
        return []
    if isinstance(form, TableForm) and any(each.name.value == new for each in form.columns):
        raise Refused(f"the table already has a column `{new}`", "choose another name")
    changes = [Change(column.name.start, column.name.end, new)]
    for each in _mentioning(work, old):
        changes += [
            Change(node.span.end - len(old), node.span.end, new)
            for node in tree.walk(each)
            if isinstance(node, tree.Lookup) and node.table == block.title and node.column == old and not column.key
        ]
    return changes
