"""Whatever the text: no tool raises, none loses a letter, and each gives the same answer twice."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.check import check_text
from dsl.codes import CODES
from dsl.format import format_text
from dsl.forms import Document, Forms, Surroundings, as_json
from dsl.service.colouring import colours
from dsl.service.completing import complete
from dsl.service.hovering import hover
from dsl.service.navigating import definition, folds, references, symbols
from dsl.service.occurrences import occurrences
from dsl.service.renaming import prepare
from dsl.service.view import View
from dsl.showing import render
from dsl.tokens import tokens_of
from dsl.workspace import Workspace
from engine.rulesets import CannedRuleSets, schema

ROOT = Path(__file__).parents[2]
CANNED = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("rulesets/**/*.rules"))]
WORDS = sorted({word for text in CANNED for word in re.findall(r'"(?:[^"\n]|"")*"|[\w.]+|\s+|[^\s\w]', text)})
SIGNS = [
    "",
    " ",
    "\n",
    "\r\n",
    "\t",
    '"',
    '""',
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "//",
    "#",
    "|",
    "->",
    "\x00",
    "\ufeff",
    "\u2028",
    "😀",
]
LIBRARY = CannedRuleSets()


def damaged(text: str, seed: int) -> str:
    """A text with a few words or signs dropped, doubled, swapped or put in, or cut off."""
    chance = random.Random(seed)
    pieces = re.findall(r'"(?:[^"\n]|"")*"|[\w.]+|\s+|[^\s\w]', text) or [""]
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(pieces))
        match chance.randrange(6):
            case 0:
                pieces[at] = ""
            case 1:
                pieces[at] *= 2
            case 2:
                other = chance.randrange(len(pieces))
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case 3:
                pieces.insert(at, chance.choice(WORDS))
            case 4:
                pieces.insert(at, chance.choice(SIGNS))
            case _:
                letters = pieces[at]
                place = chance.randrange(len(letters) + 1)
                pieces[at] = letters[:place] + chance.choice('abcxyz._"{}') + letters[place + 1 :]
    result = "".join(pieces)
    return result[: chance.randrange(len(result) + 1)] if chance.random() < 0.1 else result


TEXTS = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from([*WORDS, *SIGNS]), max_size=50).map("".join),
    st.builds(damaged, st.sampled_from(CANNED), st.integers(0, 2**32)),
)


@given(TEXTS)
@settings(max_examples=120)
def test_a_check_says_the_same_twice_and_only_of_places_in_the_text(text: str) -> None:
    checked = check_text(text, file="f.rules", schema=schema(), library=LIBRARY)
    again = check_text(text, file="f.rules", schema=schema(), library=LIBRARY)
    assert again.diagnostics == checked.diagnostics
    assert checked.ok is (checked.ruleset is not None)
    for each in checked.diagnostics:
        assert each.code in CODES
        assert 0 <= each.start.offset <= each.end.offset <= len(checked.sources[each.file].text)
        assert render(each, checked.sources)
        for fix in each.fixes:
            for edit in fix.edits:
                assert 0 <= edit.start.offset <= edit.end.offset <= len(checked.sources[edit.file].text)


@given(TEXTS)
@settings(max_examples=120)
def test_tokens_are_the_text_and_layout_is_final_or_refused(text: str) -> None:
    assert "".join(each.text for each in tokens_of(text)) == text
    written = format_text(text, file="f.rules")
    if written.refusal:
        assert written.text == text
    else:
        again = format_text(written.text, file="f.rules")
        assert (again.text, again.refusal) == (written.text, "")


@given(TEXTS, st.integers(0, 2**32))
@settings(max_examples=80)
def test_what_editors_ask_has_an_answer_anywhere(text: str, seed: int) -> None:
    checked = check_text(text, file="f.rules", schema=schema(), library=LIBRARY)
    view = View("f.rules", text, checked, schema(), LIBRARY)
    end = 0
    for stretch in colours(view):
        assert end <= stretch.start < stretch.end <= len(text)
        end = stretch.end
    symbols(view)
    folds(view)
    for each in occurrences(view):
        assert 0 <= each.start <= each.end <= len(text)
    for _ in range(5):
        offset = random.Random(seed).randrange(len(text) + 1)
        hover(view, offset)
        definition(view, offset)
        references([view], view, offset)
        prepare(view, offset)
        for suggestion in complete(view, offset):
            assert 0 <= suggestion.start <= suggestion.end <= len(text)


@given(TEXTS)
@settings(max_examples=80)
def test_every_text_opens_as_forms_and_what_they_show_is_the_text(text: str) -> None:
    forms = Forms(Document.read(text), Surroundings(schema()))
    shown = forms.file()
    for each in shown.blocks:
        assert 0 <= each.start <= each.end <= len(text)
        opened = forms.block(each.id)
        assert opened is not None
        assert as_json(opened)


@given(st.sampled_from(CANNED), st.lists(st.integers(0, 2**32), min_size=1, max_size=4))
@settings(max_examples=60)
def test_a_workspace_that_saw_every_step_says_what_a_fresh_check_says(text: str, seeds: list[int]) -> None:
    workspace = Workspace(schema(), LIBRARY)
    workspace.put("f.rules", text)
    workspace.checked("f.rules")
    for seed in seeds:
        text = damaged(text, seed)
        workspace.put("f.rules", text)
        if seed % 2:
            workspace.quick("f.rules")
        found = workspace.checked("f.rules")
        fresh = check_text(text, file="f.rules", schema=schema(), library=LIBRARY)
        assert found.diagnostics == fresh.diagnostics
        assert (found.ruleset is None) is (fresh.ruleset is None)


@pytest.mark.parametrize("text", CANNED)
def test_every_prefix_of_a_rule_set_can_be_checked(text: str) -> None:
    for end in range(0, len(text), max(1, len(text) // 12)):
        check_text(text[:end], file="f.rules", schema=schema(), library=LIBRARY)
