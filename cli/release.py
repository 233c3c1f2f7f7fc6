"""`cloudcart release`: a person lets pass what was held."""

import getpass
from typing import TYPE_CHECKING

import click

from cli import output
from cli.holds import record_name
from cli.workplace import workplace

if TYPE_CHECKING:
    from engine.holds import Hold


def user() -> str:
    """Who says so, for the log: the machine's name for the person at the keyboard."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


@click.command()
@click.argument("ids", metavar="[ID]…", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Everything that waits.")
@click.option("--code", help="Everything that waits for this reason, for instance review.")
@click.option("--adopt", is_flag=True, help="Keep the document that stands in the books, instead of making one.")
def command(ids: tuple[str, ...], everything: bool, code: str | None, adopt: bool) -> None:
    """Let what is held go on, by the id that `holds` shows, or by the record's number.

    The rule or check that held it is waived for that record until the record changes.
    """
    from engine import agenda, holds, log

    if sum([bool(ids), everything, code is not None]) != 1:
        raise click.UsageError("Say which: one or more ids, --code CODE, or --all.")
    with workplace() as place:
        now = place.clock.now()
        with place.store.write() as session:
            waiting = holds.held(place.scope, session, limit=1_000_000)
            if everything:
                chosen = waiting
            elif code is not None:
                chosen = [hold for hold in waiting if hold.code == code]
            else:
                chosen = []
                for wanted in ids:
                    found = [hold for hold in waiting if is_meant(wanted, hold)]
                    if not found:
                        raise output.Refusal(f"Nothing that waits is called {wanted}; `cloudcart holds` lists it.")
                    if len({hold.key for hold in found}) > 1:
                        raise output.Refusal(f"{wanted} fits several records; type more of the id that `holds` shows.")
                    chosen += [hold for hold in found if hold not in chosen]
            for hold in chosen:
                holds.let_pass(place.scope, session, hold.id, by=user(), at=now, adopt=adopt)
                log.write(
                    place.scope,
                    session,
                    log.Event(
                        code="released",
                        values={"order": hold.values.get("order"), "by": user(), "title": hold.title},
                        key=hold.key,
                        company_id=hold.company_id,
                    ),
                    at=now,
                )
            # Waived rules show in a new decision, which the next run makes.
            agenda.decide_again(place.scope, session, [hold.key for hold in chosen], now)
    for hold in chosen:
        output.data(f"released {record_name(hold)}: {hold.reason}")
    if not chosen:
        output.say("Nothing waits for that.")


def is_meant(wanted: str, hold: "Hold") -> bool:
    """Whether a typed word is this hold's id, an ending of it, or its record's number or id."""
    plain = wanted.replace("-", "").lower()
    if len(plain) >= 6 and hold.uid.replace("-", "").endswith(plain):
        return True
    return wanted.removeprefix("#") in (record_name(hold).rpartition("#")[2], hold.key.source_id)
