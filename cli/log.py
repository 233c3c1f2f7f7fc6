"""`cloudcart log`: what happened, as people speak."""

from datetime import datetime

import click

from cli import output
from cli.moments import MOMENT, shown, written
from cli.workplace import workplace


@click.command()
@click.option("--since", type=MOMENT, help="From this moment on: 2026-01-31, '2 hours', 30d.")
@click.option("--order", "order", help="Only this order, by its number or its id in the shop.")
@click.option("--problems", is_flag=True, help="Only warnings and errors.")
@click.option("--limit", type=click.IntRange(min=1), default=200, show_default=True, help="The last so many lines.")
@click.option(
    "--before", type=click.IntRange(min=1), metavar="LINE", help="Those before this line: one page further back."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    since: datetime | None, order: str | None, problems: bool, limit: int, before: int | None, form: str
) -> None:
    """Show what happened, the newest line last."""
    from engine import log

    with workplace() as place, place.store.read() as session:
        entries = log.read(
            place.scope,
            session,
            order=order,
            since=since,
            levels=("warning", "error") if problems else (),
            before_id=before,
            limit=limit + 1,  # one more tells whether there are earlier ones
        )
    earlier, entries = len(entries) > limit, entries[-limit:]
    for entry in entries:
        if form == "json":
            output.json_line(
                {
                    "line": entry.id,
                    "at": written(entry.at),
                    "level": entry.level,
                    "code": entry.code,
                    "text": entry.text,
                    "record": None if entry.key is None else {"kind": entry.key.kind, "id": entry.key.source_id},
                    "values": dict(entry.values),
                }
            )
        else:
            mark = "" if entry.level == "info" else f"{entry.level}: "
            output.data(f"{shown(entry.at)}  {mark}{entry.text}")
    if earlier:
        output.say(f"There are earlier lines: add --before {entries[0].id}, or a larger --limit.")
    if not entries:
        output.say("Nothing was logged." if order is None else f"Nothing was logged about order {order}.")
