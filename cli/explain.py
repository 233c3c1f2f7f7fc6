"""`cloudcart explain`: why one record became what it did, and why not, in plain words."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.records import about_records, previews, same_record

if TYPE_CHECKING:
    from dsl.explain import Explanation
    from engine.preview import Previewed


@click.command()
@about_records
@click.option("--id", "wanted", required=True, help="The record, by its id or its number.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    file: Path,
    source: str,
    records: Path,
    today: date | None,
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
        for line in story(one, told):
            output.data(line)


def story(one: "Previewed", told: "Explanation | None") -> list[str]:
    """How a record ended, each rule's part in it, what matching and building said, and what stands in the books then."""
    from dsl.explain import OUTCOMES, record_name
    from engine.preview import title_of

    verdict = ""
    if one.decision is None or one.outcome != one.decision.outcome:
        name = record_name(one.record or {one.kind: {"id": one.id}}, one.kind)
        reason = f"{OUTCOMES[one.outcome]}: {one.reason}" if one.reason else OUTCOMES[one.outcome]
        verdict = f"{name} {reason} {one.next_step}".rstrip()
    lines = [verdict] if told is None else told.text(verdict).splitlines()
    lines += [
        f"{each.severity}: {each.text} {each.next_step}".rstrip()
        for each in one.findings
        if each.text not in (one.reason or "")
    ]
    if one.documents:
        lines.append("In the books:" if one.outcome == "sync" else "In the books, once it goes on:")
        lines += [f"  {title_of(each)}" for each in one.documents]
    return lines
