"""The reference pages of the language, made from its own tables: words, fields, functions, flow options, error codes.

`python -m engine.reference docs` writes them (`./dev docs`); a test compares, so that no page drifts from the tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from dsl import limits, tree
from dsl.codes import CODES, Code
from dsl.codes.page import markdown
from dsl.codes.samples import check_wrong
from dsl.diagnostics import Diagnostic
from dsl.evaluate.records import MAX_ITEMS
from dsl.evaluate.walk import STEP_BUDGET
from dsl.functions import REGISTRY
from dsl.functions.function import Function
from dsl.mending import only_fix
from dsl.parse import parse_text
from dsl.schema import Field
from dsl.showing import render
from dsl.types import NAMED, REFERENCES, Type
from dsl.values import MAX_TEXT
from dsl.words import FORMS, KEYWORDS, PHRASES
from engine.options import OPTIONS
from engine.rulesets import CannedRuleSets, schema
from engine.systems import SYSTEMS

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


#: Types of settings, with a value each; names in the books have none of their own.
_TYPES = (*(name for name in NAMED if name != "datetime"), *REFERENCES)
_EXAMPLES = {
    "text": '`"WC-"`',
    "number": "`12.5`",
    "money": "`5000.00 USD`",
    "percent": "`7.5%`",
    "date": "`2026-01-31`",
    "moment": "a date with its time, as `order.created`",
    "yes/no": "`yes`",
    "duration": "`30 days`",
}
_LIMITS = (
    ("a file", f"{limits.MAX_FILE_BYTES:,} bytes (1 MiB)"),
    ("rules, packs included", f"{limits.MAX_RULES:,}"),
    ("parentheses and the like in one another", f"{limits.MAX_NESTING}"),
    ("parts of one value", f"{limits.MAX_PARTS}"),
    ("rows of a table", f"{limits.MAX_TABLE_ROWS:,}"),
    ("a text that a rule makes", f"{MAX_TEXT:,} characters"),
    ("items of a record", f"{MAX_ITEMS:,}"),
    ("steps for a record", f"{STEP_BUDGET:,}; the record is held, and nothing else is"),
)


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
        *_forms(),
        "## Types of settings\n",
        "`setting name is TYPE`, also `list of TYPE`. The last ones are names in the books: they are looked up there when\n"
        "the file is checked with `--books`.\n",
        _table(("type", "for example"), ((f"`{name}`", _EXAMPLES.get(name, "a name in the books")) for name in _TYPES)),
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
        "## Canned rule sets\n",
        'Take one in with `use "orders/order_prefix" version "1.0" as prefix … end`; each has its page.\n',
        _table(("name", "what it does"), _packs()),
        "## Limits\n",
        _table(("of", "at most"), _LIMITS),
        "## Words\n",
        "These words cannot be names of settings, lists and tables; behind a point (`order.note`) every word may stand.\n",
        _table(
            ("word", "what it does"), ((f"`{word}`", help_) for word, help_ in sorted({**KEYWORDS, **PHRASES}.items()))
        ),
    ]
    return "\n".join(parts)


def _forms() -> list[str]:
    parts = []
    for group, forms in FORMS.items():
        rows = ((form.form, form.help, f"`{form.example}`") for form in forms)
        parts += [f"## {group}\n", _table(("form", "what it does", "for example"), rows)]
    return parts


def _packs() -> Iterable[tuple[str, str]]:
    library = CannedRuleSets()
    for name in library.names():
        newest = list(library.versions(name))[-1]
        parsed = parse_text(library.find(name, newest) or "", file=name).file
        header = next((each for each in parsed.blocks if isinstance(each, tree.Header)), None) if parsed else None
        page = f"../rulesets/{name}/README.md"
        yield f"[{name}]({page})", (header.note or "") if header is not None else ""


def _field(field: Field) -> tuple[str, ...]:
    help_ = field.help
    if field.values and len(field.values) <= 12:
        help_ = f"{help_} One of {', '.join(field.values)}.".strip()
    if field.max_length:
        help_ = f"{help_} At most {field.max_length} characters.".strip()
    for system in SYSTEMS.values():
        for declared in system.fields:
            if declared.path == field.path:
                help_ = f"{help_} {system.title}: {declared.help}".strip()
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
        "Each code has a page: what it means, a file that has it, what is said of that file, the file mended, and why it matters.\n"
        "`cloudcart check --explain R204` prints one. *Mended*: there is a change that an editor offers, and that\n"
        "`cloudcart check --fix` carries out by itself where it leaves no choice. Numbers are never used again.\n",
    ]
    for prefix, title in _GROUPS.items():
        codes = [code for code in CODES.values() if code.number.startswith(prefix)]
        if codes:
            rows = (
                (f"[{code.number}]({code.number}.md)", code.title, code.severity.value, _mended(code))
                for code in sorted(codes, key=lambda code: code.number)
            )
            parts += [f"## {title}\n", _table(("code", "", "severity", "mended"), rows)]
    return "\n".join(parts)


@cache
def _found(number: str) -> tuple[Diagnostic, str]:
    """What the checker says of a code's failing file, and how a terminal shows it."""
    checked = check_wrong(CODES[number], schema())
    return checked.diagnostics[0], render(checked.diagnostics[0], checked.sources)


def _mended(code: Code) -> str:
    found, _ = _found(code.number)
    return "by `--fix`" if only_fix(found) is not None else "in an editor" if found.fixes else ""


def _code(code: Code) -> str:
    _, shown = _found(code.number)
    return f"# {code.number}: {code.title}\n\n{_MADE}\n{markdown(code, shown)}\n[All codes](README.md)\n"


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
