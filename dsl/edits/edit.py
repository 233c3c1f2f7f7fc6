"""Every change that a form can make, as a value; changes when forms can change something else (changes no text).

As JSON an edit is an object with `do`, the name of the edit, and its parts under the names that they have here (`how` is
written `as`). Ids are those of the form that was made of the same text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

Json = Any


class Refused(Exception):
    """An edit that cannot be made: why, and what to do instead. Nothing is changed."""

    def __init__(self, why: str, next_step: str = "") -> None:
        super().__init__(f"{why}; {next_step}" if next_step else why)
        self.why = why
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class Set:
    """An input of a form gets a value, said as "constant", "field", "setting", "list", …; None empties it."""

    at: str
    to: Json = None
    how: str = ""


@dataclass(frozen=True, slots=True)
class SetText:
    """A locked part, or a whole block, is changed as text."""

    at: str
    text: str


# --- blocks -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AddBlock:
    """A new block: what stands in it (see docs/forms.md), or its text; behind or before another one."""

    kind: str
    block: Mapping[str, Json] | None = None
    text: str = ""
    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class MoveBlock:
    block: str
    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class CopyBlock:
    """A copy behind the block, under another title or name."""

    block: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class DeleteBlock:
    block: str


@dataclass(frozen=True, slots=True)
class Switch:
    """A rule or a flow on or off."""

    block: str
    on: bool


@dataclass(frozen=True, slots=True)
class Rename:
    """A setting, list, table, column, rule or flow gets another name here and wherever the file names it."""

    what: str
    to: str


# --- conditions -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AddCondition:
    """A condition beside what stands at a place ("rule-1/when") or in a group; `joined` is "all" or "any"."""

    at: str
    condition: Json
    joined: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class ChangeCondition:
    at: str
    condition: Json


@dataclass(frozen=True, slots=True)
class RemoveCondition:
    at: str


@dataclass(frozen=True, slots=True)
class WrapConditions:
    """Conditions that stand side by side become a group: "all", "any", or (one of them) "not"."""

    at: tuple[str, ...]
    joined: str


@dataclass(frozen=True, slots=True)
class UnwrapCondition:
    """A `not` is taken off, or a group becomes part of the group around it."""

    at: str


# --- statements -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AddStatement:
    """A statement behind `then` or `otherwise` ("rule-1/then"); `place` counts from 1, 0 is the end."""

    at: str
    statement: Json
    place: int = 0


@dataclass(frozen=True, slots=True)
class ChangeStatement:
    at: str
    statement: Json


@dataclass(frozen=True, slots=True)
class RemoveStatement:
    at: str


@dataclass(frozen=True, slots=True)
class MoveStatement:
    at: str
    place: int


@dataclass(frozen=True, slots=True)
class SetField:
    """A field of an item that is added or given, or of a given record, that may not stand there yet."""

    at: str
    field: str
    to: Json = None
    how: str = ""


# --- tables and lists -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AddRow:
    """A row of a table: its cells by column, or in their order; `place` counts from 1, 0 is the end."""

    table: str
    row: Json
    place: int = 0
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class RemoveRow:
    at: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    at: str
    place: int


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A column before (`key`) or behind the arrow; every row gets the cell `fill`."""

    table: str
    name: str
    key: bool = False
    place: int = 0
    type: str = ""
    fill: Json = None


@dataclass(frozen=True, slots=True)
class RemoveColumn:
    at: str


@dataclass(frozen=True, slots=True)
class MoveColumn:
    """Among the columns of its side; the values that look-ups in the file give move along."""

    at: str
    place: int


@dataclass(frozen=True, slots=True)
class AddElement:
    list: str
    value: Json
    place: int = 0


@dataclass(frozen=True, slots=True)
class RemoveElement:
    at: str


@dataclass(frozen=True, slots=True)
class MoveElement:
    at: str
    place: int


# --- flows, packs and tests -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AddNotify:
    flow: str
    address: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoveNotify:
    at: str


