"""Reads a text into a tree; changes with what counts as read, piece by piece, and where reading stops (judges no meaning).

dsl.grammar_tables has the tables of the grammar; dsl.automaton runs them. What is shared between threads is made once and
only added to: a text is read the same way whoever read what before.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from dsl import tree
from dsl.automaton import CHUNK, Raw, Stuck, Tokens, begins_well, read, scan, scan_on
from dsl.build import Maker, Reading, Report, recipe
from dsl.cutting import cut
from dsl.diagnostics import Diagnostic
from dsl.grammar_tables import tables
from dsl.limits import MAX_FILE_BYTES, MAX_NESTING, MAX_PARTS, MAX_RULES
from dsl.places import Origin, Span
from dsl.recovery import Mended, mend
from dsl.report import Finding, Reporter, finding
from dsl.source import Source
from dsl.syntax import Explained

# --- whole files ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text as read: the tree has holes where it could not be read, and is None for a text beyond all limits."""

    source: Source
    file: tree.File | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def whole(self) -> bool:
        """Whether the tree is all that the text says: no error was found."""
        return self.file is not None and not any(each.is_error for each in self.diagnostics)


def parse_text(text: str, *, file: str) -> Parsed:
    """The tree of a whole file, with holes where it could not be read. Never raises for any text."""
    source = Source(file, text)
    reporter = Reporter({file: source})
    built = parse_into(source, reporter)
    return Parsed(source, built, reporter.diagnostics(file))


def parse_into(source: Source, reporter: Reporter) -> tree.File | None:
    """The same for a caller that gathers findings of several files."""
    limit = beyond_limits(source)
    if limit is not None:
        reporter.take(limit)
        return None
    pieces = read_pieces(source)
    for piece in pieces:
        reporter.take(*piece.findings)
    return together(source, pieces)


def beyond_limits(source: Source) -> Finding | None:
    """What keeps a text from being read at all: its size."""
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size <= MAX_FILE_BYTES:
        return None
    return finding(
        "R114",
        source.span(0, 0),
        f"the file has {size:,} bytes; a rule set has at most {MAX_FILE_BYTES:,} (1 MiB)",
        help="move long tables into CSV files beside the rule set, and split the rest into packs",
    )


# --- pieces -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Piece:
    """A piece of a file as read. Its nodes count their places from `origin`: where the piece moves, they move with it."""

    text: str
    follow: str
    origin: Origin
    blocks: tuple[tree.Block, ...]
    findings: tuple[Finding, ...] = ()
    broken: tuple[tree.Broken, ...] = ()
    unread: frozenset[str] = frozenset()
    unsaid: bool = False
    """Not all that is wrong with it was told, as there were enough mistakes before it: it is read anew the next time."""
    effort: int = 0
    """How many ways were tried to read on at its mistakes."""
    hurried: bool = False
    """It was mended in a hurry, as the pieces before it had taken much effort."""


_MOST_FAULTY = 200
_MOST_UNREAD = 1_000
_MOST_EFFORT = 6_000
"""Ways to read on, tried in all pieces together, from which on the next ones are mended in a hurry."""


def read_pieces(source: Source, before: Sequence[Piece] = ()) -> list[Piece]:
    """The pieces of a text, those of its last state wherever they are the same; these move to where they now stand."""
    cuts = cut(source.text)
    rules = sum(1 for each in cuts if each.follow.endswith("rule"))
    if rules > MAX_RULES:
        whole = Origin(source.file, 0, source)
        found = Reporter({})
        too_many_rules(Span(whole, 0, 0), found.report, rules)
        return [Piece(source.text, "", whole, (), found.since(0), unsaid=True)]
    kept: defaultdict[str, list[Piece]] = defaultdict(list)
    for piece in reversed(before):
        if not piece.unsaid:
            kept[piece.text].append(piece)
    pieces: list[Piece] = []
    faulty = effort = 0
    for each in cuts:
        same = kept.get(each.text)
        known = same.pop() if same else None
        # What is said of a mistake may name the block that follows.
        hurried = effort >= _MOST_EFFORT
        if (
            known is None
            or (known.findings and known.follow != each.follow)
            or (known.effort and known.hurried is not hurried)
        ):
            origin = Origin(source.file)
            if faulty > _MOST_UNREAD:
                known = Piece(each.text, each.follow, origin, (), broken=(_broken(each.text, origin),), unsaid=True)
            else:
                known = read_piece(each.text, origin, each.follow, faulty < _MOST_FAULTY, hurried)
        known.origin.offset = each.start
        known.origin.lines = source
        faulty += bool(known.findings) or known.unsaid
        effort += known.effort
        pieces.append(known)
    return pieces


