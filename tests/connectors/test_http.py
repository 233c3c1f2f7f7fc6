"""The shared HTTP session reaches only what it may, in bounded time, and tells no secrets."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from connectors.answers import Answer, excerpt, read_json, retry_after, scrub
from connectors.errors import ConnectorError, Rejected, Retry, Unknown
from connectors.http import HttpSession, Limits, is_public
from tests.connectors.conftest import Authority

Talk = Callable[[socket.socket], None]


@contextmanager
def raw_server(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A port on loopback where each connection is handed to `talk`."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def one(line: socket.socket) -> None:
        try:
            with line if context is None else context.wrap_socket(line, server_side=True) as talking:
                talk(talking)
        except OSError:
            pass

    def run() -> None:
        while not stop.is_set():
            try:
                line, _ = listener.accept()
            except OSError:
                return
            line.settimeout(5)
            threading.Thread(target=one, args=(line,), daemon=True).start()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        listener.close()
        thread.join(2)


def head(line: socket.socket) -> str:
    told = b""
    while b"\r\n\r\n" not in told:
        piece = line.recv(4096)
        if not piece:
            break
        told += piece
    return told.decode()


def says(answer: bytes, heard: list[str] | None = None) -> Talk:
    def talk(line: socket.socket) -> None:
        asked = head(line)
        if heard is not None:
            heard.append(asked)
        line.sendall(answer)

    return talk


def ok(body: bytes = b"{}", status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n".encode() + body


session = partial(HttpSession, allow_private=True)


def failure(client: HttpSession, url: str, method: str = "GET", *, body: bytes | None = None) -> ConnectorError:
    with client, pytest.raises(ConnectorError) as caught:
        client.request(method, url, body=body)
    return caught.value


def test_an_answer_comes_whole() -> None:
    with raw_server(says(ok(b'{"a": 1}', headers="X-Total: 3\r\n"))) as port, session() as client:
        answer = client.request("GET", f"http://127.0.0.1:{port}/x?y=1")
    assert (answer.status, answer.json(), answer.headers["x-total"], answer.url) == (
        200,
        {"a": 1},
        "3",
        f"http://127.0.0.1:{port}/x",
    )


# ------------------------------------------------------------------------------------------------- what is reached


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ),
        *("255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1"),
        *("64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "198.18.0.1", "192.0.2.1", "240.0.0.1", "nonsense", ""),
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"),
        # As a network without IPv4 shows them.
        *("64:ff9b::5db8:d822", "::ffff:93.184.216.34"),
    ],
)
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://localhost:8443/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/"],
)
def test_a_private_host_is_refused_before_anything_is_sent(url: str) -> None:
    error = failure(session(allow_private=False), url)
    assert isinstance(error, Rejected)
    assert error.code == "address_refused"
    assert error.scope == "connection"


def test_a_name_that_points_inside_is_refused_even_with_a_public_address_beside_it() -> None:
    client = session(allow_private=False, resolver=lambda host, port: ["93.184.216.34", "10.0.0.5"])
    assert failure(client, "https://shop.example.com/").code == "address_refused"


def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    heard: list[str] = []
    with raw_server(says(ok(), heard)) as port, session(resolver=resolve) as client:
        client.request("GET", f"http://shop.example.com:{port}/")
    assert asked == ["shop.example.com"]
    assert f"Host: shop.example.com:{port}" in heard[0]


def test_only_the_first_addresses_of_a_name_are_tried() -> None:
    dead = [f"127.0.0.{number}" for number in range(2, 6)]
    with raw_server(says(ok())) as port:
        error = failure(session(resolver=lambda *_: [*dead, "127.0.0.1"]), f"http://shop.example.com:{port}/")
        assert error.code == "connection_refused"
        with session(resolver=lambda *_: [*dead[:3], "127.0.0.1"]) as client:
            assert client.request("GET", f"http://shop.example.com:{port}/").status == 200


def test_all_addresses_of_a_name_share_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    patience: list[float] = []

    def dead(address: tuple[str, int], timeout: float) -> socket.socket:
        patience.append(timeout)
        time.sleep(0.1)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", dead)
    addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
    client = session(resolver=lambda *_: addresses, limits=Limits(connect=5, deadline=0.25))
    assert isinstance(failure(client, "https://shop.example.com/"), Retry)
    assert patience == sorted(patience, reverse=True)
    assert patience[2] < 0.1


def test_a_line_that_opens_after_the_deadline_is_not_written_to() -> None:
    def slow(host: str, port: int) -> list[str]:
        time.sleep(0.2)
        return ["127.0.0.1"]

    heard: list[str] = []
    with raw_server(says(ok(), heard)) as port:
        error = failure(session(resolver=slow, limits=Limits(deadline=0.1)), f"http://shop.example.com:{port}/")
    assert error.code == "timeout"
    assert "".join(heard) == ""


def test_passwords_of_the_machine_are_not_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    heard: list[str] = []
    with raw_server(says(ok(), heard)) as port, session() as client:
        client.request("GET", f"http://127.0.0.1:{port}/")
    assert "authorization" not in heard[0].lower()


def test_plain_http_needs_permission() -> None:
    error = failure(session(allow_private=False, resolver=lambda *_: ["93.184.216.34"]), "http://shop.example.com/")
    assert error.code == "https_required"
    assert "SSL certificate" in error.next_step


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_shop_on_this_machine_needs_no_certificate_but_permission(host: str) -> None:
    error = failure(session(allow_private=False), f"http://{host}:1/")
    assert error.code == "https_required"
    assert "CLOUDCART_ALLOW_PRIVATE_HOSTS=true" in error.next_step


@pytest.mark.parametrize(
    "url", ["ftp://x.example/", "file:///etc/passwd", "https://", "https://u:p@x.example/", "nothing"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    assert failure(session(), url).code == "bad_address"


def test_proxies_of_the_machine_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with raw_server(says(ok())) as port, session() as client:
        assert client.request("GET", f"http://127.0.0.1:{port}/").status == 200


# ------------------------------------------------------------------------------------------------------- redirects


def redirect(to: str) -> bytes:
    return ok(b"", "301 Moved", f"Location: {to}\r\n")


def test_a_redirect_within_the_host_keeps_the_keys_and_one_to_another_loses_them() -> None:
    final: list[str] = []
    first: list[str] = []
    with raw_server(says(ok(b"[1]"), final)) as other:
        answers = iter([redirect("/two"), redirect(f"http://localhost:{other}/three")])

        def talk(line: socket.socket) -> None:
            first.append(head(line))
            line.sendall(next(answers))

        with raw_server(talk) as port, session() as client:
            answer = client.request(
                "GET",
                f"http://127.0.0.1:{port}/one",
                headers={"Accept": "application/json"},
                secret_headers={"Authorization": "Basic c2VjcmV0"},
            )
    assert answer.json() == [1]
    assert answer.redirected
    assert answer.url == f"http://localhost:{other}/three"
    assert ["Authorization: Basic" in told for told in first] == [True, True]
    assert "Authorization" not in final[0]
    assert "Accept: application/json" in final[0]


def test_a_redirect_inside_is_checked_again() -> None:
    def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    with raw_server(says(redirect("https://10.0.0.1/"))) as port:
        client = session(resolver=resolve)
        with client:
            answer = client.request("GET", f"http://shop.example.com:{port}/", follow=False)
    assert answer.status == 301
    assert answer.headers["Location"] == "https://10.0.0.1/"


def test_a_redirect_to_plain_http_is_refused(authority: Authority) -> None:
    context = authority.server("localhost")
    with raw_server(says(redirect("http://localhost:1/")), context) as port:
        error = failure(secure(authority, allow_http=False), f"https://localhost:{port}/")
    assert error.code == "https_required"


def test_endless_redirects_end() -> None:
    heard: list[str] = []
    with raw_server(says(redirect("/again"), heard)) as port:
        error = failure(session(), f"http://127.0.0.1:{port}/")
    assert error.code == "too_many_redirects"
    assert len(heard) == 4


def test_a_write_is_not_redirected() -> None:
    with raw_server(says(redirect("/elsewhere"))) as port, session() as client:
        assert client.request("POST", f"http://127.0.0.1:{port}/", body=b"{}").status == 301


# ---------------------------------------------------------------------------------------------------- time and size


def test_a_drip_of_bytes_does_not_outlast_the_deadline() -> None:
    def talk(line: socket.socket) -> None:
        head(line)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(200):
            line.sendall(b"x")
            time.sleep(0.02)

    with raw_server(talk) as port:
        began = time.monotonic()
        error = failure(session(limits=Limits(read=5, deadline=0.2)), f"http://127.0.0.1:{port}/")
    assert isinstance(error, Retry)
    assert error.code == "timeout"
    assert time.monotonic() - began < 2


def test_a_drip_of_headers_does_not_outlast_the_deadline() -> None:
    def talk(line: socket.socket) -> None:
        head(line)
        for _ in range(200):
            line.sendall(b"H")
            time.sleep(0.02)

    with raw_server(talk) as port:
        began = time.monotonic()
        error = failure(session(limits=Limits(read=5, deadline=0.2)), f"http://127.0.0.1:{port}/")
    assert error.code == "timeout"
    assert time.monotonic() - began < 2


def test_a_server_that_never_shakes_hands_does_not_outlast_the_deadline(authority: Authority) -> None:
    def talk(line: socket.socket) -> None:
        line.recv(10_000)
        for _ in range(100):
            line.sendall(b"\x16")
            time.sleep(0.02)

    with raw_server(talk) as port:
        began = time.monotonic()
        error = failure(secure(authority, limits=Limits(connect=3, deadline=0.2)), f"https://localhost:{port}/")
    assert isinstance(error, ConnectorError)
    assert time.monotonic() - began < 2


def test_the_deadline_holds_on_a_connection_that_was_kept() -> None:
    def talk(line: socket.socket) -> None:
        head(line)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        head(line)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            line.sendall(b"x")
            time.sleep(0.02)

    with raw_server(talk) as port:
        client = session(limits=Limits(read=5, deadline=0.8))
        assert client.request("GET", f"http://127.0.0.1:{port}/").json() == {}
        began = time.monotonic()
        error = failure(client, f"http://127.0.0.1:{port}/")
    assert error.code == "timeout"
    assert time.monotonic() - began < 3


def test_what_came_before_the_deadline_is_no_whole_answer() -> None:
    """Without a length, an answer ends where the line does: the cut must not look like its end."""

    def talk(line: socket.socket) -> None:
        head(line)
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n[1]")
        for _ in range(200):
            line.sendall(b" ")
            time.sleep(0.02)

    with raw_server(talk) as port:
        error = failure(session(limits=Limits(read=5, deadline=0.2)), f"http://127.0.0.1:{port}/")
    assert (type(error), error.code) == (Retry, "timeout")


def test_silence_is_a_time_out() -> None:
    with raw_server(lambda line: time.sleep(1)) as port:
        error = failure(session(limits=Limits(read=0.1)), f"http://127.0.0.1:{port}/")
    assert (type(error), error.code) == (Retry, "timeout")


def test_too_large_an_answer_is_cut_off() -> None:
    with raw_server(says(ok(b"x" * 5_000))) as port:
        error = failure(session(limits=Limits(size=1_000)), f"http://127.0.0.1:{port}/")
    assert error.code == "answer_too_large"


def test_a_small_answer_that_unpacks_to_a_large_one_is_cut_off() -> None:
    import gzip

    packed = gzip.compress(b"0" * 10_000_000)
    assert len(packed) < 20_000
    with raw_server(says(ok(packed, headers="Content-Encoding: gzip\r\n"))) as port:
        error = failure(session(limits=Limits(size=1_000_000)), f"http://127.0.0.1:{port}/")
    assert error.code == "answer_too_large"


# ------------------------------------------------------------------------------------------------- what goes wrong


def test_a_refused_connection_and_an_unknown_name_did_not_happen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(session(), f"http://127.0.0.1:{port}/", "POST", body=b"{}")
    assert (type(error), error.code, error.scope) == (Retry, "connection_refused", "connection")

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    error = failure(session(resolver=unknown), "https://no.such.example/")
    assert (type(error), error.code) == (Retry, "host_not_found")
    assert "no.such.example" in error.message


@pytest.mark.parametrize(("method", "kind"), [("GET", Retry), ("POST", Unknown)])
def test_a_broken_line_is_a_retry_for_a_read_and_unknown_for_a_write(method: str, kind: type) -> None:
    def talk(line: socket.socket) -> None:
        head(line)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")

    with raw_server(talk) as port:
        error = failure(session(), f"http://127.0.0.1:{port}/", method)
    assert type(error) is kind
    assert error.code == "connection_broken"


def test_a_write_whose_line_was_never_safe_did_not_happen(authority: Authority) -> None:
    with raw_server(lambda line: None) as port:
        error = failure(secure(authority), f"https://localhost:{port}/", "POST", body=b"{}")
    assert (type(error), error.code) == (Retry, "connection_broken")


@pytest.mark.parametrize(
    "garbage", [b"SSH-2.0-OpenSSH\r\n\r\n", b"", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" * 300]
)
def test_garbage_in_place_of_http_is_an_error_in_words(garbage: bytes) -> None:
    with raw_server(says(garbage)) as port:
        error = failure(session(), f"http://127.0.0.1:{port}/")
    assert isinstance(error, Retry)
    assert "127.0.0.1" in error.message


# ------------------------------------------------------------------------------------------------------ certificates


def secure(authority: Authority, *, allow_http: bool | None = None, limits: Limits | None = None) -> HttpSession:
    return session(ca_file=authority.file, allow_http=allow_http, limits=limits)


def test_a_certificate_of_a_trusted_issuer_is_accepted(authority: Authority) -> None:
    with raw_server(says(ok(b"[2]")), authority.server("localhost")) as port, secure(authority) as client:
        assert client.request("GET", f"https://localhost:{port}/").json() == [2]


def test_certificate_errors_are_explained(authority: Authority, tmp_path: Path) -> None:
    expired = datetime.now(UTC) - timedelta(days=1)
    cases = [
        (authority.server("other.example"), secure(authority), "certificate_wrong_name", "another name"),
        (authority.server("localhost", not_after=expired), secure(authority), "certificate_expired", "expired"),
        (Authority(tmp_path).server("localhost"), secure(authority), "certificate_unknown_issuer", "issuer"),
        (authority.server("localhost"), session(), "certificate_unknown_issuer", "issuer"),
    ]
    for context, client, code, words in cases:
        with raw_server(says(ok()), context) as port:
            error = failure(client, f"https://localhost:{port}/?consumer_secret=cs_1234567890abcdef")
        assert isinstance(error, Rejected)
        assert error.code == code
        assert words in error.message
        assert error.next_step
        assert "cs_" not in str(error)


def test_https_to_a_server_that_speaks_none_is_explained() -> None:
    def talk(line: socket.socket) -> None:
        line.recv(10_000)
        line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with raw_server(talk) as port:
        error = failure(session(), f"https://localhost:{port}/")
    assert error.code == "tls_failed"
    assert "https://localhost" in error.next_step


# ------------------------------------------------------------------------------------------------- secrets and texts


def test_secrets_are_in_no_message() -> None:
    key, secret = "ck_" + "a1" * 20, "cs_" + "b2" * 20
    page = f"<html><body>You\r\n\tcalled /?consumer_key={key}&consumer_secret={secret} with Basic {key}</body></html>"
    answer = Answer(status=500, headers={}, body=page.encode(), url="https://x.example/")
    told = excerpt(answer, (key, secret))
    assert scrub("a banana", ["a"]) == "a banana"
    assert "You called" in told
    assert "a1a1" not in told
    assert "b2b2" not in told
    assert scrub('{"access_token": "abcdef123456"}') == '{"…"}'
    assert scrub("Authorization: Basic Y2tfMTIzOmNzXzQ1Ng==") == "Authorization: …"
    assert scrub("A Basic subscription does not allow it") == "A Basic subscription does not allow it"


def test_an_error_while_connecting_does_not_name_the_keys() -> None:
    secret = "cs_" + "c3" * 20
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(session(secrets=[secret]), f"http://127.0.0.1:{port}/?consumer_secret={secret}")
    assert secret not in repr(error)
    assert secret not in str(error.__dict__)
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_json_with_a_mark_nan_and_depth_is_read_safely() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": NaN, "b": 1e999, "c": -Infinity}') == {
        "a": "NaN",
        "b": "1e999",
        "c": "-Infinity",
    }
    with pytest.raises(ValueError, match="nested"):
        read_json(b"[" * 100_000)
    with pytest.raises(ValueError, match="Expecting"):
        read_json(b"<html>")


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7.0),
        ("99999", 3600.0),
        ("9" * 400, 3600.0),
        ("Thu, 01 Jan 1970 00:01:10 GMT", 60.0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(told: str, seconds: float | None) -> None:
    answer = Answer(status=429, headers={"Retry-After": told}, body=b"", url="")
    assert retry_after(answer, 10.0) == seconds
