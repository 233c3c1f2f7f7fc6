"""`cloudcart worker`: does what is due until it is stopped."""

import logging

import click

from cli import output
from cli.workplace import workplace


@click.command()
@click.option(
    "--tick", type=click.FloatRange(min=0.1), default=3.0, show_default=True, help="Seconds between two looks for work."
)
def command(tick: float) -> None:
    """Fetch and post what is due, until it is stopped.

    Any number of workers may run, on any number of machines. SIGTERM lets the send that is under way end first.
    """
    from engine.application import application
    from engine.jobs import work
    from engine.valkey import EmbeddedValkey, ValkeyError

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    with workplace() as place:
        configured = place.settings
        embedded = None
        redis_url: str | None = configured.redis_url
        if not redis_url:
            try:
                embedded = EmbeddedValkey(configured).start()
                redis_url = embedded.url
            except ValkeyError as error:
                # Wake-ups are a convenience: the ticker finds the work by itself, only later.
                output.say(f"No wake-ups: {error}. Work is looked for every {tick:g} s.")
                redis_url = None
        try:
            app = application(
                place.store,
                place.sealer,
                place.clock,
                redis_url=redis_url,
                allow_private=configured.allow_private_hosts,
            )
            output.say(f"The worker is ready (database {place.store.dialect}, wake-ups {told(redis_url, embedded)}).")
            work(app, redis_url, tick_every=tick)
        finally:
            if embedded is not None:
                embedded.stop()
    output.say("The worker has ended.")


def told(redis_url: str | None, embedded: object) -> str:
    """Which server carries the wake-ups, without its password."""
    if redis_url is None:
        return "none"
    return "embedded Valkey" if embedded is not None else redis_url.rpartition("@")[2].partition("?")[0]
