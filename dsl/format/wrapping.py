"""Where a clause, a statement or a value may be broken into lines; changes with the forms of the grammar.

What is read here can be read without a mistake, so only as much of the grammar is known as breaking lines needs. A part
that is not recognised stays on one line; every word is laid out, each in its place, in any case.
"""

from __future__ import annotations

from collections.abc import Callable

from dsl.format.layout import LINE, SOFT, Align, Fill, Group, Layout, Nest, Word
from dsl.format.page import width
from dsl.format.pieces import Pieces

STEP = 2
_SHORT = 12
"""Elements of a list up to this width stand side by side where the list is broken; longer ones each on a line."""

TAIL = frozenset(
    {"IS", "NOT", "EXACTLY", "PRESENT", "ONE", "OF", "BETWEEN", "MORE", "LESS", "THAN", "AT", "LEAST", "MOST", "BEFORE"}
    | {
        "AFTER",
        "GREATER",
        "SMALLER",
        "GREATER_OR_EQUAL",
        "SMALLER_OR_EQUAL",
        "CONTAINS",
        "DOES",
        "CONTAIN",
        "HAS",
        "HAVE",
    }
    | {"THE", "WORD", "STARTS", "START", "ENDS", "END", "WITH", "MATCHES", "MATCH", "PATTERN"}
)
"""The words between the two sides of a comparison."""


