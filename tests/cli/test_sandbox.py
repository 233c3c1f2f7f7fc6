"""cli/sandbox.py and cli/connect.py: a local shop is started by the command and connected by another"""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import connect as connect_command
from cli import sandbox as sandbox_command
from cli.workplace import workplace
from engine import connections

ROOT = Path(__file__).resolve().parents[2]


class Sandbox:
    """A sandbox in a process of its own, as people run it."""

    def __init__(self, *arguments: str) -> None:
        script = "import sys; from cli.main import main; main(sys.argv[1:])"
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, "sandbox", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        self.ready: dict[str, Any] = json.loads(self.line)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        self.process.communicate(timeout=20)
        return self.process.returncode


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    sandbox = Sandbox("woocommerce", "--set", "generated=3")
    try:
        yield sandbox
    finally:
        sandbox.stop()


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDCART_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CLOUDCART_ALLOW_PRIVATE_HOSTS", "true")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_logs_and_ends_when_asked(how: signal.Signals, tmp_path: Path) -> None:
    log = tmp_path / "traffic.jsonl"
    sandbox = Sandbox("woocommerce", "--set", "version=2.4", "--set", "generated=3", "--log", str(log))
    assert sandbox.ready["v"] == 1
    assert sandbox.ready["version"] == "2.4"
    with urllib.request.urlopen(sandbox.ready["base_url"] + "/wc-api/v3", timeout=10) as answer:
        assert answer.status == 200
    assert sandbox.stop(how) == 0
    assert json.loads(log.read_text().splitlines()[0])


def test_what_happens_is_kept_in_its_file(tmp_path: Path) -> None:
    kept = tmp_path / "shop.json"
    first = Sandbox("woocommerce", "--set", "generated=3", "--data", str(kept))
    first.stop()
    again = Sandbox("woocommerce", "--set", "generated=3", "--data", str(kept))
    assert again.ready["orders"] == first.ready["orders"]
    again.stop()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["woocommerce", "--set", "versoin=2.4"], 2, "no switch is called 'versoin'"),
        (["woocommerce", "--set", "version=9"], 2, "version cannot be"),
        (["woocommerce", "--set", "version"], 2, "is not NAME=VALUE"),
        (["shopify"], 2, "'shopify' is not "),
    ],
)
def test_a_slip_is_answered_in_a_sentence(arguments: list[str], code: int, said: str) -> None:
    done = CliRunner().invoke(sandbox_command.command, arguments)
    assert done.exit_code == code
    assert said in done.stderr


@pytest.mark.parametrize("kind", sandbox_command.KINDS)
def test_its_switches_are_listed_with_their_help(kind: str) -> None:
    lines = CliRunner().invoke(sandbox_command.command, [kind, "--switches"]).stdout.splitlines()
    assert len(lines) > 10
    assert all(": " in line for line in lines)


def test_the_line_that_it_prints_connects_it(shop: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "ready.json").write_text(shop.line)
    arguments = ["woocommerce", "--name", "Acme", "--credentials", str(tmp_path / "ready.json")]
    done = CliRunner().invoke(connect_command.command, arguments)
    assert (done.exit_code, done.stdout) == (
        0,
        "connected Acme: Sandbox Shop, WooCommerce 10.0.2, USD, America/New_York\n",
    )
    with workplace() as place, place.store.read() as session:
        row = connections.named(place.scope, session, "Acme")
        secrets = connections.secrets_of(place.scope, session, place.sealer, row)
    assert row.settings == {"url": shop.ready["base_url"]}
    assert secrets == {name: shop.ready[name] for name in ("consumer_key", "consumer_secret")}


def test_a_wrong_key_stores_nothing_and_says_what_to_do(shop: Sandbox) -> None:
    boxes = {"url": shop.ready["base_url"], "consumer_key": "ck_" + "0" * 40, "consumer_secret": "cs_" + "0" * 40}
    done = CliRunner().invoke(
        connect_command.command, ["woocommerce", "--name", "Acme", "--credentials", "-"], input=json.dumps(boxes)
    )
    assert done.exit_code == 3
    assert "key" in done.stderr
    assert "cs_000" not in done.stderr
    assert done.stderr.endswith(" (Nothing was stored.)\n")
    with workplace() as place, place.store.read() as session:
        assert connections.every(place.scope, session) == []


@pytest.mark.parametrize(
    ("arguments", "given", "code", "said"),
    [
        (["woocommerce"], "", 2, "--name NAME"),
        (["woocommerce", "--name", "A"], "", 3, "Address of the shop (url) is missing."),
        (["woocommerce", "--name", "A", "--credentials", "-"], "{", 3, "The credentials in <stdin> are no JSON"),
        (
            ["woocommerce", "--name", "A", "--credentials", "-"],
            " \n",
            3,
            "<stdin> is empty. If a sandbox is to write it",
        ),
        (["woocommerce", "--name", "A", "--credentials", "-"], "[]", 3, "no JSON object. Write one object"),
        (["woocommerce", "--name", "A", "--set", "url"], "", 2, "is not BOX=VALUE"),
        (["quickbooks", "--name", "A", "--set", "client_id=x"], "", 3, "(client_secret) is missing"),
    ],
)
def test_what_is_missing_is_named(arguments: list[str], given: str, code: int, said: str) -> None:
    done = CliRunner().invoke(connect_command.command, arguments, input=given)
    assert done.exit_code == code
    assert said in done.stderr


@pytest.mark.parametrize("kind", ["woocommerce", "quickbooks"])
def test_the_boxes_of_a_form_are_listed(kind: str) -> None:
    lines = CliRunner().invoke(connect_command.command, [kind, "--boxes"]).stdout.splitlines()
    assert len(lines) >= 3
