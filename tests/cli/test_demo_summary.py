"""What the demo says at its end: amounts, waiting orders by cause, and the same figures on both sides."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cli.demo import writes
from cli.demo_summary import KINDS, Cost, Summary, money
from engine.progress import Aside, Overview


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("1234.5", "1,234.50 USD"), ("0", "0.00 USD"), ("5490.685", "5,490.685 USD"), ("1E+3", "1,000.00 USD")],
)
def test_amounts_have_two_places_or_all_they_need(amount: str, shown: str) -> None:
    assert money(Decimal(amount), "USD") == shown


def overview(**parts: Any) -> Overview:
    whole: dict[str, Any] = {
        "statuses": {"processing": 3},
        "orders": {"USD": (3, Decimal(30))},
        "posted": {"USD": (1, Decimal(10))},
        "documents": {("Invoice", "USD"): (1, Decimal(10))},
        "waiting": (),
        "left_out": (),
    }
    return Overview(**{**whole, **parts})


def summary(
    *books: str, written: int = 1, stood: dict[str, int] | None = None, width: int = 100
) -> tuple[Summary, StringIO]:
    nothing: Any = None  # neither store nor flow is looked at in what is tested here
    cost = Cost(1.0, {"posting": 1, "reading": 2, "shop": 3}, written, stood or {})
    told = Summary(nothing, nothing, cost, Path("a.rules"), lambda kind: [], staying=False)
    told._stands = {kind: [] for kind in KINDS}
    told._stands["Invoice"] = [{"TotalAmt": total, "CurrencyRef": {"value": "USD"}} for total in books]
    out = StringIO()
    told._console = Console(file=out, width=width, highlight=False)
    return told, out


def test_the_figures_of_both_sides_are_held_against_one_another() -> None:
    told, out = summary("10.00")
    told._totals(overview())
    assert "1 order: 10.00 USD in the shop, 10.00 USD in the books: they agree to the cent" in out.getvalue()
    told, out = summary("9.99")
    told._totals(overview())
    assert "-0.01 USD apart" in out.getvalue()


def test_what_waits_is_told_by_cause_with_amounts_and_the_next_step() -> None:
    told, out = summary("10.00")
    reasons = {"no code for GB": 2, "no code for CA": 1, "no code for FR": 1, "no code for DE": 1}
    told._asides(
        (
            Aside(
                title="tax",
                next_step="Ask.",
                reasons=reasons,
                orders=4,
                refunds=1,
                money={"USD": Decimal("12.5"), "EUR": Decimal(0)},
            ),
            Aside(title="zero", next_step="", reasons={"Its total is zero": 1}, orders=1, refunds=0, money={}),
        )
    )
    assert out.getvalue() == (
        "4 orders and 1 refund:\n"
        "     2 x no code for GB\n"
        "     1 x no code for CA\n"
        "     1 x no code for DE\n"
        "         and 1 more of the kind\n"
        "    12.50 USD\n"
        "    -> Ask.\n"
        "1 order: Its total is zero\n"
    )


def test_every_order_is_accounted_for() -> None:
    told, out = summary("10.00")
    aside = Aside(title="t", next_step="", reasons={"r": 1}, orders=1, refunds=0, money={})
    told._totals(overview(waiting=(aside,), left_out=(aside,)))
    assert "3 orders = 1 in the books + 1 waiting + 1 left out" in out.getvalue()


def test_a_second_run_says_that_nothing_was_posted_twice() -> None:
    told, out = summary("10.00", written=0, stood={"Invoice": 1})
    told._costs()
    assert "nothing was posted twice" in out.getvalue()
    assert "3 calls to the shop, 2 calls to look into QuickBooks, none to write." in out.getvalue()


def test_calls_are_counted_for_the_orders_of_this_run_alone() -> None:
    told, out = summary("10.00", "10.00", "10.00", "10.00", written=5)
    told._costs()
    assert "4 documents, with the customers and products that they need." in " ".join(out.getvalue().split())
    assert "1 call to write them all (0.25 an order;" in out.getvalue()
    told, out = summary("10.00", "10.00", "10.00", "10.00", written=2, stood={"Invoice": 2})
    told._costs()
    assert "2 documents." in out.getvalue()
    assert "1 call to write them all (0.50 an order;" in out.getvalue()


@pytest.mark.parametrize(
    ("method", "path", "body", "written"),
    [
        ("POST", "/v3/company/1/batch", '{"BatchItemRequest":[{"bId":"1","operation":"create","Invoice":{}}]}', True),
        ("POST", "/v3/company/1/batch", '{"BatchItemRequest":[{"bId":"1","Query":"select * from Item"}]}', False),
        ("POST", "/v3/company/1/query", "select * from Item", False),
        ("POST", "/v3/company/1/invoice", '{"Line":[]}', True),
        ("GET", "/v3/company/1/cdc", "", False),
        ("POST", "/oauth2/v1/tokens/bearer", "grant_type=refresh_token", False),
    ],
)
def test_calls_that_write_are_told_from_those_that_read(method: str, path: str, body: str, written: bool) -> None:
    assert writes({"method": method, "path": path, "request": body}) is written


def test_what_does_not_fit_goes_on_under_its_own_begin() -> None:
    told, out = summary("10.00", width=40)
    reasons = {"no tax code for that place yet: ask the accountant": 12, "another": 1}
    told._asides((Aside(title="t", next_step="", reasons=reasons, orders=13, refunds=0, money={}),))
    assert out.getvalue() == (
        "13 orders:\n    12 x no tax code for that place yet:\n         ask the accountant\n     1 x another\n"
    )
