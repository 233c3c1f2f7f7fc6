"""From an expression at its place to an input of a form; changes with how values are shown and entered (lays out no block)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from dsl import tree
from dsl.forms.knowledge import Declared, Knowledge, Scope
from dsl.forms.model import Choice, Input, Insert, Json, Slot
from dsl.forms.sheet import Sheet
from dsl.schema import Field
from dsl.tree import Expression
from dsl.types import ANY, DATE, MISSING, MOMENT, MONEY, NUMBER, RECORD, TEXT, YES_NO, Type, list_of

CONSTANT, LIST, FIELD, SETTING, NAME, TEMPLATE, EXPRESSION, WORD, NOTHING = (
    "constant",
    "list",
    "field",
    "setting",
    "name",
    "template",
    "expression",
    "word",
    "missing",
)
"""How a value is said."""

ALL_WAYS = (CONSTANT, FIELD, SETTING, TEMPLATE, EXPRESSION)
LIST_WAYS = (LIST, NAME, SETTING, FIELD, EXPRESSION)
FIXED_WAYS = (CONSTANT,)
_LENGTHS = {"minute": "minutes", "hour": "hours", "day": "days", "week": "weeks", "month": "months", "year": "years"}


def constant(node: Expression) -> Json:
    """A constant as a form holds it; see `model.Input`."""
    match node:
        case tree.Text(value=text):
            return text
        case tree.Number(value=number) | tree.Percent(value=number):
            return format(number, "f")
        case tree.Money(value=amount, code=code):
            return {"amount": format(amount, "f"), "currency": code}
        case tree.Date(value=day):
            return day.isoformat()
        case tree.Duration(count=count, unit=unit):
            return {"count": count, "unit": unit}
        case tree.YesNo(value=answer):
            return answer
    return None


def template_parts(written: str) -> list[Json]:
    """The pieces of a text where something is filled in: texts, and {"expression": …} as it stands between the braces.

    `written` has its quotes around it, and stands in the file as it is.
    """
    letters = written[1:-1].replace('""', '"')
    parts: list[Json] = []
    plain = ""
    at = 0
    while at < len(letters):
        letter = letters[at]
        if letter in "{}" and letters[at + 1 : at + 2] == letter:
            plain += letter
            at += 2
        elif letter == "{":
            end, inside = at + 1, False
            while end < len(letters) and (inside or letters[end] != "}"):
                inside ^= letters[end] == '"'
                end += 1
            if plain:
                parts.append(plain)
                plain = ""
            parts.append({"expression": letters[at + 1 : end]})
            at = end + 1
        else:
            plain += letter
            at += 1
    return [*parts, plain] if plain else parts


class Inputs:
    """Makes the inputs of one block, and gathers the sets of values that they name."""

    def __init__(self, knowledge: Knowledge, sheet: Sheet, errors: tuple[int, ...] = ()) -> None:
        self.knowledge = knowledge
        self.sheet = sheet
        self.errors = errors
        self.choices: dict[str, tuple[Choice, ...]] = {}

    def wrong(self, start: int, end: int) -> bool:
        """Whether something in a stretch could not be read as it stands."""
        return any(start <= each <= end for each in self.errors)

    # --- sets of values -----------------------------------------------------------------------------------------------

    def offer(self, key: str, make: Callable[[], tuple[Choice, ...]]) -> str:
        """The name of a set of values, made where it is not there yet; "" for one without values."""
        if key not in self.choices:
            self.choices[key] = make()
        if not self.choices[key]:
            del self.choices[key]
            return ""
        return key

    def offer_names(self) -> None:
        """Settings, lists and tables that any value may name."""
        know = self.knowledge
        for key, found in (("settings", know.settings), ("lists", know.lists)):
            self.offer(key, partial(_named, found))
        self.offer("tables", lambda: tuple(Choice(each, each.replace("_", " ")) for each in know.tables))

    def offer_fields(self, scope: Scope, *, writable: bool = False) -> str:
        key = f"fields of {scope.name}".rstrip() + (" to write" if writable else "")
        return self.offer(key, lambda: self.knowledge.field_choices(scope, writable=writable))

    def offer_values(self, found: Field | None, reference: str) -> tuple[str, bool]:
        """The set of values of a field or of a list of the books, and whether other values may stand beside them."""
        if found is not None and found.values:
            return self.offer(
                f"values of {found.path}", lambda: self.knowledge.value_choices(found)
            ), found.other_values
        if reference:
            return self.offer(f"{reference} in the books", lambda: self.knowledge.book_choices(reference)), True
        return "", True

    # --- how a value is said ------------------------------------------------------------------------------------------

    def said(self, node: Expression, start: int, end: int, wanted: Type = ANY) -> tuple[str, Json]:
        """How an expression is said, and what it says. A constant of another type than the `wanted` one is an expression:
        an input of that type could not show it."""
        if self.sheet.comments(start, end) or holed(node):
            return EXPRESSION, self.sheet.words(start, end)
        if isinstance(node, tree.LITERALS) and shows(wanted, self.knowledge.kind_of(node)):
            return CONSTANT, constant(node)
        match node:
            case tree.Missing():
                return NOTHING, None
            case tree.ListOf(elements=elements):
                element = wanted.element or ANY
                kinds = {self.knowledge.kind_of(each) for each in elements}
                fits = len(kinds) <= 1 and all(shows(element, each) for each in kinds)
                fits = fits and (element != ANY or kinds <= {TEXT})
                if fits and all(isinstance(each, tree.LITERALS) for each in elements):
                    return LIST, [constant(each) for each in elements]
            case tree.Template():
                return TEMPLATE, template_parts(self.sheet.words(start, end).strip("() \t\r\n"))
            case tree.Path() | tree.Name():
                if (declared := self.knowledge.declared(node)) is not None:
                    return (NAME if isinstance(declared.node, tree.List) else SETTING), node.name
                if isinstance(node, tree.Path):
                    return FIELD, f"original {node.field}" if node.original else node.field
        return EXPRESSION, self.sheet.words(start, end)

    # --- inputs -------------------------------------------------------------------------------------------------------

    def value(
        self,
        id: str,
        label: str,
        node: Expression | None,
        *,
        place: tuple[int, int] | None = None,
        wanted: Type = ANY,
        field: Field | None = None,
        reference: str = "",
        ways: tuple[str, ...] = ALL_WAYS,
        clause: tuple[int, int] | None = None,
        insert: Insert | None = None,
        required: bool = True,
        help: str = "",
        default: str = "",
        words: tuple[str, ...] = (),
        scope: Scope | None = None,
    ) -> Input:
        """The input of a value: `node` is what stands there (None: nothing), `place` with the parentheses around it."""
        kind = wanted if wanted != ANY else self.knowledge.kind_of(node)
        said_as, value, text, start, end = "", None, "", None, None
        if node is not None and place is not None:
            start, end = place
            text = self.sheet.words(start, end)
            said_as, value = self.said(node, start, end, kind)
            if words and (word := own_word(node, words)) is not None:
                said_as, value = WORD, word
        reference = reference or ("" if field is None else field.reference)
        choices, other = self.offer_values(field, reference)
        if words:
            choices = self.offer(f"words of {label.casefold()}", lambda: word_choices(words))
        if FIELD in ways and scope is not None:
            self.offer_fields(scope)
        why = ""
        if start is not None and end is not None:
            why = (
                "a remark stands in the middle of it"
                if self.sheet.comments(start, end)
                else "it is not written right"
                if holed(node)
                else ""
            )
        return Input(
            id=id,
            label=label,
            type="choice" if (choices and not other) or words else type_words(kind),
            value=value,
            said_as=said_as,
            text=text,
            choices=choices,
            other=other if not words else kind != ANY,
            ways=(WORD, *ways) if words else ways,
            reference=reference,
            help=help or (field.help if field is not None else ""),
            example=field.example if field is not None else "",
            default=default,
            required=required,
            max_length=field.max_length if field is not None else None,
            editable=not why,
            why=why,
            start=start,
            end=end,
            slot=Slot(
                "value",
                kind,
                clause if not required else None,
                insert,
                words,
                field.currency if field is not None else RECORD,
            ),
        )

    def plain(
        self,
        id: str,
        label: str,
        said: str | None,
        place: tuple[int, int] | None,
        *,
        clause: tuple[int, int] | None = None,
        insert: Insert | None = None,
        required: bool = False,
        help: str = "",
        max_length: int | None = None,
        choices: str = "",
        example: str = "",
    ) -> Input:
        """The input of a fixed text between quotes: a title, a note, a file name."""
        return Input(
            id=id,
            label=label,
            type="text",
            value=said,
            said_as="" if said is None else CONSTANT,
            text="" if place is None else self.sheet.words(*place),
            choices=choices,
            other=True,
            help=help,
            example=example,
            required=required,
            max_length=max_length,
            start=None if place is None else place[0],
            end=None if place is None else place[1],
            slot=Slot("plain", TEXT, clause, insert),
        )

    def word(
        self,
        id: str,
        label: str,
        said: str | None,
        place: tuple[int, int] | None,
        *,
        writes: str = "word",
        type: str = "choice",
        choices: str = "",
        other: bool = False,
        clause: tuple[int, int] | None = None,
        insert: Insert | None = None,
        required: bool = False,
        help: str = "",
        default: str = "",
        words: tuple[str, ...] = (),
        said_as: str = "",
    ) -> Input:
        """The input of a word without quotes: a kind of record, a name, a comparison."""
        return Input(
            id=id,
            label=label,
            type=type,
            value=said,
            said_as="" if said is None else said_as or WORD,
            text="" if place is None else self.sheet.words(*place),
            choices=choices,
            other=other,
            ways=(WORD,),
            help=help,
            default=default,
            required=required,
            start=None if place is None else place[0],
            end=None if place is None else place[1],
            slot=Slot(writes, None, clause, insert, words),
        )

    def switch(self, id: str, on: bool, place: tuple[int, int] | None, at: int, help: str) -> Input:
        """The switch of a rule or a flow: `off` behind its title, or nothing."""
        return Input(
            id=id,
            label="On",
            type="yes/no",
            value=on,
            said_as=CONSTANT,
            text="" if place is None else self.sheet.words(*place),
            help=help,
            required=True,
            start=None if place is None else place[0],
            end=None if place is None else place[1],
            slot=Slot("switch", YES_NO, place, Insert(at, own_line=False)),
        )

    def path(
        self,
        id: str,
        label: str,
        node: Expression,
        place: tuple[int, int],
        scope: Scope,
        *,
        writable: bool = False,
        ways: tuple[str, ...] = (FIELD,),
    ) -> Input:
        """The input of a field."""
        said_as, value = self.said(node, *place)
        found = self.knowledge.field_of(node)
        locked = (
            "a remark stands in the middle of it"
            if self.sheet.comments(*place)
            else "it is not written right"
            if holed(node)
            else ""
        )
        return Input(
            id=id,
            label=label,
            type="field",
            value=value,
            said_as=said_as,
            text=self.sheet.words(*place),
            choices=self.offer_fields(scope, writable=writable),
            other=True,
            ways=ways,
            help="" if found is None else found.help,
            example="" if found is None else found.example,
            required=True,
            editable=not locked,
            why=locked,
            start=place[0],
            end=place[1],
            slot=Slot("value" if len(ways) > 1 else "path", self.knowledge.kind_of(node)),
        )


def shows(wanted: Type, kind: Type) -> bool:
    """Whether an input of one type can show a constant of another."""
    return wanted in (ANY, kind) or (wanted, kind) in ((MONEY, NUMBER), (MOMENT, DATE))


def own_word(node: Expression, words: tuple[str, ...]) -> str | None:
    """The option's own word that stands there, with or without quotes."""
    if isinstance(node, tree.Name) and node.name in words:
        return node.name
    if isinstance(node, tree.Text) and node.value in words:
        return node.value
    if isinstance(node, tree.YesNo) and ("yes" if node.value else "no") in words:
        return "yes" if node.value else "no"
    return None


