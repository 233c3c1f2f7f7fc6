"""Which small changes of a rule set no test would notice: runs, for each change, the tests that reach it. Changes with how
tests are chosen and shared out; which changes there are it does not know.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any

from dsl import tree
from dsl.evaluate.records import COLLECTIONS
from dsl.evaluate.tables import lookup_table
from dsl.evaluate.walk import ENDS, Walker, rules_for
from dsl.recording import Recording, Stage
from dsl.resolved import ResolvedRule, ResolvedRuleSet
from engine.coverage import run_watched, statements_of
from engine.mutants import Mutant, Reach, mutants_of
from engine.rule_tests import ReadyTest, quickly, ready_tests, run_with
from engine.spread import spread
from engine.trial_records import ReadRecorded

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Unnoticed:
    """A change that all tests pass with; `reached` says whether any test comes by there at all."""

    kind: str
    of: str
    file: str
    line: int
    words: str
    before: str
    after: str
    reached: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "of": self.of,
            "file": self.file,
            "line": self.line,
            "words": self.words,
            "before": self.before,
            "after": self.after or None,
            "reached": self.reached,
        }


@dataclass(frozen=True, slots=True)
class Mutation:
    """What came of it: changes that there are, that some test noticed, that none did, and that time was too short for."""

    changes: int
    noticed: int
    unnoticed: tuple[Unnoticed, ...]
    not_tried: int

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that no test would miss, by key."""
        return tuple(each.of for each in self.unnoticed if each.kind == "rule")

    def as_json(self) -> dict[str, Any]:
        return {
            "changes": self.changes,
            "noticed": self.noticed,
            "not_tried": self.not_tried,
            "unnoticed": [each.as_json() for each in self.unnoticed],
        }


def mutate(
    ruleset: ResolvedRuleSet,
    *,
    today: date,
    recorded: ReadRecorded | None = None,
    jobs: int = 1,
    seconds: float | None = None,
) -> Iterator[tuple[int, int, Unnoticed | None]]:
    """Try every change in the order of the file: (how many were tried, how many there are, the change if no test noticed).

    The tests have to pass as they are. It ends when the time is over. The same file gives the same answers in the same
    order, however many processes share the work.
    """
    trial = Trial(ruleset, today=today, recorded=recorded)
    end = None if seconds is None else time.monotonic() + seconds
    count, tried = len(trial.mutants), 0
    numbers = iter(range(count))
    pieces = iter(lambda: list(islice(numbers, _AT_ONCE)), [])
    for results in spread(trial.noticed, pieces, jobs=jobs):
        for number, noticed in results:
            tried += 1
            yield tried, count, None if noticed else trial.unnoticed(number)
        if end is not None and time.monotonic() > end:
            return


def mutation(
    ruleset: ResolvedRuleSet,
    *,
    today: date,
    recorded: ReadRecorded | None = None,
    jobs: int = 1,
    seconds: float | None = None,
) -> Mutation:
    """`mutate`, gathered."""
    results = list(mutate(ruleset, today=today, recorded=recorded, jobs=jobs, seconds=seconds))
    unnoticed = tuple(found for _, _, found in results if found is not None)
    tried, count = results[-1][:2] if results else (0, 0)
    return Mutation(count, tried - len(unnoticed), unnoticed, count - tried)


@dataclass(frozen=True, slots=True)
class _Tried:
    """A test that passes: what it reaches, the rules that did something in it (by key), and the one that ended it."""

    ready: ReadyTest
    reached: frozenset[Reach]
    acted: frozenset[str]
    ended_by: str | None


