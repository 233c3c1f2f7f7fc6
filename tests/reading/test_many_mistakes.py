"""All mistakes of a file come in one go: each once, at its words, and none that only follows from another."""

from __future__ import annotations

import pytest

from dsl.check import Checked, check_text
from dsl.parse import parse_text
from engine.vocabulary import vocabulary
from tests.reading.conftest import CLEAN, MISTAKES, Mistake, Seeded, file_of, seeded

SCHEMA = vocabulary()


def check(text: str) -> Checked:
    return check_text(text, file="web.rules", schema=SCHEMA)


def told(file: Seeded) -> list[tuple[str, str, int]]:
    return [
        (each.code, file.text[each.start.offset : each.end.offset], each.start.line)
        for each in check(file.text).diagnostics
    ]


def expected(file: Seeded) -> list[tuple[str, str, int]]:
    return [(code, file.text[start:end], file.text.count("\n", 0, start) + 1) for code, start, end in file.expected]


def test_the_clean_blocks_are_clean() -> None:
    file = file_of(list(CLEAN))
    assert told(file) == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=[each.text[:60] for each in MISTAKES])
def test_each_mistake_is_told_at_its_words(mistake: Mistake) -> None:
    file = file_of([CLEAN[0], mistake, CLEAN[1]])
    assert told(file) == expected(file)


@pytest.mark.parametrize("seed", range(80))
def test_seeded_mistakes_are_told_exactly(seed: int) -> None:
    file = seeded(seed)
    assert told(file) == expected(file)


@pytest.mark.parametrize("seed", range(7, 80, 8))
def test_what_is_not_broken_is_read_as_if_nothing_were(seed: int) -> None:
    file = seeded(seed)
    tree = parse_text(file.text, file="web.rules").file
    assert tree is not None
    titles = {each.title.text for each in tree.blocks if hasattr(each, "title")}
    assert "Reads all that is declared" in titles
    assert not tree.broken
