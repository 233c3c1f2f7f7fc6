"""Old rules become drafts of rules: each for itself, then equal ones together, and many values of one kind as a table.

Changes with what may be put together without another outcome (knows neither columns of exports nor layout).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from dsl.schema import Schema
from dsl.types import TEXT
from dsl.values import fold
from dsl.words import RESERVED
from engine.convert.actions import Done, action_of, done_by
from engine.convert.conditions import Asked, asked_of
from engine.convert.old import NotConvertible, OldCondition, OldRule
from engine.convert.values import literal
from engine.convert.words import OBJECTS, Scope, comparison, plain

_FEWEST_ROWS = 3
"""So many values of one kind are a table."""
_MOST_IN_LINE = 15
"""So many values stand in the condition itself; more get a list with a name."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A key and what it becomes, as literals, with where they come from."""

    key: str
    output: str
    row: int
    title: str


@dataclass(slots=True)
class Draft:
    """A rule to be written. `rows` are those of the export, `said` its words, `given` what a test gives, by path."""

    old: OldRule
    """The first of the old rules that it was made of."""
    title: str
    rows: tuple[int, ...]
    said: str
    scope: Scope
    asked: Asked
    done: tuple[Done, ...]
    target: str
    label: str
    note: str = ""
    off: str = ""
    notes: list[str] = field(default_factory=list)
    left_out: tuple[OldCondition, ...] = ()
    override: bool = False
    list_name: str = ""
    table: str = ""
    table_rows: list[TableRow] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)
    """What its test gives besides, so that other rules let it be."""
    tested: str = "whole"
    """What its test says: "whole", "fired" where other rules change what it wrote, or "" where none shows it."""

    @property
    def reads(self) -> str:
        """Everything that it reads or writes, for a look whether a path is among it."""
        return " ".join([self.asked.words, *(each for done in self.done for each in done.statements)])

    @property
    def stops(self) -> bool:
        """Whether a record ends with it."""
        return any(each.startswith("skip ") for done in self.done for each in done.statements)


@dataclass(frozen=True, slots=True)
class Refused:
    """An old rule that has no counterpart, with the reason."""

    old: OldRule
    reason: str


Entry = Draft | Refused


def drafts_of(rules: Sequence[OldRule], schema: Schema, unit: str) -> list[Entry]:
    """What becomes of each old rule, in their order; titles are those of the export, each used once."""
    entries: list[Entry] = []
    for rule in rules:
        try:
            entries.append(_draft(rule, schema, unit))
        except NotConvertible as reason:
            entries.append(Refused(rule, str(reason)))
    entries = _tables(_together(entries))
    _own_titles(entries)
    _named_lists(entries)
    return entries


def _draft(old: OldRule, schema: Schema, unit: str) -> Draft:
    kind = OBJECTS.get(plain(old.object_type))
    if kind is None:
        raise NotConvertible(f'the kind of object "{old.object_type}" is not known')
    action = action_of(old.action, kind)
    running = [each for each in old.conditions if each.enabled]
    off = "" if running else "it was switched off"
    left_out = tuple(each for each in old.conditions if not each.enabled) if running else ()
    conditions = running or list(old.conditions)
    compared = [each for each in conditions if comparison(each.comparison) != "copy"]
    money = action.how in ("skip", "skip_item", "zero", "add") or "tax" in action.label
    asked = asked_of(compared, action.scope, schema, strict=money)
    title = old.title or f"{action.label.capitalize()} of {unit} {old.rows[0]}"
    done = done_by(action, old.value, title, conditions, asked.given, schema)
    if done.guard:
        asked.words = f"({asked.words}) and {done.guard}" if " or " in asked.words else " and ".join(
            each for each in (asked.words, done.guard) if each
        )  # fmt: skip
        asked.only = None
    notes = list(asked.notes)
    if plain(old.object_type) == "orderetail" or "orderetail" in plain(old.action):
        notes.append('"Orderetail" is read as OrderDetail')
    return Draft(
        old, title, old.rows, old.words(), action.scope, asked, (done,), action.target, action.label,
        note=action.note, off=off or asked.off, notes=notes, left_out=left_out,
    )  # fmt: skip