class Wrapping:
    """Reads stretches of one text's words, each from `at` to before `end`, into layouts. Not shared between threads."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self.kinds = pieces.kinds
        self.at = 0
        self.end = 0

    def laid_out(self, start: int, end: int, read: Callable[[], Layout]) -> Layout:
        """The words from one to before another, as `read` lays them out."""
        self.at, self.end = start, end
        return [read(), self.words(end)]

    # --- words --------------------------------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        return self.kinds[self.at] if self.at < self.end else ""

    @property
    def next_kind(self) -> str:
        return self.kinds[self.at + 1] if self.at + 1 < self.end else ""

    def word(self) -> Layout:
        if self.at >= self.end:
            return ""
        self.at += 1
        return Word(self.at - 1)

    def words(self, until: int) -> Layout:
        """The words up to before another, with blanks between and before them as on one line."""
        found: list[Layout] = []
        while self.at < min(until, self.end):
            found += [self._blank(), self.word()]
        return found

    def clause(self) -> Layout:
        """Words that are never broken."""
        return [self.word(), self.words(self.end)]

    def _blank(self) -> str:
        return " " if self.pieces.glued[self.at].startswith(" ") else ""

    # --- clauses and statements ---------------------------------------------------------------------------------------

    def when(self) -> Layout:
        """A word and its condition."""
        return [self.word(), Nest(STEP, [" ", self.condition(0)])]

    def scope(self) -> Layout:
        """`for each line in order.lines … where …`: the condition goes to a line of its own first."""
        start = self.at
        head: list[Layout] = [self.word()]
        while self.kind not in ("WHERE", ""):
            head += [self._blank(), self.word()]
        if not self.kind:
            return head
        where = [LINE, self.when()]
        return Group([head, where], self.pieces.remarked(start, self.at))

    def setting(self) -> Layout:
        start = self.at
        head: list[Layout] = [self.word()]
        while self.kind not in ("DEFAULT", "NOTE", ""):
            head += [self._blank(), self.word()]
        layout: Layout = head
        while self.kind:
            clause = [LINE, self.word(), " ", self.condition(STEP)]
            layout = Group([layout, clause], self.pieces.remarked(start, self.at))
        return Nest(STEP, layout)

    def named_list(self) -> Layout:
        """`list NAME is […]`."""
        return [self.word(), " ", self.word(), " ", self.word(), " ", self.value()]

    def assignment(self) -> Layout:
        """`name = value`, `options["Color"] = value`."""
        return Nest(STEP, [self._target(), " ", self.word(), " ", self.value()])

    def item(self) -> Layout:
        """`line sku = … quantity = …`, with or without a word before it."""
        start = self.at
        head: list[Layout] = [self.word()]
        while self.kind and not self._assigns():
            head += [self._blank(), self.word()]
        fields: list[Layout] = []
        while self.kind:
            fields += [LINE, self.assignment()]
        return Nest(STEP, Group([head, fields], self.pieces.remarked(start, self.at)))

    def expectation(self) -> Layout:
        parts: list[Layout] = []
        if self.kind not in ("PATH", "ORIGINAL"):
            parts.append(self.word())
            while self.kind and self.kind not in TAIL:
                parts += [self._blank(), self.word()]
            return Nest(STEP, [parts, self._tail()])
        return Nest(STEP, self.comparison())

    def first_statement(self) -> Layout:
        """`then` or `otherwise` with the statement behind it; the ones that follow stand below that."""
        columns = len(self.pieces.texts[self.at]) + 1
        return [self.word(), " ", Nest(columns, self.statement())]

    def statement(self) -> Layout:
        start, kind = self.at, self.kind
        first = self.word()
        parts: list[Layout] = [" "]
        if kind in ("SET", "FILL", "OVERRIDE"):
            parts += [self._target(), " ", self.word(), " ", self.value()]
            if self.kind == "OR_STOP":
                parts += [LINE, self.word(), " ", self._reason()]
        elif kind == "CLEAR":
            parts.append(self._target())
        elif kind == "REPLACE":
            parts += [self.value(), " ", self.word(), " ", self.value(), " ", self.word(), " ", self._target()]
        elif kind == "ADD":
            return [first, " ", self.item()]
        else:
            parts.append(self._reason())
            if self.kind == "UNTIL":
                parts += [LINE, self.when()]
            if self.kind == "FOR_UP_TO":
                parts += [LINE, self.word(), " ", self.word()]
        return [first, Nest(STEP, Group(parts, self.pieces.remarked(start, self.at)))]

    def _reason(self) -> Layout:
        return [self.word(), " ", self.value()] if self.kind == "ITEM" else self.value()

    def _assigns(self) -> bool:
        """Whether a name or path stands here that gets a value."""
        return self.next_kind == "EQUALS" or (
            self.next_kind == "OPEN_LIST" and self.kinds[self.at + 3 : self.at + 5] == ["CLOSE_LIST", "EQUALS"]
        )

    # --- conditions ---------------------------------------------------------------------------------------------------

    def condition(self, columns: int) -> Layout:
        """A condition whose further lines stand so many columns further right."""
        start = self.at
        parts = [self._conjunction(columns)]
        if self.kind != "OR":
            return parts[0]
        self.at = start
        parts = [self._conjunction(STEP)]
        while self.kind == "OR":
            parts.append([LINE, self.word(), " ", self._conjunction(STEP)])
        return Group([parts[0], Nest(columns, parts[1:])], self.pieces.remarked(start, self.at))

    def _conjunction(self, columns: int) -> Layout:
        return self._chain({"AND"}, self._negation, columns)

    def _negation(self) -> Layout:
        return [self.word(), " ", self._negation()] if self.kind == "NOT" else self.comparison()

    def comparison(self) -> Layout:
        if self.next_kind == "ITEM" and self.kind in ("SOME", "EVERY", "NO"):
            parts: list[Layout] = [self.word()]
            while self.kind in ("ITEM", "IN"):
                parts += [" ", self.word()]
            parts += [" ", self._target()]
            return [*parts, " ", self.word(), " ", self._atom()] if self.kind == "WHERE" else parts
        return [self.value(), self._tail()]

    def _tail(self) -> Layout:
        parts: list[Layout] = []
        said = ""
        between = False
        while self.kind in TAIL:
            said = self.kind
            between = between or said == "BETWEEN"
            parts += [" ", self.word()]
        if said in ("", "PRESENT") or not self.kind:
            return parts
        parts += [" ", self.value()]
        if between and self.kind == "AND":
            parts += [" ", self.word(), " ", self.value()]
        return parts

    # --- values -------------------------------------------------------------------------------------------------------

    def value(self) -> Layout:
        return self._chain({"OR_ELSE"}, self._sum, STEP)

    def _sum(self) -> Layout:
        return self._chain({"PLUS", "MINUS"}, self._product, STEP)

    def _product(self) -> Layout:
        return self._chain({"TIMES", "DIVIDE"}, self._unary, STEP)

    def _unary(self) -> Layout:
        return [self.word(), self._unary()] if self.kind == "MINUS" else self._atom()

    def _chain(self, operators: set[str], part: Callable[[], Layout], columns: int) -> Layout:
        start = self.at
        first = part()
        others: list[Layout] = []
        while self.kind in operators:
            others.append([LINE, self.word(), " ", part()])
        if not others:
            return first
        return Group([first, Nest(columns, others)], self.pieces.remarked(start, self.at))

    def _atom(self) -> Layout:
        kind = self.kind
        if kind == "OPEN":
            return [self.word(), Align(self.condition(0)), self.word()]
        if kind == "OPEN_LIST":
            return self._list()
        if kind == "LOOKUP":
            return [self.word(), " ", self._called(), self.word() if self.kind == "COLUMN" else ""]
        if self.next_kind == "OPEN" and kind in ("NAME", "REPLACE", "COUNT", "SUM"):
            return self._called()
        if kind in ("ORIGINAL", "PATH", "NAME"):
            return self._target()
        return self.word()

    def _target(self) -> Layout:
        """A path or name, with `original` before it and a key behind it."""
        parts = [self.word(), " ", self.word()] if self.kind == "ORIGINAL" else [self.word()]
        if self.kind == "OPEN_LIST":
            parts += [self.word(), self.word(), self.word()]
        return parts

    def _called(self) -> Layout:
        """A name with what stands in its parentheses."""
        start = self.at
        name, opened = self.word(), self.word()
        inside: list[Layout] = []
        while self.kind not in ("CLOSE", ""):
            inside.append(self.condition(STEP))
            while self.kind == "IN":
                inside += [" ", self.word(), " ", self._target()]
            if self.kind == "WHERE":
                inside += [LINE, self.when()]
            elif self.kind == "COMMA":
                inside += [self.word(), LINE]
            elif self.kind != "CLOSE":
                break
        return self._enclosed([name, opened], inside, start)

    def _list(self) -> Layout:
        start = self.at
        opened = self.word()
        elements: list[Layout] = []
        short = True
        while self.kind not in ("CLOSE_LIST", ""):
            first = self.at
            element = self.value()
            short = short and width(self.pieces.flat(first, self.at)) <= _SHORT
            elements.append([element, self.word()] if self.kind == "COMMA" else element)
            if self.kind not in ("CLOSE_LIST", "") and self.kinds[self.at - 1] != "COMMA":
                break
        if short and not self.pieces.remarked(start, min(self.at + 1, self.end)):
            return self._enclosed([opened], Fill(tuple(elements)), start)
        inside: list[Layout] = []
        for element in elements:
            inside += [LINE, element] if inside else [element]
        return self._enclosed([opened], inside, start)

    def _enclosed(self, opened: Layout, inside: Layout, start: int) -> Layout:
        closed = self.word() if self.kind in ("CLOSE", "CLOSE_LIST") else ""
        forced = self.pieces.remarked(start, self.at)
        return Group([opened, Nest(STEP, [SOFT, inside]), SOFT, closed], forced)
