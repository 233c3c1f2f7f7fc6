"""Statements that write a field, as Python nodes; changes with how values are put into a record."""

import ast
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from dsl import tree
from dsl.evaluate import runtime
from dsl.evaluate.events import Events
from dsl.evaluate.expressions import RECORD, Value
from dsl.evaluate.quote import all_of, expression, name, negated, statements
from dsl.evaluate.records import HEAD_TOTALS, main_root, stored, stored_money
from dsl.types import Type
from dsl.values import replace_text, round_amount, round_unit_price, show_value


class Writes(Events):
    """`set`, `fill`, `override`, `clear` and `replace`."""

    @abstractmethod
    def _or_stop(self, stop: tree.OrStop) -> None:
        """What a write does whose value is missing; the statements that stop say how."""

    def _assign(self, statement: tree.Set | tree.Fill | tree.Override) -> None:
        target = statement.target
        if isinstance(statement, tree.Fill):
            self._fill(statement)
            return
        self._assign_value(target, statement.value, statement.or_stop)

    def _fill(self, statement: tree.Fill) -> None:
        target = statement.target
        missing = self.condition(tree.Presence(target, True))
        empty: list[ast.stmt] = []
        with self.inside(empty):
            self._assign_value(target, statement.value, statement.or_stop)
        if not self.full:
            self.emit("if T:\n    BODY", T=missing, BODY=empty)
            return
        present: list[ast.stmt] = []
        with self.inside(present):
            value = self.tagged(self.value(target))
            if target.type.name == "text":
                self._note(target, _set_already, value)
            else:
                # Whatever cannot be shown ends the record, so it is tried at once.
                self._note(target, _is_set_already, expression("F(X)", F=self.bound(show_value), X=value))
        self.emit("if T:\n    BODY\nelse:\n    OTHER", T=missing, BODY=empty, OTHER=present)

    def _assign_value(self, target: tree.Path, node: tree.Expression, or_stop: tree.OrStop | None) -> None:
        value = self.value(node)
        if not value.optional:
            self._write(target, self._stored(target, value))
            return
        tests, value = self.split(value)
        present: list[ast.stmt] = []
        missing: list[ast.stmt] = []
        with self.inside(present):
            self._write(target, self._stored(target, value))
        with self.inside(missing):
            self._note(target, f"{self.wording.text(node)} is not set")
            if or_stop is not None:
                self._or_stop(or_stop)
        if missing:
            self.emit("if T:\n    YES\nelse:\n    NO", T=all_of(tests), YES=present, NO=missing)
        else:
            self.emit("if T:\n    YES", T=all_of(tests), YES=present)

    def _stored(self, target: tree.Path, value: Value) -> ast.expr:
        """A present value as it is written to its field."""
        kind = target.type.name
        if kind == "money":
            return self._stored_money(target, value)
        if value.constant:
            return self.constant(stored(value.known, target.type, target.name, None))
        if not value.tagged:
            if kind == value.type and kind in ("text", "number", "percent", "yes/no"):
                return value.node
            if kind == "text":
                return self.short(self.printed(self.atomic(value)))
        return expression(
            "F(X, TYPE, NAME, None)",
            F=self.bound(stored),
            X=self.tagged(value),
            TYPE=self.bound(target.type),
            NAME=ast.Constant(target.name),
        )

    def _stored_money(self, target: tree.Path, value: Value) -> ast.expr:
        plain = target.currency in ("", RECORD, "unknown") and self.plain_currency
        unit_price = target.name.rpartition(".")[2] in ("unit_price", "price", "cost")
        if plain and not value.tagged and value.type in ("money", "number"):
            rounding = (
                expression("F(X)", F=self.bound(round_unit_price), X=value.node)
                if unit_price
                else expression("F(X, C)", F=self.bound(round_amount), X=value.node, C=self.currency())
            )
            if value.type == "money" and value.currency in self.currencies:
                plain = False
            elif value.type == "money" and value.currency != RECORD:
                return expression(
                    "X if C == K else F()",
                    X=rounding,
                    C=self.currency(),
                    K=ast.Constant(value.currency),
                    F=self.bound(runtime.beyond),
                )
            if plain:
                return rounding
        return expression(
            "F(X, NAME, C)",
            F=self.bound(stored_money),
            X=self.tagged(value),
            NAME=ast.Constant(target.name),
            C=self._currency_of_target(target),
        )

    def _currency_of_target(self, target: tree.Path) -> ast.expr:
        if target.currency in ("", RECORD, "unknown"):
            return self.currency()
        if target.currency == "payment":
            frame = self.frame_of(target)
            return expression("X.get('currency') or C", X=name(frame.variable), C=self.currency())
        return ast.Constant(target.currency)

    def _write(self, target: tree.Path, value: ast.expr) -> None:
        """Put a stored value into its field, and everything that follows from it."""
        moves = self._moves_amount(target) and self.amount_before is not None
        value = self.atom(value)
        if not self.full and not moves:
            self._put(target, value)
            self._follow(target, value)
            return
        before = self._before(target)
        self._put(target, value)
        self._follow(target, value)
        if self.full:
            self._wrote(target, before, value)
        if not moves:
            return
        changed: list[ast.stmt] = []
        with self.inside(changed):
            self._recompute()
        # 1 and yes are equal for Python, but not the same.
        same = expression("B == V and B.__class__ is V.__class__", B=before, V=value)
        self.emit("if T:\n    BODY", T=negated(same), BODY=changed)

    def _before(self, target: tree.Path) -> ast.expr:
        """The leaf that a write is about to replace, in a name that the write leaves as it is."""
        local = self.frame_of(target).locals.get(target.field)
        before = self.fresh("b_")
        known = local is not None and local.raw is not None and target.name not in HEAD_TOTALS
        self.emit("T = X", T=before, X=name(local.raw) if known and local and local.raw else self.get(target))
        return name(before)

    def _put(self, target: tree.Path, value: ast.expr) -> None:
        container = self.container(target)
        last = ast.Constant(target.name.rpartition(".")[2])
        if target.name.count(".") > 1:
            # The language has no such field; a dict inside a root would have to be copied first.
            self.emit("BEYOND()", BEYOND=self.bound(runtime.beyond))
        if target.key is None:
            self.emit("C[K] = V", C=container, K=last, V=value)
            return
        self.emit(
            "F(C, K, KEY, V)",
            F=self.bound(runtime.set_keyed),
            C=container,
            K=last,
            KEY=ast.Constant(target.key),
            V=value,
        )

    def _follow(self, target: tree.Path, value: ast.expr) -> None:
        self.wrote(target, value)
        if target.name == f"{main_root(self.kind)}.currency" and target.key is None:
            # The dry pass cannot know yet whether anybody asks for the currency, so the local always follows.
            other = "''" if self.plain_currency else "None"
            self.emit(f"currency = V or {other}", V=value)

    def _recompute(self) -> None:
        """Follow a changed quantity or unit price with the amount."""
        item = name(self.frames[-1].variable)
        amount = self.fresh()
        self.emit(
            "q = X.get('quantity')\np = X.get('unit_price')\n"
            "if q is not None and p is not None:\n    T = X['amount'] = F(q * p, C)\n    BODY",
            X=item,
            T=amount,
            F=self.bound(round_amount),
            C=self.currency(),
            BODY=self._amount_written(amount),
        )

    def _amount_written(self, amount: str) -> list[ast.stmt]:
        block: list[ast.stmt] = []
        with self.inside(block):
            self.wrote(tree.Path("line.amount", type=Type("money")), name(amount))
        return block

    def _clear(self, target: tree.Path) -> None:
        present = self.condition(tree.Presence(target, False))
        if target.name in HEAD_TOTALS:
            present = all_of([present, expression("X is not None", X=self.get(target))])
        block: list[ast.stmt] = []
        with self.inside(block):
            before = self._before(target) if self.full else None
            self._put(target, ast.Constant(None))
            self._follow(target, ast.Constant(None))
            if before is not None:
                self._wrote(target, before, ast.Constant(None))
        nothing: list[ast.stmt] = []
        with self.inside(nothing):
            self._note(target, "it was not set already")
        if nothing:
            self.emit("if T:\n    BODY\nelse:\n    NOTHING", T=present, BODY=block, NOTHING=nothing)
        else:
            self.emit("if T:\n    BODY", T=present, BODY=block)

    def _replace(self, statement: tree.Replace) -> None:
        target = statement.target
        tests: list[ast.expr] = []
        text = self.value(target)
        if self._constant(statement.old) is not None and self._constant(statement.new) is not None:
            # Nothing else can be missing, so the text's own test is made in its place.
            tests, text = self.split(text)
        text = self.atomic(text) if not tests else text
        old = self.atomic(self.value(statement.old))
        new = self.atomic(self.value(statement.new))
        values = [(text, target), (old, statement.old), (new, statement.new)]
        if old.constant and new.constant and isinstance(old.known, str) and isinstance(new.known, str):
            result = self._replaced(old.known, new.known, self.printed(text))
        else:
            result = expression(
                "F(X, A, B)",
                F=self.bound(replace_text),
                X=self.printed(text),
                A=self.printed(old),
                B=self.printed(new),
            )
        work: list[ast.stmt] = []
        with self.inside(work):
            replaced = self.atom(result)
            written: list[ast.stmt] = []
            with self.inside(written):
                self._write(target, replaced)
            unfound: list[ast.stmt] = []
            with self.inside(unfound):
                if self.full:
                    self._note_unfound(target, text, old)
            test = expression("X != T", X=replaced, T=text.node)
            if unfound:
                self.emit("if T:\n    BODY\nelse:\n    OTHER", T=test, BODY=written, OTHER=unfound)
            else:
                self.emit("if T:\n    BODY", T=test, BODY=written)
        # From the last to the first, so that the walker's order of looking for what is missing comes out.
        for value, node in reversed(values):
            test_present = all_of(tests) if value is text and tests else self.present(value)
            if test_present is None:
                continue
            missing: list[ast.stmt] = []
            with self.inside(missing):
                self._note(target, f"{self.wording.text(node)} is not set")
            template = "if T:\n    BODY\nelse:\n    MISSING" if missing else "if T:\n    BODY"
            holes: dict[str, Any] = {"MISSING": missing} if missing else {}
            work = statements(template, T=test_present, BODY=work, **holes)
        self.block.extend(work)

    def _note_unfound(self, target: tree.Path, text: Value, old: Value) -> None:
        if text.type == "text" and old.constant:
            self._note(target, _does_not_contain(show_value(old.known)), text.node)
            return
        words = expression(
            "F(A) + ' does not contain ' + F(B)",
            F=self.bound(show_value),
            A=self.tagged(text),
            B=self.tagged(old),
        )
        self._note(target, str, words)

    def _replaced(self, old: str, new: str, text: ast.expr) -> ast.expr:
        """`replace old with new` for constants: Python's own replacement where folding can change nothing."""
        caseless = old.isascii() and old == old.strip() and old != "" and old.lower() == old.upper()
        walked = expression(
            "F(X, OLD, NEW)",
            F=self.bound(replace_text),
            X=text,
            OLD=ast.Constant(old),
            NEW=ast.Constant(new),
        )
        if not caseless:
            return walked
        # Of a text that long, the walker says whether anything was replaced in it.
        return expression(
            "X.replace(OLD, NEW) if X.isascii() and len(X) < SOME else WALKED",
            X=self.atom(text),
            OLD=ast.Constant(old),
            NEW=ast.Constant(new),
            SOME=ast.Constant(4_000 // max(1, len(new))),
            WALKED=walked,
        )

    def _moves_amount(self, target: tree.Path) -> bool:
        return target.name in ("line.quantity", "line.unit_price") and self.loop is not None


def _set_already(value: Any) -> str:
    return _is_set_already(show_value(value))


def _is_set_already(shown: str) -> str:
    return f"it is set already: {shown}"


def _does_not_contain(sought: str) -> Callable[[Any], str]:
    return lambda text: f"{show_value(text)} does not contain {sought}"
