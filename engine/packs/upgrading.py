"""What another version of a used pack would bring: its changes, what of the user's they touch, what then is wrong.

Changes with what an upgrade tells beforehand. It writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dsl import tree
from dsl.check import Checked, check_text
from dsl.comparing import BlockChange, BlockKey, Change, compare, parts_of
from dsl.diagnostics import Diagnostic
from dsl.packs import Library, alias_of
from dsl.values import fold
from engine.packs.own_tests import PackTest, run_pack_tests
from engine.packs.pack import PackRefused, rank
from engine.rule_tests import TestResult, run_tests
from engine.rulesets import schema
from engine.trial_records import ReadRecorded


class Weight(StrEnum):
    """Whether something stops working, or is only worth a look."""

    BREAKS = "breaks"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Touched:
    """Something of the user's (a setting given, a rule turned off or replaced) that meets a change of the pack."""

    weight: Weight
    words: str
    change: BlockChange | None = None

    def as_json(self) -> dict[str, object]:
        return {"weight": self.weight.value, "words": self.words}


@dataclass(frozen=True, slots=True)
class TestChange:
    """One of the file's own tests under both versions; None where the file then has errors and no test can run."""

    title: str
    line: int
    before: TestResult
    after: TestResult | None

    __test__ = False  # not one for pytest to collect


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """An upgrade before it is made. `text` is the file with the other version written in; `new_diagnostics` are those that
    it does not have now, `gone` those that it then no longer has."""

    pack: str
    old: str
    new: str
    changes: tuple[BlockChange, ...]
    tables: tuple[tuple[str, Change], ...]
    touched: tuple[Touched, ...]
    text: str
    before: Checked
    after: Checked
    new_diagnostics: tuple[Diagnostic, ...]
    gone: tuple[Diagnostic, ...]
    tests: tuple[TestChange, ...]
    pack_tests: tuple[PackTest, ...]

    @property
    def breaks(self) -> bool:
        """Whether the file would have errors, or one of its tests would fail that passes now."""
        return not self.after.ok or any(
            each.before.passed and (each.after is None or not each.after.passed) for each in self.tests
        )

    def as_json(self) -> dict[str, object]:
        return {
            "pack": self.pack,
            "from": self.old,
            "to": self.new,
            "breaks": self.breaks,
            "changes": [each.as_json() for each in self.changes],
            "tables": [{"name": name, "change": change.value} for name, change in self.tables],
            "touched": [each.as_json() for each in self.touched],
            "new_diagnostics": [each.as_json() for each in self.new_diagnostics],
            "gone": [each.as_json() for each in self.gone],
            "tests": [
                {
                    "title": each.title,
                    "line": each.line,
                    "before": each.before.passed,
                    "after": None if each.after is None else each.after.passed,
                    "failures": [] if each.after is None else list(each.after.failures),
                }
                for each in self.tests
            ],
            "pack_tests": [each.as_json() for each in self.pack_tests],
        }


def upgrade(
    text: str,
    *,
    file: str,
    pack: str,
    to: str | None,
    library: Library,
    tables: Mapping[str, str],
    today: date,
    recorded: ReadRecorded | None = None,
) -> Upgrade:
    """What would change if the file used another version of a pack (the newest where `to` names none).

    Raises PackRefused where the file does not use it, has errors as it is, or there is no other version.
    """
    before = check_text(text, file=file, schema=schema(), library=library, tables=tables)
    use = _use(before, file, pack)
    old = use.version.text
    new = to or max(library.versions(pack), key=rank, default=old)
    if new == old:
        raise PackRefused(f'{file} uses version {old} of "{pack}", and there is no newer one.')
    old_text, new_text = library.find(pack, old), library.find(pack, new)
    if old_text is None or new_text is None:
        missing = old if old_text is None else new
        raise PackRefused(f'There is no version {missing} of "{pack}"; there are {", ".join(library.versions(pack))}.')
    span = use.version.span
    changed = f'{text[: span.start]}"{new}"{text[span.end :]}'
    after = check_text(changed, file=file, schema=schema(), library=library, tables=tables)
    was, now = parts_of(old_text, file=f"{pack}@{old}"), parts_of(new_text, file=f"{pack}@{new}")
    changes = compare(was, now)
    known, later = _told(before), _told(after)
    return Upgrade(
        pack=pack,
        old=old,
        new=new,
        changes=changes,
        tables=_tables(library.tables(pack, old), library.tables(pack, new)),
        touched=tuple(_touched(before, use, changes)),
        text=changed,
        before=before,
        after=after,
        new_diagnostics=tuple(each for each in after.diagnostics if _said(each) not in known),
        gone=tuple(each for each in before.diagnostics if _said(each) not in later),
        tests=tuple(_tests(before, after, today, recorded)),
        pack_tests=()
        if after.ruleset is None or after.file is None
        else tuple(run_pack_tests(after.file, after.ruleset, library, today=today, only=pack)),
    )


