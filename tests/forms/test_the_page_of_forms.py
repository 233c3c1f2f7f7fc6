"""docs/forms.md: what it shows of forms is so, every edit on it is carried out, and every edit is on it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dsl.check import check_text
from dsl.edits import EDITS, edit_text
from dsl.forms import Document, Forms, Surroundings, as_json
from dsl.forms.model import Input

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "forms.md").read_text("utf-8")
TEXT = re.findall(r"^```rules\n(.*?)^```$", PAGE, re.S | re.M)[0]
SHOWN = re.findall(r"^```json input (\S+)\n(.*?)^```$", PAGE, re.S | re.M)
EDITS_SHOWN = [
    line for block in re.findall(r"^```json edit\n(.*?)^```$", PAGE, re.S | re.M) for line in block.splitlines()
]


def test_the_file_of_the_page_is_right(surroundings: Surroundings) -> None:
    checked = check_text(TEXT, file="page.rules", schema=surroundings.schema, library=surroundings.library)
    assert [each.message for each in checked.diagnostics if each.is_error] == []


@pytest.mark.parametrize(("id", "shown"), SHOWN, ids=[id for id, _ in SHOWN])
def test_an_input_looks_as_the_page_shows_it(id: str, shown: str, surroundings: Surroundings) -> None:
    forms = Forms(Document.read(TEXT), surroundings)
    (found,) = [each for each in forms.parts(id) if isinstance(each, Input)]
    assert as_json(found) == json.loads(shown)


def test_the_sentences_are_those_of_the_page(surroundings: Surroundings) -> None:
    blocks = {each.id: each.sentence for each in Forms(Document.read(TEXT), surroundings).file().blocks}
    told = re.findall(r"^```sentences\n(.*?)^```$", PAGE, re.S | re.M)[0].splitlines()
    assert told
    for line in told:
        id, _, sentence = line.partition(": ")
        assert blocks[id] == sentence


@pytest.mark.parametrize("shown", EDITS_SHOWN)
def test_an_edit_of_the_page_changes_its_file(shown: str, surroundings: Surroundings) -> None:
    made = edit_text(TEXT, [json.loads(shown)], surroundings)
    assert made.refusal == ""
    assert made.text != TEXT
    checked = check_text(made.text, file="page.rules", schema=surroundings.schema, library=surroundings.library)
    assert not [each for each in checked.diagnostics if each.is_error and each.code.startswith("R1")]


def test_every_edit_is_on_the_page() -> None:
    assert [each for each in EDITS if f'"do": "{each}"' not in PAGE and f"`{each}`" not in PAGE] == []


def test_every_key_of_an_input_is_on_the_page() -> None:
    (example,) = [json.loads(shown) for _, shown in SHOWN][:1]
    assert set(example) == {each for each in Input.__dataclass_fields__ if each != "slot"}
