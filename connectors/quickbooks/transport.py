"""One company's line to QuickBooks: python-quickbooks' client with what it lacks around its requests.

Time-outs and a total deadline, a last check just before the socket write, tokens renewed once, the rate budget, counts,
and every answer classified before it is parsed. What surely was not sent is told from what may have happened by the
socket itself, not by the name of an exception. It knows URLs and bytes, no documents.
"""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from quickbooks.client import QuickBooks
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connectors import errors
from connectors.ports import Clock, RateBudget, Tokens, TokenStore
from connectors.quickbooks import faults
from connectors.quickbooks.faults import Answer
from connectors.quickbooks.oauth import OAuth, Settings

# Renewed a little before it ends, so that no write meets a 401.
_RENEW_BEFORE = timedelta(seconds=60)


class _InFlight:
    """One request between our decision and its answer: may it still be written, was it, is its time up."""

    def __init__(self, before_write: Callable[[], None]) -> None:
        self.sent = False
        self.expired = False
        self._before_write = before_write
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def about_to_write(self, connected: socket.socket) -> None:
        with self._lock:
            self._socket = connected
            if self.expired:
                raise TimeoutError("the time of this request is up")
        if not self.sent:
            self._before_write()
            self.sent = True

    def expire(self) -> None:
        """Cut the line, whatever the other side drips: requests' own time-out starts anew with every read."""
        with self._lock:
            self.expired = True
            if self._socket is not None:
                try:
                    # Past ssl's own shutdown, which would take its state from under the reading thread.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
                except OSError:
                    return


_in_flight: ContextVar[_InFlight | None] = ContextVar("in_flight", default=None)


class _Watched:
    """A connection that asks, once it is open and before its first byte, whether the request may still go."""

    sock: socket.socket | None

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]  # mixed into http.client's connection
        watched = _in_flight.get()
        if watched is not None and self.sock is not None:
            watched.about_to_write(self.sock)
        super().send(data)  # type: ignore[misc]  # mixed into http.client's connection


class _WatchedHTTP(_Watched, HTTPConnection):
    pass


