"""How a diagnostic looks in a terminal: what stands where, at any width, with any letters."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.check import Checked
from dsl.diagnostics import Diagnostic, Fix, Related, Severity, edit_at
from dsl.showing import Part, render
from dsl.showing.widths import clusters, columns
from dsl.source import Source

TEXT = """setting limit is number default 5
rule "Big orders"
\tfor order when order.total is mor than limit
  then hold "Big"
end
"""


def found(
    text: str,
    marked: str,
    *,
    label: str = "",
    related: tuple[tuple[str, str], ...] = (),
    fix: tuple[str, str] | None = None,
    message: str = "this is wrong",
    help: str = "",
) -> tuple[Diagnostic, dict[str, Source]]:
    """A diagnostic about the first place of `marked`, with related places (words, message) and a fix (words, new)."""
    source = Source("web.rules", text)

    def span(words: str) -> tuple[int, int]:
        at = text.index(words)
        return at, at + len(words)

    def position(words: str, end: bool) -> int:
        return span(words)[end]

    made = Diagnostic(
        "R101",
        Severity.ERROR,
        message,
        "web.rules",
        source.position(position(marked, False)),
        source.position(position(marked, True)),
        label,
        tuple(
            Related(words, "web.rules", source.position(span(place)[0]), source.position(span(place)[1]))
            for place, words in related
        ),
        help,
        () if fix is None else (Fix("Mend it", (edit_at(source, source.span(*span(fix[0])), fix[1]),)),),
    )
    return made, {"web.rules": source}


def drawn(text: str, marked: str, width: int = 80, **more: object) -> list[str]:
    diagnostic, sources = found(text, marked, **more)  # type: ignore[arg-type]
    return render(diagnostic, sources, width=width).split("\n")


def test_the_line_its_mark_the_next_step_and_the_mended_line(check: Callable[[str], Checked]) -> None:
    checked = check(TEXT)
    assert render(checked.diagnostics[0], checked.sources) == (
        "error R102: `mor` makes no sense here\n"
        "  web.rules:3:32\n"
        "     3 |     for order when order.total is mor than limit\n"
        "       |                                   ^^^ did you mean `more`?\n"
        "  help: `is more than 5`\n"
        "  fix: Change it to `more`\n"
        "     3 +     for order when order.total is more than limit\n"
        "                                           ++++\n"
        "  more: docs/errors/R102.md"
    )


def test_another_place_nearby_stands_in_the_same_excerpt(check: Callable[[str], Checked]) -> None:
    checked = check(
        'rule "A" for order when order.paid is no then log "x" end\n\n\n'
        'rule "a" for order when order.paid is yes then log "y" end'
    )
    assert render(checked.diagnostics[0], checked.sources) == (
        'error R212: there already is a rule "A"\n'
        "  web.rules:4:6\n"
        '     1 | rule "A" for order when order.paid is no then log "x" end\n'
        "       |      --- the first one is here\n"
        "   ...\n"
        '     4 | rule "a" for order when order.paid is yes then log "y" end\n'
        "       |      ^^^\n"
        "  help: give one of them another name\n"
        "  more: docs/errors/R212.md"
    )


def test_another_place_far_away_has_an_excerpt_of_its_own() -> None:
    lines = drawn('first "A"\n' + "\n" * 40 + 'second "B"', '"B"', related=(('"A"', "the first one is here"),))
    assert lines == [
        "error R101: this is wrong",
        "  web.rules:42:8",
        '    42 | second "B"',
        "       |        ^^^",
        "  note: the first one is here",
        "  web.rules:1:7",
        '     1 | first "A"',
        "       |       ---",
    ]


def test_two_places_of_one_line_have_their_labels_below_each_other() -> None:
    assert drawn("set total to total + 10%", "10%", label="a percentage", related=(("total", "an amount"),))[2:] == [
        "     1 | set total to total + 10%",
        "       |     -----            ^^^ a percentage",
        "       |     an amount",
    ]
    three = drawn("alpha beta gamma", "beta", label="second", related=(("alpha", "first"), ("gamma", "third")))
    assert three[2:] == [
        "     1 | alpha beta gamma",
        "       | ----- ^^^^ ----- third",
        "       | |     second",
        "       | first",
    ]


def test_a_place_of_several_lines_has_a_stroke_at_its_side() -> None:
    text = "table t\n  a -> b\nend\nrule"
    assert drawn(text, "table t\n  a -> b\nend\n", label="nothing reads it")[2:] == [
        "     1 | / table t",
        "     2 | |   a -> b",
        "     3 | \\ end",
        "       | ^ nothing reads it",
    ]
    long = "begin\n" + "row\n" * 20 + "end"
    assert drawn(long, long)[2:] == [
        "     1 | / begin",
        "     2 | | row",
        "   ...",
        "    21 | | row",
        "    22 | \\ end",
        "       | ^",
    ]


@pytest.mark.parametrize(
    ("before", "marked"),
    [
        ("\t\t", "mor"),
        ("a\t", "mor"),
        ("漢字 ", "mor"),
        ("👩‍👩‍👧 🇩🇪 👍🏽 ", "mor"),
        ("e\u0301a\u0308o\u0302 ", "mor"),
        ("ｆｕｌｌ ", "mor"),
        ("\x1b[31m\u202e\u200b ", "mor"),
        ("", "漢字"),
        ("x ", "👍🏽👍🏽"),
        ("", "\u0301mor"),
    ],
)
def test_the_mark_stands_below_the_place_whatever_the_letters(before: str, marked: str) -> None:
    line, under = drawn(f"{before}{marked} rest", marked)[2:4]
    at = under.index("^")
    assert columns(line[: line.index("rest")]) == at + under.count("^") + 1
    if marked == "mor":
        assert columns(line[: line.index(marked)]) == at
    assert not re.search("[\x00-\x1f\u202e\u200b]", line)


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60), st.integers(0, 60), st.integers(0, 9)
)
def test_no_text_breaks_the_frame(text: str, at: int, length: int) -> None:
    source = Source("f", text)
    made = Diagnostic("R101", Severity.ERROR, "wrong", "f", source.position(at), source.position(at + length), "here")
    lines = render(made, {"f": source}, width=60).split("\n")
    assert lines[2].startswith("     1 |")
    assert lines[3].startswith("       |")
    assert "^" in lines[3]
    assert all(columns(each) <= 60 for each in lines)


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("at", [0, 5, 2000, 9990])
def test_a_long_line_is_cut_around_the_place(width: int, at: int) -> None:
    text = "".join(f"{each:09d} " for each in range(1000))
    marked = text[at : at + 5]
    source = Source("f", text)
    made = Diagnostic("R101", Severity.ERROR, "wrong", "f", source.position(at), source.position(at + 5), "here it is")
    lines = render(made, {"f": source}, width=width).split("\n")
    assert all(columns(each) <= width for each in lines)
    under = lines[3]
    assert lines[2][under.index("^") :].startswith(marked)
    assert ("…" in lines[2][:11]) is (at > 30)
    assert lines[2].endswith("…") is (at < 9000)


def test_words_are_wrapped_to_the_width_and_hang() -> None:
    lines = drawn("mor", "mor", 60, help="write this " * 12, message="this goes on " * 9, label="and so on " * 9)
    assert all(columns(each) <= 60 for each in lines)
    helped = next(place for place, each in enumerate(lines) if each.startswith("  help: "))
    assert lines[helped + 1].startswith("        write") or lines[helped + 1].startswith("        this")


def test_a_fix_that_takes_lines_out_shows_what_goes() -> None:
    text = "a\nsetting x\nb\n"
    assert drawn(text, "x", fix=("setting x", ""))[4:] == ["  fix: Mend it", "     2 - setting x"]


def test_a_fix_that_adds_a_line_shows_the_line() -> None:
    assert drawn("rule\n  then x\n", "x", fix=("x\n", "x\nend\n"))[4:] == ["  fix: Mend it", "     3 + end"]


def test_a_place_in_a_text_that_is_not_at_hand_is_told_in_words() -> None:
    diagnostic, _ = found("mor", "mor", label="what?")
    assert render(diagnostic) == "error R101: this is wrong\n  web.rules:1:1\n    what?"


def test_colours_are_put_around_parts_and_change_no_letter(check: Callable[[str], Checked]) -> None:
    checked = check(TEXT)
    seen: set[Part] = set()

    def paint(part: Part, words: str) -> str:
        seen.add(part)
        return f"\x1b[1m{words}\x1b[0m"

    coloured = render(checked.diagnostics[0], checked.sources, paint=paint)
    assert re.sub("\x1b\\[.m", "", coloured) == render(checked.diagnostics[0], checked.sources)
    assert {Part.ERROR, Part.MESSAGE, Part.GUTTER, Part.HELP, Part.NEW} <= seen


def test_the_form_for_other_programs_is_the_agreed_one(check: Callable[[str], Checked]) -> None:
    assert json.loads(json.dumps(check(TEXT).diagnostics[0].as_json())) == {
        "code": "R102",
        "severity": "error",
        "message": "`mor` makes no sense here",
        "file": "web.rules",
        "start": {"line": 3, "col": 32, "offset": 83},
        "end": {"line": 3, "col": 35, "offset": 86},
        "label": "did you mean `more`?",
        "related": [],
        "help": "`is more than 5`",
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
    ("text", "wide"),
    [("abc", 3), ("漢字", 4), ("e\u0301", 1), ("👍🏽", 2), ("👩‍👩‍👧", 2), ("🇩🇪🇫🇷", 4), ("❤️", 2), ("ｱ", 1), ("", 0)],
)
def test_columns_are_those_of_a_terminal(text: str, wide: int) -> None:
    assert columns(text) == wide
    assert "".join(clusters(text)) == text


def test_a_fix_in_several_places_shows_each_of_them(check: Callable[[str], Checked]) -> None:
    text = "setting Top is number default 5\n" + "".join(
        f'rule "{each}" for order when order.total is more than Top + {each} then log "x" end\n' for each in range(4)
    )
    shown = render(check(text).diagnostics[0], check(text).sources).split("\n")
    assert shown[4:] == [
        "  fix: Change it to `top`",
        "     1 + setting top is number default 5",
        "                 +++",
        '     2 + rule "0" for order when order.total is more than top + 0 then log "x" end',
        "                                                          +++",
        '     3 + rule "1" for order when order.total is more than top + 1 then log "x" end',
        "                                                          +++",
        "   ... and 2 places more",
        "  more: docs/errors/R111.md",
    ]


def test_a_line_is_shown_from_its_beginning_where_the_place_can_be_seen_from_there() -> None:
    line = drawn("when order.total is mor than 5.00 USD and order.store is one of the many shops", "mor", 60)[2]
    assert line == "     1 | when order.total is mor than 5.00 USD and order.st…"
