"""Several rules of one pattern become a table and one rule; changes with which rules are of one pattern.

A rule that asks whether one field `is` a constant and writes a constant to one field is a row of a table. The table's rule fires
for a record where one of the rules did, and writes what that rule wrote.
"""

from __future__ import annotations

from dataclasses import dataclass

from dsl import tree
from dsl.edits import values
from dsl.edits.blocks import end_of, whole
from dsl.edits.edit import Refused, RulesToTable
from dsl.edits.work import Work
from dsl.edits.writing import laid_out
from dsl.forms.document import BlockAt
from dsl.forms.sheet import Change
from dsl.values import fold
from grammar.keywords import ITEM_WORDS

_WORDS = {"Set": ("set", "to"), "Fill": ("fill", "with"), "Override": ("override", "with")}


@dataclass(frozen=True, slots=True)
class _Row:
    """A rule as a row: what it is for, the field that it asks for, its constants, what it writes where."""

    block: BlockAt
    rule: tree.Rule
    asked: tree.Path
    keys: tuple[tree.Expression, ...]
    statement: tree.Set | tree.Fill | tree.Override
    in_where: bool

    def like(self, other: _Row) -> str:
        """In what another rule is of another pattern, "" where it is not."""
        if self.asked.field != other.asked.field or self.asked.original != other.asked.original:
            return "they ask about different fields"
        if type(self.statement) is not type(other.statement) or self.statement.target != other.statement.target:
            return "they write different things"
        mine, theirs = self.rule.scope, other.rule.scope
        if isinstance(mine, tree.ForEach) and isinstance(theirs, tree.ForEach):
            same = (mine.item, mine.collection, mine.source, mine.flow) == (
                theirs.item,
                theirs.collection,
                theirs.source,
                theirs.flow,
            )
        else:
            same = mine == theirs
        if not same or self.in_where != other.in_where:
            return "they are for different records"
        return ""


def gather(work: Work, edit: RulesToTable) -> list[Change]:
    """A table, and one rule in place of the first of the rules; the others go."""
    if not edit.rules:
        raise Refused("say which rules")
    rows = [_row(work, work.block(each, "rule")) for each in dict.fromkeys(edit.rules)]
    rows.sort(key=lambda each: each.block.start)
    first = rows[0]
    for each in rows[1:]:
        if why := first.like(each):
            raise Refused(f'"{first.block.title}" and "{each.block.title}" make no table: {why}')
    _side_by_side(work, rows)
    _distinct(rows)
    name = values.name(edit.table)
    if any(each.kind in ("setting", "list", "table") and each.title == name for each in work.document.blocks):
        raise Refused(f"there already is something called `{name}`", "choose another name")
    title = edit.title or first.block.title
    others = {fold(each.title) for each in work.document.blocks if each.kind == "rule"}
    others -= {fold(each.block.title) for each in rows}
    if fold(title) in others:
        raise Refused(f'there already is a rule "{title}"', "choose another title")
    newline = work.sheet(first.block).newline
    table = _table_text(work, rows, name)
    rule = _rule_text(work, first, name, title)
    start, end = work.document.remarks_above(first.block), end_of(work, first.block)
    above = work.text[start : first.block.start]
    behind = work.text[first.block.end : end]
    text = f"{table}\n\n{above}{rule}{behind}".replace("\r\n", "\n").replace("\n", newline)
    gone = [_gone(work, each.block) for each in rows[1:]]
    return [Change(start, end, text), *gone, *_expected(work, rows, title)]


def _gone(work: Work, block: BlockAt) -> Change:
    """A rule that became a row goes with its remarks (they stand above the row) and the blank lines before it."""
    start, end = whole(work, block)
    sheet = work.sheet(block)
    if not sheet.begins_line(start):
        return Change(start, block.end, "")
    while start > 0 and work.text[start - 1] in " \t\r\n":
        start -= 1
    return Change(start, end, "")


def _remarks(work: Work, block: BlockAt) -> list[str]:
    """The comment lines above a block, and the remark behind its end."""
    start, end = whole(work, block)
    around = f"{work.text[start : block.start]}\n{work.text[block.end : end]}"
    return [each.strip() for each in around.splitlines() if each.strip()]


