"""The form of a test: what is given, and what must come out; changes with what tests can say."""

from __future__ import annotations

from dsl import tree
from dsl.forms.conditions import Conditions
from dsl.forms.declarations import Declarations
from dsl.forms.inputs import FIXED_WAYS, spoken, unlocked
from dsl.forms.knowledge import Scope
from dsl.forms.model import (
    Choice,
    Condition,
    ConditionRow,
    ExpectationForm,
    GivenItemForm,
    Input,
    Insert,
    Locked,
    Slot,
    TestForm,
)
from dsl.forms.statements import Statements
from dsl.tree import Expression
from dsl.types import ANY, DATE

OUTCOMES = tuple(f"{word}{each}" for word in ("", "not ") for each in ("skipped", "held", "failed"))


class Trials(Declarations):
    """The form of one test."""

    def test(self, node: tree.Test) -> TestForm:
        id, inputs, sheet = self.id, self.inputs, self.sheet
        self.conditions = Conditions(inputs, self.sentences)
        self.scope = Scope(all_of="test")
        title = (node.title.span.start, node.title.span.end)
        found = [inputs.plain(f"{id}/title", "Title", node.title.text, title, required=True)]
        expect = sheet.find("EXPECT", title[1], self.block.end)
        high = self.block.end if expect is None else expect[0]
        last = sheet.before(high)
        behind = title[1] if last is None else last[2]
        found.append(self._today(node, high, behind))
        settings = self._settings(node, title[1])
        given_fields: list[Input] = []
        items: list[GivenItemForm] = []
        if node.given is not None:
            given_fields, items, more = self._given(node.given)
            found += more
        return TestForm(
            id=id,
            kind="test",
            title=node.title.text,
            sentence=self.sentences.block(node),
            start=self.block.start,
            end=self.block.end,
            inputs=tuple(found),
            settings=tuple(settings),
            given=tuple(given_fields),
            items=tuple(items),
            expect=tuple(self._expectation(f"{id}/expect/{n}", each) for n, each in enumerate(node.expect, 1)),
            choices=inputs.choices,
        )

    def _today(self, node: tree.Test, high: int, behind: int) -> Input:
        place = clause = None
        if node.today is not None:
            days = [each for each in self.sheet.between(node.title.span.end, high) if each[0] == "ON"]
            word = days[0] if days else None
            day = None if word is None else self.sheet.after(word[2])
            if word is not None and day is not None:
                place, clause = (day[1], day[2]), (word[1], day[2])
        return Input(
            id=f"{self.id}/today",
            label="Today is",
            type="date",
            value=None if node.today is None else node.today.isoformat(),
            said_as="" if node.today is None else "constant",
            text="" if place is None else self.sheet.words(*place),
            start=None if place is None else place[0],
            end=None if place is None else place[1],
            slot=Slot("value", DATE, clause, Insert(behind, "on ", indent=self.indent)),
        )

    def _settings(self, node: tree.Test, at: int) -> list[Input]:
        know = self.knowledge
        found: list[Input] = []
        last = max((each.span.end for each in node.settings), default=0)
        before = Insert(last, own_line=False) if node.settings else Insert(at, "with settings ", indent=self.indent)
        given = {each.name: each for each in node.settings}
        for name in [*given, *(each for each in know.settings if each not in given)]:
            value, declared = given.get(name), know.settings.get(name)
            if value is None and "." in name and name.rpartition(".")[2] in know.settings:
                continue  # its short name is enough
            kind = ANY if declared is None else declared.type
            place = clause = None
            if value is not None:
                place = self.sheet.region(
                    value.value.span.start, value.value.span.end, value.name_span.end, value.span.end
                )
                clause = (value.span.start, value.span.end)
                word = self.sheet.before(value.span.start)
                if len(node.settings) == 1 and word is not None and word[0] == "WITH_SETTINGS":
                    clause = (word[1], value.span.end)
            found.append(
                self.inputs.value(
                    f"{self.id}/settings/{name}",
                    name.replace("_", " ").replace(".", ": ").capitalize(),
                    None if value is None else value.value,
                    place=place,
                    wanted=kind,
                    reference="" if declared is None else declared.reference,
                    ways=("list",) if kind.element is not None else FIXED_WAYS,
                    clause=clause,
                    insert=Insert(
                        before.at, f"{before.before}{name} = ", indent=before.indent, own_line=before.own_line
                    ),
                    required=False,
                    help="" if declared is None else declared.note,
                )
            )
        return found

    def _given(self, node: tree.Given) -> tuple[list[Input], list[GivenItemForm], list[Input]]:
        id, inputs, sheet = f"{self.id}/given", self.inputs, self.sheet
        kinds = tuple(Choice(each.name, each.label) for each in self.knowledge.schema.kinds if each.name in each.roots)
        file = None
        if node.file is not None:
            before = sheet.before(node.file.span.start)
            file = (node.file.span.start if before is None else before[1], node.file.span.end)
        more = [
            inputs.word(
                f"{id}/kind",
                "Given",
                node.kind.text,
                (node.kind.span.start, node.kind.span.end),
                choices=inputs.offer("kinds of records", lambda: kinds),
                required=True,
            ),
            inputs.plain(
                f"{id}/file",
                "Recorded in",
                None if node.file is None else node.file.text,
                None if node.file is None else (node.file.span.start, node.file.span.end),
                clause=file,
                insert=Insert(node.kind.span.end, "from ", own_line=False),
                help="a recorded record beside the rule set",
            ),
        ]
        inputs.offer_fields(self.scope)
        statements = Statements(inputs, self.conditions, self.sentences)
        fields = statements.assignments(id, "", node.fields, self.scope, fixed=True)
        counts: dict[str, int] = {}
        items: list[GivenItemForm] = []
        for place, each in enumerate(node.items, 1):
            counts[each.item] = counts.get(each.item, 0) + 1
            items.append(
                GivenItemForm(
                    id=f"{id}/items/{place}",
                    item=each.item,
                    number=counts[each.item],
                    fields=tuple(
                        statements.assignments(f"{id}/items/{place}", each.item, each.fields, self.scope, fixed=True)
                    ),
                    start=each.span.start,
                    end=each.span.end,
                )
            )
        return fields, items, more

    # --- what is expected ---------------------------------------------------------------------------------------------

    def _expectation(self, id: str, node: tree.Expectation) -> ExpectationForm:
        start, end = self.sheet.balanced(node.span.start, node.span.end)
        kind, inputs, condition = self._parts(id, node, start, end)
        return ExpectationForm(
            id=id,
            kind=kind,
            inputs=tuple(inputs),
            condition=condition,
            sentence=self.sentences.expectation(node),
            start=start,
            end=end,
        )

    def _parts(
        self, id: str, node: tree.Expectation, start: int, end: int
    ) -> tuple[str, list[Input], Condition | None]:
        inputs, sheet = self.inputs, self.sheet
        tokens = sheet.between(start, end)
        first = tokens[0] if tokens else ("", start, end)
        match node:
            case tree.ExpectCondition(condition=condition):
                return "field", [], self._condition(id, condition, start, end)
            case tree.ExpectItem(item=item, number=number, condition=condition):
                return (
                    "item",
                    [
                        inputs.word(f"{id}/item", "Item", item, (first[1], first[2]), type="text", required=True),
                        inputs.word(
                            f"{id}/number",
                            "Number",
                            str(number),
                            (tokens[1][1], tokens[1][2]),
                            writes="count",
                            type="count",
                            required=True,
                        ),
                    ],
                    self._fixed_left(self._condition(id, condition, tokens[2][1], end), condition),
                )
            case tree.ExpectItemCount(condition=condition):
                return "count", [], self._fixed_left(self._condition(id, condition, start, end), condition)
            case tree.ExpectItemSkipped(item=item, reason=reason):
                return (
                    "item skipped",
                    [
                        inputs.word(f"{id}/item", "Item", item, (first[1], first[2]), type="text", required=True),
                        self._reason(id, reason, tokens, end),
                    ],
                    None,
                )
            case tree.ExpectOutcome(outcome=outcome, reason=reason, negated=negated):
                word = tokens[1] if negated and len(tokens) > 1 else first
                return (
                    "outcome",
                    [
                        inputs.word(
                            f"{id}/outcome",
                            "It is",
                            f"{'not ' if negated else ''}{outcome}",
                            (first[1], word[2]),
                            choices=inputs.offer(
                                "outcomes", lambda: tuple(Choice(each, each.capitalize()) for each in OUTCOMES)
                            ),
                            required=True,
                        ),
                        self._reason(id, reason, tokens, word[2]),
                    ],
                    None,
                )
            case tree.ExpectFired(rule=rule, negated=negated):
                return self._fired(id, rule, negated, first[1])
            case tree.ExpectDocument(kind=tree.Word() as kind, negated=negated):
                kinds = tuple(Choice(each, spoken(each)) for each in self.knowledge.schema.document_kinds)
                return (
                    "document",
                    [
                        inputs.word(
                            f"{id}/document",
                            "The document is not" if negated else "The document is",
                            kind.text,
                            (kind.span.start, kind.span.end),
                            choices=inputs.offer("kinds of documents", lambda: kinds),
                            required=True,
                        )
                    ],
                    None,
                )
            case tree.ExpectDocument(condition=condition) if condition is not None:
                return "document", [], self._fixed_left(self._condition(id, condition, start, end), condition)
            case tree.ExpectNoDocument():
                return "no document", [], None
        return "text", [], Locked(id, sheet.words(start, end), "it is not written right", start, end)

    def _fired(self, id: str, rule: tree.Word, negated: bool, start: int) -> tuple[str, list[Input], Condition | None]:
        inputs = self.inputs
        titles = [each.title for each in self.knowledge.document.blocks if each.kind == "rule"]
        for pack in self.knowledge.packs:
            if pack is not None:
                titles += [f"{pack.alias}: {title}" for title, _, _ in self.knowledge.pack_rules(pack)]
        before = self.sheet.before(rule.span.start)
        words = (Choice("fired", "fires"), Choice("not fired", "does not fire"))
        return (
            "fired",
            [
                inputs.word(
                    f"{id}/fired",
                    "The rule",
                    "not fired" if negated else "fired",
                    (start, start if before is None else before[2]),
                    choices=inputs.offer("fired", lambda: words),
                    required=True,
                ),
                inputs.plain(
                    f"{id}/rule",
                    "Rule",
                    rule.text,
                    (rule.span.start, rule.span.end),
                    required=True,
                    choices=inputs.offer("rules", lambda: tuple(Choice(each, each) for each in titles)),
                ),
            ],
            None,
        )

    def _reason(self, id: str, reason: str | None, tokens: list[tuple[str, int, int]], behind: int) -> Input:
        place = (tokens[-1][1], tokens[-1][2]) if reason is not None else None
        return self.inputs.plain(
            f"{id}/reason",
            "Because",
            reason,
            place,
            clause=place,
            insert=Insert(tokens[-1][2] if tokens else behind, own_line=False),
            help="empty: for any reason",
        )

    def _condition(self, id: str, node: Expression, low: int, high: int) -> Condition:
        return self.conditions.condition(id, node, self.scope, low, high)

    def _fixed_left(self, shown: Condition, node: Expression) -> Condition:
        """The left side is part of the words around it ("line 2 sku"): it is changed with the whole line."""
        if not isinstance(shown, ConditionRow):
            return shown
        return ConditionRow(
            shown.id,
            unlocked(shown.field, "it belongs to the words before it: change the whole line"),
            shown.comparison,
            shown.values,
            shown.sentence,
            shown.start,
            shown.end,
        )
