"""`cloudcart check`: everything that is wrong with rule-set files, in one go."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.records import FILE, read_snapshot, read_text, readable

if TYPE_CHECKING:
    from dsl.check import Checked


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=FILE)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--books", type=FILE, help="A snapshot that `cloudcart books` wrote; names of accounts, classes, … are looked up."
)
def command(files: tuple[Path, ...], form: str, books: Path | None) -> None:
    """Say everything that is wrong with rule-set files.

    Exit code 0 where there are no errors (there may be warnings), 1 where there are.
    """
    from dsl.check import check_text
    from dsl.showing import render
    from engine import snapshot
    from engine.rulesets import CannedRuleSets, schema, tables_beside

    known = None if books is None else snapshot.checked_books(read_snapshot(books))
    found: list[tuple[Path, Checked]] = []
    for file in files:
        with readable(file):
            text, tables = read_text(file), tables_beside(file)
        checked = check_text(
            text, file=str(file), schema=schema(), library=CannedRuleSets(), books=known, tables=tables
        )
        found.append((file, checked))
    if form == "json":
        output.json_line({"diagnostics": [each.as_json() for _, checked in found for each in checked.diagnostics]})
    else:
        for file, checked in found:
            for diagnostic in checked.diagnostics:
                output.data(render(diagnostic, checked.sources) + "\n")
            output.say(summary(file, checked))
    if not all(checked.ok for _, checked in found):
        raise SystemExit(output.FOUND)


def summary(file: Path, checked: "Checked") -> str:
    """A file's result in a line: `web.rules: 2 errors, 1 warning`."""
    errors = sum(1 for each in checked.diagnostics if each.is_error)
    warnings = len(checked.diagnostics) - errors
    if not checked.diagnostics:
        return f"{file}: nothing to complain about"
    counts = [(errors, "error"), (warnings, "warning")]
    return f"{file}: " + ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count)
