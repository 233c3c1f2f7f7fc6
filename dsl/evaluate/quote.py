"""Python written as templates and filled with syntax nodes, never with text; changes with the shape of Python's ast alone.

A template is program text of ours. Its capital names are holes: a node takes the place of the name, a text renames it,
a list of statements takes the place of a statement that is only the name.
"""

import ast
import functools
from collections.abc import Mapping, Sequence
from typing import Any

Hole = ast.expr | str | list[ast.stmt]


@functools.cache
def _parsed(template: str) -> ast.Module:
    module = ast.parse(template)
    _find_plain(module)
    return module


def _find_plain(node: ast.AST) -> bool:
    """Mark the parts of a template that have no hole: they need no copy, and every use may share them."""
    parts = [_find_plain(child) for child in ast.iter_child_nodes(node)]
    plain = all(parts) and not (isinstance(node, ast.Name) and node.id.isupper())
    node.plain = plain  # type: ignore[attr-defined]
    return plain


def _filled(node: ast.AST, holes: Mapping[str, Hole]) -> ast.AST:
    """A copy of a template's node with its holes filled; what fills them is used as it is, not copied."""
    if isinstance(node, ast.Name):
        hole = holes.get(node.id)
        if hole is None:
            return node
        if isinstance(hole, str):
            return ast.Name(hole, node.ctx)
        if isinstance(hole, list):
            raise TypeError(f"{node.id} stands where no statements can stand")
        return hole
    if node.plain:  # type: ignore[attr-defined]
        return node
    copy = type(node)()
    for field in node._fields:
        value = getattr(node, field)
        if isinstance(value, ast.AST):
            value = _filled(value, holes)
        elif isinstance(value, list):
            value = _filled_list(value, holes)
        setattr(copy, field, value)
    return copy


def _filled_list(nodes: Sequence[Any], holes: Mapping[str, Hole]) -> list[Any]:
    result: list[Any] = []
    for node in nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Name):
            hole = holes.get(node.value.id)
            if isinstance(hole, list):
                result.extend(hole or [ast.Pass()])
                continue
        result.append(_filled(node, holes) if isinstance(node, ast.AST) else node)
    return result


def expression(template: str, **holes: Hole) -> ast.expr:
    """The expression of a template with its holes filled."""
    statement = _parsed(template).body[0]
    assert isinstance(statement, ast.Expr)  # noqa: S101 - templates are ours
    filled = _filled(statement.value, holes)
    assert isinstance(filled, ast.expr)  # noqa: S101 - a node for an expression fills one
    return filled


def statements(template: str, **holes: Hole) -> list[ast.stmt]:
    """The statements of a template with its holes filled."""
    return _filled_list(_parsed(template).body, holes)


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
