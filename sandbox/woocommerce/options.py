"""What kind of shop the local WooCommerce server plays: version, contents, quirks and faults; it knows no requests.

The facts behind the switches were measured on three real shops: A (10.0.2, new order tables, New York), B (10.0.2,
posts storage, London) and C (5.0.0, posts storage); doubtful ones say so in their help.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sandbox.switches import check, read, switch, told

Version = Literal["10.0", "5.0", "2.4", "2.3"]
Storage = Literal["hpos", "posts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All switches of the local shop; `Options.told()` lists them. Times are aware UTC or ISO text, money is text."""

    version: Version = switch("10.0", "WooCommerce played: 10.0 and 5.0 by wc/v3, 2.4 and 2.3 by the legacy wc-api")
    storage: Storage | None = switch(None, "where orders live: hpos or posts; empty: hpos in 10.0, posts before")
    generated: int = switch(0, "number of generated orders to serve in place of the recorded shop; 0: the recorded one")
    seed: int = switch(1, "which generated shop; the same seed and options give the same shop")
    generated_start: str = switch("2026-01-02T09:00:00", "UTC time of the first generated order")
    generated_seconds_apart: int = switch(1200, "average seconds between two generated orders")
    zone: str = switch("America/New_York", "the shop's time zone: dates without _gmt and naive date filters are in it")
    now: str | None = switch(None, "freezes the shop's clock at this UTC time; empty: real time, after the last record")
    currency: str = switch("USD", "the shop's currency, used for generated and new orders")
    decimals: int = switch(2, "the shop's number of decimals (WooCommerce uses it for every currency)")
    country: str = switch("US:MD", "the shop's base country and state")
    home_url: str = switch("", "address that the shop believes to have; links and OAuth signatures use it, not Host")
    name: str = switch("Sandbox Shop", "the shop's title")

    tls: bool = switch(False, "serve over TLS with a throw-away authority; ready() names its ca_file")

    hash_numbers: bool = switch(
        False, "order numbers begin with '#', as in WooCommerce up to 2.2 or by a number plugin"
    )
    sequential_numbers: bool = switch(False, "a sequential number plugin: number is _order_number meta, not the id")
    prices_include_tax: bool = switch(False, "prices are typed with tax; order lines are still net in the API")
    tax_round_at_subtotal: bool = switch(False, "tax of new orders is rounded once per rate, so lines miss it by cents")
    custom_statuses: tuple[str, ...] = switch((), "statuses added by plugins, for example ('shipped',)")
    variations_without_sku: bool = switch(False, "no variation has its own SKU: all show their parent's")
    deleted_products: tuple[int, ...] = switch((), "product ids deleted for good: lines show product_id 0, sku null")

    strip_authorization: bool = switch(
        False, "the host drops the Authorization header (CGI): only keys in the query work"
    )
    block_put_delete: bool = switch(False, "ModSecurity answers PUT and DELETE with 501 and HTML")
    block_method_override: bool = switch(False, "ModSecurity refuses X-HTTP-Method-Override and _method, too")
    max_url_length: int = switch(0, "iThemes Security answers 403 and HTML to longer URLs (255 in the field); 0: off")
    blocked_user_agents: tuple[str, ...] = switch(
        (), "iThemes Security (HackRepair list) answers 403 to user agents with these words"
    )
    maintenance: Literal["", "200", "503"] = switch("", "every answer is an HTML maintenance page with this status")
    redirect_to: str = switch("", "every request is redirected (301) to this host, path kept, as http to https or www")
    truncate_after: int = switch(0, "JSON answers are cut after so many bytes; 0: whole")
    slow_seconds: float = switch(0.0, "every answer comes so many seconds late")
    requests_per_minute: int = switch(0, "more than this is 429 with Retry-After; 0: no limit")
    retry_after: int = switch(5, "seconds in Retry-After of a 429")
    notices_before_json: bool = switch(False, "PHP warnings stand before the JSON, as on shops with display_errors on")
    shuffle_while_paging: bool = switch(False, "an order is touched after each listed page, so that pages shift")
    plain_permalinks: bool = switch(False, "no /wp-json/ route at all; only ?rest_route=, which takes no keys")

    legacy_unknown_answers_one: bool = switch(
        False, "doubtful: 2.3 answers /wc-api/v3 with 200 and the text 1; else 404 and HTML"
    )

    oauth_window_seconds: int = switch(900, "how far oauth_timestamp may be from the server's real clock")
    login_password: str = switch("sandbox", "password of the shop's user 'admin' on the wc-auth login page")
    callback_timeout: float = switch(10.0, "seconds the shop waits for the pairing callback and for webhook receivers")
    callback_loopback: bool = switch(
        True, "callbacks and webhooks may go to loopback and any port (WordPress refuses it)"
    )
    callback_ca_file: str = switch(
        "", "CA bundle that callbacks and webhook receivers are checked against; empty: system"
    )
    webhook_delivery: Literal["background", "manual"] = switch(
        "background", "webhooks go out by themselves, or only by deliver_webhooks() and the admin endpoint"
    )

    def __post_init__(self) -> None:
        check(self)
        if self.generated < 0:
            raise ValueError("generated must not be negative")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"zone cannot be {self.zone!r}; it can be a name such as Europe/London") from None
        for name in ("now", "generated_start"):
            try:
                datetime.fromisoformat(getattr(self, name) or "2026-01-31")
            except ValueError:
                words = f"{name} cannot be {getattr(self, name)!r}; it can be a time such as 2026-01-31T09:00:00"
                raise ValueError(words) from None

    @property
    def legacy(self) -> bool:
        """True for the versions whose only API is wc-api."""
        return self.version in ("2.4", "2.3")

    @property
    def hpos(self) -> bool:
        return (self.storage or ("hpos" if self.version == "10.0" else "posts")) == "hpos"

    @property
    def full_version(self) -> str:
        return {"10.0": "10.0.2", "5.0": "5.0.0", "2.4": "2.4.7", "2.3": "2.3.13"}[self.version]

    @property
    def wordpress_version(self) -> str:
        return {"10.0": "6.8.3", "5.0": "5.6", "2.4": "4.3", "2.3": "4.2"}[self.version]

    @classmethod
    def told(cls) -> dict[str, tuple[Any, str]]:
        """Every switch: name -> (its value at the start, what it does)."""
        return told(cls)

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> Options:
        """Options from JSON; ValueError for a switch that is none, or a value that it cannot have."""
        return cls().changed(given)

    def changed(self, given: Mapping[str, Any]) -> Options:
        """A copy with some switches changed; ValueError as above."""
        return dataclasses.replace(self, **read(given, told(Options), Options))
