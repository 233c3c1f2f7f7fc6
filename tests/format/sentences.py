"""Texts made up from the grammar itself: every form can come, in any nesting; then laid out anyhow, with comments anywhere."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache

from lark.grammar import NonTerminal, Symbol

from dsl.lark_tables import shared_parser

SAMPLES: dict[str, tuple[str, ...]] = {
    "NAME": ("orders", "order", "prefix", "a", "tax_codes", "quantity", "text", "invoice", "today", "a_name_that_is_rather_long"),
    "PATH": ("order.number", "order.total", "ship_to.state", "line.sku", "order.lines", "std.order_prefix", "books.tax_code"),
    "ITEM": ("line", "payment", "tax", "fee", "discount", "shipping"),
    "COLUMN": (".code", ".class"),
    "STRING": (
        '"A"', '""', '"a ""quoted"" word"', '"order {order.number} of {order.store or else ""none""}"', '"// no comment"',
        '"Größe, 大きい"', '"a text that is so long that nothing else fits on the line where it stands, at least not much"',
    ),
    "NUMBER": ("0", "12", "12.50", "007"),
    "PERCENT": ("7.5%", "7 %"),
    "MONEY": ("12.50 USD", "12.50USD", "3  EUR"),
    "DATE": ("2026-01-31", "1/2/2026", "2026-1-5"),
    "TIME": ("06:00", "6:00"),
    "DURATION": ("30 days", "1  hour"),
    "OR_ELSE": ("or else", "or\n  else", "or // why\n else", "or//a\n//b\nelse"),
    "OR_STOP": ("or hold", "or skip", "or // when\n  fail"),
    "FOR_UP_TO": ("for up to", "for  up\nto", "for up // so long\n to"),
    "UP_TO": ("up to",),
    "WITH_SETTINGS": ("with settings", "with // these\nsettings"),
    "EVERY_DAY_AT": ("every day at",),
}  # fmt: skip
BLANKS = (" ", " ", " ", "  ", "\n", "\n", "\n  ", "\t", "\r\n", "\u00a0", "\n       ")
EMPTY_LINES = ("\n\n", "\n\n\n\n  ", "\n \n")
COMMENTS = ("// why", "//", "//no blank", "// ends with blanks   ", '// "quotes" and // more', "// größer", "// end")


@cache
def _rules() -> dict[str, list[tuple[Symbol, ...]]]:
    found: dict[str, list[tuple[Symbol, ...]]] = {}
    for rule in shared_parser().rules:
        found.setdefault(rule.origin.name, []).append(tuple(rule.expansion))
    # Lark's order differs from process to process.
    return {name: sorted(found[name], key=lambda parts: [each.name for each in parts]) for name in sorted(found)}


@cache
def _heights() -> dict[str, int]:
    """The least nesting that each symbol needs."""
    rules = _rules()
    heights: dict[str, int] = {}
    while len(heights) < len(rules):
        for name, expansions in rules.items():
            known = [
                1 + max((heights.get(each.name, 0) for each in expansion if isinstance(each, NonTerminal)), default=0)
                for expansion in expansions
                if all(each.name in heights for each in expansion if isinstance(each, NonTerminal))
            ]
            if known and name not in heights:
                heights[name] = min(known)
    return heights


def sentence(chance: random.Random, start: str, depth: int) -> Iterator[str]:
    """The letters of each token of a made-up sentence."""
    words = {each.name: each.pattern.value for each in shared_parser().terminals}
    rules, heights = _rules(), _heights()
    stack: list[tuple[Symbol, int]] = [(NonTerminal(start), depth)]
    while stack:
        symbol, left = stack.pop()
        if not isinstance(symbol, NonTerminal):
            yield chance.choice(SAMPLES[symbol.name]) if symbol.name in SAMPLES else words[symbol.name]
            continue
        options = rules[symbol.name]
        if left <= 0:
            need = [
                max((heights[each.name] for each in option if isinstance(each, NonTerminal)), default=0)
                for option in options
            ]
            options = [option for option, height in zip(options, need, strict=True) if height == min(need)]
        stack += [(each, left - 1) for each in reversed(chance.choice(options))]


def tokens(chance: random.Random) -> list[str]:
    """The tokens of a made-up file of a few blocks."""
    kinds = ("header", "use", "setting", "list_block", "table", "flow", "rule", "rule", "rule", "test", "test")
    return [
        token
        for _ in range(chance.choice((1, 1, 2, 3)))
        for token in sentence(chance, chance.choice(kinds), chance.choice((4, 8, 12, 16, 20)))
    ]


def plain(words: Sequence[str]) -> str:
    """The tokens on one line, as far as the tokens themselves allow it."""
    return " ".join(words)


def scattered(chance: random.Random, words: Sequence[str]) -> str:
    """The tokens with blanks and single line ends between them."""
    return "".join(word + chance.choice(BLANKS) for word in words)


def remarked(chance: random.Random, words: Sequence[str], one_in: int) -> str:
    """The tokens with blanks, empty lines and comments between them."""
    made: list[str] = []
    for word in ("", *words):
        made.append(word)
        made.append(chance.choice(BLANKS))
        while chance.randrange(one_in) == 0:
            made.append(chance.choice(EMPTY_LINES) if chance.random() < 0.4 else chance.choice(BLANKS))
            if chance.random() < 0.7:
                made.append(chance.choice(COMMENTS) + "\n")
    return "".join(made)
