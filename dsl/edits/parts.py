"""Parts that come and go one by one: elements of lists, whom a flow tells, what a test gives and expects."""

from __future__ import annotations

from dsl.edits import values
from dsl.edits.edit import (
    AddElement,
    AddExpectation,
    AddItem,
    AddNotify,
    MoveElement,
    Refused,
    RemoveElement,
    RemoveExpectation,
    RemoveItem,
    RemoveNotify,
)
from dsl.edits.work import Work, moved, permuted
from dsl.edits.writing import expectation, item, notify
from dsl.forms.model import ExpectationForm, FlowForm, GivenItemForm, Input, ListForm, NotifyForm, TestForm
from dsl.forms.sheet import Change, Sheet
from dsl.types import ANY

# --- lists ------------------------------------------------------------------------------------------------------------


def _list(work: Work, called: str) -> tuple[ListForm, Sheet]:
    block = work.block(called, "list")
    form = work.form(block)
    if not isinstance(form, ListForm):
        raise Refused("this list cannot be read", "mend it as text first")
    return form, work.sheet(block)


def add_element(work: Work, edit: AddElement) -> list[Change]:
    form, sheet = _list(work, edit.list)
    found = form.elements
    kind = found[0].slot.type or ANY if found else ANY
    return [put_element(sheet, found, _brackets(form), values.constant(edit.value, kind), edit.place)]


def _brackets(form: ListForm) -> tuple[int, int]:
    whole = next(each for each in form.inputs if each.id.endswith("/value"))
    if whole.start is None or whole.end is None or not whole.text.startswith("["):
        raise Refused("a list stands in brackets", "change it as text")
    return whole.start, whole.end


def put_element(sheet: Sheet, found: tuple[Input, ...], brackets: tuple[int, int], words: str, place: int) -> Change:
    """One more element; `place` counts from 1, 0 is the end."""
    if not found:
        return Change(brackets[0] + 1, brackets[0] + 1, words)
    if 0 < place <= len(found):
        at = found[place - 1].start or 0
        gap = f"{sheet.newline}{sheet.indent(at)}" if sheet.begins_line(at) else " "
        return Change(at, at, f"{words},{gap}")
    last = found[-1]
    start, end = last.start or 0, last.end or 0
    gap = f"{sheet.newline}{sheet.indent(start)}" if sheet.begins_line(start) else " "
    return Change(end, end, f",{gap}{words}")


def element_out(sheet: Sheet, places: list[tuple[int, int]], at: int) -> list[Change]:
    """An element less, with its comma; remarks between elements stay."""
    start, end = places[at]
    if len(places) == 1:
        return [Change(start, end, "")]
    if at + 1 < len(places):
        stop = places[at + 1][0]
        if not sheet.comments(start, stop):
            return [Change(start, stop, "")]
        comma = sheet.find("COMMA", end, stop)
    else:
        begin = places[at - 1][1]
        if not sheet.comments(begin, end):
            return [Change(begin, end, "")]
        comma = sheet.find("COMMA", begin, start)
    return [Change(start, end, ""), *([] if comma is None else [Change(*comma, "")])]


def _element(work: Work, id: str) -> tuple[ListForm, int, Sheet]:
    form, sheet = _list(work, id.partition("/")[0])
    ids = [each.id for each in form.elements]
    if id not in ids:
        raise Refused(f'there is no element "{id}"')
    return form, ids.index(id), sheet


def remove_element(work: Work, edit: RemoveElement) -> list[Change]:
    form, at, sheet = _element(work, edit.at)
    return element_out(sheet, [(each.start or 0, each.end or 0) for each in form.elements], at)


def move_element(work: Work, edit: MoveElement) -> list[Change]:
    form, at, sheet = _element(work, edit.at)
    order = moved(len(form.elements), at, edit.place)
    return permuted(sheet, [(each.start or 0, each.end or 0) for each in form.elements], order)


# --- flows ------------------------------------------------------------------------------------------------------------


def add_notify(work: Work, edit: AddNotify) -> list[Change]:
    block = work.block(edit.flow, "flow")
    form = work.form(block)
    if not isinstance(form, FlowForm):
        raise Refused("this flow cannot be read", "mend it as text first")
    words = notify(edit.address, edit.events)
    sheet = work.sheet(block)
    # Behind the last clause that stands before the options: where the next clause of its kind would go.
    ends = [each.end for each in form.notify]
    ends += [each.end for each in form.inputs if each.end is not None]
    if form.when.slot.clause is not None:
        ends.append(form.when.slot.clause[1])
    return [sheet.put_behind(max(ends), words, sheet.indent(block.start) + "  ")]


def remove_notify(work: Work, edit: RemoveNotify) -> list[Change]:
    found: NotifyForm = work.part(edit.at, NotifyForm)
    return [work.sheet(work.block_of(edit.at)).take_out(found.start, found.end)]


# --- tests ------------------------------------------------------------------------------------------------------------


def _test(work: Work, called: str) -> tuple[TestForm, Sheet]:
    block = work.block(called, "test")
    form = work.form(block)
    if not isinstance(form, TestForm):
        raise Refused("this test cannot be read", "mend it as text first")
    return form, work.sheet(block)


def add_item(work: Work, edit: AddItem) -> list[Change]:
    """An item behind the last one that the test gives."""
    form, sheet = _test(work, edit.test)
    words = item(edit.item, edit.fields, work.knowledge)
    kind = next((each for each in form.inputs if each.id.endswith("/given/kind")), None)
    if kind is None or kind.end is None:
        raise Refused("the test gives no record", "say `given order` first")
    if form.items:
        last = form.items[-1]
        indent = sheet.indent(last.start)
        if sheet.begins_line(last.start):
            return [sheet.put_behind(last.end, words, indent)]
        return [Change(last.end, last.end, f"  {words}")]
    ends = [each.end for each in (*form.given, *form.inputs) if each.end is not None and "/given/" in each.id]
    at = max(ends)
    return [sheet.put_behind(at, words, sheet.indent(kind.start or 0) + "  ")]


def remove_item(work: Work, edit: RemoveItem) -> list[Change]:
    found: GivenItemForm = work.part(edit.at, GivenItemForm)
    return [work.sheet(work.block_of(edit.at)).take_out(found.start, found.end)]


def add_expectation(work: Work, edit: AddExpectation) -> list[Change]:
    form, sheet = _test(work, edit.test)
    words = expectation(edit.expectation, work.knowledge)
    last = form.expect[-1]
    if sheet.begins_line(last.start) or (len(form.expect) > 1 and sheet.ends_line(last.end)):
        line = sheet.line_start(last.start)
        first = next(each for each in form.expect if each.start >= line)
        return [sheet.put_behind(last.end, words, sheet.aligned(first.start))]
    return [Change(last.end, last.end, f"  {words}")]


def remove_expectation(work: Work, edit: RemoveExpectation) -> list[Change]:
    found: ExpectationForm = work.part(edit.at, ExpectationForm)
    form, sheet = _test(work, edit.at.partition("/")[0])
    if len(form.expect) == 1:
        raise Refused("a test expects something", "change it, or delete the test")
    return [sheet.take_out(found.start, found.end)]
