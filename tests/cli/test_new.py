"""cli/new.py and cli/templates.py: what is made works as it is, and nothing is overwritten"""

import ast
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import check, new
from cli import test as test_command
from connectors.ports import Source

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(new.command, list(arguments))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "dsl" / "functions").mkdir(parents=True)
    shutil.copy(ROOT / "dsl" / "functions" / "__init__.py", tmp_path / "dsl" / "functions")
    monkeypatch.chdir(tmp_path / "dsl")  # from a folder inside, too
    return tmp_path


def test_a_rule_set_is_clean_tested_and_has_its_page(checkout: Path) -> None:
    assert run("ruleset", "orders/gift_notes").exit_code == 0
    rules = checkout / "rulesets" / "orders" / "gift_notes" / "1.0.rules"
    checked = CliRunner().invoke(check.command, [str(rules)])
    assert (checked.exit_code, checked.stdout) == (0, "")
    tested = CliRunner().invoke(test_command.command, [str(rules), "--coverage", "--mutate"])
    assert tested.stdout.startswith(f"{rules}: 2 passed, 0 failed\n  covered: 100 %\n")
    assert "noticed: 3 (100 %)" in tested.stdout
    assert 'use "orders/gift_notes" version "1.0" as gift_notes' in (rules.parent / "README.md").read_text()


def test_elsewhere_a_rule_set_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("ruleset", "mine").stdout == f"{tmp_path / 'mine.rules'}\n"
    assert run("function", "shout").exit_code == 3


def test_a_function_is_registered_and_its_example_holds(checkout: Path) -> None:
    assert run("function", "tidy").exit_code == 0
    registry = (checkout / "dsl" / "functions" / "__init__.py").read_text()
    before = (ROOT / "dsl" / "functions" / "__init__.py").read_text()
    assert registry != before
    assert ", tidy)" in registry
    ast.parse(registry)
    made: dict[str, Any] = {}
    exec((checkout / "dsl" / "functions" / "tidy.py").read_text(), made)
    (function,) = made["FUNCTIONS"]
    assert function.run(" HAT ") == "HAT"
    assert function.examples[0].call == 'tidy(" HAT ")'
    assert function.sentence.endswith(".")  # as tests/dsl ask of every function


def test_a_connector_and_its_suite_can_be_read_and_say_what_is_owed(checkout: Path) -> None:
    done = run("connector", "acme")
    assert done.exit_code == 0
    made: dict[str, Any] = {"__name__": "connectors.acme"}
    exec((checkout / "connectors" / "acme.py").read_text(), made)
    owed = sorted(name for name in vars(Source) if getattr(vars(Source)[name], "__isabstractmethod__", False))
    assert len(owed) >= 8
    with pytest.raises(TypeError, match="abstract methods " + ", ".join(owed)):
        made["Acme"]({"key": "k"}, clock=None)
    written = type("Written", (made["Acme"],), dict.fromkeys(owed, lambda self: None))
    assert written({"key": "k"}, clock=None).call_counts() == {}
    ast.parse((checkout / "tests" / "connectors" / "test_acme_suite.py").read_text())
    assert "CONTRIBUTING.md, 'A connector'" in done.stderr


def test_nothing_is_overwritten(checkout: Path) -> None:
    run("connector", "acme")
    (checkout / "connectors" / "acme.py").write_text("mine")
    done = run("connector", "acme")
    assert done.exit_code == 3
    assert "is there already; nothing was made" in done.stderr
    assert (checkout / "connectors" / "acme.py").read_text() == "mine"


@pytest.mark.parametrize(
    ("kind", "name"), [("ruleset", "../x"), ("connector", "A b"), ("function", "1st"), ("page", "x")]
)
def test_a_name_that_cannot_be_one_is_refused(kind: str, name: str, checkout: Path) -> None:
    assert run(kind, name).exit_code == 2
