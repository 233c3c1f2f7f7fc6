"""The wheel works away from the checkout, brings our names and nothing else, and lacks no data file.

Built without isolation and without a network, from an sdist, as a packager would; installed into an empty environment
that sees the dependencies but not the checkout.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.imports import LAYERS
from tests.house.tree import ROOT, project_files

#: A module's worth of work here, so all of it runs in one worker.
pytestmark = pytest.mark.xdist_group("wheel")


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment with nothing but our wheel, and the dependencies on its path."""

    wheel: Path
    bin: Path
    site: Path
    home: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs a command as a user elsewhere would: in another folder, with an environment that names nothing of ours."""
        return subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd="/",
            env={"PATH": os.defpath, "HOME": str(self.home), "CLOUDCART_DATA_DIR": str(self.home / "data")},
            capture_output=True,
            text=True,
            check=False,
        )


def build(backend_call: str, source: Path, into: Path) -> Path:
    """Calls our build back end in a source tree; returns what it made."""
    into.mkdir(exist_ok=True)
    script = f"import setuptools.build_meta as backend; print(backend.{backend_call}({str(into)!r}))"
    subprocess.run([sys.executable, "-c", script], cwd=source, check=True, capture_output=True)
    (made,) = into.iterdir()
    return made


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    checkout = folder / "checkout"
    for name in project_files():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, checkout / name)
    sdist = build("build_sdist", checkout, folder / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    wheel = build("build_wheel", unpacked, folder / "dist")

    venv = folder / "venv"
    uv = next((str(p) for p in [ROOT / ".dev" / "uv" / "bin" / "uv"] if p.is_file()), shutil.which("uv"))
    python = str(venv / "bin" / "python")
    if uv:
        subprocess.run([uv, "venv", "--quiet", "--offline", "--python", sys.executable, str(venv)], check=True)
        command = [uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, str(wheel)]
    else:
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        command = [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PIP_NO_INDEX": "1"})
    site = Path(sysconfig.get_path("purelib", vars={"base": str(venv), "platbase": str(venv)}))
    # A folder named in a .pth file is searched, but the .pth files in it are not read: so not the checkout's either.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    home = folder / "home"
    home.mkdir()
    return Installed(wheel, venv / "bin", site, home)


def test_the_wheel_brings_our_names_and_nothing_else(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(LAYERS)


def test_every_file_of_our_folders_is_in_the_wheel(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
    ours = {name.as_posix() for name in project_files() if name.parts[0] in LAYERS}
    assert ours - shipped == set(), "a folder without __init__.py, or a kind of file missing from package-data"
    assert shipped - ours == set()


def test_the_code_that_runs_is_the_wheels(installed: Installed) -> None:
    where = installed.run("python", "-c", "import engine, dsl, web; print(engine.__file__, dsl.__file__, web.__file__)")
    assert where.stderr == ""
    assert all(Path(path).is_relative_to(installed.site) for path in where.stdout.split())


def test_every_module_of_the_wheel_can_be_imported(installed: Installed) -> None:
    names = [n.with_suffix("") for n in project_files() if n.suffix == ".py" and n.parts[0] in LAYERS]
    names = [n.parent if n.name == "__init__" else n for n in names if n.name not in ("__main__", "env")]
    script = "import importlib\n" + "\n".join(
        f"importlib.import_module({'.'.join(n.parts)!r})" for n in names if "versions" not in n.parts
    )
    done = installed.run("python", "-W", "error", "-c", script)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_command_runs_and_its_doctor_is_content(installed: Installed) -> None:
    assert "Usage: cloudcart" in installed.run("cloudcart", "--help").stdout
    found = installed.run("cloudcart", "doctor", "--format", "json")
    assert (found.returncode, found.stderr) == (0, "")
    assert [f for f in json.loads(found.stdout)["findings"] if not f["ok"]] == []


def test_the_doctor_names_a_package_that_brings_one_of_our_names(installed: Installed) -> None:
    intruder = installed.site / "web.py-0.62.dist-info"
    intruder.mkdir()
    (intruder / "METADATA").write_text("Metadata-Version: 2.1\nName: web.py\nVersion: 0.62\n")
    (intruder / "top_level.txt").write_text("web\n")
    (intruder / "RECORD").write_text("web/__init__.py,,\n")
    try:
        found = installed.run("cloudcart", "doctor")
    finally:
        shutil.rmtree(intruder)
    assert found.returncode == 1
    assert "BAD  packages     web also belongs to web.py" in found.stdout
    assert "uninstall web.py, then install cloud-cart-connector again" in found.stdout
