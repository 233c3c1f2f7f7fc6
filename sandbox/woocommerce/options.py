"""What kind of shop the local WooCommerce server plays: version, contents, quirks and faults; it knows no requests.

The facts behind the switches were measured on three real shops: A (10.0.2, new order tables, New York), B (10.0.2,
posts storage, London) and C (5.0.0, posts storage); doubtful ones say so in their help.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Version = Literal["10.0", "5.0", "2.4", "2.3"]
Storage = Literal["hpos", "posts"]
VERSIONS: tuple[str, ...] = get_args(Version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All switches of the local shop; `Options.help()` lists them. Times are aware UTC or ISO text, money is text."""

    version: Version = field(
        default="10.0", metadata={"help": "WooCommerce played: 10.0 and 5.0 by wc/v3, 2.4 and 2.3 by the legacy wc-api"}
    )
    storage: Storage | None = field(
        default=None, metadata={"help": "where orders live: hpos or posts; empty: hpos in 10.0, posts before"}
    )
    generated: int = field(
        default=0,
        metadata={"help": "number of generated orders to serve in place of the recorded shop; 0: the recorded one"},
    )
    seed: int = field(
        default=1, metadata={"help": "which generated shop; the same seed and options give the same shop"}
    )
    generated_start: str = field(
        default="2026-01-02T09:00:00", metadata={"help": "UTC time of the first generated order"}
    )
    generated_seconds_apart: int = field(
        default=1200, metadata={"help": "average seconds between two generated orders"}
    )
    zone: str = field(
        default="America/New_York",
        metadata={"help": "the shop's time zone: dates without _gmt and naive date filters are in it"},
    )
    now: str | None = field(
        default=None,
        metadata={"help": "freezes the shop's clock at this UTC time; empty: real time, after the last record"},
    )
    currency: str = field(default="USD", metadata={"help": "the shop's currency, used for generated and new orders"})
    decimals: int = field(
        default=2, metadata={"help": "the shop's number of decimals (WooCommerce uses it for every currency)"}
    )
    country: str = field(default="US:MD", metadata={"help": "the shop's base country and state"})
    home_url: str = field(
        default="",
        metadata={"help": "address that the shop believes to have; links and OAuth signatures use it, not Host"},
    )
    name: str = field(default="Sandbox Shop", metadata={"help": "the shop's title"})

    tls: bool = field(
        default=False, metadata={"help": "serve over TLS with a throw-away authority; ready() names its ca_file"}
    )

    hash_numbers: bool = field(
        default=False,
        metadata={"help": "order numbers begin with '#', as in WooCommerce up to 2.2 or by a number plugin"},
    )
    sequential_numbers: bool = field(
        default=False, metadata={"help": "a sequential number plugin: number is _order_number meta, not the id"}
    )
    prices_include_tax: bool = field(
        default=False, metadata={"help": "prices are typed with tax; order lines are still net in the API"}
    )
    tax_round_at_subtotal: bool = field(
        default=False, metadata={"help": "tax of new orders is rounded once per rate, so lines miss it by cents"}
    )
    custom_statuses: tuple[str, ...] = field(
        default=(), metadata={"help": "statuses added by plugins, for example ('shipped',)"}
    )
    variations_without_sku: bool = field(
        default=False, metadata={"help": "no variation has its own SKU: all show their parent's"}
    )
    deleted_products: tuple[int, ...] = field(
        default=(), metadata={"help": "product ids deleted for good: lines show product_id 0, sku null"}
    )

    strip_authorization: bool = field(
        default=False, metadata={"help": "the host drops the Authorization header (CGI): only keys in the query work"}
    )
    block_put_delete: bool = field(
        default=False, metadata={"help": "ModSecurity answers PUT and DELETE with 501 and HTML"}
    )
    block_method_override: bool = field(
        default=False, metadata={"help": "ModSecurity refuses X-HTTP-Method-Override and _method, too"}
    )
    max_url_length: int = field(
        default=0, metadata={"help": "iThemes Security answers 403 and HTML to longer URLs (255 in the field); 0: off"}
    )
    blocked_user_agents: tuple[str, ...] = field(
        default=(), metadata={"help": "iThemes Security (HackRepair list) answers 403 to user agents with these words"}
    )
    maintenance: Literal["", "200", "503"] = field(
        default="", metadata={"help": "every answer is an HTML maintenance page with this status"}
    )
    redirect_to: str = field(
        default="",
        metadata={"help": "every request is redirected (301) to this host, path kept, as http to https or www"},
    )
    truncate_after: int = field(default=0, metadata={"help": "JSON answers are cut after so many bytes; 0: whole"})
    slow_seconds: float = field(default=0.0, metadata={"help": "every answer comes so many seconds late"})
    requests_per_minute: int = field(
        default=0, metadata={"help": "more than this is 429 with Retry-After; 0: no limit"}
    )
    retry_after: int = field(default=5, metadata={"help": "seconds in Retry-After of a 429"})
    notices_before_json: bool = field(
        default=False, metadata={"help": "PHP warnings stand before the JSON, as on shops with display_errors on"}
    )
    shuffle_while_paging: bool = field(
        default=False, metadata={"help": "an order is touched after each listed page, so that pages shift"}
    )
    plain_permalinks: bool = field(
        default=False, metadata={"help": "no /wp-json/ route at all; only ?rest_route=, which takes no keys"}
    )

    legacy_unknown_answers_one: bool = field(
        default=False, metadata={"help": "doubtful: 2.3 answers /wc-api/v3 with 200 and the text 1; else 404 and HTML"}
    )

    oauth_window_seconds: int = field(
        default=900, metadata={"help": "how far oauth_timestamp may be from the server's real clock"}
    )
    login_password: str = field(
        default="sandbox", metadata={"help": "password of the shop's user 'admin' on the wc-auth login page"}
    )
    callback_timeout: float = field(
        default=10.0, metadata={"help": "seconds the shop waits for the pairing callback and for webhook receivers"}
    )
    callback_loopback: bool = field(
        default=True, metadata={"help": "callbacks and webhooks may go to loopback and any port (WordPress refuses it)"}
    )
    callback_ca_file: str = field(
        default="",
        metadata={"help": "CA bundle that callbacks and webhook receivers are checked against; empty: system"},
    )
    webhook_delivery: Literal["background", "manual"] = field(
        default="background",
        metadata={"help": "webhooks go out by themselves, or only by deliver_webhooks() and the admin endpoint"},
    )

    def __post_init__(self) -> None:
        if self.version not in VERSIONS:
            raise ValueError(f"version must be one of {', '.join(VERSIONS)}, not {self.version!r}")
        if self.storage not in (None, "hpos", "posts"):
            raise ValueError(f"storage must be hpos or posts, not {self.storage!r}")
        if self.generated < 0:
            raise ValueError("generated must not be negative")

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
    def help(cls) -> dict[str, str]:
        """Name to one line of help, for every switch."""
        return {one.name: str(one.metadata["help"]) for one in dataclasses.fields(cls)}

    @classmethod
    def from_mapping(cls, given: dict[str, Any]) -> Options:
        """Options from JSON (lists become tuples); ValueError names an unknown switch."""
        return cls().changed(given)

    def changed(self, given: dict[str, Any]) -> Options:
        """A copy with some switches changed; ValueError names an unknown switch."""
        known = self.help()
        for name in given:
            if name not in known:
                raise ValueError(f"no switch is called {name!r}; there are: {', '.join(known)}")
        values: Any = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
        return dataclasses.replace(self, **values)
