"""Python written as templates and filled with syntax nodes, never with text; changes with the shape of Python's ast alone.

A template is program text of ours. Its capital names are holes: a node takes the place of the name, a text renames it,
a list of statements takes the place of a statement that is only the name.
"""

import ast
import copy
import functools
from collections.abc import Sequence

Hole = ast.expr | str | list[ast.stmt]


@functools.cache
def _parsed(template: str) -> ast.Module:
    return ast.parse(template)


class _Filling(ast.NodeTransformer):
    def __init__(self, holes: dict[str, Hole]) -> None:
        self.holes = holes

    def visit_Name(self, node: ast.Name) -> ast.expr:
        hole = self.holes.get(node.id)
        if hole is None:
            return node
        if isinstance(hole, str):
            return ast.Name(hole, node.ctx)
        if isinstance(hole, list):
            raise TypeError(f"{node.id} stands where no statements can stand")
        return hole

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | list[ast.stmt]:
        if isinstance(node.value, ast.Name):
            hole = self.holes.get(node.value.id)
            if isinstance(hole, list):
                return hole or [ast.Pass()]
        self.generic_visit(node)
        return node


def expression(template: str, **holes: Hole) -> ast.expr:
    """The expression of a template with its holes filled."""
    statement = _parsed(template).body[0]
    assert isinstance(statement, ast.Expr)  # noqa: S101 - templates are ours
    filled: ast.expr = _Filling(holes).visit(copy.deepcopy(statement.value))
    return filled


def statements(template: str, **holes: Hole) -> list[ast.stmt]:
    """The statements of a template with its holes filled."""
    filling = _Filling(holes)
    result: list[ast.stmt] = []
    for statement in _parsed(template).body:
        filled = filling.visit(copy.deepcopy(statement))
        result.extend(filled if isinstance(filled, list) else [filled])
    return result


def name(identifier: str) -> ast.Name:
    """A name that is read."""
    return ast.Name(identifier, ast.Load())


def all_of(conditions: Sequence[ast.expr]) -> ast.expr:
    """`a and b and c`; a single condition stands for itself."""
    return conditions[0] if len(conditions) == 1 else ast.BoolOp(ast.And(), list(conditions))


def negated(condition: ast.expr) -> ast.expr:
    """`not condition`, with the comparison turned round where that is the same."""
    if isinstance(condition, ast.Compare) and len(condition.ops) == 1:
        turned: dict[type[ast.cmpop], type[ast.cmpop]] = {
            ast.Eq: ast.NotEq,
            ast.NotEq: ast.Eq,
            ast.In: ast.NotIn,
            ast.NotIn: ast.In,
            ast.Is: ast.IsNot,
            ast.IsNot: ast.Is,
        }
        found = turned.get(type(condition.ops[0]))
        if found is not None:
            return ast.Compare(condition.left, [found()], condition.comparators)
    return ast.UnaryOp(ast.Not(), condition)
