"""`cloudcart run`: what a rule set makes of recorded records, one JSON object a line."""

from collections import Counter
from datetime import date
from pathlib import Path

import click

from cli import output
from cli.records import about_records, previews


@click.command()
@about_records
@click.option("--documents", is_flag=True, help="Add the documents that would stand in the books.")
@click.option("--explain", "explained", is_flag=True, help="Add why each rule fired or did not.")
def command(
    file: Path,
    source: str,
    records: Path,
    today: date | None,
    zone: str | None,
    flow: str | None,
    books: Path | None,
    documents: bool,
    explained: bool,
) -> None:
    """Show what a rule set makes of recorded records; nothing is sent anywhere.

    RECORDS is a JSON array, JSON lines, one record, or a recorded exchange that holds them at response.body.
    """
    from dsl.explain import explain
    from engine.preview import as_form, received

    program, found = previews(
        file, source=source, records=records, today=today, zone=zone, flow=flow, books=books
    )  # fmt: skip
    outcomes: Counter[str] = Counter()
    for one in found:
        outcomes[one.outcome] += 1
        form = as_form(one, documents=documents)
        if explained and one.decision is not None:
            told = explain(program, received(one), kind=one.kind, flow=one.flow, source=source, today=one.today)
            form["explanation"] = told.as_json()["rules"]
        output.json_line(form)
    output.say(", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()) or "There are no records.")
