"""`cloudcart books`: writes a snapshot of a company's lists, which `check`, `run` and `explain` read."""

from pathlib import Path

import click

from cli import output
from cli.workplace import workplace


@click.command()
@click.argument("name")
@click.option("--output", "to", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write it here.")
def command(name: str, to: Path | None) -> None:
    """Write a snapshot of the books: accounts, classes, items, customers, tax codes, terms and preferences.

    NAME is the connection's name. Without --output the JSON goes to standard output.
    """
    import json

    from engine import snapshot
    from engine.working import ConnectorError

    with workplace() as place:
        try:
            taken = snapshot.take(place.office, name)
        except ConnectorError as error:
            raise output.Refusal.of(error.message, error.next_step) from error
    text = json.dumps(taken, ensure_ascii=False, indent=1) + "\n"
    if to is None:
        output.data(text.rstrip("\n"))
        return
    try:
        to.write_text(text, encoding="utf-8")
    except OSError as error:
        raise output.Refusal(f"{to} cannot be written: {error.strerror}.") from error
    counts = ", ".join(
        f"{len(entries)} {kind.replace('_', ' ')}" for kind, entries in taken["lists"].items() if entries
    )
    output.say(f"Wrote {to}: {counts or 'empty lists'}.")
