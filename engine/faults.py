"""Named places where a test may kill the process: changes when a new place is worth dying at.

Nothing happens here unless CLOUDCART_FAULTS is set, which only the tests do: `NAME@3` kills this process with SIGKILL
the third time it comes by NAME, `NAME%5` every fifth time on average (by CLOUDCART_FAULT_SEED); commas between.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable

#: Every crash point, in the order of a document's way.
POINTS = (
    "sync.saved",
    "sync.planned",
    "poster.leased",
    "poster.recovered",
    "poster.read",
    "poster.prepared",
    "outbox.claiming",
    "outbox.committed",
    "poster.socket",
    "poster.answered",
    "poster.followed",
    "poster.settling",
    "poster.settled",
    "reconcile.looked",
    "reconcile.settling",
    "reconcile.settled",
    "lists.refreshing",
    "lists.refreshed",
    "tokens.exchanged",
    "tokens.stored",
    "schedule.claimed",
)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def armed(text: str, seed: str = "") -> Callable[[str], None]:
    """The hook that a text like `poster.socket@1,*%50` describes. Raises ValueError for a point that does not exist."""
    at: dict[str, int] = {}
    often: dict[str, int] = {}
    for part in filter(None, text.split(",")):
        name, mark, number = part.partition("@") if "@" in part else part.partition("%")
        if name not in (*POINTS, "*"):
            raise ValueError(f"no crash point {name}")
        (at if mark == "@" else often)[name] = int(number)
    passed: dict[str, int] = {}
    dice = random.Random(f"{seed}{os.getpid() if seed == '' else ''}")  # noqa: S311  # a test's dice, not a secret

    def pass_by(name: str) -> None:
        if name not in POINTS:
            raise ValueError(f"no crash point {name}")
        passed[name] = passed.get(name, 0) + 1
        if at.get(name) == passed[name]:
            _die()
        one_in = often.get(name, often.get("*", 0))
        if one_in and dice.random() * one_in < 1:
            _die()

    return pass_by


_pass_by: Callable[[str], None] | None = (
    armed(os.environ["CLOUDCART_FAULTS"], os.environ.get("CLOUDCART_FAULT_SEED", ""))
    if os.environ.get("CLOUDCART_FAULTS")
    else None
)


def fault(name: str) -> None:
    """A crash point: nothing in production."""
    if _pass_by is not None:
        _pass_by(name)


def on_fault(hook: Callable[[str], None] | None) -> None:
    """Let a test see every crash point passed in this process (None: no more)."""
    global _pass_by
    _pass_by = hook
