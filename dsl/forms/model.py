"""What a form is: the blocks of a rule-set file as plain values; changes with the form of forms (reads no text).

The same values stand in the web editor, the wizard, `cloudcart forms` and the language server; `as_json` makes plain
dicts and lists of them, in form version `FORM`. Places are offsets in characters of the text, from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from dsl.types import Type

FORM = 1
"""The version of this form; one that changes so that readers break takes the next number."""

Json = Any
"""None, bool, int, str, and lists and dicts of them."""


@dataclass(frozen=True, slots=True)
class Insert:
    """Where and how words go that do not stand in the text yet: behind `at`, on a line of their own if that is free."""

    at: int
    before: str = ""
    after: str = ""
    indent: str = ""
    own_line: bool = True


@dataclass(frozen=True, slots=True)
class Slot:
    """How an input is written. `writes` names the kind of text: value, plain, pattern, word, path, …

    `clause` is what goes when the input is emptied (None: it cannot be), `insert` where it goes while it is empty.
    """

    writes: str
    type: Type | None = None
    clause: tuple[int, int] | None = None
    insert: Insert | None = None
    words: tuple[str, ...] = ()
    """Words that stand without quotes here: the own values of a flow's option."""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a closed (or suggested) set: as the text has it, as people see it, and what it does."""

    value: str
    label: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form.

    `type` says what is entered: text, number, money, percent, date, moment, duration, time, yes/no, choice, field,
    pattern, list, count, expression. `value` is what stands there, `said_as` how it is said: "constant", "field", "setting",
    "list", "name" (of a list), "template", "missing", "word", "expression", or "" while nothing is said. Money is
    {"amount","currency"}, a duration {"count","unit"}, a number and a percentage are text ("12.50"), a date is ISO.
    `choices` is a key into the form's `choices`; with `other` a value outside of them may be entered as well.
    `ways` are the ways in which the value may be said. A locked input (`editable` false) keeps its text as it stands.
    """

    id: str
    label: str
    type: str
    value: Json = None
    said_as: str = ""
    text: str = ""
    choices: str = ""
    other: bool = False
    ways: tuple[str, ...] = ("constant",)
    reference: str = ""
    help: str = ""
    example: str = ""
    default: str = ""
    required: bool = False
    max_length: int | None = None
    editable: bool = True
    why: str = ""
    start: int | None = None
    end: int | None = None
    slot: Slot = field(default=Slot("value"), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Locked:
    """A part that no form can show: its text, and why. It is edited as text, and otherwise stays as it is."""

    id: str
    text: str
    why: str
    start: int
    end: int
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment inside a block or above it, as it stands (with its `//`)."""

    text: str
    start: int
    end: int


