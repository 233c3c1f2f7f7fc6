"""dsl/edits: after an edit the tree is the tree with that change made, and every other block is the same, tree and text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl import tree
from dsl.edits import Refused, apply
from dsl.edits import edit as kinds
from dsl.forms import Forms
from dsl.forms.model import ConditionGroup, ConditionPlace, RuleForm, TableForm, parts_of
from dsl.forms.sheet import changed
from dsl.parse import parse_expression, parse_text
from dsl.tokens import COMMENT, tokens_of
from tests.forms.conftest import TEXTS

NEW = {"field": "order.total", "comparison": "is more than", "value": "7"}
NEW_TREE, _ = parse_expression("order.total is more than 7")
MOST = 10
GROUPS = ("canned rule sets", "rule sets of tests", "windows line ends")
SMALL = 8_000


def blocks_of(text: str) -> list[Any]:
    file = parse_text(text, file="x").file
    return [] if file is None else list(file.blocks)


def remarks(text: str) -> list[str]:
    return [each.text.rstrip("\r") for each in tokens_of(text) if each.kind == COMMENT]


def after(opened: Forms, edit: kinds.Edit) -> str:
    return changed(opened.document.text, apply(opened, edit))


def rules(group: str, forms: Callable[[str], Forms]) -> list[tuple[str, Forms, RuleForm, tree.Rule]]:
    """Rules of a group of texts that can be read whole: every n-th, so that no group takes long."""
    found = []
    for name, text in TEXTS[group]():
        if len(text) > SMALL or any(each.is_error for each in parse_text(text, file=name).diagnostics):
            continue
        opened = forms(text)
        for block in opened.document.blocks:
            form = opened.of(block)
            if isinstance(form, RuleForm) and isinstance(block.node, tree.Rule):
                found.append((name, opened, form, block.node))
    return found[:: max(1, len(found) // MOST)]


def same_but(opened: Forms, changed_text: str, id: str, expected: tree.Node) -> None:
    """Every block is as it was but one, which is as expected; no comment is lost."""
    old = [each for each in opened.document.blocks if each.node is not None]
    new = blocks_of(changed_text)
    assert len(old) == len(new)
    for before, made in zip(old, new, strict=True):
        if before.id == id:
            assert made == expected
        else:
            assert made == before.node
            words = opened.document.text[before.start : before.end]
            assert changed_text[made.span.start : made.span.end] == words
    assert remarks(changed_text) == remarks(opened.document.text)


@pytest.mark.parametrize("group", GROUPS)
def test_a_condition_more_is_that_condition_more(group: str, forms: Callable[[str], Forms]) -> None:
    for _, opened, form, rule in rules(group, forms):
        made = after(opened, kinds.AddCondition(f"{form.id}/when", NEW, "all"))
        assert NEW_TREE is not None
        match rule.when:
            case None:
                expected: tree.Expression = NEW_TREE
            case tree.And(operands=operands):
                expected = tree.And((*operands, NEW_TREE))
            case other:
                expected = tree.And((other, NEW_TREE))
        same_but(opened, made, form.id, replace(rule, when=expected))
        made = after(opened, kinds.AddCondition(f"{form.id}/when", NEW, "any"))
        match rule.when:
            case None:
                expected = NEW_TREE
            case tree.Or(operands=operands):
                expected = tree.Or((*operands, NEW_TREE))
            case other:
                expected = tree.Or((other, NEW_TREE))
        same_but(opened, made, form.id, replace(rule, when=expected))


@pytest.mark.parametrize("group", GROUPS)
def test_a_condition_less_is_that_condition_less(group: str, forms: Callable[[str], Forms]) -> None:
    for _, opened, form, rule in rules(group, forms):
        if rule.when is None:
            continue
        made = after(opened, kinds.RemoveCondition(f"{form.id}/when"))
        same_but(opened, made, form.id, replace(rule, when=None))
        for kind in (tree.And, tree.Or):
            if not isinstance(rule.when, kind):
                continue
            for place in range(len(rule.when.operands)):
                left = rule.when.operands[:place] + rule.when.operands[place + 1 :]
                made = after(opened, kinds.RemoveCondition(f"{form.id}/when/{place + 1}"))
                same_but(opened, made, form.id, replace(rule, when=left[0] if len(left) == 1 else kind(left)))


@pytest.mark.parametrize("group", GROUPS)
def test_not_comes_and_goes(group: str, forms: Callable[[str], Forms]) -> None:
    for _, opened, form, rule in rules(group, forms):
        if rule.when is None:
            continue
        made = after(opened, kinds.WrapConditions((f"{form.id}/when",), "not"))
        same_but(opened, made, form.id, replace(rule, when=tree.Not(rule.when)))
        again = forms(made)
        same_but(again, after(again, kinds.UnwrapCondition(f"{form.id}/when")), form.id, rule)


@pytest.mark.parametrize("group", GROUPS)
def test_all_becomes_any_and_any_becomes_all(group: str, forms: Callable[[str], Forms]) -> None:
    turned = 0
    for _, opened, form, rule in rules(group, forms):
        for part in parts_of(form):
            if not isinstance(part, ConditionGroup) or part.joined.value == "not" or part.id != f"{form.id}/when":
                continue
            turned += 1
            to, kind = ("any", tree.Or) if part.joined.value == "all" else ("all", tree.And)
            made = after(opened, kinds.Set(f"{part.id}/joined", to))
            same_but(opened, made, form.id, replace(rule, when=kind(rule.when.operands)))  # type: ignore[union-attr]
    assert turned


@pytest.mark.parametrize("group", GROUPS)
def test_a_rule_is_switched_copied_moved_and_deleted(group: str, forms: Callable[[str], Forms]) -> None:
    for _, opened, form, rule in rules(group, forms):
        same_but(opened, after(opened, kinds.Switch(form.id, rule.off)), form.id, replace(rule, off=not rule.off))
        trees = [each.node for each in opened.document.blocks]
        place = [each.id for each in opened.document.blocks].index(form.id)
        made = blocks_of(after(opened, kinds.CopyBlock(form.id, "Another one of them")))
        title = tree.Word("Another one of them", True)
        assert made == [*trees[: place + 1], replace(rule, title=title), *trees[place + 1 :]]
        text = after(opened, kinds.DeleteBlock(form.id))
        assert blocks_of(text) == trees[:place] + trees[place + 1 :]
        assert "\n\n\n\n" not in text.replace("\r", "") or "\n\n\n\n" in opened.document.text.replace("\r", "")
        last = opened.document.blocks[-1]
        if last.id != form.id:
            text = after(opened, kinds.MoveBlock(form.id, after=last.id))
            assert blocks_of(text) == [*trees[:place], *trees[place + 1 :], rule]
            assert sorted(remarks(text)) == sorted(remarks(opened.document.text))


@pytest.mark.parametrize("group", GROUPS)
def test_statements_come_go_and_move(group: str, forms: Callable[[str], Forms]) -> None:
    log = tree.Log(tree.Text("x"))
    for _, opened, form, rule in rules(group, forms):
        for place in range(len(rule.then) + 1):
            edit = kinds.AddStatement(f"{form.id}/then", {"does": "log", "value": "x"}, place + 1)
            made = after(opened, edit)
            same_but(opened, made, form.id, replace(rule, then=(*rule.then[:place], log, *rule.then[place:])))
            again = forms(made)
            back = after(again, kinds.RemoveStatement(f"{form.id}/then/{place + 1}"))
            assert blocks_of(back) == blocks_of(opened.document.text)
        made = after(opened, kinds.AddStatement(f"{form.id}/otherwise", {"does": "log", "value": "x"}))
        same_but(opened, made, form.id, replace(rule, otherwise=(*rule.otherwise, log)))
        if len(rule.then) > 1:
            made = after(opened, kinds.MoveStatement(f"{form.id}/then/{len(rule.then)}", 1))
            assert blocks_of(made)[block_place(opened, form.id)].then == (rule.then[-1], *rule.then[:-1])


def block_place(opened: Forms, id: str) -> int:
    return [each.id for each in opened.document.blocks].index(id)


@pytest.mark.parametrize("group", GROUPS)
def test_rows_and_columns_come_go_and_move(group: str, forms: Callable[[str], Forms]) -> None:
    tried = 0
    for name, text in TEXTS[group]():
        if len(text) > SMALL:
            continue
        opened = forms(text)
        for block in opened.document.blocks:
            form, table = opened.of(block), block.node
            if not isinstance(form, TableForm) or not isinstance(table, tree.Table) or table.csv is not None:
                continue
            tried += 1
            place = block_place(opened, block.id)
            cells = [None] * len(table.keys) + ["new"] * len(table.outputs)
            for at in range(1, len(table.rows) + 2):
                made = blocks_of(after(opened, kinds.AddRow(block.id, cells, at)))[place]
                new = tree.Row(
                    tuple(tree.Cell((tree.AnyCell(),)) for _ in table.keys),
                    tuple(tree.Text("new") for _ in table.outputs),
                )
                assert made.rows == (*table.rows[: at - 1], new, *table.rows[at - 1 :]), name
            for at in range(len(table.rows)):
                made = blocks_of(after(opened, kinds.RemoveRow(f"{block.id}/rows/{at + 1}")))[place]
                assert made.rows == table.rows[:at] + table.rows[at + 1 :]
                made = blocks_of(after(opened, kinds.MoveRow(f"{block.id}/rows/{at + 1}", 1)))[place]
                assert made.rows == (table.rows[at], *table.rows[:at], *table.rows[at + 1 :])
            for key in (True, False):
                made = after(opened, kinds.AddColumn(block.id, "extra", key=key))
                wide = blocks_of(made)[place]
                assert [each.name.text for each in (wide.keys if key else wide.outputs)][-1] == "extra"
                narrow = after(forms(made), kinds.RemoveColumn(f"{block.id}/columns/extra"))
                assert blocks_of(narrow)[place] == table
                assert remarks(narrow) == remarks(text)
    assert tried or group in ("canned rule sets",)


SHAPES = st.recursive(
    st.sampled_from(["order.paid is yes", 'order.number is "1"', "order.total > 5", "not order.paid is no"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda each: "(" + " and ".join(each) + ")"),
        st.lists(inner, min_size=2, max_size=3).map(lambda each: "(" + " or ".join(each) + ")"),
        inner.map(lambda each: f"not ({each})"),
    ),
    max_leaves=7,
)


def replaced(
    node: tree.Expression, path: list[int], new: Callable[[tree.Expression], tree.Expression]
) -> tree.Expression:
    """A condition with the one at a path of numbers changed."""
    if not path:
        return new(node)
    if isinstance(node, tree.Not):
        return tree.Not(replaced(node.operand, path[1:], new))
    assert isinstance(node, tree.And | tree.Or)
    at = path[0] - 1
    changed_part = replaced(node.operands[at], path[1:], new)
    return type(node)((*node.operands[:at], changed_part, *node.operands[at + 1 :]))


@settings(max_examples=settings().max_examples // 4)
@given(shape=SHAPES, data=st.data())
def test_any_condition_of_any_shape_is_changed_and_nothing_around_it(
    shape: str, data: st.DataObject, forms: Callable[[str], Forms]
) -> None:
    text = f'rule "A"\n  for order\n  when {shape}   // why\n  then tag "x"\nend\n'
    opened = forms(text)
    rule = opened.document.blocks[0].node
    assert isinstance(rule, tree.Rule)
    assert rule.when is not None
    assert NEW_TREE is not None
    form = opened.of(opened.document.blocks[0])
    conditions = [each for each in parts_of(form) if hasattr(each, "sentence") and not isinstance(each, ConditionPlace)]
    places = [each.id for each in conditions if "/when" in each.id]
    at = data.draw(st.sampled_from(sorted(set(places))))
    path = [int(each) for each in at.split("/")[2:]]
    made = after(opened, kinds.ChangeCondition(at, {"any": [NEW, NEW]}))
    expected = replaced(rule.when, path, lambda _: tree.Or((NEW_TREE, NEW_TREE)))
    same_but(opened, made, "rule-1", replace(rule, when=expected))
    made = after(opened, kinds.WrapConditions((at,), "not"))
    same_but(opened, made, "rule-1", replace(rule, when=replaced(rule.when, path, tree.Not)))
    try:
        made = after(opened, kinds.RemoveCondition(at))
    except Refused:
        raise AssertionError("a condition of a rule can always be taken out") from None
    (block,) = blocks_of(made)
    assert leaves(block.when) == leaves(rule.when, skip=tuple(path))


def leaves(node: tree.Expression | None, skip: tuple[int, ...] | None = None) -> list[tree.Expression]:
    """The comparisons of a condition in their order, without those at a path."""
    if node is None or skip == ():
        return []
    if isinstance(node, tree.Not):
        return leaves(node.operand, None if skip is None else skip[1:])
    if isinstance(node, tree.And | tree.Or):
        found = []
        for place, each in enumerate(node.operands, 1):
            found += leaves(each, skip[1:] if skip is not None and skip[0] == place else None)
        return found
    return [node]
