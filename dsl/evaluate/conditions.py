"""Conditions as Python nodes; changes with what a condition can ask. What it compares is worked out by expressions."""

import ast
from collections.abc import Mapping

from dsl import tree
from dsl.evaluate.expressions import Expressions, Value
from dsl.evaluate.operations import compare, wildcards
from dsl.evaluate.quote import all_of, expression, name, negated
from dsl.evaluate.records import HEAD_TOTALS
from dsl.evaluate.runtime import LEAVES, beyond, read_leaf
from dsl.evaluate.scope import STRIPPED
from dsl.functions.text import compiled_pattern
from dsl.tree import Operator
from dsl.values import EvaluationFailure, fold, has_word, needle

_SYMBOLS: Mapping[Operator, str] = {
    Operator.MORE: "L > R",
    Operator.AFTER: "L > R",
    Operator.LESS: "L < R",
    Operator.BEFORE: "L < R",
    Operator.AT_LEAST: "L >= R",
    Operator.AT_MOST: "L <= R",
    Operator.IS: "L == R",
    Operator.EXACTLY: "L == R",
}


class Conditions(Expressions):
    """Compiles conditions of one rule set into the current block."""

    def condition(self, node: tree.Expression) -> ast.expr:
        """A condition as a node that is true or false; it may emit statements that have to run first."""
        match node:
            case tree.And(operands=operands):
                return self._junction(operands, ast.And())
            case tree.Or(operands=operands):
                return self._junction(operands, ast.Or())
            case tree.Not(operand=operand):
                return negated(self.condition(operand))
            case tree.Comparison():
                test = self._comparison(node)
                return negated(test) if node.negated else test
            case tree.Presence():
                return self._presence(node)
            case tree.Quantified():
                return self._quantified(node)
        return expression("X is True", X=self.value(node).node)

    def _junction(self, operands: tuple[tree.Expression, ...], operator: ast.boolop) -> ast.expr:
        """`and` or `or`; an operand that needs statements is worked out only where those before left it open."""
        tests: list[ast.expr] = []
        for place, operand in enumerate(operands):
            block: list[ast.stmt] = []
            with self.inside(block):
                test = self.condition(operand)
            if not block:
                tests.append(test)
                continue
            if not tests:
                self.block.extend(block)
                tests.append(test)
                continue
            variable = self.fresh()
            before = tests[0] if len(tests) == 1 else ast.BoolOp(operator, tests)
            self.emit("T = X", T=variable, X=before)
            with self.inside(block):
                rest = operands[place + 1 :]
                if rest:
                    following: list[ast.stmt] = []
                    with self.inside(following):
                        last = self._junction(rest, operator)
                    if following:
                        self.emit("T = X", T=variable, X=test)
                        with self.inside(following):
                            self.emit("T = X", T=variable, X=last)
                        self._continue(variable, following, operator)
                    else:
                        self.emit("T = X", T=variable, X=ast.BoolOp(operator, [test, last]))
                else:
                    self.emit("T = X", T=variable, X=test)
            self._continue(variable, block, operator)
            return name(variable)
        return tests[0] if len(tests) == 1 else ast.BoolOp(operator, tests)

    def _continue(self, variable: str, block: list[ast.stmt], operator: ast.boolop) -> None:
        template = "if T:\n    BODY" if isinstance(operator, ast.And) else "if not T:\n    BODY"
        self.emit(template, T=variable, BODY=block)

    def _presence(self, node: tree.Presence) -> ast.expr:
        operand = node.operand
        if isinstance(operand, tree.Path) and operand.type.name == "text":
            test = self._present_text(operand)
            return negated(test) if node.missing else test
        value = self.value(operand)
        # A field that is never missing is read all the same: the walker has to see a leaf of another kind.
        if value.constant or not (value.optional or isinstance(operand, tree.Path)):
            return ast.Constant((value.constant and value.known is None) is node.missing)
        return expression("X is None" if node.missing else "X is not None", X=value.node)

    def _present_text(self, path: tree.Path) -> ast.expr:
        """A text that is there, or something false."""
        if self.known_folded(path) is not None or self.has_few_values(path):
            return self.folded(path)
        leaf, first = self._read_twice(self.raw(path))
        return expression(STRIPPED, V=leaf, FIRST=first, BEYOND=self.bound(beyond))

    def _quantified(self, node: tree.Quantified) -> ast.expr:
        variable = self.fresh()
        every = node.quantifier == "every"
        self.emit("T = B", T=variable, B=ast.Constant(node.quantifier != "some"))

        def body() -> None:
            if every:
                test = ast.Constant(True) if node.where is None else self.condition(node.where)
                self.emit("if not X:\n    T = False\n    break", X=test, T=variable)
                return
            found = ast.Constant(node.quantifier == "some")
            self._where(node.where, lambda: self.emit("T = B\nbreak", T=variable, B=found))

        self._each(node.item, node.collection, body)
        return name(variable)

    def _comparison(self, node: tree.Comparison) -> ast.expr:
        quick = self._text_comparison(node) or self._plain_comparison(node)
        if quick is not None:
            return quick
        operator = self.bound(node.operator)
        left = self.tagged(self.value(node.left))
        left = self.atom(left)
        right: ast.expr
        if node.operator is Operator.PATTERN:
            right = self._pattern(node.right)
        else:
            right = self.atom(self.tagged(self.value(node.right)))
        if node.high is None:
            return expression("F(OP, L, R)", F=self.bound(compare), OP=operator, L=left, R=right)
        high = self.tagged(self.value(node.high))
        return expression("F(OP, L, R, H)", F=self.bound(compare), OP=operator, L=left, R=right, H=high)

    def _pattern(self, node: tree.Expression) -> ast.expr:
        value = self.value(node)
        if value.constant and isinstance(value.known, str):
            try:
                return self.bound(compiled_pattern(value.known))
            except EvaluationFailure:
                return expression("F()", F=self.bound(beyond))
        return expression("F(X)", F=self.bound(compiled_pattern), X=value.node)

    def _text_comparison(self, node: tree.Comparison) -> ast.expr | None:
        """A comparison of a text field with something constant, over the folded text ("" where it is missing)."""
        left = node.left
        if not isinstance(left, tree.Path) or left.type.name != "text":
            return None
        operator = node.operator
        if operator is Operator.IS and isinstance(node.right, tree.Path) and node.right.type.name == "text":
            one, other = self.atom(self.folded(left)), self.folded(node.right)
            return expression("A == B and A != ''", A=one, B=other)
        right = self._constant(node.right)
        if right is None:
            return None
        if operator is Operator.ONE_OF:
            if not isinstance(right, tuple) or not all(isinstance(each, str) or each is None for each in right):
                return None
            options = {fold(each) for each in right if each is not None} - {""}
            if not options:
                return ast.Constant(False)
            if len(options) == 1:
                return expression("X == K", X=self.folded(left), K=ast.Constant(options.pop()))
            members = ast.Set([ast.Constant(option) for option in sorted(options)])
            return ast.Compare(self.folded(left), [ast.In()], [members])
        if not isinstance(right, str):
            return None
        folded, sought = fold(right), needle(right)
        match operator:
            case Operator.IS if folded:
                return expression("X == K", X=self.folded(left), K=ast.Constant(folded))
            case Operator.CONTAINS if sought:
                return expression("K in X", X=self.folded(left), K=ast.Constant(sought))
            case Operator.STARTS if sought:
                return expression("X.startswith(K)", X=self.folded(left), K=ast.Constant(sought))
            case Operator.ENDS if sought:
                return expression("X.endswith(K)", X=self.folded(left), K=ast.Constant(sought))
            case Operator.WORD if folded:
                text = self.atom(self.folded(left))
                return expression("K in X and F(X, K)", X=text, K=ast.Constant(folded), F=self.bound(has_word))
            case Operator.MATCHES if folded:
                text = self.atom(self.folded(left))
                return expression("X != '' and F(X)", X=text, F=self.bound(wildcards(folded)))
            case Operator.EXACTLY if right.strip():
                leaf, first = self._read_twice(self.raw(left))
                return expression(
                    "FIRST == K or V is not None and V.__class__ is not str and BEYOND()",
                    FIRST=first,
                    V=leaf,
                    K=ast.Constant(right),
                    BEYOND=self.bound(beyond),
                )
            case Operator.PATTERN:
                try:
                    pattern = compiled_pattern(right)
                except EvaluationFailure:
                    return None
                text = self.atom(self._path(left).node)
                return expression("X is not None and S(X) is not None", X=text, S=self.bound(pattern.search))
        return None

    def _plain_comparison(self, node: tree.Comparison) -> ast.expr | None:
        """A comparison of numbers, amounts, dates or yes/no that Python's own operators can make."""
        operator = node.operator
        if operator in (Operator.IS, Operator.EXACTLY) and isinstance(node.right, tree.YesNo):
            if node.left.type.name != "yes/no":
                return None
            wanted = ast.Constant(node.right.value)
            if not isinstance(node.left, tree.Path):
                return expression("X is B", X=self.value(node.left).node, B=wanted)
            leaf, first = self._read_twice(self.bare(node.left).node)
            return expression(
                "FIRST is B or V is not OTHER and V is not None and F(V, 'yes/no', None) is B",
                FIRST=first,
                V=leaf,
                B=wanted,
                OTHER=ast.Constant(not node.right.value),
                F=self.bound(read_leaf),
            )
        kind = node.left.type.name
        if kind not in ("number", "money", "percent", "date", "moment"):
            return None
        rights = [node.right] if node.high is None else [node.right, node.high]
        if operator is Operator.ONE_OF:
            return None
        if operator is not Operator.BETWEEN and operator not in _SYMBOLS:
            return None
        if kind in ("date", "moment") and any(each.type.name != kind for each in rights):
            return None
        bare = False
        if isinstance(node.left, tree.Path) and node.left.name not in HEAD_TOTALS:
            left, bare = self.bare(node.left), True
        else:
            left = self.value(node.left)
        bounds = [self.atomic(self.value(each)) for each in rights]
        checks: list[ast.expr] = []
        for each in bounds:
            if left.tagged or each.tagged or each.type == "missing":
                return self._generic(node, bounds)
            if kind in ("date", "moment"):
                continue
            same = self._numeric(left, each)
            if isinstance(same, bool):
                return self._generic(node, bounds)
            if same is not None:
                checks.append(expression("(S or F())", S=same, F=self.bound(beyond)))
        tests = [test for test in map(self.present, bounds) if test is not None]
        again, first = self._read_twice(left.node)
        if left.optional and not bare:
            # The first reading binds the name that all others use, so this test comes first.
            tests.insert(0, expression("X is not None", X=first))
        elif not bare and first is not again:
            again = self.atom(left.node)
        if operator is Operator.BETWEEN:
            compared = expression("A <= L <= B", A=bounds[0].node, L=again, B=bounds[1].node)
        elif operator in (Operator.IS, Operator.EXACTLY) and bounds[0].is_zero:
            compared = negated(again)
        else:
            compared = expression(_SYMBOLS[operator], L=again, R=bounds[0].node)
        holds = all_of([*tests, *checks, compared])
        if not bare:
            return holds
        # A blank text is missing, and whatever else is of another kind is the walker's.
        return expression(
            "HOLDS if FIRST.__class__ is KIND else V is not None and F(V, '', None) is not None",
            HOLDS=holds,
            FIRST=first,
            KIND=self.bound(LEAVES[kind]),
            V=again,
            F=self.bound(read_leaf),
        )

    def _generic(self, node: tree.Comparison, bounds: list[Value]) -> ast.expr:
        nodes = [self.tagged(each) for each in (self.value(node.left), *bounds)]
        return ast.Call(self.bound(compare), [self.bound(node.operator), *nodes], [])
