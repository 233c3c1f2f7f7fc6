"""`cloudcart plan`: what another version of a rule set would change in the books, over recorded orders."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import colours, output
from cli.moments import DAY
from cli.progress import bar
from cli.records import FILE, choose_flow, is_zone, load_books, load_program, read_snapshot, read_text, this_day

if TYPE_CHECKING:
    from dsl.program import FlowSpec, Program
    from engine.plan.running import Case, Plan, Question, Version


@click.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option(
    "--source", type=click.Choice(["woocommerce"]), default="woocommerce", show_default=True, help="Whose records."
)
@click.option("--input", "records", type=FILE, help="Raw records, as the API gives them.")
@click.option(
    "--posted", is_flag=True, help="The orders that were read, against what stands in the books (the ledger)."
)
@click.option("--books", type=FILE, help="A snapshot that `cloudcart books` wrote; neutral books if not said.")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of NEW, as a rule set writes it."
)
@click.option("--today", type=DAY, help="The day of both runs; today if not said.")
@click.option("--zone", help="The shop's time zone, for instance America/New_York, if it is known.")
@click.option("--flow", help="Decide as this flow of both files would; as the first that takes the order if not said.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes; as many as the machine has cores if not said.")
@click.option("--each", is_flag=True, help="Every single difference too, one a line.")
@click.option("--all", "everything", is_flag=True, help="Every group and every sum, also small ones.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@colours.option
def command(
    old: Path,
    new: Path,
    source: str,
    records: Path | None,
    posted: bool,
    books: Path | None,
    settings: tuple[str, ...],
    today: date | None,
    zone: str | None,
    flow: str | None,
    jobs: int | None,
    each: bool,
    everything: bool,
    form: str,
    color: str,
) -> None:
    """Show what NEW in place of OLD would change in the books, over recorded orders.

    Nothing is sent anywhere. Each order is decided by the first flow of the file that takes it, unless --flow names one.
    Exit code 0 where nothing would change, 1 where something would.
    """
    from cli.telling import Teller
    from engine.plan.running import Question, Version
    from engine.plan.telling import as_form, told
    from engine.spread import cores

    if records is None and not posted:
        raise click.UsageError("Say which orders: --input RECORDS, --posted (those that were read), or both.")
    if zone is not None and not is_zone(zone):
        raise output.Refusal(f"{zone} is no time zone; say it as in America/New_York.")
    before, after = load_program(old), load_program(new)
    if settings:
        after = with_settings(after, new, settings)
    snapshot = None if books is None else read_snapshot(books)
    question = Question(
        old=Version(name=str(old), program=before, flows=flows_of(before, flow)),
        new=Version(name=str(new), program=after, flows=flows_of(after, flow)),
        source=source,
        today=today or this_day(),
        zone=zone,
        books=load_books(books),
        closed_until=None if snapshot is None else snapshot.profile.closed_until,
    )
    with asked(question, records, posted=posted, flow=flow, today=today) as (question, cases, whole):
        plan = carried_out(question, cases, whole, jobs=jobs or cores(), each=each, form=form)
    named = tuple(called(version) for version in (question.old, question.new))
    if named[0] == named[1]:
        named = (f"{named[0]} as it is", f"{named[1]} with {', '.join(settings) or 'no change'}")
    if form == "json":
        output.json_line({"kind": "plan", **as_form(plan, *named)})
    else:
        Teller(color).tell(told(plan, *named, everything=everything))
    if plan.differs:
        raise SystemExit(output.FOUND)


def flows_of(program: "Program", name: str | None) -> "tuple[FlowSpec, ...]":
    """The flow of that name, or all that move orders and are not switched off."""
    if name is not None:
        chosen = choose_flow(program, name)
        return () if chosen is None else (chosen,)
    return tuple(each for each in program.flows if each.sync in (None, "orders") and not each.off)


def with_settings(program: "Program", file: Path, given: tuple[str, ...]) -> "Program":
    """A file's program with the settings that were typed."""
    from cli.libraries import library_for
    from engine.plan.settings import SettingRefused
    from engine.plan.settings import with_settings as changed
    from engine.rulesets import tables_beside

    try:
        return changed(
            program,
            given,
            text=read_text(file),
            file=str(file),
            tables=tables_beside(file),
            library=library_for(file),
        )
    except SettingRefused as refused:
        raise output.Refusal(str(refused)) from refused


