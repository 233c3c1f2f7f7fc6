"""`cloudcart test`: runs the tests in rule-set files."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import output
from cli.records import FILE, load_payloads, load_ruleset, this_day

if TYPE_CHECKING:
    from engine.rule_tests import TestResult


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=FILE)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--coverage", is_flag=True, help="Say which rules fired in no test.")
@click.option("--mutate", is_flag=True, help="Say which rules no test would miss: without them all tests still pass.")
def command(files: tuple[Path, ...], form: str, coverage: bool, mutate: bool) -> None:
    """Run the tests in rule-set files.

    Exit code 0 where all pass, 1 where one fails. Documents are built with the file's first flow and neutral books.
    """
    from engine.rule_tests import never_fired, run_tests, unmissed

    failed = False
    for file in files:
        ruleset = load_ruleset(file)
        recorded = recordings_beside(file)
        today = this_day()
        results = list(run_tests(ruleset, today=today, recorded=recorded))
        failed = failed or not all(result.passed for result in results)
        found: dict[str, list[str]] = {}
        if coverage:
            found["never_fired"] = list(never_fired(ruleset, results))
        if mutate and all(result.passed for result in results):
            found["unmissed"] = list(unmissed(ruleset, today=today, recorded=recorded))
        if form == "json":
            output.json_line(form_of(file, results, found))
        else:
            for line in lines(file, results, found):
                output.data(line)
    if failed:
        raise SystemExit(output.FOUND)


def recordings_beside(file: Path) -> Callable[[str], Any]:
    """Reads the recorded records that tests name, relative to their file and never outside its folder."""
    from engine.preview import read_orders

    folder = file.parent.resolve()

    def read(name: str) -> Any:
        place = (folder / name).resolve()
        if not place.is_relative_to(folder):
            raise ValueError("it lies outside the folder of the rule set")
        try:
            payloads = load_payloads(place)
        except output.Refusal as error:
            raise ValueError(error.message) from error
        if len(payloads) != 1:
            raise ValueError(f"it holds {len(payloads)} records; a test takes a file with one")
        return next(read_orders("woocommerce", payloads))

    return read


def form_of(file: Path, results: "list[TestResult]", found: dict[str, list[str]]) -> dict[str, Any]:
    """A file's results as JSON."""
    passed = sum(1 for result in results if result.passed)
    return {
        "file": str(file),
        "passed": passed,
        "failed": len(results) - passed,
        "tests": [
            {
                "title": result.title,
                "line": result.line,
                "passed": result.passed,
                "failures": list(result.failures),
                "fired": list(result.fired),
            }
            for result in results
        ],
        **found,
    }


def lines(file: Path, results: "list[TestResult]", found: dict[str, list[str]]) -> list[str]:
    """A file's results for people: what failed, and why."""
    said = []
    for result in results:
        if not result.passed:
            said.append(f"FAILED  {file}:{result.line}  {result.title}")
            said += [f"        {failure}" for failure in result.failures]
    passed = sum(1 for result in results if result.passed)
    said.append(f"{file}: {passed} passed, {len(results) - passed} failed" if results else f"{file}: it has no tests")
    said += [f'  never fired in a test: "{rule}"' for rule in found.get("never_fired", ())]
    said += [f'  no test would miss: "{rule}"' for rule in found.get("unmissed", ())]
    return said
