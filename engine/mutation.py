"""Which small changes of a rule set no test would notice: runs, for each change, the tests that reach it. Changes with how
tests are chosen and shared out; which changes there are it does not know.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from dsl.evaluate.tables import lookup_table
from dsl.evaluate.walk import Walker
from dsl.recording import Recording
from dsl.resolved import ResolvedRuleSet
from engine.coverage import run_watched
from engine.mutants import Mutant, Reach, mutants_of
from engine.rule_tests import ReadyTest, ready_tests, run_ready
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


class Trial:
    """A rule set's tests, what each of them reaches, and the changes to try."""

    def __init__(self, ruleset: ResolvedRuleSet, *, today: date, recorded: ReadRecorded | None) -> None:
        self.ruleset = ruleset
        self.tests: list[tuple[ReadyTest, frozenset[Reach]]] = []
        for ready in ready_tests(ruleset, today=today, recorded=recorded):
            _, recording = run_watched(ready)
            if recording is not None:
                self.tests.append((ready, _reached(recording)))
        self.mutants: Sequence[Mutant] = tuple(mutants_of(ruleset))
        by_reach: dict[Reach, list[int]] = {}
        for number, (_, reached) in enumerate(self.tests):
            for place in reached:
                by_reach.setdefault(place, []).append(number)
        self._by_reach = by_reach

    def tests_of(self, mutant: Mutant) -> list[ReadyTest]:
        """The tests that reach a change, in their order."""
        numbers = sorted({number for place in mutant.reach for number in self._by_reach.get(place, ())})
        return [self.tests[number][0] for number in numbers]

    def noticed(self, numbers: Sequence[int]) -> list[tuple[int, bool]]:
        """Whether a test fails, for each of these changes."""
        return [(number, self._noticed(self.mutants[number])) for number in numbers]

    def _noticed(self, mutant: Mutant) -> bool:
        for ready in self.tests_of(mutant):
            changed = mutant.changed(ready.walker.resolved)
            if not run_ready(ready, _walker(ready.walker, changed)).passed:
                return True
        return False

    def unnoticed(self, number: int) -> Unnoticed:
        mutant = self.mutants[number]
        return Unnoticed(
            mutant.kind, mutant.of, mutant.file, mutant.line, mutant.words, mutant.before, mutant.after,
            bool(self.tests_of(mutant)),
        )  # fmt: skip


def _reached(recording: Recording) -> frozenset[Reach]:
    return frozenset(recording.nodes | recording.statements | recording.stops | recording.rows)


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
