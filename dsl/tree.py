"""The tree of a rule-set file; changes when the language gains a construct (knows neither Lark nor any check).

Every node carries the exact place it was read from (`span`); places take no part in equality, so two texts that
differ only in layout have equal trees. `type` and `currency` of an expression are filled in by the checker
(`dsl.check`); straight from the parser they are `ANY` and "".

What could not be read is a hole: `Hole` where a value belongs, `HoleStatement` where a statement or an expectation does, a
`Word` of no letters where a name does, `File.broken` for a whole block. What is wrong there has been said: every check passes
over it in silence, and a tree with holes is never run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field, fields
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dsl.places import NOWHERE as NOWHERE
from dsl.places import Span as Span
from dsl.types import ANY, Type

if TYPE_CHECKING:
    from dataclasses import dataclass
    from dataclasses import replace as replace
else:
    import dataclasses

    def replace(node: Node, /, **changes: Any) -> Node:
        """What `dataclasses.replace` does, at a quarter of its time."""
        kind = node.__class__
        new = object.__new__(kind)
        for name in _fields_of(node):
            setattr(new, name, changes[name] if name in changes else getattr(node, name))
        return new

    def dataclass(**options: bool) -> Callable[[type], type]:
        """Nodes are frozen, which mypy watches over. Frozen at run time too, each would take five times as long to make
        (2.4 against 0.5 us), and a large file has a hundred thousand of them."""
        frozen = options.pop("frozen")
        return dataclasses.dataclass(**options, unsafe_hash=frozen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What all parts of the tree have: their place."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


# --- expressions (a condition is an expression of type yes/no) -------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression(Node):
    """A part of the tree that has a value. `currency` is "" unless `type` is money: see dsl.types for its words."""

    type: Type = ANY
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Text(Expression):
    """`"plain text"`, with doubled quotes and braces already undone."""

    value: str


@dataclass(frozen=True, slots=True)
class Template(Expression):
    """`"text with {expression} in it"`: plain pieces (str) and expressions in their order; at least one expression."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class Number(Expression):
    value: Decimal


@dataclass(frozen=True, slots=True)
class Percent(Expression):
    """`7.5%`: value is 7.5."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Money(Expression):
    """`12.50 USD`."""

    value: Decimal
    code: str


@dataclass(frozen=True, slots=True)
class Date(Expression):
    value: date


@dataclass(frozen=True, slots=True)
class Duration(Expression):
    """`30 minutes`; unit is one of minute, hour, day, week, month, year (singular)."""

    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class YesNo(Expression):
    value: bool


LITERALS = (Text, Number, Percent, Money, Date, Duration, YesNo)
"""Expressions whose value stands in the file as it is."""


@dataclass(frozen=True, slots=True)
class Missing(Expression):
    """The word `missing` where a value may stand (`otherwise -> missing`)."""


@dataclass(frozen=True, slots=True)
class Hole(Expression):
    """Where a value or a condition could not be read. `words` are the names that stood there: they count as used."""

    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListOf(Expression):
    """`["MD", "CA"]`."""

    elements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Path(Expression):
    """`order.number`, `order.meta["_po_number"]`, `original order.number`.

    `name` is the dotted path ("order.meta"), `key` the text between the brackets, if any.
    """

    name: str
    key: str | None = None
    original: bool = False

    @property
    def root(self) -> str:
        """The word before the first dot: order, line, books, …"""
        return self.name.partition(".")[0]

    @property
    def field(self) -> str:
        """The path as people write it, without `original`: the key that schemas, reads and writes use."""
        return self.name if self.key is None else f'{self.name}["{self.key.replace(chr(34), chr(34) * 2)}"]'


@dataclass(frozen=True, slots=True)
class Name(Expression):
    """A bare name: a setting, a list, or a function without arguments. The checker replaces it by what it names."""

    name: str


@dataclass(frozen=True, slots=True)
class SettingValue(Expression):
    """A setting (checked trees only) by its key in `ResolvedRuleSet.settings`: "hold_over", of a pack "std.order_prefix"."""

    key: str


@dataclass(frozen=True, slots=True)
class ListValue(Expression):
    """A named list (checked trees only); `key` is its key in `ResolvedRuleSet.lists`."""

    key: str


@dataclass(frozen=True, slots=True)
class Negative(Expression):
    """`-E`."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Arithmetic(Expression):
    """`A + B`; operator is one of + - * /."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class OrElse(Expression):
    """`E or else E2`."""

    first: Expression
    second: Expression


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """A function call, `if` included (its first argument is a condition). `today` without parentheses is one too."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Lookup(Expression):
    """`lookup table(key, …)` and `lookup table(key, …).column`; `table` is a key of `ResolvedRuleSet.tables` once checked.

    After checking `column` is always set: the table's only output where the file names none.
    """

    table: str
    keys: tuple[Expression, ...]
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Count(Expression):
    """`count(order.lines where …)`; `item` is the word that stands for one item ("line"), "" before checking."""

    collection: Path
    where: Expression | None = None
    item: str = ""


