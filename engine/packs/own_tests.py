"""A pack's own tests, run as its user has set it up; changes with what such a run tells.

A test that fails with the user's settings and passes with the pack's own is no mistake by itself: it shows what the
settings change. A test about a rule that the user has turned off or replaced has nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from dsl import tree
from dsl.check import check_text
from dsl.packs import Library, alias_of
from dsl.resolved import ResolvedRuleSet, Standing
from engine.rule_tests import TestResult, run_tests
from engine.rulesets import schema


class Verdict(StrEnum):
    """How a pack's test ended."""

    PASSED = "passed"
    DIFFERS = "differs"  # it passes with the pack's own settings, not with the user's
    OFF = "off"  # it is about a rule that the user has turned off or replaced
    BROKEN = "broken"  # it fails with the pack's own settings too


@dataclass(frozen=True, slots=True)
class PackTest:
    """One test of a used pack. `failures` are those under the user's settings (of a broken one under its own); `because`
    names the settings that the user has given, or the rules that are off."""

    pack: str
    version: str
    title: str
    verdict: Verdict
    failures: tuple[str, ...]
    because: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "pack": self.pack,
            "version": self.version,
            "title": self.title,
            "verdict": self.verdict.value,
            "failures": list(self.failures),
            "because": list(self.because),
        }


def run_pack_tests(
    file: tree.File, ruleset: ResolvedRuleSet, library: Library, *, today: date, only: str | None = None
) -> Iterator[PackTest]:
    """The tests of the packs that a file uses (or of one, by its name), in the order of the file.

    `file` is the tree as read, `ruleset` what it resolves to. Recorded orders do not come along with packs, so tests that
    name one are broken.
    """
    for use in file.blocks:
        if isinstance(use, tree.Use) and only in (None, use.pack.text):
            yield from _of_pack(use, ruleset, library, today)


def _of_pack(use: tree.Use, ruleset: ResolvedRuleSet, library: Library, today: date) -> Iterator[PackTest]:
    name, version = use.pack.text, use.version.text
    text = library.find(name, version)
    if text is None:
        return
    checked = check_text(
        text, file=f"{name}@{version}", schema=schema(), library=library, tables=library.tables(name, version)
    )
    if checked.ruleset is None:
        return
    own = checked.ruleset
    theirs = _as_set_up(own, ruleset, alias_of(use))
    given = tuple(each.name for each in use.settings)
    off = {rule.key for rule, was in zip(theirs.rules, own.rules, strict=True) if was.runs and not rule.runs}
    by_default = list(run_tests(own, today=today))
    for was, now in zip(by_default, run_tests(theirs, today=today), strict=True):
        verdict, because = _verdict(was, now, given, off)
        failures = was.failures if verdict is Verdict.BROKEN else now.failures
        yield PackTest(name, version, was.title, verdict, failures, because)


def _verdict(
    was: TestResult, now: TestResult, given: tuple[str, ...], off: set[str]
) -> tuple[Verdict, tuple[str, ...]]:
    if not was.passed:
        return Verdict.BROKEN, ()
    if now.passed:
        return Verdict.PASSED, ()
    missed = tuple(rule for rule in was.fired if rule in off)
    return (Verdict.OFF, missed) if missed else (Verdict.DIFFERS, given)


def _as_set_up(own: ResolvedRuleSet, ruleset: ResolvedRuleSet, alias: str) -> ResolvedRuleSet:
    """The pack by itself, with the settings in force and the rules off as where it is used."""
    inside = f"{alias}."
    values: Mapping[str, tree.Expression] = {
        key[len(inside) :]: setting.value
        for key, setting in ruleset.settings.items()
        if key.startswith(inside) and key[len(inside) :] in own.settings and setting.value is not None
    }
    title = f"{alias}: "
    off = {rule.key[len(title) :] for rule in ruleset.rules if rule.key.startswith(title) and not rule.runs}
    rules = tuple(
        replace(rule, standing=Standing.TURNED_OFF) if rule.runs and rule.key in off else rule for rule in own.rules
    )
    return replace(own.with_settings(values), rules=rules)
