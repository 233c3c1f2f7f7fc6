"""`cloudcart sandbox`: runs a local shop or local books until it is stopped."""

import errno
import json
import signal
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from cli import output

#: What can be played; each is a package sandbox.KIND with Options and start(), which gives a sandbox.running.RunningSandbox.
KINDS = ("woocommerce", "quickbooks")


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 takes any free port.")
@click.option(
    "--data", type=click.Path(dir_okay=False, path_type=Path), help="Keeps what happens in this file between runs."
)
@click.option(
    "--log",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Writes every request and answer here, as JSON lines.",
)
@click.option("--set", "typed", metavar="NAME=VALUE", multiple=True, help="Turns a switch; --switches lists them.")
@click.option("--switches", "list_switches", is_flag=True, help="Show the switches, and end.")
def command(
    kind: str, port: int, data: Path | None, log: Path | None, typed: tuple[str, ...], list_switches: bool
) -> None:
    """Run a local shop or local books for trying things out.

    It behaves as the real system does, over HTTP on 127.0.0.1 only. When it is ready it prints one line of JSON with
    its address and credentials; it runs until it is interrupted.
    """
    played = import_module(f"sandbox.{kind}")
    known = played.Options.told()
    if list_switches:
        for name, (default, words) in sorted(known.items()):
            output.data(f"{name} ({json.dumps(default, default=str)}): {words}")
        return
    try:
        options = played.Options.from_mapping(dict(switch(text, known) for text in typed))
        running = played.start(options, port=port, data=data, log=log)
    except ValueError as error:
        raise click.UsageError(f"{error} (see --switches)") from error
    except OSError as error:
        raise output.Refusal(f"The {kind} sandbox cannot start: {why(error, port)}") from error

    # A service manager's way to stop it is as good as Ctrl-C.
    signal.signal(signal.SIGTERM, interrupt)
    with running:
        output.json_line(running.ready())
        try:
            running.wait()
        except KeyboardInterrupt:
            output.say(f"The {kind} sandbox stops.")


def why(error: OSError, port: int) -> str:
    """What is in the way, and the next step."""
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} is taken by another program. Choose another with --port, or none: any free one is taken then."
        )
    return f"{error.filename or f'port {port}'}: {error.strerror}."


def interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def switch(text: str, known: Mapping[str, tuple[Any, str]]) -> tuple[str, Any]:
    """`name=value` as a name and a value: text where the switch holds text, else JSON where it is (true, 3, ["a"])."""
    name, found, value = text.partition("=")
    name = name.strip()
    if not found:
        raise ValueError(f"{text!r} is not NAME=VALUE")
    if name not in known:
        raise ValueError(f"no switch is called {name!r}")
    if isinstance(known[name][0], str):
        return name, value  # "2.4" is a version, and no number
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value
