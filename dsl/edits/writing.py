"""New blocks as text, from what a form says of them; changes with the parts of blocks (finds no place for them)."""

from __future__ import annotations

from collections.abc import Mapping

from dsl.edits import conditions, statements, values
from dsl.edits.edit import Json, Refused
from dsl.edits.inputs import cell, items
from dsl.format import format_text
from dsl.forms.knowledge import Knowledge, declared_type
from dsl.parse import parse_text
from dsl.types import ANY, DURATION
from grammar.keywords import ITEM_WORDS

_PARTS: dict[str, tuple[str, ...]] = {
    "ruleset": ("title", "language", "version", "note"),
    "use": ("pack", "version", "as", "settings", "turned_off"),
    "setting": ("name", "type", "default", "note"),
    "list": ("name", "elements"),
    "table": ("name", "csv", "keys", "outputs", "rows"),
    "flow": (
        *("title", "on", "note", "from", "to", "sync", "every", "every_day_at", "after", "when", "starting"),
        *("notify", "with"),
    ),
    "rule": (*("title", "on", "note", "replaces", "for", "from", "flow", "where", "when", "then", "otherwise"),),
    "test": ("title", "settings", "today", "given", "fields", "items", "expect", "file"),
}
"""What may be said of a new block of each kind."""


def block_text(kind: str, spec: Mapping[str, Json], knowledge: Knowledge) -> str:
    """A new block in the layout of the formatter."""
    parts = _PARTS.get(kind)
    if parts is None:
        raise Refused(f"there is no block `{kind}`", f"blocks are {', '.join(_PARTS)}")
    unknown = [each for each in spec if each not in parts]
    if unknown:
        raise Refused(f"a {kind} has no `{unknown[0]}`", f"it has {', '.join(parts)}")
    made = _WRITERS[kind](spec, knowledge)
    return laid_out(made, kind)


def laid_out(text: str, kind: str = "") -> str:
    """The text of exactly one block as the formatter lays it out; Refused where it is none."""
    parsed = parse_text(text, file="block")
    errors = [each for each in parsed.diagnostics if each.is_error]
    count = 0 if parsed.file is None else len(parsed.file.blocks) + len(getattr(parsed.file, "broken", ()))
    if errors:
        raise Refused(errors[0].message, errors[0].help)
    if count != 1:
        raise Refused("this is not one block", "add one block at a time")
    formatted = format_text(text)
    return (formatted.text if not formatted.refusal else text).strip()


def _text(spec: Mapping[str, Json], part: str, kind: str) -> str:
    said = spec.get(part)
    if not isinstance(said, str) or not said.strip():
        raise Refused(f"a {kind} needs a {part}")
    return said


def _note(spec: Mapping[str, Json]) -> str:
    return f" note {values.text(str(spec['note']))}" if spec.get("note") else ""


def _header(spec: Mapping[str, Json], knowledge: Knowledge) -> str:
    said = f"ruleset {values.text(_text(spec, 'title', 'ruleset'))} language {spec.get('language', 1)}"
    if spec.get("version"):
        said += f" version {values.text(str(spec['version']))}"
    return f"{said}{_note(spec)} end"


def _use(spec: Mapping[str, Json], knowledge: Knowledge) -> str:
    said = f"use {values.text(_text(spec, 'pack', 'use'))} version {values.text(_text(spec, 'version', 'use'))}"
    if spec.get("as"):
        said += f" as {values.name(str(spec['as']))}"
    for name, to in (spec.get("settings") or {}).items():
        said += f" set {values.long_name(name)} to {_value(to)}"
    for title in spec.get("turned_off") or ():
        said += f" turn off {values.text(str(title))}"
    return f"{said} end"


def _value(to: Json) -> str:
    """A value, or {"as","to"} of one."""
    if isinstance(to, Mapping) and set(to) == {"as", "to"}:
        return values.value(to["to"], str(to["as"]))
    return values.value(to)


