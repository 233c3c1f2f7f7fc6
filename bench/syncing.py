"""Orders a second from shop to books and QuickBooks calls an order, beside a plain client that posts one by one.

Both servers run as processes of their own, so that the figures are the worker's. Goals: at least 100 orders a second from
fetched to planned on SQLite; at most 0.06 QuickBooks calls an order as receipts, 0.10 as invoices with payments, lists
warm; at most 20 MB more memory for 20,000 orders than for 1,000. CLOUDCART_BENCH_ORDERS sets the larger number.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SMALL = 1_000
LARGE = int(os.environ.get("CLOUDCART_BENCH_ORDERS", "20000"))
PLAIN = 100
RULES = """
flow "Web orders"
  from woocommerce  to quickbooks
  sync orders
  starting 01/01/2020
  with
    record_as = {record_as}
    match_products = sku
    sales_tax = line_item
    statuses = ["processing", "completed"]
end
use "orders/replace_hash" version "1.0" as hash
end
use "orders/order_prefix" version "1.0" as prefix
end
use "orders/po_number" version "1.0" as po
end
use "orders/skip_test_orders" version "1.0" as skips
  set test_email_end to "@nobody.example"
end
"""


def run() -> None:
    figures = {
        (record_as, number): child("bench.syncing", "measured", record_as, number)
        for record_as, number in (
            ("sales_receipt", SMALL),
            ("invoice_and_payment_if_paid", SMALL),
            ("sales_receipt", LARGE),
        )
    }
    for (record_as, number), found in figures.items():
        print(
            f"  {record_as}, {number:,} orders: {found['planned_a_second']:.0f} fetched to planned a second, "
            f"{found['posted_a_second']:.0f} posted a second; {found['calls_an_order']:.3f} QuickBooks calls an order "
            f"(lists warm, {found['name_calls_an_order']:.3f} of them for new names), "
            f"{found['shop_calls_an_order']:.3f} shop calls, {found['memory_mb']:.0f} MB"
        )
    small, large = figures["sales_receipt", SMALL], figures["sales_receipt", LARGE]
    print(f"  memory from {SMALL:,} to {LARGE:,} orders: {large['memory_mb'] - small['memory_mb']:+.0f} MB (goal: 20)")
    plain = child("bench.syncing", "plain", "sales_receipt", PLAIN)
    ratio = small["whole_a_second"] / plain["posted_a_second"]
    print(
        "  (our own limits are off here; under QuickBooks' 40 batches and 500 calls a minute a batch of 30 allows 20 documents "
        f"a second, one by one {500 / 60 / plain['calls_an_order']:.1f} orders)"
    )
    print(
        f"  whole way, one worker: {small['whole_a_second']:.0f} orders a second; plain python-quickbooks, one by one: "
        f"{plain['posted_a_second']:.0f} a second, {plain['calls_an_order']:.1f} calls an order: {ratio:.1f} times as fast"
    )


def child(module: str, *arguments: object) -> dict[str, Any]:
    """What `module`, run in a fresh process, says on its standard output: its memory and its caches are its own."""
    done = subprocess.run([sys.executable, "-m", module, *map(str, arguments)], check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def _server(kind: str, *switches: str) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-c", "from cli.main import main; main()", "sandbox", kind]
    command += [part for switch in switches for part in ("--set", switch)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def measured(
    record_as: str, number: int, *, rules: str = "", plant: Callable[[Mapping[str, Any]], None] | None = None
) -> dict[str, float]:
    """One worker: fetch, plan, post; what it took (`at_work`: seconds of a processor). `rules` come beside the usual ones;
    `plant` puts more orders into the shop, whose ready line it gets."""
    from connectors.ports import Tokens
    from engine import connections, publishing, secret_keys, systems
    from engine.clock import DatabaseClock
    from engine.store.engine import open_store
    from engine.store.migrate import migrate
    from engine.store.seal import Sealer
    from engine.systems import Office
    from engine.working import Desk

    with (
        tempfile.TemporaryDirectory() as folder,
        _server("woocommerce", f"generated={number}") as shop,
        _server("quickbooks", "empty=true", "custom_transaction_numbers=true", "allow_shipping=true") as books,
    ):
        if plant is not None:
            plant(shop)
        url = f"sqlite:///{Path(folder) / 'store.sqlite3'}"
        migrate(url)
        store = open_store(url)
        clock = DatabaseClock(store)
        office = Office(
            store=store,
            scope=connections.default_scope(store, at=clock.now()),
            sealer=Sealer([secret_keys.new()]),
            clock=clock,
            allow_private=True,
            limits={"call": 1_000_000, "batch": 1_000_000},
        )
        systems.connect_shop(
            office,
            kind="woocommerce",
            name="shop",
            credentials={
                "url": shop["base_url"],
                "consumer_key": shop["consumer_key"],
                "consumer_secret": shop["consumer_secret"],
            },
            at=clock.now(),
        )
        systems.connect_quickbooks(
            office,
            name="books",
            settings=systems.quickbooks_settings(books),
            company_id=books["realm_id"],
            held=Tokens(books["access_token"], books["refresh_token"], datetime.now(UTC) + timedelta(hours=1)),
            at=clock.now(),
        )
        published = publishing.publish(
            store,
            office.scope,
            name="bench",
            text=RULES.format(record_as=record_as) + rules,
            tables={},
            author="bench",
            at=clock.now(),
        )
        desk = Desk(office)
        flow = published.flows[0]
        at_work = time.process_time()
        began = time.perf_counter()
        fetched, planned = desk.run(flow.id)
        planning = time.perf_counter() - began
        with store.read() as session:
            company = connections.companies(office.scope, session)[0]
        calls: dict[str, int] = {}
        posted = named = sends = 0
        began = time.perf_counter()
        while True:
            report, made = desk.post(company.id, seconds=3600)
            posted += report.posted
            named += report.named
            sends += report.sends
            for kind, count in made.items():
                calls[kind] = calls.get(kind, 0) + count
            if not report.stopped and report.next_at is None:
                break
        posting = time.perf_counter() - began
        at_work = time.process_time() - at_work
        orders = planned.outcomes["sync"]
        return {
            "planned_a_second": fetched.records / planning,
            "posted_a_second": orders / posting,
            "whole_a_second": orders / (planning + posting),
            "calls_an_order": sum(calls.values()) / orders,
            "name_calls_an_order": (named / 30) / orders,
            "shop_calls_an_order": (fetched.pages + 1) / fetched.records,
            "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "orders": orders,
            "at_work": at_work,
        }


def plain(_record_as: str, number: int) -> dict[str, float]:
    """A script as people write it with python-quickbooks: look for the customer and the item, make them, post, for each order."""
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    import warnings

    warnings.simplefilter("ignore")
    from intuitlib.client import AuthClient
    from quickbooks import QuickBooks
    from quickbooks.objects.customer import Customer
    from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail
    from quickbooks.objects.item import Item
    from quickbooks.objects.salesreceipt import SalesReceipt

    with _server("quickbooks", "empty=true", "custom_transaction_numbers=true", "allow_shipping=true") as books:
        QuickBooks.sandbox_api_url_v3 = QuickBooks.api_url_v3 = books["base_url"] + "/v3"
        auth = AuthClient(
            client_id=books["client_id"],
            client_secret=books["client_secret"],
            access_token=books["access_token"],
            refresh_token=books["refresh_token"],
            redirect_uri="http://localhost/callback",
            environment=books["discovery_url"],
        )
        client = QuickBooks(auth_client=auth, refresh_token=books["refresh_token"], company_id=books["realm_id"])
        income = _first_income(client)
        began = time.perf_counter()
        calls = 0
        for place in range(number):
            name, sku = f"Customer {place % 40}", f"SKU-{place % 50}"
            customers = Customer.filter(DisplayName=name, qb=client)
            calls += 1
            customer = customers[0] if customers else Customer()
            if not customers:
                customer.DisplayName = name
                customer.save(qb=client)
                calls += 1
            items = Item.filter(Name=sku, qb=client)
            calls += 1
            item = items[0] if items else Item()
            if not items:
                item.Name, item.Type, item.IncomeAccountRef = sku, "NonInventory", income
                item.save(qb=client)
                calls += 1
            if SalesReceipt.filter(DocNumber=f"P{place}", qb=client):
                continue
            receipt = SalesReceipt()
            receipt.DocNumber = f"P{place}"
            receipt.CustomerRef = customer.to_ref()
            line = SalesItemLine()
            line.Amount = 19.99
            line.SalesItemLineDetail = SalesItemLineDetail()
            line.SalesItemLineDetail.ItemRef = item.to_ref()
            line.SalesItemLineDetail.Qty, line.SalesItemLineDetail.UnitPrice = 1, 19.99
            receipt.Line = [line]
            receipt.save(qb=client)
            calls += 2
        took = time.perf_counter() - began
    return {"posted_a_second": number / took, "calls_an_order": calls / number}


def _first_income(client: Any) -> Any:
    from quickbooks.objects.account import Account

    return Account.filter(AccountType="Income", qb=client)[0].to_ref()


if __name__ == "__main__":
    _, wanted, how, count = sys.argv
    print(json.dumps(measured(how, int(count)) if wanted == "measured" else plain(how, int(count))))