def word_choices(words: tuple[str, ...]) -> tuple[Choice, ...]:
    return tuple(Choice(each, spoken(each)) for each in words)


def spoken(word: str) -> str:
    """`invoice_and_payment` as people read it."""
    said = word.replace("_", " ")
    return said[:1].upper() + said[1:]


def holed(node: tree.Node | None) -> bool:
    """Whether a part of the text could not be read here (dsl.parse leaves a hole in its place)."""
    return node is not None and any(is_hole(each) for each in tree.walk(node))


def is_hole(node: tree.Node) -> bool:
    return isinstance(node, tree.Hole | tree.HoleStatement)


def type_words(kind: Type) -> str:
    """The type of an input: any kind of value is entered as an expression."""
    return {ANY: "expression", MISSING: "expression", MOMENT: "date", list_of(ANY): "list of text"}.get(kind, str(kind))


def unlocked(found: Input, why: str) -> Input:
    """The same input, locked for a reason."""
    return replace(found, editable=False, why=why)


def _named(found: Mapping[str, Declared]) -> tuple[Choice, ...]:
    return tuple(Choice(name, name.replace("_", " "), each.note) for name, each in found.items())


__all__ = ["ALL_WAYS", "CONSTANT", "DATE", "EXPRESSION", "FIELD", "Inputs", "constant", "holed", "template_parts"]
