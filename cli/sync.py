"""`cloudcart sync`: one run of a flow now, from the shop to the books, told as it goes."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import output
from cli.libraries import library_for
from cli.moments import DAY, shown
from cli.records import read_text, readable, show_broken
from cli.release import user
from cli.workplace import Workplace, workplace

if TYPE_CHECKING:
    from engine.posting.turn import Report
    from engine.publishing import FlowRow
    from engine.working import Desk


@click.command()
@click.argument("what", metavar="FILE|FLOW")
@click.option("--since", type=DAY, help="Read orders from this day on, whatever was read before.")
@click.option("--until", type=DAY, help="Read orders up to this day.")
@click.option("--status", "statuses", multiple=True, help="Read only orders of this status.")
@click.option("--order", help="Let only this order out, by its number or id; the others wait for the next run.")
@click.option("--no-post", is_flag=True, help="Fetch and plan only; a worker, or the next sync, posts.")
@click.option(
    "--wait",
    type=click.IntRange(min=0),
    default=180,
    show_default=True,
    help="Seconds to wait for what is unconfirmed.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    what: str,
    since: date | None,
    until: date | None,
    statuses: tuple[str, ...],
    order: str | None,
    no_post: bool,
    wait: int,
    form: str,
) -> None:
    """Run flows now: fetch what changed, decide, and post it.

    FILE is a rule-set file: it is published first (the same text again publishes nothing). FLOW is the title of a flow
    that was published. Running it again posts nothing twice. Where the books let nothing in just now, what is planned
    waits, and the exit code is 3.
    """
    from engine import lists
    from engine.working import ConnectorError, Desk

    if since is not None and until is not None and until < since:
        raise click.UsageError(f"--until {until} lies before --since {since}.")
    told: dict[str, Any] = {"flows": [], "posted": [], "calls": {}}
    with workplace() as place:
        flows = publish(place, Path(what)) if Path(what).is_file() else [named(place, what)]
        desk = Desk(place.office)
        lists.distrust(place.store, at=place.clock.now())
        try:
            for flow in flows:
                told["flows"].append(run(desk, flow, since, until, statuses, order))
            if not no_post:
                calls: Counter[str] = Counter()
                for company in dict.fromkeys(flow.company_id for flow in flows):
                    told["posted"].append(post(desk, place, company, calls, wait))
                told["calls"] = dict(calls)
        except ConnectorError as error:
            raise output.Refusal.of(error.message, error.next_step) from error
    if form == "json":
        output.json_line(told)
    else:
        for line in lines(told):
            output.data(line)
    if any(posted["paused"] for posted in told["posted"]):
        raise SystemExit(output.FAILED)


def publish(place: Workplace, file: Path) -> "list[FlowRow]":
    """The flows of a rule-set file, published under the file's name."""
    from engine import publishing
    from engine.connections import CompanyRow
    from engine.packs.kept import StoreLibrary
    from engine.publishing import FlowUnbound
    from engine.rulesets import RuleSetBroken, tables_beside
    from engine.working import Desk

    desk = Desk(place.office)

    def read_lists(company: CompanyRow) -> None:
        with desk.books(company) as books:
            desk.freshen(company, books)

    with readable(file):
        text, tables = read_text(file), tables_beside(file)
    try:
        published = publishing.publish(
            place.store, place.scope, name=file.stem, text=text, tables=tables, author=user(), at=place.clock.now(),
            read_lists=read_lists, library=library_for(file, store=StoreLibrary(place.store, place.scope)),
        )  # fmt: skip
    except RuleSetBroken as broken:
        show_broken(broken, file)
        raise output.Refusal(f"{broken}; nothing was published (cloudcart check {file}).") from broken
    except FlowUnbound as error:
        raise output.Refusal(str(error)) from error
    if published.new:
        output.say(f"Published {file} as version {published.number} of '{file.stem}'.")
        for each in published.warnings:
            meant = f" – {each.label}" if each.label else ""
            output.say(f"  {file.name}, line {each.start.line}: {each.message}{meant} ({each.code})")
        for idle in published.idle:
            output.say(f"  {idle}")
        for reason in published.unread:
            output.say(f"  Accounts, classes and codes are compared with the books at the first run: {reason}")
    if not published.flows:
        raise output.Refusal(f'{file} has no flow that moves orders; add one: flow "…" from woocommerce to quickbooks.')
    return list(published.flows)


def named(place: Workplace, title: str) -> "FlowRow":
    """A published flow by its title."""
    from engine import publishing

    with place.store.read() as session:
        found = publishing.named(place.scope, session, title)
        known = publishing.flows(place.scope, session)
    if found is None:
        there = ", ".join(f"'{flow.name}'" for flow in known) or "none yet"
        raise output.Refusal(f"There is neither a file nor a published flow called {title}; flows: {there}.")
    return found


