"""How parts of the text read in findings, and what edits of them look like; changes with the words of findings.

It decides nothing: it knows the text of the file and how `and` and `or` are written in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from dsl.report import Reporter
from dsl.tree import Expression, Node, Span

_LONGEST = 60
_NOTHING_ELSE = re.compile(r"\s*(and|or)\s*")


def shown(reporter: Reporter, node: Node) -> str:
    """A part of the text on one line, between back quotes, shortened in its middle where it is long."""
    words = " ".join(text_of(reporter, node.span).split())
    if len(words) > _LONGEST:
        words = f"{words[: _LONGEST - 16].rstrip()} … {words[-13:].lstrip()}"
    return f"`{words}`"


def text_of(reporter: Reporter, span: Span) -> str:
    """What stands there, as it stands."""
    return reporter.source(span.file).text[span.start : span.end]


def joined_otherwise(reporter: Reporter, operands: Sequence[Expression], word: str) -> tuple[Span, str] | None:
    """The edit that joins conditions which stand side by side with `and` (or `or`) instead of the other word.

    None where something else stands between them: a parenthesis, a comment.
    """
    first, last = operands[0].span, operands[-1].span
    text = reporter.source(first.file).text
    pieces = []
    for before, after in pairwise(operands):
        between = text[before.span.end : after.span.start]
        found = _NOTHING_ELSE.fullmatch(between)
        if before.span.file != after.span.file or found is None:
            return None
        if len(operands) == 2:
            at = before.span.end
            return reporter.source(first.file).span(at + found.start(1), at + found.end(1)), word
        pieces += [text[before.span.start : before.span.end], between[: found.start(1)], word, between[found.end(1) :]]
    pieces.append(text[last.start : last.end])
    return _stretch(reporter, first, last), "".join(pieces)


def without(reporter: Reporter, operands: Sequence[Expression], gone: int) -> tuple[Span, str] | None:
    """The edit that takes one of several joined conditions out, with the word that joins it; None as above."""
    neighbour = gone - 1 if gone else 1
    low, high = sorted((neighbour, gone))
    before, after = operands[low].span, operands[high].span
    text = reporter.source(before.file).text
    if before.file != after.file or _NOTHING_ELSE.fullmatch(text[before.end : after.start]) is None:
        return None
    # The other one stays where it stands, so that nothing around it moves.
    if gone > neighbour:
        return reporter.source(before.file).span(before.end, after.end), ""
    return reporter.source(before.file).span(before.start, after.start), ""


def _stretch(reporter: Reporter, first: Span, last: Span) -> Span:
    return reporter.source(first.file).span(first.start, last.end)
