"""cli/check.py, cli/run.py, cli/explain.py and cli/records.py, on recorded orders"""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import check as check_command
from cli import explain as explain_command
from cli import run as run_command
from connectors.ports import ListEntry
from connectors.quickbooks import Snapshot, write_snapshot
from engine.books_view import NEUTRAL_PROFILE

RECORDED = Path(__file__).resolve().parents[1] / "fixtures" / "woocommerce" / "shop-usd"
HASH = """
rule "Remove # from order numbers"
  for order  when order.number contains "#"
  then replace "#" with "" in order.number
end
"""
BANK = """
setting bank is account default "Undeposited Fund"
rule "Bank"
  for order
  then set books.deposit_account to bank
end
"""
FLOW = """
flow "Web orders"
  from woocommerce to quickbooks
  sync orders
  with
    record_as = invoice_and_payment_if_paid
end
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "web.rules"
    file.write_text(HASH)
    return file


def run(command: Any, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments])


def lines(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def on(recorded: str) -> tuple[str, ...]:
    return ("--source", "woocommerce", "--input", str(RECORDED / recorded), "--today", "2026-11-21")


def test_a_clean_file_is_quiet_on_standard_output(rules: Path) -> None:
    done = run(check_command.command, rules)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.endswith("web.rules: nothing to complain about\n")


def test_mistakes_of_all_files_are_shown_and_end_with_one(rules: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.rules"
    broken.write_text('rule "x"\n  for order when order.total is mor than 5\n  then skip "no"\nend\n')
    done = run(check_command.command, rules, broken)
    assert done.exit_code == 1
    assert f"{broken}:2:33" in done.stdout
    assert "did you mean `more`?" in done.stdout
    (told,) = lines(run(check_command.command, rules, broken, "--format", "json"))
    assert told["v"] == 1
    assert [(each["file"], each["severity"], each["start"]["line"]) for each in told["diagnostics"]] == [
        (str(broken), "error", 2)
    ]


def test_a_file_that_is_no_text_is_refused_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "latin.rules").write_bytes('// A\n// Größe\n'.encode("latin-1"))  # fmt: skip
    done = run(check_command.command, tmp_path / "latin.rules")
    assert done.exit_code == 3
    assert (
        "latin.rules is no UTF-8 text: line 2 has a letter that cannot be read. Save it as plain text, UTF-8."
        in done.stderr
    )
    (tmp_path / "wide.rules").write_bytes("// A".encode("utf-16"))
    assert (
        'it was saved as UTF-16, which Windows calls "Unicode"'
        in run(check_command.command, tmp_path / "wide.rules").stderr
    )
    (tmp_path / "word.rules").write_bytes(b"PK\x03\x04\x14\x00\x06\x00\xff\xfe")
    told = run(check_command.command, tmp_path / "word.rules").stderr
    assert "it is a document of a word processor or a spreadsheet. Save it as plain text, UTF-8." in told


def test_names_are_looked_up_in_a_snapshot(tmp_path: Path) -> None:
    file = tmp_path / "web.rules"
    file.write_text(BANK)
    entries = (ListEntry(kind="account", id="1", name="Undeposited Funds"),)
    snapshot = tmp_path / "books.json"
    snapshot.write_text(json.dumps(write_snapshot(Snapshot(NEUTRAL_PROFILE, entries))))
    assert run(check_command.command, file).exit_code == 0
    done = run(check_command.command, file, "--books", snapshot)
    assert done.exit_code == 1
    assert "Undeposited Funds" in done.stdout


def test_run_prints_one_object_for_each_record(rules: Path) -> None:
    done = run(run_command.command, rules, *on("order_number_with_hash.json"))
    (told,) = lines(done)
    assert (told["v"], told["kind"], told["outcome"], told["reason"]) == (1, "order", "sync", None)
    assert told["fired"] == ["Remove # from order numbers"]
    (change,) = told["changes"]
    assert change["path"] == "order.number"
    assert change["before"] == "#" + change["after"]
    assert told["record"]["order"]["number"] == change["after"]
    assert "documents" not in told
    assert done.stderr == "1 sync\n"


def test_refunds_follow_their_order(rules: Path) -> None:
    told = lines(run(run_command.command, rules, *on("order_two_refunds.json"), "--documents"))
    assert [each["kind"] for each in told] == ["order", "refund", "refund"]
    assert all(each["outcome"] == "sync" for each in told)
    sale = told[0]["documents"][0]
    assert (sale["type"], sale["total"], sale["currency"], sale["paid"]) == (
        "sales_receipt",
        "126.13",
        "USD",
        "126.13",
    )


def test_the_parts_of_every_document_add_up_to_its_total(rules: Path, tmp_path: Path) -> None:
    from decimal import Decimal

    rules.write_text(HASH + FLOW)
    seen = 0
    for page in sorted(RECORDED.glob("orders_page_0*.json")):
        for told in lines(run(run_command.command, rules, *on(page.name), "--documents")):
            for document in told["documents"]:
                if document["type"] == "payment":
                    continue
                parts = sum((Decimal(line["amount"]) for line in document["lines"]), Decimal(0))
                assert parts == Decimal(document["subtotal"])
                parts += Decimal(document["shipping_total"]) + Decimal(document["tax_total"])
                assert parts - Decimal(document["discount_total"]) == Decimal(document["total"]), told["id"]
                seen += 1
    assert seen > 100


def test_a_flow_decides_as_it_would_live(rules: Path) -> None:
    arguments = on("order_failed.json")
    assert lines(run(run_command.command, rules, *arguments))[0]["outcome"] == "sync"
    rules.write_text(HASH + FLOW)
    (told,) = lines(run(run_command.command, rules, *arguments))
    assert told["outcome"] == "skip"
    assert "failed" in told["reason"]
    assert run(run_command.command, rules, *arguments, "--flow", "Nope").exit_code == 3


@pytest.mark.parametrize(
    ("how", "coloured"), [(["--color", "always"], True), (["--color", "never"], False), ([], False)]
)
def test_colours_are_a_choice_and_stay_away_where_no_terminal_is(rules: Path, how: list[str], coloured: bool) -> None:
    done = run(explain_command.command, rules, *on("order_number_with_hash.json"), "--id", "#10400", *how)
    assert done.exit_code == 0
    assert ("\x1b[" in done.stdout) is coloured, done.output


def test_run_can_say_why(rules: Path) -> None:
    (told,) = lines(run(run_command.command, rules, *on("order_cancelled.json"), "--explain"))
    (rule,) = told["explanation"]
    assert rule["state"] == "not fired"
    assert "#" in rule["why"][0]


def test_what_cannot_be_read_is_held_with_words_and_the_rest_goes_on(rules: Path, tmp_path: Path) -> None:
    good = json.loads((RECORDED / "order_zero_total.json").read_text())["response"]["body"]
    records = tmp_path / "records.jsonl"
    records.write_text(json.dumps({"id": 1}) + "\n" + json.dumps(good) + "\n")
    told = lines(run(run_command.command, rules, "--source", "woocommerce", "--input", records))
    assert [each["outcome"] for each in told] == ["hold", "sync"]
    assert told[0]["reason"]


@pytest.mark.parametrize(
    ("text", "extra", "said"),
    [
        ("<html>", (), "is no JSON"),
        ("[]", ("--zone", "Mars/Olympus"), "Mars/Olympus is no time zone"),
        ("[]", ("--books", "RECORDS"), "no snapshot of books"),
    ],
)
def test_what_is_in_the_way_is_one_sentence(
    text: str, extra: tuple[str, ...], said: str, rules: Path, tmp_path: Path
) -> None:
    records = tmp_path / "records.json"
    records.write_text(text)
    extra = tuple(str(records) if each == "RECORDS" else each for each in extra)
    done = run(run_command.command, rules, "--source", "woocommerce", "--input", records, *extra)
    assert (done.exit_code, done.stdout) == (3, "")
    assert said in done.stderr


def test_a_broken_rule_set_runs_nothing_and_shows_why(rules: Path) -> None:
    rules.write_text("rule")
    done = run(run_command.command, rules, *on("order_zero_total.json"))
    assert (done.exit_code, done.stdout) == (3, "")
    assert "error R" in done.stderr


@pytest.mark.parametrize("spelling", ["id", "number"])
def test_explain_tells_a_record_rule_by_rule(spelling: str, rules: Path) -> None:
    order = json.loads((RECORDED / "order_number_with_hash.json").read_text())["response"]["body"]
    wanted = str(order["id"]) if spelling == "id" else order["number"]
    done = run(explain_command.command, rules, *on("order_number_with_hash.json"), "--id", wanted)
    assert done.exit_code == 0
    assert "    Order number  #10400 → 10400  (replaced in the text)\n" in done.stdout
    (told,) = lines(
        run(explain_command.command, rules, *on("order_number_with_hash.json"), "--id", wanted, "--format", "json")
    )
    assert (told["v"], told["rules"][0]["state"]) == (1, "fired")


def explained(rules: Path, recorded: Path | str, wanted: str) -> list[str]:
    """The lines of an explanation, those that go on below joined again."""
    done = run(explain_command.command, rules, "--source", "woocommerce", "--input", recorded, "--id", wanted)
    assert (done.exit_code, done.stderr) == (0, "")
    assert all(len(line) <= 100 for line in done.stdout.splitlines())
    return done.stdout.replace("\n    ", " ").splitlines()


def test_an_order_that_the_rules_let_pass_and_the_flow_holds_is_said_to_be_held(rules: Path) -> None:
    rules.write_text(HASH + FLOW.replace("invoice_and_payment_if_paid", "sales_receipt"))
    told = explained(rules, RECORDED / "order_checkout_po_other_plugin.json", "74")
    assert told[0].startswith("Order #74 is held: Not paid yet (")
    assert told[1].startswith("  once it goes on, as sales receipt 74 for ")
    assert not [line for line in told[1:] if "Not paid yet" in line]
    assert told[-1].startswith("  Remove # from order numbers ")
    assert told[-1].endswith("wanted order number with # in it, it was 74")


def test_an_order_that_a_filter_leaves_out_is_said_to_be_skipped(rules: Path) -> None:
    rules.write_text(HASH + FLOW)
    order = json.loads((RECORDED / "order_cancelled.json").read_text())["response"]["body"]
    (told,) = explained(rules, RECORDED / "order_cancelled.json", str(order["id"]))
    assert told.startswith(f"Order #{order['number']} is skipped: Its status is 'cancelled'.")


def test_an_order_that_cannot_be_read_is_explained_once(rules: Path, tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text('[{"id": 5, "number": "55", "total": "x"}]')
    (told,) = explained(rules, file, "5")
    assert told.startswith("Order #5 is held: total should be a number, but the shop sent “x”. The order's currency")
    assert told.endswith(" Look at the record in the shop.")


def test_explain_of_a_record_that_is_not_there_says_so(rules: Path) -> None:
    done = run(explain_command.command, rules, *on("order_number_with_hash.json"), "--id", "999999")
    assert done.exit_code == 3
    assert "There is no record 999999" in done.stderr
