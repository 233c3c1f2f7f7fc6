"""`cloudcart test`: runs the tests in rule-set files, says what they look at and what they would miss, and makes new ones."""

import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import colours, output
from cli.records import FILE, load_payloads, load_ruleset, this_day

if TYPE_CHECKING:
    from dsl.explain.telling import Line
    from dsl.resolved import ResolvedRuleSet
    from engine.coverage import Coverage, Kind
    from engine.mutation import Mutation
    from engine.rule_tests import TestResult

_MOST_OF_A_RULE = 6
_MOST_RULES = 25
_KINDS: "dict[Kind, str]" = {
    "rule": "rules",
    "condition": "outcomes of conditions",
    "statement": "statements",
    "stop": "stops for what is missing",
    "row": "rows of tables",
}


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--coverage", is_flag=True, help="Say what the tests look at: rules, both outcomes of conditions, rows, …"
)
@click.option(
    "--minimum", type=click.FloatRange(0, 100), help="Exit with 1 where less than so many percent are covered."
)
@click.option("--mutate", is_flag=True, help="Say which small changes of the rules no test would notice.")
@click.option("--all", "everything", is_flag=True, help="Name everything that is not covered, or not noticed.")
@click.option(
    "--jobs", type=click.IntRange(1, 64), help="Processes for --mutate; as many as there are cores if not said."
)
@click.option(
    "--time-limit",
    type=click.FloatRange(1),
    default=300,
    show_default=True,
    help="Seconds that --mutate may take for a file.",
)
@click.option("--make-from", "records", type=FILE, help="Make a test from a recorded order, in place of running any.")
@click.option("--id", "wanted", help="With --make-from: the order, by its id or its number.")
@click.option(
    "--source", type=click.Choice(["woocommerce"]), default="woocommerce", help="With --make-from: whose order."
)
@click.option(
    "--recorded", is_flag=True, help="With --make-from: give the whole order, masked, as a file beside the rules."
)
@click.option("--title", help="With --make-from: what the test is called.")
@click.option("--append", is_flag=True, help="With --make-from: write the test at the end of FILE.")
@click.option("--zone", help="With --make-from: the shop's time zone, if it is known.")
@colours.option
def command(
    files: tuple[Path, ...],
    form: str,
    coverage: bool,
    minimum: float | None,
    mutate: bool,
    everything: bool,
    jobs: int | None,
    time_limit: float,
    records: Path | None,
    wanted: str | None,
    source: str,
    recorded: bool,
    title: str | None,
    append: bool,
    zone: str | None,
    color: str,
) -> None:
    """Run the tests in rule-set files, or make one from a recorded order.

    Exit code 1 where one fails, or where less than the --minimum is covered. Documents are built with the file's first
    flow and neutral books.
    """
    if records is not None:
        from cli.test_making import made

        if len(files) != 1 or wanted is None:
            raise click.UsageError("--make-from needs one FILE, and the order's --id.")
        made(files[0], records, wanted, source=source, recorded=recorded, title=title, append=append, zone=zone)
        return
    failed = False
    for file in files:
        ruleset = load_ruleset(file)
        told, passed, covered = looked_at(
            ruleset, file, coverage=coverage or minimum is not None, mutate=mutate, jobs=jobs, time_limit=time_limit
        )
        failed = failed or not passed or (minimum is not None and covered < minimum)
        if form == "json":
            output.json_line(told.form())
        else:
            told.say(minimum, everything=everything, colour=color)
    if failed:
        raise SystemExit(output.FOUND)


def looked_at(
    ruleset: "ResolvedRuleSet", file: Path, *, coverage: bool, mutate: bool, jobs: int | None, time_limit: float
) -> "tuple[Told, bool, float]":
    """What there is to say of a file's tests, whether all passed, and how much is covered (percent)."""
    from engine.coverage import Seen, run_watched
    from engine.coverage import coverage as measured
    from engine.rule_tests import ready_tests, run_ready

    today, results, seen = this_day(), [], Seen()
    beside = recordings_beside(file)
    for ready in ready_tests(ruleset, today=today, recorded=beside):
        if not coverage:
            results.append(run_ready(ready))
            continue
        result, recording = run_watched(ready)
        results.append(result)
        if recording is not None:
            seen.add(recording)
    passed = all(result.passed for result in results)
    covered = measured(ruleset, seen) if coverage else None
    mutation = tried(ruleset, today, beside, jobs, time_limit) if mutate and passed and results else None
    return Told(file, ruleset, results, covered, mutation), passed, 100.0 if covered is None else covered.percent


