"""One-click pairing (`/wc-auth/v1/authorize`, since WooCommerce 2.4): the address to send people to, and what comes back.

Three legs: the browser goes to the shop's grant page; the shop posts the keys to our callback, server to server, and
keeps them only if we answer exactly 200; the browser comes back to the return address with `success` 1 or 0, without
keys. Nothing in the callback is signed, so an unguessable state that is good once is all that ties it to a user.
Functions only: pages and routes are the web's. Facts: includes/class-wc-auth.php of WooCommerce 10.0.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal
from urllib.parse import quote, urlsplit

from connectors.answers import read_json
from connectors.errors import Rejected
from connectors.ports import Clock, OneTimeStates
from connectors.woocommerce.discovery import shop_url

Scope = Literal["read", "write", "read_write"]

GOOD_FOR: Final = timedelta(minutes=30)
"""How long somebody may take on the shop's grant page."""

BY_HAND: Final = (
    "Click the WooCommerce 2.3 link and type the keys in: in WooCommerce open Settings, Advanced, REST API, add a key with "
    "Read/Write permission, and copy consumer key and consumer secret."
)
"""The next step whenever pairing fails, for whatever reason."""

_STATE: Final = re.compile(r"[A-Za-z0-9_-]{32,100}")
_KEY: Final = re.compile(r"ck_[0-9a-f]{32,64}")
_SECRET: Final = re.compile(r"cs_[0-9a-f]{32,64}")
_PERMISSIONS: Final = ("read", "write", "read_write")
_LARGEST_BODY: Final = 10_000


@dataclass(frozen=True, slots=True)
class Keys:
    """What a shop hands over. `permissions` is "read", "write" or "read_write"."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    permissions: str
    key_id: int


@dataclass(frozen=True, slots=True)
class Callback:
    """What to do with a callback: answer with exactly `status`, and store `keys` (before answering) if there are any.

    `data` is what was kept with the state. `code` and `message` are for our log; the shop shows its own page.
    """

    status: int
    keys: Keys | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    code: str = "paired"
    message: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """How the browser came back: `state` if it named a well-formed one, and words with a next step if it failed."""

    granted: bool
    state: str | None
    message: str = ""
    next_step: str = ""


def begin(
    states: OneTimeStates,
    clock: Clock,
    shop: str,
    *,
    app_name: str,
    return_url: str,
    callback_url: str,
    data: Mapping[str, str],
    scope: Scope = "read_write",
    pretty: bool = True,
) -> str:
    """Keep a new state with `data` (who is pairing) and answer the address to send the browser to.

    Raises `Rejected` for an address that is none or is not https, or a callback that shops cannot reach.
    """
    url = shop_url(shop)
    if not url.startswith("https://"):
        raise Rejected(
            "Pairing needs an encrypted (https) address of the shop.",
            code="https_required",
            next_step="Use the https:// address. If it has none, ask your host for an SSL certificate (they are free).",
            scope="connection",
        )
    state = new_state()
    address = authorize_url(
        url,
        state=state,
        app_name=app_name,
        return_url=return_url,
        callback_url=callback_url,
        scope=scope,
        pretty=pretty,
    )
    states.put(state, {**data, "shop": url}, clock.now() + GOOD_FOR)
    return address


def new_state() -> str:
    """43 characters of letters, digits, `-` and `_` (256 bits): a "#" in it would break the shop's redirect."""
    return secrets.token_urlsafe(32)


