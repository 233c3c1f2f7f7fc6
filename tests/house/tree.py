"""The files of the project, as git would hand them to somebody else."""

import functools
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@functools.cache
def project_files() -> tuple[Path, ...]:
    """Every file that is or would be committed, relative to the root; all files there are where this is no git tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = [Path(name.decode()) for name in listed.stdout.split(b"\0") if name]
    else:
        hidden = {".venv", ".dev", "build", "dist", "__pycache__"}
        names = [f.relative_to(ROOT) for f in ROOT.rglob("*") if not hidden & set(f.relative_to(ROOT).parts)]
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))
