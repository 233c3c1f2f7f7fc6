"""The tests of a file as an editor shows them: a line above each that runs it, and what failed at its title."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cli.records import this_day
from cli.test import recordings_beside
from dsl import tree
from dsl.service.view import View
from dsl.values import fold
from engine.rule_tests import run_tests


@dataclass(frozen=True, slots=True)
class Lens:
    """Words above a place that run one test (`title`), or all of them (None)."""

    words: str
    start: int
    end: int
    title: str | None


@dataclass(frozen=True, slots=True)
class Failed:
    """A test that failed: where its title stands, and why."""

    start: int
    end: int
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to, in words too; `refusal` where nothing could be run."""

    words: str
    failed: tuple[Failed, ...] = ()
    refusal: bool = False


def lenses(view: View) -> Iterator[Lens]:
    """One above the first test for all, one above each."""
    tests = [each for each in view.parsed.blocks if isinstance(each, tree.Test)]
    if len(tests) > 1:
        first = tests[0].span
        yield Lens(f"Run all {len(tests)} tests", first.start, first.start, None)
    for each in tests:
        yield Lens("Run this test", each.span.start, each.title.span.end, each.title.text)


def run(view: View, title: str | None) -> Outcome:
    """Runs the tests of a file, or the one of that title."""
    ruleset = view.checked.ruleset
    if ruleset is None:
        return Outcome("No test can run while the file has errors.", refusal=True)
    chosen = [each for each in ruleset.tests if title is None or fold(each.title.text) == fold(title)]
    if not chosen:
        return Outcome("The file has no tests." if title is None else f'There is no test "{title}".', refusal=True)
    results = run_tests(
        replace(ruleset, tests=tuple(chosen)), today=this_day(), recorded=recordings_beside(Path(view.file))
    )
    failed = tuple(
        Failed(test.title.span.start, test.title.span.end, result.failures)
        for test, result in zip(chosen, results, strict=True)
        if not result.passed
    )
    passed = len(chosen) - len(failed)
    return Outcome(f"{passed} of {len(chosen)} test{'' if len(chosen) == 1 else 's'} passed.", failed)
