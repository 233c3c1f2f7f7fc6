"""cli/sync.py, cli/books.py and cli/worker.py: from a local shop to local books by the command alone"""

import base64
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result

from cli import books as books_command
from cli import connect as connect_command
from cli import disconnect as disconnect_command
from cli import holds as holds_command
from cli import log as log_command
from cli import release as release_command
from cli import sync as sync_command
from connectors.quickbooks import OAuth
from engine import valkey
from engine.systems import quickbooks_settings
from sandbox import quickbooks, woocommerce

ROOT = Path(__file__).resolve().parents[2]
RULES = """
rule "Channel"
  for order
  then set books.memo to "By {order.channel}"
end

flow "Web orders"
  from woocommerce  to quickbooks
  sync orders
  every 30 minutes
  starting 01/01/2020
  with
    record_as = sales_receipt
    match_products = sku
    sales_tax = line_item
    review_first = no
end
"""


@pytest.fixture
def shop() -> Iterator[woocommerce.RunningShop]:
    with woocommerce.start(woocommerce.Options(generated=12)) as running:
        yield running


@pytest.fixture
def books() -> Iterator[quickbooks.RunningQuickBooks]:
    options = quickbooks.Options(empty=True, custom_transaction_numbers=True, allow_shipping=True)
    with quickbooks.start(options) as running:
        yield running


@pytest.fixture
def data_dir(tmp_socket_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLOUDCART_DATA_DIR", str(tmp_socket_dir / "data"))
    monkeypatch.setenv("CLOUDCART_ALLOW_PRIVATE_HOSTS", "true")
    return tmp_socket_dir / "data"


def run(command: Any, *arguments: object, given: dict[str, Any] | None = None) -> Result:
    done = CliRunner().invoke(
        command, [str(each) for each in arguments], input=None if given is None else json.dumps(given)
    )
    if isinstance(done.exception, Exception):
        raise done.exception
    return done


@pytest.fixture
def rules(shop: woocommerce.RunningShop, books: quickbooks.RunningQuickBooks, data_dir: Path, tmp_path: Path) -> Path:
    """A rule-set file, with both sides of its flow connected."""
    for kind, given in (("woocommerce", shop.ready()), ("quickbooks", books.ready())):
        done = run(connect_command.command, kind, "--name", kind, "--credentials", "-", given=given)
        assert done.exit_code == 0, done.stderr
    file = tmp_path / "web.rules"
    file.write_text(RULES)
    return file


def told(done: Result) -> dict[str, Any]:
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_orders_become_receipts_and_a_second_run_does_nothing(rules: Path, books: quickbooks.RunningQuickBooks) -> None:
    first = told(run(sync_command.command, rules, "--format", "json"))
    (flow,), (posted,) = first["flows"], first["posted"]
    assert flow["fetched"] == 12
    standing = len(books.books("SalesReceipt")) + len(books.books("RefundReceipt"))
    assert posted["posted"] == flow["outcomes"]["sync"] == standing > 5
    assert posted["busy"] is False
    assert all(document["PrivateNote"].startswith("By ") for document in books.books("SalesReceipt"))
    again = told(run(sync_command.command, "Web orders", "--format", "json"))
    assert (again["flows"][0]["changed"], again["flows"][0]["planned"]) == (0, 0)
    assert again["posted"][0]["sends"] == 0
    assert len(books.books("SalesReceipt")) + len(books.books("RefundReceipt")) == standing


def test_a_connection_that_was_ended_moves_nothing_until_it_is_made_again(
    rules: Path, shop: woocommerce.RunningShop, books: quickbooks.RunningQuickBooks
) -> None:
    told(run(sync_command.command, rules, "--format", "json"))
    standing = len(books.books("SalesReceipt"))
    for name in ("woocommerce", "quickbooks"):
        assert run(disconnect_command.command, name).stdout == f"disconnected {name}\n"
    refused = run(sync_command.command, "Web orders")
    assert refused.exit_code == 3
    assert "was disconnected. Connect it again" in refused.stderr
    for kind, given in (("woocommerce", shop.ready()), ("quickbooks", fresh(books))):
        assert run(connect_command.command, kind, "--name", kind, "--credentials", "-", given=given).exit_code == 0
    again = told(run(sync_command.command, "Web orders", "--format", "json"))
    assert again["flows"][0]["planned"] == 0
    assert len(books.books("SalesReceipt")) == standing


def fresh(books: quickbooks.RunningQuickBooks) -> dict[str, Any]:
    """Credentials as after a new sign-in: the old ones were given back."""
    code = OAuth(quickbooks_settings({**books.ready(), "redirect_uri": "http://localhost/callback"}))
    with signed_in(code.authorization_url("state", "http://localhost/callback")) as came_back:
        held = code.exchange(came_back["code"], "http://localhost/callback")
    return {**books.ready(), "access_token": held.access_token, "refresh_token": held.refresh_token}


@contextmanager
def signed_in(url: str) -> Iterator[dict[str, str]]:
    """What the browser brings back from the sign-in page, which sends it on at once."""
    asked = urlsplit(url)
    line = http.client.HTTPConnection(asked.hostname or "", asked.port)
    try:
        line.request("GET", f"{asked.path}?{asked.query}")
        location = line.getresponse().getheader("Location") or ""
        yield {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}
    finally:
        line.close()


def test_whoever_runs_it_unattended_learns_from_the_exit_code_that_nothing_could_be_posted(
    rules: Path, books: quickbooks.RunningQuickBooks
) -> None:
    planned = told(run(sync_command.command, rules, "--no-post", "--format", "json"))
    for grant in books.api.tokens.grants:
        grant.revoked = True
    books.expire_access_tokens()
    paused = run(sync_command.command, "Web orders")
    assert paused.exit_code == 3
    assert "Paused: " in paused.stdout
    assert books.books("SalesReceipt") == []
    connected = run(
        connect_command.command, "quickbooks", "--name", "quickbooks", "--credentials", "-", given=fresh(books)
    )
    assert connected.exit_code == 0, connected.stderr
    posted = told(run(sync_command.command, "Web orders", "--format", "json"))
    assert posted["posted"][0]["posted"] == planned["flows"][0]["outcomes"]["sync"]


def test_a_run_is_told_in_words(rules: Path) -> None:
    said = run(sync_command.command, rules)
    assert "Published" in said.stderr
    assert "Web orders: 12 orders read, 12 of them new or changed" in said.stdout
    assert "documents posted, " in said.stdout
    assert "Calls to the books: " in said.stdout
    lines = run(log_command.command).stdout
    assert "sales receipt" in lines


def test_fetching_and_posting_can_be_done_apart(rules: Path, books: quickbooks.RunningQuickBooks) -> None:
    planned = told(run(sync_command.command, rules, "--no-post", "--format", "json"))
    assert planned["posted"] == []
    assert books.books("SalesReceipt") == []
    posted = told(run(sync_command.command, "Web orders", "--format", "json"))
    assert posted["posted"][0]["posted"] == planned["flows"][0]["outcomes"]["sync"]


def test_what_waits_for_a_look_goes_out_when_it_is_released(rules: Path, books: quickbooks.RunningQuickBooks) -> None:
    rules.write_text(RULES.replace("review_first = no", "review_first = yes"))
    held = told(run(sync_command.command, rules, "--format", "json"))
    assert held["posted"][0]["posted"] == 0
    waiting = [json.loads(line) for line in run(holds_command.command, "--format", "json").stdout.splitlines()]
    reviews = [each for each in waiting if each["code"] == "review"]
    assert len(reviews) == held["flows"][0]["reasons"]["Waits for a person to look at it (review_first)."]
    run(release_command.command, reviews[0]["name"].rpartition("#")[2])
    told(run(sync_command.command, "Web orders", "--format", "json"))
    assert len(books.books("SalesReceipt")) == 1
    run(release_command.command, "--code", "review")
    told(run(sync_command.command, "Web orders", "--format", "json"))
    assert len(books.books("SalesReceipt")) == len(reviews)


def test_a_snapshot_of_the_books_is_a_file(rules: Path, tmp_path: Path) -> None:
    to = tmp_path / "books.json"
    done = run(books_command.command, "quickbooks", "--output", to)
    assert "account" in done.stderr
    snapshot = json.loads(to.read_text())
    assert snapshot["v"] == 1
    assert json.loads(run(books_command.command, "quickbooks").stdout)["lists"] == snapshot["lists"]
    refused = run(books_command.command, "nobody")
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert "Connections: 'quickbooks', 'woocommerce'" in refused.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RULES.replace("orders", "ordres", 1).replace("sync orders", "sync ordres"), "nothing was published"),
        (RULES.replace("from woocommerce", 'from "My shop"'), "There is no connection called 'My shop'"),
        ('rule "x"\n  for order\n  then skip "no"\nend\n', "has no flow that moves orders"),
    ],
)
def test_what_is_in_the_way_is_said_before_anything_moves(text: str, said: str, rules: Path) -> None:
    rules.write_text(text)
    done = run(sync_command.command, rules)
    assert done.exit_code == 3
    assert said in done.stderr


