"""dsl/edits: a form that is opened and saved without a change leaves the file as it is, byte for byte, whatever is in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dsl.edits import Refused, apply
from dsl.edits.edit import Set
from dsl.edits.inputs import write
from dsl.forms import Forms
from dsl.forms.model import BlockForm, Input, Locked, LockedForm, RuleForm, parts_of
from dsl.forms.sheet import changed
from dsl.parse import parse_text
from tests.forms.conftest import TEXTS

WRITTEN_AS_A_WHOLE = {"comparison", "joined", "does", "or_stop", "switch", "turn_off", "scope", "every", "every_day_at"}


def inputs_of(form: BlockForm) -> list[Input]:
    return [each for each in parts_of(form) if isinstance(each, Input)]


@pytest.mark.parametrize("group", list(TEXTS))
def test_saving_every_field_of_every_form_changes_nothing(group: str, forms: Callable[[str], Forms]) -> None:
    saved = 0
    for name, text in TEXTS[group]():
        opened = forms(text)
        for block in opened.document.blocks:
            for field in inputs_of(opened.of(block)):
                assert apply(opened, Set(field.id, field.value, field.said_as)) == (), f"{name}: {field.id}"
                saved += 1
    assert saved > 20


@pytest.mark.parametrize("group", list(TEXTS))
def test_every_field_is_in_the_text_where_the_form_says(group: str, forms: Callable[[str], Forms]) -> None:
    for name, text in TEXTS[group]():
        opened = forms(text)
        for block in opened.document.blocks:
            for field in inputs_of(opened.of(block)):
                if field.start is not None and field.slot.writes != "joined":
                    assert field.text == text[field.start : field.end], f"{name}: {field.id}"
                    assert block.start <= field.start <= (field.end or 0) <= block.end


@pytest.mark.parametrize("group", [each for each in TEXTS if each != "a large rule set"])
def test_a_value_that_is_written_again_means_the_same(group: str, forms: Callable[[str], Forms]) -> None:
    written = 0
    for name, text in TEXTS[group]():
        opened = forms(text)
        for block in opened.document.blocks:
            tree = parse_text(text[block.start : block.end], file="block").file
            for field in inputs_of(opened.of(block)):
                if field.start is None or not field.editable or field.slot.writes in WRITTEN_AS_A_WHOLE:
                    continue
                try:
                    words = write(field, field.value, field.said_as)
                except Refused:
                    # What cannot be read by itself stands there as it is; such a block has its diagnostic.
                    assert "wrong" in name or "tests/" in name, f"{name}: {field.id}"
                    continue
                again = text[block.start : field.start] + words + text[field.end : block.end]
                assert parse_text(again, file="block").file == tree, f"{name}: {field.id} {words}"
                written += 1
    assert written > 10


@pytest.mark.parametrize("group", list(TEXTS))
def test_nothing_of_a_file_is_outside_of_its_blocks_but_comments_and_blanks(
    group: str, forms: Callable[[str], Forms]
) -> None:
    for name, text in TEXTS[group]():
        opened = forms(text)
        at = 0
        for block in opened.document.blocks:
            assert not code(text[at : block.start]), name
            at = block.end
        assert not code(text[at:]), name


def code(stretch: str) -> str:
    """What is neither blank nor comment."""
    return "".join(line.partition("//")[0] for line in stretch.split("\n")).strip("\ufeff \t\r\n\f\u00a0\u3000\u200a")


def test_a_block_that_cannot_be_read_is_locked_text(forms: Callable[[str], Forms]) -> None:
    broken = 'rule "B" order then end'
    text = f'rule "A"\n  for order\n  then tag "a"\nend\n\n{broken}\n\nrule "C"\n  for order\n  then tag "c"\nend\n'
    opened = forms(text)
    found = [opened.of(each) for each in opened.document.blocks]
    locked = [each for each in found if isinstance(each, LockedForm)]
    assert [each.title for each in found if each not in locked] == ["A", "C"]
    assert [each.text for each in locked] == [broken]


def test_a_value_that_cannot_be_read_is_locked_by_itself(forms: Callable[[str], Forms]) -> None:
    text = 'rule "A"\n  for order\n  when order.total is mor than 5\n  then tag "a"\nend\n'
    opened = forms(text)
    form = opened.of(opened.document.blocks[0])
    assert isinstance(form, RuleForm)
    assert isinstance(form.when.condition, Locked)
    after = changed(text, apply(opened, Set("rule-1/then/1/value", "b")))
    assert after == text.replace('"a"', '"b"')
