"""dsl/edits: whatever is typed into a form arrives as it was typed, and stands nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dsl import tree
from dsl.edits import Refused, apply
from dsl.edits.edit import Set
from dsl.forms import Forms
from dsl.forms.sheet import changed
from dsl.parse import parse_text

TEXT = """\
// before
setting prefix is text default "" note "n"
list stores is ["A", "B"]
table codes
  state -> code
  "MD"  -> "x"
end

rule "First"
  note "why"
  for order
  when order.store is "A" and order.number matches pattern "[0-9]{2}"   // here
  then set books.class to "Web"
end

rule "Last" for order then tag "z" end
"""

letters = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=30)
awkward = st.text(st.sampled_from('"{}{{}}""\\/ \t\r//#é\u0130\u2028ab'), max_size=12)
typed = st.one_of(letters, awkward)


def rules(text: str) -> list[Any]:
    file = parse_text(text, file="x").file
    assert file is not None
    return list(file.blocks)


VALUES = ["order.store", 'upper("a""{{}}")', "prefix", "(order.total + 1) * 2", 'order.meta["_""x"]']
pieces_typed = st.lists(
    st.one_of(typed, st.sampled_from(VALUES).map(lambda each: {"expression": each})), min_size=1, max_size=5
)
some_amounts = st.decimals(allow_nan=False, allow_infinity=False, places=2, max_value=10**9, min_value=-(10**9))

PLACES: dict[str, Callable[[list[Any]], object]] = {
    "setting-1/default": lambda blocks: blocks[0].default.value,
    "setting-1/note": lambda blocks: blocks[0].note,
    "list-1/elements/2": lambda blocks: blocks[1].value.elements[1].value,
    "table-1/rows/1/code": lambda blocks: blocks[2].rows[0].outputs[0].value,
    "rule-1/note": lambda blocks: blocks[3].note,
    "rule-1/when/1/value": lambda blocks: blocks[3].when.operands[0].right.value,
    "rule-1/when/2/value": lambda blocks: blocks[3].when.operands[1].right.value,
    "rule-1/then/1/value": lambda blocks: blocks[3].then[0].value.value,
    "rule-2/then/1/value": lambda blocks: blocks[4].then[0].value.value,
}


@pytest.mark.parametrize("place", list(PLACES))
@settings(max_examples=settings().max_examples // 4)
@given(said=typed)
def test_any_text_arrives_as_it_was_typed(place: str, said: str, forms: Callable[[str], Forms]) -> None:
    opened = forms(TEXT)
    after = changed(TEXT, apply(opened, Set(place, said)))
    blocks, before = rules(after), rules(TEXT)
    assert PLACES[place](blocks) == said
    number = place.partition("/")[0]
    for block, old, new in zip(opened.document.blocks, before, blocks, strict=True):
        assert block.id == number or old == new
    shown = forms(after)
    assert shown.document.blocks[3].title == "First"


@given(said=typed)
def test_any_title_arrives_as_it_was_typed(said: str, forms: Callable[[str], Forms]) -> None:
    assume(said.strip())
    after = changed(TEXT, apply(forms(TEXT), Set("rule-1/title", said)))
    assert rules(after)[3].title.text == said


@given(pieces=pieces_typed)
def test_a_text_with_values_in_it_arrives_piece_by_piece(pieces: list[Any], forms: Callable[[str], Forms]) -> None:
    after = changed(TEXT, apply(forms(TEXT), Set("rule-1/then/1/value", pieces, "template")))
    value = rules(after)[3].then[0].value
    plain = "".join(each if isinstance(each, str) else "\0" for each in pieces)
    parts = [value.value] if isinstance(value, tree.Text) else value.parts
    assert "".join(each if isinstance(each, str) else "\0" for each in parts) == plain


@pytest.mark.parametrize("said", ["two\nlines", "half a letter \ud800"])
def test_what_no_text_can_hold_is_refused(said: str, forms: Callable[[str], Forms]) -> None:
    with pytest.raises(Refused) as refused:
        apply(forms(TEXT), Set("rule-1/then/1/value", said))
    assert refused.value.next_step


EXPRESSIONS = """\
rule "A"
  for order
  when order.total is more than 5 and order.date is after 2026-01-01 and order.paid is yes
  then set line.tax_rate to 5%
       hold "x" for up to 3 days
end
"""


@pytest.mark.parametrize(
    ("place", "to", "written"),
    [
        ("rule-1/when/1/value", "12.50", "12.50"),
        ("rule-1/when/1/value", 7, "7"),
        ("rule-1/when/1/value", Decimal("0.10"), "0.10"),
        ("rule-1/when/1/value", -3, "-3"),
        ("rule-1/when/1/value", {"amount": "12.50", "currency": "USD"}, "12.50 USD"),
        ("rule-1/when/1/value", "12.50 USD", "12.50 USD"),
        ("rule-1/when/1/value", "much", '"much"'),
        ("rule-1/when/2/value", "2026-02-03", "2026-02-03"),
        ("rule-1/when/2/value", "02/03/2026", "02/03/2026"),
        ("rule-1/when/2/value", "tomorrow", '"tomorrow"'),
        ("rule-1/when/3/value", False, "no"),
        ("rule-1/when/3/value", "no", "no"),
        ("rule-1/then/1/value", "7.5", "7.5%"),
        ("rule-1/then/1/value", "7.5%", "7.5%"),
        ("rule-1/then/2/limit", {"count": 1, "unit": "day"}, "1 day"),
        ("rule-1/then/2/limit", "2 weeks", "2 weeks"),
    ],
)
def test_a_value_is_written_as_its_type_and_what_is_none_as_text(
    place: str, to: Any, written: str, forms: Callable[[str], Forms]
) -> None:
    (change,) = apply(forms(EXPRESSIONS), Set(place, to))
    assert change.text == written


@pytest.mark.parametrize(
    "said",
    ['"a" end rule "B" for order then tag "x"', "1 +", ") or (", "", '"a" // b', "order.total is more", "set x to 1"],
)
def test_an_expression_that_is_none_by_itself_is_refused(said: str, forms: Callable[[str], Forms]) -> None:
    with pytest.raises(Refused):
        apply(forms(EXPRESSIONS), Set("rule-1/when/1/value", said, "expression"))


def test_a_comparison_as_a_value_gets_its_parentheses(forms: Callable[[str], Forms]) -> None:
    text = 'rule "A" for order then set order.taxable to yes end\n'
    after = changed(text, apply(forms(text), Set("rule-1/then/1/value", "order.total > 5", "expression")))
    assert "to (order.total > 5) end" in after


@given(day=st.dates(date(1, 1, 1)), amount=some_amounts)
def test_dates_and_amounts_arrive(day: date, amount: Decimal, forms: Callable[[str], Forms]) -> None:
    opened = forms(EXPRESSIONS)
    after = changed(EXPRESSIONS, apply(opened, Set("rule-1/when/2/value", day.isoformat())))
    assert rules(after)[0].when.operands[1].right == tree.Date(day)
    after = changed(EXPRESSIONS, apply(opened, Set("rule-1/when/1/value", {"amount": str(amount), "currency": "EUR"})))
    assert rules(after)[0].when.operands[0].right == tree.Money(amount, "EUR")
