"""cli/log.py, cli/holds.py, cli/release.py, cli/migrate.py and cli/workplace.py, on both databases"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from cli import holds as holds_command
from cli import log as log_command
from cli import migrate as migrate_command
from cli import release as release_command
from cli.workplace import Workplace, workplace
from connectors.ports import BooksProfile
from engine import connections, holds, log
from engine.holds import HoldToPlace
from engine.keys import RecordKey
from engine.log import Event
from engine.store.migrate import head

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDCART_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CLOUDCART_DATABASE_URL", database_url)
    monkeypatch.setenv("LOGNAME", "jo")


@pytest.fixture
def place() -> Iterator[Workplace]:
    with workplace() as found:
        yield found


@pytest.fixture
def company(place: Workplace) -> int:
    with place.store.write() as session:
        connection = connections.save(
            place.scope, session, place.sealer, kind="quickbooks", name="Acme books", identity="1", zone="UTC",
            currency="USD", settings={}, secrets={"client_secret": "s"}, profile={}, at=AT,
        )  # fmt: skip
        profile = BooksProfile(id="1", title="Acme", country="US", currency="USD")
        return connections.save_company(place.scope, session, connection, "quickbooks", profile, at=AT)


def key(number: str, shop: str = "https://shop.example") -> RecordKey:
    return RecordKey(shop, "order", number)


def hold(
    place: Workplace,
    company: int,
    number: str,
    code: str = "review",
    slot: str = "",
    shop: str = "https://shop.example",
) -> None:
    wanted = HoldToPlace(
        key=key(number, shop), code=code, title=code, reason=f"Because of {code}.", next_step="Look at it.",
        values={"order": number}, content_hash="h", slot=slot,
    )  # fmt: skip
    with place.store.write() as session:
        holds.place_many(place.scope, session, company, [wanted], at=AT)


def run(command: click.Command, *arguments: str) -> Result:
    done = CliRunner().invoke(command, arguments)
    if isinstance(done.exception, Exception) and not isinstance(done.exception, click.ClickException):
        raise done.exception
    return done


def waiting(place: Workplace) -> list[str]:
    with place.store.read() as session:
        return [each.key.source_id for each in holds.held(place.scope, session)]


def test_what_waits_is_shown_with_its_reason_and_next_step(place: Workplace, company: int) -> None:
    hold(place, company, "1007")
    shown = run(holds_command.command).stdout.splitlines()
    assert re.fullmatch(r"[0-9a-f]{8}  order #1007: Because of review\.", shown[0])
    assert shown[1].endswith(". Look at it.")
    told = json.loads(run(holds_command.command, "--format", "json").stdout)
    assert (told["v"], told["name"], told["code"]) == (1, "order #1007", "review")
    assert told["held_since"] == "2026-11-01T12:00:00Z"


def test_what_waits_of_an_order_is_told_from_the_order_itself(place: Workplace, company: int) -> None:
    hold(place, company, "1007", slot="sale")
    hold(place, company, "1007", slot="refund:55", code="other")
    names = [json.loads(line)["name"] for line in run(holds_command.command, "--format", "json").stdout.splitlines()]
    assert sorted(names) == ["order #1007", "refund of order #1007"]
    assert run(release_command.command, "1007").stdout.count("released ") == 2


def test_nothing_that_waits_is_said_and_is_no_data() -> None:
    done = run(holds_command.command)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "Nothing waits for you.\n")


@pytest.mark.parametrize("spelling", ["1007", "#1007"])
def test_a_hold_is_released_by_the_records_number(spelling: str, place: Workplace, company: int) -> None:
    hold(place, company, "1007")
    hold(place, company, "1008")
    assert run(release_command.command, spelling).stdout == "released order #1007: Because of review.\n"
    assert waiting(place) == ["1008"]
    with place.store.read() as session:
        assert holds.releases(place.scope, session, company, [key("1007")]) == {key("1007"): {"review": "h"}}
        (entry,) = log.read(place.scope, session)
    assert entry.text == "Order #1007: jo released 'review'"


def test_a_hold_is_released_by_the_id_that_is_shown(place: Workplace, company: int) -> None:
    hold(place, company, "1007")
    hold(place, company, "1008")
    shown = run(holds_command.command).stdout.splitlines()
    run(release_command.command, shown[2].split()[0])
    assert waiting(place) == ["1007"]


def test_an_ending_that_is_too_short_or_a_number_of_two_shops_releases_nothing(place: Workplace, company: int) -> None:
    hold(place, company, "1007")
    hold(place, company, "1007", shop="https://other.example")
    short = run(holds_command.command).stdout.split()[0][-5:]
    done = run(release_command.command, short)
    assert (done.exit_code, done.stderr.startswith(f"Error: Nothing that waits is called {short}")) == (3, True)
    done = run(release_command.command, "1007")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "1007 fits several records; type more of the id that `holds` shows." in done.stderr
    assert len(waiting(place)) == 2


def test_all_or_all_of_one_reason_are_released(place: Workplace, company: int) -> None:
    for number, code in (("1", "review"), ("2", "not_paid"), ("3", "review")):
        hold(place, company, number, code)
    run(release_command.command, "--code", "review")
    assert waiting(place) == ["2"]
    run(release_command.command, "--all")
    assert waiting(place) == []


def test_a_slip_releases_nothing(place: Workplace, company: int) -> None:
    hold(place, company, "1007")
    done = run(release_command.command, "1007", "9999")
    assert done.exit_code == 3
    assert "Nothing that waits is called 9999" in done.stderr
    assert waiting(place) == ["1007"]


@pytest.mark.parametrize("arguments", [(), ("1", "--all"), ("--all", "--code", "x")])
def test_release_insists_on_one_way_to_say_which(arguments: tuple[str, ...]) -> None:
    assert run(release_command.command, *arguments).exit_code == 2


def test_the_log_reads_as_people_speak(place: Workplace) -> None:
    with place.store.write() as session:
        log.write_many(
            place.scope,
            session,
            [
                Event(code="voided", values={"order": "1006", "document": "invoice", "number": "1006"}, key=key("6")),
                Event(
                    code="rejected",
                    values={"order": "1007", "document": "invoice", "message": "The name is held by a vendor."},
                    level="warning",
                    key=key("7"),
                ),
            ],
            at=AT,
        )
    lines = run(log_command.command).stdout.splitlines()
    assert [line[21:] for line in lines] == [
        "Order #1006: invoice 1006 was voided in the books",
        "warning: Order #1007: invoice was refused: The name is held by a vendor.",
    ]
    assert len(run(log_command.command, "--problems").stdout.splitlines()) == 1
    assert "1006" in run(log_command.command, "--order", "#1006").stdout
    assert "1006" in run(log_command.command, "--order", "6").stdout
    assert run(log_command.command, "--order", "5").stderr == "Nothing was logged about order 5.\n"
    assert run(log_command.command, "--since", "2026-11-02").stdout == ""
    last = run(log_command.command, "--limit", "1", "--format", "json")
    told = json.loads(last.stdout)
    assert (told["v"], told["at"], told["record"]) == (1, "2026-11-01T12:00:00Z", {"kind": "order", "id": "7"})
    assert last.stderr == f"There are earlier lines: add --before {told['line']}, or a larger --limit.\n"
    first = run(log_command.command, "--limit", "1", "--before", str(told["line"]))
    assert "Order #1006" in first.stdout
    assert first.stderr == ""


def test_migrate_says_what_it_did() -> None:
    assert run(migrate_command.command, "--check").exit_code == 1
    assert "The database is now at" in run(migrate_command.command).stderr
    assert "nothing to do" in run(migrate_command.command).stderr
    assert run(migrate_command.command, "--check").exit_code == 0


@pytest.mark.parametrize(
    "arguments", [(log_command.command,), (migrate_command.command,), (migrate_command.command, "--check")]
)
def test_a_database_of_a_newer_program_is_left_alone(arguments: tuple[click.Command, str], place: Workplace) -> None:
    with place.store.write() as session:
        session.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (3, "")
    assert f"The database is at form 9999, and this program knows forms up to {head()}." in done.stderr
    assert "Use the newer program" in done.stderr


@pytest.mark.parametrize(
    ("database", "said"),
    [
        ("postgresql://localhost:1/x", "The database does not answer."),
        (
            "sqlite:////nowhere/at/all",
            "The database file cannot be opened, or cannot be written. Look at CLOUDCART_DATA_DIR",
        ),
        (f"sqlite:///{__file__}", "The file named as the database is something else."),
        ("mysql://x", "CLOUDCART_DATABASE_URL must begin with"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_sentence(
    database: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDCART_DATABASE_URL", database)
    done = run(log_command.command)
    assert (done.exit_code, done.stdout) == (3, "")
    assert said in done.stderr
