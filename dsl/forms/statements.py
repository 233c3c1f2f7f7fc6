"""Statements with their parts; changes with how statements are shown (knows no block)."""

from __future__ import annotations

from dsl import tree
from dsl.forms.conditions import Conditions
from dsl.forms.inputs import ALL_WAYS, LIST_WAYS, Inputs, holed
from dsl.forms.knowledge import Scope
from dsl.forms.model import Choice, ConditionPlace, Input, Insert, Locked, Slot, Statement, StatementForm
from dsl.forms.sentences import Sentences
from dsl.tree import Expression
from dsl.types import ANY, DURATION, TEXT, list_of

DOES: tuple[Choice, ...] = (
    Choice("set", "Set", "writes the value"),
    Choice("fill", "Fill", "writes the value where there is none"),
    Choice("override", "Override", "writes the value, and says that it overrules earlier rules"),
    Choice("clear", "Clear", "makes the field missing"),
    Choice("replace", "Replace", "replaces a piece of a text"),
    Choice("add", "Add", "adds a line, payment, fee, discount or shipping line"),
    Choice("skip", "Skip", "does not sync the record, or leaves the item out"),
    Choice("hold", "Hold", "parks the record until it changes or a person releases it"),
    Choice("fail", "Fail", "an error that is not tried again until something changes"),
    Choice("tag", "Tag", "adds a tag to the record"),
    Choice("log", "Log", "adds a line to the log"),
)
WRITES = (tree.Set, tree.Fill, tree.Override)
_OR_STOP = (
    Choice("", "leave the field as it is"),
    Choice("hold", "hold the record"),
    Choice("skip", "skip the record"),
    Choice("fail", "fail the record"),
)


