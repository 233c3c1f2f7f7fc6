"""docs/tutorial.md: what it tells people to do works, with its own rule set, on the shop it tells them to start"""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import check, connect, holds, release, sync
from cli import test as test_command
from sandbox import quickbooks, woocommerce

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    blocks = re.findall(r"^```\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (text,) = [block for block in blocks if block.startswith("ruleset")]
    file = tmp_path / "mine.rules"
    file.write_text(text)
    return file


def test_its_rule_set_is_clean_and_its_tests_pass(mine: Path) -> None:
    checked = CliRunner().invoke(check.command, [str(mine)])
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert "2 passed, 0 failed" in CliRunner().invoke(test_command.command, [str(mine)]).stdout


def test_the_mistake_that_it_suggests_is_explained(mine: Path) -> None:
    mine.write_text(mine.read_text().replace("when order.number", "when order.nmber"))
    checked = CliRunner().invoke(check.command, [str(mine)])
    assert checked.exit_code == 1
    assert "order.number" in checked.stdout


def test_its_steps_post_hold_and_release(mine: Path, tmp_socket_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDCART_DATA_DIR", str(tmp_socket_dir / "data"))
    monkeypatch.setenv("CLOUDCART_ALLOW_PRIVATE_HOSTS", "true")
    run = CliRunner()
    options = quickbooks.Options(custom_transaction_numbers=True, allow_shipping=True)
    with woocommerce.start() as shop, quickbooks.start(options) as books:
        for kind, name, given in (
            ("woocommerce", "My shop", shop.ready()),
            ("quickbooks", "My books", books.ready()),
        ):
            done = run.invoke(connect.command, [kind, "--name", name, "--credentials", "-"], input=json.dumps(given))
            assert done.exit_code == 0, done.stderr
        first = run.invoke(sync.command, [str(mine)])
        assert first.exit_code == 0, first.stderr
        numbers = {document.get("DocNumber") for document in books.books("SalesReceipt")}
        assert "309" in numbers
        assert "310" not in numbers
        assert "order #310: Over 300: please look at it" in run.invoke(holds.command).stdout
        assert "released order #310" in run.invoke(release.command, ["310"]).stdout
        assert run.invoke(sync.command, ["Web orders to QuickBooks"]).exit_code == 0
        assert {document.get("DocNumber") for document in books.books("SalesReceipt")} == numbers | {"310"}
