"""What bookkeepers write by habit is told once, at the words that are wrong, and where one edit is certain, it mends the file."""

from __future__ import annotations

import pytest

from dsl.check import check_text
from dsl.mending import applied
from engine.rulesets import schema

ORDER = 'rule "R"\n  for order\n  when {0}\n  then skip "x"\nend\n'
LINE = 'rule "R"\n  for each line in order.lines\n  then {0}\nend\n'
DO = 'rule "R"\n  for order\n  then {0}\nend\n'

#: (the file, the words that are wrong, what stands there when the fix is carried out)
MENDED = [
    (ORDER, 'ship_to.state is either "TX" or "MA"', 'is either "TX" or "MA"', 'is one of ["TX", "MA"]'),
    (ORDER, 'ship_to.state in ("TX","MA")', 'in ("TX","MA")', 'is one of ["TX", "MA"]'),
    (ORDER, 'ship_to.state is in ("TX", "MA")', 'is in ("TX", "MA")', 'is one of ["TX", "MA"]'),
    (ORDER, "order.total greater than 300", "greater than", "is more than"),
    (ORDER, "order.total is over 300", "is over", "is more than"),
    (ORDER, "order.total above 300", "above", "is more than"),
    (ORDER, "order.total is under 300", "is under", "is less than"),
    (ORDER, "order.note exists", "exists", "is present"),
    (ORDER, "order.note does not exist", "does not exist", "is missing"),
    (ORDER, 'order.number is contains "x"', "is contains", "contains"),
    (ORDER, 'order.number startswith "x"', "startswith", "starts with"),
    (ORDER, 'order.number like "A*"', "like", "matches"),
    (ORDER, "order.total is between 5 - 10", "- 10", "and 10"),
    (ORDER, "order.total is between 5 to 10", "to", "and"),
    (ORDER, "order.total is more than 300 usd", "300 usd", "300 USD"),
    (ORDER, 'ship_to.state is "TX", order.total is 0', ",", " and"),
    (ORDER, 'order.total is 0\n  when ship_to.state is "TX"', "when", "and"),
    (DO, 'replace "#" with "" from order.number', "from", "in"),
    (DO, 'books.class = "Web"', 'books.class =', "set books.class to"),
    (DO, 'set books.class to "a"\n  then set books.memo to "b"', "then", ""),
    (DO, "remove order.po_number", "remove", "clear"),
    (LINE, "set line.quantity to line.quantity x 3", "x", "*"),
    (LINE, "set line.quantity to line.quantity * 10 percent", "10 percent", "10%"),
    (DO, 'hold "no" until order.paid is yes up to 30 days', "up to", "for up to"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "words", "wrong", "right"), MENDED, ids=[each[1] for each in MENDED])
def test_a_habit_is_told_once_and_mended(form: str, words: str, wrong: str, right: str) -> None:
    text = form.format(words)
    (found,) = [each for each in check_text(text, file="a.rules", schema=schema()).diagnostics if each.is_error]
    assert text[found.start.offset : found.end.offset].split() == wrong.split()[: len(wrong.split())]
    (fix,) = found.fixes
    mended = applied(text, fix.edits)
    assert right in mended
    assert not [each for each in check_text(mended, file="a.rules", schema=schema()).diagnostics if each.is_error]


TOLD = [
    ('rule "R"\n  for each item in order.items\n  where item.sku is "A"\n  then skip item "x"\nend\n', 3),
    ('list states is ("TX", "MA")\n' + ORDER.format("ship_to.state is one of states"), 1),
    ('list states is "TX", "MA"\n' + ORDER.format("ship_to.state is one of states"), 1),
    ('rule "R"\n  for order\n  then add 1.50 to order.shipping_total\nend\n', 1),
    ('rule "R"\n  for order\n  then increase order.shipping_total by 1.50\nend\n', 1),
    ('rule "R"\n  for order\n  when order.total is 0\n  then skip "x"\nend rule\n', 1),
    ('rule "R"\n  for order;\n  when order.total is 0;\n  then skip "x";\nend\n', 3),
]


@pytest.mark.parametrize(("text", "times"), TOLD, ids=[each[0] for each in TOLD])
def test_nothing_is_told_that_only_follows(text: str, times: int) -> None:
    found = check_text(text, file="a.rules", schema=schema()).diagnostics
    assert all(each.help or each.fixes for each in found)
    assert len(found) == times


def test_words_with_a_capital_are_those_words() -> None:
    text = 'Rule "R"\n  For order\n  When order.total is 0\n  Then skip "x"\nEnd\n'
    found = check_text(text, file="a.rules", schema=schema()).diagnostics
    assert [each.label for each in found] == [
        f"did you mean `{word}`?" for word in ("rule", "for", "when", "then", "end")
    ]
