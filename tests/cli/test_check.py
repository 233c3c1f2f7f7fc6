"""cli/check.py: what it says in each form, what it mends, and when it has colours"""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import colours

check = importlib.import_module("cli.check").command

BROKEN = 'rule "Big orders"\n  for order\n  when order.total is mor than 5 and ship_to.stat is "MD"\n  then hold "Big"\nend\n'
MENDED = BROKEN.replace("mor ", "more ").replace(".stat ", ".state ")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "web.rules"
    made.write_text(BROKEN)
    return made


def run(*arguments: object, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(check, [str(each) for each in arguments])


def test_fix_mends_the_file_and_says_what_it_did(file: Path) -> None:
    done = run(file, "--fix")
    assert (done.exit_code, file.read_text()) == (0, MENDED)
    assert "mended R102: `mor` makes no sense here" in done.stdout
    assert '     3 -   when order.total is mor than 5 and ship_to.stat is "MD"' in done.stdout
    assert '     3 +   when order.total is more than 5 and ship_to.stat is "MD"' in done.stdout
    assert done.stderr == f"{file}: 2 mistakes mended; nothing to complain about\n"
    again = run(file, "--fix")
    assert (again.stdout, again.stderr) == ("", f"{file}: nothing to complain about\n")


def test_fix_keeps_line_ends_the_mark_of_utf_8_and_the_rights_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "windows.rules"
    unended = BROKEN.removesuffix("end\n")
    file.write_bytes(b"\xef\xbb\xbf" + unended.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    assert run(file, "--fix").exit_code == 0
    assert file.read_bytes() == b"\xef\xbb\xbf" + MENDED.replace("\n", "\r\n").encode().removesuffix(b"\r\n") + b"\r\n"
    assert file.stat().st_mode & 0o777 == 0o640


def test_fix_leaves_alone_what_a_person_has_to_decide(tmp_path: Path) -> None:
    file = tmp_path / "web.rules"
    file.write_text('setting prefix is text default "A"\nrule "A" for order when order.paid is no then skip "No" end\n')
    before = file.stat().st_mtime_ns
    done = run(file, "--fix")
    assert done.exit_code == 0
    assert "warning R402" in done.stdout
    assert file.stat().st_mtime_ns == before


def test_what_can_be_mended_is_counted(file: Path) -> None:
    assert "can be mended by `cloudcart check --fix`" in run(file).stderr


def test_fix_tells_another_program_what_it_did(file: Path) -> None:
    told = json.loads(run(file, "--fix", "--format", "json").stdout)
    assert told["v"] == 1
    assert told["diagnostics"] == []
    assert [(each["code"], each["line"]) for each in told["mended"]] == [("R102", 3), ("R201", 3)]


def test_a_page_of_a_code_is_explained() -> None:
    done = run("--explain", "r204")
    assert done.exit_code == 0
    assert done.stdout.startswith("R204: An unknown column\n\nError. ")
    assert all(each in done.stdout for each in ("\nAvoid:\n", "\nWhat is said:\n", "\nPrefer:\n", "\nWhy:\n"))


def test_a_code_that_is_not_there_is_refused_with_the_nearest() -> None:
    done = run("--explain", "R2044")
    assert done.exit_code == 3
    assert "Did you mean R204?" in done.stderr


def test_no_file_and_no_code_is_called_wrongly() -> None:
    assert run().exit_code == 2


def test_sarif_is_one_document_for_all_files(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.rules"
    other.write_text("rule")
    done = run(file, other, "--format", "sarif")
    assert done.exit_code == 1
    (ran,) = json.loads(done.stdout)["runs"]
    assert {each["location"]["uri"] for each in ran["artifacts"]} == {file.as_uri(), other.as_uri()}


def test_github_gets_a_line_for_each_mistake(file: Path) -> None:
    lines = run(file, "--format", "github").stdout.splitlines()
    assert lines[0].startswith(f"::error file={file},line=3,endLine=3,col=23,endColumn=26,title=R102%3A ")


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {}, False),
    ],
)
def test_colours_stand_only_where_they_are_wanted(
    file: Path, arguments: list[str], environment: dict[str, str], coloured: bool
) -> None:
    assert ("\x1b[" in run(file, *arguments, **environment).stdout) is coloured


class Terminal:
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("when", "environment", "coloured"),
    [("auto", {}, True), ("auto", {"NO_COLOR": "1"}, False), ("auto", {"TERM": "dumb"}, False), ("never", {}, False)],
)
def test_a_terminal_has_colours_unless_somebody_minds(
    when: str, environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    terminal: Any = Terminal()
    assert colours.coloured(when, terminal) is coloured


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_lines_are_as_wide_as_the_terminal(tmp_path: Path, columns: int) -> None:
    file = tmp_path / "w"
    file.write_text(
        'rule "A" for order when ' + 'order.number is "1" or ' * 30 + 'order.numbr is "2" then skip "x" end'
    )
    shown = [each for each in run(file, COLUMNS=str(columns)).stdout.splitlines() if str(file) not in each]
    assert max(map(len, shown)) <= columns
    assert any(len(each) > columns - 3 for each in shown)
