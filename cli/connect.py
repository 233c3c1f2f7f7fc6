"""`cloudcart connect`: connects a shop or a company, with credentials that are typed, piped or signed in for."""

import json
import sys
from typing import TextIO

import click

from cli import output
from cli.workplace import workplace


@click.command()
@click.argument("kind", type=click.Choice(["woocommerce", "quickbooks"]))
@click.option("--name", help="What you call it, for instance 'Acme shop'.")
@click.option(
    "--credentials",
    type=click.File("r", encoding="utf-8"),
    help="A JSON object with the credentials; - reads standard input. The line that `sandbox` prints will do.",
)
@click.option("--set", "typed", metavar="BOX=VALUE", multiple=True, help="One box of the form; --boxes lists them.")
@click.option("--boxes", "list_boxes", is_flag=True, help="Show the boxes of the form, and end.")
@click.option(
    "--redirect-port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="QuickBooks: the port of http://localhost:PORT/callback, as it stands in the app's redirect URIs.",
)
def command(
    kind: str,
    name: str | None,
    credentials: TextIO | None,
    typed: tuple[str, ...],
    list_boxes: bool,
    redirect_port: int,
) -> None:
    """Connect a shop or a company, or give new credentials to a connection.

    What is missing is asked for on a terminal; secrets are not shown. They are stored sealed.
    """
    from engine import connecting
    from engine.connecting import CredentialsIncomplete
    from engine.working import ConnectorError

    if list_boxes:
        for box in connecting.boxes(kind):
            optional = "" if box.required else " (optional)"
            output.data(f"{box.name}: {box.label}{optional}. {box.help}".rstrip())
        return
    if not name:
        raise click.UsageError("Say what you call it: --name NAME.")
    given = connecting.understood(kind, {**read_json(credentials), **dict(box_of(text) for text in typed)})
    if sys.stdin.isatty():
        for box in connecting.missing(kind, given):
            if box.help:
                output.say(box.help)
            given[box.name] = click.prompt(box.label, hide_input=box.secret, err=True).strip()
    with workplace() as place:
        try:
            told = connecting.connect(
                place.office,
                kind=kind,
                name=name,
                credentials=given,
                send_browser_to=open_in_browser,
                redirect_port=redirect_port,
            )
        except CredentialsIncomplete as error:
            raise output.Refusal(str(error)) from error
        except ConnectorError as error:
            raise output.Refusal.of(error.message, f"{error.next_step} (Nothing was stored.)".lstrip()) from error
        except (ValueError, OSError) as error:
            raise output.Refusal(f"{error}.") from error
    output.data(f"connected {name}: {told}")


_AS_JSON = 'Write one object, {"name": "value", …}; `cloudcart connect KIND --boxes` lists the names.'


def read_json(file: TextIO | None) -> dict[str, object]:
    """The credentials of a file, if one is named."""
    if file is None:
        return {}
    try:
        text = file.read()
        told = json.loads(text) if text.strip() else None
    except (ValueError, OSError) as error:
        raise output.Refusal(f"The credentials in {file.name} are no JSON: {error}. {_AS_JSON}") from error
    if told is None:
        raise output.Refusal(f"{file.name} is empty. If a sandbox is to write it, wait until that has started.")
    if not isinstance(told, dict):
        raise output.Refusal(f"The credentials in {file.name} are no JSON object. {_AS_JSON}")
    return told


def box_of(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise click.UsageError(f"{text!r} is not BOX=VALUE")
    return name.strip(), value


def open_in_browser(url: str) -> None:
    """Sends the person to the sign-in page; the address is shown too, for a browser on this machine."""
    import webbrowser

    output.say(f"Sign in to QuickBooks and choose the company. If no browser opens, go to:\n{url}")
    webbrowser.open(url)
