"""Rows of tables: what no row fits, what two fit, what nothing finds; each case is the rows, and what is said of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import pytest

from dsl.check import Checked
from tests.dsl.edits import apply_edits

STATE = "state -> code"
BOTH = "state | taxable -> code"
TAX = "set books.tax_code to lookup t(ship_to.state, order.taxable)"
TOTAL = "total is money -> code"


def table(columns: str, rows: str) -> str:
    lines = "\n".join("  " + each.strip() for each in rows.strip().split("\n") if each.strip())
    return f"table t\n  {columns}\n{lines}\nend\n"


def rule(then: str, when: str = "", scope: str = "for order") -> str:
    return f'rule "R"\n  {scope}\n' + (f"  when {when}\n" if when else "") + f"  then {then}\nend\n"


CASES: Sequence[tuple[str, str, str, list[tuple[str, str]]]] = [
    # --- gaps: what no row fits
    (BOTH, '"MD" | yes -> "A"\n"MD" | no -> "N"\n"CA" | yes -> "B"', rule(TAX), [("R430", '`"CA" | no`')]),
    (BOTH, '"MD" | yes -> "A"\nany | no -> "N"', rule(TAX), [("R430", '`"AK" | yes`')]),
    (BOTH, '"MD" | yes -> "A"\nany | no -> "N"\notherwise -> missing', rule(TAX), []),
    (BOTH, '"MD" | yes -> "A"\nany | no -> "N"', rule(TAX + ' or hold "No code"'), []),
    (BOTH, '"MD" | yes -> "A"\nany | no -> "N"', rule(TAX + ' or else "Non"'), []),
    (STATE, '"MD" -> "A"', rule("set books.tax_code to lookup t(ship_to.state)"), [("R430", '`"AK"`')]),
    (STATE, '"MD" -> "A"', rule("set books.class to lookup t(ship_to.state)"), []),
    (STATE, '"MD" -> "A"', rule('tag "x"', "lookup t(ship_to.state) is present"), []),
    (
        "store -> price is money",
        '"Web" -> 5.00 USD',
        rule("add payment amount = lookup t(order.store)"),
        [("R430", '`"Web Store"`')],
    ),
    (
        TOTAL,
        'up to 100 -> "A"\nmore than 200 -> "B"',
        rule("set books.class to lookup t(order.total)"),
        [("R430", "`101`")],
    ),
    (TOTAL, 'up to 100 -> "A"\nmore than 100 -> "B"', rule("set books.class to lookup t(order.total)"), []),
    (TOTAL, 'up to 100.00 -> "A"\nat least 100.01 -> "B"', rule("set books.class to lookup t(order.total)"), []),
    (
        TOTAL,
        'up to 100 -> "A"\nat least 101 -> "B"',
        rule("set books.class to lookup t(order.total)"),
        [("R430", "`100.5`")],
    ),
    (
        "pieces -> code",
        'between 1 and 5 -> "A"\nbetween 6 and 10 -> "B"',
        rule("set line.class to lookup t(line.quantity)", scope="for each line in order.lines"),
        [],
    ),
    (
        "pieces -> code",
        'between 1 and 5 -> "A"\nbetween 7 and 10 -> "B"',
        rule("set line.class to lookup t(line.quantity)", scope="for each line in order.lines"),
        [("R430", "`6`")],
    ),
    (
        "day is date -> code",
        'up to 2026-01-31 -> "A"\nat least 2026-02-01 -> "B"',
        rule("set books.class to lookup t(order.date)"),
        [],
    ),
    (
        "day is date -> code",
        'up to 2026-01-31 -> "A"\nmore than 2026-02-01 -> "B"',
        rule("set books.class to lookup t(order.date)"),
        [("R430", "`2026-02-01`")],
    ),
    (
        "state | total is money -> code",
        '"MD" | up to 100 -> "A"\n"MD" | more than 100 -> "B"\n"CA" | up to 50 -> "C"\n"CA" | more than 60 -> "D"',
        rule("set books.class to lookup t(ship_to.state, order.total)"),
        [("R430", '`"CA" | 51`')],
    ),
    ("taxable -> code", 'yes -> "A"\nno -> "N"', rule("set books.tax_code to lookup t(order.taxable)"), []),
    ("taxable -> code", 'yes -> "A"', rule("set books.tax_code to lookup t(order.taxable)"), [("R430", "`no`")]),
    # --- overlaps: what two rows fit
    (BOTH, '"MD" | any -> "A"\nany | no -> "N"\notherwise -> missing', rule(TAX), [("R431", '`"MD" | no`')]),
    (BOTH, '"MD" | no -> "N"\n"MD" | any -> "A"\nany | no -> "N"\notherwise -> missing', rule(TAX), []),
    (BOTH, '"MD" | any -> "A"\nany | no -> "A"\notherwise -> missing', rule(TAX), []),
    (BOTH, '"MD" | yes -> "A"\nany | yes -> "B"\notherwise -> missing', rule(TAX), []),
    (
        TOTAL,
        'between 1 and 100 -> "A"\nbetween 50 and 200 -> "B"\notherwise -> missing',
        rule("set books.class to lookup t(order.total)"),
        [("R431", "`51`")],
    ),
    (
        TOTAL,
        'up to 100 -> "A"\nbetween 100 and 200 -> "B"\notherwise -> missing',
        rule("set books.class to lookup t(order.total)"),
        [],
    ),
    (TOTAL, 'up to 10 -> "A"\nup to 20 -> "B"\nup to 30 -> "C"', rule("set books.class to lookup t(order.total)"), []),
    # --- rows that nothing finds
    (
        TOTAL,
        'more than 3 -> "A"\nmore than 5 -> "B"',
        rule("set books.class to lookup t(order.total)"),
        [("R406", "a row above")],
    ),
    (
        TOTAL,
        'up to 100 -> "A"\nmore than 100 -> "B"\nbetween 50 and 150 -> "C"',
        rule("set books.class to lookup t(order.total)"),
        [("R406", "together")],
    ),
    (
        BOTH,
        '"MD" | yes -> "A"\n"MD" | no -> "B"\n"MD" | any -> "C"\notherwise -> missing',
        rule(TAX),
        [],  # a missing answer is not told by the fields: `any` fits it
    ),
    (BOTH, '"MD" | any -> "A"\n"MD" | yes -> "B"\notherwise -> missing', rule(TAX), [("R406", "a row above")]),
    (
        "name -> code",
        'starts with "A" -> "1"\nstarts with "AB" -> "2"\n"abc" -> "3"',
        rule("set books.class to lookup t(order.store)"),
        [("R406", ""), ("R406", "")],
    ),
    (
        "name -> code",
        'contains "a" -> "1"\nstarts with "bab" -> "2"\nends with "b" -> "3"',
        rule("set books.class to lookup t(order.store)"),
        [("R406", "")],
    ),
    (
        STATE,
        'any -> "A"\notherwise -> "B"',
        rule("set books.class to lookup t(ship_to.state)"),
        [("R406", "never reached")],
    ),
    (STATE, 'any -> "A"\notherwise -> missing', rule("set books.class to lookup t(ship_to.state)"), []),
    (STATE, '"md" -> "A"\n"MD" -> "B"', rule("set books.class to lookup t(ship_to.state)"), [("R314", "")]),
    # --- cells that nothing fits
    (STATE, '"Maryland" -> "A"', rule("set books.class to lookup t(ship_to.state)"), [("R432", '"MD"')]),
    (STATE, '"Maryland" -> "A"', rule("set books.class to lookup t(ship_to.city)"), []),
    (STATE, '"" -> "A"\n"MD" -> "B"', rule("set books.class to lookup t(ship_to.state)"), [("R432", "blank")]),
    (TOTAL, 'between 10 and 5 -> "A"', rule("set books.class to lookup t(order.total)"), [("R432", "larger")]),
    (
        "taxable -> code",
        'yes -> "A"\nmissing -> "B"',
        rule("set books.class to lookup t(order.taxable)"),
        [("R432", "never missing")],
    ),
    (
        "taxable -> code",
        'yes -> "A"\nmissing -> "B"',
        rule("set books.class to lookup t(order.taxable)")
        + 'rule "S" for order when order.store is "x" then clear order.taxable end',
        [],
    ),
    ("country -> code", '"USA" -> "A"', rule("set books.class to lookup t(ship_to.country)"), [("R432", '"US"')]),
    ("sku -> code", '"HAT*" -> "A"', rule("set books.class to lookup t(order.store)"), [("R343", "star")]),
    # --- columns
    (BOTH, '"MD" | any -> "A"\n"CA" | any -> "B"', rule(TAX.replace("tax_code", "class")), [("R433", "every row")]),
    (
        BOTH,
        '"MD" | yes -> "A"\n"MD" | no -> "A"\n"CA" | yes -> "B"\n"CA" | no -> "B"',
        rule(TAX.replace("tax_code", "class")),
        [("R433", "the same")],
    ),
    (
        "state -> code | name",
        '"MD" -> "A" | "x"',
        rule("set books.class to lookup t(ship_to.state).code"),
        [("R434", "`name`")],
    ),
    (
        "state -> code | name",
        '"MD" -> "A" | "x"',
        rule("set books.class to lookup t(ship_to.state).code  set books.memo to lookup t(ship_to.state).name"),
        [],
    ),
]


@pytest.mark.parametrize(("columns", "rows", "use", "expected"), CASES, ids=[f"{c}: {r}"[:90] for c, r, _, _ in CASES])
def test_rows_are_told_what_is_wrong_with_them(
    columns: str, rows: str, use: str, expected: list[tuple[str, str]], check: Callable[..., Checked]
) -> None:
    found = check(table(columns, rows) + use).diagnostics
    assert [each.code for each in found] == [code for code, _ in expected]
    for each, (_, words) in zip(found, expected, strict=True):
        assert words in f"{each.message} {each.label} {each.help}"


@pytest.mark.parametrize(("columns", "rows", "use", "expected"), CASES, ids=[f"{c}: {r}"[:90] for c, r, _, _ in CASES])
def test_a_fix_takes_its_finding_away(
    columns: str, rows: str, use: str, expected: list[tuple[str, str]], check: Callable[..., Checked]
) -> None:
    text = table(columns, rows) + use
    for found in check(text).diagnostics:
        for fix in found.fixes:
            after = check(apply_edits(text, fix.edits))
            assert after.ruleset is not None, fix.title
            left = [each.code for each in after.diagnostics]
            assert left.count(found.code) < len([each for each, _ in expected if each == found.code]), fix.title


def test_the_row_that_says_what_counts_stands_above_both(check: Callable[..., Checked]) -> None:
    text = table(BOTH, '"MD" | any -> "A"  // ours\nany | no -> "N"\notherwise -> missing') + rule(TAX)
    (found,) = check(text).diagnostics
    mended = apply_edits(text, found.fixes[0].edits)
    assert '  "MD" | no -> "A"\n  "MD" | any -> "A"  // ours\n' in mended
    assert not check(mended).diagnostics


def test_an_otherwise_goes_before_the_end_of_its_table(check: Callable[..., Checked]) -> None:
    text = table(STATE, '"MD" -> "A"') + rule("set books.tax_code to lookup t(ship_to.state)")
    (found,) = check(text).diagnostics
    assert '  "MD" -> "A"\n  otherwise -> missing\nend\n' in apply_edits(text, found.fixes[0].edits)


@pytest.mark.parametrize(
    ("csv", "expected"),
    [
        ("sku,class\nHAT,Hats\nCAP,Caps\nhat ,Hats\n", 'line 4 has the key "hat" of line 2'),
        ("sku,class\n" + "".join(f"{key},x\n" for key in "abcaabbcc"), "line 5 has the key"),
    ],
)
def test_rows_of_a_file_are_told_by_their_lines(csv: str, expected: str, check: Callable[..., Checked]) -> None:
    text = 'table t from "t.csv"\n  sku -> class\nend\n' + rule(
        "set line.class to lookup t(line.sku)", scope="for each line in order.lines"
    )
    (found,) = check(text, tables={"t.csv": csv}).diagnostics
    assert found.code == "R314"
    assert expected in found.message


def test_cells_of_a_file_that_nothing_fits_are_told_by_their_lines(check: Callable[..., Checked]) -> None:
    text = 'table t from "t.csv"\n  state -> class\nend\n' + rule("set books.class to lookup t(ship_to.state)")
    (found,) = check(text, tables={"t.csv": "state,class\nMD,East\nMaryland,East\n"}).diagnostics
    assert (found.code, "line 3" in found.message) == ("R432", True)


def test_two_thousand_rows_are_searched_in_no_time(check: Callable[..., Checked]) -> None:
    rows = "\n".join(f'"S{n // 4}" | up to {n % 4 * 100 + 100} -> "C{n % 7}"' for n in range(2000))
    text = table("store | total is money -> code", rows) + rule("set books.class to lookup t(order.store, order.total)")
    began = time.perf_counter()
    assert not check(text).diagnostics
    assert time.perf_counter() - began < 8  # 0.3 s alone on a machine; this only tells a search that explodes


def test_a_hundred_thousand_rows_of_a_file_are_read_and_searched_at_once(check: Callable[..., Checked]) -> None:
    csv = "sku,class\n" + "".join(f"SKU-{n},C{n % 9}\n" for n in range(99_998)) + "sku-5 ,Other\n"
    text = 'table t from "t.csv"\n  sku -> class\nend\n' + rule(
        "set line.class to lookup t(line.sku)", scope="for each line in order.lines"
    )
    (found,) = check(text, tables={"t.csv": csv}).diagnostics
    assert "line 100000 has the key" in found.message
