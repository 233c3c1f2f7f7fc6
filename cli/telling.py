"""Lines with styles on a terminal: changes when colours do. Colour only where standard output is a terminal that wants it."""

import os
import shutil
import sys
from typing import Any

import click

_STYLES: dict[str, dict[str, Any]] = {
    "heading": {"bold": True},
    "good": {"fg": "green", "bold": True},
    "waiting": {"fg": "yellow", "bold": True},
    "bad": {"fg": "red", "bold": True},
    "quiet": {"dim": True},
    "value": {"fg": "cyan"},
}
_WIDEST = 100


def is_terminal() -> bool:
    """Whether a person sees standard output, with colours (https://no-color.org)."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def width() -> int:
    """How wide lines may be: as wide as the terminal is, never wider than one likes to read."""
    return min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns) if sys.stdout.isatty() else _WIDEST


def paint(style: str, text: str) -> str:
    """A text in a style, plain where nobody sees colours; arrows become ASCII where the output knows no other letters."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    if not encoding.lower().replace("-", "").startswith("utf"):
        text = text.replace("→", "->").replace("·", "-")
    return click.style(text, **_STYLES.get(style, {})) if is_terminal() else text
