"""Changes to statements; changes with what a form can do to a statement."""

from __future__ import annotations

from collections.abc import Mapping

from dsl.edits import conditions, values
from dsl.edits.edit import AddStatement, ChangeStatement, Json, MoveStatement, Refused, RemoveStatement, SetField
from dsl.edits.work import Work, moved, permuted
from dsl.forms.knowledge import Knowledge
from dsl.forms.model import GivenItemForm, Input, Locked, StatementForm, StatementPlace, TestForm
from dsl.forms.sheet import Change, Sheet
from dsl.parse import parse_expression
from dsl.types import ANY, DURATION, TEXT, Type

WRITES = {"set": "to", "fill": "with", "override": "with"}
_SAYS = {"skip": "reason", "hold": "reason", "fail": "reason", "tag": "value", "log": "value"}
_STOPS = ("hold", "skip", "fail")


# --- writing ----------------------------------------------------------------------------------------------------------


def write(spec: Json, knowledge: Knowledge) -> str:
    """A statement from what a form says: {"does": "set", "target": "books.class", "value": "Web"}, or its text."""
    if isinstance(spec, str):
        return spec.strip()
    if not isinstance(spec, Mapping):
        raise Refused("a statement is an object", 'such as {"does": "set", "target": "books.class", "value": "Web"}')
    if "text" in spec:
        return str(spec["text"]).strip()
    does = spec.get("does")
    if does in WRITES:
        target = values.path(spec.get("target"))
        kind, currency = _field(target, knowledge)
        said = values.value(spec.get("value"), str(spec.get("as") or ""), kind, currency=currency)
        return f"{does} {target} {WRITES[does]} {said}{_or_stop(spec)}"
    if does == "clear":
        return f"clear {values.path(spec.get('target'))}"
    if does == "replace":
        old = values.value(spec.get("old", ""), str(spec.get("old_as") or ""), TEXT)
        new = values.value(spec.get("new", ""), str(spec.get("new_as") or ""), TEXT)
        return f"replace {old} with {new} in {values.path(spec.get('target'))}"
    if does == "add":
        item = values.name_of_item(str(spec.get("item", "")))
        return f"add {item} {assignments(item, spec.get('fields') or {}, knowledge)}"
    if does in _SAYS:
        part = _SAYS[does]
        said = values.value(spec.get(part, ""), str(spec.get("as") or ""), TEXT)
        if does == "skip" and spec.get("item"):
            return f"skip {values.name_of_item(str(spec['item']))} {said}"
        if does == "hold":
            if spec.get("until") is not None:
                said += f" until {conditions.write(spec['until'], knowledge).text}"
            if spec.get("limit") is not None:
                said += f" for up to {values.constant(spec['limit'], DURATION)}"
        return f"{does} {said}"
    raise Refused(
        f"there is no statement `{does}`", f"statements are {', '.join((*WRITES, 'clear', 'replace', 'add', *_SAYS))}"
    )


def _or_stop(spec: Mapping[str, Json]) -> str:
    said = str(spec.get("or_stop") or "")
    if not said:
        return ""
    return f" {or_stop(said)} {values.value(spec.get('or_reason', ''), str(spec.get('or_as') or ''), TEXT)}"


def or_stop(said: str) -> str:
    """`or hold`, `or skip line`."""
    action, _, item = said.partition(" ")
    if action not in _STOPS:
        raise Refused(f"a record cannot `{action}`", f"it can {', '.join(_STOPS)}")
    return f"or {action} {values.name_of_item(item)}" if item else f"or {action}"


def _field(path: str, knowledge: Knowledge) -> tuple[Type, str]:
    node, _ = parse_expression(path)
    found = None if node is None else knowledge.field_of(node)
    if found is None:
        return ANY, ""
    return found.type, ""


def assignments(item: str, given: Json, knowledge: Knowledge) -> str:
    """`sku = "A" amount = 2.00 USD`; a value may be {"as","to"} in place of a constant."""
    if not isinstance(given, Mapping) or not given:
        raise Refused("an item has at least one field", 'such as {"sku": "WRAP"}')
    return " ".join(assignment(item, name, each, knowledge) for name, each in given.items())