def tried(
    ruleset: "ResolvedRuleSet", today: date, recorded: Callable[[str], Any], jobs: int | None, time_limit: float
) -> "Mutation":
    """Every small change tried, with progress on a terminal."""
    from cli.progress import bar
    from engine.mutation import Mutation, mutate
    from engine.spread import cores

    unnoticed, number, count = [], 0, 0
    began = time.monotonic()
    with bar("changes") as show:
        for number, count, found in mutate(
            ruleset, today=today, recorded=recorded, jobs=jobs or cores(), seconds=time_limit
        ):
            if found is not None:
                unnoticed.append(found)
            show(number, count, number, time.monotonic() - began)
    return Mutation(count, number - len(unnoticed), tuple(unnoticed), count - number)


class Told:
    """What there is to say of one file's tests, as JSON and for people."""

    def __init__(
        self,
        file: Path,
        ruleset: "ResolvedRuleSet",
        results: "list[TestResult]",
        coverage: "Coverage | None",
        mutation: "Mutation | None",
    ) -> None:
        from engine.rule_tests import never_fired

        self.file = file
        self.results = results
        self.coverage = coverage
        self.mutation = mutation
        self.never_fired = never_fired(ruleset, results) if coverage is not None else ()
        of_packs = {rule.key for rule in ruleset.rules if rule.pack}
        self.packs = sum(1 for key in self.never_fired if key in of_packs)
        self.passed = sum(1 for result in results if result.passed)

    def form(self) -> dict[str, Any]:
        """A file's results as JSON."""
        found: dict[str, Any] = {}
        if self.coverage is not None:
            found |= {"never_fired": list(self.never_fired), "coverage": self.coverage.as_json()}
        if self.mutation is not None:
            found |= {"unmissed": list(self.mutation.rules), "mutation": self.mutation.as_json()}
        return {
            "file": str(self.file),
            "passed": self.passed,
            "failed": len(self.results) - self.passed,
            "tests": [
                {
                    "title": result.title,
                    "line": result.line,
                    "passed": result.passed,
                    "failures": list(result.failures),
                    "shown": [list(each) for each in result.shown],
                    "fired": list(result.fired),
                }
                for result in self.results
            ],
            **found,
        }

    def say(self, minimum: float | None, *, everything: bool, colour: str = "auto") -> None:
        """A file's results for people: what failed, and why; what is not covered; what nobody would notice."""
        from cli.telling import Teller

        teller = Teller(colour)
        for result in self.results:
            if not result.passed:
                teller.say("bad", f"FAILED  {self.file}:{result.line}  {result.title}")
                for failure, drawn in zip(result.failures, result.shown, strict=True):
                    output.data(f"        {failure}")
                    for line in drawn:
                        teller.say("quiet", f"          {line}")
        failed = len(self.results) - self.passed
        counts = f"{self.passed} passed, {failed} failed" if self.results else "it has no tests"
        output.data(f"{self.file}: {counts}")
        lines = (
            []
            if self.coverage is None
            else list(coverage_lines(self.coverage, self.packs, minimum, everything=everything))
        )
        if self.mutation is not None:
            lines += mutation_lines(self.mutation, everything=everything)
        teller.tell(lines)


