"""One record's run that keeps what it looked at: changes when explaining, coverage or mutation want to know more of a run.

It is the tree walker with an ear at every step, so it decides exactly as that does, and a run that nobody listens to pays
nothing for it. It words nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import DecimalException, localcontext
from typing import Any, NamedTuple

from dsl import tree
from dsl.decision import Decision, NotFired
from dsl.evaluate.records import WorkingRecord
from dsl.evaluate.walk import ENDS, STEP_BUDGET, STEPS_FOR_WORDS, Inputs, Run, Walker
from dsl.labels import Labels
from dsl.nearness import Miss, Nearness, Sight, Told, because, nearest
from dsl.resolved import ResolvedRule
from dsl.values import ARITHMETIC, EvaluationFailure

_CONNECTIVES = (tree.And, tree.Or, tree.Not)


class Read(NamedTuple):
    """A field that a rule read: the value it found (tagged), and the number of the item it belongs to, if any."""

    path: tree.Path
    item: int | None
    value: Any


class Looked(NamedTuple):
    """A look-up: the keys (tagged), the row that answered (from 0; None: `otherwise`, or none), and its answer."""

    table: str
    item: int | None
    keys: tuple[Any, ...]
    row: int | None
    value: Any


@dataclass(slots=True)
class Recording:
    """What one run looked at. Nodes of the tree are known by their identity (`id`): equal parts of two rules are two.

    `nodes` were evaluated, `outcomes` are those of the single conditions, `statements` and `stops` (`or hold …`) ran,
    `rows` answered a look-up (table, row from 0 or None for `otherwise`), `hows` is the statement behind each change.
    """

    decision: Decision
    nodes: set[int] = field(default_factory=set)
    outcomes: defaultdict[int, set[bool]] = field(default_factory=lambda: defaultdict(set))
    statements: set[int] = field(default_factory=set)
    stops: set[int] = field(default_factory=set)
    rows: set[tuple[str, int | None]] = field(default_factory=set)
    reached: set[str] = field(default_factory=set)
    hows: list[tree.Statement | None] = field(default_factory=list)
    reads: dict[str, dict[tuple[str, int | None], Read]] = field(default_factory=lambda: defaultdict(dict))
    looked: dict[str, list[Looked]] = field(default_factory=lambda: defaultdict(list))
    misses: dict[str, list[Miss]] = field(default_factory=lambda: defaultdict(list))
    because: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))


def record_run(
    walker: Walker, record: Mapping[str, Any], kind: str, inputs: Inputs, *, words: Labels | None = None
) -> Recording:
    """Run the rules over a record and keep what was looked at. With the `words` for fields, also why rules fired,
    and by how much the others missed."""
    with localcontext(ARITHMETIC):
        run = _Recorded(walker, WorkingRecord.of(record, kind), kind, inputs, words=words)
        kept = run.kept
        kept.decision = run.decide()
        run.note_hows()
        return kept


def decide(walker: Walker, record: Mapping[str, Any], kind: str, inputs: Inputs) -> Decision:
    """The walker's decision without words for what did not fire: they cost more than all the rest."""
    with localcontext(ARITHMETIC):
        return _Wordless(walker, WorkingRecord.of(record, kind), kind, inputs).decide()


def how_near(
    walker: Walker,
    condition: tree.Expression,
    record: Mapping[str, Any],
    kind: str,
    inputs: Inputs,
    words: Labels,
    item: str = "",
) -> Nearness | None:
    """How near a condition came for a record as received; None where it holds, or has no answer."""
    with localcontext(ARITHMETIC):
        run = _Wordless(walker, WorkingRecord.of(record, kind), kind, inputs)
        try:
            if run.holds(condition):
                return None
            return nearest(condition, Sight(run, walker.wording, words, item))
        except (EvaluationFailure, DecimalException):
            return None


class Stage:
    """A record as some rules have left it, on which others are tried out: does a rule do anything there?"""

    def __init__(
        self, walker: Walker, record: Mapping[str, Any], kind: str, inputs: Inputs, rules: Iterable[ResolvedRule]
    ) -> None:
        self._run = _Wordless(walker, WorkingRecord.of(record, kind), kind, inputs)
        with localcontext(ARITHMETIC):
            for rule in rules:
                self._run.run_rule(rule)

    def does_nothing(self, rule: ResolvedRule) -> bool:
        """Whether a rule leaves the record as it is, and is not among those that fired. Where it does anything, the stage
        is spoilt and of no more use."""
        run = self._run
        before = self._marks()
        run.steps = 0
        try:
            with localcontext(ARITHMETIC):
                run.run_rule(rule)
        except ENDS:  # in either case it does something
            return False
        return self._marks() == before

    def _marks(self) -> tuple[int, ...]:
        run = self._run
        said: tuple[Sized, ...] = (
            run.changes, run.fired, run.left_out, run.tags, run.log, run.without_effect, run.not_fired,
        )  # fmt: skip
        return tuple(len(each) for each in said)


