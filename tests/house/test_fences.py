"""The layers and the library fences hold, and the test that says so can fail."""

from pathlib import Path

import pytest

from tests.house.imports import FENCES, LAYERS, imports_of, modules, violations

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_imports_upwards_and_no_library_leaves_its_fence() -> None:
    assert violations(ROOT) == []


def test_every_folder_with_code_has_its_line_in_the_table() -> None:
    packages = {file.parent.name for file in ROOT.glob("*/__init__.py")}
    assert packages - {"bench"} == set(LAYERS)  # bench is not shipped, and may import what it measures
    assert {name.partition(".")[0] for name, _ in modules(ROOT)} == set(LAYERS)


def test_the_layers_have_no_circle() -> None:
    """Each folder stands above all it imports: so the folders can be put in one order."""
    placed: list[str] = []
    while len(placed) < len(LAYERS):
        ready = [name for name, below in LAYERS.items() if name not in placed and below <= set(placed)]
        assert ready, f"{set(LAYERS) - set(placed)} import one another"
        placed += ready


@pytest.mark.parametrize(
    ("file", "text", "blamed"),
    [
        ("connectors/woocommerce.py", "import engine.flow", "connectors imports nothing of ours"),
        ("connectors/woocommerce.py", "from sandbox import seed", "connectors imports nothing of ours"),
        ("sandbox/woocommerce.py", "from connectors.records import Order", "sandbox imports nothing of ours"),
        ("dsl/check.py", "def f():\n    from engine.vocabulary import SCHEMA", "dsl imports grammar"),
        (
            "engine/plan.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import web.app",
            "engine imports connectors, dsl",
        ),
        ("engine/plan.py", "from .. import cli", "engine imports connectors, dsl"),
        ("engine/store/rows.py", "from ...web import app", "engine imports connectors, dsl"),
        ("engine/plan.py", "import importlib\nimportlib.import_module('web.app')", "engine imports connectors, dsl"),
        ("engine/store.py", "import rq", "imports rq, which only engine.jobs and engine.signals may"),
        ("engine/jobs_of_ours.py", "from redis import Redis", "which only engine.jobs and engine.signals may"),
        ("web/app.py", "from sqlalchemy import select", "imports sqlalchemy, which only engine may"),
        ("engine/match.py", "import requests.adapters", "imports requests, which only connectors may"),
        ("cli/check.py", "import lark", "imports lark, which only dsl may"),
        ("engine/plan.py", "from tests.servers import postgres", "what is shipped needs no tests"),
    ],
)
def test_a_crossing_is_blamed(tmp_path: Path, file: str, text: str, blamed: str) -> None:
    for folder in LAYERS:
        (tmp_path / folder).mkdir()
    place = tmp_path / file
    place.parent.mkdir(exist_ok=True)
    place.write_text(text)
    found = violations(tmp_path)
    assert len(found) == 1
    assert blamed in found[0]
    assert f":{text.count(chr(10)) + 1} " in found[0]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("engine/jobs.py", "import rq"),
        ("engine/jobs/worker.py", "from redis import Redis"),
        ("engine/plan.py", "from dsl import program\nfrom . import flow\nfrom .store import rows"),
        ("cli/serve.py", "import web.app"),
        ("dsl/parser.py", "import lark\nfrom grammar import keywords"),
    ],
)
def test_what_is_allowed_passes(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(text)
    assert violations(tmp_path) == []


def test_relative_imports_are_read_as_what_they_mean() -> None:
    text = "from . import a\nfrom .b import c\nfrom .. import d"
    assert [one.imported for one in imports_of("engine.store.rows", text)] == [
        "engine.store.a",
        "engine.store.b.c",
        "engine.d",
    ]
    assert [one.imported for one in imports_of("engine.store", "from . import a", is_package=True)] == [
        "engine.store.a"
    ]


def test_every_fenced_library_is_named_as_it_is_imported() -> None:
    assert all(name.isidentifier() for name in FENCES)
