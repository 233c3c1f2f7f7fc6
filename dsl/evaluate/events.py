"""How generated code ends a record and keeps what happened; changes with what a decision and its trace have to say."""

import ast
from collections.abc import Mapping
from typing import Any

from dsl import tree
from dsl.decision import Change, Decision, Trace, WithoutEffect
from dsl.evaluate import runtime
from dsl.evaluate.conditions import Conditions
from dsl.evaluate.lower import RuleForm, facts
from dsl.evaluate.quote import expression, name
from dsl.evaluate.records import shown_key
from dsl.evaluate.scope import Need
from dsl.evaluate.walk import Walker


class Events(Conditions):
    """Expressions of one set of rules, and the ends and events of its records."""

    form: RuleForm
    """The rule whose code is being made: the generator says which before it makes any."""

    def __init__(
        self,
        walker: Walker,
        forms: tuple[RuleForm, ...],
        kind: str,
        twin: str,
        uses: Mapping[tuple[str, Need], int],
    ) -> None:
        super().__init__(walker.resolved, walker.settings, walker.tables, kind, facts(forms, kind), uses)
        self.wording = walker.wording
        self.forms = forms
        self.twin = twin
        self.amount_before: str | None = None
        self.changes, self.noted = "changes", "noted"
        self.fired_of = runtime.fired_tuples([form.key for form in forms])
        every = [statement for form in forms for statement in form.statements]
        self.has_tags = any(isinstance(each, tree.Tag) for each in every)
        self.has_log = any(isinstance(each, tree.Log) for each in every)

    @property
    def full(self) -> bool:
        return self.twin == "full"

    @property
    def key(self) -> ast.expr:
        return ast.Constant(self.form.key)

    def _return(self, outcome: str, reason: ast.expr | None = None, **given: ast.expr) -> None:
        """End the record: left-out items go out of the lists, and the decision is made."""
        for collection in sorted(self.facts.shrinking):
            root, _, last = collection.partition(".")
            self.emit("R[K] = ITEMS", R=name(f"r_{root}"), K=ast.Constant(last), ITEMS=name(self.items(collection)))
        none, empty = ast.Constant(None), ast.Tuple([], ast.Load())
        fired: ast.expr = empty
        if self.twin != "fast":
            mask: ast.expr = name("mask")
            if outcome != "sync":
                reached = (1 << (self.form.place + 1)) - 1
                mask = expression("mask & REACHED", REACHED=ast.Constant(reached))
            fired = expression("F(MASK)", F=self.bound(self.fired_of), MASK=mask)
        trace: ast.expr = none
        if self.full:
            trace = expression("TRACE(tuple(noted), replay)", TRACE=self.bound(Trace))
        ended = self.key if outcome != "sync" else none
        decision = self._made(
            Decision,
            kind=ast.Constant(self.kind),
            outcome=ast.Constant(outcome),
            reason=reason or none,
            rule=ended,
            record=name("result"),
            changes=expression("tuple(changes)") if self.full else empty,
            fired=fired,
            left_out=expression("tuple(left) if left else ()") if self.facts.shrinking else empty,
            tags=expression("tuple(tags) if tags else ()") if self.has_tags else empty,
            log=expression("tuple(log) if log else ()") if self.has_log else empty,
            findings=given.get("findings", empty),
            hold=given.get("hold", none),
            trace=trace,
        )
        self.block.append(ast.Return(decision))

    def _made(self, of: type[Any], /, **parts: ast.expr) -> ast.expr:
        """A named tuple, made as its own slower constructor would make it."""
        if tuple(parts) != of._fields:
            raise TypeError(f"a {of.__name__} has other parts")
        made = ast.Tuple(list(parts.values()), ast.Load())
        return expression("NEW(KIND, PARTS)", NEW=self.bound(tuple.__new__), KIND=self.bound(of), PARTS=made)

    def _item_id(self) -> ast.expr:
        frame = self.loop
        if frame is None:
            return ast.Constant(None)
        if frame.number:
            return expression(
                "I if (I := ITEM.get('id')).__class__ is str and I else F(EVERY, ITEM)",
                I=self.fresh(),
                F=self.bound(runtime.id_of),
                EVERY=name(self.every(frame.collection)),
                ITEM=name(frame.variable),
            )
        return expression(
            "F(EVERY, ITEM)",
            F=self.bound(runtime.id_of),
            EVERY=name(self.every(frame.collection)),
            ITEM=name(frame.variable),
        )

    def _place(self, path: tree.Path) -> ast.expr:
        frame = self.frame_of(path)
        key = "" if path.key is None else shown_key(path.key)
        if not frame.word:
            return ast.Constant(path.name + key)
        if frame.number:
            end = f"].{path.name.partition('.')[2]}{key}"
            number = ast.FormattedValue(name(frame.number), -1, None)
            return ast.JoinedStr([ast.Constant(f"{frame.collection}["), number, ast.Constant(end)])
        return expression(
            "F(EVERY, ITEM, COLLECTION, FIELD)",
            F=self.bound(runtime.place_of),
            EVERY=name(self.every(frame.collection)),
            ITEM=name(frame.variable),
            COLLECTION=ast.Constant(frame.collection),
            FIELD=ast.Constant(f".{path.name.partition('.')[2]}{key}"),
        )

    def _changed(self, path: tree.Path, before: ast.expr, after: ast.expr) -> None:
        change = self._made(
            Change, path=self._place(path), before=before, after=after, rule=self.key, item=self._item_id()
        )
        self.emit("LIST.append(X)", LIST=name(self.changes), X=change)

    def _note(self, target: tree.Path | None, reason: ast.expr) -> None:
        if self.full:
            self._note_path(ast.Constant("") if target is None else self._place(target), reason)

    def _note_path(self, path: ast.expr, reason: ast.expr) -> None:
        if self.full:
            noted = self._made(WithoutEffect, rule=self.key, item=self._item_id(), path=path, reason=reason)
            self.emit("LIST.append(X)", LIST=name(self.noted), X=noted)

    def _note_amount(self) -> None:
        if not self.full or self.amount_before is None:
            return
        after = self.fresh()
        path = tree.Path("line.amount")
        block: list[ast.stmt] = []
        with self.inside(block):
            self._changed(path, name(self.amount_before), name(after))
        self.emit(
            "T = X.get('amount')\nif B != T:\n    BODY",
            T=after,
            X=name(self.frames[-1].variable),
            B=name(self.amount_before),
            BODY=block,
        )
