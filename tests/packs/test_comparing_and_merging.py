"""Texts compared block by block, and two changed ones put together."""

import pytest

from dsl import tree
from dsl.comparing import Change, Moved, Unreadable, compare, merge, parts_of, three_way

BASE = """// Head comment
setting limit is money default 5.00 USD

rule "A" for order when order.number is "1" then skip "One" end

// About B
rule "B" for order when order.number is "2" then skip "Two" end   // behind B

rule "C" for order when order.number is "3" then skip "Three" end
"""


def changed(text: str, *replacements: tuple[str, str]) -> str:
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def block_of(title: str, text: str = BASE) -> str:
    return next(each.text for each in parts_of(text, file="x").parts if each.title == title)


NEW = 'rule "D" for order when order.number is "4" then skip "Four" end'
WITHOUT_B = changed(BASE, (block_of("B"), ""))
MOVED = changed(BASE, (block_of("A"), ""), (block_of("C"), block_of("C") + "\n" + block_of("A")))

CHANGES = [
    (BASE, []),
    (BASE.replace("  ", " ").replace(" for order", "\n  for order"), []),
    (changed(BASE, ("// About B", "// Another comment")), []),
    (changed(BASE, ('"Two"', '"Too"')), [(Change.CHANGED, 'rule "B"')]),
    (changed(BASE, ("5.00 USD", "6.00 USD")), [(Change.CHANGED, "setting `limit`")]),
    (WITHOUT_B, [(Change.REMOVED, 'rule "B"')]),
    (BASE + NEW, [(Change.ADDED, 'rule "D"')]),
    (changed(BASE, ('rule "B"', 'rule "Bee"')), [(Change.RENAMED, 'rule "B"')]),
    (
        changed(BASE, ('rule "B"', 'rule "Bee"'), ('"Two"', '"Too"')),
        [(Change.ADDED, 'rule "Bee"'), (Change.REMOVED, 'rule "B"')],
    ),
    (MOVED, [(Change.MOVED, 'rule "A"')]),
]


@pytest.mark.parametrize(("text", "expected"), CHANGES)
def test_each_change_of_a_block_is_told_by_its_kind(text: str, expected: list[tuple[Change, str]]) -> None:
    found = compare(parts_of(BASE, file="old"), parts_of(text, file="new"))
    assert [(each.change, (each.before or each.after).words) for each in found if each.before or each.after] == expected  # type: ignore[union-attr]


@pytest.mark.parametrize("text", [BASE, MOVED, "", "// only a comment", "\n\n" + NEW, BASE.replace("\n", "\r\n")])
def test_the_parts_of_a_text_put_together_are_the_text(text: str) -> None:
    found = parts_of(text, file="x")
    assert "".join(each.lead + each.text for each in found.parts) + found.tail == text


def test_a_comment_behind_a_block_belongs_to_it_and_one_before_it_too() -> None:
    (part,) = [each for each in parts_of(BASE, file="x").parts if each.title == "B"]
    assert part.lead.strip() == "// About B"
    assert part.text.endswith("// behind B")


def test_a_text_that_cannot_be_read_says_where() -> None:
    with pytest.raises(Unreadable, match=r"web\.rules, line 2"):
        parts_of('rule "A"\n  order then', file="web.rules")


OURS_B = changed(BASE, ('"Two"', '"Ours"'))
THEIRS_B = changed(BASE, ('"Two"', '"Theirs"'))
THREE = [
    (OURS_B, BASE, [('rule "B"', Moved.OURS)]),
    (BASE, THEIRS_B, [('rule "B"', Moved.THEIRS)]),
    (OURS_B, OURS_B, [('rule "B"', Moved.BOTH_ALIKE)]),
    (OURS_B, THEIRS_B, [('rule "B"', Moved.CONFLICT)]),
    (WITHOUT_B, THEIRS_B, [('rule "B"', Moved.CONFLICT)]),
    (WITHOUT_B, BASE + NEW, [('rule "D"', Moved.THEIRS), ('rule "B"', Moved.OURS)]),
]


@pytest.mark.parametrize(("ours", "theirs", "expected"), THREE)
def test_of_two_copies_it_is_told_who_changed_what(ours: str, theirs: str, expected: list[tuple[str, Moved]]) -> None:
    found = three_way(*(parts_of(each, file="x") for each in (BASE, ours, theirs)))
    assert sorted((each.words, each.who) for each in found) == sorted(expected)


def merged(ours: str, theirs: str) -> str:
    found = merge(*(parts_of(each, file="x") for each in (BASE, ours, theirs)))
    assert not found.conflicts
    return found.text


VARIANTS = [OURS_B, WITHOUT_B, MOVED, BASE + NEW, NEW + "\n" + BASE, changed(BASE, ("5.00 USD", "6.00 USD"))]


def blocks(text: str) -> tuple[tree.Block, ...]:
    return tuple(each.block for each in parts_of(text, file="x").parts)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_merge_with_a_side_that_changed_nothing_is_the_other_side(variant: str) -> None:
    assert merged(variant, BASE) == variant
    assert blocks(merged(BASE, variant)) == blocks(variant)
    assert merged(variant, variant) == variant


@pytest.mark.parametrize("ours", VARIANTS)
@pytest.mark.parametrize("theirs", VARIANTS)
def test_changes_of_different_blocks_all_arrive(ours: str, theirs: str) -> None:
    found = merge(*(parts_of(each, file="x") for each in (BASE, ours, theirs)))
    ours_by, theirs_by = ({each.key: each.block for each in parts_of(text, file="x").parts} for text in (ours, theirs))
    base_by = {each.key: each.block for each in parts_of(BASE, file="x").parts}
    result = {each.key: each.block for each in parts_of(found.text, file="x").parts}
    told = {each.key for each in found.conflicts}
    for key in {*ours_by, *theirs_by, *base_by}:
        mine, other, was = ours_by.get(key), theirs_by.get(key), base_by.get(key)
        wanted = other if mine == was and key not in told else mine
        assert result.get(key) == wanted, key


def test_a_new_block_stands_behind_the_one_that_it_stood_behind() -> None:
    theirs = changed(BASE, ("// About B", NEW + "\n\n// About B"))
    titles = [each.title for each in parts_of(merged(OURS_B, theirs), file="x").parts]
    assert titles == ["limit", "A", "D", "B", "C"]


def test_what_both_changed_in_two_ways_stays_ours_and_is_told() -> None:
    found = merge(*(parts_of(each, file="x") for each in (BASE, OURS_B, THEIRS_B)))
    assert found.text == OURS_B
    assert [each.words for each in found.conflicts] == ['rule "B"']


def test_two_orders_that_differ_are_told() -> None:
    other = changed(BASE, (block_of("C"), ""), (block_of("A"), block_of("C") + "\n" + block_of("A")))
    found = merge(*(parts_of(each, file="x") for each in (BASE, MOVED, other)))
    assert found.order_conflict
    assert blocks(found.text) == blocks(MOVED)
