"""What the tests of a rule set look at and what they do not: changes when another thing of a rule can go untested.

Rules, both outcomes of every single condition, statements (those of `otherwise` too), what stops a record where a value is
missing, and the rows of tables. It is about the file's own rules: packs bring tests of their own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dsl import tree
from dsl.decision import Decision
from dsl.evaluate.walk import Walker
from dsl.recording import Recording, record_run
from dsl.resolved import ResolvedRule, ResolvedRuleSet
from engine.rule_tests import ReadyTest, TestResult, run_ready, run_with

Kind = Literal["rule", "condition", "statement", "stop", "row"]
KINDS: tuple[Kind, ...] = ("rule", "condition", "statement", "stop", "row")


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that tests can reach. `of` is the rule's key or the table's; `whole` is how much there is to see of it (two
    outcomes of a condition), `missing` says what no test saw."""

    kind: Kind
    of: str
    words: str
    file: str
    line: int
    whole: int
    missing: tuple[str, ...]

    @property
    def seen(self) -> int:
        return self.whole - len(self.missing)


@dataclass(frozen=True, slots=True)
class Coverage:
    """All points in the order of the file. `csv` are tables from CSV files: (table, rows that answered, rows)."""

    points: tuple[Point, ...]
    csv: tuple[tuple[str, int, int], ...] = ()

    def count(self, kind: Kind | None = None) -> tuple[int, int]:
        """(what was seen, what there is) of a kind, or of all."""
        chosen = [each for each in self.points if kind in (None, each.kind)]
        return sum(each.seen for each in chosen), sum(each.whole for each in chosen)

    @property
    def percent(self) -> float:
        """The part of all points that was seen, rounded down to a tenth: 100 only where nothing is missing."""
        seen, whole = self.count()
        return 100.0 if not whole else int(1000 * seen / whole) / 10

    @property
    def missing(self) -> tuple[Point, ...]:
        return tuple(each for each in self.points if each.missing)

    def as_json(self) -> dict[str, Any]:
        return {
            "percent": self.percent,
            "kinds": {kind: dict(zip(("seen", "whole"), self.count(kind), strict=True)) for kind in KINDS},
            "missing": [
                {
                    "kind": each.kind,
                    "of": each.of,
                    "words": each.words,
                    "file": each.file,
                    "line": each.line,
                    "missing": list(each.missing),
                }
                for each in self.missing
            ],
            "csv_tables": [{"table": table, "rows_used": used, "rows": rows} for table, used, rows in self.csv],
        }


@dataclass(slots=True)
class Seen:
    """What some tests looked at, added up; nodes of the tree by their identity."""

    nodes: set[int] = field(default_factory=set)
    outcomes: dict[int, set[bool]] = field(default_factory=dict)
    statements: set[int] = field(default_factory=set)
    stops: set[int] = field(default_factory=set)
    rows: set[tuple[str, int | None]] = field(default_factory=set)
    fired: set[str] = field(default_factory=set)

    def add(self, recording: Recording) -> None:
        self.nodes |= recording.nodes
        self.statements |= recording.statements
        self.stops |= recording.stops
        self.rows |= recording.rows
        self.fired |= set(recording.decision.fired)
        for node, found in recording.outcomes.items():
            self.outcomes.setdefault(node, set()).update(found)


def run_watched(ready: ReadyTest) -> tuple[TestResult, Recording | None]:
    """Run a test and keep what it looked at; nothing where its record could not be made."""
    kept: list[Recording] = []

    def decide(test: ReadyTest, walker: Walker) -> Decision:
        recording = record_run(walker, test.record, test.kind, test.inputs)
        kept.append(recording)
        return recording.decision

    result = run_with(ready, ready.walker, decide, words=False)
    return (result if result.passed else run_ready(ready)), kept[0] if kept else None


def coverage(ruleset: ResolvedRuleSet, seen: Seen) -> Coverage:
    """What of a rule set was seen."""
    lines = Lines(ruleset)
    points = list(_points(ruleset, seen, lines))
    points.sort(key=lambda each: each.line)
    used = {table: {row for name, row in seen.rows if name == table and row is not None} for table in ruleset.tables}
    csv = tuple(
        (key, len(used[key]), len(table.rows)) for key, table in ruleset.tables.items() if table.csv and ":" not in key
    )
    return Coverage(tuple(points), csv)


