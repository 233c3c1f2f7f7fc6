"""Finds two rules that write one field of the same record; changes with what counts as overwriting in silence.

The simple form: a `set` or `clear` after an earlier write is doubted, unless its rule reads what it writes, or the conditions
of both plainly exclude each other (different constants of one field, `is` and `is not`, missing and present, numbers in
ranges that do not meet). `override` says what it does, `fill` and `replace` overwrite nothing in silence. Only what surely
follows from single comparisons joined by `and` is used; anything else counts as "may both hold".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dsl import tree
from dsl.analysis.subject import Subject
from dsl.report import Reporter
from dsl.resolved import ResolvedRule
from dsl.tree import Expression, Operator, Path, Span, Statement
from dsl.values import fold

_MOST_COMPARISONS = 200_000


@dataclass(frozen=True, slots=True)
class Fact:
    """What a condition says of one field. `among`/`not_among`: folded texts and numbers; None: nothing is known."""

    field: str
    among: frozenset[object] | None = None
    not_among: frozenset[object] = frozenset()
    missing: bool | None = None
    low: tuple[Decimal, bool] | None = None
    high: tuple[Decimal, bool] | None = None
    contains: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Write:
    """One statement that writes a field, with what must hold for it to run."""

    place: int
    rule: ResolvedRule
    statement: Statement
    field: str
    target: Span
    facts: dict[str, list[Fact]]
    silent: bool
    """It overwrites without saying so (a plain set or clear) and without having read what it overwrites."""


def report_conflicts(subject: Subject) -> None:
    """One warning for each rule that may overwrite in silence what an earlier one wrote."""
    reporter = subject.reporter
    by_field: dict[tuple[str, str], list[Write]] = defaultdict(list)
    for place, rule in enumerate(subject.rules):
        for field, write in _writes(place, rule):
            by_field[rule.kind, field].append(write)
    budget = _MOST_COMPARISONS
    for writes in by_field.values():
        if len(writes) < 2:
            continue
        told: set[int] = set()
        for later, candidates in _candidates(writes):
            if not later.silent or later.place in told:
                continue
            for earlier in candidates:
                budget -= 1
                if budget < 0:
                    return
                if earlier.place != later.place and not _exclude(earlier, later):
                    told.add(later.place)
                    _report(earlier, later, reporter)
                    break


def _writes(place: int, rule: ResolvedRule) -> Iterable[tuple[str, Write]]:
    scope = rule.rule.scope
    base: list[Fact] = []
    if isinstance(scope, tree.ForEach) and scope.where is not None:
        base = list(_facts(scope.where))
    if scope.source is not None:
        base.append(Fact(" source", among=frozenset({fold(scope.source.text)})))
    if scope.flow is not None:
        base.append(Fact(" flow", among=frozenset({fold(scope.flow.text)})))
    when = rule.rule.when
    then = base + (list(_facts(when)) if when is not None else [])
    otherwise = base + (list(_facts(when, negated=True)) if when is not None else [])
    for statements, facts in ((rule.rule.then, then), (rule.rule.otherwise, otherwise)):
        for statement in statements:
            if isinstance(statement, tree.Set | tree.Fill | tree.Override | tree.Clear | tree.Replace):
                field = statement.target.field
                # What holds for one item says nothing of a field of the whole record: another item may fit the other rule.
                usable = [
                    fact
                    for fact in facts
                    if not rule.item or not fact.field.startswith(f"{rule.item}.") or statement.target.root == rule.item
                ]
                grouped: dict[str, list[Fact]] = defaultdict(list)
                for fact in usable:
                    grouped[fact.field].append(fact)
                silent = isinstance(statement, tree.Set | tree.Clear) and field not in rule.reads
                where = f"{rule.collection}:{field}" if statement.target.root == rule.item else field
                yield where, Write(place, rule, statement, field, statement.target.span, grouped, silent)
            elif isinstance(statement, tree.Tag):
                yield "order.tags", Write(place, rule, statement, "order.tags", statement.span, {}, False)


def _candidates(writes: Sequence[Write]) -> Iterable[tuple[Write, Iterable[Write]]]:
    """Each write with the earlier ones that are worth comparing, nearest first.

    Hundreds of rules that each ask one field for another constant exclude each other by that field: only those with the
    same constant, or without one, are compared.
    """
    if len(writes) <= 64:
        for at, later in enumerate(writes):
            yield later, reversed(writes[:at])
        return
    counts: dict[str, int] = defaultdict(int)
    for write in writes:
        for field, facts in write.facts.items():
            if any(fact.among is not None for fact in facts):
                counts[field] += 1
    best = max(counts, key=lambda each: counts[each]) if counts else ""
    buckets: dict[object, list[Write]] = defaultdict(list)
    loose: list[Write] = []
    seen: list[Write] = []
    for later in writes:
        among = next((fact.among for fact in later.facts.get(best, ()) if fact.among is not None), None)
        if among is None or best in later.rule.writes:
            yield later, reversed(seen)
            loose.append(later)
        else:
            near = [each for value in among for each in buckets[value]] + loose
            yield later, sorted(near, key=lambda each: -each.place)
            for value in among:
                buckets[value].append(later)
        seen.append(later)


def _exclude(earlier: Write, later: Write) -> bool:
    """Whether both conditions surely never hold for one record (and one item)."""
    for about, facts in earlier.facts.items():
        if about in earlier.rule.writes:
            continue  # the earlier rule may have changed what the later one asks
        for fact in facts:
            for other in later.facts.get(about, ()):
                if _contradict(fact, other):
                    return True
    return False


def _contradict(one: Fact, other: Fact) -> bool:
    for left, right in ((one, other), (other, one)):
        if left.among is not None:
            if right.among is not None and not left.among & right.among:
                return True
            if left.among <= right.not_among:
                return True
            if right.missing is True:
                return True
            numbers = [each for each in left.among if isinstance(each, Decimal)]
            if len(numbers) == len(left.among) and numbers and all(_outside(each, right) for each in numbers):
                return True
            texts = [each for each in left.among if isinstance(each, str)]
            if len(texts) == len(left.among) and texts:
                if right.contains and all(not all(piece in text for piece in right.contains) for text in texts):
                    return True
                if right.without and all(any(piece in text for piece in right.without) for text in texts):
                    return True
        if left.missing is True and (right.missing is False or right.low is not None or right.high or right.contains):
            return True
        if left.contains & right.without:
            return True
        if left.low is not None and right.high is not None:
            (low, low_in), (high, high_in) = left.low, right.high
            if low > high or (low == high and not (low_in and high_in)):
                return True
    return False


def _outside(number: Decimal, fact: Fact) -> bool:
    if fact.low is not None and (number < fact.low[0] or (number == fact.low[0] and not fact.low[1])):
        return True
    return fact.high is not None and (number > fact.high[0] or (number == fact.high[0] and not fact.high[1]))


def _facts(condition: Expression, negated: bool = False) -> Iterable[Fact]:
    """What surely holds of single fields where the condition holds (or, negated, where it does not)."""
    match condition:
        case tree.And(operands=operands) if not negated:
            for each in operands:
                yield from _facts(each)
        case tree.Or(operands=operands) if negated:
            for each in operands:
                yield from _facts(each, negated=True)
        case tree.Or(operands=operands):
            yield from _common(operands)
        case tree.Not(operand=operand):
            yield from _facts(operand, negated=not negated)
        case tree.Presence(operand=Path() as path, missing=missing):
            yield Fact(_about(path), missing=missing != negated)
        case tree.Comparison(left=Path() as path):
            yield from _compared(condition, path, condition.negated != negated)


def _common(operands: Sequence[Expression]) -> Iterable[Fact]:
    """`x is "a" or x is "b"` is `x is one of ["a", "b"]`."""
    among: set[object] = set()
    field = ""
    for each in operands:
        facts = list(_facts(each))
        if len(facts) != 1 or facts[0].among is None or (field and facts[0].field != field):
            return
        field = facts[0].field
        among |= facts[0].among
    if field:
        yield Fact(field, among=frozenset(among))


def _about(path: Path) -> str:
    return f"original {path.field}" if path.original else path.field


def _compared(node: tree.Comparison, path: Path, negated: bool) -> Iterable[Fact]:
    field = _about(path)
    operator = node.operator
    if operator in (Operator.IS, Operator.ONE_OF):
        values = _constants(node.right)
        if values is None:
            return
        if negated:
            # `is not` also holds where the field is missing, so it says no more than what the value is not.
            yield Fact(field, not_among=values)
        else:
            yield Fact(field, among=values, missing=False)
        return
    if operator is Operator.CONTAINS and isinstance(node.right, tree.Text):
        piece = frozenset({fold(node.right.value)})
        if path.type.element is None:
            yield Fact(field, without=piece) if negated else Fact(field, contains=piece, missing=False)
        return
    number, top = _number(node.right), None if node.high is None else _number(node.high)
    if number is None or negated:
        return
    match operator:
        case Operator.MORE:
            yield Fact(field, low=(number, False))
        case Operator.AT_LEAST:
            yield Fact(field, low=(number, True))
        case Operator.LESS:
            yield Fact(field, high=(number, False))
        case Operator.AT_MOST:
            yield Fact(field, high=(number, True))
        case Operator.AFTER:
            yield Fact(field, low=(number, False))
        case Operator.BEFORE:
            yield Fact(field, high=(number, False))
        case Operator.BETWEEN if top is not None:
            yield Fact(field, low=(number, True), high=(top, True))


def _number(node: Expression) -> Decimal | None:
    if isinstance(node, tree.Number | tree.Percent | tree.Money):
        return node.value
    return Decimal(node.value.toordinal()) if isinstance(node, tree.Date) else None


def _constants(node: Expression) -> frozenset[object] | None:
    values: set[object] = set()
    for each in node.elements if isinstance(node, tree.ListOf) else (node,):
        if isinstance(each, tree.Text):
            values.add(fold(each.value))
        elif isinstance(each, tree.YesNo):
            values.add(("yes/no", each.value))
        else:
            number = _number(each)
            if number is None:
                return None
            values.add(number)
    return frozenset(values) if values else None


def _report(earlier: Write, later: Write, reporter: Reporter) -> None:
    statement = later.statement
    fixes: list[tuple[str, Span, str]] = []
    if isinstance(statement, tree.Set):
        text = reporter.source(statement.span.file).text
        target = text[statement.target.span.start : statement.target.span.end]
        value = text[statement.value.span.start : statement.value.span.end]
        through = Span(statement.span.file, statement.span.start, statement.value.span.end)
        fixes = [("Say that it overrides", through, f"override {target} with {value}")]
    reporter.report(
        "R401",
        later.target,
        f'"{later.rule.key}" may overwrite `{later.field}`, which "{earlier.rule.key}" wrote',
        related=[(f'"{earlier.rule.key}" writes it here', earlier.target)],
        help="write `override … with …` if that is meant, `fill … with …` to leave it alone, or conditions that exclude each other",
        fixes=fixes,
    )
