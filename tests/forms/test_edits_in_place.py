"""dsl/edits: each case is a text, edits, and the text that they leave; see cases/."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsl.edits import edit_text
from dsl.forms import Surroundings
from dsl.parse import parse_text

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))


@pytest.mark.parametrize("case", CASES, ids=[each.stem.replace("_", " ") for each in CASES])
def test_an_edit_leaves_the_text_of_its_case(case: Path, surroundings: Surroundings) -> None:
    before, _, rest = case.read_bytes().decode().removeprefix("=== before\n").partition("=== edits\n")
    edits, _, after = rest.partition("=== after\n")
    made = edit_text(before, [json.loads(line) for line in edits.splitlines()], surroundings)
    assert (made.refusal, made.text) == ("", after)
    assert not [each for each in parse_text(after, file="after").diagnostics if each.is_error]
