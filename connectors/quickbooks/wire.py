"""Bytes to Intuit and back: connections that know whether a request left, time-outs, a deadline for the whole, a size.

What surely was not sent is told from what may have arrived by the socket itself, not by the name of an exception. It
knows no token and no document.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connectors.quickbooks.faults import Answer


class Broken(Exception):
    """No whole answer came. `sent`: the request may have arrived; `late`: the time was up."""

    def __init__(self, reason: str, *, sent: bool, late: bool) -> None:
        super().__init__(reason)
        self.sent = sent
        self.late = late


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


class Bearer(AuthBase):
    """Set as `auth`, so that no netrc of the machine puts its own header in place of ours."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def allowed() -> None:
    return None


def open_session() -> requests.Session:
    """A session with watched connections, without retries of its own, cookies or redirects to follow."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(max_retries=0, pool_connections=2, pool_maxsize=2)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def ask(
    session: requests.Session,
    method: str,
    url: str,
    *,
    timeout: tuple[float, float],
    total: float,
    limit: int,
    before_write: Callable[[], None] = allowed,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    data: bytes | str | None = None,
    auth: AuthBase | tuple[str, str] | None = None,
) -> Answer:
    """One request and its whole answer, of any status. `timeout` is for connecting and for each read, `total` for all,
    in seconds; `limit` is in bytes. Raises Broken, or what `before_write` raises just before the first byte."""
    watched = _InFlight(before_write)
    timer = threading.Timer(total, watched.expire)
    timer.daemon = True
    mark = _in_flight.set(watched)
    timer.start()
    try:
        response = session.request(
            method,
            url,
            params=dict(params or {}),
            headers=dict(headers or {}),
            data=data,
            auth=auth,
            timeout=timeout,
            allow_redirects=False,
            stream=True,
        )
        try:
            content = _whole(response, limit)
        finally:
            response.close()
    except (requests.RequestException, OSError) as error:
        late = watched.expired or isinstance(error, requests.Timeout | TimeoutError)
        raise Broken(type(error).__name__, sent=watched.sent, late=late) from None
    finally:
        timer.cancel()
        _in_flight.reset(mark)
    if watched.expired:
        # A body without a length ends as if whole when the line is cut.
        raise Broken("TimeoutError", sent=watched.sent, late=True)
    return Answer(
        response.status_code,
        content.decode("utf-8", "replace"),
        response.headers.get("intuit_tid"),
        response.headers.get("Retry-After"),
        response.headers.get("Location"),
    )


def _whole(response: requests.Response, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(65536):
        size += len(part)
        if size > limit:
            raise requests.exceptions.ContentDecodingError("the answer is too large")
        parts.append(part)
    return b"".join(parts)
