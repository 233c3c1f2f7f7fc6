"""The registry of codes: complete, never reused, each with its page, its samples and its golden rendering."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import dsl
from dsl.check import Checked
from dsl.codes import CODES, Code
from dsl.codes.samples import FILE, check_right, check_wrong
from dsl.diagnostics import Severity
from dsl.mending import applied
from dsl.schema import Schema
from dsl.showing import render

PACKAGE = Path(dsl.__file__).parent
GOLDEN = Path(__file__).parent / "golden"
#: A file that takes seconds to make and check has one worker for all its tests, so that it is checked once.
ALL = pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, marks=() if code.huge is None else pytest.mark.xdist_group(f"huge {number}"), id=number)
        for number, code in CODES.items()
    ],
)

#: Numbers that were given once and whose code has gone: they are never given again.
GONE: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def failed(schema: Schema) -> Callable[[Code], Checked]:
    """What was found in a code's failing file. It is never changed, so the tests of a code look at the same."""
    found: dict[str, Checked] = {}

    def of(code: Code) -> Checked:
        if code.number not in found:
            found[code.number] = check_wrong(code, schema)
        return found[code.number]

    return of


@ALL
def test_a_code_has_a_page_with_all_its_parts(code: Code) -> None:
    assert re.fullmatch(r"R[1-79]\d\d", code.number)
    assert code.title
    assert len(code.meaning) > 30
    assert len(code.why) > 30, "say in `why` what the check spares people"
    assert code.wrong, "a file that has the mistake"
    assert code.right, "the same file mended"


@ALL
def test_the_failing_file_has_this_mistake_and_no_other(code: Code, failed: Callable[[Code], Checked]) -> None:
    checked = failed(code)
    assert [each.code for each in checked.diagnostics] == [code.number]
    found = checked.diagnostics[0]
    assert found.severity is code.severity
    assert found.docs == f"errors/{code.number}.md"
    assert found.message
    assert found.file == FILE
    assert 0 <= found.start.offset <= found.end.offset <= len(checked.sources[FILE].text)
    assert (checked.ruleset is None) is (code.severity is Severity.ERROR)


@ALL
def test_the_mended_file_is_clean(code: Code, schema: Schema) -> None:
    checked = check_right(code, schema)
    assert not checked.diagnostics
    assert checked.ruleset is not None


@ALL
def test_each_fix_takes_the_mistake_away_and_brings_no_other(
    code: Code, schema: Schema, failed: Callable[[Code], Checked]
) -> None:
    checked = failed(code)
    for fix in checked.diagnostics[0].fixes:
        mended = check_wrong(code, schema, applied(checked.sources[FILE].text, fix.edits))
        left = [each.code for each in mended.diagnostics]
        assert code.number not in left, fix.title
        assert not [each for each in mended.diagnostics if each.is_error] or code.number in MORE_AFTERWARDS, fix.title


#: Where a fix makes the text readable, and what stands in it is then seen to be wrong as well.
MORE_AFTERWARDS: frozenset[str] = frozenset()


@ALL
def test_what_is_shown_is_the_golden_page(code: Code, failed: Callable[[Code], Checked], update: bool) -> None:
    checked = failed(code)
    found = checked.diagnostics[0]
    shown = render(found, checked.sources, width=100) + "\n"
    form = json.dumps(found.as_json(), indent=1, ensure_ascii=False) + "\n"
    for name, made in ((f"{code.number}.txt", shown), (f"{code.number}.json", form)):
        golden = GOLDEN / name
        if update:
            golden.parent.mkdir(exist_ok=True)
            golden.write_text(made, encoding="utf-8")
        assert golden.is_file(), "write it: pytest tests/codes --update-golden"
        assert golden.read_text(encoding="utf-8") == made, "if this is better: pytest tests/codes --update-golden"


def test_no_golden_page_is_left_of_a_code_that_is_gone() -> None:
    assert {each.stem for each in GOLDEN.iterdir()} == set(CODES)


def test_no_number_is_given_twice_and_none_that_was_given_before() -> None:
    numbers = [
        number
        for path in (PACKAGE / "codes").glob("*.py")
        for number in re.findall(r'^        "(R\d\d\d)",$', path.read_text(encoding="utf-8"), re.M)
    ]
    assert sorted(numbers) == sorted(CODES)
    assert not GONE & set(CODES)


def test_every_code_is_reported_somewhere_and_no_other_is() -> None:
    used: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name != "codes":
            used |= set(re.findall(r'"(R[1-9]\d\d)"', path.read_text(encoding="utf-8")))
    assert used == set(CODES)
