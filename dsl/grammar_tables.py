"""The tables of the grammar as they are shipped; changes with the form of `grammar/tables.json` (dsl.lark_tables makes it)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from dsl.automaton import Reduction, Tables
from grammar import tables_text


@cache
def tables() -> Tables:
    """The grammar as numbers: made once in a process, of what Lark worked out when the grammar was last changed."""
    found = _shipped()
    scanned, words = found["scanned"], found["words"]
    names = ["", *(name for name, _ in scanned), "$END", *(name for name, _ in words)]
    number = {name: place for place, name in enumerate(names)}
    blank = "|".join(pattern for _, pattern in found["ignored"])
    tokens = "|".join(f"({pattern})" for _, pattern in scanned)
    return Tables(
        terminals=tuple(names),
        number=number,
        scanner=re.compile(f"(?>(?:{blank})*)(?:{tokens}|(\\Z))"),
        words={word: number[name] for name, word in words},
        actions=tuple(map(_row, found["actions"])),
        gotos=tuple(map(_row, found["gotos"])),
        reductions=tuple(Reduction(*each) for each in found["reductions"]),
        starts=found["starts"],
        finals=found["finals"],
    )


@cache
def lossless(blank: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds blanks with the token or remark behind them, each in a group named after its terminal, and the words of
    the language with their terminals. `blank` is the terminal of the blanks."""
    found = _shipped()
    ignored = dict(found["ignored"])
    first = _group(blank, ignored.pop(blank))
    tried = "|".join(_group(name, pattern) for name, pattern in [*ignored.items(), *found["scanned"]])
    return re.compile(f"{first}?+(?:{tried}|\\Z)"), {word: name for name, word in found["words"]}


def _shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(tables_text())
    return found


def _row(flat: Iterable[int]) -> dict[int, int]:
    """A row stands as key, value, key, value …"""
    each = iter(flat)
    return dict(zip(each, each, strict=True))


def _group(name: str, pattern: str) -> str:
    return f"(?P<{name}>{pattern})"
