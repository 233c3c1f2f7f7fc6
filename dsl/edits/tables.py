"""Changes to tables: rows and columns; changes with what a form can do to a table (one cell is an input like any other)."""

from __future__ import annotations

from dsl import tree
from dsl.edits import values
from dsl.edits.edit import AddColumn, AddRow, MoveColumn, MoveRow, Refused, RemoveColumn, RemoveRow
from dsl.edits.inputs import cell
from dsl.edits.work import Work, moved, permuted
from dsl.edits.writing import cells_of, column_text
from dsl.format import format_text
from dsl.forms.document import BlockAt
from dsl.forms.model import ColumnForm, RowForm, TableForm
from dsl.forms.sheet import Change, Sheet, changed
from dsl.types import TEXT


def _table(work: Work, called: str) -> tuple[BlockAt, TableForm, Sheet]:
    block = work.block(called, "table")
    form = work.form(block)
    if not isinstance(form, TableForm):
        raise Refused("this table cannot be read", "mend it as text first")
    return block, form, work.sheet(block)


# --- rows -------------------------------------------------------------------------------------------------------------


def add_row(work: Work, edit: AddRow) -> list[Change]:
    """A row, laid out like its neighbours; before the row of `otherwise` unless another place is said."""
    block, form, sheet = _table(work, edit.table)
    table = work.table(block)
    keys = [each for each in form.columns if each.key]
    outputs = [each for each in form.columns if not each.key]
    names = [each.id.rpartition("/")[2] for each in form.columns]
    kinds = [work.knowledge.column_type(table, place) for place in range(len(names))]
    if table.csv is not None:
        raise Refused(f'the rows of this table stand in "{table.csv.text}"', "add it there")
    given = cells_of(edit.row, names[len(keys) :] if edit.otherwise else names)
    right = [
        values.value(each, "", kind) for each, kind in zip(given[-len(outputs) :], kinds[len(keys) :], strict=True)
    ]
    left = ["otherwise"]
    if not edit.otherwise:
        left = [
            "any" if each is None else cell(each, "", kind)
            for each, kind in zip(given[: len(keys)], kinds[: len(keys)], strict=True)
        ]
    rows = form.rows
    place = edit.place
    if not 0 <= place <= len(rows) + 1:
        raise Refused(f"there is no place {place}", f"places are 1 to {len(rows) + 1}")
    if not place:
        place = len(rows) if rows and rows[-1].otherwise and not edit.otherwise else len(rows) + 1
    return [put_row(sheet, form, left, right, place)]


def put_row(sheet: Sheet, form: TableForm, left: list[str], right: list[str], place: int) -> Change:
    """A row's cells at a place (from 1)."""
    rows = form.rows
    pattern = next((each for each in rows[max(0, place - 2) :] if not each.otherwise), None)
    pattern = pattern or next((each for each in rows if not each.otherwise), None)
    words = _spaced(sheet, pattern, left, right)
    if not rows:
        last = form.columns[-1].end
        indent = sheet.indent(form.columns[0].start)
        return sheet.put_behind(last, words, indent if sheet.begins_line(form.columns[0].start) else indent + "  ")
    if place > len(rows):
        before = rows[-1]
        return sheet.put_behind(before.end, words, sheet.indent(before.start))
    following = rows[place - 1]
    if not sheet.begins_line(following.start):
        return Change(following.start, following.start, f"{words} ")
    at = sheet.line_start(following.start)
    return Change(at, at, f"{sheet.indent(following.start)}{words}{sheet.newline}")


def _spaced(sheet: Sheet, pattern: RowForm | None, left: list[str], right: list[str]) -> str:
    """A row with its bars and its arrow in the columns of another row, as far as its cells let them."""
    separators = [*["|"] * (len(left) - 1), "->", *["|"] * (len(right) - 1)]
    columns: list[int] = []
    if pattern is not None and sheet.begins_line(pattern.start):
        tokens = [each for each in sheet.between(pattern.start, pattern.end) if each[0] in ("BAR", "ARROW")]
        columns = [each[1] - pattern.start for each in tokens]
        if left == ["otherwise"]:
            arrows = [each[1] - pattern.start for each in tokens if each[0] == "ARROW"]
            columns = [*arrows, *columns[columns.index(arrows[0]) + 1 :]] if arrows else []
        if not any(_padded(sheet, each[1]) for each in tokens) and not _even(sheet, pattern, tokens):
            columns = []
    said = ""
    for place, words in enumerate([*left, *right]):
        said += words
        if place < len(separators):
            wanted = columns[place] if place < len(columns) else 0
            said = f"{said:<{wanted}}" if len(said) < wanted else f"{said} "
            said += f"{separators[place]} "
    return said