def test_days_the_wrong_way_round_are_refused() -> None:
    done = run(sync_command.command, "Web orders", "--since", "2026-02-01", "--until", "2026-01-01")
    assert done.exit_code == 2
    assert "--until 2026-01-01 lies before --since 2026-02-01." in done.stderr


def test_a_flow_that_nobody_published_is_refused(rules: Path) -> None:
    done = run(sync_command.command, "No such flow")
    assert done.exit_code == 3
    assert "neither a file nor a published flow" in done.stderr


def test_a_key_that_is_gone_is_said_and_its_return_mends_all(
    rules: Path, books: quickbooks.RunningQuickBooks, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = (data_dir / "secret-keys").read_text().strip()
    another = f"2027:{base64.urlsafe_b64encode(bytes(32)).decode()}"
    run(sync_command.command, rules, "--no-post")
    monkeypatch.setenv("CLOUDCART_SECRET_KEYS", another)
    done = run(sync_command.command, "Web orders")
    assert done.exit_code == 3
    assert "The secrets of 'woocommerce' no longer open: no key" in done.stderr
    assert "behind the new one in CLOUDCART_SECRET_KEYS" in done.stderr
    assert "'Web orders': The secrets of 'woocommerce' no longer open" in run(log_command.command, "--problems").stdout
    monkeypatch.setenv("CLOUDCART_SECRET_KEYS", f"{another},{kept}")
    assert run(sync_command.command, "Web orders").exit_code == 0
    assert books.books("SalesReceipt")


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def test_a_worker_posts_what_was_planned_and_ends_with_its_server(
    rules: Path, books: quickbooks.RunningQuickBooks, data_dir: Path
) -> None:
    told(run(sync_command.command, rules, "--no-post", "--format", "json"))
    script = "import sys; from cli.main import main; main(sys.argv[1:])"
    worker = subprocess.Popen(
        [sys.executable, "-c", script, "worker", "--tick", "0.2"],
        cwd=ROOT, env=dict(os.environ), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until(lambda: len(books.books("SalesReceipt")) > 0)
        assert valkey.answers(valkey.socket_path(data_dir))
    finally:
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=30)
    assert worker.returncode == 0
    assert "wake-ups embedded Valkey" in said
    assert said.endswith("The worker has ended.\n")
    assert not valkey.answers(valkey.socket_path(data_dir))