class _Wordless(Run):
    """The walker's run for who does not ask why a rule did not fire."""

    def note_not_fired(self, condition: tree.Expression, otherwise: bool = False) -> None:
        if otherwise:
            self.not_fired.append(NotFired(self.rule, self.item_id, "", "", otherwise))


class _Recorded(Run):
    """The walker's run with an ear at every step. While it looks for words it is `quiet`: what it evaluates then, no rule
    asked for."""

    def __init__(
        self, walker: Walker, record: WorkingRecord, kind: str, inputs: Inputs, *, words: Labels | None
    ) -> None:
        super().__init__(walker, record, kind, inputs)
        self.kept = Recording(Decision(kind, "sync", None, None, {}))
        self.words = words
        self.quiet = False
        self.left_for_misses = STEPS_FOR_WORDS
        self.current: ResolvedRule | None = None
        self.statement: tree.Statement | None = None

    # --- what was looked at ---

    def value(self, expression: tree.Expression) -> Any:
        found = super().value(expression)
        if not self.quiet:
            self.kept.nodes.add(id(expression))
            match expression:
                case tree.Path():
                    bound = self.record.bound.get(expression.root)
                    number = None if bound is None else bound.number
                    self.kept.reads[self.rule].setdefault(
                        (f"{expression.original}{expression.field}", number), Read(expression, number, found)
                    )
                case tree.Lookup(table=table, keys=keys):
                    with self.hush():
                        asked = tuple(self.value(key) for key in keys)
                    place = self.walker.tables[table].place(asked)
                    self.kept.rows.add((table, place))
                    item = None if self.item is None else self.item.number
                    self.kept.looked[self.rule].append(Looked(table, item, asked, place, found))
        return found

    def holds(self, condition: tree.Expression) -> bool:
        result = super().holds(condition)
        if not self.quiet:
            self.kept.nodes.add(id(condition))
            if not isinstance(condition, _CONNECTIVES):
                self.kept.outcomes[id(condition)].add(result)
        return result

    # --- what ran ---

    def run_rule(self, resolved: ResolvedRule) -> None:
        self.current = resolved
        self.kept.reached.add(resolved.key)
        super().run_rule(resolved)

    def run_statements(self, statements: tuple[tree.Statement, ...]) -> None:
        if self.current is not None and statements is self.current.rule.then:
            self.note_because(self.current)
        super().run_statements(statements)
        self.note_hows()

    def run_statement(self, statement: tree.Statement) -> bool:
        self.note_hows()
        self.statement = statement
        self.kept.statements.add(id(statement))
        return super().run_statement(statement)

    def add(self, statement: tree.Add, ordinal: int) -> None:
        self.note_hows()
        self.statement = statement
        self.kept.statements.add(id(statement))
        super().add(statement, ordinal)

    def run_or_stop(self, stop: tree.OrStop) -> None:
        self.kept.stops.add(id(stop))
        super().run_or_stop(stop)

    def note_hows(self) -> None:
        """Put down which statement made the changes since the last look."""
        missing = len(self.changes) - len(self.kept.hows)
        self.kept.hows.extend([self.statement] * missing)

    # --- words ---

    def note_not_fired(self, condition: tree.Expression, otherwise: bool = False) -> None:
        sight = self.sight()
        if sight is None:
            return
        with self.hush():
            super().note_not_fired(condition, otherwise)
        found: Nearness | None = None
        with self.spending(), self.hush():
            try:
                found = nearest(condition, sight)
            except (EvaluationFailure, DecimalException):
                found = None
        item = None if self.item is None else self.item.number
        where = isinstance(scope := self.scope(), tree.ForEach) and condition is scope.where
        self.kept.misses[self.rule].append(Miss(item, found, self.not_fired[-1].words, where))

    def note_because(self, resolved: ResolvedRule) -> None:
        sight = self.sight()
        if sight is None:
            return
        conditions = [] if resolved.rule.when is None else [resolved.rule.when]
        scope = resolved.rule.scope
        if isinstance(scope, tree.ForEach) and scope.where is not None:
            conditions.insert(0, scope.where)
        told: list[str] = []
        with self.spending(), self.hush():
            try:
                for condition in conditions:
                    told.extend(because(condition, sight))
            except (EvaluationFailure, DecimalException):
                pass  # the search for words has an end of its own
        item = None if self.item is None else self.item.number
        self.kept.because[self.rule].append(Told(item, tuple(dict.fromkeys(told))))

    def sight(self) -> Sight | None:
        word = "" if self.current is None else self.current.item
        return None if self.words is None else Sight(self, self.walker.wording, self.words, word)

    def scope(self) -> tree.ForRecord | tree.ForEach | None:
        return None if self.current is None else self.current.rule.scope

    @contextmanager
    def hush(self) -> Iterator[None]:
        before, self.quiet = self.quiet, True
        try:
            yield
        finally:
            self.quiet = before

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Words have a budget of their own and take nothing from the rules'."""
        steps, self.steps = self.steps, STEP_BUDGET - self.left_for_misses
        try:
            yield
        finally:
            self.left_for_misses = max(0, STEP_BUDGET - self.steps)
            self.steps = steps