def _padded(sheet: Sheet, separator: int) -> bool:
    return sheet.text[separator - 2 : separator] == "  "


def _even(sheet: Sheet, row: RowForm, tokens: list[tuple[str, int, int]]) -> bool:
    """Whether the line above or below has its first bar or arrow in the same column."""
    if not tokens:
        return False
    column = sheet.column(tokens[0][1])
    line = sheet.line_start(row.start)
    around = [sheet.line_start(line - 1)] if line else []
    around.append(sheet.next_line(row.start))
    mark = sheet.text[tokens[0][1]]
    return any(each + column < sheet.line_end(each) and sheet.text[each + column] == mark for each in around)


def _row_at(work: Work, id: str) -> tuple[TableForm, int, Sheet]:
    _, form, sheet = _table(work, id.partition("/")[0])
    ids = [each.id for each in form.rows]
    if id not in ids:
        raise Refused(f'there is no row "{id}"')
    return form, ids.index(id), sheet


def remove_row(work: Work, edit: RemoveRow) -> list[Change]:
    form, at, sheet = _row_at(work, edit.at)
    return [sheet.take_out(form.rows[at].start, form.rows[at].end)]


def move_row(work: Work, edit: MoveRow) -> list[Change]:
    """A row in another place, with its remark where each row has its line."""
    form, at, sheet = _row_at(work, edit.at)
    order = moved(len(form.rows), at, edit.place)
    places = [(each.start, each.end) for each in form.rows]
    if all(sheet.begins_line(each.start) and sheet.ends_line(each.end) for each in form.rows):
        places = [(start, sheet.line_end(end)) for start, end in places]
    return permuted(sheet, places, order)


# --- columns ----------------------------------------------------------------------------------------------------------


def add_column(work: Work, edit: AddColumn) -> list[Change]:
    """A column: its name, and in each row a cell that fits everything (a key) or gives nothing (an output), or `fill`."""
    block, form, sheet = _table(work, edit.table)
    table = work.table(block)
    head = column_text(edit.name, edit.type)
    if edit.key:
        fill = "any" if edit.fill is None else cell(edit.fill, "", TEXT)
    else:
        fill = values.value(edit.fill, "missing" if edit.fill is None else "")
    side = [each for each in form.columns if each.key == edit.key]
    place = edit.place or len(side) + 1
    if not 1 <= place <= len(side) + 1:
        raise Refused(f"there is no place {place}", f"places are 1 to {len(side) + 1}")
    width = max(len(head), len(fill))
    changes = [_beside(sheet, [(each.start, each.end) for each in side], place, head, width, keys=edit.key)]
    for row, form_row in zip(table.rows, form.rows, strict=True):
        if row.cells is None and edit.key:
            arrow = sheet.find("ARROW", form_row.start, form_row.end)
            if arrow is not None and _padded(sheet, arrow[0]):
                changes.append(Change(arrow[0], arrow[0], " " * (width + 3)))
            continue
        shown = form_row.cells
        count = 0 if row.cells is None else len(row.cells)
        cells = shown[:count] if edit.key else shown[count:]
        changes.append(
            _beside(sheet, [(each.start or 0, each.end or 0) for each in cells], place, fill, width, keys=edit.key)
        )
    return changes


def _beside(sheet: Sheet, cells: list[tuple[int, int]], place: int, words: str, width: int, *, keys: bool) -> Change:
    """One more cell on a side of a row; bars that stood in one column still do."""
    place = min(place, len(cells) + 1)
    if place <= len(cells):
        at = cells[place - 1][0]
        return Change(at, at, f"{words:<{width}} | ")
    end = cells[-1][1]
    following = sheet.after(end)
    arrow = following[1] if following is not None and following[0] == "ARROW" else end
    if keys and arrow > end and not sheet.words(end, arrow).strip():
        return Change(arrow, arrow, f"| {words:<{width}} ")
    return Change(end, end, f" | {words}")