class Lines:
    """Lines of places in the texts of a rule set, and their words."""

    def __init__(self, ruleset: ResolvedRuleSet) -> None:
        self._ruleset = ruleset
        self._starts: dict[str, list[int]] = {}

    def of(self, span: tree.Span) -> int:
        """The line of a place, from 1."""
        starts = self._starts.get(span.file)
        if starts is None:
            text = self._ruleset.sources.get(span.file, "")
            starts = self._starts[span.file] = [0] + [at + 1 for at, letter in enumerate(text) if letter == "\n"]
        return bisect_right(starts, span.start)

    def words(self, node: tree.Node) -> str:
        """A part of the text on one line."""
        return " ".join(self._ruleset.wording(node.span).split())


def own_rules(ruleset: ResolvedRuleSet) -> list[ResolvedRule]:
    """The rules of the file itself that run, in the order of the file."""
    chosen = [each for each in ruleset.rules if each.runs and each.rule.span.file == ruleset.file]
    return sorted(chosen, key=lambda each: each.rule.span.start)


def statements_of(rule: tree.Rule) -> Iterator[tree.Statement]:
    yield from rule.then
    yield from rule.otherwise


def atoms_of(rule: tree.Rule) -> Iterator[tree.Expression]:
    """The single conditions of a rule, in the order of its text, those inside quantifiers and functions too."""
    scope = rule.scope
    if isinstance(scope, tree.ForEach) and scope.where is not None:
        yield from _atoms(scope.where)
    if rule.when is not None:
        yield from _atoms(rule.when)
    for statement in statements_of(rule):
        yield from _inside(statement)


def _atoms(condition: tree.Expression) -> Iterator[tree.Expression]:
    match condition:
        case tree.And(operands=operands) | tree.Or(operands=operands):
            for operand in operands:
                yield from _atoms(operand)
        case tree.Not(operand=operand):
            yield from _atoms(operand)
        case tree.YesNo():
            return
        case _:
            yield condition
            yield from _inside(condition)


def _inside(node: tree.Node) -> Iterator[tree.Expression]:
    """The conditions that stand inside of something else."""
    match node:
        case tree.Quantified(where=where) | tree.Count(where=where) | tree.Sum(where=where):
            if where is not None:
                yield from _atoms(where)
            return
        case tree.Hold(until=until):
            if until is not None:
                yield from _atoms(until)
        case tree.Call(function="if", arguments=arguments) if arguments:
            yield from _atoms(arguments[0])
            for each in arguments[1:]:
                yield from _inside(each)
            return
    for child in tree.children(node):
        if not (isinstance(node, tree.Hold) and child is node.until):
            yield from _inside(child)


def _points(ruleset: ResolvedRuleSet, seen: Seen, lines: Lines) -> Iterator[Point]:
    for resolved in own_rules(ruleset):
        rule, key = resolved.rule, resolved.key

        def point(kind: Kind, node: tree.Node, whole: int, missing: Sequence[str], key: str = key) -> Point:
            words = key if kind == "rule" else lines.words(node)
            return Point(kind, key, words, node.span.file, lines.of(node.span), whole, tuple(missing))

        yield point("rule", rule, 1, [] if key in seen.fired else ["fired"])
        for atom in atoms_of(rule):
            found = seen.outcomes.get(id(atom), set())
            yield point(
                "condition", atom, 2, [word for word, is_ in (("yes", True), ("no", False)) if is_ not in found]
            )
        for statement in statements_of(rule):
            yield point("statement", statement, 1, [] if id(statement) in seen.statements else ["ran"])
            if isinstance(statement, tree.Set | tree.Fill | tree.Override) and statement.or_stop is not None:
                stop = statement.or_stop
                yield point("stop", stop, 1, [] if id(stop) in seen.stops else ["ran"])
    for key, table in ruleset.tables.items():
        if table.csv or not table.rows or table.rows[0].span.file != ruleset.file:
            continue
        for number, row in enumerate(table.rows):
            missing = () if (key, number) in seen.rows else ("answered",)
            yield Point("row", key, lines.words(row), row.span.file, lines.of(row.span), 1, missing)
        if table.otherwise is not None:
            missing = () if (key, None) in seen.rows else ("answered",)
            last = table.rows[-1].span
            yield Point("row", key, "otherwise", last.file, lines.of(last) + 1, 1, missing)