def assignment(item: str, name: str, to: Json, knowledge: Knowledge, how: str = "") -> str:
    """`sku = "A"`; a name with a key is written `options["Color"]`, one of a whole record `order.number`."""
    path = f"{item}.{name}" if item else name
    values.path(path)
    if isinstance(to, Mapping) and set(to) == {"as", "to"}:
        how, to = str(to["as"]), to["to"]
    kind, currency = _field(path, knowledge)
    return f"{name} = {values.value(to, how, kind, currency=currency)}"


# --- changing ---------------------------------------------------------------------------------------------------------


def add(work: Work, edit: AddStatement) -> list[Change]:
    words = write(edit.statement, work.knowledge)
    place = work.part(edit.at, StatementPlace)
    return put(work, place, words, edit.place)


def put(work: Work, place: StatementPlace, words: str, at: int) -> list[Change]:
    """One more statement; `at` counts from 1, 0 is the end."""
    sheet = work.sheet(work.block_of(place.id))
    found = place.statements
    if not found:
        insert = place.slot.insert
        if insert is None:
            raise Refused("no statement can stand there")
        return [sheet.put_behind(insert.at, f"{insert.before}{words}", insert.indent)]
    first = found[0]
    indent = sheet.aligned(first.start)
    if 0 < at <= len(found):
        following = found[at - 1]
        own_line = (at > 1 and sheet.begins_line(following.start)) or sheet.ends_line(following.end) or len(found) == 1
        gap = f"{sheet.newline}{indent}" if own_line else "  "
        return [Change(following.start, following.start, f"{words}{gap}")]
    last = found[-1]
    one_line = len(found) > 1 and not sheet.begins_line(last.start)
    if one_line or not sheet.ends_line(last.end):
        return [Change(last.end, last.end, f"  {words}")]
    return [sheet.put_behind(last.end, words, indent)]


def place_of(work: Work, id: str) -> tuple[StatementPlace, int]:
    """What a statement stands in, and which one it is (from 0)."""
    place: StatementPlace = work.part(id.rpartition("/")[0], StatementPlace)
    return place, [each.id for each in place.statements].index(id)


def change(work: Work, edit: ChangeStatement) -> list[Change]:
    found = work.part(edit.at, StatementForm, Locked)
    sheet = work.sheet(work.block_of(edit.at))
    return [sheet.instead(found.start, found.end, write(edit.statement, work.knowledge))]


def remove(work: Work, edit: RemoveStatement) -> list[Change]:
    """A statement less; the last one behind `otherwise` takes that word along."""
    place, at = place_of(work, edit.at)
    sheet = work.sheet(work.block_of(edit.at))
    found = place.statements
    if len(found) == 1:
        if place.id.endswith("/then") or place.slot.clause is None:
            raise Refused("a rule does at least one thing", "change it, or take the rule out")
        return [sheet.take_out(*place.slot.clause)]
    return [_taken_out(sheet, place, at)]


def _taken_out(sheet: Sheet, place: StatementPlace, at: int) -> Change:
    found = place.statements
    if at:
        return sheet.take_out(found[at].start, found[at].end)
    remark = sheet.comment_behind(found[0].end)
    between = [each for each in sheet.comments(found[0].end, found[1].start) if each != remark]
    if between:
        return Change(found[0].start, found[0].end, "")
    return Change(found[0].start, found[1].start, "")


def move(work: Work, edit: MoveStatement) -> list[Change]:
    place, at = place_of(work, edit.at)
    found = place.statements
    sheet = work.sheet(work.block_of(edit.at))
    # All statements between the two places move on by one, each with the remark behind it where it ends its line.
    places = [(each.start, each.end) for each in found]
    if all(sheet.ends_line(end) for _, end in places):
        places = [(start, sheet.line_end(end)) for start, end in places]
    return permuted(sheet, places, moved(len(found), at, edit.place))


# --- parts of a statement ---------------------------------------------------------------------------------------------


def named(inputs: tuple[Input, ...], name: str) -> Input | None:
    return next((each for each in inputs if each.id.rpartition("/")[2] == name), None)


