"""The form of a table, a grid; changes with the parts of a table."""

from __future__ import annotations

from dsl import tree
from dsl.forms.declarations import Declarations
from dsl.forms.inputs import FIXED_WAYS, constant, holed, shows, type_words
from dsl.forms.model import Choice, ColumnForm, Input, Insert, Json, RowForm, Slot, TableForm
from dsl.tree import Expression, Operator
from dsl.types import MONEY, NUMBER, TEXT, YES_NO, Type

CELL_WORDS: dict[Operator, str] = {
    Operator.AT_MOST: "up to",
    Operator.AT_LEAST: "at least",
    Operator.MORE: "more than",
    Operator.LESS: "less than",
    Operator.BETWEEN: "between",
    Operator.STARTS: "starts with",
    Operator.ENDS: "ends with",
    Operator.CONTAINS: "contains",
    Operator.MATCHES: "matches",
}
"""The comparisons that a cell can say."""
_TEXT_TESTS = ("starts with", "ends with", "contains", "matches")
_ORDER_TESTS = ("up to", "at least", "more than", "less than", "between")


def cell_value(cell: tree.Cell) -> Json:
    """A cell as {"test","values"}; None where it says several things at once."""
    tests = cell.alternatives
    if all(isinstance(each, tree.ValueCell) for each in tests):
        return {"test": "is", "values": [constant(each.value) for each in tests if isinstance(each, tree.ValueCell)]}
    if len(tests) > 1:
        return None
    match tests[0]:
        case tree.AnyCell():
            return {"test": "any", "values": []}
        case tree.MissingCell():
            return {"test": "missing", "values": []}
        case tree.ComparisonCell(operator=operator, value=value, high=high):
            return {
                "test": CELL_WORDS[operator],
                "values": [constant(value), *([] if high is None else [constant(high)])],
            }
    return None


class Tables(Declarations):
    """The form of one table."""

    def table(self, node: tree.Table) -> TableForm:
        inputs, id = self.inputs, self.id
        csv = None
        if node.csv is not None:
            before = self.sheet.before(node.csv.span.start)
            csv = (node.csv.span.start if before is None else before[1], node.csv.span.end)
        found = [
            self.name(node.name, "Name"),
            inputs.plain(
                f"{id}/csv",
                "File beside the rule set",
                None if node.csv is None else node.csv.text,
                None if node.csv is None else (node.csv.span.start, node.csv.span.end),
                clause=csv,
                insert=Insert(node.name.span.end, "from ", own_line=False),
                help="the rows of a long table stand in a CSV file",
                example='"class_for_sku.csv"',
            ),
        ]
        columns = [*node.keys, *node.outputs]
        names = column_names(node)
        kinds = [self.knowledge.column_type(node, place) for place in range(len(columns))]
        shown = [
            ColumnForm(
                id=f"{id}/columns/{name}",
                key=place < len(node.keys),
                name=self.name(column.name, "Column", f"{id}/columns/{name}/name"),
                type=inputs.word(
                    f"{id}/columns/{name}/type",
                    "Holds",
                    None if column.type is None else column.type.words,
                    None if column.type is None else (column.type.span.start, column.type.span.end),
                    writes="type",
                    choices=self.types(),
                    clause=None if column.type is None else (column.name.span.end, column.type.span.end),
                    insert=Insert(column.name.span.end, "is ", own_line=False),
                    help="without it, what the first rows hold",
                ),
                holds=type_words(kinds[place]),
                start=column.span.start,
                end=column.span.end,
            )
            for place, (column, name) in enumerate(zip(columns, names, strict=True))
        ]
        rows = [self._row(f"{id}/rows/{place}", row, node, names, kinds) for place, row in enumerate(node.rows, 1)]
        return TableForm(
            id=id,
            kind="table",
            title=node.name.text,
            sentence=self.sentences.block(node),
            start=self.block.start,
            end=self.block.end,
            inputs=tuple(found),
            columns=tuple(shown),
            rows=tuple(rows),
            choices=inputs.choices,
        )

    def _row(self, id: str, row: tree.Row, table: tree.Table, names: list[str], kinds: list[Type]) -> RowForm:
        keys = len(table.keys)
        cells: list[Input] = []
        for place, cell in enumerate(row.cells or ()):
            name = names[place] if place < keys else f"cell-{place + 1}"
            kind = kinds[place] if place < keys else TEXT
            cells.append(self._cell(f"{id}/{name}", name, cell, kind))
        for place, output in enumerate(row.outputs):
            at = keys + place
            name = names[at] if at < len(names) else f"output-{place + 1}"
            cells.append(self._output(f"{id}/{name}", name, output, kinds[at] if at < len(kinds) else TEXT))
        return RowForm(
            id=id,
            otherwise=row.cells is None,
            cells=tuple(cells),
            sentence=self.sentences.row(row, table),
            start=row.span.start,
            end=row.span.end,
        )

    def _cell(self, id: str, name: str, cell: tree.Cell, kind: Type) -> Input:
        start, end = cell.span.start, cell.span.end
        value = cell_value(cell)
        remark = bool(self.sheet.comments(start, end))
        constants = [each.value for each in cell.alternatives if isinstance(each, tree.ValueCell | tree.ComparisonCell)]
        if remark or holed(cell) or not all(shows(kind, self.knowledge.kind_of(each)) for each in constants):
            value = None
        tests = ["is", "any", "missing"]
        tests += _TEXT_TESTS if kind == TEXT else () if kind == YES_NO else _ORDER_TESTS
        return Input(
            id=id,
            label=name.replace("_", " ").capitalize(),
            type=type_words(kind),
            value=value if value is not None else self.sheet.words(start, end),
            said_as="constant" if value is not None else "expression",
            text=self.sheet.words(start, end),
            choices=self.inputs.offer(f"tests of {kind}", lambda: tuple(Choice(each, each) for each in tests)),
            other=True,
            ways=("constant", "expression"),
            required=True,
            editable=not remark,
            why="a remark stands in the middle of it" if remark else "",
            start=start,
            end=end,
            slot=Slot("cell", kind),
        )

    def _output(self, id: str, name: str, node: Expression, kind: Type) -> Input:
        place = self.sheet.balanced(node.span.start, node.span.end)
        return self.inputs.value(
            id, name.replace("_", " ").capitalize(), node, place=place, wanted=kind, ways=(*FIXED_WAYS, "missing")
        )


def column_names(node: tree.Table) -> list[str]:
    """The columns' names, each once: those of a broken table get their number."""
    seen: set[str] = set()
    names: list[str] = []
    for place, each in enumerate((*node.keys, *node.outputs), 1):
        name = each.name.text
        name = f"column-{place}" if not name or name in seen else name
        seen.add(name)
        names.append(name)
    return names


__all__ = ["CELL_WORDS", "MONEY", "NUMBER", "Tables", "cell_value", "column_names"]
