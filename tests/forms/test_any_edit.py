"""dsl/edits: whatever is done to whatever part: refused, or a text that reads as before with all its comments; nothing else."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dsl.edits import Refused, apply
from dsl.edits import edit as kinds
from dsl.forms import Forms
from dsl.forms import model as parts
from dsl.forms.sheet import changed
from dsl.parse import parse_text
from dsl.tokens import COMMENT, tokens_of
from tests.forms.conftest import TEXTS

EDITS = 20_000 if os.environ.get("CLOUDCART_SOAK") else 250
VALUES: list[Any] = [
    *(
        "x",
        'q"{}',
        "",
        "12",
        "12.50 USD",
        "5%",
        "2026-01-31",
        "yes",
        "order.number",
        'order.meta["a b"]',
        "(order.total)",
    ),
    *(
        "order.total + 1",
        "a b",
        "end",
        "line in order.lines",
        "hold",
        "all",
        "any",
        "is one of",
        "is missing",
        "contains",
    ),
    *(
        "is between",
        "matches pattern",
        "set",
        "fill",
        "clear",
        "skip",
        "log",
        True,
        False,
        5,
        None,
        ["a", "b"],
        [],
        [1, 2],
    ),
    *({"amount": "1.00", "currency": "USD"}, {"count": 2, "unit": "day"}, {"test": "any", "values": []}),
]
WAYS = ["", "constant", "list", "field", "setting", "template", "missing", "word", "expression"]
CONDITIONS: list[Any] = [
    {"field": "order.total", "comparison": "is more than", "value": "5"},
    {"any": [{"field": "order.paid", "comparison": "is", "value": True}, {"not": "order.note is missing"}]},
    'order.number is "1" or order.id is "2"',
    {"some": "line", "in": "order.lines", "where": 'line.sku is "a"'},
]
STATEMENTS: list[Any] = [
    {"does": "log", "value": "x"},
    {"does": "set", "target": "books.memo", "value": "y"},
    'tag "a"   log "b"',
]
LOSING = (
    kinds.DeleteBlock,
    kinds.RemoveStatement,
    kinds.RemoveRow,
    kinds.RemoveItem,
    kinds.RemoveExpectation,
    kinds.RemoveNotify,
)


def edits_of(part: Any, any_of: random.Random) -> Iterator[kinds.Edit]:
    """Something to do to a part of a form."""
    match part:
        case parts.Input(id=id):
            yield kinds.Set(id, any_of.choice(VALUES), any_of.choice(WAYS))
            yield kinds.Set(id, None)
        case parts.ConditionPlace(id=id):
            yield kinds.AddCondition(id, any_of.choice(CONDITIONS), any_of.choice(["", "all", "any"]))
        case parts.ConditionRow(id=id) | parts.ConditionGroup(id=id) | parts.ConditionItems(id=id):
            yield kinds.RemoveCondition(id)
            yield kinds.ChangeCondition(id, any_of.choice(CONDITIONS))
            yield kinds.WrapConditions((id,), "not")
            yield kinds.UnwrapCondition(id)
            yield kinds.AddCondition(id, any_of.choice(CONDITIONS), any_of.choice(["all", "any"]))
        case parts.StatementForm(id=id):
            yield kinds.RemoveStatement(id)
            yield kinds.MoveStatement(id, 1)
            yield kinds.ChangeStatement(id, any_of.choice(STATEMENTS))
        case parts.StatementPlace(id=id):
            yield kinds.AddStatement(id, any_of.choice(STATEMENTS), any_of.choice([0, 1, 2]))
        case parts.RowForm(id=id):
            yield kinds.RemoveRow(id)
            yield kinds.MoveRow(id, 1)
        case parts.ColumnForm(id=id):
            yield kinds.RemoveColumn(id)
            yield kinds.MoveColumn(id, 1)
            yield kinds.Rename(id, "another_name")
        case parts.MapFrom(id=id):
            yield kinds.RemoveMapFrom(id)
            yield kinds.SetMapFrom(id, "zz")
        case parts.GivenItemForm(id=id):
            yield kinds.RemoveItem(id)
            yield kinds.SetField(id, "note", "x")
        case parts.ExpectationForm(id=id):
            yield kinds.RemoveExpectation(id)
        case parts.NotifyForm(id=id):
            yield kinds.RemoveNotify(id)
        case parts.BlockForm(id=id):
            yield kinds.Switch(id, any_of.random() < 0.5)
            yield kinds.DeleteBlock(id)
            yield kinds.CopyBlock(id)
            yield kinds.Rename(id, "another_name")
            yield kinds.AddMapFrom(id, "zz")


def remarks(text: str) -> list[str]:
    return sorted(each.text.rstrip("\r") for each in tokens_of(text) if each.kind == COMMENT)


@pytest.mark.parametrize(
    "group", ["canned rule sets", "rule sets of tests", "wrong samples of codes", "windows line ends"]
)
def test_any_edit_is_refused_or_leaves_a_text_that_reads(group: str, forms: Callable[[str], Forms]) -> None:
    any_of = random.Random(group)
    texts = [(name, text) for name, text in TEXTS[group]() if len(text) < 6_000]
    made = 0
    for _ in range(EDITS):
        name, text = any_of.choice(texts)
        opened = forms(text)
        if not opened.document.blocks:
            continue
        block = any_of.choice(opened.document.blocks)
        found = [edit for part in parts.parts_of(opened.of(block)) for edit in edits_of(part, any_of)]
        edit = any_of.choice(found)
        try:
            after = changed(text, apply(opened, edit))
        except Refused:
            continue
        made += 1
        before, now = parse_text(text, file="x"), parse_text(after, file="x")
        if not any(each.is_error for each in before.diagnostics):
            assert [each.message for each in now.diagnostics if each.is_error] == [], f"{name}: {edit}"
        if not isinstance(edit, LOSING):
            assert remarks(after) == remarks(text), f"{name}: {edit}"
        if not isinstance(edit, kinds.CopyBlock | kinds.DeleteBlock | kinds.Rename | kinds.MoveColumn):
            old = [each.node for each in opened.document.blocks if each.node is not None]
            new = [] if now.file is None else list(now.file.blocks)
            changed_blocks = [each for each, other in zip(old, new, strict=True) if each != other]
            assert len(changed_blocks) <= 1, f"{name}: {edit}"
    assert made > EDITS // 10
