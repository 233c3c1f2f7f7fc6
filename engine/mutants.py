"""The small changes of a rule set that good tests would notice: changes when another kind of slip is worth trying.

Each is one slip of a person: a rule that is not there, a condition the wrong way round, a limit one step off, a text with
a letter too many, a list or table with an entry too few, a statement left out. Slips that can make no difference are left
out where that is certain: words for the log (no test can see it), a second entry of the same value, a last row that says
what `otherwise` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from dsl import tree
from dsl.currencies import minor_unit
from dsl.resolved import ResolvedList, ResolvedRule, ResolvedRuleSet, ResolvedTable, Standing
from dsl.tree import Operator
from dsl.values import fold, print_number, show_value
from engine.coverage import Lines, atoms_of, own_rules, statements_of

#: What was evaluated in a test where a mutant can show: a node or statement (by identity), a row of a table, or a rule.
Reach = int | tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One slip. `before` and `after` are the words of the text that it changes; `reach` are the places of which a test has
    to have reached one; `changed` makes the rule set with the slip."""

    kind: str
    of: str
    file: str
    line: int
    before: str
    after: str
    reach: frozenset[Reach]
    changed: Callable[[ResolvedRuleSet], ResolvedRuleSet]
    rule: ResolvedRule | None = None
    """The rule as it would be, where the slip is one in a single rule that still runs."""

    @property
    def words(self) -> str:
        """`nobody would notice if …`, from "if" on."""
        match self.kind:
            case "rule":
                return f'the rule "{self.of}" were not there'
            case "statement":
                return f"`{self.before}` were not there"
            case "stop":
                return f"`{self.before}` were not there"
            case "row":
                return f"the row `{self.before}` of {self.of} were not there"
            case "element":
                return f"{self.after} were missing in `{self.before}`"
            case "condition":
                return f"`{self.before}` were the other way round"
        return f"`{self.before}` were `{self.after}`"


def mutants_of(ruleset: ResolvedRuleSet) -> Iterator[Mutant]:
    """All slips of the file's own rules, tables and lists, in the order of the file."""
    found = [*_in_rules(ruleset), *_in_tables(ruleset), *_in_lists(ruleset)]
    yield from sorted(found, key=lambda each: each.line)


def _in_rules(ruleset: ResolvedRuleSet) -> Iterator[Mutant]:
    lines = Lines(ruleset)
    for resolved in own_rules(ruleset):
        rule = resolved.rule
        statements = tuple(statements_of(rule))

        def mutant(
            kind: str,
            node: tree.Node,
            reach: frozenset[Reach],
            new: tree.Rule | None,
            before: str,
            after: str = "",
            resolved: ResolvedRule = resolved,
        ) -> Mutant:
            other = replace(resolved, standing=Standing.OFF) if new is None else replace(resolved, rule=new)

            def changed(base: ResolvedRuleSet) -> ResolvedRuleSet:
                return replace(base, rules=tuple(other if each is resolved else each for each in base.rules))

            place, line = node.span.file, lines.of(node.span)
            return Mutant(kind, resolved.key, place, line, before, after, reach, changed, other if new else None)

        yield mutant("rule", rule, frozenset(map(id, statements)), None, resolved.key)
        for atom in atoms_of(rule):
            yield mutant(
                "condition",
                atom,
                frozenset({id(atom)}),
                _swapped(rule, atom, tree.Not(atom, span=atom.span)),
                lines.words(atom),
            )
        for statement in statements:
            if not isinstance(statement, tree.Log) and len(statements) > 1:
                yield mutant(
                    "statement",
                    statement,
                    frozenset({id(statement)}),
                    _without(rule, statement),
                    lines.words(statement),
                )
            if isinstance(statement, tree.Set | tree.Fill | tree.Override) and statement.or_stop is not None:
                stop, bare = statement.or_stop, replace(statement, or_stop=None)
                yield mutant("stop", stop, frozenset({id(stop)}), _swapped(rule, statement, bare), lines.words(stop))
        for constant, around, reached in _constants(rule):
            for other, shown in _shifted(constant, around):
                before, after = _reads(ruleset, around, constant, shown)
                yield mutant(
                    "element" if isinstance(constant, tree.ListOf) else "constant",
                    constant,
                    frozenset({reached}),
                    _swapped(rule, constant, other),
                    before,
                    shown if isinstance(constant, tree.ListOf) else after,
                )


