"""Gives every expression its type; changes with what an expression can say (what names mean is next door).

Each method returns the expression again with `type` and `currency` filled in and names replaced by what they name. A
part that was complained about has type ANY, which fits everywhere, so that one mistake makes one finding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from dsl import tree
from dsl.check.context import Scope
from dsl.check.kinds import (
    DATES,
    NUMERIC,
    ORDERED,
    a,
    assignable,
    comparable,
    one_of,
    plural,
    result_of,
    there_are,
    values,
)
from dsl.check.names import Names
from dsl.currencies import minor_unit
from dsl.functions import REGISTRY
from dsl.functions.text import compiled_pattern
from dsl.habits import WRITE_DATES, written_amount, written_date
from dsl.schema import Field
from dsl.tree import Expression, Operator, Path, Span, replace
from dsl.types import (
    ANY,
    DATE,
    DURATION,
    MISSING,
    MOMENT,
    MONEY,
    NUMBER,
    PAYMENT,
    PERCENT,
    RECORD,
    TEXT,
    UNKNOWN,
    YES_NO,
    Type,
    list_of,
)
from dsl.values import EvaluationFailure, fold

_MOST_ROWS_LOOKED_AT = 1000
_NEAR = 200


class Expressions(Names):
    """The expressions of one file of the rule set."""

    # --- entry points -------------------------------------------------------------------------------------------------

    def condition(self, node: Expression, scope: Scope) -> Expression:
        """A condition: a comparison, or a yes/no value, which then reads `… is yes`."""
        checked = self.check(node, scope)
        if isinstance(checked, _CONDITIONS):
            return checked
        if checked.type in (YES_NO, ANY):
            yes = tree.YesNo(True, type=YES_NO, span=checked.span)
            return tree.Comparison(Operator.IS, checked, yes, type=YES_NO, span=checked.span)
        self.reporter.report(
            "R310",
            checked.span,
            f"this is {a(checked.type)}, not a condition",
            help='compare it with something, as in `… is present` or `… is "x"`',
            fixes=[("Ask whether it is there", self.after(checked.span), " is present")],
        )
        return tree.Presence(checked, False, type=YES_NO, span=checked.span)

    def check(self, node: Expression, scope: Scope) -> Expression:
        """The expression with its type; see the module."""
        result: Expression = _CHECKS[type(node)](self, node, scope)
        return result

    def value_for(self, node: Expression, scope: Scope, target: Type, what: str) -> Expression:
        """A value that will be kept where `target` is; `what` names the place in messages ("`order.total`")."""
        checked = self.check(node, scope)
        self.fits(checked, target, what)
        return checked

    def fits(self, checked: Expression, target: Type, what: str) -> bool:
        """Whether a checked value may be written there; reported where not."""
        if checked.type == MISSING:
            self.reporter.report(
                "R302", checked.span, f"`missing` cannot be written to {what}", help="`clear` makes a field missing"
            )
            return False
        if assignable(checked.type, target):
            if target == PERCENT:
                self.fraction(checked)
            return True
        help, fixes = self.conversion(checked, target)
        self.reporter.report(
            "R302", checked.span, f"{what} takes {a(target)}, and this is {a(checked.type)}", help=help, fixes=fixes
        )
        return False

    def conversion(self, checked: Expression, target: Type) -> tuple[str, list[tuple[str, Span, str]]]:
        """What to write instead, where that is plain."""
        words = self.words(checked.span)
        if target in DATES and (written := written_date(words.strip('"'))):
            return WRITE_DATES, [(f"Change it to {written}", checked.span, written)]
        if target == TEXT:
            if isinstance(checked, tree.Number | tree.Date):
                return "a text stands in double quotes", [("Put it in quotes", checked.span, f'"{words}"')]
            if checked.type.element is None:
                new = '"{' + words.replace('"', '""') + '}"'
                return f"print it into a text: {new}", [("Print it into a text", checked.span, new)]
        if isinstance(checked, tree.Text):
            if target in DATES:
                return WRITE_DATES, []
            if target in (NUMBER, MONEY, PERCENT) and _is_number(checked.value):
                return "numbers stand without quotes", [("Take the quotes off", checked.span, checked.value.strip())]
            if target == YES_NO and checked.value.casefold() in ("yes", "no"):
                return "yes and no stand without quotes", [
                    ("Take the quotes off", checked.span, checked.value.casefold())
                ]
            if target == MONEY and (amount := written_amount(checked.value)):
                return "an amount is written 12.50 USD", [(f"Change it to {amount}", checked.span, amount)]
            if target in (NUMBER, MONEY):
                return "`number(…)` reads a number out of a text", []
        if target == YES_NO and isinstance(checked, tree.Number) and checked.value in (0, 1):
            word = "yes" if checked.value else "no"
            return "it is `yes` or `no`", [(f"Change it to `{word}`", checked.span, word)]
        if target.element is not None and assignable(checked.type, target.element):
            return "a list stands in brackets", [("Make it a list", checked.span, f"[{words}]")]
        return "", []

    # --- constants ----------------------------------------------------------------------------------------------------

    def text(self, node: tree.Text, scope: Scope) -> Expression:
        return tree.Text(node.value, type=TEXT, span=node.span)

    def number(self, node: tree.Number, scope: Scope) -> Expression:
        return tree.Number(node.value, type=NUMBER, span=node.span)

    def percent(self, node: tree.Percent, scope: Scope) -> Expression:
        return replace(node, type=PERCENT)

    def date(self, node: tree.Date, scope: Scope) -> Expression:
        return replace(node, type=DATE)

    def duration(self, node: tree.Duration, scope: Scope) -> Expression:
        return replace(node, type=DURATION)

    def yes_no(self, node: tree.YesNo, scope: Scope) -> Expression:
        return tree.YesNo(node.value, type=YES_NO, span=node.span)

    def missing(self, node: tree.Missing, scope: Scope) -> Expression:
        return replace(node, type=MISSING)

    def money(self, node: tree.Money, scope: Scope) -> Expression:
        if self.schema.currencies and node.code not in self.schema.currencies:
            code = node.span.within(node.span.end - 3, node.span.end)
            meant = self.reporter.closest(
                node.code, [each for each in self.schema.currencies if sorted(each) == sorted(node.code)]
            )
            self.reporter.report(
                "R308",
                code,
                f"there is no currency {node.code}",
                label=f"did you mean {meant}?" if meant else "",
                fixes=[(f"Change it to {meant}", code, meant)] if meant else [],
            )
            return replace(node, type=MONEY, currency=UNKNOWN)
        self._odd_decimals(node)
        return replace(node, type=MONEY, currency=node.code)

    def _odd_decimals(self, node: tree.Money) -> None:
        """Warns of `1.500 EUR` and `100.50 JPY`; a price of a piece may well have more decimals than a bill."""
        whole, _, decimals = self.words(node.span).partition(" ")[0].partition(".")
        minor = minor_unit(node.code)
        if minor == 2 and len(decimals) == 3 and decimals.endswith("0") and 1 <= len(whole) <= 3 and whole.strip("0"):
            new = f"{whole}{decimals} {node.code}"
            self.reporter.report(
                "R341",
                node.span,
                f"this is {whole}.{decimals[:2]} {node.code}, not {whole}{decimals} {node.code}: a point stands before decimals",
                help="thousands are written without a point or comma",
                fixes=[
                    (f"Change it to {new}", node.span, new),
                    (
                        f"Change it to {whole}.{decimals[:2]} {node.code}",
                        node.span,
                        f"{whole}.{decimals[:2]} {node.code}",
                    ),
                ],
            )
        elif minor == 0 and decimals.strip("0"):
            self.reporter.report(
                "R341",
                node.span,
                f"{node.code} has no decimals",
                help="amounts in this currency are whole numbers",
            )

    def template(self, node: tree.Template, scope: Scope) -> Expression:
        parts = tuple(each if isinstance(each, str) else self.check(each, scope) for each in node.parts)
        return replace(node, parts=parts, type=TEXT)

    def list_of(self, node: tree.ListOf, scope: Scope) -> Expression:
        elements = tuple(self.check(each, scope) for each in node.elements)
        element = self.common(elements, "the elements of a list")
        self._said_again(elements)
        return replace(node, elements=elements, type=list_of(element))

    def _said_again(self, elements: Sequence[Expression]) -> None:
        """Warns of texts that a list has twice: capitals and blanks around them make no difference."""
        seen: dict[str, Expression] = {}
        for before, each in zip((None, *elements), elements, strict=False):
            if not isinstance(each, tree.Text):
                continue
            first = seen.setdefault(fold(each.value), each)
            if first is not each and before is not None:
                at = self.reporter.source(each.span.file).span(before.span.end, each.span.end)
                self.reporter.report(
                    "R344",
                    each.span,
                    f'"{each.value}" stands in this list already',
                    related=[("it stands here", first.span)],
                    help="capitals and blanks make no difference; take it out, or write the one that is meant",
                    fixes=[("Take it out", at, "")],
                )

    def common(self, elements: Sequence[Expression], what: str) -> Type:
        """The one type of several values; the first that does not fit the others is reported."""
        known: Type = ANY
        for each in elements:
            if each.type in (ANY, MISSING):
                continue
            if known == ANY or (known == NUMBER and each.type == MONEY):
                known = each.type
            elif each.type != known and not (each.type == NUMBER and known in (MONEY, PERCENT)):
                help, fixes = self.conversion(each, known)
                self.reporter.report(
                    "R315",
                    each.span,
                    f"{what} are of one type: this is {a(each.type)}, the first is {a(known)}",
                    help=help,
                    fixes=fixes,
                )
                return known
        return known

    # --- names --------------------------------------------------------------------------------------------------------

    def name(self, node: tree.Name, scope: Scope) -> Expression:
        found = self.declared(node.name, node.span)
        if found is not None:
            return found
        function = REGISTRY.get(node.name)
        if function is not None and function.fewest == 0:
            return self.call(tree.Call(node.name, (), span=node.span), scope)
        self.unknown_name(node, scope)
        return replace(node, type=ANY)

    # --- fields -------------------------------------------------------------------------------------------------------

    def path(self, node: Path, scope: Scope) -> Expression:
        declared = None if node.original or node.key is not None else self.declared(node.name, node.span)
        if declared is not None:
            return declared
        found = self.field(node, scope)
        if found is None:
            return replace(node, type=ANY)
        if node.original and not found.received:
            self.reporter.report(
                "R318",
                node.span,
                f"`{node.name}` is not received from the source: it has no original",
                fixes=[("Take `original` out", node.span, node.field)],
            )
        return Path(
            node.name, node.key, node.original, type=found.type, currency=self.currency_of(found), span=node.span
        )

    # --- calculations -------------------------------------------------------------------------------------------------

    def negative(self, node: tree.Negative, scope: Scope) -> Expression:
        operand = self.check(node.operand, scope)
        if operand.type not in (*NUMERIC, ANY):
            self.reporter.report("R303", node.span, f"`-` stands before a number, and this is {a(operand.type)}")
            return replace(node, operand=operand, type=ANY)
        return replace(node, operand=operand, type=operand.type, currency=operand.currency)

    def arithmetic(self, node: tree.Arithmetic, scope: Scope) -> Expression:
        left, right = self.check(node.left, scope), self.check(node.right, scope)
        result = result_of(node.operator, left.type, right.type)
        currency = ""
        if result is None:
            self._no_sense(node, left, right)
            result = ANY
        elif result == MONEY:
            currency = self._one_currency(node.span, left, right)
        elif MONEY in (left.type, right.type):
            self._one_currency(node.span, left, right)
        return replace(node, left=left, right=right, type=result, currency=currency)

    def _one_currency(self, span: Span, *operands: Expression) -> str:
        """The currency of amounts that stand together; two known ones that differ are reported."""
        currencies = [each.currency for each in operands if each.type == MONEY and each.currency]
        codes = sorted({each for each in currencies if each not in (RECORD, PAYMENT, UNKNOWN)})
        if len(codes) > 1:
            self.reporter.report(
                "R304",
                span,
                f"amounts in {' and '.join(codes)} cannot stand together",
                help="write both in the currency of the record, and compare `order.currency` first",
            )
            return UNKNOWN
        if not currencies:
            return ""
        return codes[0] if codes else currencies[0] if len(set(currencies)) == 1 else UNKNOWN

    def _no_sense(self, node: tree.Arithmetic, left: Expression, right: Expression) -> None:
        verb = {"+": "added to", "-": "subtracted from", "*": "multiplied by", "/": "divided by"}[node.operator]
        first, second = (right, left) if node.operator in "+-" else (left, right)
        help = ""
        fixes: list[tuple[str, Span, str]] = []
        before, after = self.words(left.span), self.words(right.span)
        if node.operator in "+-" and left.type in (MONEY, NUMBER) and right.type == PERCENT:
            whole = f"{before} {node.operator} {before} * {after}"
            if isinstance(left, tree.Arithmetic):
                whole = f"({before}) {node.operator} ({before}) * {after}"
            help = f"a percentage is of something: {whole}"
            fixes = [(f"Take the percentage of {before}", node.span, whole)]
        elif left.type in DATES and right.type == NUMBER and isinstance(right, tree.Number):
            help = f"say what is counted: {before} {node.operator} {after} days"
            fixes = [("Count days", node.span, f"{before} {node.operator} {after} days")]
        elif node.operator == "+" and TEXT in (left.type, right.type):
            pieces = []
            for part in (left, right):
                words = self.words(part.span)
                pieces.append(
                    words[1:-1] if isinstance(part, tree.Text | tree.Template) else "{" + words.replace('"', '""') + "}"
                )
            whole = '"' + "".join(pieces) + '"'
            help = f"texts are put together in one text: {whole}"
            fixes = [("Put them into one text", node.span, whole)]
        self.reporter.report(
            "R303", node.span, f"{a(first.type)} cannot be {verb} {a(second.type)}", help=help, fixes=fixes
        )

    def or_else(self, node: tree.OrElse, scope: Scope) -> Expression:
        first, second = self.check(node.first, scope), self.check(node.second, scope)
        result = first.type if first.type not in (ANY, MISSING) else second.type
        if second.type not in (ANY, MISSING) and first.type not in (ANY, MISSING) and first.type != second.type:
            if {first.type, second.type} == {MONEY, NUMBER}:
                result = MONEY
            elif {first.type, second.type} == {DATE, MOMENT}:
                result = DATE
            elif first.type.element is not None and second.type == list_of(ANY):
                result = first.type
            else:
                help, fixes = self.conversion(second, first.type)
                self.reporter.report(
                    "R302",
                    second.span,
                    f"both values are of one type: the first is {a(first.type)}, this is {a(second.type)}",
                    help=help,
                    fixes=fixes,
                )
                result = ANY
        currency = self._one_currency(node.span, first, second) if result == MONEY else ""
        return replace(node, first=first, second=second, type=result, currency=currency)

    def call(self, node: tree.Call, scope: Scope) -> Expression:
        function = REGISTRY.get(node.function)
        if function is None:
            arguments = tuple(self.check(each, scope) for each in node.arguments)
            name = node.span.within(node.span.start, node.span.start + len(node.function))
            if self._no_function_but_a_name(node, name):
                return replace(node, arguments=arguments, type=ANY)
            meant = self.reporter.closest(node.function, REGISTRY)
            self.reporter.report(
                "R205",
                name,
                f"there is no function `{node.function}`",
                meant=meant,
                help=REGISTRY[meant].signature if meant else "",
            )
            return replace(node, arguments=arguments, type=ANY)
        checked: list[Expression] = []
        for place, argument in enumerate(node.arguments):
            parameter = function.parameter(place)
            if parameter is not None and parameter.types == (YES_NO,):
                checked.append(self.condition(argument, scope))
                continue
            value = self.check(argument, scope)
            checked.append(value)
            if parameter is not None and value.type != MISSING and not parameter.accepts(value.type):
                help, fixes = self.conversion(value, parameter.types[0])
                self.reporter.report(
                    "R307",
                    value.span,
                    f"the {parameter.name} of `{function.name}` is {one_of(parameter.types)}, and this is {a(value.type)}",
                    help=help or function.signature,
                    fixes=fixes,
                )
            if parameter is not None and parameter.pattern and isinstance(value, tree.Text):
                self._pattern(value)
        count = len(node.arguments)
        if count < function.fewest or (function.most is not None and count > function.most):
            self.reporter.report(
                "R306",
                node.span,
                f"`{function.name}` takes {values(function.fewest, function.most)}, and here {there_are(count)}",
                help=function.signature,
            )
            return replace(node, arguments=tuple(checked), type=ANY)
        result = function.result_type([each.type for each in checked])
        currency = self._one_currency(node.span, *checked) or UNKNOWN if result == MONEY else ""
        return replace(node, arguments=tuple(checked), type=result, currency=currency)

    def _no_function_but_a_name(self, node: tree.Call, at: Span) -> bool:
        """Reports `order_prefix()` and `class_for(order.store)`: a setting, a list or a table called like a function."""
        name = node.function
        if name in self.names.tables:
            self.environment.used |= {f"table {key}" for key in self.names.tables[name]}
            message, fixes = (
                f"`{name}` is a table: it is read with `lookup`",
                [("Put `lookup` before it", at, f"lookup {name}")],
            )
        elif self.declared(name, at) is not None:
            message = f"`{name}` is a {'setting' if name in self.names.settings else 'list'}: it has no parentheses"
            fixes = [] if node.arguments else [("Take the parentheses off", node.span, name)]
        else:
            return False
        self.reporter.report("R205", at, message, fixes=fixes)
        return True

    # --- tables and items ---------------------------------------------------------------------------------------------

    def lookup(self, node: tree.Lookup, scope: Scope) -> Expression:
        keys = tuple(self.check(each, scope) for each in node.keys)
        if node.table in self.names.broken:
            return replace(node, keys=keys, type=ANY)
        found = self.names.tables.get(node.table, [])
        at = self.word_at(node.span, node.table)
        if not found and self.names.incomplete:
            return replace(node, keys=keys, type=ANY)
        if not found:
            if node.table in self.names.lists:
                self.declared(node.table, at)
                self.reporter.report(
                    "R203",
                    at,
                    f"`{node.table}` is a list, not a table",
                    help=f"ask whether it has a value: `order.store is one of {node.table}`",
                )
                return replace(node, keys=keys, type=ANY)
            meant = self.reporter.closest(node.table, self.names.tables)
            self.environment.used |= {f"table {key}" for key in self.names.tables.get(meant or "", [])}
            if not meant:  # Which one was meant nobody knows: that none is read would be a second word on one mistake.
                self.environment.used |= {f"table {key}" for keys_ in self.names.tables.values() for key in keys_}
            known = ", ".join(f"`{each}`" for each in list(self.names.tables)[:5])
            self.reporter.report(
                "R203",
                at,
                f"there is no table `{node.table}`",
                meant=meant,
                help="" if meant else f"the tables are {known}" if known else "tables are declared with `table`",
            )
            return replace(node, keys=keys, type=ANY)
        if len(found) > 1:
            self.ambiguous("table", node.table, at, found)
        table = self.environment.tables[found[0]]
        self.environment.used.add(f"table {found[0]}")
        if len(keys) != len(table.keys):
            self.reporter.report(
                "R306",
                node.span,
                f"`{node.table}` is looked up by {values(len(table.keys), len(table.keys))}, and here {there_are(len(keys))}",
                help=f"lookup {node.table}({', '.join(each.name for each in table.keys)})",
            )
        for value, column in zip(keys, table.keys, strict=False):
            if not comparable(value.type, column.type):
                help, fixes = self.conversion(value, column.type)
                self.reporter.report(
                    "R307",
                    value.span,
                    f"the column `{column.name}` of `{node.table}` holds {plural(column.type)}, and this is {a(value.type)}",
                    help=help,
                    fixes=fixes,
                )
        return self._output(replace(node, table=table.key, keys=keys), [each.name for each in table.outputs], at)

    def _output(self, node: tree.Lookup, outputs: Sequence[str], at: Span) -> Expression:
        table = self.environment.tables[node.table]
        column = node.column
        if column is None:
            if len(outputs) > 1:
                self.reporter.report(
                    "R312",
                    node.span,
                    f"`{self.words(at)}` has {len(outputs)} outputs: say which one",
                    help=f"write one of {', '.join(f'`.{each}`' for each in outputs)} behind it",
                    fixes=[(f"Take .{each}", self.after(node.span), f".{each}") for each in outputs],
                )
                return replace(node, type=ANY)
            column = outputs[0]
        place = table.output(column)
        if place is None:
            span = node.span.within(node.span.end - len(column), node.span.end)
            meant = self.reporter.closest(column, outputs)
            self.reporter.report(
                "R204",
                span,
                f"`{self.words(at)}` has no output `{column}`",
                meant=meant,
                help=f"its outputs are {', '.join(f'`{each}`' for each in outputs)}",
            )
            return replace(node, type=ANY)
        result = table.outputs[place]
        currency = result.currency or UNKNOWN if result.type == MONEY else ""
        return replace(node, column=column, type=result.type, currency=currency)

    def count(self, node: tree.Count, scope: Scope) -> Expression:
        item = self.items(node.collection, scope)
        if item is None:
            return replace(node, type=NUMBER)
        where = None if node.where is None else self.condition(node.where, scope.with_item(item))
        return replace(node, where=where, item=item.name, type=NUMBER)

    def sum(self, node: tree.Sum, scope: Scope) -> Expression:
        item = self.items(node.collection, scope)
        if item is None:
            return replace(node, type=ANY)
        inner = scope.with_item(item)
        value = self.check(node.value, inner)
        where = None if node.where is None else self.condition(node.where, inner)
        result = value.type
        if result not in (NUMBER, MONEY, ANY):
            self.reporter.report("R303", value.span, f"only numbers and amounts can be summed, and this is {a(result)}")
            result = ANY
        return replace(node, value=value, where=where, item=item.name, type=result, currency=value.currency)

    def quantified(self, node: tree.Quantified, scope: Scope) -> Expression:
        item = self.items(node.collection, scope, node.item, self.word_at(node.span, node.item))
        if item is None or node.where is None:
            return replace(node, type=YES_NO)
        return replace(node, where=self.condition(node.where, scope.with_item(item)), type=YES_NO)

    # --- conditions ---------------------------------------------------------------------------------------------------

    def all_of(self, node: tree.And, scope: Scope) -> Expression:
        return replace(node, operands=self._operands(node.operands, scope), type=YES_NO)

    def any_of(self, node: tree.Or, scope: Scope) -> Expression:
        for place, each in enumerate(node.operands):
            beside = [
                *([(node.operands[place - 1].span.end, each.span.start)] if place else []),
                *((each.span.end, other.span.start) for other in node.operands[place + 1 : place + 2]),
            ]
            if (
                isinstance(each, tree.And)
                and not self._in_parentheses(each.span)
                and not self._on_lines_of_their_own(each.span.file, beside)
            ):
                words = self.words(each.span)
                self.reporter.report(
                    "R950",
                    each.span,
                    "`and` is read before `or`",
                    label="these belong together",
                    help="parentheses say which conditions belong together",
                    fixes=[("Put parentheses around it", each.span, f"({words})")],
                )
        return replace(node, operands=self._operands(node.operands, scope), type=YES_NO)

    def _on_lines_of_their_own(self, file: str, between: Sequence[tuple[int, int]]) -> bool:
        """Whether a line ends in each of these stretches: the eye sees what belongs together."""
        text = self.reporter.source(file).text
        return all("\n" in text[start:end] for start, end in between)

    def _in_parentheses(self, span: Span) -> bool:
        text = self.reporter.source(span.file).text
        before = text[max(0, span.start - _NEAR) : span.start].rstrip()
        return before[-1:] == "(" and text[span.end : span.end + _NEAR].lstrip()[:1] == ")"

    def _operands(self, operands: Sequence[Expression], scope: Scope) -> tuple[Expression, ...]:
        """The conditions of an `and` or `or`; the "MA" of `ship_to.state is "TX" or "MA"` is told as people mean it."""
        checked: list[Expression] = []
        whole: tree.Comparison | None = None
        halves: list[Expression] = []
        for each in operands:
            if isinstance(each, _CONSTANTS) and whole is not None:
                half = self.check(each, scope)
                halves.append(half)
                checked.append(tree.Presence(half, False, type=YES_NO, span=half.span))
                continue
            self._half_comparison(whole, halves)
            whole, halves = each if isinstance(each, tree.Comparison) else None, []
            checked.append(self.condition(each, scope))
        self._half_comparison(whole, halves)
        return tuple(checked)

    def _half_comparison(self, whole: tree.Comparison | None, halves: Sequence[Expression]) -> None:
        if whole is None or not halves:
            return
        left = self.words(whole.left.span)
        source = self.reporter.source(halves[0].span.file)
        written = [self.words(each.span) for each in halves]
        if whole.operator in (Operator.IS, Operator.EXACTLY):
            verb = "is not one of" if whole.negated else "is one of"
            new = f"{left} {verb} [{', '.join([self.words(whole.right.span), *written])}]"
            span = source.span(whole.span.start, halves[-1].span.end)
            fixes = [(f"Write {new}", span, new)]
            help = f"for many values write `{verb} […]`"
        else:
            middle = source.text[whole.left.span.end : whole.right.span.start].strip()
            full = f"{left} {middle} {written[0]}"
            fixes = [(f"Write {full}", halves[0].span, full)] if len(halves) == 1 else []
            help = f"say it in full: `{full}`"
        self.reporter.report(
            "R340",
            source.span(halves[0].span.start, halves[-1].span.end),
            f"this is not compared with anything: `{left}` is compared with {self.words(whole.right.span)} only",
            related=[("compared here", whole.span)],
            help=help,
            fixes=fixes,
        )

    def negation(self, node: tree.Not, scope: Scope) -> Expression:
        return replace(node, operand=self.condition(node.operand, scope), type=YES_NO)

    def presence(self, node: tree.Presence, scope: Scope) -> Expression:
        return replace(node, operand=self.check(node.operand, scope), type=YES_NO)

    def comparison(self, node: tree.Comparison, scope: Scope) -> Expression:
        left, right = self.check(node.left, scope), self.check(node.right, scope)
        high = None if node.high is None else self.check(node.high, scope)
        self.compared(node, left, right, high)
        return tree.Comparison(node.operator, left, right, high, node.negated, type=YES_NO, span=node.span)

    def compared(self, node: tree.Comparison, left: Expression, right: Expression, high: Expression | None) -> None:
        """Whether two checked sides can be compared so; reported where not."""
        operator = node.operator
        if operator is Operator.PATTERN:
            self._pattern(right)
        problem = self._comparison_problem(operator, left, right, high)
        if problem is not None:
            message, blamed, help, fixes = problem
            self.reporter.report("R301", blamed.span, message, help=help, fixes=fixes)
            return
        for number, other in ((right, left), (high, left), (left, right)):
            if number is not None and other.type == PERCENT:
                self.fraction(number)
        self._literal_wildcard(node, right)
        if MONEY in (left.type, right.type) or (high is not None and high.type == MONEY):
            elements = right.elements if isinstance(right, tree.ListOf) else (right,)
            self._one_currency(node.span, left, *elements, *(() if high is None else (high,)))
        if operator in (Operator.IS, Operator.EXACTLY, Operator.ONE_OF) and isinstance(left, Path):
            found = self.schema.field(left.name)
            if found is not None and not self._several_in_one(node, right, found):
                for each in right.elements if isinstance(right, tree.ListOf) else (right,):
                    self.known_value(each, found)

    def fraction(self, number: Expression) -> None:
        """Warns of `0.08` where a percentage stands: it is read as 0.08%."""
        if not isinstance(number, tree.Number) or not 0 < abs(number.value) < 1:
            return
        shown = f"{(number.value * 100).normalize():f}%"
        self.reporter.report(
            "R342",
            number.span,
            f"beside a percentage, {self.words(number.span)} is {self.words(number.span)}%",
            help="a percentage is written with its sign, as in `7.5%`",
            fixes=[
                (f"Change it to {shown}", number.span, shown),
                (f"Change it to {self.words(number.span)}%", number.span, f"{self.words(number.span)}%"),
            ],
        )

    def _several_in_one(self, node: tree.Comparison, right: Expression, found: Field) -> bool:
        """Reports `is "MD, VA"` of a field whose values are known."""
        if node.operator not in (Operator.IS, Operator.EXACTLY) or not isinstance(right, tree.Text):
            return False
        parts = [each.strip() for each in right.value.replace(";", ",").split(",")]
        known = {fold(each) for each in found.values}
        if len(parts) < 2 or fold(right.value) in known or not all(fold(each) in known for each in parts):
            return False
        verb = "is not one of" if node.negated else "is one of"
        new = f"{verb} [{', '.join(chr(34) + each + chr(34) for each in parts)}]"
        at = self.reporter.source(node.span.file).span(node.left.span.end, right.span.end)
        self.reporter.report(
            "R305",
            right.span,
            f'`{found.path}` is never "{right.value}": these are {len(parts)} values',
            help="each value stands in quotes of its own",
            fixes=[(f"Write {new}", at, f" {new}")],
        )
        return True

    def _literal_wildcard(self, node: tree.Comparison, right: Expression) -> None:
        """Warns of a `*` in a comparison that takes it as it stands."""
        operator = node.operator
        for each in right.elements if isinstance(right, tree.ListOf) else (right,):
            if not isinstance(each, tree.Text) or "*" not in each.value:
                continue
            pattern = each.value
            looks = {
                Operator.IS: True,
                Operator.ONE_OF: True,
                Operator.STARTS: pattern.endswith("*"),
                Operator.ENDS: pattern.startswith("*"),
                Operator.CONTAINS: len(pattern) > 2 and pattern[0] == pattern[-1] == "*",
            }
            if not looks.get(operator, False):
                continue
            verb = "does not match" if node.negated else "matches"
            at = self.reporter.source(node.span.file).span(node.left.span.end, right.span.end)
            new = f'{verb} "{pattern.replace(chr(34), chr(34) * 2)}"'
            only = isinstance(right, tree.Text)
            self.reporter.report(
                "R343",
                each.span,
                "`*` stands for any text only behind `matches`; here it is the sign itself",
                help=f"write `{new}`" + ("" if pattern.strip("*") else ", or `is present` for any value at all"),
                fixes=[(f"Write {new}", at, f" {new}")] if only else [],
            )
            return

    def _comparison_problem(
        self, operator: Operator, left: Expression, right: Expression, high: Expression | None
    ) -> tuple[str, Expression, str, list[tuple[str, Span, str]]] | None:
        wording = operator.value
        if operator is Operator.ONE_OF:
            if right.type == ANY:
                return None
            if right.type.element is None:
                words = self.words(right.span)
                return (
                    f"`is one of` takes a list, and this is {a(right.type)}",
                    right,
                    "a list stands in brackets",
                    [("Make it a list", right.span, f"[{words}]")],
                )
            if left.type.element is not None:
                return f"`{wording}` compares one value, and this is {a(left.type)}", left, "use `contains`", []
            if not comparable(left.type, right.type.element):
                return (
                    f"{a(left.type)} is never one of {plural(right.type.element)}",
                    right,
                    *self._list_conversion(right, left.type),
                )
            return None
        if operator is Operator.CONTAINS and left.type.element is not None:
            if right.type.element is not None:
                return "`contains` looks for one element, not for a list", right, "", []
            if not comparable(left.type.element, right.type):
                return (
                    f"a {left.type} never contains {a(right.type)}",
                    right,
                    *self.conversion(right, left.type.element),
                )
            return None
        if operator in _TEXT_OPERATORS:
            for side in (left, right):
                if side.type not in (TEXT, ANY):
                    extra = "; lists take `contains`" if side.type.element is not None else ""
                    help, fixes = self.conversion(side, TEXT)
                    return f"`{wording}` is for texts, and this is {a(side.type)}{extra}", side, help, fixes
            return None
        sides = (right,) if high is None else (right, high)
        if operator in (Operator.IS, Operator.EXACTLY):
            if left.type.element is not None or right.type.element is not None:
                blamed = left if left.type.element is not None else right
                return f"`{wording}` compares single values, and this is {a(blamed.type)}", blamed, "use `contains`", []
        elif operator in (Operator.BEFORE, Operator.AFTER):
            for side in (left, right):
                if side.type not in (*DATES, ANY):
                    help, fixes = self.conversion(side, DATE)
                    if side.type in NUMERIC and not fixes:
                        help = "use `is more than` and `is less than` for numbers"
                    return f"`{wording}` is for dates, and this is {a(side.type)}", side, help, fixes
            return None
        else:
            for side in (left, *sides):
                if side.type not in (*ORDERED, ANY):
                    help, fixes = self.conversion(side, left.type if side is not left else NUMBER)
                    if side is not left and not fixes and left.type == MONEY and isinstance(side, tree.Text):
                        help = "an amount is written 12.50 USD"
                    return (
                        f"`{wording}` is for numbers, amounts and dates, and this is {a(side.type)}",
                        side,
                        help,
                        fixes,
                    )
        for side in sides:
            if not comparable(left.type, side.type):
                help, fixes = self.conversion(side, left.type)
                if not fixes and side.type == TEXT and left.type == YES_NO:
                    help = "compare it with `yes` or `no`"
                return f"{a(left.type)} cannot be compared with {a(side.type)}", side, help, fixes
        return None

    def _list_conversion(self, right: Expression, wanted: Type) -> tuple[str, list[tuple[str, Span, str]]]:
        if not isinstance(right, tree.ListOf):
            return "", []
        fixes: list[tuple[str, Span, str]] = []
        help = ""
        for each in right.elements:
            help, found = self.conversion(each, wanted)
            fixes += found
        return help, fixes[:1] if len(right.elements) == 1 else []

    def _pattern(self, node: Expression) -> None:
        if not isinstance(node, tree.Text):
            return
        try:
            compiled_pattern(node.value)
        except EvaluationFailure as failure:
            help = "backslash and brackets have a meaning in patterns; for plain wildcards use `matches`"
            if "(?=" in node.value or "(?!" in node.value or "(?<" in node.value or "\\1" in node.value:
                help = (
                    "patterns cannot look ahead or behind, nor back at what was found: ask twice, as in "
                    '`… matches pattern "A" and … does not match pattern "B"`'
                )
            self.reporter.report("R311", node.span, failure.message, help=help)

    def known_value(self, value: Expression, found: Field) -> None:
        """Reports a constant that a field with a closed set of values never has."""
        if not isinstance(value, tree.Text) or not (found.values or found.spoken):
            return
        written = fold(value.value)
        if written in _folded(found.values) or (not written and not found.values):
            return
        meant = found.spoken.get(value.value.strip().casefold()) or self.reporter.closest(
            value.value.strip(), found.values
        )
        if meant is None and found.other_values:
            return
        self.reporter.report(
            "R305",
            value.span,
            f'`{found.path}` is never "{value.value}"',
            meant=meant,
            as_text=True,
            help="" if meant or len(found.values) > 20 else f"its values are {', '.join(found.values)}",
        )

    def constants_of(self, value: Expression) -> list[tree.Text]:
        """The fixed texts that a checked value may come out as, wherever they stand: in it, in a table, in a setting."""
        match value:
            case tree.Text():
                return [value]
            case tree.OrElse(first=first, second=second):
                return self.constants_of(first) + self.constants_of(second)
            case tree.Call(function="if", arguments=arguments):
                return [each for argument in arguments[1:] for each in self.constants_of(argument)]
            case tree.ListOf(elements=elements):
                return [each for each in elements if isinstance(each, tree.Text)]
            case tree.SettingValue(key=key):
                setting = self.environment.settings[key].value
                return [setting] if isinstance(setting, tree.Text) else []
            case tree.Lookup(table=key, column=str() as column) if key in self.environment.tables:
                table = self.environment.tables[key]
                place = table.output(column)
                if place is None:
                    return []
                rows = [row.outputs[place] for row in table.rows[:_MOST_ROWS_LOOKED_AT]]
                rows += [] if table.otherwise is None else [table.otherwise[place]]
                return [each for each in rows if isinstance(each, tree.Text)]
        return []

    def already(self, node: Expression, scope: Scope) -> Expression:
        return node

    def hole(self, node: tree.Hole, scope: Scope) -> Expression:
        self.uses(node.words)
        return node


@cache
def _folded(values: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(each) for each in values)


def _is_number(text: str) -> bool:
    digits = text.strip()
    return digits.replace(".", "", 1).isdigit() and digits.isascii()


_TEXT_OPERATORS = (
    Operator.CONTAINS,
    Operator.WORD,
    Operator.STARTS,
    Operator.ENDS,
    Operator.MATCHES,
    Operator.PATTERN,
)
_CONDITIONS = (tree.And, tree.Or, tree.Not, tree.Comparison, tree.Presence, tree.Quantified, tree.Hole)
_CONSTANTS = (tree.Text, tree.Number, tree.Percent, tree.Money, tree.Date)
_CHECKS: dict[type, Callable[[Expressions, Any, Scope], Expression]] = {
    tree.Text: Expressions.text,
    tree.Template: Expressions.template,
    tree.Number: Expressions.number,
    tree.Percent: Expressions.percent,
    tree.Money: Expressions.money,
    tree.Date: Expressions.date,
    tree.Duration: Expressions.duration,
    tree.YesNo: Expressions.yes_no,
    tree.Missing: Expressions.missing,
    tree.ListOf: Expressions.list_of,
    tree.Path: Expressions.path,
    tree.Name: Expressions.name,
    tree.SettingValue: Expressions.already,
    tree.ListValue: Expressions.already,
    tree.Hole: Expressions.hole,
    tree.Negative: Expressions.negative,
    tree.Arithmetic: Expressions.arithmetic,
    tree.OrElse: Expressions.or_else,
    tree.Call: Expressions.call,
    tree.Lookup: Expressions.lookup,
    tree.Count: Expressions.count,
    tree.Sum: Expressions.sum,
    tree.And: Expressions.all_of,
    tree.Or: Expressions.any_of,
    tree.Not: Expressions.negation,
    tree.Comparison: Expressions.comparison,
    tree.Presence: Expressions.presence,
    tree.Quantified: Expressions.quantified,
}
