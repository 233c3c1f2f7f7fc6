"""One WooCommerce shop as a source of orders, customers and products (the port `connectors.ports.Source`).

It joins the parts: hello, client, lists, refund details and mapping. It keeps nothing between calls but what it learned
of the shop; where a fetch stands is in the cursor of each page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from connectors.errors import Rejected
from connectors.http import HttpSession, Limits, Resolver, system_resolver
from connectors.ports import Clock, ConnectorDeclaration, Page, ShopProfile, Source
from connectors.records import Fetched, Product, SourceFinding
from connectors.woocommerce import legacy
from connectors.woocommerce.client import Auth, ShopClient
from connectors.woocommerce.declaration import DECLARATION
from connectors.woocommerce.discovery import shop_url
from connectors.woocommerce.hello import check_keys, say_hello
from connectors.woocommerce.lists import Lists, Payload, listed, unexpected
from connectors.woocommerce.products import is_variable, read_product, shared_skus, with_shared_skus
from connectors.woocommerce.reading import read_any_customer, read_any_order, read_orders
from connectors.woocommerce.refund_details import with_details
from connectors.woocommerce.setting import ShopSetting
from connectors.woocommerce.values import as_zulu, record_id

#: One call a page and one a product with variations: enough for some hundreds of those, a few minutes at most.
_MOST_PRODUCT_CALLS: Final = 400
_AUTHS: Final[tuple[Auth, ...]] = ("header", "query", "oauth_header", "oauth_query")


class WooCommerce(Source):
    """A shop by its credentials (`url`, `consumer_key`, `consumer_secret`).

    `known` is the profile that an earlier `profile()` gave: with it nothing has to be found out again. `allow_private`
    lets private addresses and plain http through (tests and the sandbox only). `ca_file` holds certificates to trust
    beside the usual ones. `parent_skus` (product id to SKU) fills in `line.parent_sku`.
    """

    declaration: ConnectorDeclaration = DECLARATION

    def __init__(
        self,
        credentials: Mapping[str, str],
        *,
        clock: Clock,
        allow_private: bool = False,
        known: ShopProfile | None = None,
        ca_file: str | None = None,
        limits: Limits | None = None,
        resolver: Resolver = system_resolver,
        parent_skus: Mapping[str, str] | None = None,
    ) -> None:
        self._url = shop_url(credentials.get("url", ""))
        self._key = credentials.get("consumer_key", "").strip()
        self._secret = credentials.get("consumer_secret", "").strip()
        self._clock = clock
        self._counts: Counter[str] = Counter()
        self._session = HttpSession(
            allow_private=allow_private,
            ca_file=ca_file,
            limits=limits,
            resolver=resolver,
            secrets=[told for told in (self._key, self._secret) if told],
        )
        self._known = known
        self._parent_skus = parent_skus or {}
        self._lists: Lists | None = None
        self._shop: ShopSetting | None = None

    def close(self) -> None:
        self._session.close()

    def call_counts(self) -> Mapping[str, int]:
        """Calls made since the connector was built, by kind ("index", "status", "list", "order", "refunds", …)."""
        return dict(self._counts)

    # ------------------------------------------------------------------------------------------------- saying hello

    def profile(self) -> ShopProfile:
        """Find API, version, zone and currency, and check the keys by reading one order. Five to seven calls."""
        profile, client = say_hello(self._session, self._clock, self._url, self._key, self._secret, self._counts)
        self._known, self._shop = profile, None
        self._lists = self._lists_of(client)
        return profile

    def _connected(self) -> Lists:
        """The shop's lists, by the known profile or by finding out."""
        if self._lists is None:
            known = self._known
            root = known.details.get("root") if known else None
            if known is None or root is None:
                self.profile()
            else:
                check_keys(self._key, self._secret)
                said = known.details.get("auth")
                client = ShopClient(
                    session=self._session,
                    clock=self._clock,
                    root=root,
                    home=known.details.get("home", self._url),
                    key=self._key,
                    secret=self._secret,
                    legacy=int(known.api[-1]) if known.api.startswith("wc-api/v") else 0,
                    auth=next((auth for auth in _AUTHS if auth == said), None),
                    counts=self._counts,
                )
                self._lists = self._lists_of(client)
        if self._lists is None:
            raise AssertionError("profile() made no lists")
        return self._lists

    def _lists_of(self, client: ShopClient) -> Lists:
        return Lists(client, self._clock, self._setting().tz(), self._known.version if self._known else "")

    def _setting(self) -> ShopSetting:
        if self._shop is None:
            known = self._known
            zone = known.zone if known and known.details.get("zone") != "unknown" else None
            self._shop = ShopSetting(
                zone=zone,
                title=known.title if known else None,
                parent_skus=self._parent_skus,
                prices_include_tax=known.prices_include_tax if known else None,
            )
        return self._shop

    # ------------------------------------------------------------------------------------------------------- orders

    def changed_orders(
        self,
        cursor: str | None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        statuses: Sequence[str] = (),
    ) -> Iterator[Page]:
        """Orders that changed after the cursor, oldest change first where the shop can sort so, with their refunds.

        Expect repeats (windows overlap by minutes). `until` leaves out orders created at that moment or later;
        `statuses` leaves out others, also ones that an order had before: asked for rarely. A shop before WooCommerce
        5.8 cannot say what changed: it is asked for what was created in the 30 days before the cursor (a finding says
        so), and changes of older orders show when they are read by id.
        """
        lists = self._connected()
        extra: list[tuple[str, str]] = []
        if lists.client.legacy:
            if until is not None:
                extra.append(("filter[created_at_max]", as_zulu(until)))
            if statuses:
                extra.append(("status", ",".join(statuses)))
            extra.append(("filter[meta]", "true"))
        else:
            if until is not None:
                extra.append(("before", as_zulu(until)))
            if statuses:
                extra.append(("status", ",".join(statuses)))
        for rows, window_cursor, findings, total in lists.changes("orders", cursor, since, extra):
            fetched = tuple(self._read(lists, rows))
            yield Page(records=fetched, cursor=window_cursor, findings=tuple(findings), total=total)

    def orders(self, ids: Sequence[str]) -> Iterator[Page]:
        """Those orders as they are now, whatever their status, refunds included.

        One that is gone for good comes without record, with the finding `order_gone`; one in the trash with its status
        "trash".
        """
        lists = self._connected()
        wanted = list(dict.fromkeys(one for one in map(str, ids) if record_id(one)))
        for chunk in lists.chunks("orders", wanted, legacy_name="filter[in]"):
            found = self._by_ids(lists, chunk)
            fetched = self._read(lists, list(found.values()))
            gone = [_gone(one) for one in chunk if one not in found]
            yield Page(records=(*fetched, *gone))

    def older_orders(self, before: datetime) -> int | None:
        """How many orders were created before that moment, in any status but the trash; missing where the shop sends no
        count."""
        lists = self._connected()
        if not lists.client.legacy:
            asked = [("before", as_zulu(before)), (lists.limit, "1")]
            return lists.client.get("orders", asked, kind="count").count("X-WP-Total")
        got = lists.client.get("orders/count", [("filter[created_at_max]", as_zulu(before))], kind="count")
        told = got.data.get("count") if isinstance(got.data, dict) else None
        return int(told) if isinstance(told, int | str) and str(told).isdigit() else None

    def _by_ids(self, lists: Lists, chunk: Sequence[str]) -> dict[str, Payload]:
        found: dict[str, Payload] = {}
        attempts: list[list[tuple[str, str]]]
        if lists.client.legacy:
            attempts = [[("filter[in]", "{ids}"), ("filter[meta]", "true")]]
        else:
            # A list without status leaves out the trash.
            attempts = [[("include", "{ids}")], [("include", "{ids}"), ("status", "trash")]]
        for params in attempts:
            missing = [one for one in chunk if one not in found]
            if not missing:
                break
            asked = [(name, value.replace("{ids}", ",".join(missing))) for name, value in params]
            got = lists.client.get("orders", [*asked, (lists.limit, str(max(len(missing), 1)))], kind="by_id")
            for payload in listed(got, "orders"):
                one = record_id(payload.get("id"))
                if one in missing:
                    found[one] = payload
        # A status whose plugin was switched off is in no list (WooCommerce lists registered ones only): gone is only
        # what is not found alone either.
        for one in [one for one in chunk if one not in found]:
            alone = self._single(lists, one)
            if alone is not None:
                found[one] = alone
        return found

    def _single(self, lists: Lists, order_id: str) -> Payload | None:
        try:
            got = lists.client.get(f"orders/{order_id}", kind="order")
        except Rejected as error:
            if error.code == "not_found":
                return None
            raise
        told = got.data.get("order", got.data) if isinstance(got.data, dict) else got.data
        if not isinstance(told, dict) or record_id(told.get("id")) != order_id:
            raise unexpected(got)
        return told

    def _read(self, lists: Lists, payloads: Sequence[Payload]) -> Iterator[Fetched]:
        for payload in with_details(lists, payloads):
            yield read_any_order(payload, self._setting())

    # --------------------------------------------------------------------------------------- customers and products

    def customers(self, cursor: str | None) -> Iterator[Page]:
        """All customers with an account, by id. They carry no filter by change: each pass reads all of them."""
        lists = self._connected()
        extra = [] if lists.client.legacy else [("role", "all"), ("orderby", "id"), ("order", "asc")]
        for payloads, after, total in lists.paged("customers", cursor, extra):
            yield Page(
                records=tuple(read_any_customer(payload, self._setting()) for payload in payloads),
                cursor=after,
                total=total,
            )

    def products(self, cursor: str | None) -> Iterator[Page]:
        """All products by id, each followed by its variations; those that share a SKU within a product say so.

        Sharing across products shows in the whole list only: `products.shared_skus`.
        """
        lists = self._connected()
        extra = [] if lists.client.legacy else [("status", "any"), ("orderby", "id"), ("order", "asc")]
        for payloads, after, total in lists.paged("products", cursor, extra):
            records: list[Fetched] = []
            for payload in payloads:
                records += self._family(lists, payload)
            yield Page(records=tuple(records), cursor=after, total=total)

    def product_findings(self) -> tuple[SourceFinding, ...]:
        """The SKUs that several products or variations share, after at most some `_MOST_PRODUCT_CALLS` calls."""
        began = sum(self._counts.values())
        products: list[Product] = []
        cut = False
        for page in self.products(None):
            products += [one.record for one in page.records if isinstance(one.record, Product)]
            cut = page.cursor is not None and sum(self._counts.values()) - began >= _MOST_PRODUCT_CALLS
            if cut:
                break
        found = [
            SourceFinding(
                code="shared_sku",
                message=shared.message,
                next_step="Until then every line with this SKU is the same item; a rule can set line.item by the name.",
            )
            for shared in shared_skus(products)
        ]
        if cut:
            found.append(
                SourceFinding(
                    code="products_cut",
                    message=f"Only the first {len(products)} products and variations were searched for shared SKUs.",
                    severity="info",
                )
            )
        return tuple(found)

    def _family(self, lists: Lists, payload: Payload) -> list[Fetched]:
        """A product and its variations."""
        shop = self._setting()
        currency = self._known.currency if self._known else None
        modern = legacy.modern_product(payload) if lists.client.legacy else payload
        first = read_product(modern, shop, currency=currency or None, original=payload if lists.client.legacy else None)
        if not is_variable(payload) or first.record is None:
            return [first]
        if lists.client.legacy:
            embedded = payload.get("variations")
            originals = [one for one in embedded if isinstance(one, dict)] if isinstance(embedded, list) else []
            children = [
                read_product(legacy.modern_product(one), shop, currency=currency, parent=modern, original=one)
                for one in originals
            ]
        else:
            children = [
                read_product(one, shop, currency=currency or None, parent=payload)
                for one in self._variations(lists, first.id)
            ]
        known = [child.record for child in children if isinstance(child.record, Product)]
        shared = {product.id: product for product in with_shared_skus(known)}
        return [first, *(replace(child, record=shared.get(child.id, child.record)) for child in children)]

    def _variations(self, lists: Lists, product_id: str) -> Iterator[Payload]:
        path = f"products/{product_id}/variations"
        for payloads, _, _ in lists.paged(path, None, [("orderby", "id"), ("order", "asc")]):
            yield from payloads

    # -------------------------------------------------------------------------------------------------- pure mapping

    def read_orders(self, payloads: Iterable[Mapping[str, Any]]) -> Iterator[Fetched]:
        """The mapping of raw orders as files hold them, of `wc/v3` or the legacy API. No network."""
        yield from read_orders(payloads, self._setting())


def _gone(order_id: str) -> Fetched:
    finding = SourceFinding(
        code="order_gone",
        message=f"Order {order_id} is no longer in the shop (deleted for good). What stands in the books is left alone.",
        severity="warning",
        next_step="Void its documents in the books by hand if it never was a sale.",
    )
    return Fetched(kind="order", id=order_id, raw={"id": order_id}, record=None, findings=(finding,))
