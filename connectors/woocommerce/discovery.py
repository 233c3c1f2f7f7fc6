"""Which API a shop has and where: asked without keys, by the indexes that every version shows to anybody."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlsplit

from connectors.answers import Answer
from connectors.errors import ConnectorError, Rejected
from connectors.http import HttpSession
from connectors.ports import Clock
from connectors.woocommerce.client import read_success
from connectors.woocommerce.refusals import refusal
from connectors.woocommerce.setting import zone_of
from connectors.woocommerce.values import offset_zone

APIS: Final = ("wc/v3", "wc/v2")
"""From WooCommerce 3.5 and 3.0; they send the same orders. Older shops are asked by the legacy API."""

_TAILS: Final = re.compile(r"/(?:wp-admin|wp-login\.php|wp-json|wc-api|index\.php)(?:/.*)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopIndex:
    """What a shop's index says. `root` is where the API lies (with a slash at its end), `home` the shop's own address."""

    home: str
    root: str
    api: str
    legacy: int = 0
    title: str | None = None
    zone: str | None = None
    version: str | None = None
    currency: str | None = None
    prices_include_tax: bool | None = None
    details: Mapping[str, str]


def shop_url(typed: str) -> str:
    """The address that somebody typed or pasted, as `https://host/path` without slash, query and WordPress' own tails.

    Raises `Rejected` where it is none.
    """
    told = typed.strip()
    if told and "://" not in told:
        told = "https://" + told
    try:
        parts = urlsplit(told)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
        parts = urlsplit("")
    if (
        parts.scheme not in ("http", "https")
        or not host
        or parts.username is not None
        or re.search(r"[\s<>\"'\\]", told)
    ):
        raise Rejected(
            "That is no web address of a shop.",
            code="bad_address",
            next_step="Type the address as the browser shows it, such as https://www.example.com.",
            scope="connection",
        )
    default = {"https": 443, "http": 80}[parts.scheme]
    place = f"[{host}]" if ":" in host else host
    where = place if port in (None, default) else f"{place}:{port}"
    path = _TAILS.sub("", re.sub(r"//+", "/", parts.path)).rstrip("/")
    return f"{parts.scheme}://{where}{path}"


def identity(home: str) -> str:
    """The shop, however it is connected: host and path of its home address, in small letters.

    http or https, `www.`, a slash at the end, the standard port and the spelling of an international name make no
    difference; a folder (`example.com/shop`) and any other port do. Two shops on `www.` and the bare domain, which
    nobody has, would count as one.
    """
    parts = urlsplit(shop_url(home))
    host = (parts.hostname or "").rstrip(".")
    with contextlib.suppress(UnicodeError):
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    host = host.lower().removeprefix("www.")
    port = f":{parts.port}" if parts.port else ""
    return f"{host}{port}{parts.path}"


def discover(session: HttpSession, clock: Clock, url: str, counts: Counter[str]) -> ShopIndex:
    """Find the best API of the shop at `url` (as `shop_url` gives it). Raises errors of `connectors.errors`."""
    base, first, plain = url, None, False
    for index in ("/wp-json/", "/index.php/wp-json/"):
        try:
            told, answer = _ask(session, clock, base + index, counts)
        except ConnectorError as error:
            if error.status is None or error.status in (429, 503) or error.code.startswith("blocked"):
                raise
            first = first or error
            continue
        base = _moved_to(base, index, answer)
        spaces = told.get("namespaces")
        spaces = spaces if isinstance(spaces, list) else []
        api = next((api for api in APIS if api in spaces), None)
        if api:
            return _modern(base, base + index, api, told)
        first = first or Rejected(
            "WordPress answers, but there is no WooCommerce at this address.",
            code="woocommerce_missing",
            next_step="Check the address, and in WordPress that the plugin WooCommerce is active and up to date.",
            scope="connection",
        )
        break
    for number in (3, 2):
        try:
            told, answer = _ask(session, clock, f"{base}/wc-api/v{number}/", counts)
        except ConnectorError as error:
            if error.code == "api_switched_off":
                raise
            continue
        if isinstance(told.get("store"), dict):
            return _old(_moved_to(base, f"/wc-api/v{number}/", answer), number, told["store"])
    try:
        told, _ = _ask(session, clock, f"{base}/?rest_route=/", counts)
        spaces = told.get("namespaces")
        plain = isinstance(spaces, list) and any(api in spaces for api in APIS)
    except ConnectorError:
        pass
    if plain:
        raise Rejected(
            "The shop uses plain permalinks, with which WooCommerce accepts no keys.",
            code="plain_permalinks",
            next_step="In WordPress open Settings, Permalinks, choose Post name and save. Nothing in the shop changes by "
            "it but the addresses of its pages.",
            scope="connection",
        )
    raise first or AssertionError("no index was asked for")


def _ask(session: HttpSession, clock: Clock, url: str, counts: Counter[str]) -> tuple[Mapping[str, Any], Answer]:
    counts["index"] += 1
    answer = session.request("GET", url, headers={"Accept": "application/json"})
    found = read_success(answer) if 200 <= answer.status < 300 else None
    if found is None or not isinstance(found[0], dict):
        raise refusal(answer, now=clock.now().timestamp())
    return found[0], answer


def _moved_to(base: str, index: str, answer: Answer) -> str:
    """Where redirects led to: the address that keys may be sent to without one."""
    if not answer.redirected:
        return base
    found = answer.url.rstrip("/").removesuffix(index.rstrip("/"))
    return shop_url(found)


def _modern(base: str, index: str, api: str, told: Mapping[str, Any]) -> ShopIndex:
    home = told.get("home") or told.get("url")
    zone = told.get("timezone_string")
    return ShopIndex(
        home=_home(home, base),
        root=f"{index}{api}/",
        api=api,
        title=_text(told.get("name")),
        zone=_zone(zone, told.get("gmt_offset")),
        details={"url": base},
    )


def _old(base: str, number: int, store: Mapping[str, Any]) -> ShopIndex:
    found = store.get("meta")
    about: Mapping[str, Any] = found if isinstance(found, dict) else {}
    return ShopIndex(
        home=_home(store.get("URL") or store.get("url"), base),
        root=f"{base}/wc-api/v{number}/",
        api=f"wc-api/v{number}",
        legacy=number,
        title=_text(store.get("name")),
        zone=_zone(about.get("timezone"), None),
        version=_text(store.get("wc_version")),
        currency=_text(about.get("currency")),
        prices_include_tax=about.get("tax_included") is True,
        details={"url": base},
    )


def _home(told: object, base: str) -> str:
    """The shop's own address in its own spelling, since signatures are checked with exactly that."""
    if not isinstance(told, str) or not told:
        return base
    try:
        shop_url(told)
    except ConnectorError:
        return base
    return told.strip().rstrip("/")


def _text(told: object) -> str | None:
    return told.strip()[:255] or None if isinstance(told, str) else None


def _zone(name: object, offset: object) -> str | None:
    """The IANA zone; a shop that is set to a fixed offset (`UTC-5`) gets the zone of that offset."""
    if isinstance(name, str) and name and zone_of(name) is not None:
        return name
    told: object = offset
    if isinstance(name, str) and (found := re.fullmatch(r"(?:UTC)?([+-]?\d{1,2}(?:\.\d+)?)(?::(\d\d))?", name)):
        hours = Decimal(found[1])
        told = hours + (Decimal(found[2]) / 60 * (-1 if hours < 0 else 1) if found[2] else 0)
    if isinstance(told, int | float | str | Decimal) and not isinstance(told, bool):
        try:
            hours = Decimal(str(told))
        except InvalidOperation:
            return None
        return offset_zone(hours)[0] if hours.is_finite() and abs(hours) <= 14 else None
    return None
