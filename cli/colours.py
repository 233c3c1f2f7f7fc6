"""Whether a stream gets colours, how wide it is, and what each part looks like; changes with terminals (knows no words)."""

import os
import shutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

import click

if TYPE_CHECKING:
    from dsl.showing import Paint

#: Columns where nobody says how many there are, the fewest that are used, and the most: longer lines are hard to read.
USUAL, FEWEST, MOST = 100, 40, 200

WHEN = ("auto", "always", "never")

_LOOKS: dict[str, dict[str, Any]] = {
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "message": {"bold": True},
    "place": {"dim": True},
    "gutter": {"fg": "blue", "dim": True},
    "other": {"fg": "cyan"},
    "help": {"fg": "cyan", "bold": True},
    "old": {"fg": "red"},
    "new": {"fg": "green"},
    "done": {"fg": "green", "bold": True},
}

option: Callable[[Callable[..., None]], Callable[..., None]] = click.option(
    "--color",
    type=click.Choice(WHEN),
    default="auto",
    show_default=True,
    help="Colours: on a terminal only (auto; NO_COLOR turns them off), always or never.",
)


def coloured(when: str, stream: TextIO | None = None) -> bool:
    """Whether to write colours: on a terminal, unless NO_COLOR is set (https://no-color.org) or it can show none."""
    if when != "auto":
        return when == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return (stream or sys.stdout).isatty()


def paint(when: str) -> "Paint":
    """What puts the colours around the parts of a drawn diagnostic."""
    from dsl.showing import plain

    if not coloured(when):
        return plain
    return lambda part, words: click.style(words, **_LOOKS[part.value]) if words else words


def width() -> int:
    """The columns of the terminal, of COLUMNS where output goes elsewhere, or the usual ones."""
    return max(FEWEST, min(MOST, shutil.get_terminal_size((USUAL, 24)).columns))
