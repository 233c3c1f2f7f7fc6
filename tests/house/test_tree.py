"""What everybody who clones the project may rely on: its folders, no trace of a machine, a sentence for each module."""

import ast
import re

import pytest

from tests.house.imports import LAYERS
from tests.house.tree import ROOT, project_files

FOLDERS = {*LAYERS, "tests", "bench", "docs", "deploy"}
#: Put together here so that this file itself is clean: paths of machines, and hosts of package registries.
FOREIGN = re.compile(
    "|".join(
        [
            r"(?<![\w.*)}>])/" + r"work/\w",
            r"(?<![\w.*)}>])/" + r"root/\w",
            r"(?<![\w.*)}>])/" + r"home/\w",
            r"\b" + r"pypi\." + "org",
            r"python" + r"hosted\.org",
            r"npm" + r"js\.(org|com)",
            r"deb\." + r"debian\.org",
        ]
    )
)
RECORDED = ("tests/fixtures/", "sandbox/data/")  # what other people's servers said, word for word


def test_the_folders_of_the_architecture_stand_and_no_others() -> None:
    found = {name.parts[0] for name in project_files() if len(name.parts) > 1 and not name.parts[0].startswith(".")}
    assert found - FOLDERS == {"requirements"}
    assert FOLDERS - found == set()


def test_no_file_names_a_machine_or_a_package_registry() -> None:
    found = []
    for name in project_files():
        if name.as_posix().startswith(RECORDED):
            continue
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name}:{text.count(chr(10), 0, m.start()) + 1} {m[0]}" for m in FOREIGN.finditer(text)]
    assert found == []


@pytest.mark.parametrize("text", ["see /" + "work/main/dsl", "cd /" + "home/jo", "from files.python" + "hosted.org"])
def test_the_search_for_machines_finds_one(text: str) -> None:
    assert FOREIGN.search(text)


def test_every_module_says_what_it_is_for() -> None:
    """One loop and no cases: the list of files must be the same in every process of a parallel run, and is not while
    somebody works on the tree."""
    silent = []
    for name in project_files():
        if name.suffix == ".py" and name.parts[0] in FOLDERS:
            text = (ROOT / name).read_text(encoding="utf-8")
            said = ast.get_docstring(ast.parse(text))
            if name.name == "__init__.py" and not text.strip():
                continue  # nothing in it to explain
            if not said or (name.parts[0] in LAYERS and len(said) < 20):
                silent.append(str(name))
    assert silent == []


def test_no_folder_of_tests_is_a_package() -> None:
    """With --import-mode=importlib they need not be, and a package called tests would hide ours."""
    assert [n for n in project_files() if n.parts[0] == "tests" and n.name == "__init__.py"] == []


def test_nothing_that_is_shipped_is_executable_or_generated() -> None:
    assert [n for n in project_files() if n.suffix in {".pyc", ".whl", ".sqlite3"}] == []
