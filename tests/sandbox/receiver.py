"""Certificates of a test authority, and a server that keeps every request that it gets, for tests of callbacks."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import trustme

from sandbox.server import RunningServer, serve


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of this test run: its file for clients, and a context for servers on loopback."""

    ca_file: Path
    server: ssl.SSLContext

    @classmethod
    def make(cls, folder: Path) -> Authority:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "ca.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
        return cls(folder / "ca.pem", context)


@dataclass(frozen=True, slots=True)
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """`received` are the requests in order; `answer(request)` gives the status of each."""

    answer: Callable[[Received], int] = lambda _request: 200
    received: list[Received] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = {
            key[5:].replace("_", "-").lower(): str(value) for key, value in environ.items() if key.startswith("HTTP_")
        }
        headers["content-type"] = str(environ.get("CONTENT_TYPE", ""))
        body = environ["wsgi.input"].read()
        request = Received(str(environ["REQUEST_METHOD"]), str(environ["PATH_INFO"]), headers, body)
        self.received.append(request)
        start_response(f"{self.answer(request)} Answer", [("Content-Length", "0")])
        return [b""]

    def serve(self, ssl_context: ssl.SSLContext | None = None) -> RunningServer:
        return serve(self, ssl_context=ssl_context)
