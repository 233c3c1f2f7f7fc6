"""One-legged OAuth 1.0a as WooCommerce checks it over plain http; a pure function of request, keys, time and nonce.

The shop signs with its own home address, not with the host that was called, and compares in the order of PHP's strcmp.
`/wc-api/v1` and `/v2` use the bare secret as key, all later APIs append "&" (WooCommerce 2.4.13,
includes/api/v2/class-wc-api-authentication.php:269 and includes/api/class-wc-api-authentication.php:266).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import quote

Pairs = Sequence[tuple[str, str]]


def encode(told: str) -> str:
    """RFC 3986: everything but letters, digits and `-._~` as %XX of UTF-8."""
    return quote(told, safe="-._~")


def sign(method: str, url: str, params: Pairs, secret: str, *, bare_secret: bool = False) -> str:
    """The signature (base64 of HMAC-SHA256) over method, address without query, and all parameters."""
    pairs = sorted((encode(name), encode(value)) for name, value in params)
    normalised = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join((method.upper(), encode(url), encode(normalised)))
    key = secret if bare_secret else f"{secret}&"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()


def signed(
    method: str,
    url: str,
    params: Pairs,
    *,
    key: str,
    secret: str,
    timestamp: int,
    nonce: str,
    bare_secret: bool = False,
) -> list[tuple[str, str]]:
    """The OAuth parameters of a request, its signature last."""
    oauth = [
        ("oauth_consumer_key", key),
        ("oauth_timestamp", str(timestamp)),
        ("oauth_nonce", nonce),
        ("oauth_signature_method", "HMAC-SHA256"),
    ]
    signature = sign(method, url, [*params, *oauth], secret, bare_secret=bare_secret)
    return [*oauth, ("oauth_signature", signature)]


def header(oauth: Pairs) -> str:
    """Those parameters as an Authorization header, which keeps addresses short."""
    return "OAuth " + ", ".join(f'{name}="{encode(value)}"' for name, value in oauth)
