"""How a company is connected to QuickBooks and how its tokens are renewed: OAuth 2, nothing else of the API.

Endpoints come from Intuit's discovery document. Nothing here stores a token: who calls does, and stores the rotated
refresh token before it is used (`ports.TokenStore`), because the old one dies.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from connectors import errors
from connectors.ports import Tokens
from connectors.quickbooks import body as json_body
from connectors.quickbooks import wire
from connectors.quickbooks.faults import trace_of
from connectors.quickbooks.meanings import AGAIN, RECONNECT

SCOPE = "com.intuit.quickbooks.accounting"
_DISCOVERY = {
    "production": "https://developer.intuit.com/.well-known/openid_configuration/",
    "sandbox": "https://developer.intuit.com/.well-known/openid_sandbox_configuration/",
}
_API = {
    "production": "https://quickbooks.api.intuit.com",
    "sandbox": "https://sandbox-quickbooks.api.intuit.com",
}


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked(url: str) -> str:
    """Only https, or http to this very machine: tokens travel here."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url.rstrip("/")
    if parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname):
        return url.rstrip("/")
    raise ValueError(f"{url} is neither https nor on this machine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of the app at Intuit, and where Intuit is.

    `base_url` and `discovery_url` point to another server (a sandbox on this machine) and must be set on purpose; times
    are seconds: `read_timeout` for each read, `total_timeout` for a whole request (Intuit's own limit is 120).
    """

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str = ""
    environment: Literal["production", "sandbox"] = "production"
    base_url: str | None = None
    discovery_url: str | None = None
    connect_timeout: float = 5.0
    read_timeout: float = 60.0
    total_timeout: float = 110.0
    minor_version: int = 75
    # No silence is known to be kept alive longer; a write on a line that the other side closed is an "unknown".
    idle_limit: float = 20.0
    answer_limit: int = 64 * 1024 * 1024

    def __post_init__(self) -> None:
        for url in (self.base_url, self.discovery_url):
            if url is not None:
                _checked(url)

    @property
    def api(self) -> str:
        """The base URL of the API, without `/v3`."""
        return _checked(self.base_url) if self.base_url else _API[self.environment]

    @property
    def discovery(self) -> str:
        """Where the discovery document is; a server given as `base_url` serves its own."""
        if self.discovery_url:
            return self.discovery_url
        if self.base_url:
            return _checked(self.base_url) + urlsplit(_DISCOVERY[self.environment]).path
        return _DISCOVERY[self.environment]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What the discovery document names."""

    authorization: str
    token: str
    revocation: str


@dataclass(frozen=True, slots=True)
class Callback:
    """What Intuit sent the browser back with."""

    code: str = field(repr=False)
    company_id: str = ""


def new_state() -> str:
    """An unguessable text that ties the answer to the question; keep it in the person's session, use it once."""
    return secrets.token_urlsafe(32)


def read_callback(query: Mapping[str, str] | str, state: str, *, company_id: str | None = None) -> Callback:
    """Check what came back: our state, no refusal, a company. On reconnecting `company_id` is the company it must be."""
    held = {key: values[0] for key, values in parse_qs(query).items()} if isinstance(query, str) else dict(query)
    if not state or not hmac.compare_digest(held.get("state", "").encode(), state.encode()):
        raise errors.Rejected(
            "This answer does not belong to a connection that was begun here",
            code="state_mismatch",
            next_step="Begin again with 'Connect to QuickBooks' and finish in the same browser.",
            scope="connection",
        )
    if "error" in held:
        declined = held["error"] == "access_denied"
        raise errors.Rejected(
            "The connection was declined in QuickBooks" if declined else f"QuickBooks says: {held['error'][:200]}",
            code="declined" if declined else "not_connected",
            next_step="Begin again and choose 'Connect'; it takes a user who is an administrator of the company.",
            scope="connection",
        )
    company, code = held.get("realmId", ""), held.get("code", "")
    if not company.isdigit() or not code:
        raise errors.Rejected(
            "QuickBooks did not say which company was connected",
            code="no_company",
            next_step="Begin again and choose a company when QuickBooks asks for one.",
            scope="connection",
        )
    if company_id is not None and company != company_id:
        raise errors.Rejected(
            f"Another company was chosen in QuickBooks (id {company}) than the one connected here (id {company_id})",
            code="different_company",
            next_step="Begin again and choose the same company; for another one make a new connection.",
            scope="connection",
        )
    return Callback(code, company)


class OAuth:
    """The calls to Intuit's identity service. Requests carry time-outs; messages carry no secret."""

    def __init__(self, settings: Settings, session: requests.Session | None = None) -> None:
        self._settings = settings
        self._session = session or wire.open_session()
        self._endpoints: Endpoints | None = None

    def endpoints(self) -> Endpoints:
        """From the discovery document, read once."""
        if self._endpoints is None:
            answer = self._call("GET", self._settings.discovery)
            try:
                self._endpoints = Endpoints(
                    *(_checked(str(answer[f"{name}_endpoint"])) for name in ("authorization", "token", "revocation"))
                )
            except (KeyError, ValueError) as error:
                raise errors.Retry(
                    f"The sign-in service of QuickBooks does not say where it is ({error})",
                    code="sign_in_unreadable",
                    next_step="Check proxy and network of this machine: something else may have answered.",
                    scope="connection",
                    counts=False,
                    after=60.0,
                ) from None
        return self._endpoints

    def authorization_url(self, state: str, redirect_uri: str | None = None) -> str:
        """Where to send the person's browser."""
        question = {
            "client_id": self._settings.client_id,
            "response_type": "code",
            "scope": SCOPE,
            "redirect_uri": redirect_uri or self._settings.redirect_uri,
            "state": state,
        }
        return f"{self.endpoints().authorization}?{urlencode(question)}"

    def exchange(self, code: str, redirect_uri: str | None = None) -> Tokens:
        """The first pair of tokens for the code of the callback."""
        return self._tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri or self._settings.redirect_uri,
            }
        )

    def refresh(self, tokens: Tokens) -> Tokens:
        """The next pair. Hand this to `TokenStore.refresh`, which stores the answer before anybody uses it."""
        return self._tokens({"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}, before=tokens)

    def revoke(self, tokens: Tokens) -> None:
        """Disconnect: every token of this grant dies. A grant that is dead already is fine."""
        try:
            self._call(
                "POST",
                self.endpoints().revocation,
                json_body.dump({"token": tokens.refresh_token}),
                "application/json",
            )
        except errors.ReconnectNeeded:
            return

    def _tokens(self, form: Mapping[str, str], before: Tokens | None = None) -> Tokens:
        answer = self._call("POST", self.endpoints().token, urlencode(form), "application/x-www-form-urlencoded")
        access, refresh = answer.get("access_token"), answer.get("refresh_token") or (before and before.refresh_token)
        if not access or not refresh:
            raise errors.Retry(
                "QuickBooks answered without tokens", code="no_tokens", scope="connection", counts=False, after=30.0
            )
        now = datetime.now(UTC)
        lives = [
            float(answer[name])
            for name in ("x_refresh_token_expires_in", "x_refresh_token_hard_expires_in")
            if json_body.number(answer.get(name))
        ]
        return Tokens(
            access_token=str(access),
            refresh_token=str(refresh),
            expires=now + timedelta(seconds=float(json_body.number(answer.get("expires_in")) or 3600)),
            refresh_expires=now + timedelta(seconds=min(lives)) if lives else None,
        )

    def _call(self, method: str, url: str, content: str | None = None, kind: str = "") -> dict[str, Any]:
        settings = self._settings
        headers = {"Accept": "application/json", "x-include-refresh-token-hard-expires-in": "true"}
        try:
            response = wire.ask(
                self._session,
                method,
                url,
                headers={**headers, **({"Content-Type": kind} if kind else {})},
                data=content,
                auth=(settings.client_id, settings.client_secret) if method == "POST" else None,
                timeout=(settings.connect_timeout, settings.read_timeout),
                total=settings.total_timeout,
                limit=settings.answer_limit,
            )
        except wire.Broken as broken:
            # A refresh may be asked twice: Intuit takes the old refresh token for a while after a rotation.
            raise errors.Retry(
                f"The sign-in service of QuickBooks cannot be reached ({broken})",
                code="sign_in_unreachable",
                next_step="Check the network of this machine; work goes on by itself.",
                scope="connection",
                counts=False,
                after=15.0,
            ) from None
        trace = trace_of(response)
        try:
            answer = json_body.load(response.text()) if response.body.strip() else {}
        except ValueError:
            answer = None
        if response.status == 200 and isinstance(answer, dict):
            return answer
        said = str(answer.get("error") or "") if isinstance(answer, dict) else ""
        if said in ("invalid_grant", "invalid_token") or (response.status == 401 and said != "invalid_client"):
            raise errors.ReconnectNeeded(
                "QuickBooks no longer accepts this connection",
                next_step=RECONNECT,
                status=response.status,
                remote_code=said or None,
                trace_id=trace,
            )
        if response.status in (400, 401, 403):
            raise errors.Rejected(
                f"QuickBooks does not accept the keys of this app ({said or response.status})",
                code="app_keys",
                next_step="Compare client id and client secret with developer.intuit.com > your app > Keys and "
                "credentials (development and production keys differ), and the redirect URI with the one there.",
                status=response.status,
                remote_code=said or None,
                trace_id=trace,
                scope="connection",
            )
        raise errors.Retry(
            f"The sign-in service of QuickBooks is out of order (HTTP {response.status})",
            code="sign_in_out_of_order",
            next_step=AGAIN,
            status=response.status,
            trace_id=trace,
            scope="connection",
            counts=False,
            after=30.0,
        )


_DONE = b"""<!doctype html><meta charset="utf-8"><title>QuickBooks</title>
<p>QuickBooks answered. You can close this window and go back to the program.</p>"""


class LoopbackRedirect:
    """A server on 127.0.0.1 that takes one callback: for development keys, which may redirect to localhost.

    The redirect URI (with a fixed port) must stand among those of the app at Intuit. Use as a context manager.
    """

    def __init__(self, port: int = 0, path: str = "/callback") -> None:
        self._query: str | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path != path:  # a browser also asks for a favicon
                    self.send_error(404)
                    return
                outer._query = parts.query
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(_DONE)))
                self.end_headers()
                self.wfile.write(_DONE)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing is logged: the path carries the code."""

        self._server = HTTPServer(("127.0.0.1", port), Handler)
        self.redirect_uri = f"http://localhost:{self._server.server_address[1]}{path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.server_close()

    def wait(self, seconds: float = 300.0) -> str:
        """The query of the callback. Raises `errors.Rejected` when nobody came back in time."""
        end = monotonic() + seconds
        while self._query is None:
            left = end - monotonic()
            if left <= 0:
                raise errors.Rejected(
                    "Nobody came back from QuickBooks in time",
                    code="no_callback",
                    next_step="Begin again, and finish the sign-in in the browser.",
                    scope="connection",
                )
            self._server.timeout = left
            self._server.handle_request()
        return self._query
