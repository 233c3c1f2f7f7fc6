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

from dsl.cutting import cut
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

    `errors` are the mistakes for which a text cannot be read; `refusal` says in a sentence why it, or a part of it, stays as
    it is, "" where all of it was formatted. `notes` tell what changed that cannot be seen.
    """

    text: str
    changed: bool
    refusal: str = ""
    errors: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()


def format_text(text: str, *, file: str = "", around_mistakes: bool = False) -> Formatted:
    """The canonical form of a rule-set text. Never raises, for any text; `file` is for the places of mistakes.

    With `around_mistakes` the blocks that have some stay to the letter, and the others are laid out.
    """
    body = text.removeprefix("\ufeff").replace("\r\n", "\n")
    parsed = parse_text(text.removeprefix("\ufeff"), file=file)
    errors = tuple(each for each in parsed.diagnostics if each.is_error)
    if errors and around_mistakes:
        return _around(text, body, errors)
    if errors or parsed.file is None:
        return Formatted(text, False, "it has mistakes, and what cannot be read cannot be laid out", errors)
    settled = _settled(body)
    if settled is None:
        return Formatted(text, False, "its comments stand where no layout would keep them; nothing was changed")
    written = _with_line_ends_of(text, settled)
    if written == text:
        return Formatted(text, False)
    if not _say_the_same(body, settled):
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


def _say_the_same(one: str, other: str) -> bool:
    """Whether two texts have the same tree, and no mistake. Pieces that are the same to the letter are not read again."""
    before, after = ([each.text for each in cut(text)] for text in (one, other))
    if len(before) == len(after):
        changed = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
        if all(_same_tree(*pair) for pair in changed):
            return True
    return _same_tree(one, other)  # where lines were cut otherwise, single pieces say nothing


def _same_tree(one: str, other: str) -> bool:
    read = parse_text(other, file="")
    return read.whole and read.file == parse_text(one, file="").file


def _with_line_ends_of(text: str, written: str) -> str:
    first = text.find("\n")
    return written.replace("\n", "\r\n") if text[first - 1 : first] == "\r" else written


_STANDS_FOR = "// \ue000"
"""A remark that no file has stands for a block with mistakes while the others are laid out."""


def _around(text: str, body: str, errors: tuple[Diagnostic, ...]) -> Formatted:
    """The text with the blocks laid out that can be read by themselves."""
    refusal = "blocks with mistakes stay as they are: what cannot be read cannot be laid out"
    kept: list[str] = []
    parts: list[str] = []
    for each in cut(body):
        if parse_text(each.text, file="").whole:
            parts.append(each.text)
        else:
            parts.append(f"\n\n{_STANDS_FOR}{len(kept)}.\n\n")
            kept.append(each.text.strip("\n"))
    made = format_text("".join(parts))
    if made.refusal or _STANDS_FOR in body:
        return Formatted(text, False, "it has mistakes, and what cannot be read cannot be laid out", errors)
    settled = made.text
    for number, block in enumerate(kept):
        settled = settled.replace(f"{_STANDS_FOR}{number}.", block)
    before, after = pieces_of(tokens_of(body)), pieces_of(tokens_of(settled))
    if (before.kinds, before.texts, before.remarks()) != (after.kinds, after.texts, after.remarks()):
        return Formatted(text, False, "it has mistakes, and what cannot be read cannot be laid out", errors)
    written = _with_line_ends_of(text, settled)
    return Formatted(written, written != text, refusal, errors)


def _notes(before: str, after: str) -> tuple[str, ...]:
    notes = []
    if before.startswith("\ufeff"):
        notes.append("took away the byte order mark at its beginning")
    if "\r\n" in before and before.count("\r\n") != before.count("\n"):
        notes.append("made all line ends the same" + (" (CRLF)" if "\r\n" in after else " (LF)"))
    return tuple(notes)