def _together(entries: Sequence[Entry]) -> list[Entry]:
    """Neighbours of one name, scope and condition become one rule with several statements; a repeated rule goes."""
    made: list[Entry] = []
    for entry in entries:
        last = made[-1] if made else None
        if not isinstance(entry, Draft):
            made.append(entry)
            continue
        if isinstance(last, Draft) and _same(last, entry) and not _changes(entry):
            last.rows += entry.rows
            last.notes.append(f"{_numbers(entry.rows)} says the same again: left out")
        elif (
            isinstance(last, Draft)
            and fold(last.title) == fold(entry.title)
            and (last.scope, last.asked.words, last.off, last.note)
            == (entry.scope, entry.asked.words, entry.off, entry.note)
            and last.target != entry.target
        ):
            last.rows += entry.rows
            last.done += entry.done
            last.said += f"; {entry.said}"
            last.notes += [each for each in entry.notes if each not in last.notes]
        else:
            made.append(entry)
    return made


def _same(one: Draft, other: Draft) -> bool:
    return (one.scope, one.asked.words, one.off) == (other.scope, other.asked.words, other.off) and (
        [done.statements for done in one.done] == [done.statements for done in other.done]
    )


def _changes(draft: Draft) -> bool:
    """Whether running it twice is not the same as running it once."""
    return any(
        draft.target and draft.target in each.partition(" to ")[2] for done in draft.done for each in done.statements
    )


def _numbers(rows: Sequence[int]) -> str:
    return ", ".join(str(each) for each in rows)


# --- tables -----------------------------------------------------------------------------------------------------------


def _mappable(entry: Entry) -> bool:
    if not isinstance(entry, Draft) or entry.off or len(entry.done) != 1:
        return False
    only, value = entry.asked.only, entry.done[0].value
    return bool(
        only and value and only.kind == "is" and not only.outside and only.field.type == TEXT and value.startswith('"')
    )


def _tables(entries: Sequence[Entry]) -> list[Entry]:
    """Rules that look one field up and write another become one rule with a table, where no rule between minds."""
    runs: list[list[Draft]] = []
    places: list[list[int]] = []
    for place, entry in enumerate(entries):
        if not isinstance(entry, Draft) or not _mappable(entry):
            continue
        for run, standing in zip(runs, places, strict=True):
            if _kind(run[0]) == _kind(entry) and not _minds(entries[standing[-1] + 1 : place], run[0]):
                run.append(entry)
                standing.append(place)
                break
        else:
            runs.append([entry])
            places.append([place])
    made: dict[int, Entry] = dict(enumerate(entries))
    names: set[str] = set()
    for run, standing in zip(runs, places, strict=True):
        keys = {fold(value) for draft in run for value in _only_values(draft)}
        if len(run) > 1 and len(keys) >= _FEWEST_ROWS:
            made[standing[0]] = _table(run, names)
            for place in standing[1:]:
                del made[place]
    return list(made.values())


def _kind(draft: Draft) -> tuple[Scope, str, str]:
    return draft.scope, draft.target, draft.asked.only.path if draft.asked.only else ""


def _only_values(draft: Draft) -> tuple[str, ...]:
    return draft.asked.only.values if draft.asked.only else ()


def _minds(between: Sequence[Entry], first: Draft) -> bool:
    """Whether one of these rules writes or reads what the table writes, or writes its key."""
    _, target, path = _kind(first)
    return any(
        isinstance(each, Draft)
        and not each.off
        and _kind(each) != _kind(first)
        and (target in each.reads or each.target == path)
        for each in between
    )


