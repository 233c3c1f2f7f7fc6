"""Makes the tables of the grammar and writes them down; changes with Lark, which nothing else of ours knows.

    python -m dsl.lark_tables

writes `grammar/tables.json` from `grammar/rules.lark`. Lark takes half a second for it, which every process that reads a rule
set would pay for; so this is run where the grammar changes, and a test holds the file against what Lark says.
"""

from __future__ import annotations

import json
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from lark import Lark
from lark.lexer import PatternStr, TerminalDef

import grammar


def build_parser(*, strict: bool = False) -> Lark:
    """A new parser; `strict` makes every conflict of the grammar an error (for the tests: it needs interegular)."""
    return Lark(
        grammar.grammar_text(),
        parser="lalr",
        lexer="basic",
        start=["file", "fragment", "noise"],
        keep_all_tokens=True,
        maybe_placeholders=False,
        strict=strict,
    )


@cache
def shared_parser() -> Lark:
    """The one parser of this process, an oracle for tests."""
    return build_parser()


def written(lark: Lark) -> str:
    """The tables as `dsl.grammar_tables` reads them, the same for the same grammar: Lark's own numbers differ from process
    to process, so rules stand in the alphabet, and states in the order in which they are reached."""
    ranked = sorted(lark.terminals, key=_rank)
    ignored = [each for each in ranked if each.name in lark.ignore_tokens]
    words = [each for each in ranked if _is_word(each)]
    scanned = [each for each in ranked if each not in ignored and each not in words]
    kinds = {name: place for place, name in enumerate(_names(scanned, words))}
    rules = sorted(lark.rules, key=lambda rule: (str(rule.origin.name), [str(each.name) for each in rule.expansion]))
    reductions = {rule: place for place, rule in enumerate(rules)}
    nonterminals: dict[str, int] = {}
    for rule in rules:
        nonterminals.setdefault(str(rule.origin.name), len(nonterminals))
    table = lark.parser.parser._parse_table
    states: dict[Any, int] = {}
    reached = [state for _, state in sorted(table.start_states.items())]
    for state in reached:
        if state not in states:
            states[state] = len(states)
            steps = sorted(table.states[state].items())
            reached += [argument for _, (action, argument) in steps if action.name == "Shift"]
    actions: list[list[tuple[int, int]]] = []
    gotos: list[list[tuple[int, int]]] = []
    for state in states:
        steps = table.states[state].items()
        actions.append(
            sorted(
                (kinds[symbol], states[argument] if action.name == "Shift" else ~reductions[argument])
                for symbol, (action, argument) in steps
                if symbol in kinds
            )
        )
        gotos.append(
            sorted(
                (nonterminals[symbol], states[argument]) for symbol, (_, argument) in steps if symbol in nonterminals
            )
        )
    return _json(
        {
            "ignored": [(each.name, each.pattern.to_regexp()) for each in ignored],
            "scanned": [(each.name, each.pattern.to_regexp()) for each in scanned],
            "words": [(each.name, each.pattern.value) for each in words],
            "reductions": [
                (
                    len(rule.expansion),
                    nonterminals[str(rule.origin.name)],
                    str(rule.alias or rule.origin.name),
                    str(rule.origin.name).startswith("_"),
                    bool(rule.options.expand1) and not rule.alias,
                )
                for rule in rules
            ],
            "starts": {name: states[state] for name, state in sorted(table.start_states.items())},
            "finals": {name: states[state] for name, state in sorted(table.end_states.items())},
            "actions": [list(chain.from_iterable(row)) for row in actions],
            "gotos": [list(chain.from_iterable(row)) for row in gotos],
        }
    )


def _names(scanned: list[TerminalDef], words: list[TerminalDef]) -> list[str]:
    """The terminals by number: the groups of the scanner's expression count from 1, and the end of the text is the last."""
    return ["", *(each.name for each in scanned), "$END", *(each.name for each in words)]


def _rank(terminal: TerminalDef) -> tuple[int, int, int, str]:
    """The order in which Lark's basic lexer tries them."""
    return -terminal.priority, -terminal.pattern.max_width, -len(terminal.pattern.value), terminal.name


def _is_word(terminal: TerminalDef) -> bool:
    return isinstance(terminal.pattern, PatternStr) and terminal.pattern.value.isalpha()


def _json(tables: dict[str, Any]) -> str:
    """One line for each state, rule and terminal, so that a difference can be looked at."""
    parts = []
    for name, value in tables.items():
        if isinstance(value, list):
            lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in value)
            parts.append(f'"{name}": [\n{lines}\n]')
        else:
            parts.append(f'"{name}": {json.dumps(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    Path(grammar.__file__).with_name("tables.json").write_text(written(build_parser()), encoding="utf-8")
