"""The locks in requirements/ hold every dependency of pyproject.toml, hashed, and say nothing about where it lies."""

import re
import tomllib
from dataclasses import dataclass

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS: dict[str, list[str]] = PROJECT["dependency-groups"]
WANTED = {
    "run": [*PROJECT["project"]["dependencies"], *GROUPS["build"]],
    "dev": [
        *PROJECT["project"]["dependencies"],
        *(line for name, group in GROUPS.items() if name != "bench" for line in group),
    ],
    "bench": [*PROJECT["project"]["dependencies"], *GROUPS["build"], *GROUPS["bench"]],
    "uv": ["uv"],
}


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock."""

    requirement: Requirement
    hashes: frozenset[str]


def locked(name: str) -> dict[str, Locked]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    found: dict[str, Locked] = {}
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        stated, *hashes = re.split(r"\s+--hash=", line.strip())
        requirement = Requirement(stated)
        key = canonicalize_name(requirement.name)
        # A universal lock may name a package twice, for different platforms or Pythons.
        more = found[key].hashes if key in found else frozenset()
        found[key] = Locked(requirement, frozenset(hashes) | more)
    return found


@pytest.mark.parametrize("name", sorted(WANTED))
def test_every_package_is_pinned_and_hashed(name: str) -> None:
    for key, one in locked(name).items():
        assert re.fullmatch(r"==[\w.+!-]+", str(one.requirement.specifier)), key
        assert one.requirement.url is None, key
        assert one.hashes, key
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in one.hashes), key


@pytest.mark.parametrize("name", sorted(WANTED))
def test_every_dependency_is_in_the_lock_in_a_version_that_it_allows(name: str) -> None:
    lock = locked(name)
    for line in WANTED[name]:
        wanted = Requirement(line)
        found = lock.get(canonicalize_name(wanted.name))
        assert found is not None, f"{wanted.name} is missing from requirements/{name}.txt: ./dev lock"
        version = next(iter(found.requirement.specifier)).version
        assert version in wanted.specifier, f"requirements/{name}.txt holds {wanted.name} {version}: ./dev lock"


def test_the_product_is_tested_with_the_versions_that_it_ships() -> None:
    run, dev = locked("run"), locked("dev")
    assert {k: str(v.requirement.specifier) for k, v in run.items()} == {
        k: str(dev[k].requirement.specifier) for k in run if k in dev
    }


@pytest.mark.parametrize("name", sorted(WANTED))
def test_no_lock_names_a_host_or_a_file(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert " @ " not in text
    assert not re.search(r"^\s*(-|#)(?!-hash=)", text, re.MULTILINE)


def test_the_build_back_end_comes_from_the_lock() -> None:
    """Otherwise an installation without isolation would take whatever version lies around."""
    assert PROJECT["build-system"]["requires"] == GROUPS["build"]


@pytest.mark.parametrize("broken", ["click>=8", "click==8.5.1", "click @ https://example.com/click.whl"])
def test_a_loose_line_would_be_noticed(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Requirement(broken)
    monkeypatch.setitem(globals(), "locked", lambda name: {"click": Locked(one, frozenset())})
    with pytest.raises(AssertionError):
        test_every_package_is_pinned_and_hashed("run")
