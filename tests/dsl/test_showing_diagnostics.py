"""How a finding looks in the terminal and as JSON; and which known word a slip is taken for."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from dsl.check import Checked
from dsl.diagnostics import render
from dsl.spelling import closest, distance

TEXT = """setting limit is number default 5
rule "Big orders"
\tfor order when order.total is mor than limit
  then hold "Big"
end
"""


def test_a_finding_in_the_terminal_shows_the_line_and_marks_the_place(check: Callable[..., Checked]) -> None:
    checked = check(TEXT)
    assert render(checked.diagnostics[0], checked.sources) == (
        "error R102: `mor` makes no sense here\n"
        "  web.rules:3:32\n"
        "     3 | \tfor order when order.total is mor than limit\n"
        "       | \t                              ^^^ did you mean `more`?\n"
        "  help: `is more than 5`.\n"
        "  fix: Change it to `more`\n"
        "  more: docs/errors/R102.md"
    )


def test_a_finding_with_another_place_shows_both(check: Callable[..., Checked]) -> None:
    checked = check('rule "A" for order then tag "x" end\nrule "a" for order then tag "y" end')
    assert render(checked.diagnostics[0], checked.sources) == (
        'error R212: there already is a rule "A"\n'
        "  web.rules:2:6\n"
        '     2 | rule "a" for order then tag "y" end\n'
        "       |      ^^^\n"
        "  note: the first one is here\n"
        "  web.rules:1:6\n"
        '     1 | rule "A" for order then tag "x" end\n'
        "       |      ^^^\n"
        "  help: give one of them another name\n"
        "  more: docs/errors/R212.md"
    )


def test_a_file_on_one_long_line_shows_only_the_part_around_the_place(check: Callable[..., Checked]) -> None:
    text = (
        " ".join([f'rule "{each}" for order then tag "x" end' for each in range(200)])
        + ' rule "z" for order then tg "x" end'
    )
    checked = check(text)
    shown = render(checked.diagnostics[0], checked.sources)
    assert max(len(each) for each in shown.split("\n")) < 200
    marked = next(each for each in shown.split("\n") if "^" in each)
    line = shown.split("\n")[2]
    assert line[marked.index("^") :].startswith("tg")


def test_a_finding_as_json_has_the_agreed_form(check: Callable[..., Checked]) -> None:
    found = json.loads(json.dumps(check(TEXT).diagnostics[0].as_json()))
    assert found == {
        "code": "R102",
        "severity": "error",
        "message": "`mor` makes no sense here",
        "file": "web.rules",
        "start": {"line": 3, "col": 32, "offset": 83},
        "end": {"line": 3, "col": 35, "offset": 86},
        "label": "did you mean `more`?",
        "related": [],
        "help": "`is more than 5`.",
        "fixes": [
            {
                "title": "Change it to `more`",
                "edits": [
                    {
                        "file": "web.rules",
                        "start": {"line": 3, "col": 32, "offset": 83},
                        "end": {"line": 3, "col": 35, "offset": 86},
                        "text": "more",
                    }
                ],
            }
        ],
        "docs": "errors/R102.md",
    }


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
