"""An input of a form gets a value; changes with the kinds of inputs (what a whole block gains or loses stands next door)."""

from __future__ import annotations

from dsl import tree
from dsl.edits import conditions, statements, values
from dsl.edits.edit import Json, Refused, Set, SetText
from dsl.edits.work import Work
from dsl.forms.inputs import EXPRESSION
from dsl.forms.model import ConditionRow, Input, RuleForm, StatementForm
from dsl.forms.sheet import Change, Sheet
from dsl.forms.tables import CELL_WORDS
from dsl.types import ANY, DURATION, TEXT, Type


def set_input(work: Work, edit: Set) -> list[Change]:
    """The changes that give an input a value; none where it says so already."""
    block = work.block_of(edit.at)
    found: Input = work.part(edit.at, Input)
    sheet = work.sheet(block)
    if edit.to == found.value and edit.how in ("", found.said_as) and _same_kind(edit.to, found.value):
        return []
    if not found.editable:
        raise Refused(found.why, "change it as text")
    match found.slot.writes:
        case "comparison":
            row: ConditionRow = work.part(edit.at.rpartition("/")[0], ConditionRow)
            return conditions.compare(work, row, edit.to, edit.how)
        case "joined":
            return conditions.join(work, edit.at.rpartition("/")[0], str(edit.to))
        case "does":
            statement: StatementForm = work.part(edit.at.rpartition("/")[0], StatementForm)
            return statements.do_instead(work, statement, edit.to)
        case "or_stop":
            return statements.stop_instead(work, found, edit.to)
        case "switch":
            return switch(sheet, found, edit.to)
        case "turn_off":
            return turn(sheet, found, edit.to)
        case "scope":
            return scope(work, sheet, found, edit.to)
        case "every" | "every_day_at":
            return schedule(sheet, found, edit.to)
    if edit.to is None and edit.how in ("", found.said_as) and edit.how != "missing":
        return empty(sheet, found)
    words = write(found, edit.to, edit.how)
    if found.start is not None and found.end is not None:
        return replaced(sheet, found, words)
    insert = found.slot.insert
    if insert is None:
        raise Refused(f"{found.label} cannot be said here")
    said = f"{insert.before}{words}{insert.after}"
    return [sheet.put_behind(insert.at, said, insert.indent, own_line=insert.own_line)]


def _same_kind(left: Json, right: Json) -> bool:
    return isinstance(left, bool) == isinstance(right, bool)


def write(found: Input, to: Json, how: str) -> str:
    """A value as this input writes it."""
    slot = found.slot
    match slot.writes:
        case "plain":
            return values.text(str(to))
        case "pattern":
            return values.pattern(str(to))
        case "name":
            return values.name(str(to))
        case "word":
            return values.word(to)
        case "type":
            return values.type_words(to)
        case "items":
            return items(to)
        case "system":
            return values.text(str(to)) if how == "constant" or not str(to).isidentifier() else values.word(to)
        case "path":
            return values.path(to)
        case "count":
            if not str(to).isdigit():
                raise Refused(f"`{to}` is no whole number")
            return str(to)
        case "events":
            if not isinstance(to, list | tuple) or not to:
                raise Refused("say on what", "hold, failure, skip, success")
            return ", ".join(values.word(each) for each in to)
        case "cell":
            return cell(to, how, slot.type or ANY)
    if not how and found.said_as == "field" and found.type == "field":
        how = "field"
    return values.value(to, how, slot.type or ANY, words=slot.words, currency=_currency(found))


def _currency(found: Input) -> str:
    """The currency that stood there stays, where a bare amount is typed."""
    return str(found.value.get("currency", "")) if isinstance(found.value, dict) else ""


def empty(sheet: Sheet, found: Input) -> list[Change]:
    """Takes out what an input says, with the words before it."""
    if found.start is None:
        return []
    if found.required or found.slot.clause is None:
        raise Refused(f"{found.label} has to be said", "give it another value")
    return [sheet.take_out(*found.slot.clause, with_comment=False)]


def replaced(sheet: Sheet, found: Input, words: str) -> list[Change]:
    """New words in place of those that stand there; in a table the columns keep their places."""
    start, end = found.start or 0, found.end or 0
    if words == sheet.words(start, end):
        return []
    following = sheet.after(end)
    if following is None or following[0] not in ("BAR", "ARROW"):
        return [Change(start, end, words)]
    return [padded(sheet, start, end, following[1], words)]


def padded(sheet: Sheet, start: int, end: int, separator: int, words: str) -> Change:
    """A cell with blanks behind it, so that the bar or arrow stays in its column where rows are aligned."""
    gap = sheet.words(end, separator)
    if "\n" in gap or gap.strip() or not _aligned(sheet, separator):
        return Change(start, end, words)
    left = len(gap) + (end - start) - len(words)
    return Change(start, separator, words + " " * max(1, left))


def _aligned(sheet: Sheet, separator: int) -> bool:
    """Whether the line above or below has the same bar or arrow in the same column."""
    column = sheet.column(separator)
    mark = sheet.text[separator]
    line = sheet.line_start(separator)
    above = sheet.line_start(max(0, line - 1)) if line else -1
    below = sheet.next_line(separator)
    return any(
        each >= 0 and each + column < sheet.line_end(each) and sheet.text[each + column] == mark
        for each in (above, below)
        if each >= 0
    )