def together(source: Source, pieces: Sequence[Piece]) -> tree.File:
    """The file that its pieces make."""
    return tree.File(
        tuple(block for piece in pieces for block in piece.blocks),
        tuple(block for piece in pieces for block in piece.broken),
        frozenset(word for piece in pieces for word in piece.unread),
        span=source.span(0, len(source.text)),
    )


def read_piece(text: str, origin: Origin, follow: str = "", patient: bool = True, hurried: bool = False) -> Piece:
    """One piece of a file; `follow` as in `Cut`. Never raises for any text. One that is not `patient` mends nothing, one
    that is `hurried` tries fewer ways."""
    effort = 0
    found: dict[tuple[str, int, int], Finding] = {}

    def report(
        code: str,
        span: Span,
        message: str,
        *,
        label: str = "",
        help: str = "",
        related: Sequence[tuple[str, Span]] = (),
        fixes: Sequence[tuple[str, Span, str]] = (),
    ) -> None:
        made = finding(code, span, message, label=label, help=help, related=related, fixes=fixes)
        found.setdefault((code, span.start, span.end), made)

    blocks: tuple[tree.Block, ...] = ()
    broken: tuple[tree.Broken, ...] = ()
    unread: frozenset[str] = frozenset()
    tokens = _scanned(text, origin, report)
    if tokens is None:
        broken = (_broken(text, origin),)
        unread = _names(scan(tables(), text[:_FIRST]))
    else:
        try:
            if tokens.types[-1] != tables().end:
                raise Stuck(0)
            maker = _recipe(tokens, "file", origin, report, 0)
        except Stuck:
            if not patient:
                return Piece(text, follow, origin, (), broken=(_broken(text, origin),), unsaid=True)
            mended = mend(tables(), text, "file", follow, hurried)
            unread, effort = mended.unread, mended.trials
            for mistake in mended.mistakes:
                _tell(mistake, origin, report, None)
            maker = None
            if mended.tokens is not None:
                tokens = mended.tokens
                try:
                    maker = _recipe(tokens, "file", origin, report, 0, mended)
                except Stuck:  # it was mended up to a word that is not there
                    maker = None
        if maker is None:
            broken = (_broken(text, origin),)
            unread = unread | _names(tokens)
        else:
            blocks = tuple(maker(Reading(tokens, origin, report, _Fragments(origin, report, 0).read)))
    return Piece(
        text,
        follow,
        origin,
        blocks,
        tuple(found.values()),
        broken,
        unread,
        effort=effort,
        hurried=bool(effort) and hurried,
    )


def _tell(mistake: Explained, origin: Origin, report: Report, places: Sequence[int] | None) -> None:
    def span(start: int, end: int) -> Span:
        if places is None:
            return Span(origin, start, end)
        return Span(origin, places[min(start, len(places) - 1)], places[min(end, len(places) - 1)])

    report(
        mistake.code,
        span(mistake.start, mistake.end),
        mistake.message,
        label=mistake.label,
        help=mistake.help,
        related=[(words, span(a, b)) for words, a, b in mistake.related],
        fixes=[(title, span(a, b), new) for title, a, b, new in mistake.fixes],
    )


_FIRST = CHUNK


