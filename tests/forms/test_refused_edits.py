"""dsl/edits: what cannot be done is refused with a next step, and leaves the text as it is; what is merely wrong is done."""

# ruff: noqa: E501  # tables: one case a line
from __future__ import annotations

from typing import Any

import pytest

from dsl.check import check_text
from dsl.edits import edit_text
from dsl.forms import Document, Surroundings

TEXT = """\
setting bank is account default "Bank"

table codes
  state -> code
  "MD"  -> "x"
end

flow "Orders"
  from woocommerce  to quickbooks
  sync orders
end

rule "A"
  for each line in order.lines where line.sku is "X"
  when order.total > 5
  then set line.account to bank
end

rule "B"
  for order
  when order.paid is yes
  then tag "b"
end

rule "C"
  for order
  when order.store is "x"
  then set books.class to "c"
end

rule "D"
  note "why"
  for order
  when order.store is "y"
  then set books.class to "d"
end

test "T"
  given order
  expect not skipped
end
"""


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        ({"do": "shake"}, "there is no edit 'shake'"),
        ({"do": "set"}, "`set` needs `at`"),
        ({"do": "set", "at": "rule-1/title", "too": 1}, "`set` has no part `too`"),
        ({"do": "switch", "block": "A", "on": "yes"}, "`on` of `switch` is true or false"),
        ("set", "an edit is an object"),
        ({"do": "set", "at": "rule-9/title", "to": "x"}, 'there is no part "rule-9/title"'),
        ({"do": "set", "at": "rule-1/nothing", "to": "x"}, 'there is no part "rule-1/nothing"'),
        ({"do": "set", "at": "rule-1/title", "to": None}, "Title has to be said"),
        ({"do": "set", "at": "setting-1/name", "to": "no name"}, "`no name` cannot be a name"),
        ({"do": "set", "at": "flow-1/sync", "to": "orders end"}, None),
        ({"do": "set", "at": "rule-1/then/1/target", "to": "line"}, "`line` is not the name of a field"),
        ({"do": "set", "at": "rule-1/when/comparison", "to": "resembles"}, "there is no comparison `resembles`"),
        ({"do": "set", "at": "rule-1/for", "to": "order"}, "the rule asks something of each item (`where`), and there are no items then"),
        ({"do": "delete_block", "block": "nobody"}, 'there is no block "nobody"'),
        ({"do": "switch", "block": "codes", "on": False}, "a table cannot be switched off"),
        ({"do": "remove_statement", "at": "rule-1/then/1"}, "a rule does at least one thing"),
        ({"do": "remove_column", "at": "table-1/columns/state"}, "a table has at least one column before the arrow and one behind it"),
        ({"do": "remove_expectation", "at": "test-1/expect/1"}, "a test expects something"),
        ({"do": "add_row", "table": "codes", "row": {"county": "x"}}, "the table has no column `county`"),
        ({"do": "add_row", "table": "codes", "row": ["x"]}, "a row has 2 cells"),
        ({"do": "move_row", "at": "table-1/rows/1", "place": 3}, "there is no place 3"),
        ({"do": "add_statement", "at": "rule-2/then", "statement": 'tag "x" end rule "E" for order then tag "y"'}, "this would make another block of it"),
        ({"do": "add_statement", "at": "rule-2/then", "statement": {"does": "dance"}}, "there is no statement `dance`"),
        ({"do": "add_condition", "at": "rule-2/when", "condition": "order.total is mor than 5"}, None),
        ({"do": "add_condition", "at": "rule-2/when", "condition": {"fields": "x"}}, "a condition has a field, a comparison and a value, and no `fields`"),
        ({"do": "add_block", "kind": "rule", "block": {"title": "E"}}, "a rule does at least one thing"),
        ({"do": "add_block", "kind": "poem", "block": {}}, "there is no block `poem`"),
        ({"do": "add_block", "kind": "rule", "text": "rule"}, None),
        ({"do": "rename", "what": "bank", "to": "codes"}, "there already is a table `codes`"),
        ({"do": "rename", "what": "A", "to": "b"}, 'there already is a rule "b"'),
        ({"do": "rules_to_table", "rules": ["B", "C"], "table": "t"}, '"B" cannot be a row of a table: it does not just write one field'),
        ({"do": "rules_to_table", "rules": ["C", "D"], "table": "t"}, '"D" cannot be a row of a table: it has a note, which a table has no place for'),
        ({"do": "rules_to_table", "rules": ["C"], "table": "codes"}, "there already is something called `codes`"),
        ({"do": "add_map_from", "rule": "A", "value": "x"}, "this rule has no such form: it has conditions for the record and for its items"),
        ({"do": "replace_rule", "use": "A", "rule": "x"}, '"A" is a rule, not a use'),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_and_changes_nothing(
    edit: Any, why: str | None, surroundings: Surroundings
) -> None:
    made = edit_text(TEXT, [edit], surroundings)
    assert not made.made
    assert made.text == TEXT
    if why is not None:
        assert made.refusal == why


def test_edits_are_carried_out_all_or_none(surroundings: Surroundings) -> None:
    made = edit_text(
        TEXT, [{"do": "set", "at": "rule-1/title", "to": "E"}, {"do": "delete_block", "block": "nobody"}], surroundings
    )
    assert (made.text, made.at, made.changes) == (TEXT, 1, ())


def test_a_form_of_another_text_is_refused(surroundings: Surroundings) -> None:
    edit = {"do": "set", "at": "rule-1/title", "to": "E"}
    old = Document.read(TEXT).base
    assert edit_text(TEXT, [edit], surroundings, base=old).made
    made = edit_text(TEXT + "\n", [edit], surroundings, base=old)
    assert made.refusal == "the text has changed since this form was made"
    assert made.next_step


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        ({"do": "set", "at": "rule-3/when/field", "to": "order.shop"}, "R201"),
        ({"do": "set", "at": "rule-1/when/value", "to": "much"}, "R301"),
        ({"do": "set", "at": "rule-1/then/1/value", "as": "setting", "to": "bnak"}, "R202"),
        ({"do": "delete_block", "block": "bank"}, "R202"),
        ({"do": "copy_block", "block": "C", "title": "D"}, "R212"),
    ],
)
def test_what_is_wrong_is_written_and_the_check_says_so(edit: Any, code: str, surroundings: Surroundings) -> None:
    made = edit_text(TEXT, [edit], surroundings)
    assert made.made
    checked = check_text(made.text, file="x", schema=surroundings.schema, library=surroundings.library)
    assert code in {each.code for each in checked.diagnostics}
