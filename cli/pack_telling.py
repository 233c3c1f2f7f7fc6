"""What `cloudcart packs` says to people: how far a copy has moved, what an upgrade would do, how packs' tests ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli import output

if TYPE_CHECKING:
    from dsl.comparing import BlockChange
    from engine.packs.cloning import Drift
    from engine.packs.own_tests import PackTest
    from engine.packs.upgrading import Upgrade
    from engine.plan.running import Plan


def drift_lines(file: Path, found: Drift) -> list[str]:
    """How far both have moved, for people."""
    from dsl.comparing import Moved

    origin = found.origin
    lines = [f'{file} was cloned from "{origin.name}" version {origin.version}; the newest is {found.newest}.']
    told = {
        Moved.OURS: "Changed in the copy only",
        Moved.THEIRS: "Changed in the pack only",
        Moved.BOTH_ALIKE: "Changed in both alike",
        Moved.CONFLICT: "Changed in both, differently: somebody has to choose",
    }
    for who, words in told.items():
        blocks = found.of(who)
        tables = [name for name, whose in found.tables if whose is who]
        if not blocks and not tables:
            continue
        lines.append(f"{words}:")
        lines += [f"  {each.words}" for each in blocks]
        lines += [f"  the file {name}" for name in tables]
    if found.merged.order_conflict:
        lines.append("Both have moved rules about, differently; the copy's order stands in a merge.")
    if len(lines) == 1:
        lines.append("Both are as they were.")
    return lines


def change_lines(changes: tuple[BlockChange, ...]) -> list[str]:
    lines = []
    for each in changes:
        lines.append(each.words)
        if each.before is not None and each.after is not None:
            lines += [f"    {line}" for line in each.diff()]
    return lines


def test_lines(file: str, found: list[PackTest]) -> list[str]:
    """What came of the packs' tests, for people: first what needs a look, then the sum."""
    from engine.packs.own_tests import Verdict

    lines = []
    for each in found:
        if each.verdict in (Verdict.DIFFERS, Verdict.BROKEN):
            word = "FAILED " if each.verdict is Verdict.BROKEN else "differs"
            lines.append(f"{word}  {each.pack}@{each.version}  {each.title}")
            lines += [f"         {failure}" for failure in each.failures]
            if each.because and each.verdict is Verdict.DIFFERS:
                lines.append(f"         with your settings of {', '.join(each.because)}; with the pack's own it passes")
    counts = {verdict: sum(1 for each in found if each.verdict is verdict) for verdict in Verdict}
    words = {
        Verdict.PASSED: "passed",
        Verdict.DIFFERS: "differ with your settings",
        Verdict.OFF: "about rules that you turned off or replaced",
        Verdict.BROKEN: "failed",
    }
    said = ", ".join(f"{counts[verdict]} {words[verdict]}" for verdict in Verdict if counts[verdict])
    lines.append(f"{file}: of the packs' own tests {said}" if found else f"{file}: no pack with tests is used")
    return lines


def upgrade_lines(file: Path, found: Upgrade) -> list[str]:
    """What an upgrade would do, for people."""
    from dsl.showing import render
    from engine.packs.upgrading import Weight

    lines = [f'"{found.pack}" {found.old} -> {found.new}, as {file} uses it', "", "What the pack does otherwise:"]
    lines += [f"  {line}" for line in change_lines(found.changes)] or ["  nothing that would be told apart"]
    lines += [f"  the file {name} {change.value}" for name, change in found.tables]
    if found.touched:
        lines += ["", "What of yours it meets:"]
        ordered = sorted(found.touched, key=lambda each: each.weight is Weight.LOOK)
        lines += [f"  {each.weight.value:<6}  {each.words}" for each in ordered]
    if found.new_diagnostics:
        lines += ["", f"What would then be wrong with {file}:"]
        for each in found.new_diagnostics:
            lines += [f"  {line}" for line in render(each, found.after.sources).splitlines()]
    lines += [f"no longer said: {each.code} {each.message}" for each in found.gone]
    lines += ["", *_test_lines(file, found)]
    return lines


def _test_lines(file: Path, found: Upgrade) -> list[str]:
    lines = []
    for each in found.tests:
        if each.after is None or each.after.passed == each.before.passed:
            continue
        lines.append(f"  {'passes now' if each.after.passed else 'FAILS'}  {file}:{each.line}  {each.title}")
        lines += [f"         {failure}" for failure in each.after.failures]
    if any(each.after is None for each in found.tests):
        told = "Tests: none can run while the file has errors."
    elif not found.tests:
        told = f"Tests: {file} has none; write some, or make them from orders (cloudcart test --make-from)."
    else:
        passed = sum(1 for each in found.tests if each.after is not None and each.after.passed)
        told = f"Tests: {passed} of {output.counted(len(found.tests), 'test')} of {file} would pass."
    return [told, *lines, *(test_lines(str(file), list(found.pack_tests)) if found.pack_tests else [])]


def tell_plan(plan: Plan, found: Upgrade) -> None:
    """What an upgrade would change in the books, as `cloudcart plan` tells it."""
    from cli.telling import Teller
    from engine.plan.telling import told

    output.data("")
    Teller().tell(told(plan, found.old, found.new, everything=False))
