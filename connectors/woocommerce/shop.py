"""One WooCommerce shop as a source of orders, customers and products (the port `connectors.ports.Source`).

It joins the parts: discovery, client, windows and mapping. It keeps nothing between calls but what it learned of the
shop; where a fetch stands is in the cursor of each page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from connectors.errors import ConnectorError, Rejected, Retry
from connectors.http import HttpSession, Limits, Resolver, system_resolver
from connectors.ports import Clock, ConnectorDeclaration, Page, ShopProfile
from connectors.records import Fetched, SourceFinding
from connectors.woocommerce import legacy
from connectors.woocommerce.client import Auth, Got, ShopClient
from connectors.woocommerce.declaration import DECLARATION
from connectors.woocommerce.discovery import ShopIndex, discover, identity, shop_url
from connectors.woocommerce.orders import read_order
from connectors.woocommerce.products import is_variable, read_customer, read_product, with_shared_skus
from connectors.woocommerce.refunds import is_detailed
from connectors.woocommerce.setting import ShopSetting
from connectors.woocommerce.values import as_zulu, mapping, moment, record_id, shown
from connectors.woocommerce.windows import UNASKED, Row, Window

_AUTHS: Final[tuple[Auth, ...]] = ("header", "query", "oauth_header", "oauth_query")
_TOO_MUCH: Final = frozenset({"timeout", "shop_error", "answer_cut", "answer_empty"})
_CHANGES_SINCE: Final = (5, 8)
_ALL_REFUNDS_SINCE: Final = (9, 0)
_MOST_PAGES: Final = 100_000
_REFUNDABLE: Final = frozenset({"processing", "completed", "refunded", "on-hold"})

Reader = Callable[[Any], Fetched]


class WooCommerce:
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
            clock=clock,
            allow_private=allow_private,
            ca_file=ca_file,
            limits=limits,
            resolver=resolver,
            secrets=[told for told in (self._key, self._secret) if told],
        )
        self._known = known
        self._parent_skus = parent_skus or {}
        self._client: ShopClient | None = None
        self._shop: ShopSetting | None = None

    def close(self) -> None:
        self._session.close()

    def call_counts(self) -> Mapping[str, int]:
        """Calls made since the connector was built, by kind ("index", "status", "list", "order", "refunds", …)."""
        return dict(self._counts)

    # ------------------------------------------------------------------------------------------------- saying hello

    def profile(self) -> ShopProfile:
        """Find API, version, zone and currency, and check the keys by reading one order. Five to seven calls."""
        self._check_keys()
        index = discover(self._session, self._clock, self._url, self._counts)
        client = self._client_for(index.root, index.home, index.legacy, None)
        self._client, self._shop, self._known = client, None, None
        try:
            newest = client.get("orders", [("filter[limit]" if index.legacy else "per_page", "1")], kind="hello")
        except Rejected as error:
            raise _with_hint(error, index) from None
        findings: list[SourceFinding] = []
        facts = _facts_of_old(index) if index.legacy else self._facts(client, newest, findings)
        if client.header_is_stripped:
            findings.append(
                SourceFinding(
                    code="header_stripped",
                    message="The shop's host drops the Authorization header, so the keys go in the address (encrypted). "
                    "Better: ask the host to pass the header on to PHP.",
                )
            )
        if index.zone is None:
            findings.append(
                SourceFinding(
                    code="zone_unknown",
                    message="The shop does not say its time zone; UTC is used where it matters. Set it in WordPress, "
                    "Settings, General.",
                )
            )
        if newest.with_notices:
            findings.append(_notices())
        version = facts.get("version") or index.version or ""
        modern = not index.legacy and _version(version) >= _CHANGES_SINCE
        if not index.legacy and version and not modern:
            findings.append(_too_old(version))
        if index.legacy:
            findings.append(
                SourceFinding(
                    code="legacy_api",
                    message=f"WooCommerce {version or '2.x'} is read by its old interface: the day of a payment is not "
                    "known (the order's day is used), and each order costs a call for its refunds.",
                    severity="info",
                )
            )
        profile = ShopProfile(
            identity=identity(index.home),
            title=index.title or identity(index.home),
            version=version,
            api=index.api,
            zone=index.zone or "UTC",
            currency=facts.get("currency") or index.currency or "",
            prices_include_tax=facts.get("prices_include_tax") == "yes" or index.prices_include_tax is True,
            findings=tuple(findings),
            details={
                **index.details,
                "home": index.home,
                "root": index.root,
                "auth": client.auth,
                **{name: value for name, value in facts.items() if name in ("decimals", "storage", "rounding")},
                **({} if index.zone else {"zone": "unknown"}),
            },
        )
        self._known = profile
        return profile

    def _check_keys(self) -> None:
        for value, start, name in ((self._key, "ck_", "consumer key"), (self._secret, "cs_", "consumer secret")):
            if not value:
                raise Rejected(
                    f"The {name} is missing.",
                    code="key_missing",
                    next_step=f"Copy the {name} (it begins with {start}) from WooCommerce, Settings, Advanced, REST API.",
                    scope="connection",
                )
            if not value.isascii() or not value.isprintable() or " " in value or len(value) > 200:
                raise Rejected(
                    f"The {name} holds characters that no key has.",
                    code="key_malformed",
                    next_step="Copy it again, whole and without spaces.",
                    scope="connection",
                )
        if self._key.startswith("cs_") and self._secret.startswith("ck_"):
            raise Rejected(
                "Consumer key and consumer secret are the wrong way round.",
                code="keys_swapped",
                next_step="The one that begins with ck_ is the key, the one with cs_ the secret.",
                scope="connection",
            )

    def _facts(self, client: ShopClient, newest: Got, findings: list[SourceFinding]) -> dict[str, str]:
        """Version, currency and settings, from the status page where the key may see it, else from the newest order."""
        facts: dict[str, str] = {}
        order = mapping(newest.data[0]) if isinstance(newest.data, list) and newest.data else {}
        status = self._perhaps(client, "system_status", [("_fields", "environment,settings")])
        environment, settings = mapping(mapping(status).get("environment")), mapping(mapping(status).get("settings"))
        version, currency = environment.get("version"), settings.get("currency")
        if not isinstance(version, str):
            # An order carries the version that made it: an upper bound is not known, a lower one is.
            version = order.get("version")
            findings.append(
                SourceFinding(
                    code="status_unreadable",
                    message="The key may not read the shop's status page; version and currency are taken from the newest "
                    "order. A key of an administrator shows more.",
                    severity="info",
                )
            )
        if not isinstance(currency, str):
            current = mapping(self._perhaps(client, "data/currencies/current", []))
            currency = current.get("code") or order.get("currency")
        if isinstance(version, str):
            facts["version"] = version[:40]
        if isinstance(currency, str):
            facts["currency"] = currency[:10].upper()
        decimals = settings.get("number_of_decimals")
        if isinstance(decimals, int) and not isinstance(decimals, bool):
            facts["decimals"] = str(decimals)
        if settings.get("HPOS_enabled") in (True, False):
            facts["storage"] = "hpos" if settings["HPOS_enabled"] else "posts"
        tax = self._perhaps(client, "settings/tax", [])
        told = {
            entry.get("id"): entry.get("value")
            for entry in (tax if isinstance(tax, list) else [])
            if isinstance(entry, dict)
        }
        including = told.get("woocommerce_prices_include_tax")
        if isinstance(including, str):
            facts["prices_include_tax"] = including
        elif order.get("prices_include_tax") is True:
            facts["prices_include_tax"] = "yes"
        if told.get("woocommerce_tax_round_at_subtotal") == "yes":
            facts["rounding"] = "subtotal"
            findings.append(
                SourceFinding(
                    code="rounds_at_subtotal",
                    message="The shop rounds tax on the whole order, so parts may miss the total by a cent or two. In "
                    "WooCommerce, Settings, Tax, untick “Round tax at subtotal level” for books that agree to the cent.",
                )
            )
        return facts

    def _perhaps(self, client: ShopClient, path: str, params: list[tuple[str, str]]) -> Any:
        """What a key without rights or an older version may refuse; missing then."""
        try:
            return client.get(path, params, kind="status").data
        except Rejected as error:
            if error.scope == "connection" and error.code not in ("key_without_rights", "api_missing", "key_unknown"):
                raise
            return None

    def _client_for(self, root: str, home: str, number: int, auth: Auth | None) -> ShopClient:
        return ShopClient(
            session=self._session,
            clock=self._clock,
            root=root,
            home=home,
            key=self._key,
            secret=self._secret,
            legacy=number,
            auth=auth,
            counts=self._counts,
        )

    def _connected(self) -> ShopClient:
        """The client, from the known profile or by finding out."""
        if self._client is None:
            root = self._known.details.get("root") if self._known else None
            if self._known is None or root is None:
                self.profile()
            else:
                self._check_keys()
                said = self._known.details.get("auth")
                auth = next((auth for auth in _AUTHS if auth == said), None)
                number = int(self._known.api[-1]) if self._known.api.startswith("wc-api/v") else 0
                self._client = self._client_for(root, self._known.details.get("home", self._url), number, auth)
        if self._client is None:
            raise AssertionError("profile() made no client")
        return self._client

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
        client = self._connected()
        extra: list[tuple[str, str]] = []
        if client.legacy:
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
        for rows, window_cursor, findings, total in self._changes(client, "orders", cursor, since, extra):
            fetched = tuple(self._with_refunds(client, rows))
            yield Page(records=fetched, cursor=window_cursor, findings=tuple(findings), total=total)

    def _changes(
        self,
        client: ShopClient,
        resource: str,
        cursor: str | None,
        since: datetime | None,
        extra: Sequence[tuple[str, str]],
    ) -> Iterator[tuple[list[Mapping[str, Any]], str, list[SourceFinding], int | None]]:
        """The rows of each page with the cursor that follows it."""
        window, findings = self._window(client, cursor, since)
        zone = self._setting().tz()
        before: dict[str, datetime | None] = {}
        for _ in range(_MOST_PAGES):
            try:
                got = client.get(resource, [*self._asked(client, window), *extra])
            except ConnectorError as error:
                other = self._otherwise(error, window)
                if other is None:
                    raise
                window = other
                continue
            payloads = _listed(got, resource)
            rows = [_row(payload, client.legacy, zone) for payload in payloads]
            changed = _moment_of_answer(got, self._clock)
            repeated = window.page == 1 and len(rows) >= window.size and {row.id for row in rows} == before.keys()
            if window.ignored_by(rows, zone, repeated=repeated):
                if window.by == "created":  # not even creation dates count here: all is read, page by page
                    window, before = replace(window.by_other("pages"), after=None), {}
                    continue
                window, before = window.by_other("created"), {}
                findings.append(_too_old(self._known.version if self._known else ""))
                continue
            if window.unsorted(rows):
                window, before = window.by_other("pages"), {}
                continue
            if got.with_notices:
                findings.append(_notices())
            total = got.count("X-WP-Total", "X-WC-Total")
            seen = (window.page - 1) * window.size + len(rows)
            more = bool(rows) and (len(rows) >= window.size or (total is not None and total > seen))
            more = more or window.shrunk(total)
            fresh = [
                payload
                for payload, row in zip(payloads, rows, strict=True)
                if window.wants(row) and not (row.id in before and before[row.id] == row.modified)
            ]
            window = window.step(rows, zone, total) if more else window.end(rows, changed)
            before = {row.id: row.modified for row in rows}
            yield fresh, window.to_cursor(), findings, total
            findings = []
            if not more:
                return
        raise Retry("The shop's list of changes does not end.", code="endless_list", scope="connection", after=600.0)

    def _window(
        self, client: ShopClient, cursor: str | None, since: datetime | None
    ) -> tuple[Window, list[SourceFinding]]:
        version = _version(self._known.version) if self._known and self._known.version else None
        old = not client.legacy and version is not None and version < _CHANGES_SINCE
        found: list[SourceFinding] = []
        window: Window | None = None
        if cursor is not None:
            try:
                window = Window.from_cursor(cursor)
            except ValueError:
                found.append(
                    SourceFinding(
                        code="cursor_unreadable",
                        message="Where the last fetch ended could not be read; the shop is read from the beginning.",
                    )
                )
        if window is None:
            window = Window.begin(since, "created" if old else "modified")
        elif window.by == "created" and not old and version is not None:
            window = window.by_other("modified")  # the shop was upgraded
        elif window.by != "created" and old:
            window = window.by_other("created")
        if old:
            found.append(_too_old(self._known.version if self._known else ""))
        return window, found

    def _asked(self, client: ShopClient, window: Window) -> list[tuple[str, str]]:
        """The parameters for the window's next page."""
        limit = window.threshold(self._setting().tz())
        params: list[tuple[str, str]] = []
        if client.legacy:
            if limit is not None:
                params.append(("filter[updated_at_min]", as_zulu(limit)))
            if window.size != UNASKED:
                params.append(("filter[limit]", str(window.size)))
            if window.by == "modified":
                params += [("filter[orderby]", "modified"), ("filter[order]", "ASC")]
        else:
            if limit is not None:
                params.append(("after" if window.by == "created" else "modified_after", as_zulu(limit)))
            if window.size != UNASKED:
                params.append(("per_page", str(window.size)))
            if window.by == "modified":
                params += [("orderby", "modified"), ("order", "asc")]
            elif window.by == "created":
                params += [("orderby", "date"), ("order", "asc")]
            elif not client.header_is_stripped:
                params += [("orderby", "id"), ("order", "asc")]
        if window.page > 1:
            params.append(("page", str(window.page)))
        return params

    def _otherwise(self, error: ConnectorError, window: Window) -> Window | None:
        """Another way to ask for the same where the shop cannot answer this one."""
        if error.code == "parameter_refused" and window.by == "modified" and "orderby" in error.message:
            return window.by_other("pages")
        if error.code == "address_too_long":
            if window.size > UNASKED:
                return window.resized(UNASKED)
            return window.by_other("pages") if window.by == "modified" else None
        if error.code == "answer_too_large":
            return window.smaller()
        if error.code in _TOO_MUCH and error.status in (None, 200, 500, 504, 524):
            # A shop short of memory or time manages a smaller page; twice smaller, then it is simply down.
            return next((window.resized(size) for size in (25, 5) if size < window.size), None)
        return None

    def orders(self, ids: Sequence[str]) -> Iterator[Page]:
        """Those orders as they are now, whatever their status, refunds included.

        One that is gone for good comes without record, with the finding `order_gone`; one in the trash with its status
        "trash".
        """
        client = self._connected()
        wanted = list(dict.fromkeys(one for one in map(str, ids) if record_id(one)))
        for chunk in self._chunks(client, "orders", wanted, legacy_name="filter[in]"):
            found = self._by_ids(client, chunk)
            fetched = self._with_refunds(client, list(found.values()))
            gone = [_gone(one) for one in chunk if one not in found]
            yield Page(records=(*fetched, *gone))

    def _chunks(
        self, client: ShopClient, path: str, ids: Sequence[str], *, legacy_name: str, spare: int = 24
    ) -> Iterator[list[str]]:
        """Ids in lists that keep the address short and the answer to one page."""
        name = legacy_name if client.legacy else "include"
        room = client.room_for(path, [(name, ""), (_limit(client), "100")]) - spare
        chunk: list[str] = []
        used = 0
        for one in ids:
            if chunk and (used + len(one) + 1 > room or len(chunk) >= 100):
                yield chunk
                chunk, used = [], 0
            chunk.append(one)
            used += len(one) + 1
        if chunk:
            yield chunk

    def _by_ids(self, client: ShopClient, chunk: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        attempts: list[list[tuple[str, str]]]
        if client.legacy:
            attempts = [[("filter[in]", "{ids}"), ("filter[meta]", "true")]]
        else:
            # A list without status leaves out the trash.
            attempts = [[("include", "{ids}")], [("include", "{ids}"), ("status", "trash")]]
        for params in attempts:
            missing = [one for one in chunk if one not in found]
            if not missing:
                break
            asked = [(name, value.replace("{ids}", ",".join(missing))) for name, value in params]
            got = client.get("orders", [*asked, (_limit(client), str(max(len(missing), 1)))], kind="by_id")
            for payload in _listed(got, "orders"):
                one = record_id(payload.get("id"))
                if one in missing:
                    found[one] = payload
        if client.legacy:
            for one in [one for one in chunk if one not in found]:
                alone = self._single(client, one)
                if alone is not None:
                    found[one] = alone
        return found

    def _single(self, client: ShopClient, order_id: str) -> Mapping[str, Any] | None:
        try:
            got = client.get(f"orders/{order_id}", kind="order")
        except Rejected as error:
            if error.code == "not_found":
                return None
            raise
        told = got.data.get("order", got.data) if isinstance(got.data, dict) else None
        return told if isinstance(told, dict) else None

    # ------------------------------------------------------------------------------------------------------ refunds

    def _with_refunds(self, client: ShopClient, payloads: list[Mapping[str, Any]]) -> Iterator[Fetched]:
        """The records of these orders, each with the detail of its refunds put into the raw payload."""
        details = self._refunds(client, payloads)
        for payload in payloads:
            yield self._read_order(_completed(payload, details))

    def _refunds(self, client: ShopClient, payloads: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
        """Order id to the detail of its refunds, for the orders that have any."""
        if client.legacy:
            # An order of the legacy API does not say that it was refunded in part, and there is no list of refunds:
            # each order that may have some is asked.
            asked = [
                one
                for payload in payloads
                if (one := record_id(payload.get("id"))) and payload.get("status") in _REFUNDABLE
            ]
            return {one: self._refunds_of(client, one) for one in asked}
        summaries: dict[str, list[str]] = {}
        for payload in payloads:
            one = record_id(payload.get("id"))
            listed = payload.get("refunds")
            if one and isinstance(listed, list) and listed:
                summaries[one] = [two for entry in listed if (two := record_id(mapping(entry).get("id")))]
        found = self._refunds_at_once(client, summaries)
        return {one: found[one] if one in found else self._refunds_of(client, one) for one in summaries}

    def _refunds_at_once(
        self, client: ShopClient, summaries: Mapping[str, list[str]]
    ) -> dict[str, list[Mapping[str, Any]]]:
        """Refunds of several orders from one list (WooCommerce 9.0), where that saves calls; only whole answers count."""
        version = _version(self._known.version) if self._known else ()
        wanted = [refund for refunds in summaries.values() for refund in refunds]
        if version < _ALL_REFUNDS_SINCE or len(summaries) < 2:
            return {}
        by_order: dict[str, list[Mapping[str, Any]]] = {}
        try:
            for chunk in self._chunks(client, "refunds", wanted, legacy_name="include"):
                got = client.get("refunds", [("include", ",".join(chunk)), ("per_page", "100")], kind="refunds")
                for entry in _listed(got, "refunds"):
                    parent = record_id(entry.get("parent_id"))
                    if parent and parent in summaries:
                        by_order.setdefault(parent, []).append(entry)
        except Rejected as error:
            if error.code in ("not_found", "api_missing", "parameter_refused"):
                return {}
            raise
        return {
            one: entries
            for one, entries in by_order.items()
            if set(summaries[one]) <= {record_id(entry.get("id")) for entry in entries}
        }

    def _refunds_of(self, client: ShopClient, order_id: str) -> list[Mapping[str, Any]]:
        params = [] if client.legacy else [("per_page", "100")]
        try:
            got = client.get(f"orders/{order_id}/refunds", params, kind="refunds")
        except Rejected as error:
            if error.code in ("not_found", "api_missing"):
                return []  # deleted a moment ago; the summary stays, with its finding
            raise
        return _listed(got, "order_refunds")

    # --------------------------------------------------------------------------------------- customers and products

    def customers(self, cursor: str | None) -> Iterator[Page]:
        """All customers with an account, by id. They carry no filter by change: each pass reads all of them."""
        client = self._connected()
        name = "customers"
        extra = [] if client.legacy else [("role", "all"), ("orderby", "id"), ("order", "asc")]
        for payloads, after, total in self._paged(client, name, cursor, extra):
            yield Page(records=tuple(self._read_customer(payload) for payload in payloads), cursor=after, total=total)

    def products(self, cursor: str | None) -> Iterator[Page]:
        """All products by id, each followed by its variations; those that share a SKU within a product say so.

        Sharing across products shows in the whole list only: `products.shared_skus`.
        """
        client = self._connected()
        extra = [] if client.legacy else [("status", "any"), ("orderby", "id"), ("order", "asc")]
        for payloads, after, total in self._paged(client, "products", cursor, extra):
            records: list[Fetched] = []
            for payload in payloads:
                records += self._family(client, payload)
            yield Page(records=tuple(records), cursor=after, total=total)

    def _family(self, client: ShopClient, payload: Mapping[str, Any]) -> list[Fetched]:
        """A product and its variations."""
        shop = self._setting()
        currency = self._known.currency if self._known else None
        modern = legacy.modern_product(payload) if client.legacy else payload
        first = read_product(modern, shop, currency=currency or None, original=payload if client.legacy else None)
        if not is_variable(payload) or first.record is None:
            return [first]
        if client.legacy:
            embedded = payload.get("variations")
            originals = [one for one in embedded if isinstance(one, dict)] if isinstance(embedded, list) else []
            children = [
                read_product(legacy.modern_product(one), shop, currency=currency, parent=modern, original=one)
                for one in originals
            ]
        else:
            children = [
                read_product(one, shop, currency=currency or None, parent=payload)
                for one in self._variations(client, first.id)
            ]
        known = [child.record for child in children if child.record is not None]
        shared = {product.id: product for product in with_shared_skus(known)}  # type: ignore[arg-type]  # all products
        return [first, *(replace(child, record=shared.get(child.id, child.record)) for child in children)]

    def _variations(self, client: ShopClient, product_id: str) -> Iterator[Mapping[str, Any]]:
        path = f"products/{product_id}/variations"
        for payloads, _, _ in self._paged(client, path, None, [("orderby", "id"), ("order", "asc")]):
            yield from payloads

    def _paged(
        self, client: ShopClient, path: str, cursor: str | None, extra: Sequence[tuple[str, str]]
    ) -> Iterator[tuple[list[Mapping[str, Any]], str | None, int | None]]:
        """A list by page number, with the cursor after each page (missing after the last: begin again)."""
        window = Window(by="pages")
        if cursor is not None:
            try:
                window = Window.from_cursor(cursor)
            except ValueError:
                window = Window(by="pages")
        for _ in range(_MOST_PAGES):
            size = [] if window.size == UNASKED else [(_limit(client), str(window.size))]
            page = [("page", str(window.page))] if window.page > 1 else []
            try:
                got = client.get(path, [*extra, *size, *page], kind=path.partition("/")[0])
            except ConnectorError as error:
                other = self._otherwise(error, window)
                if other is None:
                    raise
                window = other
                continue
            payloads = _listed(got, path)
            total = got.count("X-WP-Total", "X-WC-Total")
            seen = (window.page - 1) * window.size + len(payloads)
            more = bool(payloads) and (len(payloads) >= window.size or (total is not None and total > seen))
            if not more and not window.shrunk(total):
                yield payloads, None, total
                return
            window = window.step([], None, total)
            yield payloads, window.to_cursor(), total
        raise Retry("The shop's list does not end.", code="endless_list", scope="connection", after=600.0)

    # -------------------------------------------------------------------------------------------------- pure mapping

    def read_orders(self, payloads: Iterable[Mapping[str, Any]]) -> Iterator[Fetched]:
        """The mapping of raw orders as files hold them, of `wc/v3` or the legacy API, alone or as `{"order": …}` and
        `{"orders": […]}`. No network."""
        for payload in payloads:
            if isinstance(payload, dict) and isinstance(payload.get("orders"), list) and "id" not in payload:
                yield from self.read_orders(payload["orders"])
            elif isinstance(payload, dict) and isinstance(payload.get("order"), dict) and "id" not in payload:
                yield self._read_order(payload["order"])
            else:
                yield self._read_order(payload)

    def _read_order(self, payload: Any) -> Fetched:
        shop = self._setting()
        if legacy.is_legacy_order(payload):
            modern = legacy.modern_order(payload, prices_include_tax=shop.prices_include_tax)
            return read_order(modern, shop, original=payload)
        return read_order(payload, shop)

    def _read_customer(self, payload: Mapping[str, Any]) -> Fetched:
        if "billing_address" in payload:
            return read_customer(legacy.modern_customer(payload), self._setting(), original=payload)
        return read_customer(payload, self._setting())


# ------------------------------------------------------------------------------------------------------------ helpers


def _limit(client: ShopClient) -> str:
    return "filter[limit]" if client.legacy else "per_page"


def _listed(got: Got, name: str) -> list[Mapping[str, Any]]:
    """The records of a list: a bare array, or the legacy API's `{"orders": […]}`. Entries that are none are kept as
    `{"value": …}`, so that a finding can say so."""
    told = got.data
    if isinstance(told, dict):
        named = told.get(name)
        if named is None and len(told) == 1:
            named = next(iter(told.values()))
        told = named
        if isinstance(told, dict):
            told = list(told.values())
    if not isinstance(told, list):
        raise Retry(
            f"Instead of a list the shop sent {shown(got.data)}.",
            code="unexpected_answer",
            next_step="It is tried again. If it lasts, a plugin changes what WooCommerce sends: tell support.",
            status=got.answer.status,
            scope="connection",
            after=300.0,
        )
    return [entry if isinstance(entry, dict) else {"value": entry} for entry in told]


def _row(payload: Mapping[str, Any], old: int, zone: Any) -> Row:
    if old:
        created, changed = moment(payload.get("created_at"), None, zone), moment(payload.get("updated_at"), None, zone)
    else:
        created = moment(payload.get("date_created_gmt"), payload.get("date_created"), zone)
        changed = moment(payload.get("date_modified_gmt"), payload.get("date_modified"), zone)
    return Row(record_id(payload.get("id")) or shown(payload), created, changed or created)


def _completed(payload: Mapping[str, Any], details: Mapping[str, list[Mapping[str, Any]]]) -> Mapping[str, Any]:
    """The payload with each refund's detail in place of its summary, so that what is kept can be read again alone."""
    found = details.get(record_id(payload.get("id")) or "")
    if not found:
        return payload
    by_id = {record_id(entry.get("id")): entry for entry in found}
    listed = payload.get("refunds")
    summaries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    merged: list[Mapping[str, Any]] = []
    for summary in summaries:
        detail = by_id.pop(record_id(summary.get("id")), None)
        merged.append({**summary, **_lean(detail)} if detail and is_detailed(detail) else summary)
    merged += [_lean(entry) for entry in by_id.values()]
    return {**payload, "refunds": merged}


def _lean(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "_links"}


def _gone(order_id: str) -> Fetched:
    finding = SourceFinding(
        code="order_gone",
        message=f"Order {order_id} is no longer in the shop (deleted for good). What stands in the books is left alone.",
        severity="warning",
    )
    return Fetched(kind="order", id=order_id, raw={"id": order_id}, record=None, findings=(finding,))


def _moment_of_answer(got: Got, clock: Clock) -> datetime:
    """The earlier of the shop's clock and ours: nothing later can be sure to have been listed."""
    ours = clock.now()
    try:
        theirs = parsedate_to_datetime(got.answer.headers.get("Date", ""))
    except (ValueError, TypeError):
        return ours
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    return min(ours, theirs.astimezone(UTC))


def _version(told: str) -> tuple[int, ...]:
    """`10.0.2` as (10, 0, 2); what is no number ends it."""
    parts: list[int] = []
    for part in told.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits or len(digits) > 6:
            break
        parts.append(int(digits))
        if digits != part:
            break
    return tuple(parts)


def _facts_of_old(index: ShopIndex) -> dict[str, str]:
    facts = {"version": index.version or "", "currency": index.currency or ""}
    return {name: value for name, value in facts.items() if value}


def _with_hint(error: Rejected, index: ShopIndex) -> Rejected:
    """Keys of the user profile (2.3) and of the settings (2.4 on) are made at different places."""
    if index.legacy and error.code in ("key_unknown", "secret_wrong", "key_without_rights"):
        error.next_step = (
            "In WordPress open Users, your profile, tick Generate API Key and save (WooCommerce 2.3), or WooCommerce, "
            "Settings, API, Keys (2.4). Give it Read/Write permission and connect again with it."
        )
    return error


def _too_old(version: str) -> SourceFinding:
    return SourceFinding(
        code="changes_not_filtered",
        message=f"This shop (WooCommerce {version or 'before 5.8'}) cannot say what changed. Orders of the last 30 days are "
        "looked through each time; changes of older ones show only while they are held or unpaid. An update of "
        "WooCommerce mends it.",
    )


def _notices() -> SourceFinding:
    return SourceFinding(
        code="answer_with_notices",
        message="The shop prints PHP warnings before its data; they were cut off. Ask whoever looks after the shop to set "
        "WP_DEBUG_DISPLAY to false.",
    )
