"""cli/main.py and cli/output.py: the command tree, its exit codes and its speed"""

import importlib
import json
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import click
import pytest

from cli import main, output
from engine import preview, systems

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = "import sys; from cli.main import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", list(main.COMMANDS))
def test_every_command_stands_in_its_module_and_says_the_same_there(name: str) -> None:
    command = importlib.import_module(f"cli.{name.replace('-', '_')}").command
    assert isinstance(command, click.Command)
    assert (command.help or "").startswith(main.COMMANDS[name])


def test_every_module_of_a_command_is_in_the_list() -> None:
    modules = {
        file.stem.replace("_", "-") for file in (ROOT / "cli").glob("*.py") if "\ndef command(" in file.read_text()
    }
    assert modules == set(main.COMMANDS)


@pytest.mark.parametrize(
    ("name", "parameter", "known"),
    [
        ("connect", "kind", systems.SYSTEMS),
        ("run", "source", preview.SOURCES),
        ("explain", "source", preview.SOURCES),
    ],
)
def test_the_systems_that_a_command_takes_are_those_that_the_product_knows(
    name: str, parameter: str, known: Collection[str]
) -> None:
    """Written out in the commands, because importing the engine would slow every start."""
    (asked,) = [each for each in importlib.import_module(f"cli.{name}").command.params if each.name == parameter]
    assert sorted(asked.type.choices) == sorted(known)


def test_help_imports_nothing_but_click_and_its_own_module() -> None:
    """What makes it quick, told without a clock: none of our layers and no heavy library."""
    script = (
        "import sys\nfrom cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted(n for n in sys.modules if n.partition('.')[0] in "
        "('engine', 'dsl', 'web', 'sandbox', 'connectors', 'pydantic', 'sqlalchemy', 'lark', 'flask', 'requests', 'rich')))"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == "[]"


def test_help_lists_the_commands_on_standard_output() -> None:
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(f"  {name} " in done.stdout for name in main.COMMANDS)


def test_a_slip_is_answered_with_what_was_meant() -> None:
    done = run("doctr")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no command 'doctr'. Did you mean doctor?" in done.stderr


def test_no_guess_is_better_than_a_wild_one() -> None:
    assert "mean" not in run("xyzzy").stderr


def test_a_reader_that_has_seen_enough_ends_it_without_a_complaint() -> None:
    script = "import sys; from cli.main import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", script, "sandbox", "woocommerce", "--switches"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == output.FAILED


def test_the_version_is_the_distributions() -> None:
    from importlib.metadata import version

    assert run("--version").stdout == f"cloudcart, version {version('cloud-cart-connector')}\n"


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (output.Refusal("The file is gone. Name another."), 3, "Error: The file is gone. Name another.\n"),
        (click.UsageError("Not so."), 2, "Error: Not so.\n"),
        (KeyboardInterrupt(), 130, "Interrupted.\n"),
        (click.exceptions.Abort(), 130, "Interrupted.\n"),
        (SystemExit(1), 1, ""),
    ],
)
def test_each_way_to_end_has_its_code_and_its_sentence(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(**_: object) -> None:
        raise error

    monkeypatch.setattr(main.cloudcart, "main", fails)
    with pytest.raises(SystemExit) as ended:
        main.main([])
    assert ended.value.code == code
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", said)


def test_a_reader_that_has_seen_enough_is_no_traceback() -> None:
    done = subprocess.run(
        f'{sys.executable} -c \'import sys; sys.argv=["cloudcart"]; from cli.main import main; main(["--help"])\' | true',
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_every_json_object_carries_the_version_of_its_form(capsys: pytest.CaptureFixture[str]) -> None:
    output.json_line({"title": "Größe 🎿", "n": 1})
    line = capsys.readouterr().out
    assert line == '{"v":1,"title":"Größe 🎿","n":1}\n'
    assert json.loads(line)["v"] == 1
