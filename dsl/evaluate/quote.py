"""Python written as templates and filled with syntax nodes, never with text; changes with the shape of Python's ast alone.

A template is program text of ours. Its capital names are holes: a node takes the place of the name, a text renames it,
a list of statements takes the place of a statement that is only the name.
"""

import ast
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Hole = ast.expr | str | list[ast.stmt]


@dataclass(frozen=True, slots=True)
class _Template:
    """A template as read. `open` are its nodes with a hole in them; all others every use may share, uncopied."""

    body: list[ast.stmt]
    open: frozenset[ast.AST]

    def filled(self, node: ast.AST, holes: Mapping[str, Hole]) -> ast.AST:
        """A copy of one of its nodes with the holes filled; what fills them is used as it is, not copied."""
        if node not in self.open:
            return node
        if isinstance(node, ast.Name):
            hole = holes[node.id]
            if isinstance(hole, list):
                raise TypeError(f"{node.id} stands where no statements can stand")
            return ast.Name(hole, node.ctx) if isinstance(hole, str) else hole
        copy = type(node)()
        for field in node._fields:
            value = getattr(node, field)
            if isinstance(value, ast.AST):
                value = self.filled(value, holes)
            elif isinstance(value, list):
                value = self.filled_list(value, holes)
            setattr(copy, field, value)
        return copy

    def filled_list(self, nodes: Sequence[Any], holes: Mapping[str, Hole]) -> list[Any]:
        result: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Name):
                hole = holes.get(node.value.id)
                if isinstance(hole, list):
                    result.extend(hole or [ast.Pass()])
                    continue
            result.append(self.filled(node, holes) if isinstance(node, ast.AST) else node)
        return result


@functools.cache
def _parsed(template: str) -> _Template:
    body = ast.parse(template).body
    return _Template(body, frozenset(node for each in body for node in _open(each)))


def _open(node: ast.AST) -> list[ast.AST]:
    """A node and its parts, as far as there is a hole in them."""
    parts = [found for child in ast.iter_child_nodes(node) for found in _open(child)]
    return [node, *parts] if parts or (isinstance(node, ast.Name) and node.id.isupper()) else []


def expression(template: str, **holes: Hole) -> ast.expr:
    """The expression of a template with its holes filled."""
    read = _parsed(template)
    match read.body:
        case [ast.Expr(value=value)]:
            filled = read.filled(value, holes)
            if isinstance(filled, ast.expr):
                return filled
    raise TypeError(f"{template} is no expression")


def statements(template: str, **holes: Hole) -> list[ast.stmt]:
    """The statements of a template with its holes filled."""
    read = _parsed(template)
    return read.filled_list(read.body, holes)


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
