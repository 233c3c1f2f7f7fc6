"""Requests that are watched: whether one left, one deadline for the whole of it, and how much may come back.

Whether it left is told by the socket itself, not by the name of an exception; requests' own time-outs start anew with
every read, so that a byte a minute would last for ever. It knows no system, no answer and no words for errors.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.retry import Retry

_PIECE = 64 * 1024


class TooLarge(Exception):
    """The answer has more bytes than it may have."""


def allowed() -> None:
    """The check before a write where nothing stands against it."""


class InFlight:
    """One request (its redirects included) between our decision and its answer; a context manager.

    `seconds` is the time for all of it. `before_write` is called once, when the line is open and just before the first
    byte leaves; what it raises comes out unchanged, and nothing was sent. `sent` says that the request may have
    arrived, `expired` that its time was up and the line was cut.
    """

    def __init__(self, seconds: float, before_write: Callable[[], None] = allowed) -> None:
        self.sent = False
        self.expired = False
        self._before_write = before_write
        self._until = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._copy: socket.socket | None = None
        self._done = False
        self._timer = threading.Timer(max(seconds, 0.0), self._expire)
        self._timer.daemon = True
        self._timer.name = "request-deadline"
        self._mark: Token[InFlight | None] | None = None

    def left(self) -> float:
        """Seconds that are left, a little more than none."""
        return max(self._until - time.monotonic(), 0.001)

    def __enter__(self) -> InFlight:
        self._mark = _in_flight.set(self)
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._mark is not None:
            _in_flight.reset(self._mark)
        self._timer.cancel()
        with self._lock:
            self._done = True
            if self._copy is not None:
                self._copy.close()

    def opened(self, line: socket.socket) -> None:
        """The line that it goes over: a new one, one that was kept, or the encrypted one around it.

        Held is a duplicate, because TLS takes the first socket away; shutting down a duplicate ends both.
        """
        with self._lock:
            if self._line is not line:
                self._line = line
                if self._copy is not None:
                    self._copy.close()
                self._copy = socket.socket(fileno=os.dup(line.fileno()))  # an SSLSocket has no dup of its own
            if self.expired:
                self._cut()
                raise TimeoutError("the time of this request is up")

    def about_to_write(self, line: socket.socket) -> None:
        """Called before each piece of the request leaves."""
        self.opened(line)
        if not self.sent:
            self._before_write()
            self.sent = True

    def body(self, response: requests.Response, limit: int) -> bytes:
        """The whole body, of at most `limit` bytes. Raises TooLarge, TimeoutError, and what requests raises."""
        parts: list[bytes] = []
        size = 0
        for part in response.iter_content(_PIECE):
            size += len(part)
            if size > limit:
                raise TooLarge
            parts.append(part)
        if self.expired:
            # A body without a length ends as if whole when the line is cut.
            raise TimeoutError("the time of this request was up before its answer was whole")
        return b"".join(parts)

    def _expire(self) -> None:
        with self._lock:
            if not self._done:
                self.expired = True
                self._cut()

    def _cut(self) -> None:
        if self._copy is not None:
            with contextlib.suppress(OSError):
                self._copy.shutdown(socket.SHUT_RDWR)


_in_flight: ContextVar[InFlight | None] = ContextVar("in_flight", default=None)


def in_flight() -> InFlight | None:
    """The request that is being made here."""
    return _in_flight.get()


# ---------------------------------------------------------------------------------------------------------- connections


class _Watched(HTTPConnection):
    """A connection that shows its line to the request in flight, and asks it before it writes."""

    _connecting = False

    def open_line(self) -> socket.socket:
        """A new line, not encrypted yet."""
        return super()._new_conn()

    def _new_conn(self) -> socket.socket:
        made = self.open_line()
        if (request := in_flight()) is not None:
            try:
                request.opened(made)
            except TimeoutError:
                made.close()
                raise
        return made

    def connect(self) -> None:
        # What a proxy is told to open the line is not the request yet.
        self._connecting = True
        try:
            super().connect()
        finally:
            self._connecting = False

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if (request := in_flight()) is not None and not self._connecting:
            request.about_to_write(self.sock)
        super().send(data)


class _WatchedOverTls(_Watched, HTTPSConnection):
    pass


class WatchedAdapter(HTTPAdapter):
    """Watched connections, to the host or to a proxy of the machine, without retries of its own: it would repeat writes.

    `dial` opens the lines in place of urllib3, whatever they are for.
    """

    def __init__(self, dial: Callable[[HTTPConnection], socket.socket] | None = None) -> None:
        class Plain(_Watched):
            def open_line(self) -> socket.socket:
                return super().open_line() if dial is None else dial(self)

        class OverTls(_WatchedOverTls):
            def open_line(self) -> socket.socket:
                return super().open_line() if dial is None else dial(self)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class TlsPool(HTTPSConnectionPool):
            ConnectionCls = OverTls

        self._pools = {"http": PlainPool, "https": TlsPool}
        super().__init__(max_retries=Retry(0, read=False))

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> PoolManager:
        if proxy.lower().startswith("socks"):
            raise requests.exceptions.InvalidSchema("a SOCKS proxy opens lines that cannot be watched")
        made: PoolManager = super().proxy_manager_for(proxy, **kwargs)
        made.pool_classes_by_scheme = self._pools
        return made
