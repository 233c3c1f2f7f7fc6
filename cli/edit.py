"""`cloudcart edit`: carries out what a form says on a rule-set file, and shows what it did to the text."""

import difflib
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from cli import colours, output
from cli.forms import surroundings
from cli.records import FILE, readable

if TYPE_CHECKING:
    from dsl.edits import Edited


@click.command()
@click.argument("file", type=FILE)
@click.argument("edits", metavar="EDIT.json|-", type=click.File("r", encoding="utf-8"))
@click.option("--dry-run", "--diff", "dry", is_flag=True, help="Write nothing; show what would change.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--books", type=FILE, help="A snapshot that `cloudcart books` wrote; names of accounts, classes, … are looked up."
)
@colours.option
def command(file: Path, edits: IO[str], dry: bool, form: str, books: Path | None, color: str) -> None:
    """Change a rule-set file as a form would: the smallest change of the text, all edits or none.

    EDIT.json holds one edit, a list of them, or {"base": HASH, "edits": […]}: then a file that has changed since is
    refused. Prints what changed as a patch, and what is wrong with the file now. Exit code 1 where there are errors, 3
    where an edit was refused.
    """
    from cli.check import checker, whole_text, write
    from dsl.edits import edit_text

    with readable(file):
        text = whole_text(file)
    base, wanted = read(edits)
    made = edit_text(text, wanted, surroundings(file, books), name=str(file), base=base)
    if not made.made:
        refuse(file, made, form)
    checked = checker(books)(file, made.text)
    if made.text != text and not dry:
        with readable(file):
            write(file, made.text)
    if form == "json":
        output.json_line(
            {
                "file": str(file),
                "changed": made.text != text,
                "written": made.text != text and not dry,
                "base": hash_of(made.text),
                "changes": [
                    [{"start": each.start, "end": each.end, "text": each.text} for each in changes]
                    for changes in made.changes
                ],
                "diff": "\n".join(patch(str(file), text, made.text)),
                "diagnostics": [each.as_json() for each in checked.diagnostics],
            }
        )
    else:
        from cli.check import show

        for line in patch(str(file), text, made.text):
            output.data(line)
        if made.text == text:
            output.say(f"{file} says so already: nothing was changed.")
        show([(file, checked)], [], colours.paint(color), in_colour=colours.coloured(color))
    if not checked.ok:
        raise SystemExit(output.FOUND)


def read(edits: IO[str]) -> tuple[str, list[Any]]:
    """The hash that the edits are for ("" if not said), and the edits. Numbers stay as they are written."""
    try:
        told = json.load(edits, parse_float=Decimal)
    except ValueError as error:
        raise output.Refusal.of(
            f"{edits.name} is no JSON: {error}", "See docs/forms.md for what an edit looks like."
        ) from error
    base = ""
    if isinstance(told, dict) and "edits" in told:
        base, told = str(told.get("base", "")), told["edits"]
    return base, told if isinstance(told, list) else [told]


def refuse(file: Path, made: "Edited", form: str) -> None:
    """Ends the command: nothing was changed."""
    if form == "json":
        output.json_line(
            {
                "file": str(file),
                "changed": False,
                "written": False,
                "refusal": made.refusal,
                "next_step": made.next_step,
                "at": made.at,
            }
        )
        raise SystemExit(output.FAILED)
    which = f"Edit {made.at + 1}: " if made.at else ""
    step = f"Next step: {made.next_step}." if made.next_step else ""
    raise output.Refusal.of(f"{which}{made.refusal}. {file} stays as it is", step)


def hash_of(text: str) -> str:
    """The hash of a text, as forms give it."""
    from dsl.forms import Document

    return Document(text, None).base


def patch(name: str, before: str, after: str) -> Iterator[str]:
    """The lines that change, as a patch shows them."""
    yield from difflib.unified_diff(
        before.splitlines(), after.splitlines(), name, name, "as it was", "edited", lineterm=""
    )