def _column_at(work: Work, id: str) -> tuple[BlockAt, TableForm, ColumnForm, int, Sheet]:
    """A column, and which one of its side it is (from 0)."""
    block, form, sheet = _table(work, id.partition("/")[0])
    column = next((each for each in form.columns if each.id == id), None)
    if column is None:
        raise Refused(f'there is no column "{id}"')
    side = [each.id for each in form.columns if each.key == column.key]
    return block, form, column, side.index(id), sheet


def _sides(work: Work, block: BlockAt, form: TableForm, key: bool) -> list[list[tuple[int, int]]]:
    """The cells of one side, line by line, the head first."""
    found = [[(each.start, each.end) for each in form.columns if each.key == key]]
    for row, shown in zip(work.table(block).rows, form.rows, strict=True):
        count = 0 if row.cells is None else len(row.cells)
        cells = shown.cells[:count] if key else shown.cells[count:]
        if cells:
            found.append([(each.start or 0, each.end or 0) for each in cells])
    return found


def remove_column(work: Work, edit: RemoveColumn) -> list[Change]:
    block, form, column, at, sheet = _column_at(work, edit.at)
    lines = _sides(work, block, form, column.key)
    if len(lines[0]) == 1:
        raise Refused(
            "a table has at least one column before the arrow and one behind it", "rename it, or delete the table"
        )
    changes = [_without(sheet, cells, at) for cells in lines if at < len(cells)]
    gone = changes[0].end - changes[0].start
    for row in form.rows if column.key else ():
        arrow = sheet.find("ARROW", row.start, row.end)
        if row.otherwise and arrow is not None and not sheet.words(arrow[0] - gone - 1, arrow[0]).strip(" "):
            changes.append(Change(arrow[0] - gone, arrow[0], ""))
    return changes


def _without(sheet: Sheet, cells: list[tuple[int, int]], at: int) -> Change:
    """A side of a row without a cell; bars and arrows that stood in one column still do."""
    if at + 1 < len(cells):
        return Change(cells[at][0], cells[at + 1][0], "")
    bar, following = sheet.before(cells[at][0]), sheet.after(cells[at][1])
    if bar is None or following is None or bar[0] != "BAR" or following[0] != "ARROW":
        return Change(cells[at - 1][1], cells[at][1], "")
    if not sheet.comments(bar[1], following[1]) and bar[1] > cells[at - 1][1]:
        return Change(bar[1], following[1], "")
    return Change(cells[at - 1][1], cells[at][1], "")


def move_column(work: Work, edit: MoveColumn) -> list[Change]:
    """A column in another place of its side; look-ups in the file give their values in the new order."""
    block, form, column, at, sheet = _column_at(work, edit.at)
    lines = _sides(work, block, form, column.key)
    order = moved(len(lines[0]), at, edit.place)
    if order == list(range(len(order))):
        return []
    changes: list[Change] = []
    for cells in lines:
        if len(cells) == len(order):
            changes += permuted(sheet, cells, order)
    return [*_laid_out(work, block, changes), *(_lookups(work, block, order) if column.key else [])]


def _laid_out(work: Work, block: BlockAt, changes: list[Change]) -> list[Change]:
    """Changes that touch every row, with the columns aligned anew."""
    here = [Change(each.start - block.start, each.end - block.start, each.text) for each in changes]
    formatted = format_text(changed(work.text[block.start : block.end], here))
    return changes if formatted.refusal else [Change(block.start, block.end, formatted.text.strip())]


def _lookups(work: Work, table: BlockAt, order: list[int]) -> list[Change]:
    changes: list[Change] = []
    for block in work.document.blocks:
        if block.node is None or table.title not in work.text[block.start : block.end]:
            continue
        for each in tree.walk(block.node):
            if isinstance(each, tree.Lookup) and each.table == table.title and len(each.keys) == len(order):
                sheet = Sheet(work.text, block.start, block.end)
                places = [sheet.balanced(key.span.start, key.span.end) for key in each.keys]
                changes += permuted(sheet, places, order)
    return changes