class Trial:
    """A rule set's tests, what each of them reaches, and the changes to try.

    A test runs only the rules that can matter: those that did something in it, the changed one, and what reads, directly
    or through others, a field that the changed one writes. All others see the values that they saw before, and did nothing.
    """

    def __init__(self, ruleset: ResolvedRuleSet, *, today: date, recorded: ReadRecorded | None) -> None:
        self.ruleset = ruleset
        self.mutants: Sequence[Mutant] = tuple(mutants_of(ruleset))
        self.rules = {rule.key: rule for rule in ruleset.rules}
        owners = {id(statement): rule.key for rule in ruleset.rules for statement in statements_of(rule.rule)}
        self.tests = tuple(
            _tried(ready, recording, owners)
            for ready in ready_tests(ruleset, today=today, recorded=recorded)
            if (recording := run_watched(ready)[1]) is not None
        )
        self._by_reach: dict[Reach, list[int]] = {}
        for number, test in enumerate(self.tests):
            for place in test.reached:
                self._by_reach.setdefault(place, []).append(number)
        self._readers: dict[str, set[str]] = {}
        for rule in ruleset.rules:
            for name in _read_by(rule):
                self._readers.setdefault(name, set()).add(rule.key)
        self._affected: dict[tuple[str, str], frozenset[str]] = {}
        self._users = _users(ruleset)
        self._numbers = {id(test): number for number, test in enumerate(self.tests)}
        self._orders: dict[tuple[str, str | None, str | None], dict[str, int]] = {}
        self._stages: dict[tuple[int, int], Stage] = {}

    def tests_of(self, mutant: Mutant) -> list[_Tried]:
        """The tests that reach a change, in their order."""
        numbers = sorted({number for place in mutant.reach for number in self._by_reach.get(place, ())})
        return [self.tests[number] for number in numbers]

    def noticed(self, numbers: Sequence[int]) -> list[tuple[int, bool]]:
        """Whether a test fails, for each of these changes."""
        return [(number, self.is_noticed(self.mutants[number])) for number in numbers]

    def is_noticed(self, mutant: Mutant, *, all_rules: bool = False) -> bool:
        """Whether a test fails; with `all_rules` nothing is left out of its run (the answer is the same)."""
        for test in self.tests_of(mutant):
            if not all_rules and self._does_nothing(test, mutant):
                continue
            base = test.ready.walker.resolved
            if not all_rules:
                base = replace(base, rules=self._that_matter(test, mutant, base.rules))
            if not run_with(test.ready, _walker(test.ready.walker, mutant.changed(base)), quickly, words=False).passed:
                return True
        return False

    def _does_nothing(self, test: _Tried, mutant: Mutant) -> bool:
        """Whether a changed rule that did nothing in a test does nothing there as it is now: then all else is as it was.
        Most changes of a large file are settled by this look at one rule."""
        if mutant.rule is None or mutant.of in test.acted or mutant.of == test.ended_by:
            return False
        ready = test.ready
        order = self._order_of(ready)
        place = order.get(mutant.of)
        if place is None:
            return True
        above = tuple(sorted((order[key], key) for key in test.acted if key in order and order[key] < place))
        name = self._numbers[id(test)], len(above)
        stage = self._stages.pop(name, None)
        if stage is None:
            try:
                rules = [self.rules[key] for _, key in above]
                stage = Stage(ready.walker, ready.record, ready.kind, ready.inputs, rules)
            except ENDS:  # a rule above it ends the record: the whole run will tell
                return False
        if not stage.does_nothing(mutant.rule):
            return False
        self._stages[name] = stage
        return True

    def _order_of(self, ready: ReadyTest) -> dict[str, int]:
        """The places of the rules that run on a test's record."""
        name = ready.kind, ready.inputs.flow, ready.inputs.source
        found = self._orders.get(name)
        if found is None:
            rules = rules_for(self.ruleset.rules, ready.kind, ready.inputs)
            found = self._orders[name] = {rule.key: place for place, rule in enumerate(rules)}
        return found

    def _that_matter(self, test: _Tried, mutant: Mutant, rules: tuple[ResolvedRule, ...]) -> tuple[ResolvedRule, ...]:
        affected = self.affected(mutant)
        chosen = affected | test.acted
        if test.ended_by is not None and test.ended_by in affected:
            # It may not end there any more, and nobody knows what the rules behind it would do.
            order = {"order": 0, "refund": 1}
            end = next(place for place, rule in enumerate(rules) if rule.key == test.ended_by)
            kind = order.get(rules[end].kind, 0)
            chosen = chosen | {
                rule.key
                for place, rule in enumerate(rules)
                if order.get(rule.kind, 0) > kind or (order.get(rule.kind, 0) == kind and place > end)
            }
        return tuple(rule for rule in rules if rule.key in chosen)

    def affected(self, mutant: Mutant) -> frozenset[str]:
        """The rules that a change can make do otherwise: its own, and those that read what they write."""
        name = mutant.of, "" if mutant.of in self.rules else mutant.kind
        found = self._affected.get(name)
        if found is None:
            own = {mutant.of} if mutant.of in self.rules else self._users.get(mutant.of, set())
            found = self._affected[name] = self._closure(own)
        return found

    def _closure(self, begin: set[str]) -> frozenset[str]:
        found, ahead = set(begin), list(begin)
        while ahead:
            rule = self.rules[ahead.pop()]
            for name in _written_by(rule):
                for reader in self._readers.get(name, ()):
                    if reader not in found:
                        found.add(reader)
                        ahead.append(reader)
        return frozenset(found)

    def unnoticed(self, number: int) -> Unnoticed:
        mutant = self.mutants[number]
        return Unnoticed(
            mutant.kind, mutant.of, mutant.file, mutant.line, mutant.words, mutant.before, mutant.after,
            bool(self.tests_of(mutant)),
        )  # fmt: skip


def _tried(ready: ReadyTest, recording: Recording, owners: Mapping[int, str]) -> _Tried:
    reached: frozenset[Reach] = frozenset(recording.nodes | recording.statements | recording.stops | recording.rows)
    acted = {owners[each] for each in recording.statements if each in owners} | set(recording.decision.fired)
    return _Tried(ready, reached, frozenset(acted), recording.decision.rule)


def _read_by(rule: ResolvedRule) -> set[str]:
    """What a rule reads, and the words for items where it reads any of them."""
    words = {name.partition(".")[0] for name in rule.reads} & set(COLLECTIONS)
    return set(rule.reads) | words | ({rule.collection, rule.item} if rule.item else set())


def _written_by(rule: ResolvedRule) -> set[str]:
    """What a rule writes; a new or missing item changes what everybody reads of such items, and an amount follows its
    quantity and price."""
    found = set(rule.writes)
    if found & {"line.quantity", "line.unit_price"}:
        found.add("line.amount")
    for word, name in COLLECTIONS.items():
        if any(each.partition(".")[2] == name for each in found):
            found.add(word)
    return found


def _users(ruleset: ResolvedRuleSet) -> dict[str, set[str]]:
    """The rules (by key) that use a table or a list, by its key."""
    found: dict[str, set[str]] = {}
    for rule in ruleset.rules:
        for node in tree.walk(rule.rule):
            match node:
                case tree.Lookup(table=key) | tree.ListValue(key=key):
                    found.setdefault(key, set()).add(rule.key)
    return found


def _walker(base: Walker, changed: ResolvedRuleSet) -> Walker:
    """A walker over a changed rule set: what did not change is taken over, tables above all."""
    other = copy(base)
    other.resolved = changed
    if changed.tables is not base.resolved.tables:
        other.tables = {
            key: base.tables[key] if table is base.resolved.tables[key] else lookup_table(table)
            for key, table in changed.tables.items()
        }
    return other