def coverage_lines(coverage: "Coverage", packs: int, minimum: float | None, *, everything: bool) -> "Iterator[Line]":
    """What the tests look at, and all that they do not, by rule and table."""
    from dsl.explain.telling import Line

    short = minimum is not None and coverage.percent < minimum
    wanted = "" if minimum is None else f" of at least {minimum:g} %"
    yield Line(f"covered: {coverage.percent:g} %{wanted}", "bad" if short else "heading", 2)
    for kind, words in _KINDS.items():
        seen, whole = coverage.count(kind)
        if whole:
            yield Line(f"{seen:>5} of {whole:>5} {words}", "plain", 2)
    for table, used, rows in coverage.csv:
        yield Line(f"{used:>5} of {rows:>5} rows of {table} (a CSV file; not counted)", "quiet", 2)
    if packs:
        yield Line(f"rules of packs that fired in no test of this file: {packs}", "quiet", 2)
    silent = [point for point in coverage.missing if point.kind == "rule"]
    if silent:
        yield Line(f"{output.counted(len(silent), 'rule')} that no test fires:", "heading", 2)
        for point in silent[: None if everything else _MOST_RULES]:
            yield Line(point.of, "value", 4, aside=placed(point))
        if len(silent) > _MOST_RULES and not everything:
            yield Line(f"and {len(silent) - _MOST_RULES:,} more (--all lists them)", "quiet", 4)
    of_silent = {point.of for point in silent}
    groups: dict[str, list[Any]] = {}
    for point in coverage.missing:
        if point.of not in of_silent:
            groups.setdefault(point.of, []).append(point)
    if groups:
        yield Line("not covered in the others:" if silent else "not covered:", "heading", 2)
    for of, found in list(groups.items())[: None if everything else _MOST_RULES]:
        yield Line(of, "value", 4, aside=placed(found[0]))
        for point in found[: None if everything else _MOST_OF_A_RULE]:
            yield Line(missing_words(point), "plain", 6, aside=f":{point.line}")
        if len(found) > _MOST_OF_A_RULE and not everything:
            yield Line(f"and {len(found) - _MOST_OF_A_RULE:,} more (--all)", "quiet", 6)
    if len(groups) > _MOST_RULES and not everything:
        yield Line(f"and {len(groups) - _MOST_RULES:,} more rules and tables (--all)", "quiet", 4)


def placed(point: Any) -> str:
    return f"{point.file.rpartition('/')[2]}:{point.line}"


def missing_words(point: Any) -> str:
    """What no test saw of a point, in words."""
    if point.kind == "rule":
        return "it fires in no test"
    if point.kind == "condition":
        both = len(point.missing) == 2
        return (
            f"`{point.words}` is never asked"
            if both
            else f"`{point.words}` is {'never' if 'yes' in point.missing else 'always'} so"
        )
    if point.kind == "row":
        return f"no test needs the row `{point.words}`"
    return f"`{point.words}` never runs"


def mutation_lines(mutation: "Mutation", *, everything: bool) -> "Iterator[Line]":
    """The changes that no test notices, by rule; what no test reaches at all is told once for its rule."""
    from dsl.explain.telling import Line

    part = 100 * mutation.noticed // max(1, mutation.changes - mutation.not_tried)
    yield Line(
        f"small changes tried: {mutation.changes - mutation.not_tried}, noticed: {mutation.noticed} ({part} %)",
        "heading",
        2,
    )
    if mutation.not_tried:
        yield Line(f"{mutation.not_tried} were not tried: the time was over (--time-limit)", "waiting", 2)
    groups: dict[str, list[Any]] = {}
    silent: list[Any] = []
    missing = {each.of for each in mutation.unnoticed if each.kind == "rule"}
    for each in mutation.unnoticed:
        if each.kind == "rule" and not each.reached:
            silent.append(each)
        elif each.kind == "rule" or each.of not in missing:
            groups.setdefault(each.of, []).append(each)
    if groups:
        yield Line("nobody would notice if", "heading", 2)
    for of, found in list(groups.items())[: None if everything else _MOST_RULES]:
        yield Line(of, "value", 4, aside=placed(found[0]))
        reached = [each for each in found if each.reached]
        for each in reached[: None if everything else _MOST_OF_A_RULE]:
            words = "the rule were not there" if each.kind == "rule" else each.words.replace(f" of {of} were", " were")
            yield Line(words, "plain", 6, aside=f":{each.line}")
        if len(reached) > _MOST_OF_A_RULE and not everything:
            yield Line(f"and {len(reached) - _MOST_OF_A_RULE:,} more changes (--all)", "quiet", 6)
        far = len(found) - len(reached)
        if far:
            places = sorted({each.line for each in found if not each.reached})
            where = ", ".join(map(str, places[:8])) + (" …" if len(places) > 8 else "")
            yield Line(f"{output.counted(far, 'change')} where no test comes by (line {where})", "quiet", 6)
    if len(groups) > _MOST_RULES and not everything:
        yield Line(f"and {len(groups) - _MOST_RULES:,} more rules and tables (--all)", "quiet", 4)
    if silent:
        named = ", ".join(f'"{each.of}"' for each in silent[:4]) + (" …" if len(silent) > 4 else "")
        yield Line(f"{output.counted(len(silent), 'rule')} that no test comes by: {named}", "waiting", 2, 4)


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
