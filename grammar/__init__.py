"""The syntax of rule-set files as data: Lark grammar and words; changes with the form of the language (parses nothing)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def grammar_text() -> str:
    """The Lark grammar of language 1."""
    return files(__name__).joinpath("rules.lark").read_text(encoding="utf-8")


def tables_text() -> str:
    """What a parser's generator makes of the grammar, as JSON. Read once, so not kept."""
    return files(__name__).joinpath("tables.json").read_text(encoding="utf-8")
