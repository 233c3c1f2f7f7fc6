"""Who calls: keys by Basic or query over TLS, one-legged OAuth 1.0a over plain http, for wc/v3 and the legacy API.

As read in WooCommerce 10.0.2 class-wc-rest-authentication.php and 2.4.7 class-wc-api-authentication.php.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from .errors import LegacyError, RestError
from .php import raw_url_encode
from .shop import Key, Shop

OAUTH_NAMES = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
READS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Call:
    """The parts of a request that authentication looks at; `path` is the URL's path as sent, without query."""

    method: str
    path: str
    tls: bool
    query: dict[str, Any]
    authorization: str


class _Refused(Exception):
    """An authentication error in words that both APIs share; each adds its own punctuation."""


def _failed(message: str, code: str = "woocommerce_rest_authentication_error") -> RestError:
    return RestError(401, code, message)


def rest_key(shop: Shop, home: str, call: Call) -> Key | None:
    """The key of a wc/v3 request, None for an anonymous one; RestError where keys are there and wrong."""
    key = None
    if call.tls:
        key = _rest_basic(shop, call)
    if key is None:
        key = _rest_oauth(shop, home, call)
    if key is None:
        return None
    kind = "read" if call.method in READS else "write"
    if kind not in key.permissions:
        raise _failed(f"The API key provided does not have {kind} permissions.")
    return key


def _rest_basic(shop: Shop, call: Call) -> Key | None:
    name, secret = str(call.query.get("consumer_key") or ""), str(call.query.get("consumer_secret") or "")
    if not (name and secret):
        name, secret = _basic(call.authorization)
    if not (name and secret):
        return None
    key = shop.keys.get(name)
    if key is None:
        return None
    if not hmac.compare_digest(key.consumer_secret.encode(), secret.encode()):
        raise _failed("Consumer secret is invalid.")
    return key


def _basic(header: str) -> tuple[str, str]:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret


def _header_params(header: str) -> dict[str, str]:
    if not header.strip().lower().startswith("oauth "):
        return {}
    return {name: unquote(value) for name, value in re.findall(r'(oauth_[a-z_-]+)="([^"]*)"', header)}


def _rest_oauth(shop: Shop, home: str, call: Call) -> Key | None:
    params = {**call.query, **_header_params(call.authorization)}
    missing = [name for name in OAUTH_NAMES if not params.get(name)]
    if len(missing) == len(OAUTH_NAMES):
        return None
    if missing:
        plural = "s" if len(missing) > 1 else ""
        message = f"Missing OAuth parameter{plural} {', '.join(missing)}"
        raise _failed(message, "woocommerce_rest_authentication_missing_parameter")
    key = shop.keys.get(str(params["oauth_consumer_key"]))
    if key is None:
        raise _failed("Consumer key is invalid.")
    try:
        _check_signature(home + call.path, call.method, params, key.consumer_secret + "&")
        _check_nonce(shop, params)
    except _Refused as refused:
        raise _failed(f"{refused}.") from None
    return key


def legacy_key(shop: Shop, home: str, call: Call, api: str) -> Key:
    """The key of a request to /wc-api/v2 or v3; LegacyError otherwise (a missing parameter is a 404 there).

    v1 and v2 sign with the bare consumer secret, v3 with the secret and '&'.
    """
    try:
        if call.tls:
            key = _legacy_basic(shop, call)
        else:
            key = _legacy_oauth(shop, home, call, api)
        kind = "read" if call.method in READS else "write"
        if kind not in key.permissions:
            raise _Refused(f"The API key provided does not have {kind} permissions")
    except _Refused as refused:
        raise LegacyError(401, "authentication_error", str(refused)) from None
    return key


def _legacy_basic(shop: Shop, call: Call) -> Key:
    name, secret = _basic(call.authorization)
    name = name or str(call.query.get("consumer_key") or "")
    secret = secret or str(call.query.get("consumer_secret") or "")
    if not name:
        raise LegacyError(404, "authentication_error", "Consumer Key is missing")
    if not secret:
        raise LegacyError(404, "authentication_error", "Consumer Secret is missing")
    key = shop.keys.get(name)
    if key is None:
        raise _Refused("Consumer Key is invalid")
    if not hmac.compare_digest(key.consumer_secret.encode(), secret.encode()):
        raise _Refused("Consumer Secret is invalid")
    return key


def _legacy_oauth(shop: Shop, home: str, call: Call, api: str) -> Key:
    for name in OAUTH_NAMES:
        if not call.query.get(name):
            raise LegacyError(404, "authentication_error", f"{name} parameter is missing")
    key = shop.keys.get(str(call.query["oauth_consumer_key"]))
    if key is None:
        raise _Refused("Consumer Key is invalid")
    secret = key.consumer_secret + ("&" if api == "v3" else "")
    try:
        _check_signature(home + call.path, call.method, call.query, secret)
    except _Refused as refused:
        raise _Refused(str(refused).replace("Invalid signature", "Invalid Signature")) from None
    _check_nonce(shop, call.query)
    return key


def _check_signature(address: str, method: str, params: dict[str, Any], secret: str) -> None:
    given = unquote(str(params["oauth_signature"]).replace(" ", "+"))
    algorithm = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}.get(str(params["oauth_signature_method"]))
    if algorithm is None:
        raise _Refused("Invalid signature - signature method is invalid")
    signed = base_string(method, address, {key: one for key, one in params.items() if key != "oauth_signature"})
    wanted = base64.b64encode(hmac.new(secret.encode(), signed.encode(), algorithm).digest()).decode()
    if not hmac.compare_digest(wanted.encode(), given.encode()):
        raise _Refused("Invalid signature - provided signature does not match")


def base_string(method: str, address: str, params: dict[str, Any]) -> str:
    """METHOD&url&params: top-level names sorted bytewise, every name and value encoded twice, arrays as k[sub]."""
    joined: list[str] = []

    def walk(values: dict[str, Any], prefix: str) -> None:
        for name, value in values.items():
            full = f"{prefix}%5B{raw_url_encode(name)}%5D" if prefix else raw_url_encode(name)
            if isinstance(value, dict):
                walk(value, full)
            else:
                joined.append(raw_url_encode(f"{full}={raw_url_encode(str(value))}"))

    walk(dict(sorted(params.items(), key=lambda pair: pair[0].encode())), "")
    return f"{method.upper()}&{raw_url_encode(address)}&{'%26'.join(joined)}"


def _check_nonce(shop: Shop, params: dict[str, Any]) -> None:
    window, now = shop.options.oauth_window_seconds, int(time.time())
    stamp = int(params["oauth_timestamp"]) if str(params["oauth_timestamp"]).isdigit() else 0
    # After pass_time a client may live in the shop's time (a test's clock) or in real time (a client of others).
    if min(abs(now - stamp), abs(now + int(shop.clock.ahead) - stamp)) > window:
        raise _Refused("Invalid timestamp")
    nonce = f"{params['oauth_consumer_key']} {params['oauth_nonce']}"
    for old in [one for one, seen in shop.nonces.items() if seen < now - window]:
        del shop.nonces[old]
    if nonce in shop.nonces:
        raise _Refused("Invalid nonce - nonce has already been used")
    shop.nonces[nonce] = stamp
