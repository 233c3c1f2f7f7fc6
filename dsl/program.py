"""A rule set ready to run: the public face of the back half; changes when callers want another thing of a rule set.

It chooses how a record is evaluated and knows neither the syntax nor how documents are made.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import getcontext
from typing import Any, Final, Literal

from dsl import tree
from dsl.decision import Decision, NotFired
from dsl.evaluate.generate import Evaluator, Generated, generate
from dsl.evaluate.operations import constant, duration
from dsl.evaluate.records import untagged
from dsl.evaluate.runtime import EMPTY, Folded, beyond
from dsl.evaluate.walk import Inputs, Walker, rules_for
from dsl.evaluate.whole import Twin
from dsl.functions import REGISTRY
from dsl.resolved import ResolvedRule, ResolvedRuleSet
from dsl.values import ARITHMETIC, EvaluationFailure, Months

LANGUAGE: Final = 1
SEMANTICS: Final = 1
"""Number of the meaning of rules; it goes up when the same text over the same record may decide otherwise."""

TraceKind = Literal["off", "mask", "full"]
_MOST_DECIDERS: Final = 1_000
_MOST_LOOSE: Final = 24
_FIXED = (*tree.LITERALS, tree.ListOf, tree.Negative, tree.Missing, tree.Name, tree.SettingValue, tree.ListValue)
"""Options that are the same for every record."""


@dataclass(frozen=True, slots=True)
class FlowSpec:
    """One flow of a rule set, as the engine runs it.

    `source` and `target` are a kind of system, or the name of one connection where it stood in quotes (`…_named`).
    `every` is an interval, or a time of day in the company's zone. `fixed_options` holds the words of `with` whose
    value is the same for every record: text for a word or text, else a leaf value; `options` works out all of them for
    one record. `notify` lists addresses with their events.
    """

    name: str
    source: str | None
    target: str | None
    sync: str | None
    every: timedelta | time | None
    after: str | None
    starting: date | None
    notify: tuple[tuple[str, tuple[str, ...]], ...]
    fixed_options: Mapping[str, Any]
    off: bool = False
    note: str | None = None
    source_named: bool = False
    target_named: bool = False
    when: str | None = None
    _condition: tree.Expression | None = field(default=None, repr=False)
    _per_record: tuple[tuple[str, tree.Expression], ...] = field(default=(), repr=False)
    _walker: Walker | None = field(default=None, repr=False, compare=False)

    def accepts(self, record: Mapping[str, Any], *, kind: str = "order", today: date | None = None) -> bool:
        """Say whether the flow's `when` lets a record in; True without one.

        Raises EvaluationFailure where it has no answer (two currencies): hold the record, never take it as no.
        """
        if self._condition is None or self._walker is None:
            return True
        return self._walker.holds(self._condition, record, kind, today or date.max)

    def options(
        self, record: Mapping[str, Any] | None = None, *, kind: str = "order", today: date | None = None
    ) -> Mapping[str, Any]:
        """The words of `with` and their values for a record (before or after its rules); a missing value is None.

        Without a record those that depend on one are left out. Raises EvaluationFailure.
        """
        if not self._per_record or record is None or self._walker is None:
            return self.fixed_options
        worked_out = {
            name: untagged(self._walker.value(expression, record, kind, today or date.max))
            for name, expression in self._per_record
        }
        return {**self.fixed_options, **worked_out}


class Program:
    """A compiled rule set. Immutable, shared between threads; evaluating is a pure function of what is handed in."""

    def __init__(self, resolved: ResolvedRuleSet) -> None:
        self.resolved = resolved
        self.walker = Walker(resolved)
        self.hash = content_hash(resolved)
        self.flows = tuple(_flow(flow, self.walker) for flow in resolved.flows)
        self.kinds = frozenset(rule.kind for rule in resolved.rules if rule.runs)
        self._calculates = any(
            isinstance(node, tree.Arithmetic | tree.Sum | tree.Negative)
            or (isinstance(node, tree.Call) and REGISTRY[node.function].group == "number")
            for rule in resolved.rules
            for node in tree.walk(rule.rule)
        )
        self._deciders: dict[tuple[str, str | None, str | None, TraceKind], Evaluator] = {}
        self._shapes: dict[tuple[str, tuple[str, ...], TraceKind], _Shape] = {}
        self._folded: dict[str, Folded] = {}

    @property
    def title(self) -> str:
        """The rule set's title; its file's name where it gives none."""
        header = self.resolved.header
        return self.resolved.file if header is None else header.title.text

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings in force by key, as leaf values."""
        return {key: untagged(value) for key, value in self.walker.settings.items()}

    def flow(self, name: str) -> FlowSpec | None:
        """The flow of that name, or None."""
        return next((flow for flow in self.flows if flow.name == name), None)

    def evaluate(
        self,
        record: Mapping[str, Any],
        *,
        kind: str = "order",
        flow: str | None = None,
        source: str | None = None,
        today: date,
        held_since: Mapping[str, date] | None = None,
        releases: frozenset[str] = frozenset(),
        trace: TraceKind = "full",
    ) -> Decision:
        """Decide one record, which is left as it is.

        `today` is a date in the company's zone. `held_since` says when a rule (by key) first held this record,
        `releases` names the rules whose holds a person waived for it. Never raises for what the record holds: an
        evaluation without an answer is a decision to hold, with a finding.
        """
        held = held_since or EMPTY
        try:
            decide = self._deciders[kind, flow, source, trace]
        except KeyError:
            decide = self._decider(kind, flow, source, trace)
        if self._calculates and not _plain_context():
            return self._walked(record, kind, Inputs(today, flow, source, held, releases), trace)
        replay = (_why_not, self, record, kind, flow, source, today, held, releases) if trace == "full" else None
        try:
            return decide(record, today, held, releases, replay)
        except KeyError as error:
            if self._loosened(kind, flow, source, trace, error, record):
                return self.evaluate(
                    record,
                    kind=kind,
                    flow=flow,
                    source=source,
                    today=today,
                    held_since=held,
                    releases=releases,
                    trace=trace,
                )
        except Exception:  # noqa: BLE001, S110 - generated code raises whatever it likes to leave a record to the walker
            pass
        return self._walked(record, kind, Inputs(today, flow, source, held, releases), trace)

    def walk(
        self,
        record: Mapping[str, Any],
        *,
        kind: str = "order",
        flow: str | None = None,
        source: str | None = None,
        today: date,
        held_since: Mapping[str, date] | None = None,
        releases: frozenset[str] = frozenset(),
    ) -> Decision:
        """The same decision by the plain tree walker, slowly: the oracle for everything that is faster."""
        return self.walker.evaluate(record, kind, Inputs(today, flow, source, held_since or EMPTY, releases))

    def run_generated(
        self,
        record: Mapping[str, Any],
        *,
        kind: str = "order",
        flow: str | None = None,
        source: str | None = None,
        today: date,
        held_since: Mapping[str, date] | None = None,
        releases: frozenset[str] = frozenset(),
        trace: TraceKind = "full",
    ) -> Decision:
        """The same decision by generated code alone; raises where that leaves the record to the walker (for tests)."""
        held = held_since or EMPTY
        replay = (_why_not, self, record, kind, flow, source, today, held, releases) if trace == "full" else None
        while True:
            decide = self._decider(kind, flow, source, trace)
            try:
                return decide(record, today, held, releases, replay)
            except KeyError as error:
                if not self._loosened(kind, flow, source, trace, error, record):
                    raise

    def _decider(self, kind: str, flow: str | None, source: str | None, trace: TraceKind) -> Evaluator:
        """The generated function for such records, compiled at first use. Two threads may do it twice: no harm."""
        shape = self._shape(kind, flow, source, trace)
        if len(self._deciders) >= _MOST_DECIDERS:
            self._deciders.clear()
        self._deciders[kind, flow, source, trace] = shape.made.decide
        return shape.made.decide

    def _shape(self, kind: str, flow: str | None, source: str | None, trace: TraceKind) -> "_Shape":
        rules = rules_for(self.resolved.rules, kind, Inputs(date.max, flow, source))
        key = kind, tuple(rule.key for rule in rules), trace
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = _Shape(self, rules, kind, "fast" if trace == "off" else trace)
        return shape

    def _loosened(
        self,
        kind: str,
        flow: str | None,
        source: str | None,
        trace: TraceKind,
        error: KeyError,
        record: Mapping[str, Any],
    ) -> bool:
        """Say whether the code for such records took a field for granted that this one lacks: it no longer does."""
        shape = self._shape(kind, flow, source, trace)
        stale = shape.made.decide
        if not shape.loosen(error.args[0] if error.args else None, record):
            return False
        for key, decide in list(self._deciders.items()):
            if decide is stale:
                self._deciders.pop(key, None)
        return True

    def _walked(self, record: Mapping[str, Any], kind: str, inputs: Inputs, trace: TraceKind) -> Decision:
        """The walker's decision, with as much about it as was asked for."""
        decision = self.walker.evaluate(record, kind, inputs)
        if trace == "full":
            return decision
        fired = decision.fired if trace == "mask" else ()
        return decision._replace(changes=(), fired=fired, trace=None)