class Statements:
    """The statements of one rule."""

    def __init__(self, inputs: Inputs, conditions: Conditions, sentences: Sentences) -> None:
        self.inputs = inputs
        self.sheet = inputs.sheet
        self.conditions = conditions
        self.sentences = sentences

    def statement(self, id: str, node: tree.Node, scope: Scope) -> Statement:
        start, end = self.sheet.balanced(node.span.start, node.span.end)
        if isinstance(node, tree.HoleStatement) or self.inputs.wrong(start, end):
            return Locked(id, self.sheet.words(start, end), "it is not written right", start, end)
        first = self.sheet.after(start)
        word = type(node).__name__.lower()
        does = self.inputs.word(
            f"{id}/does",
            "What to do",
            word,
            (start, start if first is None else first[2]),
            writes="does",
            choices=self.inputs.offer("statements", lambda: DOES),
            required=True,
        )
        inputs, until = self._parts(id, node, scope, start, end)
        record = scope.kind.label.casefold() if scope.kind is not None else "record"
        return StatementForm(id, does, tuple(inputs), until, self.sentences.statement(node, record), start, end)

    def _parts(
        self, id: str, node: tree.Node, scope: Scope, start: int, end: int
    ) -> tuple[list[Input], ConditionPlace | None]:
        match node:
            case tree.Set() | tree.Fill() | tree.Override():
                return self._write(id, node, scope, start, end), None
            case tree.Clear(target=target):
                return [self._target(id, target, scope)], None
            case tree.Replace():
                return self._replace(id, node, scope, start, end), None
            case tree.Add():
                return self._add(id, node, scope, end), None
            case tree.Skip(reason=reason, item=item):
                return [*self._item(id, item, scope, start), self._reason(id, reason, scope, start, end)], None
            case tree.Hold():
                return self._hold(id, node, scope, start, end)
            case tree.Fail(reason=reason):
                return [self._reason(id, reason, scope, start, end)], None
            case tree.Tag(value=value):
                return [self._value(id, "value", "Tag", value, scope, start, end)], None
            case tree.Log(value=value):
                return [self._value(id, "value", "Line of the log", value, scope, start, end)], None
        return [], None

    # --- parts --------------------------------------------------------------------------------------------------------

    def _target(self, id: str, node: tree.Path, scope: Scope) -> Input:
        place = (node.span.start, node.span.end)
        return self.inputs.path(f"{id}/target", "Field", node, place, scope, writable=True)

    def _value(
        self,
        id: str,
        name: str,
        label: str,
        node: Expression,
        scope: Scope,
        low: int,
        high: int,
    ) -> Input:
        place = self.sheet.region(node.span.start, node.span.end, low, high)
        return self.inputs.value(f"{id}/{name}", label, node, place=place, wanted=TEXT, scope=scope)

    def _reason(self, id: str, node: Expression, scope: Scope, low: int, high: int) -> Input:
        return self._value(id, "reason", "Reason", node, scope, low, high)

    def _write(
        self, id: str, node: tree.Set | tree.Fill | tree.Override, scope: Scope, start: int, end: int
    ) -> list[Input]:
        found = self.inputs.knowledge.field_of(node.target)
        stop = node.or_stop
        high = end if stop is None else stop.span.start
        place = self.sheet.region(node.value.span.start, node.value.span.end, node.target.span.end, high)
        wanted = found.type if found is not None else ANY
        parts = [
            self._target(id, node.target, scope),
            self.inputs.value(
                f"{id}/value",
                "Value",
                node.value,
                place=place,
                wanted=wanted,
                field=found,
                ways=LIST_WAYS if wanted.element is not None else ALL_WAYS,
                scope=scope,
            ),
        ]
        items = [Choice(f"skip {each.name}", f"leave the {each.name} out") for each in scope.items]
        choices = self.inputs.offer(f"without a value {scope.name}", lambda: (*_OR_STOP, *items))
        said = "" if stop is None else f"{stop.action} {stop.item}" if stop.item else stop.action
        clause = None if stop is None else self.sheet.balanced(stop.span.start, stop.span.end)
        before = (
            None
            if stop is None
            else self.sheet.region(stop.reason.span.start, stop.reason.span.end, stop.span.start, end)
        )
        words = None
        if clause is not None and before is not None:
            tokens = self.sheet.between(clause[0], before[0])
            words = (clause[0], tokens[-1][2] if tokens else before[0])
        parts.append(
            self.inputs.word(
                f"{id}/or_stop",
                "Where there is no value",
                said,
                words,
                writes="or_stop",
                choices=choices,
                clause=clause,
                insert=Insert(place[1], own_line=False),
            )
        )
        if stop is not None and before is not None:
            parts.append(
                self.inputs.value(f"{id}/or_reason", "Reason", stop.reason, place=before, wanted=TEXT, scope=scope)
            )
        return parts

    def _replace(self, id: str, node: tree.Replace, scope: Scope, start: int, end: int) -> list[Input]:
        new = self.sheet.region(node.new.span.start, node.new.span.end, start, node.target.span.start)
        old = self.sheet.region(node.old.span.start, node.old.span.end, start, new[0])
        return [
            self.inputs.value(f"{id}/old", "Find", node.old, place=old, wanted=TEXT, scope=scope),
            self.inputs.value(f"{id}/new", "Replace it with", node.new, place=new, wanted=TEXT, scope=scope),
            self._target(id, node.target, scope),
        ]

    def _add(self, id: str, node: tree.Add, scope: Scope, end: int) -> list[Input]:
        word = self.sheet.find("ITEM", node.span.start, node.span.end)
        kinds = [
            each
            for each in self.inputs.knowledge.schema.items
            if each.addable and scope.kind is not None and each.collection.startswith(f"{scope.kind.name}.")
        ]
        item = self.inputs.word(
            f"{id}/item",
            "Add",
            node.item,
            word,
            choices=self.inputs.offer(
                f"items to add to {scope.name}", lambda: tuple(Choice(each.name, each.label) for each in kinds)
            ),
            required=True,
        )
        return [item, *self.assignments(f"{id}/fields", node.item, node.fields, scope)]

    def assignments(
        self, id: str, root: str, fields: tuple[tree.Assignment, ...], scope: Scope, *, fixed: bool = False
    ) -> list[Input]:
        """Inputs of `name = value` one after another; `root` is what the names are fields of ("" for whole paths)."""
        found: list[Input] = []
        for each in fields:
            path = f"{root}.{each.name}" if root else each.name
            field = self.inputs.knowledge.schema.field(path)
            name = each.name if each.key is None else f'{each.name}["{each.key}"]'
            clause = self.sheet.balanced(each.span.start, each.span.end)
            label = name if field is None else field.label if each.key is None else f"{field.label}: {each.key}"
            place = self.sheet.region(each.value.span.start, each.value.span.end, each.name_span.end, clause[1])
            kind = ANY if field is None else field.type
            found.append(
                self.inputs.value(
                    f"{id}/{name}",
                    label,
                    each.value,
                    place=place,
                    wanted=kind,
                    field=field,
                    ways=("constant",) if fixed else LIST_WAYS if kind.element is not None else ALL_WAYS,
                    clause=clause,
                    required=len(fields) == 1 and not fixed,
                    scope=scope,
                )
            )
        return found

    def _item(self, id: str, item: str | None, scope: Scope, start: int) -> list[Input]:
        if item is None and not scope.items:
            return []
        word = self.sheet.after(start)
        at = start if word is None else word[2]
        place = None
        if item is not None and (found := self.sheet.after(at)) is not None:
            place = (found[1], found[2])
        choices = self.inputs.offer(
            f"what to skip {scope.name}",
            lambda: tuple(Choice(each.name, f"this {each.name}") for each in scope.items),
        )
        return [
            self.inputs.word(
                f"{id}/item",
                "Leave out only",
                item,
                place,
                choices=choices,
                clause=place,
                insert=Insert(at, own_line=False),
                help="empty: the whole record is skipped",
            )
        ]

    def _hold(self, id: str, node: tree.Hold, scope: Scope, start: int, end: int) -> tuple[list[Input], ConditionPlace]:
        sheet = self.sheet
        until = limit = None
        high = end
        if node.limit is not None:
            before = sheet.before(node.limit.span.start)
            limit = (node.limit.span.start if before is None else before[1], node.limit.span.end)
            high = limit[0]
        last = sheet.before(high)
        stop = high if last is None else last[2]
        indent = sheet.aligned(start) + "  "
        if node.until is not None and (word := self._word_before(node.until, "UNTIL", start)) is not None:
            until = (word[0], stop)
            high = until[0]
        reason = self._reason(id, node.reason, scope, start, high)
        at = end if reason.end is None else reason.end
        after_until = at if until is None else until[1]
        waits = self.conditions.place(
            f"{id}/until",
            "Until",
            node.until,
            scope,
            until,
            Insert(at, "until ", indent=indent, own_line=False),
            low=at if until is None else until[0] + len("until"),
        )
        longest = Input(
            id=f"{id}/limit",
            label="For up to",
            type="duration",
            value=None if node.limit is None else {"count": node.limit.count, "unit": node.limit.unit},
            said_as="" if node.limit is None else "constant",
            text="" if node.limit is None else sheet.words(node.limit.span.start, node.limit.span.end),
            help="when the time is over the record is skipped",
            start=None if node.limit is None else node.limit.span.start,
            end=None if node.limit is None else node.limit.span.end,
            slot=Slot("value", DURATION, limit, Insert(after_until, "for up to ", own_line=False)),
        )
        return [reason, longest], waits

    def _word_before(self, node: tree.Node, kind: str, low: int) -> tuple[int, int] | None:
        """The last word of a kind before a part."""
        found = [(start, end) for each, start, end in self.sheet.between(low, node.span.start) if each == kind]
        return found[-1] if found else None


__all__ = ["DOES", "Statements", "holed", "list_of"]
