"""The pictures in the documentation show what the commands write today."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pictures", HERE / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(maker().COMMANDS))
def test_a_picture_shows_what_its_command_writes(name: str, tmp_path: Path) -> None:
    made = maker()
    made.files(tmp_path)
    drawn = made.drawn(name, tmp_path)
    assert (HERE / f"{name}.svg").read_text(encoding="utf-8") == drawn, "draw it anew: ./dev docs"
