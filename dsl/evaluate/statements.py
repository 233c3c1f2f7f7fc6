"""Statements that stop a record, leave an item out, or add something, as Python nodes; changes with what rules can do."""

import ast
from typing import Any

from dsl import tree
from dsl.decision import GAVE_UP, Finding, Hold
from dsl.evaluate import runtime
from dsl.evaluate.expressions import Value
from dsl.evaluate.lower import RuleForm
from dsl.evaluate.quote import expression, name, negated, statements
from dsl.evaluate.records import added_key, collection_of, is_money, stored_money, untagged
from dsl.evaluate.walk import complete_item, days_of
from dsl.evaluate.writes import Writes


class Statements(Writes):
    """Every statement of the language."""

    def _statement(self, statement: tree.Statement) -> None:
        match statement:
            case tree.Set() | tree.Fill() | tree.Override():
                self._assign(statement)
            case tree.Clear(target=target):
                self._clear(target)
            case tree.Replace():
                self._replace(statement)
            case tree.Skip(reason=reason, item=None):
                self._stop("skip", self.message(reason))
            case tree.Skip(reason=reason):
                self._leave_out(self.message(reason))
            case tree.Hold():
                self._hold(statement)
            case tree.Fail(reason=reason):
                self._stop("fail", self.message(reason))
            case tree.Tag(value=value):
                self._tag(self.message(value))
            case tree.Log(value=value):
                self.emit("log.append((KEY, X))", KEY=self.key, X=self.message(value))

    def _stop(self, outcome: str, reason: ast.expr, **given: ast.expr) -> None:
        reason = self.atom(reason)
        self._note_amount()
        self._return(outcome, reason, **given)

    def _or_stop(self, stop: tree.OrStop) -> None:
        reason = self.message(stop.reason)
        if stop.action == "skip" and stop.item is not None:
            self._leave_out(reason)
        elif stop.action == "hold":
            reason = self.atom(reason)
            block: list[ast.stmt] = []
            with self.inside(block):
                if self.loop is not None:
                    self.emit("pending.append(X)", X=reason)
                else:
                    self._stop_with_hold(reason, None, None)
            self.emit("if KEY not in releases:\n    BODY", KEY=self.key, BODY=block)
        else:
            self._stop(stop.action, reason)

    def _stop_with_hold(self, reason: ast.expr, until: str | None, days: int | None) -> None:
        hold = expression(
            "HOLD(KEY, X, UNTIL, DAYS, True)",
            HOLD=self.bound(Hold),
            KEY=self.key,
            X=reason,
            UNTIL=ast.Constant(until),
            DAYS=ast.Constant(days),
        )
        self._stop("hold", reason, hold=hold)

    def _hold(self, statement: tree.Hold) -> None:
        reason = self.atom(self.message(statement.reason))
        until = None if statement.until is None else self.wording.text(statement.until)
        holding: list[ast.stmt] = []
        with self.inside(holding):
            if statement.limit is None:
                self._stop_with_hold(reason, until, None)
            else:
                self._give_up(statement.limit, reason)
                self._stop_with_hold(reason, until, days_of(statement.limit))
        if statement.until is not None:
            waiting: list[ast.stmt] = []
            come: list[ast.stmt] = []
            with self.inside(waiting):
                test = self.condition(statement.until)
                with self.inside(come):
                    self._note(None, f"what it waits for is true: {until}")
                if come:
                    self.emit("if T:\n    COME\nelse:\n    BODY", T=test, COME=come, BODY=holding)
                else:
                    self.emit("if T:\n    BODY", T=negated(test), BODY=holding)
            holding = waiting
        released: list[ast.stmt] = []
        with self.inside(released):
            self._note(None, "a person released the record from this hold")
        if released:
            self.emit(
                "if KEY in releases:\n    RELEASED\nelse:\n    BODY", KEY=self.key, RELEASED=released, BODY=holding
            )
        else:
            self.emit("if KEY not in releases:\n    BODY", KEY=self.key, BODY=holding)

    def _give_up(self, limit: tree.Duration, reason: ast.expr) -> None:
        words = f"gave up after {limit.count} {limit.unit}" + ("" if limit.count == 1 else "s")
        over: list[ast.stmt] = []
        since = self.fresh()
        self.emit("T = held_since.get(KEY)", T=since, KEY=self.key)
        with self.inside(over):
            findings = expression(
                "(FINDING(CODE, R + WORDS, KEY, {'held since': S.isoformat(), 'why': R}),)",
                FINDING=self.bound(Finding),
                CODE=ast.Constant(GAVE_UP),
                R=reason,
                WORDS=ast.Constant(f": {words}"),
                KEY=self.key,
                S=name(since),
            )
            self._stop("skip", ast.Constant(words), findings=findings)
        self.emit(
            "if S is not None and (today - S).days >= DAYS:\n    BODY",
            S=name(since),
            DAYS=ast.Constant(days_of(limit)),
            BODY=over,
        )

    def _leave_out(self, reason: ast.expr) -> None:
        frame = self.frames[-1]
        reason = self.atom(reason)
        self.emit(
            "STAYING = F(left, ITEMS, EVERY, ITEM, WORD, REASON, KEY)",
            F=self.bound(runtime.left_out),
            ITEMS=name(self.items(frame.collection)),
            STAYING=self.items(frame.collection),
            EVERY=name(self.every(frame.collection)),
            ITEM=name(frame.variable),
            WORD=ast.Constant(frame.word),
            REASON=reason,
            KEY=self.key,
        )

    def _tag(self, tag: ast.expr) -> None:
        tag = self.atom(tag)
        root = self.main
        self.emit(
            "F(HEAD, ROOT, TAG, tags, EVENTS, KEY, ITEM)",
            F=self.bound(runtime.add_tag),
            HEAD=name(self.root(root)),
            ROOT=ast.Constant(root),
            TAG=tag,
            EVENTS=name("events") if self.full else ast.Constant(None),
            KEY=self.key,
            ITEM=self._item_id() if self.full else ast.Constant(None),
        )
        path = tree.Path(f"{root}.tags")
        self.wrote(path, self.get(path))

    # --- items that rules add ---

    def _start_adding(self) -> None:
        self.emit("added = []")

    def _finish_adding(self, group: tuple[RuleForm, ...]) -> None:
        lists = ast.Dict(
            [ast.Constant(collection) for collection in grown(group)],
            [
                ast.Tuple([name(self.every(collection)), name(self.items(collection))], ast.Load())
                for collection in grown(group)
            ],
        )
        self.emit(
            "if added:\n    GROW(LISTS, added, EVENTS, KEY)",
            GROW=self.bound(runtime.grow),
            LISTS=lists,
            EVENTS=name("events") if self.full else ast.Constant(None),
            KEY=self.key,
        )

    def _add(self, statement: tree.Add, ordinal: int) -> None:
        collection = collection_of(self.form.kind, statement.item)
        key: ast.expr = ast.Constant(added_key(self.form.key, ordinal, None))
        if self.loop is not None:
            key = expression("K + ':' + ID", K=key, ID=self._item_id())
        key = self.atom(key)
        values = [(each, self.atomic(self.value(each.value))) for each in statement.fields]
        fields = self.fresh()
        adding: list[ast.stmt] = []
        with self.inside(adding):
            self.emit("T = {'id': K}", T=fields, K=key)
            for assignment, value in values:
                self._add_field(fields, statement.item, assignment, value)
            if statement.item == "line":
                self.emit(
                    "F(WORD, T, C)",
                    F=self.bound(complete_item),
                    WORD=ast.Constant(statement.item),
                    T=name(fields),
                    C=self.currency(),
                )
            self.emit("added.append((PATH, T))", PATH=ast.Constant(collection), T=name(fields))
        again: list[ast.stmt] = []
        with self.inside(again):
            self._note(None, f"this {statement.item} was added before", path=collection)
        present = expression("HAS(EVERY, K)", HAS=self.bound(runtime.has_id), EVERY=name(self.every(collection)), K=key)
        if again:
            work = statements("if T:\n    AGAIN\nelse:\n    BODY", T=present, AGAIN=again, BODY=adding)
        else:
            work = statements("if T:\n    BODY", T=negated(present), BODY=adding)
        for assignment, value in reversed(values):
            test = self.present(value)
            if test is None:
                continue
            missing: list[ast.stmt] = []
            with self.inside(missing):
                words = f"{self.wording.text(assignment.value)} is not set, so no {statement.item} was added"
                self._note(None, words, path=collection)
            template = "if T:\n    BODY\nelse:\n    MISSING" if missing else "if T:\n    BODY"
            holes: dict[str, Any] = {"MISSING": missing} if missing else {}
            work = statements(template, T=test, BODY=work, **holes)
        self.block.extend(work)

    def _add_field(self, fields: str, item: str, assignment: tree.Assignment, value: Value) -> None:
        if is_money(assignment.name) and assignment.key is None:
            node = expression(
                "F(X, NAME, C)",
                F=self.bound(stored_money),
                X=self.tagged(value),
                NAME=ast.Constant(f"{item}.{assignment.name}"),
                C=self.currency(),
            )
        elif value.constant:
            node = self.constant(untagged(value.known))
        elif not value.tagged and value.type != "list":
            node = value.node
        else:
            node = expression("F(X)", F=self.bound(untagged), X=self.tagged(value))
        if assignment.key is None:
            self.emit("T[K] = X", T=name(fields), K=ast.Constant(assignment.name), X=node)
        else:
            self.emit(
                "T.setdefault(K, {})[KEY] = X",
                T=name(fields),
                K=ast.Constant(assignment.name),
                KEY=ast.Constant(assignment.key),
                X=node,
            )


def grown(group: tuple[RuleForm, ...]) -> list[str]:
    """The lists that a group's rules add to, each once."""
    return list(
        dict.fromkeys(
            collection_of(form.kind, statement.item)
            for form in group
            for statement in form.statements
            if isinstance(statement, tree.Add)
        )
    )
