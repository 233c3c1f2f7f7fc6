"""The registry of codes: complete, never reused, and every sample does what its page says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import dsl
from dsl.check import Checked
from dsl.codes import CODES, Code
from dsl.diagnostics import Severity
from tests.dsl.edits import apply_edits

SAMPLES = [each for each in CODES.values() if each.wrong]
PACKAGE = Path(dsl.__file__).parent

# Without gaps, from the first issue on: a number that has gone would leave one.
NUMBERED = {"R1": 20, "R2": 15, "R3": 19, "R4": 8, "R5": 3, "R6": 3, "R7": 9}


@pytest.mark.parametrize("code", SAMPLES, ids=[each.number for each in SAMPLES])
def test_the_wrong_sample_has_this_mistake_and_no_other(code: Code, check: Callable[..., Checked]) -> None:
    checked = check(code.wrong)
    assert [each.code for each in checked.diagnostics] == [code.number]
    found = checked.diagnostics[0]
    assert found.severity is code.severity
    assert found.docs == f"errors/{code.number}.md"
    assert found.message
    assert found.file == "web.rules"
    assert 0 <= found.start.offset <= found.end.offset <= len(code.wrong)
    assert (checked.ruleset is None) is (code.severity is Severity.ERROR)


@pytest.mark.parametrize("code", SAMPLES, ids=[each.number for each in SAMPLES])
def test_the_right_sample_is_clean(code: Code, check: Callable[..., Checked]) -> None:
    checked = check(code.right)
    assert not checked.diagnostics
    assert checked.ruleset is not None


@pytest.mark.parametrize("code", SAMPLES, ids=[each.number for each in SAMPLES])
def test_each_fix_of_a_sample_takes_the_mistake_away(code: Code, check: Callable[..., Checked]) -> None:
    for fix in check(code.wrong).diagnostics[0].fixes:
        mended = check(apply_edits(code.wrong, fix.edits))
        assert code.number not in [each.code for each in mended.diagnostics], fix.title


def test_every_code_has_words_for_its_page() -> None:
    for code in CODES.values():
        assert re.fullmatch(r"R[1-9]\d\d", code.number)
        assert code.title
        assert len(code.meaning) > 30
        assert code.wrong or "ample" in code.meaning, f"{code.number} has neither a sample nor a reason for having none"
        assert bool(code.wrong) == bool(code.right)


def test_numbers_are_given_in_order_without_gaps() -> None:
    for group, last in NUMBERED.items():
        numbers = [int(each[2:]) for each in CODES if each.startswith(group)]
        assert numbers == list(range(1, last + 1))


def test_every_code_is_reported_somewhere_and_no_other_is() -> None:
    used: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name != "codes.py":
            used |= set(re.findall(r'"(R[1-9]\d\d)"', path.read_text(encoding="utf-8")))
    assert used == set(CODES)
