"""Reads a text into a tree; changes with the parser's library, the only place that knows Lark (judges no meaning).

One LALR parser with a basic lexer serves all threads: it keeps no state between calls. It is built at first use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedToken

from dsl import tree
from dsl.build import Builder
from dsl.diagnostics import Diagnostic
from dsl.limits import MAX_FILE_BYTES, MAX_NESTING, MAX_PARTS
from dsl.report import Reporter
from dsl.source import Source
from dsl.syntax import Stop, explain
from grammar import grammar_text


def build_parser(*, strict: bool = False) -> Lark:
    """A new parser; `strict` makes every conflict of the grammar an error (for the tests: it needs interegular)."""
    return Lark(
        grammar_text(),
        parser="lalr",
        lexer="basic",
        start=["file", "fragment", "noise"],
        keep_all_tokens=True,
        maybe_placeholders=False,
        strict=strict,
    )


@cache
def shared_parser() -> Lark:
    """The one parser of this process."""
    return build_parser()


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text as read: the tree is None where it could not be read to its end; then there is at least one error."""

    source: Source
    file: tree.File | None
    diagnostics: tuple[Diagnostic, ...]


def parse_text(text: str, *, file: str) -> Parsed:
    """The tree of a whole file. Never raises for any text."""
    source = Source(file, text)
    reporter = Reporter({file: source})
    built = parse_into(source, reporter)
    return Parsed(source, built, reporter.diagnostics(file))


def parse_into(source: Source, reporter: Reporter) -> tree.File | None:
    """The same for a caller that gathers findings of several files."""
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size > MAX_FILE_BYTES:
        reporter.report(
            "R114",
            source.span(0, 0),
            f"the file has {size:,} bytes; a rule set has at most {MAX_FILE_BYTES:,} (1 MiB)",
            help="move long tables into CSV files beside the rule set, and split the rest into packs",
        )
        return None
    built = _Reading(source, reporter, None, 0).read(source.text, "file")
    return built if isinstance(built, tree.File) else None


def parse_expression(text: str, *, file: str = "value") -> tuple[tree.Expression | None, tuple[Diagnostic, ...]]:
    """One expression or condition by itself, as typed into a form (a setting's value); None where it cannot be read."""
    source = Source(file, text)
    reporter = Reporter({file: source})
    built = _Reading(source, reporter, None, 0).read(text, "fragment")
    return (built if isinstance(built, tree.Expression) else None), reporter.diagnostics(file)


