"""`cloudcart packs` as people use it: list, copy, publish, look at an upgrade, make it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import cloudcart

ORDERS = Path(__file__).resolve().parents[1] / "fixtures" / "woocommerce" / "shop-usd" / "orders_page_01.json"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own to work in, and an installation without anything."""
    monkeypatch.setenv("CLOUDCART_DATA_DIR", str(tmp_path / "data"))
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def packs(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(cloudcart, ["packs", *arguments], standalone_mode=False)
    if result.exception is not None and not isinstance(result.exception, SystemExit) and code == 0:
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def changed(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_what_comes_with_the_product_is_listed_and_shown(shop: Path) -> None:
    listed = json.loads(packs("list", "--format", "json").stdout)
    (prefix,) = [each for each in listed["packs"] if each["name"] == "orders/order_prefix"]
    assert prefix["settings"] == ["order_prefix", "order_suffix"]
    assert packs("show", "orders/order_prefix").stdout.startswith('ruleset "Order prefix and suffix"')
    assert "orders/order_prefix" in packs("list").stdout
    assert not (shop.parent / "data").exists()  # looking makes nothing


@pytest.mark.parametrize("library", [[], ["--library", "packs"]])
def test_a_copy_is_changed_published_used_upgraded_and_compared_with_its_origin(shop: Path, library: list[str]) -> None:
    copy, user = shop / "mine.rules", shop / "web.rules"
    packs("clone", "orders/order_prefix", "mine.rules")
    packs("publish", "mine.rules", "--name", "acme/prefix", "--version", "1.0", *library)
    changed(copy, 'default "WC-"', 'default "AC-"')
    changed(copy, '"WC-1042"', '"AC-1042"')
    assert "Changed in the copy only:" in packs("drift", "mine.rules").stdout
    packs("publish", "mine.rules", "--name", "acme/prefix", "--version", "1.1", "--note", "Ours", *library)
    user.write_text(
        'use "acme/prefix" version "1.0" as std\n  turn off "Order suffix"\nend\n'
        'flow "F" from woocommerce to quickbooks sync orders with record_as = invoice end\n',
        encoding="utf-8",
    )
    assert CliRunner().invoke(cloudcart, ["check", "web.rules"]).exit_code == 0
    looked = packs("upgrade", "web.rules", "acme/prefix", "--input", str(ORDERS), *library).stdout
    assert '"acme/prefix" 1.0 -> 1.1' in looked
    assert "you use the default of `order_prefix`" in looked
    assert "50 would differ" in looked
    assert '"1.0"' in user.read_text(encoding="utf-8")
    form = json.loads(packs("upgrade", "web.rules", "acme/prefix", "--write", "--format", "json", *library).stdout)
    assert (form["from"], form["to"], form["breaks"]) == ("1.0", "1.1", False)
    assert '"1.1"' in user.read_text(encoding="utf-8")
    assert "of the packs' own tests 2 passed, 1 about rules" in packs("test", "web.rules", *library).stdout
    packs("diff", "acme/prefix@1.0", "acme/prefix@1.1", *library, code=1)
    assert packs("diff", "acme/prefix@1.1", "mine.rules", *library).exit_code == 0


def test_a_file_keeps_its_line_ends_and_mark_when_its_version_changes(shop: Path) -> None:
    packs("clone", "orders/order_prefix", "mine.rules")
    packs("publish", "mine.rules", "--name", "acme/prefix", "--version", "1.0")
    changed(shop / "mine.rules", "Put behind every", "Put after every")
    packs("publish", "mine.rules", "--name", "acme/prefix", "--version", "1.1")
    user = shop / "web.rules"
    before = b'\xef\xbb\xbf// mine\r\nuse "acme/prefix" version "1.0" as std end\r\n'
    user.write_bytes(before)
    packs("upgrade", "web.rules", "acme/prefix", "--write")
    assert user.read_bytes() == before.replace(b"1.0", b"1.1")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "orders/order_prefx"], 'Did you mean "orders/order_prefix"?'),
        (["show", "orders/order_prefix@9.9"], "there are 1.0"),
        (["publish", "web.rules", "--name", "orders/order_prefix", "--version", "1.1"], "comes with the product"),
        (["publish", "web.rules", "--name", "Acme Prefix", "--version", "1.1"], "cannot be the name of a pack"),
        (["publish", "web.rules", "--name", "acme/web", "--version", "new"], "cannot be a version"),
        (["publish", "failing.rules", "--name", "acme/web", "--version", "1.0"], "1 test of failing.rules failed"),
        (["publish", "wrong.rules", "--name", "acme/web", "--version", "1.0"], "nothing was published"),
        (["clone", "orders/order_prefix", "web.rules"], "is there already"),
        (["drift", "web.rules"], "does not say what it was cloned from"),
        (["upgrade", "web.rules", "acme/web"], "does not use the pack"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(shop: Path, arguments: list[str], said: str) -> None:
    (shop / "web.rules").write_text('rule "A" for order then tag "x" end\n', encoding="utf-8")
    (shop / "wrong.rules").write_text('rule "A" for order then tagg "x" end\n', encoding="utf-8")
    (shop / "failing.rules").write_text(
        'rule "A" for order then tag "x" end test "T" given order expect not fired "A" end\n', encoding="utf-8"
    )
    result = CliRunner().invoke(cloudcart, ["packs", *arguments])
    assert result.exit_code == 3, result.output
    assert said in result.output
