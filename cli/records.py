"""The arguments that commands about recorded records share: the rule set, the records, the books, the day."""

import json
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.moments import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsl.check import Checked
    from dsl.program import FlowSpec, Program
    from dsl.resolved import ResolvedRuleSet
    from engine.books_view import BooksView
    from engine.preview import Previewed
    from engine.raw_records import Payload
    from engine.rulesets import RuleSetBroken
    from engine.snapshot import Snapshot

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def about_records(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the arguments FILE, --source, --input, --today, --zone, --flow and --books."""
    for option in reversed(
        [
            click.argument("file", type=FILE),
            click.option("--source", required=True, type=click.Choice(["woocommerce"]), help="Whose records they are."),
            click.option("--input", "records", required=True, type=FILE, help="Raw records, as the API gives them."),
            click.option("--today", type=DAY, help="The day of the run; today if not said."),
            click.option("--zone", help="The shop's time zone, for instance America/New_York, if it is known."),
            click.option("--flow", help="Decide as this flow of the file would; its first one if not said."),
            click.option(
                "--books", type=FILE, help="A snapshot that `cloudcart books` wrote; neutral books if not said."
            ),
        ]
    ):
        command = option(command)
    return command


@contextmanager
def readable(file: Path) -> "Iterator[None]":
    """Turns what keeps a file of people's text (or one beside it) from being read into a Refusal."""
    try:
        yield
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        place = f"{file if error.object == file.read_bytes() else 'A table beside ' + str(file)} is no UTF-8 text"
        if error.object[:2] in (b"\xff\xfe", b"\xfe\xff"):
            told = 'it was saved as UTF-16, which Windows calls "Unicode"'
        elif error.object[:4] == b"PK\x03\x04":
            told = "it is a document of a word processor or a spreadsheet"
        else:
            told = f"line {before.count(bytes([10])) + 1} has a letter that cannot be read"
        raise output.Refusal(f"{place}: {told}. Save it as plain text, UTF-8.") from error
    except OSError as error:
        raise output.Refusal(f"{error.filename or file} cannot be read: {error.strerror}.") from error


def read_text(file: Path) -> str:
    """The text of a rule-set file, without a byte order mark."""
    return file.read_text(encoding="utf-8-sig")


def load_program(file: Path) -> "Program":
    """The rule set of a file, compiled. A broken one is shown whole on standard error and refused."""
    from cli.libraries import library_for
    from engine.rulesets import RuleSetBroken, compile_file

    try:
        with readable(file):
            return compile_file(file, library_for(file)).program
    except RuleSetBroken as broken:
        show_broken(broken, file)
        raise output.Refusal(f"{broken}; mend it first (cloudcart check {file}).") from broken


def load_ruleset(file: Path) -> "ResolvedRuleSet":
    """The checked rule set of a file, tests and all. A broken one is shown whole on standard error and refused."""
    return load_program(file).resolved


def show_broken(broken: "RuleSetBroken", file: Path) -> None:
    """Shows the errors of a rule set on standard error, with the lines that they are about."""
    from dsl.showing import render
    from dsl.source import Source

    source = Source(broken.file, read_text(file))
    for diagnostic in broken.diagnostics:
        if diagnostic.is_error:
            output.say(render(diagnostic, {broken.file: source}) + "\n")


def show_diagnostics(checked: "Checked") -> None:
    """Shows all that a check found on standard error, with the lines that it is about."""
    from dsl.showing import render

    for diagnostic in checked.diagnostics:
        output.say(render(diagnostic, checked.sources) + "\n")


def read_snapshot(file: Path) -> "Snapshot":
    """The books of a snapshot file."""
    from engine import snapshot
    from engine.snapshot import SnapshotUnreadable

    try:
        return snapshot.read(json.loads(file.read_bytes()), str(file))
    except SnapshotUnreadable as error:
        raise output.Refusal(str(error)) from error
    except (ValueError, OSError) as error:
        raise output.Refusal(f"{file} is no JSON: {error}.") from error


def load_books(file: Path | None) -> "BooksView | None":
    """The books of a snapshot as matching sees them, if one is named."""
    if file is None:
        return None
    from engine import snapshot

    return snapshot.view(read_snapshot(file))


def choose_flow(program: "Program", name: str | None) -> "FlowSpec | None":
    """The flow of that name, or the first that moves orders; None where the file has none."""
    if name is not None:
        found = program.flow(name)
        if found is None:
            there = ", ".join(f"'{each.name}'" for each in program.flows) or "none"
            raise output.Refusal(f"There is no flow '{name}' in {program.title}; flows: {there}.")
        return found
    return next((each for each in program.flows if each.sync in (None, "orders")), None)


def load_payloads(file: Path) -> "list[Payload]":
    """The raw records of a file."""
    from engine.raw_records import RecordsUnreadable, read_payloads

    try:
        return read_payloads(file.read_bytes(), str(file))
    except RecordsUnreadable as error:
        raise output.Refusal(str(error)) from error


def is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def previews(
    file: Path,
    *,
    source: str,
    records: Path,
    today: date | None,
    zone: str | None,
    flow: str | None,
    books: Path | None,
) -> "tuple[Program, Iterator[Previewed]]":
    """The program of a file, and what would become of each record."""
    from engine.preview import preview, read_orders

    if zone is not None and not is_zone(zone):
        raise output.Refusal(f"{zone} is no time zone; say it as in America/New_York.")
    program = load_program(file)
    found = preview(
        program,
        read_orders(source, load_payloads(records), zone=zone),
        source=source,
        today=today or this_day(),
        flow=choose_flow(program, flow),
        books=load_books(books),
    )
    return program, found


def this_day() -> date:
    """The day of a run that names none: this machine's."""
    return datetime.now(UTC).astimezone().date()


def same_record(one: "Previewed", wanted: str) -> bool:
    """Whether a record is meant: by its id, or by its number with or without #."""
    number = one.order.number if one.order is not None else None
    return wanted in (one.id, number) or (number or "").removeprefix("#") == wanted.removeprefix("#")