class _Reading:
    """One text (a file, or the inside of `{…}`) on its way from letters to nodes."""

    def __init__(self, source: Source, reporter: Reporter, places: Sequence[int] | None, depth: int) -> None:
        self.source = source
        self.reporter = reporter
        self.places = places
        self.depth = depth

    def read(self, text: str, start: str) -> tree.Node | None:
        try:
            raw = shared_parser().parse(text, start=start)
        except UnexpectedToken:
            self._explain(text, start)
            return None
        if not self._bearable(raw):
            return None
        builder = Builder(self.source, self.reporter, self._fragment, self.places)
        node: tree.Node = builder.build(raw)
        return node

    def _fragment(self, text: str, places: Sequence[int]) -> tree.Expression | None:
        if self.depth >= MAX_NESTING:
            self._too_deep(places[0], places[-1])
            return None
        built = _Reading(self.source, self.reporter, places, self.depth + 1).read(text, "fragment")
        return built if isinstance(built, tree.Expression) else None

    def _place(self, offset: int) -> int:
        return offset if self.places is None else self.places[min(offset, len(self.places) - 1)]

    def _too_deep(self, start: int, end: int) -> None:
        self.reporter.report(
            "R113",
            self.source.span(start, end),
            f"conditions and values may be nested {MAX_NESTING} deep",
            help="split the rule in two, or put a part of the value into a field first",
        )

    def _bearable(self, raw: Tree[Token]) -> bool:
        """Whether the tree may be walked by recursion; reported where not. Walks with a stack of its own."""
        stack: list[tuple[Tree[Token], int, int]] = [(raw, self.depth, 0)]
        while stack:
            node, depth, height = stack.pop()
            if node.data in _NESTING:
                depth += 1
                height += 1
            elif node.data in _CHAINS:
                height += len(node.children) // 2
            if depth > MAX_NESTING or height > MAX_PARTS:
                start, end = self._place(_edge(node, 0).start_pos or 0), self._place(_edge(node, -1).end_pos or 0)
                if depth > MAX_NESTING:
                    self._too_deep(start, end)
                else:
                    self.reporter.report(
                        "R118",
                        self.source.span(start, end),
                        f"a value is put together from at most {MAX_PARTS} parts",
                        help="work it out in several statements, or use `sum`",
                    )
                return False
            stack += [(each, depth, height) for each in node.children if isinstance(each, Tree)]
        return True

    def _explain(self, text: str, start: str) -> None:
        """Reports why the text cannot be read on. Runs again up to the mistake: only wrong texts pay for this."""
        tokens, state = _run(text, start, None)
        stopped = tokens[-1]
        before = tokens[:-1]
        earlier = _run(text, start, len(before) - 1)[1] if before else None

        def reads_on(replaced: bool, terminal: str, upcoming: Sequence[str]) -> bool:
            origin = earlier if replaced else state
            if origin is None:
                return False
            # Only where the parser stands counts: the trees that it has built so far are never looked at.
            trial = origin.copy(deepcopy_values=False)
            try:
                for each in (terminal, *upcoming):
                    trial.feed_token(Token(each, each))
            except UnexpectedToken:
                return False
            return True

        stop = Stop(
            tokens=before,
            stopped=stopped,
            accepts=frozenset(state.accepts()),
            accepted_before=frozenset(earlier.accepts()) if earlier is not None else frozenset(),
            following=_following(text, stopped),
            reads_on=reads_on,
            text=text,
            fragment=start == "fragment",
        )
        found = explain(stop)
        place = self._place
        self.reporter.report(
            found.code,
            self.source.span(place(found.start), place(found.end)),
            found.message,
            label=found.label,
            help=found.help,
            related=[(words, self.source.span(place(a), place(b))) for words, a, b in found.related],
            fixes=[(title, self.source.span(place(a), place(b)), new) for title, a, b, new in found.fixes],
        )


_NESTING = frozenset(
    {"parenthesised", "call", "lookup", "count", "sum_of", "list_of", "negative", "negation", "quantified_where"}
)
_CHAINS = frozenset({"arithmetic", "or_else"})


class _Lexing(Protocol):
    """A text on its way to tokens, as far as it is used here."""

    def lex(self, parser_state: object) -> Iterator[Token]: ...


class _Parsing(Protocol):
    """A parse that goes token by token: what is used here of Lark's interactive parser, which has no types."""

    @property
    def lexer_thread(self) -> _Lexing: ...

    @property
    def parser_state(self) -> object: ...

    def feed_token(self, token: Token) -> object: ...

    def accepts(self) -> set[str]: ...

    def copy(self, deepcopy_values: bool = True) -> _Parsing: ...


def _step_by_step(text: str, start: str) -> _Parsing:
    return shared_parser().parse_interactive(text, start=start)


def _edge(node: Tree[Token], which: int) -> Token:
    """The first (0) or last (-1) token of a tree."""
    part: Tree[Token] | Token = node
    while isinstance(part, Tree):
        part = part.children[which]
    return part


def _run(text: str, start: str, limit: int | None) -> tuple[list[Token], _Parsing]:
    """Reads up to the token that does not fit (the last of those returned), or only the first `limit` tokens."""
    parser = _step_by_step(text, start)
    tokens: list[Token] = []
    for token in parser.lexer_thread.lex(parser.parser_state):
        if limit is not None and len(tokens) >= limit:
            return tokens, parser
        tokens.append(token)
        try:
            parser.feed_token(token)
        except UnexpectedToken:
            return tokens, parser
    end = len(text)
    tokens.append(Token("$END", "", start_pos=end, end_pos=end))
    return tokens, parser


def _following(text: str, stopped: Token) -> list[Token]:
    """The two tokens after the one that does not fit."""
    if stopped.type == "$END" or stopped.end_pos is None:
        return []
    parser = _step_by_step(text[stopped.end_pos : stopped.end_pos + 4096], "file")
    tokens: list[Token] = []
    for token in parser.lexer_thread.lex(parser.parser_state):
        start = stopped.end_pos + (token.start_pos or 0)
        tokens.append(Token(token.type, token.value, start_pos=start, end_pos=start + len(token)))
        if len(tokens) == 2:
            break
    return tokens
