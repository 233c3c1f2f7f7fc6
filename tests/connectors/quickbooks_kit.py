"""What the QuickBooks tests share: a server that answers what a test says, a token store, a clock, names that resolve."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.documents import DocumentLine, SalesDocument
from connectors.ports import BooksProfile, ListEntry, ListKind, Posted, Tokens
from connectors.quickbooks import QuickBooksOnline, Settings

COMPANY = "4620816365000000000"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    port: int = 0

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Reply:
    """`hold` waits before answering, `drip` sends the headers a byte at a time, `cut` sends only part, `drop` nothing."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hold: bool = False
    drip: bool = False
    cut: bool = False
    drop: bool = False


class Server:
    """A real HTTP server whose answers are `respond(request)`. What it was asked stands in `requests`."""

    def __init__(self, respond: Callable[[Request], Reply]) -> None:
        self.respond = respond
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                request = Request(
                    self.command,
                    parts.path,
                    {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()},
                    dict(self.headers.items()),
                    self.rfile.read(length),
                    self.client_address[1],
                )
                outer.requests.append(request)
                outer.reply(self, outer.respond(request))

            do_GET = do_POST = do_CONNECT = handle_any

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.01), daemon=True)
        self._thread.start()

    def reply(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.drop:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        if reply.hold:
            self.stopping.wait(20)
            handler.close_connection = True
            return
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        if reply.drip:
            handler.close_connection = True
            try:
                for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 5000:
                    handler.wfile.write(bytes([byte]))
                    if self.stopping.wait(0.02):
                        break
            except OSError:
                pass
            return
        handler.send_response(reply.status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("intuit_tid", "tid-1")
        handler.send_header("Content-Length", str(len(body)))
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2] if reply.cut else body)
        if reply.cut:
            handler.close_connection = True

    def close(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def serving(respond: Callable[[Request], Reply]) -> Iterator[Server]:
    server = Server(respond)
    try:
        yield server
    finally:
        server.close()


class Clock:
    """Time that stands still unless a test moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 15, 12, tzinfo=UTC)
        self.ticks = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def sleep(self, seconds: float) -> None:
        self.ticks += seconds


class MemoryTokens:
    """A token store in memory, with the port's promise: one exchange per stale pair."""

    def __init__(self, clock: Clock) -> None:
        self.lock = threading.Lock()
        self.tokens = Tokens("access-1", "refresh-1", clock.now() + timedelta(hours=1))
        self.exchanges = 0

    def read(self) -> Tokens:
        return self.tokens

    def refresh(self, stale_access_token: str, exchange: Callable[[Tokens], Tokens]) -> Tokens:
        with self.lock:
            if self.tokens.access_token == stale_access_token:
                self.exchanges += 1
                self.tokens = exchange(self.tokens)
            return self.tokens


class OpenBudget:
    """Lets everything through and remembers it."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.pauses: list[float] = []

    def take(self, kind: str) -> None:
        self.taken.append(kind)

    def pause(self, seconds: float, reason: str) -> None:
        self.pauses.append(seconds)


@dataclass
class Bench:
    """Books on a server of the test."""

    books: QuickBooksOnline
    server: Server
    clock: Clock
    tokens: MemoryTokens
    budget: OpenBudget


@contextmanager
def bench(
    respond: Callable[[Request], Reply], *, before_write: Callable[[], None] | None = None, **settings: Any
) -> Iterator[Bench]:
    with serving(respond) as server:
        clock = Clock()
        tokens, budget = MemoryTokens(clock), OpenBudget()
        books = QuickBooksOnline(
            Settings(client_id="client", client_secret="secret-of-the-app", base_url=server.url, **settings),
            COMPANY,
            tokens,
            clock,
            budget,
            before_write,
        )
        try:
            yield Bench(books, server, clock, tokens, budget)
        finally:
            books.close()


def fault(code: str, message: str = "Message", detail: str = "Detail", kind: str = "ValidationFault") -> dict[str, Any]:
    """The service's error shape."""
    error = {"Message": message, "Detail": detail, "code": code, "element": ""}
    return {"Fault": {"Error": [error], "type": kind}, "time": "2026-01-15T12:00:00.000-08:00"}


def gateway(code: str, message: str, detail: str = "", kind: str = "SERVICE") -> dict[str, Any]:
    """The gateway's error shape."""
    error = {"message": message, "detail": detail, "code": code, "element": None}
    return {"warnings": None, "intuitObject": None, "fault": {"error": [error], "type": kind}, "time": 1633520295688}


US = BooksProfile(
    id=COMPANY,
    title="Craig's Design",
    country="US",
    currency="USD",
    sales_tax=True,
    custom_numbers=True,
    classes="line",
    locations=True,
    discounts=True,
    shipping=True,
    inventory=True,
    custom_fields={"P.O. Number": "1", "Gift message": "2"},
)
AUTOMATED = replace(US, automated_tax=True)
CANADA = replace(US, country="CA", currency="CAD")


class Names:
    """Every name is there; its id is `<kind>:<name>`."""

    def __init__(
        self, slots: Mapping[str, Posted] | None = None, entries: Mapping[str, ListEntry] | None = None
    ) -> None:
        self.slots = slots or {}
        self.entries = entries or {}

    def list_id(self, kind: ListKind, name: str) -> str:
        return f"{kind}:{name}"

    def entry(self, kind: ListKind, id: str) -> ListEntry | None:
        return self.entries.get(id)

    def slot(self, slot: str) -> Posted:
        return self.slots[slot]


def line(amount: str, **changes: Any) -> DocumentLine:
    return DocumentLine(**{"item": "Pump", "amount": Decimal(amount), **changes})


def receipt(*lines: DocumentLine, **changes: Any) -> SalesDocument:
    """A sales receipt whose total is that of its parts."""
    parts: dict[str, Any] = {
        "type": "sales_receipt",
        "number": "1007",
        "date": date(2026, 1, 14),
        "customer": "Ann Lee",
        "currency": "USD",
        "lines": lines or (line("19.99"),),
        "marker": "cloudcart:ABCDEFGHIJKLMNOP",
        "total": Decimal(0),
        **changes,
    }
    draft = SalesDocument(**parts)
    total = draft.subtotal - draft.discount_total + draft.shipping_total + draft.tax_total
    return replace(draft, total=changes.get("total", total))


def total_of(body: Mapping[str, Any], tax: Decimal) -> Decimal:
    """What the lines of a body and this tax add up to."""
    signed = (
        -written["Amount"] if written["DetailType"] == "DiscountLineDetail" else written.get("Amount", Decimal(0))
        for written in body["Line"]
    )
    return sum(signed, tax)
