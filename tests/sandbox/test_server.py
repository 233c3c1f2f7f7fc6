"""sandbox/server.py"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import trustme
from flask import Flask, Response, request

from sandbox.server import DroppedAnswer, RunningServer, serve


def an_app(arrived: threading.Event | None = None) -> Flask:
    app = Flask(__name__)

    @app.route("/echo", methods=["GET", "POST"])
    def echo() -> Response:
        return Response(request.get_data(), headers={"X-Query": request.query_string.decode()})

    @app.route("/dropped")
    def dropped() -> Response:
        return DroppedAnswer()

    @app.route("/reset")
    def reset() -> Response:
        return DroppedAnswer(reset=True)

    @app.route("/hangs")
    def hangs() -> Response:
        if arrived is not None:
            arrived.set()
        return DroppedAnswer(hold=60)

    @app.route("/cut")
    def cut() -> Response:
        response = Response("half")
        response.headers["Content-Length"] = "8"
        response.automatically_set_content_length = False
        return response

    return app


@pytest.fixture
def server() -> Iterator[RunningServer]:
    with serve(an_app()) as running:
        yield running


def test_one_connection_carries_many_requests(server: RunningServer) -> None:
    with requests.Session() as session:
        answers = [session.post(f"{server.url}/echo?n={n}", data=str(n)) for n in range(5)]
    assert [answer.text for answer in answers] == ["0", "1", "2", "3", "4"]
    assert answers[3].headers["X-Query"] == "n=3"
    assert "close" not in answers[0].headers.get("Connection", "")


def test_an_unread_body_does_not_spoil_the_next_request(server: RunningServer) -> None:
    with requests.Session() as session:
        assert session.post(f"{server.url}/nothing-here", data=b"x" * 100_000).status_code == 404
        assert session.get(f"{server.url}/echo").status_code == 200


@pytest.mark.parametrize("path", ["/dropped", "/reset"])
def test_a_dropped_answer_is_a_connection_error(server: RunningServer, path: str) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url + path, timeout=5)


def test_a_dropped_line_ends_and_a_reset_one_is_torn(server: RunningServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(b"GET /dropped HTTP/1.1\r\nHost: x\r\n\r\n")
        assert line.recv(100) == b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(b"GET /reset HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            line.recv(100)


def test_stop_ends_a_connection_that_is_kept_open() -> None:
    running = serve(an_app())
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as idle:
        idle.sendall(b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(1000).startswith(b"HTTP/1.1 200")
        running.stop()
        assert idle.recv(100) == b""


def test_a_cut_answer_is_noticed_by_its_length(server: RunningServer) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(f"{server.url}/cut", timeout=5)


def test_stop_ends_a_request_that_hangs_and_frees_the_port() -> None:
    arrived = threading.Event()
    running = serve(an_app(arrived))
    with socket.create_connection(("127.0.0.1", running.port)) as waiting:
        waiting.sendall(b"GET /hangs HTTP/1.1\r\nHost: x\r\n\r\n")
        assert arrived.wait(10)
        started = time.monotonic()
        running.stop()
        running.stop()
        waiting.settimeout(5)
        assert waiting.recv(100) == b""
    assert time.monotonic() - started < 5
    with serve(an_app(), port=running.port) as again:
        assert requests.get(f"{again.url}/echo", timeout=5).ok


def test_the_log_holds_every_request_with_its_answer(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with serve(an_app(), log=log) as running:
        requests.post(f"{running.url}/echo?a=1", data="été".encode(), timeout=5)
        requests.post(f"{running.url}/echo", data=b"\xff\xfe", timeout=5)
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{running.url}/dropped", timeout=5)
    first, second, third = (json.loads(line) for line in log.read_text("utf-8").splitlines())
    assert (first["method"], first["path"], first["query"], first["status"]) == ("POST", "/echo", "a=1", 200)
    assert first["request"] == first["answer"] == "été"
    assert second["answer"] == {"base64": "//4="}
    assert third["status"] is None


def test_tls_with_an_own_authority_and_a_client_that_refuses_it(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with serve(an_app(), ssl_context=context) as running:
        assert running.url.startswith("https://")
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{running.url}/echo", timeout=5)
        assert requests.get(f"{running.url}/echo", verify=str(tmp_path / "ca.pem"), timeout=5).ok