def _in_tables(ruleset: ResolvedRuleSet) -> Iterator[Mutant]:
    lines = Lines(ruleset)
    for key, table in ruleset.tables.items():
        if table.csv or not table.rows or table.rows[0].span.file != ruleset.file:
            continue
        last = len(table.rows) - 1
        for number, row in enumerate(table.rows):

            def mutant(kind: str, rows: tuple[tree.Row, ...], after: str, row: tree.Row = row, number: int = number,
                       key: str = key, table: ResolvedTable = table) -> Mutant:  # fmt: skip
                def changed(base: ResolvedRuleSet) -> ResolvedRuleSet:
                    return replace(base, tables={**base.tables, key: replace(table, rows=rows)})

                reach: frozenset[Reach] = frozenset({(key, number)})
                return Mutant(kind, key, row.span.file, lines.of(row.span), lines.words(row), after, reach, changed)

            if not (number == last and table.otherwise == row.outputs):
                yield mutant("row", table.rows[:number] + table.rows[number + 1 :], "")
            for output in row.outputs:
                for other, shown in _shifted(output, row):
                    new = replace(row, outputs=tuple(other if each is output else each for each in row.outputs))
                    before, after = _reads(ruleset, row, output, shown)
                    made = mutant("constant", (*table.rows[:number], new, *table.rows[number + 1 :]), after)
                    yield replace(made, before=before)


def _in_lists(ruleset: ResolvedRuleSet) -> Iterator[Mutant]:
    lines = Lines(ruleset)
    uses: dict[str, set[Reach]] = {}
    for resolved in ruleset.rules:
        for node in tree.walk(resolved.rule):
            if isinstance(node, tree.ListValue):
                uses.setdefault(node.key, set()).add(id(node))
    for key, held in ruleset.lists.items():
        if not held.elements or held.elements[0].span.file != ruleset.file:
            continue
        for number, element in enumerate(held.elements):
            rest = held.elements[:number] + held.elements[number + 1 :]
            if any(_same(element, each) for each in rest):
                continue

            def changed(base: ResolvedRuleSet, key: str = key, held: ResolvedList = held,
                        rest: tuple[tree.Expression, ...] = rest) -> ResolvedRuleSet:  # fmt: skip
                return replace(base, lists={**base.lists, key: replace(held, elements=rest)})

            yield Mutant(
                "element", key, element.span.file, lines.of(element.span), f"list {key}", lines.words(element),
                frozenset(uses.get(key, ())), changed,
            )  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- constants


def _constants(rule: tree.Rule) -> Iterator[tuple[tree.Expression, tree.Node, int]]:
    """The constants of a rule that decide or are written, each with the condition or statement that it is read in, and
    with what a test has to evaluate or run for it to count."""
    scope = rule.scope
    if isinstance(scope, tree.ForEach) and scope.where is not None:
        yield from _under(scope.where, scope.where, id(scope.where))
    if rule.when is not None:
        yield from _under(rule.when, rule.when, id(rule.when))
    for statement in statements_of(rule):
        match statement:
            case tree.Set(value=value) | tree.Fill(value=value) | tree.Override(value=value) | tree.Tag(value=value):
                yield from _under(value, statement, id(statement))
            case tree.Replace(old=old, new=new):
                yield from _under(old, statement, id(statement))
                yield from _under(new, statement, id(statement))
            case tree.Add(fields=given):
                for each in given:
                    yield from _under(each.value, statement, id(statement))
            case tree.Hold(until=until) if until is not None:
                yield from _under(until, statement, id(statement))


def _under(node: tree.Expression, around: tree.Node, reached: int) -> Iterator[tuple[tree.Expression, tree.Node, int]]:
    if isinstance(node, tree.Comparison | tree.Presence | tree.Quantified):
        around, reached = node, id(node)
    if isinstance(node, tree.ListOf | tree.Text | tree.Number | tree.Money | tree.Percent | tree.Date | tree.YesNo):
        yield node, around, reached
        return
    if isinstance(node, tree.Comparison) and node.operator is Operator.PATTERN:
        yield from _under(node.left, around, reached)
        return
    for child in tree.children(node):
        if isinstance(child, tree.Expression):
            yield from _under(child, around, reached)


