"""Fixes that leave no choice are carried out, one after another, and never make a file worse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dsl.check import Checked
from dsl.codes import CODES
from dsl.codes.samples import check_wrong, failing
from dsl.mending import Mended, mend, only_fix, spliced
from dsl.schema import Schema


@pytest.fixture
def mended(check: Callable[[str], Checked]) -> Callable[[str], Mended]:
    return lambda text: mend(text, "web.rules", lambda tried: check(tried).diagnostics)


def test_several_mistakes_are_mended_at_once(mended: Callable[[str], Mended]) -> None:
    done = mended(
        'rule "A"\n  for order\n  when order.totl is mor than 5 and ship_to.stat is "MD"\n  skip "Big"\nend\n'
        'rule "B"\n  for ordr\n  then set ship_to.zip to upper(bill_to.zip)\nend\n'
    )
    assert done.text == (
        'rule "A"\n  for order\n  when order.total is more than 5 and ship_to.state is "MD"\n  then skip "Big"\nend\n'
        'rule "B"\n  for order\n  then set ship_to.postal_code to upper(bill_to.postal_code)\nend\n'
    )
    assert done.left == ()
    assert sorted(each.code for each, _, _ in done.done) == ["R101", "R102", "R201", "R201", "R201", "R201", "R206"]


def test_where_there_is_a_choice_a_person_makes_it(mended: Callable[[str], Mended]) -> None:
    text = (
        'table tax_for\n  state -> code | rate\n  "MD" -> "MD Tax" | "6"\nend\n'
        'rule "A"\n  for order\n  then set books.tax_code to lookup tax_for(ship_to.state)\nend\n'
    )
    done = mended(text)
    assert (done.text, done.done) == (text, ())
    assert [len(each.fixes) for each in done.left] == [2]


def test_a_doubt_is_left_to_the_person_who_wrote_it(mended: Callable[[str], Mended]) -> None:
    text = CODES["R401"].wrong
    done = mended(text)
    assert done.text == text
    assert [each.code for each in done.left] == ["R401"]


def test_a_fix_after_which_more_is_wrong_is_not_carried_out(check: Callable[[str], Checked]) -> None:
    text = 'rule "A"\n  for order\n  then set ship_to.stat to "MD"\nend\n'
    right = check(text).diagnostics
    worse = (*check(text.replace('"MD"', "5")).diagnostics, *check('setting x is nothing default "1"\n').diagnostics)
    assert sum(each.is_error for each in worse) > 1
    done = mend(text, "web.rules", lambda tried: right if tried == text else worse)
    assert (done.text, done.done, done.left) == (text, (), right)


def test_mending_comes_to_an_end_where_fixes_go_in_a_ring(check: Callable[[str], Checked]) -> None:
    one = 'rule "A"\n  for order\n  then set ship_to.stat to "MD"\nend\n'
    other = one.replace("stat ", "state ")
    there = {one: check(one).diagnostics, other: ()}
    back = check(one.replace("stat ", "statt ")).diagnostics
    done = mend(one, "web.rules", lambda tried: there[tried] or back)
    assert len(done.done) <= 2


@pytest.mark.parametrize("number", [n for n, code in CODES.items() if code.huge is None])
def test_a_sample_is_mended_or_left_as_it_is(number: str, schema: Schema) -> None:
    code = CODES[number]
    text, _ = failing(code)
    found = check_wrong(code, schema).diagnostics
    done = mend(text, "web.rules", lambda tried: check_wrong(code, schema, tried).diagnostics)
    if only_fix(found[0]) is None:
        assert done.text == text
    else:
        assert done.text != text
        assert not any(each.is_error for each in done.left)


def test_pieces_are_put_in_their_places_whatever_their_order() -> None:
    assert spliced("abcdef", [(4, 5, "X"), (0, 1, ""), (2, 2, "--")]) == "b--cdXf"