def _names(tokens: Tokens) -> frozenset[str]:
    number = tables().number
    kinds = (number["NAME"], number["PATH"])
    return frozenset(value for kind, value in zip(tokens.types, tokens.values, strict=True) if kind in kinds)


def _broken(text: str, origin: Origin) -> tree.Broken:
    """A block that could not be read, with the name that it declares where that can be seen."""
    tokens = scan(tables(), text[:_FIRST])
    kinds = [tables().terminals[each] for each in tokens.types]
    span = Span(origin, 0, len(text))
    name = None
    if len(kinds) > 1 and kinds[1] in ("NAME", "STRING"):
        written, quoted = tokens.values[1], kinds[1] == "STRING"
        place = Span(origin, tokens.starts[1], tokens.ends[1])
        name = tree.Word(written[1:-1].replace('""', '"') if quoted else written, quoted, span=place)
    return tree.Broken(kinds[0].lower(), name, span=span)


# --- from tokens to recipes -------------------------------------------------------------------------------------------

_MOST_RECIPES = 5_000
_LONGEST_KEPT = 600
_RECIPES: dict[tuple[str, bytes], Maker] = {}
"""What makes the nodes of a text, by its terminals. Threads may make one twice: no harm."""


def _recipe(
    tokens: Tokens, start: str, origin: Origin, report: Report, depth: int, mended: Mended | None = None
) -> Maker | None:
    """What makes the nodes of these tokens; None, reported, where they are nested too deep. Raises Stuck."""
    known = _RECIPES.get((start, tokens.types)) if mended is None and not depth else None
    if known is not None:
        return known
    raw = read(tables(), tokens.types, start)
    if not _bearable(raw, tokens, origin, report, depth):
        return None
    kinds = [tables().terminals[each] for each in tokens.types]
    if mended is not None:
        return recipe(raw, kinds, mended.repairs)
    made = recipe(raw, kinds)
    if len(tokens) <= _LONGEST_KEPT and not depth:
        if len(_RECIPES) >= _MOST_RECIPES:
            _RECIPES.clear()
        _RECIPES[start, tokens.types] = made
    return made


_NESTING = frozenset(
    {"parenthesised", "call", "lookup", "count", "sum_of", "list_of", "negative", "negation", "quantified_where"}
)
_CHAINS = frozenset({"arithmetic", "or_else"})


def _too_deep(span: Span, report: Report) -> None:
    report(
        "R113",
        span,
        f"conditions and values may be nested {MAX_NESTING} deep",
        help="split the rule in two, or put a part of the value into a field first",
    )


def _too_long(span: Span, report: Report) -> None:
    report(
        "R118",
        span,
        f"a value is put together from at most {MAX_PARTS} parts",
        help="work it out in several statements, or use `sum`",
    )


def _bearable(raw: Raw, tokens: Tokens, origin: Origin, report: Report, depth: int) -> bool:
    """Whether the tree may be walked by recursion; reported where not. Walks with a stack of its own."""
    stack: list[tuple[Raw, int, int]] = [(raw, depth, 0)]
    while stack:
        node, depth, height = stack.pop()
        if node.data in _NESTING:
            depth += 1
            height += 1
        elif node.data in _CHAINS:
            height += len(node.children) // 2
        if depth > MAX_NESTING or height > MAX_PARTS:
            span = Span(origin, tokens.starts[node.first], tokens.ends[node.last])
            (_too_deep if depth > MAX_NESTING else _too_long)(span, report)
            return False
        stack += [(each, depth, height) for each in node.children if isinstance(each, Raw)]
    return True


