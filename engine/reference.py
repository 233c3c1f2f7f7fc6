"""The reference pages of the language, made from its own tables: words, fields, functions, flow options, error codes.

`python -m engine.reference docs` writes them (`./dev docs`); a test compares, so that no page drifts from the tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from dsl.codes import CODES, Code
from dsl.functions import REGISTRY
from dsl.functions.function import Function
from dsl.schema import Field
from dsl.types import Type
from dsl.words import KEYWORDS
from engine.options import OPTIONS
from engine.rulesets import schema

_MADE = "<!-- Made from the tables of the program by ./dev docs; change those, not this page. -->\n"
_GROUPS = {
    "R1": "Syntax",
    "R2": "Names",
    "R3": "Types and values",
    "R4": "Logic",
    "R5": "Limits of the books",
    "R6": "Tests",
    "R7": "Packs",
    "R9": "Style",
}


def pages() -> Mapping[str, str]:
    """Every page by its path relative to the docs' root."""
    made = {"rules-reference.md": _reference(), "errors/README.md": _codes()}
    return made | {code.docs: _code(code) for code in CODES.values()}


def _reference() -> str:
    parts = [
        "# Rules reference\n",
        _MADE,
        "What a rule-set file can say, complete. To begin, read the [tutorial](tutorial.md); what it all means together\n"
        "stands in [how rules are evaluated](how-rules-are-evaluated.md), and every message of the checker has\n"
        "[its page](errors/README.md).\n",
        "## Words\n",
        _table(("word", "what it does"), ((f"`{word}`", help_) for word, help_ in sorted(KEYWORDS.items()))),
        "## Fields\n",
        "A field is read by its path. *Written*: rules may write it. A field of an item (`line.`, `payment.`, …) is there inside\n"
        "`for each`.\n",
    ]
    roots: dict[str, list[Field]] = {}
    for field in schema().fields:
        roots.setdefault(field.root, []).append(field)
    for root, fields in roots.items():
        parts += [f"### {root}\n", _table(("path", "kind", "label", "example", "written", ""), map(_field, fields))]
    parts += ["## Functions\n"]
    groups: dict[str, list[Function]] = {}
    for function in REGISTRY.values():
        groups.setdefault(function.group, []).append(function)
    for group, functions in groups.items():
        parts += [
            f"### {group.capitalize()}\n",
            _table(("call", "what it gives", "for example"), map(_function, functions)),
        ]
    parts += [
        "## What a flow can be told\n",
        "The words after `with`; where there are values to choose from, the first column lists them below the name.\n",
        _table(
            ("word", "values", "unless said", "what it does"),
            (
                (
                    f"`{option.name}`",
                    ", ".join(f"`{value}`" for value in option.values) or _type(option.type),
                    f"`{option.default}`" if option.default else "",
                    option.help,
                )
                for option in OPTIONS
            ),
        ),
    ]
    return "\n".join(parts)


def _field(field: Field) -> tuple[str, ...]:
    help_ = field.help
    if field.values and len(field.values) <= 12:
        help_ = f"{help_} One of {', '.join(field.values)}.".strip()
    if field.max_length:
        help_ = f"{help_} At most {field.max_length} characters.".strip()
    path = f'{field.path}["…"]' if field.keyed else field.path
    example = f"`{field.example}`" if field.example else ""
    return f"`{path}`", _type(field.type), field.label, example, "yes" if field.writable else "", help_


def _function(function: Function) -> tuple[str, ...]:
    examples = "; ".join(f"`{each.call}` is `{each.result}`" for each in function.examples)
    return f"`{function.signature}`", function.sentence, examples


def _type(type_: Type | None) -> str:
    return "" if type_ is None else str(type_)


def _codes() -> str:
    parts = [
        "# What the checker says\n",
        _MADE,
        "Each code has a page: what it means, a file that triggers it, and the file mended.\n",
    ]
    for prefix, title in _GROUPS.items():
        codes = [code for code in CODES.values() if code.number.startswith(prefix)]
        if codes:
            rows = ((f"[{c.number}]({c.number}.md)", c.title, c.severity.value) for c in codes)
            parts += [f"## {title}\n", _table(("code", "", "severity"), rows)]
    return "\n".join(parts)


def _code(code: Code) -> str:
    parts = [f"# {code.number}: {code.title}\n", _MADE, f"{code.severity.value.capitalize()}. {code.meaning}\n"]
    if code.wrong:
        parts += ["This brings it up:\n", f"```\n{code.wrong.rstrip()}\n```\n"]
    if code.right:
        parts += ["This is right:\n", f"```\n{code.right.rstrip()}\n```\n"]
    parts.append("[All codes](README.md)\n")
    return "\n".join(parts)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def write(folder: Path) -> None:
    """Write all pages, and remove those of codes that are gone."""
    made = pages()
    for left in (folder / "errors").glob("*.md"):
        if f"errors/{left.name}" not in made:
            left.unlink()
    for name, text in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
