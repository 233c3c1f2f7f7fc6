"""Turns the rules of the old system into a rule set with tests; changes with the order in which that is done.

Every result was checked and its tests have run: what the checker refuses is listed as not converted, with its words, and a
test that would not pass is not written. Nothing is sent anywhere, and no file is touched.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dsl import tree
from dsl.check import Checked, check_text
from dsl.decision import Decision
from dsl.diagnostics import Diagnostic
from dsl.evaluate.walk import Walker
from dsl.format import format_text
from dsl.program import compile_ruleset
from dsl.resolved import ResolvedRuleSet
from engine.convert.drafts import Draft, Entry, Refused, drafts_of
from engine.convert.exports import read_export
from engine.convert.old import Unreadable
from engine.convert.writing import SHOWN, write
from engine.rule_tests import ReadyTest, TestResult, ready_tests, run_with
from engine.rulesets import schema

__all__ = ["Conversion", "Finding", "Unreadable", "convert"]

_TODAY = date(2026, 1, 31)
"""No converted rule asks for the day, so that any will do."""
_ROUNDS = 6
_TWO_WRITE = "R401"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a person has to look at. `kind` is "not_converted", "off", "look" (a doubt or a choice) or "warning" (the checker's).

    `rows` are those of the export; `title` is the rule's, "" where it is about a row alone.
    """

    kind: str
    rows: tuple[int, ...]
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """A rule set in canonical form, and what is to be looked at. `unit` is what a row of the export is called."""

    text: str
    rules: int
    tests: int
    old_rules: int
    findings: tuple[Finding, ...]
    unit: str

    @property
    def complete(self) -> bool:
        """Whether every old rule has its counterpart."""
        return not any(each.kind == "not_converted" for each in self.findings)


def convert(content: bytes, *, source: str, told: Callable[[str], None] = lambda words: None) -> Conversion:
    """The rule set of an export, CSV or JSON. `source` is its name for people; `told` hears what is being done.

    Raises Unreadable where the export cannot be read at all.
    """
    export = read_export(content)
    told(f"{len(export.rules):,} rules read")
    entries = drafts_of(export.rules, schema(), export.unit)
    text, checked = _checked(entries, source, export.unit, told)
    told("running the tests")
    text, checked = _tested(entries, source, export.unit, text, checked)
    findings = [*_findings(entries), *(Finding("look", (row,), "", words) for row, words in export.notes)]
    named = _by_name(entries)
    for each in checked.diagnostics:
        draft = _draft_at(each, checked, named)
        findings.append(
            Finding(
                "warning", draft.rows if draft else (), draft.title if draft else "", f"{each.code}: {each.message}"
            )
        )
    drafts = [each for each in entries if isinstance(each, Draft)]
    return Conversion(
        format_text(text, file=source).text,
        rules=len(drafts),
        tests=sum(1 for each in drafts if each.tested and not each.off),
        old_rules=len(export.rules),
        findings=tuple(sorted(findings, key=lambda each: each.rows[:1] or (0,))),
        unit=export.unit,
    )


def _checked(entries: list[Entry], source: str, unit: str, told: Callable[[str], None]) -> tuple[str, Checked]:
    """The text, and what the checker says of it: entries with errors are refused, later writers of one field override."""
    for _ in range(_ROUNDS):
        text = write(entries, source, unit)
        told("checking")
        checked = check_text(text, file=source, schema=schema())
        changed = False
        refused: dict[int, Refused] = {}
        named = _by_name(entries)
        for each in checked.diagnostics:
            draft = _draft_at(each, checked, named)
            if draft is None:
                continue
            if each.is_error and _in_test(each, checked):
                changed, draft.tested = changed or bool(draft.tested), ""
            elif each.is_error:
                entries[entries.index(draft)] = Refused(
                    draft.old, f"{each.message}{'; ' + each.help if each.help else ''}"
                )
                changed = True
            elif each.code == _TWO_WRITE and not draft.override:
                draft.override = changed = True
        if not changed:
            break
        entries[:] = [refused.get(id(each), each) for each in entries]
    return text, checked