def authorize_url(
    shop: str,
    *,
    state: str,
    app_name: str,
    return_url: str,
    callback_url: str,
    scope: Scope = "read_write",
    pretty: bool = True,
) -> str:
    """The shop's grant page with all five parameters (each is mandatory). Not `pretty`: for plain permalinks.

    Raises ValueError for what the shop would refuse: a state with other characters, a callback that is not https.
    """
    if not _STATE.fullmatch(state):
        raise ValueError("a state consists of at least 32 letters, digits, - and _")
    for name, told in (("callback_url", callback_url), ("return_url", return_url)):
        parts = urlsplit(told)
        if parts.scheme != "https" or not parts.hostname or parts.fragment or parts.username is not None:
            raise ValueError(f"{name} has to be an https address without fragment")
    if not app_name.strip():
        raise ValueError("app_name is what people see on the grant page")
    base = shop_url(shop)
    start = f"{base}/wc-auth/v1/authorize?" if pretty else f"{base}/?wc-auth-version=1&wc-auth-route=authorize&"
    params = {
        "app_name": app_name,
        "scope": scope,
        "user_id": state,
        "return_url": return_url,
        "callback_url": callback_url,
    }
    return start + "&".join(f"{name}={quote(value, safe='')}" for name, value in params.items())


def receive(body: bytes, states: OneTimeStates) -> Callback:
    """Judge the body that was posted to the callback.

    Only a body with exactly the right types uses its state up; a second one with the same state, or one that nobody
    began, is refused. Any status but 200 makes the shop delete the key again.
    """
    told = _body(body)
    if told is None:
        return Callback(400, code="callback_malformed", message="The callback's body is not what a shop sends.")
    state, keys = told
    data = states.take(state)
    if data is None:
        return Callback(
            403, code="state_unknown", message="The callback names no pairing that was begun here, or one that is over."
        )
    if keys.permissions == "write":
        return Callback(403, data=data, code="key_write_only", message="The shop gave a key that may not read.")
    return Callback(200, keys, data)


def _body(body: bytes) -> tuple[str, Keys] | None:
    if len(body) > _LARGEST_BODY:
        return None
    try:
        told = read_json(body)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    key_id, state = told.get("key_id"), told.get("user_id")
    key, secret, permissions = told.get("consumer_key"), told.get("consumer_secret"), told.get("key_permissions")
    if not isinstance(key_id, int) or isinstance(key_id, bool) or key_id < 1:
        return None
    if not isinstance(state, str) or not _STATE.fullmatch(state):
        return None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        return None
    if not isinstance(secret, str) or not _SECRET.fullmatch(secret):
        return None
    if not isinstance(permissions, str) or permissions not in _PERMISSIONS:
        return None
    return state, Keys(key, secret, permissions, key_id)


def returned(query: Mapping[str, str]) -> Returned:
    """Read the return address's query. It proves nothing (anybody can open it): the keys come by the callback only."""
    told = query.get("user_id", "")
    state = told if _STATE.fullmatch(told) else None
    if query.get("success") == "1" and state is not None:
        return Returned(True, state)
    if query.get("success") == "0":
        return Returned(
            False,
            state,
            "Access was not granted in the shop.",
            "Start again and click Approve. " + BY_HAND,
        )
    return Returned(
        False,
        state,
        "The shop sent you back without saying how the pairing went.",
        "Start again; if it fails once more: " + BY_HAND,
    )


def no_keys(granted: Returned) -> Returned:
    """For a browser that came back with success while no callback had brought keys."""
    return Returned(
        False,
        granted.state,
        "The shop says that it sent the keys, but none arrived here: a firewall between may have stopped them.",
        BY_HAND,
    )


def failure(page: str, status: int) -> tuple[str, str]:
    """(words, next step) for the page that the shop shows where pairing fails; people paste it, tests read it."""
    lower = page.lower()
    if "unable to send the consumer data" in lower:
        return "The shop could not reach us to hand over the keys, and took them back.", BY_HAND
    if "do not have permission" in lower:
        return (
            "You are logged in to the shop as somebody who may not give out keys.",
            "Log in as administrator or shop manager and start again. " + BY_HAND,
        )
    if "invalid nonce" in lower:
        return "The grant page had been open too long.", "Start again. " + BY_HAND
    if "over ssl" in lower:
        return "The shop refuses our address since it is not https.", BY_HAND
    if status == 404:
        return "This shop has no pairing (WooCommerce before 2.4, or plain permalinks).", BY_HAND
    return "The shop refused the pairing.", BY_HAND
