"""`cloudcart disconnect`: ends a connection; what was posted stays."""

import click

from cli import output
from cli.workplace import workplace


@click.command()
@click.argument("name")
def command(name: str) -> None:
    """End a connection: tokens are given back, secrets are forgotten, nothing moves over it any more.

    What was posted stays. Connecting the same shop or company again goes on where it stopped and doubles nothing.
    """
    from engine import systems
    from engine.working import ConnectorError

    with workplace() as place:
        try:
            row = systems.disconnect(place.office, name)
        except ConnectorError as error:
            raise output.Refusal.of(error.message, error.next_step) from error
    output.data(f"disconnected {row.name}")
    if row.kind == "woocommerce":
        output.say("Its key still stands in the shop: revoke it under WooCommerce, Settings, Advanced, REST API.")
