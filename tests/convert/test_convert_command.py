"""cli/convert.py: data on standard output, what is to be looked at on standard error, exit codes"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.convert import command

HEAD = "Rule Name,Action,Field,Map From,Comparison,Conjunction,Map To\n"
GOOD = HEAD + "Web,Map Order Class,Selling Channel,Amazon,Equals,,Web\n"
BAD = GOOD + "Money,Map Currency Code,Order Currency Code,USD,Equals,,CAD\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments])


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "old.csv"
    file.write_text(GOOD)
    return file


def test_the_rule_set_goes_to_standard_output_and_the_summary_to_standard_error(rules: Path) -> None:
    done = run(rules)
    assert done.exit_code == 0
    assert done.stdout.startswith('ruleset "Converted from old.csv"')
    assert done.stderr == "1 old rule became 1 rule with 1 test\n"


def test_what_could_not_be_converted_is_told_and_the_exit_code_says_so(rules: Path) -> None:
    rules.write_text(BAD)
    done = run(rules)
    assert done.exit_code == 1
    assert 'NOT CONVERTED: row 3, "Money": the currency of an order' in done.stderr
    assert "// NOT CONVERTED, row 3" in done.stdout


def test_it_can_be_written_to_a_file_which_is_not_written_over(rules: Path, tmp_path: Path) -> None:
    target = tmp_path / "new.rules"
    done = run(rules, "--output", target)
    assert (done.exit_code, done.stdout) == (0, "")
    first = target.read_text()
    assert 'rule "Web"' in first
    again = run(rules, "--output", target)
    assert again.exit_code == 3
    assert "exists" in again.stderr
    assert run(rules, "--output", target, "--force").exit_code == 0
    assert target.read_text() == first
    assert run(rules, "--output", tmp_path / "none" / "new.rules").exit_code == 3


def test_json_has_all_of_it(rules: Path, tmp_path: Path) -> None:
    rules.write_text(BAD)
    told = json.loads(run(rules, "--format", "json").stdout)
    assert (told["v"], told["old_rules"], told["rules"], told["tests"], told["complete"]) == (1, 2, 1, 1, False)
    (finding,) = told["findings"]
    assert (finding["kind"], finding["rows"], finding["rule"]) == ("not_converted", [3], "Money")
    assert told["text"].startswith("ruleset")
    written = json.loads(run(rules, "--format", "json", "--output", tmp_path / "a.rules").stdout)
    assert written["file"] == str(tmp_path / "a.rules")


@pytest.mark.parametrize(("content", "words"), [(b"PK\x03\x04", "CSV UTF-8"), (b"a;b\n1;2\n", "The columns are")])
def test_what_cannot_be_read_is_refused_with_the_next_step(rules: Path, content: bytes, words: str) -> None:
    rules.write_bytes(content)
    done = run(rules)
    assert done.exit_code == 3
    assert words in done.stderr
