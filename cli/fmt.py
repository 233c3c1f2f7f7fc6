"""`cloudcart fmt`: rule-set files in their one canonical form."""

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import colours, output
from cli.check import whole_text, write
from cli.records import readable

if TYPE_CHECKING:
    from dsl.format import Formatted

STDIN = Path("-")


@click.command()
@click.argument(
    "files", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True, path_type=Path)
)
@click.option("--check", is_flag=True, help="Write nothing; name the files that are not in this form (exit code 1).")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@click.option(
    "--around-mistakes", is_flag=True, help="Lay out what can be read, and leave blocks with mistakes as they are."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@colours.option
def command(files: tuple[Path, ...], check: bool, diff: bool, around_mistakes: bool, form: str, color: str) -> None:
    """Write rule-set files in their one canonical form; comments and blank lines stay.

    FILE may be a folder (all `*.rules` in it) or `-`: from standard input to standard output. A file with mistakes is left
    as it is, unless --around-mistakes is said. Exit code 1 where a file has mistakes or, with --check, is not in this form.
    """
    from dsl.format import format_text

    found = False
    for file in rule_sets(files):
        text = text_of(file)
        made = format_text(text, file=shown(file), around_mistakes=around_mistakes)
        found = found or bool(made.refusal) or (check and made.changed)
        write_it = not (check or diff)
        if form == "json":
            output.json_line(form_of(file, made))
        else:
            show(file, text, made, check=check, diff=diff, color=color)
        if file == STDIN:
            if write_it and form == "text" and made.text and (around_mistakes or not made.refusal):
                output.data(made.text.removesuffix("\n"))
        elif write_it and made.changed:
            with readable(file):
                write(file, made.text)
    if found:
        raise SystemExit(output.FOUND)


def rule_sets(files: tuple[Path, ...]) -> Iterator[Path]:
    """The files that are meant: those of folders in the order of their names."""
    for file in files:
        if file.is_dir():
            inside = sorted(each for each in file.rglob("*.rules") if each.is_file())
            if not inside:
                raise output.Refusal.of(f"There are no rule sets (*.rules) in {file}", "Name the files themselves.")
            yield from inside
        else:
            yield file


def text_of(file: Path) -> str:
    """The text of a file with its own line ends, without a byte order mark (which stays in the file)."""
    if file != STDIN:
        with readable(file):
            return whole_text(file)
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise output.Refusal.of("Standard input is no UTF-8 text", "Save it as plain text, UTF-8.") from error


def shown(file: Path) -> str:
    return "standard input" if file == STDIN else str(file)


def form_of(file: Path, made: "Formatted") -> dict[str, Any]:
    """What came of a file as JSON; the text only of standard input, which has no file to look into."""
    return {
        "file": shown(file),
        "changed": made.changed,
        "refusal": made.refusal,
        "notes": list(made.notes),
        "diagnostics": [each.as_json() for each in made.errors],
        **({"text": made.text} if file == STDIN else {}),
    }


def show(file: Path, text: str, made: "Formatted", *, check: bool, diff: bool, color: str) -> None:
    """What came of a file, for people."""
    from dsl.showing import render
    from dsl.source import Source

    name = shown(file)
    if made.refusal:
        paint = colours.paint(
            color if color != "auto" else "always" if colours.coloured(color, sys.stderr) else "never"
        )
        for each in made.errors:
            source = {name: Source(name, text)}
            output.say(render(each, source, width=colours.width(), paint=paint) + "\n")
        output.say(f"{name}: {made.refusal}" if made.changed else f"{name} stays as it is: {made.refusal}")
    if not made.changed:
        return
    if diff:
        for line in changes(name, text, made.text):
            output.data(line)
    if check:
        if not diff:
            output.data(name)
    elif file != STDIN:
        notes = f" ({'; '.join(made.notes)})" if made.notes else ""
        output.say(f"{name}: {'would be laid out' if diff else 'laid out'}{notes}")


def changes(name: str, before: str, after: str) -> Iterator[str]:
    """The lines that change, as a patch shows them."""
    yield from difflib.unified_diff(
        before.splitlines(), after.splitlines(), name, name, "as it is", "laid out", lineterm=""
    )
