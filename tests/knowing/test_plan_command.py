"""cli/plan.py: two files, recorded orders, and what the ledger knows"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli.connect
import cli.plan
import cli.sync
from sandbox import quickbooks, woocommerce
from tests.knowing.conftest import DEMO, PLAY_SHOP

Type = Callable[..., Result]
RULES = """
setting said is text default "By web"

rule "Memo"
  for order
  then set books.memo to said
end

flow "Web orders"
  from woocommerce  to quickbooks
  sync orders
  starting 01/01/2020
  with
    record_as = sales_receipt
    match_products = sku
    sales_tax = line_item
    review_first = no
    after_posting = update
end
"""


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    file = tmp_path / "orders.json"
    file.write_text(json.dumps(json.loads(PLAY_SHOP.read_bytes())[:60]))
    return file


@pytest.fixture
def versions(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "old.rules", tmp_path / "new.rules"
    text = DEMO.read_text()
    old.write_text(text)
    new.write_text(text.replace('"New York City"', '"NYC"').replace("more than 5000", "more than 300"))
    return old, new


def test_differences_are_told_and_make_the_exit_code_one(
    type_: Type, versions: tuple[Path, Path], orders: Path
) -> None:
    done = type_(cli.plan, *versions, "--input", orders, "--today", "2026-11-20", "--jobs", 2)
    assert done.exit_code == 1
    head, *rest = done.stdout.splitlines()
    assert head.startswith("60 orders under old.rules and new.rules: ")
    assert any(line.strip().endswith("tax code New York City → NYC") for line in rest)
    assert all(len(line) <= 100 for line in rest)
    assert any(re.fullmatch(r"  New York City +[\d,.]+  → +0.00  USD +-[\d,.]+", line) for line in rest)


def test_no_difference_is_said_and_makes_it_nought(type_: Type, versions: tuple[Path, Path], orders: Path) -> None:
    done = type_(cli.plan, versions[0], versions[0], "--input", orders, "--jobs", 1)
    assert done.exit_code == 0
    assert "Nothing would change" in done.stdout


def test_a_setting_can_be_tried_on_the_same_file(type_: Type, tmp_path: Path, orders: Path) -> None:
    file = tmp_path / "web.rules"
    file.write_text(RULES)
    done = type_(cli.plan, file, file, "--input", orders, "--set", "said=By phone", "--jobs", 1)
    assert done.exit_code == 1
    assert "under web.rules as it is and web.rules with said=By phone" in done.stdout
    assert "memo: By web → By phone" in done.stdout
    refused = type_(cli.plan, file, file, "--input", orders, "--set", "sad=By phone")
    assert (refused.exit_code, "There is no setting sad" in refused.stderr) == (3, True)


def test_every_single_difference_comes_as_a_line(type_: Type, versions: tuple[Path, Path], orders: Path) -> None:
    done = type_(cli.plan, *versions, "--input", orders, "--today", "2026-11-20", "--format", "json", "--each")
    *each, plan = map(json.loads, done.stdout.splitlines())
    assert plan["kind"] == "plan"
    documents = [line for line in each if line["kind"] == "document"]
    assert len(documents) == sum(group["count"] for group in plan["documents"])
    assert len(each) - len(documents) == sum(group["count"] for group in plan["outcomes"])
    one = next(line for line in documents if line["change"] == "changes")
    assert [(field["field"], field["before"], field["after"]) for field in one["fields"]] == [
        ("tax_code", "New York City", "NYC")
    ]
    words = type_(cli.plan, *versions, "--input", orders, "--today", "2026-11-20", "--each").stdout
    assert f"order {one['order']}: invoice changes\n    tax code: New York City → NYC\n" in words


def test_without_orders_it_asks_for_them(type_: Type, versions: tuple[Path, Path]) -> None:
    done = CliRunner().invoke(cli.plan.command, [str(each) for each in versions])
    assert done.exit_code == 2
    assert "--input RECORDS" in done.output


# -------------------------------------------------------------------------------------------------------- the ledger


@pytest.fixture
def posted(
    tmp_path: Path, tmp_socket_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[quickbooks.RunningQuickBooks]:
    """A dozen orders that stand in the books."""
    monkeypatch.setenv("CLOUDCART_DATA_DIR", str(tmp_socket_dir / "data"))
    monkeypatch.setenv("CLOUDCART_ALLOW_PRIVATE_HOSTS", "true")
    options = quickbooks.Options(empty=True, custom_transaction_numbers=True, allow_shipping=True)
    with woocommerce.start(woocommerce.Options(generated=12)) as shop, quickbooks.start(options) as books:
        for kind, given in (("woocommerce", shop.ready()), ("quickbooks", books.ready())):
            done = CliRunner().invoke(
                cli.connect.command, [kind, "--name", kind, "--credentials", "-"], input=json.dumps(given)
            )
            assert done.exit_code == 0, done.output
        (tmp_path / "web.rules").write_text(RULES)
        assert CliRunner().invoke(cli.sync.command, [str(tmp_path / "web.rules")]).exit_code == 0
        yield books


def test_what_stands_in_the_books_and_would_be_touched_is_told(
    type_: Type, posted: quickbooks.RunningQuickBooks, tmp_path: Path
) -> None:
    old, new = tmp_path / "web.rules", tmp_path / "new.rules"
    new.write_text(RULES.replace("By web", "By phone"))
    standing = len(posted.books("SalesReceipt"))
    told = json.loads(type_(cli.plan, old, new, "--posted", "--format", "json", "--jobs", 1).stdout)
    assert told["orders"] == 12
    actions = {(each["action"], each["type"]): each["count"] for each in told["standing"]}
    assert actions == {("amended", "sales receipt"): standing}
    same = type_(cli.plan, old, old, "--posted", "--jobs", 1)
    assert same.exit_code == 0, same.stdout


def test_a_rule_that_would_skip_what_stands_takes_nothing_away(
    type_: Type, posted: quickbooks.RunningQuickBooks, tmp_path: Path
) -> None:
    new = tmp_path / "new.rules"
    new.write_text(RULES + 'rule "None"\n  for order\n  then skip "No more"\nend\n')
    told = json.loads(type_(cli.plan, tmp_path / "web.rules", new, "--posted", "--format", "json").stdout)
    assert {(each["action"], each["why"]) for each in told["standing"]} == {
        ("stays", "nothing that stands is taken away: the new version would skip the order")
    }


def test_without_a_published_flow_it_says_which_there_are(
    type_: Type, versions: tuple[Path, Path], tmp_socket_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDCART_DATA_DIR", str(tmp_socket_dir / "data"))
    done = type_(cli.plan, *versions, "--posted")
    assert done.exit_code == 3
    assert "Which published flow is meant?" in done.stderr


def test_the_page_shows_a_plan_as_it_is_told(type_: Type, tmp_path: Path) -> None:
    page = (DEMO.parents[2] / "docs" / "howto-changes.md").read_text(encoding="utf-8")
    shown = next(text for text in page.split("```") if text.startswith("text\n203 orders"))
    new = tmp_path / "changed.rules"
    new.write_text(
        DEMO.read_text().replace('"New York City"', '"NYC Sales Tax"').replace("more than 5000", "more than 500")
    )
    done = type_(cli.plan, DEMO, new, "--input", PLAY_SHOP, "--today", "2026-11-20")
    assert done.stdout.startswith(shown.removeprefix("text\n"))