@dataclass(frozen=True, slots=True)
class Sum(Expression):
    """`sum(line.amount in order.lines where …)`."""

    value: Expression
    collection: Path
    where: Expression | None = None
    item: str = ""


@dataclass(frozen=True, slots=True)
class And(Expression):
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or(Expression):
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not(Expression):
    operand: Expression


class Operator(StrEnum):
    """The comparisons; the value is the wording for people (without `not`)."""

    IS = "is"
    EXACTLY = "is exactly"
    ONE_OF = "is one of"
    BETWEEN = "is between"
    MORE = "is more than"
    LESS = "is less than"
    AT_LEAST = "is at least"
    AT_MOST = "is at most"
    BEFORE = "is before"
    AFTER = "is after"
    CONTAINS = "contains"
    WORD = "has the word"
    STARTS = "starts with"
    ENDS = "ends with"
    MATCHES = "matches"
    PATTERN = "matches pattern"


@dataclass(frozen=True, slots=True)
class Comparison(Expression):
    """`left operator right`, `negated` for `is not`, `does not contain`, …; `high` is the B of `is between A and B`.

    `>` `<` `>=` `<=` are MORE, LESS, AT_LEAST, AT_MOST. PATTERN has a Text on its right.
    """

    operator: Operator
    left: Expression
    right: Expression
    high: Expression | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Presence(Expression):
    """`E is missing` (missing=True) and `E is present`."""

    operand: Expression
    missing: bool


@dataclass(frozen=True, slots=True)
class Quantified(Expression):
    """`some|every|no line in order.lines [where (…)]`."""

    quantifier: str
    item: str
    collection: Path
    where: Expression | None = None


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrStop(Node):
    """`or hold "…"`, `or skip "…"`, `or fail "…"` after a write; `item` for `or skip line "…"`."""

    action: str
    reason: Expression
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Set(Node):
    target: Path
    value: Expression
    or_stop: OrStop | None = None


@dataclass(frozen=True, slots=True)
class Fill(Node):
    target: Path
    value: Expression
    or_stop: OrStop | None = None


@dataclass(frozen=True, slots=True)
class Override(Node):
    target: Path
    value: Expression
    or_stop: OrStop | None = None


@dataclass(frozen=True, slots=True)
class Clear(Node):
    target: Path


@dataclass(frozen=True, slots=True)
class Replace(Node):
    """`replace A with B in X`."""

    old: Expression
    new: Expression
    target: Path


@dataclass(frozen=True, slots=True)
class Assignment(Node):
    """`name = E` (and `options["Color"] = E`, `order.number = E`), in `add`, `given`, flow and test settings."""

    name: str
    value: Expression
    key: str | None = None
    name_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Add(Node):
    """`add line name = E …`."""

    item: str
    fields: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class Skip(Node):
    """`skip "why"` ends the record; with `item`, `skip line "why"` leaves this item out."""

    reason: Expression
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Hold(Node):
    """`hold "why" [until cond] [for up to 30 days]`."""

    reason: Expression
    until: Expression | None = None
    limit: Duration | None = None


@dataclass(frozen=True, slots=True)
class Fail(Node):
    reason: Expression


@dataclass(frozen=True, slots=True)
class Tag(Node):
    value: Expression


@dataclass(frozen=True, slots=True)
class Log(Node):
    value: Expression


@dataclass(frozen=True, slots=True)
class HoleStatement(Node):
    """Where a statement, or what a test expects, could not be read; `words` as in `Hole`."""

    words: tuple[str, ...] = ()


Statement = Set | Fill | Override | Clear | Replace | Add | Skip | Hold | Fail | Tag | Log | HoleStatement


