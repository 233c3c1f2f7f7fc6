"""The parts of what is shown, each of which may have a colour; changes when a part is added (knows no terminal).

Whoever prints decides what a part looks like: a terminal puts colours around the words, a file gets them plain. No part is
told from another by its colour alone.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Part(StrEnum):
    """One part of a drawn diagnostic."""

    ERROR = "error"
    WARNING = "warning"
    MESSAGE = "message"
    PLACE = "place"
    GUTTER = "gutter"
    OTHER = "other"
    """Marks and labels of places that only belong to the matter."""
    HELP = "help"
    OLD = "old"
    NEW = "new"
    DONE = "done"


Paint = Callable[[Part, str], str]
"""Puts a colour around words of a part, or returns them as they are."""


def plain(part: Part, words: str) -> str:
    """No colour."""
    return words
