"""`cloudcart holds`: what waits for a person, why, and what to do."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from cli import output
from cli.moments import shown, written
from cli.workplace import workplace

if TYPE_CHECKING:
    from engine.holds import Hold

#: How much of a hold's id is shown. An id begins with its time, so its end is what differs.
SHORT = 8


def short(uid: str) -> str:
    """A hold's id as it is shown and typed."""
    return uid.replace("-", "")[-SHORT:]


def record_name(hold: "Hold") -> str:
    """The record as people call it: "order #1007", "refund of order #1007", by its number where the hold knows it."""
    number = str(hold.values.get("order") or hold.values.get("number") or hold.key.source_id).removeprefix("#")
    part = hold.slot.partition(":")[0]
    of = f"{part} of " if part in ("refund", "payment") else ""
    return f"{of}{hold.key.kind} #{number}"


@click.command()
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(limit: int, form: str) -> None:
    """Show what waits for a person, the longest first."""
    from engine import holds

    with workplace() as place, place.store.read() as session:
        waiting = holds.held(place.scope, session, limit=limit)
    if form == "json":
        for hold in waiting:
            output.json_line(
                {
                    "id": hold.uid,
                    "kind": hold.key.kind,
                    "record": hold.key.source_id,
                    "name": record_name(hold),
                    "slot": hold.slot,
                    "code": hold.code,
                    "title": hold.title,
                    "reason": hold.reason,
                    "next_step": hold.next_step,
                    "held_since": written(hold.held_since),
                }
            )
    else:
        for line in told(waiting):
            output.data(line)
    if not waiting:
        output.say("Nothing waits for you.")


def told(waiting: Sequence["Hold"]) -> list[str]:
    """Holds for people, two lines each."""
    lines = []
    for hold in waiting:
        lines.append(f"{short(hold.uid)}  {record_name(hold)}: {hold.reason}")
        lines.append(f"{'':{SHORT}}  since {shown(hold.held_since)}. {hold.next_step}".rstrip())
    return lines