@dataclass(frozen=True, slots=True)
class ReplaceRule:
    """A rule of a pack is copied into the file to be changed there, and stands in the pack's place."""

    use: str
    rule: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class AddItem:
    """An item of what a test gives."""

    test: str
    item: str
    fields: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class RemoveItem:
    at: str


@dataclass(frozen=True, slots=True)
class AddExpectation:
    """What a test expects, as text: `ship_to.state is "MD"`, `fired "…"`; or a condition."""

    test: str
    expectation: Json


@dataclass(frozen=True, slots=True)
class RemoveExpectation:
    at: str


# --- rules as tables, the two-step form -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RulesToTable:
    """Rules that ask whether one field `is` something and write one field become a table and one rule."""

    rules: tuple[str, ...]
    table: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class AddMapFrom:
    """A row of the two-step form: another value, or another field with its comparison."""

    rule: str
    value: Json
    field: str = ""
    comparison: str = ""
    joined: str = ""


@dataclass(frozen=True, slots=True)
class SetMapFrom:
    at: str
    value: Json = None
    field: str = ""
    comparison: str = ""


@dataclass(frozen=True, slots=True)
class RemoveMapFrom:
    at: str


Edit = (
    Set
    | SetText
    | AddBlock
    | MoveBlock
    | CopyBlock
    | DeleteBlock
    | Switch
    | Rename
    | AddCondition
    | ChangeCondition
    | RemoveCondition
    | WrapConditions
    | UnwrapCondition
    | AddStatement
    | ChangeStatement
    | RemoveStatement
    | MoveStatement
    | SetField
    | AddRow
    | RemoveRow
    | MoveRow
    | AddColumn
    | RemoveColumn
    | MoveColumn
    | AddElement
    | RemoveElement
    | MoveElement
    | AddNotify
    | RemoveNotify
    | ReplaceRule
    | AddItem
    | RemoveItem
    | AddExpectation
    | RemoveExpectation
    | RulesToTable
    | AddMapFrom
    | SetMapFrom
    | RemoveMapFrom
)


def word_of(edit: type) -> str:
    """The name of an edit in JSON: `add_condition`."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", edit.__name__).lower()


EDITS: dict[str, type] = {word_of(each): each for each in Edit.__args__}
"""Every edit by its name."""

_PLAIN = {"str": str, "int": int, "bool": bool}
_SAID = {"str": "a text", "int": "a number", "bool": "true or false"}


def from_json(given: Json) -> Edit:
    """The edit of a JSON object; Refused names what is wrong with it."""
    if not isinstance(given, Mapping):
        raise Refused("an edit is an object", 'such as {"do": "set", "at": "rule-1/title", "to": "…"}')
    name = given.get("do")
    kind = EDITS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise Refused(f"there is no edit {name!r}", f"edits are {', '.join(EDITS)}")
    known = {("as" if each.name == "how" else each.name): each for each in fields(kind)}
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key == "do":
            continue
        if key not in known:
            raise Refused(f"`{name}` has no part `{key}`", f"its parts are {', '.join(known)}")
        wanted = str(known[key].type)
        if wanted.startswith("tuple"):
            if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
                raise Refused(f"`{key}` of `{name}` is a list of texts")
            value = tuple(value)
        elif wanted in _PLAIN:
            if not isinstance(value, _PLAIN[wanted]) or (isinstance(value, bool) and wanted == "int"):
                raise Refused(f"`{key}` of `{name}` is {_SAID[wanted]}")
        elif wanted.startswith("Mapping") and value is not None and not isinstance(value, Mapping):
            raise Refused(f"`{key}` of `{name}` is an object")
        values[known[key].name] = value
    missing = [key for key, each in known.items() if each.name not in values and each.default is MISSING]
    if missing:
        raise Refused(f"`{name}` needs `{missing[0]}`")
    made: Edit = kind(**values)
    return made
