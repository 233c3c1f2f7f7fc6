"""A rule set that a process has compiled is there at once the next time, as long as nothing of it has changed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from engine.rulesets import CannedRuleSets, RuleSetBroken, compile_text
from tests.reading.conftest import HEAD

RULE = 'use "mine" version "1" as mine end\nrule "A" for order when order.number is mine.number then skip "x" end\n'


class Mine(CannedRuleSets):
    """A library of one pack, which somebody may change."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def find(self, name: str, version: str) -> str | None:
        return self.text if name == "mine" else None

    def tables(self, name: str, version: str) -> Mapping[str, str]:
        return {}

    def versions(self, name: str) -> tuple[str, ...]:
        return ("1",)

    def names(self) -> tuple[str, ...]:
        return ("mine",)


def test_the_same_text_is_compiled_once() -> None:
    once = compile_text(HEAD, file="loaded.rules").program
    assert compile_text(HEAD, file="loaded.rules").program is once
    assert compile_text(HEAD + "\n", file="loaded.rules").program is not once
    assert compile_text(HEAD, file="another.rules").program.resolved.file == "another.rules"


def test_other_rows_beside_it_make_another_program() -> None:
    text = (
        'table class_for from "class.csv" sku -> class end\n'
        'rule "A" for each line in order.lines then set line.class to lookup class_for(line.sku) end\n'
    )
    one = compile_text(text, file="loaded.rules", tables={"class.csv": "sku,class\nHAT,Hats\n"}).program
    other = compile_text(text, file="loaded.rules", tables={"class.csv": "sku,class\nHAT,Caps\n"}).program
    assert one.hash != other.hash


def test_a_pack_that_changed_in_the_library_is_taken_as_it_now_is() -> None:
    first = Mine('setting number is text default "1"\n')
    program = compile_text(RULE, file="packs.rules", library=first).program
    assert compile_text(RULE, file="packs.rules", library=first).program is program
    changed = compile_text(RULE, file="packs.rules", library=Mine('setting number is text default "2"\n')).program
    assert changed.settings == {"mine.number": "2"}
    with pytest.raises(RuleSetBroken):
        compile_text(RULE, file="packs.rules", library=Mine('setting other is text default "2"\n'))