def _table(run: Sequence[Draft], names: set[str]) -> Draft:
    first = run[0]
    scope, target, path = _kind(first)
    rows: dict[str, TableRow] = {}
    notes = [note for draft in run for note in draft.notes]
    for draft in run:
        for value in _only_values(draft):
            row = TableRow(value, draft.done[0].value, _row_of(value, draft), draft.title)
            known = rows.get(fold(value))
            if known is not None and fold(known.output) != fold(row.output):
                kept = known if path == target else row
                lost = row if kept is known else known
                notes.append(
                    f"{value} becomes {kept.output} (row {kept.row}) and, without effect, {lost.output} (row {lost.row})"
                )
                row = kept
            rows[fold(value)] = row if known is None or path != target else known
    if path == target:
        rows = {key: TableRow(row.key, _final(row, rows), row.row, row.title) for key, row in rows.items()}
    titles = list(dict.fromkeys(fold(draft.title) for draft in run))
    key_label = first.asked.only.field.label if first.asked.only else path
    title = first.title if len(titles) == 1 else f"{first.label[:1].upper()}{first.label[1:]} by {key_label}"
    name = _unused(f"{_slug(target)}_by_{_slug(path)}", names)
    sample = next(iter(rows.values()))
    done = Done((f"set {target} to lookup {name}({path})",), sample.output, expects=((target, f"is {sample.output}"),))
    return Draft(
        first.old, title, tuple(row for draft in run for row in draft.rows), "", scope,
        Asked(given={path: sample.key}), (done,), target, first.label, note=first.note, notes=list(dict.fromkeys(notes)),
        left_out=tuple(each for draft in run for each in draft.left_out), table=name, table_rows=list(rows.values()),
    )  # fmt: skip


def _row_of(value: str, draft: Draft) -> int:
    """The row of the export that names this value."""
    if draft.asked.only is None:
        return draft.rows[0]
    known = draft.asked.only.field
    rows = (
        each.row for each in draft.old.conditions if each.enabled and fold(literal(known, each.value)) == fold(value)
    )
    return next(rows, draft.rows[0])


def _final(row: TableRow, rows: dict[str, TableRow]) -> str:
    """What a key becomes when rules below look at what this one wrote, as those of the old system did."""
    output, seen = row.output, {fold(row.key)}
    while fold(output) in rows and fold(output) not in seen and rows[fold(output)].row > row.row:
        seen.add(fold(output))
        output = rows[fold(output)].output
    return output


def column_names(draft: Draft) -> tuple[str, str]:
    """The names of a table's two columns."""
    statement = draft.done[0].statements[0]
    key = _slug(statement.rpartition("(")[2].rstrip(")"))
    output = _slug(draft.target)
    return key, output if output != key else f"new_{key}"


# --- names ------------------------------------------------------------------------------------------------------------


def _slug(path: str) -> str:
    """A name made of the last part of a path: `sku`, `po` for `order.meta["PO#"]`."""
    last = path.rpartition('["')[2].rstrip('"]') if "[" in path else path.rpartition(".")[2]
    name = re.sub(r"[^a-z0-9]+", "_", last.casefold()).strip("_") or "value"
    name = f"field_{name}" if name[0].isdigit() else name
    return f"{name}_" if name in RESERVED else name


def _unused(name: str, names: set[str]) -> str:
    found = next(each for each in _numbered(name, "_{}") if each not in names)
    names.add(found)
    return found


def _numbered(name: str, form: str) -> Iterator[str]:
    """The name, then the name with 2, 3, …"""
    yield name
    for number in count(2):
        yield name + form.format(number)


def _own_titles(entries: Sequence[Entry]) -> None:
    used: set[str] = set()
    for entry in entries:
        if isinstance(entry, Draft):
            entry.title = next(each for each in _numbered(entry.title, " ({})") if fold(each) not in used)
            used.add(fold(entry.title))


def _named_lists(entries: Sequence[Entry]) -> None:
    names: set[str] = set()
    for entry in entries:
        only = entry.asked.only if isinstance(entry, Draft) else None
        if (
            isinstance(entry, Draft)
            and only
            and only.kind in ("is", "is_not")
            and len(only.values) > _MOST_IN_LINE
            and not only.outside
        ):
            entry.list_name = _unused(f"{_slug(only.path)}_of_{_slug(entry.title)}"[:60].strip("_"), names)
            entry.asked.words = f"{only.path} is {'not ' if only.kind == 'is_not' else ''}one of {entry.list_name}"
