"""What the tests of forms and edits share: the vocabulary, the canned sets, and every rule-set text of the project."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.large import text as large_text
from dsl.codes import CODES
from dsl.forms import Document, Forms, Surroundings
from engine.rulesets import CannedRuleSets, schema

ROOT = Path(__file__).resolve().parents[2]


def rule_sets(*folders: str) -> list[tuple[str, str]]:
    """Every rule set in a folder, with its own line ends."""
    return [
        (path.relative_to(ROOT).as_posix(), path.read_bytes().decode("utf-8-sig"))
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.rules"))
    ]


def in_documents() -> list[tuple[str, str]]:
    """What stands in the documents between fences that say so."""
    found = []
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for place, block in enumerate(re.findall(r"^```rules\n(.*?)^```$", page.read_text("utf-8"), re.S | re.M)):
            found.append((f"{page.relative_to(ROOT).as_posix()}:{place}", block))
    return found


def samples(part: str) -> list[tuple[str, str]]:
    """The files that show each code, wrong or mended."""
    found = [(f"{code} {part}", getattr(entry, part)) for code, entry in CODES.items()]
    return [(name, text) for name, text in found if isinstance(text, str) and len(text) < 20_000]


TEXTS: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "canned rule sets": lambda: rule_sets("rulesets"),
    "rule sets of tests": lambda: rule_sets("tests"),
    "documents": in_documents,
    "wrong samples of codes": lambda: samples("wrong"),
    "mended samples of codes": lambda: samples("right"),
    "a large rule set": lambda: [("large.rules", large_text(rules=25))],
    "windows line ends": lambda: [
        (name, text.replace("\r\n", "\n").replace("\n", "\r\n")) for name, text in rule_sets("rulesets")
    ],
}


@pytest.fixture(scope="session")
def surroundings() -> Surroundings:
    return Surroundings(schema(), CannedRuleSets())


@pytest.fixture(scope="session")
def forms(surroundings: Surroundings) -> Callable[[str], Forms]:
    """The forms of a text."""

    def make(text: str) -> Forms:
        return Forms(Document.read(text), surroundings)

    return make
