"""Carries out the fixes of diagnostics that leave no choice; changes with which fixes a program may apply by itself.

A fix is taken only where it is the only one of its diagnostic and no person has to decide, and a text is kept only where it
has no more errors than before. It knows no check by itself: whoever calls brings it along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dsl.codes import CODES
from dsl.diagnostics import Diagnostic, Edit, Fix

_MOST_ROUNDS = 50

Check = Callable[[str], Sequence[Diagnostic]]
"""The diagnostics of a text of this file."""


@dataclass(frozen=True, slots=True)
class Mended:
    """The text with fixes carried out, which ones (each with the text that it was found in), and what is left."""

    text: str
    done: tuple[tuple[Diagnostic, Fix, str], ...]
    left: tuple[Diagnostic, ...]


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text after edits of one file, which must not overlap."""
    return spliced(text, [(each.start.offset, each.end.offset, each.text) for each in edits])


def spliced(text: str, pieces: Iterable[tuple[int, int, str]]) -> str:
    """The text with new pieces: (from this offset, to this one, what stands there now)."""
    parts: list[str] = []
    at = 0
    for start, end, new in sorted(pieces, key=lambda piece: piece[:2]):
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


def only_fix(diagnostic: Diagnostic) -> Fix | None:
    """The fix that can be carried out without asking anybody, if there is one.

    The fix of an error or of a matter of style, the only one that it has, all in the file that the error is in. A warning
    is a doubt about what is meant, and a code can say that a person decides.
    """
    code = CODES[diagnostic.code]
    if len(diagnostic.fixes) != 1 or code.by_hand or not (diagnostic.is_error or diagnostic.code.startswith("R9")):
        return None
    fix = diagnostic.fixes[0]
    return fix if fix.edits and all(each.file == diagnostic.file for each in fix.edits) else None


def mend(text: str, file: str, check: Check) -> Mended:
    """The text with every fix that leaves no choice, one diagnostic after another; see the module.

    Fixes that do not touch one another are tried together; where that brings an error, one by one. A text that can be read
    on may show what was hidden behind the mistake: then it goes on, and the last text is kept that has no more errors than
    the first one had.
    """
    found = [each for each in check(text) if each.file == file]
    most = _errors(found)
    done: tuple[tuple[Diagnostic, Fix, str], ...] = ()
    best = Mended(text, done, tuple(found))
    refused: set[_Name] = set()
    seen = {text}
    for _ in range(_MOST_ROUNDS):
        chosen = _apart([(each, fix) for each in found if (fix := only_fix(each)) and _name(each) not in refused])
        if not chosen:
            break
        for group in [chosen] if len(chosen) == 1 else [chosen, chosen[:1]]:
            tried = spliced(text, _pieces(group))
            after = [each for each in check(tried) if each.file == file]
            if tried not in seen and _better(found, after, [each for each, _ in group]):
                done += tuple((each, fix, text) for each, fix in group)
                text, found = tried, after
                seen.add(tried)
                break
        else:
            refused.add(_name(chosen[0][0]))
        if _errors(found) <= most:
            best = Mended(text, done, tuple(found))
    return best


def _errors(found: Iterable[Diagnostic]) -> int:
    return sum(each.is_error for each in found)


def _pieces(group: Iterable[tuple[Diagnostic, Fix]]) -> list[tuple[int, int, str]]:
    """The edits of several fixes, each once: two diagnostics may be mended by one change."""
    edits = {(e.start.offset, e.end.offset, e.text) for _, fix in group for e in fix.edits}
    return sorted(edits)


def _apart(fixes: Sequence[tuple[Diagnostic, Fix]]) -> list[tuple[Diagnostic, Fix]]:
    """Those that touch nothing that one before them touches."""
    taken: list[tuple[int, int]] = []
    chosen = []
    for diagnostic, fix in fixes:
        spans = [(each.start.offset, each.end.offset) for each in fix.edits]
        if all(end < start or stop < begin for begin, end in spans for start, stop in taken):
            taken += spans
            chosen.append((diagnostic, fix))
    return chosen


def _better(before: Sequence[Diagnostic], after: Sequence[Diagnostic], mended: Sequence[Diagnostic]) -> bool:
    """Whether what was to be mended is gone, and no error is more, but behind a place that could not be read before."""
    hidden = any(each.code.startswith("R1") for each in mended)
    if _errors(after) > _errors(before) and not hidden:
        return False
    left = Counter(map(_name, after))
    there = Counter(map(_name, before))
    return all(left[_name(each)] < there[_name(each)] for each in mended)


_Name = tuple[str, str, tuple[str, ...]]


def _name(diagnostic: Diagnostic) -> _Name:
    """What tells a finding from the others when its place may have moved."""
    return diagnostic.code, diagnostic.message, tuple(edit.text for fix in diagnostic.fixes for edit in fix.edits)
