"""Where words, comments and line ends stand in a text, and how a change keeps them; changes with how edits are laid out.

The tree says what was read, the tokens where its words stand. A sheet looks at one stretch of the text (a block); all
offsets are those of the whole text. It knows tokens and lines, and no block.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from dsl.tokens import BLANK, COMMENT, tokens_of

WIDEST = 110
"""Lines are not made longer than this where there is a choice."""


@dataclass(frozen=True, slots=True)
class Change:
    """Replace what stands from `start` to `end` of the text (offsets in characters) by `text`."""

    start: int
    end: int
    text: str


class Sheet:
    """The tokens of the text from `start` to `end`."""

    __slots__ = ("_comments", "_ends", "_starts", "_text", "_tokens", "end", "newline", "start")

    def __init__(self, text: str, start: int = 0, end: int | None = None) -> None:
        self._text = text
        self.start = start
        self.end = len(text) if end is None else end
        found = [each for each in tokens_of(text[self.start : self.end]) if each.kind != BLANK]
        self._tokens = [each for each in found if each.kind != COMMENT]
        self._comments = [(each.start + start, each.end + start) for each in found if each.kind == COMMENT]
        self._starts = [each.start + start for each in self._tokens]
        self._ends = [each.end + start for each in self._tokens]
        at = text.find("\n")
        self.newline = "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"

    @property
    def text(self) -> str:
        return self._text

    def words(self, start: int, end: int) -> str:
        return self._text[start:end]

    # --- tokens -------------------------------------------------------------------------------------------------------

    def kind_at(self, offset: int) -> str:
        """The terminal of the token that begins at an offset, "" where none does."""
        place = bisect_left(self._starts, offset)
        return self._tokens[place].kind if place < len(self._starts) and self._starts[place] == offset else ""

    def after(self, offset: int) -> tuple[str, int, int] | None:
        """The first token that begins at or behind an offset: its terminal and its place."""
        return self._of(bisect_left(self._starts, offset))

    def before(self, offset: int) -> tuple[str, int, int] | None:
        """The last token that ends at or before an offset."""
        return self._of(bisect_right(self._ends, offset) - 1)

    def _of(self, place: int) -> tuple[str, int, int] | None:
        if not 0 <= place < len(self._tokens):
            return None
        return self._tokens[place].kind, self._starts[place], self._ends[place]

    def between(self, start: int, end: int) -> list[tuple[str, int, int]]:
        """The tokens that lie within a stretch."""
        found = []
        for place in range(bisect_left(self._starts, start), len(self._starts)):
            if self._ends[place] > end:
                break
            found.append((self._tokens[place].kind, self._starts[place], self._ends[place]))
        return found

    def find(self, kind: str, start: int, end: int) -> tuple[int, int] | None:
        """The first token of a terminal within a stretch."""
        return next(((a, b) for each, a, b in self.between(start, end) if each == kind), None)

    def comments(self, start: int, end: int) -> list[tuple[int, int]]:
        """The comments that begin within a stretch."""
        return [each for each in self._comments if start <= each[0] < end]

    # --- parentheses --------------------------------------------------------------------------------------------------

    def balanced(self, start: int, end: int) -> tuple[int, int]:
        """The stretch with every parenthesis that it opens or closes: a node's place begins behind those of its first part."""
        depth = least = 0
        for kind, _, _ in self.between(start, end):
            if kind == "OPEN":
                depth += 1
            elif kind == "CLOSE":
                depth -= 1
                least = min(least, depth)
        place = bisect_left(self._starts, start)
        for _ in range(-least):
            missing = 1
            while missing and place > 0:
                place -= 1
                kind = self._tokens[place].kind
                missing += (kind == "CLOSE") - (kind == "OPEN")
            start = self._starts[place]
        place = bisect_right(self._ends, end) - 1
        for _ in range(depth - least):
            missing = 1
            while missing and place + 1 < len(self._tokens):
                place += 1
                kind = self._tokens[place].kind
                missing += (kind == "OPEN") - (kind == "CLOSE")
            end = self._ends[place]
        return start, end

    def region(self, start: int, end: int, low: int, high: int) -> tuple[int, int]:
        """The balanced stretch with the parentheses that stand around it alone, none of them outside of `low` … `high`."""
        start, end = self.balanced(start, end)
        while True:
            before, after = self.before(start), self.after(end)
            if (
                before is None
                or after is None
                or before[0] != "OPEN"
                or after[0] != "CLOSE"
                or before[1] < low
                or after[2] > high
            ):
                return start, end
            start, end = before[1], after[2]

    # --- lines --------------------------------------------------------------------------------------------------------

    def line_start(self, offset: int) -> int:
        return self._text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the line ends, without its line feed and carriage return."""
        at = self._text.find("\n", offset)
        at = len(self._text) if at < 0 else at
        return at - 1 if at > offset and self._text[at - 1] == "\r" else at

    def next_line(self, offset: int) -> int:
        """Where the next line starts; the end of the text where there is none."""
        at = self._text.find("\n", offset)
        return len(self._text) if at < 0 else at + 1

    def indent(self, offset: int) -> str:
        """The blanks that the line of an offset begins with."""
        start = self.line_start(offset)
        at = start
        while at < len(self._text) and self._text[at] in " \t":
            at += 1
        return self._text[start:at]

    def column(self, offset: int) -> int:
        return offset - self.line_start(offset)

    def begins_line(self, offset: int) -> bool:
        """Whether only blanks stand before it on its line."""
        return not self._text[self.line_start(offset) : offset].strip()

    def comment_behind(self, offset: int) -> tuple[int, int] | None:
        """A comment on the same line with only blanks before it."""
        end = self.line_end(offset)
        rest = self._text[offset:end]
        if not rest.lstrip().startswith("//"):
            return None
        return offset + len(rest) - len(rest.lstrip()), end

    def ends_line(self, offset: int) -> bool:
        """Whether only blanks or a comment stand behind it on its line."""
        return not self._text[offset : self.line_end(offset)].strip() or self.comment_behind(offset) is not None

    def aligned(self, offset: int) -> str:
        """Blanks that bring a new line to the column of an offset; tabs stay tabs."""
        before = self._text[self.line_start(offset) : offset]
        return "".join(each if each == "\t" else " " for each in before)

    # --- changes ------------------------------------------------------------------------------------------------------

    def put_behind(self, anchor: int, words: str, indent: str, *, own_line: bool = True) -> Change:
        """New words behind a part: on a line of their own where nothing follows on the part's line, else beside it."""
        if own_line and self.ends_line(anchor):
            at = self.line_end(anchor)
            if self.comment_behind(anchor) is None:
                at = anchor if not self._text[anchor:at].strip() else at
            return Change(at, at, f"{self.newline}{indent}{words}")
        return Change(anchor, anchor, f" {words}")

    def instead(self, start: int, end: int, words: str) -> Change:
        """Other words in place of a part; the comments inside of it stay, on lines of their own behind the words."""
        inside = self.comments(start, end)
        if not inside:
            return Change(start, end, words)
        gap = f"{self.newline}{self.indent(start)}  "
        kept = gap.join([words, *(self._text[a:b].rstrip("\r") for a, b in inside)])
        return Change(start, end, kept if not self._text[end : self.line_end(end)].strip() else kept + gap)

    def take_out(self, start: int, end: int, *, with_comment: bool = True) -> Change:
        """Takes a part out: its lines where it has them to itself, else the part and the blanks before it.

        A comment behind it goes with a part that has its line to itself (`with_comment`), or keeps its line; then those inside
        of it stay as well.
        """
        comment = self.comment_behind(end)
        inside = self.comments(start, end)
        if inside and not with_comment:
            gap = f"{self.newline}{self.indent(start)}"
            kept = gap.join(self._text[a:b].rstrip("\r") for a, b in inside)
            return Change(start, end, kept if not self._text[end : self.line_end(end)].strip() else kept + gap)
        if self.begins_line(start):
            if not self._text[end : self.line_end(end)].strip() or (comment is not None and with_comment):
                return Change(self.line_start(start), self.next_line(end), "")
            if comment is not None:
                return Change(start, comment[0], "")
            following = self.after(end)
            return Change(start, end if following is None else min(following[1], self.line_end(end)), "")
        at = start
        while at > self.start and self._text[at - 1] in " \t":
            at -= 1
        return Change(at, end, "")


def changed(text: str, changes: Sequence[Change]) -> str:
    """The text after changes that do not overlap; those at one place go in in the order given."""
    pieces: list[str] = []
    at = 0
    for each in sorted(changes, key=lambda each: (each.start, each.end)):
        pieces += [text[at : each.start], each.text]
        at = max(at, each.end)
    pieces.append(text[at:])
    return "".join(pieces)
