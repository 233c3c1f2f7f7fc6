"""The form of a rule; changes with the parts of a rule."""

from __future__ import annotations

from dsl import tree
from dsl.forms.conditions import Conditions
from dsl.forms.document import BlockAt
from dsl.forms.inputs import Inputs
from dsl.forms.knowledge import Knowledge, Scope
from dsl.forms.model import Choice, ConditionPlace, Input, Insert, MapForm, RuleForm, Slot, StatementPlace
from dsl.forms.sentences import Sentences
from dsl.forms.statements import Statements


class RuleParts:
    """A rule with the places of its parts."""

    def __init__(self, block: BlockAt, node: tree.Rule, knowledge: Knowledge) -> None:
        self.id = block.id
        sheet = knowledge.document.sheet(block)
        self.node = node
        self.knowledge = knowledge
        self.sheet = sheet
        self.inputs = Inputs(knowledge, sheet, knowledge.document.errors(block))
        self.sentences = Sentences(knowledge)
        self.conditions = Conditions(self.inputs, self.sentences)
        self.statements = Statements(self.inputs, self.conditions, self.sentences)
        self.scope = knowledge.scope_of(node)
        self.indent = sheet.indent(node.span.start) + "  "

    def form(self, map: MapForm) -> RuleForm:
        node = self.node
        self.inputs.offer_names()
        inputs = self._head()
        scoping, where = self._scope()
        when = self.when()
        then = self._behind("then", "Then", node.then, node.span.start)
        last = then.statements[-1].end if then.statements else node.span.end
        otherwise = self._behind("otherwise", "Otherwise", node.otherwise, last)
        return RuleForm(
            id=self.id,
            kind="rule",
            title=node.title.text,
            sentence=self.sentences.block(node),
            start=node.span.start,
            end=node.span.end,
            inputs=(*inputs, *scoping),
            on=not node.off,
            where=where,
            when=when,
            then=then,
            otherwise=otherwise,
            map=map,
            choices=self.inputs.choices,
        )

    def _head(self) -> list[Input]:
        node, sheet, inputs = self.node, self.sheet, self.inputs
        title = (node.title.span.start, node.title.span.end)
        at = title[1]
        off = None
        following = sheet.after(at)
        if node.off and following is not None and following[0] == "OFF":
            off = (following[1], following[2])
            at = off[1]
        note = replaces = None
        if node.note is not None:
            word = sheet.find("NOTE", at, node.scope.span.start)
            text = None if word is None else sheet.after(word[1])
            note = None if word is None or text is None else (word[0], text[1], text[2])
        behind_note = at if note is None else note[2]
        if node.replaces is not None:
            before = sheet.before(node.replaces.span.start)
            replaces = (node.replaces.span.start if before is None else before[1], node.replaces.span.end)
        id = self.id
        others = [each for each in self.knowledge.packs if each is not None]
        titles = tuple(f"{pack.alias}: {name}" for pack in others for name, _, _ in self.knowledge.pack_rules(pack))
        return [
            inputs.plain(f"{id}/title", "Title", node.title.text, title, required=True, help="stands in the log"),
            inputs.switch(
                f"{id}/on", not node.off, off, title[1], "a rule that is off stays in the file and does nothing"
            ),
            inputs.plain(
                f"{id}/note",
                "Note",
                node.note,
                None if note is None else (note[1], note[2]),
                clause=None if note is None else (note[0], note[2]),
                insert=Insert(at, "note ", indent=self.indent),
                help="for people: why the rule is there",
            ),
            inputs.plain(
                f"{id}/replaces",
                "Replaces a pack's rule",
                None if node.replaces is None else node.replaces.text,
                None if node.replaces is None else (node.replaces.span.start, node.replaces.span.end),
                clause=replaces,
                insert=Insert(behind_note, "replaces ", indent=self.indent),
                choices=inputs.offer("rules of packs", lambda: tuple(Choice(each, each) for each in titles)),
                help="runs in the place of that rule",
            ),
        ]

    def _scope(self) -> tuple[list[Input], ConditionPlace | None]:
        node, sheet, inputs, id = self.node, self.sheet, self.inputs, self.id
        what = node.scope
        end = what.span.end
        first = sheet.after(what.span.start)
        begin = what.span.start if first is None else first[2]
        if isinstance(what, tree.ForRecord):
            said = what.kind.text
            words = (what.kind.span.start, what.kind.span.end)
        else:
            said = f"{what.item.text} in {what.collection.name}"
            found = sheet.after(begin)
            words = (begin if found is None else found[1], what.collection.span.end)
        schema = self.knowledge.schema
        kinds = [
            Choice(each.name, f"Every {each.label.casefold()}") for each in schema.kinds if each.name in each.roots
        ]
        items = [Choice(f"{each.name} in {each.collection}", f"Each {_small(each.label)}") for each in schema.items]
        source = flow = None
        if what.source is not None:
            before = sheet.before(what.source.span.start)
            source = (what.source.span.start if before is None else before[1], what.source.span.end)
        if what.flow is not None:
            word = sheet.find("IN", source[1] if source is not None else words[1], what.flow.span.start)
            flow = (what.flow.span.start if word is None else word[0], what.flow.span.end)
        behind_source = source[1] if source is not None else words[1]
        behind_flow = flow[1] if flow is not None else behind_source
        titles = [each.title for each in self.knowledge.document.blocks if each.kind == "flow"]
        found_inputs = [
            inputs.word(
                f"{id}/for",
                "For",
                said,
                words,
                writes="scope",
                choices=inputs.offer("what a rule is for", lambda: (*kinds, *items)),
                required=True,
            ),
            inputs.word(
                f"{id}/from",
                "Only from",
                None if what.source is None else what.source.text,
                None if what.source is None else (what.source.span.start, what.source.span.end),
                writes="system",
                choices=inputs.offer("systems", lambda: tuple(Choice(each, each) for each in schema.sources)),
                other=True,
                clause=source,
                insert=Insert(words[1], "from ", own_line=False),
                help="a kind of system, or one connection by its name",
                said_as="constant" if what.source is not None and what.source.quoted else "",
            ),
            inputs.plain(
                f"{id}/flow",
                "Only in the flow",
                None if what.flow is None else what.flow.text,
                None if what.flow is None else (what.flow.span.start, what.flow.span.end),
                clause=flow,
                insert=Insert(behind_source, "in flow ", own_line=False),
                choices=inputs.offer("flows", lambda: tuple(Choice(each, each) for each in titles)),
            ),
        ]
        if not isinstance(what, tree.ForEach):
            return found_inputs, None
        clause = None
        if what.where is not None and (word := sheet.find("WHERE", behind_flow, end)) is not None:
            clause = (word[0], end)
        where = self.conditions.place(
            f"{id}/where",
            f"Only each {what.item.text} where",
            what.where,
            self.scope,
            clause,
            Insert(behind_flow, "where ", own_line=False),
            low=end if clause is None else clause[0] + len("where"),
        )
        return found_inputs, where

    def when(self) -> ConditionPlace:
        """The condition of the rule, or where it would go."""
        node, sheet = self.node, self.sheet
        scope_end = node.scope.span.end
        clause = None
        if node.when is not None and (word := sheet.find("WHEN", scope_end, node.span.end)) is not None:
            then = sheet.find("THEN", word[1], node.span.end)
            last = sheet.before(node.span.end if then is None else then[0])
            clause = (word[0], word[1] if last is None else last[2])
        whole = Scope(self.scope.kind) if isinstance(node.scope, tree.ForRecord) else self.scope
        return self.conditions.place(
            f"{self.id}/when",
            "When",
            node.when,
            whole,
            clause,
            Insert(scope_end, "when ", indent=self.indent),
            low=scope_end if clause is None else clause[0] + len("when"),
        )

    def _behind(self, name: str, label: str, statements: tuple[tree.Statement, ...], start: int) -> StatementPlace:
        id = f"{self.id}/{name}"
        shown = tuple(
            self.statements.statement(f"{id}/{place}", each, self.scope) for place, each in enumerate(statements, 1)
        )
        clause = None
        if shown and (word := self.sheet.before(shown[0].start)) is not None:
            clause = (word[1], shown[-1].end)
        return StatementPlace(
            id, label, shown, Slot("statements", None, clause, Insert(start, f"{name} ", indent=self.indent))
        )


def _small(label: str) -> str:
    return label[:1].lower() + label[1:]
