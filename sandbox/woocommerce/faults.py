"""What goes wrong between client and shop: host quirks that are switched on, and faults injected by path and count.

It wraps the application from outside and knows no records. HTML bodies are in the style of the products named.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Request, Response

from sandbox.server import ConnectionDropped

from .errors import RestError
from .php import to_json
from .shop import Shop

KINDS = {
    "status": "an answer with `status` and `body` (JSON or text) in place of the shop's",
    "maintenance": "WordPress' HTML maintenance page, with `status` (503, or 200 as some plugins do)",
    "modsecurity": "501 with Apache's HTML, as ModSecurity answers",
    "ithemes": "403 with the HTML of iThemes Security",
    "rate_limit": "429 with Retry-After of `seconds`",
    "fatal": "500 with WordPress' JSON for a PHP fatal error",
    "truncated": "the shop's answer, cut after `bytes` bytes",
    "slow": "the shop's answer, `seconds` late",
    "lost": "the shop does the work, then the connection is cut without an answer",
    "dropped": "the connection is cut before the shop sees the request",
    "redirect": "301 to `location`",
}

MAINTENANCE_HTML = (
    '<!DOCTYPE html>\n<html lang="en-US">\n<head><meta charset="utf-8"><title>Maintenance</title></head>\n'
    '<body id="error-page"><div class="wp-die-message"><h1>Briefly unavailable for scheduled maintenance. '
    "Check back in a minute.</h1></div></body>\n</html>\n"
)
MODSECURITY_HTML = (
    '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>501 Method Not Implemented</title>\n'
    "</head><body>\n<h1>Method Not Implemented</h1>\n<p>{method} to {path} not supported.<br />\n</p>\n"
    "<p>Additionally, a 501 Method Not Implemented\nerror was encountered while trying to use an ErrorDocument to "
    "handle the request.</p>\n<hr>\n<address>Apache Server at {host}</address>\n</body></html>\n"
)
ITHEMES_HTML = (
    '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>403 Forbidden</title>\n</head><body>\n'
    "<h1>Forbidden</h1>\n<p>You don't have permission to access {path} on this server.</p>\n"
    "<!-- iThemes Security -->\n</body></html>\n"
)
PHP_NOTICE = (
    "<br />\n<b>Deprecated</b>:  Creation of dynamic property WC_Sandbox::$feed is deprecated in "
    "<b>/var/www/html/wp-content/plugins/sandbox/sandbox.php</b> on line <b>42</b><br />\n"
)


class CutAnswer(Response):
    """Never arrives: the server closes the connection instead."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raise ConnectionDropped


@dataclass(slots=True)
class Fault:
    """One kind of trouble for requests whose method and path match: `after` of them pass, then `times` are hit (0: all)."""

    kind: str
    path: str = ".*"
    method: str = ""
    times: int = 1
    after: int = 0
    status: int = 503
    body: Any = ""
    seconds: float = 1.0
    bytes: int = 40
    location: str = ""
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault is called {self.kind!r}; there are: {', '.join(KINDS)}")
        re.compile(self.path)


class Faults:
    """The injected faults, counted down under a lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def due(self, method: str, path: str) -> Fault | None:
        """The first fault that hits this request; every matching one counts it."""
        with self._lock:
            for fault in self._faults:
                if fault.method not in ("", method) or not re.search(fault.path, path):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                if not fault.times or fault.hits < fault.times:
                    fault.hits += 1
                    return fault
            return None


class Weather:
    """The host around one shop: `before` may answer in its place, `after` may spoil its answer."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.faults = Faults()
        self._minute: list[float] = []

    def before(self, request: Request, fault: Fault | None) -> Response | None:
        options = self.shop.options
        if options.slow_seconds:
            time.sleep(options.slow_seconds)
        if fault is not None:
            early = self._early(request, fault)
            if early is not None:
                return early
        if options.redirect_to:
            location = options.redirect_to.rstrip("/") + request.full_path.rstrip("?")
            return Response("", 301, {"Location": location, "Content-Type": "text/html"})
        if options.max_url_length and len(request.url) > options.max_url_length:
            return _html(ITHEMES_HTML.format(path=request.path), 403)
        agent = request.headers.get("User-Agent", "").lower()
        if any(one.lower() in agent for one in options.blocked_user_agents):
            return _html(ITHEMES_HTML.format(path=request.path), 403)
        overridden = "X-HTTP-Method-Override" in request.headers or "_method=" in request.query_string.decode("latin-1")
        if (options.block_put_delete and request.method in ("PUT", "DELETE", "PATCH")) or (
            options.block_method_override and overridden
        ):
            return self._modsecurity(request)
        if options.maintenance:
            return maintenance(int(options.maintenance))
        if options.requests_per_minute and self._too_many(options.requests_per_minute):
            return rate_limited(options.retry_after)
        return None

    def _early(self, request: Request, fault: Fault) -> Response | None:
        if fault.kind == "slow":
            time.sleep(fault.seconds)
        elif fault.kind == "status":
            if isinstance(fault.body, str):
                return _html(fault.body, fault.status)
            return Response(to_json(fault.body), fault.status, content_type="application/json; charset=UTF-8")
        elif fault.kind == "maintenance":
            return maintenance(fault.status)
        elif fault.kind == "modsecurity":
            return self._modsecurity(request)
        elif fault.kind == "ithemes":
            return _html(ITHEMES_HTML.format(path=request.path), 403)
        elif fault.kind == "rate_limit":
            return rate_limited(int(fault.seconds))
        elif fault.kind == "fatal":
            words = "<p>There has been a critical error on this website.</p>"
            error = RestError(500, "internal_server_error", words)
            return Response(to_json(error.body), 500, content_type="application/json; charset=UTF-8")
        elif fault.kind == "dropped":
            return CutAnswer()
        elif fault.kind == "redirect":
            return Response("", 301, {"Location": fault.location, "Content-Type": "text/html"})
        return None

    def after(self, response: Response, fault: Fault | None) -> Response:
        options = self.shop.options
        if fault is not None and fault.kind == "lost":
            return CutAnswer()
        is_json = (response.content_type or "").startswith("application/json")
        if is_json and options.notices_before_json:
            response.set_data(PHP_NOTICE.encode() + response.get_data())
        limit = fault.bytes if fault is not None and fault.kind == "truncated" else options.truncate_after
        if is_json and limit:
            response.set_data(response.get_data()[:limit])
        return response

    def _modsecurity(self, request: Request) -> Response:
        return _html(MODSECURITY_HTML.format(method=request.method, path=request.path, host=request.host), 501)

    def _too_many(self, limit: int) -> bool:
        now = time.monotonic()
        self._minute = [one for one in self._minute if one > now - 60]
        if len(self._minute) >= limit:
            return True
        self._minute.append(now)
        return False


def maintenance(status: int) -> Response:
    response = _html(MAINTENANCE_HTML, status)
    if status == 503:
        response.headers["Retry-After"] = "600"
    return response


def rate_limited(seconds: int) -> Response:
    return Response("Too Many Requests\n", 429, {"Retry-After": str(seconds)}, content_type="text/html")


def _html(body: str, status: int) -> Response:
    return Response(body, status, content_type="text/html; charset=UTF-8")
