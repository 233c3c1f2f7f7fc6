"""Lines with styles for people: changes when what a heading or a quiet line looks like does (cli.colours knows the streams)."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from cli import colours, output

if TYPE_CHECKING:
    from dsl.explain.telling import Line

_STYLES: dict[str, dict[str, Any]] = {
    "heading": {"bold": True},
    "good": {"fg": "green", "bold": True},
    "waiting": {"fg": "yellow", "bold": True},
    "bad": {"fg": "red", "bold": True},
    "quiet": {"dim": True},
    "value": {"fg": "cyan"},
}
_WIDEST = 100
"""Never wider than one likes to read."""


def width() -> int:
    """How wide lines are: as wide as a terminal is, elsewhere as wide as one likes to read, whatever COLUMNS says."""
    return min(_WIDEST, colours.width()) if sys.stdout.isatty() else _WIDEST


class Teller:
    """Writes styled lines to standard output, with colours or without (`when`: auto, always or never)."""

    def __init__(self, when: str = "auto") -> None:
        self._coloured = colours.coloured(when)

    def paint(self, style: str, text: str) -> str:
        """A text in a style, plain where nobody sees colours; arrows become ASCII where the output knows no other letters."""
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        if not encoding.lower().replace("-", "").startswith("utf"):
            text = text.replace("→", "->").replace("·", "-")
        return click.style(text, **_STYLES.get(style, {})) if self._coloured else text

    def say(self, style: str, text: str) -> None:
        """One line of data in a style."""
        output.data(self.paint(style, text), colour=self._coloured)

    def tell(self, lines: "Iterable[Line]") -> None:
        """Lines as the language lays them out, broken where they get too wide."""
        from dsl.explain.telling import rendered

        for line in rendered(list(lines), width(), self.paint):
            output.data(line, colour=self._coloured)