def _setting(spec: Mapping[str, Json], knowledge: Knowledge) -> str:
    type = values.type_words(spec.get("type", "text"))
    said = f"setting {values.name(_text(spec, 'name', 'setting'))} is {type}"
    if spec.get("default") is not None:
        kind, _ = declared_type(type)
        said += f" default {values.value(spec['default'], '', kind)}"
    return f"{said}{_note(spec)}"


def _list(spec: Mapping[str, Json], knowledge: Knowledge) -> str:
    return f"list {values.name(_text(spec, 'name', 'list'))} is {values.listed(spec.get('elements') or [])}"


def _table(spec: Mapping[str, Json], knowledge: Knowledge) -> str:
    keys, outputs = spec.get("keys") or (), spec.get("outputs") or ()
    if not keys or not outputs:
        raise Refused("a table has at least one column before the arrow and one behind it")
    said = f"table {values.name(_text(spec, 'name', 'table'))}"
    if spec.get("csv"):
        said += f" from {values.text(str(spec['csv']))}"
    said += f" {' | '.join(_column(each) for each in keys)} -> {' | '.join(_column(each) for each in outputs)}"
    for row in spec.get("rows") or ():
        said += f" {row_text(row, [_name(each) for each in keys], [_name(each) for each in outputs])}"
    return f"{said} end"


def _name(column: Json) -> str:
    return str(column.get("name")) if isinstance(column, Mapping) else str(column)


def _column(column: Json) -> str:
    kind = column.get("type") if isinstance(column, Mapping) else None
    return column_text(_name(column), str(kind or ""))


def column_text(name: str, kind: str) -> str:
    """A column: its name, which may be the word of an item, and its type where one is given."""
    said = name if name in ITEM_WORDS else values.name(name)
    return f"{said} is {values.type_words(kind)}" if kind else said


def cells_of(row: Json, names: list[str]) -> list[Json]:
    """The cells of a row in the order of the columns."""
    if isinstance(row, Mapping):
        unknown = [each for each in row if each not in names]
        if unknown:
            raise Refused(f"the table has no column `{unknown[0]}`", f"its columns are {', '.join(names)}")
        return [row.get(each) for each in names]
    if not isinstance(row, list | tuple) or len(row) != len(names):
        raise Refused(f"a row has {len(names)} cells", ", ".join(names))
    return list(row)


def row_text(row: Json, keys: list[str], outputs: list[str]) -> str:
    """A row on one line; {"otherwise": …} is the row for all that fits no other."""
    if isinstance(row, Mapping) and "otherwise" in row:
        rest = cells_of(row["otherwise"], outputs)
        return f"otherwise -> {' | '.join(values.value(each) for each in rest)}"
    given = cells_of(row, [*keys, *outputs])
    left = [
        cell("any" if each is None else each, "", ANY) if each is not None else "any" for each in given[: len(keys)]
    ]
    right = [_value(each) for each in given[len(keys) :]]
    return f"{' | '.join(left)} -> {' | '.join(right)}"


def _flow(spec: Mapping[str, Json], knowledge: Knowledge) -> str:
    said = f"flow {values.text(_text(spec, 'title', 'flow'))}{'' if spec.get('on', True) else ' off'}{_note(spec)}"
    for part in ("from", "to"):
        said += f" {part} {system(_text(spec, part, 'flow'))}"
    said += f" sync {values.word(_text(spec, 'sync', 'flow'))}"
    if spec.get("every") is not None:
        said += f" every {values.constant(spec['every'], DURATION)}"
    if spec.get("every_day_at") is not None:
        said += f" every day at {values.time(spec['every_day_at'])}"
    if spec.get("after"):
        said += f" after {values.text(str(spec['after']))}"
    if spec.get("when") is not None:
        said += f" when {conditions.write(spec['when'], knowledge).text}"
    if spec.get("starting"):
        said += f" starting {values.word_of_date(str(spec['starting']))}"
    for each in spec.get("notify") or ():
        said += f" {notify(each.get('address', ''), each.get('events') or ())}"
    options = {each.name: each for each in knowledge.schema.flow_options}
    given = spec.get("with") or {}
    if given:
        said += " with"
    for name, to in given.items():
        option = options.get(name)
        words = option.values if option is not None else ()
        kind = option.type if option is not None and option.type is not None else ANY
        how, to = (str(to["as"]), to["to"]) if isinstance(to, Mapping) and set(to) == {"as", "to"} else ("", to)
        said += f" {values.word(name)} = {values.value(to, how, kind, words=words)}"
    return f"{said} end"


