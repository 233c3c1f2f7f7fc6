"""How a sandbox is served: one WSGI application on loopback, in threads, with a log; it knows no shop and no books.

Werkzeug's own handler closes every connection and waits 10 ms after each answer; this one keeps connections alive and
sends each answer in one write, because clients and benchmarks count those milliseconds.
"""

from __future__ import annotations

import base64
import json
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from http.server import HTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Response
from werkzeug.serving import DechunkedInput, WSGIRequestHandler

HOST = "127.0.0.1"


class ConnectionDropped(Exception):
    """Raised by an application to close the connection without (more of) an answer; `reset` sends a TCP reset."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__("connection dropped on purpose")
        self.reset = reset


class DroppedAnswer(Response):
    """A Flask response that never comes: after `hold` seconds (or the stop of the server) the line is cut."""

    def __init__(self, *, hold: float = 0.0, reset: bool = False) -> None:
        super().__init__()
        self.hold = hold
        self.reset = reset

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.hold > 0:
            stopping: threading.Event | None = environ.get("sandbox.stopping")
            (stopping or threading.Event()).wait(self.hold)
        raise ConnectionDropped(reset=self.reset)


class TrafficLog:
    """Writes every request with its answer as one JSON line; bodies that are no text are written as base64."""

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.Lock()
        self._path = Path(path)
        self._path.touch()  # a place that cannot be written is told at the start

    def write(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry, ensure_ascii=False)
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, request: socket.socket, client_address: Any, server: _Server) -> None:
        self._serving = server
        super().__init__(request, client_address, server)  # answers until the connection ends

    def run_wsgi(self) -> None:
        started = time.perf_counter()
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.environ = environ = self.make_environ()
        # The body is read whole before the application runs, so that a kept-alive connection is always in step.
        body = self._read_body(environ)
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["sandbox.stopping"] = self._serving.stopping
        status, headers = "500 Internal Server Error", list[tuple[str, str]]()

        def start_response(
            new_status: str, new_headers: list[tuple[str, str]], exc_info: object = None, /
        ) -> Callable[[bytes], object]:
            nonlocal status, headers
            status, headers = new_status, list(new_headers)
            return written.append

        written: list[bytes] = []
        try:
            result = self._serving.app(environ, start_response)
            try:
                written.extend(result)
            finally:
                close = getattr(result, "close", None)
                if close is not None:
                    close()
        except ConnectionDropped as dropped:
            self._log(environ, body, None, [], b"", started)
            self.close_connection = True
            if dropped.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        answer = b"".join(written)
        # Logged before it is sent: who has the answer finds it in the log.
        self._log(environ, body, status, headers, answer, started)
        self._send(status, headers, answer)

    def _read_body(self, environ: WSGIEnvironment) -> bytes:
        source = environ["wsgi.input"]
        if isinstance(source, DechunkedInput):
            return b"".join(iter(lambda: source.read(65536), b""))
        length = int(environ.get("CONTENT_LENGTH") or 0)
        return self.rfile.read(length) if length > 0 else b""

    def _send(self, status: str, headers: list[tuple[str, str]], answer: bytes) -> None:
        bare = self.command == "HEAD" or status[:3] in {"204", "304"}
        announced = next((value for name, value in headers if name.lower() == "content-length"), None)
        if announced is None and not bare:
            headers.append(("Content-Length", str(len(answer))))
        elif announced is not None and not bare and int(announced) != len(answer):
            self.close_connection = True  # an answer cut off on purpose
        if self.close_connection:
            headers.append(("Connection", "close"))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self.wfile.write(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + (b"" if bare else answer))

    def _log(
        self,
        environ: WSGIEnvironment,
        body: bytes,
        status: str | None,
        headers: list[tuple[str, str]],
        answer: bytes,
        started: float,
    ) -> None:
        log = self._serving.traffic_log
        if log is None:
            return
        log.write(
            {
                "v": 1,
                "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "ms": round((time.perf_counter() - started) * 1000, 2),
                "method": self.command,
                "path": environ["PATH_INFO"],
                "query": environ["QUERY_STRING"],
                "request_headers": dict(self.headers.items()),
                "request": _readable(body),
                "status": None if status is None else int(status[:3]),
                "answer_headers": dict(headers),
                "answer": _readable(answer),
            }
        )

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The traffic log takes the place of lines on standard error."""

    def log_error(self, format: str, *args: Any) -> None:
        """A client that hangs up in the middle is everyday life here."""


class _Server(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128
    multithread = True
    multiprocess = False
    _server_version = "sandbox"

    def __init__(
        self, app: WSGIApplication, port: int, ssl_context: ssl.SSLContext | None, traffic_log: TrafficLog | None
    ) -> None:
        self.app = app
        self.ssl_context = ssl_context
        self.traffic_log = traffic_log
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer would ask the name service for the name of 127.0.0.1, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def finish_request(self, request: Any, client_address: Any) -> None:
        # TLS is negotiated in the connection's own thread: a client that dislikes the certificate stops nobody else.
        connection = request if self.ssl_context is None else self.ssl_context.wrap_socket(request, server_side=True)
        with self._open_lock:
            self._open.add(connection)
        try:
            _Handler(connection, client_address, self)
        finally:
            with self._open_lock:
                self._open.discard(connection)
            connection.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError) and not self.stopping.is_set():
            super().handle_error(request, client_address)

    def close_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue


class RunningServer:
    """A server at work: `url` (no slash at the end), `port`; `stop()` may be called twice, `with` stops it."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self.port: int = server.server_port
        self.url = f"{'https' if server.ssl_context else 'http'}://{HOST}:{self.port}"
        self._thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"sandbox-{self.port}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stops accepting, cuts open connections (a request that hangs on purpose too) and frees the port."""
        if self._server.stopping.is_set():
            return
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.close_connections()
        self._thread.join(5)

    def wait(self) -> None:
        """Blocks until the server is stopped (or the program interrupted)."""
        while self._thread.is_alive():
            self._thread.join(0.5)

    def __enter__(self) -> RunningServer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


def serve(
    app: WSGIApplication,
    *,
    port: int = 0,
    ssl_context: ssl.SSLContext | None = None,
    log: Path | str | None = None,
) -> RunningServer:
    """Serves `app` on 127.0.0.1 (port 0: any free one) in threads and returns at once; OSError if the port is taken."""
    traffic_log = None if log is None else TrafficLog(log)
    return RunningServer(_Server(app, port, ssl_context, traffic_log))


def _readable(data: bytes) -> str | dict[str, str]:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}
