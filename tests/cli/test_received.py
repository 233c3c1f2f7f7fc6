"""cli/received.py: orders come out as the shop sent them, and `run` and `explain` take them"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import explain as explain_command
from cli import received as received_command
from cli.workplace import Workplace, workplace
from connectors.records import Fetched
from engine import connections, records
from engine.preview import read_orders

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
RECORDED = Path(__file__).resolve().parents[1] / "fixtures" / "woocommerce" / "shop-usd"
RAW = {
    name: json.loads((RECORDED / f"{name}.json").read_text())["response"]["body"]
    for name in ("order_number_with_hash", "order_checkout_stripe")
}


@pytest.fixture
def place(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    monkeypatch.setenv("CLOUDCART_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CLOUDCART_DATABASE_URL", database_url)
    with workplace() as found:
        keep(found, [*read_orders("woocommerce", list(RAW.values()))])
        yield found


def keep(place: Workplace, fetched: list[Fetched]) -> None:
    with place.store.write() as session:
        shop = connections.save(
            place.scope, session, place.sealer, kind="woocommerce", name="Acme", identity="acme.example", zone="UTC",
            currency="USD", settings={}, secrets={}, profile={}, at=AT,
        )  # fmt: skip
        for days, one in enumerate(fetched):
            records.save_many(place.scope, session, shop, "acme.example", [one], at=AT + timedelta(days=days))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(received_command.command, arguments)


@pytest.mark.parametrize("called", ["#{number}", "{number}", "{id}"])
def test_an_order_comes_out_as_the_shop_sent_it_by_any_of_its_names(place: Workplace, called: str) -> None:
    raw = RAW["order_number_with_hash"]
    done = run(called.format(number=raw["number"].removeprefix("#"), id=raw["id"]))
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout) == raw


def test_what_comes_out_can_be_explained(place: Workplace, tmp_path: Path) -> None:
    rules, file = tmp_path / "mine.rules", tmp_path / "order.json"
    rules.write_text('rule "A"\n  for order\n  then tag "seen"\nend\n')
    number = RAW["order_number_with_hash"]["number"]
    file.write_text(run(number).stdout)
    asked = [str(rules), "--source", "woocommerce", "--input", str(file), "--id", number]
    assert f"Order {number} goes to the books" in CliRunner().invoke(explain_command.command, asked).stdout


def test_the_orders_since_a_moment_come_out_a_line_each(place: Workplace) -> None:
    both, later = run("--since", "2026-11-01T00:00Z"), run("--since", "2026-11-02T00:00Z")
    assert [json.loads(line)["id"] for line in both.stdout.splitlines()] == [raw["id"] for raw in RAW.values()]
    assert [json.loads(line)["id"] for line in later.stdout.splitlines()] == [RAW["order_checkout_stripe"]["id"]]


def test_an_order_that_was_never_read_is_named(place: Workplace) -> None:
    done = run("4711", RAW["order_checkout_stripe"]["number"])
    assert done.exit_code == 3
    assert json.loads(done.stdout)["id"] == RAW["order_checkout_stripe"]["id"]
    assert done.stderr.startswith("Error: No order that was read is called 4711;")


def test_a_payload_that_is_purged_is_told(place: Workplace) -> None:
    with place.store.write() as session:
        records.purge(place.scope, session, before=AT + timedelta(hours=1), now=AT + timedelta(days=9))
    number = RAW["order_number_with_hash"]["number"]
    done = run(number)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"What the shop sent is no longer kept of: {number}.\n"


@pytest.mark.parametrize("arguments", [(), ("1", "--since", "1d")])
def test_it_insists_on_one_way_to_say_which(place: Workplace, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
