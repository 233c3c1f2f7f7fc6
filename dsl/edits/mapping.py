"""The rows of the two-step form change; changes with that form (what a rule says as such a form is `dsl.forms.mapping`)."""

from __future__ import annotations

from dsl.edits import conditions, values
from dsl.edits.edit import (
    AddCondition,
    AddMapFrom,
    ChangeCondition,
    Json,
    Refused,
    RemoveCondition,
    RemoveMapFrom,
    SetMapFrom,
)
from dsl.edits.parts import element_out
from dsl.edits.work import Work
from dsl.forms.document import BlockAt
from dsl.forms.model import ConditionPlace, ConditionRow, MapFrom, RuleForm
from dsl.forms.sheet import Change, Sheet
from dsl.parse import parse_expression
from dsl.tree import ListOf
from dsl.types import ANY

_LISTED = {"is": "is one of", "is not": "is not one of"}


def _form(work: Work, called: str) -> tuple[BlockAt, RuleForm]:
    block = work.block(called, "rule")
    form = work.form(block)
    if not isinstance(form, RuleForm):
        raise Refused("this rule cannot be read", "mend it as text first")
    if not form.map.fits:
        raise Refused(f"this rule has no such form: {form.map.why}", "change it as a rule")
    return block, form


def _place(form: RuleForm) -> ConditionPlace:
    if form.where is not None and (form.where.condition is not None or form.when.condition is None):
        return form.where
    return form.when


def add(work: Work, edit: AddMapFrom) -> list[Change]:
    """Another value from which is mapped: one more value of the last row's field, or a row of its own."""
    _, form = _form(work, edit.rule)
    place = _place(form)
    last = form.map.rows[-1] if form.map.rows else None
    field = edit.field or ("" if last is None else last.field)
    comparison = edit.comparison or ("is" if last is None else last.comparison)
    if not field:
        raise Refused("say which field the value is in")
    if last is not None and field == last.field and comparison == last.comparison and comparison in _LISTED:
        row = _row_of(work, last)
        if row.values and edit.joined in ("", "any") and form.map.conjunction != "and":
            return _one_more(work, row, edit.value)
        if row.values and edit.joined in ("", "any") and comparison == "is":
            return _one_more(work, row, edit.value)
    joined = edit.joined or ("all" if form.map.conjunction == "and" else "any")
    spec = {"field": field, "comparison": comparison, "value": edit.value}
    return conditions.add(work, AddCondition(place.id, spec, joined))


def _row_of(work: Work, shown: MapFrom) -> ConditionRow:
    """The condition that a row of the form is a part of."""
    id = shown.id
    row: ConditionRow = work.part(
        id if work.has(id, ConditionRow) else id.rpartition("/")[0].rpartition("/")[0], ConditionRow
    )
    return row


def _one_more(work: Work, row: ConditionRow, value: Json) -> list[Change]:
    shown = row.values[0]
    kind = shown.slot.type or ANY
    words = values.constant(value, kind.element or kind)
    sheet = work.sheet(work.block_of(row.id))
    if shown.said_as == "list":
        places = _elements(sheet, shown.start or 0, shown.end or 0)
        if places:
            return [Change(places[-1][1], places[-1][1], f", {words}")]
        return [Change(shown.start or 0, shown.end or 0, f"[{words}]")]
    if shown.said_as != "constant" or row.comparison.start is None or row.comparison.end is None:
        raise Refused("this row compares with something else than a fixed value", "add a condition")
    said = _LISTED[str(row.comparison.value)]
    return [
        Change(row.comparison.start, row.comparison.end, said),
        Change(shown.start or 0, shown.end or 0, f"[{shown.text}, {words}]"),
    ]


def _elements(sheet: Sheet, start: int, end: int) -> list[tuple[int, int]]:
    """Where the elements of a list of constants stand."""
    node, _ = parse_expression(sheet.words(start, end))
    if not isinstance(node, ListOf):
        return []
    return [(start + each.span.start, start + each.span.end) for each in node.elements]


def _found(work: Work, id: str) -> tuple[RuleForm, MapFrom]:
    block = work.block_of(id)
    _, form = _form(work, block.id)
    row = next((each for each in form.map.rows if each.id == id), None)
    if row is None:
        raise Refused(f'there is no row "{id}"')
    return form, row


def change(work: Work, edit: SetMapFrom) -> list[Change]:
    """Another field, comparison or value in a row."""
    _, shown = _found(work, edit.at)
    row = _row_of(work, shown)
    sheet = work.sheet(work.block_of(edit.at))
    other = (edit.field and edit.field != shown.field) or (edit.comparison and edit.comparison != shown.comparison)
    listed = row.id != edit.at
    if not other:
        if edit.value is None or not row.values:
            return []
        kind = row.values[0].slot.type or ANY
        if not listed:
            words = conditions.right_side(edit.value, kind)
            place = (row.values[0].start or 0, row.values[0].end or 0)
        else:
            words = values.constant(edit.value, kind.element or ANY)
            place = _elements(sheet, row.values[0].start or 0, row.values[0].end or 0)[_number(edit.at) - 1]
        return [] if words == sheet.words(*place) else [Change(*place, words)]
    spec = {
        "field": edit.field or shown.field,
        "comparison": edit.comparison or shown.comparison,
        "value": shown.value if edit.value is None else edit.value,
    }
    if not listed:
        return conditions.change(work, ChangeCondition(edit.at, spec))
    raise Refused(
        "this value stands in a list with others", "take it out, and add a row with the other field or comparison"
    )


def _number(id: str) -> int:
    return int(id.rpartition("/")[2])


def remove(work: Work, edit: RemoveMapFrom) -> list[Change]:
    """A value less; without any, the rule maps all records."""
    _, shown = _found(work, edit.at)
    row = _row_of(work, shown)
    if row.id == edit.at:
        return conditions.remove(work, RemoveCondition(row.id))
    sheet = work.sheet(work.block_of(edit.at))
    whole = row.values[0]
    places = _elements(sheet, whole.start or 0, whole.end or 0)
    if len(places) == 1:
        return conditions.remove(work, RemoveCondition(row.id))
    at = _number(edit.at) - 1
    if len(places) == 2 and row.comparison.start is not None and row.comparison.end is not None:
        said = {words: one for one, words in _LISTED.items()}.get(str(row.comparison.value))
        if said is not None:
            left = places[1 - at]
            return [
                Change(row.comparison.start, row.comparison.end, said),
                Change(whole.start or 0, whole.end or 0, sheet.words(*left)),
            ]
    return element_out(sheet, places, at)
