"""Expressions as Python nodes; changes with what an expression can say. It emits no statement of a rule.

Working out more than the tree walker does is always safe here: whatever raises leaves the record to the walker. What
must never happen is to go on where the walker fails, or to come to another value.
"""

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dsl import tree, types
from dsl.evaluate.operations import arithmetic, constant, negative
from dsl.evaluate.quote import all_of, expression, name
from dsl.evaluate.records import HEAD_TOTALS, currency_of
from dsl.evaluate.runtime import LEAVES, beyond, money, percent, print_percent, read_leaf, read_list, substituter
from dsl.evaluate.scope import STRIPPED, Frame, Scope
from dsl.evaluate.walk import call_function
from dsl.evaluate.whole import Whole
from dsl.functions import REGISTRY
from dsl.functions.text import translation
from dsl.types import Type
from dsl.values import (
    MAX_TEXT,
    NOT_SET,
    ZERO,
    EvaluationFailure,
    Money,
    Percent,
    print_money,
    print_number,
    print_value,
)

RECORD = "record"


@dataclass(frozen=True, slots=True)
class Value:
    """A value in generated code: a node, the name of its type, and whether it may be None.

    Bare money says its currency: "record", an ISO code, or a key of `Expressions.currencies`. `tagged` says that the
    node gives the walker's own form (`Money`, `Percent`), whatever its type.
    """

    node: ast.expr
    type: str
    optional: bool
    currency: str = ""
    tagged: bool = False
    constant: bool = False
    known: Any = None
    guard: ast.expr | None = None
    """A test that the value is present, after which `inner` gives it: the parts that `node` is made of."""
    inner: ast.expr | None = None
    table: tuple[ast.expr, ast.expr] | None = None
    """The `get` of a plain look-up and its key: another default may be asked for."""

    @property
    def is_zero(self) -> bool:
        """Whether it is known to be 0, in whatever currency."""
        number = getattr(self.known, "amount", getattr(self.known, "value", self.known))
        return self.constant and isinstance(number, Decimal) and not number


