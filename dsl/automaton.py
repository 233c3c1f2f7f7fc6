"""Runs the grammar's tables over a text: letters to tokens, tokens to raw trees; changes with how fast that has to be.

It knows no word of the language and does not know where the tables come from (dsl.grammar_tables has them). A raw tree says only
which tokens belong together, by their numbers in the text: two texts with the same terminals in the same order have the same
raw tree, whatever they say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple


class Raw:
    """A rule of the grammar as read: its name, its parts (raw nodes, and tokens by number), its first and last token."""

    __slots__ = ("children", "data", "first", "last")

    def __init__(self, data: str, children: list[Any], first: int, last: int) -> None:
        self.data = data
        self.children = children
        self.first = first
        self.last = last


class Reduction(NamedTuple):
    """What happens when a rule of the grammar is complete."""

    length: int
    into: int
    """The number of the nonterminal."""
    data: str
    helper: bool
    """Its parts become parts of whatever holds it (what `*` and `+` of the grammar are made of)."""
    single: bool
    """A node of one part only is that part."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The grammar as numbers. A terminal's number is below 256; actions are states to go to, or ~(number of a reduction)."""

    terminals: tuple[str, ...]
    number: Mapping[str, int]
    scanner: re.Pattern[str]
    words: Mapping[str, int]
    """The words of the language; anything else that looks like a word is a NAME."""
    actions: tuple[dict[int, int], ...]
    gotos: tuple[dict[int, int], ...]
    reductions: tuple[Reduction, ...]
    starts: Mapping[str, int]
    finals: Mapping[str, int]

    @property
    def name(self) -> int:
        return self.number["NAME"]

    @property
    def end(self) -> int:
        return self.number["$END"]


class Tokens:
    """The tokens of one text: four lists of one length, the last one being the end of the text."""

    __slots__ = ("ends", "starts", "types", "values")

    def __init__(self, types: bytes, values: list[str], starts: list[int], ends: list[int]) -> None:
        self.types = types
        self.values = values
        self.starts = starts
        self.ends = ends

    def __len__(self) -> int:
        return len(self.types)


CHUNK = 4096


def scan(tables: Tables, text: str) -> Tokens:
    """All tokens of a text, the end of the text being the last. Never raises."""
    return next(scan_on(tables, text, len(text) + 1))


def scan_on(tables: Tables, text: str, most: int = CHUNK) -> Iterator[Tokens]:
    """The tokens so far, again and again as they become more by `most`: whoever has seen enough asks for no more. The lists
    of values and places are the same each time, and grow."""
    word, name = tables.words.get, tables.name
    kinds: list[int] = []
    values: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    matches = tables.scanner.finditer(text)
    types = b""
    while True:
        before = len(kinds)
        for match in islice(matches, most):
            kind = match.lastindex or 0
            value = match[kind]
            kinds.append(word(value, name) if kind == name else kind)
            values.append(value)
            ends.append(match.end())
        if len(kinds) > 1 and kinds[-2] == tables.end:  # blanks at the end, and then once more the end behind them
            for each in (kinds, values, ends):
                each.pop()
        if len(kinds) == before:
            return
        starts += [end - len(value) for end, value in zip(ends[before:], values[before:], strict=True)]
        types += bytes(kinds[before:])
        yield Tokens(types, values, starts, ends)


class Stuck(Exception):
    """The token of this number does not fit."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def read(tables: Tables, types: bytes, start: str) -> Raw:
    """The raw tree of tokens; raises Stuck where they cannot be read on."""
    actions, gotos, reductions = tables.actions, tables.gotos, tables.reductions
    final = tables.finals[start]
    end = len(types) - 1
    states: list[int] = [tables.starts[start]]
    values: list[Any] = []
    state = states[0]
    for at, kind in enumerate(types):
        while True:
            action = actions[state].get(kind)
            if action is None:
                raise Stuck(at)
            if action >= 0:
                state = action
                states.append(state)
                values.append(at)
                break
            length, into, data, helper, single = reductions[~action]
            node: Any
            if length:
                parts = values[-length:]
                del values[-length:]
                del states[-length:]
                if helper:
                    node = _spliced(parts)
                elif single and length == 1 and not isinstance(parts[0], list):
                    node = parts[0]
                else:
                    node = _node(data, parts)
            else:
                node = [] if helper else Raw(data, [], at, at - 1)
            state = gotos[states[-1]][into]
            states.append(state)
            values.append(node)
            if at == end and state == final:
                whole: Raw = node
                return whole
    raise Stuck(end)


def _spliced(parts: list[Any]) -> list[Any]:
    """The parts of a helper in one list. The first one's own list is taken on: a helper that repeats stands in front."""
    first = parts[0]
    result: list[Any] = first if isinstance(first, list) else [first]
    for each in parts[1:]:
        if isinstance(each, list):
            result += each
        else:
            result.append(each)
    return result


def _node(data: str, parts: list[Any]) -> Raw:
    children = _spliced(parts)
    if not children:
        return Raw(data, children, 0, -1)
    first, last = children[0], children[-1]
    return Raw(
        data,
        children,
        first if isinstance(first, int) else first.first,
        last if isinstance(last, int) else last.last,
    )


# --- trying out -------------------------------------------------------------------------------------------------------

Stack = tuple[int, Any]
"""The states that a reading has gone through: the newest, and the stack below it. Never changed, so that any number of
trials may go on from one."""


def begin(tables: Tables, start: str) -> Stack:
    return tables.starts[start], None


def feed(tables: Tables, stack: Stack, kind: int, final: int) -> Stack | None:
    """The stack behind one more token; None where it does not fit. `final` is the state in which the end is reached."""
    fits, stack = try_on(tables, stack, kind, final)
    return stack if fits else None


def try_on(tables: Tables, stack: Stack, kind: int, final: int) -> tuple[bool, Stack]:
    """Whether one more token fits, and the stack behind it; or else the stack with all that this token completes, where
    less fits than before, and what was meant is clearer."""
    actions, gotos, reductions, end = tables.actions, tables.gotos, tables.reductions, tables.end
    while True:
        action = actions[stack[0]].get(kind)
        if action is None:
            return False, stack
        if action >= 0:
            return True, (action, stack)
        reduction = reductions[~action]
        for _ in range(reduction.length):
            stack = stack[1]
        stack = gotos[stack[0]][reduction.into], stack
        if kind == end and stack[0] == final:
            return True, stack


def accepts(tables: Tables, stack: Stack, final: int) -> frozenset[int]:
    """The terminals that fit next."""
    return frozenset(kind for kind in tables.actions[stack[0]] if feed(tables, stack, kind, final) is not None)


def feed_all(tables: Tables, stack: Stack | None, kinds: Sequence[int], final: int) -> int:
    """How many of these tokens fit, one after the other."""
    for count, kind in enumerate(kinds):
        stack = feed(tables, stack, kind, final) if stack is not None else None
        if stack is None:
            return count
    return len(kinds)


def begins_well(tables: Tables, kinds: Sequence[int], start: str) -> bool:
    """Whether all of these tokens can be read, whatever comes then."""
    stack: Stack | None = begin(tables, start)
    for kind in kinds:
        stack = feed(tables, stack, kind, -1) if stack is not None else None
    return stack is not None
