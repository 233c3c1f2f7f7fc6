"""How every command speaks: data on standard output, words on standard error, one meaning per exit code.

It knows nothing of what is said.
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from shutil import which
from typing import Any

import click

#: Exit codes, the same for every command.
FOUND = 1  # the command worked, and what it looked at has errors
CALLED_WRONGLY = 2  # click's own
FAILED = 3  # the command could not do its work

#: The version of every JSON form printed; a form that changes so that readers break takes the next number.
FORM = 1


class Refusal(click.ClickException):
    """The command cannot go on: one sentence that says why, and the next step."""

    exit_code = FAILED

    @classmethod
    def of(cls, message: str, next_step: str) -> "Refusal":
        """What is wrong and the next step as sentences, whether or not the first one ends with its full stop."""
        return cls(f"{message.rstrip('.')}. {next_step}".rstrip())


def data(text: str, *, colour: bool | None = None) -> None:
    """Writes a line of data, with its colours or without them (None: with them on a terminal).

    Where the reader (`head`, for instance) has gone, the command ends: it is not done.
    """
    try:
        click.echo(text, color=colour)
    except BrokenPipeError:
        # Python would complain when it closes the stream; click would end with 1, which means something else here.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(FAILED) from None


def json_line(form: dict[str, Any]) -> None:
    """Writes one JSON object on one line, with the version of its form."""
    data(json.dumps({"v": FORM, **form}, ensure_ascii=False, separators=(",", ":")))


def say(text: str) -> None:
    """Writes a line for people."""
    click.echo(text, err=True)


def counted(count: int, word: str) -> str:
    """`1 order`, `2 orders`."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def called() -> str:
    """How this program is called from where the person stands: what `./dev` says, `cloudcart`, or the way to it."""
    if said := os.environ.get("CLOUDCART_CALLED"):
        return said
    here = Path(sys.argv[0])
    if which("cloudcart") or here.name != "cloudcart":
        return "cloudcart"
    with suppress(ValueError):
        return str(here.resolve().relative_to(Path.cwd()))
    return str(here)
