"""cli/demo.py: the whole demo, as a stranger runs it: stopped in the middle, gone on with, run again; its figures counted anew"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.woocommerce import recorded

ROOT = Path(__file__).resolve().parents[2]
# One worker runs the demo, and all of these look at it.
pytestmark = pytest.mark.xdist_group("demo")
#: What the demo's rules and options leave out by status.
NOT_POSTED = {"pending", "cancelled", "failed", "checkout-draft", "trash"}


def demo(data: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CLOUDCART_")}
    return subprocess.Popen(
        [sys.executable, "-c", "from cli.main import main; main()", "demo", *arguments],
        cwd=ROOT,
        env={**environment, "CLOUDCART_DATA_DIR": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=240)
    return process.returncode, out, err


def requests(data: Path, kind: str) -> list[dict[str, Any]]:
    log = data / "demo" / f"{kind}.log"
    if not log.exists():
        return []
    return [json.loads(line) for line in log.read_text("utf-8").splitlines(keepends=True) if line.endswith("\n")]


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def listening(data: Path) -> list[int]:
    """Which of the demo's ports still answer."""
    ports = json.loads((data / "demo" / "ports.json").read_text())
    found = []
    for port in ports.values():
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                found.append(port)
    return found


@dataclass
class Ran:
    data: Path
    stopped: tuple[int, str, str]
    still_listening: list[int]
    first: tuple[int, str, str]
    requests_before_second: tuple[int, int]
    second: tuple[int, str, str]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """Stopped while it posts, run to its end, and run again."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="cc-demo-") as folder:  # a socket's path has to be short
        data = Path(folder)
        process = demo(data)
        until(lambda: any(each["path"].endswith("/batch") for each in requests(data, "quickbooks")))
        process.send_signal(signal.SIGINT)
        stopped = done(process)
        still = listening(data)
        first = done(demo(data, "--once"))
        before = (len(requests(data, "woocommerce")), len(requests(data, "quickbooks")))
        yield Ran(data, stopped, still, first, before, done(demo(data, "--once")))


def books(data: Path) -> dict[str, list[dict[str, Any]]]:
    """The documents that stand, read from the file that the local books keep."""
    rows: dict[tuple[str, str], Any] = {}
    for line in (data / "demo" / "quickbooks.data").read_text("utf-8").splitlines():
        for kind, key, _, document in json.loads(line, parse_float=Decimal).get("rows", []):
            rows[kind, key] = document
    found: dict[str, list[dict[str, Any]]] = {}
    for (kind, _), document in rows.items():
        if document is not None:
            found.setdefault(kind, []).append(document)
    return found


def test_stopped_in_the_middle_it_says_so_and_leaves_nothing_running(ran: Ran) -> None:
    code, out, err = ran.stopped
    assert (code, out) == (130, "")
    assert "Run it again: it goes on where it was." in err
    assert ran.still_listening == []


def test_run_again_it_goes_on_to_its_end(ran: Ran) -> None:
    code, out, err = ran.first
    assert code == 0, err
    assert "they agree to the cent" in out
    assert "apart" not in out
    numbers = Counter(invoice["DocNumber"] for invoice in books(ran.data)["Invoice"])
    assert numbers.most_common(1)[0][1] == 1, "nothing stands twice"


def test_what_came_in_is_what_the_shop_has(ran: Ran) -> None:
    statuses = Counter(order["status"] for order in recorded.load("orders") if order["status"] != "trash")
    line = " ".join(ran.first[1].split())
    assert f"{statuses.total()} orders from the web store: " in line
    assert all(f"{count} {status}" in line for status, count in statuses.items())


def test_what_stands_in_the_books_is_what_the_books_hold(ran: Ran) -> None:
    held = books(ran.data)
    for kind, words in (("Invoice", "invoices"), ("Payment", "payments"), ("CreditMemo", "credit memos")):
        total = sum((Decimal(str(document["TotalAmt"])) for document in held[kind]), Decimal(0))
        assert re.search(rf"^{words} +{len(held[kind])} +{total:,.2f} USD$", ran.first[1], re.MULTILINE), (words, total)


def test_both_sides_and_every_order_are_accounted_for(ran: Ran) -> None:
    orders = {order["number"].lstrip("#"): order for order in recorded.load("orders")}
    posted = [orders[invoice["DocNumber"]] for invoice in books(ran.data)["Invoice"]]
    assert {order["currency"] for order in posted} == {"USD"}
    total = sum((Decimal(order["total"]) for order in posted), Decimal(0))
    assert f"{len(posted)} orders: {total:,.2f} USD in the shop, {total:,.2f} USD in the books" in ran.first[1]
    others = [order for order in orders.values() if order not in posted and order["status"] != "trash"]
    left_out = [order for order in others if order["status"] in NOT_POSTED or Decimal(order["total"]) == 0]
    waiting = len(others) - len(left_out)
    accounts = f"= {len(posted)} in the books + {waiting} waiting + {len(left_out)} left out"
    assert accounts in ran.first[1]


def test_amounts_that_were_left_out_are_the_shops(ran: Ran) -> None:
    for status in ("pending", "cancelled", "failed"):
        money: dict[str, Decimal] = {}
        for order in recorded.load("orders"):
            if order["status"] == status:
                money[order["currency"]] = money.get(order["currency"], Decimal(0)) + Decimal(order["total"])
        said = ", ".join(f"{total:,.2f} {currency}" for currency, total in sorted(money.items()) if total)
        _, _, after = ran.first[1].partition(f"Its status is '{status}'")
        assert said in " ".join(after.split()[:60])


def test_one_order_is_told_rule_by_rule_and_as_the_log_says_it(ran: Ran) -> None:
    _, _, told = ran.first[1].partition("One order, step by step: #")
    assert re.search(r"\n    Tax code +\(not set\) → \w+", told)
    assert re.search(r"Order #\w+: invoice \w+, \d+ lines?, [\d.]+ USD, .* tax [\d.]+ %; rule '", told)


def test_run_once_more_it_posts_nothing_and_says_so(ran: Ran) -> None:
    code, out, err = ran.second
    assert (code, err.strip()) == (0, "")
    assert "Everything stood there already: nothing was posted twice, nothing changed." in out
    since = requests(ran.data, "quickbooks")[ran.requests_before_second[1] :]
    assert [each["path"] for each in since if each["method"] == "POST" and not each["path"].endswith("/query")] == []
    asked_of_shop = len(requests(ran.data, "woocommerce")) - ran.requests_before_second[0]
    (told,) = re.findall(r"^(\d+) calls? to the shop", out, re.MULTILINE)
    assert asked_of_shop - int(told) == 4, "those of connecting apart"


def test_piped_it_is_plain_text_of_a_hundred_columns_at_most(ran: Ran) -> None:
    assert "\x1b" not in ran.first[1] + ran.first[2]
    assert max(len(line) for line in ran.first[1].splitlines()) <= 100


def test_a_second_demo_beside_the_first_is_told_where_to_go(tmp_path: Path) -> None:
    with (tmp_path / "demo.lock").open("a") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        code, out, err = done(demo(tmp_path, "--once", "--fresh"))
    assert (code, out) == (3, "")
    assert "A demo runs in" in err
    assert "CLOUDCART_DATA_DIR=another-folder" in err


def test_a_port_in_use_and_a_folder_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        (tmp_path / "demo" / "ports.json").write_text(json.dumps({"woocommerce": port}))
        code, out, err = done(demo(tmp_path, "--once"))
    assert (code, out) == (3, "")
    assert f"It wants port {port}, where it was the last time." in err
    assert "--fresh" in err
    (tmp_path / "file").write_text("")
    code, out, err = done(demo(tmp_path / "file" / "below", "--once"))
    assert (code, out) == (3, "")
    assert "set CLOUDCART_DATA_DIR to a folder that is yours" in err
