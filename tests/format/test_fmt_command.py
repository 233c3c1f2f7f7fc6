"""cli/fmt.py: files are written in canonical form, whole or not at all, or only looked at"""

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.fmt import command

WILD = 'rule "A" for order\n  // why\n  when order.paid is no then tag "x" end\n'
TIDY = 'rule "A"\n  for order\n  // why\n  when order.paid is no\n  then tag "x"\nend\n'
BROKEN = 'rule "A" for order then\n'


@pytest.fixture
def wild(tmp_path: Path) -> Path:
    file = tmp_path / "web.rules"
    file.write_text(WILD)
    return file


def run(*arguments: object, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], input=given)


def test_a_file_is_written_in_its_canonical_form(wild: Path) -> None:
    done = run(wild)
    assert (done.exit_code, done.stdout) == (0, "")
    assert f"{wild}: laid out" in done.stderr
    assert wild.read_text() == TIDY
    again = run(wild)
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "")


def test_a_file_in_canonical_form_is_not_touched(wild: Path) -> None:
    wild.write_text(TIDY)
    before = wild.stat()
    assert run(wild).exit_code == 0
    assert (wild.stat().st_mtime_ns, wild.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_permissions_and_links_stay(wild: Path, tmp_path: Path) -> None:
    wild.chmod(0o640)
    link = tmp_path / "link.rules"
    link.symlink_to(wild)
    assert run(link).exit_code == 0
    assert link.is_symlink()
    assert wild.read_text() == TIDY
    assert stat.S_IMODE(wild.stat().st_mode) == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.rules", "web.rules"]


def test_check_names_what_is_to_be_written_and_writes_nothing(wild: Path, tmp_path: Path) -> None:
    tidy = tmp_path / "tidy.rules"
    tidy.write_text(TIDY)
    done = run("--check", wild, tidy)
    assert (done.exit_code, done.stdout) == (1, f"{wild}\n")
    assert wild.read_text() == WILD
    assert run("--check", tidy).exit_code == 0


def test_diff_shows_what_would_change_and_writes_nothing(wild: Path) -> None:
    done = run("--diff", wild)
    assert done.exit_code == 0
    assert "+  when order.paid is no\n" in done.stdout
    assert "-  when order.paid is no then tag" in done.stdout
    assert wild.read_text() == WILD
    assert run("--diff", "--check", wild).exit_code == 1


def test_a_file_with_mistakes_is_told_and_left_while_others_are_written(wild: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.rules"
    broken.write_text(BROKEN)
    done = run(broken, wild)
    assert done.exit_code == 1
    assert broken.read_text() == BROKEN
    assert wild.read_text() == TIDY
    assert "error R1" in done.stderr
    assert f"{broken} stays as it is" in done.stderr
    assert done.stdout == ""


def test_standard_input_goes_to_standard_output() -> None:
    assert run("-", given=WILD).stdout == TIDY
    assert run("-", given="").stdout == ""
    refused = run("-", given=BROKEN)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "standard input" in refused.stderr
    assert run("--check", "-", given=WILD).exit_code == 1
    assert "no UTF-8" in run("-", given=b"\xff\xfe").stderr


def test_all_rule_sets_of_a_folder_are_meant(wild: Path, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "more.rules").write_text(WILD)
    (inner / "notes.txt").write_text("no rules")
    assert run("--check", tmp_path).stdout.split() == [str(inner / "more.rules"), str(wild)]
    (tmp_path / "empty").mkdir()
    assert "no rule sets (*.rules)" in run(tmp_path / "empty").stderr


def test_carriage_returns_and_a_byte_order_mark_stay(wild: Path) -> None:
    mark = b"\xef\xbb\xbf"
    wild.write_bytes(mark + WILD.replace("\n", "\r\n").encode())
    assert run(wild).exit_code == 0
    assert wild.read_bytes() == mark + TIDY.replace("\n", "\r\n").encode()
    assert run("--check", wild).exit_code == 0


def test_mixed_line_ends_are_made_the_same_and_told(wild: Path) -> None:
    wild.write_bytes(TIDY.replace("order\n", "order\r\n").encode())
    assert "line ends" in run(wild).stderr
    assert wild.read_bytes() == TIDY.encode()


def test_json_says_what_came_of_each_file(wild: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.rules"
    broken.write_text(BROKEN)
    done = run("--format", "json", "--check", wild, broken)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["v"], first["file"], first["changed"], first["refusal"]) == (1, str(wild), True, "")
    assert second["refusal"]
    assert second["diagnostics"][0]["code"].startswith("R1")
    (told,) = (json.loads(line) for line in run("--format", "json", "-", given=WILD).stdout.splitlines())
    assert told["text"] == TIDY


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.rules"
    sheet.write_bytes(b"PK\x03\x04\xff\xfe")
    assert "no UTF-8 text" in run(sheet).stderr


def test_around_mistakes_the_rest_is_written_and_the_exit_code_still_says_so(wild: Path) -> None:
    wild.write_text(WILD + 'rule "B"\n for order then nonsense "y"\nend\n')
    done = run("--around-mistakes", wild)
    assert done.exit_code == 1
    assert "error R1" in done.stderr
    assert wild.read_text() == TIDY + '\nrule "B"\n for order then nonsense "y"\nend\n'
    assert run("--around-mistakes", "-", given=WILD + "rule").stdout == TIDY + "\nrule\n"
