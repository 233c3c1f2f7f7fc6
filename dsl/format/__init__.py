"""The one canonical form of a rule-set text; changes with what a formatter promises (lays nothing out itself).

What comes out has the same tree, the same comments in their order, and is not changed by a second run: that is looked at
each time, and a text for which it does not hold is left as it is. Decisions that show:

- One form for one tree: blanks and line ends between words say nothing. What people say with layout stays: comments, and
  single blank lines.
- Dates are written 2026-01-31, times 06:00, amounts with a blank before the currency; all else as it stands: words,
  parentheses, numbers (12.50 stays 12.50), texts to the letter.
- Lines are broken from 100 columns on, at `and`, `or`, `or else`, commas and before clauses; texts never are.
- Line ends stay what the first one of the file is (LF or CRLF), the last line gets its end; a byte order mark is no text.
"""

from __future__ import annotations

from dataclasses import dataclass

from dsl.diagnostics import Diagnostic
from dsl.format.blocks import Blocks
from dsl.format.pieces import pieces_of
from dsl.parse import parse_text
from dsl.tokens import tokens_of

__all__ = ["Formatted", "format_text"]

_MOST_RUNS = 12


@dataclass(frozen=True, slots=True)
class Formatted:
    """What came of formatting: the text in its canonical form, or the text as it was and why.

    `errors` are the mistakes for which a text cannot be read; `refusal` says in a sentence why it stays as it is, "" where
    it was formatted. `notes` tell what changed that cannot be seen.
    """

    text: str
    changed: bool
    refusal: str = ""
    errors: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()


def format_text(text: str, *, file: str = "") -> Formatted:
    """The canonical form of a rule-set text. Never raises, for any text; `file` is for the places of mistakes."""
    body = text.removeprefix("\ufeff").replace("\r\n", "\n")
    parsed = parse_text(text.removeprefix("\ufeff"), file=file)
    errors = tuple(each for each in parsed.diagnostics if each.is_error)
    if errors or parsed.file is None:
        return Formatted(text, False, "it has mistakes, and what cannot be read cannot be laid out", errors)
    settled = _settled(body)
    if settled is None:
        return Formatted(text, False, "its comments stand where no layout would keep them; nothing was changed")
    first = text.find("\n")
    written = settled.replace("\n", "\r\n") if text[first - 1 : first] == "\r" else settled
    if written == text:
        return Formatted(text, False)
    if settled != body:
        again = parse_text(settled, file=file)
        if again.file != parsed.file or any(each.is_error for each in again.diagnostics):
            return Formatted(text, False, "its layout would have changed what it means; nothing was changed")
    return Formatted(written, True, notes=_notes(text, written))


def _settled(body: str) -> str | None:
    """The form that a further run does not change; None where words or comments would be lost, or no form is final.

    A comment in the middle of a statement moves to the end of its line, and may let the next run break other lines.
    """
    first = current = pieces_of(tokens_of(body))
    remarks = first.remarks()
    text = body
    for _ in range(_MOST_RUNS):
        written = Blocks(current).file().text()
        if written == text:
            return text
        text, before = written, current
        current = pieces_of(tokens_of(text))
        if (current.kinds, current.texts, current.remarks()) != (first.kinds, first.texts, remarks):
            return None
        if current == before:  # the layout depends on nothing else
            return text
    return None


def _notes(before: str, after: str) -> tuple[str, ...]:
    notes = []
    if before.startswith("\ufeff"):
        notes.append("took away the byte order mark at its beginning")
    if "\r\n" in before and before.count("\r\n") != before.count("\n"):
        notes.append("made all line ends the same" + (" (CRLF)" if "\r\n" in after else " (LF)"))
    return tuple(notes)
