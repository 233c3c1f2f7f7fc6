"""A whole small world: a shop and a company as real HTTP servers, a database, and a desk that moves orders between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.ports import Tokens
from engine import connections, holds, ledger, log, publishing, secret_keys, systems
from engine.clock import DatabaseClock
from engine.connections import CompanyRow
from engine.keys import RecordKey
from engine.outcomes import PlanReport
from engine.posting.timing import Timing
from engine.posting.turn import Report
from engine.store.engine import Store, open_store
from engine.store.seal import Sealer
from engine.sync import FetchReport
from engine.systems import Office
from engine.working import Desk
from sandbox import quickbooks, woocommerce
from tests.servers.migrated import migrated

PLAIN = """
flow "Web orders"
  from woocommerce  to quickbooks
  sync orders
  starting 01/01/2020
  with
    record_as = {record_as}
    match_products = sku
    sales_tax = line_item
{options}
end
"""


def plain(record_as: str = "sales_receipt", rules: str = "", **options: str) -> str:
    """A rule set with one flow and these options and rules."""
    written = "\n".join(f"    {name} = {value}" for name, value in options.items())
    return PLAIN.format(record_as=record_as, options=written) + rules


class MovingClock(DatabaseClock):
    """The database's clock, which a test may push ahead."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead

    def sleep(self, seconds: float) -> None:
        super().sleep(min(seconds, 0.05))


@dataclass
class World:
    """Shop and books, and what moves orders between them. `with` stops the servers."""

    database_url: str
    shop_options: woocommerce.Options = field(default_factory=woocommerce.Options)
    books_options: quickbooks.Options = field(
        default_factory=lambda: quickbooks.Options(empty=True, custom_transaction_numbers=True, allow_shipping=True)
    )
    timing: Timing = field(default_factory=lambda: Timing().shortened(60))

    def __enter__(self) -> World:
        self.shop = woocommerce.start(self.shop_options)
        self.books = quickbooks.start(self.books_options)
        migrated(self.database_url)
        self.store: Store = open_store(self.database_url)
        self.clock = MovingClock(self.store)
        scope = connections.default_scope(self.store, at=self.clock.now())
        self.key = secret_keys.new()
        self.office = Office(
            store=self.store, scope=scope, sealer=Sealer([self.key]), clock=self.clock, allow_private=True
        )
        self.desk = Desk(self.office, timing=self.timing, lists_older_than=0.0)
        self.connect()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shop.stop()
        self.books.stop()
        self.store.dispose()

    def connect(self) -> None:
        """Connect both sides under the names `shop` and `books`."""
        systems.connect_shop(
            self.office,
            kind="woocommerce",
            name="shop",
            credentials={
                "url": self.shop.url,
                "consumer_key": self.shop.consumer_key,
                "consumer_secret": self.shop.consumer_secret,
            },
            at=self.clock.now(),
        )
        self.connect_books()

    def connect_books(self, books: quickbooks.RunningQuickBooks | None = None, name: str = "books") -> None:
        """Connect a company (again): its credentials are those of this moment."""
        held = (books or self.books).ready()
        systems.connect_quickbooks(
            self.office,
            name=name,
            settings=systems.quickbooks_settings(held),
            company_id=held["realm_id"],
            held=Tokens(held["access_token"], held["refresh_token"], self.clock.now() + timedelta(hours=1)),
            at=self.clock.now(),
        )

    @property
    def company(self) -> CompanyRow:
        with self.store.read() as session:
            return connections.companies(self.office.scope, session)[0]

    def publish(self, text: str, tables: dict[str, str] | None = None) -> publishing.Published:
        """Publish a rule set under one name; its flows are bound to the connections."""
        return publishing.publish(
            self.store,
            self.office.scope,
            name="rules",
            text=text,
            tables=tables or {},
            author="test",
            at=self.clock.now(),
        )

    @property
    def flow(self) -> publishing.FlowRow:
        with self.store.read() as session:
            return publishing.flows(self.office.scope, session)[0]

    def fetch_and_plan(self, **how: Any) -> tuple[FetchReport, PlanReport]:
        return self.desk.run(self.flow.id, **how)

    def post(self) -> list[Report]:
        """Post until nothing is left to do now."""
        reports = []
        for _ in range(60):
            report, _calls = self.desk.post(self.company.id)
            reports.append(report)
            if report.stopped or report.busy:
                continue
            break
        return reports

    def sync(self, **how: Any) -> tuple[FetchReport, PlanReport]:
        """One whole round: fetch, judge, plan, post."""
        done = self.fetch_and_plan(**how)
        self.post()
        return done

    # what one may ask -----------------------------------------------------------------------------------------------

    def standing(self, order_id: object) -> dict[str, ledger.LedgerRow]:
        key = RecordKey(self.identity, "order", str(order_id))
        with self.store.read() as session:
            return ledger.standing(self.office.scope, session, self.company.id, key)

    @property
    def identity(self) -> str:
        with self.store.read() as session:
            return connections.named(self.office.scope, session, "shop").identity

    def held(self) -> Sequence[holds.Hold]:
        with self.store.read() as session:
            return holds.held(self.office.scope, session)

    def held_codes(self) -> dict[str, str]:
        """Held records by their id in the shop: the code of the reason."""
        return {each.key.source_id: each.code for each in self.held()}

    def lines(self) -> list[str]:
        """The transaction log as people read it."""
        with self.store.read() as session:
            return [entry.text for entry in log.read(self.office.scope, session, limit=100_000)]

    def documents(self, *entities: str) -> list[dict[str, Any]]:
        return [each for entity in entities for each in self.books.books(entity)]

    def total(self, *entities: str) -> Decimal:
        return sum((Decimal(str(each["TotalAmt"])) for each in self.documents(*entities)), Decimal(0))

    def pass_time(self, **span: float) -> None:
        """Push every clock ahead."""
        self.clock.ahead += timedelta(**span)
        seconds = timedelta(**span).total_seconds()
        self.books.pass_time(seconds)
        self.shop.pass_time(seconds)

    def simple_order(self, **body: Any) -> dict[str, Any]:
        """An order of one hat for 20.00 USD, paid by card unless said otherwise."""
        usual: dict[str, Any] = {
            "status": "processing",
            "set_paid": True,
            "payment_method": "stripe",
            "payment_method_title": "Credit card",
            "billing": {
                "first_name": "Ann", "last_name": "Lee", "address_1": "1 Main St", "city": "Towson", "state": "MD",
                "postcode": "21204", "country": "US", "email": "ann@acme.example",
            },
            "line_items": [{"sku": "STK-001", "quantity": 1, "subtotal": "20.00", "total": "20.00"}],
        }  # fmt: skip
        return self.shop.add_order(**{**usual, **body})


def day(text: str) -> date:
    return date.fromisoformat(text)
