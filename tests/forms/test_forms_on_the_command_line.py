"""cli/forms.py and cli/edit.py: forms printed, edits carried out on a file, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import edit as edit_command
from cli import forms as forms_command

TEXT = """\
\ufeff// Our rules\r
rule "A"\r
  for order\r
  when order.store is "Web"   // the shop\r
  then set books.class to "MD"\r
end\r
\r
rule "B" off\r
  for order\r
  then tag "b"\r
end\r
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "web.rules"
    file.write_bytes(TEXT.encode())
    return file


def run(command: Any, *arguments: object, given: str = "") -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], input=given)


def edit(rules: Path, *edits: dict[str, Any], options: tuple[str, ...] = (), base: str = "") -> Result:
    told = {"base": base, "edits": list(edits)} if base else list(edits)
    return run(edit_command.command, rules, "-", *options, given=json.dumps(told))


VALUE = {"do": "set", "at": "rule-1/then/1/value", "to": "VA"}


def test_forms_lists_what_each_block_does(rules: Path) -> None:
    done = run(forms_command.command, rules)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "rule-1  A",
        '    When the store is "Web": set the class in the books to "MD".',
        "rule-2  B (off)",
        '    Tag the order "b".',
    ]


def test_one_block_is_shown_with_the_ids_of_its_parts(rules: Path) -> None:
    lines = run(forms_command.command, rules, "--block", "A").stdout.splitlines()
    assert any(line.endswith("  rule-1/then/1/value") and 'Value: "MD"' in line for line in lines)
    assert "  // the shop" in lines


def test_what_is_not_said_is_shown_with_its_id(rules: Path) -> None:
    lines = run(forms_command.command, rules, "--block", "B").stdout.splitlines()
    assert any("When: (nothing)" in line and line.endswith("  rule-2/when") for line in lines)
    assert any("Otherwise: (nothing)" in line and line.endswith("  rule-2/otherwise") for line in lines)


def test_a_block_that_cannot_be_read_is_shown_as_text(rules: Path) -> None:
    rules.write_text('rule "A"\n  for order\n  then tag "a"\nend\n\nrule 5 for\n')
    done = run(forms_command.command, rules, "--all")
    assert done.exit_code == 0
    assert "    rule 5 for" in done.stdout.splitlines()


def test_forms_as_json(rules: Path) -> None:
    whole = json.loads(run(forms_command.command, rules, "--format", "json").stdout)
    assert (whole["v"], [each["id"] for each in whole["blocks"]]) == (1, ["rule-1", "rule-2"])
    every = [
        json.loads(line) for line in run(forms_command.command, rules, "--all", "--format", "json").stdout.splitlines()
    ]
    assert [each["block"]["title"] for each in every] == ["A", "B"]
    assert {each["base"] for each in every} == {whole["base"]}


def test_a_block_that_is_not_there_is_said(rules: Path) -> None:
    done = run(forms_command.command, rules, "--block", "Z")
    assert done.exit_code == 3
    assert 'There is no one block "Z"' in done.stderr


def test_one_value_changes_two_letters_of_the_file(rules: Path) -> None:
    done = edit(rules, VALUE)
    assert done.exit_code == 0
    assert rules.read_bytes() == TEXT.encode().replace(b'"MD"', b'"VA"')
    lines = done.stdout.splitlines()
    assert [each for each in lines if each.startswith(("-  ", "+  "))] == [
        '-  then set books.class to "MD"',
        '+  then set books.class to "VA"',
    ]


def test_a_dry_run_shows_and_writes_nothing(rules: Path) -> None:
    for option in ("--dry-run", "--diff"):
        done = edit(rules, VALUE, options=(option,))
        assert '+  then set books.class to "VA"' in done.stdout
        assert rules.read_bytes() == TEXT.encode()


def test_an_edit_of_another_text_is_refused(rules: Path) -> None:
    base = json.loads(run(forms_command.command, rules, "--format", "json").stdout)["base"]
    assert edit(rules, VALUE, base=base).exit_code == 0
    done = edit(rules, VALUE, base=base)
    assert done.exit_code == 3
    assert "the text has changed since this form was made" in done.stderr


def test_edits_are_written_all_or_none(rules: Path) -> None:
    done = edit(rules, VALUE, {"do": "delete_block", "block": "Z"})
    assert done.exit_code == 3
    assert "Edit 2" in done.stderr
    assert rules.read_bytes() == TEXT.encode()


def test_what_is_wrong_afterwards_is_told(rules: Path) -> None:
    done = edit(rules, {"do": "set", "at": "rule-1/when/field", "to": "order.shop"}, options=("--format", "json"))
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert [each["code"] for each in told["diagnostics"]] == ["R201"]
    assert (told["changed"], told["written"]) == (True, True)
    assert b"order.shop" in rules.read_bytes()
    assert told["changes"] == [[{"start": 44, "end": 55, "text": "order.shop"}]]


def test_a_refusal_as_json(rules: Path) -> None:
    done = edit(rules, {"do": "delete_block", "block": "Z"}, options=("--format", "json"))
    told = json.loads(done.stdout)
    assert (done.exit_code, told["written"], told["at"]) == (3, False, 0)
    assert told["refusal"] == 'there is no block "Z"'


def test_what_is_no_json_is_said(rules: Path) -> None:
    done = run(edit_command.command, rules, "-", given="{")
    assert done.exit_code == 3
    assert "is no JSON" in done.stderr


def test_numbers_of_edits_stay_as_they_are_written(rules: Path) -> None:
    given = '{"do": "add_condition", "at": "rule-1/when", "condition": {"field": "order.total", "comparison": "is", "value": 0.10}}'
    assert run(edit_command.command, rules, "-", given=given).exit_code == 0
    assert b'order.store is "Web" and order.total is 0.10   // the shop' in rules.read_bytes()
