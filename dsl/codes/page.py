"""The page of a code, as text and as Markdown; changes with what such a page tells (it checks nothing).

The same words stand in the docs, in `cloudcart check --explain`, in the help of an editor and in SARIF.
"""

from __future__ import annotations

from collections.abc import Mapping

from dsl.codes.code import Code


def markdown(code: Code, shown: str = "") -> str:
    """The page without its title; `shown` is what the checker says of the failing file, as a terminal has it."""
    parts = [
        f"{code.severity.value.capitalize()}. {code.meaning}",
        "**Avoid**",
        _block(code.wrong),
        *_beside(code.tables, code.packs, code.books),
    ]
    if shown:
        parts += ["**What is said**", _block(shown, "text")]
    parts += [
        "**Prefer**",
        _block(code.right),
        *_beside(code.right_tables or {}, code.right_packs or {}, None),
    ]
    if code.why:
        parts += ["**Why**", code.why]
    return "\n\n".join(parts) + "\n"


def words(code: Code, shown: str = "") -> str:
    """The same as plain text."""
    parts = [
        f"{code.number}: {code.title}",
        f"{code.severity.value.capitalize()}. {code.meaning}",
        "Avoid:",
        _indented(code.wrong),
    ]
    if shown:
        parts += ["What is said:", _indented(shown)]
    parts += ["Prefer:", _indented(code.right)]
    if code.why:
        parts += ["Why:", f"  {code.why}"]
    return "\n\n".join(parts) + "\n"


def _block(text: str, language: str = "") -> str:
    return f"```{language}\n{_shortened(text)}\n```"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in _shortened(text).split("\n"))


def _shortened(text: str) -> str:
    return "\n".join(line if len(line) <= 160 else f"{line[:159]}…" for line in text.rstrip().split("\n"))


def _beside(
    tables: Mapping[str, str], packs: Mapping[str, str], books: Mapping[str, tuple[str, ...]] | None
) -> list[str]:
    """What a sample needs beside its text."""
    parts: list[str] = []
    for name, text in tables.items():
        parts += [f"With `{name}` beside it:", _block(text)]
    if packs:
        parts.append(f"With these packs at hand: {', '.join(packs)}.".replace("@", " "))
    for kind, names in (books or {}).items():
        there = ", ".join(
            f'"{each.removeprefix("-")}"{" (inactive)" if each.startswith("-") else ""}' for each in names
        )
        parts.append(f"Checked against books that have, of the kind {kind.replace('_', ' ')}: {there}.")
    return parts