def _shifted(constant: tree.Expression, around: tree.Node) -> Iterator[tuple[tree.Expression, str]]:
    """A constant one step off, with how it is written; two steps, up and down, where a limit is meant."""
    equal = isinstance(around, tree.Comparison) and around.operator in (Operator.IS, Operator.EXACTLY, Operator.ONE_OF)
    limit = isinstance(around, tree.Comparison) and not equal
    match constant:
        case tree.Number(value=value) if not isinstance(around, tree.Row):
            exponent = value.as_tuple().exponent
            step = Decimal(1).scaleb(min(0, exponent if isinstance(exponent, int) else 0))
            for sign in (1, -1) if limit else (1,):
                moved = value + sign * step
                yield replace(constant, value=moved), print_number(moved)
        case tree.Money(value=value, code=code):
            step = Decimal(1).scaleb(-minor_unit(code))
            for sign in (1, -1) if limit else (1,):
                moved = value + sign * step
                yield replace(constant, value=moved), f"{moved:f} {code}"
        case tree.Percent(value=value):
            yield replace(constant, value=value + Decimal("0.1")), f"{print_number(value + Decimal('0.1'))}%"
        case tree.Date(value=value):
            for days in (1, -1) if limit else (1,):
                moved_day = value + timedelta(days=days)
                yield replace(constant, value=moved_day), moved_day.isoformat()
        case tree.YesNo(value=value):
            yield replace(constant, value=not value), "no" if value else "yes"
        case tree.Text(value=value):
            if value.strip():  # a blank one means "nothing there": no slip of the finger makes it a word
                yield replace(constant, value=f"{value}x"), show_value(f"{value}x")
        case tree.ListOf(elements=elements):
            for number, element in enumerate(elements):
                rest = elements[:number] + elements[number + 1 :]
                if not any(_same(element, each) for each in rest):
                    yield replace(constant, elements=rest), _written(element)


def _same(one: tree.Expression, other: tree.Expression) -> bool:
    if isinstance(one, tree.Text) and isinstance(other, tree.Text):
        return fold(one.value) == fold(other.value)
    return one == other


def _written(element: tree.Expression) -> str:
    match element:
        case tree.Text(value=value):
            return show_value(value)
        case tree.Money(value=value, code=code):
            return f"{value:f} {code}"
        case tree.Number(value=value):
            return print_number(value)
        case tree.Date(value=value):
            return value.isoformat()
    return "an entry"


def _reads(ruleset: ResolvedRuleSet, around: tree.Node, constant: tree.Expression, shown: str) -> tuple[str, str]:
    """The text around a constant, as it is and with the constant as it would be."""
    text, place, own = ruleset.wording(around.span), around.span, constant.span
    before = " ".join(text.split())
    if not place.start <= own.start <= own.end <= place.end:
        return before, f"{before} with {shown}"
    start, end = own.start - place.start, own.end - place.start
    return before, " ".join((text[:start] + shown + text[end:]).split())


# ---------------------------------------------------------------------------------------------------------------- trees


def _swapped(rule: tree.Rule, old: tree.Node, new: tree.Node) -> tree.Rule:
    """A rule with one node in place of another, by identity."""
    found = _swap(rule, old, new)
    if not isinstance(found, tree.Rule):
        raise TypeError("a rule stays a rule")
    return found


def _swap(node: Any, old: tree.Node, new: tree.Node) -> Any:
    if node is old:
        return new
    if isinstance(node, tuple):
        parts = tuple(_swap(each, old, new) for each in node)
        return node if all(one is other for one, other in zip(parts, node, strict=True)) else parts
    if not isinstance(node, tree.Node):
        return node
    changed: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, tree.Node | tuple):
            other = _swap(value, old, new)
            if other is not value:
                changed[each.name] = other
    return replace(node, **changed) if changed else node


def _without(rule: tree.Rule, statement: tree.Statement) -> tree.Rule:
    return replace(
        rule,
        then=tuple(each for each in rule.then if each is not statement),
        otherwise=tuple(each for each in rule.otherwise if each is not statement),
    )