# --- blocks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word(Node):
    """A name, word or quoted title that some check may have to point at."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """`text`, `list of text`, `account`: as written, spaces made single, `yes/no` included."""

    words: str


@dataclass(frozen=True, slots=True)
class Header(Node):
    """`ruleset "title" language 1 [version "2.3"] [note "…"] end`; the version is what a pack calls itself."""

    title: Word
    language: int | None = None
    version: str | None = None
    note: str | None = None
    language_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Use(Node):
    """`use "woocommerce/standard" version "2.3" as std … end`."""

    pack: Word
    version: Word
    alias: Word | None = None
    settings: tuple[Assignment, ...] = ()
    turned_off: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting(Node):
    """`setting NAME is TYPE [default E] [note "…"]`."""

    name: Word
    type: TypeName
    default: Expression | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class List(Node):
    name: Word
    value: Expression


@dataclass(frozen=True, slots=True)
class Column(Node):
    """A column of a table: its name, and its type where the file gives one (`quantity is number`)."""

    name: Word
    type: TypeName | None = None


@dataclass(frozen=True, slots=True)
class AnyCell(Node):
    """`any`: fits everything, missing too."""


@dataclass(frozen=True, slots=True)
class MissingCell(Node):
    """`missing`: fits only missing."""


@dataclass(frozen=True, slots=True)
class ValueCell(Node):
    """A constant; `negative` numbers are folded into the constant."""

    value: Expression


@dataclass(frozen=True, slots=True)
class ComparisonCell(Node):
    """A comparison as a cell: `up to 100` (AT_MOST), `more than 5`, `less than 5`, `at least 5`, `at most 5`,
    `between 1 and 5`, `starts with "A"`, `ends with "A"`, `contains "A"`, `matches "A*"`."""

    operator: Operator
    value: Expression
    high: Expression | None = None


CellTest = AnyCell | MissingCell | ValueCell | ComparisonCell


@dataclass(frozen=True, slots=True)
class Cell(Node):
    """The alternatives of one key cell, `"CA" or "NV"`; one of them has to fit."""

    alternatives: tuple[CellTest, ...]


@dataclass(frozen=True, slots=True)
class Row(Node):
    """Key cells and outputs; `cells` is None for the `otherwise` row. Outputs are constants or Missing."""

    cells: tuple[Cell, ...] | None
    outputs: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Table(Node):
    """`table NAME [from "file.csv"] keys -> outputs rows end`."""

    name: Word
    keys: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    csv: Word | None = None


@dataclass(frozen=True, slots=True)
class EveryInterval(Node):
    """`every 30 minutes`."""

    interval: Duration


@dataclass(frozen=True, slots=True)
class EveryDayAt(Node):
    """`every day at 06:00`, in the company's time zone."""

    at: time


@dataclass(frozen=True, slots=True)
class Notify(Node):
    """`notify "books@acme.example" on hold, failure`."""

    address: Word
    events: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Flow(Node):
    """`flow "title" [off] from … to … …`; `source` and `target` are kinds of system, or connections where quoted.

    The value of an option is a bare `Name` where it is one of the option's own words.
    """

    title: Word
    off: bool = False
    note: str | None = None
    source: Word | None = None
    target: Word | None = None
    sync: Word | None = None
    schedule: EveryInterval | EveryDayAt | None = None
    after: Word | None = None
    when: Expression | None = None
    starting: Date | None = None
    notify: tuple[Notify, ...] = ()
    options: tuple[Assignment, ...] = ()
    torn: bool = False
    """A clause could not be read, so that one may be there and not stand here."""


@dataclass(frozen=True, slots=True)
class ForRecord(Node):
    """`for order [from lightspeed] [in flow "Web orders"]`."""

    kind: Word
    source: Word | None = None
    flow: Word | None = None


@dataclass(frozen=True, slots=True)
class ForEach(Node):
    """`for each line in order.lines [from …] [in flow "…"] [where …]`."""

    item: Word
    collection: Path
    source: Word | None = None
    flow: Word | None = None
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class Rule(Node):
    title: Word
    scope: ForRecord | ForEach
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()
    when: Expression | None = None
    off: bool = False
    note: str | None = None
    replaces: Word | None = None


