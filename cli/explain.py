"""`cloudcart explain`: why one record became what it did, and why not, in plain words."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.records import about_records, previews, same_record

if TYPE_CHECKING:
    from engine.preview import Previewed


@click.command()
@about_records
@click.option("--id", "wanted", required=True, help="The record, by its id or its number.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    file: Path,
    source: str,
    records: Path,
    today: datetime | None,
    zone: str | None,
    flow: str | None,
    books: Path | None,
    wanted: str,
    form: str,
) -> None:
    """Tell why a record became what it did, and why not, in plain words."""
    from dsl.explain import explain
    from engine.preview import as_form, received

    program, found = previews(
        file, source=source, records=records, today=today, zone=zone, flow=flow, books=books
    )  # fmt: skip
    chosen = [one for one in found if same_record(one, wanted)]
    if not chosen:
        raise output.Refusal(f"There is no record {wanted} in {records}.")
    for one in chosen:
        told = None
        if one.decision is not None:
            told = explain(program, received(one), kind=one.kind, flow=one.flow, source=source, today=one.today)
        if form == "json":
            rules = told.as_json()["rules"] if told is not None else []
            output.json_line({**as_form(one, documents=True), "rules": rules})
            continue
        if told is not None:
            output.data(told.text().rstrip())
        for line in after_the_rules(one):
            output.data(line)


def after_the_rules(one: "Previewed") -> list[str]:
    """What matching and building said, and what would stand in the books."""
    from engine.preview import title_of

    lines = []
    if one.decision is None or one.outcome != one.decision.outcome:
        lines.append(f"In all: {one.outcome}. {one.reason or ''} {one.next_step}".rstrip())
    lines += [f"{each.severity}: {each.text} {each.next_step}".rstrip() for each in one.findings]
    if one.documents:
        lines += ["In the books:", *(f"  {title_of(each)}" for each in one.documents)]
    return lines