class _Shape:
    """The generated function for one list of rules, and what it has learnt of the records that come.

    Code that takes a field for granted is faster than code that asks for it. A record that lacks one says so by a
    KeyError; from then on that field is asked for, and after some such fields all are.
    """

    def __init__(self, program: Program, rules: tuple[ResolvedRule, ...], kind: str, twin: Twin) -> None:
        self.program, self.rules, self.kind, self.twin = program, rules, kind, twin
        self.loose: frozenset[str] = frozenset()
        self.present = True
        self.made = self._generated()

    def loosen(self, name: object, record: Mapping[str, Any]) -> bool:
        """Ask for a field from now on, and for all that the record lacks; False where it was not taken for granted."""
        if name not in self.made.assumed:
            return False
        there = _names(record)
        self.loose |= {str(name), *(each for each in self.made.assumed if each not in there)}
        self.present = len(self.loose) <= _MOST_LOOSE
        self.made = self._generated()
        return True

    def _generated(self) -> Generated:
        try:
            return generate(
                self.program.walker,
                self.rules,
                self.kind,
                self.twin,
                folded=self.program._folded,
                loose=self.loose,
                present=self.present,
            )
        except Exception:  # noqa: BLE001 - the walker can run whatever the generator cannot (tests look for such sets)
            return Generated(beyond, frozenset())