class Expressions(Scope, ABC):
    """Compiles expressions of one rule set into the current block."""

    def __init__(self, whole: Whole) -> None:
        super().__init__(whole)
        self.resolved = whole.walker.resolved
        self.settings = whole.walker.settings
        self.tables = whole.walker.tables
        self.plain_currency = currency_of({}, whole.kind) is not None
        self.currencies: dict[str, Callable[[], ast.expr]] = {}

    # --- values ---

    def value(self, node: tree.Expression) -> Value:
        """A value as code; it may emit statements that have to run first."""
        match node:
            case tree.Path():
                return self._path(node)
            case tree.Template():
                return self._template(node)
            case tree.SettingValue(key=key):
                return self.known(self.settings[key])
            case tree.ListValue(key=key):
                return self.known(tuple(constant(each) for each in self.resolved.lists[key].elements))
            case tree.ListOf(elements=elements):
                try:
                    return self.known(constant(node))
                except TypeError:
                    parts = [self.tagged(self.value(element)) for element in elements]
                    return Value(ast.Tuple(parts, ast.Load()), "list", False)
            case tree.Negative(operand=operand):
                return self._negative(self.value(operand))
            case tree.Arithmetic():
                return self._arithmetic(node)
            case tree.OrElse(first=first, second=second):
                return self._or_else(first, second)
            case tree.Call():
                return self._call(node)
            case tree.Lookup():
                return self._lookup(node)
            case tree.Count():
                return self._count(node)
            case tree.Sum():
                return self._sum(node)
            case tree.And() | tree.Or() | tree.Not() | tree.Comparison() | tree.Presence() | tree.Quantified():
                return Value(expression("bool(X)", X=self.condition(node)), "yes/no", False)
        return self.known(constant(node))

    def known(self, value: Any) -> Value:
        """A value that is known now."""
        if isinstance(value, Money):
            if value.currency is None:
                return Value(self.bound(value), "money", False, tagged=True, constant=True, known=value)
            return Value(self.bound(value.amount), "money", False, value.currency, constant=True, known=value)
        if isinstance(value, Percent):
            return Value(self.bound(value.value), "percent", False, constant=True, known=value)
        return Value(self.constant(value), _type_of(value), value is None, constant=True, known=value)

    def tagged(self, value: Value) -> ast.expr:
        """A node that gives the walker's form of a value."""
        if value.tagged:
            return value.node
        if value.constant:
            return self.constant(value.known)
        if value.type == "money":
            return expression("F(X, C)", F=self.bound(money), X=value.node, C=self.currency_node(value))
        if value.type == "percent":
            return expression("F(X)", F=self.bound(percent), X=value.node)
        return value.node

    def currency_node(self, value: Value) -> ast.expr:
        """The currency of bare money."""
        if value.currency == RECORD:
            return self.currency()
        made = self.currencies.get(value.currency)
        return ast.Constant(value.currency) if made is None else made()

    def atomic(self, value: Value) -> Value:
        """The same value, free to be read more than once."""
        return replace(value, node=self.atom(value.node), guard=None, inner=None)

    def split(self, value: Value) -> tuple[list[ast.expr], Value]:
        """The tests that a value is present, in the order they have to be made, and the value after them."""
        if value.guard is not None and value.inner is not None:
            return [value.guard], replace(value, node=value.inner, optional=False, guard=None, inner=None)
        if not value.optional:
            return [], value
        value = self.atomic(value)
        return [expression("X is not None", X=value.node)], replace(value, optional=False)

    def present(self, value: Value) -> ast.expr | None:
        """The test that an atomic value is not missing; None where it never is."""
        return expression("X is not None", X=value.node) if value.optional else None

    def _path(self, path: tree.Path) -> Value:
        kind = path.type.name
        if kind == "text":
            known = self.known_folded(path)
            if known is not None:
                return _guarded(name(known), self.raw(path), "text")
            leaf, first = self._read_twice(self.raw(path))
            return _guarded(expression(STRIPPED, V=leaf, FIRST=first, BEYOND=self.bound(beyond)), leaf, "text")
        if kind == "list":
            leaf, first = self._read_twice(self.raw(path))
            found = expression(
                "tuple(V) or None if FIRST.__class__ is list else F(V)", V=leaf, FIRST=first, F=self.bound(read_list)
            )
            return Value(found, "list", True)
        if kind == "any":
            leaf, first = self._read_twice(self.raw(path))
            return Value(expression("None if FIRST == '' else V", V=leaf, FIRST=first), "any", True, tagged=True)
        return self.checked(path, self.bare(path))

    def bare(self, path: tree.Path) -> Value:
        """A number, amount, date or yes/no as it lies in the record, for what raises or asks by itself if it is none."""
        if path.type.name == "money":
            return self._money_path(path)
        return Value(self.raw(path), path.type.name, True)

    def checked(self, path: tree.Path, value: Value) -> Value:
        """The same where a blank text is missing, and a leaf of any other kind is left to the walker."""
        if value.type not in LEAVES:
            return value
        leaf, first = self._read_twice(value.node)
        known = expression(
            "FIRST.__class__ is KIND" if path.name in HEAD_TOTALS else "FIRST is None or V.__class__ is KIND",
            V=leaf,
            FIRST=first,
            KIND=self.bound(LEAVES[value.type]),
        )
        other = expression(
            "F(V, TYPE, BLANK)",
            F=self.bound(read_leaf),
            V=leaf,
            TYPE=ast.Constant(value.type),
            BLANK=self.bound(ZERO) if path.name in HEAD_TOTALS else ast.Constant(None),
        )
        return replace(value, node=expression("V if KNOWN else OTHER", V=leaf, KNOWN=known, OTHER=other))

    def _read_twice(self, node: ast.expr) -> tuple[ast.expr, ast.expr]:
        """A node for a second reading, and the one that has to be worked out first."""
        if isinstance(node, ast.Name | ast.Constant):
            return node, node
        variable = self.fresh()
        return name(variable), ast.NamedExpr(ast.Name(variable, ast.Store()), node)

    def _money_path(self, path: tree.Path) -> Value:
        optional = path.name not in HEAD_TOTALS
        if path.currency in ("", types.RECORD, types.UNKNOWN) and not (path.original and self.facts.currency_written):
            return Value(self.raw(path), "money", optional, RECORD)
        frame = self.frame_of(path)
        if path.currency == types.PAYMENT:
            key = f"payment of {frame.variable}{' as received' if path.original else ''}"
            self.currencies[key] = lambda: self._currency_of_payment(path, frame)
        elif path.currency in ("", types.RECORD, types.UNKNOWN):
            key = "as received"
            self.currencies[key] = lambda: expression(
                "F(record, K)", F=self.bound(currency_of), K=ast.Constant(self.kind)
            )
        else:
            key = path.currency
        return Value(self.raw(path), "money", optional, key)

    def _currency_of_payment(self, path: tree.Path, frame: Frame) -> ast.expr:
        item = self.received(path, frame) if path.original else name(frame.variable)
        return expression("X.get('currency') or C", X=item, C=self.currency())

    def printed(self, value: Value) -> ast.expr:
        """A present value as texts show it."""
        if value.constant:
            return ast.Constant(print_value(value.known))
        if value.tagged:
            return expression("F(X)", F=self.bound(print_value), X=value.node)
        match value.type:
            case "text":
                return value.node
            case "number":
                return expression("F(X)", F=self.bound(print_number), X=value.node)
            case "money":
                return expression("F(X, C)", F=self.bound(print_money), X=value.node, C=self.currency_node(value))
            case "percent":
                return expression("F(X)", F=self.bound(print_percent), X=value.node)
        return expression("F(X)", F=self.bound(print_value), X=value.node)

    def _template(self, node: tree.Template) -> Value:
        parts: list[ast.expr] = []
        tests: list[ast.expr] = []
        for part in node.parts:
            if isinstance(part, str):
                parts.append(ast.Constant(part))
                continue
            value = self.value(part)
            if value.constant and value.known is not None:
                parts.append(ast.Constant(print_value(value.known)))
                continue
            found, value = self.split(value)
            tests.extend(found)
            parts.append(self.printed(value))
        text = self.short(_joined(parts))
        return _guarded(all_of(tests), text, "text") if tests else Value(text, "text", False)

    def message(self, node: tree.Expression) -> ast.expr:
        """A text for people: `(not set)` where a value is missing."""
        parts = node.parts if isinstance(node, tree.Template) else (node,)
        shown: list[ast.expr] = []
        for part in parts:
            if isinstance(part, str):
                shown.append(ast.Constant(part))
                continue
            value = self.value(part)
            if value.constant:
                shown.append(ast.Constant(print_value(value.known)))
                continue
            tests, value = self.split(value)
            printed = self.printed(value)
            if tests:
                printed = expression("X if T else N", X=printed, T=all_of(tests), N=ast.Constant(NOT_SET))
            shown.append(printed)
        if len(shown) == 1 and isinstance(shown[0], ast.Constant):
            return shown[0]
        return self.short(_joined(shown))

    def short(self, text: ast.expr) -> ast.expr:
        """A text that a rule made; the record is left to the walker where it is too long."""
        return expression(
            "T if len(T := X) <= M else F()",
            T=self.fresh(),
            X=text,
            M=ast.Constant(MAX_TEXT),
            F=self.bound(beyond),
        )

    def _negative(self, value: Value) -> Value:
        if value.constant:
            return self.known(negative(value.known))
        if value.tagged or value.type not in ("number", "money", "percent"):
            return Value(
                expression("F(X)", F=self.bound(negative), X=self.tagged(value)), value.type, True, tagged=True
            )
        value = self.atomic(value)
        node = expression("ZERO - X", ZERO=self.bound(ZERO), X=value.node)
        return self._unless_missing(node, [value], value.type, value.currency)

    def _unless_missing(self, node: ast.expr, values: list[Value], kind: str, currency: str = "") -> Value:
        """A node that is worked out only where all the (atomic) values are present."""
        tests = [test for test in map(self.present, values) if test is not None]
        return _guarded(all_of(tests), node, kind, currency) if tests else Value(node, kind, False, currency)

    def same_currency(self, left: Value, right: Value) -> ast.expr | bool | None:
        """How two amounts share a currency: None surely, False only told by the walker's forms, else a test."""
        one, other = left.currency, right.currency
        if left.type != "money" or right.type != "money" or one == other:
            return None
        if self.plain_currency and RECORD in (one, other) and not self.currencies.keys() & {one, other}:
            code = other if one == RECORD else one
            return expression("C == K", C=self.currency(), K=ast.Constant(code))
        return False

    def _numeric(self, left: Value, right: Value) -> ast.expr | bool | None:
        """As `same_currency`, for two bare values of kinds that go together; False where code cannot tell."""
        if left.tagged or right.tagged:
            return False
        kinds = {left.type, right.type}
        if kinds <= {"money", "number"}:
            return self.same_currency(left, right)
        return None if kinds == {"percent"} else False

    def _arithmetic(self, node: tree.Arithmetic) -> Value:
        left = self.atomic(self.value(node.left))
        right = self.atomic(self.value(node.right))
        operator = node.operator
        if not left.tagged and not right.tagged:
            quick = self._quick_arithmetic(operator, left, right)
            if quick is not None:
                return quick
        result = expression(
            "F(OP, L, R)",
            F=self.bound(arithmetic),
            OP=ast.Constant(operator),
            L=self.tagged(left),
            R=self.tagged(right),
        )
        return Value(result, node.type.name, True, tagged=True)

    def _quick_arithmetic(self, operator: str, left: Value, right: Value) -> Value | None:
        kinds = left.type, right.type
        bound = {"L": left.node, "R": right.node}
        if operator in "+-":
            same = self._numeric(left, right)
            if same is False or "percent" in kinds:
                return None
            amount = next((each for each in (left, right) if each.type == "money"), left)
            text = f"L {operator} R"
            checked = text if same is None else f"({text}) if SAME else BEYOND()"
            holes = bound if same is None else {**bound, "SAME": same, "BEYOND": self.bound(beyond)}
            return self._unless_missing(expression(checked, **holes), [left, right], amount.type, amount.currency)
        if operator == "*":
            if kinds in (("number", "number"), ("money", "number"), ("number", "money")):
                amount = left if left.type == "money" else right
                return self._unless_missing(expression("L * R", **bound), [left, right], amount.type, amount.currency)
            if kinds in (("money", "percent"), ("number", "percent")):
                node = expression("L * R / H", H=self.bound(Decimal(100)), **bound)
                return self._unless_missing(node, [left, right], left.type, left.currency)
            return None
        if kinds in (("number", "number"), ("money", "number")):
            if right.constant and right.known:
                return self._unless_missing(expression("L / R", **bound), [left], left.type, left.currency)
            tests = [test for test in map(self.present, (left, right)) if test is not None]
            node = expression("L / R if T else None", T=all_of([*tests, right.node]), **bound)
            return Value(node, left.type, True, left.currency)
        return None

    def merged(self, first: Value, second: Value) -> tuple[Value, Value]:
        """Two values in forms of which either may stand."""
        bare = not first.tagged and not second.tagged
        if bare and first.type == second.type and first.currency == second.currency:
            return first, second
        if first.constant and first.known is None:
            return replace(first, type=second.type, currency=second.currency, tagged=second.tagged), second
        if second.constant and second.known is None:
            return first, replace(second, type=first.type, currency=first.currency, tagged=first.tagged)
        return (
            Value(self.tagged(first), "any", first.optional, tagged=True),
            Value(self.tagged(second), "any", second.optional, tagged=True),
        )

    def _or_else(self, one: tree.Expression, other: tree.Expression) -> Value:
        first = self.value(one)
        if first.table is not None:
            default = self._constant(other)
            if isinstance(default, str) and first.type == "text":
                get, key = first.table
                return Value(expression("G(KEY, ELSE)", G=get, KEY=key, ELSE=ast.Constant(default)), "text", False)
        first = self.atomic(first)
        if not first.optional:
            return first
        later: list[ast.stmt] = []
        with self.inside(later):
            second = self.value(other)
            first, second = self.merged(first, second)
        if not later:
            node = expression("A if A is not None else B", A=first.node, B=second.node)
            # The forms may have been worked out from the atom again (tagging): read it once.
            if not isinstance(first.node, ast.Name | ast.Constant):
                first = self.atomic(first)
                node = expression("A if A is not None else B", A=first.node, B=second.node)
        else:
            variable = self.fresh()
            self.emit("T = A", T=variable, A=first.node)
            with self.inside(later):
                self.emit("T = B", T=variable, B=second.node)
            self.emit("if T is None:\n    LATER", T=variable, LATER=later)
            node = name(variable)
        return Value(node, first.type, second.optional, first.currency, first.tagged)

    def _call(self, node: tree.Call) -> Value:
        function = REGISTRY[node.function]
        if function.needs_today:
            return Value(name("today"), "date", False)
        if function.lazy:
            return self._if(node)
        if function.name == "replace_pattern":
            substituted = self._substituted(*node.arguments)
            if substituted is not None:
                return substituted
        values = [self.atomic(self.value(argument)) for argument in node.arguments]
        if function.name == "text" and len(values) == 1:
            text = self.short(self.printed(values[0]))
            return self._unless_missing(text, values, "text")
        if function.tagged or any(value.tagged for value in values) or not self._one_kind(values, function.result):
            arguments = ast.List([self.tagged(value) for value in values], ast.Load())
            run = expression("F(N, A)", F=self.bound(call_function), N=ast.Constant(function.name), A=arguments)
            result = self._unless_missing(run, values, "any")
            kind = function.result.name if isinstance(function.result, Type) else "any"
            return replace(result, type=kind, optional=True, tagged=True, guard=None, inner=None)
        money_value = next((value for value in values if value.type == "money"), None)
        kind, currency = "any", ""
        if isinstance(function.result, Type):
            kind = function.result.name
        elif money_value is not None:
            kind, currency = "money", money_value.currency
        elif values:
            kind = values[0].type
        called = ast.Call(self.bound(function.run), [value.node for value in values], [])
        # The function itself may find nothing.
        return replace(self._unless_missing(called, values, kind, currency), optional=True, guard=None, inner=None)

    def _substituted(self, text: tree.Expression, old: tree.Expression, new: tree.Expression) -> Value | None:
        """`replace_pattern` for constants, over a text of any length."""
        pattern, replacement = self._constant(old), self._constant(new)
        if text.type.name != "text" or not isinstance(pattern, str) or not isinstance(replacement, str):
            return None
        try:
            substitute = self.bound(substituter(pattern, replacement))
        except EvaluationFailure:
            return None
        tests, value = self.split(self.value(text))
        if value.tagged:
            return None
        found: ast.expr = ast.Call(substitute, [value.node], [])
        table = translation(pattern, replacement)
        if table is not None:
            value = self.atomic(value) if not tests else value
            found = expression(
                "X.translate(TABLE) if X.isascii() and len(X) <= MOST else FOUND",
                X=value.node,
                TABLE=self.bound(table),
                MOST=ast.Constant(MAX_TEXT),
                FOUND=found,
            )
        return _guarded(all_of(tests), found, "text") if tests else Value(found, "text", False)

    def _one_kind(self, values: list[Value], result: Type | str) -> bool:
        """Say whether a function can take the bare values: amounts all of one currency, nothing beside percentages."""
        currencies = {value.currency for value in values if value.type == "money"}
        if len(currencies) > 1 or any(value.type in ("any", "missing") for value in values):
            return False
        kinds = {value.type for value in values}
        if "percent" in kinds:
            return False
        return isinstance(result, Type) or "money" not in kinds or kinds <= {"money", "number"}

    def _if(self, node: tree.Call) -> Value:
        test = self.condition(node.arguments[0])
        variable = self.fresh()
        self.emit("T = X", T=variable, X=test)
        blocks: list[list[ast.stmt]] = [[], []]
        values: list[Value] = []
        for block, choice in zip(blocks, (node.arguments[1:2], node.arguments[2:3]), strict=True):
            with self.inside(block):
                values.append(self.value(choice[0]) if choice else self.known(None))
        first, second = values
        kinds_differ = (
            first.tagged
            or second.tagged
            or first.type != second.type
            or first.currency != second.currency
            or (first.constant and first.known is None)
            or (second.constant and second.known is None)
        )
        result = self.fresh()
        for block, value in zip(blocks, values, strict=True):
            with self.inside(block):
                self.emit("T = X", T=result, X=self.tagged(value) if kinds_differ else value.node)
        self.emit("if T:\n    YES\nelse:\n    NO", T=variable, YES=blocks[0], NO=blocks[1])
        optional = first.optional or second.optional
        if kinds_differ:
            return Value(name(result), "any", optional, tagged=True)
        return Value(name(result), first.type, optional, first.currency)

    def _lookup(self, node: tree.Lookup) -> Value:
        table = self.tables[node.table]
        place = 0 if node.column is None else self.resolved.tables[node.table].output(node.column) or 0
        outputs = [row[place] for row in table.outputs]
        if table.otherwise is not None:
            outputs.append(table.otherwise[place])
        kind = "text" if all(output is None or isinstance(output, str) for output in outputs) else "any"
        simple = table.column(place)
        key = node.keys[0]
        if simple is not None and isinstance(key, tree.Path) and key.type.name == "text":
            otherwise = None if table.otherwise is None else table.otherwise[place]
            get, folded = self.bound(simple.get), self.folded(key)
            found = expression("G(KEY, ELSE)", G=get, KEY=folded, ELSE=self.constant(otherwise))
            replaceable = otherwise is None and None not in simple.values()
            return Value(found, kind, True, tagged=kind != "text", table=(get, folded) if replaceable else None)
        keys = ast.Tuple([self.tagged(self.value(each)) for each in node.keys], ast.Load())
        variable = self.fresh()
        self.emit("T = F(KEYS)", T=variable, F=self.bound(table.find), KEYS=keys)
        found = expression("None if T is None else T[P]", T=name(variable), P=ast.Constant(place))
        return Value(found, kind, True, tagged=kind != "text")

    # --- items ---

    def _each(self, word: str, collection: tree.Path, body: Callable[[], None]) -> None:
        """Emit a loop over items that are not left out, with `body` emitted into it."""
        variable = self.fresh("i_")
        items: ast.expr
        if collection.original:
            root, _, last = collection.name.partition(".")
            items = expression("record[R].get(L) or ()", R=ast.Constant(root), L=ast.Constant(last))
        else:
            items = name(self.items(collection.name))
        block: list[ast.stmt] = []
        self.frames.append(Frame(word, variable, collection.name))
        with self.inside(block):
            body()
        self.frames.pop()
        self.emit("for ITEM in ITEMS:\n    BODY", ITEM=variable, ITEMS=items, BODY=block)

    def _where(self, where: tree.Expression | None, then: Callable[[], None]) -> None:
        if where is None:
            then()
            return
        test = self.condition(where)
        block: list[ast.stmt] = []
        with self.inside(block):
            then()
        self.emit("if T:\n    BODY", T=test, BODY=block)

    def _count(self, node: tree.Count) -> Value:
        variable = self.fresh()
        self.emit("T = 0", T=variable)
        self._each(node.item, node.collection, lambda: self._where(node.where, lambda: self.emit("T += 1", T=variable)))
        return Value(expression("D(T)", D=self.bound(Decimal), T=name(variable)), "number", False)

    def _sum(self, node: tree.Sum) -> Value:
        total = self.fresh()
        kinds: list[Value] = []

        def add() -> None:
            value = self.atomic(self.value(node.value))
            kinds.append(value)
            if self._sums_tagged(value):
                addition = expression("F('+', T, X)", F=self.bound(arithmetic), T=name(total), X=self.tagged(value))
                self.emit(
                    "if X is not None:\n    T = X if T is None else ADDED",
                    T=total,
                    X=self.tagged(value),
                    ADDED=addition,
                )
            elif value.optional:
                self.emit("if X is not None:\n    T = T + X", T=total, X=value.node)
            else:
                self.emit("T = T + X", T=total, X=value.node)

        block: list[ast.stmt] = []
        with self.inside(block):
            self._each(node.item, node.collection, lambda: self._where(node.where, add))
        value = kinds[0]
        if self._sums_tagged(value):
            self.emit("T = None", T=total)
            self.block.extend(block)
            empty = (
                expression("F(Z, C)", F=self.bound(money), Z=self.bound(ZERO), C=self.currency())
                if node.type.name == "money"
                else self.bound(ZERO)
            )
            node_ = expression("T if T is not None else E", T=name(total), E=empty)
            return Value(node_, node.type.name, False, tagged=True)
        if (value.type == "money") != (node.type.name == "money") or value.currency not in ("", RECORD):
            self.emit("BEYOND()", BEYOND=self.bound(beyond))
        self.emit("T = ZERO", T=total, ZERO=self.bound(ZERO))
        self.block.extend(block)
        return Value(name(total), value.type, False, value.currency)

    def _sums_tagged(self, value: Value) -> bool:
        return value.tagged or value.type not in ("number", "money") or value.currency in self.currencies

    @abstractmethod
    def condition(self, node: tree.Expression) -> ast.expr:
        """A condition as a node that is true or false; `dsl.evaluate.conditions` says how."""

    def _constant(self, node: tree.Expression) -> Any:
        return self.whole.walker.constant(node)


def _guarded(guard: ast.expr, inner: ast.expr, kind: str, currency: str = "") -> Value:
    """A value that is there only where a test holds."""
    node = expression("X if T else None", X=inner, T=guard)
    return Value(node, kind, True, currency, guard=guard, inner=inner)


def _joined(parts: list[ast.expr]) -> ast.expr:
    """Texts one after the other, as one f-string of nodes."""
    if len(parts) == 1:
        return parts[0]
    return ast.JoinedStr(
        [part if isinstance(part, ast.Constant) else ast.FormattedValue(part, -1, None) for part in parts]
    )


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "missing"
        case bool():
            return "yes/no"
        case str():
            return "text"
        case Decimal():
            return "number"
        case datetime():
            return "moment"
        case date():
            return "date"
        case tuple():
            return "list"
    return "duration"
