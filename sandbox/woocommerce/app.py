"""The Flask application of one shop: which part answers which address, headers, errors; it knows no record's form."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, g, request

from . import settings
from .admin import admin_pages
from .asks import Answer
from .auth import Call, rest_key
from .errors import RestError
from .faults import Weather
from .legacy import legacy_pages
from .pairing import pairing_pages
from .php import build_query, parse_query, to_json
from .rest import dispatch
from .shop import Shop
from .views import View
from .webhooks import Courier

ADMIN = "/__sandbox__"
JSON = "application/json; charset=UTF-8"


def build(shop: Shop) -> Flask:
    """The application; `app.extensions` holds the shop as "shop", its weather and its courier."""
    app = Flask("sandbox.woocommerce", static_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    weather, courier = Weather(shop), Courier(shop)
    app.extensions.update(shop=shop, weather=weather, courier=courier)

    @app.before_request
    def _arrive() -> Response | None:
        g.fault = None
        if request.path.startswith(ADMIN):
            return None
        with shop.lock:
            shop.home = shop.options.home_url.rstrip("/") or request.host_url.rstrip("/")
            shop.calls.total += 1
            shop.calls.by_path[f"{request.method} {request.path}"] += 1
        g.fault = weather.faults.due(request.method, request.full_path)
        return weather.before(request, g.fault)

    @app.after_request
    def _leave(response: Response) -> Response:
        return response if request.path.startswith(ADMIN) else weather.after(response, g.get("fault"))

    @app.errorhandler(404)
    @app.errorhandler(405)
    def _page_not_found(error: Exception) -> Response:
        return Response("<!DOCTYPE html><title>Page not found</title><h1>Page not found</h1>", 404)

    @app.route("/wp-json", defaults={"path": ""}, methods=_METHODS)
    @app.route("/wp-json/", defaults={"path": ""}, methods=_METHODS)
    @app.route("/wp-json/<path:path>", methods=_METHODS)
    def _rest(path: str) -> Response:
        if shop.options.plain_permalinks:
            return Response("<!DOCTYPE html><title>Page not found</title><h1>Page not found</h1>", 404)
        return _answer(shop, courier, "/" + path, parse_query(request.query_string.decode("latin-1")), keys=True)

    @app.route("/", methods=_METHODS)
    @app.route("/index.php", methods=_METHODS)
    def _front() -> Response:
        query = parse_query(request.query_string.decode("latin-1"))
        route = query.pop("rest_route", None)
        if isinstance(route, str):
            # Keys are not applied here: WooCommerce looks for wp-json in the address (measured).
            return _answer(shop, courier, route, query, keys=False)
        auth = query.pop("wc-auth-route", None)
        if isinstance(auth, str) and query.pop("wc-auth-version", None) == "1":
            # Shops without pretty permalinks pair at this address.
            return Response("", 302, {"Location": f"{shop.home}/wc-auth/v1/{auth}?{build_query(query)}"})
        return Response(f"<!DOCTYPE html><title>{shop.options.name}</title><h1>{shop.options.name}</h1>")

    app.register_blueprint(legacy_pages(shop))
    app.register_blueprint(pairing_pages(shop))
    app.register_blueprint(admin_pages(shop, weather, courier), url_prefix=ADMIN)
    return app


_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def raw_path() -> str:
    """The path as it was sent, which OAuth signs."""
    sent = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or request.path
    return str(sent).split("?", 1)[0]


def call(shop: Shop, query: dict[str, Any]) -> Call:
    header = "" if shop.options.strip_authorization else request.headers.get("Authorization", "")
    return Call(request.method, raw_path(), request.is_secure, query, header)


def _method(query: dict[str, Any]) -> str:
    """WordPress honours ?_method= and X-HTTP-Method-Override on a POST."""
    if request.method == "POST":
        return str(query.pop("_method", "") or request.headers.get("X-HTTP-Method-Override", "") or "POST").upper()
    return request.method


def _body() -> dict[str, Any]:
    data = request.get_data()
    if not data:
        return {}
    if (request.content_type or "").startswith("application/json"):
        try:
            value = json.loads(data)
        except ValueError:
            detail = {"json_error_code": 4, "json_error_message": "Syntax error"}
            raise RestError(400, "rest_invalid_json", "Invalid JSON body passed.", detail, allow=True) from None
        return value if isinstance(value, dict) else {}
    if (request.content_type or "").startswith("application/x-www-form-urlencoded"):
        return parse_query(data.decode("utf-8", "replace"))
    return {}


def _answer(shop: Shop, courier: Courier, path: str, query: dict[str, Any], *, keys: bool) -> Response:
    home = shop.home
    standard = {
        "X-Robots-Tag": "noindex",
        "Link": f'<{home}/wp-json/>; rel="https://api.w.org/"',
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Expose-Headers": "X-WP-Total, X-WP-TotalPages, Link",
        "Access-Control-Allow-Headers": "Authorization, X-WP-Nonce, Content-Disposition, Content-MD5, Content-Type",
    }
    with shop.lock:
        try:
            answer = _dispatch(shop, path, query, keys=keys)
        except RestError as error:
            answer = Answer(error.body, error.status, error.headers)
    courier.wake()
    headers = {**standard, **answer.headers}
    headers["Expires"] = "Wed, 11 Jan 1984 05:00:00 GMT"
    headers["Cache-Control"] = "no-cache, must-revalidate, max-age=0, no-store, private"
    return Response(to_json(answer.body), answer.status, headers, content_type=JSON)


def _dispatch(shop: Shop, path: str, query: dict[str, Any], *, keys: bool) -> Answer:
    if path == "/":
        return Answer(settings.index(shop, shop.home, ["/", "/wc/v3"]))
    space = path.strip("/").split("/")
    if shop.options.legacy or space[:2] != ["wc", "v3"]:
        raise RestError(404, "rest_no_route", "No route was found matching the URL and request method.")
    rest = "/" + "/".join(space[2:])
    if rest == "/":
        return Answer({"namespace": "wc/v3", "routes": {"/wc/v3": {"namespace": "wc/v3", "methods": ["GET"]}}})
    key = rest_key(shop, shop.home, call(shop, query)) if keys else None
    method = _method(query)
    if key is not None and method not in ("GET", "HEAD", "OPTIONS") and "write" not in key.permissions:
        words = "The API key provided does not have write permissions."
        raise RestError(401, "woocommerce_rest_authentication_error", words)
    return dispatch(shop, View(shop, shop.home), key, method, rest, query, _body)
