"""Shows a diagnostic to people in a terminal; changes with what stands where (finds nothing, knows no terminal).

The same object goes to other programs as JSON (`Diagnostic.as_json`), as SARIF (`dsl.showing.sarif`) and as commands of
GitHub's workflows (`dsl.showing.github`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dsl.diagnostics import Diagnostic, Fix, Related
from dsl.showing.change import change
from dsl.showing.excerpt import Mark, excerpt, mark, part_of
from dsl.showing.lines import hanging, printable
from dsl.showing.paint import Paint, Part, plain
from dsl.source import Position, Source

__all__ = ["WIDTH", "Paint", "Part", "change", "plain", "render"]

WIDTH = 100
"""The columns that are used where nobody says how many there are."""

_Place = tuple[Position, Position, str, Part, bool]
"""From where to where, the label, what it looks like, and whether it is the one that the diagnostic is about."""
_NEAR = 12
"""A place that belongs to the matter stands in the same excerpt where it is at most so many lines away."""
_MOST_CHANGES_SHOWN = 3


def render(
    diagnostic: Diagnostic,
    sources: Mapping[str, Source] | None = None,
    *,
    width: int = WIDTH,
    paint: Paint = plain,
) -> str:
    """The diagnostic in lines of at most `width` columns (words that are longer excepted).

    error R102: `mor` makes no sense here
      web.rules:3:32
         3 |   for order when order.total is mor than limit
           |                                 ^^^ did you mean `more`?
      help: `is more than 5`
      fix: Change it to `more`
         3 +   for order when order.total is more than limit
                                             ++++
      more: docs/errors/R102.md
    """
    known = sources or {}
    kind = part_of(diagnostic.severity)
    head = f"{diagnostic.severity} {diagnostic.code}:"
    said = hanging("", printable(diagnostic.message), width - len(head) - 1, 0)
    lines = [f"{paint(kind, head)} {paint(Part.MESSAGE, said[0])}"]
    lines += [f"  {paint(Part.MESSAGE, each)}" for each in said[1:]]
    near = [each for each in diagnostic.related if _near(diagnostic, each) and diagnostic.file in known]
    lines += _shown(
        diagnostic.file,
        [(diagnostic.start, diagnostic.end, diagnostic.label, kind, True)]
        + [(each.start, each.end, each.message, Part.OTHER, False) for each in near],
        known,
        width,
        paint,
    )
    for each in diagnostic.related:
        if each not in near:
            lines += hanging(f"  {paint(Part.OTHER, 'note:')} ", printable(each.message), width, 8)
            lines += _shown(each.file, [(each.start, each.end, "", Part.OTHER, False)], known, width, paint)
    if diagnostic.help:
        first, *rest = hanging("  help: ", printable(diagnostic.help), width, 8)
        lines += [first.replace("help:", paint(Part.HELP, "help:"), 1), *rest]
    for fix in diagnostic.fixes:
        lines += _fix(fix, known, width, paint, drawn=len(diagnostic.fixes) <= _MOST_CHANGES_SHOWN)
    if diagnostic.docs:
        lines.append(f"  {paint(Part.PLACE, f'more: docs/{diagnostic.docs}')}")
    return "\n".join(lines)


def _near(diagnostic: Diagnostic, each: Related) -> bool:
    away = max(each.start.line - diagnostic.end.line, diagnostic.start.line - each.end.line)
    return each.file == diagnostic.file and away <= _NEAR


def _shown(file: str, places: Sequence[_Place], known: Mapping[str, Source], width: int, paint: Paint) -> list[str]:
    start = places[0][0]
    lines = [f"  {paint(Part.PLACE, f'{printable(file)}:{start.line}:{start.column}')}"]
    source = known.get(file)
    if source is None:
        return lines + [f"    {printable(label)}" for _, _, label, _, _ in places if label]
    marks: list[Mark] = [
        mark(source, begin, end, label, part, primary=primary) for begin, end, label, part, primary in places
    ]
    return lines + excerpt(source, marks, width, paint)


def _fix(fix: Fix, known: Mapping[str, Source], width: int, paint: Paint, *, drawn: bool) -> list[str]:
    lines = hanging("  fix: ", printable(fix.title), width, 7)
    lines[0] = lines[0].replace("fix:", paint(Part.HELP, "fix:"), 1)
    files = {each.file for each in fix.edits}
    source = known.get(next(iter(files))) if len(files) == 1 else None
    if source is not None and drawn:
        lines += change(source, fix.edits, width, paint)
    return lines
