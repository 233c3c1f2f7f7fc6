"""Draws what the commands show on a terminal, for the pages: `python docs/pictures/make.py`, from the top folder.

Each picture is a command that is really run; a test runs it again and compares the words.
"""

from __future__ import annotations

import io
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ORDERS = ROOT / "tests" / "fixtures" / "woocommerce" / "shop-usd" / "orders_page_01.json"
COLUMNS = 100
DAY = "2026-10-01"

#: Picture -> the command behind `cloudcart`, run in a folder that holds the files below.
COMMANDS = {
    "check": ["check", "web.rules"],
    "explain": [
        "explain",
        "demo.rules",
        "--source",
        "woocommerce",
        "--input",
        "orders.json",
        "--id",
        "81",
        "--today",
        DAY,
    ],
    "plan": ["plan", "demo.rules", "changed.rules", "--input", "orders.json", "--today", DAY],
}


def files(folder: Path) -> None:
    """The files that the commands are about: a rule set with eight mistakes, the demo's, and the demo's with two changes."""
    shutil.copy(HERE / "wrong.rules", folder / "web.rules")
    shutil.copy(ORDERS, folder / "orders.json")
    demo = (ROOT / "rulesets" / "demo" / "web_orders.rules").read_text(encoding="utf-8")
    (folder / "demo.rules").write_text(demo, encoding="utf-8")
    (folder / "changed.rules").write_text(changed(demo), encoding="utf-8")


def changed(demo: str) -> str:
    """The demo's rules as somebody might change them: large orders wait earlier, Britain has its code, Delaware another."""
    for old, new in (
        ("more than 5000", "more than 600"),
        ('"GB"    | any   | any               -> missing', '"GB"    | any   | any               -> "Non"'),
        ('"DE"  | any               -> "Non"', '"DE"  | any               -> "Maryland"'),
    ):
        if old not in demo:
            raise ValueError(f"the demo's rules have no {old!r} any more")
        demo = demo.replace(old, new)
    return demo


def shown(arguments: list[str], folder: Path) -> str:
    """What a command writes on a terminal of 100 columns, colours and all."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "CLOUDCART_CALLED": "cloudcart"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-c", "from cli.main import main; main()", *arguments],
        cwd=folder, env={**environment, "PYTHONPATH": str(ROOT)}, stdout=follower, stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(follower)
    pieces = []
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # the other end is closed, which Linux tells so
            break
        if not piece:
            break
        pieces.append(piece)
    process.wait()
    os.close(leader)
    return b"".join(pieces).decode().replace("\r\n", "\n")


def drawn(name: str, folder: Path) -> str:
    """A picture (SVG) of a command; the same command makes the same picture."""
    arguments = COMMANDS[name]
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(shown(arguments, folder)))
    asked = " ".join(each for each in arguments if each not in ("--today", DAY))
    svg = console.export_svg(title=f"cloudcart {asked}", unique_id=f"cloudcart-{name}")
    # The picture asks nobody for a font.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        files(Path(folder))
        for name in COMMANDS:
            (HERE / f"{name}.svg").write_text(drawn(name, Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
