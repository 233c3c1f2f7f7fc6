"""The shop's own calls to others (webhook receivers, pairing callbacks): one POST, no redirects; it knows no records."""

from __future__ import annotations

import http.client
import ipaddress
import ssl
from urllib.parse import urlsplit

from .shop import Shop

SAFE_PORTS = (80, 443, 8080)


class NotReached(Exception):
    """No answer came: refused address, connection, certificate or time; the message says which."""


def refused(shop: Shop, url: str) -> str:
    """Why WordPress would not call this URL (wp_http_validate_url), or ''."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "A valid URL was not provided."
    if parts.username or parts.password:
        return "A valid URL was not provided."
    if shop.options.callback_loopback:
        return ""
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        address = None
    local = parts.hostname == "localhost" or (address is not None and (address.is_private or address.is_loopback))
    if local or (parts.port or 80) not in SAFE_PORTS:
        return "A valid URL was not provided."
    return ""


def post(shop: Shop, url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer; redirects are not followed. NotReached where there is none."""
    why = refused(shop, url)
    if why:
        raise NotReached(why)
    parts = urlsplit(url)
    host, timeout = parts.hostname or "", shop.options.callback_timeout
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=shop.options.callback_ca_file or None)
        connection = http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, {"Accept": "*/*", "Connection": "close", **headers})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException) as error:
        raise NotReached(str(error)) from error
    finally:
        connection.close()
