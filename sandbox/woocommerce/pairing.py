"""One-click pairing, /wc-auth/v1: authorize, login, grant page, and the POST of new keys to the caller's callback.

As read in WooCommerce class-wc-auth.php: the keys are posted before the browser is sent back, and any answer but 200
exactly deletes them again. It came with 2.4; older versions answer 404.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, request

from .outgoing import NotReached, post
from .php import to_json
from .shop import Shop

SCOPES = {"read": "View", "write": "Create", "read_write": "View and manage"}
PARAMETERS = ("app_name", "user_id", "return_url", "callback_url", "scope")
COOKIE = "wordpress_logged_in_sandbox"
# User names of the shop and whether they may manage WooCommerce; the password is a switch.
USERS = {"admin": True, "customer": False}


class Denied(Exception):
    """Becomes the HTML page "Access denied" with status 401."""


def formatted_url(url: str) -> str:
    """https:// is put in front of an address without scheme."""
    return url if url.lower().startswith(("http://", "https://")) else f"https://{url}"


def validated(shop: Shop, given: Mapping[str, str]) -> dict[str, str]:
    """The five parameters; Denied in WooCommerce's words for what is missing or wrong."""
    for name in PARAMETERS:
        value = given.get(name, "")
        if not value:
            raise Denied(f"Missing parameter {name}")
        if name.endswith("_url") and not _is_url(formatted_url(value)):
            raise Denied(f"The {name} is not a valid URL")
    if given["scope"] not in SCOPES:
        raise Denied(f"Invalid scope {given['scope']}")
    if not formatted_url(given["callback_url"]).lower().startswith("https://"):
        verb = "need" if shop.options.version == "2.4" else "needs"
        raise Denied(f"The callback_url {verb} to be over SSL")
    return {name: given[name] for name in PARAMETERS}


def _is_url(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.hostname) and url.isascii() and not any(one.isspace() for one in url)


def returning(data: Mapping[str, str], success: int) -> str:
    """The return_url with the result; a user_id with '#' gets lost, because WordPress does not encode it (measured)."""
    found = {"success": str(success)}
    if "#" not in data["user_id"]:
        found["user_id"] = data["user_id"]
    address = formatted_url(data["return_url"])
    return f"{address}{'&' if '?' in address else '?'}{urlencode(found)}"


def pairing_pages(shop: Shop) -> Blueprint:
    pages = Blueprint("pairing", __name__)

    def nonce(session: str, data: Mapping[str, str]) -> str:
        text = f"{session} {sorted(data.items())}"
        return hmac.new(b"sandbox nonce", text.encode(), hashlib.sha256).hexdigest()[:10]

    def session() -> str:
        token = request.cookies.get(COOKIE, "")
        return token if token in shop.sessions else ""

    def address(route: str, values: Mapping[str, str]) -> str:
        return f"{shop.home}/wc-auth/v1/{route}?{urlencode(values)}"

    @pages.errorhandler(Denied)
    def _denied(error: Denied) -> Response:
        return _page("Access denied", f"<p>{escape(f'Error: {error}.')}</p>", 401)

    @pages.route("/wc-auth/v1/<route>", methods=["GET", "POST"])
    @pages.route("/wc-auth/v1/<route>/", methods=["GET", "POST"])
    def _auth(route: str) -> Response:
        if shop.options.version == "2.3":
            return _page("Page not found", "<h1>Page not found</h1>", 404)
        given = {**request.args.to_dict(), **request.form.to_dict()}
        data = validated(shop, given)
        token = session()
        if route == "login":
            return _login_page(address("authorize", data), "")
        if route == "authorize":
            if not token:
                return _redirect(address("login", data))
            _require_rights(shop, token)
            grant = address("access_granted", {**data, "wc_auth_nonce": nonce(token, data)})
            return _grant_page(shop, data, grant)
        if route == "access_granted":
            if not token or not hmac.compare_digest(given.get("wc_auth_nonce", ""), nonce(token, data)):
                raise Denied("Invalid nonce verification")
            _require_rights(shop, token)
            grant_access(shop, data)
            return _redirect(returning(data, 1))
        raise Denied("Invalid route")

    @pages.post("/wp-login.php")
    def _login() -> Response:
        target = request.form.get("redirect_to") or f"{shop.home}/"
        user, password = request.form.get("log", ""), request.form.get("pwd", "")
        if user not in USERS or password != shop.options.login_password:
            return _login_page(target, "Unknown username or wrong password.")
        token = f"{user}|{secrets.token_hex(16)}"
        shop.sessions.add(token)
        response = _redirect(target)
        response.set_cookie(COOKIE, token, httponly=True, secure=request.is_secure)
        return response

    return pages


def grant_access(shop: Shop, data: Mapping[str, str]) -> None:
    """Makes a key and posts it to the callback; Denied (and no key) if the answer is not 200."""
    description = f"{data['app_name']} - API ({shop.clock.gmt().replace('T', ' ')})"
    key = shop.add_key(data["scope"], description=description)
    body = {
        "key_id": key.key_id,
        "user_id": data["user_id"],
        "consumer_key": key.consumer_key,
        "consumer_secret": key.consumer_secret,
        "key_permissions": key.permissions,
    }
    agent = f"WordPress/{shop.options.wordpress_version}; {shop.home}"
    headers = {"Content-Type": "application/json;charset=UTF-8", "User-Agent": agent}
    try:
        # Without the shop's lock: the callback may call this shop before it answers.
        status = post(shop, formatted_url(data["callback_url"]), to_json(body), headers)
    except NotReached as error:
        shop.revoke_key(key.consumer_key)
        raise Denied(str(error)) from error
    if status != 200:
        shop.revoke_key(key.consumer_key)
        raise Denied("An error occurred in the request and at the time were unable to send the consumer data")


def _require_rights(shop: Shop, token: str) -> None:
    if not USERS[token.split("|")[0]]:
        raise Denied("You do not have permission to access this page")


def _redirect(url: str) -> Response:
    return Response("", 302, {"Location": url}, content_type="text/html; charset=UTF-8")


def _page(title: str, body: str, status: int = 200) -> Response:
    html = (
        '<!DOCTYPE html>\n<html lang="en-US">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
    return Response(html, status, content_type="text/html; charset=UTF-8")


def _login_page(target: str, error: str) -> Response:
    warning = f'<div class="woocommerce-error">{escape(error)}</div>\n' if error else ""
    body = (
        f'<h1>Log in</h1>\n{warning}<form method="post" action="/wp-login.php" class="wc-auth-login">\n'
        '<p><label for="username">Username</label> <input type="text" name="log" id="username"></p>\n'
        '<p><label for="password">Password</label> <input type="password" name="pwd" id="password"></p>\n'
        f'<input type="hidden" name="redirect_to" value="{escape(target)}">\n'
        '<button type="submit" name="wp-submit">Login</button>\n</form>'
    )
    return _page("Application authentication request", body)


def _grant_page(shop: Shop, data: Mapping[str, str], grant: str) -> Response:
    name = escape(data["app_name"])
    body = (
        f"<h1>{name} would like to connect to your store</h1>\n"
        f'<p>This will give "{name}" {SCOPES[data["scope"]]} access: coupons, customers, orders, products, '
        f"webhooks and reports of {escape(shop.options.name)}.</p>\n"
        '<p class="wc-auth-actions">\n'
        f'<a href="{escape(grant)}" class="button button-primary wc-auth-approve">Approve</a>\n'
        f'<a href="{escape(returning(data, 0))}" class="button wc-auth-deny">Deny</a>\n</p>'
    )
    return _page("Application authentication request", body)