def _use(checked: Checked, file: str, pack: str) -> tree.Use:
    if checked.ruleset is None or checked.file is None:
        raise PackRefused(f"{file} has errors as it is: mend them first (cloudcart check {file}).")
    used = [each for each in checked.file.blocks if isinstance(each, tree.Use)]
    found = next((each for each in used if each.pack.text == pack), None)
    if found is None:
        names = ", ".join(f'"{each.pack.text}"' for each in used) or "none"
        raise PackRefused(f'{file} does not use the pack "{pack}"; it uses {names}.')
    return found


def _said(diagnostic: Diagnostic) -> tuple[str, str, str]:
    return diagnostic.code, diagnostic.file, diagnostic.message


def _told(checked: Checked) -> set[tuple[str, str, str]]:
    return {_said(each) for each in checked.diagnostics}


def _tables(was: Mapping[str, str], now: Mapping[str, str]) -> tuple[tuple[str, Change], ...]:
    found = []
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            change = Change.ADDED if name not in was else Change.REMOVED if name not in now else Change.CHANGED
            found.append((name, change))
    return tuple(found)


def _tests(before: Checked, after: Checked, today: date, recorded: ReadRecorded | None) -> Iterator[TestChange]:
    if before.ruleset is None:
        return
    first = list(run_tests(before.ruleset, today=today, recorded=recorded))
    then: list[TestResult] = (
        [] if after.ruleset is None else list(run_tests(after.ruleset, today=today, recorded=recorded))
    )
    for place, result in enumerate(first):
        yield TestChange(result.title, result.line, result, then[place] if place < len(then) else None)


# --- what of the user's a change meets --------------------------------------------------------------------------------


def _touched(checked: Checked, use: tree.Use, changes: tuple[BlockChange, ...]) -> Iterator[Touched]:
    by_key = {each.before.key: each for each in changes if each.before is not None}
    given = {each.name for each in use.settings}
    for name in given:
        yield from _given(name, by_key.get(BlockKey("setting", fold(name))))
    for change in changes:
        if (
            change.before is not None
            and isinstance(change.before.block, tree.Setting)
            and change.before.title not in given
        ):
            yield from _default(change)
    for word in use.turned_off:
        yield from _rule_of_theirs(word.text, by_key, "turned off", "it stays off")
    alias = alias_of(use)
    for block in checked.file.blocks if checked.file is not None else ():
        if isinstance(block, tree.Rule) and block.replaces is not None:
            short, _, title = block.replaces.text.partition(": ")
            if short == alias:
                stays = f'your "{block.title.text}" stays in its place: the change does not reach you'
                yield from _rule_of_theirs(title, by_key, "replaced", stays)


def _given(name: str, change: BlockChange | None) -> Iterator[Touched]:
    if change is None:
        return
    if change.after is None:
        yield Touched(Weight.BREAKS, f"you give a value to `{name}`, which is no more a setting of the pack", change)
        return
    was, now = change.before and change.before.block, change.after.block
    if isinstance(was, tree.Setting) and isinstance(now, tree.Setting) and was.type != now.type:
        words = f"you give a value to `{name}`, which was {was.type.words} and is {now.type.words} now"
        yield Touched(Weight.BREAKS, words, change)
    else:
        yield Touched(Weight.LOOK, f"you give a value to `{name}`; what the pack says of it changed", change)


def _default(change: BlockChange) -> Iterator[Touched]:
    was = change.before.block if change.before is not None else None
    now = change.after.block if change.after is not None else None
    if isinstance(was, tree.Setting) and isinstance(now, tree.Setting) and was.default != now.default:
        yield Touched(
            Weight.LOOK,
            f"you use the default of `{was.name.text}`, and that changes; set it in the `use` to keep it",
            change,
        )


def _rule_of_theirs(title: str, by_key: Mapping[BlockKey, BlockChange], done: str, then: str) -> Iterator[Touched]:
    change = by_key.get(BlockKey("rule", fold(title)))
    if change is None:
        return
    if change.change is Change.RENAMED and change.after is not None:
        yield Touched(Weight.BREAKS, f'"{title}", which you have {done}, is called "{change.after.title}" now', change)
    elif change.after is None:
        yield Touched(Weight.BREAKS, f'"{title}", which you have {done}, is no more in the pack', change)
    elif change.change is Change.CHANGED:
        yield Touched(Weight.LOOK, f'"{title}", which you have {done}, changed; {then}', change)
