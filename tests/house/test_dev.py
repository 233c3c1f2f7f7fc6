"""The front door `./dev`: it tells people with an old Python, a lacking one or a typing slip what to do."""

import ast
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from cli import output
from tests.house.tree import ROOT


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, its checkout an empty folder with the real locks; no step of a set-up is carried out."""
    loader = importlib.machinery.SourceFileLoader("dev_script", str(ROOT / "dev"))
    spec = importlib.util.spec_from_loader("dev_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader.exec_module(module)
    venv = tmp_path / ".venv"
    steps: list[str] = []

    def call(arguments: list[str], doing: str) -> None:
        steps.append(doing)
        (venv / "bin").mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(module, "VENV", venv)
    monkeypatch.setattr(module, "BIN", venv / "bin")
    monkeypatch.setattr(module, "STAMP", venv / ".stamp")
    monkeypatch.setattr(module, "PRIVATE", tmp_path / ".dev")
    monkeypatch.setattr(module, "call", call)
    monkeypatch.setattr(module, "the_pinned_uv", lambda: "uv")
    module.__dict__["steps"] = steps
    return module


def test_an_old_python_can_read_it_far_enough_to_explain_itself() -> None:
    ast.parse((ROOT / "dev").read_text(encoding="utf-8"), feature_version=(3, 7))


def test_an_old_python_is_told_what_to_install(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 2, "final", 0))
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    with pytest.raises(dev.Trouble, match=r"Python 3\.11 or newer is needed(.|\n)*apt install python3"):
        dev.insist_on_a_new_python()


def test_an_old_python_hands_over_to_the_newest_that_works(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 2, "final", 0))
    monkeypatch.setattr(dev.sys, "argv", ["dev", "test"])
    there = {"python3.13": "/opt/shim/python3.13", "python3.12": "/usr/bin/python3.12"}
    monkeypatch.setattr(dev.shutil, "which", there.get)
    monkeypatch.setattr(dev.subprocess, "call", lambda command, stderr: "shim" in command[0])
    taken: list[list[str]] = []

    def execv(program: str, arguments: list[str]) -> None:
        taken.append([program, *arguments])
        raise SystemExit

    monkeypatch.setattr(dev.os, "execv", execv)
    with pytest.raises(SystemExit):
        dev.insist_on_a_new_python()
    assert taken == [["/usr/bin/python3.12", "/usr/bin/python3.12", str(ROOT / "dev"), "test"]]


def test_a_second_set_up_does_nothing(dev: ModuleType) -> None:
    dev.set_up("dev")
    assert dev.steps == ["making .venv", "installing", "installing the project itself"]
    dev.steps.clear()
    dev.set_up("dev")
    dev.set_up("run")  # the larger set serves the smaller need
    assert dev.steps == []


def test_the_tests_need_more_than_the_product(dev: ModuleType) -> None:
    dev.set_up("run")
    dev.steps.clear()
    dev.set_up("dev")
    assert "installing" in dev.steps


def test_a_new_lock_is_installed(dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dev.set_up("run")
    dev.steps.clear()
    for name in dev.SETS:
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        (tmp_path / f"{name}.txt").write_text(text + "\n")
    monkeypatch.setattr(dev, "LOCKS", tmp_path)
    dev.set_up("run")
    assert "installing" in dev.steps


def test_a_set_up_that_failed_is_done_again(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    worked = dev.call

    def fails_at_the_end(arguments: list[str], doing: str) -> None:
        worked(arguments, doing)
        if doing == "installing the project itself":
            raise dev.Trouble("no")

    monkeypatch.setattr(dev, "call", fails_at_the_end)
    with pytest.raises(dev.Trouble):
        dev.set_up("run")
    monkeypatch.setattr(dev, "call", worked)
    dev.steps.clear()
    dev.set_up("run")
    assert "installing the project itself" in dev.steps


def test_variables_that_lead_a_python_astray_are_left_out(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.setenv(name, "/nowhere")
    found = dev.environment()
    assert not {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"} & set(found)
    assert found["PYTHONPYCACHEPREFIX"].startswith(str(dev.PRIVATE))
    assert found["UV_PYTHON_DOWNLOADS"] == "never"


@pytest.mark.parametrize("home", [None, "/proc"])
def test_where_there_is_no_home_caches_lie_in_the_checkout(
    dev: ModuleType, home: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert not {"UV_CACHE_DIR", "PIP_CACHE_DIR"} & set(dev.environment()) - set(os.environ)
    if home is None:
        monkeypatch.delenv("HOME")
    else:
        monkeypatch.setenv("HOME", home + "/nothing-there")
    found = dev.environment()
    assert found["UV_CACHE_DIR"] == found["PIP_CACHE_DIR"] == str(tmp_path / ".dev" / "cache")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(ROOT / "dev"), *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("place", "said"), [(".", "./dev run cloudcart"), ("docs", "../dev run cloudcart")])
def test_what_the_command_advises_can_be_typed_where_the_person_stands(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, place: str, said: str
) -> None:
    monkeypatch.setenv("CLOUDCART_CALLED", "")
    monkeypatch.chdir(ROOT / place)
    monkeypatch.setattr(dev, "become", lambda *command: None)
    dev.main(["run", "cloudcart", "holds"])
    assert output.called() == said


def test_help_lists_every_task() -> None:
    said = run("help").stdout
    tasks = {
        str(comparison.comparators[0].value)
        for comparison in ast.walk(ast.parse((ROOT / "dev").read_text(encoding="utf-8")))
        if isinstance(comparison, ast.Compare)
        and isinstance(comparison.left, ast.Name)
        and comparison.left.id == "task"
        and isinstance(comparison.comparators[0], ast.Constant)
    }
    assert len(tasks) >= 9
    assert [task for task in tasks if f"./dev {task}" not in said] == []


def test_a_task_that_does_not_exist_is_refused_in_a_sentence() -> None:
    refused = run("tset")
    assert refused.returncode == 2
    assert refused.stderr == "dev: there is no task 'tset'; ./dev help lists them.\n"