def called(version: "Version") -> str:
    return Path(version.name).name


@contextmanager
def asked(
    question: "Question", records: Path | None, *, posted: bool, flow: str | None, today: date | None
) -> "Iterator[tuple[Question, Iterable[tuple[Case, int]], int]]":
    """The question with all that the store adds to it, the orders, and how much there is of them (bytes, or orders)."""
    from engine.plan.running import Case
    from engine.raw_records import stream

    if not posted and records is not None:
        yield question, ((Case(text), place) for text, place in stream(records)), records.stat().st_size
        return
    from cli.workplace import workplace
    from engine.plan.posted import NothingPublished, Posted

    with workplace() as place:
        name = flow or next((each.name for each in question.new.flows), None)
        try:
            ledger = Posted.of_flow(place.store, place.scope, place.clock, name)
        except NothingPublished as error:
            raise output.Refusal(str(error)) from error
        spec = next((each for each in question.new.flows if each.name == ledger.flow.name), None)
        question = replace(
            question,
            today=today or ledger.today,
            zone=question.zone or ledger.shop.zone,
            books=question.books or ledger.books(),
            closed_until=question.closed_until or ledger.closed_until,
            store=ledger.shop.identity,
            starting=ledger.starting(spec.starting if spec is not None else None),
        )
        if records is None:
            yield question, ledger.cases(), ledger.count()
        else:
            found = ((source_id(text), text, at) for text, at in stream(records))
            yield question, ledger.standing_for(found), records.stat().st_size


def source_id(text: str) -> str:
    """The id of a raw order."""
    import json

    return str(json.loads(text).get("id", ""))


def carried_out(
    question: "Question", cases: "Iterable[tuple[Case, int]]", whole: int, *, jobs: int, each: bool, form: str
) -> "Plan":
    """The plan of all orders, with progress on a terminal; single differences are printed as they come."""
    from engine.plan.running import Plan, each_form, run
    from engine.raw_records import RecordsUnreadable

    plan = Plan()
    try:
        began = time.monotonic()
        with bar("orders") as show:
            for part in run(question, cases, jobs=jobs, each=each):
                for difference in part.each:
                    if form == "json":
                        output.json_line(each_form(difference))
                    else:
                        for line in single(each_form(difference)):
                            output.data(line)
                plan.merge(part)
                show(plan.read, whole, plan.orders, time.monotonic() - began)
    except RecordsUnreadable as error:
        raise output.Refusal(str(error)) from error
    if each and form == "text" and plan.differing:
        output.data("")
    return plan


def single(form: dict[str, Any]) -> Iterator[str]:
    """One difference for people: the document with what differs, or how the record ends."""
    slot = "" if form["slot"] == "sale" else f" ({form['slot']})"
    if form["kind"] == "outcome":
        reason = f": {form['reason']}" if form["reason"] else ""
        yield f"order {form['order']}{slot}: {form['old']} → {form['new']}{reason}"
        return
    yield f"order {form['order']}: {form['type']}{slot} {form['change']}"
    for each in form["fields"]:
        of = f" of the {each['line']} line" if each["line"] else ""
        if each["what"] == "field":
            yield f"    {each['field'].replace('_', ' ')}{of}: {each['before']} → {each['after']}"
        else:
            yield f"    {each['what']}: {each['before'] or each['after']}"
    if form["touches"] is not None:
        yield f"    in the books: {form['touches']['action']} {form['touches']['why']}".rstrip()
