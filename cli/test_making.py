"""`cloudcart test --make-from`: a test from a recorded order, masked, to be read, kept and run again."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cli import output
from cli.records import load_payloads, load_program, read_text, same_record, this_day

if TYPE_CHECKING:
    from engine.preview import Previewed
    from engine.test_making import MadeTest


def made(
    file: Path,
    records: Path,
    wanted: str,
    *,
    source: str,
    recorded: bool,
    title: str | None,
    append: bool,
    zone: str | None,
) -> None:
    """Print the test (with --append, write it at the end of the file), and say what could not be masked."""
    from engine.test_making import NoTest, make_recorded_test, make_test

    program, today = load_program(file), this_day()
    number, one = chosen(file, records, wanted, source=source, zone=zone, today=today)
    order = one.order
    if order is None:
        raise output.Refusal(f"Order {wanted} cannot be read: {one.reason}")
    taken = frozenset(each.title.text for each in program.resolved.tests)
    refund = one.refund.id if one.refund is not None else ""
    test: MadeTest | None = None
    if not recorded:
        try:
            test = make_test(
                program, order, kind=one.kind, refund=refund, today=today, title=title or "", taken=taken
            )  # fmt: skip
        except NoTest as error:
            output.say(f"{error.args[0].capitalize()}: the whole order is given as a recorded one.")
    if test is None:
        name = f"orders/{''.join(each for each in order.number if each.isalnum()) or order.id}.json"
        try:
            test = make_recorded_test(
                program, load_payloads(records)[number], source=source, zone=zone, kind=one.kind, refund=refund,
                today=today, file=name, title=title or "", taken=taken,
            )  # fmt: skip
        except NoTest as error:
            raise output.Refusal(f"No test can be made of order {wanted}: {error}.") from error
    put_down(file, test, append=append)


def chosen(
    file: Path, records: Path, wanted: str, *, source: str, zone: str | None, today: date
) -> "tuple[int, Previewed]":
    """The order that is meant, with its place among the records; the order itself before its refunds."""
    from engine.preview import preview, read_orders

    program = load_program(file)
    for number, payload in enumerate(load_payloads(records)):
        found = preview(program, read_orders(source, [payload], zone=zone), source=source, today=today)
        for one in found:
            if same_record(one, wanted):
                return number, one
    raise output.Refusal(f"There is no record {wanted} in {records}.")


def put_down(file: Path, test: "MadeTest", *, append: bool) -> None:
    """Write the test where it was asked for; a recorded order goes beside the file in either case, since the test needs it."""
    if test.recording:
        place = file.parent / test.file
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists() and place.read_text(encoding="utf-8") != test.recording:
            raise output.Refusal(f"{place} is there already and holds something else; move it first.")
        place.write_text(test.recording, encoding="utf-8")
        output.say(f"{place}: the order, masked")
    if append:
        text = read_text(file)
        file.write_text(text.rstrip("\n") + "\n\n" + test.text, encoding="utf-8")
        output.say(f'{file}: test "{test.title}" added; `cloudcart test {file}` runs it')
    else:
        output.data(test.text.rstrip("\n"))
    if test.kept:
        output.say(f"Not masked, because the rules decide by it: {', '.join(test.kept)}.")
    else:
        output.say("Personal data is masked.")
