"""`cloudcart log`: what happened, as people speak."""

from datetime import datetime
from typing import Any

import click

from cli import output
from cli.moments import MOMENT, shown, written
from cli.workplace import workplace


@click.command()
@click.option("--since", type=MOMENT, help="From this moment on: 2026-01-31, '2 hours', 30d.")
@click.option("--order", "order", help="Only this order, by its number or its id in the shop.")
@click.option("--problems", is_flag=True, help="Only warnings and errors.")
@click.option("--limit", type=click.IntRange(min=1), default=200, show_default=True, help="The last so many lines.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(since: datetime | None, order: str | None, problems: bool, limit: int, form: str) -> None:
    """Show what happened, the newest line last."""
    from engine import log

    with workplace() as place, place.store.read() as session:
        # The order's number lies inside the line's values, so lines are chosen here and not in the database.
        entries = log.read(
            place.scope,
            session,
            since=since,
            levels=("warning", "error") if problems else (),
            limit=limit if order is None else 1_000_000,
        )
    if order is not None:
        wanted = order.removeprefix("#")
        entries = [e for e in entries if _is_about(wanted, e.values, e.key.source_id if e.key else None)][-limit:]
    for entry in entries:
        if form == "json":
            output.json_line(
                {
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
    if not entries:
        output.say("Nothing was logged." if order is None else f"Nothing was logged about order {order}.")


def _is_about(order: str, values: Any, source_id: str | None) -> bool:
    return source_id == order or str(values.get("order") or "").removeprefix("#") == order