def _names(record: Mapping[str, Any]) -> set[str]:
    """The names of all fields that a record has somewhere, its items' too."""
    found: set[str] = set()
    for root in record.values():
        if isinstance(root, dict):
            found.update(root)
            for items in root.values():
                if isinstance(items, list):
                    found.update(*(item for item in items if isinstance(item, dict)))
    return found


def _why_not(
    program: Program,
    record: Mapping[str, Any],
    kind: str,
    flow: str | None,
    source: str | None,
    today: date,
    held_since: Mapping[str, date],
    releases: frozenset[str],
) -> tuple[NotFired, ...]:
    trace = program.walker.evaluate(record, kind, Inputs(today, flow, source, held_since, releases)).trace
    return () if trace is None else trace.why_not()


def _plain_context() -> bool:
    """Say whether this thread calculates as rules do; where it does not, the walker switches to the right context."""
    context = getcontext()
    return context.prec == ARITHMETIC.prec and context.rounding == ARITHMETIC.rounding


def compile_ruleset(resolved: ResolvedRuleSet) -> Program:
    """Make a checked rule set ready to run."""
    return Program(resolved)


def content_hash(resolved: ResolvedRuleSet) -> str:
    """The identity of a rule set: texts, packs, rows of tables, settings in force, and the versions of their meaning."""
    digest = hashlib.sha256()

    def add(*parts: str) -> None:
        for part in parts:
            encoded = part.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "big"))
            digest.update(encoded)

    add("language", str(LANGUAGE), "semantics", str(SEMANTICS))
    for name in sorted(resolved.sources):
        add("source", resolved.sources[name])
    for key in sorted(resolved.tables):
        table = resolved.tables[key]
        if table.csv:
            add("table", key, repr(table.rows), repr(table.otherwise))
    for key in sorted(resolved.settings):
        add("setting", key, repr(resolved.settings[key].value))
    return digest.hexdigest()


def _flow(flow: tree.Flow, walker: Walker) -> FlowSpec:
    every: timedelta | time | None = None
    match flow.schedule:
        case tree.EveryInterval(interval=interval):
            length = duration(interval.count, interval.unit)
            every = timedelta(days=30 * length.count) if isinstance(length, Months) else length
        case tree.EveryDayAt(at=at):
            every = at
    return FlowSpec(
        name=flow.title.text,
        source=None if flow.source is None else flow.source.text,
        target=None if flow.target is None else flow.target.text,
        sync=None if flow.sync is None else flow.sync.text,
        every=every,
        after=None if flow.after is None else flow.after.text,
        starting=None if flow.starting is None else flow.starting.value,
        notify=tuple((each.address.text, tuple(event.text for event in each.events)) for each in flow.notify),
        fixed_options={
            option.name: _option(option.value, walker) for option in flow.options if _is_fixed(option.value)
        },
        off=flow.off,
        note=flow.note,
        source_named=flow.source is not None and flow.source.quoted,
        target_named=flow.target is not None and flow.target.quoted,
        when=None if flow.when is None else walker.wording.text(flow.when),
        _condition=flow.when,
        _per_record=tuple((option.name, option.value) for option in flow.options if not _is_fixed(option.value)),
        _walker=walker,
    )


def _is_fixed(value: tree.Expression) -> bool:
    return isinstance(value, _FIXED)


def _option(value: tree.Expression, walker: Walker) -> Any:
    if isinstance(value, tree.Name):
        return value.name
    if isinstance(value, tree.SettingValue):
        return untagged(walker.settings[value.key])
    if isinstance(value, tree.ListValue):
        return [untagged(constant(element)) for element in walker.resolved.lists[value.key].elements]
    return untagged(constant(value))


__all__ = ["EvaluationFailure", "FlowSpec", "Program", "compile_ruleset", "content_hash"]