# --- conditions -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """`field comparison value`: the left side, the comparison, and none, one or two values. `start` … `end` hold the
    parentheses around it too."""

    id: str
    field: Input
    comparison: Input
    values: tuple[Input, ...]
    sentence: str
    start: int
    end: int
    kind: str = "row"


@dataclass(frozen=True, slots=True)
class ConditionGroup:
    """Conditions of which all, any or none (`not`, with one part) have to hold."""

    id: str
    joined: Input
    parts: tuple[Condition, ...]
    sentence: str
    start: int
    end: int
    kind: str = "group"


@dataclass(frozen=True, slots=True)
class ConditionItems:
    """`some|every|no line in order.lines [where (…)]`."""

    id: str
    quantifier: Input
    items: Input
    where: Condition | None
    sentence: str
    start: int
    end: int
    kind: str = "items"


Condition = ConditionRow | ConditionGroup | ConditionItems | Locked


@dataclass(frozen=True, slots=True)
class ConditionPlace:
    """A place for a condition (`when`, `where`, `until`): the condition, or None, and where one would go."""

    id: str
    label: str
    condition: Condition | None
    required: bool = False
    slot: Slot = field(default=Slot("condition"), repr=False, compare=False)


# --- statements -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StatementForm:
    """One statement: its word (`does`), its parts, and for `hold` what it waits for."""

    id: str
    does: Input
    inputs: tuple[Input, ...]
    until: ConditionPlace | None
    sentence: str
    start: int
    end: int
    kind: str = "statement"


Statement = StatementForm | Locked


@dataclass(frozen=True, slots=True)
class StatementPlace:
    """The statements behind `then` or `otherwise`."""

    id: str
    label: str
    statements: tuple[Statement, ...]
    slot: Slot = field(default=Slot("statements"), repr=False, compare=False)


# --- blocks -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Summary:
    """A block in a list of blocks: what it is called and what it does, in a sentence."""

    id: str
    kind: str
    title: str
    sentence: str
    on: bool
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockForm:
    """What the forms of all blocks have. `choices` are the sets of values that inputs name."""

    id: str
    kind: str
    title: str
    sentence: str
    start: int
    end: int
    inputs: tuple[Input, ...] = ()
    remarks: tuple[Remark, ...] = ()
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedForm(BlockForm):
    """A block that cannot be read, or a block of which there is no form: its text."""

    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderForm(BlockForm):
    """`ruleset`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRule:
    """A rule of a used pack: whether it is on, and which rule of the file stands in its place."""

    id: str
    title: str
    sentence: str
    on: Input
    replaced_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseForm(BlockForm):
    """`use`: the pack's settings with their values in force, and its rules with their switches.

    `found` is false where the pack is not known here: then only what the file says of it is shown.
    """

    found: bool
    note: str
    settings: tuple[Input, ...]
    rules: tuple[PackRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingForm(BlockForm):
    """`setting`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListForm(BlockForm):
    """`list`: its elements one by one."""

    elements: tuple[Input, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnForm:
    """A column of a table: `key` or output, its name, and its type where the file gives one; `holds` is what it holds."""

    id: str
    key: bool
    name: Input
    type: Input
    holds: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowForm:
    """A row, a cell for each column; the row of `otherwise` has no key cells. `sentence` says what it does.

    The value of a key cell is {"test","values"}: "is" (one or more values), "any", "missing", "up to", "starts with", …
    """

    id: str
    otherwise: bool
    cells: tuple[Input, ...]
    sentence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableForm(BlockForm):
    """`table`: a grid."""

    columns: tuple[ColumnForm, ...]
    rows: tuple[RowForm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyForm:
    """`notify "address" on event, …`."""

    id: str
    address: Input
    events: Input
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowForm(BlockForm):
    """`flow`: what moves when, whom to tell, and every option with its value, said or not."""

    when: ConditionPlace
    notify: tuple[NotifyForm, ...]
    options: tuple[Input, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFrom:
    """A row of the two-step form: when this field compares so, the field of the `MapForm` gets its value."""

    id: str
    field: str
    field_label: str
    comparison: str
    value: Json
    said_as: str
    enabled: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MapForm:
    """The two-step form of the old system: what is written where (`action`, `target`, `value`) and from which values.

    `fits` is false for a rule that says more than the form can show; `why` says what.
    """

    fits: bool
    why: str = ""
    action: str = ""
    label: str = ""
    target: str = ""
    value: Input | None = None
    conjunction: str = ""
    rows: tuple[MapFrom, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleForm(BlockForm):
    """`rule`."""

    on: bool
    where: ConditionPlace | None
    when: ConditionPlace
    then: StatementPlace
    otherwise: StatementPlace
    map: MapForm


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenItemForm:
    """An item of `given`, with its fields."""

    id: str
    item: str
    number: int
    fields: tuple[Input, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationForm:
    """One thing that a test expects: a comparison as a condition, or words with their inputs."""

    id: str
    kind: str
    inputs: tuple[Input, ...]
    condition: Condition | None
    sentence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TestForm(BlockForm):
    """`test`."""

    settings: tuple[Input, ...]
    given: tuple[Input, ...]
    items: tuple[GivenItemForm, ...]
    expect: tuple[ExpectationForm, ...]

    __test__ = False  # a test of a rule set, not one that pytest should collect


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """A whole file: the summaries of its blocks in their order, those that cannot be read among them.

    `base` is the hash of the text that the form was made of: an edit that names another base is refused.
    """

    v: int
    file: str
    base: str
    blocks: tuple[Summary, ...]


def as_json(value: object) -> Json:
    """Plain dicts, lists and texts of any of these values. What is only for writing (`slot`) stays out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: as_json(getattr(value, each.name)) for each in fields(value) if each.name != "slot"}
    if isinstance(value, Mapping):
        return {key: as_json(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [as_json(each) for each in value]
    return value


def parts_of(form: object) -> list[Any]:
    """Everything in a form that has an id, the whole before its parts."""
    found: list[Any] = []
    stack: list[object] = [form]
    while stack:
        each = stack.pop()
        if isinstance(each, tuple):
            stack.extend(reversed(each))
        elif is_dataclass(each) and not isinstance(each, type):
            if hasattr(each, "id"):
                found.append(each)
            stack.extend(
                value
                for part in reversed(fields(each))
                if isinstance(value := getattr(each, part.name), tuple) or is_dataclass(value)
            )
    return found
