"""`cloudcart check`: everything that is wrong with rule-set files, in one go, and what can be mended without asking."""

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import colours, output
from cli.records import FILE, read_snapshot, readable

if TYPE_CHECKING:
    from dsl.check import Checked
    from dsl.mending import Mended
    from dsl.showing import Paint

FORMATS = ("text", "json", "sarif", "github")


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, type=FILE)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--books", type=FILE, help="A snapshot that `cloudcart books` wrote; names of accounts, classes, … are looked up."
)
@click.option("--fix", is_flag=True, help="Mend what leaves no choice, and write the files; says what it did.")
@click.option("--explain", "code", metavar="CODE", help="Print the page of a code, such as R204, and look at no file.")
@colours.option
def command(files: tuple[Path, ...], form: str, books: Path | None, fix: bool, code: str | None, color: str) -> None:
    """Say everything that is wrong with rule-set files.

    Exit code 0 where there are no errors (there may be warnings), 1 where there are.
    """
    if code is not None:
        output.data(page(code))
        return
    if not files:
        raise click.UsageError("Missing argument 'FILE…'.")
    check = checker(books)
    paint = colours.paint(color)
    found: list[tuple[Path, Checked]] = []
    mended: list[tuple[Path, Mended]] = []
    for file in files:
        with readable(file):
            text = whole_text(file)
        if fix:
            done = mend(file, text, check)
            mended.append((file, done))
            text = done.text
        found.append((file, check(file, text)))
    if form == "text":
        show(found, mended, paint, in_colour=colours.coloured(color))
    else:
        told(form, found, mended)
    if not all(checked.ok for _, checked in found):
        raise SystemExit(output.FOUND)


def checker(books: Path | None) -> "Callable[[Path, str], Checked]":
    """What checks a text as the file of that name, with the packs and tables that it finds there, and a snapshot."""
    from cli.libraries import library_for
    from dsl.check import check_text
    from engine.rulesets import schema, tables_beside

    known = None
    if books is not None:
        from engine import snapshot  # with the books comes the store, which takes longer than most checks

        known = snapshot.checked_books(read_snapshot(books))

    def check(file: Path, text: str) -> "Checked":
        with readable(file):
            tables = tables_beside(file)
        library = library_for(file)
        return check_text(text, file=str(file), schema=schema(), library=library, books=known, tables=tables)

    return check


def whole_text(file: Path) -> str:
    """The text of a file with its own line ends, so that mending changes nothing else."""
    return file.read_bytes().decode("utf-8-sig")


# --- mending ----------------------------------------------------------------------------------------------------------


def mend(file: Path, text: str, check: "Callable[[Path, str], Checked]") -> "Mended":
    """The file with every fix carried out that leaves no choice; written where it changed."""
    from dsl.mending import mend as mend_text

    done = mend_text(text, str(file), lambda tried: check(file, tried).diagnostics)
    if done.text != text:
        with readable(file):
            write(file, in_line_ends_of(text, done.text))
    return done


def in_line_ends_of(text: str, mended: str) -> str:
    """New lines end as those of the file do."""
    return mended.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in text else mended


def write(file: Path, text: str) -> None:
    """Puts the new text in place of the old one at once: a full disk or a power cut leaves one of the two, whole."""
    target = file.resolve()
    mark = "\ufeff" if target.read_bytes().startswith(b"\xef\xbb\xbf") else ""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    made = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(mark + text)
            stream.flush()
            os.fsync(stream.fileno())
        made.chmod(target.stat().st_mode & 0o7777)
        made.replace(target)
    except BaseException:
        made.unlink()
        raise


# --- telling ----------------------------------------------------------------------------------------------------------


def show(
    found: "Sequence[tuple[Path, Checked]]",
    mended: "Sequence[tuple[Path, Mended]]",
    paint: "Paint",
    *,
    in_colour: bool,
) -> None:
    """The diagnostics for people: those mended, then those that are left, and a line for each file."""
    from dsl.showing import change, render
    from dsl.showing.paint import Part
    from dsl.source import Source

    width = colours.width()
    for file, done in mended:
        for diagnostic, fix, text in done.done:
            place = f"{file}:{diagnostic.start.line}:{diagnostic.start.column}"
            lines = [f"{paint(Part.DONE, f'mended {diagnostic.code}:')} {diagnostic.message}", f"  {place}"]
            lines += change(Source(str(file), text), fix.edits, width, paint, both=True)
            output.data("\n".join(lines) + "\n", colour=in_colour)
    for _, checked in found:
        for diagnostic in checked.diagnostics:
            output.data(render(diagnostic, checked.sources, width=width, paint=paint) + "\n", colour=in_colour)
    fixed = {file: len(done.done) for file, done in mended}
    for file, checked in found:
        output.say(summary(file, checked, fixed.get(file)))


def told(form: str, found: "Sequence[tuple[Path, Checked]]", mended: "Sequence[tuple[Path, Mended]]") -> None:
    """The diagnostics for another program."""
    diagnostics = [each for _, checked in found for each in checked.diagnostics]
    if form == "json":
        done = [
            {"file": str(file), "code": each.code, "line": each.start.line, "title": fix.title}
            for file, one in mended
            for each, fix, _ in one.done
        ]
        output.json_line(
            {"diagnostics": [each.as_json() for each in diagnostics], **({"mended": done} if done else {})}
        )
    elif form == "sarif":
        from importlib.metadata import version

        from dsl.showing.sarif import sarif

        output.data(json.dumps(sarif(diagnostics, version("cloud-cart-connector")), ensure_ascii=False, indent=2))
    else:
        from dsl.showing.github import github

        for each in diagnostics:
            output.data(github(each))


def summary(file: Path, checked: "Checked", mended: int | None = None) -> str:
    """A file's result in a line: `web.rules: 2 errors, 1 warning; 1 can be mended by …`."""
    from dsl.mending import only_fix

    errors = sum(1 for each in checked.diagnostics if each.is_error)
    warnings = len(checked.diagnostics) - errors
    counts = [output.counted(count, word) for count, word in ((errors, "error"), (warnings, "warning")) if count]
    result = f"{file}: {', '.join(counts) or 'nothing to complain about'}"
    if mended is not None:
        return f"{file}: {output.counted(mended, 'mistake')} mended; {result.partition(': ')[2]}" if mended else result
    easy = sum(1 for each in checked.diagnostics if only_fix(each) is not None)
    return f"{result}; {easy} can be mended by `cloudcart check --fix`" if easy else result


def page(number: str) -> str:
    """The page of a code in plain text, with what the checker says of its failing file."""
    from dsl.codes import CODES
    from dsl.codes.page import words
    from dsl.codes.samples import check_wrong
    from dsl.showing import render
    from dsl.spelling import closest
    from engine.rulesets import schema

    code = CODES.get(number.upper())
    if code is None:
        near = closest(number.upper(), CODES)
        known = f"Did you mean {near}?" if near else f"They go from {min(CODES)} to {max(CODES)}."
        raise output.Refusal.of(f"There is no code {number}", known)
    checked = check_wrong(code, schema())
    return words(code, render(checked.diagnostics[0], checked.sources, width=min(90, colours.width())))