class _WatchedHTTPS(_Watched, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPS


class _Adapter(HTTPAdapter):
    """No retries of its own (urllib3 would repeat writes), connections that are watched."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class _Bearer(AuthBase):
    """Set as `auth`, so that no netrc of the machine puts its own header in place of ours."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _allowed() -> None:
    return None


class Transport(QuickBooks):  # type: ignore[misc]  # the library is untyped
    """python-quickbooks' client for one company. Not shared between threads.

    `before_write` is called just before the first byte of a write leaves; what it raises (the lease is gone) comes out
    unchanged, and nothing was sent.
    """

    def __new__(cls, *args: object, **kwargs: object) -> Transport:
        made: Transport = super().__new__(cls, minorversion=QuickBooks.MINIMUM_MINOR_VERSION, use_decimal=True)
        return made

    def __init__(
        self,
        settings: Settings,
        company_id: str,
        tokens: TokenStore,
        clock: Clock,
        budget: RateBudget,
        before_write: Callable[[], None] = _allowed,
    ) -> None:
        if not company_id.isdigit():
            raise ValueError(f"{company_id!r} is not the id of a QuickBooks company")
        self.settings = settings
        self.company_id = company_id
        self.minorversion = settings.minor_version
        self.api_url_v3 = self.sandbox_api_url_v3 = f"{settings.api}/v3"
        self.counts: Counter[str] = Counter()
        self.before_write = before_write
        self._tokens = tokens
        self._clock = clock
        self._budget = budget
        self._secrets: set[str] = {settings.client_secret} - {""}
        self._last_used = float("-inf")
        self.session = requests.Session()
        # The books know one host: what a page sets as cookies is of no use and would travel along.
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _Adapter(max_retries=0, pool_connections=2, pool_maxsize=2)
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)
        self._oauth = OAuth(settings, self.session)

    def close(self) -> None:
        """Let go of the connections."""
        self.session.close()

    def redact(self, said: str) -> str:
        """The text without our tokens and keys."""
        for secret in self._secrets:
            said = said.replace(secret, "[secret]")
        return said

    # ------------------------------------------------------------------------------------------- the library's hooks

    def make_request(
        self,
        request_type: str,
        url: str,
        request_body: str | bytes | None = None,
        content_type: str = "application/json",
        params: Mapping[str, str] | None = None,
        file_path: str | None = None,
        file_bytes: bytes | None = None,
        request_id: str | None = None,
    ) -> dict[str, Any]:
        """Every call of the library comes through here. A POST that is no query counts as a write."""
        if file_path or file_bytes:
            raise NotImplementedError("attachments are not sent by this program")
        query = url.rpartition("/")[2]
        write = request_type != "GET" and query != "query"
        kind = {"query": "query", "batch": "batch", "cdc": "changes"}.get(query, "single" if write else "read")
        wanted = {**(params or {}), "minorversion": str(self.minorversion)}
        if request_id:
            wanted["requestid"] = request_id
        data = request_body.encode() if isinstance(request_body, str) else request_body
        headers = {"Content-Type": content_type, "Accept": "application/json", "User-Agent": "cloud-cart-connector"}
        return self.call(kind, request_type, url, params=wanted, headers=headers, data=data or None, write=write)

    def process_request(self, request_type: str, url: str, headers: Any = "", params: Any = "", data: Any = "") -> Any:
        """The library's raw request (it fetches PDFs with it), with our time-outs and token."""
        return self.session.request(
            request_type,
            url,
            headers=headers or None,
            params=params or None,
            data=data or None,
            auth=_Bearer(self._token().access_token),
            timeout=(self.settings.connect_timeout, self.settings.read_timeout),
            allow_redirects=False,
        )

    # ------------------------------------------------------------------------------------------------ one whole call

    def call(
        self,
        kind: str,
        method: str,
        url: str,
        *,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        data: bytes | None,
        write: bool,
    ) -> dict[str, Any]:
        """One call with the token renewed where needed: at most two requests, byte for byte the same.

        Raises `errors.Retry` (surely not done), `errors.Unknown` (writes that may be done), `errors.Rejected`,
        `errors.ReconnectNeeded`.
        """
        tokens = self._token()
        for second in (False, True):
            self._budget.take("batch" if kind == "batch" else "call")
            answer = self._once(kind, method, url, params, headers, data, write, tokens)
            if answer.status != 401:
                break
            if second:
                raise errors.ReconnectNeeded(
                    "QuickBooks refuses even a fresh token for this company",
                    next_step="Connect QuickBooks again: Connections > QuickBooks > Reconnect. Nothing is lost; orders "
                    "wait.",
                    status=401,
                    trace_id=answer.trace_id,
                )
            tokens = self._renew(tokens)
        try:
            return faults.read_answer(answer, write=write, redact=self.redact)
        except errors.Retry as error:
            if error.code == "throttled":
                self._budget.pause(error.after or faults.THROTTLE_PAUSE, error.message)
            raise

    def _token(self) -> Tokens:
        tokens = self._tokens.read()
        self._secrets |= {tokens.access_token, tokens.refresh_token} - {""}
        if tokens.expires - _RENEW_BEFORE <= self._clock.now():
            tokens = self._renew(tokens)
        return tokens

    def _renew(self, stale: Tokens) -> Tokens:
        def exchange(stored: Tokens) -> Tokens:
            self.counts["token"] += 1
            return self._oauth.refresh(stored)

        renewed = self._tokens.refresh(stale.access_token, exchange)
        self._secrets |= {renewed.access_token, renewed.refresh_token} - {""}
        return renewed

    def _once(
        self,
        kind: str,
        method: str,
        url: str,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        data: bytes | None,
        write: bool,
        tokens: Tokens,
    ) -> Answer:
        now = self._clock.monotonic()
        if now - self._last_used > self.settings.idle_limit:
            self.session.close()  # the other side may have hung up; a write into that would be an unknown
        self.counts[kind] += 1
        watched = _InFlight(self.before_write if write else _allowed)
        timer = threading.Timer(self.settings.total_timeout, watched.expire)
        timer.daemon = True
        mark = _in_flight.set(watched)
        timer.start()
        try:
            response = self.session.request(
                method,
                url,
                params=dict(params),
                headers=dict(headers),
                data=data,
                auth=_Bearer(tokens.access_token),
                timeout=(self.settings.connect_timeout, self.settings.read_timeout),
                allow_redirects=False,
                stream=True,
            )
            try:
                content = self._read(response)
            finally:
                response.close()
        except (requests.RequestException, OSError) as error:
            raise self._broken(error, watched, write) from None
        finally:
            timer.cancel()
            _in_flight.reset(mark)
            self._last_used = self._clock.monotonic()
        if watched.expired:
            # A body without a length ends as if whole when the line is cut.
            raise self._broken(TimeoutError(), watched, write)
        return Answer(
            response.status_code,
            content.decode("utf-8", "replace"),
            response.headers.get("intuit_tid"),
            response.headers.get("Retry-After"),
            response.headers.get("Location"),
        )

    def _read(self, response: requests.Response) -> bytes:
        parts: list[bytes] = []
        size = 0
        for part in response.iter_content(65536):
            size += len(part)
            if size > self.settings.answer_limit:
                raise requests.exceptions.ContentDecodingError("the answer is too large")
            parts.append(part)
        return b"".join(parts)

    def _broken(self, error: Exception, watched: _InFlight, write: bool) -> errors.ConnectorError:
        reason = type(error).__name__
        if watched.sent and write:
            late = watched.expired or isinstance(error, requests.Timeout | TimeoutError)
            return errors.Unknown(
                f"QuickBooks did not confirm in time ({reason})"
                if late
                else f"The line to QuickBooks broke ({reason})",
                code="no_answer",
                next_step="Nothing to do: QuickBooks is asked whether it stands there before anything is sent again.",
            )
        return errors.Retry(
            f"QuickBooks cannot be reached ({reason})",
            code="unreachable",
            next_step="Check the network of this machine; work goes on by itself.",
            scope="connection",
            counts=False,
            after=15.0,
        )