def _row(work: Work, block: BlockAt) -> _Row:
    rule = work.rule(block)

    def no(why: str) -> Refused:
        return Refused(f'"{block.title}" cannot be a row of a table: {why}')

    if rule.off:
        raise no("it is off")
    if rule.replaces is not None:
        raise no("it replaces a rule of a pack")
    if rule.note is not None:
        raise no("it has a note, which a table has no place for")
    if rule.otherwise:
        raise no("it says what happens otherwise, too")
    if len(rule.then) != 1 or not isinstance(rule.then[0], tree.Set | tree.Fill | tree.Override):
        raise no("it does not just write one field")
    statement = rule.then[0]
    if statement.or_stop is not None or not isinstance(statement.value, tree.LITERALS):
        raise no("what it writes is not one fixed value")
    where = rule.scope.where if isinstance(rule.scope, tree.ForEach) else None
    if (where is None) == (rule.when is None):
        raise no("it has conditions for the record and for its items" if where is not None else "it asks nothing")
    asked = where if where is not None else rule.when
    if not isinstance(asked, tree.Comparison) or asked.negated or not isinstance(asked.left, tree.Path):
        raise no("it does not ask whether one field is something")
    match asked:
        case tree.Comparison(operator=tree.Operator.IS, right=right) if isinstance(right, tree.LITERALS):
            keys: tuple[tree.Expression, ...] = (right,)
        case tree.Comparison(operator=tree.Operator.ONE_OF, right=tree.ListOf(elements=elements)) if elements and all(
            isinstance(each, tree.LITERALS) for each in elements
        ):
            keys = elements
        case _:
            raise no("it does not ask whether one field is a fixed value")
    if asked.left.field == statement.target.field:
        raise no("it changes the field that it asks for")
    if work.sheet(block).comments(block.start, block.end):
        raise no("it has remarks inside, which would be lost")
    return _Row(block, rule, asked.left, keys, statement, where is not None)


def _side_by_side(work: Work, rows: list[_Row]) -> None:
    """Other rules between them might read or write what they do."""
    ids = [each.id for each in work.document.blocks if each.kind in ("rule", "use")]
    places = [ids.index(each.block.id) for each in rows]
    if places != list(range(places[0], places[0] + len(places))):
        raise Refused(
            "other rules stand between these", "move them side by side first, and look whether that is the same"
        )


def _distinct(rows: list[_Row]) -> None:
    seen: dict[object, str] = {}
    for row in rows:
        for key in row.keys:
            said = fold(key.value) if isinstance(key, tree.Text) else getattr(key, "value", None)
            if said in seen:
                raise Refused(
                    f'"{seen[said]}" and "{row.block.title}" ask for the same value',
                    "of rules the last one counts, of rows the first: take one of them out",
                )
            seen[said] = row.block.title


def _columns(rows: list[_Row]) -> tuple[str, str]:
    """Names for the two columns: the last words of the two fields."""
    asked, target = rows[0].asked, rows[0].statement.target
    key, output = asked.name.rpartition(".")[2], target.name.rpartition(".")[2]
    found = []
    for each in (key, output):
        try:
            found.append(each if each in ITEM_WORDS else values.name(each))
        except Refused:
            found.append(f"{each}_value")
    return found[0], found[1] if found[0] != found[1] else f"new_{found[1]}"


def _table_text(work: Work, rows: list[_Row], name: str) -> str:
    key, output = _columns(rows)
    words = work.text
    said = f"table {name} {key} -> {output}"
    for row in rows:
        asked = " or ".join(words[each.span.start : each.span.end] for each in row.keys)
        value = row.statement.value.span
        if row is not rows[0]:
            said += "".join(f"\n{each}\n" for each in _remarks(work, row.block))
        said += f" {asked} -> {words[value.start : value.end]}"
    return laid_out(f"{said} end")


def _rule_text(work: Work, first: _Row, name: str, title: str) -> str:
    """The rule that looks a value up; it fires only where a row fits, as the rules did."""
    words = work.text
    rule = first.rule
    span = rule.scope.span
    head = words[span.start : span.end]
    asked = words[first.asked.span.start : first.asked.span.end]
    found = f"lookup {name}({asked})"
    if first.in_where and isinstance(rule.scope, tree.ForEach) and rule.scope.where is not None:
        sheet = work.sheet(first.block)
        word = sheet.find("WHERE", rule.scope.collection.span.end, span.end)
        head = words[span.start : span.end if word is None else word[0]].rstrip() + f" where {found} is present"
        when = ""
    else:
        when = f" when {found} is present"
    does, to = _WORDS[type(first.statement).__name__]
    target = words[first.statement.target.span.start : first.statement.target.span.end]
    return laid_out(f"rule {values.text(title)} {head}{when} then {does} {target} {to} {found} end")


def _expected(work: Work, rows: list[_Row], title: str) -> list[Change]:
    """Tests that expect one of the rules to fire expect the new one."""
    old = {fold(each.block.title) for each in rows}
    changes = []
    for each in work.document.blocks:
        for part in each.node.expect if isinstance(each.node, tree.Test) else ():
            if isinstance(part, tree.ExpectFired) and not part.negated and fold(part.rule.text) in old:
                span = part.rule.span
                if part.rule.text != title:
                    changes.append(Change(span.start, span.end, values.text(title)))
    return changes
