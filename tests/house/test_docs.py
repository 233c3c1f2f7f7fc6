"""The documents stay true: links lead somewhere, and commands, options and settings are all described."""

import importlib
import re
from pathlib import Path

import click
import pytest

from cli.main import COMMANDS
from engine.settings import Settings
from tests.house.tree import ROOT, project_files


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = []
    for name in project_files():
        if name.suffix != ".md" or name.parts[0] == "sandbox":
            continue
        for target in re.findall(r"\]\(([^)\s]+)\)", text_of(str(name))):
            if "://" in target:
                continue
            path, _, anchor = target.partition("#")
            page = (ROOT / name).parent / path if path else ROOT / name
            if not page.exists() or (anchor and anchor not in anchors(page)):
                broken.append(f"{name}: {target}")
    assert broken == []


def test_every_page_of_the_documentation_can_be_reached_from_the_index() -> None:
    pages = {n.as_posix() for n in project_files() if n.parts[0] == "docs" and n.suffix == ".md"}
    reached, waiting = set[str](), ["docs/index.md"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        for target in re.findall(r"\]\(([^)#\s]+\.md)", text_of(name)):
            found = (ROOT / name).parent / target
            if found.exists():
                relative = found.resolve().relative_to(ROOT).as_posix()
                if relative not in reached:
                    waiting.append(relative)
    assert pages - reached == set()


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(n.name[:4]) for n in project_files() if n.match("docs/adr/[0-9]*.md")]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_and_option_is_described(name: str) -> None:
    sections = re.split(r"^## ", text_of("docs/cli.md"), flags=re.MULTILINE)
    section = next((s for s in sections if s.startswith(f"cloudcart {name}\n")), None)
    assert section, f"docs/cli.md has no section '## cloudcart {name}'"
    command: click.Command = importlib.import_module(f"cli.{name.replace('-', '_')}").command
    for one in [command, *(command.commands.values() if isinstance(command, click.Group) else [])]:
        for parameter in one.params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[0] in section, f"docs/cli.md says nothing of {name} {parameter.opts[0]}"


def test_every_setting_is_described() -> None:
    page = text_of("docs/operations.md")
    for field in Settings.model_fields:
        assert f"`CLOUDCART_{field.upper()}`" in page


def test_every_fixture_that_tests_share_is_described() -> None:
    page = text_of("CONTRIBUTING.md")
    shared = re.findall(r"^@pytest\.fixture.*\ndef ([a-z]\w*)", text_of("tests/conftest.py"), re.MULTILINE)
    assert len(shared) >= 5
    assert [name for name in shared if f"`{name}`" not in page] == []


def test_every_module_of_the_engine_has_its_place_on_the_page_of_the_way() -> None:
    page = text_of("docs/architecture.md")
    modules = {
        name.name
        for name in project_files()
        if name.parts[0] == "engine"
        and name.suffix == ".py"
        and len(name.parts) < 4
        and name.name != "__init__.py"
        and name.parts[1] != "store"
    }
    assert sorted(name for name in modules if not re.search(rf"\b{re.escape(name)}`", page)) == []


def test_every_module_and_folder_of_the_language_has_its_place_on_the_page_of_the_way() -> None:
    page = text_of("docs/architecture.md")
    names = {
        name.name if len(name.parts) == 2 else f"{name.parts[1]}/"
        for name in project_files()
        if name.parts[0] == "dsl" and name.suffix == ".py" and len(name.parts) < 4 and name.name != "__init__.py"
    }
    assert sorted(name for name in names if not re.search(rf"(?:dsl/|`){re.escape(name)}`", page)) == []


def test_every_test_that_the_page_of_faults_names_is_there_and_every_fault_has_one() -> None:
    rows = re.findall(r"^\| (F\d+) \|.*\| ([^|]*) \|$", text_of("docs/faults.md"), re.MULTILINE)
    named = {number: re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", tests) for number, tests in rows}
    assert len(named) == len(rows) >= 26
    assert [number for number, tests in named.items() if not tests] == []
    missing = [
        f"{file}::{test}"
        for tests in named.values()
        for file, test in tests
        if not (ROOT / file).is_file() or (test and f"\ndef {test}(" not in text_of(file))
    ]
    assert missing == []