def _tested(entries: Sequence[Entry], source: str, unit: str, text: str, checked: Checked) -> tuple[str, Checked]:
    """The text with tests that pass: one that does not gets a record that other rules let be, then says less, then goes."""
    drafts = {each.title: each for each in entries if isinstance(each, Draft)}
    again: set[str] = set()
    for left in range(_ROUNDS, 0, -1):
        if checked.ruleset is None:
            break
        failed = [each for each in _results(checked.ruleset, again) if not each.passed]
        if not failed:
            break
        again = {each.title for each in failed}
        for result in failed:
            draft = drafts[result.title.removeprefix(SHOWN)]
            others = [drafts[key] for key in result.fired if key in drafts]
            if left > 2 and draft.tested == "whole" and _let_be(draft, others):
                continue
            draft.tested = "fired" if left > 1 and draft.tested == "whole" else ""
        text = write(entries, source, unit)
        checked = check_text(text, file=source, schema=schema())
    return text, checked


def _results(ruleset: ResolvedRuleSet, titles: Collection[str]) -> Iterator[TestResult]:
    """What the tests of these titles come to, or all; decided by compiled rules, because each test runs through all of them."""
    if titles:
        ruleset = replace(ruleset, tests=tuple(each for each in ruleset.tests if each.title.text in titles))
    program = compile_ruleset(ruleset)

    def decide(ready: ReadyTest, walker: Walker) -> Decision:
        return program.evaluate(ready.record, kind=ready.kind, today=ready.today)

    return (run_with(each, each.walker, decide) for each in ready_tests(ruleset, today=_TODAY))


def _let_be(draft: Draft, others: Sequence[Draft]) -> bool:
    """Gives the draft's test something for which rules that stop it, or change what it reads, do not run."""
    changed = False
    for other in others:
        if other is draft or not (other.stops or (other.target and other.target in draft.reads)):
            continue
        taken = {*draft.asked.given, *draft.beside, *(path for done in draft.done for path in done.needs)}
        avoided = other.asked.avoided(taken)
        if avoided:
            draft.beside |= avoided
            changed = True
    return changed


def _in_test(diagnostic: Diagnostic, checked: Checked) -> bool:
    return isinstance(_block_at(diagnostic, checked), tree.Test)


def _block_at(diagnostic: Diagnostic, checked: Checked) -> tree.Node | None:
    if checked.file is None:
        return None
    offset = diagnostic.start.offset
    blocks = checked.file.blocks
    place = bisect_right(blocks, offset, key=lambda each: each.span.start) - 1
    return blocks[place] if place >= 0 and offset < blocks[place].span.end else None


def _draft_at(diagnostic: Diagnostic, checked: Checked, drafts: Mapping[str, Draft]) -> Draft | None:
    """The draft whose rule, table, list or test a diagnostic is about."""
    block = _block_at(diagnostic, checked)
    match block:
        case tree.Rule():
            return drafts.get(f"rule {block.title.text}")
        case tree.Test():
            return drafts.get(f"rule {block.title.text.removeprefix(SHOWN)}")
        case tree.Table():
            return drafts.get(f"table {block.name.text}")
        case tree.List():
            return drafts.get(f"list {block.name.text}")
    return None


def _by_name(entries: Iterable[Entry]) -> dict[str, Draft]:
    """The drafts by what they write: "rule TITLE", "table NAME", "list NAME"."""
    found: dict[str, Draft] = {}
    for entry in entries:
        if isinstance(entry, Draft):
            found[f"rule {entry.title}"] = found[f"table {entry.table}"] = found[f"list {entry.list_name}"] = entry
    return found


def _findings(entries: Sequence[Entry]) -> list[Finding]:
    found: list[Finding] = []
    for entry in entries:
        if isinstance(entry, Refused):
            found.append(Finding("not_converted", entry.old.rows, entry.old.title, entry.reason))
            continue
        if entry.off:
            found.append(Finding("off", entry.rows, entry.title, entry.off))
        found += [Finding("look", entry.rows, entry.title, note) for note in entry.notes]
        if entry.tested != "whole" and not entry.off:
            words = (
                "rules below it change what it wrote: its test only says that it runs"
                if entry.tested
                else "it has no test: no simple record shows it, because another rule stops or changes it before"
            )
            found.append(Finding("look", entry.rows, entry.title, words))
    return found
