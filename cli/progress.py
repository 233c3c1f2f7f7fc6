"""How far long work is, on standard error, where that is a terminal: changes when progress looks otherwise."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

#: (how far, of how much, how many things were done, in how many seconds)
Show = Callable[[int, int, int, float], None]
_WIDE = 30


@contextmanager
def bar(things: str) -> Iterator[Show]:
    """A bar that moves when it is told how far things are, and is gone at the end. Elsewhere it shows nothing."""
    if not sys.stderr.isatty():
        yield lambda part, whole, count, seconds: None
        return

    def show(part: int, whole: int, count: int, seconds: float) -> None:
        done = min(1.0, part / whole) if whole else 1.0
        filled = int(done * _WIDE)
        speed = f", {count / seconds:,.0f} a second" if seconds > 1 else ""
        click.echo(
            f"\r  {'━' * filled}{'╌' * (_WIDE - filled)} {done:4.0%}  {count:,} {things}{speed} ", nl=False, err=True
        )

    try:
        yield show
    finally:
        click.echo("\r" + " " * 90 + "\r", nl=False, err=True)
