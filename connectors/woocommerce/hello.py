"""What connecting finds out: keys in order, API, version, zone, currency, storage, rounding; worded as findings."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from connectors.errors import Rejected
from connectors.http import HttpSession
from connectors.ports import Clock, ShopProfile
from connectors.records import SourceFinding
from connectors.woocommerce.client import Got, ShopClient
from connectors.woocommerce.discovery import ShopIndex, discover, identity
from connectors.woocommerce.values import mapping

CHANGES_SINCE: Final = (5, 8)
"""The first WooCommerce that knows `modified_after` (source checked at 5.7.1 and 5.8.0); older ones ignore it."""


def say_hello(
    session: HttpSession, clock: Clock, url: str, key: str, secret: str, counts: Counter[str]
) -> tuple[ShopProfile, ShopClient]:
    """The shop's profile, and a client that asks it. Checks the keys by reading one order; five to seven calls."""
    check_keys(key, secret)
    index = discover(session, clock, url, counts)
    client = ShopClient(
        session=session,
        clock=clock,
        root=index.root,
        home=index.home,
        key=key,
        secret=secret,
        legacy=index.legacy,
        counts=counts,
    )
    try:
        newest = client.get("orders", [("filter[limit]" if index.legacy else "per_page", "1")], kind="hello")
    except Rejected as error:
        raise _with_hint(error, index) from None
    findings: list[SourceFinding] = []
    facts = _facts_of_old(index) if index.legacy else _facts(client, newest, findings)
    if client.header_is_stripped:
        findings.append(
            SourceFinding(
                code="header_stripped",
                message="The shop's host drops the Authorization header, so the keys go in the address (encrypted).",
                next_step="Nothing has to be done; better still, ask the host to pass the header on to PHP.",
            )
        )
    if index.zone is None:
        findings.append(
            SourceFinding(
                code="zone_unknown",
                message="The shop does not say its time zone; UTC is used where it matters.",
                next_step="Set the time zone in WordPress, Settings, General, and connect again.",
            )
        )
    if newest.with_notices:
        findings.append(notices())
    version = facts.get("version") or index.version or ""
    modern = not index.legacy and version_of(version) >= CHANGES_SINCE
    if not index.legacy and version and not modern:
        findings.append(too_old(version))
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
    return profile, client


def check_keys(key: str, secret: str) -> None:
    """Raises `Rejected` for keys that cannot be any, before anything is asked."""
    for value, start, name in ((key, "ck_", "consumer key"), (secret, "cs_", "consumer secret")):
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
    if key.startswith("cs_") and secret.startswith("ck_"):
        raise Rejected(
            "Consumer key and consumer secret are the wrong way round.",
            code="keys_swapped",
            next_step="The one that begins with ck_ is the key, the one with cs_ the secret.",
            scope="connection",
        )


def _facts(client: ShopClient, newest: Got, findings: list[SourceFinding]) -> dict[str, str]:
    """Version, currency and settings, from the status page where the key may see it, else from the newest order."""
    facts: dict[str, str] = {}
    order = mapping(newest.data[0]) if isinstance(newest.data, list) and newest.data else {}
    status = _perhaps(client, "system_status", [("_fields", "environment,settings")])
    environment, settings = mapping(mapping(status).get("environment")), mapping(mapping(status).get("settings"))
    version, currency = environment.get("version"), settings.get("currency")
    if not isinstance(version, str):
        # An order carries the version that made it: an upper bound is not known, a lower one is.
        version = order.get("version")
        findings.append(
            SourceFinding(
                code="status_unreadable",
                message="The key may not read the shop's status page; version and currency are taken from the newest order.",
                severity="info",
                next_step="A key of an administrator shows more; nothing has to be done.",
            )
        )
    if not isinstance(currency, str):
        current = mapping(_perhaps(client, "data/currencies/current", []))
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
    tax = _perhaps(client, "settings/tax", [])
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
                message="The shop rounds tax on the whole order, so parts may miss the total by a cent or two.",
                next_step="In WooCommerce, Settings, Tax, untick “Round tax at subtotal level” for books that agree to the "
                "cent.",
            )
        )
    return facts


def _perhaps(client: ShopClient, path: str, params: list[tuple[str, str]]) -> Any:
    """What a key without rights or an older version may refuse; missing then."""
    try:
        return client.get(path, params, kind="status").data
    except Rejected as error:
        if error.scope == "connection" and error.code not in ("key_without_rights", "api_missing", "key_unknown"):
            raise
        return None


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


def version_of(told: str) -> tuple[int, ...]:
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


def too_old(version: str) -> SourceFinding:
    return SourceFinding(
        code="changes_not_filtered",
        message=f"This shop (WooCommerce {version or 'before 5.8'}) cannot say what changed. Orders of the last 30 days are "
        "looked through each time; changes of older ones show only while they are held or unpaid.",
        next_step="An update of WooCommerce mends it.",
    )


def notices() -> SourceFinding:
    return SourceFinding(
        code="answer_with_notices",
        message="The shop prints PHP warnings before its data; they were cut off.",
        next_step="Ask whoever looks after the shop to set WP_DEBUG_DISPLAY to false.",
    )
