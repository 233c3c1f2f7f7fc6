"""Which known word a slip is taken for: near ones only."""

from __future__ import annotations

import pytest

from dsl.spelling import closest, distance


@pytest.mark.parametrize(
    ("left", "right", "far"),
    [
        ("more", "more", 0),
        ("mor", "more", 1),
        ("mroe", "more", 1),
        ("moore", "more", 1),
        ("moan", "more", 2),
        ("abc", "wxyz", 3),
    ],
)
def test_distance_counts_slips_and_gives_up_beyond_its_limit(left: str, right: str, far: int) -> None:
    assert distance(left, right, 2) == far
    assert distance(right, left, 2) == far


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("numbr", ["number", "id"], "number"),
        ("Number", ["number"], "number"),
        ("order-prefix", ["order_prefix"], "order_prefix"),
        ("zip", ["postal_code", "state"], "postal_code"),
        ("id", ["is", "if"], None),
        ("colour", ["number"], None),
        ("xyz", ["abc"], None),
        ("stat", ["state", "status"], "state"),
        ("", ["a"], None),
        ("skuu", ["id", "sku"], "sku"),
    ],
)
def test_only_near_words_are_suggested(word: str, known: list[str], meant: str | None) -> None:
    assert closest(word, known, {"zip": "postal_code"}) == meant
