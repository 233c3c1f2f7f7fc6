"""Edits of rule-set texts as forms make them: each a few changes at their places; changes with how edits are carried out.

`apply` gives the changes that an edit makes, and keeps everything else byte for byte: comments, blanks, line ends. An edit may
make a file wrong (an unknown field, a value of another type), and the check says so; it never makes it unreadable, and never
changes another block than those it is about. What cannot be done is `Refused`, with the next step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dsl.diagnostics import Diagnostic
from dsl.edits import blocks, conditions, gathering, inputs, mapping, names, parts, statements, tables
from dsl.edits import edit as kinds
from dsl.edits.edit import EDITS, Edit, Json, Refused, from_json
from dsl.edits.work import Work
from dsl.forms import Document, Forms, Surroundings
from dsl.forms.sheet import Change, changed
from dsl.parse import parse_text

__all__ = ["EDITS", "Change", "Edit", "Edited", "Refused", "apply", "edit_text", "from_json"]

_MAKERS: dict[type[Any], Callable[[Work, Any], list[Change]]] = {
    kinds.Set: inputs.set_input,
    kinds.SetText: inputs.set_text,
    kinds.AddBlock: blocks.add,
    kinds.MoveBlock: blocks.move,
    kinds.CopyBlock: blocks.copy,
    kinds.DeleteBlock: blocks.delete,
    kinds.Switch: blocks.switch,
    kinds.Rename: names.rename,
    kinds.AddCondition: conditions.add,
    kinds.ChangeCondition: conditions.change,
    kinds.RemoveCondition: conditions.remove,
    kinds.WrapConditions: conditions.wrap,
    kinds.UnwrapCondition: conditions.unwrap,
    kinds.AddStatement: statements.add,
    kinds.ChangeStatement: statements.change,
    kinds.RemoveStatement: statements.remove,
    kinds.MoveStatement: statements.move,
    kinds.SetField: statements.set_field,
    kinds.AddRow: tables.add_row,
    kinds.RemoveRow: tables.remove_row,
    kinds.MoveRow: tables.move_row,
    kinds.AddColumn: tables.add_column,
    kinds.RemoveColumn: tables.remove_column,
    kinds.MoveColumn: tables.move_column,
    kinds.AddElement: parts.add_element,
    kinds.RemoveElement: parts.remove_element,
    kinds.MoveElement: parts.move_element,
    kinds.AddNotify: parts.add_notify,
    kinds.RemoveNotify: parts.remove_notify,
    kinds.ReplaceRule: blocks.replace_rule,
    kinds.AddItem: parts.add_item,
    kinds.RemoveItem: parts.remove_item,
    kinds.AddExpectation: parts.add_expectation,
    kinds.RemoveExpectation: parts.remove_expectation,
    kinds.RulesToTable: gathering.gather,
    kinds.AddMapFrom: mapping.add,
    kinds.SetMapFrom: mapping.change,
    kinds.RemoveMapFrom: mapping.remove,
}


@dataclass(frozen=True, slots=True)
class Edited:
    """What came of edits: the new text and the changes of each edit, or why none was made (`refusal`, `next_step`).

    The changes of an edit are at offsets of the text that the edit before it left; `at` is the edit that was refused (from 0).
    """

    text: str
    changes: tuple[tuple[Change, ...], ...] = ()
    refusal: str = ""
    next_step: str = ""
    at: int | None = None

    @property
    def made(self) -> bool:
        return not self.refusal


def apply(forms: Forms, edit: Edit, *, base: str = "") -> tuple[Change, ...]:
    """The changes that an edit makes of the text of these forms, in the order of the text; none where it says so already.

    Raises Refused for what cannot be done, and where `base` is the hash of another text than this one.
    """
    if base and base != forms.document.base:
        raise Refused("the text has changed since this form was made", "load the form again, and make the change there")
    work = Work(forms)
    made = [each for each in _MAKERS[type(edit)](work, edit) if work.text[each.start : each.end] != each.text]
    found = tuple(sorted(made, key=lambda each: (each.start, each.end)))
    if not isinstance(edit, kinds.SetText):
        _still_readable(work, found)
    return found


def _still_readable(work: Work, changes: Sequence[Change]) -> None:
    """Refuses changes after which a block that could be read cannot be read, or is another number of blocks."""
    for block in work.document.blocks:
        if block.node is None:
            continue
        # What covers a block or stands beside it is something else in its place, which was read when it was written.
        inside = [
            each
            for each in changes
            if each.start < block.end
            and each.end > block.start
            and not (each.start <= block.start and block.end <= each.end)
        ]
        if not inside:
            continue
        start = min(block.start, *(each.start for each in inside))
        end = max(block.end, *(each.end for each in inside))
        before = work.text[start:end]
        after = changed(before, [Change(each.start - start, each.end - start, each.text) for each in inside])
        count, errors = _read(after, work.document.name)
        if count == 1 and not errors:
            continue
        old_count, old_errors = _read(before, work.document.name)
        if count == old_count and len(errors) <= len(old_errors):
            continue  # it had mistakes before: the others are still there
        if errors:
            raise Refused(errors[0].message, errors[0].help)
        raise Refused("this would make another block of it", "add blocks one at a time")


def _read(text: str, name: str) -> tuple[int, list[Diagnostic]]:
    """How many blocks a text has that can be read, and what is wrong with it."""
    parsed = parse_text(text, file=name)
    return len(parsed.file.blocks) if parsed.file else 0, [each for each in parsed.diagnostics if each.is_error]


def edit_text(
    text: str,
    edits: Sequence[Edit | Json],
    surroundings: Surroundings,
    *,
    name: str = "rules",
    base: str = "",
    read: Callable[[str], Document] | None = None,
) -> Edited:
    """A text after several edits, each made of what the one before it left: all of them, or none.

    `read` makes the document of a text, where somebody keeps what was read before.
    """
    reading = read if read is not None else lambda given: Document.read(given, name=name)
    made: list[tuple[Change, ...]] = []
    current = text
    for place, each in enumerate(edits):
        try:
            edit = each if type(each) in _MAKERS else from_json(each)
            forms = Forms(reading(current), surroundings)
            changes = apply(forms, edit, base=base if place == 0 else "")
        except Refused as refused:
            return Edited(text, refusal=refused.why, next_step=refused.next_step, at=place)
        current = changed(current, changes)
        made.append(changes)
    return Edited(current, tuple(made))
