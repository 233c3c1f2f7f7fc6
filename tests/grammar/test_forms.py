"""grammar/forms.py: every form of the grammar stands in the reference with an example that can be read"""

from __future__ import annotations

import re

import pytest
from lark import Tree

from dsl.lark_tables import shared_parser
from dsl.parse import parse_text
from grammar import grammar_text
from grammar.forms import FORMS, FRAMES, Form

CASES = [(group, form) for group, forms in FORMS.items() for form in forms]
#: Rules of the grammar whose alternatives are what people can write.
CHOICES = (
    "statement", "comparison_tail", "expectation", "flow_clause", "scope", "cell_test", "row", "test_clause", "given_entry",
    "block", "value", "product", "unary", "atom", "literal", "condition", "conjunction", "negation", "comparison",
)  # fmt: skip
#: Parts that others stand for: a parenthesis within them, marks of the grammar itself.
WITHIN = {"path_setting", "literal", "path", "sum"}


def file_of(group: str, form: Form) -> str:
    return FRAMES[group].format(form.example)


@pytest.mark.parametrize(("group", "form"), CASES, ids=[f"{group}: {form.form}" for group, form in CASES])
def test_every_example_can_be_read(group: str, form: Form) -> None:
    assert [each.message for each in parse_text(file_of(group, form), file="f").diagnostics] == []


def choices() -> set[str]:
    """The names under which the parser tells apart what people can write."""
    found: set[str] = set()
    for block in re.split(r"\n(?=\??[a-z_]+:)", grammar_text()):
        name = re.match(r"\??([a-z_]+):", block)
        if name is None or name[1] not in CHOICES:
            continue
        for alternative in re.split(r"\n\s*\|", block.partition(":")[2]):
            code = alternative.partition("//")[0]
            alias = re.search(r"->\s*([a-z_]+)", code)
            single = re.fullmatch(r"\s*([a-z_]+)\s*", code)
            if alias:
                found.add(alias[1])
            elif single:
                found.add(single[1])
    return found - set(CHOICES) - WITHIN | {"literal", "path"}


def test_no_form_of_the_grammar_is_left_out() -> None:
    shown: set[str] = set()
    for group, form in CASES:
        tree = shared_parser().parse(file_of(group, form), start="file")
        shown |= {str(node.data) for node in tree.iter_subtrees()} if isinstance(tree, Tree) else set()
    # Values that only other places of the grammar print by another name.
    shown |= {"literal"}
    assert {each for each in choices() if not each.startswith("_")} - shown == set()


def test_no_group_is_without_its_frame() -> None:
    assert FORMS.keys() == FRAMES.keys()
