"""What a block does, in a plain sentence; changes with how rules are put into words (reads the tree, judges nothing).

`When the payment method contains "PayPal": set the deposit account to "PayPal Deposits".`
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from dsl import tree
from dsl.forms.comparisons import NEGATED
from dsl.forms.knowledge import Knowledge
from dsl.tree import Expression, Operator
from dsl.types import DATE, MOMENT, YES_NO

LONGEST = 400
"""A sentence is cut there, at a word."""

_REMARK = re.compile(r"//[^\n]*")
_NEGATED = {**NEGATED, Operator.ONE_OF: "is not", Operator.PATTERN: "does not match the pattern"}
_SAID: dict[Operator, str] = {Operator.ONE_OF: "is", Operator.PATTERN: "matches the pattern"}
_EVENTS = {
    "hold": "when a record is held",
    "failure": "when one fails",
    "skip": "when one is skipped",
    "success": "when all went well",
}


def quoted(text: str) -> str:
    return f'"{text}"'


def number_words(value: Decimal) -> str:
    """A number as people write it, with its zeros as they stand."""
    return format(value, "f")


def joined(words: Sequence[str], last: str) -> str:
    """`a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


class Sentences:
    """The sentences of one document's blocks."""

    def __init__(self, knowledge: Knowledge, text: str | None = None) -> None:
        self.knowledge = knowledge
        self.text = knowledge.document.text if text is None else text
        schema = knowledge.schema
        of: dict[str, set[str]] = {}
        for each in schema.fields:
            of.setdefault(each.label, set()).add(each.root)
        self._shared = {label for label, roots in of.items() if {"order", "books"} <= roots}
        self._items = {each.name for each in schema.items}
        self._labels: dict[str, str] = {}

    # --- names and values ---------------------------------------------------------------------------------------------

    def wording(self, node: tree.Node) -> str:
        """A part as it stands in the text, on one line and without remarks."""
        start, end = node.span.start, node.span.end
        words = self.text[start:end]
        opened, closed = words.count("("), words.count(")")
        if opened != closed:  # The place of a part whose first piece stood in parentheses begins behind them.
            words = "(" * max(0, closed - opened) + words + ")" * max(0, opened - closed)
        if "//" in words:
            words = _REMARK.sub("", words)
        return " ".join(words.split())

    def field(self, path: str) -> str:
        """`the order number`, `the line's SKU`, `the state of the shipping address`."""
        if path not in self._labels:
            self._labels[path] = self._field(path)
        return self._labels[path]

    def _field(self, path: str) -> str:
        found = self.knowledge.schema.field(path)
        root = path.partition(".")[0]
        if found is None:
            return f"`{path}`"
        label = _lower(found.label.removeprefix("Becomes "))
        if found.type == YES_NO:
            return quoted(found.label)
        if ": " in label:
            whole, part = label.split(": ", 1)
            return f"the {part} of the {whole}"
        if root in self._items:
            return f"the {label}" if root in label else f"the {root}'s {label}"
        if found.label in self._shared:
            return f"the {label} in the books" if root == "books" else f"the order's {label}"
        if root in ("order", "books") or root in label:
            return f"the {label}"
        return f"the {root.replace('_', ' ')}'s {label}"

    def name(self, node: Expression) -> str:
        """What a value is called."""
        if isinstance(node, tree.Path):
            if self.knowledge.schema.field(node.name) is None:
                return f"`{node.field}`"
            said = self.field(node.name)
            if node.key is not None:
                one = said.removesuffix("s") if said.endswith(("fields", "options")) else said
                said = f"{one} {quoted(node.key)}"
            return f"{said} as received" if node.original else said
        return self.value(node)

    def value(self, node: Expression) -> str:
        match node:
            case tree.Text(value=value):
                return quoted(value)
            case tree.Number(value=value):
                return number_words(value)
            case tree.Percent(value=value):
                return f"{number_words(value)}%"
            case tree.Money(value=value, code=code):
                return f"{number_words(value)} {code}"
            case tree.Date(value=value):
                return value.isoformat()
            case tree.Duration(count=count, unit=unit):
                return f"{count} {unit}{'' if count == 1 else 's'}"
            case tree.YesNo(value=value):
                return "yes" if value else "no"
            case tree.Missing():
                return "nothing"
            case tree.Path():
                return self.name(node)
            case tree.Name(name=name):
                return f"`{name}`"
            case tree.Template(parts=parts):
                pieces = [
                    each if isinstance(each, str) else "{" + self.value(each).strip("`").removeprefix("the ") + "}"
                    for each in parts
                ]
                return quoted("".join(pieces))
            case tree.OrElse(first=first, second=second):
                return f"{self.value(first)}, or else {self.value(second)}"
            case tree.ListOf(elements=elements):
                return joined([self.value(each) for each in elements], "or") if elements else "nothing at all"
            case tree.Lookup(table=table, keys=keys, column=column):
                what = f"the {column.replace('_', ' ')} that" if column else "what"
                return f"{what} the table `{table}` has for {joined([self.value(each) for each in keys], 'and')}"
            case tree.Arithmetic(operator=operator, left=left, right=right):
                sign = {"*": "×", "/": "÷", "-": "−"}.get(operator, operator)
                both = [
                    f"({self.value(each)})"
                    if isinstance(each, tree.Arithmetic) and each.operator in "+-" and operator in "*/"
                    else self.value(each)
                    for each in (left, right)
                ]
                return f"{both[0]} {sign} {both[1]}"
        return f"`{self.wording(node)}`"

    # --- conditions ---------------------------------------------------------------------------------------------------

    def condition(self, node: Expression, *, inside: str = "") -> str:
        match node:
            case tree.And(operands=operands):
                said = joined([self.condition(each, inside="and") for each in operands], "and")
                return f"({said})" if inside == "not" else said
            case tree.Or(operands=operands):
                said = joined([self.condition(each, inside="or") for each in operands], "or")
                return f"({said})" if inside in ("and", "not") else said
            case tree.Not(operand=operand):
                return f"it is not so that {self.condition(operand, inside='not')}"
            case tree.Presence(operand=operand, missing=missing):
                return f"{self.name(operand)} is {'missing' if missing else 'there'}"
            case tree.Quantified(quantifier=quantifier, item=item, where=where):
                what = {"some": f"some {item}", "every": f"every {item}", "no": f"no {item}"}[quantifier]
                return (
                    f"there is {'a' if quantifier == 'some' else quantifier} {item}"
                    if where is None
                    else f"for {what}, {self.condition(where)}"
                )
            case tree.Comparison():
                return self._comparison(node)
        return f"{self.name(node)} holds"

    def _comparison(self, node: tree.Comparison) -> str:
        left = self.name(node.left)
        right = self.value(node.right)
        verb = _NEGATED[node.operator] if node.negated else _SAID.get(node.operator, node.operator.value)
        if node.operator is Operator.ONE_OF and not isinstance(node.right, tree.ListOf):
            verb += " one of"
        if node.operator is Operator.ONE_OF and node.negated and isinstance(node.right, tree.ListOf):
            right = joined([self.value(each) for each in node.right.elements], "nor")
        if self.knowledge.kind_of(node.left) in (DATE, MOMENT):
            verb = verb.replace("at least", "on or after").replace("at most", "on or before")
            verb = verb.replace("more than", "after").replace("less than", "before")
        if node.high is not None:
            right = f"{right} and {self.value(node.high)}"
        return f"{left} {verb} {right}"

    # --- statements ---------------------------------------------------------------------------------------------------

    def statement(self, node: tree.Node, record: str = "record") -> str:
        match node:
            case tree.Set(target=target, value=value, or_stop=stop):
                return f"set {self.name(target)} to {self.value(value)}{self._or_stop(stop)}"
            case tree.Fill(target=target, value=value, or_stop=stop):
                return f"fill {self.name(target)} with {self.value(value)} where it is missing{self._or_stop(stop)}"
            case tree.Override(target=target, value=value, or_stop=stop):
                return (
                    f"set {self.name(target)} to {self.value(value)}, whatever earlier rules say{self._or_stop(stop)}"
                )
            case tree.Clear(target=target):
                return f"clear {self.name(target)}"
            case tree.Replace(old=old, new=new, target=target):
                if isinstance(new, tree.Text) and not new.value:
                    return f"take {self.value(old)} out of {self.name(target)}"
                return f"replace {self.value(old)} with {self.value(new)} in {self.name(target)}"
            case tree.Add(item=item, fields=fields):
                said = [f"{self._part(item, each.name)} {self.value(each.value)}" for each in fields]
                return f"add a {item} with {joined(said, 'and')}"
            case tree.Skip(reason=reason, item=item):
                return f"{f'leave the {item} out' if item else f'skip the {record}'}: {self.value(reason)}"
            case tree.Hold(reason=reason, until=until, limit=limit):
                waits = "" if until is None else f", until {self.condition(until)}"
                longest = "" if limit is None else f", for up to {self.value(limit)}"
                return f"hold the {record}: {self.value(reason)}{waits}{longest}"
            case tree.Fail(reason=reason):
                return f"fail the {record}: {self.value(reason)}"
            case tree.Tag(value=value):
                return f"tag the {record} {self.value(value)}"
            case tree.Log(value=value):
                return f"write {self.value(value)} into the log"
        return f"`{self.wording(node)}`"

    def _part(self, item: str, name: str) -> str:
        return self.field(f"{item}.{name}").removeprefix("the ").removeprefix(f"{item}'s ")

    def _or_stop(self, stop: tree.OrStop | None) -> str:
        if stop is None:
            return ""
        return f", or {stop.action}{f' the {stop.item}' if stop.item else ' it'} where there is none: {self.value(stop.reason)}"

    # --- blocks -------------------------------------------------------------------------------------------------------

    def block(self, node: tree.Block) -> str:
        match node:
            case tree.Rule():
                said = self.rule(node)
            case tree.Flow():
                said = self._flow(node)
            case tree.Header():
                said = node.note or "What the rule set is called."
            case tree.Use():
                said = self._use(node)
            case tree.Setting():
                default = "" if node.default is None else f", {self.value(node.default)} unless somebody says otherwise"
                said = (
                    f"{node.note or 'A value that people change without touching rules'} ({node.type.words}{default})."
                )
            case tree.List():
                elements = node.value.elements if isinstance(node.value, tree.ListOf) else ()
                said = f"{self.value(node.value)}." if elements else "An empty list."
            case tree.Table():
                said = self._table(node)
            case tree.Test():
                given = "" if node.given is None else f"Given {_a(node.given.kind.text)}: "
                said = f"{given}{joined([self.expectation(each) for each in node.expect], 'and')}."
        return _cut(said)

    def rule(self, node: tree.Rule) -> str:
        scope = self.knowledge.scope_of(node)
        record = scope.kind.label.casefold() if scope.kind is not None else "record"
        what = node.scope
        begin: list[str] = []
        if isinstance(what, tree.ForEach):
            item = self.knowledge.schema.item(what.collection.name)
            label = what.item.text if item is None else _lower(item.label)
            begin.append(
                f"for each {label}" + (f" where {self.condition(what.where)}" if what.where is not None else "")
            )
        elif what.kind.text != "order":
            begin.append(f"for every {record}")
        if what.source is not None:
            begin.append(f"from {what.source.text}")
        if what.flow is not None:
            begin.append(f"in the flow {quoted(what.flow.text)}")
        if node.when is not None:
            begin.append(f"when {self.condition(node.when)}")
        done = "; ".join(self.statement(each, record) for each in node.then)
        said = f"{', '.join(begin)}: {done}" if begin else done
        if node.otherwise:
            said += f"; otherwise {'; '.join(self.statement(each, record) for each in node.otherwise)}"
        return _upper(f"{said}.")

    def _flow(self, node: tree.Flow) -> str:
        source = "" if node.source is None else f" from {node.source.text}"
        target = "" if node.target is None else f" to {node.target.text}"
        said = f"Moves {'records' if node.sync is None else node.sync.text}{source}{target}"
        match node.schedule:
            case tree.EveryInterval(interval=interval):
                said += f" every {self.value(interval).removeprefix('1 ')}"
            case tree.EveryDayAt(at=at):
                said += f" every day at {at:%H:%M}"
        if node.after is not None:
            said += f", after {quoted(node.after.text)}"
        if node.when is not None:
            said += f", when {self.condition(node.when)}"
        if node.starting is not None:
            said += f", starting {node.starting.value.isoformat()}"
        for each in node.notify:
            said += (
                f", and tells {each.address.text} {joined([_EVENTS.get(e.text, e.text) for e in each.events], 'and')}"
            )
        return f"{said}."

    def _use(self, node: tree.Use) -> str:
        said = f"Takes in {quoted(node.pack.text)}, version {node.version.text}"
        if node.settings:
            values = [f"{each.name.replace('_', ' ')} {self.value(each.value)}" for each in node.settings]
            said += f", with {joined(values, 'and')}"
        if node.turned_off:
            said += f", without {joined([quoted(each.text) for each in node.turned_off], 'and')}"
        return f"{said}."

    def _table(self, node: tree.Table) -> str:
        keys = joined([each.name.text.replace("_", " ") for each in node.keys], "and")
        outputs = joined([each.name.text.replace("_", " ") for each in node.outputs], "and")
        rows = (
            f'rows in "{node.csv.text}"'
            if node.csv is not None
            else f"{len(node.rows)} row{'' if len(node.rows) == 1 else 's'}"
        )
        return f"Finds {outputs} by {keys} ({rows})."

    def row(self, node: tree.Row, table: tree.Table) -> str:
        """A row of a table: `state is "MD" and taxable is yes: "MD Sales Tax"`."""
        outputs = joined([self.value(each) for each in node.outputs], "and")
        if node.cells is None:
            return f"otherwise: {outputs}"
        said = []
        for column, cell in zip(table.keys, node.cells, strict=False):
            if any(isinstance(each, tree.AnyCell) for each in cell.alternatives):
                continue
            said.append(
                f"{column.name.text.replace('_', ' ')} {joined([self._test(each) for each in cell.alternatives], 'or')}"
            )
        return f"{joined(said, 'and') or 'whatever they are'}: {outputs}"

    def _test(self, node: tree.CellTest) -> str:
        match node:
            case tree.ValueCell(value=value):
                return f"is {self.value(value)}"
            case tree.ComparisonCell(operator=operator, value=value, high=high):
                return f"{operator.value} {self.value(value)}{'' if high is None else f' and {self.value(high)}'}"
            case tree.MissingCell():
                return "is missing"
        return "is anything"

    def expectation(self, node: tree.Node) -> str:
        match node:
            case tree.ExpectCondition(condition=condition):
                return self.condition(condition)
            case tree.ExpectItem(item=item, number=number, condition=condition):
                return f"of {item} {number}, {self.condition(condition)}"
            case tree.ExpectItemCount(item=item, condition=condition):
                return (
                    f"the number of {item}s {self._comparison(condition).partition(' ')[2].partition(' ')[2] or 'fits'}"
                )
            case tree.ExpectItemSkipped(item=item, number=number, reason=reason):
                which = f"{item} {number}" if number is not None else f"a {item}"
                return f"{which} is left out{'' if reason is None else f': {quoted(reason)}'}"
            case tree.ExpectOutcome(outcome=outcome, reason=reason, negated=negated):
                return f"it is {'not ' if negated else ''}{outcome}{'' if reason is None else f': {quoted(reason)}'}"
            case tree.ExpectFired(rule=rule, negated=negated):
                return f"{quoted(rule.text)} {'does not fire' if negated else 'fires'}"
            case tree.ExpectDocument(kind=kind, condition=condition, negated=negated):
                if kind is not None:
                    return f"the document is {'not ' if negated else ''}{_a(kind.text.replace('_', ' '))}"
                return self.condition(condition) if condition is not None else "there is a document"
            case tree.ExpectNoDocument():
                return "there is no document"
        return f"`{self.wording(node)}`"


def _lower(label: str) -> str:
    """A label inside of a sentence; "SKU" and "PO number" keep their capitals."""
    first = label.split(" ", 1)[0]
    return label if first[:2].isalpha() and first[:2].isupper() else label[:1].lower() + label[1:]


def _upper(said: str) -> str:
    return said[:1].upper() + said[1:]


def _a(word: str) -> str:
    return f"an {word}" if word[:1] in "aeio" else f"a {word}"


def _cut(said: str) -> str:
    return said if len(said) <= LONGEST else said[: LONGEST - 1].rsplit(" ", 1)[0] + " …"
