"""Changes to conditions: rows, groups and what joins them; changes with what a form can do to a condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dsl import tree
from dsl.edits import values
from dsl.edits.edit import (
    AddCondition,
    ChangeCondition,
    Json,
    Refused,
    RemoveCondition,
    UnwrapCondition,
    WrapConditions,
)
from dsl.edits.work import CONDITIONS, Work
from dsl.forms import comparisons
from dsl.forms.knowledge import Knowledge
from dsl.forms.model import Condition, ConditionGroup, ConditionItems, ConditionPlace, ConditionRow
from dsl.forms.sheet import WIDEST, Change, Sheet
from dsl.parse import parse_expression
from dsl.types import DATE, MOMENT, MONEY, NUMBER, PERCENT, YES_NO, Type

WORD = {"all": "and", "any": "or"}
_LEVELS = {"any": 0, "all": 1, "not": 2, "": 3}


@dataclass(frozen=True, slots=True)
class Written:
    """A condition as text, and what joins its outermost parts: "all", "any", "not" or ""."""

    text: str
    joined: str = ""

    def inside(self, group: str) -> str:
        """The text as it stands in a group: in parentheses where it would fall apart there."""
        return f"({self.text})" if needs_parentheses(self.joined, group) else self.text


def needs_parentheses(joined: str, group: str) -> bool:
    """Whether a condition of one kind needs parentheses within a group of another ("" is no group)."""
    if not group or joined in ("", "not"):
        return False
    return not (joined == "all" and group == "any")


# --- writing ----------------------------------------------------------------------------------------------------------


def write(spec: Json, knowledge: Knowledge) -> Written:
    """A condition from what a form says: a row, a group ("all", "any", "not"), a question about items, or text."""
    if isinstance(spec, str):
        spec = {"text": spec}
    if not isinstance(spec, Mapping):
        raise Refused(
            "a condition is an object", 'such as {"field": "order.total", "comparison": "is more than", "value": "5"}'
        )
    for joined in ("all", "any"):
        if joined in spec:
            parts = [write(each, knowledge) for each in spec[joined]]
            if len(parts) == 1:
                return parts[0]
            if not parts:
                raise Refused("a group has conditions in it")
            return Written(f" {WORD[joined]} ".join(each.inside(joined) for each in parts), joined)
    if "not" in spec:
        return Written(f"not {write(spec['not'], knowledge).inside('not')}", "not")
    for quantifier in ("some", "every", "no"):
        if quantifier in spec:
            item, collection = values.name_of_item(str(spec[quantifier])), values.path(spec.get("in", ""))
            where = spec.get("where")
            tail = "" if where is None else f" where ({write(where, knowledge).text})"
            return Written(f"{quantifier} {item} in {collection}{tail}")
    if "text" in spec:
        said = values.expression(spec["text"], condition=True)
        node, _ = parse_expression(said)
        joined = {tree.And: "all", tree.Or: "any", tree.Not: "not"}.get(type(node), "")
        return Written(said, "" if said.startswith("(") and said.endswith(")") and _whole(said) else joined)
    return Written(_row(spec, knowledge))


def _whole(said: str) -> bool:
    """Whether the first parenthesis is closed by the last."""
    sheet = Sheet(said)
    tokens = sheet.between(0, len(said))
    depth = 0
    for place, (kind, _, _) in enumerate(tokens):
        depth += (kind == "OPEN") - (kind == "CLOSE")
        if depth == 0:
            return place == len(tokens) - 1
    return False


def _row(spec: Mapping[str, Json], knowledge: Knowledge) -> str:
    unknown = set(spec) - {"field", "field_as", "comparison", "value", "as", "high", "high_as"}
    if unknown or "field" not in spec:
        raise Refused(
            "a condition has a field, a comparison and a value"
            + (f", and no `{sorted(unknown)[0]}`" if unknown else "")
        )
    left = values.value(spec["field"], str(spec.get("field_as") or "field"))
    words = str(spec.get("comparison", "is") or "")
    check_comparison(words)
    if words == comparisons.HOLDS:
        return left
    said = f"{left} {words}"
    taken = comparisons.values_taken(words)
    kind = comparisons.wanted(words, kind_of(left, knowledge))
    if taken >= 1:
        said += f" {right_side(spec.get('value', ''), kind, str(spec.get('as') or ''))}"
    if taken == 2:
        said += f" and {right_side(spec.get('high', ''), kind, str(spec.get('high_as') or ''))}"
    return said


def right_side(to: Json, kind: Type, how: str = "") -> str:
    """What stands on the right of a comparison."""
    if kind == comparisons.PATTERN_TYPE:
        return values.pattern(str(to))
    if kind.element is not None and not how and not isinstance(to, list | tuple):
        to = [to]
    return values.value(to, how, kind)


def check_comparison(words: str) -> None:
    if words not in comparisons.WORDINGS and words not in (comparisons.HOLDS, comparisons.MISSING, comparisons.PRESENT):
        raise Refused(f"there is no comparison `{words}`", f"comparisons are {', '.join(comparisons.WORDINGS)}")


def kind_of(left: str, knowledge: Knowledge) -> Type:
    """The type of what stands on the left."""
    node, _ = parse_expression(left)
    return knowledge.kind_of(node)


# --- changing ---------------------------------------------------------------------------------------------------------


def add(work: Work, edit: AddCondition) -> list[Change]:
    """A condition beside what stands there."""
    written = write(edit.condition, work.knowledge)
    joined = edit.joined or "all"
    if joined not in WORD:
        raise Refused(f"conditions cannot be joined by `{joined}`", "they are joined by all or any")
    sheet = work.sheet(work.block_of(edit.at))
    items = edit.at.removesuffix("/where")
    if items != edit.at and not work.has(edit.at, *CONDITIONS, ConditionPlace) and work.has(items, ConditionItems):
        end = work.part(items, ConditionItems).items.end
        return [Change(end, end, f" where ({written.text})")]
    if work.has(edit.at, ConditionPlace):
        place = work.part(edit.at, ConditionPlace)
        if place.condition is None:
            return put_in(sheet, place, written.text)
        target: Condition = place.condition
    else:
        target = work.condition(edit.at)
    if isinstance(target, ConditionGroup) and (
        target.joined.value == joined or (not edit.joined and target.joined.value in WORD)
    ):
        joined = str(target.joined.value)
        return _append(sheet, target, written.inside(joined), joined, edit.place)
    above = work.above(target.id)
    if isinstance(above, ConditionGroup) and above.joined.value == joined:
        position = [each.id for each in above.parts].index(target.id) + 1
        return _append(sheet, above, written.inside(joined), joined, position + 1)
    # A group of its own, of what stood there and what is new.
    kind = "" if not isinstance(target, ConditionGroup) else str(target.joined.value)
    bare = inner(sheet, target)
    opens = "(" if needs_parentheses(kind, joined) and bare == (target.start, target.end) else ""
    around = isinstance(above, ConditionGroup) and needs_parentheses(joined, str(above.joined.value))
    begin = ("(" if around else "") + opens
    end = (")" if opens else "") + f" {WORD[joined]} {written.inside(joined)}" + (")" if around else "")
    changes = [Change(target.end, target.end, end)]
    return [Change(target.start, target.start, begin), *changes] if begin else changes


def put_in(sheet: Sheet, place: ConditionPlace, words: str) -> list[Change]:
    """The first condition of a clause, with the clause."""
    insert = place.slot.insert
    if insert is None:
        raise Refused("no condition can stand there")
    said = f"{insert.before}{words}{insert.after}"
    return [sheet.put_behind(insert.at, said, insert.indent, own_line=insert.own_line)]


def _append(sheet: Sheet, group: ConditionGroup, words: str, joined: str, place: int) -> list[Change]:
    """One more part of a group; `place` counts from 1, 0 is the end."""
    parts = group.parts
    if 0 < place <= len(parts):
        at = parts[place - 1].start
        return [Change(at, at, f"{words} {WORD[joined]} ")]
    last = parts[-1]
    before = sheet.before(last.start)
    said = f"{WORD[joined]} {words}"
    if before is not None and sheet.begins_line(before[1]) and sheet.ends_line(last.end):
        return [sheet.put_behind(last.end, said, sheet.indent(before[1]))]
    too_long = sheet.column(last.end) + len(said) > WIDEST
    if too_long and sheet.ends_line(last.end):
        return [sheet.put_behind(last.end, said, sheet.indent(group.start) + "  ")]
    return [Change(last.end, last.end, f" {said}")]


def change(work: Work, edit: ChangeCondition) -> list[Change]:
    """Another condition in place of one."""
    written = write(edit.condition, work.knowledge)
    if work.has(edit.at, ConditionPlace) and work.part(edit.at, ConditionPlace).condition is None:
        return put_in(work.sheet(work.block_of(edit.at)), work.part(edit.at, ConditionPlace), written.text)
    target = work.condition(edit.at)
    above = work.above(target.id)
    words = written.inside(str(above.joined.value)) if isinstance(above, ConditionGroup) else written.text
    return [work.sheet(work.block_of(edit.at)).instead(target.start, target.end, words)]


def remove(work: Work, edit: RemoveCondition) -> list[Change]:
    """A condition less; the last one takes its clause along."""
    target = work.condition(edit.at)
    above = work.above(target.id)
    sheet = work.sheet(work.block_of(edit.at))
    if isinstance(above, ConditionPlace):
        if above.required or above.slot.clause is None:
            raise Refused(f"`{above.label}` needs a condition", "change it")
        return [sheet.take_out(*above.slot.clause, with_comment=False)]
    if isinstance(above, ConditionItems):
        word = sheet.find("WHERE", above.items.end or above.start, target.start + 1)
        after = sheet.after(target.end)
        if word is None or after is None:
            raise Refused("this condition cannot be taken out", "change it as text")
        return [sheet.take_out(word[0], after[2], with_comment=False)]
    if above.joined.value == "not":
        return remove(work, RemoveCondition(above.id))
    parts = above.parts
    position = [each.id for each in parts].index(target.id)
    changes: list[Change] = []
    joiner = _joiner(sheet, parts, position - 1 if position else 0)
    if position:
        first, last = joiner[0], target.end
        if not sheet.comments(first, target.start):
            changes.append(sheet.take_out(first, last, with_comment=False))
        else:
            changes += [
                sheet.take_out(*joiner, with_comment=False),
                sheet.take_out(target.start, last, with_comment=False),
            ]
    elif not sheet.comments(target.start, parts[1].start):
        changes.append(Change(target.start, parts[1].start, ""))
    else:
        taken = sheet.take_out(target.start, target.end, with_comment=False)
        changes += [taken, sheet.take_out(*joiner, with_comment=False)]
    if len(parts) == 2:
        changes += _bare(work, sheet, above, parts[1 - position])
    return changes


def _bare(work: Work, sheet: Sheet, group: ConditionGroup, left: Condition) -> list[Change]:
    """Takes the parentheses of a group off that holds one part only, where that part needs none."""
    own = inner(sheet, group)
    if own == (group.start, group.end):
        return []
    above = work.above(group.id)
    kind = str(left.joined.value) if isinstance(left, ConditionGroup) else ""
    parent = str(above.joined.value) if isinstance(above, ConditionGroup) else ""
    if needs_parentheses(kind, parent) and inner(sheet, left) == (left.start, left.end):
        return []
    return [Change(a, b, "") for kind_, a, b in _outer(sheet, group, own) if kind_ in ("OPEN", "CLOSE")]


def _outer(sheet: Sheet, part: Condition, own: tuple[int, int]) -> list[tuple[str, int, int]]:
    return [*sheet.between(part.start, own[0]), *sheet.between(own[1], part.end)]


def inner(sheet: Sheet, part: Condition) -> tuple[int, int]:
    """The stretch of a condition without the parentheses around the whole of it."""
    start, end = part.start, part.end
    if isinstance(part, ConditionRow):
        return start, end
    while sheet.kind_at(start) == "OPEN":
        following, before = sheet.after(start + 1), sheet.before(end - 1)
        closing = sheet.balanced(start, start + 1)
        if following is None or before is None or closing[1] != end:
            break
        start, end = following[1], before[2]
    return start, end


def _joiner(sheet: Sheet, parts: Sequence[Condition], place: int) -> tuple[int, int]:
    """The `and` or `or` between a part and the next."""
    found = [each for each in sheet.between(parts[place].end, parts[place + 1].start) if each[0] in ("AND", "OR")]
    if not found:
        raise Refused("these conditions cannot be taken apart", "change them as text")
    return found[0][1], found[0][2]


def join(work: Work, id: str, joined: str) -> list[Change]:
    """A group in which all, or any, of the conditions have to hold."""
    group = work.part(id, ConditionGroup)
    if joined not in WORD or group.joined.value == "not":
        raise Refused(f"a group cannot become `{joined}`", "it is all or any; `wrap_conditions` puts a `not` before it")
    if joined == group.joined.value:
        return []
    sheet = work.sheet(work.block_of(id))
    changes = [Change(*_joiner(sheet, group.parts, place), WORD[joined]) for place in range(len(group.parts) - 1)]
    changes += _guarded(sheet, group.parts, joined)
    above = work.above(id)
    if isinstance(above, ConditionGroup) and needs_parentheses(joined, str(above.joined.value)):
        changes += _around(sheet, group)
    return changes


def _guarded(sheet: Sheet, parts: Sequence[Condition], joined: str) -> list[Change]:
    """Parentheses around the parts that would fall apart in a group of this kind."""
    changes: list[Change] = []
    for each in parts:
        if isinstance(each, ConditionGroup) and needs_parentheses(str(each.joined.value), joined):
            changes += _around(sheet, each)
    return changes


def _around(sheet: Sheet, part: Condition) -> list[Change]:
    if inner(sheet, part) != (part.start, part.end):
        return []
    return [Change(part.start, part.start, "("), Change(part.end, part.end, ")")]


def wrap(work: Work, edit: WrapConditions) -> list[Change]:
    """Conditions that stand side by side as a group of their own."""
    if not edit.at:
        raise Refused("say which conditions")
    sheet = work.sheet(work.block_of(edit.at[0]))
    found = [work.condition(each) for each in edit.at]
    if edit.joined == "not":
        if len(found) != 1:
            raise Refused("`not` stands before one condition", "make a group of them first")
        part = found[0]
        grouped = isinstance(part, ConditionGroup) and needs_parentheses(str(part.joined.value), "not")
        bare = inner(sheet, part) == (part.start, part.end)
        begin, end = ("not (", ")") if grouped and bare else ("not ", "")
        changes = [Change(part.start, part.start, begin)]
        return [*changes, Change(part.end, part.end, end)] if end else changes
    if edit.joined not in WORD:
        raise Refused(f"there is no group `{edit.joined}`", "groups are all, any and not")
    above = work.above(edit.at[0])
    if not isinstance(above, ConditionGroup) or above.joined.value == "not" or len(found) < 2:
        raise Refused(
            "a group has at least two conditions", "`add_condition` with `joined` makes one with a new condition"
        )
    ids = [each.id for each in above.parts]
    if not set(edit.at) <= set(ids):
        raise Refused("these conditions do not stand in one group")
    places = sorted(ids.index(each) for each in set(edit.at))
    if places != list(range(places[0], places[-1] + 1)):
        raise Refused("these conditions do not stand side by side")
    if len(places) == len(ids):
        return join(work, above.id, edit.joined)
    if edit.joined == above.joined.value:
        raise Refused("they are joined so already")
    parts = [above.parts[each] for each in places]
    changes = [Change(*_joiner(sheet, above.parts, place), WORD[edit.joined]) for place in places[:-1]]
    changes += _guarded(sheet, parts, edit.joined)
    # An `and` within an `or` holds together without parentheses; people read it better with them.
    return [
        Change(parts[0].start, parts[0].start, "("),
        *changes,
        Change(parts[-1].end, parts[-1].end, ")"),
    ]


def unwrap(work: Work, edit: UnwrapCondition) -> list[Change]:
    """A `not` less, or a group as part of the group around it."""
    if not work.has(edit.at, ConditionGroup):
        raise Refused("this is no group", "only a `not` or a group can be taken off")
    group = work.part(edit.at, ConditionGroup)
    sheet = work.sheet(work.block_of(edit.at))
    above = work.above(edit.at)
    own = inner(sheet, group)
    if group.joined.value == "not":
        inside = group.parts[0]
        changes = (
            [Change(own[0], inside.start, "")]
            if not sheet.comments(own[0], inside.start)
            else [Change(own[0], own[0] + 3, "")]
        )
        kind = str(inside.joined.value) if isinstance(inside, ConditionGroup) else ""
        bare = inner(sheet, inside)
        if bare != (inside.start, inside.end) and not isinstance(above, ConditionGroup) and kind:
            changes += [Change(a, b, "") for _, a, b in _outer(sheet, inside, bare)]
        return changes
    if not isinstance(above, ConditionGroup) or above.joined.value == "not":
        raise Refused("no group stands around this one")
    joined = str(above.joined.value)
    changes = [Change(a, b, "") for _, a, b in _outer(sheet, group, own)]
    changes += [
        Change(*_joiner(sheet, group.parts, place), WORD[joined])
        for place in range(len(group.parts) - 1)
        if group.joined.value != joined
    ]
    return changes + _guarded(sheet, group.parts, joined)


# --- parts of a row ---------------------------------------------------------------------------------------------------


def compare(work: Work, row: ConditionRow, to: Json, how: str) -> list[Change]:
    """Another comparison in a row; its values are kept as far as it takes them, and made up where it needs more."""
    words = str(to or "")
    check_comparison(words)
    if words == row.comparison.value:
        return []
    sheet = work.sheet(work.block_of(row.id))
    left_end = row.field.end or row.start
    said = f" {words}" if words else ""
    taken = comparisons.values_taken(words)
    kind = kind_of(row.field.text, work.knowledge)
    wanted = comparisons.wanted(words, kind)
    given = [_kept(each.text, each.said_as, each.value, wanted) for each in row.values[:taken]]
    while len(given) < taken:
        given.append(given[-1] if given else _made_up(wanted))
    if given:
        said += f" {' and '.join(given)}"
    end = row.values[-1].end if row.values else row.comparison.end
    end = left_end if end is None else max(end, left_end)
    if sheet.comments(left_end, end):
        raise Refused("a remark stands in the middle of this condition", "change it as text")
    return [Change(left_end, end, said)]


def _kept(text: str, said_as: str, value: Json, wanted: Type) -> str:
    """A value as another comparison takes it: one value as a list, a list of one as that one."""
    if wanted == comparisons.PATTERN_TYPE:
        return values.pattern(str(value)) if said_as == "constant" else text
    if wanted.element is not None:
        return f"[{text}]" if said_as in ("constant", "template") else text
    if said_as == "list" and isinstance(value, list) and len(value) == 1:
        return values.constant(value[0], wanted)
    if said_as == "constant" and isinstance(value, str) and text.startswith('"'):
        return values.constant(value, wanted) if wanted.name == "text" else text
    return text


def _made_up(wanted: Type) -> str:
    if wanted.element is not None:
        return "[]"
    if wanted in (NUMBER, MONEY):
        return "0"
    if wanted == PERCENT:
        return "0%"
    if wanted == YES_NO:
        return "yes"
    if wanted in (DATE, MOMENT):
        return "today()"
    return '""'
