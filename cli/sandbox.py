"""`cloudcart sandbox`: runs a local shop or local books until it is stopped."""

import dataclasses
import importlib
import json
import signal
from pathlib import Path
from typing import Any, NoReturn

import click

from cli import output

#: What can be played; each is a package sandbox.KIND with Options and start().
KINDS = ("woocommerce",)


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
@click.option("--set", "switches", metavar="NAME=VALUE", multiple=True, help="Turns a switch; --switches lists them.")
@click.option("--switches", "list_switches", is_flag=True, help="Show the switches, and end.")
def command(
    kind: str, port: int, data: Path | None, log: Path | None, switches: tuple[str, ...], list_switches: bool
) -> None:
    """Run a local shop or local books for trying things out.

    It behaves as the real system does, over HTTP on 127.0.0.1 only. When it is ready it prints one line of JSON with
    its address and credentials; it runs until it is interrupted.
    """
    module = importlib.import_module(f"sandbox.{kind}")
    if list_switches:
        for name, help_ in sorted(module.Options.help().items()):
            output.data(f"{name}: {help_}")
        return
    try:
        options = module.Options.from_mapping(dict(switch(text, module.Options) for text in switches))
    except (TypeError, ValueError) as error:
        raise click.UsageError(f"{error} (see --switches)") from error
    try:
        running = module.start(options, port=port, data_file=data, log=log)
    except (OSError, ValueError) as error:
        raise output.Refusal(f"The {kind} sandbox cannot start: {error}") from error

    # A service manager's way to stop it is as good as Ctrl-C.
    signal.signal(signal.SIGTERM, interrupt)
    with running:
        output.json_line(running.ready())
        try:
            running.wait()
        except KeyboardInterrupt:
            output.say(f"The {kind} sandbox stops.")


def interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def switch(text: str, options: type[Any]) -> tuple[str, Any]:
    """`name=value` as a name and a value: text where the switch holds text, else JSON where it is (true, 3, ["a"])."""
    name, found, value = text.partition("=")
    if not found:
        raise ValueError(f"{text!r} is not NAME=VALUE")
    name = name.strip()
    if any(field.name == name and isinstance(field.default, str) for field in dataclasses.fields(options)):
        return name, value  # "2.4" is a version, and no number
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value
