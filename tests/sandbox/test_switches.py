"""sandbox/switches.py and sandbox/running.py: both sandboxes are set and steered in the same way"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import quickbooks, woocommerce

BOTH = pytest.mark.parametrize("kind", [woocommerce, quickbooks], ids=["woocommerce", "quickbooks"])
SLIPS = [
    (woocommerce, {"fast": True}, "no switch is called 'fast'; there are: version, storage"),
    (woocommerce, {"version": "9.9"}, "version cannot be '9.9'; it can be 10.0, 5.0, 2.4, 2.3"),
    (woocommerce, {"version": 10.0}, "version cannot be 10.0; it can be 10.0, 5.0, 2.4, 2.3"),
    (woocommerce, {"storage": "files"}, "storage cannot be 'files'; it can be hpos, posts, or nothing"),
    (woocommerce, {"generated": "many"}, "generated cannot be 'many'; it can be a whole number"),
    (woocommerce, {"generated": True}, "generated cannot be True; it can be a whole number"),
    (woocommerce, {"generated": -1}, "generated must not be negative"),
    (woocommerce, {"tls": "yes"}, "tls cannot be 'yes'; it can be true or false"),
    (woocommerce, {"slow_seconds": "long"}, "slow_seconds cannot be 'long'; it can be a number"),
    (
        woocommerce,
        {"custom_statuses": "shipped"},
        "custom_statuses cannot be 'shipped'; it can be a list, of text each",
    ),
    (woocommerce, {"deleted_products": ["12"]}, "deleted_products cannot be ('12',); it can be a list, of a whole"),
    (woocommerce, {"now": 5}, "now cannot be 5; it can be text, or nothing"),
    (woocommerce, {"zone": "Maryland"}, "zone cannot be 'Maryland'; it can be a name such as Europe/London"),
    (woocommerce, {"now": "noon"}, "now cannot be 'noon'; it can be a time such as 2026-01-31T09:00:00"),
    (quickbooks, {"fast": True}, "no switch is called 'fast'; there are: realm_id, company_name"),
    (quickbooks, {"country": "XX"}, "country cannot be 'XX'; it can be US, CA, GB, AU"),
    (quickbooks, {"class_tracking": True}, "class_tracking cannot be True; it can be off, transaction, line"),
    (quickbooks, {"naive_times": "noon"}, "naive_times cannot be 'noon'; it can be utc, company"),
    (quickbooks, {"closing_date": "last May"}, "closing_date cannot be 'last May'; it can be a day (2026-06-30)"),
    (quickbooks, {"limits": "few"}, "limits cannot be 'few'; it can be true or false"),
]


@pytest.mark.parametrize(("kind", "given", "words"), SLIPS, ids=[str(given) for _, given, _ in SLIPS])
def test_a_slip_is_answered_with_what_can_be_set(kind: Any, given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError) as refused:
        kind.Options.from_mapping(given)
    assert words in str(refused.value)


def test_a_switch_of_the_running_company_takes_no_option_of_its_start() -> None:
    with pytest.raises(ValueError, match="no switch is called 'country'"):
        quickbooks.Options().with_switches(country="GB")


def test_what_json_holds_becomes_what_the_switch_holds() -> None:
    shop = woocommerce.Options.from_mapping({"custom_statuses": ["shipped"], "slow_seconds": 1})
    assert (shop.custom_statuses, shop.slow_seconds) == (("shipped",), 1)
    books = quickbooks.Options.from_mapping({"closing_date": "2026-06-30", "limits": True, "default_item": False})
    assert (books.closing_date, books.limits.enabled, books.switches.default_item) == (date(2026, 6, 30), True, False)


@BOTH
def test_every_switch_says_what_it_does_and_its_first_value_can_be_set_again(kind: Any) -> None:
    told = kind.Options.told()
    assert all(len(words) > 10 for _, words in told.values())
    assert kind.Options.from_mapping({name: default for name, (default, _) in told.items()}) == kind.Options()


@BOTH
def test_both_are_started_announced_and_kept_alike(kind: Any, tmp_path: Path) -> None:
    data, log = tmp_path / "kept", tmp_path / "log.jsonl"
    with kind.start(kind.Options(), port=0, data=data, log=log) as first:
        ready = first.ready()
        assert list(ready)[:4] == ["v", "kind", "base_url", "admin_url"]
        assert (ready["v"], ready["base_url"]) == (1, f"http://127.0.0.1:{first.port}")
        assert first.calls() == {}
        now = requests.post(ready["admin_url"] + "clock", json={"forward": 0}, timeout=10).json()["now"]
        later = requests.post(ready["admin_url"] + "clock", json={"forward": 86400}, timeout=10).json()["now"]
        assert later > now
        requests.post(ready["admin_url"] + "faults", json={"kind": "slow", "times": 0, "after": 1}, timeout=10)
        assert len(requests.get(ready["admin_url"] + "faults", timeout=10).json()["faults"]) == 1
        first.clear_faults()
        assert requests.get(ready["admin_url"] + "faults", timeout=10).json()["faults"] == []
        assert requests.get(ready["admin_url"] + "calls", timeout=10).json()["calls"] == {}
    with kind.start(kind.Options(), port=first.port, data=data) as again:
        assert again.ready() == ready, "its keys are kept, too"
    assert log.read_text().count("\n") == 6