def run(
    desk: "Desk", flow: "FlowRow", since: date | None, until: date | None, statuses: tuple[str, ...], only: str | None
) -> dict[str, Any]:
    """Fetches and plans for one flow."""
    with progress(f"{flow.name}: fetching") as said:
        fetched, planned = desk.run(
            flow.id,
            since=since,
            until=until,
            statuses=statuses,
            only=only,
            fetched=lambda report: said(f"{flow.name}: {report.records} orders fetched"),
            planned=lambda report: said(f"{flow.name}: {report.judged} orders decided"),
        )
    return {
        "flow": flow.name,
        "fetched": fetched.records,
        "changed": fetched.changed,
        "unreadable": fetched.unreadable,
        "findings": list(dict.fromkeys(fetched.findings)),
        "judged": planned.judged,
        "outcomes": dict(planned.outcomes),
        "reasons": dict(planned.reasons.most_common()),
        "planned": planned.planned,
    }


def post(desk: "Desk", place: Workplace, company: int, calls: Counter[str], wait: int) -> dict[str, Any]:
    """Posts what is due for a company, and waits for what is unconfirmed; at most `wait` seconds."""
    total: Counter[str] = Counter()
    until = place.clock.now() + timedelta(seconds=wait)
    with progress("posting") as said:
        while True:
            report, made = desk.post(company, seconds=3600.0)
            calls.update(made)
            total.update(counts(report))
            said(f"{total['posted']} documents posted")
            if report.busy or report.next_at is None or report.next_at > until:
                break
            pause = max(0.2, (report.next_at - place.clock.now()).total_seconds())
            said(f"{total['posted']} documents posted; waiting {pause:.0f} s: {report.paused or 'to look again'}")
            place.clock.sleep(pause)
    return {
        **total,
        "busy": report.busy,
        "paused": report.paused,
        "next_at": None if report.next_at is None else report.next_at.isoformat(timespec="seconds"),
    }


_REASONS = 12  # a screenful; the rest is in the log
_COUNTED = ("sends", "posted", "updated", "removed", "named", "found", "unchanged", "rejected", "held", "dead")


def counts(report: "Report") -> dict[str, int]:
    return {name: getattr(report, name) for name in _COUNTED}


def lines(told: dict[str, Any]) -> list[str]:
    """A run for people: what came in, what became of it, what waits and why."""
    said = []
    for flow in told["flows"]:
        said.append(
            f"{flow['flow']}: {output.counted(flow['fetched'], 'order')} read, {flow['changed']} of them new or changed"
        )
        outcomes = [
            f"{flow['outcomes'][name]} {word}" for name, word in _OUTCOMES.items() if flow["outcomes"].get(name)
        ]
        if outcomes:
            said.append(
                f"  decided: {', '.join(outcomes)}; {output.counted(flow['planned'], 'thing')} to do in the books"
            )
        reasons = list(flow["reasons"].items())
        said += [f"  {count} x {reason}" for reason, count in reasons[:_REASONS]]
        if len(reasons) > _REASONS:
            said.append(f"  and {len(reasons) - _REASONS} reasons more; `cloudcart log` has them all")
        said += [f"  note: {finding}" for finding in flow["findings"]]
    for posted in told["posted"]:
        if posted["busy"]:
            said.append("A worker is posting for this company already; `cloudcart log` shows what it does.")
            continue
        done = [
            f"{output.counted(posted[name], thing) if thing else posted[name]} {became}"
            for name, (thing, became) in _DONE.items()
            if posted.get(name)
        ]
        said.append(f"In the books: {', '.join(done) or 'nothing to do'}.")
        if posted["rejected"] or posted["held"] or posted["dead"]:
            said.append("  `cloudcart holds` says what waits for you.")
        if posted["paused"]:
            said.append(f"  Paused: {posted['paused'].rstrip('.')}. `cloudcart log --problems` says what to do.")
        if posted["next_at"]:
            at = shown(datetime.fromisoformat(posted["next_at"]))
            said.append(f"  Something is left to do from {at} on: run it again, or keep a worker running.")
    if told["calls"]:
        said.append(
            "Calls to the books: " + ", ".join(f"{count} {kind}" for kind, count in sorted(told["calls"].items()))
        )
    return said


#: What became of orders and refunds.
_OUTCOMES = {"sync": "go to the books", "hold": "wait", "skip": "left out", "fail": "failed"}
_DONE = {
    "posted": ("document", "posted"),
    "updated": ("", "changed"),
    "removed": ("", "removed"),
    "named": ("name", "added"),
    "found": ("", "found again after an answer was lost"),
    "unchanged": ("", "needed no change"),
    "rejected": ("", "refused"),
    "held": ("", "held"),
    "dead": ("", "given up"),
}


@contextmanager
def progress(first: str) -> "Iterator[Any]":
    """Shows on a terminal what goes on, on standard error; elsewhere it is quiet."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda text: None
        return
    with console.status(first) as status:
        yield status.update
