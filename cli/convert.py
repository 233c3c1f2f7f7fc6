"""`cloudcart convert`: the rules of the old system as a rule set with tests."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.records import FILE

if TYPE_CHECKING:
    from engine.convert import Conversion, Finding

#: What is told of a finding, by its kind, in the order in which it is told.
KINDS = {
    "not_converted": "NOT CONVERTED",
    "off": "off",
    "look": "look at this",
    "warning": "the checker says",
}


@click.command()
@click.argument("file", metavar="RULES", type=FILE)
@click.option("--output", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write the rule set there.")
@click.option("--force", is_flag=True, help="Write it even where that file exists.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(file: Path, target: Path | None, force: bool, form: str) -> None:
    """Turn rules of the old system into a rule set with tests.

    RULES is an export, CSV or JSON. The rule set goes to standard output or into a file, what is to be looked at to standard
    error. Exit code 0 where every rule was converted, 1 where one was not.
    """
    from engine.convert import Unreadable, convert

    if target is not None and target.exists() and not force:
        raise output.Refusal.of(f"{target} exists", "Name another file, or add --force.")
    told = output.say if sys.stderr.isatty() else lambda words: None
    try:
        made = convert(file.read_bytes(), source=file.name, told=told)
    except Unreadable as error:
        raise output.Refusal.of(f"{file}: {error.message}", error.next_step) from error
    except OSError as error:
        raise output.Refusal(f"{file} cannot be read: {error.strerror}.") from error
    if target is not None:
        try:
            target.write_text(made.text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise output.Refusal(f"{target} cannot be written: {error.strerror}.") from error
    if form == "json":
        output.json_line(form_of(made, target))
    else:
        if target is None:
            output.data(made.text.removesuffix("\n"))
        for line in lines(made):
            output.say(line)
    if not made.complete:
        raise SystemExit(output.FOUND)


def form_of(made: "Conversion", target: Path | None) -> dict[str, object]:
    """What came of it as JSON; the text only where it was not written to a file."""
    return {
        "old_rules": made.old_rules,
        "rules": made.rules,
        "tests": made.tests,
        "complete": made.complete,
        "findings": [
            {"kind": each.kind, "rows": list(each.rows), "rule": each.title, "message": each.words}
            for each in made.findings
        ],
        **({"text": made.text} if target is None else {"file": str(target)}),
    }


def lines(made: "Conversion") -> list[str]:
    """What came of it for people: what is to be looked at by urgency, then a summary."""
    said = [line for kind in KINDS for each in made.findings if each.kind == kind for line in [_line(each, made.unit)]]
    left = sum(1 for each in made.findings if each.kind == "not_converted")
    what = f"{output.counted(made.old_rules, 'old rule')} became {output.counted(made.rules, 'rule')}"
    said.append(
        f"{what} with {output.counted(made.tests, 'test')}" + (f"; {left} could not be converted" if left else "")
    )
    return said


def _line(finding: "Finding", unit: str) -> str:
    from engine.convert.writing import place

    where = place(finding.rows, unit) if finding.rows else ""
    rule = f'"{finding.title}"' if finding.title else ""
    return f"{KINDS[finding.kind]}: {', '.join(each for each in (where, rule) if each)}: {finding.words}"
