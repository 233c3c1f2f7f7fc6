"""`cloudcart received`: orders as the shop sent them, for `run`, `explain` and tests in rule sets."""

from datetime import datetime

import click

from cli import output
from cli.moments import MOMENT
from cli.workplace import workplace


@click.command()
@click.argument("numbers", metavar="[NUMBER]…", nargs=-1)
@click.option("--since", type=MOMENT, help="Those first read since this moment: 2026-01-31, '2 hours', 30d.")
def command(numbers: tuple[str, ...], since: datetime | None) -> None:
    """Write orders as the shop sent them, for run and explain.

    They are named by their numbers or their ids in the shop, and written as JSON, one a line: the other commands take such
    a file as --input. The shop is not asked: these are the orders that were read.
    """
    from engine import received
    from engine.store.types import to_json

    if bool(numbers) == (since is not None):
        raise click.UsageError("Say which: one or more numbers, or --since MOMENT.")
    missing, purged = set(numbers), []
    with workplace() as place, place.store.read() as session:
        for kept in received.orders(place.scope, session, called=numbers, since=since):
            names = {kept.key.source_id, (kept.number or "").removeprefix("#")}
            missing = {each for each in missing if each.removeprefix("#") not in names}
            if kept.raw is None:
                purged.append(kept.number or kept.key.source_id)
            else:
                output.data(to_json(kept.raw))
    if purged:
        output.say(f"What the shop sent is no longer kept of: {', '.join(purged)}.")
    if missing:
        raise output.Refusal(
            f"No order that was read is called {', '.join(sorted(missing))}; `cloudcart sync` reads the shop."
        )
