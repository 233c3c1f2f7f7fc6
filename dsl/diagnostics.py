"""What can be wrong with a text, as a value; changes with the form of diagnostics (finds none itself, draws none).

The same object stands in the terminal, the web editor, the language server and `--format json`; its form is version 1.
"""

from __future__ import annotations

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