@dataclass(frozen=True, slots=True)
class _Fragments:
    """Reads the insides of `{…}`, which may hold texts with braces of their own."""

    origin: Origin
    report: Report
    depth: int

    def read(self, text: str, places: Sequence[int]) -> tree.Expression:
        """The expression of a fragment; `places` say for each of its characters, and its end, where it stands."""
        whole = Span(self.origin, places[0], places[-1])
        if self.depth >= MAX_NESTING:
            _too_deep(whole, self.report)
            return tree.Hole(span=whole)
        tokens = scan(tables(), text)
        inside = Tokens(
            tokens.types,
            tokens.values,
            [places[each] for each in tokens.starts],
            [places[each] for each in tokens.ends],
        )
        try:
            maker = _recipe(inside, "fragment", self.origin, self.report, self.depth)
        except Stuck:
            mistakes = mend(tables(), text, "fragment").mistakes
            for mistake in mistakes[:1]:
                _tell(mistake, self.origin, self.report, places)
            return tree.Hole(tuple(sorted(_names(tokens))), span=whole)
        if maker is None:
            return tree.Hole(tuple(sorted(_names(tokens))), span=whole)
        deeper = _Fragments(self.origin, self.report, self.depth + 1)
        made: tree.Expression = maker(Reading(inside, self.origin, self.report, deeper.read, (tokens.starts, places)))
        return made


def parse_expression(text: str, *, file: str = "value") -> tuple[tree.Expression | None, tuple[Diagnostic, ...]]:
    """One expression or condition by itself, as typed into a form (a setting's value); None where it cannot be read."""
    source = Source(file, text)
    reporter = Reporter({file: source})
    made = _Fragments(Origin(file, 0, source), reporter.report, 0).read(text, range(len(text) + 1))
    found = reporter.diagnostics(file)
    return (None if any(each.is_error for each in found) else made), found


# --- limits that are found before anything is read --------------------------------------------------------------------


def _scanned(text: str, origin: Origin, report: Report) -> Tokens | None:
    """The tokens of a piece; None, reported, where they go beyond a limit. A large piece is looked at while it is scanned,
    so that a text made to cost time costs little: of one that cannot be read from its beginning only that is scanned."""
    number = tables().number
    deep = _deep()
    found: Tokens | None = None
    for found in scan_on(tables(), text):
        if len(found.types) < _FIRST:
            return found
        if len(found.types) == _FIRST and not begins_well(tables(), found.types, "file"):
            return found
        tail = found.types[-2 * _FIRST :]
        begins = len(found.types) - len(tail)
        match = deep.search(tail)
        if match is not None:
            _too_deep(_stretch(found, begins + match.start(), begins + match.end() - 1, origin), report)
            return None
        if _many_operators(tail) and not _breaks().search(tail):
            _too_long(_stretch(found, begins, len(found.types) - 1, origin), report)
            return None
        if found.types.count(number["RULE"]) > MAX_RULES:
            too_many_rules(Span(origin, 0, 0), report)
            return None
    return found


def too_many_rules(span: Span, report: Report, count: int | None = None) -> None:
    counted = f"{count:,}" if count else f"more than {MAX_RULES:,}"
    report(
        "R115",
        span,
        f"the rule set has {counted} rules; {MAX_RULES:,} is the most",
        help="a table does the work of many rules",
    )


def _stretch(tokens: Tokens, first: int, last: int, origin: Origin) -> Span:
    return Span(origin, tokens.starts[first], tokens.ends[last])


def _of(*names: str) -> bytes:
    number = tables().number
    return re.escape(bytes(number[each] for each in names))


@cache
def _deep() -> re.Pattern[bytes]:
    """More signs and words in a row that each begin another level than levels are allowed."""
    return re.compile(b"[" + _of("OPEN", "OPEN_LIST", "NOT", "MINUS") + b"]{%d,}" % (2 * MAX_NESTING))


@cache
def _breaks() -> re.Pattern[bytes]:
    """What stands between two values, so that operators before and behind it belong to different ones."""
    return re.compile(b"[" + _of("COMMA", "THEN", "SET", "END", "ARROW", "EQUALS", "IS", "AND", "OR", "RULE") + b"]")


def _many_operators(types: bytes) -> bool:
    number = tables().number
    return sum(types.count(number[each]) for each in ("PLUS", "MINUS", "TIMES", "DIVIDE", "OR_ELSE")) > 1000
