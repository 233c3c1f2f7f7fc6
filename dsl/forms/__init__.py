"""Blocks of a rule-set file as forms; changes when a kind of block joins (what is shown of each stands next door).

A form is a view of the text and holds nothing of its own: what a form saves is an edit of the text (`dsl.edits`), and what no
form can show is a locked part with its text. Nothing here says whether a file is right; that is `dsl.check`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dsl import tree
from dsl.forms.declarations import Declarations
from dsl.forms.document import BROKEN, BlockAt, Document
from dsl.forms.flows import Flows
from dsl.forms.knowledge import Knowledge, Surroundings
from dsl.forms.mapping import mapping
from dsl.forms.model import (
    FORM,
    BlockForm,
    FileForm,
    Input,
    Locked,
    LockedForm,
    MapForm,
    Remark,
    Summary,
    as_json,
    parts_of,
)
from dsl.forms.rules import RuleParts
from dsl.forms.sentences import Sentences
from dsl.forms.tables import Tables
from dsl.forms.trials import Trials

__all__ = ["FORM", "BlockForm", "Document", "FileForm", "Forms", "Surroundings", "as_json"]


class Forms:
    """The forms of one text in its surroundings. Made again for every text; a form is made when it is asked for."""

    def __init__(self, document: Document, surroundings: Surroundings) -> None:
        self.document = document
        self.knowledge = Knowledge(document, surroundings)
        self._sentences = Sentences(self.knowledge)
        self._made: dict[str, BlockForm] = {}
        self._parts: dict[str, dict[str, list[Any]]] = {}

    def file(self) -> FileForm:
        """The summaries of all blocks in the order of the text."""
        line, at = 1, 0
        found: list[Summary] = []
        text = self.document.text
        for each in self.document.blocks:
            line += text.count("\n", at, each.start)
            at = each.start
            found.append(self._summary(each, line))
        return FileForm(v=FORM, file=self.document.name, base=self.document.base, blocks=tuple(found))

    def _summary(self, block: BlockAt, line: int) -> Summary:
        node = block.node
        sentence = "This part cannot be read." if node is None else self._sentences.block(node)
        on = not (isinstance(node, tree.Rule | tree.Flow) and node.off)
        return Summary(block.id, block.kind, block.title, sentence, on, block.start, block.end, line)

    def block(self, called: str) -> BlockForm | None:
        """The form of a block by its id, or by its title or name; None where there is none of that name."""
        block = self.document.block(called)
        return None if block is None else self.of(block)

    def of(self, block: BlockAt) -> BlockForm:
        """The form of a block."""
        if block.id not in self._made:
            made = self._form(block)
            self._made[block.id] = replace(made, remarks=self._remarks(block))
        return self._made[block.id]

    def parts(self, id: str) -> list[Any]:
        """Every part of the forms that has this id: the clause and the condition in it share one."""
        block = self.document.holding(id)
        if block is None:
            return []
        if block.id not in self._parts:
            found = self._parts[block.id] = {}
            for each in parts_of(self.of(block)):
                found.setdefault(each.id, []).append(each)
        return self._parts[block.id].get(id, [])

    def _remarks(self, block: BlockAt) -> tuple[Remark, ...]:
        text = self.document.text
        sheet = self.document.sheet(block)
        above = self.document.remarks_above(block)
        found: list[Remark] = []
        at = above
        while at < block.start:
            end = sheet.line_end(at)
            start = at + len(text[at:end]) - len(text[at:end].lstrip(" \t"))
            if text.startswith("//", start):
                found.append(Remark(text[start:end], start, end))
            at = sheet.next_line(at)
        behind = sheet.comment_behind(block.end)
        inside = [*sheet.comments(block.start, block.end), *([] if behind is None else [behind])]
        return (*found, *(Remark(text[start:end].rstrip("\r"), start, end) for start, end in inside))

    def _form(self, block: BlockAt) -> BlockForm:
        """The form of a block; of one in which something could not be read, only where the form knows the place of that."""
        if block.node is None or getattr(block.node, "torn", False):
            return self._locked(block)
        errors = self.document.errors(block)
        if errors and (any(_lost(each) for each in tree.walk(block.node)) or self._wordless(block, block.node)):
            return self._locked(block)
        made = self._read(block, block.node)
        locked = [each for each in parts_of(made) if isinstance(each, Locked)]
        locked_inputs = [each for each in parts_of(made) if isinstance(each, Input) and not each.editable]
        for at in errors:
            known = any(each.start <= at <= each.end for each in locked)
            known = known or any((each.start or 0) <= at <= (each.end or -1) for each in locked_inputs)
            if not known:
                return self._locked(block)
        return made

    def _wordless(self, block: BlockAt, node: tree.Block) -> bool:
        """Whether a word was read that does not stand there: the places of what is behind it would be guesses."""
        wanted = {"END"}
        if isinstance(node, tree.Setting | tree.List):
            wanted = {"IS"}
        elif isinstance(node, tree.Rule):
            wanted |= {"FOR", "THEN"} | ({"WHEN"} if node.when is not None else set())
            wanted |= {"OTHERWISE"} if node.otherwise else set()
        elif isinstance(node, tree.Test):
            wanted |= {"EXPECT"}
        return not wanted <= {kind for kind, _, _ in self.document.sheet(block).between(block.start, block.end)}

    def _read(self, block: BlockAt, node: tree.Block) -> BlockForm:
        match node:
            case tree.Header():
                return Declarations(block, self.knowledge).header(node)
            case tree.Use():
                return Declarations(block, self.knowledge).use(node)
            case tree.Setting():
                return Declarations(block, self.knowledge).setting(node)
            case tree.List():
                return Declarations(block, self.knowledge).list_block(node)
            case tree.Table():
                return Tables(block, self.knowledge).table(node)
            case tree.Flow():
                return Flows(block, self.knowledge).flow(node)
            case tree.Test():
                return Trials(block, self.knowledge).test(node)
        form = RuleParts(block, node, self.knowledge).form(MapForm(fits=False))
        return replace(form, map=mapping(form, node, self._sentences))

    def _locked(self, block: BlockAt) -> LockedForm:
        why = "it cannot be read" if block.node is None else "a part of it cannot be read"
        return LockedForm(
            id=block.id,
            kind=BROKEN if block.node is None else block.kind,
            title=block.title,
            sentence="This part cannot be read." if block.node is None else self._sentences.block(block.node),
            start=block.start,
            end=block.end,
            text=self.document.text[block.start : block.end],
            why=why,
        )


def _lost(node: tree.Node) -> bool:
    """Whether something stood there that is not in the tree."""
    return isinstance(node, tree.HoleStatement) or (isinstance(node, tree.Word) and not node.text and not node.quoted)
