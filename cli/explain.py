"""`cloudcart explain`: why one record became what it did, and why not, in plain words."""

from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import colours, output
from cli.records import about_records, previews, same_record

if TYPE_CHECKING:
    from dsl.explain import Explanation, RuleStory
    from dsl.explain.telling import Line
    from dsl.program import Program
    from engine.preview import Previewed


@click.command()
@about_records
@click.option("--id", "wanted", required=True, help="The record, by its id or its number.")
@click.option("--rule", "title", help="Tell of this rule only, by its title or a part of it.")
@click.option("--all", "everything", is_flag=True, help="Tell of every rule, however far off it was.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@colours.option
def command(
    file: Path,
    source: str,
    records: Path,
    today: date | None,
    zone: str | None,
    flow: str | None,
    books: Path | None,
    wanted: str,
    title: str | None,
    everything: bool,
    form: str,
    color: str,
) -> None:
    """Tell why a record became what it did, and why not, in plain words.

    First what it became, then the rules that acted, then those that did not: the nearest miss first, with the values
    that were there.
    """
    from cli.telling import Teller
    from dsl.explain import explain, kept_out
    from engine.preview import as_form, received
    from engine.rulesets import schema

    program, found = previews(
        file, source=source, records=records, today=today, zone=zone, flow=flow, books=books
    )  # fmt: skip
    chosen = [one for one in found if same_record(one, wanted)]
    if not chosen:
        raise output.Refusal(f"There is no record {wanted} in {records}.")
    told_before = False
    for number, one in enumerate(chosen):
        explanation = None
        if one.decision is not None:
            explanation = explain(
                program,
                received(one),
                kind=one.kind,
                flow=one.flow,
                source=source,
                today=one.today,
                schema=schema(),
            )
        asked = None if title is None else asked_for(explanation, title)
        if form == "json":
            stories = asked if asked is not None else explanation.stories if explanation is not None else ()
            output.json_line({**as_form(one, documents=True), "rules": [each.as_json() for each in stories]})
            continue
        if number:
            output.data("")
        after_order = told_before and one.kind == "refund" and not everything
        why = ""
        if explanation is None and one.order is not None and one.flow is not None:
            why = kept_out(
                program, received(one), kind=one.kind, flow=one.flow, today=one.today, schema=schema()
            )  # fmt: skip
            if why:
                why += taken_by(program, one)
        told = story(one, explanation, why=why, everything=everything, only=asked, after_order=after_order)
        Teller(color).tell(told)
        told_before = told_before or (one.kind == "order" and explanation is not None)


def taken_by(program: "Program", one: "Previewed") -> str:
    """The flow of the file that would take a record which another one keeps out, to be asked for by its name."""
    from dsl.program import EvaluationFailure
    from engine.preview import received

    for flow in program.flows:
        try:
            if flow.name != one.flow and not flow.off and flow.accepts(received(one), kind=one.kind, today=one.today):
                return f'. The flow "{flow.name}" takes it: ask with --flow "{flow.name}".'
        except EvaluationFailure:
            continue
    return ""


def asked_for(explanation: "Explanation | None", title: str) -> "list[RuleStory]":
    """The rules that a person means: the one of that title, or those whose title has these words in it."""
    stories = [] if explanation is None else list(explanation.stories)
    wanted = title.casefold().strip()
    same = [each for each in stories if wanted in (each.rule.casefold(), each.rule.casefold().partition(": ")[2])]
    found = same or [each for each in stories if wanted in each.rule.casefold()]
    if not found:
        close = get_close_matches(title, [each.rule for each in stories], n=1)
        meant = f' Did you mean "{close[0]}"?' if close else ""
        raise output.Refusal(f'No rule that could run on this record is called "{title}".{meant}')
    return found


def story(
    one: "Previewed",
    explanation: "Explanation | None",
    *,
    why: str = "",
    everything: bool = False,
    only: "list[RuleStory] | None" = None,
    after_order: bool = False,
) -> "list[Line]":
    """How a record ended, the documents, what matching and building said, and each rule's part in it."""
    from dsl.explain import OUTCOMES, record_name
    from dsl.explain.telling import Line, told
    from engine.preview import title_of

    verdict = ""
    if one.decision is None or one.outcome != one.decision.outcome:
        name = record_name(one.record or {one.kind: {"id": one.id}}, one.kind)
        reason = f"{OUTCOMES[one.outcome]}: {one.reason}" if one.reason else OUTCOMES[one.outcome]
        verdict = f"{name} {reason} {one.next_step}".rstrip()
    notes = [
        f"{each.severity}: {each.text} {each.next_step}".rstrip()
        for each in one.findings
        if each.text not in (one.reason or "")
    ]
    as_what = "as" if one.outcome == "sync" else "once it goes on, as"
    documents = [f"{as_what} {title_of(each)}" for each in one.documents]
    if explanation is None:
        style = "quiet" if one.outcome == "skip" else "waiting"
        because = [Line(f"The flow's condition: {why}", "plain", 2)] if why else []
        return [Line(verdict, style, 0, 4), *because, *(Line(each, "plain", 2) for each in notes)]
    return told(
        explanation,
        verdict,
        outcome=one.outcome,
        documents=documents,
        notes=notes,
        everything=everything,
        only=only,
        after_order=after_order,
    )
