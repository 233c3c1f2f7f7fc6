"""Conditions as rows in groups of all, any and not; changes with how conditions are shown (knows no block)."""

from __future__ import annotations

from dsl import tree
from dsl.forms import comparisons
from dsl.forms.inputs import ALL_WAYS, LIST_WAYS, Inputs
from dsl.forms.knowledge import Scope
from dsl.forms.model import (
    Choice,
    Condition,
    ConditionGroup,
    ConditionItems,
    ConditionPlace,
    ConditionRow,
    Input,
    Insert,
    Locked,
    Slot,
)
from dsl.forms.sentences import Sentences
from dsl.tree import Expression, Operator
from dsl.types import TEXT, YES_NO, Type

_JOINED = (
    Choice("all", "all of these hold"),
    Choice("any", "at least one of these holds"),
    Choice("not", "this does not hold"),
)
_QUANTIFIERS = (Choice("some", "at least one"), Choice("every", "every one"), Choice("no", "not one"))


class Conditions:
    """The conditions of one block."""

    def __init__(self, inputs: Inputs, sentences: Sentences) -> None:
        self.inputs = inputs
        self.sheet = inputs.sheet
        self.knowledge = inputs.knowledge
        self.sentences = sentences

    def place(
        self,
        id: str,
        label: str,
        node: Expression | None,
        scope: Scope,
        clause: tuple[int, int] | None,
        insert: Insert,
        *,
        low: int = 0,
        required: bool = False,
    ) -> ConditionPlace:
        """A clause with a condition (`when …`, from `clause` on), or where one would go; `low` is behind its word."""
        condition = None
        if node is not None and clause is not None:
            condition = self.condition(id, node, scope, low, clause[1])
        return ConditionPlace(id, label, condition, required, Slot("condition", YES_NO, clause, insert))

    def condition(self, id: str, node: Expression, scope: Scope, low: int, high: int) -> Condition:
        """A condition that stands between `low` and `high`, and nothing else does but the parentheses around it."""
        start, end = self.sheet.region(node.span.start, node.span.end, low, high)
        grouped = isinstance(node, tree.And | tree.Or | tree.Not)
        if isinstance(node, tree.Hole) or (not grouped and self.inputs.wrong(start, end)):
            return Locked(id, self.sheet.words(start, end), "it is not written right", start, end)
        match node:
            case tree.And(operands=operands):
                return self._group(id, "all", node, operands, scope, start, end)
            case tree.Or(operands=operands):
                return self._group(id, "any", node, operands, scope, start, end)
            case tree.Not(operand=operand):
                return self._group(id, "not", node, (operand,), scope, start, end)
            case tree.Quantified():
                return self._items(id, node, scope, start, end)
        return self._row(id, node, scope, start, end)

    # --- groups -------------------------------------------------------------------------------------------------------

    def _group(
        self,
        id: str,
        joined: str,
        node: Expression,
        operands: tuple[Expression, ...],
        scope: Scope,
        start: int,
        end: int,
    ) -> ConditionGroup:
        inner = self.sheet.balanced(node.span.start, node.span.end)
        parts: list[Condition] = []
        low = inner[0]
        for place, each in enumerate(operands, 1):
            part = self.condition(f"{id}/{place}", each, scope, low, inner[1])
            parts.append(part)
            low = part.end
        choices = self.inputs.offer("joined", lambda: _JOINED)
        return ConditionGroup(
            id,
            Input(
                id=f"{id}/joined",
                label="Which of these have to hold",
                type="choice",
                value=joined,
                said_as="word",
                text="",
                choices=choices,
                ways=("word",),
                required=True,
                editable=joined != "not",
                why="take the `not` off to change it" if joined == "not" else "",
                start=start,
                end=end,
                slot=Slot("joined"),
            ),
            tuple(parts),
            self.sentences.condition(node),
            start,
            end,
        )

    def _items(self, id: str, node: tree.Quantified, scope: Scope, start: int, end: int) -> Condition:
        inner = self.sheet.balanced(node.span.start, node.span.end)
        tokens = self.sheet.between(*inner)
        word = tokens[0]
        places = [
            each
            for each in self.knowledge.schema.items
            if scope.kind is None or each.collection.split(".")[0] in scope.kind.roots
        ]
        choices = self.inputs.offer(
            "items", lambda: tuple(Choice(f"{each.name} in {each.collection}", each.label) for each in places)
        )
        collection = (node.collection.span.start, node.collection.span.end)
        inside = scope.with_item(self.knowledge.schema.item(node.collection.name))
        clause = None
        low = collection[1]
        if node.where is not None and (found := self.sheet.find("WHERE", collection[1], inner[1])) is not None:
            clause = (found[0], inner[1])
            opened = self.sheet.after(found[1])
            low = opened[2] if opened is not None else found[1]
        where = None
        if node.where is not None:
            where = self.condition(f"{id}/where", node.where, inside, low, inner[1] - 1)
        return ConditionItems(
            id,
            self.inputs.word(
                f"{id}/quantifier",
                "How many",
                node.quantifier,
                (word[1], word[2]),
                choices=self.inputs.offer("quantifiers", lambda: _QUANTIFIERS),
                required=True,
            ),
            self.inputs.word(
                f"{id}/items",
                "Of which items",
                f"{node.item} in {node.collection.name}",
                (tokens[1][1], collection[1]),
                writes="items",
                choices=choices,
                required=True,
            ),
            where if clause is not None else None,
            self.sentences.condition(node),
            start,
            end,
        )

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _row(self, id: str, node: Expression, scope: Scope, start: int, end: int) -> Condition:
        inner = self.sheet.balanced(node.span.start, node.span.end)
        sheet = self.sheet
        if isinstance(node, tree.Comparison):
            left, rights = node.left, [node.right, *([] if node.high is None else [node.high])]
        elif isinstance(node, tree.Presence):
            left, rights = node.operand, []
        else:
            left, rights = node, []
            inner = (start, end)
        first = sheet.region(left.span.start, left.span.end, inner[0], inner[1])
        words = comparisons.words_of(node)
        places: list[tuple[int, int]] = []
        high = inner[1]
        if rights:
            # From the right, so that no value takes in what belongs to the words before it.
            low = first[1]
            for each in reversed(rights):
                place = sheet.region(each.span.start, each.span.end, low, high)
                places.insert(0, place)
                high = place[0]
        said_to = places[0][0] if places else inner[1]
        between = sheet.between(first[1], said_to)
        said = (between[0][1], between[-1][2]) if between else (first[1], first[1])
        kind = self.knowledge.kind_of(left)
        found = self.knowledge.field_of(left)
        wanted, reference = self._wanted(node, kind, left)
        values = tuple(
            self.inputs.value(
                f"{id}/{name}",
                label,
                right,
                place=place,
                wanted=wanted,
                field=found if self._closed(node) else None,
                reference=reference,
                ways=LIST_WAYS
                if wanted.element is not None
                else ("constant",)
                if wanted == comparisons.PATTERN_TYPE
                else ALL_WAYS,
                scope=scope,
            )
            for name, label, right, place in zip(("value", "high"), ("Value", "and"), rights, places, strict=False)
        )
        if wanted == comparisons.PATTERN_TYPE and values:
            values = (
                Input(
                    id=f"{id}/value",
                    label="Pattern",
                    type="pattern",
                    value=rights[0].value if isinstance(rights[0], tree.Text) else "",
                    said_as="constant",
                    text=sheet.words(*places[0]),
                    required=True,
                    start=places[0][0],
                    end=places[0][1],
                    slot=Slot("pattern", TEXT),
                ),
            )
        field = self.inputs.path(f"{id}/field", "Field", left, first, scope, ways=("field", "setting", "expression"))
        comparison = self.inputs.word(
            f"{id}/comparison",
            "Comparison",
            words,
            said,
            writes="comparison",
            choices=self.inputs.offer(f"comparisons of {kind}", lambda: comparisons.choices(kind)),
            required=True,
        )
        return ConditionRow(id, field, comparison, values, self.sentences.condition(node), start, end)

    def _closed(self, node: Expression) -> bool:
        return isinstance(node, tree.Comparison) and node.operator in (
            Operator.IS,
            Operator.EXACTLY,
            Operator.ONE_OF,
            Operator.MORE,
            Operator.LESS,
            Operator.AT_LEAST,
            Operator.AT_MOST,
            Operator.BETWEEN,
            Operator.BEFORE,
            Operator.AFTER,
        )

    def _wanted(self, node: Expression, kind: Type, left: Expression) -> tuple[Type, str]:
        """What the right side has to be, and the list of the books that it names something in."""
        declared = self.knowledge.declared(left)
        same = isinstance(node, tree.Comparison) and node.operator in (Operator.IS, Operator.ONE_OF)
        reference = declared.reference if declared is not None and same else ""
        return comparisons.wanted(comparisons.words_of(node), kind), reference


__all__ = ["Conditions"]