def do_instead(work: Work, statement: StatementForm, to: Json) -> list[Change]:
    """Another word for a statement; what it writes or says is kept as far as the new word takes it."""
    does = str(to)
    old = str(statement.does.value)
    if does == old:
        return []
    sheet = work.sheet(work.block_of(statement.id))
    if sheet.comments(statement.start, statement.end):
        raise Refused("a remark stands in the middle of this statement", "change it as text")
    target = named(statement.inputs, "target")
    said = next((each for name in ("value", "reason", "new") if (each := named(statement.inputs, name))), None)
    words = '""' if said is None else said.text
    if does in WRITES and old in WRITES and target is not None and said is not None:
        rest = sheet.words(said.end or statement.end, statement.end)
        return [Change(statement.start, statement.end, f"{does} {target.text} {WRITES[does]} {words}{rest}")]
    if does in WRITES and target is not None:
        return [Change(statement.start, statement.end, f"{does} {target.text} {WRITES[does]} {words}")]
    if does == "clear" and target is not None:
        return [Change(statement.start, statement.end, f"clear {target.text}")]
    if does == "replace" and target is not None:
        return [Change(statement.start, statement.end, f'replace {words} with "" in {target.text}')]
    if does in _SAYS:
        item = named(statement.inputs, "item")
        keeps = f"{item.text} " if does == old and item is not None and item.value else ""
        return [Change(statement.start, statement.end, f"{does} {keeps}{words}")]
    raise Refused(f"`{old}` cannot become `{does}`", "`change_statement` says the new statement in full")


def stop_instead(work: Work, found: Input, to: Json) -> list[Change]:
    """What happens where a value is missing: nothing, or the record is held, skipped or failed."""
    said = str(to or "")
    if said == (found.value or ""):
        return []
    sheet = work.sheet(work.block_of(found.id))
    clause, insert = found.slot.clause, found.slot.insert
    if not said:
        return [] if clause is None else [sheet.take_out(*clause, with_comment=False)]
    if found.start is not None and found.end is not None:
        return [Change(found.start, found.end, or_stop(said))]
    if insert is None:
        raise Refused("nothing can be said there")
    return [Change(insert.at, insert.at, f' {or_stop(said)} "There is no value"')]


def set_field(work: Work, edit: SetField) -> list[Change]:
    """A field of what is added or given: changed where it stands, else put behind the last one."""
    block = work.block_of(edit.at)
    sheet = work.sheet(block)
    form = work.form(block)
    if isinstance(form, TestForm) and edit.at == f"{block.id}/given":
        item, fields, at = "", form.given, _given_end(form)
    elif work.has(edit.at, GivenItemForm):
        given: GivenItemForm = work.part(edit.at, GivenItemForm)
        item, fields, at = given.item, given.fields, given.end
    else:
        statement: StatementForm = work.part(edit.at, StatementForm)
        word = named(statement.inputs, "item")
        if statement.does.value != "add" or word is None:
            raise Refused("fields are those of an item that is added or given")
        item, at = str(word.value), statement.end
        fields = tuple(each for each in statement.inputs if "/fields/" in each.id)
    ids = (f"{edit.at}/fields/{edit.field}", f"{edit.at}/{edit.field}")
    standing = next((each for each in fields if each.id in ids), None)
    if edit.to is None and not edit.how:
        if standing is None:
            return []
        if standing.slot.clause is None:
            raise Refused("an item has at least one field", "take the whole item out")
        return [sheet.take_out(*standing.slot.clause, with_comment=False)]
    written = assignment(item, edit.field, edit.to, work.knowledge, edit.how)
    if standing is not None and standing.slot.clause is not None:
        return [Change(*standing.slot.clause, written)]
    if standing is not None and standing.start is not None and standing.end is not None:
        return [Change(standing.start, standing.end, written.partition(" = ")[2])]
    if item or fields:
        last = max((each.end or 0 for each in fields), default=at)
        return [Change(last or at, last or at, f"{' ' if item else '  '}{written}")]
    return [sheet.put_behind(at, written, sheet.indent(at) + "  ")]


def _given_end(form: TestForm) -> int:
    """Behind what a test gives of the record itself."""
    ends = [each.end for each in form.given if each.end is not None]
    ends += [
        each.end for each in form.inputs if each.end is not None and each.id.endswith(("/given/kind", "/given/file"))
    ]
    return max(ends)
