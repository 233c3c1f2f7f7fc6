"""What can be wrong with a text, as a value, and how it is shown; changes with the form of diagnostics (finds none itself).

The same object stands in the terminal, the web editor, the language server and `--format json`; its form is version 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dsl.source import Position, Source
from dsl.tree import Span


class Severity(StrEnum):
    """An error keeps a rule set from being used, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace what stands from `start` to `end` of the file by `text`."""

    file: str
    start: Position
    end: Position
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that an editor can carry out, with a title such as "Change to `more`"."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that belongs to the matter."""

    message: str
    file: str
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake (or doubt): what, where, why and what to do.

    `label` stands under the marked place, `help` is the next step, `docs` the page of the code relative to the docs' root.
    """

    code: str
    severity: Severity
    message: str
    file: str
    start: Position
    end: Position
    label: str = ""
    related: tuple[Related, ...] = ()
    help: str = ""
    fixes: tuple[Fix, ...] = ()
    docs: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def as_json(self) -> dict[str, object]:
        """The stable form for other programs: plain dicts, lists, text and integers."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "file": self.file,
            "start": _place(self.start),
            "end": _place(self.end),
            "label": self.label,
            "related": [
                {"message": each.message, "file": each.file, "start": _place(each.start), "end": _place(each.end)}
                for each in self.related
            ],
            "help": self.help,
            "fixes": [
                {
                    "title": fix.title,
                    "edits": [
                        {"file": each.file, "start": _place(each.start), "end": _place(each.end), "text": each.text}
                        for each in fix.edits
                    ],
                }
                for fix in self.fixes
            ],
            "docs": self.docs,
        }


def _place(position: Position) -> dict[str, int]:
    return {"line": position.line, "col": position.column, "offset": position.offset}


def edit_at(source: Source, span: Span, text: str) -> Edit:
    """The edit that puts `text` in place of a span of this source."""
    return Edit(span.file, source.position(span.start), source.position(span.end), text)


def render(diagnostic: Diagnostic, sources: Mapping[str, Source] | None = None) -> str:
    """The diagnostic for a terminal, with the line that it is about.

    error R102: there is no word `mor` here
      web.rules:4:31
        4 |   when order.total is mor than 5.00 USD
          |                       ^^^ did you mean `more`?
      help: …
    """
    lines = [f"{diagnostic.severity} {diagnostic.code}: {diagnostic.message}"]
    lines += _excerpt(diagnostic.file, diagnostic.start, diagnostic.end, diagnostic.label, sources or {})
    for each in diagnostic.related:
        lines.append(f"  note: {each.message}")
        lines += _excerpt(each.file, each.start, each.end, "", sources or {})
    if diagnostic.help:
        lines.append(f"  help: {diagnostic.help}")
    lines += [f"  fix: {fix.title}" for fix in diagnostic.fixes]
    if diagnostic.docs:
        lines.append(f"  more: docs/{diagnostic.docs}")
    return "\n".join(lines)


_WIDEST = 160


def _excerpt(file: str, start: Position, end: Position, label: str, sources: Mapping[str, Source]) -> list[str]:
    lines = [f"  {file}:{start.line}:{start.column}"]
    source = sources.get(file)
    if source is None:
        return lines + ([f"    {label}"] if label else [])
    text = source.line_text(start.line)
    column = start.column - 1
    length = (end.offset - start.offset) if end.line == start.line else len(text) - column
    length = max(1, min(length, max(1, len(text) - column)))
    if len(text) > _WIDEST:  # a rule set on one line still shows the place
        cut = max(0, min(column - _WIDEST // 3, len(text) - _WIDEST))
        text, column = text[cut : cut + _WIDEST], column - cut
        length = min(length, _WIDEST - column)
    # A tab keeps its place under the line it stands in, whatever the terminal makes of it.
    indent = "".join("\t" if letter == "\t" else " " for letter in text[:column])
    number = str(start.line)
    shown = "".join(letter if letter.isprintable() or letter == "\t" else "\ufffd" for letter in text)
    lines.append(f"  {number:>4} | {shown}".rstrip())
    lines.append(f"  {'':>4} | {indent}{'^' * max(1, length)} {label}".rstrip())
    return lines