def system(said: str) -> str:
    """A kind of system by its word, one connection by its name in quotes."""
    return said if said.isidentifier() and said.isascii() and said.islower() else values.text(said)


def notify(address: Json, events: Json) -> str:
    """`notify "books@acme.example" on hold, failure`."""
    if not events:
        raise Refused("say on what to notify", "hold, failure, skip, success")
    return f"notify {values.text(str(address))} on {', '.join(values.word(each) for each in events)}"


def _rule(spec: Mapping[str, Json], knowledge: Knowledge) -> str:
    said = f"rule {values.text(_text(spec, 'title', 'rule'))}{'' if spec.get('on', True) else ' off'}{_note(spec)}"
    if spec.get("replaces"):
        said += f" replaces {values.text(str(spec['replaces']))}"
    what = str(spec.get("for", "order"))
    said += f" for each {items(what)}" if " in " in what else f" for {values.word(what)}"
    if spec.get("from"):
        said += f" from {system(str(spec['from']))}"
    if spec.get("flow"):
        said += f" in flow {values.text(str(spec['flow']))}"
    for part in ("where", "when"):
        if spec.get(part) is not None:
            said += f" {part} {conditions.write(spec[part], knowledge).text}"
    then = spec.get("then") or ()
    if not then:
        raise Refused("a rule does at least one thing", "say what stands behind `then`")
    for part in ("then", "otherwise"):
        found = spec.get(part) or ()
        if found:
            said += f" {part} {' '.join(statements.write(each, knowledge) for each in found)}"
    return f"{said} end"


def _test(spec: Mapping[str, Json], knowledge: Knowledge) -> str:
    said = f"test {values.text(_text(spec, 'title', 'test'))}"
    settings = spec.get("settings") or {}
    if settings:
        said += " with settings " + " ".join(
            f"{values.long_name(name)} = {_value(to)}" for name, to in settings.items()
        )
    if spec.get("today"):
        said += f" on {values.word_of_date(str(spec['today']))}"
    said += f" given {values.word(spec.get('given', 'order'))}"
    if spec.get("file"):
        said += f" from {values.text(str(spec['file']))}"
    fields = spec.get("fields") or {}
    said += "".join(f" {statements.assignment('', name, to, knowledge)}" for name, to in fields.items())
    for each in spec.get("items") or ():
        said += f" {item(str(each.get('item', '')), each.get('fields') or {}, knowledge)}"
    expect = spec.get("expect") or ()
    if not expect:
        raise Refused("a test expects something")
    return f"{said} expect {' '.join(expectation(each, knowledge) for each in expect)} end"


def item(word: str, fields: Json, knowledge: Knowledge) -> str:
    """`line sku = "A" amount = 2.00 USD`."""
    return f"{values.name_of_item(word)} {statements.assignments(word, fields, knowledge)}"


def expectation(spec: Json, knowledge: Knowledge) -> str:
    """What a test expects: its text, or a condition that begins with a field."""
    if isinstance(spec, str):
        return spec.strip()
    return conditions.write(spec, knowledge).text


_WRITERS = {
    "ruleset": _header,
    "use": _use,
    "setting": _setting,
    "list": _list,
    "table": _table,
    "flow": _flow,
    "rule": _rule,
    "test": _test,
}

__all__ = ["block_text", "cells_of", "laid_out", "notify", "row_text", "system"]