def cell(to: Json, how: str, kind: Type) -> str:
    """A cell of a table: {"test","values"}, or a value."""
    if how == EXPRESSION:
        said = str(to).strip()
        if not said or "\n" in said or "->" in _outside(said) or "|" in _outside(said):
            raise Refused("a cell holds one thing", 'such as "MD" or starts with "9"')
        return said
    if not isinstance(to, dict):
        to = {"test": "is", "values": to if isinstance(to, list | tuple) else [to]}
    elif "test" not in to:
        to = {"test": "is", "values": [to]}
    test, given = to["test"], list(to.get("values", ()))
    if test in ("any", "missing"):
        return str(test)
    if not given:
        raise Refused("a cell needs a value", "`any` fits everything")
    if test == "is":
        return " or ".join(values.constant(each, kind) for each in given)
    if test not in CELL_WORDS.values():
        raise Refused(f"a cell cannot test `{test}`", f"it can: is, any, missing, {', '.join(CELL_WORDS.values())}")
    wanted = TEXT if test in ("starts with", "ends with", "contains", "matches") else kind
    written = [values.constant(each, wanted) for each in given]
    if test == "between":
        if len(written) != 2:
            raise Refused("`between` has two values")
        return f"between {written[0]} and {written[1]}"
    return f"{test} {written[0]}"


def _outside(said: str) -> str:
    """What stands outside of texts."""
    return "".join(said.split('"')[::2])


def items(to: Json) -> str:
    """`line in order.lines`."""
    item, word, collection = str(to).partition(" in ")
    if not word:
        raise Refused(f"`{to}` names no items", "items are said as line in order.lines")
    return f"{values.name_of_item(item)} in {values.path(collection)}"


def switch(sheet: Sheet, found: Input, to: Json) -> list[Change]:
    """A rule or a flow on or off."""
    if not isinstance(to, bool):
        raise Refused("it is on or off: say yes or no")
    if to == found.value:
        return []
    clause, insert = found.slot.clause, found.slot.insert
    if to:
        if clause is None:
            return []
        before = sheet.before(clause[0])
        start = clause[0] if before is None or sheet.comments(before[2], clause[0]) else before[2]
        return [Change(start, clause[1], "")]
    if insert is None:
        raise Refused("this cannot be switched off")
    return [Change(insert.at, insert.at, " off")]


def turn(sheet: Sheet, found: Input, to: Json) -> list[Change]:
    """A rule of a pack on or off, where the pack is used."""
    if not isinstance(to, bool):
        raise Refused("it is on or off: say yes or no")
    clause, insert = found.slot.clause, found.slot.insert
    if to:
        return [] if clause is None else [sheet.take_out(*clause)]
    if clause is not None or insert is None:
        return []
    return [sheet.put_behind(insert.at, f"turn off {values.text(found.slot.words[0])}", insert.indent)]


def scope(work: Work, sheet: Sheet, found: Input, to: Json) -> list[Change]:
    """What a rule is for: a kind of record, or each item of one."""
    block = work.block_of(found.id)
    rule = work.rule(block)
    form = work.form(block)
    said = str(to)
    start, end = found.start or 0, found.end or 0
    if " in " in said:
        words = items(said)
        return [Change(start, end, words if isinstance(rule.scope, tree.ForEach) else f"each {words}")]
    words = values.word(said)
    if isinstance(rule.scope, tree.ForRecord):
        return [Change(start, end, words)]
    if isinstance(form, RuleForm) and form.where is not None and form.where.condition is not None:
        raise Refused(
            "the rule asks something of each item (`where`), and there are no items then",
            "take that condition out first",
        )
    each = sheet.before(start)
    return [Change(start if each is None else each[1], end, words)]


def schedule(sheet: Sheet, found: Input, to: Json) -> list[Change]:
    """How often a flow runs: an interval, or once a day at a time; one takes the place of the other."""
    clause, insert = found.slot.clause, found.slot.insert
    if to is None:
        if found.start is None:
            return []
        return [] if clause is None else [sheet.take_out(*clause, with_comment=False)]
    if found.slot.writes == "every":
        words = f"every {values.constant(to, DURATION)}"
    else:
        words = f"every day at {values.time(to)}"
    if clause is not None:
        return [Change(*clause, words)]
    if insert is None:
        raise Refused("nothing can be said there")
    return [sheet.put_behind(insert.at, words, insert.indent)]


def set_text(work: Work, edit: SetText) -> list[Change]:
    """A locked part, an input or a whole block as text."""
    block = work.document.block(edit.at)
    if block is not None:
        return [Change(block.start, block.end, edit.text.rstrip())]
    found = work.part(edit.at)
    placed = [each for each in work.forms.parts(edit.at) if getattr(each, "start", None) is not None]
    if not placed or (isinstance(found, Input) and found.slot.writes == "switch"):
        raise Refused("there is no text yet", "give it a value")
    return [Change(placed[0].start, placed[0].end, edit.text.strip())]