@dataclass(frozen=True, slots=True)
class GivenItem(Node):
    """`line sku = "HAT" quantity = 2` in `given`; items of one kind are numbered from 1 in the order written."""

    item: str
    fields: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class Given(Node):
    """`given order …` or `given order from "orders/1042.json" …`; `fields` have full paths ("ship_to.state")."""

    kind: Word
    file: Word | None = None
    fields: tuple[Assignment, ...] = ()
    items: tuple[GivenItem, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpectCondition(Node):
    """A comparison that begins with a path."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class ExpectItem(Node):
    """`line 2 sku is "X"`; the condition is about the path `line.sku`, `number` says of which item (from 1)."""

    item: str
    number: int
    condition: Expression


@dataclass(frozen=True, slots=True)
class ExpectItemCount(Node):
    """`line count is 3`; the left side of the condition is the path `line.count`, of type number."""

    item: str
    condition: Comparison


@dataclass(frozen=True, slots=True)
class ExpectItemSkipped(Node):
    """`payment skipped ["why"]` (some payment is), `line 2 skipped ["why"]`."""

    item: str
    number: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ExpectOutcome(Node):
    """`skipped ["why"]`, `held ["why"]`, `failed ["why"]`, each also after `not`."""

    outcome: str
    reason: str | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class ExpectFired(Node):
    """`fired "rule"`, `not fired "rule"`; a pack's rule is "std: title"."""

    rule: Word
    negated: bool = False


@dataclass(frozen=True, slots=True)
class ExpectDocument(Node):
    """`document is invoice` (`kind` set), `document total is 41.98 USD` (a condition about the path `document.total`)."""

    kind: Word | None = None
    condition: Expression | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class ExpectNoDocument(Node):
    """`no document`."""


Expectation = (
    ExpectCondition
    | ExpectItem
    | ExpectItemCount
    | ExpectItemSkipped
    | ExpectOutcome
    | ExpectFired
    | ExpectDocument
    | ExpectNoDocument
    | HoleStatement
)


@dataclass(frozen=True, slots=True)
class Test(Node):
    title: Word
    given: Given | None
    expect: tuple[Expectation, ...]
    settings: tuple[Assignment, ...] = ()
    today: date | None = None
    torn: bool = False
    """A part could not be read, so that it may be there and not stand here."""

    __test__ = False  # a test of a rule set, not one that pytest should collect


Block = Header | Use | Setting | List | Table | Flow | Rule | Test


@dataclass(frozen=True, slots=True)
class Broken(Node):
    """A block that could not be read; what it declares is declared all the same, so that its uses are no mistakes.

    `kind` is the word that begins it ("table"), `name` its name or title, `words` as in `Hole`.
    """

    kind: str
    name: Word | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File(Node):
    """All blocks of a file in their order, and apart from them those that could not be read."""

    blocks: tuple[Block, ...]
    broken: tuple[Broken, ...] = ()
    unread: frozenset[str] = frozenset()
    """Names in what could not be read: something may be used there."""


_FIELDS: dict[type, tuple[str, ...]] = {}
_PARTS: dict[type, tuple[str, ...]] = {}


def _fields_of(node: Node) -> tuple[str, ...]:
    kind = type(node)
    found = _FIELDS.get(kind)
    if found is None:
        found = _FIELDS[kind] = tuple(each.name for each in fields(node))
    return found


def _parts_of(node: Node) -> tuple[str, ...]:
    """The fields that may hold nodes."""
    kind = type(node)
    found = _PARTS.get(kind)
    if found is None:
        found = _PARTS[kind] = tuple(each.name for each in fields(node) if _may_hold_nodes(each.type))
    return found


def children(node: Node) -> Iterator[Node]:
    """The nodes directly under this one, in the order of the text as far as the fields keep it."""
    for name in _parts_of(node):
        value: Any = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for part in value:
                if isinstance(part, Node):
                    yield part


_PLAIN = frozenset({"str", "str | None", "int", "int | None", "bool", "Decimal", "date", "date | None", "time", "Type"})


def _may_hold_nodes(annotation: object) -> bool:
    return annotation not in _PLAIN and annotation not in ("Span", "Operator", "tuple[str, ...]", "frozenset[str]")


def walk(node: Node) -> Iterator[Node]:
    """This node and every node under it, parents first."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        for name in reversed(_parts_of(current)):
            value: Any = getattr(current, name)
            if isinstance(value, Node):
                stack.append(value)
            elif isinstance(value, tuple):
                stack += [part for part in reversed(value) if isinstance(part, Node)]


def has_hole(node: Node) -> bool:
    """Whether any part of it could not be read."""
    return any(isinstance(each, Hole | HoleStatement) for each in walk(node))
