"""What a WooCommerce shop (or the host, firewall or plugin before it) means by an answer that is no success.

Data first: codes and tell-tale words, each with our code, words for a bookkeeper and the next step. The bodies were
recorded from WooCommerce 10.0.2; those of firewalls are known by their words.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from connectors.answers import Answer, excerpt, retry_after, scrub
from connectors.errors import ConnectorError, Details, ReconnectNeeded, Rejected, Retry
from connectors.http import host_of

Kind = Literal["retry", "rejected", "reconnect"]

NEW_KEY = (
    "In WooCommerce open Settings, Advanced, REST API, add a key for an administrator with Read/Write permission, and "
    "connect again with it."
)


@dataclass(frozen=True, slots=True)
class _Case:
    code: str
    words: str
    step: str
    kind: Kind = "rejected"
    after: float | None = None
    connection: bool = True
    counts: bool = True


_WRONG_SECRET = _Case(
    "secret_wrong", "The shop knows the consumer key, but the consumer secret is wrong.", NEW_KEY, "reconnect"
)
_UNKNOWN_KEY = _Case(
    "key_unknown",
    "The shop does not accept the consumer key: it is mistyped or was revoked.",
    NEW_KEY,
    "reconnect",
)
_NO_RIGHTS = _Case(
    "key_without_rights",
    "The key belongs to a WordPress user who may not see this.",
    "Make the key for an administrator or shop manager. " + NEW_KEY,
    "reconnect",
)
_READ_ONLY = _Case(
    "key_read_only", "The key may only read, not write.", "Set its permissions to Read/Write. " + NEW_KEY, "reconnect"
)
_WRITE_ONLY = _Case(
    "key_write_only", "The key may only write, not read.", "Set its permissions to Read/Write. " + NEW_KEY, "reconnect"
)
_SIGNATURE = _Case(
    "signature_wrong",
    "The shop could not confirm our signature: the secret is wrong, or the shop's own address differs from the one "
    "that was typed.",
    "Type the address exactly as in WordPress under Settings, General, Site Address, better with https.",
    "reconnect",
)
_CLOCK = _Case(
    "clock_wrong",
    "The clocks of the shop and of this machine are more than 15 minutes apart.",
    "Ask the shop's host to set the clock of the server.",
    "retry",
    300.0,
)
_NOT_FOUND = _Case(
    "not_found", "The shop has nothing of that number (any more).", "Nothing to do if it was deleted.", connection=False
)
_NO_API = _Case(
    "api_missing",
    "WooCommerce does not answer at this address.",
    "Check that WooCommerce is active, that the address is the shop's, and that WordPress (Settings, Permalinks) is not "
    "set to Plain: choose Post name and save.",
)
_PARAMETER = _Case(
    "parameter_refused",
    "The shop refused the request: {message}",
    "This is a fault of ours or of a plugin in the shop; tell support, with the time.",
    connection=False,
)
_BUSY = _Case(
    "too_many_requests",
    "The shop's host asks us to call less often.",
    "Nothing to do: it goes on by itself. If it lasts, ask the host to allow our address.",
    "retry",
    30.0,
    counts=False,
)
_CRITICAL = _Case(
    "shop_error",
    "The shop had an internal error ({status}).",
    "It is tried again by itself. If it lasts, look into WooCommerce, Status, Logs: a plugin often is to blame.",
    "retry",
    60.0,
)

_BY_CODE: Mapping[str, _Case] = {
    "woocommerce_rest_authentication_missing_parameter": _SIGNATURE,
    "rest_no_route": _NO_API,
    "rest_invalid_param": _PARAMETER,
    "rest_missing_callback_param": _PARAMETER,
    "rest_invalid_json": _PARAMETER,
    "rest_disabled": _Case(
        "api_switched_off",
        "A plugin has switched off the REST API of the shop.",
        "Allow the REST API for WooCommerce (wc/v3) in the security plugin.",
    ),
    "rest_login_required": _Case(
        "api_switched_off",
        "A plugin lets only people who are logged in use the REST API of the shop.",
        "Allow the REST API for WooCommerce (wc/v3) in the security plugin.",
    ),
    "rest_cookie_invalid_nonce": _UNKNOWN_KEY,
    "internal_server_error": _CRITICAL,
    "wp_die": _CRITICAL,
    "woocommerce_api_disabled": _Case(
        "api_switched_off",
        "The API of this shop is switched off.",
        "In WooCommerce open Settings, API (in old versions Settings, General) and tick Enable the REST API.",
    ),
    "woocommerce_api_no_route": _NO_API,
    "woocommerce_api_unsupported_method": _NO_API,
    "woocommerce_rest_shop_order_invalid_id": _NOT_FOUND,
    "woocommerce_rest_invalid_order_id": _NOT_FOUND,
    "woocommerce_rest_product_invalid_id": _NOT_FOUND,
    "wc_user_invalid_id": _NOT_FOUND,
    "woocommerce_api_no_order_found": _NOT_FOUND,
    "woocommerce_api_invalid_order_id": _NOT_FOUND,
    "product_invalid_sku": _Case(
        "sku_taken",
        "The shop has that SKU already, maybe on a product in the trash.",
        "Look for the SKU among the products and in their trash, and give it up there.",
        connection=False,
    ),
    "woocommerce_rest_cannot_create_order_refund": _Case(
        "refund_refused",
        "The shop refused the refund: {message}",
        "Compare what was refunded in WooCommerce with the order's total.",
        connection=False,
    ),
    "woocommerce_rest_request_entity_too_large": _PARAMETER,
}

_BY_MESSAGE: tuple[tuple[str, _Case], ...] = (
    ("secret is invalid", _WRONG_SECRET),
    ("consumer key is invalid", _UNKNOWN_KEY),
    ("consumer key is missing", _UNKNOWN_KEY),
    ("does not have read permission", _WRITE_ONLY),
    ("does not have write permission", _READ_ONLY),
    ("invalid signature", _SIGNATURE),
    ("invalid timestamp", _CLOCK),
    ("timestamp is invalid", _CLOCK),
    ("nonce", _Case("nonce_used", "The shop saw our request twice.", "It is tried again by itself.", "retry", 1.0)),
)

_ITHEMES = _Case(
    "blocked_by_ithemes",
    "A security plugin (iThemes Security) of the shop blocks us.",
    "In WordPress open Security, Settings. Under Banned Users uncheck “Enable HackRepair.com's blacklist feature”, under "
    "System Tweaks uncheck “Filter long URL strings”; or put our address on its white list.",
)
_FORBIDDEN = _Case(
    "blocked",
    "A security plugin or the host of the shop blocks us (403).",
    "If the shop has iThemes Security: uncheck “Enable HackRepair.com's blacklist feature” and “Filter long URL strings”. "
    "Otherwise put our address on the white list of the security plugin, or ask the host to.",
)
_MODSECURITY = _Case(
    "blocked_by_modsecurity",
    "ModSecurity on the shop's server blocks us ({status}).",
    "Ask the shop's host to switch off ModSecurity for this site, or to allow PUT and DELETE for /wp-json/wc/.",
)
_CLOUDFLARE = _Case(
    "blocked_by_cloudflare",
    "Cloudflare in front of the shop takes us for a robot and blocks us.",
    "In Cloudflare open Security, WAF, and let /wp-json/wc/ through (rule: Skip) or allow our address.",
)
_WORDFENCE = _Case(
    "blocked_by_wordfence",
    "The Wordfence plugin of the shop blocks us.",
    "In WordPress open Wordfence, Firewall, and add our address to the allowlisted addresses.",
)
_SUCURI = _Case(
    "blocked_by_sucuri",
    "The Sucuri firewall in front of the shop blocks us.",
    "In Sucuri put our address on the white list.",
)
_MAINTENANCE = _Case(
    "maintenance",
    "The shop is being maintained.",
    "Nothing to do: it goes on by itself when the shop is back.",
    "retry",
    300.0,
    counts=False,
)
_PASSWORD = _Case(
    "site_password",
    "The whole site is behind a password (as staging sites are), before WooCommerce is asked.",
    "Ask the host to take the password off /wp-json/.",
    "reconnect",
)

_BY_WORDS: tuple[tuple[tuple[str, ...], _Case], ...] = (
    (("ithemes", "better-wp-security", "hackrepair", "solid security"), _ITHEMES),
    (("wordfence",), _WORDFENCE),
    (("sucuri",), _SUCURI),
    (("mod_security", "modsecurity"), _MODSECURITY),
    (("cf-error", "cloudflare", "cf-chl", "just a moment..."), _CLOUDFLARE),
)


def refusal(answer: Answer, *, secrets: tuple[str, ...] = (), now: float) -> ConnectorError:
    """The error that an answer to a question stands for: a status of 300 and more, or a success that is no JSON.

    `now` is the epoch's seconds.
    """
    told = _json_error(answer)
    if told is None:
        return _without_json(answer, secrets, now)
    code, message = told
    case = _BY_CODE.get(code)
    lower = message.lower()
    if case is None or case is _NO_API:
        case = next(
            (found for words, found in _BY_MESSAGE if words in lower and answer.status in (401, 403, 404)), case
        )
    if case is None and answer.status == 401:
        case = _UNKNOWN_KEY
    if case is None and answer.status == 403:
        case = _NO_RIGHTS
    if case is None and answer.status == 404:
        case = _NOT_FOUND if code.endswith("_invalid_id") or "_invalid_" in code else _NO_API
    if answer.status == 429:
        case = _BUSY
    if answer.status == 503 and (case is None or case is _CRITICAL):
        # While it is updated WordPress dies with this status, by whichever of its codes.
        case = _MAINTENANCE
    if case is None and (answer.status < 500 or code.startswith("woocommerce_")):
        # A mistake in what was asked, in the shop's own words: WooCommerce answers some of them with 500.
        case = _Case(
            "refused",
            "The shop refused: {message}",
            "Mend it in WooCommerce, or tell support if the words do not help.",
            connection=False,
        )
    return _made(case or _CRITICAL, answer, secrets, now, code=code, message=message)


def _json_error(answer: Answer) -> tuple[str, str] | None:
    """Code and message of WordPress's `{code, message}` or the legacy API's `{errors: [{code, message}]}`."""
    if answer.status < 400:
        return None
    try:
        told = answer.json()
    except ValueError:
        return None
    if isinstance(told, dict) and isinstance(told.get("errors"), list) and told["errors"]:
        told = told["errors"][0]
    if not isinstance(told, dict) or not isinstance(told.get("code"), str | int):
        return None
    message = told.get("message")
    message = html.unescape(re.sub(r"<[^>]{0,200}>", " ", message)) if isinstance(message, str) else ""
    details = _details(told)
    return str(told["code"])[:120], " ".join(f"{message} {details}".split())[:400]


def _details(told: Mapping[str, Any]) -> str:
    data = told.get("data")
    params = data.get("params") if isinstance(data, dict) else None
    if not isinstance(params, dict):
        return ""
    return "; ".join(f"{name}: {words}"[:150] for name, words in params.items() if isinstance(words, str))


def _without_json(answer: Answer, secrets: tuple[str, ...], now: float) -> ConnectorError:
    status = answer.status
    words = (excerpt(answer, limit=4_000) + " " + answer.headers.get("Server", "")).lower()
    page = answer.body[:20_000].decode("utf-8", errors="replace").lower()
    named = next((case for marks, case in _BY_WORDS if any(mark in page for mark in marks)), None)
    if status == 200 or 200 < status < 300:
        return _made(_in_place_of_json(answer, words, named), answer, secrets, now)
    if 300 <= status < 400:
        return _moved(answer)
    if status == 429:
        return _made(_BUSY, answer, secrets, now)
    if named is not None and status in (401, 403, 405, 406, 409, 412, 418, 501, 503):
        return _made(named, answer, secrets, now)
    if status == 401:
        return _made(_PASSWORD, answer, secrets, now)
    if status in (501, 405, 406):
        return _made(_MODSECURITY, answer, secrets, now)
    if status == 503:
        return _made(_MAINTENANCE, answer, secrets, now)
    if status == 403:
        cloudflare = "cf-ray" in {name.lower() for name in answer.headers} and "cloudflare" in words
        return _made(_CLOUDFLARE if cloudflare else _FORBIDDEN, answer, secrets, now)
    if status == 414:
        return _made(_ITHEMES, answer, secrets, now)
    if status in (404, 410):
        return _made(_NO_API, answer, secrets, now)
    if status >= 500 or status == 408:
        return _made(_CRITICAL, answer, secrets, now)
    return _made(
        _Case("refused", "The shop's server refused us ({status}).", "Ask the shop's host what it means."),
        answer,
        secrets,
        now,
    )


def _in_place_of_json(answer: Answer, words: str, named: _Case | None) -> _Case:
    if named is _CLOUDFLARE or "checking your browser" in words or "enable javascript and cookies" in words:
        return _CLOUDFLARE
    if "maintenance" in words:
        return _MAINTENANCE
    if answer.body.lstrip()[:1] in (b"[", b"{"):
        return _Case(
            "answer_cut",
            "The shop's answer broke off in the middle.",
            "It is tried again by itself. If it lasts, ask the shop's host to raise PHP's memory and time limits.",
            "retry",
            30.0,
        )
    if not answer.body.strip():
        return _Case(
            "answer_empty",
            "The shop answered with nothing.",
            "It is tried again by itself. If it lasts, look into WooCommerce, Status, Logs: a plugin often is to blame.",
            "retry",
            60.0,
        )
    return _Case(
        "answered_html",
        "The shop answered with a web page where data was asked for.",
        "Open the shop's address followed by /wp-json/ in a browser. If a page comes up instead of data, a maintenance, "
        "login or cache plugin stands before it: let /wp-json/ through there.",
        "retry",
        300.0,
    )


def _moved(answer: Answer) -> ConnectorError:
    target = answer.headers.get("Location", "").partition("?")[0]
    where = f" to {scrub(target)[:120]}" if target else ""
    return Rejected(
        f"{host_of(answer.url)} sends us on{where}; keys are never sent along.",
        code="shop_moved",
        next_step="Connect again with the address that the browser ends at (with or without www, with https).",
        status=answer.status,
        scope="connection",
    )


def _made(
    case: _Case,
    answer: Answer,
    secrets: tuple[str, ...],
    now: float,
    *,
    code: str | None = None,
    message: str = "",
) -> ConnectorError:
    said = scrub(message, secrets) or f"status {answer.status}"
    words = case.words.replace("{message}", said).replace("{status}", str(answer.status))
    details: Details = {
        "code": case.code,
        "next_step": case.step,
        "status": answer.status,
        "remote_code": code,
        "trace_id": answer.headers.get("CF-Ray") or answer.headers.get("X-Request-Id"),
        "excerpt": excerpt(answer, secrets),
        "scope": "connection" if case.connection else "item",
    }
    if case.kind == "reconnect":
        return ReconnectNeeded(words, **details)
    if case.kind == "rejected":
        return Rejected(words, **details)
    return Retry(words, after=retry_after(answer, now) or case.after, counts=case.counts, **details)
